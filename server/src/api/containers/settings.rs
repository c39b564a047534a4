//! How a container was made: for making another or changing it, and as a compose file to copy.

use std::collections::HashSet;

use aide::transform::TransformOperation;
use app::api::spec::{ComposeFile, Settings};
use axum::{Json, extract::Path};
use schemars::JsonSchema;
use serde::Deserialize;

use super::On;
use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
        list::containers,
    },
    auth::{
        permission::container::{Read, Reveal},
        subject::{ContainerKey, ContainerSubject},
    },
    fleet::plan::{Service, compose_file},
    http::problem::Problem,
};

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.settings")
        .summary("How a container was made")
        .description("Its own settings, without those of its image. Values of its environment, arguments and options are not in it.")
}

pub async fn read(auth: Auth<Read>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<Settings>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    Ok(Json(engine.plan_of(&permitted, &subject.entry.id).await?.settings()))
}

pub fn compose_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.compose")
        .summary("A container as a compose file")
        .description("Values of its environment, arguments and options are named, not shown.")
}

pub async fn compose(auth: Auth<Read>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<ComposeFile>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let service = service(&auth, &permitted, &subject).await?;
    Ok(Json(ComposeFile { text: compose_file(&[service]), revealed: false }))
}

/// Which group.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    host_id: String,
    compose_project: String,
}

pub fn group_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.group_compose")
        .summary("A compose project as a compose file")
        .description("Of the containers of that project on a host that one may read, 100 at most; a comment says how many more there are. Of a service that \
             is scaled the first container has its name, the others have their own.")
}

/// Containers of one file.
const MOST: usize = 100;

pub async fn group(auth: Auth<Read>, Query(group): Query<Group>) -> Result<Json<ComposeFile>, Problem> {
    let (snapshot, directory) = (auth.app.fleet().snapshot(), auth.app.auth().directory());
    let visible = auth.visible();
    let mut found: Vec<(String, String)> = containers::visible(&snapshot, &directory, &visible)
        .filter(|row| row.host.id == group.host_id && row.entry.compose_project.as_deref() == Some(group.compose_project.as_str()))
        .map(|row| (row.entry.name.clone(), row.entry.id.clone()))
        .collect();
    if found.is_empty() {
        return Err(Problem::not_found("compose project"));
    }
    found.sort_unstable();
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    let (mut services, mut names) = (Vec::new(), HashSet::new());
    for (name, id) in found {
        let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: Some(group.host_id.clone()) }).await?;
        let mut service = service(&auth, &permitted, &subject).await?;
        // Of a service that is scaled, the first has its name, the others their own.
        if names.contains(&service.name) {
            service.name = name;
        }
        while !names.insert(service.name.clone()) {
            service.name.push('_');
        }
        services.push(service);
    }
    let mut text = compose_file(&services);
    if more > 0 {
        text.insert_str(0, &format!("# {more} more containers of this project are not in this file: it holds {MOST} at most.\n"));
    }
    Ok(Json(ComposeFile { text, revealed: false }))
}

async fn service(auth: &Auth<Read>, permitted: &crate::auth::Permitted<Read>, subject: &ContainerSubject) -> Result<Service, Problem> {
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let plan = engine.plan_of(permitted, &subject.entry.id).await?;
    let name = subject.entry.compose_service.as_deref().unwrap_or(&subject.entry.name);
    Ok(Service::of(&plan, name, false))
}

pub fn reveal_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.reveal")
        .summary("A container as a compose file, with what is secret in it")
        .description("Values of its environment, arguments and options. That it was asked for goes on record.")
}

pub async fn reveal(auth: Auth<Reveal>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<ComposeFile>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let plan = engine.plan_of(&permitted, &subject.entry.id).await?;
    // Durable before anything is shown.
    auth.app.store().append_audit(vec![auth.app.trail().record(&permitted, "reveal", "")]).await?;
    let name = subject.entry.compose_service.as_deref().unwrap_or(&subject.entry.name);
    Ok(Json(ComposeFile { text: compose_file(&[Service::of(&plan, name, true)]), revealed: true }))
}
