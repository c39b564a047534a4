//! Stories of the fleet: against the fake engine where things go wrong, against a real one where they must be right.

mod effects;
mod faults;
mod following;
mod live;

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{
    EngineEvent, Fleet, FleetOptions, HostConfig, Timings,
    fake::Fake,
    model::{ContainerEntry, HostEntry, Snapshot},
};
use crate::{
    audit::Intent,
    auth::{
        Actor, ObjectScope, Permission, Permitted,
        gate::{Effect, Passed, gate},
        permitted::ObjectRef,
    },
    clock::Clock,
};

/// Fast enough that nobody waits.
pub fn quick() -> Timings {
    Timings {
        ping_every: Duration::from_millis(40),
        ping_within: Duration::from_millis(400),
        connect: Duration::from_millis(400),
        first_byte: Duration::from_secs(2),
        idle: Duration::from_secs(1),
        whole: Duration::from_secs(3),
        reopen_after: Duration::from_millis(20),
        poll_every: Duration::from_millis(200),
        slow_list: Duration::from_millis(200),
        ..Timings::default()
    }
}

/// A fleet with one host, `h`, and the events that it hands on.
pub struct Story {
    pub fleet: Arc<Fleet>,
    pub events: mpsc::Receiver<EngineEvent>,
}

impl Story {
    pub fn new(timings: Timings) -> Self {
        let (sink, events) = mpsc::channel(10_000);
        let fleet = Fleet::start(FleetOptions { timings, own_container: None }, Clock::system(), sink);
        Self { fleet, events }
    }

    pub fn with(fake: &Fake) -> Self {
        let story = Self::new(quick());
        story.fleet.add(host("h", fake.endpoint()));
        story
    }

    /// Waits until the snapshot is so, and gives it.
    pub async fn until(&self, what: &str, mut so: impl FnMut(&Snapshot) -> bool) -> Arc<Snapshot> {
        self.until_within(Duration::from_secs(20), what, &mut so).await
    }

    pub async fn until_within(&self, within: Duration, what: &str, so: &mut impl FnMut(&Snapshot) -> bool) -> Arc<Snapshot> {
        let mut changes = self.fleet.changes();
        let waiting = async {
            loop {
                let now = self.fleet.snapshot();
                if so(&now) {
                    return now;
                }
                // What changes quietly (a time) is no change: look now and then all the same.
                let _ = tokio::time::timeout(Duration::from_millis(20), changes.recv()).await;
            }
        };
        let now = tokio::time::timeout(within, waiting).await.ok();
        now.unwrap_or_else(|| panic!("waited for: {what}; there is {:#?}", self.fleet.snapshot()))
    }

    /// The next events, until one is so; all of them.
    pub async fn events_until(&mut self, what: &str, so: impl Fn(&EngineEvent) -> bool) -> Vec<EngineEvent> {
        let mut seen: Vec<EngineEvent> = Vec::new();
        while !seen.last().is_some_and(&so) {
            match tokio::time::timeout(Duration::from_secs(20), self.events.recv()).await {
                Ok(Some(event)) => seen.push(event),
                _ => panic!("waited for: {what}; there were {seen:#?}"),
            }
        }
        seen
    }
}

pub fn host(id: &str, endpoint: super::Endpoint) -> HostConfig {
    HostConfig { id: id.to_owned(), name: format!("name of {id}"), environment_id: None, endpoint }
}

/// The host of a story.
pub fn h(snapshot: &Snapshot) -> &HostEntry {
    snapshot.host("h").expect("the story's host")
}

/// A container of the story's host.
pub fn c<'a>(snapshot: &'a Snapshot, id: &str) -> Option<&'a Arc<ContainerEntry>> {
    h(snapshot).containers.iter().find(|c| c.id == id)
}

pub fn permitted<P: Permission>(id: &str) -> Permitted<P> {
    let object = ObjectRef {
        kind: "container",
        id: id.to_owned(),
        name: id.to_owned(),
        host_id: Some("h".to_owned()),
        host_name: None,
        scope: ObjectScope::platform(),
    };
    Permitted::check(Arc::new(Actor::system("test")), object, 0, "").expect("the system may everything")
}

pub fn intent<P: Permission>(id: &str) -> Intent<P> {
    Intent::for_test(&permitted(id))
}

pub fn passed() -> Passed {
    gate(None, Effect::Workload, None).expect("no environment, no gate")
}
