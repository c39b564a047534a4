//! A page of one list that comes whole: its title, its skeleton, why it is not there, or what it brings.

use leptos::prelude::*;
use leptos_meta::Title;
use serde::de::DeserializeOwned;

use super::failed::Failed;
use crate::{
    api::problem::Failure,
    components::{page::PageHead, skeleton::SkeletonRows},
    loader::Loaded,
    words::{W, t, text, use_lang},
};

/// Rows of the skeleton.
const ROWS: usize = 8;

pub fn whole<T: DeserializeOwned + Send + 'static>(title: W, loaded: Loaded<T>, show: fn(T) -> AnyView) -> AnyView {
    let lang = use_lang();
    let content = move || {
        Suspend::new(async move {
            match loaded.await {
                Ok(first) => show(first),
                Err(Failure::Later) => view! { <SkeletonRows rows=ROWS /> }.into_any(),
                Err(failure) => view! { <Failed failure on_retry=move |()| loaded.refetch() /> }.into_any(),
            }
        })
    };
    view! {
        <Title text=move || text(lang.get(), title) />
        <PageHead title=t(title) ruled=true />
        <div class="page-scroll"><Transition fallback=move || view! { <SkeletonRows rows=ROWS /> }>{content}</Transition></div>
    }
    .into_any()
}
