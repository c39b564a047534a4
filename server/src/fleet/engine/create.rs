//! Making a container: the plan judged, its volumes made first and read back, the container made, and started where that is wanted.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bollard::{
    models::{EndpointSettings, NetworkConnectRequest, VolumeCreateRequest},
    query_parameters::{CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions},
};
use tokio::time::timeout;

use super::Engine;
use crate::{
    audit::Intent,
    auth::{Permission, gate::Passed, permission::container::Create},
    clock::parse_rfc3339,
    fleet::{
        connector::{Fault, tidy},
        error::EngineError,
        events::{By, ours::Deed},
        model::ContainerEntry,
        plan::{Approved, Plan},
        policy::{Finding, Rules, Subject, Verdict, WantedVolume},
    },
};

/// What making one may take: an image's data is copied into new volumes.
const MAKING: Duration = Duration::from_mins(5);
/// What joining a network, or a volume's making, may take: they have their own drivers.
const JOINING: Duration = Duration::from_mins(1);
const STARTING: Duration = Duration::from_mins(2);

/// What came of judging a plan.
#[derive(Debug)]
pub enum Approval {
    Approved(Approved),
    /// It may be, but whoever does it is told, and the trail too.
    Warned(Approved, Vec<Finding>),
    Refused(Vec<Finding>),
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    pub entry: Arc<ContainerEntry>,
    /// Volumes that came into being with it, with the moment of each one's making in whole seconds.
    pub volumes: Vec<(String, i64)>,
}

impl Engine {
    /// Judges a plan under today's rules, as [`Engine::judge`] does with what is there. `image_volumes` are the image's own, where it is known.
    pub async fn approve(&self, plan: Plan, image_volumes: &[String], rules: Rules, subject: &Subject) -> Result<Approval, EngineError> {
        self.answers()?;
        let mut wanted = plan.wanted(image_volumes);
        let verdict = self.judge_wanted(&mut wanted, rules, subject).await?;
        let approved = Approved { plan, volumes: wanted.volumes };
        Ok(match verdict {
            Verdict::Allowed(_) => Approval::Approved(approved),
            Verdict::Warned(_, findings) => Approval::Warned(approved, findings),
            Verdict::Refused(findings) => Approval::Refused(findings),
        })
    }

    /// Makes a container. Its name is taken: [`EngineError::NameConflict`], whoever has it.
    pub async fn create(&self, intent: &Intent<Create>, approved: &Approved, _passed: &Passed) -> Result<Made, EngineError> {
        let volumes = self.make_volumes(intent, approved).await?;
        let id = self.make(intent, approved).await?;
        Ok(Made { entry: self.shown_new(&id).await?, volumes })
    }

    /// Starts what was just made. What does not start is taken away again, so that the next try finds its name free.
    pub async fn start_created(&self, intent: &Intent<Create>, _passed: &Passed, id: &str) -> Result<Arc<ContainerEntry>, EngineError> {
        match self.begin_new(intent, id).await {
            Ok(()) => self.shown_new(id).await,
            Err(error) => {
                self.take_away(intent, id).await;
                Err(error)
            }
        }
    }

    /// Takes back what was made but could not be put on record as its project's.
    pub async fn undo(&self, intent: &Intent<Create>, id: &str) {
        self.take_away(intent, id).await;
    }

    pub(super) fn by<P: Permission>(intent: &Intent<P>) -> By {
        By { intent_id: intent.id().to_owned(), actor_name: intent.actor_name().to_owned() }
    }

    /// Named volumes that are not there yet. An engine answers with the one that is there where somebody was quicker: it must be as it was
    /// judged.
    pub(super) async fn make_volumes<P: Permission>(
        &self,
        intent: &Intent<P>,
        approved: &Approved,
    ) -> Result<Vec<(String, i64)>, EngineError> {
        let mut made = Vec::new();
        for (name, judged) in &approved.volumes {
            let labels = own_labels(intent.id(), "");
            let _ours = self.host.ours.register(name, Deed::Volume, Self::by(intent));
            let request =
                VolumeCreateRequest { name: Some(name.clone()), labels: Some(labels.into_iter().collect()), ..Default::default() };
            if !judged.driver.is_empty() {
                // It was there when it was judged.
                if self.volume(name).await? != *judged {
                    return Err(EngineError::Conflict(format!("the volume {name} has changed meanwhile")));
                }
                continue;
            }
            let docker = self.host.link.docker();
            let volume = timeout(JOINING, docker.create_volume(request)).await.map_err(|_| EngineError::Timeout)?;
            let volume = volume.map_err(|e| EngineError::of_container(Fault::from(e)))?;
            let is_plain = WantedVolume { driver: volume.driver.clone(), options: volume.options.into_iter().collect() };
            let ours = volume.labels.get("ecos.op").is_some_and(|op| op == intent.id());
            if !ours && (is_plain.driver != "local" || !is_plain.options.is_empty()) {
                return Err(EngineError::Conflict(format!("the volume {name} has come up meanwhile, and is none of this console's")));
            }
            if ours {
                let at = volume.created_at.as_deref().and_then(parse_rfc3339).unwrap_or_default();
                made.push((name.clone(), at / 1_000 * 1_000));
            }
        }
        Ok(made)
    }

