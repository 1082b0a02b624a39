# How podman is called by these tests. Sourced, never run.
# Images, containers and networks of the tests lie in a storage of their own: what else podman has is neither seen nor touched.

PODMAN_HOME="${GITOPSGRAINS_PODMAN:-$CACHE/podman}"
mkdir -p "$PODMAN_HOME"
# netavark runs iptables, which its package only recommends.
debian_packages podman runc netavark iptables aardvark-dns docker-compose
# Soft and hard the same: podman 4.3 mixes them up in what it answers to docker-compose.
files=$(ulimit -Hn)
cat > "$PODMAN_HOME/containers.conf" <<END
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "$PODMAN_HOME/networks"
END
export CONTAINERS_CONF="$PODMAN_HOME/containers.conf"
PODMAN=(podman --root "$PODMAN_HOME/storage" --runroot "$PODMAN_HOME/run" --log-level error)
