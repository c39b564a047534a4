//! Effects and reads through the engine, against the fake one.

use app::api::container::ContainerState;
use futures_util::TryStreamExt;
use serde_json::json;

use super::{Story, c, host, intent, passed, permitted, quick};
use crate::{
    auth::permission::container::{Delete, Operate, Read},
    clock::Clock,
    fleet::{
        Engine, EngineError, Fault, Fleet, FleetOptions,
        engine::{LogLimit, LogRange, Observed},
        fake::{Fake, FakeContainer, Trouble, is_mutating},
        policy::{Judged, Owner, Road, Rules, Subject, Verdict},
    },
};

fn subject(owner: Owner) -> Subject {
    Subject { platform_admin: false, owner, protected: false, road: Road::StartUnchanged }
}

async fn judged(engine: &Engine, id: &str) -> Judged {
    match engine.judge(&permitted::<Operate>(id), id, Rules::default(), &subject(Owner::Platform), |_| {}).await.expect("judged") {
        Verdict::Allowed(judged) | Verdict::Warned(judged, _) => judged,
        Verdict::Refused(findings) => panic!("refused for {findings:?}"),
    }
}

#[tokio::test]
async fn the_writer_sees_the_write_and_its_events_are_ours() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::exited("aa", "web", 1));
    let mut story = Story::with(&fake);
    story.until("there", |s| c(s, "aa").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");

    let start = intent::<Operate>("aa");
    let entry = engine.start(&start, &judged(&engine, "aa").await, &passed(), "aa").await.expect("started");
    assert_eq!(entry.state, ContainerState::Running);
    assert_eq!(c(&story.fleet.snapshot(), "aa"), Some(&entry), "the snapshot has it when the call returns");
    let seen = story.events_until("start", |e| e.action == "start").await;
    let by = seen.last().and_then(|e| e.by.clone()).expect("ours");
    assert_eq!((by.intent_id.as_str(), seen.last().map(|e| e.outside)), (start.id(), Some(false)));

    let restart = engine.restart(&intent("aa"), &judged(&engine, "aa").await, &passed(), "aa").await.expect("restarted");
    assert!(restart.started_at > entry.started_at);
    let stopped = engine.stop(&intent("aa"), &passed(), "aa").await.expect("stopped");
    assert_eq!((stopped.state, stopped.exit_code), (ContainerState::Exited, Some(143)));
    engine.remove(&intent::<Delete>("aa"), &passed(), "aa", false, true).await.expect("removed");
    assert!(c(&story.fleet.snapshot(), "aa").is_none());
    let seen = story.events_until("destroy", |e| e.action == "destroy").await;
    assert!(seen.iter().all(|e| e.by.is_some() && !e.outside), "{seen:#?}");
}

#[tokio::test]
async fn what_can_not_be_says_why() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    fake.world().add(FakeContainer::exited("bb", "job", 0));
    let mut failing = FakeContainer::exited("cc", "bad", 0);
    failing.start_fails = Some("OCI runtime: run --key=canary-in-an-argument with canary-in-the-environment failed".into());
    fake.world().add(failing);
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "cc").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    let code = |r: Result<(), EngineError>| r.expect_err("it can't be").code();

    assert_eq!(code(engine.start(&intent("aa"), &judged(&engine, "aa").await, &passed(), "aa").await.map(drop)), "already_running");
    assert_eq!(code(engine.stop(&intent("bb"), &passed(), "bb").await.map(drop)), "already_stopped");
    assert_eq!(code(engine.remove(&intent("aa"), &passed(), "aa", false, false).await), "container_running");
    assert_eq!(code(engine.stop(&intent("dd"), &passed(), "dd").await.map(drop)), "container_not_found");
    assert_eq!(code(engine.stop(&intent("../x"), &passed(), "../x").await.map(drop)), "container_not_found");
    assert_eq!(code(engine.stop(&intent("bb"), &passed(), "aa").await.map(drop)), "internal", "another object's proof");
    let judged_bb = judged(&engine, "bb").await;
    assert_eq!(code(engine.start(&intent("aa"), &judged_bb, &passed(), "aa").await.map(drop)), "internal", "another's judgement");
    let refused = engine.start(&intent("cc"), &judged(&engine, "cc").await, &passed(), "cc").await.expect_err("it fails");
    assert_eq!(refused, EngineError::Refused("OCI runtime: run ••• with ••• failed".into()));

    fake.trouble("", Trouble::Silent);
    story.until("unreachable", |s| super::h(s).cause.is_some()).await;
    assert_eq!(code(engine.stop(&intent("aa"), &passed(), "aa").await.map(drop)), "host_unreachable", "without waiting");
    assert_eq!(code(engine.observe("aa").await.map(drop)), "host_unreachable");
}

