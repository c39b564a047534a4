//! Idempotency keys: a repeat of a request has one effect and one answer.

use super::{Store, StoreError, db::values};
use crate::clock::Millis;

/// What is kept of a request under a key.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    pub body_hash: String,
    /// The process that answers it.
    pub runner: String,
    /// Absent while the first one is under way.
    pub status: Option<i64>,
    pub headers: Option<String>,
    pub body: Option<String>,
}

impl Kept {
    /// The answer, once there is one.
    pub fn answer(&self) -> Option<Answer> {
        let headers = self.headers.as_deref().and_then(|h| serde_json::from_str(h).ok()).unwrap_or_default();
        Some(Answer { status: u16::try_from(self.status?).ok()?, headers, body: self.body.clone()? })
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// A key as it is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The user's id, or the token's.
    pub subject: String,
    /// Method and path.
    pub route: String,
    pub key: String,
}

impl Store {
    /// Takes the key. `None`: it was free and is ours now; else what is kept under it.
    pub async fn claim(&self, key: Key, body_hash: &str, runner: &str, now: Millis) -> Result<Option<Kept>, StoreError> {
        let (body_hash, runner) = (body_hash.to_owned(), runner.to_owned());
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let sql = "INSERT INTO idempotency (subject, route, key, body_hash, runner, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
                               ON CONFLICT (subject, route, key) DO NOTHING";
                    let binds = values![&key.subject, &key.route, &key.key, body_hash, runner, now];
                    if tx.execute(sql, binds).await? == 1 {
                        return Ok((None, vec![]));
                    }
                    let sql = "SELECT body_hash, runner, status, headers, body FROM idempotency WHERE subject = $1 AND route = $2 AND key = $3";
                    let kept = tx.fetch_optional(sql, values![key.subject, key.route, key.key]).await?;
                    Ok((kept, vec![]))
                })
            })
            .await
    }

    /// Keeps the answer for repeats.
    pub async fn answer(&self, key: Key, answer: Answer) -> Result<(), StoreError> {
        let headers = serde_json::to_string(&answer.headers).unwrap_or_default();
        let binds = values![i64::from(answer.status), headers, answer.body, key.subject, key.route, key.key];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let sql = "UPDATE idempotency SET status = $1, headers = $2, body = $3 WHERE subject = $4 AND route = $5 AND key = $6";
                    tx.execute(sql, binds).await?;
                    Ok(((), vec![]))
                })
            })
            .await
    }

    /// Gives the key back, where nothing was done.
    pub async fn release(&self, key: Key) -> Result<(), StoreError> {
        let binds = values![key.subject, key.route, key.key];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute("DELETE FROM idempotency WHERE subject = $1 AND route = $2 AND key = $3", binds).await?;
                    Ok(((), vec![]))
                })
            })
            .await
    }

    /// Forgets keys older than `before`.
    pub async fn prune_idempotency(&self, before: Millis) -> Result<u64, StoreError> {
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move { Ok((tx.execute("DELETE FROM idempotency WHERE created_at < $1", values![before]).await?, vec![])) })
            })
            .await
    }
}
