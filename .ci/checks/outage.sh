#!/usr/bin/env bash
# Under load, Redis is killed for 6 s, brought back, and stopped with SIGSTOP for 6 s: no failed request.
# Prints the longest pause that the load generator saw.
source "$(dirname "$0")/lib/common.bash"

redis="$(free_port)"
need_redis() { command -v redis-server >/dev/null || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y redis-server >/dev/null; }; }
need_redis
start_redis() {
  redis-server --port "$redis" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >>"$work/redis.log" 2>&1 &
  redis_pid=$!
  pids+=("$redis_pid")
  wait_for 10 redis-cli -p "$redis" ping
}
start_redis
start_demo outage REDIS_HOST=127.0.0.1 REDIS_PORT="$redis"
cat >"$work/users.lua" <<'LUA'
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", "/api/users/" .. (n % 1000), { ["X-User-Id"] = "user" .. (n % 5000) })
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("requests %d connect %d read %d write %d timeout %d max_ms %.1f p99_ms %.1f\n",
    summary.requests, e.connect, e.read, e.write, e.timeout, latency.max / 1000, latency:percentile(99) / 1000))
end
LUA
load() { wrk -t1 -c64 "-d$1s" -s "$work/users.lua" "http://127.0.0.1:$port"; }

load 8 >"$work/warm.log" 2>&1
load 8 >"$work/calm.log" 2>&1
echo "without a fault: $(grep '^requests' "$work/calm.log")"
load 30 >"$work/wrk.log" 2>&1 &
wrk_pid=$!
pids+=("$wrk_pid")
sleep 5
kill -9 "$redis_pid"; sleep 6
start_redis; sleep 5
kill -STOP "$redis_pid"; sleep 6
kill -CONT "$redis_pid"
wait "$wrk_pid"
echo "with both faults: $(grep '^requests' "$work/wrk.log")"
grep -q 'connect 0 read 0 write 0 timeout 0' "$work/wrk.log" || die "requests failed"
curl -s "http://127.0.0.1:$admin/metrics" >"$work/metrics.txt"
! grep -E '^sluice_requests_total\{.*status="5xx".*\} [1-9]' "$work/metrics.txt" || die "some answers were 5xx"
echo "no failed request; the longest pause is max_ms above"
