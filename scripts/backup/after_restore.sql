-- The last half of the transaction that brings a backup back: as many rows as the backup said, or nothing.

reset all;
set client_min_messages = warning;
set local statement_timeout = 0;
\o :plain/back.txt
\i :here/counts.sql
\o /dev/null
\! cmp -s "$PLAIN/counts.txt" "$PLAIN/back.txt"
\if :SHELL_ERROR
do $$ begin raise 'other rows came back than the backup has'; end $$;
\endif
-- These name versions of objects in another bucket.
update public.master_document_registry set version_id = null where version_id is not null;
notify pgrst, 'reload schema';
