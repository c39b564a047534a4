#!/usr/bin/env bash
# make clean: removes build output, of this clone and in the cache. ./data stays.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

rm -rf dist end2end/.out end2end/test-results end2end/node_modules frontend/bundle/node_modules
rm -rf "$cache"
if [[ $CARGO_TARGET_DIR != "$cache"/* ]]; then cargo clean -q; fi
