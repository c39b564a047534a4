//! A part of a form that folds: its title and, while it is closed, what is in it.

use leptos::prelude::*;

#[component]
pub fn Fold(
    #[prop(into)] title: TextProp,
    /// In a few words, beside the title.
    #[prop(optional, into)]
    sub: TextProp,
    /// Whether it is open at first.
    #[prop(optional)]
    open: bool,
    /// Something in it is wrong: it opens.
    #[prop(optional, into)]
    wrong: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let is_open = RwSignal::new(open);
    Effect::new(move |_| {
        if wrong.get() {
            is_open.set(true);
        }
    });
    let toggled = move |ev: leptos::ev::Event| {
        let details = event_target::<web_sys::Element>(&ev);
        is_open.set(details.has_attribute("open"));
    };
    view! {
        <details class="fold" class:wrong=move || wrong.get() open=move || is_open.get() on:toggle=toggled>
            <summary>
                <span class="fold-title">{move || title.get()}</span>
                <span class="third">{move || sub.get()}</span>
            </summary>
            <div class="fold-body">{children()}</div>
        </details>
    }
}
