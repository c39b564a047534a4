//! Splitting, binding and optimising.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::assets::File;

/// What came of the module.
pub struct Site {
    pub files: Vec<File>,
    /// Lazy route → the chunks that it needs.
    pub prefetch: BTreeMap<String, Vec<String>>,
}

/// The two lines of the splitter's loader that tell Rust of a failed chunk, which leptos does not survive, and what stands there
/// instead: the boot script hears of it and loads the document anew.
const FAILED: &str = "            console.error(e);\n            success = false;\n";
const FAILED_INSTEAD: &str = "            dispatchEvent(new Event(\"chunk\"));\n            await new Promise(() => {});\n";

pub fn build(input: &Path, work: &Path, debug: bool) -> Result<Site> {
    let bytes = fs::read(input).with_context(|| format!("{} cannot be read", input.display()))?;
    let main = work.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(&bytes);
    options.output_dir = work;
    options.main_out_path = &main;
    options.main_module = "./app.js";
    options.link_name = "./split.js";
    let split = wasm_split_cli_support::transform(options).map_err(|e| anyhow!("splitting: {e:#}"))?;

    let mut bind = wasm_bindgen_cli_support::Bindgen::new();
    bind.input_path(&main)
        .out_name("app")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(!debug)
        .remove_producers_section(true);
    bind.generate(work).context("wasm-bindgen")?;
    fs::remove_file(&main)?;
    hear_of_failed_chunks(&work.join("split.js"))?;
    if !debug {
        let mut modules = vec![work.join("app_bg.wasm")];
        modules.extend(split.split_modules);
        for module in &modules {
            optimise(module)?;
        }
    }
    let mut files = Vec::new();
    collect(work, "", &mut files)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Site { files, prefetch: split.prefetch_map.into_iter().collect() })
}

fn hear_of_failed_chunks(split: &Path) -> Result<()> {
    let text = fs::read_to_string(split)?;
    if !text.contains(FAILED) {
        bail!("the splitter's loader has changed: the lines that tell of a failed chunk are not in split.js");
    }
    fs::write(split, text.replace(FAILED, FAILED_INSTEAD))?;
    Ok(())
}

/// What rustc uses on its own for this target. `--all-features` lets wasm-opt write what browsers do not read yet.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

fn optimise(module: &Path) -> Result<()> {
    let tool = Path::new("frontend/bundle/node_modules/.bin/wasm-opt");
    let status = Command::new(tool).arg("-Oz").args(FEATURES).arg("-o").arg(module).arg(module).status();
    let status = status.with_context(|| format!("{} cannot be run: are the npm packages of frontend/bundle there?", tool.display()))?;
    if !status.success() {
        bail!("wasm-opt failed on {}", module.display());
    }
    Ok(())
}

fn collect(dir: &Path, prefix: &str, files: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push(File { name, bytes: fs::read(entry.path())? });
        }
    }
    Ok(())
}
