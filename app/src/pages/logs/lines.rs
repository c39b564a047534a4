//! A log on a page, joined to the live socket: what is written comes by a subscription, what is older by the API.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use js_sys::Date;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{
        container::{ContainerRef, LogLine},
        live::Topic,
        log_frame::{self, Entry, Stream},
    },
    client::{
        BASE, Client,
        live::{Following, Heard, LiveState, follow_log, use_live_state},
        percent_encode,
    },
    components::{
        filter_box::Suggestion,
        log::{Log, LogState, LogView, Pane, Wishes, store::Line},
        menu::{MenuEntry, MenuItem},
    },
    loader::use_client,
    pages::address::Address,
    words::{W, log_download_jsonl, log_download_text, log_ended, t, use_lang},
};

/// Texts that the page's address keeps for its log.
pub const NAMES: [&str; 6] = ["q", "regex", "levels", "context", "wrap", "at"];
/// Lines of each container to begin with.
const TAIL: u32 = 500;
/// Older lines of a container at once.
const PAGE: u32 = 500;
/// Containers whose older lines are asked for at once.
const AT_ONCE: usize = 8;
/// What the server may send before lines were looked at.
const CREDIT: u32 = 1 << 20;
/// After so long each container's last lines have come.
const SETTLED: Duration = Duration::from_secs(2);
/// How far back is asked for after a lost connection: lines of several containers are not quite in order.
const OVERLAP: u64 = 30_000_000_000;
/// Containers in the download menu.
const FILES: usize = 20;

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub host_id: String,
    pub id: String,
    pub name: String,
}

/// The log of some containers. The address has [`NAMES`].
#[component]
pub fn LogLines(
    #[prop(into)] sources: Signal<Vec<Source>>,
    address: Address,
    #[prop(optional)] keys: Vec<&'static str>,
    #[prop(optional, into)] suggestions: Signal<Vec<Suggestion>>,
    #[prop(into)] placeholder: TextProp,
    #[prop(into)] nothing: ViewFn,
) -> impl IntoView {
    let lang = use_lang();
    let log = Log::new();
    let text = |name| address.text(name);
    let state = LogState {
        text: text("q"),
        regex: text("regex"),
        levels: text("levels"),
        context: text("context"),
        wrap: text("wrap"),
        at: text("at"),
    };
    let client = StoredValue::new(use_client());
    let ended = RwSignal::new(None::<String>);
    // Effects run in the browser only. What was followed before is left when its join goes.
    Effect::new(move |_: Option<Option<SendJoin>>| {
        let (pane, sources, at) = (log.pane()?, sources.get(), state.at.get());
        ended.set(None);
        join(log, &pane, sources, at, client.get_value(), ended)
    });
    let downloads = Signal::derive(move || {
        let (lang, at) = (lang.get(), state.at.get());
        let since = if at.is_empty() { String::new() } else { format!("&since={}", percent_encode(&at)) };
        let files = |s: Source| {
            let href =
                |format: &str| format!("{BASE}/containers/{}/logs?host_id={}&format={format}{since}", s.id, percent_encode(&s.host_id));
            let item = |label: String, href: String| {
                // An answer that is a file leaves the page where it is.
                MenuItem::run(label, move || drop(window().location().assign(&href))).entry()
            };
            [item(log_download_text(lang, &s.name), href("text")), item(log_download_jsonl(lang, &s.name), href("jsonl"))]
        };
        sources.get().into_iter().take(FILES).flat_map(files).collect::<Vec<MenuEntry>>()
    });
    let connection = use_live_state();
    let live = Signal::derive(move || connection.get() == LiveState::Live && ended.with(Option::is_none));
    let over = move || ended.get().map(|reason| view! { <p class="list-failed" role="status">{log_ended(lang.get(), reason)}</p> });
    view! {
        {over}
        <LogView log state label=t(W::nav_logs) tokens=address.tokens keys suggestions placeholder downloads live nothing />
    }
}

/// What lives as long as the log is followed.
type SendJoin = send_wrapper::SendWrapper<Join>;

struct Join {
    _following: Rc<RefCell<Option<Following>>>,
    _known: Rc<Known>,
}

