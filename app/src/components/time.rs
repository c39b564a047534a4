//! Moments and durations for people. The server writes RFC 3339; the browser says it in the reader's language and zone.

use std::{cell::RefCell, time::Duration};

use js_sys::{Array, Date, Function, Intl};
use leptos::prelude::*;

use super::{clock::clock_millis, dom};
use crate::words::{Lang, W, common_age_days, common_age_hours, common_age_minutes, common_age_seconds, common_ago, text, use_lang};

/// How often what is shown relative to now is reckoned anew.
const TICK: Duration = Duration::from_secs(5);

/// The browser's time in milliseconds; `None` on the server and until the page lives.
#[derive(Clone, Copy)]
pub struct Now(RwSignal<Option<f64>>);

/// Makes the page's clock; the app's root calls it.
pub fn provide_now() {
    let now = RwSignal::new(None);
    Effect::new(move |_| {
        dom::when_hydrated(move || {
            let tick = move || {
                let _ = now.try_set(Some(Date::now()));
            };
            tick();
            // The app's root lives as long as its document: nothing to clear.
            set_interval(tick, TICK);
        });
    });
    provide_context(Now(now));
}

/// The page's clock.
pub fn use_now() -> Now {
    use_context().unwrap_or_else(|| Now(RwSignal::new(None)))
}

impl Now {
    /// Tracked: what is made of it is made anew as time passes.
    pub fn get(self) -> Option<f64> {
        self.0.get()
    }
}

/// How a moment is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// "5 min ago"
    #[default]
    Ago,
    /// "13 d": how long it has been so.
    Age,
    /// "22:07:51" today, date and time else.
    Clock,
    /// Date and time.
    Exact,
}

/// A moment. The exact time is its title.
#[component]
pub fn Time(
    /// RFC 3339.
    #[prop(into)]
    at: String,
    #[prop(optional)] style: TimeStyle,
) -> impl IntoView {
    time(use_now(), use_lang(), at, style)
}

/// The same as a plain function, for rows: `now` and `lang` are looked up once, by the page.
pub fn time(now: Now, lang: RwSignal<Lang>, at: String, style: TimeStyle) -> impl IntoView {
    let (shown, exact) = (at.clone(), at.clone());
    view! {
        <time datetime=at title=move || now.get().map(|_| exact_text(lang.get(), &exact))>
            {move || match now.get() {
                None => shown.clone(),
                Some(now) => said(lang.get(), now, &shown, style),
            }}
        </time>
    }
}

fn said(lang: Lang, now: f64, at: &str, style: TimeStyle) -> String {
    let then = Date::parse(at);
    if then.is_nan() {
        return at.to_owned();
    }
    let seconds = ((now - then) / 1000.0).max(0.0) as u64;
    match style {
        TimeStyle::Age => age(lang, seconds),
        TimeStyle::Ago => ago(lang, seconds),
        TimeStyle::Exact => exact_text(lang, at),
        TimeStyle::Clock if same_day(now, then) => format(lang, then, Style::Time),
        TimeStyle::Clock => format(lang, then, Style::Short),
    }
}

/// `12 s`, `5 min`, `3 h`, `13 d`.
pub fn age(lang: Lang, seconds: u64) -> String {
    match seconds {
        s if s < 60 => common_age_seconds(lang, s),
        s if s < 3600 => common_age_minutes(lang, s / 60),
        s if s < 48 * 3600 => common_age_hours(lang, s / 3600),
        s => common_age_days(lang, s / 86400),
    }
}

/// `5 min ago`.
pub fn ago(lang: Lang, seconds: u64) -> String {
    if seconds < 5 { text(lang, W::common_just_now).to_owned() } else { common_ago(lang, age(lang, seconds)) }
}

/// Date and time with seconds. In the browser only.
pub fn exact_text(lang: Lang, at: &str) -> String {
    let then = Date::parse(at);
    if then.is_nan() { at.to_owned() } else { format(lang, then, Style::Exact) }
}

/// `22:07:51.114`, as log lines have it. In the browser only.
pub fn precise(at: &str) -> String {
    let then = Date::parse(at);
    if then.is_nan() {
        return at.to_owned();
    }
    clock_millis(then)
}

fn same_day(a: f64, b: f64) -> bool {
    let (a, b) = (Date::new(&a.into()), Date::new(&b.into()));
    a.get_date() == b.get_date() && a.get_month() == b.get_month() && a.get_full_year() == b.get_full_year()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Time,
    Short,
    Exact,
}

thread_local! {
    /// Making a formatter costs far more than using it.
    static FORMATS: RefCell<Vec<(Lang, Style, Function)>> = const { RefCell::new(Vec::new()) };
}

fn format(lang: Lang, then: f64, style: Style) -> String {
    FORMATS.with_borrow_mut(|formats| {
        let at = formats.iter().position(|(l, s, _)| *l == lang && *s == style).unwrap_or_else(|| {
            formats.push((lang, style, formatter(lang, style)));
            formats.len() - 1
        });
        let said = formats[at].2.call1(&wasm_bindgen::JsValue::UNDEFINED, &Date::new(&then.into()));
        said.ok().and_then(|said| said.as_string()).unwrap_or_default()
    })
}

fn formatter(lang: Lang, style: Style) -> Function {
    let options = Intl::DateTimeFormatOptions::new();
    options.set_hour_cycle(Intl::HourCycle::H23);
    match style {
        Style::Time => options.set_time_style(Intl::DateTimeStyle::Medium),
        Style::Short => {
            options.set_date_style(Intl::DateTimeStyle::Medium);
            options.set_time_style(Intl::DateTimeStyle::Short);
        }
        Style::Exact => {
            options.set_date_style(Intl::DateTimeStyle::Medium);
            options.set_time_style(Intl::DateTimeStyle::Medium);
        }
    }
    // "en" alone would write dates the American way.
    let locale = match lang {
        Lang::En => "en-GB",
        Lang::Zh => "zh-CN",
    };
    Intl::DateTimeFormat::new(&Array::of1(&locale.into()), &options).format()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_in_the_largest_unit_that_fits() {
        let seconds = [0, 59, 60, 3599, 3600, 47 * 3600, 48 * 3600, 41 * 86400];
        assert_eq!(seconds.map(|s| age(Lang::En, s)), ["0 s", "59 s", "1 min", "59 min", "1 h", "47 h", "2 d", "41 d"]);
        assert_eq!(age(Lang::Zh, 12), "12 秒");
    }

    #[test]
    fn what_was_just_now_has_no_figure() {
        assert_eq!(ago(Lang::En, 3), "just now");
        assert_eq!(ago(Lang::En, 300), "5 min ago");
        assert_eq!(ago(Lang::Zh, 300), "5 分钟前");
    }
}
