//! One terminal: the task that owns its bytes, and the handle by which a connection comes to it.
//!
//! Nothing grows: towards the container a few pieces wait, then nothing more is read from the browser; towards the browser no more is read from
//! the container than the reader has taken. Without a reader a little more is read, which is kept for whoever comes back.

use std::{future::Future, pin::pin, sync::Arc};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use super::{
    End, HELD, IDLE, Terminals,
    replay::{REPLAY, Replay},
};
use crate::{
    app::App,
    audit::{Intent, Outcome},
    auth::{Actor, Permitted, permission::container::Exec, subject::ContainerSubject},
    fleet::engine::{Fate, OpenTerminal, Size},
};

/// Bytes that a reader who says what it has processed may have before it: with what is read for nobody, no more than is kept.
const WINDOW: u64 = REPLAY as u64 / 2;
/// Of one piece.
const PIECE: usize = 16 * 1024;
/// Pieces on their way to a reader.
const OUT: usize = 4;
/// Pieces on their way to the container.
const IN: usize = 8;
/// For the connection to take the last words.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(1);

/// What a connection hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Bytes(Bytes),
    /// The last word.
    Ended {
        end: End,
        exit_code: Option<i64>,
    },
}

/// What a connection has when it has come.
#[derive(Debug)]
pub struct Attached {
    /// Bytes that are gone: they were written between what the reader has and what is kept.
    pub missed: u64,
    /// Where the first byte that comes stands in all that was written.
    pub at: u64,
    /// Ends without a last word where another connection takes this one's place.
    pub said: mpsc::Receiver<Said>,
}

#[derive(Debug)]
enum Order {
    Attach { from: Option<u64>, counts: bool, answer: oneshot::Sender<Attached> },
    Processed(u64),
    End,
}

/// A terminal that is held. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Held(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: String,
    host_id: String,
    container_id: String,
    actor: Arc<Actor>,
    shell: String,
    user: Option<String>,
    orders: mpsc::Sender<Order>,
    typed: mpsc::Sender<Bytes>,
    size: watch::Sender<Size>,
}

/// What is begun: everything that a terminal has from its opening to its end.
#[derive(Debug)]
pub struct Begun {
    pub permitted: Permitted<Exec>,
    pub subject: ContainerSubject,
    pub intent: Intent<Exec>,
    pub terminal: OpenTerminal,
    pub shell: String,
    pub user: Option<String>,
    pub size: Size,
}

impl Held {
    /// Keeps a terminal in a task of its own, until its end. `place` is free again then.
    pub fn begin(app: &App, begun: Begun, place: impl Send + 'static) -> Self {
        let (orders, ordered) = mpsc::channel(16);
        let (typed, typing) = mpsc::channel(IN);
        let (size, resized) = watch::channel(begun.size);
        let held = Self(Arc::new(Inner {
            id: begun.intent.id().to_owned(),
            host_id: begun.subject.host.id.clone(),
            container_id: begun.subject.entry.id.clone(),
            actor: begun.permitted.actor().clone(),
            shell: begun.shell.clone(),
            user: begun.user.clone(),
            orders,
            typed,
            size,
        }));
        app.terminals().keep(held.clone());
        let task = run(app.clone(), held.0.id.clone(), begun, ordered, typing, resized);
        // A shutdown waits for it, as for any change.
        app.changes().spawn(async move {
            task.await;
            drop(place);
        });
        held
    }

    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Host and container.
    pub fn container(&self) -> (&str, &str) {
        (&self.0.host_id, &self.0.container_id)
    }

    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    pub fn shell(&self) -> &str {
        &self.0.shell
    }

    pub fn user(&self) -> Option<&str> {
        self.0.user.as_deref()
    }

    /// Takes the reader's place, whoever had it. `from`: how many bytes the reader has; `None`: all that is kept. `counts`: the reader will say
    /// what it has processed. `None` where the terminal has ended meanwhile.
    pub async fn attach(&self, from: Option<u64>, counts: bool) -> Option<Attached> {
        let (answer, attached) = oneshot::channel();
        self.0.orders.send(Order::Attach { from, counts, answer }).await.ok()?;
        attached.await.ok()
    }

    /// Types. Waits while the container does not take it.
    pub async fn type_in(&self, bytes: Bytes) {
        // One that has ended takes no more.
        let _ = self.0.typed.send(bytes).await;
    }

    pub fn resize(&self, size: Size) {
        self.0.size.send_if_modified(|now| std::mem::replace(now, size) != size);
    }

    /// The reader has processed so many bytes of all that was written.
    pub async fn processed(&self, bytes: u64) {
        let _ = self.0.orders.send(Order::Processed(bytes)).await;
    }

    /// Ends it.
    pub async fn end(&self) {
        let _ = self.0.orders.send(Order::End).await;
    }
}

/// A reader at the other end.
struct Reader {
    said: mpsc::Sender<Said>,
    /// What it has processed, where it says so.
    processed: Option<u64>,
}

/// The state of the task.
struct Task {
    replay: Replay,
    reader: Option<Reader>,
    /// Bytes that some connection was given.
    given: u64,
    /// Without a reader: until when it is held.
    until: Instant,
    typed_at: Instant,
}

