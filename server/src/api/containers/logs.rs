//! Log lines: the last ones, those between two moments, plain following, and download.
//!
//! JSON where it is asked for (`Accept: application/json`), else plain text as the container wrote it.

mod download;
mod query;

use std::time::Duration;

use aide::{axum::IntoApiResponse, transform::TransformOperation};
use app::api::container::LogTail;
use axum::{
    Json,
    body::Body,
    extract::Path,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::api::extract::Id;
use crate::{
    api::{auth::Auth, extract::Query},
    app::App,
    auth::{
        Permitted,
        permission::container,
        subject::{ContainerKey, ContainerSubject},
    },
    fleet::{EngineError, engine::LogLimit},
    http::problem::Problem,
};
use query::{LogQuery, Wanted};

/// Of one answer that does not follow.
const BYTES: usize = 4 * 1024 * 1024;
/// How long a log may take that does not follow: shorter than the edge waits, so that what the engine did is told.
const PATIENCE: Duration = Duration::from_secs(20);

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.logs")
        .summary("Log lines of a container")
        .description(
            "Plain text; with `Accept: application/json` and without follow, lines with their times and streams. To page backwards, ask for \
             `until` the nanosecond before the oldest line's time: lines of one moment are never parted. With `format`, a file.",
        )
        .response::<200, Json<LogTail>>()
}

pub async fn read(
    auth: Auth<container::Read>,
    Path(Id { id }): Path<Id>,
    Query(query): Query<LogQuery>,
    headers: HeaderMap,
) -> Result<impl IntoApiResponse, Problem> {
    let wanted = query.wanted()?;
    let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: query.host_id }).await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let id = subject.entry.id.clone();
    let (range, lines) = match wanted {
        Wanted::Follow(range) => {
            let place = auth.app.streams().enter(auth.actor.user_id())?;
            let lines = engine.logs_follow(&permitted, &id, range).await?;
            let lines = lines.take_until(Box::pin(over(auth.app, permitted, subject))).inspect(move |_| {
                // Held as long as the stream is.
                let _ = &place;
            });
            return Ok(plain(Body::from_stream(lines)));
        }
        Wanted::File(range, file) => {
            let place = auth.app.streams().enter(auth.actor.user_id())?;
            let log = engine.read_log(&permitted, &id, range).await?;
            let name = subject.entry.name.clone();
            let pieces = download::pieces(log, file).take_until(Box::pin(over(auth.app, permitted, subject))).inspect(move |_| {
                let _ = &place;
            });
            return Ok(download::answer(&name, file, Body::from_stream(pieces)));
        }
        Wanted::Tail(range, lines) => (range, lines),
    };
    let lines = tokio::select! {
        lines = timeout(PATIENCE, engine.logs_tail(&permitted, &id, range, LogLimit { lines, bytes: BYTES })) => {
            lines.map_err(|_| EngineError::Timeout)??
        }
        lost = engine.lost() => return Err(lost.into()),
    };
    let json = headers.get(header::ACCEPT).and_then(|h| h.to_str().ok()).is_some_and(|a| a.contains("application/json"));
    if json {
        return Ok(Json(lines).into_response());
    }
    let mut text = String::new();
    for line in lines.items {
        text.push_str(&line.text);
        text.push('\n');
    }
    Ok(plain(Body::from(text)))
}

/// A right that ends, ends the stream, and so does the console.
async fn over(app: App, permitted: Permitted<container::Read>, subject: ContainerSubject) {
    tokio::select! {
        () = app.auth().revoked(&permitted, || subject.scope_now(&app)) => {}
        () = app.closing().cancelled() => {}
    }
}

fn plain(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}
