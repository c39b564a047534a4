//! Which page is where, and what all pages share.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    components::{
        frame::Theme,
        time::provide_now,
        toasts::{ToastRegion, provide_toasts},
    },
    me::Columns,
    pages::{
        account::AccountPage,
        api_reference::ApiReference,
        audit::AuditPage,
        containers::{Containers, detail::ContainerPage},
        design::Design,
        frame::Framed,
        hosts::{HostPage, HostsPage},
        logs::LogsPage,
        not_found::NotFound,
        operations::{OperationPage, OperationsPage},
        overview::OverviewPage,
        policy::PolicyPage,
        setup::Setup,
        sign_in::SignIn,
    },
    words::{Lang, W, t},
};

/// The app: language, client, who is signed in, and the router. The same on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(RwSignal::new(first_language()));
    #[cfg(feature = "hydrate")]
    provide_context(crate::client::Client::new(crate::client::fetch::Fetch));
    let me = crate::me::read();
    provide_context(me.clone());
    provide_context(RwSignal::new(Theme::from_key(&me.theme)));
    provide_context(Columns(RwSignal::new(me.columns.clone())));
    crate::client::live::provide_live();
    provide_now();
    provide_toasts();
    let name = t(W::app_name);
    let title = move |page: String| if page.is_empty() { name().to_owned() } else { format!("{page} · {}", name()) };
    view! {
        <Title formatter=title />
        <Router>
            {if me.is_signed_in() {
                view! {
                    <Framed>
                        <Inside />
                    </Framed>
                }
                    .into_any()
            } else {
                view! { <Outside /> }.into_any()
            }}
        </Router>
        <ToastRegion />
    }
}

/// Pages of who is signed in. Lazy by page: the first load carries the frame and the list of containers.
#[component]
fn Inside() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/") view={Lazy::<OverviewPage>::new()} />
            <Route path=path!("/containers") view=Containers />
            <Route path=path!("/containers/:id") view={Lazy::<ContainerPage>::new()} />
            <Route path=path!("/hosts") view={Lazy::<HostsPage>::new()} />
            <Route path=path!("/hosts/:id") view={Lazy::<HostPage>::new()} />
            <Route path=path!("/logs") view={Lazy::<LogsPage>::new()} />
            <Route path=path!("/operations") view={Lazy::<OperationsPage>::new()} />
            <Route path=path!("/operations/:id") view={Lazy::<OperationPage>::new()} />
            <Route path=path!("/audit") view={Lazy::<AuditPage>::new()} />
            <Route path=path!("/policy") view={Lazy::<PolicyPage>::new()} />
            <Route path=path!("/api-reference") view={Lazy::<ApiReference>::new()} />
            <Route path=path!("/account") view={Lazy::<AccountPage>::new()} />
        </Routes>
    }
}

/// Pages of nobody.
#[component]
fn Outside() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/sign-in") view={Lazy::<SignIn>::new()} />
            <Route path=path!("/setup") view={Lazy::<Setup>::new()} />
            <Route path=path!("/design") view={Lazy::<Design>::new()} />
        </Routes>
    }
}

/// What the server chose: from the account, else from what the browser accepts. The browser reads it from `<html lang>`.
fn first_language() -> Lang {
    #[cfg(feature = "hydrate")]
    {
        let tag = document().document_element().and_then(|e| e.get_attribute("lang"));
        tag.as_deref().and_then(Lang::from_tag).unwrap_or_default()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        use_context::<crate::shell::Start>().map(|s| s.lang).unwrap_or_default()
    }
}
