//! What is known of each engine: one task lists once, follows the events, lists again every minute; another pings.

pub(super) mod facts;
mod follow;
mod hearing;
mod history;
pub(super) mod host;
mod inspection;
mod introduction;
pub(super) mod list;
mod merge;
mod ping;
mod reads;
mod state;

pub(super) use follow::follow;
pub(super) use ping::keep_pinging;

#[cfg(test)]
mod tests_merge;
