#!/usr/bin/env bash
# make screens: pictures of every page in all states, languages, themes and widths, in end2end/.out/screens.
#   SCREENS_PAGES="containers overview" SCREENS_STATES=down SCREENS_OUT=/tmp/screens make screens
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
exec scripts/browser.sh screens
