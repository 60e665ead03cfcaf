-- Whole prefixes of a bucket, or folders of a Drive, as batches: a scan that may be killed at any moment and goes on where it was.

create table batch_checkpoints (
  batch_id uuid primary key references batches (id),
  place text not null default '',
  scanned bigint not null default 0,
  queued bigint not null default 0,
  known bigint not null default 0,
  unsupported bigint not null default 0,
  empty bigint not null default 0,
  bytes bigint not null default 0,
  pages_estimate bigint not null default 0,
  error_code text,
  error_message text,
  finished_at timestamptz,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
comment on table batch_checkpoints is 'How far the scan of a batch has come. It moves in the transaction that queues what was found, so a restart neither loses nor repeats an object.';
comment on column batch_checkpoints.place is 'The last object key dealt with, or Drive''s page token and file.';
comment on column batch_checkpoints.known is 'Objects that had entered before, with the same bytes as far as the store tells; they cost nothing.';
comment on column batch_checkpoints.error_message is 'Why the scan does not move at the moment; cleared when it does.';
alter table batch_checkpoints enable row level security;
revoke all on table batch_checkpoints from public, anon, authenticated, service_role;
grant select on table batch_checkpoints to service_role;

create index document_journal_object_key on document_journal (object_key);

create function private.is_known(file jsonb) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select exists (
    select from document_journal j join master_document_registry d on d.id = j.document_id
    where (j.object_key = file ->> 'object_key' or j.google_drive_id = file ->> 'google_drive_id')
      and (d.md5 is null or file ->> 'md5' is null or d.md5 = file ->> 'md5')
      and (d.bytes is null or file ->> 'bytes' is null or d.bytes = (file ->> 'bytes')::bigint))
$$;
comment on function private.is_known is 'Whether this object has entered before and, as far as hash and size tell, is still the same.';

create function find_known_objects(files jsonb) returns table (object_key text)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select file ->> 'object_key' from jsonb_array_elements(files) as file where private.is_known(file)
$$;
comment on function find_known_objects is 'Of these objects {object_key, md5?, bytes?} the keys of those that have entered before. Changes nothing.';

create function enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  file jsonb;
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
      perform private.enqueue_file(file || jsonb_build_object('batch_id', batch.id, 'source', batch.source));
      point.queued := point.queued + 1;
      point.bytes := point.bytes + coalesce((file ->> 'bytes')::bigint, 0);
      point.pages_estimate := point.pages_estimate + coalesce((file ->> 'pages_estimate')::bigint, 1);
    end if;
  end loop;
  update batch_checkpoints c set place = step ->> 'place', queued = point.queued, known = point.known, bytes = point.bytes, pages_estimate = point.pages_estimate,
    scanned = c.scanned + coalesce((step ->> 'scanned')::bigint, 0), unsupported = c.unsupported + coalesce((step ->> 'unsupported')::bigint, 0),
    empty = c.empty + coalesce((step ->> 'empty')::bigint, 0), error_code = null, error_message = null, updated_at = now(),
    finished_at = case when (step ->> 'finished')::boolean or point.queued >= most then now() end
    where c.batch_id = batch.id returning * into point;
  return next point;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('An object is malformed (%s).', sqlstate));
end $$;
comment on function enqueue_objects is 'One step of a scan: queues the unknown ones of these files and moves the checkpoint from `after` to step {place, scanned, unsupported?, empty?, finished?}, all or nothing. AS003 when the batch is not running or another scan was faster. Ends the scan at limits.max_documents.';

create function report_scan_problem(batch_id uuid, code text, message text) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  insert into batch_checkpoints (batch_id) values (report_scan_problem.batch_id) on conflict do nothing;
  return query update batch_checkpoints c set error_code = report_scan_problem.code, error_message = left(report_scan_problem.message, 500), updated_at = now()
    where c.batch_id = report_scan_problem.batch_id returning c.*;
end $$;
comment on function report_scan_problem is 'Says why a scan does not move: the store is away, the folder is missing, the token was revoked.';

create function get_scans() returns table (id uuid, source text, priority text, placement text, limits jsonb, place text)
language sql stable security definer set search_path = public, pg_temp as $$
  select b.id, b.source, b.priority, b.placement, b.limits, coalesce(c.place, '')
  from batches b left join batch_checkpoints c on c.batch_id = b.id
  where b.status = 'running' and c.finished_at is null and (b.limits ? 'prefix' or b.limits ? 'folder_id') order by b.created_at, b.id
$$;
comment on function get_scans is 'Running batches whose scan has not come to its end, each with the place where it goes on.';

create function complete_batches() returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  batch batches;
begin
  for batch in select b.* from batches b join batch_checkpoints c on c.batch_id = b.id
      where b.status = 'running' and c.finished_at is not null
        and not exists (select from processing_jobs j where j.batch_id = b.id and j.status in ('queued', 'processing'))
      for update of b skip locked loop
    return query select * from set_batch_status(batch.id, 'completed');
  end loop;
