#!/usr/bin/env bash
# Prometheus' own tool reads what /metrics says.
source "$(dirname "$0")/lib/common.bash"
start_demo metrics REDIS_ENABLED=false
for _ in $(seq 30); do
  curl -s -o /dev/null -H 'X-User-Id: eve' -X POST -d x "http://localhost:$port/api/chat/messages"
done
curl -s "http://localhost:$admin/metrics" >"$work/metrics.log"
promtool check metrics <"$work/metrics.log" || die "promtool objects"
grep -q 'sluice_decisions_total{.*outcome="refused".*}' "$work/metrics.log" || die "refusals are counted"
echo "promtool accepts $(grep -vc '^#' "$work/metrics.log") samples"
