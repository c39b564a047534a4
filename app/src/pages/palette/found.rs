//! What there is to find.

use std::collections::BTreeSet;

use crate::{
    api::{
        container::{Action, ContainerQuery},
        host::HostQuery,
    },
    client::{Client, percent_encode},
    components::icon::Glyph,
    me::Me,
    pages::containers::{state_of, verb},
    words::{Lang, PaletteAct, W, palette_logs_of, text},
};

/// One thing that was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub glyph: Glyph,
    pub name: String,
    /// What kind of thing it is, where, how it is.
    pub what: String,
    pub does: Does,
}

/// What choosing it does.
#[derive(Clone, Debug)]
pub enum Does {
    Go(String),
    /// To a container: its id and name.
    Act(String, String, Action),
}

/// Objects of one kind that are shown.
const EACH: u32 = 6;

/// Pages whose name holds the words, as far as the person may read them.
pub fn pages(lang: Lang, me: &Me, words: &str) -> Vec<Found> {
    let all: [(W, Glyph, &str, &str); 9] = [
        (W::nav_overview, Glyph::Home, "/", ""),
        (W::nav_containers, Glyph::Cube, "/containers", "container.read"),
        (W::nav_hosts, Glyph::Server, "/hosts", "host.read"),
        (W::nav_logs, Glyph::Logs, "/logs", "container.read"),
        (W::policy_title, Glyph::Check, "/policy", "policy.read"),
        (W::nav_audit, Glyph::Clipboard, "/audit", "audit.read"),
        (W::operations_title, Glyph::Clock, "/operations", ""),
        (W::nav_account, Glyph::Person, "/account", ""),
        (W::api_title, Glyph::Lines, "/api-reference", ""),
    ];
    let needle = words.to_ascii_lowercase();
    all.into_iter()
        .filter(|(_, _, _, right)| right.is_empty() || me.may(right))
        .map(|(name, glyph, href, _)| Found {
            glyph,
            name: text(lang, name).to_owned(),
            what: text(lang, W::palette_page).to_owned(),
            does: Does::Go(href.to_owned()),
        })
        // In either language: who switches still finds what they know.
        .filter(|found| {
            let Does::Go(href) = &found.does else { return true };
            needle.is_empty() || found.name.to_ascii_lowercase().contains(&needle) || href.contains(&needle)
        })
        .collect()
}

/// Containers, hosts and images that go by these words, and what can be done with the first of them.
pub async fn search(client: Client, lang: Lang, me: &Me, words: &str) -> Vec<Found> {
    let mut found = Vec::new();
    if me.may("container.read") {
        let query = ContainerQuery { q: Some(words.to_owned()), limit: Some(EACH), ..ContainerQuery::default() };
        if let Ok(list) = client.containers(&query).await {
            let mut images = BTreeSet::new();
            for c in &list.items {
                let (_, state) = state_of(lang, c);
                found.push(Found {
                    glyph: Glyph::Cube,
                    name: c.name.clone(),
                    what: format!("{} · {} · {state}", text(lang, W::palette_container), c.host_name),
                    does: Does::Go(format!("/containers/{}", c.id)),
                });
                if c.image.to_ascii_lowercase().contains(&words.to_ascii_lowercase()) {
                    images.insert(c.image.clone());
                }
            }
            if let Some(first) = list.items.first() {
                let actions = [(Action::Restart, Glyph::Restart), (Action::Start, Glyph::Play), (Action::Stop, Glyph::Stop)];
                for (action, glyph) in actions.into_iter().filter(|(action, _)| first.can(*action).is_ok()) {
                    found.push(Found {
                        glyph,
                        name: PaletteAct { verb: &text(lang, verb(action)), name: &first.name }.text(lang),
                        what: text(lang, W::palette_action).to_owned(),
                        does: Does::Act(first.id.clone(), first.name.clone(), action),
                    });
                }
                found.push(Found {
                    glyph: Glyph::Logs,
                    name: palette_logs_of(lang, &first.name),
                    what: text(lang, W::palette_go).to_owned(),
                    does: Does::Go(format!("/containers/{}?tab=logs", first.id)),
                });
            }
            found.extend(images.into_iter().map(|image| Found {
                glyph: Glyph::Layers,
                what: text(lang, W::palette_image).to_owned(),
                does: Does::Go(format!("/containers?image={}", percent_encode(&image))),
                name: image,
            }));
        }
    }
    if me.may("host.read") {
        let query = HostQuery { q: Some(words.to_owned()), limit: Some(EACH), ..HostQuery::default() };
        if let Ok(list) = client.hosts(&query).await {
            found.extend(list.items.into_iter().map(|h| Found {
                glyph: Glyph::Server,
                name: h.name,
                what: text(lang, W::palette_host).to_owned(),
                does: Does::Go(format!("/hosts/{}", h.id)),
            }));
        }
    }
    found
}