/// What is known of the containers' lines.
struct Known {
    sources: Vec<Source>,
    each: RefCell<Vec<Each>>,
    /// The newest time of all.
    last: Cell<u64>,
    loading: Cell<bool>,
}

#[derive(Clone, Copy, Default)]
struct Each {
    lines: u64,
    /// The newest time that came.
    last: u64,
    /// What came before a lost connection.
    floor: u64,
    /// Its log begins with what is here.
    whole: bool,
}

impl Known {
    /// Whether this log is still the page's: else only who waits for an answer holds it.
    fn is_followed(self: &Rc<Self>) -> bool {
        Rc::strong_count(self) > 1
    }

    /// From this time on there are all lines of all containers.
    fn horizon(&self, pane: &Pane) -> u64 {
        if self.sources.len() < 2 {
            return 0;
        }
        let each = self.each.borrow();
        (0_u8..).zip(each.iter()).filter(|(_, e)| !e.whole).filter_map(|(i, _)| pane.oldest(i)).max().unwrap_or(0)
    }

    /// Takes note of a frame; leaves out what came before the connection was lost. What was left out, in bytes.
    fn note(&self, frame: Vec<u8>) -> (Vec<u8>, usize) {
        let mut each = self.each.borrow_mut();
        let (mut again, mut kept) = (0, 0);
        for entry in log_frame::Entries::of(frame.get(log_frame::HEAD..).unwrap_or_default()) {
            let Some(e) = each.get_mut(usize::from(entry.container)) else { continue };
            if is_again(&entry, e) {
                again += entry.size();
                continue;
            }
            kept += 1;
            if entry.stream != Stream::Mark {
                e.lines += 1;
                e.last = e.last.max(entry.at);
                self.last.set(self.last.get().max(entry.at));
            }
        }
        if again == 0 {
            return (frame, 0);
        }
        let mut rest = frame[..log_frame::HEAD].to_vec();
        if kept > 0 {
            for entry in log_frame::Entries::of(&frame[log_frame::HEAD..]) {
                if each.get(usize::from(entry.container)).is_some_and(|e| !is_again(&entry, e)) {
                    entry.write(&mut rest);
                }
            }
        }
        let left_out = frame.len() - rest.len();
        (rest, left_out)
    }
}

fn is_again(entry: &Entry<'_>, e: &Each) -> bool {
    entry.stream != Stream::Mark && entry.at != 0 && entry.at <= e.floor
}

/// Begins to follow.
fn join(log: Log, pane: &Rc<Pane>, sources: Vec<Source>, at: String, client: Client, ended: RwSignal<Option<String>>) -> Option<SendJoin> {
    let known = Rc::new(Known {
        each: RefCell::new(vec![Each::default(); sources.len()]),
        sources: sources.clone(),
        last: Cell::new(0),
        loading: Cell::new(false),
    });
    let following: Rc<RefCell<Option<Following>>> = Rc::default();
    let (granted, asking) = (Rc::downgrade(&following), (Rc::downgrade(&known), Rc::downgrade(pane)));
    let wishes = Wishes {
        grant: Box::new(move |bytes| {
            if let Some(following) = granted.upgrade().and_then(|f| f.borrow().clone()) {
                following.grant(bytes);
            }
        }),
        older: Box::new(move || {
            if let (Some(known), Some(pane)) = (asking.0.upgrade(), asking.1.upgrade()) {
                older(&known, &pane, &client);
            }
        }),
        following: Box::new(log.followed()),
    };
    pane.begin(sources.iter().map(|s| s.name.clone()).collect(), at.is_empty(), wishes);
    if sources.is_empty() {
        return None;
    }
    let (noted, jump) = (Rc::clone(&known), at.clone());
    let topic = move || {
        let containers = noted.sources.iter().map(|s| ContainerRef { host_id: s.host_id.clone(), id: s.id.clone() }).collect();
        let last = noted.last.get();
        let (tail, since) = match (last, jump.is_empty()) {
            (0, true) => (Some(TAIL), None),
            (0, false) => (None, Some(jump.clone())),
            (last, _) => {
                noted.each.borrow_mut().iter_mut().for_each(|e| e.floor = e.last);
                (None, Some(moment(last.saturating_sub(OVERLAP))))
            }
        };
        Topic::Logs { containers, tail, since }
    };
    let (noted, painted, held) = (Rc::clone(&known), Rc::downgrade(pane), Rc::downgrade(&following));
    let heard = move |heard| {
        let Some(pane) = painted.upgrade() else { return };
        match heard {
            Heard::Begun => drop(ended.try_set(None)),
            Heard::Lines(frame) => {
                let (frame, left_out) = noted.note(frame);
                if let Some(following) = held.upgrade().and_then(|f| f.borrow().clone())
                    && left_out > 0
                {
                    following.grant(u32::try_from(left_out).unwrap_or(u32::MAX));
                }
                pane.take(frame);
            }
            Heard::Dropped { n, to, .. } => pane.dropped(n, (Date::parse(&to).max(0.0) as u64) * 1_000_000),
            Heard::Ended(reason) => drop(ended.try_set(Some(reason))),
        }
    };
    following.replace(follow_log(topic, heard, CREDIT));
    let (settled, pane) = (Rc::downgrade(&known), Rc::downgrade(pane));
    set_timeout(
        move || {
            if let (Some(known), Some(pane)) = (settled.upgrade(), pane.upgrade()) {
                let from_a_moment = !at.is_empty();
                known.each.borrow_mut().iter_mut().for_each(|e| e.whole = !from_a_moment && e.lines < u64::from(TAIL));
                pane.set_horizon(known.horizon(&pane));
            }
        },
        SETTLED,
    );
    Some(send_wrapper::SendWrapper::new(Join { _following: following, _known: known }))
}

