//! One's own account: language, theme, password, sessions.

use std::collections::{BTreeMap, BTreeSet};

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, problem::Failure};
use crate::client::{Call, Client};

/// `GET /account`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Account {
    pub id: String,
    pub username: String,
    /// `en` or `zh-CN`; absent until chosen.
    #[serde(default)]
    pub language: Option<String>,
    /// `light`, `dark` or `system`.
    pub theme: String,
    pub created_at: Timestamp,
    pub password_changed_at: Timestamp,
    /// The roles held and where, in words the page shows as they are (`platform-admin`, scope).
    pub roles: Vec<HeldRole>,
    /// Columns and the like, kept per person: a JSON object of at most 64 KiB. Of the console's own pages:
    /// `columns:containers`, the keys of the columns that are hidden.
    #[serde(default)]
    pub preferences: serde_json::Value,
}

/// A role somebody holds, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HeldRole {
    pub role: String,
    /// `platform`, `environment`, `project` or `project@environment`.
    pub scope: String,
    #[serde(default)]
    pub project_name: Option<String>,
    #[serde(default)]
    pub environment_name: Option<String>,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// `PATCH /account`: what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// An object: each of its names replaces what was kept under that name, `null` takes it away; other names stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<serde_json::Value>,
}

/// Of [`UpdateAccount`], what the frame changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Appearance {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<&'static str>,
}

/// `PUT /account/password`: ends all other sessions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    pub current_password: String,
    /// 12 to 1,024 characters.
    pub new_password: String,
}

/// One of one's own sessions: `GET /account/sessions`, ended by `DELETE /account/sessions/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct OwnSession {
    pub id: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub address: String,
    #[serde(default)]
    pub user_agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET /account/sessions`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct OwnSessions {
    pub items: Vec<OwnSession>,
}

impl Client {
    pub fn account(&self) -> Call<Account> {
        self.get("/account")
    }

    pub async fn update_account(&self, request: &UpdateAccount) -> Result<Account, Failure> {
        self.patch("/account", request).await
    }

    /// Keeps language or theme.
    pub async fn update_appearance(&self, appearance: &Appearance) -> Result<(), Failure> {
        self.patch_only("/account", appearance).await
    }

    /// Keeps which columns of a table are hidden; `None`: as at first.
    pub async fn update_columns(&self, table: &str, hidden: Option<&BTreeSet<String>>) -> Result<(), Failure> {
        let columns = BTreeMap::from([(format!("columns:{table}"), hidden)]);
        self.patch_only("/account", &BTreeMap::from([("preferences", columns)])).await
    }

    pub async fn change_password(&self, request: &ChangePassword) -> Result<(), Failure> {
        self.put("/account/password", request).await
    }

    pub fn own_sessions(&self) -> Call<OwnSessions> {
        self.get("/account/sessions")
    }

    pub async fn end_session(&self, id: &str) -> Result<(), Failure> {
        self.delete(&format!("/account/sessions/{id}")).await
    }
}
