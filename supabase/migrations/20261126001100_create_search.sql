-- Search: the words of every page ranked as BM25 does; the meaning of passages by vectors where words are not enough.

-- How a text is indexed ---------------------------------------------------------------------------------------

create function private.plain_words(words text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select regexp_replace(regexp_replace(normalize(lower(words), NFKD), '[''’ʼ\u0300-\u036f]', '', 'g'),
    '[^[:alnum:]]+', ' ', 'g')
$$;
comment on function private.plain_words
  is 'Lower-case letters and digits without accents, one blank between words; O''Brien is one word.';

create function private.day_patterns() returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select array[
    '\m(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\M',
    '\m(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\M',
    '\m' || month || '(?![[:alpha:]])\.?\s+(\d{1,2})(?:st|nd|rd|th)?\M(?:,?\s+(\d{4})\M)?',
    '\m(\d{1,2})(?:st|nd|rd|th)?[\s-]*(?:of\s+|de\s+)?' || month
      || '(?![[:alpha:]])\.?,?[\s-]*(?:del?\s+)?(\d{4}\M|\d{2}\M)?',
    '\m' || month || '(?![[:alpha:]])\.?,?\s+(?:del?\s+)?(\d{4})\M']
  from (values ('(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?'
    '|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|setiembre'
    '|octubre|noviembre|diciembre)')) as names(month)
$$;
comment on function private.day_patterns
  is 'How days are written, in lower case: year-month-day; three numbers; month day year; day month year; month year.';

create function private.day_order(words text) returns text
language sql immutable set search_path = pg_catalog, private, pg_temp as $$
  select case when bool_or(a > 12 and b <= 12) and not bool_or(b > 12 and a <= 12) then 'dmy'
    when bool_or(b > 12 and a <= 12) and not bool_or(a > 12 and b <= 12) then 'mdy' end
  from regexp_matches(words, (private.day_patterns())[2], 'g') as m, lateral (select m[1]::int as a, m[2]::int as b) n
$$;
comment on function private.day_order
  is 'Whether a text writes the day (dmy) or the month (mdy) first, by its days after the twelfth; null: it does not '
  'say.';

create function private.find_days(words text, day_order text) returns table (lexeme text)
language sql immutable set search_path = pg_catalog, private, pg_temp as $$
  with plain as (
    select normalize(lower(words), NFKD) as t, private.day_patterns() as p
  ), written (y, m, d, sure) as (
    select f[1], f[2], f[3], true from plain, regexp_matches(t, p[1], 'g') f
    union all
    select f[3], f[1], f[2], day_order is distinct from 'dmy' or f[2]::int > 12
      from plain, regexp_matches(t, p[2], 'g') f where f[1]::int <= 12
    union all
    select f[3], f[2], f[1], (day_order is not null and day_order = 'dmy') or f[1]::int > 12
      from plain, regexp_matches(t, p[2], 'g') f where f[2]::int <= 12
    union all
    select f[3], left(f[1], 3), f[2], true from plain, regexp_matches(t, p[3], 'g') f
    union all
    select f[3], left(f[2], 3), f[1], true from plain, regexp_matches(t, p[4], 'g') f
    union all
    select f[2], left(f[1], 3), null, true from plain, regexp_matches(t, p[5], 'g') f
  ), numbers as (
    select case when length(y) = 2 then case when y::int < 50 then '20' else '19' end || y else y end as y,
      lpad(case when m ~ '^\d' then m
        else (1 + mod(position(m in 'jan feb mar apr may jun jul aug sep oct nov dec '
          'ene --- --- abr --- --- --- ago set --- --- dic') / 4, 12))::text end, 2, '0') as m,
      lpad(d, 2, '0') as d, sure
    from written where sure or day_order is null
  ), days as (
    select distinct * from numbers where m between '01' and '12' and (d is null or d between '01' and '31')
  )
  select '@' || y || m || d from days where sure and y is not null and d is not null
  union select '*' || m || d from days where sure and y is not null and d is not null
  union select '@' || y || m from days where sure and y is not null
  union select '@' || m || d from days where y is null
  union select '?' || y || m || d from days where not sure
$$;
comment on function private.find_days
  is 'The days a text names: @20240305, its month @202403 and its day of any year *0305; @0305 where no year is said; '
  '?20240503 where the day may come first and the text does not tell.';

create function private.find_amounts(words text) returns table (lexeme text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select distinct '#' || trim_scale(case when f[1] ~ '^\d{1,3}(\.\d{3})+(,\d{1,2})?$'
    then replace(replace(f[1], '.', ''), ',', '.') else replace(f[1], ',', '') end::numeric)
  from regexp_matches(words,
    '\m(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,15}\.\d{1,2}|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?)\M', 'g') f
$$;
comment on function private.find_amounts is 'Numbers with thousands or cents as one number: #1250 for 1,250.00.';

create function private.ocr_shape(word text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select translate(word, '0158639i', 'olsbbegl')
$$;
comment on function private.ocr_shape is 'A word with the letters and digits that OCR confuses made one.';

create function private.spaced_code() returns text language sql immutable
return '\m[[:alpha:]]{1,4}(?: \d{2,8}){2,3}\M|\m[[:alpha:]]{2,4} \d{5,8}\M';
comment on function private.spaced_code is 'A number of letters and digits parted by blanks, as FL 2024 001.';

create function private.find_marks(words text, day_order text) returns text[]
language sql immutable set search_path = pg_catalog, private, pg_temp as $$
  -- A text without a digit has none of them, and is not looked through for each.
  select case when words ~ '\d' then coalesce((select array_agg(distinct lexeme) from (
    select lexeme from private.find_days(words, day_order)
    union all select lexeme from private.find_amounts(words)
    union all
    select '=' || regexp_replace(f[1], '[^[:alnum:]]', '', 'g')
      from regexp_matches(lower(words), '\m([[:alnum:]]+(?:[-–/.:][[:alnum:]]+)+)\M', 'g') f
      where f[1] ~ '\d' and length(f[1]) between 5 and 60
    union all
    select '=' || replace(f[1], ' ', '') from regexp_matches(lower(words), '(' || private.spaced_code() || ')', 'g') f
    union all
    select '%' || private.ocr_shape(f[1]) from regexp_matches(lower(words),
      '\m([[:alpha:]]+[0158639][[:alnum:]]*|[0158639]+[[:alpha:]][[:alnum:]]*)\M', 'g') f
      where length(f[1]) between 4 and 40 and length(regexp_replace(f[1], '\d', '', 'g')) * 2 >= length(f[1])
  ) as marks), '{}') else '{}' end
$$;
comment on function private.find_marks
  is 'What has more than one writing, each in one: days (see find_days), amounts (#1250), numbers of several parts '
  'joined (=fl2024001), words in which OCR read a digit (%pollce).';

create function private.search_vector(words text, day_order text) returns tsvector
language sql immutable set search_path = pg_catalog, private, pg_temp as $$
  -- Stems first: their positions come first then, and ts_rank counts them apart from the words as they stand.
  select setweight(to_tsvector('pg_catalog.english', plain), 'B')
    || setweight(to_tsvector('pg_catalog.simple', plain), 'A')
    || array_to_tsvector(private.find_marks(words, day_order))
  from (select private.plain_words(words) as plain offset 0) as p
$$;
comment on function private.search_vector is 'How a text is indexed: stems, plain words and marks.';

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

create function private.sound_of(word text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select left(w, 1) || regexp_replace(substr(w, 2), '[aeiouyhw]', '', 'g') from (
    select regexp_replace(translate(replace(replace(word, 'ph', 'f'), 'ck', 'k'), 'cqz', 'kks'),
      '(.)\1+', '\1', 'g') as w
  ) as folded
$$;
comment on function private.sound_of
  is 'The consonants of a word, without doubles; c, ck and q are k, z is s, ph is f.';

create function private.spelling_keys(word text) returns text[]
language sql immutable set search_path = pg_catalog, private, pg_temp as $$
  select array_agg(distinct key) from (
    select left(word, n - 1) || substr(word, n + 1) as key from generate_series(1, length(word)) as n
    union all select word
    union all select '/' || private.sound_of(word) where length(private.sound_of(word)) >= 3
  ) as keys
$$;
comment on function private.spelling_keys
  is 'Two words that share a key are near in spelling: the word, the word without any one letter, its consonants.';

create function private.likeness(a text, b text) returns real
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select (2.0 * count(*) / (length(a) + length(b) + 2))::real from (
    select substr(' ' || a || ' ', n, 2) from generate_series(1, length(a) + 1) as n
    intersect all select substr(' ' || b || ' ', n, 2) from generate_series(1, length(b) + 1) as n
  ) as shared
$$;
comment on function private.likeness is 'The share of pairs of letters that two words have in common, 0 to 1.';

create function private.told_arrivals() returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select array['caption', 'forwarded_from', 'sender', 'path', 'owner', 'labels', 'subject']
$$;
comment on function private.told_arrivals
  is 'What of a file''s arrival people search for; times and links would be found by every date and every "https".';

create function private.index_about(about_id uuid, day_order text) returns void
language sql set search_path = public, private, pg_temp as $$
  delete from document_passages p where p.document_id = about_id and p.passage = 0;
  insert into document_passages (document_id, passage, page, start, search)
    select d.id, 0, null, 1, private.search_vector(concat_ws(' ', d.original_filename,
      regexp_replace(d.original_filename, '[^[:alnum:]]+', ' ', 'g'),
      d.document_type, d.case_number, d.court, left(d.summary, private.longest_quote()),
        (select string_agg(party ->> 'name', ' ') from jsonb_array_elements(d.parties) as party),
        (select string_agg(regexp_replace(j.original_filename, '[^[:alnum:]]+', ' ', 'g'), ' ') from document_journal j
          where j.document_id = d.id and j.original_filename <> d.original_filename),
        (select string_agg(said.value, ' ') from document_journal j, jsonb_each_text(j.arrival) as said(name, value)
          where j.document_id = d.id and said.name = any (private.told_arrivals())),
        d.as_read ->> 'document_type', d.as_read ->> 'case_number', d.as_read ->> 'court',
        (select string_agg(party #>> '{}', ' ') from jsonb_path_query(d.as_read, '$.parties[*].name') as party),
        (select string_agg(coalesce(j.value ->> 'text', j.value #>> '{}'), ' ') from judgements j
          where j.document_id = d.id and j.name ~ '^(note|field):')), day_order)
    from master_document_registry d where d.id = about_id;
$$;
comment on function private.index_about
  is 'Indexes what is known about a document beside its text: names, what the analysis found and what a person made '
  'of it, notes and fields, and how it arrived.';

create function private.index_lines(about_id uuid) returns void
language sql set search_path = public, private, pg_temp as $$
  delete from document_passages p where p.document_id = about_id and p.passage < -9999;
  insert into document_passages (document_id, passage, page, start, search)
    select j.document_id, -(l.page * 10000 + l.line), l.page, 1,
      private.search_vector(j.value ->> 'text', private.day_order(j.value ->> 'text'))
    from judgements j cross join lateral (select split_part(j.name, ':', 2)::int as page,
      split_part(j.name, ':', 3)::int as line) as l
    where j.document_id = about_id and j.name like 'line:%'
    union all
    select p.document_id, -(p.page * 10000), p.page, 1, private.search_vector(p.letters, private.day_order(p.letters))
    from document_pages p join master_document_registry d on d.id = p.document_id and d.job_id = p.job_id
    where p.document_id = about_id and p.letters <> '';
$$;
comment on function private.index_lines
  is 'Makes the lines that a person corrected findable beside what was read there: passage -(10,000 × page + line); '
  'and as line 0 the letters of a page that were taken for others.';

create function private.index_judgement(about_id uuid) returns void
language sql set search_path = public, private, pg_temp as $$
  select private.index_about(about_id, private.day_order(r.text)), private.index_lines(about_id)
  from document_repository r where r.document_id = about_id
$$;
comment on function private.index_judgement
  is 'Makes what a person says of a document findable, once it has a text.';

create function private.letters_of(word text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select string_agg(letter, '' order by letter) from string_to_table(word, null) as letter
$$;
comment on function private.letters_of is 'The letters of a word in the order of the alphabet: two that were swapped.';

create function private.index_document(document_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  about constant uuid := index_document.document_id;
  words constant text := (select r.text from document_repository r where r.document_id = about);
  day_order constant text := private.day_order(words);
begin
  delete from document_passages p where p.document_id = about;
  insert into document_passages (document_id, passage, page, start, search)
    select about, s.passage, s.page, s.start, private.search_vector(s.content, day_order)
      from private.split_text(words) as s;
  perform private.index_about(about, day_order);
  perform private.index_transcriptions(about);
  perform private.index_lines(about);
  -- In order, so that two documents with the same new words wait for each other and never both at once.
  insert into search_words (word, keys)
    select w.lexeme, private.spelling_keys(w.lexeme) from (
      select distinct u.lexeme from document_passages p cross join lateral unnest(p.search) u
      where p.document_id = about and 'A' = any (u.weights) and u.lexeme ~ '^[[:alpha:]]{4,30}$'
    ) as w
    where not exists (select from search_words s where s.word = w.lexeme) order by 1 on conflict do nothing;
end $$;
comment on function private.index_document
  is 'Indexes a document''s text, and what the analysis found. The caller has locked the document.';

create function private.most_indexed() returns int language sql immutable return 60;
comment on function private.most_indexed
  is 'Texts that one call of index_texts makes findable, each in a subtransaction of its own: PostgreSQL keeps 64 at '
  'hand.';

create function index_texts() returns table (indexed int, waiting boolean)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s'
  set enable_seqscan = off as $$
#variable_conflict use_column
declare
  noted unindexed_texts;
begin
  indexed := 0;
  if not pg_try_advisory_xact_lock(hashtextextended('index_texts', 0)) then
    return query select 0, false;
    return;
  end if;
  for noted in select u.* from unindexed_texts u where u.fault is null order by u.id limit private.most_indexed() loop
    -- Whoever holds the document is at work on it: its turn comes again.
    perform from master_document_registry d where d.id = noted.document_id for no key update skip locked;
    continue when not found;
    begin
      perform private.index_document(noted.document_id);
      delete from unindexed_texts u where u.id = noted.id;
      indexed := indexed + 1;
    exception when others then
      -- One text that the index cannot take must not keep all others out of it.
      update unindexed_texts u set fault = sqlstate where u.id = noted.id;
      perform raise_alarm('text_unindexed', format('Document %s cannot be found by its words (%s).',
        noted.document_id, sqlstate), noted.document_id::text);
    end;
  end loop;
  waiting := indexed = private.most_indexed();
  return next;
end $$;
comment on function index_texts
  is 'To be called every few seconds, and again while more is waiting: makes texts that were published since findable, '
  'the oldest first. One caller at a time; no completion waits for it.';

create function private.index_arrival() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  perform private.index_about(new.document_id, private.day_order(r.text)) from document_repository r
    where r.document_id = new.document_id;
  return null;
end $$;
comment on function private.index_arrival
  is 'A document that comes once more is found by its new name, caption or folder too.';
create trigger document_journal_index after insert on document_journal for each row execute function
  private.index_arrival();

create function private.note_text() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into unindexed_texts (document_id) values (new.document_id);
  return null;
end $$;
comment on function private.note_text is 'A new or changed text waits for index_texts.';
create trigger document_repository_index after insert
  or update of text on document_repository for each row execute function private.note_text();

-- How a question is read --------------------------------------------------------------------------------------

create type private.question_part as (item int, kind text, query tsquery, weight real);
comment on type private.question_part
  is 'One way to answer one item of a question: a word, a day, an amount; exact: it must stand so in the document; '
  'never: it must not.';

create function private.exact_query(words text) returns tsquery
language sql immutable set search_path = pg_catalog, private, pg_temp as $$
  with forms as (
    select private.plain_words(words) as plain
    union
    -- FCS058817 may be written FCS 058817
    select regexp_replace(regexp_replace(private.plain_words(words), '([[:alpha:]])(\d)', '\1 \2', 'g'),
      '(\d)([[:alpha:]])', '\1 \2', 'g')
  ), joined as (
    select replace(private.plain_words(words), ' ', '') as code
  )
  select string_agg(q, ' | ')::tsquery from (
    select '(' || (select string_agg(quote_literal(w) || ':A', ' <-> ' order by n)
      from regexp_split_to_table(btrim(plain), ' ') with ordinality as each(w, n)) || ')' as q
    from forms where btrim(plain) <> ''
    union all
    select quote_literal('=' || code) || ' | ' || quote_literal(code) || ':A' from joined
      where code ~ '\d' and length(code) >= 4
    union all
    select quote_literal('#' || ltrim(code, '0')) from joined where code ~ '^\d{1,15}$'
  ) as ways
$$;
comment on function private.exact_query
  is 'These words one after the other, as they stand; a number of several parts with or without what parts it.';

create function private.all_words(query tsquery) returns tsquery
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select replace(replace(query::text, ' <-> ', ' & '), ':A', '')::tsquery
$$;
comment on function private.all_words
  is 'A query that asks for the words of phrases in any order and form: the index answers it without a look at the '
  'passages.';

create function private.near_words(word text) returns table (near text, likeness real)
language sql stable set search_path = public, private, pg_temp as $$
  select s.word, s.likeness from (
    select w.word, greatest(private.likeness(near_words.word, w.word),
      case when private.letters_of(w.word) = private.letters_of(near_words.word) then 0.8 end)::real as likeness
    from (
      select k.word from search_words k where k.keys && private.spelling_keys(near_words.word)
        and k.word <> near_words.word and abs(length(k.word) - length(near_words.word)) <= 2
        limit private.most_spellings()
    ) as w
  ) as s
  where s.likeness >= 0.6 order by 2 desc, 1 limit 5
$$;
comment on function private.near_words is 'Up to five words of the documents that are spelled nearly so.';

create function private.word_parts(item int, word text) returns setof private.question_part
language sql stable set search_path = public, private, pg_temp
-- A few matches of an unknown word look cheap to find by reading the table, which then is read to its end.
set enable_seqscan = off as $$
  with stems as (
    select w.word, stem, w.weight from (
      select word_parts.word as word, 1::real as weight
      union all
      -- Where fewer than three passages hold the word, it may be misspelled, here or there.
      select n.near, 0.8 * n.likeness from private.near_words(word_parts.word) as n
      where word_parts.word ~ '^[[:alpha:]]{4,30}$' and 3 > (select count(*) from (select from document_passages p
        where p.search @@ (quote_literal(word_parts.word) || ':A')::tsquery limit 3) as taken)
    ) as w cross join lateral unnest(tsvector_to_array(to_tsvector('pg_catalog.english', w.word))) as stem
  )
  select item, 'word', quote_literal(stem)::tsquery, max(weight)::real from stems group by stem
  union all
  select item, 'mark', quote_literal('%' || private.ocr_shape(word))::tsquery, 0.8 where word ~ '^[[:alpha:]]{4,40}$'
    and exists (select from stems)
  union all
  select item, 'mark', quote_literal('#' || ltrim(word, '0'))::tsquery, 1 where word ~ '^\d{1,15}$'
$$;
comment on function private.word_parts is 'A word by its stem, its near spellings and as OCR may have read it.';

create function private.day_parts(item int, words text) returns setof private.question_part
language sql immutable set search_path = pg_catalog, private, pg_temp as $$
  with found as (select lexeme, lexeme ~ '^@\d{8}$' as whole from private.find_days(words, null)),
  weighed as (
    select lexeme, 1.0 as weight from found where whole
    union all select lexeme, 0.3 from found where lexeme ~ '^\?'
    union all select translate(lexeme, '?', '@'), 0.3 from found where lexeme ~ '^\?'
    union all select translate(lexeme, '@', '?'), 0.3 from found where whole
    -- A calendar says the year once, at the top.
    union all select translate(lexeme, '*', '@'), 0.5 from found where lexeme ~ '^\*'
    union all select lexeme, 1.0 from found where lexeme ~ '^@\d{4}$'
    union all select translate(lexeme, '@', '*'), 1.0 from found where lexeme ~ '^@\d{4}$'
    union all select lexeme, 1.0 from found where lexeme ~ '^@\d{6}$' and not exists (select from found where whole)
  )
  select item, 'mark', quote_literal(lexeme)::tsquery, max(weight)::real from weighed group by lexeme
$$;
comment on function private.day_parts is 'The days of a question, as documents may write them.';

create function private.read_question(words text) returns setof private.question_part
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  special constant text := '(?<!\S)-"[^"]+"|"[^"]+"|(?<!\S)-[[:alnum:]][^\s"]*';
  amount constant text := '[$€£]\s*(\d[\d.,]*)|\m(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+\.\d{1,2})\M';
  code constant text := '\m[[:alnum:]]+(?:[-–/.:][[:alnum:]]+)*\M';
  rest text := regexp_replace(normalize(lower(words), NFKD), '[“”„«»]', '"', 'g');
  part text;
  item int := 0;
begin
  for part in select m[1] from regexp_matches(rest, '(' || special || ')', 'g') m limit private.most_codes() loop
    item := item + 1;
    return query select item, case when part like '-%' then 'never' else 'exact' end, q, 1::real
      from private.exact_query(part) q where q is not null;
  end loop;
  rest := regexp_replace(rest, special, ' ', 'g');
  item := item + 1;
  return query select * from private.day_parts(item, rest);
  foreach part in array private.day_patterns() loop
    rest := regexp_replace(rest, part, ' ', 'g');
  end loop;
  for part in select coalesce(m[1], m[2]) from regexp_matches(rest, amount, 'g') m limit private.most_codes() loop
    item := item + 1;
    return query select item, 'mark', q::tsquery, 1::real from (
      select quote_literal(lexeme)
        || case when lexeme ~ '\.' then '' else ' | ' || quote_literal(ltrim(lexeme, '#')) end
      from (select lexeme from private.find_amounts(part)
        union select '#' || part where part ~ '^\d{1,15}$') as amounts(lexeme)) as a(q);
  end loop;
  rest := regexp_replace(rest, amount, ' ', 'g');
  for part in select m[1] from regexp_matches(rest, '(' || private.spaced_code() || ')', 'g') m
    union all
    select m[1] from regexp_matches(regexp_replace(rest, private.spaced_code(), ' ', 'g'), '(' || code || ')', 'g') m
      where m[1] ~ '\d' and m[1] !~ '^\d{1,2}:\d{2}' and (length(replace(private.plain_words(m[1]), ' ', '')) >= 5
        or m[1] ~ '^[[:alpha:]]+[-–/.]\d+$')
    limit private.most_codes() loop
    item := item + 1;
    return query select item, 'exact', private.exact_query(part), 1::real;
    rest := replace(rest, part, ' ');
  end loop;
  for part in select w from regexp_split_to_table(btrim(private.plain_words(rest)), ' ') with ordinality as each(w, n)
      where w <> '' group by w order by min(n) limit private.most_words() loop
    item := item + 1;
    return query select * from private.word_parts(item, part);
  end loop;
end $$;
comment on function private.read_question
  is 'What a person typed: words, "a phrase", -not, days, amounts and numbers in any usual writing.';

-- How the answers are found -----------------------------------------------------------------------------------

create function private.passes_filters(document master_document_registry, filters jsonb) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select document.duplicate_of is null and document.dissolved_at is null
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

create function private.few_documents(filters jsonb) returns uuid[]
language plpgsql stable set search_path = public, private, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
  few uuid[];
begin
  if filters - 'min_relevancy' - 'source' = '{}' then
    return null;
  end if;
  -- The conditions an index knows stand here in the open; passes_filters has all of them.
  select array_agg(f.id) into few from (
    select d.id from master_document_registry d
    where (filters ->> 'document_type' is null or d.document_type = filters ->> 'document_type')
      and (filters ->> 'case_number' is null or d.case_number = filters ->> 'case_number')
      and (filters ->> 'date_from' is null or d.document_date >= (filters ->> 'date_from')::date)
      and (filters ->> 'date_to' is null or d.document_date <= (filters ->> 'date_to')::date)
      and (filters ->> 'batch_id' is null or d.id in (select j.document_id from document_journal j
        where j.batch_id = (filters ->> 'batch_id')::uuid))
      and private.passes_filters(d, filters) limit private.most_filtered() + 1
  ) as f;
  return case when cardinality(few) <= private.most_filtered() or few is null then coalesce(few, '{}') end;
end $$;
comment on function private.few_documents
  is 'The documents that filters leave, where they are at most 1,000; null where they are more, or not worth asking.';

create function private.find_words(question private.question_part[], filters jsonb, few uuid[], wanted int)
returns table (document_id uuid, passage int, page int, score real, has_all boolean, capped boolean)
language sql stable rows 100 set search_path = public, private, pg_temp set enable_seqscan = off as $$
  with ways as materialized (
    select * from unnest(question) where kind <> 'never'
  ), items as materialized (
    select each.item, private.all_words(each.query) as loose, coalesce(each.query && !!n.query, each.query) as query
    from (
      select item, string_agg(format('(%s)', query), ' | ')::tsquery as query from ways group by item
      union all
      select 0, string_agg(format('(%s)', query), ' & ')::tsquery from (
        select string_agg(format('(%s)', query), ' | ') as query from ways group by item) as every having count(*) > 1
    ) as each cross join (
      select string_agg(format('(%s)', query), ' | ')::tsquery as query from unnest(question) where kind = 'never'
    ) as n
  ), looked_at as materialized (
    select i.item, h.* from items i cross join lateral (
      select f.document_id, f.passage, f.block, f.number = private.most_looked_at() as is_last from (
        select p.document_id, p.passage, (p.ctid::text::point)[0] as block, p.search @@ i.query as holds,
          row_number() over () as number
        from document_passages p
        where p.search @@ i.loose and (few is null or p.document_id = any (few)) limit private.most_looked_at()
      ) as f
      -- A subquery with a value is asked for one document at a time; `exists` may be asked for all of them first.
      where f.number = private.most_looked_at() or f.holds and (few is not null or filters = '{}'
        or (select private.passes_filters(d, filters) from master_document_registry d where d.id = f.document_id))
      limit private.most_matches()
    ) as h
  ), hits as materialized (
    select item, document_id, passage, block from looked_at where not is_last
  ), corpus as (
    select case when c.reltuples >= private.corpus_sample() then c.reltuples
        else (select count(*) from (select from document_passages limit private.corpus_sample()) as taken)
        end as passages,
      greatest(c.relpages, 1) as blocks
    from pg_catalog.pg_class c where c.oid = 'public.document_passages'::regclass
  ), counted as materialized (
    -- Of an item with more matches than were taken, how far into the table they reach tells how many there are.
    select h.item, count(*) >= private.most_matches() as many,
      case when count(*) < private.most_matches() then count(*)
        else least(c.passages, private.most_matches() * greatest(1, c.blocks / (max(h.block) + 1))) end as held
    from hits h cross join corpus c group by h.item, c.passages, c.blocks
  ), weights as materialized (
    select i.item, ln(1 + (c.passages - coalesce(n.held, 0) + 0.5) / (coalesce(n.held, 0) + 0.5)) as idf
    from items i cross join corpus c left join counted n on n.item = i.item where i.item > 0
  ), candidates as materialized (
    -- A word that is nearly everywhere only counts where a rarer one stands as well, if that gives enough.
    select distinct h.document_id, h.passage from hits h join counted n on n.item = h.item
    where not n.many or h.item = 0 or wanted > (select count(distinct r.document_id) from hits r
      join counted m on m.item = r.item where not m.many or r.item = 0)
  ), passages as materialized (
    select p.*, length(p.search) / avg(length(p.search)) over () as relative_length
    from candidates c join document_passages p on p.document_id = c.document_id and p.passage = c.passage
  ), found as materialized (
    -- ts_rank of one word is (1 + 1/4 + 1/9 + … by its count) / 1.645, which is BM25's saturation with k1 = 0.63.
    select p.document_id, p.passage, p.page, w.item,
      max(w.weight * t.part / (t.part + (1 - t.part) * (0.7 + 0.3 * p.relative_length))) as part
    from passages p join ways w on p.search @@ w.query
      cross join lateral (select case when w.kind = 'word' then ts_rank('{1,1,1,0}', p.search, w.query)
        else 0.6 end::double precision as part) as t
    group by p.document_id, p.passage, p.page, w.item
  ), by_passage as (
    select f.document_id, f.passage, f.page, sum(f.part * w.idf) as total
    from found f join weights w on w.item = f.item group by f.document_id, f.passage, f.page
  ), by_item as (
    select f.document_id, sum(f.part * w.idf) as total, count(*) as items from (
      select document_id, item, max(part) as part from found group by document_id, item
    ) as f join weights w on w.item = f.item group by f.document_id
  ), best as (
    -- A page to open is a better answer than the document's title.
    select distinct on (document_id) document_id, passage, page, max(total) over (partition by document_id) as together
    from by_passage order by document_id, (passage = 0), total desc, passage
  )
  -- Each word counts where it stands best in the document, and half as much again where they stand together.
  select b.document_id, b.passage, b.page,
    ((i.total + 0.5 * b.together) / (1.5 * (select sum(idf) from weights)))::real,
    i.items = (select count(*) from weights),
    (select bool_or(many) from counted) or (select bool_or(is_last) from looked_at)
  from best b join by_item i on i.document_id = b.document_id
  union all
  select null, null, null, 0, false, true
    where (select bool_or(is_last) from looked_at) and not exists (select from best)
$$;
comment on function private.find_words
  is 'Documents with these words, each with its best passage and a score up to 1: BM25 over passages, of at most '
  'most_matches of each word, among at most most_looked_at (capped: there are more; a row without a document says so '
  'where none was found).';

create function private.keeps_promise(document_id uuid, question private.question_part[]) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select not exists (select from unnest(question) q where q.kind in ('exact', 'never')
    -- The offset keeps it to the document's own passages: the index would bring those of all documents each time.
    and (q.kind = 'never') = exists (select from (select p.search from document_passages p
      where p.document_id = keeps_promise.document_id offset 0) as own where own.search @@ q.query))
$$;
comment on function private.keeps_promise
  is 'Whether a document has every phrase and number that was asked for, and none of what was excluded.';

create function private.find_meaning(embedding extensions.vector, question private.question_part[], filters jsonb,
  few uuid[])
returns table (document_id uuid, chunk int, page int, nearness real)
language plpgsql stable rows 100 set search_path = public, private, extensions, pg_temp as $$
#variable_conflict use_column
begin
  -- The index gives the next nearest until enough of them pass the filters, or its own limit of 20,000 is reached.
  perform set_config('hnsw.ef_search', private.most_near()::text, true),
    set_config('hnsw.iterative_scan', 'strict_order', true);
  return query
    with nearest as materialized (
      select e.document_id, e.chunk, e.page, e.embedding <=> find_meaning.embedding as distance
      from document_embeddings e
      where e.embedding is not null and (few is null or e.document_id = any (few))
        and (question = '{}' or private.keeps_promise(e.document_id, question))
        and (filters = '{}' or (select private.passes_filters(d, filters) from master_document_registry d
          where d.id = e.document_id))
      order by e.embedding <=> find_meaning.embedding limit private.most_near()
    )
    select distinct on (n.document_id) n.document_id, n.chunk, n.page, (1 - n.distance)::real from nearest n
    where n.distance < private.farthest_meaning() order by n.document_id, n.distance;
end $$;
comment on function private.find_meaning
  is 'Documents whose passages mean something near, by the cosine of the nearest.';

create function private.make_snippet(document_id uuid, passage int, query tsquery) returns text
language sql stable set search_path = public, pg_temp as $$
  select case when p.passage < -9999 and p.passage % 10000 = 0 then 'By its letters: '
    when p.passage < -9999 then 'Corrected by hand: ' when p.passage < 0 then 'Transcribed by Claude: '
      else '' end
    || regexp_replace(btrim(ts_headline('pg_catalog.english',
    case when p.passage < -9999 and p.passage % 10000 = 0 then (select l.letters from document_pages l
      where l.job_id = d.job_id and l.page = p.page)
    when p.passage < -9999 then (select j.value ->> 'text' from judgements j
      where j.document_id = p.document_id and j.name = format('line:%s:%s', -p.passage / 10000, -p.passage % 10000))
    when p.passage < 0 then (select t.text from document_transcriptions t where t.document_id = p.document_id
      and t.place = -p.passage)
    when p.passage = 0 then coalesce(d.summary, left(r.text, private.excerpt_length()))
    else split_part(substr(r.text, p.start, private.passage_length() + private.passage_overlap()), chr(12), 1) end,
    query, 'StartSel="", StopSel="", MinWords=15, MaxWords=35')), '\s+', ' ', 'g')
  from document_passages p join document_repository r on r.document_id = p.document_id
    join master_document_registry d on d.id = p.document_id
  where p.document_id = make_snippet.document_id and p.passage = make_snippet.passage
$$;
comment on function private.make_snippet
  is 'The words around what was found, as plain text without marks; what Claude transcribed from a picture, what a '
  'person corrected and letters that were taken for others say so.';

create function search_documents(query text, embedding double precision[] default null, max_results int default 20,
  filters jsonb default '{}')
returns table (document_id uuid, original_filename text, page int, snippet text, score real, matched text,
  document_type text, document_date date, relevancy_score real, matches int, capped boolean)
language plpgsql stable security definer set search_path = public, private, extensions, pg_temp as $$
#variable_conflict use_column
declare
  words constant text := left(coalesce(search_documents.query, ''), private.longest_question());
  wanted constant jsonb := coalesce(filters, '{}');
  question private.question_part[];
  few uuid[];
  shown tsquery;
begin
  if max_results is null or max_results not between 1 and private.most_found()
      or jsonb_typeof(coalesce(filters, '{}')) <> 'object'
      or (search_documents.embedding is not null and array_length(search_documents.embedding, 1) is distinct
        from private.embedding_size()) then
    perform private.refuse('AS006', format('max_results must be 1 to %s, filters an object and the embedding %s '
      'numbers.', private.most_found(), private.embedding_size()));
  end if;
  perform (filters ->> 'date_from')::date, (filters ->> 'date_to')::date, (filters ->> 'min_relevancy')::real,
    (filters ->> 'batch_id')::uuid;
  question := array(select q from private.read_question(words) q);
  few := private.few_documents(wanted);
  shown := (select string_agg(stem, ' | ') from (
    select quote_literal(s) as stem from unnest(tsvector_to_array(to_tsvector('pg_catalog.english', words))) s
    union select q.query::text from unnest(question) q where q.kind = 'word') as stems)::tsquery;
  return query
    with by_words as materialized (
      select * from private.find_words(question, wanted, few, max_results)
    ), by_meaning as materialized (
      -- Where words are not enough: nothing exact was asked for, and few documents have them all.
      select * from private.find_meaning(search_documents.embedding::vector,
        array(select q from unnest(question) q where q.kind = 'never'), wanted, few)
      where search_documents.embedding is not null
        and not exists (select from unnest(question) q where q.kind = 'exact')
        and (question = '{}' or exists (select from unnest(question) q where q.kind = 'word'))
        and max_results > (select count(*) from by_words where has_all)
    ), fused as (
      select coalesce(w.document_id, m.document_id) as document_id, w.passage, m.chunk,
        coalesce(w.page, m.page) as page, (coalesce(w.score, 0) + 0.5 * coalesce(m.nearness, 0))::real as score,
        case when m.document_id is null then 'words' when w.document_id is null then 'meaning'
          else 'both' end as matched
      from by_words w full join by_meaning m on m.document_id = w.document_id
    ), kept as materialized (
      select f.* from fused f where private.keeps_promise(f.document_id, question)
    )
    select f.document_id, d.original_filename, f.page,
      coalesce(private.make_snippet(f.document_id, f.passage, shown),
        (select left(e.text, private.excerpt_length()) from document_embeddings e where e.document_id = f.document_id
        and e.chunk = f.chunk), ''),
      f.score, f.matched, d.document_type, d.document_date, d.relevancy_score, f.matches, f.capped
    from (
      select f.*, count(*) over ()::int as matches, coalesce((select bool_or(capped) from by_words), false) as capped
      from kept f join master_document_registry d on d.id = f.document_id
        where d.duplicate_of is null and d.dissolved_at is null
      order by f.score desc, f.document_id limit max_results
    ) as f join master_document_registry d on d.id = f.document_id order by f.score desc, f.document_id;
exception when data_exception then
  perform private.refuse('AS006', format('A filter is malformed (%s).', sqlstate));
end $$;
comment on function search_documents
  is 'The best documents for these words and, if given, this embedding of them (384 numbers), each with the page and a '
  'plain-text snippet; matches: how many documents were found in all, and capped: more were not looked at. Filters: '
  'see passes_filters.';

create function search_is_cut(query text, filters jsonb default '{}') returns table (is_cut boolean)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select exists (
    select from private.find_words(array(select q from private.read_question(left(query, 1000)) q),
      coalesce(filters, '{}'), private.few_documents(coalesce(filters, '{}')), 20) where capped)
$$;
comment on function search_is_cut
  is 'Whether a search that found nothing looked at only some of the passages with its words: what is not found may '
  'be there all the same.';
