//! What happens in the rooms, as changes for the hub.

use std::sync::{Arc, Weak};

use tokio::sync::broadcast::{Receiver, Sender, error::RecvError};

use super::{
    change::{Audience, Kind},
    hub::Hub,
    stats,
};
use crate::{
    audit::Trail,
    auth::ObjectScope,
    clock::Millis,
    fleet::{Fleet, FleetChange, model::Snapshot},
    metrics::Usage,
    store::{Appended, Draft, event::EventRow, operation::OperationRow},
};

/// Begins to tell what the rooms report.
pub fn start(hub: &Hub, trail: &Trail, engines: &Arc<Fleet>, kept: &Sender<Arc<EventRow>>, usage: &Usage) {
    tokio::spawn(stats::run(hub.clone(), Arc::downgrade(engines), usage.clone()));
    tokio::spawn(records(hub.clone(), trail.written()));
    tokio::spawn(fleet(hub.clone(), Arc::downgrade(engines)));
    tokio::spawn(events(hub.clone(), kept.subscribe()));
}

/// Tells of every record of the trail, and of people's sessions, which begin and end with a record. Ends with the store.
async fn records(hub: Hub, mut written: Receiver<Appended>) {
    let mut heard_at = hub.clock().now();
    loop {
        match written.recv().await {
            Ok(Appended { draft, .. }) => record(&hub, &draft),
            Err(RecvError::Lagged(_)) => hub.lost(&[Kind::Audit, Kind::Session], heard_at),
            Err(RecvError::Closed) => return,
        }
        heard_at = hub.clock().now();
    }
}

fn record(hub: &Hub, draft: &Draft) {
    // Not its place in the chain, which would tell of records that one does not see; an outcome comes after its intent.
    let version = draft.at.unsigned_abs() * 2 + u64::from(draft.intent_id.is_some());
    // Readers see an intent and its outcome as one.
    let id = draft.intent_id.as_ref().unwrap_or(&draft.id);
    let scope = ObjectScope { project: draft.project_id.clone(), environment: draft.environment_id.clone() };
    hub.publish(Kind::Audit, id, None, version, Audience::Scope(scope));
    if draft.kind == "done" && (draft.object_kind == "session" || draft.object_kind == "account") {
        hub.publish(Kind::Session, &draft.object_id, None, version, Audience::Person(draft.object_id.clone()));
    }
}

/// Tells of containers and hosts. Ends with the fleet.
async fn fleet(hub: Hub, engines: Weak<Fleet>) {
    let Some((mut changes, mut before)) = engines.upgrade().map(|f| (f.changes(), f.snapshot())) else { return };
    let mut heard_at = hub.clock().now();
    loop {
        let change = changes.recv().await;
        let Some(now) = engines.upgrade().map(|f| f.snapshot()) else { return };
        match change {
            Ok(change) => engine(&hub, &change, &now, &before),
            Err(RecvError::Lagged(_)) => hub.lost(&[Kind::Container, Kind::Host], heard_at),
            Err(RecvError::Closed) => return,
        }
        heard_at = hub.clock().now();
        // What is gone is looked up in what was there before all that is still to be told.
        if changes.is_empty() {
            before = now;
        }
    }
}

fn engine(hub: &Hub, change: &FleetChange, now: &Snapshot, before: &Snapshot) {
    let kind = if change.kind == "host" { Kind::Host } else { Kind::Container };
    if let Some(audience) = audience(kind, change, now, before) {
        hub.publish(kind, &change.id, Some(&change.host_id), change.version, audience);
    }
}

/// Whom a change on an engine concerns, by how things are now or, where they are gone, were before.
fn audience(kind: Kind, change: &FleetChange, now: &Snapshot, before: &Snapshot) -> Option<Audience> {
    let host = now.host(&change.host_id).or_else(|| before.host(&change.host_id))?;
    if kind == Kind::Host {
        return Some(Audience::Host(Arc::clone(host)));
    }
    let created_at = [now, before].iter().find_map(|snapshot| {
        let containers = &snapshot.host(&change.host_id)?.containers;
        let place = containers.binary_search_by(|c| c.id.as_str().cmp(&change.id)).ok()?;
        Some(containers[place].created_at)
    });
    let environment_id = host.environment_id.clone();
    Some(match created_at {
        Some(created_at) => Audience::Container { environment_id, created_at },
        // It came and went in between, and nobody's ownership of it is known.
        None => Audience::Scope(ObjectScope { project: None, environment: environment_id }),
    })
}

/// Tells of kept events.
async fn events(hub: Hub, mut kept: Receiver<Arc<EventRow>>) {
    let mut heard_at = hub.clock().now();
    loop {
        match kept.recv().await {
            Ok(row) => {
                let scope = ObjectScope { project: row.project_id.clone(), environment: row.environment_id.clone() };
                hub.publish(Kind::Event, &row.id, Some(&row.host_id), row.at.unsigned_abs(), Audience::Scope(scope));
            }
            Err(RecvError::Lagged(_)) => hub.lost(&[Kind::Event], heard_at),
            Err(RecvError::Closed) => return,
        }
        heard_at = hub.clock().now();
    }
}

/// Tells how an operation stands at a moment, which is its version.
pub fn operation(hub: &Hub, row: &OperationRow, at: Millis) {
    let version = at.unsigned_abs();
    hub.publish(
        Kind::Operation,
        &row.id,
        None,
        version,
        Audience::Operation { user_id: row.user_id.clone(), token_id: row.token_id.clone() },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::list::tests::{container, host};

    #[test]
    fn what_is_gone_concerns_whom_it_concerned_before() {
        let snapshot = |containers| Snapshot { version: 1, hosts: vec![host("a", Some("prod"), containers)] };
        let (before, now) = (snapshot(vec![container(1, None)]), snapshot(vec![]));
        let of = |id: &str, now: &Snapshot| {
            let change = FleetChange { kind: "container", host_id: "id-a".into(), id: id.into(), version: 2 };
            audience(Kind::Container, &change, now, &before)
        };
        let id = &container(1, None).id;
        for now in [&now, &Snapshot::default(), &before] {
            let found = of(id, now);
            let Some(Audience::Container { environment_id, created_at: 1_001 }) = found else { panic!("{found:?}") };
            assert_eq!(environment_id.as_deref(), Some("prod"));
        }
        let unknown = of("never seen", &now);
        assert!(matches!(unknown, Some(Audience::Scope(ObjectScope { project: None, environment: Some(_) }))), "{unknown:?}");
    }
}
