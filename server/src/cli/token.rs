//! `ecos token create`.

use std::time::Duration;

use anyhow::Context as _;
use uuid::Uuid;

use super::open;
use crate::{
    auth::{Actor, Permission as _, permission::token, permitted::ObjectRef, secret},
    config::Settings,
    store::token::Token,
};

/// Longest name, in characters.
const NAME: usize = 100;

/// Makes a token; returns its secret, which is nowhere else.
pub async fn create(settings: Settings, user: &str, name: &str, role: Option<String>, expires: Option<Duration>) -> anyhow::Result<String> {
    let printable = !name.trim().is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control);
    anyhow::ensure!(printable, "a token's name has 1 to {NAME} printable characters");
    let app = open::app(settings).await?;
    let owner = app.store().user_by_name(user).await?.with_context(|| format!("there is no account {user}"))?;
    if let Some(role) = &role {
        app.auth().role(role).await?.with_context(|| format!("there is no role {role}"))?;
    }
    let (id, now) = (Uuid::now_v7().to_string(), app.clock().now());
    let bearer = secret::generate_token(app.random());
    let object = ObjectRef { kind: "token", id: id.clone(), name: format!("{name} of {}", owner.username), ..ObjectRef::default() };
    let detail = role.as_ref().map(|r| format!("role {r}")).unwrap_or_default();
    let record = app.trail().own_record(&Actor::command_line(), token::Create::NAME, "token.create", &object, detail);
    let token = Token {
        id,
        user_id: owner.id,
        name: name.to_owned(),
        hash: secret::hash(&bearer),
        role,
        project_id: None,
        environment_id: None,
        created_at: now,
        expires_at: expires.map(|e| now + e.as_millis() as i64),
        last_used_at: None,
        revoked_at: None,
    };
    app.store().create_token(token, record).await?;
    Ok(bearer)
}
