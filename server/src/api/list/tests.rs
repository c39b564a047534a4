//! The list contract as a page uses it.

use std::sync::Arc;

use app::api::{
    container::{Condition, ContainerQuery, ContainerState, Grouping, Health},
    host::HostState,
};
use proptest::prelude::*;

use super::containers::list;
use crate::{
    auth::{
        Actor, Visible,
        actor::{Right, Rights},
        directory::Directory,
        permission::PermissionSet,
        scope::Scope,
    },
    fleet::model::{ContainerEntry, HostEntry, Snapshot, mark},
};

pub fn container(i: usize, compose: Option<&str>) -> ContainerEntry {
    ContainerEntry {
        id: format!("{i:064x}"),
        name: format!("web.{i}"),
        image: format!("mobile-api/web:{}", i % 3),
        image_id: String::new(),
        image_newer: false,
        state: if i % 4 == 3 { ContainerState::Exited } else { ContainerState::Running },
        health: (i % 10 == 1).then_some(Health::Unhealthy),
        exit_code: None,
        oom_killed: false,
        restart_loop: false,
        restarts_24h: 0,
        created_at: 1_000 + i as i64,
        started_at: None,
        finished_at: None,
        ports: vec![],
        compose_project: compose.map(str::to_owned),
        compose_service: None,
        compose_depends_on: Vec::new(),
        version: 1,
        mark: mark(&format!("{i:064x}"), 1),
    }
}

pub fn host(name: &str, environment: Option<&str>, containers: Vec<ContainerEntry>) -> Arc<HostEntry> {
    Arc::new(HostEntry {
        id: format!("id-{name}"),
        name: name.into(),
        environment_id: environment.map(str::to_owned),
        connection: "local",
        state: HostState::Reachable,
        since: 0,
        cause: None,
        fresh_at: Some(0),
        stale: false,
        ping_ms: None,
        engine: None,
        containers: Arc::new(containers.into_iter().map(Arc::new).collect()),
        version: 1,
    })
}

fn snapshot(hosts: usize, each: usize) -> Snapshot {
    let hosts = (0..hosts)
        .map(|h| {
            let environment = (h % 2 == 0).then_some("prod");
            let compose = |i: usize| ["crm", "pay-core"].get(i % 3).copied();
            host(&format!("sh{h}"), environment, (0..each).map(|i| container(h * each + i, compose(i))).collect())
        })
        .collect();
    Snapshot { version: 7, hosts }
}

fn with_scope(scope: Scope) -> Actor {
    let rights = Rights::new(vec![Right { role: "r".into(), permissions: PermissionSet::matching(&["container.*"]), scope }]);
    Actor { rights: Arc::new(rights), ..Actor::system("test") }
}

fn ask(snapshot: &Snapshot, actor: &Actor, query: &ContainerQuery) -> app::api::list::List<app::api::container::Container> {
    list(snapshot, &Directory::default(), actor, &Visible::of(actor), query).unwrap_or_else(|p| panic!("{}", p.detail()))
}

#[test]
fn counts_are_of_everything_but_the_condition() {
    let (s, actor) = (snapshot(4, 20), Actor::command_line());
    let all = ask(&s, &actor, &ContainerQuery::default());
    assert_eq!((all.total, all.items.len()), (80, 50));
    assert_eq!(all.counts.values().sum::<u32>(), 80);
    let trouble = ask(&s, &actor, &ContainerQuery { condition: Some(Condition::Trouble), ..Default::default() });
    assert_eq!(trouble.total, all.counts["trouble"]);
    assert_eq!(trouble.counts, all.counts);
    assert!(trouble.items.iter().all(|c| c.condition == Condition::Trouble));
    assert_eq!(all.items[0].condition, Condition::Trouble, "what is in trouble comes first");
}

