//! How much of a limit is used: a bar, with figures beside it.

use leptos::prelude::*;

/// From here on a share is worth a look, and from here on it is bad.
const WARNING: f64 = 0.8;
const BAD: f64 = 0.95;

/// The bar alone, `share` between 0 and 1.
pub fn bar(share: f64) -> impl IntoView + use<> {
    let share = share.clamp(0.0, 1.0);
    // Writing floats costs each page kilobytes.
    let thousandths = (share * 1_000.0) as u32;
    let class = match share {
        s if s >= BAD => "meter bad",
        s if s >= WARNING => "meter warning",
        _ => "meter",
    };
    view! {
        <svg class=class viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="meter-all" width="1000" height="4"></rect>
            <rect class="meter-used" width=thousandths height="4"></rect>
        </svg>
    }
}

/// The bar and `used / limit`, both already in words.
pub fn meter(share: f64, used: String, limit: String) -> impl IntoView + use<> {
    view! {
        <span class="metered">
            {bar(share)} <span class="cut">{used} <span class="third">{format!(" / {limit}")}</span></span>
        </span>
    }
}
