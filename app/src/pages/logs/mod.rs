//! Logs of several containers in one: chosen by tokens, merged in order of time, each with its name and colour.

mod chosen;
pub mod lines;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

use self::{
    chosen::{Chosen, KEYS},
    lines::LogLines,
};
use crate::{
    api::{live::MAX_LOGS, view::ViewPage},
    components::{page::PageHead, states::EmptyState},
    pages::{address::Address, views::ViewsButton},
    words::{LogsCut, W, logs_sub, t, text, use_lang},
};

/// What the page's address keeps beside the tokens.
const NAMES: [&str; 6] = lines::NAMES;

/// The page.
pub struct LogsPage {
    address: Address,
}

#[lazy_route]
impl LazyRoute for LogsPage {
    fn data() -> Self {
        Self { address: Address::read("/logs", &KEYS, &NAMES) }
    }

    fn view(this: Self) -> AnyView {
        view! { <Whole address=this.address /> }.into_any()
    }
}

#[component]
fn Whole(address: Address) -> impl IntoView {
    let lang = use_lang();
    address.follow(|| {});
    let chosen = Chosen::follow(address);
    let sources = Signal::derive(move || chosen.sources.get());
    let sub = move || {
        let (n, fit) = (sources.with(Vec::len), chosen.fit.get());
        let cut = (fit > MAX_LOGS).then(|| LogsCut { n: &fit, most: &MAX_LOGS }.text(lang.get()));
        view! {
            <span>{logs_sub(lang.get(), n as u64)}</span>
            {cut.map(|cut| view! { <span class="warning">{cut}</span> })}
        }
    };
    let nothing = move || {
        let narrowed = address.tokens.with(|tokens| !tokens.is_empty());
        match (sources.with(Vec::is_empty), narrowed) {
            (false, _) => view! { <p class="log-nothing second">{t(W::log_nothing)}</p> }.into_any(),
            (true, false) => view! { <EmptyState title=t(W::logs_none)>{t(W::logs_none_text)}</EmptyState> }.into_any(),
            (true, true) if chosen.asked.get() => {
                view! { <EmptyState title=t(W::logs_no_match)>{t(W::logs_no_match_text)}</EmptyState> }.into_any()
            }
            (true, true) => ().into_any(),
        }
    };
    let suggestions = Signal::derive(move || chosen.suggestions(lang.get(), &address.text("q").get()));
    view! {
        <Title text=move || text(lang.get(), W::nav_logs) />
        <div class="page-list">
            <PageHead title=t(W::nav_logs) sub actions=|| view! { <ViewsButton page=ViewPage::Logs /> } />
            <LogLines sources address keys=KEYS.to_vec() suggestions placeholder=t(W::logs_placeholder) nothing />
        </div>
    }
}
