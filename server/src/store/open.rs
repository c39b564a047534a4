//! Opening the store: where the databases are, their settings, pools and writers.

use std::{
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::RwLock;

use super::reserve::Reserve;
use super::{
    StoreError, Tx, Value,
    db::{Pool, Row},
    migrate::{self, Part},
    writer::Writer,
};

/// Readers of each SQLite file, and of PostgreSQL as a whole.
const READERS: u32 = 8;

/// Where one database is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file, and whether each commit waits for the disk.
    Sqlite {
        file: PathBuf,
        durable: bool,
    },
    Postgres(Box<PgConnectOptions>),
}

impl Location {
    fn sqlite(file: &Path, durable: bool) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(if durable { SqliteSynchronous::Full } else { SqliteSynchronous::Normal })
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .optimize_on_close(false, None)
            .disable_statement_logging()
    }

    /// Whether the file is there and cannot be written. It is not opened for that: closing it would take SQLite's locks on it away.
    pub(super) fn is_read_only(&self) -> bool {
        match self {
            Self::Sqlite { file, .. } => file.exists() && rustix::fs::access(file, rustix::fs::Access::WRITE_OK).is_err(),
            Self::Postgres(_) => false,
        }
    }

    /// A connection for the one writer.
    pub(super) fn connect_writer(&self) -> BoxFuture<'_, Result<Tx, StoreError>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite { file, durable } => Tx::Sqlite(Self::sqlite(file, *durable).connect().await?),
                Self::Postgres(options) => Tx::Postgres(options.connect().await?),
            })
        })
    }

    /// Readers. `writable`: whether the data directory is; else the file is taken as it stands.
    async fn connect_readers(&self, writable: bool) -> Result<Pool, StoreError> {
        let wait = Duration::from_secs(5);
        Ok(match self {
            Self::Sqlite { file, durable } => {
                let options = if writable {
                    Self::sqlite(file, *durable).create_if_missing(false).pragma("query_only", "ON")
                } else {
                    SqliteConnectOptions::new().filename(file).read_only(true).immutable(is_whole(file)?).disable_statement_logging()
                };
                let pool = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(wait).test_before_acquire(false);
                Pool::Sqlite(pool.connect_with(options).await?)
            }
            Self::Postgres(options) => Pool::Postgres(
                PgPoolOptions::new().max_connections(READERS).acquire_timeout(wait).connect_with(options.as_ref().clone()).await?,
            ),
        })
    }
}

/// Whether a SQLite file holds all that was committed, so that it can be read as it stands. After a crash the last commits are in the
/// write-ahead log: that is read too, by the index that lies beside it.
fn is_whole(file: &Path) -> Result<bool, StoreError> {
    let beside = |end: &str| PathBuf::from(format!("{}{end}", file.display()));
    if beside("-wal").metadata().is_ok_and(|wal| wal.len() > 0) {
        if beside("-shm").exists() {
            return Ok(false);
        }
        return Err(StoreError::Setup(format!(
            "{} has a write-ahead log without its index, which cannot be made in a read-only directory: start once with the directory writable",
            file.display()
        )));
    }
    Ok(true)
}

/// Waits until no other process opens what is in the directory, and keeps others waiting until this goes: a new file is given its write-ahead
/// log only while nobody else has it, without waiting. Where a file system knows no locks, nothing.
async fn alone(data_dir: &Path) -> Option<std::fs::File> {
    let directory = std::fs::File::open(data_dir).ok()?;
    let lock = move || rustix::fs::flock(&directory, rustix::fs::FlockOperation::LockExclusive).is_ok().then_some(directory);
    tokio::task::spawn_blocking(lock).await.ok().flatten()
}

/// One database: readers and the writer.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub read: Readers,
    pub write: Writer,
}

/// The readers of the moment: those of a data directory that was read-only are replaced once it can be written.
#[derive(Clone, Debug)]
pub struct Readers(Arc<RwLock<Pool>>);

impl Readers {
    pub fn fetch_all<'a, T: Row + 'a>(&'a self, sql: &'a str, values: Vec<Value>) -> BoxFuture<'a, Result<Vec<T>, StoreError>> {
        Box::pin(async move { self.0.read().await.fetch_all(sql, values).await })
    }

    pub fn fetch_optional<'a, T: Row + 'a>(&'a self, sql: &'a str, values: Vec<Value>) -> BoxFuture<'a, Result<Option<T>, StoreError>> {
        Box::pin(async move { self.0.read().await.fetch_optional(sql, values).await })
    }

    /// Takes up a database that could only be read, with the writer's connection. Reads wait for it.
    ///
    /// The old connections go first: those of one process share what they know of the log's index, and as long as one of them has it
    /// read-only, nobody writes.
    pub(super) async fn take_up(&self, location: &Location) -> Result<Tx, StoreError> {
        let mut pool = self.0.write().await;
        pool.close_all().await;
        let opened = location.connect_writer().await;
        *pool = location.connect_readers(opened.is_ok()).await?;
        opened
    }

    async fn close(&self) {
        self.0.read().await.close().await;
    }
}

