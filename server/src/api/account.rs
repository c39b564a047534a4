//! One's own account: language, theme, password, sessions.

use aide::{
    axum::{
        ApiRouter, IntoApiResponse,
        routing::{delete_with, get_with, put_with},
    },
    transform::TransformOperation,
};
use app::api::account::{Account, ChangePassword, HeldRole, OwnSession, OwnSessions, UpdateAccount};
use axum::{Extension, Json, extract::Path, http::StatusCode};
use serde_json::{Value, json};

use super::{
    auth::Auth,
    extract::{Body, NoBody},
    session::{check_password, know_again},
    setup::{check_language, check_new_password},
};
use crate::api::extract::Id;
use crate::{
    app::App,
    auth::{
        Actor, Scope,
        actor::{Identity, Right},
        permission::{self, account},
    },
    clock::rfc3339,
    http::{peer::Peer, problem::Problem},
    store::user::User,
};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/account", get_with(read, |o| o.id("account.read").summary("One's own account")).patch_with(update, update_docs))
        .api_route("/account/password", put_with(change_password, change_password_docs))
        .api_route("/account/sessions", get_with(sessions, |o| o.id("account.sessions").summary("One's own sessions")))
        .api_route("/account/sessions/{id}", delete_with(end_session, end_session_docs))
}

async fn read(auth: Auth<account::Read>) -> Result<Json<Account>, Problem> {
    let (_, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    dto(&auth.app, &auth.actor, account.0).await.map(Json)
}

/// An account as its owner is told of it. A token is told what it may itself.
async fn dto(app: &App, actor: &Actor, user: User) -> Result<Account, Problem> {
    if actor.token_id().is_some() {
        return Ok(Account { roles: actor.rights.iter().map(|r| held(app, r)).collect(), preferences: json!({}), ..plain(user) });
    }
    let grants = app.store().grants_of(&user.id, app.clock().now()).await?;
    let held = |g: crate::store::grant::GrantRow| HeldRole {
        role: g.role,
        scope: Scope::from_parts(g.project_id, g.environment_id).word().to_owned(),
        project_name: g.project_name,
        environment_name: g.environment_name,
        expires_at: g.expires_at.map(rfc3339),
    };
    let preferences = serde_json::from_str(&user.preferences).unwrap_or_default();
    Ok(Account { roles: grants.into_iter().map(held).collect(), preferences, ..plain(user) })
}

/// What every reader is told.
fn plain(user: User) -> Account {
    Account {
        id: user.id,
        username: user.username,
        language: user.language,
        theme: user.theme,
        created_at: rfc3339(user.created_at),
        password_changed_at: rfc3339(user.password_changed_at),
        roles: Vec::new(),
        preferences: json!({}),
    }
}

/// A right as it holds for a token.
fn held(app: &App, right: &Right) -> HeldRole {
    let directory = app.auth().directory();
    let (project, environment) = right.scope.parts();
    HeldRole {
        role: right.role.clone(),
        scope: right.scope.word().to_owned(),
        project_name: project.and_then(|id| directory.project_name(id)).map(str::to_owned),
        environment_name: environment.and_then(|id| directory.environment(id)).map(|e| e.name.clone()),
        expires_at: None,
    }
}

fn update_docs(o: TransformOperation) -> TransformOperation {
    o.id("account.update").summary("Change language, theme or preferences").description(
        "What is absent stays, also of the preferences: their top-level names are replaced one by one, and taken away by `null`.",
    )
}

async fn update(auth: Auth<account::Update>, Body(request): Body<UpdateAccount>) -> Result<Json<Account>, Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let language = check_language(request.language)?;
    if request.theme.as_deref().is_some_and(|t| !["light", "dark", "system"].contains(&t)) {
        return Err(Problem::bad_field("theme", "invalid", "light, dark or system."));
    }
    let preferences = match request.preferences {
        Some(Value::Object(changed)) => Some(changed),
        Some(_) => return Err(Problem::bad_field("preferences", "wrong_type", "A JSON object.")),
        None => None,
    };
    let record = auth.app.trail().record(&permitted, "update", "");
    if !auth.app.store().update_account(&account.0.id, language, request.theme, preferences, record).await? {
        return Err(Problem::bad_field("preferences", "out_of_range", "At most 64 KiB in all."));
    }
    let user = auth.app.store().user(&account.0.id).await?.ok_or_else(|| Problem::not_found("account"))?;
    dto(&auth.app, &auth.actor, user).await.map(Json)
}

fn change_password_docs(o: TransformOperation) -> TransformOperation {
    o.id("account.change_password").summary("Change the password").description("Ends all other sessions.").response::<204, ()>()
}

async fn change_password(
    auth: Auth<account::Update>,
    Extension(peer): Extension<Peer>,
    Body(request): Body<ChangePassword>,
) -> Result<impl IntoApiResponse, Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let user = account.0;
    check_password(&auth, peer, &user, &request.current_password, "change_password", "current_password").await?;
    check_new_password("new_password", &user.username, &request.new_password)?;
    let hash = auth.app.passwords().hash(&request.new_password).await;
    let keep = match &auth.actor.identity {
        Identity::Session { session, .. } => Some(session.as_str()),
        _ => None,
    };
    let record = auth.app.trail().record(&permitted, "change_password", "");
    auth.app.store().set_password(&user.id, &hash, keep, auth.app.clock().now(), record).await?;
    auth.app.auth().refresh().await?;
    let user = User { password_hash: hash, ..user };
    Ok((know_again(&auth.app, &user, false), StatusCode::NO_CONTENT))
}

async fn sessions(auth: Auth<permission::session::Read>) -> Result<Json<OwnSessions>, Problem> {
    let (_, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let rows = auth.app.store().sessions_of(&account.0.id, auth.app.clock().now()).await?;
    let current = match &auth.actor.identity {
        Identity::Session { session, .. } => session.as_str(),
        _ => "",
    };
    let items = rows
        .into_iter()
        .map(|row| OwnSession {
            current: row.id == current,
            created_at: rfc3339(row.created_at),
            last_seen_at: rfc3339(row.last_seen_at),
            address: row.address,
            user_agent: row.user_agent,
            id: row.id,
        })
        .collect();
    Ok(Json(OwnSessions { items }))
}

fn end_session_docs(o: TransformOperation) -> TransformOperation {
    o.id("account.end_session").summary("End one of one's own sessions").response::<204, ()>()
}

async fn end_session(auth: Auth<account::Update>, Path(Id { id }): Path<Id>, _: NoBody) -> Result<StatusCode, Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    // Only one's own: another's id is as good as none.
    let own =
        auth.app.store().session(&id).await?.filter(|row| row.user_id == account.0.id).ok_or_else(|| Problem::not_found("session"))?;
    let detail = format!("from {}", own.address);
    auth.app.store().delete_session(&own.id, Some(auth.app.trail().record(&permitted, "end_session", detail))).await?;
    auth.app.auth().refresh().await?;
    Ok(StatusCode::NO_CONTENT)
}
