//! What a container may ask of a host: one function judges the whole result, on every road, under today's rules.
//!
//! **Invariant.** [`Judged`] is made by [`judge`] alone, for one container of one host; what starts something takes it.

mod fields;
mod finding;
mod path;
mod rules;
mod wanted;

#[cfg(test)]
mod tests;

pub(super) use fields::reaches_engine;
pub use finding::Finding;
pub use rules::{Exception, Exceptions, ImageRule, Own, Owner, Road, Rules, Subject};
pub use wanted::{Wanted, WantedDevice, WantedLimit, WantedMount, WantedNetwork, WantedPort, WantedVolume};

/// The proof that a container, as it is, was judged and not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    host_id: String,
    container_id: String,
}

impl Judged {
    /// Whether it is about this container.
    pub fn is_of(&self, host_id: &str, container_id: &str) -> bool {
        self.host_id == host_id && self.container_id == container_id
    }
}

/// What came of judging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed(Judged),
    /// It may be, but whoever does it is told, and the trail too.
    Warned(Judged, Vec<Finding>),
    Refused(Vec<Finding>),
}

/// A finding of a container that is there, and what exceptions are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    pub finding: Finding,
    /// Whether one covers it.
    pub excepted: bool,
    /// Whether one could.
    pub exceptable: bool,
}

/// All that the rules say of a container as it is, whoever asks. Proves nothing: what starts something is judged.
pub fn review(wanted: &Wanted, rules: &Rules, owner: &Owner) -> Vec<Reviewed> {
    let reviewed = |finding: Finding| {
        let excepted = rules.exceptions.cover(&finding, &wanted.name, owner);
        Reviewed { excepted, exceptable: !finding.is_final(), finding }
    };
    fields::check(wanted, rules).into_iter().map(reviewed).collect()
}

/// Judges a whole wanted result: as inspected, with the change that is asked for.
pub fn judge(wanted: &Wanted, rules: &Rules, subject: &Subject) -> Verdict {
    let found: Vec<Finding> =
        fields::check(wanted, rules).into_iter().filter(|f| !rules.exceptions.cover(f, &wanted.name, &subject.owner)).collect();
    let judged = || Judged { host_id: wanted.host_id.clone(), container_id: wanted.id.clone() };
    if found.is_empty() {
        return Verdict::Allowed(judged());
    }
    let platforms = subject.owner == Owner::Platform;
    let unchanged = matches!(subject.road, Road::StartUnchanged | Road::RestartUnchanged);
    let warned_only = platforms && (unchanged || subject.platform_admin && !subject.protected);
    if warned_only && !found.iter().any(|f| f.refuses(subject)) { Verdict::Warned(judged(), found) } else { Verdict::Refused(found) }
}
