//! Changing a container: in place, or by a new one in its place.

use std::sync::Arc;

use aide::{axum::IntoApiResponse, transform::TransformOperation};
use app::api::{
    container::Container,
    operation::{Layer, Operation, OperationItem},
    spec::{Limits, Pull, RecreateContainer, UpdateContainer},
};
use axum::{
    Json,
    extract::Path,
    http::{StatusCode, header},
};
use tokio_util::sync::CancellationToken;

use super::{
    On,
    act::{judge, outcome as engine_outcome, pass, place},
    check,
    create::{check_names, outcome},
    problem::refused,
    read::dto,
    rules::said,
};
use crate::{
    api::{
        auth::Auth,
        extract::{Body, Id, Query},
        operations::Run,
    },
    app::App,
    audit::{Change, Intent},
    auth::{Permitted, permission::container::Update, subject::ContainerSubject},
    fleet::{
        Engine, EngineError,
        engine::{Approval, Image, Replaced, Step},
        model::ContainerEntry,
        plan::{Approved, Plan},
        policy::Road,
    },
    http::{problem::Problem, request_id},
    store::ownership::Ownership,
};

pub fn update_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.update")
        .summary("Change limits and restart policy in place")
        .description("What is absent stays. A limit can be changed, not taken away: that needs a new container.")
}

pub async fn update(
    auth: Auth<Update>,
    Path(Id { id }): Path<Id>,
    Query(on): Query<On>,
    Body(request): Body<UpdateContainer>,
) -> Result<Json<Container>, Problem> {
    check::update(&request)?;
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let (app, actor) = (auth.app.clone(), auth.actor.clone());
    let work = tokio::spawn(request_id::carry(async move {
        let passed = pass(&app, &permitted, &subject, "update").await?;
        let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
        let id = &subject.entry.id;
        let (judged, said) = judge(&app, &engine, &permitted, &subject, Road::Other, "update", |_| {}).await?;
        let expected = serde_json::to_value(engine.observe(id).await?).unwrap_or_default();
        let detail = [told(&request), said].into_iter().filter(|d| !d.is_empty()).collect::<Vec<_>>().join("; ");
        let intent = permitted.begin(app.trail(), Change { detail, expected, ..Change::new("update") }).await?;
        let done = engine.update(&intent, &judged, &passed, id, &request).await;
        intent.finish(engine_outcome(&done)).await;
        let entry = done?;
        Ok::<_, Problem>(dto(&app, &actor, &ContainerSubject { entry, ..subject }))
    }));
    work.await.map_err(|e| Problem::internal(&e))?.map(Json)
}

