//! Says where the site's files are: `ECOS_SITE` names what `frontend/bundle` has written. Without it the binary holds no site.
//! For the static binary it also builds `native/memory.c`, which stands in for musl's slow copying, and packs the relocations.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-env-changed=ECOS_SITE");
    let assets = match env::var("ECOS_SITE") {
        Ok(site) if !site.is_empty() => format!("{site}/assets.rs"),
        _ => {
            let none = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("assets.rs");
            fs::write(&none, "use server::http::Files;\n\npub const FILES: Files = Files::NONE;\n")
                .expect("the build's own folder can be written");
            none.to_string_lossy().into_owned()
        }
    };
    println!("cargo::rustc-env=ECOS_ASSETS={assets}");
    memory();
}

fn memory() {
    println!("cargo::rerun-if-changed=../native/memory.c");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|v| v == value);
    if is("CARGO_CFG_TARGET_ENV", "musl") && is("CARGO_CFG_TARGET_ARCH", "x86_64") {
        // As the C library itself is built: no loop of these functions may become a call of them. The whole object goes in, before libc's.
        let flags = ["-ffreestanding", "-fno-builtin", "-fno-tree-loop-distribute-patterns"];
        let mut build = cc::Build::new();
        build.flags(flags).opt_level(2).file("../native/memory.c").link_lib_modifier("+whole-archive").compile("memory");
        // 0.8 MB of relocations in 10 KB; musl reads them since 1.2.4.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
