//! The one-time link to the first account, and what the console remembers of itself.

use super::{Draft, Store, StoreError, db::values, user::NewUser};
use crate::clock::Millis;

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

#[derive(sqlx::FromRow)]
struct Meta {
    value: String,
}

impl Store {
    /// A new one-time token (its hash); earlier ones end.
    pub async fn create_setup_token(&self, hash: &str, now: Millis, expires_at: Millis, record: Draft) -> Result<(), StoreError> {
        let binds = values![hash, now, expires_at];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute("DELETE FROM setup_tokens", vec![]).await?;
                    tx.execute("INSERT INTO setup_tokens (hash, created_at, expires_at) VALUES ($1, $2, $3)", binds).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    /// Makes the first account with the token. Two at once: one wins. `Missing`: no such token, or expired; `Conflict`: there
    /// is an account already.
    pub async fn set_up(&self, token_hash: &str, user: NewUser, record: Draft) -> Result<(), StoreError> {
        let hash = token_hash.to_owned();
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    // The row is the lock: whoever deletes it goes on.
                    let sql = "DELETE FROM setup_tokens WHERE hash = $1 AND expires_at > $2";
                    if tx.execute(sql, values![hash, user.now]).await? == 0 {
                        return Err(StoreError::Missing("set-up token"));
                    }
                    let users: Option<Count> = tx.fetch_optional("SELECT COUNT(*) AS n FROM users", vec![]).await?;
                    if users.is_some_and(|c| c.n > 0) {
                        return Err(StoreError::Conflict("the first account"));
                    }
                    super::user::insert(tx, &user).await?;
                    super::grant::insert_platform(tx, &user.id, "platform-admin", user.now).await?;
                    super::grant::raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    pub async fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row: Option<Meta> = self.state.read.fetch_optional("SELECT value FROM meta WHERE key = $1", values![key]).await?;
        Ok(row.map(|m| m.value))
    }

    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let binds = values![key, value];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2", binds).await?;
                    Ok(((), vec![]))
                })
            })
            .await
    }
}
