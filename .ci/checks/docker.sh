#!/usr/bin/env bash
# What can be held against docker/ without an engine. Compose reads the file, as a user would call it. What the ignore
# file lets through is built as the Dockerfile says, nothing else being there, and the files of both images, laid out
# under a folder, start with the images' own commands, find each other and become healthy.
source "$(dirname "$0")/lib/common.bash"
cd "$root/docker"
REDIS_PASSWORD=check SLUICE_ADMIN_TOKEN=check SLUICE_SECRET=check docker-compose -f compose.yaml config >"$work/compose.log" \
  || die "compose.yaml does not parse"
grep -q 'gateway:' "$work/compose.log" || die "no gateway in compose.yaml"
echo "compose.yaml parses"

image() { python3 "$root/.ci/checks/lib/image.py" "$@"; }
image context "$root" "$work/context"
image build "$work/context" >"$work/build.log" 2>&1 || die "the build of the image fails"
for stage in sample-api gateway; do image files "$work/context" "$stage" "$work/$stage"; done
echo "the images can be built from what the ignore file lets through"

PATH="${JAVA_HOME:+$JAVA_HOME/bin:}$PATH"
api="$(free_port)"
mapfile -t command < <(image command "$work/context" sample-api "$work/sample-api")
(cd "$work" && exec "${command[@]:0:${#command[@]}-2}" 127.0.0.1 "$api") >"$work/api.log" 2>&1 &
pids+=("$!")
port="$(free_port)"
admin="$(free_port)"
mapfile -t command < <(image command "$work/context" gateway "$work/gateway")
(cd "$work" && exec env SLUICE_UPSTREAM="http://127.0.0.1:$api" SLUICE_PORT="$port" SLUICE_ADMIN_PORT="$admin" \
  REDIS_HOST=127.0.0.1 REDIS_PORT="$(free_port)" "${command[@]}") >"$work/gateway.log" 2>&1 &
pids+=("$!")
healthy() { SLUICE_ADMIN_PORT="$admin" "$work/gateway/opt/sluice/healthcheck.sh"; }
wait_for 120 healthy || die "the gateway of the image does not become healthy"
wait_for 60 curl -fs -o /dev/null "http://127.0.0.1:$port/api/users/1" || die "the API behind it is not reached"
echo "the images' files start, find each other and are healthy"
