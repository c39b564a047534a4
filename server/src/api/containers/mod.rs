//! Containers: list, detail, actions, logs.

mod act;
mod bulk;
mod change;
mod changes;
mod check;
mod choices;
mod create;
mod files;
mod image;
mod logs;
mod order;
mod parse;
mod policy;
mod problem;
mod read;
mod remove;
mod rules;
mod settings;
mod stats;
mod terminal;
mod top;

pub use check::is_name;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::routing::connect;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{app::App, auth::subject::ContainerKey};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/containers", get_with(read::list, read::list_docs).post_with(create::create, create::docs))
        .api_route("/containers/preview", post_with(create::preview, create::preview_docs))
        .api_route("/containers/parse", post_with(parse::parse, parse::docs))
        .api_route("/containers/choices", get_with(choices::read, choices::docs))
        .api_route("/containers/compose", get_with(settings::group, settings::group_docs))
        .api_route("/containers/actions", post_with(bulk::create, bulk::docs))
        .api_route("/containers/recreate", post_with(bulk::recreate, bulk::recreate_docs))
        .api_route("/containers/{id}", get_with(read::detail, read::detail_docs).delete_with(remove::delete, remove::docs))
        .api_route("/containers/{id}/start", post_with(act::start, act::start_docs))
        .api_route("/containers/{id}/stop", post_with(act::stop, act::stop_docs))
        .api_route("/containers/{id}/restart", post_with(act::restart, act::restart_docs))
        .api_route("/containers/{id}/pause", post_with(act::pause, act::pause_docs))
        .api_route("/containers/{id}/unpause", post_with(act::unpause, act::unpause_docs))
        .api_route("/containers/{id}/kill", post_with(act::kill, act::kill_docs))
        .api_route("/containers/{id}/rename", post_with(act::rename, act::rename_docs))
        .api_route("/containers/{id}/update", post_with(change::update, change::update_docs))
        .api_route("/containers/{id}/recreate", post_with(change::recreate, change::recreate_docs))
        .api_route("/containers/{id}/settings", get_with(settings::read, settings::docs))
        .api_route("/containers/{id}/compose", get_with(settings::compose, settings::compose_docs))
        .api_route("/containers/{id}/reveal", post_with(settings::reveal, settings::reveal_docs))
        .api_route("/containers/{id}/shells", get_with(terminal::shells, terminal::shells_docs))
        .api_route("/containers/{id}/terminal", get_with(terminal::terminal, terminal::docs))
        .route("/containers/{id}/terminal", connect(terminal::terminal))
        .api_route("/containers/{id}/files", get_with(files::list, files::list_docs).put_with(files::upload, files::upload_docs))
        .api_route("/containers/{id}/files/download", get_with(files::download, files::download_docs))
        .api_route("/containers/{id}/logs", get_with(logs::read, logs::docs))
        .api_route("/containers/{id}/stats", get_with(stats::read, stats::docs))
        .api_route("/containers/{id}/top", get_with(top::read, top::docs))
        .api_route("/containers/{id}/policy", get_with(policy::read, policy::docs))
        .api_route("/containers/{id}/changes", get_with(changes::read, changes::docs))
        .api_route("/containers/{id}/image-update", get_with(image::update, image::docs))
}

/// Which host, where an id is on several.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct On {
    /// The host's id; needed only where two hosts have a container of this id.
    #[serde(default)]
    host_id: Option<String>,
}

impl On {
    fn key(self, id: String) -> ContainerKey {
        ContainerKey { id, host_id: self.host_id }
    }
}
