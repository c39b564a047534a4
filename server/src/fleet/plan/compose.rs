//! Containers as a compose file, to copy. Values that only `reveal` may see are named, not shown.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Map, Value, json};

use super::{OWN_LABELS, Plan, is_own_network};

/// A service of the file.
#[derive(Debug)]
pub struct Service {
    pub name: String,
    fields: Map<String, Value>,
    /// Fields that have a value which is not shown.
    hidden: Vec<&'static str>,
    networks: BTreeSet<String>,
    volumes: BTreeSet<String>,
}

impl Service {
    /// `name`: the compose service's, or the container's.
    pub fn of(plan: &Plan, name: &str, reveal: bool) -> Self {
        let mut service =
            Self { name: name.to_owned(), fields: Map::new(), hidden: Vec::new(), networks: BTreeSet::new(), volumes: BTreeSet::new() };
        let (config, host) = (&plan.config, &plan.host_config);
        service.set("image", json!(plan.image));
        service.set("container_name", json!(plan.name));
        for (key, from) in [("entrypoint", "Entrypoint"), ("command", "Cmd")] {
            match config.get(from) {
                Some(words) if reveal => service.set(key, words.clone()),
                Some(_) => service.hidden.push(key),
                None => {}
            }
        }
        service.environment(config.get("Env"), reveal);
        for (key, from) in [("user", "User"), ("working_dir", "WorkingDir"), ("hostname", "Hostname"), ("stop_signal", "StopSignal")] {
            service.set(key, config.get(from).cloned().unwrap_or_default());
        }
        for (key, from) in [("tty", "Tty"), ("stdin_open", "OpenStdin")] {
            service.set(key, json!(config.get(from) == Some(&json!(true))));
        }
        for (key, from) in [("init", "Init"), ("privileged", "Privileged"), ("read_only", "ReadonlyRootfs")] {
            service.set(key, json!(host.get(from) == Some(&json!(true))));
        }
        for (key, from) in [
            ("cap_add", "CapAdd"),
            ("cap_drop", "CapDrop"),
            ("extra_hosts", "ExtraHosts"),
            ("security_opt", "SecurityOpt"),
            ("pid", "PidMode"),
            ("sysctls", "Sysctls"),
        ] {
            service.set(key, host.get(from).cloned().unwrap_or_default());
        }
        service.ports(host);
        service.mounts(plan);
        service.networks(plan, host);
        service.limits(host);
        service.restart(host);
        service.health(config.get("Healthcheck"), reveal);
        service.log(host.get("LogConfig"), reveal);
        let own = |name: &str| name.starts_with(OWN_LABELS) || name.starts_with("com.docker.compose.");
        let labels = config.get("Labels").and_then(Value::as_object).into_iter().flatten().filter(|(name, _)| !own(name));
        service.set("labels", Value::Object(labels.map(|(k, v)| (k.clone(), v.clone())).collect()));
        service
    }

    /// What says nothing is left out.
    fn set(&mut self, key: &str, value: Value) {
        let empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        if !empty {
            self.fields.insert(key.to_owned(), value);
        }
    }

    fn environment(&mut self, variables: Option<&Value>, reveal: bool) {
        let pairs = variables.and_then(Value::as_array).into_iter().flatten().filter_map(|v| v.as_str()?.split_once('='));
        // A dollar would begin a variable of the file's.
        let pair =
            |(name, value): (&str, &str)| (name.to_owned(), json!(if reveal { value.replace('$', "$$") } else { format!("${{{name}}}") }));
        self.set("environment", Value::Object(pairs.map(pair).collect()));
    }

    fn ports(&mut self, host: &Map<String, Value>) {
        let mut ports = Vec::new();
        for (key, bindings) in host.get("PortBindings").and_then(Value::as_object).into_iter().flatten() {
            for binding in bindings.as_array().into_iter().flatten() {
                let text = |key: &str| binding.get(key).and_then(Value::as_str).unwrap_or_default();
                let inside = key.trim_end_matches("/tcp");
                ports.push(match (text("HostIp"), text("HostPort")) {
                    ("", "") => inside.to_owned(),
                    ("", port) => format!("{port}:{inside}"),
                    (ip, port) => format!("{ip}:{port}:{inside}"),
                });
            }
        }
        self.set("ports", json!(ports));
    }

