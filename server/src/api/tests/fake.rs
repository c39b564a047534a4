//! What the real engine can't be made to show: the policy's refusals on a recording engine, hosts that fall silent, ids found twice.

use std::time::Duration;

use app::{
    api::{
        audit::AuditQuery,
        container::{Action, Condition, ContainerQuery, RenameContainer},
        counts::Counts,
        host::{HostQuery, HostState},
        problem::Failure,
    },
    client::Client,
};
use http_body_util::BodyExt as _;

use super::console::{Console, Visitor};
use crate::{
    clock::Clock,
    fleet::{
        HostConfig,
        fake::{Fake, FakeContainer, Trouble},
    },
    store::{
        grant::{Grantee, NewGrant},
        host::HostRow,
        ownership::Ownership,
        tests::record,
    },
};

/// A console that follows these engines as hosts `h0`, `h1`, …
pub(super) async fn console(fakes: &[&Fake]) -> Console {
    console_at(Clock::system(), fakes).await
}

pub(super) async fn console_at(clock: Clock, fakes: &[&Fake]) -> Console {
    let console = Console::at(clock).await;
    for i in 0..fakes.len() {
        let (id, name) = (format!("h{i}"), format!("host-{i}"));
        let host = HostRow { id, name, endpoint: String::new(), environment_id: None, created_at: 0 };
        console.app.store().create_host(host, record("add")).await.expect("made");
    }
    follow(&console, fakes);
    console
}

/// Has a console follow engines that it knows as hosts.
pub(super) fn follow(console: &Console, fakes: &[&Fake]) {
    for (i, fake) in fakes.iter().enumerate() {
        let (id, name) = (format!("h{i}"), format!("host-{i}"));
        console.app.fleet().add(HostConfig { id, name, environment_id: None, endpoint: fake.endpoint() });
    }
}

pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < end, "{what} did not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn listed(client: &Client, total: u32) {
    let all = ContainerQuery::default();
    until("the list", async || client.containers(&all).await.is_ok_and(|l| l.total == total && l.items.iter().all(|c| !c.stale))).await;
}

pub(super) fn problem<T: std::fmt::Debug>(result: Result<T, Failure>) -> (u16, String) {
    match result {
        Err(Failure::Problem(p)) => (p.status, p.code),
        other => panic!("a problem was expected: {other:?}"),
    }
}

pub(super) fn id(n: u8) -> String {
    format!("{n:064x}")
}

#[tokio::test]
async fn what_the_policy_refuses_reaches_no_engine() {
    let fake = Fake::start();
    let privileged = serde_json::json!({"Privileged": true});
    fake.world().add(FakeContainer { host_config: privileged, ..FakeContainer::exited(&id(1), "root", 0) });
    let created_at = 1_700_000_000_000;
    let console = console(&[&fake]).await;
    let dev = console.person("dev-a", None).await;
    console.person("ops-c", Some("platform-admin")).await;
    let project = console.app.store().create_project("payments", 0, record("create")).await.expect("made");
    let to = Grantee::User(dev);
    console
        .grant(NewGrant { to, role: "developer".into(), project_id: Some(project.clone()), environment_id: None, expires_at: None, now: 0 })
        .await;
    let owned = |object_id: String| Ownership {
        host_id: "h0".into(),
        kind: "container".into(),
        object_id,
        created_at,
        project_id: project.clone(),
        intent_id: "i".into(),
    };
    console.app.store().assign(owned(id(1)), record("assign")).await.expect("assigned");
    console.app.auth().refresh().await.expect("reads");
    let client = console.signed_in("dev-a").await.client();
    listed(&client, 1).await;

    fake.world().add(FakeContainer {
        host_config: serde_json::json!({"Privileged": true}),
        state: "paused".into(),
        ..FakeContainer::running(&id(2), "frozen")
    });
    console.app.store().assign(owned(id(2)), record("assign")).await.expect("assigned");
    console.app.auth().refresh().await.expect("reads");
    fake.world().tell("pause", &id(2), &[]);
    listed(&client, 2).await;
    assert_eq!(problem(client.container_action(&id(2), Action::Unpause, "u").await), (403, "policy_refused".into()));
    for action in [Action::Start, Action::Restart] {
        assert_eq!(problem(client.container_action(&id(1), action, action.key()).await), (403, "policy_refused".into()), "{action:?}");
    }
    let name = RenameContainer { name: "payments-other".into() };
    assert_eq!(problem(client.rename_container(&id(1), &name, "r").await), (403, "policy_refused".into()));
    let mutating = |world: &crate::fleet::fake::World| world.calls.iter().filter(|(method, _)| method != "GET").count();
    assert_eq!(mutating(&fake.world()), 0, "{:?}", fake.world().calls);
    let trail = console.signed_in("ops-c").await.client();
    let refused = trail.audit(&AuditQuery { outcome: Some("refused".into()), ..AuditQuery::default() }).await.expect("read");
    assert_eq!(refused.items.len(), 4);
    assert!(refused.items.iter().all(|r| r.actor_name == "dev-a" && r.detail.contains("privileged")), "{refused:?}");
    // What may be done with it: kill it, remove it.
    client.container_action(&id(2), Action::Kill, "k").await.expect_err("the engine kills no frozen one here");
    client.remove_container(&id(1), false).await.expect("removed");
    assert_eq!(mutating(&fake.world()), 2);
}

