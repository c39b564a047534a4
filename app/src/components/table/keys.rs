//! The keyboard: j and k move, x selects, Enter opens, Escape drops the selection. Not while something is typed in.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::{Table, body, cursor, viewport};

pub(super) fn listen<T: Clone + Send + Sync + 'static>(table: &Table<T>) {
    let table = table.clone();
    Effect::new(move |_| {
        let table = table.clone();
        let handle = window_event_listener(ev::keydown, move |ev| press(&table, &ev));
        on_cleanup(move || handle.remove());
    });
}

fn press<T: Clone + Send + Sync + 'static>(table: &Table<T>, ev: &ev::KeyboardEvent) {
    if ev.default_prevented() || ev.ctrl_key() || ev.meta_key() || ev.alt_key() || elsewhere(ev) {
        return;
    }
    let at = cursor::here(table);
    // Where it was, if that is gone or has not come.
    let last = table.cursor.with_untracked(|c| c.as_ref().map(|c| (c.at, c.on.is_none())));
    let next = match (at, last) {
        (Some(at), _) | (None, Some((at, true))) => at + 1,
        // What came in its place.
        (None, Some((at, false))) => at,
        (None, None) => 0,
    };
    match ev.key().as_str() {
        "j" => go(table, next),
        "k" => go(table, last.map_or(0, |(at, _)| at.saturating_sub(1))),
        "x" => {
            if let Some(at) = at {
                body::toggle(table, at);
            }
        }
        "Enter" => {
            let on_control = document().active_element().is_some_and(|e| e.matches("a, button, summary, [role=button]").unwrap_or(false));
            if let (Some(at), false) = (at, on_control) {
                ev.prevent_default();
                body::open(table, at);
            }
        }
        "Escape" => {
            if let Some(selection) = table.selection {
                selection.clear();
            }
            if let Some(on_escape) = table.on_escape {
                on_escape.run(());
            }
        }
        _ => {}
    }
}

/// Whether the key belongs to a field, a dialog or a menu.
fn elsewhere(ev: &ev::KeyboardEvent) -> bool {
    let target = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    let typed_in = target.is_some_and(|e| {
        e.closest("input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu]").ok().flatten().is_some()
    });
    typed_in || document().query_selector("dialog[open]").ok().flatten().is_some()
}

fn go<T: Clone + Send + Sync + 'static>(table: &Table<T>, to: u32) {
    let last = table.rows.loaded().with_untracked(super::Loaded::places).checked_sub(1);
    if let Some(last) = last {
        let to = to.min(last);
        cursor::put(table, to);
        viewport::reveal(table, to);
    }
}
