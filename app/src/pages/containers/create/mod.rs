//! The form of a container: for a new one, from a pasted `docker run`, like another, or to change one that is there. In a chunk of its own.

mod fields;
mod form;
mod paste;

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{
    act::{Acts, key},
    bulk::follow_one,
};
use crate::{
    api::{
        container::Container,
        problem::Failure,
        spec::{Choices, CreateContainer, Created, Preview, Settings},
    },
    components::{
        button::{Button, Kind},
        dialog::{Dialog, SidePanel},
        dom,
        icon::Glyph,
        note::{Note, Tone},
        toasts::Toast,
    },
    pages::policy::words::{of_error as policy_of_error, words as policy_words},
    problems::{of_field, request_id, sentence},
    words::{ContainersDoneOne, Lang, W, create_to_fix, t, text, use_lang},
};
use form::{Form, Wrong};

/// What the form is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    New,
    /// A new one with the settings of another.
    Like(Container),
    /// A new one in the place of this one.
    Change(Container),
    /// Limits and restart policy, in place.
    Limits(Container),
}

/// How long nothing is typed before the preview is asked for.
const PAUSE: Duration = Duration::from_millis(400);

/// Everything that the form's parts share. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Shared {
    form: StoredValue<Form>,
    pub purpose: StoredValue<Purpose>,
    pub choices: RwSignal<Choices>,
    /// Of the container that is changed or taken as an example.
    pub before: RwSignal<Option<Settings>>,
    pub preview: RwSignal<Option<Preview>>,
    /// What the server said against it when it was sent, or looked at.
    pub failure: RwSignal<Option<Failure>>,
    pub lang: RwSignal<Lang>,
}

impl Shared {
    pub fn form(self) -> Form {
        self.form.get_value()
    }

    pub fn is_new(self) -> bool {
        self.purpose.with_value(|p| matches!(p, Purpose::New | Purpose::Like(_)))
    }

    pub fn limits_only(self) -> bool {
        self.purpose.with_value(|p| matches!(p, Purpose::Limits(_)))
    }

    /// What is wrong with what is typed, tracked.
    fn wrong(self) -> Wrong {
        match (self.purpose.get_value(), self.before.get()) {
            (Purpose::Limits(_), Some(before)) => self.form().update(&before).1,
            _ => self.form().request().1,
        }
    }

    /// The first thing that is wrong with a field or what lies below it, in words: as typed, by the policy, by the server.
    pub fn error(self, field: &str) -> Option<String> {
        let lang = self.lang.get();
        let here = |name: &str| name == field || name.strip_prefix(field).is_some_and(|rest| rest.starts_with(['.', '[']));
        let typed = self.wrong().into_iter().find(|(name, _)| here(name)).map(|(_, w)| text(lang, w).to_owned());
        let by_policy = || {
            self.preview.with(|p| {
                let p = p.as_ref().filter(|p| !p.allowed)?;
                p.findings.iter().find(|f| here(&f.field)).map(|f| policy_words(lang, f))
            })
        };
        let by_server = || {
            self.failure.with(|f| {
                let Some(Failure::Problem(p)) = f else { return None };
                let error = p.errors.iter().find(|e| here(&e.field))?;
                Some(policy_of_error(lang, p, error).unwrap_or_else(|| {
                    of_field(lang, f.as_ref().unwrap_or(&Failure::Offline), &error.field).unwrap_or_else(|| error.detail.clone())
                }))
            })
        };
        typed.or_else(by_policy).or_else(by_server)
    }

    pub fn signal(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.error(field))
    }

    /// How many things stand in the way.
    fn to_fix(self) -> usize {
        let refused = self.preview.with(|p| p.as_ref().filter(|p| !p.allowed).map_or(0, |p| p.findings.len()));
        self.wrong().len() + refused
    }
}

/// The panel; it opens at once. Made for each opening anew.
#[lazy]
#[cfg_attr(not(feature = "hydrate"), expect(clippy::unused_async, reason = "in the browser its chunk is waited for"))]
pub fn panel(acts: Acts, purpose: Purpose, done: Callback<()>) -> AnyView {
    view! { <Panel acts purpose done /> }.into_any()
}

