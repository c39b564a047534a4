//! The real engine: what it says is understood, what it is told is done.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::PathBuf,
    time::Duration,
};

use app::api::container::{ContainerState, Health, LogTail};
use bollard::{
    Docker,
    models::{ContainerCreateBody, HealthConfig, HostConfig, RestartPolicy, RestartPolicyNameEnum},
    query_parameters::{CreateContainerOptionsBuilder, KillContainerOptionsBuilder, StartContainerOptions, StopContainerOptionsBuilder},
};
use futures_util::StreamExt;

use super::{Story, c, host, intent, passed, permitted, quick};
use crate::{
    auth::permission::container::{Delete, Operate, Read},
    fleet::{
        Endpoint, Engine, EngineError, Timings,
        connector::Link,
        engine::{LogLimit, LogRange, Observed, Seen},
        policy::{Judged, Owner, Road, Rules, Subject, Verdict},
    },
};

const IMAGE: &str = "ecos-test/busybox:1";

fn endpoint() -> Endpoint {
    let address = std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    Endpoint::parse(&address).expect("ECOS_TEST_DOCKER_HOST names a unix socket")
}

/// A real container, made outside the console; it goes with the test.
struct Real {
    id: String,
    docker: Docker,
    socket: PathBuf,
}

impl Real {
    async fn create(body: ContainerCreateBody) -> Self {
        let Endpoint::Unix(socket) = endpoint();
        let docker = Link::new(&endpoint(), &Timings::default()).docker();
        let name = format!("ecos-fleet-{}", uuid::Uuid::now_v7().simple());
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let body = ContainerCreateBody { image: Some(IMAGE.into()), ..body };
        let made = docker.create_container(Some(options), body).await;
        let id = made.expect("an engine with the image ecos-test/busybox:1: `make test` brings both").id;
        Self { id, docker, socket }
    }

    async fn sh(script: &str) -> Self {
        Self::create(ContainerCreateBody { cmd: Some(sh(script)), ..Default::default() }).await
    }

    async fn start(&self) {
        self.docker.start_container(&self.id, None::<StartContainerOptions>).await.expect("started");
    }

    async fn stop(&self) {
        let at_once = StopContainerOptionsBuilder::default().t(0).build();
        self.docker.stop_container(&self.id, Some(at_once)).await.expect("stopped");
    }
}

fn sh(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(Into::into).to_vec()
}

impl Drop for Real {
    fn drop(&mut self) {
        let request = format!("DELETE /containers/{}?force=true&v=true HTTP/1.0\r\n\r\n", self.id);
        if let Ok(mut stream) = UnixStream::connect(&self.socket) {
            // Already removed is as good.
            let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut Vec::new()));
        }
    }
}

fn story() -> Story {
    let story = Story::new(Timings { slow_list: Duration::from_secs(30), ..quick() });
    story.fleet.add(host("h", endpoint()));
    story
}

async fn judge(engine: &Engine, id: &str, owner: Owner) -> Verdict {
    let subject = Subject { platform_admin: false, owner, protected: false, road: Road::StartUnchanged };
    engine.judge(&permitted::<Operate>(id), id, Rules::default(), &subject, |_| {}).await.expect("judged")
}

/// An ordinary container has nothing against it, on whatever engine.
async fn allowed(engine: &Engine, id: &str) -> Judged {
    match judge(engine, id, Owner::Project("p".into())).await {
        Verdict::Allowed(judged) => judged,
        other => panic!("an ordinary container: {other:?}"),
    }
}

