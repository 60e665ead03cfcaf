#!/bin/sh
# Saves the database and every document into BACKUP_FOLDER. Run it daily; `restore.sh FOLDER` brings it back.
#
#   BACKUP_FOLDER/20261122T030000Z/database.dump  objects.txt  SHA256SUMS
#   BACKUP_FOLDER/objects/…                       every object ever saved, once
#
# PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE   the database, as its owner
# SPACES_ENDPOINT SPACES_REGION SPACES_KEY SPACES_SECRET SPACES_BUCKET
# BACKUPS_KEPT (14)                            how many dumps stay; objects always stay
set -eu
umask 077

: "${BACKUP_FOLDER:?}" "${PGHOST:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGDATABASE:?}"
: "${SPACES_ENDPOINT:?}" "${SPACES_KEY:?}" "${SPACES_SECRET:?}" "${SPACES_BUCKET:?}"
unset AWS_CA_BUNDLE # rclone would take it for its own
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_SPACES_TYPE=s3 RCLONE_CONFIG_SPACES_PROVIDER=Other
export RCLONE_CONFIG_SPACES_ENDPOINT="$SPACES_ENDPOINT" RCLONE_CONFIG_SPACES_REGION="${SPACES_REGION:-}"
export RCLONE_CONFIG_SPACES_ACCESS_KEY_ID="$SPACES_KEY" RCLONE_CONFIG_SPACES_SECRET_ACCESS_KEY="$SPACES_SECRET"

name=$(date -u +%Y%m%dT%H%M%SZ)
unfinished="$BACKUP_FOLDER/unfinished-$name"
mkdir -p "$unfinished" "$BACKUP_FOLDER/objects"
trap 'rm -rf "$unfinished"' EXIT

# The database first: a row names its objects only when they are stored, so whatever this dump names is there to copy.
pg_dump --format=custom --no-owner --schema=public --schema=private --schema=supabase_migrations \
    --file="$unfinished/database.dump"
rclone copy --exclude 'cache/**' --transfers 8 "spaces:$SPACES_BUCKET" "$BACKUP_FOLDER/objects"
rclone lsf --recursive --files-only --exclude 'cache/**' "spaces:$SPACES_BUCKET" >"$unfinished/objects.txt"
rclone check --one-way --size-only --exclude 'cache/**' "spaces:$SPACES_BUCKET" "$BACKUP_FOLDER/objects" 2>/dev/null || {
    echo "the copy is not complete: not every object of the bucket is in $BACKUP_FOLDER/objects" >&2
    exit 1
}
(cd "$unfinished" && sha256sum database.dump objects.txt >SHA256SUMS)
mv "$unfinished" "$BACKUP_FOLDER/$name"

# shellcheck disable=SC2012  # the names are ours: digits, T and Z
ls -1d "$BACKUP_FOLDER"/[0-9]*Z | sort -r | tail -n +"$((${BACKUPS_KEPT:-14} + 1))" | while read -r old; do
    rm -rf "$old"
done
echo "saved $(wc -l <"$BACKUP_FOLDER/$name/objects.txt") objects and the database as $BACKUP_FOLDER/$name"
