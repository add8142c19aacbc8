#!/usr/bin/env bash
# Pushes through a network that is cut, stalled and limited every minute, with a viewer that decodes everything: no
# timestamp may fall back, no decoder complain, and every connection must stand within 2 s of the network's return.
#
#     scripts/soak-push.sh [MINUTES]    30 by default
set -euo pipefail
cd "$(dirname "$0")/.."

export SLUICE_SOAK_MINUTES=${1:-30}
swift build --build-tests
swift test --skip-build --filter badNetworkCostsOnlyWhatItCuts
