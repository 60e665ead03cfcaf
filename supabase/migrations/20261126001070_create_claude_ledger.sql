-- What Claude costs: one row per call. The worst case is reserved before the call is made, under one lock, so that no
-- cap can be passed by a race; the actual price replaces it afterwards.

-- What Claude costs: one row per call. The worst case is reserved before the call is made, under one lock, so that no
-- cap can be passed by a race; the actual price replaces it afterwards.
create table claude_calls (
  id uuid primary key default gen_random_uuid(),
  day date not null default (now() at time zone 'utc')::date,
  job_id uuid not null references processing_jobs (id),
  document_id uuid not null references master_document_registry (id),
  batch_id uuid references batches (id),
  machine text not null references machines (label),
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
  settled_at timestamptz
) with (fillfactor = 80);
comment on table claude_calls
  is 'One row per call to Claude: reserved before it, settled after it. Never what was asked or answered.';
comment on column claude_calls.day is 'The UTC day whose cap the call counts against: the day it was reserved.';
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
create index claude_calls_reserved on claude_calls (expires_at) where status = 'reserved';
alter table claude_calls enable row level security;

create function private.check_claude_cap(name text, worst_usd numeric, cap numeric, spent numeric, held numeric)
  returns boolean
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  if cap is null or spent + held + worst_usd <= cap then
    return true;
  end if;
  if spent + worst_usd > cap then
    perform private.refuse('AS005',
      format('The limit of $%s for Claude per %s is used up: $%s is spent. Raise it, or let plain rules do the rest.',
      round(cap, 2), name, round(spent, 2)));
  end if;
  return false;
end $$;
comment on function private.check_claude_cap
  is 'True: there is room. False: only until calls in flight are settled. AS005: none at all.';

create function reserve_claude(machine text, job_id uuid, lease_token uuid, model text, worst_usd numeric, caps jsonb,
  hold_seconds int)
returns table (call_id uuid, retry_after_seconds int)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job record;
  day record;
  batch record;
  document record;
begin
  if coalesce(reserve_claude.worst_usd, 0) <= 0 or coalesce(reserve_claude.hold_seconds, 0) not between 1 and
      private.longest_lease() then
    perform private.refuse('AS006',
      format('worst_usd must be above 0 and hold_seconds 1 to %s.', private.longest_lease()));
  end if;
  select j.id, j.document_id, j.batch_id, j.allow_claude and coalesce(b.allow_claude, true) as allowed into job
    from check_lease(reserve_claude.machine, reserve_claude.job_id, reserve_claude.lease_token) l
    join processing_jobs j on j.id = reserve_claude.job_id left join batches b on b.id = j.batch_id;
  if not found then
    perform private.refuse('AS001', 'This machine does not hold that job (any more); drop its result.');
  elsif not job.allowed then
    perform private.refuse('AS003', 'Claude is switched off for this document.');
  end if;

  -- One reservation at a time: two of them cannot both take the last cent.
  perform pg_advisory_xact_lock(hashtext('aseagi.claude'));
  update claude_calls c set status = 'expired', cost_usd = c.reserved_usd, outcome = 'unknown', settled_at = now()
    where c.status = 'reserved' and c.expires_at < now();

  select coalesce(sum(c.cost_usd), 0) as spent, coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0)
    as held into day
    from claude_calls c where c.day = (now() at time zone 'utc')::date;
  select coalesce(sum(c.cost_usd), 0) as spent, coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0)
    as held into batch
    from claude_calls c where c.batch_id = job.batch_id;
  select coalesce(sum(c.cost_usd), 0) as spent, coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0)
    as held into document
    from claude_calls c where c.document_id = job.document_id;
  if not (private.check_claude_cap('day', reserve_claude.worst_usd, (caps ->> 'day')::numeric, day.spent, day.held)
      and private.check_claude_cap('batch', reserve_claude.worst_usd, (caps ->> 'batch')::numeric, batch.spent,
        batch.held)
      and private.check_claude_cap('document', reserve_claude.worst_usd, (caps ->> 'document')::numeric,
        document.spent, document.held)) then
    return query select null::uuid, private.claude_pause();
    return;
  end if;

  return query insert into claude_calls (job_id, document_id, batch_id, machine, model, reserved_usd, expires_at)
    values (job.id, job.document_id, job.batch_id, reserve_claude.machine, reserve_claude.model,
      reserve_claude.worst_usd,
      now() + make_interval(secs => reserve_claude.hold_seconds))
    returning id, null::int;
end $$;
comment on function reserve_claude
  is 'Reserves the worst case of one call against {day, batch, document} caps in dollars: call_id; or '
  'retry_after_seconds while only calls in flight are in the way. AS001 lease lost, AS003 off for this '
  'document, AS005 cap reached.';

create function settle_claude(call_id uuid, outcome text, cost_usd numeric, usage jsonb default '{}')
  returns setof claude_calls
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  settled claude_calls;
begin
  perform private.require_word(settle_claude.outcome, array['answered', 'refused', 'failed', 'unknown'], 'outcome');
  -- An answer that comes after its reservation expired still replaces the guess by the truth.
  update claude_calls c set status = 'settled', outcome = settle_claude.outcome, settled_at = now(),
      cost_usd = case when settle_claude.outcome = 'unknown' then c.reserved_usd else coalesce(settle_claude.cost_usd,
        0) end,
      input_tokens = coalesce((usage ->> 'input_tokens')::bigint, 0),
        output_tokens = coalesce((usage ->> 'output_tokens')::bigint, 0),
      cache_write_tokens = coalesce((usage ->> 'cache_creation_input_tokens')::bigint, 0),
      cache_read_tokens = coalesce((usage ->> 'cache_read_input_tokens')::bigint, 0)
    where c.id = settle_claude.call_id and c.status in ('reserved', 'expired') returning * into settled;
  if found then
    return next settled;
  end if;
end $$;
comment on function settle_claude
  is 'Replaces a reservation by what the call cost; unknown keeps the worst case. No row: it was settled before.';

-- What Claude has cost per page here: the estimate of a batch goes by it.
create function get_claude_statistics(model text) returns table (documents bigint, pages numeric, usd numeric)
language sql stable security definer set search_path = public, pg_temp set statement_timeout = '30s' as $$
  select count(*), coalesce(sum(j.pages_total), 0), coalesce(sum(c.usd), 0)
  from (select job_id, sum(cost_usd) as usd from claude_calls
      where claude_calls.model = get_claude_statistics.model and status = 'settled'
      group by job_id order by max(created_at) desc limit private.sample_size()) c
    join processing_jobs j on j.id = c.job_id and j.status = 'completed' and j.pages_total > 0
$$;
comment on function get_claude_statistics
  is 'Documents, pages and dollars of the last 5,000 completed jobs that this model was asked about.';
