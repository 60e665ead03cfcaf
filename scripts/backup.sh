#!/bin/sh
# Saves the database and every document into BACKUP_FOLDER, encrypted with age. Run it daily; `restore.sh FOLDER IDENTITY`
# brings it back. Whoever has the folder without the identity reads nothing in it, not even a name.
#
#   BACKUP_FOLDER/20261122T030000Z/database.dump.age  objects.txt.age  settings.env.age  SHA256SUMS
#   BACKUP_FOLDER/objects/20261122T030000Z/000001.tar.age …   what had come into the bucket since the backup before
#
# PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE   the database, as its owner
# SPACES_ENDPOINT SPACES_REGION SPACES_KEY SPACES_SECRET SPACES_BUCKET
# BACKUP_RECIPIENT                             age1…: the public half of the key that `age-keygen -o identity.txt` makes
# SETTINGS_FILE                                .env, where it is to be in the backup
# BACKUPS_KEPT (14)                            how many dumps stay; objects always stay
set -eu
umask 077

: "${BACKUP_FOLDER:?}" "${PGHOST:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGDATABASE:?}"
: "${SPACES_ENDPOINT:?}" "${SPACES_KEY:?}" "${SPACES_SECRET:?}" "${SPACES_BUCKET:?}"
: "${BACKUP_RECIPIENT:?make a key with: age-keygen -o identity.txt (keep that file elsewhere)}"
unset AWS_CA_BUNDLE # rclone would take it for its own
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_SPACES_TYPE=s3 RCLONE_CONFIG_SPACES_PROVIDER=Other
export RCLONE_CONFIG_SPACES_ENDPOINT="$SPACES_ENDPOINT" RCLONE_CONFIG_SPACES_REGION="${SPACES_REGION:-}"
export RCLONE_CONFIG_SPACES_ACCESS_KEY_ID="$SPACES_KEY" RCLONE_CONFIG_SPACES_SECRET_ACCESS_KEY="$SPACES_SECRET"
export RCLONE_USE_SERVER_MODTIME=true # one request for a thousand objects, not one for each

bucket="spaces:$SPACES_BUCKET"
name=$(date -u +%Y%m%dT%H%M%SZ)
unfinished="$BACKUP_FOLDER/unfinished-$name"
objects="$BACKUP_FOLDER/objects/unfinished-$name"
plain=$(mktemp -d)
mkdir -p "$unfinished" "$objects"
trap 'rm -rf "$unfinished" "$objects" "$plain"' EXIT

# encrypt FILE COMMAND…: what the command writes, as FILE. A pipe of sh forgets how its first half ended.
encrypt() {
    file=$1
    shift
    rm -f "$plain/ended"
    { "$@" && touch "$plain/ended"; } | age --recipient "$BACKUP_RECIPIENT" --output "$file"
    [ -e "$plain/ended" ]
}

# The database first: a row names its objects only when they are stored, so whatever this dump names is there to copy.
encrypt "$unfinished/database.dump.age" \
    pg_dump --format=custom --no-owner --schema=public --schema=private --schema=supabase_migrations

# The settings, which hold the keys to all the rest: without PASSWORDS_KEY nobody signs in to what is brought back.
[ ! -r "${SETTINGS_FILE:-}" ] || encrypt "$unfinished/settings.env.age" cat "$SETTINGS_FILE"

# What is newer than an hour before the backup before: clocks differ. What earlier backups saved stays in objects/.
before=$(find "$BACKUP_FOLDER/objects" -mindepth 1 -maxdepth 1 -name '[0-9]*Z' | sort | tail -n 1)
since=1970-01-01T00:00:00Z
if [ -n "$before" ]; then
    began=$(basename "$before" | sed -E 's/(....)(..)(..)T(..)(..)(..)Z/\1-\2-\3 \4:\5:\6/')
    since=$(date -u -d "@$(($(date -u -d "$began" +%s) - 3600))" +%Y-%m-%dT%H:%M:%SZ)
fi
rclone lsf --recursive --files-only --exclude 'cache/**' --format sp --separator ' ' --max-age "$since" \
    "$bucket" >"$plain/new.txt"
rclone lsf --recursive --files-only --exclude 'cache/**' "$bucket" >"$plain/objects.txt"
encrypt "$unfinished/objects.txt.age" cat "$plain/objects.txt"

# Parts of at most a GiB (one object at least) and a thousand objects: so much lies here unencrypted for a moment.
awk -v folder="$plain" '{
    if (files == 1000 || (files && bytes + $1 > 1073741824)) { part++; files = 0; bytes = 0 }
    files++; bytes += $1
    printf "%s\n", substr($0, length($1) + 2) > sprintf("%s/part-%06d", folder, part + 1)
}' "$plain/new.txt"
for part in "$plain"/part-*; do
    [ -e "$part" ] || break
    mkdir "$plain/files"
    rclone copy --files-from-raw "$part" --transfers 8 "$bucket" "$plain/files"
    encrypt "$objects/${part##*-}.tar.age" tar -C "$plain/files" -cf - .
    rm -rf "$plain/files"
done
(cd "$unfinished" && sha256sum ./*.age >SHA256SUMS)
(cd "$objects" && find . -name '*.age' -exec sha256sum {} + >SHA256SUMS)
mv "$objects" "$BACKUP_FOLDER/objects/$name"
mv "$unfinished" "$BACKUP_FOLDER/$name"

# shellcheck disable=SC2012
ls -1d "$BACKUP_FOLDER"/[0-9]*Z | sort -r | tail -n +"$((${BACKUPS_KEPT:-14} + 1))" | while read -r old; do
    rm -rf "$old"
done
echo "saved the database and $(wc -l <"$plain/new.txt") of $(wc -l <"$plain/objects.txt") objects as $BACKUP_FOLDER/$name"
