//! The fake engine's answers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hyper::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio_stream::wrappers::BroadcastStream;

use super::{Body, World, page, streamed};

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn good(value: &Value) -> Response<Body> {
    page(StatusCode::OK, "application/json", value.to_string())
}

fn bad(status: StatusCode, message: &str) -> Response<Body> {
    page(status, "application/json", json!({ "message": message }).to_string())
}

/// `1.41` of `/v1.41/…`, and what follows it.
fn versioned(path: &str) -> (Option<u32>, &str) {
    let minor = path.strip_prefix("/v1.").and_then(|rest| rest.split_once('/'));
    match minor.and_then(|(minor, _)| Some((minor.parse().ok()?, minor.len()))) {
        Some((minor, digits)) => (Some(minor), &path[4 + digits..]),
        None => (None, path),
    }
}

fn minor(version: &str) -> u32 {
    version.strip_prefix("1.").and_then(|m| m.parse().ok()).unwrap_or_default()
}

pub fn answer(world: &Mutex<World>, method: &Method, path: &str, query: &str, body: &Value) -> Response<Body> {
    let mut w = lock(world);
    w.calls.push((method.to_string(), path.to_owned()));
    let (asked, path) = versioned(path);
    if let Some(asked) = asked {
        if asked < minor(&w.min_api_version) {
            let words = format!("client version 1.{asked} is too old. Minimum supported API version is {}", w.min_api_version);
            return bad(StatusCode::BAD_REQUEST, &words);
        }
        if asked > minor(&w.api_version) {
            return bad(StatusCode::BAD_REQUEST, &format!("client version 1.{asked} is too new."));
        }
    }
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["_ping"]) => {
            let mut response = page(StatusCode::OK, "text/plain", "OK");
            response.headers_mut().insert("api-version", w.api_version.parse().expect("a version"));
            response
        }
        ("GET", ["version"]) => good(&json!({"Version": w.version, "ApiVersion": w.api_version, "MinAPIVersion": w.min_api_version})),
        ("GET", ["info"]) => good(&json!({
            "ID": "FAKE", "OperatingSystem": "Fake Linux", "KernelVersion": "6.1", "Architecture": "x86_64", "Driver": "overlay2", "CgroupVersion": "2",
            "CgroupDriver": "systemd", "LoggingDriver": "json-file", "Runtimes": {"runc": {}}, "SecurityOptions": ["name=seccomp"],
            "DockerRootDir": "/var/lib/docker", "NCPU": 4, "MemTotal": 8_000_000_000_i64, "Images": w.images, "Swarm": {"LocalNodeState": "inactive"}, "Warnings": null,
        })),
        ("GET", ["events"]) => events(&w, query),
        ("GET", ["containers", "json"]) => good(&Value::Array(w.containers.values().map(super::FakeContainer::line).collect())),
        ("POST", ["containers", "create"]) => create(&mut w, query, body),
        ("POST", ["volumes", "create"]) => {
            let name = body["Name"].as_str().unwrap_or_default().to_owned();
            let new = json!({"Name": name, "Driver": "local", "Mountpoint": "/v", "Labels": body["Labels"], "Options": {}, "Scope": "local",
                "CreatedAt": "2027-01-15T08:00:00Z"});
            good(w.volumes.entry(name).or_insert(new))
        }
        ("GET", ["volumes"]) => good(&json!({"Volumes": w.volumes.values().collect::<Vec<_>>(), "Warnings": null})),
        ("GET", ["networks"]) => good(&Value::Array(w.networks.values().cloned().collect())),
        ("GET", ["networks", name]) => w.networks.get(*name).map_or_else(|| bad(StatusCode::NOT_FOUND, "network not found"), good),
        ("POST", ["networks", _, "connect"]) => page(StatusCode::OK, "text/plain", ""),
        ("GET", ["images", "json"]) => good(&Value::Array(w.stock.keys().map(|r| json!({"Id": "sha256:aa", "RepoTags": [r]})).collect())),
        ("GET", ["images", reference @ .., "json"]) => {
            let asked = reference.join("/");
            let found = w.stock.get(&asked).or_else(|| w.stock.values().find(|image| image["Id"] == asked.as_str()));
            found.map_or_else(|| bad(StatusCode::NOT_FOUND, "No such image"), good)
        }
        ("GET", ["distribution", reference @ .., "json"]) => match w.registry.get(&reference.join("/")) {
            Some(image) => good(&json!({"Descriptor": {"digest": image["digest"], "mediaType": "m", "size": 7}, "Platforms": []})),
            None => bad(StatusCode::NOT_FOUND, "manifest unknown: manifest unknown"),
        },
        ("POST", ["images", "create"]) => pull(&mut w, query),
        ("GET", ["volumes", name]) => w.volumes.get(*name).map_or_else(|| bad(StatusCode::NOT_FOUND, "no such volume"), good),
        (_, ["containers", asked, rest @ ..]) => {
            let id = w.containers.values().find(|c| c.id == *asked || c.name == *asked).map(|c| c.id.clone());
            let Some(id) = id else { return bad(StatusCode::NOT_FOUND, &format!("No such container: {asked}")) };
            container(&mut w, method, &id, rest, query, body)
        }
        _ => bad(StatusCode::NOT_FOUND, "page not found"),
    }
}

