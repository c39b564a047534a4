//! Views that a person keeps under a name. The button stands near a list's filter; what it opens is in a chunk of its own.

mod panel;

use leptos::prelude::*;

use crate::{
    api::view::ViewPage,
    components::button::Button,
    words::{W, t},
};

/// Opens the views of a page.
#[component]
pub fn ViewsButton(page: ViewPage) -> impl IntoView {
    let open = RwSignal::new(false);
    let panel = move || open.get().then(|| Suspend::new(async move { panel::panel(page, open).await }));
    view! {
        <Button label=t(W::views_title) caret=true on_press=move |_| open.set(true) />
        <Suspense>{panel}</Suspense>
    }
}
