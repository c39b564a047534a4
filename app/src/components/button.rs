//! Buttons, links that look like them, and buttons that show an icon only.

use leptos::{ev::MouseEvent, prelude::*};

use super::icon::{Glyph, Icon};

/// How much a button weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The one thing that a page or dialog is for.
    Primary,
    #[default]
    Plain,
    /// Opens the question that goes before something that can't be undone.
    Danger,
    /// Does it.
    DangerSolid,
    /// In bars and heads, without a border.
    Quiet,
    /// In running text.
    Link,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Plain => "button",
            Self::Danger => "button danger",
            Self::DangerSolid => "button danger solid",
            Self::Quiet => "button quiet",
            Self::Link => "button link",
        }
    }
}

/// A button with a word. While it is `busy` or `refused` a press does nothing, but the keyboard still reaches it; the reason is
/// shown when it is pointed at, focused or tapped, and read aloud.
#[component]
pub fn Button(
    #[prop(into)] label: TextProp,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] glyph: Option<Glyph>,
    /// Whether what it started still runs; it shows that and can't be pressed again.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it can't be pressed now, for the reader.
    #[prop(optional, into)]
    refused: Signal<Option<String>>,
    #[prop(optional, into)] on_press: Option<Callback<MouseEvent>>,
    /// Submits the form around it.
    #[prop(optional)]
    submit: bool,
    /// Opens something below it.
    #[prop(optional)]
    caret: bool,
    /// Takes the whole width.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let blocked = move || busy.get() || refused.with(Option::is_some);
    let press = move |ev: MouseEvent| {
        if busy.get_untracked() || refused.with_untracked(Option::is_some) {
            ev.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(ev);
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=kind.class()
            class:wide=wide
            aria-disabled=move || blocked().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            aria-description=move || refused.get()
            data-tip=move || refused.get()
            on:click=press
        >
            {move || match (busy.get(), glyph) {
                (true, _) => Some(view! { <span class="spinner"><Icon glyph=Glyph::Working /></span> }.into_any()),
                (false, Some(glyph)) => Some(view! { <Icon glyph /> }.into_any()),
                (false, None) => None,
            }}
            <span>{move || label.get()}</span>
            {caret.then(|| view! { <span class="caret"><Icon glyph=Glyph::ChevronDown /></span> })}
        </button>
    }
}

/// A link in the shape of a button.
#[component]
pub fn LinkButton(
    #[prop(into)] label: TextProp,
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] glyph: Option<Glyph>,
    /// The browser fetches it as a file.
    #[prop(optional)]
    download: bool,
) -> impl IntoView {
    view! {
        <a class=kind.class() href=move || href.get() download=download rel=download.then_some("external")>
            {glyph.map(|glyph| view! { <Icon glyph /> })}
            <span>{move || label.get()}</span>
        </a>
    }
}

/// Where the word of an icon's button appears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TipSide {
    #[default]
    Below,
    /// Below, flush with the button's end: at the right edge of the page.
    BelowStart,
    /// Beside it: in the navigation.
    Beside,
}

/// A button that shows an icon only; its word is its tooltip and its name. In tool bars and rows.
#[component]
pub fn IconButton(
    #[prop(into)] label: TextProp,
    glyph: Glyph,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] refused: Signal<Option<String>>,
    #[prop(optional, into)] on_press: Option<Callback<MouseEvent>>,
    #[prop(optional)] tip: TipSide,
) -> impl IntoView {
    let name = label.clone();
    let tip_text = move || refused.get().map_or_else(|| label.get().to_string(), |why| format!("{}: {why}", label.get()));
    let press = move |ev: MouseEvent| {
        if busy.get_untracked() || refused.with_untracked(Option::is_some) {
            ev.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(ev);
        }
    };
    view! {
        <button
            type="button"
            class="button tool"
            aria-label=move || name.get()
            aria-description=move || refused.get()
            aria-disabled=move || (busy.get() || refused.with(Option::is_some)).then_some("true")
            aria-busy=move || busy.get().then_some("true")
            data-tip=tip_text
            data-tip-side=match tip {
                TipSide::Below => None,
                TipSide::BelowStart => Some("start"),
                TipSide::Beside => Some("end"),
            }
            on:click=press
        >
            {move || {
                if busy.get() {
                    view! { <span class="spinner"><Icon glyph=Glyph::Working /></span> }.into_any()
                } else {
                    view! { <Icon glyph /> }.into_any()
                }
            }}
        </button>
    }
}

/// Opens a row's menu; the same as a plain function. `name` says which row's, `label` shows.
pub fn row_menu_button(label: String, name: String, on_press: impl FnMut(MouseEvent) + Send + 'static) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button tool in-row"
            aria-haspopup="menu"
            aria-expanded="false"
            aria-label=name
            title=label
            on:click=on_press
        >
            {super::icon::icon(Glyph::Dots)}
        </button>
    }
}

/// A small word's button in a group's head, as a plain function. `name` says of what; while `refused` it does nothing and says why.
pub fn word_button(
    label: impl Into<String>,
    name: String,
    refused: Option<String>,
    mut on_press: impl FnMut() + Send + 'static,
) -> impl IntoView {
    let disabled = refused.is_some();
    let press = move |_: MouseEvent| {
        if !disabled {
            on_press();
        }
    };
    view! {
        <button
            type="button"
            class="button link"
            aria-label=name
            aria-description=refused.clone()
            aria-disabled=disabled.then_some("true")
            data-tip=refused
            data-tip-side="start"
            on:click=press
        >
            <span>{label.into()}</span>
        </button>
    }
}

/// A small icon's button for a row, as a plain function. `class` names it for the page's own click handler on the row.
pub fn row_button(glyph: Glyph, label: String, on_press: impl FnMut(MouseEvent) + Send + 'static) -> impl IntoView {
    view! {
        <button type="button" class="button tool in-row" aria-label=label.clone() title=label on:click=on_press>
            {super::icon::icon(glyph)}
        </button>
    }
}
