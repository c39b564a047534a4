//! Whether the console runs in a container, and in which.

use std::fs;

/// The id of the container that this process is in, as its mounts and cgroups tell. `None` outside of one.
pub fn this_container() -> Option<String> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    from_mounts(&read("/proc/self/mountinfo")).or_else(|| from_cgroups(&read("/proc/self/cgroup")))
}

/// Docker mounts `…/containers/<id>/hostname` and its like.
fn from_mounts(mountinfo: &str) -> Option<String> {
    let of_line = |line: &str| {
        let mut fields = line.split(' ').skip(3);
        let (root, target) = (fields.next()?, fields.next()?);
        if !matches!(target, "/etc/hostname" | "/etc/hosts" | "/etc/resolv.conf") {
            return None;
        }
        root.split("/containers/").nth(1)?.split('/').next().filter(|id| is_full_id(id)).map(str::to_owned)
    };
    mountinfo.lines().find_map(of_line)
}

fn from_cgroups(cgroups: &str) -> Option<String> {
    let of_line = |line: &str| {
        let last = line.rsplit('/').next()?;
        let id = last.strip_prefix("docker-").unwrap_or(last);
        let id = id.strip_suffix(".scope").unwrap_or(id);
        is_full_id(id).then(|| id.to_owned())
    };
    cgroups.lines().find_map(of_line)
}

fn is_full_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_knows_its_own_id() {
        let id = "0123456789abcdef".repeat(4);
        let mounts = format!(
            "25 30 0:22 / /sys rw - sysfs sysfs rw\n31 30 8:1 /var/lib/docker/containers/{id}/hostname /etc/hostname rw - ext4 /dev/sda rw"
        );
        assert_eq!(from_mounts(&mounts), Some(id.clone()));
        assert_eq!(from_cgroups(&format!("12:pids:/docker/{id}\n")), Some(id.clone()));
        assert_eq!(from_cgroups(&format!("0::/system.slice/docker-{id}.scope\n")), Some(id));
        assert_eq!(from_cgroups("0::/user.slice/session-1.scope"), None);
        assert_eq!(from_mounts("31 30 8:1 /etc/hostname /etc/hostname rw - ext4 /dev/sda rw"), None);
    }
}
