//! Audited changes a second beside plain durable inserts on the same disk. Prints one Markdown row each; `make bench` runs it.
//!
//! An audited change is two durable commits: the intent and the outcome.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use server::{
    audit::{Change, Outcome, Trail},
    auth::{Actor, Permitted, permission::container, permitted::ObjectRef},
    clock::Clock,
    store::Store,
};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TIME: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // A directory on the real disk: a tmpfs would make every commit free.
    let base = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let dir = tempfile::tempdir_in(base)?;
    let plain = plain_inserts(dir.path()).await?;
    let alone = audited(dir.path(), 1).await?;
    let many = audited(dir.path(), 64).await?;
    println!("| plain durable inserts, one task | {plain:.0}/s | |");
    println!("| audited changes, one task | {alone:.0}/s, {:.2} × plain | ≥ 0.12 × |", alone / plain);
    println!("| audited changes, 64 tasks | {many:.0}/s, {:.2} × plain | ≥ 1.5 × |", many / plain);
    Ok(())
}

async fn plain_inserts(dir: &Path) -> anyhow::Result<f64> {
    let options = SqliteConnectOptions::new()
        .filename(dir.join("plain.db"))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut connection = options.connect().await?;
    sqlx::query("CREATE TABLE plain (id INTEGER PRIMARY KEY, text TEXT)").execute(&mut connection).await?;
    let (start, mut n) = (Instant::now(), 0_u32);
    while start.elapsed() < TIME {
        sqlx::query("INSERT INTO plain (text) VALUES ($1)")
            .bind("a row of about the size of a record in the trail")
            .execute(&mut connection)
            .await?;
        n += 1;
    }
    let rate = f64::from(n) / start.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(rate)
}

async fn audited(dir: &Path, tasks: u32) -> anyhow::Result<f64> {
    let store = Store::open(None, &dir.join(format!("audited-{tasks}"))).await?;
    let trail = Trail::new(store, Clock::system());
    let object = ObjectRef { kind: "container", id: "c".repeat(64), name: "settle.3".into(), ..ObjectRef::default() };
    let permitted = Arc::new(Permitted::<container::Operate>::check(Arc::new(Actor::command_line()), object, 0, "bench")?);
    let start = Instant::now();
    let work = (0..tasks).map(|_| {
        let (trail, permitted) = (trail.clone(), permitted.clone());
        tokio::spawn(async move {
            let mut n = 0_u32;
            while start.elapsed() < TIME {
                let intent = permitted.begin(&trail, Change::new("restart")).await?;
                intent.finish(Outcome::Done).await;
                n += 1;
            }
            anyhow::Ok(n)
        })
    });
    let mut total = 0;
    for task in work.collect::<Vec<_>>() {
        total += task.await??;
    }
    Ok(f64::from(total) / start.elapsed().as_secs_f64())
}
