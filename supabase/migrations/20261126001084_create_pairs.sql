-- Pairs: two statements with both quotes, how they were proposed, what rules or Claude say of them, and what a person
-- decided. Three different things: a candidate says only "look at these two", a verdict may be "no conflict", and only
-- a person accepts. What a person decided is keyed by the words and outlives every rebuild.

-- Tables ------------------------------------------------------------------------------------------------------

create table pairs (
  id uuid primary key,
  seq bigint generated always as identity unique,
  kind text not null check (kind in ('contradiction', 'order_violation', 'changed_statement', 'corroboration')),
  proposed_by text not null check (proposed_by in ('order_hours', 'order_amount', 'order_place', 'order_term',
    'same_measure', 'denied', 'sweeping', 'same_time', 'near_words')),
  score smallint not null check (score between 0 and 999),
  a_document uuid not null references master_document_registry (id),
  a_key text not null,
  a_is_term boolean not null default false,
  a_side jsonb not null,
  b_document uuid not null references master_document_registry (id),
  b_key text not null,
  b_side jsonb not null,
  people uuid[] not null default '{}',
  proposer uuid not null references master_document_registry (id),
  stands boolean not null,
  rule_kind text not null check (rule_kind in ('contradiction', 'order_violation', 'changed_statement',
    'corroboration')),
  rule_verdict text check (rule_verdict in ('conflict', 'no_conflict', 'cannot_tell')),
  rule_reason text,
  rule_explained text,
  verdict text check (verdict in ('conflict', 'no_conflict', 'cannot_tell')),
  verdict_by text check (verdict_by in ('rules', 'claude')),
  model text,
  reason text,
  explained_by text,
  judged_at timestamptz,
  state text not null default 'open' check (state in ('open', 'accepted', 'explained', 'dismissed', 'later')),
  decided_by text,
  decided_at timestamptz,
  why text,
  created_at timestamptz not null default now(),
  rank bigint not null generated always as ((case verdict when 'conflict' then 3 when 'no_conflict' then 1 else 2 end
    * 1000 + score)::bigint * 2147483648 + seq) stored,
  is_counted boolean not null generated always as (stands and kind <> 'corroboration' and (state = 'accepted'
    or state in ('open', 'later') and verdict is not distinct from 'conflict')) stored,
  check (a_document <> b_document),
  check ((verdict is null) = (verdict_by is null))
);
comment on table pairs
  is 'Two statements that a person should see side by side. Drawn again at will: see pair_decisions.';
comment on column pairs.id is 'Follows from both documents and both statements'' keys: the same pair, the same id.';
comment on column pairs.a_is_term is 'Side a is a term of an order (order_terms.key), else both are case_claims.key.';
comment on column pairs.a_side is 'As it stands: {page, start, quote, speaker_id, voice, starts, ends, precision}.';
comment on column pairs.people is 'Whom both speak of.';
comment on column pairs.proposer is 'The document that proposed it when its facts were drawn.';
comment on column pairs.stands is 'Both quotes are words of the text that is stored now. Only such pairs are counted.';
comment on column pairs.is_counted
  is 'Both quotes stand, and a person accepted that they do not agree, or nobody has decided yet and rules or Claude '
  'call it a conflict. Every number of contradictions and violations is of these.';
comment on column pairs.rule_kind is 'As it was proposed; kind is what is shown: Claude''s with a verdict, else this.';
comment on column pairs.verdict is 'What is shown: Claude''s, else the rules''. Null: nobody judged it.';
create index pairs_rank on pairs (rank) where stands or state <> 'open';
create index pairs_a on pairs (a_document);
create index pairs_b on pairs (b_document);
create index pairs_proposer on pairs (proposer);
create index pairs_people on pairs using gin (people) with (fastupdate = off);
create index pairs_state on pairs (state, rank) where stands or state <> 'open';
create index pairs_kind on pairs (kind, rank) where stands or state <> 'open';
create index pairs_counted on pairs (state, verdict, verdict_by, kind, is_counted, a_document, b_document)
  where stands;
alter table pairs enable row level security;

create table pair_decisions (
  id bigint generated always as identity primary key,
  pair_id uuid not null,
  state text not null check (state in ('open', 'accepted', 'explained', 'dismissed', 'later')),
  why text,
  decided_by text not null,
  decided_at timestamptz not null default now(),
  a_document uuid not null references master_document_registry (id),
  a_quote text not null,
  b_document uuid not null references master_document_registry (id),
  b_quote text not null,
  carried_from bigint references pair_decisions (id)
);
comment on table pair_decisions
  is 'What persons decided on pairs, one row each time, never changed. The newest counts.';
comment on column pair_decisions.a_quote is 'The words that were decided on.';
comment on column pair_decisions.carried_from
  is 'The decision that this one repeats, because a later reading has the same statements in other letters.';
create index pair_decisions_pair on pair_decisions (pair_id, id desc);
create index pair_decisions_a on pair_decisions (a_document);
create index pair_decisions_b on pair_decisions (b_document);
alter table pair_decisions enable row level security;

create table pair_verdicts (
  id bigint generated always as identity primary key,
  pair_id uuid not null,
  verdict text not null check (verdict in ('conflict', 'no_conflict', 'cannot_tell')),
  kind text not null check (kind in ('contradiction', 'order_violation', 'changed_statement', 'corroboration')),
  reason text not null,
  explained_by text,
  strength text not null check (strength in ('quick', 'careful')),
  model text not null,
  job_id uuid references processing_jobs (id),
  words_md5 text not null,
  judged_at timestamptz not null default now()
);
comment on table pair_verdicts is 'What Claude said of pairs, never changed; the newest on the same words is shown.';
comment on column pair_verdicts.words_md5 is 'Of both quotes: a verdict holds for the words that were judged.';
create index pair_verdicts_pair on pair_verdicts (pair_id, id desc);
alter table pair_verdicts enable row level security;

create table pair_tasks (
  document_id uuid primary key references master_document_registry (id),
  since timestamptz not null default now()
);
comment on table pair_tasks is 'Documents whose facts have changed since their pairs were proposed.';
alter table pair_tasks enable row level security;

create table claim_words (word text primary key, claims int not null);
comment on table claim_words is 'In how many statements each word stands: rare words bring statements together.';
alter table claim_words enable row level security;

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.most_pairs() returns int language sql immutable return 20;
comment on function private.most_pairs
  is 'Pairs that a document proposes beside those that rules call a conflict: an evening''s review for 5 documents.';

create function private.most_pairs_of_two() returns int language sql immutable return 2;
comment on function private.most_pairs_of_two is 'Pairs between the same two documents: the others say the same again.';

create function private.least_pair_score() returns int language sql immutable return 14;
comment on function private.least_pair_score is 'Below, two statements have no more in common than any two of a case.';

create function private.rare_claims() returns int language sql immutable return 200;
comment on function private.rare_claims
  is 'Statements that the words of one bring to it, the rarest words first: so what a document costs stays flat.';

create function private.most_weighed() returns int language sql immutable return 250;
comment on function private.most_weighed
  is 'Pairs of statements that are looked at closely for a document: with most words, people and times in common.';

create function private.most_after_a_term() returns int language sql immutable return 300;
comment on function private.most_after_a_term
  is 'Statements after an order that each of its terms is held against, for each whom it binds, the first ones: later '
  'ones are held against it when they come.';

create function private.longest_proposing() returns interval language sql immutable return interval '15 seconds';
comment on function private.longest_proposing
  is 'After it no further document is begun: what is done by then is kept, well before the caller is cut off.';

create function private.most_terms_in_force() returns int language sql immutable return 8;
comment on function private.most_terms_in_force
  is 'Terms about the same matter that a statement is held against, the newest first: older ones were replaced.';

create function private.words_stand(document_id uuid, page int, start int, quote text) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select exists (select from document_repository r where r.document_id = words_stand.document_id
    and words_stand.page > 0 and words_stand.start >= 0
    and substr(split_part(r.text, E'\f\n', words_stand.page), words_stand.start + 1, length(quote)) = quote)
$$;
comment on function private.words_stand
  is 'Whether the text that is stored now has these words at this place: facts are drawn some time after it changes.';

