-- The case, not the page: what each paper says as statements with their words, who and when they speak of, and what of
-- it belongs together: one person under many names, one event in many papers, one witness in many copies.

create function private.most_case_claims() returns int language sql immutable return 3000;
comment on function private.most_case_claims
  is 'Statements kept of a document: a transcript of 200 pages has some 2,500.';

create function private.most_case_documents() returns int language sql immutable return 100;
comment on function private.most_case_documents is 'Documents one slice of the analysis worker draws.';

create function private.most_case_text() returns int language sql immutable return 600000;
comment on function private.most_case_text is 'Characters of a document that are drawn from: some 200 pages.';

create function private.most_near_documents() returns int language sql immutable return 6;
comment on function private.most_near_documents is 'Documents that are compared word by word with a new one.';

create function private.most_of_a_band() returns int language sql immutable return 40;
comment on function private.most_of_a_band
  is 'Documents looked at for one band: thousands of slips printed from one form share their bands of words, and are '
  'told apart by the bands of their numbers.';

create function private.most_near_times() returns int language sql immutable return 60;
comment on function private.most_near_times is 'Times of other statements that a new one is compared with.';

create function private.most_near_names() returns int language sql immutable return 2000;
comment on function private.most_near_names is 'Names that are settled together: those of a slice with all near them.';

create function private.most_of_a_family() returns int language sql immutable return 200;
comment on function private.most_of_a_family
  is 'Names of one last name that are looked at: a family''s with all misread ones, the oldest first.';

create function private.most_of_a_first() returns int language sql immutable return 20;
comment on function private.most_of_a_first
  is 'Names of one first name, or of parties, that are looked at: two persons are enough for it to be nobody.';

create function private.most_families() returns int language sql immutable return 6;
comment on function private.most_families
  is 'Families that are looked at in full for a first name: where there are more, nobody can say which is meant.';

create function private.most_of_a_topic() returns int language sql immutable return 20;
comment on function private.most_of_a_topic
  is 'Statements that one look-up by person, matter and time gives, the nearest: what a document costs stays flat.';

create function private.longest_span() returns interval language sql immutable return interval '366 days';
comment on function private.longest_span is 'Statements about more than a year are of no event, and held against none.';

-- Tables ------------------------------------------------------------------------------------------------------

create table matters (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  name text not null check (name ~ '\S' and length(name) <= 200),
  is_default boolean not null default false,
  created_by text,
  created_at timestamptz not null default now()
);
comment on table matters
  is 'The cases that documents belong to. One by default, which nobody sees until there is another.';
create unique index matters_default on matters (is_default) where is_default;
alter table matters enable row level security;
insert into matters (name, is_default) values ('The case', true);

create table matter_documents (
  matter_id uuid not null references matters (id),
  document_id uuid not null references master_document_registry (id),
  added_by text,
  added_at timestamptz not null default now(),
  primary key (matter_id, document_id)
);
comment on table matter_documents is 'Which matters a document belongs to: one or more.';
create index matter_documents_document on matter_documents (document_id);
alter table matter_documents enable row level security;

create table people (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  name text not null,
  sex text check (sex in ('female', 'male')),
  roles text[] not null default '{}',
  documents int not null default 0,
  merged_into uuid references people (id),
  created_at timestamptz not null default now(),
  rank bigint not null generated always as (documents::bigint * 2147483648 + 2147483647 - seq) stored
);
comment on table people is 'Each person once. Their spellings are in case_names.';
comment on column people.merged_into is 'The one person it turned out to be; links to it lead there.';
comment on column people.rank is 'The order of lists: who stands in most documents first, then who came first.';
create index people_rank on people (rank) where merged_into is null;
create index people_name on people (lower(name), seq) where merged_into is null;
alter table people enable row level security;

create table case_names (
  id bigint generated always as identity primary key,
  key text not null unique,
  words text not null,
  form text not null check (form in ('full', 'initial', 'titled', 'first', 'kin', 'role')),
  first text not null default '',
  last text not null default '',
  suffix text not null default '',
  title text not null default '',
  person_id uuid references people (id),
  documents int not null default 0,
  is_party boolean not null default false,
  settled boolean not null default false
);
comment on table case_names is 'Each way of writing somebody, and who it is; nobody where that cannot be told.';
comment on column case_names.key is 'The same for the same words, however often they are drawn: decisions refer to it.';
comment on column case_names.form
  is 'full (Ann Lee), initial (A. Lee), titled (Ms. Lee), first (Ann), kin (Aunt Ann), role (the father).';
create index case_names_person on case_names (person_id) where person_id is not null;
create index case_names_unsettled on case_names (id) where not settled;
create index case_names_party on case_names (id) where is_party;
create index case_names_last on case_names (last, id);
create index case_names_first on case_names (first text_pattern_ops, id);
alter table case_names enable row level security;

create table case_name_signs (
  name_id bigint not null references case_names (id),
  document_id uuid not null references master_document_registry (id),
  sign text not null,
  primary key (name_id, sign, document_id)
);
comment on table case_name_signs
  is 'What a document says of a person: male, female, father, mother, child, petitioner, respondent, sure.';
create index case_name_signs_document on case_name_signs (document_id);
alter table case_name_signs enable row level security;

create table people_decisions (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  kind text not null check (kind in ('same', 'apart')),
  a_keys text[] not null,
  b_keys text[] not null,
  kept_id uuid not null references people (id),
  other_id uuid not null references people (id),
  decided_by text not null,
  decided_at timestamptz not null default now(),
  why text,
  undone_by text,
  undone_at timestamptz
);
comment on table people_decisions
  is 'What a person decided about people, by the keys of their names: it holds whatever is drawn later.';
create index people_decisions_a on people_decisions using gin (a_keys) where undone_at is null;
create index people_decisions_b on people_decisions using gin (b_keys) where undone_at is null;
alter table people_decisions enable row level security;

create table places (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('court', 'county', 'city', 'address', 'venue')),
  key text not null,
  name text not null,
  unique (kind, key)
);
comment on table places is 'Places and courts that statements speak of.';
alter table places enable row level security;

create table case_documents (
  document_id uuid primary key references master_document_registry (id),
  seq bigint generated always as identity,
  facts_version int not null default 0,
  text_md5 text,
  claimed_until timestamptz,
  drawn_at timestamptz,
  voice text check (voice in ('sworn', 'message', 'order', 'record', 'letter', 'note')),
  said_at timestamp,
  said_precision text,
  speaker_name_id bigint references case_names (id),
  witness_id uuid not null references master_document_registry (id),
  thread_key text,
  problem text
);
comment on table case_documents is 'What was drawn of each document that was read, and by which version of the rules.';
comment on column case_documents.facts_version is '0: its text is new or was changed since.';
comment on column case_documents.witness_id is 'The original of a copy; itself where it is none.';
comment on column case_documents.thread_key is 'The same for all e-mails of a thread.';
create index case_documents_due on case_documents (facts_version, seq);
create index case_documents_witness on case_documents (witness_id);
create index case_documents_thread on case_documents (thread_key) where thread_key is not null;
alter table case_documents enable row level security;

create table case_bands (
  document_id uuid not null references master_document_registry (id),
  band bigint not null,
  primary key (band, document_id)
);
comment on table case_bands is 'Bands of a document''s MinHash, its number in each: near copies share some.';
create index case_bands_document on case_bands (document_id);
alter table case_bands enable row level security;

create table duplicates (
  copy_id uuid primary key references master_document_registry (id),
  original_id uuid not null references master_document_registry (id),
  kind text not null check (kind in ('rescan', 'near_copy')),
  likeness real not null check (likeness between 0 and 1),
  found_by text not null check (found_by in ('rules', 'person')),
  state text not null default 'joined' check (state in ('joined', 'apart')),
  decided_by text,
  decided_at timestamptz,
  why text,
  found_at timestamptz not null default now(),
  check (copy_id <> original_id)
);
comment on table duplicates
  is 'Papers that are one witness with several copies: linked, never deleted. An original is no copy itself.';
comment on column duplicates.state is 'apart: a person said that it is no copy, whatever the rules find.';
create index duplicates_original on duplicates (original_id);
alter table duplicates enable row level security;

create table case_events (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  starts timestamp not null,
  ends timestamp not null,
  precision text not null check (precision in ('minute', 'hour', 'day', 'month', 'year')),
  zone text,
  known text not null check (known in ('header', 'printed', 'stated', 'inferred')),
  title text not null,
  named text check (length(named) <= 200),
  people uuid[] not null default '{}',
  documents int not null default 0,
  versions int not null default 1,
  state text not null default 'open' check (state in ('open', 'true', 'wrong', 'later')),
  decided_by text,
  decided_at timestamptz,
  why text,
  check (starts < ends)
);
comment on table case_events
  is 'What happened, once for all papers that speak of it: those agree, or give it several versions.';
comment on column case_events.starts is 'On the clock of the papers; ends is the first moment after it.';
comment on column case_events.named is 'What the person calls it who marked it.';
comment on column case_events.versions is 'How many times of day the papers give it that exclude each other.';
create index case_events_order on case_events (starts, seq) where documents > 0;
create index case_events_people on case_events using gin (people) with (fastupdate = off);
alter table case_events enable row level security;

create table case_claims (
  id bigint generated always as identity primary key,
  document_id uuid not null references master_document_registry (id),
  key text not null,
  place int not null,
  page int not null check (page between 1 and private.most_pages()),
  start int not null check (start >= 0),
  quote text not null check (quote ~ '\S'),
  standing boolean not null default true,
  pinned boolean not null default false,
  voice text not null check (voice in ('sworn', 'message', 'order', 'record', 'letter', 'note')),
  speaker_name_id bigint references case_names (id),
  speaker_id uuid references people (id),
  said_at timestamp,
  said_precision text,
  cues text[] not null default '{}',
  words text[] not null default '{}',
  people uuid[] not null default '{}',
  starts timestamp,
  ends timestamp,
  precision text check (precision in ('minute', 'hour', 'day', 'month', 'year')),
  known text check (known in ('header', 'printed', 'stated', 'inferred')),
  rank bigint not null generated always as ((coalesce(extract(epoch from said_at)::bigint, 0) / 60 + 1000000000)
    * 100000 + id % 100000) stored,
  unique (document_id, key),
  check ((starts is null) = (ends is null))
);
comment on table case_claims
  is 'Statements: a sentence, a row, a message, a labelled line, in the order of their document.';
