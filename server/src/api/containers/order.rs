//! The order in which a group's containers are acted on: what others depend on starts first and ends last, as compose wrote it down.

use std::collections::HashMap;

use app::api::container::ContainerRef;

use crate::fleet::model::{ContainerEntry, Snapshot};

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// What others depend on: they are to find it.
    Needed,
    /// What depends on others.
    Needing,
}

/// Places of `refs`, in steps: what is in one step may be done at once.
pub fn steps(snapshot: &Snapshot, refs: &[ContainerRef], first: First) -> Vec<Vec<usize>> {
    let entry = |r: &ContainerRef| snapshot.find(&r.id).into_iter().find(|(host, _)| host.id == r.host_id).map(|(_, c)| c.as_ref());
    let entries: Vec<Option<&ContainerEntry>> = refs.iter().map(entry).collect();
    // Services by host and compose project.
    let mut services: HashMap<(&str, &str, &str), Vec<usize>> = HashMap::new();
    for (i, (r, entry)) in refs.iter().zip(&entries).enumerate() {
        if let Some((project, service)) = entry.and_then(|c| Some((c.compose_project.as_deref()?, c.compose_service.as_deref()?))) {
            services.entry((&r.host_id, project, service)).or_default().push(i);
        }
    }
    let needs = |i: usize| -> Vec<usize> {
        let Some(c) = entries[i] else { return Vec::new() };
        let Some(project) = c.compose_project.as_deref() else { return Vec::new() };
        let of = |service: &String| services.get(&(refs[i].host_id.as_str(), project, service.as_str())).cloned().unwrap_or_default();
        c.compose_depends_on.iter().flat_map(of).collect()
    };
    let mut depth = vec![0_usize; refs.len()];
    // Longest paths by repetition; a circle, which compose itself refuses, ends after as many rounds as there are containers.
    for _ in 0..refs.len() {
        let mut changed = false;
        for i in 0..refs.len() {
            let wanted = needs(i).into_iter().map(|n| depth[n] + 1).max().unwrap_or_default();
            if wanted > depth[i] && wanted <= refs.len() {
                (depth[i], changed) = (wanted, true);
            }
        }
        if !changed {
            break;
        }
    }
    let deepest = depth.iter().copied().max().unwrap_or_default();
    let step = |d: usize| if first == First::Needed { d } else { deepest - d };
    let mut steps = vec![Vec::new(); deepest + 1];
    for (i, d) in depth.into_iter().enumerate() {
        steps[step(d)].push(i);
    }
    steps.retain(|s| !s.is_empty());
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::list::tests::{container, host};

    #[test]
    fn what_others_need_starts_first_and_ends_last() {
        let service = |n: usize, name: &str, needs: &[&str]| {
            let mut c = container(n, Some("shop"));
            c.compose_service = Some(name.to_owned());
            c.compose_depends_on = needs.iter().map(|n| (*n).to_owned()).collect();
            c
        };
        let all = vec![
            service(1, "web", &["api"]),
            service(2, "api", &["db", "cache"]),
            service(3, "db", &[]),
            service(4, "cache", &[]),
            container(5, None),
        ];
        let refs: Vec<ContainerRef> = all.iter().map(|c| ContainerRef { host_id: "id-a".into(), id: c.id.clone() }).collect();
        let snapshot = Snapshot { version: 1, hosts: vec![host("a", None, all)] };
        assert_eq!(steps(&snapshot, &refs, First::Needed), [vec![2, 3, 4], vec![1], vec![0]]);
        assert_eq!(steps(&snapshot, &refs, First::Needing), [vec![0], vec![1], vec![2, 3, 4]]);
        assert_eq!(steps(&snapshot, &refs[..1], First::Needed), [vec![0]], "what is not asked for is not waited for");
        assert!(steps(&Snapshot::default(), &refs, First::Needing).len() == 1 && steps(&snapshot, &[], First::Needing).is_empty());
    }

    #[test]
    fn a_circle_has_an_end() {
        let service = |n: usize, name: &str, need: &str| {
            let mut c = container(n, Some("shop"));
            (c.compose_service, c.compose_depends_on) = (Some(name.to_owned()), vec![need.to_owned()]);
            c
        };
        let all = vec![service(1, "a", "b"), service(2, "b", "a")];
        let refs: Vec<ContainerRef> = all.iter().map(|c| ContainerRef { host_id: "id-a".into(), id: c.id.clone() }).collect();
        let snapshot = Snapshot { version: 1, hosts: vec![host("a", None, all)] };
        assert_eq!(steps(&snapshot, &refs, First::Needed).concat().len(), 2);
    }
}
