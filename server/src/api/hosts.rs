//! Hosts and what their engines say of themselves.

use aide::axum::{ApiRouter, routing::get_with};
use app::api::{
    host::{Host, HostQuery},
    list::List,
};
use axum::{Json, extract::Path};

use super::{auth::Auth, extract::Query, list::hosts};
use crate::api::extract::Id;
use crate::{app::App, auth::permission::host, http::problem::Problem};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/hosts", get_with(list, |o| o.id("hosts.list").summary("Hosts")))
        .api_route("/hosts/{id}", get_with(read, |o| o.id("hosts.read").summary("One host, and what its engine says of itself")))
}

async fn list(auth: Auth<host::Read>, Query(query): Query<HostQuery>) -> Result<Json<List<Host>>, Problem> {
    let (snapshot, directory) = (auth.app.fleet().snapshot(), auth.app.auth().directory());
    let list = hosts::list(&snapshot, &directory, &auth.actor, &auth.visible(), &query)?;
    let version = auth.app.versions().of(&auth.actor, "host", snapshot.version, list.snapshot, auth.app.clock().now());
    Ok(Json(List { snapshot: version, ..list }))
}

async fn read(auth: Auth<host::Read>, Path(Id { id }): Path<Id>) -> Result<Json<Host>, Problem> {
    let (snapshot, directory) = (auth.app.fleet().snapshot(), auth.app.auth().directory());
    let found = snapshot.host(&id).filter(|h| hosts::sees(&auth.visible(), &directory, h));
    found.map(|h| Json(hosts::dto(h, &directory, &auth.actor))).ok_or_else(|| Problem::not_found("host"))
}
