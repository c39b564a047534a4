//! Says where the site's files are: `ECOS_SITE` names what `frontend/bundle` has written. Without it (in tests) the server holds no site.
//! For the static binary it also builds `native/memory.c`, which stands in for musl's slow copying, and packs the relocations.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-env-changed=ECOS_SITE");
    let assets = match env::var("ECOS_SITE") {
        Ok(site) if !site.is_empty() => format!("{site}/assets.rs"),
        _ => {
            let empty = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("assets.rs");
            let source = "pub const HASH: &str = \"\";\npub const PKG: &[Asset] = &[];\npub const PUBLIC: &[Asset] = &[];\npub const PREFETCH: &[(&str, &[&str])] = &[];\n";
            fs::write(&empty, source).expect("the build's own folder can be written");
            empty.to_string_lossy().into_owned()
        }
    };
    println!("cargo::rustc-env=ECOS_ASSETS={assets}");
    helper();
    memory();
}

/// What a helper beside a container without a shell is made of: `ECOS_BUSYBOX` names a static busybox for the binary's own architecture. Without
/// it the console says that this build carries none.
fn helper() {
    println!("cargo::rerun-if-env-changed=ECOS_BUSYBOX");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let packed = Path::new(&out).join("busybox.br");
    let mut bytes = Vec::new();
    if let Some(path) = env::var("ECOS_BUSYBOX").ok().filter(|path| !path.is_empty()) {
        println!("cargo::rerun-if-changed={path}");
        let busybox = fs::read(&path).unwrap_or_else(|e| panic!("ECOS_BUSYBOX={path} cannot be read: {e}"));
        let parameters = brotli::enc::BrotliEncoderParams { quality: 9, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut &busybox[..], &mut bytes, &parameters).expect("memory can be written");
    }
    fs::write(&packed, bytes).expect("the build's own folder can be written");
    let architecture = match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("aarch64") => "arm64",
        _ => "amd64",
    };
    let packed = packed.to_string_lossy();
    let source = format!("pub const BUSYBOX: &[u8] = include_bytes!({packed:?});\npub const ARCHITECTURE: &str = {architecture:?};\n");
    let index = Path::new(&out).join("helper.rs");
    fs::write(&index, source).expect("the build's own folder can be written");
    println!("cargo::rustc-env=ECOS_HELPER={}", index.display());
}

fn memory() {
    println!("cargo::rerun-if-changed=native/memory.c");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|v| v == value);
    if is("CARGO_CFG_TARGET_ENV", "musl") && is("CARGO_CFG_TARGET_ARCH", "x86_64") {
        // As the C library itself is built: no loop of these functions may become a call of them. The whole object goes in, before libc's.
        let flags = ["-ffreestanding", "-fno-builtin", "-fno-tree-loop-distribute-patterns"];
        let mut build = cc::Build::new();
        build.flags(flags).opt_level(2).file("native/memory.c").link_lib_modifier("+whole-archive").compile("memory");
        // 0.8 MB of relocations in 10 KB; musl reads them since 1.2.4.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
