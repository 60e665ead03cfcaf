-- Rules that several functions share, and every number that was chosen, with its reason.
--
-- Own SQLSTATEs: AS001 lease lost, AS002 not found, AS003 wrong status, AS004 machine not in the ledger,
-- AS005 cap reached, AS006 bad argument.


-- Refusals ----------------------------------------------------------------------------------------------------

-- The worker's verbs. Each knows the machine from the JWT claim "machine" and each changes only rows whose id and
-- lease token match, so a stale worker, or a token whose machine left the ledger, changes nothing.
--
-- Own SQLSTATEs: AS001 lease lost, AS002 not found, AS003 wrong status, AS004 machine not in the ledger,
-- AS005 cap reached, AS006 bad argument.
--
-- Order of locks, for everybody: job, then document (several by id), then lane and machine; always "for no key update",
-- which lets others insert rows that refer to the locked one. test_everything_at_once.py looks for deadlocks.
create function private.refuse(code text, message text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = code, message = message;
end $$;
comment on function private.refuse is 'Raises one of the queue''s own SQLSTATEs with a sentence.';

create function private.require_word(value text, allowed text[], name text) returns text
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  if value is null or value <> all (allowed) then
    perform private.refuse('AS006', format('%s must be one of %s.', name, array_to_string(allowed, ', ')));
  end if;
  return value;
end $$;
comment on function private.require_word is 'The value, or AS006 naming the allowed words.';

-- Words -------------------------------------------------------------------------------------------------------

create function private.priority_rank(priority text) returns int
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select array_position(array['high', 'normal', 'low'], priority)
$$;
comment on function private.priority_rank is '1 for high, 2 for normal, 3 for low.';

create function private.allowed_placements(hosting text) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case hosting
    when 'local' then array['any_host', 'datacenter_only', 'local_only']
    when 'datacenter' then array['any_host', 'datacenter_only']
    else array['any_host'] end
$$;
comment on function private.allowed_placements is 'Which placements a machine with this hosting may receive.';

create function private.stricter_placement(one text, other text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when 'local_only' in (one, other) then 'local_only' when 'datacenter_only' in (one, other)
    then 'datacenter_only' else 'any_host' end
$$;
comment on function private.stricter_placement is 'The one of two placements that fewer machines satisfy.';

create function private.clean_number(value jsonb, most numeric) returns numeric
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when jsonb_typeof(value) = 'number' then least(greatest((value #>> '{}')::numeric, 0), most) end
$$;
comment on function private.clean_number is 'A number from 0 to "most", whatever was sent; null for anything else.';

-- What people are told: only what stands on words of a page is counted; the rest is shown as unproven.
create function private.unproven_scores(truth real, justice real, fraud real, perjury real, legal_credit real,
  relevancy real, evidence jsonb) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(s.name order by s.name), '{}')
  from unnest(array['truth_score', 'justice_score', 'fraud_score', 'perjury_score', 'legal_credit_score',
      'relevancy_score'],
    array[truth, justice, fraud, perjury, legal_credit, relevancy]) as s(name, score)
  where s.score is not null
    and not jsonb_path_exists(evidence, ('$[*] ? (@.score == "' || s.name
      || '" && @.verified == true && @.quote.type() == "string")')::jsonpath)
    -- Rules count words for the relevancy and quote nothing: only one that somebody judged needs its words.
    and (s.name <> 'relevancy_score'
      or jsonb_path_exists(evidence, '$[*] ? (@.score == "relevancy_score")'::jsonpath))
$$;
comment on function private.unproven_scores
  is 'Names of the scores for which no quoted words were found in the document: shown as such, and in no total.';

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.most_held() returns int language sql immutable return 64;
comment on function private.most_held
  is 'Jobs a machine may hold: an honest worker has some 40 at most. A stolen token must not be able to read its '
  'way through the queue.';

create function private.most_released() returns int language sql immutable return 256;
comment on function private.most_released
  is 'Jobs a machine may hand back unharmed in its life: an honest worker hands back what it holds, once. Beyond, '
  'it gets no more, or a stolen token could claim and release in turn.';

create function private.longest_standstill() returns interval language sql immutable return interval '30 minutes';
comment on function private.longest_standstill
  is 'How long a lease is extended though no page is finished: the slowest page takes minutes, a hung worker for '
  'ever.';

create function private.longest_silence() returns interval language sql immutable return interval '1 minute';
comment on function private.longest_silence
  is 'After which a machine counts as unheard: two of its heartbeats every 20 seconds were missed, and some.';

create function private.shortest_offer() returns interval language sql immutable return interval '60 seconds';
comment on function private.shortest_offer
  is 'How long a consumer has for an event before it is offered again: a notice takes a second, a restart half a '
  'minute.';

create function private.most_pages() returns int language sql immutable return 100000;
comment on function private.most_pages
  is 'Pages a document may have: far beyond any, and no machine''s word above it is kept.';

create function private.sweep_size() returns int language sql immutable return 500;
comment on function private.sweep_size
  is 'Jobs that one call of release_expired_jobs clears up of each kind: a second''s work, and it comes back soon.';

create function private.sample_size() returns int language sql immutable return 5000;
comment on function private.sample_size
  is 'Newest documents that estimates of pages and of Claude go by: plenty for an average, and one index range.';

create function private.fleet_memory() returns interval language sql immutable return interval '90 days';
comment on function private.fleet_memory
  is 'How far back boots and failures of a machine count: hosts change hands and lines.';

create function private.passage_length() returns int language sql immutable return 1000;
comment on function private.passage_length
  is 'Characters from one passage''s start to the next: some 170 words, about what a snippet is cut from.';

create function private.passage_overlap() returns int language sql immutable return 100;
comment on function private.passage_overlap
  is 'Characters by which a passage reaches into the next, so that no word or short phrase is cut.';

create function private.most_passages() returns int language sql immutable return 500;
comment on function private.most_passages
  is 'Passages of a document with an embedding: the vector index takes 1–3 ms each; full text covers the rest.';

create function private.most_matches() returns int language sql immutable return 1000;
comment on function private.most_matches
  is 'Passages that are ranked for each word of a question: one that is everywhere must not rank a million, and these '
  'are enough to choose from.';

create function private.most_looked_at() returns int language sql immutable return 20000;
comment on function private.most_looked_at
  is 'Passages with a word that are held against the filters of a search, where these leave many documents.';

create function private.most_near() returns int language sql immutable return 200;
comment on function private.most_near
  is 'Nearest passages that are looked at, and the breadth of the index''s search for them.';

create function private.farthest_meaning() returns double precision language sql immutable return 0.86;
comment on function private.farthest_meaning
  is 'Cosine distance up to which a passage is near: most unrelated ones lie at 0.9 and more with this model.';

create function private.backoff(attempt int) returns interval
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select least(15 * 4 ^ (greatest(attempt, 1) - 1), 3600) * (0.75 + random() / 2) * interval '1 second'
$$;
comment on function private.backoff
  is '15 s, 1 min, 4 min … at most 1 h, each ±25 % so that jobs which failed together do not return together.';
