-- What machines and Claude have cost.

create view instance_costs with (security_invoker = true) as
  select i.label, i.batch_id, i.pages_done, i.intent_at, i.destroyed_at,
    coalesce(greatest(c.dollars, t.dollars), 0) as usd
  from instances i
    cross join lateral (select i.dph_total::double precision / 3600 * greatest(0,
      extract(epoch from coalesce(i.destroyed_at, now()) - i.contract_at)) as dollars) t
    left join lateral (select sum(f.dollars) as dollars from fleet_charges f where f.contract_id = i.contract_id) c
      on true;
comment on view instance_costs
  is 'What each machine has cost until now: by its price and time, or what Vast.ai charged where that is more.';

create function private.batch_dollars(batch_id uuid) returns double precision
language sql stable set search_path = public, pg_temp as $$
  select sum(j.pages * x.usd / x.pages_done)
  from (select instance, sum(pages_accounted) as pages from processing_jobs p
    where p.batch_id = batch_dollars.batch_id and instance is not null group by instance) j
    join instance_costs x on x.label = j.instance and x.pages_done > 0
$$;
comment on function private.batch_dollars
  is 'A batch''s share, by pages, of what the machines that worked on it have cost; null before its first page.';

create function private.machine_dollars_on(day date) returns double precision
language sql stable set search_path = public, pg_temp as $$
  select coalesce(sum(greatest(t.dollars, coalesce(c.dollars, 0))), 0)
  from instances i
    cross join lateral (select i.dph_total::double precision / 3600 * greatest(0, extract(epoch from
      least(coalesce(i.destroyed_at, now()), (machine_dollars_on.day + 1)::timestamp at time zone 'utc') - greatest(
        i.contract_at, machine_dollars_on.day::timestamp at time zone 'utc'))) as dollars) t
    left join lateral (select sum(f.dollars) as dollars from fleet_charges f where f.contract_id = i.contract_id
      and f.day = machine_dollars_on.day) c on true
  where i.contract_at < (machine_dollars_on.day + 1)::timestamp at time zone 'utc'
    and coalesce(i.destroyed_at, now()) >= machine_dollars_on.day::timestamp at time zone 'utc'
$$;
comment on function private.machine_dollars_on
  is 'What machines cost on a UTC day until now: by price and time, or as charged where that is more.';

create function get_costs(days int default 31) returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  with spent as (
    select day::date as day, private.machine_dollars_on(day::date) as machines_usd, coalesce((select sum(c.cost_usd)
      from claude_calls c where c.day = d.day::date), 0)::double precision as claude_usd
    from generate_series(least((now() at time zone 'utc')::date - get_costs.days + 1, date_trunc('month',
      now() at time zone 'utc')::date), (now() at time zone 'utc')::date, interval '1 day') as d (day)
  ), done as (
    select count(*) as documents, coalesce(sum(pages_total), 0) as pages from processing_jobs where status = 'completed'
  ), ever as (
    select coalesce((select sum(usd) from instance_costs), 0) + coalesce((select sum(cost_usd) from claude_calls),
      0)::double precision as usd
  )
  select jsonb_build_object(
    'today', (select jsonb_build_object('machines_usd', machines_usd, 'claude_usd', claude_usd, 'total_usd',
      machines_usd + claude_usd)
      from spent where day = (now() at time zone 'utc')::date),
    'month', (select jsonb_build_object('machines_usd', sum(machines_usd), 'claude_usd', sum(claude_usd), 'total_usd',
      sum(machines_usd + claude_usd))
      from spent where day >= date_trunc('month', now() at time zone 'utc')),
    'days', (select jsonb_agg(jsonb_build_object('date', day, 'machines_usd', machines_usd, 'claude_usd', claude_usd)
      order by day) from spent
      where day > (now() at time zone 'utc')::date - get_costs.days),
    'documents', done.documents, 'pages', done.pages,
    'usd_per_document', ever.usd / nullif(done.documents, 0), 'usd_per_page', ever.usd / nullif(done.pages, 0))
  from done, ever
$$;
comment on function get_costs
  is 'Dollars of today, this month and each of the last days (UTC), and per document and page since the beginning.';

create function get_job_costs(job_ids uuid[]) returns table (job_id uuid, cost_usd double precision)
language sql stable security definer set search_path = public, pg_temp set statement_timeout = '30s' as $$
  select j.id, coalesce(j.pages_accounted * x.usd / nullif(x.pages_done, 0), 0) + coalesce((select sum(c.cost_usd)
    from claude_calls c where c.job_id = j.id), 0)::double precision
  from processing_jobs j left join instance_costs x on x.label = j.instance
  where j.id = any (get_job_costs.job_ids) and j.status in ('completed', 'failed')
$$;
comment on function get_job_costs
  is 'What ended jobs cost: their pages'' share of their machine until now, and their calls to Claude.';
