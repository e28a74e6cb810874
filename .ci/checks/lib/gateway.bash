# A gateway alone, before an upstream of the check's.

# start_gateway NAME SETTINGS [VARIABLE=VALUE...]: sets port, admin and gateway_pid
start_gateway() {
  local name="$1" settings="$2"
  shift 2
  port="$(free_port)"
  admin="$(free_port)"
  mkdir -p "$work/$name/policies"
  echo 'match = "/limited/**", limits = [ { key = user, rate = 3/hour } ]' >"$work/$name/policies/limited.conf"
  cat >"$work/$name/gateway.conf" <<CONF
server { port = $port, host = 127.0.0.1 }
admin { port = $admin }
redis.enabled = false
policies.directory = policies
access-log.file = access.log
$settings
CONF
  (exec env "$@" "$root/gateway/bin/sluice" serve --config "$work/$name/gateway.conf") >"$work/$name.log" 2>&1 &
  gateway_pid=$!
  pids+=("$gateway_pid")
  wait_for "${GATEWAY_WAIT:-300}" curl -fs "http://127.0.0.1:$admin/health/ready"
}

# rss PID: resident memory in MiB
rss() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }
