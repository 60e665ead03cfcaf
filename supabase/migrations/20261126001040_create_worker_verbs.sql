-- The worker's verbs. Each knows the machine from the JWT claim "machine" and each changes only rows whose id and
-- lease token match, so a stale worker, or a token whose machine left the ledger, changes nothing.
--
-- Order of locks, for everybody: job, then document (several by id), then lane and machine; always "for no key update",
-- which lets others insert rows that refer to the locked one. Files that come in: see meet_documents. Proved in
-- test_order_of_locks.py; test_everything_at_once.py looks for more.

-- Helpers -----------------------------------------------------------------------------------------------------

create function private.ledger_machine(label text, also_destroying boolean default false) returns machines
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  caller machines;
begin
  select * into caller from machines m where m.label = ledger_machine.label
    and (m.status in ('intent', 'booting', 'ready') or (also_destroying and m.status = 'destroying'));
  if not found then
    perform private.refuse('AS004',
      'This machine is not in the ledger any more, so its token is dead. Stop working and shut down.');
  end if;
  return caller;
end $$;
comment on function private.ledger_machine is 'The machine of this label, while the ledger honours it; else AS004.';

create function private.token_machine(also_destroying boolean default false) returns machines
language sql stable set search_path = private, pg_catalog, pg_temp as $$
  select private.ledger_machine(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'machine',
    also_destroying)
$$;
comment on function private.token_machine
  is 'The machine the caller''s JWT names, while the ledger honours it; else AS004.';

create function private.held_job(job_id uuid, lease_token uuid, label text) returns processing_jobs
language plpgsql set search_path = public, private, pg_temp as $$
declare
  job processing_jobs;
begin
  -- By its id alone: asked for all at once, the planner goes by what the machine holds, past all that it ever held.
  select * into job from processing_jobs j where j.id = held_job.job_id for no key update;
  if (job.status = 'processing' and job.lease_token = held_job.lease_token and job.machine = held_job.label)
      is not true then
    perform private.refuse('AS001',
      'The lease on this job is lost: it expired, or the job was cancelled or given to another worker. Discard the '
      'result.');
  end if;
  return job;
end $$;
comment on function private.held_job is 'The job, locked, if this machine holds it under this token; else AS001.';

create function private.letters_read(rereadings jsonb) returns text
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  return coalesce((select left(string_agg(word ->> 'read', ' '), private.longest_summary())
    from jsonb_array_elements(rereadings) as word), '');
end $$;
comment on function private.letters_read is 'What the letters of a page''s words read that were taken for other ones.';

create function private.record_pages(job processing_jobs, pages jsonb, out accounted int, out last_page int,
  out outcomes jsonb, out words bigint, out has_words boolean)
language plpgsql set search_path = public, private, pg_temp as $$
begin
  with written as (insert into document_pages as d (job_id, page, document_id, outcome, engine, confidence, seconds,
    reason, words, rotation, hidden_words, letters)
    select job.id, p.page, job.document_id, p.outcome, left(p.engine, private.longest_word()),
      p.confidence * (p.confidence between 0 and 1)::int, p.seconds, left(p.reason, private.longest_reason()),
      p.words * (p.words >= 0)::int, p.rotation, greatest(coalesce(p.hidden_words, 0), 0),
      case when coalesce(p.rereadings, 'null') in ('null', '[]') then '' else private.letters_read(p.rereadings) end
    from jsonb_to_recordset(coalesce(pages, '[]')) as p(page int, outcome text, engine text, confidence real,
      seconds real, reason text, words int, rotation smallint, hidden_words int, rereadings jsonb)
  on conflict (job_id, page) do update set outcome = excluded.outcome, engine = excluded.engine,
    confidence = excluded.confidence, rotation = excluded.rotation,
    seconds = excluded.seconds, reason = excluded.reason, words = excluded.words,
    hidden_words = excluded.hidden_words, letters = excluded.letters
  returning d.page, d.outcome, d.words
  ), by_outcome as (
    select w.outcome, count(*) as n, max(w.page) as last, sum(w.words) as words, bool_or(w.words > 0
      and w.outcome in ('text_layer', 'ocr', 'ocr_fallback')) as has_words from written w group by w.outcome
  )
  select coalesce(sum(b.n), 0), max(b.last), coalesce(jsonb_object_agg(b.outcome, b.n), '{}'), sum(b.words),
    coalesce(bool_or(b.has_words), false) into accounted, last_page, outcomes, words, has_words from by_outcome b;
end $$;
comment on function private.record_pages
  is 'Writes page outcomes into the ledger, over those of an earlier attempt, and says what it wrote: pages, the last '
  'one, how many of each outcome, words, and whether any page of text has one.';

create function private.count_pages(job_id uuid) returns table (accounted int, outcomes jsonb)
language sql stable set search_path = public, pg_temp as $$
  select coalesce(sum(n), 0)::int, coalesce(jsonb_object_agg(outcome, n), '{}')
  from (select outcome, count(*) as n from document_pages p where p.job_id = count_pages.job_id
    group by outcome) as by_outcome
