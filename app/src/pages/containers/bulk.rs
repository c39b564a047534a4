//! Many at once: the bar that says what it will do, how far it is, and what became of all.

use std::{collections::BTreeSet, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    act::{Acts, Asked, Deed, fits_none, key, verb},
    newer::check_images,
    results::results,
    words::because,
};
use crate::{
    api::{
        container::{Action, BulkAction, Container, ContainerRef},
        operation::{Operation, OperationItem, OperationState},
        problem::Failure,
        spec::{Pull, RecreateMany},
    },
    client::{Client, percent_encode},
    components::{
        bulk_bar::BulkBar,
        button::{Button, Kind},
        dialog::once_wanted,
        icon::Glyph,
        table::Selection,
        toasts::Toast,
    },
    problems::reason,
    words::{
        ContainersBulkDone, ContainersBulkFailed, ContainersBulkRunning, ContainersDoneOne, ContainersNSelected, Lang, W, t, text, use_lang,
    },
};

/// How often a running operation is asked about.
const ASK: Duration = Duration::from_millis(400);

/// What is done to many, how far it is, and what became of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub deed: Deed,
    pub operation: Operation,
    /// What was selected when it came: once something else is, the bar tells of that.
    selected: BTreeSet<String>,
}

impl Outcome {
    pub fn is_running(&self) -> bool {
        self.operation.state == OperationState::Running
    }

    /// In one line: "Stop: 1 of 3", "3 of 3 stopped", "1 of 3 failed".
    pub fn said(&self, lang: Lang) -> String {
        let total = self.operation.items.len();
        if self.is_running() {
            let (done, total) = (&self.operation.done, &self.operation.total);
            return ContainersBulkRunning { verb: &text(lang, self.deed.verb()), done, total }.text(lang);
        }
        let done = self.operation.items.iter().filter(|i| i.state == "done").count();
        if done == total {
            ContainersBulkDone { done: &done, total: &total, what: &text(lang, self.deed.done_word()) }.text(lang)
        } else {
            ContainersBulkFailed { failed: &(total - done), total: &total }.text(lang)
        }
    }
}

/// Starts an operation and follows it to its end.
pub fn run(acts: Acts, deed: Deed, containers: &[Container]) {
    if containers.is_empty() {
        return;
    }
    // A new image for one is begun beside what the bar tells of.
    let how = if deed == Deed::Renew && containers.len() == 1 { How::Message(deed.done_word()) } else { How::Bar(deed) };
    if matches!(how, How::Bar(_)) && !acts.begin_bulk() {
        acts.toasts().show(Toast::bad(text(acts.lang(), W::containers_bulk_busy)));
        return;
    }
    // As they are called now: what is gone by then is told without a name.
    let of = containers.iter().map(|c| (c.id.clone(), c.name.clone())).collect();
    let following = Following { acts, client: acts.client(), how, of };
    let items = containers.iter().map(|c| ContainerRef { host_id: c.host_id.clone(), id: c.id.clone() }).collect();
    let key = key();
    spawn_local(async move {
        let begun = match deed {
            Deed::Act(action) => {
                let request = BulkAction { action, items, force: action == Action::Remove };
                following.client.container_actions(&request, &key).await
            }
            Deed::Renew => {
                let request = RecreateMany { items, pull: Pull::Always, reason: None };
                let begun = following.client.recreate_containers(&request, &key).await;
                if let Ok(operation) = &begun {
                    tell_of(acts, operation, W::create_recreating);
                }
                begun
            }
        };
        match begun {
            Ok(operation) => following.follow(operation),
            Err(failure) => following.failed(&failure),
        }
    });
}

/// That an operation has begun, which the message leads to.
fn tell_of(acts: Acts, operation: &Operation, what: W) {
    let lang = acts.lang();
    let link = format!("/operations/{}", operation.id);
    acts.toasts().show(Toast::good(text(lang, what)).link(text(lang, W::operations_follow), link));
}

/// Tells that an operation on one container has begun, and what became of it: `done`, or why not.
/// The page may have been left by now.
pub fn follow_one(acts: Acts, client: Client, operation: Operation, begun: W, done: W) {
    tell_of(acts, &operation, begun);
    let of = operation.items.iter().map(|item| (item.object_id.clone(), item.object_name.clone())).collect();
    Following { acts, client, how: How::Message(done), of }.follow(operation);
}

