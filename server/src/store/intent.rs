//! Intents without an outcome yet.

use std::collections::HashSet;

use super::{Store, StoreError, Tx, Value, chain::by_powers_of_two, db::values};
use crate::clock::Millis;

/// What is kept of an open intent, for closing it truthfully after a crash.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenIntent {
    pub id: String,
    pub at: Millis,
    /// The process that opened it: one that runs closes its own.
    pub runner: String,
    pub action: String,
    pub host_id: Option<String>,
    pub object_id: String,
    /// What was seen before the effect, as JSON: the observer compares with it.
    pub expected: String,
}

pub(super) async fn insert(tx: &mut Tx, opens: &[OpenIntent]) -> Result<(), StoreError> {
    for part in by_powers_of_two(opens) {
        let rows = tx.placeholders(part.len(), 7);
        let sql = format!("INSERT INTO open_intents (id, at, runner, action, host_id, object_id, expected) VALUES {rows}");
        let binds = part.iter().flat_map(|o| values![&o.id, o.at, &o.runner, &o.action, &o.host_id, &o.object_id, &o.expected]).collect();
        tx.execute(&sql, binds).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Id {
    id: String,
}

/// Takes intents off the list of open ones. Returns those that were on it.
pub(super) async fn delete(tx: &mut Tx, ids: &[&String]) -> Result<HashSet<String>, StoreError> {
    let mut were_open = HashSet::new();
    for part in by_powers_of_two(ids) {
        let binds = part.iter().map(|id| Value::from(*id)).collect();
        let sql = format!("DELETE FROM open_intents WHERE id IN {} RETURNING id", tx.placeholders(1, part.len()));
        let rows: Vec<Id> = tx.fetch_all(&sql, binds).await?;
        were_open.extend(rows.into_iter().map(|row| row.id));
    }
    Ok(were_open)
}

impl Store {
    /// Intents that other processes (in general: this one's former life) left open, oldest first.
    pub async fn abandoned_intents(&self, runner: &str) -> Result<Vec<OpenIntent>, StoreError> {
        let sql = "SELECT id, at, runner, action, host_id, object_id, expected FROM open_intents WHERE runner <> $1 ORDER BY at, id";
        self.state.read.fetch_all(sql, values![runner]).await
    }

    /// Replaces what is kept of an open intent for its observer. One that is closed by now has none.
    pub async fn note_intent(&self, id: &str, expected: String) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute("UPDATE open_intents SET expected = $1 WHERE id = $2", values![expected, id]).await?;
                    Ok(((), Vec::new()))
                })
            })
            .await
    }
}
