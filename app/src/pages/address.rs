//! What of a list is looked at, in the page's address: a shared link is the same view, and going back in history goes back in it.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};

use crate::{client::percent_encode, components::filter_box::Token};

/// Addresses that a page has gone to by itself and not yet seen. They come back a moment later, when more may have been typed.
#[derive(Clone, Copy, Default)]
pub struct Sent(StoredValue<Vec<String>>);

impl Sent {
    /// One more, unless nothing changes by it: then none comes back.
    pub fn add(self, before: &str, now: String) {
        if before != now {
            self.0.update_value(|own| own.push(now));
        }
    }

    /// Whether this one came from the page itself. It and those before it are done with.
    pub fn is_own(self, address: &str) -> bool {
        let taken = |own: &mut Vec<String>| own.iter().position(|a| a == address).map(|at| own.drain(..=at).count());
        self.0.try_update_value(taken).flatten().is_some()
    }
}

/// Tokens and named texts of one page. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Address {
    path: StoredValue<String>,
    keys: &'static [&'static str],
    names: &'static [&'static str],
    pub tokens: RwSignal<Vec<Token>>,
    texts: StoredValue<Vec<RwSignal<String>>>,
}

impl Address {
    /// As the address has it now. `keys` are those of tokens, `names` those of single texts.
    pub fn read(path: impl Into<String>, keys: &'static [&'static str], names: &'static [&'static str]) -> Self {
        let map = use_query_map().get_untracked();
        let texts = names.iter().map(|name| RwSignal::new(map.get(name).unwrap_or_default())).collect();
        Self { path: StoredValue::new(path.into()), keys, names, tokens: RwSignal::new(tokens(&map, keys)), texts: StoredValue::new(texts) }
    }

    /// The signal of a name.
    ///
    /// # Panics
    /// If the name is not one of those that it was made with.
    pub fn text(self, name: &str) -> RwSignal<String> {
        let at = self.names.iter().position(|own| *own == name).expect("a name of this page's address");
        self.texts.with_value(|texts| texts[at])
    }

    /// The newest token's value under a key, tracked; `None` without one.
    pub fn token(self, key: &str) -> Option<String> {
        self.tokens.with(|tokens| tokens.iter().rev().find(|t| t.key == key).map(|t| t.value.clone()))
    }

    /// A text, trimmed, tracked; `None` where it is empty.
    pub fn some(self, name: &str) -> Option<String> {
        self.text(name).with(|text| Some(text.trim().to_owned()).filter(|t| !t.is_empty()))
    }

    /// The whole address, tracked.
    pub fn written(self) -> String {
        self.write(self.tokens.get(), |name| self.some(name))
    }

    /// The same, tokens in the order in which an address that is read gives them.
    fn in_order(self) -> String {
        let mut tokens = self.tokens.get();
        tokens.sort_by_key(|t| self.keys.iter().position(|key| *key == t.key));
        self.write(tokens, |name| self.some(name))
    }

    /// An address that has come, as `in_order` writes it.
    fn read_back(self, tokens: Vec<Token>, map: &ParamsMap) -> String {
        self.write(tokens, |name| map.get(name).map(|text| text.trim().to_owned()).filter(|t| !t.is_empty()))
    }

    fn write(self, tokens: Vec<Token>, text: impl Fn(&str) -> Option<String>) -> String {
        let tokens = tokens.into_iter().map(|t| (t.key, t.value));
        let texts = self.names.iter().filter_map(|name| text(name).map(|text| ((*name).to_owned(), text)));
        let parts: Vec<String> = tokens.chain(texts).map(|(name, value)| format!("{name}={}", percent_encode(&value))).collect();
        let path = self.path.get_value();
        if parts.is_empty() { path } else { format!("{path}?{}", parts.join("&")) }
    }

    /// Sets all that narrows the list back to nothing.
    pub fn clear(self, names: &[&str]) {
        self.tokens.set(Vec::new());
        for name in names {
            self.text(name).set(String::new());
        }
    }

    /// Keeps signals and address the same. `changed` runs after each change, not at first.
    pub fn follow(self, changed: impl Fn() + 'static) {
        let (navigate, address) = (use_navigate(), use_query_map());
        let sent = Sent::default();
        Effect::new(move |first: Option<()>| {
            let map = address.get();
            let found = tokens(&map, self.keys);
            if first.is_none() || sent.is_own(&self.read_back(found.clone(), &map)) {
                return;
            }
            if self.tokens.with_untracked(|own| *own != found) {
                self.tokens.set(found);
            }
            for name in self.names {
                let (signal, text) = (self.text(name), map.get(name).unwrap_or_default());
                if signal.with_untracked(|own| own.trim() != text) {
                    signal.set(text);
                }
            }
        });
        Effect::new(move |before: Option<(String, String)>| {
            let (now, in_order) = (self.written(), self.in_order());
            if let Some((before, before_in_order)) = before
                && before != now
            {
                sent.add(&before_in_order, in_order.clone());
                navigate(&now, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
                changed();
            }
            (now, in_order)
        });
    }
}

fn tokens(map: &ParamsMap, keys: &[&str]) -> Vec<Token> {
    keys.iter().flat_map(|key| map.get_all(key).unwrap_or_default().into_iter().map(|value| Token::new(*key, value))).collect()
}

#[cfg(test)]
mod tests {
    use leptos::reactive::owner::Owner;

    use super::*;

    #[test]
    fn ones_own_addresses_come_back_in_order_and_those_passed_over_are_done_with() {
        let owner = Owner::new();
        owner.with(|| {
            let sent = Sent::default();
            for (before, now) in [("?q=", "?q=a"), ("?q=a", "?q=ab"), ("?q=ab", "?q=ab"), ("?q=ab", "?q=abc")] {
                sent.add(before, now.to_owned());
            }
            assert!(!sent.is_own("?q=x"), "a link that somebody followed");
            assert!(sent.is_own("?q=ab"), "the router may pass over one");
            assert!(!sent.is_own("?q=a"), "which then is as good as a stranger's");
            assert!(sent.is_own("?q=abc"));
            assert!(!sent.is_own("?q=abc"), "back in history");
        });
    }
}
