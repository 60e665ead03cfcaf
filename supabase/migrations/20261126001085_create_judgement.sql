-- A person's judgement: tags, notes, fields, corrections, marks. It stands over what was read, outlives every later
-- reading and judging, is in the document's chain of events, and can be taken back as it was made.

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.most_decided() returns int language sql immutable return 5000;
comment on function private.most_decided
  is 'Documents that one decision may be about: ten seconds'' work, and callers wait for half a minute.';

create function private.longest_tag() returns int language sql immutable return 60;
comment on function private.longest_tag is 'Characters of a tag: it stands on a chip.';

create function private.longest_note() returns int language sql immutable return 10000;
comment on function private.longest_note is 'Characters of a note: some four pages.';

create function private.same_words() returns real language sql immutable return 0.8;
comment on function private.same_words
  is 'The share of words from which two quotes are one: another reading misreads a word, another judging cuts it a '
  'little longer.';

create function private.correctable() returns text[]
language sql immutable return array['document_type', 'document_date', 'parties', 'case_number', 'court'];
comment on function private.correctable is 'What of the registry a person can correct.';

-- Tables ------------------------------------------------------------------------------------------------------

create function private.is_judgement(name text, value jsonb) returns boolean
language sql immutable set search_path = private, pg_catalog, pg_temp as $$
  select coalesce(case split_part(name, ':', 1)
    when 'tag' then value = 'true' and name ~ '^tag:\S' and length(name) <= 4 + private.longest_tag()
    when 'important' then name = 'important' and value = 'true'
    when 'sensitivity' then name = 'sensitivity' and value in ('"private"', '"sealed"')
    when 'note' then name ~ '^note:[0-9a-f-]{36}$' and value ->> 'text' ~ '\S'
      and length(value ->> 'text') <= private.longest_note()
    when 'mark' then name ~ '^mark:[0-9a-f-]{36}$' and value ->> 'quote' ~ '\S'
      and length(value ->> 'quote') <= private.longest_quote() and (value ->> 'page')::int between 1
      and private.most_pages() and (value ->> 'start')::int >= 0
    when 'line' then name ~ '^line:[1-9]\d{0,4}:[1-9]\d{0,3}$' and value ->> 'text' is not null
      and value ->> 'read' is not null and length(value ->> 'text') <= private.longest_quote()
    when 'finding' then name ~ '^finding:[0-9a-f]{32}$' and value ? 'kind'
    when 'field' then name ~ '^field:[0-9a-f-]{36}$' and jsonb_typeof(value) in ('string', 'number')
      and length(value #>> '{}') <= private.longest_quote()
    when 'exhibit' then name ~ '^exhibit:[0-9a-f-]{36}$' and value #>> '{}' ~ '^[A-Z0-9]{1,6}$'
    when 'dismissed' then name ~ '^dismissed:[0-9a-f]{32}$' and value = 'true'
    when 'document_date' then name = 'document_date' and (value = 'null'
      or value #>> '{}' ~ '^\d{4}-\d{2}-\d{2}$')
    when 'parties' then name = 'parties' and jsonb_typeof(value) = 'array'
      and not jsonb_path_exists(value, '$[*] ? (!(@.name.type() == "string"))')
    else name = any (private.correctable()) and (value = 'null' or (jsonb_typeof(value) = 'string'
      and length(value #>> '{}') between 1 and private.longest_reason())) end, false)
$$;
comment on function private.is_judgement
  is 'Whether a person can say this of a document: see judgements.name.';

create table decisions (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  names text[] not null default '{}',
  documents int not null default 0,
  decided_by text not null,
  decided_at timestamptz not null default now(),
  why text,
  undoes uuid unique references decisions (id)
);
comment on table decisions is 'What people decided, one row for what was done at once, never changed.';
comment on column decisions.names is 'What it is about: see judgements.name, without what follows the colon.';
comment on column decisions.undoes is 'The decision that this one takes back.';
alter table decisions enable row level security;

create table decision_changes (
  decision_id uuid not null references decisions (id),
  document_id uuid not null references master_document_registry (id),
  name text not null,
  before jsonb,
  after jsonb,
  primary key (decision_id, document_id, name),
  check (before is distinct from after)
);
comment on table decision_changes is 'The history: what each decision found said, and what it said. Null: nothing.';
create index decision_changes_document on decision_changes (document_id, decision_id);
alter table decision_changes enable row level security;

create table judgements (
  document_id uuid not null references master_document_registry (id),
  name text not null,
  value jsonb not null,
  decided_by text not null,
  decided_at timestamptz not null default now(),
  decision_id uuid not null references decisions (id),
  primary key (document_id, name),
  check (private.is_judgement(name, value))
);
comment on table judgements is 'What people say of documents now.';
comment on column judgements.name
  is 'tag:… (true), important (true), sensitivity (private or sealed), note:<id> ({text, page, start, quote, box}), '
  'mark:<id> ({page, start, quote, speaker_id?, people?, event?: {starts, ends, precision, title?}}: a statement, or '
  'what tells of an event), '
  'line:<page>:<line> ({read, text}), finding:<md5> ({kind, page, quote}: it is wrong), field:<id>, exhibit:<matter>, '
  'dismissed:<proposal> (true: with the others that say so it is not to be put together or apart); '
  'document_type, document_date, parties, case_number, court: corrections, JSON null where there is none.';
create index judgements_name on judgements (name, document_id);
create unique index judgements_exhibit on judgements (name, value) where name like 'exhibit:%';
alter table judgements enable row level security;

create table custom_fields (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name ~ '\S' and length(name) <= private.longest_tag()),
  kind text not null check (kind in ('text', 'date', 'money', 'choice')),
  choices text[] not null default '{}',
  decided_by text not null,
  decided_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((kind = 'choice') = (cardinality(choices) > 0))
);
comment on table custom_fields is 'What people write about documents beside what we know of them.';
comment on column custom_fields.kind
  is 'text; date (an ISO day); money (a number of dollars); choice (one of choices).';
create unique index custom_fields_name on custom_fields (lower(name)) where ended_at is null;
alter table custom_fields enable row level security;

create function private.fits_field(name text, value jsonb) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select exists (select from custom_fields f where f.id = substr(fits_field.name, 7)::uuid and f.ended_at is null
    and case f.kind when 'text' then jsonb_typeof(value) = 'string'
      when 'date' then value #>> '{}' ~ '^\d{4}-\d{2}-\d{2}$' and (value #>> '{}')::date is not null
      when 'money' then jsonb_typeof(value) = 'number' else value #>> '{}' = any (f.choices) end)
$$;
comment on function private.fits_field is 'Whether a value is one of the field''s kind.';

-- Exhibits -----------------------------------------------------------------------------------------------------

create function private.exhibit_letter(number int) returns text
language sql immutable set search_path = private, pg_catalog, pg_temp as $$
  select case when number > 26 then private.exhibit_letter((number - 1) / 26) else '' end
    || chr(65 + (number - 1) % 26)
$$;
comment on function private.exhibit_letter is 'A for 1, Z for 26, AA for 27.';

create function private.last_exhibit(matter_id uuid) returns int
language sql stable set search_path = public, private, pg_temp as $$
  select coalesce(max((select sum((ascii(letter) - 64) * (26 ^ (length(v.word) - n))::int)
    from string_to_table(v.word, null) with ordinality as l(letter, n))), 0)::int
  from judgements j, lateral (select j.value #>> '{}' as word) v
  where j.name = 'exhibit:' || last_exhibit.matter_id and v.word ~ '^[A-Z]{1,3}$'
$$;
comment on function private.last_exhibit
  is 'The number of the last letter that an exhibit of this matter has; 0 for none.';

create function private.default_matter() returns uuid
language sql stable set search_path = public, pg_temp as $$
  select m.id from matters m where m.is_default
$$;
comment on function private.default_matter is 'The matter of those who have one.';

create function get_next_exhibit(matter_id uuid default null) returns table (letter text)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select private.exhibit_letter(private.last_exhibit(coalesce(get_next_exhibit.matter_id,
    private.default_matter())) + 1)
$$;
comment on function get_next_exhibit is 'The letter that follows the last exhibit of a matter, or of the only one.';

-- Corrections stand in the registry itself ---------------------------------------------------------------------

alter table master_document_registry
  add column as_read jsonb not null default '{}',
  add column corrected jsonb not null default '{}',
  add column decided_at timestamptz;
comment on column master_document_registry.corrected
  is 'What people corrected, by column: it is put over what was read by a trigger, so that whoever reads a column '
  'reads what counts.';
comment on column master_document_registry.as_read is 'What was read last in the columns that are corrected.';
comment on column master_document_registry.decided_at is 'When a person last decided something about the document.';

create function private.keep_as_read() returns trigger
language plpgsql set search_path = public, private, pg_temp as $$
begin
  new.as_read := new.as_read || jsonb_build_object(tg_argv[0], to_jsonb(new) -> tg_argv[0]);
  -- Only this column: the triggers of the others have yet to see what was read there.
  return jsonb_populate_record(new, jsonb_build_object(tg_argv[0], new.corrected -> tg_argv[0]));
end $$;
comment on function private.keep_as_read
  is 'A reading or a judging writes a column that a person corrected: it is kept beside, and the correction stands.';

create trigger registry_keeps_type before update of document_type on master_document_registry for each row
  when (new.corrected ? 'document_type') execute function private.keep_as_read('document_type');
create trigger registry_keeps_date before update of document_date on master_document_registry for each row
  when (new.corrected ? 'document_date') execute function private.keep_as_read('document_date');
create trigger registry_keeps_parties before update of parties on master_document_registry for each row
  when (new.corrected ? 'parties') execute function private.keep_as_read('parties');
create trigger registry_keeps_case before update of case_number on master_document_registry for each row
  when (new.corrected ? 'case_number') execute function private.keep_as_read('case_number');
create trigger registry_keeps_court before update of court on master_document_registry for each row
  when (new.corrected ? 'court') execute function private.keep_as_read('court');

create function private.put_corrections() returns trigger
language plpgsql set search_path = public, private, pg_temp as $$
declare
  shown constant jsonb := to_jsonb(old);
begin
  new.as_read := (select coalesce(jsonb_object_agg(name,
    case when old.corrected ? name then old.as_read -> name else shown -> name end), '{}')
    from jsonb_object_keys(new.corrected) as name);
  return jsonb_populate_record(new, (old.as_read || new.corrected));
end $$;
comment on function private.put_corrections
  is 'Puts what people corrected over what was read, and what they took back as it was read last.';
create trigger registry_corrected before update of corrected on master_document_registry for each row
  when (old.corrected is distinct from new.corrected) execute function private.put_corrections();

-- How sensitive a document is --------------------------------------------------------------------------------

create function private.placement_of(document_id uuid) returns text
language sql stable set search_path = public, pg_temp as $$
  select case (select j.value #>> '{}' from judgements j where j.document_id = placement_of.document_id
    and j.name = 'sensitivity') when 'private' then 'datacenter_only' when 'sealed' then 'local_only'
    else 'any_host' end
$$;
comment on function private.placement_of
  is 'Where a document may be read at most, by how sensitive a person says it is.';

create function private.is_sealed(document_id uuid) returns boolean
language sql stable set search_path = private, pg_catalog, pg_temp as $$
  select private.placement_of(is_sealed.document_id) = 'local_only'
$$;
comment on function private.is_sealed
  is 'Whether a person said that a document stays in the house: Claude sees it not.';

create function private.keep_sensitive() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  needed text := private.placement_of(new.document_id);
  placement text := private.stricter_placement(new.placement, needed);
begin
  if placement is distinct from new.placement then
    new.lane_id := private.find_lane(new.batch_id, (select d.source from master_document_registry d
      where d.id = new.document_id), new.priority, placement);
    new.placement := placement;
  end if;
  new.allow_claude := new.allow_claude and needed <> 'local_only';
  return new;
end $$;
comment on function private.keep_sensitive
  is 'No job of a document is placed looser than a person''s word on how sensitive it is; sealed is not for Claude.';
create trigger processing_jobs_keep_sensitive before insert or update of placement, allow_claude, lane_id
  on processing_jobs for each row execute function private.keep_sensitive();

-- Findings that are wrong --------------------------------------------------------------------------------------

alter table document_findings add column is_wrong boolean not null default false;
comment on column document_findings.is_wrong
  is 'A person said so: it is in no list, count or report any more, and shown as wrong with its document.';

create function private.words_of(quote text) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct word), '{}')
  from regexp_split_to_table(lower(coalesce(quote, '')), '[^[:alnum:]]+') as word where word <> ''
$$;
comment on function private.words_of is 'The different words of a quote, in lower case.';

create function private.finding_key(kind text, page int, quote text) returns text
language sql immutable set search_path = private, pg_catalog, pg_temp as $$
  select 'finding:' || md5(concat_ws('|', kind, page, array_to_string(private.words_of(quote), ' ')))
$$;
comment on function private.finding_key is 'The name of the judgement about a finding.';

create function private.is_same_finding(finding document_findings, said jsonb) returns boolean
language sql immutable set search_path = private, pg_catalog, pg_temp as $$
  select finding.kind = said ->> 'kind' and (finding.quote is not distinct from said ->> 'quote'
    or (select count(*) from unnest(one) w where w = any (other)) >= private.same_words()
      * greatest(least(cardinality(one), cardinality(other)), 4))
  from (select private.words_of(finding.quote) as one, private.words_of(said ->> 'quote') as other) as words
$$;
comment on function private.is_same_finding
  is 'Whether a finding is the one that a person marked: the same kind, on nearly the same words.';

create function private.mark_finding() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  new.is_wrong := exists (select from judgements j where j.document_id = new.document_id and j.name like 'finding:%'
    and private.is_same_finding(new, j.value));
  return new;
end $$;
comment on function private.mark_finding is 'A finding that a person marked wrong stays so when it is found again.';
create trigger document_findings_mark before insert on document_findings for each row
  execute function private.mark_finding();

-- Deciding -----------------------------------------------------------------------------------------------------

create type private.wanted_change as (document_id uuid, name text, after jsonb);
comment on type private.wanted_change is 'What is to be said of a document; null: nothing any more.';

create function private.show_decision(decision decisions) returns void
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off as $$
declare
  about uuid;
begin
  update master_document_registry d set decided_at = decision.decided_at, corrected = coalesce((
      select jsonb_object_agg(j.name, j.value) from judgements j where j.document_id = d.id
        and j.name = any (private.correctable())), '{}')
    where d.id in (select c.document_id from decision_changes c where c.decision_id = decision.id);
  update document_findings f set is_wrong = exists (select from judgements j where j.document_id = f.document_id
      and j.name like 'finding:%' and private.is_same_finding(f, j.value))
    where f.document_id in (select c.document_id from decision_changes c where c.decision_id = decision.id
      and c.name like 'finding:%');
  if exists (select from decision_changes c where c.decision_id = decision.id and c.name = 'sensitivity') then
    update processing_jobs j set placement = j.placement where j.kind = 'read' and j.status = 'queued'
      and j.document_id in (select c.document_id from decision_changes c where c.decision_id = decision.id
      and c.name = 'sensitivity');
    perform private.keep_choices(d.id, j.priority, private.stricter_placement(j.placement, private.placement_of(d.id)),
        j.allow_claude and not private.is_sealed(d.id))
      from decision_changes c join master_document_registry d on d.id = c.document_id
        join processing_jobs j on j.id = d.job_id
      where c.decision_id = decision.id and c.name = 'sensitivity';
    perform private.end_analysis(j, 'cancelled', null, null) from processing_jobs j where j.kind = 'analyse'
      and j.status = 'queued' and private.is_sealed(j.document_id) and j.document_id in (select c.document_id
      from decision_changes c where c.decision_id = decision.id and c.name = 'sensitivity');
  end if;
  insert into events (kind, document_id, payload)
    select 'decided', c.document_id, jsonb_build_object('decision', decision.id, 'by', decision.decided_by,
      'changed', jsonb_agg(distinct split_part(c.name, ':', 1)), 'seals', private.seals(variadic
      array['judgements/' || c.document_id, 'decision_changes/' || decision.id || '/' || c.document_id]
      || case when bool_or(c.name = any (private.correctable())) then array['master_document_registry/'
        || c.document_id] else '{}' end))
    from decision_changes c where c.decision_id = decision.id group by c.document_id order by c.document_id;
  perform private.record_event(null, 'decided', jsonb_build_object('decision', decision.id, 'by', decision.decided_by),
    array['decisions/' || decision.id]);
  for about in select distinct c.document_id from decision_changes c where c.decision_id = decision.id
      and (c.name = any (private.correctable()) or c.name ~ '^(note|field|line):') order by 1 loop
    perform private.index_judgement(about);
  end loop;
  perform private.show_marks(c.document_id) from (select distinct c.document_id from decision_changes c
    where c.decision_id = decision.id and c.name like 'mark:%' order by 1) c;
end $$;
comment on function private.show_decision
  is 'All that a decision changes beside itself: the registry, findings, the chain of events, the index.';

create function private.decide(wanted private.wanted_change[], decided_by text, why text, undoes uuid)
  returns decisions
language plpgsql set search_path = public, private, pg_temp
-- Tables that have just grown look small to the planner, which then reads them whole for each row.
set enable_seqscan = off as $$
#variable_conflict use_column
declare
  decision decisions;
  about constant uuid[] := array(select distinct w.document_id from unnest(wanted) w);
begin
  if coalesce(decide.decided_by, '') = '' then
    perform private.refuse('AS006', 'A decision needs the name of who decides.');
  end if;
  -- Jobs before documents, as everywhere: how sensitive a document is moves what waits of it.
  perform from processing_jobs j where j.document_id = any (about) and j.status = 'queued' and exists (select
    from unnest(wanted) w where w.document_id = j.document_id and w.name = 'sensitivity') order by j.id
    for no key update;
  if cardinality(about) <> (select count(*) from (select from master_document_registry d where d.id = any (about)
      order by d.id for no key update) as locked) then
    perform private.refuse('AS002', 'There is no such document.');
  end if;
  insert into decisions (decided_by, why, undoes) values (left(decide.decided_by, private.longest_word()),
    left(decide.why, private.longest_reason()), decide.undoes) returning * into decision;
  insert into decision_changes (decision_id, document_id, name, before, after)
    select distinct on (w.document_id, w.name) decision.id, w.document_id, w.name, j.value, w.after
    from unnest(wanted) w left join judgements j on j.document_id = w.document_id and j.name = w.name
    where j.value is distinct from w.after order by w.document_id, w.name;
  if not found then
    delete from decisions d where d.id = decision.id;
    return null;
  end if;
  delete from judgements j using decision_changes c where c.decision_id = decision.id
    and j.document_id = c.document_id and j.name = c.name;
  insert into judgements (document_id, name, value, decided_by, decided_at, decision_id)
    select c.document_id, c.name, c.after, decision.decided_by, decision.decided_at, decision.id
    from decision_changes c where c.decision_id = decision.id and c.after is not null;
  if exists (select from decision_changes c where c.decision_id = decision.id and c.name like 'field:%'
      and c.after is not null and not private.fits_field(c.name, c.after)) then
    perform private.refuse('AS006', 'A value does not fit its field, or the field is there no more.');
  end if;
  update decisions d set documents = (select count(distinct c.document_id) from decision_changes c
      where c.decision_id = decision.id),
    names = array(select distinct split_part(c.name, ':', 1) from decision_changes c
      where c.decision_id = decision.id order by 1)
    where d.id = decision.id returning * into decision;
  perform private.show_decision(decision);
  return decision;
exception when check_violation or data_exception or not_null_violation then
  perform private.refuse('AS006', format('What was decided is malformed (%s).', sqlstate));
when unique_violation then
  perform private.refuse('AS003', case when decide.undoes is null then 'The exhibit letter is taken.'
    else 'The decision was taken back already, or its exhibit letter was given to another document.' end);
end $$;
comment on function private.decide
  is 'One decision: what it changes of what is said now, the history, and all that shows it; null when it changes '
  'nothing.';

create function private.wanted_changes(documents uuid[], changes jsonb) returns private.wanted_change[]
language sql stable set search_path = public, private, pg_temp as $$
  with said as materialized (
    select case when c ->> 'name' = 'exhibit' then 'exhibit:' || private.default_matter() else c ->> 'name' end as name,
      c -> 'value' as value from jsonb_array_elements(changes) c
  ), next as materialized (
    select s.name, private.last_exhibit(substr(s.name, 9)::uuid) as last from said s
    where s.name like 'exhibit:%' and s.value = '"next"'
  ), lettered as (
    select a.id, n.name, to_jsonb(private.exhibit_letter(n.last + (row_number() over (order by a.place))::int)) as value
    from unnest(documents) with ordinality as a(id, place) cross join next n
    where not exists (select from judgements j where j.document_id = a.id and j.name = n.name)
  )
  select coalesce(array_agg(row(w.id, w.name, w.value)::private.wanted_change), '{}') from (
    select a.id, s.name, s.value from unnest(documents) as a(id) cross join said s
      where s.name not in (select name from next)
    union all select * from lettered) w
$$;
comment on function private.wanted_changes
  is 'What changes mean for each document; the exhibit letter next is one letter after the other, for those without.';

create function decide(documents uuid[], changes jsonb, decided_by text, why text default null)
returns table (id uuid, changed int, unchanged int, kept int)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  decision decisions;
begin
  if cardinality(decide.documents) not between 1 and private.most_decided() then
    perform private.refuse('AS006', format('1 to %s documents at once; narrow the search.', private.most_decided()));
  end if;
  perform private.require_array(decide.changes, 'changes');
  decision := private.decide(private.wanted_changes(decide.documents, decide.changes), decide.decided_by, decide.why,
    null);
  return query select decision.id, coalesce(decision.documents, 0),
    cardinality(decide.documents) - coalesce(decision.documents, 0), 0;
end $$;
comment on function decide
  is 'A person says [{name, value?}] of documents (see judgements.name; without a value: no longer), all or none; what '
  'is said already changes nothing.';

create function undo_decision(decision_id uuid, decided_by text, why text default null)
returns table (id uuid, changed int, unchanged int, kept int)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s'
set enable_seqscan = off as $$
#variable_conflict use_column
declare
  undone decisions;
  decision decisions;
  back private.wanted_change[];
  passed_over int;
begin
  select * into undone from decisions d where d.id = undo_decision.decision_id;
  if undone.id is null then
    perform private.refuse('AS002', 'There is no such decision.');
  elsif exists (select from decisions d where d.undoes = undone.id) then
    perform private.refuse('AS003', 'The decision was taken back already.');
  end if;
  perform from processing_jobs j where j.status = 'queued' and j.document_id in (select c.document_id
    from decision_changes c where c.decision_id = undone.id and c.name = 'sensitivity') order by j.id
    for no key update;
  perform from master_document_registry d where d.id in (select c.document_id from decision_changes c
    where c.decision_id = undone.id) order by d.id for no key update;
  select array_agg(row(c.document_id, c.name, c.before)::private.wanted_change)
      filter (where j.value is not distinct from c.after),
    count(distinct c.document_id) filter (where j.value is distinct from c.after)
    into back, passed_over
    from decision_changes c left join judgements j on j.document_id = c.document_id and j.name = c.name
    where c.decision_id = undone.id;
  if back is not null then
    decision := private.decide(back, undo_decision.decided_by, undo_decision.why, undone.id);
  end if;
  return query select decision.id, coalesce(decision.documents, 0), undone.documents
    - greatest(coalesce(decision.documents, 0), passed_over), passed_over;
end $$;
comment on function undo_decision
  is 'Takes a decision back, for all its documents at once, as a decision of its own. What was changed again since is '
  'left as it is (kept).';

create function mark_finding(document_id uuid, finding_id bigint, is_wrong boolean, decided_by text,
  why text default null)
returns table (id uuid, changed int, unchanged int, kept int)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  finding document_findings;
  decision decisions;
begin
  select * into finding from document_findings f where f.id = finding_id
    and f.document_id = mark_finding.document_id;
  if finding.id is null then
    perform private.refuse('AS002', 'There is no such finding.');
  end if;
  decision := private.decide(case when mark_finding.is_wrong and finding.is_wrong then '{}'
    when mark_finding.is_wrong then array[row(finding.document_id, private.finding_key(finding.kind, finding.page,
      finding.quote), jsonb_build_object('kind', finding.kind, 'page', finding.page, 'quote',
      finding.quote))::private.wanted_change]
    else array(select row(j.document_id, j.name, null)::private.wanted_change from judgements j
      where j.document_id = finding.document_id and j.name like 'finding:%' and private.is_same_finding(finding,
      j.value)) end, mark_finding.decided_by, mark_finding.why, null);
  return query select decision.id, coalesce(decision.documents, 0), 1 - coalesce(decision.documents, 0), 0;
end $$;
comment on function mark_finding
  is 'A person says that a finding is wrong, or right after all; it stays so when it is found again on nearly the same '
  'words.';

-- What is shown ------------------------------------------------------------------------------------------------

create function private.tags_of(document_id uuid) returns text[]
language sql stable set search_path = public, pg_temp as $$
  select array(select substr(j.name, 5) from judgements j where j.document_id = tags_of.document_id
    and j.name >= 'tag:' and j.name < 'tag;' order by 1)
$$;
comment on function private.tags_of is 'The tags of a document, in order.';

create view decision_list with (security_invoker = true) as
  select d.id, d.seq, d.decided_by, d.decided_at, d.why, d.names, d.documents, d.undoes, u.id as undone_by
  from decisions d left join decisions u on u.undoes = d.id;
comment on view decision_list is 'Decisions; seq is the cursor.';

create view document_decision_list with (security_invoker = true) as
  select c.document_id, l.*, c.changes from (select c.document_id, c.decision_id, jsonb_agg(jsonb_build_object('name',
      c.name, 'before', c.before, 'after', c.after) order by c.name) as changes
    from decision_changes c group by c.document_id, c.decision_id) c join decision_list l on l.id = c.decision_id;
comment on view document_decision_list is 'The decisions about each document, with what they changed of it.';

create view tag_list with (security_invoker = true) as
  select substr(j.name, 5) as tag, count(*) as documents from judgements j join master_document_registry d
    on d.id = j.document_id where j.name >= 'tag:' and j.name < 'tag;' and d.duplicate_of is null
    and d.dissolved_at is null group by 1;
comment on view tag_list is 'Every tag with its documents.';

create view exhibit_list with (security_invoker = true) as
  select substr(j.name, 9)::uuid as matter_id, j.value #>> '{}' as letter, length(j.value #>> '{}') as length,
    d.id as document_id, d.original_filename, d.document_type, d.document_date, j.decided_by, j.decided_at
  from judgements j join master_document_registry d on d.id = j.document_id
  where j.name like 'exhibit:%' and d.dissolved_at is null;
comment on view exhibit_list is 'The exhibits of each matter.';

create function find_dismissed(proposals text[])
returns table (proposal text, decision_id uuid, decided_by text, decided_at timestamptz, why text)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct on (j.name) substr(j.name, 11), j.decision_id, j.decided_by, j.decided_at, d.why
  from judgements j join decisions d on d.id = j.decision_id
  where j.name = any (array(select 'dismissed:' || p from unnest(proposals) as p)) order by j.name, j.decided_at desc
$$;
comment on function find_dismissed
  is 'Which of these proposals a person does not want, and the decision that undoes it.';

-- Fields, saved views, reminders -------------------------------------------------------------------------------

create function add_field(field jsonb, decided_by text) returns setof custom_fields
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  made custom_fields;
begin
  insert into custom_fields (name, kind, choices, decided_by)
    values (btrim(field ->> 'name'), field ->> 'kind', array(select jsonb_array_elements_text(field -> 'choices')),
      add_field.decided_by) returning * into made;
  perform private.keep_decision('add_field', made.id::text, add_field.decided_by, null, field);
  return next made;
exception when unique_violation then
  perform private.refuse('AS003', 'There is a field of this name.');
when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', 'A field needs a name, a kind, and choices where the kind is choice.');
end $$;
comment on function add_field is 'A new field {name, kind, choices?}.';

create function end_field(field_id uuid) returns setof uuid
language sql security definer set search_path = public, pg_temp as $$
  update custom_fields f set ended_at = now() where f.id = field_id and f.ended_at is null returning f.id
$$;
comment on function end_field is 'The field is offered no more; what was written in it stays with its documents.';

create table saved_views (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name ~ '\S' and length(name) <= private.longest_word()),
  search jsonb not null check (jsonb_typeof(search) = 'object'),
  sort text not null,
  sort_order text not null check (sort_order in ('asc', 'desc')),
  columns text[] not null default '{}',
  decided_by text not null,
  decided_at timestamptz not null default now(),
  ended_at timestamptz
);
comment on table saved_views is 'Searches that people keep, with their order and columns.';
create unique index saved_views_name on saved_views (lower(name)) where ended_at is null;
alter table saved_views enable row level security;

create function save_view(view_id uuid, view jsonb, decided_by text) returns setof saved_views
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  kept saved_views;
begin
  perform private.check_search(view -> 'search');
  if view_id is null then
    insert into saved_views (name, search, sort, sort_order, columns, decided_by)
      values (btrim(view ->> 'name'), view -> 'search', view ->> 'sort', view ->> 'order',
        array(select jsonb_array_elements_text(view -> 'columns')), save_view.decided_by) returning * into kept;
  else
    update saved_views v set name = btrim(view ->> 'name'), search = view -> 'search',
      sort = view ->> 'sort', sort_order = view ->> 'order',
      columns = array(select jsonb_array_elements_text(view -> 'columns')), decided_by = save_view.decided_by,
      decided_at = now() where v.id = view_id and v.ended_at is null returning v.* into kept;
    if not found then
      perform private.refuse('AS002', 'There is no such view.');
    end if;
  end if;
  perform private.keep_decision('save_view', kept.id::text, save_view.decided_by, null, view);
  return next kept;
exception when unique_violation then
  perform private.refuse('AS003', 'There is a view of this name.');
when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', 'The view is malformed.');
end $$;
comment on function save_view is 'Keeps {name, search, sort, order, columns}: a new view, or in place of one.';

create function end_view(view_id uuid) returns setof uuid
language sql security definer set search_path = public, pg_temp as $$
  update saved_views v set ended_at = now() where v.id = view_id and v.ended_at is null returning v.id
$$;
comment on function end_view is 'The view is offered no more.';

create table reminders (
  id uuid primary key default gen_random_uuid(),
  made text not null check (made in ('order', 'person')),
  day date not null check (day between date '1900-01-01' and date '2200-01-01'),
  text text not null check (text ~ '\S' and length(text) <= private.longest_reason()),
  document_id uuid references master_document_registry (id),
  decided_by text not null,
  decided_at timestamptz not null default now(),
  done_at timestamptz
);
comment on table reminders
  is 'Days that people wrote down, and those out of documents (see reminder_list) that they are done with.';
alter table reminders enable row level security;

create index document_claims_days on document_claims (document_id)
  where kind = 'date' and role in ('hearing', 'due') and accepted;

create function private.next_due_day(due_day int, today date) returns date
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select min(d.day) from (
    select least(m + due_day - 1, (m + interval '1 month - 1 day')::date) as day
    from unnest(array[date_trunc('month', today)::date, (date_trunc('month', today) + interval '1 month')::date]) m) d
  where d.day >= today
$$;
comment on function private.next_due_day
  is 'When this day of the month comes next; the 31st is the last of a short one.';

create view term_days with (security_invoker = true) as
  select md5(o.document_id || o.key || w.day)::uuid as id, w.day, w.role, o.document_id, d.original_filename, o.page,
    o.start, o.quote
  from order_terms o join master_document_registry d on d.id = o.document_id and d.duplicate_of is null
      and d.dissolved_at is null
    cross join lateral (values ('until', o.ends), ('from', case when o.starts > d.document_date then o.starts end),
      ('due', case when o.act = 'pay' then private.next_due_day(o.due_day, greatest(current_date, o.starts)) end)
      ) as w(role, day)
  where o.standing and o.state <> 'rejected' and w.day is not null and (o.ends is null or w.day <= o.ends)
    and o.document_id not in (select c.copy_id from duplicates c where c.state = 'joined');
comment on view term_days
  is 'The days that terms of orders name: until, from, and the next day on which something is to be paid. Proposed '
  'terms count, those of copies do not.';

create view reminder_list with (security_invoker = true) as
  select r.id, r.day, r.text, r.document_id, d.original_filename, null::int as page, null::int as start,
    null::text as quote, r.made, r.done_at, r.decided_by
  from reminders r left join master_document_registry d on d.id = r.document_id where r.made = 'person'
  union all
  select c.id, c.day, coalesce(r.text, c.role), c.document_id, c.original_filename, c.page, c.start, c.quote, 'order',
    r.done_at, r.decided_by
  from (select distinct on (d.id, c.value) md5(d.id || c.value)::uuid as id, c.value::date as day, c.role,
      d.id as document_id, d.original_filename, c.page, c.start, c.quote
    from document_claims c join master_document_registry d on d.id = c.document_id
    where c.kind = 'date' and c.role in ('hearing', 'due') and c.accepted and c.value is not null
      and d.duplicate_of is null and d.dissolved_at is null
    order by d.id, c.value, c.place) c left join reminders r on r.id = c.id
  union all
  select t.id, t.day, coalesce(r.text, t.role), t.document_id, t.original_filename, t.page, t.start, t.quote, 'order',
    r.done_at, r.decided_by
  from term_days t left join reminders r on r.id = t.id;
comment on view reminder_list
  is 'Days to keep in mind: hearings and due days that documents name, on their words, days that terms of orders name, '
  'and those written by hand.';

create function list_reminders(wanted text, today date, after jsonb, most int, matter_id uuid default null)
returns table (id uuid, day date, text text, document_id uuid, original_filename text, page int, start int, quote text,
  made text, done_at timestamptz, decided_by text, total bigint)
language plpgsql stable security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  perform private.require_word(wanted, array['next', 'past', 'done'], 'when');
  return query select * from (
    select l.*, count(*) over () as total from reminder_list l
    where case wanted when 'done' then l.done_at is not null when 'next' then l.done_at is null and l.day >= today
      else l.done_at is null and l.day < today end
      and (l.document_id is null or private.is_in_matter(l.document_id, list_reminders.matter_id))) s
    where after is null or case when wanted = 'next' then (s.day, s.id) > ((after ->> 0)::date, (after ->> 1)::uuid)
      else (s.day, s.id) < ((after ->> 0)::date, (after ->> 1)::uuid) end
    order by case when wanted = 'next' then s.day - today else today - s.day end,
      case when wanted = 'next' then s.id end, s.id desc limit most;
exception when data_exception then
  perform private.refuse('AS006', 'The cursor is malformed.');
end $$;
comment on function list_reminders
  is 'Days that come (next), that went by (past), the nearest first, or are done with; of a matter, and those of no '
  'document.';

create function add_reminder(day date, text text, document_id uuid, decided_by text) returns setof reminders
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  kept reminders;
begin
  insert into reminders (made, day, text, document_id, decided_by) values ('person', add_reminder.day,
    add_reminder.text, add_reminder.document_id, add_reminder.decided_by) returning * into kept;
  perform private.keep_decision('add_reminder', kept.id::text, add_reminder.decided_by, null,
    jsonb_build_object('day', kept.day, 'text', kept.text, 'document_id', kept.document_id));
  return next kept;
exception when check_violation or not_null_violation then
  perform private.refuse('AS006', 'A reminder needs a day and some words.');
when foreign_key_violation then
  perform private.refuse('AS002', 'There is no such document.');
end $$;
comment on function add_reminder is 'A day that a person writes down.';

create function set_reminder(reminder_id uuid, is_done boolean, decided_by text) returns setof uuid
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  insert into reminders (id, made, day, text, document_id, decided_by)
    select l.id, 'order', l.day, l.text, l.document_id, set_reminder.decided_by from reminder_list l
    where l.id = reminder_id and l.made = 'order' on conflict do nothing;
  return query update reminders r set done_at = case when is_done then coalesce(r.done_at, now()) end,
    decided_by = set_reminder.decided_by, decided_at = now() where r.id = reminder_id returning r.id;
  if not found then
    perform private.refuse('AS002', 'There is no such reminder.');
  end if;
  perform private.keep_decision('set_reminder', set_reminder.reminder_id::text, set_reminder.decided_by, null,
    jsonb_build_object('is_done', set_reminder.is_done));
end $$;
comment on function set_reminder
  is 'A day is done with, or not after all; it stays so when its document is judged again.';
