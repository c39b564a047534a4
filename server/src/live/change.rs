//! What happened to one object, and who may hear of it.

use std::sync::Arc;

use app::api::live::Changed;

use crate::{auth::ObjectScope, clock::Millis, fleet::model::HostEntry};

/// What kinds of objects can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Container,
    Host,
    Event,
    Audit,
    Operation,
    Session,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Container, Self::Host, Self::Event, Self::Audit, Self::Operation, Self::Session];

    /// As it is written on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Host => "host",
            Self::Event => "event",
            Self::Audit => "audit",
            Self::Operation => "operation",
            Self::Session => "session",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Whom a change concerns. What depends on rights and ownership is looked up when it is asked, so that it holds by the rights of then.
#[derive(Clone, Debug)]
pub enum Audience {
    /// Who may read the container, whosever it is.
    Container { environment_id: Option<String>, created_at: Millis },
    /// Who sees the host, as it was at the change.
    Host(Arc<HostEntry>),
    /// Who holds the kind's read permission there.
    Scope(ObjectScope),
    /// The person whose it is, by their id; none of their tokens.
    Person(String),
    /// Who began the operation, and who may read others'.
    Operation { user_id: String, token_id: Option<String> },
}

/// One object that changed.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: Kind,
    pub id: String,
    /// Where the object is on a host. Two hosts may hold the same id: those are two objects.
    pub host_id: Option<String>,
    /// Only grows, for each object.
    pub version: u64,
    pub audience: Audience,
    pub at: Millis,
}

impl Change {
    pub(super) fn dto(&self) -> Changed {
        Changed { kind: self.kind.word().to_owned(), id: self.id.clone(), version: self.version }
    }
}
