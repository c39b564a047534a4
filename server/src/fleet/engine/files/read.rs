//! What a file holds: small text as a whole, anything as a stream.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::timeout;

use super::{Engine, FileKind, FilePath, Stat, of_archive, pieces, reader};
use crate::{
    auth::{Permitted, permission::container::Exec},
    fleet::{archive::Entry, error::EngineError, policy::Judged},
};

/// A file's content, as long as it is small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallFile {
    /// With owner and rights.
    pub entry: Entry,
    pub bytes: Vec<u8>,
}

/// A file as it is, or a folder as a tar.
pub struct Download {
    /// What is offered for saving.
    pub name: String,
    pub is_folder: bool,
    /// Of a file.
    pub size: Option<u64>,
    pub pieces: std::pin::Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
}

impl Engine {
    /// What lies at a path, links followed.
    pub async fn stat_file(&self, permitted: &Permitted<Exec>, judged: &Judged, id: &str, path: &FilePath) -> Result<Stat, EngineError> {
        self.may_look(permitted, judged, id)?;
        Ok(self.resolve(id, path).await?.1)
    }

    /// A file of at most so many bytes.
    pub async fn read_file(
        &self,
        permitted: &Permitted<Exec>,
        judged: &Judged,
        id: &str,
        path: &FilePath,
        most: u64,
    ) -> Result<SmallFile, EngineError> {
        self.may_look(permitted, judged, id)?;
        self.small_file(id, path, most).await
    }

    pub(super) async fn small_file(&self, id: &str, path: &FilePath, most: u64) -> Result<SmallFile, EngineError> {
        let (at, stat) = self.resolve(id, path).await?;
        match stat.kind {
            FileKind::File if stat.size <= most => {}
            FileKind::File => return Err(EngineError::FileTooLarge),
            _ => return Err(EngineError::NotAFile),
        }
        let read = async {
            let mut tar = reader(self.archive(id, &at).await?);
            let entry = tar.next().await.map_err(of_archive)?.ok_or(EngineError::NoSuchFile)?;
            if FileKind::of(entry.kind) != FileKind::File {
                return Err(EngineError::NotAFile);
            }
            // It may have grown since.
            if entry.size > most {
                return Err(EngineError::FileTooLarge);
            }
            let mut bytes = Vec::with_capacity(usize::try_from(entry.size).unwrap_or_default());
            while let Some(piece) = tar.read().await.map_err(of_archive)? {
                bytes.extend_from_slice(&piece);
            }
            Ok(SmallFile { entry, bytes })
        };
        timeout(self.host.timings.whole, read).await.map_err(|_| EngineError::Timeout)?
    }

    /// Where a path is when links are followed; a file that is not there yet is where its folder is.
    pub async fn real_path(
        &self,
        permitted: &Permitted<Exec>,
        judged: &Judged,
        id: &str,
        path: &FilePath,
    ) -> Result<FilePath, EngineError> {
        self.may_look(permitted, judged, id)?;
        match self.resolve(id, path).await {
            Ok((at, _)) => Ok(at),
            Err(EngineError::NoSuchFile) => {
                let (folder, stat) = self.resolve(id, &path.parent()).await?;
                if stat.kind != FileKind::Folder {
                    return Err(EngineError::NotAFolder);
                }
                FilePath::parse(&format!("{}/{}", folder.as_str(), path.name())).ok_or(EngineError::NoSuchFile)
            }
            Err(error) => Err(error),
        }
    }

    /// Owner and rights of a file, whatever its size; `None` where there is none.
    pub async fn file_head(
        &self,
        permitted: &Permitted<Exec>,
        judged: &Judged,
        id: &str,
        path: &FilePath,
    ) -> Result<Option<Entry>, EngineError> {
        self.may_look(permitted, judged, id)?;
        let read = async {
            let body = match self.archive(id, path).await {
                Ok(body) => body,
                Err(EngineError::NoSuchFile) => return Ok(None),
                Err(error) => return Err(error),
            };
            let entry = reader(body).next().await.map_err(of_archive)?;
            match entry {
                Some(entry) if FileKind::of(entry.kind) == FileKind::File => Ok(Some(entry)),
                _ => Err(EngineError::NotAFile),
            }
        };
        timeout(self.host.timings.whole, read).await.map_err(|_| EngineError::Timeout)?
    }

