//! Doing something with containers: one at a click, many as an operation, each act under one key.

use std::collections::{BTreeSet, HashSet};

use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};

use super::{
    bulk::{self, Outcome},
    cells::{href, key_of},
    create::Purpose,
    words::because,
};
use crate::{
    api::container::{Action, Because, Container, ContainerState},
    client::Client,
    components::{
        dom,
        icon::Glyph,
        menu::{Menu, MenuEntry, MenuItem},
        table::Selection,
        toasts::{Toast, Toasts, use_toasts},
    },
    loader::use_client,
    problems::{request_id, sentence},
    words::{ContainersDoneOne, Lang, W, t, text, use_lang},
};

/// What is asked before: removal, and what is done to a whole group at one click.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub deed: Deed,
    pub containers: Vec<Container>,
}

/// What can be done to many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Act(Action),
    /// A new container of the newest image in each one's place.
    Renew,
}

impl Deed {
    /// The verb on a button.
    pub fn verb(self) -> W {
        match self {
            Self::Act(action) => verb(action),
            Self::Renew => W::create_pull_recreate,
        }
    }

    /// What was done.
    pub fn done_word(self) -> W {
        match self {
            Self::Act(action) => done_word(action),
            Self::Renew => W::containers_on_newest,
        }
    }

    /// Whether it makes sense for this one.
    pub fn fits(self, container: &Container) -> Result<(), Because> {
        match self {
            Self::Act(action) => container.can(action),
            Self::Renew => container.can_change(),
        }
    }
}

/// Why it makes no sense for any of them; nothing where it does for one, or where there is none.
pub fn fits_none<'a>(containers: impl Iterator<Item = &'a Container>, deed: Deed) -> Option<Because> {
    let mut whys = containers.map(|c| deed.fits(c).err());
    let first = whys.next()??;
    whys.all(|why| why.is_some()).then_some(first)
}

/// What is shown as a compose file.
#[derive(Clone, Debug, PartialEq)]
pub enum Composed {
    Container {
        id: String,
        name: String,
    },
    /// A compose project on its host.
    Project {
        host_id: String,
        project: String,
    },
}

/// Everything a page needs to act. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Acts {
    client: StoredValue<Client>,
    lang: RwSignal<Lang>,
    toasts: Toasts,
    /// Containers that something is under way for: a second click has no second effect.
    busy: RwSignal<HashSet<String>>,
    /// Whether an operation on many is under way.
    many: RwSignal<bool>,
    /// The last operation on many: how far it is, what became of each.
    pub outcome: RwSignal<Option<Outcome>>,
    /// What is selected, on a page where something can be.
    selection: Option<Selection<Container>>,
    pub menu: Menu,
    /// What waits for a yes.
    pub asked: RwSignal<Option<Asked>>,
    /// The container that gets another name.
    pub renamed: RwSignal<Option<Container>>,
    /// What the form is open for.
    pub form: RwSignal<Option<Purpose>>,
    /// What is shown as a compose file.
    pub composed: RwSignal<Option<Composed>>,
    /// What to do once something has changed.
    changed: Callback<()>,
    /// What to do once what the page shows was removed.
    removed: Option<Callback<()>>,
}

