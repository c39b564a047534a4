//! Logs over the socket, of containers on a real engine: order, speed, drops, rights, restarts, and lines of every kind.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use app::api::{
    container::ContainerRef,
    live::{ClientFrame, ServerFrame, Topic},
    log_frame::{self, Mark, Stream},
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    engine::{IMAGE, docker, engine},
    rights::{give_at, grant, project, with_host},
    wire::{Live, Wire, subscribe},
};
use crate::{
    fleet::{
        Endpoint, HostConfig,
        fake::{Fake, FakeContainer, Trouble},
    },
    live::Kind,
    store::tests::record,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// What a test grants where it is not about credit.
const PLENTY: u32 = 4 << 20;

/// A container of a test's own that runs a script, removed at its end.
struct Script(String);

impl Script {
    async fn run(script: &str) -> Self {
        Self::with(&[], script).await
    }

    async fn with(flags: &[&str], script: &str) -> Self {
        let name = format!("logs-test-{}", uuid::Uuid::now_v7().simple());
        let all: Vec<String> = ["run", "-d", "--network", "none", "--name", &name]
            .iter()
            .chain(flags)
            .chain(&[IMAGE, "sh", "-c", script])
            .map(|&word| word.to_owned())
            .collect();
        spawn_blocking(move || Self(docker(&all.iter().map(String::as_str).collect::<Vec<_>>()))).await.expect("runs")
    }

    async fn docker(&self, command: &'static [&'static str]) {
        let id = self.0.clone();
        spawn_blocking(move || docker(&[command, &[id.as_str()]].concat())).await.expect("done");
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["-H", &engine(), "rm", "-f", &self.0]).output();
    }
}

async fn on(endpoint: Endpoint) -> Live {
    let live = with_host().await;
    live.console.app.fleet().add(HostConfig { id: "h1".into(), name: "h1".into(), environment_id: None, endpoint });
    live
}

async fn real() -> Live {
    on(Endpoint::Unix(engine().trim_start_matches("unix://").into())).await
}

impl Live {
    /// Waits until the console knows a container.
    async fn knows(&self, id: &str) {
        let known = async {
            while self.console.app.fleet().snapshot().find(id).is_empty() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, known).await.expect("listed");
    }
}

fn follow(ids: &[&str], tail: Option<u32>, credit: u32) -> ClientFrame {
    let containers = ids.iter().map(|id| ContainerRef { host_id: "h1".into(), id: (*id).into() }).collect();
    ClientFrame::Subscribe { sub: 1, topic: Topic::Logs { containers, tail, since: None }, credit }
}

/// A line as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Came {
    container: u8,
    stream: Stream,
    at: u64,
    cut: u32,
    text: Vec<u8>,
}

impl Came {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }

    fn mark(&self) -> Option<Mark> {
        (self.stream == Stream::Mark).then(|| Mark::parse(&self.text).expect("a known mark"))
    }
}

