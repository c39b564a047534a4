//! The live socket over real connections, and its writer against an end that does not read.

mod engine;
mod http2;
mod logs;
mod rights;
mod stats;
mod wire;
mod worlds;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use app::api::live::{ClientFrame, MAX_SUBSCRIPTIONS, ServerFrame, Topic};
use axum::{Error, extract::ws::Message};
use futures_util::Sink;

use self::wire::{Live, on_platform, subscribe};
use super::{Audience, Kind, writer};
use crate::auth::ObjectScope;

#[tokio::test]
async fn a_change_arrives_once_and_what_follows_in_one_frame() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    wire.say(&subscribe(7, &["container"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 7 });
    live.change(Kind::Container, "a", 1);
    live.change(Kind::Host, "h", 2);
    assert_eq!(wire.changes().await, (7, vec!["container a@1".to_owned()]));
    for version in 3..30 {
        live.change(Kind::Container, "a", version);
    }
    live.change(Kind::Container, "b", 30);
    assert_eq!(wire.changes().await, (7, vec!["container a@29".to_owned(), "container b@30".to_owned()]));
    wire.say(&ClientFrame::Unsubscribe { sub: 7 }).await;
    assert_eq!(wire.hear().await, ServerFrame::Ended { sub: 7, reason: "unsubscribed".into() });
}

#[tokio::test]
async fn the_first_frame_says_hello() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    assert!(matches!(wire.frame().await, ServerFrame::Hello { .. }));
}

#[tokio::test]
async fn records_and_sessions_are_told_as_they_are_written() {
    let live = Live::new().await;
    live.console.person("ops-c", Some("auditor")).await;
    let cookie = live.console.signed_in("ops-c").await.cookie().expect("a cookie");
    let mut wire = live.connect(&[("cookie", &cookie), ("origin", "http://localhost:3000")]).await.expect("open");
    wire.say(&subscribe(1, &["audit"], 65_536)).await;
    wire.say(&subscribe(2, &["session"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 2 });
    // One's own, by another browser; and somebody else's.
    live.console.person("dev-a", None).await;
    let mut records = 0;
    while records == 0 {
        let (sub, items) = wire.changes().await;
        assert_eq!(sub, 1, "nobody's session: {items:?}");
        records += items.len();
    }
    live.console.signed_in("ops-c").await;
    while wire.changes().await.0 != 2 {}
}

#[tokio::test]
async fn a_reader_without_credit_hears_later_what_was_dropped() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    wire.say(&subscribe(1, &["container"], 0)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    for i in 0..5_000 {
        live.change(Kind::Container, &format!("{i:04}"), i);
    }
    wire.say(&ClientFrame::Credit { sub: 1, bytes: 1 << 20 }).await;
    match wire.hear().await {
        ServerFrame::Dropped { sub: 1, n: 904, from, to } => assert!(from <= to),
        other => panic!("{other:?}"),
    }
    let mut heard = Vec::new();
    while heard.len() < 4_096 {
        heard.extend(wire.changes().await.1);
    }
    assert_eq!((heard[0].as_str(), heard[4_095].as_str()), ("container 0904@904", "container 4999@4999"));
}

#[tokio::test]
async fn what_is_not_understood_is_refused_and_the_socket_stays() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    for (bad, number, code) in [
        ("nonsense", None, "not_understood"),
        (r#"{"type":"subscribe","sub":3,"topic":{"kind":"logs"},"credit":1}"#, Some(3), "not_understood"),
        (r#"{"type":"credit","sub":3,"bytes":1,"more":2}"#, Some(3), "not_understood"),
        (r#"{"type":"subscribe","sub":3,"topic":{"kind":"changes","kinds":["volume"]},"credit":1}"#, Some(3), "unknown_kind"),
        (r#"{"type":"credit","sub":3,"bytes":1}"#, Some(3), "no_such_subscription"),
        (r#"{"type":"unsubscribe","sub":3}"#, Some(3), "no_such_subscription"),
    ] {
        wire.say_text(bad).await;
        assert_eq!(wire.refusal().await, (number, code.to_owned()), "{bad}");
    }
    wire.say_bytes(b"\0").await;
    assert_eq!(wire.refusal().await, (None, "not_understood".into()));
    wire.say(&subscribe(3, &[], 1)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 3 });
    wire.say(&subscribe(3, &[], 1)).await;
    assert_eq!(wire.refusal().await, (Some(3), "number_taken".into()));
}

#[tokio::test]
async fn a_socket_holds_so_many_subscriptions_and_no_more() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    for sub in 0..MAX_SUBSCRIPTIONS as u32 {
        wire.say(&subscribe(sub, &[], 0)).await;
        assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub });
    }
    wire.say(&subscribe(1_000, &[], 0)).await;
    assert_eq!(wire.refusal().await, (Some(1_000), "too_many_subscriptions".into()));
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_socket() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    wire.say_text(&"x".repeat(super::socket::MESSAGE + 1)).await;
    wire.ended().await;
    live.empty().await;
}

#[tokio::test]
async fn a_person_has_so_many_sockets_and_no_more() {
    let live = Live::new().await;
    let id = live.console.person("ops-c", Some("auditor")).await;
    let bearer = live.console.token(&id, None).await;
    let mut wires = Vec::new();
    for _ in 0..super::hub::PER_PERSON {
        wires.push(live.connect(&[("authorization", &format!("Bearer {bearer}"))]).await.expect("open"));
    }
    assert_eq!(live.connect(&[("authorization", &format!("Bearer {bearer}"))]).await.err(), Some(429));
    drop(wires.pop());
    live.until(|hub| hub.open() < super::hub::PER_PERSON).await;
    live.connect(&[("authorization", &format!("Bearer {bearer}"))]).await.expect("a place is free again");
}

#[tokio::test]
async fn closing_ends_every_subscription_and_the_socket() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    wire.say(&subscribe(1, &[], 0)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    live.console.app.closing().cancel();
    assert_eq!(wire.hear().await, ServerFrame::Ended { sub: 1, reason: "closing".into() });
    wire.ended().await;
    live.empty().await;
}

#[tokio::test]
async fn a_topic_of_all_kinds_takes_all() {
    let live = Live::new().await;
    let mut wire = live.reader("ops-c").await;
    wire.say(&ClientFrame::Subscribe { sub: 1, topic: Topic::Changes { kinds: vec![] }, credit: 65_536 }).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    live.console.app.hub().publish(Kind::Event, "e", None, 1, Audience::Scope(ObjectScope::platform()));
    assert_eq!(wire.changes().await.1, ["event e@1"]);
    live.console.app.hub().publish(Kind::Host, "h", None, 2, on_platform());
    assert_eq!(wire.changes().await.1, ["host h@2"]);
}

/// An end that never takes anything.
struct Deaf;

impl Sink<Message> for Deaf {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, _: Message) -> Result<(), Error> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Pending
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_does_not_read_is_given_up() {
    let began = tokio::time::Instant::now();
    let given_up = writer::send(&mut Deaf, Message::Text("hello".into())).await;
    assert!(matches!(given_up, Err(writer::WriteError::Stuck)));
    assert_eq!(began.elapsed().as_secs(), 30);
}
