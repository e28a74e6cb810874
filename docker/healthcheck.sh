#!/usr/bin/env bash
# Asks the gateway in this container whether it is ready; bash speaks the one line of HTTP itself,
# so that the image needs no curl. Exit code 0 when ready, 1 otherwise.
exec 3<>"/dev/tcp/127.0.0.1/${SLUICE_ADMIN_PORT:-9090}" || exit 1
printf 'GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[[ "${status:-}" == 200 ]] || exit 1