comment on column case_claims.rank is 'The order of lists: when it was said, then which was drawn first.';
comment on column case_claims.key is 'Of its words: the same however often the document is drawn.';
comment on column case_claims.standing is 'False: the document''s text does not have it any more.';
comment on column case_claims.pinned is 'A decision rests on it: it is kept when the text loses it.';
comment on column case_claims.start is 'Characters before the quote in the text of its page.';
comment on column case_claims.people is 'Who it speaks of, its speaker among them where it says I.';
comment on column case_claims.words is 'Stems of the words that say something, of its whole paragraph.';
-- Without a list of pending entries, which every look-up would read through to its end.
create index case_claims_words on case_claims using gin (words) with (fastupdate = off);
create index case_claims_speaker on case_claims (speaker_id, rank, document_id, id)
  where speaker_id is not null and standing;
alter table case_claims enable row level security;

create table case_mentions (
  claim_id bigint not null references case_claims (id) on delete cascade,
  name_id bigint not null references case_names (id),
  document_id uuid not null references master_document_registry (id),
  primary key (claim_id, name_id)
);
comment on table case_mentions is 'The names that stand in each statement, or that its I, you, he stands for.';
create index case_mentions_name on case_mentions (name_id, document_id);
create index case_mentions_document on case_mentions (document_id);
alter table case_mentions enable row level security;

create table claim_topics (
  document_id uuid not null references master_document_registry (id),
  claim_id bigint not null,
  person_id uuid not null,
  topic text not null,
  starts timestamp,
  ends timestamp
);
comment on table claim_topics
  is 'What is said of whom, about what and when: what statements are looked up by, the nearest first and so many, at '
  'the same cost however many there are. It follows from case_claims.';
comment on column claim_topics.topic
  is 'moment (at most a day) or span (longer), for its time; undated (a denial without any); message; a cue; '
  'sweeping and a cue (it speaks of all times). The row of a table that names nobody stands under those '
  'whom its paper names, by its cues.';
create index claim_topics_person on claim_topics (person_id, topic, starts, ends, claim_id);
create index claim_topics_document on claim_topics (document_id);
alter table claim_topics enable row level security;

create table people_documents (
  person_id uuid not null references people (id),
  document_id uuid not null references master_document_registry (id),
  primary key (person_id, document_id)
);
comment on table people_documents is 'Which documents speak of whom, under whatever name.';
create index people_documents_document on people_documents (document_id);
alter table people_documents enable row level security;

create table case_claim_places (
  claim_id bigint not null references case_claims (id) on delete cascade,
  place_id bigint not null references places (id),
  primary key (claim_id, place_id)
);
comment on table case_claim_places is 'The places that each statement names.';
create index case_claim_places_place on case_claim_places (place_id);
alter table case_claim_places enable row level security;

create table case_times (
  id bigint generated always as identity primary key,
  claim_id bigint not null references case_claims (id) on delete cascade,
  document_id uuid not null references master_document_registry (id),
  page int not null,
  start int not null,
  quote text not null,
  starts timestamp not null,
  ends timestamp not null,
  precision text not null check (precision in ('minute', 'hour', 'day', 'month', 'year')),
  zone text,
  known text not null check (known in ('header', 'printed', 'stated', 'inferred')),
  is_event boolean not null,
  event_id uuid references case_events (id),
  settled boolean not null default false,
  check (starts < ends)
);
comment on table case_times is 'Each time that a statement speaks of, as far as its words say it.';
comment on column case_times.known
  is 'header (of the message or mail), printed (by a machine beside it), stated (in the sentence), inferred (from what '
  'stands around it).';
comment on column case_times.is_event is 'False for when a paper was signed, filed or printed, and for birthdays.';
create index case_times_claim on case_times (claim_id);
create index case_times_event on case_times (event_id) where event_id is not null;
create index case_times_starts on case_times (starts, id) where is_event;
create index case_times_document on case_times (document_id);
create index case_times_unsettled on case_times (id) where is_event and not settled;
alter table case_times enable row level security;

create table case_measures (
  id bigint generated always as identity primary key,
  claim_id bigint not null references case_claims (id) on delete cascade,
  document_id uuid not null references master_document_registry (id),
  page int not null,
  start int not null,
  quote text not null,
  kind text not null check (kind in ('money', 'count', 'clock', 'duration')),
  value numeric not null,
  unit text,
  subject text,
  per text check (per in ('day', 'week', 'month', 'year'))
);
comment on table case_measures
  is 'What a statement counts: money in its currency, things, a clock time in minutes of the day, a span in days.';
comment on column case_measures.subject is 'The stem of the noun it is of, where one stands beside it.';
create index case_measures_claim on case_measures (claim_id);
create index case_measures_value on case_measures (kind, subject, value);
create index case_measures_document on case_measures (document_id);
alter table case_measures enable row level security;

create table order_terms (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  document_id uuid not null references master_document_registry (id),
  key text not null,
  place int not null,
  page int not null,
  start int not null,
  quote text not null,
  bound text[] not null default '{}',
  bound_ids uuid[] not null default '{}',
  duty text not null check (duty in ('shall', 'shall_not', 'may')),
  act text not null,
  amount_usd numeric,
  per text check (per in ('day', 'week', 'month', 'year')),
  due_day int check (due_day between 1 and 31),
  weekdays int[] not null default '{}',
  weeks int[] not null default '{}',
  hour_from time,
  hour_until time,
  hours_before numeric,
  starts date,
  ends date,
  allowed_places text[] not null default '{}',
  forbidden_places text[] not null default '{}',
  exceptions jsonb not null default '[]',
  state text not null default 'proposed' check (state in ('proposed', 'accepted', 'rejected')),
  standing boolean not null default true,
  proposed_by text not null check (proposed_by in ('rules', 'claude')),
  decided_by text,
  decided_at timestamptz,
  why text,
  unique (document_id, key)
);
comment on table order_terms
  is 'What a court ordered, each with its words: proposed, until a person says that it is so.';
comment on column order_terms.bound is 'Keys of the names that are bound: role:father, role:mother, a full name.';
comment on column order_terms.act
  is 'pay, contact, alcohol, travel, custody, exchange, distance, school, medical, or other.';
comment on column order_terms.weekdays is 'Days of the week from Monday, 1, to Sunday, 7; none said: every day.';
comment on column order_terms.weeks is 'First, third … of the month; -1 is the last.';
comment on column order_terms.hour_until is 'Before hour_from: over midnight.';
comment on column order_terms.hours_before is 'It also holds so many hours before what it is about.';
comment on column order_terms.exceptions is '[{quote, kind: emergency | agreement | other}].';
create index order_terms_act on order_terms (act) where standing;
create index order_terms_bound on order_terms using gin (bound_ids) with (fastupdate = off);
create index order_terms_of_all on order_terms (starts desc nulls last, seq) where bound_ids = '{}' and standing;
alter table order_terms enable row level security;

-- What is to be drawn -----------------------------------------------------------------------------------------

create function private.draw_again(document_id uuid) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  insert into case_documents (document_id, witness_id) values (draw_again.document_id, draw_again.document_id)
    on conflict on constraint case_documents_pkey do nothing;
  if not found then
    update case_documents c set facts_version = 0, claimed_until = null where c.document_id = draw_again.document_id;
  end if;
end $$;
comment on function private.draw_again is 'What was drawn of a document is drawn anew.';

create function private.note_case_text() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  perform private.draw_again(new.document_id);
  return null;
end $$;
comment on function private.note_case_text is 'A new or changed text is drawn.';
create trigger document_repository_case after insert or update of text on document_repository
  for each row execute function private.note_case_text();

create function private.note_case_document() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  perform private.draw_again(c.document_id) from case_documents c where c.document_id = new.id;
  return null;
end $$;
comment on function private.note_case_document
  is 'A document whose type or date is another now, or that left or joined a binder, is drawn anew.';
create trigger master_document_registry_case after update on master_document_registry for each row
  when (old.document_type is distinct from new.document_type
    or old.document_date is distinct from new.document_date
    or old.duplicate_of is distinct from new.duplicate_of or old.dissolved_at is distinct from new.dissolved_at
    or old.bound_set is distinct from new.bound_set)
  execute function private.note_case_document();

create function private.join_first_matter() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into matter_documents (matter_id, document_id) select m.id, new.id from matters m where m.is_default;
  return null;
end $$;
comment on function private.join_first_matter is 'A new document belongs to the first matter, until a person moves it.';
create trigger master_document_registry_matter after insert on master_document_registry for each row
  execute function private.join_first_matter();
insert into matter_documents (matter_id, document_id)
  select m.id, d.id from matters m, master_document_registry d where m.is_default;

