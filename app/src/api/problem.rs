//! Errors on the wire: RFC 9457 problems.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every refused or failed request answers with, as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Problem {
    /// `about:blank`, or a reference that explains the problem type.
    pub r#type: String,
    /// The status in words, English.
    pub title: String,
    /// The HTTP status code, repeated.
    pub status: u16,
    /// Stable and machine-readable, in `snake_case` (`container_not_found`); the page shows it in the reader's language.
    pub code: String,
    /// One English sentence about this occurrence. Never internals.
    pub detail: String,
    /// What is wrong with which field, for 400 and 422.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The same id as in the server's log and in the `x-request-id` header.
    pub request_id: String,
}

/// One refused field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FieldError {
    /// The full path: `limits.cpus`, `ports[0].host_port`, or the query parameter's name.
    pub field: String,
    /// Stable and machine-readable: `unknown_field`, `wrong_type`, `missing`, `out_of_range`, `invalid`.
    pub code: String,
    /// One English sentence.
    pub detail: String,
}

/// Why a call of the typed client did not bring what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Not there within the page's 300 ms on the server: the browser fetches it. Shown as the skeleton.
    Later,
    /// The server could not be reached, or the connection ended in the middle.
    Offline,
    /// The server answered with a problem.
    Problem(Box<Problem>),
    /// The answer was not what the contract says.
    Malformed(String),
}

impl Failure {
    /// The problem's code, if there is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(p) => Some(&p.code),
            _ => None,
        }
    }

    /// The problem's HTTP status, if there is one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(p) => Some(p.status),
            _ => None,
        }
    }
}
