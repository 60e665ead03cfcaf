-- Whole prefixes of a bucket, or folders of a Drive or a mailbox, as batches: a scan that may be killed at any
-- moment and goes on where it was.

-- Tables ------------------------------------------------------------------------------------------------------

create table batch_checkpoints (
  batch_id uuid primary key references batches (id),
  place text not null default '',
  again_after bigint,
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
comment on table batch_checkpoints
  is 'How far the scan of a batch has come. It moves in the transaction that queues what was found, so a restart '
  'neither loses nor repeats an object.';
comment on column batch_checkpoints.place
  is 'The last object key dealt with, Drive''s page token and file, or a mailbox''s UIDVALIDITY and last UID.';
comment on column batch_checkpoints.again_after
  is 'How far the unread documents of again_of are queued, by the journal''s seq; null where there are none left.';
comment on column batch_checkpoints.known
  is 'Objects that had entered before and are unchanged, or whose bytes are those of a document; they cost nothing.';
comment on column batch_checkpoints.error_message is 'Why the scan does not move at the moment; cleared when it does.';
alter table batch_checkpoints enable row level security;

-- Each file that a scan passes over is listed with its reason, and Google's own documents are known by their version:
-- what Drive
-- exports differs from export to export.
create table skipped_files (
  seq bigint generated always as identity unique,
  batch_id uuid not null references batches (id),
  source_id text not null,
  name text not null,
  code text not null check (code ~ '^[a-z_]{1,60}$'),
  mime_type text,
  created_at timestamptz not null default now(),
  primary key (batch_id, source_id)
);
comment on table skipped_files
  is 'Files that the scan of a batch found and did not take in: object key or Drive id, name, and why; the mime type '
  'of a kind that is known and refused.';
create index skipped_files_order on skipped_files (batch_id, seq desc);
alter table skipped_files enable row level security;

create view checkpoint_list with (security_invoker = true) as
  select c.*, b.seq from batch_checkpoints c join batches b on b.id = c.batch_id;
comment on view checkpoint_list is 'Checkpoints as GET /checkpoints shows them, with their batch''s seq as cursor.';

-- Beginning and end -------------------------------------------------------------------------------------------

create function start_batch(batch jsonb) returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  started batches;
begin
  insert into batches (id, name, status, source, priority, placement, allow_claude, limits) values (
    coalesce((batch ->> 'id')::uuid, gen_random_uuid()),
    left(coalesce(nullif(batch ->> 'name', ''), 'batch'), private.longest_word()),
    private.require_word(coalesce(batch ->> 'status', 'open'), array['open', 'running'], 'status'),
    private.require_word(coalesce(batch ->> 'source', 'upload'), array['upload', 'telegram', 'bucket', 'drive', 'mail'],
      'source'),
    private.require_word(coalesce(batch ->> 'priority', 'normal'), array['high', 'normal', 'low'], 'priority'),
    private.require_word(coalesce(batch ->> 'placement', 'any_host'),
      array['any_host', 'datacenter_only', 'local_only'], 'placement'),
    (batch ->> 'allow_claude')::boolean, coalesce(batch -> 'limits', '{}')) returning * into started;
  insert into events (kind, batch_id, payload)
    values ('batch_started', started.id, jsonb_build_object('source', started.source));
  return next started;
end $$;
comment on function start_batch
  is 'A new batch {id?, name, status? open|running, source?, priority?, placement?, allow_claude?, limits?}.';

create function set_batch_status(batch_id uuid, status text) returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  changed batches;
begin
  perform private.require_word(set_batch_status.status, array['running', 'paused', 'stopped', 'completed'], 'status');
  select * into changed from batches where id = set_batch_status.batch_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif changed.status in ('stopped', 'completed') then
    perform private.refuse('AS003', format('The batch is %s already; start a new one.', changed.status));
  end if;
  update batches set status = set_batch_status.status,
    finished_at = case when set_batch_status.status in ('stopped', 'completed') then now() end
    where id = changed.id returning * into changed;
  insert into events (kind, batch_id, payload) values ('batch_' || set_batch_status.status, changed.id, '{}');
  if changed.status <> 'paused' then
    perform clear_alarm('batch_at_cap', changed.id::text);
  end if;
  return next changed;
end $$;
comment on function set_batch_status
  is 'running, paused, stopped or completed. Pausing takes effect at the next claim, whatever the size; stopping '
  'also cancels what waits, some hundreds at each release_expired_jobs.';

create function private.explain_nothing(point batch_checkpoints) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when point.scanned = 0
    then 'There was no file: is the name of the folder right, and is it shared with us?'
    else format('%s files were seen and none was taken in: %s unsupported or not given out, %s empty; the list of '
      'files passed over says why.', point.scanned, point.unsupported, point.empty) end
$$;
comment on function private.explain_nothing is 'Why a scan that came to its end has no document, in words.';

create function complete_batches() returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  busy uuid[] := array(select c.batch_id from job_counts c where c.kind = 'read'
    and c.status in ('queued', 'processing') and c.batch_id is not null group by 1 having sum(c.jobs) > 0);
begin
  -- Of most that run it is counted already that work is open; only the others are looked at one by one.
  for batch in select b.* from batches b join batch_checkpoints c on c.batch_id = b.id
      where b.status = 'running' and c.finished_at is not null and b.id not in (select unnest(busy))
        and not exists (select from processing_jobs j where j.batch_id = b.id and j.status in ('queued', 'processing'))
      for update of b skip locked loop
    select * into point from batch_checkpoints c where c.batch_id = batch.id;
    if point.queued = 0 and point.known = 0 and batch.again_of is null
        and not exists (select from processing_jobs j where j.batch_id = batch.id) then
      update batch_checkpoints c set error_code = 'nothing_found', error_message = private.explain_nothing(point)
        where c.batch_id = batch.id;
      perform raise_alarm('batch_empty', format('Batch "%s" ended with no document. %s', batch.name,
        private.explain_nothing(point)), batch.id::text);
      return query select * from set_batch_status(batch.id, 'stopped');
    else
      return query select * from set_batch_status(batch.id, 'completed');
    end if;
  end loop;
end $$;
comment on function complete_batches
  is 'To be called every few seconds: a scanned batch whose jobs have all ended is completed. One that found no '
  'document, new or known, has completed nothing: it is stopped as nothing_found, and people are told.';

create function pause_dear_batches(max_usd double precision) returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  dear uuid;
begin
  -- All that wait together, by what is counted of them: a thousand may.
  for dear in select b.id from private.batches_machine_usd(array(select c.batch_id from job_counts c
        where c.kind = 'read' and c.status = 'queued' group by 1 having sum(c.jobs) > 0)) w
      join batches b on b.id = w.batch_id where w.usd >= max_usd and b.status in ('open', 'running') loop
    return query select * from set_batch_status(dear, 'paused');
    perform raise_alarm('batch_at_cap',
      format('Batch %s has cost its $%s of MAX_DOLLARS_PER_BATCH and is paused. '
      'Raise the cap and resume it, or stop it.', dear, max_usd), dear::text);
  end loop;
end $$;
comment on function pause_dear_batches
  is 'Parks each batch whose share of its machines has reached the cap, whoever else they worked for; its running '
  'jobs may end.';

create function private.page_of_batches(batch_id uuid, max_batches int, before bigint) returns uuid[]
language sql stable set search_path = public, pg_temp set enable_indexscan = on as $$
  select array(select b.id from batches b where (page_of_batches.batch_id is null or b.id = page_of_batches.batch_id)
    and (page_of_batches.before is null or b.seq < page_of_batches.before) order by b.seq desc
    limit page_of_batches.max_batches)
$$;
comment on function private.page_of_batches is 'Which batches a page of get_batches shows, in its order.';

create function get_batches(batch_id uuid default null, max_batches int default 50, before bigint default null)
  returns setof jsonb
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s'
  set enable_seqscan = off set enable_indexscan = off as $$
#variable_conflict use_column
declare
  page uuid[] := private.page_of_batches(get_batches.batch_id, get_batches.max_batches, get_batches.before);
begin
  perform private.follow_sums();
  -- All of the page together, by bitmaps: of each table only what these batches have there is looked at, once.
  return query with shown as materialized (
    select b.* from batches b where b.id = any (page)
  ), counts as materialized (
    select c.*, c.status = 'cancelled' or (c.status = 'queued' and b.status = 'stopped') as dropped
    from private.counts_of(page) c join shown b on b.id = c.batch_id where c.kind in ('read', 'claude')
  ), checkpoints as materialized (
    select c.* from batch_checkpoints c where c.batch_id = any (page)
  ), sums as (
    select c.batch_id, jsonb_build_object('documents', coalesce(sum(c.jobs), 0),
      'completed', coalesce(sum(c.jobs) filter (where c.status = 'completed'), 0),
      'failed', coalesce(sum(c.jobs) filter (where c.status = 'failed'), 0),
      'cancelled', coalesce(sum(c.jobs) filter (where c.dropped), 0),
      'open', coalesce(sum(c.jobs) filter (where c.status in ('queued', 'processing') and not c.dropped), 0),
      'unread', coalesce(sum(c.jobs) filter (where c.dropped and c.is_newest), 0),
      'pages', coalesce(sum(c.pages), 0),
      'pages_done', coalesce(sum(c.pages) filter (where c.status in ('completed', 'failed')), 0),
      'recent_pages', coalesce(sum(c.pages) filter (where c.ended_at > now() - private.pace_window()), 0),
      'started_at', min(c.started_at)) as told,
      coalesce(sum(c.jobs) filter (where c.judged <> 'none'), 0) as judged,
      coalesce(sum(c.jobs) filter (where c.judged = 'none'), 0) as unjudged, sum(c.usd) as claude_usd
    from counts c group by 1
  ), held as (
    select j.batch_id, sum(j.pages_done) as pages from processing_jobs j where j.batch_id = any (page)
      and j.kind = 'read' and j.status = 'processing' group by 1
  ), failures as (
    select g.batch_id, jsonb_agg(jsonb_build_object('code', g.error_code, 'message', g.message, 'documents',
      g.documents) order by g.documents desc) as told
    from (select c.batch_id, c.error_code, min(c.message) as message, sum(c.jobs) as documents from counts c
      where c.status = 'failed' group by 1, 2 having sum(c.jobs) > 0) g group by 1
  ), worked as (
    select c.batch_id, c.machine, sum(c.pages_worked) as pages from counts c where c.machine is not null group by 1, 2
  ), machine_costs as materialized (
    select m.label, private.machine_usd(m) as usd, m.pages_worked as pages from machines m
    where m.label = any (array(select w.machine from worked w)) and m.pages_worked > 0
  ), spent as (
    select w.batch_id, round(sum(m.usd * w.pages / m.pages), 6) as machine_usd
    from worked w join machine_costs m on m.label = w.machine group by 1
  ), unjudged as (
    select f.name, f.n from private.sums_of('failed') f
  )
  select to_jsonb(b) || jsonb_build_object('checkpoint', (select to_jsonb(c) from checkpoints c
      where c.batch_id = b.id), 'jobs', s.told || jsonb_build_object('pages_done',
      (s.told ->> 'pages_done')::numeric + coalesce(h.pages, 0)),
    'failures', coalesce(f.told, '[]'), 'analysis', jsonb_build_object('judged', s.judged,
      'sorted', s.unjudged - coalesce(w.unjudged, 0), 'failed', coalesce(u.n, 0), 'waiting', coalesce(w.waiting, 0),
      'waiting_pages', coalesce(w.waiting_pages, 0), 'waiting_for', coalesce(w.waiting_for, '{}')),
    'machine_usd', coalesce(p.machine_usd, 0), 'claude_usd', s.claude_usd,
    'total_usd', coalesce(p.machine_usd, 0) + s.claude_usd)
  from unnest(page) with ordinality as o(id, place) join shown b on b.id = o.id
    left join sums n on n.batch_id = b.id
    cross join lateral (select coalesce(n.told, '{"documents": 0, "completed": 0, "failed": 0, "cancelled": 0, '
        '"open": 0, "unread": 0, "pages": 0, "pages_done": 0, "recent_pages": 0, "started_at": null}') as told,
      coalesce(n.judged, 0) as judged, coalesce(n.unjudged, 0) as unjudged,
      coalesce(n.claude_usd, 0) as claude_usd) s
    left join held h on h.batch_id = b.id left join failures f on f.batch_id = b.id
    left join spent p on p.batch_id = b.id left join unjudged u on u.name = b.id::text
    left join private.waiting_analyses(page) w on w.batch_id = b.id
  order by o.place;
end $$;
comment on function get_batches
  is 'Batches, newest first, those begun before the cursor `before`, each with its checkpoint, counts of its jobs '
  '(unread: cancelled or stopped, and not read since), failures by code, and its share of what its machines '
  'cost.';

-- Scans -------------------------------------------------------------------------------------------------------

create function private.find_entered(file jsonb) returns setof uuid
language sql stable set search_path = public, pg_temp as $$
  -- What we stored ourselves under raw/ nobody changes; elsewhere a name says nothing of the bytes.
  select j.document_id from document_journal j
    where (j.object_key = file ->> 'object_key' or j.google_drive_id = file ->> 'google_drive_id')
      and (j.source_version = file ->> 'source_version' or file ->> 'object_key' like 'raw/%')
  union
  select d.id from master_document_registry d
    where file ->> 'object_key' ~ '^(drive|mail):' and d.sha256 = file ->> 'sha256' and d.original_fault is null
$$;
comment on function private.find_entered
  is 'Documents as which this object has entered and, by all that its source says of it, still is the same; what came '
  'by mail or Drive also by the hash of its bytes, unless the bucket has lost those. Neither size nor MD5 '
  'makes two objects one.';

create function private.is_known(file jsonb) returns boolean
language sql stable set search_path = public, private, pg_temp as $$
  select exists (select from private.find_entered(file) as e(id) join master_document_registry d on d.id = e.id
    left join processing_jobs j on j.id = d.job_id where j.id is null or not private.is_dropped(j))
$$;
comment on function private.is_known
  is 'Whether this object has entered before and was read, is waiting, or failed for a reason: a cancelled or '
  'stopped one is not known.';

create function find_known_objects(files jsonb) returns table (object_keys text[])
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select array(
    select file ->> 'object_key' from jsonb_array_elements(files) as file where private.is_known(file))
$$;
comment on function find_known_objects
  is 'Of these objects {object_key, md5?, bytes?} the keys of those that a batch would not read again. Changes '
  'nothing.';

create function find_entered_objects(files jsonb) returns table (object_keys text[])
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select array(
    select file ->> 'object_key' from jsonb_array_elements(files) as file where exists (select
      from private.find_entered(file)))
$$;
comment on function find_entered_objects
  is 'Of these objects the keys of those that are in the journal, read or not: their bytes need not be fetched '
  'again. Changes nothing.';

create function private.object_file(file jsonb, batch batches) returns jsonb
language sql stable set search_path = public, private, pg_temp as $$
  select case when file ->> 'sha256' is not null or not private.is_known(file) then
    file || jsonb_build_object('batch_id', batch.id, 'source', batch.source) || case when file ->> 'sha256' is null
      then coalesce((select jsonb_build_object('document_id', min(e.id::text), 'again', true)
        from private.find_entered(file) as e(id) having count(*) > 0), '{}') else '{}' end end
$$;
comment on function private.object_file
  is 'What a scan found as enqueue_file takes it; null where the batch would not read it again.';

create function enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  file jsonb;
  found_files jsonb[];
  entered record;
  most bigint;
  is_known boolean;
  is_unpriced boolean;
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
  found_files := array(select private.object_file(f.value, batch) from jsonb_array_elements(enqueue_objects.files)
    with ordinality as f(value, place) order by f.place);
  perform private.meet_documents(to_jsonb(array_remove(found_files, null)), array(select (f ->> 'document_id')::uuid
    from unnest(found_files) as f));
  foreach file in array found_files loop
    exit when point.queued >= most;
    is_known := file is null;
    if not is_known then
      entered := private.enqueue_file(file);
      is_known := entered.duplicate and entered.job_id is null;
    end if;
    if is_known then
      point.known := point.known + 1;
      continue;
    end if;
    point.queued := point.queued + 1;
    point.bytes := point.bytes + coalesce((file ->> 'bytes')::bigint, 0);
    point.pages_estimate := point.pages_estimate + coalesce((file ->> 'pages_estimate')::bigint, 1);
  end loop;
  is_unpriced := coalesce(point.queued >= most and batch.limits ? 'unpriced', false);
  insert into skipped_files (batch_id, source_id, name, code, mime_type)
    select batch.id, s.source_id, left(s.name, private.longest_reason()), s.code, s.mime_type
    from jsonb_to_recordset(coalesce(step -> 'skipped', '[]'))
      as s(source_id text, name text, code text, mime_type text)
    on conflict do nothing;
  update batch_checkpoints c set place = step ->> 'place', queued = point.queued, known = point.known,
    bytes = point.bytes, pages_estimate = point.pages_estimate,
    scanned = c.scanned + coalesce((step ->> 'scanned')::bigint, 0),
      unsupported = c.unsupported + coalesce((step ->> 'unsupported')::bigint, 0),
    empty = c.empty + coalesce((step ->> 'empty')::bigint, 0), updated_at = now(),
    error_code = case when is_unpriced then 'estimate_needed' end,
    error_message = case when is_unpriced then format('The first %s documents are taken in. If the folder has more, '
      'ask for a price quote of the rest and confirm it.', most) end,
    finished_at = case when (step ->> 'finished')::boolean or point.queued >= most then now() end
    where c.batch_id = batch.id returning * into point;
  return next point;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('An object is malformed (%s).', sqlstate));
