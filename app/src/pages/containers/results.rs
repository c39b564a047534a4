//! What became of each of many: its state and, where it failed, why.

use leptos::prelude::*;

use super::{
    act::{Acts, Deed},
    bulk::Outcome,
};
use crate::{
    api::{container::Action, operation::OperationItem},
    components::{
        dialog::Dialog,
        state_mark::{Meaning, state_mark},
    },
    problems::reason,
    words::{Lang, W, containers_bulk_title, text, use_lang},
};

/// The dialog, fetched when it is first wanted.
#[lazy]
pub fn results(acts: Acts, open: RwSignal<bool>) -> AnyView {
    view! { <ResultsDialog acts open /> }.into_any()
}

/// Opened from the bar; what failed comes first. It follows an operation that still runs.
#[component]
fn ResultsDialog(acts: Acts, open: RwSignal<bool>) -> impl IntoView {
    let lang = use_lang();
    let title = move || {
        let deed = acts.outcome.with(|o| o.as_ref().map_or(Deed::Renew, |o| o.deed));
        containers_bulk_title(lang.get(), text(lang.get(), deed.verb()))
    };
    let lines = move || acts.outcome.with(|o| o.as_ref().map(|o| lines(lang.get(), o)));
    view! {
        <Dialog open title>
            <ul class="results">{lines}</ul>
        </Dialog>
    }
}

fn lines(lang: Lang, outcome: &Outcome) -> Vec<AnyView> {
    let mut items: Vec<&OperationItem> = outcome.operation.items.iter().collect();
    items.sort_by_key(|item| rank(&item.state));
    items.into_iter().map(|item| line(lang, outcome.deed, item)).collect()
}

/// Worst first.
fn rank(state: &str) -> u8 {
    match state {
        "failed" => 0,
        "unknown" => 1,
        "not_done" => 2,
        "running" => 3,
        "waiting" => 4,
        _ => 5,
    }
}

fn line(lang: Lang, deed: Deed, item: &OperationItem) -> AnyView {
    let (meaning, word) = match item.state.as_str() {
        "done" => (Meaning::Good, deed.done_word()),
        "failed" => (Meaning::Bad, W::containers_bulk_item_failed),
        "not_done" => (Meaning::Stopped, W::containers_bulk_not_done),
        "running" => (Meaning::Working, W::containers_bulk_at_it),
        "waiting" => (Meaning::Stopped, W::containers_bulk_waiting),
        _ => (Meaning::Unknown, W::containers_bulk_unknown),
    };
    let name = item.object_name.clone();
    // What was removed has no page.
    let name = if item.state == "done" && deed == Deed::Act(Action::Remove) {
        view! { <span class="mono break">{name}</span> }.into_any()
    } else {
        view! { <a class="mono break" href=format!("/containers/{}", item.object_id)>{name}</a> }.into_any()
    };
    let why = item.code.as_ref().map(|code| reason(lang, code, item.detail.as_deref().unwrap_or_default()));
    view! {
        <li>
            {state_mark(meaning, text(lang, word))}
            <span class="result-what">{name} {why.map(|why| view! { <span class="second break">{why}</span> })}</span>
        </li>
    }
    .into_any()
}
