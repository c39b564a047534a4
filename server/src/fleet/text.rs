//! Engines' words, bounded: ids that may go into an address, names and references of bounded length.

/// The longest reference, label value or the like that is kept, in characters.
pub const LONG: usize = 512;
/// The longest name.
const NAME: usize = 256;

/// Whether it can be an object's id or name and stand in an address as it is.
pub fn is_id(id: &str) -> bool {
    (1..=255).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        && !id.starts_with('.')
}

/// At most so many characters, and no NUL: no database takes one.
pub fn short(text: &str, characters: usize) -> String {
    let end = text.char_indices().nth(characters).map_or(text.len(), |(end, _)| end);
    text[..end].replace('\0', "")
}

/// A container's name without the slash.
pub fn name(text: &str) -> String {
    short(text.trim_start_matches('/'), NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_go_into_addresses() {
        assert!(is_id("0123abcdef") && is_id("shop_web-1.x"));
        for bad in ["", "..", "../x", "a/b", "a?x", "a#", "a%2f", "ä", ".hidden", &"a".repeat(256)] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(short("工作负载", 2), "工作");
        assert_eq!(name("/web"), "web");
        assert_eq!(short("a\0b\0", 10), "ab");
    }
}
