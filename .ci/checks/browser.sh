#!/usr/bin/env bash
# Headless Chromium loads the sample API's chat page through the gateway, over TLS with HTTP/2, and uses its
# event stream and its WebSocket until the limit refuses it. SCREENSHOT=file keeps what it saw.
source "$(dirname "$0")/lib/common.bash"

tls="$(free_port)"
mkdir "$work/tls"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/tls/key.pem" -out "$work/tls/cert.pem" 2>/dev/null
cat >"$work/gateway.conf" <<CONF
server { port = 0, host = "127.0.0.1", tls { port = $tls, certificates = [ { cert = "tls/cert.pem", key = "tls/key.pem" } ] } }
identity.trusted-proxies = ["127.0.0.0/8", "::1/128"]
redis.enabled = false
CONF
api="$(free_port)"
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
"$java" -jar "$root/gateway/sample/target/sluice-sample.jar" 127.0.0.1 "$api" >"$work/api.log" 2>&1 &
pids+=("$!")
admin="$(free_port)"
(exec env SLUICE_ADMIN_PORT="$admin" SLUICE_UPSTREAM="http://127.0.0.1:$api" \
  "$root/gateway/bin/sluice" serve --config "$work/gateway.conf" --policies "$root/policies") >"$work/gateway.log" 2>&1 &
pids+=("$!")
wait_for 120 curl -fs "http://127.0.0.1:$admin/health/ready"
"$java" "$root/.ci/checks/lib/Browser.java" "$(command -v chromium)" "https://localhost:$tls/" h2 \
  "${SCREENSHOT:-$work/page.png}" "$work/chromium" || die "the chat page does not work through the gateway"
echo "a browser sees the page, the events, the WebSocket and the refusal"
