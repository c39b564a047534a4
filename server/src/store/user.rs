//! People: accounts, passwords, what they chose.

use serde_json::{Map, Value as Json};

use super::{Draft, Store, StoreError, db::values};
use crate::clock::Millis;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct User {
    pub id: String,
    pub username: String,
    /// PHC string of argon2id.
    pub password_hash: String,
    pub password_changed_at: Millis,
    pub active: bool,
    pub language: Option<String>,
    pub theme: String,
    /// A JSON object.
    pub preferences: String,
    pub created_at: Millis,
}

/// What a new account needs.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub id: String,
    pub username: String,
    pub password_hash: String,
    pub language: Option<String>,
    pub now: Millis,
}

pub(super) const COLUMNS: &str = "id, username, password_hash, password_changed_at, active, language, theme, preferences, created_at";

/// Bytes of a person's preferences.
pub const PREFERENCES: usize = 64 * 1024;

/// Preferences with some of their names changed.
fn merged(now: &str, changed: Map<String, Json>) -> String {
    let mut all: Map<String, Json> = serde_json::from_str(now).unwrap_or_default();
    for (name, value) in changed {
        if value.is_null() {
            all.remove(&name);
        } else {
            all.insert(name, value);
        }
    }
    Json::Object(all).to_string()
}

/// Names differ by more than case.
pub fn username_key(username: &str) -> String {
    username.to_lowercase()
}

pub(super) async fn insert(tx: &mut super::Tx, user: &NewUser) -> Result<(), StoreError> {
    let sql = "INSERT INTO users (id, username, username_key, password_hash, password_changed_at, active, language, theme, preferences, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, 'system', '{}', $5)";
    tx.execute(sql, values![&user.id, &user.username, username_key(&user.username), &user.password_hash, user.now, true, &user.language])
        .await
        .map_err(|e| if matches!(e, StoreError::Conflict(_)) { StoreError::Conflict("this username") } else { e })?;
    Ok(())
}

impl Store {
    pub async fn user(&self, id: &str) -> Result<Option<User>, StoreError> {
        self.state.read.fetch_optional(&format!("SELECT {COLUMNS} FROM users WHERE id = $1"), values![id]).await
    }

    pub async fn user_by_name(&self, username: &str) -> Result<Option<User>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE username_key = $1");
        self.state.read.fetch_optional(&sql, values![username_key(username)]).await
    }

    pub async fn any_user(&self) -> Result<bool, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM users ORDER BY id LIMIT 1");
        Ok(self.state.read.fetch_optional::<User>(&sql, vec![]).await?.is_some())
    }

    /// A new account with a role on the whole platform, in one transaction with its record.
    pub async fn create_user(&self, user: NewUser, role: Option<&str>, record: Draft) -> Result<(), StoreError> {
        let role = role.map(str::to_owned);
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    insert(tx, &user).await?;
                    if let Some(role) = role {
                        super::grant::insert_platform(tx, &user.id, &role, user.now).await?;
                    }
                    super::grant::raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    /// A new password. Ends the account's sessions, but for `keep`.
    pub async fn set_password(&self, id: &str, hash: &str, keep: Option<&str>, now: Millis, record: Draft) -> Result<(), StoreError> {
        let (id, hash, keep) = (id.to_owned(), hash.to_owned(), keep.unwrap_or_default().to_owned());
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let sql = "UPDATE users SET password_hash = $1, password_changed_at = $2, active = $3 WHERE id = $4";
                    if tx.execute(sql, values![hash, now, true, &id]).await? == 0 {
                        return Err(StoreError::Missing("account"));
                    }
                    tx.execute("DELETE FROM sessions WHERE user_id = $1 AND id <> $2", values![&id, keep]).await?;
                    super::grant::raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    /// Language, theme, preferences: what is `None` stays, and of the preferences what the change does not name; a null takes a name away.
    /// `false` where these would become longer than [`PREFERENCES`]: then nothing has changed.
    pub async fn update_account(
        &self,
        id: &str,
        language: Option<String>,
        theme: Option<String>,
        preferences: Option<Map<String, Json>>,
        record: Draft,
    ) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let preferences = match preferences {
                        Some(changed) => {
                            let lock = if tx.is_postgres() { " FOR UPDATE" } else { "" };
                            let sql = format!("SELECT {COLUMNS} FROM users WHERE id = $1{lock}");
                            let user: Option<User> = tx.fetch_optional(&sql, values![&id]).await?;
                            let merged = merged(&user.ok_or(StoreError::Missing("account"))?.preferences, changed);
                            if merged.len() > PREFERENCES {
                                return Ok((false, Vec::new()));
                            }
                            Some(merged)
                        }
                        None => None,
                    };
                    let sql = "UPDATE users SET language = COALESCE($1, language), theme = COALESCE($2, theme), preferences = COALESCE($3, preferences) WHERE id = $4";
                    if tx.execute(sql, values![language, theme, preferences, id]).await? == 0 {
                        return Err(StoreError::Missing("account"));
                    }
                    Ok((true, vec![record]))
                })
            })
            .await
    }
}
