//! The connection of a terminal: opened, lost and come back to.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use js_sys::{ArrayBuffer, Uint8Array};
use leptos::{html, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

use super::screen::{Screen, when_loaded};
use crate::{
    api::terminal::{TerminalOrder, TerminalWord},
    client::{BASE, QueryString},
};

/// After a lost connection; as long as the server holds the terminal.
const TRIES: u32 = 30;
const RETRY: Duration = Duration::from_secs(2);

/// How a terminal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Closed,
    Opening,
    Open,
    /// The connection is lost, and tried again while the server holds it.
    Lost,
    Ended {
        reason: String,
        exit_code: Option<i64>,
    },
    Refused {
        code: String,
        detail: String,
    },
}

/// What is to be opened.
#[derive(Clone, Debug)]
pub struct Open {
    pub shell: String,
    pub helper: bool,
    pub user: String,
}

/// The tab's terminal. Cheap to clone; the browser has one thread.
#[derive(Clone)]
pub struct Line(SendWrapper<Rc<Inner>>);

struct Inner {
    container: String,
    standing: RwSignal<Standing>,
    host: NodeRef<html::Div>,
    label: String,
    screen: RefCell<Option<Screen>>,
    socket: RefCell<Option<Socket>>,
    /// The terminal's id, once the server has told it.
    id: RefCell<Option<String>>,
    /// Bytes of all that it wrote that came here.
    taken: Cell<f64>,
    /// Of those, what the screen has processed.
    processed: Cell<f64>,
    tries: Cell<u32>,
    retry: Cell<Option<TimeoutHandle>>,
    /// Connections begun; names the newest.
    number: Cell<u32>,
}

/// A connection with its handlers. They go with it.
struct Socket {
    web: WebSocket,
    _message: Closure<dyn Fn(MessageEvent)>,
    _closed: Closure<dyn Fn(Event)>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.web.set_onmessage(None);
        self.web.set_onclose(None);
        // It may be closed already.
        let _ = self.web.close();
    }
}

impl Line {
    pub fn new(container: String, standing: RwSignal<Standing>, host: NodeRef<html::Div>, label: String) -> Self {
        Self(SendWrapper::new(Rc::new(Inner {
            container,
            standing,
            host,
            label,
            screen: RefCell::new(None),
            socket: RefCell::new(None),
            id: RefCell::new(None),
            taken: Cell::new(0.0),
            processed: Cell::new(0.0),
            tries: Cell::new(0),
            retry: Cell::new(None),
            number: Cell::new(0),
        })))
    }

    /// Opens another terminal.
    pub fn open(&self, open: Open) {
        let inner = Rc::clone(&self.0);
        inner.forget();
        inner.say(Standing::Opening);
        when_loaded(move || {
            let size = inner.clear();
            let query = QueryString::default()
                .text("counts", Some("true"))
                .text("shell", Some(open.shell.as_str()).filter(|s| !s.is_empty()))
                .text("helper", open.helper.then_some("true"))
                .text("user", Some(open.user.as_str()).filter(|u| !u.is_empty()))
                .number("cols", Some(u32::from(size.0)))
                .number("rows", Some(u32::from(size.1)));
            inner.connect(query);
        });
    }

    /// Comes back to a terminal that this tab left a moment ago, if there is one.
    pub fn come_back(&self) -> bool {
        let Some(id) = storage().and_then(|s| s.get_item(&self.0.key()).ok().flatten()) else { return false };
        let inner = Rc::clone(&self.0);
        inner.id.replace(Some(id));
        inner.say(Standing::Opening);
        when_loaded(move || {
            inner.clear();
            inner.resume();
        });
        true
    }

    /// Ends the terminal and all that it began.
    pub fn end(&self) {
        self.0.order(&TerminalOrder::End);
        if self.0.standing.get_untracked() != Standing::Open {
            self.0.forget();
            self.0.say(Standing::Closed);
        }
    }

    /// The page is left: the server holds the terminal for a while.
    pub fn leave(&self) {
        if let Some(waiting) = self.0.retry.take() {
            waiting.clear();
        }
        self.0.socket.borrow_mut().take();
        self.0.screen.borrow_mut().take();
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

impl Inner {
    fn key(&self) -> String {
        format!("terminal-{}", self.container)
    }

    fn say(&self, standing: Standing) {
        // The page may have been left meanwhile.
        let _ = self.standing.try_set(standing);
    }

    fn forget(&self) {
        if let Some(waiting) = self.retry.take() {
            waiting.clear();
        }
        self.socket.borrow_mut().take();
        self.id.replace(None);
        self.tries.set(0);
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&self.key());
        }
    }

    /// An empty screen; its size.
    fn clear(self: &Rc<Self>) -> (u16, u16) {
        self.taken.set(0.0);
        self.processed.set(0.0);
        let mut screen = self.screen.borrow_mut();
        if screen.is_none()
            && let Some(host) = self.host.get_untracked()
        {
            let (typing, sizing) = (Rc::downgrade(self), Rc::downgrade(self));
            let typed = move |bytes: Uint8Array| {
                if let Some(inner) = typing.upgrade() {
                    inner.send(&bytes);
                }
            };
            let sized = move |cols, rows| {
                if let Some(inner) = sizing.upgrade() {
                    inner.order(&TerminalOrder::Resize { cols, rows });
                }
            };
            *screen = Screen::new(&host, &self.label, typed, sized);
        }
        let Some(screen) = screen.as_ref() else { return (80, 24) };
        screen.reset();
        screen.freeze(false);
        screen.focus();
        screen.size()
    }

