//! The browser's transport.

use gloo_net::http::{Method as HttpMethod, RequestBuilder};
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use web_sys::AbortSignal;

use super::{Answer, BASE, Method, PAGE_HEADER, Request, Response, Transport, percent_encode};
use crate::api::problem::Failure;

/// After this long a call counts as lost.
const TIMEOUT_MS: u32 = 60_000;

/// Calls the API by `fetch`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetch;

impl Transport for Fetch {
    fn call(&self, request: Request) -> Answer {
        Box::pin(SendWrapper::new(fetch(request)))
    }
}

async fn fetch(request: Request) -> Result<Response, Failure> {
    let method = match request.method {
        Method::Get => HttpMethod::GET,
        Method::Post => HttpMethod::POST,
        Method::Put => HttpMethod::PUT,
        Method::Patch => HttpMethod::PATCH,
        Method::Delete => HttpMethod::DELETE,
    };
    let signal = AbortSignal::timeout_with_u32(TIMEOUT_MS);
    let mut builder = RequestBuilder::new(&request.path).method(method).abort_signal(Some(&signal)).header("accept", "application/json");
    if request.method != Method::Get {
        builder = builder.header(PAGE_HEADER, "1");
    }
    if let Some(key) = &request.idempotency_key {
        builder = builder.header("idempotency-key", key);
    }
    let sent = match request.body {
        Some(body) => builder.header("content-type", "application/json").body(body),
        None => builder.build(),
    };
    let sent = sent.map_err(|e| Failure::Malformed(e.to_string()))?;
    let response = sent.send().await.map_err(|_| Failure::Offline)?;
    let status = response.status();
    let body = response.text().await.map_err(|_| Failure::Offline)?;
    if status == 401 && !request.path.starts_with(&format!("{BASE}/session")) {
        to_sign_in();
    }
    Ok(Response { status, body })
}

/// The session is over: sign in, and come back here.
fn to_sign_in() {
    let location = window().location();
    let here = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    if !here.starts_with("/sign-in") {
        // Leaving the document cannot fail in a way that could be helped here.
        let _ = location.assign(&format!("/sign-in?next={}", percent_encode(&here)));
    }
}
