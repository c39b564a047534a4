//! Logs, events and the inspection of one container: loaded in the browser.

use leptos::prelude::*;

use crate::{
    api::{
        container::{Inspect, LogTail},
        problem::Failure,
    },
    components::{
        json_tree::branch,
        log::ansi::plain,
        page::Section,
        skeleton::SkeletonLines,
        states::EmptyState,
        time::{exact_text, precise},
    },
    loader::use_client,
    pages::{
        address::Address,
        failed::Failed,
        fetched::fetched,
        logs::lines::{LogLines, Source},
    },
    words::{W, t, use_lang},
};

fn logs(id: String, lines: u32) -> (RwSignal<Option<Result<LogTail, Failure>>>, Callback<()>) {
    let client = StoredValue::new(use_client());
    let id = StoredValue::new(id);
    fetched(move || {
        let (client, id) = (client.get_value(), id.get_value());
        async move { client.container_log_tail(&id, lines).await }
    })
}

/// The last lines, for the overview.
#[component]
pub fn LastLines(id: String, lines: u32) -> impl IntoView {
    let (got, again) = logs(id, lines);
    move || match got.get() {
        None => view! { <SkeletonLines lines=4 /> }.into_any(),
        Some(Ok(tail)) => view! { <Lines tail /> }.into_any(),
        Some(Err(failure)) => view! { <Failed failure on_retry=again /> }.into_any(),
    }
}

#[component]
fn Lines(tail: LogTail) -> impl IntoView {
    if tail.items.is_empty() {
        return view! { <p class="second">{t(W::containers_no_lines)}</p> }.into_any();
    }
    let spoken = use_lang().get_untracked();
    let line = move |l: crate::api::container::LogLine| {
        view! { <li class:err=l.stream == "stderr"><time datetime=l.at.clone() title=exact_text(spoken, &l.at) class="third">{precise(&l.at)}</time> <span>{plain(l.text.as_bytes())}</span></li> }
    };
    view! { <ol class="log-lines">{tail.items.into_iter().map(line).collect::<Vec<_>>()}</ol> }.into_any()
}

/// The log: back in time and live.
#[component]
pub fn LogsTab(source: Source) -> impl IntoView {
    const NAMES: [&str; 7] = ["tab", "q", "regex", "levels", "context", "wrap", "at"];
    let address = Address::read(format!("/containers/{}", source.id), &[], &NAMES);
    address.follow(|| {});
    let sources = Signal::stored(vec![source]);
    let nothing = move || view! { <p class="log-nothing second">{t(W::log_nothing)}</p> };
    view! { <LogLines sources address placeholder=t(W::log_find) nothing /> }
}

/// What the engine says, as far as it may be read.
#[component]
pub fn InspectTab(inspect: Option<Inspect>) -> impl IntoView {
    let Some(i) = inspect else {
        return view! { <EmptyState title=t(W::containers_no_inspect)>{t(W::problems_unreachable)}</EmptyState> }.into_any();
    };
    let json = serde_json::to_value(&i).unwrap_or_default();
    view! {
        <Section title=t(W::containers_inspect)>
            <p class="second">{t(W::containers_environment_text)}</p>
            <div class="json">{json.as_object().into_iter().flatten().map(|(key, value)| branch(key, value, 0)).collect::<Vec<_>>()}</div>
        </Section>
    }
    .into_any()
}
