//! Hosts: which engines there are.

use super::{Draft, Store, StoreError, db::values};
use crate::clock::Millis;

/// A host, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HostRow {
    pub id: String,
    pub name: String,
    /// `unix:///var/run/docker.sock`
    pub endpoint: String,
    pub environment_id: Option<String>,
    pub created_at: Millis,
}

impl Store {
    pub async fn hosts(&self) -> Result<Vec<HostRow>, StoreError> {
        self.state.read.fetch_all("SELECT id, name, endpoint, environment_id, created_at FROM hosts ORDER BY name, id", vec![]).await
    }

    pub async fn create_host(&self, host: HostRow, record: Draft) -> Result<(), StoreError> {
        let sql = "INSERT INTO hosts (id, name, endpoint, environment_id, created_at) VALUES ($1, $2, $3, $4, $5)";
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute(sql, values![host.id, host.name, host.endpoint, host.environment_id, host.created_at]).await?;
                    super::grant::raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }

    /// Where the engine is and which environment it belongs to.
    pub async fn update_host(&self, id: &str, endpoint: &str, environment_id: Option<&str>, record: Draft) -> Result<(), StoreError> {
        let binds = values![endpoint, environment_id, id];
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    if tx.execute("UPDATE hosts SET endpoint = $1, environment_id = $2 WHERE id = $3", binds).await? == 0 {
                        return Err(StoreError::Missing("host"));
                    }
                    super::grant::raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }
}
