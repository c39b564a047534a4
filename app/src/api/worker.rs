//! Background tasks of the console: how they do.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::client::{Call, Client};

/// `GET /workers`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Workers {
    pub items: Vec<Worker>,
}

/// One background task. It works in rounds, by time and when something wakes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Worker {
    pub name: String,
    /// A round is under way.
    pub running: bool,
    /// Rounds since the console started, and how many of them failed.
    pub rounds: u64,
    pub failures: u64,
    #[serde(default)]
    pub last_began_at: Option<Timestamp>,
    #[serde(default)]
    pub last_took_ms: Option<i64>,
    /// Whether the last round failed; the log says why.
    pub failing: bool,
    /// What the last good round did, in the worker's own words.
    #[serde(default)]
    pub report: serde_json::Value,
}

impl Client {
    /// The API's own description, OpenAPI 3.1.
    pub fn openapi(&self) -> Call<serde_json::Value> {
        self.get("/openapi.json")
    }

    pub fn workers(&self) -> Call<Workers> {
        self.get("/workers")
    }
}
