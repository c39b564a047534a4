//! An engine's two clients: pooled ones for short calls, unpooled ones for what stays open.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bollard::{BollardRequest, Docker};
use bytes::Bytes;
use futures_util::Stream;
use http_body_util::{BodyExt, Empty};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Incoming,
    header,
    http::{request::Builder, uri::PathAndQuery},
    upgrade::Upgraded,
};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use serde::de::DeserializeOwned;

use super::{ApiVersion, Connector, Endpoint, Fault, direct::Direct, guard::Limits};
use crate::fleet::timings::Timings;

/// The largest answer of a short call: a list of 20,000 containers or so.
const SHORT_BYTES: u64 = 64 << 20;
/// The largest inspection: what is in it was put there by whoever made the container.
const ONE_BYTES: usize = 2 << 20;
/// The largest answer of a slow call, which is empty or an error.
const SLOW_BYTES: u64 = 1 << 20;
/// How much of an engine's error message is shown.
const MESSAGE_CHARS: usize = 1_000;
/// How much of it is looked through for secrets.
const MESSAGE_BYTES: usize = 64 << 10;

/// The body that bollard sends.
type Body = <BollardRequest as RequestBody>::Body;

/// Names the body of bollard's requests, which it does not export.
trait RequestBody {
    type Body;
}

impl<B> RequestBody for Request<B> {
    type Body = B;
}

/// How long an answer may take and how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// All limits; pooled connections.
    Short,
    /// Answers when something has been done: the caller has the limit of time.
    Slow,
    /// Stays open, without limits; the reader bounds what it holds.
    Stream,
}

impl Call {
    /// Of one of bollard's requests.
    fn of(request: &BollardRequest) -> Self {
        let path = request.uri().path();
        let last = path.rsplit('/').next().unwrap_or_default();
        match (request.method(), last) {
            (&Method::POST, "create") if path.ends_with("/images/create") => Self::Stream,
            (&Method::DELETE, _)
            | (&Method::POST, "create" | "update" | "connect" | "rename" | "pause" | "unpause")
            | (_, "stop" | "restart" | "start" | "kill" | "prune" | "commit" | "df") => Self::Slow,
            (_, "events" | "logs" | "stats" | "attach" | "wait" | "build" | "archive" | "export" | "load" | "get") => Self::Stream,
            (&Method::POST, _) if path.contains("/exec/") => Self::Stream,
            _ => Self::Short,
        }
    }
}

/// The road to one engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Link(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    short: Client<Connector, Body>,
    slow: Client<Connector, Body>,
    stream: Client<Connector, Body>,
    direct: Connector,
    first_byte: Duration,
    whole: Duration,
    /// major << 16 | minor
    version: AtomicU32,
}

impl Link {
    pub fn new(endpoint: &Endpoint, timings: &Timings) -> Self {
        let connector = |limits| Connector { endpoint: endpoint.clone(), within: timings.connect, limits };
        let client = |idle_connections: usize, limits| {
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(Duration::from_secs(30))
                .pool_max_idle_per_host(idle_connections)
                .build(connector(limits))
        };
        let first = ApiVersion::OLDEST;
        Self(Arc::new(Inner {
            short: client(4, Limits { idle: Some(timings.idle.max(timings.first_byte)), bytes: Some(SHORT_BYTES) }),
            slow: client(0, Limits { idle: None, bytes: Some(SLOW_BYTES) }),
            stream: client(0, Limits::default()),
            direct: connector(Limits::default()),
            first_byte: timings.first_byte,
            whole: timings.whole,
            version: AtomicU32::new(u32::from(first.major) << 16 | u32::from(first.minor)),
        }))
    }

    pub fn version(&self) -> ApiVersion {
        let v = self.0.version.load(Ordering::Relaxed);
        ApiVersion { major: (v >> 16) as u16, minor: v as u16 }
    }

    pub fn speak(&self, version: ApiVersion) {
        self.0.version.store(u32::from(version.major) << 16 | u32::from(version.minor), Ordering::Relaxed);
    }

    /// bollard over this road.
    pub fn docker(&self) -> Docker {
        let link = self.clone();
        let transport = move |request: BollardRequest| {
            let link = link.clone();
            async move { link.carry(request).await }
        };
        let version = bollard::ClientVersion { major_version: self.version().major.into(), minor_version: self.version().minor.into() };
        // bollard's own limit covers streams too and counts whole seconds: ours stand instead of it.
        Docker::connect_with_custom_transport(transport, Some("http://engine"), u64::from(u32::MAX), &version)
            .expect("nothing is opened or parsed here")
    }

