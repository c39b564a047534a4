//! The strip of figures.

use leptos::prelude::*;

use crate::{
    api::overview::{HostFigures, Overview},
    components::figure::bytes,
    words::{
        Lang, OverviewRunningStopped, OverviewTrouble, W, overview_hosts_connecting, overview_hosts_down, t, text, thousands, use_lang,
    },
};

#[component]
pub fn Strip(overview: Overview) -> impl IntoView {
    let lang = use_lang();
    let (h, c) = (overview.hosts, overview.containers);
    let figure = |label: W, value: String, below: Box<dyn Fn() -> String + Send>, href: Option<&'static str>| {
        let name = match href {
            Some(href) => view! { <a class="stretch" href=href>{t(label)}</a> }.into_any(),
            None => t(label).into_any(),
        };
        view! {
            <div class="figure" class:leads=href.is_some()>
                <dt>{name}</dt>
                <dd>{value}</dd>
                <dd class="about">{below}</dd>
            </div>
        }
    };
    let hosts_below = move || hosts_text(lang.get(), &h);
    let containers_below = move || {
        OverviewRunningStopped { running: &thousands(u64::from(c.running)), stopped: &thousands(u64::from(c.stopped)) }.text(lang.get())
    };
    let trouble_below = move || OverviewTrouble { loops: &c.restart_loops, unhealthy: &c.unhealthy, unknown: &c.unknown }.text(lang.get());
    let hosts = if h.reachable == h.total { thousands(u64::from(h.total)) } else { format!("{} / {}", h.reachable, h.total) };
    view! {
        <dl class="figures">
            {figure(W::nav_containers, thousands(u64::from(c.total)), Box::new(containers_below), Some("/containers"))}
            {figure(W::containers_trouble, thousands(u64::from(c.trouble)), Box::new(trouble_below), Some("/containers?condition=trouble"))}
            {figure(W::nav_hosts, hosts, Box::new(hosts_below), Some("/hosts"))}
            {figure(W::hosts_cpus, thousands(u64::from(h.cpus)), Box::new(move || text(lang.get(), W::overview_cores).to_owned()), None)}
            {figure(W::hosts_memory, bytes(h.memory_bytes), Box::new(move || text(lang.get(), W::overview_of_hosts).to_owned()), None)}
            {h.images.map(|n| {
                figure(W::hosts_images, thousands(u64::from(n)), Box::new(move || text(lang.get(), W::overview_of_hosts).to_owned()), None)
            })}
        </dl>
    }
}

/// How the hosts stand: only what is known is said.
fn hosts_text(lang: Lang, h: &HostFigures) -> String {
    let connecting = h.total.saturating_sub(h.reachable + h.unreachable);
    match (h.unreachable, connecting) {
        (0, 0) => text(lang, W::overview_all_connected).to_owned(),
        (0, n) => overview_hosts_connecting(lang, u64::from(n)),
        (n, _) => overview_hosts_down(lang, u64::from(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_connected_only_when_all_are() {
        let text =
            |total, reachable, unreachable| hosts_text(Lang::En, &HostFigures { total, reachable, unreachable, ..HostFigures::default() });
        assert_eq!(text(2, 2, 0), "all connected");
        assert_eq!(text(1, 0, 0), "1 connecting");
        assert_eq!(text(4, 1, 2), "2 unreachable");
    }
}
