//! Places for connections: so many in all, and so many of each address.
//!
//! Where they are used up, a newcomer gets the place of one that is not being answered: first the oldest that has not asked for anything
//! yet, else the one that has asked for nothing for the longest time, else one that has not taken what it is sent for some time. An answer
//! that is under way, a web socket too, keeps its place as long as it moves or has nothing to send.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// How many, and for how long.
#[derive(Clone)]
pub struct Limits {
    /// In all.
    pub all: usize,
    /// Of one address that is no crowd.
    pub each: usize,
    /// How long one stays that asks for nothing, or does not take what it asked for.
    pub idle: Duration,
    /// Whether many people are behind an address.
    pub is_crowd: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("all", &self.all).field("each", &self.each).field("idle", &self.idle).finish_non_exhaustive()
    }
}

/// All places.
#[derive(Debug)]
pub struct Places {
    limits: Limits,
    free: Arc<Semaphore>,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    connections: HashMap<u64, Weak<Connection>>,
    of: HashMap<IpAddr, usize>,
}

/// A connection in its place; the place is free once nothing holds it any more.
#[derive(Debug)]
pub struct Connection {
    number: u64,
    address: IpAddr,
    asked: AtomicBool,
    /// Answers under way.
    answers: AtomicUsize,
    /// When the last one ended, or it came.
    idle_since: Mutex<Instant>,
    unsent: Mutex<Unsent>,
    evicted: CancellationToken,
    taken: Arc<Mutex<Taken>>,
    free: Arc<Semaphore>,
    place: OnceLock<OwnedSemaphorePermit>,
}

/// What a connection has yet to take.
#[derive(Debug)]
struct Unsent {
    /// Bodies that have something to send.
    bodies: usize,
    /// When something was taken last, or the first of them began.
    moved: Instant,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Places {
    pub fn new(limits: Limits) -> Self {
        Self { free: Arc::new(Semaphore::new(limits.all)), limits, taken: Arc::default() }
    }

    /// How long one stays that asks for nothing, or does not take what it asked for.
    pub fn idle(&self) -> Duration {
        self.limits.idle
    }

    /// A place for a newcomer, perhaps one that another has to leave first: see [`Connection::seated`]. `None`: all places that it could
    /// have are being answered. Never waits: whoever accepts connections must not stand still for one of them.
    pub fn enter(&self, address: IpAddr) -> Option<Arc<Connection>> {
        let source = source(address);
        if !(self.limits.is_crowd)(address) && lock(&self.taken).of.get(&source).is_some_and(|n| *n >= self.limits.each) {
            // One for one: its own go first.
            if !self.evict_where(|c| c.address == source) {
                return None;
            }
        }
        let place = OnceLock::new();
        match self.free.clone().try_acquire_owned() {
            // It is new: there is nothing in it.
            Ok(permit) => drop(place.set(permit)),
            Err(_) if self.evict() => {}
            Err(_) => return None,
        }
        let mut taken = lock(&self.taken);
        taken.next += 1;
        let number = taken.next;
        let connection = Arc::new(Connection {
            number,
            address: source,
            asked: AtomicBool::new(false),
            answers: AtomicUsize::new(0),
            idle_since: Mutex::new(Instant::now()),
            unsent: Mutex::new(Unsent { bodies: 0, moved: Instant::now() }),
            evicted: CancellationToken::new(),
            taken: self.taken.clone(),
            free: self.free.clone(),
            place,
        });
        taken.connections.insert(number, Arc::downgrade(&connection));
        *taken.of.entry(source).or_default() += 1;
        Some(connection)
    }

    /// Ends the connection that can be missed most. Whether there is one.
    pub fn evict(&self) -> bool {
        self.evict_where(|_| true)
    }

    fn evict_where(&self, whose: impl Fn(&Connection) -> bool) -> bool {
        let all: Vec<Arc<Connection>> = lock(&self.taken).connections.values().filter_map(Weak::upgrade).collect();
        let patience = self.limits.idle / 4;
        let missed = |c: &Connection| match c.idle_since() {
            Some(since) => Some((if c.has_asked() { Missed::Idle } else { Missed::NeverAsked }, since)),
            None => c.stalled_since().filter(|since| since.elapsed() >= patience).map(|since| (Missed::Stalled, since)),
        };
        let rest = all.iter().filter(|c| whose(c) && !c.evicted.is_cancelled()).filter_map(|c| Some((missed(c)?, c)));
        // The longest so of each kind before the others.
        let found = rest.min_by_key(|(missed, _)| *missed);
        found.inspect(|(_, connection)| connection.evicted.cancel()).is_some()
    }
}

/// Why a connection can be missed, who goes first before the others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Missed {
    NeverAsked,
    Idle,
    Stalled,
}

