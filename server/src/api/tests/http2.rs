//! Web sockets over HTTP/2, where they are an extended CONNECT.

use std::net::SocketAddr;

use axum::body::Body;
use hyper::{Request, client::conn::http2, ext::Protocol, upgrade::Upgraded};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

pub type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Opens a socket at a path; the answer's status where it is refused.
pub async fn connect(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Socket, u16> {
    let stream = TcpStream::connect(address).await.expect("connected");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    // The server's settings say that it takes extended CONNECT; they are there with the first answer.
    let probe = Request::get("http://localhost:3000/healthz").body(Body::empty()).expect("a request");
    assert_eq!(sender.send_request(probe).await.expect("answered").status(), 200);
    let mut request = Request::connect(format!("http://localhost:3000{path}")).extension(Protocol::from_static("websocket"));
    for (name, value) in headers.iter().chain(&[("sec-websocket-version", "13")]) {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Body::empty()).expect("a request")).await.expect("answered");
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    let upgraded = hyper::upgrade::on(response).await.expect("a stream");
    Ok(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await)
}
