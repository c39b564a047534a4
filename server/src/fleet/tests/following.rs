//! What is shown follows what happens.

use std::{collections::BTreeSet, time::Duration};

use app::api::container::{ContainerState, Health};

use super::{Story, c, h, host, quick};
use crate::{
    clock::Clock,
    fleet::{
        Fleet, FleetOptions, Past, Timings,
        fake::{Fake, FakeContainer, Trouble},
    },
};

#[tokio::test]
async fn what_happens_on_the_engine_shows_by_events_alone() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let mut story = Story::with(&fake);
    story.until("listed and looked at", |s| c(s, "aa").is_some_and(|c| c.started_at.is_some())).await;
    let lists = fake.world().count("/containers/json");

    fake.world().die("aa", 137, true);
    let now = story.until("it ended", |s| c(s, "aa").is_some_and(|c| c.state == ContainerState::Exited)).await;
    let web = c(&now, "aa").expect("there");
    assert_eq!((web.exit_code, web.oom_killed, web.finished_at.is_some()), (Some(137), true, true));
    let seen = story.events_until("die", |e| e.action == "die").await;
    let die = seen.last().expect("there");
    assert_eq!((die.exit_code, die.oom_killed, die.outside, die.object_name.as_str()), (Some(137), true, false, "web"));

    fake.world().start("aa");
    let now = story.until("it runs", |s| c(s, "aa").is_some_and(|c| c.state == ContainerState::Running)).await;
    let web = c(&now, "aa").expect("there");
    assert_eq!((web.exit_code, web.oom_killed, web.restarts_24h), (Some(137), true, 1), "why it ended is kept");
    let seen = story.events_until("start", |e| e.action == "start").await;
    assert!(seen.last().expect("there").outside, "nobody here started it");

    fake.world().containers.get_mut("aa").expect("there").health = Some("unhealthy".into());
    fake.world().tell("health_status: unhealthy", "aa", &[]);
    story.until("unhealthy", |s| c(s, "aa").is_some_and(|c| c.health == Some(Health::Unhealthy))).await;

    fake.world().add(FakeContainer::exited("bb", "job", 2));
    fake.world().tell("create", "bb", &[]);
    story.until("new", |s| c(s, "bb").is_some_and(|c| c.exit_code == Some(2))).await;
    fake.world().remove("bb");
    story.until("gone", |s| c(s, "bb").is_none()).await;
    assert_eq!(fake.world().count("/containers/json"), lists, "no list was needed");
}

#[tokio::test]
async fn a_restart_loop_is_seen_and_told_from_what_somebody_does() {
    let fake = Fake::start();
    let mut looping = FakeContainer::running("aa", "worker");
    looping.host_config = serde_json::json!({"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}});
    fake.world().add(looping);
    fake.world().add(FakeContainer::running("bb", "web"));
    let mut story = Story::with(&fake);
    story.until("looked at", |s| ["aa", "bb"].iter().all(|id| c(s, id).is_some_and(|c| c.started_at.is_some()))).await;
    let base = Clock::system().now();
    fake.world().nanos = base * 1_000_000;
    for _ in 0..3 {
        fake.world().die("aa", 1, false);
        fake.world().start("aa");
        fake.world().stop("bb");
        fake.world().start("bb");
    }
    let now = story.until("the loop", |s| c(s, "aa").is_some_and(|c| c.restart_loop && c.restarts_24h == 3)).await;
    assert_eq!(c(&now, "aa").and_then(|c| c.exit_code), Some(1));
    let now = story.until("the other", |s| c(s, "bb").is_some_and(|c| c.restarts_24h == 3)).await;
    assert!(!c(&now, "bb").expect("there").restart_loop, "somebody asked for each of its ends");
    fake.world().tell("rename", "bb", &[]);
    let seen = story.events_until("the last", |e| e.action == "rename").await;
    let outside = |id: &str, action: &str| seen.iter().filter(|e| e.object_id == id && e.action == action).all(|e| e.outside);
    assert!(outside("bb", "start") && outside("bb", "stop"));
    assert!(seen.iter().filter(|e| e.object_id == "aa").all(|e| !e.outside), "its policy does that");
}

#[tokio::test]
async fn networks_that_come_and_go_with_a_run_are_nobodys_doing() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let mut story = Story::with(&fake);
    story.until("looked at", |s| c(s, "aa").is_some_and(|c| c.started_at.is_some())).await;
    fake.world().tell_network("connect", "aa");
    fake.world().die("aa", 1, false);
    fake.world().tell_network("disconnect", "aa");
    fake.world().tell_network("connect", "aa");
    fake.world().start("aa");
    fake.world().tell_network("disconnect", "aa");
    fake.world().tell("pause", "aa", &[]);
    let seen = story.events_until("pause", |e| e.action == "pause").await;
    let of_networks: Vec<_> = seen.iter().filter(|e| e.kind == "network").map(|e| (e.action.as_str(), e.outside)).collect();
    assert_eq!(of_networks, [("connect", true), ("disconnect", false), ("connect", false), ("disconnect", true)]);
}

#[tokio::test]
async fn kept_events_are_remembered_over_a_restart_of_the_console() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "worker"));
    let now = Clock::system().now();
    fake.world().nanos = now * 1_000_000;
    let past = |action: &str, ago: i64, exit_code| Past {
        host_id: "h".into(),
        object_id: "aa".into(),
        at: now - ago,
        action: action.into(),
        exit_code,
        oom_killed: action == "die",
    };
    let (sink, _events) = tokio::sync::mpsc::channel(100);
    let fleet = Fleet::start(FleetOptions { timings: quick(), own_container: None }, Clock::system(), sink);
    let runs = [400_000, 300_000, 200_000].map(|ago| [past("start", ago, None), past("die", ago - 1_000, Some(9))]);
    fleet.seed(runs.into_iter().flatten());
    // While the console was down.
    fake.world().start("aa");
    fleet.add(host("h", fake.endpoint()));
    let story = Story { fleet, events: tokio::sync::mpsc::channel(1).1 };
    let now = story.until("counted", |s| c(s, "aa").is_some_and(|c| c.restarts_24h == 3)).await;
    let worker = c(&now, "aa").expect("there");
    assert_eq!((worker.exit_code, worker.oom_killed, worker.restart_loop), (Some(9), true, true));
}

