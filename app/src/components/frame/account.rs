//! The reader: language and account.

use leptos::prelude::*;

use crate::components::menu::{MenuButton, MenuEntry};
use crate::words::{W, t};

/// Switches to the other language; its label is the other language's own name.
#[component]
pub fn LanguageSwitch(#[prop(into)] other: TextProp, #[prop(into)] on_switch: Callback<()>) -> impl IntoView {
    view! {
        <button type="button" class="button tool labelled" on:click=move |_| on_switch.run(())>
            {move || other.get()}
        </button>
    }
}

/// Who is signed in, and what they can do with their account.
#[component]
pub fn AccountMenu(#[prop(into)] name: TextProp, #[prop(into)] entries: Signal<Vec<MenuEntry>>) -> impl IntoView {
    let initials = name.clone();
    let account = t(W::nav_account);
    let label = move || format!("{}: {}", account(), name.get());
    let face = move || view! { <span class="avatar" data-initials=initials_of(&initials.get())></span> };
    view! {
        <MenuButton label entries class="button tool" face=face />
    }
}

/// The first letters of the first two words, or the first two letters; one sign for names in Chinese.
fn initials_of(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return String::new() };
    let mut letters = first.chars();
    let head = letters.next();
    if head.is_some_and(|c| !c.is_ascii()) {
        return head.into_iter().collect();
    }
    let second = words.next().and_then(|word| word.chars().next()).or_else(|| letters.next());
    head.into_iter().chain(second).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::initials_of;

    #[test]
    fn initials_come_from_words_letters_or_one_sign() {
        assert_eq!(["ops-c", "admin", "运维丙", "x", ""].map(initials_of), ["OC", "AD", "运", "X", ""]);
    }
}
