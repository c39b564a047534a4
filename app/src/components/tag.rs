//! A word in a small box: a kind, an environment.

use leptos::prelude::*;

/// The colour of a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagTone {
    #[default]
    Plain,
    Accent,
    Good,
    Warning,
    Bad,
}

/// A tag, as a plain function for rows.
pub fn tag(tone: TagTone, text: impl IntoView + 'static) -> impl IntoView {
    let class = match tone {
        TagTone::Plain => "tag",
        TagTone::Accent => "tag accent",
        TagTone::Good => "tag good",
        TagTone::Warning => "tag warning",
        TagTone::Bad => "tag bad",
    };
    view! { <span class=class>{text.into_any()}</span> }
}
