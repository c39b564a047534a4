//! No error leaves the API in another shape than a problem: what axum answers by itself (no such route, a method that is not
//! there, a body it could not read) is written anew.

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::body;
use crate::http::problem::Problem;

pub async fn layer(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/problem+json"));
    if !is_api || !is_error || is_problem {
        return response;
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::new(status, "no_such_route", "There is nothing at this path of the API."),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(status, "no_such_method", "This path does not have this method."),
        StatusCode::PAYLOAD_TOO_LARGE => body::too_long(),
        StatusCode::REQUEST_TIMEOUT => Problem::new(status, "too_slow", "The request did not come in time."),
        status if status.is_server_error() => Problem::internal(&format!("an answer {status} that is no problem")),
        status => Problem::new(status, "bad_request", status.canonical_reason().unwrap_or("The request was not understood.")),
    };
    let mut answer = problem.into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow.clone());
    }
    *answer.extensions_mut() = response.extensions().clone();
    answer
}
