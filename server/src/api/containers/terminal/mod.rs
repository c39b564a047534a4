//! Terminals: what one can be opened with, and the socket. See `docs/terminal.md`.

mod open;
mod socket;

#[cfg(test)]
mod tests;

use aide::transform::TransformOperation;
use app::api::terminal::Shells;
use axum::{
    Extension, Json,
    extract::{
        Path,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::Response,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    On,
    act::{judge, pass_for},
};
use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
    },
    app::App,
    auth::{
        Permitted,
        actor::Identity,
        gate::{Effect, Passed},
        permission::container::Exec,
        subject::{ContainerKey, ContainerSubject},
    },
    clock::rfc3339,
    fleet::{
        engine::{Size, carries_helper},
        policy::{Judged, Road},
    },
    http::{places::Busy, problem::Problem, request_id},
};

/// The longest message from a browser, in bytes.
const MESSAGE: usize = 64 * 1024;

pub fn shells_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.shells")
        .summary("What a terminal can be opened with")
        .description("The shells that the container has, found without running anything, and whether a helper can be put beside it.")
}

pub async fn shells(auth: Auth<Exec>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<Shells>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let (_, judged) = enter(&auth.app, &permitted, &subject, Effect::Workload, "terminal").await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let id = &subject.entry.id;
    let shells = engine.shells(&permitted, &judged.0, id).await?;
    let user = engine.configured_user(&permitted, id).await?;
    let step_up_until = match &permitted.actor().identity {
        Identity::Session { step_up_until, .. } => Some(rfc3339(*step_up_until)),
        _ => None,
    };
    Ok(Json(Shells { shells: shells.into_iter().map(str::to_owned).collect(), helper: carries_helper(), user, step_up_until }))
}

/// Gate and policy before somebody enters a container, looks into it or copies something there.
pub async fn enter(
    app: &App,
    permitted: &Permitted<Exec>,
    subject: &ContainerSubject,
    effect: Effect,
    action: &'static str,
) -> Result<(Passed, (Judged, String)), Problem> {
    let passed = pass_for(app, permitted, subject, effect, action).await?;
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let judged = judge(app, &engine, permitted, subject, Road::Other, action, |_| {}).await?;
    Ok((passed, judged))
}

/// What is to be opened, or come back to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The host's id; needed only where two hosts have a container of this id.
    #[serde(default)]
    host_id: Option<String>,
    /// One of the container's shells; the best if not given.
    #[serde(default)]
    shell: Option<String>,
    /// A helper beside the container instead of a shell of its own.
    #[serde(default)]
    helper: bool,
    /// By name or number, with a group after a colon; the container's own if not given.
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    cols: Option<u16>,
    #[serde(default)]
    rows: Option<u16>,
    /// A terminal of this session that is held: its id.
    #[serde(default)]
    resume: Option<String>,
    /// With resume: how many bytes of all that it wrote the reader has.
    #[serde(default)]
    from: Option<u64>,
    /// The reader will say what it has processed, and no more than 32 KiB may be before it.
    #[serde(default)]
    counts: bool,
}

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.terminal").summary("A terminal in a container").description(
        "A WebSocket: binary frames are the terminal's bytes, text frames control. Held for 60 seconds over a lost connection. By cookie it needs \
         the console's exact Origin. docs/terminal.md has the frames.",
    )
}

pub async fn terminal(
    auth: Auth<Exec>,
    Path(Id { id }): Path<Id>,
    Query(wanted): Query<Wanted>,
    busy: Option<Extension<Busy>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    // Whether there is anything to open comes first.
    let upgraded = |upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>| {
        let wrong = |_| Problem::new(StatusCode::BAD_REQUEST, "not_a_socket", "This address is a WebSocket's.");
        upgrade.map(|upgrade| upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE)).map_err(wrong)
    };
    if let Some(resume) = &wanted.resume {
        let held = resumed(&auth, &id, wanted.host_id.as_deref(), resume)?;
        return Ok(upgraded(upgrade)?.on_upgrade(move |socket| async move {
            socket::serve(&auth.app, &held, wanted.from, wanted.counts, socket).await;
            // Until here its connection keeps its place.
            drop(busy);
        }));
    }
    let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: wanted.host_id.clone() }).await?;
    let user = wanted.user.clone().filter(|u| !u.is_empty());
    if let Some(user) = &user {
        check_user(user)?;
    }
    let upgrade = upgraded(upgrade)?;
    let size = Size { columns: wanted.cols.unwrap_or(80).clamp(2, 1_000), rows: wanted.rows.unwrap_or(24).clamp(2, 1_000) };
    let (passed, (judged, said)) = enter(&auth.app, &permitted, &subject, Effect::Workload, "terminal").await?;
    let place = auth.app.terminal_places().enter(auth.actor.user_id())?;
    let open = open::Open { permitted, subject, passed, judged, said, shell: wanted.shell, helper: wanted.helper, user, size };
    let app = auth.app.clone();
    let request = request_id::current();
    Ok(upgrade.on_upgrade(move |socket| async move {
        match request_id::scope(request, open.run(&app, place)).await {
            Ok(held) => socket::serve(&app, &held, None, wanted.counts, socket).await,
            Err(problem) => socket::refuse(problem, socket).await,
        }
        drop(busy);
    }))
}

/// A terminal of this very session, as long as the right holds. That the password was given a while ago does not matter: it runs.
fn resumed(auth: &Auth<Exec>, id: &str, host_id: Option<&str>, resume: &str) -> Result<crate::terminal::Held, Problem> {
    let gone = || Problem::not_found("terminal");
    let snapshot = auth.app.fleet().snapshot();
    let mut hosts =
        snapshot.find(id).into_iter().map(|(host, _)| host.id.clone()).filter(|host| host_id.is_none_or(|wanted| wanted == host));
    // Its task ends as soon as the right does.
    hosts.find_map(|host| auth.app.terminals().find(resume, (&host, id), &auth.actor)).ok_or_else(gone)
}

/// What may stand for a user: names and numbers, with a group.
fn check_user(user: &str) -> Result<(), Problem> {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && !part.starts_with('-');
    let mut parts = user.split(':');
    let good = user.len() <= 64 && parts.next().is_some_and(plain) && parts.next().is_none_or(plain) && parts.next().is_none();
    if good { Ok(()) } else { Err(Problem::bad_parameter("user", "invalid", "A user's name or number, with a group after a colon.")) }
}
