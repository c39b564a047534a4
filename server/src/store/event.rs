//! Kept events. They live in the telemetry database and may never hold up a change.

use super::{Store, StoreError, audit::Where, db::values};
use crate::{
    auth::{Visible, permission::event},
    clock::Millis,
};

/// An event as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct EventRow {
    /// UUIDv7
    pub id: String,
    pub at: Millis,
    pub host_id: String,
    pub host_name: String,
    pub kind: String,
    pub object_id: String,
    pub object_name: String,
    pub action: String,
    pub exit_code: Option<i64>,
    pub signal: Option<i64>,
    pub health: Option<String>,
    pub oom_killed: bool,
    pub outside: bool,
    pub intent_id: Option<String>,
    pub actor_name: Option<String>,
    pub image: Option<String>,
    pub compose_project: Option<String>,
    pub project_id: Option<String>,
    pub environment_id: Option<String>,
}

const COLUMNS: &str = "id, at, host_id, host_name, kind, object_id, object_name, action, exit_code, signal, health, oom_killed, outside, \
                       intent_id, actor_name, image, compose_project, project_id, environment_id";
const COLUMN_COUNT: usize = 19;

/// What of the events is wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Events before this one: time and id of the last one seen.
    pub before: Option<(Millis, String)>,
    pub limit: u32,
    pub host_id: Option<String>,
    pub kind: Option<String>,
    pub object_id: Option<String>,
    pub action: Option<String>,
    pub outside: Option<bool>,
}

impl Store {
    pub async fn append_events(&self, events: Vec<EventRow>) -> Result<(), StoreError> {
        self.telemetry
            .write
            .change(move |tx| {
                Box::pin(async move {
                    for part in events.chunks(200) {
                        let sql = format!(
                            "INSERT INTO events ({COLUMNS}) VALUES {} ON CONFLICT (id) DO NOTHING",
                            tx.placeholders(part.len(), COLUMN_COUNT)
                        );
                        let binds = part
                            .iter()
                            .flat_map(|e| {
                                values![
                                    &e.id,
                                    e.at,
                                    &e.host_id,
                                    &e.host_name,
                                    &e.kind,
                                    &e.object_id,
                                    &e.object_name,
                                    &e.action,
                                    e.exit_code,
                                    e.signal,
                                    &e.health,
                                    e.oom_killed,
                                    e.outside,
                                    &e.intent_id,
                                    &e.actor_name,
                                    &e.image,
                                    &e.compose_project,
                                    &e.project_id,
                                    &e.environment_id,
                                ]
                            })
                            .collect();
                        tx.execute(&sql, binds).await?;
                    }
                    Ok(((), vec![]))
                })
            })
            .await
    }

    /// A page of events, newest first.
    pub async fn event_page(&self, visible: &Visible<event::Read>, filter: &EventFilter) -> Result<Vec<EventRow>, StoreError> {
        let mut w = Where::default();
        w.scoped("", visible.scopes());
        if let Some((at, id)) = &filter.before {
            w.and_all("(at < $ OR (at = $ AND id < $))", values![*at, *at, id]);
        }
        for (column, value) in
            [("host_id", &filter.host_id), ("kind", &filter.kind), ("object_id", &filter.object_id), ("action", &filter.action)]
        {
            if let Some(value) = value {
                w.and(&format!("{column} = $"), value);
            }
        }
        if let Some(outside) = filter.outside {
            w.and("outside = $", outside);
        }
        let sql = format!("SELECT {COLUMNS} FROM events {} ORDER BY at DESC, id DESC LIMIT {}", w.sql(), filter.limit);
        self.telemetry.read.fetch_all(&sql, w.values).await
    }

    /// Containers' events since then, oldest first: what the fleet is fed at its start.
    pub async fn container_events_since(&self, since: Millis) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE kind = 'container' AND at >= $1 ORDER BY at, id LIMIT 200000");
        self.telemetry.read.fetch_all(&sql, values![since]).await
    }

    /// Forgets events older than `before`. How many there were.
    pub async fn prune_events(&self, before: Millis) -> Result<u64, StoreError> {
        self.telemetry
            .write
            .change(move |tx| Box::pin(async move { Ok((tx.execute("DELETE FROM events WHERE at < $1", values![before]).await?, vec![])) }))
            .await
    }
}
