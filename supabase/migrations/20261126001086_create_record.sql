-- The record: what is sealed in it, whether a document is still what it says, one log over all documents, and its head.

-- What is sealed ----------------------------------------------------------------------------------------------

select private.keep_in_record('document_journal', '{id}', 'document_id', '{source,original_filename,object_key,'
  'google_drive_id,source_version,telegram_chat_id,telegram_message_id,arrival,created_at}');
select private.keep_in_record('master_document_registry', '{id}', 'id', '{original_filename,source,bytes,duplicate_of,'
  'dissolved_at,live_mark,run_id,document_type,document_date,dates,parties,case_number,court,summary,key_facts,analyst,'
  'model,fallback_reason,truth_score,justice_score,fraud_score,perjury_score,legal_credit_score,relevancy_score,'
  'score_evidence,disagreements,analysed_at}');
select private.keep_in_record('document_pages', '{job_id}', 'document_id');
select private.keep_in_record('document_repository', '{document_id}', 'document_id');
select private.keep_in_record('document_parts', '{parent_id}', 'parent_id');
select private.keep_in_record('mails', '{document_id}', 'document_id');
select private.keep_in_record('analysis_runs', '{job_id}', 'document_id');
select private.keep_in_record('document_claims', '{document_id}', 'document_id');
select private.keep_in_record('document_findings', '{document_id}', 'document_id', '{kind,page,quote,verified,'
  'explanation,score,state,differs}');
select private.keep_in_record('document_transcriptions', '{document_id}', 'document_id');
select private.keep_in_record('judgements', '{document_id}', 'document_id');
select private.keep_in_record('decision_changes', '{decision_id,document_id}', 'document_id');
select private.keep_in_record('decisions', '{id}');
select private.keep_in_record('binders', '{document_id}', 'document_id');
select private.keep_in_record('binder_members', '{binder_id}', 'binder_id');
select private.keep_in_record('case_decisions', '{id}');
select private.keep_in_record('pair_decisions', '{id}');
select private.keep_in_record('people_decisions', '{id}');
-- Entries are sealed some minutes' worth at once: see seal_access.
select private.keep_in_record('access_log', '{bundle}');
comment on function private.sealed_sets
  is 'Tables whose rows of a scope are sealed as a set. Written by write_seal_reader.';
comment on function private.seal_digests
  is 'The SHA-256 of each row that `table/scope` names, one after the other. Written by write_seal_reader.';

-- Whether a document is what its record says ------------------------------------------------------------------

create function private.artifact_keys(files jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(name, file ->> 'key'), '{}') from jsonb_each(files) as a(name, file)
$$;
comment on function private.artifact_keys is 'name → object key, of name → {key, bytes, sha256}.';

create function private.present_scopes(document_id uuid) returns setof text
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  kept recorded_tables;
begin
  for kept in select * from recorded_tables t where (t.document_column is null) = (document_id is null) loop
    return query execute format('select %L || s.scope from (%s) as s(scope)', kept.name || '/', kept.scopes)
      using document_id;
  end loop;
end $$;
comment on function private.present_scopes
  is 'Every `table/scope` that a document has rows of now; without a document, those of tables that belong to none.';

create function private.find_chain_faults(document_id uuid)
returns table (subject text, fault text, custody_seq int)
language sql stable set search_path = public, private, pg_temp as $$
  with chain as (
    select e.*, private.hash_event(e) as found, lag(e.hash) over (order by e.custody_seq) as before,
      row_number() over (order by e.custody_seq) as place
    from private.every_event() e where e.document_id = find_chain_faults.document_id
  ), last as (
    select c.hash, c.custody_seq from chain c order by c.custody_seq desc limit 1
  )
  select 'event ' || c.custody_seq, case when c.custody_seq <> c.place then 'an event before it is missing'
    when c.hash <> c.found then 'changed' else 'does not follow the event before it' end, c.custody_seq
  from chain c where c.custody_seq <> c.place or c.hash is distinct from c.found
    or c.previous_hash is distinct from c.before
  union all
  select 'event ' || h.custody_seq, 'missing at the end of the chain', h.custody_seq
  from custody_heads h left join last on true where h.document_id = find_chain_faults.document_id
    and (last.hash is distinct from h.hash or coalesce(last.custody_seq, 0) <> h.custody_seq)
  union all
  select 'events', 'nothing says where the chain ends', c.custody_seq
  from last c where not exists (select from custody_heads h where h.document_id = find_chain_faults.document_id)
$$;
comment on function private.find_chain_faults is 'Where a document''s events are not the chain they were.';

