//! Light, dark, or as the system says.

use leptos::prelude::*;

use crate::components::{
    button::{IconButton, TipSide},
    icon::Glyph,
};
use crate::words::{W, t};

/// What `data-theme` on the document says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
    #[default]
    System,
}

impl Theme {
    pub fn key(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    pub fn from_key(key: &str) -> Self {
        match key {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// Goes from one theme to the next; the document follows at once.
#[component]
pub fn ThemeSwitch(
    theme: RwSignal<Theme>,
    /// To keep the choice.
    #[prop(optional, into)]
    on_change: Option<Callback<Theme>>,
) -> impl IntoView {
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", theme.get().key());
        }
    });
    let press = move |_| {
        theme.update(|theme| *theme = theme.next());
        if let Some(on_change) = on_change {
            on_change.run(theme.get_untracked());
        }
    };
    let (light, dark, system) = (t(W::common_theme_light), t(W::common_theme_dark), t(W::common_theme_system));
    let label = move || match theme.get() {
        Theme::Light => light(),
        Theme::Dark => dark(),
        Theme::System => system(),
    };
    view! {
        {move || {
            let glyph = match theme.get() {
                Theme::Light => Glyph::Sun,
                Theme::Dark => Glyph::Moon,
                Theme::System => Glyph::Contrast,
            };
            view! { <IconButton label glyph on_press=press tip=TipSide::BelowStart /> }
        }}
    }
}
