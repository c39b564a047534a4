//! What containers used, by the minute. In the telemetry database: it may be lost, and may never hold up a change.

use super::{Store, StoreError, db::values};
use crate::clock::Millis;

/// A minute of one container.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SampleRow {
    pub host_id: String,
    pub object_id: String,
    /// Its beginning.
    pub minute: Millis,
    /// JSON, as the metrics' room writes it.
    pub points: String,
}

const COLUMNS: &str = "host_id, object_id, minute, points";

impl Store {
    /// Keeps minutes, in place of what is there of them, and forgets those that began before `expired`: one transaction.
    pub async fn keep_samples(&self, rows: Vec<SampleRow>, expired: Millis) -> Result<(), StoreError> {
        self.telemetry
            .write
            .change(move |tx| {
                Box::pin(async move {
                    for part in rows.chunks(200) {
                        let sql = format!(
                            "INSERT INTO samples ({COLUMNS}) VALUES {} \
                             ON CONFLICT (host_id, object_id, minute) DO UPDATE SET points = excluded.points",
                            tx.placeholders(part.len(), 4)
                        );
                        let binds = part.iter().flat_map(|r| values![&r.host_id, &r.object_id, r.minute, &r.points]).collect();
                        tx.execute(&sql, binds).await?;
                    }
                    tx.execute("DELETE FROM samples WHERE minute < $1", values![expired]).await?;
                    Ok(((), vec![]))
                })
            })
            .await
    }

    /// A container's minutes that began in this time, oldest first.
    pub async fn samples_of(&self, host_id: &str, object_id: &str, from: Millis, to: Millis) -> Result<Vec<SampleRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM samples WHERE host_id = $1 AND object_id = $2 AND minute >= $3 AND minute <= $4 ORDER BY minute"
        );
        self.telemetry.read.fetch_all(&sql, values![host_id, object_id, from, to]).await
    }

    /// All containers' of one minute.
    pub async fn samples_at(&self, minute: Millis) -> Result<Vec<SampleRow>, StoreError> {
        self.telemetry.read.fetch_all(&format!("SELECT {COLUMNS} FROM samples WHERE minute = $1"), values![minute]).await
    }
}
