//! What engines report: parsed, matched with the console's own operations, handed on to be kept.

pub(super) mod ours;
pub(super) mod stream;
pub(super) mod wire;

use sha2::{Digest, Sha256};

use crate::clock::Millis;

/// An operation of the console's, as events name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    pub intent_id: String,
    pub actor_name: String,
}

/// Something that happened on an engine, worth keeping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineEvent {
    /// A UUIDv7 made from the event itself: the same event heard twice has the same id.
    pub id: String,
    pub at: Millis,
    pub host_id: String,
    pub host_name: String,
    /// `container`, `image`, `network`, `volume`, `daemon`, or `host` for the console's own word.
    pub kind: String,
    pub object_id: String,
    pub object_name: String,
    /// The engine's word, without what follows a colon; `reachable` and `unreachable` for `host`.
    pub action: String,
    pub exit_code: Option<i64>,
    /// The signal's number, for `kill`.
    pub signal: Option<i64>,
    /// `healthy` or `unhealthy`, for `health_status`.
    pub health: Option<String>,
    /// For `die`: whether the engine reported that memory ran out before it.
    pub oom_killed: bool,
    /// The console's operation behind it.
    pub by: Option<By>,
    /// Whether somebody else than the console changed something: neither the console nor the container itself nor its
    /// restart policy.
    pub outside: bool,
    pub image: Option<String>,
    pub compose_project: Option<String>,
}

/// Where events go to be kept. Bounded: what it does not take is counted, and the inventory goes on.
pub type EventSink = tokio::sync::mpsc::Sender<EngineEvent>;

/// What the fleet is told at its start of what it kept: a container's event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    pub host_id: String,
    pub object_id: String,
    pub at: Millis,
    /// `start`, `die`, `kill`, `oom` …
    pub action: String,
    pub exit_code: Option<i64>,
    /// For `die`.
    pub oom_killed: bool,
}

/// A UUIDv7 of an event's moment whose random part is its hash.
pub(super) fn event_id(host_id: &str, at: Millis, nanos: i64, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(host_id);
    hash.update(nanos.to_be_bytes());
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    uuid::Builder::from_unix_timestamp_millis(at.max(0) as u64, &random).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_has_the_same_id_and_ids_sort_by_time() {
        let id = |at, word| event_id("h", at, at * 1_000_000, &["container", "c", word]);
        assert_eq!(id(5, "die"), id(5, "die"));
        assert_ne!(id(5, "die"), id(5, "start"));
        assert!(id(5, "die") < id(6, "die"));
        assert_eq!(uuid::Uuid::parse_str(&id(5, "die")).expect("a UUID").get_version_num(), 7);
    }
}
