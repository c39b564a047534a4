//! What reads say of a container, in one compact form.

use app::api::container::{ContainerState, Health, Port};

use crate::{clock::Millis, fleet::text};

/// The most ports that are kept of one container.
pub const PORTS: usize = 256;

/// A container as the last read of it said.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub name: String,
    pub image: String,
    pub image_id: String,
    pub state: ContainerState,
    /// Of a running one.
    pub health: Option<Health>,
    /// Of one that has ended.
    pub exit_code: Option<i64>,
    pub oom_killed: bool,
    /// Whole seconds: that is what lists tell, and ownership compares it.
    pub created_at: Millis,
    pub started_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    pub ports: Vec<Port>,
    pub compose_project: Option<String>,
    pub compose_service: Option<String>,
    pub compose_depends_on: Vec<String>,
    /// Whether an inspection has told what lists don't: times, memory, policy.
    pub inspected: bool,
    /// Whether the engine starts it again when it ends.
    pub restarts_itself: bool,
}

impl Facts {
    /// Whether its last run is over.
    pub fn ended(&self) -> bool {
        matches!(self.state, ContainerState::Exited | ContainerState::Dead | ContainerState::Restarting)
    }

    /// Joins a list's line with what an inspection said before, if it is of the same run.
    pub fn joined(self, before: Option<&Self>) -> Self {
        let Some(b) = before.filter(|b| b.inspected && b.state == self.state && b.exit_code == self.exit_code) else { return self };
        Self {
            image: b.image.clone(),
            oom_killed: b.oom_killed,
            started_at: b.started_at,
            finished_at: b.finished_at,
            inspected: true,
            restarts_itself: b.restarts_itself,
            ..self
        }
    }
}

/// From the engine's word.
pub fn state(word: &str) -> ContainerState {
    match word {
        "created" => ContainerState::Created,
        "running" => ContainerState::Running,
        "paused" => ContainerState::Paused,
        "restarting" => ContainerState::Restarting,
        "removing" => ContainerState::Removing,
        "exited" => ContainerState::Exited,
        "dead" => ContainerState::Dead,
        _ => ContainerState::Unknown,
    }
}

/// From the engine's word; `none` and what is unknown are nothing.
pub fn health(word: &str) -> Option<Health> {
    match word {
        "starting" => Some(Health::Starting),
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        _ => None,
    }
}

/// Sorted, without repeats, bounded.
pub fn tidy_ports(mut ports: Vec<Port>) -> Vec<Port> {
    ports.sort();
    ports.dedup();
    ports.truncate(PORTS);
    ports
}

/// `tcp`, `udp`, `sctp`, or what the engine says, shortly.
pub fn protocol(word: &str) -> String {
    text::short(word, 10)
}
