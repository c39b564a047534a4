//! Where changes come in and are offered to all sockets.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::{sync::Notify, time::Instant};

use super::{
    change::{Audience, Change, Kind},
    listener::Listener,
};
use crate::clock::{Clock, Millis};

/// Sockets of one person, at most: tabs, scripts.
pub const PER_PERSON: usize = 64;
/// Sockets of the console, at most.
pub const SOCKETS: usize = 4_000;

/// Why there is no place for another socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Crowded {
    #[error("you have {PER_PERSON} live sockets open: close some tabs or scripts")]
    Person,
    #[error("the console has {SOCKETS} live sockets open")]
    Console,
}

/// All sockets. Cheap to clone; publishing never waits for a reader.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    /// The zero of [`Hub::now`].
    began: Instant,
    sockets: RwLock<Sockets>,
    /// Told when somebody begins to watch containers.
    watched: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Sockets {
    next: u64,
    listeners: HashMap<u64, Arc<Listener>>,
    /// How many each person has.
    of: HashMap<String, usize>,
}

/// A socket's place; giving it up takes its listener away from the hub.
#[derive(Debug)]
pub struct Place {
    hub: Hub,
    number: u64,
    user_id: String,
    listener: Arc<Listener>,
}

impl Place {
    pub fn listener(&self) -> &Arc<Listener> {
        &self.listener
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sockets = self.hub.0.sockets.write().unwrap_or_else(PoisonError::into_inner);
        sockets.listeners.remove(&self.number);
        if let Some(n) = sockets.of.get_mut(&self.user_id) {
            *n -= 1;
            if *n == 0 {
                sockets.of.remove(&self.user_id);
            }
        }
    }
}

impl Hub {
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner { clock, began: Instant::now(), sockets: RwLock::default(), watched: Arc::default() }))
    }

    /// Tells of a change, from any thread and at any time.
    pub fn publish(&self, kind: Kind, id: impl Into<String>, host_id: Option<&str>, version: u64, audience: Audience) {
        let at = self.0.clock.now();
        let change = Arc::new(Change { kind, id: id.into(), host_id: host_id.map(str::to_owned), version, audience, at });
        let now = self.now();
        self.each(|listener| listener.offer(&change, now));
    }

    /// Tells that changes of these kinds since `from` went by unread: at least one, and nobody knows whose.
    pub fn lost(&self, kinds: &[Kind], from: Millis) {
        let (to, now) = (self.0.clock.now(), self.now());
        self.each(|listener| listener.lost(kinds, 1, from, to, now));
    }

    /// A place for a person's socket.
    pub fn enter(&self, user_id: &str, listener: Listener) -> Result<Place, Crowded> {
        let mut sockets = self.0.sockets.write().unwrap_or_else(PoisonError::into_inner);
        if sockets.listeners.len() >= SOCKETS {
            return Err(Crowded::Console);
        }
        let own = sockets.of.get(user_id).copied().unwrap_or(0);
        if own >= PER_PERSON {
            return Err(Crowded::Person);
        }
        sockets.of.insert(user_id.to_owned(), own + 1);
        sockets.next += 1;
        let (number, listener) = (sockets.next, Arc::new(listener.telling(&self.0.watched)));
        sockets.listeners.insert(number, Arc::clone(&listener));
        Ok(Place { hub: self.clone(), number, user_id: user_id.to_owned(), listener })
    }

    /// How many sockets are open.
    pub fn open(&self) -> usize {
        self.0.sockets.read().unwrap_or_else(PoisonError::into_inner).listeners.len()
    }

    /// Milliseconds on a clock that nobody sets.
    pub fn now(&self) -> Millis {
        self.0.began.elapsed().as_millis() as Millis
    }

    /// The wall clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Told when somebody begins to watch containers.
    pub(super) fn watched(&self) -> &Notify {
        &self.0.watched
    }

    pub(super) fn each(&self, mut tell: impl FnMut(&Listener)) {
        self.0.sockets.read().unwrap_or_else(PoisonError::into_inner).listeners.values().for_each(|l| tell(l));
    }
}
