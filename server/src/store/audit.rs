//! Reading the trail: pages for people, and the chain for its check.

use super::{Draft, Store, StoreError, Value, chain::Stamped, db::values, writer::Append};
use crate::{
    auth::{Scope, Visible, permission::audit},
    clock::Millis,
};

/// What of the trail is wanted. Everything `None`: all of it, newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Records older than the one of this id.
    pub before: Option<String>,
    pub limit: u32,
    /// This one alone.
    pub id: Option<String>,
    /// Each must be somewhere in the record.
    pub words: Vec<String>,
    pub actor: Option<String>,
    pub permission: Option<String>,
    pub object_id: Option<String>,
    pub outcome: Option<String>,
    pub from: Option<Millis>,
    pub to: Option<Millis>,
}

/// A record with its outcome, if it has one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditRow {
    #[sqlx(flatten)]
    pub record: Record,
    pub final_outcome: String,
    pub final_detail: String,
    pub outcome_at: Option<Millis>,
}

/// A record of the chain as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Record {
    pub seq: i64,
    pub id: String,
    pub at: Millis,
    pub kind: String,
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
    pub outcome: String,
    pub detail: String,
    pub reason: String,
    pub request_id: String,
    pub by_right: String,
    pub count: Option<i64>,
    pub prev: String,
    pub hash: String,
}

