//! Keeps engines' events: takes what the fleet reports and writes it down.

use std::{collections::HashMap, time::Duration};

use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc::Receiver};
use tokio_util::sync::CancellationToken;

use super::WorkerError;
use crate::{
    app::App,
    fleet::EngineEvent,
    store::{StoreError, event::EventRow},
};

/// Events in one transaction.
const BATCH: usize = 200;
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// How many objects' owners are remembered beyond their end.
const OWNERS: usize = 10_000;

/// What a round needs.
pub struct Events {
    app: App,
    state: Mutex<State>,
}

struct State {
    events: Receiver<EngineEvent>,
    /// Taken and not written yet.
    pending: Vec<EventRow>,
    /// (host, object) → project: what an object was says its last event, when it is gone.
    owners: HashMap<(String, String), String>,
    kept: u64,
    /// Not kept: refused by the database, or by a disk that is nearly full.
    lost: u64,
    is_full: bool,
}

impl Events {
    pub fn new(app: App, events: Receiver<EngineEvent>) -> Self {
        let state = State { events, pending: Vec::new(), owners: HashMap::new(), kept: 0, lost: 0, is_full: false };
        Self { app, state: Mutex::new(state) }
    }

    /// Waits for events and writes them; at the end, what is there.
    pub async fn round(&self, closing: CancellationToken) -> Result<Value, WorkerError> {
        let mut state = self.state.lock().await;
        let state = &mut *state;
        if state.pending.is_empty() {
            let mut taken = Vec::with_capacity(BATCH);
            tokio::select! {
                biased;
                n = state.events.recv_many(&mut taken, BATCH) => if n == 0 {
                    // The fleet has ended.
                    closing.cancelled().await;
                },
                () = closing.cancelled() => {
                    while let Ok(event) = state.events.try_recv() {
                        taken.push(event);
                    }
                }
            }
            for event in taken {
                let row = self.row(event, &mut state.owners);
                state.pending.push(row);
            }
        }
        if !state.pending.is_empty() {
            if self.app.store().is_nearly_full() {
                // What can be missed makes room for what can't.
                state.lost += state.pending.drain(..).count() as u64;
                if !std::mem::replace(&mut state.is_full, true) {
                    tracing::warn!("the disk is nearly full: events are not kept until there is room");
                }
            } else {
                state.is_full = false;
                if let Err(error) = self.keep(state).await {
                    tokio::select! {
                        () = tokio::time::sleep(PAUSE) => {}
                        () = closing.cancelled() => {}
                    }
                    return Err(error.into());
                }
            }
        }
        Ok(json!({ "kept": state.kept, "lost": self.app.fleet().events_lost() + state.lost }))
    }

    /// Writes what is pending. A row that the database will never take is left out: it must not hold up those after it.
    async fn keep(&self, state: &mut State) -> Result<(), StoreError> {
        match self.app.store().append_events(state.pending.clone()).await {
            Ok(()) => {
                state.kept += state.pending.len() as u64;
                state.pending.drain(..).for_each(|row| self.app.tell_event(row));
                return Ok(());
            }
            Err(error) if error.is_unwritable() => return Err(error),
            Err(error) => tracing::warn!(%error, "events are written one by one"),
        }
        while let Some(row) = state.pending.first().cloned() {
            match self.app.store().append_events(vec![row.clone()]).await {
                Ok(()) => {
                    state.kept += 1;
                    self.app.tell_event(row);
                }
                Err(error) if error.is_unwritable() => return Err(error),
                Err(error) => {
                    state.lost += 1;
                    tracing::error!(%error, host = row.host_id, object = row.object_id, "an event can't be kept");
                }
            }
            state.pending.remove(0);
        }
        Ok(())
    }

    /// An event with whose it is and where.
    fn row(&self, e: EngineEvent, owners: &mut HashMap<(String, String), String>) -> EventRow {
        let snapshot = self.app.fleet().snapshot();
        let host = snapshot.host(&e.host_id);
        let key = (e.host_id.clone(), e.object_id.clone());
        let there = host.and_then(|h| {
            let i = h.containers.binary_search_by(|c| c.id.as_str().cmp(&e.object_id)).ok()?;
            Some(h.containers[i].created_at)
        });
        let project_id = match there {
            Some(created_at) => {
                let owner = self.app.auth().directory().owner(&e.host_id, &e.kind, &e.object_id, created_at).map(str::to_owned);
                if let Some(project) = &owner
                    && owners.len() < OWNERS
                {
                    owners.insert(key, project.clone());
                }
                owner
            }
            None => owners.remove(&key),
        };
        EventRow {
            id: e.id,
            at: e.at,
            environment_id: host.and_then(|h| h.environment_id.clone()),
            host_id: e.host_id,
            host_name: e.host_name,
            kind: e.kind,
            object_id: e.object_id,
            object_name: e.object_name,
            action: e.action,
            exit_code: e.exit_code,
            signal: e.signal,
            health: e.health,
            oom_killed: e.oom_killed,
            outside: e.outside,
            intent_id: e.by.as_ref().map(|by| by.intent_id.clone()),
            actor_name: e.by.map(|by| by.actor_name),
            image: e.image,
            compose_project: e.compose_project,
            project_id,
        }
    }
}
