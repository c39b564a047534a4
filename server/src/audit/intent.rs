//! The intent of a change: committed before its effect, finished by its outcome.

use std::{marker::PhantomData, time::Duration};

use uuid::Uuid;

use super::trail::{Change, Trail};
use crate::{
    auth::{Permission, Permitted},
    store::{Draft, StoreError, intent::OpenIntent},
};

/// How long a commit may be under way that nobody waits for any more.
const ARRIVES: Duration = if cfg!(test) { Duration::from_millis(10) } else { Duration::from_secs(30) };

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It was tried and failed; what failed.
    Failed(String),
    /// It was never done.
    NotDone(String),
    /// Nobody can tell.
    Unknown(String),
}

impl Outcome {
    pub(super) fn parts(self) -> (&'static str, String) {
        match self {
            Self::Done => ("done", String::new()),
            Self::Failed(why) => ("failed", why),
            Self::NotDone(why) => ("not_done", why),
            Self::Unknown(why) => ("unknown", why),
        }
    }
}

/// A committed intent: the proof that an effect may begin. Only [`Permitted::begin`] makes one; [`Trail::take_up`] takes up one that a former
/// process made.
#[derive(Debug)]
pub struct Intent<P> {
    /// Where its outcome goes; `None`: that is another's to write.
    trail: Option<Trail>,
    draft: Draft,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Intent<P> {
    pub(super) fn new(trail: Trail, draft: Draft) -> Self {
        Self { trail: Some(trail), draft, permission: PhantomData }
    }

    /// One that a former process committed and left open: the proof for ending what it began, or taking it back, and for nothing new.
    pub(super) fn taken_up(open: &OpenIntent, by: &str) -> Self {
        let draft = Draft {
            id: open.id.clone(),
            actor_name: by.to_owned(),
            object_id: open.object_id.clone(),
            host_id: open.host_id.clone(),
            ..Draft::default()
        };
        Self { trail: None, draft, permission: PhantomData }
    }

    /// Keeps with the open intent what was seen of its effect, for whoever closes it after a crash.
    pub async fn note(&self, seen: &serde_json::Value) {
        let Some(trail) = &self.trail else { return };
        if let Err(error) = trail.store().note_intent(self.id(), seen.to_string()).await {
            // After a crash less is known of it; that is all.
            tracing::warn!(%error, intent = self.id(), "what was seen of an effect could not be kept");
        }
    }

    /// UUIDv7, also the value of the label `ecos.op` on what it creates.
    pub fn id(&self) -> &str {
        &self.draft.id
    }

    /// Who stands behind it, as the trail names them.
    pub fn actor_name(&self) -> &str {
        &self.draft.actor_name
    }

    /// What it is about: the host, where it is on one, and the object.
    pub fn object(&self) -> (Option<&str>, &str) {
        (self.draft.host_id.as_deref(), &self.draft.object_id)
    }

    /// Whose the object is: the project's id.
    pub fn project(&self) -> Option<&str> {
        self.draft.project_id.as_deref()
    }

    /// Writes the outcome. The effect is done by now: where the trail can't be written, the outcome is kept and written as
    /// soon as it can be.
    pub async fn finish(self, outcome: Outcome) {
        let Some(trail) = self.trail else { return };
        let id = self.draft.id.clone();
        let draft = closing(&trail, self.draft, outcome);
        let mut written = trail.store().close_intent(draft.clone(), &id).await;
        if matches!(written, Err(StoreError::Full)) && trail.store().use_reserve() {
            written = trail.store().close_intent(draft.clone(), &id).await;
        }
        if let Err(error) = written {
            tracing::error!(%error, intent = id, "an outcome could not be written yet");
            tokio::spawn(write_later(trail, draft, id));
        }
    }

    /// An intent without a trail, for tests of the rooms that take one.
    #[cfg(test)]
    pub fn for_test(permitted: &Permitted<P>) -> Self {
        let object = permitted.object();
        let draft = Draft {
            id: Uuid::now_v7().to_string(),
            actor_name: permitted.actor().name().to_owned(),
            object_id: object.id.clone(),
            host_id: object.host_id.clone(),
            ..Draft::default()
        };
        Self { trail: None, draft, permission: PhantomData }
    }
}

/// The record that closes an intent.
fn closing(trail: &Trail, intent: Draft, outcome: Outcome) -> Draft {
    let (word, detail) = outcome.parts();
    Draft {
        id: Uuid::now_v7().to_string(),
        at: trail.now(),
        kind: "outcome".into(),
        intent_id: Some(intent.id.clone()),
        outcome: word.into(),
        detail,
        reason: String::new(),
        count: None,
        ..intent
    }
}

/// Closes an intent that may or may not be on record: its commit was not confirmed, and nothing was begun under it. Where it is not there,
/// nothing is written.
pub(super) async fn disown(trail: Trail, intent: Draft) {
    let id = intent.id.clone();
    let outcome = Outcome::NotDone("that it was on record could not be confirmed in time: it was not begun".to_owned());
    let draft = closing(&trail, intent, outcome);
    write_later(trail.clone(), draft.clone(), id.clone()).await;
    // What was on its way to the database when it was given up arrives soon or never.
    tokio::time::sleep(ARRIVES).await;
    write_later(trail, draft, id).await;
}

/// Tries once a second until the trail takes it. A process that ends before leaves the intent open, and the next start closes it by
/// observing.
async fn write_later(trail: Trail, draft: Draft, id: String) {
    let mut wait = tokio::time::interval(Duration::from_secs(1));
    wait.tick().await;
    loop {
        wait.tick().await;
        if trail.store().close_intent(draft.clone(), &id).await.is_ok() {
            return;
        }
    }
}

impl<P: Permission> Permitted<P> {
    /// The audited intent: durable when this returns.
    pub async fn begin(&self, trail: &Trail, change: Change) -> Result<Intent<P>, StoreError> {
        trail.begin(self, change).await
    }
}
