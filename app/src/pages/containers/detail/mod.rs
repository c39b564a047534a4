//! One container: what it is, why it is so, its last lines, what happened, what the engine says.

mod facts;
mod files;
mod metrics;
mod policy;
mod processes;
mod reveal;
mod tabs;
mod terminal;
mod usage;

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
    lazy_route,
};

use super::{
    act::{Acts, verb},
    forms::Forms,
    state_of,
    words::because,
};
use crate::{
    api::{
        container::{Action, Condition, Container, ContainerDetail},
        event::EventQuery,
        problem::Failure,
    },
    client::live::use_changes,
    components::{
        button::Button,
        copyable::Copyable,
        dom::when_hydrated,
        icon::Glyph,
        menu::MenuButton,
        note::{Note, Tone},
        page::PageHead,
        skeleton::SkeletonLines,
        state_mark::StateMark,
        tabs::{Tab, Tabs},
        time::{Time, TimeStyle},
    },
    loader::{Loaded, loader, use_client},
    pages::{
        events::EventFeed,
        failed::Failed,
        frame::ObjectName,
        logs::lines::Source,
        step_up::{StepUpDialog, provide_step_up},
    },
    words::{ContainersNoteLoop, W, containers_note_stale, t, text, use_lang},
};

/// The page.
pub struct ContainerPage {
    loaded: Loaded<ContainerDetail>,
}

#[lazy_route]
impl LazyRoute for ContainerPage {
    fn data() -> Self {
        let params = use_params_map();
        let loaded = loader(move |client| client.container(&params.with(|p| p.get("id").unwrap_or_default())));
        Self { loaded }
    }

    fn view(this: Self) -> AnyView {
        let loaded = this.loaded;
        let content = move || {
            Suspend::new(async move {
                match loaded.await {
                    Ok(first) => view! { <Whole first /> }.into_any(),
                    Err(Failure::Later) => view! { <SkeletonLines lines=10 /> }.into_any(),
                    Err(failure) => view! { <Failed failure on_retry=move |()| loaded.refetch() /> }.into_any(),
                }
            })
        };
        view! { <Transition fallback=move || view! { <SkeletonLines lines=10 /> }>{content}</Transition> }.into_any()
    }
}

