//! The one road to an engine: a connector of ours, hyper's clients over it, and bollard on top.

mod direct;
mod fault;
mod guard;
mod link;
mod version;

pub(super) use direct::Direct;
pub use fault::Fault;
pub(super) use link::{Call, Link, parse, tidy};
pub(super) use version::{ApiVersion, Offer};

use std::{
    future::Future,
    io,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::Uri;
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
};
use tower::Service;

use guard::{Guarded, Limits};

/// Where an engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// A unix socket on this machine.
    Unix(PathBuf),
}

impl Endpoint {
    /// From what people write: `unix:///var/run/docker.sock`.
    pub fn parse(text: &str) -> Result<Self, UnknownEndpoint> {
        match text.strip_prefix("unix://") {
            Some(path) if path.starts_with('/') => Ok(Self::Unix(Path::new(path).to_owned())),
            _ => Err(UnknownEndpoint(text.to_owned())),
        }
    }

    /// How the console reaches it: `local`.
    pub fn connection(&self) -> &'static str {
        match self {
            Self::Unix(_) => "local",
        }
    }
}

/// Not an address of an engine that the console can speak to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no engine's address: write unix:// and the socket's absolute path")]
pub struct UnknownEndpoint(String);

/// Opens connections, limited in time and, while they are used, in idleness and size.
#[derive(Clone, Debug)]
struct Connector {
    endpoint: Endpoint,
    within: Duration,
    limits: Limits,
}

/// A connection of any kind.
enum Stream {
    Unix(UnixStream),
}

impl Connector {
    async fn connect(self) -> io::Result<TokioIo<Guarded<Stream>>> {
        let opened = match &self.endpoint {
            Endpoint::Unix(path) => tokio::time::timeout(self.within, UnixStream::connect(path)).await,
        };
        let stream = opened.map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "connecting took too long"))??;
        Ok(TokioIo::new(Guarded::new(Stream::Unix(stream), self.limits)))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Guarded<Stream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.clone().connect())
    }
}

impl Connection for Guarded<Stream> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Unix(s) => Pin::new(s).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Unix(s) => Pin::new(s).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Unix(s) => Pin::new(s).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Unix(s) => Pin::new(s).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_absolute_unix_paths() {
        assert_eq!(Endpoint::parse("unix:///run/d.sock"), Ok(Endpoint::Unix("/run/d.sock".into())));
        assert!(Endpoint::parse("unix://run/d.sock").is_err());
        assert!(Endpoint::parse("tcp://10.0.0.1:2375").is_err());
        assert!(Endpoint::parse("/run/d.sock").is_err());
    }
}