$$;
comment on function private.count_pages is 'How many pages of a job have an outcome, and how many of each.';

create function private.close_job(job processing_jobs, status text, code text, message text, files jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  update processing_jobs j set status = close_job.status, lease_token = null, lease_expires_at = null, run_after = null,
    finished_at = now(), error_code = close_job.code, error_message = left(close_job.message, private.longest_reason()),
    pages_accounted = job.pages_accounted, page_outcomes = job.page_outcomes, pages_done = job.pages_done,
    pages_total = job.pages_total, parts_total = job.parts_total, seconds = job.seconds,
    is_empty = job.is_empty where j.id = job.id;
  update document_journal set processing_status = close_job.status,
    error_message = left(close_job.message, private.longest_reason())
    where document_id = job.document_id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    values ('job_' || close_job.status, job.document_id, job.id, job.batch_id, job.machine, jsonb_build_object(
      'attempt', job.attempt, 'code', close_job.code, 'page_outcomes', job.page_outcomes) || files);
end $$;
comment on function private.close_job
  is 'The end of a job, which the caller has locked: `files` (sha256, artifacts, seals) go into the event, and what '
  'the caller set in `job` (pages, parts, seconds, is_empty) is written with the rest, once.';

create function private.end_job(job processing_jobs, status text, code text, message text) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  pages record;
begin
  if job.kind = 'check' then
    perform private.end_check_job(job, end_job.status, end_job.code);
    return;
  end if;
  -- The document before its journal and its row of the index: see the order of locks.
  perform from master_document_registry d where d.id = job.document_id for no key update;
  if end_job.status = 'failed' then
    -- Pages we know of and never read are accounted for as skipped: nothing is lost from the totals.
    insert into document_pages (job_id, page, document_id, outcome, reason)
      select job.id, n, job.document_id, 'skipped', end_job.code
      from generate_series(1, greatest(coalesce(job.pages_total, 0),
        coalesce((select max(page) from document_pages where job_id = job.id), 0))) as n
    on conflict (job_id, page) do nothing;
  end if;
  select * into pages from private.count_pages(job.id);
  job.pages_accounted := pages.accounted;
  job.page_outcomes := pages.outcomes;
  job.pages_total := case when end_job.status = 'failed' then pages.accounted else job.pages_total end;
  perform private.close_job(job, end_job.status, end_job.code, end_job.message, jsonb_build_object('seals',
    private.seals('document_pages/' || job.id, 'document_parts/' || job.document_id)));
end $$;
comment on function private.end_job
  is 'Ends a job, which the caller has locked, as failed or cancelled: with its pages, journal and event.';

create function private.return_job(job processing_jobs, kind text, give_back boolean, run_after timestamptz, code text,
  message text) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  update processing_jobs j set status = 'queued', lease_token = null, lease_expires_at = null,
    run_after = return_job.run_after, pages_done = 0,
    attempt = j.attempt - case when give_back and j.attempt > 0 then 1 else 0 end,
    deaths = j.deaths + case when return_job.kind = 'job_requeued' then 1 else 0 end,
    error_code = return_job.code, error_message = left(return_job.message, private.longest_reason())
    where j.id = job.id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    values (return_job.kind, job.document_id, job.id, job.batch_id, job.machine,
      jsonb_build_object('attempt', job.attempt, 'code', return_job.code) || case when return_job.kind = 'job_retried'
        then jsonb_build_object('seals', private.seals('document_pages/' || job.id)) else '{}' end);
end $$;
comment on function private.return_job
  is 'Puts a held job back in the queue: after a failure, a release or its worker''s death.';

create function private.bury_job(job processing_jobs, in_company boolean) returns text
language plpgsql set search_path = public, private, pg_temp as $$
declare
  -- With others in hand any of them may have done it, or none. What has seen a death before is claimed one at a time
  -- per machine, so the second death is its own.
  counts boolean := job.deaths > 0 or not in_company;
begin
  if counts and job.attempt >= job.max_attempts then
    perform private.end_job(job, 'failed', 'worker_died',
      format('The worker stopped without a word, or its machine broke, while it had this document, %s times in a row. '
      'The file may be too large or damaged. Look at it, then retry the job.', job.attempt));
    return 'failed';
  end if;
  perform private.return_job(job, 'job_requeued', not counts, null, 'worker_died',
    'The worker stopped without a word, or its machine broke; the job is waiting for another one.');
  return 'queued';
end $$;
comment on function private.bury_job
  is 'A job whose worker died: queued again, or failed as worker_died when its attempts are used up. A first death '
  'among several jobs in hand makes it a suspect and costs no attempt.';

-- The control plane's verbs: documents in, jobs cancelled or retried, dead machines cleared up, numbers and events out.
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
  allow_claude boolean, pages_estimate int, arrived jsonb default '{}')
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
      jsonb_build_object('source', source, 'priority', open_job.priority) || arrived);
  return new_id;
end $$;
comment on function private.open_job
  is 'A new queued job for a document, in its lane, with its event; `arrived` goes into it: see private.note_arrival.';

-- Claim -------------------------------------------------------------------------------------------------------

