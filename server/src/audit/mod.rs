//! The trail: who did what to what, from where, by which right, and what came of it.
//!
//! A change of the world is an intent, committed before its effect, and an outcome after it. A change of the console's own
//! rows is one record, committed with them. Refusals of signed-in people are records; what nobody did (wrong passwords,
//! bad tokens) is counted per address and minute.
//!
//! **Invariant.** If the record cannot be written, the change is refused; reads go on.

pub mod checkpoint;
pub mod intent;
pub mod key;
pub mod trail;
pub mod verify;

#[cfg(test)]
mod tests;

pub use intent::{Intent, Outcome};
pub use trail::{Change, Trail};
