//! Log lines on the live socket: one binary frame holds a subscription's number and as many lines as came together. Read in place, so that
//! a tab keeps a line as the bytes that came and looks at those it shows.
//!
//! ```text
//! frame  sub: u32, then lines to its end                       all numbers little-endian
//! line   container: u8   index in the subscription's list
//!        kind: u8        0 standard output, 1 standard error, 2 a mark of the console's; + 128: cut
//!        at: u64         nanoseconds since 1970, 0 where the engine gave no time
//!        length: u32     of the text
//!        cut: u32        only where it is cut: bytes that were left out at its end
//!        text            bytes as the container wrote them, without the line's end
//! ```

/// The longest frame, in bytes.
pub const FRAME: usize = 64 * 1024;
/// What stands before a frame's lines.
pub const HEAD: usize = 4;
/// What stands before a line's text, at most.
pub const LINE_HEAD: usize = 18;
/// A longer line is cut, so that each fits a frame.
pub const LINE: usize = FRAME - HEAD - LINE_HEAD;

const CUT: u8 = 0x80;

/// Where a line comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    #[default]
    Out,
    Err,
    /// The console says what became of the container: see [`Mark`].
    Mark,
}

/// One line, borrowed from its frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry<'a> {
    pub container: u8,
    pub stream: Stream,
    /// Nanoseconds since 1970.
    pub at: u64,
    /// Bytes left out at its end.
    pub cut: u32,
    pub text: &'a [u8],
}

impl Entry<'_> {
    /// How many bytes it takes in a frame.
    pub fn size(&self) -> usize {
        LINE_HEAD - 4 * usize::from(self.cut == 0) + self.text.len()
    }

    /// Writes it behind what is there.
    pub fn write(&self, frame: &mut Vec<u8>) {
        let kind = match self.stream {
            Stream::Out => 0,
            Stream::Err => 1,
            Stream::Mark => 2,
        };
        frame.push(self.container);
        frame.push(kind | if self.cut == 0 { 0 } else { CUT });
        frame.extend_from_slice(&self.at.to_le_bytes());
        // A text is at most `LINE` long; more could not be told apart from the next line.
        frame.extend_from_slice(&u32::try_from(self.text.len()).unwrap_or(u32::MAX).to_le_bytes());
        if self.cut != 0 {
            frame.extend_from_slice(&self.cut.to_le_bytes());
        }
        frame.extend_from_slice(self.text);
    }
}

/// A frame that lines can be written behind.
pub fn begin(sub: u32) -> Vec<u8> {
    sub.to_le_bytes().to_vec()
}

/// A frame's subscription and lines.
pub fn read(frame: &[u8]) -> Option<(u32, Entries<'_>)> {
    let (sub, lines) = frame.split_first_chunk::<HEAD>()?;
    Some((u32::from_le_bytes(*sub), Entries(lines)))
}

/// Lines one after the other; ends where they do, or where something is not a line.
#[derive(Clone, Debug)]
pub struct Entries<'a>(&'a [u8]);

impl<'a> Entries<'a> {
    /// Of bytes without a frame's head.
    pub fn of(lines: &'a [u8]) -> Self {
        Self(lines)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let (&[container, kind], rest) = self.0.split_first_chunk::<2>()?;
        let (at, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (cut, rest) = if kind & CUT == 0 {
            (0, rest)
        } else {
            let (cut, rest) = rest.split_first_chunk::<4>()?;
            (u32::from_le_bytes(*cut), rest)
        };
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let stream = match kind & !CUT {
            0 => Stream::Out,
            1 => Stream::Err,
            _ => Stream::Mark,
        };
        self.0 = rest;
        Some(Entry { container, stream, at: u64::from_le_bytes(*at), cut, text })
    }
}

/// What became of a followed container: the text of a line of [`Stream::Mark`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It ended; with its exit code, where that is known. It is followed on when it starts again.
    Exited(Option<i64>),
    Started,
    /// It is gone: nothing more comes of it.
    Removed,
    /// There is none such that the person may read.
    NotFound,
    /// The engine can't be read for now (a problem's code); it is tried again.
    Lost(String),
    /// Its log can't be read at all (a problem's code).
    Unreadable(String),
}

impl Mark {
    pub fn word(&self) -> String {
        match self {
            Self::Exited(Some(code)) => format!("exited {code}"),
            Self::Exited(None) => "exited".to_owned(),
            Self::Started => "started".to_owned(),
            Self::Removed => "removed".to_owned(),
            Self::NotFound => "not_found".to_owned(),
            Self::Lost(code) => format!("lost {code}"),
            Self::Unreadable(code) => format!("unreadable {code}"),
        }
    }

    /// `None` for a newer server's word.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let (word, more) = text.split_once(' ').unwrap_or((text, ""));
        Some(match word {
            "exited" => Self::Exited(more.parse().ok()),
            "started" => Self::Started,
            "removed" => Self::Removed,
            "not_found" => Self::NotFound,
            "lost" => Self::Lost(more.to_owned()),
            "unreadable" => Self::Unreadable(more.to_owned()),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_there_and_back() {
        let entries = [
            Entry { container: 0, stream: Stream::Out, at: 1_700_000_000_123_456_789, cut: 0, text: b"" },
            Entry { container: 49, stream: Stream::Err, at: 0, cut: 0, text: b"\xff\0 binary" },
            Entry { container: 7, stream: Stream::Out, at: u64::MAX, cut: 983_040, text: b"the beginning" },
            Entry { container: 1, stream: Stream::Mark, at: 5, cut: 0, text: b"exited 137" },
        ];
        let mut frame = begin(77);
        for entry in &entries {
            let before = frame.len();
            entry.write(&mut frame);
            assert_eq!(frame.len() - before, entry.size());
        }
        let (sub, read) = read(&frame).expect("a frame");
        assert_eq!((sub, read.collect::<Vec<_>>().as_slice()), (77, &entries[..]));
    }

    #[test]
    fn what_is_cut_off_or_nonsense_ends_the_lines() {
        let mut frame = begin(1);
        Entry { text: b"whole", ..Entry::default() }.write(&mut frame);
        Entry { text: b"cut off", cut: 3, ..Entry::default() }.write(&mut frame);
        for length in 0..frame.len() {
            let lines = read(&frame[..length]).map_or(0, |(_, lines)| lines.count());
            assert_eq!(lines, usize::from(length >= HEAD + 14 + 5), "of {length} bytes");
        }
        let endless = [&[0, 0][..], &[0; 8], &[0xff; 4], b"x"].concat();
        assert_eq!(Entries::of(&endless).count(), 0);
    }

    #[test]
    fn marks_go_there_and_back() {
        let marks =
            [Mark::Exited(Some(-1)), Mark::Exited(None), Mark::Started, Mark::Removed, Mark::NotFound, Mark::Lost("engine_timeout".into())];
        for mark in marks {
            assert_eq!(Mark::parse(mark.word().as_bytes()), Some(mark));
        }
        assert_eq!(Mark::parse(b"migrated elsewhere"), None);
    }
}
