//! How many there are of what the asking person may see: the figures of the navigation.

use aide::axum::{ApiRouter, routing::get_with};
use app::api::counts::Counts;
use axum::Json;

use super::{
    auth::Auth,
    list::{containers::visible, hosts::sees},
};
use crate::{
    app::App,
    auth::{
        Actor, Visible,
        permission::{account, container, host},
    },
};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new().api_route("/counts", get_with(read, |o| o.id("counts.read").summary("How many there are of what one may see")))
}

async fn read(auth: Auth<account::Read>) -> Json<Counts> {
    Json(counts(&auth.app, &auth.actor))
}

/// Counted in the snapshot: no engine and no database is asked.
pub fn counts(app: &App, actor: &Actor) -> Counts {
    let (snapshot, directory) = (app.fleet().snapshot(), app.auth().directory());
    let (containers, hosts) = (Visible::<container::Read>::of(actor), Visible::<host::Read>::of(actor));
    Counts {
        containers: (!containers.scopes().is_empty()).then(|| visible(&snapshot, &directory, &containers).count() as u32),
        hosts: (!hosts.scopes().is_empty()).then(|| snapshot.hosts.iter().filter(|h| sees(&hosts, &directory, h)).count() as u32),
        operations: app.operations().taken(actor.user_id()) as u32,
    }
}
