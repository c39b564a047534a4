//! An engine that answers as Docker does, from memory, on a unix socket, and can be made to fail in every way that engines do.

mod answers;
mod world;

pub use world::{FakeContainer, World};

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::{net::UnixListener, sync::watch, task::JoinHandle};

use super::Endpoint;

pub type Body = BoxBody<Bytes, std::io::Error>;

/// What an answer does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    #[default]
    None,
    /// Nothing comes.
    Silent,
    /// The answer of now, but only once the trouble is over.
    Late,
    /// One byte now and then.
    Drips,
    /// Half of it, then the connection breaks.
    Breaks,
    /// Somebody else's page.
    Html,
    /// JSON of another shape.
    OtherTypes,
    /// Never ends.
    Floods,
    /// 500 with words.
    Refuses,
    /// The same, for its disk is full.
    Full,
}

/// A running engine. Its socket goes with it.
#[derive(Debug)]
pub struct Fake {
    _dir: TempDir,
    path: PathBuf,
    shared: Arc<Shared>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    /// Of requests whose path ends so: `""` is all.
    troubles: watch::Sender<Vec<(String, Trouble)>>,
    /// Connections end when it changes.
    life: watch::Sender<u64>,
}

impl Fake {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("engine.sock");
        let shared = Arc::new(Shared { world: Mutex::default(), troubles: watch::Sender::default(), life: watch::Sender::default() });
        let fake = Self { _dir: dir, path, shared, accepting: Mutex::default() };
        fake.up();
        fake
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.path.clone())
    }

    /// What is on the engine.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All answers to requests whose path ends so go wrong; `""`: all.
    pub fn trouble(&self, path_end: &str, trouble: Trouble) {
        self.shared.troubles.send_modify(|t| {
            t.retain(|(end, _)| end != path_end);
            if trouble != Trouble::None {
                t.push((path_end.to_owned(), trouble));
            }
        });
    }

    /// The process is gone and so is its socket's listener; the file stays, as a crash leaves it.
    pub fn down(&self) {
        if let Some(task) = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
        self.shared.life.send_modify(|n| *n += 1);
    }

    /// As [`Fake::down`], and the file is gone too.
    pub fn gone(&self) {
        self.down();
        // It may be gone already.
        let _ = std::fs::remove_file(&self.path);
    }

    /// It listens (again).
    pub fn up(&self) {
        // A crash leaves the file.
        let _ = std::fs::remove_file(&self.path);
        let listener = UnixListener::bind(&self.path).expect("a socket of our own");
        let shared = Arc::clone(&self.shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Arc::clone(&shared), stream));
            }
        });
        *self.accepting.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.down();
    }
}

async fn serve(shared: Arc<Shared>, stream: tokio::net::UnixStream) {
    let mut life = shared.life.subscribe();
    let service = service_fn(|request| answer(Arc::clone(&shared), request));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // What had not begun when it ended does not begin.
        biased;
        _ = life.changed() => {}
        // A client that goes away is no matter.
        _ = connection => {}
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, std::io::Error> {
    let path = request.uri().path().to_owned();
    let mut troubles = shared.troubles.subscribe();
    let trouble_of = |all: &Vec<(String, Trouble)>| all.iter().find(|(end, _)| path.ends_with(end)).map_or(Trouble::None, |(_, t)| *t);
    let trouble = trouble_of(&troubles.borrow());
    if trouble == Trouble::Silent {
        // Until it is over.
        let _ = troubles.wait_for(|all| trouble_of(all) != Trouble::Silent).await;
    }
    let (method, query) = (request.method().clone(), request.uri().query().unwrap_or_default().to_owned());
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let good = answers::answer(&shared.world, &method, &path, &query, &body);
    Ok(match trouble {
        Trouble::None | Trouble::Silent => good,
        Trouble::Late => {
            let _ = troubles.wait_for(|all| trouble_of(all) != Trouble::Late).await;
            good
        }
        Trouble::Drips => drips(good.into_body().collect().await?.to_bytes()),
        Trouble::Breaks => breaks(),
        Trouble::Html => page(StatusCode::OK, "text/html", "<!doctype html><title>router</title>"),
        Trouble::OtherTypes => page(StatusCode::OK, "application/json", r#"{"Id": 7, "State": "up", "message": []}"#),
        Trouble::Floods => floods(),
        Trouble::Refuses => page(StatusCode::INTERNAL_SERVER_ERROR, "application/json", r#"{"message": "something broke"}"#),
        Trouble::Full => page(
            StatusCode::INTERNAL_SERVER_ERROR,
            "application/json",
            r#"{"message": "mkdir /var/lib/docker/overlay2/ab-init: no space left on device"}"#,
        ),
    })
}

fn page(status: StatusCode, kind: &str, text: impl Into<Bytes>) -> Response<Body> {
    let body = http_body_util::Full::new(text.into()).map_err(|e: Infallible| match e {}).boxed();
    Response::builder().status(status).header("content-type", kind).body(body).expect("a plain answer")
}

fn streamed(stream: impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + Sync + 'static) -> Response<Body> {
    Response::new(BodyExt::boxed(StreamBody::new(stream.map(|b| b.map(Frame::data)))))
}

fn drips(bytes: Bytes) -> Response<Body> {
    streamed(futures_util::stream::unfold((bytes, 0), |(bytes, at)| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let next = bytes.slice(at.min(bytes.len())..(at + 1).min(bytes.len()));
        (at < bytes.len() + 10_000).then_some((Ok(next), (bytes, at + 1)))
    }))
}

fn breaks() -> Response<Body> {
    let pieces = [Ok(Bytes::from_static(b"[{\"Id\":")), Err(std::io::Error::other("broken off"))];
    streamed(futures_util::stream::iter(pieces))
}

fn floods() -> Response<Body> {
    let line = Bytes::from(vec![b' '; 1 << 16]);
    streamed(futures_util::stream::repeat_with(move || Ok(line.clone())))
}

/// Whether a request would change something.
pub fn is_mutating(method: &Method) -> bool {
    *method != Method::GET && *method != Method::HEAD
}
