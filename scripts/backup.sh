#!/bin/sh
# Saves the database and every document into BACKUP_FOLDER, encrypted with age. Run it daily; `restore.sh FOLDER IDENTITY`
# brings it back. Whoever has the folder without the identity reads nothing in it, not even a name. What became of it
# stands in the table `backups`.
#
#   BACKUP_FOLDER/20261122T030000Z/database.dump.age  counts.txt.age  ledger.txt.age  objects.txt.age  settings.env.age
#                                  google.tar.age  SHA256SUMS
#   BACKUP_FOLDER/objects/20261122T030000Z/000001.tar.age …   what had come into the bucket since the backup before; all of
#                                          recipient            it, after a change of BACKUP_RECIPIENT
#
# PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE   the database, as its owner
# SPACES_ENDPOINT SPACES_REGION SPACES_KEY SPACES_SECRET SPACES_BUCKET
# BACKUP_RECIPIENT                             age1…: the public half of the key that `age-keygen -o identity.txt` makes
# ALSO_RECIPIENT                               a second one, of try_backup.sh
# EVERY_PART=yes                               every part of earlier backups is read, not a seventh of them: the month's drill
# SETTINGS_FILE                                .env, where it is to be in the backup
# GOOGLE_FOLDER                                the credentials and the token of Google Drive, likewise
set -eu
umask 077

: "${BACKUP_FOLDER:?}"
: "${BACKUP_RECIPIENT:?make a key with: age-keygen -o identity.txt (keep that file elsewhere)}"
here=$(cd "$(dirname "$0")/backup" && pwd)
plain=$(mktemp -d)
# shellcheck source=backup/common.sh
. "$here/common.sh"

# Named by the second: the one before may have been that quick, and is not written over.
while started=$(moment) && name=$(echo "$started" | tr -d ':-') && [ -e "$BACKUP_FOLDER/$name" ]; do
    sleep 1
done
unfinished="$BACKUP_FOLDER/unfinished-$name"
objects="$BACKUP_FOLDER/objects/unfinished-$name"
doing='asking for a session of its own'
trap 'end $?' EXIT
export RECIPIENTS="--recipient $BACKUP_RECIPIENT${ALSO_RECIPIENT:+ --recipient $ALSO_RECIPIENT}" UNFINISHED="$unfinished"

end() {
    rm -rf "$unfinished" "$objects" "$plain"
    [ "$1" = 0 ] || note backup "$name" "$started" failed "It stopped while $doing." '' '' ''
    exit "$1"
}

require_session
doing='making room'
mkdir -p "$unfinished" "$objects"

# encrypt FILE COMMAND…: what the command writes, as FILE. A pipe of sh forgets how its first half ended.
encrypt() {
    file=$1
    shift
    rm -f "$plain/ended"
    # shellcheck disable=SC2086
    { "$@" && touch "$plain/ended"; } | age $RECIPIENTS --output "$file"
    [ -e "$plain/ended" ]
}

# day NAME: days since 1970.
day() { echo $(($(date -u -d "$(echo "$1" | sed -E 's/(....)(..)(..)T.*/\1-\2-\3/')" +%s) / 86400)); }

# The database first: a row names its objects only when they are stored, so whatever this dump names is there to copy.
doing='dumping the database'
sql -v plain="$plain" -f "$here/dump.sql"
[ -e "$plain/dumped" ] && [ -e "$plain/sealed" ]
for file in counts.txt ledger.txt; do encrypt "$unfinished/$file.age" cat "$plain/$file"; done

doing='saving the settings'
# The settings, which hold the keys to all the rest: without PASSWORDS_KEY nobody signs in to what is brought back.
[ ! -r "${SETTINGS_FILE:-}" ] || encrypt "$unfinished/settings.env.age" cat "$SETTINGS_FILE"
if [ -d "${GOOGLE_FOLDER:-}" ]; then
    files=$(ls -A "$GOOGLE_FOLDER") # one that may not be read is no empty one: it ends here
    [ -z "$files" ] || encrypt "$unfinished/google.tar.age" tar -C "$GOOGLE_FOLDER" -cf - .
fi

# Files rot where they lie. A seventh of the folders is read each night; where a part is not what it was, no later backup
# has its objects, so all are saved anew.
doing='looking through earlier backups'
rotten=0
for folder in "$BACKUP_FOLDER"/objects/[0-9]*Z; do
    [ -d "$folder" ] || continue # none yet
    [ "${EVERY_PART:-no}" = yes ] || [ $((($(day "$name") - $(day "$(basename "$folder")")) % 7)) = 0 ] || continue
    for part in $(damaged "$folder"); do
        rotten=$((rotten + 1))
        [ ! -e "$folder/$part" ] || mv "$folder/$part" "$folder/$part.rotten"
        grep -v -F " $part" "$folder/SHA256SUMS" >"$plain/sums" || :
        cat "$plain/sums" >"$folder/SHA256SUMS"
    done
