//! Terminals that are held: each lives in a task of its own, and a connection comes to it and goes. See `docs/terminal.md`.
//!
//! **Invariant.** Each terminal ends: by its shell, by its person, by a lost right, by time, or with the console; and then nothing that it
//! began is left in the container, its intent has its outcome, and whoever still listens is told why.

mod replay;
mod session;

pub use session::{Attached, Begun, Held, Said};

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::auth::{Actor, actor::Identity};

/// How long a terminal is held without a connection.
pub const HELD: Duration = Duration::from_mins(1);
/// How long one stays open to which nobody types.
pub const IDLE: Duration = Duration::from_hours(1);

/// Why a terminal is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its shell has ended.
    Exited,
    /// The container does not run any more.
    ContainerStopped,
    /// Whoever opened it has ended it.
    Closed,
    /// The right or the session has ended.
    Revoked,
    /// Nobody came back to it in time.
    Abandoned,
    /// Nobody has typed for a long time.
    Idle,
    /// The console closes.
    Closing,
    /// The engine has broken the connection off.
    Lost,
}

impl End {
    /// As on the wire and in the trail.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exited => "exited",
            Self::ContainerStopped => "container_stopped",
            Self::Closed => "closed",
            Self::Revoked => "revoked",
            Self::Abandoned => "abandoned",
            Self::Idle => "idle",
            Self::Closing => "closing",
            Self::Lost => "lost",
        }
    }
}

/// All terminals that are held. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Terminals(Arc<Mutex<HashMap<String, Held>>>);

impl Terminals {
    fn keep(&self, held: Held) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(held.id().to_owned(), held);
    }

    fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// A terminal that this session of this person holds in that container; anybody else's is not there.
    pub fn find(&self, id: &str, container: (&str, &str), actor: &Actor) -> Option<Held> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()?;
        (held.container() == container && same(held.actor(), actor)).then_some(held)
    }

    /// How many are held.
    pub fn open(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The same person in the same session.
fn same(one: &Actor, other: &Actor) -> bool {
    match (&one.identity, &other.identity) {
        (Identity::Session { user_id: a, session: s, .. }, Identity::Session { user_id: b, session: t, .. }) => a == b && s == t,
        _ => false,
    }
}
