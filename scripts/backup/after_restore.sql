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
-- A backup from before there was an outbox to read on has none of this.
do $$ begin
  if to_regprocedure('private.read_on_here()') is not null then
    perform private.read_on_here();
  end if;
end $$;
-- The bucket may know stricter choices than a backup that is older: no machine is given anything before they were heard.
update public.doors set status = 'paused', code = 'choices_unread', since = now(), next_try_at = now(), tries = 0,
  message = 'After a restore, until the importer has read the choices that lie in the bucket (processed/choices/).'
  where name = 'storage' and code is distinct from 'by_hand';
notify pgrst, 'reload schema';
