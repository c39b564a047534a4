//! The head of a page, its sections and its foot.

use leptos::prelude::*;

/// Title, what stands beside it, and the actions at the right.
#[component]
pub fn PageHead(
    #[prop(into)] title: TextProp,
    /// Figures, state, id: whatever belongs to the title.
    #[prop(optional, into)]
    sub: ViewFn,
    #[prop(optional, into)] actions: ViewFn,
    /// A hairline below: where neither tabs nor a filter bar follow.
    #[prop(optional)]
    ruled: bool,
) -> impl IntoView {
    view! {
        <header class="page-head" class:ruled=ruled>
            <div class="what">
                <h1>{move || title.get()}</h1>
                <div class="sub">{move || sub.run()}</div>
            </div>
            <div class="actions">{move || actions.run()}</div>
        </header>
    }
}

/// A part of a page with its title.
#[component]
pub fn Section(
    #[prop(into)] title: TextProp,
    /// Beside the title: a count, a link.
    #[prop(optional, into)]
    sub: ViewFn,
    /// Content goes from edge to edge: a table.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" class:flush=flush>
            <div class="section-head">
                <h2>{move || title.get()}</h2>
                <span class="sub">{move || sub.run()}</span>
            </div>
            {children()}
        </section>
    }
}
