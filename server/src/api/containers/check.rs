//! What is wrong with a wanted container, field by field, before anybody asks an engine or the policy.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use app::api::{
    problem::FieldError,
    spec::{CreateContainer, HealthCheck, Limits, LogDriver, PublishPort, RecreateContainer, RestartPolicy, UpdateContainer, WantMount},
};
use axum::http::StatusCode;

use crate::{
    fleet::{engine::is_reference, is_id, plan::OWN_LABELS},
    http::problem::Problem,
};

/// The engine's own least.
const LEAST_MEMORY: u64 = 6 << 20;
/// Entries of one list or map.
const MOST: usize = 200;
/// Characters of one text.
const LONG: usize = 32 << 10;
/// Characters of a reason.
const REASON: usize = 500;

/// Gathers what is wrong.
#[derive(Debug, Default)]
pub struct Wrong(Vec<FieldError>);

impl Wrong {
    fn add(&mut self, field: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), code: code.to_owned(), detail: detail.into() });
    }

    fn unless(&mut self, good: bool, field: impl Into<String>, code: &str, detail: &str) {
        if !good {
            self.add(field, code, detail);
        }
    }

    /// Everything at once, so that a form marks all of its fields.
    pub fn end(self) -> Result<(), Problem> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", format!("{}: {}", first.field, first.detail));
        Err(self.0.into_iter().fold(problem, Problem::with))
    }
}

pub fn create(r: &CreateContainer) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    wrong.unless(is_reference(&r.image), "image", "invalid", "An image's reference, such as registry.example.com/pay/web:57.");
    if let Some(name) = &r.name {
        wrong.unless(is_name(name), "name", "invalid", NAME);
    }
    texts("command", &r.command, &mut wrong);
    texts("entrypoint", &r.entrypoint, &mut wrong);
    env(&r.env, &mut wrong);
    ports(&r.ports, &mut wrong);
    mounts(&r.mounts, &mut wrong);
    networks(&r.networks, &mut wrong);
    limits(&r.limits, &mut wrong);
    policy(&r.restart_policy, &mut wrong);
    if r.auto_remove && r.restart_policy.name != "no" {
        wrong.add("auto_remove", "conflict", "What is started again can't be removed at its end.");
    }
    r.health_check.iter().for_each(|check| health(check, &mut wrong));
    labels(&r.labels, &mut wrong);
    r.log.iter().for_each(|driver| log(driver, &mut wrong));
    for (field, list) in [
        ("capabilities_added", &r.capabilities_added),
        ("capabilities_dropped", &r.capabilities_dropped),
        ("extra_hosts", &r.extra_hosts),
        ("security_options", &r.security_options),
    ] {
        texts(field, list, &mut wrong);
    }
    for (i, device) in r.devices.iter().enumerate() {
        wrong.unless(device.starts_with('/') && device.len() < 1_000, format!("devices[{i}]"), "invalid", "A path such as /dev/fuse.");
    }
    wrong.unless(r.devices.len() <= MOST, "devices", "out_of_range", "200 at most.");
    for (field, text) in [
        ("user", &r.user),
        ("working_dir", &r.working_dir),
        ("hostname", &r.hostname),
        ("pid_mode", &r.pid_mode),
        ("ipc_mode", &r.ipc_mode),
    ] {
        if let Some(text) = text {
            wrong.unless((1..=400).contains(&text.len()), field, "length", "1 to 400 characters.");
        }
    }
    if let Some(dir) = &r.working_dir {
        wrong.unless(dir.starts_with('/'), "working_dir", "invalid", "An absolute path.");
    }
    wrong.unless(r.sysctls.len() <= MOST, "sysctls", "out_of_range", "200 at most.");
    reason(r.reason.as_deref(), &mut wrong);
    wrong.end()
}

pub fn update(r: &UpdateContainer) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    limits(&r.limits, &mut wrong);
    r.restart_policy.iter().for_each(|p| policy(p, &mut wrong));
    if *r == UpdateContainer::default() {
        wrong.add("limits", "missing", "Nothing is to be changed.");
    }
    wrong.end()
}

pub fn recreate(r: &RecreateContainer) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    if let Some(image) = &r.image {
        wrong.unless(is_reference(image), "image", "invalid", "An image's reference, such as registry.example.com/pay/web:57.");
    }
    for (field, list) in [("command", &r.command), ("entrypoint", &r.entrypoint)] {
        if let Some(list) = list {
            texts(field, list, &mut wrong);
        }
    }
    env(&r.env, &mut wrong);
    texts("env_removed", &r.env_removed, &mut wrong);
    r.ports.iter().for_each(|list| ports(list, &mut wrong));
    r.mounts.iter().for_each(|list| mounts(list, &mut wrong));
    r.networks.iter().for_each(|list| networks(list, &mut wrong));
    r.limits.iter().for_each(|l| limits(l, &mut wrong));
    r.restart_policy.iter().for_each(|p| policy(p, &mut wrong));
    r.health_check.iter().for_each(|check| health(check, &mut wrong));
    labels(&r.labels, &mut wrong);
    for (i, name) in r.labels_removed.iter().enumerate() {
        wrong.unless(!name.starts_with(OWN_LABELS), format!("labels_removed[{i}]"), "reserved", OWN);
    }
    r.log.iter().for_each(|driver| log(driver, &mut wrong));
    reason(r.reason.as_deref(), &mut wrong);
    wrong.end()
}

