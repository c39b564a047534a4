//! What of the list is looked at: in the page's address, so that a shared link is the same view.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use crate::{
    api::container::{Condition, ContainerQuery, Grouping},
    client::percent_encode,
    components::filter_box::Token,
};

/// Rows of the first answer.
pub const FIRST: u32 = 50;
/// Keys of tokens.
pub const KEYS: [&str; 4] = ["host", "project", "compose", "image"];

/// The state at the page's begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub tokens: Vec<Token>,
    pub q: String,
    /// Empty: all.
    pub condition: String,
    /// `application` unless told.
    pub group: String,
    pub sort: Option<String>,
    pub collapsed: Vec<String>,
}

impl State {
    pub fn read(map: &ParamsMap) -> Self {
        let get = |name: &str| map.get(name).unwrap_or_default();
        let tokens = KEYS.iter().filter_map(|key| map.get(key).map(|value| Token::new(*key, value))).collect();
        let group =
            Some(get("group")).filter(|g| ["host", "project", "none"].contains(&g.as_str())).unwrap_or_else(|| "application".into());
        let collapsed = get("collapsed").split(',').filter(|k| !k.is_empty()).map(decode).collect();
        Self { tokens, q: get("q"), condition: get("condition"), group, sort: map.get("sort"), collapsed }
    }

    /// For the server.
    pub fn query(&self, offset: u32, limit: u32) -> ContainerQuery {
        let token = |key: &str| self.tokens.iter().rev().find(|t| t.key == key).map(|t| t.value.clone());
        let some = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        ContainerQuery {
            offset: Some(offset),
            limit: Some(limit),
            sort: self.sort.clone(),
            q: some(&self.q),
            condition: Condition::ALL.into_iter().find(|c| c.key() == self.condition),
            host: token("host"),
            project: token("project"),
            compose_project: token("compose"),
            image: token("image"),
            group: match self.group.as_str() {
                "application" => Some(Grouping::Application),
                "host" => Some(Grouping::Host),
                "project" => Some(Grouping::Project),
                _ => None,
            },
            collapsed: some(&self.collapsed.iter().map(|k| percent_encode(k)).collect::<Vec<_>>().join(",")),
            ..ContainerQuery::default()
        }
    }

    /// For the address.
    pub fn address(&self) -> String {
        let mut parts: Vec<(&str, String)> = self.tokens.iter().map(|t| (t.key.as_str(), t.value.clone())).collect();
        let mut add = |name, value: String| {
            if !value.is_empty() {
                parts.push((name, value));
            }
        };
        add("q", self.q.trim().to_owned());
        add("condition", self.condition.clone());
        add("group", if self.group == "application" { String::new() } else { self.group.clone() });
        add("sort", self.sort.clone().unwrap_or_default());
        add("collapsed", self.collapsed.iter().map(|k| percent_encode(k)).collect::<Vec<_>>().join(","));
        let query: Vec<String> = parts.into_iter().map(|(name, value)| format!("{name}={}", percent_encode(&value))).collect();
        if query.is_empty() { "/containers".to_owned() } else { format!("/containers?{}", query.join("&")) }
    }

    /// Its tokens in the order in which an address that is read gives them.
    pub fn in_order(mut self) -> Self {
        self.tokens.sort_by_key(|t| KEYS.iter().position(|key| *key == t.key));
        self
    }

    /// Whether anything narrows the list.
    pub fn is_filtered(&self) -> bool {
        !self.tokens.is_empty() || !self.q.trim().is_empty() || !self.condition.is_empty()
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten().and_then(|h| u8::from_str_radix(h, 16).ok());
        out.push(hex.unwrap_or(bytes[i]));
        i += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The state as the page changes it.
#[derive(Clone, Copy)]
pub struct Live {
    pub tokens: RwSignal<Vec<Token>>,
    pub q: RwSignal<String>,
    pub condition: RwSignal<String>,
    pub group: RwSignal<String>,
    pub sort: RwSignal<Option<String>>,
    pub collapsed: RwSignal<Vec<String>>,
}

impl Live {
    pub fn new(s: State) -> Self {
        Self {
            tokens: RwSignal::new(s.tokens),
            q: RwSignal::new(s.q),
            condition: RwSignal::new(s.condition),
            group: RwSignal::new(s.group),
            sort: RwSignal::new(s.sort),
            collapsed: RwSignal::new(s.collapsed),
        }
    }

    /// Tracked.
    pub fn get(self) -> State {
        State {
            tokens: self.tokens.get(),
            q: self.q.get(),
            condition: self.condition.get(),
            group: self.group.get(),
            sort: self.sort.get(),
            collapsed: self.collapsed.get(),
        }
    }

    pub fn get_untracked(self) -> State {
        untrack(|| self.get())
    }

    /// Whether the page is still there and shows this filter, however it is sorted and grouped.
    pub fn try_is(self, other: &State) -> bool {
        let same = |own: Option<&String>, other: &String| own == Some(other);
        self.tokens.try_with_untracked(|own| *own == other.tokens).unwrap_or(false)
            && same(self.q.try_get_untracked().as_ref(), &other.q)
            && same(self.condition.try_get_untracked().as_ref(), &other.condition)
    }

    /// Another state, from the address.
    pub fn set(self, s: State) {
        self.tokens.set(s.tokens);
        self.q.set(s.q);
        self.condition.set(s.condition);
        self.group.set(s.group);
        self.sort.set(s.sort);
        self.collapsed.set(s.collapsed);
    }

    pub fn clear_filter(self) {
        self.tokens.set(Vec::new());
        self.q.set(String::new());
        self.condition.set(String::new());
    }

    pub fn toggle_group(self, key: String) {
        self.collapsed.update(|c| match c.iter().position(|k| *k == key) {
            Some(i) => drop(c.remove(i)),
            None => c.push(key),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_link_is_the_same_view() {
        let state = State {
            tokens: vec![Token::new("host", "sh1"), Token::new("compose", "pay&core")],
            q: "settle".into(),
            condition: "trouble".into(),
            group: "host".into(),
            sort: Some("-name".into()),
            collapsed: vec!["id,1/crm".into()],
        };
        let address = state.address();
        let mut map = ParamsMap::new();
        for pair in address.split_once('?').expect("a query").1.split('&') {
            let (name, value) = pair.split_once('=').expect("a pair");
            // It decodes by itself.
            map.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(State::read(&map), state);
        let query = state.query(0, 50);
        assert_eq!((query.host.as_deref(), query.compose_project.as_deref()), (Some("sh1"), Some("pay&core")));
        assert_eq!(query.collapsed.as_deref(), Some("id%2C1%2Fcrm"));
        assert_eq!(State::read(&ParamsMap::new()).address(), "/containers");
    }
}
