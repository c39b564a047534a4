//! The order of what is known of an engine's objects: a pure state machine without clock, engine or lock.
//!
//! What is known comes from reads only: a list of all objects, an inspection of one. Each says what was true at some moment
//! between its beginning and its end. Events and finished writes say that something changed, not to what. Both are steps of one
//! logical clock.
//!
//! **Invariant.** A read is applied to an object only if it began after the last read applied to it had ended, and after the
//! last event or write of it. So what is shown of an object never goes back, and a writer whose read was applied sees the write.

use std::collections::{BTreeMap, btree_map::Entry};

/// What is known of one engine's objects.
#[derive(Debug)]
pub struct Known<T> {
    step: u64,
    objects: BTreeMap<String, Object<T>>,
    /// Reads under way, by their beginning.
    open: BTreeMap<u64, u32>,
}

#[derive(Debug)]
struct Object<T> {
    /// Reads that began before this step may be older than what is known.
    floor: u64,
    /// When the read began that what is known comes from.
    read_from: u64,
    /// `None`: it is not there (any more).
    seen: Option<T>,
}

/// A read under way.
#[derive(Debug)]
#[must_use = "a read is applied or given up"]
pub struct Read {
    began: u64,
}

/// A finished write: reads that began after it show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written(u64);

/// What came of a read of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    Yes,
    /// Something newer is known, or an event or write came in between.
    Overtaken,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self { step: 0, objects: BTreeMap::new(), open: BTreeMap::new() }
    }
}

impl<T> Known<T> {
    fn next(&mut self) -> u64 {
        self.step += 1;
        self.step
    }

    /// A read is about to be sent.
    pub fn begin(&mut self) -> Read {
        let began = self.next();
        *self.open.entry(began).or_default() += 1;
        Read { began }
    }

    /// The read failed or is not wanted any more.
    pub fn give_up(&mut self, read: Read) {
        self.close(&read);
    }

    fn close(&mut self, read: &Read) {
        if let Entry::Occupied(mut count) = self.open.entry(read.began) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        // What is gone is remembered only as long as a read may still bring it back.
        let oldest = self.open.keys().next().copied().unwrap_or(self.step);
        self.objects.retain(|_, o| o.seen.is_some() || o.floor > oldest);
    }

    /// An event tells that the object changed.
    pub fn touch(&mut self, id: &str) {
        let step = self.next();
        match self.objects.get_mut(id) {
            Some(object) => object.floor = step,
            None => drop(self.objects.insert(id.to_owned(), Object { floor: step, read_from: 0, seen: None })),
        }
    }

    /// A write of the object was acknowledged.
    pub fn written(&mut self, id: &str) -> Written {
        self.touch(id);
        Written(self.step)
    }

    /// Whether what is known of the object shows the write.
    pub fn shows(&self, id: &str, write: Written) -> bool {
        self.objects.get(id).is_some_and(|o| o.read_from > write.0)
    }

    pub fn get(&self, id: &str) -> Option<&T> {
        self.objects.get(id)?.seen.as_ref()
    }

    /// How many objects are held, those that are gone included.
    #[cfg(test)]
    pub fn remembered(&self) -> usize {
        self.objects.len()
    }

    /// Those that are there, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &T)> {
        self.objects.iter().filter_map(|(id, o)| Some((id, o.seen.as_ref()?)))
    }

    /// Applies the inspection of one object; `None`: it is not there.
    pub fn apply(&mut self, read: Read, id: &str, seen: Option<T>) -> Applied {
        let step = self.next();
        let object = self.objects.entry(id.to_owned()).or_insert(Object { floor: 0, read_from: 0, seen: None });
        let applied = if read.began > object.floor {
            *object = Object { floor: step, read_from: read.began, seen };
            Applied::Yes
        } else {
            Applied::Overtaken
        };
        self.close(&read);
        applied
    }

    /// Applies a list of all objects. `merge` joins what was known of one with what the list says, which is less. Tells the ids that
    /// it was applied to, those that are gone included.
    pub fn apply_list<L>(&mut self, read: Read, listed: Vec<(String, L)>, mut merge: impl FnMut(Option<&T>, L) -> T) -> Vec<String> {
        let step = self.next();
        let listed: BTreeMap<String, L> = listed.into_iter().collect();
        let mut applied = Vec::new();
        for (id, object) in &mut self.objects {
            if object.seen.is_some() && read.began > object.floor && !listed.contains_key(id) {
                *object = Object { floor: step, read_from: read.began, seen: None };
                applied.push(id.clone());
            }
        }
        for (id, line) in listed {
            let object = self.objects.entry(id.clone()).or_insert(Object { floor: 0, read_from: 0, seen: None });
            if read.began > object.floor {
                let seen = merge(object.seen.as_ref(), line);
                *object = Object { floor: step, read_from: read.began, seen: Some(seen) };
                applied.push(id);
            }
        }
        self.close(&read);
        applied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_begun_before_an_event_does_not_bring_back_what_is_gone() {
        let mut known = Known::default();
        let list = known.begin();
        known.touch("a");
        let gone = known.begin();
        assert_eq!(known.apply(gone, "a", None), Applied::Yes);
        assert!(known.apply_list(list, vec![("a".into(), 1)], |_, v| v).is_empty());
        assert_eq!(known.iter().count(), 0);
        assert!(known.objects.is_empty(), "nothing is remembered once no read is open");
    }

    #[test]
    fn a_writer_sees_the_write_only_by_a_read_begun_after_it() {
        let mut known = Known::default();
        let early = known.begin();
        let write = known.written("a");
        assert_eq!(known.apply(early, "a", Some(0)), Applied::Overtaken);
        assert!(!known.shows("a", write));
        let read = known.begin();
        assert_eq!(known.apply(read, "a", Some(1)), Applied::Yes);
        assert!(known.shows("a", write));
    }

    #[test]
    fn what_a_list_lacks_is_gone() {
        let mut known = Known::default();
        let list = known.begin();
        assert_eq!(known.apply_list(list, vec![("a".into(), 1), ("b".into(), 1)], |_, v| v).len(), 2);
        let list = known.begin();
        let mut changed = known.apply_list(list, vec![("b".into(), 2)], |old, v| old.copied().unwrap_or_default() + v);
        changed.sort();
        assert_eq!(changed, ["a", "b"]);
        assert_eq!(known.iter().map(|(id, v)| (id.as_str(), *v)).collect::<Vec<_>>(), [("b", 3)]);
    }
}
