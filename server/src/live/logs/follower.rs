//! One container's log, followed: over its restarts and its engine's absences, until it is gone or nobody follows any more.

use std::{sync::Arc, time::Duration};

use app::api::{
    container::ContainerState,
    host::HostState,
    log_frame::{Entry, Mark, Stream},
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{sleep, timeout},
};

use super::{mark, now};
use crate::{
    api::places::Place,
    app::App,
    auth::{Permitted, permission::container::Read, subject::ContainerSubject},
    clock::{Millis, nanos::Nanos},
    fleet::{
        EngineError,
        engine::{Line, LogRange, LogReader, Side, Taken},
        model::ContainerEntry,
    },
    live::subscription::Ring,
};

/// Others get their turn after so many takings.
const TURN: usize = 16;
/// How long the end of a run may take to be told by the engine's events; then its log is opened again.
const HEARSAY: Duration = Duration::from_secs(5);

/// How often it is looked whether the engine answers.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// Before an answer that broke off is asked for again, and one that was refused.
const BROKEN: Duration = Duration::from_millis(200);
const REFUSED: Duration = Duration::from_secs(2);

/// Follows one container.
pub struct Follower {
    pub app: App,
    pub ring: Arc<Ring>,
    /// Its place in the subscription's list.
    pub index: u8,
    /// How many are in that list.
    pub among: usize,
    pub permitted: Permitted<Read>,
    pub subject: ContainerSubject,
    /// Held as long as it is followed.
    pub _place: Place,
}

/// How the container stands, as far as the console knows.
enum Standing {
    Gone,
    /// Its engine does not answer.
    Unreachable,
    /// Since when.
    Running(Option<Millis>),
    /// Since when, and its exit code.
    Ended(Option<Millis>, Option<i64>),
}

impl Follower {
    pub async fn run(self, mut range: LogRange) {
        let mut last = 0;
        let mut broken = false;
        loop {
            let run = self.run_now();
            let read = tokio::select! {
                read = self.read(range, &mut last) => read,
                () = self.silence() => Err(EngineError::Timeout),
            };
            match read {
                Ok(()) => broken = false,
                Err(EngineError::ContainerNotFound) => return self.mark(last, &Mark::Removed),
                // Another driver comes with another container.
                Err(error @ EngineError::LogsNotReadable(_)) => return self.mark(last, &Mark::Unreadable(error.code().to_owned())),
                Err(error) => {
                    // A container that was removed takes its stream with it: the engine's events say so.
                    if !matches!(self.standing(), Standing::Gone) && !std::mem::replace(&mut broken, true) {
                        self.mark(last, &Mark::Lost(error.code().to_owned()));
                    }
                    // An engine that answers with a no is asked again less often than one whose answer broke off.
                    sleep(if matches!(error, EngineError::Refused(_) | EngineError::Conflict(_)) { REFUSED } else { BROKEN }).await;
                }
            }
            if self.next_run(run, last, broken).await.is_none() {
                return self.mark(last, &Mark::Removed);
            }
            // What was told is not told again; of a log that has not told anything, what is wanted stays.
            if last > 0 {
                range = LogRange { since: Some(last + 1), tail: None, ..range };
            }
        }
    }

    /// Waits until the engine does not answer any more: its stream may never say so.
    async fn silence(&self) {
        while !matches!(self.standing(), Standing::Unreachable) {
            sleep(ASK_AGAIN).await;
        }
    }

    /// Reads to the end of the answer.
    async fn read(&self, range: LogRange, last: &mut Nanos) -> Result<(), EngineError> {
        let engine = self.app.fleet().engine(&self.subject.host.id).ok_or(EngineError::ContainerNotFound)?;
        let began = now(&self.app);
        let mut log = engine.read_log(&self.permitted, &self.subject.entry.id, range).await?;
        loop {
            if !self.wait(&mut log, last).await? {
                return Ok(());
            }
            let mut taken = Taken { pieces: 1, bytes: 0 };
            for _ in 0..TURN {
                if *last < began {
                    break;
                }
                match self.at_hand(&mut log, last) {
                    Taken { pieces: 0, .. } => break,
                    more => taken += more,
                }
            }
            if *last < began {
                // These lines were there before: they can wait at the engine.
                self.ring.room().await;
                continue;
            }
            match taken.pause(self.among) {
                Duration::ZERO => tokio::task::yield_now().await,
                pause => sleep(pause).await,
            }
        }
    }

