//! The overview: figures, what needs attention, what happened lately. A newcomer with one host sees the containers and what to do next.

mod activity;
mod attention;
mod figures;
mod one_host;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    api::{
        container::{Container, ContainerQuery, Grouping},
        host::{Host, HostQuery},
        list::List,
        overview::Overview,
        problem::Failure,
    },
    client::{live::use_changes, parse},
    components::{page::PageHead, skeleton::SkeletonLines},
    loader::{Loaded, loader_of},
    pages::failed::FailedPage,
    words::{W, hosts_sub, t, text, use_lang},
};

/// Containers of the only host that are shown; the list has all.
const SHOWN: u32 = 50;

/// What the page shows: in one load.
#[derive(Clone, Debug, serde::Deserialize)]
struct Everything {
    overview: Overview,
    /// The only host, where there is one only.
    hosts: Option<List<Host>>,
    /// With one host: its containers.
    containers: Option<List<Container>>,
}

/// Of the overview, what decides what else is loaded.
#[derive(serde::Deserialize)]
struct HostTotal {
    hosts: Total,
}

#[derive(serde::Deserialize)]
struct Total {
    total: u32,
}

/// The page.
pub struct OverviewPage {
    loaded: Loaded<Everything>,
}

#[lazy_route]
impl LazyRoute for OverviewPage {
    fn data() -> Self {
        let loaded = loader_of(String::new, |client, _| {
            Box::pin(async move {
                let overview = client.overview().text().await?;
                let (mut hosts, mut containers) = ("null".to_owned(), "null".to_owned());
                if parse::<HostTotal>(&overview)?.hosts.total == 1 {
                    hosts = client.hosts(&HostQuery { limit: Some(1), ..HostQuery::default() }).text().await?;
                    let query = ContainerQuery { limit: Some(SHOWN), group: Some(Grouping::Application), ..ContainerQuery::default() };
                    containers = client.containers(&query).text().await?;
                }
                Ok(format!(r#"{{"overview":{overview},"hosts":{hosts},"containers":{containers}}}"#))
            })
        });
        Self { loaded }
    }

    fn view(this: Self) -> AnyView {
        let loaded = this.loaded;
        let lang = use_lang();
        use_changes(&["container", "host", "event", "audit"], move |_| loaded.refetch());
        let content = move || {
            Suspend::new(async move {
                match loaded.await {
                    Ok(all) => view! { <Whole all /> }.into_any(),
                    Err(Failure::Later) => waiting().into_any(),
                    Err(failure) => {
                        view! { <FailedPage title=t(W::nav_overview) failure on_retry=move |()| loaded.refetch() /> }.into_any()
                    }
                }
            })
        };
        view! {
            <Title text=move || text(lang.get(), W::nav_overview) />
            <Transition fallback=waiting>{content}</Transition>
        }
        .into_any()
    }
}

fn waiting() -> impl IntoView {
    view! {
        <PageHead title=t(W::nav_overview) ruled=true />
        <SkeletonLines lines=10 />
    }
}

#[component]
fn Whole(all: Everything) -> impl IntoView {
    let lang = use_lang();
    let Everything { overview, hosts, containers } = all;
    let host = hosts.and_then(|hosts| hosts.items.into_iter().next());
    let total = overview.hosts.total;
    let about = host.as_ref().map(|h| match &h.engine {
        Some(engine) => format!("{} · Docker {}", h.name, engine.version),
        None => h.name.clone(),
    });
    let sub = move || {
        let about = about.clone();
        view! { <span>{move || about.clone().unwrap_or_else(|| hosts_sub(lang.get(), u64::from(total)))}</span> }
    };
    let only = host.as_ref().map(|h| h.state);
    let main = match (containers, host) {
        (Some(list), Some(host)) => view! { <one_host::OneHost host list /> }.into_any(),
        _ => ().into_any(),
    };
    let attention = overview.attention.clone();
    let attention_total = overview.attention_total;
    let activity = overview.activity.clone();
    view! {
        <PageHead title=t(W::nav_overview) sub ruled=true />
        <div class="page-scroll">
            <figures::Strip overview />
            <div class="split flow">
                <div class="split-main">
                    <attention::NeedsAttention attention total=attention_total />
                    {main}
                </div>
                <aside class="split-side">
                    {only.map(|host| view! { <activity::NextSteps host /> })}
                    <activity::RecentActivity activity />
                </aside>
            </div>
        </div>
    }
}
