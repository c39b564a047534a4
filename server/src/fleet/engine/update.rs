//! Changing a container in place: its limits and its restart policy.

use std::{sync::Arc, time::Duration};

use app::api::spec::UpdateContainer;
use bollard::models::{ContainerUpdateBody, RestartPolicy, RestartPolicyNameEnum};

use super::Engine;
use crate::{
    audit::Intent,
    auth::{gate::Passed, permission::container::Update},
    fleet::{error::EngineError, events::ours::Deed, model::ContainerEntry, plan::nano, policy::Judged},
};

const UPDATING: Duration = Duration::from_mins(1);

impl Engine {
    /// Sets what the request names; a limit that is absent stays as it is.
    pub async fn update(
        &self,
        intent: &Intent<Update>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
        request: &UpdateContainer,
    ) -> Result<Arc<ContainerEntry>, EngineError> {
        self.judged(judged, id)?;
        let memory = request.limits.memory_bytes.and_then(|n| i64::try_from(n).ok());
        let policy = request.restart_policy.as_ref().map(|p| RestartPolicy {
            name: p.name.parse::<RestartPolicyNameEnum>().ok(),
            maximum_retry_count: Some(i64::from(p.max_retries)),
        });
        let body = ContainerUpdateBody {
            memory,
            // The engine wants both at once, and makes the second twice the first by itself when it makes a container.
            memory_swap: memory.map(|n| n.saturating_mul(2)),
            nano_cpus: request.limits.cpus.map(nano),
            pids_limit: request.limits.pids.map(i64::from),
            restart_policy: policy,
            ..ContainerUpdateBody::default()
        };
        let docker = self.host.link.docker();
        let call = docker.update_container(id, body);
        let was = self.effect(intent, Deed::Update, id, UPDATING, call).await.map_err(|e| e.or(EngineError::NotRunning))?;
        self.shown(id, was).await
    }
}
