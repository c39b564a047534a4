//! Containers: the list over all hosts, and one container.

mod act;
mod ask;
mod bulk;
mod cells;
pub mod create;
pub mod detail;
mod export;
mod forms;
mod groups;
mod list;
mod newer;
mod rename;
mod results;
mod state;
mod usage;
mod words;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::problem::Failure,
    components::{page::PageHead, skeleton::SkeletonRows},
    loader::loader,
    pages::failed::Failed,
    words::{W, t, text, use_lang},
};

pub use act::{acted, key, verb};
pub use cells::ports;
pub use words::{condition_word, state_of};

/// The list.
#[component]
pub fn Containers() -> impl IntoView {
    let lang = use_lang();
    let state = state::State::read(&use_query_map().get_untracked());
    let query = state.query(0, state::FIRST);
    let loaded = loader(move |client| client.containers(&query));
    let content = move || {
        let state = state.clone();
        Suspend::new(async move {
            match loaded.await {
                Ok(first) => view! { <list::ListView first state /> }.into_any(),
                Err(Failure::Later) => waiting().into_any(),
                Err(failure) => view! {
                    <PageHead title=t(W::nav_containers) ruled=true />
                    <Failed failure on_retry=move |()| loaded.refetch() />
                }
                .into_any(),
            }
        })
    };
    view! {
        <Title text=move || text(lang.get(), W::nav_containers) />
        <Suspense fallback=waiting>{content}</Suspense>
    }
}

fn waiting() -> impl IntoView {
    view! {
        <PageHead title=t(W::nav_containers) ruled=true />
        <SkeletonRows rows=12 />
    }
}