    fn resume(self: &Rc<Self>) {
        let id = self.id.borrow().clone();
        let Some(id) = id else { return };
        let from = self.taken.get();
        let query = QueryString::default().text("counts", Some("true")).text("resume", Some(&id)).text("from", Some(&whole(from)));
        self.connect(query);
    }

    fn connect(self: &Rc<Self>, query: QueryString) {
        self.socket.borrow_mut().take();
        let number = self.number.get() + 1;
        self.number.set(number);
        let path = query.of(&format!("{BASE}/containers/{}/terminal", self.container));
        let Some(socket) = address(&path).and_then(|url| WebSocket::new(&url).ok()) else { return self.lost() };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let inner = Rc::downgrade(self);
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(inner) = inner.upgrade() else { return };
            match event.data().dyn_into::<ArrayBuffer>() {
                Ok(bytes) => inner.show(&Uint8Array::new(&bytes)),
                Err(data) => {
                    if let Some(word) = data.as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                        inner.hear(word);
                    }
                }
            }
        });
        let inner = Rc::downgrade(self);
        let closed = Closure::<dyn Fn(Event)>::new(move |_| {
            if let Some(inner) = inner.upgrade().filter(|inner| inner.number.get() == number) {
                inner.lost();
            }
        });
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        self.socket.replace(Some(Socket { web: socket, _message: message, _closed: closed }));
    }

    fn show(self: &Rc<Self>, bytes: &Uint8Array) {
        let length = f64::from(bytes.length());
        self.taken.set(self.taken.get() + length);
        let inner = Rc::clone(self);
        let done = move || {
            inner.processed.set(inner.processed.get() + length);
            inner.order(&TerminalOrder::Processed { bytes: inner.processed.get() as u64 });
        };
        if let Some(screen) = self.screen.borrow().as_ref() {
            screen.write(bytes, done);
        }
    }

    fn hear(self: &Rc<Self>, word: TerminalWord) {
        match word.r#type.as_str() {
            "hello" => {
                self.tries.set(0);
                if let Some(storage) = storage() {
                    let _ = storage.set_item(&self.key(), &word.id);
                }
                self.id.replace(Some(word.id));
                self.taken.set(word.at as f64);
                self.processed.set(word.at as f64);
                self.say(Standing::Open);
                // The window may have changed since.
                let size = self.screen.borrow().as_ref().map(Screen::size);
                if let Some((cols, rows)) = size {
                    self.order(&TerminalOrder::Resize { cols, rows });
                }
            }
            "ended" => self.over(Standing::Ended { reason: word.reason, exit_code: word.exit_code }),
            "refused" => self.over(Standing::Refused { code: word.code, detail: word.detail }),
            // A newer server's word.
            _ => {}
        }
    }

    /// There is nothing to come back to.
    fn over(self: &Rc<Self>, standing: Standing) {
        if let Some(screen) = self.screen.borrow().as_ref() {
            screen.freeze(true);
        }
        self.id.replace(None);
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&self.key());
        }
        self.say(standing);
    }

    /// The connection has closed. A terminal that is held is tried again.
    fn lost(self: &Rc<Self>) {
        let is_held = self.id.borrow().is_some();
        if !is_held {
            if matches!(self.standing.try_get_untracked(), Some(Standing::Opening | Standing::Lost)) {
                // A browser does not say why a socket was refused; asking anew will.
                self.over(Standing::Refused { code: "refused".to_owned(), detail: String::new() });
            }
            return;
        }
        let tries = self.tries.get() + 1;
        self.tries.set(tries);
        if tries > TRIES || self.standing.try_get_untracked() == Some(Standing::Opening) {
            return self.over(Standing::Ended { reason: "abandoned".to_owned(), exit_code: None });
        }
        self.say(Standing::Lost);
        let inner = Rc::downgrade(self);
        let again = move || {
            if let Some(inner) = inner.upgrade() {
                inner.resume();
            }
        };
        // The first time at once: it may be the server that was quick to come again.
        let wait = if tries == 1 { Duration::from_millis(200) } else { RETRY };
        self.retry.set(set_timeout_with_handle(again, wait).ok());
    }

    fn order(&self, order: &TerminalOrder) {
        let socket = self.socket.borrow();
        let Some(open) = socket.as_ref().filter(|s| s.web.ready_state() == WebSocket::OPEN) else { return };
        if let Ok(text) = serde_json::to_string(order) {
            // A connection that is going away says so by its close event.
            let _ = open.web.send_with_str(&text);
        }
    }

    fn send(&self, bytes: &Uint8Array) {
        let socket = self.socket.borrow();
        if let Some(open) = socket.as_ref().filter(|s| s.web.ready_state() == WebSocket::OPEN) {
            let _ = open.web.send_with_array_buffer_view(bytes);
        }
    }
}

/// A whole number, written by the browser: Rust's own writing of floats costs each page kilobytes.
fn whole(number: f64) -> String {
    js_sys::Number::from(number).to_string_with_radix(10).map_or_else(|_| String::new(), String::from)
}

/// Beside the page's own address.
fn address(path: &str) -> Option<String> {
    let location = window().location();
    let secure = location.protocol().ok()? == "https:";
    let host = location.host().ok()?;
    Some(format!("{}://{host}{path}", if secure { "wss" } else { "ws" }))
}
