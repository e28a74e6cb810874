#!/usr/bin/env bash
# An outage under load: Redis is killed and hung (SIGSTOP) in turn for 30 s (CALM_SECONDS). The gateway's threads and
# live heap stay flat, it logs less than a kilobyte a second, no request fails, and Redis decides within 2 s of the end.
source "$(dirname "$0")/lib/common.bash"
source "$(dirname "$0")/lib/redis.bash"
seconds="${CALM_SECONDS:-30}"
jcmd="${JAVA_HOME:+$JAVA_HOME/bin/}jcmd"

end_redis() {
  kill -9 "$redis_pid"
  wait "$redis_pid" 2>/dev/null || true
}
start_redis
start_demo calm REDIS_HOST=127.0.0.1 REDIS_PORT="$redis" SLUICE_JAVA_OPTS="-Xmx256m"

# Those of the server and of the sample API come and go with the load, within their bounds; no other may.
java_threads() { "$jcmd" "$demo_pid" Thread.print | grep -E '^"[^"]*" #' >"$work/threads"; }
pooled_threads() { grep -Ec '^"(sluice|sluice-admin|sample-api)-[0-9]+"' "$work/threads" || true; }
logged_octets() { grep -v '^{' "$log" | wc -c; } # the access log is JSON, beside
# live_kib: what is left in the heap after a full collection
live_kib() { "$jcmd" "$demo_pid" GC.class_histogram | awk '$1 == "Total" { print int($3 / 1024) }'; }
on_redis() { curl -fs -o "$work/ready" "http://127.0.0.1:$admin/health/ready" && grep -q '"store" : "redis"' "$work/ready"; }

load 5 --timeout 10s >"$work/warm.log" 2>&1
on_redis || die "Redis does not decide before the outage"
load $((seconds + 4)) --timeout 10s >"$work/wrk.log" 2>&1 &
wrk_pid=$!
pids+=("$wrk_pid")
sleep 1
before="$(logged_octets)"

printf '%8s %8s %8s %9s %8s %6s\n' second threads in-pools live-KiB rss-MiB Redis
began=$SECONDS
samples=0
base_threads=0
base_kib=0
most_threads=0
most_kib=0
state=killed
end_redis
while [[ $((SECONDS - began)) -lt "$seconds" ]]; do
  sleep $((seconds < 100 ? 2 : 10))
  java_threads
  pooled="$(pooled_threads)"
  now_threads=$(($(wc -l <"$work/threads") - pooled))
  now_kib="$(live_kib)"
  printf '%8d %8d %8d %9d %8d %6s\n' $((SECONDS - began)) "$now_threads" "$pooled" "$now_kib" \
    "$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$demo_pid/status")" "$state"
  samples=$((samples + 1))
  if [[ $samples -le 2 || $((3 * (SECONDS - began))) -lt "$seconds" ]]; then
    # Buckets of all users are held here by then, and every path was taken.
    base_threads=$((now_threads > base_threads ? now_threads : base_threads))
    base_kib=$((now_kib > base_kib ? now_kib : base_kib))
  else
    most_threads=$((now_threads > most_threads ? now_threads : most_threads))
    most_kib=$((now_kib > most_kib ? now_kib : most_kib))
  fi
  if [[ "$state" == killed ]]; then
    start_redis
    kill -STOP "$redis_pid"
    state=hung
  else
    end_redis
    state=killed
  fi
done
logged=$(($(logged_octets) - before))
lasted=$((SECONDS - began))
[[ "$state" == hung ]] && kill -CONT "$redis_pid" || start_redis
end="$(date +%s%N)"
wait_for 10 on_redis
back=$((($(date +%s%N) - end) / 1000000))
wait "$wrk_pid"

echo "threads outside the pools: $base_threads to begin with, $most_threads at most afterwards"
echo "live heap: $base_kib KiB to begin with, $most_kib KiB at most afterwards"
echo "logged: $logged octets in $lasted s; Redis decided again after $back ms"
grep '^requests' "$work/wrk.log"
[[ $most_threads -le $((base_threads + 4)) ]] || die "threads grow"
[[ $most_kib -le $((base_kib + base_kib / 5 + 4096)) ]] || die "the heap grows"
[[ $logged -le $((1024 * lasted)) ]] || die "more than a kilobyte a second is logged"
[[ $back -le 2000 ]] || die "Redis decides too late"
no_request_failed
echo "calm"
