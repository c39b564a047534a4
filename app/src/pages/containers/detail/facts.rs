//! The overview of one container: why it is so, last log lines, and the facts at the right.

use leptos::prelude::*;

use super::{
    metrics::memory_shown,
    policy::PolicySection,
    tabs::LastLines,
    usage::{Asked, Usage},
};
use crate::{
    api::{
        container::{Container, ContainerDetail, Inspect},
        image::{ImageState, ImageUpdate},
    },
    components::{
        chart::{Chart, Unit},
        copyable::Copyable,
        facts::{Fact, Facts},
        figure::{bytes, cores, of_limit},
        meter::meter,
        page::Section,
        state_mark::StateMark,
        tag::{TagTone, tag},
        time::{Time, TimeStyle},
    },
    loader::use_client,
    pages::{
        containers::state_of,
        fetched::{Fetched, fetched},
    },
    words::{
        ContainersPolicyMax, ContainersRestartsText, Lang, MetricsOfAll, MetricsOfCores, W, containers_exited, metrics_cores,
        metrics_no_limit, t, text, use_lang,
    },
};

#[component]
pub fn OverviewTab(
    detail: RwSignal<ContainerDetail>,
    /// Something was done here that the page tells of.
    changed: Callback<()>,
) -> impl IntoView {
    let id = detail.with_untracked(|d| d.container.id.clone());
    let logs = format!("/containers/{id}?tab=logs");
    // New lines are worth fetching when it started or ended.
    let turned = Memo::new(move |_| detail.with(|d| (d.container.started_at.clone(), d.container.finished_at.clone())));
    let lines = move || {
        // Read, not only tracked: a memo that nobody reads never turns.
        let _ = turned.try_with(|_| ());
        view! { <LastLines id=id.clone() lines=10 /> }
    };
    let usage = Usage::follow(detail, Signal::stored(Asked::Last(60)));
    let update = image_update(detail);
    let why = move || detail.with(|d| view! { <Why c=d.container.clone() inspect=d.inspect.clone() /> });
    let facts = move || {
        let ContainerDetail { container, inspect, .. } = detail.get();
        view! {
            <What c=container.clone() inspect=inspect.clone() update />
            <Where c=container inspect=inspect.clone() />
            {inspect.map(|i| view! { <Limits i=i.clone() usage /> <Data i=i.clone() /> <Security i /> })}
        }
    };
    view! {
        <div class="split flow">
            <div class="split-main">
                {why}
                <Section title=t(W::containers_last_lines) sub=move || view! { <a href=logs.clone()>{t(W::containers_open_logs)}</a> }>
                    {lines}
                </Section>
                <MemorySection usage />
            </div>
            <aside class="split-side">
                {facts}
                <PolicySection detail changed />
            </aside>
        </div>
    }
}

#[component]
fn Why(c: Container, inspect: Option<Inspect>) -> impl IntoView {
    let lang = use_lang();
    let own = StoredValue::new(c.clone());
    let meaning = Signal::derive(move || own.with_value(|c| state_of(lang.get(), c).0));
    let word = move || own.with_value(|c| state_of(lang.get(), c).1);
    let exit = c.exit_code.map(|code| {
        let oom = c.oom_killed;
        let at = c.finished_at.clone();
        view! {
            <Fact label=t(W::containers_last_exit)>
                {move || containers_exited(lang.get(), code)}
                {oom.then(|| view! { " · " {t(W::containers_oom)} })}
                {at.map(|at| view! { " · " <Time at style=TimeStyle::Ago /> })}
            </Fact>
        }
    });
    let engine_restarts = inspect.as_ref().map_or(0, |i| i.restart_count);
    let restarts = c.restarts_24h;
    let error = inspect.as_ref().and_then(|i| i.error.clone()).filter(|e| !e.is_empty());
    let policy = inspect.map(|i| {
        let (name, max) = (i.restart_policy, i.restart_max_retries);
        view! { <Fact label=t(W::containers_policy)>{move || if max > 0 { ContainersPolicyMax { name: &name, max: &max }.text(lang.get()) } else { name.clone() }}</Fact> }
    });
    let health = c.health.map(|h| {
        let w = match h {
            crate::api::container::Health::Healthy => W::containers_healthy,
            crate::api::container::Health::Unhealthy => W::containers_unhealthy,
            crate::api::container::Health::Starting => W::containers_starting,
        };
        view! { <Fact label=t(W::containers_health)>{t(w)}</Fact> }
    });
    view! {
        <Section title=t(W::containers_why)>
            <Facts>
                <Fact label=t(W::containers_state)><StateMark meaning word /></Fact>
                {c.started_at.clone().map(|at| view! { <Fact label=t(W::containers_started_at)><Time at style=TimeStyle::Ago /></Fact> })}
                {exit}
                <Fact label=t(W::containers_restarts)>{move || ContainersRestartsText { day: &restarts, engine: &engine_restarts }.text(lang.get())}</Fact>
                {policy}
                {health}
                {error.map(|e| view! { <Fact label=t(W::containers_error)>{e}</Fact> })}
            </Facts>
        </Section>
    }
}

