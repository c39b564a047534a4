//! What events tell over time of one container: why it ended, how often it came back.

use std::collections::VecDeque;

use crate::clock::Millis;

const DAY: Millis = 24 * 60 * 60 * 1_000;
const LOOP_WITHIN: Millis = 10 * 60 * 1_000;
const LOOP_ENDS: usize = 3;
/// More restarts than this in a day are counted as this many.
const RESTARTS: usize = 2_000;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    pub at: Millis,
    pub exit_code: Option<i64>,
    pub oom_killed: bool,
}

/// One container's runs, as far as they were seen.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the run at hand")]
pub struct History {
    /// Whether it runs, by the last event that tells.
    pub up: Option<bool>,
    /// Whether it has run before.
    ran: bool,
    /// Whether somebody asked this run to end.
    asked: bool,
    /// Whether memory ran out in this run.
    oom: bool,
    /// Between an unexpected end and the next start.
    down_unasked: bool,
    pub last_end: Option<End>,
    /// Starts after an end, of the last 24 hours.
    restarts: VecDeque<Millis>,
    /// Unexpected ends, of the last minutes.
    unexpected: VecDeque<Millis>,
}

/// What goes with an event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    pub exit_code: Option<i64>,
    pub signal: Option<i64>,
    /// Whether the engine starts the container again when it ends.
    pub restarts_itself: bool,
    /// Whether it is known to have run before.
    pub ran: bool,
}

/// What an event means beside its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// For `die`: memory ran out in that run.
    pub oom_killed: bool,
    /// For `start`: it follows an end that nobody asked for.
    pub after_unasked_end: bool,
}

impl History {
    /// Takes the next event.
    pub fn heard(&mut self, action: &str, at: Millis, told: Told) -> Meaning {
        let Told { exit_code, signal, restarts_itself, ran } = told;
        let mut meaning = Meaning::default();
        match action {
            "start" => {
                if self.ran || ran {
                    self.restarts.push_back(at);
                    if self.restarts.len() > RESTARTS {
                        self.restarts.pop_front();
                    }
                }
                meaning.after_unasked_end = self.down_unasked;
                *self = Self { up: Some(true), ran: true, asked: false, oom: false, down_unasked: false, ..std::mem::take(self) };
            }
            // Many programs read their configuration anew on these.
            "kill" if matches!(signal, Some(1 | 10 | 12)) => {}
            "kill" => self.asked = true,
            // It was such a signal that ended it, and it was meant so.
            "stop" if self.down_unasked => {
                self.down_unasked = false;
                self.unexpected.pop_back();
            }
            "oom" => {
                self.oom = true;
                // The engine may tell of memory only after the end that it caused.
                if let Some(end) = self.last_end.as_mut().filter(|e| self.down_unasked && at - e.at < 5_000) {
                    end.oom_killed = true;
                }
            }
            "die" => {
                (self.up, self.ran) = (Some(false), true);
                meaning.oom_killed = self.oom;
                self.last_end = Some(End { at, exit_code, oom_killed: self.oom });
                self.down_unasked = !self.asked;
                if !self.asked && (exit_code != Some(0) || restarts_itself) {
                    self.unexpected.push_back(at);
                    if self.unexpected.len() > LOOP_ENDS {
                        self.unexpected.pop_front();
                    }
                }
            }
            _ => {}
        }
        meaning
    }

    /// Takes an event that was kept by a former process, in order of time.
    pub fn heard_before(&mut self, action: &str, at: Millis, exit_code: Option<i64>, oom_killed: bool) {
        self.oom |= oom_killed && action == "die";
        self.heard(action, at, Told { exit_code, ..Told::default() });
    }

    /// What an inspection adds: the engine says that memory ran out in the run that ended last.
    pub fn inspected(&mut self, ended: Option<End>) {
        match (&mut self.last_end, ended) {
            (Some(end), Some(seen)) if (end.at - seen.at).abs() < 5_000 => end.oom_killed |= seen.oom_killed,
            (last, Some(seen)) if last.is_none_or(|l| l.at < seen.at) => *last = Some(seen),
            _ => {}
        }
    }

