//! What a log does in the browser: takes frames in, keeps lines, finds, paints the rows in view, and stays where the reader is.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, VecDeque},
    rc::Rc,
    time::Duration,
};

use js_sys::Date;
use leptos::prelude::{document, request_animation_frame, set_timeout};
use web_sys::{Element, HtmlElement};

use super::{
    course::Course,
    filter::Filter,
    level::Level,
    place::{anchor, focused_place, place_of, row_at},
    row::{self, Look},
    shown::View,
    store::{CAPACITY, Line, Store},
};
use crate::{
    api::log_frame::{self, Entry, Stream},
    components::dom::{px, set_style},
    words::Lang,
};

/// Height of a row that is not wrapped or unfolded; what is out of view counts as so high.
pub(super) const ROW: f64 = 18.0;
/// Rows painted above and below what is in view.
const MARGIN: usize = 20;
/// Lines taken in between two pictures.
const TAKE: usize = 3_000;
/// Lines looked through between two pictures.
const LOOK: usize = 20_000;
/// In a tab that nobody sees there are no pictures: how often lines are taken in then.
const HIDDEN: Duration = Duration::from_millis(250);
/// So near to the end counts as there: positions are not whole at every zoom.
const AT_END: f64 = 2.0;
/// Nearer to the beginning than this, older lines are asked for.
const NEAR: f64 = 600.0;

/// Elements that are painted into.
#[derive(Clone)]
pub struct Stage {
    pub scroll: HtmlElement,
    pub above: HtmlElement,
    pub rows: HtmlElement,
    pub below: HtmlElement,
}

/// How the log stands, for the bar and the foot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub levels: [u64; 5],
    pub lines: u64,
    pub found: u64,
    /// Lines that came in the last second.
    pub rate: u64,
    pub dropped: u64,
    /// Shown lines that came since the reader has scrolled up.
    pub new: u64,
    pub invalid: bool,
}

/// What the pane asks of its page.
pub struct Wishes {
    /// So many bytes were looked at.
    pub grant: Box<dyn Fn(u32)>,
    /// The reader is at the beginning.
    pub older: Box<dyn Fn()>,
    /// Whether the newest line is kept in view.
    pub following: Box<dyn Fn(bool)>,
}

/// The log of a page in the browser.
pub struct Pane {
    stage: Stage,
    wishes: RefCell<Option<Rc<Wishes>>>,
    state: RefCell<State>,
    /// Whether a picture is on its way.
    awaited: Cell<bool>,
}

struct State {
    store: Store,
    view: View,
    filter: Filter,
    pending: VecDeque<Vec<u8>>,
    /// Bytes of a frame that was taken in by half.
    taken: usize,
    /// Bytes looked at and not granted, while the tab is full and the reader elsewhere.
    owed: u32,
    names: Vec<String>,
    lang: Lang,
    is_following: bool,
    /// Older lines are not whole: some containers' begin later.
    horizon: u64,
    unfolded: BTreeSet<i64>,
    /// The end when the reader scrolled up.
    left_at: i64,
    painted: (usize, usize),
    /// Where the pane put the view, until the reader moves it.
    placed: Option<i32>,
    dirty: bool,
    arrived: u64,
    dropped: u64,
    /// Arrived lines at the last look, when that was, and how many came in the second before it. What comes at first was written earlier.
    rate: (Option<u64>, f64, u64),
    /// What was shown when it was counted last: first place, end, found.
    counted: (i64, i64, u64),
}

impl Pane {
    pub fn new(stage: Stage, filter: Filter, lang: Lang) -> Rc<Self> {
        let inner = State {
            store: Store::new(CAPACITY),
            view: View::new(&filter),
            filter,
            pending: VecDeque::new(),
            taken: 0,
            owed: 0,
            names: Vec::new(),
            lang,
            is_following: true,
            horizon: 0,
            unfolded: BTreeSet::new(),
            left_at: 0,
            painted: (0, 0),
            placed: None,
            dirty: true,
            arrived: 0,
            dropped: 0,
            rate: (None, Date::now(), 0),
            counted: (0, 0, 0),
        };
        Rc::new(Self { stage, wishes: RefCell::new(None), state: RefCell::new(inner), awaited: Cell::new(false) })
    }