create function private.promote_due_jobs() returns void
language sql set search_path = public, pg_temp set enable_seqscan = off as $$
  update processing_jobs set run_after = null where id = any (array(select id from processing_jobs
    where status = 'queued' and run_after is not null and run_after <= now() order by run_after
      limit private.promotion_size()
      for no key update skip locked))
$$;
comment on function private.promote_due_jobs
  is 'Moves jobs whose waiting time is over to their lane, so that the claim''s index never holds a job that must '
  'wait.';

create function private.note_claimable() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  -- Before it looks, so that no claim takes the sign away that it sees: see tidy_lane.
  perform from lanes l where l.id = new.lane_id for key share;
  if not exists (select from live_lanes s where s.lane_id = new.lane_id and s.first_seq <= new.seq) then
    insert into live_lanes (lane_id, first_seq, rank, placement, batch_id)
      select l.id, new.seq, private.priority_rank(l.priority), l.placement, l.batch_id from lanes l
      where l.id = new.lane_id;
  end if;
  return null;
end $$;
comment on function private.note_claimable is 'A job that can be claimed lies in a lane that says so.';
create trigger processing_jobs_claimable_new after insert on processing_jobs for each row when (new.ready)
  execute function private.note_claimable();
create trigger processing_jobs_claimable_again after update of status, run_after, deaths, lane_id on processing_jobs
  for each row when (new.ready and (not old.ready or old.lane_id <> new.lane_id))
  execute function private.note_claimable();

create function private.tidy_lane(lane bigint) returns void
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off set enable_sort = off as $$
declare
  first bigint;
begin
  -- Whoever makes a job of this lane claimable holds the lane's row until that is seen. Neither waits for the other
  -- longer than a moment: the caller ends with this.
  perform from lanes l where l.id = lane for update skip locked;
  if not found then
    return;
  end if;
  first := (select j.seq from processing_jobs j where j.lane_id between lane and lane and j.ready
    and j.seq >= (select min(s.first_seq) from live_lanes s where s.lane_id = lane) order by j.lane_id, j.seq limit 1);
  delete from live_lanes s where s.lane_id = lane and s.first_seq is distinct from first;
  if first is not null and not exists (select from live_lanes s where s.lane_id = lane) then
    insert into live_lanes (lane_id, first_seq, rank, placement, batch_id)
      select l.id, first, private.priority_rank(l.priority), l.placement, l.batch_id from lanes l where l.id = lane;
  end if;
end $$;
comment on function private.tidy_lane
  is 'Moves the sign of a lane to its first claimable job, or takes it away: a claim then steps over nothing that has '
  'ended, also while an old snapshot (a backup) keeps that in the index.';

create function private.open_lanes(placements text[]) returns setof live_lanes
language sql stable set search_path = public, pg_temp as $$
  select s.* from live_lanes s where s.placement = any (placements)
    and (s.batch_id is null or s.batch_id not in (select b.id from batches b where b.status in ('paused', 'stopped')))
$$;
comment on function private.open_lanes
  is 'Signs of lanes that these placements allow and no pause holds back.';

create function private.take_suspect(placements text[]) returns uuid[]
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off as $$
declare
  head record;
  found_ids uuid[] := '{}';
begin
  for head in
    -- A loose index scan: one probe for each lane that has suspects, however many.
    with recursive lane (id, seq) as (
      (select j.lane_id, j.seq from processing_jobs j where j.status = 'queued' and j.deaths > 0 and j.kind = 'read'
        and j.run_after is null order by j.lane_id, j.seq limit 1)
      union all
      select n.lane_id, n.seq from lane cross join lateral (select j.lane_id, j.seq from processing_jobs j
        where j.status = 'queued' and j.deaths > 0 and j.kind = 'read' and j.run_after is null and j.lane_id > lane.id
        order by j.lane_id, j.seq limit 1) n
    )
    select lane.id, private.priority_rank(l.priority) as rank from lane join lanes l on l.id = lane.id
      left join batches b on b.id = l.batch_id
    where l.placement = any (placements) and (b.id is null or b.status not in ('paused', 'stopped'))
    order by 2, lane.seq
  loop
    exit when exists (select from private.open_lanes(placements) s where s.rank < head.rank and exists (select
      from processing_jobs j where j.lane_id = s.lane_id and j.ready and j.seq >= s.first_seq));
    found_ids := array(select j.id from processing_jobs j where j.lane_id between head.id and head.id
      and j.status = 'queued' and j.deaths > 0 and j.kind = 'read' and j.run_after is null
      order by j.lane_id, j.seq limit 1 for no key update skip locked);
    exit when found_ids <> '{}';
  end loop;
  return found_ids;
end $$;
comment on function private.take_suspect
  is 'At most one job that has seen a worker die; none while a higher priority waits.';

create function private.tidying_interval() returns int language sql immutable return 16;
comment on function private.tidying_interval
  is 'Of so many claims one tidies the lanes it took from, and marks from when on its machine holds jobs: under an old '
  'snapshot some dozen ended jobs of each lane are then stepped over, and a sign is written some thousand times in '
  '10^5 jobs, not at each.';

