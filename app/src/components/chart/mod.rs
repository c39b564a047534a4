//! A chart over time: lines with gaps, limits dashed, marks dotted, a legend with last, least and most, a crosshair shared by all charts
//! of a page, dragging to zoom, and all of it by keyboard ([`keys`]).
//!
//! plotters draws it ([`picture`]) into SVG with classes ([`backend`]); legend and crosshair are HTML. It brings plotters with it, so
//! it is for lazy pages.

mod axis;
mod backend;
mod keys;
mod picture;
mod scale;

use std::sync::Arc;

use leptos::{ev, html, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};

pub use picture::{Line, Mark, Span};
pub use scale::Unit;

use super::clock::clock;
use super::dom;
use crate::words::{W, t};
use keys::{Keys, Moved};
use picture::{Frame, draw};

/// Before it is known.
const WIDTH: u32 = 640;
/// A drag shorter than this, in pixels, is a click.
const DRAG: f64 = 6.0;

/// What a chart shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    pub lines: Vec<Line>,
    pub limit: Option<(String, f64)>,
    pub marks: Vec<Mark>,
}

/// The chart.
#[component]
pub fn Chart(
    /// What it shows, read aloud and as its title.
    #[prop(into)]
    title: TextProp,
    #[prop(into)] shown: Signal<Shown>,
    unit: Unit,
    /// The time that is shown, in milliseconds.
    #[prop(into)]
    span: Signal<Span>,
    /// The moment that is pointed at, shared by the charts of a page.
    cursor: RwSignal<Option<f64>>,
    /// A part was chosen by dragging.
    #[prop(optional, into)]
    on_zoom: Option<Callback<Span>>,
    /// Goes back from a part that was chosen.
    #[prop(optional, into)]
    on_back: Option<Callback<()>>,
) -> impl IntoView {
    let width = RwSignal::new(WIDTH);
    let plot = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(element) = plot.get() else { return };
        let measured = element.clone();
        let measure = Closure::<dyn Fn()>::new(move || {
            let now = measured.client_width().unsigned_abs().max(240);
            if width.get_untracked() != now {
                width.set(now);
            }
        });
        let Ok(observer) = web_sys::ResizeObserver::new(measure.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let kept = SendWrapper::new((observer, measure));
        on_cleanup(move || kept.0.disconnect());
    });
    let frame = Memo::new(move |_| shown.with(|shown| Frame::of(shown, unit, width.get(), span.get())));
    let svg = move || frame.with(|frame| shown.with(|shown| draw(shown, frame, &clock)));
    // Where the pointer is, as a moment.
    let at = move |ev: &ev::PointerEvent| {
        let element = plot.get_untracked()?;
        let x = f64::from(ev.client_x()) - element.get_bounding_client_rect().left();
        frame.with_untracked(|frame| frame.moment(x)).map(|moment| (x, moment))
    };
    let began = StoredValue::new(None::<(f64, f64)>);
    let dragged = RwSignal::new(None::<Span>);
    let moved = move |ev: ev::PointerEvent| {
        let here = at(&ev);
        cursor.set(here.map(|(_, moment)| moment));
        if let (Some((_, from)), Some((_, to))) = (began.get_value(), here) {
            dragged.set(Some(Span { from: from.min(to), to: from.max(to) }));
        }
    };
    let pressed = move |ev: ev::PointerEvent| {
        if on_zoom.is_some() && ev.button() == 0 {
            began.set_value(at(&ev));
        }
    };
    let released = move |ev: ev::PointerEvent| {
        let (from, to) = (began.get_value(), at(&ev));
        began.set_value(None);
        dragged.set(None);
        if let (Some(zoom), Some((x, from)), Some((end, to))) = (on_zoom, from, to)
            && (x - end).abs() >= DRAG
        {
            zoom.run(Span { from: from.min(to), to: from.max(to) });
        }
    };
    let left = move |_| {
        began.set_value(None);
        dragged.set(None);
        cursor.set(None);
    };
    let (line, band) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    // Positions are set by script: a style attribute is refused.
    Effect::new(move |_| {
        let place = cursor.get().and_then(|moment| frame.with(|frame| frame.x(moment)));
        let Some(element) = line.get() else { return };
        dom::set_style(&element, "display", if place.is_some() { "block" } else { "none" });
        if let Some(x) = place {
            dom::set_style(&element, "left", &dom::px(x));
        }
    });
    Effect::new(move |_| {
        let place = dragged.get().and_then(|span| frame.with(|frame| frame.x(span.from).zip(frame.x(span.to))));
        let Some(element) = band.get() else { return };
        dom::set_style(&element, "display", if place.is_some() { "block" } else { "none" });
        if let Some((from, to)) = place {
            dom::set_style(&element, "left", &dom::px(from));
            dom::set_style(&element, "width", &dom::px(to - from));
        }
    });
    let name = title.clone();
    view! {
        <figure class="chart">
            <div
                class="chart-plot"
                class:zooms=on_zoom.is_some()
                node_ref=plot
                on:pointermove=moved
                on:pointerdown=pressed
                on:pointerup=released
                on:pointerleave=left
            >
                <div class="chart-svg" role="img" aria-label=move || name.get() inner_html=svg></div>
                <Keys title=title.clone() shown span unit moved=Moved { cursor, selected: dragged, on_zoom, on_back } />
                <div class="chart-cursor" aria-hidden="true" node_ref=line></div>
                <div class="chart-band" aria-hidden="true" node_ref=band></div>
            </div>
            <figcaption>
                <Legend title shown span unit cursor />
            </figcaption>
        </figure>
    }
}

