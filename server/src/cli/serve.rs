//! `ecos serve`.

use std::io::IsTerminal as _;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Log, LogFormat, Settings},
    http::{listener, request_id},
    run,
};

/// Serves until SIGTERM or SIGINT; a second one ends it at once.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    log(&settings.log);
    let listener = listener::bind(settings.http.listen).await?;
    let shutdown = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = shutdown.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if token.is_cancelled() {
                std::process::exit(1);
            }
            tracing::info!("closing");
            token.cancel();
        }
    });
    run::run(settings, listener, shutdown).await.map_err(Into::into)
}

fn log(log: &Log) {
    let mut filter = EnvFilter::try_new(&log.filter).expect("checked when the settings were read");
    if !log.filter.contains("tower_sessions") {
        // It warns of every cookie that is over.
        for quiet in ["tower_sessions=error", "tower_sessions_core=error"] {
            filter = filter.add_directive(quiet.parse().expect("a directive"));
        }
    }
    let to_terminal = std::io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(to_terminal);
    match log.format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let request_id = request_id::current();
        tracing::error!(%panic, request_id, "a bug: please report it");
    }));
}
