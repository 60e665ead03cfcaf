-- Analysis as a job of its own: what was found and by whom, what waits for Claude and why, and the one door to it.

-- Tables ------------------------------------------------------------------------------------------------------

create table analysis_runs (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  document_id uuid not null references master_document_registry (id),
  job_id uuid not null unique references processing_jobs (id),
  analyst text,
  model text,
  prompt_version text,
  inputs_sha256 text,
  outcome text not null check (outcome in ('judged', 'part', 'sorted')),
  reason text,
  accepted boolean not null,
  analysis jsonb not null,
  seconds real,
  created_at timestamptz not null default now()
);
comment on table analysis_runs
  is 'One row per analysis that was made, never changed: a job that ends makes one. The newest accepted one of a '
  'document is shown. What it cost is in claude_calls, by its job.';
comment on column analysis_runs.inputs_sha256 is 'SHA-256 over all that the analyst was given.';
comment on column analysis_runs.outcome is 'judged (Claude, all of it), part (Claude, not all), sorted (plain rules).';
comment on column analysis_runs.reason is 'Why Claude did not judge it, or not all of it.';
comment on column analysis_runs.accepted
  is 'Claude''s, or plain rules'' where no accepted one by Claude was there: what rules say never hides a judgement.';
create index analysis_runs_document on analysis_runs (document_id, seq desc);
alter table analysis_runs enable row level security;

create table claude_desk (
  only_row boolean primary key default true check (only_row),
  caps jsonb not null default '{}',
  prompt_version text,
  claimed_at timestamptz,
  probe_job_id uuid references processing_jobs (id)
);
comment on table claude_desk is 'What the house knows of asking Claude beside its door (doors).';
comment on column claude_desk.caps is 'What Claude may cost, {day, batch, document} in dollars; null is no cap.';
comment on column claude_desk.prompt_version
  is 'Of the analysis worker that claimed last: see judge_again, older_prompt.';
comment on column claude_desk.claimed_at is 'When the analysis worker last asked for work, to half a minute.';
comment on column claude_desk.probe_job_id is 'The one job that may ask while paused: an answer opens the door.';
alter table claude_desk enable row level security;

insert into claude_desk default values;

create table claude_caps_reached (
  scope text not null check (scope in ('day', 'batch', 'document')),
  id text not null,
  cap_usd numeric not null,
  since timestamptz not null default now(),
  primary key (scope, id)
);
comment on table claude_caps_reached
  is 'Days (UTC), batches and documents for which Claude''s cap was reached. A row counts while the cap is the same.';
alter table claude_caps_reached enable row level security;

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.most_analyses() returns int language sql immutable return 500;
comment on function private.most_analyses
  is 'Documents to judge that one claim gives out, and one call queues or cancels: a batch of messages has hundreds, '
  'and five hundred rows are a second''s work.';

create function private.longest_postponement() returns int language sql immutable return 86400;
comment on function private.longest_postponement
  is 'Seconds for which a document may be put off: by then another day has its own cap.';

create function private.claim_note_pause() returns interval language sql immutable return interval '30 seconds';
comment on function private.claim_note_pause
  is 'How often it is noted that the analysis worker asked for work: it asks every few seconds, a silence of minutes '
  'is what people must see.';

create function private.longest_analyst_silence() returns interval
language sql immutable return interval '5 minutes';
comment on function private.longest_analyst_silence
  is 'After which people are told that nobody asks Claude: the analysis worker asks for work every few seconds, and '
  'what a dead one held waits again after five minutes.';

create function private.most_analysis_deaths() returns int language sql immutable return 10;
comment on function private.most_analysis_deaths
  is 'Workers that may die holding one document to analyse: each holds hundreds, so a death proves nothing, ten do.';

-- What waits, and for what ------------------------------------------------------------------------------------

create function private.is_capped(scope text, id text) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select exists (select from claude_caps_reached c cross join claude_desk d where c.scope = is_capped.scope
    and c.id = is_capped.id and c.cap_usd = (d.caps ->> c.scope)::numeric)
$$;
comment on function private.is_capped
  is 'Whether Claude''s cap for this day, batch or document was reached and still holds.';

create function private.is_day_capped() returns boolean
language sql stable set search_path = private, pg_catalog, pg_temp as $$
  select private.is_capped('day', ((now() at time zone 'utc')::date)::text)
$$;
comment on function private.is_day_capped is 'Whether Claude''s cap for today (UTC) was reached and still holds.';

create function private.find_wait(batch_id uuid, document_id uuid, code text) returns text
language sql stable security definer set search_path = public, private, pg_temp as $$
  select case
    when b.status = 'paused' then 'batch_paused'
    when d.status = 'no_key' then 'no_key'
    when d.status = 'paused' then 'claude_paused'
    when private.is_day_capped() then 'day_cap'
    when private.is_capped('batch', find_wait.batch_id::text) then 'batch_cap'
    when private.is_capped('document', find_wait.document_id::text) then 'document_cap'
    else coalesce(find_wait.code, 'in_line') end
  from doors d left join batches b on b.id = find_wait.batch_id where d.name = 'claude'
