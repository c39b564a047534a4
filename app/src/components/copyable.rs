//! An id that can be copied whole while a short form is shown.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{
    dom,
    icon::{Glyph, Icon},
};
use crate::words::{W, t};

/// `shown` of `text`; a press copies all of it.
#[component]
pub fn Copyable(
    #[prop(into)] text: String,
    /// Less of it, for the eye.
    #[prop(optional, into)]
    shown: Option<String>,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let (copy, done) = (t(W::common_copy), t(W::common_copied));
    let whole = text.clone();
    let press = move |_| {
        let text = text.clone();
        spawn_local(async move {
            if dom::copy(&text).await {
                copied.set(true);
                set_timeout(
                    move || {
                        let _ = copied.try_set(false);
                    },
                    Duration::from_secs(2),
                );
            }
        });
    };
    let title = whole.clone();
    view! {
        <button type="button" class="copyable" title=title on:click=press>
            <span class="aloud">{copy} " "</span>
            <span class="cut">{shown.unwrap_or(whole)}</span>
            {move || view! { <Icon glyph=if copied.get() { Glyph::Check } else { Glyph::Copy } /> }}
            <span class="aloud" role="status">{move || copied.get().then(done)}</span>
        </button>
    }
}
