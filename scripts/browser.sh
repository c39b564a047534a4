#!/usr/bin/env bash
# Builds the release and runs one project of end2end/playwright.config.ts against it, with what it needs:
#   scripts/browser.sh PROJECT [PLAYWRIGHT ARGUMENT...]      e.g.  scripts/browser.sh browser -g "sign in"
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=end2end/rig/services.sh
. end2end/rig/services.sh

project=${1:?which project of end2end/playwright.config.ts}
shift
need_rust
need_node
need_target wasm32-unknown-unknown
need_target "$musl_target"
test_packages
npm_packages end2end
build_console
if [[ $project == hydration ]]; then build_debug_console; fi
trap services_end EXIT
trap 'exit 130' INT TERM
services_begin
ensure_docker
end2end/rig/images.sh
ECOS_TEST_BINARY=$release_binary ECOS_TEST_DEBUG_BINARY=$debug_binary ECOS_TEST_CHROMIUM=$(find_chromium) \
    end2end/node_modules/.bin/playwright test --config end2end/playwright.config.ts --project="$project" "$@"
