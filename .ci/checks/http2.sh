#!/usr/bin/env bash
# HTTP/2 as the tools of nghttp2 speak it, with nginx as the upstream: many requests on one connection,
# uploads, trailers. SLUICE_H2_REQUESTS sets how many requests (100000).
source "$(dirname "$0")/lib/common.bash"

requests="${SLUICE_H2_REQUESTS:-100000}"
api="$(free_port)"
cat >"$work/nginx.conf" <<NGINX
daemon off; master_process off; pid $work/nginx.pid; error_log stderr;
events {}
http {
  access_log off; client_body_temp_path $work/body; client_max_body_size 10m; keepalive_requests 1000000;
  server {
    listen 127.0.0.1:$api;
    location / { return 200 "hello"; }
    location /upload { proxy_pass http://127.0.0.1:$api/; }
  }
}
NGINX
PATH="$PATH:/usr/sbin" nginx -p "$work" -c "$work/nginx.conf" 2>"$work/nginx.log" &
pids+=("$!")
mkdir "$work/policies"
echo 'limits = []' >"$work/policies/default.conf"
port="$(free_port)"
admin="$(free_port)"
cat >"$work/gateway.conf" <<CONF
server { port = $port, host = "127.0.0.1" }
admin { port = $admin }
upstream = "http://127.0.0.1:$api"
redis { enabled = false }
policies { directory = policies }
access-log { enabled = false }
CONF
"$root/gateway/bin/sluice" serve --config "$work/gateway.conf" >"$work/gateway.log" 2>&1 &
pids+=("$!")
wait_for 300 curl -fs "http://127.0.0.1:$admin/health/ready"
url="http://127.0.0.1:$port"

# load NAME ARGUMENT...: h2load; all answers must be 2xx and no connection may end early
load() {
  local name="$1" out
  shift
  out="$work/load.log"
  h2load "$@" >"$out"
  grep -q ' 0 failed, 0 errored, 0 timeout' "$out" || die "$name: $(grep '^requests' "$out")"
  grep -q ' 0 3xx, 0 4xx, 0 5xx' "$out" || die "$name: $(grep '^status' "$out")"
  echo "$name: $(grep '^finished' "$out")"
}

load "one busy connection" -n "$requests" -c 1 -m 100 "$url/"
load "a hundred connections" -n "$((requests / 2))" -c 100 -m 10 "$url/"
head -c 100000 /dev/zero | tr '\0' x >"$work/content"
load "uploads" -n "$((requests / 50))" -c 4 -m 20 -d "$work/content" "$url/upload"

nghttp -nv --trailer 'x-sum: 1' -d "$work/content" "$url/upload" >"$work/nghttp.log"
grep -q ':status: 200' "$work/nghttp.log" || die "nghttp: an upload with trailers is answered"
! grep -q 'recv GOAWAY' "$work/nghttp.log" || die "nghttp: the connection lives"
nghttp -nv "$url/7" "$url/8" >"$work/nghttp.log"
[[ "$(grep -c ':status: 200' "$work/nghttp.log")" == 2 ]] || die "nghttp: two requests on one connection"
echo "nghttp: uploads with trailers and several requests are answered"
