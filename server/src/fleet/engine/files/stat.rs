//! What the engine says of a path.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::HeaderMap;
use serde::Deserialize;

use crate::{
    clock::{Millis, parse_rfc3339},
    fleet::archive::Kind,
};

/// What lies somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    File,
    Folder,
    Link,
    /// A device, a pipe, a socket.
    Special,
}

impl FileKind {
    /// As on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Link => "link",
            Self::Special => "special",
        }
    }

    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            // Another name of a file is a file.
            Kind::File | Kind::HardLink => Self::File,
            Kind::Directory => Self::Folder,
            Kind::Symlink => Self::Link,
            Kind::Special => Self::Special,
        }
    }
}

/// A path's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub kind: FileKind,
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    pub modified_at: Option<Millis>,
    /// Where a link leads.
    pub link: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    size: i64,
    mode: u32,
    #[serde(default)]
    mtime: String,
    #[serde(default, rename = "linkTarget")]
    link_target: String,
}

impl Stat {
    pub(super) fn of(head: &HeaderMap) -> Option<Self> {
        let value = head.get("x-docker-container-path-stat")?;
        let wire: Wire = serde_json::from_slice(&STANDARD.decode(value.as_bytes()).ok()?).ok()?;
        // Go's bits of a file's mode.
        let has = |bit: u32| wire.mode & (1 << bit) != 0;
        let kind = match () {
            () if has(31) => FileKind::Folder,
            () if has(27) => FileKind::Link,
            () if has(26) || has(25) || has(24) || has(21) => FileKind::Special,
            () => FileKind::File,
        };
        let raised = [(23, 0o4000), (22, 0o2000), (20, 0o1000)].into_iter().filter(|(bit, _)| has(*bit)).map(|(_, mode)| mode).sum::<u32>();
        Some(Self {
            kind,
            size: u64::try_from(wire.size).unwrap_or_default(),
            mode: wire.mode & 0o777 | raised,
            modified_at: parse_rfc3339(&wire.mtime),
            link: Some(wire.link_target).filter(|l| !l.is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gos_mode_is_read() {
        let of = |json: &str| {
            Stat::of(&HeaderMap::from_iter([(
                hyper::header::HeaderName::from_static("x-docker-container-path-stat"),
                STANDARD.encode(json).parse().expect("a value"),
            )]))
        };
        let tmp = of(r#"{"name":"tmp","size":4096,"mode":2148532735,"mtime":"2026-11-22T22:07:51Z","linkTarget":""}"#).expect("read");
        assert_eq!((tmp.kind, tmp.mode, tmp.link), (FileKind::Folder, 0o1777, None));
        let link = of(r#"{"name":"l","size":3,"mode":134218239,"mtime":"","linkTarget":"/etc"}"#).expect("read");
        assert_eq!((link.kind, link.link.as_deref(), link.modified_at), (FileKind::Link, Some("/etc"), None));
        assert_eq!(of("nonsense"), None);
    }
}
