//! Connections: accepted, given TLS where wanted, served as HTTP/1.1 or HTTP/2, and drained at the end.
//!
//! Everything is bounded: how many there are, of each address and in all, how long a handshake and a request's head may take, and how
//! long one that asks nothing stays. Whoever connects and then says nothing costs a socket for some seconds and keeps nobody out:
//! see [`places`](super::places).

use std::{convert::Infallible, fs, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{MissedTickBehavior, interval},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::{
    edge::headers,
    places::{Busy, Connection, Limits, Places},
};

/// Connections at once, as far as the process may open files.
const MOST: usize = 10_000;
/// Files kept for the rest: databases, engines.
const RESERVE: usize = 256;
/// From the connection to its first request, TLS included.
const FIRST_REQUEST: Duration = Duration::from_secs(15);
const HANDSHAKE: Duration = Duration::from_secs(10);
/// For each further request's head; an idle HTTP/1.1 connection ends on it, too.
const HEAD: Duration = Duration::from_mins(1);
const PING: Duration = Duration::from_secs(30);
/// After an error of `accept` that would come again at once.
const PAUSE: Duration = Duration::from_millis(50);

/// What all connections share.
struct Shared {
    router: Router,
    tls: Option<TlsAcceptor>,
    http: auto::Builder<TokioExecutor>,
    closing: CancellationToken,
    places: Places,
}

/// The limits of a console that is behind these proxies.
pub fn limits(is_proxy: impl Fn(std::net::IpAddr) -> bool + Send + Sync + 'static) -> Limits {
    let all = capacity();
    // Behind a proxy, and on this machine, are many people.
    let is_crowd = move |address: std::net::IpAddr| address.is_loopback() || is_proxy(address);
    Limits { all, each: (all / 8).max(32), idle: HEAD, is_crowd: Arc::new(is_crowd) }
}

/// Serves until `closing`, then tells every connection to end after its current answer. Returns at once then; `connections`
/// has those that are still there.
pub async fn serve(
    limits: Limits,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    closing: CancellationToken,
    connections: &TaskTracker,
) {
    let shared = Arc::new(Shared { router, tls, http: http(), closing, places: Places::new(limits) });
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.closing.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                // No place: all that it could have are busy.
                let Some(connection) = shared.places.enter(peer.ip()) else { continue };
                connections.spawn(serve_one(shared.clone(), connection, stream, peer));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                shared.places.evict();
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = shared.closing.cancelled() => return,
                }
            }
        }
    }
}

async fn serve_one(shared: Arc<Shared>, connection: Arc<Connection>, stream: TcpStream, peer: SocketAddr) {
    tokio::select! {
        () = greet(&shared, &connection, stream, peer) => {}
        () = connection.evicted() => {}
    }
}

async fn greet(shared: &Shared, connection: &Arc<Connection>, stream: TcpStream, peer: SocketAddr) {
    let _ = stream.set_nodelay(true);
    let shaking = async {
        connection.seated().await;
        shake(shared, stream).await
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HANDSHAKE, shaking) => shaken,
        () = shared.closing.cancelled() => return,
    };
    match shaken {
        Ok(Ok(Stream::Plain(stream))) => converse(shared, connection, stream, peer).await,
        Ok(Ok(Stream::Tls(stream))) => converse(shared, connection, stream, peer).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "handshake failed"),
        Err(_) => tracing::debug!(%peer, "handshake took too long"),
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

async fn shake(shared: &Shared, stream: TcpStream) -> io::Result<Stream> {
    // Before anything is set up for it: does it say something at all?
    if stream.peek(&mut [0; 1]).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(match &shared.tls {
        None => Stream::Plain(stream),
        Some(tls) => Stream::Tls(Box::new(tls.accept(stream).await?)),
    })
}

async fn converse(
    shared: &Shared,
    place: &Arc<Connection>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
) {
    let (router, asking) = (shared.router.clone(), place.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let busy = Busy::new(&asking);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        // For what outlives its answer: a web socket.
        request.extensions_mut().insert(busy.clone());
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            Ok::<_, Infallible>(response.map(|body| busy.until_the_end_of(body)))
        }
    });
    let connection = shared.http.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let first_request = tokio::time::sleep(FIRST_REQUEST);
    tokio::pin!(first_request);
    let mut idle = interval((shared.places.idle() / 4).max(Duration::from_millis(10)));
    idle.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waits_for_first = true;
    let mut is_ending = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "connection ended");
                }
                return;
            }
            () = first_request.as_mut(), if waits_for_first => {
                if !place.has_asked() {
                    return;
                }
                waits_for_first = false;
            }
            _ = idle.tick() => match place.idle_for() {
                // Answering pings is neither taking an answer nor asking for anything.
                _ if place.stalled_for().is_some_and(|time| time >= shared.places.idle()) => return,
                Some(time) if time >= shared.places.idle() * 2 => return,
                Some(time) if time >= shared.places.idle() && !is_ending => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ => {}
            },
            () = shared.closing.cancelled(), if !is_ending => {
                is_ending = true;
                if !place.has_asked() {
                    return;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn http() -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(headers::MAX_COUNT)
        .max_buf_size(headers::MAX_BYTES + headers::MAX_TARGET + 4096);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING / 2)
        .max_concurrent_streams(250)
        .max_header_list_size((headers::MAX_BYTES + headers::MAX_TARGET) as u32)
        .enable_connect_protocol();
    http
}

/// How many connections the process has files for.
fn capacity() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    open_files(&limits).unwrap_or(1024).saturating_sub(RESERVE).clamp(64, MOST)
}

/// The soft limit, as `/proc/self/limits` has it.
fn open_files(limits: &str) -> Option<usize> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok())
}

/// Binds the address; the error says what to do.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| io::Error::new(e.kind(), format!("cannot listen on {address} (ECOS_LISTEN): {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_is_found() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             62777                62777                processes \n\
                      Max open files            1024                 1048576              files     \n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files(""), None);
        assert!((64..=MOST).contains(&capacity()));
    }
}
