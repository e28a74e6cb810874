#!/usr/bin/env bash
# The corpus of raw requests and answers, against the gateway as users run it and against nginx beside it, both
# in front of the same recording upstream. Fails when ours violates a verdict; nginx's count is for comparison.
source "$(dirname "$0")/lib/common.bash"

command -v nginx >/dev/null || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y nginx-light >/dev/null; }
classes="$root/gateway/server/target/test-classes"
[[ -f "$classes/io/sluice/corpus/CorpusMain.class" ]] \
  || (cd "$root" && mvn -q -B -pl gateway/server -am test-compile >"$work/build.log" 2>&1) || die "the tests compile"

recorder="$(free_port)"

# gateway NAME PATIENCE: a gateway that waits so long for clients and for its upstream; sets port
start_gateway() {
  local name="$1" patience="$2" admin
  port="$(free_port)"
  admin="$(free_port)"
  mkdir -p "$work/policies"
  echo 'match = "/limited", limits = [ { key = ip, rate = 1000/s } ]' >"$work/policies/none.conf"
  cat >"$work/$name.conf" <<CONF
server { port = $port, host = "127.0.0.1", idle-timeout = $patience }
upstream = "http://127.0.0.1:$recorder"
timeouts { response = $patience, idle = $patience }
redis { enabled = false }
admin { port = $admin }
policies { directory = "$work/policies" }
access-log { enabled = false }
CONF
  (exec "$root/gateway/bin/sluice" serve -c "$work/$name.conf") >"$work/$name.log" 2>&1 &
  pids+=("$!")
  wait_for 300 curl -fs "http://127.0.0.1:$admin/health/live"
}

start_gateway usual 8s
sluice="$port"
start_gateway short 1s
sluice_short="$port"

nginx="$(free_port)"
cat >"$work/nginx.conf" <<CONF
daemon off;
worker_processes 1;
user root;
pid $work/nginx.pid;
error_log $work/nginx-error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $work/nginx-body;
  proxy_temp_path $work/nginx-proxy;
  fastcgi_temp_path $work/nginx-fastcgi;
  uwsgi_temp_path $work/nginx-uwsgi;
  scgi_temp_path $work/nginx-scgi;
  upstream recorder { server 127.0.0.1:$recorder max_fails=0; keepalive 16; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host \$http_host;
  server {
    listen 127.0.0.1:$nginx;
    client_header_timeout 1s;
    client_body_timeout 1s;
    proxy_read_timeout 1s;
    location / { proxy_pass http://recorder; }
  }
}
CONF
(exec nginx -c "$work/nginx.conf" -e "$work/nginx-error.log") >"$work/nginx.log" 2>&1 &
pids+=("$!")
wait_for 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$nginx"

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
"$java" -cp "$classes" io.sluice.corpus.CorpusMain "$root/gateway/server/src/test/resources/corpus" "$recorder" \
  "sluice=127.0.0.1:$sluice" "sluice+short=127.0.0.1:$sluice_short" \
  "nginx=127.0.0.1:$nginx"
