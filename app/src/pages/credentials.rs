//! What a new account's name and password must be, checked as the reader leaves a field. The server has the last word, by the same rules.

use leptos::prelude::*;

use crate::words::{Lang, W, text};

/// What is wrong with a username. Nothing is, as long as it is empty: the reader comes back to it.
pub fn of_username(name: &str) -> Option<W> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let begins = name.bytes().next().is_none_or(|b| b.is_ascii_alphanumeric());
    let fits = name.is_empty() || (2..=64).contains(&name.len());
    (!(fits && begins && name.bytes().all(good))).then_some(W::problems_username)
}

/// What is wrong with a new password. Nothing is, as long as it is empty.
pub fn of_password(username: &str, password: &str) -> Option<W> {
    if password.is_empty() {
        None
    } else if !(12..=1024).contains(&password.chars().count()) {
        Some(W::problems_password_length)
    } else if password.eq_ignore_ascii_case(username) {
        Some(W::problems_password_is_username)
    } else {
        None
    }
}

/// A check that speaks once the reader has left the field, or sends the form. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Check {
    left: RwSignal<bool>,
    wrong: Signal<Option<W>>,
}

impl Check {
    pub fn new(wrong: impl Fn() -> Option<W> + Send + Sync + 'static) -> Self {
        Self { left: RwSignal::new(false), wrong: Signal::derive(wrong) }
    }

    /// For the field's `on_leave`, and before the form is sent: `true` where it may be.
    pub fn passes(self) -> bool {
        self.left.set(true);
        self.wrong.get_untracked().is_none()
    }

    pub fn on_leave(self) -> Callback<()> {
        Callback::new(move |()| self.left.set(true))
    }

    /// What the field shows: what is wrong here, else what the server said.
    pub fn error(self, lang: RwSignal<Lang>, server: Signal<Option<String>>) -> Signal<Option<String>> {
        Signal::derive(move || {
            let own = self.wrong.get().filter(|_| self.left.get()).map(|w| text(lang.get(), w).to_owned());
            own.or_else(|| server.get())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_the_servers() {
        for good in ["", "ops-c", "Dev_A.2", "0x"] {
            assert!(of_username(good).is_none(), "{good}");
        }
        for bad in ["x", "-ops", "ops c", "运维", &"x".repeat(65)] {
            assert!(of_username(bad).is_some(), "{bad}");
        }
        assert!(of_password("ops-a", "").is_none());
        assert!(of_password("ops-a", "密码密码密码密码密码密码").is_none());
        for bad in ["short", "elevenchars", "Ops-a-ops-a-ops-a", &"x".repeat(1025)] {
            assert!(of_password("ops-a-ops-a-ops-a", bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_check_is_silent_until_the_field_is_left_and_follows_it_from_then_on() {
        let owner = Owner::new();
        owner.set();
        let (lang, value) = (RwSignal::new(Lang::En), RwSignal::new("short".to_owned()));
        let check = Check::new(move || value.with(|v| of_password("", v)));
        let error = check.error(lang, Signal::stored(None));
        assert_eq!(error.get_untracked(), None);
        check.on_leave().run(());
        assert!(error.get_untracked().is_some());
        value.set("long enough for this".to_owned());
        assert_eq!(error.get_untracked(), None);
        assert!(check.passes());
    }
}
