# Shared by the checks of outages: a redis-server that can be ended and started again, and many users' load. Source it
# after common.bash; sets redis (the port) and redis_pid.
need() { command -v "$1" >/dev/null || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "$2" >/dev/null; }; }
need redis-server redis-server
need wrk wrk

redis="$(free_port)"
start_redis() {
  redis-server --port "$redis" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >>"$work/redis.log" 2>&1 &
  redis_pid=$!
  pids+=("$redis_pid")
  wait_for 60 redis-cli -p "$redis" ping
}

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

# load SECONDS [OPTION...]: many users on 64 connections
load() {
  local seconds="$1"
  shift
  wrk -t1 -c64 "$@" "-d${seconds}s" -s "$work/users.lua" "http://127.0.0.1:$port"
}

# no_request_failed: judges work/wrk.log and the gateway's own metrics
no_request_failed() {
  grep -q 'connect 0 read 0 write 0 timeout 0' "$work/wrk.log" || die "requests failed"
  curl -s "http://127.0.0.1:$admin/metrics" >"$work/metrics.txt"
  ! grep -E '^sluice_requests_total\{.*status="5xx".*\} [1-9]' "$work/metrics.txt" || die "some answers were 5xx"
}
