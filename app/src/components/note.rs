//! A note on top of a page: what, since when, after which change, and the next step.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How grave a note is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Info,
    Good,
    Warning,
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Info => "note",
            Self::Good => "note note-good",
            Self::Warning => "note note-warning",
            Self::Bad => "note note-bad",
        }
    }
}

/// A note. `title` says what, the children the rest of the sentence.
#[component]
pub fn Note(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: Option<TextProp>,
    /// Links and quiet buttons after the sentence.
    #[prop(optional, into)]
    actions: ViewFn,
    children: Children,
) -> impl IntoView {
    let glyph = match tone {
        Tone::Info => Glyph::Info,
        Tone::Good => Glyph::Check,
        Tone::Warning | Tone::Bad => Glyph::Warning,
    };
    view! {
        <div class=tone.class() role=if tone == Tone::Bad { "alert" } else { "note" }>
            <Icon glyph />
            <div class="note-text">
                {title.map(|title| view! { <strong>{move || title.get()}</strong> " " })} {children()}
                <span class="note-actions">{move || actions.run()}</span>
            </div>
        </div>
    }
}
