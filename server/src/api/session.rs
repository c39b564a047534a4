//! Signing in and out, and step-up.

use std::sync::Arc;

use aide::{
    axum::{
        ApiRouter, IntoApiResponse,
        routing::{get_with, post_with},
    },
    transform::TransformOperation,
};
use app::api::session::{Session as SessionDto, SignIn, StepUp};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::AppendHeaders,
};
use tower_sessions::Session;

use super::{
    auth::Auth,
    extract::{Body, NoBody},
};
use crate::{
    app::App,
    auth::{
        Actor, Scope,
        actor::{Identity, Rights},
        device,
        limits::{Attempt, By},
        permission::{ALL, account},
        permitted::ObjectRef,
    },
    clock::{Millis, rfc3339},
    http::{
        edge::credentials::{device_cookie, device_cookie_name},
        peer::Peer,
        problem::Problem,
        session::{self, SessionError},
    },
    store::{Draft, StoreError, user::User},
};

/// How long a browser is known again, in seconds.
const KNOWN: u32 = 365 * 24 * 3600;

/// How long a password that was given counts as given again.
pub const STEP_UP: Millis = 5 * 60_000;

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/session", get_with(read, read_docs).post_with(create, create_docs).delete_with(delete, delete_docs))
        .api_route("/session/step-up", post_with(step_up, step_up_docs))
}

fn create_docs(o: TransformOperation) -> TransformOperation {
    o.id("session.create")
        .summary("Sign in")
        .description("Sets the session's cookie. Tries are paced for each address and account.")
        .response::<201, Json<SessionDto>>()
}

async fn create(
    State(app): State<App>,
    session: Extension<Session>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(request): Body<SignIn>,
) -> Result<impl IntoApiResponse, Problem> {
    let user = app.store().user_by_name(&request.username).await?;
    let cookie = device_cookie(app.settings(), &headers);
    let device = user.as_ref().zip(cookie).and_then(|(user, cookie)| device::known(cookie, user));
    let by = match device {
        Some(device) => By::Device { address: peer.0, account: &request.username, device },
        None => By::Stranger { address: peer.0, account: &request.username },
    };
    let attempt = attempt(&app, peer, by, "sign_in")?;
    let fits = app.passwords().verify(&request.password, user.as_ref().map(|u| u.password_hash.as_str())).await;
    let Some(user) = user.filter(|u| fits && u.active) else {
        app.trail().count(&peer.to_string(), "session.create", "sign_in", "wrong_password");
        return Err(wrong_credentials());
    };
    attempt.succeeded();
    let record = own_record(&app, &user, peer, "sign_in");
    let answer = start(&app, &session, &user, peer, &headers, record).await?;
    Ok((StatusCode::CREATED, know_again(&app, &user, device.is_some()), Json(answer)))
}

fn wrong_credentials() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "The username or the password is wrong.")
}

/// The cookie by which the browser is known again; none where it is `known` already.
pub fn know_again(app: &App, user: &User, known: bool) -> AppendHeaders<Option<(HeaderName, String)>> {
    let settings = app.settings();
    let value = if known { None } else { device::issue(app.random(), user) };
    AppendHeaders(value.map(|value| {
        let secure = if settings.is_secure() { "; Secure" } else { "" };
        let name = device_cookie_name(settings);
        (header::SET_COOKIE, format!("{name}={value}; Path=/; Max-Age={KNOWN}; HttpOnly; SameSite=Strict{secure}"))
    }))
}

/// Asks to try a password; refusals are counted in the trail.
pub fn attempt(app: &App, peer: Peer, by: By<'_>, action: &'static str) -> Result<Attempt, Problem> {
    app.limits().attempt(by).map_err(|e| {
        app.trail().count(&peer.to_string(), "session.create", action, "too_many_tries");
        e.into()
    })
}

/// A record of somebody's doing before there is a session.
pub fn own_record(app: &App, user: &User, peer: Peer, action: &str) -> Draft {
    let identity =
        Identity::Session { user_id: user.id.clone(), username: user.username.clone(), session: String::new(), step_up_until: 0 };
    let actor = Actor { identity, rights: Arc::new(Rights::default()), address: peer.to_string(), rights_version: 0 };
    let object = ObjectRef { kind: "session", id: user.id.clone(), name: user.username.clone(), ..ObjectRef::default() };
    let mut record = app.trail().own_record(&actor, "session.create", action, &object, "");
    record.request_id = crate::http::request_id::current();
    record
}

