#!/bin/sh
# Installs what builds and runs containers on a Debian without Docker, where it is missing: podman with runc and its network.
set -eu
cd "$(dirname "$0")/../.."

missing=
for program in podman runc debootstrap conmon ip; do
    command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || missing="$missing $program"
done
[ -x /usr/lib/podman/netavark ] || missing="$missing network"
tools=.local/containers/tools
if [ ! -x "$tools/bin/podman-compose" ]; then
    python3 -m venv "$tools" # of its own: nothing of it is in the product
    "$tools/bin/pip" install --quiet --disable-pip-version-check podman-compose==1.6.0
fi
[ -n "$missing" ] || exit 0
echo "installing podman with apt (once)"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends podman buildah runc conmon netavark aardvark-dns catatonit iptables \
    iproute2 debootstrap uidmap >/dev/null
