//! The audit trail.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, list::CursorPage};
use crate::client::{Call, Client, QueryString};

/// One change or refusal as people read it: the intent with its outcome, if there is one yet. `GET /audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct AuditRecord {
    /// The intent's (or single record's) place in the chain; only for those who read the whole trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    pub id: String,
    pub at: Timestamp,
    /// `user`, `token`, `system`, `command_line`, or `nobody` for refused sign-ins counted together.
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    /// The API token's name, for `token`.
    #[serde(default)]
    pub token_name: Option<String>,
    /// The address it came from; empty for the system and the command line.
    pub address: String,
    /// `container.operate`
    pub permission: String,
    /// `restart`
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    pub object_name: String,
    #[serde(default)]
    pub host_id: Option<String>,
    #[serde(default)]
    pub host_name: Option<String>,
    #[serde(default)]
    pub project_id: Option<String>,
    #[serde(default)]
    pub environment_id: Option<String>,
    /// `open`, `done`, `failed`, `not_done`, `unknown`, `refused`.
    pub outcome: String,
    #[serde(default)]
    pub outcome_at: Option<Timestamp>,
    /// What failed or why it was refused, one English sentence.
    #[serde(default)]
    pub detail: String,
    /// The reason that the person gave.
    #[serde(default)]
    pub reason: String,
    pub request_id: String,
    /// The role and scope that allowed it (`operator @ platform`).
    #[serde(default)]
    pub by_right: String,
    /// For counted records: how many.
    #[serde(default)]
    pub count: Option<i64>,
    /// Of the record, hex; only for those who read the whole trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// What `GET /audit` understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// This record alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Substring of actor, permission, action, object or address, case-insensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// RFC 3339, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// RFC 3339, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Of the last so many hours; not together with `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_hours: Option<u32>,
}

impl AuditQuery {
    fn query_string(&self) -> QueryString {
        QueryString::default()
            .text("cursor", self.cursor.as_deref())
            .number("limit", self.limit)
            .text("id", self.id.as_deref())
            .text("q", self.q.as_deref())
            .text("actor", self.actor.as_deref())
            .text("permission", self.permission.as_deref())
            .text("object_id", self.object_id.as_deref())
            .text("outcome", self.outcome.as_deref())
            .text("from", self.from.as_deref())
            .text("to", self.to.as_deref())
            .number("within_hours", self.within_hours)
    }
}

impl Client {
    pub fn audit(&self, query: &AuditQuery) -> Call<CursorPage<AuditRecord>> {
        self.get(query.query_string().of("/audit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_written_as_the_server_reads_it() {
        let text = || Some("a b".to_owned());
        let query = AuditQuery {
            cursor: text(),
            id: text(),
            limit: Some(2),
            q: text(),
            actor: text(),
            permission: text(),
            object_id: text(),
            outcome: text(),
            from: text(),
            to: text(),
            within_hours: Some(24),
        };
        crate::client::same_as_wire(&query, query.query_string());
    }
}
