//! What the API offers, from the document that scripts read too.

mod document;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use serde_json::Value;

use document::{Operation, operations};

use crate::{
    components::{
        json_tree::branch,
        page::{PageHead, Section},
        skeleton::SkeletonLines,
        tag::{TagTone, tag},
    },
    loader::use_client,
    pages::{failed::Failed, fetched::fetched},
    words::{W, api_counted, t, text, use_lang},
};

/// The page.
pub struct ApiReference;

#[lazy_route]
impl LazyRoute for ApiReference {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let ApiReference = this;
        let lang = use_lang();
        let client = StoredValue::new(use_client());
        let (got, again) = fetched(move || {
            let client = client.get_value();
            async move { client.openapi().await }
        });
        let sub = move || {
            let count = got.with(|g| g.as_ref().and_then(|g| g.as_ref().ok()).map(|document| operations(document).len() as u64));
            view! {
                <span>{count.map(|n| api_counted(lang.get(), n))}</span>
                <a href="/api/v1/openapi.json" rel="external">"openapi.json"</a>
            }
        };
        view! {
            <Title text=move || text(lang.get(), W::api_title) />
            <PageHead title=t(W::api_title) sub ruled=true />
            <div class="page-scroll">
                {move || match got.get() {
                    None => view! { <SkeletonLines lines=16 /> }.into_any(),
                    Some(Ok(document)) => view! { <Whole document /> }.into_any(),
                    Some(Err(failure)) => view! { <Failed failure on_retry=again /> }.into_any(),
                }}
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(document: Value) -> impl IntoView {
    let all = operations(&document);
    let mut rooms: Vec<(String, Vec<Operation>)> = Vec::new();
    for operation in all {
        match rooms.last_mut().filter(|(room, _)| *room == operation.room) {
            Some((_, members)) => members.push(operation),
            None => rooms.push((operation.room.clone(), vec![operation])),
        }
    }
    let about = document["info"]["description"].as_str().unwrap_or_default().to_owned();
    let sections = rooms.into_iter().map(|(room, members)| {
        view! { <Section title=room>{members.into_iter().map(|o| view! { <One o /> }).collect::<Vec<_>>()}</Section> }
    });
    view! {
        <Section title=t(W::api_how)>
            <p>{about}</p>
            <p>{t(W::api_token)}</p>
            <pre class="mono">"curl -H 'Authorization: Bearer ecos_…' https://HOST/api/v1/containers?condition=trouble"</pre>
        </Section>
        {sections.collect::<Vec<_>>()}
    }
}

#[component]
fn One(o: Operation) -> impl IntoView {
    let wrote = o.method != "GET";
    let parameters = o.parameters.into_iter().map(|p| {
        view! {
            <tr>
                <td class="mono">{p.name}</td>
                <td>{p.place}</td>
                <td class="mono">{p.kind}</td>
                <td>{p.about}</td>
            </tr>
        }
    });
    let parameters = parameters.collect::<Vec<_>>();
    let table = (!parameters.is_empty()).then(|| {
        view! {
            <table class="table wraps">
                <thead>
                    <tr>
                        <th scope="col">{t(W::api_parameter)}</th>
                        <th scope="col">{t(W::api_place)}</th>
                        <th scope="col">{t(W::api_kind)}</th>
                        <th scope="col">{t(W::api_about)}</th>
                    </tr>
                </thead>
                <tbody>{parameters}</tbody>
            </table>
        }
    });
    let shape = |label: W, schema: Value| {
        view! {
            <h3>{t(label)}</h3>
            <div class="json">{schema.as_object().into_iter().flatten().map(|(key, value)| branch(key, value, 1)).collect::<Vec<_>>()}</div>
        }
    };
    let body = o.body.map(|schema| shape(W::api_body, schema));
    let answer = o.answer.map(|schema| shape(W::api_answer, schema));
    view! {
        <details class="operation">
            <summary>
                <span class="operation-method">{tag(if wrote { TagTone::Accent } else { TagTone::Plain }, o.method)}</span>
                <span class="mono operation-path">{o.path}</span>
                <span class="second">{o.summary}</span>
                {o.permission.map(|p| view! { <span class="operation-right">{tag(TagTone::Plain, p)}</span> })}
            </summary>
            <div class="operation-inner">
                <p>{o.about}</p>
                <p class="third">{t(W::api_statuses)} " " {o.statuses.join(", ")}</p>
                {table}
                {body}
                {answer}
            </div>
        </details>
    }
}
