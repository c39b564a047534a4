//! Making a container: checked, judged, its image fetched where it is not there, made, given to its project, started.

mod names;
mod target;

use std::sync::Arc;

use aide::{axum::IntoApiResponse, transform::TransformOperation};
use app::api::{
    container::Container,
    operation::{Operation, OperationItem},
    spec::{CreateContainer, Created, PolicyFinding, Preview, Pull},
};
use axum::{
    Json,
    http::{StatusCode, header},
    response::IntoResponse as _,
};

pub use names::{check_names, given};
pub use target::{Target, target};

use super::{check, problem::refused, read::dto, rules::said};
use crate::{
    api::{auth::Auth, extract::Body, operations::Run},
    app::App,
    audit::{Change, Outcome},
    auth::{Permitted, gate::Effect, permission::container::Create, subject::ContainerSubject},
    fleet::{
        Engine, EngineError,
        engine::{Approval, Image, Made},
        plan::{Approved, Plan, Service, compose_file},
        policy::{Finding, Road},
    },
    http::{problem::Problem, request_id},
    store::ownership::Ownership,
};

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.create")
        .summary("Make a container")
        .description("201 with the container; 202 with an operation where its image has to be fetched first.")
        .response::<201, Json<Container>>()
        .response::<202, Json<Operation>>()
}

pub async fn create(auth: Auth<Create>, Body(request): Body<CreateContainer>) -> Result<impl IntoApiResponse, Problem> {
    auth.anywhere("container").await?;
    check::create(&request)?;
    let target = target(&auth, &request).await?;
    let (app, actor) = (auth.app.clone(), auth.actor.clone());
    let made = Making { app: app.clone(), target, request };
    // What can't be is said before anything is fetched.
    made.judged(&[]).await?;
    let image = made.target.engine.image(&made.request.image).await?;
    let fetch = match (made.request.pull, &image) {
        (Pull::Never | Pull::Missing, Some(_)) => false,
        (Pull::Never, None) => return Err(EngineError::ImageNotFound(made.request.image.clone()).into()),
        (Pull::Always, _) | (Pull::Missing, None) => true,
    };
    if !fetch {
        // Whoever asked may hang up: what was begun gets its outcome all the same.
        let work = tokio::spawn(request_id::carry(async move {
            let subject = made.run(None).await?;
            Ok::<_, Problem>(dto(&app, &actor, &subject))
        }));
        let container = work.await.map_err(|e| Problem::internal(&e))??;
        let place = [(header::LOCATION, format!("/api/v1/containers/{}", container.id))];
        return Ok((StatusCode::CREATED, place, Json(Created::Container(Box::new(container)))).into_response());
    }
    let item = OperationItem {
        object_id: String::new(),
        object_name: made.target.name.clone(),
        state: "running".into(),
        code: None,
        detail: None,
    };
    let mut run = Run::begin(&app, &actor, "container.create", vec![item]).await?;
    let operation = run.dto();
    app.changes().spawn(request_id::carry(async move {
        let done = made.run(Some(&mut run)).await;
        if let Ok(subject) = &done {
            run.about(&subject.entry.id, &subject.entry.name);
        }
        run.end(done.map(drop)).await;
    }));
    let place = [(header::LOCATION, format!("/api/v1/operations/{}", operation.id))];
    Ok((StatusCode::ACCEPTED, place, Json(Created::Operation(Box::new(operation)))).into_response())
}

pub fn preview_docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.preview")
        .summary("What would run, and what the policy says of it")
        .description("Nothing is made and nothing is recorded.")
}

pub async fn preview(auth: Auth<Create>, Body(request): Body<CreateContainer>) -> Result<Json<Preview>, Problem> {
    auth.anywhere("container").await?;
    check::create(&request)?;
    let target = target(&auth, &request).await?;
    let making = Making { app: auth.app.clone(), target, request };
    let image = making.target.engine.image(&making.request.image).await?;
    let volumes = image.as_ref().map(Image::volumes).unwrap_or_default();
    let plan = making.plan();
    let service = making.request.name.clone().unwrap_or_else(|| making.target.name.clone());
    let compose = compose_file(&[Service::of(&plan, &service, true)]);
    let (allowed, findings) = match making.approval(&volumes).await? {
        Approval::Approved(_) => (true, Vec::new()),
        Approval::Warned(_, findings) => (true, findings),
        Approval::Refused(findings) => (false, findings),
    };
    Ok(Json(Preview { name: making.target.name.clone(), image: image.map(|i| i.facts), findings: told(&findings), allowed, compose }))
}

/// Findings as the API tells them.
pub fn told(findings: &[Finding]) -> Vec<PolicyFinding> {
    let told = |f: &Finding| PolicyFinding { field: f.field.clone(), code: f.code.to_owned(), value: f.value.clone() };
    findings.iter().map(told).collect()
}

/// A container on its way.
struct Making {
    app: App,
    target: Target,
    request: CreateContainer,
}

