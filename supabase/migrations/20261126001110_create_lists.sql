-- What the control plane's lists and reports show: joins, so that a page is one request.

create view job_list with (security_invoker = true) as
  select j.id, j.seq, j.kind, j.document_id, j.batch_id, j.status, j.priority, j.placement, j.attempt, j.max_attempts,
    d.original_filename, d.source, d.object_key,
    d.mime_type, d.bytes, j.pages_done, j.pages_total, j.page_outcomes, d.document_type, d.document_date,
      d.case_number, j.error_code, j.error_message, j.machine,
    j.created_at, j.started_at, j.finished_at, j.run_after,
      coalesce(j.seconds, extract(epoch from j.finished_at - j.started_at)::real) as seconds,
    d.duplicate_of, d.analyst, j.allow_claude, j.choices_unsaid, private.job_machine_usd(j) as machine_usd,
    private.job_claude_usd(j.id) as claude_usd, private.job_machine_usd(j) + private.job_claude_usd(j.id) as total_usd
  from processing_jobs j join master_document_registry d on d.id = j.document_id;
comment on view job_list is 'Jobs as GET /api/jobs shows them; newest first is order=seq.desc, and seq is the cursor.';

create view document_list with (security_invoker = true) as
  select d.id, d.seq, d.sha256, d.md5, d.bytes, d.mime_type, d.original_filename, d.source,
    coalesce(d.kept_key, d.object_key) as object_key, d.version_id, d.duplicate_of,
    d.bound_set, d.dissolved_at, d.job_id, j.batch_id, j.status,
    j.pages_total, j.page_outcomes, j.error_code, j.error_message, d.document_type, d.document_date,
      d.dates, d.parties, d.case_number, d.court,
    d.summary, d.key_facts, d.analyst, d.model, d.fallback_reason, d.truth_score, d.justice_score, d.fraud_score,
      d.perjury_score, d.legal_credit_score,
    d.relevancy_score, d.artifacts, d.created_at, d.analysed_at, left(r.text, 1000) as text_excerpt, r.words,
    (select count(*) from document_findings f where f.document_id = d.id and f.verified
      and not f.is_wrong) as findings_count,
    (select count(*) from document_findings f where f.document_id = d.id and not f.verified
      and not f.is_wrong) as unproven_findings,
    d.judged, d.unproven_scores, d.score_evidence, d.disagreements, d.run_id, a.shown ->> 'status' as analysis_status,
    a.shown ->> 'reason' as analysis_reason, private.document_machine_usd(d.id) as machine_usd,
    private.document_claude_usd(d.id) as claude_usd,
    private.document_machine_usd(d.id) + private.document_claude_usd(d.id) as total_usd,
    private.tags_of(d.id) as tags, exists (select from judgements g where g.document_id = d.id
      and g.name = 'important') as is_important, (select g.value #>> '{}' from judgements g where g.document_id = d.id
      and g.name = 'sensitivity') as sensitivity, (select g.value #>> '{}' from judgements g
      where g.document_id = d.id and g.name like 'exhibit:%' order by g.name limit 1) as exhibit, d.corrected,
      d.as_read,
    (select m.original_filename from document_parts p join master_document_registry m on m.id = p.parent_id
      where p.child_id = d.id order by p.parent_id, p.position limit 1) as lies_in
  from master_document_registry d left join processing_jobs j on j.id = d.job_id
    left join document_repository r on r.document_id = d.id
    cross join lateral (select private.analysis_status(d) as shown) a;
comment on view document_list
  is 'Documents as GET /api/documents shows them, with the status of their newest job; seq is the cursor.';

create view finding_list with (security_invoker = true) as
  select f.id, f.document_id, d.original_filename, d.document_type, d.document_date, f.kind, f.page, f.quote,
    f.verified, f.state, f.differs, f.is_wrong,
    f.explanation, f.score, d.case_number, d.created_at as received_at,
    array(select m.matter_id from matter_documents m where m.document_id = d.id) as matters,
    -- The gravest first, then the newest, in one number below 2^53: a cursor that no row shifts.
    (coalesce(floor(f.score)::int, -1) + 1)::bigint * 1099511627776 + f.id as rank
  from document_findings f join master_document_registry d on d.id = f.document_id
  where d.duplicate_of is null and d.dissolved_at is null and f.verified and not f.is_wrong
    and not private.is_told_by_binder(d);
comment on view finding_list
  is 'Findings as GET /api/findings shows them: those whose words stand, by rank, the highest first.';

create view timeline_list with (security_invoker = true) as
  select (d.document_date - date '0001-01-01')::bigint * 2147483648 + d.seq as place, d.document_date as date,
    d.id as document_id, d.original_filename, d.document_type, left(d.summary, 1000) as summary, d.case_number
  from master_document_registry d where d.duplicate_of is null and d.dissolved_at is null
    and d.document_date between date '0001-01-01' and date '9999-12-31';
