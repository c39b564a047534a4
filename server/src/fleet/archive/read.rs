//! Reading a tar as it comes: ustar, what GNU adds for long names, and pax records.

use std::io;

use bytes::{Buf as _, Bytes};
use futures_util::{Stream, StreamExt as _};

use super::{ArchiveError, BLOCK, Entry, Kind};

/// Long names and pax records are no longer than this.
const EXTENSION: u64 = 256 * 1024;

/// An archive that is being read.
#[derive(Debug)]
pub struct TarReader<S> {
    pieces: S,
    piece: Bytes,
    /// Of the current entry's content, still to come.
    content: u64,
    /// What fills its last block.
    padding: u64,
    /// Bytes taken so far.
    taken: u64,
}

/// What a header before the entry's own says of it.
#[derive(Default)]
struct Extension {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    modified: Option<i64>,
}

impl<S: Stream<Item = io::Result<Bytes>> + Unpin> TarReader<S> {
    pub fn new(pieces: S) -> Self {
        Self { pieces, piece: Bytes::new(), content: 0, padding: 0, taken: 0 }
    }

    /// How many bytes of the archive were taken so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The next entry; what was not read of the one before is passed over. `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Entry>, ArchiveError> {
        let mut extension = Extension::default();
        loop {
            self.pass_over().await?;
            let Some(block) = self.block().await? else { return Ok(None) };
            if block.iter().all(|b| *b == 0) {
                // What follows the end is nobody's.
                return Ok(None);
            }
            let header = tar::Header::from_byte_slice(&block);
            if header.cksum().ok() != Some(sum(&block)) {
                return Err(ArchiveError::NotTar("a header's sum is wrong"));
            }
            let wrong = |_| ArchiveError::NotTar("a number can't be read");
            let size = header.entry_size().map_err(wrong)?;
            let kind = header.entry_type();
            self.follow(size);
            match kind.as_byte() {
                b'x' => {
                    let records = self.whole().await?;
                    pax(&records, &mut extension)?;
                }
                b'L' => extension.path = Some(until_nul(self.whole().await?)),
                b'K' => extension.link = Some(until_nul(self.whole().await?)),
                // Of the whole archive: nothing that matters here.
                b'g' => {}
                _ => {
                    let size = extension.size.unwrap_or(size);
                    let kind = match kind {
                        tar::EntryType::Regular | tar::EntryType::Continuous => Kind::File,
                        tar::EntryType::Directory => Kind::Directory,
                        tar::EntryType::Symlink => Kind::Symlink,
                        tar::EntryType::Link => Kind::HardLink,
                        _ => Kind::Special,
                    };
                    // Only files have content; a size elsewhere is noise of some writers.
                    let size = if kind == Kind::File { size } else { 0 };
                    self.follow(size);
                    return Ok(Some(Entry {
                        path: extension.path.unwrap_or_else(|| header.path_bytes().into_owned()),
                        kind,
                        size,
                        mode: header.mode().map_err(wrong)? & 0o7777,
                        uid: extension.uid.map_or_else(|| header.uid(), Ok).map_err(wrong)?,
                        gid: extension.gid.map_or_else(|| header.gid(), Ok).map_err(wrong)?,
                        modified: extension.modified.map_or_else(|| header.mtime().map(|t| t as i64), Ok).map_err(wrong)?,
                        link: extension.link.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned)),
                    }));
                }
            }
        }
    }

    /// A piece of the current entry's content; `None` at its end.
    pub async fn read(&mut self) -> Result<Option<Bytes>, ArchiveError> {
        if self.content == 0 {
            return Ok(None);
        }
        if !self.fill().await? {
            return Err(ArchiveError::Cut);
        }
        let length = self.piece.len().min(usize::try_from(self.content).unwrap_or(usize::MAX));
        self.content -= length as u64;
        self.taken += length as u64;
        Ok(Some(self.piece.split_to(length)))
    }

    /// Reads what is left after the archive's end, so that whoever sends it is not cut off.
    pub async fn drain(&mut self) -> Result<(), ArchiveError> {
        while self.fill().await? {
            self.taken += self.piece.len() as u64;
            self.piece.clear();
        }
        Ok(())
    }

    fn follow(&mut self, size: u64) {
        self.content = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    async fn whole(&mut self) -> Result<Vec<u8>, ArchiveError> {
        if self.content > EXTENSION {
            return Err(ArchiveError::NotTar("a name is longer than any file's"));
        }
        let mut whole = Vec::new();
        while let Some(piece) = self.read().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    async fn pass_over(&mut self) -> Result<(), ArchiveError> {
        let mut left = self.content + self.padding;
        (self.content, self.padding) = (0, 0);
        while left > 0 {
            if !self.fill().await? {
                return Err(ArchiveError::Cut);
            }
            let length = self.piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.piece.advance(length);
            self.taken += length as u64;
            left -= length as u64;
        }
        Ok(())
    }

    async fn block(&mut self) -> Result<Option<[u8; BLOCK]>, ArchiveError> {
        let (mut block, mut filled) = ([0; BLOCK], 0);
        while filled < BLOCK {
            if !self.fill().await? {
                return if filled == 0 { Ok(None) } else { Err(ArchiveError::Cut) };
            }
            let length = self.piece.len().min(BLOCK - filled);
            self.piece.copy_to_slice(&mut block[filled..filled + length]);
            self.taken += length as u64;
            filled += length;
        }
        Ok(Some(block))
    }

    /// Whether there is a piece that has not been taken.
    async fn fill(&mut self) -> Result<bool, ArchiveError> {
        while self.piece.is_empty() {
            match self.pieces.next().await {
                Some(piece) => self.piece = piece?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// A header's sum: its own field counts as spaces.
fn sum(block: &[u8; BLOCK]) -> u32 {
    block.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum()
}

fn until_nul(mut name: Vec<u8>) -> Vec<u8> {
    if let Some(end) = name.iter().position(|b| *b == 0) {
        name.truncate(end);
    }
    name
}

/// `17 path=a name\n`, again and again.
fn pax(mut records: &[u8], extension: &mut Extension) -> Result<(), ArchiveError> {
    const WRONG: ArchiveError = ArchiveError::NotTar("a pax record can't be read");
    while !records.is_empty() {
        let space = records.iter().position(|b| *b == b' ').ok_or(WRONG)?;
        let length: usize = std::str::from_utf8(&records[..space]).ok().and_then(|n| n.parse().ok()).ok_or(WRONG)?;
        let record = records.get(space + 1..length).and_then(|r| r.strip_suffix(b"\n")).ok_or(WRONG)?;
        let equals = record.iter().position(|b| *b == b'=').ok_or(WRONG)?;
        let (name, value) = (&record[..equals], &record[equals + 1..]);
        let number = || std::str::from_utf8(value).ok().and_then(|v| v.split('.').next()).and_then(|v| v.parse::<i64>().ok()).ok_or(WRONG);
        let positive = || number().and_then(|n| u64::try_from(n).map_err(|_| WRONG));
        match name {
            b"path" => extension.path = Some(value.to_vec()),
            b"linkpath" => extension.link = Some(value.to_vec()),
            b"size" => extension.size = Some(positive()?),
            b"uid" => extension.uid = Some(positive()?),
            b"gid" => extension.gid = Some(positive()?),
            b"mtime" => extension.modified = Some(number()?),
            _ => {}
        }
        records = &records[length..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn reader(archive: Vec<u8>, piece: usize) -> TarReader<impl Stream<Item = io::Result<Bytes>> + Unpin> {
        let pieces: Vec<_> = archive.chunks(piece).map(|p| Ok(Bytes::copy_from_slice(p))).collect();
        TarReader::new(stream::iter(pieces))
    }

    fn archive() -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(700);
        header.set_mode(0o640);
        header.set_uid(7);
        header.set_gid(8);
        header.set_mtime(9);
        tar.append_data(&mut header, "a/file", &[b'x'; 700][..]).expect("written");
        let long = format!("a/{}", "n".repeat(300));
        header.set_size(0);
        tar.append_data(&mut header, &long, &[][..]).expect("written");
        header.set_entry_type(tar::EntryType::Symlink);
        tar.append_link(&mut header, "a/link", format!("/{}", "l".repeat(200))).expect("written");
        tar.into_inner().expect("written")
    }

    #[tokio::test]
    async fn entries_come_whole_however_the_bytes_are_cut() {
        for piece in [1, 100, 512, 1 << 20] {
            let mut tar = reader(archive(), piece);
            let file = tar.next().await.expect("read").expect("there");
            assert_eq!(
                (file.path.as_slice(), file.kind, file.size, file.mode, file.uid, file.gid, file.modified),
                (&b"a/file"[..], Kind::File, 700, 0o640, 7, 8, 9)
            );
            let mut content = 0;
            while let Some(piece) = tar.read().await.expect("read") {
                content += piece.len();
            }
            assert_eq!(content, 700);
            assert_eq!(tar.next().await.expect("read").expect("there").path.len(), 302);
            let link = tar.next().await.expect("read").expect("there");
            assert_eq!((link.kind, link.link.map(|l| l.len())), (Kind::Symlink, Some(201)));
            assert_eq!(tar.next().await.expect("read"), None);
        }
    }

    #[tokio::test]
    async fn content_that_is_not_wanted_is_passed_over() {
        let mut tar = reader(archive(), 300);
        let mut names = 0;
        while tar.next().await.expect("read").is_some() {
            names += 1;
        }
        assert_eq!(names, 3);
    }

    #[tokio::test]
    async fn what_is_no_archive_is_told() {
        let mut cut = archive();
        cut.truncate(800);
        let mut tar = reader(cut, 512);
        tar.next().await.expect("read").expect("there");
        assert!(matches!(tar.next().await, Err(ArchiveError::Cut)));
        assert!(matches!(reader(vec![b'x'; 1024], 512).next().await, Err(ArchiveError::NotTar(_))));
        assert_eq!(reader(Vec::new(), 512).next().await.expect("empty"), None);
    }

    #[test]
    fn pax_records_are_read() {
        let mut extension = Extension::default();
        pax(b"12 path=a b\n17 size=12345678\n20 mtime=1700000000.5\n".get(..29).expect("cut"), &mut extension).expect("read");
        assert_eq!((extension.path.as_deref(), extension.size), (Some(&b"a b"[..]), Some(12_345_678)));
        assert!(pax(b"99 path=a\n", &mut Extension::default()).is_err());
        assert!(pax(b"x", &mut Extension::default()).is_err());
    }
}
