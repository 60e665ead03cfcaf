-- Each file that a scan passes over is listed with its reason, and Google's own documents are known by their version: what Drive
-- exports differs from export to export.

create table skipped_files (
  seq bigint generated always as identity unique,
  batch_id uuid not null references batches (id),
  source_id text not null,
  name text not null,
  code text not null check (code ~ '^[a-z_]{1,60}$'),
  created_at timestamptz not null default now(),
  primary key (batch_id, source_id)
);
comment on table skipped_files is 'Files that the scan of a batch found and did not take in: object key or Drive id, name, and why.';
create index skipped_files_order on skipped_files (batch_id, seq desc);
alter table skipped_files enable row level security;
revoke all on table skipped_files from public, anon, authenticated, service_role;
revoke all on sequence skipped_files_seq_seq from public, anon, authenticated, service_role;
grant select on table skipped_files to service_role;

alter table document_journal add column google_drive_version text;
comment on column document_journal.google_drive_version is 'For Google''s own formats: when the exported document had been changed last, as Drive said.';

create or replace function private.is_known(file jsonb) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select case when file ->> 'google_drive_version' is not null then exists (
    select from document_journal j where j.google_drive_id = file ->> 'google_drive_id' and j.google_drive_version = file ->> 'google_drive_version')
  else exists (
    select from document_journal j join master_document_registry d on d.id = j.document_id
    where (j.object_key = file ->> 'object_key' or j.google_drive_id = file ->> 'google_drive_id')
      and (d.md5 is null or file ->> 'md5' is null or d.md5 = file ->> 'md5')
      and (d.bytes is null or file ->> 'bytes' is null or d.bytes = (file ->> 'bytes')::bigint))
  or (file ->> 'sha256' is null and file ->> 'google_drive_id' is not null and exists (
    select from master_document_registry d where d.md5 = file ->> 'md5' and d.bytes = (file ->> 'bytes')::bigint)) end
$$;
comment on function private.is_known is 'Whether this object has entered before and, as far as hash and size tell, is still the same. A Drive file that has not been read (no sha256) is also known by MD5 and size alone; one with a version by id and version only.';

create or replace function enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  file jsonb;
  entered record;
  most bigint;
begin
  select * into batch from batches b where b.id = enqueue_objects.batch_id for share;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif batch.status <> 'running' then
    perform private.refuse('AS003', format('The batch is %s: nothing is added to it.', batch.status));
  end if;
  insert into batch_checkpoints (batch_id) values (batch.id) on conflict do nothing;
  select * into point from batch_checkpoints c where c.batch_id = batch.id for update;
  if point.place is distinct from enqueue_objects.after or point.finished_at is not null then
    perform private.refuse('AS003', 'Another scan of this batch is ahead.');
  end if;
  most := (batch.limits ->> 'max_documents')::bigint;
  for file in select value from jsonb_array_elements(enqueue_objects.files) loop
    if point.queued >= most then
      exit;
    end if;
    if private.is_known(file) then
      point.known := point.known + 1;
    else
      entered := private.enqueue_file(file || jsonb_build_object('batch_id', batch.id, 'source', batch.source));
      if file ->> 'google_drive_version' is not null then
        update document_journal set google_drive_version = file ->> 'google_drive_version' where id = entered.journal_id;
      end if;
      point.queued := point.queued + 1;
      point.bytes := point.bytes + coalesce((file ->> 'bytes')::bigint, 0);
      point.pages_estimate := point.pages_estimate + coalesce((file ->> 'pages_estimate')::bigint, 1);
    end if;
  end loop;
  insert into skipped_files (batch_id, source_id, name, code)
    select batch.id, s.source_id, left(s.name, 500), s.code
    from jsonb_to_recordset(coalesce(step -> 'skipped', '[]')) as s(source_id text, name text, code text)
    on conflict do nothing;
  update batch_checkpoints c set place = step ->> 'place', queued = point.queued, known = point.known, bytes = point.bytes, pages_estimate = point.pages_estimate,
    scanned = c.scanned + coalesce((step ->> 'scanned')::bigint, 0), unsupported = c.unsupported + coalesce((step ->> 'unsupported')::bigint, 0),
    empty = c.empty + coalesce((step ->> 'empty')::bigint, 0), error_code = null, error_message = null, updated_at = now(),
    finished_at = case when (step ->> 'finished')::boolean or point.queued >= most then now() end
    where c.batch_id = batch.id returning * into point;
  return next point;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('An object is malformed (%s).', sqlstate));
end $$;
comment on function enqueue_objects is 'One step of a scan: queues the unknown ones of these files, lists what it skipped {source_id, name, code} and moves the checkpoint from `after` to step {place, scanned, unsupported?, empty?, finished?, skipped?}, all or nothing. AS003 when the batch is not running or another scan was faster. Ends the scan at limits.max_documents.';
alter function enqueue_objects set statement_timeout = '30s';
