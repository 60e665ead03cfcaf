-- The case asked in words: statements that could answer a question, each on words that stand; and what Claude was paid
-- to choose among them, once for the same question and the same quotes.

create table case_questions (
  asked_sha256 text primary key check (asked_sha256 ~ '^[0-9a-f]{64}$'),
  call_id uuid not null references claude_calls (id),
  chosen int[],
  asked_by text not null,
  asked_at timestamptz not null default now()
);
comment on table case_questions is 'Questions for which Claude chose among quotes: never their words.';
comment on column case_questions.asked_sha256 is 'Of all that was asked, the quotes included.';
comment on column case_questions.chosen is 'Numbers of the quotes; {}: none answers it. Null: no answer yet.';
create index case_questions_call on case_questions (call_id);
alter table case_questions enable row level security;

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.most_asked_documents() returns int language sql immutable return 40;
comment on function private.most_asked_documents
  is 'Documents whose statements are held against a question: nobody reads the answer of the forty-first.';

create function private.most_asked_pages() returns int language sql immutable return 6;
comment on function private.most_asked_pages is 'Pages of a document that are looked at, those with most of its words.';

create function private.least_asked_likeness() returns real language sql immutable return 0.62;
comment on function private.least_asked_likeness
  is 'Weight from which on a near spelling counts as the word: two letters changed places (0.64), not another word '
  '(house for horse is 0.53).';

create function private.rare_sample() returns int language sql immutable return 2000;
comment on function private.rare_sample is 'Passages with a word that are counted: what stands in more is common.';

create function private.longest_stay() returns interval language sql immutable return interval '62 days';
comment on function private.longest_stay
  is 'A statement of so long a time speaks of each of its days: a holiday does, a registration of a year does not.';

-- Finding -----------------------------------------------------------------------------------------------------

create function private.asking_words() returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select '\m(say|says|said|saying|tell|tells|told|happen(s|ed)?|mention(s|ed)?|write|writes|wrote|written|claim(s|ed)?'
    '|stat(e|es|ed|ement|ements)|documents?|papers?|files?|ever|evidence|know|knew|known|show|shows|showed|shown'
    '|prove|proves|proved|proof|please|many|much|time|date|day|there|anything|anyone|anybody|something|someone'
    '|somebody'
    '|take|takes|took|taken|get|gets|got|go|goes|went|gone|make|makes|made|come|comes|came|give|gave|given|see|saw|seen'
    '|use|used|el|la|los|las|un|una|de|del|que|qué|quién|quien|cuándo|cuando|dónde|donde|cómo|como|por|para|con|sobre'
    '|dijo|dice|hay|alguien|algo)\M'
$$;
comment on function private.asking_words
  is 'Words of a question that ask or say little, and that no answer needs to have.';

create function private.read_asked(question text) returns setof private.question_part
language sql stable set search_path = public, private, pg_temp as $$
  select q.* from private.read_question(regexp_replace(left(question, private.longest_question()),
      private.asking_words(), ' ', 'gi')) q
    where q.kind <> 'word' or q.weight >= private.least_asked_likeness()
$$;
comment on function private.read_asked
  is 'What a question asks for. A word that is nowhere stays unanswered by one that is only spelled like it.';

create function private.asked_names(question text) returns text[]
language sql stable set search_path = public, private, pg_temp as $$
  select array(select distinct w from regexp_split_to_table(private.plain_words(question), ' ') w
    where length(w) > 1 and tsvector_to_array(to_tsvector('pg_catalog.english', w)) <> '{}'
      and exists (select from case_names n where n.first = w and left(n.first, 3) = left(w, 3)
          and n.person_id is not null
        union all select from case_names n where n.last = w and n.person_id is not null))
$$;
comment on function private.asked_names is 'Whom a question names, by first or last names that the papers have.';

create function private.asked_days(question text) returns date[]
language sql stable set search_path = public, private, pg_temp as $$
  select array(select to_date(substr(f.lexeme, 2), 'YYYYMMDD') from private.find_days(question, null) f
    where f.lexeme ~ '^@\d{8}$')
$$;
comment on function private.asked_days is 'The whole days that a question names.';

create function private.told_of(claim case_claims) returns text
language sql stable set search_path = public, private, pg_temp as $$
  select concat_ws(' ', claim.quote,
    (select string_agg(n.words, ' ') from case_names n where n.person_id = any (claim.people || claim.speaker_id)),
    to_char(claim.starts, 'YYYY-MM-DD'),
    case when claim.ends > claim.starts + interval '1 day' then to_char(claim.ends - interval '1 second', 'YYYY-MM-DD')
      end,
    to_char(claim.said_at, 'YYYY-MM-DD'))
