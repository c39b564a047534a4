//! Real connections: TLS by a rustls client, HTTP/1.1 and HTTP/2, silence, floods, and the end.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{listener, places::Limits, tls::Certificate};
use crate::{
    clock::Clock,
    config::{Settings, TlsMode},
};

const LONG: Duration = Duration::from_secs(10);

/// A server on a free port.
struct Server {
    address: SocketAddr,
    closing: CancellationToken,
    connections: TaskTracker,
}

impl Server {
    async fn start(tls: Option<TlsAcceptor>, router: Router) -> Self {
        Self::with_places(100, tls, router).await
    }

    async fn with_places(places: usize, tls: Option<TlsAcceptor>, router: Router) -> Self {
        let limits = Limits { all: places, each: places, idle: LONG * 6, is_crowd: Arc::new(|_| true) };
        Self::with_limits(limits, tls, router).await
    }

    async fn with_limits(limits: Limits, tls: Option<TlsAcceptor>, router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, closing, connections) = (listener.local_addr().unwrap(), CancellationToken::new(), TaskTracker::new());
        let (ending, all) = (closing.clone(), connections.clone());
        tokio::spawn(async move { listener::serve(limits, listener, tls, router, ending, &all).await });
        Self { address, closing, connections }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Waits until all connections are gone.
    async fn drained(&self) {
        self.connections.close();
        tokio::time::timeout(LONG, self.connections.wait()).await.expect("all connections end");
    }
}

fn router() -> Router {
    #[expect(clippy::disallowed_methods, reason = "a router for these tests alone")]
    Router::new().route("/", get(|request: axum::extract::Request| async move { format!("{:?}", request.version()) }))
}

/// An acceptor with a certificate of the console's making, and the file it is in.
fn acceptor(dir: &Path) -> TlsAcceptor {
    let mut settings = Settings::with_data_dir(dir);
    settings.tls.mode = TlsMode::Auto;
    let certificate = Certificate::open(&settings, &Clock::system()).unwrap().unwrap();
    TlsAcceptor::from(Arc::new(certificate.config().unwrap()))
}

/// A client that trusts only that certificate.
async fn tls_client(server: &Server, dir: &Path, name: &str, alpn: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_file(dir.join("tls/auto.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|p| p.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), server.connect().await).await
}

#[tokio::test]
async fn tls_serves_http_1_and_2_under_each_of_its_names() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(Some(acceptor(dir.path())), router()).await;
    for name in ["localhost", "127.0.0.1"] {
        let stream = tls_client(&server, dir.path(), name, &["h2", "http/1.1"]).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get("https://localhost/").body(Empty::<Bytes>::new()).unwrap();
        let body = client.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "HTTP/2.0");
    }
    let stream = tls_client(&server, dir.path(), "localhost", &["http/1.1"]).await.unwrap();
    let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/").header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(client.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes(), "HTTP/1.1");
    assert!(tls_client(&server, dir.path(), "ecos.example.com", &["h2"]).await.is_err(), "it is for no other name");
    // Plain HTTP to a TLS port gets no answer, and hurts nobody.
    let mut plain = server.connect().await;
    plain.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(LONG, plain.read_to_end(&mut answer)).await.expect("the connection ends");
    assert!(!answer.starts_with(b"HTTP/"));
}

