//! How long a request may take until its answer begins, and what outlives it.
//!
//! A read that takes too long is dropped. A change runs in a task of its own: neither a client that goes away nor the limit
//! cuts it between its intent and its outcome.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tokio_util::task::TaskTracker;

use super::{body::LongBody, origin::is_change};
use crate::http::{problem::Problem, request_id};

/// Until a read's answer begins; streams may then go on.
const READ: Duration = Duration::from_secs(30);
/// Until a change is answered: longer than the longest stop with its grace.
const CHANGE: Duration = Duration::from_secs(150);
/// Until an upload is answered.
const UPLOAD: Duration = Duration::from_hours(12);

/// Bounds the time to an answer's head.
pub async fn limit(State(changes): State<TaskTracker>, request: Request, next: Next) -> Response {
    if !is_change(request.method()) {
        return match tokio::time::timeout(READ, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "too_slow", "The console did not answer in time.").into_response(),
        };
    }
    let is_upload = request.extensions().get::<LongBody>().is_some();
    let change = changes.spawn(request_id::carry(next.run(request)));
    // A long body's time is bounded piece by piece.
    match tokio::time::timeout(if is_upload { UPLOAD } else { CHANGE }, change).await {
        Ok(Ok(response)) => response,
        Ok(Err(e)) => match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(e) => Problem::internal(&e).into_response(),
        },
        Err(_) => {
            let detail = "The change is not done yet; it goes on, and the trail will say what came of it.";
            Problem::new(StatusCode::GATEWAY_TIMEOUT, "still_running", detail).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use axum::{Router, body::Body, http::Request as HttpRequest, middleware, routing::any};
    use tower::ServiceExt as _;

    use super::*;

    /// A handler that takes an hour and then leaves a mark.
    fn router(changes: &TaskTracker, done: Arc<AtomicBool>) -> Router {
        let handler = move || async move {
            tokio::time::sleep(Duration::from_hours(1)).await;
            done.store(true, Ordering::SeqCst);
        };
        #[expect(clippy::disallowed_methods, reason = "a router for this test alone")]
        let router = Router::new().route("/", any(handler));
        router.layer(middleware::from_fn_with_state(changes.clone(), limit))
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_read_is_dropped() {
        let (changes, done) = (TaskTracker::new(), Arc::new(AtomicBool::new(false)));
        let response = router(&changes, done).oneshot(HttpRequest::get("/").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 504);
        assert!(changes.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_goes_on_to_its_end() {
        let (changes, done) = (TaskTracker::new(), Arc::new(AtomicBool::new(false)));
        let request = || HttpRequest::post("/").body(Body::empty()).unwrap();
        let response = router(&changes, done.clone()).oneshot(request()).await.unwrap();
        assert_eq!(response.status(), 504);
        changes.close();
        changes.wait().await;
        assert!(done.load(Ordering::SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_goes_away_does_not_cut_it() {
        let (changes, done) = (TaskTracker::new(), Arc::new(AtomicBool::new(false)));
        let answer = router(&changes, done.clone()).oneshot(HttpRequest::delete("/").body(Body::empty()).unwrap());
        assert!(tokio::time::timeout(Duration::from_secs(1), answer).await.is_err());
        changes.close();
        changes.wait().await;
        assert!(done.load(Ordering::SeqCst));
    }
}
