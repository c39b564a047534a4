//! What the workers last did, for whoever asks, and the signal that wakes one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::sync::Notify;

use crate::clock::Millis;

/// One worker's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// A round is under way.
    pub running: bool,
    /// Rounds that ended, well or not.
    pub rounds: u64,
    pub failures: u64,
    pub last_began_at: Option<Millis>,
    pub last_took_ms: Option<i64>,
    /// Of the last round, if it failed.
    pub last_error: Option<String>,
    /// What the last good round did.
    pub report: Value,
}

/// All workers' states. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<BTreeMap<&'static str, Entry>>>);

#[derive(Debug, Default)]
struct Entry {
    status: Status,
    wake: Arc<Notify>,
}

impl Board {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<&'static str, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By name, in order.
    pub fn statuses(&self) -> Vec<(&'static str, Status)> {
        self.entries().iter().map(|(name, entry)| (*name, entry.status.clone())).collect()
    }

    /// Has a worker's next round begin now, or right after the one under way.
    pub fn wake(&self, name: &str) {
        if let Some(entry) = self.entries().get(name) {
            entry.wake.notify_one();
        }
    }

    pub(super) fn signal(&self, name: &'static str) -> Arc<Notify> {
        self.entries().entry(name).or_default().wake.clone()
    }

    pub(super) fn update(&self, name: &'static str, change: impl FnOnce(&mut Status)) {
        change(&mut self.entries().entry(name).or_default().status);
    }
}
