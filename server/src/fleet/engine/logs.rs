//! A container's log: its last lines, lines between two moments, or as it grows.

mod frames;
mod lines;
mod tail;

use std::{ops::AddAssign, time::Duration};

use app::api::container::LogTail;
use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, stream};
use http_body::Frame;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::Engine;
use crate::{
    auth::{Permitted, permission::container::Read},
    clock::nanos::{self, Nanos},
    fleet::{
        connector::{Call, Direct, Fault, Link},
        error::EngineError,
    },
};
use frames::Frames;
pub use frames::Side;
use lines::Lines;
pub use lines::{LINE, Line};
use tail::Tail;
pub use tail::dto as line_dto;

/// The most lines that may be asked for.
pub const MAX_TAIL: u32 = 10_000;
/// How many of the newest lines are looked through for some that are older than a moment, at first. An engine counts from the end of the
/// log before it looks at times, and reads all of it where it is not given a number.
const LOOK_THROUGH: u64 = 4_000;
/// Beyond so many the whole log is read.
const LOOK_THROUGH_AT_MOST: u64 = 1 << 20;

/// An engine writes each line by itself. After what is at hand was taken, so long nothing is read: what comes meanwhile is read at once.
const GATHER: Duration = Duration::from_millis(10);
/// The same where many came.
const GATHER_MANY: Duration = Duration::from_millis(2);
/// How many pieces are many: at so many a pause, as if they were all, a log would be held up by its reader.
const MANY: usize = 32;
/// About so many small pieces fit into a socket's buffer.
const FULL: usize = 200;
/// Logs that are followed side by side wait the longer, the more they are: together they are still read often enough.
const SIDE_BY_SIDE: u32 = 16;
/// What is taken at once.
const AT_ONCE: usize = 64 << 10;

/// What was at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub pieces: usize,
    pub bytes: usize,
}

impl Taken {
    fn count(&mut self, piece: &[u8]) {
        *self += Self { pieces: 1, bytes: piece.len() };
    }

    /// How long the log is left alone then, where `among` so many are followed with it.
    pub fn pause(self, among: usize) -> Duration {
        if self.bytes >= AT_ONCE || self.pieces >= FULL {
            // There is more.
            Duration::ZERO
        } else if self.pieces >= MANY {
            GATHER_MANY
        } else {
            GATHER * (1 + u32::try_from(among).unwrap_or(u32::MAX) / SIDE_BY_SIDE)
        }
    }
}

impl AddAssign for Taken {
    fn add_assign(&mut self, more: Self) {
        self.pieces += more.pieces;
        self.bytes += more.bytes;
    }
}

/// How much of a log is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLimit {
    /// At most [`MAX_TAIL`].
    pub lines: u32,
    /// Of text; older lines are left out beyond it.
    pub bytes: usize,
}

/// Which part of a log. Both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogRange {
    pub since: Option<Nanos>,
    pub until: Option<Nanos>,
    /// The last so many lines of the whole log, of which those of the range are told.
    pub tail: Option<u32>,
    /// Go on with what is written from now on.
    pub follow: bool,
}

impl LogRange {
    fn path(&self, id: &str, times: bool) -> String {
        let tail = self.tail.map_or_else(|| "all".to_owned(), |n| n.to_string());
        let mut path = format!("/containers/{id}/logs?stdout=1&stderr=1&tail={tail}");
        path.push_str(if times { "&timestamps=1" } else { "" });
        path.push_str(if self.follow { "&follow=1" } else { "" });
        for (name, at) in [("&since=", self.since), ("&until=", self.until)] {
            if let Some(at) = at {
                path.push_str(name);
                path.push_str(&nanos::query(at));
            }
        }
        path
    }
}