/// What the registry has under the name of its image, which is the same as long as the container is. That it can't be told is not said.
fn image_update(detail: RwSignal<ContainerDetail>) -> Fetched<ImageUpdate> {
    let client = StoredValue::new(use_client());
    fetched(move || {
        let (id, host) = detail.with_untracked(|d| (d.container.id.clone(), d.container.host_id.clone()));
        client.get_value().container_image_update(&id, Some(&host)).into_future()
    })
    .0
}

fn image_state(lang: Lang, update: &ImageUpdate) -> Option<AnyView> {
    match update.state {
        ImageState::Newer => {
            let title = text(lang, W::containers_newer_image_text);
            Some(view! { " " <span title=title>{tag(TagTone::Accent, text(lang, W::containers_newer_image))}</span> }.into_any())
        }
        ImageState::Current | ImageState::Unknown => None,
    }
}

#[component]
fn What(c: Container, inspect: Option<Inspect>, update: Fetched<ImageUpdate>) -> impl IntoView {
    let lang = use_lang();
    let program = inspect.as_ref().map(|i| (i.path.clone(), i.argument_count));
    let image_id = inspect.map(|i| (i.image_id.clone(), i.image_id.chars().take(19).collect::<String>()));
    view! {
        <Section title=t(W::containers_what)>
            <Facts>
                <Fact label=t(W::containers_image)><span class="mono">{c.image.clone()}</span>{move || image_state(lang.get(), &update.get()?.ok()?)}</Fact>
                {image_id.map(|(id, short)| view! { <Fact label=t(W::containers_image_id)><Copyable text=id shown=short /></Fact> })}
                {c.compose_project.clone().map(|p| {
                    let service = c.compose_service.clone().map(|s| format!(" · {s}")).unwrap_or_default();
                    view! { <Fact label="compose"><a href=format!("/containers?compose={}", crate::client::percent_encode(&p))>{p.clone()}</a>{service}</Fact> }
                })}
                <Fact label=t(W::containers_project)>{move || c.project.as_ref().map_or_else(|| text(lang.get(), W::containers_platforms).to_owned(), |p| p.name.clone())}</Fact>
                {program.map(|(path, n)| view! { <Fact label=t(W::containers_command)><span class="mono">{path}</span>{move || crate::words::containers_arguments(lang.get(), u64::from(n))}</Fact> })}
                <Fact label=t(W::containers_created_at)><Time at=c.created_at.clone() style=TimeStyle::Ago /></Fact>
            </Facts>
        </Section>
    }
}

#[component]
fn Where(c: Container, inspect: Option<Inspect>) -> impl IntoView {
    let ports: Vec<String> = c
        .ports
        .iter()
        .map(|p| match p.host_port {
            Some(host) => format!("{} → {host}/{}", p.container_port, p.protocol),
            None => format!("{}/{}", p.container_port, p.protocol),
        })
        .collect();
    let networks = inspect.map(|i| i.networks).unwrap_or_default();
    view! {
        <Section title=t(W::containers_where)>
            <Facts>
                <Fact label=t(W::containers_host)><a href=format!("/hosts/{}", c.host_id)>{c.host_name.clone()}</a></Fact>
                {networks.into_iter().map(|n| view! { <Fact label=n.name>{if n.ip_address.is_empty() { "–".to_owned() } else { n.ip_address }}</Fact> }).collect::<Vec<_>>()}
                {(!ports.is_empty()).then(|| view! { <Fact label=t(W::containers_ports)>{ports.join(", ")}</Fact> })}
            </Facts>
        </Section>
    }
}