enum Heard {
    Lines(Vec<Came>, u32),
    Said(ServerFrame),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    async fn any(&mut self) -> Heard {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("something comes").expect("it goes on").expect("whole") {
                Message::Binary(bytes) => {
                    assert!(bytes.len() <= log_frame::FRAME);
                    let (sub, lines) = log_frame::read(&bytes).expect("a frame");
                    assert_eq!(sub, 1);
                    let lines = lines
                        .map(|l| Came { container: l.container, stream: l.stream, at: l.at, cut: l.cut, text: l.text.to_vec() })
                        .collect();
                    return Heard::Lines(lines, bytes.len() as u32);
                }
                Message::Text(text) if text.contains("\"hello\"") => {}
                Message::Text(text) => return Heard::Said(serde_json::from_str(&text).expect("a frame")),
                _ => {}
            }
        }
    }

    async fn begins(&mut self, frame: &ClientFrame) {
        self.say(frame).await;
        assert_eq!(self.hear().await, ServerFrame::Subscribed { sub: 1 });
    }

    /// Lines until one fits, credit given back for each frame. Nothing else may be said.
    async fn until(&mut self, fits: impl Fn(&Came) -> bool) -> Vec<Came> {
        let mut all = Vec::new();
        loop {
            match self.any().await {
                Heard::Lines(lines, bytes) => {
                    self.say(&ClientFrame::Credit { sub: 1, bytes }).await;
                    let found = lines.iter().any(&fits);
                    all.extend(lines);
                    if found {
                        return all;
                    }
                }
                Heard::Said(frame) => panic!("{frame:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_there_is_comes_first_and_then_what_is_written_in_order() {
    let live = real().await;
    let script = Script::run("echo one; sleep 0.1; echo two >&2; sleep 0.3; echo three; sleep 60").await;
    live.knows(&script.0).await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&[&script.0], None, PLENTY)).await;
    let lines = wire.until(|l| l.text == b"three").await;
    let texts: Vec<_> = lines.iter().map(|l| (l.stream, l.text())).collect();
    assert_eq!(texts, [(Stream::Out, "one".to_owned()), (Stream::Err, "two".to_owned()), (Stream::Out, "three".to_owned())]);
    assert!(lines.is_sorted_by_key(|l| l.at) && lines[0].at > 1_600_000_000_000_000_000);
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn several_are_told_apart_and_a_foreign_one_is_not_there() {
    let live = real().await;
    let (own, other, foreign) =
        (Script::run("echo own; sleep 60").await, Script::run("echo other; sleep 60").await, Script::run("echo secret; sleep 60").await);
    for script in [&own, &other, &foreign] {
        live.knows(&script.0).await;
    }
    let pay = project(&live, "pay").await;
    for script in [&own, &other] {
        let created_at = live.console.app.fleet().snapshot().find(&script.0)[0].1.created_at;
        give_at(&live, &script.0, created_at, &pay).await;
    }
    let id = live.console.person("dev-a", None).await;
    live.console.grant(grant(&id, &pay)).await;
    let mut wire = live.by_token(&id).await;
    wire.begins(&follow(&[&own.0, &foreign.0, "0000", &other.0], None, PLENTY)).await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let Heard::Lines(lines, _) = wire.any().await else { panic!("only lines") };
        seen.extend(lines.into_iter().map(|l| (l.container, l.text())));
    }
    seen.sort();
    let expected = [(0, "own"), (1, "not_found"), (2, "not_found"), (3, "other")].map(|(c, text)| (c, text.to_owned()));
    assert_eq!(seen, expected, "the foreign one and the one that is not there are the same");
    // Alone, neither can be subscribed to.
    for id in [foreign.0.as_str(), "0000"] {
        let mut frame = follow(&[id], None, PLENTY);
        if let ClientFrame::Subscribe { sub, .. } = &mut frame {
            *sub = 2;
        }
        wire.say(&frame).await;
        assert_eq!(wire.refusal().await, (Some(2), "not_found".to_owned()));
    }
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn a_right_that_goes_ends_the_log_within_two_seconds() {
    let live = real().await;
    let script = Script::run("while :; do echo tick; sleep 0.05; done").await;
    live.knows(&script.0).await;
    let pay = project(&live, "pay").await;
    let created_at = live.console.app.fleet().snapshot().find(&script.0)[0].1.created_at;
    give_at(&live, &script.0, created_at, &pay).await;
    let id = live.console.person("dev-a", None).await;
    live.console.grant(grant(&id, &pay)).await;
    let mut wire = live.by_token(&id).await;
    wire.begins(&follow(&[&script.0], None, PLENTY)).await;
    wire.until(|l| l.text == b"tick").await;
    let began = Instant::now();
    live.console.app.store().delete_grants(&id, record("revoke")).await.expect("gone");
    live.console.app.auth().refresh().await.expect("read");
    let ended = loop {
        if let Heard::Said(frame) = wire.any().await {
            break frame;
        }
    };
    assert_eq!(ended, ServerFrame::Ended { sub: 1, reason: "revoked".into() });
    assert!(began.elapsed() < Duration::from_secs(2));
    wire.say(&ClientFrame::Credit { sub: 1, bytes: 1 }).await;
    assert_eq!(wire.refusal().await, (Some(1), "no_such_subscription".to_owned()), "nothing came after its end");
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn a_container_is_followed_over_restarts_to_its_end() {
    let live = real().await;
    let script = Script::run("echo run; trap 'exit 3' TERM; while :; do sleep 0.05; done").await;
    live.knows(&script.0).await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&[&script.0], None, PLENTY)).await;
    wire.until(|l| l.text == b"run").await;
    script.docker(&["restart"]).await;
    let lines = wire.until(|l| l.text == b"run").await;
    let marks: Vec<_> = lines.iter().filter_map(Came::mark).collect();
    assert_eq!(marks, [Mark::Exited(Some(3)), Mark::Started]);
    script.docker(&["stop"]).await;
    let lines = wire.until(|l| l.mark() == Some(Mark::Exited(Some(3)))).await;
    assert!(lines.iter().all(|l| l.stream == Stream::Mark), "no line is told twice: {lines:?}");
    script.docker(&["start"]).await;
    wire.until(|l| l.text == b"run").await;
    script.docker(&["rm", "-f"]).await;
    wire.until(|l| l.mark() == Some(Mark::Removed)).await;
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn at_speed_nothing_is_lost_and_each_line_keeps_its_place() {
    const LINES: usize = 60_000;
    let live = real().await;
    let script = Script::run(&format!("read go < /dev/null; sleep 1; seq 1 {LINES}; sleep 60")).await;
    live.knows(&script.0).await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&[&script.0], None, PLENTY)).await;
    let last = LINES.to_string();
    let lines = wire.until(|l| l.text == last.as_bytes()).await;
    assert_eq!(lines.len(), LINES);
    assert!(lines.iter().enumerate().all(|(i, l)| l.text() == (i + 1).to_string()));
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn a_reader_that_stops_hears_how_many_lines_it_missed() {
    const LINES: u64 = 40_000;
    let live = real().await;
    // A hundred bytes each: twice what a ring holds.
    let script = Script::run(&format!("sleep 1; yes {} | head -n {LINES}; echo end; sleep 60", "x".repeat(100))).await;
    live.knows(&script.0).await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&[&script.0], None, 0)).await;
    // It grants nothing until all has been written; the console reads it all the same.
    let mut other = live.reader("dev-a").await;
    other.begins(&follow(&[&script.0], None, PLENTY)).await;
    other.until(|l| l.text == b"end").await;
    sleep(Duration::from_millis(200)).await;
    wire.say(&ClientFrame::Credit { sub: 1, bytes: PLENTY }).await;
    let Heard::Said(ServerFrame::Dropped { sub: 1, n, from, to }) = wire.any().await else { panic!("lines were dropped") };
    assert!(n > LINES / 4 && from <= to);
    let rest = wire.until(|l| l.text == b"end").await;
    assert_eq!(n + rest.len() as u64, LINES + 1, "each line came or was counted");
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn what_was_there_before_waits_for_a_slow_reader() {
    const LINES: usize = 40_000;
    let live = real().await;
    let script = Script::run(&format!("yes {} | head -n {LINES}; echo end; sleep 60", "x".repeat(100))).await;
    live.knows(&script.0).await;
    let written = async {
        while !live.console.app.fleet().snapshot().find(&script.0).is_empty() {
            let id = script.0.clone();
            if spawn_blocking(move || docker(&["logs", "--tail", "1", &id])).await.expect("read") == "end" {
                return;
            }
        }
    };
    timeout(PATIENCE, written).await.expect("written");
    let mut wire = live.reader("ops-c").await;
    let mut frame = follow(&[&script.0], None, 100_000);
    if let ClientFrame::Subscribe { topic: Topic::Logs { since, .. }, .. } = &mut frame {
        *since = Some("0".to_owned());
    }
    wire.begins(&frame).await;
    let lines = wire.until(|l| l.text == b"end").await;
    assert_eq!(lines.len(), LINES + 1, "none is dropped");
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn lines_of_every_kind_arrive() {
    let live = real().await;
    let script =
        Script::run("sleep 0.5; head -c 1000000 /dev/zero | tr '\\0' x; echo; head -c 3000 /dev/urandom; echo; printf 'no end'; sleep 60")
            .await;
    let tty = Script::with(&["-t"], "sleep 0.5; printf '\\033[31mred\\033[0m\\n'; sleep 60").await;
    live.knows(&script.0).await;
    live.knows(&tty.0).await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&[&script.0, &tty.0], None, PLENTY)).await;
    let mut seen = wire.until(|l| l.container == 1).await;
    if !seen.iter().any(|l| l.cut > 0) {
        seen.extend(wire.until(|l| l.cut > 0).await);
    }
    let long = seen.iter().find(|l| l.cut > 0).expect("the long line");
    assert_eq!((long.text.len(), long.cut as usize + long.text.len()), (log_frame::LINE, 1_000_000));
    assert!(seen.iter().any(|l| l.container == 1 && l.text == b"\x1b[31mred\x1b[0m"));
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn the_log_of_what_has_ended_is_told_to_its_end_and_its_removal() {
    let fake = Fake::start();
    let mut container = FakeContainer::exited("aa", "web", 2);
    container.log = "one\ntwo".to_owned();
    fake.world().add(container);
    let live = on(fake.endpoint()).await;
    live.knows("aa").await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&["aa"], None, PLENTY)).await;
    let lines = wire.until(|l| l.stream == Stream::Mark).await;
    assert_eq!(lines.iter().map(Came::text).collect::<Vec<_>>(), ["one", "two", "exited 2"]);
    fake.world().remove("aa");
    wire.until(|l| l.mark() == Some(Mark::Removed)).await;
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn an_answer_that_breaks_is_marked_once_and_read_again() {
    let fake = Fake::start();
    let mut container = FakeContainer::running("aa", "web");
    container.log = "one".to_owned();
    fake.world().add(container);
    fake.trouble("/logs", Trouble::Breaks);
    let live = on(fake.endpoint()).await;
    live.knows("aa").await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&["aa"], None, PLENTY)).await;
    let lines = wire.until(|l| l.stream == Stream::Mark).await;
    assert!(matches!(lines[0].mark(), Some(Mark::Lost(_))), "{lines:?}");
    let asked = fake.world().count("/logs");
    live.until(|_| fake.world().count("/logs") > asked + 1).await;
    fake.trouble("/logs", Trouble::None);
    let lines = wire.until(|l| l.text == b"one").await;
    assert!(lines.iter().all(|l| l.stream != Stream::Mark), "it was said already: {lines:?}");
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn an_answer_that_is_no_log_and_never_ends_holds_up_nothing() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running("aa", "web"));
    fake.trouble("/logs", Trouble::Floods);
    let live = on(fake.endpoint()).await;
    live.knows("aa").await;
    let mut wire = live.reader("ops-c").await;
    wire.begins(&follow(&["aa"], None, PLENTY)).await;
    wire.say(&subscribe(2, &["audit"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 2 });
    for version in 1..4 {
        live.change(Kind::Audit, "r", version);
        assert_eq!(wire.changes().await, (2, vec![format!("audit r@{version}")]));
    }
    wire.say(&ClientFrame::Unsubscribe { sub: 1 }).await;
    assert_eq!(wire.hear().await, ServerFrame::Ended { sub: 1, reason: "unsubscribed".into() });
    live.console.app.fleet().shutdown().await;
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let live = with_host().await;
    let mut wire = live.reader("ops-c").await;
    let many = vec!["aa"; app::api::live::MAX_LOGS + 1];
    let since =
        r#"{"type":"subscribe","sub":1,"topic":{"kind":"logs","containers":[{"host_id":"h1","id":"aa"}],"since":"yesterday"},"credit":1}"#;
    for frame in [
        serde_json::to_string(&follow(&[], None, 1)).expect("plain"),
        serde_json::to_string(&follow(&many, None, 1)).expect("plain"),
        serde_json::to_string(&follow(&["aa"], Some(10_001), 1)).expect("plain"),
        since.to_owned(),
    ] {
        wire.say_text(&frame).await;
        assert_eq!(wire.refusal().await, (Some(1), "bad_topic".to_owned()), "{frame}");
    }
    wire.say(&follow(&["aa"], None, 1)).await;
    assert_eq!(wire.refusal().await, (Some(1), "not_found".to_owned()));
}