$$;
comment on function private.told_of
  is 'A statement with what its words leave out: whom it speaks of under all their names, who says it, and when.';

create function private.asked_pages(parts private.question_part[], embedding extensions.vector, matter_id uuid)
returns table (document_id uuid, page int)
language plpgsql stable rows 100 set search_path = public, private, extensions, pg_temp as $$
#variable_conflict use_column
declare
  few uuid[];
  any_word tsquery := (select string_agg(format('(%s)', query), ' | ')::tsquery from unnest(parts)
    where kind <> 'never');
begin
  if asked_pages.matter_id is not null then
    select array_agg(m.document_id) into few from (select m.document_id from matter_documents m
      where m.matter_id = asked_pages.matter_id limit private.most_filtered() + 1) m;
    few := case when cardinality(few) > private.most_filtered() then null else coalesce(few, '{}') end;
  end if;
  return query
    with by_words as materialized (
      select f.document_id from private.find_words(parts, '{}', few, private.most_asked_documents()) f
      where f.document_id is not null and private.is_in_matter(f.document_id, asked_pages.matter_id)
      order by f.score desc, f.document_id limit private.most_asked_documents()
    ), by_meaning as materialized (
      select m.document_id, m.page from private.find_meaning(asked_pages.embedding, '{}', '{}', few) m
      where asked_pages.embedding is not null and private.is_in_matter(m.document_id, asked_pages.matter_id)
      order by m.nearness desc limit private.most_asked_documents() / 2
    ), worded as (
      select p.document_id, coalesce(p.page, 1) as page, row_number() over (partition by p.document_id
        order by max(ts_rank(p.search, any_word)) desc, min(p.passage)) as n
      from by_words w join document_passages p on p.document_id = w.document_id and p.search @@ any_word
      group by p.document_id, coalesce(p.page, 1)
    )
    select w.document_id, w.page from worded w where w.n <= private.most_asked_pages()
    union select m.document_id, m.page from by_meaning m;
end $$;
comment on function private.asked_pages
  is 'The pages on which an answer may stand: those with the words of a question, and those that mean something near.';

create function find_statements(question text, embedding double precision[] default null, matter_id uuid default null,
  max_results int default 40)
returns table (id bigint, document_id uuid, original_filename text, document_type text, document_date date, page int,
  start int, quote text, before text, after text, voice text, speaker text, speaker_id uuid, starts timestamp,
  ends timestamp, "precision" text, coverage real, fits boolean, claude_may boolean)
language plpgsql stable security definer set search_path = public, private, extensions, pg_temp
  set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  parts private.question_part[] := array(select q from private.read_asked(question) q);
  named text[] := private.asked_names(question);
  days date[] := private.asked_days(question);
  never tsquery := (select string_agg(format('(%s)', query), ' | ')::tsquery from unnest(parts) where kind = 'never');