    async fn wait(&self, log: &mut LogReader, last: &mut Nanos) -> Result<bool, EngineError> {
        log.more(&mut |line| self.write(&line, last)).await
    }

    fn at_hand(&self, log: &mut LogReader, last: &mut Nanos) -> Taken {
        let mut pen = self.ring.pen(self.app.hub().now());
        log.at_hand(&mut |line| pen.line(&self.entry(&line, last)))
    }

    fn write(&self, line: &Line, last: &mut Nanos) {
        self.ring.pen(self.app.hub().now()).line(&self.entry(line, last));
    }

    fn entry<'a>(&self, line: &Line<'a>, last: &mut Nanos) -> Entry<'a> {
        *last = line.at.max(*last);
        let stream = if line.side == Side::Err { Stream::Err } else { Stream::Out };
        let cut = u32::try_from(line.cut).unwrap_or(u32::MAX);
        Entry { container: self.index, stream, at: line.at, cut, text: line.text }
    }

    fn mark(&self, at: Nanos, what: &Mark) {
        mark(&self.app, &self.ring, self.index, if at == 0 { now(&self.app) } else { at }, what);
    }

    fn entry_now(&self) -> Option<Arc<ContainerEntry>> {
        let snapshot = self.app.fleet().snapshot();
        snapshot.find(&self.subject.entry.id).into_iter().find(|(host, _)| host.id == self.subject.host.id).map(|(_, c)| Arc::clone(c))
    }

    /// Since when the run lasts that is followed now.
    fn run_now(&self) -> Option<Millis> {
        self.entry_now().and_then(|c| c.started_at)
    }

    fn standing(&self) -> Standing {
        let reachable = self.app.fleet().snapshot().host(&self.subject.host.id).is_some_and(|h| h.state == HostState::Reachable);
        match self.entry_now() {
            None => Standing::Gone,
            Some(_) if !reachable => Standing::Unreachable,
            Some(c) => match c.state {
                ContainerState::Running | ContainerState::Paused => Standing::Running(c.started_at),
                _ => Standing::Ended(c.finished_at, c.exit_code),
            },
        }
    }

    /// Waits until there is something to read again; `None` once it is gone. `broken`: the stream broke off, the run may go on.
    async fn next_run(&self, before: Option<Millis>, last: Nanos, mut broken: bool) -> Option<()> {
        let mut changes = self.app.fleet().changes();
        let moment = |at: Option<Millis>| at.map_or(0, |at| at.unsigned_abs() * 1_000_000).max(last);
        let mut told = false;
        loop {
            match self.standing() {
                Standing::Gone => return None,
                Standing::Unreachable => broken = true,
                Standing::Running(_) if broken && !told => return Some(()),
                Standing::Running(since) if told || since != before => {
                    if !told {
                        self.mark(moment(None), &Mark::Exited(self.entry_now().and_then(|c| c.exit_code)));
                    }
                    self.mark(moment(since), &Mark::Started);
                    return Some(());
                }
                // Its end is not heard of yet.
                Standing::Running(_) => {
                    if timeout(HEARSAY, self.heard(&mut changes)).await.is_err() {
                        return Some(());
                    }
                    continue;
                }
                Standing::Ended(at, code) => {
                    if !std::mem::replace(&mut told, true) {
                        self.mark(moment(at), &Mark::Exited(code));
                    }
                }
            }
            self.heard(&mut changes).await;
        }
    }

    /// Waits until its host or it itself has changed, or nobody knows what has.
    async fn heard(&self, changes: &mut tokio::sync::broadcast::Receiver<crate::fleet::FleetChange>) {
        loop {
            match changes.recv().await {
                Ok(change) if change.id == self.subject.entry.id || change.id == self.subject.host.id => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                // The console closes.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
