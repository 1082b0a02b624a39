#!/usr/bin/env bash
# Provides etcd, kube-apiserver and kube-controller-manager for the tests, in $CACHE/bin or $KUBEBUILDER_ASSETS.
#
# With KUBEBUILDER_ASSETS set (the convention of envtest) its etcd and kube-apiserver are used and nothing is built.
# Else etcd comes from Debian and the Kubernetes servers are built once from Debian's source package (about 6 minutes).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

KUBE_VERSION=v1.20.2
# Raised when the recipe below changes, so that a cached build of an older recipe is built again.
RECIPE=1
STAMP="$BIN/kubernetes.stamp"

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  for tool in etcd kube-apiserver; do
    [ -x "$KUBEBUILDER_ASSETS/$tool" ] || fail "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, which has no executable $tool"
  done
  say "Kubernetes from KUBEBUILDER_ASSETS: $("$KUBEBUILDER_ASSETS/kube-apiserver" --version)"
  exit 0
fi

debian_packages etcd-server
ln -sf /usr/bin/etcd "$BIN/etcd"

if [ "$(cat "$STAMP" 2>/dev/null)" = "$KUBE_VERSION-$RECIPE" ] && [ -x "$BIN/kube-apiserver" ] && [ -x "$BIN/kube-controller-manager" ]; then
  say "Kubernetes $KUBE_VERSION from $BIN"
  exit 0
fi

debian_packages golang-1.19-go golang-github-modern-go-reflect2-dev make rsync jq dpkg-dev

WORK="$CACHE/build"
rm -rf "$WORK"
mkdir -p "$WORK/lists/partial" "$WORK/sources" "$WORK/tmp"

# The source entries are the machine's own binary entries of this release, read as deb-src into a private list:
# the machine's configuration stays as it is.
CODENAME=$(. /etc/os-release && printf %s "${VERSION_CODENAME:-}")
[ -n "$CODENAME" ] || fail "this is not a Debian release with a code name"
for file in /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] || continue
  grep -Eq "^Suites:.*(^|[[:space:]])$CODENAME([[:space:]]|$)" "$file" \
    && sed 's/^Types:.*/Types: deb-src/' "$file" > "$WORK/sources/$(basename "$file")"
done
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null \
  | grep -E "^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?[^[:space:]]+[[:space:]]+$CODENAME[[:space:]]" \
  | sed 's/^deb[[:space:]]/deb-src /' > "$WORK/sources/classic.list" || true
APT=(-o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$WORK/sources" -o "Dir::State::Lists=$WORK/lists" -o "APT::Sandbox::User=root")

say "fetching the source of kubernetes from Debian"
apt-get -qq "${APT[@]}" update
(cd "$WORK" && apt-get -qq "${APT[@]}" source kubernetes >/dev/null)
TREE=$(find "$WORK" -maxdepth 1 -type d -name 'kubernetes-*' | head -n 1)
[ -n "$TREE" ] || fail "the source package did not unpack"

# reflect2 before 1.0.2 breaks on Go 1.18 and later: the server dies when it writes an object with a map.
rm -rf "$TREE/vendor/github.com/modern-go/reflect2"
mkdir -p "$TREE/vendor/github.com/modern-go/reflect2"
cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$TREE/vendor/github.com/modern-go/reflect2/"
rm -f "$TREE/vendor/github.com/modern-go/reflect2/"*_test.go

say "building kube-apiserver and kube-controller-manager $KUBE_VERSION (about 6 minutes on 2 cores)"
mkdir -p "$TREE/.go/src/k8s.io"
ln -sfn "$TREE" "$TREE/.go/src/k8s.io/kubernetes"
LOG="$CACHE/kubernetes-build.log"
(
  cd "$TREE/.go/src/k8s.io/kubernetes"
  export PATH="/usr/lib/go-1.19/bin:$PATH" GOPATH="$TREE/.go" GO111MODULE=off GOFLAGS= GOCACHE="$WORK/gocache" TMPDIR="$WORK/tmp"
  CGO_ENABLED=0 KUBE_GIT_VERSION=$KUBE_VERSION make WHAT="cmd/kube-apiserver cmd/kube-controller-manager"
) > "$LOG" 2>&1 || { tail -n 40 "$LOG" >&2; fail "the build of Kubernetes failed; all of its output is in $LOG"; }

for tool in kube-apiserver kube-controller-manager; do
  install -m 0755 "$(find "$TREE/_output" -type f -name "$tool" | head -n 1)" "$BIN/$tool"
done
printf %s "$KUBE_VERSION-$RECIPE" > "$STAMP"
# The Go cache holds read-only files.
chmod -R u+w "$WORK" && rm -rf "$WORK"
say "Kubernetes $("$BIN/kube-apiserver" --version) in $BIN"
