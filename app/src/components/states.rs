//! Nothing there, and something failed.

use leptos::prelude::*;

use super::{
    button::Button,
    icon::{Glyph, Icon},
};
use crate::words::{W, common_request_id, t, use_lang};

/// What this is when there is none of it, and the next step.
#[component]
pub fn EmptyState(#[prop(into)] title: TextProp, #[prop(optional, into)] actions: ViewFn, children: Children) -> impl IntoView {
    view! {
        <div class="state-page">
            <h2>{move || title.get()}</h2>
            <div class="second">{children()}</div>
            <div class="state-actions">{move || actions.run()}</div>
        </div>
    }
}

/// What failed, what still works, under which request, and once more.
#[component]
pub fn ErrorState(
    /// What failed, on which host.
    #[prop(into)]
    title: TextProp,
    /// Why, as far as it is known; what still works.
    #[prop(optional, into)]
    detail: Option<TextProp>,
    #[prop(optional, into)] request_id: Option<String>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let lang = use_lang();
    view! {
        <div class="state-page" role="alert">
            <h2>
                <span class="bad">
                    <Icon glyph=Glyph::Warning />
                </span>
                {move || title.get()}
            </h2>
            {detail.map(|detail| view! { <p class="second">{move || detail.get()}</p> })}
            {request_id.map(|id| view! { <p class="third small mono">{move || common_request_id(lang.get(), &id)}</p> })}
            {on_retry
                .map(|on_retry| {
                    view! {
                        <div class="state-actions">
                            <Button label=t(W::common_retry) glyph=Glyph::Restart busy on_press=move |_| on_retry.run(()) />
                        </div>
                    }
                })}
        </div>
    }
}
