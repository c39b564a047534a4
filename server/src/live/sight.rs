//! What one person may hear of, by the rights of now.

use std::sync::Arc;

use super::change::{Audience, Change, Kind};
use crate::{
    api::list::hosts,
    auth::{
        Actor, Authenticator, ObjectScope, Permitted, Visible,
        directory::Directory,
        permission::{audit, container, event, host, operation},
        permitted::ObjectRef,
    },
    clock::Millis,
    fleet::model::{ContainerEntry, HostEntry},
};

/// Made anew whenever rights change.
#[derive(Debug)]
pub struct Sight {
    actor: Arc<Actor>,
    directory: Arc<Directory>,
    containers: Visible<container::Read>,
    hosts: Visible<host::Read>,
    events: Visible<event::Read>,
    records: Visible<audit::Read>,
    operations: Visible<operation::Read>,
}

impl Sight {
    pub fn new(auth: &Authenticator, actor: Arc<Actor>) -> Self {
        Self {
            directory: auth.directory(),
            containers: Visible::of(&actor),
            hosts: Visible::of(&actor),
            events: Visible::of(&actor),
            records: Visible::of(&actor),
            operations: Visible::of(&actor),
            actor,
        }
    }

    /// A number that stands for whose objects are whose, as far as the person sees them.
    pub fn belongings(&self) -> u64 {
        self.directory.belongings(self.actor.rights.iter().map(|r| &r.scope))
    }

    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// Whether it still is what [`Sight::new`] would make now.
    pub fn is_current(&self, auth: &Authenticator, actor: &Actor) -> bool {
        self.directory.version == auth.directory().version && self.actor.rights == actor.rights
    }

    /// Whether the person may hear of it.
    pub fn sees(&self, change: &Change) -> bool {
        match (&change.audience, change.kind) {
            (Audience::Container { environment_id, created_at }, _) => {
                let host_id = change.host_id.as_deref().unwrap_or_default();
                self.sees_container(host_id, environment_id.as_deref(), &change.id, *created_at)
            }
            (Audience::Host(entry), _) => hosts::sees(&self.hosts, &self.directory, entry),
            (Audience::Scope(scope), kind) => self.reads(kind, scope),
            (Audience::Operation { user_id, token_id }, kind) => {
                self.actor.began(user_id, token_id.as_deref()) || self.reads(kind, &ObjectScope::platform())
            }
            (Audience::Person(id), _) => self.actor.token_id().is_none() && self.actor.began(id, None),
        }
    }

    /// Whether the person may read a container.
    pub fn sees_container(&self, host_id: &str, environment_id: Option<&str>, id: &str, created_at: Millis) -> bool {
        self.containers.reaches(self.directory.owner(host_id, "container", id, created_at), environment_id)
    }

    /// The proof that the person may read a container.
    pub fn permit(&self, host: &HostEntry, container: &ContainerEntry, now: Millis) -> Option<Permitted<container::Read>> {
        let object = ObjectRef {
            kind: "container",
            id: container.id.clone(),
            name: container.name.clone(),
            host_id: Some(host.id.clone()),
            host_name: Some(host.name.clone()),
            scope: self.directory.scope(&host.id, host.environment_id.as_deref(), "container", &container.id, container.created_at),
        };
        Permitted::check(self.actor.clone(), object, now, "").ok()
    }

    fn reads(&self, kind: Kind, scope: &ObjectScope) -> bool {
        match kind {
            Kind::Container => self.containers.sees(scope),
            Kind::Host => self.hosts.sees(scope),
            Kind::Event => self.events.sees(scope),
            Kind::Audit => self.records.sees(scope),
            Kind::Operation => self.operations.sees(scope),
            // Always somebody's own.
            Kind::Session => false,
        }
    }
}
