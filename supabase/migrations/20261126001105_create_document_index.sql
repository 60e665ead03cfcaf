-- What lists of documents are filtered, sorted and counted by: one narrow row per document, kept by triggers, so that a
-- page of a hundred thousand touches a few blocks.

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.most_facets() returns int language sql immutable return 100;
comment on function private.most_facets is 'Values of one facet that are told: the ones with most documents.';

create function private.most_names() returns int language sql immutable return 50;
comment on function private.most_names
  is 'Names and folders that one document is found by: a letterhead''s picture comes with every mail.';

-- The row -----------------------------------------------------------------------------------------------------

create function private.name_words(names text[]) returns tsvector
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  return to_tsvector('pg_catalog.simple', private.plain_words(array_to_string(names, ' ')));
end $$;
comment on function private.name_words is 'The words of names, to be looked for by their beginnings.';

create table document_index (
  document_id uuid primary key references master_document_registry (id),
  seq bigint not null,
  received_at timestamptz not null,
  name text not null,
  type text,
  day date,
  case_number text,
  relevancy real,
  judged text not null,
  read_status text not null,
  status text not null generated always as (case read_status when 'failed' then 'failed' when 'cancelled' then
    'cancelled' when 'completed' then case judged when 'none' then 'sorted' when 'all' then 'judged' else 'part' end
    else 'waiting' end) stored,
  people text[] not null default '{}',
  sources text[] not null default '{}',
  names text[] not null default '{}',
  folders text[] not null default '{}',
  tags text[] not null default '{}',
  is_important boolean not null default false,
  sensitivity text not null default 'ordinary',
  exhibit text,
  words tsvector not null generated always as (private.name_words(names || folders || tags || people
    || array[coalesce(type, ''), coalesce(case_number, ''), coalesce(exhibit, '')])) stored
) with (toast_tuple_target = 256, fillfactor = 80);
comment on table document_index
  is 'Every document that lists show (no copy, no dissolved binder), by what they are filtered, sorted and counted by. '
  'Made of the registry, the journal and judgements; never the only place of anything.';
comment on column document_index.status
  is 'waiting, failed or cancelled; sorted (by rules), part or judged (by Claude).';
comment on column document_index.names is 'Every name it ever came with, and every one inside another file.';
comment on column document_index.folders is 'Every folder it ever lay in, with the folders above.';
create unique index document_index_seq on document_index (seq);
create index document_index_newest on document_index ((coalesce(day, '-infinity')), seq);
create index document_index_oldest on document_index ((coalesce(day, 'infinity')), seq);
create index document_index_name on document_index (lower(name), seq);
create index document_index_type on document_index ((coalesce(type, '')), seq);
create index document_index_relevancy on document_index ((coalesce(relevancy, -1)), seq);
create index document_index_case on document_index (case_number, seq) where case_number is not null;
create index document_index_lists on document_index using gin (words, tags, people, folders, sources)
  with (fastupdate = off);
alter table document_index enable row level security;

-- Kept by triggers ---------------------------------------------------------------------------------------------

create function private.names_of(parties jsonb) returns text[]
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  return array(select distinct left(name #>> '{}', 200) from jsonb_path_query(parties,
    '$[*].name ? (@.type() == "string" && @ != "")') as name order by 1 limit 50);
end $$;
comment on function private.names_of is 'The names of parties, each once.';

create function private.folders_of(about_id uuid) returns text[]
language plpgsql stable set search_path = public, private, pg_temp as $$
begin
  return array(select distinct array_to_string(f.parts[:n], '/') from (
      select case when p.parts[cardinality(p.parts)] = j.original_filename then p.parts[:cardinality(p.parts) - 1]
        else p.parts end as parts
      from document_journal j, lateral (select array_remove(string_to_array(j.arrival ->> 'path', '/'), '') as parts) p
      where j.document_id = about_id and j.arrival ? 'path') f, generate_series(1, least(cardinality(f.parts), 10)) as n
    order by 1 limit private.most_names());
end $$;
comment on function private.folders_of
  is 'The folders that a document lay in and those above them; a file''s own name is none.';

