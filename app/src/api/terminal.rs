//! Terminals: `GET /containers/{id}/shells`, and the frames of `GET /containers/{id}/terminal`. Binary frames are bytes of the terminal in
//! both directions, text frames are these.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{Call, Client};

/// What a terminal in a container can be opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Shells {
    /// The container's own, the best first: `/bin/bash`. None: it has no shell.
    pub shells: Vec<String>,
    /// Whether the console can put a helper with a shell beside it.
    pub helper: bool,
    /// Whom the container runs as; empty: root.
    pub user: String,
    /// Until when the password need not be given again.
    #[serde(default)]
    pub step_up_until: Option<super::Timestamp>,
}

/// What the browser says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TerminalOrder {
    /// The window has another size, in characters.
    Resize { cols: u16, rows: u16 },
    /// So many bytes of all that the terminal wrote are processed: more may come. Only where `counts=true` was asked for.
    Processed { bytes: u64 },
    /// End it now, and all that it began.
    End,
}

/// What the server says: `hello` first, then `ended` or `refused` last. One flat record: fields stand where they mean something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct TerminalWord {
    /// `hello`, `ended`, `refused`.
    pub r#type: String,
    /// Of `hello`: the terminal's id, for `resume`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Of `hello`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shell: String,
    /// Of `hello`: empty where it is the container's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Of `hello`: where the first byte that follows stands in all that the terminal wrote.
    #[serde(default)]
    pub at: u64,
    /// Of `hello`: bytes before it that are gone.
    #[serde(default)]
    pub missed: u64,
    /// Of `hello`: for how many seconds it is held without a connection.
    #[serde(default)]
    pub held: u32,
    /// Of `ended`: `exited`, `container_stopped`, `closed`, `revoked`, `abandoned`, `idle`, `closing`, `lost`, `taken`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Of `ended`, where the shell has exited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// Of `refused`: as in a problem.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Of `refused`: one English sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Client {
    /// What a terminal can be opened with. Wants `container.exec` and step-up.
    pub fn container_shells(&self, id: &str) -> Call<Shells> {
        self.get(format!("/containers/{id}/shells"))
    }
}