$$;
comment on function private.find_wait
  is 'What a queued job to analyse waits for, by its batch, its document and its code: the first of these that holds.';

create function private.claude_admits(job_id uuid) returns text
language sql stable set search_path = public, pg_temp as $$
  select nullif(d.status, 'open') from doors d cross join claude_desk c
    where d.name = 'claude' and (d.status = 'no_key' or c.probe_job_id is distinct from job_id)
$$;
comment on function private.claude_admits is 'Null when this job may ask Claude now; else no_key or paused.';

-- Runs --------------------------------------------------------------------------------------------------------

create function private.publish_analysis(document_id uuid, analysis jsonb, run_id uuid, reading jsonb,
  is_first boolean) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  perform private.publish_claims(document_id, analysis, run_id, reading, is_first);
  if not is_first or coalesce(analysis -> 'transcriptions', 'null') <> 'null' then
    perform private.publish_transcriptions(document_id, analysis, run_id);
  end if;
end $$;
comment on function private.publish_analysis
  is 'Writes what a run found into the registry, claims, findings and transcriptions, over an earlier run''s.';

create function private.record_run(job processing_jobs, analysis jsonb, seconds real, reading jsonb default null,
  is_first boolean default false) returns boolean
language plpgsql set search_path = public, private, pg_temp as $$
declare
  by_claude boolean := coalesce(analysis ->> 'analyst', '') = 'claude';
  why text := left(analysis ->> 'fallback_reason', private.longest_reason());
  run analysis_runs;
begin
  if not by_claude and why is null and (select status = 'no_key' from doors where name = 'claude') then
    why := 'claude_off';
  end if;
  insert into analysis_runs (document_id, job_id, analyst, model, prompt_version, inputs_sha256, outcome, reason,
    accepted, analysis, seconds)
    values (job.document_id, job.id, left(analysis ->> 'analyst', private.longest_word()),
      left(analysis ->> 'model', private.longest_word()), left(analysis ->> 'prompt_version', private.longest_word()),
      left(analysis ->> 'inputs_sha256', private.longest_word()),
      case when not by_claude then 'sorted' when why ~ ' on pages |only_first_pages' then 'part' else 'judged' end, why,
      by_claude or is_first or not exists (select from analysis_runs r where r.document_id = job.document_id
        and r.analyst = 'claude' and r.accepted), record_run.analysis, record_run.seconds)
    returning id, accepted into run.id, run.accepted;
  if run.accepted then
    perform private.publish_analysis(job.document_id, analysis || jsonb_build_object('fallback_reason', why), run.id,
      reading, is_first);
  elsif reading is not null then
    update master_document_registry d set mime_type = coalesce(reading ->> 'mime_type', d.mime_type),
      artifacts = reading -> 'artifacts', live_mark = reading ->> 'live_mark' where d.id = job.document_id;
  end if;
  return run.accepted;
end $$;
comment on function private.record_run
  is 'Keeps what an ended job found, and shows it unless Claude''s word would give way to the rules''; returns '
  'whether it did. What a reading handed in besides, {mime_type, artifacts, live_mark}, is kept either way.';

-- Jobs to analyse ---------------------------------------------------------------------------------------------

