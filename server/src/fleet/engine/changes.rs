//! What of a container's files differs from its image.

use app::api::stats::{FileChange, FileChanges};
use serde::Deserialize;

use super::Engine;
use crate::{
    auth::{Permitted, permission::container::Exec},
    fleet::{
        error::EngineError,
        text::{LONG, short},
    },
};

/// Paths that are told, at most.
const MOST: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    path: String,
    kind: u8,
}

impl Engine {
    /// The names of files say what is in a container, so that they want the right to go in.
    pub async fn file_changes(&self, permitted: &Permitted<Exec>, id: &str) -> Result<FileChanges, EngineError> {
        self.readable(permitted, id)?;
        let wire: Option<Vec<Wire>> =
            self.host.link.get_json(&format!("/containers/{id}/changes")).await.map_err(EngineError::of_container)?;
        let wire = wire.unwrap_or_default();
        let truncated = wire.len() > MOST;
        let change = |Wire { path, kind }| {
            let kind = match kind {
                1 => "added",
                2 => "deleted",
                _ => "modified",
            };
            FileChange { path: short(&path, LONG), kind: kind.to_owned() }
        };
        Ok(FileChanges { items: wire.into_iter().take(MOST).map(change).collect(), truncated })
    }
}