    fn mounts(&mut self, plan: &Plan) {
        let mut mounts: Vec<Value> = Vec::new();
        for bind in plan.host_config.get("Binds").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            let source = bind.split(':').next().unwrap_or_default();
            if !source.starts_with('/') {
                self.volumes.insert(source.to_owned());
            }
            mounts.push(json!(bind));
        }
        for mount in plan.host_config.get("Mounts").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| mount.get(key).and_then(Value::as_str).unwrap_or_default();
            let (kind, source) = (text("Type"), text("Source"));
            if kind == "volume" && !source.is_empty() {
                self.volumes.insert(source.to_owned());
            }
            let mut entry = json!({ "type": kind, "target": text("Target") });
            if !source.is_empty() {
                entry["source"] = json!(source);
            }
            if mount.get("ReadOnly") == Some(&json!(true)) {
                entry["read_only"] = json!(true);
            }
            mounts.push(entry);
        }
        self.set("volumes", json!(mounts));
    }

    fn networks(&mut self, plan: &Plan, host: &Map<String, Value>) {
        let mode = host.get("NetworkMode").and_then(Value::as_str).unwrap_or_default();
        if !is_own_network(mode) && !matches!(mode, "" | "default") {
            self.set("network_mode", json!(mode));
            return;
        }
        self.networks.extend(plan.networks().map(str::to_owned));
        let names: Vec<&String> = self.networks.iter().collect();
        let names = json!(names);
        self.set("networks", names);
    }

    fn limits(&mut self, host: &Map<String, Value>) {
        let number = |key: &str| host.get(key).and_then(Value::as_i64).filter(|n| *n > 0);
        if let Some(memory) = number("Memory") {
            self.set("mem_limit", json!(memory));
        }
        if let Some(cpus) = number("NanoCpus") {
            self.set("cpus", json!(cpus as f64 / 1e9));
        }
        if let Some(pids) = number("PidsLimit") {
            self.set("pids_limit", json!(pids));
        }
    }

    fn restart(&mut self, host: &Map<String, Value>) {
        let policy = host.get("RestartPolicy");
        let name = policy.and_then(|p| p.get("Name")).and_then(Value::as_str).unwrap_or_default();
        let retries = policy.and_then(|p| p.get("MaximumRetryCount")).and_then(Value::as_i64).unwrap_or_default();
        match (name, retries) {
            ("" | "no", _) => {}
            ("on-failure", n) if n > 0 => self.set("restart", json!(format!("on-failure:{n}"))),
            (name, _) => self.set("restart", json!(name)),
        }
    }

    fn health(&mut self, check: Option<&Value>, reveal: bool) {
        let Some(check) = check else { return };
        let test = check.get("Test").cloned().unwrap_or_default();
        let words = test.as_array().map_or(0, Vec::len);
        let mut entry = Map::new();
        if reveal || words < 2 {
            entry.insert("test".into(), test);
        } else {
            self.hidden.push("healthcheck.test");
        }
        for (key, from) in [("interval", "Interval"), ("timeout", "Timeout"), ("start_period", "StartPeriod")] {
            if let Some(nanos) = check.get(from).and_then(Value::as_i64).filter(|n| *n > 0) {
                entry.insert(key.into(), json!(format!("{}ms", nanos / 1_000_000)));
            }
        }
        if let Some(retries) = check.get("Retries").and_then(Value::as_i64).filter(|n| *n > 0) {
            entry.insert("retries".into(), json!(retries));
        }
        self.set("healthcheck", Value::Object(entry));
    }

    fn log(&mut self, log: Option<&Value>, reveal: bool) {
        let driver = log.and_then(|l| l.get("Type")).cloned().unwrap_or_default();
        let options = log.and_then(|l| l.get("Config")).and_then(Value::as_object).cloned().unwrap_or_default();
        // What every engine takes by itself.
        if options.is_empty() && (driver == json!("json-file") || driver.is_null()) {
            return;
        }
        let mut entry = json!({ "driver": driver });
        if !options.is_empty() && reveal {
            entry["options"] = Value::Object(options);
        } else if !options.is_empty() {
            self.hidden.push("logging.options");
        }
        self.set("logging", entry);
    }
}