#[tokio::test]
async fn an_id_on_two_hosts_wants_the_host() {
    let (one, two) = (Fake::start(), Fake::start());
    one.world().add(FakeContainer::running(&id(7), "clone"));
    two.world().add(FakeContainer::running(&id(7), "clone"));
    let console = console(&[&one, &two]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 2).await;
    let (status, body) = visitor.json("GET", &format!("/api/v1/containers/{}", id(7)), None).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("ambiguous")), "{body}");
    assert!(body["detail"].as_str().is_some_and(|d| d.contains("host-0") && d.contains("host-1")), "{body}");
    let stop = format!("/api/v1/containers/{}/stop", id(7));
    assert_eq!(visitor.json("POST", &stop, None).await.0, 409);
    assert_eq!(visitor.json("POST", &format!("{stop}?host_id=h1"), None).await.0, 200);
    assert_eq!((one.world().count("/stop"), two.world().count("/stop")), (0, 1));
}

#[tokio::test]
async fn the_overview_says_what_needs_attention() {
    let (well, silent) = (Fake::start(), Fake::start());
    well.world().add(FakeContainer::running(&id(1), "web"));
    well.world().add(FakeContainer { health: Some("unhealthy".into()), ..FakeContainer::running(&id(2), "db") });
    well.world().add(FakeContainer {
        state: "restarting".into(),
        exit_code: 137,
        oom_killed: true,
        ..FakeContainer::exited(&id(3), "settle", 137)
    });
    silent.world().add(FakeContainer::running(&id(4), "far"));
    let console = console(&[&well, &silent]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let client = console.signed_in("ops-c").await.client();
    listed(&client, 4).await;
    silent.trouble("", Trouble::Silent);
    until("the silence is noticed", async || client.host("h1").await.is_ok_and(|h| h.state == HostState::Unreachable)).await;

    let overview = client.overview().await.expect("read");
    assert_eq!((overview.hosts.total, overview.hosts.reachable, overview.hosts.unreachable), (2, 1, 1));
    assert_eq!(client.counts().await.expect("read"), Counts { containers: Some(4), hosts: Some(2), operations: 0 });
    console.person("nobody-y", None).await;
    assert_eq!(console.signed_in("nobody-y").await.client().counts().await.expect("read"), Counts::default());
    let c = overview.containers;
    assert_eq!((c.total, c.running, c.trouble, c.stopped, c.unknown, c.unhealthy), (4, 1, 2, 0, 1, 1));
    let mut told: Vec<(String, String, Option<i64>)> =
        overview.attention.iter().map(|a| (a.kind.clone(), a.object_name.clone(), a.exit_code)).collect();
    told.sort();
    let expected = [("host_unreachable", "host-1", None), ("restart_loop", "settle", Some(137)), ("unhealthy", "db", None)];
    assert_eq!(told.iter().map(|(k, n, e)| (k.as_str(), n.as_str(), e.filter(|_| k == "restart_loop"))).collect::<Vec<_>>(), expected);
    let host = overview.attention.iter().find(|a| a.kind == "host_unreachable").expect("told");
    assert_eq!((host.containers, host.cause.as_ref().map(|c| c.code.as_str())), (Some(1), Some("timeout")));
    let list = client.containers(&ContainerQuery::default()).await.expect("listed");
    assert_eq!(list.hosts.map(|h| (h.total, h.unreachable)), Some((2, 1)));
    assert!(list.items.iter().any(|c| c.name == "far" && c.stale && c.as_of.is_some()), "stale data is shown and dated");

    silent.trouble("", Trouble::None);
    listed(&client, 4).await;
    assert_eq!(client.overview().await.expect("read").hosts.unreachable, 0);
}

#[tokio::test]
async fn a_log_that_is_followed_ends_with_the_right_to_it() {
    let fake = Fake::start();
    fake.world().add(FakeContainer { log: "hello\n".into(), ..FakeContainer::running(&id(1), "web") });
    let console = console(&[&fake]).await;
    let dev = console.person("dev-a", None).await;
    console
        .grant(NewGrant { to: Grantee::User(dev), role: "viewer".into(), project_id: None, environment_id: None, expires_at: None, now: 0 })
        .await;
    let visitor = console.signed_in("dev-a").await;
    listed(&visitor.client(), 1).await;
    // After what there is, the engine goes on saying nothing.
    fake.trouble("/logs", Trouble::Drips);
    let response = visitor.send("GET", &format!("/api/v1/containers/{}/logs?follow=true", id(1)), &[], None).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let mut read = Vec::new();
    while read != b"hello\n" {
        let frame = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.expect("in time").expect("more").expect("whole");
        read.extend_from_slice(&frame.into_data().expect("data"));
    }
    visitor.client().sign_out().await.expect("signed out");
    let end = tokio::time::timeout(Duration::from_secs(2), async { while body.frame().await.is_some_and(|f| f.is_ok()) {} }).await;
    assert!(end.is_ok(), "the stream went on for 2 s");
}

#[tokio::test]
async fn a_change_without_a_body_takes_none() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    let path = |end: &str| format!("/api/v1/containers/{}{end}", id(1));
    for (method, end) in [("POST", "/start"), ("POST", "/stop"), ("POST", "/restart"), ("DELETE", "?force=true")] {
        let (status, body) = visitor.json(method, &path(end), Some(r#"{"signal":"SIGKILL"}"#)).await;
        assert_eq!(
            (status, body["errors"][0]["field"].as_str(), body["errors"][0]["code"].as_str()),
            (422, Some("signal"), Some("unknown_field")),
            "{end}"
        );
        assert_eq!(visitor.json(method, &path(end), Some("[")).await.0, 400, "{end}");
    }
    assert_eq!(fake.world().calls.iter().filter(|(method, _)| method != "GET").count(), 0);
    assert_eq!(visitor.json("POST", &path("/restart"), Some("{}")).await.0, 200);
    let many = format!(r#"{{"action":"restart","items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(1));
    let answer = visitor.send("POST", "/api/v1/containers/actions", &[], Some(&many)).await;
    assert_eq!(answer.status(), 202);
    let place = answer.headers()["location"].to_str().expect("text").to_owned();
    assert_eq!(visitor.json("GET", &place, None).await.0, 200);
}

#[tokio::test]
async fn bad_windows_cursors_and_keys_are_named() {
    let console = console(&[]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    for (path, field) in [
        ("/containers?offset=-1", "offset"),
        ("/containers?limit=1001", "limit"),
        ("/containers?limit=0", "limit"),
        ("/containers?sort=colour", "sort"),
        ("/containers?group=shelf", "group"),
        ("/containers?condition=bored", "condition"),
        ("/containers?ofset=1", "ofset"),
        ("/hosts?sort=colour", "sort"),
        ("/audit?cursor=nonsense", "cursor"),
        ("/audit?from=yesterday", "from"),
        ("/events?cursor=nonsense", "cursor"),
        ("/events?limit=100000", "limit"),
    ] {
        let (status, body) = visitor.json("GET", &format!("/api/v1{path}"), None).await;
        assert_eq!((status, body["errors"][0]["field"].as_str()), (400, Some(field)), "{path}: {body}");
    }
}

#[tokio::test]
async fn a_name_in_a_project_stays_under_its_own_prefix() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "payments-web"));
    fake.world().add(FakeContainer::running(&id(2), "secret-name"));
    let console = console(&[&fake]).await;
    let dev = console.person("dev-a", None).await;
    let project = console.app.store().create_project("payments", 0, record("create")).await.expect("made");
    let to = Grantee::User(dev);
    console
        .grant(NewGrant {
            to,
            role: "project-owner".into(),
            project_id: Some(project.clone()),
            environment_id: None,
            expires_at: None,
            now: 0,
        })
        .await;
    console.own(&project, "h0", &id(1)).await;
    let client = console.signed_in("dev-a").await.client();
    listed(&client, 1).await;
    let name = |name: &str| RenameContainer { name: name.to_owned() };
    // Whether it is taken or not, the answer is the same.
    for wanted in ["secret-name", "free-name"] {
        assert_eq!(problem(client.rename_container(&id(1), &name(wanted), wanted).await), (422, "invalid_body".into()));
    }
    assert_eq!(fake.world().count("/rename"), 0);
    assert_eq!(client.rename_container(&id(1), &name("payments-shop"), "k").await.expect("renamed").name, "payments-shop");
}

/// What a project's developer is told, as JSON, without what differs from run to run.
async fn told(visitor: &Visitor, project: &str) -> Vec<serde_json::Value> {
    let mut answers = Vec::new();
    let lists = [
        "/hosts?sort=containers",
        "/hosts?sort=-containers",
        "/hosts/h0",
        "/containers",
        "/overview",
        "/counts",
        "/events",
        "/audit",
        "/operations",
        "/containers?group=host",
        "/containers?group=application&sort=-state",
        "/containers?condition=stopped",
        "/containers?image=shop/web:1&sort=-name",
        "/containers?project=payments&limit=1&offset=1",
    ];
    // What is searched for, in lists and from anywhere (the palette asks these two for a few of each): by name, image, host, id, and nothing.
    let words = ["secret", "secret-3", "payments", "shop/web", "host-0", &id(103)[60..], "0000", "-", ""];
    let searches = words.iter().flat_map(|q| {
        [format!("/containers?q={q}"), format!("/containers?q={q}&limit=5"), format!("/hosts?q={q}&limit=5"), format!("/audit?q={q}")]
    });
    // And one that is there in the one world, by its id.
    let hidden = id(103);
    let one =
        ["", "/logs?tail=5", "/stats", "/top", "/settings", "/compose", "/image-update"].map(|of| format!("/containers/{hidden}{of}"));
    let of = [format!("/events?object_id={hidden}"), format!("/audit?object_id={hidden}")];
    let lists = lists.iter().map(ToString::to_string).collect::<Vec<_>>();
    for path in lists.into_iter().chain(searches).chain(one).chain(of) {
        let (status, body) = visitor.json("GET", &format!("/api/v1{path}"), None).await;
        assert_eq!(status, if path.starts_with(&format!("/containers/{hidden}")) { 404 } else { 200 }, "{path}: {body}");
        let text = body.to_string().replace(project, "the-project");
        let mut body: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        without(&mut body, &["ping_ms", "request_id"]);
        answers.push(serde_json::json!({ "path": path, "status": status, "body": body }));
    }
    answers
}

fn without(value: &mut serde_json::Value, names: &[&str]) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|v| without(v, names));
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|v| without(v, names)),
        _ => {}
    }
}

