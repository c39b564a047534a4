//! What is secret in a container's settings: shown to who may, once the password was given again, until the tab is left.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{container::ContainerDetail, problem::Failure},
    components::{
        button::{Button, Kind},
        dom,
        icon::Glyph,
        note::Note,
        page::Section,
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    me::use_me,
    pages::{failed::Failed, step_up::use_step_up},
    words::{W, t, text, use_lang},
};

/// Nothing for who may not. What was shown goes with the right to it.
#[component]
pub fn RevealSection(detail: RwSignal<ContainerDetail>) -> impl IntoView {
    let may = Memo::new(move |_| detail.with(|d| d.container.may("reveal")));
    let id = detail.with_untracked(|d| d.container.id.clone());
    move || may.get().then(|| view! { <Secrets id=id.clone() /> })
}

#[component]
fn Secrets(id: String) -> impl IntoView {
    let client = StoredValue::new(use_client());
    let id = StoredValue::new(id);
    let step_up = use_step_up();
    let (shown, busy) = (RwSignal::new(None::<Result<String, Failure>>), RwSignal::new(false));
    let reveal = StoredValue::new(None::<Callback<()>>);
    let ask = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (client, id) = (client.get_value(), id.get_value());
        spawn_local(async move {
            let got = client.reveal_container(&id).await;
            // The tab may have been left meanwhile.
            let _ = busy.try_set(false);
            let again = reveal.try_get_value().flatten();
            if let (Err(failure), Some(again)) = (&got, again)
                && step_up.asks(failure, again)
            {
                return;
            }
            let _ = shown.try_set(Some(got.map(|file| file.text)));
        });
    });
    reveal.set_value(Some(ask));
    let content = move || match shown.get() {
        None => view! {
            <p class="second">{t(W::containers_reveal_text)}</p>
            <Button label=t(W::containers_reveal) kind=Kind::Primary glyph=Glyph::Eye busy on_press=move |_| ask.run(()) />
        }
        .into_any(),
        Some(Ok(file)) => view! { <Shown id=id.get_value() file hide=Callback::new(move |()| shown.set(None)) /> }.into_any(),
        Some(Err(failure)) => view! { <Failed failure on_retry=ask /> }.into_any(),
    };
    view! { <Section title=t(W::containers_secret)>{content}</Section> }
}

#[component]
fn Shown(
    id: String,
    /// A compose file with the values in it.
    file: String,
    hide: Callback<()>,
) -> impl IntoView {
    let (lang, toasts, reads_audit) = (use_lang(), use_toasts(), use_me().may("audit.read"));
    let record = format!("/audit?permission=container.reveal&object={id}");
    let own = StoredValue::new(file.clone());
    let copy = move |_| {
        let file = own.get_value();
        spawn_local(async move {
            if dom::copy(&file).await {
                toasts.show(Toast::good(text(lang.get_untracked(), W::common_copied)));
            }
        });
    };
    let actions = move || {
        view! {
            {reads_audit.then(|| view! { <a href=record.clone()>{t(W::nav_audit)}</a> })}
            <Button label=t(W::common_copy) kind=Kind::Link on_press=copy />
            <Button label=t(W::containers_hide) kind=Kind::Link on_press=move |_| hide.run(()) />
        }
    };
    view! {
        <div class="stack">
            <Note actions>{t(W::containers_revealed)}</Note>
            <pre class="compose" tabindex="0" aria-label=move || text(lang.get(), W::containers_secret)>{file}</pre>
        </div>
    }
}
