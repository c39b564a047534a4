//! Facts: a name and what it is, one below the other.

use leptos::prelude::*;

/// A list of [`Fact`]s.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One fact.
#[component]
pub fn Fact(#[prop(into)] label: TextProp, children: Children) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{move || label.get()}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
