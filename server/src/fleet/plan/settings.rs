//! A plan in the API's own terms, without what is secret: for a form to begin with.

use app::api::{
    container::Mount,
    spec::{Limits, PublishPort, RestartPolicy, Settings},
};
use serde_json::Value;

use super::{OWN_LABELS, Plan};
use crate::fleet::text::{LONG, short};

impl Plan {
    pub fn settings(&self) -> Settings {
        let host = &self.host_config;
        let number = |key: &str| host.get(key).and_then(Value::as_u64).filter(|n| *n > 0);
        let quota = number("CpuQuota").map(|quota| quota as f64 / number("CpuPeriod").unwrap_or(100_000) as f64);
        let policy = host.get("RestartPolicy");
        let name = policy.and_then(|p| p.get("Name")).and_then(Value::as_str).filter(|n| !n.is_empty()).unwrap_or("no");
        let retries = policy.and_then(|p| p.get("MaximumRetryCount")).and_then(Value::as_u64).unwrap_or_default();
        let strings = |value: Option<&Value>| -> Vec<String> {
            value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let labels = self.config.get("Labels").and_then(Value::as_object).into_iter().flatten();
        Settings {
            image: self.image.clone(),
            environment_names: strings(self.config.get("Env"))
                .iter()
                .map(|v| short(v.split_once('=').map_or(v.as_str(), |(name, _)| name), LONG))
                .collect(),
            ports: self.published(),
            mounts: self.mounted(),
            networks: self.networks().map(str::to_owned).collect(),
            limits: Limits {
                memory_bytes: number("Memory"),
                cpus: number("NanoCpus").map(|n| n as f64 / 1e9).or(quota),
                pids: number("PidsLimit").and_then(|n| u32::try_from(n).ok()),
            },
            restart_policy: RestartPolicy { name: name.to_owned(), max_retries: u32::try_from(retries).unwrap_or_default() },
            log_driver: host.get("LogConfig").and_then(|l| l.get("Type")).and_then(Value::as_str).unwrap_or_default().to_owned(),
            privileged: host.get("Privileged") == Some(&Value::Bool(true)),
            labels: labels
                .filter(|(name, _)| !name.starts_with(OWN_LABELS))
                .filter_map(|(name, value)| Some((short(name, LONG), short(value.as_str()?, LONG))))
                .collect(),
        }
    }

    fn published(&self) -> Vec<PublishPort> {
        let mut ports = Vec::new();
        for (key, bindings) in self.host_config.get("PortBindings").and_then(Value::as_object).into_iter().flatten() {
            let (number, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
            let Ok(container_port) = number.parse() else { continue };
            for binding in bindings.as_array().into_iter().flatten() {
                let text = |key: &str| binding.get(key).and_then(Value::as_str).unwrap_or_default();
                ports.push(PublishPort {
                    container_port,
                    host_port: text("HostPort").parse().ok(),
                    host_ip: Some(text("HostIp").to_owned()).filter(|ip| !ip.is_empty()),
                    protocol: protocol.to_owned(),
                });
            }
        }
        ports
    }

    fn mounted(&self) -> Vec<Mount> {
        let binds = self.host_config.get("Binds").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let of_bind = |bind: &str| {
            let mut parts = bind.splitn(3, ':');
            let (source, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let kind = if source.starts_with('/') { "bind" } else { "volume" };
            let read_only = parts.next().is_some_and(|o| o.split(',').any(|o| o == "ro"));
            Mount { kind: kind.to_owned(), source: source.to_owned(), target: target.to_owned(), read_only }
        };
        let mounts = self.host_config.get("Mounts").and_then(Value::as_array).into_iter().flatten();
        let of_mount = |mount: &Value| {
            let text = |key: &str| mount.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            Mount {
                kind: text("Type"),
                source: text("Source"),
                target: text("Target"),
                read_only: mount.get("ReadOnly") == Some(&Value::Bool(true)),
            }
        };
        binds.map(of_bind).chain(mounts.map(of_mount)).collect()
    }
}
