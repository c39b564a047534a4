//! Directories of the host, volumes, what comes from other containers and from the image.

use std::collections::BTreeMap;

use super::super::{
    finding::Found,
    path::{normal, touch, within},
    rules::Rules,
    wanted::{Wanted, WantedMount},
};

/// Whoever reaches one of these is root on the host.
const ENGINE: [&str; 9] = [
    "/run/docker.sock",
    "/run/docker",
    "/run/containerd",
    "/run/dockershim.sock",
    "/run/crio",
    "/run/podman",
    "/var/lib/containerd",
    "/etc/docker",
    "/run/ecos",
];
/// Nothing may be mounted over these inside a container.
const TARGETS: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Below them, what engines and people mount by custom.
const TARGETS_ALLOWED: [&str; 2] = ["/dev/shm", "/dev/mqueue"];

pub fn check(wanted: &Wanted, rules: &Rules, found: &mut Found) {
    for (i, mount) in wanted.mounts.iter().enumerate() {
        let field = |name: &str| format!("mounts[{i}].{name}");
        match mount.kind.as_str() {
            "bind" => bind(mount, rules, &field("source"), found),
            "volume" => volume(mount, wanted, i, found),
            "tmpfs" | "image" => {}
            // Named pipes, cluster volumes, and what this version does not know.
            kind => found.add(field("kind"), "mount_kind", kind),
        }
        if !matches!(mount.propagation.as_str(), "" | "private" | "rprivate") {
            found.add(field("propagation"), "mount_propagation", &mount.propagation);
        }
        target(&mount.target, &field("target"), found);
    }
    if !matches!(wanted.volume_driver.as_str(), "" | "local") {
        found.add("volume_driver", "plugin", &wanted.volume_driver);
    }
    for (i, from) in wanted.volumes_from.iter().enumerate() {
        let name = from.split(':').next().unwrap_or_default();
        if !rules.siblings.contains(name) {
            found.add(format!("volumes_from[{i}]"), "foreign_volumes", name);
        }
    }
    for (i, path) in wanted.image_volumes.iter().enumerate() {
        target(path, &format!("image_volumes[{i}]"), found);
    }
}

/// Whether a path of the host holds, or lies in, what makes root of whoever has it.
pub fn reaches_engine(path: &str) -> bool {
    normal(path).is_some_and(|path| ENGINE.iter().any(|engine| touch(&path, engine)))
}

fn bind(mount: &WantedMount, rules: &Rules, field: &str, found: &mut Found) {
    let Some(path) = normal(&mount.source) else {
        found.add(field, "bind", &mount.source);
        return;
    };
    if reaches_engine(&path) || normal(&rules.engine_root).is_some_and(|root| touch(&path, &root)) {
        found.add(field, "bind_engine", path);
    } else {
        found.add(field, "bind", path);
    }
}

fn volume(mount: &WantedMount, wanted: &Wanted, i: usize, found: &mut Found) {
    let kept = wanted.volumes.get(&mount.source);
    let driver = kept.map(|v| v.driver.as_str()).filter(|d| !d.is_empty()).unwrap_or(&mount.driver);
    if !matches!(driver, "" | "local") {
        found.add(format!("mounts[{i}].driver"), "plugin", driver);
    }
    for options in [Some(&mount.options), kept.map(|v| &v.options)].into_iter().flatten() {
        if !plain(options) {
            let code = if is_bind(options) { "volume_bind" } else { "volume_options" };
            found.add(format!("mounts[{i}].options"), code, &mount.source);
        }
    }
}

/// No options, or a file system in memory.
fn plain(options: &BTreeMap<String, String>) -> bool {
    let get = |key: &str| options.get(key).map_or("", String::as_str);
    let known = options.keys().all(|k| matches!(k.as_str(), "type" | "device" | "o" | "size"));
    let in_memory = get("type") == "tmpfs" && matches!(get("device"), "" | "tmpfs");
    options.is_empty() || known && in_memory && !get("o").split(',').any(|o| o.trim().ends_with("bind"))
}

/// The local driver mounts whatever `device` names.
fn is_bind(options: &BTreeMap<String, String>) -> bool {
    options.get("o").is_some_and(|o| o.split(',').any(|o| matches!(o.trim(), "bind" | "rbind")))
        || options.get("device").is_some_and(|d| d.trim().starts_with('/') && !d.trim().starts_with("//"))
}

fn target(path: &str, field: &str, found: &mut Found) {
    let Some(normal) = normal(path) else { return };
    let allowed = TARGETS_ALLOWED.iter().any(|t| within(&normal, t));
    if normal == "/" || TARGETS.iter().any(|t| within(&normal, t)) && !allowed {
        found.add(field, "mount_target", normal);
    }
}
