-- A file's choices (where it may be read, whether Claude may see it) only ever get stricter by themselves, and what was
-- entered but never read is offered again: known means read, or about to be.

-- Choices -------------------------------------------------------------------------------------------------

alter table processing_jobs add column choices_unsaid boolean not null default false;
comment on column processing_jobs.choices_unsaid is 'Nobody said where this document may be read (its choices were lost with its row): it waits at the strictest until set_job_choices.';
create index processing_jobs_choices_unsaid on processing_jobs (seq) where choices_unsaid;

create function private.stricter_placement(one text, other text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when 'local_only' in (one, other) then 'local_only' when 'datacenter_only' in (one, other) then 'datacenter_only' else 'any_host' end
$$;
comment on function private.stricter_placement is 'The one of two placements that fewer machines satisfy.';

create function private.give_choices(job processing_jobs, priority text, placement text, allow_claude boolean, source text) returns void
language sql set search_path = public, private, pg_temp as $$
  update processing_jobs j set priority = give_choices.priority, placement = give_choices.placement, allow_claude = give_choices.allow_claude, choices_unsaid = false,
    lane_id = private.find_lane(job.batch_id, give_choices.source, give_choices.priority, give_choices.placement) where j.id = job.id
$$;
comment on function private.give_choices is 'Moves a job that is not held to the lane of its new choices.';

create function set_job_choices(job_id uuid, placement text, allow_claude boolean, priority text default null) returns setof processing_jobs
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs;
begin
  perform private.require_word(set_job_choices.placement, array['any_host', 'datacenter_only', 'local_only'], 'placement');
  perform private.require_word(coalesce(set_job_choices.priority, 'normal'), array['high', 'normal', 'low'], 'priority');
  if set_job_choices.allow_claude is null then
    perform private.refuse('AS006', 'allow_claude must be true or false.');
  end if;
  select * into job from processing_jobs where id = set_job_choices.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  elsif job.status in ('processing', 'completed') then
    perform private.refuse('AS003', format('The job is %s already: where it is read cannot be changed any more.', job.status));
  end if;
  perform private.give_choices(job, coalesce(set_job_choices.priority, job.priority), set_job_choices.placement, set_job_choices.allow_claude,
    (select source from master_document_registry where id = job.document_id));
  insert into events (kind, document_id, job_id, batch_id, payload) values ('job_choices', job.document_id, job.id, job.batch_id,
    jsonb_build_object('placement', set_job_choices.placement, 'allow_claude', set_job_choices.allow_claude));
  return query select * from processing_jobs where id = job.id;
end $$;
comment on function set_job_choices is 'A person says where a document that nobody holds may be read, and whether Claude may see it: the only way to a looser choice.';

-- What has entered, and what was read ---------------------------------------------------------------------

create function private.is_dropped(job processing_jobs) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select job.status = 'cancelled' or (job.status = 'queued' and exists (select from batches where id = job.batch_id and status = 'stopped'))
$$;
comment on function private.is_dropped is 'Whether nobody will read for this job: cancelled, or about to be since its batch was stopped.';

create function private.find_entered(file jsonb) returns setof uuid
language sql stable set search_path = public, pg_temp as $$
  select j.document_id from document_journal j
    where file ->> 'google_drive_version' is not null
      and j.google_drive_id = file ->> 'google_drive_id' and j.google_drive_version = file ->> 'google_drive_version'
  union
  select d.id from document_journal j join master_document_registry d on d.id = j.document_id
    where file ->> 'google_drive_version' is null
      and (j.object_key = file ->> 'object_key' or j.google_drive_id = file ->> 'google_drive_id')
      and (d.md5 is null or file ->> 'md5' is null or d.md5 = file ->> 'md5')
      and (d.bytes is null or file ->> 'bytes' is null or d.bytes = (file ->> 'bytes')::bigint)
  union
  select d.id from master_document_registry d
    where file ->> 'google_drive_version' is null and file ->> 'sha256' is null and file ->> 'google_drive_id' is not null
      and d.md5 = file ->> 'md5' and d.bytes = (file ->> 'bytes')::bigint
$$;
comment on function private.find_entered is 'Documents as which this object has entered and, as far as hash and size tell, still is the same. A Drive file that has not been read (no sha256) is also found by MD5 and size alone; one with a version by id and version only.';

create or replace function private.is_known(file jsonb) returns boolean
language sql stable set search_path = public, private, pg_temp as $$
  select exists (select from private.find_entered(file) as e(id) join master_document_registry d on d.id = e.id
    left join processing_jobs j on j.id = d.job_id where j.id is null or not private.is_dropped(j))
$$;
comment on function private.is_known is 'Whether this object has entered before and was read, is waiting, or failed for a reason: a cancelled or stopped one is not known.';

create or replace function find_known_objects(files jsonb) returns table (object_key text)
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select file ->> 'object_key' from jsonb_array_elements(files) as file where private.is_known(file)
$$;
comment on function find_known_objects is 'Of these objects {object_key, md5?, bytes?} the keys of those that a batch would not read again. Changes nothing.';

create function find_entered_objects(files jsonb) returns table (object_key text)
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select file ->> 'object_key' from jsonb_array_elements(files) as file where exists (select from private.find_entered(file))
$$;
comment on function find_entered_objects is 'Of these objects the keys of those that are in the journal, read or not: their bytes need not be fetched again. Changes nothing.';

create or replace function private.enqueue_file(file jsonb, out journal_id uuid, out document_id uuid, out job_id uuid,
  out duplicate boolean, out status text, out object_key text)
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  checked record := private.check_file(file);
  registered record := private.register_document(file);
  again boolean := coalesce((file ->> 'again')::boolean, false);
  unsaid boolean := coalesce((file ->> 'choices_unsaid')::boolean, false);
  newest processing_jobs;
  placement text := checked.placement;
  allow_claude boolean := checked.allow_claude;
begin
  document_id := registered.document_id;
  if not registered.is_new and not again and registered.document_id = (file ->> 'document_id')::uuid then
    -- The caller lost our first answer and asks again: give the same one.
    select id, job_id, duplicate into journal_id, job_id, duplicate from document_journal j
      where j.document_id = registered.document_id order by seq limit 1;
    select status into status from processing_jobs j where j.document_id = registered.document_id order by seq desc limit 1;
    select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
    return;
  end if;
  duplicate := not registered.is_new;
  if duplicate then
    select j.* into newest from processing_jobs j where j.document_id = registered.document_id order by j.seq desc limit 1;
    if newest.status = 'queued' and private.is_dropped(newest) then
      -- The sweep would cancel it in a moment, and with it what is asked for now. One that the sweep holds: ask again.
      select j.* into newest from processing_jobs j where j.id = newest.id for no key update nowait;
      if newest.status = 'queued' then
        perform private.end_job(newest, 'cancelled', 'batch_stopped', 'The batch was stopped before this document''s turn.');
        newest.status := 'cancelled';
      end if;
    end if;
    status := newest.status;
    if unsaid and not newest.choices_unsaid then
      placement := newest.placement;
      allow_claude := newest.allow_claude;
      unsaid := false;
    elsif unsaid = newest.choices_unsaid then
      -- Whatever door it comes through, a document never gets to more readers than it was meant for.
      placement := private.stricter_placement(placement, newest.placement);
      allow_claude := allow_claude and newest.allow_claude;
    end if;
  end if;
  if registered.is_new or status in ('failed', 'cancelled') then
    update master_document_registry set object_key = file ->> 'object_key' where duplicate and not again and id = registered.document_id;
    job_id := private.open_job(registered.document_id, (checked.batch).id, file ->> 'source', checked.priority, placement, allow_claude,
      (file ->> 'pages_estimate')::int);
    update processing_jobs set choices_unsaid = true where unsaid and id = job_id;
    status := 'queued';
  elsif status = 'queued' and (newest.placement, newest.allow_claude, newest.choices_unsaid) is distinct from (placement, allow_claude, unsaid) then
    -- One that a claim takes at this moment is on its way already: nothing to wait for.
    select j.* into newest from processing_jobs j where j.id = newest.id and j.status = 'queued' for no key update skip locked;
    if found then
      perform private.give_choices(newest, newest.priority, placement, allow_claude, file ->> 'source');
    end if;
  end if;
  select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
  insert into document_journal (document_id, job_id, batch_id, source, original_filename, object_key, duplicate,
    google_drive_id, telegram_chat_id, telegram_message_id, processing_status)
    values (registered.document_id, job_id, (checked.batch).id, file ->> 'source', left(file ->> 'original_filename', 500),
      case when again then object_key else file ->> 'object_key' end, duplicate, file ->> 'google_drive_id',
      (file ->> 'telegram_chat_id')::bigint, (file ->> 'telegram_message_id')::bigint,
      case when status = 'processing' then 'queued' else status end) returning id into journal_id;
  if duplicate and not again then
    insert into events (kind, document_id, job_id, batch_id, payload)
      values ('document_duplicate', registered.document_id, job_id, (checked.batch).id,
      jsonb_build_object('source', file ->> 'source', 'journal_id', journal_id, 'found_by', 'hash'));
  end if;
end $$;
comment on function private.enqueue_file is 'One file in: document, job, journal entry and event, or a link to the document we already have. With `again` its document_id is one that was never read: it gets a new job. A known document''s choices only get stricter, unless nobody had said any (choices_unsaid).';

create or replace function enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  file jsonb;
  unread uuid;
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
      unread := (select min(e.id::text)::uuid from private.find_entered(file) as e(id));
      entered := private.enqueue_file(file || jsonb_build_object('batch_id', batch.id, 'source', batch.source)
        || case when unread is null then '{}' else jsonb_build_object('document_id', unread, 'again', true) end);
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
comment on function enqueue_objects is 'One step of a scan: queues the unknown ones of these files (those that entered and were never read under their own document), lists what it skipped {source_id, name, code} and moves the checkpoint from `after` to step {place, scanned, unsupported?, empty?, finished?, skipped?}, all or nothing. AS003 when the batch is not running or another scan was faster. Ends the scan at limits.max_documents.';

-- Reading again what was stopped --------------------------------------------------------------------------

alter table batches add column again_of uuid references batches (id);
comment on column batches.again_of is 'The ended batch whose unread documents this one reads, before it goes on where that one''s scan was.';
alter table batch_checkpoints add column again_after bigint;
comment on column batch_checkpoints.again_after is 'How far the unread documents of again_of are queued, by the journal''s seq; null where there are none left.';

create function private.unread_of(batch_id uuid) returns table (seq bigint, document_id uuid)
language sql stable set search_path = public, private, pg_temp as $$
  select min(j.seq), j.document_id from document_journal j join master_document_registry d on d.id = j.document_id
    join processing_jobs p on p.id = d.job_id
  where j.batch_id = unread_of.batch_id and p.batch_id = unread_of.batch_id and private.is_dropped(p) group by j.document_id
$$;
comment on function private.unread_of is 'Documents whose newest job is this batch''s and will not be read, by their entries in its journal.';

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
    values (old.name, 'running', old.source, old.priority, old.placement, old.allow_claude, old.limits, old.id) returning * into started;
  insert into batch_checkpoints (batch_id, place, again_after, queued)
    select started.id, coalesce(c.place, ''), 0, 0 from (select 1) as one left join batch_checkpoints c on c.batch_id = old.id;
  insert into events (kind, batch_id, payload) values ('batch_started', started.id, jsonb_build_object('source', started.source, 'again_of', old.id));
  return next started;
end $$;
comment on function read_again is 'A new batch for what an ended one has left unread; an unfinished scan goes on where it was. AS003 while the batch runs, or when nothing is left.';

create function enqueue_unread(batch_id uuid, most int) returns setof batch_checkpoints
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  unread record;
  taken int := 0;
begin
  select * into batch from batches b where b.id = enqueue_unread.batch_id for share;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif batch.status <> 'running' then
    perform private.refuse('AS003', format('The batch is %s: nothing is added to it.', batch.status));
  end if;
  select * into point from batch_checkpoints c where c.batch_id = batch.id for update;
  for unread in select u.seq, u.document_id, d.original_filename, d.object_key, d.bytes, p.pages_estimate
      from private.unread_of(batch.again_of) u join master_document_registry d on d.id = u.document_id join processing_jobs p on p.id = d.job_id
      where u.seq > point.again_after order by u.seq limit most loop
    perform private.enqueue_file(jsonb_build_object('again', true, 'batch_id', batch.id, 'source', batch.source, 'document_id', unread.document_id,
      'object_key', unread.object_key, 'original_filename', unread.original_filename, 'pages_estimate', unread.pages_estimate));
    point.again_after := unread.seq;
    point.queued := point.queued + 1;
    point.bytes := point.bytes + coalesce(unread.bytes, 0);
    point.pages_estimate := point.pages_estimate + coalesce(unread.pages_estimate, 1);
    taken := taken + 1;
  end loop;
  update batch_checkpoints c set queued = point.queued, bytes = point.bytes, pages_estimate = point.pages_estimate, updated_at = now(),
    error_code = null, error_message = null,
    again_after = case when taken = most then point.again_after end,
    finished_at = case when taken < most and (not (batch.limits ?| array['prefix', 'folder_id'])
      or exists (select from batch_checkpoints o where o.batch_id = batch.again_of and o.finished_at is not null)) then now() end
    where c.batch_id = batch.id returning * into point;
  return next point;
end $$;
comment on function enqueue_unread is 'The next documents that again_of has left unread, at most so many, queued in this batch; again_after is null when that was all.';

drop function get_scans();
create function get_scans() returns table (id uuid, source text, priority text, placement text, allow_claude boolean, limits jsonb, place text, queued bigint,
  again boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select b.id, b.source, b.priority, b.placement, b.allow_claude, b.limits, coalesce(c.place, ''), coalesce(c.queued, 0), c.again_after is not null
  from batches b left join batch_checkpoints c on c.batch_id = b.id
  where b.status = 'running' and c.finished_at is null and (b.limits ?| array['prefix', 'folder_id'] or c.again_after is not null) order by b.created_at, b.id
$$;
comment on function get_scans is 'Running batches whose scan has not come to its end, each with the place where it goes on and what it has queued; again: it has unread documents of an earlier batch to queue first.';

create or replace function retry_job(job_id uuid) returns setof processing_jobs
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  document master_document_registry;
  job processing_jobs;
  new_id uuid;
begin
  select * into job from processing_jobs where id = retry_job.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  end if;
  -- enqueue_jobs may want to run the same failed document again: the lock decides who does.
  select * into document from master_document_registry where id = job.document_id for no key update;
  if job.status not in ('failed', 'cancelled') or document.job_id is distinct from job.id then
    perform private.refuse('AS003', 'Only the newest job of a document can be retried, and only once it has failed or been cancelled.');
  end if;
  if exists (select from batches where id = job.batch_id and status = 'stopped') then
    -- The stopped batch keeps its account; the document is read outside of it.
    new_id := private.open_job(job.document_id, null, document.source, job.priority, job.placement, job.allow_claude, job.pages_estimate);
    update processing_jobs set choices_unsaid = job.choices_unsaid where id = new_id;
  else
    update processing_jobs set status = 'queued', attempt = 0, deaths = 0, run_after = null, finished_at = null,
      error_code = null, error_message = null,
      pages_done = 0, lane_id = private.find_lane(batch_id, document.source, priority, placement) where id = job.id;
    update batches set status = 'running', finished_at = null where id = job.batch_id and status = 'completed';
    insert into events (kind, document_id, job_id, batch_id, payload) values ('job_queued', job.document_id, job.id, job.batch_id, '{"source": "retry"}');
  end if;
  update document_journal set processing_status = 'queued', error_message = null where document_id = job.document_id;
  return query select * from processing_jobs where id = coalesce(new_id, job.id);
end $$;
comment on function retry_job is 'Queues a failed or cancelled job again, with all its attempts; that of a stopped batch as a new job outside of it. Returns the job that is queued.';

-- The account of a batch ----------------------------------------------------------------------------------

alter table batches add column seq bigint generated always as identity unique;
comment on column batches.seq is 'The order of their beginning: the cursor of lists.';
revoke all on sequence batches_seq_seq from public, anon, authenticated, service_role;

drop function get_batches(uuid, int);
create function get_batches(batch_id uuid default null, max_batches int default 50, before bigint default null) returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select to_jsonb(b) || jsonb_build_object('checkpoint', to_jsonb(c), 'jobs', n.counts, 'failures', coalesce(f.failures, '[]'), 'cost_usd', private.batch_dollars(b.id))
  from batches b
  left join batch_checkpoints c on c.batch_id = b.id
  cross join lateral (
    select jsonb_build_object('documents', count(*), 'completed', count(*) filter (where j.status = 'completed'), 'failed', count(*) filter (where j.status = 'failed'),
      'cancelled', count(*) filter (where j.dropped), 'open', count(*) filter (where j.status in ('queued', 'processing') and not j.dropped),
      'unread', count(*) filter (where j.dropped and j.is_newest),
      'pages', coalesce(sum(coalesce(j.pages_total, j.pages_estimate, 1)), 0),
      'pages_done', coalesce(sum(case when j.dropped then 0 when j.status in ('queued', 'processing') then j.pages_done
        else coalesce(j.pages_total, j.pages_estimate, 1) end), 0),
      'recent_pages', coalesce(sum(j.pages_total) filter (where j.finished_at > now() - interval '10 minutes' and not j.dropped), 0),
      'started_at', min(j.started_at)) as counts
    from (select p.*, p.status = 'cancelled' or (p.status = 'queued' and b.status = 'stopped') as dropped, d.job_id = p.id as is_newest
      from processing_jobs p join master_document_registry d on d.id = p.document_id where p.batch_id = b.id) j) n
  left join lateral (
    select jsonb_agg(jsonb_build_object('code', g.error_code, 'message', g.message, 'documents', g.documents) order by g.documents desc) as failures
    from (select j.error_code, min(j.error_message) as message, count(*) as documents from processing_jobs j
      where j.batch_id = b.id and j.status = 'failed' group by j.error_code) g) f on true
  where (get_batches.batch_id is null or b.id = get_batches.batch_id) and (get_batches.before is null or b.seq < get_batches.before)
  order by b.seq desc limit get_batches.max_batches
$$;
comment on function get_batches is 'Batches, newest first, those begun before the cursor `before`, each with its checkpoint, counts of its jobs (unread: cancelled or stopped, and not read since), failures by code, and its share of what its machines cost.';

-- Lists ---------------------------------------------------------------------------------------------------

create view checkpoint_list with (security_invoker = true) as
  select c.*, b.seq from batch_checkpoints c join batches b on b.id = c.batch_id;
comment on view checkpoint_list is 'Checkpoints as GET /checkpoints shows them, with their batch''s seq as cursor.';
revoke all on checkpoint_list from public, anon, authenticated, service_role;
grant select on checkpoint_list to service_role;

create or replace view job_list with (security_invoker = true) as
  select j.id, j.seq, j.document_id, j.batch_id, j.status, j.priority, j.placement, j.attempt, j.max_attempts,
    d.original_filename, d.source, d.object_key,
    d.mime_type, d.bytes, j.pages_done, j.pages_total, j.page_outcomes, d.document_type, d.document_date,
      d.case_number, j.error_code, j.error_message, j.instance,
    j.created_at, j.started_at, j.finished_at, j.run_after,
      coalesce(j.seconds, extract(epoch from j.finished_at - j.started_at)::real) as seconds,
    j.cost_usd, d.duplicate_of, d.analyst, j.allow_claude, j.choices_unsaid
  from processing_jobs j join master_document_registry d on d.id = j.document_id;

revoke all on all functions in schema private from public;
revoke all on function set_job_choices, find_entered_objects, read_again, enqueue_unread, get_scans, get_batches from public, anon, authenticated, service_role;
grant execute on function set_job_choices, find_entered_objects, read_again, enqueue_unread, get_scans, get_batches to service_role;
