//! What changed, for one subscription: what it has to say, when it may say it, and what it had to drop. Without clock and socket: time is told to it.
//!
//! - Changes of one object become one item, under its newest version.
//! - After quiet, three frames go at once (one deed makes two or three changes); what follows is put together for half a second.
//! - Items cost bytes of credit; without credit they wait. When the ring is full the oldest go, and that is said before anything else.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use app::api::live::{Changed, MAX_CREDIT, ServerFrame};

use super::{FRAME, json};
use crate::{
    clock::{Millis, rfc3339},
    live::change::{Change, Kind},
};

/// Between two frames in the long run; so the most that a change waits.
const TOGETHER: Millis = 500;
/// So many frames go at once after quiet. Each has been earned again half a second after the one before.
const AT_ONCE: i64 = 3;

/// An object; with its host, since two hosts may hold the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key(Kind, Option<String>, String);

impl Key {
    fn of(change: &Change) -> Self {
        Self(change.kind, change.host_id.clone(), change.id.clone())
    }
}

#[derive(Debug)]
struct Held {
    change: Arc<Change>,
    /// How many changes it stands for, and when the first of them was.
    count: u64,
    first_at: Millis,
}

/// Changes that were dropped and not yet spoken of.
#[derive(Clone, Copy, Debug)]
struct Dropped {
    n: u64,
    from: Millis,
    to: Millis,
}

/// A ring with its credit.
#[derive(Debug)]
pub struct Changes {
    number: u32,
    kinds: HashSet<Kind>,
    capacity: usize,
    credit: u32,
    held: HashMap<Key, Held>,
    /// The keys of `held`, in the order in which they came.
    order: VecDeque<Key>,
    dropped: Option<Dropped>,
    /// When something began to wait.
    waits_since: Option<Millis>,
    /// When all frames that may go at once have been earned again.
    rested_at: Millis,
}

impl Changes {
    /// `kinds` empty: all.
    pub fn new(number: u32, kinds: HashSet<Kind>, credit: u32, capacity: usize) -> Self {
        Self {
            number,
            kinds,
            capacity,
            credit: credit.min(MAX_CREDIT),
            held: HashMap::new(),
            order: VecDeque::new(),
            dropped: None,
            waits_since: None,
            rested_at: Millis::MIN / 2,
        }
    }

    pub fn number(&self) -> u32 {
        self.number
    }

    pub fn wants(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Takes a change in. `now` is on the same scale as everywhere here and need not be wall time.
    pub fn push(&mut self, change: Arc<Change>, now: Millis) {
        let key = Key::of(&change);
        if let Some(held) = self.held.get_mut(&key) {
            held.count += 1;
            if change.version >= held.change.version {
                held.change = change;
            }
        } else {
            self.order.push_back(key.clone());
            let first_at = change.at;
            self.held.insert(key, Held { change, count: 1, first_at });
        }
        self.shrink();
        self.waits_since.get_or_insert(now);
    }

    /// `n` changes between the two moments never came here.
    pub fn lost(&mut self, n: u64, from: Millis, to: Millis, now: Millis) {
        self.note_dropped(n, from, to);
        self.waits_since.get_or_insert(now);
    }

    /// Grants bytes.
    pub fn credit(&mut self, bytes: u32) {
        self.credit = self.credit.saturating_add(bytes).min(MAX_CREDIT);
    }

    /// Bounds how many objects wait.
    pub fn resize(&mut self, capacity: usize) {
        self.capacity = capacity;
        self.shrink();
    }

    /// Forgets what may no longer be told.
    pub fn retain(&mut self, mut keep: impl FnMut(&Change) -> bool) {
        self.held.retain(|_, held| keep(&held.change));
        let held = &self.held;
        self.order.retain(|key| held.contains_key(key));
        if self.order.is_empty() && self.dropped.is_none() {
            self.waits_since = None;
        }
    }

    /// When [`Changes::next`] has something, unless more comes before.
    pub fn wake_at(&self) -> Option<Millis> {
        let waits_since = self.waits_since?;
        let affordable = match self.order.front() {
            Some(key) => self.credit as usize >= self.envelope() + cost(&self.held[key].change.dto()),
            None => self.credit > 0,
        };
        affordable.then_some(waits_since.max(self.rested_at - (AT_ONCE - 1) * TOGETHER))
    }

    /// What is to be said now.
    pub fn next(&mut self, now: Millis) -> Option<ServerFrame> {
        if self.wake_at()? > now {
            return None;
        }
        let sub = self.number;
        if let Some(Dropped { n, from, to }) = self.dropped.take() {
            // What follows comes at once: a reader is told of dropped changes no more often than it takes items.
            if self.order.is_empty() {
                self.spoke(now);
                self.waits_since = None;
            }
            return Some(ServerFrame::Dropped { sub, n, from: rfc3339(from), to: rfc3339(to) });
        }
        let most = FRAME.min(self.credit as usize);
        let mut size = self.envelope();
        let mut items = Vec::new();
        while let Some(key) = self.order.front() {
            let item = self.held[key].change.dto();
            let comma = usize::from(!items.is_empty());
            let grown = size + comma + cost(&item);
            // The first one is affordable, or this would not be due.
            if grown > most && !items.is_empty() {
                break;
            }
            size = grown;
            items.push(item);
            self.held.remove(key);
            self.order.pop_front();
        }
        self.credit -= size as u32;
        self.spoke(now);
        self.waits_since = (!self.order.is_empty()).then_some(now);
        Some(ServerFrame::Changes { sub, items })
    }

    fn spoke(&mut self, now: Millis) {
        self.rested_at = self.rested_at.max(now) + TOGETHER;
    }

    /// What a frame costs without its items.
    fn envelope(&self) -> usize {
        json(&ServerFrame::Changes { sub: self.number, items: Vec::new() }).len()
    }

    fn shrink(&mut self) {
        while self.order.len() > self.capacity {
            let Some(held) = self.order.pop_front().and_then(|key| self.held.remove(&key)) else { return };
            self.note_dropped(held.count, held.first_at, held.change.at);
        }
    }

    fn note_dropped(&mut self, n: u64, from: Millis, to: Millis) {
        let before = self.dropped.unwrap_or(Dropped { n: 0, from, to });
        self.dropped = Some(Dropped { n: before.n + n, from: before.from.min(from), to: before.to.max(to) });
    }
}

fn cost(item: &Changed) -> usize {
    json(item).len()
}

#[cfg(test)]
mod tests;
