//! Terminals in real containers: typed into, lost, come back to, refused, ended.

use std::time::{Duration, Instant};

use app::api::terminal::TerminalOrder;

use crate::{
    api::tests::{
        http2,
        rig::{Container, OWN, Rig, Terminal, docker},
    },
    fleet::engine::carries_helper,
    store::tests::record,
};

/// Commands that run in a container beside its own.
async fn left(container: &Container) -> Vec<String> {
    let top = docker(&["top", &container.0, "-o", "pid,args"]).await;
    top.lines()
        .skip(1)
        .map(|line| line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim().to_owned())
        .filter(|line| line != "sleep 3600")
        .collect()
}

#[tokio::test]
async fn one_types_sizes_and_leaves_and_nothing_is_left() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let mut terminal = rig.open(&container.0, "cols=132&rows=40").await;
    let hello = terminal.word().await;
    assert_eq!((hello.r#type.as_str(), hello.shell.as_str(), hello.held), ("hello", "/bin/ash", 60));
    terminal.type_in("stty size\n").await;
    terminal.until("40 132").await;
    terminal.order(&TerminalOrder::Resize { cols: 100, rows: 50 }).await;
    // The new size is told when the engine has it: asked until it is there.
    terminal.type_in("until [ \"$(stty size)\" = '50 100' ]; do :; done; echo sized-$((1+1))\n").await;
    terminal.until("sized-2").await;
    terminal.type_in("sleep 1000 & sleep 2000 & exit 7\n").await;
    let ended = terminal.ended().await;
    assert_eq!((ended.reason.as_str(), ended.exit_code), ("exited", Some(7)));
    rig.console.app.changes().close();
    rig.console.app.changes().wait().await;
    assert_eq!(left(&container).await, Vec::<String>::new());
    let trail = rig.trail().await;
    assert!(trail.iter().any(|r| r == "terminal done /bin/ash"), "{trail:?}");
}

#[tokio::test]
async fn it_comes_over_http2_too_and_there_too_only_to_our_own_page() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let path = format!("/api/v1/containers/{}/terminal?cols=80", container.0);
    let cookie = rig.visitor.cookie().expect("a cookie");
    let open = async |origin| http2::connect(rig.address, &path, &[("cookie", cookie.as_str()), ("origin", origin)]).await;
    let mut terminal = Terminal::over(open(OWN).await.expect("open"));
    assert_eq!(terminal.word().await.r#type, "hello");
    terminal.type_in("echo typed-$((1+1)); exit 5\n").await;
    terminal.until("typed-2").await;
    assert_eq!(terminal.ended().await.exit_code, Some(5));
    for foreign in ["https://evil.example", "null"] {
        assert_eq!(open(foreign).await.err(), Some(403), "{foreign}");
    }
}

#[tokio::test]
async fn a_lost_connection_is_come_back_to_and_nothing_is_missed() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let mut first = rig.open(&container.0, "counts=true").await;
    let id = first.word().await.id;
    first.type_in("echo one-$((0+1)); read line; echo got-$line\n").await;
    first.until("one-1").await;
    let taken = first.taken;
    drop(first);
    let mut second = rig.open(&container.0, &format!("counts=true&resume={id}&from={taken}")).await;
    let hello = second.word().await;
    assert_eq!((hello.id.as_str(), hello.missed, hello.at), (id.as_str(), 0, taken));
    second.type_in("hello\n").await;
    second.until("got-hello").await;
    // Whoever comes later takes the place, and hears all that is kept.
    let mut third = rig.open(&container.0, &format!("resume={id}")).await;
    assert_eq!(third.word().await.at, 0);
    third.until("got-hello").await;
    assert_eq!(second.ended().await.reason, "taken");

    // It is this session's: to another of the same person, to others, and elsewhere it is not there.
    let again = rig.console.signed_in("ops-c").await.cookie().expect("a cookie");
    let refused = rig.connect(&container.0, &format!("resume={id}"), &[("cookie", &again), ("origin", OWN)]).await;
    assert_eq!(refused.err(), Some(404));
    third.order(&TerminalOrder::End).await;
    assert_eq!(third.ended().await.reason, "closed");
    rig.until("it is gone", || rig.console.app.terminals().is_empty()).await;
}

