//! The SQL, and nothing but: two databases (SQLite embedded, PostgreSQL by URL) behind one set of functions.
//!
//! Reads go through a pool of readers. Every write goes through one writer task that puts what waits into one transaction
//! and, where the trail grows, reads and writes the chain's head once for the whole batch.
//!
//! **Invariant.** No transaction is open across a call to anything but the database.

mod chain;
mod db;
mod error;
pub mod exception;
mod migrate;
mod open;
mod reserve;
mod writer;

pub mod audit;
pub mod cause;
pub mod event;
pub mod grant;
pub mod host;
pub mod idempotency;
pub mod intent;
pub mod operation;
pub mod ownership;
pub mod sample;
pub mod session;
pub mod setup;
pub mod token;
pub mod user;
pub mod view;

#[cfg(test)]
pub mod tests;
#[cfg(test)]
pub mod tests_disk;
#[cfg(test)]
mod tests_views;

pub use chain::{Draft, Stamped, digest};
pub use db::{Tx, Value};
pub use error::StoreError;
pub use open::{Location, Store};
pub use writer::Appended;
