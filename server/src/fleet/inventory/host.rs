//! One engine's state, shared by the task that follows it and by the writes that go to it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use app::api::host::{Engine as EngineFacts, HostState};
use tokio::sync::{Notify, watch};

use super::state::Inner;
use crate::{
    clock::Clock,
    fleet::{
        FleetOptions, HostConfig,
        connector::{Fault, Link},
        engine::{Busy, Registries},
        events::{Past, ours::Ours},
        model::{ContainerEntry, mark, next_version},
        publish::{News, Publisher},
        sink::Outlet,
        timings::Timings,
    },
};

/// One engine, as the console knows it.
#[derive(Debug)]
pub struct Host {
    pub id: String,
    pub link: Link,
    pub timings: Timings,
    pub ours: Ours,
    /// Containers that are being replaced.
    pub busy: Busy,
    /// What registries said of its images.
    pub registries: Registries,
    pub(super) clock: Clock,
    publisher: Arc<Publisher>,
    pub(super) outlet: Outlet,
    inner: Mutex<Inner>,
    /// Taken out of the fleet: it publishes nothing any more.
    retired: AtomicBool,
    /// The container that the console itself runs in, on whatever host.
    own_container: Option<String>,
    reachable: watch::Sender<bool>,
    /// Wakes the task: a container must be looked at.
    pub wake: Notify,
}

impl Host {
    /// Where in an interval this host's turn is: for each host another, and for one always the same.
    pub fn turn(&self, of: Duration) -> Duration {
        turn(&self.id, of)
    }

    pub fn new(
        config: HostConfig,
        options: &FleetOptions,
        clock: Clock,
        publisher: Arc<Publisher>,
        outlet: Outlet,
        past: Vec<Past>,
    ) -> Self {
        let timings = options.timings;
        let now = clock.now();
        let host = Self {
            id: config.id.clone(),
            link: Link::new(&config.endpoint, &timings),
            timings,
            ours: Ours::default(),
            busy: Busy::default(),
            registries: Registries::default(),
            clock,
            publisher,
            outlet,
            inner: Mutex::new(Inner::new(config, past, now)),
            retired: AtomicBool::new(false),
            own_container: options.own_container.clone(),
            reachable: watch::Sender::new(false),
            wake: Notify::new(),
        };
        host.publish(&mut host.lock(), [], true);
        host
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a new name or environment. `false`: the engine is another, so the host must be made anew.
    pub fn reconfigure(&self, config: &HostConfig) -> bool {
        let mut inner = self.lock();
        if inner.config == *config {
            return true;
        }
        if inner.config.endpoint != config.endpoint {
            return false;
        }
        inner.config = config.clone();
        self.publish(&mut inner, [], true);
        true
    }

    pub fn own_container(&self) -> Option<&str> {
        self.own_container.as_deref()
    }

    /// Whether a container is here.
    pub fn holds(&self, id: &str) -> bool {
        self.lock().known.get(id).is_some()
    }

    /// What the engine said of itself.
    pub fn introduction(&self) -> Option<Arc<EngineFacts>> {
        self.lock().engine.clone()
    }

    pub fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
    }

    pub fn reachability(&self) -> watch::Receiver<bool> {
        self.reachable.subscribe()
    }

    /// Why it can't be reached now.
    pub fn unreachable(&self) -> Option<Fault> {
        self.lock().fault.clone()
    }

    /// The engine answers and speaks our language.
    pub fn answers(&self, ping_ms: u32, engine_seconds: Option<i64>) {
        let mut inner = self.lock();
        (inner.ping_ms, inner.engine_seconds) = (Some(ping_ms), engine_seconds);
        if inner.state == HostState::Reachable {
            return;
        }
        let came_back = inner.state == HostState::Unreachable;
        (inner.state, inner.since, inner.fault) = (HostState::Reachable, self.clock.now(), None);
        self.publish(&mut inner, [], true);
        if came_back {
            self.host_event(&inner, "reachable");
        }
        self.reachable.send_replace(true);
    }

