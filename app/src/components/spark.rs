//! A small line of a figure's recent course.

use leptos::prelude::*;

const WIDTH: f64 = 64.0;
const HEIGHT: f64 = 16.0;

/// The line; `most` is the value at its top. Gaps (`None`) stay gaps. Read aloud by the figure beside it.
pub fn spark(points: &[Option<f64>], most: f64) -> impl IntoView + use<> {
    view! {
        <svg class="spark" viewBox="0 0 64 16" preserveAspectRatio="none" aria-hidden="true">
            <path d=line(points, most)></path>
        </svg>
    }
}

fn line(points: &[Option<f64>], most: f64) -> String {
    use std::fmt::Write as _;
    let step = WIDTH / (points.len().saturating_sub(1).max(1)) as f64;
    let mut out = String::with_capacity(points.len() * 10);
    let mut drawing = false;
    for (i, point) in points.iter().enumerate() {
        let Some(value) = point else {
            drawing = false;
            continue;
        };
        let share = if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
        let (x, y) = (i as f64 * step, (HEIGHT - 2.0) - share * (HEIGHT - 4.0));
        // Writing floats costs each page kilobytes.
        let (x, y) = ((x * 10.0).round() as u32, (y * 10.0).round() as u32);
        let _ = write!(out, "{}{}.{} {}.{}", if drawing { 'L' } else { 'M' }, x / 10, x % 10, y / 10, y % 10);
        drawing = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn gaps_stay_gaps() {
        assert_eq!(line(&[Some(0.0), Some(50.0), None, Some(100.0), Some(200.0)], 100.0), "M0.0 14.0L16.0 8.0M48.0 2.0L64.0 2.0");
    }

    #[test]
    fn nothing_known_draws_nothing() {
        assert_eq!(line(&[None, None], 1.0), "");
        assert_eq!(line(&[], 1.0), "");
        assert_eq!(line(&[Some(0.0)], 0.0), "M0.0 14.0");
    }
}