create function private.find_seal_faults(document_id uuid)
returns table (subject text, fault text, custody_seq int)
language sql stable set search_path = public, private, pg_temp as $$
  with told as (
    select distinct on (s.sealed) s.sealed, s.digest, e.custody_seq
    from (select * from private.every_event() o where o.document_id = find_seal_faults.document_id
      union all select * from private.every_event() n where find_seal_faults.document_id is null
        and n.document_id is null) e
      cross join lateral jsonb_each_text(case jsonb_typeof(e.payload -> 'seals') when 'object'
        then e.payload -> 'seals' end) as s(sealed, digest)
    order by s.sealed, coalesce(e.custody_seq, e.id) desc
  ), present as (
    select p.sealed, encode(sha256((private.seal_digests(array[p.sealed]))[1]), 'hex') as digest
    from private.present_scopes(find_seal_faults.document_id) as p(sealed)
  )
  select coalesce(t.sealed, p.sealed), case when t.sealed is null then 'added: no event tells of it'
    when p.sealed is null then 'missing' else 'changed' end, t.custody_seq
  from told t full join present p on p.sealed = t.sealed
  where t.digest is distinct from coalesce(p.digest, encode(sha256(''), 'hex'))
    -- What lies in a document is entered while it is read, and sealed when that has ended.
    and not (coalesce(t.sealed, p.sealed) = 'document_parts/' || find_seal_faults.document_id and exists (select
      from processing_jobs j where j.document_id = find_seal_faults.document_id and j.kind = 'read'
        and j.status in ('queued', 'processing')))
$$;
comment on function private.find_seal_faults
  is 'Rows that are not what the newest event about them says: of a document, or of what belongs to none.';

create function private.find_judgement_faults(document_id uuid)
returns table (subject text, fault text, custody_seq int)
language sql stable set search_path = public, pg_temp as $$
  with last as (
    select distinct on (c.name) c.name, c.after from decision_changes c join decisions d on d.id = c.decision_id
    where c.document_id = find_judgement_faults.document_id order by c.name, d.seq desc
  ), present as (
    select j.name, j.value from judgements j where j.document_id = find_judgement_faults.document_id
  )
  select 'judgements/' || find_judgement_faults.document_id, 'not what the last decision about it said', null::int
  from last l full join present p on p.name = l.name where l.after is distinct from p.value
$$;
comment on function private.find_judgement_faults
  is 'What is said of a document and was never decided: a later decision seals all that is said, so it is held against '
  'the history, whose every row is sealed by itself.';

create function private.find_shown_faults() returns table (subject text, fault text)
language sql stable set search_path = public, pg_temp as $$
  with decided as (
    select distinct on (d.verb, d.about) d.verb, d.about, d.said ->> 'state' as state from case_decisions d
    where d.verb in ('decide_event', 'decide_term') order by d.verb, d.about, d.id desc
  ), shown as (
    select 'decide_event' as verb, e.id::text as about, e.state from case_events e where e.decided_by is not null
      or e.state <> 'open'
    union all select 'decide_term', t.id::text, t.state from order_terms t where t.decided_by is not null
      or t.state <> 'proposed'
    union all select 'decide_pairs', p.id::text, p.state from pairs p where p.state <> 'open'
  ), last as (
    select * from decided
    union all
    (select distinct on (d.pair_id) 'decide_pairs', d.pair_id::text, d.state from pair_decisions d
      order by d.pair_id, d.id desc)
  )
  select coalesce(l.verb, s.verb) || '/' || coalesce(l.about, s.about), 'what is shown is not what was decided last'
  from last l full join shown s on s.verb = l.verb and s.about = l.about
  where coalesce(l.state, 'none') <> coalesce(s.state, 'none')
    and not (s.state is null and l.state in ('open', 'proposed'))
$$;
comment on function private.find_shown_faults
  is 'Pairs, events and terms whose state is not what the last decision about them said, or that nobody decided about.';

create function verify_custody(document_id uuid)
  returns table (events bigint, intact boolean, broken_at integer, sha256 text, artifacts jsonb, faults jsonb)
language plpgsql stable security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  found_faults jsonb;
  handed_in events;
  document master_document_registry;
