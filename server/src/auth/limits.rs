//! How often passwords may be tried: per address, per account, and per account from one address.
//!
//! Counted before hashing, so that trying in parallel gains nothing; what succeeds is not counted. Beyond some free tries
//! each one has to wait, twice as long as the last, up to a cap: nobody is ever shut out for good, for a refused try does not
//! prolong the wait. And nobody's guessing keeps another out:
//!
//! - A browser that the account was signed in from before ([`device`](super::device)) has a pace of its own, and so has a session that
//!   gives its password again: neither address nor account are asked.
//! - Who signed in from an address before is held to their own tries from there alone.
//! - Where an account is guessed at from many addresses, they take turns: each waits for those that waited before it, once.
//!
//! Held in memory: a restart forgets.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use crate::clock::{Clock, Millis};

const SECOND: Millis = 1000;
/// How many addresses, accounts or pairs are remembered; beyond, the quietest are forgotten.
const REMEMBERED: usize = 20_000;

/// How tries of one kind are paced.
struct Rule {
    /// Tries without a wait.
    free: f64,
    /// One try is forgotten in so long.
    forget: Millis,
    /// The longest wait.
    cap: Millis,
}

const PAIR: Rule = Rule { free: 5.0, forget: 60 * SECOND, cap: 60 * SECOND };
const ADDRESS: Rule = Rule { free: 30.0, forget: 10 * SECOND, cap: 5 * SECOND };
const ACCOUNT: Rule = Rule { free: 30.0, forget: 30 * SECOND, cap: 10 * SECOND };
/// How long a turn is kept for one that does not come back.
const TURN: Millis = 30 * SECOND;
/// Addresses that wait for one account; those beyond wait outside.
const TURNS: usize = 1_000;

/// One address's, account's or pair's tries.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    tries: f64,
    /// When `tries` was right.
    at: Millis,
    /// No try before this.
    next: Millis,
}

impl Pace {
    fn tries(&self, rule: &Rule, now: Millis) -> f64 {
        let quiet = now.saturating_sub(self.at).max(0);
        (self.tries - quiet as f64 / rule.forget as f64).max(0.0)
    }

    /// How long until the next try.
    fn wait(&self, now: Millis) -> Millis {
        self.next.saturating_sub(now).max(0)
    }

    fn charge(&mut self, rule: &Rule, now: Millis) {
        self.tries = self.tries(rule, now) + 1.0;
        self.at = now;
        let beyond = self.tries - rule.free;
        if beyond > 0.0 {
            // 1, 2, 4 … seconds; an exponent that can't overflow.
            let wait = SECOND << (beyond.ceil() as u32 - 1).min(16);
            self.next = now + wait.min(rule.cap);
        }
    }

    fn refund(&mut self, rule: &Rule, now: Millis) {
        self.tries = (self.tries(rule, now) - 1.0).max(0.0);
        self.at = now;
        self.next = now;
    }
}

#[derive(Debug, Default)]
struct Paces {
    addresses: HashMap<IpAddr, Pace>,
    accounts: HashMap<String, Pace>,
    pairs: HashMap<(IpAddr, String), Pace>,
    /// Of browsers that are known, and of sessions.
    own: HashMap<String, Pace>,
    /// Who signed in from where, and when last.
    familiar: HashMap<(IpAddr, String), Millis>,
    /// Who waits for an account's next try, and until when they may come.
    turns: HashMap<String, VecDeque<(IpAddr, Millis)>>,
}

impl Paces {
    /// How long an address has to wait for its turn at an account. Takes the turn where that is not at all.
    fn turn(&mut self, account: &str, address: IpAddr, now: Millis) -> Millis {
        let wait = self.accounts.get(account).map_or(0, |p| p.wait(now));
        let Some(turns) = self.turns.get_mut(account) else {
            if wait > 0 {
                self.line_up(account, address, now + wait);
            }
            return wait;
        };
        turns.retain(|(_, until)| *until > now);
        let place = turns.iter().position(|(a, _)| *a == address);
        if wait == 0 && place.unwrap_or(turns.len()) == 0 {
            turns.pop_front();
            if turns.is_empty() {
                self.turns.remove(account);
            }
            return 0;
        }
        let before = place.unwrap_or(turns.len()) as Millis;
        let wait = wait.max(SECOND) + before * ACCOUNT.cap;
        match place {
            Some(place) => turns[place].1 = now + wait + TURN,
            None => self.line_up(account, address, now + wait),
        }
        wait
    }

