//! The shape of what comes.

use leptos::prelude::*;

use crate::words::{W, t};

/// Lines of text or facts to come.
#[component]
pub fn SkeletonLines(#[prop(default = 4)] lines: usize) -> impl IntoView {
    view! {
        <div class="skeleton-lines" role="status">
            <span class="aloud">{t(W::common_loading)}</span>
            {(0..lines).map(|_| view! { <span class="skeleton"></span> }).collect::<Vec<_>>()}
        </div>
    }
}

/// A table to come, where [`super::table::DataTable`] isn't used.
#[component]
pub fn SkeletonRows(#[prop(default = 8)] rows: usize) -> impl IntoView {
    view! {
        <div class="skeleton-rows" role="status">
            <span class="aloud">{t(W::common_loading)}</span>
            {(0..rows).map(|_| view! { <div class="skeleton-row"><span class="skeleton"></span></div> }).collect::<Vec<_>>()}
        </div>
    }
}
