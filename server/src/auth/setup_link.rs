//! The one-time link to the first account.

use super::{Actor, Permission as _, permission::user, permitted::ObjectRef, secret};
use crate::{app::App, clock::Millis, store::StoreError};

/// How long it holds.
const VALID: Millis = 60 * 60 * 1000;

/// A new link; earlier ones end. `None` once there is an account. The token stands in the fragment, which browsers keep to
/// themselves.
pub async fn make(app: &App) -> Result<Option<String>, StoreError> {
    if app.store().any_user().await? {
        return Ok(None);
    }
    let token = secret::generate(app.random());
    let now = app.clock().now();
    // Whoever starts the console and whoever asks by the command line have a shell on its machine.
    let object = ObjectRef { kind: "account", name: "the first account".into(), ..ObjectRef::default() };
    let record = app.trail().own_record(&Actor::command_line(), user::Manage::NAME, "setup_link.create", &object, "");
    app.store().create_setup_token(&secret::hash(&token), now, now + VALID, record).await?;
    Ok(Some(format!("{}/setup#{token}", app.settings().address())))
}