    pub fn restarts_24h(&self, now: Millis) -> u32 {
        let fresh = self.restarts.iter().rev().take_while(|at| now - **at < DAY).count();
        u32::try_from(fresh).unwrap_or(u32::MAX)
    }

    pub fn in_a_loop(&self, now: Millis) -> bool {
        self.unexpected.len() >= LOOP_ENDS && self.unexpected.iter().all(|at| now - at < LOOP_WITHIN)
    }

    /// Whether time alone will change what it says.
    pub fn fades(&self) -> bool {
        !self.restarts.is_empty() || !self.unexpected.is_empty()
    }

    /// Forgets what is too old to matter.
    pub fn fade(&mut self, now: Millis) {
        while self.restarts.front().is_some_and(|at| now - at >= DAY) {
            self.restarts.pop_front();
        }
        while self.unexpected.front().is_some_and(|at| now - at >= LOOP_WITHIN) {
            self.unexpected.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGAIN: Told = Told { exit_code: None, signal: None, restarts_itself: true, ran: false };

    fn ended(exit_code: i64) -> Told {
        Told { exit_code: Some(exit_code), ..AGAIN }
    }

    fn run(history: &mut History, at: Millis, exit: i64) {
        history.heard("start", at, AGAIN);
        history.heard("die", at + 100, ended(exit));
    }

    #[test]
    fn three_unexpected_ends_within_ten_minutes_are_a_loop() {
        let mut h = History::default();
        run(&mut h, 0, 1);
        run(&mut h, 60_000, 1);
        assert!(!h.in_a_loop(61_000));
        run(&mut h, 120_000, 1);
        assert!(h.in_a_loop(121_000));
        assert_eq!((h.restarts_24h(121_000), h.last_end.and_then(|e| e.exit_code)), (2, Some(1)));
        assert!(!h.in_a_loop(LOOP_WITHIN + 200));
        assert_eq!(h.restarts_24h(DAY + 61_000), 1);
    }

    #[test]
    fn ends_that_somebody_asked_for_are_none() {
        let mut h = History::default();
        for at in [0, 1_000, 2_000, 3_000] {
            h.heard("start", at, AGAIN);
            h.heard("kill", at + 1, AGAIN);
            h.heard("die", at + 2, ended(143));
        }
        assert!(!h.in_a_loop(3_100));
        assert_eq!(h.restarts_24h(3_100), 3);
    }

    #[test]
    fn a_signal_to_read_anew_asks_for_no_end_unless_a_stop_sent_it() {
        let mut h = History::default();
        for at in [0, 1_000, 2_000] {
            h.heard("start", at, AGAIN);
            h.heard("kill", at + 1, Told { signal: Some(10), ..AGAIN });
            h.heard("die", at + 2, ended(1));
        }
        assert!(h.in_a_loop(2_100));
        h.heard("stop", 2_003, AGAIN);
        assert!(!h.in_a_loop(2_100));
    }

    #[test]
    fn memory_is_remembered_whichever_comes_first() {
        let mut h = History::default();
        h.heard("start", 0, AGAIN);
        h.heard("oom", 10, AGAIN);
        assert!(h.heard("die", 11, ended(137)).oom_killed);
        assert!(h.heard("start", 12, AGAIN).after_unasked_end);
        assert!(!h.heard("die", 20, ended(137)).oom_killed);
        h.heard("oom", 21, AGAIN);
        assert!(h.last_end.is_some_and(|e| e.oom_killed));
    }

    #[test]
    fn a_first_start_is_no_restart() {
        let mut h = History::default();
        h.heard("start", 0, Told::default());
        assert_eq!(h.restarts_24h(1), 0);
        let mut known = History::default();
        known.heard("start", 0, Told { ran: true, ..Told::default() });
        assert_eq!(known.restarts_24h(1), 1);
    }
}