    /// Begins anew, with nothing. `follow`: from the newest line on; else from the first that comes.
    pub fn begin(self: &Rc<Self>, names: Vec<String>, follow: bool, wishes: Wishes) {
        self.wishes.replace(Some(Rc::new(wishes)));
        {
            let mut s = self.state.borrow_mut();
            s.store.clear();
            s.pending.clear();
            (s.taken, s.owed, s.arrived, s.dropped, s.horizon) = (0, 0, 0, 0, 0);
            s.rate = (None, Date::now(), 0);
            s.names = names;
            s.unfolded.clear();
            s.view = View::new(&s.filter);
            s.dirty = true;
        }
        self.place(0);
        self.follow(follow);
    }

    /// A binary frame came.
    pub fn take(self: &Rc<Self>, frame: Vec<u8>) {
        self.state.borrow_mut().pending.push_back(frame);
        self.draw_soon();
    }

    /// So many lines were dropped before they came here.
    pub fn dropped(self: &Rc<Self>, n: u64, to: u64) {
        let mut s = self.state.borrow_mut();
        s.dropped += n;
        let text = format!("dropped {n}");
        let line = Line::of(&Entry { container: u8::MAX, stream: Stream::Mark, at: to, cut: 0, text: text.as_bytes() });
        let touched = s.store.merge(vec![line]);
        s.view.touched(touched);
        s.dirty = true;
        drop(s);
        self.draw_soon();
    }

    /// Older lines came; from `horizon` on there are all.
    pub fn older(self: &Rc<Self>, lines: Vec<Line>, horizon: u64) {
        {
            let mut s = self.state.borrow_mut();
            s.store.prepend(lines);
            s.horizon = horizon;
            s.view = View::new(&s.filter);
            s.dirty = true;
        }
        self.draw_soon();
    }

    /// Lines before are not whole.
    pub fn set_horizon(self: &Rc<Self>, horizon: u64) {
        let mut s = self.state.borrow_mut();
        if s.horizon != horizon {
            s.horizon = horizon;
            s.view = View::new(&s.filter);
            s.dirty = true;
            drop(s);
            self.draw_soon();
        }
    }

    /// The time of a container's oldest line.
    pub fn oldest(&self, container: u8) -> Option<u64> {
        self.state.borrow().store.oldest(container)
    }

    pub fn filter(self: &Rc<Self>, filter: Filter) {
        {
            let mut s = self.state.borrow_mut();
            if s.filter == filter {
                return;
            }
            s.view = View::new(&filter);
            s.filter = filter;
            s.dirty = true;
        }
        self.draw_soon();
    }

    pub fn speak(self: &Rc<Self>, lang: Lang) {
        self.state.borrow_mut().lang = lang;
        self.repaint();
    }

    /// Rows have other heights.
    pub fn repaint(self: &Rc<Self>) {
        self.state.borrow_mut().dirty = true;
        self.draw_soon();
    }

    pub fn follow(self: &Rc<Self>, follow: bool) {
        let owed = {
            let mut s = self.state.borrow_mut();
            s.is_following = follow;
            s.left_at = s.store.end();
            s.dirty = true;
            if follow { std::mem::take(&mut s.owed) } else { 0 }
        };
        let wishes = self.wishes.borrow().clone();
        if let Some(wishes) = wishes {
            (wishes.following)(follow);
            if owed > 0 {
                (wishes.grant)(owed);
            }
        }
        self.draw_soon();
    }

    /// The reader scrolled, or what is painted moved.
    pub fn scrolled(self: &Rc<Self>) {
        let scroll = &self.stage.scroll;
        let (top, height) = (f64::from(scroll.scroll_top()), f64::from(scroll.client_height()));
        let at_end = f64::from(scroll.scroll_height()) - top - height < AT_END;
        let (is_following, empty, by_reader) = {
            let mut s = self.state.borrow_mut();
            // The browser tells of what the pane did a picture later: the reader may have begun to leave by then.
            let by_reader = s.placed.is_none_or(|placed| placed != scroll.scroll_top());
            if by_reader {
                s.placed = None;
            }
            (s.is_following, s.view.len() == 0, by_reader)
        };
        if by_reader && at_end != is_following && !(at_end && empty) {
            self.follow(at_end);
        }
        self.draw_soon();
    }

    /// The reader begins to scroll up.
    pub fn leave_end(self: &Rc<Self>) {
        if self.stage.scroll.scroll_height() > self.stage.scroll.client_height() {
            self.follow(false);
        }
    }

    /// Asks for older lines, where there is room for them.
    pub fn ask_older(&self) {
        if self.state.borrow().store.is_full() {
            return;
        }
        let wishes = self.wishes.borrow().clone();
        if let Some(wishes) = wishes {
            (wishes.older)();
        }
    }

