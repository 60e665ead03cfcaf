-- The control plane's verbs: documents in, jobs cancelled or retried, dead machines cleared up, numbers and events out.

-- Documents in --------------------------------------------------------------------------------------------

create function private.find_lane(batch_id uuid, source text, priority text, placement text) returns bigint
language plpgsql set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  lane_name text := coalesce('batch ' || find_lane.batch_id, source || ' '
    || to_char(now() at time zone 'utc', 'YYYY-MM-DD'));
  found_id bigint;
begin
  select id into found_id from lanes where name = lane_name and priority = find_lane.priority
    and placement = find_lane.placement;
  if not found then
    insert into lanes (name, batch_id, priority, placement)
      values (lane_name, find_lane.batch_id, find_lane.priority, find_lane.placement)
      on conflict (name, priority, placement) do update set name = excluded.name returning id into found_id;
  end if;
  return found_id;
end $$;
comment on function private.find_lane is 'The lane for such a job, made at its first one.';

create function private.open_job(document_id uuid, batch_id uuid, source text, priority text, placement text,
  allow_claude boolean, pages_estimate int)
returns uuid language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  new_id uuid;
begin
  insert into processing_jobs (document_id, batch_id, lane_id, priority, placement, allow_claude, pages_estimate)
    values (open_job.document_id, open_job.batch_id,
      private.find_lane(open_job.batch_id, source, open_job.priority, open_job.placement),
      open_job.priority, open_job.placement, open_job.allow_claude, open_job.pages_estimate) returning id into new_id;
  update master_document_registry set job_id = new_id where id = open_job.document_id;
  insert into events (kind, document_id, job_id, batch_id, payload)
    values ('job_queued', open_job.document_id, new_id, open_job.batch_id,
      jsonb_build_object('source', source, 'priority', open_job.priority));
  return new_id;
end $$;
comment on function private.open_job is 'A new queued job for a document, in its lane, with its event.';

create function private.check_file(file jsonb, out batch batches, out priority text, out placement text,
  out allow_claude boolean)
language plpgsql stable set search_path = public, private, pg_temp as $$
begin
  if file ->> 'batch_id' is not null then
    select * into batch from batches b where b.id = (file ->> 'batch_id')::uuid;
    if not found then
      perform private.refuse('AS002', 'There is no such batch.');
    elsif batch.status in ('stopped', 'completed') then
      perform private.refuse('AS003', 'The batch has ended; start a new one.');
    end if;
  end if;
  perform private.require_word(file ->> 'source', array['upload', 'telegram', 'bucket', 'drive'], 'source');
  priority := private.require_word(coalesce(file ->> 'priority', batch.priority, 'normal'),
    array['high', 'normal', 'low'], 'priority');
  placement := private.require_word(coalesce(file ->> 'placement', batch.placement, 'any_host'),
    array['any_host', 'datacenter_only', 'local_only'], 'placement');
  -- A document that may not leave the house does not go to Claude either, unless somebody said so.
  allow_claude := coalesce((file ->> 'allow_claude')::boolean, batch.allow_claude, placement <> 'local_only');
  if file ->> 'document_id' is null or coalesce(file ->> 'object_key', '') = ''
    or coalesce(file ->> 'original_filename', '') = '' then
    perform private.refuse('AS006', 'A file needs document_id, object_key and original_filename.');
  end if;
end $$;
comment on function private.check_file
  is 'The file''s settings, its own before its batch''s; AS002, AS003 or AS006 if they cannot be.';

create function private.register_document(file jsonb, out document_id uuid, out is_new boolean)
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  insert into master_document_registry as d (id, sha256, md5, bytes, mime_type, object_key, original_filename, source)
    values ((file ->> 'document_id')::uuid, file ->> 'sha256', file ->> 'md5', (file ->> 'bytes')::bigint,
      file ->> 'mime_type',
      file ->> 'object_key', left(file ->> 'original_filename', 500), file ->> 'source')
    on conflict do nothing returning d.id into document_id;
  is_new := found;
  if not is_new then
    select d.id into document_id from master_document_registry d where d.id = (file ->> 'document_id')::uuid
      or d.sha256 = file ->> 'sha256'
      order by d.id = (file ->> 'document_id')::uuid desc limit 1 for no key update;
  end if;
