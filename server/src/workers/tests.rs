//! Workers on a real engine: hosts are followed, events kept, open intents closed by what the engine shows.

use std::{process::Command, sync::Arc, time::Duration};

use uuid::Uuid;

use super::{cleanup, events::Events, hosts::Hosts, intents::Intents};
use crate::{
    app::App,
    auth::{Actor, Visible},
    clock::Clock,
    config::Settings,
    fleet::engine::Observed,
    store::{
        Draft, Store,
        audit::AuditFilter,
        event::{EventFilter, EventRow},
        intent::OpenIntent,
    },
};

const IMAGE: &str = "ecos-test/busybox:1";

fn engine() -> String {
    std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned())
}

fn docker(args: &[&str]) -> String {
    let out = Command::new("docker").arg("-H").arg(engine()).args(args).output().expect("the docker command runs");
    assert!(out.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// A container of this test's own, removed at its end.
struct Container(String);

impl Container {
    fn run() -> Self {
        let name = format!("edge-test-{}", Uuid::now_v7().simple());
        Self(docker(&["run", "-d", "--name", &name, IMAGE, "sleep", "3600"]))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["-H", &engine(), "rm", "-f", &self.0]).output();
    }
}

async fn console(dir: &std::path::Path) -> App {
    let mut settings = Settings::with_data_dir(dir);
    settings.docker.socket = engine().trim_start_matches("unix://").into();
    let store = Store::open(None, dir).await.unwrap();
    App::new(settings, store, Clock::system(), None).await.unwrap()
}

/// Waits for a condition, up to twenty seconds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("{what}"));
}

async fn events_of(app: &App, id: &str) -> Vec<EventRow> {
    let all = Visible::of(&Actor::command_line());
    let filter = EventFilter { limit: 100, object_id: Some(id.to_owned()), ..EventFilter::default() };
    app.store().event_page(&all, &filter).await.unwrap()
}

#[tokio::test]
async fn the_local_engine_is_followed_and_its_events_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let app = console(dir.path()).await;
    let hosts = Hosts::new(app.clone());
    hosts.round().await.unwrap();
    hosts.round().await.unwrap();
    let rows = app.store().hosts().await.unwrap();
    assert_eq!((rows.len(), rows[0].name.as_str(), rows[0].endpoint.as_str()), (1, "local", engine().as_str()));
    until("the engine is reachable", async || app.fleet().snapshot().hosts.iter().any(|h| h.engine.is_some() && h.fresh_at.is_some()))
        .await;

    let closing = tokio_util::sync::CancellationToken::new();
    let events = Arc::new(Events::new(app.clone(), app.take_events().unwrap()));
    let mut told = app.kept_events();
    let keeper = tokio::spawn({
        let closing = closing.clone();
        async move {
            while !closing.is_cancelled() {
                events.round(closing.clone()).await.unwrap();
            }
        }
    });
    let container = Container::run();
    until("its start is kept", async || events_of(&app, &container.0).await.iter().any(|e| e.action == "start" && e.outside)).await;
    until("and told", async || told.recv().await.is_ok_and(|e| e.object_id == container.0 && e.action == "start")).await;
    closing.cancel();
    keeper.await.unwrap();
    app.fleet().shutdown().await;
}

#[tokio::test]
async fn another_socket_is_taken_over_and_strange_hosts_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let app = console(dir.path()).await;
    Hosts::new(app.clone()).round().await.unwrap();
    let strange = crate::store::host::HostRow {
        id: Uuid::now_v7().to_string(),
        name: "far".to_owned(),
        endpoint: "tcp://192.0.2.1:2375".to_owned(),
        environment_id: None,
        created_at: 0,
    };
    app.store().create_host(strange, crate::store::tests::record("host.create")).await.unwrap();
    let mut settings = app.settings().clone();
    settings.docker.socket = "/nowhere/docker.sock".into();
    let again = App::new(settings, app.store().clone(), Clock::system(), None).await.unwrap();
    let report = Hosts::new(again.clone()).round().await.unwrap();
    assert_eq!(report, serde_json::json!({ "hosts": 2, "strange_endpoints": ["far"] }));
    let rows = again.store().hosts().await.unwrap();
    assert_eq!(rows.iter().find(|r| r.name == "local").unwrap().endpoint, "unix:///nowhere/docker.sock");
}

/// An intent as a process that was killed leaves it.
async fn abandon(app: &App, action: &str, host_id: &str, object_id: &str, age: i64, before: &impl serde::Serialize) -> String {
    let (id, at) = (Uuid::now_v7().to_string(), app.clock().now() - age);
    let draft = Draft { id: id.clone(), at, kind: "intent".into(), action: action.into(), outcome: "open".into(), ..Draft::default() };
    let open = OpenIntent {
        id: id.clone(),
        at,
        runner: "killed".into(),
        action: action.into(),
        host_id: Some(host_id.to_owned()),
        object_id: object_id.to_owned(),
        expected: serde_json::to_string(before).unwrap(),
    };
    app.store().open_intent(draft, open).await.unwrap();
    id
}

