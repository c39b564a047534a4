//! How many of the shown lines there are over time, and how many of them are errors: bars above the log. A click goes to that time.

use leptos::{ev, html, prelude::*};

use super::Log;
use crate::{
    components::clock::clock_seconds,
    words::{LogCourseSaid, use_lang},
};

/// Bars at most.
const MOST: u64 = 100;
/// What one bar may stand for, in seconds.
const STEPS: [u64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200];
/// A bar and the gap behind it, in the picture's own units; the highest bar is `HIGH`.
const WIDE: usize = 10;
const BAR: usize = 8;
const HIGH: u64 = 100;

const SECOND: u64 = 1_000_000_000;

/// The bars. Each stands for `step` seconds, the first from `from` on, in seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    pub from: u64,
    pub step: u64,
    /// Lines, and the errors among them.
    pub bars: Vec<(u64, u64)>,
}

impl Course {
    /// Counts lines by their time, in nanoseconds since 1970, and whether each is an error. `span`: the oldest and the newest.
    pub fn of(span: Option<(u64, u64)>, lines: impl Iterator<Item = (u64, bool)>) -> Self {
        let Some((oldest, newest)) = span.map(|(a, b)| (a / SECOND, b / SECOND)) else { return Self::default() };
        let seconds = newest.saturating_sub(oldest) + 1;
        // Bars begin at whole steps, so that they stay what they are while lines come.
        let step = STEPS.into_iter().find(|step| seconds / step + 2 <= MOST).unwrap_or_else(|| (seconds / (MOST - 2) / 3_600 + 1) * 3_600);
        let from = oldest - oldest % step;
        let mut bars = vec![(0, 0); ((newest - from) / step + 1) as usize];
        for (at, is_error) in lines {
            if let Some((all, errors)) = (at / SECOND).checked_sub(from).and_then(|at| bars.get_mut((at / step) as usize)) {
                *all += 1;
                *errors += u64::from(is_error);
            }
        }
        Self { from, step, bars }
    }

    /// The outline of all bars.
    fn path(&self, count: impl Fn(&(u64, u64)) -> u64) -> String {
        let most = self.most().max(1);
        let bar = |(i, n): (usize, u64)| {
            // What is there shows, however little it is.
            let height = (n * HIGH / most).max(2);
            format!("M{} {HIGH}v-{height}h{BAR}v{height}z", i * WIDE)
        };
        self.bars.iter().map(count).enumerate().filter(|(_, n)| *n > 0).map(bar).collect()
    }

    fn most(&self) -> u64 {
        self.bars.iter().map(|(all, _)| *all).max().unwrap_or(0)
    }

    /// The time at a share of the width, in nanoseconds since 1970.
    fn at(&self, share: f64) -> u64 {
        let bar = (share.clamp(0.0, 1.0) * self.bars.len() as f64) as u64;
        (self.from + bar.min(self.bars.len().saturating_sub(1) as u64) * self.step) * SECOND
    }
}

fn clock(seconds: u64) -> String {
    clock_seconds(seconds as f64 * 1e3)
}

#[component]
pub(super) fn CourseBars(log: Log) -> impl IntoView {
    let lang = use_lang();
    let picture = NodeRef::<html::Figure>::new();
    let go = move |ev: ev::MouseEvent| {
        let (Some(figure), Some(pane)) = (picture.get_untracked(), log.pane_untracked()) else { return };
        let place = figure.get_bounding_client_rect();
        let share = (f64::from(ev.client_x()) - place.left()) / place.width().max(1.0);
        pane.go_to(log.course.with_untracked(|course| course.at(share)));
    };
    // One bar alone says nothing. Times are written in the browser only, where there are lines.
    let shown = Memo::new(move |_| log.course.with(|course| course.bars.len() > 1));
    let bars = move || {
        let said = move || {
            log.course.with(|c| {
                let (from, to) = (clock(c.from), clock(c.from + c.step * c.bars.len() as u64));
                LogCourseSaid { from: &from, to: &to, most: &c.most(), step: &c.step }.text(lang.get())
            })
        };
        let time = move |part: usize| move || log.course.with(|c| clock(c.from + c.step * (c.bars.len() * part / 4) as u64));
        view! {
            <figure class="log-course wide-only" role="img" aria-label=said title=said node_ref=picture on:click=go>
                <svg preserveAspectRatio="none" viewBox=move || format!("0 0 {} {HIGH}", log.course.with(|c| c.bars.len() * WIDE))>
                    <path class="all" d=move || log.course.with(|c| c.path(|(all, _)| *all)) />
                    <path class="bad" d=move || log.course.with(|c| c.path(|(_, errors)| *errors)) />
                </svg>
                <figcaption>{(0..=4).map(|part| view! { <span>{time(part)}</span> }).collect::<Vec<_>>()}</figcaption>
            </figure>
        }
    };
    move || shown.get().then(bars)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(seconds: &[u64]) -> Vec<(u64, bool)> {
        seconds.iter().map(|s| (s * SECOND + 5, s % 2 == 1)).collect()
    }

    #[test]
    fn lines_are_counted_by_the_second_and_errors_with_them() {
        let all = lines(&[100, 100, 101, 103]);
        let course = Course::of(Some((all[0].0, all[3].0)), all.into_iter());
        assert_eq!((course.from, course.step), (100, 1));
        assert_eq!(course.bars, [(2, 0), (1, 1), (0, 0), (1, 1)]);
        assert_eq!(course.path(|(_, errors)| *errors), "M10 100v-50h8v50zM30 100v-50h8v50z");
        assert_eq!(course.at(0.5), 102 * SECOND);
        assert_eq!(course.at(7.0), 103 * SECOND);
    }

    #[test]
    fn a_long_time_takes_few_bars_that_begin_at_whole_steps() {
        for seconds in [1_u64, 97, 98, 99, 100, 5_000, 86_400, 30 * 86_400] {
            let all = lines(&[1_700_000_003, 1_700_000_003 + seconds]);
            let course = Course::of(Some((all[0].0, all[1].0)), all.into_iter());
            assert!(course.bars.len() as u64 <= MOST, "{seconds} s: {} bars", course.bars.len());
            assert_eq!(course.from % course.step, 0);
            assert_eq!(course.bars.iter().map(|(all, _)| all).sum::<u64>(), 2, "none is left out");
        }
    }

    #[test]
    fn where_there_are_no_lines_there_are_no_bars() {
        assert_eq!(Course::of(None, [].into_iter()), Course::default());
    }
}
