//! `/healthz`: the process answers. `/readyz`: it can also write.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use tokio::sync::Mutex;

use super::problem::Problem;
use crate::{app::App, store::StoreError};

/// A probe asks the database at most this often, whoever asks how often.
const KEEP: Duration = Duration::from_secs(1);
/// How long the database may take to answer it.
const ANSWER: Duration = Duration::from_secs(3);

/// The last answer of the database. (That the schema is the one this program needs was checked when it was opened.)
#[derive(Clone)]
pub struct Readiness {
    app: App,
    last: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Readiness {
    pub fn new(app: App) -> Self {
        Self { app, last: Arc::default() }
    }

    pub async fn is_ready(&self) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < KEEP
        {
            return ready;
        }
        let asked = tokio::time::timeout(ANSWER, self.app.store().ready()).await;
        let ready = match asked.unwrap_or_else(|_| Err(StoreError::Unreachable("it does not answer".into()))) {
            Ok(()) => !self.app.closing().is_cancelled(),
            Err(error) => {
                tracing::warn!(%error, "not ready");
                false
            }
        };
        *last = Some((Instant::now(), ready));
        ready
    }
}

pub async fn healthz() -> &'static str {
    "ok\n"
}

pub async fn readyz(State(readiness): State<Readiness>) -> Response {
    if readiness.is_ready().await {
        return "ready\n".into_response();
    }
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "The console can't write to its database now.").into_response()
}
