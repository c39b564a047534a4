//! Where the form of a container, its compose file and what is asked of the reader appear: over the list and over a container's page. Each is
//! fetched when it is first wanted.

use leptos::{prelude::*, task::spawn_local};

use super::{
    act::{Acts, Composed},
    ask::AskDialog,
    create,
    rename::RenameDialog,
};
use crate::{
    api::problem::Failure,
    components::{
        button::Button,
        dialog::{Dialog, once_wanted, opened_by},
        dom,
        icon::Glyph,
        toasts::Toast,
    },
    problems::sentence,
    words::{W, t, text, use_lang},
};

#[component]
pub fn Forms(acts: Acts) -> impl IntoView {
    let done = Callback::new(move |()| acts.form.set(None));
    let panel = move || acts.form.get().map(|purpose| Suspend::new(async move { create::panel(acts, purpose, done).await }));
    let wanted =
        once_wanted(move || acts.asked.with(Option::is_some) || acts.renamed.with(Option::is_some) || acts.composed.with(Option::is_some));
    let dialogs = move || wanted.get().then(|| Suspend::new(async move { dialogs(acts).await }));
    view! {
        <Suspense>{panel}</Suspense>
        <Suspense>{dialogs}</Suspense>
    }
}

#[lazy]
fn dialogs(acts: Acts) -> AnyView {
    view! {
        <AskDialog acts />
        <RenameDialog acts />
        <ComposeDialog acts />
    }
    .into_any()
}

#[component]
fn ComposeDialog(acts: Acts) -> impl IntoView {
    let lang = use_lang();
    let open = opened_by(acts.composed);
    let file = RwSignal::new(None::<Result<String, Failure>>);
    Effect::new(move |_| {
        if let Some(composed) = acts.composed.get() {
            file.set(None);
            spawn_local(async move {
                let got = match &composed {
                    Composed::Container { id, .. } => acts.client().container_compose(id).await,
                    Composed::Project { host_id, project } => acts.client().group_compose(host_id, project).await,
                };
                // Something else may be shown by now.
                if acts.composed.try_with_untracked(|now| now.as_ref() == Some(&composed)) == Some(true) {
                    file.set(Some(got.map(|f| f.text)));
                }
            });
        }
    });
    let shown = move || match file.get() {
        None => text(lang.get(), W::common_loading).to_owned(),
        Some(Ok(text)) => text,
        Some(Err(failure)) => sentence(lang.get(), &failure),
    };
    let copy = move |_| {
        let text = untrack(shown);
        spawn_local(async move {
            if dom::copy(&text).await {
                acts.toasts().show(Toast::good(crate::words::text(lang.get_untracked(), W::common_copied)));
            }
        });
    };
    let title = move || {
        acts.composed.get().map_or_else(String::new, |composed| match composed {
            Composed::Container { name, .. } | Composed::Project { project: name, .. } => name,
        })
    };
    view! {
        <Dialog open title foot=move || view! { <Button label=t(W::common_copy) glyph=Glyph::Copy on_press=copy /> }>
            <pre class="compose" tabindex="0">{shown}</pre>
        </Dialog>
    }
}