create function private.list_document(about_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  -- The document before its row of the index, as everybody does: see the order of locks.
  perform from master_document_registry d where d.id = about_id for no key update;
  delete from document_index i using master_document_registry d where i.document_id = about_id and d.id = about_id
    and (d.duplicate_of is not null or d.dissolved_at is not null);
  insert into document_index as i (document_id, seq, received_at, name, type, day, case_number, relevancy, judged,
      read_status, people, sources, names, folders, tags, is_important, sensitivity, exhibit)
    select d.id, d.seq, d.created_at, d.original_filename, d.document_type, d.document_date, d.case_number,
      d.relevancy_score, d.judged, coalesce(j.status, 'queued'), private.names_of(d.parties),
      coalesce(j.sources, array[d.source]), coalesce(j.names, array[d.original_filename]),
      private.folders_of(d.id),
      coalesce(s.tags, '{}'), coalesce(s.is_important, false), coalesce(s.sensitivity, 'ordinary'), s.exhibit
    from master_document_registry d
      cross join lateral (select (array_agg(k.processing_status order by k.seq desc))[1] as status,
        array_agg(distinct k.source) as sources, (array_agg(distinct k.original_filename))[:private.most_names()]
        as names from document_journal k where k.document_id = d.id) j
      cross join lateral (select bool_or(g.name = 'important') as is_important,
        array_agg(substr(g.name, 5) order by g.name) filter (where g.name like 'tag:%') as tags,
        max(g.value #>> '{}') filter (where g.name = 'sensitivity') as sensitivity,
        min(g.value #>> '{}') filter (where g.name like 'exhibit:%') as exhibit
        from judgements g where g.document_id = d.id) s
    where d.id = about_id and d.duplicate_of is null and d.dissolved_at is null
  on conflict (document_id) do update set name = excluded.name, type = excluded.type, day = excluded.day,
    case_number = excluded.case_number, relevancy = excluded.relevancy, judged = excluded.judged,
    read_status = excluded.read_status, people = excluded.people, sources = excluded.sources, names = excluded.names,
    folders = excluded.folders, tags = excluded.tags, is_important = excluded.is_important,
    sensitivity = excluded.sensitivity, exhibit = excluded.exhibit
  where (i.name, i.type, i.day, i.case_number, i.relevancy, i.judged, i.read_status, i.people, i.sources, i.names,
      i.folders, i.tags, i.is_important, i.sensitivity, i.exhibit)
    is distinct from (excluded.name, excluded.type, excluded.day, excluded.case_number, excluded.relevancy,
      excluded.judged, excluded.read_status, excluded.people, excluded.sources, excluded.names, excluded.folders,
      excluded.tags, excluded.is_important, excluded.sensitivity, excluded.exhibit);
end $$;
comment on function private.list_document
  is 'Makes a document''s row of the index anew; changes nothing where it is right.';

create function private.list_registered() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  -- What a reading or an analysis found changes these alone: every completion comes by here.
  if tg_op = 'UPDATE' and (new.duplicate_of, new.dissolved_at, new.decided_at) is not distinct from
      (old.duplicate_of, old.dissolved_at, old.decided_at) then
    update document_index i set name = new.original_filename, type = new.document_type, day = new.document_date,
      case_number = new.case_number, relevancy = new.relevancy_score, judged = new.judged,
      people = private.names_of(new.parties) where i.document_id = new.id;
  else
    perform private.list_document(new.id);
  end if;
  return null;
end $$;
comment on function private.list_registered is 'Follows the registry.';

create function private.list_arrived() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  perform private.list_document(new.document_id);
  return null;
end $$;
comment on function private.list_arrived is 'Follows the journal: names, folders and sources.';

create trigger registry_lists_new after insert on master_document_registry for each row
  execute function private.list_registered();
create trigger registry_lists_changed after update of document_type, document_date, parties, case_number,
    relevancy_score, analyst, fallback_reason, duplicate_of, dissolved_at, original_filename, corrected, decided_at
  on master_document_registry for each row
  when (old.document_type is distinct from new.document_type
    or old.document_date is distinct from new.document_date or old.parties is distinct from new.parties
    or old.case_number is distinct from new.case_number
    or old.relevancy_score is distinct from new.relevancy_score or old.judged is distinct from new.judged
    or old.duplicate_of is distinct from new.duplicate_of or old.dissolved_at is distinct from new.dissolved_at
    or old.original_filename is distinct from new.original_filename
    or old.decided_at is distinct from new.decided_at)
  execute function private.list_registered();
create trigger journal_lists_new after insert on document_journal for each row
  execute function private.list_arrived();
create trigger journal_lists_changed after update of document_id on document_journal for each row
  when (old.document_id is distinct from new.document_id)
  execute function private.list_arrived();

create function private.list_read() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  update document_index i set read_status = new.processing_status where i.document_id = new.document_id
    and i.read_status is distinct from new.processing_status and not exists (select from document_journal n
      where n.document_id = new.document_id and n.seq > new.seq);
  return null;
end $$;
comment on function private.list_read
  is 'Follows how the reading ended: of the row of the index only that is written, for every completion comes by here.';
create trigger journal_lists_read after update of processing_status on document_journal for each row
  when (old.processing_status is distinct from new.processing_status)
  execute function private.list_read();

-- What stands already when this migration comes.
select private.list_document(d.id) from master_document_registry d;

-- Which documents a search means -------------------------------------------------------------------------------

create function private.match_documents(words text, most int) returns table (document_id uuid, capped boolean)
language plpgsql stable set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  question private.question_part[] := array(select q from private.read_question(left(match_documents.words,
    private.longest_question())) q);
  starts tsquery := (select string_agg(quote_literal(w) || ':*', ' & ')
    from regexp_split_to_table(btrim(private.plain_words(left(match_documents.words, private.longest_question()))), ' ')
    as w where w <> '')::tsquery;
begin
  return query
    with items as materialized (
      select q.item, q.never, q.query, private.all_words(q.query) as loose, count(*) filter (where not q.never) over ()
        as wanted from (select p.item, p.kind = 'never' as never, string_agg(format('(%s)', p.query), ' | ')::tsquery
        as query from unnest(question) p group by p.item, p.kind = 'never') q
    ), hits as materialized (
      select i.item, i.never, i.wanted, h.document_id, h.number >= most as is_last from items i
      cross join lateral (select p.document_id, row_number() over () as number from document_passages p
        where p.search @@ i.loose and p.search @@ i.query limit most) h
    ), held as (
      select h.document_id from hits h where not h.never group by h.document_id
        having count(distinct h.item) = max(h.wanted)
      union
      select i.document_id from document_index i where i.words @@ starts
        and not exists (select from unnest(question) q where q.kind = 'never')
    )
    select h.document_id, coalesce((select bool_or(is_last) from hits), false) from held h
    where not exists (select from hits n where n.never and n.document_id = h.document_id);
end $$;
comment on function private.match_documents
  is 'The documents that have all these words (see read_question), anywhere in their pages or in their names; of each '
  'word at most so many passages are looked at (capped: there are more).';

create function private.check_search(search jsonb) returns void
language plpgsql stable set search_path = private, pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(search) is distinct from 'object' or exists (select from jsonb_each(search) as s(name, value)
      where s.name <> all (array['q', 'type', 'person', 'source', 'folder', 'tag', 'year', 'status', 'sensitivity',
        'important', 'exhibit', 'case_number', 'batch_id', 'matter_id', 'person_id', 'since', 'date_from', 'date_to',
        'min_relevancy'])
      or jsonb_typeof(s.value) in ('object', 'array')) then
    perform private.refuse('AS006', 'The search has a filter that we do not know.');
  end if;
  perform (search ->> 'since')::date, (search ->> 'date_from')::date, (search ->> 'date_to')::date,
    (search ->> 'min_relevancy')::real, (search ->> 'batch_id')::uuid, (search ->> 'matter_id')::uuid,
    (search ->> 'person_id')::uuid, (search ->> 'important')::boolean,
    nullif(search ->> 'year', '-')::int;
end $$;
comment on function private.check_search is 'AS006 unless a search has known filters only, each readable.';

create function private.search_condition(search jsonb) returns text
language sql immutable set search_path = private, pg_catalog, pg_temp as $$
  select coalesce(string_agg(c, ' and '), 'true') from (
    select case s.name
      when 'q' then 'i.document_id in (select m.document_id from matched m)'
      when 'type' then case none when true then 'i.type is null' else format('coalesce(i.type, '''') = %L', v) end
      when 'person' then case none when true then 'i.people = ''{}''' else format('i.people @> array[%L]', v) end
      when 'source' then format('i.sources @> array[%L]', v)
      when 'folder' then case none when true then 'i.folders = ''{}''' else format('i.folders @> array[%L]', v) end
      when 'tag' then case none when true then 'i.tags = ''{}''' else format('i.tags @> array[%L]', v) end
      when 'year' then case none when true then 'i.day is null' else format('coalesce(i.day, ''-infinity'') between '
        'make_date(%1$s, 1, 1) and make_date(%1$s, 12, 31)', least(greatest(v::int, 1), 9999)) end
      when 'status' then case v when 'read' then 'i.status in (''sorted'', ''part'', ''judged'')'
        else format('i.status = %L', v) end
      when 'sensitivity' then format('i.sensitivity = %L', v)
      when 'important' then format('i.is_important = %L', v::boolean)
      when 'exhibit' then case none when true then 'i.exhibit is null' else format('i.exhibit = %L', v) end
      when 'case_number' then case none when true then 'i.case_number is null' else format('i.case_number = %L', v) end
      when 'batch_id' then format('i.document_id in (select j.document_id from document_journal j '
        'where j.batch_id = %L)', v)
      when 'matter_id' then format('exists (select from matter_documents m where m.matter_id = %L '
        'and m.document_id = i.document_id)', v)
      when 'person_id' then format('i.document_id in (select p.document_id from people_documents p '
        'where p.person_id = %L)', v)
      when 'since' then format('i.received_at >= %L', v)
      when 'date_from' then format('coalesce(i.day, ''-infinity'') >= %L::date', v)
      when 'date_to' then format('i.day <= %L', v)
      when 'min_relevancy' then format('coalesce(i.relevancy, -1) >= %L', v) end as c
    from jsonb_each_text(search) as s(name, v), lateral (select v = '-' as none) as n where v is not null
  ) as conditions
$$;
comment on function private.search_condition
  is 'A search as a condition on document_index i: only what is asked for, so that each is planned by its own indexes; '
  'a minus sign asks for those that have none.';

create function private.sort_key(sort text, descending boolean) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case sort when 'received' then 'i.seq' when 'name' then 'lower(i.name)'
    when 'type' then 'coalesce(i.type, '''')' when 'relevancy' then 'coalesce(i.relevancy, -1)'
    when 'date' then format('coalesce(i.day, %L)', case when descending then '-infinity' else 'infinity' end) end
$$;
comment on function private.sort_key is 'What lists are sorted by; documents without a date come last either way.';

create function list_documents(search jsonb, sort text, descending boolean, after jsonb, most int)
returns table (document_id uuid, place jsonb)
language plpgsql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  key text := private.sort_key(list_documents.sort, list_documents.descending);
  kind text := case list_documents.sort when 'received' then 'bigint' when 'relevancy' then 'real' when 'date' then
    'date' else 'text' end;
  way text := case when list_documents.descending then 'desc' else 'asc' end;
begin
  perform private.check_search(list_documents.search);
  if key is null or list_documents.most not between 1 and private.most_listed() then
    perform private.refuse('AS006', 'sort must be received, date, name, type or relevancy.');
  end if;
  return query execute format(
    'with matched as materialized (select * from private.match_documents(%1$L, %2$s)) '
    'select i.document_id, jsonb_build_array(%3$s, i.seq) from document_index i where %4$s and %5$s '
    'order by %3$s %6$s, i.seq %6$s limit %7$s',
    coalesce(list_documents.search ->> 'q', ''), private.most_looked_at(), key,
    private.search_condition(list_documents.search),
    case when after is null then 'true' else format('(%s, i.seq) %s (%L::%s, %L::bigint)', key,
      case when list_documents.descending then '<' else '>' end, after ->> 0, kind, after ->> 1) end,
    way, list_documents.most);
exception when data_exception then
  perform private.refuse('AS006', format('A filter or the cursor is malformed (%s).', sqlstate));
end $$;
comment on function list_documents
  is 'The next documents that a search {q, type, person, source, folder, tag, year, status, sensitivity, important, '
  'exhibit, case_number, batch_id, matter_id, person_id, since, date_from, date_to, min_relevancy} means, each with '
  'its place: the cursor.';

create function count_documents(search jsonb) returns table (total bigint, is_at_least boolean)
language plpgsql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
begin
  perform private.check_search(count_documents.search);
  return query execute format(
    'with matched as materialized (select * from private.match_documents(%1$L, %2$s)) '
    'select count(*), coalesce((select bool_or(capped) from matched), false) from document_index i where %3$s',
    coalesce(count_documents.search ->> 'q', ''), private.most_looked_at(),
    private.search_condition(count_documents.search));
exception when data_exception then
  perform private.refuse('AS006', format('A filter is malformed (%s).', sqlstate));
end $$;
comment on function count_documents is 'How many documents a search means, or at least so many: see list_documents.';

create function count_facets(search jsonb) returns table (facet text, value text, documents bigint)
language plpgsql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
begin
  perform private.check_search(count_facets.search);
  return query execute format(
    'with matched as materialized (select * from private.match_documents(%1$L, %2$s)), '
    'found as materialized (select i.type, i.people, i.sources, i.folders, i.tags, i.status, i.sensitivity, '
    'extract(year from i.day)::int::text as year from document_index i where %3$s), counted as ('
    'select ''type'' as facet, f.type as value, count(*) as n from found f group by 2 '
    'union all select ''year'', f.year, count(*) from found f group by 2 '
    'union all select ''status'', f.status, count(*) from found f group by 2 '
    'union all select ''sensitivity'', f.sensitivity, count(*) from found f group by 2 '
    'union all select ''person'', v, count(*) from found f left join lateral unnest(f.people) v on true group by 2 '
    'union all select ''source'', v, count(*) from found f, unnest(f.sources) v group by 2 '
    'union all select ''folder'', v, count(*) from found f left join lateral unnest(f.folders) v on true group by 2 '
    'union all select ''tag'', v, count(*) from found f left join lateral unnest(f.tags) v on true group by 2), '
    'ranked as (select c.*, row_number() over (partition by c.facet order by c.n desc, c.value) as rank '
    'from counted c) select r.facet, r.value, r.n from ranked r where r.rank <= %4$s order by r.facet, r.rank',
    coalesce(count_facets.search ->> 'q', ''), private.most_looked_at(),
    private.search_condition(count_facets.search), private.most_facets());
exception when data_exception then
  perform private.refuse('AS006', format('A filter is malformed (%s).', sqlstate));
end $$;
comment on function count_facets
  is 'The documents that a search means, counted by type, person, source, folder, tag, year, status and sensitivity; '
  'those without any under null.';

-- Deciding about a search --------------------------------------------------------------------------------------

create function private.documents_of_search(search jsonb) returns uuid[]
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  wanted uuid[];
begin
  perform private.check_search(search);
  execute format('with matched as materialized (select * from private.match_documents(%1$L, %2$s)) '
    'select array(select i.document_id from document_index i where %3$s order by %4$s, i.seq limit %5$s)',
    coalesce(search ->> 'q', ''), 2000000000, private.search_condition(search),
    private.sort_key('date', false), private.most_decided() + 1) into wanted;
  if cardinality(wanted) > private.most_decided() then
    perform private.refuse('AS006', format('At most %s documents at once; narrow the search.', private.most_decided()));
  end if;
  return wanted;
exception when data_exception then
  perform private.refuse('AS006', format('A filter is malformed (%s).', sqlstate));
end $$;
comment on function private.documents_of_search
  is 'Every document that a search means (see list_documents), the oldest first: none left out for their number, or '
  'AS006.';

create function decide_search(search jsonb, changes jsonb, decided_by text, why text default null)
returns table (id uuid, changed int, unchanged int, kept int)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  wanted uuid[] := private.documents_of_search(decide_search.search);
begin
  if cardinality(wanted) = 0 then
    return query select null::uuid, 0, 0, 0;
  else
    return query select d.* from decide(wanted, decide_search.changes, decide_search.decided_by,
      decide_search.why) d;
  end if;
end $$;
comment on function decide_search
  is 'A person says [{name, value?}] of every document that a search means (see list_documents), the oldest first: all '
  'of them, none left out for their number, or AS006.';
