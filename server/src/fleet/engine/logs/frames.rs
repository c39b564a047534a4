//! The engine's two streams in one: frames of eight bytes' head and a payload. Nothing is gathered: each piece is handed on as it
//! comes, so that a frame of any length costs no memory.

/// Which stream a piece is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Out,
    Err,
}

/// Takes frames apart as bytes come in.
#[derive(Debug)]
pub struct Frames {
    framed: bool,
    head: [u8; 8],
    head_len: usize,
    /// What the frame at hand still lacks.
    left: usize,
    side: Side,
}

impl Frames {
    /// Without frames (a terminal's), all bytes are text of one stream.
    pub fn new(framed: bool) -> Self {
        Self { framed, head: [0; 8], head_len: 0, left: 0, side: Side::Out }
    }

    /// Hands each piece of text on, with its stream and whether its frame ends with it.
    pub fn take(&mut self, mut bytes: &[u8], mut text: impl FnMut(Side, &[u8], bool)) {
        if !self.framed {
            if !bytes.is_empty() {
                text(Side::Out, bytes, false);
            }
            return;
        }
        while !bytes.is_empty() {
            if self.left == 0 {
                let n = bytes.len().min(8 - self.head_len);
                self.head[self.head_len..self.head_len + n].copy_from_slice(&bytes[..n]);
                self.head_len += n;
                bytes = &bytes[n..];
                if self.head_len == 8 {
                    self.head_len = 0;
                    self.side = if self.head[0] == 2 { Side::Err } else { Side::Out };
                    self.left = u32::from_be_bytes([self.head[4], self.head[5], self.head[6], self.head[7]]) as usize;
                }
                continue;
            }
            let n = bytes.len().min(self.left);
            self.left -= n;
            text(self.side, &bytes[..n], self.left == 0);
            bytes = &bytes[n..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(side: u8, text: &str) -> Vec<u8> {
        let mut f = vec![side, 0, 0, 0];
        f.extend_from_slice(&(text.len() as u32).to_be_bytes());
        f.extend_from_slice(text.as_bytes());
        f
    }

    #[test]
    fn any_cutting_gives_the_same_text() {
        let all = [frame(1, "one\n"), frame(2, "two\n"), frame(1, ""), frame(1, "three")].concat();
        for size in 1..all.len() {
            let (mut frames, mut out, mut err, mut ends) = (Frames::new(true), Vec::new(), Vec::new(), 0);
            for piece in all.chunks(size) {
                frames.take(piece, |side, bytes, end| {
                    if side == Side::Err { &mut err } else { &mut out }.extend_from_slice(bytes);
                    ends += u32::from(end);
                });
            }
            assert_eq!((out.as_slice(), err.as_slice(), ends), (&b"one\nthree"[..], &b"two\n"[..], 3), "in pieces of {size}");
        }
    }

    #[test]
    fn a_terminal_has_no_frames() {
        let mut seen = Vec::new();
        Frames::new(false).take(b"\x01\x02 text", |_, b, _| seen.extend_from_slice(b));
        assert_eq!(seen, b"\x01\x02 text");
    }
}
