//! From pieces of the engine's two streams to whole lines with their times. A line of any length costs no more memory than its cut.

use super::frames::Side;
use crate::clock::nanos::{Nanos, parse_engine};

/// A longer line is cut: it fits a frame of the live socket.
pub const LINE: usize = app::api::log_frame::LINE;
/// `2023-11-14T22:13:20.123456789Z` at most.
const TIME: usize = 40;
/// A buffer that grew beyond this for one long line is given back.
const KEPT: usize = 4 << 10;

/// A whole line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub side: Side,
    /// Where the engine gave none: that of the line before, or 0.
    pub at: Nanos,
    /// Without the line's end.
    pub text: &'a [u8],
    /// Bytes left out at its end.
    pub cut: u64,
}

/// Takes the streams of an answer with `timestamps=1`.
#[derive(Debug)]
pub struct Lines {
    /// A terminal's stream has no frames: each line begins with a time, not each frame.
    framed: bool,
    /// The newest time so far.
    last: Nanos,
    out: Partial,
    err: Partial,
}

/// A line that has not ended yet.
#[derive(Debug, Default)]
struct Partial {
    text: Vec<u8>,
    cut: u64,
    /// Of its first frame: what is long comes in several, each with its time.
    at: Option<Nanos>,
    /// What there is of the time, while it is still coming.
    head: Option<Vec<u8>>,
    /// Whether anything has come.
    begun: bool,
}

impl Lines {
    pub fn new(framed: bool) -> Self {
        let partial = || Partial { head: Some(Vec::new()), ..Partial::default() };
        Self { framed, last: 0, out: partial(), err: partial() }
    }

    /// Takes a piece; `ends`: its frame ends with it.
    pub fn take(&mut self, side: Side, mut bytes: &[u8], ends: bool, line: &mut impl FnMut(Line)) {
        let Self { framed, last, out, err } = self;
        let partial = if side == Side::Err { err } else { out };
        while !bytes.is_empty() {
            if let Some(head) = &mut partial.head {
                partial.begun = true;
                let most = bytes.len().min(TIME - head.len());
                let Some(at) = bytes[..most].iter().position(|b| matches!(b, b' ' | b'\n')) else {
                    head.extend_from_slice(&bytes[..most]);
                    bytes = &bytes[most..];
                    if head.len() == TIME {
                        partial.no_time();
                    }
                    continue;
                };
                head.extend_from_slice(&bytes[..at]);
                if let Some(time) = parse_engine(head).filter(|_| bytes[at] == b' ') {
                    partial.at.get_or_insert(time);
                    head.clear();
                    partial.head = None;
                    bytes = &bytes[at + 1..];
                } else {
                    partial.no_time();
                    bytes = &bytes[at..];
                }
                continue;
            }
            partial.begun = true;
            let Some(end) = bytes.iter().position(|b| *b == b'\n') else {
                partial.push(bytes);
                break;
            };
            partial.push(&bytes[..end]);
            partial.end(side, last, line);
            if !*framed {
                partial.head = Some(Vec::new());
            }
            bytes = &bytes[end + 1..];
        }
        if ends && *framed {
            if partial.head.as_ref().is_some_and(|head| !head.is_empty()) {
                partial.no_time();
            }
            partial.head = Some(Vec::new());
        }
    }

    /// Lines that the answer ended within.
    pub fn finish(&mut self, line: &mut impl FnMut(Line)) {
        let Self { last, out, err, .. } = self;
        for (side, partial) in [(Side::Out, out), (Side::Err, err)] {
            if partial.begun {
                partial.no_time();
                partial.end(side, last, line);
            }
        }
    }
}

