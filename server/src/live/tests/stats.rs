//! Watching what containers use, on an engine without files.

use app::api::{
    container::ContainerRef,
    live::{ClientFrame, ServerFrame, Topic},
    stats::Figures,
};

use super::{
    rights::{give_at, grant, project, with_host},
    wire::Live,
};
use crate::{
    fleet::{
        HostConfig,
        fake::{Fake, FakeContainer},
    },
    store::tests::record,
};

fn id(n: u8) -> String {
    format!("{n:064x}")
}

fn watch(sub: u32, ids: &[String], credit: u32) -> ClientFrame {
    let containers = ids.iter().map(|id| ContainerRef { host_id: "h1".into(), id: id.clone() }).collect();
    ClientFrame::Subscribe { sub, topic: Topic::Stats { containers }, credit }
}

/// A console that follows a fake engine with two containers.
async fn followed() -> (Live, Fake) {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "pay-web"));
    fake.world().add(FakeContainer::running(&id(2), "crm-web"));
    let live = with_host().await;
    let host = HostConfig { id: "h1".into(), name: "h1".into(), environment_id: None, endpoint: fake.endpoint() };
    live.console.app.fleet().add(host);
    live.until(|_| live.console.app.fleet().snapshot().host("h1").is_some_and(|h| h.containers.len() == 2 && h.fresh_at.is_some())).await;
    (live, fake)
}

/// Places and figures of the next frame that has any.
macro_rules! figures {
    ($wire:expr) => {
        loop {
            match $wire.hear().await {
                ServerFrame::Stats { rows, .. } if !rows.is_empty() => {
                    break rows.iter().map(|r| (r[0].expect("a place"), Figures::from_row(&r[1..]))).collect::<Vec<_>>();
                }
                ServerFrame::Stats { .. } | ServerFrame::Dropped { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    };
}

#[tokio::test]
async fn an_engine_is_asked_while_somebody_watches_and_not_otherwise() {
    let (live, fake) = followed().await;
    assert_eq!(fake.world().count("/stats"), 0);
    let mut wire = live.reader("ops-c").await;
    wire.say(&watch(1, &[id(9), id(1)], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    let told = figures!(wire);
    let (place, now) = told[0];
    assert_eq!((told.len(), place, now.cpu_millicores, now.memory_bytes), (1, 1, Some(500), Some(5_000_000)));
    assert_eq!(fake.world().count("/stats"), 1, "one stream, of what is watched");
    // A second watcher of the same costs nothing more.
    let mut other = live.reader("ops-d").await;
    other.say(&watch(1, &[id(1)], 65_536)).await;
    assert_eq!(other.hear().await, ServerFrame::Subscribed { sub: 1 });
    figures!(other);
    assert_eq!(fake.world().count("/stats"), 1);
    wire.say(&ClientFrame::Unsubscribe { sub: 1 }).await;
    wire.say(&watch(2, &[id(2)], 65_536)).await;
    loop {
        match wire.hear().await {
            ServerFrame::Stats { sub: 2, rows, .. } if !rows.is_empty() => break,
            ServerFrame::Stats { .. } | ServerFrame::Ended { sub: 1, .. } | ServerFrame::Subscribed { sub: 2 } => {}
            frame => panic!("{frame:?}"),
        }
    }
    assert_eq!(fake.world().count("/stats"), 2);
}

#[tokio::test]
async fn nobody_watches_what_is_anothers_and_a_right_that_goes_ends_it() {
    let (live, fake) = followed().await;
    let project = project(&live, "pay").await;
    give_at(&live, &id(1), 1_700_000_000_000, &project).await;
    let user = live.console.person("dev-a", None).await;
    live.console.grant(grant(&user, &project)).await;
    let mut wire = live.by_token(&user).await;
    wire.say(&watch(1, &[id(2), id(1)], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    let places: Vec<u64> = figures!(wire).iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [1]);
    let asked = fake.world().calls.iter().filter(|(_, path)| path.contains(&id(2)) && path.ends_with("/stats")).count();
    assert_eq!(asked, 0, "for a person who may not read it no engine is asked");
    let began = std::time::Instant::now();
    live.console.app.store().delete_grants(&user, record("revoke")).await.expect("gone");
    live.console.app.auth().refresh().await.expect("read");
    loop {
        match wire.hear().await {
            ServerFrame::Stats { rows, .. } if rows.is_empty() => break,
            ServerFrame::Stats { .. } | ServerFrame::Dropped { .. } => assert!(began.elapsed().as_secs() < 2, "it goes on"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn without_credit_rounds_wait_and_what_was_left_out_is_said() {
    let (live, _fake) = followed().await;
    let mut wire = live.reader("ops-c").await;
    wire.say(&watch(1, &[id(1)], 0)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    // Another's frames tell that rounds go by.
    let mut other = live.reader("ops-d").await;
    other.say(&watch(1, &[id(1)], 65_536)).await;
    for _ in 0..3 {
        other.hear().await;
    }
    wire.say(&ClientFrame::Credit { sub: 1, bytes: 4_096 }).await;
    assert!(matches!(wire.hear().await, ServerFrame::Dropped { sub: 1, n, .. } if n >= 1));
    assert!(matches!(wire.hear().await, ServerFrame::Stats { sub: 1, .. }));
}

#[tokio::test]
async fn a_socket_watches_so_many_and_no_more() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    let all: Vec<String> = (0..=200_u16).map(|n| format!("{n:064x}")).collect();
    wire.say(&watch(1, &all, 0)).await;
    assert_eq!(wire.refusal().await, (Some(1), "too_many_containers".into()));
    wire.say(&watch(1, &all[1..], 0)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    wire.say(&watch(1, &[], 0)).await;
    assert_eq!(wire.refusal().await, (Some(1), "number_taken".into()));
    wire.say(&watch(2, &all[..1], 0)).await;
    assert_eq!(wire.refusal().await, (Some(2), "too_many_containers".into()));
    wire.say(&ClientFrame::Unsubscribe { sub: 1 }).await;
    assert_eq!(wire.hear().await, ServerFrame::Ended { sub: 1, reason: "unsubscribed".into() });
    wire.say(&watch(2, &all[..1], 0)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 2 });
}
