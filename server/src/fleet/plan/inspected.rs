//! A plan from the inspection of a container that is there: all of its own settings, without what came from its image, so that another image
//! brings its own.

use serde_json::{Map, Value, json};

use super::{Plan, is_own_network};

/// What the container said at its making, of what the engine tells in `Config`.
const CONFIG: [&str; 12] = [
    "Hostname",
    "Domainname",
    "User",
    "Tty",
    "OpenStdin",
    "StdinOnce",
    "Env",
    "Healthcheck",
    "WorkingDir",
    "StopSignal",
    "StopTimeout",
    "Shell",
];
/// Maps that image and container both add to.
const MAPS: [&str; 3] = ["ExposedPorts", "Volumes", "Labels"];

impl Plan {
    /// `image` is the inspection of the image that the container was made from; null where that is gone.
    pub fn inspected(host_id: &str, inspection: &Value, image: &Value) -> Self {
        let empty = Value::Null;
        let own = inspection.get("Config").unwrap_or(&empty);
        let of_image = image.get("Config").unwrap_or(&empty);
        let id = inspection.get("Id").and_then(Value::as_str).unwrap_or_default();
        let mut config = Map::new();
        for key in CONFIG {
            if let Some(value) = own.get(key).filter(|v| !v.is_null() && **v != of_image.get(key).cloned().unwrap_or_default()) {
                config.insert(key.to_owned(), value.clone());
            }
        }
        // The engine's own choice.
        if config.get("Hostname").and_then(Value::as_str).is_some_and(|h| h.len() == 12 && id.starts_with(h)) {
            config.remove("Hostname");
        }
        if let Some(variables) = own.get("Env").and_then(Value::as_array) {
            let of_image: Vec<&Value> = of_image.get("Env").and_then(Value::as_array).into_iter().flatten().collect();
            let kept: Vec<&Value> = variables.iter().filter(|v| !of_image.contains(v)).collect();
            config.insert("Env".into(), json!(kept));
        }
        for key in MAPS {
            let of_image = of_image.get(key);
            let kept: Map<String, Value> = own
                .get(key)
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter(|(name, value)| of_image.and_then(|i| i.get(*name)) != Some(value))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            config.insert(key.to_owned(), Value::Object(kept));
        }
        // A command means what it means to an entrypoint.
        let same = |key: &str| own.get(key) == of_image.get(key);
        if !same("Entrypoint") {
            config.extend(
                ["Entrypoint", "Cmd"].iter().filter_map(|k| Some(((*k).to_owned(), own.get(*k).filter(|v| !v.is_null())?.clone()))),
            );
        } else if !same("Cmd") {
            config.extend(own.get("Cmd").filter(|v| !v.is_null()).map(|v| ("Cmd".to_owned(), v.clone())));
        }
        let mut host_config = inspection.get("HostConfig").and_then(Value::as_object).cloned().unwrap_or_default();
        host_config.retain(|_, value| !value.is_null());
        keep_unnamed_volumes(inspection, &mut host_config);
        Self {
            host_id: host_id.to_owned(),
            name: inspection.get("Name").and_then(Value::as_str).unwrap_or_default().trim_start_matches('/').to_owned(),
            image: own.get("Image").and_then(Value::as_str).unwrap_or_default().to_owned(),
            config,
            host_config,
            networks: networks(inspection, id),
        }
    }
}

/// Data in volumes without a name stays with the container: they are mounted by the names that the engine gave them.
fn keep_unnamed_volumes(inspection: &Value, host_config: &mut Map<String, Value>) {
    let listed = |key: &str| host_config.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut binds = listed("Binds");
    let targets: Vec<String> = binds
        .iter()
        .filter_map(|b| b.as_str()?.split(':').nth(1).map(str::to_owned))
        .chain(
            listed("Mounts")
                .iter()
                .filter(|m| m.get("Source").is_some_and(|s| s != ""))
                .filter_map(|m| Some(m.get("Target")?.as_str()?.to_owned())),
        )
        .collect();
    let mut unnamed = Vec::new();
    for mount in inspection.get("Mounts").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| mount.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("Type") == "volume" && !text("Name").is_empty() && !targets.iter().any(|t| t == text("Destination")) {
            let read_only = mount.get("RW").and_then(Value::as_bool) == Some(false);
            unnamed.push(text("Destination").to_owned());
            binds.push(json!(format!("{}:{}{}", text("Name"), text("Destination"), if read_only { ":ro" } else { "" })));
        }
    }
    if let Some(mounts) = host_config.get_mut("Mounts").and_then(Value::as_array_mut) {
        mounts.retain(|m| !m.get("Target").and_then(Value::as_str).is_some_and(|t| unnamed.iter().any(|u| u == t)));
    }
    if !binds.is_empty() {
        host_config.insert("Binds".into(), Value::Array(binds));
    }
}

