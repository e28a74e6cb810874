#!/usr/bin/env bash
# Two gateways whose wall clocks are two hours apart enforce one limit, and a Redis whose clock is set back and
# forward an hour while they work neither freezes nor refills a caller: all of them real processes.
source "$(dirname "$0")/lib/common.bash"
source "$(dirname "$0")/lib/clocks.bash"

redis="$(free_port)"
new_clock "$work/redis.clock" 0
start_redis() {
  redis_on_clock redis "$redis"
  redis_pid="${pids[-1]}"
}
start_redis

echo 'match = "/slow", limits = [ { key = ip, rate = 20/20hour } ]' >"$work/policies/slow.conf"
echo 'match = "/brisk", limits = [ { key = ip, rate = 60/min } ]' >"$work/policies/brisk.conf"

# start_gateway NAME CLOCK: a gateway whose wall clock is off by so much
start_gateway() {
  begin_gateway "$1" "$2" "host = 127.0.0.1, port = $redis, timeout = 2s, required = true"
  wait_for 120 curl -fs "http://127.0.0.1:${admins[-1]}/health/ready"
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
# step SECONDS BY: sets Redis' clock to so far off, and looks that it moved by so much
step() {
  local before after
  before="$(redis_time "$redis")"
  set_clock "$work/redis.clock" "$1"
  after="$(redis_time "$redis")"
  [[ $((after - before - $2)) -ge 0 && $((after - before - $2)) -le 2 ]] || die "Redis' clock did not move by $2 s"
}

asked="$(now)"
passed="$(granted 40 /brisk)"
back=$((($(now) - asked) / 1000000000 + 1))
[[ "$passed" -ge 60 && "$passed" -le $((60 + back)) ]] || die "of 80 tries against a burst of 60, $passed passed"
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
for admin in "${admins[@]}"; do wait_for 60 on_redis "$admin"; done
watch "failed over to a Redis an hour earlier" $((($(now) - away) / 1000000000 + 1))
echo "neither frozen nor refilled"
