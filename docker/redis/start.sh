#!/bin/sh
# Starts Redis with the users of users.acl. No file holds the password, not even the one made here:
# it gets the password's digest.
set -eu
here=$(dirname "$0")
acl=${TMPDIR:-/tmp}/users.acl
digest=$(printf %s "${REDIS_PASSWORD:?set REDIS_PASSWORD}" | sha256sum | cut -d ' ' -f 1)
sed -e '/^#/d' -e "s/{password-sha256}/$digest/" "$here/users.acl" >"$acl"
exec redis-server "$here/redis.conf" --aclfile "$acl"
