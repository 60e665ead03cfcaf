#!/bin/sh
# install_locked.sh PYTHON LOCK: what the lock names, and nothing that a package asks for besides. By two at a time,
# since pip unpacks on one core and waits for the network on none.
set -eu
python=$1
halves=$(mktemp -d)
trap 'rm -rf "$halves"' EXIT
awk -v halves="$halves" '/^[a-z]/ { half = !half } { print > halves "/" (half ? "one" : "other") ".txt" }' "$2"

install() { # install FILE
    [ ! -e "$1" ] || "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --no-compile -r "$1"
}
install "$halves/one.txt" &
first=$!
install "$halves/other.txt" || { wait $first; exit 1; }
wait $first
