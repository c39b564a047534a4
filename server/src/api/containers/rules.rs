//! The policy and the gate for one container on one host: who asks, whose it is, under which rules.

use std::sync::Arc;

use crate::{
    app::App,
    auth::{
        Permission, Permitted,
        directory::{Directory, EnvironmentRule},
        gate::{Effect, Passed, gate},
        permission::platform,
        scope::ObjectScope,
    },
    fleet::{
        model::{ContainerEntry, HostEntry},
        policy::{Exception, Exceptions, Finding, Owner, Road, Rules, Subject},
    },
    http::problem::Problem,
};

/// Whose something on a host is, or shall be.
#[derive(Clone, Debug)]
pub struct Place {
    pub host: Arc<HostEntry>,
    /// The project's id; `None`: the platform's.
    pub project: Option<String>,
}

impl Place {
    pub fn scope(&self) -> ObjectScope {
        ObjectScope { project: self.project.clone(), environment: self.host.environment_id.clone() }
    }

    fn owner(&self) -> Owner {
        self.project.clone().map_or(Owner::Platform, Owner::Project)
    }

    fn environment<'a>(&self, directory: &'a Directory) -> Option<&'a EnvironmentRule> {
        self.host.environment_id.as_deref().and_then(|id| directory.environment(id))
    }

    /// Today's rules for what belongs there, and who is judged by them.
    pub fn rules<P: Permission>(&self, app: &App, permitted: &Permitted<P>, road: Road) -> (Rules, Subject) {
        let directory = app.auth().directory();
        let rights = &permitted.actor().rights;
        let subject = Subject {
            platform_admin: rights.allow(platform::Manage::INDEX, &ObjectScope::platform()).is_some(),
            owner: self.owner(),
            protected: self.environment(&directory).is_some_and(|e| e.protected),
            road,
        };
        // What belongs to the same owner may share namespaces and volumes.
        let host_id = &self.host.id;
        let own = |c: &&Arc<ContainerEntry>| directory.owner(host_id, "container", &c.id, c.created_at) == self.project.as_deref();
        let siblings = self.host.containers.iter().filter(own).flat_map(|c| [c.id.clone(), c.name.clone()]).collect();
        let exceptions = directory.exceptions(app.clock().now()).map(|e| Exception {
            owner: e.project_id.clone().map_or(Owner::Platform, Owner::Project),
            container: e.container.clone(),
            code: e.code.clone(),
            value: e.value.clone(),
        });
        (Rules { siblings, exceptions: Exceptions(exceptions.collect()), ..Rules::default() }, subject)
    }

    /// Passes the gate of the host's environment; a refusal goes on record.
    pub async fn pass<P: Permission>(
        &self,
        app: &App,
        permitted: &Permitted<P>,
        effect: Effect,
        action: &'static str,
    ) -> Result<Passed, Problem> {
        let directory = app.auth().directory();
        match gate(self.environment(&directory), effect, None) {
            Ok(passed) => Ok(passed),
            Err(closed) => {
                app.trail().refused_by(permitted, action, &closed.to_string()).await;
                Err(closed.into())
            }
        }
    }
}

/// Findings as the trail tells them.
pub fn said(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
