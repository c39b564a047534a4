#!/usr/bin/env bash
# make run: brings what is missing, builds in release, serves http://127.0.0.1:3000 with ./data. Settings go through:
#   ECOS_LISTEN=127.0.0.1:4000 make run
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/build.sh
. scripts/build.sh

need_rust
need_node
need_target wasm32-unknown-unknown
need_target "$musl_target"
need_musl
build_console
exec "$release_binary" serve
