//! A container as it is, for closing an intent whose outcome nobody saw.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Engine,
    effects::{GRACE, LONGEST_GRACE},
};
use crate::{
    clock::{Millis, parse_rfc3339},
    fleet::{error::EngineError, text},
};

/// What was seen of a container before an effect, or is seen after it. Kept with the intent as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// The engine has no such container.
    Gone,
    There {
        running: bool,
        started_at: Option<Millis>,
        finished_at: Option<Millis>,
        #[serde(default)]
        paused: Option<bool>,
        #[serde(default)]
        name: Option<String>,
        /// Seconds that a stop may take; Docker's ten where it names none.
        #[serde(default)]
        stop_timeout: Option<u64>,
        /// Whether its restart policy is another than `no`.
        #[serde(default)]
        restarts_itself: Option<bool>,
    },
}

impl Observed {
    /// How long a stop of it may take before it is killed.
    pub fn grace(&self) -> Duration {
        match self {
            Self::There { stop_timeout: Some(seconds), .. } => Duration::from_secs(*seconds).min(LONGEST_GRACE),
            Self::There { .. } | Self::Gone => GRACE,
        }
    }
}

/// What two observations say of an effect between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Done,
    NotDone,
    /// Something else may have made it so, or it can't be told.
    Unknown,
}

impl Observed {
    /// Whether an action was done, by what was there before (if it is known) and what is there now. What happened after `until` can't have
    /// been its doing.
    pub fn of(action: &str, before: Option<&Self>, now: &Self, until: Millis) -> Seen {
        let late = |moment: &Option<Millis>| moment.is_none_or(|at| at > until);
        match (action, before, now) {
            ("remove", Some(Self::There { .. }) | None, Self::Gone)
            | ("pause", Some(Self::There { paused: Some(false), .. }), Self::There { paused: Some(true), .. })
            | ("unpause", Some(Self::There { paused: Some(true), .. }), Self::There { paused: Some(false), .. }) => Seen::Done,
            ("remove", _, Self::There { .. }) => Seen::NotDone,
            (
                "start" | "stop" | "restart",
                Some(Self::There { started_at: was, finished_at: ended, .. }),
                Self::There { running, started_at, finished_at, restarts_itself, .. },
            ) => match action {
                "stop" if !running && finished_at != ended && !late(finished_at) => Seen::Done,
                "stop" if *running && started_at == was => Seen::NotDone,
                // The engine starts some by itself, and others start them, too.
                "start" | "restart" if *running && started_at != was && *restarts_itself == Some(false) && !late(started_at) => Seen::Done,
                "start" | "restart" if started_at == was && finished_at == ended => Seen::NotDone,
                _ => Seen::Unknown,
            },
            // That it was not stopped does not say that the signal was not sent.
            ("kill", Some(Self::There { finished_at: ended, .. }), Self::There { running: false, finished_at, .. })
                if finished_at != ended && !late(finished_at) =>
            {
                Seen::Done
            }
            ("rename", Some(Self::There { name: Some(was), .. }), Self::There { name: Some(is), .. }) => {
                if was == is {
                    Seen::NotDone
                } else {
                    Seen::Done
                }
            }
            _ => Seen::Unknown,
        }
    }
}

