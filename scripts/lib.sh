# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: where things lie, and how what is missing is brought.
#
# Build output and packages lie outside of the clone (XDG_CACHE_HOME), so that the next build, and the next clone, is warm.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/ecos
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# Of this clone alone: two clones on one machine do not overwrite each other's site.
clone_key=$(printf '%s' "$root" | sha256sum | cut -c1-12)

# RUSTFLAGS would replace the flags of .cargo/config.toml, and with that cfg on one side only no page hydrates.
if [[ -n ${RUSTFLAGS:-} && $RUSTFLAGS != *erase_components* ]]; then export RUSTFLAGS="$RUSTFLAGS --cfg erase_components"; fi

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# at_least WANTED FOUND: compares dotted versions.
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1) == "$1" ]]; }

# Runs a command as root: as is, or through sudo. The commands that need it are named before they run.
as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "this needs root, and there is no sudo: run as root: $*"
    fi
}

# debian PACKAGE...: installs Debian or Ubuntu packages, and says so.
debian() {
    [[ $# -gt 0 ]] || return 0
    have apt-get || die "these packages are missing and there is no apt-get to bring them: $*"
    say "installing as root with apt-get: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >&2
}

need_rust() {
    local wanted found
    { have cargo && have rustc; } ||
        die "Rust is missing. Install it: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh   (then open a new shell)"
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(rustc --version | cut -d' ' -f2)
    at_least "$wanted" "$found" || die "Rust $found is too old, $wanted or newer is needed: rustup update stable"
}

# need_target TRIPLE: the standard library for another target.
need_target() {
    [[ -d $(rustc --print target-libdir --target "$1") ]] && return
    have rustup || die "Rust's target $1 is missing and there is no rustup to bring it: install Rust from https://rustup.rs"
    say "adding Rust's target $1"
    rustup target add "$1" >&2
}

need_node() {
    local hint="Install it: apt-get install nodejs npm, or from https://nodejs.org"
    have node || die "Node.js is missing (18 or newer). $hint"
    at_least 18 "$(node --version | tr -d v)" || die "Node.js $(node --version) is too old, 18 or newer is needed. $hint"
    have npm || die "npm is missing. $hint"
}

# need_busybox: the static busybox that goes into the server, for terminals beside containers without a shell. ECOS_BUSYBOX names another, or
# is empty for a server without one.
need_busybox() {
    if [[ -z ${ECOS_BUSYBOX+set} ]]; then
        [[ -x /bin/busybox || -x /usr/bin/busybox ]] || debian busybox-static
        ECOS_BUSYBOX=$(command -v busybox)
    fi
    export ECOS_BUSYBOX
}

need_musl() { have musl-gcc || debian musl-tools; }

# npm_packages FOLDER: brings exactly the packages of FOLDER's lock file, into the cache, and links them as
# FOLDER/node_modules. Nothing of theirs is run at install, no browser is downloaded.
npm_packages() {
    local folder=$1 key store
    key=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum | cut -c1-16)
    store=$cache/npm/$(basename "$folder")-$key
    if [[ ! -f $store/.complete ]]; then
        say "npm packages of $folder"
        rm -rf "$store"
        mkdir -p "$store"
        cp "$folder/package.json" "$folder/package-lock.json" "$store"
        # `|| return`: `set -e` does not hold where a caller asks whether this failed.
        PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix "$store" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || return
        touch "$store/.complete"
    fi
    [[ $(readlink "$folder/node_modules" || true) == "$store/node_modules" ]] && return
    rm -rf "$folder/node_modules"
    ln -s "$store/node_modules" "$folder/node_modules"
}

# free_port: a TCP port of 127.0.0.1 that nobody listens on now.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# The binary that a build of this profile leaves.
musl_target=x86_64-unknown-linux-musl
release_binary=$CARGO_TARGET_DIR/$musl_target/release/ecos
debug_binary=$CARGO_TARGET_DIR/debug/ecos