begin
  select * into document from master_document_registry d where d.id = verify_custody.document_id;
  select * into handed_in from private.every_event() e where e.document_id = verify_custody.document_id
    and e.kind in ('job_completed', 'analysis_completed') and e.payload ? 'artifacts'
    order by e.custody_seq desc limit 1;
  select coalesce(jsonb_agg(to_jsonb(f) order by f.custody_seq nulls last, f.subject), '[]') into found_faults from (
    select * from private.find_chain_faults(verify_custody.document_id)
    union all select * from private.find_seal_faults(verify_custody.document_id)
    union all select * from private.find_judgement_faults(verify_custody.document_id)
    union all select 'original', 'its registered hash is not the one that was handed in', handed_in.custody_seq
      where handed_in.id is not null and handed_in.payload ->> 'sha256' is distinct from document.sha256
    union all select 'original', 'its registered hash is not the one it arrived with', e.custody_seq
      from private.every_event() e where e.document_id = verify_custody.document_id and e.payload ? 'arrived'
        and e.payload -> 'arrived' ->> 'sha256' <> document.sha256
    union all select 'original', 'the bucket has it no more: ' || document.original_fault, null::int
      where document.original_fault is not null
    union all select 'artifacts', 'the registry names other files than were handed in', handed_in.custody_seq
      where handed_in.id is not null
        and private.artifact_keys(handed_in.payload -> 'artifacts') is distinct from document.artifacts
  ) f;
  return query select (select count(*) from private.every_event() e
      where e.document_id = verify_custody.document_id),
    found_faults = '[]' and exists (select from custody_heads h where h.document_id = verify_custody.document_id),
    (found_faults -> 0 ->> 'custody_seq')::int,
    coalesce(handed_in.payload ->> 'sha256', document.sha256), coalesce(handed_in.payload -> 'artifacts', '{}'),
    found_faults;
end $$;
comment on function verify_custody
  is 'Recomputes the document''s chain of events, and compares every row about it with what the newest event says of '
  'it: intact unless something was changed, removed or added afterwards. With the hash of the document, {name: {key, '
  'bytes, sha256}} of its artifacts, and faults [{subject, fault, custody_seq}].';

-- One log over all documents ----------------------------------------------------------------------------------

create table record_entries (
  seq bigint primary key,
  event_id bigint not null unique,
  event_hash text not null,
  hash text not null
);
comment on table record_entries
  is 'The log over all documents: 1, 2, 3 … without a gap, each hashed with the one before. It names every event once, '
  'so a document that was removed with all its rows leaves entries whose event is missing.';
comment on column record_entries.hash is 'SHA-256 (hex) of "<hash before>|<seq>|<event_hash>"; before the first: "".';
alter table record_entries enable row level security;

create function private.most_appended() returns int language sql immutable return 5000;
comment on function private.most_appended
  is 'Events that one call of append_record puts into the log: less than half a second''s work.';

create function private.longest_unsealed() returns interval language sql immutable return interval '1 minute';
comment on function private.longest_unsealed
  is 'How long an entry of the access log stands unsealed: a look a second is then 1,440 events a day, not 86,400.';

create function private.seal_access() returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  named bigint;
begin
  if (select min(a.created_at) from access_log a where a.bundle is null) > now() - private.longest_unsealed() then
    return;
  end if;
  named := (select max(n.id) from (select a.id from access_log a where a.bundle is null order by a.id
    limit private.most_appended()) n);
  update access_log a set bundle = named where a.bundle is null and a.id <= named;
  if found then
    perform private.record_event(null, 'accessed', jsonb_build_object('until', named), array['access_log/' || named]);
  end if;
end $$;
comment on function private.seal_access
  is 'Seals the entries of the access log since the last time as one, which is cheaper than an event for each look.';

create function append_record() returns table (appended int, waiting boolean)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  last record_entries;
  event record;
  taken bigint[] := '{}';
begin
  if not pg_try_advisory_xact_lock(hashtextextended('append_record', 0)) then
    return query select 0, true;
    return;
  end if;
  perform private.turn_months();
  perform private.seal_access();
  select * into last from record_entries order by seq desc limit 1;
  last.seq := coalesce(last.seq, 0);
  for event in select e.id, e.hash from record_pending p join events e on e.id = p.event_id order by e.id
      limit private.most_appended() loop
    last.seq := last.seq + 1;
    last.hash := encode(sha256(convert_to(concat(last.hash, '|', last.seq, '|', event.hash), 'UTF8')), 'hex');
    insert into record_entries values (last.seq, event.id, event.hash, last.hash);
    taken := taken || event.id;
  end loop;
  delete from record_pending where event_id = any (taken);
  return query select cardinality(taken), cardinality(taken) = private.most_appended();
end $$;
comment on function append_record
  is 'To be called every few seconds: puts what was committed since into the log. One caller at a time; writers of '
  'events never wait for it.';

-- The head ----------------------------------------------------------------------------------------------------

create table record_heads (
  seq bigint primary key,
  hash text not null,
  statement text not null,
  signature text not null,
  public_key text not null,
  timestamp_token text,
  signed_at timestamptz not null default now()
);
comment on table record_heads
  is 'Signed heads of the log. The key is not in the database, and each was sent outside when it was signed.';
comment on column record_heads.timestamp_token is 'RFC 3161 answer of the time stamp authority, base64; null without.';
alter table record_heads enable row level security;

