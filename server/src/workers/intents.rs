//! Closes what a former life of the process left open, by what the engine shows: done, not done, or unknown. Never a guess. A replacement that
//! was cut off is brought to its end or taken back, and terminals that nobody holds any more are ended.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use app::api::container::ContainerState;
use serde_json::{Value, json};

use super::WorkerError;
use crate::{
    app::App,
    audit::Outcome,
    auth::{Actor, Permission as _, permission::container, permitted::ObjectRef},
    clock::Millis,
    fleet::{
        Engine,
        engine::{CutOff, LeftBehind, Observed, Resumed, Seen},
    },
    store::{intent::OpenIntent, operation::OperationRow, ownership::Ownership},
};

/// What was sent goes on in the engine: until the container's grace and so much more is over, "not done" is not said; what happens after
/// that was something else. The engine's clock may be off by so much, too.
const SETTLED: Millis = 30_000;
/// An engine that does not answer for so long is not waited for any more.
const PATIENCE: Millis = 60 * 60 * 1000;

/// What a round needs, and what it remembers of those before.
pub struct Intents {
    app: App,
    /// All that a former life sent, it sent before this.
    began: Millis,
    /// When the new container of a replacement was first seen running, by intent.
    running: Mutex<HashMap<String, Millis>>,
}

impl Intents {
    pub fn new(app: App) -> Self {
        Self { began: app.clock().now(), running: Mutex::default(), app }
    }

    pub async fn round(&self) -> Result<Value, WorkerError> {
        let app = &self.app;
        let (mut closed, mut waiting) = (0, 0);
        for open in app.store().abandoned_intents(app.trail().runner()).await? {
            match self.verdict(&open).await? {
                Some(outcome) => {
                    app.trail().close_abandoned(&open, outcome).await?;
                    self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&open.id);
                    closed += 1;
                }
                None => waiting += 1,
            }
        }
        let mut interrupted = 0;
        for operation in app.store().abandoned_operations(app.trail().runner()).await? {
            let finished_at = Some(app.clock().now());
            app.store().save_operation(OperationRow { state: "interrupted".to_owned(), finished_at, ..operation }).await?;
            interrupted += 1;
        }
        Ok(json!({ "closed": closed, "waiting": waiting, "interrupted_operations": interrupted }))
    }

    /// What came of it; `None` while that can't be said yet.
    async fn verdict(&self, open: &OpenIntent) -> Result<Option<Outcome>, WorkerError> {
        let app = &self.app;
        let age = app.clock().now() - open.at;
        let Some(host_id) = &open.host_id else { return Ok(Some(unknown("the console ended before it could say what came of it"))) };
        let Some(engine) = app.fleet().engine(host_id) else {
            let is_known = app.store().hosts().await?.iter().any(|h| h.id == *host_id);
            return Ok(if is_known && age < PATIENCE { None } else { Some(unknown("the host is not there any more")) });
        };
        match open.action.as_str() {
            "create" => Ok(create(open, &engine, age).await),
            "recreate" => self.recreate(open, &engine, age).await,
            "terminal" => Ok(self.terminal(open, &engine, age).await),
            _ => Ok(effect(open, &engine, age).await),
        }
    }

    /// Whether what was sent before the end can't be under way any more.
    fn is_quiet(&self, before: Option<&Observed>) -> bool {
        self.app.clock().now() - self.began >= before.map_or(0, grace).saturating_add(SETTLED)
    }

    /// Puts right what a replacement left, one step each round, until one of the two stands in its place.
    async fn recreate(&self, open: &OpenIntent, engine: &Engine, age: Millis) -> Result<Option<Outcome>, WorkerError> {
        let Some(intent) = self.app.trail().take_up::<container::Update>(open, "recreate") else {
            return Ok(Some(unknown("it can't be read any more")));
        };
        let Ok(before) = serde_json::from_str::<Observed>(&open.expected) else {
            return Ok(Some(unknown("what was there before is not known")));
        };
        let ran = matches!(before, Observed::There { running: true, .. });
        let now = self.app.clock().now();
        let first_seen = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(&open.id).copied();
        let seen_running = Duration::from_millis(first_seen.map_or(0, |at| now - at).unsigned_abs());
        let cut = CutOff { is_quiet: self.is_quiet(Some(&before)), before, seen_running };
        Ok(match engine.resume_replacement(&intent, &cut).await {
            Ok(Resumed::NotYet { new_runs }) => {
                if new_runs {
                    self.running.lock().unwrap_or_else(PoisonError::into_inner).entry(open.id.clone()).or_insert(now);
                }
                None
            }
            Ok(Resumed::Untouched) => Some(Outcome::NotDone("the console ended before it was done".to_owned())),
            Ok(Resumed::PutBack(why)) => Some(Outcome::NotDone(format!("{why}; the old container is put back"))),
            Ok(Resumed::Unknown(why)) => Some(Outcome::Unknown(why)),
            Ok(Resumed::Replaced(new)) => {
                let container = ("container", new.entry.id.clone(), new.entry.created_at);
                let volumes = new.volumes.iter().map(|(name, at)| ("volume", name.clone(), *at));
                self.inherit(open, std::iter::once(container).chain(volumes)).await?;
                if ran && new.entry.state != ContainerState::Running {
                    return Ok(Some(unknown("the old container is gone, and the new one does not run")));
                }
                Some(Outcome::Done)
            }
            Err(error) if age < PATIENCE => {
                tracing::info!(intent = open.id, %error, "a replacement that was cut off waits");
                None
            }
            Err(error) => Some(Outcome::Unknown(format!("it could not be put right within an hour: {error}"))),
        })
    }

    /// Whose the old one was, the new one is.
    async fn inherit(&self, open: &OpenIntent, objects: impl Iterator<Item = (&'static str, String, Millis)>) -> Result<(), WorkerError> {
        let rows = self.app.store().ownerships().await?;
        let is_old =
            |row: &&Ownership| Some(&row.host_id) == open.host_id.as_ref() && row.kind == "container" && row.object_id == open.object_id;
        let Some(old) = rows.iter().find(is_old) else { return Ok(()) };
        for (kind, object_id, created_at) in objects {
            let object = ObjectRef { kind, id: object_id.clone(), host_id: open.host_id.clone(), ..ObjectRef::default() };
            let record = self.app.trail().own_record(&Actor::system("intents"), container::Update::NAME, "own", &object, kind);
            let row = Ownership { kind: kind.to_owned(), object_id, created_at, intent_id: open.id.clone(), ..old.clone() };
            self.app.store().assign(row, record).await?;
        }
        self.app.auth().refresh().await?;
        Ok(())
    }

    /// Ends what a terminal left in its container, or beside it.
    async fn terminal(&self, open: &OpenIntent, engine: &Engine, age: Millis) -> Option<Outcome> {
        let intent = self.app.trail().take_up::<container::Exec>(open, "terminal")?;
        let mark = serde_json::from_str(&open.expected).unwrap_or_default();
        match engine.end_left_behind(&intent, &mark).await {
            Ok(LeftBehind::Ended) => Some(Outcome::Done),
            Ok(LeftBehind::NeverEntered) => Some(Outcome::NotDone("the console ended before it was entered".to_owned())),
            // It may be on its way still.
            Ok(LeftBehind::Nothing | LeftBehind::NotKnown) if !self.is_quiet(None) => None,
            Ok(LeftBehind::Nothing) => Some(unknown("the console ended while it was open; nothing of it is left")),
            Ok(LeftBehind::NotKnown) => Some(unknown("the console ended while it was being opened; a shell may be left in the container")),
            Err(_) if age < PATIENCE => None,
            Err(error) => Some(Outcome::Unknown(format!("the console ended while it was open; it may run on: {error}"))),
        }
    }
}

