//! The event stream of an engine, line by line, opened again when it breaks.

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};

use super::wire::LINE_BYTES;
use crate::fleet::{connector::Fault, inventory::host::Host};

/// What comes of a stream.
#[derive(Debug)]
pub enum Word {
    /// It is asked for. Engines answer only with the first event, so that nobody can tell when it is open.
    Opening,
    /// One event, without its line's end.
    Line(Bytes),
    /// It ended; it will be asked for again.
    Broken(Fault),
}

enum Phase<'a> {
    Closed,
    Opening(BoxFuture<'a, Result<Incoming, Fault>>),
    Open(Incoming),
    Waiting(Pin<Box<Sleep>>),
}

/// Follows the events of a host.
pub struct Stream<'a> {
    host: &'a Host,
    phase: Phase<'a>,
    buffer: BytesMut,
}

impl<'a> Stream<'a> {
    pub fn new(host: &'a Host) -> Self {
        Self { host, phase: Phase::Closed, buffer: BytesMut::new() }
    }

    /// The next word. It may be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Word {
        loop {
            match &mut self.phase {
                Phase::Closed => {
                    self.buffer.clear();
                    self.phase = Phase::Opening(Box::pin(self.host.events(self.host.events_since())));
                    return Word::Opening;
                }
                Phase::Opening(opening) => match opening.await {
                    Ok(body) => self.phase = Phase::Open(body),
                    Err(fault) => return self.broken(fault),
                },
                Phase::Open(body) => {
                    if let Some(end) = self.buffer.iter().position(|b| *b == b'\n') {
                        let line = self.buffer.split_to(end + 1).freeze();
                        return Word::Line(line.slice(..end));
                    }
                    if self.buffer.len() > LINE_BYTES {
                        return self.broken(Fault::TooLarge);
                    }
                    match body.frame().await {
                        Some(Ok(frame)) => {
                            if let Some(data) = frame.data_ref() {
                                self.buffer.extend_from_slice(data);
                            }
                        }
                        Some(Err(e)) => return self.broken(Fault::of(&e)),
                        None => return self.broken(Fault::Reset),
                    }
                }
                Phase::Waiting(waiting) => {
                    waiting.await;
                    self.phase = Phase::Closed;
                }
            }
        }
    }

    /// Whether it is open, or asked for and not refused yet.
    pub fn alive(&self) -> bool {
        matches!(self.phase, Phase::Opening(_) | Phase::Open(_))
    }

    fn broken(&mut self, fault: Fault) -> Word {
        self.phase = Phase::Waiting(Box::pin(sleep(self.host.timings.reopen_after)));
        Word::Broken(fault)
    }
}
