//! Kept events of engines.

use std::collections::{BTreeSet, HashMap};

use aide::axum::{ApiRouter, routing::get_with};
use app::api::{
    event::{Cause, CauseKind, Event, EventQuery},
    list::CursorPage,
};
use axum::Json;

use super::{auth::Auth, extract::Query, list::Window};
use crate::{
    app::App,
    auth::{
        Visible,
        permission::{audit, event, operation},
        scope::ObjectScope,
    },
    clock::{Millis, rfc3339},
    http::problem::Problem,
    store::{
        cause::CauseRow,
        event::{EventFilter, EventRow},
    },
};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new().api_route("/events", get_with(list, |o| o.id("events.list").summary("Kept events of engines, newest first")))
}

async fn list(auth: Auth<event::Read>, Query(query): Query<EventQuery>) -> Result<Json<CursorPage<Event>>, Problem> {
    let limit = Window::limit(query.limit)?;
    let filter = EventFilter {
        before: query.cursor.as_deref().map(cursor).transpose()?,
        limit: limit + 1,
        host_id: query.host_id,
        kind: query.kind,
        object_id: query.object_id,
        action: query.action,
        outside: query.outside,
    };
    let mut rows = auth.app.store().event_page(&auth.visible(), &filter).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|e| format!("{}.{}", e.at, e.id));
    let causes = Causes::of(&auth, &rows).await?;
    let items = rows.into_iter().map(|e| dto(causes.behind(&e), e)).collect();
    Ok(Json(CursorPage { items, next_cursor }))
}

/// What stands behind events, as far as the reader may see it.
struct Causes {
    links: HashMap<String, (Option<String>, Option<String>)>,
}

impl Causes {
    async fn of(auth: &Auth<event::Read>, events: &[EventRow]) -> Result<Self, Problem> {
        let intents: BTreeSet<&str> = events.iter().filter_map(|e| e.intent_id.as_deref()).collect();
        let rows = auth.app.store().causes(&intents.into_iter().collect::<Vec<_>>()).await?;
        let records = Visible::<audit::Read>::of(&auth.actor);
        let everybodys = auth.actor.may::<operation::Read>(&ObjectScope::platform());
        let link = |row: CauseRow| {
            let own = |user: &str| auth.actor.began(user, row.token_id.as_deref());
            let reads = everybodys || row.user_id.as_deref().is_some_and(own);
            let record = records.reaches(row.project_id.as_deref(), row.environment_id.as_deref()).then(|| row.intent_id.clone());
            (row.intent_id, (row.operation_id.filter(|_| reads), record))
        };
        Ok(Self { links: rows.into_iter().map(link).collect() })
    }

    fn behind(&self, e: &EventRow) -> Option<Cause> {
        match &e.intent_id {
            Some(intent) => {
                let (operation_id, record_id) = self.links.get(intent).cloned().unwrap_or_default();
                Some(Cause { kind: CauseKind::Operation, actor_name: e.actor_name.clone(), operation_id, record_id })
            }
            None => e.outside.then_some(Cause { kind: CauseKind::Outside, actor_name: None, operation_id: None, record_id: None }),
        }
    }
}

fn cursor(text: &str) -> Result<(Millis, String), Problem> {
    let parsed = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    parsed.ok_or_else(|| Problem::bad_parameter("cursor", "invalid", "Only what an answer gave as next_cursor."))
}

/// An event as the API tells it.
fn dto(cause: Option<Cause>, e: EventRow) -> Event {
    Event {
        id: e.id,
        at: rfc3339(e.at),
        host_id: e.host_id,
        host_name: e.host_name,
        kind: e.kind,
        object_id: e.object_id,
        object_name: e.object_name,
        action: e.action,
        exit_code: e.exit_code,
        signal: e.signal,
        health: e.health,
        oom_killed: e.oom_killed,
        outside: e.outside,
        actor_name: e.actor_name,
        cause,
        image: e.image,
        compose_project: e.compose_project,
    }
}
