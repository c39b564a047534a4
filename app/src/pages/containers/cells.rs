//! The columns of the list.

use leptos::prelude::*;

use super::{act::Acts, state_of};
use crate::{
    api::container::{Container, ContainerState},
    components::{
        button::row_menu_button,
        dom::when_hydrated,
        icon::{Glyph, icon},
        state_mark::state_mark,
        table::{Column, Narrow},
        time::{TimeStyle, time, use_now},
    },
    words::{CommonOfWhat, Lang, W, t, text, thousands, use_lang},
};

/// All columns. The order is the table's.
pub fn columns(acts: Acts) -> Vec<Column<Container>> {
    let lang = use_lang();
    let now = use_now();
    let state = move |c: &Container| {
        let (meaning, words) = state_of(lang.get(), c);
        let title = words.clone();
        let since = c.finished_at.clone().filter(|_| c.state == ContainerState::Exited).or_else(|| c.as_of.clone().filter(|_| c.stale));
        view! {
            <span class="state-cell" title=title>
                {state_mark(meaning, words)}
                {since.map(|at| view! { <span class="third">" · "{time(now, lang, at, TimeStyle::Ago)}</span> })}
                // On a narrow screen the host has no column.
                <span class="third narrow-only">" · " {c.host_name.clone()}</span>
            </span>
        }
    };
    let name = |c: &Container| {
        let service = c.compose_service.clone();
        let shown = c.name.clone();
        view! { <a class="cut" href=href(c) title=service.map_or_else(|| shown.clone(), |s| format!("{shown} · {s}"))>{shown.clone()}</a> }
    };
    let image = move |c: &Container| {
        let newer = c.image_newer.then(|| text(lang.get(), W::containers_newer_image));
        let title = newer.as_ref().map_or_else(|| c.image.clone(), |newer| format!("{} · {newer}", c.image));
        let dot = newer.map(|newer| view! { <i class="newer" role="img" aria-label=newer></i> });
        view! { <span class="image-cell"><span class="mono cut" title=title>{short_image(&c.image)}</span>{dot}</span> }
    };
    let restarts = |c: &Container| {
        let class = if c.restarts_24h > 0 { "bad" } else { "third" };
        view! { <span class=class>{thousands(u64::from(c.restarts_24h))}</span> }
    };
    let host = |c: &Container| view! { <a class="cut" href=format!("/hosts/{}", c.host_id)>{c.host_name.clone()}</a> };
    let up = move |c: &Container| {
        let since = c.started_at.clone().filter(|_| c.state == ContainerState::Running);
        since.map(|at| time(now, lang, at, TimeStyle::Age))
    };
    let tools = move |c: &Container| {
        let own = c.clone();
        let (lang, name) = (lang.get(), &c.name);
        let (logs, more) = (text(lang, W::containers_logs), text(lang, W::common_more));
        let named = |what: &str| CommonOfWhat { what: &what, name }.text(lang);
        view! {
            <span class="row-tools">
                <a class="button tool in-row" href=format!("{}?tab=logs", href(c)) aria-label=named(logs) title=logs>{icon(Glyph::Logs)}</a>
                {terminal(lang, c)}
                {row_menu_button(more.to_owned(), named(more), move |ev| acts.menu(&ev, own.clone()))}
            </span>
        }
    };
    let here = here();
    let ports = move |c: &Container| port_links(c, here);
    vec![
        Column::new("state", t(W::containers_state), state).width(160).sorted("state").narrow(Narrow::Second),
        Column::new("name", t(W::containers_name), name).min_width(120).sorted("name").narrow(Narrow::Title),
        Column::new("image", t(W::containers_image), image).min_width(120).sorted("image"),
        Column::new("restarts", t(W::containers_restarts), restarts).width(112).end().sorted("restarts"),
        Column::new("ports", t(W::containers_ports), ports).width(76),
        Column::new("host", t(W::containers_by_host), host).width(112).sorted("host"),
        Column::new("up", t(W::containers_up), up).width(64).end().sorted("started"),
        Column::new("tools", t(W::common_more), tools).width(96).tools().narrow(Narrow::Tools),
    ]
}