/// For the trail.
fn told(request: &UpdateContainer) -> String {
    let Limits { memory_bytes, cpus, pids } = &request.limits;
    let parts = [
        memory_bytes.map(|n| format!("memory {} MiB", n >> 20)),
        cpus.map(|n| format!("{n} cores")),
        pids.map(|n| format!("{n} processes")),
        request.restart_policy.as_ref().map(|p| format!("restart {}", p.name)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub fn recreate_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.recreate")
        .summary("Put a new container in the place of this one")
        .description(
            "With all of its settings but those given. The old one is kept until the new one is well (by its health check, or by running for a \
             while), and put back if it does not get so. With pull: always, and nothing else changed, an image that is the newest already changes \
             nothing.",
        )
        .response::<202, Json<Operation>>()
}

pub async fn recreate(
    auth: Auth<Update>,
    Path(Id { id }): Path<Id>,
    Query(on): Query<On>,
    Body(request): Body<RecreateContainer>,
) -> Result<impl IntoApiResponse, Problem> {
    check::recreate(&request)?;
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let (app, actor) = (auth.app.clone(), auth.actor.clone());
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let work = Recreating { app: app.clone(), permitted, subject, engine, request };
    // What can't be is said before anything begins.
    work.judged(&[]).await?;
    let item = OperationItem {
        object_id: work.subject.entry.id.clone(),
        object_name: work.subject.entry.name.clone(),
        state: "running".into(),
        code: None,
        detail: None,
    };
    let mut run = Run::begin(&app, &actor, "container.recreate", vec![item]).await?;
    let operation = run.dto();
    app.changes().spawn(request_id::carry(async move {
        let done = work.run(Some(&mut run)).await;
        if let Ok(Some(new)) = &done {
            run.about(&new.id, &new.name);
        }
        run.end(done.map(drop)).await;
    }));
    let place = [(header::LOCATION, format!("/api/v1/operations/{}", operation.id))];
    Ok((StatusCode::ACCEPTED, place, Json(operation)))
}

/// The same, as one of many, whose operation tells of it. The new one's id, where there is one.
pub async fn one_of_many(
    app: &App,
    permitted: Permitted<Update>,
    subject: ContainerSubject,
    request: RecreateContainer,
) -> Result<Option<String>, Problem> {
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let work = Recreating { app: app.clone(), permitted, subject, engine, request };
    work.judged(&[]).await?;
    Ok(work.run(None).await?.map(|new| new.id.clone()))
}

struct Recreating {
    app: App,
    permitted: Permitted<Update>,
    subject: ContainerSubject,
    engine: Arc<Engine>,
    request: RecreateContainer,
}

impl Recreating {
    async fn plan(&self) -> Result<Plan, Problem> {
        let mut plan = self.engine.plan_of(&self.permitted, &self.subject.entry.id).await?;
        plan.change(&self.request);
        Ok(plan)
    }

    /// The whole result under today's rules; a refusal goes on record, a warning into the intent.
    async fn judged(&self, image_volumes: &[String]) -> Result<(Approved, String), Problem> {
        let plan = self.plan().await?;
        let place = place(&self.subject);
        // What it has, it keeps; what it is to get must be somebody's to give.
        if self.request.mounts.is_some() || self.request.networks.is_some() {
            check_names(&self.app, &self.permitted, &place, &self.engine, &plan, "mounts", "networks").await?;
        }
        let (rules, about) = place.rules(&self.app, &self.permitted, Road::Other);
        match self.engine.approve(plan, image_volumes, rules, &about).await? {
            Approval::Approved(approved) => Ok((approved, String::new())),
            Approval::Warned(approved, findings) => Ok((approved, format!("policy: {}", said(&findings)))),
            Approval::Refused(findings) => {
                self.app.trail().refused_by(&self.permitted, "recreate", &format!("policy: {}", said(&findings))).await;
                Err(refused(&findings))
            }
        }
    }

    /// From the gate to the outcome; with an operation of its own, that is told how far it is. What stands there now, where that is another.
    async fn run(&self, mut run: Option<&mut Run>) -> Result<Option<Arc<ContainerEntry>>, Problem> {
        let app = &self.app;
        let id = &self.subject.entry.id;
        let passed = pass(app, &self.permitted, &self.subject, "recreate").await?;
        let expected = serde_json::to_value(self.engine.observe(id).await?).unwrap_or_default();
        let detail = self.request.image.clone().unwrap_or_default();
        let reason = self.request.reason.clone().unwrap_or_default();
        let intent = self.permitted.begin(app.trail(), Change { detail, reason, expected, ..Change::new("recreate") }).await?;
        let cancel = run.as_deref().map_or_else(|| app.closing().child_token(), |run| run.cancel().clone());
        let done = async {
            let image = self.image(&intent, run.as_deref_mut(), &cancel).await?;
            let only_pulled = RecreateContainer { pull: Pull::Always, reason: self.request.reason.clone(), ..RecreateContainer::default() };
            if self.request == only_pulled && image.facts.id == self.subject.entry.image_id {
                say(run.as_deref_mut(), "its image is the newest already").await;
                return Ok(None);
            }
            let (approved, _) = self.judged(&image.volumes()).await?;
            let steps = std::sync::Mutex::new(Vec::new());
            let tell = |step: Step| steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(step);
            say(run.as_deref_mut(), "the old container makes room").await;
            let replaced = self.engine.replace(&intent, &approved, &passed, id, &cancel, tell).await;
            for step in steps.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
                let words = match step {
                    Step::MadeRoom => "it has stopped",
                    Step::Created => "the new container is made",
                    Step::Started => "the new container is started",
                    Step::Replaced => "the new container is well; the old one is removed",
                    Step::PutBack => "the old container is put back",
                };
                say(run.as_deref_mut(), words).await;
            }
            Ok(Some(replaced?))
        };
        let done: Result<Option<Replaced>, Problem> = done.await;
        // Whose the old one was, the new one is.
        let owned = match &done {
            Ok(Some(replaced)) => self.own(intent.id(), replaced).await,
            _ => Ok(()),
        };
        intent.finish(outcome(&done)).await;
        let done = done?;
        owned?;
        Ok(done.map(|replaced| replaced.entry))
    }

    /// The image of the new one, fetched where that is wanted.
    async fn image(&self, intent: &Intent<Update>, mut run: Option<&mut Run>, cancel: &CancellationToken) -> Result<Image, Problem> {
        let plan = self.plan().await?;
        let before = self.engine.image(&plan.image).await?;
        let fetch = match (self.request.pull, &before) {
            (Pull::Always, _) | (Pull::Missing, None) => true,
            (Pull::Never | Pull::Missing, Some(_)) => false,
            (Pull::Never, None) => return Err(EngineError::ImageNotFound(plan.image.clone()).into()),
        };
        if fetch {
            say(run.as_deref_mut(), format!("fetching {}", plan.image)).await;
            let mut teller = run.map(|run| run.teller());
            let tell = |layers: &[Layer]| {
                if let Some(tell) = &mut teller {
                    tell(layers);
                }
            };
            tokio::select! {
                fetched = self.engine.pull(intent, &plan.image, tell) => fetched?,
                () = cancel.cancelled() => return Err(super::create::cancelled()),
            }
        }
        let image = self.engine.image(&plan.image).await?;
        Ok(image.ok_or_else(|| EngineError::ImageNotFound(plan.image.clone()))?)
    }

    async fn own(&self, intent: &str, replaced: &Replaced) -> Result<(), Problem> {
        let Some(project) = &self.subject.project else { return Ok(()) };
        let container = ("container", replaced.entry.id.clone(), replaced.entry.created_at);
        let volumes = replaced.volumes.iter().map(|(name, at)| ("volume", name.clone(), *at));
        for (kind, object_id, created_at) in std::iter::once(container).chain(volumes) {
            let row = Ownership {
                host_id: self.subject.host.id.clone(),
                kind: kind.to_owned(),
                object_id,
                created_at,
                project_id: project.clone(),
                intent_id: intent.to_owned(),
            };
            let record = self.app.trail().record(&self.permitted, "own", kind);
            self.app.store().assign(row, record).await?;
        }
        self.app.auth().refresh().await?;
        Ok(())
    }
}

async fn say(run: Option<&mut Run>, line: impl Into<String>) {
    if let Some(run) = run {
        run.say(line).await;
    }
}
