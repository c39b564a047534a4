//! Whether the page follows what happens.

use leptos::prelude::*;

use crate::{
    client::live::{LiveState, use_live_state},
    components::state_mark::{Meaning, StateMark},
    words::{W, t},
};

#[component]
pub fn LiveMark() -> impl IntoView {
    let state = use_live_state();
    let (live, paused) = (t(W::common_live), t(W::common_live_paused));
    let meaning = Signal::derive(move || if state.get() == LiveState::Live { Meaning::Good } else { Meaning::Unknown });
    view! { <StateMark meaning word=move || if state.get() == LiveState::Live { live() } else { paused() } /> }
}
