#!/bin/sh
# Installs what builds and runs containers on a Debian without Docker, where it is missing: podman with runc and its network.
set -eu

missing=
for program in podman runc debootstrap conmon ip; do
    command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || missing="$missing $program"
done
[ -x /usr/lib/podman/netavark ] || missing="$missing network"
[ -n "$missing" ] || exit 0
echo "installing podman with apt (once)"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends podman buildah runc conmon netavark aardvark-dns catatonit iptables \
    iproute2 debootstrap uidmap >/dev/null
