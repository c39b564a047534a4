//! What containers use: on the real engine by the kernel's files, on an engine without files by its own word, and for whom.

use std::{process::Command, time::Duration};

use app::{
    api::stats::{ContainerStats, Source, StatsQuery},
    client::Client,
};

use super::console::Console;
use crate::{
    clock::Clock,
    fleet::{
        Endpoint, HostConfig,
        fake::{Fake, FakeContainer},
    },
    metrics::Usage,
    store::{
        grant::{Grantee, NewGrant},
        host::HostRow,
        tests::record,
    },
    workers::Samples,
};

const IMAGE: &str = "ecos-test/busybox:1";

fn engine() -> String {
    std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".into())
}

fn docker(args: &[&str]) -> String {
    let out = Command::new("docker").arg("-H").arg(engine()).args(args).output().expect("docker runs");
    assert!(out.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// A container that goes with the test.
struct Own(String);

impl Own {
    fn run(args: &[&str], script: &str) -> Self {
        Self(docker(&[&["run", "-d", "--network", "none"], args, &[IMAGE, "sh", "-c", script]].concat()))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["-H", &engine(), "rm", "-f", &self.0]).output();
    }
}

async fn console(endpoint: Endpoint) -> Console {
    console_at(Clock::system(), endpoint).await
}

async fn console_at(clock: Clock, endpoint: Endpoint) -> Console {
    let console = Console::at(clock).await;
    let host = HostRow { id: "h1".into(), name: "test-host".into(), endpoint: String::new(), environment_id: None, created_at: 0 };
    console.app.store().create_host(host, record("add")).await.expect("made");
    console.app.fleet().add(HostConfig { id: "h1".into(), name: "test-host".into(), environment_id: None, endpoint });
    console.person("ops-c", Some("platform-admin")).await;
    console
}

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

async fn stats(client: &Client, id: &str) -> Option<ContainerStats> {
    client.container_stats(id, &StatsQuery::default()).await.ok()
}

fn id(n: u8) -> String {
    format!("{n:064x}")
}

#[tokio::test]
async fn a_busy_loop_and_held_memory_show_as_they_are() {
    let busy = Own::run(&["--cpus", "0.5", "--pids-limit", "50"], "while :; do :; done");
    // 40 MB in a file of its memory, and 60 MB read once: the page cache is not in use.
    let held = Own::run(
        &["--memory", "300m", "--tmpfs", "/held"],
        "dd if=/dev/zero of=/held/x bs=1M count=40 2>/dev/null; dd if=/dev/zero of=/cached bs=1M count=60 2>/dev/null; sync; exec sleep 1000",
    );
    let console = console(Endpoint::parse(&engine()).expect("a unix socket")).await;
    let client = console.signed_in("ops-c").await.client();
    // On a machine that is busy with other things it gets less; it never gets more.
    until("half a core", async || {
        let stats = stats(&client, &busy.0).await?;
        assert_eq!(stats.source, Source::Files, "{stats:?}");
        let now = stats.now?;
        assert_eq!((now.cpu_limit_millicores, now.processes_limit), (Some(500), Some(50)));
        assert!(now.throttled_permille.is_some(), "{now:?}");
        now.cpu_millicores.filter(|cores| (150..=650).contains(cores))
    })
    .await;
    until("40 MB", async || {
        let now = stats(&client, &held.0).await?.now?;
        assert_eq!(now.memory_limit_bytes, Some(300 << 20));
        now.memory_bytes.filter(|bytes| (38_000_000..56_000_000).contains(bytes))
    })
    .await;
    let all = client.container_processes(&busy.0).await.expect("told");
    assert_eq!((all.items.len(), all.items[0].program.as_str(), all.items[0].user.as_str()), (1, "sh", "root"));
    let told = serde_json::to_string(&all).expect("plain");
    assert!(!told.contains("while"), "no arguments: {told}");
}

#[tokio::test]
async fn what_was_measured_is_kept_and_read_back() {
    let own = Own::run(&[], "exec sleep 1000");
    let console = console(Endpoint::parse(&engine()).expect("a unix socket")).await;
    let client = console.signed_in("ops-c").await.client();
    until("it is listed", async || client.container(&own.0).await.ok()).await;
    let samples = Samples::new(console.app.clone());
    samples.step().await.expect("taken");
    let hour = StatsQuery { history: Some("1h".into()), ..StatsQuery::default() };
    let measured = async || {
        let history = client.container_stats(&own.0, &hour).await.expect("read").history.expect("asked for");
        assert!((360..=361).contains(&history.memory_bytes.len()), "{}", history.memory_bytes.len());
        history.memory_bytes.iter().flatten().count()
    };
    assert_eq!(measured().await, 1, "what is not written yet counts");
    // At the end what is there is written; the next process goes on in the same minute.
    let closing = tokio_util::sync::CancellationToken::new();
    closing.cancel();
    samples.round(closing.clone()).await.expect("written");
    assert_eq!(measured().await, 1);
    assert!(console.app.usage().recent().of(&("h1".into(), own.0.clone())).is_empty(), "nothing waits any more");
    let again = Samples::new(console.app.clone());
    again.step().await.expect("taken");
    again.round(closing).await.expect("written");
    assert!(measured().await >= 1);
    // A container that is stopped has a past.
    docker(&["kill", &own.0]);
    until("it has ended", async || stats(&client, &own.0).await.filter(|s| s.why.as_deref() == Some("not_running"))).await;
    assert!(measured().await >= 1);
}

#[tokio::test]
async fn an_engine_without_files_is_asked() {
    let fake = Fake::start();
    fake.world().add(FakeContainer {
        host_config: serde_json::json!({"NanoCpus": 2_000_000_000_i64, "Memory": 8_000_000}),
        ..FakeContainer::running(&id(1), "web")
    });
    fake.world().add(FakeContainer::exited(&id(2), "old", 1));
    let console = console(fake.endpoint()).await;
    let client = console.signed_in("ops-c").await.client();
    until("it is listed", async || client.container(&id(2)).await.ok()).await;
    assert_eq!(fake.world().count("/stats"), 0, "nobody has looked");
    let web = stats(&client, &id(1)).await.expect("told");
    let now = web.now.expect("figures");
    assert_eq!((web.source, web.history, web.host_cpus), (Source::Engine, None, Some(4)));
    assert_eq!((now.cpu_millicores, now.cpu_limit_millicores), (Some(500), Some(2_000)));
    assert_eq!((now.memory_bytes, now.memory_limit_bytes, now.processes), (Some(5_000_000), Some(8_000_000), Some(3)));
    assert_eq!(fake.world().count("/stats"), 1);
    let old = stats(&client, &id(2)).await.expect("told");
    assert_eq!((old.source, old.why.as_deref(), old.now), (Source::None, Some("not_running"), None));
    let top = client.container_processes(&id(1)).await.expect("told").items.remove(0);
    assert_eq!((top.program.as_str(), top.cpu_millicores, top.memory_bytes), ("web", Some(125), Some(100 << 10)));
}

#[tokio::test]
async fn what_is_anothers_is_not_there() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "secret"));
    let console = console(fake.endpoint()).await;
    let admin = console.signed_in("ops-c").await;
    until("it is listed", async || admin.client().container(&id(1)).await.ok()).await;
    let dev = console.person("dev-a", None).await;
    let project = console.app.store().create_project("payments", 0, record("create")).await.expect("made");
    let to = Grantee::User(dev);
    console
        .grant(NewGrant { to, role: "developer".into(), project_id: Some(project), environment_id: None, expires_at: None, now: 0 })
        .await;
    let dev = console.signed_in("dev-a").await;
    for path in ["stats", "stats?history=1h", "top", "changes"] {
        let foreign = dev.json("GET", &format!("/api/v1/containers/{}/{path}", id(1)), None).await;
        let absent = dev.json("GET", &format!("/api/v1/containers/{}/{path}", id(9)), None).await;
        assert_eq!((foreign.0, &foreign.1["code"], &foreign.1["detail"]), (absent.0, &absent.1["code"], &absent.1["detail"]));
        assert_eq!(foreign.0, 404, "{path}");
    }
    let world = fake.world();
    assert_eq!(["/stats", "/top", "/changes"].map(|end| world.count(end)), [0; 3]);
}

