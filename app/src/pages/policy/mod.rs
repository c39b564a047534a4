//! Exceptions from the container policy: all of them in a list, the question before one ends, the form of a new one.

pub mod end;
pub mod except;
pub mod words;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{LazyRoute, lazy_route};

use self::{end::EndDialog, words::of_exception};
use crate::{
    api::spec::PolicyException,
    client::{Client, percent_encode},
    components::{
        button::{Button, Kind},
        dom::when_hydrated,
        states::EmptyState,
        time::{TimeStyle, time, use_now},
    },
    loader::{Loaded, loader, use_client},
    me::use_me,
    pages::{
        step_up::{StepUpDialog, provide_step_up},
        whole::whole,
    },
    words::{W, policy_all_of, t, use_lang},
};

/// The list.
pub struct PolicyPage {
    loaded: Loaded<Vec<PolicyException>>,
}

#[lazy_route]
impl LazyRoute for PolicyPage {
    fn data() -> Self {
        Self { loaded: loader(Client::policy_exceptions) }
    }

    fn view(this: Self) -> AnyView {
        whole(W::policy_title, this.loaded, |first| view! { <List first /> }.into_any())
    }
}

#[component]
fn List(first: Vec<PolicyException>) -> impl IntoView {
    provide_step_up();
    let client = StoredValue::new(use_client());
    let shown = RwSignal::new(first);
    let ending = RwSignal::new(None::<PolicyException>);
    let changed = Callback::new(move |()| {
        spawn_local(async move {
            let Some(client) = client.try_get_value() else { return };
            if let Ok(now) = client.policy_exceptions().await {
                when_hydrated(move || drop(shown.try_set(now)));
            }
        });
    });
    let to_containers = move || view! { <a class="button" href="/containers">{t(W::policy_to_containers)}</a> };
    view! {
        {move || if shown.with(Vec::is_empty) {
            view! { <EmptyState title=t(W::policy_none) actions=to_containers>{t(W::policy_none_text)}</EmptyState> }.into_any()
        } else {
            view! { <Rows all=shown.get() ending /> }.into_any()
        }}
        <EndDialog ending changed />
        <StepUpDialog />
    }
}

#[component]
fn Rows(all: Vec<PolicyException>, ending: RwSignal<Option<PolicyException>>) -> impl IntoView {
    let (lang, now) = (use_lang(), use_now());
    let may = use_me().may("policy.manage");
    let row = move |e: PolicyException| {
        let own = StoredValue::new(e.clone());
        let what = move || own.with_value(|e| of_exception(lang.get(), e));
        let end =
            may.then(|| view! { <Button label=t(W::policy_end) kind=Kind::Quiet on_press=move |_| ending.set(Some(own.get_value())) /> });
        let until = match e.until {
            Some(at) => time(now, lang, at, TimeStyle::Exact).into_any(),
            None => t(W::policy_until_ended).into_any(),
        };
        let whom = match (e.container, e.project) {
            (Some(name), _) => {
                view! { <a class="cut" href=format!("/containers?q={}", percent_encode(&name))>{name.clone()}</a> }.into_any()
            }
            (None, Some(project)) => (move || policy_all_of(lang.get(), &project.name)).into_any(),
            (None, None) => ().into_any(),
        };
        view! {
            <tr class="row">
                <td class="in-title">{whom}</td>
                <td class="in-second cut" title=what>{what}</td>
                <td class="cut" title=e.reason.clone()>{e.reason.clone()}</td>
                <td>{e.actor_name}</td>
                <td>{time(now, lang, e.created_at, TimeStyle::Ago)}</td>
                <td class="in-tail">{until}</td>
                <td class="in-tools end">{end}</td>
            </tr>
        }
    };
    view! {
        <p class="second empty-line">{t(W::policy_about)}</p>
        <table class="table items exceptions" aria-label=t(W::policy_title)>
            <thead>
                <tr>
                    <th scope="col">{t(W::policy_for_whom)}</th>
                    <th scope="col">{t(W::policy_which)}</th>
                    <th scope="col">{t(W::policy_reason)}</th>
                    <th scope="col">{t(W::operations_who)}</th>
                    <th scope="col">{t(W::operations_when)}</th>
                    <th scope="col">{t(W::policy_until)}</th>
                    <th scope="col"><span class="aloud">{t(W::common_more)}</span></th>
                </tr>
            </thead>
            <tbody>{all.into_iter().map(row).collect::<Vec<_>>()}</tbody>
        </table>
    }
}