impl Engine {
    /// The last lines of a range, with the engine's time of each.
    pub async fn logs_tail(&self, permitted: &Permitted<Read>, id: &str, range: LogRange, limit: LogLimit) -> Result<LogTail, EngineError> {
        self.readable(permitted, id)?;
        let lines = limit.lines.min(MAX_TAIL);
        let read = async {
            // Without an end, the engine's own count is right.
            let mut look_through = if range.until.is_some() { LOOK_THROUGH.max(2 * u64::from(lines)) } else { u64::from(lines) };
            loop {
                let all = range.until.is_some() && look_through > LOOK_THROUGH_AT_MOST;
                let tail = if all { None } else { u32::try_from(look_through).ok() };
                let range = LogRange { tail, follow: false, ..range };
                let mut log = self.read_log(permitted, id, range).await?;
                let mut tail = Tail::new(lines as usize, limit.bytes);
                while log.more(&mut |line: Line| tail.take(line)).await? {}
                if range.until.is_none() || all || tail.is_truncated() || tail.len() >= lines as usize {
                    return Ok(tail.finish());
                }
                look_through *= 8;
            }
        };
        timeout(self.host.timings.whole, read).await.map_err(|_| EngineError::Timeout)?
    }

    /// Whether its log can be read: what the engine says at once. A log that is followed answers with its first line, however late.
    pub async fn logs_readable(&self, permitted: &Permitted<Read>, id: &str) -> Result<(), EngineError> {
        self.readable(permitted, id)?;
        let range = LogRange { tail: Some(0), ..LogRange::default() };
        self.host.link.get(Call::Short, &range.path(id, false)).await.map(drop).map_err(EngineError::of_container)
    }

    /// Lines with their times, read by and by. What the reader does not take holds up the engine's answer, not memory.
    pub async fn read_log(&self, permitted: &Permitted<Read>, id: &str, range: LogRange) -> Result<LogReader, EngineError> {
        self.readable(permitted, id)?;
        let framed = !has_terminal(&self.inspect_raw(id).await?);
        let body = self.host.link.get_direct(&range.path(id, true)).await.map_err(EngineError::of_container)?;
        Ok(LogReader { pieces: Pieces::new(body), frames: Frames::new(framed), lines: Lines::new(framed) })
    }

    /// The last `tail` lines (`None`: all) and what is written from now on, as it was written: plain bytes of both streams, in the
    /// engine's order. Ends when the container does. What the reader does not take holds up the engine's answer, not memory.
    pub async fn logs_follow(
        &self,
        permitted: &Permitted<Read>,
        id: &str,
        range: LogRange,
    ) -> Result<impl Stream<Item = Result<Bytes, EngineError>> + Send + use<>, EngineError> {
        self.readable(permitted, id)?;
        let frames = Frames::new(!has_terminal(&self.inspect_raw(id).await?));
        self.logs_readable(permitted, id).await?;
        let link = self.host.link.clone();
        let path = LogRange { follow: true, ..range }.path(id, false);
        // A quiet log's answer begins with its first line: it is asked for when the stream is read.
        let phase = Phase::Asking { link, path, frames };
        Ok(stream::unfold(phase, |phase| async move {
            let (mut pieces, mut frames) = match phase {
                Phase::Asking { link, path, frames } => match link.get_direct(&path).await {
                    Ok(body) => (Pieces::new(body), frames),
                    Err(fault) => return Some((Err(EngineError::of_container(fault)), Phase::Over)),
                },
                Phase::Reading { pieces, frames, pause } => {
                    if !pause.is_zero() {
                        sleep(pause).await;
                    }
                    (pieces, frames)
                }
                Phase::Over => return None,
            };
            let (mut text, mut taken) = (Vec::new(), Taken::default());
            while text.is_empty() {
                match pieces.next().await {
                    Ok(None) => return None,
                    Err(e) => return Some((Err(e), Phase::Over)),
                    Ok(Some(piece)) => {
                        taken.count(&piece);
                        frames.take(&piece, |_, bytes, _| text.extend_from_slice(bytes));
                    }
                }
            }
            while text.len() < AT_ONCE
                && let Some(piece) = pieces.at_hand()
            {
                taken.count(&piece);
                frames.take(&piece, |_, bytes, _| text.extend_from_slice(bytes));
            }
            let next = Phase::Reading { pieces, frames, pause: taken.pause(1) };
            Some((Ok(Bytes::from(text)), next))
        }))
    }
}

