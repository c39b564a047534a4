//! A plan from a request. The request was checked before.

use app::api::spec::{CreateContainer, HealthCheck, Limits, LogDriver, PublishPort, RestartPolicy, WantMount};
use serde_json::{Map, Value, json};

use super::{Plan, is_own_network};

impl Plan {
    /// `name` is the engine's.
    pub fn requested(request: &CreateContainer, name: &str) -> Self {
        let mut plan = Self {
            host_id: request.host_id.clone(),
            name: name.to_owned(),
            image: request.image.clone(),
            config: Map::new(),
            host_config: Map::new(),
            networks: Vec::new(),
        };
        let r = request;
        let config = &mut plan.config;
        let mut set = |key: &str, value: Option<Value>| drop(value.map(|v| config.insert(key.to_owned(), v)));
        set("Cmd", some(&r.command));
        set("Entrypoint", some(&r.entrypoint));
        set("User", r.user.as_ref().map(|u| json!(u)));
        set("WorkingDir", r.working_dir.as_ref().map(|w| json!(w)));
        set("Hostname", r.hostname.as_ref().map(|h| json!(h)));
        set("Tty", r.tty.then_some(Value::Bool(true)));
        set("OpenStdin", r.open_stdin.then_some(Value::Bool(true)));
        set("Env", (!r.env.is_empty()).then(|| json!(r.env.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>())));
        set("Labels", Some(json!(r.labels)));
        set("Healthcheck", r.health_check.as_ref().map(health_check));

        let host = &mut plan.host_config;
        let mut set = |key: &str, value: Option<Value>| drop(value.map(|v| host.insert(key.to_owned(), v)));
        set("Init", r.init.then_some(Value::Bool(true)));
        set("ReadonlyRootfs", r.read_only_root.then_some(Value::Bool(true)));
        set("AutoRemove", r.auto_remove.then_some(Value::Bool(true)));
        set("Privileged", r.privileged.then_some(Value::Bool(true)));
        set("CapAdd", some(&r.capabilities_added));
        set("CapDrop", some(&r.capabilities_dropped));
        set("ExtraHosts", some(&r.extra_hosts));
        set("SecurityOpt", some(&r.security_options));
        set("PidMode", r.pid_mode.as_ref().map(|m| json!(m)));
        set("IpcMode", r.ipc_mode.as_ref().map(|m| json!(m)));
        set("Sysctls", (!r.sysctls.is_empty()).then(|| json!(r.sysctls)));
        let device = |d: &String| {
            let mut parts = d.split(':');
            let on_host = parts.next().unwrap_or_default();
            json!({ "PathOnHost": on_host, "PathInContainer": parts.next().unwrap_or(on_host), "CgroupPermissions": parts.next().unwrap_or("rwm") })
        };
        set("Devices", (!r.devices.is_empty()).then(|| r.devices.iter().map(device).collect()));
        plan.set_limits(&r.limits);
        plan.set_restart_policy(&r.restart_policy);
        plan.set_ports(&r.ports);
        plan.set_mounts(&r.mounts);
        plan.set_networks(&r.networks);
        if let Some(log) = &r.log {
            plan.set_log(log);
        }
        plan
    }

    /// Replaces all limits.
    pub(super) fn set_limits(&mut self, limits: &Limits) {
        for key in ["Memory", "MemorySwap", "NanoCpus", "CpuQuota", "CpuPeriod", "PidsLimit"] {
            self.host_config.remove(key);
        }
        if let Some(memory) = limits.memory_bytes {
            self.host_config.insert("Memory".into(), json!(memory));
        }
        if let Some(cpus) = limits.cpus {
            self.host_config.insert("NanoCpus".into(), json!(nano(cpus)));
        }
        if let Some(pids) = limits.pids {
            self.host_config.insert("PidsLimit".into(), json!(pids));
        }
    }

    pub(super) fn set_restart_policy(&mut self, policy: &RestartPolicy) {
        let policy = json!({ "Name": policy.name, "MaximumRetryCount": policy.max_retries });
        self.host_config.insert("RestartPolicy".into(), policy);
    }

    /// Replaces all published ports.
    pub(super) fn set_ports(&mut self, ports: &[PublishPort]) {
        let (mut bindings, mut exposed) = (Map::new(), Map::new());
        for port in ports {
            let key = format!("{}/{}", port.container_port, port.protocol);
            let binding = json!({
                "HostIp": port.host_ip.clone().unwrap_or_default(),
                "HostPort": port.host_port.map(|p| p.to_string()).unwrap_or_default(),
            });
            exposed.insert(key.clone(), json!({}));
            if let Some(list) = bindings.entry(key).or_insert_with(|| json!([])).as_array_mut() {
                list.push(binding);
            }
        }
        // What the image exposes stays exposed.
        let exposed: Vec<String> = exposed.into_iter().map(|(key, _)| key).collect();
        if !exposed.is_empty() {
            self.config.insert("ExposedPorts".into(), json!(exposed.into_iter().map(|key| (key, json!({}))).collect::<Map<_, _>>()));
        }
        self.host_config.insert("PortBindings".into(), Value::Object(bindings));
    }

    /// Replaces all mounts.
    pub(super) fn set_mounts(&mut self, mounts: &[WantMount]) {
        self.host_config.remove("Binds");
        let mount = |m: &WantMount| {
            let mut mount = json!({ "Type": m.kind, "Target": m.target, "ReadOnly": m.read_only });
            if let Some(source) = &m.source {
                mount["Source"] = json!(source);
            }
            mount
        };
        self.host_config.insert("Mounts".into(), mounts.iter().map(mount).collect());
    }

    /// Replaces all networks. The first says how it is networked at all.
    pub(super) fn set_networks(&mut self, names: &[String]) {
        match names.first() {
            Some(first) => self.host_config.insert("NetworkMode".into(), json!(first)),
            None => self.host_config.remove("NetworkMode"),
        };
        self.networks = names.iter().filter(|name| is_own_network(name)).map(|name| (name.clone(), json!({}))).collect();
    }

    pub(super) fn set_log(&mut self, log: &LogDriver) {
        self.host_config.insert("LogConfig".into(), json!({ "Type": log.driver, "Config": log.options }));
    }
}

/// `None` for nothing.
fn some(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| json!(texts))
}

/// Cores as the engine counts them.
pub fn nano(cpus: f64) -> i64 {
    (cpus * 1e9).round() as i64
}

pub(super) fn health_check(check: &HealthCheck) -> Value {
    let nanos = |seconds: u32| i64::from(seconds) * 1_000_000_000;
    let test = match check.command.as_slice() {
        [one] if one.eq_ignore_ascii_case("none") => vec!["NONE".to_owned()],
        [one] => vec!["CMD-SHELL".to_owned(), one.clone()],
        many => std::iter::once("CMD".to_owned()).chain(many.iter().cloned()).collect(),
    };
    json!({
        "Test": test, "Interval": nanos(check.interval_seconds), "Timeout": nanos(check.timeout_seconds),
        "StartPeriod": nanos(check.start_period_seconds), "Retries": check.retries,
    })
}
