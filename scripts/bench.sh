#!/usr/bin/env bash
# make bench: measures what README promises, on this machine, and prints the table beside the budgets. Takes about a quarter of an hour.
#   BENCH="1-small" make bench     only these files of end2end/bench
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=end2end/rig/services.sh
. end2end/rig/services.sh

need_rust
need_node
need_target wasm32-unknown-unknown
need_target "$musl_target"
test_packages
have curl || debian curl
npm_packages end2end
build_console
ECOS_SITE=$site cargo build -q -p ecos --release --target "$musl_target" --example bench_store
rows=$root/end2end/.out/bench/rows.md
rm -f "$rows"
mkdir -p "$(dirname "$rows")"
trap services_end EXIT
trap 'exit 130' INT TERM
services_begin
ensure_docker
end2end/rig/images.sh

read -ra files <<<"${BENCH:-1-small 2-fleet 3-page 4-logs 5-files}"
status=0
ECOS_TEST_BINARY=$release_binary ECOS_TEST_CHROMIUM=$(find_chromium) \
    end2end/node_modules/.bin/playwright test --config end2end/playwright.config.ts --project=bench "${files[@]/#/bench/}" >&2 || status=1
if [[ -z ${BENCH:-} ]]; then "$CARGO_TARGET_DIR/$musl_target/release/examples/bench_store" "$cache" >>"$rows" || status=1; fi

printf '\n| what | measured | budget |\n|---|---|---|\n'
cat "$rows"
exit "$status"