end $$;
comment on function private.register_document
  is 'A new document, or the one that already has this id (the same call again) or these bytes.';

create function private.enqueue_file(file jsonb, out journal_id uuid, out document_id uuid, out job_id uuid,
  out duplicate boolean,
  out status text, out object_key text)
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  checked record := private.check_file(file);
  registered record := private.register_document(file);
  repeated boolean := not registered.is_new and registered.document_id = (file ->> 'document_id')::uuid;
begin
  document_id := registered.document_id;
  if repeated then
    -- The caller lost our first answer and asks again: give the same one.
    select id, job_id, duplicate into journal_id, job_id, duplicate from document_journal j
      where j.document_id = registered.document_id order by seq limit 1;
    select status into status from processing_jobs j where j.document_id = registered.document_id order by seq desc
      limit 1;
    select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
    return;
  end if;
  duplicate := not registered.is_new;
  if duplicate then
    select j.status into status from processing_jobs j where j.document_id = registered.document_id order by j.seq desc
      limit 1;
  end if;
  if registered.is_new or status in ('failed', 'cancelled') then
    update master_document_registry set object_key = file ->> 'object_key' where duplicate
      and id = registered.document_id;
    job_id := private.open_job(registered.document_id, (checked.batch).id, file ->> 'source', checked.priority,
      checked.placement, checked.allow_claude, (file ->> 'pages_estimate')::int);
    status := 'queued';
  end if;
  insert into document_journal (document_id, job_id, batch_id, source, original_filename, object_key, duplicate,
    google_drive_id, telegram_chat_id, telegram_message_id, processing_status)
    values (registered.document_id, job_id, (checked.batch).id, file ->> 'source',
      left(file ->> 'original_filename', 500), file ->> 'object_key', duplicate, file ->> 'google_drive_id',
      (file ->> 'telegram_chat_id')::bigint, (file ->> 'telegram_message_id')::bigint,
        case when status = 'processing' then 'queued' else status end) returning id into journal_id;
  if duplicate then
    insert into events (kind, document_id, job_id, batch_id, payload)
      values ('document_duplicate', registered.document_id, job_id, (checked.batch).id,
      jsonb_build_object('source', file ->> 'source', 'journal_id', journal_id, 'found_by', 'hash'));
  end if;
  select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
end $$;
comment on function private.enqueue_file
  is 'One file in: document, job, journal entry and event, or a link to the document we already have.';

create function enqueue_jobs(files jsonb)
returns table (journal_id uuid, document_id uuid, job_id uuid, duplicate boolean, status text, object_key text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  file record;
  answers jsonb[] := '{}';
begin
  if jsonb_typeof(files) is distinct from 'array' or jsonb_array_length(files) > 1000 then
    perform private.refuse('AS006', 'files must be an array of at most 1000 files.');
  end if;
  -- Everybody locks documents in one order, known ones by id and new ones by hash: no two calls wait for each other.
  perform from master_document_registry where sha256 = any (array(select f ->> 'sha256'
    from jsonb_array_elements(files) as f)) order by id for no key update;
  for file in select f.value, f.place from jsonb_array_elements(files) with ordinality as f(value, place)
    order by f.value ->> 'sha256', f.place loop
    answers[file.place] := (select to_jsonb(answer) from private.enqueue_file(file.value) as answer);
  end loop;
  return query select a.* from unnest(answers) with ordinality as t(answer, place)
    cross join lateral jsonb_to_record(t.answer) as a(journal_id uuid, document_id uuid, job_id uuid,
      duplicate boolean, status text, object_key text) order by t.place;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006',
    format('A file is malformed (%s). Check ids, hashes and numbers against the contract.', sqlstate));
end $$;
comment on function enqueue_jobs
  is 'Files in, one answer row each, in order. Known bytes become a journal entry of the existing document and cost '
  'nothing; its object_key is then the existing object''s, so the caller may delete its own. Repeating a call (same '
  'document_id) changes nothing.';

-- Clearing up ---------------------------------------------------------------------------------------------

