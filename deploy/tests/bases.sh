#!/usr/bin/env bash
# Makes stand-ins for the base images of deploy/Dockerfile and docker-compose.yml, under their names, where they can't be
# pulled: Debian from the mirror, with .NET, node, helm, kubectl and Azurite of this machine. For tests only.
#   deploy/tests/bases.sh          those that are missing
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/tools/lib.sh
. deploy/tests/podman.sh

DEBIAN=localhost/gitopsgrains-debian:12
WORK=$(mktemp -d "$CACHE/bases.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

has() { "${PODMAN[@]}" image exists "$1"; }
argument() { sed -n "s/^ARG $1=//p" deploy/Dockerfile; }
build() { # NAME CONTEXT, with the Containerfile on standard input
  say "standing in for $1"
  "${PODMAN[@]}" build --quiet --network host -t "$1" -f - "$2" >/dev/null
}

debian() {
  has "$DEBIAN" && return 0
  debian_packages debootstrap
  local mirror
  mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | sed -nE 's/^URIs: *([^ ]+\/debian)\/?$/\1/p; s/^deb +(http[^ ]+\/debian)\/? .*/\1/p' | head -n 1)
  say "a Debian root file system from ${mirror:=http://deb.debian.org/debian}"
  as_root debootstrap --variant=minbase --include=ca-certificates,libicu72,libssl3,libstdc++6,tzdata,zlib1g bookworm "$WORK/debian" "$mirror" >"$WORK/log" 2>&1 || { tail -n 5 "$WORK/log" >&2; fail "debootstrap failed"; }
  as_root tar -C "$WORK/debian" -c . | "${PODMAN[@]}" import --quiet - "$DEBIAN" >/dev/null
}

dotnet_images() {
  local root sdk aspnet
  root=$(dirname "$(readlink -f "$(command -v dotnet)")")
  sdk=$(argument SDK) aspnet=$(argument ASPNET)
  # Bound into the build by its own context: no copy of half a gigabyte in between.
  has "$sdk" || { mkdir -p "$WORK/sdk"; cp -a "$root" "$WORK/sdk/dotnet"; cp -L /etc/ssl/certs/ca-certificates.crt "$WORK/sdk/"; build "$sdk" "$WORK/sdk" <<END
FROM $DEBIAN
COPY dotnet /usr/share/dotnet
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
ENV NUGET_CERT_REVOCATION_MODE=${NUGET_CERT_REVOCATION_MODE:-online}
END
  }
  has "$aspnet" || { mkdir -p "$WORK/aspnet/dotnet"; cp -a "$root"/{dotnet,host,shared} "$WORK/aspnet/dotnet/"; build "$aspnet" "$WORK/aspnet" <<END
FROM $DEBIAN
COPY dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true
END
  }
}

program() { # IMAGE PROGRAM PATH: an image with one static program, as its publisher's
  has "$1" && return 0
  mkdir -p "$WORK/$2"
  cp -L "$BIN/$2" "$WORK/$2/$2"
  build "$1" "$WORK/$2" <<END
FROM scratch
COPY $2 $3
END
}

azurite() {
  local image
  image=$(sed -nE 's/^ *image: *(.*azurite:.*)$/\1/p' docker-compose.yml)
  has "$image" && return 0
  mkdir -p "$WORK/azurite"
  cp -a "$CACHE/azurite/node_modules" "$WORK/azurite/"
  cp -L "$(command -v node)" "$WORK/azurite/node"
  build "$image" "$WORK/azurite" <<END
FROM $DEBIAN
COPY node /usr/local/bin/node
COPY node_modules /opt/azurite/node_modules
RUN ln -s /opt/azurite/node_modules/.bin/azurite /usr/local/bin/azurite && mkdir /data
WORKDIR /opt/azurite
CMD ["azurite", "-l", "/data", "--blobHost", "0.0.0.0", "--queueHost", "0.0.0.0", "--tableHost", "0.0.0.0"]
END
}

tests/tools/helm.sh
tests/tools/azurite.sh
debian
dotnet_images
program "$(argument HELM)" helm /usr/bin/helm
program "$(argument KUBECTL)" kubectl /bin/kubectl
azurite
