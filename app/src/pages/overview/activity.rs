//! What happened lately, here and outside; and, for whoever has one host, what to do next.

use leptos::prelude::*;

use crate::{
    api::{host::HostState, overview::Activity},
    components::{
        icon::{Glyph, Icon},
        page::Section,
        tag::{TagTone, tag},
        time::{TimeStyle, time, use_now},
    },
    me::use_me,
    pages::deeds::{deed, is_about_oneself},
    words::{W, t, use_lang},
};

/// Changes made here and outside.
#[component]
pub fn RecentActivity(activity: Vec<Activity>) -> impl IntoView {
    let lang = use_lang();
    let now = use_now();
    let reads_trail = use_me().may("audit.read");
    let none = activity.is_empty();
    let row = move |a: Activity| {
        let who = if a.outside { None } else { Some(a.actor_name.clone()) };
        let object =
            (!is_about_oneself(&a.action) || a.object_name != a.actor_name).then(|| match (a.object_kind.as_str(), a.action.as_str()) {
                ("container", "destroy" | "remove") | (_, "") => view! { <span>{a.object_name.clone()}</span> }.into_any(),
                ("container", _) => view! { <a href=format!("/containers/{}", a.object_id)>{a.object_name.clone()}</a> }.into_any(),
                ("host", _) => view! { <a href=format!("/hosts/{}", a.object_id)>{a.object_name.clone()}</a> }.into_any(),
                _ => view! { <span>{a.object_name.clone()}</span> }.into_any(),
            });
        let outcome = outcome_of(&a.outcome).map(|(tone, w)| tag(tone, t(w)));
        let done = matches!(a.outcome.as_str(), "done");
        view! {
            <li>
                <span class="at">{time(now, lang, a.at, TimeStyle::Clock)}</span>
                <span class="main">
                    {match who {
                        Some(who) => view! { <strong>{who}</strong> }.into_any(),
                        None => tag(TagTone::Warning, t(W::events_outside)).into_any(),
                    }}
                    " " {move || deed(lang.get(), &a.permission, &a.action, done)} " " {object} " " {outcome}
                </span>
            </li>
        }
    };
    view! {
        <Section
            title=t(W::overview_activity)
            sub=move || reads_trail.then(|| view! { <a href="/audit">{t(W::nav_audit)}</a> })
        >
            {none.then(|| view! { <p class="second">{t(W::overview_no_activity)}</p> })}
            <ul class="lines told">{activity.into_iter().map(row).collect::<Vec<_>>()}</ul>
        </Section>
    }
}

/// What came of it, where that is not what one expects.
fn outcome_of(outcome: &str) -> Option<(TagTone, W)> {
    match outcome {
        "done" => None,
        "open" => Some((TagTone::Plain, W::audit_open)),
        "not_done" => Some((TagTone::Warning, W::audit_not_done)),
        "unknown" => Some((TagTone::Warning, W::audit_unknown)),
        "refused" => Some((TagTone::Warning, W::audit_refused)),
        _ => Some((TagTone::Bad, W::audit_failed)),
    }
}

/// For whoever has one host: what to do next.
#[component]
pub fn NextSteps(host: HostState) -> impl IntoView {
    let step = |glyph: Glyph, title: W, below: W, href: &'static str| {
        view! {
            <li>
                <Icon glyph />
                <span class="main">
                    <a href=href>{t(title)}</a>
                    <span class="third block">{t(below)}</span>
                </span>
            </li>
        }
    };
    let (glyph, word) = match host {
        HostState::Reachable => (Glyph::Check, W::overview_connected),
        HostState::Connecting => (Glyph::Working, W::overview_connecting),
        HostState::Unreachable => (Glyph::Warning, W::overview_not_connected),
    };
    let audit = use_me().may("audit.read").then(|| step(Glyph::Clipboard, W::overview_look_audit, W::overview_look_audit_text, "/audit"));
    view! {
        <Section title=t(W::overview_next)>
            <ul class="lines">
                <li><Icon glyph /><span>{t(word)}</span></li>
                {step(Glyph::Cube, W::overview_look_containers, W::overview_look_containers_text, "/containers")}
                {audit}
                {step(Glyph::Person, W::overview_account, W::overview_account_text, "/account")}
            </ul>
        </Section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_failed_is_called_failed() {
        let word = |outcome| outcome_of(outcome).map(|(_, w)| w as usize);
        assert_eq!(word("failed"), Some(W::audit_failed as usize));
        assert_eq!(word("unknown"), Some(W::audit_unknown as usize));
        assert_eq!(word("not_done"), Some(W::audit_not_done as usize));
        assert_eq!(word("done"), None);
    }
}