create function claim_case_documents(facts_version int, max_documents int, lease_seconds int)
returns table (document_id uuid, text text, text_md5 text, original_filename text, mime_type text, document_type text,
  document_date date, sender text, recipients jsonb, sent text, thread_key text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  perform private.require_lease(lease_seconds);
  if coalesce(max_documents, 0) not between 1 and private.most_case_documents() then
    perform private.refuse('AS006', format('max_documents must be 1 to %s.', private.most_case_documents()));
  end if;
  perform private.note_analyst();
  return query
    with due as (
      select c.document_id from case_documents c
      where c.facts_version < claim_case_documents.facts_version
        and (c.claimed_until is null or c.claimed_until < now())
      order by c.facts_version, c.seq limit max_documents for update skip locked
    ), taken as (
      update case_documents c set claimed_until = now() + make_interval(secs => lease_seconds) from due
        where c.document_id = due.document_id returning c.document_id, c.seq
    )
    select t.document_id, case when d.duplicate_of is null and d.dissolved_at is null
        and not private.is_told_by_binder(d) then left(r.text, private.most_case_text()) else '' end,
      md5(r.text), d.original_filename, d.mime_type, d.document_type, d.document_date, m.sender, m.recipients, m.sent,
      case when m.thread_id <> '' then m.thread_id end
    from taken t join master_document_registry d on d.id = t.document_id
      join document_repository r on r.document_id = t.document_id left join mails m on m.document_id = t.document_id
    order by t.seq;
end $$;
comment on function claim_case_documents
  is 'Documents whose facts are to be drawn by these rules, with their text; empty for what no list shows. Not given '
  'out again while the lease runs.';

create function find_near_documents(document_id uuid, bands bigint[])
returns table (document_id uuid, text text, seq bigint)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select n.document_id, left(r.text, private.most_case_text()), c.seq from (
    select b.document_id, count(*) as shared from unnest(bands) as wanted(band) cross join lateral (
      select b.document_id from case_bands b where b.band = wanted.band
        and b.document_id <> find_near_documents.document_id limit private.most_of_a_band()) b
    group by 1 order by 2 desc, 1 limit private.most_near_documents()) n
    join document_repository r on r.document_id = n.document_id join case_documents c on c.document_id = n.document_id
  order by n.shared desc, c.seq
$$;
comment on function find_near_documents
  is 'The documents that share most bands with one, to be compared word by word; those drawn already.';

-- What was drawn ----------------------------------------------------------------------------------------------

create function private.root_of_copies(document_id uuid) returns uuid
language sql stable set search_path = public, pg_temp as $$
  select coalesce((select d.original_id from duplicates d where d.copy_id = root_of_copies.document_id
    and d.state = 'joined'), root_of_copies.document_id)
$$;
comment on function private.root_of_copies is 'The original of a copy; itself where it is none.';

create function private.tell_witness(documents uuid[]) returns void
language sql set search_path = public, private, pg_temp as $$
  update case_documents c set witness_id = private.root_of_copies(c.document_id)
    where c.document_id = any (documents) and c.witness_id <> private.root_of_copies(c.document_id)
$$;
comment on function private.tell_witness is 'Writes at these documents whose copy they are.';

create function private.join_copies(a uuid, b uuid, kind text, likeness real, found_by text) returns uuid
language plpgsql set search_path = public, private, pg_temp as $$
declare
  roots uuid[] := array(select r from unnest(array[private.root_of_copies(a), private.root_of_copies(b)]) r
    join master_document_registry d on d.id = r order by d.seq);
begin
  if roots[1] = roots[2] or found_by = 'rules' and exists (select from duplicates d where d.state = 'apart'
      and (d.copy_id in (a, b) or d.copy_id = any (roots))) then
    return roots[1];
  end if;
  update duplicates d set original_id = roots[1] where d.original_id = roots[2] and d.state = 'joined';
  insert into duplicates (copy_id, original_id, kind, likeness, found_by)
    values (roots[2], roots[1], kind, likeness, found_by)
    on conflict (copy_id) do update set original_id = excluded.original_id, kind = excluded.kind,
      likeness = excluded.likeness, found_by = excluded.found_by, state = 'joined';
  perform private.tell_witness(array(select d.copy_id from duplicates d where d.original_id = roots[1]));
  return roots[1];
end $$;
comment on function private.join_copies
  is 'Makes two documents, with all their copies, one witness: the first that entered is the original. What a person '
  'took apart the rules do not join.';

create function private.part_copies(document_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  parted uuid[];
begin
  with gone as (
    delete from duplicates d where part_copies.document_id in (d.copy_id, d.original_id) and d.state = 'joined'
      and d.found_by = 'rules' returning d.copy_id
  ) select array_agg(g.copy_id) into parted from gone g;
  perform private.tell_witness(parted || part_copies.document_id);
  perform private.draw_again(p) from unnest(parted) as p where p <> part_copies.document_id;
end $$;
comment on function private.part_copies is 'Its text is another: what the rules had joined with it is looked at anew.';

create function private.is_sweeping(quote text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select quote ~* ('\m(never|always|every|each|all|only|nobody|no one|none|at no time|not once|not a single|not missed'
    '|without (exception|interruption|fail)|entire(ly)?|continuously|nunca|siempre|jamás|nadie|ningun[oa]?)\M')
$$;
comment on function private.is_sweeping
  is 'Whether it speaks of all times or all cases: one other case contradicts it.';

create function private.topics(cues text[]) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select array(select c from unnest(cues) c where c <> all (array['denies', 'conditional', 'reported', 'question',
    'correction', 'future', 'duty', 'plain']))
$$;
comment on function private.topics is 'What a statement is about, of its cues; the others say how it is said.';

create function private.denies_at_large(claim case_claims) returns boolean
language sql immutable set search_path = public, private, pg_temp as $$
  select claim.voice in ('sworn', 'letter', 'message') and ('denies' = any (claim.cues)
    or private.is_sweeping(claim.quote))
$$;
comment on function private.denies_at_large
  is 'Whether somebody denies something or speaks of all times: without a time it is of any.';

create function private.note_topics(documents uuid[]) returns void
language sql set search_path = public, private, pg_temp as $$
  delete from claim_topics t where t.document_id = any (documents);
  insert into claim_topics (document_id, claim_id, person_id, topic, starts, ends)
    select c.document_id, c.id, p.person_id, t.topic, c.starts, c.ends from case_claims c
      cross join lateral (select n as person_id, true as is_named from unnest(c.people) n
        union all select d.person_id, false from people_documents d where c.people = '{}'
          and d.document_id = c.document_id) p
      cross join lateral (select case when c.ends > c.starts + interval '1 day' then 'span' else 'moment' end as topic
          where p.is_named and c.starts is not null and c.ends <= c.starts + private.longest_span()
        union all select 'undated' where p.is_named and c.starts is null and private.denies_at_large(c)
        union all select 'message' where c.voice = 'message'
        union all select u from unnest(private.topics(c.cues)) u
        union all select 'sweeping ' || u from unnest(private.topics(c.cues)) u where p.is_named
          and c.voice in ('sworn', 'letter', 'message') and private.is_sweeping(c.quote)) t
    where c.document_id = any (documents) and c.standing and c.voice <> 'order';
$$;
comment on function private.note_topics is 'Keeps claim_topics of these documents.';

create function private.refresh_people(documents uuid[]) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  update case_claims c set people = n.people, speaker_id = n.speaker_id from (
    select c.id, coalesce(array_agg(distinct n.person_id) filter (where n.person_id is not null), '{}') as people,
      (select s.person_id from case_names s where s.id = c.speaker_name_id) as speaker_id
    from case_claims c left join case_mentions m on m.claim_id = c.id left join case_names n on n.id = m.name_id
    where c.document_id = any (refresh_people.documents) group by c.id) n
    where c.id = n.id and (c.people, c.speaker_id) is distinct from (n.people, n.speaker_id);
  with gone as (
    delete from people_documents p where p.document_id = any (refresh_people.documents)
      and not exists (select from case_mentions m join case_names n on n.id = m.name_id
        where m.document_id = p.document_id and n.person_id = p.person_id)
      returning p.person_id
  ), come as (
    insert into people_documents (person_id, document_id)
      select distinct n.person_id, m.document_id from case_mentions m join case_names n on n.id = m.name_id
      where m.document_id = any (refresh_people.documents) and n.person_id is not null
      on conflict do nothing returning person_id
  )
  update people p set documents = p.documents + u.more from (
    select moved.person_id, sum(moved.n)::int as more from (select g.person_id, -1 as n from gone g
      union all select c.person_id, 1 from come c) moved group by 1 having sum(moved.n) <> 0) u
    where p.id = u.person_id;
  update order_terms t set bound_ids = array(select distinct n.person_id from case_names n where n.key = any (t.bound)
    and n.person_id is not null order by 1) where t.document_id = any (refresh_people.documents);
  perform private.note_topics(refresh_people.documents);
  perform private.tell_events(array(select distinct t.event_id from case_times t
    where t.document_id = any (refresh_people.documents) and t.event_id is not null));
end $$;
comment on function private.refresh_people
  is 'Who the statements of these documents speak of, as names are settled now.';

create function private.store_names(document_id uuid, given jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  said jsonb;
begin
  insert into case_names (key, words, form, first, last, suffix, title)
    select left(n.key, private.longest_word()), left(n.words, private.longest_word()), n.form, coalesce(n.first, ''),
      coalesce(n.last, ''), coalesce(n.suffix, ''), coalesce(n.title, '')
    from jsonb_to_recordset(given) as n(key text, words text, form text, first text, last text, suffix text, title text)
    order by 1 on conflict (key) do nothing;
  said := (select jsonb_agg(distinct jsonb_build_object('name_id', n.id, 'sign', s))
    from jsonb_to_recordset(given) as g(key text, signs text[])
      join case_names n on n.key = left(g.key, private.longest_word()) cross join lateral unnest(g.signs) as s);
  update case_names n set settled = false from jsonb_to_recordset(said) as g(name_id bigint, sign text)
    where n.id = g.name_id and n.settled and not exists (select from case_name_signs s where s.name_id = g.name_id
      and s.sign = g.sign);
  delete from case_name_signs s where s.document_id = store_names.document_id;
  insert into case_name_signs (name_id, document_id, sign) select g.name_id, store_names.document_id, g.sign
    from jsonb_to_recordset(said) as g(name_id bigint, sign text);
  update case_names n set is_party = true from case_name_signs s where s.document_id = store_names.document_id
    and s.sign in ('petitioner', 'respondent', 'father', 'mother') and n.id = s.name_id and not n.is_party;
end $$;
comment on function private.store_names is 'The names of a document, and what it says of them.';

create function private.store_claims(document_id uuid, given jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  told uuid[];
  kept jsonb;
begin
  select array_agg(distinct t.event_id), jsonb_agg(jsonb_build_object('key', c.key, 'quote', c.quote,
      'starts', t.starts, 'ends', t.ends, 'event_id', t.event_id)) into told, kept
    from case_times t join case_claims c on c.id = t.claim_id
    where t.document_id = store_claims.document_id and t.event_id is not null;
  perform private.count_names(store_claims.document_id, -1);
  delete from case_times t where t.document_id = store_claims.document_id;
  delete from case_measures m where m.document_id = store_claims.document_id;
  delete from case_mentions m where m.document_id = store_claims.document_id;
  delete from case_claim_places p using case_claims c where c.id = p.claim_id
    and c.document_id = store_claims.document_id;
  update case_claims c set standing = false, place = -c.place - 1 where c.document_id = store_claims.document_id;
  insert into case_claims (document_id, key, place, page, start, quote, voice, speaker_name_id, said_at,
    said_precision, cues, words, starts, ends, precision, known)
    select store_claims.document_id, g.key, g.place, g.page, g.start, g.quote, g.voice,
      (select n.id from case_names n where n.key = g.speaker), g.said_at, g.said_precision, coalesce(g.cues, '{}'),
      coalesce(g.words, '{}'), g.starts, g.ends, g.precision, g.known
    from jsonb_to_recordset(given) as g(key text, place int, page int, start int, quote text, voice text, speaker text,
      said_at timestamp, said_precision text, cues text[], words text[], starts timestamp, ends timestamp,
      precision text, known text) limit private.most_case_claims()
    on conflict (document_id, key) do update set place = excluded.place, page = excluded.page, start = excluded.start,
      quote = excluded.quote, standing = true, voice = excluded.voice, speaker_name_id = excluded.speaker_name_id,
      said_at = excluded.said_at, said_precision = excluded.said_precision, cues = excluded.cues,
      words = excluded.words, starts = excluded.starts, ends = excluded.ends, precision = excluded.precision,
      known = excluded.known;
  delete from case_claims c where c.document_id = store_claims.document_id and not c.standing and not c.pinned;
  insert into case_mentions (claim_id, name_id, document_id)
    select distinct c.id, n.id, c.document_id from jsonb_to_recordset(given) as g(key text, names text[])
      join case_claims c on c.document_id = store_claims.document_id and c.key = g.key
      cross join lateral unnest(g.names) as named join case_names n on n.key = named;
  perform private.put_marks(store_claims.document_id);
  perform private.count_names(store_claims.document_id, 1);
  insert into case_times (claim_id, document_id, page, start, quote, starts, ends, precision, zone, known, is_event,
    event_id, settled)
    with kept_times as materialized (select distinct on (k.key, k.starts, k.ends) k.* from jsonb_to_recordset(kept) as
      k(key text, quote text, starts timestamp, ends timestamp, event_id uuid)
      order by k.key, k.starts, k.ends, k.event_id
    ), decided as materialized (select k.* from kept_times k join case_events e on e.id = k.event_id
      and e.state <> 'open')
    select c.id, c.document_id, t.page, t.start, t.quote, t.starts, t.ends, t.precision, t.zone, t.known, t.is_event,
      coalesce(k.event_id, d.event_id), coalesce(k.event_id, d.event_id) is not null
    from jsonb_to_recordset(given) as g(key text, times jsonb)
      join case_claims c on c.document_id = store_claims.document_id and c.key = g.key
      cross join lateral jsonb_to_recordset(g.times) as t(page int, start int, quote text, starts timestamp,
        ends timestamp, precision text, zone text, known text, is_event boolean)
      left join kept_times k on t.is_event and k.key = g.key and k.starts = t.starts and k.ends = t.ends
      -- What a person decided holds for a statement that another reading spells otherwise.
      left join lateral (select d.event_id from decided d where k.event_id is null and t.is_event
        and d.starts = t.starts and d.ends = t.ends
        and private.shared_words(d.quote, c.quote) >= private.least_shared_words()
        order by private.shared_words(d.quote, c.quote) desc limit 1) d on true;
  insert into case_measures (claim_id, document_id, page, start, quote, kind, value, unit, subject, per)
    select c.id, c.document_id, m.page, m.start, m.quote, m.kind, m.value, m.unit, m.subject, m.per
    from jsonb_to_recordset(given) as g(key text, measures jsonb)
      join case_claims c on c.document_id = store_claims.document_id and c.key = g.key
      cross join lateral jsonb_to_recordset(g.measures) as m(page int, start int, quote text, kind text, value numeric,
        unit text, subject text, per text);
  insert into places (kind, key, name) select distinct on (1, 2) p.kind, left(p.key, private.longest_word()),
      left(p.name, private.longest_word())
    from jsonb_to_recordset(given) as g(places jsonb)
      cross join lateral jsonb_to_recordset(g.places) as p(kind text, key text, name text)
    order by 1, 2 on conflict do nothing;
  insert into case_claim_places (claim_id, place_id)
    select distinct c.id, s.id from jsonb_to_recordset(given) as g(key text, places jsonb)
      join case_claims c on c.document_id = store_claims.document_id and c.key = g.key
      cross join lateral jsonb_to_recordset(g.places) as p(kind text, key text)
      join places s on s.kind = p.kind and s.key = left(p.key, private.longest_word());
  perform private.tell_events(told);
end $$;
comment on function private.store_claims
  is 'The statements of a document in place of earlier ones. Those with the same words keep their id, and their times '
  'their event.';

create function private.store_terms(document_id uuid, given jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  -- What a person decided holds for a term that another reading spells otherwise.
  update order_terms t set key = n.key from (
    select distinct on (m.key) m.* from (
      select distinct on (o.id) o.id, g.key, private.shared_words(o.quote, g.quote) as likeness
      from order_terms o join jsonb_to_recordset(given) as g(key text, quote text, duty text, act text,
          amount_usd numeric, hour_from time)
        on (g.duty, g.act) = (o.duty, o.act) and g.amount_usd is not distinct from o.amount_usd
          and g.hour_from is not distinct from o.hour_from
      where o.document_id = store_terms.document_id and o.state <> 'proposed'
        and o.key not in (select k.key from jsonb_to_recordset(given) as k(key text))
        and not exists (select from order_terms x where x.document_id = o.document_id and x.key = g.key)
        and private.shared_words(o.quote, g.quote) >= private.least_shared_words()
      order by o.id, 3 desc) m order by m.key, m.likeness desc) n where t.id = n.id;
  update order_terms t set standing = false where t.document_id = store_terms.document_id and t.proposed_by = 'rules';
  insert into order_terms (document_id, key, place, page, start, quote, bound, duty, act, amount_usd, per, due_day,
    weekdays, weeks, hour_from, hour_until, hours_before, starts, ends, allowed_places, forbidden_places, exceptions,
    proposed_by)
    select store_terms.document_id, g.key, g.place, g.page, g.start, g.quote, coalesce(g.bound, '{}'), g.duty, g.act,
      g.amount_usd, g.per, g.due_day, coalesce(g.weekdays, '{}'), coalesce(g.weeks, '{}'), g.hour_from, g.hour_until,
      g.hours_before, g.starts, g.ends, coalesce(g.allowed_places, '{}'), coalesce(g.forbidden_places, '{}'),
      coalesce(g.exceptions, '[]'), 'rules'
    from jsonb_to_recordset(given) as g(key text, place int, page int, start int, quote text, bound text[], duty text,
      act text, amount_usd numeric, per text, due_day int, weekdays int[], weeks int[], hour_from time,
      hour_until time, hours_before numeric, starts date, ends date, allowed_places text[], forbidden_places text[],
      exceptions jsonb)
    on conflict (document_id, key) do update set place = excluded.place, page = excluded.page, start = excluded.start,
      quote = excluded.quote, standing = true, bound = excluded.bound, duty = excluded.duty, act = excluded.act,
      amount_usd = excluded.amount_usd, per = excluded.per, due_day = excluded.due_day, weekdays = excluded.weekdays,
      weeks = excluded.weeks, hour_from = excluded.hour_from, hour_until = excluded.hour_until,
      hours_before = excluded.hours_before, starts = excluded.starts, ends = excluded.ends,
      allowed_places = excluded.allowed_places, forbidden_places = excluded.forbidden_places,
      exceptions = excluded.exceptions;
  delete from order_terms t where t.document_id = store_terms.document_id and not t.standing
    and t.state = 'proposed';
end $$;
comment on function private.store_terms
  is 'The terms of an order in place of earlier ones. What a person decided stays, and says whether it stands still.';

create function store_case_facts(document_id uuid, text_md5 text, facts_version int, facts jsonb)
returns table (status text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  stored case_documents;
begin
  select c.* into stored from case_documents c where c.document_id = store_case_facts.document_id for no key update;
  if stored.document_id is null then
    perform private.refuse('AS002', 'There is no such document.');
  elsif (select md5(r.text) from document_repository r where r.document_id = store_case_facts.document_id)
      is distinct from store_case_facts.text_md5 then
    return query select 'changed';
    return;
  end if;
  perform private.store_names(document_id, facts -> 'names');
  perform private.store_claims(document_id, facts -> 'claims');
  perform private.store_terms(document_id, facts -> 'terms');
  delete from case_bands b where b.document_id = store_case_facts.document_id;
  insert into case_bands (document_id, band) select distinct store_case_facts.document_id, b::bigint
    from jsonb_array_elements_text(facts -> 'bands') as b;
  if stored.text_md5 is distinct from store_case_facts.text_md5 then
    perform private.part_copies(document_id);
  end if;
  perform private.join_copies(store_case_facts.document_id, n.document_id, n.kind, n.likeness, 'rules')
    from jsonb_to_recordset(facts -> 'copies') as n(document_id uuid, kind text, likeness real);
  update case_documents c set facts_version = store_case_facts.facts_version,
    text_md5 = store_case_facts.text_md5, claimed_until = null, drawn_at = now(), voice = facts ->> 'voice',
    said_at = (facts ->> 'said_at')::timestamp, said_precision = facts ->> 'said_precision',
    speaker_name_id = (select n.id from case_names n where n.key = facts ->> 'speaker'),
    thread_key = facts ->> 'thread_key', problem = facts ->> 'problem',
    witness_id = private.root_of_copies(c.document_id)
    where c.document_id = store_case_facts.document_id;
  perform private.refresh_people(array[store_case_facts.document_id]);
  return query select 'stored';
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('The facts are malformed (%s).', sqlstate));
end $$;
comment on function store_case_facts
  is 'Keeps what was drawn of a document, in place of what was drawn before. changed: its text is another by now, and '
  'it is given out again.';

-- Who is who --------------------------------------------------------------------------------------------------

create function private.signs_of(name_id bigint) returns text[]
language sql stable set search_path = public, pg_temp as $$
  with recursive signs as (
    (select s.sign from case_name_signs s where s.name_id = signs_of.name_id order by s.sign limit 1)
    union all
    select (select s.sign from case_name_signs s where s.name_id = signs_of.name_id and s.sign > l.sign
      order by s.sign limit 1) from signs l where l.sign is not null
  )
  select coalesce(array_agg(l.sign order by l.sign), '{}') from signs l where l.sign is not null
$$;
comment on function private.signs_of
  is 'What papers say of a name, each sign once, looked up sign by sign: a name stands in thousands of papers.';

create function private.names_of_families(lasts text[]) returns setof bigint
language sql stable rows 50 set search_path = public, private, pg_temp as $$
  select o.id from unnest(lasts) l cross join lateral (select o.id from case_names o where o.last = l
    order by o.id limit private.most_of_a_family()) o where l <> ''
$$;
comment on function private.names_of_families is 'Names with one of these last names.';

create function private.names_of_firsts(firsts text[]) returns setof case_names
language sql stable rows 20 set search_path = public, private, pg_temp as $$
  select o.* from unnest(firsts) f cross join lateral (
    (select o.* from case_names o where o.first = f order by o.id limit private.most_of_a_first())
    union
    (select o.* from case_names o where length(f) > 2 and o.first ~>~ f and o.first ~<~ (f || '~')
      order by o.first using ~<~, o.id limit private.most_of_a_first())) o
$$;
comment on function private.names_of_firsts is 'Names whose first name is one of these or begins with it.';

create function get_names_to_settle(max_names int)
returns table (id bigint, key text, words text, form text, first text, last text, suffix text, title text,
  person_id uuid, documents int, settled boolean, signs text[])
language sql stable security definer set search_path = public, private, pg_temp as $$
  with new as materialized (
    select n.* from case_names n where not n.settled order by n.id limit least(max_names, private.most_near_names())
  ), called as materialized (
    -- First names alone: new ones, and those that a new name may be meant by.
    select n.id, n.first from new n where n.form in ('first', 'kin')
    union select o.id, o.first from (select distinct n.first from new n where length(n.first) > 1) n
      join case_names o on o.first = any (array(select left(n.first, k) from generate_series(1, length(n.first)) k))
        and o.form in ('first', 'kin')
  ), meant as materialized (
    select o.id, o.last from private.names_of_firsts(array(select distinct c.first from called c)) o
  ), parties as materialized (
    select o.id, o.last from case_names o where o.form = 'role'
      and exists (select from new n where n.form = 'role' or n.is_party)
    union all (select o.id, o.last from case_names o where o.is_party
      and exists (select from new n where n.form = 'role' or n.is_party) order by o.id limit private.most_of_a_first())
  ), families as (
    select n.last from new n
    union select f.last from (select m.last, count(*) over () as n from meant m where m.last <> '' group by 1) f
      where f.n <= private.most_families()
    union select f.last from (select p.last, count(*) over () as n from parties p where p.last <> '' group by 1) f
      where f.n <= private.most_families()
  ), near as (
    select n.id from new n union select c.id from called c union select m.id from meant m
    union select p.id from parties p
    union select f from private.names_of_families(array(select f.last from families f)) f
  )
  select n.id, n.key, n.words, n.form, n.first, n.last, n.suffix, n.title, n.person_id, n.documents, n.settled,
    private.signs_of(n.id)
  from near f join case_names n on n.id = f.id
  order by n.settled, n.id limit private.most_near_names()
$$;
comment on function get_names_to_settle
  is 'Names of whom it is not known yet who they are, with all that could be the same person.';

create function get_people_decisions(keys text[])
returns table (kind text, a_keys text[], b_keys text[])
language sql stable security definer set search_path = public, pg_temp as $$
  select d.kind, d.a_keys, d.b_keys from people_decisions d where d.undone_at is null
    and (d.a_keys && keys or d.b_keys && keys) order by d.seq
$$;
comment on function get_people_decisions is 'What people decided about the persons of these names, in their order.';

create function private.give_names(person_id uuid, names bigint[]) returns bigint[]
language sql set search_path = public, pg_temp as $$
  with given as (
    update case_names n set person_id = give_names.person_id where n.id = any (names)
      and n.person_id is distinct from give_names.person_id returning n.id
  ) select coalesce(array_agg(g.id), '{}') from given g
$$;
comment on function private.give_names is 'These names are this person''s; those that were not before.';

create function private.documents_of_names(names bigint[]) returns uuid[]
language sql stable set search_path = public, pg_temp as $$
  select coalesce(array_agg(distinct m.document_id), '{}') from case_mentions m where m.name_id = any (names)
$$;
comment on function private.documents_of_names is 'The documents in which these names stand.';

create function private.end_empty_people(former uuid[]) returns void
language sql set search_path = public, pg_temp as $$
  update people p set merged_into = (select n.person_id from case_names n where n.id = any (array(
      select m.name_id from people_documents d join case_mentions m on m.document_id = d.document_id
      where d.person_id = p.id limit 50)) and n.person_id <> p.id and lower(n.words) = lower(p.name) limit 1)
    where p.id = any (former) and p.merged_into is null
      and not exists (select from case_names n where n.person_id = p.id);
$$;
comment on function private.end_empty_people is 'Persons without a name are somebody else now.';

create function settle_names(groups jsonb, nobody bigint[], names bigint[]) returns table (documents int)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s' as $$
#variable_conflict use_column
declare
  each record;
  kept uuid;
  taken uuid[] := '{}';
  former uuid[] := array(select distinct n.person_id from case_names n where n.person_id is not null
    and (n.id = any (nobody) or n.id in (select m::bigint from jsonb_array_elements(groups) g,
      jsonb_array_elements_text(g -> 'names') m)));
  changed bigint[] := private.give_names(null, nobody);
  touched uuid[];
begin
  for each in select g.names, g.name, g.sex, coalesce(g.roles, '{}') as roles
      from jsonb_to_recordset(groups) as g(names bigint[], name text, sex text, roles text[]) loop
    kept := (select p.id from people p where p.id <> all (taken) and p.merged_into is null and exists (select
      from case_names n where n.person_id = p.id and n.id = any (each.names)) order by p.seq limit 1);
    if kept is null then
      insert into people (name, sex, roles) values (each.name, each.sex, each.roles) returning id into kept;
    else
      update people p set name = each.name, sex = each.sex, roles = each.roles where p.id = kept
        and (p.name, p.sex, p.roles) is distinct from (each.name, each.sex, each.roles);
    end if;
    taken := taken || kept;
    changed := changed || private.give_names(kept, each.names);
  end loop;
  update case_names n set settled = true where n.id = any (names) and not n.settled;
  touched := private.documents_of_names(changed);
  perform private.end_empty_people(former);
  perform private.refresh_people(touched);
  return query select cardinality(touched);
end $$;
comment on function settle_names
  is 'Who is who: groups [{names, name, sex, roles}] are one person each, nobody those of whom it cannot be told. A '
  'group keeps the oldest of its persons.';

-- What happened -----------------------------------------------------------------------------------------------

create function private.tell_events(ids uuid[]) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  update case_events e set starts = t.starts, ends = t.ends, precision = t.precision, zone = t.zone, known = t.known,
    title = coalesce(e.named, t.title), people = t.people, documents = t.documents, versions = greatest(t.versions, 1)
  from (
    with spoken as (
      select t.*, c.quote as words, c.people, d.witness_id,
        array_position(array['minute', 'hour', 'day', 'month', 'year'], t.precision) as grain,
        array_position(array['header', 'printed', 'stated', 'inferred'], t.known) as trust
      from case_times t join case_claims c on c.id = t.claim_id join case_documents d on d.document_id = t.document_id
      where t.event_id = any (ids)
    ), sides as (
      select event_id, witness_id, min(starts) as starts, max(ends) as ends, min(trust) as trust from spoken
      where grain = 1 group by 1, 2
    ), parted as (
      select *, coalesce(starts > max(ends) over (partition by event_id order by starts, ends
        rows between unbounded preceding and 1 preceding) + interval '30 minutes', true) as is_new from sides
    ), versions as (
      select *, count(*) filter (where is_new) over (partition by event_id order by starts, ends) as version from parted
    ), best as (
      select distinct on (event_id) event_id, version, min(starts) as starts, max(ends) as ends,
        max(version) over (partition by event_id) as versions
      from versions group by event_id, version order by event_id, min(trust), count(*) desc, version
    ), spans as (
      select event_id, min(starts) as starts, max(ends) as ends,
        bool_or(grain = 3 and ends > starts + interval '1 day') as is_long,
        min(starts) filter (where grain <= 3) as day_starts, max(ends) filter (where grain <= 3) as day_ends,
        min(grain) as grain from spoken group by 1
    ), tellers as (
      select distinct on (event_id) event_id, left(regexp_replace(words, '\s+', ' ', 'g'), 200) as title, zone, known
      from spoken order by event_id, grain, trust, length(words) > 200, start, id
    )
    select s.event_id,
      case when s.is_long then s.day_starts when b.event_id is not null then b.starts
        else coalesce(s.day_starts, s.starts) end as starts,
      case when s.is_long then s.day_ends when b.event_id is not null then b.ends
        else coalesce(s.day_ends, s.ends) end as ends,
      case when s.is_long then 'day' else (array['minute', 'hour', 'day', 'month', 'year'])[s.grain] end as precision,
      l.zone, l.known, l.title, coalesce(b.versions, 1)::int as versions,
      (select count(distinct p.witness_id) from spoken p where p.event_id = s.event_id)::int as documents,
      array(select distinct u from spoken p, unnest(p.people) u where p.event_id = s.event_id order by 1) as people
    from spans s join tellers l using (event_id) left join best b using (event_id)
  ) t where t.event_id = e.id;
  update case_events e set documents = 0 where e.id = any (ids) and e.documents > 0
    and not exists (select from case_times t where t.event_id = e.id);
  delete from case_events e where e.id = any (ids) and e.documents = 0 and e.state = 'open'
    and not exists (select from case_times t where t.event_id = e.id);
end $$;
comment on function private.tell_events
  is 'An event as its papers tell it now: the finest time of those most to be trusted. One that nobody speaks of any '
  'more goes, unless a person decided about it.';

create function private.is_held_month(spoken case_times) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select spoken.precision = 'month' and exists (select from case_times t where t.event_id = spoken.event_id
    and t.precision in ('minute', 'hour', 'day'))
$$;
comment on function private.is_held_month is 'Whether a month is of an event of which a day is known already.';

create function private.find_near_times(spoken case_times, people uuid[]) returns setof bigint
language sql stable rows 30 set search_path = public, private, pg_temp as $$
  select n.id from (
    select distinct t.id from unnest(find_near_times.people) p cross join lateral (
        (select c.claim_id from claim_topics c where c.person_id = p and c.topic = 'moment'
          and c.starts >= spoken.starts - interval '3 hours' and c.starts < spoken.ends + interval '3 hours'
          order by c.starts limit private.most_of_a_topic())
        union all
        (select c.claim_id from claim_topics c where c.person_id = p and c.topic = 'moment'
          and c.starts = date_trunc('day', spoken.starts) order by c.ends desc limit private.most_of_a_topic())
        union all
        (select c.claim_id from claim_topics c where c.person_id = p and c.topic = 'span'
          and c.starts > spoken.starts - private.longest_span() and c.starts < spoken.ends and c.ends > spoken.starts
          order by c.starts desc limit private.most_of_a_topic())) c
      join case_times t on t.claim_id = c.claim_id and t.is_event
    limit private.most_near_times()) n
  union
  (select t.id from case_times t where t.is_event and t.starts >= spoken.starts - interval '3 hours'
    and t.starts < spoken.ends + interval '3 hours' order by t.starts, t.id limit private.most_of_a_topic())
  union
  (select t.id from case_times t where t.is_event and t.starts = date_trunc('day', spoken.starts)
    order by t.id desc limit private.most_of_a_topic())
$$;
comment on function private.find_near_times
  is 'Times around one: of statements about the same people, and the nearest of others, which may share words.';

create function get_times_to_settle(max_times int)
returns table (id bigint, document_id uuid, witness_id uuid, starts timestamp, ends timestamp, "precision" text,
  people uuid[], words text[], is_held boolean, near jsonb)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select t.id, t.document_id, d.witness_id, t.starts, t.ends, t.precision, c.people, c.words,
    private.is_held_month(t), coalesce((
    select jsonb_agg(jsonb_build_object('id', n.id, 'document_id', n.document_id, 'witness_id', n.witness_id,
      'starts', n.starts, 'ends', n.ends, 'precision', n.precision, 'people', n.people,
      'words', n.words, 'is_held', n.is_held))
    from (
      select o.id, o.document_id, od.witness_id, o.starts, o.ends, o.precision, oc.people, oc.words,
        private.is_held_month(o) as is_held
      from private.find_near_times(t, c.people) f join case_times o on o.id = f
        join case_claims oc on oc.id = o.claim_id join case_documents od on od.document_id = o.document_id
      where o.id <> t.id
        and tsrange(o.starts, o.ends) && tsrange(t.starts - interval '3 hours', t.ends + interval '3 hours')
        and (oc.people && c.people or oc.words && c.words)
      order by (oc.people && c.people and oc.words && c.words) desc, o.document_id = t.document_id desc,
        abs(extract(epoch from o.starts - t.starts)), o.id limit private.most_near_times()) n), '[]')
  from case_times t join case_claims c on c.id = t.claim_id join case_documents d on d.document_id = t.document_id
  where t.id in (select n.id from case_times n where n.is_event and not n.settled order by n.id
    limit least(max_times, 1000))
  order by t.id
$$;
comment on function get_times_to_settle
  is 'Times of which it is not known yet what event they are of, each with those around it that share a person '
  'or a word.';

create function private.join_event(time_id bigint, linked bigint[]) returns uuid[]
language plpgsql set search_path = public, private, pg_temp as $$
declare
  ids uuid[] := array(select e.id from case_events e where e.id in (select t.event_id from case_times t
    where t.id = any (linked || time_id)) order by e.state = 'open', e.seq);
  kept uuid := ids[1];
begin
  if kept is null then
    insert into case_events (starts, ends, precision, known, title) select t.starts, t.ends, t.precision, t.known, ''
      from case_times t where t.id = time_id returning id into kept;
  end if;
  update case_times t set event_id = kept where t.event_id = any (ids[2:])
    and exists (select from case_events e where e.id = t.event_id and e.state = 'open');
  update case_times t set event_id = kept where t.id = time_id and t.event_id is distinct from kept;
  return ids || kept;
end $$;
comment on function private.join_event
  is 'Puts a time and those linked with it into one event. Events about which people decided stay apart.';

create function settle_times(times jsonb) returns table (events int)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s' as $$
declare
  each record;
  touched uuid[] := '{}';
begin
  for each in select t.id, coalesce(t.linked, '{}') as linked
      from jsonb_to_recordset(times) as t(id bigint, linked bigint[]) loop
    touched := touched || private.join_event(each.id, each.linked);
  end loop;
  update case_times t set settled = true where t.id in (select s.id from jsonb_to_recordset(times) as s(id bigint));
  touched := array(select distinct t from unnest(touched) t);
  perform private.tell_events(touched);
  return query select cardinality(touched);
end $$;
comment on function settle_times
  is 'Which times [{id, linked: [id]}] are of one event; each of the times has one afterwards.';

-- What a person decides ---------------------------------------------------------------------------------------

create function private.known_person(person_id uuid) returns people
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  found people;
begin
  select p.* into found from people p where p.id = known_person.person_id;
  if found.merged_into is not null then
    return private.known_person(found.merged_into);
  elsif found.id is null then
    perform private.refuse('AS002', 'There is no such person.');
  end if;
  return found;
end $$;
comment on function private.known_person is 'The person, or who it turned out to be; AS002 where there is none.';

create function private.keys_of(person_id uuid) returns text[]
language sql stable set search_path = public, pg_temp as $$
  select coalesce(array_agg(n.key order by n.id), '{}') from case_names n where n.person_id = keys_of.person_id
$$;
comment on function private.keys_of is 'The keys of all names of a person.';

create function private.ids_of(keys text[]) returns bigint[]
language sql stable set search_path = public, pg_temp as $$
  select coalesce(array_agg(n.id), '{}') from case_names n where n.key = any (keys)
$$;
comment on function private.ids_of is 'The names with these keys.';

create function private.move_names(keys text[], person_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  moved bigint[] := private.give_names(person_id, private.ids_of(keys));
begin
  perform private.refresh_people(private.documents_of_names(moved));
end $$;
comment on function private.move_names is 'These names are this person''s from now on, in every document.';

create function merge_people(person_id uuid, other_id uuid, decided_by text, why text default null)
returns table (decision_id uuid, kept_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s' as $$
#variable_conflict use_column
declare
  kept people := private.known_person(merge_people.person_id);
  gone people := private.known_person(merge_people.other_id);
  made uuid;
begin
  if kept.id = gone.id then
    perform private.refuse('AS003', 'They are one person already.');
  end if;
  insert into people_decisions (kind, a_keys, b_keys, kept_id, other_id, decided_by, why)
    values ('same', private.keys_of(kept.id), private.keys_of(gone.id), kept.id, gone.id, merge_people.decided_by,
      left(merge_people.why, private.longest_reason())) returning id into made;
  perform private.move_names(private.keys_of(gone.id), kept.id);
  update people p set merged_into = kept.id where p.id = gone.id;
  perform private.keep_decision('merge_people', kept.id::text, merge_people.decided_by, merge_people.why,
    jsonb_build_object('other', gone.id, 'decision', made), array['people_decisions/' || made]);
  return query select made, kept.id;
end $$;
comment on function merge_people
  is 'Two persons are one: the second''s names are the first''s. Holds whatever is drawn later, until it is undone.';

create function split_person(person_id uuid, keys text[], decided_by text, why text default null)
returns table (decision_id uuid, new_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s' as $$
#variable_conflict use_column
declare
  kept people := private.known_person(split_person.person_id);
  own text[] := private.keys_of(kept.id);
  leaving text[] := array(select k from unnest(private.keys_of(kept.id)) k where k = any (split_person.keys));
  made uuid;
  other uuid;
begin
  if cardinality(leaving) = 0 or cardinality(leaving) = cardinality(own) then
    perform private.refuse('AS003', 'Some of the names must go, and some must stay.');
  end if;
  insert into people (name) select n.words from case_names n where n.key = any (leaving)
    order by n.form = 'full' desc, n.documents desc limit 1 returning id into other;
  insert into people_decisions (kind, a_keys, b_keys, kept_id, other_id, decided_by, why)
    values ('apart', array(select k from unnest(own) k where k <> all (leaving)), leaving, kept.id, other,
      split_person.decided_by, left(split_person.why, private.longest_reason())) returning id into made;
  perform private.move_names(leaving, other);
  perform private.keep_decision('split_person', kept.id::text, split_person.decided_by, split_person.why,
    jsonb_build_object('other', other, 'decision', made), array['people_decisions/' || made]);
  return query select made, other;
end $$;
comment on function split_person
  is 'These names are another person''s: a new one has them. Holds whatever is drawn later, until it is undone.';

create function undo_people_decision(decision_id uuid, decided_by text) returns table (person_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s' as $$
#variable_conflict use_column
declare
  done people_decisions;
begin
  update people_decisions d set undone_by = undo_people_decision.decided_by, undone_at = now()
    where d.id = decision_id and d.undone_at is null returning d.* into done;
  if done.id is null then
    perform private.refuse('AS002', 'There is no such decision, or it was undone.');
  end if;
  update people p set merged_into = null where p.id = done.other_id and done.kind = 'same';
  perform private.move_names(done.b_keys, case when done.kind = 'same' then done.other_id else done.kept_id end);
  update people p set merged_into = done.kept_id where p.id = done.other_id and done.kind = 'apart'
    and not exists (select from case_names n where n.person_id = p.id);
  update case_names n set settled = false where n.key = any (done.a_keys || done.b_keys);
  perform private.keep_decision('undo_people_decision', done.kept_id::text, undo_people_decision.decided_by, null,
    jsonb_build_object('decision', done.id), array['people_decisions/' || done.id]);
  return query select done.kept_id;
end $$;
comment on function undo_people_decision
  is 'Takes back that two were one, or that one was two. AS002 where nothing is to be undone.';

create function decide_term(term_id uuid, state text, decided_by text, why text default null)
returns setof order_terms
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  perform private.require_word(decide_term.state, array['proposed', 'accepted', 'rejected'], 'state');
  return query update order_terms t set state = decide_term.state, decided_by = decide_term.decided_by,
    decided_at = now(), why = left(decide_term.why, private.longest_reason()) where t.id = term_id returning t.*;
  if not found then
    perform private.refuse('AS002', 'There is no such term.');
  end if;
  perform private.keep_decision('decide_term', decide_term.term_id::text, decide_term.decided_by, decide_term.why,
    jsonb_build_object('state', decide_term.state));
end $$;
comment on function decide_term
  is 'A person says whether the order says so; proposed takes that back. AS002 where there is none.';

create function decide_event(event_id uuid, state text, decided_by text, why text default null)
returns setof case_events
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  perform private.require_word(decide_event.state, array['open', 'true', 'wrong', 'later'], 'state');
  return query update case_events e set state = decide_event.state, decided_by = decide_event.decided_by,
    decided_at = now(), why = left(decide_event.why, private.longest_reason()) where e.id = decide_event.event_id
    returning e.*;
  if not found then
    perform private.refuse('AS002', 'There is no such event.');
  end if;
  perform private.keep_decision('decide_event', decide_event.event_id::text, decide_event.decided_by,
    decide_event.why, jsonb_build_object('state', decide_event.state));
end $$;
comment on function decide_event
  is 'A person says whether it happened so; open takes that back. AS002 where there is none.';

create function decide_copy(copy_id uuid, original_id uuid, state text, decided_by text, why text default null)
returns setof duplicates
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  root uuid;
begin
  perform private.require_word(decide_copy.state, array['joined', 'apart'], 'state');
  if (select count(*) from master_document_registry d where d.id in (decide_copy.copy_id, decide_copy.original_id)) < 2
  then
    perform private.refuse('AS002', 'There are no two such documents.');
  elsif decide_copy.state = 'joined' then
    delete from duplicates d where d.state = 'apart' and d.copy_id in (decide_copy.copy_id, decide_copy.original_id);
    root := private.join_copies(decide_copy.copy_id, decide_copy.original_id, 'near_copy', 1, 'person');
  else
    insert into duplicates (copy_id, original_id, kind, likeness, found_by, state)
      values (decide_copy.copy_id, decide_copy.original_id, 'near_copy', 0, 'person', 'apart')
      on conflict on constraint duplicates_pkey do update set state = 'apart';
    perform private.tell_witness(array[decide_copy.copy_id]);
  end if;
  return query update duplicates d set decided_by = decide_copy.decided_by, decided_at = now(),
    why = left(decide_copy.why, private.longest_reason()) where d.copy_id in (decide_copy.copy_id,
      decide_copy.original_id) and (d.original_id = root or d.state = 'apart') returning d.*;
  perform private.keep_decision('decide_copy', decide_copy.copy_id::text, decide_copy.decided_by, decide_copy.why,
    jsonb_build_object('original', decide_copy.original_id, 'state', decide_copy.state));
end $$;
comment on function decide_copy is 'A person says that one document is a copy of another, or that it is none.';

create function make_matter(name text, decided_by text) returns setof matters
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  made matters;
begin
  insert into matters (name, created_by) values (make_matter.name, make_matter.decided_by) returning * into made;
  perform private.keep_decision('make_matter', made.id::text, make_matter.decided_by, null,
    jsonb_build_object('name', made.name));
  return next made;
end $$;
comment on function make_matter is 'Another case.';

create function private.with_parts(documents uuid[]) returns uuid[]
language sql stable set search_path = public, pg_temp as $$
  with recursive inside as (
    select d as id from unnest(documents) d
    union select p.child_id from document_parts p join inside i on i.id = p.parent_id
  ) select array_agg(i.id) from inside i
$$;
comment on function private.with_parts is 'Documents and all that lies in them.';

create function set_matter_documents(matter_id uuid, belongs boolean, decided_by text, documents uuid[] default null,
  search jsonb default null)
returns table (changed int)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  moved int;
  wanted uuid[] := private.with_parts(coalesce(set_matter_documents.documents,
    private.documents_of_search(set_matter_documents.search)));
begin
  if not exists (select from matters m where m.id = set_matter_documents.matter_id) then
    perform private.refuse('AS002', 'There is no such matter.');
  elsif belongs then
    insert into matter_documents (matter_id, document_id, added_by)
      select set_matter_documents.matter_id, d.id, set_matter_documents.decided_by from master_document_registry d
      where d.id = any (wanted) on conflict do nothing;
  else
    delete from matter_documents x where x.matter_id = set_matter_documents.matter_id
      and x.document_id = any (wanted) and exists (select from matter_documents o
        where o.document_id = x.document_id and o.matter_id <> x.matter_id);
  end if;
  get diagnostics moved = row_count;
  perform private.keep_decision('set_matter_documents', set_matter_documents.matter_id::text,
    set_matter_documents.decided_by, null, jsonb_build_object('belongs', set_matter_documents.belongs, 'documents',
      to_jsonb(set_matter_documents.documents), 'search', set_matter_documents.search, 'changed', moved));
  return query select moved;
end $$;
comment on function set_matter_documents
  is 'Documents, or all that a search means, belong to a matter with what lies in them, or no longer do; each stays in '
  'one at least. How many were changed.';

-- What is shown -----------------------------------------------------------------------------------------------

create function private.is_in_matter(document_id uuid, matter_id uuid) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select is_in_matter.matter_id is null or exists (select from matter_documents m
    where m.document_id = is_in_matter.document_id and m.matter_id = is_in_matter.matter_id)
$$;
comment on function private.is_in_matter is 'Whether a document belongs to a matter; to none named: all do.';

create function private.find_people(words text, matter_id uuid) returns setof people
language sql stable set search_path = public, private, pg_temp as $$
  select p.* from people p where p.merged_into is null and p.documents > 0
    and (coalesce(words, '') = '' or exists (select from case_names n where n.person_id = p.id
      and position(lower(words) in lower(n.words)) > 0))
    and (find_people.matter_id is null or exists (select from people_documents x where x.person_id = p.id
      and private.is_in_matter(x.document_id, find_people.matter_id)))
$$;
comment on function private.find_people is 'Persons with such a name, of a matter.';

create function list_people(words text default null, matter_id uuid default null, before bigint default null,
  most int default 50)
returns table (id uuid, rank bigint, name text, sex text, roles text[], aliases int, documents int, total bigint)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select p.id, p.rank, p.name, p.sex, p.roles,
    (select count(*) from case_names n where n.person_id = p.id and n.documents > 0)::int,
    case when list_people.matter_id is null then p.documents else (select count(*)::int from people_documents x
      where x.person_id = p.id and private.is_in_matter(x.document_id, list_people.matter_id)) end,
    (select count(*) from private.find_people(words, list_people.matter_id))
  from private.find_people(words, list_people.matter_id) p where before is null or p.rank < before
  order by p.rank desc limit least(most, private.most_listed())
$$;
comment on function list_people
  is 'Persons, who stands in most documents first, from the cursor rank on, with how many there are.';

create function get_person(person_id uuid, matter_id uuid default null)
returns table (id uuid, rank bigint, name text, sex text, roles text[], documents int, names jsonb, decisions jsonb)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select p.id, p.rank, p.name, p.sex, p.roles,
    case when get_person.matter_id is null then p.documents else (select count(*)::int from people_documents x
      where x.person_id = p.id and private.is_in_matter(x.document_id, get_person.matter_id)) end,
    coalesce((select jsonb_agg(jsonb_build_object('key', n.key, 'words', n.words, 'form', n.form, 'documents',
      n.documents) order by n.documents desc, n.id) from case_names n where n.person_id = p.id), '[]'),
    coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'kind', d.kind, 'names', d.b_keys, 'decided_by',
      d.decided_by, 'decided_at', d.decided_at, 'why', d.why, 'undone_by', d.undone_by, 'undone_at', d.undone_at)
      order by d.seq desc) from people_decisions d where p.id in (d.kept_id, d.other_id)), '[]')
  from private.known_person(get_person.person_id) p
$$;
comment on function get_person
  is 'A person with all names, how many documents of the matter speak of them, and what was decided; AS002 where there '
  'is none.';

create function list_statements(person_id uuid default null, document_id uuid default null,
  event_id uuid default null, matter_id uuid default null, before bigint default null, most int default 50)
returns table (id bigint, document_id uuid, original_filename text, document_type text, document_date date, page int,
  start int, quote text, voice text, speaker_id uuid, speaker text, said_at timestamp, starts timestamp, ends timestamp,
  "precision" text, known text, place bigint, total bigint)
language sql stable security definer set search_path = public, private, pg_temp set enable_seqscan = off
as $$
  with asked as materialized (
    select c.id, c.rank, c.document_id from case_claims c where c.speaker_id = list_statements.person_id and c.standing
    union all
    select c.id, c.rank, c.document_id from case_claims c where c.document_id = list_statements.document_id
      and c.standing
    union all
    select c.id, c.rank, c.document_id from case_claims c where c.id in (select t.claim_id from case_times t
      where t.event_id = list_statements.event_id) and c.standing
  ), known as materialized (
    select a.* from asked a where a.document_id not in (select d.copy_id from duplicates d where d.state = 'joined')
      and private.is_in_matter(a.document_id, list_statements.matter_id)
  ), shown as materialized (
    select k.* from known k where before is null or k.rank < before
      order by k.rank desc limit least(most, private.most_listed())
  )
  select c.id, c.document_id, d.original_filename, d.document_type, d.document_date, c.page, c.start, c.quote, c.voice,
    c.speaker_id, (select p.name from people p where p.id = c.speaker_id), c.said_at, c.starts, c.ends, c.precision,
    c.known, c.rank, (select count(*) from known)
  from shown s join case_claims c on c.id = s.id join master_document_registry d on d.id = c.document_id
  order by c.rank desc
$$;
comment on function list_statements
  is 'What a person says, a document says, or papers say of an event (one of the three), in a matter''s documents: the '
  'newest first, copies left out.';

create function private.find_events(filter jsonb) returns setof case_events
language sql stable set search_path = public, private, pg_temp as $$
  select e.* from (
      select e.* from case_events e where filter ->> 'event_id' is null and filter ->> 'document_id' is null
      union all select e.* from case_events e where e.id = (filter ->> 'event_id')::uuid
      union all select e.* from case_events e where filter ->> 'event_id' is null and e.id in (select t.event_id
        from case_times t where t.document_id = (filter ->> 'document_id')::uuid)) e
  where e.documents > 0
    and (filter ->> 'from' is null or e.ends > (filter ->> 'from')::date)
    and (filter ->> 'to' is null or e.starts < (filter ->> 'to')::date + 1)
    and (filter ->> 'person_id' is null or e.people @> array[(filter ->> 'person_id')::uuid])
    and (filter ->> 'state' is null or e.state = filter ->> 'state')
    and (filter ->> 'differing' is distinct from 'true' or e.versions > 1)
    and (filter ->> 'matter_id' is null or exists (select from case_times t where t.event_id = e.id
      and private.is_in_matter(t.document_id, (filter ->> 'matter_id')::uuid)))
$$;
comment on function private.find_events
  is 'Events by event_id, from, to, person_id, document_id, state, differing, matter_id.';

create function list_case_events(filter jsonb default '{}', after_start timestamp default null,
  after_seq bigint default null,
  most int default 50)
returns table (id uuid, seq bigint, starts timestamp, ends timestamp, "precision" text, zone text, known text,
  title text, people jsonb, documents int, versions int, state text, decided_by text, decided_at timestamptz, why text,
  tellers jsonb, total bigint)
language sql stable security definer set search_path = public, private, pg_temp set enable_seqscan = off
as $$
  select e.id, e.seq, e.starts, e.ends, e.precision, e.zone, e.known, e.title,
    coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.rank desc) from people p
      where p.id = any (e.people)), '[]'), e.documents, e.versions, e.state, e.decided_by, e.decided_at, e.why,
    coalesce((select jsonb_agg(s.told order by s.starts, s.id) from (
      select distinct on (c.document_id) t.starts, t.id, jsonb_build_object('claim_id', c.id, 'document_id',
        c.document_id, 'original_filename', d.original_filename, 'page', c.page, 'start', c.start, 'quote', c.quote,
        'speaker_id', c.speaker_id, 'speaker', (select p.name from people p where p.id = c.speaker_id), 'starts',
        t.starts, 'ends', t.ends, 'precision', t.precision, 'known', t.known) as told
      from case_times t join case_claims c on c.id = t.claim_id join master_document_registry d on d.id = c.document_id
        join case_documents k on k.document_id = c.document_id and k.witness_id = k.document_id
      where t.event_id = e.id order by c.document_id, array_position(array['minute', 'hour', 'day', 'month', 'year'],
        t.precision), t.id limit 20) s), '[]'),
    (select count(*) from private.find_events(filter))
  from private.find_events(filter) e
  where after_start is null or (e.starts, e.seq) > (after_start, coalesce(after_seq, 0))
  order by e.starts, e.seq limit least(most, private.most_listed())
$$;
comment on function list_case_events
  is 'Events in their order, each with the first words of each of its papers (up to 20), from the cursor on, and how '
  'many there are.';

create function list_terms(state text default null, document_id uuid default null, matter_id uuid default null,
  after bigint default null, most int default 50)
returns table (id uuid, seq bigint, document_id uuid, original_filename text, document_date date, page int, start int,
  quote text, bound jsonb, bound_words text[], duty text, act text, amount_usd numeric, per text, due_day int,
  weekdays int[], weeks int[], hour_from time, hour_until time, hours_before numeric, starts date, ends date,
  allowed_places text[], forbidden_places text[], exceptions jsonb, state text, standing boolean, proposed_by text,
  decided_by text, decided_at timestamptz, why text, total bigint)
language sql stable security definer set search_path = public, private, pg_temp as $$
  with asked as materialized (
    select t.id, t.seq from order_terms t
    where (t.standing or t.state <> 'proposed') and (list_terms.state is null or t.state = list_terms.state)
      and (list_terms.document_id is null or t.document_id = list_terms.document_id)
      and (list_terms.matter_id is null or private.is_in_matter(t.document_id, list_terms.matter_id))
      and t.document_id not in (select d.copy_id from duplicates d where d.state = 'joined')
  ), shown as materialized (
    select a.id from asked a where after is null or a.seq > after order by a.seq
      limit least(most, private.most_listed())
  )
  select t.id, t.seq, t.document_id, d.original_filename, d.document_date, t.page, t.start, t.quote,
    coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.seq) from people p
      where p.id = any (t.bound_ids)), '[]'),
    array(select n.words from case_names n where n.key = any (t.bound) order by n.id), t.duty, t.act, t.amount_usd,
    t.per, t.due_day, t.weekdays, t.weeks, t.hour_from, t.hour_until, t.hours_before, t.starts, t.ends,
    t.allowed_places, t.forbidden_places, t.exceptions, t.state, t.standing, t.proposed_by, t.decided_by, t.decided_at,
    t.why, (select count(*) from asked)
  from shown s join order_terms t on t.id = s.id join master_document_registry d on d.id = t.document_id
  order by t.seq
