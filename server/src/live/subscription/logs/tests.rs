//! By example, and by chance: whatever is written and granted, each line is sent once and in order, or counted as dropped.

use proptest::prelude::*;

use super::*;

fn logs(credit: u32, capacity: usize) -> Logs {
    Logs::new(Arc::new(Ring::new(7, credit, capacity, Arc::default())), Vec::new(), JoinSet::new())
}

fn write(logs: &Logs, now: Millis, at: Nanos, text: &[u8]) {
    logs.ring.pen(now).line(&Entry { at, text, ..Entry::default() });
}

/// The times of a frame's lines.
fn times(said: Option<Outgoing>) -> Vec<Nanos> {
    match said {
        Some(Outgoing::Bulk(bytes)) => {
            let (sub, lines) = log_frame::read(&bytes).expect("a frame");
            assert!(sub == 7 && bytes.len() <= FRAME);
            lines.map(|line| line.at).collect()
        }
        other => panic!("no lines but {other:?}"),
    }
}

#[test]
fn the_first_goes_at_once_and_what_follows_together() {
    let logs = logs(10_000, 10_000);
    write(&logs, 1_000, 1, b"a");
    assert_eq!(times(logs.next(1_000)), [1]);
    write(&logs, 1_001, 2, b"b");
    write(&logs, 1_005, 3, b"c");
    assert_eq!((logs.next(1_019), logs.wake_at()), (None, Some(1_020)));
    assert_eq!(times(logs.next(1_020)), [2, 3]);
    write(&logs, 2_000, 4, b"d");
    assert_eq!(times(logs.next(2_000)), [4]);
    assert_eq!(logs.wake_at(), None);
}

#[test]
fn a_full_frame_does_not_wait() {
    let logs = logs(MAX_CREDIT, 1 << 20);
    write(&logs, 0, 1, b"a");
    times(logs.next(0));
    for at in 2..5 {
        write(&logs, 1, at, &vec![b'x'; 30_000]);
    }
    assert_eq!(times(logs.next(1)), [2, 3]);
    assert_eq!(logs.next(1), None, "the rest may get company");
}

#[test]
fn a_reader_that_stops_costs_the_ring_and_hears_what_it_missed() {
    let logs = logs(0, 200_000);
    for i in 0..1_000_u64 {
        write(&logs, 0, (1_700_000_000 + i) * 1_000_000_000, &[b'x'; 1_000]);
    }
    assert!(logs.ring.lock().bytes <= 200_000);
    assert_eq!(logs.next(60_000), None);
    logs.credit(MAX_CREDIT);
    let Some(Outgoing::Frame(ServerFrame::Dropped { sub: 7, n, from, to })) = logs.next(60_000) else { panic!("dropped lines") };
    assert_eq!((from.as_str(), to), ("2023-11-14T22:13:20.000Z", rfc3339((1_700_000_000 + n as i64 - 1) * 1_000)));
    let mut came = 0;
    while let Some(at) = logs.wake_at() {
        came += times(logs.next(at.max(60_000))).len() as u64;
    }
    assert_eq!(n + came, 1_000);
    assert!(came >= 100, "what fits the ring is kept");
}

#[tokio::test]
async fn who_brings_what_was_there_before_waits_for_room() {
    let logs = logs(0, 1_000);
    write(&logs, 0, 1, &[0; 700]);
    let ring = Arc::clone(&logs.ring);
    let waits = tokio::spawn(async move { ring.room().await });
    tokio::task::yield_now().await;
    assert!(!waits.is_finished());
    logs.credit(1_000);
    times(logs.next(0));
    waits.await.expect("there is room");
}

#[derive(Clone, Debug)]
enum Step {
    Write(u16),
    Credit(u32),
    Read(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..40_000_u16).prop_map(Step::Write),
        2 => (0..200_000_u32).prop_map(Step::Credit),
        2 => (0..60_u8).prop_map(Step::Read),
    ];
    prop::collection::vec(step, 1..150)
}

proptest! {
    #[test]
    fn each_line_is_sent_once_in_order_or_counted(steps in steps(), capacity in 1_000..200_000_usize) {
        let logs = logs(0, capacity);
        let (mut now, mut written, mut heard, mut dropped, mut granted, mut got) = (0, 0_u64, Vec::new(), 0, 0_u64, 0_u64);
        let mut read = |now: Millis, granted: u64| {
            while let Some(said) = logs.next(now) {
                match &said {
                    Outgoing::Bulk(bytes) => {
                        got += bytes.len() as u64;
                        heard.extend(times(Some(said)));
                    }
                    Outgoing::Frame(ServerFrame::Dropped { n, .. }) => dropped += n,
                    other @ Outgoing::Frame(_) => panic!("{other:?}"),
                }
                assert!(got <= granted, "more bytes than credit");
            }
        };
        for step in steps {
            match step {
                Step::Write(length) => {
                    written += 1;
                    write(&logs, now, written, &vec![0; length.into()]);
                }
                Step::Credit(bytes) => {
                    logs.credit(bytes);
                    granted += u64::from(bytes);
                }
                Step::Read(ms) => {
                    now += Millis::from(ms);
                    read(now, granted);
                }
            }
        }
        for _ in 0..10 {
            now += TOGETHER;
            logs.credit(MAX_CREDIT);
            granted += u64::from(MAX_CREDIT);
            read(now, granted);
        }
        prop_assert_eq!(logs.wake_at(), None);
        prop_assert_eq!(heard.len() as u64 + dropped, written);
        prop_assert!(heard.is_sorted());
    }
}