/// Waits until a container has written so many lines.
async fn written(engine: &Engine, id: &str, lines: usize) -> LogTail {
    let reading = async {
        loop {
            let tail = engine
                .logs_tail(&permitted::<Read>(id), id, LogRange::default(), LogLimit { lines: 10, bytes: 1 << 20 })
                .await
                .expect("read");
            if tail.items.len() == lines {
                return tail;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.expect("it writes")
}

#[tokio::test]
async fn a_container_is_driven_and_seen() {
    let real = Real::create(ContainerCreateBody {
        cmd: Some(sh("trap 'exit 5' TERM; echo to-stdout; echo to-stderr >&2; while :; do sleep 0.05; done")),
        labels: Some([("com.docker.compose.project".to_owned(), "shop".to_owned())].into()),
        ..Default::default()
    })
    .await;
    let id = real.id.as_str();
    let mut story = story();
    let now = story.until("created", |s| c(s, id).is_some()).await;
    let entry = c(&now, id).expect("there");
    assert_eq!((entry.state, entry.image.as_str(), entry.compose_project.as_deref()), (ContainerState::Created, IMAGE, Some("shop")));
    story.until("introduced", |s| super::h(s).engine.as_ref().is_some_and(|e| !e.version.is_empty() && e.cpus > 0)).await;
    let engine = story.fleet.engine("h").expect("added");

    let start = intent::<Operate>(id);
    let started = engine.start(&start, &allowed(&engine, id).await, &passed(), id).await.expect("started");
    assert_eq!((started.state, started.started_at.is_some()), (ContainerState::Running, true));
    assert_eq!(c(&story.fleet.snapshot(), id).map(|c| c.state), Some(ContainerState::Running), "the writer sees it at once");
    let again = engine.start(&start, &allowed(&engine, id).await, &passed(), id).await;
    assert_eq!(again.expect_err("it runs"), EngineError::AlreadyRunning);

    let tail = written(&engine, id, 2).await;
    let lines: BTreeMap<&str, &str> = tail.items.iter().map(|l| (l.stream.as_str(), l.text.as_str())).collect();
    assert_eq!(lines, [("stderr", "to-stderr"), ("stdout", "to-stdout")].into());
    assert!(tail.items.iter().all(|l| crate::clock::parse_rfc3339(&l.at).is_some()));

    let before = engine.observe(id).await.expect("seen");
    let restarted = engine.restart(&intent(id), &allowed(&engine, id).await, &passed(), id).await.expect("restarted");
    assert_eq!((restarted.state, restarted.exit_code), (ContainerState::Running, Some(5)), "why the last run ended is kept");
    assert!(restarted.started_at > started.started_at);
    assert_eq!(Observed::of("restart", Some(&before), &engine.observe(id).await.expect("seen"), i64::MAX), Seen::Done);

    written(&engine, id, 4).await;
    let stopped = engine.stop(&intent(id), &passed(), id).await.expect("stopped");
    assert_eq!((stopped.state, stopped.exit_code), (ContainerState::Exited, Some(5)));
    assert_eq!(engine.stop(&intent(id), &passed(), id).await.expect_err("it is"), EngineError::AlreadyStopped);
    let inspect = engine.inspect(&permitted::<Read>(id), id).await.expect("read");
    assert_eq!((inspect.path.as_str(), inspect.argument_count, inspect.log_driver.as_str()), ("sh", 2, "json-file"));

    engine.remove(&intent::<Delete>(id), &passed(), id, false, true).await.expect("removed");
    assert!(c(&story.fleet.snapshot(), id).is_none());
    assert_eq!(engine.stop(&intent(id), &passed(), id).await.expect_err("gone"), EngineError::ContainerNotFound);
    let seen = story.events_until("destroy", |e| e.object_id == id && e.action == "destroy").await;
    let ours: Vec<_> = seen.iter().filter(|e| e.object_id == id && e.action != "create").collect();
    assert!(ours.iter().all(|e| e.by.is_some() && !e.outside), "{ours:#?}");
    for action in ["start", "kill", "die", "stop", "restart", "destroy"] {
        assert!(ours.iter().any(|e| e.action == action), "{action}");
    }
}

#[tokio::test]
async fn what_others_do_is_seen_and_told_from_ours() {
    let mut story = story();
    story.until("listed", |s| super::h(s).fresh_at.is_some()).await;
    let real = Real::sh("while :; do sleep 0.05; done").await;
    let id = real.id.as_str();
    real.start().await;
    story.until("it runs", |s| c(s, id).is_some_and(|c| c.state == ContainerState::Running)).await;
    real.stop().await;
    let now = story.until("it is stopped", |s| c(s, id).is_some_and(|c| c.state == ContainerState::Exited)).await;
    assert_eq!(c(&now, id).and_then(|c| c.exit_code), Some(137));
    let seen = story.events_until("stop", |e| e.object_id == id && e.action == "stop").await;
    let mut outside: Vec<&str> = seen.iter().filter(|e| e.object_id == id && e.outside).map(|e| e.action.as_str()).collect();
    // First the stop's own signal, then that which ends it.
    outside.dedup();
    assert_eq!(outside, ["create", "start", "kill", "stop"]);
    drop(real);
    story.events_until("destroy", |e| e.action == "destroy" && e.outside).await;
}

#[tokio::test]
async fn a_real_restart_loop_keeps_its_exit_code() {
    let policy = RestartPolicy { name: Some(RestartPolicyNameEnum::ALWAYS), maximum_retry_count: None };
    let real = Real::create(ContainerCreateBody {
        cmd: Some(sh("exit 3")),
        host_config: Some(HostConfig { restart_policy: Some(policy), ..Default::default() }),
        ..Default::default()
    })
    .await;
    let id = real.id.as_str();
    let mut story = story();
    story.until("created", |s| c(s, id).is_some()).await;
    real.start().await;
    let looping = |s: &_| c(s, id).is_some_and(|c| c.restart_loop && c.restarts_24h >= 2 && c.exit_code == Some(3) && !c.oom_killed);
    story.until("the loop", looping).await;
    let seen = story.events_until("three ends", |e| e.object_id == id && e.action == "die" && e.exit_code == Some(3)).await;
    assert!(seen.iter().all(|e| e.object_id != id || e.action != "die" || !e.outside));
}

#[tokio::test]
async fn running_out_of_memory_is_told() {
    let real = Real::create(ContainerCreateBody {
        cmd: Some(sh("trap 'exec dd if=/dev/zero of=/dev/null bs=256M count=1' USR1; echo ready; while :; do sleep 0.05; done")),
        host_config: Some(HostConfig { memory: Some(16 << 20), memory_swap: Some(16 << 20), ..Default::default() }),
        ..Default::default()
    })
    .await;
    let id = real.id.as_str();
    let mut story = story();
    story.until("created", |s| c(s, id).is_some()).await;
    real.start().await;
    // An engine does not hear of memory that runs out in a container's first milliseconds.
    let engine = story.fleet.engine("h").expect("added");
    written(&engine, id, 1).await;
    let now_take = KillContainerOptionsBuilder::default().signal("USR1").build();
    real.docker.kill_container(id, Some(now_take)).await.expect("told");
    let now = story.until("it ended for memory", |s| c(s, id).is_some_and(|c| c.state == ContainerState::Exited && c.oom_killed)).await;
    assert_eq!(c(&now, id).and_then(|c| c.exit_code), Some(137));
    story.events_until("die", |e| e.object_id == id && e.action == "die").await;
}

#[tokio::test]
async fn a_log_is_followed_as_it_grows() {
    let real = Real::create(ContainerCreateBody {
        cmd: Some(sh("echo first; read line; echo \"got $line\"; exit 0")),
        open_stdin: Some(true),
        tty: Some(true),
        ..Default::default()
    })
    .await;
    let id = real.id.as_str();
    let story = story();
    real.start().await;
    story.until("it runs", |s| c(s, id).is_some_and(|c| c.state == ContainerState::Running)).await;
    let engine = story.fleet.engine("h").expect("added");
    let mut log = Box::pin(engine.logs_follow(&permitted::<Read>(id), id, LogRange::default()).await.expect("there"));
    assert_eq!(log.next().await.expect("a piece").expect("read").as_ref(), b"first\r\n");
    real.stop().await;
    assert!(log.next().await.is_none(), "it ends with the container");
}

#[tokio::test]
async fn a_log_is_paged_backwards_to_its_beginning() {
    const LINES: usize = 5_000;
    let script = format!("seq 1 {LINES}; while :; do sleep 0.05; done");
    let real = Real::create(ContainerCreateBody { cmd: Some(sh(&script)), ..Default::default() }).await;
    let id = real.id.as_str();
    let story = story();
    real.start().await;
    story.until("it runs", |s| c(s, id).is_some_and(|c| c.state == ContainerState::Running)).await;
    let engine = story.fleet.engine("h").expect("added");
    let permitted = permitted::<Read>(id);
    let page = async |until, lines| {
        let range = LogRange { until, ..LogRange::default() };
        engine.logs_tail(&permitted, id, range, LogLimit { lines, bytes: 1 << 20 }).await.expect("read").items
    };
    let whole = async { while page(None, 1).await.first().is_none_or(|l| l.text != LINES.to_string()) {} };
    tokio::time::timeout(Duration::from_secs(20), whole).await.expect("it writes");
    let (mut all, mut until) = (Vec::new(), None);
    loop {
        let older = page(until, 700).await;
        let Some(oldest) = older.first() else { break };
        until = Some(crate::clock::nanos::parse(&oldest.at).expect("a time") - 1);
        all.splice(0..0, older.into_iter().map(|l| l.text));
    }
    assert_eq!(all, (1..=LINES).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn health_is_followed() {
    let real = Real::create(ContainerCreateBody {
        cmd: Some(sh("while :; do sleep 0.05; done")),
        healthcheck: Some(HealthConfig {
            test: Some(vec!["CMD".into(), "false".into()]),
            interval: Some(50_000_000),
            timeout: Some(5_000_000_000),
            retries: Some(1),
            ..Default::default()
        }),
        ..Default::default()
    })
    .await;
    let id = real.id.as_str();
    let mut story = story();
    story.until("created", |s| c(s, id).is_some()).await;
    real.start().await;
    story.until("unhealthy", |s| c(s, id).is_some_and(|c| c.health == Some(Health::Unhealthy))).await;
    let seen = story.events_until("health", |e| e.object_id == id && e.action == "health_status").await;
    assert_eq!(seen.last().and_then(|e| e.health.as_deref()), Some("unhealthy"));
    assert!(seen.iter().all(|e| !e.action.starts_with("exec_")), "the checks themselves are no events");
}

#[tokio::test]
async fn a_real_containers_wishes_are_read() {
    let real = Real::create(ContainerCreateBody {
        cmd: Some(sh("true")),
        host_config: Some(HostConfig {
            privileged: Some(true),
            pid_mode: Some("host".into()),
            network_mode: Some("host".into()),
            binds: Some(vec!["/var/../run/docker.sock/:/sock".into()]),
            cap_add: Some(vec!["sys_admin".into()]),
            security_opt: Some(vec!["seccomp=unconfined".into()]),
            extra_hosts: Some(vec!["up:host-gateway".into()]),
            ..Default::default()
        }),
        ..Default::default()
    })
    .await;
    let story = story();
    story.until("created", |s| c(s, &real.id).is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    let Verdict::Refused(findings) = judge(&engine, &real.id, Owner::Project("p".into())).await else { panic!("refused") };
    let codes: Vec<&str> = findings.iter().map(|f| f.code).collect();
    for code in ["privileged", "host_namespace", "bind_engine", "capability", "security_option", "host_gateway"] {
        assert!(codes.contains(&code), "{code} in {findings:?}");
    }
}