    pub fn fails(&self, fault: &Fault) {
        let mut inner = self.lock();
        let new = inner.state != HostState::Unreachable;
        if !new && inner.fault.as_ref() == Some(fault) {
            return;
        }
        if new {
            (inner.state, inner.since, inner.ping_ms) = (HostState::Unreachable, self.clock.now(), None);
        }
        inner.fault = Some(fault.clone());
        self.publish(&mut inner, [], true);
        if new {
            self.host_event(&inner, "unreachable");
        }
        self.reachable.send_replace(false);
    }

    /// What the engine says of itself.
    pub fn introduces(&self, engine: EngineFacts) {
        let mut inner = self.lock();
        if inner.engine.as_deref() != Some(&engine) {
            // How many images there are is not for everyone who hears of the host.
            let others = inner.engine.as_deref().is_none_or(|e| EngineFacts { images: engine.images, ..e.clone() } != engine);
            inner.engine = Some(Arc::new(engine));
            self.publish(&mut inner, [], others);
        }
    }

    /// Whether a container's registry has another image under the name of the one that it runs. Of this one alone: nobody learns what somebody
    /// else has asked.
    pub fn hears_of_image(&self, id: &str, is_newer: bool) {
        let mut inner = self.lock();
        let Inner { newer, known, .. } = &mut *inner;
        newer.retain(|id| known.get(id).is_some());
        let changed = if is_newer { newer.insert(id.to_owned()) } else { newer.remove(id) };
        if changed {
            self.publish(&mut inner, [id.to_owned()], false);
        }
    }

    pub fn entry(&self, id: &str) -> Option<Arc<ContainerEntry>> {
        self.lock().entry(id)
    }

    /// Publishes these containers as they are known now, where that differs from what is published.
    pub(super) fn publish(&self, inner: &mut Inner, ids: impl IntoIterator<Item = String>, host: bool) {
        let ids: BTreeSet<String> = ids.into_iter().collect();
        let now = self.clock.now();
        self.publisher.publish(|| {
            if self.retired.load(Ordering::SeqCst) {
                return None;
            }
            let mut changed = Vec::new();
            if !ids.is_empty() {
                let mut entries = Vec::clone(&inner.entries);
                for id in ids {
                    let at = entries.binary_search_by(|e| e.id.cmp(&id));
                    let version = next_version(at.map_or(0, |at| entries[at].version), now);
                    let new = inner.make_entry(&id, version, now);
                    match (at, new) {
                        (Ok(at), None) => drop(entries.remove(at)),
                        (Err(at), Some(new)) => entries.insert(at, Arc::new(new)),
                        (Ok(at), Some(new)) if !same(&entries[at], &new) => entries[at] = Arc::new(new),
                        _ => continue,
                    }
                    changed.push((id, version));
                }
                if !changed.is_empty() {
                    inner.entries = Arc::new(entries);
                }
            }
            if host {
                inner.version = next_version(inner.version, now);
            }
            Some(News { entry: inner.host_entry(), containers: changed, host })
        });
    }
}

/// Whether two entries differ in nothing but their version and mark.
fn same(a: &ContainerEntry, b: &ContainerEntry) -> bool {
    *a == ContainerEntry { version: a.version, mark: a.mark, ..b.clone() }
}

fn turn(id: &str, of: Duration) -> Duration {
    let [share, ..] = mark(id, 0).to_be_bytes();
    of / 256 * u32::from(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_take_turns_over_the_whole_interval() {
        let minute = Duration::from_mins(1);
        let mut quarters = [0; 4];
        for i in 0..300 {
            let turn = turn(&format!("host-{i}"), minute);
            assert!(turn < minute);
            quarters[(turn.as_secs() / 15) as usize] += 1;
        }
        assert!(quarters.iter().all(|n| (50..=100).contains(n)), "{quarters:?}");
    }
}
