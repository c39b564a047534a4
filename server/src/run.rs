//! The console's life: opened, served, closed.

use std::{
    io::{self, Write as _},
    sync::Arc,
    time::Duration,
};

use ring::rand::SystemRandom;
use tokio::{net::TcpListener, time::Instant};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    app::App,
    audit::{
        checkpoint,
        key::{KeyError, MasterKey, Signer},
    },
    auth::setup_link,
    clock::Clock,
    config::{Secret, Settings},
    fleet::own,
    http::{
        self, listener,
        tls::{Certificate, TlsError},
    },
    store::{Store, StoreError},
    workers::{self, Workers},
};

/// From the signal to the end, at most.
const DRAIN: Duration = Duration::from_secs(9);
/// Of that, for answers and changes under way.
const ANSWERS: Duration = Duration::from_secs(7);

/// Why the console does not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the database cannot be opened: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Serves on `listener` until `shutdown`, then drains. The address and, while there is no account, the set-up link go to standard
/// output.
pub async fn run(settings: Settings, listener: TcpListener, shutdown: CancellationToken) -> Result<(), RunError> {
    live(settings, listener, shutdown, |greeting| {
        let mut out = io::stdout().lock();
        if out.write_all(greeting.as_bytes()).and_then(|()| out.flush()).is_err() {
            tracing::warn!("standard output is closed");
        }
    })
    .await
}

async fn live(mut settings: Settings, listener: TcpListener, shutdown: CancellationToken, say: impl FnOnce(&str)) -> Result<(), RunError> {
    if let Ok(bound) = listener.local_addr() {
        // Port 0 is any port.
        settings.http.listen = bound;
    }
    let clock = Clock::system();
    let certificate = Certificate::open(&settings, &clock)?;
    let tls = certificate.as_ref().map(Certificate::config).transpose()?.map(|config| TlsAcceptor::from(Arc::new(config)));
    let dir = settings.store.data_dir.clone();
    let store = Store::open(settings.store.database_url.as_ref().map(Secret::expose), &dir).await?;
    let key = MasterKey::open(settings.store.key_file.as_deref(), &dir, &store, &SystemRandom::new()).await?;
    let signer = Arc::new(key.signer());
    let app = App::new(settings, store, clock.clone(), own::this_container()).await?;

    let workers = Workers::new(app.workers().clone(), clock);
    workers::start(&workers, &app, signer.clone(), certificate.clone());

    let connections = TaskTracker::new();
    let router = http::router(&app, app.changes());
    say(&greeting(&app, certificate.as_deref()).await);
    tracing::info!(listen = %app.settings().http.listen, "serving");
    let proxies = app.settings().http.trusted_proxies.clone();
    let limits = listener::limits(move |address| proxies.iter().any(|network| network.contains(address)));
    listener::serve(limits, listener, tls, router, shutdown, &connections).await;

    let end = Instant::now() + DRAIN;
    app.closing().cancel();
    drain(&[("connections", &connections), ("changes", app.changes())]).await;
    let closed = tokio::time::timeout_at(end, close(&app, &workers, &signer)).await;
    if closed.is_err() {
        tracing::warn!("not everything was closed in time");
    }
    tracing::info!("closed");
    Ok(())
}

/// Waits for what is under way, as long as there is time.
async fn drain(under_way: &[(&str, &TaskTracker)]) {
    let end = Instant::now() + ANSWERS;
    for (what, tasks) in under_way {
        tasks.close();
        if tokio::time::timeout_at(end, tasks.wait()).await.is_err() {
            tracing::warn!(left = tasks.len(), "{what} did not end in time");
        }
    }
}

/// What is still to be written is written.
async fn close(app: &App, workers: &Workers, signer: &Signer) {
    workers.stop().await;
    app.fleet().shutdown().await;
    app.trail().settle().await;
    if let Err(error) = app.trail().flush_counts(true).await {
        tracing::warn!(%error, "the last counts of refusals could not be written");
    }
    let file = checkpoint::file_in(&app.settings().store.data_dir);
    if let Err(error) = checkpoint::write(app.store(), signer, app.clock(), &file).await {
        tracing::warn!(%error, "the last checkpoint could not be written");
    }
    app.store().close().await;
}

/// Says where the console is and, on its first start, how to get in.
async fn greeting(app: &App, certificate: Option<&Certificate>) -> String {
    let certificate = certificate.map(|c| format!("Certificate, SHA-256: {}\n", c.fingerprint())).unwrap_or_default();
    let link = match setup_link::make(app).await {
        Ok(Some(link)) => format!("\nMake the first account with this link, within an hour:\n\n    {link}\n\n"),
        Ok(None) => String::new(),
        Err(error) => {
            tracing::error!(%error, "no set-up link could be made: ecos admin setup-link makes one");
            String::new()
        }
    };
    format!("EcOS Console {} serves {}\n{certificate}{link}", env!("CARGO_PKG_VERSION"), app.settings().address())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        sync::oneshot,
        task::JoinHandle,
    };

    use super::*;

    struct Running {
        address: std::net::SocketAddr,
        shutdown: CancellationToken,
        greeting: String,
        end: JoinHandle<Result<(), RunError>>,
    }

    async fn start(dir: &Path) -> Running {
        let mut settings = Settings::with_data_dir(dir);
        settings.docker.socket = dir.join("no-engine.sock");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let (said, hears) = oneshot::channel();
        let end = tokio::spawn(live(settings, listener, shutdown.clone(), |text| said.send(text.to_owned()).unwrap()));
        Running { address, shutdown, greeting: hears.await.expect("it starts"), end }
    }

    async fn get(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn it_starts_without_an_engine_serves_and_closes_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let console = start(dir.path()).await;
        let link = console.greeting.split_whitespace().find(|w| w.contains("/setup#")).unwrap();
        assert!(link.starts_with(&format!("http://{}/setup#", console.address)), "{}", console.greeting);
        assert!(get(console.address, "/readyz").await.starts_with("HTTP/1.1 200"));
        assert!(get(console.address, "/api/v1/setup").await.ends_with("{\"needed\":true}"));
        // Connections that would stay: an idle one, and one that waits between requests.
        let _idle = TcpStream::connect(console.address).await.unwrap();
        let mut waiting = TcpStream::connect(console.address).await.unwrap();
        waiting.write_all(format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", console.address).as_bytes()).await.unwrap();
        assert_ne!(waiting.read(&mut [0; 1024]).await.unwrap(), 0);
        console.shutdown.cancel();
        let end = tokio::time::timeout(Duration::from_secs(10), console.end).await.expect("within ten seconds");
        end.unwrap().unwrap();

        let again = start(dir.path()).await;
        assert!(
            again.greeting.contains("/setup#") && !again.greeting.contains(link),
            "each start has a link of its own until there is an account"
        );
        again.shutdown.cancel();
        again.end.await.unwrap().unwrap();
    }
}
