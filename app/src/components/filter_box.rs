//! The filter of a list: `key:value` tokens and free text in one field, with suggestions. `/` focuses it.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};
use crate::words::{W, common_filter_remove, t, use_lang};

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As typed and in the page's address: `host`.
    pub key: String,
    /// As typed and in the page's address: an id or a name.
    pub value: String,
    /// What the token shows: `host:sh1-app-03`.
    pub shown: String,
}

impl Token {
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        let (key, value) = (key.into(), value.into());
        let shown = format!("{key}:{value}");
        Self { key, value, shown }
    }

    pub fn shown(mut self, shown: impl Into<String>) -> Self {
        self.shown = shown.into();
        self
    }
}

/// What may be meant by what is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub shown: String,
    /// At the end of its line: what kind of thing it is.
    pub about: String,
    pub take: Take,
}

/// What taking a suggestion does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// Becomes a token; what was typed goes.
    Token(Token),
    /// Replaces the last word: `host:`.
    Text(String),
}

/// A key, and what the reader calls it.
pub type KeyWord = (&'static str, &'static str);

/// The field. The page owns tokens and text and keeps them in its address.
#[component]
pub fn FilterBox(
    tokens: RwSignal<Vec<Token>>,
    text: RwSignal<String>,
    /// Keys that `key:value` may start with; other words with a colon stay text.
    keys: Vec<&'static str>,
    /// The keys as the reader calls them. Tokens show these; both are understood. The address keeps the key.
    #[prop(optional, into)]
    words: Signal<Vec<KeyWord>>,
    /// For what `text` says now.
    #[prop(into)]
    suggestions: Signal<Vec<Suggestion>>,
    #[prop(into)] label: TextProp,
    #[prop(into)] placeholder: TextProp,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let focused = RwSignal::new(false);
    let hidden = RwSignal::new(false);
    let chosen = RwSignal::new(None::<usize>);
    let keys = StoredValue::new(keys);
    let lang = use_lang();
    let open = Memo::new(move |_| focused.get() && !hidden.get() && !suggestions.with(Vec::is_empty));

    listen_for_slash(input);

    let take = move |suggestion: Suggestion| {
        match suggestion.take {
            Take::Token(token) => {
                text.update(|text| text.truncate(last_word(text).0));
                add(tokens, token);
            }
            Take::Text(word) => text.update(|text| {
                let (start, _) = last_word(text);
                text.replace_range(start.., &word);
            }),
        }
        chosen.set(None);
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
    };
    let typed = move |ev: ev::Event| {
        let mut value = event_target_value(&ev);
        while let Some((token, rest)) = keys.with_value(|keys| words.with_untracked(|words| complete_token(keys, words, &value))) {
            add(tokens, token);
            value = rest;
        }
        hidden.set(false);
        chosen.set(None);
        text.set(value);
    };
    let key = move |ev: ev::KeyboardEvent| {
        let count = suggestions.with_untracked(Vec::len);
        let at = chosen.get_untracked();
        match ev.key().as_str() {
            "ArrowDown" if open.get_untracked() => chosen.set(Some(at.map_or(0, |at| (at + 1) % count))),
            "ArrowUp" if open.get_untracked() => chosen.set(Some(at.map_or(count - 1, |at| (at + count - 1) % count))),
            "Enter" => {
                let suggestion = at.and_then(|at| suggestions.with_untracked(|s| s.get(at).cloned())).filter(|_| open.get_untracked());
                if let Some(suggestion) = suggestion {
                    take(suggestion);
                } else {
                    // A whole `key:value` at the end need not be followed by a blank.
                    let whole = format!("{} ", text.get_untracked());
                    if let Some((token, rest)) = keys.with_value(|keys| words.with_untracked(|words| complete_token(keys, words, &whole))) {
                        add(tokens, token);
                        text.set(rest);
                    }
                    hidden.set(true);
                }
            }
            "Backspace" if text.with_untracked(String::is_empty) => {
                if !tokens.with_untracked(Vec::is_empty) {
                    tokens.update(|tokens| {
                        tokens.pop();
                    });
                }
                return;
            }
            "Escape" => {
                if open.get_untracked() {
                    hidden.set(true);
                } else if let Some(input) = input.get_untracked() {
                    let _ = input.blur();
                }
            }
            _ => return,
        }
        ev.prevent_default();
    };
    let remove = move |token: Token| tokens.update(|tokens| tokens.retain(|own| *own != token));
    let clear = move |_| {
        tokens.set(Vec::new());
        text.set(String::new());
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
    };
    let token_view = move |token: Token| {
        let (shown, own) = (words.with(|words| said(words, &token)), token);
        let name = shown.clone();
        view! {
            <span class="filter-token">
                <span class="cut">{shown}</span>
                <button type="button" aria-label=move || common_filter_remove(lang.get(), &name) on:click=move |_| remove(own.clone())>
                    <Icon glyph=Glyph::Cross />
                </button>
            </span>
        }
    };
    let option = move |(i, suggestion): (usize, Suggestion)| {
        let (shown, about) = (suggestion.shown.clone(), suggestion.about.clone());
        view! {
            <li
                class="filter-option"
                role="option"
                id=format!("filter-option-{i}")
                aria-selected=move || if chosen.get() == Some(i) { "true" } else { "false" }
                on:mousedown=move |ev: ev::MouseEvent| {
                    ev.prevent_default();
                    take(suggestion.clone());
                }
            >
                <span class="cut">{shown}</span>
                <span class="third">{about}</span>
            </li>
        }
    };
    view! {
        <div class="filter" role="search">
            <Icon glyph=Glyph::Search />
            {move || tokens.get().into_iter().map(token_view).collect::<Vec<_>>()}
            <input
                class="filter-input"
                type="text"
                name="filter"
                autocomplete="off"
                spellcheck="false"
                role="combobox"
                aria-label=move || label.get()
                aria-keyshortcuts="/"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-controls="filter-options"
                aria-autocomplete="list"
                aria-activedescendant=move || chosen.get().filter(|_| open.get()).map(|i| format!("filter-option-{i}"))
                placeholder=move || placeholder.get()
                node_ref=input
                prop:value=move || text.get()
                on:input=typed
                on:keydown=key
                on:focus=move |_| focused.set(true)
                on:blur=move |_| focused.set(false)
            />
            {move || {
                let something = tokens.with(|t| !t.is_empty()) || text.with(|t| !t.is_empty());
                something
                    .then(|| {
                        view! {
                            <button type="button" class="filter-clear" aria-label=t(W::common_filter_clear) on:click=clear>
                                <Icon glyph=Glyph::Cross />
                            </button>
                        }
                    })
            }}
            <ul class="filter-options" id="filter-options" role="listbox" aria-label=t(W::common_suggestions) hidden=move || !open.get()>
                {move || suggestions.get().into_iter().enumerate().map(option).collect::<Vec<_>>()}
            </ul>
        </div>
    }
}

