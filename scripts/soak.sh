#!/usr/bin/env bash
# make soak: an hour of containers coming and going under a watching browser tab.   SOAK_MINUTES=10 make soak
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
exec scripts/browser.sh soak
