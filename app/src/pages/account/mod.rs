//! One's own account: language and theme, password, sessions.

mod password;
mod preferences;
mod sessions;

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    api::{
        account::{Account, HeldRole, OwnSession, OwnSessions},
        problem::Failure,
    },
    client::live::use_changes,
    components::{
        facts::{Fact, Facts},
        page::{PageHead, Section},
        skeleton::SkeletonLines,
        time::{Time, TimeStyle},
    },
    loader::{Loaded, loader_of, use_client},
    pages::{failed::Failed, in_turn::in_turn},
    words::{Lang, W, t, text, use_lang},
};

/// The page: account and sessions in one load.
pub struct AccountPage {
    loaded: Loaded<(Account, OwnSessions)>,
}

#[lazy_route]
impl LazyRoute for AccountPage {
    fn data() -> Self {
        let loaded = loader_of(String::new, |client, _| {
            Box::pin(async move { Ok(format!("[{},{}]", client.account().text().await?, client.own_sessions().text().await?)) })
        });
        Self { loaded }
    }

    fn view(this: Self) -> AnyView {
        let loaded = this.loaded;
        let lang = use_lang();
        let content = move || {
            Suspend::new(async move {
                match loaded.await {
                    Ok((account, sessions)) => view! { <Whole account sessions=sessions.items /> }.into_any(),
                    Err(Failure::Later) => view! { <SkeletonLines lines=8 /> }.into_any(),
                    Err(failure) => view! { <Failed failure on_retry=move |()| loaded.refetch() /> }.into_any(),
                }
            })
        };
        view! {
            <Title text=move || text(lang.get(), W::nav_account) />
            <PageHead title=t(W::nav_account) ruled=true />
            <div class="page-scroll account">
                <Suspense fallback=move || view! { <SkeletonLines lines=8 /> }>{content}</Suspense>
            </div>
        }
        .into_any()
    }
}

/// What changes is fetched into its signals: what is typed stays.
#[component]
fn Whole(account: Account, sessions: Vec<OwnSession>) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let sessions = RwSignal::new(sessions);
    let password_changed = RwSignal::new(account.password_changed_at);
    let fetch_sessions = in_turn(move || {
        let client = client.try_get_value();
        async move {
            let Some(client) = client else { return };
            if let Ok(now) = client.own_sessions().await {
                let _ = sessions.try_set(now.items);
            }
        }
    });
    let changed = Callback::new(move |()| {
        fetch_sessions.run(());
        let Some(client) = client.try_get_value() else { return };
        spawn_local(async move {
            if let Ok(now) = client.account().await {
                let _ = password_changed.try_set(now.password_changed_at);
            }
        });
    });
    // A session that was begun or ended elsewhere.
    use_changes(&["session"], move |_| fetch_sessions.run(()));
    let username = account.username.clone();
    let roles = account.roles;
    view! {
        <Section title=t(W::account_facts)>
            <Facts>
                <Fact label=t(W::sign_in_username)>{account.username}</Fact>
                <Fact label=t(W::account_roles)>{move || roles_text(lang.get(), &roles)}</Fact>
                <Fact label=t(W::account_created)><Time at=account.created_at style=TimeStyle::Exact /></Fact>
                <Fact label=t(W::account_password_changed)>
                    {move || view! { <Time at=password_changed.get() style=TimeStyle::Exact /> }}
                </Fact>
            </Facts>
        </Section>
        <preferences::Preferences />
        <password::ChangePassword username changed />
        <sessions::Sessions sessions changed=fetch_sessions />
    }
}

fn roles_text(lang: Lang, roles: &[HeldRole]) -> String {
    if roles.is_empty() {
        return text(lang, W::common_no_value).to_owned();
    }
    let one = |r: &HeldRole| {
        let scope = match (&r.project_name, &r.environment_name) {
            (Some(p), Some(e)) => format!("{p} @ {e}"),
            (Some(p), None) => p.clone(),
            (None, Some(e)) => e.clone(),
            (None, None) => text(lang, W::account_platform).to_owned(),
        };
        format!("{} · {scope}", r.role)
    };
    roles.iter().map(one).collect::<Vec<_>>().join(", ")
}