/// Two worlds that differ only in what is not the project's answer its people alike: totals, order, versions.
#[tokio::test]
async fn what_others_have_shows_in_nothing() {
    let mut worlds = Vec::new();
    for others in [0_u8, 9] {
        let (one, two) = (Fake::start(), Fake::start());
        one.world().add(FakeContainer::running(&id(1), "payments-a"));
        two.world().add(FakeContainer::running(&id(2), "payments-b"));
        two.world().add(FakeContainer::running(&id(3), "payments-c"));
        for n in 0..others {
            one.world().add(FakeContainer::running(&id(100 + n), &format!("secret-{n}")));
        }
        one.world().images = i64::from(others);
        let clock = Clock::manual(1_800_000_000_000);
        let console = console_at(clock.clone(), &[&one, &two]).await;
        let dev = console.person("dev-a", None).await;
        console.person("ops-c", Some("platform-admin")).await;
        let project = console.app.store().create_project("payments", 0, record("create")).await.expect("made");
        let to = Grantee::User(dev);
        let role = "project-owner".into();
        console.grant(NewGrant { to, role, project_id: Some(project.clone()), environment_id: None, expires_at: None, now: 0 }).await;
        for (n, host) in [(1, "h0"), (2, "h1"), (3, "h1")] {
            console.own(&project, host, &id(n)).await;
        }
        let admin = console.signed_in("ops-c").await.client();
        listed(&admin, 3 + u32::from(others)).await;
        until("both are introduced", async || {
            admin.hosts(&HostQuery::default()).await.is_ok_and(|l| l.items.iter().all(|h| h.engine.is_some()))
        })
        .await;
        let visitor = console.signed_in("dev-a").await;
        let mut answers = told(&visitor, &project).await;
        // Time goes by, others' things change, and the engine holds more of them.
        clock.advance(7_000);
        for n in 0..others {
            one.world().stop(&id(100 + n));
        }
        if others > 0 {
            until("it is seen", async || {
                let stopped = ContainerQuery { condition: Some(Condition::Stopped), ..ContainerQuery::default() };
                admin.containers(&stopped).await.is_ok_and(|l| l.total == u32::from(others))
            })
            .await;
        }
        answers.extend(told(&visitor, &project).await);
        worlds.push(answers);
    }
    for (a, b) in worlds[0].iter().zip(&worlds[1]) {
        assert_eq!(a, b, "{}", a["path"]);
    }
    assert_eq!(worlds[0][0]["body"]["items"][0]["containers"]["total"], 1);
    assert_eq!(worlds[0][1]["body"]["items"][0]["containers"]["total"], 2);
    let later = worlds[0].len() / 2;
    assert_eq!(worlds[0][0]["body"]["snapshot"], worlds[0][later]["body"]["snapshot"], "nothing that is seen has changed");
}

