//! Operations: long work that outlives the page that asked for it.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, list::CursorPage, problem::Failure};
use crate::client::{Call, Client, QueryString};

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    Running,
    /// All of it was done.
    Succeeded,
    /// Some items failed.
    Failed,
    Cancelled,
    /// The console ended in the middle, and what became of it is told per item.
    Interrupted,
}

/// `GET /operations/{id}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Operation {
    pub id: String,
    /// `container.restart`
    pub kind: String,
    pub state: OperationState,
    pub actor_name: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Of `total` items.
    pub done: u32,
    pub total: u32,
    pub items: Vec<OperationItem>,
    /// What happened, oldest first, at most the last 1,000 lines.
    #[serde(default)]
    pub log: Vec<String>,
    /// Of an image that is fetched, while it is.
    #[serde(default)]
    pub layers: Vec<Layer>,
    /// Whether the asking person may cancel it now.
    #[serde(default)]
    pub cancellable: bool,
}

/// A layer of an image on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Layer {
    /// Twelve hexadecimal digits.
    pub id: String,
    /// `waiting`, `downloading`, `downloaded`, `extracting`, `done`.
    pub state: String,
    /// Bytes of what it does now.
    #[serde(default)]
    pub current: Option<u64>,
    #[serde(default)]
    pub total: Option<u64>,
}

/// `GET /operations`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<OperationState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// 1 to 100, 20 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

impl OperationState {
    /// As on the wire.
    pub fn key(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
}

/// One object of an operation and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct OperationItem {
    pub object_id: String,
    pub object_name: String,
    /// `waiting`, `running`, `done`, `failed`, `not_done`, `unknown`.
    pub state: String,
    /// The problem's code and detail, if it failed.
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub detail: Option<String>,
}

/// The body of what takes none.
#[derive(Serialize)]
struct Nothing {}

impl Client {
    pub fn operation(&self, id: &str) -> Call<Operation> {
        self.get(format!("/operations/{id}"))
    }

    pub fn operations(&self, query: &OperationQuery) -> Call<CursorPage<Operation>> {
        let query = QueryString::default()
            .text("state", query.state.map(OperationState::key))
            .text("cursor", query.cursor.as_deref())
            .number("limit", query.limit);
        self.get(query.of("/operations"))
    }

    pub async fn cancel_operation(&self, id: &str) -> Result<Operation, Failure> {
        self.post(&format!("/operations/{id}/cancel"), &Nothing {}).await
    }
}
