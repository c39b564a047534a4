//! What people see, and the contract between page and server.
//!
//! `api` holds the DTOs and the typed client's calls, `client` how a call reaches the server, `components` the design
//! system, `pages` one folder per resource. This crate compiles for the browser and for the server and knows neither
//! axum nor tokio nor sqlx nor bollard.

pub mod api;
pub mod client;
pub mod components;
pub mod loader;
pub mod me;
pub mod pages;
pub mod problems;
pub mod routes;
pub mod shell;
pub mod words;
