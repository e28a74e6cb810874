# Sluice as a target of the peer harness: the packaged gateway, one policy for each route. Sourced by sluice-*.sh.
MODES="plain allow three deny hot plain-paced allow-paced"
USES_REDIS=yes
WARM=${JVM_WARM:-30}
SLUICE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

sluice_policy() { # name text
  printf '%s\n' "$2" >"$DIR/policies/$1.conf"
}

start_sluice() { # java
  local jar=$SLUICE_ROOT/gateway/server/target/sluice-gateway.jar
  [[ -f $jar ]] || { echo "build it first: mvn -DskipTests package"; exit 1; }
  rm -rf "$DIR/policies" && mkdir -p "$DIR/policies"
  sluice_policy plain 'match = "/plain/**", limits = []'
  sluice_policy allow 'match = "/allow/**", limits = [ { key = header.X-Api-Key, rate = 1000000/s } ]'
  sluice_policy deny 'match = "/deny/**", limits = [ { key = header.X-Api-Key, rate = 1/hour } ]'
  sluice_policy burst20 'match = "/burst20/**", limits = [ { key = header.X-Api-Key, rate = 1/min, burst = 20 } ]'
  sluice_policy three 'match = "/three/**", limits = [
    { id = user, key = header.X-Api-Key, rate = 1000000/s }
    { id = endpoint, key = route, rate = 1000000/s }
    { id = everybody, key = global, rate = 1000000/s }
  ]'
  cat >"$DIR/gateway.conf" <<CONF
server { port = $PORT, host = "127.0.0.1" }
upstream = "$UPSTREAM"
redis { host = 127.0.0.1, port = $REDIS_PORT }
admin { enabled = false }
access-log { enabled = ${SLUICE_ACCESS_LOG:-false} }
policies { directory = "$DIR/policies" }
CONF
  exec "$1" $JVM_OPTS ${SLUICE_JAVA_OPTS:-} -jar "$jar" serve --config "$DIR/gateway.conf"
}
