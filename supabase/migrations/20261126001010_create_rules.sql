-- Rules that several functions share, and every number that was chosen, with its reason.
--
-- Own SQLSTATEs: AS001 lease lost, AS002 not found, AS003 wrong status, AS004 machine not in the ledger,
-- AS005 cap reached, AS006 bad argument, AS007 said to be Claude's and not by a call of ours.


-- Refusals ----------------------------------------------------------------------------------------------------

-- The worker's verbs. Each knows the machine from the JWT claim "machine" and each changes only rows whose id and
-- lease token match, so a stale worker, or a token whose machine left the ledger, changes nothing.
--
-- Own SQLSTATEs: AS001 lease lost, AS002 not found, AS003 wrong status, AS004 machine not in the ledger,
-- AS005 cap reached, AS006 bad argument, AS007 said to be Claude's and not by a call of ours.
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

create function private.require_array(value jsonb, name text) returns void
language plpgsql set search_path = private, pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(value) is distinct from 'array' or jsonb_array_length(value) > private.most_listed() then
    perform private.refuse('AS006', format('%s must be an array of at most %s.', name, private.most_listed()));
  end if;
end $$;
comment on function private.require_array is 'AS006 unless it is an array of at most most_listed() entries.';

create function private.require_lease(seconds int) returns void
language plpgsql set search_path = private, pg_catalog, pg_temp as $$
begin
  if coalesce(seconds, 0) not between private.shortest_lease() and private.longest_lease() then
    perform private.refuse('AS006', format('lease_seconds must be %s to %s.', private.shortest_lease(),
      private.longest_lease()));
  end if;
end $$;
comment on function private.require_lease is 'AS006 unless a lease may be so long.';

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
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(truth, justice, fraud, perjury, legal_credit, relevancy) is null then
    return '{}';  -- most documents of a bulk import, and every writing of their row asks
  end if;
  return (select coalesce(array_agg(s.name order by s.name), '{}')
  from unnest(array['truth_score', 'justice_score', 'fraud_score', 'perjury_score', 'legal_credit_score',
      'relevancy_score'],
    array[truth, justice, fraud, perjury, legal_credit, relevancy]) as s(name, score)
  where s.score is not null
    and not jsonb_path_exists(evidence, ('$[*] ? (@.score == "' || s.name
      || '" && @.verified == true && @.quote.type() == "string")')::jsonpath));
end $$;
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

create function private.most_parts_a_call() returns int language sql immutable return 200;
comment on function private.most_parts_a_call
  is 'Parts that one add_parts enters: a document, a job and two events each, some 2 ms.';

create function private.most_part_depth() returns int language sql immutable return 8;
comment on function private.most_part_depth
  is 'How deep files may lie in files: a letter in an e-mail in a mailbox in an export is 4; a bomb is endless.';

create function private.most_parts_of_one() returns int language sql immutable return 100000;
comment on function private.most_parts_of_one
  is 'Parts of one file that came in, at all depths: ten years of mail with what is attached to it.';

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

create function private.most_listed() returns int language sql immutable return 1000;
comment on function private.most_listed
  is 'Entries of one array of leases, files or ids: a call of that size takes a second, and nobody has more in hand.';

create function private.most_claimed() returns int language sql immutable return 100;
comment on function private.most_claimed
  is 'Jobs that one claim may ask for: more than a machine may hold.';

create function private.shortest_lease() returns int language sql immutable return 5;
comment on function private.shortest_lease
  is 'Seconds: a lease must outlive a heartbeat that comes late, if only in tests.';

create function private.longest_lease() returns int language sql immutable return 3600;
comment on function private.longest_lease
  is 'Seconds a dead machine can keep a job, or a dead call its dollars, from others.';

create function private.promotion_size() returns int language sql immutable return 100;
comment on function private.promotion_size
  is 'Jobs whose waiting time is over that one claim moves to their lanes: the next claim moves the next.';

create function private.most_events() returns int language sql immutable return 1000;
comment on function private.most_events
  is 'Events a consumer may take at once: what it cannot acknowledge in time comes again.';

create function private.alarm_glance() returns interval language sql immutable return interval '1 minute';
comment on function private.alarm_glance
  is 'How exactly an alarm says when its cause was last seen: a program that looks every second writes once a minute.';

create function private.alarm_settle() returns interval language sql immutable return interval '10 minutes';
comment on function private.alarm_settle
  is 'So long a cause must be gone before people are told so: what comes and goes is one alarm, not twenty.';

create function private.alarm_repeat() returns interval language sql immutable return interval '1 day';
comment on function private.alarm_repeat is 'An open alarm is told again after so long: messages are overlooked.';

create function private.passing_alarms() returns text[] language sql immutable
  return array['batch_empty', 'choice_dropped', 'machine_caught', 'parked_notice', 'reaped', 'stray'];
comment on function private.passing_alarms
  is 'What was dealt with when it was told: it stands for a day, and is not told again.';

