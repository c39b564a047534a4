//! What there is to choose from for somebody who may make containers.

use aide::transform::TransformOperation;
use app::api::{host::Named, spec::Choices};
use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Auth, extract::Query},
    auth::{
        Permission as _,
        permission::{container::Create, network, volume},
        scope::ObjectScope,
    },
    http::problem::Problem,
};

/// For whom and where.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct For {
    /// The host whose images, networks and volumes are wanted.
    #[serde(default)]
    host_id: Option<String>,
    /// The project that the container shall belong to.
    #[serde(default)]
    project_id: Option<String>,
}

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.choices")
        .summary("What there is to choose from for a new container")
        .description("Hosts and projects that one may be made in; of a host the images, and the networks and volumes that it may use.")
}

pub async fn read(auth: Auth<Create>, Query(query): Query<For>) -> Result<Json<Choices>, Problem> {
    auth.anywhere("container").await?;
    let (snapshot, directory) = (auth.app.fleet().snapshot(), auth.app.auth().directory());
    let may = |project: Option<&str>, environment: Option<&str>| {
        auth.actor.may::<Create>(&ObjectScope { project: project.map(Into::into), environment: environment.map(Into::into) })
    };
    let environments = || snapshot.hosts.iter().map(|h| h.environment_id.as_deref());
    let mut projects: Vec<Named> = directory
        .projects()
        .filter(|(id, _)| environments().any(|e| may(Some(id), e)))
        .map(|(id, name)| Named { id: id.to_owned(), name: name.to_owned() })
        .collect();
    projects.sort_by(|a, b| a.name.cmp(&b.name));
    let usable = |environment: Option<&str>| match &query.project_id {
        Some(project) => may(Some(project), environment),
        None => may(None, environment) || projects.iter().any(|p| may(Some(&p.id), environment)),
    };
    let hosts = snapshot.hosts.iter().filter(|h| usable(h.environment_id.as_deref()));
    let hosts = hosts.map(|h| Named { id: h.id.clone(), name: h.name.clone() }).collect();
    let platform = environments().any(|e| may(None, e));
    let mut choices = Choices { hosts, projects: projects.clone(), platform, ..Choices::default() };
    let host = query.host_id.as_deref().and_then(|id| snapshot.host(id)).filter(|h| usable(h.environment_id.as_deref()));
    let Some(host) = host else { return Ok(Json(choices)) };
    let Some(engine) = auth.app.fleet().engine(&host.id) else { return Ok(Json(choices)) };
    // What a silent host has is not known: the form can do without.
    let Ok(stock) = engine.stock().await else { return Ok(Json(choices)) };
    let environment = host.environment_id.as_deref();
    let own = |kind: &str, name: &str, at: i64, index: usize| {
        let scope = directory.scope(&host.id, environment, kind, name, at);
        (query.project_id.is_some() && scope.project == query.project_id) || auth.actor.rights.allow(index, &scope).is_some()
    };
    let of = |items: &[(String, i64)], kind: &str, index: usize| {
        let mut names: Vec<String> = items.iter().filter(|(name, at)| own(kind, name, *at, index)).map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    };
    choices.networks = of(&stock.networks, "network", network::Use::INDEX);
    // Every engine has it, and everybody may.
    if !choices.networks.iter().any(|n| n == "bridge") {
        choices.networks.insert(0, "bridge".to_owned());
    }
    choices.volumes = of(&stock.volumes, "volume", volume::Use::INDEX);
    choices.images = stock.images;
    Ok(Json(choices))
}
