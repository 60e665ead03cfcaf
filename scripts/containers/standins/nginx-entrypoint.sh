#!/bin/sh
# As the official image's: what is in /docker-entrypoint.d is run, templates are filled in from the environment.
set -e
# Docker answers for names at 127.0.0.11, podman at each network's own address.
RESOLVER=$(awk '/^nameserver/ { printf "%s ", $2 }' /etc/resolv.conf)
export RESOLVER
for file in /docker-entrypoint.d/*.sh; do
    [ ! -x "$file" ] || "$file"
done
# shellcheck disable=SC2016
names=$(env | cut -d= -f1 | sed 's/.*/${&}/' | tr '\n' ' ')
for template in /etc/nginx/templates/*.template; do
    made=/etc/nginx/conf.d/$(basename "$template" .template)
    envsubst "$names" <"$template" >"$made"
done
exec "$@"
