#!/usr/bin/env bash
# Two gateways whose wall clocks are two hours apart enforce one limit, and a Redis whose clock is set back and
# forward an hour while they work neither freezes nor refills a caller: all of them real processes.
source "$(dirname "$0")/lib/common.bash"

need() { command -v "$1" >/dev/null || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "$@" >/dev/null; }; }
need gcc libc6-dev
need redis-server
gcc -Wall -Wextra -O1 -shared -fPIC -o "$work/wallclock.so" "$root/.ci/checks/lib/wallclock.c"

# set_clock FILE SECONDS: writes in place, for processes that run on this clock see the same page
set_clock() { python3 -c 'import struct, sys; open(sys.argv[1], "r+b").write(struct.pack("=q", int(sys.argv[2]) * 10**9))' "$@"; }
# new_clock FILE SECONDS
new_clock() { head -c 8 /dev/zero >"$1"; set_clock "$@"; }
# on_clock FILE COMMAND...: in the background, with its wall clock off by what the file says
on_clock() {
  (WALL_CLOCK_OFFSET="$1" LD_PRELOAD="$work/wallclock.so" exec "${@:2}") &
  pids+=($!)
}

redis="$(free_port)"
new_clock "$work/redis.clock" 0
start_redis() {
  on_clock "$work/redis.clock" redis-server --port "$redis" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >>"$work/redis.log" 2>&1
  redis_pid="${pids[-1]}"
  wait_for 10 redis-cli -p "$redis" ping
}
start_redis

upstream="$(free_port)"
python3 - "$upstream" >"$work/upstream.log" 2>&1 <<'PY' &
import http.server, sys
class Yes(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Yes).serve_forever()
PY
pids+=($!)

mkdir "$work/policies"
echo 'match = "/slow", limits = [ { key = ip, rate = 20/20hour } ]' >"$work/policies/slow.conf"
echo 'match = "/brisk", limits = [ { key = ip, rate = 60/min } ]' >"$work/policies/brisk.conf"

ports=()
admins=()
# start_gateway NAME CLOCK: a gateway whose wall clock is off by so much
start_gateway() {
  local port admin
  port="$(free_port)"
  admin="$(free_port)"
  cat >"$work/$1.conf" <<CONF
server   { port = $port, host = "127.0.0.1" }
admin    { port = $admin, host = "127.0.0.1" }
upstream = "http://127.0.0.1:$upstream"
redis    { host = "127.0.0.1", port = $redis, timeout = 2s, required = true }
policies { directory = "$work/policies" }
CONF
  new_clock "$work/$1.clock" "$2"
  on_clock "$work/$1.clock" "$root/gateway/bin/sluice" serve --config "$work/$1.conf" >"$work/$1.log" 2>&1
  ports+=("$port")
  admins+=("$admin")
  wait_for 60 curl -fs "http://127.0.0.1:$admin/health/ready"
}
"$root/gateway/bin/sluice" --version >/dev/null
start_gateway ahead 3600
start_gateway behind -3600
grep -Eq "Redis' clock is 3[56][0-9]{5} ms behind" "$work/ahead.log" || die "the first gateway's clock is not an hour ahead"
grep -Eq "Redis' clock is 3[56][0-9]{5} ms ahead of" "$work/behind.log" || die "the second gateway's clock is not an hour behind"

# granted TRIES PATH: how many of so many tries at each gateway in turn pass
granted() {
  local urls=() i port
  for ((i = 0; i < $1; i++)); do
    for port in "${ports[@]}"; do urls+=(-o /dev/null "http://127.0.0.1:$port$2"); done
  done
  curl -s -w '%{http_code}\n' "${urls[@]}" >"$work/codes.txt"
  ! grep -Evq '^(200|429)$' "$work/codes.txt" || die "neither granted nor refused: $(sort "$work/codes.txt" | uniq -c)"
  grep -c 200 "$work/codes.txt" || true
}

passed="$(granted 20 /slow)"
[[ "$passed" -eq 20 ]] || die "of 40 tries against a limit of 20, $passed passed"
echo "wall clocks two hours apart: of 40 tries against a limit of 20, 20 passed"

now() { date +%s%N; }
# watch WHAT MOST: for 8 s after the clock was set, how soon a caller at the limit of one a second gets a token, and how
# many in all: at most MOST above what came back in the time.
watch() {
  local start first='' sum=0 more spent
  start="$(now)"
  while :; do
    more="$(granted 2 /brisk)"
    spent=$((($(now) - start) / 1000000))
    [[ "$more" -eq 0 || -n "$first" ]] || first="$spent"
    sum=$((sum + more))
    [[ $spent -lt 8000 ]] || break
    sleep 0.1
  done
  echo "$1: the first token after ${first:-8000} ms; $sum tokens in $spent ms"
  [[ "${first:-8000}" -le 3000 ]] || die "a caller was frozen"
  [[ $sum -ge 5 ]] || die "tokens come back too slowly"
  [[ $sum -le $((spent / 1000 + 1 + $2)) ]] || die "a caller got more than burst and refill"
}
redis_time() { redis-cli -p "$redis" time | head -n 1; }
# step SECONDS BY: sets Redis' clock to so far off, and looks that it moved by so much
step() {
  local before after
  before="$(redis_time)"
  set_clock "$work/redis.clock" "$1"
  after="$(redis_time)"
  [[ $((after - before - $2)) -ge 0 && $((after - before - $2)) -le 2 ]] || die "Redis' clock did not move by $2 s"
}

passed="$(granted 40 /brisk)"
[[ "$passed" -ge 60 && "$passed" -le 63 ]] || die "of 80 tries against a burst of 60, $passed passed"
watch "before any step" 0
step -3600 -3600
watch "set back an hour" 0
step 0 3600
watch "set forward an hour (a full bucket, once)" 60
step 3600 3600
watch "set forward another hour (a full bucket, once)" 60
step -3600 -7200
watch "set back two hours" 0

# A fail-over: another process with the same buckets and an earlier clock. Nobody asks while there is none.
redis-cli -p "$redis" save >/dev/null
kill -9 "$redis_pid"
wait "$redis_pid" 2>/dev/null || true
set_clock "$work/redis.clock" -7200
away="$(now)"
start_redis
on_redis() { curl -fs "http://127.0.0.1:$1/health/ready" | grep -q '"store" : "redis"'; }
for admin in "${admins[@]}"; do wait_for 20 on_redis "$admin"; done
watch "failed over to a Redis an hour earlier" $((($(now) - away) / 1000000000 + 1))
echo "neither frozen nor refilled"
