//! `[docker]`: the engine of the machine the console runs on.

use std::path::PathBuf;

use super::{ConfigError, source::Source};

#[derive(Clone, Debug)]
pub struct Docker {
    /// `ECOS_DOCKER_HOST`: the engine's unix socket.
    pub socket: PathBuf,
    /// `ECOS_CGROUP_ROOT`: where this machine's control groups are mounted. Without any there, engines are asked what containers use.
    pub cgroup_root: PathBuf,
    /// `ECOS_PROC_ROOT`: where this machine's processes are.
    pub proc_root: PathBuf,
}

impl Docker {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let socket = source.parse("docker.host", "a unix socket such as unix:///var/run/docker.sock", |text| {
            text.strip_prefix("unix://").map(PathBuf::from).filter(|p| p.is_absolute())
        })?;
        let directory = |key: &str, default: &str| {
            let given = source.parse(key, "an absolute path", |text| Some(PathBuf::from(text)).filter(|p| p.is_absolute()))?;
            Ok(given.unwrap_or_else(|| PathBuf::from(default)))
        };
        Ok(Self {
            socket: socket.unwrap_or_else(|| PathBuf::from("/var/run/docker.sock")),
            cgroup_root: directory("docker.cgroup_root", "/sys/fs/cgroup")?,
            proc_root: directory("docker.proc_root", "/proc")?,
        })
    }

    /// As it is written in settings and in the table of hosts.
    pub fn endpoint(&self) -> String {
        format!("unix://{}", self.socket.display())
    }
}