impl Acts {
    pub fn new(changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            client: StoredValue::new(use_client()),
            lang: use_lang(),
            toasts: use_toasts(),
            busy: RwSignal::new(HashSet::new()),
            many: RwSignal::new(false),
            outcome: RwSignal::new(None),
            selection: None,
            menu: Menu::new(),
            asked: RwSignal::new(None),
            renamed: RwSignal::new(None),
            form: RwSignal::new(None),
            composed: RwSignal::new(None),
            changed: Callback::new(move |()| changed()),
            removed: None,
        }
    }

    /// For the page of one container: where to go once it was removed.
    pub fn removed(mut self, go: impl Fn() + Send + Sync + 'static) -> Self {
        self.removed = Some(Callback::new(move |()| go()));
        self
    }

    /// For a list: its rows can be selected.
    pub fn selecting(mut self, selection: Selection<Container>) -> Self {
        self.selection = Some(selection);
        self
    }

    pub fn lang(self) -> Lang {
        self.lang.get_untracked()
    }

    /// Keys of what is selected; tracked.
    pub fn selected_keys(self) -> BTreeSet<String> {
        self.selection.and_then(|s| s.rows().try_with(|rows| rows.keys().cloned().collect())).unwrap_or_default()
    }

    /// What is gone is not selected any more.
    pub fn deselect<'a>(self, ids: impl Iterator<Item = &'a str>) {
        let ids: HashSet<&str> = ids.collect();
        if let Some(selection) = self.selection {
            let _ = selection.rows().try_maybe_update(|rows| {
                let before = rows.len();
                rows.retain(|_, c| !ids.contains(c.id.as_str()));
                (rows.len() != before, ())
            });
        }
    }

    /// The reader has seen what became of them; what still runs goes on being told.
    pub fn clear_outcome(self) {
        if self.outcome.with_untracked(|o| o.as_ref().is_some_and(|o| !o.is_running())) {
            self.outcome.set(None);
        }
    }

    pub fn client(self) -> Client {
        self.client.get_value()
    }

    pub fn toasts(self) -> Toasts {
        self.toasts
    }

    pub fn changed(self) {
        // The page may have been left meanwhile.
        let _ = self.changed.try_run(());
    }

    /// Whether an operation on many may begin; it may not while another runs.
    pub fn begin_bulk(self) -> bool {
        !self.many.try_update(|many| std::mem::replace(many, true)).unwrap_or(true)
    }

    pub fn end_bulk(self) {
        let _ = self.many.try_set(false);
    }

    pub fn is_bulk_busy(self) -> bool {
        self.many.get()
    }

    /// The same, for what does not follow it.
    pub fn is_bulk_busy_now(self) -> bool {
        self.many.get_untracked()
    }

    pub fn is_busy(self, id: &str) -> bool {
        self.busy.with(|b| b.contains(id))
    }

    /// The same, for what does not follow it.
    pub fn is_busy_now(self, id: &str) -> bool {
        self.busy.with_untracked(|b| b.contains(id))
    }

    /// Start, stop or restart one.
    pub fn run(self, container: &Container, action: Action) {
        let id = container.id.clone();
        if !self.busy.try_update(|b| b.insert(id.clone())).unwrap_or(false) {
            return;
        }
        let (name, key) = (container.name.clone(), key());
        spawn_local(async move {
            let done = self.client().container_action(&id, action, &key).await;
            let _ = self.busy.try_update(|b| b.remove(&id));
            let lang = self.lang.get_untracked();
            match done {
                Ok(_) => self.toasts.show(
                    Toast::good(ContainersDoneOne { name: &name, what: &text(lang, done_word(action)) }.text(lang))
                        .link(name.clone(), format!("/containers/{id}")),
                ),
                Err(failure) => self.failed(&name, &failure),
            }
            self.changed();
        });
    }

    /// Removes what was asked about, by force where it runs.
    pub fn remove(self, container: Container) {
        let id = container.id.clone();
        if !self.busy.try_update(|b| b.insert(id.clone())).unwrap_or(false) {
            return;
        }
        spawn_local(async move {
            let force = is_alive(&container);
            let done = self.client().remove_container(&id, force).await;
            if let (Ok(()), Some(removed)) = (&done, self.removed) {
                // Its page goes while it counts as busy: nobody asks for what is gone.
                removed.run(());
            }
            let _ = self.busy.try_update(|b| b.remove(&id));
            let lang = self.lang.get_untracked();
            match done {
                Ok(()) => {
                    self.deselect(std::iter::once(id.as_str()));
                    self.toasts.show(Toast::good(
                        ContainersDoneOne { name: &container.name, what: &text(lang, W::containers_removed) }.text(lang),
                    ));
                    if self.removed.is_some() {
                        return;
                    }
                }
                Err(failure) => self.failed(&container.name, &failure),
            }
            self.changed();
        });
    }

    pub fn failed(self, name: &str, failure: &crate::api::problem::Failure) {
        let mut toast = Toast::bad(format!("{name}: {}", sentence(self.lang.get_untracked(), failure)));
        if let Some(id) = request_id(failure) {
            toast = toast.detail(id);
        }
        self.toasts.show(toast);
    }

    /// Opens a row's menu.
    pub fn menu(self, ev: &MouseEvent, container: Container) {
        self.menu.open(ev, move || {
            let mut entries = self.entries(&container, None);
            // The boxes of rows are not shown there until something is selected.
            if let Some(selection) = self.selection.filter(|_| dom::is_narrow()) {
                let (key, own) = (key_of(&container), container.clone());
                let word = if selection.contains(&key) { W::common_deselect } else { W::common_select };
                let select = MenuItem::run(t(word), move || selection.toggle(key.clone(), own.clone()));
                entries.splice(0..0, [select.glyph(Glyph::Check).entry(), MenuEntry::Line]);
            }
            entries
        });
    }

    /// What can be done with a container, each with the reason where it can't; `gone` is the reason for all where it was removed.
    pub fn entries(self, c: &Container, gone: Option<&str>) -> Vec<MenuEntry> {
        let lang = self.lang.get();
        let refused = |action| gone.map(str::to_owned).or_else(|| c.can(action).err().map(|why| because(lang, why)));
        let item = |action, glyph| {
            let own = c.clone();
            MenuItem::run(t(verb(action)), move || self.run(&own, action)).glyph(glyph).refused(refused(action)).entry()
        };
        let own = c.clone();
        let remove = MenuItem::run(t(W::containers_remove_ask), move || {
            self.asked.set(Some(Asked { deed: Deed::Act(Action::Remove), containers: vec![own.clone()] }));
        });
        let own = c.clone();
        let kill = move || {
            self.asked.set(Some(Asked { deed: Deed::Act(Action::Kill), containers: vec![own.clone()] }));
        };
        let no_update = gone.map(str::to_owned).or_else(|| c.can_change().err().map(|why| because(lang, why)));
        let own = c.clone();
        let rename = move || self.renamed.set(Some(own.clone()));
        let form = |purpose: Purpose| move || self.form.set(Some(purpose.clone()));
        let own = c.clone();
        let pull = move || bulk::run(self, Deed::Renew, std::slice::from_ref(&own));
        let own = c.clone();
        let compose = move || self.composed.set(Some(Composed::Container { id: own.id.clone(), name: own.name.clone() }));
        let id = c.id.clone();
        let copy = move || {
            let id = id.clone();
            spawn_local(async move {
                if dom::copy(&id).await {
                    self.toasts.show(Toast::good(text(self.lang.get_untracked(), W::common_copied)));
                }
            });
        };
        vec![
            MenuItem::go(t(W::containers_open), href(c)).entry(),
            MenuItem::go(t(W::containers_logs), format!("{}?tab=logs", href(c))).glyph(Glyph::Logs).entry(),
            MenuEntry::Line,
            item(Action::Start, Glyph::Play),
            item(Action::Stop, Glyph::Stop),
            item(Action::Restart, Glyph::Restart),
            if c.state == ContainerState::Paused { item(Action::Unpause, Glyph::Play) } else { item(Action::Pause, Glyph::Pause) },
            MenuItem::run(t(W::containers_kill_ask), kill).danger().refused(refused(Action::Kill)).entry(),
            MenuEntry::Line,
            MenuItem::run(t(W::create_edit_limits), form(Purpose::Limits(c.clone()))).refused(no_update.clone()).entry(),
            MenuItem::run(t(W::create_change), form(Purpose::Change(c.clone()))).refused(no_update.clone()).entry(),
            MenuItem::run(t(W::create_pull_recreate), pull).refused(no_update.clone()).entry(),
            MenuItem::run(t(W::containers_rename_ask), rename).refused(no_update).entry(),
            MenuEntry::Line,
            MenuItem::run(t(W::create_like), form(Purpose::Like(c.clone()))).entry(),
            MenuItem::run(t(W::create_compose), compose).entry(),
            MenuItem::run(t(W::containers_copy_id), copy).glyph(Glyph::Copy).entry(),
            MenuEntry::Line,
            remove.glyph(Glyph::Trash).danger().refused(refused(Action::Remove)).entry(),
        ]
    }
}

