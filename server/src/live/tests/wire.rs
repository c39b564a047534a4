//! A console that listens, and somebody at the other end of a socket.

use std::{net::SocketAddr, time::Duration};

use app::api::live::{ClientFrame, ServerFrame, Topic};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _, http::HeaderName},
};
use tokio_util::task::TaskTracker;

use crate::{
    api::tests::console::Console,
    auth::ObjectScope,
    clock::Clock,
    live::{Audience, Hub, Kind},
};

const PATIENCE: Duration = Duration::from_secs(10);

pub struct Live {
    pub console: Console,
    pub address: SocketAddr,
}

impl Live {
    pub async fn new() -> Self {
        Self::at(Clock::system()).await
    }

    pub async fn at(clock: Clock) -> Self {
        let console = Console::at(clock).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = crate::http::router(&console.app, &TaskTracker::new());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { console, address }
    }

    /// Opens a socket; the answer's status where it is refused.
    pub async fn connect(&self, headers: &[(&str, &str)]) -> Result<Wire<MaybeTlsStream<TcpStream>>, u16> {
        let mut request = format!("ws://{}/api/v1/live", self.address).into_client_request().expect("a request");
        request.headers_mut().insert("host", "localhost:3000".parse().expect("a host"));
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name).expect("a name"), value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Wire { socket }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// A socket by token of a new person who reads everything.
    pub async fn reader(&self, username: &str) -> Wire<MaybeTlsStream<TcpStream>> {
        let id = self.console.person(username, Some("auditor")).await;
        self.by_token(&id).await
    }

    /// A socket by a new token of a person's.
    pub async fn by_token(&self, user_id: &str) -> Wire<MaybeTlsStream<TcpStream>> {
        let bearer = self.console.token(user_id, None).await;
        self.connect(&[("authorization", &format!("Bearer {bearer}"))]).await.expect("open")
    }

    /// Something on the platform changed.
    pub fn change(&self, kind: Kind, id: &str, version: u64) {
        self.console.app.hub().publish(kind, id, None, version, on_platform());
    }

    pub async fn until(&self, condition: impl Fn(&Hub) -> bool) {
        let waited = async {
            while !condition(self.console.app.hub()) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, waited).await.expect("comes true");
    }

    /// Waits until no socket is left.
    pub async fn empty(&self) {
        self.until(|hub| hub.open() == 0).await;
    }
}

pub fn on_platform() -> Audience {
    Audience::Scope(ObjectScope::platform())
}

pub fn subscribe(sub: u32, kinds: &[&str], credit: u32) -> ClientFrame {
    ClientFrame::Subscribe { sub, topic: Topic::Changes { kinds: kinds.iter().map(|k| (*k).to_owned()).collect() }, credit }
}

/// The other end of a socket.
#[derive(Debug)]
pub struct Wire<S> {
    pub socket: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub async fn say(&mut self, frame: &ClientFrame) {
        self.say_text(&serde_json::to_string(frame).expect("plain data")).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.socket.send(Message::Text(text.into())).await.expect("sent");
    }

    pub async fn say_bytes(&mut self, bytes: &'static [u8]) {
        self.socket.send(Message::Binary(bytes.into())).await.expect("sent");
    }

    /// The next frame.
    pub async fn frame(&mut self) -> ServerFrame {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.expect("something comes").expect("it goes on").expect("whole");
            match message {
                Message::Text(text) => return serde_json::from_str(&text).expect("a frame"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next frame but hellos.
    pub async fn hear(&mut self) -> ServerFrame {
        loop {
            match self.frame().await {
                ServerFrame::Hello { .. } => {}
                other => return other,
            }
        }
    }

    /// The next frame's subscription and items, `container a@1`.
    pub async fn changes(&mut self) -> (u32, Vec<String>) {
        match self.hear().await {
            ServerFrame::Changes { sub, items } => (sub, items.into_iter().map(|i| format!("{} {}@{}", i.kind, i.id, i.version)).collect()),
            other => panic!("{other:?}"),
        }
    }

    /// Hears until an item begins with this. All items until then.
    pub async fn heard_of(&mut self, beginning: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while !heard.iter().any(|item: &String| item.starts_with(beginning)) {
            match self.hear().await {
                ServerFrame::Changes { items, .. } => heard.extend(items.iter().map(|i| format!("{} {}@{}", i.kind, i.id, i.version))),
                ServerFrame::Subscribed { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        heard
    }

    pub async fn refusal(&mut self) -> (Option<u32>, String) {
        match self.hear().await {
            ServerFrame::Refused { sub, code, .. } => (sub, code),
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the end. What was still said.
    pub async fn ended(&mut self) -> Vec<String> {
        let rest = async {
            let mut said = Vec::new();
            while let Some(Ok(message)) = self.socket.next().await {
                match message {
                    Message::Text(text) if !text.contains("\"hello\"") => said.push(text.to_string()),
                    _ => {}
                }
            }
            said
        };
        timeout(PATIENCE, rest).await.expect("the socket ends")
    }
}
