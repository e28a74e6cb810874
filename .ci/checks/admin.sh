#!/usr/bin/env bash
# The operators' listener answers while the clients' listener is saturated: health and metrics, 50 times.
source "$(dirname "$0")/lib/common.bash"
source "$(dirname "$0")/lib/gateway.bash"

# On a machine where the load generator and the gateway share two cores.
most_ms="${ADMIN_MOST_MS:-500}"
start_gateway admin "upstream = \"http://127.0.0.1:$(free_port)\""
# Refusals, which nothing but the gateway itself takes part in.
wrk -t2 -c400 "-d${ADMIN_SECONDS:-12}s" "http://127.0.0.1:$port/limited/x" >"$work/wrk.log" 2>&1 &
wrk_pid=$!
pids+=("$wrk_pid")
sleep 3
for page in health/ready metrics; do
  for _ in $(seq 25); do
    curl -fs -o /dev/null -m 5 -w "%{time_total} $page\n" "http://127.0.0.1:$admin/$page" || die "$page did not answer"
  done
done | sort -n >"$work/times.txt"
kill -0 "$wrk_pid" || die "the load ended before the pages were asked for"
wait "$wrk_pid"
grep -E 'Requests/sec' "$work/wrk.log"
awk -v most="$most_ms" '{ t[NR] = $1 * 1000 } END {
  printf "admin pages: median %.0f ms, 90%% %.0f ms, longest %.0f ms\n", t[int(NR / 2)], t[int(NR * 0.9)], t[NR]
  exit t[int(NR * 0.9)] > most }' "$work/times.txt" || die "slower than $most_ms ms"
