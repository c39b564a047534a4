//! A new container in the place of another. The old one makes room under another name, and is put back where the new one does not get well.
//!
//! Its name is what it gets back last: until then everybody sees that it waits, and a console that was cut off knows what to do
//! ([`super::resume`]).

use std::{
    collections::HashSet,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bollard::query_parameters::{
    RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder, StartContainerOptions, StopContainerOptions,
};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Engine;
use crate::{
    audit::Intent,
    auth::{Permitted, gate::Passed, permission::container::Update},
    fleet::{
        connector::Fault,
        error::EngineError,
        events::ours::Deed,
        model::ContainerEntry,
        plan::{Approved, Plan},
    },
};

/// For what the engine does at once, or by drivers of others.
const AT_ONCE: Duration = Duration::from_mins(2);
/// How long one without a health check must run to count as well.
const SETTLED: Duration = Duration::from_secs(3);
/// How often a new one is looked at.
const LOOK: Duration = Duration::from_millis(300);
/// Beyond what its health check itself may take.
const BEYOND: Duration = Duration::from_secs(30);
/// The longest that is waited for a health check.
const LONGEST: Duration = Duration::from_mins(10);

/// How far it is, for whoever follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The old one has made room.
    MadeRoom,
    Created,
    Started,
    /// It is well, and the old one is removed.
    Replaced,
    /// It is not, and the old one is back.
    PutBack,
}

/// What stands there now.
#[derive(Debug)]
pub struct Replaced {
    pub entry: Arc<ContainerEntry>,
    /// Volumes that came into being with it, with the moment of each one's making in whole seconds.
    pub volumes: Vec<(String, i64)>,
}

/// Containers that somebody is replacing: one at a time.
#[derive(Clone, Debug, Default)]
pub struct Busy(Arc<Mutex<HashSet<String>>>);

/// One of them; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    busy: Busy,
    id: String,
}

