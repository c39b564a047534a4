//! The access log, and the figures behind `/metrics`.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use crate::http::{metrics::Metrics, peer::Peer, request_id};

/// What layers further in find out of a request, for the log: a request extension, so that a panic or a timeout loses nothing.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<Found>);

#[derive(Debug, Default)]
struct Found {
    peer: OnceLock<Peer>,
    who: OnceLock<String>,
}

impl Seen {
    pub fn peer(&self, peer: Peer) {
        let _ = self.0.peer.set(peer);
    }

    /// Who is signed in.
    pub fn who(&self, name: &str) {
        let _ = self.0.who.set(name.to_owned());
    }
}

/// One line for each request: never a query, whose values may be secret.
pub async fn access(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| request.uri().path().to_owned(), |m| m.as_str().to_owned());
    let seen = Seen::default();
    request.extensions_mut().insert(seen.clone());
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    metrics.request(&method, status, took);
    let ms = took.as_micros() as f64 / 1000.0;
    let peer = seen.0.peer.get().map(ToString::to_string).unwrap_or_default();
    let who = seen.0.who.get().map_or("", String::as_str);
    let request_id = request_id::current();
    // Assets and probes come by the dozen and tell nothing.
    if status < 400 && ["/pkg/", "/healthz", "/readyz", "/metrics"].iter().any(|p| route.starts_with(p)) {
        tracing::debug!(target: "access", %method, route, status, ms, peer, who, request_id);
    } else {
        tracing::info!(target: "access", %method, route, status, ms, peer, who, request_id);
    }
    response
}
