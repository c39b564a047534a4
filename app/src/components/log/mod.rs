//! Log lines, live and back in time: virtual rows, colours, levels, finding, unfolding. It knows no resource: its page says whose lines these
//! are, brings frames and older lines, and keeps what is looked for in its address.
//!
//! Lines never pass through signals. A [`Pane`] keeps them as bytes and paints the rows in view with the browser's next picture, so that ten
//! thousand lines a second cost one pass over them and some forty rows.

pub mod ansi;
mod course;
pub mod filter;
pub mod level;
mod pane;
mod place;
mod row;
mod shown;
pub mod store;
mod tools;

use std::{rc::Rc, time::Duration};

use leptos::{ev, html, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;

pub use self::pane::{Pane, Status, Wishes};
use self::{
    course::{Course, CourseBars},
    filter::Filter,
    level::Level,
    pane::Stage,
    tools::{Foot, Tools},
};
use crate::{
    components::{
        filter_box::{Suggestion, Token},
        menu::MenuEntry,
    },
    words::use_lang,
};

/// How often bar and foot are told how the log stands.
const TELL: Duration = Duration::from_millis(250);
/// How often lines are counted by their time, where there are others.
const COUNT: Duration = Duration::from_secs(1);

/// What is looked for and how it is shown, in texts as addresses have them. Copy, for closures.
#[derive(Clone, Copy)]
pub struct LogState {
    pub text: RwSignal<String>,
    /// `1`: the text is a regular expression.
    pub regex: RwSignal<String>,
    /// `ERROR,WARN`; empty: all.
    pub levels: RwSignal<String>,
    /// Lines shown to either side of what was found.
    pub context: RwSignal<String>,
    /// `1`: long lines are wrapped.
    pub wrap: RwSignal<String>,
    /// Where to begin, RFC 3339; empty: with the last lines.
    pub at: RwSignal<String>,
}

impl LogState {
    /// Tracked.
    fn filter(self) -> Filter {
        let chosen = self.levels.get();
        let levels = Level::ALL.into_iter().filter(|l| *l != Level::None && chosen.split(',').any(|word| word == l.word())).collect();
        let context = self.context.with(|c| c.parse().unwrap_or(0)).min(20);
        Filter { text: self.text.get(), is_regex: self.regex.with(|r| r == "1"), levels, context }
    }
}

/// A log on its page. Made with the page; its [`Pane`] is there once the page lives. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Log {
    pane: RwSignal<Option<SendWrapper<Rc<Pane>>>>,
    status: RwSignal<Status>,
    following: RwSignal<bool>,
    course: RwSignal<Course>,
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Log {
    pub fn new() -> Self {
        Self {
            pane: RwSignal::new(None),
            status: RwSignal::new(Status::default()),
            following: RwSignal::new(true),
            course: RwSignal::default(),
        }
    }

    /// Tracked: the pane appears once.
    pub fn pane(self) -> Option<Rc<Pane>> {
        self.pane.get().map(|pane| Rc::clone(&pane))
    }

    pub fn pane_untracked(self) -> Option<Rc<Pane>> {
        self.pane.try_get_untracked().flatten().map(|pane| Rc::clone(&pane))
    }

    /// For [`Wishes::following`].
    pub fn followed(self) -> impl Fn(bool) + Copy {
        move |follows| {
            if self.following.try_get_untracked().is_some_and(|before| before != follows) {
                self.following.set(follows);
            }
        }
    }
}

/// The log with its bar and foot. Keys: `/` the filter, `f` follow, `w` wrap.
#[component]
pub fn LogView(
    log: Log,
    state: LogState,
    #[prop(into)] label: TextProp,
    /// Conditions before the text: what chooses the containers.
    tokens: RwSignal<Vec<Token>>,
    keys: Vec<&'static str>,
    #[prop(into)] suggestions: Signal<Vec<Suggestion>>,
    #[prop(into)] placeholder: TextProp,
    /// Files to keep.
    #[prop(into)]
    downloads: Signal<Vec<MenuEntry>>,
    /// Whether the server is heard.
    #[prop(into)]
    live: Signal<bool>,
    /// Shown where there are no lines.
    #[prop(into)]
    nothing: ViewFn,
) -> impl IntoView {
    let lang = use_lang();
    let (scroll, above) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let (rows, below) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    // Effects run in the browser only.
    Effect::new(move |_| {
        let (Some(scroll), Some(above), Some(rows), Some(below)) = (scroll.get(), above.get(), rows.get(), below.get()) else { return };
        if log.pane.with_untracked(Option::is_some) {
            return;
        }
        let elements = Stage {
            scroll: (*scroll).clone().unchecked_into(),
            above: (*above).clone().unchecked_into(),
            rows: (*rows).clone().unchecked_into(),
            below: (*below).clone().unchecked_into(),
        };
        let pane = Pane::new(elements, untrack(|| state.filter()), lang.get_untracked());
        log.pane.set(Some(SendWrapper::new(pane)));
    });
    Effect::new(move |_| {
        let (filter, pane) = (state.filter(), log.pane());
        if let Some(pane) = pane {
            pane.filter(filter);
        }
    });
    Effect::new(move |_| {
        let (lang, pane) = (lang.get(), log.pane());
        state.wrap.track();
        if let Some(pane) = pane {
            pane.speak(lang);
        }
    });
    Effect::new(move |_| {
        let tell = move || {
            if let Some(now) = log.pane_untracked().map(|pane| pane.status())
                && log.status.try_with_untracked(|before| *before != now).unwrap_or(false)
            {
                log.status.set(now);
            }
        };
        if let Ok(handle) = set_interval_with_handle(tell, TELL) {
            on_cleanup(move || handle.clear());
        }
    });
    Effect::new(move |_| {
        let count = move || {
            if let Some(course) = log.pane_untracked().and_then(|pane| pane.course()) {
                let _ = log.course.try_set(course);
            }
        };
        if let Ok(handle) = set_interval_with_handle(count, COUNT) {
            on_cleanup(move || handle.clear());
        }
    });
    watch_size(log, scroll);
    listen(log, state);
    let scrolled = move |_| {
        if let Some(pane) = log.pane_untracked() {
            pane.scrolled();
        }
    };
    // Before the first pixel is scrolled, the next picture would bring the end back.
    let wheeled = move |ev: ev::WheelEvent| {
        if ev.delta_y() < 0.0
            && log.following.get_untracked()
            && let Some(pane) = log.pane_untracked()
        {
            pane.leave_end();
        }
    };
    let clicked = move |ev: ev::MouseEvent| {
        let target = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let fold = target.and_then(|t| t.closest(".log-fold").ok().flatten());
        if let (Some(fold), Some(pane)) = (fold, log.pane_untracked()) {
            pane.toggle(&fold);
        }
    };
    let new = move || {
        let n = log.status.with(|s| s.new);
        let follow = move |_| {
            if let Some(pane) = log.pane_untracked() {
                pane.follow(true);
            }
        };
        (n > 0 && !log.following.get()).then(|| {
            view! { <button type="button" class="log-new" on:click=follow>{move || crate::words::log_new(lang.get(), n)}</button> }
        })
    };
    let is_empty = Memo::new(move |_| log.status.with(|s| s.lines == 0));
    let nothing = move || is_empty.get().then(|| nothing.run());
    view! {
        <div class="log">
            <Tools log state tokens keys suggestions placeholder downloads />
            <CourseBars log />
            <div class="log-stage">
                <div
                    class="log-scroll"
                    class:wraps=move || state.wrap.with(|w| w == "1")
                    role="region"
                    tabindex="0"
                    aria-label=move || label.get()
                    node_ref=scroll
                    on:scroll=scrolled
                    on:wheel=wheeled
                    on:click=clicked
                >
                    <div node_ref=above></div>
                    <div class="log-rows" node_ref=rows></div>
                    <div node_ref=below></div>
                </div>
                {nothing}
                {new}
            </div>
            <Foot log state live />
        </div>
    }
}

/// The pane appears, or the page changes its size: what is in view is another.
fn watch_size(log: Log, scroll: NodeRef<html::Div>) {
    Effect::new(move |_| {
        let Some(element) = scroll.get() else { return };
        let changed = wasm_bindgen::closure::Closure::<dyn Fn()>::new(move || {
            if let Some(pane) = log.pane_untracked() {
                pane.repaint();
            }
        });
        let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let kept = SendWrapper::new((observer, changed));
        on_cleanup(move || kept.0.disconnect());
    });
}

/// The keyboard, while nothing is typed in.
fn listen(log: Log, state: LogState) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |ev| {
            let target = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let elsewhere = target.is_some_and(|e| {
                e.closest("input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu], dialog").ok().flatten().is_some()
            });
            if elsewhere || ev.ctrl_key() || ev.meta_key() || ev.alt_key() || ev.default_prevented() {
                return;
            }
            match ev.key().as_str() {
                "f" => {
                    if let Some(pane) = log.pane_untracked() {
                        pane.follow(!log.following.get_untracked());
                    }
                }
                "w" => toggle(state.wrap),
                _ => return,
            }
            ev.prevent_default();
        });
        on_cleanup(move || handle.remove());
    });
}

/// Sets a text to `1`, or back to nothing.
fn toggle(text: RwSignal<String>) {
    text.update(|text| *text = if text == "1" { String::new() } else { "1".to_owned() });
}
