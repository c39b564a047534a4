//! What can go wrong with the database, as the rest of the console needs to tell it apart.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk that holds the database is full")]
    Full,
    #[error("the data directory is read-only")]
    ReadOnly,
    /// It does not answer. What was asked of it last may have been done all the same: nothing is asked twice on its own.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// A row with this name or id is there already.
    #[error("{0} is taken")]
    Conflict(&'static str),
    /// A row this needs is not there (any more).
    #[error("there is no such {0}")]
    Missing(&'static str),
    #[error("{0}")]
    Setup(String),
    #[error("database: {0}")]
    Sql(String),
}

impl StoreError {
    /// Whether changes are refused for now while reads may go on.
    pub fn is_unwritable(&self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly | Self::Unreachable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) => {
                if db.is_unique_violation() {
                    return Self::Conflict("this name or id");
                }
                let message = db.message();
                match db.code().as_deref() {
                    // SQLITE_FULL; disk_full, which PostgreSQL also says of a full tablespace.
                    Some("13" | "53100") => Self::Full,
                    // SQLITE_READONLY and its extended codes.
                    Some("8" | "264" | "520" | "776" | "1032" | "1288" | "1544" | "25006") => Self::ReadOnly,
                    // SQLITE_CANTOPEN, SQLITE_IOERR: the file or its directory can't be used now.
                    Some(code) if code == "14" || is_io_error(code) => {
                        if message.contains("full") {
                            Self::Full
                        } else {
                            Self::Unreachable(message.to_owned())
                        }
                    }
                    _ => Self::Sql(message.to_owned()),
                }
            }
            sqlx::Error::Io(e) => Self::Unreachable(e.to_string()),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unreachable(error.to_string()),
            other => Self::Sql(other.to_string()),
        }
    }
}

/// `SQLITE_IOERR` (10) and its extended codes, whose low byte is 10.
fn is_io_error(code: &str) -> bool {
    code.parse::<i32>().is_ok_and(|n| n & 0xff == 10)
}
