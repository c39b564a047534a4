//! The foot of a list: which rows are in view, of how many, whether it is live or else as of when, and the keys.

use leptos::prelude::*;

use super::Rows;
use crate::{
    components::{
        dom,
        state_mark::{Meaning, state_mark},
        time::{TimeStyle, time, use_now},
    },
    words::{CommonShownOf, W, t, text, thousands, use_lang},
};

/// The foot.
#[component]
pub fn ListFoot<T: Clone + Send + Sync + 'static>(
    rows: Rows<T>,
    /// Whether changes reach the page.
    #[prop(into)]
    live: Signal<bool>,
) -> impl IntoView {
    let lang = use_lang();
    let (is_live, is_not) = (t(W::common_live), t(W::common_live_paused));
    let loaded = rows.loaded();
    let shown = move || {
        let (total, more) = loaded.with(|l| (thousands(u64::from(l.total)), l.next_cursor.is_some()));
        let total = if more { format!("{total}+") } else { total };
        let seen = rows.seen().get();
        if seen.is_empty() {
            total
        } else {
            CommonShownOf { first: &thousands(u64::from(seen.start) + 1), last: &thousands(u64::from(seen.end)), total: &total }
                .text(lang.get())
        }
    };
    let (now, confirmed) = (use_now(), confirmed(rows, live));
    let as_of = move || {
        let at = confirmed.get().filter(|_| !live.get());
        at.map(|at| view! { <span>{move || text(lang.get(), W::common_as_of)} " " {time(now, lang, at, TimeStyle::Clock)}</span> })
    };
    view! {
        <footer class="page-foot">
            <span>{shown}</span>
            {move || if live.get() { state_mark(Meaning::Good, is_live()) } else { state_mark(Meaning::Unknown, is_not()) }}
            {as_of}
            <span class="push hint">{t(W::common_keys_hint)}</span>
        </footer>
    }
}

/// When what is shown was last known to hold, in the browser: when the page heard no more of changes, or when rows came after that.
fn confirmed<T: Clone + Send + Sync + 'static>(rows: Rows<T>, live: Signal<bool>) -> RwSignal<Option<String>> {
    let at = RwSignal::new(None);
    let loaded = rows.loaded();
    Effect::new(move |_| {
        loaded.track();
        if !live.get() {
            let now = String::from(js_sys::Date::new_0().to_iso_string());
            dom::when_hydrated(move || drop(at.try_set(Some(now))));
        }
    });
    at
}