#[component]
fn Panel(acts: Acts, purpose: Purpose, done: Callback<()>) -> impl IntoView {
    let lang = use_lang();
    let open = RwSignal::new(true);
    let shared = Shared {
        form: StoredValue::new(Form::new()),
        purpose: StoredValue::new(purpose.clone()),
        choices: RwSignal::new(Choices::default()),
        before: RwSignal::new(None),
        preview: RwSignal::new(None),
        failure: RwSignal::new(None),
        lang,
    };
    load(acts, shared, &purpose);
    follow(acts, shared);
    let (busy, pasting, looking) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let submit = move || {
        if !busy.get_untracked() && untrack(move || shared.to_fix()) == 0 {
            busy.set(true);
            shared.failure.set(None);
            spawn_local(async move {
                send(acts, shared, open).await;
                let _ = busy.try_set(false);
            });
        }
    };
    let title = {
        let purpose = purpose.clone();
        move || match &purpose {
            Purpose::New | Purpose::Like(_) => text(lang.get(), W::create_title).to_owned(),
            Purpose::Change(c) => crate::words::create_change_title(lang.get(), &c.name),
            Purpose::Limits(c) => crate::words::create_limits_title(lang.get(), &c.name),
        }
    };
    let head =
        move || shared.is_new().then(|| view! { <Button label=t(W::create_paste) kind=Kind::Quiet on_press=move |_| pasting.set(true) /> });
    let word = move || match shared.purpose.get_value() {
        Purpose::New | Purpose::Like(_) if shared.form().start.get() => t(W::create_and_start)(),
        Purpose::New | Purpose::Like(_) => t(W::create_only)(),
        Purpose::Change(_) => t(W::create_recreate)(),
        Purpose::Limits(_) => t(W::create_save)(),
    };
    let incomplete = Signal::derive(move || {
        let lang = lang.get();
        match shared.to_fix() {
            0 if shared.is_new() && shared.form().image.with(|i| i.trim().is_empty()) => Some(text(lang, W::create_needs_image).to_owned()),
            0 => None,
            n => Some(create_to_fix(lang, n as u64)),
        }
    });
    let foot = move || {
        view! {
            <span class="start">
                {move || match shared.to_fix() {
                    0 => None,
                    n => Some(view! { <span class="bad">{create_to_fix(lang.get(), n as u64)}</span> }),
                }}
            </span>
            {move || shared.preview.with(Option::is_some).then(|| view! { <Button label=t(W::create_as_compose) on_press=move |_| looking.set(true) /> })}
            <Button label=word kind=Kind::Primary busy refused=incomplete on_press=move |_| submit() />
        }
    };
    let said = move || {
        shared.failure.get().map(|failure| {
            let lang = lang.get();
            let id = request_id(&failure).map(|id| view! { <span class="mono small">{id}</span> });
            view! { <Note tone=Tone::Bad title=move || sentence(lang, &failure)>{id}</Note> }
        })
    };
    let compose = move || shared.preview.with(|p| p.as_ref().map(|p| p.compose.clone()).unwrap_or_default());
    let copy = move |_| {
        let text = untrack(compose);
        spawn_local(async move {
            if dom::copy(&text).await {
                acts.toasts().show(Toast::good(crate::words::text(lang.get_untracked(), W::common_copied)));
            }
        });
    };
    view! {
        <SidePanel open title head foot on_close=move |()| done.run(())>
            <div class="stack">
                {said}
                <fields::Fields shared />
            </div>
        </SidePanel>
        <paste::PasteDialog acts shared open=pasting />
        <Dialog open=looking title=t(W::create_as_compose) foot=move || view! { <Button label=t(W::common_copy) glyph=Glyph::Copy on_press=copy /> }>
            <pre class="compose" tabindex="0">{compose}</pre>
        </Dialog>
    }
}

/// What there is to choose from, and what the container is like that the form begins with.
fn load(acts: Acts, shared: Shared, purpose: &Purpose) {
    if let Purpose::Like(c) | Purpose::Change(c) | Purpose::Limits(c) = purpose {
        shared.form().host.set(c.host_id.clone());
        shared.form().project.set(c.project.as_ref().map(|p| p.id.clone()).unwrap_or_default());
        let id = c.id.clone();
        spawn_local(async move {
            match acts.client().container_settings(&id).await {
                Ok(settings) => {
                    shared.form().take_settings(&settings);
                    drop(shared.before.try_set(Some(settings)));
                }
                Err(failure) => drop(shared.failure.try_set(Some(failure))),
            }
        });
    }
    if shared.limits_only() {
        return;
    }
    let (host, project) = (shared.form().host, shared.form().project);
    Effect::new(move |_| {
        let (host_id, project_id) = (host.get(), project.get());
        let own = |text: String| Some(text).filter(|t| !t.is_empty());
        spawn_local(async move {
            let Ok(found) = acts.client().container_choices(own(host_id).as_deref(), own(project_id).as_deref()).await else { return };
            if host.try_with_untracked(String::is_empty) == Some(true)
                && let Some(first) = found.hosts.first()
            {
                host.set(first.id.clone());
            }
            if !found.platform
                && project.try_with_untracked(String::is_empty) == Some(true)
                && let Some(first) = found.projects.first()
            {
                project.set(first.id.clone());
            }
            drop(shared.choices.try_set(found));
        });
    });
}

