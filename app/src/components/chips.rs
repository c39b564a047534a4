//! Chips: one of a few conditions, each with its count.

use leptos::prelude::*;

use crate::words::thousands;

/// One chip.
#[derive(Clone)]
pub struct Chip {
    /// Empty for "all".
    pub key: String,
    pub label: TextProp,
    /// None while it isn't known.
    pub count: Option<u32>,
}

/// A row of chips, one of which is chosen.
#[component]
pub fn Chips(
    #[prop(into)] label: TextProp,
    #[prop(into)] chips: Signal<Vec<Chip>>,
    /// The key of the chosen one.
    #[prop(into)]
    chosen: Signal<String>,
    #[prop(into)] on_choose: Callback<String>,
) -> impl IntoView {
    let chip = move |Chip { key, label, count }: Chip| {
        let own = key.clone();
        let pressed = move || if chosen.with(|chosen| *chosen == own) { "true" } else { "false" };
        view! {
            <button type="button" class="chip" aria-pressed=pressed on:click=move |_| on_choose.run(key.clone())>
                <span>{move || label.get()}</span>
                {count.map(|n| view! { <span class="chip-count">{thousands(u64::from(n))}</span> })}
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=move || label.get()>
            {move || chips.get().into_iter().map(chip).collect::<Vec<_>>()}
        </div>
    }
}
