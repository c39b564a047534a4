//! The list of hosts.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{LazyRoute, NavigateOptions, hooks::use_navigate, lazy_route};

use super::{cause_text, link, state_of};
use crate::{
    api::{
        host::{Host, HostQuery, HostState},
        list::List,
        problem::Failure,
    },
    client::live::use_changes,
    components::{
        button::Button,
        chips::{Chip, Chips},
        figure::bytes,
        filter_box::FilterBox,
        key_help::{KeyHelp, plain_list_keys},
        page::PageHead,
        skeleton::SkeletonRows,
        state_mark::state_mark,
        states::EmptyState,
        table::{Column, DataTable, Narrow, Rows, Wanted},
        time::{TimeStyle, time, use_now},
    },
    loader::{Loaded, loader, use_client},
    pages::{
        address::Address,
        failed::FailedPage,
        list_foot::{ListFailure, PlainFoot},
    },
    words::{HostsRunningOf, W, hosts_sub, t, text, use_lang},
};

/// Rows of the first answer.
const FIRST: u32 = 50;
const STATES: [(HostState, W); 3] = [
    (HostState::Reachable, W::hosts_connected),
    (HostState::Unreachable, W::hosts_unreachable),
    (HostState::Connecting, W::hosts_connecting),
];

/// The page.
pub struct HostsPage {
    loaded: Loaded<List<Host>>,
    address: Address,
}

#[lazy_route]
impl LazyRoute for HostsPage {
    fn data() -> Self {
        let address = Address::read("/hosts", &[], &["q", "state", "sort"]);
        let query = untrack(|| query(address, 0, FIRST));
        Self { loaded: loader(move |client| client.hosts(&query)), address }
    }

    fn view(this: Self) -> AnyView {
        let HostsPage { loaded, address } = this;
        let lang = use_lang();
        let content = move || {
            Suspend::new(async move {
                match loaded.await {
                    Ok(first) => view! { <ListView first address /> }.into_any(),
                    Err(Failure::Later) => waiting().into_any(),
                    Err(failure) => view! { <FailedPage title=t(W::nav_hosts) failure on_retry=move |()| loaded.refetch() /> }.into_any(),
                }
            })
        };
        view! {
            <Title text=move || text(lang.get(), W::nav_hosts) />
            <Suspense fallback=waiting>{content}</Suspense>
        }
        .into_any()
    }
}

fn waiting() -> impl IntoView {
    view! {
        <PageHead title=t(W::nav_hosts) ruled=true />
        <SkeletonRows rows=6 />
    }
}

/// What the address asks for, tracked.
fn query(address: Address, offset: u32, limit: u32) -> HostQuery {
    let state = address.some("state");
    HostQuery {
        offset: Some(offset),
        limit: Some(limit),
        sort: address.some("sort"),
        q: address.some("q"),
        state: STATES.into_iter().map(|(s, _)| s).find(|s| Some(s.key()) == state.as_deref()),
    }
}