/// Fetches older lines of those containers whose lines begin latest.
fn older(known: &Rc<Known>, pane: &Rc<Pane>, client: &Client) {
    if known.loading.replace(true) {
        return;
    }
    let mut wanted: Vec<(u8, u64)> = {
        let each = known.each.borrow();
        (0_u8..).zip(each.iter()).filter(|(_, e)| !e.whole).filter_map(|(i, _)| pane.oldest(i).map(|at| (i, at))).collect()
    };
    wanted.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    wanted.truncate(AT_ONCE);
    if wanted.is_empty() {
        known.loading.set(false);
        return;
    }
    let (known, pane, client) = (Rc::clone(known), Rc::downgrade(pane), client.clone());
    spawn_local(async move {
        let mut lines = Vec::new();
        for (i, at) in wanted {
            let source = &known.sources[usize::from(i)];
            let Ok(got) = client.container_log_before(&source.host_id, &source.id, &moment(at.saturating_sub(1)), PAGE).await else {
                continue;
            };
            if let Some(e) = known.each.borrow_mut().get_mut(usize::from(i)) {
                e.whole = got.items.len() < PAGE as usize && !got.truncated;
            }
            lines.extend(got.items.iter().map(|l| line(i, l)));
        }
        if let Some(pane) = pane.upgrade().filter(|_| known.is_followed()) {
            let horizon = |pane: &Pane| known.horizon(pane);
            if lines.is_empty() {
                pane.set_horizon(horizon(&pane));
            } else {
                pane.older(lines, 0);
                pane.set_horizon(horizon(&pane));
            }
        }
        known.loading.set(false);
    });
}

/// A line of the API's.
fn line(container: u8, l: &LogLine) -> Line {
    let stream = if l.stream == "stderr" { Stream::Err } else { Stream::Out };
    Line::of(&Entry { container, stream, at: nanos(&l.at), cut: 0, text: l.text.as_bytes() })
}

/// Nanoseconds of `2023-11-14T22:13:20.123456789Z`. In the browser only.
fn nanos(at: &str) -> u64 {
    let (seconds, fraction) = at.trim_end_matches('Z').split_once('.').unwrap_or((at.trim_end_matches('Z'), ""));
    let then = Date::parse(&format!("{seconds}Z"));
    let fraction =
        fraction.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0_u64, |n, b| n * 10 + u64::from(b.wrapping_sub(b'0').min(9)));
    if then.is_nan() { 0 } else { then as u64 * 1_000_000 + fraction }
}

/// As the API reads it.
fn moment(at: u64) -> String {
    let (seconds, fraction) = (at / 1_000_000_000, at % 1_000_000_000);
    format!("{seconds}.{fraction:09}")
}
