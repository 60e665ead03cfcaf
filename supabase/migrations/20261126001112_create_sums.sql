-- What people are told of everything, as sums: nobody's glance at a page counts all documents. Each document's shares
-- are counted anew when one of its events tells that it changed, so nothing is written for this by the transaction that
-- changes it; the sweep follows, and before it whoever asks: what changed is counted once for all who ask. The last few
-- documents he counts himself, and is told what is.

create table document_shares (
  document_id uuid primary key references master_document_registry (id),
  shares jsonb not null
);
comment on table document_shares is 'What each document has added to document_sums: {name: number}.';
alter table document_shares enable row level security;

create table document_sums (
  name text collate "C" primary key,
  n numeric not null
) with (fillfactor = 50);
comment on table document_sums is 'The shares of all documents, by name: "kind:what".';
alter table document_sums enable row level security;

create table sums_cursor (
  only_one boolean primary key default true check (only_one),
  transaction_id xid8 not null default '0',
  event_id bigint not null default 0,
  looked_at uuid not null default '00000000-0000-0000-0000-000000000000'
) with (fillfactor = 50);
comment on table sums_cursor is 'How far the sums have followed the events, see event_cursors.';
comment on column sums_cursor.looked_at
  is 'Each fold also counts the next few documents anew, whether an event tells of them or not: what a hand changed in '
  'a table is in the sums within the hours of one round.';
alter table sums_cursor enable row level security;

create function private.most_followed() returns int language sql immutable return 5000;
comment on function private.most_followed is 'Events that one fold follows: less than half a second''s work.';

create function private.fewest_followed() returns int language sql immutable return 6;
comment on function private.fewest_followed
  is 'Fewer events than these are left for whoever asks to count himself: two or three documents, some twenty blocks '
  'each. To follow each event would have each of twenty viewers write.';

create function private.most_looked_through() returns int language sql immutable return 500;
comment on function private.most_looked_through
  is 'Events that whoever asks counts himself at most, where a burst, or what came beside a long transaction, is not '
  'followed yet: some 20 ms. What lies behind is told seconds later, and nothing is called reconciled until then.';

create function private.most_counted_anew() returns int language sql immutable return 20;
comment on function private.most_counted_anew
  is 'Documents that each sweep counts without being told to: with one every five seconds 100,000 in seven hours.';

-- One document ------------------------------------------------------------------------------------------------

create function private.is_settled(job processing_jobs, parts bigint) returns boolean
language sql immutable return coalesce(job.status in ('failed', 'cancelled') or (job.status = 'completed'
  and job.pages_accounted = job.pages_total and parts = coalesce(job.parts_total, 0)), false);
comment on function private.is_settled
  is 'Whether a document''s newest job has ended and, if it completed, each page has an outcome and each file inside a '
  'row.';

