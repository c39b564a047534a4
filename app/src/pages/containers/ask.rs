//! What is asked before containers are removed, or a whole group is stopped or restarted: says which, and what it means.

use leptos::prelude::*;

use super::{
    act::{Acts, Asked, Deed, is_alive},
    bulk,
};
use crate::{
    api::container::{Action, Container},
    components::dialog::{Confirm, opened_by},
    words::{
        ContainersAskMany, ContainersAskOne, Lang, W, common_and_more, containers_remove_running, containers_remove_title,
        containers_remove_titles, text, use_lang,
    },
};

/// How many are named.
const NAMED: usize = 20;

/// The question. What was asked about is done on a yes; what is selected stays selected until it is gone.
#[component]
pub fn AskDialog(acts: Acts) -> impl IntoView {
    let lang = use_lang();
    let open = opened_by(acts.asked);
    let containers = move || acts.asked.with(|a| a.as_ref().map(|a: &Asked| a.containers.clone()).unwrap_or_default());
    let deed = move || acts.asked.with(|a| a.as_ref().map_or(Deed::Act(Action::Remove), |a| a.deed));
    let title = move || {
        let (lang, all) = (lang.get(), containers());
        match (deed(), all.as_slice()) {
            (Deed::Act(Action::Remove), [one]) => containers_remove_title(lang, &one.name),
            (Deed::Act(Action::Remove), all) => containers_remove_titles(lang, all.len()),
            (other, [one]) => ContainersAskOne { verb: &text(lang, other.verb()), name: &one.name }.text(lang),
            (other, all) => ContainersAskMany { verb: &text(lang, other.verb()), n: &all.len() }.text(lang),
        }
    };
    let what = move || {
        let word = match deed() {
            Deed::Act(Action::Remove) => return Some(removal(lang.get(), &containers())),
            Deed::Act(Action::Stop) => W::containers_ask_stop,
            Deed::Act(Action::Kill) => W::containers_ask_kill,
            Deed::Act(Action::Pause) => W::containers_ask_pause,
            Deed::Act(Action::Restart) => W::containers_ask_restart,
            Deed::Act(Action::Start | Action::Unpause) => return None,
            Deed::Renew => W::containers_ask_renew,
        };
        Some(text(lang.get(), word).to_owned())
    };
    let names = move || containers().into_iter().take(NAMED).map(|c| view! { <li class="mono break">{c.name}</li> }).collect::<Vec<_>>();
    let more = move || {
        let more = containers().len().saturating_sub(NAMED);
        (more > 0).then(|| view! { <p class="second">{move || common_and_more(lang.get(), more as u64)}</p> })
    };
    let confirm = move |()| {
        let (deed, all) = (deed(), containers());
        open.set(false);
        match (deed, all.as_slice()) {
            (_, []) => {}
            (Deed::Act(Action::Remove), [one]) => acts.remove(one.clone()),
            (Deed::Act(action), [one]) => acts.run(one, action),
            (deed, many) => bulk::run(acts, deed, many),
        }
    };
    view! {
        <Confirm open title=title action=move || text(lang.get(), deed().verb()) on_confirm=confirm>
            {move || what().map(|what| view! { <p>{what}</p> })}
            <ul class="names">{names}</ul>
            {more}
        </Confirm>
    }
}

/// What removing means, and whether something is stopped for it.
fn removal(lang: Lang, all: &[Container]) -> String {
    let alive = all.iter().filter(|c| is_alive(c)).count() as u64;
    let (lost, stopped) = match (all.len(), alive) {
        (1, 0) => (W::containers_remove_text, String::new()),
        (1, _) => (W::containers_remove_text, text(lang, W::containers_remove_alive).to_owned()),
        (_, 0) => (W::containers_remove_texts, String::new()),
        (_, n) => (W::containers_remove_texts, containers_remove_running(lang, n)),
    };
    let between = if lang == Lang::En && !stopped.is_empty() { " " } else { "" };
    format!("{}{between}{stopped}", text(lang, lost))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(state: &str) -> Container {
        let json = serde_json::json!({
            "id": "1", "name": "web", "image": "web", "state": state, "condition": "running", "restarts_24h": 0, "host_id": "h",
            "host_name": "h", "project": null, "compose_project": null, "compose_service": null, "created_at": "", "ports": []
        });
        serde_json::from_value(json).expect("a container")
    }

    #[test]
    fn what_is_stopped_first_is_said_only_where_something_runs() {
        let (up, down) = (container("running"), container("exited"));
        let said = |all: &[&Container]| removal(Lang::En, &all.iter().map(|&c| c.clone()).collect::<Vec<_>>());
        assert_eq!(said(&[&down]), "What is in the container and in no volume is lost.");
        assert_eq!(said(&[&up]), "What is in the container and in no volume is lost. It runs and is stopped first.");
        assert_eq!(said(&[&down, &down]), "What is in the containers and in no volume is lost.");
        assert_eq!(said(&[&up, &down]), "What is in the containers and in no volume is lost. 1 of them runs and is stopped first.");
        assert_eq!(removal(Lang::Zh, &[up.clone(), up]), "这些容器内未存入存储卷的数据将丢失。其中 2 个正在运行，会先被停止。");
    }
}
