//! How a call reaches the server: the typed [`Client`] over a [`Transport`].
//!
//! In the browser the transport fetches; during SSR the server hands in one that calls the API router in process.

#[cfg(feature = "hydrate")]
pub mod fetch;
pub mod live;
pub mod raw;

use std::{future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use crate::api::problem::{Failure, Problem};

/// Where the API lives.
pub const BASE: &str = "/api/v1";
/// The header that every change from a page carries; a foreign page can't set it.
pub const PAGE_HEADER: &str = "x-ecos-page";

/// The method of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One call, as a transport sees it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// With [`BASE`] and query.
    pub path: String,
    /// JSON.
    pub body: Option<String>,
    /// Makes a repeat have one effect.
    pub idempotency_key: Option<String>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub body: String,
}

/// What a transport's call returns.
pub type Answer = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;

/// Brings a request to the API and its answer back.
pub trait Transport: Send + Sync + 'static {
    fn call(&self, request: Request) -> Answer;
}

/// The typed client. Its calls stand beside their DTOs in [`crate::api`].
#[derive(Clone)]
pub struct Client(Arc<dyn Transport>);

/// What a call brings as text: the answer's JSON.
pub type Text = Pin<Box<dyn Future<Output = Result<String, Failure>> + Send>>;

/// A read that has not begun: await it for what it brings, or take the JSON as text. Pages load text and read it where they show it, so
/// that what reads an answer lies in the page's own chunk.
#[must_use]
pub struct Call<T> {
    client: Client,
    path: String,
    brings: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    /// With query, without [`BASE`].
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn text(self) -> Text {
        self.client.text(Method::Get, self.path, None, None)
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Call<T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let text = self.text();
        Box::pin(async move { parse(&text.await?) })
    }
}

impl Client {
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }

    pub(crate) fn get<T>(&self, path: impl Into<String>) -> Call<T> {
        Call { client: self.clone(), path: path.into(), brings: PhantomData }
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        parse(&self.text(Method::Post, path.to_owned(), Some(json(body)?), None).await?)
    }

    pub(crate) async fn post_once<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize, key: &str) -> Result<T, Failure> {
        parse(&self.text(Method::Post, path.to_owned(), Some(json(body)?), Some(key.to_owned())).await?)
    }

    pub(crate) async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        parse(&self.text(Method::Put, path.to_owned(), Some(json(body)?), None).await?)
    }

    pub(crate) async fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        parse(&self.text(Method::Patch, path.to_owned(), Some(json(body)?), None).await?)
    }

    /// PATCH, without what it answers.
    pub(crate) async fn patch_only(&self, path: &str, body: &impl Serialize) -> Result<(), Failure> {
        self.text(Method::Patch, path.to_owned(), Some(json(body)?), None).await.map(drop)
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        parse(&self.text(Method::Delete, path.to_owned(), None, None).await?)
    }

    /// The JSON that a call of `path` answers with.
    pub(crate) fn text(&self, method: Method, path: String, body: Option<String>, idempotency_key: Option<String>) -> Text {
        let answer = self.0.call(Request { method, path: format!("{BASE}{path}"), body, idempotency_key });
        Box::pin(async move {
            let response = answer.await?;
            if (200..300).contains(&response.status) {
                return Ok(response.body);
            }
            match serde_json::from_str::<Problem>(&response.body) {
                Ok(problem) => Err(Failure::Problem(Box::new(problem))),
                Err(_) => Err(Failure::Malformed(format!("status {} without a problem", response.status))),
            }
        })
    }
}

/// Reads an answer. 204 has no body, which stands for `()`.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let text = if text.is_empty() { "null" } else { text };
    serde_json::from_str(text).map_err(|e| Failure::Malformed(e.to_string()))
}

fn json(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|e| Failure::Malformed(e.to_string()))
}

/// Writes `?a=b&c=d`, empty when nothing is set. Values are percent-encoded.
#[derive(Debug, Default)]
pub struct QueryString(String);

impl QueryString {
    pub fn text(self, name: &str, value: Option<&str>) -> Self {
        let Self(mut out) = self;
        if let Some(value) = value {
            out.push(if out.is_empty() { '?' } else { '&' });
            out.push_str(name);
            out.push('=');
            out.push_str(&percent_encode(value));
        }
        Self(out)
    }

    pub fn number(self, name: &str, value: Option<u32>) -> Self {
        self.text(name, value.map(|n| n.to_string()).as_deref())
    }

    /// Behind a path.
    pub fn of(self, path: &str) -> String {
        format!("{path}{}", self.0)
    }
}

/// Everything but unreserved characters as `%XX`.
pub fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Whether what `QueryString` writes has each field of the query under its own name.
#[cfg(test)]
pub(crate) fn same_as_wire(query: &impl Serialize, written: QueryString) {
    let fields = serde_json::to_value(query).unwrap_or_default();
    let fields = fields.as_object().cloned().unwrap_or_default();
    let mut expected: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{name}={}", percent_encode(value.as_str().unwrap_or(&value.to_string()))))
        .collect();
    expected.sort();
    let written = written.of("");
    let mut found: Vec<&str> = written.trim_start_matches('?').split('&').collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}