create function private.passes_by(reason text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select reason is null or reason in ('claude_busy', 'claude_away', 'timeout', 'claude_cap_reached', 'claude_paused')
$$;
comment on function private.passes_by
  is 'Whether Claude was not asked, or was not to be had: then the document waits for it. Other reasons are the '
  'document''s own.';

create function private.open_analysis(read processing_jobs, priority text, asked_by text) returns uuid
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  document master_document_registry;
  -- What waits in a stopped batch is cancelled: its account is closed, so this is judged outside of it.
  batch uuid := (select b.id from batches b where b.id = read.batch_id and b.status <> 'stopped');
  new_id uuid;
begin
  select * into document from master_document_registry where id = read.document_id;
  insert into processing_jobs (kind, document_id, batch_id, lane_id, priority, placement, allow_claude, pages_total,
    precedence)
    values ('analyse', read.document_id, batch, private.find_lane(batch, document.source, open_analysis.priority,
      read.placement), open_analysis.priority, read.placement, true, read.pages_total,
      9 - least(coalesce(document.relevancy_score, 0)::int / 100, 9))
    on conflict (document_id) where status in ('queued', 'processing') and kind <> 'check' do nothing
    returning id into new_id;
  if new_id is not null then
    insert into events (kind, document_id, job_id, batch_id, payload) values ('analysis_queued', read.document_id,
      new_id, batch, jsonb_build_object('priority', open_analysis.priority, 'asked_by', asked_by));
  end if;
  return new_id;
end $$;
comment on function private.open_analysis
  is 'Queues a document that was read to be judged; null when it waits already. The more relevant by the rules, the '
  'earlier its turn.';

create function private.open_analysis_after(read processing_jobs, analysis jsonb) returns uuid
language plpgsql set search_path = public, private, pg_temp as $$
begin
  -- The cheapest first: most houses have no key, or all documents are for Claude.
  if not read.allow_claude or coalesce(analysis ->> 'analyst', '') = 'claude'
      or not private.passes_by(analysis ->> 'fallback_reason')
      or (select status = 'no_key' from doors where name = 'claude') then
    return null;
  elsif exists (select from batches b where b.id = read.batch_id and not b.allow_claude)
      or private.is_sealed(read.document_id) then
    return null;
  end if;
  return private.open_analysis(read, read.priority, 'reading');
end $$;
comment on function private.open_analysis_after
  is 'Queues what was just read to be judged, unless Claude has done so, may not, or would not.';

create function private.held_analysis(job_id uuid, lease_token uuid) returns processing_jobs
language plpgsql set search_path = public, private, pg_temp as $$
declare
  job processing_jobs;
begin
  select * into job from processing_jobs j where j.id = held_analysis.job_id and j.status = 'processing'
    and j.lease_token = held_analysis.lease_token and j.kind <> 'read' for no key update;
  if not found then
    perform private.refuse('AS001',
      'The lease on this job is lost: it expired, or the job was cancelled. Discard the result.');
  end if;
  return job;
end $$;
comment on function private.held_analysis
  is 'The job, locked, if it is to analyse and held under this token; else AS001.';

create function private.end_analysis(job processing_jobs, status text, code text, message text,
  detail jsonb default '{}') returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  update processing_jobs j set status = end_analysis.status, lease_token = null, lease_expires_at = null,
    run_after = null, finished_at = now(), error_code = end_analysis.code,
    error_message = left(end_analysis.message, private.longest_reason()) where j.id = job.id;
  insert into events (kind, document_id, job_id, batch_id, payload) values ('analysis_' || end_analysis.status,
    job.document_id, job.id, job.batch_id, jsonb_build_object('attempt', job.attempt, 'code', end_analysis.code)
      || detail);
end $$;
comment on function private.end_analysis
  is 'Ends a job to analyse as completed, failed or cancelled. How the document was read stays as it is.';

create function private.return_analysis(job processing_jobs, give_back boolean, run_after timestamptz, code text,
  died boolean default false) returns void
language sql set search_path = public, pg_temp as $$
  update processing_jobs j set status = 'queued', lease_token = null, lease_expires_at = null,
    run_after = return_analysis.run_after, error_code = return_analysis.code,
    attempt = j.attempt - case when give_back and j.attempt > 0 then 1 else 0 end,
    deaths = j.deaths + died::int where j.id = job.id
$$;
comment on function private.return_analysis is 'Puts a held job to analyse back in the line.';

create function private.bury_analysis(job processing_jobs) returns text
language plpgsql set search_path = public, private, pg_temp as $$
begin
  if job.deaths + 1 >= private.most_analysis_deaths() then
    perform private.end_analysis(job, 'failed', 'worker_died',
      'The analysis worker stopped without a word again and again while it had this document.');
    return 'failed';
  end if;
  perform private.return_analysis(job, true, null, null, died => true);
  return 'queued';
end $$;
comment on function private.bury_analysis
  is 'A job to analyse whose worker fell silent: back in the line, or failed at last.';

create function private.take_analyses(wanted int) returns uuid[]
language sql set search_path = public, private, pg_temp set enable_seqscan = off as $$
  with recursive live (id) as (
    (select lane_id from processing_jobs where kind <> 'read' and status = 'queued' and run_after is null
      order by lane_id limit 1)
    union all
    select (select j.lane_id from processing_jobs j where j.kind <> 'read' and j.status = 'queued'
      and j.run_after is null and j.lane_id > live.id order by j.lane_id limit 1) from live where live.id is not null
  ), lane as (
    select l.id, l.priority from live join lanes l on l.id = live.id left join batches b on b.id = l.batch_id
    where b.id is null or (b.status not in ('paused', 'stopped') and not private.is_capped('batch', b.id::text))
  ), first as (
    select j.id from lane cross join lateral (select j.id, j.precedence, j.seq from processing_jobs j
      where j.lane_id between lane.id and lane.id and j.kind <> 'read' and j.status = 'queued'
        and (j.kind = 'analyse' or not private.is_paused('claude'))
        and j.run_after is null and not private.is_capped('document', j.document_id::text)
      order by j.lane_id, j.precedence, j.seq limit wanted) j
    order by private.priority_rank(lane.priority), j.precedence, j.seq limit wanted
  )
  select array(select j.id from processing_jobs j where j.id = any (array(select id from first))
    and j.status = 'queued' for no key update skip locked)
$$;
comment on function private.take_analyses
  is 'Locks up to "wanted" jobs to analyse or compare: by priority, then the most relevant by the rules, then the '
  'oldest; none of a paused batch, nor of a batch or document whose cap was reached. While Claude is paused none to '
  'compare: those are asked in batches, and a probe wants its answer at once.';

-- The analysis worker's verbs. It runs on our own machine: no row in machines, no contract, no part in any cap of the
-- fleet. Its role may call these and read no table.

create function claim_analyses(max_jobs int, lease_seconds int, prompt_version text)
returns table (job_id uuid, document_id uuid, kind text, lease_token uuid, lease_expires_at timestamptz, attempt int,
  max_attempts int, priority text, is_probe boolean, original_filename text, mime_type text, sha256 text,
  batch_id uuid, pages_total int, artifact_prefix text, artifacts jsonb, relevancy_score real)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  door doors;
  taken uuid[];
  today text := to_char(now() at time zone 'utc', 'YYYY/MM/DD');
begin
  perform private.require_lease(lease_seconds);
  if coalesce(max_jobs, 0) not between 1 and private.most_analyses()
      or coalesce(claim_analyses.prompt_version, '') = '' then
    perform private.refuse('AS006', format('max_jobs must be 1 to %s, and prompt_version must be named.',
      private.most_analyses()));
  end if;
  select * into door from doors where name = 'claude' for no key update;
  update claude_desk d set prompt_version = claim_analyses.prompt_version, claimed_at = now()
    where d.prompt_version is distinct from claim_analyses.prompt_version
      or coalesce(d.claimed_at, '-infinity') < now() - private.claim_note_pause();
  if door.status = 'no_key' or private.is_day_capped() or private.is_paused('storage') or (door.status = 'paused'
      and coalesce(door.next_try_at, 'infinity') > now()) then
    return;
  end if;
  perform private.promote_due_jobs();
  taken := private.take_analyses(case when door.status = 'paused' then 1 else max_jobs end);
  if door.status = 'paused' and cardinality(taken) > 0 then
    update claude_desk set probe_job_id = taken[1] where only_row;
    perform take_due_doors(array['claude']);
  end if;
  update processing_jobs j set status = 'processing', attempt = j.attempt + 1, lease_token = fresh.token,
      lease_expires_at = now() + make_interval(secs => lease_seconds), started_at = now(), progress_at = now(),
      error_code = null, error_message = null,
      artifact_prefix = format('processed/%s/%s/%s/', today, j.document_id, fresh.token)
    from (select id, gen_random_uuid() as token from unnest(taken) as id) as fresh where j.id = fresh.id;
  return query select j.id, d.id, j.kind, j.lease_token, j.lease_expires_at, j.attempt::int, j.max_attempts::int,
      j.priority, door.status = 'paused', d.original_filename, d.mime_type, d.sha256, j.batch_id, j.pages_total,
      j.artifact_prefix, d.artifacts, d.relevancy_score
    from processing_jobs j join master_document_registry d on d.id = j.document_id where j.id = any (taken)
    order by private.priority_rank(j.priority), j.precedence, j.seq;
end $$;
comment on function claim_analyses
  is 'Up to max_jobs documents to judge or to compare (kind), each under a fresh lease; attempt + 1. None without a '
  'key or while the day''s '
  'cap is reached; while Claude is paused one every ten minutes, as a probe (is_probe).';

create function heartbeat_analyses(leases jsonb, lease_seconds int)
returns table (job_id uuid, held boolean, cancelled boolean)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  perform private.require_array(leases, 'leases');
  perform private.require_lease(lease_seconds);
  return query
    with wanted as (
      select * from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid)
    ), mine as (
      select j.id from wanted w join processing_jobs j on j.id = w.job_id and j.lease_token = w.lease_token
      where j.status = 'processing' and j.kind <> 'read' order by j.id for no key update of j
    ), extended as (
      update processing_jobs j set lease_expires_at = now() + make_interval(secs => lease_seconds)
      from mine m where j.id = m.id returning j.id
    )
    select w.job_id, e.id is not null, coalesce(j.status = 'cancelled', false)
    from wanted w left join extended e on e.id = w.job_id left join processing_jobs j on j.id = w.job_id;
