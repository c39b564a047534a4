//! Exceptions from the container policy, by name, with a reason.

use aide::{
    axum::{
        ApiRouter,
        routing::{delete_with, get_with},
    },
    transform::TransformOperation,
};
use app::api::{
    host::Named,
    spec::{NewPolicyException, PolicyException},
};
use axum::{Json, extract::Path, http::StatusCode};
use uuid::Uuid;

use super::{
    auth::Auth,
    extract::{Body, Id, NoBody},
};
use crate::{
    app::App,
    auth::{
        directory::Directory,
        permission::policy::{Manage, Read},
        permitted::ObjectRef,
    },
    clock::{Millis, rfc3339},
    http::problem::Problem,
    store::exception::ExceptionRow,
};

/// What can be excepted: the policy's own codes, without those that nothing covers.
const CODES: &[&str] = &[
    "annotation",
    "bind",
    "bind_engine",
    "capability",
    "cgroup_parent",
    "device",
    "device_request",
    "device_cgroup_rule",
    "foreign_link",
    "foreign_namespace",
    "foreign_volumes",
    "host_gateway",
    "host_namespace",
    "image_not_allowed",
    "image_without_digest",
    "log_address",
    "log_driver",
    "mount_kind",
    "mount_propagation",
    "mount_target",
    "network_alias",
    "network_option",
    "oom_kill_disabled",
    "oom_score",
    "plugin",
    "privileged",
    "published_port",
    "realtime",
    "runtime",
    "security_option",
    "sysctl",
    "ulimit",
    "unmasked_path",
    "volume_bind",
    "volume_options",
    "writable_path",
];

/// The longest that one that ends by itself may hold, in days.
const LONGEST: u32 = 366;
const DAY: Millis = 24 * 60 * 60 * 1000;

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/policy/exceptions", get_with(list, list_docs).post_with(create, create_docs))
        .api_route("/policy/exceptions/{id}", delete_with(end, end_docs))
}

fn list_docs(o: TransformOperation) -> TransformOperation {
    o.id("policy.exceptions").summary("Exceptions from the container policy")
}

async fn list(auth: Auth<Read>) -> Result<Json<Vec<PolicyException>>, Problem> {
    auth.subject(&()).await?;
    let directory = auth.app.auth().directory();
    Ok(Json(directory.exceptions(auth.app.clock().now()).map(|e| dto(e, &directory)).collect()))
}

fn create_docs(o: TransformOperation) -> TransformOperation {
    o.id("policy.except")
        .summary("Except a container or a project from a rule of the policy")
        .description("By name and with a reason, which stands on the container's page and in the trail.")
        .response::<201, Json<PolicyException>>()
}

async fn create(auth: Auth<Manage>, Body(request): Body<NewPolicyException>) -> Result<(StatusCode, Json<PolicyException>), Problem> {
    if !CODES.contains(&request.code.as_str()) {
        return Err(Problem::bad_field("code", "invalid", "A code of the policy's findings that can be excepted."));
    }
    let reason = request.reason.trim();
    if !(3..=500).contains(&reason.len()) {
        return Err(Problem::bad_field("reason", "length", "3 to 500 characters: whoever reads it wants to know why."));
    }
    if request.container.as_deref().is_some_and(|name| !super::containers::is_name(name)) {
        return Err(Problem::bad_field("container", "invalid", "A container's name."));
    }
    if request.container.is_none() && request.project_id.is_none() {
        return Err(Problem::bad_field(
            "container",
            "missing",
            "All of the platform's containers can't be excepted at once: name one, or a project.",
        ));
    }
    if request.value.as_deref().is_some_and(|v| !(1..=1_000).contains(&v.len())) {
        return Err(Problem::bad_field("value", "length", "1 to 1000 characters, or nothing for any."));
    }
    if request.days.is_some_and(|days| !(1..=LONGEST).contains(&days)) {
        return Err(Problem::bad_field("days", "range", "1 to 366, or nothing for one that somebody ends."));
    }
    let (permitted, _) = auth.subject(&()).await?;
    let directory = auth.app.auth().directory();
    let project = request.project_id.as_deref().map(|id| directory.project_name(id).ok_or(()));
    let Ok(project) = project.transpose() else {
        return Err(Problem::bad_field("project_id", "not_found", "There is no such project."));
    };
    let now = auth.app.clock().now();
    let row = ExceptionRow {
        id: Uuid::now_v7().to_string(),
        project_id: request.project_id.clone(),
        container: request.container.clone(),
        code: request.code.clone(),
        value: request.value.clone(),
        reason: reason.to_owned(),
        actor_name: auth.actor.name().to_owned(),
        created_at: now,
        ends_at: request.days.map(|days| now + Millis::from(days) * DAY),
    };
    let detail = format!(
        "{}{} for {}{}{}",
        row.code,
        row.value.as_deref().map(|v| format!(" ({v})")).unwrap_or_default(),
        row.container.as_deref().unwrap_or("every container"),
        project.map(|name| format!(" of {name}")).unwrap_or_default(),
        row.ends_at.map(|at| format!(" until {}", rfc3339(at))).unwrap_or_default(),
    );
    let mut record = auth.app.trail().record(&permitted, "except", detail);
    record.reason = row.reason.clone();
    let told = dto(&row, &directory);
    auth.app.store().create_policy_exception(row, record).await?;
    auth.app.auth().refresh().await?;
    Ok((StatusCode::CREATED, Json(told)))
}

fn end_docs(o: TransformOperation) -> TransformOperation {
    o.id("policy.end")
        .summary("End an exception")
        .description("What runs goes on; what starts next is judged without it.")
        .response::<204, ()>()
}

async fn end(auth: Auth<Manage>, Path(Id { id }): Path<Id>, _: NoBody) -> Result<StatusCode, Problem> {
    let directory = auth.app.auth().directory();
    let row = directory.exceptions(auth.app.clock().now()).find(|e| e.id == id).ok_or_else(|| Problem::not_found("exception"))?;
    let object = ObjectRef { kind: "policy_exception", id: id.clone(), name: row.code.clone(), ..ObjectRef::default() };
    // What one may not read cannot be told from what is not there.
    let permitted = auth.permit(object).await;
    let permitted = permitted.map_err(|p| if p.status() == StatusCode::NOT_FOUND { Problem::not_found("exception") } else { p })?;
    let detail = format!("{} for {}", row.code, row.container.as_deref().unwrap_or("every container"));
    let record = auth.app.trail().record(&permitted, "end_exception", detail);
    if !auth.app.store().delete_policy_exception(&id, record).await? {
        return Err(Problem::not_found("exception"));
    }
    auth.app.auth().refresh().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// As the API tells it.
pub fn dto(e: &ExceptionRow, directory: &Directory) -> PolicyException {
    let project =
        e.project_id.as_deref().map(|id| Named { id: id.to_owned(), name: directory.project_name(id).unwrap_or_default().to_owned() });
    PolicyException {
        id: e.id.clone(),
        project,
        container: e.container.clone(),
        code: e.code.clone(),
        value: e.value.clone(),
        reason: e.reason.clone(),
        actor_name: e.actor_name.clone(),
        created_at: rfc3339(e.created_at),
        until: e.ends_at.map(rfc3339),
    }
}
