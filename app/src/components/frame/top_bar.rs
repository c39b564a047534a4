//! The bar above the page: where one is, the environment by colour and word, search, tools.

use leptos::{html, prelude::*};

use crate::components::icon::{Glyph, Icon};
use crate::words::{W, t};

/// A step of the way to the page.
#[derive(Clone)]
pub struct Crumb {
    pub label: TextProp,
    /// None: a group without a page, or the page itself.
    pub href: Option<String>,
}

/// What an environment is for; each has its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Test,
    Staging,
    Production,
    Recovery,
}

impl Environment {
    /// As in `data-environment`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Test => "test",
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Recovery => "recovery",
        }
    }
}

#[component]
pub(super) fn TopBar(
    crumbs: Signal<Vec<Crumb>>,
    environment: Signal<Option<Environment>>,
    middle: ViewFn,
    tools: ViewFn,
    drawer: RwSignal<bool>,
    opener: NodeRef<html::Button>,
) -> impl IntoView {
    view! {
        <header class="top" inert=move || drawer.get() data-environment=move || environment.get().map(Environment::key)>
            <span class="narrow-only">
                <button
                    type="button"
                    class="button tool"
                    aria-label=t(W::nav_open)
                    aria-expanded=move || if drawer.get() { "true" } else { "false" }
                    aria-controls="nav"
                    data-tip=t(W::nav_open)
                    data-tip-side="start"
                    node_ref=opener
                    on:click=move |_| drawer.set(true)
                >
                    <Icon glyph=Glyph::Lines />
                </button>
            </span>
            <nav class="crumbs" aria-label=t(W::nav_crumbs)>
                <ol>
                    {move || {
                        let crumbs = crumbs.get();
                        let last = crumbs.len().saturating_sub(1);
                        crumbs
                            .into_iter()
                            .enumerate()
                            .map(|(i, crumb)| {
                                let label = crumb.label;
                                let text = move || label.get();
                                let inner = match crumb.href.filter(|_| i != last) {
                                    Some(href) => view! { <a href=href>{text}</a> }.into_any(),
                                    None => view! { <span>{text}</span> }.into_any(),
                                };
                                view! { <li aria-current=(i == last).then_some("page")>{inner}</li> }
                            })
                            .collect::<Vec<_>>()
                    }}
                </ol>
            </nav>
            {move || middle.run()}
            {move || tools.run()}
        </header>
    }
}

/// Looks like a field and opens the palette.
#[component]
pub fn SearchButton(#[prop(into)] label: TextProp, #[prop(into)] on_press: Callback<()>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="search-button"
            aria-keyshortcuts="Control+K Meta+K"
            on:click=move |_| on_press.run(())
        >
            <Icon glyph=Glyph::Search />
            <span class="label">{move || label.get()}</span>
            <kbd>"Ctrl K"</kbd>
        </button>
    }
}