/// Lists are read from memory; a detail asks the engine, and an engine that is slow or strange holds up nobody for long.
#[tokio::test]
async fn a_container_is_told_of_whatever_its_engine_does() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("viewer")).await;
    let client = console.signed_in("ops-c").await.client();
    listed(&client, 1).await;
    assert!(client.container(&id(1)).await.expect("read").inspect.is_some());
    let inspection = format!("{}/json", id(1));
    for trouble in [
        Trouble::Silent,
        Trouble::Late,
        Trouble::Drips,
        Trouble::Breaks,
        Trouble::Html,
        Trouble::OtherTypes,
        Trouble::Floods,
        Trouble::Refuses,
    ] {
        fake.trouble(&inspection, trouble);
        let asked = std::time::Instant::now();
        let detail = client.container(&id(1)).await.unwrap_or_else(|e| panic!("{trouble:?}: {e:?}"));
        assert!(asked.elapsed() < Duration::from_secs(10), "{trouble:?}: it took {:?}", asked.elapsed());
        assert_eq!((detail.container.name.as_str(), detail.inspect.is_none()), ("web", true), "{trouble:?}");
    }
    fake.trouble(&inspection, Trouble::None);
    assert!(client.container(&id(1)).await.expect("read").inspect.is_some());
    // That it is gone is an answer, too.
    fake.world().containers.clear();
    assert_eq!(problem(client.container(&id(1)).await).0, 404);
}

