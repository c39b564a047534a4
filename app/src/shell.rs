//! The document around every page, as the server sends it.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::{
    me::Me,
    routes::App,
    words::{Lang, W, text},
};

/// Where the site's files are. Without a site (in tests) the page is plain HTML.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// `/pkg/HASH`
    pub base: &'static str,
    /// Whether there is a page to hydrate.
    pub built: bool,
}

/// What the document starts with: known to the server before anything is rendered, read by the browser from `<html>`.
#[derive(Clone, Debug)]
pub struct Start {
    pub lang: Lang,
    /// Who is signed in.
    pub me: Me,
    pub site: Site,
    /// Whether pages for developers are there.
    pub dev: bool,
}

/// Runs before anything can be pressed: a form that is sent before the page lives is kept for then. Reloads once where hydration fails, and goes
/// to the address that was pressed where a chunk of an old page is gone after an update.
const EARLY: &str = "{const d=document.documentElement.dataset,s=sessionStorage,e=window.ecosEarly={};let wanted;\
    addEventListener('click',e=>{const l=e.target.closest&&e.target.closest('a[href]');if(l)wanted=l.href},true);\
    addEventListener('chunk',()=>{const u=wanted||location.href;if(s.chunk!==u){s.chunk=u;location.assign(u)}});\
    addEventListener('error',()=>{if(!('hydrated' in d)&&!s.mount){s.mount=1;location.reload()}});\
    if(typeof WebAssembly!=='object')d.nowasm='';\
    else addEventListener('submit',t=>{if(!('hydrated' in d)){t.preventDefault();e.sent=t.target}},true)}";

/// Brings the page to life: hydrates, and does what was typed and sent until then; or mounts afresh where hydration failed before (a page
/// changed by an extension or a translator).
fn boot(base: &str) -> String {
    format!(
        "const d=document.documentElement.dataset,s=sessionStorage;if(!('nowasm' in d)){{const m=await import('{base}/app.js');\
         try{{await m.default({{module_or_path:'{base}/app_bg.wasm'}})}}catch(e){{if(e instanceof WebAssembly.CompileError)d.nowasm='';throw e}}\
         if(s.mount){{delete s.mount;document.body.replaceChildren();m.mount()}}else{{\
         const q=()=>[...document.querySelectorAll('input:not([type=checkbox])')],v=q().map(i=>i.value);\
         await m.hydrate();delete s.chunk;\
         q().forEach((i,n)=>{{if(v[n]&&i.value!==v[n]){{i.value=v[n];i.dispatchEvent(new Event('input',{{bubbles:true}}))}}}});\
         if(ecosEarly.sent)ecosEarly.sent.requestSubmit()}}}}"
    )
}

/// The whole document.
pub fn shell(start: Start) -> impl IntoView {
    provide_context(start.clone());
    let Start { lang, me, site, dev } = start;
    let base = site.base;
    let user = me.is_signed_in().then_some(me.username);
    let may = user.as_ref().map(|_| me.permissions.join(" "));
    let counts = user.as_ref().map(|_| me.counts.to_string());
    let columns = (!me.columns.0.is_empty()).then(|| me.columns.to_string());
    let scripts = site.built.then(|| {
        view! {
            <script nonce=leptos::nonce::use_nonce()>{EARLY}</script>
            <link rel="stylesheet" href=format!("{base}/app.css") />
            <link rel="modulepreload" href=format!("{base}/app.js") />
            <link rel="modulepreload" href=format!("{base}/split.js") />
            <link rel="preload" href=format!("{base}/app_bg.wasm") r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
            <script type="module" nonce=leptos::nonce::use_nonce()>
                {boot(base)}
            </script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html
            lang=lang.tag()
            data-theme=me.theme
            data-user=user
            data-may=may
            data-counts=counts
            data-columns=columns
            data-dev=dev.then_some("")
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {scripts}
                <MetaTags />
            </head>
            <body>
                <App />
                <p class="nowasm">{text(lang, W::app_nowasm)}</p>
                <noscript>
                    <p class="nowasm shown">{text(lang, W::app_nowasm)}</p>
                </noscript>
            </body>
        </html>
    }
}
