//! Today's rules, and who asks for what on which road.

use std::{collections::BTreeSet, ops::RangeInclusive};

use super::{finding::Finding, path};

/// Whose the container is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    Platform,
    /// By the project's id.
    Project(String),
}

/// How the result is to come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    StartUnchanged,
    RestartUnchanged,
    /// Anything that makes, changes, enters or copies.
    Other,
}

/// Who asks, about whose container, in what kind of environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub platform_admin: bool,
    pub owner: Owner,
    /// Whether the host's environment is protected.
    pub protected: bool,
    pub road: Road,
}

/// What holds on a host today.
#[derive(Clone, Debug)]
pub struct Rules {
    pub exceptions: Exceptions,
    pub own: Own,
    /// Ids and names of containers of the same owner: their namespaces and volumes may be shared.
    pub siblings: BTreeSet<String>,
    pub images: ImageRule,
    /// Ports of the host that may be published.
    pub ports: RangeInclusive<u16>,
    /// Names on networks that nobody may take.
    pub reserved_names: BTreeSet<String>,
    /// With cgroup v1 every container is in the host's cgroup namespace.
    pub cgroup_v1: bool,
    /// The engine's data, as it says of itself.
    pub engine_root: String,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            exceptions: Exceptions::default(),
            own: Own::default(),
            siblings: BTreeSet::new(),
            images: ImageRule::default(),
            ports: 1_024..=65_535,
            reserved_names: BTreeSet::new(),
            cgroup_v1: false,
            engine_root: "/var/lib/docker".to_owned(),
        }
    }
}

/// The console's own objects on a host, its agents', database's and gateway's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// Ids and names.
    pub containers: BTreeSet<String>,
    /// Names.
    pub volumes: BTreeSet<String>,
    /// Directories of the host.
    pub paths: BTreeSet<String>,
}

impl Own {
    /// Whether a container of the console's is meant: by its name, its id, or the beginning of its id.
    pub fn is_meant(&self, container: &str) -> bool {
        !container.is_empty() && self.containers.iter().any(|own| own == container || container.len() >= 4 && own.starts_with(container))
    }
}

/// Which images an environment takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageRule {
    /// Beginnings of references (`registry.internal/pay/`); none: any image.
    pub allowed: Vec<String>,
    /// Whether the reference must name a digest.
    pub digest: bool,
}

/// What is excepted, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions(pub Vec<Exception>);

/// One exception: a container of that name and owner may have that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub owner: Owner,
    /// The container's name; `None`: every one of the owner's.
    pub container: Option<String>,
    /// The finding's code.
    pub code: String,
    /// The finding's value; for paths, what lies below it too. `None`: any.
    pub value: Option<String>,
}

impl Exceptions {
    /// Whether a finding of that container is excepted.
    pub fn cover(&self, finding: &Finding, container: &str, owner: &Owner) -> bool {
        !finding.is_final()
            && self.0.iter().any(|e| {
                e.code == finding.code
                    && e.container.as_deref().is_none_or(|name| name == container)
                    && e.owner == *owner
                    && e.value.as_ref().is_none_or(|v| *v == finding.value || below(&finding.value, v))
            })
    }
}

fn below(value: &str, at: &str) -> bool {
    match (path::normal(value), path::normal(at)) {
        (Some(value), Some(at)) => path::within(&value, &at),
        _ => false,
    }
}
