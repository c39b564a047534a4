//! Signing in and out, and step-up.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, problem::Failure};
use crate::client::{Call, Client};

/// `POST /session`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub username: String,
    pub password: String,
}

/// `POST /session/step-up`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    pub password: String,
}

/// Who is signed in, and what they may do: `GET /session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Session {
    pub user_id: String,
    pub username: String,
    /// `en` or `zh-CN`; absent until chosen.
    #[serde(default)]
    pub language: Option<String>,
    /// `light`, `dark` or `system`.
    pub theme: String,
    /// Permissions held in any scope (`container.read`): for navigation only, the server decides each call.
    pub permissions: Vec<String>,
    /// Whether these hold on the whole platform (a person of one project sees no platform-wide entries).
    pub platform: bool,
    /// Until when the password need not be given again for what wants step-up.
    #[serde(default)]
    pub step_up_until: Option<Timestamp>,
    /// Whether this answer belongs to a browser session (`session`) or an API token (`token`).
    pub via: String,
}

impl Session {
    /// Whether the permission is held anywhere. Decides what is shown, never what is done.
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|p| p == permission)
    }
}

impl Client {
    /// Who is signed in. 401 for nobody.
    pub fn session(&self) -> Call<Session> {
        self.get("/session")
    }

    pub async fn sign_in(&self, request: &SignIn) -> Result<Session, Failure> {
        self.post("/session", request).await
    }

    pub async fn sign_out(&self) -> Result<(), Failure> {
        self.delete("/session").await
    }

    pub async fn step_up(&self, request: &StepUp) -> Result<Session, Failure> {
        self.post("/session/step-up", request).await
    }
}