/// The last hour's memory, where anything was measured.
#[component]
fn MemorySection(usage: Usage) -> impl IntoView {
    let lang = use_lang();
    let asked = Asked::Last(60);
    let span = Memo::new(move |_| usage.span(&asked));
    let has = Memo::new(move |_| usage.told.with(Option::is_some) && !usage.is_empty(span.get()));
    let shown = Memo::new(move |_| memory_shown(usage, lang.get()));
    move || {
        has.get().then(|| {
            view! {
                <Section title=t(W::metrics_memory)>
                    <Chart title=t(W::metrics_memory) shown unit=Unit::Bytes span cursor=RwSignal::new(None) />
                </Section>
            }
        })
    }
}

#[component]
fn Limits(i: Inspect, usage: Usage) -> impl IntoView {
    let lang = use_lang();
    let none = move || text(lang.get(), W::containers_no_limit).to_owned();
    let no_limit = move |used: String| metrics_no_limit(lang.get(), used);
    let (memory, cpu, pids) = (i.memory_limit_bytes, i.cpu_limit, i.pids_limit.filter(|n| *n > 0).map(i64::unsigned_abs));
    // While nothing is told, the limits alone.
    let now = move || usage.now.get().unwrap_or_default();
    let memory = move || match (now().memory_bytes, memory) {
        (Some(used), Some(limit)) => {
            let (of, all) = of_limit(used, limit);
            meter(used as f64 / limit.max(1) as f64, of, all).into_any()
        }
        (Some(used), None) => no_limit(bytes(used)).into_any(),
        (None, limit) => limit.map_or_else(none, bytes).into_any(),
    };
    let cpu = move || {
        let limit = cpu.map(|c| cores((c * 1_000.0).round() as u64));
        match (now().cpu_millicores.map(cores), limit) {
            (Some(used), Some(limit)) => MetricsOfCores { used: &used, limit: &limit }.text(lang.get()),
            (Some(used), None) => no_limit(metrics_cores(lang.get(), used)),
            (None, limit) => limit.unwrap_or_else(none),
        }
    };
    let pids = move || match (now().processes, pids) {
        (Some(used), Some(limit)) => MetricsOfAll { used: &used, limit: &limit }.text(lang.get()),
        (Some(used), None) => no_limit(used.to_string()),
        (None, limit) => limit.map_or_else(none, |n| n.to_string()),
    };
    let writes =
        move || now().written_bytes_per_second.map(|n| view! { <Fact label=t(W::metrics_disk_writes)>{format!("{}/s", bytes(n))}</Fact> });
    view! {
        <Section title=t(W::metrics_use)>
            <Facts>
                <Fact label="CPU">{cpu}</Fact>
                <Fact label=t(W::hosts_memory)>{memory}</Fact>
                <Fact label=t(W::metrics_processes)>{pids}</Fact>
                {writes}
                <Fact label=t(W::hosts_logging)>{i.log_driver}</Fact>
            </Facts>
        </Section>
    }
}

#[component]
fn Data(i: Inspect) -> impl IntoView {
    let none = i.mounts.is_empty();
    view! {
        <Section title=t(W::containers_data)>
            {none.then(|| view! { <p class="second">{t(W::common_no_value)}</p> })}
            <Facts>
                {i.mounts
                    .into_iter()
                    .map(|m| {
                        let kind = m.kind.clone();
                        view! {
                            <Fact label=m.target>
                                <span class="mono">{m.source}</span> " " {tag(TagTone::Plain, kind)}
                                {m.read_only.then(|| view! { " " {t(W::containers_read_only)} })}
                            </Fact>
                        }
                    })
                    .collect::<Vec<_>>()}
            </Facts>
        </Section>
    }
}

#[component]
fn Security(i: Inspect) -> impl IntoView {
    let user = if i.user.is_empty() { "root".to_owned() } else { i.user.clone() };
    let privileged = i.privileged;
    view! {
        <Section title=t(W::containers_security)>
            <Facts>
                <Fact label=t(W::containers_user)>{user}</Fact>
                <Fact label=t(W::containers_privileged)>{if privileged { tag(TagTone::Bad, t(W::common_yes)).into_any() } else { view! { <span>{t(W::common_no)}</span> }.into_any() }}</Fact>
                <Fact label=t(W::containers_root_fs)>{if i.read_only_root { t(W::containers_read_only) } else { t(W::containers_writable) }}</Fact>
                {(!i.capabilities_added.is_empty()).then(|| view! { <Fact label=t(W::containers_caps)>{i.capabilities_added.join(", ")}</Fact> })}
                <Fact label=t(W::containers_network_mode)>{i.network_mode.clone()}</Fact>
            </Facts>
        </Section>
    }
}