    /// Makes the container and joins its networks. Its id.
    pub(super) async fn make<P: Permission>(&self, intent: &Intent<P>, approved: &Approved) -> Result<String, EngineError> {
        let plan = &approved.plan;
        if plan.host_id != self.host_id() {
            return Err(EngineError::AnothersProof);
        }
        let project = intent.project().unwrap_or_default();
        let body = plan.body(&own_labels(intent.id(), project))?;
        let options = CreateContainerOptionsBuilder::default().name(&plan.name).build();
        let _ours = self.host.ours.register(&plan.name, Deed::Create, Self::by(intent));
        let docker = self.host.link.docker();
        let made = timeout(MAKING, docker.create_container(Some(options), body)).await.map_err(|_| EngineError::Timeout)?;
        let made = made.map_err(|e| said_of(plan, Fault::from(e)))?;
        for (name, endpoint) in plan.later_networks() {
            let endpoint: EndpointSettings = serde_json::from_value(endpoint.clone()).unwrap_or_default();
            let request = NetworkConnectRequest { container: made.id.clone(), endpoint_config: Some(endpoint) };
            let joined = timeout(JOINING, docker.connect_network(name, request)).await;
            if let Err(error) = joined.map_err(|_| EngineError::Timeout).and_then(|r| r.map_err(|e| said_of(plan, Fault::from(e)))) {
                self.take_away(intent, &made.id).await;
                return Err(error);
            }
        }
        Ok(made.id)
    }

    pub(super) async fn begin_new<P: Permission>(&self, intent: &Intent<P>, id: &str) -> Result<(), EngineError> {
        let _ours = self.host.ours.register(id, Deed::Start, Self::by(intent));
        let docker = self.host.link.docker();
        let started = timeout(STARTING, docker.start_container(id, None::<StartContainerOptions>)).await;
        match started {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(self.without_secrets(id, Fault::from(e)).await),
            Err(_) => Err(EngineError::Timeout),
        }
    }

    /// Removes what was made and is not wanted after all.
    pub(super) async fn take_away<P: Permission>(&self, intent: &Intent<P>, id: &str) {
        let _ours = self.host.ours.register(id, Deed::Remove, Self::by(intent));
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        let docker = self.host.link.docker();
        if let Ok(Err(error)) = timeout(STARTING, docker.remove_container(id, Some(options))).await {
            tracing::warn!(host = self.host_id(), container = id, %error, "what could not be started could not be removed either");
        }
        // The next event or list tells, if this does not.
        let _ = self.host.refresh(id).await;
    }

    pub(super) async fn shown_new(&self, id: &str) -> Result<Arc<ContainerEntry>, EngineError> {
        match self.host.refresh(id).await {
            Ok(Some(entry)) => Ok(entry),
            Ok(None) => Err(EngineError::ContainerNotFound),
            Err(fault) => Err(EngineError::of_container(fault)),
        }
    }
}

/// What the console writes on everything that it makes: also where there is nothing to write, for images bring labels of their own.
pub(super) fn own_labels(intent: &str, project: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("ecos.op".to_owned(), intent.to_owned()), ("ecos.project".to_owned(), project.to_owned())])
}

/// An engine's words about a plan, without what is secret in it.
fn said_of(plan: &Plan, fault: Fault) -> EngineError {
    let Fault::Status { status: 404, message } = &fault else {
        let inspection = plan.as_inspection(&[]);
        return EngineError::of_container_said(fault, |words| tidy(&super::redact::redact(words, &inspection)));
    };
    if message.contains("No such image") || message.contains("no such image") {
        return EngineError::ImageNotFound(plan.image.clone());
    }
    EngineError::Refused(tidy(message))
}
