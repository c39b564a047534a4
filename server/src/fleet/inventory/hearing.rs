//! What a host hears from its engine, and what is handed on to be kept.

use super::{
    history::{Meaning, Told},
    host::Host,
    state::Inner,
};
use crate::fleet::events::{EngineEvent, event_id, wire::Heard};

/// How many events are remembered to know them when they are told again.
const REMEMBERED: usize = 1_024;

impl Host {
    /// Takes an event: what it means for the container, and into the outlet. `false`: it was heard before.
    pub fn hears(&self, heard: Heard) -> bool {
        let mut inner = self.lock();
        let key = (heard.nanos, heard.object_id.clone(), heard.action.clone());
        if inner.heard.contains(&key) {
            return false;
        }
        if inner.heard.len() == REMEMBERED {
            inner.heard.pop_front();
        }
        inner.heard.push_back(key);
        inner.last_nanos = inner.last_nanos.max(Some(heard.nanos));

        let mut meaning = Meaning::default();
        if let Some(id) = heard.changes() {
            let id = id.to_owned();
            inner.known.touch(&id);
            inner.want(&id);
            let facts = inner.known.get(&id);
            let told = Told {
                exit_code: heard.exit_code,
                signal: heard.signal,
                restarts_itself: facts.is_some_and(|f| f.restarts_itself),
                ran: facts.is_some_and(|f| f.finished_at.is_some() || f.ended()),
            };
            let history = inner.histories.entry(id).or_default();
            meaning = history.heard(&heard.action, heard.at, told);
            self.wake.notify_one();
        }
        if heard.kept() {
            self.keep(&inner, heard, meaning);
        }
        true
    }

    fn keep(&self, inner: &Inner, heard: Heard, meaning: Meaning) {
        let by = self.ours.by(&heard);
        let on_its_own = match (heard.kind.as_str(), &heard.container) {
            ("container", _) => heard.action == "start" && meaning.after_unasked_end && inner.restarts_itself(&heard.object_id),
            // A container joins its networks before it starts and leaves them after its end.
            ("network", Some(container)) => !inner.is_up(container),
            _ => false,
        };
        self.outlet.send(EngineEvent {
            id: event_id(&self.id, heard.at, heard.nanos, &[&heard.kind, &heard.object_id, &heard.action]),
            at: heard.at,
            host_id: self.id.clone(),
            host_name: inner.config.name.clone(),
            outside: by.is_none() && heard.is_a_deed() && !on_its_own,
            by,
            kind: heard.kind,
            object_id: heard.object_id,
            object_name: heard.object_name,
            action: heard.action,
            exit_code: heard.exit_code,
            signal: heard.signal,
            health: heard.health,
            oom_killed: meaning.oom_killed,
            image: heard.image,
            compose_project: heard.compose_project,
        });
    }

    /// From when on events are wanted, by the engine's clock: since the last one heard, else since the last ping.
    pub fn events_since(&self) -> Option<String> {
        let inner = self.lock();
        match (inner.last_nanos, inner.engine_seconds) {
            (Some(nanos), _) => Some(format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)),
            (None, seconds) => seconds.map(|s| s.to_string()),
        }
    }

    /// Tells that the host itself can (not) be reached.
    pub(super) fn host_event(&self, inner: &Inner, action: &str) {
        let at = inner.since;
        self.outlet.send(EngineEvent {
            id: event_id(&self.id, at, at.saturating_mul(1_000_000), &["host", action]),
            at,
            host_id: self.id.clone(),
            host_name: inner.config.name.clone(),
            kind: "host".into(),
            object_id: self.id.clone(),
            object_name: inner.config.name.clone(),
            action: action.into(),
            ..EngineEvent::default()
        });
    }
}