/// Last, least and most of each line; the figures of the moment that is pointed at while there is one.
#[component]
fn Legend(title: TextProp, shown: Signal<Shown>, span: Signal<Span>, unit: Unit, cursor: RwSignal<Option<f64>>) -> impl IntoView {
    let row = move |at: usize, line: &Line, span: Span, pointed: Option<f64>| {
        let seen: Arc<[(f64, f64)]> = line.points.iter().copied().filter(|(moment, _)| span.holds(*moment)).collect();
        let say = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| unit.say(v));
        let last = match pointed {
            Some(moment) => picture::nearest(&seen, moment),
            None => seen.last().map(|(_, value)| *value),
        };
        let least = seen.iter().map(|(_, value)| *value).reduce(f64::min);
        let most = seen.iter().map(|(_, value)| *value).reduce(f64::max);
        view! {
            <tr>
                <th scope="row"><span class=format!("chart-key series-{}", at + 1) aria-hidden="true"></span>{line.label.clone()}</th>
                <td>{say(last)}</td>
                <td>{say(least)}</td>
                <td>{say(most)}</td>
            </tr>
        }
    };
    let rows = move || {
        let (span, pointed) = (span.get(), cursor.get());
        shown.with(|shown| shown.lines.iter().enumerate().map(|(at, line)| row(at, line, span, pointed)).collect::<Vec<_>>())
    };
    let limit = move || {
        shown.with(|shown| {
            shown.limit.clone().map(|(label, value)| view! { <tr><th scope="row"><span class="chart-key limit" aria-hidden="true"></span>{label}</th><td>{unit.say(value)}</td><td></td><td></td></tr> })
        })
    };
    let (now, at_cursor) = (t(W::chart_last), t(W::chart_here));
    view! {
        <table class="chart-legend" aria-label=move || title.get()>
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{move || if cursor.get().is_some() { at_cursor() } else { now() }}</th>
                    <th scope="col">{t(W::chart_least)}</th>
                    <th scope="col">{t(W::chart_most)}</th>
                </tr>
            </thead>
            <tbody>{rows} {limit}</tbody>
        </table>
    }
}
