//! What of the policy does not fit a container, and which exceptions hold for it: what, why, who made them, and until when.

use leptos::prelude::*;

use crate::{
    api::{
        container::ContainerDetail,
        spec::{PolicyException, ReviewedFinding},
    },
    components::{
        button::{Button, Kind},
        page::Section,
        skeleton::SkeletonLines,
        state_mark::{Meaning, StateMark},
        time::{Time, TimeStyle},
    },
    loader::use_client,
    me::use_me,
    pages::{
        fetched::fetched,
        policy::{
            end::EndDialog,
            except::{ExceptDialog, Wanted},
            words::{of_exception, words},
        },
    },
    problems::sentence,
    words::{W, policy_all_of, t, use_lang},
};

#[component]
pub fn PolicySection(
    detail: RwSignal<ContainerDetail>,
    /// An exception was made, or has ended.
    changed: Callback<()>,
) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let id = StoredValue::new(detail.with_untracked(|d| d.container.id.clone()));
    let (got, again) = fetched(move || {
        let (client, id) = (client.get_value(), id.get_value());
        async move { client.container_policy(&id).await }
    });
    let exceptions = Memo::new(move |_| detail.with(|d| d.exceptions.clone()));
    // What the policy says of it changes with these alone.
    let turned = Memo::new(move |_| {
        let of_it = detail.with(|d| (d.container.started_at.clone(), d.container.name.clone(), d.container.project.clone()));
        (of_it, exceptions.get())
    });
    Effect::new(move |before: Option<()>| {
        // Read, not only tracked: a memo that nobody reads never turns. The tab may have been left before this runs.
        if turned.try_with(|_| ()).is_some() && before.is_some() {
            again.try_run(());
        }
    });
    let may = use_me().may("policy.manage");
    let (wanted, ending) = (RwSignal::new(None::<Wanted>), RwSignal::new(None::<PolicyException>));
    let finding = move |f: ReviewedFinding| {
        let own = f.finding.clone();
        let sentence = move || words(lang.get(), &own);
        let (meaning, word) = if f.excepted { (Meaning::Good, W::policy_is_excepted) } else { (Meaning::Warning, W::policy_does_not_fit) };
        let except = (may && f.exceptable && !f.excepted).then(|| {
            let asked = f.finding.clone();
            let ask = move |_| {
                let container = detail.with_untracked(|d| d.container.clone());
                wanted.set(Some(Wanted { container, finding: asked.clone() }));
            };
            view! { <Button label=t(W::policy_except) kind=Kind::Link on_press=ask /> }
        });
        view! {
            <li>
                <span class="main">{sentence}</span>
                <StateMark meaning=Signal::stored(meaning) word=t(word) />
                {except}
            </li>
        }
    };
    let findings = move || match got.get() {
        None => view! { <SkeletonLines lines=2 /> }.into_any(),
        Some(Err(failure)) => view! {
            <p class="row-links">
                <span class="second">{move || sentence(lang.get(), &failure)}</span>
                <Button label=t(W::common_retry) kind=Kind::Link on_press=move |_| again.run(()) />
            </p>
        }
        .into_any(),
        Some(Ok(policy)) if policy.findings.is_empty() => view! { <p class="second">{t(W::policy_fits)}</p> }.into_any(),
        Some(Ok(policy)) => {
            let open = policy.findings.iter().any(|f| !f.excepted);
            view! {
                <ul class="lines plain">{policy.findings.into_iter().map(finding).collect::<Vec<_>>()}</ul>
                {open.then(|| view! { <p class="third small">{t(W::policy_applies)}</p> })}
            }
            .into_any()
        }
    };
    let exception = move |e: PolicyException| {
        let own = StoredValue::new(e.clone());
        let what = move || own.with_value(|e| of_exception(lang.get(), e));
        let every = e.container.is_none().then_some(e.project).flatten();
        let until = match e.until {
            Some(at) => view! { {t(W::policy_until)} " " <Time at style=TimeStyle::Exact /> }.into_any(),
            None => t(W::policy_until_ended).into_any(),
        };
        view! {
            <li>
                <span class="main">
                    {what}" · "{e.reason}
                    <span class="block third small">
                        {e.actor_name}" · "<Time at=e.created_at style=TimeStyle::Ago />" · "{until}
                        {every.map(|p| view! { " · " {move || policy_all_of(lang.get(), &p.name)} })}
                    </span>
                </span>
                {may.then(|| view! { <Button label=t(W::policy_end) kind=Kind::Link on_press=move |_| ending.set(Some(own.get_value())) /> })}
            </li>
        }
    };
    let held = move || {
        let all = exceptions.get();
        (!all.is_empty()).then(|| {
            view! { <ul class="lines plain" aria-label=t(W::policy_is_excepted)>{all.into_iter().map(exception).collect::<Vec<_>>()}</ul> }
        })
    };
    view! {
        <Section title=t(W::policy_title)>
            {findings}
            {held}
        </Section>
        <ExceptDialog wanted changed />
        <EndDialog ending changed />
    }
}