fn unknown(why: &str) -> Outcome {
    Outcome::Unknown(why.to_owned())
}

fn grace(observed: &Observed) -> Millis {
    Millis::try_from(observed.grace().as_millis()).unwrap_or(Millis::MAX / 2)
}

async fn create(open: &OpenIntent, engine: &Engine, age: Millis) -> Option<Outcome> {
    let name = serde_json::from_str::<Value>(&open.expected).ok().and_then(|e| Some(e.get("name")?.as_str()?.to_owned()));
    match engine.made_by(&name.unwrap_or_default(), &open.id).await {
        Ok(true) => Some(Outcome::Done),
        _ if age < SETTLED => None,
        Ok(false) => Some(Outcome::NotDone("the console ended before it was done".to_owned())),
        Err(_) if age < PATIENCE => None,
        Err(_) => Some(unknown("the engine did not answer for an hour")),
    }
}

async fn effect(open: &OpenIntent, engine: &Engine, age: Millis) -> Option<Outcome> {
    let Ok(now) = engine.observe(&open.object_id).await else {
        return if age < PATIENCE { None } else { Some(unknown("the engine did not answer for an hour")) };
    };
    let before: Option<Observed> = serde_json::from_str(&open.expected).ok();
    let settled = grace(before.as_ref().unwrap_or(&now)).saturating_add(SETTLED);
    match Observed::of(&open.action, before.as_ref(), &now, open.at.saturating_add(settled)) {
        Seen::Done => Some(Outcome::Done),
        _ if age < settled => None,
        Seen::NotDone => Some(Outcome::NotDone("the console ended before it was done".to_owned())),
        Seen::Unknown => Some(unknown("what the engine shows does not tell whether it was done")),
    }
}
