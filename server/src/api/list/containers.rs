//! The list of containers over the whole fleet.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

use app::api::{
    container::{Condition, Container, ContainerQuery, ContainerState, Grouping, Health},
    host::{HostState, Named},
    list::{Group, HostTally, List},
};

use super::{
    order::natural,
    text::{Words, split_encoded},
    window::{Sort, Window},
};
use crate::{
    auth::{Actor, Visible, directory::Directory, permission::container, scope::ObjectScope},
    clock::rfc3339,
    fleet::model::{ContainerEntry, HostEntry, Snapshot, mark, mix},
    http::problem::Problem,
};

/// What the list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Name,
    State,
    Image,
    Host,
    Created,
    Started,
    Restarts,
}

const KEYS: &[(&str, Key)] = &[
    ("name", Key::Name),
    ("state", Key::State),
    ("image", Key::Image),
    ("host", Key::Host),
    ("created", Key::Created),
    ("started", Key::Started),
    ("restarts", Key::Restarts),
];

/// A container with what the list needs to know of it; nothing is copied until the window is cut.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub host: &'a HostEntry,
    pub entry: &'a ContainerEntry,
    pub project: Option<&'a str>,
    pub condition: Condition,
}

impl Row<'_> {
    /// Stands for the row as it is: its container's and host's versions, and whose it is.
    pub fn mark(&self) -> u64 {
        mix(mix(self.entry.mark, self.host.version), self.project.map_or(0, |project| mark(project, 0)))
    }
}

/// What people want to know first of a container.
pub fn condition(host: &HostEntry, c: &ContainerEntry) -> Condition {
    if host.state != HostState::Reachable {
        return Condition::Unknown;
    }
    let trouble =
        c.restart_loop || c.health == Some(Health::Unhealthy) || matches!(c.state, ContainerState::Restarting | ContainerState::Dead);
    match c.state {
        _ if trouble => Condition::Trouble,
        ContainerState::Running => Condition::Running,
        _ => Condition::Stopped,
    }
}

/// All containers that somebody may see.
pub fn visible<'a>(
    snapshot: &'a Snapshot,
    directory: &'a Directory,
    visible: &'a Visible<container::Read>,
) -> impl Iterator<Item = Row<'a>> {
    snapshot.hosts.iter().flat_map(move |host| {
        let owned = directory.any_owned(&host.id);
        host.containers.iter().filter_map(move |entry| {
            let project = if owned { directory.owner(&host.id, "container", &entry.id, entry.created_at) } else { None };
            visible.reaches(project, host.environment_id.as_deref()).then(|| Row {
                host,
                entry,
                project,
                condition: condition(host, entry),
            })
        })
    })
}

/// Answers a query. Its `snapshot` is the mark of all that the person sees, for [`Versions`](super::versions::Versions).
pub fn list(
    snapshot: &Snapshot,
    directory: &Directory,
    actor: &Actor,
    sees: &Visible<container::Read>,
    query: &ContainerQuery,
) -> Result<List<Container>, Problem> {
    let window = Window::new(query.offset, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), KEYS)?;
    let words = Words::new(query.q.as_deref())?;
    let mut counts: BTreeMap<String, u32> = Condition::ALL.iter().map(|c| (c.key().to_owned(), 0)).collect();
    let mut state = 0;
    let all = visible(snapshot, directory, sees).inspect(|row| state = mix(state, row.mark()));
    let mut rows: Vec<Row> = all.filter(|row| matches(row, query, &words, directory)).collect();
    let mut counted = [0_u32; 4];
    for row in &rows {
        counted[place(row.condition)] += 1;
    }
    for condition in Condition::ALL {
        counts.insert(condition.key().to_owned(), counted[place(condition)]);
    }
    if let Some(wanted) = query.condition {
        rows.retain(|r| r.condition == wanted);
    }
    let hosts = Some(tally(&rows));
    rows.sort_by(|a, b| {
        let grouped = query.group.map_or(Ordering::Equal, |g| compare_groups(g, a, b, directory));
        grouped.then_with(|| compare(sort, a, b))
    });
    let total = rows.len() as u32;
    let snapshot = state;
    let (groups, sequence) = match query.group {
        Some(grouping) => group(rows, grouping, &split_encoded(query.collapsed.as_deref().unwrap_or_default()), directory),
        None => (Vec::new(), rows),
    };
    // What may be done there is the same for all of a project on a host's environment.
    let mut may: HashMap<(Option<&str>, Option<&str>), Vec<String>> = HashMap::new();
    let items = sequence.iter().skip(window.offset).take(window.limit).map(|row| {
        let there = (row.project, row.host.environment_id.as_deref());
        let may = may.entry(there).or_insert_with(|| actor.actions("container", &scope(row)));
        told(row, directory, may.clone())
    });
    let items = items.collect();
    Ok(List { items, total, groups, counts, hosts, snapshot })
}

