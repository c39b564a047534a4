//! Files of a container: folders, small text, downloads, uploads. All of it wants `container.exec`, and goes past gate and policy.

mod download;
mod list;
mod upload;

#[cfg(test)]
mod tests;

pub use download::{docs as download_docs, download};
pub use list::{docs as list_docs, list};
pub use upload::{docs as upload_docs, upload};

use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{fleet::engine::files::FilePath, http::problem::Problem};

/// Where.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// The host's id; needed only where two hosts have a container of this id.
    #[serde(default)]
    host_id: Option<String>,
    /// Absolute, in the container.
    path: String,
}

fn path(text: &str) -> Result<FilePath, Problem> {
    FilePath::parse(text).ok_or_else(|| Problem::bad_parameter("path", "invalid", "An absolute path of at most 4,096 bytes."))
}

/// Names a content.
fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(bytes)[..16]))
}