/// The way into a container; without the right, why there is none.
fn terminal(lang: Lang, c: &Container) -> impl IntoView + use<> {
    let label = text(lang, W::terminal_tab);
    if c.may("exec") {
        let href = format!("{}?tab=terminal", href(c));
        return view! { <a class="button tool in-row" href=href aria-label=label title=label>{icon(Glyph::Terminal)}</a> }.into_any();
    }
    let why = text(lang, W::problems_forbidden);
    view! { <a class="button tool in-row" role="link" aria-disabled="true" aria-label=label title=why>{icon(Glyph::Terminal)}</a> }
        .into_any()
}

/// Where a container's page is.
pub fn href(c: &Container) -> String {
    format!("/containers/{}", c.id)
}

/// A reference without its registry where that would push the name out of sight; an id cut short.
fn short_image(image: &str) -> String {
    if let Some(id) = image.strip_prefix("sha256:") {
        return id.chars().take(12).collect();
    }
    // A first part with a dot or a port is a registry.
    match image.split_once('/') {
        Some((registry, rest)) if registry.contains(['.', ':']) => rest.to_owned(),
        _ => image.to_owned(),
    }
}

/// What a row goes by: two hosts may hold the same id.
pub fn key_of(c: &Container) -> String {
    format!("{}/{}", c.host_id, c.id)
}

/// The host that the page's address names, once the page lives.
fn here() -> RwSignal<Option<String>> {
    let here = RwSignal::new(None);
    Effect::new(move |_| when_hydrated(move || drop(here.try_set(window().location().hostname().ok()))));
    here
}

/// Published ports of one container, outside of a table.
pub fn ports(c: &Container) -> impl IntoView + use<> {
    port_links(c, here())
}

/// Published ports: links where the host is the one that the page comes from; elsewhere they are only named.
fn port_links(c: &Container, here: RwSignal<Option<String>>) -> impl IntoView + use<> {
    let link = |p: &Published| {
        let (port, said) = (p.port, p.said.clone());
        if p.linked {
            let href = move || here.get().map(|host| format!("http://{host}:{port}/"));
            view! { <a class="port" href=href target="_blank" rel="external noopener">{said}</a> }.into_any()
        } else {
            view! { <span class="port">{said}</span> }.into_any()
        }
    };
    view! { <span class="ports cut">{published(c).iter().map(link).collect::<Vec<_>>()}</span> }
}

#[derive(Debug, PartialEq, Eq)]
struct Published {
    port: u16,
    /// As people read it: `8080`, `53/udp`.
    said: String,
    linked: bool,
}

/// Each published port once, however many addresses it is published on.
fn published(c: &Container) -> Vec<Published> {
    let mut all: Vec<Published> = Vec::new();
    for p in &c.ports {
        let Some(port) = p.host_port else { continue };
        let tcp = p.protocol == "tcp";
        let said = if tcp { port.to_string() } else { format!("{port}/{}", p.protocol) };
        if !all.iter().any(|known| known.said == said) {
            all.push(Published { port, said, linked: tcp && c.host_local });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{published, short_image};
    use crate::api::container::Container;

    #[test]
    fn an_image_is_shown_without_its_registry() {
        let shown = ["registry.example.com/pay/web:57", "localhost:5000/web", "pay/web:57", "web"].map(short_image);
        assert_eq!(shown, ["pay/web:57", "web", "pay/web:57", "web"]);
        assert_eq!(short_image("sha256:0123456789abcdef"), "0123456789ab");
    }

    #[test]
    fn ports_are_links_on_the_local_host_and_named_by_their_protocol() {
        let port = |port: u16, ip: &str, protocol: &str| serde_json::json!({"container_port": 80, "host_port": port, "host_ip": ip, "protocol": protocol});
        let json = serde_json::json!({
            "id": "1", "name": "web", "image": "web", "state": "running", "condition": "running", "restarts_24h": 0, "host_id": "h",
            "host_name": "h", "host_local": true, "project": null, "compose_project": null, "compose_service": null, "created_at": "",
            "ports": [port(8080, "0.0.0.0", "tcp"), port(8080, "::", "tcp"), port(53, "0.0.0.0", "udp"), port(53, "0.0.0.0", "sctp")]
        });
        let mut c: Container = serde_json::from_value(json).expect("a container");
        let told = |c: &Container| published(c).into_iter().map(|p| (p.said, p.linked)).collect::<Vec<_>>();
        assert_eq!(told(&c), [("8080".into(), true), ("53/udp".into(), false), ("53/sctp".into(), false)]);
        c.host_local = false;
        assert!(told(&c).iter().all(|(_, linked)| !linked));
    }
}
