-- How many jobs there are of each kind, kept by the transactions that change them: what people and programs ask every
-- few seconds is then a sum over some rows, and not over every document. Only ever added to (a change is minus one here
-- and plus one there), so that nobody waits; a sweep folds what was added.

create function private.count_window() returns interval language sql immutable return interval '10 seconds';
comment on function private.count_window
  is 'How exactly counts know when a reading ended, as long as that matters for a batch''s pace.';

create table job_counts (
  batch_id uuid,
  own_batch_id uuid,
  lane_id bigint not null,
  kind text not null,
  status text not null,
  error_code text,
  machine text,
  is_newest boolean not null,
  judged text,
  ended_at timestamptz,
  jobs bigint not null,
  pages bigint not null,
  pages_estimate bigint not null,
  pages_worked bigint not null,
  started_at timestamptz,
  is_folded boolean not null default false,
  message text,
  usd numeric not null default 0,
  priority text,
  placement text
);
comment on table job_counts
  is 'Jobs to read, and open ones to analyse, by what is asked of them; and dollars for Claude. The rows of a kind are '
  'summed: those that are not folded yet are changes.';
comment on column job_counts.batch_id is 'Of the job; for one to analyse, of the reading that it judges.';
comment on column job_counts.own_batch_id is 'Of a job to analyse: its own, which may be none.';
comment on column job_counts.is_newest
  is 'The document''s newest reading, or one to analyse of a document that is shown.';
comment on column job_counts.judged is 'Of a completed newest reading that is shown: see the registry.';
comment on column job_counts.ended_at is 'About when a reading ended, as long as it counts for the pace of its batch.';
comment on column job_counts.started_at is 'The first claim.';
comment on column job_counts.message is 'What one of the failed said.';
comment on column job_counts.priority
  is 'The lane''s, as is the placement, so that who counts open work need not look it up.';
comment on column job_counts.usd is 'Of kind claude, which counts no job: what calls for the batch cost.';
create unique index job_counts_folded on job_counts (batch_id, own_batch_id, lane_id, kind, status, error_code, machine,
  is_newest, judged, ended_at) nulls not distinct where is_folded;
create index job_counts_new on job_counts (batch_id) where not is_folded;
create index job_counts_batch on job_counts (batch_id) include (kind);
create index job_counts_analyse on job_counts (batch_id) where kind = 'analyse';
create index job_counts_open on job_counts (lane_id) where kind = 'read' and status in ('queued', 'processing');
alter table job_counts enable row level security;

create type private.counted_document as (id uuid, job_id uuid, judged text, is_shown boolean);
comment on type private.counted_document is 'What of a document its jobs are counted by.';

create function private.counted(document master_document_registry) returns private.counted_document
language sql immutable return row(document.id, document.job_id, document.judged, document.duplicate_of is null
  and document.dissolved_at is null)::private.counted_document;
comment on function private.counted is 'What of a document its jobs are counted by.';

create function private.count_reading(job processing_jobs, document private.counted_document, sign int)
returns job_counts language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  is_ended constant boolean := job.status in ('completed', 'failed');
begin
  return row(job.batch_id, null, job.lane_id, 'read', job.status, case when job.status = 'failed' then job.error_code
      end, case when is_ended then job.machine end, document.job_id is not distinct from job.id,
    case when job.status = 'completed' and document.job_id = job.id and document.is_shown then document.judged end,
    case when is_ended and job.finished_at > now() - 2 * private.pace_window()
      then date_bin(private.count_window(), job.finished_at, timestamptz '2000-01-01') end, sign,
    sign * coalesce(job.pages_total, job.pages_estimate, 1), sign * coalesce(job.pages_estimate, 1),
    sign * private.pages_worked(job), case when sign > 0 then job.started_at end, false,
    case when sign > 0 and job.status = 'failed' then job.error_message end, 0, job.priority,
    job.placement)::job_counts;
end $$;
comment on function private.count_reading is 'How a job to read counts, once or (sign -1) once less.';

create function private.count_of(job processing_jobs, document private.counted_document, sign int)
returns setof job_counts language sql stable set search_path = public, private, pg_temp as $$
  select c.* from private.count_reading(job, document, sign) c where job.kind = 'read'
  union all
  select r.batch_id, job.batch_id, job.lane_id, 'analyse', job.status, job.error_code, null, true, document.judged,
    null, sign, sign * coalesce(r.pages_total, 0), 0, 0, null, false, null, 0, null, null
  from processing_jobs r where job.kind = 'analyse' and job.status in ('queued', 'processing')
    and r.id = document.job_id and r.status = 'completed' and r.kind = 'read' and document.is_shown
$$;
comment on function private.count_of is 'How a job counts, once or (sign -1) once less.';

create function private.counts_of(batch_ids uuid[]) returns setof job_counts
language sql stable set search_path = public, pg_temp set enable_seqscan = off set enable_indexscan = off as $$
  select c.* from job_counts c where c.batch_id = any (batch_ids)
$$;
comment on function private.counts_of
  is 'The counts of batches: by a bitmap, which looks at each block once however many of its rows are theirs.';

create function private.count_changed_job() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  document private.counted_document;
  changes job_counts[];
begin
  select d.id, d.job_id, d.judged, d.duplicate_of is null and d.dissolved_at is null into document
    from master_document_registry d where d.id = coalesce(new.document_id, old.document_id);
  if tg_op = 'UPDATE' and new.kind = 'read' and old.kind = 'read' then  -- every claim, every completion
    changes := array[private.count_reading(new, document, 1), private.count_reading(old, document, -1)];
    insert into job_counts select * from unnest(changes);
  else
    insert into job_counts select * from private.count_of(new, document, 1) where tg_op <> 'DELETE'
      union all select * from private.count_of(old, document, -1) where tg_op <> 'INSERT';
  end if;
  return null;
