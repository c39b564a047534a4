//! The way of events out of the fleet. It never waits: an event that finds it full is counted.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::events::{EngineEvent, EventSink};

/// Sends events to be kept. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Outlet {
    sink: EventSink,
    lost: Arc<AtomicU64>,
}

impl Outlet {
    pub fn new(sink: EventSink) -> Self {
        Self { sink, lost: Arc::default() }
    }

    pub fn send(&self, event: EngineEvent) {
        if self.sink.try_send(event).is_err() {
            let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
            if lost.is_power_of_two() {
                tracing::warn!(lost, "events could not be kept: whoever keeps them does not keep up");
            }
        }
    }

    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}
