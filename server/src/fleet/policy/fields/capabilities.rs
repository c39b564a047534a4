//! Capabilities beyond those that every container has.

use super::super::{finding::Found, wanted::Wanted};

/// Docker's own set.
const DEFAULT: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

pub fn check(wanted: &Wanted, found: &mut Found) {
    for (i, capability) in wanted.capabilities_added.iter().enumerate() {
        let upper = capability.trim().to_ascii_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if !DEFAULT.contains(&name) {
            found.add(format!("capabilities_added[{i}]"), "capability", name);
        }
    }
}