create function private.waiting_in_stopped_batches() returns setof uuid
language sql stable set search_path = public, pg_temp set enable_seqscan = off as $$
  with stopped as (select l.id from lanes l join batches b on b.id = l.batch_id where b.status = 'stopped')
  (select j.id from stopped join processing_jobs j on j.lane_id = stopped.id where j.ready limit 500)
  union
  (select j.id from processing_jobs j where j.status = 'queued' and j.run_after is not null
    and j.lane_id in (select id from stopped) limit 500)
  union
  (select j.id from processing_jobs j where j.status = 'queued' and j.deaths > 0
    and j.lane_id in (select id from stopped) limit 500)
$$;
comment on function private.waiting_in_stopped_batches
  is 'Some of the jobs that still wait in stopped batches: at most 500 of each kind of waiting, each kind by its own '
  'index.';

create function release_expired_jobs() returns table (job_id uuid, status text)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  job processing_jobs;
  ended uuid[] := array(select id from processing_jobs where status = 'processing' and lease_expires_at < now()
    limit 500 for no key update skip locked);
begin
  for job in select * from processing_jobs where id = any (ended) order by document_id loop
    job_id := job.id;
    status := private.bury_job(job);
    return next;
  end loop;
  ended := array(select id from processing_jobs where id = any (array(select private.waiting_in_stopped_batches()))
    and status = 'queued' for no key update skip locked);
  for job in select * from processing_jobs where id = any (ended) order by document_id loop
    perform private.end_job(job, 'cancelled', 'batch_stopped', 'The batch was stopped before this document''s turn.');
    job_id := job.id;
    status := 'cancelled';
    return next;
  end loop;
end $$;
comment on function release_expired_jobs
  is 'To be called every few seconds: jobs whose worker fell silent are queued again or, with their attempts used up, '
  'fail as worker_died; what still waits in a stopped batch is cancelled, some hundreds a call.';

