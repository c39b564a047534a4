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

/// What is only read is asked for once more where the connection went in the midst of it: a browser drops what is under way when the machine's
/// network changes.
async fn fetch(request: Request) -> Result<Response, Failure> {
    let response = match send(&request).await {
        Err(Lost::Connection) if request.method == Method::Get => send(&request).await,
        other => other,
    };
    let response = response.map_err(|lost| match lost {
        Lost::Connection | Lost::Patience => Failure::Offline,
        Lost::Unsent(why) => Failure::Malformed(why),
    })?;
    if response.status == 401 && !request.path.starts_with(&format!("{BASE}/session")) {
        to_sign_in();
    }
    Ok(response)
}

/// How a call came to nothing.
enum Lost {
    Connection,
    /// Nothing came in time.
    Patience,
    /// It cannot even be sent.
    Unsent(String),
}

impl From<gloo_net::Error> for Lost {
    fn from(e: gloo_net::Error) -> Self {
        match e {
            gloo_net::Error::JsError(e) if e.name == "TimeoutError" => Self::Patience,
            _ => Self::Connection,
        }
    }
}

async fn send(request: &Request) -> Result<Response, Lost> {
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
    let sent = match &request.body {
        Some(body) => builder.header("content-type", "application/json").body(body.clone()),
        None => builder.build(),
    };
    let response = sent.map_err(|e| Lost::Unsent(e.to_string()))?.send().await?;
    let status = response.status();
    Ok(Response { status, body: response.text().await? })
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
