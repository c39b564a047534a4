//! The snapshot that everybody reads, and the word that it changed.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::broadcast;

use super::model::{HostEntry, Snapshot, next_version};
use crate::clock::Millis;

/// How many changes a slow listener may lag behind before it must read everything anew.
const CHANGES: usize = 4_096;

/// Something in the snapshot changed. The snapshot has it by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetChange {
    /// `container` or `host`.
    pub kind: &'static str,
    pub host_id: String,
    pub id: String,
    /// The object's own.
    pub version: u64,
}

/// What a host publishes.
pub(super) struct News {
    pub entry: HostEntry,
    /// Containers that changed, those that are gone included, with their versions.
    pub containers: Vec<(String, u64)>,
    /// Whether the host's own fields changed.
    pub host: bool,
}

/// Swaps snapshots, one writer at a time.
#[derive(Debug)]
pub(super) struct Publisher {
    current: ArcSwap<Snapshot>,
    changes: broadcast::Sender<FleetChange>,
    writing: Mutex<()>,
}

impl Publisher {
    pub fn new() -> Self {
        Self { current: ArcSwap::default(), changes: broadcast::channel(CHANGES).0, writing: Mutex::new(()) }
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    pub fn changes(&self) -> broadcast::Receiver<FleetChange> {
        self.changes.subscribe()
    }

    /// Publishes what a host has to say; nothing where it has nothing to say.
    pub fn publish(&self, say: impl FnOnce() -> Option<News>) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current.load();
        let Some(news) = say() else { return };
        let changed = news.host || !news.containers.is_empty();
        let (host_id, host_version) = (news.entry.id.clone(), news.entry.version);
        let mut hosts: Vec<Arc<HostEntry>> = before.hosts.iter().filter(|h| h.id != host_id).cloned().collect();
        let at = hosts.partition_point(|h| (&h.name, &h.id) < (&news.entry.name, &news.entry.id));
        hosts.insert(at, Arc::new(news.entry));
        self.current.store(Arc::new(Snapshot { version: before.version + u64::from(changed), hosts }));
        if news.host {
            self.tell(FleetChange { kind: "host", host_id: host_id.clone(), id: host_id.clone(), version: host_version });
        }
        for (id, version) in news.containers {
            self.tell(FleetChange { kind: "container", host_id: host_id.clone(), id, version });
        }
    }

    /// Takes a host out.
    pub fn remove(&self, host_id: &str, now: Millis) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current.load();
        let Some(gone) = before.host(host_id) else { return };
        let version = next_version(gone.version, now);
        let hosts = before.hosts.iter().filter(|h| h.id != host_id).cloned().collect();
        self.current.store(Arc::new(Snapshot { version: before.version + 1, hosts }));
        self.tell(FleetChange { kind: "host", host_id: host_id.to_owned(), id: host_id.to_owned(), version });
    }

    fn tell(&self, change: FleetChange) {
        // Nobody listening is fine.
        let _ = self.changes.send(change);
    }
}