create function private.take_from_lanes(wanted int, placements text[], out taken uuid[], out untidy bigint[],
  out is_tidying boolean)
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off set enable_sort = off as $$
declare
  lanes bigint[];
  firsts bigint[];
  turn bigint;
  step int;
  place int;
  visited int;
  share int;
  asked int;
  before int;
  found_ids uuid[];
begin
  taken := '{}';
  untidy := '{}';
  for each_rank in 1 .. 3 loop
    exit when cardinality(taken) >= wanted;
    select array_agg(l.lane_id order by l.lane_id), array_agg(l.first_seq order by l.lane_id) into lanes, firsts
      from (select s.lane_id, min(s.first_seq) as first_seq from private.open_lanes(placements) s
        where s.rank = each_rank group by s.lane_id) l;
    continue when lanes is null;
    turn := nextval('private.turns');
    -- Turns go on by the lanes that a claim visits: of each so many claims exactly one begins so near to a multiple.
    step := greatest(least(wanted - cardinality(taken), cardinality(lanes) - 1), 1);
    is_tidying := turn % (step * private.tidying_interval()) < step;
    loop
      before := cardinality(taken);
      visited := 0;
      -- What a lane has too few of is shared out in the next round, and does not all fall to the lane after it.
      share := ceil((wanted - before)::numeric / cardinality(lanes));
      while visited < cardinality(lanes) and cardinality(taken) < wanted loop
        place := 1 + (turn + visited) % cardinality(lanes);
        asked := least(share, wanted - cardinality(taken));
        -- "between", because with "=" the planner may walk the index on seq, past every job that ever ended.
        found_ids := array(select j.id from processing_jobs j
          where j.lane_id between lanes[place] and lanes[place] and j.ready and j.seq >= firsts[place]
            and j.id <> all (taken) order by j.lane_id, j.seq limit asked for no key update skip locked);
        taken := taken || found_ids;
        visited := visited + 1;
        if is_tidying or cardinality(found_ids) < asked then
          untidy := untidy || lanes[place];
        end if;
      end loop;
      -- The next claim begins where this one ended, or one further where it took from all.
      perform nextval('private.turns') from generate_series(2, least(visited, cardinality(lanes) - 1));
      exit when cardinality(taken) in (before, wanted);
    end loop;
  end loop;
end $$;
comment on function private.take_from_lanes
  is 'Locks up to "wanted" jobs: priority by priority, an equal share from each lane, the lanes in turn; and says '
  'which lanes it found empty or is to tidy, and whether it is the turn to.';

create function claim_jobs(max_jobs int, lease_seconds int)
returns table (job_id uuid, document_id uuid, lease_token uuid, lease_expires_at timestamptz, attempt int,
  max_attempts int, object_key text, artifact_prefix text, original_filename text, mime_type text, bytes bigint,
  sha256 text, md5 text, batch_id uuid, allow_claude boolean, pages_estimate int, priority text)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  caller machines := private.token_machine();
  placements text[] := private.allowed_placements(caller.hosting);
  today text := to_char(now() at time zone 'utc', 'YYYY/MM/DD');
  taken uuid[];
  from_lanes record;
  held record;
  wanted int;
begin
  if coalesce(max_jobs, 0) not between 1 and private.most_claimed() then
    perform private.refuse('AS006', format('max_jobs must be 1 to %s.', private.most_claimed()));
  end if;
  perform private.require_lease(lease_seconds);
  if caller.jobs_released > private.most_released() or private.is_too_fast(caller) or private.fails_too_much(caller)
      or private.is_paused('storage') then
    return;
  end if;
  select count(*) as jobs, count(*) filter (where deaths > 0) as suspects, count(*) filter (where kind = 'check')
    as checks, min(started_at) as since into held from processing_jobs where machine = caller.label
    and status = 'processing' and started_at >= coalesce((select max(c.claims_from) from claim_marks c
      where c.machine = caller.label), '-infinity');
  wanted := least(max_jobs, private.most_held() - held.jobs);
  if wanted <= 0 then
    return;
  end if;
  perform private.promote_due_jobs();
  -- Of what may take its worker down, and of what is read again, a machine has one at a time.
  taken := case when held.checks = 0 then private.take_check(caller, placements) else '{}' end;
  if cardinality(taken) < wanted and held.suspects = 0 then
    taken := taken || private.take_suspect(placements);
  end if;
  from_lanes := private.take_from_lanes(wanted - cardinality(taken), placements);
  taken := taken || from_lanes.taken;
  update processing_jobs j set status = 'processing', attempt = j.attempt + 1, machine = caller.label,
      lease_token = fresh.token, lease_expires_at = now() + make_interval(secs => lease_seconds),
      started_at = now(), progress_at = now(), run_after = null, pages_done = 0, error_code = null,
        error_message = null,
      artifact_prefix = format('processed/%s/%s/%s/', today, j.document_id, fresh.token)
    from (select id, gen_random_uuid() as token from unnest(taken) as id) as fresh where j.id = fresh.id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    select 'job_claimed', j.document_id, j.id, j.batch_id, caller.label, jsonb_build_object('attempt', j.attempt)
    from processing_jobs j where j.id = any (taken) order by j.document_id;
  return query
    select j.id, d.id, j.lease_token, j.lease_expires_at, j.attempt::int, j.max_attempts::int, d.object_key,
      j.artifact_prefix, d.original_filename, d.mime_type, d.bytes, d.sha256, d.md5,
      coalesce(j.batch_id, (select r.batch_id from processing_jobs r where r.id = j.check_of)), j.allow_claude,
      j.pages_estimate, j.priority
    from unnest(taken) with ordinality as t(id, place)
      join processing_jobs j on j.id = t.id
      join master_document_registry d on d.id = j.document_id
    order by t.place;
  if from_lanes.is_tidying then
    delete from claim_marks c where c.machine = caller.label;
    insert into claim_marks values (caller.label, coalesce(held.since, now()));
  end if;
  -- Last, since it holds rows of lanes: see tidy_lane.
  perform private.tidy_lane(lane) from (select distinct lane from unnest(from_lanes.untidy) as lane) untidy;