/// The networks, that of its `NetworkMode` first, with what it asked for in each.
fn networks(inspection: &Value, id: &str) -> Vec<(String, Value)> {
    let mode = inspection.pointer("/HostConfig/NetworkMode").and_then(Value::as_str).unwrap_or_default();
    let all = inspection.pointer("/NetworkSettings/Networks").and_then(Value::as_object).into_iter().flatten();
    let mut networks: Vec<(String, Value)> = all
        .filter(|(name, _)| is_own_network(name) || *name != mode && name.as_str() == "bridge" && is_own_network(mode))
        .map(|(name, endpoint)| {
            let mut asked = Map::new();
            for key in ["IPAMConfig", "Links", "Aliases", "DriverOpts"] {
                if let Some(value) = endpoint.get(key).filter(|v| !v.is_null()) {
                    asked.insert(key.to_owned(), value.clone());
                }
            }
            // Every engine adds the id's beginning by itself.
            if let Some(aliases) = asked.get_mut("Aliases").and_then(Value::as_array_mut) {
                aliases.retain(|a| !a.as_str().is_some_and(|a| a.len() == 12 && id.starts_with(a)));
            }
            (name.clone(), Value::Object(asked))
        })
        .collect();
    networks.sort_by_key(|(name, _)| (name != mode, name.clone()));
    networks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (Value, Value) {
        let id = "0123456789abcdef".repeat(4);
        let inspection = json!({
            "Id": id, "Name": "/shop-web",
            "Config": {"Image": "shop/web:1", "Hostname": "0123456789ab", "Env": ["PATH=/bin", "TOKEN=secret"], "Cmd": ["serve", "--all"], "Entrypoint": ["/run"],
                "Labels": {"maintainer": "image", "team": "shop"}, "WorkingDir": "/app", "ExposedPorts": {"80/tcp": {}}, "User": "1000"},
            "HostConfig": {"NetworkMode": "shop", "Binds": ["data:/data"], "Memory": 1024, "Init": null},
            "Mounts": [
                {"Type": "volume", "Name": "data", "Destination": "/data", "RW": true},
                {"Type": "volume", "Name": "f00d", "Destination": "/cache", "RW": true},
            ],
            "NetworkSettings": {"Networks": {
                "back": {"Aliases": ["db", "0123456789ab"], "IPAddress": "10.0.0.9"},
                "shop": {"IPAMConfig": {"IPv4Address": "10.1.0.7"}, "Aliases": null},
            }},
        });
        let image = json!({"Config": {"Env": ["PATH=/bin"], "Cmd": ["serve"], "Entrypoint": ["/run"], "Labels": {"maintainer": "image"}, "WorkingDir": "/app",
            "ExposedPorts": {"80/tcp": {}}}});
        (inspection, image)
    }

    #[test]
    fn what_came_from_the_image_is_left_to_the_next_one() {
        let (inspection, image) = example();
        let plan = Plan::inspected("h", &inspection, &image);
        assert_eq!((plan.name.as_str(), plan.image.as_str()), ("shop-web", "shop/web:1"));
        let config = Value::Object(plan.config.clone());
        assert_eq!(
            config,
            json!({"Env": ["TOKEN=secret"], "Cmd": ["serve", "--all"], "Labels": {"team": "shop"}, "ExposedPorts": {}, "Volumes": {}, "User": "1000"})
        );
        let whole = Plan::inspected("h", &inspection, &Value::Null);
        assert_eq!(whole.config["Entrypoint"], json!(["/run"]), "without its image all of it is kept");
    }

    #[test]
    fn data_and_networks_stay_with_it() {
        let (inspection, image) = example();
        let plan = Plan::inspected("h", &inspection, &image);
        assert_eq!(plan.host_config["Binds"], json!(["data:/data", "f00d:/cache"]));
        assert_eq!(
            plan.networks,
            [("shop".to_owned(), json!({"IPAMConfig": {"IPv4Address": "10.1.0.7"}})), ("back".to_owned(), json!({"Aliases": ["db"]})),]
        );
        let body = plan.body(&std::collections::BTreeMap::from([("ecos.op".to_owned(), "op".to_owned())])).expect("the engine's types");
        let body = serde_json::to_value(body).expect("JSON");
        assert_eq!(body["Labels"], json!({"team": "shop", "ecos.op": "op"}));
        assert_eq!(body["NetworkingConfig"]["EndpointsConfig"]["shop"]["IPAMConfig"]["IPv4Address"], "10.1.0.7");
        assert_eq!(body["HostConfig"]["Memory"], 1024);
        assert_eq!(plan.later_networks().map(|(name, _)| name).collect::<Vec<_>>(), ["back"]);
        assert_eq!(plan.wanted(&[]).named_volumes().into_iter().collect::<Vec<_>>(), ["data", "f00d"]);
    }
}
