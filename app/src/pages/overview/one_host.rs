//! The containers of the only host, by compose project; and what to do where its engine does not answer.

use leptos::prelude::*;

use crate::{
    api::{
        container::{Container, ContainerState},
        host::{Host, HostState},
        list::{Group, List},
    },
    components::{
        page::Section,
        state_mark::state_mark,
        tag::{TagTone, tag},
        time::{TimeStyle, time, use_now},
    },
    pages::{
        containers::{ports, state_of},
        hosts::cause_text,
    },
    words::{W, overview_all_containers, t, use_lang},
};

#[component]
pub fn OneHost(host: Host, list: List<Container>) -> impl IntoView {
    let lang = use_lang();
    if list.items.is_empty() {
        return match host.state {
            HostState::Unreachable => view! { <NoEngine host /> }.into_any(),
            HostState::Connecting => nothing_yet(W::overview_connecting_text).into_any(),
            HostState::Reachable => nothing_yet(W::containers_none_text).into_any(),
        };
    }
    let (total, shown) = (u64::from(list.total), list.items.len() as u64);
    let now = use_now();
    let row = move |c: Container| {
        let own = c.clone();
        let state = move || {
            let (meaning, word) = state_of(lang.get(), &own);
            state_mark(meaning, word)
        };
        // What is not of now says of when it is.
        let when = match (c.stale, c.state) {
            (true, _) => c.as_of.clone().map(|at| (at, TimeStyle::Ago)),
            (false, ContainerState::Running) => c.started_at.clone().map(|at| (at, TimeStyle::Age)),
            (false, _) => None,
        };
        view! {
            <tr class=if c.stale { "row stale" } else { "row" }>
                <td class="in-second">{state}</td>
                <td class="in-title"><a class="cut" href=format!("/containers/{}", c.id)>{c.name.clone()}</a></td>
                <td class="mono cut">{c.image.clone()}</td>
                <td class="in-tools">{ports(&c)}</td>
                <td class="in-tail end">{when.map(|(at, style)| time(now, lang, at, style))}</td>
            </tr>
        }
    };
    let group = move |(g, members): (Group, Vec<Container>)| {
        let name = if g.kind == "none" { None } else { Some(g.label.clone()) };
        view! {
            <tr class="group">
                <th colspan="5" scope="colgroup">
                    {match name {
                        Some(name) => view! { <span class="group-name">{name}</span> " " {tag(TagTone::Plain, "compose")} }.into_any(),
                        None => view! { <span class="group-name">{t(W::containers_not_grouped)}</span> }.into_any(),
                    }}
                </th>
            </tr>
            {members.into_iter().map(row).collect::<Vec<_>>()}
        }
    };
    let groups = members(list).into_iter().map(group).collect::<Vec<_>>();
    let all = (shown < total).then(|| {
        view! {
            <p class="empty-line">
                <a href="/containers">{move || overview_all_containers(lang.get(), total)}</a>
            </p>
        }
    });
    view! {
        <Section title=t(W::nav_containers) flush=true>
            <table class="table items" aria-label=t(W::nav_containers)>
                <thead>
                    <tr>
                        <th scope="col">{t(W::containers_state)}</th>
                        <th scope="col">{t(W::containers_name)}</th>
                        <th scope="col">{t(W::containers_image)}</th>
                        <th scope="col">{t(W::containers_ports)}</th>
                        <th scope="col" class="end">{t(W::containers_up)}</th>
                    </tr>
                </thead>
                <tbody>{groups}</tbody>
            </table>
            {all}
        </Section>
    }
    .into_any()
}

/// Each group with those of its members that are here. Groups whose members are all beyond the window are left out: a head without
/// rows would say that there is nothing in it.
fn members(list: List<Container>) -> Vec<(Group, Vec<Container>)> {
    let mut items = list.items.into_iter();
    let groups = list.groups.into_iter().map(|g| {
        let members: Vec<_> = items.by_ref().take(g.count as usize).collect();
        (g, members)
    });
    groups.filter(|(_, members)| !members.is_empty()).collect()
}

fn nothing_yet(why: W) -> impl IntoView {
    view! {
        <Section title=t(W::nav_containers) flush=true>
            <p class="second empty-line">{t(why)}</p>
        </Section>
    }
}

/// Why the engine does not answer, and what to do about it.
#[component]
fn NoEngine(host: Host) -> impl IntoView {
    let lang = use_lang();
    let (code, detail) = host.cause.map(|c| (c.code, c.detail)).unwrap_or_default();
    view! {
        <Section title=t(W::overview_no_engine)>
            <p>{move || cause_text(lang.get(), &code, &detail)}</p>
            <p class="second">{t(W::overview_no_engine_text)}</p>
        </Section>
    }
}
