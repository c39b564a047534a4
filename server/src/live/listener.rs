//! What a socket listens to: its subscriptions, shared between whoever publishes and the socket's own task.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::api::{
    live::{MAX_SUBSCRIPTIONS, ServerFrame},
    stats::MAX_WATCHED,
};
use tokio::sync::Notify;

use super::{
    change::{Change, Kind},
    sight::Sight,
    stats::{Key, Round, Wanted},
    subscription::{Changes, Logs, Outgoing, Ring, Stats, Subscription},
};
use crate::{app::App, auth::permission::container, clock::Millis};

/// Objects that wait in one subscription, at most.
const RING: usize = 4_096;
/// Objects that wait in all subscriptions of a socket, at most.
const RINGS: usize = 2 * RING;
/// Subscriptions of logs that one socket holds, at most.
const LOGS: usize = 8;
/// Bytes of log lines that wait in all of them together, at most.
const LOG_RINGS: usize = 2 << 20;

/// Why a frame of the client's is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a socket holds {MAX_SUBSCRIPTIONS} subscriptions at most")]
    TooMany,
    #[error("there is a subscription of this number")]
    Taken,
    #[error("a socket holds {LOGS} subscriptions of logs at most")]
    TooManyLogs,
    #[error("there is no subscription of this number")]
    Unknown,
    #[error("a socket watches {MAX_WATCHED} containers at most")]
    TooManyContainers,
}

/// One socket's side of the hub.
#[derive(Debug)]
pub struct Listener {
    inner: Mutex<Inner>,
    /// Told when [`Listener::wake_at`] may have moved.
    pub wake: Arc<Notify>,
    /// Tells that somebody watches containers.
    watched: Arc<Notify>,
}

#[derive(Debug)]
struct Inner {
    sight: Sight,
    subscriptions: Vec<Subscription>,
    /// Whose turn it is.
    turn: usize,
    /// What is said before all else.
    words: VecDeque<ServerFrame>,
}

impl Inner {
    fn find(&mut self, number: u32) -> Result<&mut Subscription, Refusal> {
        self.subscriptions.iter_mut().find(|s| s.number() == number).ok_or(Refusal::Unknown)
    }

    fn changes(&mut self) -> impl Iterator<Item = &mut Changes> {
        self.subscriptions.iter_mut().filter_map(|s| match s {
            Subscription::Changes(changes) => Some(changes),
            Subscription::Logs(_) | Subscription::Stats(_) => None,
        })
    }

    fn logs(&self) -> impl Iterator<Item = &Logs> {
        self.subscriptions.iter().filter_map(|s| match s {
            Subscription::Logs(logs) => Some(logs),
            Subscription::Changes(_) | Subscription::Stats(_) => None,
        })
    }

    fn stats(&mut self) -> impl Iterator<Item = &mut Stats> {
        self.subscriptions.iter_mut().filter_map(|s| match s {
            Subscription::Stats(stats) => Some(stats),
            Subscription::Changes(_) | Subscription::Logs(_) => None,
        })
    }

    /// Whether there is a place for a subscription of this number.
    fn room(&mut self, number: u32) -> Result<(), Refusal> {
        if self.find(number).is_ok() {
            return Err(Refusal::Taken);
        }
        if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(Refusal::TooMany);
        }
        Ok(())
    }

    fn resize(&mut self) {
        let capacity = (RINGS / self.changes().count().max(1)).min(RING);
        self.changes().for_each(|s| s.resize(capacity));
        let capacity = LOG_RINGS / self.logs().count().max(1);
        self.logs().for_each(|s| s.resize(capacity));
    }
}

impl Listener {
    pub fn new(sight: Sight) -> Self {
        let inner = Inner { sight, subscriptions: Vec::new(), turn: 0, words: VecDeque::new() };
        Self { inner: Mutex::new(inner), wake: Arc::default(), watched: Arc::default() }
    }