end $$;
comment on function heartbeat_analyses
  is 'Extends leases on jobs to analyse; a batch of messages may take Claude a day, so no progress is asked for.';

create function private.prove_analysis(job processing_jobs, analysis jsonb) returns jsonb
language plpgsql set search_path = public, private, pg_temp as $$
declare
  quick text;
  careful text;
begin
  if analysis ->> 'analyst' is distinct from 'claude' and not jsonb_path_exists(analysis,
      '$.claims[*] ? (@.stated_by == "claude")')
      and coalesce(nullif(analysis -> 'transcriptions', 'null'), '[]') = '[]' then
    return analysis - 'model';
  end if;
  perform private.use_calls(job, analysis -> 'calls');
  select max(c.model) filter (where c.kind = 'quick'), max(c.model) filter (where c.kind = 'careful')
    into quick, careful from claude_calls c where c.job_id = job.id
    and c.id = any (array(select e::uuid from jsonb_array_elements_text(analysis -> 'calls') e));
  -- What is no list stays as it came, for whoever publishes transcriptions to refuse.
  return analysis || jsonb_build_object('model', coalesce(careful, quick))
    || case jsonb_typeof(analysis -> 'transcriptions') when 'array' then jsonb_build_object('transcriptions',
      coalesce((select jsonb_agg(t || jsonb_build_object('model', quick))
        from jsonb_array_elements(analysis -> 'transcriptions') t), '[]')) else '{}' end;
