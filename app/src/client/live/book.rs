//! Which subscriptions there are, and what each frame of the server's means for them. Knows no socket.

use std::{collections::BTreeMap, rc::Rc};

use super::Heard;
use crate::api::{
    Timestamp,
    container::ContainerRef,
    live::{Changed, ClientFrame, ServerFrame, Topic},
};

/// What a subscription is granted, in bytes.
const CREDIT: u32 = 64 * 1024;
/// Credit is renewed when so much of it is used.
const RENEW: u32 = 16 * 1024;

/// What a subscription is on. Said anew for each connection: what came already is not asked for again.
pub type Topics = Rc<dyn Fn() -> Topic>;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Send(ClientFrame),
    /// Calls the subscription back: with nothing where it has to fetch anew.
    Call {
        sub: u32,
        items: Vec<Changed>,
    },
    /// Tells a subscription what watched containers use.
    Measured {
        sub: u32,
        at: Timestamp,
        rows: Vec<Vec<Option<u64>>>,
    },
    /// The same with nothing, but not all tabs at once: they all lost the same server.
    CallSpread {
        sub: u32,
    },
    /// Tells the follower of a log.
    Tell {
        sub: u32,
        heard: Heard,
    },
    /// The server is there, in this build.
    Hello {
        build: String,
    },
    /// The session is over.
    Revoked,
    /// Something for the browser's log.
    Warn(String),
}

/// How a subscription's frames are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It is called where there is something to fetch.
    Changes,
    /// What containers use comes by itself: there is nothing to fetch.
    Stats,
    /// Hears everything, and grants bytes itself, after it has looked at them.
    Log,
}

struct Entry<C> {
    topic: Topics,
    callback: C,
    /// Granted at its begin.
    credit: u32,
    kind: Kind,
    /// Whether it held before: then it was interrupted.
    held: bool,
    /// Bytes that came since credit was last granted.
    used: u32,
}

impl<C> Entry<C> {
    fn subscribe(&self, sub: u32) -> ClientFrame {
        ClientFrame::Subscribe { sub, topic: (self.topic)(), credit: self.credit }
    }
}

/// All subscriptions of the tab, by number.
pub struct Book<C> {
    last: u32,
    entries: BTreeMap<u32, Entry<C>>,
}

impl<C: Clone> Book<C> {
    pub fn new() -> Self {
        Self { last: 0, entries: BTreeMap::new() }
    }

