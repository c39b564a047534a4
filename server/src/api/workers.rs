//! How the background tasks do.

use aide::{
    axum::{ApiRouter, routing::get_with},
    transform::TransformOperation,
};
use app::api::worker::{Worker, Workers};
use axum::Json;

use super::auth::Auth;
use crate::{app::App, auth::permission::platform, clock::rfc3339, http::problem::Problem};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new().api_route("/workers", get_with(list, docs))
}

fn docs(o: TransformOperation) -> TransformOperation {
    o.id("workers.list").summary("Background tasks").description("Each with its rounds and what the last one did.")
}

async fn list(auth: Auth<platform::Read>) -> Result<Json<Workers>, Problem> {
    let _permitted = auth.subject(&()).await?;
    let worker = |(name, s): (&'static str, crate::workers::Status)| Worker {
        name: name.to_owned(),
        running: s.running,
        rounds: s.rounds,
        failures: s.failures,
        last_began_at: s.last_began_at.map(rfc3339),
        last_took_ms: s.last_took_ms,
        failing: s.last_error.is_some(),
        report: s.report,
    };
    Ok(Json(Workers { items: auth.app.workers().statuses().into_iter().map(worker).collect() }))
}
