//! The first account, by the one-time link that the first start prints.

use aide::{
    axum::{ApiRouter, IntoApiResponse, routing::get_with},
    transform::TransformOperation,
};
use app::api::{
    session::Session as SessionDto,
    setup::{Setup, SetupState},
};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{extract::Body, session};
use crate::{
    app::App,
    auth::{limits::By, password, secret},
    http::{peer::Peer, problem::Problem},
    store::{
        StoreError,
        user::{NewUser, User},
    },
};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new().api_route("/setup", get_with(read, read_docs).post_with(create, create_docs))
}

fn read_docs(o: TransformOperation) -> TransformOperation {
    o.id("setup.read").summary("Whether the console waits for its first account")
}

async fn read(State(app): State<App>) -> Result<Json<SetupState>, Problem> {
    Ok(Json(SetupState { needed: !app.store().any_user().await? }))
}

fn create_docs(o: TransformOperation) -> TransformOperation {
    o.id("setup.create")
        .summary("Make the first account")
        .description("Uses the one-time token up, makes a platform administrator and signs in.")
        .response::<201, Json<SessionDto>>()
}

async fn create(
    State(app): State<App>,
    session: Extension<Session>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(request): Body<Setup>,
) -> Result<impl IntoApiResponse, Problem> {
    // The token has 256 bits: pacing keeps the log and the database quiet, no more.
    let attempt = session::attempt(&app, peer, By::Stranger { address: peer.0, account: "" }, "set_up")?;
    check_username(&request.username)?;
    check_new_password("password", &request.username, &request.password)?;
    let language = check_language(request.language)?;
    let password_hash = app.passwords().hash(&request.password).await;
    let user = NewUser { id: Uuid::now_v7().to_string(), username: request.username, password_hash, language, now: app.clock().now() };
    let as_user = User {
        id: user.id.clone(),
        username: user.username.clone(),
        password_hash: user.password_hash.clone(),
        password_changed_at: user.now,
        active: true,
        language: user.language.clone(),
        theme: "system".into(),
        preferences: "{}".into(),
        created_at: user.now,
    };
    let record = session::own_record(&app, &as_user, peer, "set_up");
    app.store().set_up(&secret::hash(&request.token), user, record).await.map_err(|e| match e {
        StoreError::Missing(_) => {
            app.trail().count(&peer.to_string(), "session.create", "set_up", "bad_token");
            Problem::bad_field("token", "expired", "This link has been used or has expired. `ecos admin setup-link` prints a new one.")
        }
        StoreError::Conflict(_) => Problem::new(StatusCode::CONFLICT, "already_set_up", "There is an account already: sign in."),
        e => e.into(),
    })?;
    attempt.succeeded();
    app.auth().refresh().await?;
    let record = session::own_record(&app, &as_user, peer, "sign_in");
    let answer = session::start(&app, &session, &as_user, peer, &headers, record).await?;
    Ok((StatusCode::CREATED, session::know_again(&app, &as_user, false), Json(answer)))
}

/// 2 to 64 of letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
pub fn check_username(name: &str) -> Result<(), Problem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if (2..=64).contains(&name.len()) && name.chars().all(allowed) && name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let detail = "2 to 64 of a-z, A-Z, 0-9, dot, underscore and hyphen, beginning with a letter or digit.";
    Err(Problem::bad_field("username", "invalid", detail))
}

/// Whether a new password will do.
pub fn check_new_password(field: &str, username: &str, new: &str) -> Result<(), Problem> {
    password::check(username, new).map_err(|weak| {
        let code = match weak {
            password::Weak::Length => "length",
            password::Weak::Username => "is_username",
        };
        Problem::bad_field(field, code, format!("{weak}."))
    })
}

/// A language that there are words in.
pub fn check_language(language: Option<String>) -> Result<Option<String>, Problem> {
    match language.as_deref() {
        None | Some("en" | "zh-CN") => Ok(language),
        Some(_) => Err(Problem::bad_field("language", "invalid", "en or zh-CN.")),
    }
}
