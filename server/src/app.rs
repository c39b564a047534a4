//! What every room of the running console shares.

use std::sync::{Arc, Mutex, PoisonError};

use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::{broadcast, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::{
        list::versions::Versions,
        operations::UnderWay,
        places::{FOLLOWED, OPERATIONS, Places, STREAMS, TERMINALS},
    },
    audit::Trail,
    auth::{Authenticator, limits::SignInLimits, password::Passwords},
    clock::Clock,
    config::Settings,
    fleet::{EngineEvent, Fleet, FleetOptions},
    live::{Hub, sources},
    metrics::Usage,
    store::{Store, StoreError, event::EventRow},
    terminal::Terminals,
    workers::Board,
};

/// Engines' events on their way to be kept; more are counted as lost.
const EVENTS: usize = 10_000;

/// The running console. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    settings: Settings,
    closing: CancellationToken,
    clock: Clock,
    random: SystemRandom,
    store: Store,
    trail: Trail,
    auth: Authenticator,
    passwords: Passwords,
    limits: SignInLimits,
    workers: Board,
    fleet: Arc<Fleet>,
    /// For the worker that keeps them.
    events: Mutex<Option<mpsc::Receiver<EngineEvent>>>,
    kept: broadcast::Sender<Arc<EventRow>>,
    hub: Hub,
    usage: Usage,
    versions: Versions,
    streams: Places,
    followed: Places,
    operations: Places,
    under_way: UnderWay,
    terminal_places: Places,
    terminals: Terminals,
    changes: TaskTracker,
}

impl App {
    /// `own_container`: the one that the console runs in, if it does ([`crate::fleet::own::this_container`]).
    pub async fn new(settings: Settings, store: Store, clock: Clock, own_container: Option<String>) -> Result<Self, StoreError> {
        let random = SystemRandom::new();
        let trail = Trail::new(store.clone(), clock.clone());
        let auth = Authenticator::new(store.clone(), clock.clone()).await?;
        let passwords = Passwords::new(&random).await;
        let limits = SignInLimits::new(clock.clone());
        let (sink, events) = mpsc::channel(EVENTS);
        let fleet = Fleet::start(FleetOptions { own_container, ..FleetOptions::default() }, clock.clone(), sink);
        let hub = Hub::new(clock.clone());
        let usage = Usage::new(&settings.docker);
        let kept = broadcast::channel(256).0;
        sources::start(&hub, &trail, &fleet, &kept, &usage);
        Ok(Self(Arc::new(Inner {
            settings,
            closing: CancellationToken::new(),
            clock,
            random,
            store,
            trail,
            auth,
            passwords,
            limits,
            workers: Board::default(),
            fleet,
            events: Mutex::new(Some(events)),
            kept,
            hub,
            usage,
            versions: Versions::default(),
            streams: Places::new(STREAMS),
            followed: Places::new(FOLLOWED),
            operations: Places::new(OPERATIONS),
            under_way: UnderWay::default(),
            terminal_places: Places::new(TERMINALS),
            terminals: Terminals::default(),
            changes: TaskTracker::new(),
        })))
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Cancelled when the console shuts down: sockets and streams end on it, at once.
    pub fn closing(&self) -> &CancellationToken {
        &self.0.closing
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn random(&self) -> &dyn SecureRandom {
        &self.0.random
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub fn trail(&self) -> &Trail {
        &self.0.trail
    }

    pub fn auth(&self) -> &Authenticator {
        &self.0.auth
    }

    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// How often passwords may be tried.
    pub fn limits(&self) -> &SignInLimits {
        &self.0.limits
    }

    /// What the workers last did.
    pub fn workers(&self) -> &Board {
        &self.0.workers
    }

    /// All engines. Empty until the worker that reads the hosts has run.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.0.fleet
    }

    /// What engines report, for the one that keeps it.
    pub fn take_events(&self) -> Option<mpsc::Receiver<EngineEvent>> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Events as they are kept.
    pub fn kept_events(&self) -> broadcast::Receiver<Arc<EventRow>> {
        self.0.kept.subscribe()
    }

    /// Tells of an event that was kept.
    pub fn tell_event(&self, event: EventRow) {
        // Nobody listening is fine.
        let _ = self.0.kept.send(Arc::new(event));
    }

    /// Where changes are told to the live sockets.
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// What containers use.
    pub fn usage(&self) -> &Usage {
        &self.0.usage
    }

    /// What lists were told apart by.
    pub fn versions(&self) -> &Versions {
        &self.0.versions
    }

    /// Places for answers that go on and on.
    pub fn streams(&self) -> &Places {
        &self.0.streams
    }

    /// Places for logs that live sockets follow.
    pub fn followed(&self) -> &Places {
        &self.0.followed
    }

    /// Places for operations that run.
    pub fn operations(&self) -> &Places {
        &self.0.operations
    }

    /// What only this process knows of operations that it carries out.
    pub fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    /// Places for terminals.
    pub fn terminal_places(&self) -> &Places {
        &self.0.terminal_places
    }

    /// Terminals that are held.
    pub fn terminals(&self) -> &Terminals {
        &self.0.terminals
    }

    /// Changes under way: a shutdown waits for them.
    pub fn changes(&self) -> &TaskTracker {
        &self.0.changes
    }
}