#[tokio::test]
async fn a_project_is_refused_what_the_platform_is_warned_of() {
    let fake = Fake::start();
    let mut c1 = FakeContainer::exited("aa", "tool", 0);
    c1.host_config = json!({"Privileged": true});
    fake.world().add(c1);
    let mut c2 = FakeContainer::exited("bb", "db", 0);
    c2.mounts = json!([{"Type": "volume", "Name": "data", "Source": "/var/lib/docker/volumes/data/_data", "Destination": "/data", "Driver": "local"}]);
    fake.world().add(c2);
    fake.world().volumes.insert("data".into(), json!({"Driver": "local", "Options": {"type": "none", "o": "bind", "device": "/etc"}}));
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "bb").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");

    let platform =
        engine.judge(&permitted::<Operate>("aa"), "aa", Rules::default(), &subject(Owner::Platform), |_| {}).await.expect("judged");
    assert!(matches!(platform, Verdict::Warned(_, findings) if findings[0].code == "privileged"));
    for (id, code) in [("aa", "privileged"), ("bb", "volume_bind")] {
        match engine
            .judge(&permitted::<Operate>(id), id, Rules::default(), &subject(Owner::Project("p".into())), |_| {})
            .await
            .expect("judged")
        {
            Verdict::Refused(findings) => assert_eq!(findings[0].code, code),
            other => panic!("{other:?}"),
        }
    }
    assert!(fake.world().calls.iter().all(|(method, _)| !is_mutating(&method.parse().expect("a method"))), "judging changes nothing");
}

#[tokio::test]
async fn the_console_does_not_end_itself() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "ecos"));
    fake.world().add(FakeContainer { host_config: json!({"PidMode": "container:ecos"}), ..FakeContainer::running("bb", "beside") });
    let (sink, events) = tokio::sync::mpsc::channel(10);
    let fleet = Fleet::start(FleetOptions { timings: quick(), own_container: Some("aa".into()) }, Clock::system(), sink);
    fleet.add(host("h", fake.endpoint()));
    let story = Story { fleet, events };
    story.until("there", |s| c(s, "aa").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    assert_eq!(engine.stop(&intent("aa"), &passed(), "aa").await.expect_err("no"), EngineError::OwnContainer);
    assert_eq!(engine.remove(&intent("aa"), &passed(), "aa", true, true).await.expect_err("no"), EngineError::OwnContainer);
    let verdict =
        engine.judge(&permitted::<Operate>("aa"), "aa", Rules::default(), &subject(Owner::Platform), |_| {}).await.expect("judged");
    assert!(matches!(verdict, Verdict::Refused(findings) if findings[0].code == "own_container"));

    // Nor does anything get into it from beside: whoever's the one beside is.
    let siblings = ["aa", "ecos", "bb"].map(str::to_owned).into();
    let verdict =
        engine.judge(&permitted::<Operate>("bb"), "bb", Rules { siblings, ..Rules::default() }, &subject(Owner::Platform), |_| {}).await;
    match verdict.expect("judged") {
        Verdict::Refused(findings) => assert!(findings.iter().any(|f| (f.field.as_str(), f.code) == ("pid_mode", "own_container"))),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_a_change_makes_of_it_is_what_is_judged() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "aa").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    let owner = subject(Owner::Project("p".into()));
    let as_it_is = engine.judge(&permitted::<Operate>("aa"), "aa", Rules::default(), &owner, |_| {}).await.expect("judged");
    assert!(matches!(as_it_is, Verdict::Allowed(_)));
    let changed = engine.judge(&permitted::<Operate>("aa"), "aa", Rules::default(), &owner, |wanted| wanted.privileged = true).await;
    assert!(matches!(changed.expect("judged"), Verdict::Refused(f) if f[0].code == "privileged"));
}

