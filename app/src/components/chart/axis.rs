//! The axis of time: plotters' own wants chrono, and one of plain numbers would stand at 01:23.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// Steps that people count in, in seconds.
const STEPS: [f64; 12] = [10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 86_400.0];

/// Milliseconds, with key points at round minutes of the reader's clock.
#[derive(Clone, Debug)]
pub struct TimeAxis {
    pub span: Range<f64>,
    /// Key points, at most.
    pub most: usize,
    /// What to add to a moment for the reader's zone, in milliseconds.
    pub zone: f64,
}

impl TimeAxis {
    pub fn points(&self) -> Vec<f64> {
        let long = self.span.end - self.span.start;
        let fits = |step: &&f64| long / (**step * 1_000.0) <= self.most.max(1) as f64;
        let step = STEPS.iter().find(fits).copied().unwrap_or(86_400.0) * 1_000.0;
        let first = ((self.span.start + self.zone) / step).ceil() * step - self.zone;
        (0..).map(|n| first + f64::from(n) * step).take_while(|at| *at <= self.span.end).take(100).collect()
    }
}

impl Ranged for TimeAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let long = (self.span.end - self.span.start).max(1.0);
        let share = (value - self.span.start) / long;
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.points()
    }

    fn range(&self) -> Range<f64> {
        self.span.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_points_are_round_minutes_of_the_readers_clock() {
        const MINUTE: f64 = 60_000.0;
        let axis = |from: f64, to: f64, zone: f64| TimeAxis { span: from * MINUTE..to * MINUTE, most: 6, zone: zone * MINUTE };
        let minutes = |axis: TimeAxis| axis.points().into_iter().map(|ms| ms / MINUTE).collect::<Vec<_>>();
        assert_eq!(minutes(axis(7.0, 67.0, 0.0)), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!(minutes(axis(7.5, 8.6, 0.0)), [7.5, 8.0, 8.5]);
        // Half an hour off: hours of theirs are not hours of UTC.
        assert_eq!(minutes(axis(0.0, 360.0, 30.0)), [30.0, 90.0, 150.0, 210.0, 270.0, 330.0]);
    }
}
