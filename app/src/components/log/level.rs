//! How bad a line is, by the forms in which programs commonly say so. Only its beginning is looked at.

/// Kinds of lines that are counted and filtered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
    /// It does not say.
    #[default]
    None,
}

/// How much of a line is looked at.
const LOOK: usize = 200;

impl Level {
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::None];

    /// As it stands in its column and in addresses; empty for none.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::None => "",
        }
    }

    /// A class of its row.
    pub fn class(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::None => "plain",
        }
    }

    fn of_word(word: &[u8]) -> Option<Self> {
        let is = |words: &[&str]| words.iter().any(|w| word.eq_ignore_ascii_case(w.as_bytes()));
        if is(&["error", "err", "fatal", "critical", "crit", "severe", "panic", "emerg", "alert"]) {
            Some(Self::Error)
        } else if is(&["warn", "warning", "wrn"]) {
            Some(Self::Warn)
        } else if is(&["info", "inf", "notice", "information"]) {
            Some(Self::Info)
        } else if is(&["debug", "dbg", "trace", "trc", "fine", "verbose"]) {
            Some(Self::Debug)
        } else {
            None
        }
    }

    /// As bunyan and pino number them.
    fn of_number(number: &[u8]) -> Option<Self> {
        match number {
            b"60" | b"50" => Some(Self::Error),
            b"40" => Some(Self::Warn),
            b"30" => Some(Self::Info),
            b"20" | b"10" => Some(Self::Debug),
            _ => None,
        }
    }
}

/// What a line says.
pub fn level(text: &[u8]) -> Level {
    let mut plain = [0_u8; LOOK];
    let length = strip(text, &mut plain);
    let text = &plain[..length];
    named(text).or_else(|| klog(text)).or_else(|| word(text)).unwrap_or_default()
}

/// Copies the beginning without colours.
fn strip(text: &[u8], plain: &mut [u8; LOOK]) -> usize {
    let (mut from, mut to) = (0, 0);
    while from < text.len() && to < LOOK {
        if text[from] == 0x1b {
            from += 1;
            if text.get(from) == Some(&b'[') {
                from += 1;
                while text.get(from).is_some_and(|b| !(0x40..=0x7e).contains(b)) {
                    from += 1;
                }
            }
            from += 1;
            // A colour parts words.
            plain[to] = b' ';
        } else {
            plain[to] = text[from];
            from += 1;
        }
        to += 1;
    }
    to
}

/// `"level":"warn"`, `level=warn`, `severity: WARNING`, `"level":40`.
fn named(text: &[u8]) -> Option<Level> {
    for (at, _) in text.iter().enumerate().filter(|(_, b)| matches!(b, b':' | b'=')) {
        let before = text[..at].trim_ascii_end();
        let before = before.strip_suffix(b"\"").unwrap_or(before);
        let start = before.iter().rposition(|b| !b.is_ascii_alphanumeric() && *b != b'_').map_or(0, |i| i + 1);
        let name = &before[start..];
        if ![&b"level"[..], b"lvl", b"severity", b"loglevel", b"log_level"].iter().any(|n| name.eq_ignore_ascii_case(n)) {
            continue;
        }
        let value = text[at + 1..].trim_ascii_start();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let end = value.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(value.len());
        if let Some(level) = Level::of_word(&value[..end]).or_else(|| Level::of_number(&value[..end])) {
            return Some(level);
        }
    }
    None
}

/// `E0102 15:04:05.123456 …`
fn klog(text: &[u8]) -> Option<Level> {
    let (&letter, rest) = text.split_first()?;
    let digits = rest.get(..4)?.iter().all(u8::is_ascii_digit) && rest.get(4) == Some(&b' ');
    digits.then_some(())?;
    match letter {
        b'E' | b'F' => Some(Level::Error),
        b'W' => Some(Level::Warn),
        b'I' => Some(Level::Info),
        b'D' => Some(Level::Debug),
        _ => None,
    }
}

/// A word in capitals, or in brackets, or before a colon: small letters alone are just words.
fn word(text: &[u8]) -> Option<Level> {
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        let end = text[at..].iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').map_or(text.len(), |n| at + n);
        let word = &text[at..end];
        let capitals = word.len() > 2 && word.iter().all(u8::is_ascii_uppercase);
        let set_apart = (at > 0 && matches!(text[at - 1], b'[' | b'<' | b'(') && matches!(text.get(end), Some(b']' | b'>' | b')')))
            || (text.get(end) == Some(&b':') && (at == 0 || text[at - 1] == b' '));
        if (capitals || set_apart)
            && let Some(level) = Level::of_word(word)
        {
            return Some(level);
        }
        at = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_forms_are_recognised() {
        for (text, expected) in [
            ("2026-11-23 22:06:13 ERROR connect timeout", Level::Error),
            ("[warn] 17#17: using the epoll method", Level::Warn),
            ("error: no such file", Level::Error),
            (r#"{"time":"x","level":"warning","msg":"error in text"}"#, Level::Warn),
            (r#"{"level":30,"msg":"listening"}"#, Level::Info),
            (r#"{ "severity" : "CRITICAL" }"#, Level::Error),
            ("ts=1 level=debug msg=\"ERROR once\"", Level::Debug),
            ("E0102 15:04:05.1 1 main.go:7] oops", Level::Error),
            ("\x1b[32mINFO\x1b[0m started", Level::Info),
            ("\x1b[1;31m[ERR]\x1b[0m", Level::Error),
            ("08:17:01.123 [main] TRACE o.h.Foo", Level::Debug),
            ("no error here, for info", Level::None),
            ("INFORMATIONAL ERRORS WARNED", Level::None),
            ("", Level::None),
        ] {
            assert_eq!(level(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_broken_is_no_matter() {
        for text in [&b"\x1b"[..], b"\x1b[", b"\x1b[31", &[0xff; 400], b"level=", b"level:\"", b":", b"E010"] {
            assert_eq!(level(text), Level::None);
        }
    }
}
