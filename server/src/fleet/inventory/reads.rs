//! A host's reads: lists and inspections, begun, applied, and what still is to be read.

use std::sync::Arc;

use app::api::container::ContainerState;

use super::{
    facts::Facts,
    host::Host,
    inspection,
    merge::{Applied, Read, Written},
    state::Inner,
};
use crate::fleet::{
    connector::{Call, Fault},
    model::ContainerEntry,
};

/// How often a writer's read is repeated when events overtake it.
const WRITER_READS: usize = 8;

/// A container to be inspected.
#[derive(Debug)]
pub struct Wanted {
    pub id: String,
    /// An event asked for it, not a list.
    pub urgent: bool,
}

/// A read under way; given up where it is dropped.
#[derive(Debug)]
pub struct Reading<'a> {
    host: &'a Host,
    read: Option<Read>,
}

impl Reading<'_> {
    fn take(mut self) -> Read {
        self.read.take().expect("taken once, by value")
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Some(read) = self.read.take() {
            self.host.lock().known.give_up(read);
        }
    }
}

/// What came of one inspection; `Ok(None)`: it is gone.
#[derive(Debug)]
pub struct Inspected<'a> {
    pub id: String,
    pub read: Reading<'a>,
    pub outcome: Result<Option<Facts>, Fault>,
}

impl Host {
    pub fn begin_read(&self) -> Reading<'_> {
        Reading { host: self, read: Some(self.lock().known.begin()) }
    }

    /// A list that is slow, or failed: what is shown may be out of date.
    pub fn list_is_slow(&self) {
        let mut inner = self.lock();
        if !inner.slow {
            inner.slow = true;
            self.publish(&mut inner, [], true);
        }
    }

    /// Applies a whole list. `trusted`: events were followed since the last one, so that what an inspection said still holds.
    pub fn listed(&self, read: Reading<'_>, list: Vec<(String, Facts)>, trusted: bool) {
        let now = self.clock.now();
        let read = read.take();
        let mut inner = self.lock();
        let join = |before: Option<&Facts>, listed: Facts| {
            let mut facts = listed.joined(before);
            facts.inspected &= trusted;
            facts
        };
        let changed = inner.known.apply_list(read, list, join);
        // First those of which a list tells least.
        let Inner { known, wanted, queued, .. } = &mut *inner;
        let mut unknown: Vec<(bool, &String)> =
            known.iter().filter(|(_, f)| !f.inspected).map(|(id, f)| (f.state == ContainerState::Running, id)).collect();
        unknown.sort();
        for (_, id) in unknown {
            if queued.insert(id.clone()) {
                wanted.push_back(Wanted { id: id.clone(), urgent: false });
            }
        }
        inner.histories.values_mut().for_each(|h| h.fade(now));
        let Inner { known, histories, .. } = &mut *inner;
        histories.retain(|id, h| known.get(id).is_some() || h.fades());
        let faded: Vec<String> = inner.histories.iter().filter(|(_, h)| h.fades()).map(|(id, _)| id.clone()).collect();
        let host_changed = std::mem::take(&mut inner.slow);
        inner.fresh_at = Some(now);
        self.publish(&mut inner, changed.into_iter().chain(faded), host_changed);
        drop(inner);
        self.wake.notify_one();
    }

    /// The next container to be inspected.
    pub fn next_wanted(&self) -> Option<Wanted> {
        let mut inner = self.lock();
        let wanted = inner.wanted.pop_front()?;
        inner.queued.remove(&wanted.id);
        Some(wanted)
    }

    /// The task ended: the next one begins with a list.
    pub fn forget_wanted(&self) {
        let mut inner = self.lock();
        inner.wanted.clear();
        inner.queued.clear();
    }

    /// Applies several inspections at once.
    pub fn inspected(&self, reads: Vec<Inspected<'_>>) {
        // What failed is given up here; the next list says whether it is still of interest.
        let good: Vec<_> = reads.into_iter().filter_map(|i| Some((i.id, i.outcome.ok()?, i.read.take()))).collect();
        let mut inner = self.lock();
        let mut changed = Vec::new();
        for (id, seen, read) in good {
            if inner.apply(read, &id, seen) == Applied::Yes {
                changed.push(id);
            } else if inner.known.get(&id).is_some_and(|f| !f.inspected) {
                inner.want(&id);
            }
        }
        inner.fresh_at = Some(self.clock.now());
        self.publish(&mut inner, changed, false);
    }

    /// Reads a container anew after a write of it: until what is shown has the write.
    pub async fn refresh(&self, id: &str) -> Result<Option<Arc<ContainerEntry>>, Fault> {
        let write: Written = self.lock().known.written(id);
        for _ in 0..WRITER_READS {
            let read = self.begin_read();
            let seen = self.inspect(id).await?;
            let read = read.take();
            let mut inner = self.lock();
            let applied = inner.apply(read, id, seen);
            self.publish(&mut inner, [id.to_owned()], false);
            if applied == Applied::Yes || inner.known.shows(id, write) {
                return Ok(inner.entry(id));
            }
        }
        Err(Fault::Other("the container changes faster than it can be read".to_owned()))
    }

    /// Asks the engine about one container; `None`: it is not there.
    pub async fn inspect(&self, id: &str) -> Result<Option<Facts>, Fault> {
        match self.link.get_one(&format!("/containers/{id}/json")).await {
            Ok(bytes) => inspection::read(id, &bytes).map(Some),
            Err(Fault::Status { status: 404, .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Asks for the list of all containers.
    pub async fn list(&self) -> Result<Vec<(String, Facts)>, Fault> {
        super::list::read(&self.link.get_bytes("/containers/json?all=1").await?)
    }

    /// The stream of events from a moment of the engine's clock on.
    pub async fn events(&self, since: Option<String>) -> Result<hyper::body::Incoming, Fault> {
        let path = since.map_or_else(|| "/events".to_owned(), |s| format!("/events?since={s}"));
        Ok(self.link.get(Call::Stream, &path).await?.into_body())
    }
}