    /// A request of bollard's. Its path has lost the version.
    async fn carry(self, mut request: BollardRequest) -> Result<Response<Incoming>, bollard::errors::Error> {
        let call = Call::of(&request);
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        *request.uri_mut() = format!("http://engine/v{}{path}", self.version()).parse()?;
        let response = self.dispatch(call, request).await.map_err(|fault| match fault {
            Fault::Timeout => bollard::errors::Error::RequestTimeoutError,
            fault => std::io::Error::other(Carried(fault)).into(),
        })?;
        if response.status() == StatusCode::NOT_MODIFIED {
            // "It is so already": bollard would take it for done.
            return Err(bollard::errors::Error::DockerResponseServerError { status_code: 304, message: String::new() });
        }
        Ok(response)
    }

    async fn dispatch(&self, call: Call, request: BollardRequest) -> Result<Response<Incoming>, Fault> {
        let client = match call {
            Call::Short => &self.0.short,
            Call::Slow => &self.0.slow,
            Call::Stream => &self.0.stream,
        };
        let answer = client.request(request);
        let answer = match call {
            Call::Short => tokio::time::timeout(self.0.first_byte, answer).await.map_err(|_| Fault::Timeout)?,
            Call::Slow | Call::Stream => answer.await,
        };
        answer.map_err(|e| Fault::of(&e))
    }

    /// A GET of ours, on an answer that is good. `path` begins with a slash; versioned unless it is `/_ping` or `/version`.
    pub async fn get(&self, call: Call, path: &str) -> Result<Response<Incoming>, Fault> {
        self.send(call, Request::get(self.address(path)), bollard::body_full(Bytes::new())).await
    }

    /// Where a path of the engine's API is.
    fn address(&self, path: &str) -> String {
        let versioned = !matches!(path, "/_ping" | "/version");
        if versioned { format!("http://engine/v{}{path}", self.version()) } else { format!("http://engine{path}") }
    }

    /// A request of ours with its body, on an answer that is good.
    async fn send(&self, call: Call, request: Builder, body: Body) -> Result<Response<Incoming>, Fault> {
        let request = request.body(body).map_err(|_| Fault::Other("an address could not be formed".to_owned()))?;
        let response = self.dispatch(call, request).await?;
        self.good(response).await
    }

    /// A GET of what may come in many small pieces for long: no task stands between the connection and the reader. Without limits.
    pub async fn get_direct(&self, path: &str) -> Result<Direct, Fault> {
        let request = Request::get(format!("/v{}{path}", self.version())).header(header::HOST, "engine").body(Empty::new());
        let request = request.map_err(|_| Fault::Other("an address could not be formed".to_owned()))?;
        Ok(self.good(Direct::ask(self.0.direct.clone(), request).await?).await?.into_body())
    }

    /// An answer that says yes; of one that says no, why.
    async fn good<B: http_body::Body<Data = Bytes, Error = hyper::Error>>(&self, response: Response<B>) -> Result<Response<B>, Fault> {
        if response.status().is_success() || response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let body = tokio::time::timeout(self.0.first_byte, collect_at_most(response.into_body(), SLOW_BYTES as usize));
        let body = body.await.map_err(|_| Fault::Timeout)??;
        Err(Fault::Status { status, message: message(&body) })
    }

    /// What the engine says of a path without sending it: the answer's head.
    pub async fn head(&self, path: &str) -> Result<HeaderMap, Fault> {
        let request = Request::head(self.address(path));
        Ok(self.send(Call::Short, request, bollard::body_full(Bytes::new())).await?.headers().clone())
    }

    /// Sends a JSON body, `Null` being none; the answer as it comes.
    pub async fn post(&self, call: Call, path: &str, json: &serde_json::Value) -> Result<Response<Incoming>, Fault> {
        self.send(call, with_json(Request::post(self.address(path)), json), body_of(json)).await
    }

    /// The same; the whole answer, in the time of a short call.
    pub async fn post_json(&self, path: &str, json: &serde_json::Value) -> Result<serde_json::Value, Fault> {
        let read = async {
            let response = self.post(Call::Short, path, json).await?;
            let bytes = collect_at_most(response.into_body(), SLOW_BYTES as usize).await?;
            if bytes.is_empty() { Ok(serde_json::Value::Null) } else { parse(&bytes) }
        };
        tokio::time::timeout(self.0.whole, read).await.map_err(|_| Fault::Timeout)?
    }

