//! What is typed into the form, and the request that it means.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::{
    api::spec::{
        CreateContainer, HealthCheck, Limits, LogDriver, PublishPort, Pull, RecreateContainer, RestartPolicy, Settings, UpdateContainer,
        WantMount,
    },
    components::edit_rows::Rows,
    words::W,
};

/// Everything that can be typed. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Form {
    pub host: RwSignal<String>,
    pub project: RwSignal<String>,
    pub image: RwSignal<String>,
    pub name: RwSignal<String>,
    pub command: RwSignal<String>,
    pub entrypoint: RwSignal<String>,
    pub user: RwSignal<String>,
    pub working_dir: RwSignal<String>,
    pub hostname: RwSignal<String>,
    pub env: Rows,
    pub ports: Rows,
    pub mounts: Rows,
    pub labels: Rows,
    pub log_options: Rows,
    /// Names, with commas between them.
    pub networks: RwSignal<String>,
    pub memory: RwSignal<String>,
    pub cpus: RwSignal<String>,
    pub pids: RwSignal<String>,
    pub restart: RwSignal<String>,
    pub retries: RwSignal<String>,
    pub health: RwSignal<String>,
    pub health_interval: RwSignal<String>,
    pub log_driver: RwSignal<String>,
    pub pull: RwSignal<String>,
    pub reason: RwSignal<String>,
    pub tty: RwSignal<bool>,
    pub init: RwSignal<bool>,
    pub read_only_root: RwSignal<bool>,
    pub auto_remove: RwSignal<bool>,
    pub privileged: RwSignal<bool>,
    pub start: RwSignal<bool>,
    /// What a pasted line said and the form has no field for.
    pub rest: RwSignal<CreateContainer>,
}

/// What is typed and is not what the field takes: the field's name in the request, and the words for it.
pub type Wrong = Vec<(String, W)>;

