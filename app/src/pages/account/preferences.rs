//! Language and theme: they take hold at once and are kept with the account.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::account::Appearance,
    components::{
        field::SelectField,
        frame::Theme,
        page::Section,
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    pages::frame::speak,
    problems::sentence,
    words::{Lang, W, t, use_lang},
};

#[component]
pub fn Preferences() -> impl IntoView {
    let lang = use_lang();
    let theme = expect_context::<RwSignal<Theme>>();
    let client = StoredValue::new(use_client());
    let toasts = use_toasts();
    let keep = move |update: Appearance| {
        let client = client.get_value();
        spawn_local(async move {
            if let Err(failure) = client.update_appearance(&update).await {
                toasts.show(Toast::bad(sentence(lang.get_untracked(), &failure)));
            }
        });
    };
    let language = RwSignal::new(lang.get_untracked().tag().to_owned());
    let shade = RwSignal::new(theme.get_untracked().key().to_owned());
    // The bar above switches both as well: the fields follow it, and keep only what is chosen in them.
    Effect::new(move |_| language.set(lang.get().tag().to_owned()));
    Effect::new(move |_| shade.set(theme.get().key().to_owned()));
    Effect::new(move |before: Option<String>| {
        let now = language.get();
        let chosen = Lang::from_tag(&now).filter(|chosen| *chosen != lang.get_untracked());
        if let (true, Some(chosen)) = (before.is_some(), chosen) {
            speak(lang, chosen);
            keep(Appearance { language: Some(chosen.tag()), ..Appearance::default() });
        }
        now
    });
    Effect::new(move |before: Option<String>| {
        let now = shade.get();
        let chosen = Theme::from_key(&now);
        if before.is_some() && chosen != theme.get_untracked() {
            theme.set(chosen);
            keep(Appearance { theme: Some(chosen.key()), ..Appearance::default() });
        }
        now
    });
    let languages = vec![("en".to_owned(), TextProp::from("English")), ("zh-CN".to_owned(), TextProp::from("中文"))];
    let themes = vec![
        ("light".to_owned(), TextProp::from(t(W::account_theme_light))),
        ("dark".to_owned(), TextProp::from(t(W::account_theme_dark))),
        ("system".to_owned(), TextProp::from(t(W::account_theme_system))),
    ];
    view! {
        <Section title=t(W::account_preferences)>
            <div class="narrow-form">
                <SelectField name="language" label=t(W::account_language) value=language options=Signal::stored(languages) />
                <SelectField name="theme" label=t(W::account_theme) value=shade options=Signal::stored(themes) />
            </div>
        </Section>
    }
}