comment on view timeline_list is 'Dated documents in order of their dates; place is the cursor.';

create view case_list with (security_invoker = true) as
  -- Once, and by case, each finding with its one document (offset 0: or it is sought among all of them): whatever the
  -- planner believes of tables that it saw nearly empty.
  with told as materialized (
    select d.case_number, count(*) filter (where f.verified) as standing,
      count(*) filter (where not f.verified) as unproven
    from document_findings f cross join lateral (select o.case_number, o.duplicate_of is null
        and o.dissolved_at is null and not private.is_told_by_binder(o) as is_shown
      from master_document_registry o where o.id = f.document_id offset 0) d
    where d.is_shown and not f.is_wrong group by d.case_number
  ), papers as (
    select d.case_number, (array_agg(d.court order by d.seq) filter (where d.court <> ''))[1] as court,
      count(*) as documents, coalesce(sum(j.pages_total), 0)::bigint as pages,
      count(*) filter (where d.judged = 'all') as judged_all, count(*) filter (where d.judged = 'part') as judged_part,
      count(*) filter (where d.judged = 'none') as judged_none
    from master_document_registry d left join processing_jobs j on j.id = d.job_id
    where d.duplicate_of is null and d.dissolved_at is null and d.case_number <> '' group by d.case_number
  )
  select p.case_number, p.court, p.documents, p.pages, coalesce(t.standing, 0) as findings,
    coalesce(t.unproven, 0) as unproven_findings, p.judged_all, p.judged_part, p.judged_none
  from papers p left join told t on t.case_number = p.case_number;
comment on view case_list is 'Each case number with what there is of it; findings are those whose words stand.';

create view analysis_run_list with (security_invoker = true) as
  select r.id, r.seq, r.document_id, r.job_id, r.analyst, r.model, r.prompt_version, r.inputs_sha256, r.outcome,
    r.reason, r.accepted, r.id = d.run_id as is_shown, r.seconds, r.created_at,
    private.job_claude_usd(r.job_id) as claude_usd,
    (select count(*) from claude_calls c where c.job_id = r.job_id) as calls
  from analysis_runs r join master_document_registry d on d.id = r.document_id;
comment on view analysis_run_list
  is 'Runs as GET /api/documents/{id}/runs shows them, with what their job''s calls cost.';

create function get_totals(batch_id uuid default null)
returns table (documents bigint, completed bigint, failed bigint, cancelled bigint, open bigint, pages bigint,
  pages_accounted bigint, parts bigint, parts_left_out bigint, reconciled boolean, judged bigint,
  sorted bigint, waiting_for_analysis bigint, waiting_for jsonb)
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  with entered as (
    select distinct document_id from document_journal j where get_totals.batch_id is null
      or j.batch_id = get_totals.batch_id
  ), newest as (
    select j.status, j.pages_total, j.pages_accounted, coalesce(j.parts_total, 0) as parts_total,
      (select count(*) from document_parts p where p.parent_id = d.id) as parts,
      (select count(*) from document_parts p where p.parent_id = d.id and p.child_id is null) as left_out
    from entered e join master_document_registry d on d.id = e.document_id
      left join processing_jobs j on j.id = d.job_id
  ), analyses as materialized (
    select private.count_analyses(get_totals.batch_id) as counts
  )
  select count(*), count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
    count(*) filter (where status = 'cancelled'),
    count(*) filter (where status in ('queued', 'processing')),
      coalesce(sum(pages_total) filter (where status in ('completed', 'failed')), 0),
    coalesce(sum(pages_accounted) filter (where status in ('completed', 'failed')), 0),
    coalesce(sum(parts), 0), coalesce(sum(left_out), 0),
    coalesce(bool_and(status is not null and (status in ('failed', 'cancelled')
      or (status = 'completed' and pages_accounted = pages_total and parts = parts_total))), true),
    (select (counts ->> 'judged')::bigint from analyses), (select (counts ->> 'sorted')::bigint from analyses),
    (select (counts ->> 'waiting')::bigint from analyses), (select counts -> 'waiting_for' from analyses)
  from newest
$$;
comment on function get_totals
  is 'The account of a batch, or of everything: reconciled when every journal entry leads to a document whose '
  'newest job has ended, and each completed one has an outcome for each page and a row for each file inside: a '
  'document of its own, which is counted too, or the reason why it was not taken.';

create function get_analysis() returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select private.count_analyses() || jsonb_build_object(
    'door', (select to_jsonb(d) || to_jsonb(c) from doors d cross join claude_desk c where d.name = 'claude'),
    'no_key', (select to_jsonb(n) from find_judgeable('{"reason": "no_key"}') n),
    'spent', (select jsonb_build_object('documents', count(distinct r.document_id), 'pages',
        coalesce(sum(j.pages_total), 0), 'usd', coalesce(sum(private.job_claude_usd(r.job_id)), 0))
      from analysis_runs r join processing_jobs j on j.id = r.job_id where r.analyst = 'claude'))
