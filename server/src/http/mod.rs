//! Router assembly, middleware, problem responses, SSR, the in-process transport, static files.

pub mod edge;
pub mod health;
pub mod listener;
pub mod metrics;
pub mod pages;
pub mod peer;
pub mod places;
pub mod problem;
pub mod request_id;
pub mod session;
pub mod tls;

#[cfg(test)]
mod tests_listener;

use axum::{Router, routing::get};
use tokio_util::task::TaskTracker;

pub use self::pages::{Asset, Files, serve_files};
use self::{
    health::Readiness,
    metrics::{Metrics, Scrape},
};
use crate::app::App;

/// Everything that is served. `changes` holds the changes under way, which a shutdown waits for.
pub fn router(app: &App, changes: &TaskTracker) -> Router {
    let api = crate::api::router(app.clone());
    assemble(app, changes, api.clone().merge(pages::router(app.clone(), api)))
}

/// The rules around some routes, with the probes beside them. The routes bring a fallback of their own: axum's is outside of all rules.
fn assemble(app: &App, changes: &TaskTracker, routes: Router) -> Router {
    let metrics = Metrics::default();
    let guarded = edge::guard(app, changes, routes);
    edge::wrap(app, &metrics, guarded.merge(probes(app, &metrics)))
}

/// For machines on the inside, under whatever name they use: no host rule, no session.
fn probes(app: &App, metrics: &Metrics) -> Router {
    let readiness = Readiness::new(app.clone());
    let scrape = Scrape { app: app.clone(), metrics: metrics.clone(), readiness: readiness.clone(), started_at: app.clock().now() };
    #[expect(clippy::disallowed_methods, reason = "probes are no operations of the API")]
    Router::new()
        .route("/healthz", get(health::healthz))
        .merge(Router::new().route("/readyz", get(health::readyz)).with_state(readiness))
        .merge(Router::new().route("/metrics", get(metrics::metrics)).with_state(scrape))
}
