-- The control plane's verbs: documents in, jobs cancelled or retried, dead machines cleared up, numbers out.

-- Documents in ------------------------------------------------------------------------------------------------

create function private.check_file(file jsonb, out batch batches, out priority text, out placement text,
  out allow_claude boolean)
language plpgsql stable set search_path = public, private, pg_temp as $$
begin
  if file ->> 'batch_id' is not null then
    select * into batch from batches b where b.id = (file ->> 'batch_id')::uuid;
    if not found then
      perform private.refuse('AS002', 'There is no such batch.');
    elsif batch.status in ('stopped', 'completed') and file ->> 'part_of' is null then
      perform private.refuse('AS003', 'The batch has ended; start a new one.');
    end if;
  end if;
  perform private.require_word(file ->> 'source', array['upload', 'telegram', 'bucket', 'drive', 'mail'], 'source');
  priority := private.require_word(coalesce(file ->> 'priority', batch.priority, 'normal'),
    array['high', 'normal', 'low'], 'priority');
  placement := private.require_word(coalesce(file ->> 'placement', batch.placement, 'any_host'),
    array['any_host', 'datacenter_only', 'local_only'], 'placement');
  -- A document that may not leave the house does not go to Claude either, unless somebody said so.
  allow_claude := coalesce((file ->> 'allow_claude')::boolean, batch.allow_claude, placement <> 'local_only');
  if file ->> 'sha256' is null and file ->> 'again' is null then
    perform private.refuse('AS006', 'A file needs the sha256 of its bytes, hashed by us: no machine names it later.');
  end if;
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
  insert into master_document_registry as d (id, sha256, md5, bytes, mime_type, object_key, kept_key, version_id,
      object_etag, original_filename, source)
    values ((file ->> 'document_id')::uuid, file ->> 'sha256', file ->> 'md5', (file ->> 'bytes')::bigint,
      file ->> 'mime_type', file ->> 'object_key', file ->> 'kept_key', file ->> 'version_id',
      file ->> 'object_etag', left(file ->> 'original_filename', private.longest_reason()), file ->> 'source')
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

create function private.is_dropped(job processing_jobs) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select job.status = 'cancelled' or (job.status = 'queued' and exists (select from batches where id = job.batch_id
    and status = 'stopped'))
$$;
comment on function private.is_dropped
  is 'Whether nobody will read for this job: cancelled, or about to be since its batch was stopped.';

create function private.give_choices(job processing_jobs, priority text, placement text, allow_claude boolean,
  source text) returns void
language sql set search_path = public, private, pg_temp as $$
  update processing_jobs j set priority = give_choices.priority, placement = give_choices.placement,
    allow_claude = give_choices.allow_claude, choices_unsaid = false,
    lane_id = private.find_lane(job.batch_id, give_choices.source, give_choices.priority, give_choices.placement)
      where j.id = job.id
$$;
comment on function private.give_choices is 'Moves a job that is not held to the lane of its new choices.';

create function private.read_arrival(file jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(left(name, 40), left(value, 1000)), '{}') from (select * from jsonb_each_text(
    case when jsonb_typeof(file -> 'arrival') = 'object' then file -> 'arrival' else '{}' end) as a(name, value)
    order by name limit 20) as said
$$;
comment on function private.read_arrival
  is 'What was said of a file where it came from: at most 20 short texts by name.';

create function private.find_arrival(file jsonb, out journal_id uuid, out document_id uuid, out job_id uuid,
  out duplicate boolean, out status text, out object_key text)
returns setof record language plpgsql set search_path = public, pg_temp as $$
begin
  if file ->> 'telegram_message_id' is null then
    return;
  end if;
  -- Telegram sends an update again while we still answer it: the two wait for each other here.
  perform pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'telegram', file ->> 'telegram_chat_id',
    file ->> 'telegram_message_id'), 0));
  return query select j.id, j.document_id, j.job_id, j.duplicate, j.processing_status, d.object_key
    from document_journal j join master_document_registry d on d.id = j.document_id
    where j.telegram_chat_id = (file ->> 'telegram_chat_id')::bigint
      and j.telegram_message_id = (file ->> 'telegram_message_id')::bigint;
end $$;
comment on function private.find_arrival
  is 'The answer that a Telegram message''s file was given before, if it was: a message is one arrival.';

