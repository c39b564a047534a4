//! Searching without making copies of what is searched.

use crate::http::problem::Problem;

/// Words of one query, and its characters: each word is looked for in each row.
const MOST_WORDS: usize = 16;
const MOST_CHARS: usize = 256;

/// The words of a query, lower case.
#[derive(Debug)]
pub struct Words(Vec<String>);

impl Words {
    /// A query that is too long is refused.
    pub fn new(q: Option<&str>) -> Result<Self, Problem> {
        let q = q.unwrap_or_default();
        if q.chars().count() > MOST_CHARS || q.split_whitespace().count() > MOST_WORDS {
            let detail = format!("At most {MOST_WORDS} words and {MOST_CHARS} characters.");
            return Err(Problem::bad_parameter("q", "out_of_range", detail));
        }
        Ok(Self(q.split_whitespace().map(str::to_lowercase).collect()))
    }

    pub fn into_vec(self) -> Vec<String> {
        self.0
    }

    /// Whether every word is in one of the texts.
    pub fn all_in(&self, texts: &[&str]) -> bool {
        self.0.iter().all(|word| texts.iter().any(|text| contains(text, word)))
    }
}

/// Whether a lower-case word is in a text, ASCII letters in either case.
fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    word.is_empty() || text.len() >= word.len() && text.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word))
}

/// Splits `a,b%2Cc` and decodes each part.
pub fn split_encoded(text: &str) -> Vec<String> {
    text.split(',').filter(|p| !p.is_empty()).map(decode).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_must_be_there_in_any_case() {
        let words = Words::new(Some("Settle  OOM")).expect("short");
        assert!(words.all_in(&["pay-core_SETTLE.3", "oom-watch"]));
        assert!(!words.all_in(&["pay-core_settle.3"]));
        assert!(Words::new(None).expect("short").all_in(&[]));
        assert!(Words::new(Some("支付")).expect("short").all_in(&["核心支付"]));
    }

    #[test]
    fn keys_are_split_and_decoded() {
        assert_eq!(split_encoded("a,b%2Cc,,100%"), ["a", "b,c", "100%"]);
    }
}