#[tokio::test]
async fn a_log_of_a_host_that_falls_silent_is_not_waited_for() {
    let fake = Fake::start();
    fake.world().add(FakeContainer { log: "hello\n".into(), ..FakeContainer::running(&id(1), "web") });
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("viewer")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    fake.trouble("", Trouble::Silent);
    let asked = std::time::Instant::now();
    let (status, told) = visitor.json("GET", &format!("/api/v1/containers/{}/logs", id(1)), None).await;
    assert_eq!((status, told["code"].as_str()), (503, Some("host_unreachable")), "after {:?}", asked.elapsed());
}

#[tokio::test]
async fn a_search_has_an_end() {
    let console = console(&[]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    for list in ["audit", "containers", "hosts"] {
        for (q, good) in [("w+".repeat(16), true), ("w+".repeat(17), false), ("w".repeat(256), true), ("w".repeat(257), false)] {
            let (status, body) = visitor.json("GET", &format!("/api/v1/{list}?q={q}"), None).await;
            let expected = if good { (200, None) } else { (400, Some("q")) };
            assert_eq!((status, body["errors"][0]["field"].as_str()), expected, "{list}: {q}");
        }
    }
}

#[tokio::test]
async fn an_action_on_many_that_is_refused_as_a_whole_is_on_record() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    console.person("viewer-e", Some("viewer")).await;
    console.person("ops-c", Some("auditor")).await;
    let viewer = console.signed_in("viewer-e").await;
    for (action, permission) in [("stop", "container.operate"), ("remove", "container.delete")] {
        let many = format!(r#"{{"action":"{action}","items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(1));
        let (status, body) = viewer.json("POST", "/api/v1/containers/actions", Some(&many)).await;
        assert_eq!((status, body["code"].as_str()), (403, Some("forbidden")), "{body}");
        let trail = console.signed_in("ops-c").await.client();
        let refused = AuditQuery { outcome: Some("refused".into()), permission: Some(permission.into()), ..AuditQuery::default() };
        let rows = trail.audit(&refused).await.expect("read").items;
        assert_eq!(rows.len(), 1, "{action}");
        let row = &rows[0];
        assert_eq!((row.actor_name.as_str(), row.action.as_str(), row.object_kind.as_str()), ("viewer-e", action, "container"));
        assert!(!row.request_id.is_empty());
    }
}

#[tokio::test]
async fn a_log_comes_as_a_file_that_no_browser_opens() {
    let fake = Fake::start();
    let log = "<script>one</script>\ntwo\nthree".to_owned();
    fake.world().add(FakeContainer { log, ..FakeContainer::running(&id(1), "web") });
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("viewer")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    let file = async |query: &str| {
        let answer = visitor.send("GET", &format!("/api/v1/containers/{}/logs?{query}", id(1)), &[], None).await;
        let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        let headers = [header("content-disposition"), header("content-security-policy"), header("x-content-type-options")];
        let bytes = answer.into_body().collect().await.expect("whole").to_bytes();
        (headers, String::from_utf8_lossy(&bytes).into_owned())
    };
    let (headers, text) = file("format=text").await;
    assert_eq!(headers, ["attachment; filename=\"web.log\"", "sandbox", "nosniff"]);
    assert_eq!(text.lines().nth(1), Some("2023-11-14T22:13:20.123456789Z two"));
    let (headers, text) = file("format=jsonl&tail=1").await;
    assert_eq!(headers[0], "attachment; filename=\"web.jsonl\"");
    assert_eq!(text, "{\"at\":\"2023-11-14T22:13:20.123456789Z\",\"stream\":\"stdout\",\"text\":\"three\"}\n");
    let (_, text) = file("format=text&max_bytes=80").await;
    assert_eq!(text.lines().last(), Some("--- cut after 80 bytes ---"));
    assert_eq!(text.lines().count(), 2);
}

#[tokio::test]
async fn a_log_that_cant_be_read_is_refused_before_it_is_followed_and_wrong_questions_name_the_field() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("viewer")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    for (query, field) in [
        ("since=yesterday", "since"),
        ("until=-1", "until"),
        ("since=2&until=1", "until"),
        ("follow=true&format=text", "format"),
        ("format=xml", "format"),
        ("tail=10001", "tail"),
        ("max_bytes=1", "max_bytes"),
        ("before=1", "before"),
    ] {
        let (status, body) = visitor.json("GET", &format!("/api/v1/containers/{}/logs?{query}", id(1)), None).await;
        assert_eq!((status, body["errors"][0]["field"].as_str()), (400, Some(field)), "{query}: {body}");
    }
    fake.trouble("/logs", Trouble::Refuses);
    let (status, body) = visitor.json("GET", &format!("/api/v1/containers/{}/logs?follow=true", id(1)), None).await;
    assert_eq!((status, body["code"].as_str()), (502, Some("engine_refused")));
}

