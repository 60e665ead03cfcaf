-- The worker's verbs. Each knows the machine from the JWT claim "instance" and each changes only rows whose id and
-- lease token match, so a stale worker, or a token whose machine left the ledger, changes nothing.
--
-- Own SQLSTATEs: AS001 lease lost, AS002 not found, AS003 wrong state, AS004 instance not in the ledger,
-- AS005 cap reached, AS006 bad argument.
--
-- Order of locks, for everybody: job, then document (several by id), then lane and machine; always "for no key update",
-- which lets others insert rows that refer to the locked one. test_everything_at_once.py looks for deadlocks.

-- Helpers -------------------------------------------------------------------------------------------------

create function private.refuse(code text, message text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = code, message = message;
end $$;
comment on function private.refuse is 'Raises one of the queue''s own SQLSTATEs with a sentence.';

create function private.require_word(value text, allowed text[], name text) returns text
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  if value is null or value <> all (allowed) then
    perform private.refuse('AS006', format('%s must be one of %s.', name, array_to_string(allowed, ', ')));
  end if;
  return value;
end $$;
comment on function private.require_word is 'The value, or AS006 naming the allowed words.';

create function private.link_custody() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  previous record;
begin
  if new.document_id is null then
    return new;
  end if;
  select custody_hash, custody_seq into previous from master_document_registry where id = new.document_id
    for no key update;
  new.custody_seq := previous.custody_seq + 1;
  new.previous_hash := previous.custody_hash;
  new.hash := private.hash_event(new);
  update master_document_registry set custody_seq = new.custody_seq, custody_hash = new.hash where id = new.document_id;
  return new;
end $$;
comment on function private.link_custody
  is 'Chains an event to its document''s previous one. One chain per document, so documents do not wait for each '
  'other.';

create function private.hash_event(event events) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(concat_ws('|', coalesce(event.previous_hash, ''), event.custody_seq, event.kind,
    event.document_id, coalesce(event.job_id::text, ''), coalesce(event.instance, ''),
    extract(epoch from event.created_at)::text, event.payload::text), 'UTF8')), 'hex')
$$;
comment on function private.hash_event
  is 'SHA-256 (hex) of previous_hash|custody_seq|kind|document_id|job_id|instance|created_at as epoch seconds|payload.';

create trigger events_link_custody before insert on events for each row execute function private.link_custody();

create function private.token_instance(also_destroying boolean default false) returns instances
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  machine instances;
  claimed text := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'instance';
begin
  select * into machine from instances i where i.label = claimed
    and (i.state in ('intent', 'booting', 'ready') or (also_destroying and i.state = 'destroying'));
  if not found then
    perform private.refuse('AS004',
      'This machine is not in the ledger any more, so its token is dead. Stop working and shut down.');
  end if;
  return machine;
end $$;
comment on function private.token_instance
  is 'The machine the caller''s JWT names, while the ledger honours it; else AS004.';

create function private.allowed_placements(hosting text) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case hosting
    when 'local' then array['any_host', 'datacenter_only', 'local_only']
    when 'datacenter' then array['any_host', 'datacenter_only']
    else array['any_host'] end
$$;
comment on function private.allowed_placements is 'Which placements a machine with this hosting may receive.';

create function private.held_job(job_id uuid, lease_token uuid, label text) returns processing_jobs
language plpgsql set search_path = public, private, pg_temp as $$
declare
  job processing_jobs;
begin
  select * into job from processing_jobs j where j.id = held_job.job_id and j.status = 'processing'
    and j.lease_token = held_job.lease_token and j.instance = held_job.label for no key update;
  if not found then
    perform private.refuse('AS001',
      'The lease on this job is lost: it expired, or the job was cancelled or given to another worker. Discard the '
      'result.');
  end if;
  return job;
end $$;
comment on function private.held_job is 'The job, locked, if this machine holds it under this token; else AS001.';

create function private.backoff(attempt int) returns interval
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select least(15 * 4 ^ (greatest(attempt, 1) - 1), 3600) * (0.75 + random() / 2) * interval '1 second'
$$;
comment on function private.backoff
  is '15 s, 1 min, 4 min … at most 1 h, each ±25 % so that jobs which failed together do not return together.';

