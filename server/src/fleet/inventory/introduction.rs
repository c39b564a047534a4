//! What an engine says of itself: `/version` and `/info`, the few fields that are shown.

use std::collections::BTreeMap;

use app::api::host::Engine;
use serde::Deserialize;
use serde_json::Value;

use super::host::Host;
use crate::fleet::{
    connector::{Fault, Offer},
    text::{LONG, short},
};

/// The most runtimes, security options and warnings that are kept of each.
const ITEMS: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(rename = "ID", default)]
    id: String,
    #[serde(default)]
    operating_system: String,
    #[serde(default)]
    kernel_version: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    driver: String,
    #[serde(default)]
    cgroup_version: String,
    #[serde(default)]
    cgroup_driver: String,
    #[serde(default)]
    logging_driver: String,
    #[serde(default)]
    runtimes: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    security_options: Option<Vec<String>>,
    #[serde(default)]
    docker_root_dir: String,
    #[serde(rename = "NCPU", default)]
    cpus: i64,
    #[serde(default)]
    mem_total: i64,
    #[serde(default)]
    images: i64,
    #[serde(default)]
    swarm: Option<Swarm>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Swarm {
    #[serde(default)]
    local_node_state: String,
}

/// Asks an engine who it is.
pub async fn ask(host: &Host) -> Result<Engine, Fault> {
    let offer: Offer = host.link.get_json("/version").await?;
    let info: Info = host.link.get_json("/info").await?;
    let line = |s: &str| short(s, LONG);
    let lines = |v: Option<Vec<String>>| v.unwrap_or_default().iter().take(ITEMS).map(|s| line(s)).collect();
    Ok(Engine {
        id: line(&info.id),
        version: line(&offer.version),
        api_version: host.link.version().to_string(),
        api_version_min: line(&offer.min_api_version),
        api_version_max: line(&offer.api_version),
        operating_system: line(&info.operating_system),
        kernel: line(&info.kernel_version),
        architecture: line(&info.architecture),
        storage_driver: line(&info.driver),
        // Engines before 20.10 don't say; there was only one.
        cgroup_version: if info.cgroup_version.is_empty() { "1".into() } else { line(&info.cgroup_version) },
        cgroup_driver: line(&info.cgroup_driver),
        logging_driver: line(&info.logging_driver),
        runtimes: info.runtimes.unwrap_or_default().keys().take(ITEMS).map(|s| line(s)).collect(),
        security_options: lines(info.security_options),
        root_dir: line(&info.docker_root_dir),
        cpus: u32::try_from(info.cpus).unwrap_or_default(),
        memory_bytes: u64::try_from(info.mem_total).unwrap_or_default(),
        images: Some(u32::try_from(info.images).unwrap_or_default()),
        swarm: info.swarm.map_or_else(|| "inactive".into(), |s| line(&s.local_node_state)),
        warnings: lines(info.warnings),
    })
}
