//! The first account, by the one-time link. Its token stands in the address's fragment, which browsers keep to themselves.

use leptos::{ev, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    api::setup::Setup as Request,
    components::{
        button::{Button, Kind},
        dom::when_hydrated,
        field::{PasswordField, TextField},
        note::{Note, Tone},
    },
    loader::use_client,
    pages::{
        credentials::{Check, of_password, of_username},
        sign_in::Door,
    },
    problems::{of_field, sentence},
    words::{W, t, text, use_lang},
};

/// The page.
pub struct Setup;

#[lazy_route]
impl LazyRoute for Setup {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let Setup = this;
        let lang = use_lang();
        let client = StoredValue::new(use_client());
        let (username, password, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
        let (busy, failure) = (RwSignal::new(false), RwSignal::new(None));
        let token = RwSignal::new(None::<String>);
        let read = move || token.set(Some(window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()));
        Effect::new(move |_| {
            when_hydrated(read);
            // Whoever stands on this page already and follows the link stays in the document.
            let handle = window_event_listener(ev::hashchange, move |_| read());
            on_cleanup(move || handle.remove());
        });
        let missing = move || token.with(|t| t.as_deref() == Some(""));
        let wrong =
            move |name: &'static str| Signal::derive(move || failure.with(|f| f.as_ref().and_then(|f| of_field(lang.get(), f, name))));
        let name_check = Check::new(move || username.with(|name| of_username(name.trim())));
        let password_check = Check::new(move || username.with(|name| password.with(|password| of_password(name.trim(), password))));
        // Not while the first of the two is still to be typed.
        let again_check = Check::new(move || {
            let differs = password.with(|password| again.with(|again| again != password && !(again.is_empty() && password.is_empty())));
            differs.then_some(W::setup_differs)
        });
        let submit = move |ev: ev::SubmitEvent| {
            ev.prevent_default();
            let passes = [name_check, password_check, again_check].map(Check::passes);
            if busy.get_untracked() || passes.contains(&false) {
                return;
            }
            busy.set(true);
            failure.set(None);
            let client = client.get_value();
            let request = Request {
                token: token.get_untracked().unwrap_or_default(),
                username: username.get_untracked().trim().to_owned(),
                password: password.get_untracked(),
                language: Some(lang.get_untracked().tag().to_owned()),
            };
            spawn_local(async move {
                match client.setup(&request).await {
                    Ok(_) => drop(window().location().assign("/")),
                    Err(wrong) => {
                        busy.set(false);
                        failure.set(Some(wrong));
                    }
                }
            });
        };
        // What no field says is said above them.
        let above = move || {
            let lang = lang.get();
            let failure = failure.get()?;
            let at_field = ["username", "password"].iter().any(|name| of_field(lang, &failure, name).is_some());
            (!at_field).then(|| sentence_of(lang, &failure))
        };
        view! {
            <Title text=move || text(lang.get(), W::setup_title) />
            <Door title=t(W::setup_title)>
                <p class="second">{t(W::setup_text)}</p>
                <form class="door-form" method="post" action="/setup" on:submit=submit>
                    {move || missing().then(|| view! { <Note tone=Tone::Warning>{t(W::setup_no_token)}</Note> })}
                    {move || above().map(|text| view! { <Note tone=Tone::Bad>{text}</Note> })}
                    <TextField
                        name="username"
                        label=t(W::sign_in_username)
                        value=username
                        error=name_check.error(lang, wrong("username"))
                        on_leave=name_check.on_leave()
                        autocomplete="username"
                        autofocus=true
                    />
                    <PasswordField
                        name="password"
                        label=t(W::sign_in_password)
                        value=password
                        hint=t(W::setup_password_hint)
                        error=password_check.error(lang, wrong("password"))
                        on_leave=password_check.on_leave()
                        autocomplete="new-password"
                    />
                    <PasswordField
                        name="again"
                        label=t(W::setup_again)
                        value=again
                        error=again_check.error(lang, Signal::stored(None))
                        on_leave=again_check.on_leave()
                        autocomplete="new-password"
                    />
                    <Button label=t(W::setup_submit) kind=Kind::Primary submit=true wide=true busy />
                </form>
            </Door>
        }
        .into_any()
    }
}

fn sentence_of(lang: crate::words::Lang, failure: &crate::api::problem::Failure) -> String {
    of_field(lang, failure, "token").unwrap_or_else(|| sentence(lang, failure))
}
