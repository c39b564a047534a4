# shellcheck shell=bash disable=SC2154
# Sourced (after lib.sh): builds the site and the server.

# build_site PROFILE: makes the page's WASM and from it the site, and sets `site` to its folder. `wasm` is what people get,
# `wasm-debug` has debug assertions, on which leptos tells hydration mismatches, and is neither optimised nor compressed hard.
build_site() {
    local profile=$1
    use_site "$profile"
    npm_packages frontend/bundle || return
    say "building the page ($profile)"
    cargo build -q -p frontend --target wasm32-unknown-unknown --profile "$profile" || return
    cargo run -q -p bundle --profile tool -- "$CARGO_TARGET_DIR/wasm32-unknown-unknown/$profile/frontend.wasm" "$site"
}

# use_site PROFILE: only says where that site lies.
use_site() { site=$cache/site/$clone_key/$1; }

# build_console: the static binary with the site inside, as `make run`, the browser tests and `make bench` use it.
build_console() { build_both wasm --release --target "$musl_target"; }

# build_debug_console: the same for developing and for the hydration test, not static.
build_debug_console() { build_both wasm-debug; }

# build_both SITE CARGO_ARGUMENT...: the server's library does not need the page, whose last steps use one core: both are built at once. The
# binary joins them.
build_both() {
    local profile=$1 library page failed=0
    shift
    need_busybox
    say "building the server's library"
    # What runs beside the script would not hear Ctrl-C.
    (
        trap - INT QUIT
        exec cargo build -q -p server "$@"
    ) &
    library=$!
    (
        trap - INT QUIT
        set -e
        build_site "$profile"
    ) &
    page=$!
    wait "$page" || failed=1
    wait "$library" || failed=1
    [[ $failed == 0 ]] || die "the build failed, see above"
    use_site "$profile"
    say "building the binary"
    ECOS_SITE=$site cargo build -q -p ecos "$@"
}
