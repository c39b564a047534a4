//! One's own sessions: see and end.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::account::OwnSession,
    components::{
        button::{Button, Kind},
        page::Section,
        tag::{TagTone, tag},
        time::Time,
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    problems::sentence,
    words::{W, t, use_lang},
};

#[component]
pub fn Sessions(
    sessions: RwSignal<Vec<OwnSession>>,
    /// One has ended.
    changed: Callback<()>,
) -> impl IntoView {
    let rows = move || sessions.get().into_iter().map(|session| view! { <Row session changed /> }).collect::<Vec<_>>();
    view! {
        <Section title=t(W::account_sessions) flush=true>
            <table class="table items sessions" aria-label=t(W::account_sessions)>
                <thead>
                    <tr>
                        <th scope="col">{t(W::account_from)}</th>
                        <th scope="col">{t(W::account_browser)}</th>
                        <th scope="col">{t(W::account_signed_in)}</th>
                        <th scope="col">{t(W::account_last_seen)}</th>
                        <th scope="col"><span class="aloud">{t(W::common_more)}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Section>
    }
}

#[component]
fn Row(session: OwnSession, changed: Callback<()>) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let id = StoredValue::new(session.id);
    let end = move |_| {
        busy.set(true);
        let (client, id) = (client.get_value(), id.get_value());
        spawn_local(async move {
            if let Err(failure) = client.end_session(&id).await {
                toasts.show(Toast::bad(sentence(lang.get_untracked(), &failure)));
            }
            // The page may have been left meanwhile.
            if busy.try_set(false).is_none() {
                changed.run(());
            }
        });
    };
    let current = session.current;
    view! {
        <tr class="row">
            <td class="in-title">{session.address}</td>
            <td class="in-second cut" title=session.user_agent.clone()>{session.user_agent.clone()}</td>
            <td><Time at=session.created_at /></td>
            <td class="in-tail"><Time at=session.last_seen_at /></td>
            <td class="in-tools end">
                {if current {
                    tag(TagTone::Accent, t(W::account_this)).into_any()
                } else {
                    view! { <Button label=t(W::account_end) kind=Kind::Quiet busy on_press=end /> }.into_any()
                }}
            </td>
        </tr>
    }
}
