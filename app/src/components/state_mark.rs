//! The six meanings of a state: a shape, a colour and always a word.

use leptos::prelude::*;

/// What a state means to a person, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Good,
    Warning,
    Bad,
    /// Nobody knows now.
    Unknown,
    Stopped,
    /// On its way to another state.
    Working,
}

impl Meaning {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
            Self::Stopped => "stopped",
            Self::Working => "working",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Good => "M6 1.75a4.25 4.25 0 1 0 0 8.5 4.25 4.25 0 0 0 0-8.5z",
            Self::Warning => "M6 .9 11.6 11H.4z",
            Self::Bad => "M6 .6 11.4 6 6 11.4.6 6z",
            // Eight dashes round a circle.
            Self::Unknown => {
                "M10.6 5.1a4.7 4.7 0 0 1 0 1.8M9.9 8.6a4.7 4.7 0 0 1-1.3 1.3M6.9 10.6a4.7 4.7 0 0 1-1.8 0M3.4 9.9a4.7 4.7 0 0 1-1.3-1.3M1.4 6.9a4.7 4.7 0 0 1 0-1.8M2.1 3.4a4.7 4.7 0 0 1 1.3-1.3M5.1 1.4a4.7 4.7 0 0 1 1.8 0M8.6 2.1a4.7 4.7 0 0 1 1.3 1.3"
            }
            Self::Stopped => "M2.25 2.25h7.5v7.5h-7.5z",
            Self::Working => "M6 1.25A4.75 4.75 0 1 1 1.25 6",
        }
    }
}

/// The shape alone, where the word stands elsewhere on the line.
pub fn shape(meaning: Meaning) -> impl IntoView + use<> {
    view! { <svg class=meaning.class() viewBox="0 0 12 12" stroke-width="1.4" aria-hidden="true"><path d=meaning.path()></path></svg> }
}

/// Shape and word, as a plain function for rows.
pub fn state_mark(meaning: Meaning, word: impl IntoView + 'static) -> impl IntoView {
    view! { <span class="mark">{shape(meaning)}<span class="word">{word.into_any()}</span></span> }
}

/// Shape and word that follow a signal.
#[component]
pub fn StateMark(#[prop(into)] meaning: Signal<Meaning>, #[prop(into)] word: TextProp) -> impl IntoView {
    view! { <span class="mark">{move || shape(meaning.get())}<span class="word">{move || word.get()}</span></span> }
}
