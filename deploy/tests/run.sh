#!/usr/bin/env bash
# Builds the images, starts docker-compose.yml with podman, and has it sync an application to a real API server, also after
# one silo was killed, and then all of it with mutual TLS. Needs root, and about ten minutes the first time. The last line is "N passed, N failed".
#
#   deploy/tests/run.sh              KEEP=1 leaves everything running
set -uo pipefail
cd "$(dirname "$0")/../.."
. tests/tools/lib.sh
. deploy/tests/podman.sh
. deploy/tests/steps.sh

PROJECT=gitopsgrains-test
HOST=host.containers.internal
GIT_PORT=18480 API_PORT=18443
export GITOPSGRAINS_HTTP_PORT=18080 GITOPSGRAINS_GRPC_PORT=18081
WORK=$(mktemp -d "$CACHE/deploy.XXXXXX")
SOCKET="$WORK/podman.sock"
export DOCKER_HOST="unix://$SOCKET" GITOPSGRAINS_SECRETS="$WORK/secrets" GITOPSGRAINS_TLS="$WORK/tls"
COMPOSE=(docker-compose -p "$PROJECT")
own=()

stop() {
  if [ "$failed" -gt 0 ] && [ -S "$SOCKET" ]; then timeout 60 "${COMPOSE[@]}" logs --no-color --tail 120 | cut -c 1-400 >&2; fi
  if [ -n "${KEEP:-}" ]; then say "left running; data in $WORK"; return; fi
  [ -S "$SOCKET" ] && timeout 120 "${COMPOSE[@]}" --profile tools down --volumes --timeout 20 >/dev/null 2>&1
  for process in "${own[@]}"; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null; done
  rm -rf "$WORK"
}
trap stop EXIT
trap 'exit 1' INT TERM

start() { # LOG COMMAND…: in the background, ended with this script
  "${@:2}" >"$WORK/$1.log" 2>&1 &
  own+=($!)
}

container() { echo "${PROJECT}_$1_1"; }
podman_() { "${PODMAN[@]}" "$@"; }
ctl() { timeout 60 "${COMPOSE[@]}" run --rm gitopsctl "$@" 2>/dev/null | tr -d '\r'; }

# Without systemd nobody runs podman's health checks: this does.
healthy() { podman_ healthcheck run "$(container "$1")" >/dev/null 2>&1; }
checks() { while sleep 2; do for name in azurite silo-1 silo-2 gateway; do healthy "$name"; done; done; }

images() {
  deploy/tests/bases.sh || return 1
  local target
  for target in silo gateway; do
    podman_ build --quiet --network host -f deploy/Dockerfile --target "$target" --build-arg "REVISION=$(git rev-parse HEAD)" -t "docker.io/gitopsgrains/$target:0.1.0" . || return 1
  done
}

cluster() {
  tests/tools/kubernetes.sh || return 1
  mkdir -p "$WORK/etcd" "$WORK/api" "$GITOPSGRAINS_SECRETS"
  start etcd "$BIN/etcd" --data-dir "$WORK/etcd" --listen-client-urls http://127.0.0.1:18379 --advertise-client-urls http://127.0.0.1:18379 --listen-peer-urls http://127.0.0.1:18380 --unsafe-no-fsync --log-level error
  local token
  token=$(openssl rand -hex 16)
  echo "$token,admin,1,system:masters" > "$WORK/api/tokens.csv"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=gitopsgrains-test" -addext "subjectAltName=DNS:$HOST,DNS:localhost,IP:127.0.0.1" -keyout "$WORK/api/key.pem" -out "$WORK/api/cert.pem" 2>/dev/null
  start kube-apiserver "$BIN/kube-apiserver" --bind-address=0.0.0.0 --secure-port="$API_PORT" --etcd-servers=http://127.0.0.1:18379 --cert-dir="$WORK/api" \
    --tls-cert-file="$WORK/api/cert.pem" --tls-private-key-file="$WORK/api/key.pem" --token-auth-file="$WORK/api/tokens.csv" --authorization-mode=RBAC \
    --service-cluster-ip-range=10.0.0.0/16 --disable-admission-plugins=ServiceAccount --service-account-issuer=https://kubernetes.default.svc \
    --service-account-signing-key-file="$WORK/api/key.pem" --service-account-key-file="$WORK/api/key.pem"
  kubeconfig "$HOST" "$token" > "$GITOPSGRAINS_SECRETS/cluster.yaml"
  kubeconfig localhost "$token" > "$WORK/kubeconfig"
  # For the user of the containers, and nobody else.
  chown -R 10001:10001 "$GITOPSGRAINS_SECRETS" && chmod -R go= "$GITOPSGRAINS_SECRETS"
  eventually 60 kubectl get --raw /readyz
}

