//! Hosts: the list, and one host with what its engine says of itself.

mod detail;
mod list;

pub use detail::HostPage;
pub use list::HostsPage;

use leptos::prelude::*;

use crate::{
    api::host::{Host, HostState},
    components::state_mark::Meaning,
    words::{Lang, W, text},
};

/// What a host's state means, and its word.
pub fn state_of(lang: Lang, host: &Host) -> (Meaning, &'static str) {
    match host.state {
        HostState::Reachable if host.stale => (Meaning::Warning, text(lang, W::hosts_stale)),
        HostState::Reachable => (Meaning::Good, text(lang, W::hosts_connected)),
        HostState::Connecting => (Meaning::Working, text(lang, W::hosts_connecting)),
        HostState::Unreachable => (Meaning::Bad, text(lang, W::hosts_unreachable)),
    }
}

/// Why it does not answer, and what to do about it.
pub fn cause_text(lang: Lang, code: &str, detail: &str) -> String {
    let w = match code {
        "no_socket" => W::hosts_cause_no_socket,
        "permission_denied" => W::hosts_cause_permission,
        "refused" => W::hosts_cause_refused,
        "timeout" => W::hosts_cause_timeout,
        "reset" => W::hosts_cause_reset,
        "not_an_engine" => W::hosts_cause_not_an_engine,
        "too_old" => W::hosts_cause_too_old,
        _ => return detail.to_owned(),
    };
    text(lang, w).to_owned()
}

/// A row of a table that leads to a page.
fn link(href: String, label: String) -> impl IntoView {
    view! { <a class="cut" href=href>{label}</a> }
}
