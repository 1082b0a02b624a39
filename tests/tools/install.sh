#!/usr/bin/env bash
# Installs everything that the tests use; quick when it is there already.
set -euo pipefail
here="$(dirname "$0")"
. "$here/lib.sh"

command -v dotnet >/dev/null || fail "the .NET SDK 10 is needed (dotnet is not on the PATH)"
debian_packages git util-linux gnupg openssh-client openssh-server docker-registry redis-server faketime
[ -x /usr/lib/git-core/git-http-backend ] || fail "git http-backend is not here; it comes with Debian's git package"
"$here/kubernetes.sh"
"$here/helm.sh"
"$here/azurite.sh"