#[test]
fn names_sort_as_people_count() {
    let (s, actor) = (snapshot(1, 12), Actor::command_line());
    let names = |sort: &str| {
        ask(&s, &actor, &ContainerQuery { sort: Some(sort.into()), ..Default::default() })
            .items
            .into_iter()
            .map(|c| c.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names("name")[1..3], ["web.1", "web.2"]);
    assert_eq!(names("-name")[0], "web.11");
}

#[test]
fn a_bad_window_or_key_is_named() {
    let (s, actor) = (snapshot(1, 1), Actor::command_line());
    let refused = |query: ContainerQuery| {
        let problem = list(&s, &Directory::default(), &actor, &Visible::of(&actor), &query).expect_err("refused");
        (problem.status().as_u16(), problem.errors()[0].field.clone())
    };
    assert_eq!(refused(ContainerQuery { limit: Some(1001), ..Default::default() }), (400, "limit".into()));
    assert_eq!(refused(ContainerQuery { limit: Some(0), ..Default::default() }), (400, "limit".into()));
    assert_eq!(refused(ContainerQuery { sort: Some("colour".into()), ..Default::default() }), (400, "sort".into()));
}

#[test]
fn collapsed_groups_keep_their_head_and_leave_the_sequence() {
    let (s, actor) = (snapshot(2, 9), Actor::command_line());
    let open = ask(&s, &actor, &ContainerQuery { group: Some(Grouping::Application), ..Default::default() });
    assert_eq!(
        open.groups.iter().map(|g| (g.label.as_str(), g.count)).collect::<Vec<_>>(),
        [("crm", 3), ("crm", 3), ("pay-core", 3), ("pay-core", 3), ("", 6)]
    );
    let key = open.groups[0].key.clone();
    let closed = ask(
        &s,
        &actor,
        &ContainerQuery { group: Some(Grouping::Application), collapsed: Some(app::client::percent_encode(&key)), ..Default::default() },
    );
    assert_eq!((closed.total, closed.items.len()), (18, 15));
    assert!(closed.groups[0].collapsed && closed.groups[0].count == 3);
    assert_eq!(closed.groups[1].offset, 0);
    assert_eq!(closed.items[0].id, open.items[3].id);
}

#[test]
fn a_silent_hosts_containers_are_unknown() {
    let mut s = snapshot(2, 4);
    s.hosts[1] = Arc::new(HostEntry { state: HostState::Unreachable, stale: true, ..(*s.hosts[1]).clone() });
    let all = ask(&s, &Actor::command_line(), &ContainerQuery::default());
    assert_eq!(all.counts["unknown"], 4);
    let silent: Vec<_> = all.items.iter().filter(|c| c.condition == Condition::Unknown).collect();
    assert!(silent.iter().all(|c| c.stale && c.as_of.is_some()));
}

proptest! {
    /// Windows put together are the whole, whatever is asked for.
    #[test]
    fn windows_tile_the_whole(hosts in 1_usize..5, each in 0_usize..40, limit in 1_u32..30, group in 0_usize..4, sort in 0_usize..4) {
        let (s, actor) = (snapshot(hosts, each), Actor::command_line());
        let query = ContainerQuery {
            group: [None, Some(Grouping::Application), Some(Grouping::Host), Some(Grouping::Project)][group],
            sort: [None, Some("name"), Some("-state"), Some("host")][sort].map(str::to_owned),
            limit: Some(1000),
            ..Default::default()
        };
        let whole = ask(&s, &actor, &query);
        let mut tiled = Vec::new();
        while tiled.len() < whole.items.len() {
            let part = ask(&s, &actor, &ContainerQuery { offset: Some(tiled.len() as u32), limit: Some(limit), ..query.clone() });
            prop_assert!(!part.items.is_empty());
            prop_assert_eq!(&part.groups, &whole.groups);
            tiled.extend(part.items);
        }
        prop_assert_eq!(&tiled, &whole.items);
        prop_assert_eq!(whole.items.len(), hosts * each);
        let mut offset = 0;
        for g in &whole.groups {
            prop_assert_eq!(g.offset, offset);
            offset += g.count;
        }
    }

    /// Worlds that differ only outside of a person's scope look the same.
    #[test]
    fn what_is_outside_does_not_show(each in 1_usize..20, other in 0_usize..20, q in "[a-z0-9 .]{0,4}", group in 0_usize..3) {
        let actor = with_scope(Scope::Environment("prod".into()));
        let inside = |i| container(i, Some("crm"));
        let world = |n: usize| Snapshot { version: 1 + n as u64, hosts: vec![host("a", Some("prod"), (0..each).map(inside).collect()), host("b", None, (0..n).map(|i| container(100 + i, Some("crm"))).collect())] };
        let query = ContainerQuery { q: Some(q), group: [None, Some(Grouping::Application), Some(Grouping::Host)][group], ..Default::default() };
        prop_assert_eq!(ask(&world(0), &actor, &query), ask(&world(other), &actor, &query));
    }
}