fn container(w: &mut World, method: &Method, id: &str, rest: &[&str], query: &str, body: &Value) -> Response<Body> {
    let c = w.containers[id].clone();
    let running = c.state == "running";
    let done = || page(StatusCode::NO_CONTENT, "text/plain", "");
    match (method.as_str(), rest) {
        ("GET", ["json"]) => good(&c.inspection()),
        ("GET", ["logs"]) => log(&c, query),
        ("GET", ["stats"]) => stats(query),
        ("GET", ["top"]) => good(&json!({
            "Titles": ["PID", "USER", "%CPU", "RSS", "ELAPSED", "COMMAND"],
            "Processes": [["7", "root", "12.5", "100", "60", "web"]],
        })),
        ("GET", ["changes"]) => {
            good(&json!([{"Path": "/etc", "Kind": 0}, {"Path": "/etc/motd", "Kind": 1}, {"Path": "/tmp/x", "Kind": 2}]))
        }
        ("POST", ["start"]) => {
            if let Some(words) = c.start_fails {
                return bad(StatusCode::INTERNAL_SERVER_ERROR, &words);
            }
            if running {
                return page(StatusCode::NOT_MODIFIED, "text/plain", "");
            }
            w.start(id);
            done()
        }
        ("POST", ["stop"]) => {
            if !running {
                return page(StatusCode::NOT_MODIFIED, "text/plain", "");
            }
            w.stop(id);
            if c.host_config["AutoRemove"] == true {
                w.remove(id);
            }
            done()
        }
        ("POST", ["restart"]) => {
            if running {
                w.stop(id);
            }
            w.start(id);
            w.tell("restart", id, &[]);
            done()
        }
        ("POST", ["pause"]) => {
            if c.state == "paused" {
                return bad(StatusCode::CONFLICT, &format!("Container {id} is already paused"));
            }
            w.set_state(id, "paused", "pause");
            done()
        }
        ("POST", ["unpause"]) => {
            if c.state != "paused" {
                return bad(StatusCode::INTERNAL_SERVER_ERROR, &format!("Container {id} is not paused"));
            }
            w.set_state(id, "running", "unpause");
            done()
        }
        ("POST", ["kill"]) => {
            if !running {
                return bad(StatusCode::CONFLICT, &format!("Cannot kill container: {id}: Container {id} is not running"));
            }
            w.tell("kill", id, &[]);
            if query.contains("KILL") {
                w.die(id, 137, false);
            }
            done()
        }
        ("POST", ["rename"]) => {
            let name = query.split('&').find_map(|p| p.strip_prefix("name=")).unwrap_or_default().to_owned();
            if w.containers.values().any(|c| c.name == name) {
                return bad(
                    StatusCode::CONFLICT,
                    &format!("Conflict. The container name \"/{name}\" is already in use by container \"ab\"."),
                );
            }
            if let Some(c) = w.containers.get_mut(id) {
                c.name = name;
            }
            w.tell("rename", id, &[]);
            done()
        }
        ("POST", ["update"]) => {
            if let Some(c) = w.containers.get_mut(id) {
                for (key, value) in body.as_object().into_iter().flatten() {
                    c.host_config[key] = value.clone();
                }
            }
            w.tell("update", id, &[]);
            good(&json!({"Warnings": null}))
        }
        ("DELETE", []) => {
            if running && !query.contains("force=true") {
                return bad(StatusCode::CONFLICT, "You cannot remove a running container. Stop the container before attempting removal");
            }
            w.remove(id);
            done()
        }
        _ => bad(StatusCode::NOT_FOUND, "page not found"),
    }
}

/// `name=web` of a query.
fn of_query(query: &str, key: &str) -> String {
    form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == key).map(|(_, v)| v.into_owned()).unwrap_or_default()
}

