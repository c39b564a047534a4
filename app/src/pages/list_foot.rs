//! The foot of a list in which nothing is selected, and what is said where its rows could not be had.

use leptos::prelude::*;

use super::live_mark::LiveMark;
use crate::{
    components::{
        button::{Button, Kind},
        table::Rows,
    },
    problems::{request_id, sentence},
    words::{CommonShownOf, W, common_request_id, t, thousands, use_lang},
};

/// Which rows are in view, of how many; whether it is live; the keys that there are.
#[component]
pub fn PlainFoot<T: Clone + Send + Sync + 'static>(
    rows: Rows<T>,
    /// After the count: newer rows to show.
    #[prop(optional, into)]
    news: ViewFn,
) -> impl IntoView {
    let lang = use_lang();
    let loaded = rows.loaded();
    let shown = move || {
        let (total, more) = loaded.with(|l| (thousands(u64::from(l.total)), l.next_cursor.is_some()));
        let total = if more { total + "+" } else { total };
        let seen = rows.seen().get();
        if seen.is_empty() {
            return total;
        }
        let (first, last) = (thousands(u64::from(seen.start) + 1), thousands(u64::from(seen.end)));
        CommonShownOf { first: &first, last: &last, total: &total }.text(lang.get())
    };
    view! {
        <footer class="page-foot">
            <span>{shown}</span>
            <LiveMark />
            {move || news.run()}
            <span class="push hint">{t(W::common_keys_hint_plain)}</span>
        </footer>
    }
}

/// Why the newest rows did not come, under which request, and once more. What is shown stays.
#[component]
pub fn ListFailure<T: Clone + Send + Sync + 'static>(rows: Rows<T>) -> impl IntoView {
    let lang = use_lang();
    move || {
        rows.failure().get().map(|failure| {
            let id = request_id(&failure);
            view! {
                <p class="list-failed" role="status">
                    <span>{move || sentence(lang.get(), &failure)}</span>
                    {id.map(|id| view! { <span class="mono">{move || common_request_id(lang.get(), &id)}</span> })}
                    <Button label=t(W::common_retry) kind=Kind::Link on_press=move |_| rows.restart() />
                </p>
            }
        })
    }
}
