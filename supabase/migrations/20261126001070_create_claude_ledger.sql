-- What Claude costs: one row per call. The worst case is reserved before the call is made, under one lock, so that no
-- cap can be passed by a race; the actual price replaces it afterwards. And which calls went out together in a Message
-- Batch, so that none is ever paid twice.

create table claude_message_batches (
  id uuid primary key default gen_random_uuid(),
  vendor_id text unique,
  status text not null default 'sending' check (status in ('sending', 'sent', 'ended', 'lost')),
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  check (status not in ('sent', 'ended') or vendor_id is not null)
);
comment on table claude_message_batches is 'Calls that went to Anthropic together, at half the price.';
comment on column claude_message_batches.vendor_id is 'Anthropic''s name for it.';
comment on column claude_message_batches.status
  is 'sending (its calls are reserved; whether Anthropic has it is not known) → sent → ended (every result was seen); '
  'sending → lost (Anthropic never had it: nothing was charged).';
create index claude_message_batches_open on claude_message_batches (created_at) where status in ('sending', 'sent');
alter table claude_message_batches enable row level security;

create table claude_calls (
  id uuid primary key default gen_random_uuid(),
  day date not null default (now() at time zone 'utc')::date,
  job_id uuid references processing_jobs (id),
  document_id uuid references master_document_registry (id),
  batch_id uuid references batches (id),
  machine text references machines (label),
  message_batch_id uuid references claude_message_batches (id),
  question_sha256 text check (question_sha256 ~ '^[0-9a-f]{64}$'),
  kind text not null check (kind ~ '^[a-z_]{1,30}$'),
  model text not null,
  status text not null default 'reserved' check (status in ('reserved', 'settled', 'expired')),
  outcome text check (outcome in ('answered', 'refused', 'failed', 'unknown')),
  reserved_usd numeric(14, 6) not null check (reserved_usd > 0),
  cost_usd numeric(14, 6) not null default 0 check (cost_usd >= 0),
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  settled_at timestamptz,
  used_at timestamptz,
  check ((message_batch_id is null) = (question_sha256 is null)),
  check ((job_id is null) = (document_id is null))
) with (fillfactor = 80);
comment on table claude_calls
  is 'One row per call to Claude: reserved before it, settled after it. Never what was asked or answered.';
comment on column claude_calls.day is 'The UTC day whose cap the call counts against: the day it was reserved.';
comment on column claude_calls.job_id is 'Null: a person asked the case a question, see case_questions.';
comment on column claude_calls.machine is 'Who asked: a machine, or null for the analysis worker.';
comment on column claude_calls.kind is 'What was asked: by it the gateway chose prompt, answer''s shape and model.';
comment on column claude_calls.used_at is 'When something was published of its answer: that is done once.';
comment on column claude_calls.question_sha256
  is 'In a message batch: the hash of all that was asked. The same job asking the same gets this call back.';
comment on column claude_calls.status
  is 'reserved (worst case held) → settled (actual price) | expired (the gateway died during the call: the worst '
  'case counts as spent, since Anthropic may have charged it).';
comment on column claude_calls.outcome
  is 'answered, refused (an answer too: Claude declined), failed (an error, nothing charged), unknown (no answer '
  'came: counted at the worst case).';
create index claude_calls_day on claude_calls (day) include (status, cost_usd, reserved_usd);
create index claude_calls_batch on claude_calls (batch_id) include (status, cost_usd, reserved_usd)
  where batch_id is not null;
create index claude_calls_job on claude_calls (job_id) include (cost_usd);
create index claude_calls_document on claude_calls (document_id);
create index claude_calls_message_batch on claude_calls (message_batch_id) where message_batch_id is not null;
create index claude_calls_reserved on claude_calls (expires_at) where status = 'reserved';
alter table claude_calls enable row level security;

create function private.most_failed_questions() returns int language sql immutable return 2;
comment on function private.most_failed_questions
  is 'How often a question may end without an answer that says anything about the document (expired, overloaded) '
  'before it is not asked again for the same job: once is chance, twice is Anthropic''s trouble.';

create function private.most_calls_together() returns int language sql immutable return 1000;
comment on function private.most_calls_together
  is 'Calls that are reserved under one lock: twice what goes into one message batch.';

create function private.longest_call() returns int language sql immutable return 108000;
comment on function private.longest_call
  is 'Seconds that a call may stay reserved: 30 hours. A message batch ends within 24, its results are fetched soon '
  'after.';

create function private.claude_room(worst_usd numeric, cap numeric, spent numeric, held numeric) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when cap is null or spent + held + worst_usd <= cap then null
    when spent + worst_usd > cap then 'claude_cap_reached' else 'claude_busy' end