create function private.longest_alarm() returns int language sql immutable return 1000;
comment on function private.longest_alarm
  is 'Characters of an alarm that are kept: a message to a telephone.';

create function private.longest_reason() returns int language sql immutable return 500;
comment on function private.longest_reason
  is 'Characters kept of a sentence that says why, and of a court''s or a file''s name: far beyond any of ours, and '
  'what a stranger sends must not fill the database.';

create function private.longest_word() returns int language sql immutable return 200;
comment on function private.longest_word
  is 'Characters kept of a word or a short label: a document''s type, a case number, a model, a batch''s name.';

create function private.longest_summary() returns int language sql immutable return 20000;
comment on function private.longest_summary
  is 'Characters kept of a summary: some eight pages.';

create function private.longest_quote() returns int language sql immutable return 5000;
comment on function private.longest_quote
  is 'Characters kept of a quote, of what is said about it, and of a summary where it is searched: some two pages.';

create function private.fresh_report() returns interval language sql immutable return interval '2 minutes';
comment on function private.fresh_report
  is 'How old a machine''s last heartbeat may be for its speed to count in the queue''s: six of them.';

create function private.afterlife() returns interval language sql immutable return interval '6 hours';
comment on function private.afterlife
  is 'How long the scaler still looks at destroyed machines: a list that lags, or a host that wakes, shows up by then.';

create function private.bill_settles() returns interval language sql immutable return interval '5 minutes';
comment on function private.bill_settles
  is 'A bill read so long after a contract''s end is complete: its last seconds and bytes are counted by then. Until '
  'then the worst case stands under the caps.';

create function private.bill_memory() returns interval language sql immutable return interval '14 days';
comment on function private.bill_memory
  is 'How long the bill of a contract that ended is watched until it is proved to stand still; people are told before.';

create function private.most_unproved() returns int language sql immutable return 200;
comment on function private.most_unproved
  is 'Ended contracts that one reading of the bill judges, the oldest first; the others follow as those are proved.';

create function private.bill_grain() returns double precision language sql immutable return 1e-6;
comment on function private.bill_grain
  is 'Dollars by which a bill must grow to have grown: less is rounding, and a fifth of a second of the cheapest disk.';

create function private.most_records() returns int language sql immutable return 1000;
comment on function private.most_records
  is 'Records of hardware that the scaler is told, the newest first: more machines than a market of one search has.';

create function private.most_boots() returns int language sql immutable return 200;
comment on function private.most_boots
  is 'Newest boots that medians are taken of: plenty, and older ones say little of today''s image.';

create function private.speed_memory() returns interval language sql immutable return interval '30 days';
comment on function private.speed_memory
  is 'How far back measured speeds of a GPU count: newer images read at other speeds.';

create function private.proven_pages() returns int language sql immutable return 20;
comment on function private.proven_pages
  is 'Pages after which a machine''s speed is believed: the first ones warm up.';

create function private.pace_window() returns interval language sql immutable return interval '10 minutes';
comment on function private.pace_window
  is 'Over which a batch''s pace is measured: long enough to be steady, short enough to follow a machine that joined.';

create function private.most_words() returns int language sql immutable return 16;
comment on function private.most_words
  is 'Words of a question that are looked for: a sentence; what comes after them adds little.';

create function private.most_codes() returns int language sql immutable return 8;
comment on function private.most_codes
  is 'Numbers and names with digits in a question that are looked for as they stand.';

create function private.longest_question() returns int language sql immutable return 1000;
comment on function private.longest_question
  is 'Characters of a question that are read.';

create function private.most_found() returns int language sql immutable return 200;
comment on function private.most_found
  is 'Documents one search may answer with: nobody reads further.';

create function private.most_filtered() returns int language sql immutable return 1000;
comment on function private.most_filtered
  is 'Documents up to which a search looks only at those that its filters leave; beyond, the filters are asked last.';

create function private.most_spellings() returns int language sql immutable return 200;
comment on function private.most_spellings
  is 'Words with a common spelling key that are compared letter by letter: 200 take a millisecond.';

create function private.corpus_sample() returns int language sql immutable return 10000;
comment on function private.corpus_sample
  is 'Passages up to which they are counted, where the table''s statistics may be old; beyond, the statistics do.';

create function private.excerpt_length() returns int language sql immutable return 300;
comment on function private.excerpt_length
  is 'Characters shown of a text where no words of the question stand in it.';

create function private.embedding_size() returns int language sql immutable return 384;
comment on function private.embedding_size
  is 'Numbers of an embedding: what all-MiniLM-L6-v2, which the worker runs, makes of a passage.';

create function private.backoff(attempt int) returns interval
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select least(15 * 4 ^ (greatest(attempt, 1) - 1), 3600) * (0.75 + random() / 2) * interval '1 second'
$$;
comment on function private.backoff
  is '15 s, 1 min, 4 min … at most 1 h, each ±25 % so that jobs which failed together do not return together.';
