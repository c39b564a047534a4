//! Small helps for the browser's document.

use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Calls `f` when the whole page has been hydrated. Until then nothing that a view reads may change: a lazy route is hydrated after the
/// first effects have run, and must find the markup that the server wrote. In the browser only.
pub fn when_hydrated(f: impl FnOnce() + 'static) {
    if document().document_element().is_some_and(|root| root.has_attribute("data-hydrated")) {
        f();
    } else {
        request_animation_frame(move || when_hydrated(f));
    }
}

/// Whether rows are items of two lines now, as `style` has it.
pub fn is_narrow() -> bool {
    window().match_media("(max-width: 899.98px)").ok().flatten().is_some_and(|query| query.matches())
}

/// Opens a dialog over the page: with the next frame where it is not in the document yet, as with what a chunk brings.
pub fn show_modal(dialog: &web_sys::HtmlDialogElement) {
    if dialog.is_connected() {
        let _ = dialog.show_modal();
    } else {
        let dialog = dialog.clone();
        request_animation_frame(move || {
            let _ = dialog.show_modal();
        });
    }
}

/// Gives an element the keyboard.
pub fn focus(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

/// All elements below `root` that match.
pub fn all(root: &web_sys::Element, selector: &str) -> Vec<web_sys::Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.item(i)).filter_map(|node| node.dyn_into().ok()).collect()
}

/// Puts an overlay below what opened it, or above it where there is no room, within the window.
pub fn place_below(overlay: &web_sys::HtmlElement, anchor: &web_sys::Element) {
    const GAP: f64 = 4.0;
    let (anchor, own) = (anchor.get_bounding_client_rect(), overlay.get_bounding_client_rect());
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or(0.0);
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let left = if anchor.left() + own.width() + 8.0 > width { anchor.right() - own.width() } else { anchor.left() };
    let below = anchor.bottom() + GAP;
    let top =
        if below + own.height() + 8.0 > height && anchor.top() > own.height() + GAP { anchor.top() - GAP - own.height() } else { below };
    let style = overlay.style();
    let _ = style.set_property("left", &px(left.max(8.0)));
    let _ = style.set_property("top", &px(top.max(8.0)));
}

/// A length, written by the browser: Rust's own writing of floats costs each page kilobytes.
pub fn px(length: f64) -> String {
    js_sys::Number::from(length).to_string_with_radix(10).map_or_else(|_| String::new(), |text| String::from(text) + "px")
}

/// Sets one property by script: a `style` attribute is refused by the content security policy.
pub fn set_style(element: &web_sys::HtmlElement, property: &str, value: &str) {
    let _ = element.style().set_property(property, value);
}

/// Puts a text on the clipboard; `false` where the browser refuses. Over plain HTTP the clipboard's own interface is missing.
pub async fn copy(text: &str) -> bool {
    if window().is_secure_context() {
        return JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok();
    }
    let document = document();
    let field = document.create_element("textarea").ok().and_then(|e| e.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
    let (Some(field), Some(body)) = (field, document.body()) else { return false };
    field.set_value(text);
    if body.append_child(&field).is_err() {
        return false;
    }
    field.select();
    let done = document.dyn_ref::<web_sys::HtmlDocument>().is_some_and(|d| d.exec_command("copy").unwrap_or(false));
    field.remove();
    done
}
