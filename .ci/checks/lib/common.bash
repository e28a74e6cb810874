# Shared by the checks: start and stop what a check needs, by process id, on free ports.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
work="$(mktemp -d)"
pids=()

cleanup() {
  local status=$? pid
  for pid in "${pids[@]}"; do
    kill -CONT "$pid" 2>/dev/null || true
    kill "$pid" 2>/dev/null || true
  done
  for pid in "${pids[@]}"; do
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
  [[ $status -eq 0 ]] || { echo "-- output of what ran:"; tail -n 40 "$work"/*.log 2>/dev/null || true; }
  rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
  local seconds="$1" end
  shift
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $end ]] || { echo "gave up after $seconds s waiting for: $*"; return 1; }
    sleep 0.1
  done
}

die() {
  echo "FAILED: $*"
  exit 1
}

# demo NAME [VARIABLE=VALUE...]: starts the demo on free ports; sets port, admin, log and demo_pid
start_demo() {
  local name="$1"
  shift
  port="$(free_port)"
  admin="$(free_port)"
  log="$work/$name.log"
  (exec env SLUICE_PORT="$port" SLUICE_ADMIN_PORT="$admin" "$@" "$root/gateway/bin/sluice" demo) >"$log" 2>&1 &
  demo_pid=$!
  pids+=("$demo_pid")
  wait_for 300 curl -fs "http://127.0.0.1:$admin/health/ready"
}
