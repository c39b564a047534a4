//! The transport of server-side rendering: the same API, called in process, by the same person, within one deadline.

use std::sync::Arc;

use app::{
    api::problem::Failure,
    client::{Answer, Request as Call, Response as Answered, Transport},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use tokio::time::{Instant, timeout_at};
use tower::ServiceExt as _;

use crate::{auth::Actor, http::request_id};

/// No page holds more.
const LIMIT: usize = 4 * 1024 * 1024;

/// Calls the API router. The principal goes along as a request extension, which nothing outside can set.
#[derive(Clone)]
pub struct InProcess {
    pub api: Router,
    pub actor: Option<Arc<Actor>>,
    /// What is not answered by then comes later, fetched by the browser.
    pub until: Instant,
}

impl Transport for InProcess {
    fn call(&self, call: Call) -> Answer {
        let Self { api, actor, until } = self.clone();
        let id = request_id::current();
        Box::pin(async move {
            // Pages only read; changes are the browser's own requests.
            let mut request = Request::builder()
                .method(call.method.as_str())
                .uri(&call.path)
                .header(header::ACCEPT, "application/json")
                .body(Body::empty())
                .map_err(|e| Failure::Malformed(e.to_string()))?;
            if let Some(actor) = actor {
                request.extensions_mut().insert(actor);
            }
            let answered = timeout_at(
                until,
                request_id::scope(id, async move {
                    let response = match api.oneshot(request).await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    };
                    let status = response.status().as_u16();
                    let bytes = to_bytes(response.into_body(), LIMIT).await.map_err(|e| Failure::Malformed(e.to_string()))?;
                    let body = String::from_utf8(bytes.into()).map_err(|e| Failure::Malformed(e.to_string()))?;
                    Ok(Answered { status, body })
                }),
            );
            answered.await.unwrap_or(Err(Failure::Later))
        })
    }
}
