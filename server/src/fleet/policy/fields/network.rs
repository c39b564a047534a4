//! What others can reach, and names that others may mistake.

use super::super::{finding::Found, rules::Rules, wanted::Wanted};

pub fn check(wanted: &Wanted, rules: &Rules, found: &mut Found) {
    for (i, line) in wanted.extra_hosts.iter().enumerate() {
        // `name:address` or `name=address`.
        let address = line.split_once(['=', ':']).map_or("", |(_, address)| address.trim());
        if address.eq_ignore_ascii_case("host-gateway") {
            found.add(format!("extra_hosts[{i}]"), "host_gateway", line);
        }
    }
    for (i, port) in wanted.ports.iter().enumerate() {
        let may = |p: &str| matches!(p, "" | "0") || p.parse().is_ok_and(|p: u16| rules.ports.contains(&p));
        if !port.host_port.split('-').all(may) {
            found.add(format!("ports[{i}]"), "published_port", &port.host_port);
        }
    }
    for (i, link) in wanted.links.iter().enumerate() {
        let name = link.split(':').next().unwrap_or_default().trim_start_matches('/');
        if !rules.siblings.contains(name) {
            found.add(format!("links[{i}]"), "foreign_link", name);
        }
    }
    for network in &wanted.networks {
        for (i, alias) in network.aliases.iter().enumerate() {
            let reserved = rules.reserved_names.iter().any(|n| n.eq_ignore_ascii_case(alias));
            // A name with a dot answers for a domain.
            if reserved || alias.contains('.') {
                found.add(format!("networks.{}.aliases[{i}]", network.name), "network_alias", alias);
            }
        }
        for (i, link) in network.links.iter().enumerate() {
            let name = link.split(':').next().unwrap_or_default();
            if !rules.siblings.contains(name) {
                found.add(format!("networks.{}.links[{i}]", network.name), "foreign_link", name);
            }
        }
        for name in network.options.keys() {
            found.add(format!("networks.{}.options.{name}", network.name), "network_option", name);
        }
    }
}
