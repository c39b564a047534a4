//! Privileges, security options, what the engine masks, runtimes and their annotations.

use std::collections::BTreeSet;

use super::super::{finding::Found, wanted::Wanted};

/// What every engine since 20.10 hides.
const MASKED: [&str; 7] =
    ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"];
/// What it makes read-only.
const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
const RUNTIMES: [&str; 4] = ["", "runc", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"];

pub fn check(wanted: &Wanted, found: &mut Found) {
    if wanted.privileged {
        found.add("privileged", "privileged", "");
    }
    for (i, option) in wanted.security_options.iter().enumerate() {
        if !harmless(option) {
            // A profile may be a whole document: its kind is enough.
            let kind = option.split(['=', ':']).next().unwrap_or_default();
            found.add(format!("security_options[{i}]"), "security_option", kind);
        }
    }
    // A privileged container masks nothing; it is found already.
    if !wanted.privileged {
        lacks("masked_paths", "unmasked_path", wanted.masked_paths.as_ref(), &MASKED, found);
        lacks("read_only_paths", "writable_path", wanted.read_only_paths.as_ref(), &READ_ONLY, found);
    }
    if !RUNTIMES.contains(&wanted.runtime.as_str()) {
        found.add("runtime", "runtime", &wanted.runtime);
    }
    for key in wanted.annotations.keys() {
        found.add(format!("annotations.{key}"), "annotation", key);
    }
    if !wanted.cgroup_parent.is_empty() {
        found.add("cgroup_parent", "cgroup_parent", &wanted.cgroup_parent);
    }
}

/// Options that take rights away, or say what holds anyway.
fn harmless(option: &str) -> bool {
    matches!(
        option,
        "no-new-privileges"
            | "no-new-privileges=true"
            | "no-new-privileges:true"
            | "seccomp=builtin"
            | "seccomp:builtin"
            | "apparmor=docker-default"
            | "apparmor:docker-default"
    )
}

fn lacks(field: &str, code: &'static str, paths: Option<&BTreeSet<String>>, needed: &[&str], found: &mut Found) {
    let Some(paths) = paths else { return };
    for path in needed.iter().filter(|p| !paths.contains(**p)) {
        found.add(field, code, *path);
    }
}
