#!/usr/bin/env bash
# The first five minutes: the demo starts, its printed curl lines do what is printed beside them.
source "$(dirname "$0")/lib/common.bash"

post() { curl -s -o /dev/null -w '%{http_code} ' -X POST -H "X-User-Id: $1" -d '{"text":"hi"}' "http://localhost:$port/api/chat/messages"; }

walk() {
  grep -c '^ *curl\|^ *for .*curl' "$log" | grep -qx 5 || die "the demo prints five curl lines: $(cat "$log")"
  # every printed line runs as printed
  while read -r line; do
    bash -c "$line" >"$work/line.out" 2>&1 || die "printed line failed: $line: $(cat "$work/line.out")"
  done < <(sed -n 's/^ *\(curl.*\|for .*curl.*\)$/\1/p' "$log")
  local codes
  codes="$(for _ in $(seq 21); do post carol; done)"
  [[ "$codes" == "$(printf '201 %.0s' $(seq 20))429 " ]] || die "20 of 21 messages of one user pass: $codes"
  [[ "$(post dave)" == "201 " ]] || die "another user is not refused"
}

start_demo with-redis REDIS_HOST=127.0.0.1 REDIS_PORT="$(free_port)"
walk
redis_port="$(sed -n 's/.*Redis *127\.0\.0\.1:\([0-9]*\).*/\1/p' "$log" | head -1)"
[[ -n "$redis_port" ]] || die "the demo says where its Redis is: $(cat "$log")"
redis-cli -p "$redis_port" --scan --pattern 'sluice:chat:main:*' | grep -q . || die "the bucket is in Redis"
kill "$demo_pid"
wait_for 20 bash -c "! kill -0 $demo_pid"
! redis-cli -p "$redis_port" ping >/dev/null 2>&1 || die "the demo ends its Redis"

start_demo without-redis REDIS_ENABLED=false
walk
curl -s "http://localhost:$admin/health/ready" | grep -q . || die "ready without Redis"
echo "the demo does what it prints"
