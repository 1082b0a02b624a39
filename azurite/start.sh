#!/usr/bin/env bash
# Runs the emulator of Azure storage on its usual loopback ports until it is stopped.
#
#   azurite/start.sh [DATA-FOLDER]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
. "$here/../tests/tools/lib.sh"
[ -x "$BIN/azurite" ] || fail "Azurite is not here; run tests/tools/azurite.sh"
data="${1:-$here/data}"
mkdir -p "$data"
exec "$BIN/azurite" --location "$data" --blobHost 127.0.0.1 --queueHost 127.0.0.1 --tableHost 127.0.0.1 --silent --disableTelemetry