create function private.shares_of(ids uuid[]) returns table (document_id uuid, name text, n numeric)
language plpgsql stable set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
begin
  -- Planned once a connection: it takes longer to plan than to run.
  return query with known as materialized (
    select d as document, d.id, d.duplicate_of is null and d.dissolved_at is null as is_shown, j as job,
      j.status, j.pages_total, private.is_told_by_binder(d) as is_told
    from master_document_registry d left join processing_jobs j on j.id = d.job_id where d.id = any (ids)
  ), shown as materialized (
    select (k.document).*, k.job, k.status, k.pages_total, k.is_told from known k where k.is_shown
  ), entered as (
    select k.id, k.job, k.status, p.parts, p.left_out from known k cross join lateral (select count(*) as parts,
      count(*) filter (where p.child_id is null) as left_out from document_parts p where p.parent_id = k.id) p
    where exists (select from document_journal e where e.document_id = k.id)
  ), told as (
    select f.document_id, f.kind, f.verified, coalesce(f.score, 0) as score from shown s
      join document_findings f on f.document_id = s.id where not s.is_told and not f.is_wrong
  ), runs as (
    select r.document_id, coalesce(j.pages_total, 0) as pages, private.job_claude_usd(r.job_id) as usd
    from analysis_runs r join processing_jobs j on j.id = r.job_id where r.document_id = any (ids)
      and r.analyst = 'claude'
  )
  select e.id, t.name, t.n from entered e cross join lateral (values
    ('total:documents', 1), ('total:' || case when e.status in ('queued', 'processing') then 'open'
      else e.status end, 1), ('total:parts', e.parts), ('total:parts_left_out', e.left_out),
    ('total:pages', case when e.status in ('completed', 'failed') then (e.job).pages_total end),
    ('total:pages_accounted', case when e.status in ('completed', 'failed') then (e.job).pages_accounted end),
    ('total:unsettled', 1 - private.is_settled(e.job, e.parts)::int)) t(name, n) where t.n <> 0 and t.name is not null
  union all
  select s.id, t.name, t.n from shown s cross join lateral (values
    ('shown:documents', 1), ('shown:analysed', (s.analysed_at is not null)::int), ('shown:pages', s.pages_total),
    ('shown:dated', (s.document_date between date '0001-01-01' and date '9999-12-31')::int),
    ('judged:' || s.judged, 1), ('type:' || left(s.document_type, private.longest_word()), 1),
    ('source:' || s.source, 1), ('analyst:' || left(s.analyst, private.longest_word()), 1)) t(name, n)
  where t.n <> 0 and t.name is not null
  union all
  select s.id, format('score:%s:%s', t.name, least(width_bucket(t.score, t.low, t.high, 10), 10)), 1
  from shown s cross join lateral (values ('truth_score', s.truth_score, 0, 100),
    ('justice_score', s.justice_score, 0, 100), ('fraud_score', s.fraud_score, 0, 100),
    ('perjury_score', s.perjury_score, 0, 100), ('legal_credit_score', s.legal_credit_score, 300, 850),
    ('relevancy_score', s.relevancy_score, 0, 1000)) t(name, score, low, high)
  where t.score is not null and t.name <> all (s.unproven_scores)
  union all
  select f.document_id, case when f.verified then 'finding:' || f.kind else 'shown:unproven' end, count(*) from told f
    group by 1, 2
  union all
  select f.document_id, format('strength:%s:%s', f.kind, case when f.score < 40 then 1 when f.score < 70 then 2
    else 3 end), count(*) from told f where f.verified group by 1, 2
  union all
  select distinct s.id, 'party:' || jsonb_build_array(left(party ->> 'name', private.longest_word()),
    case jsonb_typeof(party -> 'role') when 'string' then left(party ->> 'role', private.longest_word()) end)::text, 1
  from shown s cross join jsonb_path_query(s.parties, '$[*] ? (@.name.type() == "string")') as party
  where party ->> 'name' <> ''
  union all
  select s.id, t.name, t.n from shown s left join batches b on b.id = (s.job).batch_id cross join lateral (select
      exists (select from processing_jobs a where a.document_id = s.id and a.kind = 'analyse'
        and a.status in ('queued', 'processing')) as is_open, (select a.status = 'failed' from processing_jobs a
        where a.document_id = s.id and a.kind = 'analyse' order by a.seq desc limit 1) as has_failed
      offset 0) a  -- looked up once, and not wherever it is named
    cross join lateral (select case when s.fallback_reason = 'claude_off' and (s.job).allow_claude then
      case when not coalesce(b.allow_claude, true) or private.is_sealed(s.id) then 'not_allowed'
        when a.is_open then 'waiting' else 'documents' end end as no_key offset 0) k
    cross join lateral (values
      (case when s.judged <> 'none' then 'read:judged' when not a.is_open then 'read:sorted' end, 1),
      (case when s.judged = 'none' and a.has_failed then 'read:failed' end, 1),
      (case when s.judged = 'none' and a.has_failed then 'failed:' || (s.job).batch_id end, 1),
      ('no_key:' || k.no_key, 1), (case when k.no_key = 'documents' then 'no_key:pages' end, s.pages_total)) t(name, n)
  where s.status = 'completed' and t.name is not null and t.n <> 0
  union all
  select r.document_id, t.name, t.n from (select document_id, sum(pages) as pages, sum(usd) as usd from runs
      group by 1) r
    cross join lateral (values ('spent:documents', 1), ('spent:pages', r.pages), ('spent:usd', r.usd)) t(name, n)
  where t.n <> 0;
end $$;
comment on function private.shares_of is 'What these documents add to the sums now.';

