//! The socket itself, in the browser.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

use super::{
    Heard, LiveState, backoff,
    book::{Act, Book, Topics},
};
use crate::{
    api::{
        container::ContainerRef,
        live::{Changed, ClientFrame, ServerFrame, figures},
        stats::Figures,
    },
    client::{BASE, Client},
};

/// The server says hello every 20 seconds; after so many milliseconds without anything the connection is dead.
const SILENCE: f64 = 50_000.0;
/// How often that is looked at.
const LOOK: Duration = Duration::from_secs(10);
/// A connection that is back by then was not lost, as far as people care.
const MOMENT: Duration = Duration::from_secs(1);

/// Figures by their container's place in the list.
type Placed = Vec<(usize, Figures)>;
/// Is told the moment, and the figures.
type Told = dyn Fn(&str, Placed);

/// Whom a subscription's frames are for.
#[derive(Clone)]
enum Callback {
    Changes(Rc<dyn Fn(Vec<Changed>)>),
    Stats(Rc<Told>),
    Log(Rc<dyn Fn(Heard)>),
}

/// The tab's socket. Cheap to clone; the browser has one thread.
#[derive(Clone)]
pub struct Live(SendWrapper<Rc<Line>>);

impl Live {
    pub fn new(state: RwSignal<LiveState>, outdated: RwSignal<bool>, client: Client) -> Self {
        Self(SendWrapper::new(Rc::new(Line {
            book: RefCell::new(Book::new()),
            open: RefCell::new(None),
            tries: Cell::new(0),
            connections: Cell::new(0),
            heard_at: Cell::new(0.0),
            build: RefCell::new(None),
            retry: Cell::new(None),
            state,
            outdated,
            client,
            quiet: Cell::new(false),
        })))
    }

    /// Closes the connection and keeps it closed, or opens it again.
    pub fn hush(&self, quiet: bool) {
        let was = self.0.quiet.replace(quiet);
        if quiet {
            self.0.open.borrow_mut().take();
        } else if was && self.0.connections.get() > 0 {
            self.0.connect();
        }
    }

    pub fn is_hushed(&self) -> bool {
        self.0.quiet.get()
    }

    /// Begins a subscription, and with the first one the connection.
    pub fn follow(&self, kinds: &'static [&'static str], callback: impl Fn(Vec<Changed>) + 'static) -> u32 {
        let (number, frame) = self.0.book.borrow_mut().follow(kinds, Callback::Changes(Rc::new(callback)));
        self.begin(number, &frame)
    }

    /// The same for what containers use: the moment, their places in the list, and their figures.
    pub fn watch(&self, containers: Vec<ContainerRef>, callback: impl Fn(&str, Placed) + 'static) -> u32 {
        let (number, frame) = self.0.book.borrow_mut().watch(containers, Callback::Stats(Rc::new(callback)));
        self.begin(number, &frame)
    }

    /// Begins to follow logs. What came is granted anew by [`Live::grant`].
    pub fn follow_log(&self, topic: Topics, heard: Rc<dyn Fn(Heard)>, credit: u32) -> u32 {
        let (number, frame) = self.0.book.borrow_mut().follow_log(topic, Callback::Log(heard), credit);
        self.begin(number, &frame)
    }

    /// Grants bytes that have been looked at.
    pub fn grant(&self, sub: u32, bytes: u32) {
        self.0.send(&ClientFrame::Credit { sub, bytes });
    }

    fn begin(&self, number: u32, frame: &ClientFrame) -> u32 {
        if self.0.connections.get() == 0 {
            self.0.watch();
            self.0.connect();
        } else {
            self.0.send(frame);
        }
        number
    }

    pub fn leave(&self, number: u32) {
        let frame = self.0.book.borrow_mut().leave(number);
        if let Some(frame) = frame {
            self.0.send(&frame);
        }
    }
}

