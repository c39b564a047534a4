//! API tokens: hashed at rest.

use super::{Draft, Store, StoreError, db::values};
use crate::clock::Millis;

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Token {
    pub id: String,
    pub user_id: String,
    pub name: String,
    /// SHA-256, hex.
    pub hash: String,
    /// A role that limits it; absent: all that its owner may.
    pub role: Option<String>,
    pub project_id: Option<String>,
    pub environment_id: Option<String>,
    pub created_at: Millis,
    pub expires_at: Option<Millis>,
    pub last_used_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
}

const COLUMNS: &str = "id, user_id, name, hash, role, project_id, environment_id, created_at, expires_at, last_used_at, revoked_at";

impl Store {
    pub async fn token_by_hash(&self, hash: &str) -> Result<Option<Token>, StoreError> {
        self.state.read.fetch_optional(&format!("SELECT {COLUMNS} FROM tokens WHERE hash = $1"), values![hash]).await
    }

    pub async fn token_by_id(&self, id: &str) -> Result<Option<Token>, StoreError> {
        self.state.read.fetch_optional(&format!("SELECT {COLUMNS} FROM tokens WHERE id = $1"), values![id]).await
    }

    pub async fn create_token(&self, t: Token, record: Draft) -> Result<(), StoreError> {
        let sql = format!("INSERT INTO tokens ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let binds = values![
                        t.id,
                        t.user_id,
                        t.name,
                        t.hash,
                        t.role,
                        t.project_id,
                        t.environment_id,
                        t.created_at,
                        t.expires_at,
                        t.last_used_at,
                        t.revoked_at
                    ];
                    tx.execute(&sql, binds).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    pub async fn revoke_token(&self, id: &str, now: Millis, record: Draft) -> Result<(), StoreError> {
        let binds = values![now, id];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    if tx.execute("UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", binds).await? == 0 {
                        return Err(StoreError::Missing("token"));
                    }
                    super::grant::raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    /// Remembers that a token was used. Called at most once a minute for each.
    pub async fn touch_token(&self, id: &str, now: Millis) -> Result<(), StoreError> {
        let binds = values![now, id];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute("UPDATE tokens SET last_used_at = $1 WHERE id = $2", binds).await?;
                    Ok(((), vec![]))
                })
            })
            .await
    }
}
