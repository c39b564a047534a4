//! Hearing what changed: one socket for each tab, opened with the first subscription, connected again when it is lost.
//!
//! ```text
//! let hosts = loader(..);
//! use_changes(&["host"], move |_| hosts.refetch());
//! ```
//!
//! On the server all of it does nothing, so that pages call it unconditionally.

#[cfg(any(feature = "hydrate", test))]
mod backoff;
#[cfg(any(feature = "hydrate", test))]
mod book;
#[cfg(feature = "hydrate")]
mod line;

#[cfg(feature = "hydrate")]
use std::rc::Rc;

use leptos::prelude::*;

use crate::api::{
    container::ContainerRef,
    live::{Changed, Topic},
    stats::Figures,
};

/// How the tab stands with the server, for the frame of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LiveState {
    /// Not connected for the first time yet.
    #[default]
    Connecting,
    Live,
    /// The connection was lost for more than a moment: what is shown may be out of date. It is tried again.
    Lost,
}

/// Whether the server runs another build than the one that this page came from.
#[derive(Clone, Copy, Debug)]
pub struct Outdated(pub RwSignal<bool>);

/// Sets up the tab's socket, without opening it. Once, in the app, where the client is in context.
pub fn provide_live() {
    let (state, outdated) = (RwSignal::new(LiveState::default()), RwSignal::new(false));
    provide_context(state);
    provide_context(Outdated(outdated));
    #[cfg(feature = "hydrate")]
    provide_context(line::Live::new(state, outdated, crate::loader::use_client()));
}

/// How the tab stands with the server.
pub fn use_live_state() -> RwSignal<LiveState> {
    expect_context()
}

/// Stops hearing (`true`) before the session is ended: what changes with its end is not for this page any more. `false` hears again.
pub fn use_hush() -> Callback<bool> {
    #[cfg(feature = "hydrate")]
    if let Some(live) = use_context::<line::Live>() {
        return Callback::new(move |quiet| live.hush(quiet));
    }
    Callback::new(|_| {})
}

/// Whether nothing is to be heard, nor to be asked for, any more.
pub fn use_hushed() -> Callback<(), bool> {
    #[cfg(feature = "hydrate")]
    if let Some(live) = use_context::<line::Live>() {
        return Callback::new(move |()| live.is_hushed());
    }
    Callback::new(|()| false)
}

/// Calls back with what changed of these kinds (`container`, `host`, `event`, `audit`, `operation`, `session`), until the calling
/// component is gone.
///
/// With **nothing** it means: something may have been missed (before the subscription held, while the connection was lost, or because
/// this tab was slow), fetch what is shown anew.
pub fn use_changes(kinds: &'static [&'static str], callback: impl Fn(Vec<Changed>) + 'static) {
    #[cfg(feature = "hydrate")]
    if let Some(live) = use_context::<line::Live>() {
        let number = live.follow(kinds, callback);
        on_cleanup(move || live.leave(number));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (kinds, callback);
}

/// What the follower of a log hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The subscription holds, for the first time or again.
    Begun,
    /// A binary frame, whole: `api::log_frame` reads it.
    Lines(Vec<u8>),
    /// So many lines were dropped by the server, because the tab was slow.
    Dropped { n: u64, from: String, to: String },
    /// It is over: why.
    Ended(String),
}

/// A log that is followed, until this goes. Cheap to clone; the last one ends it.
#[derive(Clone)]
pub struct Following(#[cfg(feature = "hydrate")] Rc<Held>);

#[cfg(feature = "hydrate")]
struct Held {
    live: line::Live,
    number: u32,
}

#[cfg(feature = "hydrate")]
impl Drop for Held {
    fn drop(&mut self) {
        self.live.leave(self.number);
    }
}

impl Following {
    /// Grants bytes that have been looked at.
    pub fn grant(&self, bytes: u32) {
        #[cfg(feature = "hydrate")]
        self.0.live.grant(self.0.number, bytes);
        #[cfg(not(feature = "hydrate"))]
        let _ = bytes;
    }
}

/// Follows logs. `topic` is asked for at each connection; so many bytes may come before the first grant.
pub fn follow_log(topic: impl Fn() -> Topic + 'static, heard: impl Fn(Heard) + 'static, credit: u32) -> Option<Following> {
    #[cfg(feature = "hydrate")]
    if let Some(live) = use_context::<line::Live>() {
        let number = live.follow_log(Rc::new(topic), Rc::new(heard), credit);
        return Some(Following(Rc::new(Held { live, number })));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (topic, heard, credit);
    None
}

/// What a round tells: which containers are watched, the moment, and the figures of those that there are any of, by their place.
pub type Told<'a> = (&'a [ContainerRef], &'a str, Vec<(usize, Figures)>);

/// Calls back about every two seconds with what these containers use. Nothing is asked for an empty list. Follows the list as it changes,
/// until the calling component is gone.
pub fn use_stats(containers: Signal<Vec<ContainerRef>>, callback: impl Fn(Told<'_>) + Clone + 'static) {
    #[cfg(feature = "hydrate")]
    if let Some(live) = use_context::<line::Live>() {
        Effect::new(move |_| {
            let list = containers.get();
            if !list.is_empty() {
                let (told, of) = (callback.clone(), list.clone());
                let (number, live) = (live.watch(list, move |at, figures| told((&of, at, figures))), live.clone());
                on_cleanup(move || live.leave(number));
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (containers, callback);
}
