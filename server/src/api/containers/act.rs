//! Start, stop, restart, pause, kill, rename: the gate, the policy, the intent, the effect, the outcome.

use std::sync::Arc;

use aide::transform::TransformOperation;
use app::api::container::{Action, Container, KillContainer, RenameContainer};
use axum::{Json, extract::Path};

use super::{
    On, check,
    problem::refused,
    read::dto,
    rules::{Place, said},
};
use crate::api::extract::{Body, Id, NoBody};
use crate::{
    api::{auth::Auth, extract::Query},
    app::App,
    audit::{Change, Outcome},
    auth::{
        Permitted,
        gate::{Effect, Passed},
        permission::container::{Operate, Update},
        subject::ContainerSubject,
    },
    fleet::{
        Engine, EngineError,
        model::ContainerEntry,
        policy::{Finding, Judged, Road, Rules, Subject, Verdict, Wanted},
    },
    http::{problem::Problem, request_id},
};

pub fn start_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.start").summary("Start a container").description("One that runs already is left as it is.")
}

pub async fn start(auth: Auth<Operate>, Path(Id { id }): Path<Id>, Query(on): Query<On>, _: NoBody) -> Result<Json<Container>, Problem> {
    handle(auth, id, on, Action::Start).await
}

pub fn stop_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.stop").summary("Stop a container").description("Within its own grace. One that is stopped already is left as it is.")
}

pub async fn stop(auth: Auth<Operate>, Path(Id { id }): Path<Id>, Query(on): Query<On>, _: NoBody) -> Result<Json<Container>, Problem> {
    handle(auth, id, on, Action::Stop).await
}

pub fn restart_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.restart").summary("Restart a container").description("Stops it within its own grace, if it runs, and starts it.")
}

pub async fn restart(auth: Auth<Operate>, Path(Id { id }): Path<Id>, Query(on): Query<On>, _: NoBody) -> Result<Json<Container>, Problem> {
    handle(auth, id, on, Action::Restart).await
}

pub fn pause_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.pause").summary("Pause a container").description("Freezes its processes. One that is frozen already is left as it is.")
}

pub async fn pause(auth: Auth<Operate>, Path(Id { id }): Path<Id>, Query(on): Query<On>, _: NoBody) -> Result<Json<Container>, Problem> {
    handle(auth, id, on, Action::Pause).await
}

pub fn unpause_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.unpause").summary("Let a paused container go on").description("One that is not paused is left as it is.")
}

pub async fn unpause(auth: Auth<Operate>, Path(Id { id }): Path<Id>, Query(on): Query<On>, _: NoBody) -> Result<Json<Container>, Problem> {
    handle(auth, id, on, Action::Unpause).await
}

pub fn kill_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.kill").summary("Send a signal to a container").description("SIGKILL where none is named: it ends without its grace.")
}

pub async fn kill(
    auth: Auth<Operate>,
    Path(Id { id }): Path<Id>,
    Query(on): Query<On>,
    Body(request): Body<KillContainer>,
) -> Result<Json<Container>, Problem> {
    let signal = signal(request.signal.as_deref())?;
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let (app, actor) = (auth.app.clone(), auth.actor.clone());
    let work = tokio::spawn(request_id::carry(async move {
        let entry = send(&app, &permitted, &subject, &signal).await?;
        Ok::<_, Problem>(dto(&app, &actor, &ContainerSubject { entry, ..subject }))
    }));
    work.await.map_err(|e| Problem::internal(&e))?.map(Json)
}

async fn send(app: &App, permitted: &Permitted<Operate>, subject: &ContainerSubject, signal: &str) -> Result<Arc<ContainerEntry>, Problem> {
    let id = &subject.entry.id;
    let passed = pass(app, permitted, subject, "kill").await?;
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let expected = serde_json::to_value(engine.observe(id).await?).unwrap_or_default();
    let intent = permitted.begin(app.trail(), Change { detail: signal.to_owned(), expected, ..Change::new("kill") }).await?;
    let done = engine.kill(&intent, &passed, id, signal).await;
    intent.finish(outcome(&done)).await;
    Ok(done?)
}