#[tokio::test]
async fn who_follows_too_many_logs_is_told() {
    let fake = Fake::start();
    fake.world().add(FakeContainer { log: "hello\n".into(), ..FakeContainer::running(&id(1), "web") });
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("viewer")).await;
    console.person("ops-d", Some("viewer")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    fake.trouble("/logs", Trouble::Drips);
    let path = format!("/api/v1/containers/{}/logs?follow=true", id(1));
    let mut open = Vec::new();
    for _ in 0..crate::api::places::STREAMS.each {
        let answer = visitor.send("GET", &path, &[], None).await;
        assert_eq!(answer.status(), 200);
        open.push(answer);
    }
    let (status, body) = visitor.json("GET", &path, None).await;
    assert_eq!((status, body["code"].as_str()), (429, Some("too_many_streams")));
    let other = console.signed_in("ops-d").await.send("GET", &path, &[], None).await;
    assert_eq!(other.status(), 200, "others have their own places");
    drop(open);
    assert_eq!(visitor.send("GET", &path, &[], None).await.status(), 200, "closed ones are free again");
}

#[tokio::test]
async fn a_repeat_under_a_key_never_does_it_again() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    let ask = async |path: &str, key: &str, body: Option<&str>| {
        let answer = visitor.send("POST", path, &[("idempotency-key", key)], body).await;
        let replayed = answer.headers().contains_key("idempotent-replay");
        (answer.status().as_u16(), replayed, answer.headers().get("location").cloned())
    };
    // It was done, and the engine broke off before it said so: nobody knows, and asked again it is not done again.
    let restart = format!("/api/v1/containers/{}/restart", id(1));
    fake.trouble("/restart", Trouble::Breaks);
    let (status, replayed, _) = ask(&restart, "a", None).await;
    assert!(status >= 500 && !replayed, "{status}");
    let begun = fake.world().count("/restart");
    fake.trouble("/restart", Trouble::None);
    assert_eq!(ask(&restart, "a", None).await, (status, true, None));
    assert_eq!((begun, fake.world().count("/restart")), (1, 1));

    // Nothing was begun: the key is free again.
    fake.trouble("/json", Trouble::Refuses);
    let (status, _, _) = ask(&restart, "b", None).await;
    assert!(status >= 500, "{status}");
    fake.trouble("/json", Trouble::None);
    assert_eq!(ask(&restart, "b", None).await, (200, false, None));

    // An operation is begun once; the repeat says where it is, too.
    let many = format!(r#"{{"action":"restart","items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(1));
    let (first, second) =
        (ask("/api/v1/containers/actions", "c", Some(&many)).await, ask("/api/v1/containers/actions", "c", Some(&many)).await);
    assert_eq!((first.0, first.1, second.0, second.1), (202, false, 202, true));
    assert!(first.2.is_some() && first.2 == second.2);
}

