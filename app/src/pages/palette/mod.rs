//! The command palette (Ctrl K, ⌘ K): any container, host, image, page or action that the person may reach, by a few letters. In a chunk of
//! its own.

mod found;

use std::time::Duration;

use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast as _;

use crate::{
    components::{
        dom,
        icon::{Glyph, Icon, icon},
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    me::use_me,
    pages::containers::{acted, key},
    problems::sentence,
    words::{W, t, use_lang},
};
use found::{Does, Found, pages, search};

/// How long nothing is typed before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);

/// Opens it by its keys, and holds it while it is open.
#[component]
pub fn Palette(open: RwSignal<bool>) -> impl IntoView {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |ev| {
            if ev.key().eq_ignore_ascii_case("k") && (ev.ctrl_key() || ev.meta_key()) && !ev.shift_key() && !ev.alt_key() {
                ev.prevent_default();
                open.update(|open| *open = !*open);
            }
        });
        on_cleanup(move || handle.remove());
    });
    let panel = move || open.get().then(|| Suspend::new(async move { panel(open).await }));
    view! { <Suspense>{panel}</Suspense> }
}

#[lazy]
fn panel(open: RwSignal<bool>) -> AnyView {
    view! { <Panel open /> }.into_any()
}

#[component]
fn Panel(open: RwSignal<bool>) -> impl IntoView {
    let (lang, me, toasts) = (use_lang(), use_me(), use_toasts());
    let client = StoredValue::new(use_client());
    let (typed, found, at) = (RwSignal::new(String::new()), RwSignal::new(Vec::<Found>::new()), RwSignal::new(0_usize));
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get()
            && !dialog.open()
        {
            dom::show_modal(&dialog);
        }
    });
    let asked = StoredValue::new(0_u32);
    let mine = StoredValue::new(me);
    Effect::new(move |_| {
        let words = typed.get().trim().to_owned();
        asked.update_value(|n| *n += 1);
        let own = asked.get_value();
        found.set(mine.with_value(|me| pages(lang.get(), me, &words)));
        at.set(0);
        if words.is_empty() {
            return;
        }
        let look = move || {
            if asked.try_get_value() != Some(own) {
                return;
            }
            spawn_local(async move {
                let (Some(client), Some(me)) = (client.try_get_value(), mine.try_get_value()) else { return };
                let more = search(client, lang.get_untracked(), &me, &words).await;
                if asked.try_get_value() == Some(own) {
                    let pages = pages(lang.get_untracked(), &me, &words);
                    let _ = found.try_set(more.into_iter().chain(pages).collect());
                }
            });
        };
        set_timeout(look, PAUSE);
    });
    let go = use_navigate();
    let close = move || open.set(false);
    let take = move |one: &Found| {
        close();
        match &one.does {
            Does::Go(href) => go(href, NavigateOptions::default()),
            Does::Act(id, name, action) => {
                let (id, name, action, key) = (id.clone(), name.clone(), *action, key());
                let Some(client) = client.try_get_value() else { return };
                spawn_local(async move {
                    let lang = lang.get_untracked();
                    match client.container_action(&id, action, &key).await {
                        Ok(c) => toasts.show(Toast::good(acted(lang, &name, action)).link(c.name, format!("/containers/{id}"))),
                        Err(failure) => toasts.show(Toast::bad(format!("{name}: {}", sentence(lang, &failure)))),
                    }
                });
            }
        }
    };
    let take = StoredValue::new(std::sync::Arc::new(take) as std::sync::Arc<dyn Fn(&Found) + Send + Sync>);
    let press = move |ev: ev::KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match ev.key().as_str() {
            "ArrowDown" => at.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => at.update(|at| *at = at.saturating_sub(1)),
            "Home" if ev.ctrl_key() => at.set(0),
            "End" if ev.ctrl_key() => at.set(last),
            "Enter" => {
                if let Some(one) = found.with_untracked(|f| f.get(at.get_untracked()).cloned()) {
                    take.get_value()(&one);
                }
            }
            _ => return,
        }
        ev.prevent_default();
        request_animation_frame(|| {
            if let Some(one) = document().query_selector(".palette [aria-selected=true]").ok().flatten() {
                let how = web_sys::ScrollIntoViewOptions::new();
                how.set_block(web_sys::ScrollLogicalPosition::Nearest);
                one.scroll_into_view_with_scroll_into_view_options(&how);
            }
        });
    };
    let beside = move |ev: ev::MouseEvent| {
        let on_veil = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).is_some_and(|e| e.matches("dialog").unwrap_or(false));
        if on_veil {
            close();
        }
    };
    let rows = move || {
        found
            .get()
            .into_iter()
            .enumerate()
            .map(|(i, one)| {
                let own = one.clone();
                view! {
                    <li
                        id=format!("found-{i}")
                        role="option"
                        aria-selected=move || if at.get() == i { "true" } else { "false" }
                        on:click=move |_| take.get_value()(&own)
                        on:mousemove=move |_| if at.get_untracked() != i { at.set(i) }
                    >
                        {icon(one.glyph)}
                        <span class="cut">{one.name}</span>
                        <span class="third cut">{one.what}</span>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <dialog class="palette" aria-label=t(W::palette_label) node_ref=node on:close=move |_| close() on:click=beside>
            <div class="palette-box">
                <div class="palette-field">
                    <Icon glyph=Glyph::Search />
                    <input
                        class="input"
                        type="text"
                        role="combobox"
                        autofocus
                        spellcheck="false"
                        autocomplete="off"
                        aria-label=t(W::palette_label)
                        aria-expanded="true"
                        aria-controls="found"
                        aria-activedescendant=move || format!("found-{}", at.get())
                        placeholder=t(W::palette_placeholder)
                        bind:value=typed
                        on:keydown=press
                    />
                </div>
                <ul id="found" role="listbox" aria-label=t(W::palette_found)>{rows}</ul>
                {move || found.with(Vec::is_empty).then(|| view! { <p class="third">{t(W::palette_none)}</p> })}
            </div>
        </dialog>
    }
}
