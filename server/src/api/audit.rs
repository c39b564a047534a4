//! The trail, for people.

use aide::{
    axum::{ApiRouter, routing::get_with},
    transform::TransformOperation,
};
use app::api::{
    audit::{AuditQuery, AuditRecord},
    list::CursorPage,
};
use axum::Json;

use super::{
    auth::Auth,
    extract::Query,
    list::{Window, text::Words},
};
use crate::{
    app::App,
    auth::permission::audit,
    clock::{Millis, parse_rfc3339, rfc3339},
    http::problem::Problem,
    store::audit::{AuditFilter, AuditRow},
};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new().api_route("/audit", get_with(list, docs))
}

fn docs(o: TransformOperation) -> TransformOperation {
    o.id("audit.list").summary("The audit trail, newest first").description("An intent and its outcome are one record here.")
}

async fn list(auth: Auth<audit::Read>, Query(query): Query<AuditQuery>) -> Result<Json<CursorPage<AuditRecord>>, Problem> {
    let limit = Window::limit(query.limit)?;
    let from = match (moment("from", query.from.as_deref())?, query.within_hours) {
        (Some(_), Some(_)) => return Err(Problem::bad_parameter("within_hours", "invalid", "Not together with from.")),
        (from, None) => from,
        (None, Some(hours)) => Some(auth.app.clock().now() - Millis::from(hours) * 3_600_000),
    };
    let filter = AuditFilter {
        before: query.cursor.as_deref().map(cursor).transpose()?,
        limit: limit + 1,
        id: query.id,
        words: Words::new(query.q.as_deref())?.into_vec(),
        actor: query.actor,
        permission: query.permission,
        object_id: query.object_id,
        outcome: query.outcome,
        from,
        to: moment("to", query.to.as_deref())?,
    };
    // Whoever was refused a moment ago finds it on record.
    auth.app.trail().settle().await;
    let visible = auth.visible();
    let mut rows = auth.app.store().audit_page(&visible, &filter).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|r| r.record.id.clone());
    Ok(Json(CursorPage { items: rows.into_iter().map(|row| dto(row, visible.everything())).collect(), next_cursor }))
}

/// The id of the last record that was told: its place in the chain would tell how much there is that one does not see.
fn cursor(text: &str) -> Result<String, Problem> {
    uuid::Uuid::parse_str(text)
        .map(|id| id.to_string())
        .map_err(|_| Problem::bad_parameter("cursor", "invalid", "Only what an answer gave as next_cursor."))
}

/// An RFC 3339 moment of a query.
pub fn moment(field: &str, text: Option<&str>) -> Result<Option<Millis>, Problem> {
    let parse = |t: &str| {
        parse_rfc3339(t).ok_or_else(|| Problem::bad_parameter(field, "invalid", "A moment in RFC 3339, such as 2026-11-22T22:00:00Z."))
    };
    text.map(parse).transpose()
}

/// A record as the API tells it; its place in the chain only to who reads the `whole` of it.
pub fn dto(row: AuditRow, whole: bool) -> AuditRecord {
    let AuditRow { record: r, final_outcome, final_detail, outcome_at } = row;
    let outcome_at = outcome_at.or((r.kind != "intent").then_some(r.at));
    AuditRecord {
        seq: whole.then_some(r.seq),
        id: r.id,
        at: rfc3339(r.at),
        actor_kind: r.actor_kind,
        actor_id: r.actor_id,
        actor_name: r.actor_name,
        token_name: r.token_name,
        address: r.address,
        permission: r.permission,
        action: r.action,
        object_kind: r.object_kind,
        object_id: r.object_id,
        object_name: r.object_name,
        host_id: r.host_id,
        host_name: r.host_name,
        project_id: r.project_id,
        environment_id: r.environment_id,
        outcome: final_outcome,
        outcome_at: outcome_at.map(rfc3339),
        detail: final_detail,
        reason: r.reason,
        request_id: r.request_id,
        by_right: r.by_right,
        count: r.count,
        hash: whole.then_some(r.hash),
    }
}
