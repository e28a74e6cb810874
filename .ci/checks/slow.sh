#!/usr/bin/env bash
# 600 slow clients of each kind, and beside them one that is not: 99 of 100 of its requests are answered within
# 1.5 s. Then 1,000 clients that do not take a 4 MB answer: the gateway's memory is bounded.
# SLOW_SECONDS: how long each kind lasts (8; a whole run takes 15). SLOW_BESIDE=nginx: nginx as the proxy instead.
# SLOW_KIND: one of the kinds alone, by its name below.
source "$(dirname "$0")/lib/common.bash"
need() { command -v "$1" >/dev/null || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "$2" >/dev/null; }; }
need slowhttptest slowhttptest
need nginx nginx-light
ulimit -n "$(ulimit -Hn)"
seconds="${SLOW_SECONDS:-8}"
count=600
probe="$root/.ci/checks/lib/slow_probe.py"

start_nginx() { # NAME PORT SERVER-BLOCK
  cat >"$work/$1.conf" <<NGINX
daemon off; pid $work/$1.pid; error_log $work/$1.log; worker_processes 1;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path $work/$1.body; proxy_temp_path $work/$1.proxy;
  fastcgi_temp_path $work/$1.fcgi; uwsgi_temp_path $work/$1.uwsgi; scgi_temp_path $work/$1.scgi;
  server { listen 127.0.0.1:$2 backlog=4096; $3 }
}
NGINX
  nginx -c "$work/$1.conf" -p "$work" 2>>"$work/$1.log" &
  pids+=($!)
}

chmod 755 "$work" # nginx reads it as another user
head -c 4194304 /dev/zero >"$work/large"
head -c 200000 /dev/zero >"$work/middle"
upstream="$(free_port)"
start_nginx upstream "$upstream" "root $work; location = /small { return 200 ok; }"
port="$(free_port)"
admin="$(free_port)"
if [[ "${SLOW_BESIDE:-}" == nginx ]]; then
  start_nginx proxy "$port" "location / { proxy_pass http://127.0.0.1:$upstream; }"
  proxy=${pids[-1]}
else
  mkdir "$work/policies"
  cat >"$work/policies/default.conf" <<'POLICY'
limits = [ { key = ip, rate = 100000/s } ]
POLICY
  cat >"$work/gateway.conf" <<CONF
upstream = "http://127.0.0.1:$upstream"
server { host = "127.0.0.1", port = $port, slow { connections-per-address = 5000 } }
admin.port = $admin
redis.enabled = false
CONF
  (exec "$root/gateway/bin/sluice" serve -c "$work/gateway.conf" -p "$work/policies") >"$work/gateway.log" 2>&1 &
  proxy=$!
  pids+=("$proxy")
fi
url="http://127.0.0.1:$port"
wait_for 300 curl -fs "$url/small"
python3 "$probe" normal "$url/small" 4 50 >/dev/null || true # the first requests compile the gateway

rss() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$proxy/status"; }
failures=0

# beside KIND COMMAND...: measures while the command runs
beside() {
  local kind="$1" attack
  [[ "${SLOW_KIND:-$kind}" == "$kind" ]] || return 0
  shift
  "$@" >"$work/attack.log" 2>&1 &
  attack=$!
  pids+=("$attack")
  sleep 2
  printf '%-14s ' "$kind"
  python3 "$probe" normal "$url/small" "$seconds" 50 || failures=$((failures + 1))
  kill "$attack" 2>/dev/null || true
  wait "$attack" 2>/dev/null || true
}

attack="slowhttptest -c $count -r 300 -l $((seconds + 2)) -i 2"
beside "slow headers" $attack -H -u "$url/small"
beside "slow bodies" $attack -B -s 50000 -t POST -u "$url/small"
beside "large bodies" $attack -B -s 5000000 -x 1024 -t POST -u "$url/small"
beside "slow readers" $attack -X -w 10 -y 20 -n 5 -z 32 -u "$url/large"
beside "middle answers" $attack -X -w 10 -y 20 -n 5 -z 32 -u "$url/middle"
beside "idle flood" python3 "$probe" idle 127.0.0.1 "$port" "$count" "$((seconds + 3))"

before="$(rss)"
python3 "$probe" readers 127.0.0.1 "$port" /large 1000 "$((seconds + 4))" >"$work/readers.log" 2>&1 &
readers=$!
pids+=("$readers")
wait_for 30 grep -q 'all ask' "$work/readers.log"
# Here the memory is judged: a thousand at once ask for four times the connections to the upstream, and for the first
# seconds others wait until those who stand still have given way.
printf '%-14s ' "1000 readers"
python3 "$probe" normal "$url/small" "$seconds" 50 || true
echo "memory of the process: $before MiB before, $(rss) MiB with 1000 readers of 4 MB each"
grown=$(($(rss) - before))
if [[ -z "${SLOW_BESIDE:-}" ]]; then
  curl -fs "http://127.0.0.1:$admin/metrics" | grep '^sluice_connections_cut_total'
fi
[[ $failures -eq 0 ]] || die "$failures kinds of slow clients kept others waiting"
[[ $grown -lt 200 ]] || die "memory has grown by $grown MiB"
