//! Random interleavings of lists, inspections, events, writes and gaps: what is known of an object never goes back, a writer sees
//! the write, and once it is quiet what is known is what is.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::merge::{Applied, Known, Read, Written};

const OBJECTS: usize = 4;

/// One step of the world or of the console.
#[derive(Clone, Debug)]
enum Step {
    /// The engine's object changes (or comes to be); its event is on its way.
    Change(usize),
    /// It is removed; its event is on its way.
    Remove(usize),
    /// The oldest event on its way arrives.
    Hear,
    /// The events on their way are lost.
    Gap,
    BeginList,
    BeginInspection(usize),
    /// A read under way is answered by the engine, with what is true now.
    Answer(usize),
    /// An answer arrives.
    Arrive(usize),
    /// A read fails.
    Fail(usize),
    /// The console changes the object and the engine says that it is done; the writer begins to read it.
    Write(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let object = 0..OBJECTS;
    let read = 0..8_usize;
    prop_oneof![
        3 => object.clone().prop_map(Step::Change),
        1 => object.clone().prop_map(Step::Remove),
        4 => Just(Step::Hear),
        1 => Just(Step::Gap),
        2 => Just(Step::BeginList),
        3 => object.clone().prop_map(Step::BeginInspection),
        5 => read.clone().prop_map(Step::Answer),
        5 => read.clone().prop_map(Step::Arrive),
        1 => read.prop_map(Step::Fail),
        2 => object.prop_map(Step::Write),
    ]
}

/// What is true of an object: its version grows with each change, a removal included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Truth {
    version: u64,
    there: bool,
}

/// A read between the console and the engine. `None` of the answer: the engine has not looked yet.
#[derive(Debug)]
enum Way {
    List(Read, Option<BTreeMap<usize, Truth>>),
    Inspection(Read, usize, Option<Truth>),
}

#[derive(Debug, Default)]
struct World {
    truth: [Truth; OBJECTS],
    events: Vec<usize>,
    known: Known<u64>,
    ways: Vec<Way>,
    /// The newest version that was ever shown of each object, as present or as gone.
    shown: [u64; OBJECTS],
    /// Writes whose writers still wait, with the version that they made.
    writes: Vec<(usize, Written, u64)>,
}

fn id(object: usize) -> String {
    format!("o{object}")
}

impl World {
    fn list_of_now(&self) -> BTreeMap<usize, Truth> {
        (0..OBJECTS).map(|o| (o, self.truth[o])).collect()
    }

    fn change(&mut self, object: usize, there: bool) {
        let truth = &mut self.truth[object];
        (truth.version, truth.there) = (truth.version + 1, there);
    }

    /// What a read showed of an object that it was applied to.
    fn shows(&mut self, object: usize, truth: Truth) {
        assert!(truth.version >= self.shown[object], "o{object} went back from {} to {truth:?}", self.shown[object]);
        self.shown[object] = truth.version;
        assert_eq!(self.known.get(&id(object)).copied(), truth.there.then_some(truth.version));
    }

    fn arrive(&mut self, way: Way) {
        match way {
            Way::List(read, Some(answer)) => {
                let lines = answer.iter().filter(|(_, t)| t.there).map(|(o, t)| (id(*o), t.version)).collect();
                for applied in self.known.apply_list(read, lines, |_, version| version) {
                    let object: usize = applied[1..].parse().expect("an object's number");
                    self.shows(object, answer[&object]);
                }
            }
            Way::Inspection(read, object, Some(truth)) => {
                if self.known.apply(read, &id(object), truth.there.then_some(truth.version)) == Applied::Yes {
                    self.shows(object, truth);
                }
            }
            // Not answered yet: it fails instead.
            Way::List(read, None) | Way::Inspection(read, _, None) => self.known.give_up(read),
        }
        let known = &self.known;
        let newest = self.shown;
        self.writes.retain(|(object, write, version)| {
            let sees = known.shows(&id(*object), *write);
            assert!(!sees || newest[*object] >= *version, "the writer of o{object} was shown what was before");
            !sees
        });
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Change(o) => {
                self.change(o, true);
                self.events.push(o);
            }
            Step::Remove(o) => {
                if self.truth[o].there {
                    self.change(o, false);
                    self.events.push(o);
                }
            }
            Step::Hear => {
                if !self.events.is_empty() {
                    let o = self.events.remove(0);
                    self.known.touch(&id(o));
                    let read = self.known.begin();
                    self.ways.push(Way::Inspection(read, o, None));
                }
            }
            Step::Gap => self.events.clear(),
            Step::BeginList => {
                let read = self.known.begin();
                self.ways.push(Way::List(read, None));
            }
            Step::BeginInspection(o) => {
                let read = self.known.begin();
                self.ways.push(Way::Inspection(read, o, None));
            }
            Step::Answer(i) => {
                let now = self.list_of_now();
                match self.ways.get_mut(i) {
                    Some(Way::List(_, answer @ None)) => *answer = Some(now),
                    Some(Way::Inspection(_, o, answer @ None)) => *answer = Some(now[o]),
                    _ => {}
                }
            }
            Step::Arrive(i) => {
                if i < self.ways.len() {
                    let way = self.ways.remove(i);
                    self.arrive(way);
                }
            }
            Step::Fail(i) => {
                if i < self.ways.len()
                    && let Way::List(read, _) | Way::Inspection(read, ..) = self.ways.remove(i)
                {
                    self.known.give_up(read);
                }
            }
            Step::Write(o) => {
                self.change(o, true);
                self.events.push(o);
                let write = self.known.written(&id(o));
                self.writes.push((o, write, self.truth[o].version));
                let read = self.known.begin();
                self.ways.push(Way::Inspection(read, o, None));
            }
        }
    }

    /// Nothing changes any more: what is on its way arrives, then one more list.
    fn quiet(mut self) {
        while !self.events.is_empty() {
            self.step(&Step::Hear);
        }
        while !self.ways.is_empty() {
            self.step(&Step::Answer(0));
            self.step(&Step::Arrive(0));
        }
        self.step(&Step::BeginList);
        self.step(&Step::Answer(0));
        self.step(&Step::Arrive(0));
        for o in 0..OBJECTS {
            let truth = self.truth[o];
            assert_eq!(self.known.get(&id(o)).copied(), truth.there.then_some(truth.version), "o{o} once it is quiet");
        }
        assert_eq!(self.known.iter().count(), self.truth.iter().filter(|t| t.there).count());
        let missing: Vec<_> = self.writes.iter().filter(|(o, ..)| self.truth[*o].there).collect();
        assert!(missing.is_empty(), "writers that never saw their write: {missing:?}");
        assert_eq!(self.known.remembered(), self.known.iter().count(), "what is gone is forgotten");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_goes_back_writers_see_their_write_and_quiet_converges(steps in proptest::collection::vec(step(), 1..80)) {
        let mut world = World::default();
        for step in &steps {
            world.step(step);
        }
        world.quiet();
    }
}
