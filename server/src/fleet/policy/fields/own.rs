//! The console's own containers, volumes and directories.

use super::super::{
    finding::Found,
    path::{normal, within},
    rules::Rules,
    wanted::Wanted,
};

pub fn check(wanted: &Wanted, rules: &Rules, found: &mut Found) {
    if rules.own.containers.contains(&wanted.id) {
        // What it mounts is its own.
        found.add("id", "own_container", &wanted.name);
        return;
    }
    let namespaces = wanted.namespaces().into_iter().filter_map(|(field, mode)| Some((field.to_owned(), mode.strip_prefix("container:")?)));
    let volumes = wanted.volumes_from.iter().enumerate().map(|(i, from)| (format!("volumes_from[{i}]"), before_colon(from)));
    let links = wanted.links.iter().enumerate().map(|(i, link)| (format!("links[{i}]"), before_colon(link).trim_start_matches('/')));
    for (field, other) in namespaces.chain(volumes).chain(links) {
        if rules.own.is_meant(other) {
            found.add(field, "own_container", other);
        }
    }
    for (i, mount) in wanted.mounts.iter().enumerate() {
        let field = || format!("mounts[{i}].source");
        if mount.kind == "volume" && rules.own.volumes.contains(&mount.source) {
            found.add(field(), "own_volume", &mount.source);
        }
        let Some(path) = normal(&mount.source).filter(|_| mount.kind == "bind") else { continue };
        let mut own = rules.own.paths.iter().filter_map(|own| normal(own));
        if own.clone().any(|own| within(&path, &own)) {
            found.add(field(), "own_path", &mount.source);
        } else if own.any(|own| within(&own, &path)) {
            found.add(field(), "holds_own_path", &mount.source);
        }
    }
}

fn before_colon(text: &str) -> &str {
    text.split(':').next().unwrap_or_default()
}
