//! What a container shall be: `POST /containers` and what changes one that is there.

use std::collections::BTreeMap;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    container::{Container, ContainerRef, Mount},
    host::Named,
    operation::Operation,
    problem::Failure,
};
use crate::client::{Call, Client, QueryString};

/// `POST /containers`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the engine's own")]
pub struct CreateContainer {
    pub host_id: String,
    /// A reference with tag or digest; `latest` where it has neither.
    pub image: String,
    /// Made of the image's where it is absent. In a project the engine's name begins with the project's and a hyphen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Instead of the image's own command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Instead of the image's own entrypoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    #[serde(default)]
    pub tty: bool,
    #[serde(default)]
    pub open_stdin: bool,
    /// A small init process hands signals on and reaps what is left behind.
    #[serde(default)]
    pub init: bool,
    #[serde(default)]
    pub read_only_root: bool,
    /// The engine removes it when it ends.
    #[serde(default)]
    pub auto_remove: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<PublishPort>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<WantMount>,
    /// Names. The first is where its ports are published from; `bridge` where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub restart_policy: RestartPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogDriver>,
    #[serde(default)]
    pub privileged: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities_added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities_dropped: Vec<String>,
    /// Devices of the host: `/dev/fuse`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<String>,
    /// `name:address`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_hosts: Vec<String>,
    /// `no-new-privileges:true` …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_options: Vec<String>,
    /// `host`, or `container:<name>` of the same owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipc_mode: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sysctls: BTreeMap<String, String>,
    /// Whose it shall be; absent: the platform's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(default)]
    pub pull: Pull,
    /// Whether it is started, too.
    #[serde(default = "yes")]
    pub start: bool,
    /// For the trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

fn yes() -> bool {
    true
}

/// A port to publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PublishPort {
    pub container_port: u16,
    /// Absent: the engine chooses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_port: Option<u16>,
    /// Absent: all addresses of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_ip: Option<String>,
    /// `tcp`, `udp` or `sctp`.
    #[serde(default = "tcp")]
    pub protocol: String,
}

fn tcp() -> String {
    "tcp".to_owned()
}

/// Something to mount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WantMount {
    /// `bind`, `volume` or `tmpfs`.
    pub kind: String,
    /// The host's path, or the volume's name; of a volume absent: one without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    pub target: String,
    #[serde(default)]
    pub read_only: bool,
}

/// What a container may use of its host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// 6 MiB at least; absent: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Cores, such as `1.5`; absent: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Processes; absent: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids: Option<u32>,
}

/// Whether the engine starts it again when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub name: String,
    /// Of `on-failure`; 0: again and again.
    #[serde(default)]
    pub max_retries: u32,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self { name: "no".to_owned(), max_retries: 0 }
    }
}

/// How the engine asks whether it is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// A program with its arguments; one word alone goes to the container's shell. `["none"]` takes the image's own away.
    pub command: Vec<String>,
    #[serde(default = "thirty")]
    pub interval_seconds: u32,
    #[serde(default = "thirty")]
    pub timeout_seconds: u32,
    #[serde(default)]
    pub start_period_seconds: u32,
    #[serde(default = "three")]
    pub retries: u32,
}

fn thirty() -> u32 {
    30
}

fn three() -> u32 {
    3
}

/// Where its log goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LogDriver {
    /// `json-file`, `local`, `journald`, `none` …
    pub driver: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// When the image is fetched from its registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pull {
    /// Where the host does not have it.
    #[default]
    Missing,
    /// Also where it has: the newest under its tag.
    Always,
    Never,
}

/// `POST /containers/recreate`: new containers in the places of many, each with all of its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecreateMany {
    /// 1 to 1,000 containers.
    pub items: Vec<ContainerRef>,
    /// With `always`, those that run the newest image already stay as they are.
    pub pull: Pull,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `POST /containers/{id}/update`: what can be changed while it runs. What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateContainer {
    #[serde(default)]
    pub limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<RestartPolicy>,
}

/// `POST /containers/{id}/recreate`: a new container in the place of this one, with all of its settings but those given here. The old one is
/// kept until the new one is well, and put back if it does not get so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecreateContainer {
    #[serde(default)]
    pub pull: Pull,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// Variables that get this value; the others stay.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Variables that go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_removed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<PublishPort>>,
    /// All of them: what is not named is not mounted any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mounts: Option<Vec<WantMount>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networks: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<RestartPolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    /// Labels that get this value; the others stay.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels_removed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogDriver>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// For the trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What `POST /containers` answers with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(untagged)]
pub enum Created {
    /// 201: it is there.
    Container(Box<Container>),
    /// 202: its image is fetched first.
    Operation(Box<Operation>),
}

/// `POST /containers/preview`: what would run, and what the policy says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Preview {
    /// The engine's name.
    pub name: String,
    /// The image on the host; absent where it is not there and would be fetched.
    #[serde(default)]
    pub image: Option<ImageFacts>,
    /// What the policy finds. Each is either refused or only told.
    pub findings: Vec<PolicyFinding>,
    /// Whether the policy lets it run.
    pub allowed: bool,
    /// As a compose file.
    pub compose: String,
}

/// An image on a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ImageFacts {
    /// `sha256:…`
    pub id: String,
    /// Bytes.
    pub size: u64,
    /// `name@sha256:…`, where it came from a registry.
    #[serde(default)]
    pub digest: Option<String>,
}