/// Asks the server what it says of what is typed, once nothing is typed for a moment.
fn follow(acts: Acts, shared: Shared) {
    if !shared.is_new() {
        return;
    }
    let typed = Memo::new(move |_| shared.form().request());
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let (request, wrong) = typed.get();
        asked.update_value(|n| *n += 1);
        let own = asked.get_value();
        shared.failure.set(None);
        if request.image.is_empty() || request.host_id.is_empty() || !wrong.is_empty() {
            shared.preview.set(None);
            return;
        }
        set_timeout(move || ask(acts, shared, request, asked, own), PAUSE);
    });
}

fn ask(acts: Acts, shared: Shared, request: CreateContainer, asked: StoredValue<u32>, own: u32) {
    // Typed on meanwhile, or closed.
    if asked.try_get_value() != Some(own) {
        return;
    }
    spawn_local(async move {
        let said = acts.client().preview_container(&request).await;
        if asked.try_get_value() != Some(own) {
            return;
        }
        match said {
            Ok(preview) => drop(shared.preview.try_set(Some(preview))),
            Err(failure) => {
                let _ = shared.preview.try_set(None);
                // What only sending can tell is told then.
                if matches!(&failure, Failure::Problem(p) if !p.errors.is_empty()) {
                    let _ = shared.failure.try_set(Some(failure));
                }
            }
        }
    });
}

async fn send(acts: Acts, shared: Shared, open: RwSignal<bool>) {
    let (client, lang, key) = (acts.client(), shared.lang.get_untracked(), key());
    let done = match shared.purpose.get_value() {
        Purpose::New | Purpose::Like(_) => {
            let (request, _) = untrack(move || shared.form().request());
            client.create_container(&request, &key).await.map(|created| match created {
                Created::Container(c) => {
                    let said = ContainersDoneOne { name: &c.name, what: &text(lang, W::create_made) }.text(lang);
                    acts.toasts().show(Toast::good(said).link(c.name.clone(), format!("/containers/{}", c.id)));
                }
                Created::Operation(operation) => follow_one(acts, client.clone(), *operation, W::create_fetching, W::create_made),
            })
        }
        Purpose::Change(c) => {
            let before = shared.before.get_untracked().unwrap_or_else(|| empty_settings(&c));
            let (request, _) = untrack(move || shared.form().changes(&before));
            let begun = client.recreate_container(&c.id, &request, &key).await;
            begun.map(|operation| follow_one(acts, client.clone(), operation, W::create_recreating, W::create_recreated))
        }
        Purpose::Limits(c) => {
            let before = shared.before.get_untracked().unwrap_or_else(|| empty_settings(&c));
            let (request, _) = untrack(move || shared.form().update(&before));
            client.update_container(&c.id, &request, &key).await.map(|c| {
                let said = ContainersDoneOne { name: &c.name, what: &text(lang, W::create_updated) }.text(lang);
                acts.toasts().show(Toast::good(said));
            })
        }
    };
    match done {
        Ok(()) => {
            let _ = open.try_set(false);
            acts.changed();
        }
        Err(failure) => drop(shared.failure.try_set(Some(failure))),
    }
}

/// Of one whose settings could not be had: everything that is typed counts as changed.
fn empty_settings(c: &Container) -> Settings {
    Settings {
        image: c.image.clone(),
        environment_names: Vec::new(),
        ports: Vec::new(),
        mounts: Vec::new(),
        networks: Vec::new(),
        limits: crate::api::spec::Limits::default(),
        restart_policy: crate::api::spec::RestartPolicy::default(),
        log_driver: String::new(),
        privileged: false,
        labels: std::collections::BTreeMap::new(),
    }
}
