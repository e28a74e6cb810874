#!/usr/bin/env bash
# OpenSSL and curl look at the TLS port: versions, ciphers, names, resumption, stapling, keys as OpenSSL
# writes them, renewal by a turned link, reload by SIGHUP; and at TLS to the upstream.
source "$(dirname "$0")/lib/common.bash"

quiet() { "$@" >>"$work/openssl.log" 2>&1 || die "$*"; }

# issue NAME SAN [EXTRA]: an EC certificate of the authority, with PKCS#8 key, in $work/NAME.*
issue() {
  quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.csr"
  printf 'subjectAltName=%s\n%s\n' "$2" "${3:-}" >"$work/$1.ext"
  quiet openssl x509 -req -days 30 -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
    -CAserial "$work/ca.srl" -extfile "$work/$1.ext" -out "$work/$1.own"
  cat "$work/$1.own" "$work/ca.pem" >"$work/$1.pem"
}

quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=authority -keyout "$work/ca.key" -out "$work/ca.pem"
ocsp="$(free_port)"
issue localhost DNS:localhost,IP:127.0.0.1 "authorityInfoAccess=OCSP;URI:http://127.0.0.1:$ocsp"
issue sec1 DNS:sec1.example
quiet openssl ec -in "$work/sec1.key" -out "$work/sec1.bare"
issue renewed DNS:turn.example
issue turned DNS:turn.example
quiet openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=rsa -addext subjectAltName=DNS:rsa.example -keyout "$work/rsa.key" -out "$work/rsa.pem"
quiet openssl pkcs8 -topk8 -v2 aes-256-cbc -in "$work/rsa.key" -passout pass:sesame -out "$work/rsa.enc"
issue p12 DNS:p12.example
quiet openssl pkcs12 -export -inkey "$work/p12.key" -in "$work/p12.pem" -passout pass:sesame -out "$work/p12.p12"
mkdir "$work/one" "$work/two" "$work/policies"
cp "$work/renewed.pem" "$work/one/tls.pem"; cp "$work/renewed.key" "$work/one/tls.key"
cp "$work/turned.pem" "$work/two/tls.pem"; cp "$work/turned.key" "$work/two/tls.key"
ln -s one "$work/..data"
printf 'match = "/**"\nlimits = [{ key = ip, rate = 1000000/s }]\n' >"$work/policies/all.conf"

upstream="$(free_port)"
(cd "$work" && echo hello >file.txt && exec openssl s_server -accept "127.0.0.1:$upstream" -cert localhost.pem -key localhost.key -WWW) >"$work/upstream.log" 2>&1 </dev/null &
pids+=($!)

port="$(free_port)"
admin="$(free_port)"
cat >"$work/gateway.conf" <<CONF
upstream = "https://localhost:$upstream"
upstream-tls { ca = ca.pem }
redis.enabled = false
admin.port = $admin
policies.directory = policies
server {
  host = "127.0.0.1"
  tls {
    port = $port
    only = true
    ocsp-stapling = true
    reload = 1hour
    certificates = [
      { cert = localhost.pem, key = localhost.key }
      { cert = sec1.pem, key = sec1.bare }
      { cert = rsa.pem, key = rsa.enc, key-password = sesame }
      { pkcs12 = p12.p12, password = sesame }
      { cert = "..data/tls.pem", key = "..data/tls.key" }
    ]
  }
}
CONF

touch "$work/index.txt"
serial="$(openssl x509 -in "$work/localhost.own" -noout -serial | cut -d= -f2)"
printf 'V\t401231235959Z\t\t%s\tunknown\t/CN=localhost\n' "$serial" >"$work/index.txt"
(exec openssl ocsp -port "$ocsp" -index "$work/index.txt" -CA "$work/ca.pem" -rsigner "$work/ca.pem" -rkey "$work/ca.key" -ndays 1) >"$work/ocsp.log" 2>&1 </dev/null &
pids+=($!)

