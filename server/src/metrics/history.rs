//! The ten-second tier: a minute of a container is one row of six slots, so that 200 containers are 200 small rows a minute.

use std::collections::HashMap;

use app::api::stats::{Figures, Series};
use serde::{Deserialize, Serialize};

use crate::clock::{Millis, rfc3339};

/// Between two samples.
pub const STEP: Millis = 10_000;
/// Of one minute.
pub const SLOTS: usize = 6;
const MINUTE: Millis = STEP * SLOTS as Millis;

/// One minute of one container; what was not measured is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute(pub [Option<Vec<Option<u64>>>; SLOTS]);

impl Minute {
    /// Puts in from another what is not here.
    pub fn fill(&mut self, other: Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            if own.is_none() {
                *own = other;
            }
        }
    }
}

/// A container on a host.
pub type Key = (String, String);

/// Minutes that are not written yet.
#[derive(Debug, Default)]
pub struct Recent(HashMap<Key, Vec<(Millis, Minute)>>);

impl Recent {
    /// Keeps what was measured at a moment.
    pub fn push(&mut self, key: Key, at: Millis, figures: &Figures) {
        let minute = at - at.rem_euclid(MINUTE);
        let minutes = self.0.entry(key).or_default();
        if minutes.last().is_none_or(|(m, _)| *m != minute) {
            minutes.push((minute, Minute::default()));
        }
        if let Some((_, held)) = minutes.last_mut() {
            held.0[((at - minute) / STEP) as usize] = Some(figures.row().to_vec());
        }
    }

    /// Takes the minutes that are over by then.
    pub fn take_before(&mut self, at: Millis) -> Vec<(Key, Millis, Minute)> {
        let end = at - at.rem_euclid(MINUTE);
        let mut over = Vec::new();
        self.0.retain(|key, minutes| {
            over.extend(minutes.extract_if(.., |(minute, _)| *minute < end).map(|(minute, held)| (key.clone(), minute, held)));
            !minutes.is_empty()
        });
        over
    }

    /// Takes all.
    pub fn take(&mut self) -> Vec<(Key, Millis, Minute)> {
        self.take_before(Millis::MAX / 2)
    }

    pub fn of(&self, key: &Key) -> Vec<(Millis, Minute)> {
        self.0.get(key).cloned().unwrap_or_default()
    }
}

/// A course in steps of ten seconds out of minutes: from the step that `from` is in to the one that `to` is in. Gaps are gaps.
pub fn series(minutes: impl IntoIterator<Item = (Millis, Minute)>, from: Millis, to: Millis) -> Series {
    let first = from - from.rem_euclid(STEP);
    let len = ((to - first).div_euclid(STEP) + 1).max(0) as usize;
    let mut series = Series::empty(rfc3339(first), (STEP / 1_000) as u32, len);
    for (minute, held) in minutes {
        for (slot, row) in held.0.iter().enumerate() {
            let Some(row) = row else { continue };
            let place = (minute + slot as Millis * STEP - first).div_euclid(STEP);
            if let Ok(place) = usize::try_from(place) {
                series.put(place, &Figures::from_row(row));
            }
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(memory: u64) -> Figures {
        Figures { memory_bytes: Some(memory), ..Figures::default() }
    }

    #[test]
    fn a_minute_goes_once_it_is_over() {
        let key = ("h".to_owned(), "c".to_owned());
        let mut recent = Recent::default();
        for at in [60_000, 70_400, 110_000, 120_000] {
            recent.push(key.clone(), at, &used(at.unsigned_abs()));
        }
        assert_eq!(recent.of(&key).len(), 2);
        let over = recent.take_before(125_000);
        assert_eq!((over.len(), over[0].1), (1, 60_000));
        let measured: Vec<bool> = over[0].2.0.iter().map(Option::is_some).collect();
        assert_eq!(measured, [true, true, false, false, false, true]);
        assert_eq!(recent.take().len(), 1);
        assert_eq!(recent.of(&key), []);
    }

    #[test]
    fn gaps_stay_gaps() {
        let mut recent = Recent::default();
        let key = ("h".to_owned(), "c".to_owned());
        for at in [60_000, 70_000, 110_000, 120_000] {
            recent.push(key.clone(), at, &used(at.unsigned_abs()));
        }
        let series = series(recent.of(&key), 65_000, 125_000);
        assert_eq!((series.from.as_str(), series.step_seconds), ("1970-01-01T00:01:00.000Z", 10));
        assert_eq!(series.memory_bytes, [Some(60_000), Some(70_000), None, None, None, Some(110_000), Some(120_000)]);
        assert_eq!(series.cpu_millicores, [None; 7]);
    }
}