$$;
comment on function private.claude_room
  is 'Null: there is room under the cap. claude_busy: not until calls in flight are settled. claude_cap_reached: none.';

create function private.find_full_cap(batch_id uuid, document_id uuid, worst_usd numeric, caps jsonb, out code text,
  out message text, out scope text)
language plpgsql stable set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  found record;
begin
  select used.scope, used.cap, used.spent, private.claude_room(worst_usd, used.cap, used.spent, used.held) as code
    into found from (
      select 1 as rank, 'day' as scope, (caps ->> 'day')::numeric as cap, coalesce(sum(c.cost_usd), 0) as spent,
        coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0) as held
        from claude_calls c where c.day = (now() at time zone 'utc')::date
      union all
      select 2, 'batch', (caps ->> 'batch')::numeric, coalesce(sum(c.cost_usd), 0),
        coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0)
        from claude_calls c where c.batch_id = find_full_cap.batch_id
      union all
      select 3, 'document', (caps ->> 'document')::numeric, coalesce(sum(c.cost_usd), 0),
        coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0)
        from claude_calls c where c.document_id = find_full_cap.document_id) as used
    where private.claude_room(worst_usd, used.cap, used.spent, used.held) is not null
    order by private.claude_room(worst_usd, used.cap, used.spent, used.held) desc, used.rank limit 1;
  code := found.code;
  scope := found.scope;
  message := case found.code when 'claude_busy' then 'Calls in flight hold what the limit leaves; try again shortly.'
    when 'claude_cap_reached' then format('The limit of $%s for Claude per %s is used up: $%s is spent. Raise it, or '
      'wait.', round(found.cap, 2), found.scope, round(found.spent, 2)) end;
end $$;
comment on function private.find_full_cap
  is 'The cap under which a call that costs so much at worst has no room: claude_cap_reached or claude_busy.';

create function private.find_claude_refusal(job_id uuid, worst_usd numeric, caps jsonb, out code text,
  out message text, out scope text)
language plpgsql stable set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job record;
  door text := private.claude_admits(find_claude_refusal.job_id);
begin
  select j.document_id, j.batch_id, j.allow_claude and coalesce(b.allow_claude, true) as allowed into job
    from processing_jobs j left join batches b on b.id = j.batch_id where j.id = find_claude_refusal.job_id;
  if not job.allowed then
    code := 'claude_off';
    message := 'Claude is switched off for this document.';
  elsif door is not null then
    code := 'claude_paused';
    message := format('Claude is asked nothing now (%s).', door);
  else
    select f.code, f.message, f.scope into code, message, scope
      from private.find_full_cap(job.batch_id, job.document_id, worst_usd, caps) f;
  end if;
end $$;
comment on function private.find_claude_refusal
  is 'Why a job may not make a call that costs so much at worst: claude_off, claude_paused, claude_cap_reached or '
  'claude_busy (with the cap''s scope); null when it may.';

create function private.expire_claude_calls() returns void
language sql set search_path = public, pg_temp as $$
  update claude_calls c set status = 'expired', cost_usd = c.reserved_usd, outcome = 'unknown', settled_at = now()
    where c.status = 'reserved' and c.expires_at < now()
$$;
comment on function private.expire_claude_calls
  is 'Calls whose gateway died: Anthropic may have charged them, so the worst case counts.';

create function private.reserve_call(machine text, request jsonb, caps jsonb, hold_seconds int, message_batch uuid,
  out call_id uuid, out message_batch_id uuid, out is_new boolean, out code text, out message text, out scope text)
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  asking uuid := (request ->> 'job_id')::uuid;
  worst_usd numeric := (request ->> 'worst_usd')::numeric;
  question text := case when message_batch is not null then request ->> 'question_sha256' end;
  failed int;
begin
  if coalesce(worst_usd, 0) <= 0 or (message_batch is not null and question is null) then
    perform private.refuse('AS006', 'worst_usd must be above 0, and a batched call needs question_sha256.');
  elsif not exists (select from check_lease(reserve_call.machine, asking, (request ->> 'lease_token')::uuid)) then
    code := 'lease_lost';
    message := 'This job is not held under that lease (any more); drop its result.';
    return;
  end if;
  select c.id, c.message_batch_id into call_id, message_batch_id from claude_calls c
    where c.job_id = asking and c.question_sha256 = question and c.outcome is distinct from 'failed'
    order by c.created_at desc limit 1;
  if call_id is not null then
    return;
  end if;
  -- What was asked before the door last opened failed with everything else.
  select count(*) into failed from claude_calls c where c.job_id = asking and c.question_sha256 = question
    and c.created_at > (select d.since from doors d where d.name = 'claude');
  if failed >= private.most_failed_questions() then
    code := 'asked_twice';
    message := 'This was asked as often as it may be, and no answer came.';
    return;
  end if;
  select r.code, r.message, r.scope into code, message, scope
    from private.find_claude_refusal(asking, worst_usd, caps) r;
  if code is null then
    insert into claude_calls (job_id, document_id, batch_id, machine, message_batch_id, question_sha256, kind, model,
        reserved_usd, expires_at)
      select j.id, j.document_id, j.batch_id, reserve_call.machine, message_batch, question, request ->> 'kind',
        request ->> 'model', worst_usd, now() + make_interval(secs => hold_seconds) from processing_jobs j
      where j.id = asking
      returning claude_calls.id, claude_calls.message_batch_id into call_id, message_batch_id;
    is_new := true;
  end if;
