//! What containers use, for one subscription: the newest round alone waits, within the reader's credit.
//!
//! - Which of its containers are told is decided when the frame is made, by the rights of then.
//! - Without credit a round waits, and a newer one takes its place: that is said before anything else.

use std::{collections::hash_map::Entry, sync::Arc};

use app::api::live::{MAX_CREDIT, ServerFrame};

use super::json;
use crate::{
    clock::{Millis, rfc3339},
    live::{
        sight::Sight,
        stats::{Key, Round, Wanted, WantedContainer},
    },
};

/// A subscription of what containers use.
#[derive(Debug)]
pub struct Stats {
    number: u32,
    containers: Vec<Key>,
    credit: u32,
    /// What the waiting frame costs, once that is known: it waits for so much credit.
    cost: u32,
    waiting: Option<Arc<Round>>,
    /// Rounds that a newer one took the place of: how many, from when to when.
    dropped: Option<(u64, Millis, Millis)>,
}

impl Stats {
    pub fn new(number: u32, containers: Vec<Key>, credit: u32) -> Self {
        Self { number, containers, credit: credit.min(MAX_CREDIT), cost: 1, waiting: None, dropped: None }
    }

    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many containers it watches.
    pub fn len(&self) -> usize {
        self.containers.len()
    }

    pub fn credit(&mut self, bytes: u32) {
        self.credit = self.credit.saturating_add(bytes).min(MAX_CREDIT);
    }

    /// Adds what it watches and its person may read.
    pub fn wanted(&self, sight: &Sight, all: &mut Wanted<'_>) {
        all.is_watched = true;
        for key in &self.containers {
            let Entry::Vacant(free) = all.containers.entry(key.clone()) else { continue };
            let found = all.snapshot.find(&key.1).into_iter().find(|(host, _)| host.id == key.0);
            let Some((host, entry)) = found else { continue };
            if let Some(permitted) = sight.permit(host, entry, all.now) {
                free.insert(WantedContainer { host: Arc::clone(host), entry: Arc::clone(entry), permitted });
            }
        }
    }

    pub fn offer(&mut self, round: &Arc<Round>) {
        if let Some(old) = self.waiting.replace(Arc::clone(round)) {
            let (n, from, _) = self.dropped.unwrap_or((0, old.at, old.at));
            self.dropped = Some((n + 1, from, old.at));
        }
    }

    /// When [`Stats::next`] has something, unless more comes before: a round is due as soon as it is here.
    pub fn wake_at(&self) -> Option<Millis> {
        self.waiting.as_ref().filter(|_| self.credit >= self.cost).map(|_| Millis::MIN)
    }

    /// What is to be said now, of what may be read by these rights.
    pub fn next(&mut self, sight: &Sight) -> Option<ServerFrame> {
        self.wake_at()?;
        let frame = self.frame(self.waiting.as_ref()?, sight);
        self.cost = json(&frame).len() as u32;
        if self.credit < self.cost {
            return None;
        }
        if let Some((n, from, to)) = self.dropped.take() {
            return Some(ServerFrame::Dropped { sub: self.number, n, from: rfc3339(from), to: rfc3339(to) });
        }
        self.credit -= self.cost;
        (self.waiting, self.cost) = (None, 1);
        Some(frame)
    }

    fn frame(&self, round: &Round, sight: &Sight) -> ServerFrame {
        let row = |(place, key): (usize, &Key)| {
            let seen = round.of.get(key)?;
            let may = sight.sees_container(&key.0, seen.environment_id.as_deref(), &key.1, seen.created_at);
            may.then(|| std::iter::once(Some(place as u64)).chain(seen.figures.row()).collect())
        };
        let rows = self.containers.iter().enumerate().filter_map(row).collect();
        ServerFrame::Stats { sub: self.number, at: rfc3339(round.at), rows }
    }
}
