#!/bin/sh
# Brings a backup of backup.sh back: `restore.sh BACKUP_FOLDER/20261122T030000Z IDENTITY`, the file that age-keygen made.
# Variables as in backup.sh.
#
# Stop the control plane and the scaler first. It refuses a database that holds documents, unless OVERWRITE=yes: what is
# in schemas public and private is then lost. Objects are added to the bucket; none is deleted.
set -eu
umask 077

backup=${1:?say which backup: restore.sh BACKUP_FOLDER/20261122T030000Z IDENTITY}
identity=${2:?say which identity: restore.sh BACKUP_FOLDER/20261122T030000Z IDENTITY}
: "${PGHOST:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGDATABASE:?}"
: "${SPACES_ENDPOINT:?}" "${SPACES_KEY:?}" "${SPACES_SECRET:?}" "${SPACES_BUCKET:?}"
unset AWS_CA_BUNDLE # rclone would take it for its own
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_SPACES_TYPE=s3 RCLONE_CONFIG_SPACES_PROVIDER=Other
export RCLONE_CONFIG_SPACES_ENDPOINT="$SPACES_ENDPOINT" RCLONE_CONFIG_SPACES_REGION="${SPACES_REGION:-}"
export RCLONE_CONFIG_SPACES_ACCESS_KEY_ID="$SPACES_KEY" RCLONE_CONFIG_SPACES_SECRET_ACCESS_KEY="$SPACES_SECRET"
export PGOPTIONS="-c client_min_messages=warning"
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"; }

bucket="spaces:$SPACES_BUCKET"
name=$(basename "$backup")
plain=$(mktemp -d)
trap 'rm -rf "$plain"' EXIT
open_sealed() { age --decrypt --identity "$identity" --output "$1" "$2"; }

# Parts of later backups are not looked at: what came into the bucket since is not in this database.
of_then() { (cd "$(dirname "$backup")/objects" && find . "$@" | sort | awk -F/ -v last="$name" '$2 <= last'); }
parts=$(of_then -name '*.tar.age')
for sums in "$backup/SHA256SUMS" $(of_then -name SHA256SUMS -size +0 | sed "s|^\.|$(dirname "$backup")/objects|"); do
    (cd "$(dirname "$sums")" && sha256sum -c SHA256SUMS >/dev/null 2>&1) || {
        echo "$(dirname "$sums") is damaged: its checksums do not match" >&2
        exit 1
    }
done
for file in objects.txt database.dump; do
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

# Objects first: a row must never name what is not there. Part by part, the oldest first: of a name that was given to other
# bytes, the newest of this backup stay.
for part in $parts; do
    mkdir "$plain/files"
    open_sealed "$plain/part.tar" "$(dirname "$backup")/objects/$part"
    tar -C "$plain/files" -xf "$plain/part.tar"
    rclone copy --files-from-raw "$plain/objects.txt" --transfers 8 "$plain/files" "$bucket"
    rm -rf "$plain/files" "$plain/part.tar"
done
rclone lsf --recursive --files-only "$bucket" | sort >"$plain/there.txt"
lost=$(sort "$plain/objects.txt" | comm -23 - "$plain/there.txt" | wc -l)
[ "$lost" = 0 ] || {
    echo "$lost objects of this backup are in none of its parts" >&2
    exit 1
}

# A dump holds no roles, nor what is set for them, nor what is closed by default in every schema; that and these roles are
# made by the migrations, the other roles by Supabase.
sql <<'SQL'
do $$
declare
    worker text;
begin
    foreach worker in array array['gpu_worker', 'analysis_worker'] loop
        if not exists (select from pg_roles where rolname = worker) then
            execute format('create role %I nologin noinherit', worker);
        end if;
        execute format('alter role %I set statement_timeout = %L', worker, '60s');
        execute format('grant %I to authenticator', worker);
    end loop;
end $$;
alter default privileges revoke execute on functions from public;
drop schema if exists public, private, supabase_migrations cascade;
SQL
pg_restore --no-owner --exit-on-error --single-transaction --dbname="$PGDATABASE" "$plain/database.dump"
sql -c "grant usage on schema public to public" # every new database has it, so a dump leaves it out
sql -c "update public.master_document_registry set version_id = null where version_id is not null" # of another bucket
sql -c "notify pgrst, 'reload schema'"
echo "restored $(sql -c 'select count(*) from public.document_journal') documents from $backup"
