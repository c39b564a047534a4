//! Writing the trail.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{broadcast, mpsc, oneshot};
use uuid::Uuid;

use super::intent::{Intent, disown};
use crate::{
    auth::{
        Actor, Permission, Permitted,
        actor::Identity,
        permitted::{Denied, ObjectRef},
    },
    clock::{Clock, Millis},
    http::request_id,
    store::{Appended, Draft, Store, StoreError, intent::OpenIntent},
};

/// What is about to be done.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// `restart`
    pub action: &'static str,
    /// What is particular about it: `force`, `6 → 8 GiB`. Never a secret.
    pub detail: String,
    /// The reason that the person gave.
    pub reason: String,
    /// What was seen before, for closing the intent truthfully after a crash.
    pub expected: serde_json::Value,
    /// Whether it frees disk: such a change may use the reserve of a full one.
    pub frees_disk: bool,
}

impl Change {
    pub fn new(action: &'static str) -> Self {
        Self { action, ..Self::default() }
    }
}

/// The trail. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Trail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    /// Of this process: its own open intents are its own to close.
    runner: String,
    counted: Mutex<HashMap<Counted, i64>>,
    refusals: mpsc::Sender<Refusal>,
}

/// What the task that writes refusals is handed.
#[derive(Debug)]
enum Refusal {
    Record(Box<Draft>),
    /// Told once all before it are written.
    Settled(oneshot::Sender<()>),
}

/// Unauthenticated failures that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Counted {
    minute: Millis,
    address: String,
    permission: &'static str,
    action: &'static str,
    code: &'static str,
}

/// How many different counts are held; what comes beyond is counted under an empty address.
const COUNTS: usize = 10_000;
/// Refusals that wait to be written; whoever makes more waits.
const REFUSALS: usize = 4_096;
/// Who closes what was left open.
const CLOSER: &str = "intents";
/// Refusals that one transaction takes.
const BATCH: usize = 64;

impl Trail {
    pub fn new(store: Store, clock: Clock) -> Self {
        let runner = Uuid::now_v7().to_string();
        let (refusals, queue) = mpsc::channel(REFUSALS);
        tokio::spawn(write_refusals(store.clone(), queue));
        Self(Arc::new(Inner { store, clock, runner, counted: Mutex::default(), refusals }))
    }

