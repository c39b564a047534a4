//! What is shown where nothing is.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::words::{W, t, text, use_lang};

/// Sets the answer's HTTP status; the server provides it.
#[derive(Clone)]
pub struct Status(pub Arc<dyn Fn(u16) + Send + Sync>);

#[component]
pub fn NotFound() -> impl IntoView {
    if let Some(Status(set)) = use_context() {
        set(404);
    }
    let lang = use_lang();
    view! {
        <Title text=move || text(lang.get(), W::not_found_title) />
        <div class="not-found">
            <h1>{t(W::not_found_title)}</h1>
            <p>{t(W::not_found_text)}</p>
            <p>
                <a href="/">{t(W::not_found_back)}</a>
            </p>
        </div>
    }
}