#[tokio::test]
async fn a_list_that_began_before_an_event_does_not_undo_it() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let story = Story::new(Timings { resync_every: Duration::from_millis(50), slow_list: Duration::from_secs(20), ..quick() });
    story.fleet.add(host("h", fake.endpoint()));
    story.until("there", |s| c(s, "aa").is_some_and(|c| c.started_at.is_some())).await;
    // A list is read now and answered later.
    fake.trouble("/containers/json", Trouble::Late);
    let lists = fake.world().count("/containers/json");
    story.until("a list is under way", |_| fake.world().count("/containers/json") > lists).await;
    fake.world().remove("aa");
    story.until("gone", |s| c(s, "aa").is_none()).await;
    let mut changes = story.fleet.changes();
    let fresh = h(&story.fleet.snapshot()).fresh_at;
    fake.trouble("/containers/json", Trouble::None);
    story.until("the late list came", |s| h(s).fresh_at > fresh).await;
    assert!(changes.try_recv().is_err(), "it brought nothing back");
    assert!(c(&story.fleet.snapshot(), "aa").is_none());
}

#[tokio::test]
async fn thousands_are_listed_at_once() {
    let fake = Fake::start();
    fake.world().fill(6_000);
    let story = Story::with(&fake);
    let now = story.until("all", |s| h(s).containers.len() == 6_000).await;
    assert!(h(&now).containers.is_sorted_by(|a, b| a.id < b.id));
    assert_eq!(now.find(&format!("{:064x}", 77)).len(), 1);
    assert!(fake.world().count("/containers/json") == 1);
}

#[tokio::test]
async fn a_quiet_engine_is_pinged_and_nothing_more() {
    let fake = Fake::start();
    fake.world().fill(100);
    let story = Story::new(Timings { ping_every: Duration::from_millis(20), ..quick() });
    story.fleet.add(host("h", fake.endpoint()));
    story.until("all looked at", |s| h(s).containers.len() == 100 && h(s).containers.iter().all(|c| c.started_at.is_some())).await;
    story.until("introduced", |s| h(s).engine.is_some()).await;
    let version = story.fleet.snapshot().version;
    fake.world().calls.clear();
    story.until("twenty pings", |_| fake.world().count("/_ping") >= 20).await;
    let paths: BTreeSet<String> = fake.world().calls.iter().map(|(_, path)| path.clone()).collect();
    assert_eq!(paths, BTreeSet::from(["/_ping".to_owned()]));
    assert_eq!(story.fleet.snapshot().version, version, "and nobody is told of anything");
}

#[tokio::test]
async fn events_that_break_off_are_opened_again_without_a_gap() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let mut story = Story::with(&fake);
    story.until("looked at", |s| c(s, "aa").is_some_and(|c| c.started_at.is_some())).await;
    fake.world().die("aa", 1, false);
    story.events_until("die", |e| e.action == "die").await;
    fake.trouble("/events", Trouble::Refuses);
    fake.down();
    fake.world().start("aa");
    fake.world().die("aa", 2, false);
    fake.up();
    story.until("polled meanwhile", |s| c(s, "aa").is_some_and(|c| c.exit_code == Some(2))).await;
    fake.trouble("/events", Trouble::None);
    let seen = story.events_until("what was missed", |e| e.exit_code == Some(2)).await;
    assert_eq!(seen.iter().filter(|e| e.action == "start").count(), 1);
    assert!(!seen.iter().any(|e| e.exit_code == Some(1)), "what was heard is not told twice");
}

#[tokio::test]
async fn a_full_sink_counts_and_holds_nobody_up() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let (sink, events) = tokio::sync::mpsc::channel(1);
    let fleet = Fleet::start(FleetOptions { timings: quick(), own_container: None }, Clock::system(), sink);
    fleet.add(host("h", fake.endpoint()));
    let story = Story { fleet, events };
    story.until("there", |s| c(s, "aa").is_some_and(|c| c.started_at.is_some())).await;
    for code in 1..=20 {
        fake.world().die("aa", code, false);
    }
    story.until("the last is shown", |s| c(s, "aa").is_some_and(|c| c.exit_code == Some(20))).await;
    assert_eq!(story.fleet.events_lost(), 19);
}

#[tokio::test]
async fn hosts_come_go_and_change_their_names() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "aa").is_some()).await;
    story.fleet.add(crate::fleet::HostConfig { name: "renamed".into(), environment_id: Some("e".into()), ..host("h", fake.endpoint()) });
    let now = story.fleet.snapshot();
    assert_eq!((h(&now).name.as_str(), h(&now).environment_id.as_deref()), ("renamed", Some("e")));
    assert!(c(&now, "aa").is_some(), "it is followed on");
    let mut changes = story.fleet.changes();
    story.fleet.remove("h");
    assert_eq!(changes.recv().await.map(|c| (c.kind, c.id)), Ok(("host", "h".to_owned())));
    assert!(story.fleet.snapshot().hosts.is_empty() && story.fleet.engine("h").is_none());
    story.fleet.shutdown().await;
}
