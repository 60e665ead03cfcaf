#!/bin/sh
# Builds both images, tagged with the commit, and pushes them: build_and_push.sh REGISTRY [worker|control-plane]
# REGISTRY is as docker takes it, e.g. ghcr.io/me. Sign in before with `docker login`, which asks for the password.
set -eu
cd "$(dirname "$0")/.."

registry=${1:?say where to: build_and_push.sh REGISTRY [worker|control-plane]}
only=${2:-}
commit=$(git rev-parse --short=12 HEAD)
if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
    echo "there are changes that are not committed: an image must be what its tag says" >&2
    exit 1
fi

build() { # build NAME DOCKERFILE
    [ -z "$only" ] || [ "$only" = "$1" ] || return 0
    image="$registry/aseagi-$1:$commit"
    docker build --platform linux/amd64 --file "$2" --tag "$image" .
    docker push "$image"
    built="${built:-}$3=$image
"
}
build worker Dockerfile.worker WORKER_IMAGE
build control-plane control_plane/Dockerfile CONTROL_PLANE_IMAGE
[ -n "${built:-}" ] || {
    echo "there is no image $only: say worker or control-plane" >&2
    exit 1
}
printf 'for .env:\n%s' "$built"
