//! Turns `locales/*.json` into an enum and static tables, so that a wrong word is a compile error and a text costs its bytes.
//!
//! A key without placeholders becomes a variant of `W` (`nav.containers` → `W::nav_containers`); one with `{name}`s a function
//! (`containers.on_host` → `containers_on_host(lang, host)`); one with the forms `one` and `other` a function whose first value is the
//! number `n`. A missing or extra key, another set of placeholders, or a missing form stops the build.

#[path = "build/words.rs"]
mod words;

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build");
    if let Err(wrong) = run() {
        println!("cargo::error={wrong}");
    }
}

fn run() -> Result<(), String> {
    let read = |file: &str| fs::read_to_string(file).map_err(|e| format!("{file}: {e}"));
    let out = words::words(&read("locales/en.json")?, &read("locales/zh-CN.json")?)?;
    let file = Path::new(&env::var("OUT_DIR").map_err(|e| e.to_string())?).join("words.rs");
    fs::write(&file, out).map_err(|e| e.to_string())
}
