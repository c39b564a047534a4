//! What a list says when a part of it could not be had: what failed, under which request, and once more. What is shown stays.

use leptos::prelude::*;

use super::Rows;
use crate::{
    components::{
        button::{Button, Kind},
        icon::{Glyph, Icon},
    },
    problems::{request_id, sentence},
    words::{W, common_list_failed, common_request_id, t, use_lang},
};

/// A line above the list's foot; nothing while all came.
#[component]
pub fn ListFailure<T: Clone + Send + Sync + 'static>(rows: Rows<T>) -> impl IntoView {
    let lang = use_lang();
    let failed = move || {
        rows.failure().get().map(|failure| {
            let id = request_id(&failure);
            view! {
                <div class="list-failed">
                    <Icon glyph=Glyph::Warning />
                    <span>{move || common_list_failed(lang.get(), sentence(lang.get(), &failure))}</span>
                    {id.map(|id| view! { <span class="mono">{move || common_request_id(lang.get(), &id)}</span> })}
                    <Button label=t(W::common_retry) kind=Kind::Link on_press=move |_| rows.retry() />
                </div>
            }
        })
    };
    view! { <div role="status">{failed}</div> }
}
