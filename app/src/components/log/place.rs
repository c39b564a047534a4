//! Which line an element on the page is, and which element is in view.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::pane::ROW;

/// Of the row that an element belongs to.
pub(super) fn place_of(element: &Element) -> Option<i64> {
    element.closest("[data-place]").ok().flatten()?.get_attribute("data-place")?.parse().ok()
}

pub(super) fn row_at(rows: &HtmlElement, place: i64) -> Option<HtmlElement> {
    rows.query_selector(&format!("[data-place=\"{place}\"]")).ok().flatten()?.dyn_into().ok()
}

/// The first row in view, and how far below the upper edge it begins.
pub(super) fn anchor(rows: &HtmlElement, top: f64) -> Option<(i64, f64)> {
    let all = rows.children();
    let row = |i: u32| all.item(i).and_then(|row| row.dyn_into::<HtmlElement>().ok());
    let (mut low, mut high) = (0, all.length());
    // Rows stand one below the other.
    while low < high {
        let middle = u32::midpoint(low, high);
        let element = row(middle)?;
        if f64::from(element.offset_top() + element.offset_height()) <= top { low = middle + 1 } else { high = middle }
    }
    let element = row(low)?;
    let begins = f64::from(element.offset_top());
    // Painted rows that are far away say nothing of what is in view.
    if low == 0 && begins > top + ROW {
        return None;
    }
    Some((place_of(&element)?, begins - top))
}

pub(super) fn focused_place(rows: &HtmlElement) -> Option<i64> {
    let active = window().document()?.active_element()?;
    if !rows.contains(Some(&active)) {
        return None;
    }
    place_of(&active)
}
