//! A container that is to be made, in the engine's own fields: built field by field from a request, or from the inspection of one that is
//! there. The policy judges the plan as if it were inspected already, and only a judged plan can be made.

mod changed;
mod compose;
mod inspected;
mod requested;
mod settings;

pub use compose::{Service, file as compose_file};
pub use requested::nano;

use std::collections::BTreeMap;

use bollard::models::ContainerCreateBody;
use serde_json::{Map, Value, json};

use super::{
    error::EngineError,
    policy::{Wanted, WantedVolume},
};

/// Labels that the console alone sets; they begin so.
pub const OWN_LABELS: &str = "ecos.";

/// What is to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub host_id: String,
    /// The engine's name.
    pub name: String,
    pub image: String,
    /// The engine's `Config`.
    config: Map<String, Value>,
    /// The engine's `HostConfig`.
    host_config: Map<String, Value>,
    /// Networks that it joins, the first one at its making, with the engine's `EndpointSettings` of each.
    networks: Vec<(String, Value)>,
}

impl Plan {
    /// As the engine would tell of it: what the policy reads. `image_volumes` are the image's own.
    pub fn as_inspection(&self, image_volumes: &[String]) -> Value {
        let mut config = self.config.clone();
        config.insert("Image".into(), json!(self.image));
        let volumes = config.entry("Volumes").or_insert_with(|| json!({}));
        for path in image_volumes {
            volumes[path] = json!({});
        }
        let networks: Map<String, Value> = self.networks.iter().cloned().collect();
        json!({ "Name": self.name, "Config": config, "HostConfig": self.host_config, "NetworkSettings": { "Networks": networks } })
    }

    pub fn wanted(&self, image_volumes: &[String]) -> Wanted {
        Wanted::from_inspection(&self.host_id, &self.as_inspection(image_volumes))
    }

    pub fn networks(&self) -> impl Iterator<Item = &str> {
        self.networks.iter().map(|(name, _)| name.as_str())
    }

    /// Names of networks and volumes that a person must be allowed to use, each with the field that names it.
    pub fn named_volumes(&self) -> Vec<String> {
        self.wanted(&[]).named_volumes().into_iter().collect()
    }

    /// How long its health check may take to say that it is well, in seconds; `None` where it has none of its own.
    pub fn health_seconds(&self) -> Option<u64> {
        let check = self.config.get("Healthcheck")?;
        let seconds = |key: &str| check.get(key).and_then(Value::as_u64).unwrap_or_default() / 1_000_000_000;
        let retries = check.get("Retries").and_then(Value::as_u64).unwrap_or(3).max(1);
        Some(seconds("StartPeriod") + (seconds("Interval").max(1) + seconds("Timeout")) * (retries + 1))
    }

    /// For the engine, with the console's own labels.
    pub(super) fn body(&self, own_labels: &BTreeMap<String, String>) -> Result<ContainerCreateBody, EngineError> {
        let mut body = self.config.clone();
        body.insert("Image".into(), json!(self.image));
        let labels = body.entry("Labels").or_insert_with(|| json!({}));
        for (name, value) in own_labels {
            labels[name] = json!(value);
        }
        body.insert("HostConfig".into(), Value::Object(self.host_config.clone()));
        if let Some((name, endpoint)) = self.networks.first().filter(|(name, _)| is_own_network(name)) {
            body.insert("NetworkingConfig".into(), json!({ "EndpointsConfig": { name: endpoint } }));
        }
        serde_json::from_value(Value::Object(body)).map_err(|e| EngineError::Refused(format!("its settings can't be carried over ({e})")))
    }

    /// Networks that are joined once it is there.
    pub(super) fn later_networks(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.networks.iter().skip(1).map(|(name, endpoint)| (name.as_str(), endpoint))
    }
}

/// Whether a network is one that somebody made, not one that every engine has.
pub fn is_own_network(name: &str) -> bool {
    !matches!(name, "" | "default" | "bridge" | "host" | "none") && !name.starts_with("container:")
}

/// A plan that was judged and not refused, with the volumes as they were judged. Only [`super::engine::Engine::approve`] makes one.
#[derive(Clone, Debug)]
pub struct Approved {
    pub(super) plan: Plan,
    pub(super) volumes: BTreeMap<String, WantedVolume>,
}

impl Approved {
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}
