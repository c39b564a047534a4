//! Exceptions from the container policy, by name.

use super::{Draft, Store, StoreError, db::values, grant::raise_version};
use crate::clock::Millis;

/// One exception.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ExceptionRow {
    pub id: String,
    /// Whose containers; absent: the platform's.
    pub project_id: Option<String>,
    /// The container's name; absent: all of the project's.
    pub container: Option<String>,
    /// The finding's code and value; without a value: any.
    pub code: String,
    pub value: Option<String>,
    pub reason: String,
    pub actor_name: String,
    pub created_at: Millis,
    /// From then on it covers nothing; absent: until somebody ends it.
    pub ends_at: Option<Millis>,
}

const COLUMNS: &str = "id, project_id, container, code, value, reason, actor_name, created_at, ends_at";

impl Store {
    pub async fn policy_exceptions(&self) -> Result<Vec<ExceptionRow>, StoreError> {
        self.state.read.fetch_all(&format!("SELECT {COLUMNS} FROM policy_exceptions ORDER BY created_at, id"), vec![]).await
    }

    pub async fn create_policy_exception(&self, row: ExceptionRow, record: Draft) -> Result<(), StoreError> {
        let sql = format!("INSERT INTO policy_exceptions ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let binds = values![
                        row.id,
                        row.project_id,
                        row.container,
                        row.code,
                        row.value,
                        row.reason,
                        row.actor_name,
                        row.created_at,
                        row.ends_at
                    ];
                    tx.execute(&sql, binds).await?;
                    raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    /// `false`: there is none of this id.
    pub async fn delete_policy_exception(&self, id: &str, record: Draft) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let gone = tx.execute("DELETE FROM policy_exceptions WHERE id = $1", values![id]).await? > 0;
                    raise_version(tx).await?;
                    Ok((gone, if gone { vec![record] } else { vec![] }))
                })
            })
            .await
    }
}