const NAME: &str = "2 to 128 of a-z, A-Z, 0-9, dot, underscore and hyphen, beginning with a letter or digit.";
const OWN: &str = "Labels that begin with ecos. are the console's own.";

/// Docker's own rule for names, with an end.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (2..=128).contains(&name.len()) && name.chars().all(allowed) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

pub fn name(name: &str) -> Result<(), Problem> {
    if is_name(name) { Ok(()) } else { Err(Problem::bad_field("name", "invalid", NAME)) }
}

fn texts(field: &str, list: &[String], wrong: &mut Wrong) {
    wrong.unless(list.len() <= MOST, field, "out_of_range", "200 at most.");
    for (i, text) in list.iter().enumerate() {
        wrong.unless(text.len() <= LONG, format!("{field}[{i}]"), "length", "32 KiB at most.");
    }
}

fn env(env: &BTreeMap<String, String>, wrong: &mut Wrong) {
    wrong.unless(env.len() <= MOST, "env", "out_of_range", "200 at most.");
    for (name, value) in env {
        let good = !name.is_empty() && name.len() <= 256 && !name.contains(['=', '\n', ' ']);
        wrong.unless(good, format!("env.{name}"), "invalid", "A name without blanks and without an equals sign.");
        wrong.unless(value.len() <= LONG, format!("env.{name}"), "length", "32 KiB at most.");
    }
}

fn ports(ports: &[PublishPort], wrong: &mut Wrong) {
    wrong.unless(ports.len() <= MOST, "ports", "out_of_range", "200 at most.");
    let mut taken = HashSet::new();
    for (i, port) in ports.iter().enumerate() {
        let field = |name: &str| format!("ports[{i}].{name}");
        wrong.unless(port.container_port > 0, field("container_port"), "out_of_range", "1 to 65535.");
        wrong.unless(port.host_port != Some(0), field("host_port"), "out_of_range", "1 to 65535, or nothing for any.");
        wrong.unless(matches!(port.protocol.as_str(), "tcp" | "udp" | "sctp"), field("protocol"), "invalid", "tcp, udp or sctp.");
        if let Some(ip) = &port.host_ip {
            wrong.unless(ip.parse::<std::net::IpAddr>().is_ok(), field("host_ip"), "invalid", "An IP address of the host.");
        }
        if let Some(host_port) = port.host_port {
            let once = taken.insert((host_port, port.host_ip.clone(), port.protocol.clone()));
            wrong.unless(once, field("host_port"), "duplicate", "This port is published twice.");
        }
    }
}