$$;
comment on function list_terms
  is 'What orders say, term by term, from the cursor seq on, and how many terms there are; none of copies.';

create function list_duplicates(document_id uuid default null, matter_id uuid default null,
  before timestamptz default null, most int default 50)
returns table (copy_id uuid, copy_filename text, original_id uuid, original_filename text, kind text, likeness real,
  found_by text, state text, decided_by text, decided_at timestamptz, why text, found_at timestamptz, total bigint)
language sql stable security definer set search_path = public, private, pg_temp as $$
  with asked as (
    select d.* from duplicates d where (list_duplicates.document_id is null
      or list_duplicates.document_id in (d.copy_id, d.original_id))
      and private.is_in_matter(d.original_id, list_duplicates.matter_id)
  )
  select a.copy_id, c.original_filename, a.original_id, o.original_filename, a.kind, a.likeness, a.found_by, a.state,
    a.decided_by, a.decided_at, a.why, a.found_at, (select count(*) from asked)
  from asked a join master_document_registry c on c.id = a.copy_id
    join master_document_registry o on o.id = a.original_id
  where before is null or a.found_at < before order by a.found_at desc, a.copy_id
  limit least(most, private.most_listed())
$$;
comment on function list_duplicates is 'Copies with their originals, the newest first.';

create function get_case_progress()
returns table (documents bigint, drawn bigint, statements bigint, people bigint, events bigint, differing bigint,
  terms_to_check bigint, terms_accepted bigint, copies bigint, matters bigint)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select (select count(*) from case_documents), (select count(*) from case_documents c where c.facts_version > 0),
    (select count(*) from case_claims), (select count(*) from people p where p.merged_into is null and p.documents > 0),
    (select count(*) from case_events e where e.documents > 0),
    (select count(*) from case_events e where e.documents > 0 and e.versions > 1),
    (select count(*) from order_terms t join case_documents d on d.document_id = t.document_id
      where t.standing and t.state = 'proposed' and d.witness_id = d.document_id),
    (select count(*) from order_terms t where t.state = 'accepted'),
    (select count(*) from duplicates d where d.state = 'joined'), (select count(*) from matters)
$$;
comment on function get_case_progress is 'How much of the case is drawn, and what it holds.';