    /// A file or folder for saving: what the reader does not take holds up the engine, not memory.
    pub async fn download(&self, permitted: &Permitted<Exec>, judged: &Judged, id: &str, path: &FilePath) -> Result<Download, EngineError> {
        self.may_look(permitted, judged, id)?;
        let (at, stat) = self.resolve(id, path).await?;
        let late = |_| EngineError::Timeout;
        let name = if path.name().is_empty() { "root".to_owned() } else { path.name().to_owned() };
        match stat.kind {
            FileKind::Folder => {
                let body = timeout(self.host.timings.whole, self.archive(id, &at)).await.map_err(late)??;
                Ok(Download { name: format!("{name}.tar"), is_folder: true, size: None, pieces: Box::pin(pieces(body)) })
            }
            FileKind::File => {
                let first = async {
                    let mut tar = reader(self.archive(id, &at).await?);
                    let entry = tar.next().await.map_err(of_archive)?.ok_or(EngineError::NoSuchFile)?;
                    Ok::<_, EngineError>((tar, entry))
                };
                let (tar, entry) = timeout(self.host.timings.whole, first).await.map_err(late)??;
                if FileKind::of(entry.kind) != FileKind::File {
                    return Err(EngineError::NotAFile);
                }
                let content = stream::unfold(Some(tar), |tar| async {
                    let mut tar = tar?;
                    match tar.read().await {
                        Ok(Some(piece)) => Some((Ok(piece), Some(tar))),
                        Ok(None) => None,
                        Err(error) => Some((Err(io::Error::other(error)), None)),
                    }
                });
                Ok(Download { name, is_folder: false, size: Some(entry.size), pieces: content.boxed() })
            }
            FileKind::Link | FileKind::Special => Err(EngineError::NotAFile),
        }
    }

    /// A user as numbers, for a container that does not know the names of this one: `1000:1000`. Empty stays empty.
    pub(in crate::fleet::engine) async fn numeric_user(
        &self,
        permitted: &Permitted<Exec>,
        judged: &Judged,
        id: &str,
        user: &str,
    ) -> Result<String, EngineError> {
        const NAMES: u64 = 1 << 20;
        self.may_look(permitted, judged, id)?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if user.is_empty() || user.split(':').all(is_number) {
            return Ok(user.to_owned());
        }
        let (name, group) = user.split_once(':').map_or((user, None), |(name, group)| (name, Some(group)));
        let file = |path: &str| FilePath::parse(path).ok_or(EngineError::NoSuchFile);
        let unknown = || EngineError::Refused(format!("the container knows no user {user}"));
        let of = |text: &[u8], name: &str| {
            let text = String::from_utf8_lossy(text).into_owned();
            let line = text.lines().find(|line| line.split(':').next() == Some(name))?;
            let fields: Vec<&str> = line.split(':').collect();
            Some((fields.get(2)?.to_string(), fields.get(3).map(ToString::to_string)))
        };
        let (uid, own_group) = if is_number(name) {
            (name.to_owned(), None)
        } else {
            let passwd = self.small_file(id, &file("/etc/passwd")?, NAMES).await.map_err(|_| unknown())?;
            of(&passwd.bytes, name).ok_or_else(unknown)?
        };
        let gid = match group {
            Some(group) if is_number(group) => Some(group.to_owned()),
            Some(group) => {
                let groups = self.small_file(id, &file("/etc/group")?, NAMES).await.map_err(|_| unknown())?;
                Some(of(&groups.bytes, group).ok_or_else(unknown)?.0)
            }
            None => own_group,
        };
        let all_numbers = is_number(&uid) && gid.as_deref().is_none_or(is_number);
        if all_numbers { Ok(gid.map_or(uid.clone(), |gid| format!("{uid}:{gid}"))) } else { Err(unknown()) }
    }

    /// Names of a container's users and groups, as far as it tells them: `(users, groups)`, by number.
    pub async fn file_owners(
        &self,
        permitted: &Permitted<Exec>,
        judged: &Judged,
        id: &str,
    ) -> Result<[std::collections::HashMap<u64, String>; 2], EngineError> {
        const NAMES: u64 = 256 << 10;
        self.may_look(permitted, judged, id)?;
        let mut owners = [const { None }; 2];
        for (names, path) in owners.iter_mut().zip(["/etc/passwd", "/etc/group"]) {
            let path = FilePath::parse(path).ok_or(EngineError::NoSuchFile)?;
            let text = match self.small_file(id, &path, NAMES).await {
                Ok(file) => String::from_utf8_lossy(&file.bytes).into_owned(),
                // It has no names, then.
                Err(EngineError::NoSuchFile | EngineError::NotAFile | EngineError::FileTooLarge) => String::new(),
                Err(error) => return Err(error),
            };
            let of = |line: &str| {
                let mut fields = line.split(':');
                let name = fields.next().filter(|n| !n.is_empty())?.to_owned();
                Some((fields.nth(1)?.parse().ok()?, name))
            };
            // The first of a number is its name.
            *names = Some(text.lines().rev().filter_map(of).collect());
        }
        Ok(owners.map(Option::unwrap_or_default))
    }
}
