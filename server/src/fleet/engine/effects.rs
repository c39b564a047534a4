//! Start, stop, restart, pause, kill, rename, remove: each with its proofs, each with its events known as ours, each seen in the snapshot when it
//! returns.

use std::{future::Future, sync::Arc, time::Duration};

use app::api::container::ContainerState;
use bollard::query_parameters::{
    KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder, RestartContainerOptions,
    StartContainerOptions, StopContainerOptions,
};
use serde_json::Value;
use tokio::time::timeout;

use super::{Engine, redact::redact};
use crate::{
    audit::Intent,
    auth::{
        Permission,
        gate::Passed,
        permission::container::{Delete, Operate, Update},
    },
    fleet::{
        connector::{Fault, tidy},
        error::EngineError,
        events::{By, ours::Deed},
        model::ContainerEntry,
        policy::Judged,
    },
};

/// Docker's own, where a container names none.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// The longest grace that is waited for.
pub(super) const LONGEST_GRACE: Duration = Duration::from_hours(1);
/// What a start or a removal may take: volumes and networks have their own drivers.
const START_OR_REMOVE: Duration = Duration::from_mins(2);

impl Engine {
    /// Starts a container. A container that runs is [`EngineError::AlreadyRunning`].
    pub async fn start(
        &self,
        intent: &Intent<Operate>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
    ) -> Result<Arc<ContainerEntry>, EngineError> {
        self.judged(judged, id)?;
        let docker = self.host.link.docker();
        let call = docker.start_container(id, None::<StartContainerOptions>);
        let was = self.effect(intent, Deed::Start, id, START_OR_REMOVE, call).await.map_err(|e| match e {
            Undone::Already => EngineError::AlreadyRunning,
            Undone::For(e) => e,
        })?;
        self.shown(id, was).await
    }

    /// Stops a container within its own grace and ten seconds more. One that does not run is [`EngineError::AlreadyStopped`].
    pub async fn stop(&self, intent: &Intent<Operate>, _passed: &Passed, id: &str) -> Result<Arc<ContainerEntry>, EngineError> {
        self.ready(intent.object(), id)?;
        let within = self.grace(id).await?;
        let docker = self.host.link.docker();
        let call = docker.stop_container(id, None::<StopContainerOptions>);
        let was = self.effect(intent, Deed::Stop, id, within, call).await.map_err(|e| match e {
            Undone::Already => EngineError::AlreadyStopped,
            Undone::For(e) => e,
        })?;
        self.shown(id, was).await
    }

    /// Stops a container, if it runs, and starts it.
    pub async fn restart(
        &self,
        intent: &Intent<Operate>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
    ) -> Result<Arc<ContainerEntry>, EngineError> {
        self.judged(judged, id)?;
        self.ready(intent.object(), id)?;
        let within = self.grace(id).await?;
        let docker = self.host.link.docker();
        let call = docker.restart_container(id, None::<RestartContainerOptions>);
        let was = self.effect(intent, Deed::Restart, id, within, call).await.map_err(|e| match e {
            Undone::Already => EngineError::AlreadyRunning,
            Undone::For(e) => e,
        })?;
        self.shown(id, was).await
    }

    /// Freezes a container's processes. One that is frozen is [`EngineError::AlreadyPaused`].
    pub async fn pause(&self, intent: &Intent<Operate>, _passed: &Passed, id: &str) -> Result<Arc<ContainerEntry>, EngineError> {
        let docker = self.host.link.docker();
        let call = docker.pause_container(id);
        let was = self.effect(intent, Deed::Pause, id, START_OR_REMOVE, call).await.map_err(|e| e.or(EngineError::AlreadyPaused))?;
        self.shown(id, was).await
    }

    /// Lets a frozen container go on: its processes run again under today's rules.
    pub async fn unpause(
        &self,
        intent: &Intent<Operate>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
    ) -> Result<Arc<ContainerEntry>, EngineError> {
        self.judged(judged, id)?;
        let docker = self.host.link.docker();
        let call = docker.unpause_container(id);
        let was = self.effect(intent, Deed::Unpause, id, START_OR_REMOVE, call).await.map_err(|e| e.or(EngineError::NotPaused))?;
        self.shown(id, was).await
    }

    /// Sends a signal, `SIGKILL` or another that Docker knows. One that does not run is [`EngineError::NotRunning`].
    pub async fn kill(
        &self,
        intent: &Intent<Operate>,
        _passed: &Passed,
        id: &str,
        signal: &str,
    ) -> Result<Arc<ContainerEntry>, EngineError> {
        let docker = self.host.link.docker();
        let options = KillContainerOptionsBuilder::default().signal(signal).build();
        let call = docker.kill_container(id, Some(options));
        let was = self.effect(intent, Deed::Kill, id, START_OR_REMOVE, call).await.map_err(|e| e.or(EngineError::NotRunning))?;
        self.shown(id, was).await
    }

