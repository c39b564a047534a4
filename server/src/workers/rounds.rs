//! Which workers there are.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde_json::json;

use super::{Round, Worker, Workers, cleanup, events::Events, hosts::Hosts, intents::Intents, samples::Samples};
use crate::{
    app::App,
    audit::{checkpoint, key::Signer},
    http::tls::Certificate,
};

/// Begins all workers.
pub fn start(workers: &Workers, app: &App, signer: Arc<Signer>, certificate: Option<Arc<Certificate>>) {
    workers.start(hosts(app.clone()));
    if let Some(events) = app.take_events() {
        workers.start(keeping(Events::new(app.clone(), events)));
    }
    workers.start(sampling(Samples::new(app.clone())));
    workers.start(closing(app.clone()));
    workers.start(rights(app.clone()));
    workers.start(counts(app.clone()));
    workers.start(checkpoints(app.clone(), signer));
    workers.start(cleaning(app.clone()));
    if let Some(certificate) = certificate {
        workers.start(renewal(certificate));
    }
}

/// Other processes add hosts, too.
fn hosts(app: App) -> Worker {
    let hosts = Arc::new(Hosts::new(app));
    let round = move |_| -> Round {
        let hosts = hosts.clone();
        Box::pin(async move { hosts.round().await })
    };
    Worker { name: "hosts", every: Duration::from_secs(10), round: Box::new(round) }
}

/// Each round waits by itself until there is something to keep.
fn keeping(events: Events) -> Worker {
    let events = Arc::new(events);
    let round = move |closing| -> Round {
        let events = events.clone();
        Box::pin(async move { events.round(closing).await })
    };
    Worker { name: "events", every: Duration::ZERO, round: Box::new(round) }
}

/// Each round waits by itself for the next step of the clock.
fn sampling(samples: Samples) -> Worker {
    let samples = Arc::new(samples);
    let round = move |closing| -> Round {
        let samples = samples.clone();
        Box::pin(async move { samples.round(closing).await })
    };
    Worker { name: "samples", every: Duration::ZERO, round: Box::new(round) }
}

fn closing(app: App) -> Worker {
    let intents = Arc::new(Intents::new(app));
    let round = move |_| -> Round {
        let intents = intents.clone();
        Box::pin(async move { intents.round().await })
    };
    Worker { name: "open-intents", every: Duration::from_secs(5), round: Box::new(round) }
}

/// Other processes change rights, too.
fn rights(app: App) -> Worker {
    let round = move |_| -> Round {
        let app = app.clone();
        Box::pin(async move {
            app.auth().refresh().await?;
            Ok(json!({ "version": app.auth().directory().version }))
        })
    };
    Worker { name: "rights", every: Duration::from_secs(1), round: Box::new(round) }
}

/// Failures of nobody, counted by the minute, go on record.
fn counts(app: App) -> Worker {
    let round = move |_| -> Round {
        let app = app.clone();
        Box::pin(async move { Ok(app.trail().flush_counts(false).await.map(|()| json!({}))?) })
    };
    Worker { name: "refusal-counts", every: Duration::from_mins(1), round: Box::new(round) }
}

fn checkpoints(app: App, signer: Arc<Signer>) -> Worker {
    let round = move |_| -> Round { Box::pin(write_checkpoint(app.clone(), signer.clone())) };
    Worker { name: "audit-checkpoint", every: Duration::from_mins(1), round: Box::new(round) }
}

/// Signs the chain's head, if it has moved.
async fn write_checkpoint(app: App, signer: Arc<Signer>) -> Result<serde_json::Value, super::WorkerError> {
    let file: PathBuf = checkpoint::file_in(&app.settings().store.data_dir);
    let written = checkpoint::write(app.store(), &signer, app.clock(), &file).await?;
    Ok(json!({ "written": written.map(|c| c.seq) }))
}

fn cleaning(app: App) -> Worker {
    let round = move |_| -> Round { Box::pin(cleanup::round(app.clone())) };
    Worker { name: "cleanup", every: Duration::from_hours(1), round: Box::new(round) }
}

/// Given files may have been replaced, a certificate of ours may near its end.
fn renewal(certificate: Arc<Certificate>) -> Worker {
    let round = move |_| -> Round {
        let certificate = certificate.clone();
        Box::pin(async move {
            let changed = certificate.renew()?;
            if changed {
                tracing::info!(fingerprint = certificate.fingerprint(), "a new certificate is in use");
            }
            Ok(json!({ "changed": changed, "fingerprint": certificate.fingerprint() }))
        })
    };
    Worker { name: "certificate", every: Duration::from_hours(1), round: Box::new(round) }
}
