//! One action, or new containers, for many: an operation with a result for each, groups in the order of their dependencies.

use std::time::Duration;

use aide::{axum::IntoApiResponse, transform::TransformOperation};
use app::api::{
    container::{Action, BulkAction, ContainerRef},
    operation::{Operation, OperationItem, OperationState},
    spec::{RecreateContainer, RecreateMany},
};
use axum::{
    Json,
    http::{StatusCode, header},
};
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    act::operate,
    change, check,
    order::{self, First},
    remove::remove,
};
use crate::{
    api::{
        auth::Auth,
        extract::Body,
        operations::{self, word},
    },
    app::App,
    auth::{
        Actor, Permission as _,
        permission::container::{Delete, Operate, Read, Update},
        permitted::{Denied, ObjectRef},
        subject::ContainerKey,
    },
    fleet::is_id,
    http::{problem::Problem, request_id},
    live::sources,
    store::{StoreError, operation::OperationRow},
};

/// Containers at once.
const AT_ONCE: usize = 8;
/// Containers of one operation.
const MOST: usize = 1000;
/// How often its state is written while it runs.
const WRITE: Duration = Duration::from_millis(500);

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.act")
        .summary("One action on many containers")
        .description("Needs container.operate, or container.delete for remove, on each: what may not be done is told item by item.")
        .response::<202, Json<Operation>>()
}

pub async fn create(auth: Auth<Read>, Body(request): Body<BulkAction>) -> Result<impl IntoApiResponse, Problem> {
    let BulkAction { action, items, force } = request;
    if force && action != Action::Remove {
        return Err(Problem::bad_field("force", "invalid", "Only for remove."));
    }
    begin(auth, items, Deed::Act { action, force }).await
}

pub fn recreate_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.recreate_many")
        .summary("Put new containers in the places of many")
        .description(
            "Each as by containers.recreate, with container.update on each: what may not be done is told item by item. Of a compose project, what \
             others depend on comes first.",
        )
        .response::<202, Json<Operation>>()
}

pub async fn recreate(auth: Auth<Read>, Body(request): Body<RecreateMany>) -> Result<impl IntoApiResponse, Problem> {
    let RecreateMany { items, pull, reason } = request;
    let request = RecreateContainer { pull, reason, ..RecreateContainer::default() };
    check::recreate(&request)?;
    begin(auth, items, Deed::Recreate(Box::new(request))).await
}

/// What is done to each.
#[derive(Clone, Debug)]
enum Deed {
    Act { action: Action, force: bool },
    Recreate(Box<RecreateContainer>),
}

impl Deed {
    fn key(&self) -> &'static str {
        match self {
            Self::Act { action, .. } => action.key(),
            Self::Recreate(_) => "recreate",
        }
    }

    /// The permission that it needs: its place in a role, and its name.
    fn needs(&self) -> (usize, &'static str) {
        match self {
            Self::Act { action: Action::Remove, .. } => (Delete::INDEX, Delete::NAME),
            Self::Act { .. } => (Operate::INDEX, Operate::NAME),
            Self::Recreate(_) => (Update::INDEX, Update::NAME),
        }
    }

    fn first(&self) -> First {
        match self {
            Self::Act { action: Action::Start | Action::Restart | Action::Unpause, .. } | Self::Recreate(_) => First::Needed,
            Self::Act { .. } => First::Needing,
        }
    }

    fn frees_disk(&self) -> bool {
        matches!(self, Self::Act { action: Action::Remove, .. })
    }
}

async fn begin(auth: Auth<Read>, refs: Vec<ContainerRef>, deed: Deed) -> Result<impl IntoApiResponse, Problem> {
    if !(1..=MOST).contains(&refs.len()) {
        return Err(Problem::bad_field("items", "out_of_range", format!("1 to {MOST} containers.")));
    }
    let mut seen = std::collections::HashSet::new();
    if let Some(i) = refs.iter().position(|r| !seen.insert(r.clone())) {
        return Err(Problem::bad_field(&format!("items[{i}]"), "duplicate", "This container is named twice."));
    }
    if let Some(i) = refs.iter().position(|r| !is_id(&r.id) || !is_id(&r.host_id)) {
        return Err(Problem::bad_field(&format!("items[{i}]"), "invalid", "A container's id and a host's."));
    }
    let needed = deed.needs();
    if auth.actor.rights.scopes(needed.0).next().is_none() {
        let denied = Denied::Lacking { permission: needed.1 };
        let all = ObjectRef { kind: "container", ..ObjectRef::default() };
        auth.app.trail().refused(&auth.actor, needed.1, deed.key(), &all, &denied, &request_id::current()).await;
        return Err(denied.into());
    }
    let place = auth.app.operations().enter(auth.actor.user_id())?;
    let snapshot = auth.app.fleet().snapshot();
    let visible = auth.visible();
    let directory = auth.app.auth().directory();
    let item = |r: &ContainerRef| {
        // A name only where the person may read it.
        let name = snapshot.find(&r.id).into_iter().find(|(host, c)| {
            host.id == r.host_id
                && visible.reaches(directory.owner(&host.id, "container", &c.id, c.created_at), host.environment_id.as_deref())
        });
        OperationItem {
            object_id: r.id.clone(),
            object_name: name.map(|(_, c)| c.name.clone()).unwrap_or_default(),
            state: "waiting".into(),
            code: None,
            detail: None,
        }
    };
    let items: Vec<OperationItem> = refs.iter().map(item).collect();
    let row = OperationRow {
        id: Uuid::now_v7().to_string(),
        kind: format!("container.{}", deed.key()),
        state: word(OperationState::Running),
        user_id: auth.actor.user_id().to_owned(),
        token_id: auth.actor.token_id().map(str::to_owned),
        actor_name: auth.actor.name().to_owned(),
        runner: auth.app.trail().runner().to_owned(),
        created_at: auth.app.clock().now(),
        finished_at: None,
        done: 0,
        total: items.len() as i64,
        items: serde_json::to_string(&items).unwrap_or_default(),
        log: "[]".into(),
        request_id: Some(request_id::current()),
    };
    match auth.app.store().save_operation(row.clone()).await {
        // What makes room may use the room that was set aside for it.
        Err(StoreError::Full) if deed.frees_disk() && auth.app.store().use_reserve() => {
            auth.app.store().save_operation(row.clone()).await?;
        }
        other => other?,
    }
    request_id::touch();
    sources::operation(auth.app.hub(), &row, row.created_at);
    let answer = operations::dto(row.clone());
    let work = run(auth.app.clone(), auth.actor.clone(), (refs, deed), row, items);
    auth.app.changes().spawn(request_id::carry(async move {
        work.await;
        drop(place);
    }));
    let place = [(header::LOCATION, format!("/api/v1/operations/{}", answer.id))];
    Ok((StatusCode::ACCEPTED, place, Json(answer)))
}

