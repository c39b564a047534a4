//! What came of what was done: short messages at the edge, read aloud. Good ones go by themselves, bad ones stay.

use std::time::Duration;

use leptos::prelude::*;

use super::{
    button::{IconButton, TipSide},
    icon::Glyph,
    state_mark::{Meaning, shape},
};
use crate::words::{W, t};

/// How long a good message stays.
const STAY: Duration = Duration::from_secs(6);
/// More than this and the oldest go.
const MOST: usize = 4;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub meaning: Meaning,
    pub text: String,
    /// A second line: the reason, the request id.
    pub detail: Option<String>,
    /// A link to what came of it.
    pub link: Option<(String, String)>,
}

impl Toast {
    pub fn good(text: impl Into<String>) -> Self {
        Self { meaning: Meaning::Good, text: text.into(), detail: None, link: None }
    }

    pub fn bad(text: impl Into<String>) -> Self {
        Self { meaning: Meaning::Bad, text: text.into(), detail: None, link: None }
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn link(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.link = Some((label.into(), href.into()));
        self
    }
}

/// Where messages go; in context once [`provide_toasts`] was called.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<(u64, Toast)>>,
    next: StoredValue<u64>,
}

/// Makes the messages of the app; its root calls it.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

/// The messages of the app.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Shows a message. In the browser only.
    pub fn show(self, toast: Toast) {
        let Some(id) = self.next.try_update_value(|next| {
            *next += 1;
            *next
        }) else {
            return;
        };
        let goes = toast.meaning == Meaning::Good;
        self.shown.update(|shown| {
            shown.push((id, toast));
            let surplus = shown.len().saturating_sub(MOST);
            shown.drain(..surplus);
        });
        if goes {
            set_timeout(move || self.dismiss(id), STAY);
        }
    }

    fn dismiss(self, id: u64) {
        let _ = self.shown.try_update(|shown| shown.retain(|(own, _)| *own != id));
    }
}

/// The region of the messages; once in the app.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let message = move |(id, toast): (u64, Toast)| {
        let link = toast.link.map(|(label, href)| view! { <a href=href>{label}</a> });
        let detail = toast.detail.map(|detail| view! { <div class="toast-detail">{detail}</div> });
        view! {
            <div class="toast">
                <span class="mark">{shape(toast.meaning)}</span>
                <div class="toast-text">{toast.text} {detail}</div>
                {link}
                <IconButton label=t(W::common_dismiss) glyph=Glyph::Cross tip=TipSide::BelowStart on_press=move |_| toasts.dismiss(id) />
            </div>
        }
    };
    view! {
        <section class="toasts" aria-label=t(W::common_messages)>
            <div class="toast-list" aria-live="polite">{move || toasts.shown.get().into_iter().map(message).collect::<Vec<_>>()}</div>
        </section>
    }
}
