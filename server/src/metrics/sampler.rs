//! Looks at containers by the kernel's files.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use app::api::stats::Figures;

use super::{
    cgroup::Tree,
    reader::{Buffer, Reader},
    sample::{Sample, figures},
};

/// After so long, what was not found is looked for again.
const FORGIVE: Duration = Duration::from_secs(30);
/// Samples kept of what is watched, for rates.
const KEPT: usize = 3;

/// What a sample is for: each road makes its rates between its own samples, so that neither shortens the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The ten-second tier.
    Tier,
    /// Somebody looks.
    Live,
}

/// Reads control groups. Blocking: call it where that is allowed.
#[derive(Debug)]
pub struct Sampler {
    tree: Option<Tree>,
    proc_root: PathBuf,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: HashMap<String, Known>,
    /// Not found, and when that was last looked up.
    missing: HashSet<String>,
    missed_at: Duration,
    buffer: Buffer,
}

#[derive(Debug)]
struct Known {
    reader: Reader,
    tier: Option<Sample>,
    /// Newest first.
    live: VecDeque<Sample>,
}

impl Sampler {
    pub fn new(cgroup_root: &Path, proc_root: &Path) -> Self {
        Self { tree: Tree::find(cgroup_root), proc_root: proc_root.to_owned(), began: Instant::now(), state: Mutex::default() }
    }

    /// Whether there is anything to read on this machine.
    pub fn reads(&self) -> bool {
        self.tree.is_some()
    }

    /// The figures of those of these containers that files are found of.
    pub fn look<'a>(&self, ids: impl IntoIterator<Item = &'a str>, purpose: Purpose) -> HashMap<&'a str, Figures> {
        self.look_at(ids, purpose, self.began.elapsed())
    }

    /// The same, at a moment that is told.
    pub(super) fn look_at<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
        purpose: Purpose,
        moment: Duration,
    ) -> HashMap<&'a str, Figures> {
        let mut found = HashMap::new();
        let Some(tree) = &self.tree else { return found };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        if moment.saturating_sub(state.missed_at) >= FORGIVE {
            state.missing.clear();
            state.missed_at = moment;
        }
        let mut searched = false;
        for id in ids {
            if !state.known.contains_key(id) && !state.missing.contains(id) {
                if !std::mem::replace(&mut searched, true) {
                    for (id, group) in tree.containers() {
                        let known = || Known { reader: Reader::new(tree, &group), tier: None, live: VecDeque::new() };
                        state.known.entry(id).or_insert_with(known);
                    }
                }
                if !state.known.contains_key(id) {
                    state.missing.insert(id.to_owned());
                }
            }
            let Some(known) = state.known.get_mut(id) else { continue };
            match known.reader.sample(moment, &self.proc_root, &mut state.buffer) {
                Ok(sample) => {
                    found.insert(id, known.take(sample, purpose));
                }
                // It has ended; should it start again, its group is made anew.
                Err(_) => drop(state.known.remove(id)),
            }
        }
        found
    }

    /// Forgets all but these.
    pub fn retain(&self, keep: impl Fn(&str) -> bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).known.retain(|id, _| keep(id));
    }
}

impl Known {
    fn take(&mut self, sample: Sample, purpose: Purpose) -> Figures {
        match purpose {
            Purpose::Tier => figures(&sample, self.tier.replace(sample)),
            Purpose::Live => {
                let figures = figures(&sample, self.live.iter().copied().chain(self.tier));
                self.live.push_front(sample);
                self.live.truncate(KEPT);
                figures
            }
        }
    }
}
