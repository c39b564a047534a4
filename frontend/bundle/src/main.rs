//! Makes the site from the page's WASM: `bundle FRONTEND.wasm OUT`, run in the repository's root.
//!
//! It splits the lazy routes off, binds the main module with wasm-bindgen, optimises each module with
//! `optimise.mjs` (over the npm package binaryen), puts the style sheets together, hashes everything, compresses with brotli and writes
//! `OUT/pkg/*` and `OUT/assets.rs`, which `server/ecos` includes when it is built with `ECOS_SITE=OUT`. `OUT/optimised` keeps what
//! `optimise.mjs` made, for the next run.
//!
//! A module with debug assertions (Cargo's profile `wasm-debug`) is neither optimised nor compressed hard.

mod assets;
mod css;
mod wasm;

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result, bail};

fn main() -> Result<()> {
    let mut args = env::args_os().skip(1).map(PathBuf::from);
    let (Some(input), Some(out), None) = (args.next(), args.next(), args.next()) else {
        bail!("usage: bundle FRONTEND.wasm OUT");
    };
    let debug = input.parent().and_then(|p| p.file_name()).is_some_and(|profile| profile == "wasm-debug");
    let work = out.join("work");
    if work.exists() {
        std::fs::remove_dir_all(&work).context("the former work folder cannot be removed")?;
    }
    std::fs::create_dir_all(&work).with_context(|| format!("{} cannot be made", work.display()))?;

    let site = wasm::build(&input, &work, &out.join("optimised"), debug)?;
    let mut files = site.files;
    files.extend(terminal()?);
    files.push(assets::File { name: "app.css".into(), bytes: css::collect("style/main.css".as_ref())?.into_bytes() });
    assets::write(&out, files, &assets::public("public".as_ref())?, &site.prefetch, debug)?;
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

/// What the page loads where there is a terminal, and only there.
fn terminal() -> Result<Vec<assets::File>> {
    let file = |(name, path): (&str, &str)| {
        let bytes =
            std::fs::read(path).with_context(|| format!("{path} cannot be read: are the npm packages of frontend/bundle there?"))?;
        Ok(assets::File { name: name.into(), bytes })
    };
    [
        ("terminal.js", "frontend/bundle/site/terminal.js"),
        ("xterm.mjs", "frontend/bundle/node_modules/@xterm/xterm/lib/xterm.mjs"),
        ("xterm.css", "frontend/bundle/node_modules/@xterm/xterm/css/xterm.css"),
        ("addon-fit.mjs", "frontend/bundle/node_modules/@xterm/addon-fit/lib/addon-fit.mjs"),
    ]
    .into_iter()
    .map(file)
    .collect()
}
