#!/usr/bin/env bash
# Up- and downloads of LARGE_MIB (512) each way, HTTP/1.1 and HTTP/2, through a gateway with a heap of 64 MiB and
# 64 MiB of direct memory: every octet arrives, and the memory that the process has does not depend on the size.
source "$(dirname "$0")/lib/common.bash"
source "$(dirname "$0")/lib/gateway.bash"

mib="${LARGE_MIB:-512}"
size=$((mib * 1024 * 1024))
most_rss=360
up="$(free_port)"
python3 "$(dirname "$0")/lib/octets.py" "$up" >"$work/octets.log" 2>&1 &
pids+=("$!")
start_gateway large "upstream = \"http://127.0.0.1:$up\"" SLUICE_JAVA_OPTS="-Xmx64m -XX:MaxDirectMemorySize=64m"
wait_for 10 curl -fs -o /dev/null "http://127.0.0.1:$port/1"

expected="$(python3 - "$size" <<'PY'
import hashlib, sys
block, left, digest = bytes(i * 31 % 251 for i in range(1 << 20)), int(sys.argv[1]), hashlib.sha1()
while left > 0:
    digest.update(block[:left])
    left -= len(block)
print(digest.hexdigest())
PY
)"
echo "before: $(rss "$gateway_pid") MiB resident"
for version in --http1.1 --http2-prior-knowledge; do
  for target in "/$size" "/$size?chunked"; do
    start=$SECONDS
    got="$(curl -fsN "$version" "http://127.0.0.1:$port$target" | sha1sum | cut -d' ' -f1)"
    [[ "$got" == "$expected" ]] || die "download $version $target: $got, expected $expected"
    echo "download $version ${target#*"$size"}: $((SECONDS - start)) s, $(rss "$gateway_pid") MiB resident"
  done
  start=$SECONDS
  got="$(head -c "$size" /dev/zero | curl -fsN "$version" -X POST -H 'Expect:' -T - "http://127.0.0.1:$port/up")"
  [[ "$got" == "$size" ]] || die "upload $version: $got octets of $size arrived"
  echo "upload $version: $((SECONDS - start)) s, $(rss "$gateway_pid") MiB resident"
done
now="$(rss "$gateway_pid")"
[[ $now -lt $most_rss ]] || die "the gateway has $now MiB, more than $most_rss"
! grep -E "OutOfMemory|ERROR" "$work/large.log" || die "the gateway complained"
echo "$mib MiB each way arrived whole; $now MiB resident at the end"
