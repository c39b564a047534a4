//! The two list shapes: windows over snapshots, and cursors over SQL streams.

use std::collections::BTreeMap;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows a window holds when nothing is asked for.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows one answer holds.
pub const MAX_LIMIT: u32 = 1000;

/// One window of a list that is answered from a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct List<T> {
    /// The rows `offset .. offset + limit` of the filtered, sorted, grouped sequence without collapsed groups' members.
    pub items: Vec<T>,
    /// How many objects match the filters, those of collapsed groups included.
    pub total: u32,
    /// All groups in order, empty without `group=`.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// How many objects there are for each condition, all filters but that on the condition applied.
    #[serde(default)]
    pub counts: BTreeMap<String, u32>,
    /// Of containers: on how many hosts those that match are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<HostTally>,
    /// The snapshot's version; a page drops an answer older than what it shows.
    pub snapshot: u64,
}

/// The hosts that a list's objects are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HostTally {
    pub total: u32,
    /// How many of those do not answer.
    pub unreachable: u32,
}

/// One group of a grouped list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Group {
    /// What `collapsed=` names. Empty for what belongs to no group.
    pub key: String,
    /// What people read: the compose project's, host's or project's name. Empty for what belongs to no group.
    pub label: String,
    /// What kind of thing the group is: `compose`, `host`, `project`, `none`.
    pub kind: String,
    /// The host, where all members are on one.
    #[serde(default)]
    pub host_name: Option<String>,
    /// How many members match the filters.
    pub count: u32,
    /// Where its first member is in the sequence of rows (of a collapsed group: where it would be).
    pub offset: u32,
    /// Whether its members are left out of the sequence.
    pub collapsed: bool,
    /// How many members are in trouble.
    pub trouble: u32,
    /// How many of those are in a restart loop.
    #[serde(default)]
    pub restart_loops: u32,
    /// How many of those are unhealthy.
    #[serde(default)]
    pub unhealthy: u32,
}

/// One page of a stream that is answered from SQL, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct CursorPage<T> {
    pub items: Vec<T>,
    /// Hand it back as `cursor=` for what follows; absent at the end.
    #[serde(default)]
    pub next_cursor: Option<String>,
}
