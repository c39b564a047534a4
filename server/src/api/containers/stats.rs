//! What a container uses: now, and in the last hours where that was measured.

use std::time::Duration;

use aide::transform::TransformOperation;
use app::api::{
    host::HostState,
    stats::{ContainerStats, Figures, Series, Source, StatsQuery},
};
use axum::{Json, extract::Path};

use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
    },
    app::App,
    auth::{
        Permitted,
        permission::container,
        subject::{ContainerKey, ContainerSubject},
    },
    clock::{Millis, parse_rfc3339, rfc3339},
    config::parse_duration,
    fleet::{EngineError, model::is_running},
    http::problem::Problem,
    metrics::{Minute, Purpose, series},
    workers::SAMPLES_KEPT,
};

/// Where there is nothing to compare with yet, two looks are so far apart.
const MOMENT: Duration = Duration::from_millis(300);

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.stats").summary("What a container uses").description(
        "CPU, throttling, memory without page cache, processes, block I/O and network, now; with `history`, or `from` and `to`, also what was \
         measured each ten seconds of the last two hours. Without the kernel's files the engine is asked, which takes it a second or two.",
    )
}

pub async fn read(
    auth: Auth<container::Read>,
    Path(Id { id }): Path<Id>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<ContainerStats>, Problem> {
    let now = auth.app.clock().now();
    let asked = span(&query, now)?;
    let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: query.host_id }).await?;
    let history = match asked {
        Some((from, to)) => Some(history(&auth.app, &subject, from, to).await?),
        None => None,
    };
    let (source, why, figures) = current(&auth.app, &permitted, &subject).await?;
    let engine = subject.host.engine.as_ref();
    Ok(Json(ContainerStats {
        source,
        why: why.map(str::to_owned),
        at: rfc3339(auth.app.clock().now()),
        now: figures,
        host_cpus: engine.map(|e| u64::from(e.cpus)).filter(|n| *n > 0),
        host_memory_bytes: engine.map(|e| e.memory_bytes).filter(|n| *n > 0),
        history,
    }))
}

async fn current(
    app: &App,
    permitted: &Permitted<container::Read>,
    subject: &ContainerSubject,
) -> Result<(Source, Option<&'static str>, Option<Figures>), Problem> {
    if !is_running(subject.entry.state) {
        return Ok((Source::None, Some("not_running"), None));
    }
    if subject.host.is_local() {
        let mut found = look(app, &subject.entry.id).await;
        if found.is_some_and(|figures| figures.cpu_millicores.is_none()) {
            tokio::time::sleep(MOMENT).await;
            found = look(app, &subject.entry.id).await;
        }
        if let Some(figures) = found {
            return Ok((Source::Files, None, Some(figures)));
        }
    }
    if subject.host.state != HostState::Reachable {
        return Ok((Source::None, Some("host_unreachable"), None));
    }
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    match engine.usage(permitted, &subject.entry.id).await {
        Ok(Some(figures)) => Ok((Source::Engine, None, Some(figures))),
        Ok(None) => Ok((Source::None, Some("not_running"), None)),
        Err(EngineError::Unreachable(_) | EngineError::Timeout) => Ok((Source::None, Some("host_unreachable"), None)),
        Err(EngineError::Refused(_)) => Ok((Source::None, Some("unreadable"), None)),
        Err(error) => Err(error.into()),
    }
}

async fn look(app: &App, id: &str) -> Option<Figures> {
    let (usage, id) = (app.usage().clone(), id.to_owned());
    let looked = tokio::task::spawn_blocking(move || usage.sampler().look([id.as_str()], Purpose::Live).into_values().next());
    looked.await.ok().flatten()
}

/// What was measured: as far as it is written, and what is not written yet.
async fn history(app: &App, subject: &ContainerSubject, from: Millis, to: Millis) -> Result<Series, Problem> {
    let (host, id) = (&subject.host.id, &subject.entry.id);
    let rows = app.store().samples_of(host, id, from - 60_000, to).await?;
    // What can't be read is a gap.
    let kept = rows.into_iter().filter_map(|row| Some((row.minute, serde_json::from_str::<Minute>(&row.points).ok()?)));
    let recent = app.usage().recent().of(&(host.clone(), id.clone()));
    Ok(series(kept.chain(recent), from, to))
}

/// The time that is asked for.
fn span(query: &StatsQuery, now: Millis) -> Result<Option<(Millis, Millis)>, Problem> {
    let moment = |name: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => {
            parse_rfc3339(text).map(Some).ok_or_else(|| Problem::bad_parameter(name, "invalid", "A moment such as 2026-11-23T08:00:00Z."))
        }
    };
    let (from, to) = (moment("from", &query.from)?, moment("to", &query.to)?);
    let oldest = now - SAMPLES_KEPT;
    match (&query.history, from) {
        (Some(_), Some(_)) => Err(Problem::bad_parameter("history", "invalid", "Either history, or from and to.")),
        (Some(text), None) => {
            let long = parse_duration(text)
                .map(|d| d.as_millis() as Millis)
                .filter(|ms| (1_000..=SAMPLES_KEPT).contains(ms))
                .ok_or_else(|| Problem::bad_parameter("history", "out_of_range", "A time such as 1h, two hours at most."))?;
            Ok(Some((now - long, now)))
        }
        (None, Some(from)) => {
            let to = to.unwrap_or(now).min(now);
            if from > to {
                return Err(Problem::bad_parameter("from", "out_of_range", "It is not before the end."));
            }
            Ok(Some((from.max(oldest), to.max(oldest))))
        }
        (None, None) if to.is_some() => Err(Problem::bad_parameter("from", "missing", "An end wants a beginning.")),
        (None, None) => Ok(None),
    }
}
