//! Migrations: forward only, under one lock, after a copy of the SQLite file; an older binary refuses a newer schema.

use super::{
    StoreError, Tx,
    db::{Pool, values},
    open::Location,
};

/// Which database a migration belongs to. PostgreSQL holds both in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    State,
    Telemetry,
}

/// One step, the same version in both dialects.
struct Migration {
    version: i64,
    part: Part,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $part:ident, $file:literal) => {
        Migration {
            version: $version,
            part: Part::$part,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../../../migrations/postgres/", $file)),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, State, "0001_state.sql"),
    migration!(2, Telemetry, "0002_telemetry.sql"),
    migration!(3, State, "0003_own_operations.sql"),
    migration!(4, State, "0004_scopes_of_the_trail.sql"),
    migration!(5, Telemetry, "0005_samples.sql"),
    migration!(6, Telemetry, "0006_scopes_of_events.sql"),
    migration!(7, State, "0007_policy_exceptions.sql"),
    migration!(8, State, "0008_ends_causes_views.sql"),
];

/// Any number, the same for all consoles on one PostgreSQL database.
const LOCK: i64 = 0x65_63_6f_73;

#[derive(sqlx::FromRow)]
struct Applied {
    version: i64,
}

/// Brings one part up to date.
pub async fn run(tx: &mut Tx, location: &Location, part: Part) -> Result<(), StoreError> {
    let todo = pending(tx, part).await?;
    if todo.is_empty() {
        return Ok(());
    }
    copy_before(tx, location).await?;
    tx.begin().await?;
    if tx.is_postgres() {
        tx.execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"), vec![]).await?;
    }
    // Somebody else may have been quicker while this one waited for the lock.
    for migration in pending(tx, part).await? {
        tx.script(if tx.is_postgres() { migration.postgres } else { migration.sqlite }).await?;
        let sql = "INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)";
        tx.execute(sql, values![migration.version, crate::clock::Clock::system().now()]).await?;
    }
    tx.script("COMMIT").await
}

/// Checks a part that can be read only, and so not be brought up to date. Whether it is.
pub async fn check(readers: &Pool, part: Part) -> Result<bool, StoreError> {
    let applied: Vec<Applied> = readers.fetch_all("SELECT version FROM schema_version ORDER BY version", vec![]).await?;
    Ok(missing(&applied, part)?.is_empty())
}

async fn pending(tx: &mut Tx, part: Part) -> Result<Vec<&'static Migration>, StoreError> {
    tx.script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)").await?;
    let applied: Vec<Applied> = tx.fetch_all("SELECT version FROM schema_version ORDER BY version", vec![]).await?;
    missing(&applied, part)
}

fn missing(applied: &[Applied], part: Part) -> Result<Vec<&'static Migration>, StoreError> {
    let newest = MIGRATIONS.last().map_or(0, |m| m.version);
    if let Some(newer) = applied.iter().find(|a| a.version > newest) {
        return Err(StoreError::Setup(format!(
            "the database has schema version {}, this program knows up to {newest}: start a newer ecos, or restore the copy made before the update",
            newer.version
        )));
    }
    Ok(MIGRATIONS.iter().filter(|m| m.part == part && !applied.iter().any(|a| a.version == m.version)).collect())
}

/// Copies a SQLite file that has data to `<file>.before-<version>`.
async fn copy_before(tx: &mut Tx, location: &Location) -> Result<(), StoreError> {
    let Location::Sqlite { file, .. } = location else { return Ok(()) };
    let applied: Vec<Applied> = tx.fetch_all("SELECT version FROM schema_version ORDER BY version DESC", vec![]).await?;
    let Some(last) = applied.first() else { return Ok(()) };
    let copy = file.with_extension(format!("db.before-{}", last.version + 1));
    if copy.exists() {
        return Ok(());
    }
    tx.execute("VACUUM INTO $1", values![copy.to_string_lossy().into_owned()]).await?;
    Ok(())
}
