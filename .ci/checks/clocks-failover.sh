#!/usr/bin/env bash
# Failovers to replicas whose clocks are an hour off, under light load: in a cluster whose masters' clocks are an hour
# apart, and behind a Sentinel. No request fails, nobody is frozen, and nobody gets more than one full bucket for each
# step forward. All of them real processes.
source "$(dirname "$0")/lib/common.bash"
source "$(dirname "$0")/lib/clocks.bash"
echo 'match = "/paced", limits = [ { key = user, rate = 1/s, burst = 20 } ]' >"$work/policies/paced.conf"

declare -A port_of pid_of
# node NAME CLOCK [OPTION...]: a redis-server; sets its port and pid
node() {
  port_of[$1]="$(free_port)"
  new_clock "$work/$1.clock" "$2"
  redis_on_clock "$1" "${port_of[$1]}" --repl-diskless-sync-delay 0 "${@:3}"
  pid_of[$1]="${pids[-1]}"
}
of() { redis-cli -p "${port_of[$1]}" "${@:2}"; }
follows() { of "$1" info replication | grep -q 'master_link_status:up'; }
is_master() { of "$1" role | head -n 1 | grep -qx master; }
end_node() {
  kill -9 "${pid_of[$1]}"
  wait "${pid_of[$1]}" 2>/dev/null || true
}
# apart NAME NAME SECONDS: the first clock is so far ahead of the second's
apart() {
  local by=$(($(redis_time "${port_of[$1]}") - $(redis_time "${port_of[$2]}") - $3))
  [[ ${by#-} -le 5 ]] || die "the clocks of $1 and $2 are not $3 s apart"
}

# A cluster: masters a, b, c with their clocks an hour apart, and replicas on other clocks.
cluster_node() {
  node "$1" "$2" --cluster-enabled yes --cluster-port "$(free_port)" --cluster-node-timeout 1000 --cluster-replica-validity-factor 0
}
cluster_node a 0
cluster_node b 3600
cluster_node c -3600
cluster_node a2 3600
cluster_node b2 0
apart b a 3600
apart a c 3600
bus="$(of a config get cluster-port | tail -n 1)"
of a cluster addslotsrange 0 5460 >/dev/null
of b cluster addslotsrange 5461 10922 >/dev/null
of c cluster addslotsrange 10923 16383 >/dev/null
epoch=0
for name in a b c; do of "$name" cluster set-config-epoch $((++epoch)) >/dev/null; done
for name in b c a2 b2; do of "$name" cluster meet 127.0.0.1 "${port_of[a]}" "$bus" >/dev/null; done
replicate() { [[ "$(of "$1" cluster replicate "$(of "$2" cluster myid)")" == OK ]]; }
wait_for 60 replicate a2 a
wait_for 60 replicate b2 b
in_order() { of "$1" cluster info | grep -q 'cluster_state:ok'; }
for name in a b c a2 b2; do wait_for 60 in_order "$name"; done

# Behind a Sentinel: a master, and two replicas, the first an hour later and the second an hour earlier.
node first 0
node second 3600 --replicaof "127.0.0.1 ${port_of[first]}" --replica-priority 10
node third -3600 --replicaof "127.0.0.1 ${port_of[first]}" --replica-priority 20
mkdir "$work/sentinel"
port_of[sentinel]="$(free_port)"
cat >"$work/sentinel/sentinel.conf" <<CONF
port ${port_of[sentinel]}
bind 127.0.0.1
dir $work/sentinel
sentinel monitor mymaster 127.0.0.1 ${port_of[first]} 1
sentinel down-after-milliseconds mymaster 1000
sentinel failover-timeout mymaster 2000
CONF
redis-server "$work/sentinel/sentinel.conf" --sentinel >>"$work/sentinel.log" 2>&1 &
pids+=($!)
wait_for 60 of sentinel ping
# A replica is promoted only if its last INFO is younger than five pings, and of a master that is down there is one INFO
# a second: pings more often than every 200 ms would leave each failover to chance, and all to the same one.
of sentinel sentinel debug info-period 200 ping-period 400 tilt-trigger 60000 >/dev/null
knows_both() { of sentinel sentinel master mymaster | grep -A1 num-slaves | grep -qx 2; }
for name in second third a2 b2; do wait_for 60 follows "$name"; done
wait_for 60 knows_both

# Two gateways on each, in time to know of each other before anything fails.
"$root/gateway/bin/sluice" --version >/dev/null
cluster="timeout = 500ms, cluster.nodes = [\"127.0.0.1:${port_of[a]}\", \"127.0.0.1:${port_of[c]}\"]"
sentinel="timeout = 500ms, sentinel { master = mymaster, nodes = [\"127.0.0.1:${port_of[sentinel]}\"] }"
begin_gateway cluster-1 0 "$cluster"
begin_gateway cluster-2 -7200 "$cluster"
begin_gateway sentinel-1 0 "$sentinel"
begin_gateway sentinel-2 -7200 "$sentinel"
for admin in "${admins[@]}"; do wait_for 120 on_redis "$admin"; done
know_each_other() { curl -fs "http://127.0.0.1:$1/metrics" | grep -q '^sluice_gateways 2'; }
for admin in "${admins[@]}"; do wait_for 60 know_each_other "$admin"; done

# Three callers of each master: who is where shows when they come.
declare -A callers
for name in a b c; do callers[$name]=''; done
size() { of "$1" eval "return #redis.call('KEYS', 'sluice:paced:*')" 0; }
for number in $(seq 60); do
  for name in a b c; do before="$(size "$name")"; declare "before_$name=$before"; done
  curl -fs -o /dev/null -H "X-User-Id: user$number" "http://127.0.0.1:${ports[0]}/paced" || die "no answer"
  for name in a b c; do
    before="before_$name"
    words=(${callers[$name]})
    if [[ "$(size "$name")" -gt "${!before}" && ${#words[@]} -lt 3 ]]; then callers[$name]+=" user$number"; fi
  done
  words=(${callers[*]})
  [[ ${#words[@]} -lt 9 ]] || break
done
# Those of a go an hour forward with it, those of b an hour back.
cluster_callers="$(for name in ${callers[a]}; do echo -n "$name:1,"; done; for name in ${callers[b]} ${callers[c]}; do echo -n "$name:0,"; done)"

callers() { python3 "$root/.ci/checks/lib/callers.py" "$work/over" "$@"; }
callers "${ports[0]},${ports[1]}" "${cluster_callers%,}" >"$work/cluster.txt" 2>&1 &
at_cluster=$!
callers "${ports[2]},${ports[3]}" "carol:1,dave:1,erin:1" >"$work/sentinel.txt" 2>&1 &
at_sentinel=$!
pids+=($at_cluster $at_sentinel)
without_ms=0
# fail_over MASTER SUCCESSOR MASTER SUCCESSOR: ends two masters; returns when all gateways decide with their successors
fail_over() {
  local began admin
  began="$(date +%s%N)"
  end_node "$1"
  end_node "$3"
  wait_for 60 is_master "$2"
  wait_for 60 is_master "$4"
  for admin in "${admins[@]}"; do wait_for 10 on_redis "$admin"; done
  without_ms=$((without_ms + ($(date +%s%N) - began) / 1000000))
}
sleep 2
fail_over a a2 first second
third_follows() { of second info replication | grep -q "^slave0:.*port=${port_of[third]},state=online"; }
wait_for 60 third_follows
sleep 1
fail_over b b2 second third
sleep 5
echo "$without_ms" >"$work/over.new"
mv "$work/over.new" "$work/over"
failed=''
wait $at_cluster || failed='in the cluster'
wait $at_sentinel || failed="${failed:+$failed and }behind the Sentinel"
echo 'in the cluster, the first three an hour forward, the next three an hour back:'
cat "$work/cluster.txt"
echo 'behind a Sentinel, an hour forward and two back:'
cat "$work/sentinel.txt"
[[ -z "$failed" ]] || die "$failed"
for admin in "${admins[@]}"; do on_redis "$admin" || die "Redis does not decide at the end"; done
echo "without a master for $without_ms ms in both failovers"