impl Task {
    /// Whether more may be read from the container.
    fn takes(&self) -> bool {
        match &self.reader {
            Some(Reader { said, processed }) => {
                said.capacity() > 0 && processed.is_none_or(|processed| self.replay.written().saturating_sub(processed) < WINDOW)
            }
            None => self.replay.written() - self.given < WINDOW,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.replay.push(bytes);
        if let Some(reader) = &self.reader {
            match reader.said.try_send(Said::Bytes(Bytes::copy_from_slice(bytes))) {
                Ok(()) => self.given = self.replay.written(),
                // It was looked at before that there is a place: the reader is gone.
                Err(_) => self.leave(),
            }
        }
    }

    fn leave(&mut self) {
        self.reader = None;
        self.until = Instant::now() + HELD;
    }

    fn attach(&mut self, from: Option<u64>, counts: bool, answer: oneshot::Sender<Attached>) {
        let (said, hears) = mpsc::channel(OUT);
        let from = from.unwrap_or(0);
        let (missed, bytes) = self.replay.since(from);
        let at = self.replay.written() - bytes.len() as u64;
        if !bytes.is_empty() {
            // The channel is new.
            let _ = said.try_send(Said::Bytes(bytes));
        }
        self.given = self.replay.written();
        self.reader = Some(Reader { said, processed: counts.then_some(at) });
        // Nobody told of a first reader's missing bytes: there were none before it.
        let attached = Attached { missed, at, said: hears };
        if answer.send(attached).is_err() {
            self.leave();
        }
    }
}

async fn run(
    app: App,
    id: String,
    begun: Begun,
    mut orders: mpsc::Receiver<Order>,
    mut typing: mpsc::Receiver<Bytes>,
    resized: watch::Receiver<Size>,
) {
    let Begun { permitted, subject, intent, terminal, .. } = begun;
    let OpenTerminal { control, mut read, mut write, first } = terminal;
    let resizing = tokio::spawn(follow_size(control.clone(), resized));
    let now = Instant::now();
    let mut task = Task { replay: Replay::default(), reader: None, given: 0, until: now + HELD, typed_at: now };
    task.replay.push(&first);
    let mut revoked = pin!(app.auth().revoked(&permitted, || subject.scope_now(&app)));
    let mut buffer = BytesMut::with_capacity(PIECE);
    let mut pending = Bytes::new();
    let end = loop {
        let takes = task.takes();
        tokio::select! {
            biased;
            () = app.closing().cancelled() => break End::Closing,
            () = &mut revoked => break End::Revoked,
            Some(order) = orders.recv() => match order {
                Order::Attach { from, counts, answer } => task.attach(from, counts, answer),
                Order::Processed(bytes) => {
                    let written = task.replay.written();
                    if let Some(processed) = task.reader.as_mut().and_then(|r| r.processed.as_mut()) {
                        *processed = bytes.clamp(*processed, written);
                    }
                }
                Order::End => break End::Closed,
            },
            () = gone(task.reader.as_ref()) => task.leave(),
            () = sleep_until(task.until), if task.reader.is_none() => break End::Abandoned,
            () = sleep_until(task.typed_at + IDLE) => break End::Idle,
            written = write.write(&pending), if !pending.is_empty() => match written {
                Ok(n) if n > 0 => drop(pending.split_to(n)),
                _ => break End::Lost,
            },
            Some(bytes) = typing.recv(), if pending.is_empty() => {
                task.typed_at = Instant::now();
                pending = bytes;
            }
            got = read.read_buf(&mut buffer), if takes => {
                match got {
                    Ok(0) | Err(_) => break End::Exited,
                    Ok(_) => {
                        task.take(&buffer);
                        buffer.clear();
                        buffer.reserve(PIECE);
                    }
                }
            }
            () = room(task.reader.as_ref()), if !takes => {}
        }
    };
    resizing.abort();
    app.terminals().forget(&id);
    // What has ended by itself says how.
    let (end, exit_code) = match end {
        End::Exited | End::Lost => match control.fate().await {
            Fate::Exited(code) => (End::Exited, code),
            Fate::ContainerStopped => (End::ContainerStopped, None),
            Fate::Runs | Fate::Unknown => (End::Lost, None),
        },
        end => (end, None),
    };
    if let Some(reader) = task.reader {
        // Whoever does not read misses it.
        let _ = timeout(FAREWELL, reader.said.send(Said::Ended { end, exit_code })).await;
    }
    drop((read, write));
    let code = exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
    tracing::debug!(terminal = id, end = end.word(), "a terminal is over");
    let outcome = match control.end().await {
        Ok(()) => Outcome::Done,
        // It was opened and used; that something of it may be left is told.
        Err(error) => Outcome::Unknown(format!("{}{code}; it may run on: {error}", end.word())),
    };
    intent.finish(outcome).await;
}

/// Completes when the reader is gone.
async fn gone(reader: Option<&Reader>) {
    match reader {
        Some(reader) => reader.said.closed().await,
        None => std::future::pending().await,
    }
}

/// Completes when the reader's channel has room again; what else holds up is told by an order.
fn room(reader: Option<&Reader>) -> impl Future<Output = ()> + use<> {
    let said = reader.map(|r| r.said.clone()).filter(|said| said.capacity() == 0);
    async move {
        match said {
            // Gone is told elsewhere.
            Some(said) => drop(said.reserve().await),
            None => std::future::pending().await,
        }
    }
}

/// Tells the shell of its newest size, one after the other.
async fn follow_size(control: crate::fleet::engine::TerminalControl, mut size: watch::Receiver<Size>) {
    while size.changed().await.is_ok() {
        let size = *size.borrow_and_update();
        if let Err(error) = control.resize(size).await {
            tracing::debug!(%error, "a terminal's size could not be told");
        }
    }
}

impl Terminals {
    /// Whether nothing is held: tests wait for it.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.open() == 0
    }
}
