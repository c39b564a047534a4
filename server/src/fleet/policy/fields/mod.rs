//! The rules, one file per family of fields.

mod capabilities;
mod devices;
mod image;
mod limits;
mod logging;
mod mounts;
mod namespaces;
mod network;
mod own;
mod security;

pub use mounts::reaches_engine;

use super::{
    finding::{Finding, Found},
    rules::Rules,
    wanted::Wanted,
};

/// Everything that stands against it.
pub fn check(wanted: &Wanted, rules: &Rules) -> Vec<Finding> {
    let mut found = Found::default();
    own::check(wanted, rules, &mut found);
    security::check(wanted, &mut found);
    namespaces::check(wanted, rules, &mut found);
    mounts::check(wanted, rules, &mut found);
    capabilities::check(wanted, &mut found);
    devices::check(wanted, &mut found);
    limits::check(wanted, &mut found);
    logging::check(wanted, &mut found);
    network::check(wanted, rules, &mut found);
    image::check(wanted, rules, &mut found);
    found.0
}
