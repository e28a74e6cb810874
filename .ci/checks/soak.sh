#!/usr/bin/env bash
# Two gateways bear every fault of Redis in turn, under load: no failed request, limits within the reported bound,
# memory and threads flat, back within 2 s. SOAK_SECONDS for longer; the full soak is bench/soak without options.
# A machine that was too busy for checks of time (exit code 3) gets a second chance.
set -euo pipefail
soak=("$(dirname "$0")/../../bench/soak" --seconds "${SOAK_SECONDS:-60}")
"${soak[@]}" "$@" && exit 0 || status=$?
[[ $status -eq 3 ]] || exit "$status"
exec "${soak[@]}" "$@"
