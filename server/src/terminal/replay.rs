//! The last bytes that a terminal has written, by their place in all that it wrote.

use std::collections::VecDeque;

use bytes::Bytes;

/// How much is kept for whoever comes back.
pub const REPLAY: usize = 64 * 1024;

/// A ring of bytes.
#[derive(Debug, Default)]
pub struct Replay {
    bytes: VecDeque<u8>,
    /// Bytes written since the beginning.
    written: u64,
}

impl Replay {
    pub fn push(&mut self, bytes: &[u8]) {
        self.written += bytes.len() as u64;
        let bytes = &bytes[bytes.len().saturating_sub(REPLAY)..];
        let over = (self.bytes.len() + bytes.len()).saturating_sub(REPLAY);
        self.bytes.drain(..over);
        self.bytes.extend(bytes);
    }

    pub fn written(&self) -> u64 {
        self.written
    }

    /// What was written from a place on, as far as it is kept, and how much before that is not. A place that is not written yet is the end.
    pub fn since(&self, place: u64) -> (u64, Bytes) {
        let first = self.written - self.bytes.len() as u64;
        let from = place.clamp(first, self.written);
        let skip = usize::try_from(from - first).unwrap_or(usize::MAX);
        (from.saturating_sub(place), self.bytes.iter().skip(skip).copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_back_gets_what_was_missed_or_hears_how_much_is_gone() {
        let mut replay = Replay::default();
        replay.push(b"hello ");
        replay.push(b"world");
        assert_eq!(replay.since(6), (0, Bytes::from_static(b"world")));
        assert_eq!(replay.since(11), (0, Bytes::new()));
        assert_eq!(replay.since(99), (0, Bytes::new()), "nobody has read what was not written");
        for _ in 0..3 {
            replay.push("x".repeat(REPLAY / 2).as_bytes());
        }
        let (gone, kept) = replay.since(11);
        assert_eq!((gone, kept.len()), (REPLAY as u64 / 2, REPLAY));
        replay.push("y".repeat(3 * REPLAY).as_bytes());
        assert_eq!((replay.since(0).1.len(), replay.written()), (REPLAY, 11 + 9 * REPLAY as u64 / 2));
    }
}
