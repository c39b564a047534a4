//! What has had its time is cleared away.

use serde_json::{Value, json};

use super::WorkerError;
use crate::{app::App, clock::Millis};

const DAY: Millis = 24 * 60 * 60 * 1000;
/// Engines' events.
const EVENTS: Millis = 90 * DAY;
/// Operations, with their items.
const OPERATIONS: Millis = 30 * DAY;
/// A repeat under the same key is known for so long.
const IDEMPOTENCY: Millis = DAY;

pub async fn round(app: App) -> Result<Value, WorkerError> {
    let (store, now) = (app.store(), app.clock().now());
    Ok(json!({
        "sessions": store.prune_sessions(now).await?,
        "idempotency_keys": store.prune_idempotency(now - IDEMPOTENCY).await?,
        "operations": store.prune_operations(now - OPERATIONS).await?,
        "events": store.prune_events(now - EVENTS).await?,
    }))
}
