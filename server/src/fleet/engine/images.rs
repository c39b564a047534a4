//! Images of a host, as far as making containers needs them: whether one is there, and fetching it from its registry.

use std::collections::BTreeMap;

use app::api::{operation::Layer, spec::ImageFacts};
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt as _;
use serde_json::Value;

use super::Engine;
use crate::{
    audit::Intent,
    auth::Permission,
    fleet::{
        connector::{Fault, tidy},
        error::{EngineError, is_disk_full},
        events::{By, ours::Deed},
        policy::Wanted,
        text,
    },
};

/// An image as the host has it.
#[derive(Clone, Debug)]
pub struct Image {
    pub facts: ImageFacts,
    /// Its whole inspection.
    pub(in crate::fleet) inspection: Value,
}

impl Image {
    /// Under which it is known in registries; none where it never was in one.
    pub(super) fn digests(&self) -> Vec<String> {
        let digests = self.inspection.get("RepoDigests").and_then(Value::as_array);
        let digests = digests.into_iter().flatten().filter_map(|d| d.as_str()?.split_once('@'));
        digests.map(|(_, digest)| digest.to_owned()).collect()
    }

    /// Targets of its own volumes.
    pub fn volumes(&self) -> Vec<String> {
        let volumes = self.inspection.pointer("/Config/Volumes").and_then(Value::as_object);
        volumes.into_iter().flatten().map(|(path, _)| path.clone()).collect()
    }
}

/// Layers that are told of while an image is fetched.
const LAYERS: usize = 200;

impl Engine {
    /// The image of this reference; `None` where the host does not have it.
    pub async fn image(&self, reference: &str) -> Result<Option<Image>, EngineError> {
        self.answers()?;
        if !is_reference(reference) {
            return Err(EngineError::ImageNotFound(text::short(reference, 200)));
        }
        let inspection: Value = match self.host.link.get_json(&format!("/images/{reference}/json")).await {
            Ok(inspection) => inspection,
            Err(Fault::Status { status: 404, .. }) => return Ok(None),
            Err(fault) => return Err(EngineError::of_container(fault)),
        };
        let at = |key: &str| inspection.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let digest = inspection.pointer("/RepoDigests/0").and_then(Value::as_str).map(|d| text::short(d, text::LONG));
        let size = inspection.get("Size").and_then(Value::as_u64).unwrap_or_default();
        Ok(Some(Image { facts: ImageFacts { id: text::short(&at("Id"), text::LONG), size, digest }, inspection }))
    }

    /// Fetches an image; `tell` hears of its layers as they come. Given up when it is dropped: the engine ends it then, too.
    pub async fn pull<P: Permission>(
        &self,
        intent: &Intent<P>,
        reference: &str,
        mut tell: impl FnMut(&[Layer]),
    ) -> Result<(), EngineError> {
        self.answers()?;
        let by = By { intent_id: intent.id().to_owned(), actor_name: intent.actor_name().to_owned() };
        let _ours = self.host.ours.register(&tagged(reference), Deed::Pull, by);
        let options = CreateImageOptionsBuilder::default().from_image(&tagged(reference)).build();
        let mut stream = std::pin::pin!(self.host.link.docker().create_image(Some(options), None, None));
        let mut layers = Layers::default();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(not_pulled)?;
            if let Some(error) = piece.error_detail.and_then(|e| e.message) {
                return Err(pull_said(&error));
            }
            let (current, total) = piece.progress_detail.map_or((None, None), |p| (p.current, p.total));
            let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
            if layers.hear(piece.id.as_deref(), piece.status.as_deref().unwrap_or_default(), number(current), number(total)) {
                tell(&layers.list);
            }
        }
        Ok(())
    }

    /// What this host has to choose from: images, networks, volumes with the moment of each one's making.
    pub async fn stock(&self) -> Result<Stock, EngineError> {
        self.answers()?;
        let get = |path: &'static str| async move { self.host.link.get_json::<Value>(path).await.map_err(EngineError::of_container) };
        let (images, networks, volumes) = tokio::try_join!(get("/images/json"), get("/networks"), get("/volumes"))?;
        let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let named = |item: &Value| {
            let at = |key: &str| item.get(key).and_then(Value::as_str);
            let created = at("CreatedAt").or_else(|| at("Created")).and_then(crate::clock::parse_rfc3339).unwrap_or_default();
            Some((text::short(at("Name")?, text::LONG), created / 1_000 * 1_000))
        };
        let tags = |image: &Value| image.get("RepoTags").and_then(Value::as_array).cloned().unwrap_or_default();
        let found = items(&images);
        let tags = found.iter().flat_map(tags).filter_map(|t| t.as_str().map(str::to_owned)).filter(|t| t != "<none>:<none>");
        let mut images: Vec<String> = tags.take(ITEMS).collect();
        images.sort();
        Ok(Stock {
            images,
            networks: items(&networks).iter().take(ITEMS).filter_map(named).collect(),
            volumes: items(volumes.get("Volumes").unwrap_or(&Value::Null)).iter().take(ITEMS).filter_map(named).collect(),
        })
    }

    /// Networks and volumes of these names, with the moment of each one's making; what is not there is left out.
    pub async fn named(&self, wanted: &Wanted) -> Result<Named, EngineError> {
        let mut named = Named::default();
        for network in wanted.networks.iter().map(|n| n.name.clone()).filter(|n| super::super::plan::is_own_network(n)) {
            if let Some((id, at)) = self.made_at(&format!("/networks/{network}"), &network, "Created").await? {
                named.networks.insert(network, (id, at));
            }
        }
        for volume in wanted.named_volumes() {
            if let Some((_, at)) = self.made_at(&format!("/volumes/{volume}"), &volume, "CreatedAt").await? {
                named.volumes.insert(volume, at);
            }
        }
        Ok(named)
    }

    async fn made_at(&self, path: &str, name: &str, field: &str) -> Result<Option<(String, i64)>, EngineError> {
        if !text::is_id(name) {
            return Ok(None);
        }
        let value: Value = match self.host.link.get_json(path).await {
            Ok(value) => value,
            Err(Fault::Status { status: 404, .. }) => return Ok(None),
            Err(fault) => return Err(EngineError::of_container(fault)),
        };
        let at = value.get(field).and_then(Value::as_str).and_then(crate::clock::parse_rfc3339).unwrap_or_default();
        let id = value.get("Id").and_then(Value::as_str).unwrap_or_default();
        Ok(Some((text::short(id, text::LONG), at / 1_000 * 1_000)))
    }
}

