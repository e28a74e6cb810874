# Sluice on JDK 17.
source "$(dirname "${BASH_SOURCE[0]}")/_sluice.sh"
start() { start_sluice "$JAVA_17"; }