/// What a container may be sent: a name that Linux has, or a number.
fn signal(asked: Option<&str>) -> Result<String, Problem> {
    const NAMES: &[&str] = &[
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
    let Some(asked) = asked else { return Ok("SIGKILL".to_owned()) };
    let upper = asked.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if NAMES.contains(&name) {
        return Ok(format!("SIG{name}"));
    }
    match asked.parse::<u8>() {
        Ok(number) if (1..=64).contains(&number) => Ok(number.to_string()),
        _ => Err(Problem::bad_field("signal", "invalid", "The name of a signal, such as SIGHUP, or a number from 1 to 64.")),
    }
}

pub fn rename_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.rename")
        .summary("Rename a container")
        .description("What belongs to a project keeps the project's name and a hyphen in front.")
}

pub async fn rename(
    auth: Auth<Update>,
    Path(Id { id }): Path<Id>,
    Query(on): Query<On>,
    Body(request): Body<RenameContainer>,
) -> Result<Json<Container>, Problem> {
    check::name(&request.name)?;
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    if let Some(project) = subject.project.as_deref() {
        // Under its own prefix a project meets its own names only: that one is taken tells nothing of others.
        let directory = auth.app.auth().directory();
        let prefix = format!("{}-", directory.project_name(project).unwrap_or(project));
        if !request.name.starts_with(&prefix) {
            return Err(Problem::bad_field("name", "invalid", format!("In its project it has to begin with {prefix}.")));
        }
    }
    let (app, actor) = (auth.app.clone(), auth.actor.clone());
    let work = tokio::spawn(request_id::carry(async move {
        let entry = give_name(&app, &permitted, &subject, &request.name).await?;
        Ok::<_, Problem>(dto(&app, &actor, &ContainerSubject { entry, ..subject }))
    }));
    work.await.map_err(|e| Problem::internal(&e))?.map(Json)
}

async fn give_name(
    app: &App,
    permitted: &Permitted<Update>,
    subject: &ContainerSubject,
    name: &str,
) -> Result<Arc<ContainerEntry>, Problem> {
    let id = &subject.entry.id;
    let passed = pass(app, permitted, subject, "rename").await?;
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let renamed = |wanted: &mut Wanted| name.clone_into(&mut wanted.name);
    let (judged, said) = judge(app, &engine, permitted, subject, Road::Other, "rename", renamed).await?;
    let expected = serde_json::to_value(engine.observe(id).await?).unwrap_or_default();
    let detail = [format!("{} → {name}", subject.entry.name), said].into_iter().filter(|d| !d.is_empty()).collect::<Vec<_>>().join("; ");
    let intent = permitted.begin(app.trail(), Change { detail, expected, ..Change::new("rename") }).await?;
    let done = engine.rename(&intent, &judged, &passed, id, name).await;
    intent.finish(outcome(&done)).await;
    Ok(done?)
}

async fn handle(auth: Auth<Operate>, id: String, on: On, action: Action) -> Result<Json<Container>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let (app, actor) = (auth.app.clone(), auth.actor.clone());
    // Whoever asked may hang up: what was begun gets its outcome all the same.
    let work = tokio::spawn(request_id::carry(async move {
        let entry = operate(&app, &permitted, &subject, action).await?;
        Ok::<_, Problem>(dto(&app, &actor, &ContainerSubject { entry, ..subject }))
    }));
    work.await.map_err(|e| Problem::internal(&e))?.map(Json)
}

/// Does it, from the gate to the outcome.
pub async fn operate(
    app: &App,
    permitted: &Permitted<Operate>,
    subject: &ContainerSubject,
    action: Action,
) -> Result<Arc<ContainerEntry>, Problem> {
    let id = &subject.entry.id;
    let passed = pass(app, permitted, subject, action.key()).await?;
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let road = match action {
        // The processes of one that was paused run again: as by a start.
        Action::Start | Action::Unpause => Some(Road::StartUnchanged),
        Action::Restart => Some(Road::RestartUnchanged),
        Action::Stop | Action::Pause | Action::Remove | Action::Kill => None,
    };
    let (judged, detail) = match road {
        Some(road) => {
            judge(app, &engine, permitted, subject, road, action.key(), |_| {}).await.map(|(judged, said)| (Some(judged), said))?
        }
        None if action == Action::Kill => (None, "SIGKILL".to_owned()),
        None => (None, String::new()),
    };
    let expected = serde_json::to_value(engine.observe(id).await?).unwrap_or_default();
    let intent = permitted.begin(app.trail(), Change { detail, expected, ..Change::new(action.key()) }).await?;
    let done = match (action, &judged) {
        (Action::Start, Some(judged)) => engine.start(&intent, judged, &passed, id).await,
        (Action::Restart, Some(judged)) => engine.restart(&intent, judged, &passed, id).await,
        (Action::Unpause, Some(judged)) => engine.unpause(&intent, judged, &passed, id).await,
        (Action::Pause, _) => engine.pause(&intent, &passed, id).await,
        (Action::Kill, _) => engine.kill(&intent, &passed, id, "SIGKILL").await,
        _ => engine.stop(&intent, &passed, id).await,
    };
    intent.finish(outcome(&done)).await;
    match done {
        // It is as it was wanted.
        Err(e) if is_as_wanted(&e) => Ok(current(app, subject)),
        other => Ok(other?),
    }
}

