//! Another name for a container.

use leptos::{prelude::*, task::spawn_local};

use super::act::{Acts, key};
use crate::{
    api::{container::RenameContainer, problem::Failure},
    components::{
        button::{Button, Kind},
        dialog::{Dialog, opened_by},
        field::TextField,
        toasts::Toast,
    },
    problems::{of_field, sentence},
    words::{ContainersRenamed, W, containers_rename_title, t, use_lang},
};

/// Asks for the name. What the server says against it stands at the field.
#[component]
pub fn RenameDialog(acts: Acts) -> impl IntoView {
    let lang = use_lang();
    let open = opened_by(acts.renamed);
    let (name, busy, failure) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(None::<Failure>));
    Effect::new(move |_| {
        if let Some(container) = acts.renamed.get() {
            name.set(container.name);
            failure.set(None);
        }
    });
    let title = move || containers_rename_title(lang.get(), acts.renamed.get().map(|c| c.name).unwrap_or_default());
    let error = Signal::derive(move || {
        failure.with(|f| f.as_ref().map(|f| of_field(lang.get(), f, "name").unwrap_or_else(|| sentence(lang.get(), f))))
    });
    let submit = move || {
        let Some(container) = acts.renamed.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        let wanted = name.get_untracked().trim().to_owned();
        if wanted == container.name {
            open.set(false);
            return;
        }
        busy.set(true);
        failure.set(None);
        let key = key();
        spawn_local(async move {
            let done = acts.client().rename_container(&container.id, &RenameContainer { name: wanted.clone() }, &key).await;
            let _ = busy.try_set(false);
            match done {
                Ok(_) => {
                    let _ = open.try_set(false);
                    let said = ContainersRenamed { was: &container.name, name: &wanted }.text(lang.get_untracked());
                    acts.toasts().show(Toast::good(said));
                    acts.changed();
                }
                Err(wrong) => drop(failure.try_set(Some(wrong))),
            }
        });
    };
    let foot = move || {
        view! {
            <Button label=t(W::common_cancel) on_press=move |_| open.set(false) />
            <Button label=t(W::containers_rename) kind=Kind::Primary busy on_press=move |_| submit() />
        }
    };
    view! {
        <Dialog open title foot>
            <TextField name="name" label=t(W::containers_name) value=name error mono=true autocomplete="off" on_enter=move |()| submit() />
        </Dialog>
    }
}