#[tokio::test]
async fn an_engines_words_lose_the_secrets_before_they_are_made_one_line() {
    let fake = Fake::start();
    let mut container = FakeContainer::exited("aa", "web", 1);
    container.environment = vec!["KEY=first-half\nsecond-half".to_owned()];
    let long = format!("{}first-half\nsecond-half", "x".repeat(995));
    for words in ["it said first-half\nsecond-half", "it said \"first-half\\nsecond-half\"", &long] {
        container.start_fails = Some(words.to_owned());
        fake.world().add(container.clone());
        let story = Story::with(&fake);
        story.until("there", |s| c(s, "aa").is_some()).await;
        let engine = story.fleet.engine("h").expect("added");
        let judged = judged(&engine, "aa").await;
        let error = engine.start(&intent("aa"), &judged, &passed(), "aa").await.expect_err("refused").to_string();
        assert!(!error.contains("first") && !error.contains("half"), "{words}: {error}");
    }
}

#[tokio::test]
async fn logs_are_read_with_and_without_a_terminal() {
    let fake = Fake::start();
    for (id, tty) in [("aa", false), ("bb", true)] {
        let mut container = FakeContainer::running(id, id);
        container.tty = tty;
        container.log = (0..50).map(|i| format!("line {i}")).collect::<Vec<_>>().join("\n");
        fake.world().add(container);
    }
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "bb").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    for id in ["aa", "bb"] {
        let tail =
            engine.logs_tail(&permitted::<Read>(id), id, LogRange::default(), LogLimit { lines: 3, bytes: 1_000 }).await.expect("read");
        assert_eq!(tail.items.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["line 47", "line 48", "line 49"]);
        assert_eq!((tail.items[0].at.as_str(), tail.truncated), ("2023-11-14T22:13:20.123456789Z", false));
        let pieces: Vec<bytes::Bytes> = engine
            .logs_follow(&permitted::<Read>(id), id, LogRange { tail: Some(2), ..LogRange::default() })
            .await
            .expect("there")
            .try_collect()
            .await
            .expect("read");
        assert_eq!(pieces.concat(), b"line 48\nline 49\n");
    }
    fake.trouble("/logs", Trouble::Refuses);
    let error =
        engine.logs_tail(&permitted::<Read>("aa"), "aa", LogRange::default(), LogLimit { lines: 3, bytes: 10 }).await.expect_err("refused");
    assert_eq!(error.code(), "engine_refused");
}

#[tokio::test]
async fn inspect_tells_no_secret_and_observe_tells_what_is() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "aa").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    let inspect = engine.inspect(&permitted::<Read>("aa"), "aa").await.expect("read");
    assert!(!serde_json::to_string(&inspect).expect("plain").contains("canary"));
    assert_eq!(inspect.environment_names, ["TOKEN"]);
    assert!(matches!(engine.observe("aa").await, Ok(Observed::There { running: true, .. })));
    assert_eq!(engine.observe("zz").await, Ok(Observed::Gone));
    fake.trouble("/json", Trouble::OtherTypes);
    let error = engine.inspect(&permitted::<Read>("aa"), "aa").await.expect_err("not an engine's answer");
    assert_eq!(error.code(), "host_unreachable");
}

#[tokio::test]
async fn a_stop_is_done_though_the_container_goes_with_it() {
    let fake = Fake::start();
    fake.world().add(FakeContainer { host_config: json!({"AutoRemove": true}), ..FakeContainer::running("aa", "job") });
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "aa").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    // Its events are quicker than the answer.
    fake.trouble("/stop", Trouble::Late);
    let (intent, passed) = (intent("aa"), passed());
    let (stopped, ()) = tokio::join!(engine.stop(&intent, &passed, "aa"), async {
        story.until("gone", |s| c(s, "aa").is_none()).await;
        fake.trouble("/stop", Trouble::None);
    });
    let stopped = stopped.expect("it was done");
    assert_eq!((stopped.name.as_str(), stopped.state), ("job", ContainerState::Removing));
}

#[tokio::test]
async fn an_inspection_is_not_read_without_end() {
    let fake = Fake::start();
    let environment = vec![format!("BLOB={}", "x".repeat(3 << 20))];
    fake.world().add(FakeContainer { environment, ..FakeContainer::running("aa", "web") });
    fake.world().add(FakeContainer { environment: vec!["x".repeat(1 << 20)], ..FakeContainer::running("bb", "large") });
    let story = Story::with(&fake);
    story.until("there", |s| c(s, "bb").is_some()).await;
    let engine = story.fleet.engine("h").expect("added");
    let error = engine.inspect(&permitted::<Read>("aa"), "aa").await.expect_err("too large");
    assert_eq!(error, EngineError::Unreachable(Fault::TooLarge));
    engine.inspect(&permitted::<Read>("bb"), "bb").await.expect("large, and read");
    assert!(c(&story.fleet.snapshot(), "aa").is_some(), "what the list says of it is shown");
}