end $$;
comment on function enqueue_objects
  is 'One step of a scan: queues the unknown ones of these files (those that entered and were never read under '
  'their own document), lists what it skipped {source_id, name, code, mime_type?} and moves the checkpoint from '
  '`after` to '
  'step {place, scanned, unsupported?, empty?, finished?, skipped?}, all or nothing. AS003 when the batch is '
  'not running or another scan was faster. Ends the scan at limits.max_documents.';

create function report_scan_problem(batch_id uuid, code text, message text) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  insert into batch_checkpoints (batch_id) values (report_scan_problem.batch_id) on conflict do nothing;
  return query update batch_checkpoints c set error_code = report_scan_problem.code,
    error_message = left(report_scan_problem.message, private.longest_reason()), updated_at = now()
    where c.batch_id = report_scan_problem.batch_id returning c.*;
end $$;
comment on function report_scan_problem
  is 'Says why a scan does not move: the store is away, the folder is missing, the token was revoked.';

create function get_scans() returns table (id uuid, source text, priority text, placement text, allow_claude boolean,
  limits jsonb, place text, queued bigint,
  again boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select b.id, b.source, b.priority, b.placement, b.allow_claude, b.limits, coalesce(c.place, ''), coalesce(c.queued,
    0), c.again_after is not null
  from batches b left join batch_checkpoints c on c.batch_id = b.id
  where b.status = 'running' and c.finished_at is null and (b.limits ?| array['prefix', 'folder_id', 'mail_folder']
    or c.again_after is not null) order by b.created_at, b.id
$$;
comment on function get_scans
  is 'Running batches whose scan has not come to its end, each with the place where it goes on and what it has '
  'queued; again: it has unread documents of an earlier batch to queue first.';

-- Reading again what was stopped ------------------------------------------------------------------------------

create function private.unread_of(batch_id uuid) returns table (seq bigint, document_id uuid)
language sql stable set search_path = public, private, pg_temp as $$
  select min(j.seq), j.document_id from document_journal j join master_document_registry d on d.id = j.document_id
    join processing_jobs p on p.id = d.job_id
  where j.batch_id = unread_of.batch_id and p.batch_id = unread_of.batch_id and private.is_dropped(p)
    group by j.document_id
$$;
comment on function private.unread_of
  is 'Documents whose newest job is this batch''s and will not be read, by their entries in its journal.';

create function read_again(batch_id uuid) returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  old batches;
  started batches;
begin
  select * into old from batches b where b.id = read_again.batch_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif old.status not in ('stopped', 'completed') then
    perform private.refuse('AS003', format('The batch is %s: stop it first, or let it come to its end.', old.status));
  elsif not exists (select from private.unread_of(old.id)) then
    perform private.refuse('AS003', 'Nothing of this batch is left unread.');
  end if;
  insert into batches (name, status, source, priority, placement, allow_claude, limits, again_of)
    values (old.name, 'running', old.source, old.priority, old.placement, old.allow_claude, old.limits, old.id)
      returning * into started;
  insert into batch_checkpoints (batch_id, place, again_after, queued)
    select started.id, coalesce(c.place, ''), 0, 0 from (select 1) as one left join batch_checkpoints c
      on c.batch_id = old.id;
  insert into events (kind, batch_id, payload) values ('batch_started', started.id, jsonb_build_object('source',
    started.source, 'again_of', old.id));
  return next started;
end $$;
comment on function read_again
  is 'A new batch for what an ended one has left unread; an unfinished scan goes on where it was. AS003 while the '
  'batch runs, or when nothing is left.';

create function enqueue_unread(batch_id uuid, most int) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  file jsonb;
  found_files jsonb[];
  taken int;
begin
  select * into batch from batches b where b.id = enqueue_unread.batch_id for share;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif batch.status <> 'running' then
    perform private.refuse('AS003', format('The batch is %s: nothing is added to it.', batch.status));
  end if;
  select * into point from batch_checkpoints c where c.batch_id = batch.id for update;
  found_files := array(select jsonb_build_object('again', true, 'batch_id', batch.id, 'source', batch.source,
      'document_id', u.document_id, 'object_key', d.object_key, 'original_filename', d.original_filename,
      'bytes', d.bytes, 'pages_estimate', p.pages_estimate, 'seq', u.seq)
    from private.unread_of(batch.again_of) u join master_document_registry d on d.id = u.document_id
      join processing_jobs p on p.id = d.job_id
    where u.seq > point.again_after order by u.seq limit most);
  taken := cardinality(found_files);
  perform private.meet_documents(to_jsonb(found_files), array(select (f ->> 'document_id')::uuid
    from unnest(found_files) as f));
  foreach file in array found_files loop
    perform private.enqueue_file(file);
    point.again_after := file ->> 'seq';
    point.queued := point.queued + 1;
    point.bytes := point.bytes + coalesce((file ->> 'bytes')::bigint, 0);
    point.pages_estimate := point.pages_estimate + coalesce((file ->> 'pages_estimate')::bigint, 1);
  end loop;
  update batch_checkpoints c set queued = point.queued, bytes = point.bytes, pages_estimate = point.pages_estimate,
    updated_at = now(),
    error_code = null, error_message = null,
    again_after = case when taken = most then point.again_after end,
    finished_at = case when taken < most and (not (batch.limits ?| array['prefix', 'folder_id', 'mail_folder'])
      or exists (select from batch_checkpoints o where o.batch_id = batch.again_of and o.finished_at is not null))
        then now() end
    where c.batch_id = batch.id returning * into point;
  return next point;
end $$;
comment on function enqueue_unread
  is 'The next documents that again_of has left unread, at most so many, queued in this batch; again_after is null '
  'when that was all.';
