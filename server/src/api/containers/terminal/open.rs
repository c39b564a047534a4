//! Opening a terminal: the intent, the shell or the helper, and the task that holds it.

use super::super::act::{judging, outcome, refused_by_policy};
use crate::{
    api::places::Place,
    app::App,
    audit::{Change, Intent},
    auth::{Permitted, gate::Passed, permission::container::Exec, subject::ContainerSubject},
    fleet::{
        Engine, EngineError,
        engine::{OpenTerminal, Size, TerminalMark, TerminalWanted},
        policy::{Judged, Road, Verdict},
    },
    http::problem::Problem,
    store::ownership::Ownership,
    terminal::{Begun, Held},
};

/// What was permitted, passed and judged, and what is wanted.
pub struct Open {
    pub permitted: Permitted<Exec>,
    pub subject: ContainerSubject,
    pub passed: Passed,
    pub judged: Judged,
    /// What the policy warns of.
    pub said: String,
    pub shell: Option<String>,
    pub helper: bool,
    pub user: Option<String>,
    pub size: Size,
}

impl Open {
    pub async fn run(self, app: &App, place: Place) -> Result<Held, Problem> {
        let engine = app.fleet().engine(&self.subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
        let id = self.subject.entry.id.clone();
        let shell = if self.helper { "helper".to_owned() } else { self.choose(&engine, &id).await? };
        let user = self.user.as_ref().map(|user| format!(" as {user}")).unwrap_or_default();
        let detail = [format!("{shell}{user}"), self.said.clone()].into_iter().filter(|d| !d.is_empty()).collect::<Vec<_>>().join("; ");
        let mark = if self.helper { TerminalMark::Helper } else { TerminalMark::Opening };
        let expected = serde_json::to_value(mark).unwrap_or_default();
        let intent = self.permitted.begin(app.trail(), Change { detail, expected, ..Change::new("terminal") }).await?;
        let opened = if self.helper {
            self.helper(app, &engine, &id, &intent).await
        } else {
            let wanted = TerminalWanted { shell: shell.clone(), user: self.user.clone(), size: self.size };
            engine.open_terminal(&intent, &self.judged, &self.passed, &id, &wanted).await.map_err(Failed::Engine)
        };
        let terminal = match opened {
            Ok(terminal) => terminal,
            Err(Failed::Engine(error)) => {
                intent.finish(outcome::<()>(&Err(error.clone()))).await;
                return Err(error.into());
            }
            Err(Failed::Problem(problem)) => {
                intent.finish(crate::audit::Outcome::Failed(problem.detail().to_owned())).await;
                return Err(problem);
            }
        };
        // A helper's mark is there already.
        if !self.helper {
            intent.note(&serde_json::to_value(terminal.mark()).unwrap_or_default()).await;
        }
        let begun = Begun { permitted: self.permitted, subject: self.subject, intent, terminal, shell, user: self.user, size: self.size };
        Ok(Held::begin(app, begun, place))
    }

    /// The shell that was asked for, if the container has it, or its best.
    async fn choose(&self, engine: &Engine, id: &str) -> Result<String, Problem> {
        let found = engine.shells(&self.permitted, &self.judged, id).await?;
        let asked = |shell: &&str| self.shell.as_ref().is_none_or(|asked| asked == shell || shell.rsplit('/').next() == Some(asked));
        match found.iter().copied().find(asked) {
            Some(shell) => Ok(shell.to_owned()),
            None if found.is_empty() => Err(EngineError::NoShell.into()),
            None => Err(Problem::bad_parameter("shell", "invalid", format!("The container has {}.", found.join(", ")))),
        }
    }

    async fn helper(&self, app: &App, engine: &Engine, id: &str, intent: &Intent<Exec>) -> Result<OpenTerminal, Failed> {
        let plan = engine.plan_helper(&self.permitted, &self.judged, id, self.user.as_deref()).await.map_err(Failed::Engine)?;
        let (rules, about) = judging(app, &self.permitted, &self.subject, Road::Other);
        let judged = match engine.judge_helper(&self.permitted, &plan, rules, &about).await.map_err(Failed::Engine)? {
            Verdict::Allowed(judged) | Verdict::Warned(judged, _) => judged,
            Verdict::Refused(findings) => {
                return Err(Failed::Problem(refused_by_policy(app, &self.permitted, "terminal", &findings).await));
            }
        };
        let helper = engine.create_helper(intent, &judged, &self.passed, &plan).await.map_err(Failed::Engine)?;
        if let Some(project) = &self.subject.project {
            let row = Ownership {
                host_id: self.subject.host.id.clone(),
                kind: "container".into(),
                object_id: helper.id.clone(),
                created_at: helper.created_at,
                project_id: project.clone(),
                intent_id: intent.id().to_owned(),
            };
            let record = app.trail().record(&self.permitted, "assign", format!("helper {}", helper.name));
            if let Err(error) = app.store().assign(row, record).await {
                engine.drop_helper(intent, &helper.id).await;
                return Err(Failed::Problem(error.into()));
            }
        }
        engine.enter_helper(intent, &self.passed, id, &helper.id, self.size).await.map_err(Failed::Engine)
    }
}

/// Why it could not be opened.
enum Failed {
    Engine(EngineError),
    Problem(Problem),
}
