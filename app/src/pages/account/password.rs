//! Changing the password.

use leptos::{ev, prelude::*, task::spawn_local};

use crate::{
    api::account::ChangePassword as Request,
    components::{
        button::{Button, Kind},
        field::PasswordField,
        note::{Note, Tone},
        page::Section,
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    pages::credentials::{Check, of_password},
    problems::{of_field, sentence},
    words::{W, t, text, use_lang},
};

#[component]
pub fn ChangePassword(
    /// For the browser's password store.
    username: String,
    /// The password was changed: its date is another, and other sessions have ended.
    changed: Callback<()>,
) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let toasts = use_toasts();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None));
    let wrong = move |name: &'static str| Signal::derive(move || failure.with(|f| f.as_ref().and_then(|f| of_field(lang.get(), f, name))));
    let above = move || {
        let failure = failure.get()?;
        let at_field = ["current_password", "new_password"].iter().any(|name| of_field(lang.get(), &failure, name).is_some());
        (!at_field).then(|| sentence(lang.get(), &failure))
    };
    let name = StoredValue::new(username.clone());
    let new_check = Check::new(move || new.with(|new| name.with_value(|name| of_password(name, new))));
    let submit = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        if busy.get_untracked() || !new_check.passes() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let client = client.get_value();
        let request = Request { current_password: current.get_untracked(), new_password: new.get_untracked() };
        spawn_local(async move {
            let done = client.change_password(&request).await;
            busy.set(false);
            match done {
                Ok(()) => {
                    current.set(String::new());
                    new.set(String::new());
                    toasts.show(Toast::good(text(lang.get_untracked(), W::account_password_done)));
                    changed.run(());
                }
                Err(wrong) => failure.set(Some(wrong)),
            }
        });
    };
    view! {
        <Section title=t(W::account_password)>
            <form class="narrow-form" method="post" action="/account" on:submit=submit>
                {move || above().map(|text| view! { <Note tone=Tone::Bad>{text}</Note> })}
                <input type="text" name="username" autocomplete="username" value=username hidden />
                <PasswordField name="current_password" label=t(W::account_current) value=current error=wrong("current_password") />
                <PasswordField
                    name="new_password"
                    label=t(W::account_new)
                    value=new
                    hint=t(W::setup_password_hint)
                    error=new_check.error(lang, wrong("new_password"))
                    on_leave=new_check.on_leave()
                    autocomplete="new-password"
                />
                <Button label=t(W::account_change) kind=Kind::Plain submit=true busy />
            </form>
        </Section>
    }
}
