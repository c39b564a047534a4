//! Which containers are followed: those that fit the tokens. One that is removed stays until the tokens change, for its end is worth seeing.

use leptos::{prelude::*, task::spawn_local};

use super::lines::Source;
use crate::{
    api::{
        container::{Container, ContainerQuery},
        list::MAX_LIMIT,
        live::MAX_LOGS,
    },
    client::live::use_changes,
    components::filter_box::{Suggestion, Take, Token, suggest},
    loader::use_client,
    pages::address::Address,
    words::{Lang, W, text},
};

/// Keys of tokens.
pub const KEYS: [&str; 3] = ["name", "host", "compose"];
/// Suggestions at once.
const MOST: usize = 8;

/// The choice. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Chosen {
    pub sources: RwSignal<Vec<Source>>,
    /// How many fit; more than can be followed, perhaps.
    pub fit: RwSignal<usize>,
    /// Whether an answer has come.
    pub asked: RwSignal<bool>,
    /// What can be chosen from: name, host, compose project.
    known: RwSignal<Vec<[String; 3]>>,
}

impl Chosen {
    /// Follows the tokens, and what containers there are.
    pub fn follow(address: Address) -> Self {
        let chosen =
            Self { sources: RwSignal::default(), fit: RwSignal::default(), asked: RwSignal::default(), known: RwSignal::default() };
        let client = StoredValue::new(use_client());
        let fetch = move |tokens: Vec<Token>, anew: bool| {
            let Some(client) = client.try_get_value() else { return };
            spawn_local(async move {
                if let Ok(list) = client.containers(&query(&tokens)).await {
                    chosen.accept(&tokens, list.items, anew);
                }
            });
        };
        Effect::new(move |_| {
            let tokens = address.tokens.get();
            chosen.asked.set(false);
            fetch(tokens, true);
        });
        use_changes(&["container"], move |_| {
            if let Some(tokens) = address.tokens.try_get_untracked() {
                fetch(tokens, false);
            }
        });
        chosen
    }

    fn accept(self, tokens: &[Token], all: Vec<Container>, anew: bool) {
        // The page may have been left meanwhile.
        if self.known.try_get_untracked().is_none() {
            return;
        }
        if tokens.is_empty() || self.known.with_untracked(Vec::is_empty) {
            let one = |c: &Container| [c.name.clone(), c.host_name.clone(), c.compose_project.clone().unwrap_or_default()];
            self.known.set(all.iter().map(one).collect());
        }
        let fit: Vec<&Container> = all.iter().filter(|c| !tokens.is_empty() && fits(tokens, c)).collect();
        self.fit.set(fit.len());
        self.asked.set(true);
        let now: Vec<Source> =
            fit.into_iter().take(MAX_LOGS).map(|c| Source { host_id: c.host_id.clone(), id: c.id.clone(), name: c.name.clone() }).collect();
        let before = self.sources.get_untracked();
        let is_new = |s: &Source| !before.iter().any(|b| (&b.host_id, &b.id) == (&s.host_id, &s.id));
        if (anew && before != now) || now.iter().any(is_new) {
            self.sources.set(now);
        }
    }

    /// For the word that is being typed.
    pub fn suggestions(self, lang: Lang, typed: &str) -> Vec<Suggestion> {
        let word = typed.rsplit(' ').next().unwrap_or_default();
        if word.is_empty() {
            return Vec::new();
        }
        let (only, part) = match word.split_once([':', '：']) {
            Some((key, part)) => (KEYS.iter().position(|k| *k == key), part),
            None => (None, word),
        };
        if only.is_none() && word.contains(':') {
            return Vec::new();
        }
        let mut all = suggest(typed, &KEYS);
        let abouts = [W::logs_is_container, W::logs_is_host, W::logs_is_compose];
        self.known.with(|known| {
            for (i, key) in KEYS.iter().enumerate().filter(|(i, _)| only.is_none_or(|only| only == *i)) {
                let mut values: Vec<&str> = known.iter().map(|k| k[i].as_str()).filter(|v| !v.is_empty() && v.contains(part)).collect();
                values.sort_unstable();
                values.dedup();
                all.extend(values.into_iter().take(MOST).map(|value| Suggestion {
                    shown: value.to_owned(),
                    about: text(lang, abouts[i]).to_owned(),
                    take: Take::Token(Token::new(*key, value)),
                }));
            }
        });
        all.truncate(MOST);
        all
    }
}

/// The server narrows by what is said once; the rest is left to [`fits`].
fn query(tokens: &[Token]) -> ContainerQuery {
    let once = |key: &str| {
        let mut of_key = tokens.iter().filter(|t| t.key == key);
        of_key.next().filter(|_| of_key.next().is_none()).map(|t| t.value.clone())
    };
    ContainerQuery {
        limit: Some(MAX_LIMIT),
        sort: Some("name".to_owned()),
        q: once("name"),
        host: once("host"),
        compose_project: once("compose"),
        ..ContainerQuery::default()
    }
}

/// Of each key that is said, one value has to fit.
fn fits(tokens: &[Token], c: &Container) -> bool {
    KEYS.iter().all(|key| {
        let mut of_key = tokens.iter().filter(|t| t.key == *key).peekable();
        of_key.peek().is_none()
            || of_key.any(|t| match *key {
                "name" => c.name.contains(&t.value),
                "host" => c.host_name == t.value,
                _ => c.compose_project.as_deref() == Some(&t.value),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_once_is_asked_of_the_server() {
        let tokens = [Token::new("name", "a"), Token::new("name", "b"), Token::new("host", "sh1")];
        let query = query(&tokens);
        assert_eq!((query.q, query.host.as_deref(), query.compose_project), (None, Some("sh1"), None));
    }
}
