//! Containers: list, detail, what can be done with them.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Timestamp,
    host::Named,
    list::List,
    operation::Operation,
    problem::Failure,
    spec::{ComposeFile, PolicyException},
};
use crate::client::{Call, Client, QueryString};

/// What the engine says of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContainerState {
    Created,
    Running,
    Paused,
    Restarting,
    Removing,
    Exited,
    Dead,
    /// The engine said something that this version does not know.
    Unknown,
}

/// What a person wants to know first: the four chips above the list. Derived by the server, each container in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// In a restart loop, unhealthy, dead.
    Trouble,
    Running,
    /// Created, paused, exited, being removed.
    Stopped,
    /// Its host does not answer.
    Unknown,
}

impl Condition {
    pub const ALL: [Self; 4] = [Self::Running, Self::Trouble, Self::Stopped, Self::Unknown];

    /// As on the wire and in `counts`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }
}

/// The result of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Starting,
    Healthy,
    Unhealthy,
}

/// A container in a list: `GET /containers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Container {
    /// The engine's full id.
    pub id: String,
    /// The engine's name without the slash.
    pub name: String,
    /// As given at create: reference or id.
    pub image: String,
    /// Whether the registry had another image under this name when it was last asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub image_newer: bool,
    pub state: ContainerState,
    pub condition: Condition,
    /// Absent without a health check.
    #[serde(default)]
    pub health: Option<Health>,
    /// Of the last run, where it has ended (kept by the console when a restart has overwritten it).
    #[serde(default)]
    pub exit_code: Option<i64>,
    /// Whether the last run was ended by the kernel for memory.
    #[serde(default)]
    pub oom_killed: bool,
    /// Whether it restarts again and again.
    #[serde(default)]
    pub restart_loop: bool,
    /// Restarts and fresh starts after an exit within the last 24 h, as far as the console has seen them.
    pub restarts_24h: u32,
    pub host_id: String,
    pub host_name: String,
    /// Whether the console reaches the host locally, so that the host's ports are at the console's own address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub host_local: bool,
    /// Whom it belongs to; absent: the platform.
    pub project: Option<Named>,
    /// From the compose label, as the engine reports it: a name, no ownership.
    pub compose_project: Option<String>,
    pub compose_service: Option<String>,
    pub created_at: Timestamp,
    /// Of the current or last run, where it is known.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    pub ports: Vec<Port>,
    /// Whether the host does not answer, or its list is slow: what stands here is as of `as_of`.
    #[serde(default)]
    pub stale: bool,
    /// When the engine last confirmed this, if stale.
    #[serde(default)]
    pub as_of: Option<Timestamp>,
    /// Which actions the asking person may do with it: `operate`, `delete`.
    #[serde(default)]
    pub may: Vec<String>,
}

/// A port of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Port {
    pub container_port: u16,
    /// Absent when it is exposed only.
    #[serde(default)]
    pub host_port: Option<u16>,
    #[serde(default)]
    pub host_ip: Option<String>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// `GET /containers/{id}`: the container of the list, and the allow-listed part of its inspection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ContainerDetail {
    #[serde(flatten)]
    pub container: Container,
    /// Absent while the host does not answer.
    #[serde(default)]
    pub inspect: Option<Inspect>,
    /// What the container policy lets pass for it by name, and why.
    #[serde(default)]
    pub exceptions: Vec<PolicyException>,
}

/// What `read` may see of a container's inspection: an allow-list. Environment values, arguments and driver options are
/// secret and not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that the engine tells")]
pub struct Inspect {
    pub image_id: String,
    /// The program alone; its arguments may hold secrets.
    pub path: String,
    /// How many arguments follow it.
    pub argument_count: u32,
    /// Names only.
    pub environment_names: Vec<String>,
    pub user: String,
    pub working_dir: String,
    pub hostname: String,
    pub tty: bool,
    pub restart_policy: String,
    pub restart_max_retries: u32,
    /// How often the engine itself restarted it.
    pub restart_count: u32,
    pub auto_remove: bool,
    pub privileged: bool,
    pub read_only_root: bool,
    pub network_mode: String,
    pub pid_mode: String,
    pub ipc_mode: String,
    pub capabilities_added: Vec<String>,
    pub capabilities_dropped: Vec<String>,
    /// Bytes; absent without a limit.
    #[serde(default)]
    pub memory_limit_bytes: Option<u64>,
    /// Cores; absent without a limit.
    #[serde(default)]
    pub cpu_limit: Option<f64>,
    #[serde(default)]
    pub pids_limit: Option<i64>,
    pub log_driver: String,
    pub platform: String,
    pub mounts: Vec<Mount>,
    pub networks: Vec<NetworkAttachment>,
    /// Label names with values; `ecos.*` are the console's own.
    pub labels: std::collections::BTreeMap<String, String>,
    /// Of the health check: how often it failed in a row.
    #[serde(default)]
    pub health_failing_streak: Option<u32>,
    /// The engine's own error text of the last start, if it failed.
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub pid: Option<i64>,
}

