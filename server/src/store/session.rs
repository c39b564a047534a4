//! Browser sessions: the id is hashed at rest, and each knows its person.

use super::{Draft, Store, StoreError, db::values};
use crate::clock::Millis;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// SHA-256 of the cookie's value, hex.
    pub id: String,
    pub user_id: String,
    pub created_at: Millis,
    pub last_seen_at: Millis,
    pub expires_at: Millis,
    pub step_up_until: Millis,
    pub address: String,
    pub user_agent: String,
}

const COLUMNS: &str = "id, user_id, created_at, last_seen_at, expires_at, step_up_until, address, user_agent";

impl Store {
    /// A session by its hash, expired or not.
    pub async fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        self.state.read.fetch_optional(&format!("SELECT {COLUMNS} FROM sessions WHERE id = $1"), values![id]).await
    }

    pub async fn sessions_of(&self, user_id: &str, now: Millis) -> Result<Vec<SessionRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id");
        self.state.read.fetch_all(&sql, values![user_id, now]).await
    }

    /// Makes or overwrites a session; `record` says who signed in. `verified` is the hash that their password was checked against: where
    /// it has been changed since, or the account has been closed, there is no such account to sign in to.
    pub async fn save_session(&self, s: SessionRow, verified: &str, record: Option<Draft>) -> Result<(), StoreError> {
        let verified = verified.to_owned();
        let sql = format!(
            "INSERT INTO sessions ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (id) DO UPDATE SET last_seen_at = $4, expires_at = $5, step_up_until = $6, address = $7"
        );
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    // It takes the row: a reset waits for this session, which it then ends, or this session for the reset.
                    let sql_user = "UPDATE users SET password_hash = password_hash WHERE id = $1 AND password_hash = $2 AND active = $3";
                    if tx.execute(sql_user, values![&s.user_id, verified, true]).await? == 0 {
                        return Err(StoreError::Missing("account"));
                    }
                    let binds =
                        values![s.id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.step_up_until, s.address, s.user_agent];
                    tx.execute(&sql, binds).await?;
                    Ok(((), record.into_iter().collect()))
                })
            })
            .await
    }

    pub async fn touch_session(&self, id: &str, now: Millis, expires_at: Millis, address: &str) -> Result<(), StoreError> {
        let binds = values![now, expires_at, address, id];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute("UPDATE sessions SET last_seen_at = $1, expires_at = $2, address = $3 WHERE id = $4", binds).await?;
                    Ok(((), vec![]))
                })
            })
            .await
    }

    pub async fn set_step_up(&self, id: &str, until: Millis, record: Draft) -> Result<(), StoreError> {
        let binds = values![until, id];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    if tx.execute("UPDATE sessions SET step_up_until = $1 WHERE id = $2", binds).await? == 0 {
                        return Err(StoreError::Missing("session"));
                    }
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    /// Ends a session. Streams of its owner notice within two seconds.
    pub async fn delete_session(&self, id: &str, record: Option<Draft>) -> Result<(), StoreError> {
        let binds = values![id];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    if tx.execute("DELETE FROM sessions WHERE id = $1", binds).await? == 0 {
                        return Err(StoreError::Missing("session"));
                    }
                    super::grant::raise_version(tx).await?;
                    Ok(((), record.into_iter().collect()))
                })
            })
            .await
    }

    /// Clears away what has expired. How many there were.
    pub async fn prune_sessions(&self, now: Millis) -> Result<u64, StoreError> {
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move { Ok((tx.execute("DELETE FROM sessions WHERE expires_at <= $1", values![now]).await?, vec![])) })
            })
            .await
    }
}
