//! Hosts and what their engines say of themselves.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, list::List};
use crate::client::{Call, Client, QueryString};

/// Whether the engine answers. Decided by `/_ping` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// Not asked yet since the console started.
    Connecting,
    Reachable,
    Unreachable,
}

/// A host in a list: `GET /hosts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Host {
    pub id: String,
    pub name: String,
    pub state: HostState,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// Why it is unreachable, one English sentence, with a stable code for the page.
    #[serde(default)]
    pub cause: Option<HostCause>,
    /// When the containers shown were last confirmed by the engine. Older than a minute or so means stale.
    #[serde(default)]
    pub fresh_at: Option<Timestamp>,
    /// Whether what is shown of its containers may be out of date: unreachable, or the list is slow.
    pub stale: bool,
    /// How the console reaches it: `local` so far.
    pub connection: String,
    /// Milliseconds of the last ping.
    #[serde(default)]
    pub ping_ms: Option<u32>,
    #[serde(default)]
    pub environment: Option<Named>,
    /// Absent until the engine has answered once.
    #[serde(default)]
    pub engine: Option<Engine>,
    pub containers: ContainerCounts,
    /// Which actions the asking person may do with it: `manage`.
    #[serde(default)]
    pub may: Vec<String>,
}

/// Why a host is unreachable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HostCause {
    /// `no_socket`, `permission_denied`, `refused`, `timeout`, `reset`, `not_an_engine`, `too_old`, `error`.
    pub code: String,
    pub detail: String,
}

/// An id and a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// What the engine says of itself (`/version`, `/info`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Engine {
    /// The engine's own id.
    pub id: String,
    pub version: String,
    /// The API version that is spoken, and the range that the engine offers.
    pub api_version: String,
    pub api_version_min: String,
    pub api_version_max: String,
    pub operating_system: String,
    pub kernel: String,
    pub architecture: String,
    pub storage_driver: String,
    pub cgroup_version: String,
    pub cgroup_driver: String,
    pub logging_driver: String,
    pub runtimes: Vec<String>,
    pub security_options: Vec<String>,
    pub root_dir: String,
    pub cpus: u32,
    pub memory_bytes: u64,
    /// Absent where the asking person sees the host only for what is theirs on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<u32>,
    /// Swarm: `inactive`, `pending`, `active`, `error`, `locked`.
    pub swarm: String,
    /// What the engine warns about, in its own words.
    pub warnings: Vec<String>,
}

/// How many containers of the host the asking person can see, by engine state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ContainerCounts {
    pub total: u32,
    pub running: u32,
    pub paused: u32,
    pub stopped: u32,
    pub trouble: u32,
}

/// What `GET /hosts` understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HostQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `name`, `state`, `containers`, `version`; `-` before it turns it round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Substring of the name, version or operating system, case-insensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<HostState>,
}

impl HostQuery {
    fn query_string(&self) -> QueryString {
        QueryString::default()
            .number("offset", self.offset)
            .number("limit", self.limit)
            .text("sort", self.sort.as_deref())
            .text("q", self.q.as_deref())
            .text("state", self.state.map(HostState::key))
    }
}

impl HostState {
    /// As on the wire.
    pub fn key(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Reachable => "reachable",
            Self::Unreachable => "unreachable",
        }
    }
}

impl Client {
    pub fn hosts(&self, query: &HostQuery) -> Call<List<Host>> {
        self.get(query.query_string().of("/hosts"))
    }

    pub fn host(&self, id: &str) -> Call<Host> {
        self.get(format!("/hosts/{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_written_as_the_server_reads_it() {
        let text = || Some("a b".to_owned());
        let query = HostQuery { offset: Some(1), limit: Some(2), sort: text(), q: text(), state: Some(HostState::Unreachable) };
        crate::client::same_as_wire(&query, query.query_string());
    }
}
