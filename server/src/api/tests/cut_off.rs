//! A console that is killed in the midst of what takes several steps: the next one finds what was left and puts it right.

use std::{path::Path, time::Duration};

use serde_json::json;
use tokio::sync::mpsc;

use super::{
    console::Console,
    fake::{follow, id, listed, until},
    killed::Life,
    rig::{Container, IMAGE, Rig, docker},
};
use crate::{
    auth::{Actor, Visible},
    clock::Clock,
    fleet::{
        Endpoint, HostConfig,
        engine::carries_helper,
        fake::{Fake, FakeContainer, Trouble, World},
    },
    store::{Store, audit::AuditFilter, host::HostRow, tests::record},
    workers::intents::Intents,
};

const NOW: i64 = 1_800_000_000_000;

/// Asks for another memory limit, which wants a new container, and then does nothing any more.
async fn recreate(dir: &Path, endpoint: Endpoint) {
    let console = Console::in_dir(dir, Clock::manual(NOW)).await;
    let store = console.app.store();
    let host = HostRow { id: "h0".into(), name: "host-0".into(), endpoint: String::new(), environment_id: None, created_at: 0 };
    store.create_host(host, record("add")).await.expect("made");
    console.app.fleet().add(HostConfig { id: "h0".into(), name: "host-0".into(), environment_id: None, endpoint });
    let project_id = store.create_project("payments", 0, record("create")).await.expect("made");
    console.own(&project_id, "h0", &id(1)).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    ask(&visitor, &id(1)).await;
    std::future::pending::<()>().await;
}

async fn ask(visitor: &super::console::Visitor, id: &str) {
    let body = json!({"limits": {"memory_bytes": 64 << 20}}).to_string();
    let (status, answer) = visitor.json("POST", &format!("/api/v1/containers/{id}/recreate"), Some(&body)).await;
    assert_eq!(status, 202, "{answer}");
}

/// What the trail says of this action: outcome, and why.
async fn told(store: &Store, action: &str) -> (String, String) {
    let filter = AuditFilter { limit: 100, ..AuditFilter::default() };
    let rows = store.audit_page(&Visible::of(&Actor::command_line()), &filter).await.expect("read");
    let row = rows.into_iter().find(|r| r.record.action == action && r.record.kind == "intent").expect("on record");
    (row.final_outcome, row.final_detail)
}

