//! Handlers: one folder per resource, one file per endpoint or small group.

mod account;
mod audit;
pub mod auth;
mod containers;
pub mod counts;
mod document;
mod events;
pub mod extract;
mod hosts;
mod idempotency;
pub mod list;
pub mod operations;
mod overview;
pub mod places;
mod policy;
mod session;
mod setup;
mod views;

mod workers;

#[cfg(test)]
pub mod tests;

use aide::axum::ApiRouter;
use axum::{Router, middleware::from_fn_with_state};

pub use document::document;

use crate::app::App;

/// All operations, under `/api/v1`.
fn operations() -> ApiRouter<App> {
    let v1 = ApiRouter::new()
        .merge(session::router())
        .merge(setup::router())
        .merge(account::router())
        .merge(views::router())
        .merge(overview::router())
        .merge(counts::router())
        .merge(hosts::router())
        .merge(containers::router())
        .merge(audit::router())
        .merge(events::router())
        .merge(operations::router())
        .merge(policy::router())
        .merge(workers::router())
        .merge(crate::live::router())
        .merge(document::router());
    ApiRouter::new().nest("/api/v1", v1)
}

/// The API without the edge's layers: what pages call in process.
pub fn router(app: App) -> Router {
    let routes: Router<App> = operations().into();
    routes.layer(from_fn_with_state(app.clone(), idempotency::layer)).with_state(app)
}