/// The most of each kind that is told.
const ITEMS: usize = 2_000;

/// What a host has.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// References with tags.
    pub images: Vec<String>,
    /// Name, and the moment of its making in whole seconds.
    pub networks: Vec<(String, i64)>,
    pub volumes: Vec<(String, i64)>,
}

/// What of the names that a container asks for is there.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Id and moment of making.
    pub networks: BTreeMap<String, (String, i64)>,
    pub volumes: BTreeMap<String, i64>,
}

/// Whether it can be an image's reference, and stand in an address as it is.
pub fn is_reference(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    (1..=400).contains(&text.len())
        && text.chars().all(part)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains("..")
        && !text.contains("//")
}

/// With the tag that is meant where none is named: without one an engine would fetch all there are.
pub fn tagged(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) { reference.to_owned() } else { format!("{reference}:latest") }
}

/// What stands against an image, in the engine's words.
fn pull_said(words: &str) -> EngineError {
    if is_disk_full(words) { EngineError::DiskFull(tidy(words)) } else { EngineError::PullFailed(tidy(words)) }
}

fn not_pulled(error: bollard::errors::Error) -> EngineError {
    // Said in the midst of its answer: the engine is well, the registry is not.
    if let bollard::errors::Error::DockerStreamError { error } = error {
        return pull_said(&error);
    }
    match Fault::from(error) {
        Fault::Status { message, .. } => pull_said(&message),
        Fault::Timeout => EngineError::Timeout,
        fault => EngineError::Unreachable(fault),
    }
}

#[derive(Default)]
struct Layers {
    list: Vec<Layer>,
}

impl Layers {
    /// Whether something is new.
    fn hear(&mut self, id: Option<&str>, status: &str, current: Option<u64>, total: Option<u64>) -> bool {
        // A layer is named by twelve digits; what else has an id is the tag.
        let Some(id) = id.filter(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit())) else { return false };
        let at = match self.list.iter().position(|l| l.id == id) {
            Some(at) => at,
            None if self.list.len() < LAYERS => {
                self.list.push(Layer { id: id.to_owned(), ..Layer::default() });
                self.list.len() - 1
            }
            None => return false,
        };
        let layer = &mut self.list[at];
        let state = match status {
            "Downloading" => "downloading",
            "Extracting" => "extracting",
            "Pull complete" | "Already exists" => "done",
            "Download complete" | "Verifying Checksum" => "downloaded",
            _ => "waiting",
        };
        let now = Layer { id: layer.id.clone(), state: state.to_owned(), current: current.or(layer.current), total: total.or(layer.total) };
        let new = *layer != now;
        *layer = now;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stay_in_their_place() {
        for good in ["nginx", "nginx:1.27", "registry.example.com:5000/pay/web@sha256:ab", "localhost:5000/a_b"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["", "../x", "a b", "a?x=1", "/a", "a//b", "a#b", "http://x/y", "ä"] {
            assert!(!is_reference(bad), "{bad}");
        }
        assert_eq!(
            ["nginx", "nginx:1", "h:5000/nginx", "a@sha256:b"].map(tagged),
            ["nginx:latest", "nginx:1", "h:5000/nginx:latest", "a@sha256:b"]
        );
    }

    #[test]
    fn layers_go_from_waiting_to_done() {
        let mut layers = Layers::default();
        assert!(!layers.hear(Some("latest"), "Pulling from library/nginx", None, None));
        assert!(layers.hear(Some("0123456789ab"), "Pulling fs layer", None, None));
        assert!(layers.hear(Some("0123456789ab"), "Downloading", Some(5), Some(10)));
        assert!(!layers.hear(Some("0123456789ab"), "Downloading", Some(5), Some(10)));
        assert!(layers.hear(Some("0123456789ab"), "Pull complete", None, None));
        assert_eq!(layers.list, [Layer { id: "0123456789ab".into(), state: "done".into(), current: Some(5), total: Some(10) }]);
    }
}