#[tokio::test]
async fn a_lost_right_ends_it_with_all_that_it_began() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let mut one = rig.open(&container.0, "").await;
    let mut other = rig.open(&container.0, "shell=sh").await;
    one.word().await;
    assert_eq!(other.word().await.shell, "/bin/sh");
    // What is deaf to hanging up is killed.
    one.type_in("(trap '' HUP; echo deaf-$((1+1)); while :; do sleep 100; done)\n").await;
    one.until("deaf-2").await;
    let began = Instant::now();
    rig.console.app.store().delete_grants(&rig.user_id, record("revoke")).await.expect("gone");
    rig.console.app.auth().refresh().await.expect("read");
    for terminal in [&mut one, &mut other] {
        assert_eq!(terminal.ended().await.reason, "revoked");
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    rig.console.app.changes().close();
    rig.console.app.changes().wait().await;
    assert_eq!(left(&container).await, Vec::<String>::new());
}

#[tokio::test]
async fn signing_out_and_closing_end_it_too() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let mut terminal = rig.open(&container.0, "").await;
    terminal.word().await;
    let began = Instant::now();
    rig.visitor.client().sign_out().await.expect("signed out");
    assert_eq!(terminal.ended().await.reason, "revoked");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());

    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let mut terminal = rig.open(&container.0, "").await;
    terminal.word().await;
    rig.console.app.closing().cancel();
    assert_eq!(terminal.ended().await.reason, "closing");
}

#[tokio::test]
async fn a_container_that_stops_says_so() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let mut terminal = rig.open(&container.0, "").await;
    terminal.word().await;
    docker(&["kill", &container.0]).await;
    assert_eq!(terminal.ended().await.reason, "container_stopped");
    let mut again = rig.open(&container.0, "").await;
    let refused = again.word().await;
    assert_eq!((refused.r#type.as_str(), refused.code.as_str()), ("refused", "not_running"));
}

#[tokio::test]
async fn a_flood_waits_for_its_reader_and_can_be_broken_off() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let mut terminal = rig.open(&container.0, "counts=true").await;
    terminal.word().await;
    terminal.type_in("yes\n").await;
    // Nobody says that anything was processed: no more than the window comes, and a piece that was read already.
    while terminal.some(Duration::from_millis(300)).await.is_some() {}
    assert!((16 * 1024..64 * 1024).contains(&terminal.taken), "{}", terminal.taken);
    while terminal.taken < 2 << 20 {
        terminal.order(&TerminalOrder::Processed { bytes: terminal.taken }).await;
        terminal.some(Duration::from_secs(10)).await.expect("it goes on");
    }
    terminal.type_in("\u{3}").await;
    terminal.type_in("echo calm-$((1+1))\n").await;
    let calm = async {
        loop {
            terminal.order(&TerminalOrder::Processed { bytes: terminal.taken }).await;
            if tokio::time::timeout(Duration::from_millis(200), terminal.until("calm-2")).await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), calm).await.expect("broken off");
}

