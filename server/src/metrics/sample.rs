//! Counters at one moment, and figures made of two of them.

use std::time::Duration;

use app::api::stats::Figures;

/// A rate over less than this says nothing: counters move in steps.
const SHORTEST: Duration = Duration::from_millis(100);
/// A rate over more than this is not what happens now.
const LONGEST: Duration = Duration::from_secs(30);
/// What a rate is best made over, at least.
const GOOD: Duration = Duration::from_millis(900);

/// What a container may use. `None`: no limit of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub cpu_millicores: Option<u64>,
    pub memory_bytes: Option<u64>,
    pub processes: Option<u64>,
}

/// What was read of a container. What could not be read is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// On the clock of where it was read; only differences mean something.
    pub moment: Duration,
    pub cpu_ns: Option<u64>,
    /// Periods of its CPU quota, and those of them in which it was held back.
    pub periods: Option<u64>,
    pub throttled_periods: Option<u64>,
    /// In use, without the page cache that the kernel can take back at once.
    pub memory_bytes: Option<u64>,
    pub processes: Option<u64>,
    pub read_bytes: Option<u64>,
    pub written_bytes: Option<u64>,
    pub received_bytes: Option<u64>,
    pub sent_bytes: Option<u64>,
    pub limits: Limits,
}

/// The figures at `now`: rates over the time since the best of the earlier samples, newest first.
pub fn figures(now: &Sample, earlier: impl IntoIterator<Item = Sample>) -> Figures {
    let mut before: Option<(Sample, Duration)> = None;
    for sample in earlier {
        let Some(age) = now.moment.checked_sub(sample.moment).filter(|age| (SHORTEST..=LONGEST).contains(age)) else { continue };
        before = Some((sample, age));
        if age >= GOOD {
            break;
        }
    }
    let mut figures = Figures {
        memory_bytes: now.memory_bytes,
        processes: now.processes,
        cpu_limit_millicores: now.limits.cpu_millicores,
        memory_limit_bytes: now.limits.memory_bytes,
        processes_limit: now.limits.processes,
        ..Figures::default()
    };
    if let Some((before, age)) = before {
        let nanos = age.as_nanos();
        // A counter that went back has begun anew: nobody knows what happened in between.
        let grown = |counter: fn(&Sample) -> Option<u64>| counter(now)?.checked_sub(counter(&before)?);
        let rate = |counter| grown(counter).map(|bytes| (u128::from(bytes) * 1_000_000_000 / nanos) as u64);
        figures.cpu_millicores = grown(|s| s.cpu_ns).map(|ns| ((u128::from(ns) * 1_000 + nanos / 2) / nanos) as u64);
        figures.throttled_permille = grown(|s| s.periods)
            .zip(grown(|s| s.throttled_periods))
            .map(|(all, throttled)| (throttled.min(all) * 1_000).checked_div(all).unwrap_or_default());
        figures.read_bytes_per_second = rate(|s| s.read_bytes);
        figures.written_bytes_per_second = rate(|s| s.written_bytes);
        figures.received_bytes_per_second = rate(|s| s.received_bytes);
        figures.sent_bytes_per_second = rate(|s| s.sent_bytes);
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64, cpu_ms: u64, received: u64) -> Sample {
        Sample {
            moment: Duration::from_millis(ms),
            cpu_ns: Some(cpu_ms * 1_000_000),
            received_bytes: Some(received),
            periods: Some(ms / 100),
            throttled_periods: Some(ms / 200),
            ..Sample::default()
        }
    }

    #[test]
    fn rates_are_made_over_a_second_or_so() {
        let now = at(10_000, 5_000, 4_000);
        let figures = figures(&now, [at(9_950, 0, 0), at(9_500, 0, 0), at(8_000, 4_000, 0), at(0, 0, 0)]);
        assert_eq!((figures.cpu_millicores, figures.received_bytes_per_second), (Some(500), Some(2_000)));
        assert_eq!((figures.throttled_permille, figures.sent_bytes_per_second), (Some(500), None));
    }

    #[test]
    fn without_something_to_compare_there_is_no_rate() {
        let now = at(100_000, 5, 5);
        assert_eq!(figures(&now, []).cpu_millicores, None);
        assert_eq!(figures(&now, [at(99_990, 0, 0), at(60_000, 0, 0)]).cpu_millicores, None, "too near, too far");
        assert_eq!(figures(&now, [at(98_000, 9, 0)]).cpu_millicores, None, "it began anew");
    }
}