-- All of them -------------------------------------------------------------------------------------------------

create function private.with_members(ids uuid[]) returns uuid[]
language sql stable set search_path = public, pg_temp as $$
  select array(select unnest(ids) union select m.document_id from binder_members m where m.binder_id = any (ids))
$$;
comment on function private.with_members
  is 'Documents, and those bound in them: what lists tell of these depends on how their binder was read.';

create function private.write_shares(ids uuid[]) returns void
language sql set search_path = public, private, pg_temp as $$
  with counted as (
    select i.id, coalesce(jsonb_object_agg(s.name, s.n) filter (where s.name is not null), '{}') as shares
    from unnest(ids) as i(id) left join private.shares_of(ids) s on s.document_id = i.id group by i.id
  ), changed as (
    select c.id, c.shares, coalesce(o.shares, '{}') as before from counted c
      left join document_shares o on o.document_id = c.id where c.shares is distinct from o.shares
  ), written as (
    insert into document_shares as o select c.id, c.shares from changed c
      on conflict (document_id) do update set shares = excluded.shares
  )
  insert into document_sums as s select d.name, sum(d.n) from (
      select a.key as name, a.value::numeric as n from changed c cross join jsonb_each_text(c.shares) a
      union all select b.key, -b.value::numeric from changed c cross join jsonb_each_text(c.before) b) d
    group by 1 having sum(d.n) <> 0
    on conflict (name) do update set n = s.n + excluded.n;
$$;
comment on function private.write_shares is 'Counts these documents anew. The caller holds the lock of fold_sums.';

create function private.fold_sums(anew int) returns void
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off as $$
declare
  followed sums_cursor;
  changed uuid[];
  round uuid[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('fold_sums', 0)) then
    return;
  end if;
  insert into sums_cursor (only_one) values (true) on conflict do nothing;
  select * into followed from sums_cursor;
  round := array(select d.id from master_document_registry d where d.id > followed.looked_at order by d.id
    limit fold_sums.anew);
  with fresh as materialized (
    select e.transaction_id, e.id, e.document_id from events e
    where (e.transaction_id, e.id) > (followed.transaction_id, followed.event_id)
      and e.id >= private.first_unread_id(followed.event_id)
      and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    order by e.transaction_id, e.id limit private.most_followed()
  ), last as (
    select f.transaction_id, f.id from fresh f order by f.transaction_id desc, f.id desc limit 1
  )
  select array(select distinct f.document_id from fresh f where f.document_id is not null),
    coalesce((select l.transaction_id from last l), followed.transaction_id),
    coalesce((select l.id from last l), followed.event_id)
    into changed, followed.transaction_id, followed.event_id;
  perform private.write_shares(private.with_members(changed || round));
  update sums_cursor set transaction_id = followed.transaction_id, event_id = followed.event_id,
    looked_at = case when fold_sums.anew = 0 then looked_at
      else coalesce(round[cardinality(round)], '00000000-0000-0000-0000-000000000000') end where only_one;
end $$;
comment on function private.fold_sums
  is 'Follows the events since the last time, and counts so many documents anew; one caller at a time. Only '
  'transactions older than every open one, so that none is passed over.';

create function private.unfollowed(most int) returns table (document_id uuid, transaction_id xid8)
language plpgsql stable set search_path = public, private, pg_temp set enable_seqscan = off
  set enable_indexscan = on set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  followed sums_cursor;
begin
  select * into followed from sums_cursor;
  return query select e.document_id, e.transaction_id from events e
    where (e.transaction_id, e.id) > (coalesce(followed.transaction_id, '0'), coalesce(followed.event_id, 0))
      and e.id >= private.first_unread_id(coalesce(followed.event_id, 0))
    order by e.transaction_id, e.id limit most;
end $$;
comment on function private.unfollowed is 'The first events that no fold has followed yet.';

create function private.follow_sums() returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  if not current_setting('transaction_read_only')::boolean
      and (select count(*) from private.unfollowed(private.fewest_followed()) u
        where u.transaction_id < pg_snapshot_xmin(pg_current_snapshot())) >= private.fewest_followed() then
    perform private.fold_sums(0);
  end if;
exception when insufficient_resources then
  null;  -- on a full disk people must still be told how things stand
