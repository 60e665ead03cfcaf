-- What an analysis states: claims, each on the document's own words. All that lists, totals and reports show of a
-- document is made of its accepted claims, here and nowhere else.

create function private.is_accepted(kind text, state text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select state in ('exact', 'ocr') or (state = 'picture' and kind not in ('finding', 'score'))
$$;
comment on function private.is_accepted
  is 'Whether a claim enters lists and totals. What was only seen in a picture accuses nobody: no program has checked '
  'it.';

create function private.most_claims() returns int language sql immutable return 2000;
comment on function private.most_claims
  is 'Claims a document may have: a long one with 200 days and 80 of each other kind has 800.';

create table document_claims (
  id bigint generated always as identity primary key,
  document_id uuid not null references master_document_registry (id),
  place int not null,
  kind text not null check (kind in ('party', 'date', 'amount', 'case_number', 'court', 'fact', 'finding', 'score')),
  role text,
  value text,
  number real,
  page int not null check (page between 1 and private.most_pages()),
  start int check (start >= 0),
  box int[] not null default '{}' check (cardinality(box) in (0, 4) and 0 <= all (box) and 1000 >= all (box)),
  state text not null check (state in ('exact', 'ocr', 'picture', 'elsewhere', 'none')),
  accepted boolean not null generated always as (private.is_accepted(kind, state)) stored,
  quote text not null,
  differs text[] not null default '{}',
  reason text,
  readings date[] not null default '{}' check (cardinality(readings) <= 2 and 'infinity' > all (readings)
    and '-infinity' < all (readings)),
  is_own boolean not null default false,
  stated_by text not null check (stated_by in ('rules', 'claude')),
  check (quote ~ '\S' or state = 'none'),
  check ((start is null) = (state in ('picture', 'none'))),
  check ((cardinality(box) = 4) = (state = 'picture')),
  check (kind <> 'date' or state = 'none' or value is null or value ~ '^\d{4}-\d{2}-\d{2}$'),
  check (kind <> 'finding' or role is not null and number is not null and number between 0 and 100),
  check (kind <> 'score' or role is not null and number is not null),
  unique (document_id, place)
);
comment on table document_claims
  is 'Everything the run that is shown states about its document, in the order it is shown.';
comment on column document_claims.role
  is 'A party''s role, a day''s role (signed, filed, hearing, event, printed), what an amount is for, a finding''s '
  'kind, a score''s column.';
comment on column document_claims.value
  is 'What follows from the quote: a name, an ISO day, an amount with its currency, a number, a court, the fact. A day '
  'whose day and month cannot be told apart has none, and both readings.';
comment on column document_claims.start is 'Characters before the quote in the text of its page.';
comment on column document_claims.box
  is 'Where on the picture: left, top, right, bottom in thousandths of the page.';
comment on column document_claims.state
  is 'exact: these words stand there. ocr: but for misread letters. picture: seen in the page''s picture, not in its '
  'text. elsewhere: on another page than was said. none: nowhere, or the value does not follow from them.';
comment on column document_claims.differs is 'In which words the page differs from what was quoted.';
comment on column document_claims.is_own is 'The document''s own date.';
alter table document_claims enable row level security;

create function private.require_standing(document_id uuid) returns void
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  -- Pages are parted by "\f\n" in the stored text, and by a line end where a quote runs over them.
  whole text := (select replace(r.text, E'\f\n', E'\n') from document_repository r
    where r.document_id = require_standing.document_id);
begin
  if exists (
    with pages as (
      select p.n, sum(length(p.text) + 1) over (order by p.n) - length(p.text) - 1 as start
      from document_repository r, string_to_table(r.text, E'\f\n') with ordinality as p(text, n)
      where r.document_id = require_standing.document_id
    )
    select from document_claims c left join pages p on p.n = c.page
    where c.document_id = require_standing.document_id and c.state in ('exact', 'ocr', 'elsewhere')
      and substr(whole, p.start::int + c.start + 1, length(c.quote)) is distinct from c.quote
      and position(replace(c.quote, E'\f\n', E'\n') in coalesce(whole, '')) = 0
  ) then
    perform private.refuse('AS006', 'A claim is said to stand on words that the stored text does not have.');
  end if;
end $$;
comment on function private.require_standing
  is 'AS006 unless the words of every claim that is said to stand are words of the stored text.';

create function private.record_claims(document_id uuid, claims jsonb, is_first boolean) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  if jsonb_typeof(coalesce(claims, 'null')) <> 'array' or jsonb_array_length(claims) > private.most_claims() then
    perform private.refuse('AS006', format('analysis.claims must be a list of at most %s claims.',
      private.most_claims()));
  end if;
  if not is_first then
    delete from document_claims c where c.document_id = record_claims.document_id;
  end if;
  if claims = '[]' then
    return;
  end if;
  insert into document_claims (document_id, place, kind, role, value, number, page, start, box, state, quote, differs,
    reason, readings, is_own, stated_by)
    select record_claims.document_id, n, c.kind, left(c.role, private.longest_word()), left(c.value,
      private.longest_quote()), c.number, c.page, c.start,
      coalesce(c.box, '{}'), c.state, c.quote, coalesce(c.differs, '{}'), left(c.reason, private.longest_quote()),
      coalesce(c.readings, '{}'), coalesce(c.is_own, false), c.stated_by
    from jsonb_array_elements(claims) with ordinality as each(claim, n), jsonb_to_record(each.claim) as c(kind text,
      role text, value text, number real, page int, start int, box int[], state text, quote text, differs text[],
      reason text, readings date[], is_own boolean, stated_by text);
  if exists (select from document_claims c where c.document_id = record_claims.document_id and c.kind = 'date'
    and c.value is not null and c.accepted and array[c.value::date] <> c.readings) then
    perform private.refuse('AS006', 'A day must be its one reading.');
  end if;
  if exists (select from document_claims c where c.document_id = record_claims.document_id
    and c.page > coalesce((select max(p.page) from document_pages p where p.job_id = (select d.job_id
      from master_document_registry d where d.id = record_claims.document_id)), private.most_pages())) then
    perform private.refuse('AS006', 'A claim names a page that the document does not have.');
  end if;
end $$;
comment on function private.record_claims
  is 'Keeps the claims of the run that is shown, in place of an earlier run''s. AS006 for what is no claim.';

create function private.publish_claims(document_id uuid, analysis jsonb, run_id uuid, reading jsonb, is_first boolean)
  returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  said record;
begin
  perform private.record_claims(document_id, analysis -> 'claims', is_first);
  if analysis -> 'claims' = '[]' then  -- it states nothing: an aggregate over no row costs as much as one over ten
    select '{}'::jsonb as scores, '[]'::jsonb as evidence, null::date as day, '[]'::jsonb as days,
      '[]'::jsonb as parties, null as case_number, null as court, '[]'::jsonb as facts, false as has_findings into said;
  else
    -- Of what is said twice the first counts: jsonb_object_agg keeps the last.
    select coalesce(jsonb_object_agg(c.role, c.number order by c.place desc) filter (where c.kind = 'score'
        and c.accepted), '{}') as scores,
      coalesce(jsonb_agg(jsonb_build_object('score', c.role, 'page', c.page, 'quote', c.quote, 'verified', c.accepted,
        'reason', c.reason, 'state', c.state, 'differs', c.differs) order by c.place) filter (where c.kind = 'score'),
        '[]') as evidence,
      (array_agg(c.value order by c.place) filter (where c.kind = 'date' and c.is_own and c.accepted))[1]::date as day,
      coalesce(jsonb_agg(c.value order by c.place) filter (where c.kind = 'date' and c.accepted and c.nth = 1
        and c.value is not null), '[]') as days,
      coalesce(jsonb_agg(jsonb_build_object('name', c.value, 'role', c.role) order by c.place)
        filter (where c.kind = 'party' and c.accepted and c.value <> ''), '[]') as parties,
      (array_agg(c.value order by c.place) filter (where c.kind = 'case_number' and c.accepted))[1] as case_number,
      (array_agg(c.value order by c.place) filter (where c.kind = 'court' and c.accepted))[1] as court,
      coalesce(jsonb_agg(c.quote order by c.place) filter (where c.kind = 'fact' and c.accepted), '[]') as facts,
      coalesce(bool_or(c.kind = 'finding'), false) as has_findings into said
    from (select d.*, row_number() over (partition by d.kind, d.accepted, d.value order by d.place) as nth
      from document_claims d where d.document_id = publish_claims.document_id) c;
  end if;
  update master_document_registry d set run_id = publish_claims.run_id,
    mime_type = coalesce(reading ->> 'mime_type', d.mime_type),
    artifacts = coalesce(reading -> 'artifacts', d.artifacts),
    live_mark = case when reading is null then d.live_mark else reading ->> 'live_mark' end,
    document_type = left(analysis ->> 'document_type', private.longest_word()),
    summary = left(analysis ->> 'summary', private.longest_summary()),
    analyst = left(analysis ->> 'analyst', private.longest_word()),
    model = left(analysis ->> 'model', private.longest_word()),
    fallback_reason = left(analysis ->> 'fallback_reason', private.longest_reason()), analysed_at = now(),
    document_date = said.day, dates = said.days, parties = said.parties,
    case_number = left(said.case_number, private.longest_word()),
    court = left(said.court, private.longest_reason()), key_facts = said.facts,
    truth_score = (said.scores ->> 'truth_score')::real, justice_score = (said.scores ->> 'justice_score')::real,
    fraud_score = (said.scores ->> 'fraud_score')::real, perjury_score = (said.scores ->> 'perjury_score')::real,
    legal_credit_score = (said.scores ->> 'legal_credit_score')::real,
    relevancy_score = (said.scores ->> 'relevancy_score')::real, score_evidence = said.evidence,
    disagreements = case jsonb_typeof(analysis -> 'disagreements') when 'array' then analysis -> 'disagreements'
      else '[]' end
  where d.id = publish_claims.document_id;
  if not is_first then
    delete from document_findings f where f.document_id = publish_claims.document_id;
  end if;
  if said.has_findings then
    insert into document_findings (document_id, kind, page, quote, verified, explanation, score, state, differs)
      select c.document_id, c.role, c.page, c.quote, c.accepted, c.reason, c.number, c.state, c.differs
      from document_claims c where c.document_id = publish_claims.document_id and c.kind = 'finding' order by c.place;
  end if;
end $$;
comment on function private.publish_claims
  is 'Writes what a run states, and all that the registry and the findings show of it: of claims that stand; and what '
  'the reading handed in, {mime_type, artifacts, live_mark}, so that the registry is written once. Who calls it calls '
  'require_standing when the text is stored.';
