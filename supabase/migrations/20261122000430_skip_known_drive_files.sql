-- Drive tells MD5 and size of a file before it is read: bytes that entered by any other door are not read again.

create or replace function private.is_known(file jsonb) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select exists (
    select from document_journal j join master_document_registry d on d.id = j.document_id
    where (j.object_key = file ->> 'object_key' or j.google_drive_id = file ->> 'google_drive_id')
      and (d.md5 is null or file ->> 'md5' is null or d.md5 = file ->> 'md5')
      and (d.bytes is null or file ->> 'bytes' is null or d.bytes = (file ->> 'bytes')::bigint))
  or (file ->> 'sha256' is null and file ->> 'google_drive_id' is not null and exists (
    select from master_document_registry d where d.md5 = file ->> 'md5' and d.bytes = (file ->> 'bytes')::bigint))
$$;
comment on function private.is_known is 'Whether this object has entered before and, as far as hash and size tell, is still the same. A Drive file that has not been read (no sha256) is also known by MD5 and size alone.';

drop function get_scans();
create function get_scans() returns table (id uuid, source text, priority text, placement text, limits jsonb, place text, queued bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select b.id, b.source, b.priority, b.placement, b.limits, coalesce(c.place, ''), coalesce(c.queued, 0)
  from batches b left join batch_checkpoints c on c.batch_id = b.id
  where b.status = 'running' and c.finished_at is null and (b.limits ? 'prefix' or b.limits ? 'folder_id') order by b.created_at, b.id
$$;
comment on function get_scans is 'Running batches whose scan has not come to its end, each with the place where it goes on and what it has queued.';
revoke all on function get_scans from public, anon, authenticated, service_role;
grant execute on function get_scans to service_role;
