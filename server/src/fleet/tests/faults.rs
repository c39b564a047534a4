//! Engines that are absent, silent, slow, broken or something else altogether.

use std::time::{Duration, Instant};

use app::api::host::HostState;

use super::{Story, c, h, host, quick};
use crate::fleet::{
    Timings,
    fake::{Fake, FakeContainer, Trouble},
    model::Snapshot,
};

fn reachable(s: &Snapshot) -> bool {
    h(s).state == HostState::Reachable
}

fn cause(s: &Snapshot) -> &str {
    h(s).cause.as_ref().map_or("", |c| c.code.as_str())
}

fn engine() -> Fake {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    fake
}

#[tokio::test]
async fn an_absent_engine_is_unreachable_and_comes_by_itself() {
    let fake = engine();
    fake.gone();
    let story = Story::with(&fake);
    story.until("no socket", |s| cause(s) == "no_socket").await;
    fake.up();
    let now = story.until("it came", |s| reachable(s) && c(s, "aa").is_some()).await;
    assert!(!h(&now).stale && h(&now).cause.is_none());
}

#[tokio::test]
async fn every_kind_of_trouble_shows_with_its_cause_and_passes() {
    for (trouble, code) in [
        (Trouble::Silent, "timeout"),
        (Trouble::Drips, "timeout"),
        (Trouble::Breaks, "reset"),
        (Trouble::Html, "not_an_engine"),
        (Trouble::OtherTypes, "not_an_engine"),
        (Trouble::Refuses, "error"),
        (Trouble::Floods, "error"),
    ] {
        let fake = engine();
        let mut story = Story::with(&fake);
        let before = story.until("it is there", |s| reachable(s) && c(s, "aa").is_some()).await;
        fake.trouble("", trouble);
        let during = story.until(&format!("{trouble:?}"), |s| cause(s) == code).await;
        assert!(h(&during).stale, "{trouble:?}: what is shown is marked");
        assert_eq!(c(&during, "aa"), c(&before, "aa"), "{trouble:?}: and still shown");
        story.events_until("unreachable is an event", |e| e.kind == "host" && e.action == "unreachable").await;
        fake.trouble("", Trouble::None);
        story.until(&format!("over: {trouble:?}"), |s| reachable(s) && !h(s).stale).await;
        story.events_until("reachable is an event", |e| e.kind == "host" && e.action == "reachable").await;
    }
}

#[tokio::test]
async fn a_restarting_engine_is_followed_again() {
    let fake = engine();
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "aa").is_some()).await;
    fake.down();
    story.until("refused", |s| cause(s) == "refused").await;
    // While nobody followed: one is gone, one is new, one ran anew.
    fake.world().add(FakeContainer::running("bb", "new"));
    fake.world().containers.remove("aa");
    fake.up();
    story.until("as it is now", |s| reachable(s) && c(s, "aa").is_none() && c(s, "bb").is_some()).await;
    fake.world().die("bb", 3, false);
    story.until("events are followed", |s| c(s, "bb").is_some_and(|c| c.exit_code == Some(3))).await;
}

#[tokio::test]
async fn a_slow_list_makes_stale_and_nothing_more() {
    let fake = engine();
    let story = Story::new(Timings { resync_every: Duration::from_millis(50), ..quick() });
    story.fleet.add(host("h", fake.endpoint()));
    story.until("there", |s| c(s, "aa").is_some()).await;
    fake.trouble("/containers/json", Trouble::Silent);
    let now = story.until("stale", |s| h(s).stale).await;
    assert_eq!(h(&now).state, HostState::Reachable);
    fake.trouble("/containers/json", Trouble::None);
    story.until("fresh", |s| !h(s).stale).await;
    for trouble in [Trouble::Html, Trouble::OtherTypes, Trouble::Breaks, Trouble::Drips] {
        fake.trouble("/containers/json", trouble);
        let now = story.until(&format!("stale by {trouble:?}"), |s| h(s).stale).await;
        assert_eq!(h(&now).state, HostState::Reachable);
        assert!(c(&now, "aa").is_some(), "what was known stays");
        fake.trouble("/containers/json", Trouble::None);
        story.until("fresh again", |s| !h(s).stale).await;
    }
}

#[tokio::test]
async fn one_silent_engine_slows_nobody_down() {
    let (silent, other) = (engine(), engine());
    silent.trouble("", Trouble::Silent);
    let story = Story::new(quick());
    story.fleet.add(host("s", silent.endpoint()));
    story.fleet.add(host("h", other.endpoint()));
    story.until("both are known", |s| c(s, "aa").is_some() && s.host("s").is_some_and(|h| h.state == HostState::Unreachable)).await;
    let asked = Instant::now();
    for _ in 0..10_000 {
        assert_eq!(story.fleet.snapshot().hosts.len(), 2);
    }
    assert!(asked.elapsed() < Duration::from_secs(1), "reading waits for no engine");
    other.world().die("aa", 1, false);
    story.until("the other is followed", |s| c(s, "aa").is_some_and(|c| c.exit_code == Some(1))).await;
}

#[tokio::test]
async fn an_engine_is_told_from_its_version() {
    let fake = engine();
    (fake.world().api_version, fake.world().min_api_version) = ("1.40".into(), "1.12".into());
    let story = Story::with(&fake);
    story.until("too old", |s| cause(s) == "too_old").await;
    // Docker 29 refuses what is below 1.44.
    (fake.world().api_version, fake.world().min_api_version) = ("1.52".into(), "1.44".into());
    let now = story.until("renewed", |s| reachable(s) && c(s, "aa").is_some() && h(s).engine.is_some()).await;
    let engine = h(&now).engine.as_ref().expect("it said");
    assert_eq!((engine.api_version.as_str(), engine.api_version_min.as_str(), engine.api_version_max.as_str()), ("1.52", "1.44", "1.52"));
    assert!(fake.world().count("/v1.52/containers/json") >= 1);
}

#[tokio::test]
async fn the_default_timings_show_a_silent_engine_within_five_seconds() {
    let t = Timings::default();
    assert!(t.ping_every + t.ping_within < Duration::from_secs(5));
}