end $$;
comment on function private.count_changed_job is 'Follows the jobs.';
create trigger processing_jobs_count_new after insert on processing_jobs for each row
  when (new.kind in ('read', 'analyse')) execute function private.count_changed_job();
create trigger processing_jobs_count_gone after delete on processing_jobs for each row
  when (old.kind in ('read', 'analyse')) execute function private.count_changed_job();
create trigger processing_jobs_count_changed after update of status, batch_id, lane_id, error_code, machine,
    pages_total, pages_estimate, page_outcomes, finished_at on processing_jobs for each row
  when (new.kind in ('read', 'analyse') and (old.status is distinct from new.status
    or old.batch_id is distinct from new.batch_id or old.lane_id is distinct from new.lane_id
    or old.error_code is distinct from new.error_code or old.pages_total is distinct from new.pages_total
    or old.pages_estimate is distinct from new.pages_estimate or old.page_outcomes is distinct from new.page_outcomes))
  execute function private.count_changed_job();

create function private.count_changed_document() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
begin
  insert into job_counts select c.* from processing_jobs j
    cross join lateral (select * from private.count_of(j, private.counted(new), 1)
      union all select * from private.count_of(j, private.counted(old), -1)) c
    where j.id in (old.job_id, new.job_id) or (j.document_id = new.id and j.status in ('queued', 'processing')
      and j.kind = 'analyse');
  return null;
end $$;
comment on function private.count_changed_document
  is 'Follows which reading is a document''s newest, and who judged it.';
create trigger master_document_registry_count after update of job_id, analyst, fallback_reason, duplicate_of,
    dissolved_at on master_document_registry for each row
  when (old.job_id is distinct from new.job_id or old.judged is distinct from new.judged
    or (old.duplicate_of is null) <> (new.duplicate_of is null)
    or (old.dissolved_at is null) <> (new.dissolved_at is null))
  execute function private.count_changed_document();

-- Since when a lane has waited is no sum: whoever takes its first job would have to look for the next one. The sweep
-- looks, in the statement that folds what changed there.

create table lane_heads (
  lane_id bigint primary key,
  oldest_at timestamptz
) with (fillfactor = 50);
comment on table lane_heads
  is 'When the oldest waiting job of a lane came, where job_counts has no change of the lane that is not folded.';
alter table lane_heads enable row level security;

create function private.heads_of(lanes bigint[]) returns table (lane_id bigint, oldest_at timestamptz)
language sql stable set search_path = public, pg_temp set enable_seqscan = off set enable_indexscan = on as $$
  with later as (
    select j.lane_id, min(j.created_at) as oldest_at from processing_jobs j where j.kind = 'read'
      and j.status = 'queued' and j.run_after is not null and lanes <> '{}' group by 1
  )
  select l.id, least(w.oldest_at, (select j.created_at from processing_jobs j where j.lane_id between l.id and l.id
      and j.ready and j.seq >= (select min(s.first_seq) from live_lanes s where s.lane_id = l.id)
      order by j.lane_id, j.seq limit 1),
    (select j.created_at from processing_jobs j where j.lane_id between l.id and l.id and j.status = 'queued'
      and j.deaths > 0 and j.kind = 'read' and j.run_after is null order by j.lane_id, j.seq limit 1))
  from unnest(lanes) as l(id) left join later w on w.lane_id = l.id
$$;
comment on function private.heads_of
  is 'When the oldest waiting job of each of these lanes came: ready, suspect, or to be tried again later; null where '
  'none waits.';

create function private.fold_counts() returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('fold_counts', 0)) then
    return;
  end if;
  with taken as (
    delete from job_counts c where not c.is_folded or c.ended_at < now() - 2 * private.pace_window() returning c.*
  ), headed as (
    insert into lane_heads as h select * from private.heads_of(array(select distinct t.lane_id from taken t
      where t.kind = 'read')) on conflict (lane_id) do update set oldest_at = excluded.oldest_at
      where h.oldest_at is distinct from excluded.oldest_at
  )
  insert into job_counts as c
    select t.batch_id, t.own_batch_id, t.lane_id, t.kind, t.status, t.error_code, t.machine, t.is_newest, t.judged,
      e.ended_at, sum(t.jobs), sum(t.pages), sum(t.pages_estimate), sum(t.pages_worked), min(t.started_at), true,
      min(t.message), sum(t.usd), min(t.priority), min(t.placement)
    from taken t cross join lateral (select case when t.ended_at >= now() - 2 * private.pace_window()
      then t.ended_at end as ended_at) e
    group by t.batch_id, t.own_batch_id, t.lane_id, t.kind, t.status, t.error_code, t.machine, t.is_newest, t.judged,
      e.ended_at
    having sum(t.jobs) <> 0 or sum(t.pages) <> 0 or sum(t.pages_estimate) <> 0 or sum(t.pages_worked) <> 0
      or sum(t.usd) <> 0
  on conflict (batch_id, own_batch_id, lane_id, kind, status, error_code, machine, is_newest, judged, ended_at)
    where is_folded do update set jobs = c.jobs + excluded.jobs, pages = c.pages + excluded.pages,
    pages_estimate = c.pages_estimate + excluded.pages_estimate, pages_worked = c.pages_worked + excluded.pages_worked,
    started_at = least(c.started_at, excluded.started_at), message = least(c.message, excluded.message),
    usd = c.usd + excluded.usd;
  delete from job_counts c where c.is_folded and c.jobs = 0 and c.pages = 0 and c.pages_estimate = 0
    and c.pages_worked = 0 and c.usd = 0;
  delete from lane_heads h where h.oldest_at is null;
end $$;
comment on function private.fold_counts is 'Adds the changes since the last time to the counts; one caller at a time.';
