# Shared by the scripts of this folder: Java, building what is missing or stale, ports, CPU time. Source it.
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

machine() { echo "machine: $(nproc) x $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), Linux $(uname -r); $(date -u +%F)"; }

# need COMMAND PACKAGE
need() { command -v "$1" >/dev/null || fail "$1 is needed; install Debian's package $2"; }

# The home of a JDK of that release: JAVA_HOME's, or one under /usr/lib/jvm.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [[ -n "$home" && -x "$home/bin/javac" && "$("$home/bin/javac" -version 2>&1)" == "javac $1."* ]]; then
      echo "$home"
      return
    fi
  done
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_port PORT SECONDS
wait_port() {
  local i
  for ((i = 0; i < $2 * 10; i++)); do
    port_open "$1" && return 0
    sleep 0.1
  done
  return 1
}

# cpu_ticks PID...: user and system time of all threads, summed
cpu_ticks() {
  local pid sum=0 line fields
  for pid in "$@"; do
    line="$(<"/proc/$pid/stat")" || continue
    read -ra fields <<<"${line##*) }"
    sum=$((sum + fields[11] + fields[12]))
  done
  echo "$sum"
}