    /// Gives a container another name. A name that is taken is [`EngineError::NameConflict`], whoever has it.
    pub async fn rename(
        &self,
        intent: &Intent<Update>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
        name: &str,
    ) -> Result<Arc<ContainerEntry>, EngineError> {
        self.judged(judged, id)?;
        let docker = self.host.link.docker();
        let options = RenameContainerOptionsBuilder::default().name(name).build();
        let call = docker.rename_container(id, options);
        let was = self.effect(intent, Deed::Rename, id, START_OR_REMOVE, call).await.map_err(|e| e.or(EngineError::NameConflict))?;
        self.shown(id, was).await
    }

    /// Removes a container; a running one only by force. `volumes`: its unnamed volumes too.
    pub async fn remove(&self, intent: &Intent<Delete>, _passed: &Passed, id: &str, force: bool, volumes: bool) -> Result<(), EngineError> {
        let docker = self.host.link.docker();
        let options = RemoveContainerOptionsBuilder::default().force(force).v(volumes).build();
        let call = docker.remove_container(id, Some(options));
        self.effect(intent, Deed::Remove, id, START_OR_REMOVE, call).await.map_err(|e| match e {
            Undone::Already => EngineError::AlreadyBeingRemoved,
            Undone::For(e) => e,
        })?;
        // It is gone; that the engine could not be asked again does not change it.
        if let Err(fault) = self.host.refresh(id).await {
            tracing::info!(host = self.host_id(), container = id, %fault, "removed, but not looked at since");
        }
        Ok(())
    }

    pub(super) fn judged(&self, judged: &Judged, id: &str) -> Result<(), EngineError> {
        if judged.is_of(self.host_id(), id) { Ok(()) } else { Err(EngineError::AnothersProof) }
    }

    /// How long a stop may take.
    pub(super) async fn grace(&self, id: &str) -> Result<Duration, EngineError> {
        let inspection = self.inspect_raw(id).await?;
        let seconds = inspection.pointer("/Config/StopTimeout").and_then(Value::as_u64);
        let grace = seconds.map_or(GRACE, Duration::from_secs).min(LONGEST_GRACE);
        Ok(grace + self.host.timings.beyond_grace)
    }

    /// Does it, and tells what the container was before.
    pub(super) async fn effect<P: Permission>(
        &self,
        intent: &Intent<P>,
        deed: Deed,
        id: &str,
        within: Duration,
        call: impl Future<Output = Result<(), bollard::errors::Error>>,
    ) -> Result<Option<Arc<ContainerEntry>>, Undone> {
        self.ready(intent.object(), id)?;
        // Restarted it may be, by whom the policy lets.
        if self.host.own_container() == Some(id) && deed != Deed::Restart {
            return Err(Undone::For(EngineError::OwnContainer));
        }
        // As it is now: one that goes with its end is not known any more by then.
        let was = self.host.entry(id);
        let by = By { intent_id: intent.id().to_owned(), actor_name: intent.actor_name().to_owned() };
        let _ours = self.host.ours.register(id, deed, by);
        let fault = match timeout(within, call).await {
            Ok(Ok(())) => return Ok(was),
            Ok(Err(e)) => Fault::from(e),
            Err(_) => Fault::Timeout,
        };
        let already = matches!(fault, Fault::Status { status: 304, .. });
        let answered = matches!(fault, Fault::Status { .. });
        let error = self.without_secrets(id, fault).await;
        if answered {
            // What made it fail may not be known here yet.
            let _ = self.host.refresh(id).await;
        }
        Err(if already { Undone::Already } else { Undone::For(error) })
    }

    /// The container after the effect. The effect is done: an engine that can't be asked any more does not undo it.
    pub(super) async fn shown(&self, id: &str, before: Option<Arc<ContainerEntry>>) -> Result<Arc<ContainerEntry>, EngineError> {
        match self.host.refresh(id).await {
            Ok(Some(entry)) => Ok(entry),
            // It was to be removed at its end.
            Ok(None) => {
                let gone = before.map(|e| Arc::new(ContainerEntry { state: ContainerState::Removing, ..ContainerEntry::clone(&e) }));
                gone.ok_or(EngineError::ContainerNotFound)
            }
            Err(fault) => {
                tracing::info!(host = self.host_id(), container = id, %fault, "done, but not looked at since");
                before.ok_or(EngineError::Unreachable(fault))
            }
        }
    }

    /// Engines repeat arguments and options in what they say of a failure.
    pub(super) async fn without_secrets(&self, id: &str, fault: Fault) -> EngineError {
        if !matches!(fault, Fault::Status { .. }) {
            return EngineError::of_container(fault);
        }
        let inspection = self.inspect_raw(id).await;
        EngineError::of_container_said(fault, |words| match &inspection {
            Ok(inspection) => tidy(&redact(words, inspection)),
            Err(_) => "its words may hold secrets and are left out".to_owned(),
        })
    }
}

/// Why an effect was not.
pub(super) enum Undone {
    /// It is so already.
    Already,
    For(EngineError),
}

impl Undone {
    pub(super) fn or(self, already: EngineError) -> EngineError {
        match self {
            Self::Already => already,
            Self::For(e) => e,
        }
    }
}

impl From<EngineError> for Undone {
    fn from(e: EngineError) -> Self {
        Self::For(e)
    }
}
