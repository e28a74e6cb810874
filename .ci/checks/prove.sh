#!/usr/bin/env bash
# Two gateways on one Redis admit exactly what their limits allow; the full proof is bench/prove without options.
set -euo pipefail
exec "$(dirname "$0")/../../bench/prove" --gateways 2 --decisions 20000
