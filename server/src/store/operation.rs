//! Operations: long work that outlives its page.

use std::fmt::Write as _;

use super::{Store, StoreError, db::values};
use crate::clock::Millis;

/// An operation, items and log as JSON.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OperationRow {
    pub id: String,
    pub kind: String,
    /// As `OperationState` on the wire.
    pub state: String,
    pub user_id: String,
    /// The API token that began it, if it was one.
    pub token_id: Option<String>,
    pub actor_name: String,
    /// The process that carries it out.
    pub runner: String,
    pub created_at: Millis,
    pub finished_at: Option<Millis>,
    pub done: i64,
    pub total: i64,
    pub items: String,
    pub log: String,
    /// The request that began it; intents of that request are the operation's.
    pub request_id: Option<String>,
}

const COLUMNS: &str =
    "id, kind, state, user_id, actor_name, runner, created_at, finished_at, done, total, items, log, token_id, request_id";

impl Store {
    pub async fn operation(&self, id: &str) -> Result<Option<OperationRow>, StoreError> {
        self.state.read.fetch_optional(&format!("SELECT {COLUMNS} FROM operations WHERE id = $1"), values![id]).await
    }

    /// The newest first: all, or one person's own (a token's: its own alone), in a state, before a moment and id.
    pub async fn operations(
        &self,
        of: Option<(String, Option<String>)>,
        state: Option<&str>,
        before: Option<(Millis, String)>,
        limit: u32,
    ) -> Result<Vec<OperationRow>, StoreError> {
        let mut sql = format!("SELECT {COLUMNS} FROM operations WHERE 1 = 1");
        let mut binds = Vec::new();
        if let Some((user_id, token_id)) = of {
            binds.push(user_id.into());
            let _ = write!(sql, " AND user_id = ${}", binds.len());
            if let Some(token_id) = token_id {
                binds.push(token_id.into());
                let _ = write!(sql, " AND token_id = ${}", binds.len());
            }
        }
        if let Some(state) = state {
            binds.push(state.into());
            let _ = write!(sql, " AND state = ${}", binds.len());
        }
        if let Some((at, id)) = before {
            binds.extend([at.into(), id.into()]);
            let (at, id) = (binds.len() - 1, binds.len());
            let _ = write!(sql, " AND (created_at < ${at} OR (created_at = ${at} AND id < ${id}))");
        }
        let _ = write!(sql, " ORDER BY created_at DESC, id DESC LIMIT {limit}");
        self.state.read.fetch_all(&sql, binds).await
    }

    /// Makes it, or brings it up to date.
    pub async fn save_operation(&self, o: OperationRow) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO operations ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (id) DO UPDATE SET state = $3, finished_at = $8, done = $9, items = $11, log = $12"
        );
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let binds = values![
                        o.id,
                        o.kind,
                        o.state,
                        o.user_id,
                        o.actor_name,
                        o.runner,
                        o.created_at,
                        o.finished_at,
                        o.done,
                        o.total,
                        o.items,
                        o.log,
                        o.token_id,
                        o.request_id
                    ];
                    tx.execute(&sql, binds).await?;
                    Ok(((), vec![]))
                })
            })
            .await
    }

    /// Running ones that another process left behind.
    pub async fn abandoned_operations(&self, runner: &str) -> Result<Vec<OperationRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM operations WHERE state = 'running' AND runner <> $1 ORDER BY created_at, id");
        self.state.read.fetch_all(&sql, values![runner]).await
    }

    pub async fn prune_operations(&self, before: Millis) -> Result<u64, StoreError> {
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let sql = "DELETE FROM operations WHERE finished_at < $1";
                    Ok((tx.execute(sql, values![before]).await?, vec![]))
                })
            })
            .await
    }
}
