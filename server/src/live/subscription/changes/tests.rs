//! By example, and by chance: whatever comes in whatever order, nothing is lost silently and nothing is sent without credit.

use proptest::prelude::*;

use super::*;
use crate::live::change::Audience;

fn change(id: &str, version: u64, at: Millis) -> Arc<Change> {
    let audience = Audience::Person("u".into());
    Arc::new(Change { kind: Kind::Container, id: id.into(), host_id: None, version, audience, at })
}

fn subscription(credit: u32, capacity: usize) -> Changes {
    Changes::new(1, HashSet::new(), credit, capacity)
}

/// `id@version` of a frame's items.
fn items(frame: Option<ServerFrame>) -> Vec<String> {
    match frame {
        Some(ServerFrame::Changes { items, .. }) => items.iter().map(|i| format!("{}@{}", i.id, i.version)).collect(),
        other => panic!("no changes but {other:?}"),
    }
}

#[test]
fn three_go_at_once_and_what_follows_together() {
    let mut s = subscription(10_000, 10);
    for version in 1..=3 {
        s.push(change("a", version, 0), 5_000);
        assert_eq!(s.wake_at(), Some(5_000));
        assert_eq!(items(s.next(5_000)), [format!("a@{version}")]);
        assert_eq!(s.wake_at(), None);
    }
    s.push(change("a", 4, 0), 5_010);
    s.push(change("b", 5, 0), 5_020);
    s.push(change("a", 6, 0), 5_400);
    assert_eq!(s.next(5_499), None);
    assert_eq!(s.wake_at(), Some(5_500));
    assert_eq!(items(s.next(5_500)), ["a@6", "b@5"]);
    s.push(change("a", 7, 0), 5_501);
    assert_eq!(s.wake_at(), Some(6_000), "one each half second");
    assert_eq!(items(s.next(6_000)), ["a@7"]);
    for version in 8..=9 {
        s.push(change("a", version, 0), 7_000);
        assert_eq!(items(s.next(7_000)), [format!("a@{version}")]);
    }
    s.push(change("a", 10, 0), 7_000);
    assert_eq!(s.wake_at(), Some(7_500), "a second of quiet earns two");
}

#[test]
fn without_credit_it_waits_and_says_what_it_had_to_drop_first() {
    let mut s = subscription(0, 2);
    for (i, id) in ["a", "a", "b", "c"].iter().enumerate() {
        s.push(change(id, i as u64, 100 + i as Millis), 0);
    }
    assert_eq!((s.wake_at(), s.next(60_000)), (None, None));
    s.credit(20);
    assert_eq!(s.next(60_000), None, "an item costs more than that");
    s.credit(500);
    let dropped = ServerFrame::Dropped { sub: 1, n: 2, from: rfc3339(100), to: rfc3339(101) };
    assert_eq!(s.next(60_000), Some(dropped));
    assert_eq!(items(s.next(60_000)), ["b@2", "c@3"]);
    assert_eq!(s.next(60_000), None);
}

#[test]
fn credit_has_a_cap() {
    let mut s = subscription(u32::MAX, 1);
    s.credit(u32::MAX);
    assert_eq!(s.credit, MAX_CREDIT);
}

#[test]
fn what_may_no_longer_be_told_is_forgotten() {
    let mut s = subscription(10_000, 10);
    s.push(change("a", 1, 0), 0);
    s.push(change("b", 1, 0), 0);
    s.retain(|c| c.id == "b");
    assert_eq!(items(s.next(0)), ["b@1"]);
    s.push(change("a", 2, 0), 1);
    s.retain(|_| false);
    assert_eq!(s.wake_at(), None);
}

#[test]
fn the_same_id_on_two_hosts_is_two_objects() {
    let mut s = subscription(10_000, 10);
    for host in ["h1", "h2"] {
        s.push(Arc::new(Change { host_id: Some(host.into()), ..(*change("a", 1, 0)).clone() }), 0);
    }
    assert_eq!(items(s.next(0)).len(), 2);
}

