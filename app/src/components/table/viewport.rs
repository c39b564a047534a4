//! What of the table is in view: reckoned from the scrolled box in the browser, never while rendering.

use leptos::{html, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};

use super::{
    Table,
    place::{Viewport, rows_among},
};
use crate::components::dom;

/// Keeps the rendered window, the spacers above and below it, and what is asked for in step with scrolling, resizing and
/// the list's length. Gives what to call at each scroll.
pub(super) fn follow<T: Clone + Send + Sync + 'static>(
    table: &Table<T>,
    spacers: (NodeRef<html::Td>, NodeRef<html::Td>),
) -> impl Fn() + Copy + use<T> {
    let (rows, window, scroll) = (table.rows, table.window, table.scroll);
    let row_height = RwSignal::new(32.0_f64);
    let loaded = rows.loaded();

    let look = move || {
        let Some(element) = scroll.get_untracked() else { return };
        let view = Viewport {
            scrolled: f64::from(element.scroll_top()),
            height: f64::from(element.client_height()),
            row_height: row_height.get_untracked(),
        };
        let len = loaded.with_untracked(super::Loaded::places);
        let places = view.places(len);
        if window.get_untracked() != places {
            window.set(places);
        }
        rows.see(&view.read(head_height(&element), len));
    };

    // The box appears, the page changes its size or the reader zooms: heights anew.
    Effect::new(move |_| {
        let Some(element) = scroll.get() else { return };
        let element: web_sys::Element = (*element).clone().unchecked_into();
        let measured = element.clone();
        let measure = Closure::<dyn Fn()>::new(move || {
            if let Some(height) = css_row_height(&measured)
                && (height - row_height.get_untracked()).abs() > 0.01
            {
                row_height.set(height);
            }
            look();
        });
        let Ok(observer) = web_sys::ResizeObserver::new(measure.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let kept = SendWrapper::new((observer, measure));
        on_cleanup(move || kept.0.disconnect());
    });

    // The list changed its length.
    Effect::new(move |_| {
        loaded.with(super::Loaded::places);
        look();
    });

    // Another query's rows came: from the top.
    Effect::new(move |before: Option<u64>| {
        let query = loaded.with(|l| l.query);
        if before.is_some_and(|before| before != query)
            && let Some(element) = scroll.get_untracked()
        {
            element.set_scroll_top(0);
            look();
        }
        query
    });

    Effect::new(move |_| {
        let height = row_height.get();
        let places = window.get();
        let (len, wanted) = loaded.with(|l| (l.places(), rows_among(&l.groups, &places)));
        for (spacer, count) in [(spacers.0, places.start), (spacers.1, len.saturating_sub(places.end))] {
            if let Some(element) = spacer.get() {
                dom::set_style(&element, "height", &dom::px(f64::from(count) * height));
            }
        }
        rows.look_at(wanted);
    });

    look
}

/// `--row` of the style sheet where the element stands.
fn css_row_height(element: &web_sys::Element) -> Option<f64> {
    let style = window().get_computed_style(element).ok()??;
    style.get_property_value("--row").ok()?.trim().strip_suffix("px").map(js_sys::parse_float)
}

/// Of the head that stays; none on a narrow screen.
fn head_height(element: &web_sys::Element) -> f64 {
    element.query_selector("thead").ok().flatten().map_or(0.0, |head| head.get_bounding_client_rect().height())
}

/// Brings a place into view, below the head that stays.
pub(super) fn reveal<T: Clone + Send + Sync + 'static>(table: &Table<T>, at: u32) {
    let Some(element) = table.scroll.get_untracked() else { return };
    let row_height = css_row_height(&element).unwrap_or(32.0);
    let head = head_height(&element);
    let top = f64::from(at) * row_height;
    let (scrolled, height) = (f64::from(element.scroll_top()), f64::from(element.client_height()) - head);
    if top < scrolled {
        element.set_scroll_top(top as i32);
    } else if top + row_height > scrolled + height {
        element.set_scroll_top((top + row_height - height).ceil() as i32);
    }
}

/// Gives the table the sum of its columns' least widths, so that flexible columns never vanish.
pub(super) fn min_width<T: Clone + Send + Sync + 'static>(table: &Table<T>) -> NodeRef<html::Table> {
    let node = NodeRef::<html::Table>::new();
    let (columns, check) = (table.columns, table.selection.is_some());
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let sum: u32 = columns.with(|columns| columns.iter().map(|c| u32::from(c.min_width)).sum::<u32>()) + if check { 44 } else { 0 };
        dom::set_style(&element, "min-width", &format!("{sum}px"));
    });
    node
}