#[tokio::test]
async fn a_token_is_told_what_it_may_and_began_itself_not_what_its_owner_does() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    let owner = console.person("ops-c", Some("operator")).await;
    let person = console.signed_in("ops-c").await;
    listed(&person.client(), 1).await;
    let project = console.app.store().create_project("payments", 0, record("create")).await.expect("made");
    console.app.auth().refresh().await.expect("reads");
    let script = console.script(&console.token_in(&owner, None, Some(&project)).await);
    let full = console.script(&console.token(&owner, Some("operator")).await);
    let many = format!(r#"{{"action":"restart","items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(1));
    let begin = async |visitor: &Visitor| {
        let (status, body) = visitor.json("POST", "/api/v1/containers/actions", Some(&many)).await;
        assert_eq!(status, 202, "{body}");
        format!("/api/v1/operations/{}", body["id"].as_str().expect("an id"))
    };
    let (by_person, by_token) = (begin(&person).await, begin(&full).await);
    assert_eq!(script.json("GET", &by_person, None).await.0, 404);
    assert_eq!(script.json("GET", &by_token, None).await.0, 404);
    assert_eq!(full.json("GET", &by_token, None).await.0, 200);
    assert_eq!(person.json("GET", &by_token, None).await.0, 200);
    let (_, account) = script.json("GET", "/api/v1/account", None).await;
    assert_eq!((account["roles"][0]["scope"].as_str(), account["roles"][0]["project_name"].as_str()), (Some("project"), Some("payments")));
    assert_eq!(account["preferences"], serde_json::json!({}));
    assert_eq!(script.json("GET", "/api/v1/account/sessions", None).await.0, 403);
}

