//! The built-in roles. Custom ones are rows beside them.

use super::permission::PermissionSet;

/// A built-in role: its name and the patterns of what it holds.
pub const BUILT_IN: &[(&str, &[&str])] = &[
    ("platform-admin", &["*"]),
    ("security-admin", &["user.*", "role.*", "grant.*", "token.*", "policy.*", "audit.read", "host.read", "project.read", "environment.*"]),
    ("auditor", &["*.read"]),
    (
        "operator",
        &[
            "container.read",
            "container.operate",
            "container.create",
            "container.update",
            "container.delete",
            "container.exec",
            "network.read",
            "network.use",
            "volume.read",
            "volume.use",
            "event.read",
            "host.read",
            "operation.read",
            "operation.operate",
            "policy.read",
            "project.read",
            "environment.read",
            "platform.read",
            "change.read",
            "change.create",
            "change.break_glass",
        ],
    ),
    (
        "project-owner",
        &[
            "container.*",
            "network.*",
            "volume.*",
            "event.read",
            "host.read",
            "operation.read",
            "audit.read",
            "project.*",
            "environment.read",
            "change.read",
            "change.create",
            "grant.*",
        ],
    ),
    (
        "developer",
        &[
            "container.read",
            "container.operate",
            "container.create",
            "container.update",
            "container.delete",
            "container.exec",
            "network.read",
            "network.use",
            "volume.read",
            "volume.use",
            "event.read",
            "host.read",
            "operation.read",
            "project.read",
            "environment.read",
            "change.read",
            "change.create",
        ],
    ),
    (
        "approver",
        &[
            "container.read",
            "event.read",
            "host.read",
            "operation.read",
            "project.read",
            "environment.read",
            "change.read",
            "change.approve",
        ],
    ),
    ("viewer", &["container.read", "event.read", "host.read", "operation.read", "policy.read", "project.read", "environment.read"]),
];

/// What a built-in role holds.
pub fn built_in(name: &str) -> Option<PermissionSet> {
    BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, patterns)| PermissionSet::matching(patterns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::permission::{Permission as _, change, container, grant, host};

    #[test]
    fn duties_are_separate() {
        let role = |name| built_in(name).expect("built in");
        assert!(!role("security-admin").has(container::Operate::INDEX));
        assert!(!role("operator").has(grant::Manage::INDEX));
        assert!(!role("approver").has(container::Operate::INDEX));
        assert!(!role("operator").has(change::Approve::INDEX));
        assert!(!role("auditor").has(host::Manage::INDEX));
        assert!(role("viewer").names().all(|n| n.split_once('.').is_some_and(|(_, action)| action == "read")));
        assert_eq!(built_in("root"), None);
    }
}
