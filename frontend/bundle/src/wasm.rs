//! Splitting, binding and optimising.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, anyhow, bail};
use sha2::{Digest as _, Sha256};

use crate::assets::{self, File};

/// What came of the module.
pub struct Site {
    pub files: Vec<File>,
    /// Lazy route → the chunks that it needs.
    pub prefetch: BTreeMap<String, Vec<String>>,
}

/// Lines of the splitter's loader, and what stands there instead. A chunk that cannot be had is asked for once more (the browser drops what is
/// under way when the machine's network changes). Fails that too, it is not told to Rust, which leptos does not survive: the boot script hears of
/// it and loads the document anew.
const LOADER: [(&str, &str); 2] = [
    ("        return instantiate(imports);\n", "        return instantiate(imports).catch(() => fetcher()(imports));\n"),
    (
        "            console.error(e);\n            success = false;\n",
        "            dispatchEvent(new Event(\"chunk\"));\n            await new Promise(() => {});\n",
    ),
];

/// `work` is an empty folder; `kept` holds what wasm-opt made in earlier runs, and then of this one.
pub fn build(input: &Path, work: &Path, kept: &Path, debug: bool) -> Result<Site> {
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
        optimise(&modules, kept)?;
    }
    let mut files = Vec::new();
    collect(work, "", &mut files)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Site { files, prefetch: split.prefetch_map.into_iter().collect() })
}

fn hear_of_failed_chunks(split: &Path) -> Result<()> {
    let mut text = fs::read_to_string(split)?;
    for (lines, instead) in LOADER {
        if !text.contains(lines) {
            bail!("the splitter's loader has changed, these lines are not in split.js:\n{lines}");
        }
        text = text.replace(lines, instead);
    }
    fs::write(split, text)?;
    Ok(())
}

/// What optimises: a script over the npm package binaryen.
const TOOL: &str = "frontend/bundle/optimise.mjs";
const LOCK: &str = "frontend/bundle/package-lock.json";
/// How many of it run at once. Each has a part of the modules: it takes longer to start than most of them take.
const AT_ONCE: usize = 2;

/// Optimises modules in their place. This takes a minute and makes the same of the same: what was made of a module lies in `kept`, for the next
/// time.
fn optimise(modules: &[PathBuf], kept: &Path) -> Result<()> {
    fs::create_dir_all(kept).with_context(|| format!("{} cannot be made", kept.display()))?;
    let mut salt = Sha256::new();
    for file in [TOOL, LOCK] {
        salt.update(fs::read(file).with_context(|| format!("{file} cannot be read"))?);
    }
    let (mut all, mut new) = (Vec::new(), Vec::new());
    for module in modules {
        let bytes = fs::read(module)?;
        let made = kept.join(format!("{:x}.wasm", salt.clone().chain_update(&bytes).finalize()));
        // Two of the same bytes are made once.
        if !made.exists() && !new.iter().any(|(_, _, other)| *other == made) {
            new.push((bytes.len(), module, made.clone()));
        }
        all.push((module, made));
    }
    // The largest first, each to whom has least.
    new.sort_by_key(|(size, ..)| Reverse(*size));
    let mut parts = [const { (0, Vec::new()) }; AT_ONCE];
    for (size, module, made) in new {
        let (sum, part) = parts.iter_mut().min_by_key(|(sum, _)| *sum).context("there are parts")?;
        *sum += size;
        part.extend([module.clone(), made]);
    }
    let run = |part: &Vec<PathBuf>| Command::new("node").arg(TOOL).args(part).stderr(Stdio::piped()).spawn();
    let running = parts.iter().filter(|(_, part)| !part.is_empty()).map(|(_, part)| run(part)).collect::<Vec<_>>();
    // All have ended before one's failure is told: none goes on beside the next build.
    let ended: Vec<_> = running.into_iter().map(|child| child.and_then(Child::wait_with_output)).collect();
    for ended in ended {
        let ended = ended.context("node cannot be run")?;
        if !ended.status.success() {
            bail!("{TOOL}: are the npm packages of frontend/bundle there?\n{}", String::from_utf8_lossy(&ended.stderr));
        }
    }
    for (module, made) in &all {
        fs::copy(made, module)?;
    }
    assets::remove_others(kept, &all.into_iter().map(|(_, made)| made).collect())
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
