//! Long work under way: its row, who may cancel it, and what is told of it meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use app::api::operation::{Layer, Operation, OperationItem, OperationState};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{dto, word};
use crate::{
    api::places::Place,
    app::App,
    auth::Actor,
    http::{problem::Problem, request_id},
    live::sources,
    store::operation::OperationRow,
};

/// Lines of the log that are kept.
const LINES: usize = 1_000;

/// What only this process knows of operations that it carries out.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<HashMap<String, Arc<Now>>>>);

/// Of one operation.
#[derive(Debug, Default)]
pub struct Now {
    /// Cancelled by a person.
    pub cancel: CancellationToken,
    layers: Mutex<Vec<Layer>>,
}

impl Now {
    pub fn layers(&self) -> Vec<Layer> {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl UnderWay {
    pub fn get(&self, id: &str) -> Option<Arc<Now>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

/// An operation that runs. It has an end whatever becomes of it: dropped without one, it is interrupted.
pub struct Run {
    app: App,
    row: OperationRow,
    items: Vec<OperationItem>,
    log: Vec<String>,
    now: Arc<Now>,
    _place: Place,
}

impl Run {
    /// Begins one: its row is kept when this returns.
    pub async fn begin(app: &App, actor: &Actor, kind: &str, items: Vec<OperationItem>) -> Result<Self, Problem> {
        let place = app.operations().enter(actor.user_id())?;
        let row = OperationRow {
            id: Uuid::now_v7().to_string(),
            kind: kind.to_owned(),
            state: word(OperationState::Running),
            user_id: actor.user_id().to_owned(),
            token_id: actor.token_id().map(str::to_owned),
            actor_name: actor.name().to_owned(),
            runner: app.trail().runner().to_owned(),
            created_at: app.clock().now(),
            finished_at: None,
            done: 0,
            total: items.len() as i64,
            items: serde_json::to_string(&items).unwrap_or_default(),
            log: "[]".into(),
            request_id: Some(request_id::current()),
        };
        app.store().save_operation(row.clone()).await?;
        request_id::touch();
        // The console's end ends it, too: what can be put back then is.
        let now = Arc::new(Now { cancel: app.closing().child_token(), ..Now::default() });
        app.under_way().0.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id.clone(), Arc::clone(&now));
        sources::operation(app.hub(), &row, app.clock().now());
        Ok(Self { app: app.clone(), row, items, log: Vec::new(), now, _place: place })
    }

    pub fn dto(&self) -> Operation {
        Operation { cancellable: true, ..dto(self.row.clone()) }
    }

    pub fn cancel(&self) -> &CancellationToken {
        &self.now.cancel
    }

    /// Something that others may hold to tell of layers while the work goes on.
    pub fn teller(&self) -> impl FnMut(&[Layer]) + Send + use<> {
        let (app, now, row) = (self.app.clone(), Arc::clone(&self.now), self.row.clone());
        move |layers| {
            layers.clone_into(&mut now.layers.lock().unwrap_or_else(PoisonError::into_inner));
            sources::operation(app.hub(), &row, app.clock().now());
        }
    }

    /// A line of the log, kept at once.
    pub async fn say(&mut self, line: impl Into<String>) {
        if self.log.len() < LINES {
            self.log.push(line.into());
        }
        self.save().await;
    }

    /// The container that it turned out to be about.
    pub fn about(&mut self, id: &str, name: &str) {
        if let Some(item) = self.items.first_mut() {
            id.clone_into(&mut item.object_id);
            name.clone_into(&mut item.object_name);
        }
    }

    /// Its end.
    pub async fn end(mut self, result: Result<(), Problem>) {
        let state = match &result {
            Ok(()) => OperationState::Succeeded,
            Err(_) if self.app.closing().is_cancelled() => OperationState::Interrupted,
            Err(_) if self.now.cancel.is_cancelled() => OperationState::Cancelled,
            Err(_) => OperationState::Failed,
        };
        self.row.state = word(state);
        self.row.done = 1;
        if let Some(item) = self.items.first_mut() {
            match &result {
                Ok(()) => "done".clone_into(&mut item.state),
                Err(problem) => {
                    let became = if problem.code() == "engine_timeout" { "unknown" } else { "failed" };
                    became.clone_into(&mut item.state);
                    item.code = Some(problem.code().to_owned());
                    item.detail = Some(problem.detail().to_owned());
                }
            }
        }
        self.row.finished_at = Some(self.app.clock().now());
        self.save().await;
    }

    async fn save(&mut self) {
        self.row.items = serde_json::to_string(&self.items).unwrap_or_default();
        self.row.log = serde_json::to_string(&self.log).unwrap_or_default();
        if let Err(error) = self.app.store().save_operation(self.row.clone()).await {
            tracing::warn!(%error, operation = self.row.id, "an operation's state could not be written");
        }
        sources::operation(self.app.hub(), &self.row, self.app.clock().now());
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.app.under_way().0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.row.id);
    }
}
