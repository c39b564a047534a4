//! Many at once: the bar that says what it will do, how far it is, and what became of all.

use std::{collections::BTreeSet, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    act::{Acts, Asked, Deed, done_word, key, verb},
    create::pull_and_recreate_all,
    newer::check_images,
    results::results,
    words::because,
};
use crate::{
    api::{
        container::{Action, Because, BulkAction, Container, ContainerRef},
        operation::{Operation, OperationItem, OperationState},
        problem::Failure,
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
    words::{ContainersBulkDone, ContainersBulkFailed, ContainersBulkRunning, ContainersNSelected, Lang, W, t, text, use_lang},
};

/// How often a running operation is asked about.
const ASK: Duration = Duration::from_millis(400);

/// What is done to many, how far it is, and what became of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub action: Action,
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
            return ContainersBulkRunning { verb: &text(lang, verb(self.action)), done, total }.text(lang);
        }
        let done = self.operation.items.iter().filter(|i| i.state == "done").count();
        if done == total {
            ContainersBulkDone { done: &done, total: &total, what: &text(lang, done_word(self.action)) }.text(lang)
        } else {
            ContainersBulkFailed { failed: &(total - done), total: &total }.text(lang)
        }
    }
}

/// Starts an operation and follows it to its end.
pub fn run(acts: Acts, action: Action, containers: &[Container]) {
    // A second press while the first is under way does nothing.
    if containers.is_empty() || !acts.begin_bulk() {
        return;
    }
    let items = containers.iter().map(|c| ContainerRef { host_id: c.host_id.clone(), id: c.id.clone() }).collect();
    let request = BulkAction { action, items, force: action == Action::Remove };
    // As they are called now: what is gone by then is told without a name.
    let names = containers.iter().map(|c| c.name.clone()).collect();
    let following = Following { acts, client: acts.client(), action, names };
    let key = key();
    spawn_local(async move {
        match following.client.container_actions(&request, &key).await {
            Ok(operation) => following.follow(operation),
            Err(failure) => following.failed(&failure),
        }
    });
}

/// An operation that is followed. It outlives the page that began it.
struct Following {
    acts: Acts,
    client: Client,
    action: Action,
    /// In the order of the operation's items.
    names: Vec<String>,
}

impl Following {
    fn follow(self, mut operation: Operation) {
        for (item, name) in operation.items.iter_mut().zip(&self.names).filter(|(item, _)| item.object_name.is_empty()) {
            item.object_name.clone_from(name);
        }
        if operation.state != OperationState::Running {
            self.ended(operation);
            return;
        }
        let id = operation.id.clone();
        self.tell(operation);
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
        acts.end_bulk();
        // What is gone, by this or by others.
        let gone = |i: &&OperationItem| match i.code.as_deref() {
            None => self.action == Action::Remove && i.state == "done",
            Some(code) => ["not_found", "container_not_found"].contains(&code),
        };
        acts.deselect(operation.items.iter().filter(gone).map(|i| i.object_id.as_str()));
        // Where the page with the bar was left meanwhile, a message tells of it.
        if let Some(outcome) = self.tell(operation) {
            let said = outcome.said(acts.lang());
            let all_done = outcome.operation.state == OperationState::Succeeded;
            acts.toasts().show(if all_done { Toast::good(said) } else { Toast::bad(said) });
        }
        acts.changed();
    }

    /// Puts it into the bar; gives it back where there is none any more.
    fn tell(&self, operation: Operation) -> Option<Outcome> {
        let outcome = Outcome { action: self.action, operation, selected: untrack(|| self.acts.selected_keys()) };
        self.acts.outcome.try_set(Some(outcome)).flatten()
    }

    fn failed(self, failure: &Failure) {
        self.acts.end_bulk();
        let _ = self.acts.outcome.try_set(None);
        self.acts.failed(text(self.acts.lang(), verb(self.action)), failure);
    }
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
    let refused = move |action: Action| {
        Signal::derive(move || {
            selection.rows().with(|rows| {
                let mut whys = rows.values().map(|c| c.can(action).err());
                let first = whys.next().flatten()?;
                whys.all(|why| why.is_some()).then(|| because(lang.get(), first))
            })
        })
    };
    let go = move |action: Action| move |_| run(acts, action, &selected());
    // The names that the page of logs goes by.
    let navigate = use_navigate();
    let logs = move |_| {
        let names = selected().iter().map(|c| format!("name={}", percent_encode(&c.name))).collect::<Vec<_>>();
        navigate(&format!("/logs?{}", names.join("&")), NavigateOptions::default());
    };
    let no_update = Signal::derive(move || {
        let none = selection.rows().with(|rows| !rows.values().any(|c| c.may("update")));
        none.then(|| because(lang.get(), Because::NoRight))
    });
    let checking = RwSignal::new(false);
    let check = move |_| check_images(acts, selected(), checking);
    let pull = move |_| pull_and_recreate_all(acts, &selected());
    let ask = move |_| acts.asked.set(Some(Asked { deed: Deed::Act(Action::Remove), containers: selected() }));
    let busy = Signal::derive(move || acts.is_bulk_busy());
    let actions = move || {
        view! {
            <Button label=label(Action::Restart) glyph=Glyph::Restart refused=refused(Action::Restart) busy on_press=go(Action::Restart) />
            <Button label=label(Action::Start) glyph=Glyph::Play refused=refused(Action::Start) busy on_press=go(Action::Start) />
            <Button label=label(Action::Stop) glyph=Glyph::Stop refused=refused(Action::Stop) busy on_press=go(Action::Stop) />
            <Button label=t(W::containers_logs) glyph=Glyph::Logs on_press=logs.clone() />
            <Button label=t(W::containers_check_images) busy=checking on_press=check />
            <Button label=t(W::create_pull_recreate) refused=no_update on_press=pull />
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
        Outcome { action: Action::Stop, operation, selected: BTreeSet::new() }
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
