//! What a socket is subscribed to. Each kind holds what it has to say in a bounded ring of its own until the reader grants bytes for it;
//! the rest of the room treats them alike.

mod changes;
mod logs;
mod stats;

use app::api::live::ServerFrame;
use bytes::Bytes;

pub use self::{
    changes::Changes,
    logs::{Logs, Ring},
    stats::Stats,
};
use super::sight::Sight;
use crate::clock::Millis;

/// The longest frame, in bytes.
pub const FRAME: usize = app::api::log_frame::FRAME;

/// What goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    Frame(ServerFrame),
    /// Binary.
    Bulk(Bytes),
}

/// One subscription.
#[derive(Debug)]
pub enum Subscription {
    Changes(Changes),
    Logs(Logs),
    Stats(Stats),
}

impl Subscription {
    pub fn number(&self) -> u32 {
        match self {
            Self::Changes(changes) => changes.number(),
            Self::Logs(logs) => logs.number(),
            Self::Stats(stats) => stats.number(),
        }
    }

    /// Grants bytes.
    pub fn credit(&mut self, bytes: u32) {
        match self {
            Self::Changes(changes) => changes.credit(bytes),
            Self::Logs(logs) => logs.credit(bytes),
            Self::Stats(stats) => stats.credit(bytes),
        }
    }

    /// When [`Subscription::next`] has something, unless more comes before.
    pub fn wake_at(&self) -> Option<Millis> {
        match self {
            Self::Changes(changes) => changes.wake_at(),
            Self::Logs(logs) => logs.wake_at(),
            Self::Stats(stats) => stats.wake_at(),
        }
    }

    /// What is to be said now, to somebody with these rights.
    pub fn next(&mut self, now: Millis, sight: &Sight) -> Option<Outgoing> {
        match self {
            Self::Changes(changes) => changes.next(now).map(Outgoing::Frame),
            Self::Logs(logs) => logs.next(now),
            Self::Stats(stats) => stats.next(sight).map(Outgoing::Frame),
        }
    }
}

/// As it goes over the wire.
pub fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("frames are plain data")
}