create function private.most_corroborations() returns int language sql immutable return 5;
comment on function private.most_corroborations
  is 'Pairs that a document proposes because they say the same, beside the others: these are looked up, not reviewed.';

create function private.most_copied_words() returns real language sql immutable return 0.8;
comment on function private.most_copied_words is 'From which likeness on one statement is a copy of the other.';

create function private.words_around() returns int language sql immutable return 400;
comment on function private.words_around is 'Characters shown before and after a quote: the sentences it stands among.';

create function private.same_moment() returns interval language sql immutable return interval '20 minutes';
comment on function private.same_moment is 'Two clocks and two memories differ by so much without a lie.';

create function private.excuse_span() returns interval language sql immutable return interval '12 hours';
comment on function private.excuse_span is 'How far from an event an emergency explains it.';

-- Words -------------------------------------------------------------------------------------------------------

create function private.is_emergency(quote text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select quote ~* ('\m(emergenc(y|ies)|911|ambulance|paramedics?|urgent care|hospital|(can ?not|can.t|not) breathe?'
    '|breathing|unconscious|seizure|bleeding|fractur\w*|concussion|poison\w*'
    '|intensive care|overdose|accident|emergencia|ambulancia)\M|\mE\.?R\.?\M')
$$;
comment on function private.is_emergency is 'Whether it speaks of a medical or like emergency.';

create function private.is_agreement(quote text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select quote ~* ('\m(agree[sd]?|agreement|consent(s|ed)?|permission|authori[sz]e[sd]?|permit(s|ted)?|stipulat\w+'
    '|(is|are) fine with me|ok(ay)? with me|de acuerdo|consiento|autorizo)\M')
    and quote !~* '\m(not|never|no|without|refuse[sd]?|den(y|ies|ied)|unless|absent)\M'
$$;
comment on function private.is_agreement is 'Whether somebody agrees to something, by its words.';

create function private.shared_words(one text, other text) returns real
language sql immutable set search_path = pg_catalog, pg_temp as $$
  with words as (
    select array(select distinct w from regexp_split_to_table(lower(one), '\W+') w where w <> '') as a,
      array(select distinct w from regexp_split_to_table(lower(other), '\W+') w where w <> '') as b
  ), shared as (
    select cardinality(array(select unnest(a) intersect select unnest(b))) as n, cardinality(a) + cardinality(b) as sum
    from words
  )
  select case when sum = 0 then 0 else n::real / (sum - n) end from shared
$$;
comment on function private.shared_words is 'Words that both have, as a share of all.';

create function private.least_shared_words() returns real language sql immutable return 0.6;
comment on function private.least_shared_words
  is 'From which likeness on two readings are of the same statement: a worse scan changes a fifth of the words.';

create function private.side_stands(document_id uuid, side jsonb) returns boolean
language sql stable set search_path = private, pg_catalog, pg_temp as $$
  select private.words_stand(side_stands.document_id, (side ->> 'page')::int, (side ->> 'start')::int, side ->> 'quote')
$$;
comment on function private.side_stands is 'Whether a side of a pair is words of the text that is stored now.';

create function private.md5_of_quotes(a jsonb, b jsonb) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select md5(least(a ->> 'quote', b ->> 'quote') || '|' || greatest(a ->> 'quote', b ->> 'quote'))
$$;
comment on function private.md5_of_quotes is 'A hash of both quotes.';

create function private.pair_id(one text, other text) returns uuid
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select md5(least(one, other) || '|' || greatest(one, other))::uuid
$$;
comment on function private.pair_id is 'The id of the pair of two statements, in whatever order.';

create function private.clock(moment timestamp) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select btrim(to_char(moment, 'FMHH12:MI a.m. "on" FMMonth FMDD, YYYY'))
$$;
comment on function private.clock is 'A local time as a person says it.';

-- Orders against what happened later ----------------------------------------------------------------------------

create function private.order_excuse(term order_terms, claim case_claims) returns text
language sql stable set search_path = public, private, pg_temp as $$
  select case e.kind when 'emergency' then 'An emergency is reported at that time, which the order '
      || case when is_excepted then 'excepts' else 'does not mention' end
    else 'An agreement to it is on file, which the order ' || case when is_excepted then 'allows'
      else 'does not mention' end end || ': “' || left(e.quote, 200) || '”'
  from (
    select case when private.is_emergency(c.quote) then 'emergency' else 'agreement' end as kind, c.quote,
      exists (select from jsonb_array_elements(term.exceptions) x
        where x ->> 'kind' = case when private.is_emergency(c.quote) then 'emergency' else 'agreement' end) as
          is_excepted
    from case_claims c
    where c.standing and c.voice <> 'order' and c.id in (
        select o.id from case_claims o where o.document_id = claim.document_id
        union select t.claim_id from claim_topics t where t.person_id = any (claim.people || term.bound_ids)
          and t.topic = 'moment' and t.starts > claim.starts - private.excuse_span() - interval '1 day'
          and t.starts < claim.ends + private.excuse_span()
        union select t.claim_id from claim_topics t where t.person_id = any (claim.people || term.bound_ids)
          and t.topic = 'span' and t.starts > claim.starts - private.longest_span() and t.starts < claim.ends
          and t.ends > claim.starts)
      and tsrange(c.starts, c.ends) && tsrange(claim.starts - private.excuse_span(), claim.ends + private.excuse_span())
      and (private.is_emergency(c.quote) or (private.is_agreement(c.quote) and c.document_id <> claim.document_id))) e
  order by is_excepted desc, e.kind limit 1
$$;
comment on function private.order_excuse
  is 'What on file would explain the event by an exception: an emergency around it, or an agreement to it; else null.';

create function private.judge_hours(term order_terms, claim case_claims, out verdict text, out reason text)
language sql stable set search_path = public, private, pg_temp as $$
  select 'conflict', format('It is %s; the order says not between %s and %s.', private.clock(claim.starts),
    to_char(term.hour_from, 'FMHH12:MI a.m.'), to_char(term.hour_until, 'FMHH12:MI a.m.'))
  where term.duty = 'shall_not' and claim.precision = 'minute' and case when term.hour_until < term.hour_from
      then claim.starts::time >= term.hour_from or claim.starts::time < term.hour_until
      else claim.starts::time >= term.hour_from and claim.starts::time < term.hour_until end
    and (claim.voice <> 'message' or claim.speaker_id = any (term.bound_ids))
  union all
  select 'conflict', format('It is %s; the order says %s.', private.clock(claim.starts),
    to_char(coalesce(term.hour_from, term.hour_until), 'FMHH12:MI a.m.'))
  where term.duty <> 'shall_not' and term.act in ('custody', 'exchange') and claim.precision = 'minute'
    and claim.voice in ('record', 'message')
    and term.weekdays[1] = extract(isodow from claim.starts)
    and (term.weeks = '{}' or ((extract(day from claim.starts)::int - 1) / 7 + 1) = any (term.weeks))
    and claim.starts::time > coalesce(term.hour_from, term.hour_until) + private.same_moment()
    and claim.starts::time < coalesce(term.hour_from, term.hour_until) + private.excuse_span() / 2
  limit 1
$$;
comment on function private.judge_hours
  is 'Whether something happened in hours that the order forbids, or later on its day than the order says.';

create function private.names_one_of(claim case_claims, persons uuid[]) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select claim.people && persons or claim.people = '{}' and exists (select from people_documents p
    where p.document_id = claim.document_id and p.person_id = any (persons))
$$;
comment on function private.names_one_of
  is 'Whether a statement is of one of these persons: the row of a table names nobody, its paper does.';

create function private.is_purchase(quote text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select quote ~* '\m(nights?|guests?|rooms?|stay(ing|ed)?|invoice|receipt|purchased?|tuition|co-?pay|deductible|rent|'
    'tickets?|check-?(in|out)|cashier|insurance|subtotal|tax)\M'
$$;
comment on function private.is_purchase
  is 'Whether what is paid is a thing or a stay, by its words: no payment that an order asks for.';

create function private.judge_amount(term order_terms, claim case_claims, out verdict text, out reason text)
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  month timestamp := date_trunc('month', claim.starts);
  paid numeric;
  until_now numeric;
begin
  -- What other papers show as paid in the same month counts; the same sum on the same day is one payment.
  select sum(p.value), sum(p.value) filter (where p.day <= claim.starts::date) into paid, until_now
    from (select distinct m.value, c.starts::date as day from claim_topics t
        join case_claims c on c.id = t.claim_id
        join case_documents d on d.document_id = c.document_id and d.witness_id = d.document_id
        join case_measures m on m.claim_id = c.id and m.kind = 'money'
      where t.person_id = any (term.bound_ids) and t.topic = 'payment' and t.starts >= month
        and t.starts < month + interval '1 month' and c.standing and c.voice in ('record', 'message')
        and not c.cues && array['denies', 'work_income'] and not private.is_purchase(c.quote)) p;
  if paid is null or private.is_purchase(claim.quote) or not ('denies' = any (claim.cues) or exists (
      select from case_measures m where m.claim_id = claim.id and m.kind = 'money')) then
    return;
  elsif paid < term.amount_usd then
    verdict := 'conflict';
    reason := format('$%s is on file as paid in %s; the order says $%s.', paid::numeric(14, 2),
      to_char(month, 'FMMonth YYYY'), term.amount_usd::numeric(14, 2));
  elsif until_now >= term.amount_usd and extract(day from claim.starts) > term.due_day then
    verdict := 'conflict';
    reason := format('It was paid on day %s of %s; the order says day %s.', extract(day from claim.starts),
      to_char(month, 'FMMonth YYYY'), term.due_day);
  end if;
end $$;
comment on function private.judge_amount
  is 'Whether a payment leaves its month short of the ordered amount, or completes it after the ordered day.';

create function private.state_names() returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select '\m(Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho'
    '|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi'
    '|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio'
    '|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia'
    '|Washington|West Virginia|Wisconsin|Wyoming|Mexico|Canada)\M'
$$;
comment on function private.state_names
  is 'A pattern of the states of the US and the countries beside them: orders say which may not be left.';

create function private.judge_place(term order_terms, claim case_claims, out verdict text, out reason text)
language sql stable set search_path = public, private, pg_temp as $$
  select case when p.kind in ('county', 'state') and cardinality(term.allowed_places) > 0 or p.is_forbidden
      then 'conflict'
    else 'cannot_tell' end,
    format('It names %s; the order says %s.', p.name, case when p.is_forbidden then 'not there'
      else 'only ' || array_to_string(term.allowed_places, ', ') end)
  from (select p.kind, p.name, exists (select from unnest(term.forbidden_places) f
        where f ilike '%' || p.name || '%' or p.name ilike f || '%') as is_forbidden
      from (select p.kind, p.name from case_claim_places c join places p on p.id = c.place_id
          where c.claim_id = claim.id and p.kind in ('county', 'city', 'venue')
        union all
        select 'state', m[1] from regexp_matches(claim.quote, private.state_names(), 'g') m
          where array_to_string(term.allowed_places || term.forbidden_places, ' ') ~ private.state_names()) p) p
  where not exists (select from unnest(term.allowed_places) a
    where a ilike '%' || p.name || '%' or p.name ilike a || '%')
  order by p.is_forbidden desc, p.kind in ('county', 'state') desc limit 1
$$;
comment on function private.judge_place
  is 'Whether a place is none of those the order allows. A city''s county is not known here, so that stays open.';

create function private.judge_term(term order_terms, claim case_claims, out proposed_by text, out score int,
  out verdict text, out reason text, out explained text)
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  excuse text;
begin
  if term.hour_from is not null and term.act = 'contact' or coalesce(term.hour_from, term.hour_until) is not null
      and term.act in ('custody', 'exchange') then
    select j.verdict, j.reason, 'order_hours', 300 into verdict, reason, proposed_by, score
      from private.judge_hours(term, claim) j;
    explained := 'A wrong clock or time zone, another writer on that phone, or an agreement that is not on file.';
  elsif term.amount_usd is not null and term.per = 'month' then
    select j.verdict, j.reason, 'order_amount', 300 into verdict, reason, proposed_by, score
      from private.judge_amount(term, claim) j;
    explained := 'A payment by another way or under another name, a changed order, or an agreement not on file.';
  elsif term.allowed_places <> '{}' or term.forbidden_places <> '{}' then
    select j.verdict, j.reason, 'order_place', 200 into verdict, reason, proposed_by, score
      from private.judge_place(term, claim) j;
    explained := 'A written agreement that is not on file, or a trip without the children.';
  elsif term.duty = 'shall_not' then
    proposed_by := 'order_term';
    score := 100;
    verdict := 'cannot_tell';
    reason := 'The order forbids it; whether it happened under the order''s conditions, rules cannot tell.';
    explained := 'It happened at another time than the order is about, or it is not what the order means.';
  end if;
  if verdict is null then
    score := null;
    return;
  end if;
  score := score + case when claim.voice in ('record', 'message') then 20 else 0 end
    + case when claim.people && term.bound_ids then 20 else 0 end;
  excuse := case when proposed_by <> 'order_term' then private.order_excuse(term, claim) end;
  if excuse is not null then
    verdict := case when excuse ~ 'which the order (excepts|allows)' then 'no_conflict' else 'cannot_tell' end;
    explained := excuse;
  elsif claim.voice <> 'message' and claim.cues && array['conditional', 'question', 'reported', 'future'] then
    verdict := 'cannot_tell';
    explained := 'It is only said, asked or supposed, not recorded.';
  end if;
end $$;
comment on function private.judge_term
  is 'What rules say of an event under a term of an order; no score where they have nothing to do with each other.';

create function private.act_cues(act text) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case act when 'pay' then array['payment'] when 'custody' then array['exchange', 'custody']
    when 'exchange' then array['exchange', 'custody'] when 'alcohol' then array['alcohol', 'drug', 'smoking']
    when 'distance' then array['distance', 'presence'] else array[act] end
$$;
comment on function private.act_cues is 'The cues of statements that what an order regulates may be about.';

create function private.is_about(term order_terms, claim case_claims) returns boolean
language sql stable set search_path = public, private, pg_temp as $$
  select (claim.cues && private.act_cues(term.act) or term.act = 'contact' and claim.voice = 'message')
    and claim.voice <> 'order' and claim.starts is not null
    and claim.ends > coalesce(term.starts::timestamp, '-infinity')
    and claim.starts < coalesce(term.ends + 1, 'infinity'::date)::timestamp
    and (claim.voice = 'message' or not claim.cues && array['correction', 'duty'])
    and not private.is_agreement(claim.quote) and not (term.act = 'pay' and 'work_income' = any (claim.cues))
    and (term.bound_ids = '{}' or private.names_one_of(claim, term.bound_ids))
$$;
comment on function private.is_about
  is 'Whether a statement is of a time, a matter and a person that the term is about.';

create function private.find_term_pairs(document_id uuid)
returns table (a_document uuid, a_key text, b_document uuid, b_key text, proposed_by text, score int, verdict text,
  reason text, explained text)
language sql stable rows 5 set search_path = public, private, pg_temp as $$
  with whom as materialized (
    select array(select p.person_id from people_documents p where p.document_id = find_term_pairs.document_id) as people
  ), terms as materialized (
    select t.t, private.act_cues((t.t).act) as cues, coalesce((t.t).starts::timestamp, '-infinity') as starts from (
      (select t from order_terms t, whom where t.bound_ids && whom.people and t.standing and t.state <> 'rejected'
        and t.document_id <> find_term_pairs.document_id order by t.starts desc nulls last, t.seq
        limit private.most_after_a_term())
      union all
      (select t from order_terms t where t.bound_ids = '{}' and t.standing and t.state <> 'rejected'
        and t.document_id <> find_term_pairs.document_id order by t.starts desc nulls last, t.seq
        limit private.most_after_a_term())) t
  ), sides as (
    select t.t, c from case_claims c cross join lateral (
        select t.t from terms t where (t.cues && c.cues or (t.t).act = 'contact' and c.voice = 'message')
          and t.starts < c.ends and private.is_about(t.t, c)
        order by t.starts desc, (t.t).seq limit private.most_terms_in_force()) t
      where c.document_id = find_term_pairs.document_id and c.standing and c.starts is not null
    union all
    select t, c from order_terms t cross join lateral (
        select distinct n.claim_id from unnest(case when t.bound_ids = '{}' then (select w.people from whom w)
            else t.bound_ids end) p(person)
          cross join unnest(private.act_cues(t.act) || case when t.act = 'contact' then 'message' end) a(topic)
          cross join lateral (select n.claim_id from claim_topics n where n.person_id = p.person and n.topic = a.topic
            and n.starts >= coalesce(t.starts::timestamp, '-infinity') order by n.starts
            limit private.most_after_a_term()) n) n
      join case_claims c on c.id = n.claim_id and c.standing and c.document_id <> t.document_id
      where t.document_id = find_term_pairs.document_id and t.standing and t.state <> 'rejected'
        and private.is_about(t, c)
  ), about as (
    select (s.t).document_id as a_document, (s.t).key as a_key, (s.c).document_id as b_document, (s.c).key as b_key,
      (s.c).starts, j.*
    from sides s cross join lateral private.judge_term(s.t, s.c) j where j.score is not null
  )
  -- One a day is enough: a night of forty messages is one pair, with the first of them.
  select distinct on (a.a_document, a.a_key, a.b_document, a.starts::date) a.a_document, a.a_key, a.b_document, a.b_key,
    a.proposed_by, a.score, a.verdict, a.reason, a.explained
  from about a join case_documents d on d.document_id = a.b_document and d.witness_id = d.document_id
    join case_documents o on o.document_id = a.a_document and o.witness_id = o.document_id
  order by a.a_document, a.a_key, a.b_document, a.starts::date, a.verdict = 'conflict' desc, a.starts
$$;
comment on function private.find_term_pairs
  is 'Terms of orders and later events that may break them, one of which stands in this document.';

-- Statements against statements -----------------------------------------------------------------------------------

create function private.find_near_claims(document_id uuid) returns table (mine bigint, other bigint)
language sql stable rows 100 set search_path = public, private, pg_temp as $$
  with own as materialized (
    select c.id, c.people, c.starts, c.ends, c.precision, c.words, private.topics(c.cues) as topics,
      private.is_sweeping(c.quote) and c.voice in ('sworn', 'letter', 'message') as is_sweeping,
      private.denies_at_large(c) as denies
    from case_claims c where c.document_id = find_near_claims.document_id and c.standing and c.voice <> 'order'
  ), rare as materialized (
    select o.id, array_agg(w.word) as words from own o cross join lateral (
        select k.word, sum(k.claims) over (order by k.claims, k.word) as so_far from claim_words k
        where k.word = any (o.words) and k.claims > 1) w
      where w.so_far <= private.rare_claims() group by 1
  ), asked as materialized (
    select distinct p as person, topic, o.is_sweeping from own o, unnest(o.people) p, unnest(o.topics) topic
  ), answered as materialized (
    select a.*, n.claim_id from asked a cross join lateral (
      select t.claim_id from claim_topics t where t.person_id = a.person and t.topic = 'sweeping ' || a.topic
        order by t.starts desc limit private.most_of_a_topic()) n
    union all
    select a.*, n.claim_id from asked a cross join lateral (
      select t.claim_id from claim_topics t where t.person_id = a.person and t.topic = a.topic
        order by t.starts desc limit private.most_of_a_topic()) n where a.is_sweeping
  ), found (mine, other, weight) as (
    select r.id, c.id, 3 * cardinality(array(select unnest(c.words) intersect select unnest(r.words)))
      from rare r join case_claims c on c.words && r.words
    union all
    select o.id, t.claim_id, 2 from own o cross join lateral unnest(o.people) p cross join lateral (
        (select t.claim_id from claim_topics t where t.person_id = p and t.topic = 'moment'
          and t.starts >= date_trunc('day', o.starts) and t.starts < o.ends and t.ends > o.starts
          order by t.starts desc limit private.most_of_a_topic())
        union all
        (select t.claim_id from claim_topics t where t.person_id = p and t.topic = 'span'
          and t.starts > o.starts - private.longest_span() and t.starts < o.ends and t.ends > o.starts
          order by t.starts desc limit private.most_of_a_topic())
        union all
        (select t.claim_id from claim_topics t where t.person_id = p and t.topic = 'undated'
          order by t.starts desc, t.ends desc, t.claim_id desc limit private.most_of_a_topic())) t
      where o.starts is not null and o.precision <> 'year'
    union all
    select o.id, t.claim_id, 1 from own o cross join lateral unnest(o.people) p cross join lateral (
        select t.claim_id from claim_topics t where t.person_id = p and t.topic = 'moment'
          order by t.starts desc limit private.most_of_a_topic()) t
      where o.starts is null and o.denies
    union all
    select distinct o.id, a.claim_id, 1 from own o join answered a on a.person = any (o.people)
      and a.topic = any (o.topics) and (o.is_sweeping or not a.is_sweeping)
  )
  select f.mine, f.other from found f where f.other not in (select o.id from own o)
  group by 1, 2 order by sum(f.weight) desc, 1, 2 desc limit private.most_weighed()
$$;
comment on function private.find_near_claims
  is 'Statements elsewhere that share rare words, a time and a person, or of which one speaks of all times: those that '
  'have most in common with this document''s.';

create function private.clashing_measure(one bigint, other bigint) returns text
language sql stable set search_path = public, private, pg_temp as $$
  select format('%s / %s', a.quote, b.quote) from case_measures a join case_measures b on b.kind = a.kind
    where a.claim_id = one and b.claim_id = other and a.kind in ('clock', 'money', 'count')
      and (a.kind <> 'count' or a.unit is not distinct from b.unit)
    group by a.kind, a.quote, b.quote, a.value, b.value
    having abs(a.value - b.value) > case a.kind when 'clock'
      then extract(epoch from private.same_moment()) / 60 else 0.005 end
    order by abs(a.value - b.value) limit 1
$$;
comment on function private.clashing_measure
  is 'Both words of a measure that two statements give differently, or null.';

create function private.agreeing_measure(one bigint, other bigint) returns text
language sql stable set search_path = public, private, pg_temp as $$
  select format('%s / %s', a.quote, b.quote) from case_measures a join case_measures b on b.kind = a.kind
    and (a.kind <> 'count' or a.unit is not distinct from b.unit)
  where a.claim_id = one and b.claim_id = other and a.kind in ('clock', 'money', 'count')
    and abs(a.value - b.value) <= case a.kind when 'clock'
      then extract(epoch from private.same_moment()) / 60 else 0.005 end
  order by abs(a.value - b.value), a.id, b.id limit 1
$$;
comment on function private.agreeing_measure is 'Both words of a measure that two statements give alike, or null.';

create function private.are_two_witnesses(a case_claims, b case_claims) returns boolean
language sql stable set search_path = public, private, pg_temp as $$
  select a.people && b.people and (a.speaker_id is null or a.speaker_id is distinct from b.speaker_id)
    and not (a.cues || b.cues) && array['conditional', 'question', 'future', 'reported', 'correction', 'duty']
    and private.shared_words(a.quote, b.quote) < private.most_copied_words()
    and not exists (select from case_documents d join case_documents e on e.thread_key = d.thread_key
      where d.document_id = a.document_id and e.document_id = b.document_id)
$$;
comment on function private.are_two_witnesses
  is 'Whether two statements of the same people are of two speakers, and neither repeats the other.';

create function private.judge_claims(a case_claims, b case_claims, kind text, clash text, shared text[],
  out verdict text, out reason text, out explained text)
language sql stable set search_path = public, private, pg_temp as $$
  select v.verdict, v.reason, v.explained from (values
    (0, kind = 'corroboration', 'no_conflict', format('Two of them say the same of it: %s.', clash), null),
    (1, a.cues && array['correction'] or b.cues && array['correction'], 'no_conflict',
      'One of the two corrects what was said before.', null),
    (2, a.cues && array['conditional', 'question', 'future'] or b.cues && array['conditional', 'question', 'future'],
      'no_conflict', 'One of the two is a condition, a question or a plan, not a statement of what was.', null),
    (3, a.speaker_id <> b.speaker_id and a.voice in ('sworn', 'letter', 'message')
        and b.voice in ('sworn', 'letter', 'message') and ('denies' = any (a.cues)) <> ('denies' = any (b.cues)),
      'cannot_tell', 'One person says it and the other denies it.',
      'Two positions: neither proves the other false.'),
    (4, a.cues && array['reported'] or b.cues && array['reported'], 'cannot_tell',
      'One of the two only repeats what somebody else said.', 'Whoever was quoted may have been wrong.'),
    (5, clash is not null and a.precision = 'minute' and b.precision = 'minute' and 'exchange' = any (a.cues)
        and 'exchange' = any (b.cues) and a.starts::date = b.starts::date and (a.voice = 'sworn' or b.voice = 'sworn')
        and (a.voice in ('record', 'message') or b.voice in ('record', 'message')), 'conflict',
      format('Both speak of the same day and give the time differently: %s.', clash),
      'Two exchanges on that day, a wrong clock, or an estimate.'),
    (6, 'denies' = any (a.cues) and not 'denies' = any (b.cues) and a.voice = 'sworn' and b.voice = 'record'
        and a.speaker_id = any (b.people) and cardinality(shared) > 0
        and (tsrange(a.starts, a.ends) && tsrange(b.starts, b.ends) or a.starts is null and a.quote ~* '\mnever\M')
        and private.topics(a.cues) && private.topics(b.cues) and not private.is_agreement(b.quote)
        and not a.quote ~* '\m(den(y|ies|ied)|broke|hit|hurt)\M', 'conflict',
      'Under oath it is denied; a record of that time names the person with it.',
      'Another person of that name, a record that is wrong, or a record that means something else.')
  ) v(n, holds, verdict, reason, explained) where v.holds order by v.n limit 1
$$;
comment on function private.judge_claims
  is 'What rules can say of two statements; no row where that takes a reader. Side a is the one under oath, if any.';

create function private.days_of(claim case_claims) returns tsrange language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select tsrange(date_trunc('day', claim.starts), greatest(claim.ends, date_trunc('day', claim.starts)
    + interval '1 day'))
$$;
comment on function private.days_of
  is 'The whole days that a statement speaks of: six in the evening and nine at night are of one day.';

create function private.find_claim_pairs(document_id uuid)
returns table (a_id bigint, b_id bigint, kind text, proposed_by text, score int, clash text, shared text[])
language sql stable rows 10 set search_path = public, private, pg_temp as $$
  with near as materialized (
    select n.mine, n.other from private.find_near_claims(find_claim_pairs.document_id) n
  ), sides as materialized (
    select c, c.id, c.words, c.people, private.topics(c.cues) as topics, private.days_of(c) as days,
      private.is_sweeping(c.quote) as is_sweeping, 'denies' = any (c.cues) as denies,
      c.precision in ('minute', 'hour', 'day') as is_precise
    from case_claims c join case_documents d on d.document_id = c.document_id and d.witness_id = d.document_id
    where c.id = any (array(select n.mine from near n union select n.other from near n))
      and c.standing and c.voice <> 'order'
  ), compared as materialized (
    select a.c as a, b.c as b, array(select unnest(a.words) intersect select unnest(b.words)) as shared,
      array(select unnest(a.topics) intersect select unnest(b.topics)) as topics,
      coalesce(a.days && b.days, false) as same_time, a.is_precise and b.is_precise as precise,
      a.people && b.people as same_people, a.denies <> b.denies as denied, a.is_sweeping <> b.is_sweeping as sweeping
    from near n join sides a on a.id = least(n.mine, n.other) join sides b on b.id = greatest(n.mine, n.other)
  ), beside as (
    select p.*, case when same_time and precise and topics <> '{}'
      then private.clashing_measure((p.a).id, (p.b).id) end as clash
    from compared p where same_people or same_time or cardinality(shared) >= 2
  ), agreeing as (
    select p.*, case when clash is null and same_time and precise and topics <> '{}' and not denied
        and private.are_two_witnesses(p.a, p.b) then private.agreeing_measure((p.a).id, (p.b).id) end as agreed
    from beside p
  ), scored as (
    select p.*, case when coalesce(clash, agreed) is not null then 'same_measure'
        when denied and (shared <> '{}' or same_time) then 'denied' when sweeping and topics <> '{}' then 'sweeping'
        when same_time and precise then 'same_time' else 'near_words' end as proposed_by,
      case when clash is not null then 30 else 0 end
        + case when denied and shared <> '{}' then 18 when denied then 6 else 0 end
        + case when sweeping and topics <> '{}' then 14 else 0 end
        + case when same_time and precise then 10 when same_time then 5 else 0 end
        + 5 * least(cardinality(shared), 4) + 4 * least(cardinality(topics), 2)
        + case when same_people then 6 else 0 end
        + case when ((a).voice = 'sworn') <> ((b).voice = 'sworn') then 6 else 0 end as score
    from agreeing p
  ), ranked as (
    select s.*, row_number() over (partition by agreed is null, (a).document_id, (b).document_id
      order by score desc, (a).id, (b).id) as among from scored s where score >= private.least_pair_score()
  ), counted as (
    select r.*, row_number() over (partition by agreed is null order by score desc, (a).id, (b).id) as n
    from ranked r where among <= case when agreed is null then private.most_pairs_of_two() else 1 end
  )
  -- Side a is the one under oath, else the earlier one.
  select case when turned then (b).id else (a).id end, case when turned then (a).id else (b).id end,
    case when agreed is not null then 'corroboration' when (a).speaker_id = (b).speaker_id then 'changed_statement'
      else 'contradiction' end, proposed_by, score, coalesce(clash, agreed), shared
  from (select c.*, ((b).voice = 'sworn', (a).said_at, (a).id) > ((a).voice = 'sworn', (b).said_at, (b).id) as turned
    from counted c
    where n <= case when agreed is null then private.most_pairs() else private.most_corroborations() end) c
  order by score desc, (a).id, (b).id
$$;
comment on function private.find_claim_pairs
  is 'The pairs of statements that have most to do with each other, one of which stands in this document: at most '
  'most_pairs() and most_corroborations(), however many documents there are. clash: both words of the measure that '
  'they give differently, or alike.';

-- Proposing ---------------------------------------------------------------------------------------------------

create function private.claim_side(claim case_claims) returns jsonb
language sql stable set search_path = public, pg_temp as $$
  select jsonb_build_object('page', claim.page, 'start', claim.start, 'quote', claim.quote, 'voice', claim.voice,
    'speaker_id', claim.speaker_id, 'starts', claim.starts, 'ends', claim.ends, 'precision', claim.precision)
$$;
comment on function private.claim_side is 'A statement as a side of a pair.';

create function private.term_side(term order_terms) returns jsonb
language sql stable set search_path = public, pg_temp as $$
  select jsonb_build_object('page', term.page, 'start', term.start, 'quote', term.quote, 'voice', 'order',
    'speaker_id', null, 'starts', term.starts::timestamp, 'ends', null, 'precision', 'day')
$$;
comment on function private.term_side is 'A term of an order as a side of a pair.';

create function private.keep_pairs(document_id uuid) returns uuid[]
language plpgsql set search_path = public, private, pg_temp as $$
declare
  kept uuid[];
begin
  with found as (
    select private.pair_id(t.a_document || ':term:' || t.a_key, t.b_document || ':' || t.b_key) as id,
      'order_violation' as kind, t.proposed_by, t.score, t.a_document, t.a_key, true as a_is_term,
      private.term_side(o) as a_side, t.b_document, t.b_key, private.claim_side(c) as b_side,
      c.people as people, t.verdict, t.reason, t.explained,
      row_number() over (order by t.verdict = 'conflict' desc, t.score desc, c.starts) as n
    from private.find_term_pairs(keep_pairs.document_id) t
      join order_terms o on o.document_id = t.a_document and o.key = t.a_key
      join case_claims c on c.document_id = t.b_document and c.key = t.b_key
    union all
    select private.pair_id(a.document_id || ':' || a.key, b.document_id || ':' || b.key), p.kind, p.proposed_by,
      p.score,
      a.document_id, a.key, false, private.claim_side(a), b.document_id, b.key, private.claim_side(b),
      array(select unnest(a.people) intersect select unnest(b.people)), j.verdict, j.reason, j.explained, 0
    from private.find_claim_pairs(keep_pairs.document_id) p join case_claims a on a.id = p.a_id
      join case_claims b on b.id = p.b_id left join private.judge_claims(a, b, p.kind, p.clash, p.shared) j on true
  ), wanted as materialized (
    select distinct on (f.id) f.* from found f where f.n <= private.most_pairs() or f.verdict = 'conflict'
      order by f.id, f.score desc
  ), written as (
    insert into pairs (id, kind, proposed_by, score, a_document, a_key, a_is_term, a_side, b_document, b_key, b_side,
        people, proposer, stands, rule_kind, rule_verdict, rule_reason, rule_explained, verdict, verdict_by, reason,
        explained_by)
      select f.id, f.kind, f.proposed_by, f.score, f.a_document, f.a_key, f.a_is_term, f.a_side, f.b_document, f.b_key,
        f.b_side, f.people, keep_pairs.document_id, true, f.kind, f.verdict, f.reason, f.explained, f.verdict,
        case when f.verdict is not null then 'rules' end, f.reason, f.explained
      from wanted f
    on conflict (id) do update set rule_kind = excluded.rule_kind, proposed_by = excluded.proposed_by,
      score = excluded.score, a_document = excluded.a_document, a_key = excluded.a_key, a_is_term = excluded.a_is_term,
      b_document = excluded.b_document, b_key = excluded.b_key, people = excluded.people,
      rule_verdict = excluded.rule_verdict, rule_reason = excluded.rule_reason, rule_explained = excluded.rule_explained
      where (pairs.rule_kind, pairs.proposed_by, pairs.score, pairs.a_document, pairs.a_key, pairs.people,
        pairs.rule_verdict, pairs.rule_reason, pairs.rule_explained) is distinct from (excluded.rule_kind,
        excluded.proposed_by, excluded.score, excluded.a_document, excluded.a_key, excluded.people,
        excluded.rule_verdict, excluded.rule_reason, excluded.rule_explained)
  )
  select array_agg(w.id) into kept from wanted w;
  return coalesce(kept, '{}');
end $$;
comment on function private.keep_pairs is 'Writes what a document proposes now; the ids.';

create function private.stand_pairs(document_id uuid) returns void
language sql set search_path = public, private, pg_temp as $$
  update pairs p set a_side = coalesce(now.a_side, p.a_side), b_side = coalesce(now.b_side, p.b_side),
    stands = now.a_stands and now.b_stands
  from (
    select q.id, case when q.a_is_term then private.term_side(o) else private.claim_side(a) end as a_side,
      private.claim_side(b) as b_side,
      coalesce(case when q.a_is_term then o.standing and o.state <> 'rejected' else a.standing end, false) as a_stands,
      coalesce(b.standing, false) as b_stands
    from pairs q left join case_claims a on not q.a_is_term and a.document_id = q.a_document and a.key = q.a_key
      left join order_terms o on q.a_is_term and o.document_id = q.a_document and o.key = q.a_key
      left join case_claims b on b.document_id = q.b_document and b.key = q.b_key
    where stand_pairs.document_id in (q.a_document, q.b_document)) now
  where p.id = now.id and (p.a_side, p.b_side, p.stands)
    is distinct from (coalesce(now.a_side, p.a_side), coalesce(now.b_side, p.b_side), now.a_stands and now.b_stands)
$$;
comment on function private.stand_pairs is 'Whether the pairs of a document still stand, and where.';

create function private.carry_decisions(document_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  carried text[];
begin
  with decided as materialized (
    select distinct on (d.pair_id) d.* from pair_decisions d
    where carry_decisions.document_id in (d.a_document, d.b_document) order by d.pair_id, d.id desc
  ), gone as materialized (
    select d.* from decided d left join pairs p on p.id = d.pair_id
    where d.state <> 'open' and not coalesce(p.stands, false)
  ), written as (
    insert into pair_decisions (pair_id, state, why, decided_by, decided_at, a_document, a_quote, b_document, b_quote,
      carried_from)
    select distinct on (p.id) p.id, d.state, d.why, d.decided_by, d.decided_at, p.a_document, p.a_side ->> 'quote',
      p.b_document, p.b_side ->> 'quote', d.id
    from gone d join pairs p on p.a_document in (d.a_document, d.b_document)
        and p.b_document in (d.a_document, d.b_document)
    where p.stands and p.state = 'open' and p.id not in (select own.pair_id from decided own)
      and private.shared_words(d.a_quote, case when d.a_document = p.a_document then p.a_side else p.b_side end ->>
        'quote') >= private.least_shared_words()
      and private.shared_words(d.b_quote, case when d.b_document = p.b_document then p.b_side else p.a_side end ->>
        'quote') >= private.least_shared_words()
    order by p.id, d.id desc returning id
  )
  select array_agg('pair_decisions/' || w.id) into carried from written w;
  if carried is not null then
    perform private.record_event(null, 'decided', '{"verb": "carry_decisions"}', carried);
  end if;
end $$;
comment on function private.carry_decisions
  is 'A decision on words that a later reading spells otherwise holds for the same statements in their new letters.';

create function private.show_pairs(document_id uuid) returns void
language sql set search_path = public, private, pg_temp as $$
  update pairs p set kind = now.kind, verdict = now.verdict, verdict_by = now.verdict_by, model = now.model,
    reason = now.reason, explained_by = now.explained_by, judged_at = now.judged_at, state = now.state,
    decided_by = now.decided_by, decided_at = now.decided_at, why = now.why
  from (
    select q.id, coalesce(v.kind, q.rule_kind) as kind, coalesce(v.verdict, q.rule_verdict) as verdict,
      case when v.verdict is not null then 'claude' when q.rule_verdict is not null then 'rules' end as verdict_by,
      v.model, case when v.verdict is null then q.rule_reason else v.reason end as reason,
      case when v.verdict is null then q.rule_explained else v.explained_by end as explained_by, v.judged_at,
      coalesce(d.state, 'open') as state, case when d.state <> 'open' then d.decided_by end as decided_by,
      case when d.state <> 'open' then d.decided_at end as decided_at, case when d.state <> 'open' then d.why end as why
    from pairs q left join lateral (select * from pair_verdicts v where v.pair_id = q.id
        and v.words_md5 = private.md5_of_quotes(q.a_side, q.b_side) order by v.id desc limit 1) v on true
      left join lateral (select * from pair_decisions d where d.pair_id = q.id order by d.id desc limit 1) d on true
    where show_pairs.document_id in (q.a_document, q.b_document)) now
  where p.id = now.id and (p.kind, p.verdict, p.verdict_by, p.model, p.reason, p.explained_by, p.judged_at, p.state,
    p.decided_by, p.decided_at, p.why) is distinct from (now.kind, now.verdict, now.verdict_by, now.model, now.reason,
    now.explained_by, now.judged_at, now.state, now.decided_by, now.decided_at, now.why)
$$;
comment on function private.show_pairs
  is 'Writes the newest verdict and decision of the pairs of a document into them.';

create function private.propose_for(document_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  kept uuid[] := private.keep_pairs(propose_for.document_id);
begin
  perform private.stand_pairs(propose_for.document_id);
  perform private.carry_decisions(propose_for.document_id);
  -- What a person decided stays, and what it rests on is kept: see case_claims.pinned.
  delete from pairs p where p.proposer = propose_for.document_id and p.id <> all (kept)
    and not exists (select from pair_decisions d where d.pair_id = p.id)
    and not exists (select from pair_verdicts v where v.pair_id = p.id and p.stands);
  delete from pairs p where propose_for.document_id in (p.a_document, p.b_document) and (not p.stands
      or exists (select from case_documents d where d.document_id in (p.a_document, p.b_document)
        and d.witness_id <> d.document_id))
    and not exists (select from pair_decisions d where d.pair_id = p.id);
  perform private.show_pairs(propose_for.document_id);
end $$;
comment on function private.propose_for
  is 'Draws the pairs of a document anew: at the same cost however many there are.';

create function propose_pairs(max_documents int) returns int
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
declare
  task uuid;
  done int := 0;
begin
  if coalesce(max_documents, 0) not between 1 and private.most_listed() then
    perform private.refuse('AS006', format('max_documents must be 1 to %s.', private.most_listed()));
  end if;
  for task in select t.document_id from pair_tasks t order by t.since, t.document_id limit max_documents
      for update skip locked loop
    perform private.propose_for(task);
    delete from pair_tasks t where t.document_id = task;
    done := done + 1;
    exit when clock_timestamp() > statement_timestamp() + private.longest_proposing();
  end loop;
  return done;
end $$;
comment on function propose_pairs
  is 'Works off documents whose facts have changed; how many: at least one, however long it takes. Repeat until 0.';

-- Triggers: what changes in the facts of a document is a task, and words are counted.

create function private.note_pair_task() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  insert into pair_tasks (document_id) select distinct c.document_id from changed c order by 1 on conflict do nothing;
  return null;
end $$;
comment on function private.note_pair_task is 'The documents of these statements propose their pairs anew.';

create function private.note_new_witness() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  insert into pair_tasks (document_id) select n.document_id from new_rows n join old_rows o using (document_id)
    where n.witness_id <> o.witness_id order by 1 on conflict do nothing;
  return null;
end $$;
comment on function private.note_new_witness is 'Copies are one witness: whose copy a document is changes its pairs.';

create function private.count_claim_words() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  insert into claim_words (word, claims)
    select w, case when tg_op = 'INSERT' then 1 else -1 end * count(*) from changed c, unnest(c.words) w
      group by w order by w
    on conflict (word) do update set claims = claim_words.claims + excluded.claims;
  return null;
end $$;
comment on function private.count_claim_words is 'Keeps claim_words.';

create trigger case_claims_in after insert on case_claims referencing new table as changed
  for each statement execute function private.note_pair_task();
create trigger case_claims_changed after update on case_claims referencing new table as changed
  for each statement execute function private.note_pair_task();
create trigger case_claims_out after delete on case_claims referencing old table as changed
  for each statement execute function private.note_pair_task();
create trigger case_claims_words_in after insert on case_claims referencing new table as changed
  for each statement execute function private.count_claim_words();
create trigger case_claims_words_out after delete on case_claims referencing old table as changed
  for each statement execute function private.count_claim_words();
create trigger order_terms_changed after update on order_terms referencing new table as changed
  for each statement execute function private.note_pair_task();
create trigger order_terms_out after delete on order_terms referencing old table as changed
  for each statement execute function private.note_pair_task();
create trigger case_documents_witness_pairs after update on case_documents referencing old table as old_rows
  new table as new_rows for each statement execute function private.note_new_witness();
create trigger order_terms_in after insert on order_terms referencing new table as changed
  for each statement execute function private.note_pair_task();

-- What a person does --------------------------------------------------------------------------------------------

create function decide_pairs(pair_ids uuid[], state text, why text, decided_by text) returns int
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  decided bigint[];
begin
  perform private.require_word(decide_pairs.state, array['open', 'accepted', 'explained', 'dismissed', 'later'],
    'state');
  if coalesce(cardinality(pair_ids), 0) not between 1 and private.most_listed()
      or coalesce(decide_pairs.decided_by, '') = '' then
    perform private.refuse('AS006', format('pair_ids must be 1 to %s, and somebody decides.', private.most_listed()));
  end if;
  with locked as (
    select p.* from pairs p where p.id = any (pair_ids) order by p.id for no key update
  ), written as (
    insert into pair_decisions (pair_id, state, why, decided_by, a_document, a_quote, b_document, b_quote)
      select l.id, decide_pairs.state, left(nullif(btrim(decide_pairs.why), ''), private.longest_reason()),
        decide_pairs.decided_by, l.a_document, l.a_side ->> 'quote', l.b_document, l.b_side ->> 'quote' from locked l
      returning id, pair_id, state, why, decided_by, decided_at
  ), shown as (
    update pairs p set state = w.state, decided_by = case when w.state <> 'open' then w.decided_by end,
        decided_at = case when w.state <> 'open' then w.decided_at end,
        why = case when w.state <> 'open' then w.why end
      from written w where p.id = w.pair_id returning w.id, p.a_document, p.a_key, p.a_is_term, p.b_document, p.b_key
  ), pinned as (
    update case_claims c set pinned = true from shown s where not c.pinned
      and (c.document_id = s.b_document and c.key = s.b_key
        or not s.a_is_term and c.document_id = s.a_document and c.key = s.a_key)
  )
  select array_agg(s.id) into decided from shown s;
  if decided is not null then
    perform private.keep_decision('decide_pairs', null, decide_pairs.decided_by, decide_pairs.why,
      jsonb_build_object('pairs', to_jsonb(pair_ids), 'state', decide_pairs.state),
      array(select 'pair_decisions/' || d from unnest(decided) d));
  end if;
  return coalesce(cardinality(decided), 0);
end $$;
comment on function decide_pairs
  is 'A person''s decision on pairs; how many there were. Earlier decisions are kept; open takes one back.';

create view pair_list with (security_invoker = true) as
  select p.id, p.rank, p.kind, p.proposed_by, p.score, p.verdict, p.verdict_by, p.model, p.judged_at, p.reason,
    p.explained_by, p.state, p.decided_by, p.decided_at, p.why, p.stands, p.is_counted, p.people,
    p.a_document, p.b_document,
    array(select m.matter_id from matter_documents m where m.document_id = p.a_document intersect
      select m.matter_id from matter_documents m where m.document_id = p.b_document) as matters,
    p.a_side || jsonb_build_object('document_id', p.a_document, 'original_filename', a.original_filename,
      'document_type', a.document_type, 'document_date', a.document_date, 'speaker',
      (select s.name from people s where s.id = (p.a_side ->> 'speaker_id')::uuid)) as a,
    p.b_side || jsonb_build_object('document_id', p.b_document, 'original_filename', b.original_filename,
      'document_type', b.document_type, 'document_date', b.document_date, 'speaker',
      (select s.name from people s where s.id = (p.b_side ->> 'speaker_id')::uuid)) as b
  from pairs p left join master_document_registry a on a.id = p.a_document
    left join master_document_registry b on b.id = p.b_document
  where p.stands or p.state <> 'open';
comment on view pair_list is 'Pairs as GET /api/case/pairs shows them, by rank, the highest first.';

create function get_pair_counts(matter_id uuid default null)
returns table (open bigint, accepted bigint, explained bigint, dismissed bigint, later bigint, conflicts bigint,
  conflicts_accepted bigint, to_check bigint, unjudged bigint, by_kind jsonb)
language sql stable security definer set search_path = public, private, pg_temp as $$
  with mine as materialized (
    select p.state, p.verdict, p.verdict_by, p.kind, p.is_counted, p.kind <> 'corroboration' as is_against
    from pairs p
    where p.stands and (get_pair_counts.matter_id is null or not exists (
      select from unnest(array[p.a_document, p.b_document]) d where not exists (select from matter_documents m
        where m.matter_id = get_pair_counts.matter_id and m.document_id = d)))
  )
  select count(*) filter (where state = 'open'), count(*) filter (where state = 'accepted'),
    count(*) filter (where state = 'explained'), count(*) filter (where state = 'dismissed'),
    count(*) filter (where state = 'later'),
    count(*) filter (where is_counted), count(*) filter (where is_counted and state = 'accepted'),
    count(*) filter (where is_against and state in ('open', 'later') and verdict is distinct from 'no_conflict'),
    count(*) filter (where is_against and verdict_by is distinct from 'claude' and state in ('open', 'later')),
    coalesce((select jsonb_object_agg(kind, n) from (select kind, count(*) as n from mine where is_counted
      group by kind) k), '{}')
  from mine
$$;
comment on function get_pair_counts
  is 'Pairs whose quotes stand, by what a person said; conflicts: see pairs.is_counted. What corroborates is none of '
  'them.';

create function get_words_around(document_id uuid, page int, start int, length int)
returns table (before text, after text)
language sql stable security definer set search_path = public, private, pg_temp as $$
  select substr(p.text, greatest(start - private.words_around() + 1, 1), least(start, private.words_around())),
    substr(p.text, start + length + 1, private.words_around())
  from (select split_part(r.text, E'\f\n', get_words_around.page) as text from document_repository r
    where r.document_id = get_words_around.document_id and get_words_around.page > 0) p
  where start >= 0 and length >= 0
$$;
comment on function get_words_around is 'The words of the page before and after some words of it.';

-- Claude's verdicts -----------------------------------------------------------------------------------------------

create function private.most_compared() returns int language sql immutable return 25;
comment on function private.most_compared is 'Pairs of a document that are asked about together: some 4,000 tokens.';

create index pairs_unjudged on pairs (proposer) include (a_document, b_document, rank) where stands
  and verdict_by is distinct from 'claude'
  and state in ('open', 'later') and rule_verdict is distinct from 'no_conflict' and kind <> 'corroboration';

create function private.may_compare(document_id uuid) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select coalesce((select j.allow_claude and coalesce(b.allow_claude, true) from master_document_registry d
    join processing_jobs j on j.id = d.job_id left join batches b on b.id = j.batch_id
    where d.id = may_compare.document_id), false)
$$;
comment on function private.may_compare is 'Whether Claude may see words of this document.';

create function private.unjudged_pairs(document_id uuid) returns setof pairs
language sql stable set search_path = public, private, pg_temp as $$
  select p.* from pairs p where p.stands and p.verdict_by is distinct from 'claude' and p.state in ('open', 'later')
    and p.rule_verdict is distinct from 'no_conflict' and p.kind <> 'corroboration'
    and p.proposer = unjudged_pairs.document_id
    and private.may_compare(p.a_document) and private.may_compare(p.b_document)
$$;
comment on function private.unjudged_pairs
  is 'Pairs of a document that Claude could judge: undecided, standing, of documents it may see, not settled by rules.';

create function private.comparable_documents() returns table (document_id uuid, pairs bigint, rank bigint)
language sql stable set search_path = public, private, pg_temp as $$
  with due as materialized (
    select p.proposer, p.a_document, p.b_document, p.rank from pairs p
    where p.stands and p.verdict_by is distinct from 'claude' and p.state in ('open', 'later')
      and p.rule_verdict is distinct from 'no_conflict' and p.kind <> 'corroboration'
  ), seen as materialized (
    select d.id from master_document_registry d join processing_jobs j on j.id = d.job_id and j.allow_claude
      left join batches b on b.id = j.batch_id
    where coalesce(b.allow_claude, true) and d.id in (select a_document from due union select b_document from due)
  )
  select u.proposer, least(count(*), private.most_compared()), max(u.rank) from due u
    join seen a on a.id = u.a_document join seen b on b.id = u.b_document
  where not exists (select from processing_jobs j where j.document_id = u.proposer
    and j.status in ('queued', 'processing')) group by 1
$$;
comment on function private.comparable_documents
  is 'Documents with private.unjudged_pairs that are in no line, how many are asked about, and the gravest''s rank: '
  'each document is looked up once, not with each pair.';

create function find_comparable()
returns table (documents bigint, pairs bigint, waiting bigint, judged_documents bigint,
  judged_usd numeric)
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  with due as materialized (
    select c.pairs as n from private.comparable_documents() c
  ), done as (
    select count(distinct c.job_id) as documents, coalesce(sum(c.cost_usd), 0) as usd from claude_calls c
      join processing_jobs j on j.id = c.job_id and j.kind = 'compare' where c.status = 'settled'
  )
  select (select count(*) from due), (select coalesce(sum(n), 0) from due), (select count(*) from processing_jobs j
    where j.kind = 'compare' and j.status in ('queued', 'processing')), done.documents, done.usd from done
$$;
comment on function find_comparable
  is 'What judge_pairs would queue: documents and the pairs they proposed; and what comparing has cost so far.';

create function judge_pairs(max_documents int) returns int
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
declare
  read processing_jobs;
  job uuid;
  queued int := 0;
begin
  if coalesce(max_documents, 0) not between 1 and private.most_analyses() then
    perform private.refuse('AS006', format('max_documents must be 1 to %s.', private.most_analyses()));
  end if;
  for read in select j.* from (select c.document_id from private.comparable_documents() c order by c.rank desc
        limit max_documents) u
      join master_document_registry d on d.id = u.document_id join processing_jobs j on j.id = d.job_id
      order by j.document_id loop
    job := null;
    insert into processing_jobs (kind, document_id, lane_id, priority, placement, allow_claude, precedence)
      select 'compare', d.id, private.find_lane(null, d.source, 'low', read.placement), 'low', read.placement, true, 9
      from master_document_registry d where d.id = read.document_id
      on conflict (document_id) where status in ('queued', 'processing') and kind <> 'check' do nothing
      returning id into job;
    queued := queued + (job is not null)::int;
  end loop;
  return queued;
end $$;
comment on function judge_pairs
  is 'Queues up to max_documents to have the pairs that they proposed judged by Claude, the gravest first; how many.';

create function get_comparison(job_id uuid, lease_token uuid)
returns table (id uuid, kind text, proposed_by text, score int, words_md5 text, a jsonb, b jsonb)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(get_comparison.job_id, get_comparison.lease_token);
begin
  return query select p.id, p.kind, p.proposed_by, p.score::int, private.md5_of_quotes(p.a_side, p.b_side),
      private.shown_side(p.a_document, p.a_side), private.shown_side(p.b_document, p.b_side)
    from private.unjudged_pairs(job.document_id) p
    where private.side_stands(p.a_document, p.a_side) and private.side_stands(p.b_document, p.b_side)
    order by p.rank desc limit private.most_compared();
end $$;
comment on function get_comparison is 'The pairs that a held job to compare asks about, with the words around them.';

create function private.shown_side(document_id uuid, side jsonb) returns jsonb
language sql stable set search_path = public, private, pg_temp as $$
  select jsonb_build_object('quote', side ->> 'quote', 'voice', side ->> 'voice', 'starts', side ->> 'starts',
    'paper', d.document_type, 'paper_date', d.document_date, 'before', w.before, 'after', w.after,
    'speaker', (select s.name from people s where s.id = (side ->> 'speaker_id')::uuid))
  from master_document_registry d left join lateral get_words_around(d.id, (side ->> 'page')::int,
    (side ->> 'start')::int, length(side ->> 'quote')) w on true where d.id = shown_side.document_id
$$;
comment on function private.shown_side is 'A side of a pair as Claude is shown it: never a file''s name.';

create function complete_comparison(job_id uuid, lease_token uuid, verdicts jsonb) returns table (status text)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(complete_comparison.job_id, complete_comparison.lease_token);
begin
  if job.kind <> 'compare' then
    perform private.refuse('AS006', 'This job is to analyse: complete_analysis ends it.');
  end if;
  perform private.require_array(verdicts, 'verdicts');
  if verdicts <> '[]' then
    perform private.use_calls(job, (select jsonb_agg(distinct coalesce(v -> 'call', 'null'))
      from jsonb_array_elements(verdicts) v));
  end if;
  insert into pair_verdicts (pair_id, verdict, kind, reason, explained_by, strength, model, job_id, words_md5)
    select v.pair_id, v.verdict, v.kind, left(v.reason, private.longest_reason()),
      left(nullif(v.explained_by, ''), private.longest_reason()), replace(c.kind, 'pairs_', ''), c.model, job.id,
      v.words_md5
    from jsonb_to_recordset(verdicts) as v(pair_id uuid, verdict text, kind text, reason text, explained_by text,
      call uuid, words_md5 text)
      join pairs p on p.id = v.pair_id and p.proposer = job.document_id join claude_calls c on c.id = v.call
    where v.words_md5 = private.md5_of_quotes(p.a_side, p.b_side)
      and private.side_stands(p.a_document, p.a_side) and private.side_stands(p.b_document, p.b_side);
  perform private.show_pairs(job.document_id);
  perform private.end_analysis(job, 'completed', null, null);
  return query select 'completed';
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('The verdicts are malformed (%s).', sqlstate));
end $$;
comment on function complete_comparison
  is 'Keeps Claude''s verdicts [{pair_id, verdict, kind, reason, explained_by, call, words_md5}] and ends the job; '
  'strength and model are the call''s, and AS007 is for a call that is not its own. They hold for the words that were '
  'judged: where those do not stand any more, there is none.';
