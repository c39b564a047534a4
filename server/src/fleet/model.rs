//! What the console holds of its fleet: compact, immutable, versioned.

use std::sync::Arc;

use app::api::{
    container::{ContainerState, Health, Port},
    host::{Engine, HostCause, HostState},
};

use crate::clock::Millis;

/// The whole fleet at one moment. Reads are answered from it and never wait for an engine.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Grows with every change.
    pub version: u64,
    /// In order of name.
    pub hosts: Vec<Arc<HostEntry>>,
}

/// One host with its containers.
#[derive(Clone, Debug)]
pub struct HostEntry {
    pub id: String,
    pub name: String,
    pub environment_id: Option<String>,
    /// `local`
    pub connection: &'static str,
    pub state: HostState,
    /// Since when it is in this state.
    pub since: Millis,
    pub cause: Option<HostCause>,
    /// When a list or event last confirmed the containers.
    pub fresh_at: Option<Millis>,
    /// Unreachable, or its list is slow: what stands here may be out of date.
    pub stale: bool,
    pub ping_ms: Option<u32>,
    pub engine: Option<Arc<Engine>>,
    /// In order of id.
    pub containers: Arc<Vec<Arc<ContainerEntry>>>,
    /// Grows with every change of the host's own fields: what its containers do is told by theirs, for not everyone may hear of it.
    pub version: u64,
}

/// One container, as lists need it.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerEntry {
    pub id: String,
    /// Without the slash.
    pub name: String,
    pub image: String,
    pub image_id: String,
    /// Its registry had another image under this name when it was last asked.
    pub image_newer: bool,
    pub state: ContainerState,
    pub health: Option<Health>,
    pub exit_code: Option<i64>,
    pub oom_killed: bool,
    /// At least three unexpected ends within ten minutes, or the engine itself says restarting.
    pub restart_loop: bool,
    pub restarts_24h: u32,
    pub created_at: Millis,
    pub started_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    pub ports: Vec<Port>,
    pub compose_project: Option<String>,
    pub compose_service: Option<String>,
    /// Compose services that it depends on.
    pub compose_depends_on: Vec<String>,
    /// Grows with every change of it, and tells of nothing else: see [`next_version`].
    pub version: u64,
    /// [`mark`] of its id and version.
    pub mark: u64,
}

/// The version after a change: the moment, or one more than before. It grows over restarts of the console, and nobody learns from it what
/// happens to other objects.
pub fn next_version(before: u64, now: Millis) -> u64 {
    now.unsigned_abs().max(before + 1)
}

/// A number that stands for an object at a version.
pub fn mark(id: &str, version: u64) -> u64 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    mix(hash, version)
}

/// Makes one number of two, in their order.
pub fn mix(a: u64, b: u64) -> u64 {
    let x = (a.rotate_left(29) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^ (x >> 31)
}

/// Whether a container in this state has processes.
pub fn is_running(state: ContainerState) -> bool {
    matches!(state, ContainerState::Running | ContainerState::Paused | ContainerState::Restarting)
}

impl HostEntry {
    /// Whether its engine is on the console's own machine.
    pub fn is_local(&self) -> bool {
        self.connection == "local"
    }
}

impl Snapshot {
    /// All containers with this id, with their hosts: more than one where two hosts claim it.
    pub fn find(&self, id: &str) -> Vec<(&Arc<HostEntry>, &Arc<ContainerEntry>)> {
        self.hosts
            .iter()
            .filter_map(|host| {
                let i = host.containers.binary_search_by(|c| c.id.as_str().cmp(id)).ok()?;
                Some((host, &host.containers[i]))
            })
            .collect()
    }

    pub fn host(&self, id: &str) -> Option<&Arc<HostEntry>> {
        self.hosts.iter().find(|h| h.id == id)
    }
}
