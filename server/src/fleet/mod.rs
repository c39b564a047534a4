//! Engines: connector, inventory, events, container policy, everything bollard.
//!
//! **Invariant.** No raw pass-through to an engine: typed answers are parsed, bounded, rebuilt. Reads are answered from the
//! [`Snapshot`](model::Snapshot) and never wait for an engine; what goes to one takes the proof that it may.

pub mod archive;
pub mod connector;
pub mod engine;
pub mod error;
pub mod events;
mod inventory;
pub mod model;
pub mod own;
pub mod plan;
pub mod policy;
pub mod publish;
mod sink;
mod text;
pub mod timings;

#[cfg(test)]
pub mod fake;
#[cfg(test)]
mod tests;

pub use connector::{Endpoint, Fault};
pub use engine::Engine;
pub use error::EngineError;
pub use events::{By, EngineEvent, EventSink, Past};
pub use publish::FleetChange;
pub use text::is_id;
pub use timings::Timings;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{Semaphore, broadcast},
    task::JoinHandle,
};

use crate::clock::Clock;
use inventory::host::Host;
use model::Snapshot;
use publish::Publisher;
use sink::Outlet;

/// How many inspections that nobody waits for may go to all engines together.
const BACKGROUND_INSPECTIONS: usize = 32;

/// How the fleet is run.
#[derive(Clone, Debug, Default)]
pub struct FleetOptions {
    pub timings: Timings,
    /// The container that the console itself runs in, if it does: [`own::this_container`].
    pub own_container: Option<String>,
}

/// A host, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostConfig {
    pub id: String,
    pub name: String,
    pub environment_id: Option<String>,
    pub endpoint: Endpoint,
}

/// All engines, each followed by its own tasks.
#[derive(Debug)]
pub struct Fleet {
    options: FleetOptions,
    clock: Clock,
    outlet: Outlet,
    publisher: Arc<Publisher>,
    background: Arc<Semaphore>,
    past: Mutex<HashMap<String, Vec<Past>>>,
    hosts: Mutex<HashMap<String, Running>>,
}

#[derive(Debug)]
struct Running {
    host: Arc<Host>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.host.retire();
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Fleet {
    /// An empty fleet; hosts are added.
    pub fn start(options: FleetOptions, clock: Clock, sink: EventSink) -> Arc<Self> {
        Arc::new(Self {
            options,
            clock,
            outlet: Outlet::new(sink),
            publisher: Arc::new(Publisher::new()),
            background: Arc::new(Semaphore::new(BACKGROUND_INSPECTIONS)),
            past: Mutex::default(),
            hosts: Mutex::default(),
        })
    }

    /// Feeds what was kept of containers' events, oldest first, before the hosts are added.
    pub fn seed(&self, past: impl IntoIterator<Item = Past>) {
        let mut held = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        for p in past {
            held.entry(p.host_id.clone()).or_default().push(p);
        }
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to follow a host, or takes over what changed of its configuration.
    pub fn add(&self, config: HostConfig) {
        let mut hosts = self.hosts();
        if hosts.get(&config.id).is_some_and(|running| running.host.reconfigure(&config)) {
            return;
        }
        hosts.remove(&config.id);
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner).remove(&config.id).unwrap_or_default();
        let id = config.id.clone();
        let host = Arc::new(Host::new(config, &self.options, self.clock.clone(), Arc::clone(&self.publisher), self.outlet.clone(), past));
        let tasks = [
            tokio::spawn(inventory::keep_pinging(Arc::clone(&host))),
            tokio::spawn(inventory::follow(Arc::clone(&host), Arc::clone(&self.background))),
        ];
        hosts.insert(id, Running { host, tasks });
    }

    /// Forgets a host.
    pub fn remove(&self, id: &str) {
        self.hosts().remove(id);
        self.publisher.remove(id, self.clock.now());
    }

    /// The whole fleet now. Never waits.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.publisher.snapshot()
    }

    /// What changes from now on. Whoever lags behind reads the snapshot anew.
    pub fn changes(&self) -> broadcast::Receiver<FleetChange> {
        self.publisher.changes()
    }

    /// The engine of a host.
    pub fn engine(&self, host_id: &str) -> Option<Arc<Engine>> {
        Some(Arc::new(Engine::new(Arc::clone(&self.hosts().get(host_id)?.host))))
    }

    /// How many events could not be handed on to be kept.
    pub fn events_lost(&self) -> u64 {
        self.outlet.lost()
    }

    /// Ends all tasks and waits for their end. What was published stays readable.
    pub async fn shutdown(&self) {
        let all: Vec<Running> = self.hosts().drain().map(|(_, running)| running).collect();
        for mut running in all {
            running.host.retire();
            for task in &mut running.tasks {
                task.abort();
                // Aborted is what it shall be.
                let _ = task.await;
            }
        }
    }
}
