//! The contract: what goes over `/api/v1`, one file per resource, serde only.
//!
//! Request types refuse unknown fields; response types never do, so that one version back keeps reading. Times are
//! RFC 3339 in UTC with milliseconds ([`Timestamp`]), sizes bytes, durations named with their unit.

pub mod account;
pub mod audit;
pub mod container;
pub mod counts;
pub mod event;
pub mod file;
pub mod host;
pub mod image;
pub mod list;
pub mod live;
pub mod log_frame;
pub mod operation;
pub mod overview;
pub mod problem;
pub mod session;
pub mod setup;
pub mod spec;
pub mod stats;
pub mod terminal;
pub mod view;
pub mod worker;

/// A moment: RFC 3339, UTC, milliseconds (`2026-11-22T22:07:51.113Z`). Formatted for the reader in the browser only.
pub type Timestamp = String;
