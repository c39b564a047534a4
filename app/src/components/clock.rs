//! Times of day, in the reader's zone; in UTC where the server draws, which knows no reader. Moments are milliseconds since 1970.

/// `22:05`
#[cfg(feature = "hydrate")]
pub fn clock(moment: f64) -> String {
    let date = js_sys::Date::new(&moment.into());
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// `22:05:40`
#[cfg(feature = "hydrate")]
pub fn clock_seconds(moment: f64) -> String {
    format!("{}:{:02}", clock(moment), js_sys::Date::new(&moment.into()).get_seconds())
}

/// `22:05:40.114`
#[cfg(feature = "hydrate")]
pub fn clock_millis(moment: f64) -> String {
    format!("{}.{:03}", clock_seconds(moment), js_sys::Date::new(&moment.into()).get_milliseconds())
}

/// `22:05:40.114`
#[cfg(not(feature = "hydrate"))]
pub fn clock_millis(moment: f64) -> String {
    format!("{}.{:03}", clock_seconds(moment), moment as u64 % 1_000)
}

/// `22:05:40`
#[cfg(not(feature = "hydrate"))]
pub fn clock_seconds(moment: f64) -> String {
    format!("{}:{:02}", clock(moment), (moment / 1_000.0) as u64 % 60)
}

/// `22:05`
#[cfg(not(feature = "hydrate"))]
pub fn clock(moment: f64) -> String {
    let minutes = (moment / 60_000.0) as u64;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}