#[tokio::test]
async fn a_container_without_a_shell_gets_a_helper() {
    let rig = Rig::new().await;
    let image = format!("ecos-test/bare:{}", uuid::Uuid::now_v7().simple());
    let script = format!(
        "d=$(mktemp -d) && mkdir $d/app && cp $(command -v busybox) $d/app/busybox && echo secret-of-the-app > $d/app/file && \
         tar -C $d --owner=0 --group=0 -c . | docker -H \"$1\" import - {image} && rm -r $d"
    );
    let host = std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    let made = tokio::process::Command::new("sh").args(["-c", &script, "sh", &host]).output().await.expect("runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let container = rig.run(&[&image, "/app/busybox", "sleep", "3600"]).await;

    let refused = rig.open(&container.0, "").await.word().await;
    assert_eq!((refused.r#type.as_str(), refused.code.as_str()), ("refused", "no_shell"));
    let (_, shells) = rig.visitor.json("GET", &format!("/api/v1/containers/{}/shells", container.0), None).await;
    assert_eq!((&shells["shells"], &shells["helper"]), (&serde_json::json!([]), &serde_json::json!(carries_helper())));

    let mut terminal = rig.open(&container.0, "helper=true").await;
    let hello = terminal.word().await;
    if carries_helper() {
        assert_eq!((hello.r#type.as_str(), hello.shell.as_str()), ("hello", "helper"));
        terminal.type_in("cat app/file; ps | grep -c '[a]pp/busybox sleep'; pwd\n").await;
        terminal.until("secret-of-the-app").await;
        terminal.until("1\r\n").await;
        let helpers = ["ps", "-q", "--filter", "label=ecos.helper"];
        let label = format!("label=ecos.helper={}", container.0);
        assert!(!docker(&["ps", "-q", "--filter", &label]).await.is_empty(), "{helpers:?}");
        terminal.order(&TerminalOrder::End).await;
        assert_eq!(terminal.ended().await.reason, "closed");
        rig.console.app.changes().close();
        rig.console.app.changes().wait().await;
        assert_eq!(docker(&["ps", "-aq", "--filter", &label]).await, "", "it is removed at its end");
    } else {
        assert_eq!((hello.r#type.as_str(), hello.code.as_str()), ("refused", "no_helper"));
    }
    drop(container);
    docker(&["rmi", "-f", &image]).await;
}

#[tokio::test]
async fn nobody_enters_who_may_not() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let cookie = rig.visitor.cookie().expect("a cookie");
    for origin in ["http://evil.example", "null", "http://localhost:3001"] {
        assert_eq!(rig.connect(&container.0, "", &[("cookie", &cookie), ("origin", origin)]).await.err(), Some(403), "{origin}");
    }
    assert_eq!(rig.connect(&container.0, "", &[("cookie", &cookie)]).await.err(), Some(403));
    assert_eq!(rig.connect(&container.0, "", &[("origin", OWN)]).await.err(), Some(401));
    let token = rig.console.token(&rig.user_id, None).await;
    assert_eq!(rig.connect(&container.0, "", &[("authorization", &format!("Bearer {token}"))]).await.err(), Some(403), "never by token");
    rig.console.person("dev-a", Some("viewer")).await;
    let viewer = rig.console.signed_in("dev-a").await.cookie().expect("a cookie");
    assert_eq!(rig.connect(&container.0, "", &[("cookie", &viewer), ("origin", OWN)]).await.err(), Some(403));
    for query in ["user=a%20b", "user=-x", "shell=%2Fbin%2Fzsh"] {
        let answer = rig.connect(&container.0, query, &[("cookie", &cookie), ("origin", OWN)]).await;
        match answer {
            Err(status) => assert_eq!(status, 400, "{query}"),
            Ok(mut terminal) => assert_eq!(terminal.word().await.code, "bad_parameter", "{query}"),
        }
    }
    let mut unknown = rig.open(&container.0, "user=nobody-there").await;
    assert_eq!(unknown.word().await.code, "engine_refused");

    // The password was given too long ago.
    let session = rig.console.app.store().sessions_of(&rig.user_id, 0).await.expect("read").remove(0).id;
    rig.console.app.store().set_step_up(&session, 1, record("step_up")).await.expect("kept");
    let (status, problem) = rig.visitor.json("GET", &format!("/api/v1/containers/{}/shells", container.0), None).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("step_up_required")));
    assert_eq!(rig.connect(&container.0, "", &[("cookie", &cookie), ("origin", OWN)]).await.err(), Some(403));
    rig.console.app.trail().settle().await;
    assert_eq!(rig.console.app.terminals().open(), 0);
}
