//! Namespaces of the host and of other containers.

use super::super::{finding::Found, rules::Rules, wanted::Wanted};

pub fn check(wanted: &Wanted, rules: &Rules, found: &mut Found) {
    for (field, mode) in wanted.namespaces() {
        if mode == "host" {
            // With cgroup v1 there is no other.
            if field != "cgroup_namespace_mode" || !rules.cgroup_v1 {
                found.add(field, "host_namespace", mode);
            }
        } else if let Some(other) = mode.strip_prefix("container:") {
            if !rules.siblings.contains(other) {
                found.add(field, "foreign_namespace", other);
            }
        } else if mode.contains([':', '/']) {
            // A path to a namespace, or something that this version does not know.
            found.add(field, "foreign_namespace", mode);
        }
    }
}
