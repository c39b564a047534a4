//! Limits on a request's body: its size, and the time it may take to come.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::Limited;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::http::problem::Problem;

/// The longest body, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// How long a body may take.
const TIME: Duration = Duration::from_secs(30);

/// The longest upload, in bytes.
const UPLOAD_BYTES: usize = 17 << 30;
/// How long an upload may stand still.
const UPLOAD_IDLE: Duration = Duration::from_mins(1);

/// A request whose body is as long as it is, and takes as long as it takes; as an extension.
#[derive(Clone, Copy, Debug)]
pub struct LongBody;

/// Files on their way into a container: what they are checked for, their handler checks as they come.
fn is_upload(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() == Method::PUT
        && path.strip_prefix("/api/v1/containers/").and_then(|rest| rest.strip_suffix("/files")).is_some_and(|id| !id.contains('/'))
}

/// 413 for a body that says it is too long. One that turns out to be fails in the middle, which extractors answer with 413, too.
pub async fn limit(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    let is_upload = is_upload(&request);
    let (most, time, each) = if is_upload { (UPLOAD_BYTES, UPLOAD_IDLE, Some(UPLOAD_IDLE)) } else { (MAX_BYTES, TIME, None) };
    if length.is_some_and(|n| n > most as u64) {
        return too_long().into_response();
    }
    let mut request = request.map(|body| {
        let body = InTime { body: Limited::new(body, most), sleep: Box::pin(sleep_until(Instant::now() + time)), each };
        Body::new(body)
    });
    if is_upload {
        request.extensions_mut().insert(LongBody);
    }
    next.run(request).await
}

pub fn too_long() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_long", "The request's body is longer than 1 MiB.")
}

/// The body did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body took too long")]
struct TooSlow;

/// A body with a deadline for all of it, or for each piece.
struct InTime<B> {
    body: B,
    sleep: Pin<Box<Sleep>>,
    /// Each piece gives so much time for the next; `None`: there is one time for all.
    each: Option<Duration>,
}

impl<B> http_body::Body for InTime<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<axum::BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                if let Some(each) = self.each {
                    self.sleep.as_mut().reset(Instant::now() + each);
                }
                Poll::Ready(frame.map(|f| f.map_err(Into::into)))
            }
            Poll::Pending => self.sleep.as_mut().poll(cx).map(|()| Some(Err(TooSlow.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::Request as HttpRequest, middleware, routing::post};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    fn router() -> Router {
        #[expect(clippy::disallowed_methods, reason = "a router for this test alone")]
        let router = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }));
        router.layer(middleware::from_fn(limit)).layer(axum::extract::DefaultBodyLimit::disable())
    }

    async fn answer(body: Body) -> (u16, String) {
        let response = router().oneshot(HttpRequest::post("/").body(body).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn a_body_has_a_longest_length() {
        assert_eq!(answer(Body::from(vec![b'x'; MAX_BYTES])).await, (200, MAX_BYTES.to_string()));
        // Without a length, and with one that says it at once.
        let chunks = futures_util::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 * 1024]))));
        assert_eq!(answer(Body::from_stream(chunks)).await.0, 413);
        let said = HttpRequest::post("/").header("content-length", "1048577").body(Body::empty()).unwrap();
        assert_eq!(router().oneshot(said).await.unwrap().status(), 413);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_a_longest_time() {
        let drip = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let (status, _) = answer(Body::from_stream(drip)).await;
        assert_eq!(status, 400);
    }
}
