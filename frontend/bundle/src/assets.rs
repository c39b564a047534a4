//! Hashing, compressing, and the Rust source through which the server holds the files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// A file of the site.
pub struct File {
    /// Relative, with `/`.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The files of `public/`, served from the root.
pub fn public(dir: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))? {
        let entry = entry?;
        files.push(File { name: entry.file_name().to_string_lossy().into_owned(), bytes: fs::read(entry.path())? });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Writes `pkg/`, `public/` and `assets.rs`. All of `pkg` lies under one hash, because its files name each other relatively. What is there
/// already as it is to be stays untouched, so that the server is not built anew for it.
pub fn write(out: &Path, pkg: Vec<File>, public: &[File], prefetch: &BTreeMap<String, Vec<String>>, debug: bool) -> Result<()> {
    let mut hash = Sha256::new();
    for file in &pkg {
        hash.update(file.name.as_bytes());
        hash.update((file.bytes.len() as u64).to_be_bytes());
        hash.update(&file.bytes);
    }
    let hash = format!("{:x}", hash.finalize())[..16].to_owned();
    let mut source = String::from("// Written by frontend/bundle.\nuse server::http::{Asset, Files};\n\n");
    let _ = writeln!(source, "pub const FILES: Files = Files {{\n    hash: {hash:?},");
    for (folder, files) in [("pkg", &pkg[..]), ("public", public)] {
        let dir = out.join(folder);
        let mut kept = BTreeSet::new();
        let _ = writeln!(source, "    {folder}: &[");
        for file in files {
            let path = dir.join(&file.name);
            let packed = path.with_file_name(format!("{}.br", path.file_name().unwrap_or_default().to_string_lossy()));
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            // The packed one first: where it was cut off, the plain one does not say that it is there.
            if !same(&path, &file.bytes) || !packed.exists() {
                write_whole(&packed, &compress(&file.bytes, debug)?)?;
                write_whole(&path, &file.bytes)?;
            }
            kept.extend([path.clone(), packed.clone()]);
            let _ = writeln!(
                source,
                "        Asset {{ name: {:?}, kind: {:?}, len: {}, br: include_bytes!({:?}) }},",
                file.name,
                kind(&file.name),
                file.bytes.len(),
                fs::canonicalize(&packed)?.to_string_lossy()
            );
        }
        source.push_str("    ],\n");
        remove_others(&dir, &kept)?;
    }
    source.push_str("    prefetch: &[\n");
    for (route, chunks) in prefetch {
        let _ = writeln!(source, "        ({route:?}, &{chunks:?}),");
    }
    source.push_str("    ],\n};\n");
    let total: usize = pkg.iter().map(|f| f.bytes.len()).sum();
    eprintln!("site {hash}: {} files, {} KB", pkg.len(), total / 1024);
    let index = out.join("assets.rs");
    if !same(&index, source.as_bytes()) {
        write_whole(&index, source.as_bytes())?;
    }
    Ok(())
}

fn same(path: &Path, bytes: &[u8]) -> bool {
    fs::read(path).is_ok_and(|now| now == bytes)
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

/// Removes what an earlier run has left.
pub fn remove_others(dir: &Path, kept: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn compress(bytes: &[u8], fast: bool) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: if fast { 4 } else { 11 }, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters)?;
    Ok(out)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