#[tokio::test]
async fn nobody_runs_operations_without_end() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("operator")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    let of = |id: &str| format!(r#"{{"action":"restart","items":[{{"host_id":"h0","id":"{id}"}}]}}"#);
    fake.trouble("/restart", Trouble::Silent);
    let most = crate::api::places::OPERATIONS.each;
    for n in 0..most {
        assert_eq!(visitor.json("POST", "/api/v1/containers/actions", Some(&of(&id(1)))).await.0, 202, "{n}");
    }
    let (status, body) = visitor.json("POST", "/api/v1/containers/actions", Some(&of(&id(1)))).await;
    assert_eq!((status, body["code"].as_str()), (429, Some("too_many_operations")));
    fake.trouble("/restart", Trouble::None);
    until("places are free again", async || visitor.json("POST", "/api/v1/containers/actions", Some(&of(&id(1)))).await.0 == 202).await;
    let (status, body) = visitor.json("POST", "/api/v1/containers/actions", Some(&of("../../info"))).await;
    assert_eq!((status, body["errors"][0]["field"].as_str()), (422, Some("items[0]")));
}

#[tokio::test]
async fn an_operation_that_a_shutdown_meets_ends_what_it_began_and_says_so() {
    let fake = Fake::start();
    for n in 1..=20 {
        fake.world().add(FakeContainer::running(&id(n), &format!("web-{n}")));
    }
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("operator")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 20).await;
    fake.trouble("/stop", Trouble::Late);
    let items: Vec<String> = (1..=20).map(|n| format!(r#"{{"host_id":"h0","id":"{}"}}"#, id(n))).collect();
    let many = format!(r#"{{"action":"stop","items":[{}]}}"#, items.join(","));
    let (status, operation) = visitor.json("POST", "/api/v1/containers/actions", Some(&many)).await;
    assert_eq!(status, 202);
    until("some are under way", async || fake.world().count("/stop") == 8).await;
    console.app.closing().cancel();
    fake.trouble("/stop", Trouble::None);
    console.app.changes().close();
    tokio::time::timeout(Duration::from_secs(10), console.app.changes().wait()).await.expect("it does not hold the shutdown up");
    let row = console.app.store().operation(operation["id"].as_str().expect("an id")).await.expect("read").expect("there");
    assert_eq!((row.state.as_str(), row.done, row.finished_at.is_some()), ("interrupted", 8, true));
    assert_eq!((fake.world().count("/stop"), row.items.matches("\"waiting\"").count()), (8, 12));
}