/// The hosts that the rows are on. The rows still stand host by host.
fn tally(rows: &[Row]) -> HostTally {
    let mut tally = HostTally::default();
    let mut last = None;
    for host in rows.iter().map(|row| row.host) {
        if last.replace(&host.id) != Some(&host.id) {
            tally.total += 1;
            tally.unreachable += u32::from(host.state == HostState::Unreachable);
        }
    }
    tally
}

/// Trouble first.
fn place(condition: Condition) -> usize {
    match condition {
        Condition::Trouble => 0,
        Condition::Unknown => 1,
        Condition::Running => 2,
        Condition::Stopped => 3,
    }
}

fn matches(row: &Row, query: &ContainerQuery, words: &Words, directory: &Directory) -> bool {
    let (c, host) = (row.entry, row.host);
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|w| w == value);
    is(&query.host_id, &host.id)
        && is(&query.host, &host.name)
        && query.project.as_deref().is_none_or(|name| row.project.and_then(|id| directory.project_name(id)) == Some(name))
        && query.state.is_none_or(|s| s == c.state)
        && query.project_id.as_deref().is_none_or(|p| row.project == Some(p))
        && query.compose_project.as_deref().is_none_or(|p| c.compose_project.as_deref() == Some(p))
        && is(&query.image, &c.image)
        && {
            let project = row.project.and_then(|p| directory.project_name(p)).unwrap_or_default();
            let compose = c.compose_project.as_deref().unwrap_or_default();
            words.all_in(&[&c.name, &c.image, &host.name, compose, project, &c.id])
        }
}

fn compare(sort: Option<Sort<Key>>, a: &Row, b: &Row) -> Ordering {
    let by_name = || {
        natural(&a.entry.name, &b.entry.name).then_with(|| natural(&a.host.name, &b.host.name)).then_with(|| a.entry.id.cmp(&b.entry.id))
    };
    let Some(Sort { key, descending }) = sort else {
        return (place(a.condition) > 1).cmp(&(place(b.condition) > 1)).then_with(by_name);
    };
    let ordering = match key {
        Key::Name => natural(&a.entry.name, &b.entry.name),
        Key::State => place(a.condition).cmp(&place(b.condition)).then_with(|| a.entry.state.cmp(&b.entry.state)),
        Key::Image => natural(&a.entry.image, &b.entry.image),
        Key::Host => natural(&a.host.name, &b.host.name),
        Key::Created => a.entry.created_at.cmp(&b.entry.created_at),
        Key::Started => a.entry.started_at.cmp(&b.entry.started_at),
        Key::Restarts => a.entry.restarts_24h.cmp(&b.entry.restarts_24h),
    };
    if descending { ordering.reverse() } else { ordering }.then_with(by_name)
}