#[derive(Clone, Debug)]
enum Step {
    Push(u8),
    Lost(u8),
    Credit(u16),
    Wait(u16),
    Read,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..12u8).prop_map(Step::Push),
        1 => (1..9u8).prop_map(Step::Lost),
        2 => (0..600u16).prop_map(Step::Credit),
        3 => (0..900u16).prop_map(Step::Wait),
        3 => Just(Step::Read),
    ];
    prop::collection::vec(step, 1..200)
}

/// What a reader knows, and what it was owed.
#[derive(Default)]
struct Reader {
    granted: u64,
    got: u64,
    newest: HashMap<String, u64>,
    heard: HashMap<String, u64>,
    pushed: u64,
    dropped: u64,
    delivered_at: Vec<Millis>,
}

impl Reader {
    fn read(&mut self, s: &mut Changes, now: Millis) {
        while let Some(frame) = s.next(now) {
            match &frame {
                ServerFrame::Changes { items, .. } => {
                    assert!(!items.is_empty() && json(&frame).len() <= FRAME);
                    self.got += json(&frame).len() as u64;
                    self.delivered_at.push(now);
                    for item in items {
                        let before = self.heard.insert(item.id.clone(), item.version);
                        assert!(before.is_none_or(|b| b < item.version), "versions only grow");
                    }
                }
                ServerFrame::Dropped { n, from, to, .. } => {
                    assert!(*n > 0 && from <= to);
                    self.dropped += n;
                }
                other => panic!("{other:?}"),
            }
            assert!(self.got <= self.granted, "more bytes than credit");
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_silently_nor_sent_without_credit(steps in steps(), capacity in 1..9usize) {
        let (mut s, mut reader, mut now, mut version) = (subscription(0, capacity), Reader::default(), 0, 0);
        let mut lost = 0;
        for step in steps {
            match step {
                Step::Push(id) => {
                    version += 1;
                    let id = format!("c{id}");
                    s.push(change(&id, version, now), now);
                    reader.newest.insert(id, version);
                    reader.pushed += 1;
                }
                Step::Lost(n) => {
                    s.lost(n.into(), now, now, now);
                    lost += u64::from(n);
                }
                Step::Credit(bytes) => {
                    s.credit(bytes.into());
                    reader.granted += u64::from(bytes);
                }
                Step::Wait(ms) => now += Millis::from(ms),
                Step::Read => reader.read(&mut s, now),
            }
            prop_assert!(s.order.len() <= capacity && s.order.len() == s.held.len());
        }
        // At the end the reader grants enough and waits enough.
        for _ in 0..100 {
            now += TOGETHER;
            s.credit(4_096);
            reader.granted += 4_096;
            reader.read(&mut s, now);
        }
        prop_assert_eq!(s.wake_at(), None);
        let missed = reader.newest.iter().filter(|(id, v)| reader.heard.get(*id).is_none_or(|h| h < v)).count() as u64;
        prop_assert!(missed <= reader.dropped, "{} missed, {} said to be dropped", missed, reader.dropped);
        prop_assert!(reader.dropped <= reader.pushed + lost && reader.dropped >= lost);
        for (i, from) in reader.delivered_at.iter().enumerate() {
            for (n, to) in reader.delivered_at[i..].iter().enumerate() {
                prop_assert!((n as i64) < AT_ONCE + (to - from) / TOGETHER, "{} frames within {} ms", n + 1, to - from);
            }
        }
    }

    #[test]
    fn a_ready_reader_hears_within_half_a_second(gaps in prop::collection::vec(0..2_000i64, 1..50)) {
        let (mut s, mut now, mut waiting): (_, Millis, Option<Millis>) = (subscription(MAX_CREDIT, 64), 0, None);
        for (i, gap) in gaps.into_iter().enumerate() {
            let until = now + gap;
            while let Some(at) = s.wake_at().filter(|at| *at <= until) {
                prop_assert!(s.next(at).is_some());
                let since = waiting.take().expect("something waited");
                prop_assert!(at - since <= TOGETHER);
            }
            now = until;
            s.push(change("a", i as u64, now), now);
            waiting.get_or_insert(now);
        }
    }
}