end $$;
comment on function private.follow_sums
  is 'For whoever asks for sums, before he does: what a machine finished is counted once, and not by each viewer until '
  'the next sweep, if there is one.';

create function private.sums_now(kinds text[]) returns table (kind text, name text, n numeric)
language sql stable set search_path = public, private, pg_temp set enable_seqscan = off
  set enable_indexscan = on as $$
  with fresh as materialized (
    select private.with_members(coalesce(array_agg(distinct u.document_id) filter (where u.document_id is not null),
        '{}')) as ids, count(*) >= private.most_looked_through() as has_more
      from private.unfollowed(private.most_looked_through()) u
  ), changes as materialized (
    select split_part(c.name, ':', 1) as kind, c.name, c.n from (
      select s.name, s.n from fresh f cross join private.shares_of(f.ids) s where f.ids <> '{}'
      union all select b.key, -b.value::numeric from fresh f join document_shares o on o.document_id = any (f.ids)
        cross join jsonb_each_text(o.shares) b
      union all select 'total:unsettled', 1 from fresh f where f.has_more) c
  )
  select t.kind, substr(t.name, length(t.kind) + 2), sum(t.n) from (
    select k.kind, s.name, s.n from unnest(kinds) as k(kind) join document_sums s on s.name >= k.kind || ':'
      and s.name < k.kind || ';'
    union all select c.kind, c.name, c.n from changes c where c.kind = any (kinds)) t
  group by t.kind, t.name having sum(t.n) <> 0
$$;
comment on function private.sums_now
  is 'The sums of some kinds as they are now: what is folded, and the few documents that changed since, which are '
  'counted once for all of the kinds.';

create function private.sums_of(kind text) returns table (name text, n numeric)
language sql stable set search_path = public, private, pg_temp as $$
  select s.name, s.n from private.sums_now(array[sums_of.kind]) s
$$;
comment on function private.sums_of is 'The sums of one kind as they are now.';

-- What is told ------------------------------------------------------------------------------------------------

create function private.sum_objects(variadic kinds text[]) returns jsonb
language sql stable set search_path = public, private, pg_temp as $$
  select jsonb_object_agg(k.kind, coalesce(s.told, '{}')) from unnest(kinds) as k(kind)
    left join (select n.kind, jsonb_object_agg(n.name, n.n) as told from private.sums_now(kinds) n group by 1) s
    on s.kind = k.kind
$$;
comment on function private.sum_objects is 'The sums of some kinds: {kind: {what: number}}.';

