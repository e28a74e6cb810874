# Sluice on JDK 25.
source "$(dirname "${BASH_SOURCE[0]}")/_sluice.sh"
start() { start_sluice "$JAVA_25"; }
