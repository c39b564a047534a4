//! `GET /containers/{id}/json` for the inventory: only what is kept is read.

use std::collections::BTreeMap;

use app::api::container::{ContainerState, Port};
use serde::Deserialize;

use super::{
    facts::{Facts, PORTS, health, protocol, state, tidy_ports},
    list::Labels,
};
use crate::{
    clock::parse_rfc3339,
    fleet::{
        connector::{Fault, parse},
        text,
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    image: String,
    state: State,
    #[serde(default)]
    config: Option<Config>,
    #[serde(default)]
    host_config: Option<HostConfig>,
    #[serde(default)]
    network_settings: Option<NetworkSettings>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    #[serde(default)]
    status: String,
    #[serde(default)]
    exit_code: i64,
    #[serde(rename = "OOMKilled", default)]
    oom_killed: bool,
    #[serde(default)]
    started_at: String,
    #[serde(default)]
    finished_at: String,
    #[serde(default)]
    health: Option<HealthWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HealthWire {
    #[serde(default)]
    status: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    image: String,
    #[serde(default)]
    labels: Option<Labels>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct HostConfig {
    #[serde(default)]
    restart_policy: Option<RestartPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RestartPolicy {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    #[serde(default)]
    ports: Option<BTreeMap<String, Option<Vec<Binding>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binding {
    #[serde(default)]
    host_ip: String,
    #[serde(default)]
    host_port: String,
}

/// Reads an inspection of the container `id`.
pub fn read(id: &str, bytes: &[u8]) -> Result<Facts, Fault> {
    let wire: Wire = parse(bytes)?;
    if wire.id != id {
        return Err(Fault::NotAnEngine("asked about one container, it told of another".to_owned()));
    }
    let config = wire.config.unwrap_or_default();
    let state = state(&wire.state.status);
    let ended = matches!(state, ContainerState::Exited | ContainerState::Restarting | ContainerState::Dead);
    let compose = config.labels.unwrap_or_default().tidy();
    let policy = wire.host_config.unwrap_or_default().restart_policy.map(|p| p.name).unwrap_or_default();
    Ok(Facts {
        name: text::name(&wire.name),
        image: text::short(&config.image, text::LONG),
        image_id: text::short(&wire.image, text::LONG),
        state,
        health: (state == ContainerState::Running).then_some(wire.state.health).flatten().and_then(|h| health(&h.status)),
        exit_code: ended.then_some(wire.state.exit_code),
        oom_killed: ended && wire.state.oom_killed,
        created_at: parse_rfc3339(&wire.created).unwrap_or_default() / 1_000 * 1_000,
        started_at: parse_rfc3339(&wire.state.started_at),
        finished_at: parse_rfc3339(&wire.state.finished_at),
        ports: ports(wire.network_settings.unwrap_or_default().ports.unwrap_or_default()),
        compose_project: compose.project,
        compose_service: compose.service,
        compose_depends_on: compose.depends_on,
        inspected: true,
        restarts_itself: !matches!(policy.as_str(), "" | "no"),
    })
}

fn ports(map: BTreeMap<String, Option<Vec<Binding>>>) -> Vec<Port> {
    let mut ports = Vec::new();
    for (key, bindings) in map.into_iter().take(PORTS) {
        let (number, kind) = key.split_once('/').unwrap_or((&key, "tcp"));
        let Ok(container_port) = number.parse() else { continue };
        let port = |b: Option<&Binding>| Port {
            container_port,
            host_port: b.and_then(|b| b.host_port.parse().ok()),
            host_ip: b.map(|b| text::short(&b.host_ip, 64)).filter(|ip| !ip.is_empty()),
            protocol: protocol(kind),
        };
        match bindings.as_deref() {
            Some([first, rest @ ..]) => ports.extend(std::iter::once(first).chain(rest).take(PORTS).map(|b| port(Some(b)))),
            _ => ports.push(port(None)),
        }
    }
    tidy_ports(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXITED: &str = r#"{"Id":"aa","Created":"2023-11-14T22:13:20.987654321Z","Image":"sha256:1","Name":"/web","RestartCount":4,
        "State":{"Status":"exited","ExitCode":137,"OOMKilled":true,"StartedAt":"2023-11-14T22:13:21Z","FinishedAt":"2023-11-14T22:14:21Z"},
        "HostConfig":{"RestartPolicy":{"Name":"on-failure"}},"Config":{"Image":"nginx:1","Labels":{"com.docker.compose.service":"web"}},
        "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}],"53/udp":null}}}"#;

    #[test]
    fn an_inspection_is_read() {
        let facts = read("aa", EXITED.as_bytes()).expect("an inspection");
        assert_eq!((facts.exit_code, facts.oom_killed, facts.restarts_itself), (Some(137), true, true));
        assert_eq!((facts.created_at, facts.finished_at), (1_700_000_000_000, Some(1_700_000_061_000)));
        assert_eq!((facts.ports.len(), facts.ports[1].host_port), (2, Some(8080)));
    }

    #[test]
    fn a_running_one_has_no_exit_code() {
        let running = r#"{"Id":"aa","State":{"Status":"running","ExitCode":0,"StartedAt":"2023-11-14T22:13:21Z","FinishedAt":"0001-01-01T00:00:00Z"}}"#;
        let facts = read("aa", running.as_bytes()).expect("an inspection");
        assert_eq!((facts.exit_code, facts.finished_at), (None, None));
        assert!(read("bb", running.as_bytes()).is_err(), "another container");
    }
}
