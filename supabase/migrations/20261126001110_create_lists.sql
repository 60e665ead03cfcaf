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
  -- Left, though every job has its document: so who only counts jobs, as every page does up to max-rows, joins nothing.
  from processing_jobs j left join master_document_registry d on d.id = j.document_id;
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
