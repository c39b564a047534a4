//! Pages: server-side rendering over the API in process, and the site's files.

mod document;
mod in_process;
mod render;
mod site;

#[cfg(test)]
mod tests;

use axum::{Router, routing::get};

use crate::app::App;

pub use site::{Asset, Files, serve_files};

/// Names the build of what browsers load; empty where none is built in.
pub fn build() -> &'static str {
    site::files().hash
}

/// All pages and files. `api` is the router with `/api/v1`, without the edge's layers: pages call it in process.
#[expect(clippy::disallowed_methods, reason = "pages and files are no operations of the API")]
pub fn router(app: App, api: Router) -> Router {
    // Once for the process; a second time (tests) it is there already.
    let _ = any_spawner::Executor::init_tokio();
    let pages = render::Pages::new(app, api);
    Router::new().route("/pkg/{hash}/{*path}", get(site::packaged)).fallback(move |request| render::page(pages.clone(), request))
}