end $$;
comment on function claim_jobs
  is 'Gives the calling machine up to max_jobs waiting jobs that its hosting allows, each under a fresh lease; '
  'attempt + 1. None while the storage is paused: no document could be read or written.';

-- Holding -----------------------------------------------------------------------------------------------------

create function private.clean_report(report jsonb) returns jsonb
language sql immutable set search_path = private, pg_catalog, pg_temp as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'gpu_name', left(report ->> 'gpu_name', private.longest_word()),
    'ocr_engine', left(report ->> 'ocr_engine', private.longest_word()),
    'pages_per_second', private.clean_number(report -> 'pages_per_second', 1000),
    'pages_done', private.clean_number(report -> 'pages_done', 1000000000),
    'idle_seconds', private.clean_number(report -> 'idle_seconds', 1000000)))
$$;
comment on function private.clean_report
  is 'What a machine says of itself, reduced to known fields with sound values: the scaler reads every machine''s '
  'report in one go, so one hostile machine must not be able to break that reading.';

create function heartbeat_jobs(leases jsonb, lease_seconds int, report jsonb)
returns table (job_id uuid, held boolean, cancelled boolean)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  caller machines := private.token_machine();
begin
  perform private.require_array(leases, 'leases');
  perform private.require_lease(lease_seconds);
  return query
    with wanted as (
      select * from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid, pages_done int, pages_total int)
    ), mine as (
      select j.id, w.pages_done, w.pages_total from wanted w join processing_jobs j on j.id = w.job_id
        and j.lease_token = w.lease_token  -- only a job at work has one; said so, it is sought among all that were
      where j.id = any (array(select n.job_id from wanted n)) and j.machine = caller.label
        and (j.progress_at > now() - private.longest_standstill() or w.pages_done > j.pages_done) order by j.id
          for no key update of j
    ), extended as (
      update processing_jobs j set lease_expires_at = now() + make_interval(secs => lease_seconds),
        progress_at = case when m.pages_done > j.pages_done then now() else j.progress_at end,
        pages_done = least(greatest(coalesce(m.pages_done, j.pages_done), 0), private.most_pages()),
        pages_total = least(greatest(coalesce(m.pages_total, j.pages_total), 0), private.most_pages())
      from mine m where j.id = m.id returning j.id
    )
    select w.job_id, e.id is not null, coalesce(j.status = 'cancelled', false)
    from wanted w left join extended e on e.id = w.job_id left join processing_jobs j on j.id = w.job_id;
  -- Last, so that this row is locked for a moment only: complete_job locks in the same order.
  perform from machines where label = caller.label for no key update;
  perform private.add_work(caller.label, null, now(), private.clean_report(heartbeat_jobs.report));
end $$;
comment on function heartbeat_jobs
  is 'Extends the leases the calling machine still holds, records their progress, and marks the machine alive; an '
  'idle machine calls it with [].';

create function release_jobs(leases jsonb, broken boolean default false) returns table (job_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  caller machines := private.token_machine(also_destroying => true);
  job processing_jobs;
  released int := 0;
begin
  for job in select j.* from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid)
      join processing_jobs j on j.id = l.job_id and j.lease_token = l.lease_token
      where j.id = any (array(select (n ->> 'job_id')::uuid from jsonb_array_elements(leases) n))
        and j.machine = caller.label order by j.document_id for no key update of j loop
    if release_jobs.broken then
      -- The first machine that broke is no document's fault; one that breaks machine after machine comes to an end.
      perform private.bury_job(job, true);
    else
      perform private.return_job(job, 'job_released', true, null, null, null);
    end if;
    job_id := job.id;
    released := released + 1;
    return next;
  end loop;
  update machines set jobs_released = jobs_released + released where label = caller.label and released > 0;
end $$;
comment on function release_jobs
  is 'Hands jobs back unharmed: the attempt is given back. Those of a machine that broke are suspects from then on. '
  'Allowed even while the machine is being destroyed.';

