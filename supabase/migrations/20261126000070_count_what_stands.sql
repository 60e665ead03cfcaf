-- What people are told: only what stands on words of a page is counted, what nobody judged is said so, and a notice that
-- cannot be written is put aside and reported instead of stopping all others.

-- Scores and the words they rest on ------------------------------------------------------------------------

create function private.unproven_scores(truth real, justice real, fraud real, perjury real, legal_credit real,
  relevancy real, evidence jsonb) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(s.name order by s.name), '{}')
  from unnest(array['truth_score', 'justice_score', 'fraud_score', 'perjury_score', 'legal_credit_score',
      'relevancy_score'],
    array[truth, justice, fraud, perjury, legal_credit, relevancy]) as s(name, score)
  where s.score is not null
    and not jsonb_path_exists(evidence, ('$[*] ? (@.score == "' || s.name
      || '" && @.verified == true && @.quote.type() == "string")')::jsonpath)
    -- Rules count words for the relevancy and quote nothing: only one that somebody judged needs its words.
    and (s.name <> 'relevancy_score'
      or jsonb_path_exists(evidence, '$[*] ? (@.score == "relevancy_score")'::jsonpath))
$$;
comment on function private.unproven_scores
  is 'Names of the scores for which no quoted words were found in the document: shown as such, and in no total.';

alter table master_document_registry add score_evidence jsonb not null default '[]';
comment on column master_document_registry.score_evidence
  is 'What each score rests on: [{score, page, quote, verified, reason}].';
alter table master_document_registry
  add unproven_scores text[] generated always as (private.unproven_scores(truth_score, justice_score, fraud_score,
    perjury_score, legal_credit_score, relevancy_score, score_evidence)) stored,
  add judged text generated always as (case when analyst is distinct from 'claude' then 'none'
    when fallback_reason ~ ' on pages |only_first_pages' then 'part' else 'all' end) stored;
comment on column master_document_registry.unproven_scores is 'See private.unproven_scores.';
comment on column master_document_registry.judged
  is 'Whether somebody looked for contradictions and warning signs: all of it, part of it, or none (rules only sort).';

create or replace function private.publish_analysis(document_id uuid, analysis jsonb, result jsonb) returns void
language sql set search_path = public, private, pg_temp as $$
  update master_document_registry set
    md5 = coalesce(md5, result ->> 'md5'), mime_type = coalesce(result ->> 'mime_type', mime_type),
      artifacts = coalesce(result -> 'artifacts', '{}'),
    document_type = left(analysis ->> 'document_type', 200),
      document_date = (nullif(analysis ->> 'document_date', 'null'))::date,
    dates = coalesce(nullif(analysis -> 'dates', 'null'), '[]'),
      parties = coalesce(nullif(analysis -> 'parties', 'null'), '[]'),
    case_number = left(analysis ->> 'case_number', 200), court = left(analysis ->> 'court', 500),
      summary = left(analysis ->> 'summary', 20000),
    key_facts = coalesce(nullif(analysis -> 'key_facts', 'null'), '[]'), analyst = left(analysis ->> 'analyst', 60),
      model = left(analysis ->> 'model', 200),
    fallback_reason = left(analysis ->> 'fallback_reason', 2000), truth_score = (analysis ->> 'truth_score')::real,
      justice_score = (analysis ->> 'justice_score')::real,
    fraud_score = (analysis ->> 'fraud_score')::real, perjury_score = (analysis ->> 'perjury_score')::real,
    legal_credit_score = (analysis ->> 'legal_credit_score')::real,
      relevancy_score = (analysis ->> 'relevancy_score')::real,
    score_evidence = case jsonb_typeof(analysis -> 'score_evidence') when 'array' then analysis -> 'score_evidence'
      else '[]' end, analysed_at = now()
  where id = publish_analysis.document_id;
  delete from document_findings f where f.document_id = publish_analysis.document_id;
  insert into document_findings (document_id, kind, page, quote, verified, explanation, score)
    select publish_analysis.document_id, f.kind, f.page, left(f.quote, 5000),
      coalesce(f.verified and f.quote ~ '\S', false), left(f.explanation, 5000), f.score
    from jsonb_to_recordset(coalesce(nullif(analysis -> 'findings', 'null'), '[]')) as f(kind text, page int,
      quote text, verified boolean, explanation text, score real);
$$;

alter table document_pages add rotation smallint check (rotation in (0, 90, 180, 270));
comment on column document_pages.rotation
  is 'How far clockwise, in degrees, the page must be turned to stand upright; null where nobody looked.';

