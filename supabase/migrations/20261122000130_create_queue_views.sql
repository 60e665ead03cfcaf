-- What the control plane's lists show: joins, so that a page is one request.

create view job_list with (security_invoker = true) as
  select j.id, j.seq, j.document_id, j.batch_id, j.status, j.priority, j.placement, j.attempt, j.max_attempts,
    d.original_filename, d.source, d.object_key,
    d.mime_type, d.bytes, j.pages_done, j.pages_total, j.page_outcomes, d.document_type, d.document_date,
      d.case_number, j.error_code, j.error_message, j.instance,
    j.created_at, j.started_at, j.finished_at, j.run_after,
      coalesce(j.seconds, extract(epoch from j.finished_at - j.started_at)::real) as seconds,
    j.cost_usd, d.duplicate_of, d.analyst
  from processing_jobs j join master_document_registry d on d.id = j.document_id;
comment on view job_list is 'Jobs as GET /api/jobs shows them; newest first is order=seq.desc, and seq is the cursor.';

create view document_list with (security_invoker = true) as
  select d.id, d.seq, d.sha256, d.md5, d.bytes, d.mime_type, d.original_filename, d.source, d.object_key,
    d.duplicate_of, d.job_id, j.batch_id, j.status,
    j.pages_total, j.page_outcomes, j.error_code, j.error_message, j.cost_usd, d.document_type, d.document_date,
      d.dates, d.parties, d.case_number, d.court,
    d.summary, d.key_facts, d.analyst, d.model, d.fallback_reason, d.truth_score, d.justice_score, d.fraud_score,
      d.perjury_score, d.legal_credit_score,
    d.relevancy_score, d.artifacts, d.created_at, d.analysed_at, left(r.text, 1000) as text_excerpt, r.words,
    (select count(*) from document_findings f where f.document_id = d.id) as findings_count
  from master_document_registry d left join processing_jobs j on j.id = d.job_id
    left join document_repository r on r.document_id = d.id;
comment on view document_list
  is 'Documents as GET /api/documents shows them, with the state of their newest job; seq is the cursor.';

revoke all on job_list, document_list from public, anon, authenticated, service_role;
grant select on job_list, document_list to service_role;