end $$;
comment on function private.reserve_call
  is 'Reserves one call, gives back the one that was made for the same question, or says why neither.';

create function reserve_claude(machine text, requests jsonb, caps jsonb, hold_seconds int, in_batch boolean)
returns table (call_id uuid, message_batch_id uuid, is_new boolean, is_probe boolean, code text, message text,
  scope text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  message_batch uuid := case when in_batch then gen_random_uuid() end;
  request jsonb;
  one record;
  answers jsonb := '[]';
begin
  if jsonb_typeof(requests) is distinct from 'array'
      or jsonb_array_length(requests) not between 1 and private.most_calls_together()
      or coalesce(hold_seconds, 0) not between 1 and private.longest_call() then
    perform private.refuse('AS006', format('requests must be an array of 1 to %s, and hold_seconds 1 to %s.',
      private.most_calls_together(), private.longest_call()));
  end if;
  -- One reservation at a time: two of them cannot both take the last cent.
  perform pg_advisory_xact_lock(hashtext('aseagi.claude'));
  perform private.expire_claude_calls();
  if in_batch then
    insert into claude_message_batches (id) values (message_batch);
  end if;
  for request in select r from jsonb_array_elements(requests) as r loop
    select * into one from private.reserve_call(reserve_claude.machine, request, caps, hold_seconds, message_batch);
    answers := answers || (to_jsonb(one) || jsonb_build_object('job_id', request -> 'job_id'));
  end loop;
  -- A document is judged from all of its parts: where one cannot be asked about, none is.
  delete from claude_calls c using jsonb_to_recordset(answers) as a(job_id uuid, code text)
    where a.code is not null and c.job_id = a.job_id and c.message_batch_id = message_batch;
  delete from claude_message_batches b where b.id = message_batch
    and not exists (select from claude_calls c where c.message_batch_id = message_batch);
  return query
    with answered as (
      select a.value ->> 'job_id' as job_id, a.value ->> 'code' as code, a.value, a.place
      from jsonb_array_elements(answers) with ordinality as a(value, place)
    ), refused as (
      select distinct on (job_id) job_id, value from answered where code is not null order by job_id, place
    )
    select case when r.job_id is null then (a.value ->> 'call_id')::uuid end,
      case when r.job_id is null then (a.value ->> 'message_batch_id')::uuid end,
      r.job_id is null and coalesce((a.value ->> 'is_new')::boolean, false), private.is_paused('claude'),
      r.value ->> 'code', r.value ->> 'message', r.value ->> 'scope'
    from answered a left join refused r on r.job_id = a.job_id order by a.place;
end $$;
comment on function reserve_claude
  is 'Reserves the worst cases of calls [{job_id, lease_token, kind, model, worst_usd, question_sha256}] against '
  '{day, batch, document} caps in dollars; one row each, in order: the call, or a code with a sentence (and whose '
  'cap): '
  'lease_lost, claude_off, claude_paused, claude_cap_reached, claude_busy, asked_twice. All calls of a job or none. '
  'With in_batch a question asked before gets its call back (not is_new), with the message batch that it is in. '
  'is_probe: Claude is paused, and this call finds out whether it still refuses.';

create function settle_claude(calls jsonb) returns setof claude_calls
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  if exists (select from jsonb_to_recordset(calls) as s(outcome text)
      where coalesce(s.outcome, '') <> all (array['answered', 'refused', 'failed', 'unknown'])) then
    perform private.refuse('AS006', 'outcome must be one of answered, refused, failed, unknown.');
  end if;
  -- An answer that comes after its reservation expired still replaces the guess by the truth.
  return query update claude_calls c set status = 'settled', outcome = s.outcome, settled_at = now(),
      cost_usd = case when s.outcome = 'unknown' then c.reserved_usd else coalesce(s.cost_usd, 0) end,
      input_tokens = coalesce((s.usage ->> 'input_tokens')::bigint, 0),
      output_tokens = coalesce((s.usage ->> 'output_tokens')::bigint, 0),
      cache_write_tokens = coalesce((s.usage ->> 'cache_creation_input_tokens')::bigint, 0),
      cache_read_tokens = coalesce((s.usage ->> 'cache_read_input_tokens')::bigint, 0)
    from jsonb_to_recordset(calls) as s(call_id uuid, outcome text, cost_usd numeric, usage jsonb)
    where c.id = s.call_id and c.status in ('reserved', 'expired') returning c.*;
end $$;
comment on function settle_claude
  is 'Replaces reservations by what the calls [{call_id, outcome, cost_usd, usage}] cost; unknown keeps the worst '
  'case. Only those that were not settled before are returned.';

create function note_message_batch(message_batch_id uuid, status text, vendor_id text default null)
  returns setof claude_message_batches
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  perform private.require_word(note_message_batch.status, array['sent', 'ended', 'lost'], 'status');
  return query update claude_message_batches b set status = note_message_batch.status,
      vendor_id = coalesce(b.vendor_id, note_message_batch.vendor_id),
      ended_at = case when note_message_batch.status = 'sent' then null else now() end
    where b.id = note_message_batch.message_batch_id and (b.status = 'sending' or (b.status = 'sent'
      and note_message_batch.status = 'ended')) returning b.*;
  if found and note_message_batch.status <> 'sent' then
    -- What has no result by now was never processed, and is not charged.
    update claude_calls c set status = 'settled', outcome = 'failed', cost_usd = 0, settled_at = now()
      where c.message_batch_id = note_message_batch.message_batch_id and c.status in ('reserved', 'expired');
  end if;
end $$;
comment on function note_message_batch
  is 'Says what is known of a message batch: sent (Anthropic has it, as vendor_id), ended (every result was settled) '
  'or lost (Anthropic never had it). No row: that was known.';

-- What may be published of an answer ----------------------------------------------------------------------------

create function private.call_kinds(job_kind text) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case job_kind when 'analyse' then array['quick', 'careful']
    when 'compare' then array['pairs_quick', 'pairs_careful'] else '{}' end
$$;
comment on function private.call_kinds is 'Of which kinds of call a job may publish something.';

create function private.most_calls_named() returns int language sql immutable return 20;
comment on function private.most_calls_named
  is 'Calls that one judgement is made of: a long document is asked about in six parts, and once more carefully.';

create function private.use_calls(job processing_jobs, calls jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  wanted jsonb := case when jsonb_typeof(use_calls.calls) = 'array' then use_calls.calls else '[]' end;
  fault text;
begin
  if jsonb_array_length(wanted) not between 1 and private.most_calls_named() then
    perform private.refuse('AS007', 'What Claude is said to have judged must name the calls that it answered.');
  end if;
  select case when c.id is null then 'there is no such call'
      when c.job_id is distinct from job.id then 'it was made for another job'
      when c.kind <> all (private.call_kinds(job.kind)) then 'it asked something of another kind'
      when c.outcome is distinct from 'answered' then 'it was not answered' else 'it was used already' end into fault
    from (select named.id::uuid as id, count(*) as times from jsonb_array_elements_text(wanted) named(id) group by 1) w
    left join claude_calls c on c.id = w.id
    where c.id is null or c.job_id is distinct from job.id or c.kind <> all (private.call_kinds(job.kind))
      or c.outcome is distinct from 'answered' or c.used_at is not null or w.times > 1 limit 1;
  if fault is not null then
    perform private.refuse('AS007', format('A call to Claude that is named proves nothing here: %s.', fault));
  end if;
  update claude_calls c set used_at = now()
    where c.id = any (array(select e::uuid from jsonb_array_elements_text(wanted) e));
end $$;
comment on function private.use_calls
  is 'AS007 unless every call that is named was made for this job, asked what such a job asks, was answered and has '
  'not been used; then they are.';

-- What Claude has cost per page here: the estimate of a batch goes by it.
create function get_claude_statistics() returns table (documents bigint, pages numeric, usd numeric)
language sql stable security definer set search_path = public, pg_temp set statement_timeout = '30s' as $$
  select count(*), coalesce(sum(j.pages_total), 0), coalesce(sum(c.usd), 0)
  from (select job_id, sum(cost_usd) as usd from claude_calls where status = 'settled'
      group by job_id order by max(created_at) desc limit private.sample_size()) c
    join processing_jobs j on j.id = c.job_id and j.status = 'completed' and j.pages_total > 0
$$;
comment on function get_claude_statistics
  is 'Documents, pages and dollars of the last 5,000 completed jobs that Claude was asked about.';