    /// Unfolds the row that a click was on, or folds it.
    pub fn toggle(self: &Rc<Self>, target: &Element) {
        if let Some(place) = place_of(target) {
            let mut s = self.state.borrow_mut();
            if !s.unfolded.remove(&place) {
                s.unfolded.insert(place);
            }
            drop(s);
            self.repaint();
        }
    }

    /// All that is shown, as text.
    pub fn text(&self) -> String {
        let s = self.state.borrow();
        let mut all = String::new();
        for shown in (0..s.view.len()).filter_map(|i| s.view.get(i)) {
            if let Some(line) = s.store.get(shown.place).filter(|line| line.stream != Stream::Mark) {
                all.push_str(&super::ansi::plain(&line.text));
                all.push('\n');
            }
        }
        all
    }

    pub fn status(&self) -> Status {
        let mut s = self.state.borrow_mut();
        let now = Date::now();
        let (before, at, rate) = s.rate;
        if now - at >= 1_000.0 {
            let rate = before.map_or(0, |before| ((s.arrived - before) as f64 * 1_000.0 / (now - at)).round() as u64);
            s.rate = (Some(s.arrived), now, rate);
        }
        let new = if s.is_following { 0 } else { s.view.len().saturating_sub(s.view.index_of(s.left_at)) as u64 };
        Status {
            levels: s.store.levels(),
            lines: (s.store.end() - s.store.first()).unsigned_abs(),
            found: s.view.found(),
            rate: if now - at >= 1_000.0 { s.rate.2 } else { rate },
            dropped: s.dropped,
            new,
            invalid: !s.view.is_valid(),
        }
    }

    /// How the shown lines lie over time; nothing where it is as before.
    pub fn course(&self) -> Option<Course> {
        let mut s = self.state.borrow_mut();
        let now = (s.store.first(), s.store.end(), s.view.found());
        if std::mem::replace(&mut s.counted, now) == now {
            return None;
        }
        let lines =
            || (0..s.view.len()).filter_map(|i| s.view.get(i)).filter(|shown| shown.found).filter_map(|shown| s.store.get(shown.place));
        let lines = || lines().filter(|line| line.stream != Stream::Mark);
        // In order of time.
        let span = lines().next().map(|first| (first.at, s.store.newest().max(first.at)));
        Some(Course::of(span, lines().map(|line| (line.at, line.level == Level::Error))))
    }

    /// Shows the first shown line at or after a time, and stays there.
    pub fn go_to(self: &Rc<Self>, at: u64) {
        self.follow(false);
        let top = {
            let mut s = self.state.borrow_mut();
            s.dirty = true;
            s.view.index_of(s.store.place_of(at)) as f64 * ROW
        };
        // What is painted is thrown away: it would hold the reader where he was.
        self.stage.rows.set_text_content(None);
        set_style(&self.stage.above, "height", &px(top));
        set_style(
            &self.stage.below,
            "height",
            &px(f64::from(self.stage.scroll.client_height()).max(self.state.borrow().view.len() as f64 * ROW - top)),
        );
        self.place(top as i32);
        self.draw_soon();
    }

    /// Moves the view.
    fn place(&self, top: i32) {
        self.stage.scroll.set_scroll_top(top);
        self.state.borrow_mut().placed = Some(self.stage.scroll.scroll_top());
    }

    /// Draws with the next picture, however much comes until then.
    fn draw_soon(self: &Rc<Self>) {
        if self.awaited.replace(true) {
            return;
        }
        let pane = Rc::clone(self);
        let draw = move || {
            pane.awaited.set(false);
            pane.draw();
        };
        if document().hidden() { set_timeout(draw, HIDDEN) } else { request_animation_frame(draw) }
    }

    fn draw(self: &Rc<Self>) {
        if !self.stage.scroll.is_connected() {
            return;
        }
        let (grant, more) = self.take_in();
        let wishes = self.wishes.borrow().clone();
        if let Some(wishes) = wishes.filter(|_| grant > 0) {
            (wishes.grant)(grant);
        }
        self.paint();
        let is_reading = {
            let s = self.state.borrow();
            !s.is_following && s.view.len() > 0
        };
        if is_reading && f64::from(self.stage.scroll.scroll_top()) < NEAR {
            self.ask_older();
        }
        if more {
            self.draw_soon();
        }
    }