create function private.count_analyses(batch_id uuid, sums jsonb) returns jsonb
language sql stable set search_path = public, private, pg_temp set enable_seqscan = off as $$
  with read as (
    select coalesce(sum(c.jobs) filter (where c.judged <> 'none'), 0) as judged,
      coalesce(sum(c.jobs) filter (where c.judged = 'none'), 0) as unjudged
    from job_counts c where c.kind = 'read' and c.judged is not null and c.batch_id = count_analyses.batch_id
  )
  select jsonb_build_object('judged', coalesce((sums #>> '{read,judged}')::numeric, r.judged),
    'sorted', case when count_analyses.batch_id is null then coalesce((sums #>> '{read,sorted}')::numeric, 0)
      else r.unjudged - coalesce(w.unjudged, 0) end,
    'failed', coalesce(case when count_analyses.batch_id is null then sums #>> '{read,failed}'
      else sums #>> array['failed', count_analyses.batch_id::text] end, '0')::numeric,
    'waiting', coalesce(w.waiting, 0), 'waiting_pages', coalesce(w.waiting_pages, 0),
    'waiting_for', coalesce(w.waiting_for, '{}'))
  from read r left join private.waiting_analyses(case when count_analyses.batch_id is not null
    then array[count_analyses.batch_id] end) w on true
$$;
comment on function private.count_analyses
  is 'Documents that were read, by what became of them: judged by Claude (whole or in part), sorted by plain rules '
  '(failed: of those, where judging failed), waiting for Claude or being judged, and for what they wait. sums: those '
  'of kind failed for a batch, and of kind read for everything.';

create function private.count_totals(batch_id uuid) returns jsonb
language sql stable set search_path = public, private, pg_temp as $$
  with entered as (
    select distinct document_id from document_journal j where count_totals.batch_id is null
      or j.batch_id = count_totals.batch_id
  ), newest as (
    select j.status, j.pages_total, j.pages_accounted, p.parts, p.left_out, private.is_settled(j, p.parts) as is_settled
    from entered e join master_document_registry d on d.id = e.document_id
      left join processing_jobs j on j.id = d.job_id
      cross join lateral (select count(*) as parts, count(*) filter (where p.child_id is null) as left_out
        from document_parts p where p.parent_id = d.id) p
  )
  select jsonb_build_object('documents', count(*), 'completed', count(*) filter (where status = 'completed'),
    'failed', count(*) filter (where status = 'failed'), 'cancelled', count(*) filter (where status = 'cancelled'),
    'open', count(*) filter (where status in ('queued', 'processing')),
    'pages', sum(pages_total) filter (where status in ('completed', 'failed')),
    'pages_accounted', sum(pages_accounted) filter (where status in ('completed', 'failed')),
    'parts', sum(parts), 'parts_left_out', sum(left_out), 'unsettled', count(*) filter (where not is_settled))
  from newest
$$;
comment on function private.count_totals is 'The totals of a batch, or of everything, counted document by document.';

create function get_totals(batch_id uuid default null, anew boolean default false)
returns table (documents bigint, completed bigint, failed bigint, cancelled bigint, open bigint, pages bigint,
  pages_accounted bigint, parts bigint, parts_left_out bigint, reconciled boolean, judged bigint,
  sorted bigint, waiting_for_analysis bigint, waiting_for jsonb)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  totals jsonb;
  analyses jsonb;
begin
  perform private.follow_sums();
  select case when get_totals.batch_id is null and not anew then s.told -> 'total'
      else private.count_totals(get_totals.batch_id) end, private.count_analyses(get_totals.batch_id, s.told)
    into totals, analyses from (select private.sum_objects(variadic case when get_totals.batch_id is null
      then array['total', 'read'] else array['failed'] end) as told offset 0) s;
  return query select coalesce(t.documents, 0), coalesce(t.completed, 0), coalesce(t.failed, 0),
    coalesce(t.cancelled, 0), coalesce(t.open, 0), coalesce(t.pages, 0), coalesce(t.pages_accounted, 0),
    coalesce(t.parts, 0), coalesce(t.parts_left_out, 0), coalesce(t.unsettled, 0) = 0,
    (analyses ->> 'judged')::bigint, (analyses ->> 'sorted')::bigint, (analyses ->> 'waiting')::bigint,
    analyses -> 'waiting_for'
  from jsonb_to_record(totals) as t(documents bigint, completed bigint, failed bigint, cancelled bigint, open bigint,
    pages bigint, pages_accounted bigint, parts bigint, parts_left_out bigint, unsettled bigint);
end $$;
comment on function get_totals
  is 'The account of a batch, or of everything: reconciled when every journal entry leads to a document whose '
  'newest job has ended, and each completed one has an outcome for each page and a row for each file inside: a '
  'document of its own, which is counted too, or the reason why it was not taken. A batch''s, and anew everything''s, '
  'is counted document by document and believes no sum.';

create function get_analysis() returns setof jsonb
language sql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select private.follow_sums();
  with sums as materialized (
    select private.sum_objects('read', 'no_key', 'spent') as told
  )
  select private.count_analyses(null, s.told) || jsonb_build_object(
    'door', (select to_jsonb(d) || to_jsonb(c) from doors d cross join claude_desk c where d.name = 'claude'),
    'no_key', '{"documents": 0, "pages": 0, "waiting": 0, "judged": 0, "not_allowed": 0}'
      || (s.told -> 'no_key'), 'spent', '{"documents": 0, "pages": 0, "usd": 0}' || (s.told -> 'spent'))
  from sums s
$$;
comment on function get_analysis
  is 'How the analysis stands: the door, counts, what was sorted without a key, and what Claude''s judgements cost.';

create function private.histogram(sums jsonb, score text, low int, high int) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_agg(jsonb_build_object('low', low + (high - low) * (bucket - 1) / 10, 'high',
    low + (high - low) * bucket / 10, 'documents', coalesce((sums -> (score || ':' || bucket))::bigint, 0))
    order by bucket)
  from generate_series(1, 10) as bucket
$$;
comment on function private.histogram
  is 'Ten steps of a scale with the documents in each; the last step has its upper end.';

create function get_analytics() returns setof jsonb
language sql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  select private.follow_sums();
  with told as materialized (
    select private.sum_objects('shown', 'score', 'strength', 'judged', 'type', 'source', 'analyst', 'finding', 'party')
      as kinds
  ), sums as (
    select t.kinds, '{"documents": 0, "analysed": 0, "pages": 0, "dated": 0, "unproven": 0}' || (t.kinds -> 'shown')
      as shown, t.kinds -> 'score' as scores, t.kinds -> 'strength' as strengths from told t
  ), parties as materialized (
    select p.key::jsonb ->> 0 as name, p.key::jsonb ->> 1 as role, p.value::numeric as documents
    from told t cross join jsonb_each_text(t.kinds -> 'party') p
  )
  select jsonb_build_object(
    'documents', s.shown -> 'documents', 'analysed', s.shown -> 'analysed',
    'judged', '{"all": 0, "part": 0, "none": 0}' || (s.kinds -> 'judged'),
    'by_type', s.kinds -> 'type', 'by_source', s.kinds -> 'source', 'by_analyst', s.kinds -> 'analyst',
    'findings_by_kind', s.kinds -> 'finding',
    'finding_strengths', (select coalesce(jsonb_object_agg(k.kind, jsonb_build_array(
        coalesce((s.strengths -> (k.kind || ':1'))::bigint, 0), coalesce((s.strengths -> (k.kind || ':2'))::bigint, 0),
        coalesce((s.strengths -> (k.kind || ':3'))::bigint, 0))), '{}')
      from (select distinct split_part(e, ':', 1) as kind from jsonb_object_keys(s.strengths) as e) k),
    'unproven_findings', s.shown -> 'unproven', 'scores', jsonb_build_object(
      'truth_score', private.histogram(s.scores, 'truth_score', 0, 100),
      'justice_score', private.histogram(s.scores, 'justice_score', 0, 100),
      'fraud_score', private.histogram(s.scores, 'fraud_score', 0, 100),
      'perjury_score', private.histogram(s.scores, 'perjury_score', 0, 100),
      'legal_credit_score', private.histogram(s.scores, 'legal_credit_score', 300, 850),
      'relevancy_score', private.histogram(s.scores, 'relevancy_score', 0, 1000)),
    'pages', s.shown -> 'pages', 'dated', s.shown -> 'dated', 'named', (select count(*) from parties),
    'parties', coalesce((select jsonb_agg(to_jsonb(p) order by p.documents desc, p.name) from (
      select * from parties order by documents desc, name limit 100) p), '[]'))
  from sums s
$$;
comment on function get_analytics
  is 'Counts and score distributions over all documents that are no duplicates, and the 100 names that stand in '
  'most of them. A score or finding whose words were not found is in no count but its own.';

-- After a restore ---------------------------------------------------------------------------------------------

create function private.read_on_here() returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  here xid8 := pg_current_xact_id();
  newest bigint := coalesce((select max(e.id) from events e), 0);
begin
  insert into event_deliveries (consumer, event_id, offered_until) select c.consumer, e.id, '-infinity'
    from event_cursors c join events e on (e.transaction_id, e.id) > (c.transaction_id, c.event_id)
    where c.consumer not like 'webhook:%' or exists (select from webhooks w where w.ended_at is null
      and private.webhook_consumer(w.id) = c.consumer)
    on conflict do nothing;
  perform private.write_shares(private.with_members(array(select distinct e.document_id from events e, sums_cursor c
    where (e.transaction_id, e.id) > (c.transaction_id, c.event_id) and e.document_id is not null)));
  update events e set transaction_id = '0' where e.transaction_id >= here;
  update event_cursors c set transaction_id = here, event_id = newest where c.consumer <> '';
  update sums_cursor set transaction_id = here, event_id = newest where only_one;
end $$;
comment on function private.read_on_here
  is 'At the end of a restore: this cluster counts its transactions from elsewhere, and what comes now would lie '
  'before what every consumer has read, unheard for weeks. What they had not read is offered to each again, and they '
  'go on from here.';
