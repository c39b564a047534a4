//! How long the fleet waits for what. Parameters, so that tests are fast without sleeping.

use std::time::Duration;

/// Intervals and limits of every engine's connection.
#[derive(Clone, Copy, Debug)]
pub struct Timings {
    /// Between two pings.
    pub ping_every: Duration,
    /// For a ping's whole answer. Together with `ping_every` below five seconds: that is how soon a silent engine shows.
    pub ping_within: Duration,
    /// Between two lists while events are followed.
    pub resync_every: Duration,
    /// Between two lists while events can't be followed.
    pub poll_every: Duration,
    /// A list that takes longer makes its data stale.
    pub slow_list: Duration,
    /// For connecting.
    pub connect: Duration,
    /// For the head of a short call's answer.
    pub first_byte: Duration,
    /// Between two pieces of a short call's answer; `first_byte` where that is longer.
    pub idle: Duration,
    /// For a short call's whole answer.
    pub whole: Duration,
    /// What a stop or restart may take beyond the container's own grace.
    pub beyond_grace: Duration,
    /// Before a broken event stream is opened again.
    pub reopen_after: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            ping_every: Duration::from_secs(2),
            ping_within: Duration::from_millis(2500),
            resync_every: Duration::from_mins(1),
            poll_every: Duration::from_secs(10),
            slow_list: Duration::from_secs(10),
            connect: Duration::from_secs(2),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(10),
            whole: Duration::from_mins(1),
            beyond_grace: Duration::from_secs(10),
            reopen_after: Duration::from_secs(1),
        }
    }
}
