//! Colours that programs write: SGR sequences become styles, all other control sequences go.

/// A colour of the terminal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// One of the sixteen that the theme gives.
    Named(u8),
    Rgb(u8, u8, u8),
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "terminals switch each by itself")]
pub struct Style {
    pub front: Option<Color>,
    pub back: Option<Color>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub inverse: bool,
}

/// Text of one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

/// Takes a line apart. Bytes that are no text are replaced; tabs stay, other controls go.
pub fn spans(line: &[u8]) -> Vec<Span> {
    let text = String::from_utf8_lossy(line);
    let mut all: Vec<Span> = Vec::new();
    let mut style = Style::default();
    let mut rest = &*text;
    let mut plain = String::new();
    let mut end = |plain: &mut String, style: Style| {
        if !plain.is_empty() {
            all.push(Span { text: std::mem::take(plain), style });
        }
    };
    while let Some(c) = rest.chars().next() {
        if c == '\u{1b}' {
            let (sequence, length) = sequence(rest);
            if let Some(codes) = sequence {
                let before = style;
                style.apply(codes);
                if style != before {
                    end(&mut plain, before);
                }
            }
            rest = &rest[length..];
            continue;
        }
        if c == '\t' || !c.is_control() {
            plain.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    end(&mut plain, style);
    all
}

/// The text alone.
pub fn plain(line: &[u8]) -> String {
    if !line.contains(&0x1b) && !line.iter().any(u8::is_ascii_control) {
        return String::from_utf8_lossy(line).into_owned();
    }
    spans(line).into_iter().map(|span| span.text).collect()
}

/// The codes of an SGR sequence at the beginning, and how long the sequence is, whatever it is.
fn sequence(text: &str) -> (Option<&str>, usize) {
    let bytes = text.as_bytes();
    match bytes.get(1) {
        Some(b'[') => {
            let end = bytes[2..].iter().position(|b| (0x40..=0x7e).contains(b)).map(|n| n + 2);
            match end {
                Some(end) => ((bytes[end] == b'm').then(|| &text[2..end]), end + 1),
                None => (None, text.len()),
            }
        }
        // OSC: up to BEL or ST.
        Some(b']') => {
            let end = bytes.iter().enumerate().skip(2).find(|(i, b)| **b == 7 || (**b == b'\\' && bytes[i - 1] == 0x1b));
            (None, end.map_or(text.len(), |(i, _)| i + 1))
        }
        Some(_) => (None, 1 + text[1..].chars().next().map_or(0, char::len_utf8)),
        None => (None, 1),
    }
}

impl Style {
    fn apply(&mut self, codes: &str) {
        let mut codes = codes.split([';', ':']).map(|code| if code.is_empty() { Some(0) } else { code.parse::<u16>().ok() });
        while let Some(code) = codes.next() {
            match code {
                Some(0) => *self = Self::default(),
                Some(1) => self.bold = true,
                Some(2) => self.dim = true,
                Some(3) => self.italic = true,
                Some(4) => self.underline = true,
                Some(7) => self.inverse = true,
                Some(22) => (self.bold, self.dim) = (false, false),
                Some(23) => self.italic = false,
                Some(24) => self.underline = false,
                Some(27) => self.inverse = false,
                Some(code @ 30..=37) => self.front = Some(Color::Named((code - 30) as u8)),
                Some(code @ 90..=97) => self.front = Some(Color::Named((code - 82) as u8)),
                Some(code @ 40..=47) => self.back = Some(Color::Named((code - 40) as u8)),
                Some(code @ 100..=107) => self.back = Some(Color::Named((code - 92) as u8)),
                Some(39) => self.front = None,
                Some(49) => self.back = None,
                Some(38) => self.front = extended(&mut codes).or(self.front),
                Some(48) => self.back = extended(&mut codes).or(self.back),
                _ => {}
            }
        }
    }
}

/// `5;n` of 256 colours, `2;r;g;b`.
fn extended(codes: &mut impl Iterator<Item = Option<u16>>) -> Option<Color> {
    let mut byte = || codes.next().flatten().and_then(|n| u8::try_from(n).ok());
    match byte()? {
        5 => Some(match byte()? {
            n @ 0..=15 => Color::Named(n),
            n @ 16..=231 => {
                let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
                let n = n - 16;
                Color::Rgb(level(n / 36), level(n / 6 % 6), level(n % 6))
            }
            n => {
                let grey = 8 + 10 * (n - 232);
                Color::Rgb(grey, grey, grey)
            }
        }),
        2 => Some(Color::Rgb(byte()?, byte()?, byte()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(line: &str) -> Vec<(String, Style)> {
        spans(line.as_bytes()).into_iter().map(|s| (s.text, s.style)).collect()
    }

    #[test]
    fn colours_begin_and_end() {
        let red = Style { front: Some(Color::Named(1)), ..Style::default() };
        let bold = Style { bold: true, ..red };
        let line = "a\u{1b}[31mb\u{1b}[1mc\u{1b}[0;39md";
        let expected = [("a", Style::default()), ("b", red), ("c", bold), ("d", Style::default())].map(|(t, s)| (t.to_owned(), s));
        assert_eq!(looks(line), expected);
        assert_eq!(
            looks("\u{1b}[m\u{1b}[97;104mx")[0].1,
            Style { front: Some(Color::Named(15)), back: Some(Color::Named(12)), ..Style::default() }
        );
    }

    #[test]
    fn all_256_and_true_colours() {
        let front = |line: &str| looks(line)[0].1.front;
        assert_eq!(front("\u{1b}[38;5;9mx"), Some(Color::Named(9)));
        assert_eq!(front("\u{1b}[38;5;196mx"), Some(Color::Rgb(255, 0, 0)));
        assert_eq!(front("\u{1b}[38;5;255mx"), Some(Color::Rgb(238, 238, 238)));
        assert_eq!(front("\u{1b}[38;2;1;2;3mx"), Some(Color::Rgb(1, 2, 3)));
        assert_eq!(front("\u{1b}[38;5;900mx"), None);
        for n in 0..=255 {
            assert!(front(&format!("\u{1b}[38;5;{n}mx")).is_some(), "{n}");
        }
    }

    #[test]
    fn other_control_sequences_go_and_text_stays() {
        let plain = |text: &str| super::plain(text.as_bytes());
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m <b>\tx"), "red <b>\tx");
        assert_eq!(plain("\u{1b}]8;;http://evil\u{7}link\u{1b}]8;;\u{1b}\\"), "link");
        assert_eq!(plain("a\u{8}\u{0}b\u{1b}"), "ab");
        assert_eq!(plain("\u{1b}[2K\u{1b}[1Adone\u{1b}[31"), "done");
        assert_eq!(plain("\u{1b}汉字"), "字");
        assert_eq!(super::plain(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    }
}
