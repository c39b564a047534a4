//! Background tasks and their driver.
//!
//! A worker is idempotent and takes no input: each round looks at the world and does what is to be done. It wakes by time and
//! by signal, says what it did as JSON (`/api/v1/workers`), and a round that fails or panics is followed by the next one.

mod board;
mod cleanup;
mod driver;
mod events;
mod hosts;
pub mod intents;
mod rounds;
mod samples;

#[cfg(test)]
mod tests;

pub use board::{Board, Status};
pub use driver::{Round, Worker, Workers};
pub use events::Events;
pub use rounds::start;
pub use samples::{KEEP as SAMPLES_KEPT, Samples};

use crate::{audit::checkpoint::CheckpointError, http::tls::TlsError, store::StoreError};

/// Why a round failed.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the round panicked")]
    Panicked,
}
