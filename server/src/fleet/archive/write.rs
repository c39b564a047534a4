//! Writing a tar piece by piece: each header is made anew from what was checked.

use bytes::Bytes;

use super::{BLOCK, Entry, Kind};

/// The blocks before an entry's content. Long names stand in blocks of their own before it.
pub fn header(entry: &Entry) -> Bytes {
    let mut blocks = Vec::with_capacity(BLOCK);
    let link = entry.link.as_deref().filter(|_| matches!(entry.kind, Kind::Symlink | Kind::HardLink));
    if let Some(link) = link.filter(|link| link.len() > 100) {
        long(&mut blocks, b'K', link);
    }
    if entry.path.len() > 100 {
        long(&mut blocks, b'L', &entry.path);
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(match entry.kind {
        Kind::Directory => tar::EntryType::Directory,
        Kind::Symlink => tar::EntryType::Symlink,
        Kind::HardLink => tar::EntryType::Link,
        Kind::File | Kind::Special => tar::EntryType::Regular,
    });
    copy(&mut header.as_old_mut().name, &entry.path);
    if let Some(link) = link {
        copy(&mut header.as_old_mut().linkname, link);
    }
    header.set_size(entry.size);
    header.set_mode(entry.mode);
    header.set_uid(entry.uid);
    header.set_gid(entry.gid);
    header.set_mtime(u64::try_from(entry.modified).unwrap_or_default());
    header.set_cksum();
    blocks.extend_from_slice(header.as_bytes());
    blocks.into()
}

/// What fills the last block of a content.
pub fn padding(size: u64) -> Bytes {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    let last = usize::try_from(size % BLOCK as u64).unwrap_or_default();
    Bytes::from_static(&ZEROS[..(BLOCK - last) % BLOCK])
}

/// The end of an archive.
pub fn end() -> Bytes {
    Bytes::from_static(&[0; 2 * BLOCK])
}

fn long(blocks: &mut Vec<u8>, kind: u8, name: &[u8]) {
    let mut header = tar::Header::new_gnu();
    copy(&mut header.as_old_mut().name, b"././@LongLink");
    header.set_entry_type(tar::EntryType::new(kind));
    // With the NUL at its end.
    let size = name.len() as u64 + 1;
    header.set_size(size);
    header.set_mode(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    blocks.extend_from_slice(header.as_bytes());
    blocks.extend_from_slice(name);
    blocks.push(0);
    blocks.extend_from_slice(&padding(size));
}

fn copy(field: &mut [u8], text: &[u8]) {
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text[..length]);
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::{super::TarReader, *};

    #[tokio::test]
    async fn what_is_written_is_read() {
        let mut path = vec![b'p'; 150];
        for kind in [Kind::File, Kind::Directory, Kind::Symlink] {
            for length in [10, 150] {
                path.resize(length, b'p');
                let link = (kind == Kind::Symlink).then(|| vec![b'l'; length]);
                let entry = Entry {
                    path: path.clone(),
                    kind,
                    size: if kind == Kind::File { 3 } else { 0 },
                    mode: 0o755,
                    uid: 1,
                    gid: 70_000,
                    modified: 5,
                    link,
                };
                let mut pieces = vec![Ok(header(&entry))];
                if entry.size > 0 {
                    pieces.extend([Ok(Bytes::from_static(b"abc")), Ok(padding(3))]);
                }
                pieces.push(Ok(end()));
                let mut tar = TarReader::new(stream::iter(pieces));
                assert_eq!(tar.next().await.expect("read"), Some(entry));
                assert_eq!(tar.next().await.expect("read"), None);
            }
        }
    }
}
