//! What a list's `snapshot` says: a number that grows when what the asking person sees has changed, and does not tell of anything else.
//!
//! The fleet's own version would: it grows with every container of every project. So each person has versions of their own, given out
//! as the marks of what they see change.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    auth::{Actor, actor::Identity},
    clock::Millis,
    fleet::model::next_version,
};

/// How many are remembered; beyond, all begin anew.
const REMEMBERED: usize = 20_000;

/// The versions that were given out last.
#[derive(Debug, Default)]
pub struct Versions(Mutex<HashMap<(String, &'static str), Given>>);

#[derive(Clone, Copy, Debug)]
struct Given {
    /// The fleet's version that it was seen at.
    fleet: u64,
    mark: u64,
    version: u64,
}

impl Versions {
    /// The version of what somebody sees of a `kind` of objects, by its mark at a version of the fleet.
    pub fn of(&self, actor: &Actor, kind: &'static str, fleet: u64, mark: u64, now: Millis) -> u64 {
        let whose = match &actor.identity {
            Identity::Token { token, .. } => token.clone(),
            _ => actor.user_id().to_owned(),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        let given = all.entry((whose, kind)).or_insert(Given { fleet, mark, version: now.unsigned_abs() });
        if given.mark == mark {
            given.fleet = given.fleet.max(fleet);
            return given.version;
        }
        if fleet < given.fleet {
            // Another answer was quicker and knows more.
            return given.version - 1;
        }
        *given = Given { fleet, mark, version: next_version(given.version, now) };
        given.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_grows_with_what_is_seen_and_with_nothing_else() {
        let (versions, actor) = (Versions::default(), Actor::command_line());
        let of = |fleet, mark, now| versions.of(&actor, "container", fleet, mark, now);
        assert_eq!(of(1, 7, 1000), 1000);
        assert_eq!(of(9, 7, 2000), 1000, "others' changes");
        assert_eq!(of(10, 8, 2000), 2000);
        assert_eq!(of(11, 9, 2000), 2001, "twice within a millisecond");
        assert_eq!(of(10, 8, 2000), 2000, "an answer that was made before");
        assert_eq!(of(12, 8, 1500), 2002, "as it was once; the clock was set back");
        assert_eq!(versions.of(&actor, "host", 12, 8, 1500), 1500);
    }
}
