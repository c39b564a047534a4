//! Keeps relocations in the WASM, which the splitter in `bundle` needs.

fn main() {
    println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
}
