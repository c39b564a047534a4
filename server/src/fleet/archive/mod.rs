//! Tar archives as they come and go, piece by piece: never more than a header and a piece of content in memory.

mod hostile;
mod read;
mod write;

pub use hostile::{Checked, Limits, Refusal};
pub use read::TarReader;
pub use write::{end, header, padding};

use std::io;

/// A tar is made of blocks of this size.
pub const BLOCK: usize = 512;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
    Symlink,
    /// Another name of an entry before.
    HardLink,
    /// A device, a pipe, or what this version does not know.
    Special,
}

/// What stands before an entry's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it is written there: nothing is known of it yet.
    pub path: Vec<u8>,
    pub kind: Kind,
    /// Of the content that follows.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    /// Seconds since 1970.
    pub modified: i64,
    /// Where a link leads.
    pub link: Option<Vec<u8>>,
}

/// Why an archive can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("it is no tar archive: {0}")]
    NotTar(&'static str),
    #[error("it ends in the middle")]
    Cut,
    #[error("it could not be read: {0}")]
    Read(#[from] io::Error),
}