impl Form {
    pub fn new() -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        Self {
            host: text(""),
            project: text(""),
            image: text(""),
            name: text(""),
            command: text(""),
            entrypoint: text(""),
            user: text(""),
            working_dir: text(""),
            hostname: text(""),
            env: Rows::default(),
            ports: Rows::default(),
            mounts: Rows::default(),
            labels: Rows::default(),
            log_options: Rows::default(),
            networks: text(""),
            memory: text(""),
            cpus: text(""),
            pids: text(""),
            restart: text("no"),
            retries: text(""),
            health: text(""),
            health_interval: text("30"),
            log_driver: text(""),
            pull: text("missing"),
            reason: text(""),
            tty: RwSignal::new(false),
            init: RwSignal::new(false),
            read_only_root: RwSignal::new(false),
            auto_remove: RwSignal::new(false),
            privileged: RwSignal::new(false),
            start: RwSignal::new(true),
            rest: RwSignal::new(CreateContainer::default()),
        }
    }

    /// Takes a request over, such as a pasted line was read as. Host and project stay.
    pub fn take(self, c: CreateContainer) {
        let text = |signal: RwSignal<String>, value: Option<&String>| signal.set(value.cloned().unwrap_or_default());
        self.image.set(c.image.clone());
        text(self.name, c.name.as_ref());
        self.command.set(join(&c.command));
        self.entrypoint.set(join(&c.entrypoint));
        text(self.user, c.user.as_ref());
        text(self.working_dir, c.working_dir.as_ref());
        text(self.hostname, c.hostname.as_ref());
        self.env.clear();
        c.env.iter().for_each(|(name, value)| self.env.push([name, value, "", ""]));
        self.labels.clear();
        c.labels.iter().for_each(|(name, value)| self.labels.push([name, value, "", ""]));
        self.set_ports(&c.ports);
        self.set_mounts(
            c.mounts.iter().map(|m| (m.kind.as_str(), m.source.as_deref().unwrap_or_default(), m.target.as_str(), m.read_only)),
        );
        self.networks.set(c.networks.join(", "));
        self.set_limits(&c.limits);
        self.set_restart(&c.restart_policy);
        let check = c.health_check.as_ref();
        self.health.set(check.map(|h| join(&h.command)).unwrap_or_default());
        self.health_interval.set(check.map_or_else(|| "30".to_owned(), |h| h.interval_seconds.to_string()));
        self.log_driver.set(c.log.as_ref().map(|l| l.driver.clone()).unwrap_or_default());
        self.log_options.clear();
        c.log.iter().flat_map(|l| &l.options).for_each(|(name, value)| self.log_options.push([name, value, "", ""]));
        self.tty.set(c.tty);
        self.init.set(c.init);
        self.read_only_root.set(c.read_only_root);
        self.auto_remove.set(c.auto_remove);
        self.privileged.set(c.privileged);
        self.rest.set(c);
    }

    /// Takes a container's own settings over. Values of variables are not known here.
    pub fn take_settings(self, s: &Settings) {
        self.image.set(s.image.clone());
        self.env.clear();
        s.environment_names.iter().for_each(|name| self.env.push([name, "", "", ""]));
        self.labels.clear();
        s.labels.iter().for_each(|(name, value)| self.labels.push([name, value, "", ""]));
        self.set_ports(&s.ports);
        self.set_mounts(s.mounts.iter().map(|m| (m.kind.as_str(), m.source.as_str(), m.target.as_str(), m.read_only)));
        self.networks.set(s.networks.join(", "));
        self.set_limits(&s.limits);
        self.set_restart(&s.restart_policy);
        self.log_driver.set(s.log_driver.clone());
        self.privileged.set(s.privileged);
    }

    fn set_ports(self, ports: &[PublishPort]) {
        self.ports.clear();
        for p in ports {
            let host = p.host_port.map(|p| p.to_string()).unwrap_or_default();
            let host = p.host_ip.as_ref().map_or_else(|| host.clone(), |ip| format!("{ip}:{host}"));
            self.ports.push([&p.container_port.to_string(), &host, &p.protocol, ""]);
        }
    }

    fn set_mounts<'a>(self, mounts: impl Iterator<Item = (&'a str, &'a str, &'a str, bool)>) {
        self.mounts.clear();
        for (kind, source, target, read_only) in mounts {
            self.mounts.push([kind, source, target, if read_only { "ro" } else { "rw" }]);
        }
    }

    fn set_limits(self, limits: &Limits) {
        self.memory.set(limits.memory_bytes.map(size_text).unwrap_or_default());
        self.cpus.set(limits.cpus.map(|n| n.to_string()).unwrap_or_default());
        self.pids.set(limits.pids.map(|n| n.to_string()).unwrap_or_default());
    }

    fn set_restart(self, policy: &RestartPolicy) {
        self.restart.set(policy.name.clone());
        self.retries.set(if policy.max_retries > 0 { policy.max_retries.to_string() } else { String::new() });
    }

    /// What is typed, tracked: the request, and what of it could not be read.
    pub fn request(self) -> (CreateContainer, Wrong) {
        let mut wrong = Vec::new();
        let given = |signal: RwSignal<String>| Some(signal.get().trim().to_owned()).filter(|t| !t.is_empty());
        let request = CreateContainer {
            host_id: self.host.get(),
            project_id: given(self.project),
            image: self.image.get().trim().to_owned(),
            name: given(self.name),
            command: split(&self.command.get()),
            entrypoint: split(&self.entrypoint.get()),
            user: given(self.user),
            working_dir: given(self.working_dir),
            hostname: given(self.hostname),
            env: pairs(self.env),
            labels: pairs(self.labels),
            ports: self.read_ports(&mut wrong),
            mounts: self.read_mounts(),
            networks: self.read_networks(),
            limits: self.limits(&mut wrong),
            restart_policy: self.restart_policy(&mut wrong),
            health_check: self.health_check(&mut wrong),
            log: given(self.log_driver).map(|driver| LogDriver { driver, options: pairs(self.log_options) }),
            tty: self.tty.get(),
            init: self.init.get(),
            read_only_root: self.read_only_root.get(),
            auto_remove: self.auto_remove.get(),
            privileged: self.privileged.get(),
            start: self.start.get(),
            reason: given(self.reason),
            pull: match self.pull.get().as_str() {
                "always" => Pull::Always,
                "never" => Pull::Never,
                _ => Pull::Missing,
            },
            ..self.rest.get()
        };
        (request, wrong)
    }

    /// What is changed of a container that is there: nothing of what stands as it was.
    pub fn changes(self, before: &Settings) -> (RecreateContainer, Wrong) {
        let (now, wrong) = self.request();
        let as_before = |m: &[WantMount]| {
            m.iter().map(|m| (m.kind.clone(), m.source.clone().unwrap_or_default(), m.target.clone(), m.read_only)).collect::<Vec<_>>()
                == before.mounts.iter().map(|m| (m.kind.clone(), m.source.clone(), m.target.clone(), m.read_only)).collect::<Vec<_>>()
        };
        let changed = |label: &(&String, &String)| before.labels.get(label.0) != Some(label.1);
        let request = RecreateContainer {
            pull: now.pull,
            image: (now.image != before.image).then_some(now.image),
            command: (!now.command.is_empty()).then_some(now.command),
            entrypoint: (!now.entrypoint.is_empty()).then_some(now.entrypoint),
            env_removed: before.environment_names.iter().filter(|name| !now.env.contains_key(*name)).cloned().collect(),
            // A variable that was there and has no value typed keeps its own.
            env: now.env.into_iter().filter(|(name, value)| !value.is_empty() || !before.environment_names.contains(name)).collect(),
            ports: (now.ports != before.ports).then_some(now.ports),
            mounts: (!as_before(&now.mounts)).then_some(now.mounts),
            networks: (now.networks != before.networks).then_some(now.networks),
            limits: (now.limits != before.limits).then_some(now.limits),
            restart_policy: (now.restart_policy != before.restart_policy).then_some(now.restart_policy),
            health_check: now.health_check,
            labels_removed: before.labels.keys().filter(|name| !now.labels.contains_key(*name)).cloned().collect(),
            labels: now.labels.iter().filter(changed).map(|(name, value)| (name.clone(), value.clone())).collect(),
            log: now.log.filter(|log| log.driver != before.log_driver || !log.options.is_empty()),
            privileged: (now.privileged != before.privileged).then_some(now.privileged),
            reason: now.reason,
        };
        (request, wrong)
    }

    /// Limits and restart policy alone, as far as they differ.
    pub fn update(self, before: &Settings) -> (UpdateContainer, Wrong) {
        let mut wrong = Vec::new();
        let now = self.limits(&mut wrong);
        let limits = Limits {
            memory_bytes: now.memory_bytes.filter(|n| Some(*n) != before.limits.memory_bytes),
            cpus: now.cpus.filter(|n| Some(*n) != before.limits.cpus),
            pids: now.pids.filter(|n| Some(*n) != before.limits.pids),
        };
        let gone = [
            ("limits.memory_bytes", now.memory_bytes.is_none() && before.limits.memory_bytes.is_some()),
            ("limits.cpus", now.cpus.is_none() && before.limits.cpus.is_some()),
            ("limits.pids", now.pids.is_none() && before.limits.pids.is_some()),
        ];
        wrong.extend(gone.iter().filter(|(_, gone)| *gone).map(|(field, _)| ((*field).to_owned(), W::create_limit_stays)));
        let policy = self.restart_policy(&mut wrong);
        (UpdateContainer { limits, restart_policy: (policy != before.restart_policy).then_some(policy) }, wrong)
    }

    fn read_ports(self, wrong: &mut Wrong) -> Vec<PublishPort> {
        let mut ports = Vec::new();
        for (row, [inside, outside, protocol, _]) in self.ports.texts() {
            // `127.0.0.1:8080`
            let (host_ip, host_port) = match outside.rsplit_once(':') {
                Some((ip, port)) => (Some(ip.trim_matches(['[', ']']).to_owned()), port.to_owned()),
                None => (None, outside),
            };
            let container_port = inside.parse().unwrap_or_else(|_| {
                wrong.push((format!("ports[{row}]"), W::create_wrong_port));
                0
            });
            let host_port = if host_port.is_empty() {
                None
            } else {
                host_port.parse().ok().or_else(|| {
                    wrong.push((format!("ports[{row}]"), W::create_wrong_port));
                    None
                })
            };
            let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol };
            ports.push(PublishPort { container_port, host_port, host_ip, protocol });
        }
        ports
    }

    fn read_mounts(self) -> Vec<WantMount> {
        let mount = |(_, [kind, source, target, mode]): (usize, [String; 4])| WantMount {
            kind: if kind.is_empty() { "volume".to_owned() } else { kind },
            source: Some(source).filter(|s| !s.is_empty()),
            target,
            read_only: mode == "ro",
        };
        self.mounts.texts().into_iter().filter(|(_, [_, source, target, _])| !source.is_empty() || !target.is_empty()).map(mount).collect()
    }

    fn read_networks(self) -> Vec<String> {
        self.networks.with(|n| n.split([',', ' ']).filter(|n| !n.is_empty()).map(str::to_owned).collect())
    }

    fn limits(self, wrong: &mut Wrong) -> Limits {
        let mut read = |field: &str, text: String, word: W, parse: &dyn Fn(&str) -> Option<f64>| {
            let text = text.trim();
            if text.is_empty() {
                return None;
            }
            parse(text).or_else(|| {
                wrong.push((field.to_owned(), word));
                None
            })
        };
        Limits {
            memory_bytes: read("limits.memory_bytes", self.memory.get(), W::create_wrong_size, &size).map(|n| n as u64),
            cpus: read("limits.cpus", self.cpus.get(), W::create_wrong_number, &|t| t.parse().ok()),
            pids: read("limits.pids", self.pids.get(), W::create_wrong_number, &|t| t.parse::<u32>().ok().map(f64::from)).map(|n| n as u32),
        }
    }

    fn restart_policy(self, wrong: &mut Wrong) -> RestartPolicy {
        let (name, retries) = (self.restart.get(), self.retries.get());
        let retries = retries.trim();
        let counts = name == "on-failure" && !retries.is_empty();
        let max_retries = if counts {
            retries.parse().unwrap_or_else(|_| {
                wrong.push(("restart_policy.max_retries".to_owned(), W::create_wrong_number));
                0
            })
        } else {
            0
        };
        RestartPolicy { name, max_retries }
    }

    fn health_check(self, wrong: &mut Wrong) -> Option<HealthCheck> {
        let command = self.health.get();
        let command = command.trim();
        if command.is_empty() {
            return None;
        }
        let interval_seconds = self.health_interval.get().trim().parse().unwrap_or_else(|_| {
            wrong.push(("health_check.interval_seconds".to_owned(), W::create_wrong_number));
            30
        });
        Some(HealthCheck { command: vec![command.to_owned()], interval_seconds, timeout_seconds: 30, start_period_seconds: 0, retries: 3 })
    }
}

