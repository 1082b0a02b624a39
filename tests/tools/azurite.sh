#!/usr/bin/env bash
# Provides Azurite, the emulator of Azure storage, for the tests: an npm package in $CACHE/azurite, started by $BIN/azurite.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PACKAGE=azurite
VERSION=3.37.0
STAMP="$BIN/azurite.stamp"

if [ "$(cat "$STAMP" 2>/dev/null)" = "$PACKAGE@$VERSION" ] && [ -x "$BIN/azurite" ]; then
  say "Azurite $VERSION from $CACHE/azurite"
  exit 0
fi

command -v npm >/dev/null || debian_packages npm
say "fetching $PACKAGE $VERSION"
rm -rf "$CACHE/azurite"
mkdir -p "$CACHE/azurite"
npm install --silent --no-audit --no-fund --omit=dev --prefix "$CACHE/azurite" "$PACKAGE@$VERSION" >/dev/null || fail "npm could not install $PACKAGE@$VERSION"
ln -sf "$CACHE/azurite/node_modules/.bin/azurite" "$BIN/azurite"
printf %s "$PACKAGE@$VERSION" > "$STAMP"
say "Azurite $("$BIN/azurite" --version) in $CACHE/azurite"