/// An operation that is followed. It outlives the page that began it.
struct Following {
    acts: Acts,
    client: Client,
    how: How,
    /// Ids and names, in the order of the operation's items.
    of: Vec<(String, String)>,
}

/// How the reader is told what became of it.
#[derive(Clone, Copy)]
enum How {
    /// By the bar, which tells how far it is, too.
    Bar(Deed),
    /// By a message at its end, with the word for what was done.
    Message(W),
}

impl Following {
    fn follow(self, mut operation: Operation) {
        for (item, (_, name)) in operation.items.iter_mut().zip(&self.of).filter(|(item, _)| item.object_name.is_empty()) {
            item.object_name.clone_from(name);
        }
        if operation.state != OperationState::Running {
            self.ended(operation);
            return;
        }
        let id = operation.id.clone();
        if let How::Bar(deed) = self.how {
            // Where the page with the bar was left meanwhile, the end is told.
            let _ = self.tell(deed, operation);
        }
        let ask = move || {
            spawn_local(async move {
                match self.client.operation(&id).await {
                    Ok(now) => self.follow(now),
                    Err(failure) => self.failed(&failure),
                }
            });
        };
        set_timeout_once(ask);
    }

    fn ended(self, operation: Operation) {
        let acts = self.acts;
        if let How::Bar(_) = self.how {
            acts.end_bulk();
        }
        // What is gone, by this or by others: removed, or another in its place.
        let removes = matches!(self.how, How::Bar(Deed::Act(Action::Remove)));
        let gone = |(item, (id, _)): &(&OperationItem, &(String, String))| match item.code.as_deref() {
            None => item.state == "done" && (removes || item.object_id != *id),
            Some(code) => ["not_found", "container_not_found"].contains(&code),
        };
        acts.deselect(operation.items.iter().zip(&self.of).filter(gone).map(|(_, (id, _))| id.as_str()));
        let toast = match self.how {
            How::Message(done) => Some(became(acts.lang(), &operation, done)),
            How::Bar(deed) => self.tell(deed, operation).map(|outcome| {
                let said = outcome.said(acts.lang());
                if outcome.operation.state == OperationState::Succeeded { Toast::good(said) } else { Toast::bad(said) }
            }),
        };
        if let Some(toast) = toast {
            acts.toasts().show(toast);
        }
        acts.changed();
    }

    /// Puts it into the bar; gives it back where there is none any more.
    fn tell(&self, deed: Deed, operation: Operation) -> Option<Outcome> {
        let outcome = Outcome { deed, operation, selected: untrack(|| self.acts.selected_keys()) };
        self.acts.outcome.try_set(Some(outcome)).flatten()
    }

    fn failed(self, failure: &Failure) {
        let name = match self.how {
            How::Bar(deed) => {
                self.acts.end_bulk();
                let _ = self.acts.outcome.try_set(None);
                text(self.acts.lang(), deed.verb())
            }
            How::Message(_) => self.of.first().map_or("", |(_, name)| name),
        };
        self.acts.failed(name, failure);
    }
}

/// What became of an operation on one container.
fn became(lang: Lang, operation: &Operation, done: W) -> Toast {
    let item = operation.items.first();
    let name = item.map_or("", |i| i.object_name.as_str());
    if operation.state == OperationState::Succeeded {
        let said = ContainersDoneOne { name: &name, what: &text(lang, done) }.text(lang);
        return match item.filter(|i| !i.object_id.is_empty()) {
            Some(item) => Toast::good(said).link(name.to_owned(), format!("/containers/{}", item.object_id)),
            None => Toast::good(said),
        };
    }
    let why = item.and_then(|i| i.code.as_ref().map(|code| reason(lang, code, i.detail.as_deref().unwrap_or_default())));
    let what = why.unwrap_or_else(|| text(lang, W::containers_bulk_item_failed).to_owned());
    Toast::bad(ContainersDoneOne { name: &name, what: &what }.text(lang))
        .link(text(lang, W::operations_follow), format!("/operations/{}", operation.id))
}

/// The browser's timer wants what can be called more than once.
fn set_timeout_once(f: impl FnOnce() + 'static) {
    let f = std::cell::Cell::new(Some(f));
    set_timeout(move || f.take().into_iter().for_each(|f| f()), ASK);
}

