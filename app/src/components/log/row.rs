//! One line as elements of the document. Built by hand: ten thousand lines a second pass through here, and a colour out of 16 million can
//! be set by script only.

use js_sys::{Date, JSON};
use leptos::prelude::document;
use web_sys::{Element, HtmlElement};

use super::{
    ansi::{self, Color, Span, Style},
    filter::Matcher,
    level::Level,
    store::Line,
};
use crate::{
    api::log_frame::{Mark, Stream},
    components::{clock::clock_millis, dom::set_style},
    words::{Lang, W, log_cut, log_mark_dropped, log_mark_exited, log_mark_lost, log_mark_unreadable, text as word},
};
use wasm_bindgen::JsCast;

/// Of a line that is not unfolded, at most so many characters are shown.
const SHOWN: usize = 4_000;

/// What rows have in common.
#[derive(Clone, Debug)]
pub struct Look<'a> {
    pub lang: Lang,
    /// Of the containers; with one alone there is no column for it.
    pub names: &'a [String],
    pub matcher: Option<&'a Matcher>,
    /// Midnight of today, in milliseconds: older lines show their date.
    pub today: f64,
}

/// The row of a line at a place.
pub fn row(look: &Look<'_>, place: i64, line: &Line, found: bool, unfolded: bool) -> Option<HtmlElement> {
    let row = element("div", "log-row")?;
    let classes = row.class_list();
    let _ = row.set_attribute("data-place", &place.to_string());
    if look.matcher.is_some() && !found {
        let _ = classes.add_1("beside");
    }
    add(&row, "span", "log-time", &time(look, line.at))?.set_title(&exact(line.at));
    if line.stream == Stream::Mark {
        let _ = classes.add_1("mark");
        name(look, &row, line);
        add(&row, "span", "log-text", &mark(look.lang, &line.text))?;
        return Some(row);
    }
    let _ = classes.add_1(line.level.class());
    add(&row, "span", "log-level", line.level.word())?;
    name(look, &row, line);
    let spans = ansi::spans(&line.text);
    let plain: String = spans.iter().map(|span| span.text.as_str()).collect();
    let is_json = plain.trim_start().starts_with('{') && plain.trim_end().ends_with('}');
    let body = element("span", "log-text")?;
    if is_json || plain.len() > SHOWN {
        let fold = add(&body, "button", "log-fold", if unfolded { "▾" } else { "▸" })?;
        let _ = fold.set_attribute("type", "button");
        let _ = fold.set_attribute("aria-expanded", if unfolded { "true" } else { "false" });
        let _ = fold.set_attribute("aria-label", word(look.lang, W::log_unfold));
    }
    let most = if unfolded && !is_json { usize::MAX } else { SHOWN };
    write(look, &body, &spans, &plain, most);
    if line.cut > 0 {
        add(&body, "span", "log-cut", &log_cut(look.lang, u64::from(line.cut)))?;
    }
    if unfolded && let Some(pretty) = is_json.then(|| pretty(&plain)).flatten() {
        add(&body, "pre", "log-json", &pretty)?;
    }
    let _ = row.append_child(&body);
    if line.stream == Stream::Err && line.level == Level::None {
        let _ = classes.add_1("stderr");
    }
    Some(row)
}

fn element(tag: &str, class: &str) -> Option<HtmlElement> {
    let element: Element = document().create_element(tag).ok()?;
    element.set_class_name(class);
    element.dyn_into().ok()
}

fn add(parent: &HtmlElement, tag: &str, class: &str, text: &str) -> Option<HtmlElement> {
    let child = element(tag, class)?;
    child.set_text_content(Some(text));
    let _ = parent.append_child(&child);
    Some(child)
}

/// Whose line it is, in the colour of its place.
fn name(look: &Look<'_>, row: &HtmlElement, line: &Line) {
    if look.names.len() < 2 {
        return;
    }
    let name = look.names.get(usize::from(line.container)).map_or("", String::as_str);
    let class = ["s1", "s2", "s3", "s4", "s5", "s6"][usize::from(line.container) % 6];
    if let Some(cell) = add(row, "span", "log-name", name) {
        let _ = cell.class_list().add_1(class);
        cell.set_title(name);
    }
}

