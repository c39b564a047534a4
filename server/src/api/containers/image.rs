//! Whether there is a newer image than the one that a container runs.

use aide::transform::TransformOperation;
use app::api::image::ImageUpdate;
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
    o.id("containers.image_update").summary("Whether the registry has a newer image").description(
        "The container's engine asks the registry what the image's name means there now. An answer holds for five minutes, one that could not be \
         had for half a minute, for everybody.",
    )
}

pub async fn update(auth: Auth<container::Read>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<ImageUpdate>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let now = auth.app.clock().now();
    tokio::select! {
        told = engine.image_update(&permitted, &subject.entry.id, now) => Ok(Json(told?)),
        lost = engine.lost() => Err(lost.into()),
    }
}
