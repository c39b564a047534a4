//! The writer: one task, one connection, what waits goes into one transaction.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    time::timeout,
};

use super::{
    StoreError, Tx,
    chain::{self, Draft, Stamped},
    intent::{self, OpenIntent},
    migrate::{self, Part},
    open::{Location, Readers},
};

/// Changes one transaction takes.
const BATCH: usize = 64;
/// Changes that may wait; more are held back at the caller.
const QUEUE: usize = 1024;
/// How long the database may take over a batch, and over a connection: one that hangs is left, and everybody who waits is told.
const PATIENCE: Duration = if cfg!(test) { Duration::from_secs(4) } else { Duration::from_secs(20) };
/// How long migrations may take, with the copy before them.
const MIGRATION: Duration = Duration::from_mins(5);
/// Records that a slow listener may lag behind.
const APPENDED: usize = 1024;

type Work = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<Vec<Draft>, StoreError>> + Send>;

enum Job {
    /// Records alone, and the intents that they open or close: rows that cannot fail by themselves.
    Append(Append),
    /// A change of the console's own rows, in a savepoint.
    Change(Work),
}

/// Records to append.
#[derive(Debug, Default)]
pub struct Append {
    pub drafts: Vec<Draft>,
    pub opens: Option<OpenIntent>,
    /// The records go in only if this intent is open still.
    pub closes: Option<String>,
}

struct Waiting {
    job: Job,
    done: oneshot::Sender<Result<Vec<Stamped>, StoreError>>,
}

/// A record that is in the chain now.
#[derive(Clone, Debug)]
pub struct Appended {
    pub seq: i64,
    pub draft: Arc<Draft>,
}

/// The way to the writer task.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Waiting>,
    appended: broadcast::Sender<Appended>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    /// Starts the task. It ends when the last `Writer` is gone.
    /// Without a first connection, `readers` are replaced when there is one.
    pub fn start(location: Location, part: Part, first: Option<Tx>, readers: Readers) -> Self {
        let (queue, receive) = mpsc::channel(QUEUE);
        let appended = broadcast::channel(APPENDED).0;
        tokio::spawn(run(location, part, first, readers, receive, appended.clone()));
        Self { queue, appended }
    }

    /// Every record, once it is committed.
    pub fn appended(&self) -> broadcast::Receiver<Appended> {
        self.appended.subscribe()
    }

    async fn submit(&self, job: Job) -> Result<Vec<Stamped>, StoreError> {
        let (done, wait) = oneshot::channel();
        let gone = || StoreError::Unreachable("the writer has ended".into());
        self.queue.send(Waiting { job, done }).await.map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }

    pub async fn append(&self, append: Append) -> Result<Vec<Stamped>, StoreError> {
        self.submit(Job::Append(append)).await
    }

    /// Runs a change. What it returns comes back once the transaction is committed; its records are appended with it.
    pub async fn change<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<(T, Vec<Draft>), StoreError>> + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(None));
        let inner = slot.clone();
        let work: Work = Box::new(move |tx| {
            Box::pin(async move {
                let (value, drafts) = change(tx).await?;
                *inner.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                Ok(drafts)
            })
        });
        self.submit(Job::Change(work)).await?;
        let value = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(value.expect("a change that succeeded has left its value"))
    }
}

async fn run(
    location: Location,
    part: Part,
    mut connection: Option<Tx>,
    readers: Readers,
    mut queue: mpsc::Receiver<Waiting>,
    appended: broadcast::Sender<Appended>,
) {
    let mut degraded = connection.is_none();
    let mut batch = Vec::with_capacity(BATCH);
    let mut crowded = false;
    loop {
        batch.clear();
        if std::mem::replace(&mut crowded, false) {
            // Those who have just been answered may have more: it goes with what waits.
            tokio::task::yield_now().await;
        }
        if queue.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        crowded = batch.len() > 1;
        let mut tx = match connection.take() {
            Some(tx) => tx,
            None => match connect(&location, part, &readers, &mut degraded).await {
                Ok(tx) => tx,
                Err(e) => {
                    let text = e.to_string();
                    for (i, waiting) in batch.drain(..).enumerate() {
                        let error = if i == 0 { same(&e) } else { again(&e, &text) };
                        let _ = waiting.done.send(Err(error));
                    }
                    continue;
                }
            },
        };
        if commit(&mut tx, std::mem::take(&mut batch), &appended).await {
            connection = Some(tx);
        }
    }
}