/// Keys that the word that is being typed may be meant for.
pub fn suggest(text: &str, keys: &[&'static str]) -> Vec<Suggestion> {
    suggest_words(text, &keys.iter().map(|key| (*key, *key)).collect::<Vec<_>>())
}

/// The same for keys that the reader calls otherwise.
pub fn suggest_words(text: &str, words: &[KeyWord]) -> Vec<Suggestion> {
    let Some(typed) = text.split_whitespace().last().filter(|w| !w.contains([':', '：']) && text.ends_with(w)) else { return Vec::new() };
    let meant = words.iter().filter(|(key, word)| key.starts_with(typed) || word.starts_with(typed));
    meant.map(|(_, word)| Suggestion { shown: format!("{word}:"), about: String::new(), take: Take::Text(format!("{word}:")) }).collect()
}

/// What a token shows: its key in the reader's word.
fn said(words: &[KeyWord], token: &Token) -> String {
    let word = words.iter().find(|(key, _)| *key == token.key).map(|(_, word)| word);
    let rest = token.shown.strip_prefix(&token.key).filter(|rest| rest.starts_with(':'));
    word.zip(rest).map_or_else(|| token.shown.clone(), |(word, rest)| format!("{word}{rest}"))
}

fn add(tokens: RwSignal<Vec<Token>>, token: Token) {
    tokens.update(|tokens| {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    });
}

/// Where the last word starts, and the word.
fn last_word(text: &str) -> (usize, &str) {
    let start = text.rfind(' ').map_or(0, |blank| blank + 1);
    (start, &text[start..])
}

/// The first whole `key:value` with a known key that a blank follows, and the text without it.
fn complete_token(keys: &[&str], words: &[KeyWord], text: &str) -> Option<(Token, String)> {
    let mut from = 0;
    for word in text.split_inclusive(' ') {
        let (start, end) = (from, from + word.len());
        from = end;
        let Some(word) = word.strip_suffix(' ') else { continue };
        let Some((key, value)) = word.split_once([':', '：']) else { continue };
        let known = keys.iter().copied().find(|own| *own == key);
        let called = || words.iter().find(|(_, word)| *word == key).map(|(own, _)| *own);
        if let Some(key) = known.or_else(called).filter(|_| !value.is_empty()) {
            return Some((Token::new(key, value), format!("{}{}", &text[..start], &text[end..])));
        }
    }
    None
}

fn listen_for_slash(input: NodeRef<html::Input>) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |ev| {
            let target = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let typed_in =
                target.is_some_and(|e| e.matches("input:not([type=checkbox]), textarea, select, [contenteditable]").unwrap_or(false));
            let free = !typed_in && !ev.ctrl_key() && !ev.meta_key() && !ev.alt_key();
            if let (true, "/", Some(input)) = (free, ev.key().as_str(), input.get_untracked()) {
                ev.prevent_default();
                let _ = input.focus();
                input.select();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_key_with_a_value_becomes_a_token_at_the_blank() {
        let keys = ["host", "project"];
        assert_eq!(complete_token(&keys, &[], "web host:a b "), Some((Token::new("host", "a"), "web b ".to_owned())));
        assert_eq!(complete_token(&keys, &[], "web host:a"), None);
        assert_eq!(complete_token(&keys, &[], "image:nginx "), None);
        assert_eq!(complete_token(&keys, &[], "host: "), None);
        assert_eq!(complete_token(&keys, &[], "project：支付 "), Some((Token::new("project", "支付"), String::new())));
    }

    #[test]
    fn a_key_is_shown_and_understood_as_the_reader_calls_it_and_kept_as_it_is() {
        let (keys, words) = (["host", "project"], [("host", "主机"), ("project", "项目")]);
        let token = Token::new("project", "支付");
        assert_eq!(complete_token(&keys, &words, "项目：支付 "), Some((token.clone(), String::new())));
        assert_eq!(complete_token(&keys, &words, "project:支付 "), Some((token.clone(), String::new())));
        assert_eq!(said(&words, &token), "项目:支付");
        assert_eq!(said(&words, &token.shown("project:支付+5")), "项目:支付+5");
        assert_eq!(said(&[], &Token::new("host", "a")), "host:a");
        let shown = |text| suggest_words(text, &words).into_iter().map(|s| s.shown).collect::<Vec<_>>();
        assert_eq!((shown("项"), shown("pro"), shown("项目:")), (vec!["项目:".to_owned()], vec!["项目:".to_owned()], vec![]));
    }

    #[test]
    fn the_last_word_is_what_is_being_typed() {
        assert_eq!(last_word("web ho"), (4, "ho"));
        assert_eq!(last_word("web "), (4, ""));
        assert_eq!(last_word("容器"), (0, "容器"));
    }
}
