//! The socket over HTTP/2.

use app::api::live::ServerFrame;

use super::wire::{Live, Wire, subscribe};
use crate::{api::tests::http2::connect, live::Kind};

#[tokio::test]
async fn it_comes_as_connect_over_http2() {
    let live = Live::new().await;
    let id = live.console.person("ops-c", Some("auditor")).await;
    let bearer = format!("Bearer {}", live.console.token(&id, None).await);
    let mut wire = Wire { socket: connect(live.address, "/api/v1/live", &[("authorization", &bearer)]).await.expect("open") };
    wire.say(&subscribe(1, &["host"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    live.change(Kind::Host, "h", 1);
    assert_eq!(wire.changes().await.1, ["host h@1"]);
}