"$root/gateway/bin/sluice" check --config "$work/gateway.conf" >"$work/check.log" || die "check finds nothing wrong: $(cat "$work/check.log")"
(exec "$root/gateway/bin/sluice" serve --config "$work/gateway.conf") >"$work/gateway.log" 2>&1 &
gateway=$!
pids+=("$gateway")
wait_for 120 curl -fs "http://127.0.0.1:$admin/health/ready"

# hello ARGUMENTS...: what openssl says of a handshake
hello() { echo | timeout 20 openssl s_client -connect "127.0.0.1:$port" -CAfile "$work/ca.pem" "$@" 2>&1 || true; }
shows() { local said; said="$(hello "${@:2}")"; grep -q -- "$1" <<<"$said" || die "expected '$1' of ${*:2}: $said"; }

shows "Protocol *: TLSv1.3\|New, TLSv1.3" -servername localhost -tls1_3
shows "New, TLSv1.2" -servername localhost -tls1_2
shows "Verify return code: 0" -servername localhost
shows "ALPN protocol: h2" -servername localhost -alpn h2,http/1.1
shows "ALPN protocol: http/1.1" -servername localhost -alpn http/1.1
shows "Secure Renegotiation IS supported" -servername localhost -tls1_2
for version in -tls1 -tls1_1; do
  shows "alert\|no protocols available\|NONE" "$version" -cipher DEFAULT@SECLEVEL=0
done
for cipher in AES128-SHA AES128-GCM-SHA256 ECDHE-ECDSA-AES128-SHA ECDHE-ECDSA-AES128-SHA256 ECDHE-RSA-AES128-SHA DHE-RSA-AES128-GCM-SHA256 NULL-SHA256; do
  shows "handshake failure" -tls1_2 -servername localhost -cipher "$cipher:@SECLEVEL=0"
done
shows "subject=CN = sec1\|subject=CN=sec1" -servername sec1.example
shows "subject=CN = rsa\|subject=CN=rsa" -servername rsa.example
shows "subject=CN = p12\|subject=CN=p12" -servername p12.example
shows "subject=CN = localhost\|subject=CN=localhost" -servername unknown.example
shows "subject=CN = localhost\|subject=CN=localhost" -noservername
shows "OCSP Response Status: successful" -servername localhost -status
shows "OCSP response: no response sent" -servername sec1.example -status

shows "Reused, TLSv1.2" -tls1_2 -servername localhost -reconnect
(printf 'GET /file.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'; sleep 1) \
  | openssl s_client -quiet -connect "127.0.0.1:$port" -tls1_3 -servername localhost -sess_out "$work/session" >/dev/null 2>&1 || true
shows "Reused, TLSv1.3" -tls1_3 -servername localhost -sess_in "$work/session"

for http in --http1.1 --http2; do
  [[ "$(curl -sS $http --cacert "$work/ca.pem" "https://localhost:$port/file.txt" --resolve "localhost:$port:127.0.0.1")" == hello ]] || die "curl $http reads through both TLS sides"
done
[[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/")" == 400 ]] || die "plain HTTP is answered 400"
[[ "$(curl -sk -o /dev/null -w '%{http_code}' -H 'Host: p12.example' --resolve "sec1.example:$port:127.0.0.1" "https://sec1.example:$port/")" == 421 ]] || die "another certificate's host is misdirected"

before="$(hello -servername turn.example | openssl x509 -noout -serial)"
ln -s two "$work/..new"
mv -T "$work/..new" "$work/..data"
kill -HUP "$gateway"
turned() { [[ "$(hello -servername turn.example | openssl x509 -noout -serial)" != "$before" ]]; }
wait_for 20 turned || die "SIGHUP reads the turned link"
curl -s "http://127.0.0.1:$admin/metrics" >"$work/metrics.txt"
grep -q '^sluice_tls_certificate_expiry_seconds{name=".*localhost.pem"} 25[0-9]' "$work/metrics.txt" || die "the expiry is shown"
echo "TLS as OpenSSL $(openssl version | cut -d' ' -f2) and $(curl --version | head -1 | cut -d' ' -f1,2) see it"