    fn line_up(&mut self, account: &str, address: IpAddr, due: Millis) {
        if self.turns.len() >= REMEMBERED && !self.turns.contains_key(account) {
            return;
        }
        let turns = self.turns.entry(account.to_owned()).or_default();
        if turns.len() < TURNS {
            turns.push_back((address, due + TURN));
        }
    }
}

/// Whose try it is.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Of nobody who is known. `account`: the name as it was typed, whether there is one or not.
    Stranger { address: IpAddr, account: &'a str },
    /// From a browser that the account was signed in from before.
    Device { address: IpAddr, account: &'a str, device: &'a str },
    /// Of somebody who is signed in.
    Session(&'a str),
}

/// The limits. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SignInLimits {
    clock: Clock,
    paces: Arc<Mutex<Paces>>,
}

/// A try is refused for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tries: wait {seconds} s")]
pub struct TooFast {
    /// Whole seconds, at least one.
    pub seconds: u64,
}

/// A try that is under way. Dropped, it counts; [`Attempt::succeeded`] takes it back.
#[derive(Debug)]
#[must_use = "a try that succeeds has to be taken back"]
pub struct Attempt {
    limits: SignInLimits,
    /// The address and account that it is about, where it is a sign-in.
    pair: Option<(IpAddr, String)>,
    charged: Charged,
}

/// What a try was counted for.
#[derive(Debug)]
enum Charged {
    /// The pair, the address and the account.
    All,
    Pair,
    /// A device or session.
    Own(String),
}

impl SignInLimits {
    pub fn new(clock: Clock) -> Self {
        Self { clock, paces: Arc::default() }
    }

    /// Asks to try a password.
    pub fn attempt(&self, by: By<'_>) -> Result<Attempt, TooFast> {
        let now = self.clock.now();
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let too_fast = |wait: Millis| TooFast { seconds: wait.unsigned_abs().div_ceil(1000) };
        let (pair, own) = match by {
            By::Session(id) => (None, Some(format!("session {id}"))),
            By::Device { address, account, device } => (Some((source(address), key(account))), Some(format!("device {device}"))),
            By::Stranger { address, account } => (Some((source(address), key(account))), None),
        };
        let charged = if let Some(own) = own {
            let wait = paces.own.get(&own).map_or(0, |p| p.wait(now));
            if wait > 0 {
                return Err(too_fast(wait));
            }
            entry(&mut paces.own, own.clone(), &PAIR, now).charge(&PAIR, now);
            Charged::Own(own)
        } else if let Some(pair) = &pair {
            let familiar = paces.familiar.contains_key(pair);
            let mut wait = paces.pairs.get(pair).map_or(0, |p| p.wait(now));
            if !familiar {
                wait = wait.max(paces.addresses.get(&pair.0).map_or(0, |p| p.wait(now)));
                // Only one that may go otherwise takes its turn.
                if wait == 0 {
                    wait = paces.turn(&pair.1, pair.0, now);
                }
            }
            if wait > 0 {
                return Err(too_fast(wait));
            }
            entry(&mut paces.pairs, pair.clone(), &PAIR, now).charge(&PAIR, now);
            if familiar {
                Charged::Pair
            } else {
                entry(&mut paces.addresses, pair.0, &ADDRESS, now).charge(&ADDRESS, now);
                entry(&mut paces.accounts, pair.1.clone(), &ACCOUNT, now).charge(&ACCOUNT, now);
                Charged::All
            }
        } else {
            Charged::Pair
        };
        Ok(Attempt { limits: self.clone(), pair, charged })
    }

