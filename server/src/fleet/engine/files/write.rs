//! Writing into a container: every archive is made anew from what was checked, and goes through memory piece by piece.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::Stream;
use hyper::Method;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use app::client::percent_encode as encode;

use super::{Engine, FileKind, FilePath, of_file};
use crate::{
    audit::Intent,
    auth::{gate::Passed, permission::container::Exec},
    fleet::{
        archive::{self, ArchiveError, Checked, Entry, Kind, Limits, Refusal, TarReader},
        error::EngineError,
        policy::Judged,
    },
};

/// Pieces on their way to the engine.
const UNDER_WAY: usize = 4;

/// What is sent.
pub enum Upload<S> {
    /// One file with this content: rights and owner are the entry's.
    File { entry: Entry, content: S },
    /// An archive, to be unpacked in a folder.
    Archive { limits: Limits, archive: S },
}

/// What was unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    pub entries: u64,
    pub bytes: u64,
}

/// Why no more was sent.
#[derive(Debug)]
enum Stopped {
    Refused(Refusal),
    Archive(ArchiveError),
    /// It holds more or less than it said.
    Length,
    /// The engine takes no more; it says why.
    Engine,
}

impl Engine {
    /// Unpacks into a folder of a container. What was refused in the middle of an archive is not written, nor what comes behind it.
    pub async fn upload<S>(
        &self,
        intent: &Intent<Exec>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
        folder: &FilePath,
        upload: Upload<S>,
    ) -> Result<Unpacked, EngineError>
    where
        S: Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static,
    {
        self.ready(intent.object(), id)?;
        self.judged(judged, id)?;
        if self.host.own_container() == Some(id) {
            return Err(EngineError::OwnContainer);
        }
        let (at, stat) = self.resolve(id, folder).await?;
        if stat.kind != FileKind::Folder {
            return Err(EngineError::NotAFolder);
        }
        let (out, taken) = mpsc::channel(UNDER_WAY);
        let stopped = Arc::new(Mutex::new(None));
        let why = stopped.clone();
        let done = Arc::new(Mutex::new(Unpacked::default()));
        let counted = done.clone();
        let writing = tokio::spawn(async move {
            let written = match upload {
                Upload::File { entry, content } => one(entry, content, &out).await,
                Upload::Archive { limits, archive } => all(limits, archive, &out).await,
            };
            match written {
                Ok(unpacked) => *counted.lock().unwrap_or_else(PoisonError::into_inner) = unpacked,
                Err(reason) => {
                    *why.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                    // The archive breaks off: the engine unpacks no more of it.
                    let _ = out.send(Err(io::Error::other("refused"))).await;
                }
            }
        });
        let path = format!("/containers/{id}/archive?noOverwriteDirNonDir=1&path={}", encode(at.as_str()));
        let sent = self.host.link.upload(Method::PUT, &path, ReceiverStream::new(taken)).await;
        if sent.is_err() {
            // It said no before all was sent.
            writing.abort();
        }
        // Aborted is what it shall be.
        let _ = writing.await;
        match stopped.lock().unwrap_or_else(PoisonError::into_inner).take() {
            None | Some(Stopped::Engine) => {}
            Some(Stopped::Refused(refusal)) => return Err(EngineError::HostileArchive(refusal)),
            Some(Stopped::Archive(ArchiveError::NotTar(what))) => return Err(EngineError::BadArchive(what)),
            Some(Stopped::Archive(_) | Stopped::Length) => return Err(EngineError::BadArchive("it ended in the middle")),
        }
        sent.map_err(of_file)?;
        let unpacked = *done.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(unpacked)
    }
}

type Out = mpsc::Sender<io::Result<Bytes>>;

async fn send(out: &Out, bytes: Bytes) -> Result<(), Stopped> {
    if bytes.is_empty() {
        return Ok(());
    }
    out.send(Ok(bytes)).await.map_err(|_| Stopped::Engine)
}

async fn one<S: Stream<Item = io::Result<Bytes>> + Unpin>(entry: Entry, mut content: S, out: &Out) -> Result<Unpacked, Stopped> {
    use futures_util::StreamExt as _;
    send(out, archive::header(&entry)).await?;
    let mut left = entry.size;
    while let Some(piece) = content.next().await {
        let piece = piece.map_err(|e| Stopped::Archive(ArchiveError::Read(e)))?;
        left = left.checked_sub(piece.len() as u64).ok_or(Stopped::Length)?;
        send(out, piece).await?;
    }
    if left > 0 {
        return Err(Stopped::Length);
    }
    send(out, archive::padding(entry.size)).await?;
    send(out, archive::end()).await?;
    Ok(Unpacked { entries: 1, bytes: entry.size })
}

async fn all<S: Stream<Item = io::Result<Bytes>> + Unpin>(limits: Limits, pieces: S, out: &Out) -> Result<Unpacked, Stopped> {
    let mut tar = TarReader::new(pieces);
    let mut checked = Checked::new(limits);
    while let Some(entry) = tar.next().await.map_err(Stopped::Archive)? {
        let Some(entry) = checked.check(entry).map_err(Stopped::Refused)? else { continue };
        send(out, archive::header(&entry)).await?;
        if entry.kind == Kind::File {
            while let Some(piece) = tar.read().await.map_err(Stopped::Archive)? {
                send(out, piece).await?;
            }
            send(out, archive::padding(entry.size)).await?;
        }
    }
    tar.drain().await.map_err(Stopped::Archive)?;
    send(out, archive::end()).await?;
    Ok(Unpacked { entries: checked.entries(), bytes: checked.bytes() })
}
