//! How names are ordered: case aside, numbers by value, so that `web.2` comes before `web.10`.

use std::cmp::Ordering;

/// Compares two names; equal only where they are the same text.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    loop {
        match (left.first(), right.first()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(p), Some(q)) if p.is_ascii_digit() && q.is_ascii_digit() => {
                let ((left_number, left_rest), (right_number, right_rest)) = (number(left), number(right));
                match left_number.len().cmp(&right_number.len()).then_with(|| left_number.cmp(right_number)) {
                    Ordering::Equal => (left, right) = (left_rest, right_rest),
                    other => return other,
                }
            }
            (Some(p), Some(q)) => match p.to_ascii_lowercase().cmp(&q.to_ascii_lowercase()) {
                Ordering::Equal => (left, right) = (&left[1..], &right[1..]),
                other => return other,
            },
        }
    }
}

/// The digits at the start without leading zeros, and what follows.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let start = text[..end].iter().position(|b| *b != b'0').unwrap_or(end);
    (&text[start..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_by_value() {
        let mut names = ["web.10", "Web.2", "web", "web.02", "api", "web.2b"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["api", "web", "Web.2", "web.02", "web.2b", "web.10"]);
    }
}