end $$;
comment on function complete_batches is 'To be called every few seconds: a scanned batch whose jobs have all ended is completed.';

create view instance_costs with (security_invoker = true) as
  select i.label, i.batch_id, i.pages_done, i.intent_at, i.destroyed_at,
    coalesce(greatest(c.dollars, t.dollars), 0) as usd
  from instances i
    cross join lateral (select i.dph_total::double precision / 3600 * greatest(0, extract(epoch from coalesce(i.destroyed_at, now()) - i.contract_at)) as dollars) t
    left join lateral (select sum(f.dollars) as dollars from fleet_charges f where f.contract_id = i.contract_id) c on true;
comment on view instance_costs is 'What each machine has cost until now: by its price and time, or what Vast.ai charged where that is more.';
revoke all on instance_costs from public, anon, authenticated, service_role;
grant select on instance_costs to service_role;

create function private.batch_dollars(batch_id uuid) returns double precision
language sql stable set search_path = public, pg_temp as $$
  select sum(j.pages * x.usd / x.pages_done)
  from (select instance, sum(pages_accounted) as pages from processing_jobs p
    where p.batch_id = batch_dollars.batch_id and instance is not null group by instance) j
    join instance_costs x on x.label = j.instance and x.pages_done > 0
$$;
comment on function private.batch_dollars is 'A batch''s share, by pages, of what the machines that worked on it have cost; null before its first page.';

create function pause_dear_batches(max_dollars double precision) returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  dear uuid;
begin
  for dear in select b.id from batches b where b.status in ('open', 'running')
      and exists (select from processing_jobs j where j.batch_id = b.id and j.status = 'queued')
      and private.batch_dollars(b.id) >= max_dollars loop
    return query select * from set_batch_status(dear, 'paused');
    perform raise_fleet_alarm('batch_at_cap', format('Batch %s has cost its $%s of MAX_DOLLARS_PER_BATCH and is paused. '
      'Raise the cap and resume it, or stop it.', dear, max_dollars));
  end loop;
end $$;
comment on function pause_dear_batches is 'Parks each batch whose share of its machines has reached the cap, whoever else they worked for; its running jobs may end.';

create function get_batches(batch_id uuid default null, max_batches int default 50) returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp as $$
  select to_jsonb(b) || jsonb_build_object('checkpoint', to_jsonb(c), 'jobs', n.counts, 'failures', coalesce(f.failures, '[]'), 'cost_usd', private.batch_dollars(b.id))
  from batches b
  left join batch_checkpoints c on c.batch_id = b.id
  cross join lateral (
    select jsonb_build_object('documents', count(*), 'completed', count(*) filter (where j.status = 'completed'), 'failed', count(*) filter (where j.status = 'failed'),
      'cancelled', count(*) filter (where j.status = 'cancelled'), 'open', count(*) filter (where j.status in ('queued', 'processing')),
      'pages', coalesce(sum(coalesce(j.pages_total, j.pages_estimate, 1)), 0),
      'pages_done', coalesce(sum(case when j.status in ('queued', 'processing') then j.pages_done else coalesce(j.pages_total, j.pages_estimate, 1) end), 0),
      'recent_pages', coalesce(sum(j.pages_total) filter (where j.finished_at > now() - interval '10 minutes'), 0),
      'started_at', min(j.started_at)) as counts
    from processing_jobs j where j.batch_id = b.id) n
  left join lateral (
    select jsonb_agg(jsonb_build_object('code', g.error_code, 'message', g.message, 'documents', g.documents) order by g.documents desc) as failures
    from (select j.error_code, min(j.error_message) as message, count(*) as documents from processing_jobs j
      where j.batch_id = b.id and j.status = 'failed' group by j.error_code) g) f on true
  where get_batches.batch_id is null or b.id = get_batches.batch_id
  order by b.created_at desc, b.id limit get_batches.max_batches
$$;

comment on function get_batches is 'Batches, newest first, each with its checkpoint, counts of its jobs, failures by code, and its share of what its machines cost.';

create function get_page_statistics() returns table (mime_type text, documents bigint, bytes numeric, pages numeric)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.mime_type, count(*), sum(d.bytes), sum(j.pages_total)
  from (select * from processing_jobs where status = 'completed' and pages_total > 0 order by seq desc limit 5000) j
    join master_document_registry d on d.id = j.document_id where d.bytes > 0 group by d.mime_type
$$;
comment on function get_page_statistics is 'Bytes and pages per type of the last 5,000 completed documents: what an estimate of pages goes by.';

revoke all on all functions in schema private from public;
revoke all on function find_known_objects, enqueue_objects, report_scan_problem, get_scans, complete_batches, pause_dear_batches, get_batches, get_page_statistics
  from public, anon, authenticated, service_role;
grant execute on function find_known_objects, enqueue_objects, report_scan_problem, get_scans, complete_batches, pause_dear_batches, get_batches, get_page_statistics to service_role;
