//! Checking the chain: `ecos audit verify [--anchor FILE]`.

use std::collections::HashMap;

use super::checkpoint::Checkpoint;
use crate::store::{Store, StoreError, digest};

/// Records read at once.
const PAGE: u32 = 1000;

/// What the check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every record is in place. `anchored` is the place of the last checkpoint that was compared.
    Whole { records: i64, anchored: Option<i64> },
    /// The first bad record.
    Broken { seq: i64, what: Damage },
}

/// How a record is bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The record does not have the digest that it had.
    Edited,
    /// The record at this place is gone.
    Removed,
    /// The record does not follow the one before it.
    Reordered,
    /// The chain ends before its head or a checkpoint says.
    Cut { expected: i64 },
    /// The chain's head, which every record moves on, is missing or behind the last record.
    Headless,
    /// The record is whole, but not the one that a checkpoint signed: the chain was written anew.
    Rewritten,
}

impl Verdict {
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Whole { .. })
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole { records, anchored: Some(place) } => write!(
                f,
                "The chain is whole: {records} records, as signed up to #{place}. Records after #{place} may have been cut off or written anew without a trace here."
            ),
            Self::Whole { records, anchored: None } => write!(
                f,
                "The chain is whole in itself: {records} records. Without a checkpoint (--anchor FILE) a cut tail or a chain written anew cannot be excluded."
            ),
            Self::Broken { seq, what } => match what {
                Damage::Edited => write!(f, "Record #{seq} was edited."),
                Damage::Removed => write!(f, "Record #{seq} was removed."),
                Damage::Reordered => write!(f, "Record #{seq} is out of order."),
                Damage::Cut { expected } => {
                    write!(f, "The chain is cut: record #{seq} is the first one missing, it had at least {expected}.")
                }
                Damage::Headless => write!(f, "The chain's head does not know of record #{seq}: it was set back or taken away."),
                Damage::Rewritten => write!(f, "Record #{seq} is not the one that was signed: the chain was written anew."),
            },
        }
    }
}

/// Walks the whole chain and compares it with the checkpoints given (already checked for their signatures).
pub async fn verify(store: &Store, anchors: &[Checkpoint]) -> Result<Verdict, StoreError> {
    let mut prev = String::new();
    let mut next = 1;
    let mut anchored = None;
    let mut signed: HashMap<i64, Vec<&str>> = HashMap::new();
    for anchor in anchors {
        signed.entry(anchor.seq).or_default().push(&anchor.hash);
    }
    // A record written meanwhile only moves the head on: read it first.
    let Some((head_seq, head_hash)) = store.audit_head_row().await? else {
        return Ok(Verdict::Broken { seq: 1, what: Damage::Headless });
    };
    loop {
        let page = store.audit_records(next, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for record in &page {
            let broken = |what| Ok(Verdict::Broken { seq: next, what });
            if record.seq != next {
                return broken(Damage::Removed);
            }
            if record.prev != prev {
                return broken(Damage::Reordered);
            }
            if digest(record.seq, &record.draft(), &record.prev) != record.hash {
                return broken(Damage::Edited);
            }
            if let Some(hashes) = signed.get(&next) {
                if hashes.iter().any(|hash| *hash != record.hash) {
                    return broken(Damage::Rewritten);
                }
                anchored = Some(next);
            }
            if next == head_seq && record.hash != head_hash {
                return broken(Damage::Rewritten);
            }
            prev.clone_from(&record.hash);
            next += 1;
        }
    }
    let expected = anchors.iter().map(|a| a.seq).max().unwrap_or(0).max(head_seq);
    if next - 1 < expected {
        return Ok(Verdict::Broken { seq: next, what: Damage::Cut { expected } });
    }
    // Each record moves the head on in its own transaction: by now it is where they are, or beyond.
    let (reached, _) = store.audit_head_row().await?.unwrap_or_default();
    if reached < next - 1 {
        return Ok(Verdict::Broken { seq: reached + 1, what: Damage::Headless });
    }
    Ok(Verdict::Whole { records: next - 1, anchored })
}