/// The page of one container. What changes is fetched into its signal: an open menu, a folded field, a place in the log stay.
#[component]
fn Whole(first: ContainerDetail) -> impl IntoView {
    let lang = use_lang();
    provide_step_up();
    let client = StoredValue::new(use_client());
    let (id, host_id) = (first.container.id.clone(), first.container.host_id.clone());
    let short: String = id.chars().take(12).collect();
    let own_id = StoredValue::new(id.clone());
    let (detail, gone) = (RwSignal::new(first), RwSignal::new(false));
    let refresh = move || {
        spawn_local(async move {
            let Some((client, id)) = client.try_get_value().zip(own_id.try_get_value()) else { return };
            let now = client.container(&id).await;
            when_hydrated(move || match now {
                Ok(now) => drop(detail.try_set(now)),
                Err(failure) if failure.status() == Some(404) => drop(gone.try_set(true)),
                // The bar above tells of a lost console, and what is shown is dated.
                Err(_) => {}
            });
        });
    };
    let go = use_navigate();
    let acts = Acts::new(refresh).removed(move || go("/containers", NavigateOptions::default()));
    use_changes(&["container", "host"], move |changed| {
        let concerned = own_id.with_value(|id| {
            // What is under way here fetches it when it is done.
            !acts.is_busy_now(id) && (changed.is_empty() || changed.iter().any(|c| c.id == *id || c.kind == "host"))
        });
        if concerned && !gone.get_untracked() {
            refresh();
        }
    });
    let name = Memo::new(move |_| detail.with(|d| d.container.name.clone()));
    if let Some(ObjectName(shown)) = use_context() {
        Effect::new(move |_| {
            let name = name.get();
            when_hydrated(move || drop(shown.try_set(Some(name))));
        });
        on_cleanup(move || shown.set(None));
    }
    let query = use_query_map();
    let tab = Memo::new(move |_| {
        query
            .with(|q| q.get("tab"))
            .filter(|t| ["logs", "metrics", "terminal", "files", "events", "inspect"].contains(&t.as_str()))
            .unwrap_or_else(|| "overview".to_owned())
    });
    let meaning = Signal::derive(move || detail.with(|d| state_of(lang.get(), &d.container).0));
    let word = move || detail.with(|d| state_of(lang.get(), &d.container).1);
    let copied = id.clone();
    let sub = move || view! { <StateMark meaning word /> <Copyable text=copied.clone() shown=short.clone() /> };
    let can_start = Memo::new(move |_| detail.with(|d| d.container.can(Action::Start).is_ok()));
    let why_gone = move || gone.get().then(|| text(lang.get(), W::containers_because_gone).to_owned());
    let actions = move || {
        let button = move |action: Action, glyph: Glyph| {
            let cannot = move || detail.with(|d| d.container.can(action).err().map(|why| because(lang.get(), why)));
            let refused = Signal::derive(move || why_gone().or_else(cannot));
            let busy = Signal::derive(move || own_id.with_value(|id| acts.is_busy(id)));
            let press = move |_| detail.with_untracked(|d| acts.run(&d.container, action));
            view! { <Button label=t(verb(action)) glyph refused busy on_press=press /> }
        };
        let entries = Signal::derive(move || detail.with(|d| acts.entries(&d.container, why_gone().as_deref())));
        view! {
            {button(Action::Restart, Glyph::Restart)}
            {move || if can_start.get() { button(Action::Start, Glyph::Play) } else { button(Action::Stop, Glyph::Stop) }}
            <MenuButton label=t(W::common_more) entries class="button tool" face=move || crate::components::icon::icon(Glyph::Dots) />
        }
    };
    let base = format!("/containers/{id}");
    let tabs = vec![
        Tab::new("overview", t(W::containers_overview), base.clone()),
        Tab::new("logs", t(W::containers_logs), format!("{base}?tab=logs")),
        Tab::new("metrics", t(W::metrics_title), format!("{base}?tab=metrics")),
        Tab::new("terminal", t(W::terminal_tab), format!("{base}?tab=terminal")),
        Tab::new("files", t(W::files_tab), format!("{base}?tab=files")),
        Tab::new("events", t(W::nav_events), format!("{base}?tab=events")),
        Tab::new("inspect", t(W::containers_inspect), format!("{base}?tab=inspect")),
    ];
    let inspect = Memo::new(move |_| detail.with(|d| d.inspect.clone()));
    let body = move || match tab.get().as_str() {
        "logs" => {
            let source = Source { host_id: host_id.clone(), id: id.clone(), name: name.get_untracked() };
            view! { <tabs::LogsTab source /> }.into_any()
        }
        "metrics" => view! { <metrics::MetricsTab detail /> }.into_any(),
        "terminal" => view! { <terminal::TerminalTab id=id.clone() /> }.into_any(),
        "files" => view! { <files::FilesTab id=id.clone() /> }.into_any(),
        "events" => {
            let query = EventQuery { host_id: Some(host_id.clone()), object_id: Some(id.clone()), ..EventQuery::default() };
            view! { <EventFeed query /> }.into_any()
        }
        "inspect" => view! {
            {move || view! { <tabs::InspectTab inspect=inspect.get() /> }}
            <reveal::RevealSection detail />
        }
        .into_any(),
        _ => view! { <facts::OverviewTab detail changed=Callback::new(move |()| refresh()) /> }.into_any(),
    };
    let gone_note = move || {
        gone.get().then(|| {
            view! {
                <div class="notes">
                    <Note tone=Tone::Warning title=t(W::containers_gone) actions=move || view! { <a href="/containers">{t(W::containers_back)}</a> }>
                        {t(W::containers_gone_text)}
                    </Note>
                </div>
            }
        })
    };
    view! {
        <Title text=move || name.get() />
        <PageHead title=move || name.get() sub actions />
        {gone_note}
        {move || detail.with(|d| note(&d.container))}
        <Tabs label=t(W::containers_parts) tabs=Signal::stored(tabs) open=tab />
        <div class="page-scroll">{body}</div>
        <Forms acts />
        <StepUpDialog />
    }
}

/// When something is wrong: what, since when, and the next step.
fn note(c: &Container) -> Option<impl IntoView + use<>> {
    let lang = use_lang();
    let own = c.clone();
    let since = c.finished_at.clone().or_else(|| c.started_at.clone());
    // Of a silent host nothing can be fetched: the next step is to see what is wrong with it.
    let (next, word) = match c.condition {
        Condition::Unknown => (format!("/hosts/{}", c.host_id), W::containers_open_host),
        _ => (format!("/containers/{}?tab=logs", c.id), W::containers_open_logs),
    };
    let (tone, title): (Tone, Box<dyn Fn() -> String + Send + Sync>) = match c.condition {
        Condition::Unknown => (Tone::Warning, Box::new(move || containers_note_stale(lang.get(), &own.host_name))),
        Condition::Trouble if own.restart_loop => (
            Tone::Bad,
            Box::new(move || ContainersNoteLoop { state: &state_of(lang.get(), &own).1, n: &own.restarts_24h }.text(lang.get())),
        ),
        Condition::Trouble => (Tone::Bad, Box::new(move || state_of(lang.get(), &own).1)),
        _ if c.oom_killed => (Tone::Warning, Box::new(move || text(lang.get(), W::containers_note_oom).to_owned())),
        _ => return None,
    };
    let since = if c.stale { c.as_of.clone() } else { since };
    Some(view! {
        <div class="notes">
            <Note tone title=move || title() actions=move || view! { <a href=next.clone()>{t(word)}</a> }>
                {since.map(|at| view! { <Time at style=TimeStyle::Ago /> })}
            </Note>
        </div>
    })
}
