//! Fields of forms: label, hint and error belong to the control. Checked as the reader leaves a field, and again by the server.

use leptos::{ev, prelude::*};

use super::{
    button::{IconButton, TipSide},
    icon::{Glyph, Icon},
};
use crate::words::{W, t};

/// Label above, control, then the hint, or the error in its place.
#[component]
fn Field(
    /// Unique on the page; names the parts for each other.
    name: &'static str,
    label: TextProp,
    hint: Option<TextProp>,
    error: Signal<Option<String>>,
    optional: bool,
    children: Children,
) -> impl IntoView {
    let below = move || match (error.get(), &hint) {
        (Some(error), _) => Some(
            view! {
                <span class="field-error">
                    <Icon glyph=Glyph::Warning />
                    {error}
                </span>
            }
            .into_any(),
        ),
        (None, Some(hint)) => {
            let hint = hint.clone();
            Some(view! { <span>{move || hint.get()}</span> }.into_any())
        }
        (None, None) => None,
    };
    view! {
        <div class="field" class:wrong=move || error.with(Option::is_some)>
            <label for=format!("f-{name}")>
                {move || label.get()} {optional.then(|| view! { <span class="third">" · "{t(W::common_optional)}</span> })}
            </label>
            {children()}
            <div class="field-below" id=format!("f-{name}-below") aria-live="polite">
                {below}
            </div>
        </div>
    }
}

/// One line of text, or a password.
#[component]
pub fn TextField(
    /// Unique on the page.
    name: &'static str,
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Option<TextProp>,
    /// What is wrong with it, as one sentence.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    #[prop(optional)] optional: bool,
    /// `text`, `number`, `url`; passwords have [`PasswordField`].
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] placeholder: Option<TextProp>,
    /// In the code's type.
    #[prop(optional)]
    mono: bool,
    /// The reader leaves the field: time to check it.
    #[prop(optional, into)]
    on_leave: Option<Callback<()>>,
    #[prop(optional, into)] on_enter: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <Field name label hint error optional>
            <input
                class="input"
                class:mono=mono
                id=format!("f-{name}")
                name=name
                type=kind
                autocomplete=autocomplete
                autofocus=autofocus
                spellcheck="false"
                placeholder=placeholder.map(|p| move || p.get())
                required=!optional
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=format!("f-{name}-below")
                bind:value=value
                on:blur=move |_| leave(on_leave)
                on:keydown=move |ev: ev::KeyboardEvent| {
                    if let (true, Some(on_enter)) = (ev.key() == "Enter", on_enter) {
                        ev.prevent_default();
                        on_enter.run(());
                    }
                }
            />
        </Field>
    }
}

/// A password, which can be looked at.
#[component]
pub fn PasswordField(
    name: &'static str,
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// `current-password` or `new-password`.
    #[prop(default = "current-password")]
    autocomplete: &'static str,
    #[prop(optional, into)] on_leave: Option<Callback<()>>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let (show, hide) = (t(W::common_show_password), t(W::common_hide_password));
    let label_of_eye = move || if shown.get() { hide() } else { show() };
    view! {
        <Field name label hint error optional=false>
            <div class="input-with">
                <input
                    class="input"
                    id=format!("f-{name}")
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    spellcheck="false"
                    required
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=format!("f-{name}-below")
                    bind:value=value
                    on:blur=move |_| leave(on_leave)
                />
                <IconButton label=label_of_eye glyph=Glyph::Eye tip=TipSide::BelowStart on_press=move |_| shown.update(|s| *s = !*s) />
            </div>
        </Field>
    }
}

/// One of a few.
#[component]
pub fn SelectField(
    name: &'static str,
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    /// Value and what the reader sees.
    #[prop(into)]
    options: Signal<Vec<(String, TextProp)>>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    view! {
        <Field name label hint error optional>
            <span class="select">
                <select
                    class="input"
                    id=format!("f-{name}")
                    name=name
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=format!("f-{name}-below")
                    prop:value=move || value.get()
                    on:change=move |ev| value.set(event_target_value(&ev))
                >
                    {move || {
                        options
                            .get()
                            .into_iter()
                            .map(|(key, text)| {
                                let own = key.clone();
                                view! {
                                    <option value=key selected=move || value.with(|v| *v == own)>
                                        {move || text.get()}
                                    </option>
                                }
                            })
                            .collect::<Vec<_>>()
                    }}
                </select>
                <Icon glyph=Glyph::ChevronDown />
            </span>
        </Field>
    }
}

/// Yes or no.
#[component]
pub fn CheckField(
    name: &'static str,
    #[prop(into)] label: TextProp,
    value: RwSignal<bool>,
    #[prop(optional, into)] hint: Option<TextProp>,
) -> impl IntoView {
    view! {
        <div class="field check">
            <label>
                <input class="checkbox" type="checkbox" name=name aria-describedby=format!("f-{name}-below") bind:checked=value />
                <span>{move || label.get()}</span>
            </label>
            <div class="field-below" id=format!("f-{name}-below")>
                {hint.map(|hint| view! { <span>{move || hint.get()}</span> })}
            </div>
        </div>
    }
}

fn leave(on_leave: Option<Callback<()>>) {
    if let Some(on_leave) = on_leave {
        on_leave.run(());
    }
}
