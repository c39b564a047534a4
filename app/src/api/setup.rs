//! The first account, made with the one-time link that the first start prints.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{problem::Failure, session::Session};
use crate::client::{Call, Client};

/// Whether the console still waits for its first account: `GET /setup`. Open to everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SetupState {
    pub needed: bool,
}

/// `POST /setup`: makes the first account, a platform administrator, and signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The one-time token from the link's fragment.
    pub token: String,
    /// 2 to 64 of `a-z A-Z 0-9 . _ -`, beginning with a letter or digit.
    pub username: String,
    /// 12 to 1,024 characters.
    pub password: String,
    #[serde(default)]
    pub language: Option<String>,
}

impl Client {
    pub fn setup_state(&self) -> Call<SetupState> {
        self.get("/setup")
    }

    pub async fn setup(&self, request: &Setup) -> Result<Session, Failure> {
        self.post("/setup", request).await
    }
}
