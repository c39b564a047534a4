//! One line of `/events`, and which of them are worth keeping.

use serde::Deserialize;

use crate::{
    clock::Millis,
    fleet::{connector::Fault, text},
};

/// A longer line is no event.
pub const LINE_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "Type", default)]
    kind: String,
    #[serde(rename = "Action", default)]
    action: String,
    #[serde(rename = "Actor", default)]
    actor: Actor,
    #[serde(default)]
    time: i64,
    #[serde(rename = "timeNano", default)]
    time_nano: i64,
}

#[derive(Deserialize, Default)]
struct Actor {
    #[serde(rename = "ID", default)]
    id: String,
    #[serde(rename = "Attributes", default)]
    attributes: Option<Attributes>,
}

/// Of the attributes, which hold every label, the few that are kept.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    name: Option<String>,
    image: Option<String>,
    exit_code: Option<String>,
    signal: Option<String>,
    container: Option<String>,
    #[serde(rename = "com.docker.compose.project")]
    compose_project: Option<String>,
}

/// An event as the engine tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    pub at: Millis,
    /// Of the engine's clock; tells two events of one millisecond apart.
    pub nanos: i64,
    pub kind: String,
    pub action: String,
    pub object_id: String,
    pub object_name: String,
    pub image: Option<String>,
    pub exit_code: Option<i64>,
    pub signal: Option<i64>,
    pub health: Option<String>,
    pub compose_project: Option<String>,
    /// The container that a network's event is about.
    pub container: Option<String>,
}

impl Heard {
    /// Whether it is kept. Execs (health checks make several a minute), attaching and looking are not.
    pub fn kept(&self) -> bool {
        match self.kind.as_str() {
            "container" => {
                !matches!(self.action.as_str(), "attach" | "detach" | "resize" | "top" | "export" | "archive-path")
                    && !self.action.starts_with("exec_")
            }
            "image" | "network" | "daemon" => true,
            "volume" => !matches!(self.action.as_str(), "mount" | "unmount"),
            _ => false,
        }
    }

    /// Whether the container that it is about must be looked at again.
    pub fn changes(&self) -> Option<&str> {
        match self.kind.as_str() {
            "container" if self.kept() && !matches!(self.action.as_str(), "commit" | "copy" | "extract-to-dir") => Some(&self.object_id),
            _ => None,
        }
    }

    /// Whether it is by its nature somebody's doing: the console's, or somebody's outside.
    pub fn is_a_deed(&self) -> bool {
        match self.kind.as_str() {
            "container" => !matches!(self.action.as_str(), "die" | "oom" | "health_status"),
            "daemon" => false,
            _ => true,
        }
    }
}

/// Reads a line. An object without a proper id is refused: its id goes into addresses.
pub fn parse(line: &[u8]) -> Result<Heard, Fault> {
    let line: Line = crate::fleet::connector::parse(line)?;
    let attributes = line.actor.attributes.unwrap_or_default();
    let nanos = if line.time_nano > 0 { line.time_nano } else { line.time.saturating_mul(1_000_000_000) };
    let (action, rest) = match line.action.split_once(':') {
        Some((action, rest)) => (action.trim(), Some(rest.trim())),
        None => (line.action.as_str(), None),
    };
    if line.kind == "container" && !text::is_id(&line.actor.id) {
        return Err(Fault::NotAnEngine("an event names no container".to_owned()));
    }
    let health = (action == "health_status").then(|| rest.map(|r| text::short(r, 20))).flatten();
    Ok(Heard {
        at: nanos / 1_000_000,
        nanos,
        kind: text::short(&line.kind, 40),
        action: text::short(action, 60),
        object_name: attributes.name.map(|n| text::name(&n)).unwrap_or_default(),
        object_id: text::short(&line.actor.id, text::LONG),
        image: attributes.image.map(|i| text::short(&i, text::LONG)),
        exit_code: attributes.exit_code.and_then(|c| c.parse().ok()),
        signal: attributes.signal.and_then(|s| s.parse().ok()),
        health,
        compose_project: attributes.compose_project.map(|p| text::short(&p, text::LONG)),
        container: attributes.container.filter(|c| text::is_id(c)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_die_is_read() {
        let line = br#"{"status":"die","id":"ab12","from":"busybox","Type":"container","Action":"die","Actor":{"ID":"ab12","Attributes":
            {"exitCode":"137","image":"busybox","name":"web","com.docker.compose.project":"shop","other":"x"}},"scope":"local","time":1700000000,"timeNano":1700000000123456789}"#;
        let heard = parse(line).expect("an event");
        assert_eq!((heard.at, heard.nanos), (1_700_000_000_123, 1_700_000_000_123_456_789));
        assert_eq!((heard.action.as_str(), heard.exit_code, heard.object_name.as_str()), ("die", Some(137), "web"));
        assert_eq!(heard.compose_project.as_deref(), Some("shop"));
        assert!(heard.kept() && !heard.is_a_deed());
        assert_eq!(heard.changes(), Some("ab12"));
    }

    #[test]
    fn health_is_taken_apart_and_execs_are_left_out() {
        let event = |action: &str| parse(format!(r#"{{"Type":"container","Action":"{action}","Actor":{{"ID":"ab"}}}}"#).as_bytes());
        let health = event("health_status: unhealthy").expect("an event");
        assert_eq!((health.action.as_str(), health.health.as_deref()), ("health_status", Some("unhealthy")));
        let exec = event("exec_create: sh -c secret").expect("an event");
        assert!(!exec.kept() && exec.changes().is_none());
        assert_eq!(exec.action, "exec_create");
    }

    #[test]
    fn unknown_kinds_pass_and_bad_ids_do_not() {
        assert!(!parse(br#"{"Type":"model","Action":"pull"}"#).expect("read").kept());
        assert!(parse(br#"{"Type":"container","Action":"die","Actor":{"ID":"../x"}}"#).is_err());
        assert!(parse(b"<html>").is_err());
        assert!(parse(br#"{"Type":7}"#).is_err());
    }
}
