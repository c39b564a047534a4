//! Who runs in a container.

use aide::transform::TransformOperation;
use app::api::stats::Processes;
use axum::{Json, extract::Path};

use super::On;
use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
    },
    auth::permission::container,
    http::problem::Problem,
};

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.top")
        .summary("Processes of a container")
        .description("Programs by their names alone: what they were started with may hold secrets.")
}

pub async fn read(auth: Auth<container::Read>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<Processes>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    Ok(Json(engine.processes(&permitted, &subject.entry.id).await?))
}