/// One thing that the policy says of a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct PolicyFinding {
    /// `mounts[1].source`
    pub field: String,
    /// `bind_engine`
    pub code: String,
    /// What was asked for: a path, a capability, a name.
    pub value: String,
}

/// `GET /containers/choices?host_id=`: what there is to choose from for somebody who may create.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Choices {
    /// Hosts that a container may be made on.
    pub hosts: Vec<Named>,
    /// Projects that it may be made for.
    pub projects: Vec<Named>,
    /// Whether it may be the platform's own.
    pub platform: bool,
    /// Of the host, as far as it answers.
    pub images: Vec<String>,
    pub networks: Vec<String>,
    pub volumes: Vec<String>,
}

/// `POST /containers/parse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParseRun {
    /// `docker run -d -p 8080:80 nginx`
    pub text: String,
}

/// A `docker run` as a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ParsedRun {
    pub container: CreateContainer,
    /// Options that say nothing here, or that are not known: `--cpu-shares`.
    pub left_out: Vec<String>,
}

/// `GET /containers/{id}/settings`: how it was made, for making another or changing it. Values of environment, arguments and options are secret
/// and not in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Settings {
    pub image: String,
    pub environment_names: Vec<String>,
    pub ports: Vec<PublishPort>,
    pub mounts: Vec<Mount>,
    pub networks: Vec<String>,
    pub limits: Limits,
    pub restart_policy: RestartPolicy,
    pub log_driver: String,
    pub privileged: bool,
    pub labels: BTreeMap<String, String>,
}

/// `GET /containers/{id}/compose`, `GET /containers/compose`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ComposeFile {
    /// YAML.
    pub text: String,
    /// Whether values stand in it that only `reveal` shows.
    pub revealed: bool,
}

/// One policy exception: a container of that name, or all of a project's, may have that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct PolicyException {
    pub id: String,
    /// Whose containers; absent: the platform's.
    #[serde(default)]
    pub project: Option<Named>,
    /// The container's name; absent: every container of the project.
    #[serde(default)]
    pub container: Option<String>,
    /// The finding's code: `bind`.
    pub code: String,
    /// The finding's value; of a path what lies below it too. Absent: any.
    #[serde(default)]
    pub value: Option<String>,
    pub reason: String,
    pub actor_name: String,
    pub created_at: super::Timestamp,
    /// When it ends by itself; absent: when somebody ends it.
    #[serde(default)]
    pub until: Option<super::Timestamp>,
}

/// `GET /containers/{id}/policy`: what of the policy a container, as it is, does not keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ContainerPolicy {
    pub findings: Vec<ReviewedFinding>,
}

/// One thing that the policy says of a container that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ReviewedFinding {
    #[serde(flatten)]
    pub finding: PolicyFinding,
    /// Whether an exception lets it pass.
    pub excepted: bool,
    /// Whether one could: nothing excepts what is the console's own.
    pub exceptable: bool,
}

/// `POST /policy/exceptions`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPolicyException {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why; it stands on the container's page and in the trail.
    pub reason: String,
    /// After how many days it ends by itself, 1 to 366; absent: when somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl Client {
    pub async fn create_container(&self, request: &CreateContainer, key: &str) -> Result<Created, Failure> {
        self.post_once("/containers", request, key).await
    }

    pub async fn preview_container(&self, request: &CreateContainer) -> Result<Preview, Failure> {
        self.post("/containers/preview", request).await
    }

    pub async fn parse_run(&self, request: &ParseRun) -> Result<ParsedRun, Failure> {
        self.post("/containers/parse", request).await
    }

    pub fn container_choices(&self, host_id: Option<&str>, project_id: Option<&str>) -> Call<Choices> {
        self.get(QueryString::default().text("host_id", host_id).text("project_id", project_id).of("/containers/choices"))
    }

    pub async fn update_container(&self, id: &str, request: &UpdateContainer, key: &str) -> Result<Container, Failure> {
        self.post_once(&format!("/containers/{id}/update"), request, key).await
    }

    pub async fn recreate_container(&self, id: &str, request: &RecreateContainer, key: &str) -> Result<Operation, Failure> {
        self.post_once(&format!("/containers/{id}/recreate"), request, key).await
    }

    pub async fn recreate_containers(&self, request: &RecreateMany, key: &str) -> Result<Operation, Failure> {
        self.post_once("/containers/recreate", request, key).await
    }

    pub fn container_settings(&self, id: &str) -> Call<Settings> {
        self.get(format!("/containers/{id}/settings"))
    }

    pub fn container_compose(&self, id: &str) -> Call<ComposeFile> {
        self.get(format!("/containers/{id}/compose"))
    }

    /// Of a compose project on a host.
    pub fn group_compose(&self, host_id: &str, project: &str) -> Call<ComposeFile> {
        self.get(QueryString::default().text("host_id", Some(host_id)).text("compose_project", Some(project)).of("/containers/compose"))
    }

    pub fn container_policy(&self, id: &str) -> Call<ContainerPolicy> {
        self.get(format!("/containers/{id}/policy"))
    }

    pub fn policy_exceptions(&self) -> Call<Vec<PolicyException>> {
        self.get("/policy/exceptions")
    }

    pub async fn except_from_policy(&self, request: &NewPolicyException) -> Result<PolicyException, Failure> {
        self.post("/policy/exceptions", request).await
    }

    pub async fn end_policy_exception(&self, id: &str) -> Result<(), Failure> {
        self.delete(&format!("/policy/exceptions/{id}")).await
    }
}