impl Record {
    /// What its digest covers.
    pub fn draft(&self) -> Draft {
        let r = self.clone();
        Draft {
            id: r.id,
            at: r.at,
            kind: r.kind,
            intent_id: r.intent_id,
            actor_kind: r.actor_kind,
            actor_id: r.actor_id,
            actor_name: r.actor_name,
            token_name: r.token_name,
            address: r.address,
            permission: r.permission,
            action: r.action,
            object_kind: r.object_kind,
            object_id: r.object_id,
            object_name: r.object_name,
            host_id: r.host_id,
            host_name: r.host_name,
            project_id: r.project_id,
            environment_id: r.environment_id,
            outcome: r.outcome,
            detail: r.detail,
            reason: r.reason,
            request_id: r.request_id,
            by_right: r.by_right,
            count: r.count,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Head {
    seq: i64,
    hash: String,
}

/// A growing WHERE clause with its values.
#[derive(Default)]
pub(super) struct Where {
    clauses: Vec<String>,
    pub values: Vec<Value>,
}

impl Where {
    /// `$` in the clause stands for the value.
    pub fn and(&mut self, clause: &str, value: impl Into<Value>) {
        self.and_all(clause, vec![value.into()]);
    }

    /// The n-th `$` in the clause stands for the n-th value.
    pub fn and_all(&mut self, clause: &str, values: Vec<Value>) {
        let mut parts = clause.split('$');
        let mut sql = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            self.values.push(value);
            sql.push('$');
            sql.push_str(&self.values.len().to_string());
            sql.push_str(part);
        }
        self.clauses.push(sql);
    }

    /// Only rows in scopes; `prefix` is the table's alias with its dot.
    pub fn scoped(&mut self, prefix: &str, scopes: &[Scope]) {
        let mut any = Vec::new();
        for scope in scopes {
            let mut equals = |column: &str, id: &String| {
                self.values.push(Value::from(id));
                format!("{prefix}{column} = ${}", self.values.len())
            };
            any.push(match scope {
                Scope::Platform => return,
                Scope::Environment(e) => equals("environment_id", e),
                Scope::Project(p) => equals("project_id", p),
                Scope::ProjectAt { project, environment } => {
                    let p = equals("project_id", project);
                    format!("({p} AND {})", equals("environment_id", environment))
                }
            });
        }
        self.clauses.push(if any.is_empty() { "1 = 0".to_owned() } else { format!("({})", any.join(" OR ")) });
    }

    pub fn sql(&self) -> String {
        if self.clauses.is_empty() { String::new() } else { format!("WHERE {}", self.clauses.join(" AND ")) }
    }
}

/// For LIKE with `ESCAPE '\'`: the text anywhere, its wildcards taken literally.
pub(super) fn contains(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

impl Store {
    /// Every record that this process appends, once it is committed.
    pub fn appended(&self) -> tokio::sync::broadcast::Receiver<super::Appended> {
        self.state.write.appended()
    }

    /// Appends records alone.
    pub async fn append_audit(&self, drafts: Vec<Draft>) -> Result<Vec<Stamped>, StoreError> {
        self.state.write.append(Append { drafts, ..Append::default() }).await
    }

    /// Appends an intent and remembers it as open.
    pub async fn open_intent(&self, draft: Draft, open: super::intent::OpenIntent) -> Result<Vec<Stamped>, StoreError> {
        self.state.write.append(Append { drafts: vec![draft], opens: Some(open), closes: None }).await
    }

    /// Appends an outcome and closes its intent. One that is closed already keeps the outcome that it has: nothing is appended then.
    pub async fn close_intent(&self, draft: Draft, intent_id: &str) -> Result<Vec<Stamped>, StoreError> {
        self.state.write.append(Append { drafts: vec![draft], opens: None, closes: Some(intent_id.to_owned()) }).await
    }

    /// A page of the trail, newest first.
    pub async fn audit_page(&self, visible: &Visible<audit::Read>, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let mut w = Where::default();
        w.and("a.kind <> $", "outcome");
        w.scoped("a.", visible.scopes());
        if let Some(before) = &filter.before {
            w.and("a.seq < (SELECT seq FROM audit WHERE id = $)", before);
        }
        if let Some(id) = &filter.id {
            w.and("a.id = $", id);
        }
        if let Some(actor) = &filter.actor {
            w.and("lower(a.actor_name) = lower($)", actor);
        }
        if let Some(permission) = &filter.permission {
            w.and("a.permission = $", permission);
        }
        if let Some(id) = &filter.object_id {
            w.and("a.object_id = $", id);
        }
        if let Some(outcome) = &filter.outcome {
            w.and("COALESCE(o.outcome, a.outcome) = $", outcome);
        }
        if let Some(from) = filter.from {
            w.and("a.at >= $", from);
        }
        if let Some(to) = filter.to {
            w.and("a.at < $", to);
        }
        for word in &filter.words {
            let text = "a.actor_name || ' ' || a.permission || ' ' || a.action || ' ' || a.object_name || ' ' || a.object_id || ' ' || \
                        COALESCE(a.host_name, '') || ' ' || a.address || ' ' || a.detail || ' ' || a.reason || ' ' || a.request_id";
            w.and(&format!("lower({text}) LIKE $ ESCAPE '\\'"), contains(word));
        }
        let sql = format!(
            "SELECT a.*, COALESCE(o.outcome, a.outcome) AS final_outcome, COALESCE(NULLIF(o.detail, ''), a.detail) AS final_detail, o.at AS outcome_at \
             FROM audit a LEFT JOIN audit o ON o.intent_id = a.id AND o.kind = 'outcome' {} ORDER BY a.seq DESC LIMIT {}",
            w.sql(),
            filter.limit
        );
        self.state.read.fetch_all(&sql, w.values).await
    }

    /// The chain's head: place and digest of the last record.
    pub async fn audit_head(&self) -> Result<(i64, String), StoreError> {
        Ok(self.audit_head_row().await?.unwrap_or_default())
    }

    /// The same; `None`: the row is missing, which is there from the beginning.
    pub async fn audit_head_row(&self) -> Result<Option<(i64, String)>, StoreError> {
        let head: Option<Head> = self.state.read.fetch_optional("SELECT seq, hash FROM audit_head WHERE id = 1", vec![]).await?;
        Ok(head.map(|h| (h.seq, h.hash)))
    }

    /// Records in order from a place on, for checking the chain.
    pub async fn audit_records(&self, from: i64, limit: u32) -> Result<Vec<Record>, StoreError> {
        let sql = format!("SELECT * FROM audit WHERE seq >= $1 ORDER BY seq LIMIT {limit}");
        self.state.read.fetch_all(&sql, values![from]).await
    }
}
