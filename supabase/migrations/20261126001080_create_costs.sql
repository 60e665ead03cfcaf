-- One cost. Every route, view and message takes its dollars from here, and everywhere machine_usd is what machines cost
-- (private.machine_usd), claude_usd what calls to Claude cost, and total_usd the sum of both.

-- What falls to a job, a document, a batch ----------------------------------------------------------------------

create function private.job_machine_usd(job processing_jobs) returns numeric
language sql stable security definer set search_path = public, private, pg_temp as $$
  select case when job.status not in ('queued', 'processing') then
    coalesce((select round(private.machine_usd(m) * private.pages_worked(job) / nullif(m.pages_worked, 0), 6)
      from machines m where m.label = job.machine), 0) end
$$;
comment on function private.job_machine_usd
  is 'An ended job''s share, by pages, of what its machine has cost until now; null before it has ended.';

create function private.job_claude_usd(job_id uuid) returns numeric
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(sum(c.cost_usd), 0) from claude_calls c where c.job_id = job_claude_usd.job_id
$$;
comment on function private.job_claude_usd is 'What a job''s calls to Claude cost.';

create function private.document_machine_usd(document_id uuid) returns numeric
language sql stable security definer set search_path = public, private, pg_temp as $$
  select sum(private.job_machine_usd(j)) from processing_jobs j where j.document_id = document_machine_usd.document_id
$$;
comment on function private.document_machine_usd
  is 'The shares of all the document''s ended jobs; null before one has ended.';

create function private.document_claude_usd(document_id uuid) returns numeric
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(sum(c.cost_usd), 0) from claude_calls c where c.document_id = document_claude_usd.document_id
$$;
comment on function private.document_claude_usd is 'What all calls to Claude about a document cost.';

create function private.batches_machine_usd(batch_ids uuid[]) returns table (batch_id uuid, usd numeric)
language sql stable set search_path = public, private, pg_temp as $$
  select w.batch_id, round(sum(private.machine_usd(m) * w.pages / m.pages_worked), 6)
  from (select c.batch_id, c.machine, sum(c.pages_worked) as pages from private.counts_of(batch_ids) c
    where c.kind = 'read' and c.machine is not null group by 1, 2) w
    join machines m on m.label = w.machine and m.pages_worked > 0 group by 1
$$;
comment on function private.batches_machine_usd
  is 'What the ended jobs of each of these batches cost as shares of their machines; no row where that is nothing.';

create function private.batch_machine_usd(batch_id uuid) returns numeric
language sql stable set search_path = public, private, pg_temp as $$
  select coalesce((select b.usd from private.batches_machine_usd(array[batch_machine_usd.batch_id]) b), 0)
$$;
comment on function private.batch_machine_usd is 'The shares of a batch''s ended jobs.';

create function private.count_call() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  insert into job_counts (batch_id, lane_id, kind, status, is_newest, jobs, pages, pages_estimate, pages_worked, usd)
    values (new.batch_id, 0, 'claude', '', false, 0, 0, 0, 0, new.cost_usd
      - case when tg_op = 'UPDATE' then old.cost_usd else 0 end);
  return null;
end $$;
comment on function private.count_call is 'Follows what calls to Claude cost their batches.';
create trigger claude_calls_count_new after insert on claude_calls for each row
  when (new.batch_id is not null and new.cost_usd <> 0) execute function private.count_call();
create trigger claude_calls_count_changed after update of cost_usd on claude_calls for each row
  when (new.batch_id is not null and new.cost_usd <> old.cost_usd) execute function private.count_call();

create function private.batch_claude_usd(batch_id uuid) returns numeric
language sql stable set search_path = public, pg_temp as $$
  select coalesce(sum(c.usd), 0) from job_counts c where c.batch_id = batch_claude_usd.batch_id and c.kind = 'claude'
$$;
comment on function private.batch_claude_usd is 'What a batch''s calls to Claude cost.';

-- Days --------------------------------------------------------------------------------------------------------

create function private.spent(machine_usd numeric, claude_usd numeric) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('machine_usd', machine_usd, 'claude_usd', claude_usd, 'total_usd', machine_usd + claude_usd)
$$;
comment on function private.spent is '{machine_usd, claude_usd, total_usd}, as every answer tells it.';

create function get_costs(days int default 31) returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  with today as (
    select (now() at time zone 'utc')::date as day, date_trunc('month', now() at time zone 'utc')::date as month
  ), each_day as (
    select d::date as day, private.machines_usd_on(d::date) as machine_usd,
      coalesce((select sum(c.cost_usd) from claude_calls c where c.day = d::date), 0) as claude_usd
    from today cross join lateral generate_series(least(today.day - get_costs.days + 1, today.month), today.day,
      interval '1 day') as d
  ), most as (
    select greatest(private.most_machines_usd_on(today.day)::numeric, e.machine_usd) as machine_usd,
      e.claude_usd + coalesce((select sum(c.reserved_usd) from claude_calls c
        where c.day = today.day and c.status = 'reserved'), 0) as claude_usd
    from today join each_day e on e.day = today.day
  ), done as (
    select coalesce(sum(c.jobs), 0)::bigint as documents, coalesce(sum(c.pages), 0)::bigint as pages from job_counts c
      where c.status = 'completed' and c.kind = 'read'
  ), ever as (
    select coalesce((select sum(private.machine_usd(m)) from machines m), 0)
      + coalesce((select sum(c.usd) from fleet_charges c
        where not exists (select from machines m where m.contract_id = c.contract_id)), 0)::numeric
      + coalesce((select sum(cost_usd) from claude_calls), 0) as usd
  )
  select jsonb_build_object(
    'today', (select private.spent(machine_usd, claude_usd) from each_day e where e.day = today.day),
    'today_at_most', (select private.spent(round(machine_usd, 6), claude_usd) from most),
    'month', (select private.spent(sum(machine_usd), sum(claude_usd)) from each_day e where e.day >= today.month),
    'days', (select jsonb_agg(jsonb_build_object('date', day) || private.spent(machine_usd, claude_usd) order by day)
      from each_day e where e.day > today.day - get_costs.days),
    'documents', done.documents, 'pages', done.pages,
    'usd_per_document', round(ever.usd / nullif(done.documents, 0), 6),
    'usd_per_page', round(ever.usd / nullif(done.pages, 0), 6))
  from today, done, ever
$$;
comment on function get_costs
  is 'Dollars of today, this month and each of the last days (UTC), and per document and page since the beginning. '
  'today_at_most is what the day''s caps count: open contracts and calls by their worst case.';
