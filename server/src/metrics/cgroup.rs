//! Where containers' control groups are: v1 or v2, under Docker's own drivers' names (`cgroupfs`: `docker/<id>`, `systemd`:
//! `system.slice/docker-<id>.scope`). A container with a parent of its own choosing is not found, and the engine is asked about it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::fleet::is_id;

/// The version of the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// One tree for each controller.
    V1,
    /// One tree.
    V2,
}

/// The mounted hierarchy.
#[derive(Clone, Debug)]
pub struct Tree {
    pub root: PathBuf,
    pub version: Version,
}

impl Tree {
    /// `None` where no hierarchy is mounted.
    pub fn find(root: &Path) -> Option<Self> {
        let version = if root.join("cgroup.controllers").is_file() {
            Version::V2
        } else if root.join("cpuacct").is_dir() && root.join("memory").is_dir() {
            Version::V1
        } else {
            return None;
        };
        Some(Self { root: root.to_owned(), version })
    }

    /// The groups of all containers that have one: id, and the path below each tree.
    pub fn containers(&self) -> Vec<(String, PathBuf)> {
        let base = match self.version {
            Version::V1 => self.root.join("cpuacct"),
            Version::V2 => self.root.clone(),
        };
        let mut found = Vec::new();
        for (slice, prefix, suffix) in [("docker", "", ""), ("system.slice", "docker-", ".scope")] {
            // Only one of them is there.
            for entry in fs::read_dir(base.join(slice)).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let id = name.to_str().and_then(|n| n.strip_prefix(prefix)?.strip_suffix(suffix)).filter(|id| is_id(id));
                if let Some(id) = id {
                    found.push((id.to_owned(), Path::new(slice).join(&name)));
                }
            }
        }
        found
    }

    /// A controller's directory of a group. In v2 there is but one.
    pub fn at(&self, controller: &str, group: &Path) -> PathBuf {
        match self.version {
            Version::V1 => self.root.join(controller).join(group),
            Version::V2 => self.root.join(group),
        }
    }
}