fn create(w: &mut World, query: &str, body: &Value) -> Response<Body> {
    let name = of_query(query, "name");
    if w.containers.values().any(|c| c.name == name) {
        let words = format!("Conflict. The container name \"/{name}\" is already in use by container \"ab\".");
        return bad(StatusCode::CONFLICT, &words);
    }
    let image = body["Image"].as_str().unwrap_or_default().to_owned();
    let Some(known) = w.stock.get(&image) else { return bad(StatusCode::NOT_FOUND, &format!("No such image: {image}")) };
    let image_id = known["Id"].as_str().unwrap_or_default().to_owned();
    let id = w.next_id();
    let mut c = super::FakeContainer::exited(&id, &name, 0);
    (c.state, c.started_at, c.finished_at, c.image, c.image_id) = ("created".to_owned(), None, None, image, image_id);
    c.created_at = w.now() / 1_000 * 1_000;
    c.host_config = body["HostConfig"].clone();
    c.environment = serde_json::from_value(body["Env"].clone()).unwrap_or_default();
    c.labels = serde_json::from_value(body["Labels"].clone()).unwrap_or_default();
    c.start_fails.clone_from(&w.next_start_fails);
    c.dies_at_once = w.next_dies_at_once;
    w.add(c);
    w.tell("create", &id, &[]);
    page(StatusCode::CREATED, "application/json", json!({"Id": id, "Warnings": []}).to_string())
}

/// What `docker pull` hears.
fn pull(w: &mut World, query: &str) -> Response<Body> {
    let reference = of_query(query, "fromImage");
    let line = |v: Value| Ok(Bytes::from(format!("{v}\n")));
    let Some(image) = w.registry.get(&reference).cloned() else {
        return bad(StatusCode::NOT_FOUND, &format!("manifest for {reference} not found: manifest unknown"));
    };
    w.stock.insert(reference, image);
    let layer = |status: &str, at: u64| json!({"status": status, "id": "0123456789ab", "progressDetail": {"current": at, "total": 10}});
    let pieces = [json!({"status": "Pulling from shop/web", "id": "1"}), layer("Downloading", 5), layer("Pull complete", 10)];
    streamed(stream::iter(pieces.map(line)))
}

fn events(w: &World, query: &str) -> Response<Body> {
    let since = query.split('&').find_map(|p| p.strip_prefix("since=")).map(|s| {
        let (seconds, nanos) = s.split_once('.').unwrap_or((s, "0"));
        seconds.parse::<i64>().unwrap_or_default() * 1_000_000_000 + nanos.parse::<i64>().unwrap_or_default()
    });
    let (old, new) = w.listen(since);
    let line = |e: Value| Ok(Bytes::from(format!("{e}\n")));
    let new = BroadcastStream::new(new).filter_map(|e| async { e.ok() });
    streamed(stream::iter(old).chain(Box::pin(new)).map(line))
}

/// Half a core, 5 MB without page cache; a stream says it twice and goes on without a word.
fn stats(query: &str) -> Response<Body> {
    let said = |second: u64| {
        json!({
            "read": format!("2026-11-23T08:00:0{}.000000000Z", second),
            "preread": format!("2026-11-23T08:00:0{}.000000000Z", second - 1),
            "pids_stats": {"current": 3},
            "blkio_stats": {"io_service_bytes_recursive": [{"major": 8, "minor": 0, "op": "Read", "value": second * 1_000}]},
            "cpu_stats": {"cpu_usage": {"total_usage": second * 500_000_000}, "throttling_data": {"periods": second * 10, "throttled_periods": second * 5}},
            "precpu_stats": {"cpu_usage": {"total_usage": (second - 1) * 500_000_000}, "throttling_data": {"periods": 0, "throttled_periods": 0}},
            "memory_stats": {"usage": 6_000_000, "limit": 8_000_000, "stats": {"total_inactive_file": 1_000_000}},
            "networks": {"eth0": {"rx_bytes": second * 2_000, "tx_bytes": second * 100}},
        })
    };
    if query.contains("stream=false") {
        return good(&said(2));
    }
    let lines = [2, 3].map(|second| Ok(Bytes::from(format!("{}\n", said(second)))));
    streamed(stream::iter(lines).chain(stream::pending()))
}

fn log(c: &super::FakeContainer, query: &str) -> Response<Body> {
    let stamps = query.contains("timestamps=1");
    let tail: usize = query.split('&').find_map(|p| p.strip_prefix("tail=")?.parse().ok()).unwrap_or(usize::MAX);
    let lines: Vec<&str> = c.log.lines().collect();
    let mut out = Vec::new();
    for line in &lines[lines.len().saturating_sub(tail)..] {
        let text = if stamps { format!("2023-11-14T22:13:20.123456789Z {line}\n") } else { format!("{line}\n") };
        if !c.tty {
            out.extend_from_slice(&[1, 0, 0, 0]);
            out.extend_from_slice(&(text.len() as u32).to_be_bytes());
        }
        out.extend_from_slice(text.as_bytes());
    }
    page(StatusCode::OK, "application/octet-stream", out)
}
