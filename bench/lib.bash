# Shared by the scripts of this folder: which Java, and building what is missing or stale. Source it.
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
gateway_jar="$root/gateway/server/target/sluice-gateway.jar"
tools="$root/bench/tools/target"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 2; }

# JAVA_HOME's, or the one in PATH; 17 or newer.
java_command() {
  local java version
  if [[ -n "${JAVA_HOME:-}" && -x "$JAVA_HOME/bin/java" ]]; then
    java="$JAVA_HOME/bin/java"
  else
    java="$(command -v java)" || fail "no Java found; install a JDK 17 or newer, or set JAVA_HOME"
  fi
  version="$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = //p')"
  [[ "${version%%.*}" -ge 17 ]] 2>/dev/null || fail "Java 17 or newer is needed; $java is Java ${version:-unknown}"
  echo "$java"
}

# True when a jar is missing or older than anything it is made from.
stale() {
  local jar
  for jar in "$gateway_jar" "$tools/sluice-bench.jar"; do
    [[ -f "$jar" ]] || return 0
    [[ -z "$(find "$root/pom.xml" "$root"/gateway/*/pom.xml "$root"/gateway/*/src/main "$root"/bench/tools/pom.xml \
      "$root"/bench/tools/src/main -newer "$jar" -print -quit)" ]] || return 0
  done
  return 1
}

build() {
  stale || return 0
  command -v mvn >/dev/null || fail "Maven is needed to build; install it (3.8 or newer) and try again"
  say "building (the first time fetches libraries and takes a minute or two)"
  (cd "$root" && mvn -q -B -DskipTests package >&2) || fail "the build failed; its messages are above"
  touch "$gateway_jar" "$tools/sluice-bench.jar"
}