impl Partial {
    /// What came in place of a time is text.
    fn no_time(&mut self) {
        if let Some(head) = self.head.take() {
            self.push(&head);
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let (kept, left_out) = bytes.split_at(bytes.len().min(LINE - self.text.len()));
        self.text.extend_from_slice(kept);
        self.cut += left_out.len() as u64;
    }

    fn end(&mut self, side: Side, last: &mut Nanos, line: &mut impl FnMut(Line)) {
        let at = self.at.take().unwrap_or(*last);
        *last = at.max(*last);
        let text = if self.cut == 0 { self.text.strip_suffix(b"\r").unwrap_or(&self.text) } else { &self.text };
        line(Line { side, at, text, cut: self.cut });
        self.text.clear();
        self.text.shrink_to(KEPT);
        (self.cut, self.begun) = (0, false);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const T: &str = "2023-11-14T22:13:20.123456789Z";
    const AT: Nanos = 1_700_000_000_123_456_789;

    type Seen = Vec<(Side, Nanos, Vec<u8>, u64)>;

    fn read(framed: bool, pieces: &[(Side, &[u8], bool)]) -> Seen {
        let (mut lines, mut seen) = (Lines::new(framed), Vec::new());
        let mut keep = |l: Line| seen.push((l.side, l.at, l.text.to_vec(), l.cut));
        for (side, bytes, ends) in pieces {
            lines.take(*side, bytes, *ends, &mut keep);
        }
        lines.finish(&mut keep);
        seen
    }

    #[test]
    fn lines_have_side_time_and_text() {
        let pieces = [
            (Side::Out, format!("{T} out\r\n"), true),
            (Side::Err, format!("{T} er"), false),
            (Side::Err, "r \u{1b}[31mred".to_owned(), true),
            (Side::Out, format!("{T} \n"), true),
        ];
        let pieces: Vec<_> = pieces.iter().map(|(side, text, ends)| (*side, text.as_bytes(), *ends)).collect();
        let seen = read(true, &pieces);
        let expected: Seen =
            vec![(Side::Out, AT, b"out".to_vec(), 0), (Side::Out, AT, Vec::new(), 0), (Side::Err, AT, b"err \x1b[31mred".to_vec(), 0)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_is_long_is_joined_and_cut_and_the_rest_counted() {
        let first = format!("{T} first");
        let second = format!("{T} second\n");
        let seen = read(true, &[(Side::Out, first.as_bytes(), true), (Side::Out, second.as_bytes(), true)]);
        assert_eq!(seen, [(Side::Out, AT, b"firstsecond".to_vec(), 0)]);
        let part = format!("{T} {}", "x".repeat(16_384));
        let mut pieces = vec![(Side::Out, part.as_bytes(), true); 64];
        pieces.push((Side::Out, b"\n", true));
        let seen = read(true, &pieces);
        assert_eq!((seen.len(), seen[0].2.len(), seen[0].3), (1, LINE, (64 * 16_384 - LINE) as u64));
    }

    #[test]
    fn a_time_is_only_what_looks_like_one() {
        let seen = read(true, &[(Side::Out, b"no time here\n", true), (Side::Out, b"\n", true), (Side::Out, &[b'9'; 100], true)]);
        let texts: Vec<&[u8]> = seen.iter().map(|s| s.2.as_slice()).collect();
        assert_eq!(texts, [&b"no time here"[..], b"", &[b'9'; 100]]);
    }

    #[test]
    fn a_terminals_lines_each_begin_with_a_time() {
        let all = format!("{T} one\r\n{T} two\r\n");
        for size in 1..all.len() {
            let pieces: Vec<_> = all.as_bytes().chunks(size).map(|c| (Side::Out, c, false)).collect();
            let seen = read(false, &pieces);
            assert_eq!(seen, [(Side::Out, AT, b"one".to_vec(), 0), (Side::Out, AT, b"two".to_vec(), 0)], "in pieces of {size}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_no_byte_is_lost(pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60), any::<bool>()), 0..40)) {
            let pieces: Vec<_> = pieces.iter().map(|(err, bytes, ends)| (if *err { Side::Err } else { Side::Out }, bytes.as_slice(), *ends)).collect();
            for framed in [true, false] {
                let seen = read(framed, &pieces);
                let came: usize = pieces.iter().map(|p| p.1.len()).sum();
                let told: usize = seen.iter().map(|s| s.2.len() + 2).sum();
                prop_assert!(seen.iter().any(|s| s.1 != 0) || told >= came, "{} of {}", told, came);
            }
        }
    }
}
