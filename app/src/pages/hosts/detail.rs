//! One host: state, engine, warnings, what happened on it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};

use super::{cause_text, state_of};
use crate::{
    api::{
        event::EventQuery,
        host::{Engine, Host, HostState},
        problem::Failure,
    },
    client::{live::use_changes, percent_encode},
    components::{
        dom::when_hydrated,
        facts::{Fact, Facts},
        figure::bytes,
        note::{Note, Tone},
        page::{PageHead, Section},
        skeleton::SkeletonLines,
        state_mark::{Meaning, StateMark, state_mark},
        time::{Time, TimeStyle},
    },
    loader::{Loaded, loader, use_client},
    pages::{events::EventFeed, failed::FailedPage, frame::ObjectName, in_turn::in_turn},
    words::{W, hosts_stale_containers, t, text, thousands, use_lang},
};

/// The page.
pub struct HostPage {
    loaded: Loaded<Host>,
}

#[lazy_route]
impl LazyRoute for HostPage {
    fn data() -> Self {
        let params = use_params_map();
        let loaded = loader(move |client| client.host(&params.with(|p| p.get("id").unwrap_or_default())));
        Self { loaded }
    }

    fn view(this: Self) -> AnyView {
        let loaded = this.loaded;
        let content = move || {
            Suspend::new(async move {
                match loaded.await {
                    Ok(first) => view! { <Whole first /> }.into_any(),
                    Err(Failure::Later) => view! { <SkeletonLines lines=8 /> }.into_any(),
                    Err(failure) => view! { <FailedPage title=t(W::nav_hosts) failure on_retry=move |()| loaded.refetch() /> }.into_any(),
                }
            })
        };
        view! { <Transition fallback=move || view! { <SkeletonLines lines=8 /> }>{content}</Transition> }.into_any()
    }
}

/// The page of one host. What changes is fetched into its signal: events that were asked for and a place in them stay.
#[component]
fn Whole(first: Host) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let id = StoredValue::new(first.id.clone());
    let host = RwSignal::new(first);
    let refresh = in_turn(move || {
        let asked = client.try_get_value().zip(id.try_get_value());
        async move {
            let Some((client, id)) = asked else { return };
            // The bar above tells of a lost console, and what is shown is dated.
            let Ok(now) = client.host(&id).await else { return };
            when_hydrated(move || {
                if host.try_with_untracked(|before| *before != now).unwrap_or(false) {
                    let _ = host.try_set(now);
                }
            });
        }
    });
    use_changes(&["host", "container"], move |changed| {
        // Its counts change with containers, which do not say whose they are.
        if changed.is_empty() || changed.iter().any(|c| c.kind == "container" || id.with_value(|id| c.id == *id)) {
            refresh.run(());
        }
    });
    let name = Memo::new(move |_| host.with(|h| h.name.clone()));
    if let Some(ObjectName(shown)) = use_context() {
        Effect::new(move |_| {
            let name = name.get();
            when_hydrated(move || drop(shown.try_set(Some(name))));
        });
        on_cleanup(move || shown.set(None));
    }
    let meaning = Signal::derive(move || host.with(|h| state_of(lang.get(), h).0));
    let word = move || host.with(|h| state_of(lang.get(), h).1);
    let since = Memo::new(move |_| host.with(|h| h.since.clone()));
    let sub = move || {
        view! {
            <StateMark meaning word />
            <span>{move || view! { <Time at=since.get() style=TimeStyle::Ago /> }}</span>
        }
    };
    let cause = Memo::new(move |_| host.with(|h| h.cause.clone().filter(|_| h.state == HostState::Unreachable)));
    let counts = Memo::new(move |_| host.with(|h| h.containers));
    let note = move || {
        cause.get().map(|cause| {
            view! {
                <div class="notes">
                    <Note tone=Tone::Bad title=move || cause_text(lang.get(), &cause.code, &cause.detail)>
                        {move || hosts_stale_containers(lang.get(), u64::from(counts.get().total))}
                    </Note>
                </div>
            }
        })
    };
    let engine = Memo::new(move |_| host.with(|h| h.engine.clone()));
    let ping = Signal::derive(move || host.with(|h| h.ping_ms));
    let query = EventQuery { host_id: Some(id.get_value()), ..EventQuery::default() };
    view! {
        <Title text=move || name.get() />
        <PageHead title=move || name.get() sub ruled=true />
        <div class="page-scroll">
            {note}
            <div class="split flow">
                <div class="split-main">
                    <Section title=t(W::nav_containers)>
                        <ul class="tallies">{move || host.with(tallies)}</ul>
                    </Section>
                    <Section title=t(W::nav_events) flush=true>
                        <EventFeed query />
                    </Section>
                </div>
                <aside class="split-side">{move || engine.get().map(|engine| view! { <EngineFacts engine ping /> })}</aside>
            </div>
        </div>
    }
}

