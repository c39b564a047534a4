//! Packs what a helper beside a container without a shell is made of: `ECOS_BUSYBOX` names a static busybox for the binary's own architecture.
//! Without it the console says that this build carries none.

use std::{env, fs, path::Path};

fn main() {
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
