//! The inspection that `read` may see: an allow-list, field by field.

use std::collections::BTreeMap;

use app::api::container::{Inspect, Mount, NetworkAttachment};
use serde_json::Value;

use super::{Engine, redact::redact};
use crate::{
    auth::{Permitted, permission::container::Read},
    fleet::{
        connector::tidy,
        error::EngineError,
        text::{LONG, short},
    },
};

/// The most items of each kind that are told.
const ITEMS: usize = 500;

impl Engine {
    /// What the engine knows of a container, without what is secret.
    pub async fn inspect(&self, permitted: &Permitted<Read>, id: &str) -> Result<Inspect, EngineError> {
        self.readable(permitted, id)?;
        Ok(allowed(&self.inspect_raw(id).await?))
    }
}

/// A part of an inspection.
struct At<'a>(&'a Value);

impl<'a> At<'a> {
    fn text(&self, path: &str) -> String {
        short(self.0.pointer(path).and_then(Value::as_str).unwrap_or_default(), LONG)
    }

    fn flag(&self, path: &str) -> bool {
        self.0.pointer(path).and_then(Value::as_bool).unwrap_or_default()
    }

    fn number(&self, path: &str) -> i64 {
        self.0.pointer(path).and_then(Value::as_i64).unwrap_or_default()
    }

    /// Numbers above zero: the engine writes "no limit" as 0 or -1.
    fn limit(&self, path: &str) -> Option<i64> {
        Some(self.number(path)).filter(|n| *n > 0)
    }

    fn small(&self, path: &str) -> u32 {
        u32::try_from(self.number(path)).unwrap_or_default()
    }

    fn items(&self, path: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.0.pointer(path).and_then(Value::as_array).into_iter().flatten().take(ITEMS)
    }

    fn texts(&self, path: &str) -> Vec<String> {
        self.items(path).filter_map(Value::as_str).map(|s| short(s, LONG)).collect()
    }

    fn fields(&self, path: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.0.pointer(path).and_then(Value::as_object).into_iter().flatten().take(ITEMS)
    }
}

fn allowed(inspection: &Value) -> Inspect {
    let at = At(inspection);
    let name_of = |e: &str| short(e.split_once('=').map_or(e, |(name, _)| name), LONG);
    let nano_cpus = at.limit("/HostConfig/NanoCpus");
    let quota = at.limit("/HostConfig/CpuQuota").map(|quota| {
        let period = at.limit("/HostConfig/CpuPeriod").unwrap_or(100_000);
        quota as f64 / period as f64
    });
    let labels: BTreeMap<String, String> =
        at.fields("/Config/Labels").filter_map(|(k, v)| Some((short(k, LONG), short(v.as_str()?, LONG)))).collect();
    // Whole: what is cut could not be known for a secret any more.
    let error = inspection.pointer("/State/Error").and_then(Value::as_str).unwrap_or_default();
    Inspect {
        image_id: at.text("/Image"),
        path: at.text("/Path"),
        argument_count: u32::try_from(at.items("/Args").count()).unwrap_or(u32::MAX),
        environment_names: at.items("/Config/Env").filter_map(Value::as_str).map(name_of).collect(),
        user: at.text("/Config/User"),
        working_dir: at.text("/Config/WorkingDir"),
        hostname: at.text("/Config/Hostname"),
        tty: at.flag("/Config/Tty"),
        restart_policy: at.text("/HostConfig/RestartPolicy/Name"),
        restart_max_retries: at.small("/HostConfig/RestartPolicy/MaximumRetryCount"),
        restart_count: at.small("/RestartCount"),
        auto_remove: at.flag("/HostConfig/AutoRemove"),
        privileged: at.flag("/HostConfig/Privileged"),
        read_only_root: at.flag("/HostConfig/ReadonlyRootfs"),
        network_mode: at.text("/HostConfig/NetworkMode"),
        pid_mode: at.text("/HostConfig/PidMode"),
        ipc_mode: at.text("/HostConfig/IpcMode"),
        capabilities_added: at.texts("/HostConfig/CapAdd"),
        capabilities_dropped: at.texts("/HostConfig/CapDrop"),
        memory_limit_bytes: at.limit("/HostConfig/Memory").and_then(|n| u64::try_from(n).ok()),
        cpu_limit: nano_cpus.map(|n| n as f64 / 1e9).or(quota),
        pids_limit: at.limit("/HostConfig/PidsLimit"),
        log_driver: at.text("/HostConfig/LogConfig/Type"),
        platform: at.text("/Platform"),
        mounts: at.items("/Mounts").map(mount).collect(),
        networks: at.fields("/NetworkSettings/Networks").map(|(name, n)| network(name, n)).collect(),
        labels,
        health_failing_streak: inspection
            .pointer("/State/Health/FailingStreak")
            .and_then(Value::as_u64)
            .map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        error: (!error.is_empty()).then(|| tidy(&redact(error, inspection))),
        pid: at.limit("/State/Pid"),
    }
}

fn mount(value: &Value) -> Mount {
    let at = At(value);
    let kind = at.text("/Type");
    let name = at.text("/Name");
    Mount {
        source: if kind == "volume" && !name.is_empty() { name } else { at.text("/Source") },
        target: at.text("/Destination"),
        read_only: !at.flag("/RW"),
        kind,
    }
}

fn network(name: &str, value: &Value) -> NetworkAttachment {
    let at = At(value);
    NetworkAttachment { name: short(name, LONG), ip_address: at.text("/IPAddress"), mac_address: at.text("/MacAddress") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_not_among_what_is_allowed() {
        let inspection = json!({
            "Path": "/bin/run", "Args": ["--key=canary"], "Image": "sha256:1",
            "Config": {"Env": ["TOKEN=canary", "PATH=/bin"], "Cmd": ["canary"], "Labels": {"team": "pay"},
                "Healthcheck": {"Test": ["CMD", "canary"]}},
            "State": {"Error": "could not run canary", "Pid": 0, "Health": {"FailingStreak": 3, "Log": [{"Output": "canary"}]}},
            "HostConfig": {"LogConfig": {"Type": "splunk", "Config": {"splunk-token": "canary"}}, "Memory": 1024, "PidsLimit": -1,
                "CpuQuota": 150_000, "Mounts": [{"VolumeOptions": {"DriverConfig": {"Options": {"o": "canary"}}}}]},
            "Mounts": [{"Type": "volume", "Name": "data", "Source": "/var/lib/docker/volumes/data/_data", "Destination": "/data", "RW": true}],
            "NetworkSettings": {"Networks": {"shop": {"IPAddress": "172.18.0.2", "MacAddress": "02:42", "DriverOpts": {"x": "canary"}}}},
        });
        let inspect = allowed(&inspection);
        assert!(!serde_json::to_string(&inspect).expect("plain data").contains("canary"));
        assert_eq!(inspect.environment_names, ["TOKEN", "PATH"]);
        assert_eq!((inspect.argument_count, inspect.cpu_limit, inspect.pids_limit), (1, Some(1.5), None));
        assert_eq!((inspect.mounts[0].source.as_str(), inspect.mounts[0].read_only), ("data", false));
        assert_eq!(inspect.error.as_deref(), Some("could not run •••"));
    }
}