    /// Takes in what came and looks through it. Bytes to grant, and whether there is more to do.
    fn take_in(&self) -> (u32, bool) {
        let mut state = self.state.borrow_mut();
        let s = &mut *state;
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < TAKE {
            let Some(frame) = s.pending.front() else { break };
            let start = s.taken.max(log_frame::HEAD);
            let mut at = start;
            for entry in log_frame::Entries::of(frame.get(start..).unwrap_or_default()) {
                if batch.len() >= TAKE {
                    break;
                }
                at += entry.size();
                batch.push(Line::of(&entry));
            }
            if batch.len() < TAKE || at >= frame.len() {
                bytes += u32::try_from(frame.len()).unwrap_or(u32::MAX);
                s.pending.pop_front();
                s.taken = 0;
            } else {
                s.taken = at;
            }
        }
        if !batch.is_empty() {
            s.arrived += batch.iter().filter(|line| line.stream != Stream::Mark).count() as u64;
            let touched = s.store.merge(batch);
            s.view.touched(touched);
            let first = s.store.evict();
            s.view.evicted(first);
            s.unfolded = s.unfolded.split_off(&first);
            s.dirty = true;
        }
        let from = if s.horizon == 0 { s.store.first() } else { s.store.place_of(s.horizon) };
        let before = s.view.len();
        let done = s.view.look(&s.store, from, LOOK);
        s.dirty |= s.view.len() != before;
        let grant = if s.is_following || !s.store.is_full() {
            bytes + std::mem::take(&mut s.owed)
        } else {
            s.owed += bytes;
            0
        };
        (grant, !done || !s.pending.is_empty())
    }

    fn paint(self: &Rc<Self>) {
        let Stage { scroll, above, rows, below } = &self.stage;
        let mut state = self.state.borrow_mut();
        let s = &mut *state;
        let (top, height) = (f64::from(scroll.scroll_top()), f64::from(scroll.client_height()));
        let (len, fit) = (s.view.len(), (height / ROW).ceil() as usize + 1);
        let anchor = if s.is_following { None } else { anchor(rows, top).filter(|(place, _)| s.store.get(*place).is_some()) };
        let (first, count) = if s.is_following {
            (len.saturating_sub(fit), fit)
        } else {
            let seen = anchor.map_or_else(|| (top / ROW) as usize, |(place, _)| s.view.index_of(place)).min(len.saturating_sub(1));
            let first = seen.saturating_sub(MARGIN);
            // What is painted already and has not changed stays as it is while it covers what is in view.
            let (from, n) = s.painted;
            let covered = from + MARGIN / 4 <= seen || from == 0;
            if !s.dirty && covered && (seen + fit + MARGIN / 4 <= from + n || from + n >= len) {
                return;
            }
            (first, fit + 2 * MARGIN)
        };
        let last = (first + count).min(len);
        if s.is_following && !s.dirty && s.painted == (first, last - first) {
            return;
        }
        (s.painted, s.dirty) = ((first, last - first), false);
        let focused = focused_place(rows);
        let today = Date::new_0();
        today.set_hours(0);
        today.set_minutes(0);
        today.set_seconds(0);
        today.set_milliseconds(0);
        let look = Look { lang: s.lang, names: &s.names, matcher: s.view.matcher(), today: today.get_time() };
        let painted = document().create_document_fragment();
        for shown in (first..last).filter_map(|i| s.view.get(i)) {
            let row = s
                .store
                .get(shown.place)
                .and_then(|line| row::row(&look, shown.place, line, shown.found, s.unfolded.contains(&shown.place)));
            if let Some(row) = row {
                let _ = painted.append_child(&row);
            }
        }
        rows.set_text_content(None);
        let _ = rows.append_child(&painted);
        set_style(above, "height", &px(first as f64 * ROW));
        set_style(below, "height", &px((len - last) as f64 * ROW));
        let is_following = s.is_following;
        drop(state);
        if is_following {
            self.place(scroll.scroll_height());
        } else if let Some((place, offset)) = anchor
            && let Some(row) = row_at(rows, place)
        {
            // The line that the reader looks at stays where it was.
            let wanted = f64::from(row.offset_top()) - offset;
            if (wanted - top).abs() > 1.0 {
                self.place(wanted as i32);
            }
        }
        if let Some(button) = focused.and_then(|place| row_at(rows, place)).and_then(|row| row.query_selector(".log-fold").ok().flatten()) {
            crate::components::dom::focus(&button);
        }
    }
}
