//! A container as it is or shall be: every field that the rules look at, read from an inspection.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::path::normal;

/// Something mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedMount {
    /// `bind`, `volume`, `tmpfs`, `npipe`, `cluster`, `image`.
    pub kind: String,
    /// The host's path, or the volume's name.
    pub source: String,
    pub target: String,
    /// `rprivate`, `rshared` …
    pub propagation: String,
    pub driver: String,
    pub options: BTreeMap<String, String>,
}

/// A volume as the engine has it: a name may stand for any path of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedVolume {
    pub driver: String,
    pub options: BTreeMap<String, String>,
}

/// A device of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedDevice {
    pub host_path: String,
}

/// A ulimit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedLimit {
    pub name: String,
    pub soft: i64,
    pub hard: i64,
}

/// A published port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedPort {
    /// `80/tcp`
    pub container_port: String,
    pub host_ip: String,
    /// `8080`, `8000-8010`; empty or 0 where the engine chooses.
    pub host_port: String,
}

/// A network it is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedNetwork {
    pub name: String,
    pub aliases: Vec<String>,
    pub links: Vec<String>,
    pub options: BTreeMap<String, String>,
}

/// The whole of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of its own on the engine's side")]
pub struct Wanted {
    pub host_id: String,
    pub id: String,
    pub name: String,
    pub privileged: bool,
    pub network_mode: String,
    pub pid_mode: String,
    pub ipc_mode: String,
    pub uts_mode: String,
    pub user_namespace_mode: String,
    pub cgroup_namespace_mode: String,
    /// `container:x` of the old `Cgroup` field.
    pub cgroup: String,
    pub mounts: Vec<WantedMount>,
    /// Of the named volumes among the mounts, by name.
    pub volumes: BTreeMap<String, WantedVolume>,
    pub volume_driver: String,
    pub volumes_from: Vec<String>,
    /// Targets of the image's own volumes.
    pub image_volumes: Vec<String>,
    pub capabilities_added: Vec<String>,
    pub devices: Vec<WantedDevice>,
    /// Their drivers.
    pub device_requests: Vec<String>,
    pub device_cgroup_rules: Vec<String>,
    pub security_options: Vec<String>,
    pub sysctls: BTreeMap<String, String>,
    pub cgroup_parent: String,
    pub runtime: String,
    pub annotations: BTreeMap<String, String>,
    pub ulimits: Vec<WantedLimit>,
    pub oom_score: i64,
    pub oom_kill_disabled: bool,
    pub realtime: bool,
    /// `None`: the engine's own.
    pub masked_paths: Option<BTreeSet<String>>,
    /// `None`: the engine's own.
    pub read_only_paths: Option<BTreeSet<String>>,
    pub log_driver: String,
    pub log_options: BTreeMap<String, String>,
    pub extra_hosts: Vec<String>,
    pub links: Vec<String>,
    pub ports: Vec<WantedPort>,
    pub publish_all_ports: bool,
    pub networks: Vec<WantedNetwork>,
    pub image: String,
}

impl Wanted {
    /// The namespaces it asks for, by their fields.
    pub fn namespaces(&self) -> [(&'static str, &str); 7] {
        [
            ("network_mode", &self.network_mode),
            ("pid_mode", &self.pid_mode),
            ("ipc_mode", &self.ipc_mode),
            ("uts_mode", &self.uts_mode),
            ("user_namespace_mode", &self.user_namespace_mode),
            ("cgroup_namespace_mode", &self.cgroup_namespace_mode),
            ("cgroup", &self.cgroup),
        ]
    }

    /// From the engine's own inspection. Volumes are read apart: [`Wanted::named_volumes`].
    pub fn from_inspection(host_id: &str, inspection: &Value) -> Self {
        let top = At(inspection);
        let host = At(inspection.get("HostConfig").unwrap_or(&Value::Null));
        let config = At(inspection.get("Config").unwrap_or(&Value::Null));
        let default_driver = host.text("VolumeDriver");
        let mut mounts: Vec<WantedMount> = host.texts("Binds").iter().map(|b| WantedMount::of_bind(b)).collect();
        mounts.extend(host.items("Mounts").map(WantedMount::of_mount));
        // What the engine really mounted: also what came from the image and from other containers.
        for real in top.items("Mounts").map(WantedMount::of_mount_point) {
            let same = |a: &str, b: &str| a == b || normal(a).is_some_and(|a| Some(a) == normal(b));
            if !mounts.iter().any(|m| same(&m.source, &real.source) && same(&m.target, &real.target)) {
                mounts.push(real);
            }
        }
        Self {
            host_id: host_id.to_owned(),
            id: top.text("Id"),
            name: top.text("Name").trim_start_matches('/').to_owned(),
            privileged: host.flag("Privileged"),
            network_mode: host.text("NetworkMode"),
            pid_mode: host.text("PidMode"),
            ipc_mode: host.text("IpcMode"),
            uts_mode: host.text("UTSMode"),
            user_namespace_mode: host.text("UsernsMode"),
            cgroup_namespace_mode: host.text("CgroupnsMode"),
            cgroup: host.text("Cgroup"),
            mounts,
            volumes: BTreeMap::new(),
            volume_driver: default_driver,
            volumes_from: host.texts("VolumesFrom"),
            image_volumes: config.keys("Volumes"),
            capabilities_added: host.texts("CapAdd"),
            devices: host.items("Devices").map(|d| WantedDevice { host_path: At(d).text("PathOnHost") }).collect(),
            device_requests: host.items("DeviceRequests").map(|d| At(d).text("Driver")).collect(),
            device_cgroup_rules: host.texts("DeviceCgroupRules"),
            security_options: host.texts("SecurityOpt"),
            sysctls: host.map("Sysctls"),
            cgroup_parent: host.text("CgroupParent"),
            runtime: host.text("Runtime"),
            annotations: host.map("Annotations"),
            ulimits: host.items("Ulimits").map(WantedLimit::of).collect(),
            oom_score: host.number("OomScoreAdj"),
            oom_kill_disabled: host.flag("OomKillDisable"),
            realtime: host.number("CpuRealtimeRuntime") != 0 || host.number("CpuRealtimePeriod") != 0,
            masked_paths: host.set("MaskedPaths"),
            read_only_paths: host.set("ReadonlyPaths"),
            log_driver: host.0.pointer("/LogConfig/Type").and_then(Value::as_str).unwrap_or_default().to_owned(),
            log_options: At(host.0.get("LogConfig").unwrap_or(&Value::Null)).map("Config"),
            extra_hosts: host.texts("ExtraHosts"),
            links: host.texts("Links"),
            ports: ports(&host),
            publish_all_ports: host.flag("PublishAllPorts"),
            networks: networks(inspection),
            image: config.text("Image"),
        }
    }

    /// Names of the volumes that it mounts.
    pub fn named_volumes(&self) -> BTreeSet<String> {
        self.mounts.iter().filter(|m| m.kind == "volume" && !m.source.is_empty()).map(|m| m.source.clone()).collect()
    }
}

impl WantedMount {
    /// `/host/path:/target[:options]`, `volume:/target[:options]`.
    fn of_bind(bind: &str) -> Self {
        let mut parts = bind.splitn(3, ':');
        let source = parts.next().unwrap_or_default().to_owned();
        let target = parts.next().unwrap_or_default().to_owned();
        let options = parts.next().unwrap_or_default();
        let propagation = options.split(',').find(|o| PROPAGATIONS.contains(o)).unwrap_or_default().to_owned();
        let kind = if source.starts_with('/') { "bind" } else { "volume" }.to_owned();
        Self { kind, source, target, propagation, ..Self::default() }
    }

