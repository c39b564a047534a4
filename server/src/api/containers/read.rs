//! Reading containers: from the snapshot, and (for the detail) what the engine says of one.

use std::time::Duration;

use aide::transform::TransformOperation;
use app::api::{
    container::{Container, ContainerDetail, ContainerQuery},
    host::HostState,
    list::List,
};
use axum::{Json, extract::Path};
use tokio::time::timeout;

use super::On;
use crate::api::extract::Id;
use crate::{
    api::{
        auth::Auth,
        extract::Query,
        list::containers::{self, Row, condition},
        policy,
    },
    app::App,
    auth::{Actor, permission::container, subject::ContainerSubject},
    fleet::EngineError,
    http::problem::Problem,
    store::exception::ExceptionRow,
};

/// How long a detail waits for its engine: what the console knows by itself is not to wait for it.
const PATIENCE: Duration = Duration::from_secs(2);

pub fn list_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.list")
        .summary("Containers of all hosts")
        .description("From a snapshot: filtered, sorted, grouped and cut to a window by the server.")
}

pub async fn list(auth: Auth<container::Read>, Query(query): Query<ContainerQuery>) -> Result<Json<List<Container>>, Problem> {
    let (snapshot, directory) = (auth.app.fleet().snapshot(), auth.app.auth().directory());
    let list = containers::list(&snapshot, &directory, &auth.actor, &auth.visible(), &query)?;
    let version = auth.app.versions().of(&auth.actor, "container", snapshot.version, list.snapshot, auth.app.clock().now());
    Ok(Json(List { snapshot: version, ..list }))
}

pub fn detail_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.read")
        .summary("One container")
        .description("With the allow-listed part of its inspection while its host answers in good time.")
}

pub async fn detail(
    auth: Auth<container::Read>,
    Path(Id { id }): Path<Id>,
    Query(on): Query<On>,
) -> Result<Json<ContainerDetail>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let inspect = match auth.app.fleet().engine(&subject.host.id) {
        Some(engine) if subject.host.state == HostState::Reachable => {
            let asked = tokio::select! {
                asked = timeout(PATIENCE, engine.inspect(&permitted, &subject.entry.id)) => asked.ok(),
                _ = engine.lost() => None,
            };
            match asked {
                Some(Ok(inspect)) => Some(inspect),
                Some(Err(error @ EngineError::ContainerNotFound)) => return Err(error.into()),
                // What the snapshot has is still told.
                Some(Err(_)) | None => None,
            }
        }
        _ => None,
    };
    let directory = auth.app.auth().directory();
    let of_it = |e: &&ExceptionRow| e.project_id == subject.project && e.container.as_deref().is_none_or(|name| name == subject.entry.name);
    let exceptions = directory.exceptions(auth.app.clock().now()).filter(of_it).map(|e| policy::dto(e, &directory)).collect();
    Ok(Json(ContainerDetail { container: dto(&auth.app, &auth.actor, &subject), inspect, exceptions }))
}

/// A container as lists tell it.
pub fn dto(app: &App, actor: &Actor, subject: &ContainerSubject) -> Container {
    let row = Row {
        host: &subject.host,
        entry: &subject.entry,
        project: subject.project.as_deref(),
        condition: condition(&subject.host, &subject.entry),
    };
    containers::dto(&row, &app.auth().directory(), actor)
}
