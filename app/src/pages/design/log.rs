//! A log: levels, colours, marks, lines that unfold, are cut, or follow one another.

use js_sys::Date;
use leptos::prelude::*;

use super::say;
use crate::{
    api::log_frame::{Entry, Stream, begin},
    components::log::{Log, LogState, LogView, Wishes},
};

const NAMES: [&str; 3] = ["mobile-api.1", "account-query.1", "pay-core.3"];
const LINES: [&str; 10] = [
    "INFO GET /v2/accounts/6222/balance 200 3 ms",
    "WARN timeout waiting for a connection from pool \"main\" (3000 ms)",
    "ERROR java.net.SocketTimeoutException: connect timeout",
    "\u{1b}[32mINFO\u{1b}[0m \u{1b}[1mstarted\u{1b}[0m \u{1b}[38;5;208m256 colours\u{1b}[0m \u{1b}[7minverse\u{1b}[0m \u{1b}[4munderlined\u{1b}[0m",
    r#"{"level":"warn","msg":"slow query","ms":3004,"trace":{"id":"5b1e0c77","span":12}}"#,
    "DEBUG cache miss for key=account:6222",
    "a line that says nothing of its level",
    "转账超时，已回退到缓存",
    "\u{1b}[41m\u{1b}[97m CRITICAL \u{1b}[0m disk is full",
    "level=info msg=\"request served\" path=/v1/accounts status=200",
];

#[component]
pub(super) fn LogPart() -> impl IntoView {
    let log = Log::new();
    let text = || RwSignal::new(String::new());
    let state = LogState { text: text(), regex: text(), levels: text(), context: text(), wrap: text(), at: text() };
    Effect::new(move |_| {
        let Some(pane) = log.pane() else { return };
        let wishes = Wishes { grant: Box::new(|_| {}), older: Box::new(|| {}), following: Box::new(log.followed()) };
        pane.begin(NAMES.map(str::to_owned).to_vec(), true, wishes);
        let now = Date::now() as u64 * 1_000_000;
        let mut frame = begin(0);
        for i in 0..400_u64 {
            let (container, at) = ((i % 3) as u8, now - (400 - i) * 250_000_000);
            let line = LINES[(i % 10) as usize].as_bytes();
            let cut = if i % 97 == 96 { 934_486 } else { 0 };
            let stream = if i % 11 == 6 { Stream::Err } else { Stream::Out };
            Entry { container, stream, at, cut, text: line }.write(&mut frame);
            for (when, mark) in [(120, "exited 137"), (121, "started"), (390, "lost host_unreachable")] {
                if i == when {
                    Entry { container, stream: Stream::Mark, at, cut: 0, text: mark.as_bytes() }.write(&mut frame);
                }
            }
        }
        pane.take(frame);
        pane.dropped(312, now - 50_000_000_000);
    });
    let nothing = move || view! { <p class="log-nothing second">{say("No lines", "没有日志")}</p> };
    view! {
        <LogView
            log
            state
            label=say("Log", "日志")
            tokens=RwSignal::default()
            keys=vec![]
            suggestions=Signal::stored(vec![])
            placeholder=say("Find", "查找")
            downloads=Signal::stored(vec![])
            live=Signal::stored(true)
            nothing
        />
    }
}
