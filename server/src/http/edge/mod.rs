//! What stands between the network and the rooms: every rule that holds for all requests, from the outermost inwards.
//!
//! request id → access log → compression → answer's headers → panics → head's limits → who and where (proxies, host, credentials, origin) →
//! cookie → authentication → passwords over plain HTTP → body's limits → time → the routes.

pub mod authenticate;
mod body;
pub mod credentials;
pub mod forwarded;
pub mod headers;
pub mod host;
mod log;
pub mod origin;
mod problems;
mod time;

#[cfg(test)]
mod tests;

use std::{any::Any, net::SocketAddr};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next, from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use tokio_util::task::TaskTracker;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, Predicate},
};
use uuid::Uuid;

use self::{authenticate::Authentication, credentials::Credentials, host::Host, log::Seen};
use super::{
    metrics::Metrics,
    peer::Peer,
    problem::Problem,
    request_id,
    session::{self, Touched},
};
use crate::app::App;

/// Shorter answers, in bytes, are sent as they are.
const COMPRESSED: u64 = 1024;

/// The request's way here, as an extension: checked, and the same for all layers further in.
#[derive(Clone)]
pub struct Way {
    pub peer: Peer,
    pub host: Host,
    /// A listed proxy says that the browser came over plain HTTP.
    pub plain: bool,
    pub credentials: Credentials,
}

/// The rules for pages and the API, around their routes. `changes` holds the changes under way.
pub fn guard(app: &App, changes: &TaskTracker, routes: Router) -> Router {
    let authentication = Authentication { app: app.clone(), touched: Touched::default() };
    routes
        .layer(from_fn_with_state(changes.clone(), time::limit))
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(body::limit))
        .layer(from_fn_with_state(app.clone(), authenticate::refuse_plain))
        .layer(from_fn_with_state(authentication, authenticate::layer))
        .layer(session::layer(app))
        .layer(from_fn_with_state(app.clone(), authenticate::complete_cookies))
        .layer(from_fn_with_state(app.clone(), way))
        .layer(from_fn(problems::layer))
}

/// The rules for everything that is served, probes included.
pub fn wrap(app: &App, metrics: &Metrics, routes: Router) -> Router {
    routes
        .layer(from_fn(head))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), headers::answer))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(Long))
        .layer(from_fn_with_state(metrics.clone(), log::access))
        .layer(middleware::from_fn(identify))
}

/// Which answers are compressed: pages and JSON of some length whose end is known. A stream is sent as it comes, and the site's files are
/// compressed already. No answer holds a secret beside what a request may choose.
#[derive(Clone, Copy)]
struct Long;

impl Predicate for Long {
    fn should_compress<B: http_body::Body>(&self, response: &axum::http::Response<B>) -> bool {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|h| h.to_str().ok()).unwrap_or_default();
        let is_encoded = response.headers().contains_key(header::CONTENT_ENCODING);
        let is_long = response.body().size_hint().exact().is_some_and(|n| n >= COMPRESSED);
        (kind.starts_with("text/html") || kind.contains("json")) && is_long && !is_encoded
    }
}

/// Gives the request its id: ours always, never the caller's.
async fn identify(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let value = HeaderValue::from_str(&id).expect("hex is a header's value");
    let mut response = request_id::scope(id, next.run(request)).await;
    response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    response
}

async fn head(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match headers::check(&parts) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem.into_response(),
    }
}

/// Finds out who asks for what from where, and whether that may be.
async fn way(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let settings = app.settings();
    // Without a connection (tests, calls in process) nobody is at the other end.
    let remote = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or([0, 0, 0, 0].into(), |c| c.0.ip());
    let forwarded = forwarded::read(&settings.http.trusted_proxies, remote, &parts.headers);
    let checked = host::check(settings, &parts, &forwarded).and_then(|host| {
        let credentials = Credentials::read(settings, &parts.headers)?;
        origin::check(settings, &parts, &host, &credentials)?;
        Ok((host, credentials))
    });
    let peer = forwarded.peer;
    if let Some(seen) = parts.extensions.get::<Seen>() {
        seen.peer(peer);
    }
    let (host, credentials) = match checked {
        Ok(checked) => checked,
        Err(problem) => return problem.into_response(),
    };
    parts.extensions.insert(peer);
    parts.extensions.insert(host.clone());
    parts.extensions.insert(Way { peer, host: host.clone(), plain: forwarded.plain, credentials });
    let mut response = next.run(Request::from_parts(parts, body)).await;
    response.extensions_mut().insert(host);
    response
}

#[expect(clippy::needless_pass_by_value, reason = "the panic layer's signature")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::internal(&format!("panic: {}", said.unwrap_or_default())).into_response()
}
