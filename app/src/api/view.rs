//! Views that a person keeps under a name: how a list was filtered, sorted and grouped.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, problem::Failure};
use crate::client::{Call, Client};

/// How many one person may keep.
pub const MOST_VIEWS: usize = 50;

/// Which page a view is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ViewPage {
    Containers,
    Logs,
}

impl ViewPage {
    /// As on the wire.
    pub fn key(self) -> &'static str {
        match self {
            Self::Containers => "containers",
            Self::Logs => "logs",
        }
    }

    /// The page's own path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Containers => "/containers",
            Self::Logs => "/logs",
        }
    }
}

/// A view that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SavedView {
    pub id: String,
    pub page: ViewPage,
    pub name: String,
    /// The page's address behind the question mark: `q=web&condition=trouble`.
    pub query: String,
    pub created_at: Timestamp,
}

/// `GET /account/views`: by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SavedViews {
    pub items: Vec<SavedView>,
}

/// `POST /account/views`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewView {
    pub page: ViewPage,
    /// 1 to 60 characters; of a page there is one of each name.
    pub name: String,
    /// As in an address, percent-encoded; at most 2,000 characters.
    pub query: String,
}

/// `PATCH /account/views/{id}`: what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeView {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

impl Client {
    pub fn saved_views(&self) -> Call<SavedViews> {
        self.get("/account/views")
    }

    pub async fn save_view(&self, request: &NewView) -> Result<SavedView, Failure> {
        self.post("/account/views", request).await
    }

    pub async fn change_view(&self, id: &str, request: &ChangeView) -> Result<SavedView, Failure> {
        self.patch(&format!("/account/views/{id}"), request).await
    }

    pub async fn delete_view(&self, id: &str) -> Result<(), Failure> {
        self.delete(&format!("/account/views/{id}")).await
    }
}
