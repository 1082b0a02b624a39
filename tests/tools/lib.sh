# Shared by the tool scripts: where things are kept, and how to say what is happening.
# Sourced, never run.

CACHE="${GITOPSGRAINS_CACHE:-$HOME/.cache/gitopsgrains}"
BIN="$CACHE/bin"
mkdir -p "$BIN"

say() { printf '[tools] %s\n' "$*"; }
fail() { printf '[tools] error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo where that needs no password.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else fail "root is needed for: $*"; fi
}

# Installs the Debian packages that are missing; asks the package index only if one is.
debian_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || fail "these Debian packages are needed and apt-get is not here: ${missing[*]}"
  say "installing ${missing[*]}"
  as_root apt-get update -qq
  # A package that starts a service of its own at installation is kept from doing so.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
