#!/bin/sh
# As the official image's: root gives the folder to postgres and becomes postgres; an empty folder becomes a database of
# POSTGRES_USER's, with POSTGRES_PASSWORD for whoever comes over the network. Once made, the password stays what it was.
set -e
if [ "$(id -u)" = 0 ]; then
    chown postgres "$PGDATA" /run/postgresql
    exec setpriv --reuid postgres --regid postgres --clear-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    printf '%s' "${POSTGRES_PASSWORD:?}" >/tmp/password
    initdb --username "$POSTGRES_USER" --pwfile /tmp/password --auth-local trust --auth-host scram-sha-256 \
        --encoding UTF8 --locale-provider builtin --builtin-locale C.UTF-8 --locale C --no-sync >/dev/null
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
case "$1" in
    -*) set -- postgres "$@" ;;
esac
if [ "$1" = postgres ]; then
    shift
    set -- postgres -c listen_addresses='*' -c unix_socket_directories=/run/postgresql "$@" # a later word wins
fi
exec "$@"