/// The console's memory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// People, rights, ownership, the trail.
    pub(super) state: Database,
    /// Events (and, later, samples): may be lost, must never hold up the trail.
    pub(super) telemetry: Database,
    kind: &'static str,
    reserve: Option<Arc<Reserve>>,
}

impl Store {
    /// Opens (and makes or migrates) the databases: PostgreSQL if a URL is given, else two SQLite files in the directory.
    pub async fn open(url: Option<&str>, data_dir: &Path) -> Result<Self, StoreError> {
        let (state, telemetry, kind) = if let Some(url) = url {
            let options = PgConnectOptions::from_str(url).map_err(|e| StoreError::Setup(format!("the database URL is not valid: {e}")))?;
            let options = Box::new(options.application_name("ecos").disable_statement_logging());
            (Location::Postgres(options.clone()), Location::Postgres(options), "postgres")
        } else {
            // For nobody else's eyes: there are hashes of passwords in it.
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(data_dir)
                .map_err(|e| StoreError::Setup(format!("the data directory {} cannot be made: {e}", data_dir.display())))?;
            let sqlite = |name: &str, durable| Location::Sqlite { file: data_dir.join(name), durable };
            (sqlite("ecos.db", true), sqlite("telemetry.db", false), "sqlite")
        };
        let _alone = if kind == "sqlite" { alone(data_dir).await } else { None };
        let reserve = if kind == "sqlite" { Some(Arc::new(Reserve::new(data_dir))) } else { None };
        let store = Self {
            state: Self::database(state, Part::State).await?,
            telemetry: Self::database(telemetry, Part::Telemetry).await?,
            kind,
            reserve,
        };
        store.keep_reserve().await;
        Ok(store)
    }

    async fn database(location: Location, part: Part) -> Result<Database, StoreError> {
        let opened = async {
            // SQLite would open it all the same, and say so at the first change, for ever.
            if location.is_read_only() {
                return Err(StoreError::ReadOnly);
            }
            let mut tx = location.connect_writer().await?;
            migrate::run(&mut tx, &location, part).await.map(|()| tx)
        };
        let (writable, first) = match opened.await {
            Ok(tx) => (true, Some(tx)),
            // What is there can be read, and written once the directory can be.
            Err(e) if location.is_read_only() => {
                tracing::warn!(error = %e, "the data directory cannot be written: changes are refused until it can");
                (false, None)
            }
            Err(e) => return Err(e),
        };
        let readers = location.connect_readers(writable).await?;
        if !writable && !migrate::check(&readers, part).await? {
            tracing::warn!(
                "the database is older than this program, and is brought up to date once it can be written: some of it can't be read till then"
            );
        }
        let read = Readers(Arc::new(RwLock::new(readers)));
        Ok(Database { read: read.clone(), write: Writer::start(location, part, first, read) })
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Gives the reserve's room on a full disk to what must be written. Whether there was one.
    pub fn use_reserve(&self) -> bool {
        self.reserve.as_ref().is_some_and(|r| r.give())
    }

    /// Whether the disk has so little room left that what can be missed must not take it: events.
    pub fn is_nearly_full(&self) -> bool {
        self.reserve.as_ref().is_some_and(|r| r.is_nearly_full())
    }

    /// Sets the reserve aside again, where the disk has room. A worker calls it.
    pub async fn keep_reserve(&self) {
        if let Some(reserve) = self.reserve.clone() {
            // It waits for the disk. That it panics can't be: there is nothing in it that does.
            let _ = tokio::task::spawn_blocking(move || reserve.keep()).await;
        }
    }

    /// Whether a change could be written now: an empty transaction by the writer.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.state
            .write
            .change(|tx| {
                Box::pin(async move {
                    tx.execute("UPDATE meta SET value = value WHERE key = 'rights_version'", vec![]).await.map(|_| ((), vec![]))
                })
            })
            .await
    }

    /// Ends the readers; the writers end when the last clone is gone.
    pub async fn close(&self) {
        self.state.read.close().await;
        self.telemetry.read.close().await;
    }
}
