//! Log lines for one subscription: a ring of frames that those who read the engines write and the socket takes, within the reader's credit.
//!
//! - The first line after a moment of quiet goes at once; what follows is put together for [`TOGETHER`], or until a frame is full.
//! - When the ring is full the oldest frame goes, and that is said before anything else. Nobody who writes ever waits, but for lines that
//!   were there before: those wait at the engine for room ([`Ring::room`]).

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::api::{
    live::{MAX_CREDIT, ServerFrame},
    log_frame::{self, Entries, Entry, HEAD},
};
use bytes::Bytes;
use tokio::{
    sync::{Notify, futures::Notified},
    task::JoinSet,
};

use super::{FRAME, Outgoing};
use crate::{
    auth::subject::ContainerSubject,
    clock::{Millis, nanos::Nanos, rfc3339},
};

/// What a line waits for company.
const TOGETHER: Millis = 20;

/// A subscription of logs. The readers of the engines end with it.
pub struct Logs {
    ring: Arc<Ring>,
    followed: Vec<ContainerSubject>,
    /// They are cancelled when this goes.
    _readers: JoinSet<()>,
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("ring", &self.ring).finish_non_exhaustive()
    }
}

impl Logs {
    /// `followed`: whose logs these are, for checking that they may still be read.
    pub fn new(ring: Arc<Ring>, followed: Vec<ContainerSubject>, readers: JoinSet<()>) -> Self {
        Self { ring, followed, _readers: readers }
    }

    pub fn number(&self) -> u32 {
        self.ring.sub
    }

    pub fn followed(&self) -> &[ContainerSubject] {
        &self.followed
    }

    pub fn credit(&self, bytes: u32) {
        let mut inner = self.ring.lock();
        inner.credit = inner.credit.saturating_add(bytes).min(MAX_CREDIT);
    }

    /// Bounds how many bytes wait.
    pub fn resize(&self, capacity: usize) {
        let mut inner = self.ring.lock();
        inner.capacity = capacity;
        inner.shrink();
    }

    pub fn wake_at(&self) -> Option<Millis> {
        self.ring.lock().wake_at()
    }

    pub fn next(&self, now: Millis) -> Option<Outgoing> {
        let said = self.ring.lock().next(self.ring.sub, now);
        if said.is_some() {
            self.ring.taken.notify_waiters();
        }
        said
    }
}

/// What waits to be sent.
#[derive(Debug)]
pub struct Ring {
    sub: u32,
    inner: Mutex<Inner>,
    /// The socket's: something is to be sent.
    wake: Arc<Notify>,
    /// Something was sent.
    taken: Notify,
}

#[derive(Debug)]
struct Inner {
    frames: VecDeque<Frame>,
    /// Of all frames.
    bytes: usize,
    capacity: usize,
    credit: u32,
    dropped: Option<Dropped>,
    /// When something began to wait.
    waits_since: Option<Millis>,
    said_at: Option<Millis>,
}

/// Lines that go out together.
#[derive(Debug)]
struct Frame {
    bytes: Vec<u8>,
    lines: u64,
    from: Nanos,
    to: Nanos,
}

/// Lines that were dropped and not yet spoken of.
#[derive(Clone, Copy, Debug)]
struct Dropped {
    n: u64,
    from: Nanos,
    to: Nanos,
}

/// Whoever holds it writes lines; the socket is woken when it goes.
pub struct Pen<'a> {
    ring: &'a Ring,
    inner: MutexGuard<'a, Inner>,
    now: Millis,
    wrote: bool,
}

impl Pen<'_> {
    pub fn line(&mut self, entry: &Entry<'_>) {
        self.wrote = true;
        self.inner.push(self.ring.sub, entry);
    }
}

impl Drop for Pen<'_> {
    fn drop(&mut self) {
        if self.wrote {
            let now = self.now;
            self.inner.waits_since.get_or_insert(now);
            self.ring.wake.notify_one();
        }
    }
}

