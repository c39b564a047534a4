//! Paths as the kernel will read them.

/// An absolute path without `.`, `..`, repeated or trailing slashes; `/var/run` is `/run`. A relative path is none.
pub fn normal(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => {
                parts.push(part);
                // On every system since long a link: what goes on from there, goes on from its target.
                if parts == ["var", "run"] {
                    parts = vec!["run"];
                }
            }
        }
    }
    Some(format!("/{}", parts.join("/")))
}

/// Whether `path` is `at` or below it. Both are normal.
pub fn within(path: &str, at: &str) -> bool {
    at == "/" || path == at || path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether one of them holds the other.
pub fn touch(a: &str, b: &str) -> bool {
    within(a, b) || within(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_writing_hides_a_path() {
        for path in [
            "/var/run/docker.sock",
            "/var/../run/docker.sock",
            "//var//run///docker.sock",
            "/var/run/./docker.sock/",
            "/run/docker.sock//",
            "/../../var/run/docker.sock",
            "/srv/../var/x/../run/docker.sock/.",
            "/run/x/../docker.sock",
        ] {
            assert_eq!(normal(path).as_deref(), Some("/run/docker.sock"), "{path}");
        }
        assert_eq!(normal("/").as_deref(), Some("/"));
        assert_eq!(normal("/..").as_deref(), Some("/"));
        assert_eq!(normal("data"), None);
        assert_eq!(normal("/var/runner").as_deref(), Some("/var/runner"));
        assert_eq!(normal("/var/run/../lib").as_deref(), Some("/lib"), "as the kernel goes: out of /run, not out of /var/run");
    }

    #[test]
    fn below_is_not_beside() {
        assert!(within("/srv/a/b", "/srv/a") && within("/srv/a", "/srv/a") && within("/x", "/"));
        assert!(!within("/srv/ab", "/srv/a") && !within("/srv", "/srv/a"));
        assert!(touch("/", "/run/docker.sock") && touch("/run/docker.sock", "/run"));
    }
}