    /// Remembers that somebody is signed in from an address (also by a session from before a restart).
    pub fn remember(&self, address: IpAddr, account: &str) {
        let now = self.clock.now();
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.familiar.len() >= REMEMBERED {
            let oldest = oldest_quarter(paces.familiar.values().copied());
            paces.familiar.retain(|_, at| *at > oldest);
        }
        paces.familiar.insert((source(address), key(account)), now);
    }
}

impl Attempt {
    /// The password was right: the try does not count.
    pub fn succeeded(self) {
        let now = self.limits.clock.now();
        {
            let mut paces = self.limits.paces.lock().unwrap_or_else(PoisonError::into_inner);
            match (&self.charged, &self.pair) {
                (Charged::Own(own), _) => drop(paces.own.remove(own)),
                (Charged::Pair, Some(pair)) => drop(paces.pairs.remove(pair)),
                (Charged::All, Some(pair)) => {
                    paces.pairs.remove(pair);
                    if let Some(pace) = paces.addresses.get_mut(&pair.0) {
                        pace.refund(&ADDRESS, now);
                    }
                    if let Some(pace) = paces.accounts.get_mut(&pair.1) {
                        pace.refund(&ACCOUNT, now);
                    }
                }
                (_, None) => {}
            }
        }
        if let Some((address, account)) = &self.pair {
            self.limits.remember(*address, account);
        }
    }
}

/// Who holds an IPv6 address holds its whole /64.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Names differ by more than case; a made-up one may be as long as a body.
fn key(account: &str) -> String {
    account.chars().take(64).flat_map(char::to_lowercase).collect()
}

fn entry<'a, K: Hash + Eq + Clone>(map: &'a mut HashMap<K, Pace>, key: K, rule: &Rule, now: Millis) -> &'a mut Pace {
    if map.len() >= REMEMBERED && !map.contains_key(&key) {
        map.retain(|_, pace| pace.wait(now) > 0 || pace.tries(rule, now) >= 1.0);
        if map.len() >= REMEMBERED {
            let oldest = oldest_quarter(map.values().map(|p| p.at));
            map.retain(|_, pace| pace.at > oldest);
        }
    }
    map.entry(key).or_default()
}