    /// The same, telling so when somebody watches containers.
    pub fn telling(mut self, watched: &Arc<Notify>) -> Self {
        self.watched = Arc::clone(watched);
        self
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the change for whichever subscription wants it, if the person may hear of it.
    pub fn offer(&self, change: &Arc<Change>, now: Millis) {
        let mut inner = self.inner();
        if !inner.changes().any(|s| s.wants(change.kind)) || !inner.sight.sees(change) {
            return;
        }
        inner.changes().filter(|s| s.wants(change.kind)).for_each(|s| s.push(Arc::clone(change), now));
        self.wake.notify_one();
    }

    /// Nobody knows what `n` changes of these kinds were.
    pub fn lost(&self, kinds: &[Kind], n: u64, from: Millis, to: Millis, now: Millis) {
        let mut inner = self.inner();
        inner.changes().filter(|s| kinds.iter().any(|k| s.wants(*k))).for_each(|s| s.lost(n, from, to, now));
        self.wake.notify_one();
    }

    pub fn subscribe(&self, number: u32, kinds: HashSet<Kind>, credit: u32) -> Result<(), Refusal> {
        let mut inner = self.inner();
        inner.room(number)?;
        inner.subscriptions.push(Subscription::Changes(Changes::new(number, kinds, credit, RING)));
        inner.resize();
        Ok(())
    }

    /// A ring for a subscription of logs, if there is a place for it.
    pub fn ring(&self, number: u32, credit: u32) -> Result<Ring, Refusal> {
        let mut inner = self.inner();
        inner.room(number)?;
        if inner.logs().count() >= LOGS {
            return Err(Refusal::TooManyLogs);
        }
        Ok(Ring::new(number, credit, LOG_RINGS, Arc::clone(&self.wake)))
    }

    /// Takes a subscription of logs in, with a ring of [`Listener::ring`].
    pub fn subscribe_logs(&self, logs: Logs) -> Result<(), Refusal> {
        let mut inner = self.inner();
        inner.room(logs.number())?;
        inner.subscriptions.push(Subscription::Logs(logs));
        inner.resize();
        Ok(())
    }

    /// Watches what containers use.
    pub fn watch(&self, number: u32, containers: Vec<Key>, credit: u32) -> Result<(), Refusal> {
        let mut inner = self.inner();
        inner.room(number)?;
        if inner.stats().map(|s| s.len()).sum::<usize>() + containers.len() > MAX_WATCHED {
            return Err(Refusal::TooManyContainers);
        }
        inner.subscriptions.push(Subscription::Stats(Stats::new(number, containers, credit)));
        self.watched.notify_one();
        Ok(())
    }

    /// Adds what is watched here and may be read.
    pub fn wanted(&self, all: &mut Wanted<'_>) {
        let inner = self.inner();
        for s in &inner.subscriptions {
            if let Subscription::Stats(stats) = s {
                stats.wanted(&inner.sight, all);
            }
        }
    }

    /// Holds what containers use for whoever watches.
    pub fn tell(&self, round: &Arc<Round>) {
        let mut inner = self.inner();
        if inner.stats().map(|s| s.offer(round)).count() > 0 {
            self.wake.notify_one();
        }
    }

    pub fn credit(&self, number: u32, bytes: u32) -> Result<(), Refusal> {
        self.inner().find(number)?.credit(bytes);
        self.wake.notify_one();
        Ok(())
    }

    pub fn unsubscribe(&self, number: u32) -> Result<(), Refusal> {
        let mut inner = self.inner();
        inner.find(number)?;
        inner.subscriptions.retain(|s| s.number() != number);
        inner.resize();
        Ok(())
    }

    /// The numbers of all subscriptions.
    pub fn numbers(&self) -> Vec<u32> {
        self.inner().subscriptions.iter().map(Subscription::number).collect()
    }

    /// The next frame that is due, each subscription in its turn.
    pub fn next(&self, now: Millis) -> Option<Outgoing> {
        let mut inner = self.inner();
        if let Some(frame) = inner.words.pop_front() {
            return Some(Outgoing::Frame(frame));
        }
        let inner = &mut *inner;
        let (n, turn) = (inner.subscriptions.len(), inner.turn);
        let mut next = |i: usize| inner.subscriptions[i].next(now, &inner.sight);
        let (place, frame) = (0..n).map(|i| (turn + i) % n).find_map(|i| next(i).map(|frame| (i, frame)))?;
        inner.turn = place + 1;
        Some(frame)
    }

    /// When [`Listener::next`] has something, unless more comes before.
    pub fn wake_at(&self) -> Option<Millis> {
        let inner = self.inner();
        if inner.words.is_empty() { inner.subscriptions.iter().filter_map(Subscription::wake_at).min() } else { Some(Millis::MIN) }
    }

    /// From now on by these rights; what waits and may no longer be told is forgotten.
    pub fn look(&self, sight: Sight) {
        let mut inner = self.inner();
        let inner = &mut *inner;
        inner.sight = sight;
        for s in &mut inner.subscriptions {
            if let Subscription::Changes(changes) = s {
                changes.retain(|change| inner.sight.sees(change));
            }
        }
    }

    /// Ends subscriptions of logs that may no longer be read, by the rights and owners of now: with what waits in them.
    pub fn end_unreadable(&self, app: &App) {
        let mut inner = self.inner();
        let inner = &mut *inner;
        let before = inner.subscriptions.len();
        let actor = Arc::clone(inner.sight.actor());
        inner.subscriptions.retain(|s| {
            let Subscription::Logs(logs) = s else { return true };
            // What is gone ends by itself.
            let readable = logs.followed().iter().all(|c| c.scope_now(app).is_none_or(|scope| actor.may::<container::Read>(&scope)));
            if !readable {
                inner.words.push_back(ServerFrame::Ended { sub: logs.number(), reason: "revoked".to_owned() });
            }
            readable
        });
        if inner.subscriptions.len() < before {
            inner.resize();
            self.wake.notify_one();
        }
    }

    /// Runs on the rights that hold now.
    pub fn with_sight<T>(&self, f: impl FnOnce(&Sight) -> T) -> T {
        f(&self.inner().sight)
    }
}