impl Ring {
    pub fn new(sub: u32, credit: u32, capacity: usize, wake: Arc<Notify>) -> Self {
        let inner = Inner {
            frames: VecDeque::new(),
            bytes: 0,
            capacity,
            credit: credit.min(MAX_CREDIT),
            dropped: None,
            waits_since: None,
            said_at: None,
        };
        Self { sub, inner: Mutex::new(inner), wake, taken: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never waits. `now` is the hub's.
    pub fn pen(&self, now: Millis) -> Pen<'_> {
        Pen { ring: self, inner: self.lock(), now, wrote: false }
    }

    /// Waits until half of the ring is free.
    pub async fn room(&self) {
        loop {
            let taken: Notified<'_> = self.taken.notified();
            tokio::pin!(taken);
            taken.as_mut().enable();
            {
                let inner = self.lock();
                if inner.bytes <= inner.capacity / 2 {
                    return;
                }
            }
            taken.await;
        }
    }
}

impl Inner {
    fn push(&mut self, sub: u32, entry: &Entry<'_>) {
        let size = entry.size();
        let frame = match self.frames.back_mut() {
            Some(frame) if frame.bytes.len() + size <= FRAME => frame,
            _ => {
                self.bytes += HEAD;
                self.frames.push_back(Frame { bytes: log_frame::begin(sub), lines: 0, from: Nanos::MAX, to: 0 });
                self.frames.back_mut().expect("just put there")
            }
        };
        entry.write(&mut frame.bytes);
        frame.lines += 1;
        (frame.from, frame.to) = (frame.from.min(entry.at), frame.to.max(entry.at));
        self.bytes += size;
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.bytes > self.capacity {
            let Some(frame) = self.frames.pop_front() else { return };
            self.bytes -= frame.bytes.len();
            let before = self.dropped.unwrap_or(Dropped { n: 0, from: frame.from, to: frame.to });
            self.dropped = Some(Dropped { n: before.n + frame.lines, from: before.from.min(frame.from), to: before.to.max(frame.to) });
        }
    }

    fn wake_at(&self) -> Option<Millis> {
        let since = self.waits_since?;
        let affordable = match self.frames.front() {
            Some(frame) => self.credit as usize >= HEAD + Entries::of(&frame.bytes[HEAD..]).next().map_or(0, |line| line.size()),
            None => self.dropped.is_some() && self.credit > 0,
        };
        let is_full = self.frames.len() > 1;
        affordable.then(|| if is_full { since } else { self.said_at.map_or(since, |said| since.max(said + TOGETHER)) })
    }

    fn next(&mut self, sub: u32, now: Millis) -> Option<Outgoing> {
        if self.wake_at()? > now {
            return None;
        }
        if let Some(Dropped { n, from, to }) = self.dropped.take() {
            if self.frames.is_empty() {
                (self.said_at, self.waits_since) = (Some(now), None);
            }
            let moment = |at: Nanos| rfc3339((at / 1_000_000).cast_signed());
            return Some(Outgoing::Frame(ServerFrame::Dropped { sub, n, from: moment(from), to: moment(to) }));
        }
        let whole = self.frames.front()?.bytes.len() <= self.credit as usize;
        let bytes = if whole { self.frames.pop_front()?.bytes } else { self.frames.front_mut()?.split(sub, self.credit as usize) };
        self.credit -= bytes.len() as u32;
        self.bytes = self.frames.iter().map(|f| f.bytes.len()).sum();
        self.said_at = Some(now);
        self.waits_since = (!self.frames.is_empty()).then_some(now);
        Some(Outgoing::Bulk(Bytes::from(bytes)))
    }
}

impl Frame {
    /// Takes as many lines off as `most` bytes hold: one at least.
    fn split(&mut self, sub: u32, most: usize) -> Vec<u8> {
        let (mut first, mut lines, mut size) = (log_frame::begin(sub), 0, 0);
        for entry in Entries::of(&self.bytes[HEAD..]) {
            if lines > 0 && HEAD + size + entry.size() > most {
                break;
            }
            size += entry.size();
            lines += 1;
        }
        first.extend_from_slice(&self.bytes[HEAD..HEAD + size]);
        self.bytes.drain(HEAD..HEAD + size);
        self.lines -= lines;
        first
    }
}

#[cfg(test)]
mod tests;
