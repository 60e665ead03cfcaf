-- A completed document's custody chain holds what its machine handed in: the document's own hash, and key, size and SHA-256 of each
-- artifact. Whoever changes an object, or a row of the registry, afterwards can be found out.

create or replace function private.require_artifacts(artifacts jsonb, prefix text) returns void
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  -- A machine may publish only what its lease let it write: any other key would later be signed for readers.
  if exists (select from jsonb_each(artifacts) as a(name, file) where a.name !~ '^[a-z0-9_.-]{1,60}$'
    or a.file ->> 'key' is distinct from prefix || a.name) then
    perform private.refuse('AS006', 'Each artifact must be stored as artifact_prefix followed by its name.');
  end if;
  if exists (select from jsonb_each(artifacts) as a(name, file)
    where coalesce(a.file ->> 'sha256' ~ '^[0-9a-f]{64}$' and a.file ->> 'bytes' ~ '^[0-9]{1,15}$', false) is false) then
    perform private.refuse('AS006', 'Each artifact needs its bytes and its sha256 (64 hex digits).');
  end if;
end $$;
comment on function private.require_artifacts
  is 'AS006 unless each artifact lies where this lease may write, and has its size and hash.';

drop function private.end_job(processing_jobs, text, text, text);
create function private.end_job(job processing_jobs, status text, code text, message text, files jsonb default '{}') returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  pages record;
begin
  if end_job.status = 'failed' then
    -- Pages we know of and never read are accounted for as skipped: nothing is lost from the totals.
    insert into document_pages (job_id, page, document_id, outcome, reason)
      select job.id, n, job.document_id, 'skipped', end_job.code
      from generate_series(1, greatest(coalesce(job.pages_total, 0),
        coalesce((select max(page) from document_pages where job_id = job.id), 0))) as n
    on conflict (job_id, page) do nothing;
  end if;
  select * into pages from private.count_pages(job.id);
  update processing_jobs j set status = end_job.status, lease_token = null, lease_expires_at = null, run_after = null,
    finished_at = now(), error_code = end_job.code, error_message = left(end_job.message, 500),
    pages_accounted = pages.accounted, page_outcomes = pages.outcomes,
    pages_total = case when end_job.status = 'failed' then pages.accounted else j.pages_total end
    where j.id = job.id;
  update document_journal set processing_status = end_job.status, error_message = left(end_job.message, 500)
    where document_id = job.document_id;
  insert into events (kind, document_id, job_id, batch_id, instance, payload)
    values ('job_' || end_job.status, job.document_id, job.id, job.batch_id, job.instance,
      jsonb_build_object('attempt', job.attempt, 'code', end_job.code, 'page_outcomes', pages.outcomes) || files);
end $$;
comment on function private.end_job
  is 'Ends a job as completed, failed or cancelled: page counts, journal and event; `files` (sha256, artifacts) go into the event.';

create or replace function complete_job(job_id uuid, lease_token uuid, result jsonb) returns table (status text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  machine instances := private.token_instance();
  job processing_jobs := private.held_job(complete_job.job_id, complete_job.lease_token, machine.label);
  files jsonb := coalesce(nullif(result -> 'artifacts', 'null'), '{}');
  page_count int;
  original uuid;
begin
  begin
    page_count := (result ->> 'pages_total')::int;
    perform private.require_all_pages(result -> 'pages', page_count);
    perform private.require_artifacts(files, job.artifact_prefix);
    original := private.record_hash(job, result ->> 'sha256');
    if original is not null then
      perform private.merge_duplicate(job, original);
      return query select 'completed';
      return;
    end if;
    delete from document_pages p where p.job_id = job.id;
    perform private.record_pages(job, result -> 'pages');
    perform private.publish_analysis(job.document_id, coalesce(nullif(result -> 'analysis', 'null'), '{}'),
      result || jsonb_build_object('artifacts', private.artifact_keys(files)));
    perform private.publish_text(job.document_id, result);
  exception when check_violation or not_null_violation or data_exception then
    perform private.refuse('AS006',
      format('The result is malformed (%s). Check the types, dates and score ranges against the contract.', sqlstate));
  end;
  update processing_jobs j set pages_done = page_count, pages_total = page_count,
    seconds = (result ->> 'seconds')::real where j.id = job.id;
  perform private.end_job(job, 'completed', null, null,
    jsonb_build_object('sha256', result ->> 'sha256', 'artifacts', files));
  update instances set pages_done = pages_done + page_count, jobs_done = jobs_done + 1 where label = machine.label;
  return query select 'completed';
end $$;

create function private.artifact_keys(files jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(name, file ->> 'key'), '{}') from jsonb_each(files) as a(name, file)
$$;
comment on function private.artifact_keys is 'name → object key, of name → {key, bytes, sha256}.';

drop function verify_custody(uuid);
create function verify_custody(document_id uuid)
  returns table (events bigint, intact boolean, broken_at integer, sha256 text, artifacts jsonb)
language sql stable security definer set search_path = public, private, pg_temp as $$
  with chain as (
    select e.custody_seq, e.hash, e.hash = private.hash_event(e)
        and e.previous_hash is not distinct from lag(e.hash) over (order by e.custody_seq)
        and e.custody_seq = row_number() over (order by e.custody_seq) as good
    from events e where e.document_id = verify_custody.document_id
  ), handed_in as (
    select e.custody_seq, e.payload ->> 'sha256' as sha256, e.payload -> 'artifacts' as artifacts
    from events e where e.document_id = verify_custody.document_id and e.kind = 'job_completed' and e.payload ? 'artifacts'
    order by e.custody_seq desc limit 1
  ), registered as (
    select d.*, h.custody_seq as handed_in_at, h.sha256 as handed_in_sha256, h.artifacts as handed_in,
      h.custody_seq is null or (h.sha256 = d.sha256 and private.artifact_keys(h.artifacts) = d.artifacts) as agrees
    from master_document_registry d left join handed_in h on true where d.id = verify_custody.document_id
  )
  select count(c.custody_seq), coalesce(bool_and(c.good), false) and max(c.custody_seq) = r.custody_seq
      and (array_agg(c.hash order by c.custody_seq desc))[1] = r.custody_hash and r.agrees,
    coalesce(min(c.custody_seq) filter (where not c.good), case when not r.agrees then r.handed_in_at end),
    coalesce(r.handed_in_sha256, r.sha256), coalesce(r.handed_in, '{}')
  from registered r left join chain c on true
  group by r.custody_seq, r.custody_hash, r.agrees, r.handed_in_at, r.handed_in_sha256, r.sha256, r.handed_in
$$;
comment on function verify_custody
  is 'Recomputes the document''s chain of events: intact unless an event was changed, removed or added afterwards, or the registry '
  'names other files than the machine handed in. With the hash of the document and {name: {key, bytes, sha256}} of its artifacts.';

revoke all on function private.end_job, private.artifact_keys from public;
revoke all on function verify_custody from public, anon, authenticated, service_role;
grant execute on function verify_custody to service_role;
