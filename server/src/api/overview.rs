//! The overview: figures, what needs attention, what happened lately; all of what the asking person may see.

use aide::axum::{ApiRouter, routing::get_with};
use app::api::{
    container::{Condition, ContainerState, Health},
    host::HostState,
    overview::{Activity, Attention, ContainerFigures, HostFigures, Overview},
};
use axum::Json;

use super::{
    auth::Auth,
    list::{
        containers::{Row, visible},
        hosts::sees,
    },
};
use crate::{
    app::App,
    auth::{
        Visible,
        permission::{audit, container, event, host},
    },
    clock::rfc3339,
    fleet::model::HostEntry,
    http::problem::Problem,
    store::{
        audit::{AuditFilter, AuditRow},
        event::{EventFilter, EventRow},
    },
};

const ATTENTION: usize = 50;
const ACTIVITY: usize = 20;
/// Looked through for those that are worth telling.
const LOOKED_AT: u32 = 100;
/// Changes outside the console that people want to know of.
const TELLING: &[&str] = &["create", "start", "stop", "restart", "kill", "destroy", "rename", "update", "pause", "unpause", "oom"];

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/overview", get_with(read, |o| o.id("overview.read").summary("Figures, what needs attention, recent activity")))
}

async fn read(auth: Auth<container::Read>) -> Result<Json<Overview>, Problem> {
    let (snapshot, directory) = (auth.app.fleet().snapshot(), auth.app.auth().directory());
    let sees_hosts = Visible::<host::Read>::of(&auth.actor);
    let seen: Vec<&HostEntry> = snapshot.hosts.iter().map(AsRef::as_ref).filter(|h| sees(&sees_hosts, &directory, h)).collect();
    let sees_containers = auth.visible();
    let rows: Vec<Row> = visible(&snapshot, &directory, &sees_containers).collect();
    let mut attention: Vec<Attention> = seen.iter().filter_map(|h| silent(h, &rows)).collect();
    attention.extend(rows.iter().filter_map(troubled));
    attention.sort_by(|a, b| a.level.cmp(&b.level).then_with(|| b.since.cmp(&a.since)).then_with(|| a.object_name.cmp(&b.object_name)));
    let attention_total = attention.len() as u32;
    attention.truncate(ATTENTION);
    let activity = activity(&auth).await?;
    Ok(Json(Overview {
        hosts: host_figures(&seen, &sees_hosts),
        containers: container_figures(&rows),
        attention,
        attention_total,
        activity,
    }))
}

fn host_figures(hosts: &[&HostEntry], sees: &Visible<host::Read>) -> HostFigures {
    let mut f = HostFigures { total: hosts.len() as u32, ..HostFigures::default() };
    // A project's people see hosts for the sake of their own objects there: what else these hold is not theirs to count.
    let whole = |h: &HostEntry| sees.reaches(None, h.environment_id.as_deref());
    if hosts.iter().all(|h| whole(h)) {
        f.images = Some(0);
    }
    for host in hosts {
        match host.state {
            HostState::Reachable => f.reachable += 1,
            HostState::Unreachable => f.unreachable += 1,
            HostState::Connecting => {}
        }
        if let (HostState::Reachable, Some(engine)) = (host.state, &host.engine) {
            f.cpus += engine.cpus;
            f.memory_bytes += engine.memory_bytes;
            f.images = f.images.map(|n| n + engine.images.unwrap_or_default());
        }
    }
    f
}

fn container_figures(rows: &[Row]) -> ContainerFigures {
    let mut f = ContainerFigures { total: rows.len() as u32, ..ContainerFigures::default() };
    for row in rows {
        match row.condition {
            Condition::Trouble => f.trouble += 1,
            Condition::Running => f.running += 1,
            Condition::Stopped => f.stopped += 1,
            Condition::Unknown => f.unknown += 1,
        }
        // What a silent host last said of its containers is no trouble of now.
        if row.condition == Condition::Trouble {
            f.restart_loops += u32::from(row.entry.restart_loop);
            f.unhealthy += u32::from(row.entry.health == Some(Health::Unhealthy));
        }
    }
    f
}

/// A host that does not answer.
fn silent(host: &HostEntry, rows: &[Row]) -> Option<Attention> {
    (host.state == HostState::Unreachable).then(|| Attention {
        kind: "host_unreachable".into(),
        level: "bad".into(),
        object_kind: "host".into(),
        object_id: host.id.clone(),
        object_name: host.name.clone(),
        host_id: host.id.clone(),
        host_name: host.name.clone(),
        since: rfc3339(host.since),
        exit_code: None,
        oom_killed: false,
        restarts_24h: None,
        cause: host.cause.clone(),
        containers: Some(rows.iter().filter(|r| r.host.id == host.id).count() as u32),
    })
}

/// A container in trouble.
fn troubled(row: &Row) -> Option<Attention> {
    let (c, host) = (row.entry, row.host);
    let (kind, level) = match row.condition {
        Condition::Trouble if c.restart_loop || c.state == ContainerState::Restarting => ("restart_loop", "bad"),
        Condition::Trouble if c.state == ContainerState::Dead => ("dead", "bad"),
        Condition::Trouble => ("unhealthy", "warning"),
        _ => return None,
    };
    let since = c.finished_at.filter(|_| kind != "unhealthy").or(c.started_at).unwrap_or(c.created_at);
    Some(Attention {
        kind: kind.into(),
        level: level.into(),
        object_kind: "container".into(),
        object_id: c.id.clone(),
        object_name: c.name.clone(),
        host_id: host.id.clone(),
        host_name: host.name.clone(),
        since: rfc3339(since),
        exit_code: c.exit_code,
        oom_killed: c.oom_killed,
        restarts_24h: Some(c.restarts_24h),
        cause: None,
        containers: None,
    })
}

/// Changes made here and changes outside, newest first.
async fn activity(auth: &Auth<container::Read>) -> Result<Vec<Activity>, Problem> {
    let changes = Visible::<audit::Read>::of(&auth.actor);
    let filter = AuditFilter { limit: LOOKED_AT, ..AuditFilter::default() };
    let here = if changes.scopes().is_empty() { Vec::new() } else { auth.app.store().audit_page(&changes, &filter).await? };
    let filter = EventFilter { limit: LOOKED_AT, outside: Some(true), kind: Some("container".into()), ..EventFilter::default() };
    let outside = auth.app.store().event_page(&Visible::<event::Read>::of(&auth.actor), &filter).await?;
    let mut all: Vec<Activity> = here.into_iter().filter(|r| r.record.kind == "intent").map(done_here).collect();
    all.extend(outside.into_iter().filter(|e| TELLING.contains(&e.action.as_str())).map(done_outside));
    all.sort_by(|a, b| b.at.cmp(&a.at));
    all.truncate(ACTIVITY);
    Ok(all)
}

fn done_here(row: AuditRow) -> Activity {
    let r = row.record;
    Activity {
        at: rfc3339(r.at),
        outside: false,
        actor_name: r.actor_name,
        permission: r.permission,
        action: r.action,
        outcome: row.final_outcome,
        object_kind: r.object_kind,
        object_id: r.object_id,
        object_name: r.object_name,
        host_id: r.host_id,
        host_name: r.host_name,
    }
}

fn done_outside(e: EventRow) -> Activity {
    Activity {
        at: rfc3339(e.at),
        outside: true,
        actor_name: String::new(),
        permission: e.kind.clone(),
        action: e.action,
        outcome: "done".into(),
        object_kind: e.kind,
        object_id: e.object_id,
        object_name: e.object_name,
        host_id: Some(e.host_id),
        host_name: Some(e.host_name),
    }
}
