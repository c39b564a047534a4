//! Signing in.

use leptos::{ev, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};

use crate::{
    api::{account::Appearance, session::SignIn as Request},
    components::{
        button::{Button, Kind},
        field::{PasswordField, TextField},
        icon::{Glyph, Icon},
        note::{Note, Tone},
    },
    loader::use_client,
    pages::frame::{other_name, speak},
    problems::sentence,
    words::{W, t, text, use_lang},
};

/// The page around one small form: sign-in and set-up.
#[component]
pub fn Door(#[prop(into)] title: TextProp, children: Children) -> impl IntoView {
    let lang = use_lang();
    let switch = move |_: ev::MouseEvent| speak(lang, lang.get_untracked().other());
    view! {
        <main class="door">
            <div class="door-box">
                <p class="door-brand">
                    <Icon glyph=Glyph::Cube />
                    <span>{t(W::app_name)}</span>
                </p>
                <h1>{move || title.get()}</h1>
                {children()}
                <p class="door-foot">
                    <span>{t(W::sign_in_notice)}</span>
                    <button type="button" class="button link" on:click=switch>
                        {move || if other_name(lang.get()) == "EN" { "English" } else { "中文" }}
                    </button>
                </p>
            </div>
        </main>
    }
}

/// The page.
pub struct SignIn;

#[lazy_route]
impl LazyRoute for SignIn {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let SignIn = this;
        let lang = use_lang();
        let found = lang.get_untracked();
        let client = StoredValue::new(use_client());
        let query = use_query_map();
        let (username, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
        let (busy, failure) = (RwSignal::new(false), RwSignal::new(None));
        let submit = move |ev: ev::SubmitEvent| {
            ev.prevent_default();
            if busy.get_untracked() {
                return;
            }
            busy.set(true);
            failure.set(None);
            let client = client.get_value();
            let request = Request { username: username.get_untracked().trim().to_owned(), password: password.get_untracked() };
            let next = query.with_untracked(|q| local(q.get("next").as_deref()));
            spawn_local(async move {
                match client.sign_in(&request).await {
                    Ok(_) => {
                        let spoken = lang.get_untracked();
                        if spoken != found {
                            // Chosen here: kept for the account. That it could not be kept keeps nobody out.
                            drop(client.update_appearance(&Appearance { language: Some(spoken.tag()), ..Appearance::default() }).await);
                        }
                        // A new document: the server makes it for this person.
                        let _ = window().location().assign(&next);
                    }
                    Err(wrong) => {
                        busy.set(false);
                        failure.set(Some(wrong));
                    }
                }
            });
        };
        view! {
            <Title text=move || text(lang.get(), W::sign_in_title) />
            <Door title=t(W::sign_in_title)>
                <form class="door-form" method="post" action="/sign-in" on:submit=submit>
                    {move || failure.get().map(|f| view! { <Note tone=Tone::Bad>{move || sentence(lang.get(), &f)}</Note> })}
                    <TextField name="username" label=t(W::sign_in_username) value=username autocomplete="username" autofocus=true />
                    <PasswordField name="password" label=t(W::sign_in_password) value=password />
                    <Button label=t(W::sign_in_submit) kind=Kind::Primary submit=true wide=true busy />
                </form>
            </Door>
        }
        .into_any()
    }
}

/// Where to go after: a path of ours, nothing else.
fn local(next: Option<&str>) -> String {
    match next {
        Some(path) if path.starts_with('/') && !path.starts_with("//") && !path.contains(|c: char| c == '\\' || c.is_control()) => {
            path.to_owned()
        }
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn signing_in_leads_to_our_own_pages_only() {
        assert_eq!(local(Some("/containers?q=a")), "/containers?q=a");
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "containers"] {
            assert_eq!(local(Some(foreign)), "/");
        }
        assert_eq!(local(None), "/");
    }
}
