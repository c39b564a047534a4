//! The bar that comes up while rows are selected: how many, what can be done with them, what came of it.

use leptos::prelude::*;

use super::{
    button::{Button, IconButton, Kind, TipSide},
    icon::Glyph,
};
use crate::words::{W, common_selected, t, use_lang};

/// The bar; there only while something is selected or a result stands.
#[component]
pub fn BulkBar(
    #[prop(into)] count: Signal<usize>,
    /// Buttons that say what they will do: "Restart 3 containers".
    actions: ViewFn,
    /// What the last action did, or how far it is.
    #[prop(optional, into)]
    result: Signal<Option<String>>,
    /// Shows what became of each.
    #[prop(optional, into)]
    on_result: Option<Callback<()>>,
    /// Selects all that match, where the table has no head for that.
    #[prop(optional, into)]
    on_select_all: Option<Callback<()>>,
    /// Drops selection and result.
    #[prop(into)]
    on_clear: Callback<()>,
) -> impl IntoView {
    let lang = use_lang();
    let there = Memo::new(move |_| count.get() > 0 || result.with(Option::is_some));
    let some = Memo::new(move |_| count.get() > 0);
    let has_result = Memo::new(move |_| result.with(Option::is_some));
    let said = move || {
        has_result.get().then(|| {
            view! {
                <span class="bulk-result">{move || result.get()}</span>
                {on_result.map(|show| view! { <Button label=t(W::common_results) kind=Kind::Link on_press=move |_| show.run(()) /> })}
            }
        })
    };
    view! {
        <div class="bulk-place" aria-live="polite">
            {move || {
                let actions = actions.clone();
                there
                    .get()
                    .then(|| {
                        view! {
                            <section class="bulk" aria-label=t(W::common_select)>
                                {move || some.get().then(|| view! { <span class="bulk-count">{move || common_selected(lang.get(), count.get())}</span> })}
                                {said}
                                {on_select_all
                                    .map(|all| {
                                        view! {
                                            <span class="narrow-only">
                                                <Button label=t(W::common_select_all) kind=Kind::Link on_press=move |_| all.run(()) />
                                            </span>
                                        }
                                    })}
                                {move || some.get().then(|| actions.run())}
                                <IconButton
                                    label=t(W::common_selection_clear)
                                    glyph=Glyph::Cross
                                    tip=TipSide::BelowStart
                                    on_press=move |_| on_clear.run(())
                                />
                            </section>
                        }
                    })
            }}
        </div>
    }
}