$$;
comment on function get_analysis
  is 'How the analysis stands: the door, counts, what was sorted without a key, and what Claude''s judgements cost.';

-- Numbers for people ------------------------------------------------------------------------------------------

create function private.count_by(names text[]) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(name, n order by n desc, name), '{}') from (select name, count(*) as n
    from unnest(names) as name where name is not null group by name) c
$$;
comment on function private.count_by is 'How often each name occurs.';

create function private.histogram(scores real[], low int, high int) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('low', low + (high - low) * (bucket - 1) / 10, 'high',
    low + (high - low) * bucket / 10, 'documents', n) order by bucket), '[]')
  from (select bucket, count(score) as n from generate_series(1, 10) as bucket
    left join unnest(scores) as score on least(width_bucket(score, low, high, 10), 10) = bucket group by bucket) c
$$;
comment on function private.histogram
  is 'Ten steps of a scale with the documents in each; the last step has its upper end.';

create function get_analytics() returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  with documents as (
    select * from master_document_registry where duplicate_of is null and dissolved_at is null
  ), telling as (
    select d.id from master_document_registry d where d.duplicate_of is null and d.dissolved_at is null
      and not private.is_told_by_binder(d)
  ), standing as (
    select case when 'truth_score' <> all (unproven_scores) then truth_score end as truth,
      case when 'justice_score' <> all (unproven_scores) then justice_score end as justice,
      case when 'fraud_score' <> all (unproven_scores) then fraud_score end as fraud,
      case when 'perjury_score' <> all (unproven_scores) then perjury_score end as perjury,
      case when 'legal_credit_score' <> all (unproven_scores) then legal_credit_score end as credit,
      case when 'relevancy_score' <> all (unproven_scores) then relevancy_score end as relevancy from documents
  ), sums as (
    select count(*) as documents, count(analysed_at) as analysed, array_agg(document_type) as types,
      array_agg(source) as sources, array_agg(analyst) as analysts,
      jsonb_build_object('all', count(*) filter (where judged = 'all'), 'part', count(*) filter (where judged = 'part'),
        'none', count(*) filter (where judged = 'none')) as judged from documents
  ), bars as (
    select jsonb_build_object('truth_score', private.histogram(array_agg(truth), 0, 100),
      'justice_score', private.histogram(array_agg(justice), 0, 100),
      'fraud_score', private.histogram(array_agg(fraud), 0, 100),
      'perjury_score', private.histogram(array_agg(perjury), 0, 100),
      'legal_credit_score', private.histogram(array_agg(credit), 300, 850),
      'relevancy_score', private.histogram(array_agg(relevancy), 0, 1000)) as scores from standing
  ), found as (
    select private.count_by(array_agg(f.kind) filter (where f.verified)) as by_kind,
      count(*) filter (where not f.verified) as unproven
    from document_findings f join telling d on d.id = f.document_id where not f.is_wrong
  ), strengths as (
    select coalesce(jsonb_object_agg(kind, jsonb_build_array(weak, notable, strong)), '{}') as by_kind
    from (select f.kind, count(*) filter (where coalesce(f.score, 0) < 40) as weak,
        count(*) filter (where f.score >= 40 and f.score < 70) as notable, count(*) filter (where f.score >= 70)
          as strong
      from document_findings f join telling d on d.id = f.document_id where f.verified and not f.is_wrong
      group by 1) k
  ), parties as (
    select party ->> 'name' as name, case jsonb_typeof(party -> 'role') when 'string' then party ->> 'role' end as role,
      count(distinct d.id) as documents
    from documents d cross join jsonb_path_query(d.parties, '$[*] ? (@.name.type() == "string")') as party
    where party ->> 'name' <> '' group by 1, 2
  )
  select jsonb_build_object(
    'documents', s.documents, 'analysed', s.analysed, 'judged', s.judged,
    'by_type', private.count_by(s.types), 'by_source', private.count_by(s.sources),
      'by_analyst', private.count_by(s.analysts),
    'findings_by_kind', found.by_kind, 'finding_strengths', strengths.by_kind, 'unproven_findings', found.unproven,
      'scores', bars.scores,
    'pages', (select coalesce(sum(j.pages_total), 0) from documents d join processing_jobs j on j.id = d.job_id),
    'dated', (select count(*) from timeline_list), 'named', (select count(*) from parties),
    'parties', coalesce((select jsonb_agg(to_jsonb(p) order by p.documents desc, p.name) from (
      select * from parties order by documents desc, name limit 100) p), '[]'))
  from sums s, bars, found, strengths
$$;
comment on function get_analytics
  is 'Counts and score distributions over all documents that are no duplicates, and the 100 names that stand in '
  'most of them. A score or finding whose words were not found is in no count but its own.';
