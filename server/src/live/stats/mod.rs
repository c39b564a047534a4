//! What containers use, for who watches them: one round every two seconds for all sockets, one frame for each subscription.
//!
//! A round is offered to every watching subscription (`subscription/stats.rs`), which makes a frame of what its person may read.

mod pump;
mod streams;

use std::{collections::HashMap, sync::Arc};

use app::api::stats::Figures;

use crate::{
    auth::{Permitted, permission::container::Read},
    clock::Millis,
    fleet::model::{ContainerEntry, HostEntry, Snapshot},
};

pub use pump::run;

/// A container on a host.
pub type Key = (String, String);

/// What all watched containers used at one moment.
#[derive(Debug)]
pub struct Round {
    pub at: Millis,
    pub of: HashMap<Key, Seen>,
}

/// One container's part, with what says whose it is.
#[derive(Debug)]
pub struct Seen {
    pub environment_id: Option<String>,
    pub created_at: Millis,
    pub figures: Figures,
}

/// What is watched by somebody who may read it.
#[derive(Debug)]
pub struct Wanted<'a> {
    pub snapshot: &'a Snapshot,
    pub now: Millis,
    pub containers: HashMap<Key, WantedContainer>,
    /// Whether anybody watches anything.
    pub is_watched: bool,
}

#[derive(Debug)]
pub struct WantedContainer {
    pub host: Arc<HostEntry>,
    pub entry: Arc<ContainerEntry>,
    /// Of one of those who watch.
    pub permitted: Permitted<Read>,
}
