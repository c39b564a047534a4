//! What is on the fake engine.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::clock::rfc3339;

/// A container of the fake engine.
#[derive(Clone, Debug)]
pub struct FakeContainer {
    pub id: String,
    pub name: String,
    pub image: String,
    /// `running`, `exited` …
    pub state: String,
    pub health: Option<String>,
    pub exit_code: i64,
    pub oom_killed: bool,
    /// Milliseconds.
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub labels: BTreeMap<String, String>,
    pub tty: bool,
    /// Text of stdout, framed when it is asked for.
    pub log: String,
    /// Fields that differ from those of a plain container.
    pub host_config: Value,
    pub environment: Vec<String>,
    pub mounts: Value,
    /// What a start answers with instead of starting.
    pub start_fails: Option<String>,
    /// It ends with 1 as soon as it is started.
    pub dies_at_once: bool,
    pub image_id: String,
    /// Of the image's and its own, what the engine tells in `Config` beside labels and environment.
    pub config: Value,
}

impl FakeContainer {
    pub fn running(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            image: "shop/web:1".to_owned(),
            state: "running".to_owned(),
            health: None,
            exit_code: 0,
            oom_killed: false,
            created_at: 1_700_000_000_000,
            started_at: Some(1_700_000_001_000),
            finished_at: None,
            labels: BTreeMap::new(),
            tty: false,
            log: String::new(),
            host_config: json!({}),
            environment: vec!["TOKEN=canary-in-the-environment".to_owned()],
            mounts: json!([]),
            start_fails: None,
            dies_at_once: false,
            image_id: "sha256:aa".to_owned(),
            config: json!({}),
        }
    }

    pub fn exited(id: &str, name: &str, exit_code: i64) -> Self {
        Self { state: "exited".to_owned(), exit_code, finished_at: Some(1_700_000_002_000), ..Self::running(id, name) }
    }

    /// As `docker ps` writes it.
    fn status(&self) -> String {
        match (self.state.as_str(), &self.health) {
            ("running", Some(health)) => format!("Up 2 hours ({health})"),
            ("running", None) => "Up 2 hours".to_owned(),
            ("exited", _) => format!("Exited ({}) 3 minutes ago", self.exit_code),
            ("restarting", _) => format!("Restarting ({}) 3 seconds ago", self.exit_code),
            (other, _) => other.to_owned(),
        }
    }

    pub fn line(&self) -> Value {
        json!({
            "Id": self.id, "Names": [format!("/{}", self.name)], "Image": self.image, "ImageID": self.image_id, "Created": self.created_at / 1_000,
            "Ports": [], "Labels": self.labels, "State": self.state, "Status": self.status(),
            "HostConfig": {"NetworkMode": "default"}, "NetworkSettings": {"Networks": {}}, "Mounts": [], "Command": "run --all",
        })
    }

    pub fn inspection(&self) -> Value {
        let moment = |m: Option<i64>| m.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), rfc3339);
        let mut host_config = json!({
            "NetworkMode": "default", "IpcMode": "private", "CgroupnsMode": "private", "Runtime": "runc", "LogConfig": {"Type": "json-file", "Config": {}},
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}, "PortBindings": {}, "MaskedPaths": null, "ReadonlyPaths": null,
        });
        for (key, value) in self.host_config.as_object().into_iter().flatten() {
            host_config[key] = value.clone();
        }
        let mut config = json!({"Image": self.image, "Labels": self.labels, "Tty": self.tty, "Env": self.environment, "StopTimeout": 1});
        for (key, value) in self.config.as_object().into_iter().flatten() {
            config[key] = value.clone();
        }
        json!({
            "Id": self.id, "Name": format!("/{}", self.name), "Created": rfc3339(self.created_at), "Image": self.image_id, "Path": "run",
            "Args": ["--key=canary-in-an-argument"], "RestartCount": 0, "Platform": "linux", "Mounts": self.mounts,
            "State": {"Status": self.state, "Running": self.state == "running", "ExitCode": self.exit_code, "OOMKilled": self.oom_killed,
                "StartedAt": moment(self.started_at), "FinishedAt": moment(self.finished_at), "Pid": 1, "Error": "",
                "Health": self.health.as_ref().map(|h| json!({"Status": h, "FailingStreak": 0}))},
            "Config": config,
            "HostConfig": host_config, "NetworkSettings": {"Ports": {}, "Networks": {}},
        })
    }
}