create or replace function private.record_pages(job processing_jobs, pages jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  insert into document_pages (job_id, page, document_id, outcome, engine, confidence, seconds, reason, words, rotation)
    select job.id, p.page, job.document_id, p.outcome, p.engine, p.confidence, p.seconds, left(p.reason, 500), p.words,
      p.rotation
    from jsonb_to_recordset(coalesce(pages, '[]')) as p(page int, outcome text, engine text, confidence real,
      seconds real, reason text, words int, rotation smallint)
  on conflict (job_id, page) do update set outcome = excluded.outcome, engine = excluded.engine,
    confidence = excluded.confidence, rotation = excluded.rotation,
    seconds = excluded.seconds, reason = excluded.reason, words = excluded.words;
exception when check_violation or not_null_violation or cardinality_violation or data_exception then
  perform private.refuse('AS006', 'The pages are malformed: each needs a number from 1, once, and a known outcome.');
end $$;

create or replace view document_list with (security_invoker = true) as
  select d.id, d.seq, d.sha256, d.md5, d.bytes, d.mime_type, d.original_filename, d.source, d.object_key,
    d.duplicate_of, d.job_id, j.batch_id, j.status,
    j.pages_total, j.page_outcomes, j.error_code, j.error_message, j.cost_usd, d.document_type, d.document_date,
      d.dates, d.parties, d.case_number, d.court,
    d.summary, d.key_facts, d.analyst, d.model, d.fallback_reason, d.truth_score, d.justice_score, d.fraud_score,
      d.perjury_score, d.legal_credit_score,
    d.relevancy_score, d.artifacts, d.created_at, d.analysed_at, left(r.text, 1000) as text_excerpt, r.words,
    (select count(*) from document_findings f where f.document_id = d.id and f.verified) as findings_count,
    (select count(*) from document_findings f where f.document_id = d.id and not f.verified) as unproven_findings,
    d.judged, d.unproven_scores, d.score_evidence
  from master_document_registry d left join processing_jobs j on j.id = d.job_id
    left join document_repository r on r.document_id = d.id;

-- Notices ---------------------------------------------------------------------------------------------------

alter table event_deliveries add parked_at timestamptz, add reason text;
comment on column event_deliveries.parked_at
  is 'When its consumer gave this event up; it is not offered again, and people were told.';
comment on column event_deliveries.reason is 'Why it was given up: the kind of error, never words of a document.';

create or replace function take_events(consumer text, max_events int)
returns table (id bigint, kind text, document_id uuid, job_id uuid, batch_id uuid, instance text, payload jsonb,
  created_at timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  cursor_row event_cursors;
  taken bigint[];
begin
  if coalesce(take_events.consumer, '') = '' or max_events is null or max_events not between 1 and 1000 then
    perform private.refuse('AS006', 'consumer must be named and max_events 1 to 1000.');
  end if;
  insert into event_cursors (consumer) values (take_events.consumer) on conflict do nothing;
  select * into cursor_row from event_cursors where consumer = take_events.consumer for no key update;
  with again as (
    update event_deliveries set offered_until = now() + interval '60 seconds', times_offered = times_offered + 1
    where consumer = take_events.consumer and event_id = any (array(select d.event_id from event_deliveries d
      where d.consumer = take_events.consumer and d.parked_at is null and d.offered_until < now()
      -- Those offered least first: events that fail again and again never keep others from their turn.
      order by d.times_offered, d.event_id limit max_events))
        returning event_id
  ) select coalesce(array_agg(event_id), '{}') into taken from again;
  with fresh as (
    select e.id, e.transaction_id from events e
      where (e.transaction_id, e.id) > (cursor_row.transaction_id, cursor_row.event_id)
      and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by e.transaction_id, e.id
        limit max_events - cardinality(taken)
  ), offered as (
    insert into event_deliveries (consumer, event_id, offered_until) select take_events.consumer, f.id,
      now() + interval '60 seconds' from fresh f
  ), moved as (
    update event_cursors c set transaction_id = f.transaction_id, event_id = f.id
      from (select * from fresh order by transaction_id desc, id desc limit 1) as f
        where c.consumer = take_events.consumer
  ) select taken || coalesce(array_agg(f.id), '{}') into taken from fresh f;
  return query select e.id, e.kind, e.document_id, e.job_id, e.batch_id, e.instance, e.payload, e.created_at
    from events e
    where e.id = any (taken) order by e.transaction_id, e.id;
end $$;

create function park_event(consumer text, event_id bigint, reason text, least_offers int default 1)
returns setof bigint language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  parked events;
begin
  update event_deliveries d set parked_at = now(), reason = left(park_event.reason, 200)
    where d.consumer = park_event.consumer and d.event_id = park_event.event_id and d.parked_at is null
      and d.times_offered >= park_event.least_offers;
  if not found then
    return;
  end if;
  select * into parked from events e where e.id = park_event.event_id;
  if parked.payload ->> 'topic' is distinct from 'parked_notice' then
    perform raise_fleet_alarm('parked_notice', format(
      'A notice could not be written (event %s, %s, %s). It is put aside, all others go on; look on the dashboard at '
      'what happened at %s UTC.', parked.id, parked.kind, park_event.reason,
      to_char(parked.created_at at time zone 'utc', 'YYYY-MM-DD HH24:MI')));
  end if;
  return query select park_event.event_id;
end $$;
comment on function park_event
  is 'Puts an event aside that this consumer cannot deal with, once it was offered least_offers times, and raises an '
  'alarm; returns its id if it was put aside now.';

revoke all on function private.unproven_scores from public;
revoke all on function park_event from public, anon, authenticated, service_role;
grant execute on function park_event to service_role;

-- Refused files ---------------------------------------------------------------------------------------------

create function record_refused_file(file jsonb) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  insert into events (kind, payload) values ('file_refused', jsonb_build_object(
    'original_filename', left(record_refused_file.file ->> 'original_filename', 500),
    'source', record_refused_file.file ->> 'source', 'code', left(record_refused_file.file ->> 'code', 60),
    'message', left(record_refused_file.file ->> 'message', 500))) returning id
$$;
comment on function record_refused_file
  is 'Keeps that a file was not taken in, and why: {original_filename, source, code, message}. Its bytes are not kept.';
create index events_refused on events ((payload ->> 'original_filename'), id) where kind = 'file_refused';
create index document_journal_filename on document_journal (original_filename, created_at);

create view refused_files with (security_invoker = true) as
  select e.id, e.payload ->> 'original_filename' as original_filename, e.payload ->> 'source' as source,
    e.payload ->> 'code' as code, e.payload ->> 'message' as message, e.created_at
  from events e where e.kind = 'file_refused' and not exists (select from document_journal j
    where j.original_filename = e.payload ->> 'original_filename' and j.created_at >= e.created_at)
    and not exists (select from events f where f.kind = 'file_refused' and f.id > e.id
      and f.payload ->> 'original_filename' = e.payload ->> 'original_filename');
comment on view refused_files is 'Files that were not taken in and of whose name none has come since.';

revoke all on function record_refused_file from public, anon, authenticated, service_role;
grant execute on function record_refused_file to service_role;
revoke all on refused_files from public, anon, authenticated, service_role;
grant select on refused_files to service_role;

-- Lists that are whole ----------------------------------------------------------------------------------------

drop view finding_list;
create view finding_list with (security_invoker = true) as
  select f.id, f.document_id, d.original_filename, d.document_type, d.document_date, f.kind, f.page, f.quote, f.verified,
    f.explanation, f.score, d.case_number, d.created_at as received_at,
    -- Standing ones first, then the gravest, then the newest, in one number below 2^53: a cursor that no row shifts.
    (f.verified::int * 128 + coalesce(floor(f.score)::int, -1) + 1)::bigint * 1099511627776 + f.id as rank
  from document_findings f join master_document_registry d on d.id = f.document_id
  where d.duplicate_of is null;
comment on view finding_list is 'Findings as GET /api/findings shows them: by rank, the highest first.';
revoke all on finding_list from public, anon, authenticated, service_role;
grant select on finding_list to service_role;
create index document_findings_rank on document_findings
  (((verified::int * 128 + coalesce(floor(score)::int, -1) + 1)::bigint * 1099511627776 + id));
create index master_document_registry_case on master_document_registry (case_number, seq) where case_number is not null;
create index master_document_registry_date on master_document_registry (document_date, seq)
  where document_date is not null;

create view timeline_list with (security_invoker = true) as
  select (d.document_date - date '0001-01-01')::bigint * 2147483648 + d.seq as place, d.document_date as date,
    d.id as document_id, d.original_filename, d.document_type, left(d.summary, 1000) as summary, d.case_number
  from master_document_registry d where d.duplicate_of is null
    and d.document_date between date '0001-01-01' and date '9999-12-31';
comment on view timeline_list is 'Dated documents in order of their dates; place is the cursor.';

create view case_list with (security_invoker = true) as
  select d.case_number, (array_agg(d.court order by d.seq) filter (where d.court <> ''))[1] as court,
    count(*) as documents, coalesce(sum(j.pages_total), 0)::bigint as pages,
    coalesce(sum(f.standing), 0)::bigint as findings, coalesce(sum(f.unproven), 0)::bigint as unproven_findings,
    count(*) filter (where d.judged = 'all') as judged_all, count(*) filter (where d.judged = 'part') as judged_part,
    count(*) filter (where d.judged = 'none') as judged_none
  from master_document_registry d left join processing_jobs j on j.id = d.job_id
    left join (select document_id, count(*) filter (where verified) as standing,
      count(*) filter (where not verified) as unproven from document_findings group by 1) f on f.document_id = d.id
  where d.duplicate_of is null and d.case_number <> '' group by d.case_number;
comment on view case_list is 'Each case number with what there is of it; findings are those whose words stand.';
revoke all on timeline_list, case_list from public, anon, authenticated, service_role;
grant select on timeline_list, case_list to service_role;

create or replace function get_analytics() returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp as $$
  with documents as (
    select * from master_document_registry where duplicate_of is null
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
    from document_findings f join documents d on d.id = f.document_id
  ), strengths as (
    select coalesce(jsonb_object_agg(kind, jsonb_build_array(weak, notable, strong)), '{}') as by_kind
    from (select f.kind, count(*) filter (where coalesce(f.score, 0) < 40) as weak,
        count(*) filter (where f.score >= 40 and f.score < 70) as notable, count(*) filter (where f.score >= 70) as strong
      from document_findings f join documents d on d.id = f.document_id where f.verified group by 1) k
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
comment on function get_analytics is 'Counts and score distributions over all documents that are no duplicates, and the '
  '100 names that stand in most of them. A score or finding whose words were not found is in no count but its own.';