begin
  if coalesce(max_results, 0) not between 1 and private.most_found() or (find_statements.embedding is not null
      and array_length(find_statements.embedding, 1) is distinct from private.embedding_size()) then
    perform private.refuse('AS006', format('max_results must be 1 to %s and the embedding %s numbers.',
      private.most_found(), private.embedding_size()));
  end if;
  return query
    with items as materialized (
      -- Days, amounts and persons must be there anyway: they say little of whether the rest is.
      select i.item, i.query, i.is_exact, case when i.is_name then 0 when i.is_exact then 0.5 else 1 end
        * ln(1 + (c.passages - i.held + 0.5) / (i.held + 0.5)) as weight
      from (select e.*, (select count(*) from (select from document_passages p where p.search @@ e.query
            limit private.rare_sample()) s) as held
          from (select item, string_agg(format('(%s)', query), ' | ')::tsquery as query, bool_and(kind <> 'word') as
              is_exact, bool_or(query = any (array(select plainto_tsquery('pg_catalog.english', n)
              from unnest(named) n))) as is_name
            from unnest(parts) where kind <> 'never' group by item) e) i
        cross join (select greatest((select count(*) from (select from document_passages limit private.corpus_sample())
          s), 1) as passages) c
    ), asked as materialized (
      select c, private.search_vector(private.told_of(c), null) as told
      from private.asked_pages(parts, find_statements.embedding::vector, find_statements.matter_id) a
        join case_claims c on c.document_id = a.document_id and c.page = a.page and c.standing
        join case_documents k on k.document_id = c.document_id and k.witness_id = k.document_id
        join master_document_registry d on d.id = c.document_id and d.duplicate_of is null and d.dissolved_at is null
    ), held as (
      select a.c, m.coverage, m.has_exact and (never is null or not a.told @@ never)
        and not exists (select from unnest(named) n where not a.told @@ (quote_literal(n) || ':A')::tsquery) as fits
      from asked a cross join lateral (
        select case when count(*) = 0 then 0 else coalesce(coalesce(sum(i.weight) filter (where i.has), 0)
            / nullif(sum(i.weight), 0), 1) end::real as coverage,
          coalesce(bool_and(i.has or not i.is_exact), true) as has_exact
        from (select i.weight, i.is_exact, a.told @@ i.query or i.is_exact and exists (select from unnest(days) d
            where (a.c).starts < d + 1 and (a.c).ends > d and (a.c).ends < (a.c).starts + private.longest_stay())
            as has from items i) i) m
    )
    select (h.c).id, (h.c).document_id, d.original_filename, d.document_type, d.document_date, (h.c).page, (h.c).start,
      (h.c).quote, w.before, w.after, (h.c).voice, (select p.name from people p where p.id = (h.c).speaker_id),
      (h.c).speaker_id, (h.c).starts, (h.c).ends, (h.c).precision, h.coverage, h.fits,
      private.may_compare((h.c).document_id)
    from (select * from held order by fits desc, coverage desc, (held.c).document_id, (held.c).place
        limit max_results) h
      join master_document_registry d on d.id = (h.c).document_id
      cross join lateral get_words_around((h.c).document_id, (h.c).page, (h.c).start, length((h.c).quote)) w
    where private.words_stand((h.c).document_id, (h.c).page, (h.c).start, (h.c).quote)
    order by h.fits desc, h.coverage desc, (h.c).document_id, (h.c).place;
end $$;
comment on function find_statements
  is 'Statements that could answer a question, the best first, each on words that stand now. coverage: the share of '
  'the question''s words that it has, rare ones counting more; fits: it has every day, amount, number and phrase asked '
  'for, and every person named; claude_may: Claude may see it.';

-- Asking Claude -----------------------------------------------------------------------------------------------

create function reserve_question(asked_sha256 text, asked_by text, model text, worst_usd numeric, caps jsonb,
  hold_seconds int)
returns table (call_id uuid, chosen int[], code text, message text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  kept case_questions;
  refusal record;
begin
  if coalesce(worst_usd, 0) <= 0 or coalesce(hold_seconds, 0) not between 1 and private.longest_call()
      or coalesce(reserve_question.asked_by, '') = '' then
    perform private.refuse('AS006', 'worst_usd must be above 0, hold_seconds sound, and somebody asks.');
  end if;
  perform pg_advisory_xact_lock(hashtext('aseagi.claude'));
  perform private.expire_claude_calls();
  select q.* into kept from case_questions q where q.asked_sha256 = reserve_question.asked_sha256;
  if kept.chosen is not null then
    return query select kept.call_id, kept.chosen, null::text, null::text;
    return;
  elsif exists (select from claude_calls c where c.id = kept.call_id and c.status = 'reserved') then
    return query select null::uuid, null::int[], 'claude_busy', 'The same is being asked; try again shortly.';
    return;
  elsif (select d.status from doors d where d.name = 'claude') <> 'open' then
    return query select null::uuid, null::int[], 'claude_paused', 'Claude is asked nothing now.';
    return;
  end if;
  select * into refusal from private.find_full_cap(null, null, worst_usd, caps);
  if refusal.code is not null then
    return query select null::uuid, null::int[], refusal.code, refusal.message;
    return;
  end if;
  insert into claude_calls (kind, model, reserved_usd, expires_at)
    values ('question', reserve_question.model, worst_usd, now() + make_interval(secs => hold_seconds))
    returning claude_calls.id into call_id;
  insert into case_questions (asked_sha256, call_id, asked_by)
    values (reserve_question.asked_sha256, reserve_question.call_id, reserve_question.asked_by)
    on conflict (asked_sha256) do update set call_id = excluded.call_id, asked_by = excluded.asked_by, asked_at = now();
  return next;
end $$;
comment on function reserve_question
  is 'Reserves the worst case of a question against the day''s cap, gives back what was chosen for the same one, or '
  'says why neither: claude_busy, claude_paused, claude_cap_reached.';

create function keep_chosen(call_id uuid, chosen int[]) returns void
language sql security definer set search_path = public, pg_temp as $$
  update case_questions q set chosen = coalesce(keep_chosen.chosen, '{}') where q.call_id = keep_chosen.call_id
$$;
comment on function keep_chosen is 'What Claude chose: the same question on the same quotes is not paid twice.';