create function requeue_instance_jobs(label text, worker_died boolean default true) returns table (job_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs;
begin
  for job in select * from processing_jobs where status = 'processing' and instance = requeue_instance_jobs.label
    order by document_id for no key update loop
    if worker_died then
      perform private.bury_job(job);
    else
      perform private.return_job(job, 'job_released', true, null, null, null);
    end if;
    job_id := job.id;
    return next;
  end loop;
end $$;
comment on function requeue_instance_jobs
  is 'A machine known gone: its leases end now. worker_died counts against the attempts, as an expired lease does; '
  'false (outbid, or destroyed by us) gives the attempt back.';

create function cancel_job(job_id uuid) returns setof processing_jobs
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs;
begin
  select * into job from processing_jobs where id = cancel_job.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  elsif job.status not in ('queued', 'processing') then
    perform private.refuse('AS003', format('The job is %s already and cannot be cancelled.', job.status));
  end if;
  perform private.end_job(job, 'cancelled', null, null);
  return query select * from processing_jobs where id = job.id;
end $$;
comment on function cancel_job
  is 'Ends a queued or processing job; its worker learns it from the next heartbeat and discards the work.';

create function retry_job(job_id uuid) returns setof processing_jobs
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  document master_document_registry;
  job processing_jobs;
begin
  select * into job from processing_jobs where id = retry_job.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  end if;
  -- enqueue_jobs may want to run the same failed document again: the lock decides who does.
  select * into document from master_document_registry where id = job.document_id for no key update;
  if job.status not in ('failed', 'cancelled') or document.job_id is distinct from job.id then
    perform private.refuse('AS003',
      'Only the newest job of a document can be retried, and only once it has failed or been cancelled.');
  elsif exists (select from batches where id = job.batch_id and status = 'stopped') then
    perform private.refuse('AS003', 'The job''s batch was stopped. Upload the file again, or start a new batch.');
  end if;
  update processing_jobs set status = 'queued', attempt = 0, deaths = 0, run_after = null, finished_at = null,
    error_code = null, error_message = null,
    pages_done = 0, lane_id = private.find_lane(batch_id, document.source, priority, placement) where id = job.id;
  update batches set status = 'running', finished_at = null where id = job.batch_id and status = 'completed';
  update document_journal set processing_status = 'queued', error_message = null where document_id = job.document_id;
  insert into events (kind, document_id, job_id, batch_id, payload)
    values ('job_queued', job.document_id, job.id, job.batch_id, '{"source": "retry"}');
  return query select * from processing_jobs where id = job.id;
end $$;
comment on function retry_job is 'Queues a failed or cancelled job again, with all its attempts.';

create function check_lease(instance text, job_id uuid, lease_token uuid)
returns table (object_key text, artifact_prefix text, batch_id uuid, document_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.object_key, j.artifact_prefix, j.batch_id, j.document_id
  from processing_jobs j join master_document_registry d on d.id = j.document_id
    join instances i on i.label = j.instance
  where j.id = check_lease.job_id and j.lease_token = check_lease.lease_token and j.instance = check_lease.instance
    and j.status = 'processing' and j.lease_expires_at > now() and i.state in ('intent', 'booting', 'ready')
$$;
comment on function check_lease
  is 'What this machine may read and where it may write while it holds the lease; no row otherwise.';

-- Batches -------------------------------------------------------------------------------------------------

create function start_batch(batch jsonb) returns setof batches
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  started batches;
begin
  insert into batches (id, name, status, source, priority, placement, allow_claude, limits) values (
    coalesce((batch ->> 'id')::uuid, gen_random_uuid()), left(coalesce(nullif(batch ->> 'name', ''), 'batch'), 200),
    private.require_word(coalesce(batch ->> 'status', 'open'), array['open', 'running'], 'status'),
    private.require_word(coalesce(batch ->> 'source', 'upload'), array['upload', 'telegram', 'bucket', 'drive'],
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
  return next changed;
end $$;
comment on function set_batch_status
  is 'running, paused, stopped or completed. Pausing takes effect at the next claim, whatever the size; stopping also '
  'cancels what waits, some hundreds at each release_expired_jobs.';

-- Numbers -------------------------------------------------------------------------------------------------

create function get_queue_stats()
returns table (priority text, placement text, batch_id uuid, queued bigint, processing bigint, pages_waiting bigint,
  oldest_created_at timestamptz, pages_measured_per_second real)
language sql stable security definer set search_path = public, pg_temp as $$
  with jobs as (
    select lane_id, 1 as queued, 0 as processing, coalesce(pages_estimate, 1) as pages, created_at from processing_jobs
      where ready
    union all
    select lane_id, 1, 0, coalesce(pages_estimate, 1), created_at from processing_jobs where status = 'queued'
      and run_after is not null
    union all
    select lane_id, 1, 0, coalesce(pages_estimate, 1), created_at from processing_jobs where status = 'queued'
      and deaths > 0 and run_after is null
    union all
    select lane_id, 0, 1, greatest(coalesce(pages_total, pages_estimate, 1) - pages_done, 0), created_at
      from processing_jobs where status = 'processing'
  )
  select l.priority, l.placement, l.batch_id, sum(j.queued), sum(j.processing), sum(j.pages), min(j.created_at),
    (select avg((i.report ->> 'pages_per_second')::real)::real from instances i where i.state = 'ready'
      and i.last_heartbeat_at > now() - interval '2 minutes'
      and jsonb_typeof(i.report -> 'pages_per_second') = 'number')
  from (select lane_id, sum(queued) as queued, sum(processing) as processing, sum(pages) as pages,
    min(created_at) as created_at from jobs group by lane_id) as j
    join lanes l on l.id = j.lane_id left join batches b on b.id = l.batch_id
  where b.id is null or b.status not in ('paused', 'stopped')
  group by l.priority, l.placement, l.batch_id
$$;
comment on function get_queue_stats
  is 'What waits and runs, per priority, placement and batch, without paused and stopped batches; pages_waiting '
  'counts the unfinished pages of running jobs too. pages_measured_per_second is one machine''s, averaged over those '
  'alive.';

create function get_totals(batch_id uuid default null)
returns table (documents bigint, completed bigint, failed bigint, cancelled bigint, open bigint, pages bigint,
  pages_accounted bigint, reconciled boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  with entered as (
    select distinct document_id from document_journal j where get_totals.batch_id is null
      or j.batch_id = get_totals.batch_id
  ), newest as (
    select j.status, j.pages_total, j.pages_accounted from entered e
      join master_document_registry d on d.id = e.document_id left join processing_jobs j on j.id = d.job_id
  )
  select count(*), count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
    count(*) filter (where status = 'cancelled'),
    count(*) filter (where status in ('queued', 'processing')),
      coalesce(sum(pages_total) filter (where status in ('completed', 'failed')), 0),
    coalesce(sum(pages_accounted) filter (where status in ('completed', 'failed')), 0),
    coalesce(bool_and(status is not null and (status in ('failed', 'cancelled')
      or (status = 'completed' and pages_accounted = pages_total))), true)
  from newest
$$;
comment on function get_totals
  is 'The account of a batch, or of everything: reconciled when every journal entry leads to a document whose newest '
  'job has ended, and each completed one has an outcome for each page.';

-- Events --------------------------------------------------------------------------------------------------

create function take_events(consumer text, max_events int)
returns table (id bigint, kind text, document_id uuid, job_id uuid, batch_id uuid, instance text, payload jsonb,
  created_at timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  cursor_row event_cursors;
  taken bigint[];
begin
  if coalesce(take_events.consumer, '') = '' or max_events is null or max_events not between 1 and 1000 then
    perform private.refuse('AS006', 'consumer must be named and max_events 1 to 1000.');
  end if;
  insert into event_cursors (consumer) values (take_events.consumer) on conflict do nothing;
  select * into cursor_row from event_cursors where consumer = take_events.consumer for no key update;
  with again as (
    update event_deliveries set offered_until = now() + interval '60 seconds', times_offered = times_offered + 1
    where consumer = take_events.consumer and event_id = any (array(select d.event_id from event_deliveries d
      where d.consumer = take_events.consumer and d.offered_until < now() order by d.event_id limit max_events))
        returning event_id
  ) select coalesce(array_agg(event_id), '{}') into taken from again;
  with fresh as (
    select e.id, e.transaction_id from events e
      where (e.transaction_id, e.id) > (cursor_row.transaction_id, cursor_row.event_id)
      and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by e.transaction_id, e.id
        limit max_events - cardinality(taken)
  ), offered as (
    insert into event_deliveries (consumer, event_id, offered_until) select take_events.consumer, f.id,
      now() + interval '60 seconds' from fresh f
  ), moved as (
    update event_cursors c set transaction_id = f.transaction_id, event_id = f.id
      from (select * from fresh order by transaction_id desc, id desc limit 1) as f
        where c.consumer = take_events.consumer
  ) select taken || coalesce(array_agg(f.id), '{}') into taken from fresh f;
  return query select e.id, e.kind, e.document_id, e.job_id, e.batch_id, e.instance, e.payload, e.created_at
    from events e
    where e.id = any (taken) order by e.transaction_id, e.id;
end $$;
comment on function take_events
  is 'The next events of this consumer, in order; one that is not acknowledged within 60 seconds is offered again.';

create function ack_events(consumer text, event_ids bigint[]) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  delete from event_deliveries d where d.consumer = ack_events.consumer and d.event_id = any (event_ids)
    returning d.event_id
$$;
comment on function ack_events is 'These events are dealt with; this consumer never sees them again.';

create function verify_custody(document_id uuid) returns table (events bigint, intact boolean, broken_at integer)
language sql stable security definer set search_path = public, private, pg_temp as $$
  with chain as (
    select e.custody_seq, e.hash, e.hash = private.hash_event(e)
        and e.previous_hash is not distinct from lag(e.hash) over (order by e.custody_seq)
        and e.custody_seq = row_number() over (order by e.custody_seq) as good
    from events e where e.document_id = verify_custody.document_id
  )
  select count(*), coalesce(bool_and(good), false) and max(c.custody_seq) = d.custody_seq
      and (array_agg(c.hash order by c.custody_seq desc))[1] = d.custody_hash,
        min(c.custody_seq) filter (where not good)
  from master_document_registry d left join chain c on true where d.id = verify_custody.document_id group by d.id
$$;
comment on function verify_custody
  is 'Recomputes the document''s chain of events: intact unless an event was changed, removed or added afterwards.';

-- Rights --------------------------------------------------------------------------------------------------

revoke all on all functions in schema private from public;
revoke all on function enqueue_jobs, release_expired_jobs, requeue_instance_jobs, cancel_job, retry_job, check_lease,
  start_batch, set_batch_status,
  get_queue_stats, get_totals, take_events, ack_events, verify_custody from public, anon, authenticated, service_role;
grant execute on function enqueue_jobs, release_expired_jobs, requeue_instance_jobs, cancel_job, retry_job,
  check_lease, start_batch, set_batch_status,
  get_queue_stats, get_totals, take_events, ack_events, verify_custody to service_role;
