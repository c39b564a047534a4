//! What weighs on the host's kernel: sysctls, ulimits, memory's last resort, real time.

use super::super::{finding::Found, wanted::Wanted};

/// Namespaced and harmless to others.
const SYSCTLS: [&str; 13] = [
    "kernel.shm_rmid_forced",
    "net.core.somaxconn",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv6.conf.all.disable_ipv6",
];
/// As many open files as engines give by themselves.
const OPEN_FILES: i64 = 1_048_576;
const PROCESSES: i64 = 1_048_576;

pub fn check(wanted: &Wanted, found: &mut Found) {
    for name in wanted.sysctls.keys() {
        if !SYSCTLS.contains(&name.as_str()) {
            found.add(format!("sysctls.{name}"), "sysctl", name);
        }
    }
    for (i, limit) in wanted.ulimits.iter().enumerate() {
        let most = limit.soft.max(limit.hard);
        // -1 is no limit.
        let above = |bound: i64| limit.soft < 0 || limit.hard < 0 || most > bound;
        let too_much = match limit.name.as_str() {
            "nofile" => above(OPEN_FILES),
            "nproc" => above(PROCESSES),
            "core" | "cpu" | "data" | "fsize" | "stack" => false,
            // Locked memory, priorities, queues of the kernel.
            _ => above(0),
        };
        if too_much {
            found.add(format!("ulimits[{i}]"), "ulimit", &limit.name);
        }
    }
    if wanted.oom_score < 0 {
        found.add("oom_score", "oom_score", wanted.oom_score.to_string());
    }
    if wanted.oom_kill_disabled {
        found.add("oom_kill_disabled", "oom_kill_disabled", "");
    }
    if wanted.realtime {
        found.add("realtime", "realtime", "");
    }
}