/// How a log is followed as it was written.
enum Phase {
    Asking {
        link: Link,
        path: String,
        frames: Frames,
    },
    Reading {
        pieces: Pieces,
        frames: Frames,
        /// Before the next.
        pause: Duration,
    },
    Over,
}

/// An answer with times that is being read.
#[derive(Debug)]
pub struct LogReader {
    pieces: Pieces,
    frames: Frames,
    lines: Lines,
}

impl LogReader {
    /// Waits for more and hands its lines on; `false` once all has been.
    pub async fn more(&mut self, line: &mut impl FnMut(Line)) -> Result<bool, EngineError> {
        match self.pieces.next().await {
            Ok(Some(piece)) => {
                self.take(&piece, line);
                Ok(true)
            }
            Ok(None) => {
                self.lines.finish(line);
                Ok(false)
            }
            Err(error) => {
                self.lines.finish(line);
                Err(error)
            }
        }
    }

    /// Hands on what has come already, if anything has, about [`AT_ONCE`] bytes at most. The end is told by [`LogReader::more`].
    pub fn at_hand(&mut self, line: &mut impl FnMut(Line)) -> Taken {
        let mut taken = Taken::default();
        while taken.bytes < AT_ONCE
            && let Some(piece) = self.pieces.at_hand()
        {
            self.take(&piece, line);
            taken.count(&piece);
        }
        taken
    }

    fn take(&mut self, piece: &[u8], line: &mut impl FnMut(Line)) {
        let Self { frames, lines, .. } = self;
        frames.take(piece, |side, bytes, ends| lines.take(side, bytes, ends, line));
    }
}

/// An answer as the engine writes it: line by line, each a piece.
#[derive(Debug)]
struct Pieces {
    body: Direct,
    /// How it broke off, until that is told.
    fault: Option<EngineError>,
    ended: bool,
}

impl Pieces {
    fn new(body: Direct) -> Self {
        Self { body, fault: None, ended: false }
    }

    /// Waits for one; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, EngineError> {
        loop {
            if let Some(error) = self.fault.take() {
                return Err(error);
            }
            if self.ended {
                return Ok(None);
            }
            let frame = self.body.frame().await;
            if let Some(piece) = self.heard(frame) {
                return Ok(Some(piece));
            }
        }
    }

    /// One that has come already. What else there is to say, [`Pieces::next`] does.
    fn at_hand(&mut self) -> Option<Bytes> {
        while self.fault.is_none() && !self.ended {
            let frame = self.body.frame().now_or_never()?;
            if let Some(piece) = self.heard(frame) {
                return Some(piece);
            }
        }
        None
    }

    fn heard(&mut self, frame: Option<Result<Frame<Bytes>, hyper::Error>>) -> Option<Bytes> {
        match frame {
            Some(Ok(frame)) => return frame.into_data().ok(),
            Some(Err(e)) => self.fault = Some(EngineError::of_container(Fault::of(&e))),
            None => {}
        }
        self.ended = true;
        None
    }
}

/// With a terminal there is one stream without frames.
fn has_terminal(inspection: &Value) -> bool {
    inspection.pointer("/Config/Tty").and_then(Value::as_bool).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_has_more_to_tell_is_read_on_at_once_whatever_its_lines_are_like() {
        let pause = |pieces, bytes, among| Taken { pieces, bytes }.pause(among);
        assert_eq!(pause(FULL, FULL * 80, 50), Duration::ZERO, "short lines");
        assert_eq!(pause(4, AT_ONCE, 50), Duration::ZERO, "long ones");
        assert_eq!(pause(MANY, 4_000, 50), GATHER_MANY);
        assert_eq!(pause(1, 100, 1), GATHER);
        assert_eq!(pause(1, 100, 50), GATHER * 4);
    }
}