/// Whether it must be stopped to be removed.
pub fn is_alive(c: &Container) -> bool {
    matches!(c.state, ContainerState::Running | ContainerState::Paused | ContainerState::Restarting)
}

/// That it was done, as a sentence.
pub fn acted(lang: Lang, name: &str, action: Action) -> String {
    ContainersDoneOne { name: &name, what: &text(lang, done_word(action)) }.text(lang)
}

/// The verb on a button.
pub fn verb(action: Action) -> W {
    match action {
        Action::Start => W::containers_start,
        Action::Stop => W::containers_stop,
        Action::Restart => W::containers_restart,
        Action::Pause => W::containers_pause,
        Action::Unpause => W::containers_unpause,
        Action::Kill => W::containers_kill,
        Action::Remove => W::containers_remove,
    }
}

/// What was done.
pub fn done_word(action: Action) -> W {
    match action {
        Action::Start => W::containers_started,
        Action::Stop => W::containers_stopped_done,
        Action::Restart => W::containers_restarted,
        Action::Pause => W::containers_paused_done,
        Action::Unpause => W::containers_unpaused,
        Action::Kill => W::containers_killed,
        Action::Remove => W::containers_removed,
    }
}

/// A key for one act: whatever is sent under it has one effect.
pub fn key() -> String {
    let part = || format!("{:08x}", (js_sys::Math::random() * f64::from(u32::MAX)) as u32);
    format!("{}{}{}{}", part(), part(), part(), part())
}