impl Making {
    fn plan(&self) -> Plan {
        Plan::requested(&self.request, &self.target.name)
    }

    fn engine(&self) -> &Engine {
        &self.target.engine
    }

    fn permitted(&self) -> &Permitted<Create> {
        &self.target.permitted
    }

    async fn approval(&self, image_volumes: &[String]) -> Result<Approval, Problem> {
        let plan = self.plan();
        check_names(&self.app, self.permitted(), &self.target.place, self.engine(), &plan, "mounts", "networks").await?;
        let (rules, subject) = self.target.place.rules(&self.app, self.permitted(), Road::Other);
        Ok(self.engine().approve(plan, image_volumes, rules, &subject).await?)
    }

    /// The plan under today's rules; a refusal goes on record, a warning into the intent.
    async fn judged(&self, image_volumes: &[String]) -> Result<(Approved, String), Problem> {
        match self.approval(image_volumes).await? {
            Approval::Approved(approved) => Ok((approved, String::new())),
            Approval::Warned(approved, findings) => Ok((approved, format!("policy: {}", said(&findings)))),
            Approval::Refused(findings) => {
                self.app.trail().refused_by(self.permitted(), "create", &format!("policy: {}", said(&findings))).await;
                Err(refused(&findings))
            }
        }
    }

    /// From the gate to the outcome. With an operation, its image is fetched first.
    async fn run(&self, mut operation: Option<&mut Run>) -> Result<ContainerSubject, Problem> {
        let (app, permitted) = (&self.app, self.permitted());
        let passed = self.target.place.pass(app, permitted, Effect::Workload, "create").await?;
        let change = Change {
            detail: self.request.image.clone(),
            reason: self.request.reason.clone().unwrap_or_default(),
            expected: serde_json::json!({ "name": self.target.name }),
            ..Change::new("create")
        };
        let intent = permitted.begin(app.trail(), change).await?;
        let done = async {
            if let Some(run) = operation.as_deref_mut() {
                let reference = self.request.image.clone();
                run.say(format!("fetching {reference}")).await;
                let (tell, cancel) = (run.teller(), run.cancel().clone());
                tokio::select! {
                    fetched = self.engine().pull(&intent, &reference, tell) => fetched?,
                    () = cancel.cancelled() => return Err(cancelled()),
                }
            }
            let image = self.engine().image(&self.request.image).await?;
            let image = image.ok_or_else(|| EngineError::ImageNotFound(self.request.image.clone()))?;
            // Judged anew: with what the image brings, and by the rules of now.
            let (approved, _) = self.judged(&image.volumes()).await?;
            if let Some(run) = operation.as_deref_mut() {
                run.say(format!("making {}", self.target.name)).await;
            }
            let made = self.engine().create(&intent, &approved, &passed).await?;
            if let Err(problem) = own(app, permitted, &self.target, intent.id(), &made).await {
                self.engine().undo(&intent, &made.entry.id).await;
                return Err(problem);
            }
            if !self.request.start {
                return Ok(made.entry);
            }
            Ok(self.engine().start_created(&intent, &passed, &made.entry.id).await?)
        };
        let done: Result<_, Problem> = done.await;
        intent.finish(outcome(&done)).await;
        let entry = done?;
        let host = app.fleet().snapshot().host(&self.target.place.host.id).cloned().unwrap_or_else(|| Arc::clone(&self.target.place.host));
        Ok(ContainerSubject { host, entry, project: self.target.place.project.clone() })
    }
}

pub fn cancelled() -> Problem {
    Problem::new(StatusCode::CONFLICT, "cancelled", "It was cancelled.")
}

/// What the trail says of it.
pub fn outcome<T>(done: &Result<T, Problem>) -> Outcome {
    match done {
        Ok(_) => Outcome::Done,
        Err(p) if p.code() == "engine_timeout" => Outcome::Unknown(p.detail().to_owned()),
        Err(p) if p.code() == "cancelled" => Outcome::NotDone(p.detail().to_owned()),
        Err(p) => Outcome::Failed(p.detail().to_owned()),
    }
}

/// Gives what was made to its project.
async fn own(app: &App, permitted: &Permitted<Create>, target: &Target, intent: &str, made: &Made) -> Result<(), Problem> {
    let Some(project) = &target.place.project else { return Ok(()) };
    let container = ("container", made.entry.id.clone(), made.entry.created_at);
    let volumes = made.volumes.iter().map(|(name, at)| ("volume", name.clone(), *at));
    for (kind, object_id, created_at) in std::iter::once(container).chain(volumes) {
        let row = Ownership {
            host_id: target.place.host.id.clone(),
            kind: kind.to_owned(),
            object_id,
            created_at,
            project_id: project.clone(),
            intent_id: intent.to_owned(),
        };
        let record = app.trail().record(permitted, "own", kind);
        app.store().assign(row, record).await?;
    }
    app.auth().refresh().await?;
    Ok(())
}
