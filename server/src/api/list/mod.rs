//! The list contract: filter, sort, group and cut a window, all on the server, from a snapshot that nobody waits for.

pub mod containers;
pub mod hosts;
mod order;
pub mod text;
pub mod versions;
mod window;

#[cfg(test)]
pub mod tests;

pub use window::{Sort, Window};