/// Something mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, `npipe`, `cluster`.
    pub kind: String,
    /// The volume's name or the host's path.
    pub source: String,
    pub target: String,
    pub read_only: bool,
}

/// A network a container is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct NetworkAttachment {
    pub name: String,
    pub ip_address: String,
    pub mac_address: String,
}

/// What `GET /containers` understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContainerQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `name`, `state`, `image`, `host`, `created`, `started`, `restarts`; `-` before it turns it round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Words that must all be in name, image, host, compose project, project or id, case-insensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ContainerState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_id: Option<String>,
    /// The host's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The project's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compose_project: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// `application`, `host`, `project`; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Grouping>,
    /// Keys of groups whose members are left out, comma-separated, each percent-encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collapsed: Option<String>,
}

/// How the list is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// Application or compose project (on one host).
    Application,
    Host,
    Project,
}

/// What can be done with a container at a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Start,
    Stop,
    Restart,
    Pause,
    Unpause,
    /// With SIGKILL.
    Kill,
    Remove,
}

impl Action {
    /// As in the path.
    pub fn key(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Kill => "kill",
            Self::Remove => "remove",
        }
    }

    /// The permission's action that it needs (`container.operate`, `container.delete`).
    pub fn permission(self) -> &'static str {
        match self {
            Self::Start | Self::Stop | Self::Restart | Self::Pause | Self::Unpause | Self::Kill => "operate",
            Self::Remove => "delete",
        }
    }
}

/// Why an action makes no sense now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    AlreadyRunning,
    AlreadyStopped,
    BeingRemoved,
    /// Running: stop it first, or remove it by force.
    Running,
    HostUnreachable,
    /// The person may read it, not do this.
    NoRight,
    AlreadyPaused,
    NotPaused,
    NotRunning,
}

impl Container {
    /// Whether the person may: `operate`, `update`, `exec`…
    pub fn may(&self, what: &str) -> bool {
        self.may.iter().any(|m| m == what)
    }

    /// Whether the person may change how it is made, and that makes sense now, and if not, why. The server decides anew.
    pub fn can_change(&self) -> Result<(), Because> {
        if !self.may("update") {
            return Err(Because::NoRight);
        }
        if self.condition == Condition::Unknown {
            return Err(Because::HostUnreachable);
        }
        if self.state == ContainerState::Removing {
            return Err(Because::BeingRemoved);
        }
        Ok(())
    }

    /// Whether the action makes sense for this state and person, and if not, why. The server decides anew.
    pub fn can(&self, action: Action) -> Result<(), Because> {
        if !self.may(action.permission()) {
            return Err(Because::NoRight);
        }
        if self.condition == Condition::Unknown {
            return Err(Because::HostUnreachable);
        }
        match (action, self.state) {
            (_, ContainerState::Removing) => Err(Because::BeingRemoved),
            (Action::Start, ContainerState::Running | ContainerState::Restarting | ContainerState::Paused) => Err(Because::AlreadyRunning),
            (Action::Stop, ContainerState::Created | ContainerState::Exited | ContainerState::Dead) => Err(Because::AlreadyStopped),
            (Action::Pause, ContainerState::Paused) => Err(Because::AlreadyPaused),
            (Action::Unpause, state) if state != ContainerState::Paused => Err(Because::NotPaused),
            (Action::Pause | Action::Kill, state)
                if !matches!(state, ContainerState::Running | ContainerState::Paused | ContainerState::Restarting) =>
            {
                Err(Because::NotRunning)
            }
            _ => Ok(()),
        }
    }
}

/// `POST /containers/actions`: one action on many containers, as an operation with a result per container.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkAction {
    pub action: Action,
    /// 1 to 1,000 containers.
    pub items: Vec<ContainerRef>,
    /// For `remove`: running ones too.
    #[serde(default)]
    pub force: bool,
}

/// A container on a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContainerRef {
    pub host_id: String,
    pub id: String,
}

