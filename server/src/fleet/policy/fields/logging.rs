//! Where log lines go.

use super::super::{finding::Found, wanted::Wanted};

/// They keep lines on the host.
const LOCAL: [&str; 5] = ["", "json-file", "local", "journald", "none"];
/// The engine's own that send lines elsewhere.
const SENDING: [&str; 9] = ["awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "logentries", "splunk", "syslog", "logentries"];

pub fn check(wanted: &Wanted, found: &mut Found) {
    let driver = wanted.log_driver.as_str();
    if !LOCAL.contains(&driver) {
        found.add("log_driver", if SENDING.contains(&driver) { "log_driver" } else { "plugin" }, driver);
    }
    for (name, value) in &wanted.log_options {
        let addressed = ["address", "url", "endpoint", "host", "proxy"].iter().any(|w| name.contains(w));
        let path = name.ends_with("path") || name.contains("cert") || name.ends_with("-key");
        if addressed || path || value.contains("://") {
            // Its value may hold a secret.
            found.add(format!("log_options.{name}"), "log_address", name);
        }
    }
}