impl Busy {
    pub(super) fn take(&self, id: &str) -> Result<Taken, EngineError> {
        let is_free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        if is_free { Ok(Taken { busy: self.clone(), id: id.to_owned() }) } else { Err(EngineError::Busy) }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.busy.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Engine {
    /// The plan of a container as it is, for making another like it.
    pub async fn plan_of<P: crate::auth::Permission>(&self, permitted: &Permitted<P>, id: &str) -> Result<Plan, EngineError> {
        self.readable(permitted, id)?;
        let inspection = self.inspect_raw(id).await?;
        let image = inspection.get("Image").and_then(Value::as_str).unwrap_or_default();
        // An image that is gone says nothing of what came from it.
        let image = self.image(image).await.ok().flatten().map(|i| i.inspection).unwrap_or_default();
        Ok(Plan::inspected(self.host_id(), &inspection, &image))
    }

    /// Puts a new container in the place of `id`. `cancel` ends it and puts the old one back.
    pub async fn replace(
        &self,
        intent: &Intent<Update>,
        approved: &Approved,
        _passed: &Passed,
        id: &str,
        cancel: &CancellationToken,
        tell: impl Fn(Step),
    ) -> Result<Replaced, EngineError> {
        self.ready(intent.object(), id)?;
        if self.host.own_container() == Some(id) {
            return Err(EngineError::OwnContainer);
        }
        let _taken = self.host.busy.take(id)?;
        let before = self.inspect_raw(id).await?;
        let name = before.get("Name").and_then(Value::as_str).unwrap_or_default().trim_start_matches('/').to_owned();
        let runs = before.pointer("/State/Running").and_then(Value::as_bool).unwrap_or_default();
        let _ours = self.host.ours.register(id, Deed::Replace, Self::by(intent));
        let volumes = self.make_volumes(intent, approved).await?;
        let aside = aside(&name, intent.id());
        self.rename_to(id, &aside).await?;
        let mut new = None;
        let made = async {
            if runs {
                self.stop_old(id).await?;
            }
            tell(Step::MadeRoom);
            let made = self.make(intent, approved).await?;
            new = Some(made.clone());
            tell(Step::Created);
            if runs {
                self.begin_new(intent, &made).await?;
                tell(Step::Started);
                self.gets_well(&made).await?;
            }
            Ok(made)
        };
        let done = tokio::select! {
            done = made => done,
            () = cancel.cancelled() => Err(EngineError::NotWell("it was cancelled".to_owned())),
        };
        match done {
            Ok(made) => {
                let entry = self.shown_new(&made).await?;
                if let Err(error) = self.remove_old(id).await {
                    tracing::warn!(host = self.host_id(), container = id, %error, "replaced, but still there as {aside}");
                }
                tell(Step::Replaced);
                Ok(Replaced { entry, volumes })
            }
            Err(error) => {
                if let Some(new) = new {
                    self.take_away(intent, &new).await;
                }
                self.put_back(id, &name, runs).await?;
                tell(Step::PutBack);
                Err(error)
            }
        }
    }

    async fn rename_to(&self, id: &str, name: &str) -> Result<(), EngineError> {
        let options = RenameContainerOptionsBuilder::default().name(name).build();
        within(AT_ONCE, self.host.link.docker().rename_container(id, options)).await
    }

    async fn stop_old(&self, id: &str) -> Result<(), EngineError> {
        let grace = self.grace(id).await?;
        let docker = self.host.link.docker();
        match timeout(grace, docker.stop_container(id, None::<StopContainerOptions>)).await {
            Err(_) => Err(EngineError::Timeout),
            Ok(Err(e)) => match Fault::from(e) {
                Fault::Status { status: 304, .. } => Ok(()),
                fault => Err(EngineError::of_container(fault)),
            },
            Ok(Ok(())) => Ok(()),
        }
    }

    /// The old one running if it ran, and then under its own name.
    pub(super) async fn put_back(&self, id: &str, name: &str, runs: bool) -> Result<(), EngineError> {
        let _ = self.host.refresh(id).await;
        let started = if runs {
            let docker = self.host.link.docker();
            match timeout(AT_ONCE, docker.start_container(id, None::<StartContainerOptions>)).await {
                Err(_) => Err(EngineError::Timeout),
                Ok(Err(e)) => match Fault::from(e) {
                    Fault::Status { status: 304, .. } => Ok(()),
                    fault => Err(self.without_secrets(id, fault).await),
                },
                Ok(Ok(())) => Ok(()),
            }
        } else {
            Ok(())
        };
        let renamed = self.rename_to(id, name).await;
        let _ = self.host.refresh(id).await;
        renamed.and(started)
    }

    /// Takes the old one away, once the new one is well.
    pub(super) async fn remove_old(&self, id: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(true).build();
        let removed = within(AT_ONCE, self.host.link.docker().remove_container(id, Some(options))).await;
        let _ = self.host.refresh(id).await;
        removed
    }

    /// Waits until it is well: by its health check, or by running for a while.
    async fn gets_well(&self, id: &str) -> Result<(), EngineError> {
        let began = Instant::now();
        loop {
            let now = self.inspect_raw(id).await?;
            match Wellness::of(&now, began.elapsed()) {
                Wellness::Well => return Ok(()),
                Wellness::Unwell(why) => return Err(EngineError::NotWell(why)),
                Wellness::NotYet => sleep(LOOK).await,
            }
        }
    }
}

/// How a new one does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wellness {
    Well,
    NotYet,
    /// And will not be.
    Unwell(String),
}

impl Wellness {
    /// By an inspection, of one that was started and has been looked at for so long.
    pub fn of(now: &Value, looked_at: Duration) -> Self {
        let at = |path: &str| now.pointer(path);
        let state = at("/State/Status").and_then(Value::as_str).unwrap_or_default();
        let again = at("/RestartCount").and_then(Value::as_i64).unwrap_or_default() > 0;
        if state == "created" {
            return Self::Unwell("it was never started".to_owned());
        }
        if state != "running" || again {
            let code = at("/State/ExitCode").and_then(Value::as_i64).unwrap_or_default();
            let memory = if at("/State/OOMKilled") == Some(&Value::Bool(true)) { ", out of memory" } else { "" };
            return Self::Unwell(format!("it ended with {code}{memory}"));
        }
        let limit = match at("/State/Health/Status").and_then(Value::as_str) {
            Some("healthy") => return Self::Well,
            Some("unhealthy") => return Self::Unwell("its health check fails".to_owned()),
            Some("starting") => health_time(now),
            _ if looked_at >= SETTLED => return Self::Well,
            _ => LONGEST,
        };
        if looked_at >= limit {
            return Self::Unwell(format!("its health check said nothing in {} s", limit.as_secs()));
        }
        Self::NotYet
    }
}

async fn within(limit: Duration, call: impl Future<Output = Result<(), bollard::errors::Error>>) -> Result<(), EngineError> {
    match timeout(limit, call).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(EngineError::of_container(Fault::from(e))),
        Err(_) => Err(EngineError::Timeout),
    }
}

/// The name under which the old one waits; the same for the same change.
pub(super) fn aside(name: &str, intent: &str) -> String {
    let short = &intent[intent.len().saturating_sub(8)..];
    format!("{}-old-{short}", name.get(..name.len().min(200)).unwrap_or_default())
}

/// What its health check may take until it says well or not.
fn health_time(inspection: &Value) -> Duration {
    let check = inspection.pointer("/Config/Healthcheck");
    let nanos = |key: &str, default: u64| {
        let given = check.and_then(|c| c.get(key)).and_then(Value::as_u64).filter(|n| *n > 0);
        Duration::from_nanos(given.unwrap_or(default))
    };
    let retries = check.and_then(|c| c.get("Retries")).and_then(Value::as_u64).filter(|n| *n > 0).unwrap_or(3);
    let half_minute = 30_000_000_000;
    let each = nanos("Interval", half_minute) + nanos("Timeout", half_minute);
    let whole = nanos("StartPeriod", 0) + each * u32::try_from(retries + 1).unwrap_or(u32::MAX).min(100) + BEYOND;
    whole.min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_at_a_time() {
        let busy = Busy::default();
        let taken = busy.take("a").expect("free");
        assert_eq!(busy.take("a").err(), Some(EngineError::Busy));
        assert!(busy.take("b").is_ok());
        drop(taken);
        assert!(busy.take("a").is_ok());
    }

    #[test]
    fn a_health_check_gets_its_time() {
        let second = 1_000_000_000_u64;
        let check = serde_json::json!({"Config": {"Healthcheck": {"Interval": 5 * second, "Timeout": second, "Retries": 2, "StartPeriod": 10 * second}}});
        assert_eq!(health_time(&check), Duration::from_secs(10 + 6 * 3 + 30));
        assert_eq!(health_time(&Value::Null), Duration::from_secs(60 * 4 + 30));
    }
}
