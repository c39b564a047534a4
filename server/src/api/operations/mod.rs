//! Operations: how long work stands, and ending it.

mod run;

pub use run::{Run, UnderWay};

use aide::{
    axum::{
        ApiRouter,
        routing::{get_with, post_with},
    },
    transform::TransformOperation,
};
use app::api::{
    list::CursorPage,
    operation::{Operation, OperationQuery, OperationState},
};
use axum::{Json, extract::Path, http::StatusCode};

use super::auth::Auth;
use crate::api::extract::{Id, NoBody, Query};
use crate::{
    app::App,
    auth::{Permission, permission::operation, permitted::ObjectRef, scope::ObjectScope},
    clock::rfc3339,
    http::problem::Problem,
    store::operation::OperationRow,
};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/operations", get_with(list, list_docs))
        .api_route("/operations/{id}", get_with(read, docs))
        .api_route("/operations/{id}/cancel", post_with(cancel, cancel_docs))
}

fn list_docs(o: TransformOperation) -> TransformOperation {
    o.id("operations.list")
        .summary("Operations, the newest first")
        .description("One's own, and with operation.read on the platform everybody's.")
}

async fn list(auth: Auth<operation::Read>, Query(query): Query<OperationQuery>) -> Result<Json<CursorPage<Operation>>, Problem> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Problem::bad_parameter("limit", "out_of_range", "1 to 100."));
    }
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let everybodys = auth.visible().everything();
    let of = (!everybodys).then(|| (auth.actor.user_id().to_owned(), auth.actor.token_id().map(str::to_owned)));
    let rows = auth.app.store().operations(of, query.state.map(OperationState::key), before, limit).await?;
    let next_cursor = (rows.len() == limit as usize).then(|| rows.last().map(|r| format!("{}.{}", r.created_at, r.id))).flatten();
    Ok(Json(CursorPage { items: rows.into_iter().map(|row| now(&auth, row)).collect(), next_cursor }))
}

fn cursor(text: &str) -> Result<(i64, String), Problem> {
    let parsed = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    parsed.ok_or_else(|| Problem::bad_parameter("cursor", "invalid", "Only what an answer gave as next_cursor."))
}

fn cancel_docs(o: TransformOperation) -> TransformOperation {
    o.id("operations.cancel").summary("Cancel an operation").description(
        "One's own, and with operation.operate on the platform anybody's. What it has done stays, or is put back where the operation says so; asked \
         again, it answers how it stands.",
    )
}

async fn cancel(auth: Auth<operation::Operate>, Path(Id { id }): Path<Id>, _: NoBody) -> Result<Json<Operation>, Problem> {
    let row = permitted(&auth, &id).await?;
    match auth.app.under_way().get(&id) {
        Some(now) => now.cancel.cancel(),
        None if row.state == "running" => return Err(Problem::new(StatusCode::CONFLICT, "not_cancellable", "It can't be cancelled.")),
        None => {}
    }
    let row = auth.app.store().operation(&id).await?.ok_or_else(|| Problem::not_found("operation"))?;
    Ok(Json(now(&auth, row)))
}

/// With what only this process knows of it.
fn now<P: Permission>(auth: &Auth<P>, row: OperationRow) -> Operation {
    let own = auth.actor.began(&row.user_id, row.token_id.as_deref()) || auth.actor.may::<operation::Operate>(&ObjectScope::platform());
    let under_way = auth.app.under_way().get(&row.id);
    let cancellable = own && under_way.as_ref().is_some_and(|now| !now.cancel.is_cancelled());
    Operation { layers: under_way.map(|now| now.layers()).unwrap_or_default(), cancellable, ..dto(row) }
}

fn docs(o: TransformOperation) -> TransformOperation {
    o.id("operations.read").summary("How an operation stands").description("One's own are always visible, others with operation.read.")
}

async fn read(auth: Auth<operation::Read>, Path(Id { id }): Path<Id>) -> Result<Json<Operation>, Problem> {
    let row = permitted(&auth, &id).await?;
    Ok(Json(now(&auth, row)))
}

/// One's own, or with the permission anybody's.
async fn permitted<P: Permission>(auth: &Auth<P>, id: &str) -> Result<OperationRow, Problem> {
    let row = auth.app.store().operation(id).await?.ok_or_else(|| Problem::not_found("operation"))?;
    if !auth.actor.began(&row.user_id, row.token_id.as_deref()) {
        let object = ObjectRef { kind: "operation", id: row.id.clone(), name: row.kind.clone(), ..ObjectRef::default() };
        // What one may not read cannot be told from what is not there.
        auth.permit(object).await.map_err(|p| if p.status() == StatusCode::NOT_FOUND { Problem::not_found("operation") } else { p })?;
    }
    Ok(row)
}

/// An operation as the API tells it.
pub fn dto(o: OperationRow) -> Operation {
    Operation {
        state: state(&o.state),
        id: o.id,
        kind: o.kind,
        actor_name: o.actor_name,
        created_at: rfc3339(o.created_at),
        finished_at: o.finished_at.map(rfc3339),
        done: o.done as u32,
        total: o.total as u32,
        items: serde_json::from_str(&o.items).unwrap_or_default(),
        log: serde_json::from_str(&o.log).unwrap_or_default(),
        layers: Vec::new(),
        cancellable: false,
    }
}

/// A state as it is kept.
pub fn word(state: OperationState) -> String {
    match state {
        OperationState::Running => "running",
        OperationState::Succeeded => "succeeded",
        OperationState::Failed => "failed",
        OperationState::Cancelled => "cancelled",
        OperationState::Interrupted => "interrupted",
    }
    .to_owned()
}

fn state(word: &str) -> OperationState {
    match word {
        "running" => OperationState::Running,
        "succeeded" => OperationState::Succeeded,
        "cancelled" => OperationState::Cancelled,
        "interrupted" => OperationState::Interrupted,
        _ => OperationState::Failed,
    }
}
