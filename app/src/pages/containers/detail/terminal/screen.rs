//! xterm.js, as `terminal.js` of the site hands it over.

use js_sys::{Array, Function, Reflect, Uint8Array};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// What is told when the script has been loaded.
const LOADED: &str = "ecos-terminal";

/// A screen in an element of the page.
pub struct Screen {
    handle: JsValue,
    _typed: Closure<dyn Fn(Uint8Array)>,
    _sized: Closure<dyn Fn(u16, u16)>,
}

fn maker() -> Option<Function> {
    Reflect::get(&window(), &"ecosTerminal".into()).ok()?.dyn_into().ok()
}

/// Calls `f` once the script is there; it is loaded by the first one that asks.
pub fn when_loaded(f: impl FnOnce() + 'static) {
    if maker().is_some() {
        return f();
    }
    let once = Closure::once_into_js(f);
    let options = web_sys::AddEventListenerOptions::new();
    options.set_once(true);
    let _ = window().add_event_listener_with_callback_and_add_event_listener_options(LOADED, once.unchecked_ref(), &options);
    let sheet = document().query_selector("link[href$='/app.css']").ok().flatten();
    let Some(base) = sheet.and_then(|s| s.get_attribute("href")).and_then(|href| href.strip_suffix("/app.css").map(str::to_owned)) else {
        return;
    };
    let (Ok(script), Some(head)) = (document().create_element("script"), document().head()) else { return };
    // A script of the site's own; what it imports lies beside it.
    let set = |name: &str, value: &str| drop(script.set_attribute(name, value));
    set("type", "module");
    set("src", &format!("{base}/terminal.js"));
    let _ = head.append_child(&script);
}

impl Screen {
    pub fn new(
        host: &web_sys::Element,
        label: &str,
        typed: impl Fn(Uint8Array) + 'static,
        sized: impl Fn(u16, u16) + 'static,
    ) -> Option<Self> {
        let (typed, sized) = (Closure::<dyn Fn(Uint8Array)>::new(typed), Closure::<dyn Fn(u16, u16)>::new(sized));
        let arguments = Array::of4(host, &label.into(), typed.as_ref(), sized.as_ref());
        let handle = maker()?.apply(&JsValue::UNDEFINED, &arguments).ok()?;
        Some(Self { handle, _typed: typed, _sized: sized })
    }

    fn call(&self, name: &str, arguments: &Array) -> JsValue {
        let function = Reflect::get(&self.handle, &name.into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
        function.and_then(|f| f.apply(&self.handle, arguments).ok()).unwrap_or(JsValue::UNDEFINED)
    }

    fn number(&self, name: &str) -> u16 {
        self.call(name, &Array::new()).as_f64().map_or(0, |n| n as u16)
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        (self.number("cols"), self.number("rows"))
    }

    /// Writes; `done` when it was processed.
    pub fn write(&self, bytes: &Uint8Array, done: impl FnOnce() + 'static) {
        self.call("write", &Array::of2(bytes, &Closure::once_into_js(done)));
    }

    pub fn focus(&self) {
        self.call("focus", &Array::new());
    }

    pub fn reset(&self) {
        self.call("reset", &Array::new());
    }

    /// Whether what is typed goes nowhere.
    pub fn freeze(&self, frozen: bool) {
        self.call("freeze", &Array::of1(&frozen.into()));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.call("dispose", &Array::new());
    }
}
