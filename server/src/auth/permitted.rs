//! The proofs: [`Permitted`] for one object, [`Visible`] for lists.

use std::{marker::PhantomData, sync::Arc};

use super::{
    actor::Actor,
    permission::{Permission, account},
    scope::{ObjectScope, Scope},
};

/// An object as checks and the trail name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectRef {
    /// `container`, `host`, `account` …
    pub kind: &'static str,
    pub id: String,
    pub name: String,
    pub host_id: Option<String>,
    pub host_name: Option<String>,
    pub scope: ObjectScope,
}

/// Why something is not permitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// May not even read it: for this person it is not there.
    #[error("there is no such object")]
    Invisible,
    /// May read it, not do this.
    #[error("{permission} is needed for this")]
    Lacking { permission: &'static str },
    /// The session's password must be given again.
    #[error("this wants your password again")]
    StepUp,
}

/// The proof that somebody may do `P` with one object.
#[derive(Clone, Debug)]
pub struct Permitted<P> {
    actor: Arc<Actor>,
    object: ObjectRef,
    /// `operator @ project`, for the trail.
    by_right: String,
    request_id: String,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Permitted<P> {
    /// The one place where a permission is checked. `now` decides step-up.
    pub fn check(actor: Arc<Actor>, object: ObjectRef, now: i64, request_id: &str) -> Result<Self, Denied> {
        use super::actor::Identity;
        if !actor.may::<P>(&object.scope) {
            // Everyone reads their own account.
            let readable = P::READ == account::Read::INDEX || actor.rights.allow(P::READ, &object.scope).is_some();
            return Err(if readable { Denied::Lacking { permission: P::NAME } } else { Denied::Invisible });
        }
        if let Identity::Session { step_up_until, .. } = actor.identity
            && P::STEP_UP
            && step_up_until <= now
        {
            return Err(Denied::StepUp);
        }
        let by_right = actor
            .rights
            .allow(P::INDEX, &object.scope)
            .map_or_else(|| "own account".to_owned(), |r| format!("{} @ {}", r.role, r.scope.word()));
        Ok(Self { actor, object, by_right, request_id: request_id.to_owned(), permission: PhantomData })
    }

    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    pub fn object(&self) -> &ObjectRef {
        &self.object
    }

    pub fn by_right(&self) -> &str {
        &self.by_right
    }

    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

/// What somebody may see in lists under `P`: the only filter that list queries accept.
#[derive(Clone, Debug)]
pub struct Visible<P> {
    scopes: Vec<Scope>,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Visible<P> {
    pub fn of(actor: &Actor) -> Self {
        let mut scopes: Vec<Scope> = actor.rights.scopes(P::INDEX).cloned().collect();
        if scopes.contains(&Scope::Platform) {
            scopes = vec![Scope::Platform];
        }
        Self { scopes, permission: PhantomData }
    }

    pub fn sees(&self, object: &ObjectScope) -> bool {
        self.scopes.iter().any(|s| s.covers(object))
    }

    /// The same, for lists that have the parts at hand.
    pub fn reaches(&self, project: Option<&str>, environment: Option<&str>) -> bool {
        self.scopes.iter().any(|s| s.reaches(project, environment))
    }

    /// Whether it is everything.
    pub fn everything(&self) -> bool {
        self.scopes.first() == Some(&Scope::Platform)
    }

    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}
