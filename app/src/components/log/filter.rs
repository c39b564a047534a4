//! What of the lines is looked for: a text or a regular expression, and levels.

use js_sys::RegExp;

use super::{ansi, level::Level, store::Line};
use crate::api::log_frame::Stream;

/// As the reader sets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub text: String,
    pub is_regex: bool,
    /// Empty: all.
    pub levels: Vec<Level>,
    /// Lines shown to either side of one that was found.
    pub context: u32,
}

/// Finds lines. Regular expressions are the browser's.
#[derive(Clone, Debug)]
pub struct Matcher {
    pattern: Pattern,
    levels: Vec<Level>,
}

#[derive(Clone, Debug)]
enum Pattern {
    Everything,
    /// In small letters, as far as ASCII goes.
    Text(Vec<u8>),
    Regex(RegExp),
}

impl Filter {
    /// Whether anything narrows what is shown.
    pub fn narrows(&self) -> bool {
        !self.text.trim().is_empty() || !self.levels.is_empty()
    }

    /// `None` where the expression can't be read. In the browser only, for regular expressions.
    pub fn matcher(&self) -> Option<Matcher> {
        let text = self.text.trim();
        let pattern = if text.is_empty() {
            Pattern::Everything
        } else if self.is_regex {
            Pattern::Regex(regex(text)?)
        } else {
            Pattern::Text(text.to_ascii_lowercase().into_bytes())
        };
        Some(Matcher { pattern, levels: self.levels.clone() })
    }
}

/// `RegExp::new` throws what it can't read as an exception that nobody catches.
fn regex(text: &str) -> Option<RegExp> {
    let constructor = js_sys::Reflect::get(&js_sys::global(), &"RegExp".into()).ok()?;
    let arguments = js_sys::Array::of2(&text.into(), &"gi".into());
    js_sys::Reflect::construct(&constructor.into(), &arguments).ok().map(Into::into)
}

impl Matcher {
    pub fn finds(&self, line: &Line) -> bool {
        // What became of a container is said, whatever is looked for.
        if line.stream == Stream::Mark {
            return true;
        }
        if !self.levels.is_empty() && !self.levels.contains(&line.level) {
            return false;
        }
        match &self.pattern {
            Pattern::Everything => true,
            Pattern::Text(text) if line.text.contains(&0x1b) => find(ansi::plain(&line.text).as_bytes(), text).is_some(),
            Pattern::Text(text) => find(&line.text, text).is_some(),
            Pattern::Regex(regex) => {
                regex.set_last_index(0);
                regex.test(&ansi::plain(&line.text))
            }
        }
    }

    /// Where in a text it is found, in bytes.
    pub fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        match &self.pattern {
            Pattern::Everything => {}
            Pattern::Text(wanted) => {
                let mut from = 0;
                while let Some(at) = find(&text.as_bytes()[from..], wanted) {
                    all.push((from + at, from + at + wanted.len()));
                    from += at + wanted.len();
                }
            }
            Pattern::Regex(regex) => {
                regex.set_last_index(0);
                // The browser counts in UTF-16.
                let mut units = 0;
                let mut bytes = text.char_indices();
                let mut byte_of = move |unit: u32| {
                    while units < unit {
                        let Some((_, c)) = bytes.next() else { break };
                        units += c.len_utf16() as u32;
                    }
                    bytes.offset()
                };
                while let Some(found) = regex.exec(text) {
                    let start = js_sys::Reflect::get(&found, &"index".into()).ok().and_then(|i| i.as_f64()).unwrap_or(0.0) as u32;
                    let end = regex.last_index();
                    if end <= start {
                        regex.set_last_index(end + 1);
                        continue;
                    }
                    let start = byte_of(start);
                    all.push((start, byte_of(end)));
                }
            }
        }
        all
    }
}

/// Where `wanted`, in small letters, is in a text of any.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let (&first, rest) = wanted.split_first()?;
    let last = text.len().checked_sub(wanted.len())?;
    (0..=last).find(|&at| text[at].to_ascii_lowercase() == first && text[at + 1..=at + rest.len()].eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::log_frame::Entry;

    fn line(text: &str) -> Line {
        Line::of(&Entry { text: text.as_bytes(), ..Entry::default() })
    }

    fn matcher(text: &str, levels: &[Level]) -> Matcher {
        Filter { text: text.to_owned(), levels: levels.to_vec(), ..Filter::default() }.matcher().expect("no expression")
    }

    #[test]
    fn texts_are_found_whatever_their_case_and_colours() {
        let m = matcher(" TimeOut ", &[]);
        assert!(m.finds(&line("connect timeout")) && m.finds(&line("\u{1b}[31mTIME\u{1b}[0mout")));
        assert!(!m.finds(&line("time out")) && !m.finds(&line("")));
        assert!(matcher("超时", &[]).finds(&line("连接超时")));
        assert_eq!(m.places("a timeout, TIMEOUT"), [(2, 9), (11, 18)]);
    }

    #[test]
    fn levels_narrow_but_never_hide_what_became_of_a_container() {
        let m = matcher("", &[Level::Error]);
        assert!(m.finds(&line("ERROR x")) && !m.finds(&line("INFO x")));
        let mark = Line::of(&Entry { stream: Stream::Mark, text: b"started", ..Entry::default() });
        assert!(m.finds(&mark) && matcher("nowhere", &[]).finds(&mark));
        assert!(!Filter { text: " ".into(), ..Filter::default() }.narrows());
    }
}
