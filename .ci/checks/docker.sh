#!/usr/bin/env bash
# What can be held against docker/ without an engine: Compose reads the file, as a user would call it.
source "$(dirname "$0")/lib/common.bash"
cd "$root/docker"
REDIS_PASSWORD=check SLUICE_ADMIN_TOKEN=check SLUICE_SECRET=check docker-compose -f compose.yaml config >"$work/compose.log" \
  || die "compose.yaml does not parse"
grep -q 'gateway:' "$work/compose.log" || die "no gateway in compose.yaml"
echo "compose.yaml parses"