create function private.pages_worked(job processing_jobs) returns bigint
language sql immutable return case
  when job.status in ('completed', 'failed') and job.error_code is distinct from 'worker_died'
    then greatest(job.pages_accounted - coalesce((job.page_outcomes ->> 'skipped')::bigint, 0), 1) else 0 end;
comment on function private.pages_worked
  is 'What an ended job weighs when its machine''s cost is shared out: the pages that were read or tried, at least '
  'one. A death weighs nothing: no machine is stamped for it, and those who got something pay.';

create function private.stamp_pause() returns interval language sql immutable return interval '10 seconds';
comment on function private.stamp_pause
  is 'How often a machine that completes documents has its row written for them: it ends a hundred in that time, and '
  'each writing is a version of the row. So long its counts and left_at may lag, never longer.';

create function private.add_work(label text, own machine_work, heard_at timestamptz, said jsonb) returns void
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off as $$
begin
  with noted as (delete from machine_work w where w.machine = add_work.label returning w.*),
  work as (
    select coalesce(sum(w.pages_done), 0) as pages_done, coalesce(sum(w.pages_worked), 0) as pages_worked,
      coalesce(sum(w.jobs_done), 0) as jobs_done, coalesce(sum(w.jobs_failed), 0) as jobs_failed,
      coalesce(sum(w.jobs_released), 0) as jobs_released, max(w.left_at) as left_at, max(w.result_at) as result_at
    from (select * from noted union all select own.* where own.machine is not null) w
  )
  update machines m set left_at = greatest(m.left_at, work.left_at), result_at = greatest(m.result_at, work.result_at),
    pages_done = m.pages_done + work.pages_done, pages_worked = m.pages_worked + work.pages_worked,
    jobs_done = m.jobs_done + work.jobs_done, jobs_failed = m.jobs_failed + work.jobs_failed,
    jobs_released = m.jobs_released + work.jobs_released,
    last_heartbeat_at = coalesce(heard_at, m.last_heartbeat_at),
    ready_at = coalesce(m.ready_at, heard_at), report = coalesce(said, m.report),
    status = case when heard_at is not null and m.status = 'booting' then 'ready' else m.status end
  from work where m.label = add_work.label;
end $$;
comment on function private.add_work
  is 'Adds to a machine''s row, which the caller has locked, what was noted beside it and what it did just now, and '
  'that it was heard, with its report: one version of the row for all of it.';

create function private.add_noted_work(label text) returns void
language sql set search_path = private, pg_catalog, pg_temp as $$
  select private.add_work(label, null, null, null)
$$;
comment on function private.add_noted_work
  is 'Adds what was noted beside a machine''s row. The caller has locked the row.';

create function private.note_hand_back() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  is_read boolean := new.status = 'completed' and new.kind = 'read';
  is_empty boolean := is_read and new.is_empty;
  work machine_work;
begin
  work.machine := old.machine;
  work.pages_done := case when is_read then new.pages_total else 0 end;
  work.pages_worked := private.pages_worked(new);
  work.jobs_done := (new.status = 'completed' and new.kind in ('read', 'check') and not is_empty)::int;
  work.jobs_failed := (new.status = 'failed' or is_empty)::int;
  work.jobs_released := (new.status = 'queued' and new.error_code is not null
    and not private.is_house_code(new.error_code))::int;
  work.left_at := now();
  work.result_at := case when new.status in ('completed', 'failed') then now() end;
  -- All but completions at once: who hands back again and again is to be stopped.
  perform from machines m where m.label = old.machine and (work.jobs_done = 0 or m.left_at is null
    or m.left_at < now() - private.stamp_pause()) for no key update skip locked;
  if found then
    perform private.add_work(old.machine, work, null, null);
  else
    insert into machine_work (machine, pages_done, pages_worked, jobs_done, jobs_failed, jobs_released, left_at,
      result_at) values (work.machine, work.pages_done, work.pages_worked, work.jobs_done, work.jobs_failed,
      work.jobs_released, work.left_at, work.result_at);
  end if;
  return null;
end $$;
comment on function private.note_hand_back
  is 'Stamps the machine that let go of a job, and adds what the job weighs in its cost; beside its row where that was '
  'written lately, or somebody writes it now, so that no completion waits for another.';

-- At commit, because everybody locks the machine last. Jobs whose worker died are left out: that is no machine's doing,
-- and a sweep over many machines would lock them in no order.
create constraint trigger processing_jobs_note_hand_back after update of status on processing_jobs
  deferrable initially deferred for each row
  when (old.status = 'processing' and new.status <> 'processing' and old.machine is not null
    and new.error_code is distinct from 'worker_died')
  execute function private.note_hand_back();

-- Ending ------------------------------------------------------------------------------------------------------

create function private.require_bytes(known text, sha256 text) returns void
language plpgsql stable set search_path = private, pg_catalog, pg_temp as $$
begin
  if known is distinct from sha256 or known is null then
    perform private.refuse('AS006',
      'The bytes are not those that were registered for this document: the object changed in the bucket. Fail the job '
      'as object_changed.');
  end if;