/// One request over HTTP/1.1; the whole answer.
async fn ask(stream: &mut TcpStream, head: &str) -> String {
    stream.write_all(format!("{head}\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let server = Server::start(None, router()).await;
    let many = "\r\nx: 1".repeat(200);
    assert!(ask(&mut server.connect().await, &format!("GET / HTTP/1.1{many}")).await.starts_with("HTTP/1.1 431"));
    let long = "x".repeat(100 * 1024);
    assert!(ask(&mut server.connect().await, &format!("GET / HTTP/1.1\r\nx: {long}")).await.starts_with("HTTP/1.1 431"));
    assert!(ask(&mut server.connect().await, "GET / HTTP/1.1").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn the_end_lets_answers_finish_and_closes_the_rest() {
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (entered, going) = (began.clone(), go.clone());
    let slow = move || async move {
        entered.notify_one();
        going.notified().await;
        "done"
    };
    #[expect(clippy::disallowed_methods, reason = "a router for this test alone")]
    let server = Server::start(None, Router::new().route("/", get(slow))).await;
    let mut silent = server.connect().await;
    let stream = server.connect().await;
    let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/").header("host", "localhost").body(Body::empty()).unwrap();
    let answer = tokio::spawn(client.send_request(request));
    began.notified().await;
    server.closing.cancel();
    // Nobody gets in any more (the port is free again), who said nothing is cut off, and what was under way is answered.
    tokio::time::timeout(LONG, async { while TcpStream::connect(server.address).await.is_ok() {} }).await.expect("it stops listening");
    assert_eq!(tokio::time::timeout(LONG, silent.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
    go.notify_one();
    let answer = answer.await.unwrap().unwrap();
    assert_eq!((answer.status(), answer.into_body().collect().await.unwrap().to_bytes()), (StatusCode::OK, Bytes::from("done")));
    server.drained().await;
}

#[tokio::test]
async fn who_says_nothing_keeps_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    for tls in [None, Some(acceptor(dir.path()))] {
        let is_tls = tls.is_some();
        let server = Server::with_places(10, tls, router()).await;
        // Idle handshakes, and ones that stop in the middle.
        let mut silent = Vec::new();
        for i in 0..100 {
            let mut stream = server.connect().await;
            if i % 2 == 0 {
                let _ = stream.write_all(if is_tls { &[22, 3, 1] } else { b"GET /" }).await;
            }
            silent.push(stream);
        }
        let answer = tokio::time::timeout(Duration::from_secs(5), async {
            if is_tls {
                tls_client(&server, dir.path(), "localhost", &["http/1.1"]).await.unwrap();
            } else {
                assert!(ask(&mut server.connect().await, "GET / HTTP/1.1").await.starts_with("HTTP/1.1 200"));
            }
        });
        answer.await.expect("an answer while a hundred are silent");
        server.closing.cancel();
        server.drained().await;
    }
}

#[tokio::test]
async fn who_made_a_request_keeps_their_place() {
    let server = Server::with_places(2, None, router()).await;
    let (mut kept, connection) = hyper::client::conn::http1::handshake(TokioIo::new(server.connect().await)).await.unwrap();
    tokio::spawn(connection);
    let request = || Request::get("/").header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
    kept.send_request(request()).await.unwrap().into_body().collect().await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(server.connect().await);
    }
    assert!(ask(&mut server.connect().await, "GET / HTTP/1.1").await.starts_with("HTTP/1.1 200"));
    kept.ready().await.unwrap();
    assert_eq!(kept.send_request(request()).await.unwrap().status(), StatusCode::OK);
}

/// HTTP/2 without TLS, by who knows that it is spoken.
async fn h2(server: &Server) -> (hyper::client::conn::http2::SendRequest<Empty<Bytes>>, tokio::task::JoinHandle<hyper::Result<()>>) {
    let (client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(server.connect().await)).await.unwrap();
    (client, tokio::spawn(connection))
}

fn h2_request() -> Request<Empty<Bytes>> {
    Request::get("http://localhost/").body(Empty::<Bytes>::new()).unwrap()
}

#[tokio::test]
async fn who_asked_once_and_only_answers_pings_keeps_nobody_out() {
    let server = Server::with_places(4, None, router()).await;
    let mut kept = Vec::new();
    for _ in 0..4 {
        let (mut client, connection) = h2(&server).await;
        client.send_request(h2_request()).await.unwrap().into_body().collect().await.unwrap();
        kept.push((client, connection));
    }
    for _ in 0..3 {
        let answer = tokio::time::timeout(LONG, async { ask(&mut server.connect().await, "GET / HTTP/1.1").await });
        assert!(answer.await.expect("in time").starts_with("HTTP/1.1 200"));
    }
    // The one that was idle the longest had to go for them.
    tokio::time::timeout(LONG, &mut kept[0].1).await.expect("it ends").ok();
    assert!(!kept[3].1.is_finished());
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_any_more_ends() {
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (entered, going) = (began.clone(), go.clone());
    let slow = move || async move {
        entered.notify_one();
        going.notified().await;
        "done"
    };
    #[expect(clippy::disallowed_methods, reason = "a router for this test alone")]
    let router = router().route("/slow", get(slow));
    let limits = Limits { all: 10, each: 10, idle: Duration::from_millis(200), is_crowd: Arc::new(|_| true) };
    let server = Server::with_limits(limits, None, router).await;
    let (mut idle, connection) = h2(&server).await;
    idle.send_request(h2_request()).await.unwrap().into_body().collect().await.unwrap();
    let (mut busy, _answering) = h2(&server).await;
    let answer = tokio::spawn(busy.send_request(Request::get("http://localhost/slow").body(Empty::<Bytes>::new()).unwrap()));
    began.notified().await;
    tokio::time::timeout(LONG, connection).await.expect("it ends").unwrap().expect("in good order");
    // One that is being answered stays as long as that takes: longer than the idle one did.
    go.notify_one();
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "done");
}

#[tokio::test]
async fn who_does_not_read_is_ended_and_answers_that_wait_are_not() {
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (entered, going) = (began.clone(), go.clone());
    // Says something, and the rest only when it is told to.
    let follow = move || async move {
        let rest = futures_util::stream::once(async move {
            entered.notify_one();
            going.notified().await;
            Ok::<_, std::convert::Infallible>(Bytes::from_static(b"done"))
        });
        Body::from_stream(futures_util::StreamExt::chain(futures_util::stream::iter([Ok(Bytes::from_static(b"first, "))]), rest))
    };
    #[expect(clippy::disallowed_methods, reason = "a router for this test alone")]
    let router = router().route("/follow", get(follow));
    let limits = Limits { all: 10, each: 10, idle: Duration::from_millis(200), is_crowd: Arc::new(|_| true) };
    let server = Server::with_limits(limits, None, router).await;
    let (mut following, _kept) = h2(&server).await;
    let request = Request::get("http://localhost/follow").body(Empty::<Bytes>::new()).unwrap();
    let followed =
        tokio::spawn(async move { following.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes() });
    began.notified().await;
    // No window at all: the answer's head comes, its body never does, and pings are answered.
    let mut builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let (mut silent, connection) = builder.initial_stream_window_size(0).handshake(TokioIo::new(server.connect().await)).await.unwrap();
    let connection = tokio::spawn(connection);
    let answer = silent.send_request(h2_request()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    // Its end is the server's doing: the answer is still wanted here.
    let _ended = tokio::time::timeout(LONG, connection).await.expect("it ends");
    drop(answer);
    go.notify_one();
    assert_eq!(tokio::time::timeout(LONG, followed).await.expect("in time").unwrap(), "first, done");
}

#[tokio::test]
async fn where_all_are_busy_a_newcomer_is_sent_away_and_nobody_waits_for_it() {
    let (began, go) = (Arc::new(Notify::new()), Arc::new(tokio::sync::Semaphore::new(0)));
    let (entered, going) = (began.clone(), go.clone());
    let slow = move || async move {
        entered.notify_one();
        going.acquire().await.unwrap().forget();
        "done"
    };
    #[expect(clippy::disallowed_methods, reason = "a router for this test alone")]
    let server = Server::with_places(2, None, router().route("/slow", get(slow))).await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect().await;
        busy.push(tokio::spawn(async move { ask(&mut stream, "GET /slow HTTP/1.1").await }));
        began.notified().await;
    }
    for _ in 0..3 {
        let end = tokio::time::timeout(LONG, async { server.connect().await.read(&mut [0]).await.unwrap_or(0) });
        assert_eq!(end.await.expect("it is told at once"), 0);
    }
    go.add_permits(2);
    for answered in busy {
        assert!(answered.await.unwrap().ends_with("done"));
    }
    assert!(ask(&mut server.connect().await, "GET / HTTP/1.1").await.starts_with("HTTP/1.1 200"));
}
