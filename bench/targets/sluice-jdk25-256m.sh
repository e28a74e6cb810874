# Sluice on JDK 25 with a heap of 256 MB: for its resident memory under load.
source "$(dirname "${BASH_SOURCE[0]}")/_sluice.sh"
MODES="allow three"
start() {
  JVM_OPTS=-Xmx256m
  start_sluice "$JAVA_25"
}