fn pairs(rows: Rows) -> BTreeMap<String, String> {
    rows.texts().into_iter().filter(|(_, [name, ..])| !name.is_empty()).map(|(_, [name, value, ..])| (name, value)).collect()
}

/// `512 MiB`, `1g` in bytes.
fn size(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = text[digits.len()..].trim();
    let factor: u64 = match unit.as_bytes().first().map(u8::to_ascii_lowercase) {
        None | Some(b'b') => 1,
        Some(b'k') => 1 << 10,
        Some(b'm') => 1 << 20,
        Some(b'g') => 1 << 30,
        Some(b't') => 1 << 40,
        Some(_) => return None,
    };
    digits.parse::<f64>().ok().filter(|n| *n > 0.0).map(|n| n * factor as f64)
}

fn size_text(bytes: u64) -> String {
    match bytes {
        b if b.is_multiple_of(1 << 30) => format!("{} GiB", b >> 30),
        b if b.is_multiple_of(1 << 20) => format!("{} MiB", b >> 20),
        b => b.to_string(),
    }
}

/// Words as a shell takes a line apart: blanks between them, quotes around what has some.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None::<char>);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_with(String::new);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_with(String::new).push(c),
        }
    }
    words.extend(word);
    words
}

fn join(words: &[String]) -> String {
    let quoted = |w: &String| {
        if w.is_empty() || w.contains(|c: char| c.is_whitespace() || c == '"') {
            if w.contains('\'') { format!("\"{w}\"") } else { format!("'{w}'") }
        } else {
            w.clone()
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_sizes_are_read_as_they_are_typed() {
        assert_eq!(split("nginx -g 'daemon off;'"), ["nginx", "-g", "daemon off;"]);
        assert_eq!(split(&join(&["a b".into(), "c".into(), String::new()])), ["a b", "c", ""]);
        assert_eq!(
            [size("512 MiB"), size("1g"), size("1.5GiB"), size("7")],
            [Some(536_870_912.0), Some(1_073_741_824.0), Some(1_610_612_736.0), Some(7.0)]
        );
        assert_eq!([size("lots"), size("-1m"), size("")], [None, None, None]);
        assert_eq!([size_text(1 << 30), size_text(512 << 20), size_text(5)], ["1 GiB", "512 MiB", "5"]);
    }

    #[test]
    fn only_what_differs_is_changed() {
        let _owner = Owner::new();
        let before = Settings {
            image: "shop/web:1".into(),
            environment_names: vec!["TOKEN".into(), "OLD".into()],
            ports: vec![PublishPort { container_port: 80, host_port: Some(8080), host_ip: None, protocol: "tcp".into() }],
            mounts: vec![crate::api::container::Mount {
                kind: "volume".into(),
                source: "data".into(),
                target: "/data".into(),
                read_only: false,
            }],
            networks: vec!["shop".into()],
            limits: Limits { memory_bytes: Some(512 << 20), ..Limits::default() },
            restart_policy: RestartPolicy { name: "always".into(), max_retries: 0 },
            log_driver: "json-file".into(),
            privileged: false,
            labels: BTreeMap::new(),
        };
        let form = Form::new();
        form.take_settings(&before);
        assert_eq!(form.changes(&before), (RecreateContainer::default(), vec![]));
        assert_eq!(form.update(&before).0, UpdateContainer::default());
        form.memory.set("1 GiB".into());
        form.env.clear();
        form.env.push(["TOKEN", "", "", ""]);
        form.env.push(["NEW", "x", "", ""]);
        let (changes, wrong) = form.changes(&before);
        assert_eq!(wrong, []);
        assert_eq!((changes.env_removed.as_slice(), changes.env.len()), (&["OLD".to_owned()][..], 1));
        assert_eq!(changes.limits.and_then(|l| l.memory_bytes), Some(1 << 30));
        form.memory.set(String::new());
        assert_eq!(form.update(&before).1, [("limits.memory_bytes".to_owned(), W::create_limit_stays)]);
    }

    #[test]
    fn a_form_gives_back_what_it_took() {
        let _owner = Owner::new();
        let request = CreateContainer {
            image: "nginx:1".into(),
            name: Some("web".into()),
            command: vec!["nginx".into(), "-g".into(), "daemon off;".into()],
            env: [("A".to_owned(), "1".to_owned())].into(),
            ports: vec![PublishPort {
                container_port: 80,
                host_port: Some(8080),
                host_ip: Some("127.0.0.1".into()),
                protocol: "udp".into(),
            }],
            mounts: vec![WantMount { kind: "bind".into(), source: Some("/srv".into()), target: "/data".into(), read_only: true }],
            networks: vec!["shop".into(), "back".into()],
            capabilities_added: vec!["NET_ADMIN".into()],
            start: true,
            ..CreateContainer::default()
        };
        let form = Form::new();
        form.take(request.clone());
        assert_eq!(form.request(), (request, vec![]));
    }
}