async fn outcome(app: &App, id: &str) -> String {
    let all = Visible::of(&Actor::command_line());
    let rows = app.store().audit_page(&all, &AuditFilter { limit: 100, ..AuditFilter::default() }).await.unwrap();
    rows.into_iter().find(|r| r.record.id == id).unwrap().final_outcome
}

#[tokio::test]
async fn open_intents_are_closed_by_what_the_engine_shows() {
    const MINUTE: i64 = 60_000;
    let dir = tempfile::tempdir().unwrap();
    let app = console(dir.path()).await;
    Hosts::new(app.clone()).round().await.unwrap();
    let host = app.store().hosts().await.unwrap().remove(0).id;
    until("the engine is reachable", async || app.fleet().snapshot().hosts.iter().any(|h| h.fresh_at.is_some())).await;
    let engine = app.fleet().engine(&host).unwrap();

    let container = Container::run();
    let before = engine.observe(&container.0).await.unwrap();
    let never = abandon(&app, "restart", &host, &container.0, MINUTE, &before).await;
    let young = abandon(&app, "stop", &host, &container.0, 0, &before).await;
    let patient = match before.clone() {
        Observed::There { running, started_at, finished_at, paused, name, restarts_itself, .. } => {
            Observed::There { running, started_at, finished_at, paused, name, stop_timeout: Some(600), restarts_itself }
        }
        Observed::Gone => panic!("it runs"),
    };
    let long = abandon(&app, "stop", &host, &container.0, MINUTE, &patient).await;
    let over = abandon(&app, "stop", &host, &container.0, 11 * MINUTE, &patient).await;
    let gone_host = abandon(&app, "stop", "no-such-host", &container.0, 0, &before).await;
    Intents::new(app.clone()).round().await.unwrap();
    assert_eq!(outcome(&app, &never).await, "not_done");
    assert_eq!(outcome(&app, &young).await, "open", "a stop that was sent may still be under way");
    assert_eq!(outcome(&app, &long).await, "open", "its grace is ten minutes");
    assert_eq!(outcome(&app, &over).await, "not_done");
    assert_eq!(outcome(&app, &gone_host).await, "unknown");

    docker(&["restart", "-t", "0", &container.0]);
    let done = abandon(&app, "restart", &host, &container.0, 0, &before).await;
    docker(&["rm", "-f", &container.0]);
    let removed = abandon(&app, "remove", &host, &container.0, 0, &before).await;
    let lost = abandon(&app, "restart", &host, &container.0, MINUTE, &before).await;
    let report = Intents::new(app.clone()).round().await.unwrap();
    assert_eq!(outcome(&app, &removed).await, "done");
    assert_eq!(outcome(&app, &lost).await, "unknown");
    assert_eq!(outcome(&app, &done).await, "open", "what is gone tells nothing of a restart, and it is young");
    assert_eq!(report["waiting"], 3);
    app.fleet().shutdown().await;
}

#[tokio::test]
async fn a_making_that_was_cut_off_is_known_by_its_label() {
    const MINUTE: i64 = 60_000;
    let dir = tempfile::tempdir().unwrap();
    let app = console(dir.path()).await;
    Hosts::new(app.clone()).round().await.unwrap();
    let host = app.store().hosts().await.unwrap().remove(0).id;
    let names = [(); 3].map(|()| format!("edge-test-{}", Uuid::now_v7().simple()));
    let mut intents = Vec::new();
    for name in &names {
        intents.push(abandon(&app, "create", &host, "", MINUTE, &serde_json::json!({ "name": name })).await);
    }
    // One was made, one was not, and somebody else took the third name.
    let label = format!("ecos.op={}", intents[0]);
    let _made = Container(docker(&["create", "--name", &names[0], "--label", &label, IMAGE, "true"]));
    let _others = Container(docker(&["create", "--name", &names[2], IMAGE, "true"]));
    let young = abandon(&app, "create", &host, "", 0, &serde_json::json!({ "name": names[1] })).await;
    Intents::new(app.clone()).round().await.unwrap();
    assert_eq!(outcome(&app, &intents[0]).await, "done");
    assert_eq!(outcome(&app, &intents[1]).await, "not_done");
    assert_eq!(outcome(&app, &intents[2]).await, "not_done");
    assert_eq!(outcome(&app, &young).await, "open", "what was sent may still come about");
    app.fleet().shutdown().await;
}

#[tokio::test]
async fn what_has_had_its_time_is_cleared_away() {
    const DAY: i64 = 86_400_000;
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::manual(200 * DAY);
    let store = Store::open(None, dir.path()).await.unwrap();
    let app = App::new(Settings::with_data_dir(dir.path()), store, clock, None).await.unwrap();
    let event = |id: &str, at| EventRow { id: id.into(), at, kind: "container".into(), ..EventRow::default() };
    app.store().append_events(vec![event("old", 109 * DAY), event("new", 111 * DAY)]).await.unwrap();
    let report = cleanup::round(app.clone()).await.unwrap();
    assert_eq!(report["events"], 1);
    assert_eq!(cleanup::round(app).await.unwrap()["events"], 0);
}
