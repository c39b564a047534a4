//! `ecos admin create`, `ecos admin reset`.

use anyhow::{Context as _, bail};
use uuid::Uuid;

use super::open;
use crate::{
    app::App,
    auth::{Actor, Permission as _, password, permission::user, permitted::ObjectRef, username},
    config::Settings,
    store::{Draft, StoreError, user::NewUser},
};

/// What the trail says of it.
fn record(app: &App, action: &str, id: &str, name: &str) -> Draft {
    let object = ObjectRef { kind: "account", id: id.to_owned(), name: name.to_owned(), ..ObjectRef::default() };
    app.trail().own_record(&Actor::command_line(), user::Manage::NAME, action, &object, "")
}

/// Makes a platform administrator.
pub async fn create(settings: Settings, username: &str, password: String) -> anyhow::Result<String> {
    username::check(username)?;
    password::check(username, &password)?;
    let app = open::app(settings).await?;
    let id = Uuid::now_v7().to_string();
    let record = record(&app, "account.create", &id, username);
    let password_hash = app.passwords().hash(&password).await;
    let user = NewUser { id, username: username.to_owned(), password_hash, language: None, now: app.clock().now() };
    match app.store().create_user(user, Some("platform-admin"), record).await {
        Ok(()) => Ok(format!("{username} is a platform administrator now.\n")),
        Err(StoreError::Conflict(_)) => bail!("there is an account {username} already"),
        Err(e) => Err(e.into()),
    }
}

/// A new password for somebody who is locked out.
pub async fn reset(settings: Settings, username: &str, password: String) -> anyhow::Result<String> {
    let app = open::app(settings).await?;
    let user = app.store().user_by_name(username).await?.with_context(|| format!("there is no account {username}"))?;
    password::check(&user.username, &password)?;
    let record = record(&app, "account.reset", &user.id, &user.username);
    let hash = app.passwords().hash(&password).await;
    app.store().set_password(&user.id, &hash, None, app.clock().now(), record).await?;
    Ok(format!("{} has the new password; all sessions of that account have ended.\n", user.username))
}
