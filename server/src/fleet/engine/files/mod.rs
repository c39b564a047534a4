//! Files of a container, by the engine's archives: nothing need run in the container, and it need not run itself.
//!
//! Archives come and go piece by piece. What is read of them is bounded in bytes, entries and time.

mod list;
mod read;
mod stat;
mod write;

pub use list::{Listed, Listing};
pub use read::{Download, SmallFile};
pub use stat::{FileKind, Stat};
pub use write::{Unpacked, Upload};

use std::io;

use app::client::percent_encode as encode;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::Engine;
use crate::{
    auth::{Permitted, permission::container::Exec},
    fleet::{
        archive::{ArchiveError, TarReader},
        connector::{Call, Fault},
        error::EngineError,
        policy::Judged,
    },
};

/// The longest path that is looked at.
const PATH: usize = 4_096;
/// Links that are followed one after the other.
const LINKS: usize = 8;

/// An absolute path inside a container without what makes it two: `.`, `..`, `//`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath(String);

impl FilePath {
    pub fn parse(text: &str) -> Option<Self> {
        if !text.starts_with('/') || text.len() > PATH || text.contains('\0') {
            return None;
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                // Above the root is the root.
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        Some(Self(format!("/{}", parts.join("/"))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that it lies in; the root lies in itself.
    pub fn parent(&self) -> Self {
        let cut = self.0.rfind('/').unwrap_or(0);
        Self(if cut == 0 { "/".to_owned() } else { self.0[..cut].to_owned() })
    }

    /// Empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl Engine {
    fn may_look(&self, permitted: &Permitted<Exec>, judged: &Judged, id: &str) -> Result<(), EngineError> {
        self.readable(permitted, id)?;
        self.judged(judged, id)?;
        if self.host.own_container() == Some(id) { Err(EngineError::OwnContainer) } else { Ok(()) }
    }

    /// What lies at a path, and where it is when links were followed.
    async fn resolve(&self, id: &str, path: &FilePath) -> Result<(FilePath, Stat), EngineError> {
        let mut at = path.clone();
        for _ in 0..LINKS {
            let stat = self.stat_at(id, &at).await?;
            let Some(target) = stat.link.as_deref().filter(|_| stat.kind == FileKind::Link) else { return Ok((at, stat)) };
            // The engine tells it from the container's root.
            let target = if target.starts_with('/') { target.to_owned() } else { format!("{}/{target}", at.parent().as_str()) };
            at = FilePath::parse(&target).ok_or(EngineError::NoSuchFile)?;
        }
        Err(EngineError::NoSuchFile)
    }

    async fn stat_at(&self, id: &str, path: &FilePath) -> Result<Stat, EngineError> {
        let address = format!("/containers/{id}/archive?path={}", encode(path.as_str()));
        let head = self.host.link.head(&address).await.map_err(of_file)?;
        Stat::of(&head).ok_or_else(|| EngineError::Unreachable(Fault::NotAnEngine("it does not say what lies at a path".to_owned())))
    }

    /// The engine's archive of a path.
    async fn archive(&self, id: &str, path: &FilePath) -> Result<Incoming, EngineError> {
        let address = format!("/containers/{id}/archive?path={}", encode(path.as_str()));
        Ok(self.host.link.get(Call::Stream, &address).await.map_err(of_file)?.into_body())
    }
}

/// A body's bytes as they come.
fn pieces(body: Incoming) -> impl Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static {
    Box::pin(body.into_data_stream().map_err(|e| io::Error::other(Fault::of(&e))))
}

fn reader(body: Incoming) -> TarReader<impl Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static> {
    TarReader::new(pieces(body))
}

/// From a call about a path in a container.
fn of_file(fault: Fault) -> EngineError {
    match fault {
        Fault::Status { status: 404, message } if !message.contains("No such container") => EngineError::NoSuchFile,
        fault => EngineError::of_container(fault),
    }
}

/// An archive of the engine's that can't be read.
fn of_archive(error: ArchiveError) -> EngineError {
    EngineError::Unreachable(match error {
        ArchiveError::Read(e) => Fault::of(&e),
        ArchiveError::Cut => Fault::Reset,
        ArchiveError::NotTar(_) => Fault::NotAnEngine(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_writing() {
        let path = |text: &str| FilePath::parse(text).map(|p| p.0);
        assert_eq!(path("/srv//app/./conf/../x").as_deref(), Some("/srv/app/x"));
        assert_eq!(path("/../../etc").as_deref(), Some("/etc"));
        assert_eq!(path("/").as_deref(), Some("/"));
        assert_eq!((path("etc"), path(""), path("/a\0b")), (None, None, None));
        let file = FilePath::parse("/srv/x").expect("a path");
        assert_eq!((file.parent().as_str(), file.name(), file.parent().parent().as_str()), ("/srv", "x", "/"));
    }
}
