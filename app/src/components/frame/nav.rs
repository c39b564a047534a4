//! The navigation: groups of links with counts; whole, as icons, or as a drawer on a narrow screen.

use leptos::{ev, html, prelude::*};
use leptos_router::{components::A, hooks::use_location};
use wasm_bindgen::JsCast;

use crate::components::icon::{Glyph, Icon};
use crate::words::{W, t, thousands};

/// Entries under one title.
#[derive(Clone)]
pub struct NavGroup {
    /// The first group has none.
    pub title: Option<TextProp>,
    pub items: Vec<NavItem>,
}

/// A page that the person may open.
#[derive(Clone)]
pub struct NavItem {
    pub glyph: Glyph,
    pub label: TextProp,
    /// The page's path, without a query.
    pub href: &'static str,
    /// How many there are.
    pub count: Signal<Option<u32>>,
    /// The count is of what waits for somebody.
    pub alarm: bool,
}

#[component]
pub(super) fn Nav(
    brand: TextProp,
    groups: Signal<Vec<NavGroup>>,
    icons_only: RwSignal<bool>,
    toggle: Callback<()>,
    drawer: RwSignal<bool>,
    /// A link was pressed while the drawer was open: it may lead to the page that is shown.
    on_follow: Callback<()>,
) -> impl IntoView {
    let path = use_location().pathname;
    let node = NodeRef::<html::Nav>::new();
    // Whoever opens the drawer by keyboard goes on in it.
    Effect::new(move |_| {
        if drawer.get() {
            request_animation_frame(move || {
                let link = node.get_untracked().and_then(|nav| nav.query_selector("a.nav-item").ok().flatten());
                if let Some(link) = link {
                    crate::components::dom::focus(&link);
                }
            });
        }
    });
    let follow = move |ev: ev::MouseEvent| {
        let link = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest("a").ok().flatten());
        if link.is_some() && drawer.get_untracked() {
            on_follow.run(());
        }
    };
    view! {
        <nav class="nav" id="nav" aria-label=t(W::nav_main) node_ref=node on:click=follow>
            <A href="/" attr:class="nav-brand">
                <Icon glyph=Glyph::Cube />
                <span class="name">{move || brand.get()}</span>
            </A>
            <div class="nav-groups">
                {move || {
                    groups
                        .get()
                        .into_iter()
                        .map(|group| {
                            let (title, name) = (group.title.clone(), group.title.clone());
                            let item = |item| view! { <li><Item item path icons_only /></li> };
                            let items = group.items.into_iter().map(item).collect::<Vec<_>>();
                            view! {
                                {title
                                    .map(|title| {
                                        view! {
                                            <div class="nav-title" aria-hidden="true">
                                                <span class="text">{move || title.get()}</span>
                                            </div>
                                        }
                                    })}
                                <ul aria-label=move || name.as_ref().map(TextProp::get)>{items}</ul>
                            }
                        })
                        .collect::<Vec<_>>()
                }}
            </div>
            <div class="nav-foot">
                <button
                    type="button"
                    class="nav-item"
                    aria-expanded=move || if icons_only.get() { "false" } else { "true" }
                    on:click=move |_| toggle.run(())
                >
                    <Icon glyph=Glyph::ChevronLeft />
                    <span class="label">{t(W::nav_collapse)}</span>
                </button>
            </div>
        </nav>
    }
}

#[component]
fn Item(item: NavItem, path: Memo<String>, icons_only: RwSignal<bool>) -> impl IntoView {
    let NavItem { glyph, label, href, count, alarm } = item;
    let title = label.clone();
    // The link is called by its label alone, whatever there is to count; the count describes it.
    let count_id = format!("nav-count{}", href.replace('/', "-"));
    let described = {
        let id = count_id.clone();
        move || count.get().is_some().then(|| id.clone())
    };
    let current = move || {
        let here = path.with(|p| p == href || (href != "/" && p.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'))));
        here.then_some("page")
    };
    view! {
        <a
            class="nav-item"
            href=href
            aria-current=current
            aria-describedby=described
            title=move || icons_only.get().then(|| title.get())
        >
            <Icon glyph />
            <span class="label">{move || label.get()}</span>
            {move || {
                count
                    .get()
                    .map(|n| {
                        view! {
                            <span class="count" class:alarm=alarm id=count_id.clone() aria-hidden="true">
                                {thousands(u64::from(n))}
                            </span>
                        }
                    })
            }}
        </a>
    }
}
