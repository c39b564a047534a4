//! What of an archive that somebody sends may be unpacked: names that stay where they are unpacked, links that do not lead out, no devices, and
//! only so much of all.

use super::{Entry, Kind};

/// How much may be unpacked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub entries: u64,
    /// Of contents.
    pub bytes: u64,
}

/// Why an archive is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a name leads out of the folder: {0}")]
    Name(String),
    #[error("a link leads out of the folder: {0}")]
    Link(String),
    #[error("it holds a device or a pipe: {0}")]
    Special(String),
    #[error("it holds more than {0} entries")]
    TooMany(u64),
    #[error("it unpacks to more than {0} bytes")]
    TooLarge(u64),
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "hostile_name",
            Self::Link(_) => "hostile_link",
            Self::Special(_) => "hostile_device",
            Self::TooMany(_) => "too_many_entries",
            Self::TooLarge(_) => "too_large",
        }
    }
}

/// What was let through so far.
#[derive(Debug)]
pub struct Checked {
    limits: Limits,
    entries: u64,
    bytes: u64,
    /// Links that were let through: nothing may be written through one of them.
    links: std::collections::HashSet<Vec<u8>>,
}

impl Checked {
    pub fn new(limits: Limits) -> Self {
        Self { limits, entries: 0, bytes: 0, links: std::collections::HashSet::new() }
    }

    pub fn entries(&self) -> u64 {
        self.entries
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether this entry may be unpacked too. What comes back is made anew: a plain name, no bits that raise rights. `None`: the folder
    /// itself, which is there.
    pub fn check(&mut self, entry: Entry) -> Result<Option<Entry>, Refusal> {
        let shown = || String::from_utf8_lossy(&entry.path).chars().take(200).collect::<String>();
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(entry.size);
        if self.entries > self.limits.entries {
            return Err(Refusal::TooMany(self.limits.entries));
        }
        if self.bytes > self.limits.bytes {
            return Err(Refusal::TooLarge(self.limits.bytes));
        }
        let parts = inside(&entry.path).ok_or_else(|| Refusal::Name(shown()))?;
        let mut path = parts.join(&b'/');
        if path.is_empty() {
            return if entry.kind == Kind::Directory { Ok(None) } else { Err(Refusal::Name(shown())) };
        }
        // Below a link that came before it would be written wherever that leads.
        if (1..=parts.len()).any(|n| self.links.contains(&parts[..n].join(&b'/')) && (n < parts.len() || entry.kind != Kind::Symlink)) {
            return Err(Refusal::Link(shown()));
        }
        let link = match (entry.kind, &entry.link) {
            (Kind::File | Kind::Directory, _) => None,
            (Kind::Symlink, Some(link)) if stays_inside(&parts, link) => {
                self.links.insert(path.clone());
                Some(link.clone())
            }
            // By name from the folder's root.
            (Kind::HardLink, Some(link)) => match inside(link) {
                Some(target) if !target.is_empty() && !(1..=target.len()).any(|n| self.links.contains(&target[..n].join(&b'/'))) => {
                    Some(target.join(&b'/'))
                }
                _ => return Err(Refusal::Link(shown())),
            },
            (Kind::Symlink | Kind::HardLink, _) => return Err(Refusal::Link(shown())),
            (Kind::Special, _) => return Err(Refusal::Special(shown())),
        };
        if entry.kind == Kind::Directory {
            path.push(b'/');
        }
        Ok(Some(Entry { path, link, mode: entry.mode & 0o1777, ..entry }))
    }
}

/// A relative name's parts, if it stays where it begins.
fn inside(path: &[u8]) -> Option<Vec<&[u8]>> {
    if path.first() == Some(&b'/') || path.contains(&0) || path.len() > 4_096 {
        return None;
    }
    let parts: Vec<&[u8]> = path.split(|b| *b == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    let plain =
        |part: &&[u8]| *part != b".." && part.len() <= 255 && std::str::from_utf8(part).is_ok_and(|p| !p.chars().any(char::is_control));
    parts.iter().all(plain).then_some(parts)
}

/// Whether a symbolic link, from where it lies, ends within the folder.
fn stays_inside(at: &[&[u8]], link: &[u8]) -> bool {
    if link.is_empty() || link[0] == b'/' || link.contains(&0) || link.len() > 4_096 {
        return false;
    }
    let mut depth = at.len() - 1;
    for part in link.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if depth == 0 => return false,
            b".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, kind: Kind, link: Option<&str>) -> Entry {
        Entry { path: path.into(), kind, size: 0, mode: 0o6755, uid: 0, gid: 0, modified: 0, link: link.map(Into::into) }
    }

    fn checked() -> Checked {
        Checked::new(Limits { entries: 100, bytes: 1_000 })
    }

    #[test]
    fn names_stay_in_the_folder() {
        for path in ["../a", "a/../../b", "/etc/passwd", "a/..", "..", "a/\u{1b}[31m", "x\0y"] {
            let refused = checked().check(entry(path, Kind::File, None)).expect_err(path);
            assert_eq!(refused.code(), "hostile_name", "{path}");
        }
        let good = checked().check(entry("./a//b/./c", Kind::File, None)).expect("good").expect("an entry");
        assert_eq!((good.path.as_slice(), good.mode), (&b"a/b/c"[..], 0o755), "made anew, without set-user-id");
        assert_eq!(checked().check(entry("./", Kind::Directory, None)), Ok(None));
    }

    #[test]
    fn links_do_not_lead_out_nor_is_anything_written_through_one() {
        for (path, link) in [("l", "/etc"), ("l", ".."), ("a/l", "../../b"), ("l", ""), ("l", "a/../../b")] {
            assert_eq!(checked().check(entry(path, Kind::Symlink, Some(link))).expect_err(link).code(), "hostile_link");
        }
        for link in ["/etc/shadow", "../x"] {
            assert_eq!(checked().check(entry("h", Kind::HardLink, Some(link))).expect_err(link).code(), "hostile_link");
        }
        let mut archive = checked();
        assert!(archive.check(entry("a/l", Kind::Symlink, Some("../b"))).is_ok());
        assert_eq!(archive.check(entry("a/l/x", Kind::File, None)).expect_err("through it").code(), "hostile_link");
        assert_eq!(archive.check(entry("a/l", Kind::File, None)).expect_err("onto it").code(), "hostile_link");
        assert_eq!(archive.check(entry("h", Kind::HardLink, Some("a/l"))).expect_err("of it").code(), "hostile_link");
    }

    #[test]
    fn devices_and_too_much_are_refused() {
        assert_eq!(checked().check(entry("d", Kind::Special, None)).expect_err("a device").code(), "hostile_device");
        let mut many = Checked::new(Limits { entries: 2, bytes: 10 });
        assert!(many.check(entry("a", Kind::File, None)).is_ok() && many.check(entry("b", Kind::File, None)).is_ok());
        assert_eq!(many.check(entry("c", Kind::File, None)), Err(Refusal::TooMany(2)));
        let mut large = Checked::new(Limits { entries: 9, bytes: 10 });
        assert_eq!(large.check(Entry { size: 11, ..entry("a", Kind::File, None) }), Err(Refusal::TooLarge(10)));
    }
}