async fn run(
    app: App,
    actor: std::sync::Arc<Actor>,
    (refs, deed): (Vec<ContainerRef>, Deed),
    mut row: OperationRow,
    mut items: Vec<OperationItem>,
) {
    let steps = order::steps(&app.fleet().snapshot(), &refs, deed.first());
    let work = |i: usize| {
        let (app, actor, r, deed) = (app.clone(), actor.clone(), refs[i].clone(), &deed);
        async move {
            // What was not begun when the console closes stays undone.
            if app.closing().is_cancelled() { (i, None) } else { (i, Some(one(app, actor, r, deed).await)) }
        }
    };
    // One step after the other, and within each many at once.
    let results = stream::iter(steps).flat_map(|step| stream::iter(step.into_iter().map(work)).buffer_unordered(AT_ONCE));
    let mut results = std::pin::pin!(results);
    let mut written = Instant::now();
    let (mut failed, mut interrupted) = (false, false);
    while let Some((i, result)) = results.next().await {
        let Some(result) = result else {
            interrupted = true;
            continue;
        };
        row.done += 1;
        match result {
            Ok(new) => {
                "done".clone_into(&mut items[i].state);
                if let Some(id) = new {
                    items[i].object_id = id;
                }
            }
            Err(problem) => {
                failed = true;
                let became = if problem.code() == "engine_timeout" { "unknown" } else { "failed" };
                became.clone_into(&mut items[i].state);
                items[i].code = Some(problem.code().to_owned());
                items[i].detail = Some(problem.detail().to_owned());
            }
        }
        if written.elapsed() >= WRITE {
            save(&app, &mut row, &items).await;
            written = Instant::now();
        }
    }
    row.state = word(match (interrupted, failed) {
        (true, _) => OperationState::Interrupted,
        (false, true) => OperationState::Failed,
        (false, false) => OperationState::Succeeded,
    });
    row.finished_at = Some(app.clock().now());
    save(&app, &mut row, &items).await;
}

async fn save(app: &App, row: &mut OperationRow, items: &[OperationItem]) {
    row.items = serde_json::to_string(items).unwrap_or_default();
    if let Err(error) = app.store().save_operation(row.clone()).await {
        tracing::warn!(%error, operation = row.id, "an operation's state could not be written");
    }
    sources::operation(app.hub(), row, app.clock().now());
}

/// One container, with the rights of the moment: they may have changed since the operation began. The id of what stands in its place, where
/// that is another.
async fn one(app: App, actor: std::sync::Arc<Actor>, r: ContainerRef, deed: &Deed) -> Result<Option<String>, Problem> {
    let actor = app.auth().again(&actor).await?.ok_or_else(Problem::unauthenticated)?;
    let key = ContainerKey { id: r.id, host_id: Some(r.host_id) };
    match deed {
        Deed::Act { action: Action::Remove, force } => {
            let auth = Auth::<Delete>::of(app.clone(), actor);
            let (permitted, subject) = auth.subject(&key).await?;
            remove(&app, &permitted, &subject, *force, false).await.map(|()| None)
        }
        Deed::Act { action, .. } => {
            debug_assert_eq!(action.permission(), Operate::NAME.trim_start_matches("container."));
            let auth = Auth::<Operate>::of(app.clone(), actor);
            let (permitted, subject) = auth.subject(&key).await?;
            operate(&app, &permitted, &subject, *action).await.map(|_| None)
        }
        Deed::Recreate(request) => {
            let auth = Auth::<Update>::of(app.clone(), actor);
            let (permitted, subject) = auth.subject(&key).await?;
            change::one_of_many(&app, permitted, subject, (**request).clone()).await
        }
    }
}
