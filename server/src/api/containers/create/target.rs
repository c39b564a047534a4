//! Where a container is to be made, and for whom: looking it up is authorising.

use std::sync::Arc;

use app::api::spec::CreateContainer;

use super::given;
use crate::{
    api::{auth::Auth, containers::rules::Place},
    auth::{Permission as _, Permitted, permission::container::Create, permitted::ObjectRef, scope::ObjectScope},
    fleet::{Engine, model::HostEntry},
    http::problem::Problem,
};

/// A place that the asking person may make containers in.
pub struct Target {
    pub permitted: Permitted<Create>,
    pub place: Place,
    pub engine: Arc<Engine>,
    /// The engine's name for it.
    pub name: String,
}

/// The host and the project that a request names. What the person can't know of is answered as if it were not there.
pub async fn target(auth: &Auth<Create>, request: &CreateContainer) -> Result<Target, Problem> {
    let (app, snapshot) = (&auth.app, auth.app.fleet().snapshot());
    let host = snapshot.host(&request.host_id).cloned();
    let scope = |host: &HostEntry| ObjectScope { project: request.project_id.clone(), environment: host.environment_id.clone() };
    let readable = |scope: &ObjectScope| auth.actor.may::<Create>(scope) || auth.actor.rights.allow(Create::READ, scope).is_some();
    // A project that is not there is nobody's.
    let known = request.project_id.as_deref().is_none_or(|id| app.auth().directory().project_name(id).is_some());
    let Some(host) = host.filter(|host| known && readable(&scope(host))) else {
        let may_anywhere =
            auth.actor.rights.scopes(Create::INDEX).any(|s| request.project_id.as_deref().is_some_and(|p| s.reaches(Some(p), None)));
        let field = if request.project_id.is_some() && !(known && may_anywhere) { "project_id" } else { "host_id" };
        return Err(Problem::bad_field(field, "not_found", "There is none that you could make a container in."));
    };
    let place = Place { host: Arc::clone(&host), project: request.project_id.clone() };
    let key = uuid::Uuid::now_v7().simple().to_string();
    let name = given(app, &place, request.name.as_deref(), &request.image, &key);
    let object = ObjectRef {
        kind: "container",
        id: String::new(),
        name: name.clone(),
        host_id: Some(host.id.clone()),
        host_name: Some(host.name.clone()),
        scope: place.scope(),
    };
    let permitted = auth.permit(object).await?;
    let engine = app.fleet().engine(&host.id).ok_or_else(|| Problem::bad_field("host_id", "not_found", "The host is gone."))?;
    Ok(Target { permitted, place, engine, name })
}
