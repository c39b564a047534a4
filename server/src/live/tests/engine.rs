//! What happens on a real engine, up to the socket.

use std::process::Command;

use app::api::live::ServerFrame;
use tokio::task::spawn_blocking;

use super::{
    rights::{give_at, grant, project, with_host},
    wire::subscribe,
};
use crate::{
    fleet::{Endpoint, HostConfig},
    store::event::EventRow,
};

pub const IMAGE: &str = "ecos-test/busybox:1";

pub fn engine() -> String {
    std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned())
}

pub fn docker(args: &[&str]) -> String {
    let out = Command::new("docker").arg("-H").arg(engine()).args(args).output().expect("the docker command runs");
    assert!(out.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// A container of this test's own, removed at its end.
struct Container(String);

impl Container {
    fn run() -> Self {
        let name = format!("live-test-{}", uuid::Uuid::now_v7().simple());
        Self(docker(&["run", "-d", "--name", &name, IMAGE, "sleep", "3600"]))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["-H", &engine(), "rm", "-f", &self.0]).output();
    }
}

#[tokio::test]
async fn a_project_hears_of_its_containers_to_their_end() {
    let live = with_host().await;
    let endpoint = Endpoint::Unix(engine().trim_start_matches("unix://").into());
    live.console.app.fleet().add(HostConfig { id: "h1".into(), name: "h1".into(), environment_id: None, endpoint });
    let mut all = live.reader("ops-c").await;
    all.say(&subscribe(1, &["container", "host"], 1 << 20)).await;
    let container = spawn_blocking(Container::run).await.expect("runs");
    all.heard_of(&format!("container {}@", container.0)).await;

    let snapshot = live.console.app.fleet().snapshot();
    let created_at = snapshot.find(&container.0)[0].1.created_at;
    let project = project(&live, "pay").await;
    give_at(&live, &container.0, created_at, &project).await;
    let id = live.console.person("dev-a", None).await;
    live.console.grant(grant(&id, &project)).await;
    let mut own = live.by_token(&id).await;
    own.say(&subscribe(1, &["container"], 1 << 20)).await;
    assert_eq!(own.hear().await, ServerFrame::Subscribed { sub: 1 });

    let item = format!("container {}@", container.0);
    let container_id = container.0.clone();
    let (items, removed) = tokio::join!(own.heard_of(&item), spawn_blocking(move || drop(container)));
    removed.expect("removed");
    assert!(items.iter().all(|i| i.starts_with(&item)), "nothing else of the engine's: {items:?}");
    // Its end is told, too, by whose it was.
    while !live.console.app.fleet().snapshot().find(&container_id).is_empty() {
        own.heard_of(&item).await;
    }
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn a_host_that_comes_is_told() {
    let live = with_host().await;
    let mut wire = live.reader("ops-c").await;
    wire.say(&subscribe(1, &["host"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    let endpoint = Endpoint::Unix("/nowhere/docker.sock".into());
    live.console.app.fleet().add(HostConfig { id: "h1".into(), name: "h1".into(), environment_id: None, endpoint });
    wire.heard_of("host h1@").await;
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn kept_events_are_told_to_their_project() {
    let live = with_host().await;
    let project = project(&live, "pay").await;
    let id = live.console.person("dev-a", None).await;
    live.console.grant(grant(&id, &project)).await;
    let mut wire = live.by_token(&id).await;
    wire.say(&subscribe(1, &[], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    for (id, project_id) in [("e1", None), ("e2", Some(project)), ("e3", Some("other".into()))] {
        live.console.app.tell_event(EventRow { id: id.into(), host_id: "h1".into(), project_id, at: 9, ..EventRow::default() });
    }
    assert_eq!(wire.changes().await.1, ["event e2@9"]);
}
