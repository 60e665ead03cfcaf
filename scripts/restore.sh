#!/bin/sh
# Brings a backup of backup.sh back: `restore.sh BACKUP_FOLDER/20261122T030000Z IDENTITY`, the file that age-keygen made.
# Variables as in backup.sh; MIGRATIONS, supabase/migrations: those that the backup has not had yet are applied.
#
# Stop the control plane and the scaler first. It refuses a database that holds documents, unless OVERWRITE=yes: what is
# ours in schemas public and private is then replaced, in one transaction, so that a restore that does not come to its end
# changes nothing. Objects are added to the bucket; none is deleted, and of those that are there only such are replaced as
# have other bytes than the backup.
set -eu
umask 077

backup=${1:?say which backup: restore.sh BACKUP_FOLDER/20261122T030000Z IDENTITY}
identity=${2:?say which identity: restore.sh BACKUP_FOLDER/20261122T030000Z IDENTITY}
here=$(cd "$(dirname "$0")/backup" && pwd)
plain=$(mktemp -d)
trap 'rm -rf "$plain"' EXIT
# shellcheck source=backup/common.sh
. "$here/common.sh"
started=$(moment)
require_session

if [ ! -e "$backup/SHA256SUMS" ] || [ -n "$(damaged "$backup")" ]; then
    echo "$backup is damaged: its checksums do not match" >&2
    exit 1
fi
for file in counts.txt ledger.txt objects.txt database.dump; do
    open_sealed "$plain/$file" "$backup/$file.age" || {
        echo "$identity does not open $backup" >&2
        exit 1
    }
done
table=$(sql -c "select to_regclass('public.document_journal') is not null")
if [ "$table" = t ] && [ "${OVERWRITE:-no}" != yes ]; then
    documents=$(sql -c "select count(*) from public.document_journal")
    [ "$documents" = 0 ] || {
        echo "the database holds $documents documents: OVERWRITE=yes to replace them" >&2
        exit 1
    }
fi

# The parts of this backup and of those before it, the oldest first; what came into the bucket since is not in this database.
find_parts "$backup" >"$plain/parts.txt"

# Objects first: a row must never name what is not there. Once through all parts to fill what the bucket lacks, which harms
# nobody should this end here.
sort "$plain/objects.txt" >"$plain/wanted.txt"
rclone lsf --recursive --files-only "$bucket" | sort >"$plain/there.txt"
: >"$plain/compared.txt"
: >"$plain/twice.txt"
while read -r part; do
    open_part "$part"
    comm -12 "$plain/inside.txt" "$plain/there.txt" >"$plain/again.txt"
    comm -23 "$plain/inside.txt" "$plain/there.txt" >"$plain/first.txt"
    compare "$plain/ledger.txt" "$plain/files" >>"$plain/compared.txt"
    rclone copy --files-from-raw "$plain/first.txt" --transfers 8 "$plain/files" "$bucket"
    sort -m -o "$plain/there.txt" "$plain/there.txt" "$plain/first.txt"
    [ ! -s "$plain/again.txt" ] || echo "$part" >>"$plain/twice.txt"
done <"$plain/parts.txt"
lost=$(comm -23 "$plain/wanted.txt" "$plain/there.txt" | wc -l)
[ "$lost" = 0 ] || {
    echo "$lost objects of this backup are in none of its parts" >&2
    exit 1
}

restore_database "$plain/database.dump" || {
    note restore "$(basename "$backup")" "$started" failed 'The database is as it was.' '' '' ''
    echo 'nothing was restored: the database is as it was' >&2
    exit 1
}

# Then through those parts again whose objects were there, by their bytes: a size says nothing. What the ledger knows is
# replaced only by what it knows; of any other name the newest bytes of this backup stay.
while read -r part; do
    open_part "$part"
    compare "$plain/ledger.txt" "$plain/files" | sed -n 's/^unlike //p' | sort >"$plain/unlike.txt"
    comm -23 "$plain/inside.txt" "$plain/unlike.txt" >"$plain/sound.txt"
    rclone check --download --one-way --files-from-raw "$plain/sound.txt" --differ "$plain/differ.txt" \
        --error "$plain/unread.txt" "$plain/files" "$bucket" 2>/dev/null || :
    cat "$plain/differ.txt" "$plain/unread.txt" >"$plain/other.txt"
    rclone copy --ignore-times --files-from-raw "$plain/other.txt" --transfers 8 "$plain/files" "$bucket"
done <"$plain/twice.txt"

# Of the originals, those of whose name no part holds the bytes that the ledger knows.
sed -n 's/^like //p' "$plain/compared.txt" | sort -u >"$plain/like.txt"
cut -c 67- "$plain/ledger.txt" | sort -u | comm -12 - "$plain/wanted.txt" >"$plain/known.txt"
unlike=$(comm -23 "$plain/known.txt" "$plain/like.txt" | wc -l)
rows=$(awk -F'|' '{ rows += $2 } END { printf "%d", rows }' "$plain/back.txt")
documents=$(sed -n 's/^public.document_journal|//p' "$plain/back.txt")
all=$(wc -l <"$plain/wanted.txt") originals=$(wc -l <"$plain/known.txt")
outcome=$([ "$unlike" = 0 ] && echo 'done' || echo damaged)
note restore "$(basename "$backup")" "$started" "$outcome" '' '' '' \
    "{\"documents\": $documents, \"rows\": $rows, \"objects\": $all, \"unlike_ledger\": $unlike}"
echo "restored $documents documents from $backup: $rows rows in $(wc -l <"$plain/back.txt") tables, as many as it has in each;"
echo "$all objects, of $originals originals $((originals - unlike)) with the SHA-256 that the ledger knows"
