//! `Auth<P>`: the extractor that every operation begins with. It knows who asks and writes the permission into the OpenAPI
//! document; what may be touched is decided by looking it up.

use std::{marker::PhantomData, sync::Arc};

use aide::{
    OperationInput, OperationOutput as _,
    generate::GenContext,
    openapi::{Operation, Response as ResponseDoc},
};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};

use crate::{
    app::App,
    auth::{
        Actor, Permission, Permitted, Visible,
        permitted::ObjectRef,
        subject::{About, Subject},
    },
    http::{problem::Problem, request_id},
};

/// Somebody who is signed in and asks for `P`. Holds no transaction and no engine.
pub struct Auth<P> {
    pub actor: Arc<Actor>,
    pub app: App,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> FromRequestParts<App> for Auth<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Arc<Actor>>().cloned().ok_or_else(Problem::unauthenticated)?;
        Ok(Self { actor, app: app.clone(), permission: PhantomData })
    }
}

impl<P: Permission> OperationInput for Auth<P> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.extensions.insert("x-permission".into(), P::NAME.into());
        if P::STEP_UP {
            operation.extensions.insert("x-step-up".into(), true.into());
        }
        operation.security.extend(["session", "token"].map(|s| [(s.to_owned(), vec![])].into_iter().collect()));
    }

    fn inferred_early_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, ResponseDoc)> {
        [401, 403, 404].into_iter().filter_map(|code| Problem::operation_response(ctx, operation).map(|doc| (Some(code), doc))).collect()
    }
}

impl<P: Permission> Auth<P> {
    /// Somebody who asked a while ago: for work that goes on without the request.
    pub fn of(app: App, actor: Arc<Actor>) -> Self {
        Self { actor, app, permission: PhantomData }
    }

    /// The only filter that list queries accept.
    pub fn visible(&self) -> Visible<P> {
        Visible::of(&self.actor)
    }

    /// Whether `P` is held in any scope at all; else the refusal that somebody without it gets, on record.
    pub async fn anywhere(&self, kind: &'static str) -> Result<(), Problem> {
        if self.actor.rights.scopes(P::INDEX).next().is_some() {
            return Ok(());
        }
        self.permit(ObjectRef { kind, ..ObjectRef::default() }).await.map(drop)
    }

    /// Checks `P` for an object at hand. A refusal is put on record.
    pub async fn permit(&self, object: ObjectRef) -> Result<Permitted<P>, Problem> {
        let id = request_id::current();
        match Permitted::check(self.actor.clone(), object.clone(), self.app.clock().now(), &id) {
            Ok(permitted) => Ok(permitted),
            Err(denied) => {
                self.app.trail().refused(&self.actor, P::NAME, "", &object, &denied, &id).await;
                Err(denied.into())
            }
        }
    }
}

impl<P: About> Auth<P> {
    /// Looks an object up, which is authorising: what the person may not read is not there, what is there twice is a conflict
    /// that names both hosts.
    pub async fn subject(&self, key: &<P::Subject as Subject>::Key) -> Result<(Permitted<P>, P::Subject), Problem> {
        let mut candidates = P::Subject::candidates(&self.app, key).await?;
        let readable = |o: &ObjectRef| self.actor.rights.allow(P::READ, &o.scope).is_some() || self.actor.may::<P>(&o.scope);
        if candidates.iter().any(|(o, _)| readable(o)) {
            candidates.retain(|(o, _)| readable(o));
        }
        if candidates.len() > 1 && candidates.iter().all(|(o, _)| readable(o)) {
            let hosts: Vec<String> = candidates
                .iter()
                .map(|(o, _)| format!("{} ({})", o.host_name.clone().unwrap_or_default(), o.host_id.clone().unwrap_or_default()))
                .collect();
            let detail = format!("This id is on {} hosts: {}. Say which by host_id.", hosts.len(), hosts.join(", "));
            return Err(Problem::new(StatusCode::CONFLICT, "ambiguous", detail));
        }
        let Some((object, subject)) = candidates.into_iter().next() else { return Err(Problem::not_found(P::Subject::KIND)) };
        match self.permit(object).await {
            Ok(permitted) => Ok((permitted, subject)),
            Err(problem) if problem.status() == StatusCode::NOT_FOUND => Err(Problem::not_found(P::Subject::KIND)),
            Err(problem) => Err(problem),
        }
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        use crate::store::StoreError as E;
        match error {
            E::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "storage_full",
                "The disk that holds the console's database is full: nothing was changed.",
            ),
            E::ReadOnly => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "storage_read_only",
                "The console's data directory is read-only: nothing was changed.",
            ),
            E::Unreachable(_) => {
                tracing::error!(request_id = request_id::current(), %error, "the database cannot be used");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "storage_unavailable",
                    "The console's database cannot be used now. Whether a change was kept is not known: look before you repeat it.",
                )
            }
            E::Conflict(what) => Self::new(StatusCode::CONFLICT, "conflict", format!("{what} is taken.")),
            E::Missing(what) => Self::not_found(what),
            E::Setup(_) | E::Sql(_) => Self::internal(&error),
        }
    }
}