impl Connection {
    /// Completes once its place is its own: whoever was there has left.
    pub async fn seated(&self) {
        if self.place.get().is_none()
            && let Ok(permit) = self.free.clone().acquire_owned().await
        {
            // Only this one sets it.
            drop(self.place.set(permit));
        }
    }

    /// Whether it has made a request.
    pub fn has_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// For how long it has asked for nothing; `None` while it is being answered, or has not asked at all yet.
    pub fn idle_for(&self) -> Option<Duration> {
        self.idle_since().filter(|_| self.has_asked()).map(|since| since.elapsed())
    }

    /// For how long it has taken nothing of what it asked for; `None` while nothing waits to be sent.
    pub fn stalled_for(&self) -> Option<Duration> {
        self.stalled_since().map(|since| since.elapsed())
    }

    /// Completes when its place is wanted for another.
    pub fn evicted(&self) -> WaitForCancellationFuture<'_> {
        self.evicted.cancelled()
    }

    fn idle_since(&self) -> Option<Instant> {
        let since = lock(&self.idle_since);
        (self.answers.load(Ordering::SeqCst) == 0).then_some(*since)
    }

    fn stalled_since(&self) -> Option<Instant> {
        let unsent = lock(&self.unsent);
        (unsent.bodies > 0).then_some(unsent.moved)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.connections.remove(&self.number);
        if let Some(n) = taken.of.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                taken.of.remove(&self.address);
            }
        }
    }
}

/// An answer under way: its connection keeps its place until it is over.
#[derive(Clone, Debug)]
pub struct Busy(Arc<Answer>);

#[derive(Debug)]
struct Answer(Arc<Connection>);

impl Busy {
    pub fn new(connection: &Arc<Connection>) -> Self {
        connection.asked.store(true, Ordering::Relaxed);
        connection.answers.fetch_add(1, Ordering::SeqCst);
        Self(Arc::new(Answer(connection.clone())))
    }

    /// The body, which holds the place until it is sent or dropped.
    pub fn until_the_end_of(self, body: Body) -> Body {
        let mut held = Held { body, waits: false, busy: self };
        held.set_waits(true);
        Body::new(held)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let mut since = lock(&self.0.idle_since);
        if self.0.answers.fetch_sub(1, Ordering::SeqCst) == 1 {
            *since = Instant::now();
        }
    }
}

struct Held {
    body: Body,
    /// Whether it has something to send. It is asked for more only when there is room for it: a peer that takes nothing leaves it so.
    waits: bool,
    busy: Busy,
}

