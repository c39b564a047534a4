//! Two databases, one way to speak to them: a portable subset of SQL with `$1`, text, 64-bit integers and booleans.

use futures_util::future::BoxFuture;
use sqlx::{
    Executor as _, FromRow, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
    postgres::{PgArguments, PgRow},
    query::{Query, QueryAs},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::StoreError;

/// A value to bind.
#[derive(Clone, Debug)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
}

macro_rules! value_from {
    ($($from:ty => |$v:ident| $make:expr),+ $(,)?) => { $(
        impl From<$from> for Value {
            fn from($v: $from) -> Self {
                $make
            }
        }
    )+ };
}

value_from! {
    &str => |v| Self::Text(Some(v.to_owned())),
    &String => |v| Self::Text(Some(v.clone())),
    String => |v| Self::Text(Some(v)),
    Option<String> => |v| Self::Text(v),
    &Option<String> => |v| Self::Text(v.clone()),
    Option<&str> => |v| Self::Text(v.map(str::to_owned)),
    i64 => |v| Self::Int(Some(v)),
    Option<i64> => |v| Self::Int(v),
    bool => |v| Self::Bool(v),
}

/// `values![a, b]`: a vector of [`Value`].
macro_rules! values {
    ($($v:expr),* $(,)?) => { vec![$($crate::store::Value::from($v)),*] };
}
pub(crate) use values;

/// A row type that both databases can be read into.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// The readers.
#[derive(Clone, Debug)]
pub enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The writer's connection, inside a transaction while a change sees it.
#[derive(Debug)]
pub enum Tx {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

fn bind_sqlite<'q>(mut q: Query<'q, Sqlite, SqliteArguments<'q>>, values: Vec<Value>) -> Query<'q, Sqlite, SqliteArguments<'q>> {
    for v in values {
        q = match v {
            Value::Text(t) => q.bind(t),
            Value::Int(i) => q.bind(i),
            Value::Bool(b) => q.bind(b),
        };
    }
    q
}

fn bind_postgres(mut q: Query<'_, Postgres, PgArguments>, values: Vec<Value>) -> Query<'_, Postgres, PgArguments> {
    for v in values {
        q = match v {
            Value::Text(t) => q.bind(t),
            Value::Int(i) => q.bind(i),
            Value::Bool(b) => q.bind(b),
        };
    }
    q
}

fn bind_sqlite_as<'q, T>(
    mut q: QueryAs<'q, Sqlite, T, SqliteArguments<'q>>,
    values: Vec<Value>,
) -> QueryAs<'q, Sqlite, T, SqliteArguments<'q>> {
    for v in values {
        q = match v {
            Value::Text(t) => q.bind(t),
            Value::Int(i) => q.bind(i),
            Value::Bool(b) => q.bind(b),
        };
    }
    q
}

fn bind_postgres_as<T>(mut q: QueryAs<'_, Postgres, T, PgArguments>, values: Vec<Value>) -> QueryAs<'_, Postgres, T, PgArguments> {
    for v in values {
        q = match v {
            Value::Text(t) => q.bind(t),
            Value::Int(i) => q.bind(i),
            Value::Bool(b) => q.bind(b),
        };
    }
    q
}

impl Pool {
    pub async fn fetch_all<T: Row>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(p) => bind_sqlite_as(sqlx::query_as(sql), values).fetch_all(p).await?,
            Self::Postgres(p) => bind_postgres_as(sqlx::query_as(sql), values).fetch_all(p).await?,
        })
    }

    pub async fn fetch_optional<T: Row>(&self, sql: &str, values: Vec<Value>) -> Result<Option<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(p) => bind_sqlite_as(sqlx::query_as(sql), values).fetch_optional(p).await?,
            Self::Postgres(p) => bind_postgres_as(sqlx::query_as(sql), values).fetch_optional(p).await?,
        })
    }

    /// Closes all connections, once each is back; nobody may take one meanwhile. sqlx's own close does not wait for one that is just being given
    /// back where others were idle (each of those that it closes counts as another that it need not wait for), and leaves it open for good.
    pub async fn close_all(&self) {
        let is_one_out = || match self {
            Self::Sqlite(p) => p.num_idle() < p.size() as usize,
            Self::Postgres(p) => p.num_idle() < p.size() as usize,
        };
        while is_one_out() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        self.close().await;
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(p) => p.close().await,
            Self::Postgres(p) => p.close().await,
        }
    }
}

// Boxed, so that the compiler can tell that a task made of these is `Send` (sqlx's `Executor` has a lifetime that it can't see through).
impl Tx {
    /// How many rows it touched.
    pub fn execute<'a>(&'a mut self, sql: &'a str, values: Vec<Value>) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite(c) => bind_sqlite(sqlx::query(sql), values).execute(c).await?.rows_affected(),
                Self::Postgres(c) => bind_postgres(sqlx::query(sql), values).execute(c).await?.rows_affected(),
            })
        })
    }

    pub fn fetch_all<'a, T: Row + 'a>(&'a mut self, sql: &'a str, values: Vec<Value>) -> BoxFuture<'a, Result<Vec<T>, StoreError>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite(c) => bind_sqlite_as(sqlx::query_as(sql), values).fetch_all(c).await?,
                Self::Postgres(c) => bind_postgres_as(sqlx::query_as(sql), values).fetch_all(c).await?,
            })
        })
    }

    pub fn fetch_optional<'a, T: Row + 'a>(&'a mut self, sql: &'a str, values: Vec<Value>) -> BoxFuture<'a, Result<Option<T>, StoreError>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite(c) => bind_sqlite_as(sqlx::query_as(sql), values).fetch_optional(c).await?,
                Self::Postgres(c) => bind_postgres_as(sqlx::query_as(sql), values).fetch_optional(c).await?,
            })
        })
    }

    /// Several statements at once, without values.
    pub fn script<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match self {
                Self::Sqlite(c) => c.execute(sql).await?.rows_affected(),
                Self::Postgres(c) => c.execute(sql).await?.rows_affected(),
            };
            Ok(())
        })
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// `($1,$2),($3,$4)` for so many rows and columns, on SQLite `(?,?),(?,?)`: there each named value is looked for among all names, which
    /// for 64 records was a third of the time.
    pub fn placeholders(&self, rows: usize, columns: usize) -> String {
        use std::fmt::Write as _;
        let mut out = String::with_capacity(rows * columns * 5);
        for row in 0..rows {
            out.push_str(if row == 0 { "(" } else { ",(" });
            for column in 0..columns {
                if column > 0 {
                    out.push(',');
                }
                let _ = match self {
                    Self::Sqlite(_) => out.write_char('?'),
                    Self::Postgres(_) => write!(out, "${}", row * columns + column + 1),
                };
            }
            out.push(')');
        }
        out
    }

    pub async fn begin(&mut self) -> Result<(), StoreError> {
        let sql = if self.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" };
        self.script(sql).await
    }
}
