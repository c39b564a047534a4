//! The bar above a log and the foot below it.

use js_sys::Date;
use leptos::{ev, prelude::*, task::spawn_local};

use super::{Log, LogState, level::Level, toggle};
use crate::{
    components::{
        button::{Button, IconButton, Kind},
        dom,
        filter_box::{FilterBox, Suggestion, Token},
        icon::{Glyph, icon},
        menu::{MenuButton, MenuEntry},
    },
    words::{W, log_dropped, log_found, log_lines, log_rate, t, text, thousands, use_lang},
};

/// Lines to either side that can be chosen.
const CONTEXTS: [&str; 4] = ["0", "2", "5", "20"];

#[component]
pub(super) fn Tools(
    log: Log,
    state: LogState,
    tokens: RwSignal<Vec<Token>>,
    keys: Vec<&'static str>,
    suggestions: Signal<Vec<Suggestion>>,
    #[prop(into)] placeholder: TextProp,
    downloads: Signal<Vec<MenuEntry>>,
) -> impl IntoView {
    let lang = use_lang();
    let pressed = |on: bool| if on { "true" } else { "false" };
    let level = move |level: Level| {
        let is_chosen = move || state.levels.with(|l| l.split(',').any(|word| word == level.word()));
        let choose = move |_| {
            state.levels.update(|levels| {
                let kept =
                    Level::ALL.into_iter().filter(|l| *l != Level::None && (levels.split(',').any(|w| w == l.word()) != (*l == level)));
                *levels = kept.map(Level::word).collect::<Vec<_>>().join(",");
            });
        };
        let count = Memo::new(move |_| log.status.with(|s| s.levels[level as usize]));
        view! {
            <button type="button" class="chip" aria-pressed=move || pressed(is_chosen()) on:click=choose>
                <span>{level.word()}</span>
                <span class="chip-count">{move || thousands(count.get())}</span>
            </button>
        }
    };
    let levels = Level::ALL.into_iter().filter(|l| *l != Level::None).map(level).collect::<Vec<_>>();
    let invalid = move || log.status.with(|s| s.invalid).then(|| view! { <p class="log-invalid" role="status">{t(W::log_invalid)}</p> });
    let contexts = CONTEXTS
        .into_iter()
        .map(|n| {
            let chosen = move || state.context.with(|c| c == n || (c.is_empty() && n == "0"));
            let said = move || crate::words::log_context_lines(lang.get(), n.parse::<u64>().unwrap_or(0));
            view! { <option value=n prop:selected=chosen>{said}</option> }
        })
        .collect::<Vec<_>>();
    let choose_context = move |ev: ev::Event| {
        let n = event_target_value(&ev);
        state.context.set(if n == "0" { String::new() } else { n });
    };
    let jump = move |ev: ev::Event| {
        let local = event_target_value(&ev);
        let at = Date::parse(&local);
        state.at.set(if at.is_nan() { String::new() } else { Date::new(&at.into()).to_iso_string().into() });
    };
    // The reader's zone is known in the browser only, where effects run.
    let jumped = RwSignal::new(String::new());
    Effect::new(move |_| jumped.set(local(&state.at.get())));
    let copy = move |_| {
        if let Some(pane) = log.pane_untracked() {
            let text = pane.text();
            spawn_local(async move {
                // A browser that refuses says so itself.
                let _ = dom::copy(&text).await;
            });
        }
    };
    let follow = move |_| {
        if let Some(pane) = log.pane_untracked() {
            pane.follow(!log.following.get_untracked());
        }
    };
    view! {
        <div class="filter-bar log-bar">
            <FilterBox tokens text=state.text keys suggestions label=t(W::common_filter) placeholder />
            <button
                type="button"
                class="button tool log-regex"
                aria-label=t(W::log_regex)
                title=t(W::log_regex)
                aria-pressed=move || pressed(state.regex.with(|r| r == "1"))
                on:click=move |_| toggle(state.regex)
            >
                ".*"
            </button>
            <div class="chips" role="group" aria-label=t(W::log_levels)>
                {levels}
            </div>
            <select class="log-select" aria-label=t(W::log_context) on:change=choose_context>
                {contexts}
            </select>
            <span class="push"></span>
            <input
                class="log-time-jump"
                type="datetime-local"
                step="1"
                aria-label=t(W::log_jump)
                title=t(W::log_jump)
                prop:value=move || jumped.get()
                on:change=jump
            />
            <button
                type="button"
                class="button tool"
                aria-label=t(W::log_wrap)
                title=t(W::log_wrap)
                aria-pressed=move || pressed(state.wrap.with(|w| w == "1"))
                on:click=move |_| toggle(state.wrap)
            >
                {icon(Glyph::Lines)}
            </button>
            <IconButton label=t(W::log_copy) glyph=Glyph::Copy on_press=copy />
            <MenuButton label=t(W::log_download) entries=downloads class="button tool" face=move || icon(Glyph::Download) />
            {move || {
                let (label, kind, glyph) = if log.following.get() {
                    (W::log_following, Kind::Primary, Glyph::Pause)
                } else {
                    (W::log_follow, Kind::Plain, Glyph::Play)
                };
                view! { <Button label=t(label) kind glyph on_press=follow /> }
            }}
            {invalid}
        </div>
    }
}

/// As a field for date and time wants it, in the reader's zone. In the browser only.
fn local(at: &str) -> String {
    if at.is_empty() {
        return String::new();
    }
    let then = Date::parse(at);
    if then.is_nan() {
        return String::new();
    }
    let d = Date::new(&then.into());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        d.get_full_year(),
        d.get_month() + 1,
        d.get_date(),
        d.get_hours(),
        d.get_minutes(),
        d.get_seconds()
    )
}

#[component]
pub(super) fn Foot(log: Log, state: LogState, live: Signal<bool>) -> impl IntoView {
    let lang = use_lang();
    let narrows = move || state.text.with(|t| !t.trim().is_empty()) || state.levels.with(|l| !l.is_empty());
    let lines = move || {
        let (lines, found) = log.status.with(|s| (s.lines, s.found));
        let said = log_lines(lang.get(), lines);
        if narrows() { log_found(lang.get(), found) + " · " + &said } else { said }
    };
    let rate = move || log_rate(lang.get(), log.status.with(|s| s.rate));
    let dropped = Memo::new(move |_| log.status.with(|s| s.dropped));
    let older = move |_| {
        if let Some(pane) = log.pane_untracked() {
            pane.ask_older();
        }
    };
    let word = move || text(lang.get(), if live.get() { W::common_live } else { W::common_live_paused });
    view! {
        <footer class="page-foot log-foot">
            <span>{lines}</span>
            <button type="button" class="button link" on:click=older>{t(W::containers_older)}</button>
            <span class:good=move || live.get()>{word}</span>
            <span class="log-rate">{rate}</span>
            <span class="log-dropped" class:warning=move || { dropped.get() > 0 }>
                {move || log_dropped(lang.get(), dropped.get())}
            </span>
            <span class="push hint">{t(W::log_keys)}</span>
        </footer>
    }
}