end $$;
comment on function private.require_bytes
  is 'AS006 unless the machine read the bytes that we hashed when they came in: its word makes no hash, and no two '
  'documents one.';

create function private.require_all_pages(accounted int, last_page int, pages_total int, parts_total int)
  returns void
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  if pages_total = 0 and parts_total > 0 and accounted = 0 then
    return;
  end if;
  if pages_total is null or pages_total < 1 or accounted <> pages_total or last_page <> pages_total then
    perform private.refuse('AS006',
      format('The result accounts for %s of %s pages. Give each page from 1 to pages_total exactly one outcome.',
      accounted, coalesce(pages_total::text, '?')));
  end if;
end $$;
comment on function private.require_all_pages
  is 'AS006 unless the pages that the ledger just took, each once and none below 1, are exactly 1 … pages_total; a '
  'container has parts and no page.';

-- A completed document's custody chain holds what the control plane measured, never what a machine declared: the
-- document's own hash, and key, size and SHA-256 of each artifact as it was read back. Whoever changes an
-- object, or a row of the registry, afterwards can be found out.
create function private.require_artifacts(artifacts jsonb, prefix text) returns void
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  -- A machine may publish only what its lease let it write: any other key would later be signed for readers.
  if exists (select from jsonb_each(artifacts) as a(name, file) where a.name !~ '^[a-z0-9_.-]{1,60}$'
      or a.file ->> 'key' is distinct from prefix || a.name
      or coalesce(a.file ->> 'sha256' ~ '^[0-9a-f]{64}$' and a.file ->> 'bytes' ~ '^[0-9]{1,15}$', false) is false) then
    perform private.refuse('AS006', 'Each artifact must be stored as artifact_prefix followed by its name, and needs '
      'its bytes and its sha256 (64 hex digits).');
  end if;
end $$;
comment on function private.require_artifacts
  is 'AS006 unless each artifact lies where this lease may write, and has its size and hash.';

create function private.publish_text(document_id uuid, is_first boolean, words bigint, result jsonb) returns void
language plpgsql set search_path = public, private, extensions, pg_temp as $$
#variable_conflict use_column
begin
  insert into document_repository (document_id, text, words)
    values (publish_text.document_id, coalesce(result ->> 'text', ''), publish_text.words)
    on conflict (document_id) do update set text = excluded.text, words = excluded.words, created_at = now();
  if not is_first then
    delete from document_embeddings e where e.document_id = publish_text.document_id;
  end if;
  if coalesce(result -> 'chunks', 'null') not in ('null', '[]') then
    insert into document_embeddings (document_id, chunk, page, text, embedding)
      select publish_text.document_id, n::int, (c ->> 'page')::int, c ->> 'text',
        nullif(c -> 'embedding', 'null')::text::vector(384)
      from jsonb_array_elements(result -> 'chunks') with ordinality as chunks(c, n)
      where n <= private.most_passages();
  end if;
  if not is_first or jsonb_typeof(result -> 'mail') = 'object' then
    perform private.publish_mail(publish_text.document_id, result -> 'mail');
  end if;
end $$;
comment on function private.publish_text
  is 'Writes text, passages with their embeddings, and the header of an e-mail, over an earlier run''s.';

create function private.seal_reading(job processing_jobs, is_first boolean, has_parts boolean, shown boolean,
  result jsonb) returns jsonb
language plpgsql set search_path = public, private, pg_temp as $$
declare
  named text[] := array['document_pages/' || job.id, 'document_repository/' || job.document_id,
    'master_document_registry/' || job.document_id, 'analysis_runs/' || job.id];
begin
  -- What has no row, and of which no event ever told one, needs no word: a row that is added would be one too many.
  if has_parts then
    named := named || ('document_parts/' || job.document_id);
  end if;
  if not is_first or jsonb_typeof(result -> 'mail') = 'object' then
    named := named || ('mails/' || job.document_id);
  end if;
  if shown and (not is_first or result -> 'analysis' -> 'claims' <> '[]') then
    named := named || array['document_claims/' || job.document_id, 'document_findings/' || job.document_id];
  end if;
  if shown and (not is_first or coalesce(result -> 'analysis' -> 'transcriptions', 'null') <> 'null') then
    named := named || ('document_transcriptions/' || job.document_id);
  end if;
  return private.seals(variadic named);
end $$;
comment on function private.seal_reading is 'Seals of all that a completed reading wrote.';

create function private.seal_run(job processing_jobs, shown boolean) returns jsonb
language sql set search_path = public, private, pg_temp as $$
  select private.seals('analysis_runs/' || job.id) || case when shown then private.seals(
    'document_claims/' || job.document_id, 'document_findings/' || job.document_id,
    'document_transcriptions/' || job.document_id, 'master_document_registry/' || job.document_id) else '{}' end
$$;
comment on function private.seal_run
  is 'Seals of an analysis that was just made and, if it is shown, of all that it published.';

