//! The chain of audit records: what a record holds, its digest, and how a batch is appended.

use sha2::{Digest, Sha256};

use super::{StoreError, Tx, db::values};
use crate::clock::Millis;

/// A record before it has its place in the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// UUIDv7
    pub id: String,
    pub at: Millis,
    /// `intent`, `outcome`, `done` (a change of the console's own rows, committed with them), `refused`, `counted`.
    pub kind: String,
    /// Of an outcome: its intent.
    pub intent_id: Option<String>,
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    pub token_name: Option<String>,
    pub address: String,
    pub permission: String,
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    pub object_name: String,
    pub host_id: Option<String>,
    pub host_name: Option<String>,
    pub project_id: Option<String>,
    pub environment_id: Option<String>,
    /// `open` of an intent, `done`, `failed`, `not_done`, `unknown`, `refused`.
    pub outcome: String,
    pub detail: String,
    pub reason: String,
    pub request_id: String,
    pub by_right: String,
    pub count: Option<i64>,
}

/// A record in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    pub seq: i64,
    pub hash: String,
}

/// The digest of a record: SHA-256 over every field, each with its length, and the previous digest. Hex.
pub fn digest(seq: i64, draft: &Draft, prev: &str) -> String {
    let mut h = Sha256::new();
    h.update(b"ecos audit 1\n");
    let mut text = |t: &str| {
        h.update((t.len() as u64).to_be_bytes());
        h.update(t.as_bytes());
    };
    text(&seq.to_string());
    text(prev);
    text(&draft.id);
    text(&draft.at.to_string());
    for field in [
        &draft.kind,
        &draft.actor_kind,
        &draft.actor_id,
        &draft.actor_name,
        &draft.address,
        &draft.permission,
        &draft.action,
        &draft.object_kind,
        &draft.object_id,
        &draft.object_name,
        &draft.outcome,
        &draft.detail,
        &draft.reason,
        &draft.request_id,
        &draft.by_right,
    ] {
        text(field);
    }
    for field in [&draft.intent_id, &draft.token_name, &draft.host_id, &draft.host_name, &draft.project_id, &draft.environment_id] {
        match field {
            Some(t) => {
                text("1");
                text(t);
            }
            None => text("0"),
        }
    }
    text(&draft.count.map_or_else(String::new, |c| c.to_string()));
    hex::encode(h.finalize())
}

#[derive(sqlx::FromRow)]
struct Head {
    seq: i64,
    hash: String,
}

const COLUMNS: usize = 27;
/// Rows per INSERT, at most; 27 values each stay well below SQLite's 32,766 and PostgreSQL's 65,535.
const ROWS: usize = 64;

/// Appends the drafts in order, the head read and written once. Must be the transaction's last work: the head is the row
/// that all writers wait for.
pub async fn append(tx: &mut Tx, drafts: &[Draft]) -> Result<Vec<Stamped>, StoreError> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let lock = if tx.is_postgres() { " FOR UPDATE" } else { "" };
    let head: Head = tx
        .fetch_optional(&format!("SELECT seq, hash FROM audit_head WHERE id = 1{lock}"), vec![])
        .await?
        .ok_or_else(|| StoreError::Sql("the audit chain has lost its head".into()))?;
    let (mut seq, mut prev) = (head.seq, head.hash);
    let mut stamped = Vec::with_capacity(drafts.len());
    for part in by_powers_of_two(drafts) {
        let mut binds = Vec::with_capacity(part.len() * COLUMNS);
        for d in part {
            seq += 1;
            let hash = digest(seq, d, &prev);
            binds.extend(values![
                seq,
                &d.id,
                d.at,
                &d.kind,
                &d.intent_id,
                &d.actor_kind,
                &d.actor_id,
                &d.actor_name,
                &d.token_name,
                &d.address,
                &d.permission,
                &d.action,
                &d.object_kind,
                &d.object_id,
                &d.object_name,
                &d.host_id,
                &d.host_name,
                &d.project_id,
                &d.environment_id,
                &d.outcome,
                &d.detail,
                &d.reason,
                &d.request_id,
                &d.by_right,
                d.count,
                &prev,
                &hash,
            ]);
            stamped.push(Stamped { seq, hash: hash.clone() });
            prev = hash;
        }
        let sql = format!(
            "INSERT INTO audit (seq, id, at, kind, intent_id, actor_kind, actor_id, actor_name, token_name, address, permission, action, \
             object_kind, object_id, object_name, host_id, host_name, project_id, environment_id, outcome, detail, reason, request_id, \
             by_right, count, prev, hash) VALUES {}",
            tx.placeholders(part.len(), COLUMNS)
        );
        tx.execute(&sql, binds).await?;
    }
    tx.execute("UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1", values![seq, prev]).await?;
    Ok(stamped)
}

/// Cuts what is inserted into pieces of 64, 32, 16 … so that there are few statements, and these stay prepared.
pub fn by_powers_of_two<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let most = rows.len().min(ROWS).checked_ilog2()?;
        let (part, rest) = rows.split_at(1 << most);
        rows = rest;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_powers_of_two_and_lose_nothing() {
        for n in [0, 1, 2, 3, 37, 64, 65, 200] {
            let rows: Vec<usize> = (0..n).collect();
            let parts: Vec<&[usize]> = by_powers_of_two(&rows).collect();
            assert!(parts.iter().all(|p| p.len().is_power_of_two() && p.len() <= ROWS));
            assert_eq!(parts.concat(), rows);
        }
        let lengths: Vec<usize> = by_powers_of_two(&[0; 101]).map(<[_]>::len).collect();
        assert_eq!(lengths, [64, 32, 4, 1]);
    }
}
