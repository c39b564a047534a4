//! Names within a request: the container's own under its project, and the networks and volumes that it wants to use.

use axum::http::StatusCode;

use crate::{
    api::containers::rules::Place,
    app::App,
    auth::{
        Permission, Permitted,
        permission::{network, volume},
        scope::ObjectScope,
    },
    fleet::{Engine, plan::Plan},
    http::problem::Problem,
};

/// The engine's name for what a person calls `asked`: in a project it begins with the project's. `image` where nothing was asked for, with
/// something of `key` that no other has.
pub fn given(app: &App, place: &Place, asked: Option<&str>, image: &str, key: &str) -> String {
    let own = asked.map_or_else(
        || {
            let last = image.rsplit('/').next().unwrap_or_default();
            let base = last.split([':', '@']).next().filter(|b| !b.is_empty()).unwrap_or("container");
            format!("{base}-{}", &key[key.len().saturating_sub(6)..])
        },
        str::to_owned,
    );
    match prefix(app, place) {
        Some(prefix) if !own.starts_with(&prefix) => prefix + &own,
        _ => own,
    }
}

/// `payments-` in the project `payments`.
fn prefix(app: &App, place: &Place) -> Option<String> {
    let id = place.project.as_deref()?;
    let directory = app.auth().directory();
    Some(format!("{}-", directory.project_name(id).unwrap_or(id)))
}

/// Whether all networks and volumes that a plan names may be used by whoever asks. What may not be is told as if it were not there: a new
/// volume is made under the project's own prefix, where only the project's own can be met.
pub async fn check_names<P: Permission>(
    app: &App,
    permitted: &Permitted<P>,
    place: &Place,
    engine: &Engine,
    plan: &Plan,
    mounts: &str,
    networks: &str,
) -> Result<(), Problem> {
    let wanted = plan.wanted(&[]);
    let named = engine.named(&wanted).await?;
    let directory = app.auth().directory();
    let rights = &permitted.actor().rights;
    let environment = place.host.environment_id.as_deref();
    let may = |kind: &str, id: &str, at: i64, index: usize| {
        let scope: ObjectScope = directory.scope(&place.host.id, environment, kind, id, at);
        (scope.project.is_some() && scope.project == place.project) || rights.allow(index, &scope).is_some()
    };
    let mut wrong = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", "It names something that is not there.");
    for (i, network) in plan.networks().enumerate() {
        let usable = named.networks.get(network).is_some_and(|(id, at)| may("network", id, *at, network::Use::INDEX));
        if !usable {
            wrong = wrong.field(&format!("{networks}[{i}]"), "not_found", "There is no such network.");
        }
    }
    let prefix = prefix(app, place);
    for (i, mount) in wanted.mounts.iter().enumerate().filter(|(_, m)| m.kind == "volume" && !m.source.is_empty()) {
        let field = format!("{mounts}[{i}].source");
        match (named.volumes.get(&mount.source), &prefix) {
            (Some(at), _) if may("volume", &mount.source, *at, volume::Use::INDEX) => {}
            (None, None) => {}
            (None, Some(prefix)) if mount.source.starts_with(prefix.as_str()) => {}
            (_, Some(prefix)) if !mount.source.starts_with(prefix.as_str()) => {
                wrong = wrong.field(&field, "not_found", format!("There is no such volume; a new one has to begin with {prefix}."));
            }
            _ => wrong = wrong.field(&field, "not_found", "There is no such volume that may be used."),
        }
    }
    if wrong.errors().is_empty() { Ok(()) } else { Err(wrong) }
}
