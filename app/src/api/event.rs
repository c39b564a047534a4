//! Kept events of engines: what happened, and whether the console did it.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, list::CursorPage};
use crate::client::{Call, Client, QueryString};

/// Something that happened on an engine: `GET /events`. Kept 90 days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Event {
    pub id: String,
    pub at: Timestamp,
    pub host_id: String,
    pub host_name: String,
    /// `container`, `image`, `network`, `volume`, `daemon`, or `host` for the console's own (`unreachable`, `reachable`).
    pub kind: String,
    pub object_id: String,
    pub object_name: String,
    /// The engine's word: `start`, `die`, `oom`, `kill`, `health_status`, `destroy` …
    pub action: String,
    #[serde(default)]
    pub exit_code: Option<i64>,
    /// The signal's number, for `kill`.
    #[serde(default)]
    pub signal: Option<i64>,
    /// `healthy` or `unhealthy`, for `health_status`.
    #[serde(default)]
    pub health: Option<String>,
    /// For `die`: whether memory ran out.
    #[serde(default)]
    pub oom_killed: bool,
    /// A change by somebody else than the console: an event with no operation of ours behind it.
    pub outside: bool,
    /// Who did it through the console.
    #[serde(default)]
    pub actor_name: Option<String>,
    /// Who or what is behind it; absent where it came about by itself.
    #[serde(default)]
    pub cause: Option<Cause>,
    #[serde(default)]
    pub image: Option<String>,
    #[serde(default)]
    pub compose_project: Option<String>,
}

/// Who or what is behind an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Cause {
    pub kind: CauseKind,
    /// Who did it through the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// The operation that it was a part of, where there is one that the reader may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
    /// Its record in the trail, where the reader may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// Something that was done through the console.
    Operation,
    /// A change outside the console.
    Outside,
}

/// What `GET /events` understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Only changes outside the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<bool>,
}

impl EventQuery {
    fn query_string(&self) -> QueryString {
        QueryString::default()
            .text("cursor", self.cursor.as_deref())
            .number("limit", self.limit)
            .text("host_id", self.host_id.as_deref())
            .text("kind", self.kind.as_deref())
            .text("object_id", self.object_id.as_deref())
            .text("action", self.action.as_deref())
            .text("outside", self.outside.map(|yes| if yes { "true" } else { "false" }))
    }
}

impl Client {
    pub fn events(&self, query: &EventQuery) -> Call<CursorPage<Event>> {
        self.get(query.query_string().of("/events"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_written_as_the_server_reads_it() {
        let text = || Some("a b".to_owned());
        let query = EventQuery {
            cursor: text(),
            limit: Some(2),
            host_id: text(),
            kind: text(),
            object_id: text(),
            action: text(),
            outside: Some(true),
        };
        crate::client::same_as_wire(&query, query.query_string());
    }
}
