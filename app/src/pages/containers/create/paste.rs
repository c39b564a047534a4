//! A pasted `docker run`.

use leptos::{prelude::*, task::spawn_local};

use super::{super::act::Acts, Shared};
use crate::{
    api::{problem::Failure, spec::ParseRun},
    components::{
        button::{Button, Kind},
        dialog::Dialog,
        toasts::Toast,
    },
    problems::{of_field, sentence},
    words::{W, create_left_out, t},
};

#[component]
pub fn PasteDialog(acts: Acts, shared: Shared, open: RwSignal<bool>) -> impl IntoView {
    let (text, failure) = (RwSignal::new(String::new()), RwSignal::new(None::<Failure>));
    let take = move || {
        let request = ParseRun { text: text.get_untracked() };
        spawn_local(async move {
            match acts.client().parse_run(&request).await {
                Ok(parsed) => {
                    shared.form().take(parsed.container);
                    let _ = open.try_set(false);
                    if !parsed.left_out.is_empty() {
                        let lang = shared.lang.get_untracked();
                        acts.toasts().show(Toast::bad(create_left_out(lang, parsed.left_out.join(", "))));
                    }
                }
                Err(wrong) => drop(failure.try_set(Some(wrong))),
            }
        });
    };
    let wrong = move || {
        let lang = shared.lang.get();
        failure.with(|f| f.as_ref().map(|f| of_field(lang, f, "text").unwrap_or_else(|| sentence(lang, f))))
    };
    let foot = move || {
        view! {
            <Button label=t(W::common_cancel) on_press=move |_| open.set(false) />
            <Button label=t(W::create_take) kind=Kind::Primary on_press=move |_| take() />
        }
    };
    view! {
        <Dialog open title=t(W::create_paste) foot>
            <div class="field">
                <label for="f-paste">{t(W::create_paste_label)}</label>
                <textarea id="f-paste" class="input mono" rows="6" spellcheck="false" autofocus placeholder="docker run -d -p 8080:80 nginx" bind:value=text></textarea>
                <div class="field-below" role="status">{move || wrong().map(|why| view! { <span class="field-error">{why}</span> })}</div>
            </div>
        </Dialog>
    }
}