/// How many containers of it are how, each a link where the list can show them alone.
fn tallies(host: &Host) -> Vec<AnyView> {
    let lang = use_lang();
    let (counts, all) = (host.containers, format!("/containers?group=none&host={}", percent_encode(&host.name)));
    let tally = |n: u32, word: W, meaning: Option<Meaning>, leads: Option<&str>| {
        let words = move || format!("{} {}", thousands(u64::from(n)), text(lang.get(), word));
        let said = match meaning {
            Some(meaning) => state_mark(meaning, words).into_any(),
            None => words.into_any(),
        };
        match leads {
            Some(more) => view! { <li><a href=format!("{all}{more}")>{said}</a></li> }.into_any(),
            None => view! { <li>{said}</li> }.into_any(),
        }
    };
    if host.state != HostState::Reachable {
        return vec![tally(counts.total, W::containers_unknown, Some(Meaning::Unknown), Some(""))];
    }
    vec![
        tally(counts.total, W::containers_all, None, Some("")),
        tally(counts.running, W::containers_running, Some(Meaning::Good), None),
        tally(counts.stopped + counts.paused, W::containers_stopped, Some(Meaning::Stopped), None),
        tally(counts.trouble, W::containers_trouble, Some(Meaning::Bad), Some("&condition=trouble")),
    ]
}

#[component]
fn EngineFacts(engine: Engine, ping: Signal<Option<u32>>) -> impl IntoView {
    let lang = use_lang();
    let swarm = engine.swarm.clone();
    let warnings = engine.warnings.clone();
    let none = warnings.is_empty();
    view! {
        <Section title=t(W::hosts_engine)>
            <Facts>
                <Fact label=t(W::hosts_version)>
                    {format!("Docker {} · API {} ({}–{})", engine.version, engine.api_version, engine.api_version_min, engine.api_version_max)}
                </Fact>
                <Fact label=t(W::hosts_storage)>{format!("{} · cgroup v{}", engine.storage_driver, engine.cgroup_version)}</Fact>
                <Fact label=t(W::hosts_logging)>{engine.logging_driver}</Fact>
                <Fact label=t(W::hosts_runtimes)>{engine.runtimes.join(", ")}</Fact>
                <Fact label=t(W::hosts_security)>{engine.security_options.join(", ")}</Fact>
                <Fact label=t(W::hosts_root)><span class="mono">{engine.root_dir}</span></Fact>
                <Fact label=t(W::hosts_swarm)>{swarm}</Fact>
                {engine.images.map(|n| view! { <Fact label=t(W::hosts_images)>{n}</Fact> })}
                <Fact label=t(W::hosts_ping)>{move || ping.get().map(|ms| format!("{ms} ms"))}</Fact>
            </Facts>
        </Section>
        <Section title=t(W::hosts_machine)>
            <Facts>
                <Fact label=t(W::hosts_system)>{engine.operating_system}</Fact>
                <Fact label=t(W::hosts_kernel)>{format!("{} · {}", engine.kernel, engine.architecture)}</Fact>
                <Fact label=t(W::hosts_cpus)>{engine.cpus}</Fact>
                <Fact label=t(W::hosts_memory)>{bytes(engine.memory_bytes)}</Fact>
            </Facts>
        </Section>
        <Section title=t(W::hosts_warnings)>
            {none.then(|| view! { <p class="second">{move || text(lang.get(), W::hosts_no_warnings)}</p> })}
            <ul class="plain">{warnings.into_iter().map(|w| view! { <li>{w}</li> }).collect::<Vec<_>>()}</ul>
        </Section>
    }
}
