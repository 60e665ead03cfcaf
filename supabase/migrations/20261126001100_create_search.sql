-- Search: the words of every page by full text, the meaning of passages by vectors, fused by rank.

-- Index -------------------------------------------------------------------------------------------------------

create function private.search_vector(words text) returns tsvector
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select to_tsvector('pg_catalog.english', words) || to_tsvector('pg_catalog.simple', words)
$$;
comment on function private.search_vector is 'How a text is indexed: stems and plain words.';

create function private.search_query(words text) returns tsquery
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select websearch_to_tsquery('pg_catalog.english', words) || websearch_to_tsquery('pg_catalog.simple', words)
$$;
comment on function private.search_query
  is 'What a person typed, as web search engines read it: all words, "a phrase", or, -not.';

create function private.split_text(words text) returns table (passage int, page int, start int, content text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select row_number() over (order by p.page, step)::int, p.page::int, (p.page_start + step)::int,
    substr(p.content, step + 1, private.passage_length() + private.passage_overlap())
  from (
    select number as page, content,
      1 + coalesce(sum(length(content) + 1) over (order by number rows between unbounded preceding and 1 preceding),
      0) as page_start
    from string_to_table(words, chr(12)) with ordinality as pages(content, number)
  ) as p cross join generate_series(0, greatest(length(p.content) - 1, 0), private.passage_length()) as step
  where p.content ~ '\S'
$$;
comment on function private.split_text is 'Passages of a text whose pages are parted by form feeds.';

create function private.index_document() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  delete from document_passages p where p.document_id = new.document_id;
  insert into document_passages (document_id, passage, page, start, search)
    select new.document_id, s.passage, s.page, s.start, private.search_vector(s.content)
      from private.split_text(new.text) as s;
  insert into document_passages (document_id, passage, page, start, search)
    select d.id, 0, null, 1, setweight(private.search_vector(concat_ws(' ', d.original_filename,
      regexp_replace(d.original_filename, '[^[:alnum:]]+', ' ', 'g'),
      d.document_type, d.case_number, d.court, left(d.summary, 5000),
        (select string_agg(party ->> 'name', ' ') from jsonb_array_elements(d.parties) as party))), 'A')
    from master_document_registry d where d.id = new.document_id;
  return null;
end $$;
comment on function private.index_document
  is 'Indexes a document''s text, and what the analysis found, in the transaction that publishes them.';

create trigger document_repository_index after insert
  or update of text on document_repository for each row execute function private.index_document();

-- Finding -----------------------------------------------------------------------------------------------------

create function private.passes_filters(document master_document_registry, filters jsonb) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select document.duplicate_of is null
    and (filters ->> 'document_type' is null or document.document_type = filters ->> 'document_type')
    and (filters ->> 'case_number' is null or document.case_number = filters ->> 'case_number')
    and (filters ->> 'source' is null or document.source = filters ->> 'source')
    and (filters ->> 'min_relevancy' is null or document.relevancy_score >= (filters ->> 'min_relevancy')::real)
    and (filters ->> 'date_from' is null or document.document_date >= (filters ->> 'date_from')::date)
    and (filters ->> 'date_to' is null or document.document_date <= (filters ->> 'date_to')::date)
    and (filters ->> 'batch_id' is null or exists (select from document_journal j where j.document_id = document.id
      and j.batch_id = (filters ->> 'batch_id')::uuid))
$$;
comment on function private.passes_filters
  is 'Filters of a search: document_type, case_number, source, min_relevancy, date_from, date_to, batch_id.';

create function private.find_words(query tsquery, filters jsonb, most int)
returns table (document_id uuid, passage int, page int, place bigint)
language sql stable set search_path = public, private, pg_temp as $$
  with matches as materialized (
    select p.document_id, p.passage, p.page, ts_rank_cd(p.search, find_words.query, 1) as rank
    from document_passages p join master_document_registry d on d.id = p.document_id
    where p.search @@ find_words.query and private.passes_filters(d, filters) limit private.most_matches()
  ), best as (
    select distinct on (document_id) document_id, passage, page,
      coalesce(max(rank) filter (where passage <> 0) over document, 0)
        + coalesce(max(rank) filter (where passage = 0) over document, 0) as total
    from matches window document as (partition by document_id)
    -- A page to open is a better answer than the document's title.
    order by document_id, (passage = 0), rank desc, passage
  )
  select document_id, passage, page, row_number() over (order by total desc, document_id)
  from best order by total desc, document_id limit most
$$;
comment on function private.find_words
  is 'Documents with these words, best first, each with its best passage; a match in the title counts too.';

create function private.find_meaning(embedding extensions.vector, filters jsonb,
  most int) returns table (document_id uuid, chunk int, page int, place bigint)
language plpgsql stable set search_path = public, private, extensions, pg_temp as $$
#variable_conflict use_column
begin
  return query
    with nearest as materialized (
      select e.document_id, e.chunk, e.page, e.embedding <=> find_meaning.embedding as distance
        from document_embeddings e
      where e.embedding is not null order by e.embedding <=> find_meaning.embedding limit private.most_near()
    ), best as (
      select distinct on (n.document_id) n.* from nearest n join master_document_registry d on d.id = n.document_id
      where n.distance < private.farthest_meaning() and private.passes_filters(d, filters) order by n.document_id,
        n.distance
    )
    select b.document_id, b.chunk, b.page, row_number() over (order by b.distance, b.document_id) from best b
      order by b.distance, b.document_id limit most;
end $$;
comment on function private.find_meaning is 'Documents whose passages mean something near, nearest first.';

create function private.make_snippet(document_id uuid, passage int, query tsquery) returns text
language sql stable set search_path = public, pg_temp as $$
  select regexp_replace(btrim(ts_headline('pg_catalog.english',
    case when p.passage = 0 then coalesce(d.summary, left(r.text, 300))
    else split_part(substr(r.text, p.start, private.passage_length() + private.passage_overlap()), chr(12), 1) end,
    query, 'StartSel="", StopSel="", MinWords=15, MaxWords=35')), '\s+', ' ', 'g')
  from document_passages p join document_repository r on r.document_id = p.document_id
    join master_document_registry d on d.id = p.document_id
  where p.document_id = make_snippet.document_id and p.passage = make_snippet.passage
$$;
comment on function private.make_snippet is 'The words around what was found, as plain text without marks.';

create function search_documents(query text, embedding double precision[] default null, max_results int default 20,
  filters jsonb default '{}')
returns table (document_id uuid, original_filename text, page int, snippet text, score real, matched text,
  document_type text, document_date date, relevancy_score real)
language plpgsql stable security definer set search_path = public, private, extensions, pg_temp as $$
#variable_conflict use_column
declare
  words tsquery := private.search_query(left(coalesce(search_documents.query, ''), 1000));
  -- Not where a word is excluded: "a or not b" would be nearly every document.
  any_word tsquery := case when words::text not like '%!%' then nullif(replace(words::text, '&', '|'), '')::tsquery end;
begin
  if max_results is null or max_results not between 1 and 200 or jsonb_typeof(coalesce(filters, '{}')) <> 'object'
      or (search_documents.embedding is not null and array_length(search_documents.embedding, 1) is distinct
        from 384) then
    perform private.refuse('AS006', 'max_results must be 1 to 200, filters an object and the embedding 384 numbers.');
  end if;
  perform (filters ->> 'date_from')::date, (filters ->> 'date_to')::date, (filters ->> 'min_relevancy')::real,
    (filters ->> 'batch_id')::uuid;
  perform set_config('hnsw.ef_search', private.most_near()::text, true);
  return query
    with every_word as materialized (
      select * from private.find_words(words, coalesce(filters, '{}'), max_results * 2)
    ), by_words as (
      select * from every_word
      union all
      -- Few documents have all the words on a page: then those with some of them follow.
      select f.document_id, f.passage, f.page, f.place + (select count(*) from every_word)
        from private.find_words(any_word, coalesce(filters, '{}'), max_results * 2) f
      where (select count(*) from every_word) < max_results
        and not exists (select from every_word e where e.document_id = f.document_id)
    ), by_meaning as (
      select * from private.find_meaning(search_documents.embedding::vector, coalesce(filters, '{}'), max_results * 2)
        where search_documents.embedding is not null
    ), fused as (
      -- Reciprocal rank fusion: a rank, unlike a score, means the same in both lists.
      select coalesce(w.document_id, m.document_id) as document_id, w.passage, m.chunk,
        coalesce(w.page, m.page) as page,
        (coalesce(1.0 / (private.rank_softener() + w.place), 0) + coalesce(1.0 / (private.rank_softener() + m.place),
          0))::real as score,
        case when m.document_id is null then 'words' when w.document_id is null then 'meaning'
          else 'both' end as matched
      from by_words w full join by_meaning m on m.document_id = w.document_id
      order by 5 desc, 1 limit max_results
    )
    select f.document_id, d.original_filename, f.page,
      coalesce(private.make_snippet(f.document_id, f.passage, coalesce(any_word, words)),
        (select left(e.text, 300) from document_embeddings e where e.document_id = f.document_id
        and e.chunk = f.chunk), ''),
      f.score, f.matched, d.document_type, d.document_date, d.relevancy_score
    from fused f join master_document_registry d on d.id = f.document_id order by f.score desc, f.document_id;
exception when data_exception then
  perform private.refuse('AS006', format('A filter is malformed (%s).', sqlstate));
end $$;
comment on function search_documents
  is 'The best documents for these words and, if given, this embedding of them (384 numbers): reciprocal rank '
  'fusion of full text and vectors, each with the page and a plain-text snippet. Filters: see passes_filters.';
