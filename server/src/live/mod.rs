//! The live socket: tells each open page what changed, filtered by what its person may read. See `docs/live-socket.md`.
//!
//! [`sources`] turn what happens into a [`Change`] and hand it to the [`Hub`], which offers it to every socket's [`Listener`]. Each
//! subscription holds what it has to say in a bounded ring of its own until the reader grants bytes for it; a reader that stops
//! costs no more than that.
//!
//! Logs go another way: [`logs`] looks each container up for the person who subscribes, and reads the engines into the subscription's ring.
//!
//! **Invariant.** Nothing is dropped silently, and nobody hears of what they may not read.

mod change;
mod frames;
mod guard;
mod hub;
mod listener;
mod logs;
mod route;
mod sight;
mod socket;
pub mod sources;
mod stats;
mod subscription;
mod writer;

#[cfg(test)]
mod tests;

pub use change::{Audience, Change, Kind};
pub use hub::Hub;
pub use listener::Listener;
pub use route::router;
