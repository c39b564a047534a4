//! The socket over HTTP/2, where it is an extended CONNECT.

use app::api::live::ServerFrame;
use axum::body::Body;
use hyper::{Request, client::conn::http2, ext::Protocol};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

use super::wire::{Live, Wire, subscribe};
use crate::live::Kind;

#[tokio::test]
async fn it_comes_as_connect_over_http2() {
    let live = Live::new().await;
    let id = live.console.person("ops-c", Some("auditor")).await;
    let bearer = live.console.token(&id, None).await;
    let stream = TcpStream::connect(live.address).await.expect("connected");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    // The server's settings say that it takes extended CONNECT; they are there with the first answer.
    let probe = Request::get("http://localhost:3000/healthz").body(Body::empty()).expect("a request");
    assert_eq!(sender.send_request(probe).await.expect("answered").status(), 200);
    let request = Request::connect("http://localhost:3000/api/v1/live")
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("authorization", format!("Bearer {bearer}"))
        .body(Body::empty())
        .expect("a request");
    let response = sender.send_request(request).await.expect("answered");
    assert_eq!(response.status(), 200);
    let upgraded = hyper::upgrade::on(response).await.expect("a stream");
    let mut wire = Wire { socket: WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await };
    wire.say(&subscribe(1, &["host"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    live.change(Kind::Host, "h", 1);
    assert_eq!(wire.changes().await.1, ["host h@1"]);
}
