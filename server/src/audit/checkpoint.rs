//! Signed checkpoints of the chain's head, in a file outside the database: what tells a cut tail.

use std::{
    fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::key::Signer;
use crate::{
    clock::{Clock, rfc3339},
    store::{Store, StoreError},
};

/// More than any line of the file.
const TAIL: u64 = 8 << 10;

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub seq: i64,
    /// Of the record there.
    pub hash: String,
    pub at: String,
    /// Ed25519, hex.
    pub public_key: String,
    pub signature: String,
}

/// What can go wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("the checkpoint file {}: {cause}", file.display())]
    File { file: PathBuf, cause: std::io::Error },
    #[error("line {line} of {} is not a checkpoint", file.display())]
    Malformed { file: PathBuf, line: usize },
    #[error("the signature of line {line} of {} does not hold", file.display())]
    Forged { file: PathBuf, line: usize },
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn message(seq: i64, hash: &str, at: &str) -> String {
    format!("ecos audit checkpoint 1\n{seq}\n{hash}\n{at}\n")
}

/// Where the checkpoints of a data directory are.
pub fn file_in(data_dir: &Path) -> PathBuf {
    data_dir.join("audit-checkpoints.jsonl")
}

/// Appends a checkpoint of the head, unless the last one is of the same place. Returns it if written.
///
/// A line that a crash or a full disk has cut short is taken away first: it says nothing.
pub async fn write(store: &Store, signer: &Signer, clock: &Clock, file: &Path) -> Result<Option<Checkpoint>, CheckpointError> {
    let (seq, hash) = store.audit_head().await?;
    let failed = |cause| CheckpointError::File { file: file.to_owned(), cause };
    let path = file.to_owned();
    let (last, whole) = on_disk(move || last(&path)).await.map_err(failed)?;
    if seq == 0 || last.is_some_and(|c| c.seq == seq) {
        return Ok(None);
    }
    let at = rfc3339(clock.now());
    let signature = signer.sign(&message(seq, &hash, &at));
    let checkpoint = Checkpoint { seq, hash, at, public_key: signer.public_key(), signature };
    let mut line = serde_json::to_string(&checkpoint).expect("a checkpoint is plain data");
    line.push('\n');
    let path = file.to_owned();
    on_disk(move || append(&path, whole, line.as_bytes())).await.map_err(failed)?;
    Ok(Some(checkpoint))
}

/// Work that waits for the disk, beside what answers people.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(io::Error::other(e)))
}

/// Writes one line behind the first `whole` bytes, durably or not at all.
fn append(file: &Path, whole: u64, line: &[u8]) -> io::Result<()> {
    let is_new = !file.exists();
    let mut out = fs::OpenOptions::new().create(true).truncate(false).write(true).open(file)?;
    if out.metadata()?.len() != whole {
        out.set_len(whole)?;
    }
    out.seek(SeekFrom::Start(whole))?;
    if let Err(e) = out.write_all(line).and_then(|()| out.sync_data()) {
        // The next one takes away what is left of it, if this can't.
        let _ = out.set_len(whole);
        return Err(e);
    }
    if let Some(dir) = file.parent().filter(|_| is_new) {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// The last checkpoint of the file, without a look at those before it, and how many bytes are whole lines.
fn last(file: &Path) -> io::Result<(Option<Checkpoint>, u64)> {
    let mut read = match fs::File::open(file) {
        Ok(read) => read,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((None, 0)),
        Err(e) => return Err(e),
    };
    let length = read.metadata()?.len();
    let from = length.saturating_sub(TAIL);
    read.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    read.take(TAIL).read_to_end(&mut tail)?;
    let Some(end) = tail.iter().rposition(|b| *b == b'\n') else { return Ok((None, if from == 0 { 0 } else { length })) };
    let start = tail[..end].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    // What is no checkpoint is none to be the last: `read` says so when it is asked.
    Ok((serde_json::from_slice(&tail[start..end]).ok(), from + end as u64 + 1))
}

/// Reads a file of checkpoints and checks each signature, against `public_key` where that is known. A last line without its end
/// is one that a crash cut short: it is none.
pub fn read(file: &Path, public_key: Option<&str>) -> Result<Vec<Checkpoint>, CheckpointError> {
    let text = fs::read(file).map_err(|cause| CheckpointError::File { file: file.to_owned(), cause })?;
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let mut checkpoints = Vec::new();
    for (i, line) in text[..whole].split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.trim_ascii().is_empty()) {
        let malformed = || CheckpointError::Malformed { file: file.to_owned(), line: i + 1 };
        let c: Checkpoint = serde_json::from_slice(line).map_err(|_| malformed())?;
        let key = hex::decode(public_key.unwrap_or(&c.public_key)).map_err(|_| malformed())?;
        let signature = hex::decode(&c.signature).map_err(|_| malformed())?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(message(c.seq, &c.hash, &c.at).as_bytes(), &signature)
            .map_err(|_| CheckpointError::Forged { file: file.to_owned(), line: i + 1 })?;
        checkpoints.push(c);
    }
    Ok(checkpoints)
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;
    use crate::{audit::key::MasterKey, store::tests::record};

    #[tokio::test]
    async fn a_line_that_was_cut_short_is_none_and_ends_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        let (store, clock, file) = (Store::open(None, dir.path()).await.expect("opens"), Clock::manual(1_000), file_in(dir.path()));
        let signer = MasterKey::open(None, dir.path(), &store, &SystemRandom::new()).await.expect("a key").signer();
        let next = async || {
            store.append_audit(vec![record("stop")]).await.expect("written");
            write(&store, &signer, &clock, &file).await.expect("written").expect("a new one")
        };
        let mut expected = vec![next().await, next().await];
        let whole = fs::read(&file).expect("there");
        // The third one, cut at each of its bytes.
        let third = next().await;
        let all = fs::read(&file).expect("there");
        for end in whole.len()..all.len() {
            fs::write(&file, &all[..end]).expect("cut");
            assert_eq!(read(&file, Some(&signer.public_key())).expect("readable"), expected, "cut at {end}");
            let again = write(&store, &signer, &clock, &file).await.expect("written").expect("the cut one is none");
            assert_eq!(again, third);
            assert_eq!(fs::read(&file).expect("there"), all);
        }
        expected.push(third);
        assert!(write(&store, &signer, &clock, &file).await.expect("read").is_none(), "the head has its checkpoint");
        assert_eq!(read(&file, None).expect("readable"), expected);
        // A line that has its end and is no checkpoint is an error that names it.
        fs::write(&file, [&all[..], b"{}\n"].concat()).expect("written");
        assert!(matches!(read(&file, None), Err(CheckpointError::Malformed { line: 4, .. })));
    }
}