/// The text with its colours, and what was found in it marked.
fn write(look: &Look<'_>, body: &HtmlElement, spans: &[Span], plain: &str, most: usize) {
    let most = plain.floor_char_boundary(most.min(plain.len()));
    let marks = look.matcher.map(|m| m.places(&plain[..most])).unwrap_or_default();
    let (mut at, mut marks) = (0, marks.into_iter().peekable());
    for span in spans {
        let (mut from, end) = (at, (at + span.text.len()).min(most));
        at += span.text.len();
        while from < end {
            while marks.peek().is_some_and(|(_, to)| *to <= from) {
                marks.next();
            }
            let (to, marked) = match marks.peek() {
                Some(&(start, to)) if start <= from => (to.min(end), true),
                Some(&(start, _)) => (start.min(end), false),
                None => (end, false),
            };
            piece(body, &plain[from..to], span.style, marked);
            from = to;
        }
    }
    if most < plain.len() {
        add(body, "span", "log-cut", "…");
    }
}

fn piece(body: &HtmlElement, text: &str, style: Style, marked: bool) {
    if !marked && style == Style::default() {
        let _ = body.append_child(&document().create_text_node(text));
        return;
    }
    let Some(piece) = add(body, if marked { "mark" } else { "span" }, "", text) else { return };
    let classes = piece.class_list();
    for (set, class) in
        [(style.bold, "bold"), (style.dim, "dim"), (style.italic, "italic"), (style.underline, "underline"), (style.inverse, "inverse")]
    {
        if set {
            let _ = classes.add_1(class);
        }
    }
    color(&piece, style.front, "front", "color");
    color(&piece, style.back, "back", "background-color");
}

fn color(piece: &HtmlElement, color: Option<Color>, class: &str, property: &str) {
    match color {
        Some(Color::Named(n)) => drop(piece.class_list().add_1(&format!("{class}-{n}"))),
        Some(Color::Rgb(r, g, b)) => set_style(piece, property, &format!("rgb({r},{g},{b})")),
        None => {}
    }
}

fn pretty(text: &str) -> Option<String> {
    let value = JSON::parse(text).ok()?;
    JSON::stringify_with_replacer_and_space(&value, &wasm_bindgen::JsValue::NULL, &2.into()).ok().map(String::from)
}

fn date(at: u64) -> Date {
    Date::new(&(((at / 1_000_000) as f64).into()))
}

fn time(look: &Look<'_>, at: u64) -> String {
    if at == 0 {
        return String::new();
    }
    let d = date(at);
    let clock = clock_millis(d.get_time());
    if d.get_time() >= look.today { clock } else { format!("{:02}-{:02} {clock}", d.get_month() + 1, d.get_date()) }
}

fn exact(at: u64) -> String {
    if at == 0 { String::new() } else { date(at).to_iso_string().into() }
}

/// What became of a container, in words.
pub fn mark(lang: Lang, text: &[u8]) -> String {
    let said = |w| word(lang, w).to_owned();
    match Mark::parse(text) {
        Some(Mark::Exited(Some(code))) => log_mark_exited(lang, code),
        Some(Mark::Exited(None)) => said(W::log_mark_ended),
        Some(Mark::Started) => said(W::log_mark_started),
        Some(Mark::Removed) => said(W::log_mark_removed),
        Some(Mark::NotFound) => said(W::log_mark_not_found),
        Some(Mark::Lost(code)) => log_mark_lost(lang, &code),
        Some(Mark::Unreadable(code)) => log_mark_unreadable(lang, &code),
        None => {
            let text = String::from_utf8_lossy(text);
            match text.strip_prefix("dropped ").and_then(|n| n.parse::<u64>().ok()) {
                Some(n) => log_mark_dropped(lang, n),
                None => text.into_owned(),
            }
        }
    }
}
