#!/usr/bin/env bash
# make dev: builds in debug, serves, and does both again whenever a source file changes. The pages of the design system
# are at /design.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
need_node
need_target wasm32-unknown-unknown
exec node scripts/dev.mjs