impl Held {
    fn set_waits(&mut self, waits: bool) {
        let mut unsent = lock(&self.busy.0.0.unsent);
        if waits && !self.waits {
            if unsent.bodies == 0 {
                unsent.moved = Instant::now();
            }
            unsent.bodies += 1;
        } else if !waits && self.waits {
            unsent.bodies -= 1;
        }
        self.waits = waits;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set_waits(false);
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        lock(&self.busy.0.0.unsent).moved = Instant::now();
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        self.set_waits(matches!(frame, Poll::Ready(Some(Ok(_)))));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Who holds an IPv6 address holds its whole /64.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));

    fn places(all: usize, each: usize) -> Places {
        Places::new(Limits { all, each, idle: Duration::from_mins(1), is_crowd: Arc::new(|address| address.is_loopback()) })
    }

    #[tokio::test]
    async fn one_address_takes_its_own_places_only() {
        let places = places(100, 3);
        let mut open = Vec::new();
        for _ in 0..3 {
            let connection = places.enter(HERE).expect("a place");
            open.push((Busy::new(&connection), connection));
        }
        assert!(places.enter(HERE).is_none(), "all of its own are being answered");
        assert!(places.enter(THERE).is_some(), "others have theirs");
        for _ in 0..10 {
            open.push(places.enter(IpAddr::from([127, 0, 0, 1])).map(|c| (Busy::new(&c), c)).expect("a crowd"));
        }
        // One is answered: the next newcomer has its place.
        let (_, idle) = open.remove(0);
        let next = places.enter(HERE).expect("its own place");
        assert!(idle.evicted.is_cancelled() && !next.evicted.is_cancelled());
        let network = |n: u128| IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8_0000_0001 << 64 | n));
        let mut busy = Vec::new();
        for n in 0..3 {
            busy.push(Busy::new(&places.enter(network(n)).expect("a place")));
        }
        assert!(places.enter(network(9)).is_none(), "a /64 is one address");
    }

    #[tokio::test]
    async fn who_is_idle_the_longest_goes_and_who_is_answered_stays() {
        let places = places(3, 100);
        let answered = places.enter(HERE).expect("a place");
        let busy = Busy::new(&answered);
        let asked = places.enter(HERE).expect("a place");
        drop(Busy::new(&asked));
        let silent = places.enter(HERE).expect("a place");
        let gone = |c: &Connection| c.evicted.is_cancelled();
        assert!(places.evict());
        assert_eq!((gone(&answered), gone(&asked), gone(&silent)), (false, false, true), "first who never asked");
        assert!(places.evict());
        assert_eq!((gone(&answered), gone(&asked)), (false, true), "then who asks no more");
        assert!(!places.evict(), "an answer keeps its place");
        drop(busy);
        assert!(places.evict() && gone(&answered));
        drop((answered, asked, silent));
        assert!(lock(&places.taken).connections.is_empty() && lock(&places.taken).of.is_empty());
    }
    /// A body of so many frames, then nothing more for now.
    fn frames(n: usize) -> Body {
        use futures_util::StreamExt as _;
        let some = futures_util::stream::iter(vec![Ok::<_, std::convert::Infallible>(Bytes::from_static(b"x")); n]);
        Body::from_stream(some.chain(futures_util::stream::pending()))
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_goes_when_places_are_short_and_who_has_nothing_to_take_stays() {
        use http_body_util::BodyExt as _;
        let places = places(2, 100);
        let (reader, other) = (places.enter(HERE).expect("a place"), places.enter(HERE).expect("a place"));
        let mut taken = Busy::new(&reader).until_the_end_of(frames(1));
        let untaken = Busy::new(&other).until_the_end_of(frames(1));
        taken.frame().await.expect("a frame").expect("whole");
        assert!(futures_util::poll!(std::pin::pin!(taken.frame())).is_pending());
        assert!(!places.evict(), "both have only begun");
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!((reader.stalled_for(), other.stalled_for()), (None, Some(Duration::from_secs(20))));
        let newcomer = places.enter(HERE).expect("the place of the one that takes nothing");
        assert!(other.evicted.is_cancelled() && !reader.evicted.is_cancelled());
        // It is the newcomer's once that one has left.
        assert!(futures_util::poll!(std::pin::pin!(newcomer.seated())).is_pending());
        drop((untaken, other));
        tokio::time::timeout(Duration::from_secs(1), newcomer.seated()).await.expect("its place is free");
        let _busy = Busy::new(&newcomer);
        assert!(places.enter(HERE).is_none(), "nobody can be missed, and nobody waits");
    }
}
