# Shared by the checks of clocks: processes whose wall clocks are off by what a file says, also when it changes while
# they run, an upstream that says yes, and gateways. Source it after common.bash.
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
redis_time() { redis-cli -p "$1" time | head -n 1; }

# redis_on_clock NAME PORT [OPTION...]: a redis-server on the clock $work/NAME.clock, its process being the last of pids
redis_on_clock() {
  local name="$1" port="$2"
  shift 2
  mkdir -p "$work/$name"
  on_clock "$work/$name.clock" redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work/$name" "$@" >>"$work/$name.log" 2>&1
  wait_for 60 redis-cli -p "$port" ping
}

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
ports=()
admins=()
# begin_gateway NAME CLOCK REDIS: a gateway whose wall clock is off by so much, with those lines in its block redis
begin_gateway() {
  local port admin
  port="$(free_port)"
  admin="$(free_port)"
  cat >"$work/$1.conf" <<CONF
server   { port = $port, host = "127.0.0.1" }
admin    { port = $admin, host = "127.0.0.1" }
upstream = "http://127.0.0.1:$upstream"
identity { trusted-proxies = ["127.0.0.0/8"] }
redis    { $3 }
policies { directory = "$work/policies" }
access-log { enabled = false }
CONF
  new_clock "$work/$1.clock" "$2"
  on_clock "$work/$1.clock" "$root/gateway/bin/sluice" serve --config "$work/$1.conf" >"$work/$1.log" 2>&1
  ports+=("$port")
  admins+=("$admin")
}
on_redis() { curl -fs "http://127.0.0.1:$1/health/ready" | grep -q '"store" : "redis"'; }
