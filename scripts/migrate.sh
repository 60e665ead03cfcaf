#!/bin/sh
# Applies supabase/migrations to a database of our own, each once and in order, as `supabase db push` does for a
# project at Supabase.
#
# PGHOST, PGPORT, PGDATABASE  the database            PGPASSWORD              given to supabase_admin and to postgres
# BOOTSTRAP                   local_cloud/bootstrap.sql   AUTHENTICATOR_PASSWORD  what PostgREST signs in with
# MIGRATIONS                  supabase/migrations
set -eu

: "${PGHOST:?}" "${PGDATABASE:?}" "${PGPASSWORD:?}" "${AUTHENTICATOR_PASSWORD:?}" "${BOOTSTRAP:?}" "${MIGRATIONS:?}"
export PGOPTIONS="-c client_min_messages=warning"
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"; }

# Before the first migration: the roles and schemas that a Supabase project starts with. Repeating it changes nothing.
sql -U supabase_admin -f "$BOOTSTRAP"
sql -U supabase_admin <<'SQL'
\getenv owner PGPASSWORD
\getenv authenticator AUTHENTICATOR_PASSWORD
alter role supabase_admin with password :'owner';
alter role postgres with login password :'owner';
alter role authenticator with login password :'authenticator';
SQL

sql -U postgres <<'SQL'
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
SQL

missing=$(sh "$(dirname "$0")/migrations.sh" "$MIGRATIONS" each)
printf '%s\n' "$missing" | sql -U postgres -f -
echo "the database is up to date"
