//! Problem responses (RFC 9457): the one shape of every error on the wire.

use aide::{
    OperationOutput,
    generate::GenContext,
    openapi::{MediaType, Operation, Response as ResponseDoc, SchemaObject},
};
use app::api::problem::{FieldError, Problem as Body};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::request_id;
use crate::auth::{limits::TooFast, permitted::Denied};

/// What a handler answers with when it can't do what was asked. Internals go to the log, never in here.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
    }

    /// 404: what may not be read answers the same as what is not there.
    pub fn not_found(kind: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {kind}."))
    }

    /// 401
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in, or send a valid token.")
    }

    /// 400 for one query parameter or header.
    pub fn bad_parameter(field: &str, code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(StatusCode::BAD_REQUEST, "bad_parameter", format!("{field}: {detail}")).field(field, code, detail)
    }

    /// 422 for one field of a body.
    pub fn bad_field(field: &str, code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", format!("{field}: {detail}")).field(field, code, detail)
    }

    /// 500; the cause goes to the log under the request's id.
    pub fn internal(cause: &(dyn std::fmt::Display + Sync)) -> Self {
        tracing::error!(request_id = request_id::current(), %cause, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something failed inside the console; its log has the cause under this request id.",
        )
    }

    #[must_use]
    pub fn field(mut self, field: &str, code: &str, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.to_owned(), code: code.to_owned(), detail: detail.into() });
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Names what is wrong with a field.
    #[must_use]
    pub fn with(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Invisible => Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such object."),
            Denied::Lacking { permission } => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", format!("This needs the permission {permission}."))
            }
            Denied::StepUp => Self::new(StatusCode::FORBIDDEN, "step_up_required", "This wants your password again."),
        }
    }
}

impl From<TooFast> for Problem {
    fn from(TooFast { seconds }: TooFast) -> Self {
        let detail = format!("Too many tries: wait {seconds} seconds before the next one.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", detail).header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank".into(),
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            code: self.code.into(),
            detail: self.detail,
            errors: self.errors,
            request_id: request_id::current(),
        };
        let json = serde_json::to_string(&body).expect("a problem is plain data");
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/problem+json")], json).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl OperationOutput for Problem {
    type Inner = Self;

    fn operation_response(ctx: &mut GenContext, _: &mut Operation) -> Option<ResponseDoc> {
        let schema = ctx.schema.subschema_for::<Body>();
        let media =
            MediaType { schema: Some(SchemaObject { json_schema: schema, external_docs: None, example: None }), ..Default::default() };
        Some(ResponseDoc {
            description: "What went wrong".into(),
            content: [("application/problem+json".to_owned(), media)].into_iter().collect(),
            ..Default::default()
        })
    }

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, ResponseDoc)> {
        Vec::new()
    }
}
