//! Whose an object of an engine is.

use super::{Draft, Store, StoreError, db::values};
use crate::clock::Millis;

/// One ownership row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ownership {
    pub host_id: String,
    /// `container`, `volume`, `network` …
    pub kind: String,
    pub object_id: String,
    /// The object's own, as the engine tells it: an id that comes again is another object.
    pub created_at: Millis,
    pub project_id: String,
    /// The change that made it so.
    pub intent_id: String,
}

impl Store {
    pub async fn ownerships(&self) -> Result<Vec<Ownership>, StoreError> {
        self.state.read.fetch_all("SELECT host_id, kind, object_id, created_at, project_id, intent_id FROM ownership", vec![]).await
    }

    /// Gives an object to a project, whosever it was.
    pub async fn assign(&self, row: Ownership, record: Draft) -> Result<(), StoreError> {
        let sql = "INSERT INTO ownership (host_id, kind, object_id, created_at, project_id, intent_id) VALUES ($1, $2, $3, $4, $5, $6) \
                   ON CONFLICT (host_id, kind, object_id) DO UPDATE SET created_at = $4, project_id = $5, intent_id = $6";
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute(sql, values![row.host_id, row.kind, row.object_id, row.created_at, row.project_id, row.intent_id]).await?;
                    super::grant::raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }
}