/// The file. Volumes and networks are those that are there: a copy of the file finds them.
pub fn file(services: &[Service]) -> String {
    let mut out = String::from("services:\n");
    for service in services {
        let _ = writeln!(out, "  {}:", plain(&service.name));
        for key in &service.hidden {
            let _ = writeln!(out, "    # {key}: not shown");
        }
        write_fields(&mut out, &service.fields, 4);
    }
    for (title, of) in [("networks", (|s| &s.networks) as fn(&Service) -> &BTreeSet<String>), ("volumes", |s| &s.volumes)] {
        let names: BTreeSet<&String> = services.iter().flat_map(of).collect();
        if !names.is_empty() {
            let _ = writeln!(out, "{title}:");
        }
        for name in names {
            let _ = writeln!(out, "  {}:\n    external: true", plain(name));
        }
    }
    out
}

fn write_fields(out: &mut String, fields: &Map<String, Value>, indent: usize) {
    for (key, value) in fields {
        let _ = write!(out, "{:indent$}{}:", "", plain(key));
        write_value(out, value, indent);
    }
}

fn write_value(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            out.push('\n');
            write_fields(out, fields, indent + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            for item in items {
                match item {
                    Value::Object(fields) => {
                        for (i, (key, value)) in fields.iter().enumerate() {
                            let lead = if i == 0 { "- " } else { "  " };
                            let _ = writeln!(out, "{:indent$}  {lead}{}: {}", "", plain(key), scalar(value));
                        }
                    }
                    item => drop(writeln!(out, "{:indent$}  - {}", "", scalar(item))),
                }
            }
        }
        value => drop(writeln!(out, " {}", scalar(value))),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        other => other.to_string(),
    }
}

/// As it is where that is a plain text to YAML, else quoted as JSON does, which YAML reads the same.
fn plain(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_./-@${}=".contains(c);
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/.$".contains(c)) && text.chars().all(|c| safe(c) || c == ':');
    // `a:b` is text, `a: b` would be a field; a number, a date or a yes would be read as one.
    let other = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n");
    if word && !other && !text.ends_with(':') { text.to_owned() } else { serde_json::to_string(text).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let inspection = json!({"Name": "/shop-web", "Config": {"Image": "shop/web:1", "Env": ["TOKEN=canary$1"], "Cmd": ["serve", "--key=canary"],
                "Labels": {"team": "shop", "ecos.op": "x", "com.docker.compose.project": "shop"}, "Healthcheck": {"Test": ["CMD-SHELL", "canary"], "Retries": 3}},
            "HostConfig": {"NetworkMode": "shop", "Binds": ["data:/data", "/etc/x:/x:ro"], "Memory": 536_870_912, "NanoCpus": 1_500_000_000,
                "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5}, "LogConfig": {"Type": "splunk", "Config": {"splunk-token": "canary"}},
                "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "53/udp": [{"HostIp": "", "HostPort": "53"}]}},
            "NetworkSettings": {"Networks": {"shop": {}}}});
        Plan::inspected("h", &inspection, &Value::Null)
    }

    #[test]
    fn secrets_are_named_and_not_shown() {
        let text = file(&[Service::of(&plan(), "web", false)]);
        assert!(!text.contains("canary"), "{text}");
        for line in ["TOKEN: ${TOKEN}", "# command: not shown", "# healthcheck.test: not shown", "# logging.options: not shown"] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn a_file_says_what_the_container_is() {
        let text = file(&[Service::of(&plan(), "web", true)]);
        for line in [
            "services:\n  web:\n",
            "    image: shop/web:1\n",
            "    command:\n      - serve\n      - \"--key=canary\"\n",
            "      TOKEN: canary$$1\n",
            "      - \"127.0.0.1:8080:80\"\n",
            "      - \"53:53/udp\"\n",
            "      - data:/data\n",
            "    mem_limit: 536870912\n",
            "    cpus: 1.5\n",
            "    restart: on-failure:5\n",
            "networks:\n  shop:\n    external: true\n",
            "volumes:\n  data:\n    external: true\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(!text.contains("ecos.op") && !text.contains("com.docker.compose"));
    }

    #[test]
    fn what_yaml_would_misread_is_quoted() {
        let quoted = ["no", "1.5", "a: b", "-x", "", "# c", "8080:80", "工作"];
        assert!(quoted.iter().all(|t| plain(t).starts_with('"')), "{:?}", quoted.map(plain));
        assert_eq!(["web", "shop/web:1", "${A}", "/data"].map(plain), ["web", "shop/web:1", "${A}", "/data"]);
    }
}