create function verify_record(after bigint default 0, most int default 5000)
returns table (checked_to bigint, faults jsonb)
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '60s' as $$
  with part as (
    select r.*, lag(r.hash) over (order by r.seq) as hash_before, lag(r.seq) over (order by r.seq) as seq_before,
      e.id is not null as has_event, private.hash_event(e) as found
    from (select * from record_entries where seq >= verify_record.after order by seq limit most + 1) r
      left join private.every_event() e on e.id = r.event_id
  ), wrong as (
    select 'entry ' || p.seq as subject, case
      when p.seq <> coalesce(p.seq_before, case when verify_record.after <= 1 then 0 else p.seq - 1 end) + 1
        then 'entries before it are missing'
      when not p.has_event then 'its event is missing'
      when p.found <> p.event_hash then 'its event was changed'
      when p.hash <> encode(sha256(convert_to(concat(p.hash_before, '|', p.seq, '|', p.event_hash), 'UTF8')), 'hex')
        and (p.seq_before is not null or p.seq = 1) then 'it does not follow the entry before it' end as fault
    from part p
    union all
    select 'event ' || e.id, 'it is in no log' from private.every_event() e where verify_record.after = 0
      and not exists (select from record_entries r where r.event_id = e.id)
      and not exists (select from record_pending p where p.event_id = e.id)
    union all
    select 'event ' || p.event_id, 'it is missing' from record_pending p where verify_record.after = 0
      and not exists (select from events e where e.id = p.event_id)
    union all
    select f.subject, f.fault from private.find_seal_faults(null) f where verify_record.after = 0
    union all
    select f.subject, f.fault from private.find_shown_faults() f where verify_record.after = 0
    union all
    select 'head ' || h.seq, 'the log does not lead to this signed head' from record_heads h
      where verify_record.after = 0
        and h.hash is distinct from (select r.hash from record_entries r where r.seq = h.seq)
  )
  select (select max(p.seq) from part p), coalesce((select jsonb_agg(jsonb_build_object('subject', w.subject, 'fault',
    w.fault, 'custody_seq', null)) from (select * from wrong where fault is not null limit 100) w), '[]')
$$;
comment on function verify_record
  is 'Recomputes a part of the log from the entry `after` on, up to 100 faults; the first part also looks for events '
  'outside of it and for signed heads that it does not lead to.';

create function get_record(at bigint default null)
returns table (seq bigint, hash text, hash_at text, signed_seq bigint, signed_at timestamptz, waiting bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(l.seq, 0), coalesce(l.hash, ''), (select r.hash from record_entries r where r.seq = get_record.at),
    h.seq, h.signed_at, (select count(*) from record_pending)
  from (select 1) one left join lateral (select * from record_entries r order by r.seq desc limit 1) l on true
    left join lateral (select * from record_heads r order by r.seq desc limit 1) h on true
$$;
comment on function get_record is 'The end of the log, its hash at one entry, and which head was signed last.';

create function keep_head(head jsonb) returns setof bigint
language sql security definer set search_path = public, private, pg_temp as $$
  with kept as (
    insert into record_heads (seq, hash, statement, signature, public_key, timestamp_token)
      select (head ->> 'seq')::bigint, head ->> 'hash', head ->> 'statement', head ->> 'signature',
        head ->> 'public_key', head ->> 'timestamp_token'
    on conflict do nothing returning *
  ) select private.record_event(null, 'record_signed', jsonb_build_object('seq', k.seq, 'hash', k.hash,
      'signature', k.signature, 'public_key', k.public_key)) from kept k
$$;
comment on function keep_head
  is 'Keeps a signed head {seq, hash, statement, signature, public_key, timestamp_token} and tells whoever keeps it '
  'outside; nothing for one that is there.';

-- What a stranger gets ----------------------------------------------------------------------------------------

create function export_log(after bigint, most int)
returns table (seq bigint, event_id bigint, event_hash text, hash text, document_id uuid, event text)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select r.seq, r.event_id, r.event_hash, r.hash, e.document_id, private.event_text(e)
  from record_entries r left join private.every_event() e on e.id = r.event_id
  where r.seq > export_log.after order by r.seq limit most
$$;
comment on function export_log is 'Entries of the log, each with its event as it is hashed; null where that is gone.';

create function export_sealed(document_id uuid default null, after text default '', most int default 200)
returns table (sealed text, lines text[], digests text)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select p.sealed, array(select line from private.read_sealed(p.sealed) with ordinality as r(line, place)
    order by place), (select encode(s.digests, 'hex') from record_seals s where s.sealed = p.sealed)
  from (select s.sealed from private.present_scopes(export_sealed.document_id) as s(sealed)
    where s.sealed not like 'access_log/%' and s.sealed > export_sealed.after order by 1 limit export_sealed.most) p
  order by 1
$$;
comment on function export_sealed
  is 'The rows of the record about a document, or of what belongs to none, as they are sealed, in order; who looked at '
  'what is nobody''s outside, and of the access log only the hashes in its events go out.';
