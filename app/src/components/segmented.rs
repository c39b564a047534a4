//! A segmented control: one of a few ways to see the same thing.

use leptos::prelude::*;

/// Key and what the reader sees.
pub type Segment = (&'static str, TextProp);

/// The control.
#[component]
pub fn Segmented(
    #[prop(into)] label: TextProp,
    segments: Vec<Segment>,
    #[prop(into)] chosen: Signal<String>,
    #[prop(into)] on_choose: Callback<String>,
) -> impl IntoView {
    let segment = move |(key, label): Segment| {
        let pressed = move || if chosen.with(|chosen| chosen == key) { "true" } else { "false" };
        view! {
            <button type="button" class="segment" aria-pressed=pressed on:click=move |_| on_choose.run(key.to_owned())>
                {move || label.get()}
            </button>
        }
    };
    view! {
        <div class="segmented" role="group" aria-label=move || label.get()>
            {segments.into_iter().map(segment).collect::<Vec<_>>()}
        </div>
    }
}
