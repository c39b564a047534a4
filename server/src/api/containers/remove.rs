//! Removing a container.

use aide::transform::TransformOperation;
use axum::{extract::Path, http::StatusCode};
use schemars::JsonSchema;
use serde::Deserialize;

use super::act::{outcome, pass};
use crate::api::extract::{Id, NoBody};
use crate::{
    api::{auth::Auth, extract::Query},
    app::App,
    audit::Change,
    auth::{
        Permitted,
        permission::container::Delete,
        subject::{ContainerKey, ContainerSubject},
    },
    http::{problem::Problem, request_id},
};

/// How to remove it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct How {
    /// The host's id; needed only where two hosts have a container of this id.
    #[serde(default)]
    host_id: Option<String>,
    /// Also while it runs.
    #[serde(default)]
    force: bool,
    /// Its unnamed volumes, too.
    #[serde(default)]
    volumes: bool,
}

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.delete")
        .summary("Remove a container")
        .description("A running one only by force. Its named volumes stay.")
        .response::<204, ()>()
}

pub async fn delete(auth: Auth<Delete>, Path(Id { id }): Path<Id>, Query(how): Query<How>, _: NoBody) -> Result<StatusCode, Problem> {
    let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: how.host_id }).await?;
    let app = auth.app.clone();
    let work = tokio::spawn(request_id::carry(async move { remove(&app, &permitted, &subject, how.force, how.volumes).await }));
    work.await.map_err(|e| Problem::internal(&e))??;
    Ok(StatusCode::NO_CONTENT)
}

/// Does it, from the gate to the outcome.
pub async fn remove(
    app: &App,
    permitted: &Permitted<Delete>,
    subject: &ContainerSubject,
    force: bool,
    volumes: bool,
) -> Result<(), Problem> {
    let passed = pass(app, permitted, subject, "remove").await?;
    let id = &subject.entry.id;
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let expected = serde_json::to_value(engine.observe(id).await?).unwrap_or_default();
    let named = |on: bool, word: &'static str| on.then_some(word);
    let detail = [named(force, "force"), named(volumes, "volumes")].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let change = Change { detail, expected, frees_disk: true, ..Change::new("remove") };
    let intent = permitted.begin(app.trail(), change).await?;
    let done = engine.remove(&intent, &passed, id, force, volumes).await;
    intent.finish(outcome(&done)).await;
    Ok(done?)
}