/// A new connection; after a read-only start also what the start could not do: migrations and new readers.
async fn connect(location: &Location, part: Part, readers: &Readers, degraded: &mut bool) -> Result<Tx, StoreError> {
    if location.is_read_only() {
        return Err(StoreError::ReadOnly);
    }
    if !*degraded {
        return timeout(PATIENCE, location.connect_writer()).await.unwrap_or_else(|_| Err(hangs()));
    }
    let mut tx = timeout(PATIENCE, readers.take_up(location)).await.unwrap_or_else(|_| Err(hangs()))?;
    timeout(MIGRATION, migrate::run(&mut tx, location, part)).await.unwrap_or_else(|_| Err(hangs()))?;
    *degraded = false;
    Ok(tx)
}

/// Does a batch. Returns whether the connection can be used again.
async fn commit(tx: &mut Tx, batch: Vec<Waiting>, appended: &broadcast::Sender<Appended>) -> bool {
    let mut dones = Vec::with_capacity(batch.len());
    let done = timeout(PATIENCE, batch_in(tx, batch, &mut dones)).await.unwrap_or_else(|_| Err(hangs()));
    match done {
        Ok((drafts, stamped)) => {
            for (draft, stamped) in drafts.into_iter().zip(&stamped) {
                // Nobody listening is fine.
                let _ = appended.send(Appended { seq: stamped.seq, draft: Arc::new(draft) });
            }
            let mut stamped = stamped.into_iter();
            for (done, result) in dones {
                let _ = done.send(result.map(|n| stamped.by_ref().take(n).collect()));
            }
            true
        }
        Err(e) => {
            let text = e.to_string();
            for (done, result) in dones {
                let _ = done.send(Err(result.err().unwrap_or_else(|| again(&e, &text))));
            }
            // What is left behind by a connection that is given up is rolled back by the database.
            !matches!(e, StoreError::Unreachable(_) | StoreError::ReadOnly)
                && timeout(PATIENCE, tx.script("ROLLBACK")).await.is_ok_and(|r| r.is_ok())
        }
    }
}

fn hangs() -> StoreError {
    StoreError::Unreachable(format!("it did not answer within {} s", PATIENCE.as_secs()))
}

type Dones = Vec<(oneshot::Sender<Result<Vec<Stamped>, StoreError>>, Result<usize, StoreError>)>;

async fn batch_in(tx: &mut Tx, batch: Vec<Waiting>, dones: &mut Dones) -> Result<(Vec<Draft>, Vec<Stamped>), StoreError> {
    // Whoever waits hears the truth even where BEGIN itself fails: the senders are in `dones` before anything can.
    let mut jobs = Vec::with_capacity(batch.len());
    for waiting in batch {
        dones.push((waiting.done, Ok(0)));
        jobs.push(waiting.job);
    }
    tx.begin().await?;
    let mut records: Vec<(Vec<Draft>, Option<String>)> = Vec::with_capacity(jobs.len());
    let mut opens = Vec::new();
    for (job, (_, result)) in jobs.into_iter().zip(dones.iter_mut()) {
        match job {
            Job::Append(append) => {
                opens.extend(append.opens);
                records.push((append.drafts, append.closes));
            }
            Job::Change(work) => {
                tx.script("SAVEPOINT change").await?;
                match work(tx).await {
                    Ok(own) => {
                        tx.script("RELEASE SAVEPOINT change").await?;
                        records.push((own, None));
                    }
                    Err(e) => {
                        let fatal = e.is_unwritable();
                        *result = Err(e);
                        records.push((Vec::new(), None));
                        if fatal {
                            return Err(StoreError::Unreachable("a change beside this one could not be written".into()));
                        }
                        tx.script("ROLLBACK TO SAVEPOINT change; RELEASE SAVEPOINT change").await?;
                    }
                }
            }
        }
    }
    let closes: Vec<&String> = records.iter().filter_map(|(_, closes)| closes.as_ref()).collect();
    let mut open = intent::delete(tx, &closes).await?;
    intent::insert(tx, &opens).await?;
    let mut drafts = Vec::new();
    for ((own, closes), (_, result)) in records.into_iter().zip(dones.iter_mut()) {
        // An intent has one outcome: one that is closed already, by a commit whose answer was lost or by another process, stays as it is.
        let late = closes.is_some_and(|id| !open.remove(&id));
        if let Ok(n) = result
            && !late
        {
            *n = own.len();
            drafts.extend(own);
        }
    }
    let stamped = chain::append(tx, &drafts).await?;
    tx.script("COMMIT").await?;
    Ok((drafts, stamped))
}

/// The same error for another waiter.
fn again(e: &StoreError, text: &str) -> StoreError {
    match e {
        StoreError::Full => StoreError::Full,
        StoreError::ReadOnly => StoreError::ReadOnly,
        _ => StoreError::Unreachable(text.to_owned()),
    }
}

fn same(e: &StoreError) -> StoreError {
    again(e, &e.to_string())
}
