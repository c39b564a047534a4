//! Bodies and queries: refused with the full path of what is wrong, documented like axum's own.

use aide::{OperationInput, generate::GenContext, openapi::Operation};
use app::api::problem::FieldError;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::http::problem::Problem;

/// The `{id}` of a path.
#[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
pub struct Id {
    pub id: String,
}

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(&request);
        if !is_json {
            return Err(not_json());
        }
        parse(&read(request, state).await?).map(Self)
    }
}

/// For changes that take no body: none, or an empty object. A field in it was meant to say something, and is refused.
#[derive(Debug)]
pub struct NoBody;

/// What [`NoBody`] reads.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(&request);
        let bytes = read(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self);
        }
        if !is_json {
            return Err(not_json());
        }
        parse::<Nothing>(&bytes).map(|_| Self)
    }
}

impl OperationInput for NoBody {}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|h| h.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("application/json"))
}

fn not_json() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body has to be application/json.")
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|e| match e.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_long", "The body is too long."),
        _ => Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "The body could not be read to its end."),
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // JSON has but this way to write one.
    if bytes.windows(NUL.len()).any(|w| w == NUL)
        && let Some(field) = serde_json::from_slice(bytes).ok().and_then(|v| with_nul(&v, String::new()))
    {
        return Err(Problem::bad_field(&field, "invalid", "A text holds no NUL character."));
    }
    let json = &mut serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut *json).map_err(|e| {
        let path = e.path().to_string();
        let inner = e.into_inner();
        if inner.is_data() {
            let error = field_error(&path, &inner.to_string());
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", format!("{}: {}", error.field, error.detail)).with(error)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "invalid_json", format!("The body is not JSON: {inner}."))
        }
    })?;
    json.end().map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "invalid_json", format!("The body is not JSON: {e}.")))?;
    Ok(value)
}

const NUL: &[u8] = b"\\u0000";

/// Where in a value a text, or a field's name, holds a NUL, which no database takes.
fn with_nul(value: &serde_json::Value, path: String) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains('\0').then_some(path),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| with_nul(item, format!("{path}[{i}]"))),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if name.contains('\0') { Some(path.clone()) } else { with_nul(value, below) }
        }),
        _ => None,
    }
}

/// A query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|e| {
        let error = field_error(&e.path().to_string(), &e.inner().to_string());
        Problem::new(StatusCode::BAD_REQUEST, "bad_parameter", format!("{}: {}", error.field, error.detail)).with(error)
    })
}

/// From serde's words to a field, a code and a sentence.
fn field_error(path: &str, message: &str) -> FieldError {
    // "… at line 1 column 7" says nothing that the path does not say better.
    let message = message.split(" at line ").next().unwrap_or(message);
    let named = |prefix: &str| message.strip_prefix(prefix).and_then(|rest| rest.split('`').next());
    let (code, name) = if let Some(name) = named("unknown field `") {
        ("unknown_field", Some(name))
    } else if let Some(name) = named("missing field `") {
        ("missing", Some(name))
    } else if let Some(name) = named("duplicate field `") {
        ("duplicate", Some(name))
    } else if message.starts_with("invalid type") {
        ("wrong_type", None)
    } else {
        ("invalid", None)
    };
    let field = match name {
        // The path of an unknown field ends in it already, that of a missing one does not.
        Some(name) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        Some(name) if path == "." || path.is_empty() => name.to_owned(),
        Some(name) => format!("{path}.{name}"),
        None => path.to_owned(),
    };
    let detail = match code {
        "unknown_field" => "There is no such field.".to_owned(),
        "missing" => "This field is missing.".to_owned(),
        "duplicate" => "This field is given twice.".to_owned(),
        _ => format!("{message}."),
    };
    FieldError { field, code: code.to_owned(), detail }
}

impl<T: schemars::JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Json::<T>::operation_input(ctx, operation);
    }
}

impl<T: schemars::JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        axum::extract::Query::<T>::operation_input(ctx, operation);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code)]
        image: String,
        #[allow(dead_code)]
        limits: Option<Limits>,
        #[allow(dead_code)]
        offset: Option<u32>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Limits {
        #[allow(dead_code)]
        cpus: f64,
    }

    fn wrong(result: Result<Outer, Problem>) -> (u16, String, String) {
        let problem = result.expect_err("refused");
        let field = problem.errors().first().map_or_else(|| (String::new(), String::new()), |e| (e.field.clone(), e.code.clone()));
        (problem.status().as_u16(), field.0, field.1)
    }

    #[test]
    fn a_bad_body_names_the_field() {
        let case = |text: &str| wrong(parse(text.as_bytes()));
        let expect = |status, field: &str, code: &str| (status, field.to_owned(), code.to_owned());
        assert_eq!(case(r#"{"image":"a","limits":{"cpuz":1}}"#), expect(422, "limits.cpuz", "unknown_field"));
        assert_eq!(case(r#"{"image":"a","limits":{}}"#), expect(422, "limits.cpus", "missing"));
        assert_eq!(case(r#"{"imgae":"a"}"#), expect(422, "imgae", "unknown_field"));
        assert_eq!(case("{}"), expect(422, "image", "missing"));
        assert_eq!(case(r#"{"image":7}"#), expect(422, "image", "wrong_type"));
        assert_eq!(case(r#"{"image":"a","image":"b"}"#), expect(422, "image", "duplicate"));
        assert_eq!(case(r#"{"image":"a\u0000b"}"#), expect(422, "image", "invalid"));
        assert_eq!(case(r#"{"image":"a","limits":{"cpus":["x","\u0000"]}}"#), expect(422, "limits.cpus[1]", "invalid"));
        assert!(parse::<Outer>(br#"{"image":"a\\u0000"}"#).is_ok(), "a backslash and what follows it is ordinary text");
        assert_eq!(case(r#"{"image":"a"#), expect(400, "", ""));
        assert_eq!(case(r#"{"image":"a"} x"#), expect(400, "", ""));
    }

    #[test]
    fn a_bad_query_names_the_parameter() {
        let case = |text: &str| wrong(query(text));
        let expect = |field: &str, code: &str| (400, field.to_owned(), code.to_owned());
        assert_eq!(case("image=a&offset=-1"), expect("offset", "invalid"));
        assert_eq!(case("image=a&ofset=1"), expect("ofset", "unknown_field"));
        assert_eq!(case("offset=1"), expect("image", "missing"));
        assert_eq!(case("image=a&offset=1&offset=2"), expect("offset", "duplicate"));
        assert!(query::<Outer>("image=a%20b&offset=3").is_ok());
    }
}