fn mounts(mounts: &[WantMount], wrong: &mut Wrong) {
    wrong.unless(mounts.len() <= MOST, "mounts", "out_of_range", "200 at most.");
    let mut targets = BTreeSet::new();
    for (i, mount) in mounts.iter().enumerate() {
        let field = |name: &str| format!("mounts[{i}].{name}");
        let source = mount.source.as_deref().unwrap_or_default();
        match mount.kind.as_str() {
            "bind" => wrong.unless(is_path(source), field("source"), "invalid", "An absolute path of the host."),
            "volume" => wrong.unless(
                mount.source.is_none() || is_id(source) && source.len() > 1,
                field("source"),
                "invalid",
                "A volume's name: a-z, A-Z, 0-9, dot, underscore and hyphen.",
            ),
            "tmpfs" => wrong.unless(mount.source.is_none(), field("source"), "invalid", "A tmpfs has no source."),
            _ => wrong.add(field("kind"), "invalid", "bind, volume or tmpfs."),
        }
        wrong.unless(is_path(&mount.target), field("target"), "invalid", "An absolute path in the container.");
        wrong.unless(targets.insert(&mount.target), field("target"), "duplicate", "Something else is mounted there.");
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.len() <= 4_000 && !path.split('/').any(|part| part == "..")
}

fn networks(networks: &[String], wrong: &mut Wrong) {
    wrong.unless(networks.len() <= 32, "networks", "out_of_range", "32 at most.");
    let mut seen = HashSet::new();
    for (i, name) in networks.iter().enumerate() {
        let field = format!("networks[{i}]");
        let good = is_id(name.strip_prefix("container:").unwrap_or(name));
        wrong.unless(good, field.clone(), "invalid", "A network's name.");
        wrong.unless(seen.insert(name), field.clone(), "duplicate", "This network is named twice.");
        let alone = matches!(name.as_str(), "host" | "none") || name.starts_with("container:");
        wrong.unless(!alone || networks.len() == 1, field, "conflict", "This goes with no other network.");
    }
}

fn limits(limits: &Limits, wrong: &mut Wrong) {
    if let Some(memory) = limits.memory_bytes {
        let good = (LEAST_MEMORY..=1 << 50).contains(&memory);
        wrong.unless(good, "limits.memory_bytes", "out_of_range", "6 MiB at least.");
    }
    if let Some(cpus) = limits.cpus {
        wrong.unless((0.01..=4_096.0).contains(&cpus), "limits.cpus", "out_of_range", "0.01 to 4096 cores.");
    }
    if let Some(pids) = limits.pids {
        wrong.unless((1..=4_194_304).contains(&pids), "limits.pids", "out_of_range", "1 to 4194304 processes.");
    }
}

fn policy(policy: &RestartPolicy, wrong: &mut Wrong) {
    let known = matches!(policy.name.as_str(), "no" | "always" | "unless-stopped" | "on-failure");
    wrong.unless(known, "restart_policy.name", "invalid", "no, always, unless-stopped or on-failure.");
    let counts = policy.max_retries == 0 || policy.name == "on-failure";
    wrong.unless(counts, "restart_policy.max_retries", "conflict", "Only on-failure counts its tries.");
}

fn health(check: &HealthCheck, wrong: &mut Wrong) {
    wrong.unless(!check.command.is_empty(), "health_check.command", "missing", "A program to ask.");
    texts("health_check.command", &check.command, wrong);
    for (field, seconds) in [("interval_seconds", check.interval_seconds), ("timeout_seconds", check.timeout_seconds)] {
        wrong.unless((1..=86_400).contains(&seconds), format!("health_check.{field}"), "out_of_range", "1 s to a day.");
    }
    wrong.unless(check.start_period_seconds <= 86_400, "health_check.start_period_seconds", "out_of_range", "A day at most.");
    wrong.unless((1..=100).contains(&check.retries), "health_check.retries", "out_of_range", "1 to 100.");
}

fn labels(labels: &BTreeMap<String, String>, wrong: &mut Wrong) {
    wrong.unless(labels.len() <= MOST, "labels", "out_of_range", "200 at most.");
    for (name, value) in labels {
        let field = || format!("labels.{name}");
        wrong.unless(!name.starts_with(OWN_LABELS), field(), "reserved", OWN);
        wrong.unless(!name.is_empty() && name.len() <= 256, field(), "invalid", "A name of 256 characters at most.");
        wrong.unless(value.len() <= LONG, field(), "length", "32 KiB at most.");
    }
}

fn log(log: &LogDriver, wrong: &mut Wrong) {
    wrong.unless((1..=200).contains(&log.driver.len()), "log.driver", "invalid", "A log driver's name.");
    wrong.unless(log.options.len() <= MOST, "log.options", "out_of_range", "200 at most.");
}

fn reason(reason: Option<&str>, wrong: &mut Wrong) {
    if let Some(reason) = reason {
        wrong.unless(reason.len() <= REASON, "reason", "length", "500 characters at most.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(result: Result<(), Problem>) -> Vec<String> {
        result.err().map(|p| p.errors().iter().map(|e| e.field.clone()).collect()).unwrap_or_default()
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let mount = |kind: &str, source: Option<&str>, target: &str| WantMount {
            kind: kind.into(),
            source: source.map(Into::into),
            target: target.into(),
            read_only: false,
        };
        let port = |container_port, host_port| PublishPort { container_port, host_port, host_ip: None, protocol: "tcp".into() };
        let request = CreateContainer {
            image: "../etc".into(),
            name: Some("-x".into()),
            env: [("A=B".to_owned(), String::new())].into(),
            ports: vec![port(80, Some(8080)), port(81, Some(8080)), port(0, None)],
            mounts: vec![
                mount("bind", Some("etc"), "/a"),
                mount("tmpfs", None, "b"),
                mount("volume", Some("../x"), "/a"),
                mount("nfs", None, "/n"),
            ],
            networks: vec!["host".into(), "shop".into()],
            limits: Limits { memory_bytes: Some(1), cpus: Some(-1.0), pids: Some(0) },
            restart_policy: RestartPolicy { name: "sometimes".into(), max_retries: 1 },
            labels: [("ecos.op".to_owned(), "forged".to_owned())].into(),
            ..CreateContainer::default()
        };
        assert_eq!(
            named(create(&request)),
            [
                "image",
                "name",
                "env.A=B",
                "ports[1].host_port",
                "ports[2].container_port",
                "mounts[0].source",
                "mounts[1].target",
                "mounts[2].source",
                "mounts[2].target",
                "mounts[3].kind",
                "networks[0]",
                "limits.memory_bytes",
                "limits.cpus",
                "limits.pids",
                "restart_policy.name",
                "restart_policy.max_retries",
                "labels.ecos.op",
            ]
        );
        let good = CreateContainer { image: "nginx".into(), ..CreateContainer::default() };
        assert_eq!(named(create(&good)), [""; 0]);
        assert_eq!(named(update(&UpdateContainer::default())), ["limits"]);
        assert_eq!(named(recreate(&RecreateContainer::default())), [""; 0]);
    }
}
