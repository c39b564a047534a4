//! The password again, for what wants it: a call that is refused for that opens one dialog, and is made once more when the password was given.

use leptos::{ev, prelude::*, task::spawn_local};

use crate::{
    api::{problem::Failure, session::StepUp as Request},
    components::{
        button::{Button, Kind},
        dialog::Dialog,
        field::PasswordField,
    },
    loader::use_client,
    me::use_me,
    problems::{of_field, sentence},
    words::{W, t, use_lang},
};

/// Asks for the password where a call wants it. One for a page: [`provide_step_up`].
#[derive(Clone, Copy)]
pub struct StepUp {
    open: RwSignal<bool>,
    /// What is done once it was given.
    again: StoredValue<Vec<Callback<()>>>,
}

/// Makes it for the page that calls this; [`StepUpDialog`] stands in its view.
pub fn provide_step_up() -> StepUp {
    let step_up = StepUp { open: RwSignal::new(false), again: StoredValue::new(Vec::new()) };
    provide_context(step_up);
    step_up
}

pub fn use_step_up() -> StepUp {
    expect_context()
}

impl StepUp {
    /// Whether a call was refused for this. Then the dialog opens, and `again` runs once the password was given.
    pub fn asks(self, failure: &Failure, again: Callback<()>) -> bool {
        let asks = failure.code() == Some("step_up_required");
        if asks {
            self.again.update_value(|all| all.push(again));
            self.open.set(true);
        }
        asks
    }
}

/// The dialog.
#[component]
pub fn StepUpDialog() -> impl IntoView {
    let lang = use_lang();
    let StepUp { open, again } = use_step_up();
    let client = StoredValue::new(use_client());
    let username = use_me().username;
    let (password, busy, failure) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(None::<Failure>));
    let error = Signal::derive(move || {
        failure.with(|f| f.as_ref().map(|f| of_field(lang.get(), f, "password").unwrap_or_else(|| sentence(lang.get(), f))))
    });
    let submit = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let (client, request) = (client.get_value(), Request { password: password.get_untracked() });
        spawn_local(async move {
            let done = client.step_up(&request).await;
            // The page may have been left meanwhile.
            let _ = busy.try_set(false);
            match done {
                Ok(_) => {
                    let waiting = again.try_update_value(std::mem::take).unwrap_or_default();
                    let _ = open.try_set(false);
                    for again in waiting {
                        again.run(());
                    }
                }
                Err(wrong) => drop(failure.try_set(Some(wrong))),
            }
        });
    };
    let closed = move |()| {
        password.set(String::new());
        failure.set(None);
        again.set_value(Vec::new());
    };
    let foot = move || {
        view! {
            <Button label=t(W::common_cancel) on_press=move |_| open.set(false) />
            <Button label=t(W::step_up_confirm) kind=Kind::Primary busy on_press=move |_| submit() />
        }
    };
    let sent = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        submit();
    };
    view! {
        <Dialog open title=t(W::step_up_title) foot on_close=Callback::new(closed)>
            <form class="stack" on:submit=sent>
                <p class="second">{t(W::step_up_text)}</p>
                // For the browser's keeper of passwords: whose this one is.
                <input type="text" name="username" autocomplete="username" value=username.clone() hidden />
                <PasswordField name="step-up" label=t(W::sign_in_password) value=password error />
                <button type="submit" hidden></button>
            </form>
        </Dialog>
    }
}