/// Makes the session and tells who is signed in.
pub async fn start(
    app: &App,
    session: &Session,
    user: &User,
    peer: Peer,
    headers: &HeaderMap,
    record: Draft,
) -> Result<SessionDto, Problem> {
    let user_agent = headers.get(header::USER_AGENT).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let step_up_until = app.clock().now() + STEP_UP;
    let sign_in = session::SignIn { user_id: &user.id, password_hash: &user.password_hash, peer, user_agent, step_up_until };
    let row = session::start(app, session, sign_in, record).await.map_err(|e| match e {
        // Another password was set while this one was looked at.
        SessionError::Store(StoreError::Missing(_)) => wrong_credentials(),
        e => failed(e),
    })?;
    let actor = app.auth().session(&row, &peer.to_string()).await.map_err(|e| Problem::internal(&e))?;
    Ok(dto(&actor, user))
}

pub fn failed(error: SessionError) -> Problem {
    match error {
        SessionError::Store(e) => e.into(),
        // The store's own words come through tower-sessions as text.
        SessionError::Session(e) => {
            tracing::error!(error = %e, "a session could not be kept");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "storage_unavailable",
                "The session could not be kept: the console's database cannot be written now.",
            )
        }
    }
}

/// Who is signed in, as the API tells it.
pub fn dto(actor: &Actor, user: &User) -> SessionDto {
    let anywhere = actor.rights.anywhere();
    let (via, step_up_until) = match &actor.identity {
        Identity::Session { step_up_until, .. } => ("session", Some(*step_up_until).filter(|at| *at > 0)),
        _ => ("token", None),
    };
    SessionDto {
        user_id: user.id.clone(),
        username: user.username.clone(),
        language: user.language.clone(),
        theme: user.theme.clone(),
        permissions: ALL.iter().enumerate().filter(|(i, _)| anywhere.has(*i)).map(|(_, p)| p.name.to_owned()).collect(),
        platform: actor.rights.iter().any(|r| r.scope == Scope::Platform),
        step_up_until: step_up_until.map(rfc3339),
        via: via.to_owned(),
    }
}

fn read_docs(o: TransformOperation) -> TransformOperation {
    o.id("session.read").summary("Who is signed in")
}

async fn read(auth: Auth<account::Read>) -> Result<Json<SessionDto>, Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    Ok(Json(dto(permitted.actor(), &account.0)))
}

fn delete_docs(o: TransformOperation) -> TransformOperation {
    o.id("session.delete").summary("Sign out").response::<204, ()>()
}

async fn delete(auth: Auth<account::Update>, session: Extension<Session>, _: NoBody) -> Result<StatusCode, Problem> {
    let (permitted, _) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let record = auth.app.trail().record(&permitted, "sign_out", "");
    session::end(&auth.app, &session, record).await.map_err(failed)?;
    auth.app.auth().refresh().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn step_up_docs(o: TransformOperation) -> TransformOperation {
    o.id("session.step_up")
        .summary("Give the password again")
        .description("For five minutes, what wants step-up is allowed to this session.")
}

async fn step_up(
    auth: Auth<account::Update>,
    Extension(peer): Extension<Peer>,
    Body(request): Body<StepUp>,
) -> Result<Json<SessionDto>, Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let Identity::Session { session, .. } = &auth.actor.identity else { return Err(Problem::unauthenticated()) };
    let user = account.0;
    check_password(&auth, peer, &user, &request.password, "step_up", "password").await?;
    let until = auth.app.clock().now() + STEP_UP;
    auth.app.store().set_step_up(session, until, auth.app.trail().record(&permitted, "step_up", "")).await?;
    Ok(Json(SessionDto { step_up_until: Some(rfc3339(until)), ..dto(&auth.actor, &user) }))
}

/// Somebody's own password once more, at the pace of their session: others' tries are no matter. Wrong: 422 on the field.
pub async fn check_password<P>(
    auth: &Auth<P>,
    peer: Peer,
    user: &User,
    password: &str,
    action: &'static str,
    field: &str,
) -> Result<(), Problem> {
    let app = &auth.app;
    let by = match &auth.actor.identity {
        Identity::Session { session, .. } => By::Session(session),
        _ => By::Stranger { address: peer.0, account: &user.username },
    };
    let attempt = attempt(app, peer, by, action)?;
    if !app.passwords().verify(password, Some(&user.password_hash)).await {
        app.trail().count(&peer.to_string(), "session.create", action, "wrong_password");
        return Err(Problem::bad_field(field, "wrong_password", "The password is wrong."));
    }
    attempt.succeeded();
    Ok(())
}
