//! Images, as far as containers run them.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::client::{Call, Client, QueryString};

/// Whether the registry has another image under the name by which a container runs one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ImageUpdate {
    /// The name that the container was made with: `registry.example.com/shop/web:1`.
    pub image: String,
    pub state: ImageState,
    pub why: Option<ImageWhy>,
    /// The engine's own words, where it could not ask.
    pub detail: Option<String>,
    /// When the registry was asked: an answer holds for some minutes.
    pub checked_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImageState {
    /// The container runs what the registry has.
    Current,
    /// The registry has another one: recreating with `pull: always` brings it.
    Newer,
    /// It can't be told.
    #[serde(other)]
    Unknown,
}

/// Why it is so, where that does not go without saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImageWhy {
    /// Current: the name holds a digest, which never means another image.
    Pinned,
    /// Unknown: it was built or loaded on its host, or is known by its id alone.
    NotFromRegistry,
    /// Unknown: its host does not have the image any more.
    ImageGone,
    /// Unknown: the registry has no such name, or does not let the host see it.
    NotInRegistry,
    /// Unknown: the registry could not be asked.
    #[serde(other)]
    NoAnswer,
}

impl Client {
    pub fn container_image_update(&self, id: &str, host_id: Option<&str>) -> Call<ImageUpdate> {
        self.get(QueryString::default().text("host_id", host_id).of(&format!("/containers/{id}/image-update")))
    }
}