    /// Enters a subscription of changes. Its number, and what to send where there is a connection.
    pub fn follow(&mut self, kinds: &'static [&'static str], callback: C) -> (u32, ClientFrame) {
        let topic = move || Topic::Changes { kinds: kinds.iter().map(|k| (*k).to_owned()).collect() };
        self.enter(Rc::new(topic), callback, CREDIT, Kind::Changes)
    }

    /// Enters a subscription of what containers use.
    pub fn watch(&mut self, containers: Vec<ContainerRef>, callback: C) -> (u32, ClientFrame) {
        let topic = move || Topic::Stats { containers: containers.clone() };
        self.enter(Rc::new(topic), callback, CREDIT, Kind::Stats)
    }

    /// Enters a subscription of logs.
    pub fn follow_log(&mut self, topic: Topics, callback: C, credit: u32) -> (u32, ClientFrame) {
        self.enter(topic, callback, credit, Kind::Log)
    }

    fn enter(&mut self, topic: Topics, callback: C, credit: u32, kind: Kind) -> (u32, ClientFrame) {
        self.last += 1;
        let entry = Entry { topic, callback, credit, kind, held: false, used: 0 };
        let frame = entry.subscribe(self.last);
        self.entries.insert(self.last, entry);
        (self.last, frame)
    }

    pub fn leave(&mut self, sub: u32) -> Option<ClientFrame> {
        self.entries.remove(&sub).map(|_| ClientFrame::Unsubscribe { sub })
    }

    /// What to call, if it is still there.
    pub fn callback(&self, sub: u32) -> Option<C> {
        self.entries.get(&sub).map(|e| e.callback.clone())
    }

    /// There is a new connection: everything is subscribed on it.
    pub fn connected(&mut self) -> Vec<ClientFrame> {
        self.entries.values_mut().for_each(|e| e.used = 0);
        self.entries.iter().map(|(sub, e)| e.subscribe(*sub)).collect()
    }

    /// What a frame means. What concerns a subscription that was left meanwhile means nothing.
    pub fn hear(&mut self, frame: ServerFrame, bytes: u32) -> Vec<Act> {
        if let ServerFrame::Subscribed { sub }
        | ServerFrame::Dropped { sub, .. }
        | ServerFrame::Ended { sub, .. }
        | ServerFrame::Refused { sub: Some(sub), .. } = &frame
            && self.is(*sub, Kind::Log)
        {
            let sub = *sub;
            let heard = match frame {
                ServerFrame::Dropped { n, from, to, .. } => Heard::Dropped { n, from, to },
                ServerFrame::Ended { reason, .. } => Heard::Ended(reason),
                ServerFrame::Refused { code, .. } => Heard::Ended(code),
                _ => Heard::Begun,
            };
            return vec![Act::Tell { sub, heard }];
        }
        match frame {
            ServerFrame::Hello { build, .. } => vec![Act::Hello { build }],
            ServerFrame::Subscribed { sub } | ServerFrame::Dropped { sub, .. } if self.is(sub, Kind::Stats) => Vec::new(),
            ServerFrame::Stats { sub, at, rows } => {
                let mut acts = vec![Act::Measured { sub, at, rows }];
                acts.extend(self.used(sub, bytes));
                acts
            }
            ServerFrame::Subscribed { sub } => match self.entries.get_mut(&sub) {
                Some(e) if e.held => vec![Act::CallSpread { sub }],
                Some(e) => {
                    e.held = true;
                    vec![Act::Call { sub, items: Vec::new() }]
                }
                None => Vec::new(),
            },
            ServerFrame::Changes { sub, items } => {
                if !self.entries.contains_key(&sub) {
                    return Vec::new();
                }
                let mut acts = vec![Act::Call { sub, items }];
                acts.extend(self.used(sub, bytes));
                acts
            }
            ServerFrame::Dropped { sub, .. } if self.entries.contains_key(&sub) => vec![Act::Call { sub, items: Vec::new() }],
            ServerFrame::Ended { reason, .. } if reason == "revoked" => vec![Act::Revoked],
            ServerFrame::Refused { sub, code, detail } if sub.is_none_or(|sub| self.entries.contains_key(&sub)) => {
                vec![Act::Warn(format!("live socket: {code}: {detail}"))]
            }
            ServerFrame::Dropped { .. } | ServerFrame::Ended { .. } | ServerFrame::Refused { .. } => Vec::new(),
        }
    }
}

impl<C> Book<C> {
    fn is(&self, sub: u32, kind: Kind) -> bool {
        self.entries.get(&sub).is_some_and(|e| e.kind == kind)
    }

