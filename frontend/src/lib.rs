//! What the browser loads: hydration of the page that the server has rendered, or a fresh mount where that fails.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the server's markup. Asynchronous: a lazy route's chunk is loaded before.
#[wasm_bindgen]
pub async fn hydrate() {
    leptos::mount::hydrate_from_async(leptos::prelude::document().body().expect("a document has a body"), app::routes::App).await.forget();
    mark();
}

/// Puts the page into an empty body.
#[wasm_bindgen]
pub fn mount() {
    leptos::mount::mount_to_body(app::routes::App);
    mark();
}

/// Tells tests and scripts that the page can be used.
fn mark() {
    if let Some(root) = leptos::prelude::document().document_element() {
        // Setting an attribute of a plain name cannot fail.
        let _ = root.set_attribute("data-hydrated", "");
    }
}
