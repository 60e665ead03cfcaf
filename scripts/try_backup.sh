#!/bin/sh
# Shows that a backup comes back, by bringing it back into a scratch Postgres of its own, which is gone afterwards. Run it
# weekly, in place of backup.sh; monthly with EVERY_PART=yes, which has backup.sh read all there is. What became of it stands
# in the table `backups`, as `trial`.
#
#   try_backup.sh                   makes a backup, and tries that one: it is encrypted for a second key as well, made for
#                                   the occasion and thrown away; of earlier parts, which that key does not open, the sums
#   try_backup.sh BACKUP IDENTITY   tries one that is there, with every object of it
#
# Variables as in backup.sh; BOOTSTRAP, local_cloud/bootstrap.sql; MIGRATIONS, supabase/migrations, which the backup may not
# have had yet; SCRATCH_USER (postgres): Postgres does not run as root.
set -eu
umask 077

: "${BACKUP_FOLDER:?}" "${BOOTSTRAP:?}"
here=$(cd "$(dirname "$0")/backup" && pwd)
plain=$(mktemp -d)
scratch=$(mktemp -d)
name=$(basename "${1:-}")
doing='asking for a session of its own'
as_server=
[ "$(id -u)" != 0 ] || as_server="setpriv --reuid=${SCRATCH_USER:-postgres} --regid=${SCRATCH_USER:-postgres} --clear-groups"
trap 'end $?' EXIT
# shellcheck source=backup/common.sh
. "$here/common.sh"
started=$(moment)

end() {
    stop_scratch
    [ "$1" = 0 ] || note trial "$name" "$started" failed "It stopped while $doing." '' '' ''
    rm -rf "$plain" "$scratch"
    exit "$1"
}

start_scratch() {
    chmod 711 "$scratch"
    mkdir -m 755 "$scratch/server"
    [ -z "$as_server" ] || chown "${SCRATCH_USER:-postgres}" "$scratch/server"
    cd /
    $as_server initdb --pgdata="$scratch/server/data" --username=supabase_admin --auth=trust --encoding=UTF8 --no-sync \
        --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 >/dev/null
    $as_server pg_ctl --pgdata="$scratch/server/data" --log="$scratch/server/log" --wait --silent start --options="\
-c listen_addresses='' -c unix_socket_directories='$scratch/server' -c port=5432 -c fsync=off -c shared_buffers=32MB"
}

stop_scratch() {
    [ -d "$scratch/server" ] || return 0
    # Whether it runs can only be seen by who owns its folder: root in a container may not look into it.
    $as_server pg_ctl --pgdata="$scratch/server/data" --mode=immediate --silent stop 2>/dev/null || :
    $as_server find "$scratch/server" -mindepth 1 -delete
}

require_session
doing='making the backup'
if [ $# = 0 ]; then
    identity="$plain/identity.txt"
    age-keygen -o "$identity" 2>/dev/null
    ALSO_RECIPIENT=$(age-keygen -y "$identity") sh "$here/../backup.sh"
    name=$(find "$BACKUP_FOLDER" -mindepth 1 -maxdepth 1 -name '[0-9]*Z' -exec basename {} \; | sort | tail -n 1)
    backup="$BACKUP_FOLDER/$name"
else
    backup=$1 identity=$2
fi

doing='opening it'
[ -z "$(damaged "$backup")" ]
for file in counts.txt ledger.txt objects.txt database.dump; do open_sealed "$plain/$file" "$backup/$file.age"; done
sort "$plain/objects.txt" >"$plain/wanted.txt"

doing='reading its objects'
: >"$plain/passed_over.txt"
find_parts "$backup" >"$plain/parts.txt"
[ $# != 0 ] || { grep -F "/objects/$name/" "$plain/parts.txt" >"$plain/new.txt" || :; mv "$plain/new.txt" "$plain/parts.txt"; }
: >"$plain/compared.txt"
: >"$plain/inside_any.txt"
while read -r part; do
    open_part "$part"
    compare "$plain/ledger.txt" "$plain/files" >>"$plain/compared.txt"
    cat "$plain/inside.txt" >>"$plain/inside_any.txt"
done <"$plain/parts.txt"
rotten=$(wc -l <"$plain/passed_over.txt")
read=$(sort -u "$plain/inside_any.txt" | wc -l)
lost=0
[ $# = 0 ] || lost=$(sort -u "$plain/inside_any.txt" | comm -23 "$plain/wanted.txt" - | wc -l)
unlike=$(sed -n 's/^unlike //p' "$plain/compared.txt" | sort -u | wc -l)

doing='restoring the database'
start_scratch
(
    export PGHOST="$scratch/server" PGPORT=5432 PGDATABASE=postgres
    PGUSER=supabase_admin PGOPTIONS='-c client_min_messages=warning' sql -f "$BOOTSTRAP"
    PGUSER=postgres
    restore_database "$plain/database.dump"
)

rows=$(awk -F'|' '{ rows += $2 } END { printf "%d", rows }' "$plain/back.txt")
documents=$(sed -n 's/^public.document_journal|//p' "$plain/back.txt")
message=
[ "$rotten" = 0 ] || message="$rotten parts have rotted."
[ "$lost" = 0 ] || message="$message $lost objects are in none of its parts."
[ "$unlike" = 0 ] || message="$message $unlike objects have other bytes than the ledger knows."
outcome=$([ -z "$message" ] && echo 'done' || echo damaged)
note trial "$name" "$started" "$outcome" "${message# }" '' '' \
    "{\"documents\": $documents, \"rows\": $rows, \"objects\": $read, \"unlike_ledger\": $unlike}"
echo "tried $backup: $documents documents, $rows rows in $(wc -l <"$plain/back.txt") tables, as many as it has in each;"
echo "$read objects read, $unlike of them unlike the ledger"
[ -z "$message" ] || echo "${message# }" >&2
