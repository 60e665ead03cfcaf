-- What a folder would cost, asked before it is read: a listing, a random sample of it that is read, a price with its
-- interval, and what it cost in the end. The batch begins only with the confirmation of exactly this estimate.

create table estimates (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  status text not null default 'sampling' check (status in ('sampling', 'ready', 'confirmed')),
  request jsonb not null,
  listing jsonb not null,
  draws jsonb not null,
  sample_batch_id uuid not null references batches (id),
  price jsonb,
  priced_at timestamptz,
  expires_at timestamptz,
  batch_id uuid references batches (id),
  decided_by text,
  decided_at timestamptz,
  actual_usd numeric,
  created_at timestamptz not null default now(),
  check ((status = 'sampling') = (price is null)), check ((status = 'confirmed') = (batch_id is not null))
);
comment on table estimates is 'Folders that were priced before they were read, and what they cost.';
comment on column estimates.request is 'What POST /batch/start would take: the folder and the limits.';
comment on column estimates.listing
  is 'What was counted: documents, known, new, unsupported, empty, bytes, pages (guessed), whether that was all, and '
  'claude_usd, what Claude is assumed to cost.';
comment on column estimates.draws
  is 'The random sample: each {key, pages (guessed), chance (of having been drawn), claude_usd (assumed)}.';
comment on column estimates.price
  is 'usd, low_usd and high_usd (the interval), machine_usd, claude_usd, pages, documents, hours, machines.';
comment on column estimates.actual_usd is 'What its batch cost, once that is completed and the bills are in.';
alter table estimates enable row level security;

create function private.estimate_life() returns interval language sql immutable return interval '24 hours';
comment on function private.estimate_life
  is 'How long an estimate may be confirmed: a market''s prices are another day''s after it.';

create function private.bills_in() returns interval language sql immutable return interval '1 hour';
comment on function private.bills_in
  is 'How long after a batch''s end its cost is written down: its machines have ended and their bills are complete.';

create function begin_estimate(estimate jsonb, sample jsonb) returns setof estimates
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  return query insert into estimates (request, listing, draws, sample_batch_id)
    select estimate -> 'request', estimate -> 'listing', estimate -> 'draws', b.id from start_batch(sample) b
    returning *;
end $$;
comment on function begin_estimate
  is 'An estimate {request, listing, draws} and the batch `sample` that reads its draws, both or neither.';

create function price_estimate(estimate_id uuid, price jsonb) returns setof estimates
language sql security definer set search_path = public, private, pg_temp as $$
  update estimates e set status = 'ready', price = price_estimate.price, priced_at = now(),
    expires_at = now() + private.estimate_life()
  where e.id = price_estimate.estimate_id and e.status = 'sampling' returning e.*
$$;
comment on function price_estimate
  is 'Writes the price of an estimate whose sample was read, once; no row when it has one already.';

create function confirm_estimate(estimate_id uuid, batch jsonb, confirmed_by text) returns setof estimates
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  asked estimates;
begin
  select * into asked from estimates e where e.id = confirm_estimate.estimate_id for update;
  if not found then
    perform private.refuse('AS002', 'There is no such estimate.');
  elsif asked.status = 'confirmed' then
    return next asked;
    return;
  elsif asked.status <> 'ready' or asked.expires_at <= now() then
    perform private.refuse('AS003', 'This estimate cannot be confirmed now.');
  end if;
  return query update estimates e set status = 'confirmed', decided_by = confirm_estimate.confirmed_by,
    decided_at = now(), batch_id = b.id
    from start_batch(confirm_estimate.batch) b where e.id = asked.id returning e.*;
end $$;
comment on function confirm_estimate
  is 'Begins the batch of an estimate, once: confirmed again it is the same batch. AS002 unknown, AS003 not priced yet '
  'or expired.';

