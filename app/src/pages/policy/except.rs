//! The form of an exception from the policy: for what was found in one container.

use leptos::{prelude::*, task::spawn_local};

use super::words::words;
use crate::{
    api::{
        container::Container,
        problem::Failure,
        spec::{NewPolicyException, PolicyFinding},
    },
    components::{
        button::{Button, Kind},
        dialog::{Dialog, opened_by},
        field::{SelectField, TextField},
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    pages::step_up::use_step_up,
    problems::{of_field, sentence},
    words::{W, policy_all_of, policy_days, policy_except_title, policy_only_value, policy_this_one, t, text, use_lang},
};

/// After how many days it may end by itself.
const DAYS: [u32; 4] = [1, 7, 30, 90];

/// What is to be excepted, and in which container.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub container: Container,
    pub finding: PolicyFinding,
}

/// Opens where `wanted` is set.
#[component]
pub fn ExceptDialog(wanted: RwSignal<Option<Wanted>>, changed: Callback<()>) -> impl IntoView {
    let (lang, toasts, step_up) = (use_lang(), use_toasts(), use_step_up());
    let client = StoredValue::new(use_client());
    let (open, busy, failure) = (opened_by(wanted), RwSignal::new(false), RwSignal::new(None::<Failure>));
    let (whom, value, reason, until) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let short = RwSignal::new(false);
    Effect::new(move |_| {
        if wanted.with(Option::is_some) {
            for field in [whom, value, reason, until] {
                field.set(String::new());
            }
            failure.set(None);
            short.set(false);
        }
    });
    let again = StoredValue::new(None::<Callback<()>>);
    let submit = Callback::new(move |()| {
        let Some(Wanted { container, finding }) = wanted.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        let why = reason.get_untracked().trim().to_owned();
        short.set(!(3..=500).contains(&why.len()));
        if short.get_untracked() {
            return;
        }
        let every = whom.with_untracked(|w| w == "project");
        let any = value.with_untracked(|v| v == "any");
        let request = NewPolicyException {
            project_id: container.project.map(|p| p.id),
            container: (!every).then_some(container.name),
            code: finding.code,
            value: Some(finding.value).filter(|v| !any && !v.is_empty()),
            reason: why,
            days: until.with_untracked(|days| days.parse().ok()),
        };
        busy.set(true);
        failure.set(None);
        let client = client.get_value();
        spawn_local(async move {
            let done = client.except_from_policy(&request).await;
            // The page may have been left meanwhile.
            if busy.try_set(false).is_some() {
                return;
            }
            match done {
                Ok(_) => {
                    open.set(false);
                    toasts.show(Toast::good(text(lang.get_untracked(), W::policy_excepted_now)));
                    changed.run(());
                }
                Err(wrong) => {
                    if !again.get_value().is_some_and(|again| step_up.asks(&wrong, again)) {
                        failure.set(Some(wrong));
                    }
                }
            }
        });
    });
    again.set_value(Some(submit));
    let error = Signal::derive(move || {
        let lang = lang.get();
        let by_server = || failure.with(|f| f.as_ref().map(|f| of_field(lang, f, "reason").unwrap_or_else(|| sentence(lang, f))));
        if short.get() { Some(text(lang, W::policy_reason_length).to_owned()) } else { by_server() }
    });
    let title = move || policy_except_title(lang.get(), wanted.with(|w| w.as_ref().map(|w| w.container.name.clone()).unwrap_or_default()));
    let what = move || wanted.with(|w| w.as_ref().map(|w| words(lang.get(), &w.finding)));
    let foot = move || {
        view! {
            <Button label=t(W::common_cancel) on_press=move |_| open.set(false) />
            <Button label=t(W::policy_except_do) kind=Kind::Primary busy on_press=move |_| submit.run(()) />
        }
    };
    let fields = move || {
        let Wanted { container, finding } = wanted.get()?;
        let spoken = lang.get();
        let one = (String::new(), TextProp::from(policy_this_one(spoken, &container.name)));
        let every = container.project.map(|p| ("project".to_owned(), TextProp::from(policy_all_of(spoken, &p.name))));
        let whom_options: Vec<_> = std::iter::once(one).chain(every).collect();
        let values = (!finding.value.is_empty()).then(|| {
            let options = vec![
                (String::new(), TextProp::from(policy_only_value(spoken, &finding.value))),
                ("any".to_owned(), TextProp::from(text(spoken, W::policy_any_value))),
            ];
            view! { <SelectField name="except-value" label=t(W::policy_which) value options=Signal::stored(options) /> }
        });
        let ends = std::iter::once((String::new(), TextProp::from(text(spoken, W::policy_until_ended))))
            .chain(DAYS.map(|n| (n.to_string(), TextProp::from(policy_days(spoken, u64::from(n))))));
        Some(view! {
            <SelectField name="except-whom" label=t(W::policy_for_whom) value=whom options=Signal::stored(whom_options) />
            {values}
            <SelectField name="except-until" label=t(W::policy_until) value=until options=Signal::stored(ends.collect::<Vec<_>>()) />
        })
    };
    view! {
        <Dialog open title foot>
            <div class="stack">
                <p>{what}</p>
                {fields}
                <TextField
                    name="except-reason"
                    label=t(W::policy_reason)
                    hint=t(W::policy_reason_hint)
                    value=reason
                    error
                    autofocus=true
                    autocomplete="off"
                    on_enter=submit
                />
            </div>
        </Dialog>
    }
}