    pub fn runner(&self) -> &str {
        &self.0.runner
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Records as they are written, whatever writes them.
    pub fn written(&self) -> broadcast::Receiver<Appended> {
        self.0.store.appended()
    }

    pub(super) fn now(&self) -> Millis {
        self.0.clock.now()
    }

    /// The intent, durable before it is returned.
    pub(super) async fn begin<P: Permission>(&self, permitted: &Permitted<P>, change: Change) -> Result<Intent<P>, StoreError> {
        let mut draft = self.draft(permitted, change.action, "intent", "open");
        draft.detail = change.detail;
        draft.reason = change.reason;
        let open = OpenIntent {
            id: draft.id.clone(),
            at: draft.at,
            runner: self.0.runner.clone(),
            action: change.action.to_owned(),
            host_id: draft.host_id.clone(),
            object_id: draft.object_id.clone(),
            expected: change.expected.to_string(),
        };
        let opened = match self.0.store.open_intent(draft.clone(), open.clone()).await {
            Err(StoreError::Full) if change.frees_disk && self.0.store.use_reserve() => self.0.store.open_intent(draft.clone(), open).await,
            other => other,
        };
        if let Err(error) = opened {
            if matches!(error, StoreError::Unreachable(_)) {
                // It may be committed all the same, and its answer lost.
                tokio::spawn(disown(self.clone(), draft));
            }
            return Err(error);
        }
        request_id::touch();
        Ok(Intent::new(self.clone(), draft))
    }

    /// A record of a change of the console's own rows: hand it to the store with the change.
    pub fn record<P: Permission>(&self, permitted: &Permitted<P>, action: &'static str, detail: impl Into<String>) -> Draft {
        // Whether its commit came through may stay unknown.
        request_id::touch();
        let mut draft = self.draft(permitted, action, "done", "done");
        draft.detail = detail.into();
        draft
    }

    /// A record for something the actor did about itself or from the command line, where no permission was looked up.
    pub fn own_record(&self, actor: &Actor, permission: &str, action: &str, object: &ObjectRef, detail: impl Into<String>) -> Draft {
        let mut draft = self.draft_of(actor, permission, action, object, "done", "done");
        draft.detail = detail.into();
        draft
    }

    fn draft<P: Permission>(&self, permitted: &Permitted<P>, action: &str, kind: &str, outcome: &str) -> Draft {
        let mut draft = self.draft_of(permitted.actor(), P::NAME, action, permitted.object(), kind, outcome);
        permitted.by_right().clone_into(&mut draft.by_right);
        permitted.request_id().clone_into(&mut draft.request_id);
        draft
    }

    fn draft_of(&self, actor: &Actor, permission: &str, action: &str, object: &ObjectRef, kind: &str, outcome: &str) -> Draft {
        let token_name = match &actor.identity {
            Identity::Token { token_name, .. } => Some(token_name.clone()),
            _ => None,
        };
        Draft {
            id: Uuid::now_v7().to_string(),
            at: self.now(),
            kind: kind.into(),
            actor_kind: actor.kind().into(),
            actor_id: actor.user_id().into(),
            actor_name: actor.name().into(),
            token_name,
            address: actor.address.clone(),
            permission: permission.into(),
            action: action.into(),
            object_kind: object.kind.into(),
            object_id: object.id.clone(),
            object_name: object.name.clone(),
            host_id: object.host_id.clone(),
            host_name: object.host_name.clone(),
            project_id: object.scope.project.clone(),
            environment_id: object.scope.environment.clone(),
            outcome: outcome.into(),
            ..Draft::default()
        }
    }

    /// A refusal of somebody who is signed in. It never holds up the answer: what cannot be written goes to the log.
    pub async fn refused(&self, actor: &Actor, permission: &'static str, action: &str, object: &ObjectRef, why: &Denied, request_id: &str) {
        let mut draft = self.draft_of(actor, permission, action, object, "refused", "refused");
        draft.detail = why.to_string();
        request_id.clone_into(&mut draft.request_id);
        self.write(draft).await;
    }

    /// A refusal by a rule that is not a permission: the policy, the gate, the limit.
    pub async fn refused_by<P: Permission>(&self, permitted: &Permitted<P>, action: &'static str, why: &str) {
        let mut draft = self.draft(permitted, action, "refused", "refused");
        why.clone_into(&mut draft.detail);
        self.write(draft).await;
    }

    /// Hands a refusal to the task that writes them: an answer that waited for the disk would tell by its time that there is something
    /// to be refused.
    async fn write(&self, draft: Draft) {
        if self.0.refusals.send(Refusal::Record(Box::new(draft))).await.is_err() {
            tracing::error!("a refusal could not be put on record: the console closes");
        }
    }

    /// Waits until the refusals of before are written.
    pub async fn settle(&self) {
        let (done, wait) = oneshot::channel();
        if self.0.refusals.send(Refusal::Settled(done)).await.is_ok() {
            // The task ends with the console only.
            let _ = wait.await;
        }
    }

    /// Counts a failure of nobody: a wrong password, a bad token. Written by [`Trail::flush_counts`].
    pub fn count(&self, address: &str, permission: &'static str, action: &'static str, code: &'static str) {
        let minute = self.now() / 60_000 * 60_000;
        let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let address = if counted.len() < COUNTS { address } else { "" };
        *counted.entry(Counted { minute, address: address.to_owned(), permission, action, code }).or_default() += 1;
    }

    /// Writes the counts of minutes that are over (`all`: also of the running one). A worker calls it.
    pub async fn flush_counts(&self, all: bool) -> Result<(), StoreError> {
        self.0.store.keep_reserve().await;
        let this_minute = self.now() / 60_000 * 60_000;
        let over: Vec<(Counted, i64)> = {
            let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
            let (over, running) = counted.drain().partition(|(c, _)| all || c.minute < this_minute);
            *counted = running;
            Vec::from_iter::<HashMap<_, _>>(over)
        };
        if over.is_empty() {
            return Ok(());
        }
        let draft = |(c, n): &(Counted, i64)| Draft {
            id: Uuid::now_v7().to_string(),
            at: c.minute,
            kind: "counted".into(),
            actor_kind: "nobody".into(),
            address: c.address.clone(),
            permission: c.permission.into(),
            action: c.action.into(),
            object_kind: "session".into(),
            outcome: "refused".into(),
            detail: c.code.into(),
            count: Some(*n),
            ..Draft::default()
        };
        let drafts: Vec<Draft> = over.iter().map(draft).collect();
        match self.0.store.append_audit(drafts).await {
            Ok(_) => Ok(()),
            Err(e) => {
                let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
                for (c, n) in over {
                    *counted.entry(c).or_default() += n;
                }
                Err(e)
            }
        }
    }

    /// An intent of a former process, for ending or taking back what it began; it is closed by [`Trail::close_abandoned`]. `None`: it is no such
    /// action.
    pub fn take_up<P: Permission>(&self, open: &OpenIntent, action: &str) -> Option<Intent<P>> {
        let is_another = open.runner != self.0.runner;
        (is_another && open.action == action).then(|| Intent::taken_up(open, CLOSER))
    }

    /// Closes an intent of a former process by what was observed.
    pub async fn close_abandoned(&self, open: &OpenIntent, outcome: super::Outcome) -> Result<(), StoreError> {
        let (word, detail) = outcome.parts();
        let draft = Draft {
            id: Uuid::now_v7().to_string(),
            at: self.now(),
            kind: "outcome".into(),
            intent_id: Some(open.id.clone()),
            actor_kind: "system".into(),
            actor_name: CLOSER.into(),
            permission: "platform.manage".into(),
            action: open.action.clone(),
            object_kind: "intent".into(),
            object_id: open.object_id.clone(),
            host_id: open.host_id.clone(),
            outcome: word.into(),
            detail,
            ..Draft::default()
        };
        self.0.store.close_intent(draft, &open.id).await?;
        Ok(())
    }
}

/// Writes refusals as they come. What cannot be written goes to the log. Ends with the trail.
async fn write_refusals(store: Store, mut queue: mpsc::Receiver<Refusal>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let (mut drafts, mut settled) = (Vec::new(), Vec::new());
        for refusal in waiting.drain(..) {
            match refusal {
                Refusal::Record(draft) => drafts.push(*draft),
                Refusal::Settled(done) => settled.push(done),
            }
        }
        let n = drafts.len();
        if n > 0
            && let Err(error) = store.append_audit(drafts).await
        {
            tracing::error!(%error, n, "refusals could not be put on record");
        }
        for done in settled {
            // Nobody waiting any more is fine.
            let _ = done.send(());
        }
    }
}
