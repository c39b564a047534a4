//! Two worlds that differ only in what is not the project's are told alike over the socket: changes, kept events, figures, lines of logs,
//! refusals.

use std::collections::BTreeSet;

use app::api::{
    container::ContainerRef,
    live::{ClientFrame, ServerFrame, Topic},
    log_frame,
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Duration, timeout},
};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use super::{
    rights::{give_at, grant, host_of, project},
    wire::{Live, Wire, subscribe},
};
use crate::{
    clock::Clock,
    fleet::{
        HostConfig,
        fake::{Fake, FakeContainer},
    },
    workers::Events,
};

const OTHERS: u8 = 5;

fn id(n: u8) -> String {
    format!("{n:064x}")
}

/// The project's own, and one that is there in the one world and not in the other.
fn both() -> Vec<ContainerRef> {
    [id(101), id(1)].map(|id| ContainerRef { host_id: "h1".into(), id }).to_vec()
}

/// Everything that was said, without what differs from run to run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// In their order.
    changes: Vec<String>,
    /// How many: the engine's time, of which they are named, differs.
    events: usize,
    frames: BTreeSet<String>,
    lines: BTreeSet<String>,
}

impl Said {
    /// Hears on until it is so.
    async fn until<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>, what: &str, so: impl Fn(&Self) -> bool) {
        while !so(self) {
            let next = timeout(Duration::from_secs(20), wire.socket.next()).await.unwrap_or_else(|_| panic!("{what}: {self:?}"));
            match next.expect("it goes on").expect("whole") {
                Message::Binary(bytes) => {
                    let (sub, lines) = log_frame::read(&bytes).expect("a frame");
                    self.lines.extend(lines.map(|l| format!("{sub} {} {:?} {}", l.container, l.stream, String::from_utf8_lossy(l.text))));
                }
                Message::Text(text) => self.take(serde_json::from_str(&text).expect("a frame")),
                _ => {}
            }
        }
    }

    fn take(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Hello { .. } => {}
            ServerFrame::Changes { items, .. } => {
                let (events, others): (Vec<_>, Vec<_>) = items.into_iter().partition(|i| i.kind == "event");
                self.events += events.len();
                self.changes.extend(others.iter().map(|i| format!("{} {}@{}", i.kind, i.id, i.version)));
            }
            ServerFrame::Stats { sub, rows, .. } => {
                self.frames.insert(format!("stats {sub} {rows:?}"));
            }
            other => {
                self.frames.insert(format!("{other:?}"));
            }
        }
    }
}

/// A world with so many containers of others, and what the project's developer hears in it.
async fn world(others: u8) -> Said {
    let fake = Fake::start();
    let one = |n: u8, name: String| FakeContainer { log: "own line\n".into(), ..FakeContainer::running(&id(n), &name) };
    fake.world().add(one(1, "payments-web".into()));
    for n in 0..others {
        fake.world().add(FakeContainer { log: "secret line\n".into(), ..one(100 + n, format!("secret-{n}")) });
    }
    // Time stands still: versions grow with it.
    let live = host_of(Live::at(Clock::manual(1_800_000_000_000)).await).await;
    let host = HostConfig { id: "h1".into(), name: "h1".into(), environment_id: None, endpoint: fake.endpoint() };
    live.console.app.fleet().add(host);
    let events = Events::new(live.console.app.clone(), live.console.app.take_events().expect("nobody else keeps them"));
    tokio::spawn(async move { while events.round(CancellationToken::new()).await.is_ok() {} });
    let count = 1 + usize::from(others);
    let is_listed = || live.console.app.fleet().snapshot().host("h1").is_some_and(|h| h.containers.len() == count && h.engine.is_some());
    live.until(|_| is_listed()).await;
    let payments = project(&live, "payments").await;
    give_at(&live, &id(1), 1_700_000_000_000, &payments).await;
    let user = live.console.person("dev-a", None).await;
    live.console.grant(grant(&user, &payments)).await;
    live.console.person("ops-c", Some("platform-admin")).await;
    let admin = live.console.signed_in("ops-c").await;

    let mut wire = live.by_token(&user).await;
    wire.say(&subscribe(1, &[], 1 << 20)).await;
    wire.say(&ClientFrame::Subscribe { sub: 2, topic: Topic::Stats { containers: both() }, credit: 1 << 20 }).await;
    let logs = |containers| Topic::Logs { containers, tail: Some(10), since: None };
    wire.say(&ClientFrame::Subscribe { sub: 3, topic: logs(both()), credit: 1 << 20 }).await;
    wire.say(&ClientFrame::Subscribe { sub: 4, topic: logs(both()[..1].to_vec()), credit: 1 << 20 }).await;
    let mut said = Said::default();
    let is_open = |said: &Said| {
        let refused = said.frames.iter().any(|f| f.starts_with("Refused"));
        let figures = said.frames.iter().any(|f| f.starts_with("stats 2 [[Some(1)"));
        refused && figures && said.lines.iter().any(|l| l.ends_with("own line")) && said.lines.iter().any(|l| l.ends_with("not_found"))
    };
    said.until(&mut wire, "all is open", is_open).await;

    // Others' things change: by themselves, by the console, by an operation on many.
    for n in 0..others {
        fake.world().die(&id(100 + n), 3, false);
    }
    if others > 0 {
        let items: Vec<_> = (0..others).map(|n| serde_json::json!({"host_id": "h1", "id": id(100 + n)})).collect();
        let body = serde_json::json!({"action": "start", "items": items}).to_string();
        let (status, answer) = admin.json("POST", "/api/v1/containers/actions", Some(&body)).await;
        assert_eq!(status, 202, "{answer}");
        fake.world().add(one(100 + others, "secret-new".into()));
        fake.world().tell("create", &id(100 + others), &[]);
    }
    let all_seen = || {
        let hosts = live.console.app.fleet().snapshot();
        let running = |n: u8| hosts.find(&id(n)).iter().any(|(_, c)| c.started_at != Some(1_700_000_001_000) || n == 100 + others);
        others == 0 || (100..=100 + others).all(running)
    };
    live.until(|_| all_seen()).await;
    // Then one of the own: what was to be heard of the others was heard before it.
    fake.world().set_state(&id(1), "paused", "pause");
    let own = format!("container {}@", id(1));
    said.until(&mut wire, "the own change and its event", |said| said.events > 0 && said.changes.iter().any(|c| c.starts_with(&own))).await;
    said
}

#[tokio::test]
async fn what_others_have_is_heard_in_nothing() {
    let (without, with) = (world(0).await, world(OTHERS).await);
    assert_eq!(without, with);
    assert!(without.lines.iter().any(|line| line.contains("own line")) && !without.frames.is_empty(), "{without:?}");
    assert_eq!(without.events, 1, "{without:?}");
}
