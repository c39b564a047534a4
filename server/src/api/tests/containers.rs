//! Containers of the real engine, driven over the API.

use std::{process::Command, time::Duration};

use app::{
    api::{
        audit::AuditQuery,
        container::{Action, BulkAction, Condition, ContainerQuery, ContainerRef, ContainerState, KillContainer, RenameContainer},
        event::EventQuery,
        operation::OperationState,
        problem::Failure,
    },
    client::Client,
};

use super::console::{Console, text};
use crate::{
    fleet::{Endpoint, HostConfig},
    store::{
        grant::{Grantee, NewGrant},
        host::HostRow,
        ownership::Ownership,
        tests::record,
    },
};

const IMAGE: &str = "ecos-test/busybox:1";

fn docker(args: &[&str]) -> String {
    let host = std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".into());
    let out = Command::new("docker").arg("-H").arg(host).args(args).output().expect("docker runs");
    assert!(out.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// A container that goes with the test.
struct Own {
    id: String,
    name: String,
}

impl Own {
    fn run(what: &str, script: &str) -> Self {
        let name = format!("ecos-api-{what}-{}", std::process::id());
        let id = docker(&["run", "-d", "--name", &name, "--stop-timeout", "1", IMAGE, "sh", "-c", script]);
        Self { id, name }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let host = std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".into());
        let _ = Command::new("docker").args(["-H", &host, "rm", "-f", &self.id]).output();
    }
}

/// A console that follows the engine.
async fn console() -> Console {
    let console = Console::new().await;
    let host = HostRow { id: "h1".into(), name: "test-host".into(), endpoint: String::new(), environment_id: None, created_at: 0 };
    console.app.store().create_host(host, record("add")).await.expect("made");
    let socket = std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".into());
    let endpoint = Endpoint::parse(&socket).expect("a unix socket");
    console.app.fleet().add(HostConfig { id: "h1".into(), name: "test-host".into(), environment_id: None, endpoint });
    console
}

/// Waits until something is so, at most half a minute.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "{what} did not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn appears(client: &Client, id: &str) {
    until("the container in the list", async || client.container(id).await.ok()).await;
}

fn status<T: std::fmt::Debug>(result: Result<T, Failure>) -> (u16, String) {
    match result {
        Err(Failure::Problem(p)) => (p.status, p.code),
        other => panic!("a problem was expected: {other:?}"),
    }
}

#[tokio::test]
async fn a_container_is_listed_driven_read_and_removed() {
    let own = Own::run("life", "echo hello; echo '<b>&' >&2; exec sleep 1000");
    let console = console().await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    let client = visitor.client();
    appears(&client, &own.id).await;

    let query = ContainerQuery { q: Some(own.name.clone()), ..ContainerQuery::default() };
    let list = client.containers(&query).await.expect("listed");
    assert_eq!((list.total, list.items[0].name.as_str(), list.items[0].condition), (1, own.name.as_str(), Condition::Running));
    assert_eq!(list.items[0].host_name, "test-host");

    let stopped = client.container_action(&own.id, Action::Stop, "k-stop").await.expect("stopped");
    assert_eq!(stopped.state, ContainerState::Exited, "the writer sees the own write");
    let again = client.container_action(&own.id, Action::Stop, "k-stop-2").await.expect("as it was wanted");
    assert_eq!(again.state, ContainerState::Exited);
    assert_eq!(client.container_action(&own.id, Action::Start, "k-start").await.expect("started").state, ContainerState::Running);
    let before = client.container(&own.id).await.expect("read").container.started_at;
    let restarted = client.container_action(&own.id, Action::Restart, "k-restart").await.expect("restarted");
    assert!(restarted.started_at > before);

    let detail = client.container(&own.id).await.expect("read").inspect.expect("the host answers");
    assert_eq!((detail.path.as_str(), detail.argument_count), ("sh", 2));
    let lines = client.container_log_tail(&own.id, 50).await.expect("read");
    assert!(lines.items.iter().any(|l| l.text == "<b>&" && l.stream == "stderr"), "{lines:?}");
    let plain = visitor.send("GET", &format!("/api/v1/containers/{}/logs?tail=1", own.id), &[], None).await;
    assert!(plain.headers()["content-type"].to_str().expect("text").starts_with("text/plain"));
    assert_eq!(text(plain).await.lines().count(), 1);

    assert_eq!(status(client.remove_container(&own.id, false).await), (409, "container_running".into()));
    client.remove_container(&own.id, true).await.expect("removed");
    assert_eq!(status(client.container(&own.id).await), (404, "not_found".into()));

    let trail = client.audit(&AuditQuery { object_id: Some(own.id.clone()), ..AuditQuery::default() }).await.expect("read");
    let told: Vec<(String, String)> = trail.items.iter().rev().map(|r| (r.action.clone(), r.outcome.clone())).collect();
    let expected =
        [("stop", "done"), ("stop", "not_done"), ("start", "done"), ("restart", "done"), ("remove", "failed"), ("remove", "done")];
    assert_eq!(told, expected.map(|(a, o)| (a.to_owned(), o.to_owned())));
    assert!(
        trail
            .items
            .iter()
            .all(|r| r.actor_name == "ops-c" && r.by_right == "platform-admin @ platform" && r.host_name.as_deref() == Some("test-host"))
    );
}

#[tokio::test]
async fn a_container_is_paused_signalled_renamed_and_killed() {
    let own = Own::run("more", "trap 'echo hup' HUP; while :; do sleep 0.1; done");
    let other = Own::run("taken", "exec sleep 1000");
    let console = console().await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    let client = visitor.client();
    appears(&client, &own.id).await;
    appears(&client, &other.id).await;

    assert_eq!(client.container_action(&own.id, Action::Pause, "1").await.expect("paused").state, ContainerState::Paused);
    assert_eq!(docker(&["inspect", "-f", "{{.State.Paused}}", &own.id]), "true");
    assert_eq!(client.container_action(&own.id, Action::Pause, "2").await.expect("as wanted").state, ContainerState::Paused);
    assert_eq!(client.container_action(&own.id, Action::Unpause, "3").await.expect("goes on").state, ContainerState::Running);
    assert_eq!(client.container_action(&own.id, Action::Unpause, "4").await.expect("as wanted").state, ContainerState::Running);

    let signal = |signal: &str| KillContainer { signal: Some(signal.to_owned()) };
    client.kill_container(&own.id, &signal("hup"), "5").await.expect("sent");
    until("its answer to the signal", async || docker(&["logs", &own.id]).contains("hup").then_some(())).await;
    assert_eq!(docker(&["inspect", "-f", "{{.State.Running}}", &own.id]), "true");
    for (i, wrong) in ["SIGNOTHING", "0", "65", "-9", "KILL; rm", ""].into_iter().enumerate() {
        assert_eq!(status(client.kill_container(&own.id, &signal(wrong), &format!("s{i}")).await), (422, "invalid_body".into()), "{wrong}");
    }

    let name = |name: &str| RenameContainer { name: name.to_owned() };
    let new = format!("{}-renamed", own.name);
    assert_eq!(client.rename_container(&own.id, &name(&new), "6").await.expect("renamed").name, new);
    assert_eq!(docker(&["inspect", "-f", "{{.Name}}", &own.id]), format!("/{new}"));
    assert_eq!(status(client.rename_container(&own.id, &name(&other.name), "7").await), (409, "name_conflict".into()));
    for (i, wrong) in ["", "a", "/x", "a b", "-ab", &"x".repeat(129)].into_iter().enumerate() {
        assert_eq!(status(client.rename_container(&own.id, &name(wrong), &format!("n{i}")).await), (422, "invalid_body".into()), "{wrong}");
    }

    let killed = client.container_action(&own.id, Action::Kill, "8").await.expect("killed");
    assert_eq!((killed.state, killed.exit_code), (ContainerState::Exited, Some(137)));
    assert_eq!(status(client.container_action(&own.id, Action::Kill, "9").await), (409, "not_running".into()));

    let trail = client.audit(&AuditQuery { object_id: Some(own.id.clone()), ..AuditQuery::default() }).await.expect("read");
    let told: Vec<(String, String)> = trail.items.iter().rev().map(|r| (r.action.clone(), r.outcome.clone())).collect();
    let expected = [
        ("pause", "done"),
        ("pause", "not_done"),
        ("unpause", "done"),
        ("unpause", "not_done"),
        ("kill", "done"),
        ("rename", "done"),
        ("rename", "failed"),
        ("kill", "done"),
        ("kill", "failed"),
    ];
    assert_eq!(told, expected.map(|(a, o)| (a.to_owned(), o.to_owned())));
}

#[tokio::test]
async fn one_key_has_one_effect() {
    let own = Own::run("once", "exec sleep 1000");
    let console = console().await;
    console.person("ops-c", Some("platform-admin")).await;
    let client = console.signed_in("ops-c").await.client();
    appears(&client, &own.id).await;
    let first = client.container_action(&own.id, Action::Restart, "same").await.expect("done");
    let second = client.container_action(&own.id, Action::Restart, "same").await.expect("the same answer");
    assert_eq!(first, second);
    let trail = client.audit(&AuditQuery { object_id: Some(own.id.clone()), ..AuditQuery::default() }).await.expect("read");
    assert_eq!(trail.items.len(), 1);
}

#[tokio::test]
async fn many_are_done_as_an_operation_with_a_result_each() {
    let (a, b) = (Own::run("bulk-a", "exec sleep 1000"), Own::run("bulk-b", "exec sleep 1000"));
    let console = console().await;
    console.person("ops-c", Some("platform-admin")).await;
    console.person("viewer", Some("viewer")).await;
    let client = console.signed_in("ops-c").await.client();
    appears(&client, &a.id).await;
    appears(&client, &b.id).await;
    let item = |id: &str| ContainerRef { host_id: "h1".into(), id: id.into() };
    let request = BulkAction { action: Action::Stop, items: vec![item(&a.id), item(&b.id), item(&"0".repeat(64))], force: false };
    let operation = client.container_actions(&request, "bulk").await.expect("accepted");
    let done = until("the operation's end", async || {
        let now = client.operation(&operation.id).await.expect("one's own");
        (now.state != OperationState::Running).then_some(now)
    })
    .await;
    assert_eq!(done.state, OperationState::Failed);
    let states: Vec<(&str, Option<&str>)> = done.items.iter().map(|i| (i.state.as_str(), i.code.as_deref())).collect();
    assert_eq!(states, [("done", None), ("done", None), ("failed", Some("not_found"))]);
    assert_eq!(docker(&["inspect", "-f", "{{.State.Running}}", &a.id]), "false");

    // Without the right anywhere nothing is begun, and no row is made.
    let viewer = console.signed_in("viewer").await.client();
    let tried = viewer.container_actions(&BulkAction { action: Action::Start, items: vec![item(&a.id)], force: false }, "no").await;
    assert_eq!(status(tried), (403, "forbidden".into()));
    // With it somewhere, each container is asked for by itself.
    let dev = console.person("dev-a", Some("viewer")).await;
    let project = console.app.store().create_project("payments", 0, record("create")).await.expect("made");
    let to = Grantee::User(dev);
    console
        .grant(NewGrant { to, role: "developer".into(), project_id: Some(project), environment_id: None, expires_at: None, now: 0 })
        .await;
    let dev = console.signed_in("dev-a").await.client();
    let tried = dev.container_actions(&BulkAction { action: Action::Start, items: vec![item(&a.id)], force: false }, "no").await;
    let tried = tried.expect("accepted");
    let refused = until("the end", async || {
        let now = dev.operation(&tried.id).await.expect("one's own");
        (now.state != OperationState::Running).then_some(now)
    })
    .await;
    assert_eq!(refused.items[0].code.as_deref(), Some("forbidden"));
    assert_eq!(docker(&["inspect", "-f", "{{.State.Running}}", &a.id]), "false");
}

#[tokio::test]
async fn a_team_sees_and_drives_its_own_and_nothing_tells_of_the_rest() {
    let (ours, theirs) = (Own::run("ours", "exec sleep 1000"), Own::run("theirs", "exec sleep 1000"));
    let console = console().await;
    let admin = console.person("admin", Some("platform-admin")).await;
    let dev = console.person("dev-a", None).await;
    let project = console.app.store().create_project("payments", 0, record("create")).await.expect("made");
    let to_dev = |role: &str| NewGrant {
        to: Grantee::User(dev.clone()),
        role: role.into(),
        project_id: Some(project.clone()),
        environment_id: None,
        expires_at: None,
        now: 0,
    };
    console.grant(to_dev("developer")).await;
    let admin = console.script(&console.token(&admin, None).await).client();
    appears(&admin, &ours.id).await;
    appears(&admin, &theirs.id).await;
    let snapshot = console.app.fleet().snapshot();
    let created_at = snapshot.find(&ours.id)[0].1.created_at;
    let row = Ownership {
        host_id: "h1".into(),
        kind: "container".into(),
        object_id: ours.id.clone(),
        created_at,
        project_id: project,
        intent_id: "i".into(),
    };
    console.app.store().assign(row, record("assign")).await.expect("assigned");
    console.app.auth().refresh().await.expect("reads");

    let visitor = console.signed_in("dev-a").await;
    let client = visitor.client();
    let list = client.containers(&ContainerQuery::default()).await.expect("listed");
    assert_eq!(list.items.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), [ours.id.as_str()]);
    assert_eq!((list.total, list.counts.values().sum::<u32>()), (1, 1));
    assert_eq!(list.items[0].project.as_ref().map(|p| p.name.as_str()), Some("payments"));
    client.container_action(&ours.id, Action::Restart, "k").await.expect("a developer operates");
    for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/logs?tail=1")] {
        let foreign = visitor.json(method, &format!("/api/v1/containers/{}{path}", theirs.id), None).await;
        let absent = visitor.json(method, &format!("/api/v1/containers/{}{path}", "0".repeat(64)), None).await;
        let shape = |(status, mut body): (u16, serde_json::Value)| {
            body["request_id"] = serde_json::Value::Null;
            (status, body)
        };
        assert_eq!(shape(foreign), shape(absent), "{method} {path}");
    }
    assert_eq!(docker(&["inspect", "-f", "{{.State.Running}}", &theirs.id]), "true");
    let overview = client.overview().await.expect("read");
    assert_eq!(overview.containers.total, 1);
    assert!(client.events(&EventQuery::default()).await.expect("read").items.iter().all(|e| e.object_id == ours.id));
}

#[tokio::test]
async fn a_protected_environment_refuses_what_nobody_approved() {
    let own = Own::run("gate", "exec sleep 1000");
    let console = console().await;
    console.person("ops-c", Some("platform-admin")).await;
    let environment = console.app.store().create_environment("production", "production", true, 0, record("create")).await.expect("made");
    console.app.auth().refresh().await.expect("reads");
    let socket = std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".into());
    let endpoint = Endpoint::parse(&socket).expect("a unix socket");
    console.app.fleet().add(HostConfig { id: "h1".into(), name: "test-host".into(), environment_id: Some(environment), endpoint });
    let client = console.signed_in("ops-c").await.client();
    appears(&client, &own.id).await;
    for action in [Action::Stop, Action::Restart] {
        assert_eq!(status(client.container_action(&own.id, action, action.key()).await), (403, "environment_protected".into()));
    }
    assert_eq!(status(client.remove_container(&own.id, true).await), (403, "environment_protected".into()));
    assert_eq!(docker(&["inspect", "-f", "{{.State.Running}}", &own.id]), "true");
    let trail = client.audit(&AuditQuery { outcome: Some("refused".into()), ..AuditQuery::default() }).await.expect("read");
    assert_eq!(trail.items.len(), 3);
}
