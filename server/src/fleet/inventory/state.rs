//! What is held of one engine, behind its host's lock.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use app::api::{
    container::ContainerState,
    host::{Engine as EngineFacts, HostCause, HostState},
};

use super::{
    facts::Facts,
    history::{End, History},
    list::CONTAINERS,
    merge::{Applied, Known, Read},
    reads::Wanted,
};
use crate::{
    clock::Millis,
    fleet::{
        HostConfig,
        connector::Fault,
        events::Past,
        model::{ContainerEntry, HostEntry, mark},
    },
};

#[derive(Debug)]
pub struct Inner {
    pub config: HostConfig,
    pub known: Known<Facts>,
    pub histories: HashMap<String, History>,
    pub state: HostState,
    pub since: Millis,
    /// Why it is unreachable.
    pub fault: Option<Fault>,
    pub fresh_at: Option<Millis>,
    pub slow: bool,
    pub ping_ms: Option<u32>,
    pub engine: Option<Arc<EngineFacts>>,
    pub entries: Arc<Vec<Arc<ContainerEntry>>>,
    /// Containers to be inspected, the urgent ones first.
    pub wanted: VecDeque<Wanted>,
    pub queued: HashSet<String>,
    /// Containers whose registry had another image under their image's name.
    pub newer: HashSet<String>,
    /// Events that were heard: their moment, object and word.
    pub heard: VecDeque<(i64, String, String)>,
    /// The engine's moment of the last event heard.
    pub last_nanos: Option<i64>,
    pub version: u64,
    /// The engine's clock at the last ping, in whole seconds.
    pub engine_seconds: Option<i64>,
}

impl Inner {
    pub fn new(config: HostConfig, past: Vec<Past>, now: Millis) -> Self {
        let mut histories: HashMap<String, History> = HashMap::new();
        // From the millisecond after the last event that was kept: the engine may still tell what came since.
        let last_nanos = past.iter().map(|p| p.at).max().map(|at| (at + 1).saturating_mul(1_000_000));
        for p in past {
            histories.entry(p.object_id).or_default().heard_before(&p.action, p.at, p.exit_code, p.oom_killed);
        }
        Self {
            config,
            known: Known::default(),
            histories,
            state: HostState::Connecting,
            since: now,
            fault: None,
            fresh_at: None,
            slow: false,
            ping_ms: None,
            engine: None,
            entries: Arc::default(),
            wanted: VecDeque::new(),
            queued: HashSet::new(),
            newer: HashSet::new(),
            heard: VecDeque::new(),
            last_nanos,
            version: 0,
            engine_seconds: None,
        }
    }

    /// Puts a container before those that only a list asked for.
    pub fn want(&mut self, id: &str) {
        if self.queued.len() < CONTAINERS && self.queued.insert(id.to_owned()) {
            self.wanted.push_front(Wanted { id: id.to_owned(), urgent: true });
        }
    }

    pub fn apply(&mut self, read: Read, id: &str, seen: Option<Facts>) -> Applied {
        let ended = seen
            .as_ref()
            .filter(|f| f.ended())
            .and_then(|f| Some(End { at: f.finished_at?, exit_code: f.exit_code, oom_killed: f.oom_killed }));
        let gone = seen.is_none();
        let applied = self.known.apply(read, id, seen);
        if applied == Applied::Yes {
            if gone {
                self.histories.remove(id);
            } else if ended.is_some() {
                self.histories.entry(id.to_owned()).or_default().inspected(ended);
            }
        }
        applied
    }

    /// Whether a container runs, as far as events and reads tell.
    pub fn is_up(&self, id: &str) -> bool {
        let heard = self.histories.get(id).and_then(|h| h.up);
        heard.unwrap_or_else(|| self.known.get(id).is_some_and(|f| f.state == ContainerState::Running))
    }

    pub fn restarts_itself(&self, id: &str) -> bool {
        self.known.get(id).is_some_and(|f| f.restarts_itself)
    }

    pub fn entry(&self, id: &str) -> Option<Arc<ContainerEntry>> {
        let at = self.entries.binary_search_by(|e| e.id.as_str().cmp(id)).ok()?;
        Some(Arc::clone(&self.entries[at]))
    }

    pub fn make_entry(&self, id: &str, version: u64, now: Millis) -> Option<ContainerEntry> {
        let facts = self.known.get(id)?;
        let history = self.histories.get(id);
        let last_end = history.and_then(|h| h.last_end);
        Some(ContainerEntry {
            id: id.to_owned(),
            name: facts.name.clone(),
            image: facts.image.clone(),
            image_id: facts.image_id.clone(),
            image_newer: self.newer.contains(id),
            state: facts.state,
            health: facts.health,
            exit_code: facts.exit_code.or_else(|| last_end.and_then(|e| e.exit_code)),
            oom_killed: facts.oom_killed || last_end.is_some_and(|e| e.oom_killed),
            restart_loop: facts.state == ContainerState::Restarting || history.is_some_and(|h| h.in_a_loop(now)),
            restarts_24h: history.map_or(0, |h| h.restarts_24h(now)),
            created_at: facts.created_at,
            started_at: facts.started_at,
            finished_at: facts.finished_at.or_else(|| last_end.map(|e| e.at)),
            ports: facts.ports.clone(),
            compose_project: facts.compose_project.clone(),
            compose_service: facts.compose_service.clone(),
            compose_depends_on: facts.compose_depends_on.clone(),
            version,
            mark: mark(id, version),
        })
    }

    pub fn host_entry(&self) -> HostEntry {
        HostEntry {
            id: self.config.id.clone(),
            name: self.config.name.clone(),
            environment_id: self.config.environment_id.clone(),
            connection: self.config.endpoint.connection(),
            state: self.state,
            since: self.since,
            cause: self.fault.as_ref().map(|f| HostCause { code: f.code().to_owned(), detail: f.to_string() }),
            fresh_at: self.fresh_at,
            stale: self.slow || self.state == HostState::Unreachable,
            ping_ms: self.ping_ms,
            engine: self.engine.clone(),
            containers: Arc::clone(&self.entries),
            version: self.version,
        }
    }
}