create function private.note_arrival(journal_id uuid, document_id uuid, is_new boolean) returns jsonb
language sql set search_path = public, private, pg_temp as $$
  select jsonb_build_object('arrived', jsonb_build_object('journal_id', note_arrival.journal_id, 'sha256', d.sha256,
      'bytes', d.bytes, 'mime_type', d.mime_type), 'seals', private.seals('document_journal/'
      || note_arrival.journal_id) || case when is_new then private.seals('master_document_registry/' || d.id)
      else '{}' end)
  from master_document_registry d where d.id = note_arrival.document_id
$$;
comment on function private.note_arrival
  is 'What the record holds of a file that came in: its hash and size, and the seal of its journal entry: name, '
  'source, time and what was said of it.';

create function private.enqueue_file(file jsonb, out journal_id uuid, out document_id uuid, out job_id uuid,
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
  arrived jsonb;
begin
  document_id := registered.document_id;
  if not registered.is_new and not again and registered.document_id = (file ->> 'document_id')::uuid then
    -- The caller lost our first answer and asks again: give the same one.
    select id, job_id, duplicate into journal_id, job_id, duplicate from document_journal j
      where j.document_id = registered.document_id order by seq limit 1;
    select status into status from processing_jobs j where j.document_id = registered.document_id and j.kind = 'read'
      order by seq desc limit 1;
    select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
    return;
  end if;
  duplicate := not registered.is_new;
  insert into document_journal (document_id, batch_id, source, original_filename, object_key, duplicate,
    google_drive_id, source_version, telegram_chat_id, telegram_message_id, arrival, processing_status)
    select registered.document_id, (checked.batch).id, file ->> 'source', left(file ->> 'original_filename',
      private.longest_reason()), case when again or file ->> 'object_key' ~ '^(drive|mail):' then d.object_key
        else file ->> 'object_key' end, duplicate, file ->> 'google_drive_id', file ->> 'source_version',
      (file ->> 'telegram_chat_id')::bigint, (file ->> 'telegram_message_id')::bigint, private.read_arrival(file),
      'queued'
    from master_document_registry d where d.id = registered.document_id returning id into journal_id;
  arrived := private.note_arrival(journal_id, registered.document_id, registered.is_new);
  if duplicate then
    select j.* into newest from processing_jobs j where j.document_id = registered.document_id and j.kind = 'read'
      order by j.seq desc limit 1;
    if newest.status = 'queued' and private.is_dropped(newest) then
      -- The sweep would cancel it in a moment, and with it what is asked for now. One that the sweep holds: ask again.
      select j.* into newest from processing_jobs j where j.id = newest.id for no key update nowait;
      if newest.status = 'queued' then
        perform private.drop_job(newest);
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
  -- "drive:…" and "mail:…" stand for a file whose bytes were hashed and, since they are known, not kept.
  if duplicate and not again and file ->> 'object_key' !~ '^(drive|mail):' and (status in ('failed', 'cancelled')
      or (select d.original_fault from master_document_registry d where d.id = registered.document_id) is not null) then
    update master_document_registry set object_key = file ->> 'object_key', kept_key = file ->> 'kept_key',
      version_id = file ->> 'version_id', object_etag = file ->> 'object_etag' where id = registered.document_id;
    perform note_original(registered.document_id, null);
  end if;
  if registered.is_new or status in ('failed', 'cancelled') then
    job_id := private.open_job(registered.document_id, (checked.batch).id, file ->> 'source', checked.priority,
      placement, allow_claude, (file ->> 'pages_estimate')::int, arrived);
    update processing_jobs set choices_unsaid = true where unsaid and id = job_id;
    status := 'queued';
  elsif status = 'queued' and (newest.placement, newest.allow_claude, newest.choices_unsaid) is distinct
    from (placement, allow_claude, unsaid) then
    -- One that a claim takes at this moment is on its way already: nothing to wait for.
    select j.* into newest from processing_jobs j where j.id = newest.id and j.status = 'queued'
      for no key update skip locked;
    if found then
      perform private.give_choices(newest, newest.priority, placement, allow_claude, file ->> 'source');
    end if;
  end if;
  -- An object tells only what was said at its own door.
  if duplicate and ((placement, allow_claude) is distinct from (newest.placement, newest.allow_claude)
      or (placement, allow_claude) is distinct from (checked.placement, checked.allow_claude)) then
    perform private.keep_choices(registered.document_id, checked.priority, placement, allow_claude);
  end if;
  select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
  update document_journal j set job_id = enqueue_file.job_id,
      processing_status = case when enqueue_file.status = 'processing' then 'queued' else enqueue_file.status end
    where j.id = enqueue_file.journal_id;
  if duplicate and (not again or enqueue_file.job_id is null) then
    insert into events (kind, document_id, job_id, batch_id, payload)
      values ('document_duplicate', registered.document_id, job_id, (checked.batch).id,
      jsonb_build_object('source', file ->> 'source', 'journal_id', journal_id, 'found_by', 'hash') || arrived);
  end if;
end $$;
comment on function private.enqueue_file
  is 'One file in: document, job, journal entry and event, or a link to the document we already have. With `again` '
  'its document_id is one that was never read: it gets a new job. A known document''s choices only get '
  'stricter, unless nobody had said any (choices_unsaid).';

create function private.make_lanes(files jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  perform private.find_lane(e.batch_id, e.source, e.priority, e.placement) from (
    select distinct b.id as batch_id, f ->> 'source' as source, coalesce(f ->> 'priority', b.priority, 'normal')
      as priority, unnest(array[coalesce(f ->> 'placement', b.placement, 'any_host'), j.placement]) as placement
    from jsonb_array_elements(files) as f left join batches b on b.id::text = f ->> 'batch_id'
      left join master_document_registry d on d.sha256 = f ->> 'sha256' left join processing_jobs j on j.id = d.job_id
    where (b.id is null) = (f ->> 'batch_id' is null) order by 1, 2, 3, 4) as e
  where e.source <> '' and e.priority in ('high', 'normal', 'low')
    and e.placement in ('any_host', 'datacenter_only', 'local_only');
end $$;
comment on function private.make_lanes
  is 'Makes the lanes that files may come into, in one order and before any document is locked: two calls that make '
  'the same lanes wait for each other, and neither for the other''s documents.';

create function private.arrival_buckets() returns int language sql immutable return 1024;
comment on function private.arrival_buckets
  is 'Locks that arriving hashes share: two steps of a scan always meet, a single upload meets one of 250 files one '
  'time in four. Each takes room in the one table of locks (6,400 places with 100 connections).';

create function private.meet_documents(files jsonb, others uuid[] default '{}') returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  perform private.make_lanes(files);
  perform pg_advisory_xact_lock(hashtext('arrivals'), b.bucket) from (select distinct
    abs(hashtext(f ->> 'sha256') % private.arrival_buckets()) as bucket from jsonb_array_elements(files) as f
    where f ->> 'sha256' is not null order by 1) as b;
  perform from master_document_registry d where d.id = any (others || array(select k.id from master_document_registry k
    where k.sha256 = any (array(select f ->> 'sha256' from jsonb_array_elements(files) as f))))
    order by d.id for no key update;
end $$;
comment on function private.meet_documents
  is 'To be called before enqueue_file, once, with all files of a call: locks the documents that these may turn out '
  'to be, and others that the caller goes on to, in one order. Lanes first, then hashes, so that nobody waits for a '
  'document that just comes in while he holds one that others, a claim too, wait for.';

create function enqueue_jobs(files jsonb)
returns table (journal_id uuid, document_id uuid, job_id uuid, duplicate boolean, status text, object_key text)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  file record;
  answers jsonb[] := '{}';
begin
  perform private.require_array(files, 'files');
  perform private.meet_documents(files, array(select (f ->> 'document_id')::uuid
    from jsonb_array_elements(files) as f));
  for file in select f.value, f.place from jsonb_array_elements(files) with ordinality as f(value, place)
    order by f.value ->> 'sha256', f.place loop
    answers[file.place] := coalesce((select to_jsonb(told) from private.find_arrival(file.value) as told),
      (select to_jsonb(answer) from private.enqueue_file(file.value) as answer));
  end loop;
  return query select a.* from unnest(answers) with ordinality as t(answer, place)
    cross join lateral jsonb_to_record(t.answer) as a(journal_id uuid, document_id uuid, job_id uuid,
      duplicate boolean, status text, object_key text) order by t.place;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006',
    format('A file is malformed (%s). Check ids, hashes and numbers against the contract.', sqlstate));
end $$;
comment on function enqueue_jobs
  is 'Files in, one answer row each, in order. Known bytes become a journal entry of the existing document and '
  'cost nothing; its object_key is then the existing object''s, so the caller may delete its own. Repeating a '
  'call (same document_id) changes nothing.';

-- Clearing up -------------------------------------------------------------------------------------------------

create function private.waiting_in_stopped_batches() returns setof uuid
language sql stable set search_path = public, pg_temp set enable_seqscan = off as $$
  with stopped as (select l.id from lanes l join batches b on b.id = l.batch_id where b.status = 'stopped')
  (select j.id from stopped join processing_jobs j on j.lane_id = stopped.id where j.ready limit private.sweep_size())
  union
  (select j.id from processing_jobs j where j.status = 'queued' and j.run_after is not null
    and j.lane_id in (select id from stopped) limit private.sweep_size())
  union
  (select j.id from processing_jobs j where j.status = 'queued' and j.deaths > 0 and j.kind = 'read'
    and j.run_after is null and j.lane_id in (select id from stopped) limit private.sweep_size())
  union
  (select j.id from stopped join processing_jobs j on j.lane_id = stopped.id where j.kind <> 'read'
    and j.status = 'queued' and j.run_after is null limit private.sweep_size())
$$;
comment on function private.waiting_in_stopped_batches
  is 'Some of the jobs that still wait in stopped batches: at most 500 of each kind of waiting, each kind by its '
  'own index.';

create function private.held_jobs(label text) returns table (jobs_held bigint, pages_held bigint,
  held_since timestamptz)
language sql stable set search_path = public, pg_temp set enable_seqscan = off as $$
  select count(*), coalesce(sum(greatest(j.pages_estimate, j.pages_total, 1)), 0), min(j.started_at)
  from processing_jobs j where j.machine = held_jobs.label and j.status = 'processing'
$$;
comment on function private.held_jobs
  is 'What a machine holds now: jobs, their pages as estimated or as its worker counted them, and the oldest claim.';

create function private.drop_job(job processing_jobs) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  if job.kind <> 'read' then
    perform private.end_analysis(job, 'cancelled', 'batch_stopped', 'The batch was stopped before it was judged.');
  else
    perform private.end_job(job, 'cancelled', 'batch_stopped',
      'The batch was stopped before this document''s turn.');
  end if;
end $$;
comment on function private.drop_job is 'Cancels what still waits in a stopped batch.';

create function release_expired_jobs() returns table (job_id uuid, status text)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s'
  set enable_seqscan = off as $$
#variable_conflict use_column
declare
  job processing_jobs;
  ended uuid[] := array(select id from processing_jobs where status = 'processing' and lease_expires_at < now()
    limit private.sweep_size() for no key update skip locked);
  -- A worker that still reports has lost the job by itself. Machines of which nothing is heard any more, two and more
  -- at once, are one outage: ours, or the network's.
  unheard text[] := array(select m.label from machines m where m.label in (select machine from processing_jobs
    where id = any (ended)) and coalesce(m.last_heartbeat_at, '-infinity') < now() - private.longest_silence());
  held jsonb := (select jsonb_object_agg(machine, jobs) from (select j.machine, count(*) as jobs
    from processing_jobs j where j.status = 'processing' and j.machine in (select machine from processing_jobs
      where id = any (ended)) group by 1) counted);
  dropped uuid[] := array(select id from processing_jobs where id = any (array(select
    private.waiting_in_stopped_batches())) and status = 'queued' for no key update skip locked);
begin
  -- Both kinds in one go: documents are locked in one order.
  for job in select * from processing_jobs where id = any (ended || dropped) order by document_id loop
    job_id := job.id;
    if job.id = any (dropped) then
      perform private.drop_job(job);
      status := 'cancelled';
    elsif job.kind <> 'read' then
      status := private.bury_analysis(job);
    elsif cardinality(unheard) > 1 and job.machine = any (unheard) then
      -- With a code, so that no machine is stamped: a sweep over many would lock them in no order.
      perform private.return_job(job, 'job_released', true, null, 'worker_died',
        'Several machines fell silent together; the job is waiting for another one.');
      status := 'queued';
    else
      status := private.bury_job(job, (held ->> job.machine)::int > 1);
    end if;
    return next;
  end loop;
  perform private.tidy_lane(s.lane_id) from (select distinct l.lane_id from live_lanes l join batches b
    on b.id = l.batch_id where b.status = 'stopped') s;
  perform private.fold_counts();
  perform private.fold_refusals();
  perform private.fold_sums(private.most_counted_anew());
  perform private.add_noted_work(m.label) from machines m where m.label in (select w.machine from machine_work w)
    for no key update skip locked;
end $$;
comment on function release_expired_jobs
  is 'To be called every few seconds: jobs whose worker fell silent are queued again or, with their attempts used '
  'up, fail as worker_died; what still waits in a stopped batch is cancelled, some hundreds a call.';

create function requeue_machine_jobs(label text, worker_died boolean default true)
returns table (job_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  job processing_jobs;
  held bigint := (select h.jobs_held from private.held_jobs(requeue_machine_jobs.label) h);
begin
  for job in select * from processing_jobs where status = 'processing' and machine = requeue_machine_jobs.label
    order by document_id for no key update loop
    if worker_died then
      perform private.bury_job(job, held > 1);
    else
      perform private.return_job(job, 'job_released', true, null, null, null);
    end if;
    job_id := job.id;
    return next;
  end loop;
end $$;
comment on function requeue_machine_jobs
  is 'A machine known gone: its leases end now. worker_died makes suspects of its documents and may cost them an '
  'attempt, as an expired lease does; false (the machine''s own end, not its worker''s) gives the attempt back.';

-- One job -----------------------------------------------------------------------------------------------------

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
  if job.kind <> 'read' then
    perform private.end_analysis(job, 'cancelled', null, null);
  else
    perform private.end_job(job, 'cancelled', null, null);
  end if;
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
  new_id uuid;
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
  end if;
  if exists (select from batches where id = job.batch_id and status = 'stopped') then
    -- The stopped batch keeps its account; the document is read outside of it.
    new_id := private.open_job(job.document_id, null, document.source, job.priority, job.placement, job.allow_claude,
      job.pages_estimate);
    update processing_jobs set choices_unsaid = job.choices_unsaid where id = new_id;
  else
    update processing_jobs set status = 'queued', attempt = 0, deaths = 0, run_after = null, finished_at = null,
      error_code = null, error_message = null,
      pages_done = 0, lane_id = private.find_lane(batch_id, document.source, priority, placement) where id = job.id;
    update batches set status = 'running', finished_at = null where id = job.batch_id and status = 'completed';
    insert into events (kind, document_id, job_id, batch_id, payload) values ('job_queued', job.document_id, job.id,
      job.batch_id, '{"source": "retry"}');
  end if;
  update document_journal set processing_status = 'queued', error_message = null where document_id = job.document_id;
  return query select * from processing_jobs where id = coalesce(new_id, job.id);
end $$;
comment on function retry_job
  is 'Queues a failed or cancelled job again, with all its attempts; that of a stopped batch as a new job outside '
  'of it. Returns the job that is queued.';

create function set_job_choices(job_id uuid, placement text, allow_claude boolean, priority text default null)
  returns setof processing_jobs
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs;
begin
  perform private.require_word(set_job_choices.placement, array['any_host', 'datacenter_only', 'local_only'],
    'placement');
  perform private.require_word(coalesce(set_job_choices.priority, 'normal'), array['high', 'normal', 'low'],
    'priority');
  if set_job_choices.allow_claude is null then
    perform private.refuse('AS006', 'allow_claude must be true or false.');
  end if;
  select * into job from processing_jobs where id = set_job_choices.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  elsif job.status in ('processing', 'completed') then
    perform private.refuse('AS003', format('The job is %s already: where it is read cannot be changed any more.',
      job.status));
  end if;
  perform private.give_choices(job, coalesce(set_job_choices.priority, job.priority), set_job_choices.placement,
    set_job_choices.allow_claude,
    (select source from master_document_registry where id = job.document_id));
  insert into events (kind, document_id, job_id, batch_id, payload) values ('job_choices', job.document_id, job.id,
    job.batch_id,
    jsonb_build_object('placement', set_job_choices.placement, 'allow_claude', set_job_choices.allow_claude));
  return query select * from processing_jobs where id = job.id;
end $$;
comment on function set_job_choices
  is 'A person says where a document that nobody holds may be read, and whether Claude may see it: the only way to '
  'a looser choice.';

create function check_lease(machine text, job_id uuid, lease_token uuid)
returns table (object_key text, version_id text, artifact_prefix text, batch_id uuid, document_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(d.kept_key, d.object_key), d.version_id, j.artifact_prefix, j.batch_id, j.document_id
  from processing_jobs j join master_document_registry d on d.id = j.document_id
    left join machines m on m.label = j.machine
  where j.id = check_lease.job_id and j.lease_token = check_lease.lease_token and j.status = 'processing'
    and j.lease_expires_at > now() and case when check_lease.machine is null then j.kind <> 'read'
      else j.machine = check_lease.machine and m.status in ('intent', 'booting', 'ready') end
$$;
comment on function check_lease
  is 'What this machine (null: the analysis worker) may read and where it may write while it holds the lease; no row '
  'otherwise.';

-- Numbers -----------------------------------------------------------------------------------------------------

create function get_queue_stats()
returns table (priority text, placement text, batch_id uuid, queued bigint, processing bigint, pages_waiting bigint,
  oldest_created_at timestamptz, pages_measured_per_second real)
language sql stable security definer set search_path = public, pg_temp set statement_timeout = '30s'
  set enable_seqscan = off set enable_indexscan = off as $$
  -- By bitmaps: a thousand batches that wait have a line each in few blocks, and each block is looked at once.
  with opened as materialized (
    -- Apart, so that no order is asked of it: in order the index would be followed row by row.
    select * from job_counts c where c.kind = 'read' and c.status in ('queued', 'processing')
  ), counted as materialized (
    select c.lane_id, coalesce(sum(c.jobs) filter (where c.status = 'queued'), 0) as queued,
      coalesce(sum(c.jobs) filter (where c.status = 'processing'), 0) as processing,
      coalesce(sum(c.pages_estimate) filter (where c.status = 'queued'), 0) as pages, min(c.priority) as priority,
      min(c.placement) as placement, (array_agg(c.batch_id))[1] as batch_id, bool_and(c.is_folded) as is_folded
    from opened c group by c.lane_id having sum(c.jobs) > 0
  ), held as (
    select j.lane_id, sum(greatest(coalesce(j.pages_total, j.pages_estimate, 1) - j.pages_done, 0)) as pages,
      min(j.created_at) as oldest_at from processing_jobs j where j.kind = 'read' and j.status = 'processing' group by 1
  ), heads as (
    select h.lane_id, h.oldest_at, false as is_new from lane_heads h
    union all
    select n.lane_id, n.oldest_at, true from private.heads_of(array(select c.lane_id from counted c
      where not c.is_folded)) n
  ), lanes_open as (
    select c.*, h.pages as pages_held, least(h.oldest_at, w.oldest_at) as oldest
    from counted c left join held h on h.lane_id = c.lane_id left join (select h.lane_id,
        (array_agg(h.oldest_at order by h.is_new desc))[1] as oldest_at from heads h group by 1) w
      on w.lane_id = c.lane_id
  )
  select o.priority, o.placement, o.batch_id, sum(o.queued)::bigint, sum(o.processing)::bigint,
    sum(o.pages + coalesce(o.pages_held, 0))::bigint, min(o.oldest),
    (select avg((m.report ->> 'pages_per_second')::real)::real from machines m where m.status = 'ready'
      and m.last_heartbeat_at > now() - private.fresh_report()
      and jsonb_typeof(m.report -> 'pages_per_second') = 'number')
  from lanes_open o where o.batch_id is null or o.batch_id not in (select b.id from batches b
    where b.status in ('paused', 'stopped'))
  group by o.priority, o.placement, o.batch_id
$$;
comment on function get_queue_stats
  is 'What waits and runs, per priority, placement and batch, without paused and stopped batches; pages_waiting '
  'counts the unfinished pages of running jobs too. pages_measured_per_second is one machine''s, averaged over '
  'those alive.';

create function get_page_statistics() returns table (mime_type text, documents bigint, bytes numeric, pages numeric)
language sql stable security definer set search_path = public, pg_temp set statement_timeout = '30s' as $$
  select d.mime_type, count(*), sum(d.bytes), sum(j.pages_total)
  from (select * from processing_jobs where kind = 'read' and status = 'completed' and pages_total > 0 order by seq desc
    limit private.sample_size()) j
    join master_document_registry d on d.id = j.document_id where d.bytes > 0 group by d.mime_type
$$;
comment on function get_page_statistics
  is 'Bytes and pages per type of the last 5,000 completed documents: what an estimate of pages goes by.';