/// Everything on the fake engine, and what was asked of it.
#[derive(Debug)]
pub struct World {
    pub containers: BTreeMap<String, FakeContainer>,
    pub volumes: BTreeMap<String, Value>,
    pub networks: BTreeMap<String, Value>,
    /// Images by reference, as they are inspected.
    pub stock: BTreeMap<String, Value>,
    /// What can be pulled.
    pub registry: BTreeMap<String, Value>,
    /// Of containers that are made from now on.
    pub next_start_fails: Option<String>,
    pub next_dies_at_once: bool,
    made: u32,
    pub version: String,
    pub images: i64,
    pub api_version: String,
    pub min_api_version: String,
    /// Method and path of each request.
    pub calls: Vec<(String, String)>,
    /// The engine's clock: grows with every event.
    pub nanos: i64,
    history: Vec<Value>,
    events: broadcast::Sender<Value>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            containers: BTreeMap::new(),
            volumes: BTreeMap::new(),
            networks: BTreeMap::new(),
            stock: BTreeMap::from([("shop/web:1".to_owned(), json!({"Id": "sha256:aa", "Size": 5_000_000, "Config": {}}))]),
            registry: BTreeMap::new(),
            next_start_fails: None,
            next_dies_at_once: false,
            made: 0,
            version: "20.10.24".to_owned(),
            images: 3,
            api_version: "1.41".to_owned(),
            min_api_version: "1.12".to_owned(),
            calls: Vec::new(),
            nanos: 1_800_000_000_000_000_000,
            history: Vec::new(),
            events: broadcast::channel(4_096).0,
        }
    }
}

impl World {
    pub fn add(&mut self, container: FakeContainer) {
        self.containers.insert(container.id.clone(), container);
    }

    /// An id for a container that is made.
    pub fn next_id(&mut self) -> String {
        self.made += 1;
        format!("{:064x}", 0xf00d_0000_u64 + u64::from(self.made))
    }

    /// So many running containers, in groups of ten.
    pub fn fill(&mut self, count: usize) {
        for i in 0..count {
            let mut c = FakeContainer::running(&format!("{i:064x}"), &format!("web-{i}"));
            c.labels.insert("com.docker.compose.project".to_owned(), format!("shop-{}", i / 10));
            self.add(c);
        }
    }

    /// The engine's clock in milliseconds.
    pub fn now(&self) -> i64 {
        self.nanos / 1_000_000
    }

    /// Moves its clock.
    pub fn advance(&mut self, milliseconds: i64) {
        self.nanos += milliseconds * 1_000_000;
    }

    /// Tells of something that happened to a container.
    pub fn tell(&mut self, action: &str, id: &str, more: &[(&str, &str)]) {
        self.nanos += 1_000;
        let mut attributes = json!({});
        if let Some(c) = self.containers.get(id) {
            attributes = json!({"name": c.name, "image": c.image, "secret-label": "canary"});
        }
        for (key, value) in more {
            attributes[*key] = json!(value);
        }
        let event = json!({"Type": "container", "Action": action, "Actor": {"ID": id, "Attributes": attributes}, "scope": "local",
            "time": self.nanos / 1_000_000_000, "timeNano": self.nanos});
        self.history.push(event.clone());
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    /// Tells of a container that joins (`connect`) or leaves (`disconnect`) a network.
    pub fn tell_network(&mut self, action: &str, container: &str) {
        self.nanos += 1_000;
        let event = json!({"Type": "network", "Action": action, "scope": "local", "time": self.nanos / 1_000_000_000, "timeNano": self.nanos,
            "Actor": {"ID": "n1", "Attributes": {"name": "shop_default", "type": "bridge", "container": container}}});
        self.history.push(event.clone());
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    pub fn listen(&self, since: Option<i64>) -> (Vec<Value>, broadcast::Receiver<Value>) {
        let nanos = |e: &Value| e["timeNano"].as_i64().unwrap_or_default();
        let old = since.map_or_else(Vec::new, |s| self.history.iter().filter(|e| nanos(e) >= s).cloned().collect());
        (old, self.events.subscribe())
    }

    pub fn start(&mut self, id: &str) {
        self.advance(1);
        let now = self.now();
        if let Some(c) = self.containers.get_mut(id) {
            (c.state, c.started_at) = ("running".to_owned(), Some(now));
        }
        self.tell("start", id, &[]);
        if self.containers.get(id).is_some_and(|c| c.dies_at_once) {
            self.die(id, 1, false);
        }
    }

    /// Its state changes, with the event of that.
    pub fn set_state(&mut self, id: &str, state: &str, action: &str) {
        self.advance(1);
        if let Some(c) = self.containers.get_mut(id) {
            state.clone_into(&mut c.state);
        }
        self.tell(action, id, &[]);
    }

    /// It ends by itself.
    pub fn die(&mut self, id: &str, exit_code: i64, oom_killed: bool) {
        self.advance(1);
        let now = self.now();
        if oom_killed {
            self.tell("oom", id, &[]);
        }
        if let Some(c) = self.containers.get_mut(id) {
            (c.state, c.exit_code, c.oom_killed, c.finished_at) = ("exited".to_owned(), exit_code, oom_killed, Some(now));
        }
        self.tell("die", id, &[("exitCode", &exit_code.to_string())]);
    }

    /// Somebody stops it.
    pub fn stop(&mut self, id: &str) {
        self.tell("kill", id, &[("signal", "15")]);
        self.die(id, 143, false);
        self.tell("stop", id, &[]);
    }

    pub fn remove(&mut self, id: &str) {
        self.tell("destroy", id, &[]);
        self.containers.remove(id);
    }

    /// How often a path that ends so was asked for.
    pub fn count(&self, path_end: &str) -> usize {
        self.calls.iter().filter(|(_, path)| path.ends_with(path_end)).count()
    }
}