    /// Of `HostConfig.Mounts`: as it was asked for.
    fn of_mount(value: &Value) -> Self {
        let at = At(value);
        let deep = |path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let options = value.pointer("/VolumeOptions/DriverConfig").map(|d| At(d).map("Options")).unwrap_or_default();
        Self {
            kind: at.text("Type"),
            source: at.text("Source"),
            target: at.text("Target"),
            propagation: deep("/BindOptions/Propagation"),
            driver: deep("/VolumeOptions/DriverConfig/Name"),
            options,
        }
    }

    /// Of `Mounts`: as it was done.
    fn of_mount_point(value: &Value) -> Self {
        let at = At(value);
        let kind = at.text("Type");
        let source = if kind == "volume" { at.text("Name") } else { at.text("Source") };
        // Here a bind that does not propagate says so; the engine's word for volumes is no wish of anybody.
        let propagation = if kind == "bind" { at.text("Propagation") } else { String::new() };
        Self { kind, source, target: at.text("Destination"), propagation, driver: at.text("Driver"), options: BTreeMap::new() }
    }
}

const PROPAGATIONS: [&str; 6] = ["shared", "rshared", "slave", "rslave", "private", "rprivate"];

impl WantedLimit {
    fn of(value: &Value) -> Self {
        let at = At(value);
        Self { name: at.text("Name"), soft: at.number("Soft"), hard: at.number("Hard") }
    }
}

fn ports(host: &At<'_>) -> Vec<WantedPort> {
    let all = host.0.get("PortBindings").and_then(Value::as_object).into_iter().flatten();
    all.flat_map(|(container_port, bindings)| {
        bindings.as_array().into_iter().flatten().map(move |b| WantedPort {
            container_port: container_port.clone(),
            host_ip: At(b).text("HostIp"),
            host_port: At(b).text("HostPort"),
        })
    })
    .collect()
}

fn networks(inspection: &Value) -> Vec<WantedNetwork> {
    let all = inspection.pointer("/NetworkSettings/Networks").and_then(Value::as_object).into_iter().flatten();
    all.map(|(name, value)| {
        let at = At(value);
        WantedNetwork { name: name.clone(), aliases: at.texts("Aliases"), links: at.texts("Links"), options: at.map("DriverOpts") }
    })
    .collect()
}

/// Fields of an object. What is absent, null or of another type is empty.
struct At<'a>(&'a Value);

impl<'a> At<'a> {
    fn text(&self, key: &str) -> String {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    fn number(&self, key: &str) -> i64 {
        self.0.get(key).and_then(Value::as_i64).unwrap_or_default()
    }

    fn items(&self, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.0.get(key).and_then(Value::as_array).into_iter().flatten()
    }

    fn texts(&self, key: &str) -> Vec<String> {
        self.items(key).filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn set(&self, key: &str) -> Option<BTreeSet<String>> {
        Some(self.0.get(key)?.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    fn keys(&self, key: &str) -> Vec<String> {
        self.0.get(key).and_then(Value::as_object).into_iter().flatten().map(|(k, _)| k.clone()).collect()
    }

    fn map(&self, key: &str) -> BTreeMap<String, String> {
        let fields = self.0.get(key).and_then(Value::as_object).into_iter().flatten();
        fields.map(|(k, v)| (k.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned))).collect()
    }
}
