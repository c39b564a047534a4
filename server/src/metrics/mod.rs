//! What containers use: CPU, throttling, memory, processes, block I/O, network.
//!
//! Where the console can read the kernel's files ([`Sampler`]: it runs on the engine's machine, or they are mounted into its container),
//! every running container is looked at each ten seconds, whoever looks, and kept for two hours; that costs the engine nothing. Where it
//! can't, the engine is asked, and only while somebody looks ([`Engine::usage_follow`](crate::fleet::Engine::usage_follow)).
//!
//! Rates are made of two [`Sample`]s, which hold counters as they are read.

mod cgroup;
mod history;
mod parse;
mod reader;
mod sample;
mod sampler;

#[cfg(test)]
mod tests;

pub use history::{Minute, Recent, SLOTS, STEP, series};
pub use sample::{Limits, Sample, figures};
pub use sampler::{Purpose, Sampler};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::Docker;

/// The room's state: what is read, and what of it is not written yet. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Usage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sampler: Sampler,
    recent: Mutex<Recent>,
}

impl Usage {
    pub fn new(settings: &Docker) -> Self {
        let sampler = Sampler::new(&settings.cgroup_root, &settings.proc_root);
        Self(Arc::new(Inner { sampler, recent: Mutex::default() }))
    }

    pub fn sampler(&self) -> &Sampler {
        &self.0.sampler
    }

    /// The minutes that are not written yet.
    pub fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
