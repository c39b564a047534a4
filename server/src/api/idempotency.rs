//! `Idempotency-Key`: a repeat of a change has one effect and one answer.
//!
//! The key is bound to who asks, the route and the body. Session and set-up routes are left out: their answers carry cookies.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use sha2::{Digest as _, Sha256};

use crate::{
    app::App,
    auth::{Actor, actor::Identity},
    http::{problem::Problem, request_id},
    store::{
        Store, StoreError,
        idempotency::{Answer, Kept, Key},
    },
};

const HEADER: &str = "idempotency-key";
/// A longer key is refused.
const KEY: usize = 128;
/// The most of an answer that is kept.
const ANSWER: usize = 256 * 1024;
/// What of an answer's head is kept with it.
const PLACES: [&str; 2] = ["content-type", "location"];
/// The most of a body that is read to be compared.
const BODY: usize = 2 * 1024 * 1024;
const LEFT_OUT: [&str; 4] = ["/api/v1/session", "/api/v1/session/step-up", "/api/v1/setup", "/api/v1/account/password"];

pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(HEADER) else { return next.run(request).await };
    let is_change = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::CONNECT);
    let actor = request.extensions().get::<Arc<Actor>>().cloned();
    let (Some(actor), true, false) = (actor, is_change, LEFT_OUT.contains(&request.uri().path())) else { return next.run(request).await };
    let key = match key.to_str() {
        Ok(k) if (1..=KEY).contains(&k.len()) => k.to_owned(),
        _ => return Problem::bad_parameter("Idempotency-Key", "invalid", "1 to 128 visible characters.").into_response(),
    };
    let subject = match &actor.identity {
        Identity::Token { token, .. } => token.clone(),
        _ => actor.user_id().to_owned(),
    };
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let key = Key { subject, route: format!("{} {path}", request.method()), key };
    once(&app, key, request, next).await.unwrap_or_else(axum::response::IntoResponse::into_response)
}

async fn once(app: &App, key: Key, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let too_large = |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_long", "The body is too long.");
    let bytes = to_bytes(body, BODY).await.map_err(too_large)?;
    let body_hash = hex::encode(Sha256::digest(&bytes));
    let runner = app.trail().runner().to_owned();
    let claim = || app.store().claim(key.clone(), &body_hash, &runner, app.clock().now());
    let claimed = match claim().await {
        Err(StoreError::Full) if frees_disk(&parts, &bytes) && app.store().use_reserve() => claim().await,
        other => other,
    };
    if let Some(kept) = claimed? {
        return repeat(kept, &body_hash, &runner);
    }
    // Whoever asked may be gone by now: the answer is kept all the same.
    let app = app.clone();
    let work = tokio::spawn(request_id::carry(async move {
        // A panic on the way is an answer like another: what it left behind is not to be done twice.
        let response = match AssertUnwindSafe(next.run(Request::from_parts(parts, Body::from(bytes)))).catch_unwind().await {
            Ok(response) => response,
            Err(_) => Problem::internal(&"a panic under an idempotency key").into_response(),
        };
        keep(&app, key, response).await
    }));
    work.await.map_err(|e| Problem::internal(&e))
}

/// Whether the change is one that makes room: it may use the reserve of a full disk.
fn frees_disk(request: &Parts, body: &[u8]) -> bool {
    let path = request.uri.path();
    let removes = || serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|b| b["action"] == "remove");
    match request.method {
        Method::DELETE => path.starts_with("/api/v1/containers/"),
        Method::POST => path == "/api/v1/containers/actions" && removes(),
        _ => false,
    }
}

fn repeat(kept: Kept, body_hash: &str, runner: &str) -> Result<Response, Problem> {
    if kept.body_hash != body_hash {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key was used with another body.",
        ));
    }
    let Some(answer) = kept.answer() else {
        return Err(if kept.runner == runner {
            Problem::new(
                StatusCode::CONFLICT,
                "idempotency_in_progress",
                "The first request under this Idempotency-Key is still under way.",
            )
        } else {
            let detail =
                "The first request under this Idempotency-Key was cut off when the console ended: the audit trail says what became of it.";
            Problem::new(StatusCode::CONFLICT, "idempotency_interrupted", detail)
        });
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    Ok(response)
}

/// Keeps the answer. Where the console could not begin at all, it gives the key back: asked again, it may.
async fn keep(app: &App, key: Key, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, ANSWER).await else {
        return Problem::internal(&"an answer under an idempotency key is too long to be kept").into_response();
    };
    let failed = parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS;
    // A disk that is full, or read-only, took nothing.
    let refused = ["storage_full", "storage_read_only"];
    let nothing_kept =
        || serde_json::from_slice::<serde_json::Value>(&bytes).is_ok_and(|b| b["code"].as_str().is_some_and(|c| refused.contains(&c)));
    let answer = if failed && (!request_id::touched() || nothing_kept()) {
        None
    } else {
        let places = PLACES.iter().filter_map(|name| Some(((*name).to_owned(), parts.headers.get(*name)?.to_str().ok()?.to_owned())));
        let answer =
            Answer { status: parts.status.as_u16(), headers: places.collect(), body: String::from_utf8_lossy(&bytes).into_owned() };
        Some(answer)
    };
    let mut kept = settle(app.store(), &key, answer.as_ref()).await;
    // What was done is not to be done again for want of room.
    if matches!(kept, Err(StoreError::Full)) && answer.is_some() && app.store().use_reserve() {
        kept = settle(app.store(), &key, answer.as_ref()).await;
    }
    if let Err(error) = kept {
        tracing::warn!(%error, "an answer could not be kept for repeats yet");
        tokio::spawn(settle_later(app.store().clone(), key, answer));
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Keeps the answer under the key, or gives the key back where there is none to keep.
async fn settle(store: &Store, key: &Key, answer: Option<&Answer>) -> Result<(), StoreError> {
    match answer {
        Some(answer) => store.answer(key.clone(), answer.clone()).await,
        None => store.release(key.clone()).await,
    }
}

/// Tries once a second until the store takes it: until then repeats are told that the first one is under way.
async fn settle_later(store: Store, key: Key, answer: Option<Answer>) {
    let mut wait = tokio::time::interval(Duration::from_secs(1));
    wait.tick().await;
    loop {
        wait.tick().await;
        if settle(&store, &key, answer.as_ref()).await.is_ok() {
            return;
        }
    }
}
