//! A plan with some settings changed.

use app::api::spec::RecreateContainer;
use serde_json::{Value, json};

use super::{Plan, requested::health_check};

impl Plan {
    /// Changes what the request names; all else stays.
    pub fn change(&mut self, r: &RecreateContainer) {
        if let Some(image) = &r.image {
            self.image.clone_from(image);
        }
        if let Some(entrypoint) = &r.entrypoint {
            self.config.insert("Entrypoint".into(), json!(entrypoint));
        }
        if let Some(command) = &r.command {
            self.config.insert("Cmd".into(), json!(command));
        }
        self.change_env(r);
        if !r.labels.is_empty() || !r.labels_removed.is_empty() {
            let labels = self.config.entry("Labels").or_insert_with(|| json!({}));
            if let Some(labels) = labels.as_object_mut() {
                labels.retain(|name, _| !r.labels_removed.contains(name));
                labels.extend(r.labels.iter().map(|(name, value)| (name.clone(), json!(value))));
            }
        }
        if let Some(ports) = &r.ports {
            self.set_ports(ports);
        }
        if let Some(mounts) = &r.mounts {
            self.set_mounts(mounts);
        }
        if let Some(networks) = &r.networks {
            self.set_networks(networks);
        }
        if let Some(limits) = &r.limits {
            self.set_limits(limits);
        }
        if let Some(policy) = &r.restart_policy {
            self.set_restart_policy(policy);
        }
        if let Some(check) = &r.health_check {
            self.config.insert("Healthcheck".into(), health_check(check));
        }
        if let Some(log) = &r.log {
            self.set_log(log);
        }
        if let Some(privileged) = r.privileged {
            self.host_config.insert("Privileged".into(), json!(privileged));
        }
    }

    fn change_env(&mut self, r: &RecreateContainer) {
        if r.env.is_empty() && r.env_removed.is_empty() {
            return;
        }
        let name_of = |variable: &str| variable.split_once('=').map_or(variable.to_owned(), |(name, _)| name.to_owned());
        let before = self.config.get("Env").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut variables: Vec<String> = before
            .iter()
            .filter_map(Value::as_str)
            .filter(|v| {
                let name = name_of(v);
                !r.env.contains_key(&name) && !r.env_removed.contains(&name)
            })
            .map(str::to_owned)
            .collect();
        variables.extend(r.env.iter().map(|(name, value)| format!("{name}={value}")));
        self.config.insert("Env".into(), json!(variables));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_changes() {
        let inspection = json!({"Name": "/web", "Config": {"Image": "a:1", "Env": ["A=1", "B=2", "C=3"], "Labels": {"x": "1", "y": "2"}},
            "HostConfig": {"Memory": 5, "NanoCpus": 7, "PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}});
        let mut plan = Plan::inspected("h", &inspection, &Value::Null);
        plan.change(&RecreateContainer {
            image: Some("a:2".into()),
            env: [("B".to_owned(), "9".to_owned())].into(),
            env_removed: vec!["C".into()],
            labels: [("z".to_owned(), "3".to_owned())].into(),
            labels_removed: vec!["x".into()],
            limits: Some(app::api::spec::Limits { cpus: Some(1.5), ..Default::default() }),
            ..RecreateContainer::default()
        });
        assert_eq!(plan.image, "a:2");
        assert_eq!(plan.config["Env"], json!(["A=1", "B=9"]));
        assert_eq!(plan.config["Labels"], json!({"y": "2", "z": "3"}));
        assert_eq!((plan.host_config.get("Memory"), &plan.host_config["NanoCpus"]), (None, &json!(1_500_000_000)));
        assert_eq!(plan.host_config["PortBindings"], json!({"80/tcp": [{"HostPort": "8080"}]}));
    }
}
