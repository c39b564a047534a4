//! Every permission as a type: `container::Operate` is `container.operate`.
//!
//! A new permission is one line in the table below; roles, the OpenAPI document and `permissions.txt` follow from it.

use std::fmt;

/// A right to do one kind of thing with one kind of object.
pub trait Permission: Send + Sync + 'static {
    /// `container.operate`
    const NAME: &'static str;
    /// Its place in [`ALL`], which is its bit in a [`PermissionSet`].
    const INDEX: usize;
    /// The permission that makes the object visible: without it the answer is 404, with it 403.
    const READ: usize;
    /// Whether the session's password must have been given within five minutes.
    const STEP_UP: bool;
    /// Whether an API token may ever do it.
    const TOKEN: bool;
}

/// A set of permissions, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u128);

impl PermissionSet {
    pub const EMPTY: Self = Self(0);

    pub fn with(self, index: usize) -> Self {
        Self(self.0 | (1 << index))
    }

    pub fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }

    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names, in the table's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        ALL.iter().enumerate().filter(move |(i, _)| self.has(*i)).map(|(_, p)| p.name)
    }

    /// All whose name one of the patterns matches: `container.read`, `container.*`, `*.read`, `*`.
    pub fn matching(patterns: &[&str]) -> Self {
        let mut set = Self::EMPTY;
        for (i, p) in ALL.iter().enumerate() {
            let (resource, action) = p.name.split_once('.').expect("the table writes resource.action");
            let hit = patterns.iter().any(|pattern| match pattern.split_once('.') {
                Some((r, a)) => (r == "*" || r == resource) && (a == "*" || a == action),
                None => *pattern == "*",
            });
            if hit {
                set = set.with(i);
            }
        }
        set
    }

    /// From a role's stored names. Names that this version does not know are left out.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(index_of).fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// One line of the table, as data.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// `container.operate`
    pub name: &'static str,
    /// The permission that makes the object visible.
    pub read: &'static str,
    pub step_up: bool,
    pub token: bool,
}

/// The place of a permission by its name.
pub fn index_of(name: &str) -> Option<usize> {
    ALL.iter().position(|p| p.name == name)
}

/// [`index_of`] at compile time; a name that is not in the table stops the build.
const fn place(name: &str) -> usize {
    let mut i = 0;
    while i < ALL.len() {
        if same(ALL[i].name, name) {
            return i;
        }
        i += 1;
    }
    panic!("not in the table of permissions")
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

macro_rules! permissions {
    ($( $(#[$doc:meta])* $resource:ident read $read:literal { $( $name:ident $text:literal step_up $step:literal token $token:literal ),+ $(,)? } )+) => {
        /// Every permission there is. The order is that of the golden file, no row in the database depends on it.
        pub const ALL: &[Entry] = &[$($( Entry { name: $text, read: $read, step_up: $step, token: $token }, )+)+];
        $(
            $(#[$doc])*
            pub mod $resource {
                $(
                    #[doc = concat!("`", $text, "`")]
                    #[derive(Clone, Copy, Debug)]
                    pub struct $name;
                    impl super::Permission for $name {
                        const NAME: &'static str = $text;
                        const INDEX: usize = super::place($text);
                        const READ: usize = super::place($read);
                        const STEP_UP: bool = $step;
                        const TOKEN: bool = $token;
                    }
                )+
            }
        )+
    };
}

permissions! {
    /// One's own account: everyone who is signed in holds these.
    account read "account.read" {
        Read "account.read" step_up false token true,
        Update "account.update" step_up false token false,
    }
    /// One's own sessions, for people alone.
    session read "account.read" {
        Read "session.read" step_up false token false,
    }
    /// The trail.
    audit read "audit.read" { Read "audit.read" step_up false token true }
    /// Containers; `read` covers their log lines.
    container read "container.read" {
        Read "container.read" step_up false token true,
        Operate "container.operate" step_up false token true,
        Create "container.create" step_up false token true,
        Update "container.update" step_up false token true,
        Delete "container.delete" step_up false token true,
        Exec "container.exec" step_up true token false,
        Reveal "container.reveal" step_up true token false,
    }
    /// Networks and volumes of hosts: `use` lets a container of one's own join or mount them.
    network read "network.read" {
        Read "network.read" step_up false token true,
        Use "network.use" step_up false token true,
    }
    volume read "volume.read" {
        Read "volume.read" step_up false token true,
        Use "volume.use" step_up false token true,
    }
    /// Kept events of engines.
    event read "event.read" { Read "event.read" step_up false token true }
    /// Hosts and their engines.
    host read "host.read" {
        Read "host.read" step_up false token true,
        Manage "host.manage" step_up true token true,
    }
    /// Other people's operations; one's own are always visible.
    operation read "operation.read" {
        Read "operation.read" step_up false token true,
        Operate "operation.operate" step_up false token true,
    }
    /// The console itself: workers, metrics, settings.
    platform read "platform.read" {
        Read "platform.read" step_up false token true,
        Manage "platform.manage" step_up true token false,
    }
    /// Teams' spaces.
    project read "project.read" {
        Read "project.read" step_up false token true,
        Manage "project.manage" step_up true token false,
    }
    /// Environments and their rules.
    environment read "environment.read" {
        Read "environment.read" step_up false token true,
        Manage "environment.manage" step_up true token false,
    }
    /// People, groups, roles and grants.
    user read "user.read" {
        Read "user.read" step_up false token true,
        Manage "user.manage" step_up true token false,
    }
    role read "role.read" {
        Read "role.read" step_up false token true,
        Manage "role.manage" step_up true token false,
    }
    grant read "grant.read" {
        Read "grant.read" step_up false token true,
        Manage "grant.manage" step_up true token true,
    }
    /// API tokens.
    token read "token.read" {
        Read "token.read" step_up false token true,
        Create "token.create" step_up true token false,
    }
    /// Exceptions from the container policy, by name.
    policy read "policy.read" {
        Read "policy.read" step_up false token true,
        Manage "policy.manage" step_up true token false,
    }
    /// Short changes and break glass in protected environments.
    change read "change.read" {
        Read "change.read" step_up false token true,
        Create "change.create" step_up false token true,
        Approve "change.approve" step_up true token false,
        BreakGlass "change.break_glass" step_up true token false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_table_agree() {
        assert_eq!(ALL[container::Operate::INDEX].name, "container.operate");
        assert_eq!(ALL[container::Operate::READ].name, "container.read");
        assert!(ALL.len() < 128, "a permission set has 128 bits");
        let names: std::collections::BTreeSet<_> = ALL.iter().map(|p| p.name).collect();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn patterns_take_what_they_name() {
        let set = PermissionSet::matching(&["container.*", "*.read"]);
        assert!(set.has(container::Exec::INDEX) && set.has(audit::Read::INDEX));
        assert!(!set.has(host::Manage::INDEX));
        assert_eq!(PermissionSet::from_names(["container.read", "no.such"]).names().collect::<Vec<_>>(), ["container.read"]);
    }

    #[test]
    fn tokens_never_do_what_is_a_persons_alone() {
        for p in ALL {
            let action = p.name.split_once('.').expect("dotted").1;
            if ["approve", "exec", "reveal", "break_glass"].contains(&action) || p.name == "token.create" {
                assert!(!p.token, "{}", p.name);
            }
        }
    }
}