/// The moment up to which the oldest quarter lies.
fn oldest_quarter(moments: impl Iterator<Item = Millis>) -> Millis {
    let mut all: Vec<Millis> = moments.collect();
    let at = all.len() / 4;
    *all.select_nth_unstable(at).1
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));

    fn limits() -> (SignInLimits, Clock) {
        let clock = Clock::manual(1_700_000_000_000);
        (SignInLimits::new(clock.clone()), clock)
    }

    fn wait(limits: &SignInLimits, address: IpAddr, account: &str) -> u64 {
        limits.attempt(By::Stranger { address, account }).err().map_or(0, |e| e.seconds)
    }

    fn succeed(limits: &SignInLimits, address: IpAddr, account: &str) {
        limits.attempt(By::Stranger { address, account }).expect("let through").succeeded();
    }

    #[test]
    fn guessing_is_slowed_and_the_wait_has_an_end() {
        let (limits, clock) = limits();
        let mut waits = Vec::new();
        for _ in 0..14 {
            let seconds = wait(&limits, HERE, "ops-c");
            waits.push(seconds);
            clock.advance(seconds as i64 * 1000);
            if seconds > 0 {
                assert_eq!(wait(&limits, HERE, "OPS-C"), 0, "after the wait the next try goes through");
            }
        }
        assert_eq!(&waits[..6], [0, 0, 0, 0, 0, 0]);
        assert_eq!(&waits[6..9], [1, 2, 4]);
        assert!(waits.iter().all(|w| *w <= 60), "{waits:?}");
        // Refused tries don't prolong it.
        let before = wait(&limits, HERE, "ops-c");
        for _ in 0..100 {
            assert!(wait(&limits, HERE, "ops-c") <= before);
        }
    }

    #[test]
    fn a_success_does_not_count() {
        let (limits, _) = limits();
        for _ in 0..500 {
            succeed(&limits, HERE, "ops-c");
        }
        assert_eq!(wait(&limits, HERE, "dev-a"), 0);
    }

    #[test]
    fn tries_at_once_gain_nothing() {
        let (limits, _) = limits();
        let admitted = (0..100).filter(|_| wait(&limits, HERE, "ops-c") == 0).count();
        assert_eq!(admitted, 6);
    }

    #[test]
    fn nobody_keeps_another_out() {
        let (limits, clock) = limits();
        succeed(&limits, HERE, "ops-c");
        // Guesses at the account from a thousand addresses, and at a thousand accounts from the shared one.
        for i in 0..1000_u32 {
            wait(&limits, IpAddr::V4((0xcb00_7100 + i).into()), "ops-c");
            wait(&limits, HERE, &format!("guess-{i}"));
        }
        assert!(wait(&limits, THERE, "ops-c") > 0 && wait(&limits, HERE, "dev-a") > 0, "others are slowed");
        succeed(&limits, HERE, "ops-c");
        clock.advance(10_000);
        assert_eq!(wait(&limits, HERE, "dev-a"), 0, "a shared address is slowed, not shut out");
    }

    #[test]
    fn a_known_browser_and_a_session_keep_their_own_pace() {
        let (limits, clock) = limits();
        let device = |device| By::Device { address: HERE, account: "ops-c", device };
        // Somebody guesses at this very account from this very address, as fast as it goes, for an hour.
        for _ in 0..3600 {
            clock.advance(SECOND);
            wait(&limits, HERE, "ops-c");
        }
        assert!(wait(&limits, HERE, "ops-c") > 0);
        limits.attempt(device("known")).expect("the browser that was here before").succeeded();
        limits.attempt(By::Session("s")).expect("one's own session").succeeded();
        // A stolen cookie guesses no faster than anybody.
        let tries = (0..100).filter(|_| limits.attempt(device("stolen")).is_ok()).count();
        assert_eq!(tries, 6);
        let tries = (0..100).filter(|_| limits.attempt(By::Session("stolen")).is_ok()).count();
        assert_eq!(tries, 6);
        limits.attempt(device("known")).expect("the other is not slowed by it").succeeded();
    }

    #[test]
    fn an_account_that_many_guess_at_lets_a_stranger_have_a_turn() {
        let (limits, clock) = limits();
        let crowd: Vec<IpAddr> = (0..50_u32).map(|i| IpAddr::V4((0xcb00_7100 + i).into())).collect();
        let mut let_through = 0;
        let mut next = None;
        // The crowd asks each tenth of a second; the person asks, waits as long as they are told, and asks again.
        for tick in 0..36_000_i64 {
            clock.advance(100);
            for address in &crowd {
                wait(&limits, *address, "ops-c");
            }
            if tick > 6000 && next.is_none_or(|at| clock.now() >= at) {
                let told = wait(&limits, THERE, "ops-c");
                next = Some(clock.now() + told as Millis * SECOND);
                if told == 0 {
                    let_through += 1;
                    break;
                }
            }
        }
        assert_eq!(let_through, 1, "an hour was not enough");
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let (limits, _) = limits();
        let ip = |n: u128| IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8_0000_0001 << 64 | n));
        let admitted = (0..100).filter(|n| wait(&limits, ip(*n), "ops-c") == 0).count();
        assert_eq!(admitted, 6);
    }

    #[test]
    fn memory_is_bounded() {
        let (limits, clock) = limits();
        for i in 0..(REMEMBERED as u32 + 5000) {
            clock.advance(1);
            let address = IpAddr::V4(i.into());
            wait(&limits, address, &format!("guess-{i}"));
            limits.remember(address, "ops-c");
        }
        let paces = limits.paces.lock().unwrap();
        assert!(paces.addresses.len() <= REMEMBERED && paces.accounts.len() <= REMEMBERED);
        assert!(paces.pairs.len() <= REMEMBERED && paces.familiar.len() <= REMEMBERED && paces.turns.len() <= REMEMBERED);
    }
}
