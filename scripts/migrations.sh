#!/bin/sh
# `migrations.sh FOLDER [each]`: for psql, the files of the folder that the database has not had yet, in order; with `each`
# in a transaction of its own for each.
set -eu

folder=$(cd "$1" && pwd)
for file in "$folder"/*.sql; do
    stem=$(basename "$file" .sql)
    version=${stem%%_*}
    [ "${2:-}" != each ] || { begin='begin;' commit='commit;'; }
    cat <<PSQL
select not exists (select from supabase_migrations.schema_migrations where version = '$version') as missing \gset
\if :missing
\echo applying $stem
${begin:-}
\i '$file'
insert into supabase_migrations.schema_migrations (version, name) values ('$version', '${stem#*_}');
${commit:-}
\endif
PSQL
done