/// The bar below the list.
#[component]
pub fn Bulk(acts: Acts, selection: Selection<Container>, on_select_all: Callback<()>) -> impl IntoView {
    let lang = use_lang();
    let detailed = RwSignal::new(false);
    let selected = move || selection.rows().with(|rows| rows.values().cloned().collect::<Vec<_>>());
    // Something else is selected now than what the result was of.
    Effect::new(move |_| {
        let keys = acts.selected_keys();
        if acts.outcome.with_untracked(|o| o.as_ref().is_some_and(|o| !o.is_running() && o.selected != keys)) {
            acts.outcome.set(None);
        }
    });
    let label = move |action: Action| {
        move || ContainersNSelected { verb: &text(lang.get(), verb(action)), n: selection.len() as u64 }.text(lang.get())
    };
    // Why it makes no sense for any of them.
    let why_not = move |deed: Deed| {
        Signal::derive(move || selection.rows().with(|rows| fits_none(rows.values(), deed).map(|why| because(lang.get(), why))))
    };
    let refused = move |action: Action| why_not(Deed::Act(action));
    let go = move |action: Action| move |_| run(acts, Deed::Act(action), &selected());
    // The names that the page of logs goes by.
    let navigate = use_navigate();
    let logs = move |_| {
        let names = selected().iter().map(|c| format!("name={}", percent_encode(&c.name))).collect::<Vec<_>>();
        navigate(&format!("/logs?{}", names.join("&")), NavigateOptions::default());
    };
    let checking = RwSignal::new(false);
    let check = move |_| check_images(acts, selected(), checking);
    let pull = move |_| run(acts, Deed::Renew, &selected());
    let ask = move |_| acts.asked.set(Some(Asked { deed: Deed::Act(Action::Remove), containers: selected() }));
    let busy = Signal::derive(move || acts.is_bulk_busy());
    let actions = move || {
        view! {
            <Button label=label(Action::Restart) glyph=Glyph::Restart refused=refused(Action::Restart) busy on_press=go(Action::Restart) />
            <Button label=label(Action::Start) glyph=Glyph::Play refused=refused(Action::Start) busy on_press=go(Action::Start) />
            <Button label=label(Action::Stop) glyph=Glyph::Stop refused=refused(Action::Stop) busy on_press=go(Action::Stop) />
            <Button label=t(W::containers_logs) glyph=Glyph::Logs on_press=logs.clone() />
            <Button label=t(W::containers_check_images) busy=checking on_press=check />
            <Button label=t(W::create_pull_recreate) refused=why_not(Deed::Renew) busy on_press=pull />
            <Button label=t(W::containers_remove_ask) kind=Kind::Danger refused=refused(Action::Remove) busy on_press=ask />
        }
    };
    let result = Signal::derive(move || acts.outcome.with(|o| o.as_ref().map(|o| o.said(lang.get()))));
    let clear = move |()| {
        selection.clear();
        acts.clear_outcome();
    };
    let wanted = once_wanted(move || detailed.get());
    let results = move || wanted.get().then(|| Suspend::new(async move { results(acts, detailed).await }));
    view! {
        <BulkBar
            count=Signal::derive(move || selection.len())
            actions=actions.into()
            result
            on_result=move |()| detailed.set(true)
            on_select_all
            on_clear=clear
        />
        <Suspense>{results}</Suspense>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(states: &[&str]) -> Outcome {
        let item = |state: &&str| OperationItem {
            object_id: "1".into(),
            object_name: "web".into(),
            state: (*state).to_owned(),
            code: None,
            detail: None,
        };
        let operation = Operation {
            id: "018f".into(),
            kind: "container.stop".into(),
            state: OperationState::Failed,
            actor_name: "ops-c".into(),
            created_at: String::new(),
            finished_at: None,
            done: states.len() as u32,
            total: states.len() as u32,
            items: states.iter().map(item).collect(),
            log: Vec::new(),
            layers: Vec::new(),
            cancellable: false,
        };
        Outcome { deed: Deed::Act(Action::Stop), operation, selected: BTreeSet::new() }
    }

    #[test]
    fn one_line_sums_up_what_became_of_all() {
        assert_eq!(outcome(&["done", "done"]).said(Lang::En), "2 of 2 stopped");
        assert_eq!(outcome(&["done", "failed", "unknown"]).said(Lang::En), "2 of 3 failed");
        let mut running = outcome(&["done", "running", "waiting"]);
        (running.operation.state, running.operation.done) = (OperationState::Running, 1);
        assert_eq!(running.said(Lang::En), "Stop: 1 of 3");
        assert_eq!(running.said(Lang::Zh), "停止：1/3");
    }
}