end $$;
comment on function private.prove_analysis
  is 'An analysis with the models that were asked, by the ledger and not by who hands it in. AS007 where anything in '
  'it is said to be Claude''s and no call of this job is behind it.';

create function complete_analysis(job_id uuid, lease_token uuid, result jsonb) returns table (status text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(complete_analysis.job_id, complete_analysis.lease_token);
  files jsonb := coalesce(nullif(result -> 'artifacts', 'null'), '{}');
  handed_in jsonb;
  shown boolean;
begin
  begin
    perform private.require_artifacts(files, job.artifact_prefix);
    if job.kind <> 'analyse' then
      perform private.refuse('AS006', 'This job is to compare: complete_comparison ends it.');
    elsif files - 'analysis.json' <> '{}' then
      perform private.refuse('AS006', 'An analysis leaves analysis.json and no other file.');
    end if;
    shown := private.record_run(job, private.prove_analysis(job, coalesce(nullif(result -> 'analysis', 'null'),
      '{}')), (result ->> 'seconds')::real);
    if shown then
      perform private.require_standing(job.document_id);
      perform private.index_about(job.document_id, private.day_order(r.text)) from document_repository r
        where r.document_id = job.document_id;
    end if;
  exception when check_violation or not_null_violation or data_exception then
    perform private.refuse('AS006',
      format('The analysis is malformed (%s). Check the types, dates and score ranges against the contract.',
      sqlstate));
  end;
  if shown and files <> '{}' then
    -- The chain names every file of a document anew: the files of the reading, and this analysis.
    select e.payload into handed_in from private.every_event() e where e.document_id = job.document_id
      and e.kind in ('job_completed', 'analysis_completed') and e.payload ? 'artifacts'
      order by e.custody_seq desc limit 1;
    update master_document_registry set artifacts = artifacts || private.artifact_keys(files)
      where id = job.document_id;
    files := jsonb_build_object('sha256', handed_in -> 'sha256', 'artifacts', (handed_in -> 'artifacts') || files);
  else
    files := '{}';
  end if;
  update processing_jobs j set seconds = (result ->> 'seconds')::real where j.id = job.id;
  perform private.end_analysis(job, 'completed', null, null,
    files || jsonb_build_object('seals', private.seal_run(job, shown)));
  return query select 'completed';
end $$;
comment on function complete_analysis
  is 'Keeps an analysis {analysis, artifacts {analysis.json}?, seconds} as a run and shows it, in one transaction. '
  'What is Claude''s in it names the calls (analysis.calls): AS007 for none, another job''s or kind''s, used ones.';

create function postpone_analysis(job_id uuid, lease_token uuid, reason text, seconds int default 60)
returns table (status text, run_after timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(postpone_analysis.job_id, postpone_analysis.lease_token);
  capped text;
  cap numeric;
  later timestamptz;
begin
  perform private.require_word(postpone_analysis.reason, array['day_cap', 'batch_cap', 'document_cap', 'claude_busy',
    'claude_away', 'claude_paused'], 'reason');
  if coalesce(postpone_analysis.seconds, 0) not between 1 and private.longest_postponement() then
    perform private.refuse('AS006', format('seconds must be 1 to %s.', private.longest_postponement()));
  end if;
  capped := substring(postpone_analysis.reason from '^(day|batch|document)_cap$');
  cap := (select (d.caps ->> capped)::numeric from claude_desk d);
  if cap is not null then
    insert into claude_caps_reached as c (scope, id, cap_usd) values (capped, case capped
      when 'day' then ((now() at time zone 'utc')::date)::text when 'batch' then job.batch_id::text
      else job.document_id::text end, cap)
    on conflict on constraint claude_caps_reached_pkey do update set since = case when c.cap_usd = excluded.cap_usd
      then c.since else now() end, cap_usd = excluded.cap_usd;
  elsif postpone_analysis.reason <> 'claude_paused' then
    later := now() + make_interval(secs => postpone_analysis.seconds);
  end if;
  perform private.return_analysis(job, true, later, case when cap is null then postpone_analysis.reason end);
  return query select 'queued', later;
end $$;
comment on function postpone_analysis
  is 'Claude is not to be had for this document now: back in the line, with its attempt. A cap is remembered, and '
  'nothing under it is given out until the day or the cap changes; busy and away come again after "seconds".';

create function fail_analysis(job_id uuid, lease_token uuid, code text, message text, retry boolean)
returns table (status text, run_after timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(fail_analysis.job_id, fail_analysis.lease_token);
  later timestamptz := now() + private.backoff(job.attempt);
  is_house_fault boolean;
begin
  if fail_analysis.code is null or fail_analysis.code !~ '^[a-z0-9_]{1,60}$' then
    perform private.refuse('AS006', 'code must be a short word like claude_away.');
  end if;
  is_house_fault := private.blames_house(fail_analysis.code, fail_analysis.retry);
  if coalesce(fail_analysis.retry, false) and (job.attempt < job.max_attempts or is_house_fault) then
    perform private.return_analysis(job, is_house_fault, later, fail_analysis.code);
    return query select 'queued', later;
  else
    perform private.end_analysis(job, 'failed', fail_analysis.code, fail_analysis.message);
    return query select 'failed', null::timestamptz;
  end if;
end $$;
comment on function fail_analysis
  is 'Tried again after a growing wait; or failed for good: what is shown of the document stays, and says so. What is '
  'said of our house costs no attempt, as in fail_job.';

create function release_analyses(leases jsonb) returns table (job_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  job processing_jobs;
begin
  for job in select j.* from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid)
      join processing_jobs j on j.id = l.job_id and j.lease_token = l.lease_token
      where j.status = 'processing' and j.kind <> 'read' order by j.document_id for no key update of j loop
    perform private.return_analysis(job, true, null, null);
    job_id := job.id;
    return next;
  end loop;
end $$;
comment on function release_analyses is 'Hands jobs to analyse back unharmed: the attempt is given back.';

-- The door ----------------------------------------------------------------------------------------------------

create function announce_claude(has_key boolean, caps jsonb) returns setof doors
language sql security definer set search_path = public, pg_temp as $$
  update claude_desk d set caps = announce_claude.caps where d.caps is distinct from announce_claude.caps;
  update doors d set status = case when has_key then 'open' else 'no_key' end, code = null, message = null,
      since = now(), next_try_at = null, tries = 0
    where d.name = 'claude' and has_key is distinct from (d.status <> 'no_key');
  select * from doors where name = 'claude'
$$;
comment on function announce_claude
  is 'Whether this deployment has a key, and Claude''s caps {day, batch, document}: said again and again by the '
  'control plane, written when it changes. Another cap lets go on what waited for it.';

create function report_silent_analyst() returns setof bigint
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  door doors;
  desk claude_desk;
  long_ago timestamptz := now() - private.longest_analyst_silence();
  waiting bigint;
begin
  select * into door from doors where name = 'claude';
  select * into desk from claude_desk;
  if desk.claimed_at > long_ago then
    perform clear_alarm('analyst_silent');
    return;
  end if;
  if door.status = 'no_key' or door.code = 'by_hand' or private.is_day_capped()
      or exists (select from leaders l where l.name = 'scaler' and l.since > long_ago)
      or exists (select from alarms a where a.name = 'analyst_silent' and a.cleared_at is null
        and a.last_seen_at > long_ago)
      or exists (select from processing_jobs j where j.kind <> 'read' and j.status = 'processing'
        and j.lease_expires_at > now()) then
    return;
  end if;
  select sum(w.documents) into waiting
    from (select j.batch_id, count(*) as documents from processing_jobs j left join claude_caps_reached c
        on c.scope = 'document' and c.id = j.document_id::text and c.cap_usd = (desk.caps ->> 'document')::numeric
      where j.kind <> 'read' and j.status = 'queued' and coalesce(j.run_after, j.created_at) < long_ago
        and c.id is null group by 1) w
    left join batches b on b.id = w.batch_id
    where b.id is null or (b.status not in ('paused', 'stopped') and not private.is_capped('batch', b.id::text));
  if waiting > 0 then
    return query select * from raise_alarm('analyst_silent', format('%s documents wait for Claude, and the '
      'analysis worker, the program that asks, %s. Nothing is lost; they are judged once it runs.', waiting,
      coalesce('was last heard of at ' || to_char(desk.claimed_at at time zone 'utc', 'YYYY-MM-DD HH24:MI')
        || ' UTC: see whether the service analyst runs, and its log', 'has never been heard of: see whether the '
        'service analyst was started, and whether its ANALYSIS_WORKER_SECRET is the control plane''s')));
  else
    perform clear_alarm('analyst_silent');
  end if;
end $$;
comment on function report_silent_analyst
  is 'To be called every few seconds: one alarm per silence of the analysis worker while documents wait that it '
  'could take; none while it holds any, nor for the time in which nobody listened.';

-- Judging again -----------------------------------------------------------------------------------------------

create function private.is_asked_for(document master_document_registry, read processing_jobs, filter jsonb)
returns boolean language sql stable set search_path = public, pg_temp as $$
  select document.id = coalesce((filter ->> 'document_id')::uuid, document.id)
    and (filter ->> 'batch_id' is null or exists (select from document_journal j where j.document_id = document.id
      and j.batch_id = (filter ->> 'batch_id')::uuid))
    and (filter ->> 'case_number' is null or document.case_number = filter ->> 'case_number')
    and (filter ->> 'document_type' is null or document.document_type = filter ->> 'document_type')
    and (filter ->> 'date_from' is null or document.document_date >= (filter ->> 'date_from')::date)
    and (filter ->> 'date_to' is null or document.document_date <= (filter ->> 'date_to')::date)
    and (filter ->> 'analyst' is null or document.analyst = filter ->> 'analyst')
    and coalesce(case filter ->> 'reason'
      when 'no_key' then document.fallback_reason = 'claude_off' and read.allow_claude
      when 'cap' then document.fallback_reason ~ '^claude_cap_reached'
      when 'busy' then document.fallback_reason ~ '^(claude_busy|claude_away|claude_paused|timeout)'
      when 'refused' then document.fallback_reason ~
        '^(refused|blocked_by_filter|cut_off|malformed_answer|request_rejected|too_long)'
      when 'older_prompt' then document.analyst = 'claude'
      when 'sorted' then document.analyst is distinct from 'claude'
      else true end, false)
$$;
comment on function private.is_asked_for is 'Whether a document that was read is one of those that a filter means.';

create function private.find_documents(filter jsonb)
returns table (document_id uuid, job_id uuid, pages int, relevancy real, is_allowed boolean, is_waiting boolean,
  is_judged boolean)
language plpgsql stable set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  return query select d.id, j.id, coalesce(j.pages_total, 0), d.relevancy_score,
    j.allow_claude and coalesce(b.allow_claude, true)
      and not private.is_sealed(d.id),
    exists (select from processing_jobs a where a.document_id = d.id and a.status in ('queued', 'processing')),
    -- Judged as well as it would be today. A part that Claude was too busy for is not.
    coalesce(d.analyst = 'claude' and coalesce(d.fallback_reason, '') !~ '(claude_busy|claude_away|timeout) on pages '
      and coalesce(r.prompt_version = desk.prompt_version, desk.prompt_version is null), false)
  from claude_desk desk cross join master_document_registry d join processing_jobs j on j.id = d.job_id
    left join batches b on b.id = j.batch_id left join analysis_runs r on r.id = d.run_id
  where d.duplicate_of is null and d.dissolved_at is null and j.status = 'completed'
    and private.is_asked_for(d, j, filter);
end $$;
comment on function private.find_documents
  is 'What a filter {document_id?, batch_id?, case_number?, document_type?, date_from?, date_to?, analyst?, reason?: '
  'no_key|cap|busy|refused|older_prompt|sorted} means of the documents that were read.';

create function private.check_filter(filter jsonb) returns void
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(filter) is distinct from 'object' or exists (select from jsonb_object_keys(filter) as name
      where name <> all (array['document_id', 'batch_id', 'case_number', 'document_type', 'date_from', 'date_to',
        'analyst', 'reason', 'force'])) then
    perform private.refuse('AS006', 'The filter has a field that we do not know.');
  end if;
  perform private.require_word(coalesce(filter ->> 'reason', 'sorted'), array['no_key', 'cap', 'busy', 'refused',
    'older_prompt', 'sorted'], 'reason');
end $$;
comment on function private.check_filter is 'AS006 unless a filter has known fields only.';

create function find_judgeable(filter jsonb)
returns table (documents bigint, pages bigint, waiting bigint, judged bigint, not_allowed bigint)
language plpgsql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  forced boolean := coalesce((filter ->> 'force')::boolean, false) and filter ->> 'document_id' is not null;
begin
  perform private.check_filter(filter);
  return query select count(*) filter (where f.kind = 'asked'), coalesce(sum(f.pages) filter (where f.kind = 'asked'),
      0), count(*) filter (where f.kind = 'waiting'), count(*) filter (where f.kind = 'judged'),
    count(*) filter (where f.kind = 'not_allowed')
  from (select d.pages, case when not d.is_allowed then 'not_allowed' when d.is_waiting then 'waiting'
      when d.is_judged and not forced then 'judged' else 'asked' end as kind
    from private.find_documents(filter) d) f;
end $$;
comment on function find_judgeable
  is 'What judge_again would queue for this filter: documents and their pages; and those that wait already, are judged '
  'as they would be today, or may not be shown to Claude.';

create function judge_again(filter jsonb, max_documents int, priority text default 'normal') returns setof int
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  forced boolean := coalesce((filter ->> 'force')::boolean, false) and filter ->> 'document_id' is not null;
  wanted record;
  read processing_jobs;
  queued int := 0;
begin
  perform private.check_filter(filter);
  perform private.require_word(judge_again.priority, array['high', 'normal', 'low'], 'priority');
  if coalesce(max_documents, 0) not between 1 and private.most_analyses() then
    perform private.refuse('AS006', format('max_documents must be 1 to %s.', private.most_analyses()));
  end if;
  for wanted in select * from (select d.document_id, d.job_id from private.find_documents(filter) d
      where d.is_allowed and not d.is_waiting and (forced or not d.is_judged)
      order by d.relevancy desc nulls last, d.document_id limit max_documents) f order by f.document_id loop
    select * into read from processing_jobs where id = wanted.job_id;
    queued := queued + (private.open_analysis(read, judge_again.priority, 'person') is not null)::int;
  end loop;
  return next queued;
end $$;
comment on function judge_again
  is 'Queues up to max_documents of those a filter means to be judged, the most relevant first; how many it queued. '
  'What waits already or is judged as it would be today is passed over, so asking twice pays once; "force" judges '
  'one document anew.';

create function cancel_analyses(filter jsonb, max_documents int) returns setof int
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  job processing_jobs;
  cancelled int := 0;
begin
  perform private.check_filter(filter);
  for job in select a.* from private.find_documents(filter) d join processing_jobs a on a.document_id = d.document_id
      and a.kind = 'analyse' and a.status = 'queued' order by a.document_id
      limit least(max_documents, private.most_analyses())
      for no key update of a loop
    perform private.end_analysis(job, 'cancelled', null, null);
    cancelled := cancelled + 1;
  end loop;
  return next cancelled;
end $$;
comment on function cancel_analyses
  is 'Takes documents that wait to be judged out of the line, at most so many; how many. They keep what they have.';

-- What is shown -----------------------------------------------------------------------------------------------

create function private.analysis_status(document master_document_registry) returns jsonb
language sql stable security definer set search_path = public, private, pg_temp as $$
  select case
    when a.status = 'queued' then jsonb_build_object('status', 'waiting', 'reason',
      private.find_wait(a.batch_id, a.document_id, a.error_code))
    when a.status = 'processing' then jsonb_build_object('status', 'judging', 'reason', null)
    when document.analysed_at is null then null
    when a.status = 'failed' and document.analyst is distinct from 'claude'
      then jsonb_build_object('status', 'failed', 'reason', a.error_code)
    else jsonb_build_object('status', case document.judged when 'all' then 'judged' when 'part' then 'part'
      else 'sorted' end, 'reason', document.fallback_reason) end
  from (select 1) as one left join lateral (select j.* from processing_jobs j where j.document_id = document.id
    and j.kind = 'analyse' order by j.seq desc limit 1) a on true
$$;
comment on function private.analysis_status
  is '{status, reason}: waiting or judging; else judged, part, sorted (by plain rules) or failed; null before a '
  'document was read.';

create function private.waiting_analyses(batch_ids uuid[] default null)
returns table (batch_id uuid, unjudged numeric, waiting numeric, waiting_pages numeric, waiting_for jsonb)
language sql stable set search_path = public, private, pg_temp set enable_seqscan = off as $$
  with open as materialized (
    select case when batch_ids is not null then c.batch_id end as about, c.own_batch_id, c.status, c.error_code,
      sum(c.jobs) as documents, sum(c.pages) as pages, coalesce(sum(c.jobs) filter (where c.judged = 'none'), 0)
        as unjudged
    from job_counts c where c.kind = 'analyse' and c.judged is not null
      and (batch_ids is null or c.batch_id = any (batch_ids)) group by 1, 2, 3, 4
  ), capped as (
    select case when batch_ids is not null then r.batch_id end as about, a.batch_id, a.document_id, a.error_code
    from claude_caps_reached c
      cross join lateral (select j.* from processing_jobs j where j.document_id = c.id::uuid and j.kind = 'analyse'
        and j.status = 'queued' limit 1) a
      join master_document_registry d on d.id = a.document_id join processing_jobs r on r.id = d.job_id
    where c.scope = 'document' and r.status = 'completed' and r.kind = 'read' and d.duplicate_of is null
      and d.dissolved_at is null and (batch_ids is null or r.batch_id = any (batch_ids))
  ), alike as (
    -- What a document waits for is asked once for all that are alike: a hundred thousand may wait for one day's end.
    select g.about, g.batch_id, g.capped, g.error_code, sum(g.documents) as documents from (
      select o.about, o.own_batch_id as batch_id, null::uuid as capped, o.error_code, o.documents from open o
        where o.status = 'queued'
      union all select c.about, c.batch_id, null, c.error_code, -1 from capped c
      union all select c.about, c.batch_id, c.document_id, c.error_code, 1 from capped c) g group by 1, 2, 3, 4
  ), waits as (
    select l.about, private.find_wait(l.batch_id, l.capped, l.error_code) as reason, sum(l.documents) as documents
    from alike l where l.documents > 0 group by 1, 2
  )
  select o.about, sum(o.unjudged), sum(o.documents), sum(o.pages), coalesce((select jsonb_object_agg(w.reason,
    w.documents) from waits w where w.about is not distinct from o.about), '{}')
  from open o group by o.about
$$;
comment on function private.waiting_analyses
  is 'Of each of these batches, or of everything (one row without a batch), the documents that wait for Claude or are '
  'being judged, and for what they wait; no row where there are none.';