/// Nothing had to be done.
fn is_as_wanted(e: &EngineError) -> bool {
    matches!(e, EngineError::AlreadyRunning | EngineError::AlreadyStopped | EngineError::AlreadyPaused | EngineError::NotPaused)
}

/// What the trail says of an effect.
pub fn outcome<T>(done: &Result<T, EngineError>) -> Outcome {
    match done {
        Ok(_) => Outcome::Done,
        Err(e) if is_as_wanted(e) => Outcome::NotDone(e.to_string()),
        Err(e) if e.leaves_open() => Outcome::Unknown(e.to_string()),
        Err(e) => Outcome::Failed(e.to_string()),
    }
}

fn current(app: &App, subject: &ContainerSubject) -> Arc<ContainerEntry> {
    let snapshot = app.fleet().snapshot();
    let found = snapshot.find(&subject.entry.id).into_iter().find(|(host, _)| host.id == subject.host.id);
    found.map_or_else(|| subject.entry.clone(), |(_, entry)| entry.clone())
}

/// Passes the gate of the host's environment; a refusal goes on record.
pub async fn pass<P: crate::auth::Permission>(
    app: &App,
    permitted: &Permitted<P>,
    subject: &ContainerSubject,
    action: &'static str,
) -> Result<Passed, Problem> {
    pass_for(app, permitted, subject, Effect::Workload, action).await
}

/// The same for any kind of effect.
pub async fn pass_for<P: crate::auth::Permission>(
    app: &App,
    permitted: &Permitted<P>,
    subject: &ContainerSubject,
    effect: Effect,
    action: &'static str,
) -> Result<Passed, Problem> {
    place(subject).pass(app, permitted, effect, action).await
}

/// Where it is, and whose.
pub fn place(subject: &ContainerSubject) -> Place {
    Place { host: Arc::clone(&subject.host), project: subject.project.clone() }
}

/// Puts it, with what `change` makes of it, before the policy; a refusal goes on record, a warning into the intent.
pub async fn judge<P: crate::auth::Permission>(
    app: &App,
    engine: &Engine,
    permitted: &Permitted<P>,
    subject: &ContainerSubject,
    road: Road,
    action: &'static str,
    change: impl FnOnce(&mut Wanted),
) -> Result<(Judged, String), Problem> {
    let (rules, about) = judging(app, permitted, subject, road);
    match engine.judge(permitted, &subject.entry.id, rules, &about, change).await? {
        Verdict::Allowed(judged) => Ok((judged, String::new())),
        Verdict::Warned(judged, findings) => Ok((judged, format!("policy: {}", said(&findings)))),
        Verdict::Refused(findings) => Err(refused_by_policy(app, permitted, action, &findings).await),
    }
}

/// Today's rules for what belongs to a container's owner, and who asks.
pub fn judging<P: crate::auth::Permission>(
    app: &App,
    permitted: &Permitted<P>,
    subject: &ContainerSubject,
    road: Road,
) -> (Rules, Subject) {
    place(subject).rules(app, permitted, road)
}

/// Puts the policy's no on record.
pub async fn refused_by_policy<P: crate::auth::Permission>(
    app: &App,
    permitted: &Permitted<P>,
    action: &'static str,
    findings: &[Finding],
) -> Problem {
    app.trail().refused_by(permitted, action, &format!("policy: {}", said(findings))).await;
    refused(findings)
}
