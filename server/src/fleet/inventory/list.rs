//! `GET /containers/json`: only what is kept is read.

use std::borrow::Cow;

use app::api::container::{ContainerState, Port};
use serde::Deserialize;

use super::facts::{Facts, health, protocol, state, tidy_ports};
use crate::fleet::{
    connector::{Fault, parse},
    text,
};

/// The most containers that are taken of one engine.
pub const CONTAINERS: usize = 20_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    names: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow, default)]
    image: Cow<'a, str>,
    #[serde(rename = "ImageID", borrow, default)]
    image_id: Cow<'a, str>,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    ports: Option<Vec<PortLine>>,
    #[serde(default)]
    labels: Option<Labels>,
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
}

#[derive(Deserialize)]
struct PortLine {
    #[serde(rename = "IP", default)]
    ip: Option<String>,
    #[serde(rename = "PrivatePort", default)]
    private: u16,
    #[serde(rename = "PublicPort", default)]
    public: Option<u16>,
    #[serde(rename = "Type", default)]
    kind: String,
}

/// The few labels that are kept.
#[derive(Deserialize, Default)]
pub struct Labels {
    #[serde(rename = "com.docker.compose.project", default)]
    pub project: Option<String>,
    #[serde(rename = "com.docker.compose.service", default)]
    pub service: Option<String>,
    /// `db:service_healthy:false,cache:service_started:false`
    #[serde(rename = "com.docker.compose.depends_on", default)]
    pub depends_on: Option<String>,
}

/// What compose wrote of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compose {
    pub project: Option<String>,
    pub service: Option<String>,
    /// Services that it depends on.
    pub depends_on: Vec<String>,
}

/// Services that one may depend on.
const NEEDS: usize = 50;

impl Labels {
    /// Bounded; an empty one is none.
    pub fn tidy(self) -> Compose {
        let tidy = |v: Option<String>| v.filter(|v| !v.is_empty()).map(|v| text::short(&v, text::LONG));
        let needs = self.depends_on.unwrap_or_default();
        let needs = needs.split(',').filter_map(|n| n.split(':').next()).map(str::trim).filter(|n| !n.is_empty());
        Compose {
            project: tidy(self.project),
            service: tidy(self.service),
            depends_on: needs.take(NEEDS).map(|n| text::short(n, text::LONG)).collect(),
        }
    }
}

/// Reads a list. Lines without a proper id are left out; what is beyond the limit too.
pub fn read(bytes: &[u8]) -> Result<Vec<(String, Facts)>, Fault> {
    let lines: Vec<Line> = parse(bytes)?;
    Ok(lines.into_iter().filter(|l| text::is_id(&l.id)).take(CONTAINERS).map(|l| (l.id.to_string(), l.facts())).collect())
}

impl Line<'_> {
    fn facts(self) -> Facts {
        let state = state(&self.state);
        // A container's own name, not the ones that links give it: those hold a second slash.
        let names = self.names.unwrap_or_default();
        let name = names.iter().find(|n| !n.trim_start_matches('/').contains('/')).or(names.first());
        let compose = self.labels.unwrap_or_default().tidy();
        let ended = matches!(state, ContainerState::Exited | ContainerState::Restarting);
        Facts {
            name: name.map_or_else(|| text::short(&self.id, 12), |n| text::name(n)),
            image: text::short(&self.image, text::LONG),
            image_id: text::short(&self.image_id, text::LONG),
            state,
            health: (state == ContainerState::Running).then(|| in_brackets(&self.status)).flatten().and_then(health_words),
            exit_code: ended.then(|| in_brackets(&self.status)).flatten().and_then(|c| c.parse().ok()),
            oom_killed: false,
            created_at: self.created.saturating_mul(1_000),
            started_at: None,
            finished_at: None,
            ports: tidy_ports(self.ports.unwrap_or_default().into_iter().map(PortLine::port).collect()),
            compose_project: compose.project,
            compose_service: compose.service,
            compose_depends_on: compose.depends_on,
            inspected: false,
            restarts_itself: false,
        }
    }
}

impl PortLine {
    fn port(self) -> Port {
        Port {
            container_port: self.private,
            host_port: self.public,
            host_ip: self.ip.filter(|ip| !ip.is_empty()).map(|ip| text::short(&ip, 64)),
            protocol: protocol(&self.kind),
        }
    }
}

/// The first bracket of `Exited (137) 3 minutes ago`, `Up 2 hours (healthy)`.
fn in_brackets(status: &str) -> Option<&str> {
    let (_, rest) = status.split_once('(')?;
    Some(rest.split_once(')')?.0)
}

fn health_words(words: &str) -> Option<app::api::container::Health> {
    health(words.strip_prefix("health: ").unwrap_or(words))
}

#[cfg(test)]
mod tests {
    use app::api::container::Health;

    use super::*;

    const LIST: &str = r#"[
        {"Id":"aa","Names":["/other/alias","/web"],"Image":"nginx:1","ImageID":"sha256:1","Created":1700000000,"Ports":[
            {"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},
            {"PrivatePort":443,"Type":"tcp"}],"Labels":{"com.docker.compose.project":"shop","x":"y"},"State":"running","Status":"Up 2 hours (healthy)"},
        {"Id":"bb","Names":null,"Image":"x","ImageID":"sha256:2","Created":1700000001,"Ports":[],"Labels":null,"State":"exited","Status":"Exited (137) 3 minutes ago"},
        {"Id":"cc","Names":["/c"],"Image":"x","ImageID":"sha256:2","Created":1,"State":"restarting","Status":"Restarting (1) 5 seconds ago"},
        {"Id":"dd","Names":["/d"],"State":"stopping","Status":"Up 3 seconds (health: starting)"},
        {"Id":"../e","Names":["/e"],"State":"running","Status":"Up"}]"#;

    #[test]
    fn a_list_is_read() {
        let list = read(LIST.as_bytes()).expect("a list");
        assert_eq!(
            list.iter().map(|(id, f)| (id.as_str(), f.name.as_str())).collect::<Vec<_>>(),
            [("aa", "web"), ("bb", "bb"), ("cc", "c"), ("dd", "d")]
        );
        let (web, gone) = (&list[0].1, &list[1].1);
        assert_eq!((web.health, web.exit_code, web.created_at), (Some(Health::Healthy), None, 1_700_000_000_000));
        assert_eq!((web.ports.len(), web.ports[2].host_port), (3, None));
        assert_eq!(web.compose_project.as_deref(), Some("shop"));
        assert_eq!((gone.state, gone.exit_code), (ContainerState::Exited, Some(137)));
        assert_eq!((list[2].1.state, list[2].1.exit_code), (ContainerState::Restarting, Some(1)));
        assert_eq!(list[3].1.state, ContainerState::Unknown);
    }

    #[test]
    fn anything_else_is_no_list() {
        for bad in ["<html>", "{}", r#"[{"Id":1}]"#, r#"[{"Id":"a","Names":"web"}]"#, &"[".repeat(1_000)] {
            assert!(matches!(read(bad.as_bytes()), Err(Fault::NotAnEngine(_))), "{bad}");
        }
    }
}