/// Rounds of the worker, with time between them, until nothing is open; how many it took.
async fn settle(console: &Console, clock: Option<&Clock>) -> usize {
    let intents = Intents::new(console.app.clone());
    for round in 1..300 {
        intents.round().await.expect("a round");
        if console.app.store().abandoned_intents("nobody").await.expect("read").is_empty() {
            return round;
        }
        match clock {
            Some(clock) => clock.advance(4_000),
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    panic!("it stays open")
}

/// Where a replacement is cut off, and what comes of it.
struct Cut {
    path_end: String,
    trouble: Trouble,
    /// It is killed when this is so.
    when: fn(&World) -> bool,
    dies: bool,
    outcome: &'static str,
    why: &'static str,
}

fn cuts() -> Vec<Cut> {
    let cut = |path_end: &str, trouble, when, outcome, why| Cut { path_end: path_end.into(), trouble, when, dies: false, outcome, why };
    let ended = "the console ended before it was done; the old container is put back";
    let never = "the new container did not get well: it was never started; the old container is put back";
    let (silent, late) = (Trouble::Silent, Trouble::Late);
    vec![
        cut("/rename", silent, |_| true, "not_done", "the console ended before it was done"),
        cut("/rename", late, |w| w.count("/rename") == 1, "not_done", ended),
        cut("/stop", silent, |w| w.containers[&id(1)].name != "web", "not_done", ended),
        cut("/stop", late, |w| w.count("/stop") == 1, "not_done", ended),
        cut("/containers/create", silent, |w| w.containers[&id(1)].state == "exited", "not_done", ended),
        cut("/containers/create", late, |w| w.containers.len() == 2, "not_done", never),
        cut("/start", silent, |w| w.containers.len() == 2, "not_done", never),
        cut("/start", late, |w| w.count("/start") == 1, "done", ""),
        Cut {
            dies: true,
            ..cut(
                "/start",
                late,
                |w| w.count("/start") == 1,
                "not_done",
                "the new container did not get well: it ended with 1; the old container is put back",
            )
        },
        cut(&id(1), late, |w| w.calls.iter().any(|(method, _)| method == "DELETE"), "done", ""),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replacement_that_is_cut_off_anywhere_leaves_one_container_that_runs() {
    for Cut { path_end, trouble, when, dies, outcome, why } in cuts() {
        let at = format!("{path_end} {trouble:?} dies: {dies}");
        let (dir, fake) = (tempfile::tempdir().expect("a directory"), Fake::start());
        fake.world().add(FakeContainer::running(&id(1), "web"));
        fake.world().next_dies_at_once = dies;
        fake.trouble(&path_end, trouble);
        let (path, endpoint) = (dir.path().to_owned(), fake.endpoint());
        let life = Life::begin(|| async move { recreate(&path, endpoint).await });
        let beside = Store::open(None, dir.path()).await.expect("opens");
        until(&at, async || beside.abandoned_intents("nobody").await.is_ok_and(|open| !open.is_empty())).await;
        until(&at, async || when(&fake.world())).await;
        life.kill();
        assert_eq!(told(&beside, "recreate").await.0, "open", "{at}");
        drop(beside);
        fake.down();
        fake.up();
        fake.trouble(&path_end, Trouble::None);

        let clock = Clock::manual(NOW + 5_000);
        let next = Console::in_dir(dir.path(), clock.clone()).await;
        follow(&next, &[&fake]);
        until("the engine is known", async || next.app.fleet().snapshot().hosts.iter().any(|h| h.fresh_at.is_some())).await;
        settle(&next, Some(&clock)).await;
        let standing = fake.world().containers.values().cloned().collect::<Vec<_>>();
        assert_eq!(standing.len(), 1, "{at}: {standing:?}");
        let one = &standing[0];
        assert_eq!((one.name.as_str(), one.state.as_str()), ("web", "running"), "{at}");
        assert_eq!(one.id == id(1), outcome == "not_done", "{at}");
        assert_eq!(told(next.app.store(), "recreate").await, (outcome.to_owned(), why.to_owned()), "{at}");
        let owned = next.app.store().ownerships().await.expect("read");
        assert!(owned.iter().any(|o| o.object_id == one.id && o.kind == "container"), "{at}: it is its project's: {owned:?}");
        let whole = crate::audit::verify::verify(next.app.store(), &[]).await.expect("checked");
        assert!(whole.is_whole(), "{whole}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_else_has_made_of_it_is_left_alone() {
    let (dir, fake) = (tempfile::tempdir().expect("a directory"), Fake::start());
    fake.world().add(FakeContainer::running(&id(1), "web"));
    fake.trouble("/containers/create", Trouble::Silent);
    let (path, endpoint) = (dir.path().to_owned(), fake.endpoint());
    let life = Life::begin(|| async move { recreate(&path, endpoint).await });
    until("the old one is stopped", async || fake.world().containers[&id(1)].state == "exited").await;
    life.kill();
    // Somebody made another by hand, and wrote on it what they saw on others.
    let mut foreign = FakeContainer::running(&id(2), "web");
    foreign.labels.insert("ecos.op".into(), "01900000-0000-7000-8000-000000000000".into());
    fake.world().add(foreign);
    fake.down();
    fake.up();
    fake.trouble("/containers/create", Trouble::None);
    let clock = Clock::manual(NOW + 5_000);
    let next = Console::in_dir(dir.path(), clock.clone()).await;
    follow(&next, &[&fake]);
    until("the engine is known", async || next.app.fleet().snapshot().hosts.iter().any(|h| h.fresh_at.is_some())).await;
    settle(&next, Some(&clock)).await;
    let (outcome, why) = told(next.app.store(), "recreate").await;
    let waits_as = fake.world().containers[&id(1)].name.clone();
    assert_eq!((outcome.as_str(), why), ("unknown", format!("another container has its name; the old one waits as {waits_as}")));
    assert!(waits_as.starts_with("web-old-"), "{waits_as}");
    assert_eq!(fake.world().containers[&id(2)].state, "running");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_real_engine_the_new_one_stays_if_it_gets_well_and_else_the_old_one_is_back() {
    for gets_well in [true, false] {
        let dir = tempfile::tempdir().expect("a directory");
        let name = format!("ecos-cut-{}", uuid::Uuid::now_v7().simple());
        let args = ["run", "-d", "--name", &name, "--stop-timeout", "1", "--health-cmd", "test -e /tmp/well", "--health-interval", "1s"];
        let old = Container(docker(&[&args[..], &["--health-retries", "1000", IMAGE, "sleep", "3600"]].concat()).await);
        let (path, old_id) = (dir.path().to_owned(), old.0.clone());
        let life = Life::begin(|| async move {
            let rig = Rig::over(Console::in_dir(&path, Clock::system()).await).await;
            rig.until("it is known", || !rig.console.app.fleet().snapshot().find(&old_id).is_empty()).await;
            ask(&rig.visitor, &old_id).await;
            std::future::pending::<()>().await;
        });
        let id_of = async || docker(&["ps", "-q", "--no-trunc", "--filter", &format!("name=^/{name}$")]).await;
        until("the new one runs", async || !["", old.0.as_str()].contains(&id_of().await.as_str())).await;
        let new = Container(id_of().await);
        life.kill();
        let next = Rig::again(dir.path()).await;
        let intents = Intents::new(next.app.clone());
        intents.round().await.expect("a round");
        assert_eq!(told(next.app.store(), "recreate").await.0, "open", "its health check has not said anything");
        if gets_well {
            docker(&["exec", &new.0, "touch", "/tmp/well"]).await;
        } else {
            docker(&["kill", &new.0]).await;
        }
        settle(&next, None).await;
        let standing = docker(&["ps", "-aq", "--no-trunc", "--filter", &format!("name={name}")]).await;
        let (outcome, why) = told(next.app.store(), "recreate").await;
        if gets_well {
            assert_eq!((standing.as_str(), outcome.as_str()), (new.0.as_str(), "done"), "{why}");
        } else {
            assert_eq!((standing.as_str(), outcome.as_str()), (old.0.as_str(), "not_done"), "{why}");
            assert!(why.contains("it ended with 137"), "{why}");
        }
        assert_eq!(id_of().await, standing, "it runs under its name");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shells_and_helpers_that_a_kill_leaves_are_ended() {
    assert!(carries_helper(), "the tests want a build with ECOS_BUSYBOX: `make test` sets it");
    for (query, began) in [("shell=sh", "sleep 4321"), ("helper=true", "sleep 4322")] {
        let dir = tempfile::tempdir().expect("a directory");
        let (ready, mut is_ready) = mpsc::channel::<String>(1);
        let path = dir.path().to_owned();
        let life = Life::begin(move || async move {
            let rig = Rig::over(Console::in_dir(&path, Clock::system()).await).await;
            let container = std::mem::ManuallyDrop::new(rig.sleeper().await);
            let mut terminal = rig.open(&container.0, query).await;
            assert_eq!(terminal.word().await.r#type, "hello");
            terminal.type_in(&format!("({began}) & {began} & echo begun-$((1+1))\n")).await;
            terminal.until("begun-2").await;
            ready.send(container.0.clone()).await.expect("heard");
            std::future::pending::<()>().await;
        });
        let container = Container(is_ready.recv().await.expect("it is open"));
        life.kill();
        let top = async || docker(&["top", &container.0, "-o", "pid,args"]).await;
        let helpers = async || docker(&["ps", "-aq", "--no-trunc", "--filter", &format!("label=ecos.helper={}", container.0)]).await;
        let beside = helpers().await;
        if query.starts_with("helper") {
            assert_eq!(beside.lines().count(), 1, "it stays behind");
        } else {
            assert!(top().await.contains(began), "it stays behind");
        }
        // Somebody else's, with the label of a helper: whose it is follows from the store, not from a label.
        let label = format!("ecos.helper={}", container.0);
        let foreign = Container(docker(&["run", "-d", "--label", &label, IMAGE, "sleep", "3600"]).await);
        let next = Rig::again(dir.path()).await;
        settle(&next, None).await;
        assert_eq!(helpers().await, foreign.0);
        let left = top().await;
        assert!(!left.contains(began) && left.contains("sleep 3600"), "{left}");
        assert_eq!(told(next.app.store(), "terminal").await.0, "done");
    }
}
