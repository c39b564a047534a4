//! A group's head in the list: what it is, how it stands, and what can be done with all of it.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::{
    act::{Acts, Asked, verb},
    words::because,
};
use crate::{
    api::{
        container::{Action, Because, Container, ContainerQuery, Grouping},
        list::{Group, MAX_LIMIT},
    },
    client::percent_encode,
    components::{
        button::word_button,
        table::{GroupView, Rows},
        tag::{TagTone, tag},
        toasts::Toast,
    },
    words::{
        CommonOfWhat, ContainersDoneOne, W, containers_group_count, containers_group_loop, containers_group_trouble,
        containers_group_unhealthy, text, use_lang,
    },
};

/// Its name, kind, size and the worst that is wrong in it.
pub fn group_head() -> GroupView {
    let lang = use_lang();
    Arc::new(move |g: &Group| {
        let label = if g.kind == "none" { text(lang.get(), W::containers_not_grouped).to_owned() } else { g.label.clone() };
        let kind = (g.kind == "compose").then(|| tag(TagTone::Plain, "compose"));
        let host = g.host_name.clone().filter(|_| g.kind != "host").map(|h| format!(" · {h}")).unwrap_or_default();
        let lang = lang.get();
        let worst = if g.restart_loops > 0 {
            Some(view! { <span class="bad">{containers_group_loop(lang, u64::from(g.restart_loops))}</span> }.into_any())
        } else if g.unhealthy > 0 {
            Some(view! { <span class="warning">{containers_group_unhealthy(lang, u64::from(g.unhealthy))}</span> }.into_any())
        } else if g.trouble > 0 {
            Some(view! { <span class="bad">{containers_group_trouble(lang, u64::from(g.trouble))}</span> }.into_any())
        } else {
            None
        };
        view! {
            <span class="group-name">{label}</span>
            {kind}
            <span class="third">{containers_group_count(lang, u64::from(g.count))}{host}</span>
            {worst}
        }
        .into_any()
    })
}

/// Logs, restart and stop for a compose project on its host; refused with the reason where they make sense for none of its containers.
/// `whole` tells whether the list shows all of a group, as it does without a filter.
pub fn group_actions(acts: Acts, rows: Rows<Container>, whole: impl Fn() -> bool + Copy + Send + Sync + 'static) -> GroupView {
    let lang = use_lang();
    Arc::new(move |g: &Group| {
        if g.kind != "compose" {
            return ().into_any();
        }
        let lang = lang.get();
        let button = |action: Action| {
            let members = if whole() { members(rows, g) } else { Vec::new() };
            let why = none_can(members.iter(), action).map(|why| because(lang, why));
            let word = text(lang, verb(action));
            let group = g.clone();
            word_button(word, CommonOfWhat { what: &word, name: &g.label }.text(lang), why, move || ask(acts, action, group.clone()))
        };
        // Its key is the host's id and the project.
        let project = g.key.split_once('/').map_or(g.label.as_str(), |(_, project)| project);
        let host = g.host_name.as_ref().map(|host| format!("&host={}", percent_encode(host))).unwrap_or_default();
        let logs = format!("/logs?compose={}{host}", percent_encode(project));
        view! {
            <span class="group-actions">
                <a href=logs>{text(lang, W::nav_logs)}</a> " · " {button(Action::Restart)} " · " {button(Action::Stop)}
            </span>
        }
        .into_any()
    })
}

/// Its containers, if all are here.
fn members(rows: Rows<Container>, g: &Group) -> Vec<Container> {
    if g.collapsed {
        return Vec::new();
    }
    let all = rows.loaded().with_untracked(|l| (g.offset..g.offset + g.count).map(|at| l.row(at).cloned()).collect::<Option<Vec<_>>>());
    all.unwrap_or_default()
}

/// Why it makes no sense for any of them; nothing where it does for one, or where there is none.
fn none_can<'a>(containers: impl Iterator<Item = &'a Container>, action: Action) -> Option<Because> {
    let mut whys = containers.map(|c| c.can(action).err());
    let first = whys.next()??;
    whys.all(|why| why.is_some()).then_some(first)
}

/// Asks about those of the group that it makes sense for, as they are now.
fn ask(acts: Acts, action: Action, g: Group) {
    spawn_local(async move {
        let Some((host, project)) = g.key.split_once('/') else { return };
        let query = ContainerQuery {
            host_id: Some(host.to_owned()),
            compose_project: Some(project.to_owned()),
            group: None::<Grouping>,
            limit: Some(MAX_LIMIT),
            ..ContainerQuery::default()
        };
        match acts.client().containers(&query).await {
            Ok(list) => {
                if let Some(why) = none_can(list.items.iter(), action) {
                    let lang = acts.lang();
                    let said = ContainersDoneOne { name: &g.label, what: &because(lang, why) }.text(lang);
                    acts.toasts().show(Toast::bad(said));
                    return;
                }
                let containers: Vec<Container> = list.items.into_iter().filter(|c| c.can(action).is_ok()).collect();
                let _ = acts.asked.try_set((!containers.is_empty()).then_some(Asked { action, containers }));
            }
            Err(failure) => acts.failed(&g.label, &failure),
        }
    });
}
