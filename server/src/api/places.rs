//! Places for what goes on for long: so many for each person and in all. An answer that goes on and on, such as a log that is followed,
//! holds a connection to an engine and files of the process; an operation holds engines and rows.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::StatusCode;

use crate::http::problem::Problem;

/// Logs followed by one person, their tokens' included.
pub const STREAMS: Limit = Limit { each: 32, all: 512, code: "too_many_streams", what: "streams open" };
/// Containers whose logs one person follows on live sockets.
pub const FOLLOWED: Limit = Limit { each: 200, all: 2_000, code: "too_many_logs", what: "logs followed" };
/// Operations of one person's that run.
pub const OPERATIONS: Limit = Limit { each: 8, all: 128, code: "too_many_operations", what: "operations running" };

/// Terminals of one person, those that are held without a connection included.
pub const TERMINALS: Limit = Limit { each: 16, all: 256, code: "too_many_terminals", what: "terminals open" };

/// How many places there are, and what a refusal says.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Of one person.
    pub each: usize,
    /// Of the console.
    pub all: usize,
    code: &'static str,
    what: &'static str,
}

/// Who has how many.
#[derive(Clone, Debug)]
pub struct Places {
    limit: Limit,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place; free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    user_id: String,
}

impl Places {
    pub fn new(limit: Limit) -> Self {
        Self { limit, taken: Arc::default() }
    }

    /// How many a person has.
    pub fn taken(&self, user_id: &str) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).get(user_id).copied().unwrap_or_default()
    }

    /// A place for one more of a person's. 429 where there is none.
    pub fn enter(&self, user_id: &str) -> Result<Place, Problem> {
        let Limit { each, all, code, what } = self.limit;
        let crowded = |detail: String| Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, code, detail));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= all {
            return crowded(format!("The console has {all} {what}: try again later."));
        }
        let own = taken.entry(user_id.to_owned()).or_default();
        if *own >= each {
            return crowded(format!("You have {each} {what}: wait for some to end, or end them."));
        }
        *own += 1;
        Ok(Place { places: self.clone(), user_id: user_id.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.user_id) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_places() {
        let places = Places::new(STREAMS);
        let mut mine: Vec<Place> = (0..STREAMS.each).map(|_| places.enter("me").expect("a place")).collect();
        assert_eq!(places.enter("me").expect_err("one too many").code(), "too_many_streams");
        let other = places.enter("other").expect("others have their own");
        mine.pop();
        places.enter("me").expect("one is free again");
        drop((mine, other));
        let all: Vec<Place> = (0..STREAMS.all).map(|i| places.enter(&format!("u{i}")).expect("a place")).collect();
        assert!(places.enter("late").is_err());
        drop(all);
        assert!(places.taken.lock().expect("not poisoned").is_empty(), "nothing is held for who has none");
    }
}