#[component]
fn ListView(first: List<Host>, address: Address) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let rows = Rows::new(move |rows: Rows<Host>, wanted: Wanted| {
        let (client, query) = (client.get_value(), untrack(|| query(address, wanted.offset, wanted.limit)));
        spawn_local(async move {
            match client.hosts(&query).await {
                Ok(list) => rows.accept(&wanted, list),
                Err(failure) => rows.fail(&wanted, failure),
            }
        });
    });
    rows.accept(&Wanted::first(FIRST), first);
    address.follow(move || rows.restart());
    use_changes(&["host"], move |_| rows.refresh());
    let loaded = rows.loaded();
    let chips = move || {
        loaded.with(|l| {
            let count = |s: HostState| l.counts.get(s.key()).copied().unwrap_or_default();
            let every = STATES.into_iter().map(|(s, _)| count(s)).sum();
            let all = Chip { key: String::new(), label: TextProp::from(t(W::containers_all)), count: Some(every) };
            let chip = |(s, w): (HostState, W)| Chip { key: s.key().to_owned(), label: TextProp::from(t(w)), count: Some(count(s)) };
            // Nobody needs the chip of what lasts a second.
            let worth = move |(s, _): &(HostState, W)| *s != HostState::Connecting || count(HostState::Connecting) > 0;
            std::iter::once(all).chain(STATES.into_iter().filter(worth).map(chip)).collect::<Vec<_>>()
        })
    };
    let sub = move || view! { <span>{move || hosts_sub(lang.get(), u64::from(loaded.with(|l| l.total)))}</span> };
    let sort = address.text("sort");
    let go = use_navigate();
    let empty = move || {
        let clear = move |_| address.clear(&["q", "state"]);
        view! {
            <EmptyState
                title=t(W::containers_no_match)
                actions=move || view! { <Button label=t(W::common_filter_clear) on_press=clear /> }
            >
                {t(W::hosts_no_match_text)}
            </EmptyState>
        }
    };
    view! {
        <div class="page-list">
            <PageHead title=t(W::nav_hosts) sub />
            <div class="filter-bar">
                <FilterBox
                    tokens=address.tokens
                    text=address.text("q")
                    keys=Vec::new()
                    suggestions=Signal::derive(Vec::new)
                    label=t(W::common_filter)
                    placeholder=t(W::hosts_placeholder)
                />
                <Chips
                    label=t(W::containers_state)
                    chips=Signal::derive(chips)
                    chosen=address.text("state")
                    on_choose=move |key| address.text("state").set(key)
                />
            </div>
            <DataTable
                rows
                columns=Signal::stored(columns())
                key=|h: &Host| h.id.clone()
                label=t(W::nav_hosts)
                sort=Signal::derive(move || address.some("sort"))
                on_sort=move |key| sort.set(key)
                on_open=move |h: Host| go(&href(&h), NavigateOptions::default())
                row_class=std::sync::Arc::new(|h: &Host| if h.stale || h.state == HostState::Unreachable { "stale" } else { "" })
                empty
            />
            <ListFailure rows />
            <PlainFoot rows />
            <KeyHelp keys=plain_list_keys() />
        </div>
    }
}

fn href(host: &Host) -> String {
    format!("/hosts/{}", host.id)
}

fn columns() -> Vec<Column<Host>> {
    let lang = use_lang();
    let now = use_now();
    let state = move |h: &Host| {
        let (meaning, word) = state_of(lang.get(), h);
        let why = h.cause.as_ref().map(|c| cause_text(lang.get(), &c.code, &c.detail));
        let title = why.clone();
        view! {
            <span class="state-cell keep" title=title>
                {state_mark(meaning, word)}
                {why.map(|why| view! { <span class="third cut">" · "{why}</span> })}
            </span>
        }
    };
    let containers = move |h: &Host| HostsRunningOf { running: &h.containers.running, total: &h.containers.total }.text(lang.get());
    let trouble = |h: &Host| (h.containers.trouble > 0).then(|| view! { <span class="bad">{h.containers.trouble}</span> });
    let fact = |of: fn(&crate::api::host::Engine) -> Option<String>| {
        move |h: &Host| h.engine.as_ref().and_then(of).map(|shown| view! { <span class="cut" title=shown.clone()>{shown.clone()}</span> })
    };
    vec![
        Column::new("state", t(W::containers_state), state).min_width(220).sorted("state").narrow(Narrow::Second),
        Column::new("name", t(W::containers_name), |h: &Host| link(href(h), h.name.clone()))
            .min_width(150)
            .sorted("name")
            .narrow(Narrow::Title),
        Column::new("containers", t(W::nav_containers), containers).width(132).end().sorted("containers").narrow(Narrow::Tail),
        Column::new("trouble", t(W::containers_trouble), trouble).width(80).end(),
        Column::new("version", t(W::hosts_version), fact(|e| Some(e.version.clone()))).width(96).sorted("version"),
        Column::new("system", t(W::hosts_system), fact(|e| Some(e.operating_system.clone()))).min_width(150),
        Column::new("cpus", t(W::hosts_cpus), fact(|e| (e.cpus > 0).then(|| e.cpus.to_string()))).width(64).end(),
        Column::new("memory", t(W::hosts_memory), fact(|e| (e.memory_bytes > 0).then(|| bytes(e.memory_bytes)))).width(88).end(),
        Column::new("since", t(W::hosts_since), move |h: &Host| time(now, lang, h.since.clone(), TimeStyle::Age)).width(80).end(),
    ]
}
