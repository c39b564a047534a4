#!/usr/bin/env bash
# One round of make dev: the page and the server in debug. Prints the binary's path last.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/build.sh
. scripts/build.sh

build_debug_console
echo "$debug_binary"
