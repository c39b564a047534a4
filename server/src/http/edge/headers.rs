//! Limits on what comes in a request's head, and the headers that every answer carries.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::host::Host;
use crate::{app::App, http::problem::Problem};

/// Fields of a request.
pub const MAX_COUNT: usize = 100;
/// Names and values together, in bytes.
pub const MAX_BYTES: usize = 32 * 1024;
/// Path and query, in bytes.
pub const MAX_TARGET: usize = 8 * 1024;

/// Refuses a head that is out of all proportion.
pub fn check(parts: &Parts) -> Result<(), Problem> {
    let target = parts.uri.path_and_query().map_or(0, |p| p.as_str().len());
    if target > MAX_TARGET {
        return Err(Problem::new(StatusCode::URI_TOO_LONG, "target_too_long", "The path and query are longer than 8 KiB."));
    }
    if parts.uri.path_and_query().is_some_and(|p| p.as_str().contains("%00")) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_target", "The path and query hold no NUL character."));
    }
    let bytes: usize = parts.headers.iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
    if parts.headers.len() > MAX_COUNT || bytes > MAX_BYTES {
        let detail = "The request's headers are more than 100 or larger than 32 KiB.";
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", detail));
    }
    Ok(())
}

/// For answers that are no pages: nothing may run, load or frame them.
const CSP: &str = "default-src 'none'; frame-ancestors 'none'";

/// Adds what is not there yet; pages bring their own policy, assets their own caching.
pub async fn answer(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let over_tls = app.settings().is_secure();
    let is_localhost = response.extensions().get::<Host>().is_some_and(Host::is_localhost);
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::CACHE_CONTROL, "no-store");
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // On the bare localhost it would bind every other server of that machine.
    if over_tls && !is_localhost {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    response
}