impl Engine {
    /// Whether the container of this name was made by that change: its label says so, which nobody but the console sets.
    pub async fn made_by(&self, name: &str, intent: &str) -> Result<bool, EngineError> {
        if !text::is_id(name) {
            return Ok(false);
        }
        self.answers()?;
        match self.host.link.get_json::<Value>(&format!("/containers/{name}/json")).await.map_err(EngineError::of_container) {
            Ok(inspection) => Ok(inspection.pointer("/Config/Labels/ecos.op").and_then(Value::as_str) == Some(intent)),
            Err(EngineError::ContainerNotFound) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Looks at a container. It tells no more than whether it is there and when it ran.
    pub async fn observe(&self, id: &str) -> Result<Observed, EngineError> {
        if !text::is_id(id) {
            return Ok(Observed::Gone);
        }
        self.answers()?;
        match self.inspect_raw(id).await {
            Ok(inspection) => {
                let moment = |path: &str| inspection.pointer(path).and_then(Value::as_str).and_then(parse_rfc3339);
                Ok(Observed::There {
                    running: inspection.pointer("/State/Running").and_then(Value::as_bool).unwrap_or_default(),
                    started_at: moment("/State/StartedAt"),
                    finished_at: moment("/State/FinishedAt"),
                    paused: inspection.pointer("/State/Paused").and_then(Value::as_bool),
                    name: inspection.pointer("/Name").and_then(Value::as_str).map(|n| n.trim_start_matches('/').to_owned()),
                    stop_timeout: inspection.pointer("/Config/StopTimeout").and_then(Value::as_u64),
                    restarts_itself: inspection
                        .pointer("/HostConfig/RestartPolicy/Name")
                        .and_then(Value::as_str)
                        .map(|policy| !matches!(policy, "" | "no")),
                })
            }
            Err(EngineError::ContainerNotFound) => Ok(Observed::Gone),
            Err(e) => Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(running: bool, started_at: Millis, finished_at: Millis) -> Observed {
        Observed::There {
            running,
            started_at: Some(started_at),
            finished_at: Some(finished_at),
            paused: Some(false),
            name: Some("web".into()),
            stop_timeout: None,
            restarts_itself: Some(false),
        }
    }

    #[test]
    fn effects_are_told_from_what_was_before() {
        let of = |action, before: &Observed, now: &Observed| Observed::of(action, Some(before), now, 10);
        assert_eq!(of("restart", &there(true, 1, 0), &there(true, 3, 2)), Seen::Done);
        assert_eq!(of("restart", &there(true, 1, 0), &there(true, 1, 0)), Seen::NotDone);
        assert_eq!(of("restart", &there(true, 1, 0), &there(false, 1, 2)), Seen::Unknown);
        assert_eq!(of("stop", &there(true, 1, 0), &there(false, 1, 2)), Seen::Done);
        assert_eq!(of("stop", &there(true, 1, 0), &there(true, 1, 0)), Seen::NotDone);
        assert_eq!(of("start", &there(false, 1, 2), &there(false, 1, 2)), Seen::NotDone);
        assert_eq!(of("start", &there(false, 1, 2), &there(false, 3, 4)), Seen::Unknown);
        let state = |paused: Option<bool>, name: &str| Observed::There {
            running: true,
            started_at: Some(1),
            finished_at: Some(2),
            paused,
            name: Some(name.to_owned()),
            stop_timeout: None,
            restarts_itself: Some(false),
        };
        assert_eq!(of("kill", &there(true, 1, 2), &there(false, 1, 3)), Seen::Done);
        assert_eq!(of("kill", &there(true, 1, 2), &there(true, 1, 2)), Seen::Unknown, "a signal need not end it");
        assert_eq!(of("pause", &state(Some(false), "a"), &state(Some(true), "a")), Seen::Done);
        assert_eq!(of("pause", &state(Some(false), "a"), &state(Some(false), "a")), Seen::Unknown, "it may have been unpaused since");
        assert_eq!(of("unpause", &state(Some(true), "a"), &state(Some(false), "a")), Seen::Done);
        assert_eq!(of("rename", &state(None, "a"), &state(None, "b")), Seen::Done);
        assert_eq!(of("rename", &state(None, "a"), &state(None, "a")), Seen::NotDone);
        assert_eq!(of("remove", &there(false, 1, 2), &Observed::Gone), Seen::Done);
        assert_eq!(of("remove", &there(false, 1, 2), &there(false, 1, 2)), Seen::NotDone);
        assert_eq!(of("start", &there(false, 1, 2), &Observed::Gone), Seen::Unknown);
        assert_eq!(Observed::of("start", None, &there(true, 1, 0), 10), Seen::Unknown);
    }

    #[test]
    fn what_may_have_been_something_else_is_not_taken_for_done() {
        let of = |action, before: &Observed, now: &Observed, until| Observed::of(action, Some(before), now, until);
        let by_itself = |there: Observed, policy: Option<bool>| match there {
            Observed::There { running, started_at, finished_at, paused, name, stop_timeout, .. } => {
                Observed::There { running, started_at, finished_at, paused, name, stop_timeout, restarts_itself: policy }
            }
            Observed::Gone => Observed::Gone,
        };
        for policy in [Some(true), None] {
            let (before, now) = (by_itself(there(true, 1, 0), policy), by_itself(there(true, 3, 2), policy));
            assert_eq!(of("restart", &before, &now, 10), Seen::Unknown, "a restart loop restarts by itself: {policy:?}");
            assert_eq!(of("start", &by_itself(there(false, 1, 2), policy), &now, 10), Seen::Unknown, "{policy:?}");
            assert_eq!(of("restart", &before, &before, 10), Seen::NotDone, "{policy:?}");
        }
        // Somebody did it by docker, long after the console had ended.
        assert_eq!(of("restart", &there(true, 1, 0), &there(true, 11, 9), 10), Seen::Unknown);
        assert_eq!(of("stop", &there(true, 1, 0), &there(false, 1, 11), 10), Seen::Unknown);
        assert_eq!(of("kill", &there(true, 1, 0), &there(false, 1, 11), 10), Seen::Unknown);
        assert_eq!(of("kill", &there(true, 1, 0), &there(false, 1, 10), 10), Seen::Done);
    }
}