    /// So many bytes came: credit for them, when that is worth a frame.
    fn used(&mut self, sub: u32, bytes: u32) -> Option<Act> {
        let e = self.entries.get_mut(&sub)?;
        e.used = e.used.saturating_add(bytes);
        (e.used >= RENEW).then(|| Act::Send(ClientFrame::Credit { sub, bytes: std::mem::take(&mut e.used) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(sub: u32) -> ServerFrame {
        ServerFrame::Changes { sub, items: vec![Changed { kind: "host".into(), id: "h".into(), version: 1 }] }
    }

    #[test]
    fn whoever_begins_to_follow_fetches_once_and_after_an_interruption_again() {
        let mut book = Book::new();
        let (sub, frame) = book.follow(&["host"], "callback");
        assert_eq!(book.connected(), [frame]);
        assert_eq!(book.hear(ServerFrame::Subscribed { sub }, 0), [Act::Call { sub, items: vec![] }]);
        assert_eq!(book.connected().len(), 1);
        assert_eq!(book.hear(ServerFrame::Subscribed { sub }, 0), [Act::CallSpread { sub }]);
    }

    #[test]
    fn credit_is_given_back_for_what_came() {
        let mut book = Book::new();
        let (sub, _) = book.follow(&["host"], ());
        assert_eq!(book.hear(changed(sub), RENEW - 1).len(), 1);
        let renewed = Act::Send(ClientFrame::Credit { sub, bytes: RENEW + 99 });
        assert_eq!(book.hear(changed(sub), 100)[1], renewed);
        assert_eq!(book.hear(changed(sub), 100).len(), 1);
        // A new connection begins with whole credit.
        book.connected();
        assert_eq!(book.hear(changed(sub), RENEW - 1).len(), 1);
    }

    #[test]
    fn what_was_left_is_not_called() {
        let mut book = Book::new();
        let (sub, _) = book.follow(&["host"], ());
        assert_eq!(book.leave(sub), Some(ClientFrame::Unsubscribe { sub }));
        assert_eq!((book.leave(sub), book.callback(sub)), (None, None));
        let dropped = ServerFrame::Dropped { sub, n: 1, from: String::new(), to: String::new() };
        let ended = ServerFrame::Ended { sub, reason: "unsubscribed".into() };
        for frame in [ServerFrame::Subscribed { sub }, changed(sub), dropped, ended] {
            assert_eq!(book.hear(frame, 9), []);
        }
    }

    #[test]
    fn what_was_dropped_is_fetched_and_a_session_that_is_over_is_noticed() {
        let mut book = Book::new();
        let (sub, _) = book.follow(&["host"], ());
        let dropped = ServerFrame::Dropped { sub, n: 3, from: String::new(), to: String::new() };
        assert_eq!(book.hear(dropped, 9), [Act::Call { sub, items: vec![] }]);
        assert_eq!(book.hear(ServerFrame::Ended { sub, reason: "revoked".into() }, 9), [Act::Revoked]);
    }

    #[test]
    fn the_follower_of_a_log_hears_everything_and_asks_for_what_it_has_not_heard() {
        let mut book = Book::new();
        let heard = Rc::new(std::cell::Cell::new(0_u32));
        let since = Rc::clone(&heard);
        let topic = move || Topic::Logs { containers: Vec::new(), tail: None, since: Some(since.get().to_string()) };
        let (sub, frame) = book.follow_log(Rc::new(topic), (), 9);
        let ClientFrame::Subscribe { topic: Topic::Logs { since: Some(first), .. }, credit: 9, .. } = frame else { panic!("{frame:?}") };
        assert_eq!(first, "0");
        heard.set(7);
        let again = book.connected();
        assert!(
            matches!(&again[0], ClientFrame::Subscribe { topic: Topic::Logs { since: Some(since), .. }, .. } if since == "7"),
            "{again:?}"
        );
        let dropped = ServerFrame::Dropped { sub, n: 3, from: "a".into(), to: "b".into() };
        assert_eq!(book.hear(dropped, 0), [Act::Tell { sub, heard: Heard::Dropped { n: 3, from: "a".into(), to: "b".into() } }]);
        let ended = ServerFrame::Ended { sub, reason: "revoked".into() };
        assert_eq!(book.hear(ended, 0), [Act::Tell { sub, heard: Heard::Ended("revoked".into()) }], "the page stays");
    }

    #[test]
    fn what_containers_use_is_told_as_it_comes_and_pays_its_credit() {
        let mut book = Book::new();
        let (sub, frame) = book.watch(Vec::new(), ());
        assert_eq!(book.connected(), [frame]);
        assert_eq!(book.hear(ServerFrame::Subscribed { sub }, 0), []);
        let told = || ServerFrame::Stats { sub, at: String::new(), rows: vec![vec![Some(0), Some(7)]] };
        assert_eq!(book.hear(told(), RENEW - 1), [Act::Measured { sub, at: String::new(), rows: vec![vec![Some(0), Some(7)]] }]);
        assert_eq!(book.hear(told(), 1)[1], Act::Send(ClientFrame::Credit { sub, bytes: RENEW }));
        assert_eq!(book.hear(ServerFrame::Dropped { sub, n: 1, from: String::new(), to: String::new() }, 9), []);
    }
}