kubeconfig() {
  cat <<END
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://$1:$API_PORT", certificate-authority-data: $(base64 -w 0 "$WORK/api/cert.pem")}}]
users: [{name: admin, user: {token: $2}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
END
}

kubectl() { "$BIN/kubectl" --kubeconfig "$WORK/kubeconfig" "$@"; }

repository() {
  git init -q --bare -b main "$WORK/git/fleet.git" && git init -q -b main "$WORK/work" && git -C "$WORK/work" remote add origin "$WORK/git/fleet.git" || return 1
  start git python3 deploy/tests/git-server.py "$WORK/git" "$GIT_PORT"
  publish 1
}

publish() { # VALUE: plain YAML, a chart and a kustomization, so that every tool of the image is used
  mkdir -p "$WORK/work/app" "$WORK/work/chart/templates" "$WORK/work/kustomize"
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {value: "%s"}\n' "$1" | tee "$WORK/work/app/config.yaml" | sed 's/plain/kustomized/' > "$WORK/work/kustomize/config.yaml"
  printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [config.yaml]\n' > "$WORK/work/kustomize/kustomization.yaml"
  printf 'apiVersion: v2\nname: chart\nversion: 0.1.0\n' > "$WORK/work/chart/Chart.yaml"
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: charted}\ndata: {value: {{ .Values.value | quote }}}\n' > "$WORK/work/chart/templates/config.yaml"
  printf 'value: "%s"\n' "$1" > "$WORK/work/chart/values.yaml"
  git -C "$WORK/work" add -A && git -C "$WORK/work" -c user.name=test -c user.email=test@localhost commit -qm "Value $1" && git -C "$WORK/work" push -q origin main
}

documents() {
  cat <<END
apiVersion: gitopsgrains.io/v1
kind: Repository
metadata: {name: fleet}
spec: {url: "http://$HOST:$GIT_PORT/fleet.git", poll: {interval: 5s}}
---
apiVersion: gitopsgrains.io/v1
kind: Cluster
metadata: {name: test}
spec: {kubeconfig: {file: /etc/gitopsgrains/cluster.yaml}}
END
  local path
  for path in app chart kustomize; do cat <<END
---
apiVersion: gitopsgrains.io/v1
kind: Application
metadata: {name: $path}
spec:
  source: {repository: fleet, ref: main, path: $path}
  destination: {clusters: [test], namespace: deployed}
  sync: {automated: true, prune: true, selfHeal: true, options: [CreateNamespace=true]}
END
  done
}

up() {
  start podman "${PODMAN[@]}" system service --time 0 "unix://$SOCKET"
  eventually 20 test -S "$SOCKET" || return 1
  # What a run that was killed has left.
  timeout 60 "${COMPOSE[@]}" --profile tools down --volumes --timeout 5 >/dev/null 2>&1
  checks >/dev/null 2>&1 &
  own+=($!)
  timeout 300 "${COMPOSE[@]}" up -d --no-build 2>&1 | tail -n 20
  eventually 60 healthy gateway
}

value() { [ "$(kubectl -n deployed get configmap "$1" -o 'jsonpath={.data.value}' 2>/dev/null)" = "$2" ]; }
values() { value plain "$1" && value charted "$1" && value kustomized "$1"; }
synced() {
  local head
  head=$(git -C "$WORK/work" rev-parse HEAD)
  [ "$(ctl get applications -o json | python3 -c 'import json,sys; d=json.load(sys.stdin); print(sum(i["status"]["sync"] == "Synced" and i["status"]["revision"] == sys.argv[1] for i in d["items"]))' "$head")" = 3 ]
}

registered() { documents | timeout 60 "${COMPOSE[@]}" run --rm -T gitopsctl apply -f - ; }
samples() { awk 'FNR == 1 { print "---" } { print }' deploy/samples/*.yaml | timeout 60 "${COMPOSE[@]}" run --rm -T gitopsctl apply --dry-run -f -; }
silos() { ctl get silos -o name | grep -c .; }
two_silos() { [ "$(silos)" = 2 ]; }

hardened() { # CONTAINER: what the engine and the kernel say of the process itself
  local name pid
  name=$(container "$1")
  pid=$(podman_ inspect -f '{{.State.Pid}}' "$name")
  grep -qE '^Uid:\s+10001\s+10001\s+10001\s+10001' "/proc/$pid/status" && grep -qE '^CapEff:\s+0+$' "/proc/$pid/status" && grep -qE '^CapBnd:\s+0+$' "/proc/$pid/status" \
    && grep -qE '^NoNewPrivs:\s+1' "/proc/$pid/status" && grep -qE '^Seccomp:\s+2' "/proc/$pid/status" || return 1
  [ "$(podman_ inspect -f '{{.HostConfig.ReadonlyRootfs}}' "$name")" = true ] || return 1
  ! podman_ exec "$name" sh -c 'echo x > /opt/x' 2>/dev/null && ! podman_ exec "$name" sh -c 'echo x > /etc/x' 2>/dev/null && podman_ exec "$name" sh -c 'echo x > /tmp/x'
}

no_secret_is_shown() {
  local token
  token=$(podman_ exec "$(container silo-1)" cat /run/gitopsgrains/admin-token)
  [ ${#token} -ge 40 ] || return 1
  ! "${COMPOSE[@]}" logs 2>&1 | grep -qF -e "$token" -e AccountKey && ! podman_ inspect "$(container silo-1)" "$(container gateway)" "$(container azurite)" | grep -qF -e "$token" -e AccountKey
}

bill() { podman_ run --rm --entrypoint cat "docker.io/gitopsgrains/$1:0.1.0" /opt/gitopsgrains/sbom.cdx.json > "$WORK/sbom-$1.json" && mkdir -p artifacts/sbom && cp "$WORK/sbom-$1.json" "artifacts/sbom/$1.cdx.json" && python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); names={c["name"] for c in d["components"]}; sys.exit(not (d["bomFormat"]=="CycloneDX" and d["metadata"]["component"]["version"]=="0.1.0" and sys.argv[2] in names))' "$WORK/sbom-$1.json" "$2"; }

# As the overlay for one silo sets it, with the silo's address by name instead of the pod's.
single() {
  mkdir -p "$WORK/admin" && openssl rand -hex 24 > "$WORK/admin/admin-token" && chown -R 10001:10001 "$WORK/admin" || return 1
  kubectl kustomize deploy/kubernetes/overlays/single | sed -nE 's/^  (GITOPSGRAINS__[A-Za-z_]+): "?([^"]*)"?$/\1=\2/p' | grep -v __Gateway__ > "$WORK/single.env"
  local hardened=(--read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp --network "$PROJECT-single") settings=(-e GITOPSGRAINS__Silo__Name=single -e GITOPSGRAINS__Silo__Address=single -e GITOPSGRAINS__Http__Url=http://0.0.0.0:8080 -e GITOPSGRAINS__Grpc__Url=)
  podman_ network create "$PROJECT-single" >/dev/null
  podman_ run -d --name "$PROJECT-single" --hostname single --network-alias single "${hardened[@]}" --env-file "$WORK/single.env" "${settings[@]}" -v "$PROJECT-single:/var/lib/gitopsgrains" -v "$WORK/admin:/run/gitopsgrains/admin:ro" docker.io/gitopsgrains/silo:0.1.0 >/dev/null \
    && podman_ run -d --name "$PROJECT-single-gateway" "${hardened[@]}" -e GITOPSGRAINS__Gateway__Silos=single:30000 docker.io/gitopsgrains/gateway:0.1.0 >/dev/null \
    && eventually 40 podman_ exec "$PROJECT-single" ready && eventually 40 podman_ exec "$PROJECT-single-gateway" ready
  local done=$?
  [ $done = 0 ] || podman_ logs --tail 20 "$PROJECT-single" >&2
  podman_ rm -f "$PROJECT-single-gateway" "$PROJECT-single" >/dev/null
  podman_ volume rm "$PROJECT-single" >/dev/null
  podman_ network rm "$PROJECT-single" >/dev/null
  return $done
}

serving() { ctl get silos -o json | python3 -c 'import json,sys; print(*[s["address"] for s in json.load(sys.stdin)["items"] if s.get("clusters")])'; }
address() { podman_ inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$(container "$1")"; }
kill_serving() {
  local serving name
  serving=$(serving)
  for name in silo-1 silo-2; do
    case "$serving" in "$(address "$name"):"*) killed=$name ;; esac
  done
  [ -n "$killed" ] && podman_ kill -s KILL "$(container "$killed")" >/dev/null
}
is_dead() { [ "$(podman_ inspect -f '{{.State.Running}}' "$(container "$killed")")" = false ]; }
come_back() { podman_ start "$(container "$killed")" >/dev/null && eventually 60 healthy "$killed" && eventually 60 two_silos; }
stops_in_time() { local began=$SECONDS; timeout 60 "${COMPOSE[@]}" stop "$1" >/dev/null 2>&1; [ $((SECONDS - began)) -lt "$2" ] && [ "$(podman_ inspect -f '{{.State.ExitCode}}' "$(container "$1")")" = 0 ]; }

# Mutual TLS: the same installation, with docker-compose.tls.yml beside the other file.
secure() {
  mkdir -p "$GITOPSGRAINS_TLS" && deploy/tls/make "$GITOPSGRAINS_TLS" || return 1
  COMPOSE+=(-f docker-compose.yml -f docker-compose.tls.yml)
  timeout 300 "${COMPOSE[@]}" up -d --no-build 2>&1 | tail -n 20
  eventually 60 healthy silo-1 && eventually 60 healthy silo-2 && eventually 60 healthy gateway
}
speaks() { # SILO PORT [OPTION…]: whether it is a server of our authority that takes this peer
  openssl s_client -connect "$(address "$1"):$2" -tls1_3 -verify_return_error -CAfile "$GITOPSGRAINS_TLS/authority.crt" "${@:3}" </dev/null 2>&1 | grep -q 'Verify return code: 0'
}
speak() {
  local silo port
  for silo in silo-1 silo-2; do for port in 11111 30000; do
    speaks "$silo" "$port" -cert "$GITOPSGRAINS_TLS/gateway/tls.crt" -key "$GITOPSGRAINS_TLS/gateway/tls.key" || return 1
  done; done
}
stranger() { # a gateway without a certificate gets nowhere
  local name="$PROJECT-stranger" network done=1
  network=$(podman_ inspect -f '{{range $name, $network := .NetworkSettings.Networks}}{{$name}}{{end}}' "$(container gateway)")
  podman_ run -d --name "$name" --read-only --cap-drop ALL --tmpfs /tmp --network "$network" -e GITOPSGRAINS__Gateway__Silos=silo-1:30000,silo-2:30000 "docker.io/gitopsgrains/gateway:0.1.0" >/dev/null \
    && eventually 30 podman_ exec "$name" sh -c '! ready' && ! eventually 15 podman_ exec "$name" ready && done=0
  podman_ rm -f "$name" >/dev/null
  return $done
}
# Read to its end: a reader that stops early ends the writer with a signal, and with it the pipe.
said() { podman_ logs "$(container silo-1)" 2>&1 | grep -F "$1" >/dev/null && podman_ logs "$(container silo-2)" 2>&1 | grep -F "$1" >/dev/null; }
# New ones of the same authority, for connections that are made from then on.
renew() {
  deploy/tls/make "$GITOPSGRAINS_TLS" && timeout 60 "${COMPOSE[@]}" restart gateway >/dev/null 2>&1 && eventually 60 healthy gateway && eventually 30 two_silos && eventually 10 said 'New connections use the certificate CN=gitopsgrains-silo'
}

needed "the images are built" images
needed "a real API server runs" cluster
needed "a Git server runs" repository
needed "everything of the compose file starts and is healthy" up
step "the software bill of the silo is in its image" bill silo LibGit2Sharp
step "the software bill of the gateway is in its image" bill gateway Microsoft.Orleans.Client
for name in azurite silo-1 silo-2 gateway; do step "$name: no root, no capability, nothing to write" hardened "$name"; done
step "no secret is in a log or in a container's settings" no_secret_is_shown
step "the gateway knows two silos" eventually 30 two_silos
step "documents are applied through the gateway" registered
step "the samples are valid for the gateway" samples
step "plain YAML, a chart and a kustomization are in the cluster" eventually 90 values 1
step "all are Synced by the gateway" eventually 60 synced
killed=""
step "the silo that serves the cluster is killed" kill_serving
step "it stays dead" is_dead
step "a new commit is pushed" publish 2
killed_at=$SECONDS
step "the other silo syncs it" eventually 90 values 2
say "in the cluster $((SECONDS - killed_at)) s after the kill of $killed"
step "all are Synced by the gateway again" eventually 60 synced
step "the killed silo is started again and joins" come_back
step "a third commit is pushed" publish 3
step "it is synced" eventually 90 values 3
step "certificates are made, and everything starts again with mutual TLS" secure
step "all ports of silos speak TLS 1.3 by certificates of the authority" speak
step "the gateway knows two silos by TLS" eventually 60 two_silos
step "a fourth commit is pushed" publish 4
step "it is synced by TLS" eventually 120 values 4
step "a gateway without a certificate gets nowhere" stranger
step "the silos say that they refused it" eventually 10 said 'it does not speak TLS, or refuses ours'
step "renewed certificates are taken up without a restart of the silos" renew
say "memory: $(podman_ stats --no-stream --format '{{.Name}} {{.MemUsage}}' | sed "s/${PROJECT}_//; s/ \/.*//" | paste -sd ,)"
step "a silo ends in time" stops_in_time silo-2 45
step "the gateway ends in time" stops_in_time gateway 20
step "one silo with embedded storage is reached by a gateway" single
stop
trap - EXIT
closing_line
