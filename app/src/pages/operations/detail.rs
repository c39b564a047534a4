//! One operation: where it stands, layer by layer and object by object, what it said, and ending it.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};

use super::words::{item, kind_word, layer, meaning, state_word};
use crate::{
    api::{
        operation::{Operation, OperationItem, OperationState},
        problem::Failure,
    },
    client::live::use_changes,
    components::{
        button::Button,
        dom::when_hydrated,
        facts::{Fact, Facts},
        figure::bytes,
        page::{PageHead, Section},
        skeleton::SkeletonLines,
        state_mark::{StateMark, state_mark},
        time::{Time, TimeStyle},
        toasts::{Toast, use_toasts},
    },
    loader::{Loaded, loader, use_client},
    pages::failed::Failed,
    problems::{of_code, sentence},
    words::{W, t, text, use_lang},
};

pub struct OperationPage {
    loaded: Loaded<Operation>,
}

#[lazy_route]
impl LazyRoute for OperationPage {
    fn data() -> Self {
        let params = use_params_map();
        Self { loaded: loader(move |client| client.operation(&params.with(|p| p.get("id").unwrap_or_default()))) }
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

#[component]
fn Whole(first: Operation) -> impl IntoView {
    let lang = use_lang();
    let (client, toasts) = (StoredValue::new(use_client()), use_toasts());
    let id = StoredValue::new(first.id.clone());
    let operation = RwSignal::new(first);
    use_changes(&["operation"], move |changed| {
        if !changed.is_empty() && !id.with_value(|id| changed.iter().any(|c| c.id == *id)) {
            return;
        }
        spawn_local(async move {
            let Some((client, id)) = client.try_get_value().zip(id.try_get_value()) else { return };
            if let Ok(now) = client.operation(&id).await {
                when_hydrated(move || drop(operation.try_set(now)));
            }
        });
    });
    let cancel = move |_| {
        let (client, id) = (client.get_value(), id.get_value());
        spawn_local(async move {
            match client.cancel_operation(&id).await {
                Ok(now) => drop(operation.try_set(now)),
                Err(failure) => toasts.show(Toast::bad(sentence(lang.get_untracked(), &failure))),
            }
        });
    };
    let title = move || operation.with(|o| kind_word(lang.get(), &o.kind));
    let state = Signal::derive(move || operation.with(|o| meaning(o.state)));
    let word = move || text(lang.get(), operation.with(|o| state_word(o.state))).to_owned();
    let sub = move || view! { <StateMark meaning=state word /> };
    let actions = move || {
        operation.with(|o| o.cancellable && o.state == OperationState::Running).then(|| {
            view! { <Button label=t(W::operations_cancel) on_press=cancel /> }
        })
    };
    let layers = move || {
        let (layers, lang) = (operation.with(|o| o.layers.clone()), lang.get());
        (!layers.is_empty()).then(|| {
            let rows = layers.into_iter().map(move |l| {
                let done = match (l.current, l.total) {
                    (Some(now), Some(of)) if l.state != "done" => format!("{} / {}", bytes(now), bytes(of)),
                    _ => String::new(),
                };
                let words = layer(lang, &l.state);
                view! { <li><span class="mono">{l.id}</span>" "{words}" "<span class="third">{done}</span></li> }
            });
            view! { <Section title=t(W::operations_layers)><ul class="plain-list">{rows.collect::<Vec<_>>()}</ul></Section> }
        })
    };
    let items = move || {
        let lang = lang.get();
        operation.with(|o| o.items.iter().map(|i| one(lang, &o.kind, i)).collect::<Vec<_>>())
    };
    let log = move || operation.with(|o| o.log.join("\n"));
    view! {
        <Title text=title />
        <PageHead title=title sub actions ruled=true />
        <div class="page-scroll">
            <Section title=t(W::operations_what)>
                <Facts>
                    <Fact label=t(W::operations_who)>{move || operation.with(|o| o.actor_name.clone())}</Fact>
                    <Fact label=t(W::operations_when)>{move || operation.with(|o| view! { <Time at=o.created_at.clone() style=TimeStyle::Ago /> })}</Fact>
                    <Fact label=t(W::operations_progress)>{move || operation.with(|o| format!("{} / {}", o.done, o.total))}</Fact>
                </Facts>
            </Section>
            {layers}
            <Section title=t(W::operations_items)><ul class="plain-list">{items}</ul></Section>
            {move || (!operation.with(|o| o.log.is_empty())).then(|| view! {
                <Section title=t(W::operations_log)><pre class="compose" tabindex="0">{log}</pre></Section>
            })}
        </div>
    }
}

/// One object and what became of it.
fn one(lang: crate::words::Lang, kind: &str, i: &OperationItem) -> impl IntoView + use<> {
    let (meaning, word) = item(&i.state);
    let word = word.map_or_else(|| i.state.clone(), |w| text(lang, w).to_owned());
    let gone = kind == "container.remove" && i.state == "done";
    let name = if i.object_name.is_empty() { i.object_id.clone() } else { i.object_name.clone() };
    let name = if gone || i.object_id.is_empty() {
        view! { <span>{name}</span> }.into_any()
    } else {
        view! { <a href=format!("/containers/{}", i.object_id)>{name}</a> }.into_any()
    };
    let why = i.code.as_deref().and_then(|code| of_code(lang, code)).map(str::to_owned);
    let why = match (why, i.detail.clone()) {
        (Some(words), Some(detail)) => Some(format!("{words} {detail}")),
        (words, detail) => words.or(detail),
    };
    view! { <li>{state_mark(meaning, word)}" "{name}" "<span class="second">{why}</span></li> }
}
