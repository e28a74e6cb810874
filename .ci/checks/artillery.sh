#!/usr/bin/env bash
# The scenario for artillery loads the demo, and its expectations are met. Artillery comes from npm's registry,
# in this very version, and leaves nothing in the checkout.
source "$(dirname "$0")/lib/common.bash"

artillery=artillery@2.0.34
grep -q "$artillery " "$root/bench/artillery/sluice.yml" || die "sluice.yml names another version than $artillery"
command -v npx >/dev/null || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y npm >/dev/null; }
start_demo artillery
export ARTILLERY_DISABLE_TELEMETRY=true npm_config_ignore_scripts=true npm_config_update_notifier=false
cd "$work"
timeout 600 npx --yes "$artillery" --version >"$work/install.log" 2>&1 || die "npx cannot fetch $artillery"
timeout 120 npx --yes "$artillery" run -e short -t "http://localhost:$port" "$root/bench/artillery/sluice.yml" \
  >"$work/artillery.log" 2>&1 || die "an expectation failed"
grep -q '^http.codes.429: ' "$work/artillery.log" || die "nobody was refused"
! grep -q '^errors\.' "$work/artillery.log" || die "there were errors"
sed -n '/^Summary report/,$p' "$work/artillery.log" | grep '^http\.\(requests\|codes\)\|^plugins\.expect\.ok: '