/// A connection with its handlers. They go with it.
struct Open {
    socket: WebSocket,
    _opened: Closure<dyn Fn(Event)>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _closed: Closure<dyn Fn(Event)>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // It may be closed already.
        let _ = self.socket.close();
    }
}

struct Line {
    book: RefCell<Book<Callback>>,
    open: RefCell<Option<Open>>,
    /// Connections tried since one was good.
    tries: Cell<u32>,
    /// Connections begun; names the newest.
    connections: Cell<u32>,
    /// When the server was last heard, in milliseconds.
    heard_at: Cell<f64>,
    /// The build that the first hello named.
    build: RefCell<Option<String>>,
    retry: Cell<Option<TimeoutHandle>>,
    state: RwSignal<LiveState>,
    outdated: RwSignal<bool>,
    client: Client,
    /// Signing out: nothing is heard, nothing connects.
    quiet: Cell<bool>,
}

impl Line {
    /// Begins a connection. Never called from a handler of the former one, which goes here.
    fn connect(self: &Rc<Self>) {
        if self.quiet.get() {
            return;
        }
        if let Some(waiting) = self.retry.take() {
            waiting.clear();
        }
        self.open.borrow_mut().take();
        self.connections.set(self.connections.get() + 1);
        self.heard_at.set(js_sys::Date::now());
        let Some(socket) = url().and_then(|url| WebSocket::new(&url).ok()) else { return self.lost(false) };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let line = Rc::clone(self);
        let opened = Closure::<dyn Fn(Event)>::new(move |_| line.opened());
        let line = Rc::clone(self);
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if let Some(text) = data.as_string() {
                line.heard(&text);
            } else if let Some(bytes) = data.dyn_ref::<js_sys::ArrayBuffer>() {
                line.heard_bytes(js_sys::Uint8Array::new(bytes).to_vec());
            }
        });
        let (line, was) = (Rc::clone(self), self.connections.get());
        let closed = Closure::<dyn Fn(Event)>::new(move |_| {
            if line.connections.get() == was {
                line.lost(true);
            }
        });
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        self.open.replace(Some(Open { socket, _opened: opened, _message: message, _closed: closed }));
    }

    fn opened(&self) {
        let frames = self.book.borrow_mut().connected();
        for frame in &frames {
            self.send(frame);
        }
    }

    /// Sends where there is a connection; else it is subscribed anew on the next one.
    fn send(&self, frame: &ClientFrame) {
        let open = self.open.borrow();
        let Some(open) = open.as_ref().filter(|open| open.socket.ready_state() == WebSocket::OPEN) else { return };
        if let Ok(text) = serde_json::to_string(frame) {
            // A connection that is going away says so by its close event.
            let _ = open.socket.send_with_str(&text);
        }
    }

    fn heard(self: &Rc<Self>, text: &str) {
        self.heard_at.set(js_sys::Date::now());
        let Ok(frame) = serde_json::from_str::<ServerFrame>(text) else {
            // A newer server's word.
            return;
        };
        let acts = self.book.borrow_mut().hear(frame, u32::try_from(text.len()).unwrap_or(u32::MAX));
        for act in acts {
            self.act(act);
        }
    }

    /// Lines of a log: their subscription's number comes first.
    fn heard_bytes(&self, frame: Vec<u8>) {
        self.heard_at.set(js_sys::Date::now());
        if let Some(sub) = frame.first_chunk::<4>() {
            self.tell(u32::from_le_bytes(*sub), Heard::Lines(frame));
        }
    }

    fn tell(&self, sub: u32, heard: Heard) {
        // The callback may follow and leave: the book is not held.
        let callback = self.book.borrow().callback(sub);
        if let Some(Callback::Log(callback)) = callback.filter(|_| !self.quiet.get()) {
            untrack(|| callback(heard));
        }
    }

    fn act(self: &Rc<Self>, act: Act) {
        match act {
            Act::Send(frame) => self.send(&frame),
            Act::Measured { sub, at, rows } => self.measured(sub, &at, &rows),
            Act::Call { sub, items } => self.call(sub, items),
            Act::CallSpread { sub } => {
                let line = Rc::clone(self);
                set_timeout(move || line.call(sub, Vec::new()), millis(backoff::spread(js_sys::Math::random())));
            }
            Act::Tell { sub, heard } => self.tell(sub, heard),
            Act::Hello { build } => self.welcomed(build),
            Act::Revoked => reload(),
            Act::Warn(text) => leptos::logging::warn!("{text}"),
        }
    }

    fn call(&self, sub: u32, items: Vec<Changed>) {
        // The callback may follow and leave: the book is not held.
        let callback = self.book.borrow().callback(sub);
        if let Some(Callback::Changes(callback)) = callback.filter(|_| !self.quiet.get()) {
            untrack(|| callback(items));
        }
    }

    fn measured(&self, sub: u32, at: &str, rows: &[Vec<Option<u64>>]) {
        let callback = self.book.borrow().callback(sub);
        if let Some(Callback::Stats(callback)) = callback.filter(|_| !self.quiet.get()) {
            untrack(|| callback(at, figures(rows)));
        }
    }

    fn welcomed(&self, build: String) {
        self.tries.set(0);
        if self.state.get_untracked() != LiveState::Live {
            self.state.set(LiveState::Live);
        }
        let mut first = self.build.borrow_mut();
        let first = first.get_or_insert_with(|| build.clone());
        if *first != build {
            self.outdated.set(true);
        }
    }

    /// The connection is gone, or never came: tries again, ever more rarely.
    fn lost(self: &Rc<Self>, ask: bool) {
        let tries = self.tries.get();
        self.tries.set(tries.saturating_add(1));
        let line = Rc::clone(self);
        let again = move || line.connect();
        let handle = set_timeout_with_handle(again, millis(backoff::wait(tries, js_sys::Math::random())));
        self.retry.set(handle.ok());
        if tries > 0 {
            if ask {
                self.ask_whether_signed_in();
            }
            return;
        }
        let line = Rc::clone(self);
        let tell = move || {
            // A hello would have set it back.
            if line.tries.get() > 0 {
                line.state.set(LiveState::Lost);
            }
        };
        set_timeout(tell, MOMENT);
    }

    /// A browser doesn't say why a socket was refused: the session may be over.
    fn ask_whether_signed_in(&self) {
        let client = self.client.clone();
        leptos::task::spawn_local(async move {
            if client.session().await.is_err_and(|failure| failure.status() == Some(401)) {
                reload();
            }
        });
    }

    /// Notices dead connections, and when it is worth trying at once.
    fn watch(self: &Rc<Self>) {
        let line = Rc::clone(self);
        let look = move || {
            let is_dead = js_sys::Date::now() - line.heard_at.get() > SILENCE;
            let waits = line.retry.take();
            let is_waiting = waits.is_some();
            line.retry.set(waits);
            if is_dead && !is_waiting && !line.quiet.get() {
                line.open.borrow_mut().take();
                line.lost(false);
            }
        };
        // Without timers there is no page to keep live.
        let _ = set_interval_with_handle(look, LOOK);
        for event in ["online", "focus"] {
            let line = Rc::clone(self);
            // The app lives as long as the tab.
            let _ = window_event_listener_untyped(event, move |_| {
                if let Some(waiting) = line.retry.take() {
                    waiting.clear();
                    line.connect();
                }
            });
        }
    }
}

fn millis(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1_000.0)
}

/// The socket's address beside the page's own.
fn url() -> Option<String> {
    let location = window().location();
    let secure = location.protocol().ok()? == "https:";
    let host = location.host().ok()?;
    Some(format!("{}://{host}{BASE}/live", if secure { "wss" } else { "ws" }))
}

/// The server decides what comes instead of this page: sign-in.
fn reload() {
    // Leaving the document cannot fail in a way that could be helped here.
    let _: Result<(), JsValue> = window().location().reload();
}
