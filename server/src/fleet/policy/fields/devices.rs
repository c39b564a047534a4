//! Devices of the host.

use super::super::{finding::Found, path::normal, wanted::Wanted};

pub fn check(wanted: &Wanted, found: &mut Found) {
    for (i, device) in wanted.devices.iter().enumerate() {
        let path = normal(&device.host_path).unwrap_or_else(|| device.host_path.clone());
        found.add(format!("devices[{i}]"), "device", path);
    }
    for (i, driver) in wanted.device_requests.iter().enumerate() {
        found.add(format!("device_requests[{i}]"), "device_request", driver);
    }
    for (i, rule) in wanted.device_cgroup_rules.iter().enumerate() {
        found.add(format!("device_cgroup_rules[{i}]"), "device_cgroup_rule", rule);
    }
}