done

# What is newer than an hour before the backup before: clocks differ. What earlier backups saved stays in objects/. A folder
# of the future was made by a clock that was wrong.
doing='listing the bucket'
before=$(find "$BACKUP_FOLDER/objects" -mindepth 1 -maxdepth 1 -name '[0-9]*Z' -exec basename {} \; | sort |
    awk -v now="$name" '$0 < now' | tail -n 1)
since=1970-01-01T00:00:00Z
# What was saved for another key, the new one does not open.
for_whom=$(cat "$BACKUP_FOLDER/objects/${before:-none}/recipient" 2>/dev/null || :)
if [ "$for_whom" = "$BACKUP_RECIPIENT" ] && [ "$rotten" = 0 ]; then
    began=$(echo "$before" | sed -E 's/(....)(..)(..)T(..)(..)(..)Z/\1-\2-\3 \4:\5:\6/')
    since=$(date -u -d "@$(($(date -u -d "$began" +%s) - 3600))" +%Y-%m-%dT%H:%M:%SZ)
fi
rclone lsf --recursive --files-only --exclude 'cache/**' --format sp --separator ' ' --max-age "$since" \
    "$bucket" >"$plain/new.txt"
rclone lsf --recursive --files-only --exclude 'cache/**' "$bucket" >"$plain/objects.txt"
encrypt "$unfinished/objects.txt.age" cat "$plain/objects.txt"

# Parts of at most a GiB (one object at least) and a thousand objects: so much lies here unencrypted for a moment, and is
# compared with what the ledger knows.
doing='saving objects'
awk -v folder="$plain" '{
    if (files == 1000 || (files && bytes + $1 > 1073741824)) { part++; files = 0; bytes = 0 }
    files++; bytes += $1
    printf "%s\n", substr($0, length($1) + 2) > sprintf("%s/part-%06d", folder, part + 1)
}' "$plain/new.txt"
: >"$plain/compared.txt"
for part in "$plain"/part-*; do
    [ -e "$part" ] || break
    mkdir "$plain/files"
    rclone copy --files-from-raw "$part" --transfers 8 "$bucket" "$plain/files"
    compare "$plain/ledger.txt" "$plain/files" >>"$plain/compared.txt"
    encrypt "$objects/${part##*-}.tar.age" tar -C "$plain/files" -cf - .
    rm -rf "$plain/files"
done
(cd "$unfinished" && sha256sum ./*.age >SHA256SUMS)
(cd "$objects" && find . -name '*.age' -exec sha256sum {} + >SHA256SUMS)
echo "$BACKUP_RECIPIENT" >"$objects/recipient"
bytes=$(find "$unfinished" "$objects" -type f -exec ls -ln {} + | awk '{ bytes += $5 } END { printf "%d", bytes }')
mv "$objects" "$BACKUP_FOLDER/objects/$name"
mv "$unfinished" "$BACKUP_FOLDER/$name"

doing='removing old backups'
(cd "$BACKUP_FOLDER" && find . -mindepth 1 -maxdepth 1 -name '[0-9]*Z' | sed 's|^\./||' | sort -r | awk -f "$here/kept.awk") |
    while read -r old; do rm -rf "${BACKUP_FOLDER:?}/$old"; done

rows=$(awk -F'|' '{ rows += $2 } END { printf "%d", rows }' "$plain/counts.txt")
documents=$(sed -n 's/^public.master_document_registry|//p' "$plain/counts.txt")
all=$(wc -l <"$plain/objects.txt") new=$(wc -l <"$plain/new.txt")
unlike=$(grep -c '^unlike ' "$plain/compared.txt" || :)
message=
[ "$unlike" = 0 ] || message="$unlike new objects have other bytes than the ledger knows."
[ "$rotten" = 0 ] || message="$message $rotten parts of earlier backups had rotted; everything was saved anew."
outcome=$([ -z "$message" ] && echo 'done' || echo damaged)
note backup "$name" "$started" "$outcome" "${message# }" "$bytes" \
    "$(sed -n 's|  ./database.dump.age$||p' "$BACKUP_FOLDER/$name/SHA256SUMS")" \
    "{\"documents\": $documents, \"rows\": $rows, \"objects\": $all, \"new\": $new, \"unlike_ledger\": $unlike}"
echo "saved the database and $new of $all objects as $BACKUP_FOLDER/$name"
[ -z "$message" ] || echo "${message# }" >&2
