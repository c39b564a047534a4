#!/usr/bin/env bash
# make test: brings what the tests need, runs all of them, prints each suite's time, and ends with `N passed, N failed`.
#
# Debian packages are the only thing that root or sudo is used for, and an engine where none runs; both are said before.
#   SUITES="clippy rust" make test     only these (see the list at the end of this file)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=end2end/rig/services.sh
. end2end/rig/services.sh

if [[ -n ${CI:-} ]]; then
    export CARGO_TERM_COLOR=never
    # A fresh clone each time: nothing to be incremental with, and it fills the disk.
    export CARGO_INCREMENTAL=0
fi
out=$root/end2end/.out/test
rm -rf "$out"
mkdir -p "$out"
server_side=(-p server -p ecos -p app -p bundle --features "app/ssr,app/schema")

# --- the suites: each a function that fails by its exit code ---

suite_format() { cargo fmt --all --check; }

suite_scripts() {
    local file
    for file in scripts/*.sh end2end/rig/*.sh .ci/run; do bash -n "$file"; done
    if have shellcheck; then shellcheck -x scripts/*.sh end2end/rig/*.sh .ci/run; fi
    # Playwright runs TypeScript without looking at its types.
    end2end/node_modules/.bin/tsc -p end2end
}

suite_clippy() { cargo clippy -q "${server_side[@]}" --all-targets -- -D warnings; }

suite_clippy_page() { cargo clippy -q -p frontend -p app --features app/hydrate --target wasm32-unknown-unknown -- -D warnings; }

# The few functions in C: every length and overlap.
suite_native() {
    cc -O2 -ffreestanding -fno-builtin -fno-tree-loop-distribute-patterns -Wall -Wextra -Werror -fsanitize=address,undefined \
        -o "$out/memory_test" server/native/memory_test.c
    "$out/memory_test"
}

# The page's crate never depends on the server's world.
suite_invariant() {
    local tree
    tree=$(cargo tree -p frontend --target wasm32-unknown-unknown -e normal --prefix none)
    if grep -E '^(axum|tokio|sqlx|bollard|hyper|server)[ -]' <<<"$tree" | sort -u; then
        echo 'error: the page depends on what is printed above, which belongs to the server' >&2
        return 1
    fi
}

# Unit, HTTP, store (SQLite and PostgreSQL), live tests on the engine, golden files.
suite_rust() { need_busybox; cargo test -q -p server -p app --features app/ssr,app/schema; }

suite_build() {
    build_console
    build_debug_console
}

# `make run` in a folder of its own: it serves the page, says where and how to begin, and ends when told to.
suite_run() {
    local port log=$out/run.out pid n seen=0 status=0
    build_console
    port=$(free_port)
    ECOS_LISTEN=127.0.0.1:$port ECOS_DATA_DIR=$out/run-data scripts/run.sh >"$log" 2>&1 &
    pid=$!
    # Until it has said so, or has ended.
    for ((n = 0; n < 3000; n++)); do
        kill -0 "$pid" 2>/dev/null && ! grep -q "http://127.0.0.1:$port/setup#" "$log" || break
        sleep 0.1
    done
    cat "$log"
    node -e "fetch('http://127.0.0.1:$port/setup').then(async a => { if (!(await a.text()).includes('/app_bg.wasm')) throw new Error('no page: ' + a.status) })" || seen=$?
    kill -TERM "$pid" || true
    wait "$pid" || status=$?
    [[ $seen == 0 && $status == 0 ]] || die "make run served no page, or ended with $status"
}

suite_browser() { browser_project browser; }
suite_hydration() { browser_project hydration; }

suite_image() {
    scripts/dist.sh
    browser_project image
}

browser_project() {
    [[ -x $release_binary && -x $debug_binary ]] || die "the servers were not built"
    ECOS_TEST_BINARY=$release_binary ECOS_TEST_DEBUG_BINARY=$debug_binary ECOS_TEST_CHROMIUM=$(find_chromium) \
        end2end/node_modules/.bin/playwright test --config end2end/playwright.config.ts --project="$1"
}

# --- running them ---

names=() results=() failing=()
passed=0 failed=0

# counts LOG: sums what test runners say in their closing lines, `passed failed`.
counts() {
    sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
        /^test result:/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i - 1); if ($i ~ /^failed/) f += $(i - 1) } }
        /^ +[0-9]+ passed( \(|$)/ { p += $1 }
        /^ +[0-9]+ failed$/ { f += $1 }
        END { print p + 0, f + 0 }'
}

# failures LOG: what failed and the beginning of why, as cargo, Playwright and the compiler say it.
failures() {
    sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
        /^ +[0-9]+\) \[/ && !seen[$0]++ { print; left = 8; next }
        /^---- .* stdout ----$/ { print; left = 8; next }
        /^error(\[|:)/ || / panicked at / || /^ +Error: / { if (left <= 0) left = 8 }
        left > 0 && NF && !/^stack backtrace/ { print substr($0, 1, 240); left-- }'
}

run_suite() {
    local name=$1 log=$out/$1.log start=$SECONDS status p f
    say "suite $name"
    set +e
    (
        set -e
        "suite_${name//-/_}"
    ) 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    set -e
    read -r p f < <(counts "$log")
    case $name in
    rust | browser | hydration | image)
        if [[ $status == 0 && $p == 0 ]]; then
            echo "error: suite $name ran no test" | tee -a "$log"
            status=1
        fi
        ;;
    *) p=$((status == 0)) f=0 ;;
    esac
    if [[ $status != 0 && $f == 0 ]]; then f=1; fi
    passed=$((passed + p))
    failed=$((failed + f))
    names+=("$name")
    if [[ $status != 0 ]]; then failing+=("$name"); fi
    results+=("$(printf '%-12s %-6s %5d s  %5d passed, %d failed' "$name" "$([[ $status == 0 ]] && echo ok || echo FAILED)" $((SECONDS - start)) "$p" "$f")")
}

all=(format scripts native invariant clippy clippy-page rust build run browser hydration image)
read -ra suites <<<"${SUITES:-${all[*]}}"
for name in "${suites[@]}"; do
    declare -F "suite_${name//-/_}" >/dev/null || die "there is no suite $name; there are: ${all[*]}"
done

start=$SECONDS
need_rust
need_node
need_target wasm32-unknown-unknown
need_target "$musl_target"
test_packages
npm_packages end2end
trap services_end EXIT
trap 'exit 130' INT TERM
services_begin
ensure_docker
ensure_postgres
end2end/rig/images.sh
prepared=$((SECONDS - start))

for name in "${suites[@]}"; do run_suite "$name"; done

printf '\n%-12s %-6s %5d s\n' preparation ok "$prepared"
printf '%s\n' "${results[@]}"
printf '%-12s        %5d s\n\n' total $((SECONDS - start))
# Where only the end of all this is kept, it says why.
for name in "${failing[@]}"; do failures "$out/$name.log" | sed "s/^/$name: /" | head -n 40; done
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
