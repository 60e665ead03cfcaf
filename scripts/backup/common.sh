# What backup.sh, restore.sh and try_backup.sh share: sourced, with `here` as this folder and `plain` as a folder of their
# own for what is not encrypted.
# shellcheck shell=sh disable=SC2034,SC2154

: "${PGHOST:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGDATABASE:?}"
: "${SPACES_ENDPOINT:?}" "${SPACES_KEY:?}" "${SPACES_SECRET:?}" "${SPACES_BUCKET:?}"
unset AWS_CA_BUNDLE # rclone would take it for its own
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_SPACES_TYPE=s3 RCLONE_CONFIG_SPACES_PROVIDER=Other
export RCLONE_CONFIG_SPACES_ENDPOINT="$SPACES_ENDPOINT" RCLONE_CONFIG_SPACES_REGION="${SPACES_REGION:-}"
export RCLONE_CONFIG_SPACES_ACCESS_KEY_ID="$SPACES_KEY" RCLONE_CONFIG_SPACES_SECRET_ACCESS_KEY="$SPACES_SECRET"
export RCLONE_USE_SERVER_MODTIME=true # one request for a thousand objects, not one for each
export LC_ALL=C PLAIN="$plain"
bucket="spaces:$SPACES_BUCKET"

# Without the context of an error, which may be a row.
sql() {
    psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --set VERBOSITY=terse \
        --set SHOW_CONTEXT=never "$@"
}

# require_session: a dump and a restore are one session each. A pooler by transactions gives each transaction whatever
# connection is free, with what the caller before left on it, and ours to the next one. PgBouncer knows no PGOPTIONS.
require_session() {
    word="$$-$(date +%s)"
    kept=$(sql -v word="$word" <<'SQL'
select set_config('aseagi.session', :'word', false) \g /dev/null
\! psql --no-psqlrc --tuples-only --no-align --command "select current_setting('aseagi.session', true)" >"$PLAIN/other"
select current_setting('aseagi.session', true);
SQL
)
    other=$(cat "$plain/other")
    if [ "${PGPORT:-5432}" = 6543 ] || [ "$kept" != "$word" ] || [ "$other" = "$word" ]; then
        echo "this is a pooler by transactions, which keeps no session: take the session pooler's port (Supabase: 5432)" >&2
        exit 2
    fi
}

# note KIND NAME STARTED OUTCOME MESSAGE BYTES SHA256 COUNTS, as private.note_backup takes them; "" is null.
note() {
    sql -v kind="$1" -v name="$2" -v started="$3" -v outcome="$4" -v message="$5" -v bytes="$6" -v sha="$7" -v counts="$8" \
        >/dev/null <<'SQL' || echo "the database did not take down what became of it" >&2
select private.note_backup(:'kind', :'name', :'started', :'outcome', nullif(:'message', ''), nullif(:'bytes', '')::bigint,
  nullif(:'sha', ''), nullif(:'counts', '')::jsonb);
SQL
}

moment() { date -u +%Y-%m-%dT%H:%M:%SZ; }

open_sealed() { age --decrypt --identity "$identity" --output "$1" "$2"; }

# damaged FOLDER: the files in it that are not what its SHA256SUMS says.
damaged() {
    (cd "$1" && sha256sum -c SHA256SUMS 2>/dev/null | sed -n 's/: FAILED.*//p')
}

# compare LEDGER FILES: a line for each file below FILES, `like`, `unlike` or `unknown`, and its name. The ledger may know
# several hashes of one name.
compare() {
    (cd "$2" && find . -type f -exec sha256sum {} +) | awk '
        NR == FNR { known[substr($0, 67)] = known[substr($0, 67)] " " substr($0, 1, 64); next }
        /^\\/ { $0 = substr($0, 2); gsub(/\\\\/, "\\") }
        { name = substr($0, 69) }
        { print !(name in known) ? "unknown" : index(known[name], substr($0, 1, 64)) ? "like" : "unlike", name }
    ' "$1" -
}

# restore_database DUMP: in one transaction, at the end of which as many rows must be there as $plain/counts.txt says. Its
# status is 0 only where all of it was committed; otherwise the database is as it was.
restore_database() {
    rm -f "$plain/ended" "$plain/committed"
    # What nobody but Supabase may give, and what restore_before.sql sees to.
    pg_restore --list "$1" >"$plain/all.txt" || return
    missing=
    [ -z "${MIGRATIONS:-}" ] || missing=$(sh "$here/../migrations.sh" "$MIGRATIONS") || return
    grep -v -E ' (SCHEMA - public|DEFAULT ACL) ' "$plain/all.txt" >"$plain/list.txt"
    {
        printf '%s\n' '\o /dev/null' 'begin;'
        cat "$here/before_restore.sql"
        # A server older than 17 does not know this setting.
        { pg_restore --no-owner --use-list="$plain/list.txt" --file=- "$1" && touch "$plain/ended"; } |
            sed '1,40{/^SET transaction_timeout/d;}'
        # Whoever writes no `commit` has changed nothing.
        if [ -e "$plain/ended" ]; then
            cat "$here/after_restore.sql"
            # shellcheck disable=SC2016
            printf '%s\ncommit;\n\\! touch "$PLAIN/committed"\n' "$missing"
        fi
    } | sql -v here="$here" -v plain="$plain" -f - && [ -e "$plain/committed" ]
}

# find_parts BACKUP: the parts of objects that were saved until then, the oldest first; one that is damaged is named and
# passed over, for a later one may have saved its objects again.
find_parts() {
    for folder in "$(dirname "$1")"/objects/[0-9]*Z; do
        [ -d "$folder" ] || continue # none yet
        last=$({ basename "$folder" && basename "$1"; } | sort | tail -n 1)
        [ "$last" = "$(basename "$1")" ] || continue
        damaged "$folder" >"$plain/damaged.txt"
        sed "s|^\.|$folder|; s|\$| is damaged and passed over|" "$plain/damaged.txt" | tee -a "$plain/passed_over.txt" >&2
        (cd "$folder" && find . -name '*.tar.age') | sort | grep -v -x -F -f "$plain/damaged.txt" | sed "s|^\.|$folder|"
    done
}

# open_part PART: what is in it and wanted as $plain/files, its names as $plain/inside.txt. One that was saved for an earlier
# BACKUP_RECIPIENT is passed over: the first backup for the new one saved everything anew.
open_part() {
    rm -rf "$plain/files"
    mkdir "$plain/files"
    if open_sealed "$plain/part.tar" "$1" 2>"$plain/said.txt"; then
        tar -C "$plain/files" -xf "$plain/part.tar"
    elif grep -q 'no identity matched' "$plain/said.txt"; then
        echo "$1 is for another key and passed over" >&2
    else # such as a disk that is full
        cat "$plain/said.txt" >&2
        return 1
    fi
    rm -f "$plain/part.tar"
    (cd "$plain/files" && find . -type f) | sed 's|^\./||' | sort | comm -12 - "$plain/wanted.txt" >"$plain/inside.txt"
}
