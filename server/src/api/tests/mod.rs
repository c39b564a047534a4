//! The API as people and scripts meet it: through the whole router, by the typed client where there is one.

mod causes;
pub mod console;
mod containers;
mod create;
mod cut_off;
mod disk;
mod fake;
mod golden;
pub mod http2;
mod killed;
mod policy;
mod registry;
pub mod rig;
mod sessions;
mod settings;
mod stats;
mod views;
mod walk;
