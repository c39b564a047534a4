#!/usr/bin/env bash
# make golden: writes the golden files (permissions.txt, openapi.json, …) from the code. Read the difference before you commit it.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
UPDATE_GOLDEN=1 cargo test -q -p server -p app --features app/ssr,app/schema -- golden
git --no-pager diff --stat
