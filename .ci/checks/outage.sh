#!/usr/bin/env bash
# Under load, Redis is killed for 6 s, brought back, and stopped with SIGSTOP for 6 s: no failed request.
# Prints the longest pause that the load generator saw.
source "$(dirname "$0")/lib/common.bash"
source "$(dirname "$0")/lib/redis.bash"

start_redis
start_demo outage REDIS_HOST=127.0.0.1 REDIS_PORT="$redis"

load 8 --timeout 10s >"$work/warm.log" 2>&1
load 8 --timeout 10s >"$work/calm.log" 2>&1
echo "without a fault: $(grep '^requests' "$work/calm.log")"
load 30 --timeout 10s >"$work/wrk.log" 2>&1 &
wrk_pid=$!
pids+=("$wrk_pid")
sleep 5
kill -9 "$redis_pid"; sleep 6
start_redis; sleep 5
kill -STOP "$redis_pid"; sleep 6
kill -CONT "$redis_pid"
wait "$wrk_pid"
echo "with both faults: $(grep '^requests' "$work/wrk.log")"
no_request_failed
echo "no failed request; the longest pause is max_ms above"
