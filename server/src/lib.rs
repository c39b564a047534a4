//! EcOS Console's server half: everything that touches the world.
//!
//! Rooms and their rules are in `docs/ARCHITECTURE.md`. Only `api`, `live` and `http` know axum, only `store` holds SQL,
//! only `fleet` knows bollard.

pub mod api;
pub mod app;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod fleet;
pub mod http;
pub mod live;
pub mod metrics;
pub mod run;
pub mod store;
pub mod terminal;
pub mod workers;
