//! A chart by keyboard: arrows move over the moments that were measured, with Shift they select a span, Enter zooms into it, Escape goes
//! back. To those who listen it is a slider whose value is the moment and what was measured there.

use leptos::{ev, prelude::*};

use super::{
    Shown,
    picture::{Span, nearest},
    scale::Unit,
};
use crate::{
    components::clock::clock_seconds,
    words::{W, t},
};

/// Moments that Page Up and Page Down pass over.
const PAGE: usize = 10;

/// What the keys move: shared with the pointer, so that either goes on where the other was.
#[derive(Clone, Copy)]
pub struct Moved {
    pub cursor: RwSignal<Option<f64>>,
    /// The span that is selected.
    pub selected: RwSignal<Option<Span>>,
    pub on_zoom: Option<Callback<Span>>,
    pub on_back: Option<Callback<()>>,
}

/// Takes the keys; lies over the picture, and lets the pointer through.
#[component]
pub fn Keys(title: TextProp, shown: Signal<Shown>, span: Signal<Span>, unit: Unit, moved: Moved) -> impl IntoView {
    let Moved { cursor, selected, on_zoom, on_back } = moved;
    // Where a selection began.
    let anchor = StoredValue::new(None::<f64>);
    let moments = Memo::new(move |_| shown.with(|shown| moments(shown, span.get())));
    let press = move |ev: ev::KeyboardEvent| {
        if ev.ctrl_key() || ev.meta_key() || ev.alt_key() {
            return;
        }
        let key = ev.key();
        match key.as_str() {
            "Enter" => {
                let Some((zoom, part)) = on_zoom.zip(selected.get_untracked()).filter(|(_, part)| part.from < part.to) else { return };
                anchor.set_value(None);
                selected.set(None);
                cursor.set(None);
                zoom.run(part);
            }
            "Escape" if selected.get_untracked().is_some() || cursor.get_untracked().is_some() => {
                anchor.set_value(None);
                selected.set(None);
                cursor.set(None);
            }
            "Escape" => {
                let Some(back) = on_back else { return };
                back.run(());
            }
            _ => {
                let from = cursor.get_untracked();
                let Some(to) = moments.with_untracked(|moments| step(moments, from, &key)) else { return };
                if ev.shift_key() && on_zoom.is_some() {
                    let began = anchor.get_value().unwrap_or(from.unwrap_or(to));
                    anchor.set_value(Some(began));
                    selected.set(Some(Span { from: began.min(to), to: began.max(to) }));
                } else {
                    anchor.set_value(None);
                    selected.set(None);
                }
                cursor.set(Some(to));
            }
        }
        ev.prevent_default();
        ev.stop_propagation();
    };
    let left = move |_| {
        anchor.set_value(None);
        selected.set(None);
        cursor.set(None);
    };
    let at = move || cursor.get().or_else(|| moments.with(|moments| moments.last().copied()));
    let said = move || at().map(|moment| shown.with(|shown| said(shown, unit, moment, selected.get())));
    let seconds = |moment: f64| format!("{:.0}", moment / 1e3);
    view! {
        <div
            class="chart-keys"
            role="slider"
            tabindex="0"
            aria-label=move || title.get()
            aria-description=t(W::chart_keys)
            aria-valuemin=move || seconds(span.get().from)
            aria-valuemax=move || seconds(span.get().to)
            aria-valuenow=move || seconds(at().unwrap_or(span.get().to))
            aria-valuetext=said
            on:keydown=press
            on:blur=left
        ></div>
    }
}

/// The moments of a span at which anything was measured, in order.
fn moments(shown: &Shown, span: Span) -> Vec<f64> {
    let mut all: Vec<f64> = shown.lines.iter().flat_map(|line| &line.points).map(|(at, _)| *at).filter(|at| span.holds(*at)).collect();
    all.sort_unstable_by(f64::total_cmp);
    all.dedup();
    all
}

/// Where a key leads to; `None`: it is no key of a chart, or there is nothing to go to.
fn step(moments: &[f64], from: Option<f64>, key: &str) -> Option<f64> {
    let last = moments.len().checked_sub(1)?;
    // What lies before, and where what lies after begins.
    let before = from.map_or(moments.len(), |at| moments.partition_point(|moment| *moment < at));
    let after = from.map_or(0, |at| moments.partition_point(|moment| *moment <= at));
    let place = match key {
        "ArrowLeft" | "ArrowDown" => before.saturating_sub(1),
        "ArrowRight" | "ArrowUp" => after.min(last),
        "PageDown" => before.saturating_sub(PAGE),
        "PageUp" => (after + PAGE - 1).min(last),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    moments.get(place).copied()
}

/// The moment with what was measured there, and the span that is selected.
fn said(shown: &Shown, unit: Unit, moment: f64, selected: Option<Span>) -> String {
    let mut parts = vec![match selected {
        Some(part) => format!("{}–{}", clock_seconds(part.from), clock_seconds(part.to)),
        None => clock_seconds(moment),
    }];
    parts.extend(shown.lines.iter().filter_map(|line| Some(format!("{} {}", line.label, unit.say(nearest(&line.points, moment)?)))));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{super::picture::Line, *};

    const SPAN: Span = Span { from: 0.0, to: 100_000.0 };

    fn shown() -> Shown {
        let line = |label: &str, points: &[(f64, f64)]| Line { label: label.into(), points: points.to_vec() };
        let received = line("received", &[(10_000.0, 1.0), (20_000.0, 2.0), (200_000.0, 9.0)]);
        Shown { lines: vec![received, line("sent", &[(20_000.0, 5.0), (30_000.0, 6.0)])], ..Shown::default() }
    }

    #[test]
    fn arrows_go_over_what_was_measured_and_stay_within_it() {
        let all = moments(&shown(), SPAN);
        assert_eq!(all, [10_000.0, 20_000.0, 30_000.0]);
        let to = |from: Option<f64>, key: &str| step(&all, from, key);
        assert_eq!((to(None, "ArrowLeft"), to(None, "ArrowRight")), (Some(30_000.0), Some(10_000.0)), "from the edge");
        assert_eq!((to(Some(20_000.0), "ArrowLeft"), to(Some(20_000.0), "ArrowRight")), (Some(10_000.0), Some(30_000.0)));
        assert_eq!((to(Some(10_000.0), "ArrowLeft"), to(Some(30_000.0), "ArrowRight")), (Some(10_000.0), Some(30_000.0)), "the ends");
        // Where the pointer was, nothing need have been measured.
        assert_eq!((to(Some(24_000.0), "ArrowLeft"), to(Some(24_000.0), "ArrowRight")), (Some(20_000.0), Some(30_000.0)));
        assert_eq!((to(Some(30_000.0), "PageDown"), to(Some(10_000.0), "PageUp")), (Some(10_000.0), Some(30_000.0)));
        assert_eq!(
            (to(None, "Home"), to(None, "End"), to(None, "x"), step(&[], None, "End")),
            (Some(10_000.0), Some(30_000.0), None, None)
        );
    }

    #[test]
    fn a_moment_is_said_with_what_was_measured_there() {
        let shown = shown();
        assert_eq!(said(&shown, Unit::Count, 20_000.0, None), "00:00:20, received 2, sent 5");
        let part = Span { from: 10_000.0, to: 30_000.0 };
        assert_eq!(said(&shown, Unit::Count, 30_000.0, Some(part)), "00:00:10–00:00:30, received 2, sent 6");
    }
}
