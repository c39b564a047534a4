//! Which events are the console's own: operations register what they are about to do, events look for it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{By, wire::Heard};

/// How long after an operation's end its events may still come.
const LINGER: Duration = Duration::from_secs(5);

/// What an operation makes an engine report of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Start,
    Stop,
    Restart,
    Pause,
    Unpause,
    /// Any signal: what it does, it does.
    Kill,
    Rename,
    Remove,
    /// Of a container, known by its name until the engine gives it an id.
    Create,
    /// A container makes room for another and goes, or comes back.
    Replace,
    /// In place.
    Update,
    /// Of a volume, by its name.
    Volume,
    /// Of an image, by its reference.
    Pull,
}

impl Deed {
    fn makes(self, action: &str) -> bool {
        match self {
            Self::Start => matches!(action, "start" | "connect"),
            Self::Stop => matches!(action, "kill" | "die" | "stop" | "disconnect"),
            Self::Restart => matches!(action, "kill" | "die" | "stop" | "disconnect" | "connect" | "start" | "restart"),
            Self::Pause => action == "pause",
            Self::Unpause => action == "unpause",
            Self::Kill => matches!(action, "kill" | "die" | "disconnect"),
            Self::Rename => action == "rename",
            Self::Remove => matches!(action, "kill" | "die" | "stop" | "disconnect" | "destroy"),
            Self::Create | Self::Volume => action == "create",
            Self::Replace => {
                matches!(action, "rename" | "kill" | "die" | "stop" | "disconnect" | "connect" | "start" | "destroy")
            }
            Self::Update => action == "update",
            Self::Pull => action == "pull",
        }
    }

    /// The event that comes last.
    fn ends_with(self, action: &str) -> bool {
        match self {
            Self::Start => action == "start",
            Self::Stop => action == "stop",
            Self::Restart => action == "restart",
            Self::Pause => action == "pause",
            Self::Unpause => action == "unpause",
            Self::Kill => action == "die",
            Self::Rename => action == "rename",
            Self::Remove | Self::Replace => action == "destroy",
            Self::Create | Self::Volume => action == "create",
            Self::Update => action == "update",
            Self::Pull => action == "pull",
        }
    }

    /// What it is known by: the kind of the object, and whether its name stands for it.
    fn is_about(self, heard: &Heard, object: &str) -> bool {
        match self {
            Self::Create => heard.kind == "container" && heard.object_name == object,
            Self::Volume => heard.kind == "volume" && heard.object_id == object,
            Self::Pull => heard.kind == "image" && heard.object_id == object,
            _ => heard.container.as_deref().or_else(|| (heard.kind == "container").then_some(heard.object_id.as_str())) == Some(object),
        }
    }
}

#[derive(Debug)]
struct Expected {
    serial: u64,
    /// Its id; of what has none yet, its name.
    object: String,
    deed: Deed,
    by: By,
    /// Set once the operation has ended.
    until: Option<Instant>,
}

#[derive(Debug, Default)]
struct Inner {
    serial: u64,
    expected: Vec<Expected>,
}

/// One engine's operations under way.
#[derive(Clone, Debug, Default)]
pub struct Ours(Arc<Mutex<Inner>>);

/// An operation under way; dropped at its end.
#[derive(Debug)]
pub struct Registered {
    ours: Ours,
    serial: u64,
}

impl Ours {
    pub fn register(&self, object: &str, deed: Deed, by: By) -> Registered {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.serial += 1;
        let serial = inner.serial;
        inner.expected.push(Expected { serial, object: object.to_owned(), deed, by, until: None });
        Registered { ours: self.clone(), serial }
    }

    /// Who of the console is behind an event.
    pub fn by(&self, heard: &Heard) -> Option<By> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        inner.expected.retain(|e| e.until.is_none_or(|until| until > now));
        let at = inner.expected.iter().position(|e| e.deed.makes(&heard.action) && e.deed.is_about(heard, &e.object))?;
        let by = inner.expected[at].by.clone();
        if inner.expected[at].deed.ends_with(&heard.action) {
            inner.expected.remove(at);
        }
        Some(by)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut inner = self.ours.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(e) = inner.expected.iter_mut().find(|e| e.serial == self.serial) {
            e.until = Some(Instant::now() + LINGER);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(action: &str) -> Heard {
        Heard { kind: "container".into(), action: action.into(), object_id: "c".into(), ..Heard::default() }
    }

    fn by(intent: &str) -> By {
        By { intent_id: intent.into(), actor_name: "ops-c".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_owns_its_events_until_the_last_one() {
        let ours = Ours::default();
        let restart = ours.register("c", Deed::Restart, by("1"));
        for action in ["kill", "die", "stop", "start", "restart"] {
            assert_eq!(ours.by(&heard(action)), Some(by("1")), "{action}");
        }
        assert_eq!(ours.by(&heard("stop")), None, "somebody else's");
        drop(restart);
    }

    #[tokio::test(start_paused = true)]
    async fn events_that_come_late_are_still_ours_but_not_for_ever() {
        let ours = Ours::default();
        drop(ours.register("c", Deed::Stop, by("1")));
        assert_eq!(ours.by(&heard("die")), Some(by("1")));
        assert_eq!(ours.by(&heard("start")), None, "a stop starts nothing");
        tokio::time::advance(LINGER).await;
        assert_eq!(ours.by(&heard("stop")), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_signal_owns_what_it_brings_about() {
        let ours = Ours::default();
        let kill = ours.register("c", Deed::Kill, by("1"));
        for action in ["kill", "die"] {
            assert_eq!(ours.by(&heard(action)), Some(by("1")), "{action}");
        }
        drop(kill);
        for (deed, action) in [(Deed::Pause, "pause"), (Deed::Unpause, "unpause"), (Deed::Rename, "rename")] {
            let registered = ours.register("c", deed, by("2"));
            assert_eq!(ours.by(&heard("restart")), None, "{action}");
            assert_eq!(ours.by(&heard(action)), Some(by("2")));
            assert_eq!(ours.by(&heard(action)), None, "somebody else's");
            drop(registered);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_id_yet_is_known_by_its_name() {
        let ours = Ours::default();
        let of = |kind: &str, action: &str, id: &str, name: &str| Heard {
            kind: kind.into(),
            action: action.into(),
            object_id: id.into(),
            object_name: name.into(),
            ..Heard::default()
        };
        let made = (ours.register("web", Deed::Create, by("1")), ours.register("data", Deed::Volume, by("1")));
        let pulled = ours.register("nginx:1", Deed::Pull, by("1"));
        assert_eq!(ours.by(&of("container", "create", "c9", "other")), None, "somebody else's");
        assert_eq!(ours.by(&of("container", "create", "c9", "web")), Some(by("1")));
        assert_eq!(ours.by(&of("volume", "create", "data", "")), Some(by("1")));
        assert_eq!(ours.by(&of("image", "pull", "nginx:2", "nginx")), None);
        assert_eq!(ours.by(&of("image", "pull", "nginx:1", "nginx")), Some(by("1")));
        drop((made, pulled));
    }

    #[tokio::test(start_paused = true)]
    async fn a_networks_event_is_found_by_its_container() {
        let ours = Ours::default();
        let _start = ours.register("c", Deed::Start, by("1"));
        let connect = Heard {
            kind: "network".into(),
            action: "connect".into(),
            object_id: "n".into(),
            container: Some("c".into()),
            ..Heard::default()
        };
        assert_eq!(ours.by(&connect), Some(by("1")));
        assert_eq!(ours.by(&Heard { container: Some("d".into()), ..connect }), None);
    }
}
