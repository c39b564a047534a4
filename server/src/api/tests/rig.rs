//! A console over a real engine, and containers of a test's own.

use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

use app::api::terminal::{TerminalOrder, TerminalWord};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::spawn_blocking,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _, http::HeaderName},
};
use tokio_util::task::TaskTracker;

use super::console::{Console, Visitor};
use crate::{
    clock::Clock,
    fleet::{Endpoint, HostConfig},
    store::{host::HostRow, tests::record},
};

pub const IMAGE: &str = "ecos-test/busybox:1";
pub const OWN: &str = "http://localhost:3000";
const PATIENCE: Duration = Duration::from_secs(30);

fn engine() -> String {
    std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned())
}

/// What the docker command says.
pub async fn docker(args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let run = move || {
        let out = Command::new("docker").arg("-H").arg(engine()).args(&args).output().expect("the docker command runs");
        assert!(out.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    };
    spawn_blocking(run).await.expect("ran")
}

/// A container, removed at the test's end.
pub struct Container(pub String);

impl Drop for Container {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["-H", &engine(), "rm", "-fv", &self.0]).output();
    }
}

/// A console with the real engine as its host, and somebody who may enter containers.
pub struct Rig {
    pub console: Console,
    pub address: SocketAddr,
    pub user_id: String,
    pub visitor: Visitor,
}

impl Rig {
    pub async fn new() -> Self {
        Self::over(Console::new().await).await
    }

    /// Another life on a directory that the first one has filled.
    pub async fn again(dir: &Path) -> Console {
        let console = Console::in_dir(dir, Clock::system()).await;
        Self::follow(&console);
        let known = || console.app.fleet().snapshot().hosts.iter().any(|h| h.fresh_at.is_some());
        until_so("the engine is known", known).await;
        console
    }

    fn follow(console: &Console) {
        let endpoint = Endpoint::parse(&engine()).expect("a unix socket");
        console.app.fleet().add(HostConfig { id: "h1".into(), name: "h1".into(), environment_id: None, endpoint });
    }

    pub async fn over(console: Console) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = crate::http::router(&console.app, &TaskTracker::new());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let host = HostRow { id: "h1".into(), name: "h1".into(), endpoint: engine(), environment_id: None, created_at: 1 };
        console.app.store().create_host(host, record("create")).await.expect("made");
        Self::follow(&console);
        let user_id = console.person("ops-c", Some("operator")).await;
        let visitor = console.signed_in("ops-c").await;
        Self { console, address, user_id, visitor }
    }

    /// Runs a container and waits until the console knows it.
    pub async fn run(&self, args: &[&str]) -> Container {
        let name = format!("ecos-enter-{}", uuid::Uuid::now_v7().simple());
        let mut all = vec!["run", "-d", "--name", &name];
        all.extend(args);
        let container = Container(docker(&all).await);
        self.until("it is known", || !self.console.app.fleet().snapshot().find(&container.0).is_empty()).await;
        container
    }

    /// One that sleeps.
    pub async fn sleeper(&self) -> Container {
        self.run(&[IMAGE, "sleep", "3600"]).await
    }

    pub async fn until(&self, what: &str, so: impl Fn() -> bool) {
        until_so(what, so).await;
    }

    /// Opens a terminal; the status where it is refused.
    pub async fn connect(&self, container: &str, query: &str, headers: &[(&str, &str)]) -> Result<Terminal, u16> {
        let url = format!("ws://{}/api/v1/containers/{container}/terminal?{query}", self.address);
        let mut request = url.into_client_request().expect("a request");
        request.headers_mut().insert("host", "localhost:3000".parse().expect("a host"));
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name).expect("a name"), value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Terminal::over(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// Opens one as the page does.
    pub async fn open(&self, container: &str, query: &str) -> Terminal {
        let cookie = self.visitor.cookie().expect("a cookie");
        self.connect(container, query, &[("cookie", &cookie), ("origin", OWN)]).await.expect("open")
    }

    /// The trail, newest first: `action outcome detail`.
    pub async fn trail(&self) -> Vec<String> {
        self.console.app.trail().settle().await;
        let id = self.console.person(&format!("a{}", uuid::Uuid::now_v7().simple()), Some("auditor")).await;
        let token = self.console.token(&id, None).await;
        let (status, page) = self.console.script(&token).json("GET", "/api/v1/audit?limit=100", None).await;
        assert_eq!(status, 200, "{page}");
        let text = |record: &serde_json::Value, field: &str| record[field].as_str().unwrap_or_default().to_owned();
        page["items"].as_array().expect("a list").iter().map(|r| ["action", "outcome", "detail"].map(|f| text(r, f)).join(" ")).collect()
    }
}

async fn until_so(what: &str, so: impl Fn() -> bool) {
    let waited = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waited).await.unwrap_or_else(|_| panic!("waited for: {what}"));
}

/// The other end of a terminal.
pub struct Terminal<S = MaybeTlsStream<TcpStream>> {
    pub socket: WebSocketStream<S>,
    /// Bytes that no test has looked at yet.
    seen: Vec<u8>,
    /// All that came.
    pub taken: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Terminal<S> {
    pub fn over(socket: WebSocketStream<S>) -> Self {
        Self { socket, seen: Vec::new(), taken: 0 }
    }

    pub async fn order(&mut self, order: &TerminalOrder) {
        self.socket.send(Message::Text(serde_json::to_string(order).expect("plain").into())).await.expect("sent");
    }

    pub async fn type_in(&mut self, text: &str) {
        self.socket.send(Message::Binary(text.as_bytes().to_vec().into())).await.expect("sent");
    }

    async fn next(&mut self) -> Option<Message> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("something comes") {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(message)) => return Some(message),
            }
        }
    }

    /// The next word; bytes before it are kept.
    pub async fn word(&mut self) -> TerminalWord {
        loop {
            match self.next().await.expect("a word") {
                Message::Text(text) => return serde_json::from_str(&text).expect("a word"),
                Message::Binary(bytes) => self.keep(&bytes),
                other => panic!("{other:?}"),
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.taken += bytes.len() as u64;
        self.seen.extend_from_slice(bytes);
    }

    /// Reads until this is there; what came up to it.
    pub async fn until(&mut self, wanted: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if let Some(at) = text.find(wanted) {
                let cut = at + wanted.len();
                self.seen = text.as_bytes()[cut..].to_vec();
                return text[..cut].to_owned();
            }
            match self.next().await {
                Some(Message::Binary(bytes)) => self.keep(&bytes),
                other => panic!("waited for {wanted:?}, there came {other:?} after {text:?}"),
            }
        }
    }

    /// The next bytes, if some come in that time.
    pub async fn some(&mut self, within: Duration) -> Option<usize> {
        match timeout(within, self.next()).await.ok()? {
            Some(Message::Binary(bytes)) => {
                self.taken += bytes.len() as u64;
                Some(bytes.len())
            }
            other => panic!("{other:?}"),
        }
    }

    /// The last word.
    pub async fn ended(&mut self) -> TerminalWord {
        let word = self.word().await;
        assert_eq!(word.r#type, "ended", "{word:?}");
        word
    }
}
