-- Numbers for people: what was found, over everything, and what it cost.

create view finding_list with (security_invoker = true) as
  select f.id, f.document_id, d.original_filename, d.document_type, d.document_date, f.kind, f.page, f.quote, f.verified, f.explanation, f.score
  from document_findings f join master_document_registry d on d.id = f.document_id;
comment on view finding_list is 'Findings as GET /api/findings shows them.';
revoke all on finding_list from public, anon, authenticated, service_role;
grant select on finding_list to service_role;

create function private.count_by(names text[]) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(name, n order by n desc, name), '{}') from (select name, count(*) as n from unnest(names) as name where name is not null group by name) c
$$;
comment on function private.count_by is 'How often each name occurs.';

create function private.histogram(scores real[], low int, high int) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('low', low + (high - low) * (bucket - 1) / 10, 'high', low + (high - low) * bucket / 10, 'documents', n) order by bucket), '[]')
  from (select bucket, count(score) as n from generate_series(1, 10) as bucket
    left join unnest(scores) as score on least(width_bucket(score, low, high, 10), 10) = bucket group by bucket) c
$$;
comment on function private.histogram is 'Ten steps of a scale with the documents in each; the last step has its upper end.';

create function get_analytics() returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp as $$
  with documents as (
    select * from master_document_registry where duplicate_of is null
  ), sums as (
    select count(*) as documents, count(analysed_at) as analysed, array_agg(document_type) as types, array_agg(source) as sources, array_agg(analyst) as analysts,
      array_agg(truth_score) as truth, array_agg(justice_score) as justice, array_agg(fraud_score) as fraud, array_agg(perjury_score) as perjury,
      array_agg(legal_credit_score) as credit, array_agg(relevancy_score) as relevancy from documents
  )
  select jsonb_build_object(
    'documents', s.documents, 'analysed', s.analysed,
    'by_type', private.count_by(s.types), 'by_source', private.count_by(s.sources), 'by_analyst', private.count_by(s.analysts),
    'findings_by_kind', (select private.count_by(array_agg(kind)) from document_findings),
    'scores', jsonb_build_object('truth_score', private.histogram(s.truth, 0, 100), 'justice_score', private.histogram(s.justice, 0, 100),
      'fraud_score', private.histogram(s.fraud, 0, 100), 'perjury_score', private.histogram(s.perjury, 0, 100),
      'legal_credit_score', private.histogram(s.credit, 300, 850), 'relevancy_score', private.histogram(s.relevancy, 0, 1000)),
    'timeline', coalesce((select jsonb_agg(to_jsonb(t) order by t.date, t.document_id) from (
      select document_date as date, id as document_id, original_filename, document_type, summary from documents
      where document_date is not null order by relevancy_score desc nulls last, id limit 500) t), '[]'),
    'parties', coalesce((select jsonb_agg(to_jsonb(p) order by p.documents desc, p.name) from (
      select party ->> 'name' as name, party ->> 'role' as role, count(distinct d.id) as documents
      from documents d cross join jsonb_array_elements(d.parties) as party where party ->> 'name' <> '' group by 1, 2 order by 3 desc, 1 limit 100) p), '[]'))
  from sums s
$$;
comment on function get_analytics is 'Counts, score distributions, timeline and parties over all documents that are no duplicates.';

create function private.machine_dollars_on(day date) returns double precision
language sql stable set search_path = public, pg_temp as $$
  select coalesce(sum(greatest(t.dollars, coalesce(c.dollars, 0))), 0)
  from instances i
    cross join lateral (select i.dph_total::double precision / 3600 * greatest(0, extract(epoch from
      least(coalesce(i.destroyed_at, now()), (machine_dollars_on.day + 1)::timestamp at time zone 'utc') - greatest(i.contract_at, machine_dollars_on.day::timestamp at time zone 'utc'))) as dollars) t
    left join lateral (select sum(f.dollars) as dollars from fleet_charges f where f.contract_id = i.contract_id and f.day = machine_dollars_on.day) c on true
  where i.contract_at < (machine_dollars_on.day + 1)::timestamp at time zone 'utc'
    and coalesce(i.destroyed_at, now()) >= machine_dollars_on.day::timestamp at time zone 'utc'
$$;
comment on function private.machine_dollars_on is 'What machines cost on a UTC day until now: by price and time, or as charged where that is more.';

create function get_costs(days int default 31) returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp as $$
  with spent as (
    select day::date as day, private.machine_dollars_on(day::date) as machines_usd, coalesce((select sum(c.cost_usd) from claude_calls c where c.day = d.day::date), 0)::double precision as claude_usd
    from generate_series(least((now() at time zone 'utc')::date - get_costs.days + 1, date_trunc('month', now() at time zone 'utc')::date), (now() at time zone 'utc')::date, interval '1 day') as d (day)
  ), done as (
    select count(*) as documents, coalesce(sum(pages_total), 0) as pages from processing_jobs where status = 'completed'
  ), ever as (
    select coalesce((select sum(usd) from instance_costs), 0) + coalesce((select sum(cost_usd) from claude_calls), 0)::double precision as usd
  )
  select jsonb_build_object(
    'today', (select jsonb_build_object('machines_usd', machines_usd, 'claude_usd', claude_usd, 'total_usd', machines_usd + claude_usd)
      from spent where day = (now() at time zone 'utc')::date),
    'month', (select jsonb_build_object('machines_usd', sum(machines_usd), 'claude_usd', sum(claude_usd), 'total_usd', sum(machines_usd + claude_usd))
      from spent where day >= date_trunc('month', now() at time zone 'utc')),
    'days', (select jsonb_agg(jsonb_build_object('date', day, 'machines_usd', machines_usd, 'claude_usd', claude_usd) order by day) from spent
      where day > (now() at time zone 'utc')::date - get_costs.days),
    'documents', done.documents, 'pages', done.pages,
    'usd_per_document', ever.usd / nullif(done.documents, 0), 'usd_per_page', ever.usd / nullif(done.pages, 0))
  from done, ever
$$;
comment on function get_costs is 'Dollars of today, this month and each of the last days (UTC), and per document and page since the beginning.';

create function get_job_costs(job_ids uuid[]) returns table (job_id uuid, cost_usd double precision)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.id, coalesce(j.pages_accounted * x.usd / nullif(x.pages_done, 0), 0) + coalesce((select sum(c.cost_usd) from claude_calls c where c.job_id = j.id), 0)::double precision
  from processing_jobs j left join instance_costs x on x.label = j.instance
  where j.id = any (get_job_costs.job_ids) and j.status in ('completed', 'failed')
$$;
comment on function get_job_costs is 'What ended jobs cost: their pages'' share of their machine until now, and their calls to Claude.';

revoke all on all functions in schema private from public;
revoke all on function get_analytics, get_costs, get_job_costs from public, anon, authenticated, service_role;
grant execute on function get_analytics, get_costs, get_job_costs to service_role;
