//! Ends an exception from the policy, once asked.

use leptos::{prelude::*, task::spawn_local};

use super::words::of_exception;
use crate::{
    api::spec::PolicyException,
    components::{
        dialog::{Confirm, opened_by},
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    pages::step_up::use_step_up,
    problems::sentence,
    words::{W, t, text, use_lang},
};

/// The question. The password is asked for where it is wanted.
#[component]
pub fn EndDialog(
    /// Which one; set to ask.
    ending: RwSignal<Option<PolicyException>>,
    changed: Callback<()>,
) -> impl IntoView {
    let (lang, toasts, step_up) = (use_lang(), use_toasts(), use_step_up());
    let client = StoredValue::new(use_client());
    let (open, busy) = (opened_by(ending), RwSignal::new(false));
    let again = StoredValue::new(None::<Callback<()>>);
    let end = Callback::new(move |()| {
        let Some(one) = ending.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        let client = client.get_value();
        spawn_local(async move {
            let done = client.end_policy_exception(&one.id).await;
            // The page may have been left meanwhile.
            if busy.try_set(false).is_some() {
                return;
            }
            match done {
                Ok(()) => {
                    open.set(false);
                    toasts.show(Toast::good(text(lang.get_untracked(), W::policy_ended)));
                    changed.run(());
                }
                Err(failure) => {
                    if !again.get_value().is_some_and(|again| step_up.asks(&failure, again)) {
                        open.set(false);
                        toasts.show(Toast::bad(sentence(lang.get_untracked(), &failure)));
                        changed.run(());
                    }
                }
            }
        });
    });
    again.set_value(Some(end));
    let what = move || ending.with(|e| e.as_ref().map(|e| of_exception(lang.get(), e)));
    view! {
        <Confirm open title=t(W::policy_end_title) action=t(W::policy_end) busy on_confirm=end>
            <p>{what}</p>
            <p class="second">{t(W::policy_end_text)}</p>
        </Confirm>
    }
}