create function complete_job(machine text, job_id uuid, lease_token uuid, result jsonb) returns table (status text)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s'
  set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  caller machines := private.ledger_machine(complete_job.machine);
  job processing_jobs := private.held_job(complete_job.job_id, complete_job.lease_token, caller.label);
  files jsonb := coalesce(nullif(result -> 'artifacts', 'null'), '{}');
  analysis jsonb := coalesce(nullif(result -> 'analysis', 'null'), '{}');
  document record;
  pages record;
  is_first boolean;
  has_parts boolean;
  shown boolean;
begin
  -- The document before its rows: see the order of locks.
  select d.sha256, d.run_id into document from master_document_registry d where d.id = job.document_id
    for no key update;
  perform private.require_bytes(document.sha256, result ->> 'sha256');
  if job.kind = 'check' then
    perform private.require_artifacts(files, job.artifact_prefix);
    perform private.end_check(job, result, null);
    return query select 'completed';
    return;
  end if;
  is_first := document.run_id is null;
  begin
    perform private.require_artifacts(files, job.artifact_prefix);
    job.pages_total := (result ->> 'pages_total')::int;
    job.parts_total := coalesce((result ->> 'parts_total')::int, 0);
    job.seconds := (result ->> 'seconds')::real;
    has_parts := private.end_parts(job, job.parts_total);
    pages := private.record_pages(job, result -> 'pages');
    perform private.require_all_pages(pages.accounted, pages.last_page, job.pages_total, job.parts_total);
    delete from document_pages p where p.job_id = job.id and p.page > job.pages_total;  -- an earlier attempt's
    shown := private.record_run(job, analysis, job.seconds, jsonb_build_object('mime_type', result ->> 'mime_type',
      'artifacts', private.artifact_keys(files), 'live_mark', result ->> 'live_mark'), is_first);
    perform private.publish_text(job.document_id, is_first, pages.words, result);
    if not is_first or analysis -> 'claims' <> '[]' then
      perform private.require_standing(job.document_id);
    end if;
  exception when check_violation or not_null_violation or cardinality_violation or data_exception then
    perform private.refuse('AS006',
      format('The result is malformed (%s). Check the types, dates and score ranges against the contract.', sqlstate));
  end;
  job.pages_done := job.pages_total;
  job.pages_accounted := pages.accounted;
  job.page_outcomes := pages.outcomes;
  job.is_empty := job.pages_total > 0 and not pages.has_words;
  perform private.close_job(job, 'completed', null, null,
    jsonb_build_object('sha256', result ->> 'sha256', 'artifacts', files, 'parts', job.parts_total, 'seals',
      private.seal_reading(job, is_first, has_parts, shown, result)));
  perform private.open_analysis_after(job, analysis);
  if private.is_drawn(caller, job.is_empty) then
    select j.* into job from processing_jobs j where j.id = job.id;
    perform private.open_check(job);
  end if;
  return query select 'completed';
end $$;
comment on function complete_job
  is 'The control plane publishes what a machine read, after it read the files back and hashed them, in one '
  'transaction: pages, artifacts, text, analysis, findings, passages, the header of an e-mail; and queues it to be '
  'judged where Claude was not asked or was not to be had. AS006 unless its pages account for pages_total exactly, '
  'and its parts for parts_total.';

create function fail_job(job_id uuid, lease_token uuid, code text, message text, retry boolean,
  pages jsonb default '[]')
returns table (status text, run_after timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  caller machines := private.token_machine();
  job processing_jobs := private.held_job(fail_job.job_id, fail_job.lease_token, caller.label);
  later timestamptz := now() + private.backoff(job.attempt);
  is_house_fault boolean := false;
begin
  if fail_job.code is null or fail_job.code !~ '^[a-z0-9_]{1,60}$' then
    perform private.refuse('AS006', 'code must be a short word like corrupt_pdf.');
  end if;
  if job.kind <> 'check' then
    begin
      perform private.record_pages(job, fail_job.pages);
    exception when check_violation or not_null_violation or cardinality_violation or data_exception then
      perform private.refuse('AS006',
        'The pages are malformed: each needs a number from 1, once, and a known outcome.');
    end;
  end if;
  is_house_fault := private.blames_house(fail_job.code, fail_job.retry);
  if coalesce(fail_job.retry, false) and (job.attempt < job.max_attempts or is_house_fault) then
    perform private.return_job(job, 'job_retried', is_house_fault, later, fail_job.code, fail_job.message);
    return query select 'queued', later;
  elsif job.kind = 'check' then
    perform private.end_check(job, null, fail_job.code);
    return query select 'failed', null::timestamptz;
  else
    perform private.end_job(job, 'failed', fail_job.code, fail_job.message);
    if private.is_drawn(caller, true) then
      select j.* into job from processing_jobs j where j.id = job.id;
      perform private.open_check(job);
    end if;
    return query select 'failed', null::timestamptz;
  end if;
end $$;
comment on function fail_job
  is 'Queued again after a growing, jittered wait; or failed when the failure is final or the attempts are used '
  'up. Pages read so far keep their outcomes. What is said of our house (storage, queue, control plane) costs no '
  'attempt unless the storage was lately seen sound, and has it looked at.';
