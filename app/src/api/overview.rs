//! The overview: figures, what needs attention, what happened lately.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::client::{Call, Client};

/// `GET /overview`: of what the asking person can see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Overview {
    pub hosts: HostFigures,
    pub containers: ContainerFigures,
    /// Worst and newest first, at most 50.
    pub attention: Vec<Attention>,
    /// How many there are in all.
    pub attention_total: u32,
    /// Newest first, at most 20: changes made here and changes outside the console.
    pub activity: Vec<Activity>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HostFigures {
    pub total: u32,
    pub reachable: u32,
    pub unreachable: u32,
    /// Cores of all reachable hosts.
    pub cpus: u32,
    pub memory_bytes: u64,
    /// Absent where the asking person sees the hosts only for what is theirs on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ContainerFigures {
    pub total: u32,
    pub running: u32,
    pub stopped: u32,
    pub trouble: u32,
    pub unknown: u32,
    pub restart_loops: u32,
    pub unhealthy: u32,
}

/// Something a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Attention {
    /// `host_unreachable`, `restart_loop`, `unhealthy`, `dead`.
    pub kind: String,
    /// `bad` or `warning`.
    pub level: String,
    /// `host` or `container`.
    pub object_kind: String,
    pub object_id: String,
    pub object_name: String,
    pub host_id: String,
    pub host_name: String,
    pub since: Timestamp,
    #[serde(default)]
    pub exit_code: Option<i64>,
    #[serde(default)]
    pub oom_killed: bool,
    #[serde(default)]
    pub restarts_24h: Option<u32>,
    /// For an unreachable host: why, and how many containers are shown as they were.
    #[serde(default)]
    pub cause: Option<super::host::HostCause>,
    #[serde(default)]
    pub containers: Option<u32>,
}

/// Something that happened, here or outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Activity {
    pub at: Timestamp,
    /// Whether somebody else than the console did it.
    pub outside: bool,
    /// Empty for outside.
    pub actor_name: String,
    /// `container.operate` for changes made here, the event's kind outside.
    pub permission: String,
    /// `restart`, or the event's action outside.
    pub action: String,
    /// `done`, `failed`, `open` …
    pub outcome: String,
    pub object_kind: String,
    pub object_id: String,
    pub object_name: String,
    #[serde(default)]
    pub host_id: Option<String>,
    #[serde(default)]
    pub host_name: Option<String>,
}

impl Client {
    pub fn overview(&self) -> Call<Overview> {
        self.get("/overview")
    }
}
