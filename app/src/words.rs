//! Words in the reader's language, from `locales/*.json` (see `build.rs`).
//!
//! `t(W::nav_containers)` is reactive: switching the language changes texts in place, without a reload.

use leptos::prelude::*;

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    #[default]
    En,
    Zh,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// As in `<html lang>`, in the account and in `Intl`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// From a tag such as `zh`, `zh-Hans-CN`, `en-GB`; `None` for a language that there are no words in.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.trim().to_ascii_lowercase();
        match primary.as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// The best one for an `Accept-Language` header; English where none fits.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0.0_f32, Self::En);
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let Some(lang) = pieces.next().and_then(Self::from_tag) else { continue };
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }

    /// The other one, for the switch.
    pub fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }
}

/// The reader's language, a signal in context.
pub fn use_lang() -> RwSignal<Lang> {
    use_context().unwrap_or_else(|| RwSignal::new(Lang::default()))
}

/// A text, in whatever language the reader has chosen.
pub fn t(w: W) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let lang = use_lang();
    move || text(lang.get(), w)
}

/// A text in one language.
pub fn text(lang: Lang, w: W) -> &'static str {
    match lang {
        Lang::En => EN[w as usize],
        Lang::Zh => ZH[w as usize],
    }
}

/// `1284` → `1,284`
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));

#[cfg(test)]
#[path = "../build/words.rs"]
mod generator;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_language_is_taken() {
        assert_eq!(Lang::from_accept_language("zh-CN,zh;q=0.9,en;q=0.8"), Lang::Zh);
        assert_eq!(Lang::from_accept_language("de,en;q=0.5,zh;q=0.9"), Lang::Zh);
        assert_eq!(Lang::from_accept_language("fr"), Lang::En);
        assert_eq!(Lang::from_accept_language(""), Lang::En);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn texts_are_there_in_both_languages() {
        assert_eq!(text(Lang::En, W::nav_containers), "Containers");
        assert_eq!(text(Lang::Zh, W::nav_containers), "容器");
    }
}