create function private.read_sample(batch_id uuid) returns jsonb
language sql stable set search_path = public, private, pg_temp as $$
  with jobs as (
    select j.document_id, coalesce(p.root_id, j.document_id) as root_id, private.pages_worked(j) as pages,
      j.status in ('queued', 'processing') as is_open
    from processing_jobs j left join lateral (select d.root_id from document_parts d where d.child_id = j.document_id
      order by d.depth limit 1) p on true
    where j.batch_id = read_sample.batch_id and j.kind = 'read'
  ), files as (
    select root_id, bool_or(is_open) as is_open, sum(pages) as pages, count(*) as documents,
      sum(private.document_claude_usd(document_id)) as claude_usd,
      bool_and(coalesce(d.judged, 'none') <> 'none' or d.duplicate_of is not null) as is_judged
    from jobs join master_document_registry d on d.id = jobs.document_id group by root_id
  )
  select coalesce(jsonb_agg(jsonb_build_object('key', coalesce(e.key, d.object_key), 'pages', f.pages,
    'documents', f.documents, 'claude_usd', f.claude_usd, 'is_judged', f.is_judged, 'is_open', f.is_open)
    order by d.seq), '[]')
  from files f join master_document_registry d on d.id = f.root_id
    left join lateral (select coalesce('drive:' || j.google_drive_id, j.object_key) as key from document_journal j
      where j.document_id = f.root_id and j.batch_id = read_sample.batch_id limit 1) e on true
$$;
comment on function private.read_sample
  is 'What reading has made of each file of a sample, its parts included: pages, and what Claude took for it.';

create function get_estimates(estimate_id uuid default null, most int default 50, before bigint default null,
  only_open boolean default false)
returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select to_jsonb(e) || jsonb_build_object('now', now(), 'sample', private.read_sample(e.sample_batch_id),
    'sample_is_over', s.status in ('completed', 'stopped') or (c.finished_at is not null and not exists (select
      from processing_jobs j where j.batch_id = s.id and j.kind = 'read' and j.status in ('queued', 'processing'))),
    'sample_usd', private.batch_machine_usd(s.id) + private.batch_claude_usd(s.id),
    'batch_status', b.status, 'spent_usd', coalesce(e.actual_usd, case when b.id is not null
      then private.batch_machine_usd(b.id) + private.batch_claude_usd(b.id) end))
  from estimates e join batches s on s.id = e.sample_batch_id left join batch_checkpoints c on c.batch_id = s.id
    left join batches b on b.id = e.batch_id
  where (get_estimates.estimate_id is null or e.id = get_estimates.estimate_id)
    and (get_estimates.before is null or e.seq < get_estimates.before)
    and (not get_estimates.only_open or e.status = 'sampling' or (e.status = 'ready' and e.expires_at > now()))
  order by e.seq desc limit get_estimates.most
$$;
comment on function get_estimates
  is 'Estimates, newest first (only_open: those that may still be confirmed), each with what reading made of its '
  'sample, and what its batch has cost until now.';

create function settle_estimates() returns setof estimates
language sql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  update estimates e set actual_usd = private.batch_machine_usd(b.id) + private.batch_claude_usd(b.id)
  from batches b where b.id = e.batch_id and e.actual_usd is null and b.status = 'completed'
    and b.finished_at < now() - private.bills_in()
    and not exists (select from processing_jobs j where j.batch_id = b.id and j.status in ('queued', 'processing'))
  returning e.*
$$;
comment on function settle_estimates
  is 'Writes down what the batches of estimates cost that are over, judged, and billed.';

create function get_estimates_held() returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp as $$
  select jsonb_build_object('ended', count(*), 'held', count(*) filter (where e.actual_usd
      between (e.price ->> 'low_usd')::numeric and (e.price ->> 'high_usd')::numeric),
    'above', count(*) filter (where e.actual_usd > (e.price ->> 'high_usd')::numeric),
    'squared_errors', coalesce(sum(ln(e.actual_usd / (e.price ->> 'usd')::numeric) ^ 2)
      filter (where e.actual_usd > 0 and (e.price ->> 'usd')::numeric > 0), 0))
  from estimates e where e.actual_usd is not null and (e.price ->> 'documents')::int > 0
$$;
comment on function get_estimates_held
  is 'Of the estimates whose batch is over: how many intervals held, how many batches cost more, and the sum of the '
  'squared logarithms of actual by estimate.';