/// What a row's group is called and what tells it from others of that name; `None`: it belongs to none.
fn group_of<'a>(grouping: Grouping, row: &Row<'a>, directory: &'a Directory) -> Option<(&'a str, &'a str)> {
    match grouping {
        Grouping::Application => row.entry.compose_project.as_deref().map(|p| (p, row.host.id.as_str())),
        Grouping::Host => Some((row.host.name.as_str(), row.host.id.as_str())),
        Grouping::Project => row.project.map(|id| (directory.project_name(id).unwrap_or(id), id)),
    }
}

fn compare_groups(grouping: Grouping, a: &Row, b: &Row, directory: &Directory) -> Ordering {
    match (group_of(grouping, a, directory), group_of(grouping, b, directory)) {
        (Some((x, x_id)), Some((y, y_id))) => natural(x, y).then_with(|| x_id.cmp(y_id)),
        // What belongs to none comes last.
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn group<'a>(rows: Vec<Row<'a>>, grouping: Grouping, collapsed: &[String], directory: &'a Directory) -> (Vec<Group>, Vec<Row<'a>>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut sequence = Vec::with_capacity(rows.len());
    let mut last = None;
    for row in rows {
        let name = group_of(grouping, &row, directory);
        if groups.is_empty() || last != name {
            let (kind, key) = match (grouping, name) {
                (_, None) => ("none", String::new()),
                (Grouping::Application, Some((label, host))) => ("compose", format!("{host}/{label}")),
                (Grouping::Host, Some((_, id))) => ("host", id.to_owned()),
                (Grouping::Project, Some((_, id))) => ("project", id.to_owned()),
            };
            groups.push(Group {
                label: name.map(|(label, _)| label.to_owned()).unwrap_or_default(),
                kind: kind.to_owned(),
                host_name: Some(row.host.name.clone()),
                count: 0,
                offset: sequence.len() as u32,
                collapsed: collapsed.contains(&key),
                key,
                trouble: 0,
                restart_loops: 0,
                unhealthy: 0,
            });
            last = name;
        }
        let Some(group) = groups.last_mut() else { continue };
        group.count += 1;
        if group.host_name.as_ref().is_some_and(|h| *h != row.host.name) {
            group.host_name = None;
        }
        if row.condition == Condition::Trouble {
            group.trouble += 1;
            group.restart_loops += u32::from(row.entry.restart_loop);
            group.unhealthy += u32::from(row.entry.health == Some(Health::Unhealthy));
        }
        if !group.collapsed {
            sequence.push(row);
        }
    }
    (groups, sequence)
}

/// Where a container is, for checks.
pub fn scope(row: &Row) -> ObjectScope {
    ObjectScope { project: row.project.map(str::to_owned), environment: row.host.environment_id.clone() }
}

/// A row as the API tells it.
pub fn dto(row: &Row, directory: &Directory, actor: &Actor) -> Container {
    told(row, directory, actor.actions("container", &scope(row)))
}

fn told(row: &Row, directory: &Directory, may: Vec<String>) -> Container {
    let (c, host) = (row.entry, row.host);
    Container {
        id: c.id.clone(),
        name: c.name.clone(),
        image: c.image.clone(),
        image_newer: c.image_newer,
        state: c.state,
        condition: row.condition,
        health: c.health,
        exit_code: c.exit_code,
        oom_killed: c.oom_killed,
        restart_loop: c.restart_loop,
        restarts_24h: c.restarts_24h,
        host_id: host.id.clone(),
        host_name: host.name.clone(),
        host_local: host.connection == "local",
        project: row.project.map(|id| Named { id: id.to_owned(), name: directory.project_name(id).unwrap_or(id).to_owned() }),
        compose_project: c.compose_project.clone(),
        compose_service: c.compose_service.clone(),
        created_at: rfc3339(c.created_at),
        started_at: c.started_at.map(rfc3339),
        finished_at: c.finished_at.map(rfc3339),
        ports: c.ports.clone(),
        stale: host.stale,
        as_of: if host.stale { host.fresh_at.map(rfc3339) } else { None },
        may,
    }
}