/// One line of a container's log: `GET /containers/{id}/logs?tail=` with `Accept: application/json`; as plain text
/// without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LogLine {
    /// The engine's time of the line, RFC 3339 with nanoseconds.
    pub at: String,
    /// `stdout` or `stderr`.
    pub stream: String,
    /// Text, ANSI sequences included, without the line's end; bytes that are not UTF-8 replaced.
    pub text: String,
}

/// The last lines of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LogTail {
    pub items: Vec<LogLine>,
    /// Whether older lines were left out to keep the answer below its limit.
    #[serde(default)]
    pub truncated: bool,
}

impl ContainerQuery {
    fn query_string(&self) -> QueryString {
        QueryString::default()
            .number("offset", self.offset)
            .number("limit", self.limit)
            .text("sort", self.sort.as_deref())
            .text("q", self.q.as_deref())
            .text("condition", self.condition.map(Condition::key))
            .text("state", self.state.map(ContainerState::key))
            .text("host_id", self.host_id.as_deref())
            .text("host", self.host.as_deref())
            .text("project_id", self.project_id.as_deref())
            .text("project", self.project.as_deref())
            .text("compose_project", self.compose_project.as_deref())
            .text("image", self.image.as_deref())
            .text("group", self.group.map(Grouping::key))
            .text("collapsed", self.collapsed.as_deref())
    }
}

impl ContainerState {
    /// As on the wire.
    pub fn key(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }
}

impl Grouping {
    /// As on the wire.
    pub fn key(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Host => "host",
            Self::Project => "project",
        }
    }
}

/// `POST /containers/{id}/kill`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KillContainer {
    /// `SIGHUP`, `HUP` or a number from 1 to 64; SIGKILL where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
}

/// `POST /containers/{id}/rename`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameContainer {
    /// 2 to 128 of a-z, A-Z, 0-9, dot, underscore and hyphen, beginning with a letter or digit.
    pub name: String,
}

/// The body of what takes none.
#[derive(Serialize)]
struct Nothing {}

impl Client {
    pub fn containers(&self, query: &ContainerQuery) -> Call<List<Container>> {
        self.get(query.query_string().of("/containers"))
    }

    pub fn container(&self, id: &str) -> Call<ContainerDetail> {
        self.get(format!("/containers/{id}"))
    }

    /// Start, stop or restart one. `key` makes a repeat (a double click, a retry) have one effect.
    pub async fn container_action(&self, id: &str, action: Action, key: &str) -> Result<Container, Failure> {
        self.post_once(&format!("/containers/{id}/{}", action.key()), &Nothing {}, key).await
    }

    /// Sends a signal; SIGKILL where none is named.
    pub async fn kill_container(&self, id: &str, request: &KillContainer, key: &str) -> Result<Container, Failure> {
        self.post_once(&format!("/containers/{id}/kill"), request, key).await
    }

    pub async fn rename_container(&self, id: &str, request: &RenameContainer, key: &str) -> Result<Container, Failure> {
        self.post_once(&format!("/containers/{id}/rename"), request, key).await
    }

    /// As a compose file, with what is secret in it. That it was asked for goes on record.
    pub async fn reveal_container(&self, id: &str) -> Result<ComposeFile, Failure> {
        self.post(&format!("/containers/{id}/reveal"), &Nothing {}).await
    }

    pub async fn remove_container(&self, id: &str, force: bool) -> Result<(), Failure> {
        self.delete(&format!("/containers/{id}?force={force}")).await
    }

    pub async fn container_actions(&self, request: &BulkAction, key: &str) -> Result<Operation, Failure> {
        self.post_once("/containers/actions", request, key).await
    }

    pub fn container_log_tail(&self, id: &str, tail: u32) -> Call<LogTail> {
        self.get(format!("/containers/{id}/logs?tail={tail}"))
    }

    /// The last lines before a moment, that moment included.
    pub fn container_log_before(&self, host_id: &str, id: &str, until: &str, tail: u32) -> Call<LogTail> {
        let query = QueryString::default().text("host_id", Some(host_id)).number("tail", Some(tail)).text("until", Some(until));
        self.get(query.of(&format!("/containers/{id}/logs")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_written_as_the_server_reads_it() {
        let text = || Some("a b".to_owned());
        let query = ContainerQuery {
            offset: Some(1),
            limit: Some(2),
            sort: text(),
            q: text(),
            condition: Some(Condition::Trouble),
            state: Some(ContainerState::Exited),
            host_id: text(),
            host: text(),
            project_id: text(),
            project: text(),
            compose_project: text(),
            image: text(),
            group: Some(Grouping::Application),
            collapsed: text(),
        };
        crate::client::same_as_wire(&query, query.query_string());
    }
}
