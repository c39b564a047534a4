//! What of a container's files differs from its image.

use aide::transform::TransformOperation;
use app::api::stats::FileChanges;
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
    o.id("containers.changes")
        .summary("Files of a container that differ from its image")
        .description("The first 10,000. Names of files say what is in a container: this wants the right to go in.")
}

pub async fn read(auth: Auth<container::Exec>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<FileChanges>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    Ok(Json(engine.file_changes(&permitted, &subject.entry.id).await?))
}