    /// Turns the connection of a POST into one of bytes in both directions.
    pub async fn hijack(&self, path: &str, json: &serde_json::Value) -> Result<TokioIo<Upgraded>, Fault> {
        let request = Request::post(self.address(path)).header(header::CONNECTION, "Upgrade").header(header::UPGRADE, "tcp");
        let opened = self.send(Call::Stream, with_json(request, json), body_of(json));
        let response = tokio::time::timeout(self.0.whole, opened).await.map_err(|_| Fault::Timeout)??;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(Fault::NotAnEngine("it does not turn a connection over".to_owned()));
        }
        hyper::upgrade::on(response).await.map(TokioIo::new).map_err(|e| Fault::of(&e))
    }

    /// Sends a body piece by piece; what the engine does not take holds up `pieces`. The answer as it comes.
    pub async fn upload(
        &self,
        method: Method,
        path: &str,
        pieces: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
    ) -> Result<Response<Incoming>, Fault> {
        let request = Request::builder().method(method).uri(self.address(path)).header(header::CONTENT_TYPE, "application/x-tar");
        self.send(Call::Stream, request, bollard::body_try_stream(pieces)).await
    }

    /// Removes something, in the time that the caller gives it.
    pub async fn delete(&self, path: &str) -> Result<(), Fault> {
        self.send(Call::Slow, Request::delete(self.address(path)), bollard::body_full(Bytes::new())).await.map(drop)
    }

    /// The bytes of a short answer.
    pub async fn get_bytes(&self, path: &str) -> Result<Bytes, Fault> {
        self.get_at_most(path, SHORT_BYTES as usize).await
    }

    /// The bytes of an answer about one object.
    pub async fn get_one(&self, path: &str) -> Result<Bytes, Fault> {
        self.get_at_most(path, ONE_BYTES).await
    }

    async fn get_at_most(&self, path: &str, cap: usize) -> Result<Bytes, Fault> {
        let read = async {
            let response = self.get(Call::Short, path).await?;
            collect_at_most(response.into_body(), cap).await
        };
        tokio::time::timeout(self.0.whole, read).await.map_err(|_| Fault::Timeout)?
    }

    /// A short answer as JSON. `serde_json` bounds its depth.
    pub async fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let bytes = self.get_bytes(path).await?;
        parse(&bytes)
    }
}

fn with_json(request: Builder, json: &serde_json::Value) -> Builder {
    if json.is_null() { request } else { request.header(header::CONTENT_TYPE, "application/json") }
}

/// Some calls take a body and nothing else, some none: an empty one is none.
fn body_of(json: &serde_json::Value) -> Body {
    bollard::body_full(if json.is_null() { Bytes::new() } else { Bytes::from(json.to_string()) })
}

/// JSON of an engine. What it says is not repeated: it may hold secrets.
pub fn parse<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|e| {
        let what = if e.is_data() { "a field has another type than expected" } else { "its answer is not JSON" };
        Fault::NotAnEngine(format!("{what} (at byte {} of line {})", e.column(), e.line()))
    })
}

/// The words of an error answer, as they are: what is cut or changed in them could not be known for a secret any more.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Wire {
        message: String,
    }
    let text = serde_json::from_slice::<Wire>(body).map_or_else(|_| String::from_utf8_lossy(body).into_owned(), |w| w.message);
    bounded(&text)
}

fn bounded(text: &str) -> String {
    text[..text.floor_char_boundary(MESSAGE_BYTES)].to_owned()
}

/// An engine's words in one line of bounded length.
pub fn tidy(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MESSAGE_CHARS).collect();
    line.truncate(line.trim_end().len());
    line
}

async fn collect_at_most<B: http_body::Body<Data = Bytes, Error = hyper::Error>>(body: B, cap: usize) -> Result<Bytes, Fault> {
    let collected = http_body_util::Limited::new(body, cap).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|e| match e.downcast_ref::<http_body_util::LengthLimitError>() {
        Some(_) => Fault::TooLarge,
        None => Fault::of(&*e),
    })
}

/// A fault on its way through bollard.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Carried(Fault);

impl From<bollard::errors::Error> for Fault {
    fn from(error: bollard::errors::Error) -> Self {
        use bollard::errors::Error;
        match &error {
            Error::DockerResponseServerError { status_code, message } => Self::Status { status: *status_code, message: bounded(message) },
            Error::RequestTimeoutError => Self::Timeout,
            Error::JsonDataError { .. } | Error::JsonSerdeError { .. } => Self::NotAnEngine("its answer is not what was expected".into()),
            Error::IOError { err } => match err.get_ref().and_then(|e| e.downcast_ref::<Carried>()) {
                Some(Carried(fault)) => fault.clone(),
                None => Self::of(&error),
            },
            _ => Self::of(&error),
        }
    }
}
