//! The list of hosts.

use std::collections::{BTreeMap, HashMap};

use app::api::{
    container::{Condition, ContainerState},
    host::{ContainerCounts, Engine, Host, HostQuery, HostState, Named},
    list::List,
};

use super::{
    containers::condition,
    order::natural,
    text::Words,
    window::{Sort, Window},
};
use crate::{
    auth::{
        Actor, Visible,
        directory::Directory,
        permission::{container, host},
        scope::ObjectScope,
    },
    clock::rfc3339,
    fleet::model::{HostEntry, Snapshot, mark, mix},
    http::problem::Problem,
};

/// What the list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Name,
    State,
    Containers,
    Version,
}

const KEYS: &[(&str, Key)] = &[("name", Key::Name), ("state", Key::State), ("containers", Key::Containers), ("version", Key::Version)];

/// Whether somebody sees a host: a right to read it, or (in a project) to read any of its containers' project's hosts. A host belongs
/// to no project; who holds `host.read` within a project sees the hosts that the project's objects are on.
pub fn sees(visible: &Visible<host::Read>, directory: &Directory, host: &HostEntry) -> bool {
    let environment = host.environment_id.as_deref();
    if visible.everything() || visible.reaches(None, environment) {
        return true;
    }
    directory.any_owned(&host.id)
        && host.containers.iter().any(|c| {
            directory.owner(&host.id, "container", &c.id, c.created_at).is_some_and(|project| visible.reaches(Some(project), environment))
        })
}

/// Answers a query. Its `snapshot` is the mark of all that the person sees, for [`Versions`](super::versions::Versions).
pub fn list(
    snapshot: &Snapshot,
    directory: &Directory,
    actor: &Actor,
    visible: &Visible<host::Read>,
    query: &HostQuery,
) -> Result<List<Host>, Problem> {
    let window = Window::new(query.offset, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), KEYS)?.unwrap_or(Sort { key: Key::Name, descending: false });
    let words = Words::new(query.q.as_deref())?;
    let found = |h: &&HostEntry| {
        let engine = h.engine.as_deref();
        words.all_in(&[&h.name, engine.map_or("", |e| &e.version), engine.map_or("", |e| &e.operating_system)])
    };
    let containers = Visible::<container::Read>::of(actor);
    let seen: Vec<&HostEntry> = snapshot.hosts.iter().map(AsRef::as_ref).filter(|h| sees(visible, directory, h)).collect();
    let of_hosts = seen.iter().fold(0, |state, h| mix(state, mark(&h.id, h.version)));
    let state = super::containers::visible(snapshot, directory, &containers).fold(of_hosts, |state, row| mix(state, row.mark()));
    let mut rows: Vec<&HostEntry> = seen.into_iter().filter(found).collect();
    let mut counts: BTreeMap<String, u32> = ["connecting", "reachable", "unreachable"].map(|k| (k.to_owned(), 0)).into();
    for row in &rows {
        *counts.entry(word(row.state).to_owned()).or_default() += 1;
    }
    if let Some(state) = query.state {
        rows.retain(|h| h.state == state);
    }
    let total_of: HashMap<&str, u32> = match sort.key {
        Key::Containers => rows.iter().map(|h| (h.id.as_str(), count(h, directory, &containers).total)).collect(),
        _ => HashMap::new(),
    };
    rows.sort_by(|a, b| {
        let ordering = match sort.key {
            Key::Name => natural(&a.name, &b.name),
            Key::State => word(b.state).cmp(word(a.state)),
            Key::Containers => total_of.get(a.id.as_str()).cmp(&total_of.get(b.id.as_str())),
            Key::Version => natural(a.engine.as_deref().map_or("", |e| &e.version), b.engine.as_deref().map_or("", |e| &e.version)),
        };
        if sort.descending { ordering.reverse() } else { ordering }.then_with(|| natural(&a.name, &b.name)).then_with(|| a.id.cmp(&b.id))
    });
    let total = rows.len() as u32;
    let items = rows.into_iter().skip(window.offset).take(window.limit).map(|h| dto(h, directory, actor)).collect();
    Ok(List { items, total, groups: Vec::new(), counts, hosts: None, snapshot: state })
}

fn word(state: HostState) -> &'static str {
    match state {
        HostState::Connecting => "connecting",
        HostState::Reachable => "reachable",
        HostState::Unreachable => "unreachable",
    }
}

/// The containers of a host that somebody sees.
fn count(host: &HostEntry, directory: &Directory, sees: &Visible<container::Read>) -> ContainerCounts {
    let mut counts = ContainerCounts::default();
    for c in host.containers.iter() {
        let project = directory.owner(&host.id, "container", &c.id, c.created_at);
        if !sees.reaches(project, host.environment_id.as_deref()) {
            continue;
        }
        counts.total += 1;
        counts.trouble += u32::from(condition(host, c) == Condition::Trouble);
        match c.state {
            ContainerState::Running | ContainerState::Restarting => counts.running += 1,
            ContainerState::Paused => counts.paused += 1,
            _ => counts.stopped += 1,
        }
    }
    counts
}

/// What the engine says of itself. How many images it holds is for those who see the host itself: a project's people see their own.
fn engine(host: &HostEntry, whole: bool) -> Option<Engine> {
    let engine = host.engine.as_deref()?;
    Some(Engine { images: engine.images.filter(|_| whole), ..engine.clone() })
}

/// A host as the API tells it, its containers counted as the asking person sees them.
pub fn dto(host: &HostEntry, directory: &Directory, actor: &Actor) -> Host {
    let environment = host.environment_id.as_deref();
    let whole = Visible::<host::Read>::of(actor).reaches(None, environment);
    Host {
        id: host.id.clone(),
        name: host.name.clone(),
        state: host.state,
        since: rfc3339(host.since),
        cause: host.cause.clone(),
        // It moves with whatever happens there: who sees a part of the host is told only when that matters.
        fresh_at: host.fresh_at.filter(|_| whole || host.stale).map(rfc3339),
        stale: host.stale,
        connection: host.connection.to_owned(),
        ping_ms: host.ping_ms,
        environment: environment.and_then(|id| directory.environment(id)).map(|e| Named { id: e.id.clone(), name: e.name.clone() }),
        engine: engine(host, whole),
        containers: count(host, directory, &Visible::of(actor)),
        may: actor.actions("host", &ObjectScope { project: None, environment: host.environment_id.clone() }),
    }
}
