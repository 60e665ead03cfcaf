-- The database, how many rows it has, and the hashes the ledger knows, all as of one moment.
begin isolation level repeatable read, read only;
select pg_export_snapshot() as snapshot \gset
\setenv SNAPSHOT :snapshot
\o :plain/counts.txt
\ir counts.sql
\o :plain/ledger.txt
select sha256 || '  ' || coalesce(kept_key, object_key) from public.master_document_registry where sha256 is not null;
\o
\! { pg_dump --snapshot="$SNAPSHOT" --format=custom --no-owner --schema=public --schema=private --schema=supabase_migrations && touch "$PLAIN/dumped"; } | age $RECIPIENTS --output "$UNFINISHED/database.dump.age" && touch "$PLAIN/sealed"
commit;