create function private.record_pages(job processing_jobs, pages jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  insert into document_pages (job_id, page, document_id, outcome, engine, confidence, seconds, reason, words)
    select job.id, p.page, job.document_id, p.outcome, p.engine, p.confidence, p.seconds, left(p.reason, 500), p.words
    from jsonb_to_recordset(coalesce(pages, '[]')) as p(page int, outcome text, engine text, confidence real,
      seconds real, reason text, words int)
  on conflict (job_id, page) do update set outcome = excluded.outcome, engine = excluded.engine,
    confidence = excluded.confidence,
    seconds = excluded.seconds, reason = excluded.reason, words = excluded.words;
exception when check_violation or not_null_violation or cardinality_violation or data_exception then
  perform private.refuse('AS006', 'The pages are malformed: each needs a number from 1, once, and a known outcome.');
end $$;
comment on function private.record_pages
  is 'Writes page outcomes into the ledger, over those of an earlier attempt; AS006 if malformed.';

create function private.count_pages(job_id uuid) returns table (accounted int, outcomes jsonb)
language sql stable set search_path = public, pg_temp as $$
  select coalesce(sum(n), 0)::int, coalesce(jsonb_object_agg(outcome, n), '{}')
  from (select outcome, count(*) as n from document_pages p where p.job_id = count_pages.job_id
    group by outcome) as by_outcome
$$;
comment on function private.count_pages is 'How many pages of a job have an outcome, and how many of each.';

create function private.end_job(job processing_jobs, status text, code text, message text) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  pages record;
begin
  if end_job.status = 'failed' then
    -- Pages we know of and never read are accounted for as skipped: nothing is lost from the totals.
    insert into document_pages (job_id, page, document_id, outcome, reason)
      select job.id, n, job.document_id, 'skipped', end_job.code
      from generate_series(1, greatest(coalesce(job.pages_total, 0),
        coalesce((select max(page) from document_pages where job_id = job.id), 0))) as n
    on conflict (job_id, page) do nothing;
  end if;
  select * into pages from private.count_pages(job.id);
  update processing_jobs j set status = end_job.status, lease_token = null, lease_expires_at = null, run_after = null,
    finished_at = now(), error_code = end_job.code, error_message = left(end_job.message, 500),
    pages_accounted = pages.accounted, page_outcomes = pages.outcomes,
    pages_total = case when end_job.status = 'failed' then pages.accounted else j.pages_total end
    where j.id = job.id;
  update document_journal set processing_status = end_job.status, error_message = left(end_job.message, 500)
    where document_id = job.document_id;
  insert into events (kind, document_id, job_id, batch_id, instance, payload)
    values ('job_' || end_job.status, job.document_id, job.id, job.batch_id, job.instance,
      jsonb_build_object('attempt', job.attempt, 'code', end_job.code, 'page_outcomes', pages.outcomes));
end $$;
comment on function private.end_job is 'Ends a job as completed, failed or cancelled: page counts, journal and event.';

create function private.return_job(job processing_jobs, kind text, give_back boolean, run_after timestamptz, code text,
  message text) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  update processing_jobs j set status = 'queued', lease_token = null, lease_expires_at = null,
    run_after = return_job.run_after, pages_done = 0,
    attempt = j.attempt - case when give_back and j.attempt > 0 then 1 else 0 end,
    deaths = j.deaths + case when return_job.kind = 'job_requeued' then 1 else 0 end,
    error_code = return_job.code, error_message = left(return_job.message, 500)
    where j.id = job.id;
  insert into events (kind, document_id, job_id, batch_id, instance, payload)
    values (return_job.kind, job.document_id, job.id, job.batch_id, job.instance,
      jsonb_build_object('attempt', job.attempt, 'code', return_job.code));
end $$;
comment on function private.return_job
  is 'Puts a held job back in the queue: after a failure, a release or its worker''s death.';

create function private.bury_job(job processing_jobs) returns text
language plpgsql set search_path = public, private, pg_temp as $$
begin
  if job.attempt >= job.max_attempts then
    perform private.end_job(job, 'failed', 'worker_died',
      format('The worker stopped without a word while it had this document, %s times in a row. '
      'The file may be too large or damaged. Look at it, then retry the job.', job.attempt));
    return 'failed';
  end if;
  perform private.return_job(job, 'job_requeued', false, null, 'worker_died',
    'The worker stopped without a word; the job is waiting for another one.');
  return 'queued';
end $$;
comment on function private.bury_job
  is 'A job whose worker died: queued again, or failed as worker_died when its attempts are used up.';

-- Claim ---------------------------------------------------------------------------------------------------

create function private.promote_due_jobs() returns void
language sql set search_path = public, pg_temp set enable_seqscan = off as $$
  update processing_jobs set run_after = null where id = any (array(select id from processing_jobs
    where status = 'queued' and run_after is not null and run_after <= now() order by run_after limit 100
      for no key update skip locked))
$$;
comment on function private.promote_due_jobs
  is 'Moves jobs whose waiting time is over to their lane, so that the claim''s index never holds a job that must '
  'wait.';

create function private.live_lanes(placements text[]) returns setof lanes
language sql stable set search_path = public, pg_temp set enable_seqscan = off as $$
  -- A loose index scan: one index probe per lane that has a claimable job, however many jobs it has.
  with recursive live (id) as (
    (select lane_id from processing_jobs where ready order by lane_id limit 1)
    union all
    select (select j.lane_id from processing_jobs j where j.ready and j.lane_id > live.id order by j.lane_id limit 1)
      from live where live.id is not null
  )
  select lanes.* from live join lanes on lanes.id = live.id left join batches on batches.id = lanes.batch_id
  where lanes.placement = any (placements) and (batches.id is null or batches.status not in ('paused', 'stopped'))
$$;
comment on function private.live_lanes
  is 'Lanes with claimable jobs that these placements allow and no pause holds back.';

create function private.priority_rank(priority text) returns int
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select array_position(array['high', 'normal', 'low'], priority)
$$;
comment on function private.priority_rank is '1 for high, 2 for normal, 3 for low.';

create function private.take_suspect(label text, placements text[], live lanes[]) returns uuid[]
language plpgsql set search_path = public, private, pg_temp as $$
declare
  best int := (select min(private.priority_rank(l.priority)) from unnest(live) as l);
begin
  if exists (select from processing_jobs where instance = label and status = 'processing' and deaths > 0) then
    return '{}';
  end if;
  return array(select j.id
    from processing_jobs j join lanes on lanes.id = j.lane_id left join batches on batches.id = lanes.batch_id
    where j.status = 'queued' and j.deaths > 0 and (j.run_after is null or j.run_after <= now())
      and lanes.placement = any (placements) and (batches.id is null or batches.status not in ('paused', 'stopped'))
      and private.priority_rank(j.priority) <= coalesce(best, 3)
    order by private.priority_rank(j.priority), j.seq limit 1 for no key update of j skip locked);
end $$;
comment on function private.take_suspect
  is 'At most one job that has seen a worker die; none while this machine holds another such job, or a higher '
  'priority waits.';

create function private.take_from_lanes(wanted int, live lanes[]) returns uuid[]
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off set enable_sort = off as $$
declare
  taken uuid[] := '{}';
  served bigint[] := '{}';
  rank text;
  lane lanes;
  lanes_left int;
  before int;
  found_ids uuid[];
begin
  foreach rank in array array['high', 'normal', 'low'] loop
    loop
      before := cardinality(taken);
      lanes_left := (select count(*) from unnest(live) as l where l.priority = rank);
      exit when before >= wanted or lanes_left = 0;
      foreach lane in array live loop
        continue when lane.priority <> rank;
        exit when cardinality(taken) >= wanted;
        -- "between", because with "=" the planner may walk the index on seq, past every job that ever ended.
        found_ids := array(select j.id from processing_jobs j
          where j.lane_id between lane.id and lane.id and j.ready and j.id <> all (taken)
          order by j.lane_id, j.seq limit ceil((wanted - cardinality(taken))::numeric / lanes_left)
          for no key update skip locked);
        lanes_left := lanes_left - 1;
        taken := taken || found_ids;
        served := served || case when cardinality(found_ids) > 0 then array[lane.id] else '{}' end;
      end loop;
      exit when cardinality(taken) = before;
    end loop;
  end loop;
  -- A stamp another claim is writing this moment is as good as ours: skip it, so that no claim waits for another.
  update lanes set served_at = clock_timestamp()
    where id = any (array(select id from lanes where id = any (served) for no key update skip locked));
  return taken;
end $$;
comment on function private.take_from_lanes
  is 'Locks up to "wanted" jobs: priority by priority, an equal share from each lane, the lane served longest ago '
  'first.';

create function claim_jobs(max_jobs int, lease_seconds int)
returns table (job_id uuid, document_id uuid, lease_token uuid, lease_expires_at timestamptz, attempt int,
  max_attempts int, object_key text, artifact_prefix text, original_filename text, mime_type text, bytes bigint,
  sha256 text, batch_id uuid, allow_claude boolean, pages_estimate int)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  machine instances := private.token_instance();
  placements text[] := private.allowed_placements(machine.hosting);
  today text := to_char(now() at time zone 'utc', 'YYYY/MM/DD');
  live lanes[];
  taken uuid[];
  -- An honest worker holds some 40 jobs at most and hands back as many, once. A stolen token must not be able to read
  -- its way through the queue, neither by holding more nor by claiming and releasing in turn.
  wanted int := case when machine.jobs_released > 256 then 0 else least(max_jobs, 64 - (select count(*)
    from processing_jobs where instance = machine.label and status = 'processing')) end;
begin
  if coalesce(max_jobs, 0) not between 1 and 100 or coalesce(lease_seconds, 0) not between 5 and 3600 then
    perform private.refuse('AS006', 'max_jobs must be 1 to 100 and lease_seconds 5 to 3600.');
  end if;
  if wanted <= 0 then
    return;
  end if;
  perform private.promote_due_jobs();
  live := array(select l from private.live_lanes(placements) as l order by l.served_at nulls first, l.id);
  taken := private.take_suspect(machine.label, placements, live);
  taken := taken || private.take_from_lanes(wanted - cardinality(taken), live);
  update processing_jobs j set status = 'processing', attempt = j.attempt + 1, instance = machine.label,
      lease_token = fresh.token, lease_expires_at = now() + make_interval(secs => lease_seconds),
      started_at = now(), progress_at = now(), run_after = null, pages_done = 0, error_code = null,
        error_message = null,
      artifact_prefix = format('processed/%s/%s/%s/', today, j.document_id, fresh.token)
    from (select id, gen_random_uuid() as token from unnest(taken) as id) as fresh where j.id = fresh.id;
  insert into events (kind, document_id, job_id, batch_id, instance, payload)
    select 'job_claimed', j.document_id, j.id, j.batch_id, machine.label, jsonb_build_object('attempt', j.attempt)
    from processing_jobs j where j.id = any (taken) order by j.document_id;
  return query
    select j.id, d.id, j.lease_token, j.lease_expires_at, j.attempt::int, j.max_attempts::int, d.object_key,
      j.artifact_prefix, d.original_filename, d.mime_type, d.bytes, d.sha256, j.batch_id, j.allow_claude,
        j.pages_estimate
    from unnest(taken) with ordinality as t(id, place)
      join processing_jobs j on j.id = t.id
      join master_document_registry d on d.id = j.document_id
    order by t.place;
end $$;
comment on function claim_jobs
  is 'Gives the calling machine up to max_jobs waiting jobs that its hosting allows, each under a fresh lease; '
  'attempt + 1.';

-- Holding -------------------------------------------------------------------------------------------------

create function private.clean_number(value jsonb, most numeric) returns numeric
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when jsonb_typeof(value) = 'number' then least(greatest((value #>> '{}')::numeric, 0), most) end
$$;
comment on function private.clean_number is 'A number from 0 to "most", whatever was sent; null for anything else.';

create function private.clean_report(report jsonb) returns jsonb
language sql immutable set search_path = private, pg_catalog, pg_temp as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'gpu_name', left(report ->> 'gpu_name', 80), 'ocr_engine', left(report ->> 'ocr_engine', 80),
    'pages_per_second', private.clean_number(report -> 'pages_per_second', 1000),
    'pages_done', private.clean_number(report -> 'pages_done', 1000000000),
    'idle_seconds', private.clean_number(report -> 'idle_seconds', 1000000)))
$$;
comment on function private.clean_report is 'What a machine says of itself, reduced to known fields with sound values: the '
  'scaler reads every machine''s report in one go, so one hostile machine must not be able to break that reading.';

create function heartbeat_jobs(leases jsonb, lease_seconds int, report jsonb)
returns table (job_id uuid, held boolean, cancelled boolean)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  machine instances := private.token_instance();
begin
  if jsonb_typeof(leases) is distinct from 'array' or jsonb_array_length(leases) > 1000
      or coalesce(lease_seconds, 0) not between 5 and 3600 then
    perform private.refuse('AS006', 'leases must be an array of at most 1000 and lease_seconds 5 to 3600.');
  end if;
  return query
    with wanted as (
      select * from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid, pages_done int, pages_total int)
    ), mine as (
      select j.id, w.pages_done, w.pages_total from wanted w join processing_jobs j on j.id = w.job_id
        and j.lease_token = w.lease_token
      where j.status = 'processing' and j.instance = machine.label
        and (j.progress_at > now() - interval '30 minutes' or w.pages_done > j.pages_done) order by j.id
          for no key update of j
    ), extended as (
      update processing_jobs j set lease_expires_at = now() + make_interval(secs => lease_seconds),
        progress_at = case when m.pages_done > j.pages_done then now() else j.progress_at end,
        pages_done = least(greatest(coalesce(m.pages_done, j.pages_done), 0), 100000),
        pages_total = least(greatest(coalesce(m.pages_total, j.pages_total), 0), 100000)
      from mine m where j.id = m.id returning j.id
    )
    select w.job_id, e.id is not null, coalesce(j.status = 'cancelled', false)
    from wanted w left join extended e on e.id = w.job_id left join processing_jobs j on j.id = w.job_id;
  -- Last, so that this row is locked for a moment only: complete_job locks in the same order.
  update instances set last_heartbeat_at = now(), first_heartbeat_at = coalesce(first_heartbeat_at, now()),
    report = coalesce(private.clean_report(heartbeat_jobs.report), report),
    state = case when state = 'booting' then 'ready' else state end where label = machine.label;
end $$;
comment on function heartbeat_jobs
  is 'Extends the leases the calling machine still holds, records their progress, and marks the machine alive; an '
  'idle machine calls it with [].';

create function release_jobs(leases jsonb) returns table (job_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  machine instances := private.token_instance(also_destroying => true);
  job processing_jobs;
  released int := 0;
begin
  for job in select j.* from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid)
      join processing_jobs j on j.id = l.job_id and j.lease_token = l.lease_token
      where j.status = 'processing' and j.instance = machine.label order by j.document_id for no key update of j loop
    perform private.return_job(job, 'job_released', true, null, null, null);
    job_id := job.id;
    released := released + 1;
    return next;
  end loop;
  update instances set jobs_released = jobs_released + released where label = machine.label and released > 0;
end $$;
comment on function release_jobs
  is 'Hands jobs back unharmed: the attempt is given back. Allowed even while the machine is being destroyed.';

-- Ending --------------------------------------------------------------------------------------------------

create function private.record_hash(job processing_jobs, sha256 text) returns uuid
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  known text;
  original uuid;
begin
  if record_hash.sha256 is null or record_hash.sha256 !~ '^[0-9a-f]{64}$' then
    perform private.refuse('AS006', 'sha256 must be 64 lower-case hex digits.');
  end if;
  select d.sha256 into known from master_document_registry d where d.id = job.document_id for no key update;
  if known is not null and known <> record_hash.sha256 then
    perform private.refuse('AS006',
      'The bytes are not those that were registered for this document: the object changed in the bucket. Fail the job '
      'as object_changed.');
  end if;
  update master_document_registry d set sha256 = record_hash.sha256 where d.id = job.document_id and d.sha256 is null;
  return null;
exception when unique_violation then
  select d.id into original from master_document_registry d where d.sha256 = record_hash.sha256;
  return original;
end $$;
comment on function private.record_hash
  is 'Records what the worker read; returns the other document that already has these bytes, or null.';

create function private.merge_duplicate(job processing_jobs, original_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  copy master_document_registry;
  original_status text;
begin
  update master_document_registry set duplicate_of = original_id where id = job.document_id returning * into copy;
  delete from document_pages where job_id = job.id;
  perform private.end_job(job, 'completed', null, null);
  update processing_jobs set pages_total = 0, pages_done = 0 where id = job.id;
  perform from master_document_registry where id = original_id for no key update;
  select status into original_status from processing_jobs where document_id = original_id order by seq desc limit 1;
  if original_status in ('failed', 'cancelled') then
    update master_document_registry set object_key = copy.object_key where id = original_id;
    perform private.open_job(original_id, job.batch_id, copy.source, job.priority, job.placement, job.allow_claude,
      job.pages_estimate);
    original_status := 'queued';
  end if;
  update document_journal set document_id = original_id, duplicate = true,
    processing_status = case when original_status = 'processing' then 'queued' else original_status end
    where document_id = job.document_id;
  insert into events (kind, document_id, job_id, batch_id, payload)
    values ('document_duplicate', original_id, job.id, job.batch_id,
    jsonb_build_object('source', copy.source, 'found_by', 'worker'));
end $$;
comment on function private.merge_duplicate
  is 'Ends a job as the duplicate of another document and moves its journal entries there; an original that had '
  'failed gets another run.';

create function link_duplicate_job(job_id uuid, lease_token uuid, sha256 text) returns table (duplicate boolean,
  document_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  machine instances := private.token_instance();
  job processing_jobs := private.held_job(job_id, lease_token, machine.label);
  original uuid := private.record_hash(job, sha256);
begin
  if original is not null then
    perform private.merge_duplicate(job, original);
  end if;
  return query select original is not null, coalesce(original, job.document_id);
end $$;
comment on function link_duplicate_job
  is 'After the download: records the hash. If another document has it, the job ends completed as its duplicate.';

create function private.require_all_pages(pages jsonb, pages_total int) returns void
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
declare
  counted record;
begin
  select count(*) as n, count(distinct p.page) as distinct_pages, min(p.page) as first, max(p.page) as last into counted
    from jsonb_to_recordset(pages) as p(page int);
  if pages_total is null or pages_total < 1 or counted.n <> pages_total or counted.distinct_pages <> pages_total
      or counted.first <> 1 or counted.last <> pages_total then
    perform private.refuse('AS006',
      format('The result accounts for %s of %s pages. Give each page from 1 to pages_total exactly one outcome.',
      counted.distinct_pages, coalesce(pages_total::text, '?')));
  end if;
end $$;
comment on function private.require_all_pages is 'AS006 unless the pages are exactly 1 … pages_total, each once.';

create function private.require_artifacts(artifacts jsonb, prefix text) returns void
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  -- A machine may publish only what its lease let it write: any other key would later be signed for readers.
  if exists (select from jsonb_each_text(artifacts) as a(name, key) where a.name !~ '^[a-z0-9_.-]{1,60}$'
    or a.key is distinct from prefix || a.name) then
    perform private.refuse('AS006', 'Each artifact must be stored as artifact_prefix followed by its name.');
  end if;
end $$;
comment on function private.require_artifacts is 'AS006 unless each artifact lies where this lease may write.';

create function private.publish_analysis(document_id uuid, analysis jsonb, result jsonb) returns void
language sql set search_path = public, private, pg_temp as $$
  update master_document_registry set
    md5 = coalesce(md5, result ->> 'md5'), mime_type = coalesce(result ->> 'mime_type', mime_type),
      artifacts = coalesce(result -> 'artifacts', '{}'),
    document_type = analysis ->> 'document_type', document_date = (nullif(analysis ->> 'document_date', 'null'))::date,
    dates = coalesce(nullif(analysis -> 'dates', 'null'), '[]'),
      parties = coalesce(nullif(analysis -> 'parties', 'null'), '[]'),
    case_number = analysis ->> 'case_number', court = analysis ->> 'court', summary = analysis ->> 'summary',
    key_facts = coalesce(nullif(analysis -> 'key_facts', 'null'), '[]'), analyst = analysis ->> 'analyst',
      model = analysis ->> 'model',
    fallback_reason = analysis ->> 'fallback_reason', truth_score = (analysis ->> 'truth_score')::real,
      justice_score = (analysis ->> 'justice_score')::real,
    fraud_score = (analysis ->> 'fraud_score')::real, perjury_score = (analysis ->> 'perjury_score')::real,
    legal_credit_score = (analysis ->> 'legal_credit_score')::real,
      relevancy_score = (analysis ->> 'relevancy_score')::real, analysed_at = now()
  where id = publish_analysis.document_id;
  delete from document_findings f where f.document_id = publish_analysis.document_id;
  insert into document_findings (document_id, kind, page, quote, verified, explanation, score)
    select publish_analysis.document_id, f.kind, f.page, f.quote, coalesce(f.verified, false), f.explanation, f.score
    from jsonb_to_recordset(coalesce(nullif(analysis -> 'findings', 'null'), '[]')) as f(kind text, page int,
      quote text, verified boolean, explanation text, score real);
$$;
comment on function private.publish_analysis
  is 'Writes what the analysis found into the registry and the findings, over an earlier run''s.';

create function private.publish_text(document_id uuid, result jsonb) returns void
language sql set search_path = public, extensions, pg_temp as $$
  insert into document_repository (document_id, text, words)
    select publish_text.document_id, coalesce(result ->> 'text', ''),
      (select sum(p.words) from jsonb_to_recordset(result -> 'pages') as p(words int))
    on conflict (document_id) do update set text = excluded.text, words = excluded.words, created_at = now();
  delete from document_embeddings e where e.document_id = publish_text.document_id;
  insert into document_embeddings (document_id, chunk, page, text, embedding)
    select publish_text.document_id, n::int, (c ->> 'page')::int, c ->> 'text',
      nullif(c -> 'embedding', 'null')::text::vector(384)
    from jsonb_array_elements(coalesce(nullif(result -> 'chunks', 'null'), '[]')) with ordinality as chunks(c, n)
    -- The vector index takes 1–3 ms a passage; full text covers the rest of a very long document.
    where n <= 500;
$$;
comment on function private.publish_text is 'Writes text and passages with their embeddings, over an earlier run''s.';

create function complete_job(job_id uuid, lease_token uuid, result jsonb) returns table (status text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  machine instances := private.token_instance();
  job processing_jobs := private.held_job(complete_job.job_id, complete_job.lease_token, machine.label);
  page_count int;
  original uuid;
begin
  begin
    page_count := (result ->> 'pages_total')::int;
    perform private.require_all_pages(result -> 'pages', page_count);
    perform private.require_artifacts(coalesce(result -> 'artifacts', '{}'), job.artifact_prefix);
    original := private.record_hash(job, result ->> 'sha256');
    if original is not null then
      perform private.merge_duplicate(job, original);
      return query select 'completed';
      return;
    end if;
    delete from document_pages p where p.job_id = job.id;
    perform private.record_pages(job, result -> 'pages');
    perform private.publish_analysis(job.document_id, coalesce(nullif(result -> 'analysis', 'null'), '{}'), result);
    perform private.publish_text(job.document_id, result);
  exception when check_violation or not_null_violation or data_exception then
    perform private.refuse('AS006',
      format('The result is malformed (%s). Check the types, dates and score ranges against the contract.', sqlstate));
  end;
  update processing_jobs j set pages_done = page_count, pages_total = page_count,
    seconds = (result ->> 'seconds')::real where j.id = job.id;
  perform private.end_job(job, 'completed', null, null);
  update instances set pages_done = pages_done + page_count, jobs_done = jobs_done + 1 where label = machine.label;
  return query select 'completed';
end $$;
comment on function complete_job
  is 'Publishes a result in one transaction: pages, artifacts, text, analysis, findings, passages. AS006 unless its '
  'pages account for pages_total exactly.';

create function fail_job(job_id uuid, lease_token uuid, code text, message text, retry boolean,
  pages jsonb default '[]')
returns table (status text, run_after timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  machine instances := private.token_instance();
  job processing_jobs := private.held_job(fail_job.job_id, fail_job.lease_token, machine.label);
  later timestamptz := now() + private.backoff(job.attempt);
begin
  if fail_job.code is null or fail_job.code !~ '^[a-z0-9_]{1,60}$' then
    perform private.refuse('AS006', 'code must be a short word like corrupt_pdf.');
  end if;
  perform private.record_pages(job, fail_job.pages);
  if coalesce(fail_job.retry, false) and job.attempt < job.max_attempts then
    perform private.return_job(job, 'job_retried', false, later, fail_job.code, fail_job.message);
    return query select 'queued', later;
  else
    perform private.end_job(job, 'failed', fail_job.code, fail_job.message);
    return query select 'failed', null::timestamptz;
  end if;
end $$;
comment on function fail_job
  is 'Queued again after a growing, jittered wait; or failed when the failure is final or the attempts are used up. '
  'Pages read so far keep their outcomes.';

-- Rights --------------------------------------------------------------------------------------------------

revoke all on all functions in schema private from public;
revoke all on function claim_jobs, heartbeat_jobs, release_jobs, link_duplicate_job, complete_job, fail_job
  from public, anon, authenticated, service_role;
grant execute on function claim_jobs, heartbeat_jobs, release_jobs, link_duplicate_job, complete_job,
  fail_job to gpu_worker;