#[tokio::test]
async fn file_names_want_the_right_to_go_in_and_the_password_again() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let clock = Clock::manual(1_700_000_000_000);
    let console = console_at(clock.clone(), fake.endpoint()).await;
    console.person("view-a", Some("viewer")).await;
    let admin = console.signed_in("ops-c").await;
    until("it is listed", async || admin.client().container(&id(1)).await.ok()).await;
    let path = format!("/api/v1/containers/{}/changes", id(1));
    assert_eq!(console.signed_in("view-a").await.json("GET", &path, None).await.0, 403);
    // Signing in was giving it, for five minutes.
    clock.advance(6 * 60_000);
    let (status, body) = admin.json("GET", &path, None).await;
    assert_eq!((status, body["code"].as_str()), (403, Some("step_up_required")), "{body}");
    admin.client().step_up(&app::api::session::StepUp { password: super::console::PASSWORD.into() }).await.expect("given");
    let changes = admin.client().container_changes(&id(1)).await.expect("told");
    let told: Vec<(&str, &str)> = changes.items.iter().map(|c| (c.kind.as_str(), c.path.as_str())).collect();
    assert_eq!(told, [("modified", "/etc"), ("added", "/etc/motd"), ("deleted", "/tmp/x")]);
}

#[tokio::test]
async fn a_bad_time_is_named() {
    let console = console(Fake::start().endpoint()).await;
    let visitor = console.signed_in("ops-c").await;
    for (query, field) in [
        ("history=3h", "history"),
        ("history=soon", "history"),
        ("history=1h&from=2026-11-23T08:00:00Z", "history"),
        ("from=yesterday", "from"),
        ("to=2026-11-23T08:00:00Z", "from"),
        ("from=2026-11-23T09:00:00Z&to=2026-11-23T08:00:00Z", "from"),
        ("since=1h", "since"),
    ] {
        let (status, body) = visitor.json("GET", &format!("/api/v1/containers/{}/stats?{query}", id(1)), None).await;
        assert_eq!((status, body["errors"][0]["field"].as_str()), (400, Some(field)), "{query}: {body}");
    }
}

/// What the ten-second tier costs here, said by the worker itself: far below a millisecond a container.
#[tokio::test]
async fn the_worker_says_what_it_does() {
    let own = Own::run(&[], "exec sleep 1000");
    let console = console(Endpoint::parse(&engine()).expect("a unix socket")).await;
    let client = console.signed_in("ops-c").await.client();
    until("it is listed", async || client.container(&own.0).await.ok()).await;
    let report = Samples::new(console.app.clone()).step().await.expect("taken");
    assert!(report["containers"].as_u64() >= Some(1) && report["steps"] == 1, "{report}");
    let without = Usage::new(&crate::config::Docker { cgroup_root: "/nonexistent".into(), ..console.app.settings().docker.clone() });
    assert!(!without.sampler().reads());
}
