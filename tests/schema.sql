CREATE SCHEMA private;

COMMENT ON SCHEMA private IS 'Helpers of the functions in public. Not exposed by PostgREST, granted to nobody.';

CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE TYPE private.counted_document AS (
	id uuid,
	job_id uuid,
	judged text,
	is_shown boolean
);

COMMENT ON TYPE private.counted_document IS 'What of a document its jobs are counted by.';

CREATE TYPE private.question_part AS (
	item integer,
	kind text,
	query tsquery,
	weight real
);

COMMENT ON TYPE private.question_part IS 'One way to answer one item of a question: a word, a day, an amount; exact: it must stand so in the document; never: it must not.';

CREATE TYPE private.wanted_change AS (
	document_id uuid,
	name text,
	after jsonb
);

COMMENT ON TYPE private.wanted_change IS 'What is to be said of a document; null: nothing any more.';

CREATE FUNCTION private.act_cues(act text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case act when 'pay' then array['payment'] when 'custody' then array['exchange', 'custody']
    when 'exchange' then array['exchange', 'custody'] when 'alcohol' then array['alcohol', 'drug', 'smoking']
    when 'distance' then array['distance', 'presence'] else array[act] end
$$;

COMMENT ON FUNCTION private.act_cues(act text) IS 'The cues of statements that what an order regulates may be about.';

CREATE FUNCTION private.add_event_month(month integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  name text := format('events_%s_%s', 2000 + add_event_month.month / 12, lpad((1 + add_event_month.month % 12)::text, 2,
    '0'));
begin
  if to_regclass('private.' || name) is null then
    execute format('create table private.%I (like events including defaults including constraints)', name);
    execute format('alter table events attach partition private.%I for values from (%s) to (%s)', name,
      add_event_month.month * private.month_ids(), (add_event_month.month + 1) * private.month_ids());
    execute format('alter table private.%I enable row level security', name);
    execute format('comment on table private.%I is %L', name, 'The events of a month.');
  end if;
  execute format('create or replace function private.last_event_month() returns int language sql stable return %s',
    add_event_month.month);
end $$;

COMMENT ON FUNCTION private.add_event_month(month integer) IS 'Makes room for the events of a month, after the last one there is.';

CREATE FUNCTION private.add_noted_work(label text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select private.add_work(label, null, null, null)
$$;

COMMENT ON FUNCTION private.add_noted_work(label text) IS 'Adds what was noted beside a machine''s row. The caller has locked the row.';

CREATE TABLE public.machine_work (
    id bigint NOT NULL,
    machine text NOT NULL,
    pages_done bigint NOT NULL,
    pages_worked bigint NOT NULL,
    jobs_done bigint NOT NULL,
    jobs_failed bigint NOT NULL,
    jobs_released bigint NOT NULL,
    left_at timestamp with time zone NOT NULL,
    result_at timestamp with time zone
);

COMMENT ON TABLE public.machine_work IS 'What machines did since their row was last written: nobody waits for that row, and it does not get a version for each document, which a backup''s snapshot would keep and everybody step over. The machine''s next heartbeat, its next hand-back after stamp_pause, or the next sweep adds it there.';

COMMENT ON COLUMN public.machine_work.machine IS 'As processing_jobs has it, which refers to machines.';

CREATE FUNCTION private.add_work(label text, own public.machine_work, heard_at timestamp with time zone, said jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
begin
  with noted as (delete from machine_work w where w.machine = add_work.label returning w.*),
  work as (
    select coalesce(sum(w.pages_done), 0) as pages_done, coalesce(sum(w.pages_worked), 0) as pages_worked,
      coalesce(sum(w.jobs_done), 0) as jobs_done, coalesce(sum(w.jobs_failed), 0) as jobs_failed,
      coalesce(sum(w.jobs_released), 0) as jobs_released, max(w.left_at) as left_at, max(w.result_at) as result_at
    from (select * from noted union all select own.* where own.machine is not null) w
  )
  update machines m set left_at = greatest(m.left_at, work.left_at), result_at = greatest(m.result_at, work.result_at),
    pages_done = m.pages_done + work.pages_done, pages_worked = m.pages_worked + work.pages_worked,
    jobs_done = m.jobs_done + work.jobs_done, jobs_failed = m.jobs_failed + work.jobs_failed,
    jobs_released = m.jobs_released + work.jobs_released,
    last_heartbeat_at = coalesce(heard_at, m.last_heartbeat_at),
    ready_at = coalesce(m.ready_at, heard_at), report = coalesce(said, m.report),
    status = case when heard_at is not null and m.status = 'booting' then 'ready' else m.status end
  from work where m.label = add_work.label;
end $$;

COMMENT ON FUNCTION private.add_work(label text, own public.machine_work, heard_at timestamp with time zone, said jsonb) IS 'Adds to a machine''s row, which the caller has locked, what was noted beside it and what it did just now, and that it was heard, with its report: one version of the row for all of it.';

CREATE FUNCTION private.afterlife() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '06:00:00'::interval;

COMMENT ON FUNCTION private.afterlife() IS 'How long the scaler still looks at destroyed machines: a list that lags, or a host that wakes, shows up by then.';

CREATE FUNCTION private.agreeing_measure(one bigint, other bigint) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select format('%s / %s', a.quote, b.quote) from case_measures a join case_measures b on b.kind = a.kind
    and (a.kind <> 'count' or a.unit is not distinct from b.unit)
  where a.claim_id = one and b.claim_id = other and a.kind in ('clock', 'money', 'count')
    and abs(a.value - b.value) <= case a.kind when 'clock'
      then extract(epoch from private.same_moment()) / 60 else 0.005 end
  order by abs(a.value - b.value), a.id, b.id limit 1
$$;

COMMENT ON FUNCTION private.agreeing_measure(one bigint, other bigint) IS 'Both words of a measure that two statements give alike, or null.';

CREATE FUNCTION private.alarm_glance() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:01:00'::interval;

COMMENT ON FUNCTION private.alarm_glance() IS 'How exactly an alarm says when its cause was last seen: a program that looks every second writes once a minute.';

CREATE FUNCTION private.alarm_repeat() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '1 day'::interval;

COMMENT ON FUNCTION private.alarm_repeat() IS 'An open alarm is told again after so long: messages are overlooked.';

CREATE FUNCTION private.alarm_settle() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:10:00'::interval;

COMMENT ON FUNCTION private.alarm_settle() IS 'So long a cause must be gone before people are told so: what comes and goes is one alarm, not twenty.';

CREATE FUNCTION private.all_words(query tsquery) RETURNS tsquery
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select replace(replace(query::text, ' <-> ', ' & '), ':A', '')::tsquery
$$;

COMMENT ON FUNCTION private.all_words(query tsquery) IS 'A query that asks for the words of phrases in any order and form: the index answers it without a look at the passages.';

CREATE FUNCTION private.allowed_placements(hosting text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case hosting
    when 'local' then array['any_host', 'datacenter_only', 'local_only']
    when 'datacenter' then array['any_host', 'datacenter_only']
    else array['any_host'] end
$$;

COMMENT ON FUNCTION private.allowed_placements(hosting text) IS 'Which placements a machine with this hosting may receive.';

CREATE FUNCTION private.unproven_scores(truth real, justice real, fraud real, perjury real, legal_credit real, relevancy real, evidence jsonb) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
end $_$;

COMMENT ON FUNCTION private.unproven_scores(truth real, justice real, fraud real, perjury real, legal_credit real, relevancy real, evidence jsonb) IS 'Names of the scores for which no quoted words were found in the document: shown as such, and in no total.';

CREATE TABLE public.master_document_registry (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    sha256 text,
    md5 text,
    bytes bigint,
    mime_type text,
    object_key text NOT NULL,
    kept_key text,
    version_id text,
    object_etag text,
    original_fault text,
    original_filename text NOT NULL,
    source text NOT NULL,
    duplicate_of uuid,
    bound_set uuid,
    dissolved_at timestamp with time zone,
    job_id uuid,
    run_id uuid,
    document_type text,
    document_date date,
    dates jsonb DEFAULT '[]'::jsonb NOT NULL,
    parties jsonb DEFAULT '[]'::jsonb NOT NULL,
    case_number text,
    court text,
    summary text,
    key_facts jsonb DEFAULT '[]'::jsonb NOT NULL,
    analyst text,
    model text,
    fallback_reason text,
    truth_score real,
    justice_score real,
    fraud_score real,
    perjury_score real,
    legal_credit_score real,
    relevancy_score real,
    score_evidence jsonb DEFAULT '[]'::jsonb NOT NULL,
    disagreements jsonb DEFAULT '[]'::jsonb NOT NULL,
    unproven_scores text[] GENERATED ALWAYS AS (private.unproven_scores(truth_score, justice_score, fraud_score, perjury_score, legal_credit_score, relevancy_score, score_evidence)) STORED,
    judged text GENERATED ALWAYS AS (
CASE
    WHEN (analyst IS DISTINCT FROM 'claude'::text) THEN 'none'::text
    WHEN (fallback_reason ~ ' on pages |only_first_pages'::text) THEN 'part'::text
    ELSE 'all'::text
END) STORED,
    artifacts jsonb DEFAULT '{}'::jsonb NOT NULL,
    live_mark text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    analysed_at timestamp with time zone,
    as_read jsonb DEFAULT '{}'::jsonb NOT NULL,
    corrected jsonb DEFAULT '{}'::jsonb NOT NULL,
    decided_at timestamp with time zone,
    CONSTRAINT master_document_registry_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT master_document_registry_fraud_score_check CHECK (((fraud_score >= (0)::double precision) AND (fraud_score <= (100)::double precision))),
    CONSTRAINT master_document_registry_justice_score_check CHECK (((justice_score >= (0)::double precision) AND (justice_score <= (100)::double precision))),
    CONSTRAINT master_document_registry_legal_credit_score_check CHECK (((legal_credit_score >= (300)::double precision) AND (legal_credit_score <= (850)::double precision))),
    CONSTRAINT master_document_registry_original_fault_check CHECK ((original_fault = ANY (ARRAY['missing'::text, 'changed'::text]))),
    CONSTRAINT master_document_registry_perjury_score_check CHECK (((perjury_score >= (0)::double precision) AND (perjury_score <= (100)::double precision))),
    CONSTRAINT master_document_registry_relevancy_score_check CHECK (((relevancy_score >= (0)::double precision) AND (relevancy_score <= (999)::double precision))),
    CONSTRAINT master_document_registry_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT master_document_registry_source_check CHECK ((source = ANY (ARRAY['upload'::text, 'telegram'::text, 'bucket'::text, 'drive'::text, 'mail'::text]))),
    CONSTRAINT master_document_registry_truth_score_check CHECK (((truth_score >= (0)::double precision) AND (truth_score <= (100)::double precision)))
)
WITH (fillfactor='80');

COMMENT ON TABLE public.master_document_registry IS 'One row per distinct file (by SHA-256), with what the analysis found. A score nobody judged is null.';

COMMENT ON COLUMN public.master_document_registry.sha256 IS 'Of the bytes as we read them ourselves when they came in. No machine''s word makes it, nor two documents one.';

COMMENT ON COLUMN public.master_document_registry.kept_key IS 'Our own copy of its original; where there is none, it lies under object_key, as which it came.';

COMMENT ON COLUMN public.master_document_registry.version_id IS 'The version of the object where it lies, in a bucket that keeps versions: what is read of the document are these bytes, also when its name was given to others.';

COMMENT ON COLUMN public.master_document_registry.object_etag IS 'What the store called those bytes when we hashed them.';

COMMENT ON COLUMN public.master_document_registry.original_fault IS 'Since the last look at the bucket: missing (it is not there), changed (other bytes are).';

COMMENT ON COLUMN public.master_document_registry.bound_set IS 'The set of binders that holds all its pages.';

COMMENT ON COLUMN public.master_document_registry.dissolved_at IS 'A binder that was undone: it is in no list any more.';

COMMENT ON COLUMN public.master_document_registry.job_id IS 'The newest job that reads or read the document.';

COMMENT ON COLUMN public.master_document_registry.run_id IS 'The analysis that is shown: see analysis_runs.';

COMMENT ON COLUMN public.master_document_registry.score_evidence IS 'What each score rests on: [{score, page, quote, verified, reason, state, differs}].';

COMMENT ON COLUMN public.master_document_registry.disagreements IS 'Where rules and model say different things, widely: [{about, rules, claude}].';

COMMENT ON COLUMN public.master_document_registry.unproven_scores IS 'See private.unproven_scores.';

COMMENT ON COLUMN public.master_document_registry.judged IS 'Whether somebody looked for contradictions and warning signs: all of it, part of it, or none (rules only sort).';

COMMENT ON COLUMN public.master_document_registry.artifacts IS 'name → object key, as the completed job published them.';

COMMENT ON COLUMN public.master_document_registry.live_mark IS 'What a phone writes into the picture and the clip of one live photo.';

COMMENT ON COLUMN public.master_document_registry.as_read IS 'What was read last in the columns that are corrected.';

COMMENT ON COLUMN public.master_document_registry.corrected IS 'What people corrected, by column: it is put over what was read by a trigger, so that whoever reads a column reads what counts.';

COMMENT ON COLUMN public.master_document_registry.decided_at IS 'When a person last decided something about the document.';

CREATE FUNCTION private.analysis_status(document public.master_document_registry) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select case
    when a.status = 'queued' then jsonb_build_object('status', 'waiting', 'reason',
      private.find_wait(a.batch_id, a.document_id, a.error_code))
    when a.status = 'processing' then jsonb_build_object('status', 'judging', 'reason', null)
    when document.analysed_at is null then null
    when a.status = 'failed' and document.analyst is distinct from 'claude'
      then jsonb_build_object('status', 'failed', 'reason', a.error_code)
    else jsonb_build_object('status', case document.judged when 'all' then 'judged' when 'part' then 'part'
      else 'sorted' end, 'reason', document.fallback_reason) end
  from (select 1) as one left join lateral (select j.* from processing_jobs j where j.document_id = document.id
    and j.kind = 'analyse' order by j.seq desc limit 1) a on true
$$;

COMMENT ON FUNCTION private.analysis_status(document public.master_document_registry) IS '{status, reason}: waiting or judging; else judged, part, sorted (by plain rules) or failed; null before a document was read.';

CREATE FUNCTION private.archive_month(month integer) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET lock_timeout TO '2s'
    AS $$
declare
  why text := private.why_month_stays(archive_month.month);
  name text := format('events_%s_%s', 2000 + archive_month.month / 12, lpad((1 + archive_month.month % 12)::text, 2,
    '0'));
begin
  if archive_month.month <> private.first_event_month() or archive_month.month >= private.this_event_month() then
    return 'only the earliest month leaves, and never the present one';
  elsif why is not null then
    return why;
  end if;
  delete from webhook_deliveries d where d.event_id >= archive_month.month * private.month_ids()
    and d.event_id < (archive_month.month + 1) * private.month_ids();
  execute format('alter table events detach partition private.%I', name);
  execute format('alter table private.%I rename to %I', name, 'archived_' || name);
  execute format('create or replace function private.first_event_month() returns int language sql stable return %s',
    archive_month.month + 1);
  perform private.write_every_event();
  insert into refused_news (name) select r.name from refused_names r;  -- a refusal that left is in no list any more
  return null;
exception when lock_not_available then
  return 'somebody reads events now; again at the next call';
end $$;

COMMENT ON FUNCTION private.archive_month(month integer) IS 'Moves the earliest month of events into the archive, or says why not. Every event stays, and stays verifiable: each document''s chain, the log over all documents and the exported bundle are read over both.';

CREATE FUNCTION private.are_all_pages_in(document_id uuid, set_id uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select not exists (select p.page from master_document_registry d join document_pages p on p.job_id = d.job_id
    where d.id = are_all_pages_in.document_id and p.outcome <> 'blank' and not exists (
      select from binders b join binder_members m on m.binder_id = b.document_id
      where b.set_id = are_all_pages_in.set_id and m.document_id = d.id
        and (m.pages is null or p.page = any (m.pages))))
$$;

COMMENT ON FUNCTION private.are_all_pages_in(document_id uuid, set_id uuid) IS 'Whether a set of binders has every page of a document that is not blank.';

CREATE FUNCTION private.most_pages() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100000;

COMMENT ON FUNCTION private.most_pages() IS 'Pages a document may have: far beyond any, and no machine''s word above it is kept.';

CREATE TABLE public.case_claims (
    id bigint NOT NULL,
    document_id uuid NOT NULL,
    key text NOT NULL,
    place integer NOT NULL,
    page integer NOT NULL,
    start integer NOT NULL,
    quote text NOT NULL,
    standing boolean DEFAULT true NOT NULL,
    pinned boolean DEFAULT false NOT NULL,
    voice text NOT NULL,
    speaker_name_id bigint,
    speaker_id uuid,
    said_at timestamp without time zone,
    said_precision text,
    cues text[] DEFAULT '{}'::text[] NOT NULL,
    words text[] DEFAULT '{}'::text[] NOT NULL,
    people uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    starts timestamp without time zone,
    ends timestamp without time zone,
    "precision" text,
    known text,
    rank bigint GENERATED ALWAYS AS (((((COALESCE((EXTRACT(epoch FROM said_at))::bigint, (0)::bigint) / 60) + 1000000000) * 100000) + (id % (100000)::bigint))) STORED NOT NULL,
    CONSTRAINT case_claims_check CHECK (((starts IS NULL) = (ends IS NULL))),
    CONSTRAINT case_claims_known_check CHECK ((known = ANY (ARRAY['header'::text, 'printed'::text, 'stated'::text, 'inferred'::text]))),
    CONSTRAINT case_claims_page_check CHECK (((page >= 1) AND (page <= private.most_pages()))),
    CONSTRAINT case_claims_precision_check CHECK (("precision" = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT case_claims_quote_check CHECK ((quote ~ '\S'::text)),
    CONSTRAINT case_claims_start_check CHECK ((start >= 0)),
    CONSTRAINT case_claims_voice_check CHECK ((voice = ANY (ARRAY['sworn'::text, 'message'::text, 'order'::text, 'record'::text, 'letter'::text, 'note'::text])))
);

COMMENT ON TABLE public.case_claims IS 'Statements: a sentence, a row, a message, a labelled line, in the order of their document.';

COMMENT ON COLUMN public.case_claims.key IS 'Of its words: the same however often the document is drawn.';

COMMENT ON COLUMN public.case_claims.start IS 'Characters before the quote in the text of its page.';

COMMENT ON COLUMN public.case_claims.standing IS 'False: the document''s text does not have it any more.';

COMMENT ON COLUMN public.case_claims.pinned IS 'A decision rests on it: it is kept when the text loses it.';

COMMENT ON COLUMN public.case_claims.words IS 'Stems of the words that say something, of its whole paragraph.';

COMMENT ON COLUMN public.case_claims.people IS 'Who it speaks of, its speaker among them where it says I.';

COMMENT ON COLUMN public.case_claims.rank IS 'The order of lists: when it was said, then which was drawn first.';

CREATE FUNCTION private.are_two_witnesses(a public.case_claims, b public.case_claims) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select a.people && b.people and (a.speaker_id is null or a.speaker_id is distinct from b.speaker_id)
    and not (a.cues || b.cues) && array['conditional', 'question', 'future', 'reported', 'correction', 'duty']
    and private.shared_words(a.quote, b.quote) < private.most_copied_words()
    and not exists (select from case_documents d join case_documents e on e.thread_key = d.thread_key
      where d.document_id = a.document_id and e.document_id = b.document_id)
$$;

COMMENT ON FUNCTION private.are_two_witnesses(a public.case_claims, b public.case_claims) IS 'Whether two statements of the same people are of two speakers, and neither repeats the other.';

CREATE FUNCTION private.arrival_buckets() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1024;

COMMENT ON FUNCTION private.arrival_buckets() IS 'Locks that arriving hashes share: two steps of a scan always meet, a single upload meets one of 250 files one time in four. Each takes room in the one table of locks (6,400 places with 100 connections).';

CREATE FUNCTION private.artifact_keys(files jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_object_agg(name, file ->> 'key'), '{}') from jsonb_each(files) as a(name, file)
$$;

COMMENT ON FUNCTION private.artifact_keys(files jsonb) IS 'name → object key, of name → {key, bytes, sha256}.';

CREATE FUNCTION private.asked_days(question text) RETURNS date[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
  select array(select to_date(substr(f.lexeme, 2), 'YYYYMMDD') from private.find_days(question, null) f
    where f.lexeme ~ '^@\d{8}$')
$_$;

COMMENT ON FUNCTION private.asked_days(question text) IS 'The whole days that a question names.';

CREATE FUNCTION private.asked_names(question text) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select array(select distinct w from regexp_split_to_table(private.plain_words(question), ' ') w
    where length(w) > 1 and tsvector_to_array(to_tsvector('pg_catalog.english', w)) <> '{}'
      and exists (select from case_names n where n.first = w and left(n.first, 3) = left(w, 3)
          and n.person_id is not null
        union all select from case_names n where n.last = w and n.person_id is not null))
$$;

COMMENT ON FUNCTION private.asked_names(question text) IS 'Whom a question names, by first or last names that the papers have.';

CREATE FUNCTION private.asked_pages(parts private.question_part[], embedding extensions.vector, matter_id uuid) RETURNS TABLE(document_id uuid, page integer)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path TO 'public', 'private', 'extensions', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.asked_pages(parts private.question_part[], embedding extensions.vector, matter_id uuid) IS 'The pages on which an answer may stand: those with the words of a question, and those that mean something near.';

CREATE FUNCTION private.asking_words() RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select '\m(say|says|said|saying|tell|tells|told|happen(s|ed)?|mention(s|ed)?|write|writes|wrote|written|claim(s|ed)?'
    '|stat(e|es|ed|ement|ements)|documents?|papers?|files?|ever|evidence|know|knew|known|show|shows|showed|shown'
    '|prove|proves|proved|proof|please|many|much|time|date|day|there|anything|anyone|anybody|something|someone'
    '|somebody'
    '|take|takes|took|taken|get|gets|got|go|goes|went|gone|make|makes|made|come|comes|came|give|gave|given|see|saw|seen'
    '|use|used|el|la|los|las|un|una|de|del|que|qué|quién|quien|cuándo|cuando|dónde|donde|cómo|como|por|para|con|sobre'
    '|dijo|dice|hay|alguien|algo)\M'
$$;

COMMENT ON FUNCTION private.asking_words() IS 'Words of a question that ask or say little, and that no answer needs to have.';

CREATE FUNCTION private.backoff(attempt integer) RETURNS interval
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select least(15 * 4 ^ (greatest(attempt, 1) - 1), 3600) * (0.75 + random() / 2) * interval '1 second'
$$;

COMMENT ON FUNCTION private.backoff(attempt integer) IS '15 s, 1 min, 4 min … at most 1 h, each ±25 % so that jobs which failed together do not return together.';

CREATE FUNCTION private.batch_claude_usd(batch_id uuid) RETURNS numeric
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(sum(c.usd), 0) from job_counts c where c.batch_id = batch_claude_usd.batch_id and c.kind = 'claude'
$$;

COMMENT ON FUNCTION private.batch_claude_usd(batch_id uuid) IS 'What a batch''s calls to Claude cost.';

CREATE FUNCTION private.batch_machine_usd(batch_id uuid) RETURNS numeric
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select coalesce((select b.usd from private.batches_machine_usd(array[batch_machine_usd.batch_id]) b), 0)
$$;

COMMENT ON FUNCTION private.batch_machine_usd(batch_id uuid) IS 'The shares of a batch''s ended jobs.';

CREATE FUNCTION private.batches_machine_usd(batch_ids uuid[]) RETURNS TABLE(batch_id uuid, usd numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select w.batch_id, round(sum(private.machine_usd(m) * w.pages / m.pages_worked), 6)
  from (select c.batch_id, c.machine, sum(c.pages_worked) as pages from private.counts_of(batch_ids) c
    where c.kind = 'read' and c.machine is not null group by 1, 2) w
    join machines m on m.label = w.machine and m.pages_worked > 0 group by 1
$$;

COMMENT ON FUNCTION private.batches_machine_usd(batch_ids uuid[]) IS 'What the ended jobs of each of these batches cost as shares of their machines; no row where that is nothing.';

CREATE FUNCTION private.bill_grain() RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN 0.000001;

COMMENT ON FUNCTION private.bill_grain() IS 'Dollars by which a bill must grow to have grown: less is rounding, and a fifth of a second of the cheapest disk.';

CREATE FUNCTION private.bill_memory() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '14 days'::interval;

COMMENT ON FUNCTION private.bill_memory() IS 'How long the bill of a contract that ended is watched until it is proved to stand still; people are told before.';

CREATE TABLE public.machines (
    label text NOT NULL,
    deployment text DEFAULT ''::text NOT NULL,
    contract_id bigint,
    ask_id bigint,
    machine_id bigint,
    host_id bigint,
    gpu_name text,
    geolocation text,
    is_bid boolean DEFAULT false NOT NULL,
    hosting text DEFAULT 'community'::text NOT NULL,
    status text DEFAULT 'intent'::text NOT NULL,
    batch_id uuid,
    usd_per_hour numeric,
    traffic_usd_per_hour double precision DEFAULT 0 NOT NULL,
    traffic_usd_per_page double precision DEFAULT 0 NOT NULL,
    pull_usd double precision DEFAULT 0 NOT NULL,
    reserved_until timestamp with time zone,
    boot_deadline_at timestamp with time zone,
    inet_down_mbps double precision,
    image_gb double precision,
    reason text,
    vast_status text,
    vast_message text,
    destroy_reason text,
    refused boolean DEFAULT false NOT NULL,
    blame text,
    destroy_calls integer DEFAULT 0 NOT NULL,
    absences integer DEFAULT 0 NOT NULL,
    intent_at timestamp with time zone DEFAULT now() NOT NULL,
    contract_at timestamp with time zone,
    running_at timestamp with time zone,
    seen_at timestamp with time zone,
    ready_at timestamp with time zone,
    last_heartbeat_at timestamp with time zone,
    left_at timestamp with time zone,
    result_at timestamp with time zone,
    destroying_at timestamp with time zone,
    destroy_called_at timestamp with time zone,
    destroyed_at timestamp with time zone,
    report jsonb DEFAULT '{}'::jsonb NOT NULL,
    pages_done bigint DEFAULT 0 NOT NULL,
    pages_worked bigint DEFAULT 0 NOT NULL,
    jobs_done bigint DEFAULT 0 NOT NULL,
    jobs_failed bigint DEFAULT 0 NOT NULL,
    jobs_released bigint DEFAULT 0 NOT NULL,
    caught_at timestamp with time zone,
    verdict text,
    verdict_reason text,
    verdict_at timestamp with time zone,
    log_word text,
    log_read_at timestamp with time zone,
    CONSTRAINT machines_blame_check CHECK ((blame = ANY (ARRAY['machine'::text, 'ours'::text]))),
    CONSTRAINT machines_hosting_check CHECK ((hosting = ANY (ARRAY['community'::text, 'datacenter'::text, 'local'::text]))),
    CONSTRAINT machines_label_check CHECK ((label <> ''::text)),
    CONSTRAINT machines_log_word_check CHECK ((log_word = ANY (ARRAY['works'::text, 'unreached'::text, 'unfit'::text, 'ours'::text, 'died'::text, 'left'::text]))),
    CONSTRAINT machines_status_check CHECK ((status = ANY (ARRAY['intent'::text, 'booting'::text, 'ready'::text, 'destroying'::text, 'destroyed'::text]))),
    CONSTRAINT machines_verdict_check CHECK ((verdict = ANY (ARRAY['adopt'::text, 'keep'::text, 'wait'::text, 'hedge'::text, 'end'::text, 'return'::text])))
)
WITH (fillfactor='70');

COMMENT ON TABLE public.machines IS 'One row per machine we rent or run; the label is its identity and is written before the machine exists.';

COMMENT ON COLUMN public.machines.hosting IS 'Whose hardware: decides which placements the claim may hand out. any_host runs anywhere, datacenter_only on datacenter or local, local_only on local.';

COMMENT ON COLUMN public.machines.status IS 'intent (row committed, nothing bought) → booting (contract known) → ready (first heartbeat) → destroying → destroyed (absent from two good lists). A worker token is honoured while intent, booting or ready.';

COMMENT ON COLUMN public.machines.traffic_usd_per_hour IS 'The most its pages can cost in traffic per hour of work.';

COMMENT ON COLUMN public.machines.traffic_usd_per_page IS 'What a page''s bytes in and out are expected to cost there.';

COMMENT ON COLUMN public.machines.reserved_until IS 'Until when its worst case is reserved under the caps. It is destroyed before, or the reservation is extended.';

COMMENT ON COLUMN public.machines.inet_down_mbps IS 'The line''s speed by its offer, and image_gb the image it pulled: what boot times are learned by.';

COMMENT ON COLUMN public.machines.reason IS 'Why it was rented; destroy_reason says why it ended.';

COMMENT ON COLUMN public.machines.left_at IS 'When it last let go of a job, however that ended. A machine without a lease is idle since then.';

COMMENT ON COLUMN public.machines.result_at IS 'When it last handed back an outcome: a completed document, or one that failed for good.';

COMMENT ON COLUMN public.machines.report IS 'The last heartbeat''s report: gpu_name, ocr_engine, pages_per_second, pages_done, idle_seconds.';

COMMENT ON COLUMN public.machines.pages_done IS 'Pages of completed jobs, counted here and not by the worker''s word.';

COMMENT ON COLUMN public.machines.pages_worked IS 'Pages of the jobs it ended, completed or failed: by these its cost is shared out, see private.pages_worked.';

COMMENT ON COLUMN public.machines.jobs_failed IS 'Jobs that it failed for good or found blank throughout: see private.fails_too_much.';

COMMENT ON COLUMN public.machines.jobs_released IS 'Jobs handed back, unharmed or to be tried again. Past 256 the machine gets no more: see claim_jobs.';

COMMENT ON COLUMN public.machines.caught_at IS 'When its readings were found false: all of them are made anew elsewhere.';

COMMENT ON COLUMN public.machines.verdict IS 'What the scaler last decided of it, from all that is known: adopt its contract, keep it, wait, wait and rent another beside it (hedge), end it, or see its return through.';

COMMENT ON COLUMN public.machines.log_word IS 'What its log ended with when it was last read: works, unreached (cannot reach us), unfit, ours (the image), died, left. A word of ours; no line is kept.';

CREATE FUNCTION private.bill_read_at(machine public.machines, day date) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select max(c.charged_at) from fleet_charges c
  where c.contract_id = machine.contract_id and (bill_read_at.day is null or c.day = bill_read_at.day)
$$;

COMMENT ON FUNCTION private.bill_read_at(machine public.machines, day date) IS 'When a contract''s bill, of a day or of any, was last read; null when it never was.';

CREATE FUNCTION private.bill_settles() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:05:00'::interval;

COMMENT ON FUNCTION private.bill_settles() IS 'A bill read so long after a contract''s end is complete: its last seconds and bytes are counted by then. Until then the worst case stands under the caps.';

CREATE FUNCTION private.bills_in() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '01:00:00'::interval;

COMMENT ON FUNCTION private.bills_in() IS 'How long after a batch''s end its cost is written down: its machines have ended and their bills are complete.';

CREATE FUNCTION private.bindable(member jsonb) RETURNS public.master_document_registry
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  document master_document_registry;
  pages int;
begin
  select d.* into document from master_document_registry d where d.id = (member ->> 'document_id')::uuid;
  select j.pages_total into pages from processing_jobs j where j.id = document.job_id and j.status = 'completed';
  if document.id is null then
    perform private.refuse('AS002', 'There is no such document.');
  elsif document.duplicate_of is not null or exists (select from binders b where b.document_id = document.id) then
    perform private.refuse('AS003', 'A copy or a binder cannot be bound again.');
  elsif coalesce(pages, 0) = 0 then
    perform private.refuse('AS003', 'Only documents whose pages were read can be bound.');
  elsif exists (select from binder_members m join binders b on b.document_id = m.binder_id
      where m.document_id = document.id and b.dissolved_at is null) then
    perform private.refuse('AS003', 'The document is in a binder already; dissolve that first.');
  elsif jsonb_typeof(member -> 'pages') = 'array' and (jsonb_array_length(member -> 'pages') = 0 or exists (select
      from jsonb_array_elements_text(member -> 'pages') as p where p::int not between 1 and pages)) then
    perform private.refuse('AS006', format('Its pages are 1 to %s.', pages));
  end if;
  return document;
end $$;

COMMENT ON FUNCTION private.bindable(member jsonb) IS 'The document of a member; AS002, AS003 or AS006 where it cannot be bound.';

CREATE FUNCTION private.binders_tell(of_set uuid, member_analyst text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select bool_and(j.status = 'completed' and (d.analyst = 'claude' or member_analyst is distinct from 'claude'))
    from binders b join master_document_registry d on d.id = b.document_id join processing_jobs j on j.id = d.job_id
    where b.set_id = of_set
$$;

COMMENT ON FUNCTION private.binders_tell(of_set uuid, member_analyst text) IS 'Whether every binder of a set was read, and judged as well as a member that this analyst judged.';

CREATE FUNCTION private.blames_house(code text, retry boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if not coalesce(retry, false) or not private.is_house_code(blames_house.code) then
    return false;
  end if;
  perform ask_door('storage');
  return not private.is_seen_sound('storage');
end $$;

COMMENT ON FUNCTION private.blames_house(code text, retry boolean) IS 'Whether a worker''s failure costs its document no attempt: it speaks of our house, which was not lately seen sound. Either way somebody looks.';

CREATE FUNCTION private.burst() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 256;

COMMENT ON FUNCTION private.burst() IS 'Documents that a stranger''s machine may end at once, before its pace counts.';

CREATE TABLE public.processing_jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    kind text DEFAULT 'read'::text NOT NULL,
    check_of uuid,
    document_id uuid NOT NULL,
    batch_id uuid,
    lane_id bigint NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    priority text NOT NULL,
    placement text NOT NULL,
    allow_claude boolean DEFAULT true NOT NULL,
    choices_unsaid boolean DEFAULT false NOT NULL,
    precedence smallint DEFAULT 0 NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 3 NOT NULL,
    deaths smallint DEFAULT 0 NOT NULL,
    run_after timestamp with time zone,
    lease_token uuid,
    lease_expires_at timestamp with time zone,
    progress_at timestamp with time zone,
    machine text,
    artifact_prefix text,
    pages_estimate integer,
    pages_done integer DEFAULT 0 NOT NULL,
    pages_total integer,
    pages_accounted integer DEFAULT 0 NOT NULL,
    parts_total integer,
    page_outcomes jsonb DEFAULT '{}'::jsonb NOT NULL,
    error_code text,
    error_message text,
    seconds real,
    is_empty boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    ready boolean GENERATED ALWAYS AS (((status = 'queued'::text) AND (run_after IS NULL) AND (deaths = 0) AND (kind = 'read'::text))) STORED NOT NULL,
    CONSTRAINT processing_jobs_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT processing_jobs_check CHECK (((status = 'processing'::text) = (lease_token IS NOT NULL))),
    CONSTRAINT processing_jobs_check1 CHECK (((status = 'processing'::text) = (lease_expires_at IS NOT NULL))),
    CONSTRAINT processing_jobs_kind_check CHECK ((kind = ANY (ARRAY['read'::text, 'analyse'::text, 'compare'::text, 'check'::text]))),
    CONSTRAINT processing_jobs_max_attempts_check CHECK ((max_attempts > 0)),
    CONSTRAINT processing_jobs_pages_done_check CHECK (((pages_done >= 0) AND (pages_done <= private.most_pages()))),
    CONSTRAINT processing_jobs_pages_estimate_check CHECK (((pages_estimate >= 0) AND (pages_estimate <= private.most_pages()))),
    CONSTRAINT processing_jobs_pages_total_check CHECK (((pages_total >= 0) AND (pages_total <= private.most_pages()))),
    CONSTRAINT processing_jobs_placement_check CHECK ((placement = ANY (ARRAY['any_host'::text, 'datacenter_only'::text, 'local_only'::text]))),
    CONSTRAINT processing_jobs_priority_check CHECK ((priority = ANY (ARRAY['high'::text, 'normal'::text, 'low'::text]))),
    CONSTRAINT processing_jobs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_analyze_scale_factor='0.05');

COMMENT ON TABLE public.processing_jobs IS 'One run of one document through a worker.';

COMMENT ON COLUMN public.processing_jobs.kind IS 'read (a machine with a GPU: pages, text, pictures), analyse (the analysis worker: Claude judges what was read), compare (the analysis worker: Claude judges the pairs that a document proposed) or check (another machine reads it once more, to be compared: see check_of). A document''s account, its pages and its status are those of read.';

COMMENT ON COLUMN public.processing_jobs.status IS 'queued → processing (claim) → completed | failed | cancelled; processing → queued (retry, release, worker died); failed | cancelled → queued (retry_job).';

COMMENT ON COLUMN public.processing_jobs.choices_unsaid IS 'Nobody said where this document may be read (its choices were lost with its row): it waits at the strictest until set_job_choices.';

COMMENT ON COLUMN public.processing_jobs.precedence IS 'Of jobs to analyse: 0 for the most relevant by the rules, to 9.';

COMMENT ON COLUMN public.processing_jobs.attempt IS 'Raised by the claim, given back by release_jobs; at max_attempts a failure or a death is final.';

COMMENT ON COLUMN public.processing_jobs.deaths IS 'Workers that died holding this job. Such a suspect is claimed one at a time per machine, so that a document that kills its worker does not take the same neighbours down three times.';

COMMENT ON COLUMN public.processing_jobs.run_after IS 'Null: now. Otherwise the job waits until then (backoff after a failure or a death).';

COMMENT ON COLUMN public.processing_jobs.lease_token IS 'The fence: every worker function matches id and token, so a stale worker changes nothing.';

COMMENT ON COLUMN public.processing_jobs.progress_at IS 'When pages_done last grew. A lease without progress for 30 minutes is not extended.';

COMMENT ON COLUMN public.processing_jobs.machine IS 'Label of the machine that holds or last held the job.';

COMMENT ON COLUMN public.processing_jobs.artifact_prefix IS 'Where this lease may write: processed/YYYY/MM/DD/<document_id>/<lease_token>/ with the final slash.';

COMMENT ON COLUMN public.processing_jobs.pages_accounted IS 'Rows in document_pages for this job; equals pages_total once the job has completed.';

COMMENT ON COLUMN public.processing_jobs.parts_total IS 'Files inside the document, each with a row in document_parts.';

COMMENT ON COLUMN public.processing_jobs.is_empty IS 'It was read, and no page has a word.';

COMMENT ON COLUMN public.processing_jobs.ready IS 'May be claimed by a GPU now: waits for nothing and killed nobody.';

CREATE FUNCTION private.bury_analysis(job public.processing_jobs) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if job.deaths + 1 >= private.most_analysis_deaths() then
    perform private.end_analysis(job, 'failed', 'worker_died',
      'The analysis worker stopped without a word again and again while it had this document.');
    return 'failed';
  end if;
  perform private.return_analysis(job, true, null, null, died => true);
  return 'queued';
end $$;

COMMENT ON FUNCTION private.bury_analysis(job public.processing_jobs) IS 'A job to analyse whose worker fell silent: back in the line, or failed at last.';

CREATE FUNCTION private.bury_job(job public.processing_jobs, in_company boolean) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  -- With others in hand any of them may have done it, or none. What has seen a death before is claimed one at a time
  -- per machine, so the second death is its own.
  counts boolean := job.deaths > 0 or not in_company;
begin
  if counts and job.attempt >= job.max_attempts then
    perform private.end_job(job, 'failed', 'worker_died',
      format('The worker stopped without a word, or its machine broke, while it had this document, %s times in a row. '
      'The file may be too large or damaged. Look at it, then retry the job.', job.attempt));
    return 'failed';
  end if;
  perform private.return_job(job, 'job_requeued', not counts, null, 'worker_died',
    'The worker stopped without a word, or its machine broke; the job is waiting for another one.');
  return 'queued';
end $$;

COMMENT ON FUNCTION private.bury_job(job public.processing_jobs, in_company boolean) IS 'A job whose worker died: queued again, or failed as worker_died when its attempts are used up. A first death among several jobs in hand makes it a suspect and costs no attempt.';

CREATE FUNCTION private.call_kinds(job_kind text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case job_kind when 'analyse' then array['quick', 'careful']
    when 'compare' then array['pairs_quick', 'pairs_careful'] else '{}' end
$$;

COMMENT ON FUNCTION private.call_kinds(job_kind text) IS 'Of which kinds of call a job may publish something.';

CREATE FUNCTION private.carry_decisions(document_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.carry_decisions(document_id uuid) IS 'A decision on words that a later reading spells otherwise holds for the same statements in their new letters.';

CREATE FUNCTION private.catch_machine(label text, why text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  update machines m set caught_at = now() where m.label = catch_machine.label and m.caught_at is null
    and m.hosting <> 'local';
  if found then
    perform mark_destroying(catch_machine.label, 'caught: ' || why, 'machine');
    perform raise_alarm('machine_caught', format('Machine %s is ended and blocked: %s. All that it read is read '
      'again on others.', catch_machine.label, why), catch_machine.label);
  end if;
end $$;

COMMENT ON FUNCTION private.catch_machine(label text, why text) IS 'A machine whose readings are not believed: ended, its hardware to blame.';

CREATE FUNCTION private.changed_refusals(ended_only boolean) RETURNS TABLE(name text, was integer, is_now integer)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  select n.name, exists (select from refused_names r where r.name = n.name)::int,
    exists (select from refused_files f where f.original_filename = n.name)::int
  from (select distinct c.name from refused_news c where not ended_only
    or c.folds_after <= pg_snapshot_xmin(pg_current_snapshot())) n
$$;

COMMENT ON FUNCTION private.changed_refusals(ended_only boolean) IS 'Of each name in the news whether it was refused when the sweep looked last, and is now. ended_only: those that may be folded.';

CREATE FUNCTION private.check_batch_hours() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
declare
  cap double precision := (select (limits ->> 'max_cost_per_hour')::double precision from batches
    where id = new.batch_id);
  hourly double precision;
begin
  if cap is not null then
    select coalesce(sum(m.usd_per_hour::double precision + m.traffic_usd_per_hour), 0) into hourly
      from machines m where m.batch_id = new.batch_id and m.status <> 'destroyed';
    hourly := hourly + coalesce(new.usd_per_hour, 0)::double precision + new.traffic_usd_per_hour;
    if hourly > cap + 1e-9 then
      perform private.refuse('AS005', format('cap reached: $%s per hour for the batch of $%s', round(hourly::numeric,
        4), cap));
    end if;
  end if;
  return new;
end $_$;

COMMENT ON FUNCTION private.check_batch_hours() IS 'AS005 when a machine rented for a batch would pass the batch''s own limit. create_intent holds the fleet''s lock, so no race passes it.';

CREATE TABLE public.batches (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    source text DEFAULT 'upload'::text NOT NULL,
    priority text DEFAULT 'normal'::text NOT NULL,
    placement text DEFAULT 'any_host'::text NOT NULL,
    allow_claude boolean,
    limits jsonb DEFAULT '{}'::jsonb NOT NULL,
    again_of uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT batches_placement_check CHECK ((placement = ANY (ARRAY['any_host'::text, 'datacenter_only'::text, 'local_only'::text]))),
    CONSTRAINT batches_priority_check CHECK ((priority = ANY (ARRAY['high'::text, 'normal'::text, 'low'::text]))),
    CONSTRAINT batches_source_check CHECK ((source = ANY (ARRAY['upload'::text, 'telegram'::text, 'bucket'::text, 'drive'::text, 'mail'::text]))),
    CONSTRAINT batches_status_check CHECK ((status = ANY (ARRAY['open'::text, 'running'::text, 'paused'::text, 'stopped'::text, 'completed'::text])))
);

COMMENT ON TABLE public.batches IS 'Jobs that came in together: a folder, a bucket prefix, a Drive folder.';

COMMENT ON COLUMN public.batches.seq IS 'The order of their beginning: the cursor of lists.';

COMMENT ON COLUMN public.batches.status IS 'open (takes files, nothing scans for it) or running (a scan adds objects) ⇄ paused (nothing is claimed) → completed (all jobs ended); any of these → stopped (waiting jobs cancelled, final).';

COMMENT ON COLUMN public.batches.limits IS 'The request''s own limits, as given: max_documents, max_dollars_per_hour, mime_types …';

COMMENT ON COLUMN public.batches.again_of IS 'The ended batch whose unread documents this one reads, before it goes on where that one''s scan was.';

CREATE FUNCTION private.check_file(file jsonb, OUT batch public.batches, OUT priority text, OUT placement text, OUT allow_claude boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if file ->> 'batch_id' is not null then
    select * into batch from batches b where b.id = (file ->> 'batch_id')::uuid;
    if not found then
      perform private.refuse('AS002', 'There is no such batch.');
    elsif batch.status in ('stopped', 'completed') and file ->> 'part_of' is null then
      perform private.refuse('AS003', 'The batch has ended; start a new one.');
    end if;
  end if;
  perform private.require_word(file ->> 'source', array['upload', 'telegram', 'bucket', 'drive', 'mail'], 'source');
  priority := private.require_word(coalesce(file ->> 'priority', batch.priority, 'normal'),
    array['high', 'normal', 'low'], 'priority');
  placement := private.require_word(coalesce(file ->> 'placement', batch.placement, 'any_host'),
    array['any_host', 'datacenter_only', 'local_only'], 'placement');
  -- A document that may not leave the house does not go to Claude either, unless somebody said so.
  allow_claude := coalesce((file ->> 'allow_claude')::boolean, batch.allow_claude, placement <> 'local_only');
  if file ->> 'sha256' is null and file ->> 'again' is null then
    perform private.refuse('AS006', 'A file needs the sha256 of its bytes, hashed by us: no machine names it later.');
  end if;
  if file ->> 'document_id' is null or coalesce(file ->> 'object_key', '') = ''
    or coalesce(file ->> 'original_filename', '') = '' then
    perform private.refuse('AS006', 'A file needs document_id, object_key and original_filename.');
  end if;
end $$;

COMMENT ON FUNCTION private.check_file(file jsonb, OUT batch public.batches, OUT priority text, OUT placement text, OUT allow_claude boolean) IS 'The file''s settings, its own before its batch''s; AS002, AS003 or AS006 if they cannot be.';

CREATE FUNCTION private.check_filter(filter jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  if jsonb_typeof(filter) is distinct from 'object' or exists (select from jsonb_object_keys(filter) as name
      where name <> all (array['document_id', 'batch_id', 'case_number', 'document_type', 'date_from', 'date_to',
        'analyst', 'reason', 'force'])) then
    perform private.refuse('AS006', 'The filter has a field that we do not know.');
  end if;
  perform private.require_word(coalesce(filter ->> 'reason', 'sorted'), array['no_key', 'cap', 'busy', 'refused',
    'older_prompt', 'sorted'], 'reason');
end $$;

COMMENT ON FUNCTION private.check_filter(filter jsonb) IS 'AS006 unless a filter has known fields only.';

CREATE FUNCTION private.check_fleet_caps(caps jsonb, batch uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
declare
  live_machines integer; hourly double precision; reserved double precision; daily double precision;
  last_reserved timestamptz;
begin
  select count(*), coalesce(sum(coalesce(m.usd_per_hour, 0)::double precision + m.traffic_usd_per_hour), 0),
    max(m.reserved_until),
      coalesce(sum((coalesce(m.usd_per_hour, 0)::double precision + m.traffic_usd_per_hour) / 3600
            * greatest(0, extract(epoch from m.reserved_until - now()))
            + case when m.running_at is null then m.pull_usd else 0 end), 0)
    into live_machines, hourly, last_reserved, reserved
    from machines m where m.status <> 'destroyed' and m.hosting <> 'local';
  if live_machines > (caps ->> 'machines')::integer then
    perform private.refuse('AS005', format('cap reached: %s machines of %s', live_machines, caps ->> 'machines'));
  end if;
  if hourly > (caps ->> 'usd_per_hour')::double precision + 1e-9 then
    perform private.refuse('AS005', format('cap reached: $%s per hour of $%s', round(hourly::numeric, 4),
      caps ->> 'usd_per_hour'));
  end if;
  select max(d.usd) into daily from (
    select private.most_machines_usd_on((now() at time zone 'UTC')::date) as usd
    union all select private.most_machines_usd_on((last_reserved at time zone 'UTC')::date)) d;
  if daily > (caps ->> 'usd_per_day')::double precision + 1e-9 then
    perform private.refuse('AS005', format('cap reached: $%s per day of $%s', round(daily::numeric, 4),
      caps ->> 'usd_per_day'));
  end if;
  if batch is not null and caps ->> 'usd_per_batch' is not null then
    select sum(private.most_usd(m)) into daily
      from machines m where m.batch_id = batch;
    if daily > (caps ->> 'usd_per_batch')::double precision + 1e-9 then
      perform private.refuse('AS005', format('cap reached: $%s for the batch of $%s', round(daily::numeric, 4),
        caps ->> 'usd_per_batch'));
    end if;
  end if;
  if caps ->> 'credit' is not null
    and (caps ->> 'credit')::double precision - reserved < (caps ->> 'credit_floor')::double precision then
    perform private.refuse('AS005', format('cap reached: credit $%s less $%s reserved is below the floor of $%s',
      caps ->> 'credit', round(reserved::numeric, 4), caps ->> 'credit_floor'));
  end if;
end $_$;

COMMENT ON FUNCTION private.check_fleet_caps(caps jsonb, batch uuid) IS 'AS005 when the ledger, with every reservation, is over a cap: machines, dollars per hour, day or batch, credit floor.';

CREATE FUNCTION private.check_parts(job public.processing_jobs, parts jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update processing_jobs j set progress_at = now(), error_code = case when exists (
      select from jsonb_array_elements(check_parts.parts) as p where p ->> 'code' is null and not exists (
        select from document_parts d where d.parent_id = job.document_id and d.sha256 = p ->> 'sha256'))
    then 'other_parts' else j.error_code end where j.id = job.id
$$;

COMMENT ON FUNCTION private.check_parts(job public.processing_jobs, parts jsonb) IS 'Notes whether a second reading found files inside that the first did not.';

CREATE FUNCTION private.check_search(search jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.check_search(search jsonb) IS 'AS006 unless a search has known filters only, each readable.';

CREATE FUNCTION private.checks_looked_at() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.checks_looked_at() IS 'Waiting checks among which a claim looks for one that it may give out.';

CREATE FUNCTION private.claim_note_pause() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:00:30'::interval;

COMMENT ON FUNCTION private.claim_note_pause() IS 'How often it is noted that the analysis worker asked for work: it asks every few seconds, a silence of minutes is what people must see.';

CREATE FUNCTION private.claim_side(claim public.case_claims) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select jsonb_build_object('page', claim.page, 'start', claim.start, 'quote', claim.quote, 'voice', claim.voice,
    'speaker_id', claim.speaker_id, 'starts', claim.starts, 'ends', claim.ends, 'precision', claim.precision)
$$;

COMMENT ON FUNCTION private.claim_side(claim public.case_claims) IS 'A statement as a side of a pair.';

CREATE FUNCTION private.clashing_measure(one bigint, other bigint) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select format('%s / %s', a.quote, b.quote) from case_measures a join case_measures b on b.kind = a.kind
    where a.claim_id = one and b.claim_id = other and a.kind in ('clock', 'money', 'count')
      and (a.kind <> 'count' or a.unit is not distinct from b.unit)
    group by a.kind, a.quote, b.quote, a.value, b.value
    having abs(a.value - b.value) > case a.kind when 'clock'
      then extract(epoch from private.same_moment()) / 60 else 0.005 end
    order by abs(a.value - b.value) limit 1
$$;

COMMENT ON FUNCTION private.clashing_measure(one bigint, other bigint) IS 'Both words of a measure that two statements give differently, or null.';

CREATE FUNCTION private.claude_admits(job_id uuid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select nullif(d.status, 'open') from doors d cross join claude_desk c
    where d.name = 'claude' and (d.status = 'no_key' or c.probe_job_id is distinct from job_id)
$$;

COMMENT ON FUNCTION private.claude_admits(job_id uuid) IS 'Null when this job may ask Claude now; else no_key or paused.';

CREATE FUNCTION private.claude_room(worst_usd numeric, cap numeric, spent numeric, held numeric) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case when cap is null or spent + held + worst_usd <= cap then null
    when spent + worst_usd > cap then 'claude_cap_reached' else 'claude_busy' end
$$;

COMMENT ON FUNCTION private.claude_room(worst_usd numeric, cap numeric, spent numeric, held numeric) IS 'Null: there is room under the cap. claude_busy: not until calls in flight are settled. claude_cap_reached: none.';

CREATE FUNCTION private.clean_number(value jsonb, most numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case when jsonb_typeof(value) = 'number' then least(greatest((value #>> '{}')::numeric, 0), most) end
$$;

COMMENT ON FUNCTION private.clean_number(value jsonb, most numeric) IS 'A number from 0 to "most", whatever was sent; null for anything else.';

CREATE FUNCTION private.clean_report(report jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select jsonb_strip_nulls(jsonb_build_object(
    'gpu_name', left(report ->> 'gpu_name', private.longest_word()),
    'ocr_engine', left(report ->> 'ocr_engine', private.longest_word()),
    'pages_per_second', private.clean_number(report -> 'pages_per_second', 1000),
    'pages_done', private.clean_number(report -> 'pages_done', 1000000000),
    'idle_seconds', private.clean_number(report -> 'idle_seconds', 1000000)))
$$;

COMMENT ON FUNCTION private.clean_report(report jsonb) IS 'What a machine says of itself, reduced to known fields with sound values: the scaler reads every machine''s report in one go, so one hostile machine must not be able to break that reading.';

CREATE FUNCTION private.clock(moment timestamp without time zone) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select btrim(to_char(moment, 'FMHH12:MI a.m. "on" FMMonth FMDD, YYYY'))
$$;

COMMENT ON FUNCTION private.clock(moment timestamp without time zone) IS 'A local time as a person says it.';

CREATE FUNCTION private.close_job(job public.processing_jobs, status text, code text, message text, files jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  update processing_jobs j set status = close_job.status, lease_token = null, lease_expires_at = null, run_after = null,
    finished_at = now(), error_code = close_job.code, error_message = left(close_job.message, private.longest_reason()),
    pages_accounted = job.pages_accounted, page_outcomes = job.page_outcomes, pages_done = job.pages_done,
    pages_total = job.pages_total, parts_total = job.parts_total, seconds = job.seconds,
    is_empty = job.is_empty where j.id = job.id;
  update document_journal set processing_status = close_job.status,
    error_message = left(close_job.message, private.longest_reason())
    where document_id = job.document_id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    values ('job_' || close_job.status, job.document_id, job.id, job.batch_id, job.machine, jsonb_build_object(
      'attempt', job.attempt, 'code', close_job.code, 'page_outcomes', job.page_outcomes) || files);
end $$;

COMMENT ON FUNCTION private.close_job(job public.processing_jobs, status text, code text, message text, files jsonb) IS 'The end of a job, which the caller has locked: `files` (sha256, artifacts, seals) go into the event, and what the caller set in `job` (pages, parts, seconds, is_empty) is written with the rest, once.';

CREATE FUNCTION private.comparable_documents() RETURNS TABLE(document_id uuid, pairs bigint, rank bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.comparable_documents() IS 'Documents with private.unjudged_pairs that are in no line, how many are asked about, and the gravest''s rank: each document is looked up once, not with each pair.';

CREATE FUNCTION private.compare_texts(one text, other text) RETURNS real
    LANGUAGE sql
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  with pages as (
    select coalesce(a.page, b.page) as page, coalesce(a.text, '') as one, coalesce(b.text, '') as other
    from string_to_table(compare_texts.one, E'\f\n') with ordinality as a(text, page)
      full join string_to_table(compare_texts.other, E'\f\n') with ordinality as b(text, page) on a.page = b.page
    order by random() limit private.most_pages_compared()
  ), words as (
    select page, word, count(*) filter (where side = 1) as one, count(*) filter (where side = 2) as other
    from (select page, 1 as side, regexp_split_to_table(lower(one), '[^[:alnum:]]+') as word from pages
      union all select page, 2, regexp_split_to_table(lower(other), '[^[:alnum:]]+') from pages) w
    where word <> '' group by page, word
  ), alike as (
    select 2.0 * sum(least(one, other)) / sum(one + other) as share, greatest(sum(one), sum(other)) as words
    from words group by page
  )
  select coalesce(min(share) filter (where words >= private.fewest_compared()), 1)::real from alike
$$;

COMMENT ON FUNCTION private.compare_texts(one text, other text) IS 'The share of common words, 0 to 1, on the page where two readings have least in common.';

CREATE FUNCTION private.corpus_sample() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 10000;

COMMENT ON FUNCTION private.corpus_sample() IS 'Passages up to which they are counted, where the table''s statistics may be old; beyond, the statistics do.';

CREATE FUNCTION private.correctable() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN ARRAY['document_type'::text, 'document_date'::text, 'parties'::text, 'case_number'::text, 'court'::text];

COMMENT ON FUNCTION private.correctable() IS 'What of the registry a person can correct.';

CREATE FUNCTION private.count_analyses(batch_id uuid, sums jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  with read as (
    select coalesce(sum(c.jobs) filter (where c.judged <> 'none'), 0) as judged,
      coalesce(sum(c.jobs) filter (where c.judged = 'none'), 0) as unjudged
    from job_counts c where c.kind = 'read' and c.judged is not null and c.batch_id = count_analyses.batch_id
  )
  select jsonb_build_object('judged', coalesce((sums #>> '{read,judged}')::numeric, r.judged),
    'sorted', case when count_analyses.batch_id is null then coalesce((sums #>> '{read,sorted}')::numeric, 0)
      else r.unjudged - coalesce(w.unjudged, 0) end,
    'failed', coalesce(case when count_analyses.batch_id is null then sums #>> '{read,failed}'
      else sums #>> array['failed', count_analyses.batch_id::text] end, '0')::numeric,
    'waiting', coalesce(w.waiting, 0), 'waiting_pages', coalesce(w.waiting_pages, 0),
    'waiting_for', coalesce(w.waiting_for, '{}'))
  from read r left join private.waiting_analyses(case when count_analyses.batch_id is not null
    then array[count_analyses.batch_id] end) w on true
$$;

COMMENT ON FUNCTION private.count_analyses(batch_id uuid, sums jsonb) IS 'Documents that were read, by what became of them: judged by Claude (whole or in part), sorted by plain rules (failed: of those, where judging failed), waiting for Claude or being judged, and for what they wait. sums: those of kind failed for a batch, and of kind read for everything.';

CREATE FUNCTION private.count_call() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  insert into job_counts (batch_id, lane_id, kind, status, is_newest, jobs, pages, pages_estimate, pages_worked, usd)
    values (new.batch_id, 0, 'claude', '', false, 0, 0, 0, 0, new.cost_usd
      - case when tg_op = 'UPDATE' then old.cost_usd else 0 end);
  return null;
end $$;

COMMENT ON FUNCTION private.count_call() IS 'Follows what calls to Claude cost their batches.';

CREATE FUNCTION private.count_changed_document() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
begin
  insert into job_counts select c.* from processing_jobs j
    cross join lateral (select * from private.count_of(j, private.counted(new), 1)
      union all select * from private.count_of(j, private.counted(old), -1)) c
    where j.id in (old.job_id, new.job_id) or (j.document_id = new.id and j.status in ('queued', 'processing')
      and j.kind = 'analyse');
  return null;
end $$;

COMMENT ON FUNCTION private.count_changed_document() IS 'Follows which reading is a document''s newest, and who judged it.';

CREATE FUNCTION private.count_changed_job() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  document private.counted_document;
  changes job_counts[];
begin
  select d.id, d.job_id, d.judged, d.duplicate_of is null and d.dissolved_at is null into document
    from master_document_registry d where d.id = coalesce(new.document_id, old.document_id);
  if tg_op = 'UPDATE' and new.kind = 'read' and old.kind = 'read' then  -- every claim, every completion
    changes := array[private.count_reading(new, document, 1), private.count_reading(old, document, -1)];
    insert into job_counts select * from unnest(changes);
  else
    insert into job_counts select * from private.count_of(new, document, 1) where tg_op <> 'DELETE'
      union all select * from private.count_of(old, document, -1) where tg_op <> 'INSERT';
  end if;
  return null;
end $$;

COMMENT ON FUNCTION private.count_changed_job() IS 'Follows the jobs.';

CREATE FUNCTION private.count_claim_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  insert into claim_words (word, claims)
    select w, case when tg_op = 'INSERT' then 1 else -1 end * count(*) from changed c, unnest(c.words) w
      group by w order by w
    on conflict (word) do update set claims = claim_words.claims + excluded.claims;
  return null;
end $$;

COMMENT ON FUNCTION private.count_claim_words() IS 'Keeps claim_words.';

CREATE FUNCTION private.count_names(document_id uuid, more integer) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update case_names n set documents = greatest(n.documents + more, 0) from (select distinct m.name_id
    from case_mentions m where m.document_id = count_names.document_id) m where m.name_id = n.id
$$;

COMMENT ON FUNCTION private.count_names(document_id uuid, more integer) IS 'One document more or less for each name that stands in this one.';

CREATE TABLE public.job_counts (
    batch_id uuid,
    own_batch_id uuid,
    lane_id bigint NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    error_code text,
    machine text,
    is_newest boolean NOT NULL,
    judged text,
    ended_at timestamp with time zone,
    jobs bigint NOT NULL,
    pages bigint NOT NULL,
    pages_estimate bigint NOT NULL,
    pages_worked bigint NOT NULL,
    started_at timestamp with time zone,
    is_folded boolean DEFAULT false NOT NULL,
    message text,
    usd numeric DEFAULT 0 NOT NULL,
    priority text,
    placement text
);

COMMENT ON TABLE public.job_counts IS 'Jobs to read, and open ones to analyse, by what is asked of them; and dollars for Claude. The rows of a kind are summed: those that are not folded yet are changes.';

COMMENT ON COLUMN public.job_counts.batch_id IS 'Of the job; for one to analyse, of the reading that it judges.';

COMMENT ON COLUMN public.job_counts.own_batch_id IS 'Of a job to analyse: its own, which may be none.';

COMMENT ON COLUMN public.job_counts.is_newest IS 'The document''s newest reading, or one to analyse of a document that is shown.';

COMMENT ON COLUMN public.job_counts.judged IS 'Of a completed newest reading that is shown: see the registry.';

COMMENT ON COLUMN public.job_counts.ended_at IS 'About when a reading ended, as long as it counts for the pace of its batch.';

COMMENT ON COLUMN public.job_counts.started_at IS 'The first claim.';

COMMENT ON COLUMN public.job_counts.message IS 'What one of the failed said.';

COMMENT ON COLUMN public.job_counts.usd IS 'Of kind claude, which counts no job: what calls for the batch cost.';

COMMENT ON COLUMN public.job_counts.priority IS 'The lane''s, as is the placement, so that who counts open work need not look it up.';

CREATE FUNCTION private.count_of(job public.processing_jobs, document private.counted_document, sign integer) RETURNS SETOF public.job_counts
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select c.* from private.count_reading(job, document, sign) c where job.kind = 'read'
  union all
  select r.batch_id, job.batch_id, job.lane_id, 'analyse', job.status, job.error_code, null, true, document.judged,
    null, sign, sign * coalesce(r.pages_total, 0), 0, 0, null, false, null, 0, null, null
  from processing_jobs r where job.kind = 'analyse' and job.status in ('queued', 'processing')
    and r.id = document.job_id and r.status = 'completed' and r.kind = 'read' and document.is_shown
$$;

COMMENT ON FUNCTION private.count_of(job public.processing_jobs, document private.counted_document, sign integer) IS 'How a job counts, once or (sign -1) once less.';

CREATE FUNCTION private.count_pages(job_id uuid) RETURNS TABLE(accounted integer, outcomes jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(sum(n), 0)::int, coalesce(jsonb_object_agg(outcome, n), '{}')
  from (select outcome, count(*) as n from document_pages p where p.job_id = count_pages.job_id
    group by outcome) as by_outcome
$$;

COMMENT ON FUNCTION private.count_pages(job_id uuid) IS 'How many pages of a job have an outcome, and how many of each.';

CREATE FUNCTION private.count_reading(job public.processing_jobs, document private.counted_document, sign integer) RETURNS public.job_counts
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  is_ended constant boolean := job.status in ('completed', 'failed');
begin
  return row(job.batch_id, null, job.lane_id, 'read', job.status, case when job.status = 'failed' then job.error_code
      end, case when is_ended then job.machine end, document.job_id is not distinct from job.id,
    case when job.status = 'completed' and document.job_id = job.id and document.is_shown then document.judged end,
    case when is_ended and job.finished_at > now() - 2 * private.pace_window()
      then date_bin(private.count_window(), job.finished_at, timestamptz '2000-01-01') end, sign,
    sign * coalesce(job.pages_total, job.pages_estimate, 1), sign * coalesce(job.pages_estimate, 1),
    sign * private.pages_worked(job), case when sign > 0 then job.started_at end, false,
    case when sign > 0 and job.status = 'failed' then job.error_message end, 0, job.priority,
    job.placement)::job_counts;
end $$;

COMMENT ON FUNCTION private.count_reading(job public.processing_jobs, document private.counted_document, sign integer) IS 'How a job to read counts, once or (sign -1) once less.';

CREATE FUNCTION private.count_totals(batch_id uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with entered as (
    select distinct document_id from document_journal j where count_totals.batch_id is null
      or j.batch_id = count_totals.batch_id
  ), newest as (
    select j.status, j.pages_total, j.pages_accounted, p.parts, p.left_out, private.is_settled(j, p.parts) as is_settled
    from entered e join master_document_registry d on d.id = e.document_id
      left join processing_jobs j on j.id = d.job_id
      cross join lateral (select count(*) as parts, count(*) filter (where p.child_id is null) as left_out
        from document_parts p where p.parent_id = d.id) p
  )
  select jsonb_build_object('documents', count(*), 'completed', count(*) filter (where status = 'completed'),
    'failed', count(*) filter (where status = 'failed'), 'cancelled', count(*) filter (where status = 'cancelled'),
    'open', count(*) filter (where status in ('queued', 'processing')),
    'pages', sum(pages_total) filter (where status in ('completed', 'failed')),
    'pages_accounted', sum(pages_accounted) filter (where status in ('completed', 'failed')),
    'parts', sum(parts), 'parts_left_out', sum(left_out), 'unsettled', count(*) filter (where not is_settled))
  from newest
$$;

COMMENT ON FUNCTION private.count_totals(batch_id uuid) IS 'The totals of a batch, or of everything, counted document by document.';

CREATE FUNCTION private.count_window() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:00:10'::interval;

COMMENT ON FUNCTION private.count_window() IS 'How exactly counts know when a reading ended, as long as that matters for a batch''s pace.';

CREATE FUNCTION private.counted(document public.master_document_registry) RETURNS private.counted_document
    LANGUAGE sql IMMUTABLE
    RETURN ROW((document).id, (document).job_id, (document).judged, (((document).duplicate_of IS NULL) AND ((document).dissolved_at IS NULL)))::private.counted_document;

COMMENT ON FUNCTION private.counted(document public.master_document_registry) IS 'What of a document its jobs are counted by.';

CREATE FUNCTION private.counts_of(batch_ids uuid[]) RETURNS SETOF public.job_counts
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'off'
    AS $$
  select c.* from job_counts c where c.batch_id = any (batch_ids)
$$;

COMMENT ON FUNCTION private.counts_of(batch_ids uuid[]) IS 'The counts of batches: by a bitmap, which looks at each block once however many of its rows are theirs.';

CREATE FUNCTION private.day_order(words text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'private', 'pg_temp'
    AS $$
  select case when bool_or(a > 12 and b <= 12) and not bool_or(b > 12 and a <= 12) then 'dmy'
    when bool_or(b > 12 and a <= 12) and not bool_or(a > 12 and b <= 12) then 'mdy' end
  from regexp_matches(words, (private.day_patterns())[2], 'g') as m, lateral (select m[1]::int as a, m[2]::int as b) n
$$;

COMMENT ON FUNCTION private.day_order(words text) IS 'Whether a text writes the day (dmy) or the month (mdy) first, by its days after the twelfth; null: it does not say.';

CREATE FUNCTION private.day_parts(item integer, words text) RETURNS SETOF private.question_part
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'private', 'pg_temp'
    AS $_$
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
$_$;

COMMENT ON FUNCTION private.day_parts(item integer, words text) IS 'The days of a question, as documents may write them.';

CREATE FUNCTION private.day_patterns() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.day_patterns() IS 'How days are written, in lower case: year-month-day; three numbers; month day year; day month year; month year.';

CREATE FUNCTION private.days_of(claim public.case_claims) RETURNS tsrange
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select tsrange(date_trunc('day', claim.starts), greatest(claim.ends, date_trunc('day', claim.starts)
    + interval '1 day'))
$$;

COMMENT ON FUNCTION private.days_of(claim public.case_claims) IS 'The whole days that a statement speaks of: six in the evening and nine at night are of one day.';

CREATE TABLE public.decisions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    names text[] DEFAULT '{}'::text[] NOT NULL,
    documents integer DEFAULT 0 NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    why text,
    undoes uuid
);

COMMENT ON TABLE public.decisions IS 'What people decided, one row for what was done at once, never changed.';

COMMENT ON COLUMN public.decisions.names IS 'What it is about: see judgements.name, without what follows the colon.';

COMMENT ON COLUMN public.decisions.undoes IS 'The decision that this one takes back.';

CREATE FUNCTION private.decide(wanted private.wanted_change[], decided_by text, why text, undoes uuid) RETURNS public.decisions
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION private.decide(wanted private.wanted_change[], decided_by text, why text, undoes uuid) IS 'One decision: what it changes of what is said now, the history, and all that shows it; null when it changes nothing.';

CREATE FUNCTION private.default_matter() RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select m.id from matters m where m.is_default
$$;

COMMENT ON FUNCTION private.default_matter() IS 'The matter of those who have one.';

CREATE FUNCTION private.denies_at_large(claim public.case_claims) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select claim.voice in ('sworn', 'letter', 'message') and ('denies' = any (claim.cues)
    or private.is_sweeping(claim.quote))
$$;

COMMENT ON FUNCTION private.denies_at_large(claim public.case_claims) IS 'Whether somebody denies something or speaks of all times: without a time it is of any.';

CREATE FUNCTION private.document_claude_usd(document_id uuid) RETURNS numeric
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(sum(c.cost_usd), 0) from claude_calls c where c.document_id = document_claude_usd.document_id
$$;

COMMENT ON FUNCTION private.document_claude_usd(document_id uuid) IS 'What all calls to Claude about a document cost.';

CREATE FUNCTION private.document_machine_usd(document_id uuid) RETURNS numeric
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select sum(private.job_machine_usd(j)) from processing_jobs j where j.document_id = document_machine_usd.document_id
$$;

COMMENT ON FUNCTION private.document_machine_usd(document_id uuid) IS 'The shares of all the document''s ended jobs; null before one has ended.';

CREATE FUNCTION private.documents_of_names(names bigint[]) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(array_agg(distinct m.document_id), '{}') from case_mentions m where m.name_id = any (names)
$$;

COMMENT ON FUNCTION private.documents_of_names(names bigint[]) IS 'The documents in which these names stand.';

CREATE FUNCTION private.documents_of_search(search jsonb) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
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
end $_$;

COMMENT ON FUNCTION private.documents_of_search(search jsonb) IS 'Every document that a search means (see list_documents), the oldest first: none left out for their number, or AS006.';

CREATE FUNCTION private.passes_by_itself(code text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN (code ~ '(_away|_unavailable|overloaded|_quota)$'::text);

COMMENT ON FUNCTION private.passes_by_itself(code text) IS 'Pauses that nobody needs to mend: a vendor that is down or overloaded, a quota that is filled up again.';

CREATE FUNCTION private.door_pause(code text) RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (code ~ '_quota$'::text) THEN '00:30:00'::interval WHEN private.passes_by_itself(code) THEN '00:01:00'::interval ELSE '00:10:00'::interval END;

COMMENT ON FUNCTION private.door_pause(code text) IS 'How long until a careful call: what passes by itself within minutes is looked at each minute; an unpaid bill or a wrong key is not mended within seconds; the quotas of vendors are filled up within a day.';

CREATE FUNCTION private.draw_again(document_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
  insert into case_documents (document_id, witness_id) values (draw_again.document_id, draw_again.document_id)
    on conflict on constraint case_documents_pkey do nothing;
  if not found then
    update case_documents c set facts_version = 0, claimed_until = null where c.document_id = draw_again.document_id;
  end if;
end $$;

COMMENT ON FUNCTION private.draw_again(document_id uuid) IS 'What was drawn of a document is drawn anew.';

CREATE FUNCTION private.drop_job(job public.processing_jobs) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if job.kind <> 'read' then
    perform private.end_analysis(job, 'cancelled', 'batch_stopped', 'The batch was stopped before it was judged.');
  else
    perform private.end_job(job, 'cancelled', 'batch_stopped',
      'The batch was stopped before this document''s turn.');
  end if;
end $$;

COMMENT ON FUNCTION private.drop_job(job public.processing_jobs) IS 'Cancels what still waits in a stopped batch.';

CREATE FUNCTION private.embedding_size() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 384;

COMMENT ON FUNCTION private.embedding_size() IS 'Numbers of an embedding: what all-MiniLM-L6-v2, which the worker runs, makes of a passage.';

CREATE FUNCTION private.end_analysis(job public.processing_jobs, status text, code text, message text, detail jsonb DEFAULT '{}'::jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  update processing_jobs j set status = end_analysis.status, lease_token = null, lease_expires_at = null,
    run_after = null, finished_at = now(), error_code = end_analysis.code,
    error_message = left(end_analysis.message, private.longest_reason()) where j.id = job.id;
  insert into events (kind, document_id, job_id, batch_id, payload) values ('analysis_' || end_analysis.status,
    job.document_id, job.id, job.batch_id, jsonb_build_object('attempt', job.attempt, 'code', end_analysis.code)
      || detail);
end $$;

COMMENT ON FUNCTION private.end_analysis(job public.processing_jobs, status text, code text, message text, detail jsonb) IS 'Ends a job to analyse as completed, failed or cancelled. How the document was read stays as it is.';

CREATE FUNCTION private.end_check(job public.processing_jobs, result jsonb, failed text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  read processing_jobs;
  said text := result ->> 'text';
  alike real;
  contradicted int;
begin
  perform private.end_check_job(job, case when failed is null then 'completed' else 'failed' end, failed);
  select r.* into read from processing_jobs r where r.id = job.check_of for no key update;
  if not exists (select from master_document_registry d where d.id = read.document_id and d.job_id = read.id) then
    return;  -- it was read anew meanwhile
  end if;
  if read.status = 'failed' and failed is null then
    insert into reading_checks (job_id, document_id, machine, check_job_id, checker, agrees, artifacts)
      values (read.id, read.document_id, read.machine, job.id, job.machine, false, result -> 'artifacts');
    perform private.read_anew(read);
    select count(*) into contradicted from reading_checks k join processing_jobs r on r.id = k.job_id
      where k.machine = read.machine and not k.agrees and r.status = 'failed';
    if contradicted >= private.most_contradicted() then
      perform private.catch_machine(read.machine, format('%s documents that it failed can be read', contradicted));
    end if;
    return;
  end if;
  if failed is null and read.status = 'completed' then
    alike := private.compare_texts((select r.text from document_repository r where r.document_id = read.document_id),
      said);
  else
    alike := (read.status = 'failed' and failed is not null)::int;
  end if;
  perform private.judge_check(read, job, alike >= private.least_alike() and job.error_code is distinct from
    'other_parts' and (failed is not null or coalesce(read.parts_total, 0) = coalesce((result ->> 'parts_total')::int,
    0)), alike, coalesce(said, ''), coalesce(nullif(result -> 'artifacts', 'null'), '{}'));
end $$;

COMMENT ON FUNCTION private.end_check(job public.processing_jobs, result jsonb, failed text) IS 'A second reading has ended: it is compared with what is shown. What one machine failed and another can read is read anew.';

CREATE FUNCTION private.end_check_job(job public.processing_jobs, status text, code text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update processing_jobs j set status = end_check_job.status, lease_token = null, lease_expires_at = null,
    run_after = null, finished_at = now(), error_code = end_check_job.code where j.id = job.id
$$;

COMMENT ON FUNCTION private.end_check_job(job public.processing_jobs, status text, code text) IS 'Ends a check. Nothing that people see of the document changes.';

CREATE FUNCTION private.end_empty_people(former uuid[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update people p set merged_into = (select n.person_id from case_names n where n.id = any (array(
      select m.name_id from people_documents d join case_mentions m on m.document_id = d.document_id
      where d.person_id = p.id limit 50)) and n.person_id <> p.id and lower(n.words) = lower(p.name) limit 1)
    where p.id = any (former) and p.merged_into is null
      and not exists (select from case_names n where n.person_id = p.id);
$$;

COMMENT ON FUNCTION private.end_empty_people(former uuid[]) IS 'Persons without a name are somebody else now.';

CREATE FUNCTION private.end_job(job public.processing_jobs, status text, code text, message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  pages record;
begin
  if job.kind = 'check' then
    perform private.end_check_job(job, end_job.status, end_job.code);
    return;
  end if;
  -- The document before its journal and its row of the index: see the order of locks.
  perform from master_document_registry d where d.id = job.document_id for no key update;
  if end_job.status = 'failed' then
    -- Pages we know of and never read are accounted for as skipped: nothing is lost from the totals.
    insert into document_pages (job_id, page, document_id, outcome, reason)
      select job.id, n, job.document_id, 'skipped', end_job.code
      from generate_series(1, greatest(coalesce(job.pages_total, 0),
        coalesce((select max(page) from document_pages where job_id = job.id), 0))) as n
    on conflict (job_id, page) do nothing;
  end if;
  select * into pages from private.count_pages(job.id);
  job.pages_accounted := pages.accounted;
  job.page_outcomes := pages.outcomes;
  job.pages_total := case when end_job.status = 'failed' then pages.accounted else job.pages_total end;
  perform private.close_job(job, end_job.status, end_job.code, end_job.message, jsonb_build_object('seals',
    private.seals('document_pages/' || job.id, 'document_parts/' || job.document_id)));
end $$;

COMMENT ON FUNCTION private.end_job(job public.processing_jobs, status text, code text, message text) IS 'Ends a job, which the caller has locked, as failed or cancelled: with its pages, journal and event.';

CREATE FUNCTION private.end_parts(job public.processing_jobs, parts_total integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  counted record;
begin
  select count(*) filter (where p.position <= end_parts.parts_total) as n, coalesce(max(p.position), 0) as last
    into counted from document_parts p where p.parent_id = job.document_id;
  if counted.n <> end_parts.parts_total then
    perform private.refuse('AS006', format('%s of %s parts were entered with add_parts.', counted.n,
      end_parts.parts_total));
  elsif counted.last > end_parts.parts_total then
    delete from document_parts p where p.parent_id = job.document_id and p.position > end_parts.parts_total;
  end if;
  return counted.last > 0;
end $$;

COMMENT ON FUNCTION private.end_parts(job public.processing_jobs, parts_total integer) IS 'AS006 unless the parts 1 … parts_total were all entered; what an earlier run found beyond them goes. Answers whether there was any.';

CREATE FUNCTION private.enqueue_file(file jsonb, OUT journal_id uuid, OUT document_id uuid, OUT job_id uuid, OUT duplicate boolean, OUT status text, OUT object_key text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  checked record := private.check_file(file);
  registered record := private.register_document(file);
  again boolean := coalesce((file ->> 'again')::boolean, false);
  unsaid boolean := coalesce((file ->> 'choices_unsaid')::boolean, false);
  newest processing_jobs;
  placement text := checked.placement;
  allow_claude boolean := checked.allow_claude;
  arrived jsonb;
begin
  document_id := registered.document_id;
  if not registered.is_new and not again and registered.document_id = (file ->> 'document_id')::uuid then
    -- The caller lost our first answer and asks again: give the same one.
    select id, job_id, duplicate into journal_id, job_id, duplicate from document_journal j
      where j.document_id = registered.document_id order by seq limit 1;
    select status into status from processing_jobs j where j.document_id = registered.document_id and j.kind = 'read'
      order by seq desc limit 1;
    select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
    return;
  end if;
  duplicate := not registered.is_new;
  insert into document_journal (document_id, batch_id, source, original_filename, object_key, duplicate,
    google_drive_id, source_version, telegram_chat_id, telegram_message_id, arrival, processing_status)
    select registered.document_id, (checked.batch).id, file ->> 'source', left(file ->> 'original_filename',
      private.longest_reason()), case when again or file ->> 'object_key' ~ '^(drive|mail):' then d.object_key
        else file ->> 'object_key' end, duplicate, file ->> 'google_drive_id', file ->> 'source_version',
      (file ->> 'telegram_chat_id')::bigint, (file ->> 'telegram_message_id')::bigint, private.read_arrival(file),
      'queued'
    from master_document_registry d where d.id = registered.document_id returning id into journal_id;
  arrived := private.note_arrival(journal_id, registered.document_id, registered.is_new);
  if duplicate then
    select j.* into newest from processing_jobs j where j.document_id = registered.document_id and j.kind = 'read'
      order by j.seq desc limit 1;
    if newest.status = 'queued' and private.is_dropped(newest) then
      -- The sweep would cancel it in a moment, and with it what is asked for now. One that the sweep holds: ask again.
      select j.* into newest from processing_jobs j where j.id = newest.id for no key update nowait;
      if newest.status = 'queued' then
        perform private.drop_job(newest);
        newest.status := 'cancelled';
      end if;
    end if;
    status := newest.status;
    if unsaid and not newest.choices_unsaid then
      placement := newest.placement;
      allow_claude := newest.allow_claude;
      unsaid := false;
    elsif unsaid = newest.choices_unsaid then
      -- Whatever door it comes through, a document never gets to more readers than it was meant for.
      placement := private.stricter_placement(placement, newest.placement);
      allow_claude := allow_claude and newest.allow_claude;
    end if;
  end if;
  -- "drive:…" and "mail:…" stand for a file whose bytes were hashed and, since they are known, not kept.
  if duplicate and not again and file ->> 'object_key' !~ '^(drive|mail):' and (status in ('failed', 'cancelled')
      or (select d.original_fault from master_document_registry d where d.id = registered.document_id) is not null) then
    update master_document_registry set object_key = file ->> 'object_key', kept_key = file ->> 'kept_key',
      version_id = file ->> 'version_id', object_etag = file ->> 'object_etag' where id = registered.document_id;
    perform note_original(registered.document_id, null);
  end if;
  if registered.is_new or status in ('failed', 'cancelled') then
    job_id := private.open_job(registered.document_id, (checked.batch).id, file ->> 'source', checked.priority,
      placement, allow_claude, (file ->> 'pages_estimate')::int, arrived);
    update processing_jobs set choices_unsaid = true where unsaid and id = job_id;
    status := 'queued';
  elsif status = 'queued' and (newest.placement, newest.allow_claude, newest.choices_unsaid) is distinct
    from (placement, allow_claude, unsaid) then
    -- One that a claim takes at this moment is on its way already: nothing to wait for.
    select j.* into newest from processing_jobs j where j.id = newest.id and j.status = 'queued'
      for no key update skip locked;
    if found then
      perform private.give_choices(newest, newest.priority, placement, allow_claude, file ->> 'source');
    end if;
  end if;
  -- An object tells only what was said at its own door.
  if duplicate and ((placement, allow_claude) is distinct from (newest.placement, newest.allow_claude)
      or (placement, allow_claude) is distinct from (checked.placement, checked.allow_claude)) then
    perform private.keep_choices(registered.document_id, checked.priority, placement, allow_claude);
  end if;
  select d.object_key into object_key from master_document_registry d where d.id = registered.document_id;
  update document_journal j set job_id = enqueue_file.job_id,
      processing_status = case when enqueue_file.status = 'processing' then 'queued' else enqueue_file.status end
    where j.id = enqueue_file.journal_id;
  if duplicate and (not again or enqueue_file.job_id is null) then
    insert into events (kind, document_id, job_id, batch_id, payload)
      values ('document_duplicate', registered.document_id, job_id, (checked.batch).id,
      jsonb_build_object('source', file ->> 'source', 'journal_id', journal_id, 'found_by', 'hash') || arrived);
  end if;
end $$;

COMMENT ON FUNCTION private.enqueue_file(file jsonb, OUT journal_id uuid, OUT document_id uuid, OUT job_id uuid, OUT duplicate boolean, OUT status text, OUT object_key text) IS 'One file in: document, job, journal entry and event, or a link to the document we already have. With `again` its document_id is one that was never read: it gets a new job. A known document''s choices only get stricter, unless nobody had said any (choices_unsaid).';

CREATE FUNCTION private.enter_binder(binder jsonb, set_id uuid, place integer, OUT document_id uuid, OUT job_id uuid) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  select e.document_id, e.job_id into document_id, job_id
    from private.enqueue_file(private.file_of_binder(binder)) as e;
  insert into binders (document_id, set_id, position) values (enter_binder.document_id, enter_binder.set_id, place);
  insert into binder_members (binder_id, position, document_id, pages)
    select enter_binder.document_id, m.place, (m.value ->> 'document_id')::uuid,
      (select array_agg(p::int order by o) from jsonb_array_elements_text(case jsonb_typeof(m.value -> 'pages')
        when 'array' then m.value -> 'pages' end) with ordinality as t(p, o))
    from jsonb_array_elements(binder -> 'members') with ordinality as m(value, place);
  insert into events (kind, document_id, job_id, payload)
    select 'binder_made', enter_binder.document_id, enter_binder.job_id, jsonb_build_object('set', enter_binder.set_id,
      'members', binder -> 'members', 'seals', private.seals('binders/' || enter_binder.document_id,
        'binder_members/' || enter_binder.document_id))
    union all
    select 'binder_made', (m.value ->> 'document_id')::uuid, null, jsonb_build_object('set', enter_binder.set_id,
      'binder', enter_binder.document_id, 'position', m.place, 'pages', m.value -> 'pages')
    from jsonb_array_elements(binder -> 'members') with ordinality as m(value, place);
end $$;

COMMENT ON FUNCTION private.enter_binder(binder jsonb, set_id uuid, place integer, OUT document_id uuid, OUT job_id uuid) IS 'One binder: its document and job, its members, and the events of all of them.';

CREATE FUNCTION private.enter_child(job public.processing_jobs, part jsonb, object_key text, OUT child_id uuid, OUT journal_id uuid) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  select e.document_id, e.journal_id into child_id, journal_id
    from private.enqueue_file(private.part_file(job, part, enter_child.object_key)) as e;
  update document_journal j set created_at = coalesce((select max(p.created_at) from document_journal p
    where p.document_id = job.document_id), j.created_at) where j.id = enter_child.journal_id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    values ('part_linked', enter_child.child_id, job.id, job.batch_id, job.machine,
      jsonb_build_object('part_of', job.document_id, 'position', (part ->> 'position')::int, 'role', part ->> 'role',
        'sha256', part ->> 'sha256', 'seals', private.seals('document_journal/' || enter_child.journal_id)));
end $$;

COMMENT ON FUNCTION private.enter_child(job public.processing_jobs, part jsonb, object_key text, OUT child_id uuid, OUT journal_id uuid) IS 'A part as a document: a new one, or the one that has its bytes; it arrived when what it lies in did.';

CREATE FUNCTION private.enter_part(job public.processing_jobs, part jsonb, depth integer, root_id uuid, room bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  place int := (part ->> 'position')::int;
  code text := private.part_code(job, part, enter_part.depth, enter_part.room);
  child uuid;
  journal uuid;
begin
  if exists (select from document_parts p where p.parent_id = job.document_id and p.position = place
      and p.child_id is not null and p.sha256 = part ->> 'sha256') then
    return;
  elsif code is null then
    select e.child_id, e.journal_id into child, journal from private.enter_child(job, part, part ->> 'key') as e;
  end if;
  insert into document_parts as p (parent_id, position, role, name, child_id, journal_id, code, mime_type, bytes,
      sha256, dated, depth, root_id)
    values (job.document_id, place, part ->> 'role', left(part ->> 'name', 1000), child, journal, code,
      part ->> 'mime_type', (part ->> 'bytes')::bigint, part ->> 'sha256', left(part ->> 'dated', 60),
      enter_part.depth, enter_part.root_id)
  on conflict (parent_id, position) do update set role = excluded.role, name = excluded.name,
    child_id = excluded.child_id, journal_id = excluded.journal_id, code = excluded.code,
    mime_type = excluded.mime_type, bytes = excluded.bytes, sha256 = excluded.sha256, dated = excluded.dated;
end $$;

COMMENT ON FUNCTION private.enter_part(job public.processing_jobs, part jsonb, depth integer, root_id uuid, room bigint) IS 'Enters one part: as a new document, linked to the one that has its bytes, or with the code why not. Telling a part again changes nothing.';

CREATE FUNCTION private.estimate_life() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '24:00:00'::interval;

COMMENT ON FUNCTION private.estimate_life() IS 'How long an estimate may be confirmed: a market''s prices are another day''s after it.';

CREATE FUNCTION private.next_event_id() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  return private.this_event_month() * private.month_ids() + nextval('private.event_numbers');
end $$;

COMMENT ON FUNCTION private.next_event_id() IS 'The month first, so that a month''s events lie together and references by id alone hold.';

CREATE TABLE public.events (
    id bigint DEFAULT private.next_event_id() NOT NULL,
    kind text NOT NULL,
    document_id uuid,
    job_id uuid,
    batch_id uuid,
    machine text,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    transaction_id xid8 DEFAULT pg_current_xact_id() NOT NULL,
    custody_seq integer,
    previous_hash text,
    hash text,
    CONSTRAINT events_kind_check CHECK ((kind = ANY (ARRAY['job_queued'::text, 'job_claimed'::text, 'job_completed'::text, 'job_failed'::text, 'job_retried'::text, 'job_released'::text, 'job_requeued'::text, 'job_cancelled'::text, 'job_choices'::text, 'analysis_queued'::text, 'analysis_completed'::text, 'analysis_failed'::text, 'analysis_cancelled'::text, 'document_duplicate'::text, 'part_linked'::text, 'binder_made'::text, 'binder_dissolved'::text, 'decided'::text, 'passwords_given'::text, 'reading_disputed'::text, 'file_refused'::text, 'batch_started'::text, 'batch_running'::text, 'batch_paused'::text, 'batch_stopped'::text, 'batch_completed'::text, 'machine_rented'::text, 'machine_ended'::text, 'alarm_raised'::text, 'alarm_stands'::text, 'alarm_cleared'::text, 'door_paused'::text, 'door_resumed'::text, 'accessed'::text, 'record_signed'::text, 'original_lost'::text, 'original_kept'::text])))
)
PARTITION BY RANGE (id);

COMMENT ON TABLE public.events IS 'The outbox: one row per change of status, written in the same transaction, never with document text. Also the custody chain of each document.';

COMMENT ON COLUMN public.events.kind IS 'job_released: handed back unharmed; job_requeued: its worker died; job_choices: a person said where it may be read; part_linked: it was found inside another document; binder_made, binder_dissolved: a person put its pages together or apart; decided: a person judged it; alarm_raised, alarm_stands, alarm_cleared: for people; accessed: an entry of the access log; record_signed: the head of the record, for whoever keeps it outside; original_lost: the bucket has its bytes no more; original_kept: they were found, or moved under a name of ours.';

COMMENT ON COLUMN public.events.transaction_id IS 'A consumer reads only transactions older than every open one, so a late commit with a small id is never skipped.';

COMMENT ON COLUMN public.events.hash IS 'SHA-256 over this row, the previous hash of its document in it: see private.event_text.';

CREATE FUNCTION private.event_text(event public.events) RETURNS text
    LANGUAGE sql STABLE
    RETURN (jsonb_build_object('id', (event).id, 'previous_hash', (event).previous_hash, 'custody_seq', (event).custody_seq, 'kind', (event).kind, 'document_id', (event).document_id, 'job_id', (event).job_id, 'batch_id', (event).batch_id, 'machine', (event).machine, 'at', EXTRACT(epoch FROM (event).created_at), 'payload', (event).payload))::text;

COMMENT ON FUNCTION private.event_text(event public.events) IS 'An event as it is hashed and exported.';

CREATE FUNCTION private.events_kept() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 24;

COMMENT ON FUNCTION private.events_kept() IS 'Months whose events stay in the table events, beside the present one.';

CREATE FUNCTION private.every_event() RETURNS SETOF public.events
    LANGUAGE sql STABLE
    AS $$ select * from public.events $$;

COMMENT ON FUNCTION private.every_event() IS 'All events there are, those of the archive too. Written by write_every_event.';

CREATE FUNCTION private.exact_query(words text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'private', 'pg_temp'
    AS $_$
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
$_$;

COMMENT ON FUNCTION private.exact_query(words text) IS 'These words one after the other, as they stand; a number of several parts with or without what parts it.';

CREATE FUNCTION private.excerpt_length() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 300;

COMMENT ON FUNCTION private.excerpt_length() IS 'Characters shown of a text where no words of the question stand in it.';

CREATE FUNCTION private.excuse_span() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '12:00:00'::interval;

COMMENT ON FUNCTION private.excuse_span() IS 'How far from an event an emergency explains it.';

CREATE FUNCTION private.exhibit_letter(number integer) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select case when number > 26 then private.exhibit_letter((number - 1) / 26) else '' end
    || chr(65 + (number - 1) % 26)
$$;

COMMENT ON FUNCTION private.exhibit_letter(number integer) IS 'A for 1, Z for 26, AA for 27.';

CREATE FUNCTION private.expire_claude_calls() RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update claude_calls c set status = 'expired', cost_usd = c.reserved_usd, outcome = 'unknown', settled_at = now()
    where c.status = 'reserved' and c.expires_at < now()
$$;

COMMENT ON FUNCTION private.expire_claude_calls() IS 'Calls whose gateway died: Anthropic may have charged them, so the worst case counts.';

CREATE TABLE public.batch_checkpoints (
    batch_id uuid NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    again_after bigint,
    scanned bigint DEFAULT 0 NOT NULL,
    queued bigint DEFAULT 0 NOT NULL,
    known bigint DEFAULT 0 NOT NULL,
    unsupported bigint DEFAULT 0 NOT NULL,
    empty bigint DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    pages_estimate bigint DEFAULT 0 NOT NULL,
    error_code text,
    error_message text,
    finished_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE public.batch_checkpoints IS 'How far the scan of a batch has come. It moves in the transaction that queues what was found, so a restart neither loses nor repeats an object.';

COMMENT ON COLUMN public.batch_checkpoints.place IS 'The last object key dealt with, Drive''s page token and file, or a mailbox''s UIDVALIDITY and last UID.';

COMMENT ON COLUMN public.batch_checkpoints.again_after IS 'How far the unread documents of again_of are queued, by the journal''s seq; null where there are none left.';

COMMENT ON COLUMN public.batch_checkpoints.known IS 'Objects that had entered before and are unchanged, or whose bytes are those of a document; they cost nothing.';

COMMENT ON COLUMN public.batch_checkpoints.error_message IS 'Why the scan does not move at the moment; cleared when it does.';

CREATE FUNCTION private.explain_nothing(point public.batch_checkpoints) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case when point.scanned = 0
    then 'There was no file: is the name of the folder right, and is it shared with us?'
    else format('%s files were seen and none was taken in: %s unsupported or not given out, %s empty; the list of '
      'files passed over says why.', point.scanned, point.unsupported, point.empty) end
$$;

COMMENT ON FUNCTION private.explain_nothing(point public.batch_checkpoints) IS 'Why a scan that came to its end has no document, in words.';

CREATE FUNCTION private.fails_too_much(caller public.machines) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select caller.hosting <> 'local' and caller.jobs_failed > private.most_failures()
    and caller.jobs_failed > private.most_failures() + 3 * (caller.jobs_done + caller.jobs_failed) * greatest(
      private.usual_failures(), coalesce((select sum(m.jobs_failed)::double precision
        / nullif(sum(m.jobs_done + m.jobs_failed), 0) from machines m
        where m.label <> caller.label and m.intent_at > now() - private.speed_memory()), 0))
$$;

COMMENT ON FUNCTION private.fails_too_much(caller public.machines) IS 'Whether a machine failed, or found blank, far more documents than others see: it gets no more. They are all read once more elsewhere, and if others can read them it is caught.';

CREATE FUNCTION private.farthest_meaning() RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN 0.86;

COMMENT ON FUNCTION private.farthest_meaning() IS 'Cosine distance up to which a passage is near: most unrelated ones lie at 0.9 and more with this model.';

CREATE FUNCTION private.fastest() RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN 4;

COMMENT ON FUNCTION private.fastest() IS 'Documents a second that a stranger''s machine may end in the long run, by the queue''s own clock: a fast one reads two short letters a second; who sweeps the queue wants to be faster.';

CREATE FUNCTION private.few_documents(filters jsonb) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

COMMENT ON FUNCTION private.few_documents(filters jsonb) IS 'The documents that filters leave, where they are at most 1,000; null where they are more, or not worth asking.';

CREATE FUNCTION private.fewest_compared() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5;

COMMENT ON FUNCTION private.fewest_compared() IS 'Words below which a page is not compared: a stamp, a page number.';

CREATE FUNCTION private.fewest_followed() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 6;

COMMENT ON FUNCTION private.fewest_followed() IS 'Fewer events than these are left for whoever asks to count himself: two or three documents, some twenty blocks each. To follow each event would have each of twenty viewers write.';

CREATE FUNCTION private.file_of_binder(binder jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select (binder -> 'file') || jsonb_build_object('priority', 'normal', 'placement',
    case when bool_or(j.placement = 'local_only') then 'local_only'
      when bool_or(j.placement = 'datacenter_only') then 'datacenter_only' else 'any_host' end,
    'allow_claude', bool_and(j.allow_claude and coalesce(b.allow_claude, true)))
  from jsonb_array_elements(binder -> 'members') as m join processing_jobs j
    on j.document_id = (m ->> 'document_id')::uuid and j.kind = 'read' left join batches b on b.id = j.batch_id
$$;

COMMENT ON FUNCTION private.file_of_binder(binder jsonb) IS 'A binder as enqueue_file takes it: as private as its most private member.';

CREATE FUNCTION private.find_again(document_id uuid, page integer, start integer, quote text) RETURNS TABLE(page integer, start integer)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select s.n::int, s.at - 1 from (
    select p.n, case when p.n = find_again.page and substr(p.words, find_again.start + 1, length(find_again.quote))
      = find_again.quote then find_again.start + 1 else position(find_again.quote in p.words) end as at
    from document_repository r cross join lateral string_to_table(r.text, E'\f\n') with ordinality as p(words, n)
    where r.document_id = find_again.document_id) s
  where s.at > 0 order by s.n = find_again.page desc, s.n limit 1
$$;

COMMENT ON FUNCTION private.find_again(document_id uuid, page integer, start integer, quote text) IS 'Where words stand in the text as it is now: at their place, else on their page, else on the first that has them.';

CREATE FUNCTION private.find_amounts(words text) RETURNS TABLE(lexeme text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  select distinct '#' || trim_scale(case when f[1] ~ '^\d{1,3}(\.\d{3})+(,\d{1,2})?$'
    then replace(replace(f[1], '.', ''), ',', '.') else replace(f[1], ',', '') end::numeric)
  from regexp_matches(words,
    '\m(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,15}\.\d{1,2}|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?)\M', 'g') f
$_$;

COMMENT ON FUNCTION private.find_amounts(words text) IS 'Numbers with thousands or cents as one number: #1250 for 1,250.00.';

CREATE FUNCTION private.find_arrival(file jsonb, OUT journal_id uuid, OUT document_id uuid, OUT job_id uuid, OUT duplicate boolean, OUT status text, OUT object_key text) RETURNS SETOF record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
  if file ->> 'telegram_message_id' is null then
    return;
  end if;
  -- Telegram sends an update again while we still answer it: the two wait for each other here.
  perform pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'telegram', file ->> 'telegram_chat_id',
    file ->> 'telegram_message_id'), 0));
  return query select j.id, j.document_id, j.job_id, j.duplicate, j.processing_status, d.object_key
    from document_journal j join master_document_registry d on d.id = j.document_id
    where j.telegram_chat_id = (file ->> 'telegram_chat_id')::bigint
      and j.telegram_message_id = (file ->> 'telegram_message_id')::bigint;
end $$;

COMMENT ON FUNCTION private.find_arrival(file jsonb, OUT journal_id uuid, OUT document_id uuid, OUT job_id uuid, OUT duplicate boolean, OUT status text, OUT object_key text) IS 'The answer that a Telegram message''s file was given before, if it was: a message is one arrival.';

CREATE FUNCTION private.find_chain_faults(document_id uuid) RETURNS TABLE(subject text, fault text, custody_seq integer)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with chain as (
    select e.*, private.hash_event(e) as found, lag(e.hash) over (order by e.custody_seq) as before,
      row_number() over (order by e.custody_seq) as place
    from private.every_event() e where e.document_id = find_chain_faults.document_id
  ), last as (
    select c.hash, c.custody_seq from chain c order by c.custody_seq desc limit 1
  )
  select 'event ' || c.custody_seq, case when c.custody_seq <> c.place then 'an event before it is missing'
    when c.hash <> c.found then 'changed' else 'does not follow the event before it' end, c.custody_seq
  from chain c where c.custody_seq <> c.place or c.hash is distinct from c.found
    or c.previous_hash is distinct from c.before
  union all
  select 'event ' || h.custody_seq, 'missing at the end of the chain', h.custody_seq
  from custody_heads h left join last on true where h.document_id = find_chain_faults.document_id
    and (last.hash is distinct from h.hash or coalesce(last.custody_seq, 0) <> h.custody_seq)
  union all
  select 'events', 'nothing says where the chain ends', c.custody_seq
  from last c where not exists (select from custody_heads h where h.document_id = find_chain_faults.document_id)
$$;

COMMENT ON FUNCTION private.find_chain_faults(document_id uuid) IS 'Where a document''s events are not the chain they were.';

CREATE FUNCTION private.find_claim_pairs(document_id uuid) RETURNS TABLE(a_id bigint, b_id bigint, kind text, proposed_by text, score integer, clash text, shared text[])
    LANGUAGE sql STABLE ROWS 10
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_claim_pairs(document_id uuid) IS 'The pairs of statements that have most to do with each other, one of which stands in this document: at most most_pairs() and most_corroborations(), however many documents there are. clash: both words of the measure that they give differently, or alike.';

CREATE FUNCTION private.find_claude_refusal(job_id uuid, worst_usd numeric, caps jsonb, OUT code text, OUT message text, OUT scope text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  job record;
  door text := private.claude_admits(find_claude_refusal.job_id);
begin
  select j.document_id, j.batch_id, j.allow_claude and coalesce(b.allow_claude, true) as allowed into job
    from processing_jobs j left join batches b on b.id = j.batch_id where j.id = find_claude_refusal.job_id;
  if not job.allowed then
    code := 'claude_off';
    message := 'Claude is switched off for this document.';
  elsif door is not null then
    code := 'claude_paused';
    message := format('Claude is asked nothing now (%s).', door);
  else
    select f.code, f.message, f.scope into code, message, scope
      from private.find_full_cap(job.batch_id, job.document_id, worst_usd, caps) f;
  end if;
end $$;

COMMENT ON FUNCTION private.find_claude_refusal(job_id uuid, worst_usd numeric, caps jsonb, OUT code text, OUT message text, OUT scope text) IS 'Why a job may not make a call that costs so much at worst: claude_off, claude_paused, claude_cap_reached or claude_busy (with the cap''s scope); null when it may.';

CREATE FUNCTION private.find_days(words text, day_order text) RETURNS TABLE(lexeme text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_days(words text, day_order text) IS 'The days a text names: @20240305, its month @202403 and its day of any year *0305; @0305 where no year is said; ?20240503 where the day may come first and the text does not tell.';

CREATE FUNCTION private.find_documents(filter jsonb) RETURNS TABLE(document_id uuid, job_id uuid, pages integer, relevancy real, is_allowed boolean, is_waiting boolean, is_judged boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return query select d.id, j.id, coalesce(j.pages_total, 0), d.relevancy_score,
    j.allow_claude and coalesce(b.allow_claude, true)
      and not private.is_sealed(d.id),
    exists (select from processing_jobs a where a.document_id = d.id and a.status in ('queued', 'processing')),
    -- Judged as well as it would be today. A part that Claude was too busy for is not.
    coalesce(d.analyst = 'claude' and coalesce(d.fallback_reason, '') !~ '(claude_busy|claude_away|timeout) on pages '
      and coalesce(r.prompt_version = desk.prompt_version, desk.prompt_version is null), false)
  from claude_desk desk cross join master_document_registry d join processing_jobs j on j.id = d.job_id
    left join batches b on b.id = j.batch_id left join analysis_runs r on r.id = d.run_id
  where d.duplicate_of is null and d.dissolved_at is null and j.status = 'completed'
    and private.is_asked_for(d, j, filter);
end $$;

COMMENT ON FUNCTION private.find_documents(filter jsonb) IS 'What a filter {document_id?, batch_id?, case_number?, document_type?, date_from?, date_to?, analyst?, reason?: no_key|cap|busy|refused|older_prompt|sorted} means of the documents that were read.';

CREATE FUNCTION private.find_entered(file jsonb) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  -- What we stored ourselves under raw/ nobody changes; elsewhere a name says nothing of the bytes.
  select j.document_id from document_journal j
    where (j.object_key = file ->> 'object_key' or j.google_drive_id = file ->> 'google_drive_id')
      and (j.source_version = file ->> 'source_version' or file ->> 'object_key' like 'raw/%')
  union
  select d.id from master_document_registry d
    where file ->> 'object_key' ~ '^(drive|mail):' and d.sha256 = file ->> 'sha256' and d.original_fault is null
$$;

COMMENT ON FUNCTION private.find_entered(file jsonb) IS 'Documents as which this object has entered and, by all that its source says of it, still is the same; what came by mail or Drive also by the hash of its bytes, unless the bucket has lost those. Neither size nor MD5 makes two objects one.';

CREATE TABLE public.case_events (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    starts timestamp without time zone NOT NULL,
    ends timestamp without time zone NOT NULL,
    "precision" text NOT NULL,
    zone text,
    known text NOT NULL,
    title text NOT NULL,
    named text,
    people uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    documents integer DEFAULT 0 NOT NULL,
    versions integer DEFAULT 1 NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    why text,
    CONSTRAINT case_events_check CHECK ((starts < ends)),
    CONSTRAINT case_events_known_check CHECK ((known = ANY (ARRAY['header'::text, 'printed'::text, 'stated'::text, 'inferred'::text]))),
    CONSTRAINT case_events_named_check CHECK ((length(named) <= 200)),
    CONSTRAINT case_events_precision_check CHECK (("precision" = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT case_events_state_check CHECK ((state = ANY (ARRAY['open'::text, 'true'::text, 'wrong'::text, 'later'::text])))
);

COMMENT ON TABLE public.case_events IS 'What happened, once for all papers that speak of it: those agree, or give it several versions.';

COMMENT ON COLUMN public.case_events.starts IS 'On the clock of the papers; ends is the first moment after it.';

COMMENT ON COLUMN public.case_events.named IS 'What the person calls it who marked it.';

COMMENT ON COLUMN public.case_events.versions IS 'How many times of day the papers give it that exclude each other.';

CREATE FUNCTION private.find_events(filter jsonb) RETURNS SETOF public.case_events
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_events(filter jsonb) IS 'Events by event_id, from, to, person_id, document_id, state, differing, matter_id.';

CREATE FUNCTION private.find_full_cap(batch_id uuid, document_id uuid, worst_usd numeric, caps jsonb, OUT code text, OUT message text, OUT scope text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
#variable_conflict use_column
declare
  found record;
begin
  select used.scope, used.cap, used.spent, private.claude_room(worst_usd, used.cap, used.spent, used.held) as code
    into found from (
      select 1 as rank, 'day' as scope, (caps ->> 'day')::numeric as cap, coalesce(sum(c.cost_usd), 0) as spent,
        coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0) as held
        from claude_calls c where c.day = (now() at time zone 'utc')::date
      union all
      select 2, 'batch', (caps ->> 'batch')::numeric, coalesce(sum(c.cost_usd), 0),
        coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0)
        from claude_calls c where c.batch_id = find_full_cap.batch_id
      union all
      select 3, 'document', (caps ->> 'document')::numeric, coalesce(sum(c.cost_usd), 0),
        coalesce(sum(c.reserved_usd) filter (where c.status = 'reserved'), 0)
        from claude_calls c where c.document_id = find_full_cap.document_id) as used
    where private.claude_room(worst_usd, used.cap, used.spent, used.held) is not null
    order by private.claude_room(worst_usd, used.cap, used.spent, used.held) desc, used.rank limit 1;
  code := found.code;
  scope := found.scope;
  message := case found.code when 'claude_busy' then 'Calls in flight hold what the limit leaves; try again shortly.'
    when 'claude_cap_reached' then format('The limit of $%s for Claude per %s is used up: $%s is spent. Raise it, or '
      'wait.', round(found.cap, 2), found.scope, round(found.spent, 2)) end;
end $_$;

COMMENT ON FUNCTION private.find_full_cap(batch_id uuid, document_id uuid, worst_usd numeric, caps jsonb, OUT code text, OUT message text, OUT scope text) IS 'The cap under which a call that costs so much at worst has no room: claude_cap_reached or claude_busy.';

CREATE FUNCTION private.find_judgement_faults(document_id uuid) RETURNS TABLE(subject text, fault text, custody_seq integer)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  with last as (
    select distinct on (c.name) c.name, c.after from decision_changes c join decisions d on d.id = c.decision_id
    where c.document_id = find_judgement_faults.document_id order by c.name, d.seq desc
  ), present as (
    select j.name, j.value from judgements j where j.document_id = find_judgement_faults.document_id
  )
  select 'judgements/' || find_judgement_faults.document_id, 'not what the last decision about it said', null::int
  from last l full join present p on p.name = l.name where l.after is distinct from p.value
$$;

COMMENT ON FUNCTION private.find_judgement_faults(document_id uuid) IS 'What is said of a document and was never decided: a later decision seals all that is said, so it is held against the history, whose every row is sealed by itself.';

CREATE FUNCTION private.find_lane(batch_id uuid, source text, priority text, placement text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  lane_name text := coalesce('batch ' || find_lane.batch_id, source || ' '
    || to_char(now() at time zone 'utc', 'YYYY-MM-DD'));
  found_id bigint;
begin
  select id into found_id from lanes where name = lane_name and priority = find_lane.priority
    and placement = find_lane.placement;
  if not found then
    insert into lanes (name, batch_id, priority, placement)
      values (lane_name, find_lane.batch_id, find_lane.priority, find_lane.placement)
      on conflict (name, priority, placement) do update set name = excluded.name returning id into found_id;
  end if;
  return found_id;
end $$;

COMMENT ON FUNCTION private.find_lane(batch_id uuid, source text, priority text, placement text) IS 'The lane for such a job, made at its first one.';

CREATE FUNCTION private.find_marks(words text, day_order text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_marks(words text, day_order text) IS 'What has more than one writing, each in one: days (see find_days), amounts (#1250), numbers of several parts joined (=fl2024001), words in which OCR read a digit (%pollce).';

CREATE FUNCTION private.find_meaning(embedding extensions.vector, question private.question_part[], filters jsonb, few uuid[]) RETURNS TABLE(document_id uuid, chunk integer, page integer, nearness real)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path TO 'public', 'private', 'extensions', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_meaning(embedding extensions.vector, question private.question_part[], filters jsonb, few uuid[]) IS 'Documents whose passages mean something near, by the cosine of the nearest.';

CREATE FUNCTION private.find_near_claims(document_id uuid) RETURNS TABLE(mine bigint, other bigint)
    LANGUAGE sql STABLE ROWS 100
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_near_claims(document_id uuid) IS 'Statements elsewhere that share rare words, a time and a person, or of which one speaks of all times: those that have most in common with this document''s.';

CREATE TABLE public.case_times (
    id bigint NOT NULL,
    claim_id bigint NOT NULL,
    document_id uuid NOT NULL,
    page integer NOT NULL,
    start integer NOT NULL,
    quote text NOT NULL,
    starts timestamp without time zone NOT NULL,
    ends timestamp without time zone NOT NULL,
    "precision" text NOT NULL,
    zone text,
    known text NOT NULL,
    is_event boolean NOT NULL,
    event_id uuid,
    settled boolean DEFAULT false NOT NULL,
    CONSTRAINT case_times_check CHECK ((starts < ends)),
    CONSTRAINT case_times_known_check CHECK ((known = ANY (ARRAY['header'::text, 'printed'::text, 'stated'::text, 'inferred'::text]))),
    CONSTRAINT case_times_precision_check CHECK (("precision" = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text, 'month'::text, 'year'::text])))
);

COMMENT ON TABLE public.case_times IS 'Each time that a statement speaks of, as far as its words say it.';

COMMENT ON COLUMN public.case_times.known IS 'header (of the message or mail), printed (by a machine beside it), stated (in the sentence), inferred (from what stands around it).';

COMMENT ON COLUMN public.case_times.is_event IS 'False for when a paper was signed, filed or printed, and for birthdays.';

CREATE FUNCTION private.find_near_times(spoken public.case_times, people uuid[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE ROWS 30
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_near_times(spoken public.case_times, people uuid[]) IS 'Times around one: of statements about the same people, and the nearest of others, which may share words.';

CREATE TABLE public.people (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    sex text,
    roles text[] DEFAULT '{}'::text[] NOT NULL,
    documents integer DEFAULT 0 NOT NULL,
    merged_into uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    rank bigint GENERATED ALWAYS AS (((((documents)::bigint * '2147483648'::bigint) + 2147483647) - seq)) STORED NOT NULL,
    CONSTRAINT people_sex_check CHECK ((sex = ANY (ARRAY['female'::text, 'male'::text])))
);

COMMENT ON TABLE public.people IS 'Each person once. Their spellings are in case_names.';

COMMENT ON COLUMN public.people.merged_into IS 'The one person it turned out to be; links to it lead there.';

COMMENT ON COLUMN public.people.rank IS 'The order of lists: who stands in most documents first, then who came first.';

CREATE FUNCTION private.find_people(words text, matter_id uuid) RETURNS SETOF public.people
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select p.* from people p where p.merged_into is null and p.documents > 0
    and (coalesce(words, '') = '' or exists (select from case_names n where n.person_id = p.id
      and position(lower(words) in lower(n.words)) > 0))
    and (find_people.matter_id is null or exists (select from people_documents x where x.person_id = p.id
      and private.is_in_matter(x.document_id, find_people.matter_id)))
$$;

COMMENT ON FUNCTION private.find_people(words text, matter_id uuid) IS 'Persons with such a name, of a matter.';

CREATE FUNCTION private.find_seal_faults(document_id uuid) RETURNS TABLE(subject text, fault text, custody_seq integer)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with told as (
    select distinct on (s.sealed) s.sealed, s.digest, e.custody_seq
    from (select * from private.every_event() o where o.document_id = find_seal_faults.document_id
      union all select * from private.every_event() n where find_seal_faults.document_id is null
        and n.document_id is null) e
      cross join lateral jsonb_each_text(case jsonb_typeof(e.payload -> 'seals') when 'object'
        then e.payload -> 'seals' end) as s(sealed, digest)
    order by s.sealed, coalesce(e.custody_seq, e.id) desc
  ), present as (
    select p.sealed, encode(sha256((private.seal_digests(array[p.sealed]))[1]), 'hex') as digest
    from private.present_scopes(find_seal_faults.document_id) as p(sealed)
  )
  select coalesce(t.sealed, p.sealed), case when t.sealed is null then 'added: no event tells of it'
    when p.sealed is null then 'missing' else 'changed' end, t.custody_seq
  from told t full join present p on p.sealed = t.sealed
  where t.digest is distinct from coalesce(p.digest, encode(sha256(''), 'hex'))
    -- What lies in a document is entered while it is read, and sealed when that has ended.
    and not (coalesce(t.sealed, p.sealed) = 'document_parts/' || find_seal_faults.document_id and exists (select
      from processing_jobs j where j.document_id = find_seal_faults.document_id and j.kind = 'read'
        and j.status in ('queued', 'processing')))
$$;

COMMENT ON FUNCTION private.find_seal_faults(document_id uuid) IS 'Rows that are not what the newest event about them says: of a document, or of what belongs to none.';

CREATE FUNCTION private.find_shown_faults() RETURNS TABLE(subject text, fault text)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  with decided as (
    select distinct on (d.verb, d.about) d.verb, d.about, d.said ->> 'state' as state from case_decisions d
    where d.verb in ('decide_event', 'decide_term') order by d.verb, d.about, d.id desc
  ), shown as (
    select 'decide_event' as verb, e.id::text as about, e.state from case_events e where e.decided_by is not null
      or e.state <> 'open'
    union all select 'decide_term', t.id::text, t.state from order_terms t where t.decided_by is not null
      or t.state <> 'proposed'
    union all select 'decide_pairs', p.id::text, p.state from pairs p where p.state <> 'open'
  ), last as (
    select * from decided
    union all
    (select distinct on (d.pair_id) 'decide_pairs', d.pair_id::text, d.state from pair_decisions d
      order by d.pair_id, d.id desc)
  )
  select coalesce(l.verb, s.verb) || '/' || coalesce(l.about, s.about), 'what is shown is not what was decided last'
  from last l full join shown s on s.verb = l.verb and s.about = l.about
  where coalesce(l.state, 'none') <> coalesce(s.state, 'none')
    and not (s.state is null and l.state in ('open', 'proposed'))
$$;

COMMENT ON FUNCTION private.find_shown_faults() IS 'Pairs, events and terms whose state is not what the last decision about them said, or that nobody decided about.';

CREATE FUNCTION private.find_term_pairs(document_id uuid) RETURNS TABLE(a_document uuid, a_key text, b_document uuid, b_key text, proposed_by text, score integer, verdict text, reason text, explained text)
    LANGUAGE sql STABLE ROWS 5
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.find_term_pairs(document_id uuid) IS 'Terms of orders and later events that may break them, one of which stands in this document.';

CREATE FUNCTION private.find_wait(batch_id uuid, document_id uuid, code text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select case
    when b.status = 'paused' then 'batch_paused'
    when d.status = 'no_key' then 'no_key'
    when d.status = 'paused' then 'claude_paused'
    when private.is_day_capped() then 'day_cap'
    when private.is_capped('batch', find_wait.batch_id::text) then 'batch_cap'
    when private.is_capped('document', find_wait.document_id::text) then 'document_cap'
    else coalesce(find_wait.code, 'in_line') end
  from doors d left join batches b on b.id = find_wait.batch_id where d.name = 'claude'
$$;

COMMENT ON FUNCTION private.find_wait(batch_id uuid, document_id uuid, code text) IS 'What a queued job to analyse waits for, by its batch, its document and its code: the first of these that holds.';

CREATE FUNCTION private.find_words(question private.question_part[], filters jsonb, few uuid[], wanted integer) RETURNS TABLE(document_id uuid, passage integer, page integer, score real, has_all boolean, capped boolean)
    LANGUAGE sql STABLE ROWS 100
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION private.find_words(question private.question_part[], filters jsonb, few uuid[], wanted integer) IS 'Documents with these words, each with its best passage and a score up to 1: BM25 over passages, of at most most_matches of each word, among at most most_looked_at (capped: there are more; a row without a document says so where none was found).';

CREATE FUNCTION private.finding_key(kind text, page integer, quote text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select 'finding:' || md5(concat_ws('|', kind, page, array_to_string(private.words_of(quote), ' ')))
$$;

COMMENT ON FUNCTION private.finding_key(kind text, page integer, quote text) IS 'The name of the judgement about a finding.';

CREATE FUNCTION private.first_event_month() RETURNS integer
    LANGUAGE sql STABLE
    RETURN  0;

COMMENT ON FUNCTION private.first_event_month() IS 'The earliest month whose events are in the table events.';

CREATE FUNCTION private.first_readings() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 10;

COMMENT ON FUNCTION private.first_readings() IS 'Documents of a new machine that are checked more often: a host who lies in all is found before he has read much.';

CREATE FUNCTION private.first_share() RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN 0.2;

COMMENT ON FUNCTION private.first_share() IS 'Of these, two of ten: less than a minute of another machine.';

CREATE FUNCTION private.month_ids() RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN '1000000000000'::bigint;

COMMENT ON FUNCTION private.month_ids() IS 'How many ids a month of events has: more than are ever written, and a year 2700''s id is still below 2^53.';

CREATE FUNCTION private.first_unread_id(read_to bigint) RETURNS bigint
    LANGUAGE sql STABLE
    RETURN (((read_to / private.month_ids()) - 1) * private.month_ids());

COMMENT ON FUNCTION private.first_unread_id(read_to bigint) IS 'No event below is unread by who has read to this one: a transaction does not last a month. So old months are not looked into.';

CREATE FUNCTION private.fits_field(name text, value jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $_$
  select exists (select from custom_fields f where f.id = substr(fits_field.name, 7)::uuid and f.ended_at is null
    and case f.kind when 'text' then jsonb_typeof(value) = 'string'
      when 'date' then value #>> '{}' ~ '^\d{4}-\d{2}-\d{2}$' and (value #>> '{}')::date is not null
      when 'money' then jsonb_typeof(value) = 'number' else value #>> '{}' = any (f.choices) end)
$_$;

COMMENT ON FUNCTION private.fits_field(name text, value jsonb) IS 'Whether a value is one of the field''s kind.';

CREATE FUNCTION private.fleet_memory() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '90 days'::interval;

COMMENT ON FUNCTION private.fleet_memory() IS 'How far back boots and failures of a machine count: hosts change hands and lines.';

CREATE FUNCTION private.fold_counts() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('fold_counts', 0)) then
    return;
  end if;
  with taken as (
    delete from job_counts c where not c.is_folded or c.ended_at < now() - 2 * private.pace_window() returning c.*
  ), headed as (
    insert into lane_heads as h select * from private.heads_of(array(select distinct t.lane_id from taken t
      where t.kind = 'read')) on conflict (lane_id) do update set oldest_at = excluded.oldest_at
      where h.oldest_at is distinct from excluded.oldest_at
  )
  insert into job_counts as c
    select t.batch_id, t.own_batch_id, t.lane_id, t.kind, t.status, t.error_code, t.machine, t.is_newest, t.judged,
      e.ended_at, sum(t.jobs), sum(t.pages), sum(t.pages_estimate), sum(t.pages_worked), min(t.started_at), true,
      min(t.message), sum(t.usd), min(t.priority), min(t.placement)
    from taken t cross join lateral (select case when t.ended_at >= now() - 2 * private.pace_window()
      then t.ended_at end as ended_at) e
    group by t.batch_id, t.own_batch_id, t.lane_id, t.kind, t.status, t.error_code, t.machine, t.is_newest, t.judged,
      e.ended_at
    having sum(t.jobs) <> 0 or sum(t.pages) <> 0 or sum(t.pages_estimate) <> 0 or sum(t.pages_worked) <> 0
      or sum(t.usd) <> 0
  on conflict (batch_id, own_batch_id, lane_id, kind, status, error_code, machine, is_newest, judged, ended_at)
    where is_folded do update set jobs = c.jobs + excluded.jobs, pages = c.pages + excluded.pages,
    pages_estimate = c.pages_estimate + excluded.pages_estimate, pages_worked = c.pages_worked + excluded.pages_worked,
    started_at = least(c.started_at, excluded.started_at), message = least(c.message, excluded.message),
    usd = c.usd + excluded.usd;
  delete from job_counts c where c.is_folded and c.jobs = 0 and c.pages = 0 and c.pages_estimate = 0
    and c.pages_worked = 0 and c.usd = 0;
  delete from lane_heads h where h.oldest_at is null;
end $$;

COMMENT ON FUNCTION private.fold_counts() IS 'Adds the changes since the last time to the counts; one caller at a time.';

CREATE FUNCTION private.fold_refusals() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  change bigint;
begin
  if not exists (select from refused_news) or not pg_try_advisory_xact_lock(hashtextextended('fold_refusals', 0)) then
    return;
  end if;
  update refused_news n set seen = true, folds_after = case when n.seen then pg_current_xact_id() end
    where n.folds_after is null;
  with changed as materialized (
    select * from private.changed_refusals(true)
  ), gone as (
    delete from refused_names r using changed c where c.name = r.name and c.is_now = 0
  ), come as (
    insert into refused_names select c.name from changed c where c.is_now = 1 and c.was = 0
  ), told as (
    delete from refused_news n where n.folds_after <= pg_snapshot_xmin(pg_current_snapshot())
  )
  select sum(c.is_now - c.was) into change from changed c;
  update refused_sum s set names = s.names + change where s.only_row and change <> 0;
end $$;

COMMENT ON FUNCTION private.fold_refusals() IS 'Puts the news of refused files into their count; one caller at a time.';

CREATE FUNCTION private.fold_sums(anew integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
  followed sums_cursor;
  changed uuid[];
  round uuid[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('fold_sums', 0)) then
    return;
  end if;
  insert into sums_cursor (only_one) values (true) on conflict do nothing;
  select * into followed from sums_cursor;
  round := array(select d.id from master_document_registry d where d.id > followed.looked_at order by d.id
    limit fold_sums.anew);
  with fresh as materialized (
    select e.transaction_id, e.id, e.document_id from events e
    where (e.transaction_id, e.id) > (followed.transaction_id, followed.event_id)
      and e.id >= private.first_unread_id(followed.event_id)
      and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    order by e.transaction_id, e.id limit private.most_followed()
  ), last as (
    select f.transaction_id, f.id from fresh f order by f.transaction_id desc, f.id desc limit 1
  )
  select array(select distinct f.document_id from fresh f where f.document_id is not null),
    coalesce((select l.transaction_id from last l), followed.transaction_id),
    coalesce((select l.id from last l), followed.event_id)
    into changed, followed.transaction_id, followed.event_id;
  perform private.write_shares(private.with_members(changed || round));
  update sums_cursor set transaction_id = followed.transaction_id, event_id = followed.event_id,
    looked_at = case when fold_sums.anew = 0 then looked_at
      else coalesce(round[cardinality(round)], '00000000-0000-0000-0000-000000000000') end where only_one;
end $$;

COMMENT ON FUNCTION private.fold_sums(anew integer) IS 'Follows the events since the last time, and counts so many documents anew; one caller at a time. Only transactions older than every open one, so that none is passed over.';

CREATE FUNCTION private.folders_of(about_id uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  return array(select distinct array_to_string(f.parts[:n], '/') from (
      select case when p.parts[cardinality(p.parts)] = j.original_filename then p.parts[:cardinality(p.parts) - 1]
        else p.parts end as parts
      from document_journal j, lateral (select array_remove(string_to_array(j.arrival ->> 'path', '/'), '') as parts) p
      where j.document_id = about_id and j.arrival ? 'path') f, generate_series(1, least(cardinality(f.parts), 10)) as n
    order by 1 limit private.most_names());
end $$;

COMMENT ON FUNCTION private.folders_of(about_id uuid) IS 'The folders that a document lay in and those above them; a file''s own name is none.';

CREATE FUNCTION private.follow_sums() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if not current_setting('transaction_read_only')::boolean
      and (select count(*) from private.unfollowed(private.fewest_followed()) u
        where u.transaction_id < pg_snapshot_xmin(pg_current_snapshot())) >= private.fewest_followed() then
    perform private.fold_sums(0);
  end if;
exception when insufficient_resources then
  null;  -- on a full disk people must still be told how things stand
end $$;

COMMENT ON FUNCTION private.follow_sums() IS 'For whoever asks for sums, before he does: what a machine finished is counted once, and not by each viewer until the next sweep, if there is one.';

CREATE TABLE public.kept_choices (
    name text NOT NULL,
    prefix text,
    priority text NOT NULL,
    placement text NOT NULL,
    allow_claude boolean NOT NULL,
    said_at timestamp with time zone DEFAULT now() NOT NULL,
    object_etag text,
    is_found boolean DEFAULT false NOT NULL,
    CONSTRAINT kept_choices_check CHECK (((prefix IS NOT NULL) = (name ~~ 'batch-%'::text))),
    CONSTRAINT kept_choices_name_check CHECK ((name ~ '^([0-9a-f]{64}|batch-[0-9a-f-]{36})$'::text)),
    CONSTRAINT kept_choices_placement_check CHECK ((placement = ANY (ARRAY['any_host'::text, 'datacenter_only'::text, 'local_only'::text]))),
    CONSTRAINT kept_choices_priority_check CHECK ((priority = ANY (ARRAY['high'::text, 'normal'::text, 'low'::text])))
);

COMMENT ON TABLE public.kept_choices IS 'How a document, or the objects of a prefix, may be read, where no metadata in the bucket says it.';

COMMENT ON COLUMN public.kept_choices.name IS 'The SHA-256 of a document''s bytes, whatever name they have; or a batch.';

COMMENT ON COLUMN public.kept_choices.object_etag IS 'What the bucket calls the object that says the same; null: it is to be written.';

COMMENT ON COLUMN public.kept_choices.is_found IS 'It was read out of the bucket by a database that had not heard it: documents that come in now must obey it.';

CREATE FUNCTION private.found_choices(document public.master_document_registry) RETURNS SETOF public.kept_choices
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select k.* from kept_choices k where k.is_found and k.name = document.sha256
  union all
  select k.* from kept_choices k where k.is_found and k.prefix is not null
    and starts_with(document.object_key, k.prefix)
$$;

COMMENT ON FUNCTION private.found_choices(document public.master_document_registry) IS 'What the bucket told of a document, and this database had not heard.';

CREATE FUNCTION private.fresh_report() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:02:00'::interval;

COMMENT ON FUNCTION private.fresh_report() IS 'How old a machine''s last heartbeat may be for its speed to count in the queue''s: six of them.';

CREATE FUNCTION private.give_choices(job public.processing_jobs, priority text, placement text, allow_claude boolean, source text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update processing_jobs j set priority = give_choices.priority, placement = give_choices.placement,
    allow_claude = give_choices.allow_claude, choices_unsaid = false,
    lane_id = private.find_lane(job.batch_id, give_choices.source, give_choices.priority, give_choices.placement)
      where j.id = job.id
$$;

COMMENT ON FUNCTION private.give_choices(job public.processing_jobs, priority text, placement text, allow_claude boolean, source text) IS 'Moves a job that is not held to the lane of its new choices.';

CREATE FUNCTION private.give_names(person_id uuid, names bigint[]) RETURNS bigint[]
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  with given as (
    update case_names n set person_id = give_names.person_id where n.id = any (names)
      and n.person_id is distinct from give_names.person_id returning n.id
  ) select coalesce(array_agg(g.id), '{}') from given g
$$;

COMMENT ON FUNCTION private.give_names(person_id uuid, names bigint[]) IS 'These names are this person''s; those that were not before.';

CREATE FUNCTION private.guesses_of_address() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ select 5 $$;

COMMENT ON FUNCTION private.guesses_of_address() IS 'Wrong sign-ins of one address in a minute: typing errors, and no list of passwords.';

CREATE FUNCTION private.guesses_of_all() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ select 200 $$;

COMMENT ON FUNCTION private.guesses_of_all() IS 'Wrong sign-ins in a minute, by everybody: twelve random letters stand that for ever.';

CREATE FUNCTION private.hash_event(event public.events) RETURNS text
    LANGUAGE sql STABLE
    RETURN encode(sha256(convert_to(private.event_text(event), 'UTF8'::name)), 'hex'::text);

COMMENT ON FUNCTION private.hash_event(event public.events) IS 'SHA-256 (hex) of event_text.';

CREATE FUNCTION private.heads_of(lanes bigint[]) RETURNS TABLE(lane_id bigint, oldest_at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'on'
    AS $$
  with later as (
    select j.lane_id, min(j.created_at) as oldest_at from processing_jobs j where j.kind = 'read'
      and j.status = 'queued' and j.run_after is not null and lanes <> '{}' group by 1
  )
  select l.id, least(w.oldest_at, (select j.created_at from processing_jobs j where j.lane_id between l.id and l.id
      and j.ready and j.seq >= (select min(s.first_seq) from live_lanes s where s.lane_id = l.id)
      order by j.lane_id, j.seq limit 1),
    (select j.created_at from processing_jobs j where j.lane_id between l.id and l.id and j.status = 'queued'
      and j.deaths > 0 and j.kind = 'read' and j.run_after is null order by j.lane_id, j.seq limit 1))
  from unnest(lanes) as l(id) left join later w on w.lane_id = l.id
$$;

COMMENT ON FUNCTION private.heads_of(lanes bigint[]) IS 'When the oldest waiting job of each of these lanes came: ready, suspect, or to be tried again later; null where none waits.';

CREATE FUNCTION private.held_analysis(job_id uuid, lease_token uuid) RETURNS public.processing_jobs
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  job processing_jobs;
begin
  select * into job from processing_jobs j where j.id = held_analysis.job_id and j.status = 'processing'
    and j.lease_token = held_analysis.lease_token and j.kind <> 'read' for no key update;
  if not found then
    perform private.refuse('AS001',
      'The lease on this job is lost: it expired, or the job was cancelled. Discard the result.');
  end if;
  return job;
end $$;

COMMENT ON FUNCTION private.held_analysis(job_id uuid, lease_token uuid) IS 'The job, locked, if it is to analyse and held under this token; else AS001.';

CREATE FUNCTION private.held_job(job_id uuid, lease_token uuid, label text) RETURNS public.processing_jobs
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  job processing_jobs;
begin
  -- By its id alone: asked for all at once, the planner goes by what the machine holds, past all that it ever held.
  select * into job from processing_jobs j where j.id = held_job.job_id for no key update;
  if (job.status = 'processing' and job.lease_token = held_job.lease_token and job.machine = held_job.label)
      is not true then
    perform private.refuse('AS001',
      'The lease on this job is lost: it expired, or the job was cancelled or given to another worker. Discard the '
      'result.');
  end if;
  return job;
end $$;

COMMENT ON FUNCTION private.held_job(job_id uuid, lease_token uuid, label text) IS 'The job, locked, if this machine holds it under this token; else AS001.';

CREATE FUNCTION private.held_jobs(label text) RETURNS TABLE(jobs_held bigint, pages_held bigint, held_since timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  select count(*), coalesce(sum(greatest(j.pages_estimate, j.pages_total, 1)), 0), min(j.started_at)
  from processing_jobs j where j.machine = held_jobs.label and j.status = 'processing'
$$;

COMMENT ON FUNCTION private.held_jobs(label text) IS 'What a machine holds now: jobs, their pages as estimated or as its worker counted them, and the oldest claim.';

CREATE FUNCTION private.histogram(sums jsonb, score text, low integer, high integer) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select jsonb_agg(jsonb_build_object('low', low + (high - low) * (bucket - 1) / 10, 'high',
    low + (high - low) * bucket / 10, 'documents', coalesce((sums -> (score || ':' || bucket))::bigint, 0))
    order by bucket)
  from generate_series(1, 10) as bucket
$$;

COMMENT ON FUNCTION private.histogram(sums jsonb, score text, low integer, high integer) IS 'Ten steps of a scale with the documents in each; the last step has its upper end.';

CREATE FUNCTION private.ids_of(keys text[]) RETURNS bigint[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(array_agg(n.id), '{}') from case_names n where n.key = any (keys)
$$;

COMMENT ON FUNCTION private.ids_of(keys text[]) IS 'The names with these keys.';

CREATE FUNCTION private.index_about(about_id uuid, day_order text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
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
$_$;

COMMENT ON FUNCTION private.index_about(about_id uuid, day_order text) IS 'Indexes what is known about a document beside its text: names, what the analysis found and what a person made of it, notes and fields, and how it arrived.';

CREATE FUNCTION private.index_arrival() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.index_about(new.document_id, private.day_order(r.text)) from document_repository r
    where r.document_id = new.document_id;
  return null;
end $$;

COMMENT ON FUNCTION private.index_arrival() IS 'A document that comes once more is found by its new name, caption or folder too.';

CREATE FUNCTION private.index_document(document_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $_$
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
end $_$;

COMMENT ON FUNCTION private.index_document(document_id uuid) IS 'Indexes a document''s text, and what the analysis found. The caller has locked the document.';

CREATE FUNCTION private.index_judgement(about_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select private.index_about(about_id, private.day_order(r.text)), private.index_lines(about_id)
  from document_repository r where r.document_id = about_id
$$;

COMMENT ON FUNCTION private.index_judgement(about_id uuid) IS 'Makes what a person says of a document findable, once it has a text.';

CREATE FUNCTION private.index_lines(about_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.index_lines(about_id uuid) IS 'Makes the lines that a person corrected findable beside what was read there: passage -(10,000 × page + line); and as line 0 the letters of a page that were taken for others.';

CREATE FUNCTION private.index_transcriptions(about_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  delete from document_passages p where p.document_id = about_id and p.passage between -9999 and -1;
  insert into document_passages (document_id, passage, page, start, search)
    select t.document_id, -t.place, t.page, 1, private.search_vector(t.text, private.day_order(t.text))
    from document_transcriptions t where t.document_id = about_id;
end $$;

COMMENT ON FUNCTION private.index_transcriptions(about_id uuid) IS 'Makes the transcriptions of a document findable: passage -1 is the first.';

CREATE FUNCTION private.invitation_lasts() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ select interval '7 days' $$;

COMMENT ON FUNCTION private.invitation_lasts() IS 'A link that is sent by mail is opened within days.';

CREATE FUNCTION private.invite(account_id uuid, invitation_sha256 text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update invitations i set ended_at = now() where i.account_id = invite.account_id and i.ended_at is null;
  insert into invitations (sha256, account_id) values (invite.invitation_sha256, invite.account_id)
$$;

COMMENT ON FUNCTION private.invite(account_id uuid, invitation_sha256 text) IS 'A fresh link for a person; earlier ones are dead.';

CREATE TABLE public.order_terms (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    document_id uuid NOT NULL,
    key text NOT NULL,
    place integer NOT NULL,
    page integer NOT NULL,
    start integer NOT NULL,
    quote text NOT NULL,
    bound text[] DEFAULT '{}'::text[] NOT NULL,
    bound_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    duty text NOT NULL,
    act text NOT NULL,
    amount_usd numeric,
    per text,
    due_day integer,
    weekdays integer[] DEFAULT '{}'::integer[] NOT NULL,
    weeks integer[] DEFAULT '{}'::integer[] NOT NULL,
    hour_from time without time zone,
    hour_until time without time zone,
    hours_before numeric,
    starts date,
    ends date,
    allowed_places text[] DEFAULT '{}'::text[] NOT NULL,
    forbidden_places text[] DEFAULT '{}'::text[] NOT NULL,
    exceptions jsonb DEFAULT '[]'::jsonb NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    standing boolean DEFAULT true NOT NULL,
    proposed_by text NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    why text,
    CONSTRAINT order_terms_due_day_check CHECK (((due_day >= 1) AND (due_day <= 31))),
    CONSTRAINT order_terms_duty_check CHECK ((duty = ANY (ARRAY['shall'::text, 'shall_not'::text, 'may'::text]))),
    CONSTRAINT order_terms_per_check CHECK ((per = ANY (ARRAY['day'::text, 'week'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT order_terms_proposed_by_check CHECK ((proposed_by = ANY (ARRAY['rules'::text, 'claude'::text]))),
    CONSTRAINT order_terms_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'accepted'::text, 'rejected'::text])))
);

COMMENT ON TABLE public.order_terms IS 'What a court ordered, each with its words: proposed, until a person says that it is so.';

COMMENT ON COLUMN public.order_terms.bound IS 'Keys of the names that are bound: role:father, role:mother, a full name.';

COMMENT ON COLUMN public.order_terms.act IS 'pay, contact, alcohol, travel, custody, exchange, distance, school, medical, or other.';

COMMENT ON COLUMN public.order_terms.weekdays IS 'Days of the week from Monday, 1, to Sunday, 7; none said: every day.';

COMMENT ON COLUMN public.order_terms.weeks IS 'First, third … of the month; -1 is the last.';

COMMENT ON COLUMN public.order_terms.hour_until IS 'Before hour_from: over midnight.';

COMMENT ON COLUMN public.order_terms.hours_before IS 'It also holds so many hours before what it is about.';

COMMENT ON COLUMN public.order_terms.exceptions IS '[{quote, kind: emergency | agreement | other}].';

CREATE FUNCTION private.is_about(term public.order_terms, claim public.case_claims) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select (claim.cues && private.act_cues(term.act) or term.act = 'contact' and claim.voice = 'message')
    and claim.voice <> 'order' and claim.starts is not null
    and claim.ends > coalesce(term.starts::timestamp, '-infinity')
    and claim.starts < coalesce(term.ends + 1, 'infinity'::date)::timestamp
    and (claim.voice = 'message' or not claim.cues && array['correction', 'duty'])
    and not private.is_agreement(claim.quote) and not (term.act = 'pay' and 'work_income' = any (claim.cues))
    and (term.bound_ids = '{}' or private.names_one_of(claim, term.bound_ids))
$$;

COMMENT ON FUNCTION private.is_about(term public.order_terms, claim public.case_claims) IS 'Whether a statement is of a time, a matter and a person that the term is about.';

CREATE FUNCTION private.is_accepted(kind text, state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select state in ('exact', 'ocr') or (state = 'picture' and kind not in ('finding', 'score'))
$$;

COMMENT ON FUNCTION private.is_accepted(kind text, state text) IS 'Whether a claim enters lists and totals. What was only seen in a picture accuses nobody: no program has checked it.';

CREATE FUNCTION private.is_agreement(quote text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select quote ~* ('\m(agree[sd]?|agreement|consent(s|ed)?|permission|authori[sz]e[sd]?|permit(s|ted)?|stipulat\w+'
    '|(is|are) fine with me|ok(ay)? with me|de acuerdo|consiento|autorizo)\M')
    and quote !~* '\m(not|never|no|without|refuse[sd]?|den(y|ies|ied)|unless|absent)\M'
$$;

COMMENT ON FUNCTION private.is_agreement(quote text) IS 'Whether somebody agrees to something, by its words.';

CREATE FUNCTION private.is_asked_for(document public.master_document_registry, read public.processing_jobs, filter jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select document.id = coalesce((filter ->> 'document_id')::uuid, document.id)
    and (filter ->> 'batch_id' is null or exists (select from document_journal j where j.document_id = document.id
      and j.batch_id = (filter ->> 'batch_id')::uuid))
    and (filter ->> 'case_number' is null or document.case_number = filter ->> 'case_number')
    and (filter ->> 'document_type' is null or document.document_type = filter ->> 'document_type')
    and (filter ->> 'date_from' is null or document.document_date >= (filter ->> 'date_from')::date)
    and (filter ->> 'date_to' is null or document.document_date <= (filter ->> 'date_to')::date)
    and (filter ->> 'analyst' is null or document.analyst = filter ->> 'analyst')
    and coalesce(case filter ->> 'reason'
      when 'no_key' then document.fallback_reason = 'claude_off' and read.allow_claude
      when 'cap' then document.fallback_reason ~ '^claude_cap_reached'
      when 'busy' then document.fallback_reason ~ '^(claude_busy|claude_away|claude_paused|timeout)'
      when 'refused' then document.fallback_reason ~
        '^(refused|blocked_by_filter|cut_off|malformed_answer|request_rejected|too_long)'
      when 'older_prompt' then document.analyst = 'claude'
      when 'sorted' then document.analyst is distinct from 'claude'
      else true end, false)
$$;

COMMENT ON FUNCTION private.is_asked_for(document public.master_document_registry, read public.processing_jobs, filter jsonb) IS 'Whether a document that was read is one of those that a filter means.';

CREATE FUNCTION private.is_capped(scope text, id text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select exists (select from claude_caps_reached c cross join claude_desk d where c.scope = is_capped.scope
    and c.id = is_capped.id and c.cap_usd = (d.caps ->> c.scope)::numeric)
$$;

COMMENT ON FUNCTION private.is_capped(scope text, id text) IS 'Whether Claude''s cap for this day, batch or document was reached and still holds.';

CREATE FUNCTION private.is_day_capped() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select private.is_capped('day', ((now() at time zone 'utc')::date)::text)
$$;

COMMENT ON FUNCTION private.is_day_capped() IS 'Whether Claude''s cap for today (UTC) was reached and still holds.';

CREATE FUNCTION private.is_drawn(caller public.machines, is_empty boolean) RETURNS boolean
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select caller.hosting <> 'local' and p.share > 0 and (is_empty or random() < greatest(p.share,
    case when caller.jobs_done + caller.jobs_failed < private.first_readings() then private.first_share() else 0 end))
  from check_policy p
$$;

COMMENT ON FUNCTION private.is_drawn(caller public.machines, is_empty boolean) IS 'Whether what a machine just read is to be checked: by chance; and always where it failed or found nothing.';

CREATE FUNCTION private.is_dropped(job public.processing_jobs) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select job.status = 'cancelled' or (job.status = 'queued' and exists (select from batches where id = job.batch_id
    and status = 'stopped'))
$$;

COMMENT ON FUNCTION private.is_dropped(job public.processing_jobs) IS 'Whether nobody will read for this job: cancelled, or about to be since its batch was stopped.';

CREATE FUNCTION private.is_emergency(quote text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select quote ~* ('\m(emergenc(y|ies)|911|ambulance|paramedics?|urgent care|hospital|(can ?not|can.t|not) breathe?'
    '|breathing|unconscious|seizure|bleeding|fractur\w*|concussion|poison\w*'
    '|intensive care|overdose|accident|emergencia|ambulancia)\M|\mE\.?R\.?\M')
$$;

COMMENT ON FUNCTION private.is_emergency(quote text) IS 'Whether it speaks of a medical or like emergency.';

CREATE FUNCTION private.is_held_month(spoken public.case_times) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select spoken.precision = 'month' and exists (select from case_times t where t.event_id = spoken.event_id
    and t.precision in ('minute', 'hour', 'day'))
$$;

COMMENT ON FUNCTION private.is_held_month(spoken public.case_times) IS 'Whether a month is of an event of which a day is known already.';

CREATE FUNCTION private.is_house_code(code text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN COALESCE((code ~ '^(storage|control_plane|queue|database)_[a-z_]+$'::text), false);

COMMENT ON FUNCTION private.is_house_code(code text) IS 'Whether a worker speaks of our house, and not of a document.';

CREATE FUNCTION private.is_in_matter(document_id uuid, matter_id uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select is_in_matter.matter_id is null or exists (select from matter_documents m
    where m.document_id = is_in_matter.document_id and m.matter_id = is_in_matter.matter_id)
$$;

COMMENT ON FUNCTION private.is_in_matter(document_id uuid, matter_id uuid) IS 'Whether a document belongs to a matter; to none named: all do.';

CREATE FUNCTION private.is_inside(document_id uuid, sha256 text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  with recursive above (id) as (
    select is_inside.document_id
    union
    select p.parent_id from document_parts p join above on p.child_id = above.id
  )
  select exists (select from above join master_document_registry d on d.id = above.id
    where d.sha256 = is_inside.sha256)
$$;

COMMENT ON FUNCTION private.is_inside(document_id uuid, sha256 text) IS 'Whether a document, or anything it lies in, has these bytes: an archive may be made to contain itself.';

CREATE FUNCTION private.is_judgement(name text, value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

COMMENT ON FUNCTION private.is_judgement(name text, value jsonb) IS 'Whether a person can say this of a document: see judgements.name.';

CREATE FUNCTION private.is_known(file jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select exists (select from private.find_entered(file) as e(id) join master_document_registry d on d.id = e.id
    left join processing_jobs j on j.id = d.job_id where j.id is null or not private.is_dropped(j))
$$;

COMMENT ON FUNCTION private.is_known(file jsonb) IS 'Whether this object has entered before and was read, is waiting, or failed for a reason: a cancelled or stopped one is not known.';

CREATE FUNCTION private.is_loose(document public.master_document_registry) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select document.duplicate_of is null and document.dissolved_at is null
    and not exists (select from binders b where b.document_id = document.id)
    and not exists (select from binder_members m join binders b on b.document_id = m.binder_id
      where m.document_id = document.id and b.dissolved_at is null)
$$;

COMMENT ON FUNCTION private.is_loose(document public.master_document_registry) IS 'Whether a document is neither a copy nor a binder nor in one.';

CREATE FUNCTION private.is_paused(door text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select exists (select from doors d where d.name = is_paused.door and d.status = 'paused')
$$;

COMMENT ON FUNCTION private.is_paused(door text) IS 'Whether this door is paused.';

CREATE FUNCTION private.is_purchase(quote text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select quote ~* '\m(nights?|guests?|rooms?|stay(ing|ed)?|invoice|receipt|purchased?|tuition|co-?pay|deductible|rent|'
    'tickets?|check-?(in|out)|cashier|insurance|subtotal|tax)\M'
$$;

COMMENT ON FUNCTION private.is_purchase(quote text) IS 'Whether what is paid is a thing or a stay, by its words: no payment that an order asks for.';

CREATE TABLE public.document_findings (
    id bigint NOT NULL,
    document_id uuid NOT NULL,
    kind text NOT NULL,
    page integer,
    quote text,
    verified boolean DEFAULT false NOT NULL,
    explanation text,
    score real,
    state text,
    differs text[] DEFAULT '{}'::text[] NOT NULL,
    is_wrong boolean DEFAULT false NOT NULL,
    CONSTRAINT document_findings_kind_check CHECK ((kind = ANY (ARRAY['contradiction'::text, 'perjury'::text, 'order_violation'::text, 'fraud_indicator'::text]))),
    CONSTRAINT document_findings_score_check CHECK (((score >= (0)::double precision) AND (score <= (100)::double precision))),
    CONSTRAINT document_findings_state_check CHECK ((state = ANY (ARRAY['exact'::text, 'ocr'::text, 'picture'::text, 'elsewhere'::text, 'none'::text])))
);

COMMENT ON TABLE public.document_findings IS 'What the analysis points at, with page and verbatim quote.';

COMMENT ON COLUMN public.document_findings.verified IS 'The quote was found in the recognised text.';

COMMENT ON COLUMN public.document_findings.state IS 'How the quote stands: see document_claims.';

COMMENT ON COLUMN public.document_findings.is_wrong IS 'A person said so: it is in no list, count or report any more, and shown as wrong with its document.';

CREATE FUNCTION private.is_same_finding(finding public.document_findings, said jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select finding.kind = said ->> 'kind' and (finding.quote is not distinct from said ->> 'quote'
    or (select count(*) from unnest(one) w where w = any (other)) >= private.same_words()
      * greatest(least(cardinality(one), cardinality(other)), 4))
  from (select private.words_of(finding.quote) as one, private.words_of(said ->> 'quote') as other) as words
$$;

COMMENT ON FUNCTION private.is_same_finding(finding public.document_findings, said jsonb) IS 'Whether a finding is the one that a person marked: the same kind, on nearly the same words.';

CREATE FUNCTION private.is_sealed(document_id uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select private.placement_of(is_sealed.document_id) = 'local_only'
$$;

COMMENT ON FUNCTION private.is_sealed(document_id uuid) IS 'Whether a person said that a document stays in the house: Claude sees it not.';

CREATE FUNCTION private.is_seen_sound(door text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select exists (select from doors d where d.name = is_seen_sound.door and d.status = 'open'
    and d.sound_at > now() - private.sound_for())
$$;

COMMENT ON FUNCTION private.is_seen_sound(door text) IS 'Whether it is open and a careful call has lately succeeded there.';

CREATE FUNCTION private.is_settled(job public.processing_jobs, parts bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN COALESCE((((job).status = ANY (ARRAY['failed'::text, 'cancelled'::text])) OR (((job).status = 'completed'::text) AND ((job).pages_accounted = (job).pages_total) AND (parts = COALESCE((job).parts_total, 0)))), false);

COMMENT ON FUNCTION private.is_settled(job public.processing_jobs, parts bigint) IS 'Whether a document''s newest job has ended and, if it completed, each page has an outcome and each file inside a row.';

CREATE FUNCTION private.is_sweeping(quote text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select quote ~* ('\m(never|always|every|each|all|only|nobody|no one|none|at no time|not once|not a single|not missed'
    '|without (exception|interruption|fail)|entire(ly)?|continuously|nunca|siempre|jamás|nadie|ningun[oa]?)\M')
$$;

COMMENT ON FUNCTION private.is_sweeping(quote text) IS 'Whether it speaks of all times or all cases: one other case contradicts it.';

CREATE FUNCTION private.is_told_by_binder(document public.master_document_registry) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (((document).bound_set IS NOT NULL) AND private.binders_tell((document).bound_set, (document).analyst));

COMMENT ON FUNCTION private.is_told_by_binder(document public.master_document_registry) IS 'Whether lists leave out what was found in a document: its pages are all in binders that were read and judged as well as it was itself, and would be counted twice.';

CREATE FUNCTION private.is_too_fast(caller public.machines) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select caller.hosting <> 'local' and caller.jobs_done + caller.jobs_failed > private.burst() + private.fastest()
    * extract(epoch from now() - coalesce(caller.ready_at, caller.intent_at))
$$;

COMMENT ON FUNCTION private.is_too_fast(caller public.machines) IS 'Whether a machine has ended more documents than any can read in its time.';

CREATE FUNCTION private.job_claude_usd(job_id uuid) RETURNS numeric
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(sum(c.cost_usd), 0) from claude_calls c where c.job_id = job_claude_usd.job_id
$$;

COMMENT ON FUNCTION private.job_claude_usd(job_id uuid) IS 'What a job''s calls to Claude cost.';

CREATE FUNCTION private.job_machine_usd(job public.processing_jobs) RETURNS numeric
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select case when job.status not in ('queued', 'processing') then
    coalesce((select round(private.machine_usd(m) * private.pages_worked(job) / nullif(m.pages_worked, 0), 6)
      from machines m where m.label = job.machine), 0) end
$$;

COMMENT ON FUNCTION private.job_machine_usd(job public.processing_jobs) IS 'An ended job''s share, by pages, of what its machine has cost until now; null before it has ended.';

CREATE FUNCTION private.join_copies(a uuid, b uuid, kind text, likeness real, found_by text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.join_copies(a uuid, b uuid, kind text, likeness real, found_by text) IS 'Makes two documents, with all their copies, one witness: the first that entered is the original. What a person took apart the rules do not join.';

CREATE FUNCTION private.join_event(time_id bigint, linked bigint[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.join_event(time_id bigint, linked bigint[]) IS 'Puts a time and those linked with it into one event. Events about which people decided stay apart.';

CREATE FUNCTION private.join_first_matter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
  insert into matter_documents (matter_id, document_id) select m.id, new.id from matters m where m.is_default;
  return null;
end $$;

COMMENT ON FUNCTION private.join_first_matter() IS 'A new document belongs to the first matter, until a person moves it.';

CREATE FUNCTION private.judge_amount(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
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
end $_$;

COMMENT ON FUNCTION private.judge_amount(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) IS 'Whether a payment leaves its month short of the ordered amount, or completes it after the ordered day.';

CREATE FUNCTION private.judge_check(read public.processing_jobs, job public.processing_jobs, is_alike boolean, alike real, said text, files jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  earlier reading_checks;
  checker machines;
begin
  select k.* into earlier from reading_checks k where k.job_id = read.id and not k.agrees order by k.id limit 1;
  select m.* into checker from machines m where m.label = job.machine;
  insert into reading_checks (job_id, document_id, machine, check_job_id, checker, agrees, alike, text, artifacts)
    values (read.id, read.document_id, read.machine, job.id, job.machine, is_alike, judge_check.alike,
      case when not is_alike then said end, case when is_alike then '{}' else files end);
  if is_alike and earlier.id is not null then
    perform private.catch_machine(earlier.checker, 'what it read differs from what two others read');
  elsif not is_alike and checker.hosting = 'local' then
    perform private.catch_machine(read.machine, 'what it read differs from what our own computer reads');
  elsif not is_alike and earlier.id is not null then
    if private.compare_texts(earlier.text, said) >= private.least_alike() then
      perform private.catch_machine(read.machine, 'what it read differs from what two others read');
    else
      perform raise_alarm('readings_differ', format('Three machines read document %s in three ways: look at the '
        'original.', read.document_id), read.document_id::text);
    end if;
  elsif not is_alike then
    insert into events (kind, document_id, job_id, machine, payload) values ('reading_disputed', read.document_id,
      read.id, job.machine,
      jsonb_build_object('machine', read.machine, 'alike', judge_check.alike, 'artifacts', files));
    perform private.open_check(read);
  end if;
end $$;

COMMENT ON FUNCTION private.judge_check(read public.processing_jobs, job public.processing_jobs, is_alike boolean, alike real, said text, files jsonb) IS 'What follows from a second reading: agreement, a third reading, or a machine that is caught. Our own computer is believed; of strangers two against one.';

CREATE FUNCTION private.judge_claims(a public.case_claims, b public.case_claims, kind text, clash text, shared text[], OUT verdict text, OUT reason text, OUT explained text) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.judge_claims(a public.case_claims, b public.case_claims, kind text, clash text, shared text[], OUT verdict text, OUT reason text, OUT explained text) IS 'What rules can say of two statements; no row where that takes a reader. Side a is the one under oath, if any.';

CREATE FUNCTION private.judge_hours(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.judge_hours(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) IS 'Whether something happened in hours that the order forbids, or later on its day than the order says.';

CREATE FUNCTION private.judge_place(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.judge_place(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) IS 'Whether a place is none of those the order allows. A city''s county is not known here, so that stays open.';

CREATE FUNCTION private.judge_term(term public.order_terms, claim public.case_claims, OUT proposed_by text, OUT score integer, OUT verdict text, OUT reason text, OUT explained text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.judge_term(term public.order_terms, claim public.case_claims, OUT proposed_by text, OUT score integer, OUT verdict text, OUT reason text, OUT explained text) IS 'What rules say of an event under a term of an order; no score where they have nothing to do with each other.';

CREATE FUNCTION private.keep_as_read() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  new.as_read := new.as_read || jsonb_build_object(tg_argv[0], to_jsonb(new) -> tg_argv[0]);
  -- Only this column: the triggers of the others have yet to see what was read there.
  return jsonb_populate_record(new, jsonb_build_object(tg_argv[0], new.corrected -> tg_argv[0]));
end $$;

COMMENT ON FUNCTION private.keep_as_read() IS 'A reading or a judging writes a column that a person corrected: it is kept beside, and the correction stands.';

CREATE FUNCTION private.keep_batch_choices() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  insert into kept_choices (name, prefix, priority, placement, allow_claude)
    values ('batch-' || new.id, new.limits ->> 'prefix', new.priority, new.placement,
      coalesce(new.allow_claude, new.placement <> 'local_only')) on conflict do nothing;
  return null;
end $$;

COMMENT ON FUNCTION private.keep_batch_choices() IS 'Objects that others stored tell nothing; their batch does.';

CREATE FUNCTION private.keep_changed_choices() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.keep_choices(new.document_id, new.priority, new.placement, new.allow_claude);
  return null;
end $$;

COMMENT ON FUNCTION private.keep_changed_choices() IS 'Choices that changed after a document was stored are kept.';

CREATE FUNCTION private.keep_choices(document_id uuid, priority text, placement text, allow_claude boolean) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
  insert into kept_choices as k (name, priority, placement, allow_claude)
  select d.sha256, keep_choices.priority, keep_choices.placement, keep_choices.allow_claude
  from master_document_registry d where d.id = keep_choices.document_id and d.sha256 ~ '^[0-9a-f]{64}$'
  on conflict (name) do update set priority = excluded.priority, placement = excluded.placement,
    allow_claude = excluded.allow_claude, said_at = now(), object_etag = null, is_found = false
    where (k.placement, k.allow_claude, k.priority) is distinct from (excluded.placement, excluded.allow_claude,
      excluded.priority) or k.is_found
$_$;

COMMENT ON FUNCTION private.keep_choices(document_id uuid, priority text, placement text, allow_claude boolean) IS 'What holds of a document from now on; the importer writes it into the bucket.';

CREATE FUNCTION private.keep_decision(verb text, about text, decided_by text, why text DEFAULT NULL::text, said jsonb DEFAULT '{}'::jsonb, named text[] DEFAULT '{}'::text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  made bigint;
begin
  if coalesce(keep_decision.decided_by, '') = '' then
    perform private.refuse('AS006', 'A decision needs the name of who decides.');
  end if;
  insert into case_decisions (verb, about, said, decided_by, why)
    values (keep_decision.verb, keep_decision.about, jsonb_strip_nulls(keep_decision.said),
      left(keep_decision.decided_by, private.longest_word()), left(keep_decision.why,
      private.longest_reason())) returning id into made;
  perform private.record_event(null, 'decided', jsonb_build_object('verb', keep_decision.verb, 'by',
    keep_decision.decided_by), array['case_decisions/' || made] || keep_decision.named);
end $$;

COMMENT ON FUNCTION private.keep_decision(verb text, about text, decided_by text, why text, said jsonb, named text[]) IS 'Every verb that takes decided_by, and says nothing of a document, ends here: the decision, and the event that seals it with the `table/scope` of other rows it wrote (named).';

CREATE FUNCTION private.keep_in_record(name text, scope text[], document text DEFAULT NULL::text, columns text[] DEFAULT NULL::text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $_$
declare
  relation oid := to_regclass('public.' || quote_ident(keep_in_record.name))::oid;
  key text[];
  conditions text;
  shown text;
begin
  select array_agg(a.attname::text order by a.attnum) into strict key from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = relation and i.indisprimary;
  select string_agg(format('t.%I = ($1)[%s]::%s', s.name, s.place, format_type(a.atttypid, a.atttypmod)), ' and '
      order by s.place) into strict conditions
    from unnest(keep_in_record.scope) with ordinality as s(name, place)
    join pg_attribute a on a.attrelid = relation and a.attname = s.name;
  select string_agg(format('%L, t.%I', a.attname, a.attname), ', ' order by a.attname) into strict shown
    from pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
      and (keep_in_record.columns is null or a.attname = any (keep_in_record.columns || keep_in_record.scope));
  insert into recorded_tables (name, document_column, scope, is_set, lines, scopes) values (
    keep_in_record.name, keep_in_record.document, keep_in_record.scope,
    not (key <@ keep_in_record.scope),
    format('select jsonb_build_object(%s)::text from public.%I t where %s order by %s', shown, keep_in_record.name,
      conditions, (select string_agg(format('t.%I', k), ', ') from unnest(key) as k)),
    format('select distinct concat_ws(''/'', %1$s) from public.%2$I t where %3$s and (%1$s) is not null',
      (select string_agg(format('t.%I', s.name), ', ' order by s.place)
        from unnest(keep_in_record.scope) with ordinality as s(name, place)), keep_in_record.name,
      case when keep_in_record.document is null then '$1 is null' else format('t.%I = $1', keep_in_record.document)
        end));
  perform private.write_seal_reader();
end $_$;

COMMENT ON FUNCTION private.keep_in_record(name text, scope text[], document text, columns text[]) IS 'Puts a table into the record. scope: the columns whose value names what one seal covers, the primary key for a table that accumulates, {document_id} for one whose rows of a document are replaced as a whole. document: the column with the document''s id. columns: only these.';

CREATE FUNCTION private.keep_pairs(document_id uuid) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.keep_pairs(document_id uuid) IS 'Writes what a document proposes now; the ids.';

CREATE FUNCTION private.keep_sensitive() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.keep_sensitive() IS 'No job of a document is placed looser than a person''s word on how sensitive it is; sealed is not for Claude.';

CREATE FUNCTION private.keeps_promise(document_id uuid, question private.question_part[]) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select not exists (select from unnest(question) q where q.kind in ('exact', 'never')
    -- The offset keeps it to the document's own passages: the index would bring those of all documents each time.
    and (q.kind = 'never') = exists (select from (select p.search from document_passages p
      where p.document_id = keeps_promise.document_id offset 0) as own where own.search @@ q.query))
$$;

COMMENT ON FUNCTION private.keeps_promise(document_id uuid, question private.question_part[]) IS 'Whether a document has every phrase and number that was asked for, and none of what was excluded.';

CREATE FUNCTION private.keys_of(person_id uuid) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(array_agg(n.key order by n.id), '{}') from case_names n where n.person_id = keys_of.person_id
$$;

COMMENT ON FUNCTION private.keys_of(person_id uuid) IS 'The keys of all names of a person.';

CREATE FUNCTION private.known_person(person_id uuid) RETURNS public.people
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.known_person(person_id uuid) IS 'The person, or who it turned out to be; AS002 where there is none.';

CREATE FUNCTION private.last_event_month() RETURNS integer
    LANGUAGE sql STABLE
    RETURN  0;

COMMENT ON FUNCTION private.last_event_month() IS 'The latest month for whose events there is room.';

CREATE FUNCTION private.last_exhibit(matter_id uuid) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
  select coalesce(max((select sum((ascii(letter) - 64) * (26 ^ (length(v.word) - n))::int)
    from string_to_table(v.word, null) with ordinality as l(letter, n))), 0)::int
  from judgements j, lateral (select j.value #>> '{}' as word) v
  where j.name = 'exhibit:' || last_exhibit.matter_id and v.word ~ '^[A-Z]{1,3}$'
$_$;

COMMENT ON FUNCTION private.last_exhibit(matter_id uuid) IS 'The number of the last letter that an exhibit of this matter has; 0 for none.';

CREATE FUNCTION private.least_alike() RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN 0.7;

COMMENT ON FUNCTION private.least_alike() IS 'Share of the words of a page that two honest readings have in common at least. Two engines on a bad photo have 0.8, one engine on two cards 0.98 and more; invented or left out text has less than 0.5.';

CREATE FUNCTION private.least_asked_likeness() RETURNS real
    LANGUAGE sql IMMUTABLE
    RETURN 0.62;

COMMENT ON FUNCTION private.least_asked_likeness() IS 'Weight from which on a near spelling counts as the word: two letters changed places (0.64), not another word (house for horse is 0.53).';

CREATE FUNCTION private.least_pair_score() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 14;

COMMENT ON FUNCTION private.least_pair_score() IS 'Below, two statements have no more in common than any two of a case.';

CREATE FUNCTION private.least_shared_words() RETURNS real
    LANGUAGE sql IMMUTABLE
    RETURN 0.6;

COMMENT ON FUNCTION private.least_shared_words() IS 'From which likeness on two readings are of the same statement: a worse scan changes a fifth of the words.';

CREATE FUNCTION private.ledger_machine(label text, also_destroying boolean DEFAULT false) RETURNS public.machines
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  caller machines;
begin
  select * into caller from machines m where m.label = ledger_machine.label
    and (m.status in ('intent', 'booting', 'ready') or (also_destroying and m.status = 'destroying'));
  if not found then
    perform private.refuse('AS004',
      'This machine is not in the ledger any more, so its token is dead. Stop working and shut down.');
  end if;
  return caller;
end $$;

COMMENT ON FUNCTION private.ledger_machine(label text, also_destroying boolean) IS 'The machine of this label, while the ledger honours it; else AS004.';

CREATE FUNCTION private.letters_of(word text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select string_agg(letter, '' order by letter) from string_to_table(word, null) as letter
$$;

COMMENT ON FUNCTION private.letters_of(word text) IS 'The letters of a word in the order of the alphabet: two that were swapped.';

CREATE FUNCTION private.letters_read(rereadings jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  return coalesce((select left(string_agg(word ->> 'read', ' '), private.longest_summary())
    from jsonb_array_elements(rereadings) as word), '');
end $$;

COMMENT ON FUNCTION private.letters_read(rereadings jsonb) IS 'What the letters of a page''s words read that were taken for other ones.';

CREATE FUNCTION private.likeness(a text, b text) RETURNS real
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select (2.0 * count(*) / (length(a) + length(b) + 2))::real from (
    select substr(' ' || a || ' ', n, 2) from generate_series(1, length(a) + 1) as n
    intersect all select substr(' ' || b || ' ', n, 2) from generate_series(1, length(b) + 1) as n
  ) as shared
$$;

COMMENT ON FUNCTION private.likeness(a text, b text) IS 'The share of pairs of letters that two words have in common, 0 to 1.';

CREATE FUNCTION private.link_custody() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  previous record;
begin
  if new.document_id is not null then
    -- The document first: see the order of locks.
    perform from master_document_registry d where d.id = new.document_id for no key update;
    select h.hash, h.custody_seq into previous from custody_heads h where h.document_id = new.document_id;
    new.custody_seq := coalesce(previous.custody_seq, 0) + 1;
    new.previous_hash := previous.hash;
  end if;
  new.hash := private.hash_event(new);
  with head as (
    insert into custody_heads select new.document_id, new.custody_seq, new.hash where new.document_id is not null
      on conflict (document_id) do update set custody_seq = excluded.custody_seq, hash = excluded.hash
  ) insert into record_pending values (new.id);
  return new;
end $$;

COMMENT ON FUNCTION private.link_custody() IS 'Chains an event to its document''s previous one, and puts it in line for the log over all documents. One chain per document, so documents do not wait for each other.';

CREATE FUNCTION private.list_arrived() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.list_document(new.document_id);
  return null;
end $$;

COMMENT ON FUNCTION private.list_arrived() IS 'Follows the journal: names, folders and sources.';

CREATE FUNCTION private.list_document(about_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.list_document(about_id uuid) IS 'Makes a document''s row of the index anew; changes nothing where it is right.';

CREATE FUNCTION private.list_read() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  update document_index i set read_status = new.processing_status where i.document_id = new.document_id
    and i.read_status is distinct from new.processing_status and not exists (select from document_journal n
      where n.document_id = new.document_id and n.seq > new.seq);
  return null;
end $$;

COMMENT ON FUNCTION private.list_read() IS 'Follows how the reading ended: of the row of the index only that is written, for every completion comes by here.';

CREATE FUNCTION private.list_registered() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.list_registered() IS 'Follows the registry.';

CREATE FUNCTION private.longest_alarm() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.longest_alarm() IS 'Characters of an alarm that are kept: a message to a telephone.';

CREATE FUNCTION private.longest_analyst_silence() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:05:00'::interval;

COMMENT ON FUNCTION private.longest_analyst_silence() IS 'After which people are told that nobody asks Claude: the analysis worker asks for work every few seconds, and what a dead one held waits again after five minutes.';

CREATE FUNCTION private.longest_call() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 108000;

COMMENT ON FUNCTION private.longest_call() IS 'Seconds that a call may stay reserved: 30 hours. A message batch ends within 24, its results are fetched soon after.';

CREATE FUNCTION private.longest_lease() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 3600;

COMMENT ON FUNCTION private.longest_lease() IS 'Seconds a dead machine can keep a job, or a dead call its dollars, from others.';

CREATE FUNCTION private.longest_note() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 10000;

COMMENT ON FUNCTION private.longest_note() IS 'Characters of a note: some four pages.';

CREATE FUNCTION private.longest_postponement() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 86400;

COMMENT ON FUNCTION private.longest_postponement() IS 'Seconds for which a document may be put off: by then another day has its own cap.';

CREATE FUNCTION private.longest_proposing() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:00:15'::interval;

COMMENT ON FUNCTION private.longest_proposing() IS 'After it no further document is begun: what is done by then is kept, well before the caller is cut off.';

CREATE FUNCTION private.longest_question() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.longest_question() IS 'Characters of a question that are read.';

CREATE FUNCTION private.longest_quote() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5000;

COMMENT ON FUNCTION private.longest_quote() IS 'Characters kept of a quote, of what is said about it, and of a summary where it is searched: some two pages.';

CREATE FUNCTION private.longest_reason() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.longest_reason() IS 'Characters kept of a sentence that says why, and of a court''s or a file''s name: far beyond any of ours, and what a stranger sends must not fill the database.';

CREATE FUNCTION private.longest_silence() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:01:00'::interval;

COMMENT ON FUNCTION private.longest_silence() IS 'After which a machine counts as unheard: two of its heartbeats every 20 seconds were missed, and some.';

CREATE FUNCTION private.longest_span() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '366 days'::interval;

COMMENT ON FUNCTION private.longest_span() IS 'Statements about more than a year are of no event, and held against none.';

CREATE FUNCTION private.longest_standstill() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:30:00'::interval;

COMMENT ON FUNCTION private.longest_standstill() IS 'How long a lease is extended though no page is finished: the slowest page takes minutes, a hung worker for ever.';

CREATE FUNCTION private.longest_stay() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '62 days'::interval;

COMMENT ON FUNCTION private.longest_stay() IS 'A statement of so long a time speaks of each of its days: a holiday does, a registration of a year does not.';

CREATE FUNCTION private.longest_summary() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20000;

COMMENT ON FUNCTION private.longest_summary() IS 'Characters kept of a summary: some eight pages.';

CREATE FUNCTION private.longest_tag() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 60;

COMMENT ON FUNCTION private.longest_tag() IS 'Characters of a tag: it stands on a chip.';

CREATE FUNCTION private.longest_transcribed_line() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.longest_transcribed_line() IS 'Characters kept of a transcribed line: a long message of a chat.';

CREATE FUNCTION private.longest_unsealed() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:01:00'::interval;

COMMENT ON FUNCTION private.longest_unsealed() IS 'How long an entry of the access log stands unsealed: a look a second is then 1,440 events a day, not 86,400.';

CREATE FUNCTION private.longest_word() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.longest_word() IS 'Characters kept of a word or a short label: a document''s type, a case number, a model, a batch''s name.';

CREATE FUNCTION private.machine_usd(machine public.machines, from_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, to_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) RETURNS numeric
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  with life as (
    -- A machine whose worker reported was there and was billed, though no list ever showed us its contract.
    select coalesce(machine.contract_at, case when machine.ready_at is not null then machine.intent_at end)
      as began, coalesce(machine.destroyed_at, now()) as ended,
      case when machine.running_at is null then 0 else machine.pull_usd end
        + machine.pages_worked * machine.traffic_usd_per_page as traffic_usd
  ), billed as (
    select c.day, sum(c.usd) as usd, max(c.charged_at) as read_at from fleet_charges c
    where c.contract_id = machine.contract_id group by c.day
  ), days as (
    select day from billed
    union
    select d::date from life cross join lateral generate_series(date_trunc('day', life.began at time zone 'utc'),
      life.ended at time zone 'utc', interval '1 day') as d
  ), bounds as (
    select day, day::timestamp at time zone 'utc' as starts, (day + 1)::timestamp at time zone 'utc' as ends from days
  ), parts as (
    select b.starts, coalesce(billed.usd, 0) as usd,
      coalesce(billed.read_at >= least(life.ended, b.ends), false) as is_final,
      case when life.began is null then 0
        else greatest(0, extract(epoch from least(life.ended, b.ends) - greatest(life.began, b.starts))) end as lived,
      case when life.began is null then 0 else greatest(0, extract(epoch from least(life.ended, b.ends, to_at)
        - greatest(life.began, b.starts, from_at))) end as asked
    from bounds b cross join life left join billed on billed.day = b.day
  ), shares as (
    -- Its traffic is spread over its life: which day's pages made it only the bill knows.
    select is_final, asked / 3600 * coalesce(machine.usd_per_hour, 0) + coalesce(traffic_usd * asked
        / nullif(greatest(0, extract(epoch from ended - began)), 0), 0) as by_time,
      usd * case when lived > 0 then asked / lived when starts >= from_at and starts < to_at then 1 else 0 end
        as by_bill
    from parts cross join life
  )
  select coalesce(round(sum(case when is_final then by_bill else greatest(by_bill, by_time) end)::numeric, 6), 0)
  from shares
$$;

COMMENT ON FUNCTION private.machine_usd(machine public.machines, from_at timestamp with time zone, to_at timestamp with time zone) IS 'What a machine cost between two moments, until now. Each UTC day by Vast.ai''s bill, once it was read after the machine''s part of that day; before, by price and time, its image and its pages'' traffic, or what is billed already where that is more.';

CREATE FUNCTION private.machines_usd_on(day date) RETURNS numeric
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with bounds as (
    select machines_usd_on.day::timestamp at time zone 'utc' as starts,
      (machines_usd_on.day + 1)::timestamp at time zone 'utc' as ends
  ), charged as (
    select contract_id, sum(usd) as usd from fleet_charges c where c.day = machines_usd_on.day group by contract_id
  )
  select coalesce((select sum(private.machine_usd(m, b.starts, b.ends)) from bounds b cross join machines m
      where (m.intent_at < b.ends and coalesce(m.destroyed_at, now()) >= b.starts)
        or m.contract_id in (select contract_id from charged)), 0)
    + coalesce((select round(sum(c.usd)::numeric, 6) from charged c
      where not exists (select from machines m where m.contract_id = c.contract_id)), 0)
$$;

COMMENT ON FUNCTION private.machines_usd_on(day date) IS 'What machines cost on a UTC day until now, those included that only Vast.ai''s bill knows.';

CREATE FUNCTION private.make_lanes(files jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.find_lane(e.batch_id, e.source, e.priority, e.placement) from (
    select distinct b.id as batch_id, f ->> 'source' as source, coalesce(f ->> 'priority', b.priority, 'normal')
      as priority, unnest(array[coalesce(f ->> 'placement', b.placement, 'any_host'), j.placement]) as placement
    from jsonb_array_elements(files) as f left join batches b on b.id::text = f ->> 'batch_id'
      left join master_document_registry d on d.sha256 = f ->> 'sha256' left join processing_jobs j on j.id = d.job_id
    where (b.id is null) = (f ->> 'batch_id' is null) order by 1, 2, 3, 4) as e
  where e.source <> '' and e.priority in ('high', 'normal', 'low')
    and e.placement in ('any_host', 'datacenter_only', 'local_only');
end $$;

COMMENT ON FUNCTION private.make_lanes(files jsonb) IS 'Makes the lanes that files may come into, in one order and before any document is locked: two calls that make the same lanes wait for each other, and neither for the other''s documents.';

CREATE FUNCTION private.make_snippet(document_id uuid, passage integer, query tsquery) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.make_snippet(document_id uuid, passage integer, query tsquery) IS 'The words around what was found, as plain text without marks; what Claude transcribed from a picture, what a person corrected and letters that were taken for others say so.';

CREATE FUNCTION private.mark_finding() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  new.is_wrong := exists (select from judgements j where j.document_id = new.document_id and j.name like 'finding:%'
    and private.is_same_finding(new, j.value));
  return new;
end $$;

COMMENT ON FUNCTION private.mark_finding() IS 'A finding that a person marked wrong stays so when it is found again.';

CREATE FUNCTION private.match_documents(words text, most integer) RETURNS TABLE(document_id uuid, capped boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION private.match_documents(words text, most integer) IS 'The documents that have all these words (see read_question), anywhere in their pages or in their names; of each word at most so many passages are looked at (capped: there are more).';

CREATE FUNCTION private.may_compare(document_id uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce((select j.allow_claude and coalesce(b.allow_claude, true) from master_document_registry d
    join processing_jobs j on j.id = d.job_id left join batches b on b.id = j.batch_id
    where d.id = may_compare.document_id), false)
$$;

COMMENT ON FUNCTION private.may_compare(document_id uuid) IS 'Whether Claude may see words of this document.';

CREATE FUNCTION private.md5_of_quotes(a jsonb, b jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select md5(least(a ->> 'quote', b ->> 'quote') || '|' || greatest(a ->> 'quote', b ->> 'quote'))
$$;

COMMENT ON FUNCTION private.md5_of_quotes(a jsonb, b jsonb) IS 'A hash of both quotes.';

CREATE FUNCTION private.meet_documents(files jsonb, others uuid[] DEFAULT '{}'::uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.make_lanes(files);
  perform pg_advisory_xact_lock(hashtext('arrivals'), b.bucket) from (select distinct
    abs(hashtext(f ->> 'sha256') % private.arrival_buckets()) as bucket from jsonb_array_elements(files) as f
    where f ->> 'sha256' is not null order by 1) as b;
  perform from master_document_registry d where d.id = any (others || array(select k.id from master_document_registry k
    where k.sha256 = any (array(select f ->> 'sha256' from jsonb_array_elements(files) as f))))
    order by d.id for no key update;
end $$;

COMMENT ON FUNCTION private.meet_documents(files jsonb, others uuid[]) IS 'To be called before enqueue_file, once, with all files of a call: locks the documents that these may turn out to be, and others that the caller goes on to, in one order. Lanes first, then hashes, so that nobody waits for a document that just comes in while he holds one that others, a claim too, wait for.';

CREATE FUNCTION private.month_of(at timestamp with time zone) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN (((((EXTRACT(year FROM (at AT TIME ZONE 'utc'::text)))::integer - 2000) * 12) + (EXTRACT(month FROM (at AT TIME ZONE 'utc'::text)))::integer) - 1);

COMMENT ON FUNCTION private.month_of(at timestamp with time zone) IS 'Months since January 2000, UTC.';

CREATE FUNCTION private.most_after_a_term() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 300;

COMMENT ON FUNCTION private.most_after_a_term() IS 'Statements after an order that each of its terms is held against, for each whom it binds, the first ones: later ones are held against it when they come.';

CREATE FUNCTION private.most_analyses() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.most_analyses() IS 'Documents to judge that one claim gives out, and one call queues or cancels: a batch of messages has hundreds, and five hundred rows are a second''s work.';

CREATE FUNCTION private.most_analysis_deaths() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 10;

COMMENT ON FUNCTION private.most_analysis_deaths() IS 'Workers that may die holding one document to analyse: each holds hundreds, so a death proves nothing, ten do.';

CREATE FUNCTION private.most_appended() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5000;

COMMENT ON FUNCTION private.most_appended() IS 'Events that one call of append_record puts into the log: less than half a second''s work.';

CREATE FUNCTION private.most_asked_documents() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 40;

COMMENT ON FUNCTION private.most_asked_documents() IS 'Documents whose statements are held against a question: nobody reads the answer of the forty-first.';

CREATE FUNCTION private.most_asked_pages() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 6;

COMMENT ON FUNCTION private.most_asked_pages() IS 'Pages of a document that are looked at, those with most of its words.';

CREATE FUNCTION private.most_boots() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_boots() IS 'Newest boots that medians are taken of: plenty, and older ones say little of today''s image.';

CREATE FUNCTION private.most_bound() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.most_bound() IS 'Members of a binder, and binders of a set: a thick folder.';

CREATE FUNCTION private.most_calls_named() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20;

COMMENT ON FUNCTION private.most_calls_named() IS 'Calls that one judgement is made of: a long document is asked about in six parts, and once more carefully.';

CREATE FUNCTION private.most_calls_together() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.most_calls_together() IS 'Calls that are reserved under one lock: twice what goes into one message batch.';

CREATE FUNCTION private.most_case_claims() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 3000;

COMMENT ON FUNCTION private.most_case_claims() IS 'Statements kept of a document: a transcript of 200 pages has some 2,500.';

CREATE FUNCTION private.most_case_documents() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.most_case_documents() IS 'Documents one slice of the analysis worker draws.';

CREATE FUNCTION private.most_case_text() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 600000;

COMMENT ON FUNCTION private.most_case_text() IS 'Characters of a document that are drawn from: some 200 pages.';

CREATE FUNCTION private.most_claimed() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.most_claimed() IS 'Jobs that one claim may ask for: more than a machine may hold.';

CREATE FUNCTION private.most_claims() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 2000;

COMMENT ON FUNCTION private.most_claims() IS 'Claims a document may have: a long one with 200 days and 80 of each other kind has 800.';

CREATE FUNCTION private.most_codes() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 8;

COMMENT ON FUNCTION private.most_codes() IS 'Numbers and names with digits in a question that are looked for as they stand.';

CREATE FUNCTION private.most_compared() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 25;

COMMENT ON FUNCTION private.most_compared() IS 'Pairs of a document that are asked about together: some 4,000 tokens.';

CREATE FUNCTION private.most_contradicted() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 3;

COMMENT ON FUNCTION private.most_contradicted() IS 'Documents that a machine failed and another could read, up to which bad luck is believed.';

CREATE FUNCTION private.most_copied_words() RETURNS real
    LANGUAGE sql IMMUTABLE
    RETURN 0.8;

COMMENT ON FUNCTION private.most_copied_words() IS 'From which likeness on one statement is a copy of the other.';

CREATE FUNCTION private.most_corroborations() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5;

COMMENT ON FUNCTION private.most_corroborations() IS 'Pairs that a document proposes because they say the same, beside the others: these are looked up, not reviewed.';

CREATE FUNCTION private.most_counted_anew() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20;

COMMENT ON FUNCTION private.most_counted_anew() IS 'Documents that each sweep counts without being told to: with one every five seconds 100,000 in seven hours.';

CREATE FUNCTION private.most_decided() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5000;

COMMENT ON FUNCTION private.most_decided() IS 'Documents that one decision may be about: ten seconds'' work, and callers wait for half a minute.';

CREATE FUNCTION private.most_events() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.most_events() IS 'Events a consumer may take at once: what it cannot acknowledge in time comes again.';

CREATE FUNCTION private.most_examinations() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20;

COMMENT ON FUNCTION private.most_examinations() IS 'Answers of the doctor that stay: the newest is shown, the others tell since when something is broken.';

CREATE FUNCTION private.most_facets() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.most_facets() IS 'Values of one facet that are told: the ones with most documents.';

CREATE FUNCTION private.most_failed_questions() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 2;

COMMENT ON FUNCTION private.most_failed_questions() IS 'How often a question may end without an answer that says anything about the document (expired, overloaded) before it is not asked again for the same job: once is chance, twice is Anthropic''s trouble.';

CREATE FUNCTION private.most_failures() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 12;

COMMENT ON FUNCTION private.most_failures() IS 'Documents that a stranger''s machine may fail or find blank before it is asked whether others do so too.';

CREATE FUNCTION private.most_families() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 6;

COMMENT ON FUNCTION private.most_families() IS 'Families that are looked at in full for a first name: where there are more, nobody can say which is meant.';

CREATE FUNCTION private.most_filtered() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.most_filtered() IS 'Documents up to which a search looks only at those that its filters leave; beyond, the filters are asked last.';

CREATE FUNCTION private.most_followed() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5000;

COMMENT ON FUNCTION private.most_followed() IS 'Events that one fold follows: less than half a second''s work.';

CREATE FUNCTION private.most_found() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_found() IS 'Documents one search may answer with: nobody reads further.';

CREATE FUNCTION private.most_held() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 64;

COMMENT ON FUNCTION private.most_held() IS 'Jobs a machine may hold: an honest worker has some 40 at most. A stolen token must not be able to read its way through the queue.';

CREATE FUNCTION private.most_indexed() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 60;

COMMENT ON FUNCTION private.most_indexed() IS 'Texts that one call of index_texts makes findable, each in a subtransaction of its own: PostgreSQL keeps 64 at hand.';

CREATE FUNCTION private.most_listed() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.most_listed() IS 'Entries of one array of leases, files or ids: a call of that size takes a second, and nobody has more in hand.';

CREATE FUNCTION private.most_looked_at() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20000;

COMMENT ON FUNCTION private.most_looked_at() IS 'Passages with a word that are held against the filters of a search, where these leave many documents.';

CREATE FUNCTION private.most_looked_through() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.most_looked_through() IS 'Events that whoever asks counts himself at most, where a burst, or what came beside a long transaction, is not followed yet: some 20 ms. What lies behind is told seconds later, and nothing is called reconciled until then.';

CREATE FUNCTION private.most_machines_usd_on(day date) RETURNS double precision
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select coalesce((
    select sum(private.most_usd_on(m, most_machines_usd_on.day)) from machines m
    where m.destroyed_at is null or m.destroyed_at >= most_machines_usd_on.day::timestamp at time zone 'UTC'), 0)
    + coalesce((
    select sum(c.usd) from fleet_charges c
    where c.day = most_machines_usd_on.day
      and not exists (select 1 from machines m where m.contract_id = c.contract_id
        and (m.destroyed_at is null or m.destroyed_at >= most_machines_usd_on.day::timestamp at time zone 'UTC'))), 0)
$$;

COMMENT ON FUNCTION private.most_machines_usd_on(day date) IS 'Dollars of one UTC day: ended machines by their bill once it is complete, the others by their worst case.';

CREATE FUNCTION private.most_matches() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.most_matches() IS 'Passages that are ranked for each word of a question: one that is everywhere must not rank a million, and these are enough to choose from.';

CREATE FUNCTION private.most_names() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 50;

COMMENT ON FUNCTION private.most_names() IS 'Names and folders that one document is found by: a letterhead''s picture comes with every mail.';

CREATE FUNCTION private.most_near() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_near() IS 'Nearest passages that are looked at, and the breadth of the index''s search for them.';

CREATE FUNCTION private.most_near_documents() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 6;

COMMENT ON FUNCTION private.most_near_documents() IS 'Documents that are compared word by word with a new one.';

CREATE FUNCTION private.most_near_names() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 2000;

COMMENT ON FUNCTION private.most_near_names() IS 'Names that are settled together: those of a slice with all near them.';

CREATE FUNCTION private.most_near_times() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 60;

COMMENT ON FUNCTION private.most_near_times() IS 'Times of other statements that a new one is compared with.';

CREATE FUNCTION private.most_of_a_band() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 40;

COMMENT ON FUNCTION private.most_of_a_band() IS 'Documents looked at for one band: thousands of slips printed from one form share their bands of words, and are told apart by the bands of their numbers.';

CREATE FUNCTION private.most_of_a_family() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_of_a_family() IS 'Names of one last name that are looked at: a family''s with all misread ones, the oldest first.';

CREATE FUNCTION private.most_of_a_first() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20;

COMMENT ON FUNCTION private.most_of_a_first() IS 'Names of one first name, or of parties, that are looked at: two persons are enough for it to be nobody.';

CREATE FUNCTION private.most_of_a_topic() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20;

COMMENT ON FUNCTION private.most_of_a_topic() IS 'Statements that one look-up by person, matter and time gives, the nearest: what a document costs stays flat.';

CREATE FUNCTION private.most_open_checks() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.most_open_checks() IS 'Checks of one machine that wait at most: where there is no other machine to read, they must not pile up.';

CREATE FUNCTION private.most_pages_compared() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.most_pages_compared() IS 'Pages of a document that are compared, drawn by chance: some 40,000 words, a tenth of a second.';

CREATE FUNCTION private.most_pairs() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20;

COMMENT ON FUNCTION private.most_pairs() IS 'Pairs that a document proposes beside those that rules call a conflict: an evening''s review for 5 documents.';

CREATE FUNCTION private.most_pairs_of_two() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 2;

COMMENT ON FUNCTION private.most_pairs_of_two() IS 'Pairs between the same two documents: the others say the same again.';

CREATE FUNCTION private.most_part_depth() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 8;

COMMENT ON FUNCTION private.most_part_depth() IS 'How deep files may lie in files: a letter in an e-mail in a mailbox in an export is 4; a bomb is endless.';

CREATE FUNCTION private.most_parts_a_call() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_parts_a_call() IS 'Parts that one add_parts enters: a document, a job and two events each, some 2 ms.';

CREATE FUNCTION private.most_parts_of_one() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100000;

COMMENT ON FUNCTION private.most_parts_of_one() IS 'Parts of one file that came in, at all depths: ten years of mail with what is attached to it.';

CREATE FUNCTION private.most_passages() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.most_passages() IS 'Passages of a document with an embedding: the vector index takes 1–3 ms each; full text covers the rest.';

CREATE FUNCTION private.most_records() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.most_records() IS 'Records of hardware that the scaler is told, the newest first: more machines than a market of one search has.';

CREATE FUNCTION private.most_released() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 256;

COMMENT ON FUNCTION private.most_released() IS 'Jobs a machine may hand back unharmed in its life: an honest worker hands back what it holds, once. Beyond, it gets no more, or a stolen token could claim and release in turn.';

CREATE FUNCTION private.most_spellings() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_spellings() IS 'Words with a common spelling key that are compared letter by letter: 200 take a millisecond.';

CREATE FUNCTION private.most_terms_in_force() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 8;

COMMENT ON FUNCTION private.most_terms_in_force() IS 'Terms about the same matter that a statement is held against, the newest first: older ones were replaced.';

CREATE FUNCTION private.most_transcribed_lines() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_transcribed_lines() IS 'Lines of one page: a sheet written closely by hand has 60.';

CREATE FUNCTION private.most_transcriptions() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.most_transcriptions() IS 'Transcriptions a document may have: Claude is shown 24 pictures of one at most, and a page may have both kinds.';

CREATE FUNCTION private.most_unproved() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.most_unproved() IS 'Ended contracts that one reading of the bill judges, the oldest first; the others follow as those are proved.';

CREATE FUNCTION private.most_usd(machine public.machines) RETURNS double precision
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with bill as (
    select sum(c.usd) as usd from fleet_charges c where c.contract_id = machine.contract_id
  )
  select case when private.bill_read_at(machine, null) >= machine.destroyed_at + private.bill_settles() then bill.usd
    else greatest(private.reserved_usd_between(machine, '-infinity', 'infinity'), bill.usd) end
  from bill
$$;

COMMENT ON FUNCTION private.most_usd(machine public.machines) IS 'The most that a machine costs in all, by the same rule.';

CREATE FUNCTION private.most_usd_on(machine public.machines, day date) RETURNS double precision
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with bounds as (
    select most_usd_on.day::timestamp at time zone 'utc' as starts,
      (most_usd_on.day + 1)::timestamp at time zone 'utc' as ends
  ), bill as (
    select sum(c.usd) as usd from fleet_charges c
    where c.contract_id = machine.contract_id and c.day = most_usd_on.day
  )
  select case when private.bill_read_at(machine, most_usd_on.day)
      >= least(machine.destroyed_at, b.ends) + private.bill_settles() then bill.usd
    else greatest(private.reserved_usd_between(machine, b.starts, b.ends), bill.usd) end
  from bounds b cross join bill
$$;

COMMENT ON FUNCTION private.most_usd_on(machine public.machines, day date) IS 'The most that a machine costs on a UTC day: its bill once it is over and the bill is complete, until then its worst case or what is billed already, whichever is more.';

CREATE FUNCTION private.most_weighed() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 250;

COMMENT ON FUNCTION private.most_weighed() IS 'Pairs of statements that are looked at closely for a document: with most words, people and times in common.';

CREATE FUNCTION private.most_words() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 16;

COMMENT ON FUNCTION private.most_words() IS 'Words of a question that are looked for: a sentence; what comes after them adds little.';

CREATE FUNCTION private.move_names(keys text[], person_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  moved bigint[] := private.give_names(person_id, private.ids_of(keys));
begin
  perform private.refresh_people(private.documents_of_names(moved));
end $$;

COMMENT ON FUNCTION private.move_names(keys text[], person_id uuid) IS 'These names are this person''s from now on, in every document.';

CREATE FUNCTION private.name_of(person_id uuid) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select n.id from case_names n where n.person_id = (select p.id from private.known_person(name_of.person_id) p)
    order by n.form = 'full' desc, n.documents desc, n.id limit 1
$$;

COMMENT ON FUNCTION private.name_of(person_id uuid) IS 'The name that stands for a person; AS002 where there is none.';

CREATE FUNCTION private.name_words(names text[]) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  return to_tsvector('pg_catalog.simple', private.plain_words(array_to_string(names, ' ')));
end $$;

COMMENT ON FUNCTION private.name_words(names text[]) IS 'The words of names, to be looked for by their beginnings.';

CREATE FUNCTION private.names_of(parties jsonb) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  return array(select distinct left(name #>> '{}', 200) from jsonb_path_query(parties,
    '$[*].name ? (@.type() == "string" && @ != "")') as name order by 1 limit 50);
end $_$;

COMMENT ON FUNCTION private.names_of(parties jsonb) IS 'The names of parties, each once.';

CREATE FUNCTION private.names_of_families(lasts text[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE ROWS 50
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select o.id from unnest(lasts) l cross join lateral (select o.id from case_names o where o.last = l
    order by o.id limit private.most_of_a_family()) o where l <> ''
$$;

COMMENT ON FUNCTION private.names_of_families(lasts text[]) IS 'Names with one of these last names.';

CREATE TABLE public.case_names (
    id bigint NOT NULL,
    key text NOT NULL,
    words text NOT NULL,
    form text NOT NULL,
    first text DEFAULT ''::text NOT NULL,
    last text DEFAULT ''::text NOT NULL,
    suffix text DEFAULT ''::text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    person_id uuid,
    documents integer DEFAULT 0 NOT NULL,
    is_party boolean DEFAULT false NOT NULL,
    settled boolean DEFAULT false NOT NULL,
    CONSTRAINT case_names_form_check CHECK ((form = ANY (ARRAY['full'::text, 'initial'::text, 'titled'::text, 'first'::text, 'kin'::text, 'role'::text])))
);

COMMENT ON TABLE public.case_names IS 'Each way of writing somebody, and who it is; nobody where that cannot be told.';

COMMENT ON COLUMN public.case_names.key IS 'The same for the same words, however often they are drawn: decisions refer to it.';

COMMENT ON COLUMN public.case_names.form IS 'full (Ann Lee), initial (A. Lee), titled (Ms. Lee), first (Ann), kin (Aunt Ann), role (the father).';

CREATE FUNCTION private.names_of_firsts(firsts text[]) RETURNS SETOF public.case_names
    LANGUAGE sql STABLE ROWS 20
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select o.* from unnest(firsts) f cross join lateral (
    (select o.* from case_names o where o.first = f order by o.id limit private.most_of_a_first())
    union
    (select o.* from case_names o where length(f) > 2 and o.first ~>~ f and o.first ~<~ (f || '~')
      order by o.first using ~<~, o.id limit private.most_of_a_first())) o
$$;

COMMENT ON FUNCTION private.names_of_firsts(firsts text[]) IS 'Names whose first name is one of these or begins with it.';

CREATE FUNCTION private.names_one_of(claim public.case_claims, persons uuid[]) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select claim.people && persons or claim.people = '{}' and exists (select from people_documents p
    where p.document_id = claim.document_id and p.person_id = any (persons))
$$;

COMMENT ON FUNCTION private.names_one_of(claim public.case_claims, persons uuid[]) IS 'Whether a statement is of one of these persons: the row of a table names nobody, its paper does.';

CREATE FUNCTION private.near_words(word text) RETURNS TABLE(near text, likeness real)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.near_words(word text) IS 'Up to five words of the documents that are spelled nearly so.';

CREATE FUNCTION private.next_due_day(due_day integer, today date) RETURNS date
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select min(d.day) from (
    select least(m + due_day - 1, (m + interval '1 month - 1 day')::date) as day
    from unnest(array[date_trunc('month', today)::date, (date_trunc('month', today) + interval '1 month')::date]) m) d
  where d.day >= today
$$;

COMMENT ON FUNCTION private.next_due_day(due_day integer, today date) IS 'When this day of the month comes next; the 31st is the last of a short one.';

CREATE FUNCTION private.note_analyst() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
  if not exists (select from programs p where p.name = 'analyse' and p.beat_at > now() - interval '15 seconds') then
    perform note_program('analyse', 600);
  end if;
end $$;

COMMENT ON FUNCTION private.note_analyst() IS 'The analysis worker asked for work, which it does every few seconds: noted every quarter of a minute. A round of its may take minutes, so it is late after ten.';

CREATE FUNCTION private.note_arrival(journal_id uuid, document_id uuid, is_new boolean) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select jsonb_build_object('arrived', jsonb_build_object('journal_id', note_arrival.journal_id, 'sha256', d.sha256,
      'bytes', d.bytes, 'mime_type', d.mime_type), 'seals', private.seals('document_journal/'
      || note_arrival.journal_id) || case when is_new then private.seals('master_document_registry/' || d.id)
      else '{}' end)
  from master_document_registry d where d.id = note_arrival.document_id
$$;

COMMENT ON FUNCTION private.note_arrival(journal_id uuid, document_id uuid, is_new boolean) IS 'What the record holds of a file that came in: its hash and size, and the seal of its journal entry: name, source, time and what was said of it.';

CREATE FUNCTION private.note_backup(kind text, name text, started_at timestamp with time zone, outcome text, message text, bytes bigint, sha256 text, counts jsonb) RETURNS bigint
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  insert into backups (kind, name, started_at, finished_at, outcome, message, bytes, sha256, counts)
  values (note_backup.kind, note_backup.name, note_backup.started_at, clock_timestamp(), note_backup.outcome,
    note_backup.message, note_backup.bytes, note_backup.sha256, coalesce(note_backup.counts, '{}'))
  returning id
$$;

COMMENT ON FUNCTION private.note_backup(kind text, name text, started_at timestamp with time zone, outcome text, message text, bytes bigint, sha256 text, counts jsonb) IS 'What became of a backup, a trial or a restore that ends now.';

CREATE FUNCTION private.note_case_document() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.draw_again(c.document_id) from case_documents c where c.document_id = new.id;
  return null;
end $$;

COMMENT ON FUNCTION private.note_case_document() IS 'A document whose type or date is another now, or that left or joined a binder, is drawn anew.';

CREATE FUNCTION private.note_case_text() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.draw_again(new.document_id);
  return null;
end $$;

COMMENT ON FUNCTION private.note_case_text() IS 'A new or changed text is drawn.';

CREATE FUNCTION private.note_claimable() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  -- Before it looks, so that no claim takes the sign away that it sees: see tidy_lane.
  perform from lanes l where l.id = new.lane_id for key share;
  if not exists (select from live_lanes s where s.lane_id = new.lane_id and s.first_seq <= new.seq) then
    insert into live_lanes (lane_id, first_seq, rank, placement, batch_id)
      select l.id, new.seq, private.priority_rank(l.priority), l.placement, l.batch_id from lanes l
      where l.id = new.lane_id;
  end if;
  return null;
end $$;

COMMENT ON FUNCTION private.note_claimable() IS 'A job that can be claimed lies in a lane that says so.';

CREATE FUNCTION private.note_hand_back() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  is_read boolean := new.status = 'completed' and new.kind = 'read';
  is_empty boolean := is_read and new.is_empty;
  work machine_work;
begin
  work.machine := old.machine;
  work.pages_done := case when is_read then new.pages_total else 0 end;
  work.pages_worked := private.pages_worked(new);
  work.jobs_done := (new.status = 'completed' and new.kind in ('read', 'check') and not is_empty)::int;
  work.jobs_failed := (new.status = 'failed' or is_empty)::int;
  work.jobs_released := (new.status = 'queued' and new.error_code is not null
    and not private.is_house_code(new.error_code))::int;
  work.left_at := now();
  work.result_at := case when new.status in ('completed', 'failed') then now() end;
  -- All but completions at once: who hands back again and again is to be stopped.
  perform from machines m where m.label = old.machine and (work.jobs_done = 0 or m.left_at is null
    or m.left_at < now() - private.stamp_pause()) for no key update skip locked;
  if found then
    perform private.add_work(old.machine, work, null, null);
  else
    insert into machine_work (machine, pages_done, pages_worked, jobs_done, jobs_failed, jobs_released, left_at,
      result_at) values (work.machine, work.pages_done, work.pages_worked, work.jobs_done, work.jobs_failed,
      work.jobs_released, work.left_at, work.result_at);
  end if;
  return null;
end $$;

COMMENT ON FUNCTION private.note_hand_back() IS 'Stamps the machine that let go of a job, and adds what the job weighs in its cost; beside its row where that was written lately, or somebody writes it now, so that no completion waits for another.';

CREATE FUNCTION private.note_new_witness() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  insert into pair_tasks (document_id) select n.document_id from new_rows n join old_rows o using (document_id)
    where n.witness_id <> o.witness_id order by 1 on conflict do nothing;
  return null;
end $$;

COMMENT ON FUNCTION private.note_new_witness() IS 'Copies are one witness: whose copy a document is changes its pairs.';

CREATE FUNCTION private.note_pair_task() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  insert into pair_tasks (document_id) select distinct c.document_id from changed c order by 1 on conflict do nothing;
  return null;
end $$;

COMMENT ON FUNCTION private.note_pair_task() IS 'The documents of these statements propose their pairs anew.';

CREATE FUNCTION private.note_refusal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
  insert into refused_news (name) values (new.payload ->> 'original_filename');
  return null;
end $$;

COMMENT ON FUNCTION private.note_refusal() IS 'Follows the refusals.';

CREATE FUNCTION private.note_taken_in() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
begin
  insert into refused_news (name) select new.original_filename
    where exists (select from refused_names r where r.name = new.original_filename)
      or exists (select from refused_news n where n.name = new.original_filename);
  return null;
end $$;

COMMENT ON FUNCTION private.note_taken_in() IS 'Follows the files whose name was refused before.';

CREATE FUNCTION private.note_text() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
  insert into unindexed_texts (document_id) values (new.document_id);
  return null;
end $$;

COMMENT ON FUNCTION private.note_text() IS 'A new or changed text waits for index_texts.';

CREATE FUNCTION private.note_topics(documents uuid[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.note_topics(documents uuid[]) IS 'Keeps claim_topics of these documents.';

CREATE FUNCTION private.obey_found_choices() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  document master_document_registry;
  found kept_choices;
begin
  if not exists (select from kept_choices k where k.is_found) then
    return new;
  end if;
  select d.* into document from master_document_registry d where d.id = new.document_id;
  for found in select * from private.found_choices(document) loop
    new.placement := private.stricter_placement(new.placement, found.placement);
    new.allow_claude := new.allow_claude and found.allow_claude;
  end loop;
  new.lane_id := private.find_lane(new.batch_id, document.source, new.priority, new.placement);
  return new;
end $$;

COMMENT ON FUNCTION private.obey_found_choices() IS 'A job that comes anew is placed no looser than the bucket says of its document. A person may say otherwise of each (set_job_choices).';

CREATE FUNCTION private.object_file(file jsonb, batch public.batches) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select case when file ->> 'sha256' is not null or not private.is_known(file) then
    file || jsonb_build_object('batch_id', batch.id, 'source', batch.source) || case when file ->> 'sha256' is null
      then coalesce((select jsonb_build_object('document_id', min(e.id::text), 'again', true)
        from private.find_entered(file) as e(id) having count(*) > 0), '{}') else '{}' end end
$$;

COMMENT ON FUNCTION private.object_file(file jsonb, batch public.batches) IS 'What a scan found as enqueue_file takes it; null where the batch would not read it again.';

CREATE FUNCTION private.ocr_shape(word text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select translate(word, '0158639i', 'olsbbegl')
$$;

COMMENT ON FUNCTION private.ocr_shape(word text) IS 'A word with the letters and digits that OCR confuses made one.';

CREATE FUNCTION private.open_analysis(read public.processing_jobs, priority text, asked_by text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  document master_document_registry;
  -- What waits in a stopped batch is cancelled: its account is closed, so this is judged outside of it.
  batch uuid := (select b.id from batches b where b.id = read.batch_id and b.status <> 'stopped');
  new_id uuid;
begin
  select * into document from master_document_registry where id = read.document_id;
  insert into processing_jobs (kind, document_id, batch_id, lane_id, priority, placement, allow_claude, pages_total,
    precedence)
    values ('analyse', read.document_id, batch, private.find_lane(batch, document.source, open_analysis.priority,
      read.placement), open_analysis.priority, read.placement, true, read.pages_total,
      9 - least(coalesce(document.relevancy_score, 0)::int / 100, 9))
    on conflict (document_id) where status in ('queued', 'processing') and kind <> 'check' do nothing
    returning id into new_id;
  if new_id is not null then
    insert into events (kind, document_id, job_id, batch_id, payload) values ('analysis_queued', read.document_id,
      new_id, batch, jsonb_build_object('priority', open_analysis.priority, 'asked_by', asked_by));
  end if;
  return new_id;
end $$;

COMMENT ON FUNCTION private.open_analysis(read public.processing_jobs, priority text, asked_by text) IS 'Queues a document that was read to be judged; null when it waits already. The more relevant by the rules, the earlier its turn.';

CREATE FUNCTION private.open_analysis_after(read public.processing_jobs, analysis jsonb) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  -- The cheapest first: most houses have no key, or all documents are for Claude.
  if not read.allow_claude or coalesce(analysis ->> 'analyst', '') = 'claude'
      or not private.passes_by(analysis ->> 'fallback_reason')
      or (select status = 'no_key' from doors where name = 'claude') then
    return null;
  elsif exists (select from batches b where b.id = read.batch_id and not b.allow_claude)
      or private.is_sealed(read.document_id) then
    return null;
  end if;
  return private.open_analysis(read, read.priority, 'reading');
end $$;

COMMENT ON FUNCTION private.open_analysis_after(read public.processing_jobs, analysis jsonb) IS 'Queues what was just read to be judged, unless Claude has done so, may not, or would not.';

CREATE FUNCTION private.open_check(read public.processing_jobs) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if not exists (select from processing_jobs c where c.check_of = read.id and c.status in ('queued', 'processing'))
      and (select count(*) from processing_jobs c join processing_jobs r on r.id = c.check_of
        where c.kind = 'check' and c.status = 'queued' and r.machine = read.machine) < private.most_open_checks() then
    insert into processing_jobs (kind, check_of, document_id, lane_id, priority, placement, allow_claude,
      pages_estimate)
      values ('check', read.id, read.document_id, read.lane_id, read.priority, read.placement, read.allow_claude,
        coalesce(nullif(read.pages_total, 0), read.pages_estimate));
  end if;
end $$;

COMMENT ON FUNCTION private.open_check(read public.processing_jobs) IS 'Queues a document to be read once more, by another machine, which is not told so.';

CREATE FUNCTION private.open_job(document_id uuid, batch_id uuid, source text, priority text, placement text, allow_claude boolean, pages_estimate integer, arrived jsonb DEFAULT '{}'::jsonb) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  new_id uuid;
begin
  insert into processing_jobs (document_id, batch_id, lane_id, priority, placement, allow_claude, pages_estimate)
    values (open_job.document_id, open_job.batch_id,
      private.find_lane(open_job.batch_id, source, open_job.priority, open_job.placement),
      open_job.priority, open_job.placement, open_job.allow_claude, open_job.pages_estimate) returning id into new_id;
  update master_document_registry set job_id = new_id where id = open_job.document_id;
  insert into events (kind, document_id, job_id, batch_id, payload)
    values ('job_queued', open_job.document_id, new_id, open_job.batch_id,
      jsonb_build_object('source', source, 'priority', open_job.priority) || arrived);
  return new_id;
end $$;

COMMENT ON FUNCTION private.open_job(document_id uuid, batch_id uuid, source text, priority text, placement text, allow_claude boolean, pages_estimate integer, arrived jsonb) IS 'A new queued job for a document, in its lane, with its event; `arrived` goes into it: see private.note_arrival.';

CREATE TABLE public.live_lanes (
    lane_id bigint NOT NULL,
    first_seq bigint NOT NULL,
    rank smallint NOT NULL,
    placement text NOT NULL,
    batch_id uuid
);

COMMENT ON TABLE public.live_lanes IS 'Signs that a lane may have a claimable job, and none before first_seq: whoever makes a job claimable adds one where none says so yet, and a claim that finds a lane empty takes them away. Only ever added and taken away, so that nobody waits; several of one lane say the least of theirs.';

COMMENT ON COLUMN public.live_lanes.rank IS 'The lane''s priority: 1 for high, 2 for normal, 3 for low.';

CREATE FUNCTION private.open_lanes(placements text[]) RETURNS SETOF public.live_lanes
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select s.* from live_lanes s where s.placement = any (placements)
    and (s.batch_id is null or s.batch_id not in (select b.id from batches b where b.status in ('paused', 'stopped')))
$$;

COMMENT ON FUNCTION private.open_lanes(placements text[]) IS 'Signs of lanes that these placements allow and no pause holds back.';

CREATE FUNCTION private.order_excuse(term public.order_terms, claim public.case_claims) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.order_excuse(term public.order_terms, claim public.case_claims) IS 'What on file would explain the event by an exception: an emergency around it, or an agreement to it; else null.';

CREATE FUNCTION private.pace_window() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:10:00'::interval;

COMMENT ON FUNCTION private.pace_window() IS 'Over which a batch''s pace is measured: long enough to be steady, short enough to follow a machine that joined.';

CREATE FUNCTION private.page_of_batches(batch_id uuid, max_batches integer, before bigint) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET enable_indexscan TO 'on'
    AS $$
  select array(select b.id from batches b where (page_of_batches.batch_id is null or b.id = page_of_batches.batch_id)
    and (page_of_batches.before is null or b.seq < page_of_batches.before) order by b.seq desc
    limit page_of_batches.max_batches)
$$;

COMMENT ON FUNCTION private.page_of_batches(batch_id uuid, max_batches integer, before bigint) IS 'Which batches a page of get_batches shows, in its order.';

CREATE FUNCTION private.pages_worked(job public.processing_jobs) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (((job).status = ANY (ARRAY['completed'::text, 'failed'::text])) AND ((job).error_code IS DISTINCT FROM 'worker_died'::text)) THEN GREATEST(((job).pages_accounted - COALESCE((((job).page_outcomes ->> 'skipped'::text))::bigint, (0)::bigint)), (1)::bigint) ELSE (0)::bigint END;

COMMENT ON FUNCTION private.pages_worked(job public.processing_jobs) IS 'What an ended job weighs when its machine''s cost is shared out: the pages that were read or tried, at least one. A death weighs nothing: no machine is stamped for it, and those who got something pay.';

CREATE FUNCTION private.pair_id(one text, other text) RETURNS uuid
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select md5(least(one, other) || '|' || greatest(one, other))::uuid
$$;

COMMENT ON FUNCTION private.pair_id(one text, other text) IS 'The id of the pair of two statements, in whatever order.';

CREATE FUNCTION private.part_code(job public.processing_jobs, part jsonb, depth integer, room bigint) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select case when part ->> 'code' is not null then left(part ->> 'code', 60)
    when part_code.depth > private.most_part_depth() then 'too_deep'
    when part_code.room <= 0 then 'too_many_parts'
    when private.is_inside(job.document_id, part ->> 'sha256') then 'contains_itself' end
$$;

COMMENT ON FUNCTION private.part_code(job public.processing_jobs, part jsonb, depth integer, room bigint) IS 'Why a part is not taken: what its machine says, or a limit of ours; or null.';

CREATE FUNCTION private.part_copies(document_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.part_copies(document_id uuid) IS 'Its text is another: what the rules had joined with it is looked at anew.';

CREATE FUNCTION private.part_file(job public.processing_jobs, part jsonb, object_key text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select jsonb_strip_nulls(jsonb_build_object('document_id', gen_random_uuid(), 'object_key', part_file.object_key,
    'original_filename', coalesce(nullif(regexp_replace(part ->> 'name', '^.*/', ''), ''), 'unnamed'),
    'source', d.source, 'mime_type', part ->> 'mime_type', 'bytes', (part ->> 'bytes')::bigint,
    'sha256', part ->> 'sha256', 'md5', part ->> 'md5', 'batch_id', job.batch_id, 'priority', job.priority,
    'placement', job.placement, 'allow_claude', job.allow_claude, 'choices_unsaid', nullif(job.choices_unsaid, false),
    'part_of', job.document_id))
  from master_document_registry d where d.id = job.document_id
$$;

COMMENT ON FUNCTION private.part_file(job public.processing_jobs, part jsonb, object_key text) IS 'A part as enqueue_file takes it: with the choices, the batch and the source of what it lies in.';

CREATE FUNCTION private.part_place(parent_id uuid, OUT depth integer, OUT root_id uuid) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(min(p.depth), 0) + 1, coalesce((array_agg(p.root_id order by p.depth, p.root_id))[1],
    part_place.parent_id)
  from document_parts p where p.child_id = part_place.parent_id
$$;

COMMENT ON FUNCTION private.part_place(parent_id uuid, OUT depth integer, OUT root_id uuid) IS 'Where the parts of a document stand: one below its own shallowest place.';

CREATE FUNCTION private.passage_length() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 1000;

COMMENT ON FUNCTION private.passage_length() IS 'Characters from one passage''s start to the next: some 170 words, about what a snippet is cut from.';

CREATE FUNCTION private.passage_overlap() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.passage_overlap() IS 'Characters by which a passage reaches into the next, so that no word or short phrase is cut.';

CREATE FUNCTION private.passes_by(reason text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select reason is null or reason in ('claude_busy', 'claude_away', 'timeout', 'claude_cap_reached', 'claude_paused')
$$;

COMMENT ON FUNCTION private.passes_by(reason text) IS 'Whether Claude was not asked, or was not to be had: then the document waits for it. Other reasons are the document''s own.';

CREATE FUNCTION private.passes_filters(document public.master_document_registry, filters jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.passes_filters(document public.master_document_registry, filters jsonb) IS 'Filters of a search: document_type, case_number, source, min_relevancy, date_from, date_to, batch_id.';

CREATE FUNCTION private.passing_alarms() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN ARRAY['batch_empty'::text, 'choice_dropped'::text, 'machine_caught'::text, 'parked_notice'::text, 'reaped'::text, 'stray'::text];

COMMENT ON FUNCTION private.passing_alarms() IS 'What was dealt with when it was told: it stands for a day, and is not told again.';

CREATE FUNCTION private.place_by_default() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  by_policy text := (select p.sensitive_placement from check_policy p);
  document master_document_registry;
begin
  if new.placement = 'any_host' and by_policy <> 'any_host' then
    select d.* into document from master_document_registry d where d.id = new.document_id;
    if private.speaks_of(concat_ws(' ', document.original_filename, replace(document.document_type, '_', ' ')))
        is not null then
      new.placement := by_policy;
      new.lane_id := private.find_lane(new.batch_id, document.source, new.priority, by_policy);
    end if;
  end if;
  return new;
end $$;

COMMENT ON FUNCTION private.place_by_default() IS 'A new job of a document that seems sensitive waits for the machines that the policy names. A person may say otherwise of each (set_job_choices).';

CREATE FUNCTION private.placement_of(document_id uuid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select case (select j.value #>> '{}' from judgements j where j.document_id = placement_of.document_id
    and j.name = 'sensitivity') when 'private' then 'datacenter_only' when 'sealed' then 'local_only'
    else 'any_host' end
$$;

COMMENT ON FUNCTION private.placement_of(document_id uuid) IS 'Where a document may be read at most, by how sensitive a person says it is.';

CREATE FUNCTION private.plain_words(words text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select regexp_replace(regexp_replace(normalize(lower(words), NFKD), '[''’ʼ\u0300-\u036f]', '', 'g'),
    '[^[:alnum:]]+', ' ', 'g')
$$;

COMMENT ON FUNCTION private.plain_words(words text) IS 'Lower-case letters and digits without accents, one blank between words; O''Brien is one word.';

CREATE FUNCTION private.present_scopes(document_id uuid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  kept recorded_tables;
begin
  for kept in select * from recorded_tables t where (t.document_column is null) = (document_id is null) loop
    return query execute format('select %L || s.scope from (%s) as s(scope)', kept.name || '/', kept.scopes)
      using document_id;
  end loop;
end $$;

COMMENT ON FUNCTION private.present_scopes(document_id uuid) IS 'Every `table/scope` that a document has rows of now; without a document, those of tables that belong to none.';

CREATE FUNCTION private.priority_rank(priority text) RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select array_position(array['high', 'normal', 'low'], priority)
$$;

COMMENT ON FUNCTION private.priority_rank(priority text) IS '1 for high, 2 for normal, 3 for low.';

CREATE FUNCTION private.promote_due_jobs() RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  update processing_jobs set run_after = null where id = any (array(select id from processing_jobs
    where status = 'queued' and run_after is not null and run_after <= now() order by run_after
      limit private.promotion_size()
      for no key update skip locked))
$$;

COMMENT ON FUNCTION private.promote_due_jobs() IS 'Moves jobs whose waiting time is over to their lane, so that the claim''s index never holds a job that must wait.';

CREATE FUNCTION private.promotion_size() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 100;

COMMENT ON FUNCTION private.promotion_size() IS 'Jobs whose waiting time is over that one claim moves to their lanes: the next claim moves the next.';

CREATE FUNCTION private.propose_for(document_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.propose_for(document_id uuid) IS 'Draws the pairs of a document anew: at the same cost however many there are.';

CREATE FUNCTION private.prove_analysis(job public.processing_jobs, analysis jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
declare
  quick text;
  careful text;
begin
  if analysis ->> 'analyst' is distinct from 'claude' and not jsonb_path_exists(analysis,
      '$.claims[*] ? (@.stated_by == "claude")')
      and coalesce(nullif(analysis -> 'transcriptions', 'null'), '[]') = '[]' then
    return analysis - 'model';
  end if;
  perform private.use_calls(job, analysis -> 'calls');
  select max(c.model) filter (where c.kind = 'quick'), max(c.model) filter (where c.kind = 'careful')
    into quick, careful from claude_calls c where c.job_id = job.id
    and c.id = any (array(select e::uuid from jsonb_array_elements_text(analysis -> 'calls') e));
  -- What is no list stays as it came, for whoever publishes transcriptions to refuse.
  return analysis || jsonb_build_object('model', coalesce(careful, quick))
    || case jsonb_typeof(analysis -> 'transcriptions') when 'array' then jsonb_build_object('transcriptions',
      coalesce((select jsonb_agg(t || jsonb_build_object('model', quick))
        from jsonb_array_elements(analysis -> 'transcriptions') t), '[]')) else '{}' end;
end $_$;

COMMENT ON FUNCTION private.prove_analysis(job public.processing_jobs, analysis jsonb) IS 'An analysis with the models that were asked, by the ledger and not by who hands it in. AS007 where anything in it is said to be Claude''s and no call of this job is behind it.';

CREATE FUNCTION private.proven_pages() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 20;

COMMENT ON FUNCTION private.proven_pages() IS 'Pages after which a machine''s speed is believed: the first ones warm up.';

CREATE FUNCTION private.publish_analysis(document_id uuid, analysis jsonb, run_id uuid, reading jsonb, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.publish_claims(document_id, analysis, run_id, reading, is_first);
  if not is_first or coalesce(analysis -> 'transcriptions', 'null') <> 'null' then
    perform private.publish_transcriptions(document_id, analysis, run_id);
  end if;
end $$;

COMMENT ON FUNCTION private.publish_analysis(document_id uuid, analysis jsonb, run_id uuid, reading jsonb, is_first boolean) IS 'Writes what a run found into the registry, claims, findings and transcriptions, over an earlier run''s.';

CREATE FUNCTION private.publish_claims(document_id uuid, analysis jsonb, run_id uuid, reading jsonb, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.publish_claims(document_id uuid, analysis jsonb, run_id uuid, reading jsonb, is_first boolean) IS 'Writes what a run states, and all that the registry and the findings show of it: of claims that stand; and what the reading handed in, {mime_type, artifacts, live_mark}, so that the registry is written once. Who calls it calls require_standing when the text is stored.';

CREATE FUNCTION private.publish_mail(document_id uuid, mail jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  delete from mails m where m.document_id = publish_mail.document_id;
  insert into mails (document_id, message_id, thread_id, sent, sent_at, sender, recipients, subject)
    select publish_mail.document_id, left(mail ->> 'message_id', 998), left(mail ->> 'thread_id', 998),
      left(mail ->> 'sent', 40), private.read_time(mail ->> 'sent'), left(mail ->> 'sender', 500), mail -> 'recipients',
      left(mail ->> 'subject', 1000)
    where jsonb_typeof(mail) = 'object';
$$;

COMMENT ON FUNCTION private.publish_mail(document_id uuid, mail jsonb) IS 'Writes the header of an e-mail over an earlier run''s; null: it is none.';

CREATE FUNCTION private.publish_text(document_id uuid, is_first boolean, words bigint, result jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'extensions', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  insert into document_repository (document_id, text, words)
    values (publish_text.document_id, coalesce(result ->> 'text', ''), publish_text.words)
    on conflict (document_id) do update set text = excluded.text, words = excluded.words, created_at = now();
  if not is_first then
    delete from document_embeddings e where e.document_id = publish_text.document_id;
  end if;
  if coalesce(result -> 'chunks', 'null') not in ('null', '[]') then
    insert into document_embeddings (document_id, chunk, page, text, embedding)
      select publish_text.document_id, n::int, (c ->> 'page')::int, c ->> 'text',
        nullif(c -> 'embedding', 'null')::text::vector(384)
      from jsonb_array_elements(result -> 'chunks') with ordinality as chunks(c, n)
      where n <= private.most_passages();
  end if;
  if not is_first or jsonb_typeof(result -> 'mail') = 'object' then
    perform private.publish_mail(publish_text.document_id, result -> 'mail');
  end if;
end $$;

COMMENT ON FUNCTION private.publish_text(document_id uuid, is_first boolean, words bigint, result jsonb) IS 'Writes text, passages with their embeddings, and the header of an e-mail, over an earlier run''s.';

CREATE FUNCTION private.publish_transcriptions(document_id uuid, analysis jsonb, run_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  given constant jsonb := coalesce(nullif(analysis -> 'transcriptions', 'null'), '[]');
  last_page int := coalesce((select max(p.page) from document_pages p where p.job_id = (select d.job_id
    from master_document_registry d where d.id = publish_transcriptions.document_id)), private.most_pages());
begin
  if jsonb_typeof(given) <> 'array' or jsonb_array_length(given) > private.most_transcriptions() then
    perform private.refuse('AS006', format('analysis.transcriptions must be a list of at most %s.',
      private.most_transcriptions()));
  end if;
  if exists (select from jsonb_array_elements(given) as t where jsonb_typeof(t -> 'lines') is distinct from 'array'
      or jsonb_array_length(t -> 'lines') > private.most_transcribed_lines() or (t ->> 'page')::int > last_page) then
    perform private.refuse('AS006', format('A transcription is of a page of the document and has at most %s lines.',
      private.most_transcribed_lines()));
  end if;
  delete from document_transcriptions t where t.document_id = publish_transcriptions.document_id;
  insert into document_transcriptions (document_id, run_id, place, page, kind, engine, model, text, doubtful_lines)
    select publish_transcriptions.document_id, publish_transcriptions.run_id, n, (t ->> 'page')::int, t ->> 'kind',
      t ->> 'engine', left(t ->> 'model', private.longest_word()), l.text, l.doubtful
    from jsonb_array_elements(given) with ordinality as each(t, n), lateral (
      select string_agg(left(regexp_replace(coalesce(line ->> 'text', ''), '[[:cntrl:]]', ' ', 'g'),
        private.longest_transcribed_line()), E'\n' order by at) as text,
        coalesce(array_agg(at::int order by at) filter (where (line ->> 'doubtful')::boolean), '{}') as doubtful
      from jsonb_array_elements(t -> 'lines') with ordinality as lines(line, at)) as l;
  perform private.index_transcriptions(document_id);
end $$;

COMMENT ON FUNCTION private.publish_transcriptions(document_id uuid, analysis jsonb, run_id uuid) IS 'Keeps the transcriptions of the run that is shown, in place of an earlier run''s. AS006 for what is none.';

CREATE FUNCTION private.put_corrections() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  shown constant jsonb := to_jsonb(old);
begin
  new.as_read := (select coalesce(jsonb_object_agg(name,
    case when old.corrected ? name then old.as_read -> name else shown -> name end), '{}')
    from jsonb_object_keys(new.corrected) as name);
  return jsonb_populate_record(new, (old.as_read || new.corrected));
end $$;

COMMENT ON FUNCTION private.put_corrections() IS 'Puts what people corrected over what was read, and what they took back as it was read last.';

CREATE TABLE public.judgements (
    document_id uuid NOT NULL,
    name text NOT NULL,
    value jsonb NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    decision_id uuid NOT NULL,
    CONSTRAINT judgements_check CHECK (private.is_judgement(name, value))
);

COMMENT ON TABLE public.judgements IS 'What people say of documents now.';

COMMENT ON COLUMN public.judgements.name IS 'tag:… (true), important (true), sensitivity (private or sealed), note:<id> ({text, page, start, quote, box}), mark:<id> ({page, start, quote, speaker_id?, people?, event?: {starts, ends, precision, title?}}: a statement, or what tells of an event), line:<page>:<line> ({read, text}), finding:<md5> ({kind, page, quote}: it is wrong), field:<id>, exhibit:<matter>, dismissed:<proposal> (true: with the others that say so it is not to be put together or apart); document_type, document_date, parties, case_number, court: corrections, JSON null where there is none.';

CREATE FUNCTION private.put_mark(document_id uuid, mark public.judgements) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  made uuid := substr(mark.name, 6)::uuid;
  said jsonb := mark.value;
  told jsonb := said -> 'event';
  speaker bigint := case when said ? 'speaker_id' then private.name_of((said ->> 'speaker_id')::uuid) end;
  now_at record;
  claim bigint;
begin
  select f.page, f.start into now_at from private.find_again(put_mark.document_id, (said ->> 'page')::int,
    (said ->> 'start')::int, said ->> 'quote') f;
  insert into case_claims as c (document_id, key, place, page, start, quote, standing, voice, speaker_name_id, said_at,
      said_precision, starts, ends, precision, known)
    select put_mark.document_id, mark.name, private.most_case_claims(), coalesce(now_at.page, (said ->> 'page')::int),
      coalesce(now_at.start, (said ->> 'start')::int), said ->> 'quote', now_at.page is not null,
      coalesce(max(d.voice), 'note'), speaker, max(d.said_at), max(d.said_precision), (told ->> 'starts')::timestamp,
      (told ->> 'ends')::timestamp, told ->> 'precision', case when told is not null then 'stated' end
    from case_documents d where d.document_id = put_mark.document_id
    on conflict on constraint case_claims_document_id_key_key do update set page = excluded.page,
      start = excluded.start, standing = excluded.standing, speaker_name_id = excluded.speaker_name_id,
      starts = excluded.starts, ends = excluded.ends, precision = excluded.precision, known = excluded.known
    returning c.id into claim;
  insert into case_mentions (claim_id, name_id, document_id)
    select distinct claim, n, put_mark.document_id from (select speaker as n union all
      select private.name_of(p::uuid) from jsonb_array_elements_text(coalesce(said -> 'people', '[]')) p) s
    where n is not null on conflict do nothing;
  if told is not null then
    insert into case_events (id, starts, ends, precision, known, title, named, state, decided_by, decided_at)
      values (made, (told ->> 'starts')::timestamp, (told ->> 'ends')::timestamp, told ->> 'precision', 'stated', '',
        told ->> 'title', 'true', mark.decided_by, mark.decided_at)
      on conflict on constraint case_events_pkey do nothing;
    insert into case_times (claim_id, document_id, page, start, quote, starts, ends, precision, known, is_event,
        event_id, settled)
      select c.id, c.document_id, c.page, c.start, c.quote, c.starts, c.ends, c.precision, c.known, true, made, true
      from case_claims c where c.id = claim;
  end if;
end $$;

COMMENT ON FUNCTION private.put_mark(document_id uuid, mark public.judgements) IS 'Puts a mark among the statements of its document, and what happened among the events, which has the mark''s id.';

CREATE FUNCTION private.put_marks(document_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  told uuid[] := array(select e.id from case_events e join case_times t on t.event_id = e.id join case_claims c
    on c.id = t.claim_id where c.document_id = put_marks.document_id and c.key like 'mark:%');
begin
  delete from case_times t using case_claims c where c.id = t.claim_id and c.document_id = put_marks.document_id
    and c.key like 'mark:%';
  delete from case_mentions m using case_claims c where c.id = m.claim_id and c.document_id = put_marks.document_id
    and c.key like 'mark:%';
  delete from case_claims c where c.document_id = put_marks.document_id and c.key like 'mark:%' and not c.pinned
    and not exists (select from judgements j where j.document_id = c.document_id and j.name = c.key);
  update case_claims c set standing = false where c.document_id = put_marks.document_id and c.key like 'mark:%';
  perform private.put_mark(j.document_id, j) from judgements j where j.document_id = put_marks.document_id
    and j.name like 'mark:%';
  perform private.tell_events(told || array(select substr(j.name, 6)::uuid from judgements j
    where j.document_id = put_marks.document_id and j.name like 'mark:%' and j.value ? 'event'));
end $$;

COMMENT ON FUNCTION private.put_marks(document_id uuid) IS 'The marks of a document as people have them now, in place of those before.';

CREATE FUNCTION private.quiet_pause() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:10:00'::interval;

COMMENT ON FUNCTION private.quiet_pause() IS 'What passes by itself is an alarm only after so long: vendors have bad minutes every day.';

CREATE FUNCTION private.rare_claims() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 200;

COMMENT ON FUNCTION private.rare_claims() IS 'Statements that the words of one bring to it, the rarest words first: so what a document costs stays flat.';

CREATE FUNCTION private.rare_sample() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 2000;

COMMENT ON FUNCTION private.rare_sample() IS 'Passages with a word that are counted: what stands in more is common.';

CREATE FUNCTION private.read_anew(read public.processing_jobs) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  waiting processing_jobs;
  source text := (select d.source from master_document_registry d where d.id = read.document_id for no key update);
begin
  select j.* into waiting from processing_jobs j where j.document_id = read.document_id and j.kind <> 'check'
    and j.status in ('queued', 'processing') for no key update;
  if waiting.status = 'processing' or waiting.kind = 'read' then
    return false;
  elsif waiting.id is not null then
    perform private.end_analysis(waiting, 'cancelled', 'reading_doubted', 'It is read anew before it is judged.');
  end if;
  perform private.open_job(read.document_id, null, source, read.priority, read.placement, read.allow_claude,
    coalesce(nullif(read.pages_total, 0), read.pages_estimate));
  update document_journal set processing_status = 'queued', error_message = null where document_id = read.document_id;
  return true;
end $$;

COMMENT ON FUNCTION private.read_anew(read public.processing_jobs) IS 'A new reading of a document whose shown one is not believed; that stays until the new one is there. False while somebody works on it.';

CREATE FUNCTION private.read_arrival(file jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_object_agg(left(name, 40), left(value, 1000)), '{}') from (select * from jsonb_each_text(
    case when jsonb_typeof(file -> 'arrival') = 'object' then file -> 'arrival' else '{}' end) as a(name, value)
    order by name limit 20) as said
$$;

COMMENT ON FUNCTION private.read_arrival(file jsonb) IS 'What was said of a file where it came from: at most 20 short texts by name.';

CREATE FUNCTION private.read_asked(question text) RETURNS SETOF private.question_part
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select q.* from private.read_question(regexp_replace(left(question, private.longest_question()),
      private.asking_words(), ' ', 'gi')) q
    where q.kind <> 'word' or q.weight >= private.least_asked_likeness()
$$;

COMMENT ON FUNCTION private.read_asked(question text) IS 'What a question asks for. A word that is nowhere stays unanswered by one that is only spelled like it.';

CREATE FUNCTION private.read_on_here() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  here xid8 := pg_current_xact_id();
  newest bigint := coalesce((select max(e.id) from events e), 0);
begin
  insert into event_deliveries (consumer, event_id, offered_until) select c.consumer, e.id, '-infinity'
    from event_cursors c join events e on (e.transaction_id, e.id) > (c.transaction_id, c.event_id)
    where c.consumer not like 'webhook:%' or exists (select from webhooks w where w.ended_at is null
      and private.webhook_consumer(w.id) = c.consumer)
    on conflict do nothing;
  perform private.write_shares(private.with_members(array(select distinct e.document_id from events e, sums_cursor c
    where (e.transaction_id, e.id) > (c.transaction_id, c.event_id) and e.document_id is not null)));
  update events e set transaction_id = '0' where e.transaction_id >= here;
  update event_cursors c set transaction_id = here, event_id = newest where c.consumer <> '';
  update sums_cursor set transaction_id = here, event_id = newest where only_one;
end $$;

COMMENT ON FUNCTION private.read_on_here() IS 'At the end of a restore: this cluster counts its transactions from elsewhere, and what comes now would lie before what every consumer has read, unheard for weeks. What they had not read is offered to each again, and they go on from here.';

CREATE FUNCTION private.read_question(words text) RETURNS SETOF private.question_part
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
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
end $_$;

COMMENT ON FUNCTION private.read_question(words text) IS 'What a person typed: words, "a phrase", -not, days, amounts and numbers in any usual writing.';

CREATE FUNCTION private.read_sample(batch_id uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with jobs as (
    select j.document_id, coalesce(p.root_id, j.document_id) as root_id, private.pages_worked(j) as pages,
      j.status in ('queued', 'processing') as is_open
    from processing_jobs j left join lateral (select d.root_id from document_parts d where d.child_id = j.document_id
      order by d.depth limit 1) p on true
    where j.batch_id = read_sample.batch_id and j.kind = 'read'
  ), files as (
    select root_id, bool_or(is_open) as is_open, sum(pages) as pages, count(*) as documents,
      sum(private.document_claude_usd(document_id)) as claude_usd,
      bool_and(coalesce(d.judged, 'none') <> 'none' or d.duplicate_of is not null) as is_judged
    from jobs join master_document_registry d on d.id = jobs.document_id group by root_id
  )
  select coalesce(jsonb_agg(jsonb_build_object('key', coalesce(e.key, d.object_key), 'pages', f.pages,
    'documents', f.documents, 'claude_usd', f.claude_usd, 'is_judged', f.is_judged, 'is_open', f.is_open)
    order by d.seq), '[]')
  from files f join master_document_registry d on d.id = f.root_id
    left join lateral (select coalesce('drive:' || j.google_drive_id, j.object_key) as key from document_journal j
      where j.document_id = f.root_id and j.batch_id = read_sample.batch_id limit 1) e on true
$$;

COMMENT ON FUNCTION private.read_sample(batch_id uuid) IS 'What reading has made of each file of a sample, its parts included: pages, and what Claude took for it.';

CREATE FUNCTION private.read_sealed(sealed text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '1'
    AS $$
declare
  kept recorded_tables;
  words text[] := string_to_array(sealed, '/');
  depth int;
begin
  select * into strict kept from recorded_tables t where t.name = words[1];
  depth := cardinality(kept.scope);
  return query execute kept.lines using words[2 : depth] || array_to_string(words[depth + 1 :], '/');
end $$;

COMMENT ON FUNCTION private.read_sealed(sealed text) IS 'The rows that `table/scope` names as they are sealed and exported: JSON texts, in their order.';

CREATE FUNCTION private.read_time(words text) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return words::timestamptz;
exception when data_exception then
  return null;
end $$;

COMMENT ON FUNCTION private.read_time(words text) IS 'A time that somebody else wrote; null for one that PostgreSQL has no place for.';

CREATE FUNCTION private.record_claims(document_id uuid, claims jsonb, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.record_claims(document_id uuid, claims jsonb, is_first boolean) IS 'Keeps the claims of the run that is shown, in place of an earlier run''s. AS006 for what is no claim.';

CREATE FUNCTION private.record_event(document_id uuid, kind text, details jsonb DEFAULT '{}'::jsonb, named text[] DEFAULT '{}'::text[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  new_id bigint;
begin
  insert into events (kind, document_id, payload) values (record_event.kind, record_event.document_id,
    record_event.details || case when cardinality(named) > 0 then jsonb_build_object('seals',
      private.seals(variadic named)) else '{}' end) returning id into new_id;
  return new_id;
end $$;

COMMENT ON FUNCTION private.record_event(document_id uuid, kind text, details jsonb, named text[]) IS 'An entry of the record about a document, or none: details never hold words of a document; named are the `table/scope` of the rows that the caller wrote, changed or removed.';

CREATE FUNCTION private.record_pages(job public.processing_jobs, pages jsonb, OUT accounted integer, OUT last_page integer, OUT outcomes jsonb, OUT words bigint, OUT has_words boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  with written as (insert into document_pages as d (job_id, page, document_id, outcome, engine, confidence, seconds,
    reason, words, rotation, hidden_words, letters)
    select job.id, p.page, job.document_id, p.outcome, left(p.engine, private.longest_word()),
      p.confidence * (p.confidence between 0 and 1)::int, p.seconds, left(p.reason, private.longest_reason()),
      p.words * (p.words >= 0)::int, p.rotation, greatest(coalesce(p.hidden_words, 0), 0),
      case when coalesce(p.rereadings, 'null') in ('null', '[]') then '' else private.letters_read(p.rereadings) end
    from jsonb_to_recordset(coalesce(pages, '[]')) as p(page int, outcome text, engine text, confidence real,
      seconds real, reason text, words int, rotation smallint, hidden_words int, rereadings jsonb)
  on conflict (job_id, page) do update set outcome = excluded.outcome, engine = excluded.engine,
    confidence = excluded.confidence, rotation = excluded.rotation,
    seconds = excluded.seconds, reason = excluded.reason, words = excluded.words,
    hidden_words = excluded.hidden_words, letters = excluded.letters
  returning d.page, d.outcome, d.words
  ), by_outcome as (
    select w.outcome, count(*) as n, max(w.page) as last, sum(w.words) as words, bool_or(w.words > 0
      and w.outcome in ('text_layer', 'ocr', 'ocr_fallback')) as has_words from written w group by w.outcome
  )
  select coalesce(sum(b.n), 0), max(b.last), coalesce(jsonb_object_agg(b.outcome, b.n), '{}'), sum(b.words),
    coalesce(bool_or(b.has_words), false) into accounted, last_page, outcomes, words, has_words from by_outcome b;
end $$;

COMMENT ON FUNCTION private.record_pages(job public.processing_jobs, pages jsonb, OUT accounted integer, OUT last_page integer, OUT outcomes jsonb, OUT words bigint, OUT has_words boolean) IS 'Writes page outcomes into the ledger, over those of an earlier attempt, and says what it wrote: pages, the last one, how many of each outcome, words, and whether any page of text has one.';

CREATE FUNCTION private.record_run(job public.processing_jobs, analysis jsonb, seconds real, reading jsonb DEFAULT NULL::jsonb, is_first boolean DEFAULT false) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  by_claude boolean := coalesce(analysis ->> 'analyst', '') = 'claude';
  why text := left(analysis ->> 'fallback_reason', private.longest_reason());
  run analysis_runs;
begin
  if not by_claude and why is null and (select status = 'no_key' from doors where name = 'claude') then
    why := 'claude_off';
  end if;
  insert into analysis_runs (document_id, job_id, analyst, model, prompt_version, inputs_sha256, outcome, reason,
    accepted, analysis, seconds)
    values (job.document_id, job.id, left(analysis ->> 'analyst', private.longest_word()),
      left(analysis ->> 'model', private.longest_word()), left(analysis ->> 'prompt_version', private.longest_word()),
      left(analysis ->> 'inputs_sha256', private.longest_word()),
      case when not by_claude then 'sorted' when why ~ ' on pages |only_first_pages' then 'part' else 'judged' end, why,
      by_claude or is_first or not exists (select from analysis_runs r where r.document_id = job.document_id
        and r.analyst = 'claude' and r.accepted), record_run.analysis, record_run.seconds)
    returning id, accepted into run.id, run.accepted;
  if run.accepted then
    perform private.publish_analysis(job.document_id, analysis || jsonb_build_object('fallback_reason', why), run.id,
      reading, is_first);
  elsif reading is not null then
    update master_document_registry d set mime_type = coalesce(reading ->> 'mime_type', d.mime_type),
      artifacts = reading -> 'artifacts', live_mark = reading ->> 'live_mark' where d.id = job.document_id;
  end if;
  return run.accepted;
end $$;

COMMENT ON FUNCTION private.record_run(job public.processing_jobs, analysis jsonb, seconds real, reading jsonb, is_first boolean) IS 'Keeps what an ended job found, and shows it unless Claude''s word would give way to the rules''; returns whether it did. What a reading handed in besides, {mime_type, artifacts, live_mark}, is kept either way.';

CREATE FUNCTION private.refresh_people(documents uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.refresh_people(documents uuid[]) IS 'Who the statements of these documents speak of, as names are settled now.';

CREATE FUNCTION private.refuse(code text, message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  raise exception using errcode = code, message = message;
end $$;

COMMENT ON FUNCTION private.refuse(code text, message text) IS 'Raises one of the queue''s own SQLSTATEs with a sentence.';

CREATE FUNCTION private.register_document(file jsonb, OUT document_id uuid, OUT is_new boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  insert into master_document_registry as d (id, sha256, md5, bytes, mime_type, object_key, kept_key, version_id,
      object_etag, original_filename, source)
    values ((file ->> 'document_id')::uuid, file ->> 'sha256', file ->> 'md5', (file ->> 'bytes')::bigint,
      file ->> 'mime_type', file ->> 'object_key', file ->> 'kept_key', file ->> 'version_id',
      file ->> 'object_etag', left(file ->> 'original_filename', private.longest_reason()), file ->> 'source')
    on conflict do nothing returning d.id into document_id;
  is_new := found;
  if not is_new then
    select d.id into document_id from master_document_registry d where d.id = (file ->> 'document_id')::uuid
      or d.sha256 = file ->> 'sha256'
      order by d.id = (file ->> 'document_id')::uuid desc limit 1 for no key update;
  end if;
end $$;

COMMENT ON FUNCTION private.register_document(file jsonb, OUT document_id uuid, OUT is_new boolean) IS 'A new document, or the one that already has this id (the same call again) or these bytes.';

CREATE FUNCTION private.require_all_pages(accounted integer, last_page integer, pages_total integer, parts_total integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  if pages_total = 0 and parts_total > 0 and accounted = 0 then
    return;
  end if;
  if pages_total is null or pages_total < 1 or accounted <> pages_total or last_page <> pages_total then
    perform private.refuse('AS006',
      format('The result accounts for %s of %s pages. Give each page from 1 to pages_total exactly one outcome.',
      accounted, coalesce(pages_total::text, '?')));
  end if;
end $$;

COMMENT ON FUNCTION private.require_all_pages(accounted integer, last_page integer, pages_total integer, parts_total integer) IS 'AS006 unless the pages that the ledger just took, each once and none below 1, are exactly 1 … pages_total; a container has parts and no page.';

CREATE FUNCTION private.require_array(value jsonb, name text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  if jsonb_typeof(value) is distinct from 'array' or jsonb_array_length(value) > private.most_listed() then
    perform private.refuse('AS006', format('%s must be an array of at most %s.', name, private.most_listed()));
  end if;
end $$;

COMMENT ON FUNCTION private.require_array(value jsonb, name text) IS 'AS006 unless it is an array of at most most_listed() entries.';

CREATE FUNCTION private.require_artifacts(artifacts jsonb, prefix text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $_$
begin
  -- A machine may publish only what its lease let it write: any other key would later be signed for readers.
  if exists (select from jsonb_each(artifacts) as a(name, file) where a.name !~ '^[a-z0-9_.-]{1,60}$'
      or a.file ->> 'key' is distinct from prefix || a.name
      or coalesce(a.file ->> 'sha256' ~ '^[0-9a-f]{64}$' and a.file ->> 'bytes' ~ '^[0-9]{1,15}$', false) is false) then
    perform private.refuse('AS006', 'Each artifact must be stored as artifact_prefix followed by its name, and needs '
      'its bytes and its sha256 (64 hex digits).');
  end if;
end $_$;

COMMENT ON FUNCTION private.require_artifacts(artifacts jsonb, prefix text) IS 'AS006 unless each artifact lies where this lease may write, and has its size and hash.';

CREATE FUNCTION private.require_bytes(known text, sha256 text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  if known is distinct from sha256 or known is null then
    perform private.refuse('AS006',
      'The bytes are not those that were registered for this document: the object changed in the bucket. Fail the job '
      'as object_changed.');
  end if;
end $$;

COMMENT ON FUNCTION private.require_bytes(known text, sha256 text) IS 'AS006 unless the machine read the bytes that we hashed when they came in: its word makes no hash, and no two documents one.';

CREATE FUNCTION private.require_lease(seconds integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  if coalesce(seconds, 0) not between private.shortest_lease() and private.longest_lease() then
    perform private.refuse('AS006', format('lease_seconds must be %s to %s.', private.shortest_lease(),
      private.longest_lease()));
  end if;
end $$;

COMMENT ON FUNCTION private.require_lease(seconds integer) IS 'AS006 unless a lease may be so long.';

CREATE FUNCTION private.require_parts(parts jsonb, prefix text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $_$
begin
  if jsonb_typeof(parts) is distinct from 'array' or jsonb_array_length(parts) > private.most_parts_a_call() then
    perform private.refuse('AS006', 'parts must be an array of at most 200 parts.');
  end if;
  -- A machine may point only at what its lease let it write: any other key would later be signed for readers.
  if exists (select from jsonb_array_elements(parts) as p where p ->> 'code' is null
      and p ->> 'key' is distinct from prefix || 'part-' || lpad(p ->> 'position', 6, '0')) then
    perform private.refuse('AS006', 'Each part must be stored as artifact_prefix followed by part- and its position.');
  end if;
  if exists (select from jsonb_array_elements(parts) as p where p ->> 'code' is null
      and coalesce(p ->> 'sha256' ~ '^[0-9a-f]{64}$' and p ->> 'bytes' ~ '^[0-9]{1,15}$', false) is false) then
    perform private.refuse('AS006', 'Each part that is taken needs its bytes and its sha256 (64 hex digits).');
  end if;
end $_$;

COMMENT ON FUNCTION private.require_parts(parts jsonb, prefix text) IS 'AS006 unless the parts are few, each lies where this lease may write, and has its size and hash.';

CREATE FUNCTION private.require_standing(document_id uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.require_standing(document_id uuid) IS 'AS006 unless the words of every claim that is said to stand are words of the stored text.';

CREATE FUNCTION private.require_word(value text, allowed text[], name text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
begin
  if value is null or value <> all (allowed) then
    perform private.refuse('AS006', format('%s must be one of %s.', name, array_to_string(allowed, ', ')));
  end if;
  return value;
end $$;

COMMENT ON FUNCTION private.require_word(value text, allowed text[], name text) IS 'The value, or AS006 naming the allowed words.';

CREATE FUNCTION private.reserve_call(machine text, request jsonb, caps jsonb, hold_seconds integer, message_batch uuid, OUT call_id uuid, OUT message_batch_id uuid, OUT is_new boolean, OUT code text, OUT message text, OUT scope text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  asking uuid := (request ->> 'job_id')::uuid;
  worst_usd numeric := (request ->> 'worst_usd')::numeric;
  question text := case when message_batch is not null then request ->> 'question_sha256' end;
  failed int;
begin
  if coalesce(worst_usd, 0) <= 0 or (message_batch is not null and question is null) then
    perform private.refuse('AS006', 'worst_usd must be above 0, and a batched call needs question_sha256.');
  elsif not exists (select from check_lease(reserve_call.machine, asking, (request ->> 'lease_token')::uuid)) then
    code := 'lease_lost';
    message := 'This job is not held under that lease (any more); drop its result.';
    return;
  end if;
  select c.id, c.message_batch_id into call_id, message_batch_id from claude_calls c
    where c.job_id = asking and c.question_sha256 = question and c.outcome is distinct from 'failed'
    order by c.created_at desc limit 1;
  if call_id is not null then
    return;
  end if;
  -- What was asked before the door last opened failed with everything else.
  select count(*) into failed from claude_calls c where c.job_id = asking and c.question_sha256 = question
    and c.created_at > (select d.since from doors d where d.name = 'claude');
  if failed >= private.most_failed_questions() then
    code := 'asked_twice';
    message := 'This was asked as often as it may be, and no answer came.';
    return;
  end if;
  select r.code, r.message, r.scope into code, message, scope
    from private.find_claude_refusal(asking, worst_usd, caps) r;
  if code is null then
    insert into claude_calls (job_id, document_id, batch_id, machine, message_batch_id, question_sha256, kind, model,
        reserved_usd, expires_at)
      select j.id, j.document_id, j.batch_id, reserve_call.machine, message_batch, question, request ->> 'kind',
        request ->> 'model', worst_usd, now() + make_interval(secs => hold_seconds) from processing_jobs j
      where j.id = asking
      returning claude_calls.id, claude_calls.message_batch_id into call_id, message_batch_id;
    is_new := true;
  end if;
end $$;

COMMENT ON FUNCTION private.reserve_call(machine text, request jsonb, caps jsonb, hold_seconds integer, message_batch uuid, OUT call_id uuid, OUT message_batch_id uuid, OUT is_new boolean, OUT code text, OUT message text, OUT scope text) IS 'Reserves one call, gives back the one that was made for the same question, or says why neither.';

CREATE FUNCTION private.reserved_usd_between(machine public.machines, from_at timestamp with time zone, to_at timestamp with time zone) RETURNS double precision
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  -- A machine whose worker reported was there and was billed, though no list ever showed us its contract.
  select case when machine.status = 'destroyed' and machine.contract_id is null and machine.ready_at is null then 0 else
    (coalesce(machine.usd_per_hour, 0)::double precision + machine.traffic_usd_per_hour) / 3600
      * greatest(0, extract(epoch from
          least(to_at, coalesce(machine.destroyed_at, greatest(now(), machine.reserved_until)))
            - greatest(from_at, machine.intent_at)))
    + case when machine.intent_at >= from_at and machine.intent_at < to_at then machine.pull_usd else 0 end
  end
$$;

COMMENT ON FUNCTION private.reserved_usd_between(machine public.machines, from_at timestamp with time zone, to_at timestamp with time zone) IS 'Worst-case dollars of a machine between two moments: what it costs for sure, and what its reservation still allows.';

CREATE FUNCTION private.return_analysis(job public.processing_jobs, give_back boolean, run_after timestamp with time zone, code text, died boolean DEFAULT false) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update processing_jobs j set status = 'queued', lease_token = null, lease_expires_at = null,
    run_after = return_analysis.run_after, error_code = return_analysis.code,
    attempt = j.attempt - case when give_back and j.attempt > 0 then 1 else 0 end,
    deaths = j.deaths + died::int where j.id = job.id
$$;

COMMENT ON FUNCTION private.return_analysis(job public.processing_jobs, give_back boolean, run_after timestamp with time zone, code text, died boolean) IS 'Puts a held job to analyse back in the line.';

CREATE FUNCTION private.return_job(job public.processing_jobs, kind text, give_back boolean, run_after timestamp with time zone, code text, message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  update processing_jobs j set status = 'queued', lease_token = null, lease_expires_at = null,
    run_after = return_job.run_after, pages_done = 0,
    attempt = j.attempt - case when give_back and j.attempt > 0 then 1 else 0 end,
    deaths = j.deaths + case when return_job.kind = 'job_requeued' then 1 else 0 end,
    error_code = return_job.code, error_message = left(return_job.message, private.longest_reason())
    where j.id = job.id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    values (return_job.kind, job.document_id, job.id, job.batch_id, job.machine,
      jsonb_build_object('attempt', job.attempt, 'code', return_job.code) || case when return_job.kind = 'job_retried'
        then jsonb_build_object('seals', private.seals('document_pages/' || job.id)) else '{}' end);
end $$;

COMMENT ON FUNCTION private.return_job(job public.processing_jobs, kind text, give_back boolean, run_after timestamp with time zone, code text, message text) IS 'Puts a held job back in the queue: after a failure, a release or its worker''s death.';

CREATE FUNCTION private.role_scopes(role text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case role when 'owner' then array['read', 'upload', 'decide', 'admin']
    when 'helper' then array['read', 'upload', 'decide'] when 'lawyer' then array['read'] end
$$;

COMMENT ON FUNCTION private.role_scopes(role text) IS 'What a person of a role may do.';

CREATE FUNCTION private.root_of_copies(document_id uuid) RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce((select d.original_id from duplicates d where d.copy_id = root_of_copies.document_id
    and d.state = 'joined'), root_of_copies.document_id)
$$;

COMMENT ON FUNCTION private.root_of_copies(document_id uuid) IS 'The original of a copy; itself where it is none.';

CREATE FUNCTION private.same_moment() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:20:00'::interval;

COMMENT ON FUNCTION private.same_moment() IS 'Two clocks and two memories differ by so much without a lie.';

CREATE FUNCTION private.same_words() RETURNS real
    LANGUAGE sql IMMUTABLE
    RETURN 0.8;

COMMENT ON FUNCTION private.same_words() IS 'The share of words from which two quotes are one: another reading misreads a word, another judging cuts it a little longer.';

CREATE FUNCTION private.sample_size() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5000;

COMMENT ON FUNCTION private.sample_size() IS 'Newest documents that estimates of pages and of Claude go by: plenty for an average, and one index range.';

CREATE FUNCTION private.seal_access() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  named bigint;
begin
  if (select min(a.created_at) from access_log a where a.bundle is null) > now() - private.longest_unsealed() then
    return;
  end if;
  named := (select max(n.id) from (select a.id from access_log a where a.bundle is null order by a.id
    limit private.most_appended()) n);
  update access_log a set bundle = named where a.bundle is null and a.id <= named;
  if found then
    perform private.record_event(null, 'accessed', jsonb_build_object('until', named), array['access_log/' || named]);
  end if;
end $$;

COMMENT ON FUNCTION private.seal_access() IS 'Seals the entries of the access log since the last time as one, which is cheaper than an event for each look.';

CREATE FUNCTION private.seal_digests(named text[]) RETURNS bytea[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET extra_float_digits TO '1'
    SET enable_seqscan TO 'off'
    AS $$
    declare
      sealed text;
      words text[];
      scope text[];
      digests bytea;
      found_digests bytea[] := '{}';
    begin
      foreach sealed in array named loop
        words := string_to_array(sealed, '/');
        case words[1]
        when 'access_log' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('action', t.action, 'address', t.address, 'bundle', t.bundle, 'created_at', t.created_at, 'document_id', t.document_id, 'id', t.id, 'person', t.person, 'route', t.route, 'status', t.status, 'via', t.via)::text from public.access_log t where t.bundle = (scope)[1]::bigint order by t.id) as lines(line);
        when 'analysis_runs' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('accepted', t.accepted, 'analysis', t.analysis, 'analyst', t.analyst, 'created_at', t.created_at, 'document_id', t.document_id, 'id', t.id, 'inputs_sha256', t.inputs_sha256, 'job_id', t.job_id, 'model', t.model, 'outcome', t.outcome, 'prompt_version', t.prompt_version, 'reason', t.reason, 'seconds', t.seconds, 'seq', t.seq)::text from public.analysis_runs t where t.job_id = (scope)[1]::uuid order by t.id) as lines(line);
        when 'binder_members' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('binder_id', t.binder_id, 'document_id', t.document_id, 'pages', t.pages, 'position', t."position")::text from public.binder_members t where t.binder_id = (scope)[1]::uuid order by t.binder_id, t."position") as lines(line);
        when 'binders' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('created_at', t.created_at, 'dissolved_at', t.dissolved_at, 'document_id', t.document_id, 'position', t."position", 'set_id', t.set_id)::text from public.binders t where t.document_id = (scope)[1]::uuid order by t.document_id) as lines(line);
        when 'case_decisions' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('about', t.about, 'decided_at', t.decided_at, 'decided_by', t.decided_by, 'id', t.id, 'said', t.said, 'verb', t.verb, 'why', t.why)::text from public.case_decisions t where t.id = (scope)[1]::bigint order by t.id) as lines(line);
        when 'decision_changes' then scope := words[2 : 2] || array_to_string(words[3 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('after', t.after, 'before', t.before, 'decision_id', t.decision_id, 'document_id', t.document_id, 'name', t.name)::text from public.decision_changes t where t.decision_id = (scope)[1]::uuid and t.document_id = (scope)[2]::uuid order by t.decision_id, t.document_id, t.name) as lines(line);
        when 'decisions' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('decided_at', t.decided_at, 'decided_by', t.decided_by, 'documents', t.documents, 'id', t.id, 'names', t.names, 'seq', t.seq, 'undoes', t.undoes, 'why', t.why)::text from public.decisions t where t.id = (scope)[1]::uuid order by t.id) as lines(line);
        when 'document_claims' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('accepted', t.accepted, 'box', t.box, 'differs', t.differs, 'document_id', t.document_id, 'id', t.id, 'is_own', t.is_own, 'kind', t.kind, 'number', t.number, 'page', t.page, 'place', t.place, 'quote', t.quote, 'readings', t.readings, 'reason', t.reason, 'role', t.role, 'start', t.start, 'state', t.state, 'stated_by', t.stated_by, 'value', t.value)::text from public.document_claims t where t.document_id = (scope)[1]::uuid order by t.id) as lines(line);
        when 'document_findings' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('differs', t.differs, 'document_id', t.document_id, 'explanation', t.explanation, 'kind', t.kind, 'page', t.page, 'quote', t.quote, 'score', t.score, 'state', t.state, 'verified', t.verified)::text from public.document_findings t where t.document_id = (scope)[1]::uuid order by t.id) as lines(line);
        when 'document_journal' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('arrival', t.arrival, 'created_at', t.created_at, 'google_drive_id', t.google_drive_id, 'id', t.id, 'object_key', t.object_key, 'original_filename', t.original_filename, 'source', t.source, 'source_version', t.source_version, 'telegram_chat_id', t.telegram_chat_id, 'telegram_message_id', t.telegram_message_id)::text from public.document_journal t where t.id = (scope)[1]::uuid order by t.id) as lines(line);
        when 'document_pages' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('confidence', t.confidence, 'document_id', t.document_id, 'engine', t.engine, 'hidden_words', t.hidden_words, 'job_id', t.job_id, 'letters', t.letters, 'outcome', t.outcome, 'page', t.page, 'reason', t.reason, 'rotation', t.rotation, 'seconds', t.seconds, 'words', t.words)::text from public.document_pages t where t.job_id = (scope)[1]::uuid order by t.job_id, t.page) as lines(line);
        when 'document_parts' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('bytes', t.bytes, 'child_id', t.child_id, 'code', t.code, 'dated', t.dated, 'depth', t.depth, 'journal_id', t.journal_id, 'mime_type', t.mime_type, 'name', t.name, 'parent_id', t.parent_id, 'position', t."position", 'role', t.role, 'root_id', t.root_id, 'sha256', t.sha256)::text from public.document_parts t where t.parent_id = (scope)[1]::uuid order by t.parent_id, t."position") as lines(line);
        when 'document_repository' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('created_at', t.created_at, 'document_id', t.document_id, 'text', t.text, 'words', t.words)::text from public.document_repository t where t.document_id = (scope)[1]::uuid order by t.document_id) as lines(line);
        when 'document_transcriptions' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('created_at', t.created_at, 'document_id', t.document_id, 'doubtful_lines', t.doubtful_lines, 'engine', t.engine, 'id', t.id, 'kind', t.kind, 'model', t.model, 'outcome', t.outcome, 'page', t.page, 'place', t.place, 'run_id', t.run_id, 'text', t.text)::text from public.document_transcriptions t where t.document_id = (scope)[1]::uuid order by t.id) as lines(line);
        when 'judgements' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('decided_at', t.decided_at, 'decided_by', t.decided_by, 'decision_id', t.decision_id, 'document_id', t.document_id, 'name', t.name, 'value', t.value)::text from public.judgements t where t.document_id = (scope)[1]::uuid order by t.document_id, t.name) as lines(line);
        when 'mails' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('document_id', t.document_id, 'message_id', t.message_id, 'recipients', t.recipients, 'sender', t.sender, 'sent', t.sent, 'sent_at', t.sent_at, 'subject', t.subject, 'thread_id', t.thread_id)::text from public.mails t where t.document_id = (scope)[1]::uuid order by t.document_id) as lines(line);
        when 'master_document_registry' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('analysed_at', t.analysed_at, 'analyst', t.analyst, 'bytes', t.bytes, 'case_number', t.case_number, 'court', t.court, 'dates', t.dates, 'disagreements', t.disagreements, 'dissolved_at', t.dissolved_at, 'document_date', t.document_date, 'document_type', t.document_type, 'duplicate_of', t.duplicate_of, 'fallback_reason', t.fallback_reason, 'fraud_score', t.fraud_score, 'id', t.id, 'justice_score', t.justice_score, 'key_facts', t.key_facts, 'legal_credit_score', t.legal_credit_score, 'live_mark', t.live_mark, 'model', t.model, 'original_filename', t.original_filename, 'parties', t.parties, 'perjury_score', t.perjury_score, 'relevancy_score', t.relevancy_score, 'run_id', t.run_id, 'score_evidence', t.score_evidence, 'source', t.source, 'summary', t.summary, 'truth_score', t.truth_score)::text from public.master_document_registry t where t.id = (scope)[1]::uuid order by t.id) as lines(line);
        when 'pair_decisions' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('a_document', t.a_document, 'a_quote', t.a_quote, 'b_document', t.b_document, 'b_quote', t.b_quote, 'carried_from', t.carried_from, 'decided_at', t.decided_at, 'decided_by', t.decided_by, 'id', t.id, 'pair_id', t.pair_id, 'state', t.state, 'why', t.why)::text from public.pair_decisions t where t.id = (scope)[1]::bigint order by t.id) as lines(line);
        when 'people_decisions' then scope := words[2 : 1] || array_to_string(words[2 :], '/'); select string_agg(sha256(convert_to(line, 'UTF8')), '') into digests from (select jsonb_build_object('a_keys', t.a_keys, 'b_keys', t.b_keys, 'decided_at', t.decided_at, 'decided_by', t.decided_by, 'id', t.id, 'kept_id', t.kept_id, 'kind', t.kind, 'other_id', t.other_id, 'seq', t.seq, 'undone_at', t.undone_at, 'undone_by', t.undone_by, 'why', t.why)::text from public.people_decisions t where t.id = (scope)[1]::uuid order by t.id) as lines(line);
        end case;
        found_digests := found_digests || coalesce(digests, '');
      end loop;
      return found_digests;
    end $$;

COMMENT ON FUNCTION private.seal_digests(named text[]) IS 'The SHA-256 of each row that `table/scope` names, one after the other. Written by write_seal_reader.';

CREATE FUNCTION private.seal_reading(job public.processing_jobs, is_first boolean, has_parts boolean, shown boolean, result jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  named text[] := array['document_pages/' || job.id, 'document_repository/' || job.document_id,
    'master_document_registry/' || job.document_id, 'analysis_runs/' || job.id];
begin
  -- What has no row, and of which no event ever told one, needs no word: a row that is added would be one too many.
  if has_parts then
    named := named || ('document_parts/' || job.document_id);
  end if;
  if not is_first or jsonb_typeof(result -> 'mail') = 'object' then
    named := named || ('mails/' || job.document_id);
  end if;
  if shown and (not is_first or result -> 'analysis' -> 'claims' <> '[]') then
    named := named || array['document_claims/' || job.document_id, 'document_findings/' || job.document_id];
  end if;
  if shown and (not is_first or coalesce(result -> 'analysis' -> 'transcriptions', 'null') <> 'null') then
    named := named || ('document_transcriptions/' || job.document_id);
  end if;
  return private.seals(variadic named);
end $$;

COMMENT ON FUNCTION private.seal_reading(job public.processing_jobs, is_first boolean, has_parts boolean, shown boolean, result jsonb) IS 'Seals of all that a completed reading wrote.';

CREATE FUNCTION private.seal_run(job public.processing_jobs, shown boolean) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select private.seals('analysis_runs/' || job.id) || case when shown then private.seals(
    'document_claims/' || job.document_id, 'document_findings/' || job.document_id,
    'document_transcriptions/' || job.document_id, 'master_document_registry/' || job.document_id) else '{}' end
$$;

COMMENT ON FUNCTION private.seal_run(job public.processing_jobs, shown boolean) IS 'Seals of an analysis that was just made and, if it is shown, of all that it published.';

CREATE FUNCTION private.sealed_sets() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN '{access_log,analysis_runs,binder_members,decision_changes,document_claims,document_findings,document_pages,document_parts,document_transcriptions,judgements}'::text[];

COMMENT ON FUNCTION private.sealed_sets() IS 'Tables whose rows of a scope are sealed as a set. Written by write_seal_reader.';

CREATE FUNCTION private.seals(VARIADIC named text[]) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  each_seal text;
  digests bytea;
  all_digests bytea[] := private.seal_digests(named);
  told jsonb := '{}';
  sets text[] := '{}';
  of_sets bytea[] := '{}';
  empty text[] := '{}';
begin
  for place in 1 .. cardinality(named) loop
    each_seal := named[place];
    digests := all_digests[place];
    told := told || jsonb_build_object(each_seal, encode(sha256(digests), 'hex'));
    if split_part(each_seal, '/', 1) = any (private.sealed_sets()) then
      -- Most documents have nothing of most kinds: no row says the same as an empty one.
      if digests <> '' then
        sets := sets || each_seal;
        of_sets := of_sets || digests;
      else
        empty := empty || each_seal;
      end if;
    end if;
  end loop;
  if sets <> '{}' then
    insert into record_seals as s select * from unnest(sets, of_sets)
      on conflict (sealed) do update set digests = excluded.digests where s.digests <> excluded.digests;
  end if;
  if empty <> '{}' then
    delete from record_seals s where s.sealed = any (empty);
  end if;
  return told;
end $$;

COMMENT ON FUNCTION private.seals(VARIADIC named text[]) IS '{"table/scope": SHA-256} of rows that the caller has just written: for `seals` in the payload of its event.';

CREATE FUNCTION private.search_condition(search jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

COMMENT ON FUNCTION private.search_condition(search jsonb) IS 'A search as a condition on document_index i: only what is asked for, so that each is planned by its own indexes; a minus sign asks for those that have none.';

CREATE FUNCTION private.search_vector(words text, day_order text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'private', 'pg_temp'
    AS $$
  -- Stems first: their positions come first then, and ts_rank counts them apart from the words as they stand.
  select setweight(to_tsvector('pg_catalog.english', plain), 'B')
    || setweight(to_tsvector('pg_catalog.simple', plain), 'A')
    || array_to_tsvector(private.find_marks(words, day_order))
  from (select private.plain_words(words) as plain offset 0) as p
$$;

COMMENT ON FUNCTION private.search_vector(words text, day_order text) IS 'How a text is indexed: stems, plain words and marks.';

CREATE FUNCTION private.session_idles() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ select interval '2 hours' $$;

COMMENT ON FUNCTION private.session_idles() IS 'A long paper is read without asking us for anything; a left computer is not open over night.';

CREATE FUNCTION private.session_lasts() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ select interval '12 hours' $$;

COMMENT ON FUNCTION private.session_lasts() IS 'A working day: a stolen cookie is worth no more than that.';

CREATE FUNCTION private.shared_words(one text, other text) RETURNS real
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  with words as (
    select array(select distinct w from regexp_split_to_table(lower(one), '\W+') w where w <> '') as a,
      array(select distinct w from regexp_split_to_table(lower(other), '\W+') w where w <> '') as b
  ), shared as (
    select cardinality(array(select unnest(a) intersect select unnest(b))) as n, cardinality(a) + cardinality(b) as sum
    from words
  )
  select case when sum = 0 then 0 else n::real / (sum - n) end from shared
$$;

COMMENT ON FUNCTION private.shared_words(one text, other text) IS 'Words that both have, as a share of all.';

CREATE FUNCTION private.shares_of(ids uuid[]) RETURNS TABLE(document_id uuid, name text, n numeric)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $_$
#variable_conflict use_column
begin
  -- Planned once a connection: it takes longer to plan than to run.
  return query with known as materialized (
    select d as document, d.id, d.duplicate_of is null and d.dissolved_at is null as is_shown, j as job,
      j.status, j.pages_total, private.is_told_by_binder(d) as is_told
    from master_document_registry d left join processing_jobs j on j.id = d.job_id where d.id = any (ids)
  ), shown as materialized (
    select (k.document).*, k.job, k.status, k.pages_total, k.is_told from known k where k.is_shown
  ), entered as (
    select k.id, k.job, k.status, p.parts, p.left_out from known k cross join lateral (select count(*) as parts,
      count(*) filter (where p.child_id is null) as left_out from document_parts p where p.parent_id = k.id) p
    where exists (select from document_journal e where e.document_id = k.id)
  ), told as (
    select f.document_id, f.kind, f.verified, coalesce(f.score, 0) as score from shown s
      join document_findings f on f.document_id = s.id where not s.is_told and not f.is_wrong
  ), runs as (
    select r.document_id, coalesce(j.pages_total, 0) as pages, private.job_claude_usd(r.job_id) as usd
    from analysis_runs r join processing_jobs j on j.id = r.job_id where r.document_id = any (ids)
      and r.analyst = 'claude'
  )
  select e.id, t.name, t.n from entered e cross join lateral (values
    ('total:documents', 1), ('total:' || case when e.status in ('queued', 'processing') then 'open'
      else e.status end, 1), ('total:parts', e.parts), ('total:parts_left_out', e.left_out),
    ('total:pages', case when e.status in ('completed', 'failed') then (e.job).pages_total end),
    ('total:pages_accounted', case when e.status in ('completed', 'failed') then (e.job).pages_accounted end),
    ('total:unsettled', 1 - private.is_settled(e.job, e.parts)::int)) t(name, n) where t.n <> 0 and t.name is not null
  union all
  select s.id, t.name, t.n from shown s cross join lateral (values
    ('shown:documents', 1), ('shown:analysed', (s.analysed_at is not null)::int), ('shown:pages', s.pages_total),
    ('shown:dated', (s.document_date between date '0001-01-01' and date '9999-12-31')::int),
    ('judged:' || s.judged, 1), ('type:' || left(s.document_type, private.longest_word()), 1),
    ('source:' || s.source, 1), ('analyst:' || left(s.analyst, private.longest_word()), 1)) t(name, n)
  where t.n <> 0 and t.name is not null
  union all
  select s.id, format('score:%s:%s', t.name, least(width_bucket(t.score, t.low, t.high, 10), 10)), 1
  from shown s cross join lateral (values ('truth_score', s.truth_score, 0, 100),
    ('justice_score', s.justice_score, 0, 100), ('fraud_score', s.fraud_score, 0, 100),
    ('perjury_score', s.perjury_score, 0, 100), ('legal_credit_score', s.legal_credit_score, 300, 850),
    ('relevancy_score', s.relevancy_score, 0, 1000)) t(name, score, low, high)
  where t.score is not null and t.name <> all (s.unproven_scores)
  union all
  select f.document_id, case when f.verified then 'finding:' || f.kind else 'shown:unproven' end, count(*) from told f
    group by 1, 2
  union all
  select f.document_id, format('strength:%s:%s', f.kind, case when f.score < 40 then 1 when f.score < 70 then 2
    else 3 end), count(*) from told f where f.verified group by 1, 2
  union all
  select distinct s.id, 'party:' || jsonb_build_array(left(party ->> 'name', private.longest_word()),
    case jsonb_typeof(party -> 'role') when 'string' then left(party ->> 'role', private.longest_word()) end)::text, 1
  from shown s cross join jsonb_path_query(s.parties, '$[*] ? (@.name.type() == "string")') as party
  where party ->> 'name' <> ''
  union all
  select s.id, t.name, t.n from shown s left join batches b on b.id = (s.job).batch_id cross join lateral (select
      exists (select from processing_jobs a where a.document_id = s.id and a.kind = 'analyse'
        and a.status in ('queued', 'processing')) as is_open, (select a.status = 'failed' from processing_jobs a
        where a.document_id = s.id and a.kind = 'analyse' order by a.seq desc limit 1) as has_failed
      offset 0) a  -- looked up once, and not wherever it is named
    cross join lateral (select case when s.fallback_reason = 'claude_off' and (s.job).allow_claude then
      case when not coalesce(b.allow_claude, true) or private.is_sealed(s.id) then 'not_allowed'
        when a.is_open then 'waiting' else 'documents' end end as no_key offset 0) k
    cross join lateral (values
      (case when s.judged <> 'none' then 'read:judged' when not a.is_open then 'read:sorted' end, 1),
      (case when s.judged = 'none' and a.has_failed then 'read:failed' end, 1),
      (case when s.judged = 'none' and a.has_failed then 'failed:' || (s.job).batch_id end, 1),
      ('no_key:' || k.no_key, 1), (case when k.no_key = 'documents' then 'no_key:pages' end, s.pages_total)) t(name, n)
  where s.status = 'completed' and t.name is not null and t.n <> 0
  union all
  select r.document_id, t.name, t.n from (select document_id, sum(pages) as pages, sum(usd) as usd from runs
      group by 1) r
    cross join lateral (values ('spent:documents', 1), ('spent:pages', r.pages), ('spent:usd', r.usd)) t(name, n)
  where t.n <> 0;
end $_$;

COMMENT ON FUNCTION private.shares_of(ids uuid[]) IS 'What these documents add to the sums now.';

CREATE FUNCTION private.shortest_lease() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 5;

COMMENT ON FUNCTION private.shortest_lease() IS 'Seconds: a lease must outlive a heartbeat that comes late, if only in tests.';

CREATE FUNCTION private.shortest_offer() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:01:00'::interval;

COMMENT ON FUNCTION private.shortest_offer() IS 'How long a consumer has for an event before it is offered again: a notice takes a second, a restart half a minute.';

CREATE FUNCTION private.show_decision(decision public.decisions) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION private.show_decision(decision public.decisions) IS 'All that a decision changes beside itself: the registry, findings, the chain of events, the index.';

CREATE FUNCTION private.show_marks(document_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform private.count_names(document_id, -1);
  perform private.put_marks(document_id);
  perform private.count_names(document_id, 1);
  perform private.refresh_people(array[document_id]);
end $$;

COMMENT ON FUNCTION private.show_marks(document_id uuid) IS 'A person marked something in a document, or took it back.';

CREATE FUNCTION private.show_pairs(document_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.show_pairs(document_id uuid) IS 'Writes the newest verdict and decision of the pairs of a document into them.';

CREATE FUNCTION private.shown_side(document_id uuid, side jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select jsonb_build_object('quote', side ->> 'quote', 'voice', side ->> 'voice', 'starts', side ->> 'starts',
    'paper', d.document_type, 'paper_date', d.document_date, 'before', w.before, 'after', w.after,
    'speaker', (select s.name from people s where s.id = (side ->> 'speaker_id')::uuid))
  from master_document_registry d left join lateral get_words_around(d.id, (side ->> 'page')::int,
    (side ->> 'start')::int, length(side ->> 'quote')) w on true where d.id = shown_side.document_id
$$;

COMMENT ON FUNCTION private.shown_side(document_id uuid, side jsonb) IS 'A side of a pair as Claude is shown it: never a file''s name.';

CREATE FUNCTION private.side_stands(document_id uuid, side jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select private.words_stand(side_stands.document_id, (side ->> 'page')::int, (side ->> 'start')::int, side ->> 'quote')
$$;

COMMENT ON FUNCTION private.side_stands(document_id uuid, side jsonb) IS 'Whether a side of a pair is words of the text that is stored now.';

CREATE FUNCTION private.signs_of(name_id bigint) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  with recursive signs as (
    (select s.sign from case_name_signs s where s.name_id = signs_of.name_id order by s.sign limit 1)
    union all
    select (select s.sign from case_name_signs s where s.name_id = signs_of.name_id and s.sign > l.sign
      order by s.sign limit 1) from signs l where l.sign is not null
  )
  select coalesce(array_agg(l.sign order by l.sign), '{}') from signs l where l.sign is not null
$$;

COMMENT ON FUNCTION private.signs_of(name_id bigint) IS 'What papers say of a name, each sign once, looked up sign by sign: a name stands in thousands of papers.';

CREATE FUNCTION private.sort_key(sort text, descending boolean) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case sort when 'received' then 'i.seq' when 'name' then 'lower(i.name)'
    when 'type' then 'coalesce(i.type, '''')' when 'relevancy' then 'coalesce(i.relevancy, -1)'
    when 'date' then format('coalesce(i.day, %L)', case when descending then '-infinity' else 'infinity' end) end
$$;

COMMENT ON FUNCTION private.sort_key(sort text, descending boolean) IS 'What lists are sorted by; documents without a date come last either way.';

CREATE FUNCTION private.sound_for() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:15:00'::interval;

COMMENT ON FUNCTION private.sound_for() IS 'For so long after a careful call a fault at the same door is taken for the document''s own.';

CREATE FUNCTION private.sound_of(word text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select left(w, 1) || regexp_replace(substr(w, 2), '[aeiouyhw]', '', 'g') from (
    select regexp_replace(translate(replace(replace(word, 'ph', 'f'), 'ck', 'k'), 'cqz', 'kks'),
      '(.)\1+', '\1', 'g') as w
  ) as folded
$$;

COMMENT ON FUNCTION private.sound_of(word text) IS 'The consonants of a word, without doubles; c, ck and q are k, z is s, ph is f.';

CREATE FUNCTION private.spaced_code() RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN '\m[[:alpha:]]{1,4}(?: \d{2,8}){2,3}\M|\m[[:alpha:]]{2,4} \d{5,8}\M'::text;

COMMENT ON FUNCTION private.spaced_code() IS 'A number of letters and digits parted by blanks, as FL 2024 001.';

CREATE FUNCTION private.speaks_of(spoken text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  select case
    when words ~* '(^|[^a-z])(child|children|minor|custody.?eval|guardian|gal.?report|school|daycare|pediatri'
      '|ni[ñn][oa]|menor|escuela|guarder)|(^|[^a-z0-9])(cps|dcf)($|[^a-z0-9])'
      then 'child'
    when words ~* '(^|[^a-z])(m[eé]dic|hospital|doctor|diagnos|therap|psych|prescription|clinic|health|dental'
      '|salud|terap|psic[oó]l)'
      then 'health'
    when words ~* '(^|[^a-z])(bank|tax|pay.?stub|payroll|payslip|salary|credit.?card|mortgage|income'
      '|banco|impuesto|n[oó]mina|salario)|(^|[^a-z0-9])(w-?2|1099|1040)($|[^a-z0-9])'
      then 'money' end
  -- A number by chance is none: of two thousand files named by a UUID, one in sixteen times one would be a tax form.
  from (select regexp_replace(spoken, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '', 'gi') as words offset 0) as w
$_$;

COMMENT ON FUNCTION private.speaks_of(spoken text) IS 'child, health or money, where a name or a type says so: a guess from a few words, before anybody has read it.';

CREATE FUNCTION private.speed_memory() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '30 days'::interval;

COMMENT ON FUNCTION private.speed_memory() IS 'How far back measured speeds of a GPU count: newer images read at other speeds.';

CREATE FUNCTION private.spelling_keys(word text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'private', 'pg_temp'
    AS $$
  select array_agg(distinct key) from (
    select left(word, n - 1) || substr(word, n + 1) as key from generate_series(1, length(word)) as n
    union all select word
    union all select '/' || private.sound_of(word) where length(private.sound_of(word)) >= 3
  ) as keys
$$;

COMMENT ON FUNCTION private.spelling_keys(word text) IS 'Two words that share a key are near in spelling: the word, the word without any one letter, its consonants.';

CREATE FUNCTION private.spent(machine_usd numeric, claude_usd numeric) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select jsonb_build_object('machine_usd', machine_usd, 'claude_usd', claude_usd, 'total_usd', machine_usd + claude_usd)
$$;

COMMENT ON FUNCTION private.spent(machine_usd numeric, claude_usd numeric) IS '{machine_usd, claude_usd, total_usd}, as every answer tells it.';

CREATE FUNCTION private.split_text(words text) RETURNS TABLE(passage integer, page integer, start integer, content text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.split_text(words text) IS 'Passages of a text whose pages are parted by form feeds.';

CREATE FUNCTION private.stamp_pause() RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN '00:00:10'::interval;

COMMENT ON FUNCTION private.stamp_pause() IS 'How often a machine that completes documents has its row written for them: it ends a hundred in that time, and each writing is a version of the row. So long its counts and left_at may lag, never longer.';

CREATE FUNCTION private.stand_pairs(document_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.stand_pairs(document_id uuid) IS 'Whether the pairs of a document still stand, and where.';

CREATE FUNCTION private.state_names() RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select '\m(Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho'
    '|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi'
    '|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio'
    '|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia'
    '|Washington|West Virginia|Wisconsin|Wyoming|Mexico|Canada)\M'
$$;

COMMENT ON FUNCTION private.state_names() IS 'A pattern of the states of the US and the countries beside them: orders say which may not be left.';

CREATE FUNCTION private.store_claims(document_id uuid, given jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.store_claims(document_id uuid, given jsonb) IS 'The statements of a document in place of earlier ones. Those with the same words keep their id, and their times their event.';

CREATE FUNCTION private.store_names(document_id uuid, given jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.store_names(document_id uuid, given jsonb) IS 'The names of a document, and what it says of them.';

CREATE FUNCTION private.store_terms(document_id uuid, given jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.store_terms(document_id uuid, given jsonb) IS 'The terms of an order in place of earlier ones. What a person decided stays, and says whether it stands still.';

CREATE FUNCTION private.stricter_placement(one text, other text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case when 'local_only' in (one, other) then 'local_only' when 'datacenter_only' in (one, other)
    then 'datacenter_only' else 'any_host' end
$$;

COMMENT ON FUNCTION private.stricter_placement(one text, other text) IS 'The one of two placements that fewer machines satisfy.';

CREATE FUNCTION private.sum_objects(VARIADIC kinds text[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select jsonb_object_agg(k.kind, coalesce(s.told, '{}')) from unnest(kinds) as k(kind)
    left join (select n.kind, jsonb_object_agg(n.name, n.n) as told from private.sums_now(kinds) n group by 1) s
    on s.kind = k.kind
$$;

COMMENT ON FUNCTION private.sum_objects(VARIADIC kinds text[]) IS 'The sums of some kinds: {kind: {what: number}}.';

CREATE FUNCTION private.sums_now(kinds text[]) RETURNS TABLE(kind text, name text, n numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'on'
    AS $$
  with fresh as materialized (
    select private.with_members(coalesce(array_agg(distinct u.document_id) filter (where u.document_id is not null),
        '{}')) as ids, count(*) >= private.most_looked_through() as has_more
      from private.unfollowed(private.most_looked_through()) u
  ), changes as materialized (
    select split_part(c.name, ':', 1) as kind, c.name, c.n from (
      select s.name, s.n from fresh f cross join private.shares_of(f.ids) s where f.ids <> '{}'
      union all select b.key, -b.value::numeric from fresh f join document_shares o on o.document_id = any (f.ids)
        cross join jsonb_each_text(o.shares) b
      union all select 'total:unsettled', 1 from fresh f where f.has_more) c
  )
  select t.kind, substr(t.name, length(t.kind) + 2), sum(t.n) from (
    select k.kind, s.name, s.n from unnest(kinds) as k(kind) join document_sums s on s.name >= k.kind || ':'
      and s.name < k.kind || ';'
    union all select c.kind, c.name, c.n from changes c where c.kind = any (kinds)) t
  group by t.kind, t.name having sum(t.n) <> 0
$$;

COMMENT ON FUNCTION private.sums_now(kinds text[]) IS 'The sums of some kinds as they are now: what is folded, and the few documents that changed since, which are counted once for all of the kinds.';

CREATE FUNCTION private.sums_of(kind text) RETURNS TABLE(name text, n numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select s.name, s.n from private.sums_now(array[sums_of.kind]) s
$$;

COMMENT ON FUNCTION private.sums_of(kind text) IS 'The sums of one kind as they are now.';

CREATE FUNCTION private.sweep_size() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 500;

COMMENT ON FUNCTION private.sweep_size() IS 'Jobs that one call of release_expired_jobs clears up of each kind: a second''s work, and it comes back soon.';

CREATE FUNCTION private.tags_of(document_id uuid) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select array(select substr(j.name, 5) from judgements j where j.document_id = tags_of.document_id
    and j.name >= 'tag:' and j.name < 'tag;' order by 1)
$$;

COMMENT ON FUNCTION private.tags_of(document_id uuid) IS 'The tags of a document, in order.';

CREATE FUNCTION private.take_analyses(wanted integer) RETURNS uuid[]
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  with recursive live (id) as (
    (select lane_id from processing_jobs where kind <> 'read' and status = 'queued' and run_after is null
      order by lane_id limit 1)
    union all
    select (select j.lane_id from processing_jobs j where j.kind <> 'read' and j.status = 'queued'
      and j.run_after is null and j.lane_id > live.id order by j.lane_id limit 1) from live where live.id is not null
  ), lane as (
    select l.id, l.priority from live join lanes l on l.id = live.id left join batches b on b.id = l.batch_id
    where b.id is null or (b.status not in ('paused', 'stopped') and not private.is_capped('batch', b.id::text))
  ), first as (
    select j.id from lane cross join lateral (select j.id, j.precedence, j.seq from processing_jobs j
      where j.lane_id between lane.id and lane.id and j.kind <> 'read' and j.status = 'queued'
        and (j.kind = 'analyse' or not private.is_paused('claude'))
        and j.run_after is null and not private.is_capped('document', j.document_id::text)
      order by j.lane_id, j.precedence, j.seq limit wanted) j
    order by private.priority_rank(lane.priority), j.precedence, j.seq limit wanted
  )
  select array(select j.id from processing_jobs j where j.id = any (array(select id from first))
    and j.status = 'queued' for no key update skip locked)
$$;

COMMENT ON FUNCTION private.take_analyses(wanted integer) IS 'Locks up to "wanted" jobs to analyse or compare: by priority, then the most relevant by the rules, then the oldest; none of a paused batch, nor of a batch or document whose cap was reached. While Claude is paused none to compare: those are asked in batches, and a probe wants its answer at once.';

CREATE FUNCTION private.take_check(caller public.machines, placements text[]) RETURNS uuid[]
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select array(select j.id from processing_jobs j where j.status = 'queued' and j.id = (
    select c.id from (select w.* from processing_jobs w where w.kind = 'check' and w.status = 'queued'
        and (w.run_after is null or w.run_after <= now()) order by w.seq limit private.checks_looked_at()) c
      join processing_jobs r on r.id = c.check_of join machines m on m.label = r.machine
    where c.placement = any (placements) and m.label <> caller.label
      and (m.machine_id is null or m.machine_id is distinct from caller.machine_id)
      and (m.host_id is null or m.host_id is distinct from caller.host_id)
      and not exists (select from reading_checks k join machines o on o.label = k.checker where k.job_id = r.id
        and (o.label = caller.label or o.host_id = caller.host_id))
    order by c.seq limit 1) for no key update skip locked)
$$;

COMMENT ON FUNCTION private.take_check(caller public.machines, placements text[]) IS 'At most one document to read again, of a machine of another host.';

CREATE FUNCTION private.take_from_lanes(wanted integer, placements text[], OUT taken uuid[], OUT untidy bigint[], OUT is_tidying boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
declare
  lanes bigint[];
  firsts bigint[];
  turn bigint;
  step int;
  place int;
  visited int;
  share int;
  asked int;
  before int;
  found_ids uuid[];
begin
  taken := '{}';
  untidy := '{}';
  for each_rank in 1 .. 3 loop
    exit when cardinality(taken) >= wanted;
    select array_agg(l.lane_id order by l.lane_id), array_agg(l.first_seq order by l.lane_id) into lanes, firsts
      from (select s.lane_id, min(s.first_seq) as first_seq from private.open_lanes(placements) s
        where s.rank = each_rank group by s.lane_id) l;
    continue when lanes is null;
    turn := nextval('private.turns');
    -- Turns go on by the lanes that a claim visits: of each so many claims exactly one begins so near to a multiple.
    step := greatest(least(wanted - cardinality(taken), cardinality(lanes) - 1), 1);
    is_tidying := turn % (step * private.tidying_interval()) < step;
    loop
      before := cardinality(taken);
      visited := 0;
      -- What a lane has too few of is shared out in the next round, and does not all fall to the lane after it.
      share := ceil((wanted - before)::numeric / cardinality(lanes));
      while visited < cardinality(lanes) and cardinality(taken) < wanted loop
        place := 1 + (turn + visited) % cardinality(lanes);
        asked := least(share, wanted - cardinality(taken));
        -- "between", because with "=" the planner may walk the index on seq, past every job that ever ended.
        found_ids := array(select j.id from processing_jobs j
          where j.lane_id between lanes[place] and lanes[place] and j.ready and j.seq >= firsts[place]
            and j.id <> all (taken) order by j.lane_id, j.seq limit asked for no key update skip locked);
        taken := taken || found_ids;
        visited := visited + 1;
        if is_tidying or cardinality(found_ids) < asked then
          untidy := untidy || lanes[place];
        end if;
      end loop;
      -- The next claim begins where this one ended, or one further where it took from all.
      perform nextval('private.turns') from generate_series(2, least(visited, cardinality(lanes) - 1));
      exit when cardinality(taken) in (before, wanted);
    end loop;
  end loop;
end $$;

COMMENT ON FUNCTION private.take_from_lanes(wanted integer, placements text[], OUT taken uuid[], OUT untidy bigint[], OUT is_tidying boolean) IS 'Locks up to "wanted" jobs: priority by priority, an equal share from each lane, the lanes in turn; and says which lanes it found empty or is to tidy, and whether it is the turn to.';

CREATE FUNCTION private.take_suspect(placements text[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
  head record;
  found_ids uuid[] := '{}';
begin
  for head in
    -- A loose index scan: one probe for each lane that has suspects, however many.
    with recursive lane (id, seq) as (
      (select j.lane_id, j.seq from processing_jobs j where j.status = 'queued' and j.deaths > 0 and j.kind = 'read'
        and j.run_after is null order by j.lane_id, j.seq limit 1)
      union all
      select n.lane_id, n.seq from lane cross join lateral (select j.lane_id, j.seq from processing_jobs j
        where j.status = 'queued' and j.deaths > 0 and j.kind = 'read' and j.run_after is null and j.lane_id > lane.id
        order by j.lane_id, j.seq limit 1) n
    )
    select lane.id, private.priority_rank(l.priority) as rank from lane join lanes l on l.id = lane.id
      left join batches b on b.id = l.batch_id
    where l.placement = any (placements) and (b.id is null or b.status not in ('paused', 'stopped'))
    order by 2, lane.seq
  loop
    exit when exists (select from private.open_lanes(placements) s where s.rank < head.rank and exists (select
      from processing_jobs j where j.lane_id = s.lane_id and j.ready and j.seq >= s.first_seq));
    found_ids := array(select j.id from processing_jobs j where j.lane_id between head.id and head.id
      and j.status = 'queued' and j.deaths > 0 and j.kind = 'read' and j.run_after is null
      order by j.lane_id, j.seq limit 1 for no key update skip locked);
    exit when found_ids <> '{}';
  end loop;
  return found_ids;
end $$;

COMMENT ON FUNCTION private.take_suspect(placements text[]) IS 'At most one job that has seen a worker die; none while a higher priority waits.';

CREATE TABLE public.alarms (
    id bigint NOT NULL,
    name text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    message text NOT NULL,
    raised_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    announced_at timestamp with time zone DEFAULT now() NOT NULL,
    told_at timestamp with time zone,
    cleared_at timestamp with time zone,
    cleared_by text,
    settled_at timestamp with time zone,
    CONSTRAINT alarms_name_check CHECK ((name ~ '^[a-z][a-z_]*$'::text))
);

COMMENT ON TABLE public.alarms IS 'Alarms for people, never with a word of a document. Open are those that are not cleared.';

COMMENT ON COLUMN public.alarms.name IS 'What it is; its section in docs/operations.md says what to do.';

COMMENT ON COLUMN public.alarms.about IS 'The machine, batch or document it is about, where there can be several at once.';

COMMENT ON COLUMN public.alarms.last_seen_at IS 'When its cause was last seen, to a minute.';

COMMENT ON COLUMN public.alarms.announced_at IS 'When it was last given to the channels, as an event.';

COMMENT ON COLUMN public.alarms.told_at IS 'When a channel last told it to somebody; null: nobody was told.';

COMMENT ON COLUMN public.alarms.cleared_by IS 'The person who cleared it; null: its cause went away.';

COMMENT ON COLUMN public.alarms.settled_at IS 'When its end was given to the channels; from then on it is raised anew.';

CREATE FUNCTION private.tell_alarm(kind text, alarm public.alarms) RETURNS bigint
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  insert into events (kind, machine, payload)
    values (tell_alarm.kind, (select m.label from machines m where m.label = alarm.about),
      jsonb_build_object('alarm_id', alarm.id, 'name', alarm.name, 'about', alarm.about, 'message', alarm.message,
        'raised_at', alarm.raised_at, 'cleared_by', alarm.cleared_by))
    returning id
$$;

COMMENT ON FUNCTION private.tell_alarm(kind text, alarm public.alarms) IS 'Gives an alarm to the channels: Telegram, mail, webhooks read the events.';

CREATE FUNCTION private.tell_events(ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.tell_events(ids uuid[]) IS 'An event as its papers tell it now: the finest time of those most to be trusted. One that nobody speaks of any more goes, unless a person decided about it.';

CREATE FUNCTION private.tell_witness(documents uuid[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update case_documents c set witness_id = private.root_of_copies(c.document_id)
    where c.document_id = any (documents) and c.witness_id <> private.root_of_copies(c.document_id)
$$;

COMMENT ON FUNCTION private.tell_witness(documents uuid[]) IS 'Writes at these documents whose copy they are.';

CREATE FUNCTION private.term_side(term public.order_terms) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select jsonb_build_object('page', term.page, 'start', term.start, 'quote', term.quote, 'voice', 'order',
    'speaker_id', null, 'starts', term.starts::timestamp, 'ends', null, 'precision', 'day')
$$;

COMMENT ON FUNCTION private.term_side(term public.order_terms) IS 'A term of an order as a side of a pair.';

CREATE FUNCTION private.this_event_month() RETURNS integer
    LANGUAGE sql STABLE
    RETURN  0;

COMMENT ON FUNCTION private.this_event_month() IS 'The month that events are written into. Only ever raised (turn_months), whatever the clock says meanwhile.';

CREATE FUNCTION private.tidy_lane(lane bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
declare
  first bigint;
begin
  -- Whoever makes a job of this lane claimable holds the lane's row until that is seen. Neither waits for the other
  -- longer than a moment: the caller ends with this.
  perform from lanes l where l.id = lane for update skip locked;
  if not found then
    return;
  end if;
  first := (select j.seq from processing_jobs j where j.lane_id between lane and lane and j.ready
    and j.seq >= (select min(s.first_seq) from live_lanes s where s.lane_id = lane) order by j.lane_id, j.seq limit 1);
  delete from live_lanes s where s.lane_id = lane and s.first_seq is distinct from first;
  if first is not null and not exists (select from live_lanes s where s.lane_id = lane) then
    insert into live_lanes (lane_id, first_seq, rank, placement, batch_id)
      select l.id, first, private.priority_rank(l.priority), l.placement, l.batch_id from lanes l where l.id = lane;
  end if;
end $$;

COMMENT ON FUNCTION private.tidy_lane(lane bigint) IS 'Moves the sign of a lane to its first claimable job, or takes it away: a claim then steps over nothing that has ended, also while an old snapshot (a backup) keeps that in the index.';

CREATE FUNCTION private.tidying_interval() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 16;

COMMENT ON FUNCTION private.tidying_interval() IS 'Of so many claims one tidies the lanes it took from, and marks from when on its machine holds jobs: under an old snapshot some dozen ended jobs of each lane are then stepped over, and a sign is written some thousand times in 10^5 jobs, not at each.';

CREATE FUNCTION private.token_machine(also_destroying boolean DEFAULT false) RETURNS public.machines
    LANGUAGE sql STABLE
    SET search_path TO 'private', 'pg_catalog', 'pg_temp'
    AS $$
  select private.ledger_machine(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'machine',
    also_destroying)
$$;

COMMENT ON FUNCTION private.token_machine(also_destroying boolean) IS 'The machine the caller''s JWT names, while the ledger honours it; else AS004.';

CREATE FUNCTION private.told_arrivals() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select array['caption', 'forwarded_from', 'sender', 'path', 'owner', 'labels', 'subject']
$$;

COMMENT ON FUNCTION private.told_arrivals() IS 'What of a file''s arrival people search for; times and links would be found by every date and every "https".';

CREATE FUNCTION private.told_of(claim public.case_claims) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select concat_ws(' ', claim.quote,
    (select string_agg(n.words, ' ') from case_names n where n.person_id = any (claim.people || claim.speaker_id)),
    to_char(claim.starts, 'YYYY-MM-DD'),
    case when claim.ends > claim.starts + interval '1 day' then to_char(claim.ends - interval '1 second', 'YYYY-MM-DD')
      end,
    to_char(claim.said_at, 'YYYY-MM-DD'))
$$;

COMMENT ON FUNCTION private.told_of(claim public.case_claims) IS 'A statement with what its words leave out: whom it speaks of under all their names, who says it, and when.';

CREATE FUNCTION private.topics(cues text[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select array(select c from unnest(cues) c where c <> all (array['denies', 'conditional', 'reported', 'question',
    'correction', 'future', 'duty', 'plain']))
$$;

COMMENT ON FUNCTION private.topics(cues text[]) IS 'What a statement is about, of its cues; the others say how it is said.';

CREATE FUNCTION private.turn_months() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  this int := private.month_of(now());
begin
  if private.this_event_month() < this and private.last_event_month() > private.this_event_month() then
    execute format('create or replace function private.this_event_month() returns int language sql stable return %s',
      private.this_event_month() + 1);
  elsif private.last_event_month() < this + 2 then
    perform private.add_event_month(private.last_event_month() + 1);
  elsif private.first_event_month() < this - private.events_kept() then
    perform private.archive_month(private.first_event_month());
  end if;
end $$;

COMMENT ON FUNCTION private.turn_months() IS 'Makes room for the months to come, and moves out those that are old: one step a call, by append_record, which holds no document.';

CREATE FUNCTION private.unfollowed(most integer) RETURNS TABLE(document_id uuid, transaction_id xid8)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'on'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
declare
  followed sums_cursor;
begin
  select * into followed from sums_cursor;
  return query select e.document_id, e.transaction_id from events e
    where (e.transaction_id, e.id) > (coalesce(followed.transaction_id, '0'), coalesce(followed.event_id, 0))
      and e.id >= private.first_unread_id(coalesce(followed.event_id, 0))
    order by e.transaction_id, e.id limit most;
end $$;

COMMENT ON FUNCTION private.unfollowed(most integer) IS 'The first events that no fold has followed yet.';

CREATE TABLE public.pairs (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    proposed_by text NOT NULL,
    score smallint NOT NULL,
    a_document uuid NOT NULL,
    a_key text NOT NULL,
    a_is_term boolean DEFAULT false NOT NULL,
    a_side jsonb NOT NULL,
    b_document uuid NOT NULL,
    b_key text NOT NULL,
    b_side jsonb NOT NULL,
    people uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    proposer uuid NOT NULL,
    stands boolean NOT NULL,
    rule_kind text NOT NULL,
    rule_verdict text,
    rule_reason text,
    rule_explained text,
    verdict text,
    verdict_by text,
    model text,
    reason text,
    explained_by text,
    judged_at timestamp with time zone,
    state text DEFAULT 'open'::text NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    why text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    rank bigint GENERATED ALWAYS AS ((((((
CASE verdict
    WHEN 'conflict'::text THEN 3
    WHEN 'no_conflict'::text THEN 1
    ELSE 2
END * 1000) + score))::bigint * '2147483648'::bigint) + seq)) STORED NOT NULL,
    is_counted boolean GENERATED ALWAYS AS ((stands AND (kind <> 'corroboration'::text) AND ((state = 'accepted'::text) OR ((state = ANY (ARRAY['open'::text, 'later'::text])) AND (NOT (verdict IS DISTINCT FROM 'conflict'::text)))))) STORED NOT NULL,
    CONSTRAINT pairs_check CHECK ((a_document <> b_document)),
    CONSTRAINT pairs_check1 CHECK (((verdict IS NULL) = (verdict_by IS NULL))),
    CONSTRAINT pairs_kind_check CHECK ((kind = ANY (ARRAY['contradiction'::text, 'order_violation'::text, 'changed_statement'::text, 'corroboration'::text]))),
    CONSTRAINT pairs_proposed_by_check CHECK ((proposed_by = ANY (ARRAY['order_hours'::text, 'order_amount'::text, 'order_place'::text, 'order_term'::text, 'same_measure'::text, 'denied'::text, 'sweeping'::text, 'same_time'::text, 'near_words'::text]))),
    CONSTRAINT pairs_rule_kind_check CHECK ((rule_kind = ANY (ARRAY['contradiction'::text, 'order_violation'::text, 'changed_statement'::text, 'corroboration'::text]))),
    CONSTRAINT pairs_rule_verdict_check CHECK ((rule_verdict = ANY (ARRAY['conflict'::text, 'no_conflict'::text, 'cannot_tell'::text]))),
    CONSTRAINT pairs_score_check CHECK (((score >= 0) AND (score <= 999))),
    CONSTRAINT pairs_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'explained'::text, 'dismissed'::text, 'later'::text]))),
    CONSTRAINT pairs_verdict_by_check CHECK ((verdict_by = ANY (ARRAY['rules'::text, 'claude'::text]))),
    CONSTRAINT pairs_verdict_check CHECK ((verdict = ANY (ARRAY['conflict'::text, 'no_conflict'::text, 'cannot_tell'::text])))
);

COMMENT ON TABLE public.pairs IS 'Two statements that a person should see side by side. Drawn again at will: see pair_decisions.';

COMMENT ON COLUMN public.pairs.id IS 'Follows from both documents and both statements'' keys: the same pair, the same id.';

COMMENT ON COLUMN public.pairs.a_is_term IS 'Side a is a term of an order (order_terms.key), else both are case_claims.key.';

COMMENT ON COLUMN public.pairs.a_side IS 'As it stands: {page, start, quote, speaker_id, voice, starts, ends, precision}.';

COMMENT ON COLUMN public.pairs.people IS 'Whom both speak of.';

COMMENT ON COLUMN public.pairs.proposer IS 'The document that proposed it when its facts were drawn.';

COMMENT ON COLUMN public.pairs.stands IS 'Both quotes are words of the text that is stored now. Only such pairs are counted.';

COMMENT ON COLUMN public.pairs.rule_kind IS 'As it was proposed; kind is what is shown: Claude''s with a verdict, else this.';

COMMENT ON COLUMN public.pairs.verdict IS 'What is shown: Claude''s, else the rules''. Null: nobody judged it.';

COMMENT ON COLUMN public.pairs.is_counted IS 'Both quotes stand, and a person accepted that they do not agree, or nobody has decided yet and rules or Claude call it a conflict. Every number of contradictions and violations is of these.';

CREATE FUNCTION private.unjudged_pairs(document_id uuid) RETURNS SETOF public.pairs
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select p.* from pairs p where p.stands and p.verdict_by is distinct from 'claude' and p.state in ('open', 'later')
    and p.rule_verdict is distinct from 'no_conflict' and p.kind <> 'corroboration'
    and p.proposer = unjudged_pairs.document_id
    and private.may_compare(p.a_document) and private.may_compare(p.b_document)
$$;

COMMENT ON FUNCTION private.unjudged_pairs(document_id uuid) IS 'Pairs of a document that Claude could judge: undecided, standing, of documents it may see, not settled by rules.';

CREATE FUNCTION private.unproved_bills() RETURNS TABLE(contract_id bigint, label text, ended_at timestamp with time zone, has_row boolean, ran boolean, usd double precision, read_at timestamp with time zone, grew_at timestamp with time zone, grew_since timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select m.contract_id, m.label, m.destroyed_at, true, m.running_at is not null, b.usd, b.read_at, b.grew_at,
      b.grew_since
    from machines m left join contract_bills b on b.contract_id = m.contract_id
    where m.status = 'destroyed' and m.contract_id is not null and b.proved_at is null
      and m.destroyed_at > now() - private.bill_memory()
  union all
  select b.contract_id, b.label, b.first_read_at, false, true, b.usd, b.read_at, b.grew_at, b.grew_since
    from contract_bills b
    where b.proved_at is null and b.first_read_at > now() - private.bill_memory()
      and not exists (select from machines m where m.contract_id = b.contract_id)
  order by 3 limit private.most_unproved()
$$;

COMMENT ON FUNCTION private.unproved_bills() IS 'Contracts that are over by the lists, or that no row has, and whose bill is not proved to stand still, the oldest first.';

CREATE FUNCTION private.unread_of(batch_id uuid) RETURNS TABLE(seq bigint, document_id uuid)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select min(j.seq), j.document_id from document_journal j join master_document_registry d on d.id = j.document_id
    join processing_jobs p on p.id = d.job_id
  where j.batch_id = unread_of.batch_id and p.batch_id = unread_of.batch_id and private.is_dropped(p)
    group by j.document_id
$$;

COMMENT ON FUNCTION private.unread_of(batch_id uuid) IS 'Documents whose newest job is this batch''s and will not be read, by their entries in its journal.';

CREATE FUNCTION private.use_calls(job public.processing_jobs, calls jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  wanted jsonb := case when jsonb_typeof(use_calls.calls) = 'array' then use_calls.calls else '[]' end;
  fault text;
begin
  if jsonb_array_length(wanted) not between 1 and private.most_calls_named() then
    perform private.refuse('AS007', 'What Claude is said to have judged must name the calls that it answered.');
  end if;
  select case when c.id is null then 'there is no such call'
      when c.job_id is distinct from job.id then 'it was made for another job'
      when c.kind <> all (private.call_kinds(job.kind)) then 'it asked something of another kind'
      when c.outcome is distinct from 'answered' then 'it was not answered' else 'it was used already' end into fault
    from (select named.id::uuid as id, count(*) as times from jsonb_array_elements_text(wanted) named(id) group by 1) w
    left join claude_calls c on c.id = w.id
    where c.id is null or c.job_id is distinct from job.id or c.kind <> all (private.call_kinds(job.kind))
      or c.outcome is distinct from 'answered' or c.used_at is not null or w.times > 1 limit 1;
  if fault is not null then
    perform private.refuse('AS007', format('A call to Claude that is named proves nothing here: %s.', fault));
  end if;
  update claude_calls c set used_at = now()
    where c.id = any (array(select e::uuid from jsonb_array_elements_text(wanted) e));
end $$;

COMMENT ON FUNCTION private.use_calls(job public.processing_jobs, calls jsonb) IS 'AS007 unless every call that is named was made for this job, asked what such a job asks, was answered and has not been used; then they are.';

CREATE FUNCTION private.usual_failures() RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN 0.05;

COMMENT ON FUNCTION private.usual_failures() IS 'The least share of such documents that counts as usual.';

CREATE FUNCTION private.waiting_analyses(batch_ids uuid[] DEFAULT NULL::uuid[]) RETURNS TABLE(batch_id uuid, unjudged numeric, waiting numeric, waiting_pages numeric, waiting_for jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  with open as materialized (
    select case when batch_ids is not null then c.batch_id end as about, c.own_batch_id, c.status, c.error_code,
      sum(c.jobs) as documents, sum(c.pages) as pages, coalesce(sum(c.jobs) filter (where c.judged = 'none'), 0)
        as unjudged
    from job_counts c where c.kind = 'analyse' and c.judged is not null
      and (batch_ids is null or c.batch_id = any (batch_ids)) group by 1, 2, 3, 4
  ), capped as (
    select case when batch_ids is not null then r.batch_id end as about, a.batch_id, a.document_id, a.error_code
    from claude_caps_reached c
      cross join lateral (select j.* from processing_jobs j where j.document_id = c.id::uuid and j.kind = 'analyse'
        and j.status = 'queued' limit 1) a
      join master_document_registry d on d.id = a.document_id join processing_jobs r on r.id = d.job_id
    where c.scope = 'document' and r.status = 'completed' and r.kind = 'read' and d.duplicate_of is null
      and d.dissolved_at is null and (batch_ids is null or r.batch_id = any (batch_ids))
  ), alike as (
    -- What a document waits for is asked once for all that are alike: a hundred thousand may wait for one day's end.
    select g.about, g.batch_id, g.capped, g.error_code, sum(g.documents) as documents from (
      select o.about, o.own_batch_id as batch_id, null::uuid as capped, o.error_code, o.documents from open o
        where o.status = 'queued'
      union all select c.about, c.batch_id, null, c.error_code, -1 from capped c
      union all select c.about, c.batch_id, c.document_id, c.error_code, 1 from capped c) g group by 1, 2, 3, 4
  ), waits as (
    select l.about, private.find_wait(l.batch_id, l.capped, l.error_code) as reason, sum(l.documents) as documents
    from alike l where l.documents > 0 group by 1, 2
  )
  select o.about, sum(o.unjudged), sum(o.documents), sum(o.pages), coalesce((select jsonb_object_agg(w.reason,
    w.documents) from waits w where w.about is not distinct from o.about), '{}')
  from open o group by o.about
$$;

COMMENT ON FUNCTION private.waiting_analyses(batch_ids uuid[]) IS 'Of each of these batches, or of everything (one row without a batch), the documents that wait for Claude or are being judged, and for what they wait; no row where there are none.';

CREATE FUNCTION private.waiting_in_stopped_batches() RETURNS SETOF uuid
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  with stopped as (select l.id from lanes l join batches b on b.id = l.batch_id where b.status = 'stopped')
  (select j.id from stopped join processing_jobs j on j.lane_id = stopped.id where j.ready limit private.sweep_size())
  union
  (select j.id from processing_jobs j where j.status = 'queued' and j.run_after is not null
    and j.lane_id in (select id from stopped) limit private.sweep_size())
  union
  (select j.id from processing_jobs j where j.status = 'queued' and j.deaths > 0 and j.kind = 'read'
    and j.run_after is null and j.lane_id in (select id from stopped) limit private.sweep_size())
  union
  (select j.id from stopped join processing_jobs j on j.lane_id = stopped.id where j.kind <> 'read'
    and j.status = 'queued' and j.run_after is null limit private.sweep_size())
$$;

COMMENT ON FUNCTION private.waiting_in_stopped_batches() IS 'Some of the jobs that still wait in stopped batches: at most 500 of each kind of waiting, each kind by its own index.';

CREATE FUNCTION private.wanted_changes(documents uuid[], changes jsonb) RETURNS private.wanted_change[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION private.wanted_changes(documents uuid[], changes jsonb) IS 'What changes mean for each document; the exhibit letter next is one letter after the other, for those without.';

CREATE FUNCTION private.webhook_consumer(webhook_id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ select 'webhook:' || webhook_id $$;

COMMENT ON FUNCTION private.webhook_consumer(webhook_id uuid) IS 'The name under which a webhook consumes the outbox.';

CREATE FUNCTION private.why_month_stays(month integer) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with here as (
    select month * private.month_ids() as starts, (month + 1) * private.month_ids() as ends
  ), newest as (
    select max(e.transaction_id::text::numeric) as transaction_id from here, events e
    where e.id >= here.starts and e.id < here.ends
  )
  select case
    when exists (select from here, record_pending p where p.event_id >= here.starts and p.event_id < here.ends)
      then 'some are not in the log over all documents'
    when exists (select from here, record_entries r where r.event_id >= here.starts and r.event_id < here.ends
      and r.seq > coalesce((select max(h.seq) from record_heads h), 0)) then 'no signed head covers them'
    when exists (select from here, event_deliveries d where d.event_id >= here.starts and d.event_id < here.ends)
      then 'a consumer has not acknowledged some, or put them aside'
    when exists (select from newest n, (select c.transaction_id from event_cursors c
        where c.consumer not like 'webhook:%' or exists (select from webhooks w where w.ended_at is null
          and private.webhook_consumer(w.id) = c.consumer)
      union all select c.transaction_id from sums_cursor c) c where c.transaction_id::text::numeric < n.transaction_id)
      then 'a consumer has not read some' end
$$;

COMMENT ON FUNCTION private.why_month_stays(month integer) IS 'Why a month of events may not leave for the archive; null: it may.';

CREATE FUNCTION private.with_members(ids uuid[]) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select array(select unnest(ids) union select m.document_id from binder_members m where m.binder_id = any (ids))
$$;

COMMENT ON FUNCTION private.with_members(ids uuid[]) IS 'Documents, and those bound in them: what lists tell of these depends on how their binder was read.';

CREATE FUNCTION private.with_parts(documents uuid[]) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  with recursive inside as (
    select d as id from unnest(documents) d
    union select p.child_id from document_parts p join inside i on i.id = p.parent_id
  ) select array_agg(i.id) from inside i
$$;

COMMENT ON FUNCTION private.with_parts(documents uuid[]) IS 'Documents and all that lies in them.';

CREATE FUNCTION private.word_parts(item integer, word text) RETURNS SETOF private.question_part
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $_$
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
$_$;

COMMENT ON FUNCTION private.word_parts(item integer, word text) IS 'A word by its stem, its near spellings and as OCR may have read it.';

CREATE FUNCTION private.words_around() RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 400;

COMMENT ON FUNCTION private.words_around() IS 'Characters shown before and after a quote: the sentences it stands among.';

CREATE FUNCTION private.words_of(quote text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(array_agg(distinct word), '{}')
  from regexp_split_to_table(lower(coalesce(quote, '')), '[^[:alnum:]]+') as word where word <> ''
$$;

COMMENT ON FUNCTION private.words_of(quote text) IS 'The different words of a quote, in lower case.';

CREATE FUNCTION private.words_stand(document_id uuid, page integer, start integer, quote text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select exists (select from document_repository r where r.document_id = words_stand.document_id
    and words_stand.page > 0 and words_stand.start >= 0
    and substr(split_part(r.text, E'\f\n', words_stand.page), words_stand.start + 1, length(quote)) = quote)
$$;

COMMENT ON FUNCTION private.words_stand(document_id uuid, page integer, start integer, quote text) IS 'Whether the text that is stored now has these words at this place: facts are drawn some time after it changes.';

CREATE FUNCTION private.write_every_event() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
begin
  -- Without settings of its own, so that it is written out in place and a document's events are found by the index.
  execute 'create or replace function private.every_event() returns setof events language sql stable as $all$ '
    'select * from public.events' || coalesce((select string_agg(format(' union all select * from private.%I',
    c.relname), '' order by c.relname) from pg_class c where c.relnamespace = 'private'::regnamespace
    and c.relkind = 'r' and c.relname like 'archived\_events\_%'), '') || ' $all$';
end $_$;

COMMENT ON FUNCTION private.write_every_event() IS 'Writes every_event anew, after a month has gone to the archive.';

CREATE FUNCTION private.write_seal_reader() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
begin
  execute format($body$
    create or replace function private.seal_digests(named text[]) returns bytea[]
    language plpgsql stable set search_path = public, private, pg_temp set timezone = 'UTC' set extra_float_digits = 1
      set enable_seqscan = off as $reader$
    declare
      sealed text;
      words text[];
      scope text[];
      digests bytea;
      found_digests bytea[] := '{}';
    begin
      foreach sealed in array named loop
        words := string_to_array(sealed, '/');
        case words[1]
        %s
        end case;
        found_digests := found_digests || coalesce(digests, '');
      end loop;
      return found_digests;
    end $reader$ $body$, (select string_agg(format(
      'when %L then scope := words[2 : %s] || array_to_string(words[%s :], ''/''); '
      'select string_agg(sha256(convert_to(line, ''UTF8'')), '''') into digests from (%s) as lines(line);',
      t.name, cardinality(t.scope), cardinality(t.scope) + 1, replace(t.lines, '$1', 'scope')), E'\n        '
      order by t.name) from recorded_tables t));
  execute format(
    'create or replace function private.sealed_sets() returns text[] language sql immutable return %L::text[]',
    array(select t.name from recorded_tables t where t.is_set order by t.name));
end $_$;

COMMENT ON FUNCTION private.write_seal_reader() IS 'Writes seal_digests, with one query of its own for each table in the record, and sealed_sets anew: planned once a connection, and not at each of the ten seals of a completion.';

CREATE FUNCTION private.write_shares(ids uuid[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with counted as (
    select i.id, coalesce(jsonb_object_agg(s.name, s.n) filter (where s.name is not null), '{}') as shares
    from unnest(ids) as i(id) left join private.shares_of(ids) s on s.document_id = i.id group by i.id
  ), changed as (
    select c.id, c.shares, coalesce(o.shares, '{}') as before from counted c
      left join document_shares o on o.document_id = c.id where c.shares is distinct from o.shares
  ), written as (
    insert into document_shares as o select c.id, c.shares from changed c
      on conflict (document_id) do update set shares = excluded.shares
  )
  insert into document_sums as s select d.name, sum(d.n) from (
      select a.key as name, a.value::numeric as n from changed c cross join jsonb_each_text(c.shares) a
      union all select b.key, -b.value::numeric from changed c cross join jsonb_each_text(c.before) b) d
    group by 1 having sum(d.n) <> 0
    on conflict (name) do update set n = s.n + excluded.n;
$$;

COMMENT ON FUNCTION private.write_shares(ids uuid[]) IS 'Counts these documents anew. The caller holds the lock of fold_sums.';

CREATE FUNCTION private.wrong_codes_of_person() RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ select 10 $$;

COMMENT ON FUNCTION private.wrong_codes_of_person() IS 'Right passwords with a wrong code in an hour: 240 a day times three valid codes in a million are 0.07 %. Wrong passwords do not count here, or a stranger could lock a person out.';

CREATE TABLE public.accounts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text,
    totp_sealed text,
    totp_step bigint DEFAULT 0 NOT NULL,
    recovery_sha256 text[] DEFAULT '{}'::text[] NOT NULL,
    invited_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    joined_at timestamp with time zone,
    removed_at timestamp with time zone,
    CONSTRAINT accounts_name_check CHECK (((name ~ '^[^()[:cntrl:]]{1,60}$'::text) AND (name = btrim(name)) AND (lower(name) <> 'owner'::text))),
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'helper'::text, 'lawyer'::text])))
);

COMMENT ON TABLE public.accounts IS 'Who may sign in. A name is one person''s for ever: decisions are stored with it.';

COMMENT ON COLUMN public.accounts.password_hash IS 'Argon2id; null until the invitation is accepted.';

COMMENT ON COLUMN public.accounts.totp_sealed IS 'The key of the second factor (RFC 6238), sealed with PASSWORDS_KEY.';

COMMENT ON COLUMN public.accounts.totp_step IS 'The step of the last code that was used: no code opens twice.';

COMMENT ON COLUMN public.accounts.recovery_sha256 IS 'One-time codes for a lost telephone that are left.';

CREATE FUNCTION public.accept_invitation(invitation_sha256 text, password_hash text, totp_sealed text, totp_step bigint, recovery_sha256 text[]) RETURNS SETOF public.accounts
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  invited uuid;
begin
  update invitations i set ended_at = now() where i.sha256 = accept_invitation.invitation_sha256 and i.ended_at is null
    and i.created_at > now() - private.invitation_lasts() returning i.account_id into invited;
  update sessions s set ended_at = now() where s.account_id = invited and s.ended_at is null;
  return query update accounts p set password_hash = accept_invitation.password_hash,
      totp_sealed = accept_invitation.totp_sealed, totp_step = accept_invitation.totp_step,
      recovery_sha256 = accept_invitation.recovery_sha256, joined_at = coalesce(p.joined_at, now())
    where p.id = invited and p.removed_at is null returning p.*;
end $$;

COMMENT ON FUNCTION public.accept_invitation(invitation_sha256 text, password_hash text, totp_sealed text, totp_step bigint, recovery_sha256 text[]) IS 'Uses a link up: password and second factor are these from now on, and every session ends. No row: it was dead.';

CREATE FUNCTION public.ack_events(consumer text, event_ids bigint[]) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  delete from event_deliveries d where d.consumer = ack_events.consumer and d.event_id = any (event_ids)
    returning d.event_id
$$;

COMMENT ON FUNCTION public.ack_events(consumer text, event_ids bigint[]) IS 'These events are dealt with; this consumer never sees them again.';

CREATE FUNCTION public.add_account(name text, role text, invitation_sha256 text, invited_by text) RETURNS SETOF public.accounts
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  made accounts;
begin
  insert into accounts (name, role, invited_by) values (add_account.name, add_account.role, add_account.invited_by)
    on conflict (lower(accounts.name)) do nothing returning * into made;
  if made.id is null then
    perform private.refuse('AS003', 'there is somebody of this name; invite them anew instead');
  end if;
  perform private.invite(made.id, add_account.invitation_sha256);
  return next made;
end $$;

COMMENT ON FUNCTION public.add_account(name text, role text, invitation_sha256 text, invited_by text) IS 'Adds a person, who comes in by the link of the invitation. AS003 for a name that is taken.';

CREATE TABLE public.api_tokens (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    account_id uuid,
    scopes text[] NOT NULL,
    sha256 text NOT NULL,
    made_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT api_tokens_name_check CHECK ((name ~ '^[^()[:cntrl:]]{1,60}$'::text)),
    CONSTRAINT api_tokens_scopes_check CHECK (((scopes <@ ARRAY['read'::text, 'upload'::text, 'decide'::text, 'admin'::text]) AND (scopes <> '{}'::text[]))),
    CONSTRAINT api_tokens_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE public.api_tokens IS 'Named tokens of programs, each for some scopes; of a person: never more than the person may.';

CREATE FUNCTION public.add_api_token(name text, account_id uuid, scopes text[], token_sha256 text, made_by text) RETURNS SETOF public.api_tokens
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if add_api_token.account_id is not null and not exists (
      select from accounts p where p.id = add_api_token.account_id and p.removed_at is null) then
    perform private.refuse('AS002', 'there is no such person');
  end if;
  return query insert into api_tokens (name, account_id, scopes, sha256, made_by) values (add_api_token.name,
    add_api_token.account_id, add_api_token.scopes, add_api_token.token_sha256, add_api_token.made_by) returning *;
end $$;

COMMENT ON FUNCTION public.add_api_token(name text, account_id uuid, scopes text[], token_sha256 text, made_by text) IS 'Makes a token for a program, or for a person''s program. AS002 for nobody.';

CREATE TABLE public.custom_fields (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    choices text[] DEFAULT '{}'::text[] NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT custom_fields_check CHECK (((kind = 'choice'::text) = (cardinality(choices) > 0))),
    CONSTRAINT custom_fields_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'date'::text, 'money'::text, 'choice'::text]))),
    CONSTRAINT custom_fields_name_check CHECK (((name ~ '\S'::text) AND (length(name) <= private.longest_tag())))
);

COMMENT ON TABLE public.custom_fields IS 'What people write about documents beside what we know of them.';

COMMENT ON COLUMN public.custom_fields.kind IS 'text; date (an ISO day); money (a number of dollars); choice (one of choices).';

CREATE FUNCTION public.add_field(field jsonb, decided_by text) RETURNS SETOF public.custom_fields
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.add_field(field jsonb, decided_by text) IS 'A new field {name, kind, choices?}.';

CREATE FUNCTION public.add_parts(machine text, job_id uuid, lease_token uuid, parts jsonb) RETURNS TABLE(part_position integer, child_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  caller machines := private.ledger_machine(add_parts.machine);
  job processing_jobs := private.held_job(add_parts.job_id, add_parts.lease_token, caller.label);
  place record := private.part_place(job.document_id);
  room bigint := private.most_parts_of_one() - (select count(*) from document_parts p where p.root_id = place.root_id);
  part jsonb;
begin
  perform private.require_parts(add_parts.parts, job.artifact_prefix);
  if job.kind = 'check' then
    perform private.check_parts(job, add_parts.parts);
    return;
  end if;
  perform private.meet_documents((select jsonb_agg(private.part_file(job, p, p ->> 'key'))
    from jsonb_array_elements(add_parts.parts) as p));
  for part in select value from jsonb_array_elements(add_parts.parts)
      order by value ->> 'sha256', (value ->> 'position')::int loop
    part_position := (part ->> 'position')::int;
    perform private.enter_part(job, part, place.depth, place.root_id, room);
    child_id := (select p.child_id from document_parts p where p.parent_id = job.document_id
      and p.position = part_position);
    room := room - 1;
    return next;
  end loop;
  update processing_jobs j set progress_at = now() where j.id = job.id;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('A part is malformed (%s).', sqlstate));
end $$;

COMMENT ON FUNCTION public.add_parts(machine text, job_id uuid, lease_token uuid, parts jsonb) IS 'Files found inside a held job''s document {position, role, name, sha256, md5, bytes, mime_type?, code?, key?, dated?}, as the control plane read and hashed them: entered in one transaction with their jobs. Answers as which document each was entered; none where it was not taken.';

CREATE TABLE public.document_passwords (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    sealed text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE public.document_passwords IS 'Passwords to try on files that are locked, newest first.';

COMMENT ON COLUMN public.document_passwords.sealed IS 'The password, sealed with PASSWORDS_KEY (Fernet): AES-128 and an HMAC.';

COMMENT ON COLUMN public.document_passwords.note IS 'What a person wrote beside it, to know it again: "the bank".';

CREATE FUNCTION public.add_password(sealed text, note text) RETURNS SETOF public.document_passwords
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  insert into document_passwords (sealed, note) values (add_password.sealed, left(add_password.note, 200)) returning *
$$;

COMMENT ON FUNCTION public.add_password(sealed text, note text) IS 'Keeps one more sealed password.';

CREATE TABLE public.reminders (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    made text NOT NULL,
    day date NOT NULL,
    text text NOT NULL,
    document_id uuid,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT reminders_day_check CHECK (((day >= '1900-01-01'::date) AND (day <= '2200-01-01'::date))),
    CONSTRAINT reminders_made_check CHECK ((made = ANY (ARRAY['order'::text, 'person'::text]))),
    CONSTRAINT reminders_text_check CHECK (((text ~ '\S'::text) AND (length(text) <= private.longest_reason())))
);

COMMENT ON TABLE public.reminders IS 'Days that people wrote down, and those out of documents (see reminder_list) that they are done with.';

CREATE FUNCTION public.add_reminder(day date, text text, document_id uuid, decided_by text) RETURNS SETOF public.reminders
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.add_reminder(day date, text text, document_id uuid, decided_by text) IS 'A day that a person writes down.';

CREATE TABLE public.webhooks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    url text NOT NULL,
    secret text NOT NULL,
    kinds text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT webhooks_url_check CHECK (((url ~ '^https?://[^\s]+$'::text) AND (length(url) <= 2000)))
);

COMMENT ON TABLE public.webhooks IS 'Addresses that events are sent to; one that has ended hears nothing more.';

COMMENT ON COLUMN public.webhooks.secret IS 'The key of its signatures; told once, when it is made.';

COMMENT ON COLUMN public.webhooks.kinds IS 'Kinds of event it wants to hear; none named: every kind.';

CREATE FUNCTION public.add_webhook(url text, secret text, kinds text[]) RETURNS SETOF public.webhooks
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  made webhooks;
begin
  insert into webhooks (url, secret, kinds) values (add_webhook.url, add_webhook.secret, add_webhook.kinds)
    returning * into made;
  -- It hears what happens from now on: the cursor stands behind every transaction that has begun.
  insert into event_cursors (consumer, transaction_id) values (private.webhook_consumer(made.id), pg_current_xact_id());
  return next made;
end $$;

COMMENT ON FUNCTION public.add_webhook(url text, secret text, kinds text[]) IS 'Makes a webhook, which hears of what happens from now on.';

CREATE FUNCTION public.announce_alarms() RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  alarm alarms;
begin
  update alarms a set cleared_at = now() where a.name = any (private.passing_alarms()) and a.settled_at is null
    and a.cleared_at is null and a.last_seen_at < now() - private.alarm_repeat();
  for alarm in update alarms a set announced_at = now() where a.settled_at is null and a.cleared_at is null
      and a.announced_at < now() - private.alarm_repeat() returning a.* loop
    return next private.tell_alarm('alarm_stands', alarm);
  end loop;
  for alarm in update alarms a set settled_at = now() where a.settled_at is null
      and a.cleared_at < now() - private.alarm_settle() returning a.* loop
    return next private.tell_alarm('alarm_cleared', alarm);
  end loop;
end $$;

COMMENT ON FUNCTION public.announce_alarms() IS 'To be called every few seconds: gives the channels what has stood for another day, and what has ended.';

CREATE TABLE public.doors (
    name text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    code text,
    message text,
    since timestamp with time zone DEFAULT now() NOT NULL,
    next_try_at timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    sound_at timestamp with time zone,
    CONSTRAINT doors_check CHECK (((status = 'paused'::text) = (code IS NOT NULL))),
    CONSTRAINT doors_code_check CHECK ((code ~ '^[a-z_]{1,60}$'::text)),
    CONSTRAINT doors_name_check CHECK ((name = ANY (ARRAY['claude'::text, 'vast'::text, 'storage'::text, 'drive'::text, 'telegram'::text, 'mailbox'::text]))),
    CONSTRAINT doors_status_check CHECK ((status = ANY (ARRAY['no_key'::text, 'open'::text, 'paused'::text])))
);

COMMENT ON TABLE public.doors IS 'Whether each vendor may be asked, and why not.';

COMMENT ON COLUMN public.doors.status IS 'no_key (Claude only: none is set, and plain rules do its work) ⇄ open ⇄ paused (the vendor refuses all of us, or a person said so: what is behind it waits).';

COMMENT ON COLUMN public.doors.code IS 'Why it is paused: a stable word, by_hand where a person did it.';

COMMENT ON COLUMN public.doors.message IS 'The same in words, with what a person can do.';

COMMENT ON COLUMN public.doors.since IS 'Since when it has its status.';

COMMENT ON COLUMN public.doors.next_try_at IS 'When one careful call is made: it opens the door, or keeps it paused. Set while open: somebody met a fault there and asks for it. Null while paused: a person opens it.';

COMMENT ON COLUMN public.doors.tries IS 'Careful calls that failed since it was paused.';

COMMENT ON COLUMN public.doors.sound_at IS 'When a careful call last succeeded.';

CREATE FUNCTION public.announce_claude(has_key boolean, caps jsonb) RETURNS SETOF public.doors
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update claude_desk d set caps = announce_claude.caps where d.caps is distinct from announce_claude.caps;
  update doors d set status = case when has_key then 'open' else 'no_key' end, code = null, message = null,
      since = now(), next_try_at = null, tries = 0
    where d.name = 'claude' and has_key is distinct from (d.status <> 'no_key');
  select * from doors where name = 'claude'
$$;

COMMENT ON FUNCTION public.announce_claude(has_key boolean, caps jsonb) IS 'Whether this deployment has a key, and Claude''s caps {day, batch, document}: said again and again by the control plane, written when it changes. Another cap lets go on what waited for it.';

CREATE FUNCTION public.append_record() RETURNS TABLE(appended integer, waiting boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
declare
  last record_entries;
  event record;
  taken bigint[] := '{}';
begin
  if not pg_try_advisory_xact_lock(hashtextextended('append_record', 0)) then
    return query select 0, true;
    return;
  end if;
  perform private.turn_months();
  perform private.seal_access();
  select * into last from record_entries order by seq desc limit 1;
  last.seq := coalesce(last.seq, 0);
  for event in select e.id, e.hash from record_pending p join events e on e.id = p.event_id order by e.id
      limit private.most_appended() loop
    last.seq := last.seq + 1;
    last.hash := encode(sha256(convert_to(concat(last.hash, '|', last.seq, '|', event.hash), 'UTF8')), 'hex');
    insert into record_entries values (last.seq, event.id, event.hash, last.hash);
    taken := taken || event.id;
  end loop;
  delete from record_pending where event_id = any (taken);
  return query select cardinality(taken), cardinality(taken) = private.most_appended();
end $$;

COMMENT ON FUNCTION public.append_record() IS 'To be called every few seconds: puts what was committed since into the log. One caller at a time; writers of events never wait for it.';

CREATE FUNCTION public.ask_door(name text) RETURNS SETOF public.doors
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update doors d set next_try_at = now() where d.name = ask_door.name and d.status <> 'no_key'
    and d.code is distinct from 'by_hand' and (d.next_try_at is null or d.next_try_at > now()) returning d.*
$$;

COMMENT ON FUNCTION public.ask_door(name text) IS 'Somebody met a fault there, or mended one: a careful call is made as soon as may be.';

CREATE TABLE public.estimates (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    status text DEFAULT 'sampling'::text NOT NULL,
    request jsonb NOT NULL,
    listing jsonb NOT NULL,
    draws jsonb NOT NULL,
    sample_batch_id uuid NOT NULL,
    price jsonb,
    priced_at timestamp with time zone,
    expires_at timestamp with time zone,
    batch_id uuid,
    decided_by text,
    decided_at timestamp with time zone,
    actual_usd numeric,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT estimates_check CHECK (((status = 'sampling'::text) = (price IS NULL))),
    CONSTRAINT estimates_check1 CHECK (((status = 'confirmed'::text) = (batch_id IS NOT NULL))),
    CONSTRAINT estimates_status_check CHECK ((status = ANY (ARRAY['sampling'::text, 'ready'::text, 'confirmed'::text])))
);

COMMENT ON TABLE public.estimates IS 'Folders that were priced before they were read, and what they cost.';

COMMENT ON COLUMN public.estimates.request IS 'What POST /batch/start would take: the folder and the limits.';

COMMENT ON COLUMN public.estimates.listing IS 'What was counted: documents, known, new, unsupported, empty, bytes, pages (guessed), whether that was all, and claude_usd, what Claude is assumed to cost.';

COMMENT ON COLUMN public.estimates.draws IS 'The random sample: each {key, pages (guessed), chance (of having been drawn), claude_usd (assumed)}.';

COMMENT ON COLUMN public.estimates.price IS 'usd, low_usd and high_usd (the interval), machine_usd, claude_usd, pages, documents, hours, machines.';

COMMENT ON COLUMN public.estimates.actual_usd IS 'What its batch cost, once that is completed and the bills are in.';

CREATE FUNCTION public.begin_estimate(estimate jsonb, sample jsonb) RETURNS SETOF public.estimates
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  return query insert into estimates (request, listing, draws, sample_batch_id)
    select estimate -> 'request', estimate -> 'listing', estimate -> 'draws', b.id from start_batch(sample) b
    returning *;
end $$;

COMMENT ON FUNCTION public.begin_estimate(estimate jsonb, sample jsonb) IS 'An estimate {request, listing, draws} and the batch `sample` that reads its draws, both or neither.';

CREATE FUNCTION public.begin_sign_in(name text, address text) RETURNS TABLE(guess_id bigint, wait_seconds integer, account_id uuid, password_hash text, totp_sealed text, codes_spent boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  minute timestamptz := now() - interval '1 minute';
  known accounts;
begin
  perform pg_advisory_xact_lock(hashtextextended('sign_in', 0));
  delete from sign_in_guesses g where g.created_at < now() - interval '1 day';
  select case when count(*) filter (where g.address = begin_sign_in.address) >= private.guesses_of_address()
      or count(*) >= private.guesses_of_all() then greatest(1, 60 - extract(epoch from now() - min(g.created_at))::int)
      else 0 end
    into wait_seconds from sign_in_guesses g where g.created_at > minute and not g.is_right;
  if wait_seconds = 0 then
    insert into sign_in_guesses (name, address) values (left(lower(begin_sign_in.name), 60), begin_sign_in.address)
      returning id into guess_id;
    select * into known from accounts p where lower(p.name) = lower(begin_sign_in.name) and p.removed_at is null;
    select count(*) >= private.wrong_codes_of_person() into codes_spent from sign_in_guesses g
      where g.name = lower(begin_sign_in.name) and g.password_right and not g.is_right
        and g.created_at > now() - interval '1 hour';
    account_id := known.id;
    password_hash := known.password_hash;
    totp_sealed := known.totp_sealed;
  end if;
  return next;
end $$;

COMMENT ON FUNCTION public.begin_sign_in(name text, address text) IS 'Writes a guess down before it is looked at, and gives what it is compared with; or says how long to wait.';

CREATE TABLE public.hardware_blocks (
    kind text NOT NULL,
    id bigint NOT NULL,
    reason text NOT NULL,
    blocked_until timestamp with time zone NOT NULL,
    CONSTRAINT hardware_blocks_kind_check CHECK ((kind = ANY (ARRAY['machine'::text, 'host'::text])))
);

COMMENT ON TABLE public.hardware_blocks IS 'Machines and hosts not to rent from until then, with the reason.';

CREATE FUNCTION public.block_hardware(kind text, id bigint, reason text, seconds double precision) RETURNS SETOF public.hardware_blocks
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  insert into hardware_blocks as b (kind, id, reason, blocked_until)
  values (block_hardware.kind, block_hardware.id, block_hardware.reason,
      now() + make_interval(secs => block_hardware.seconds))
  on conflict on constraint hardware_blocks_pkey do update
    set reason = excluded.reason, blocked_until = greatest(b.blocked_until, excluded.blocked_until)
  returning b.*;
$$;

COMMENT ON FUNCTION public.block_hardware(kind text, id bigint, reason text, seconds double precision) IS 'Rents no machine (or nothing of a host) until then, and says why.';

CREATE FUNCTION public.cancel_analyses(filter jsonb, max_documents integer) RETURNS SETOF integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
declare
  job processing_jobs;
  cancelled int := 0;
begin
  perform private.check_filter(filter);
  for job in select a.* from private.find_documents(filter) d join processing_jobs a on a.document_id = d.document_id
      and a.kind = 'analyse' and a.status = 'queued' order by a.document_id
      limit least(max_documents, private.most_analyses())
      for no key update of a loop
    perform private.end_analysis(job, 'cancelled', null, null);
    cancelled := cancelled + 1;
  end loop;
  return next cancelled;
end $$;

COMMENT ON FUNCTION public.cancel_analyses(filter jsonb, max_documents integer) IS 'Takes documents that wait to be judged out of the line, at most so many; how many. They keep what they have.';

CREATE FUNCTION public.cancel_job(job_id uuid) RETURNS SETOF public.processing_jobs
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  job processing_jobs;
begin
  select * into job from processing_jobs where id = cancel_job.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  elsif job.status not in ('queued', 'processing') then
    perform private.refuse('AS003', format('The job is %s already and cannot be cancelled.', job.status));
  end if;
  if job.kind <> 'read' then
    perform private.end_analysis(job, 'cancelled', null, null);
  else
    perform private.end_job(job, 'cancelled', null, null);
  end if;
  return query select * from processing_jobs where id = job.id;
end $$;

COMMENT ON FUNCTION public.cancel_job(job_id uuid) IS 'Ends a queued or processing job; its worker learns it from the next heartbeat and discards the work.';

CREATE FUNCTION public.check_lease(machine text, job_id uuid, lease_token uuid) RETURNS TABLE(object_key text, version_id text, artifact_prefix text, batch_id uuid, document_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(d.kept_key, d.object_key), d.version_id, j.artifact_prefix, j.batch_id, j.document_id
  from processing_jobs j join master_document_registry d on d.id = j.document_id
    left join machines m on m.label = j.machine
  where j.id = check_lease.job_id and j.lease_token = check_lease.lease_token and j.status = 'processing'
    and j.lease_expires_at > now() and case when check_lease.machine is null then j.kind <> 'read'
      else j.machine = check_lease.machine and m.status in ('intent', 'booting', 'ready') end
$$;

COMMENT ON FUNCTION public.check_lease(machine text, job_id uuid, lease_token uuid) IS 'What this machine (null: the analysis worker) may read and where it may write while it holds the lease; no row otherwise.';

CREATE FUNCTION public.claim_analyses(max_jobs integer, lease_seconds integer, prompt_version text) RETURNS TABLE(job_id uuid, document_id uuid, kind text, lease_token uuid, lease_expires_at timestamp with time zone, attempt integer, max_attempts integer, priority text, is_probe boolean, original_filename text, mime_type text, sha256 text, batch_id uuid, pages_total integer, artifact_prefix text, artifacts jsonb, relevancy_score real)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  door doors;
  taken uuid[];
  today text := to_char(now() at time zone 'utc', 'YYYY/MM/DD');
begin
  perform private.require_lease(lease_seconds);
  if coalesce(max_jobs, 0) not between 1 and private.most_analyses()
      or coalesce(claim_analyses.prompt_version, '') = '' then
    perform private.refuse('AS006', format('max_jobs must be 1 to %s, and prompt_version must be named.',
      private.most_analyses()));
  end if;
  select * into door from doors where name = 'claude' for no key update;
  update claude_desk d set prompt_version = claim_analyses.prompt_version, claimed_at = now()
    where d.prompt_version is distinct from claim_analyses.prompt_version
      or coalesce(d.claimed_at, '-infinity') < now() - private.claim_note_pause();
  if door.status = 'no_key' or private.is_day_capped() or private.is_paused('storage') or (door.status = 'paused'
      and coalesce(door.next_try_at, 'infinity') > now()) then
    return;
  end if;
  perform private.promote_due_jobs();
  taken := private.take_analyses(case when door.status = 'paused' then 1 else max_jobs end);
  if door.status = 'paused' and cardinality(taken) > 0 then
    update claude_desk set probe_job_id = taken[1] where only_row;
    perform take_due_doors(array['claude']);
  end if;
  update processing_jobs j set status = 'processing', attempt = j.attempt + 1, lease_token = fresh.token,
      lease_expires_at = now() + make_interval(secs => lease_seconds), started_at = now(), progress_at = now(),
      error_code = null, error_message = null,
      artifact_prefix = format('processed/%s/%s/%s/', today, j.document_id, fresh.token)
    from (select id, gen_random_uuid() as token from unnest(taken) as id) as fresh where j.id = fresh.id;
  return query select j.id, d.id, j.kind, j.lease_token, j.lease_expires_at, j.attempt::int, j.max_attempts::int,
      j.priority, door.status = 'paused', d.original_filename, d.mime_type, d.sha256, j.batch_id, j.pages_total,
      j.artifact_prefix, d.artifacts, d.relevancy_score
    from processing_jobs j join master_document_registry d on d.id = j.document_id where j.id = any (taken)
    order by private.priority_rank(j.priority), j.precedence, j.seq;
end $$;

COMMENT ON FUNCTION public.claim_analyses(max_jobs integer, lease_seconds integer, prompt_version text) IS 'Up to max_jobs documents to judge or to compare (kind), each under a fresh lease; attempt + 1. None without a key or while the day''s cap is reached; while Claude is paused one every ten minutes, as a probe (is_probe).';

CREATE FUNCTION public.claim_case_documents(facts_version integer, max_documents integer, lease_seconds integer) RETURNS TABLE(document_id uuid, text text, text_md5 text, original_filename text, mime_type text, document_type text, document_date date, sender text, recipients jsonb, sent text, thread_key text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.claim_case_documents(facts_version integer, max_documents integer, lease_seconds integer) IS 'Documents whose facts are to be drawn by these rules, with their text; empty for what no list shows. Not given out again while the lease runs.';

CREATE FUNCTION public.claim_jobs(max_jobs integer, lease_seconds integer) RETURNS TABLE(job_id uuid, document_id uuid, lease_token uuid, lease_expires_at timestamp with time zone, attempt integer, max_attempts integer, object_key text, artifact_prefix text, original_filename text, mime_type text, bytes bigint, sha256 text, md5 text, batch_id uuid, allow_claude boolean, pages_estimate integer, priority text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  caller machines := private.token_machine();
  placements text[] := private.allowed_placements(caller.hosting);
  today text := to_char(now() at time zone 'utc', 'YYYY/MM/DD');
  taken uuid[];
  from_lanes record;
  held record;
  wanted int;
begin
  if coalesce(max_jobs, 0) not between 1 and private.most_claimed() then
    perform private.refuse('AS006', format('max_jobs must be 1 to %s.', private.most_claimed()));
  end if;
  perform private.require_lease(lease_seconds);
  if caller.jobs_released > private.most_released() or private.is_too_fast(caller) or private.fails_too_much(caller)
      or private.is_paused('storage') then
    return;
  end if;
  select count(*) as jobs, count(*) filter (where deaths > 0) as suspects, count(*) filter (where kind = 'check')
    as checks, min(started_at) as since into held from processing_jobs where machine = caller.label
    and status = 'processing' and started_at >= coalesce((select max(c.claims_from) from claim_marks c
      where c.machine = caller.label), '-infinity');
  wanted := least(max_jobs, private.most_held() - held.jobs);
  if wanted <= 0 then
    return;
  end if;
  perform private.promote_due_jobs();
  -- Of what may take its worker down, and of what is read again, a machine has one at a time.
  taken := case when held.checks = 0 then private.take_check(caller, placements) else '{}' end;
  if cardinality(taken) < wanted and held.suspects = 0 then
    taken := taken || private.take_suspect(placements);
  end if;
  from_lanes := private.take_from_lanes(wanted - cardinality(taken), placements);
  taken := taken || from_lanes.taken;
  update processing_jobs j set status = 'processing', attempt = j.attempt + 1, machine = caller.label,
      lease_token = fresh.token, lease_expires_at = now() + make_interval(secs => lease_seconds),
      started_at = now(), progress_at = now(), run_after = null, pages_done = 0, error_code = null,
        error_message = null,
      artifact_prefix = format('processed/%s/%s/%s/', today, j.document_id, fresh.token)
    from (select id, gen_random_uuid() as token from unnest(taken) as id) as fresh where j.id = fresh.id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    select 'job_claimed', j.document_id, j.id, j.batch_id, caller.label, jsonb_build_object('attempt', j.attempt)
    from processing_jobs j where j.id = any (taken) order by j.document_id;
  return query
    select j.id, d.id, j.lease_token, j.lease_expires_at, j.attempt::int, j.max_attempts::int, d.object_key,
      j.artifact_prefix, d.original_filename, d.mime_type, d.bytes, d.sha256, d.md5,
      coalesce(j.batch_id, (select r.batch_id from processing_jobs r where r.id = j.check_of)), j.allow_claude,
      j.pages_estimate, j.priority
    from unnest(taken) with ordinality as t(id, place)
      join processing_jobs j on j.id = t.id
      join master_document_registry d on d.id = j.document_id
    order by t.place;
  if from_lanes.is_tidying then
    delete from claim_marks c where c.machine = caller.label;
    insert into claim_marks values (caller.label, coalesce(held.since, now()));
  end if;
  -- Last, since it holds rows of lanes: see tidy_lane.
  perform private.tidy_lane(lane) from (select distinct lane from unnest(from_lanes.untidy) as lane) untidy;
end $$;

COMMENT ON FUNCTION public.claim_jobs(max_jobs integer, lease_seconds integer) IS 'Gives the calling machine up to max_jobs waiting jobs that its hosting allows, each under a fresh lease; attempt + 1. None while the storage is paused: no document could be read or written.';

CREATE FUNCTION public.clear_alarm(name text, about text DEFAULT NULL::text) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update alarms a set cleared_at = now() where a.name = clear_alarm.name
    and (clear_alarm.about is null or a.about = clear_alarm.about) and a.settled_at is null and a.cleared_at is null
    returning a.id
$$;

COMMENT ON FUNCTION public.clear_alarm(name text, about text) IS 'The cause of an alarm is gone (null: of all of this name); the ids that were open.';

CREATE FUNCTION public.clear_unseen_alarms(names text[], seconds double precision) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update alarms a set cleared_at = now() where a.name = any (names) and a.settled_at is null and a.cleared_at is null
    and a.last_seen_at < now() - make_interval(secs => seconds) returning a.id
$$;

COMMENT ON FUNCTION public.clear_unseen_alarms(names text[], seconds double precision) IS 'For a program that raises again at every look what still stands: what it has not seen for so long is gone.';

CREATE FUNCTION public.complete_analysis(job_id uuid, lease_token uuid, result jsonb) RETURNS TABLE(status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(complete_analysis.job_id, complete_analysis.lease_token);
  files jsonb := coalesce(nullif(result -> 'artifacts', 'null'), '{}');
  handed_in jsonb;
  shown boolean;
begin
  begin
    perform private.require_artifacts(files, job.artifact_prefix);
    if job.kind <> 'analyse' then
      perform private.refuse('AS006', 'This job is to compare: complete_comparison ends it.');
    elsif files - 'analysis.json' <> '{}' then
      perform private.refuse('AS006', 'An analysis leaves analysis.json and no other file.');
    end if;
    shown := private.record_run(job, private.prove_analysis(job, coalesce(nullif(result -> 'analysis', 'null'),
      '{}')), (result ->> 'seconds')::real);
    if shown then
      perform private.require_standing(job.document_id);
      perform private.index_about(job.document_id, private.day_order(r.text)) from document_repository r
        where r.document_id = job.document_id;
    end if;
  exception when check_violation or not_null_violation or data_exception then
    perform private.refuse('AS006',
      format('The analysis is malformed (%s). Check the types, dates and score ranges against the contract.',
      sqlstate));
  end;
  if shown and files <> '{}' then
    -- The chain names every file of a document anew: the files of the reading, and this analysis.
    select e.payload into handed_in from private.every_event() e where e.document_id = job.document_id
      and e.kind in ('job_completed', 'analysis_completed') and e.payload ? 'artifacts'
      order by e.custody_seq desc limit 1;
    update master_document_registry set artifacts = artifacts || private.artifact_keys(files)
      where id = job.document_id;
    files := jsonb_build_object('sha256', handed_in -> 'sha256', 'artifacts', (handed_in -> 'artifacts') || files);
  else
    files := '{}';
  end if;
  update processing_jobs j set seconds = (result ->> 'seconds')::real where j.id = job.id;
  perform private.end_analysis(job, 'completed', null, null,
    files || jsonb_build_object('seals', private.seal_run(job, shown)));
  return query select 'completed';
end $$;

COMMENT ON FUNCTION public.complete_analysis(job_id uuid, lease_token uuid, result jsonb) IS 'Keeps an analysis {analysis, artifacts {analysis.json}?, seconds} as a run and shows it, in one transaction. What is Claude''s in it names the calls (analysis.calls): AS007 for none, another job''s or kind''s, used ones.';

CREATE FUNCTION public.complete_batches() RETURNS SETOF public.batches
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  busy uuid[] := array(select c.batch_id from job_counts c where c.kind = 'read'
    and c.status in ('queued', 'processing') and c.batch_id is not null group by 1 having sum(c.jobs) > 0);
begin
  -- Of most that run it is counted already that work is open; only the others are looked at one by one.
  for batch in select b.* from batches b join batch_checkpoints c on c.batch_id = b.id
      where b.status = 'running' and c.finished_at is not null and b.id not in (select unnest(busy))
        and not exists (select from processing_jobs j where j.batch_id = b.id and j.status in ('queued', 'processing'))
      for update of b skip locked loop
    select * into point from batch_checkpoints c where c.batch_id = batch.id;
    if point.queued = 0 and point.known = 0 and batch.again_of is null
        and not exists (select from processing_jobs j where j.batch_id = batch.id) then
      update batch_checkpoints c set error_code = 'nothing_found', error_message = private.explain_nothing(point)
        where c.batch_id = batch.id;
      perform raise_alarm('batch_empty', format('Batch "%s" ended with no document. %s', batch.name,
        private.explain_nothing(point)), batch.id::text);
      return query select * from set_batch_status(batch.id, 'stopped');
    else
      return query select * from set_batch_status(batch.id, 'completed');
    end if;
  end loop;
end $$;

COMMENT ON FUNCTION public.complete_batches() IS 'To be called every few seconds: a scanned batch whose jobs have all ended is completed. One that found no document, new or known, has completed nothing: it is stopped as nothing_found, and people are told.';

CREATE FUNCTION public.complete_comparison(job_id uuid, lease_token uuid, verdicts jsonb) RETURNS TABLE(status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.complete_comparison(job_id uuid, lease_token uuid, verdicts jsonb) IS 'Keeps Claude''s verdicts [{pair_id, verdict, kind, reason, explained_by, call, words_md5}] and ends the job; strength and model are the call''s, and AS007 is for a call that is not its own. They hold for the words that were judged: where those do not stand any more, there is none.';

CREATE FUNCTION public.complete_job(machine text, job_id uuid, lease_token uuid, result jsonb) RETURNS TABLE(status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
declare
  caller machines := private.ledger_machine(complete_job.machine);
  job processing_jobs := private.held_job(complete_job.job_id, complete_job.lease_token, caller.label);
  files jsonb := coalesce(nullif(result -> 'artifacts', 'null'), '{}');
  analysis jsonb := coalesce(nullif(result -> 'analysis', 'null'), '{}');
  document record;
  pages record;
  is_first boolean;
  has_parts boolean;
  shown boolean;
begin
  -- The document before its rows: see the order of locks.
  select d.sha256, d.run_id into document from master_document_registry d where d.id = job.document_id
    for no key update;
  perform private.require_bytes(document.sha256, result ->> 'sha256');
  if job.kind = 'check' then
    perform private.require_artifacts(files, job.artifact_prefix);
    perform private.end_check(job, result, null);
    return query select 'completed';
    return;
  end if;
  is_first := document.run_id is null;
  begin
    perform private.require_artifacts(files, job.artifact_prefix);
    job.pages_total := (result ->> 'pages_total')::int;
    job.parts_total := coalesce((result ->> 'parts_total')::int, 0);
    job.seconds := (result ->> 'seconds')::real;
    has_parts := private.end_parts(job, job.parts_total);
    pages := private.record_pages(job, result -> 'pages');
    perform private.require_all_pages(pages.accounted, pages.last_page, job.pages_total, job.parts_total);
    delete from document_pages p where p.job_id = job.id and p.page > job.pages_total;  -- an earlier attempt's
    shown := private.record_run(job, analysis, job.seconds, jsonb_build_object('mime_type', result ->> 'mime_type',
      'artifacts', private.artifact_keys(files), 'live_mark', result ->> 'live_mark'), is_first);
    perform private.publish_text(job.document_id, is_first, pages.words, result);
    if not is_first or analysis -> 'claims' <> '[]' then
      perform private.require_standing(job.document_id);
    end if;
  exception when check_violation or not_null_violation or cardinality_violation or data_exception then
    perform private.refuse('AS006',
      format('The result is malformed (%s). Check the types, dates and score ranges against the contract.', sqlstate));
  end;
  job.pages_done := job.pages_total;
  job.pages_accounted := pages.accounted;
  job.page_outcomes := pages.outcomes;
  job.is_empty := job.pages_total > 0 and not pages.has_words;
  perform private.close_job(job, 'completed', null, null,
    jsonb_build_object('sha256', result ->> 'sha256', 'artifacts', files, 'parts', job.parts_total, 'seals',
      private.seal_reading(job, is_first, has_parts, shown, result)));
  perform private.open_analysis_after(job, analysis);
  if private.is_drawn(caller, job.is_empty) then
    select j.* into job from processing_jobs j where j.id = job.id;
    perform private.open_check(job);
  end if;
  return query select 'completed';
end $$;

COMMENT ON FUNCTION public.complete_job(machine text, job_id uuid, lease_token uuid, result jsonb) IS 'The control plane publishes what a machine read, after it read the files back and hashed them, in one transaction: pages, artifacts, text, analysis, findings, passages, the header of an e-mail; and queues it to be judged where Claude was not asked or was not to be had. AS006 unless its pages account for pages_total exactly, and its parts for parts_total.';

CREATE FUNCTION public.confirm_estimate(estimate_id uuid, batch jsonb, confirmed_by text) RETURNS SETOF public.estimates
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  asked estimates;
begin
  select * into asked from estimates e where e.id = confirm_estimate.estimate_id for update;
  if not found then
    perform private.refuse('AS002', 'There is no such estimate.');
  elsif asked.status = 'confirmed' then
    return next asked;
    return;
  elsif asked.status <> 'ready' or asked.expires_at <= now() then
    perform private.refuse('AS003', 'This estimate cannot be confirmed now.');
  end if;
  return query update estimates e set status = 'confirmed', decided_by = confirm_estimate.confirmed_by,
    decided_at = now(), batch_id = b.id
    from start_batch(confirm_estimate.batch) b where e.id = asked.id returning e.*;
end $$;

COMMENT ON FUNCTION public.confirm_estimate(estimate_id uuid, batch jsonb, confirmed_by text) IS 'Begins the batch of an estimate, once: confirmed again it is the same batch. AS002 unknown, AS003 not priced yet or expired.';

CREATE FUNCTION public.count_documents(search jsonb) RETURNS TABLE(total bigint, is_at_least boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $_$
begin
  perform private.check_search(count_documents.search);
  return query execute format(
    'with matched as materialized (select * from private.match_documents(%1$L, %2$s)) '
    'select count(*), coalesce((select bool_or(capped) from matched), false) from document_index i where %3$s',
    coalesce(count_documents.search ->> 'q', ''), private.most_looked_at(),
    private.search_condition(count_documents.search));
exception when data_exception then
  perform private.refuse('AS006', format('A filter is malformed (%s).', sqlstate));
end $_$;

COMMENT ON FUNCTION public.count_documents(search jsonb) IS 'How many documents a search means, or at least so many: see list_documents.';

CREATE FUNCTION public.count_facets(search jsonb) RETURNS TABLE(facet text, value text, documents bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $_$
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
end $_$;

COMMENT ON FUNCTION public.count_facets(search jsonb) IS 'The documents that a search means, counted by type, person, source, folder, tag, year, status and sensitivity; those without any under null.';

CREATE FUNCTION public.count_refused_files() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select s.names + coalesce((select sum(c.is_now - c.was) from private.changed_refusals(false) c), 0)
  from refused_sum s
$$;

COMMENT ON FUNCTION public.count_refused_files() IS 'How many rows refused_files has.';

CREATE FUNCTION public.create_intent(holder text, intent jsonb, caps jsonb) RETURNS SETOF public.machines
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  perform pg_advisory_xact_lock(hashtext('aseagi.fleet'));
  if not exists (select 1 from leaders l where l.name = 'scaler' and l.holder = create_intent.holder
          and l.expires_at > now()) then
    perform private.refuse('AS003', 'not the leader');
  end if;
  if (select r.status from renting r) <> 'on' then
    perform private.refuse('AS003', 'renting is paused');
  end if;
  if exists (select 1 from machines m where m.status <> 'destroyed'
        and (m.ask_id = (intent ->> 'ask_id')::bigint or m.machine_id = (intent ->> 'machine_id')::bigint)) then
    perform private.refuse('AS003', format('machine %s is already rented', intent ->> 'machine_id'));
  end if;
  insert into machines (label, deployment, status, ask_id, machine_id, host_id, hosting, gpu_name, geolocation,
    is_bid, batch_id, reason, usd_per_hour, traffic_usd_per_hour, traffic_usd_per_page, pull_usd, inet_down_mbps,
    image_gb, reserved_until, boot_deadline_at)
  values (intent ->> 'label', intent ->> 'deployment', 'intent', (intent ->> 'ask_id')::bigint,
    (intent ->> 'machine_id')::bigint,
    (intent ->> 'host_id')::bigint, intent ->> 'hosting', intent ->> 'gpu_name', intent ->> 'geolocation',
    coalesce((intent ->> 'is_bid')::boolean, false), (intent ->> 'batch_id')::uuid, intent ->> 'reason',
    (intent ->> 'usd_per_hour')::numeric, (intent ->> 'traffic_usd_per_hour')::double precision,
    coalesce((intent ->> 'traffic_usd_per_page')::double precision, 0), (intent ->> 'pull_usd')::double precision,
    (intent ->> 'inet_down_mbps')::double precision,
    (intent ->> 'image_gb')::double precision,
    now() + make_interval(secs => (intent ->> 'reserve_seconds')::double precision),
    now() + make_interval(secs => (intent ->> 'boot_seconds')::double precision));
  perform private.check_fleet_caps(caps, (intent ->> 'batch_id')::uuid);
  update renting set hand_launches = greatest(0, hand_launches - 1),
    hand_asks = array_remove(hand_asks, (intent ->> 'ask_id')::bigint)
    where coalesce((intent ->> 'by_hand')::boolean, false);
  insert into events (kind, batch_id, machine, payload)
  values ('machine_rented', (intent ->> 'batch_id')::uuid, intent ->> 'label', jsonb_build_object(
    'reason', intent ->> 'reason', 'gpu_name', intent ->> 'gpu_name', 'usd_per_hour',
      intent -> 'usd_per_hour'));
  return query select * from machines m where m.label = intent ->> 'label';
end $$;

COMMENT ON FUNCTION public.create_intent(holder text, intent jsonb, caps jsonb) IS 'Writes the row that must exist before Vast.ai is asked. AS003 not the leader, paused, or machine taken; AS005 cap reached.';

CREATE FUNCTION public.decide(documents uuid[], changes jsonb, decided_by text, why text DEFAULT NULL::text) RETURNS TABLE(id uuid, changed integer, unchanged integer, kept integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
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

COMMENT ON FUNCTION public.decide(documents uuid[], changes jsonb, decided_by text, why text) IS 'A person says [{name, value?}] of documents (see judgements.name; without a value: no longer), all or none; what is said already changes nothing.';

CREATE TABLE public.duplicates (
    copy_id uuid NOT NULL,
    original_id uuid NOT NULL,
    kind text NOT NULL,
    likeness real NOT NULL,
    found_by text NOT NULL,
    state text DEFAULT 'joined'::text NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    why text,
    found_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT duplicates_check CHECK ((copy_id <> original_id)),
    CONSTRAINT duplicates_found_by_check CHECK ((found_by = ANY (ARRAY['rules'::text, 'person'::text]))),
    CONSTRAINT duplicates_kind_check CHECK ((kind = ANY (ARRAY['rescan'::text, 'near_copy'::text]))),
    CONSTRAINT duplicates_likeness_check CHECK (((likeness >= (0)::double precision) AND (likeness <= (1)::double precision))),
    CONSTRAINT duplicates_state_check CHECK ((state = ANY (ARRAY['joined'::text, 'apart'::text])))
);

COMMENT ON TABLE public.duplicates IS 'Papers that are one witness with several copies: linked, never deleted. An original is no copy itself.';

COMMENT ON COLUMN public.duplicates.state IS 'apart: a person said that it is no copy, whatever the rules find.';

CREATE FUNCTION public.decide_copy(copy_id uuid, original_id uuid, state text, decided_by text, why text DEFAULT NULL::text) RETURNS SETOF public.duplicates
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.decide_copy(copy_id uuid, original_id uuid, state text, decided_by text, why text) IS 'A person says that one document is a copy of another, or that it is none.';

CREATE FUNCTION public.decide_event(event_id uuid, state text, decided_by text, why text DEFAULT NULL::text) RETURNS SETOF public.case_events
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.decide_event(event_id uuid, state text, decided_by text, why text) IS 'A person says whether it happened so; open takes that back. AS002 where there is none.';

CREATE FUNCTION public.decide_pairs(pair_ids uuid[], state text, why text, decided_by text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.decide_pairs(pair_ids uuid[], state text, why text, decided_by text) IS 'A person''s decision on pairs; how many there were. Earlier decisions are kept; open takes one back.';

CREATE FUNCTION public.decide_search(search jsonb, changes jsonb, decided_by text, why text DEFAULT NULL::text) RETURNS TABLE(id uuid, changed integer, unchanged integer, kept integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
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

COMMENT ON FUNCTION public.decide_search(search jsonb, changes jsonb, decided_by text, why text) IS 'A person says [{name, value?}] of every document that a search means (see list_documents), the oldest first: all of them, none left out for their number, or AS006.';

CREATE FUNCTION public.decide_term(term_id uuid, state text, decided_by text, why text DEFAULT NULL::text) RETURNS SETOF public.order_terms
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.decide_term(term_id uuid, state text, decided_by text, why text) IS 'A person says whether the order says so; proposed takes that back. AS002 where there is none.';

CREATE FUNCTION public.dissolve_binder(document_id uuid) RETURNS TABLE(binder_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  dissolved uuid := (select b.set_id from binders b where b.document_id = dissolve_binder.document_id);
  ended uuid[];
begin
  if dissolved is null then
    perform private.refuse('AS002', 'There is no such binder.');
  end if;
  perform from master_document_registry d where d.bound_set = dissolved or d.id in (select b.document_id
    from binders b where b.set_id = dissolved) order by d.id for no key update;
  with now_ended as (
    update binders b set dissolved_at = now() where b.set_id = dissolved and b.dissolved_at is null
      returning b.document_id
  ) select array_agg(e.document_id) into ended from now_ended e;
  update master_document_registry d set dissolved_at = now() where d.id = any (ended);
  update master_document_registry d set bound_set = null where d.bound_set = dissolved;
  perform cancel_job(j.id) from processing_jobs j where j.document_id = any (ended)
    and j.status in ('queued', 'processing');
  insert into events (kind, document_id, payload)
    select 'binder_dissolved', e, jsonb_build_object('set', dissolved, 'seals', private.seals('binders/' || e,
      'master_document_registry/' || e)) from unnest(ended) as e
    union all
    select distinct 'binder_dissolved', m.document_id, jsonb_build_object('set', dissolved)
    from binder_members m where m.binder_id = any (ended);
  return query select b.document_id from binders b where b.set_id = dissolved order by b.position;
end $$;

COMMENT ON FUNCTION public.dissolve_binder(document_id uuid) IS 'Undoes the whole set of a binder: it and what was found in it leave every list, its members are as before. Again changes nothing.';

CREATE TABLE public.renting (
    only_row boolean DEFAULT true NOT NULL,
    status text DEFAULT 'on'::text NOT NULL,
    reason text,
    since timestamp with time zone DEFAULT now() NOT NULL,
    hand_launches integer DEFAULT 0 NOT NULL,
    hand_asks bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    CONSTRAINT renting_hand_launches_check CHECK ((hand_launches >= 0)),
    CONSTRAINT renting_only_row_check CHECK (only_row),
    CONSTRAINT renting_status_check CHECK ((status = ANY (ARRAY['on'::text, 'paused'::text])))
);

COMMENT ON TABLE public.renting IS 'The one switch for renting, and launches asked for by hand.';

COMMENT ON COLUMN public.renting.hand_asks IS 'Offers (ask ids) a person chose, to be rented next; each is one of hand_launches.';

CREATE FUNCTION public.drop_launch(ask_id bigint) RETURNS SETOF public.renting
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update renting r set hand_launches = greatest(0, r.hand_launches - 1), hand_asks = array_remove(r.hand_asks,
    drop_launch.ask_id)
    where drop_launch.ask_id = any (r.hand_asks) returning r.*;
$$;

COMMENT ON FUNCTION public.drop_launch(ask_id bigint) IS 'Forgets the launch of a chosen offer: it was rented, or it cannot be any more.';

CREATE FUNCTION public.end_alarm(alarm_id bigint, cleared_by text) RETURNS SETOF public.alarms
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update alarms a set cleared_at = now(), cleared_by = end_alarm.cleared_by
    where a.id = end_alarm.alarm_id and a.settled_at is null and a.cleared_at is null returning a.*
$$;

COMMENT ON FUNCTION public.end_alarm(alarm_id bigint, cleared_by text) IS 'A person has seen to it. It comes back while its cause is still there.';

CREATE FUNCTION public.end_api_token(token_id uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update api_tokens t set ended_at = now() where t.id = end_api_token.token_id and t.ended_at is null returning t.id
$$;

COMMENT ON FUNCTION public.end_api_token(token_id uuid) IS 'The token opens nothing more; its id if it had not ended before.';

CREATE FUNCTION public.end_field(field_id uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update custom_fields f set ended_at = now() where f.id = field_id and f.ended_at is null returning f.id
$$;

COMMENT ON FUNCTION public.end_field(field_id uuid) IS 'The field is offered no more; what was written in it stays with its documents.';

CREATE FUNCTION public.end_password(password_id uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update document_passwords p set ended_at = now(), sealed = '' where p.id = end_password.password_id
    and p.ended_at is null returning p.id
$$;

COMMENT ON FUNCTION public.end_password(password_id uuid) IS 'Forgets a password; its note and times stay. Its id if it had not ended before.';

CREATE FUNCTION public.end_session(session_sha256 text, everywhere boolean) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update sessions s set ended_at = now() where s.ended_at is null and (s.sha256 = end_session.session_sha256
    or end_session.everywhere and s.account_id = (select o.account_id from sessions o
      where o.sha256 = end_session.session_sha256 and o.ended_at is null)) returning s.sha256
$$;

COMMENT ON FUNCTION public.end_session(session_sha256 text, everywhere boolean) IS 'Signs out: this session, or all of its person. The hashes of those that ended.';

CREATE FUNCTION public.end_view(view_id uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update saved_views v set ended_at = now() where v.id = view_id and v.ended_at is null returning v.id
$$;

COMMENT ON FUNCTION public.end_view(view_id uuid) IS 'The view is offered no more.';

CREATE FUNCTION public.end_webhook(webhook_id uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  delete from event_deliveries d where d.consumer = private.webhook_consumer(end_webhook.webhook_id);
  update webhooks w set ended_at = now() where w.id = end_webhook.webhook_id and w.ended_at is null returning w.id
$$;

COMMENT ON FUNCTION public.end_webhook(webhook_id uuid) IS 'Sends nothing more there; its id if it had not ended before.';

CREATE FUNCTION public.enqueue_jobs(files jsonb) RETURNS TABLE(journal_id uuid, document_id uuid, job_id uuid, duplicate boolean, status text, object_key text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  file record;
  answers jsonb[] := '{}';
begin
  perform private.require_array(files, 'files');
  perform private.meet_documents(files, array(select (f ->> 'document_id')::uuid
    from jsonb_array_elements(files) as f));
  for file in select f.value, f.place from jsonb_array_elements(files) with ordinality as f(value, place)
    order by f.value ->> 'sha256', f.place loop
    answers[file.place] := coalesce((select to_jsonb(told) from private.find_arrival(file.value) as told),
      (select to_jsonb(answer) from private.enqueue_file(file.value) as answer));
  end loop;
  return query select a.* from unnest(answers) with ordinality as t(answer, place)
    cross join lateral jsonb_to_record(t.answer) as a(journal_id uuid, document_id uuid, job_id uuid,
      duplicate boolean, status text, object_key text) order by t.place;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006',
    format('A file is malformed (%s). Check ids, hashes and numbers against the contract.', sqlstate));
end $$;

COMMENT ON FUNCTION public.enqueue_jobs(files jsonb) IS 'Files in, one answer row each, in order. Known bytes become a journal entry of the existing document and cost nothing; its object_key is then the existing object''s, so the caller may delete its own. Repeating a call (same document_id) changes nothing.';

CREATE FUNCTION public.enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) RETURNS SETOF public.batch_checkpoints
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  file jsonb;
  found_files jsonb[];
  entered record;
  most bigint;
  is_known boolean;
  is_unpriced boolean;
begin
  select * into batch from batches b where b.id = enqueue_objects.batch_id for share;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif batch.status <> 'running' then
    perform private.refuse('AS003', format('The batch is %s: nothing is added to it.', batch.status));
  end if;
  insert into batch_checkpoints (batch_id) values (batch.id) on conflict do nothing;
  select * into point from batch_checkpoints c where c.batch_id = batch.id for update;
  if point.place is distinct from enqueue_objects.after or point.finished_at is not null then
    perform private.refuse('AS003', 'Another scan of this batch is ahead.');
  end if;
  most := (batch.limits ->> 'max_documents')::bigint;
  found_files := array(select private.object_file(f.value, batch) from jsonb_array_elements(enqueue_objects.files)
    with ordinality as f(value, place) order by f.place);
  perform private.meet_documents(to_jsonb(array_remove(found_files, null)), array(select (f ->> 'document_id')::uuid
    from unnest(found_files) as f));
  foreach file in array found_files loop
    exit when point.queued >= most;
    is_known := file is null;
    if not is_known then
      entered := private.enqueue_file(file);
      is_known := entered.duplicate and entered.job_id is null;
    end if;
    if is_known then
      point.known := point.known + 1;
      continue;
    end if;
    point.queued := point.queued + 1;
    point.bytes := point.bytes + coalesce((file ->> 'bytes')::bigint, 0);
    point.pages_estimate := point.pages_estimate + coalesce((file ->> 'pages_estimate')::bigint, 1);
  end loop;
  is_unpriced := coalesce(point.queued >= most and batch.limits ? 'unpriced', false);
  insert into skipped_files (batch_id, source_id, name, code, mime_type)
    select batch.id, s.source_id, left(s.name, private.longest_reason()), s.code, s.mime_type
    from jsonb_to_recordset(coalesce(step -> 'skipped', '[]'))
      as s(source_id text, name text, code text, mime_type text)
    on conflict do nothing;
  update batch_checkpoints c set place = step ->> 'place', queued = point.queued, known = point.known,
    bytes = point.bytes, pages_estimate = point.pages_estimate,
    scanned = c.scanned + coalesce((step ->> 'scanned')::bigint, 0),
      unsupported = c.unsupported + coalesce((step ->> 'unsupported')::bigint, 0),
    empty = c.empty + coalesce((step ->> 'empty')::bigint, 0), updated_at = now(),
    error_code = case when is_unpriced then 'estimate_needed' end,
    error_message = case when is_unpriced then format('The first %s documents are taken in. If the folder has more, '
      'ask for a price quote of the rest and confirm it.', most) end,
    finished_at = case when (step ->> 'finished')::boolean or point.queued >= most then now() end
    where c.batch_id = batch.id returning * into point;
  return next point;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('An object is malformed (%s).', sqlstate));
end $$;

COMMENT ON FUNCTION public.enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) IS 'One step of a scan: queues the unknown ones of these files (those that entered and were never read under their own document), lists what it skipped {source_id, name, code, mime_type?} and moves the checkpoint from `after` to step {place, scanned, unsupported?, empty?, finished?, skipped?}, all or nothing. AS003 when the batch is not running or another scan was faster. Ends the scan at limits.max_documents.';

CREATE FUNCTION public.enqueue_unread(batch_id uuid, most integer) RETURNS SETOF public.batch_checkpoints
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  batch batches;
  point batch_checkpoints;
  file jsonb;
  found_files jsonb[];
  taken int;
begin
  select * into batch from batches b where b.id = enqueue_unread.batch_id for share;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif batch.status <> 'running' then
    perform private.refuse('AS003', format('The batch is %s: nothing is added to it.', batch.status));
  end if;
  select * into point from batch_checkpoints c where c.batch_id = batch.id for update;
  found_files := array(select jsonb_build_object('again', true, 'batch_id', batch.id, 'source', batch.source,
      'document_id', u.document_id, 'object_key', d.object_key, 'original_filename', d.original_filename,
      'bytes', d.bytes, 'pages_estimate', p.pages_estimate, 'seq', u.seq)
    from private.unread_of(batch.again_of) u join master_document_registry d on d.id = u.document_id
      join processing_jobs p on p.id = d.job_id
    where u.seq > point.again_after order by u.seq limit most);
  taken := cardinality(found_files);
  perform private.meet_documents(to_jsonb(found_files), array(select (f ->> 'document_id')::uuid
    from unnest(found_files) as f));
  foreach file in array found_files loop
    perform private.enqueue_file(file);
    point.again_after := file ->> 'seq';
    point.queued := point.queued + 1;
    point.bytes := point.bytes + coalesce((file ->> 'bytes')::bigint, 0);
    point.pages_estimate := point.pages_estimate + coalesce((file ->> 'pages_estimate')::bigint, 1);
  end loop;
  update batch_checkpoints c set queued = point.queued, bytes = point.bytes, pages_estimate = point.pages_estimate,
    updated_at = now(),
    error_code = null, error_message = null,
    again_after = case when taken = most then point.again_after end,
    finished_at = case when taken < most and (not (batch.limits ?| array['prefix', 'folder_id', 'mail_folder'])
      or exists (select from batch_checkpoints o where o.batch_id = batch.again_of and o.finished_at is not null))
        then now() end
    where c.batch_id = batch.id returning * into point;
  return next point;
end $$;

COMMENT ON FUNCTION public.enqueue_unread(batch_id uuid, most integer) IS 'The next documents that again_of has left unread, at most so many, queued in this batch; again_after is null when that was all.';

CREATE FUNCTION public.export_log(after bigint, most integer) RETURNS TABLE(seq bigint, event_id bigint, event_hash text, hash text, document_id uuid, event text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select r.seq, r.event_id, r.event_hash, r.hash, e.document_id, private.event_text(e)
  from record_entries r left join private.every_event() e on e.id = r.event_id
  where r.seq > export_log.after order by r.seq limit most
$$;

COMMENT ON FUNCTION public.export_log(after bigint, most integer) IS 'Entries of the log, each with its event as it is hashed; null where that is gone.';

CREATE FUNCTION public.export_sealed(document_id uuid DEFAULT NULL::uuid, after text DEFAULT ''::text, most integer DEFAULT 200) RETURNS TABLE(sealed text, lines text[], digests text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select p.sealed, array(select line from private.read_sealed(p.sealed) with ordinality as r(line, place)
    order by place), (select encode(s.digests, 'hex') from record_seals s where s.sealed = p.sealed)
  from (select s.sealed from private.present_scopes(export_sealed.document_id) as s(sealed)
    where s.sealed not like 'access_log/%' and s.sealed > export_sealed.after order by 1 limit export_sealed.most) p
  order by 1
$$;

COMMENT ON FUNCTION public.export_sealed(document_id uuid, after text, most integer) IS 'The rows of the record about a document, or of what belongs to none, as they are sealed, in order; who looked at what is nobody''s outside, and of the access log only the hashes in its events go out.';

CREATE FUNCTION public.extend_reservation(label text, seconds double precision, caps jsonb) RETURNS SETOF public.machines
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare batch uuid;
begin
  perform pg_advisory_xact_lock(hashtext('aseagi.fleet'));
  update machines m
    set reserved_until = greatest(m.reserved_until, now() + make_interval(secs => extend_reservation.seconds))
    where m.label = extend_reservation.label and m.status in ('intent', 'booting', 'ready')
  returning m.batch_id into batch;
  if not found then
    perform private.refuse('AS004', format('no live machine %s', extend_reservation.label));
  end if;
  perform private.check_fleet_caps(caps, batch);
  return query select * from machines m where m.label = extend_reservation.label;
end $$;

COMMENT ON FUNCTION public.extend_reservation(label text, seconds double precision, caps jsonb) IS 'Reserves the worst case of the next `seconds` for a machine that is wanted longer. AS004 not live, AS005 cap reached.';

CREATE FUNCTION public.fail_analysis(job_id uuid, lease_token uuid, code text, message text, retry boolean) RETURNS TABLE(status text, run_after timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(fail_analysis.job_id, fail_analysis.lease_token);
  later timestamptz := now() + private.backoff(job.attempt);
  is_house_fault boolean;
begin
  if fail_analysis.code is null or fail_analysis.code !~ '^[a-z0-9_]{1,60}$' then
    perform private.refuse('AS006', 'code must be a short word like claude_away.');
  end if;
  is_house_fault := private.blames_house(fail_analysis.code, fail_analysis.retry);
  if coalesce(fail_analysis.retry, false) and (job.attempt < job.max_attempts or is_house_fault) then
    perform private.return_analysis(job, is_house_fault, later, fail_analysis.code);
    return query select 'queued', later;
  else
    perform private.end_analysis(job, 'failed', fail_analysis.code, fail_analysis.message);
    return query select 'failed', null::timestamptz;
  end if;
end $_$;

COMMENT ON FUNCTION public.fail_analysis(job_id uuid, lease_token uuid, code text, message text, retry boolean) IS 'Tried again after a growing wait; or failed for good: what is shown of the document stays, and says so. What is said of our house costs no attempt, as in fail_job.';

CREATE FUNCTION public.fail_job(job_id uuid, lease_token uuid, code text, message text, retry boolean, pages jsonb DEFAULT '[]'::jsonb) RETURNS TABLE(status text, run_after timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
#variable_conflict use_column
declare
  caller machines := private.token_machine();
  job processing_jobs := private.held_job(fail_job.job_id, fail_job.lease_token, caller.label);
  later timestamptz := now() + private.backoff(job.attempt);
  is_house_fault boolean := false;
begin
  if fail_job.code is null or fail_job.code !~ '^[a-z0-9_]{1,60}$' then
    perform private.refuse('AS006', 'code must be a short word like corrupt_pdf.');
  end if;
  if job.kind <> 'check' then
    begin
      perform private.record_pages(job, fail_job.pages);
    exception when check_violation or not_null_violation or cardinality_violation or data_exception then
      perform private.refuse('AS006',
        'The pages are malformed: each needs a number from 1, once, and a known outcome.');
    end;
  end if;
  is_house_fault := private.blames_house(fail_job.code, fail_job.retry);
  if coalesce(fail_job.retry, false) and (job.attempt < job.max_attempts or is_house_fault) then
    perform private.return_job(job, 'job_retried', is_house_fault, later, fail_job.code, fail_job.message);
    return query select 'queued', later;
  elsif job.kind = 'check' then
    perform private.end_check(job, null, fail_job.code);
    return query select 'failed', null::timestamptz;
  else
    perform private.end_job(job, 'failed', fail_job.code, fail_job.message);
    if private.is_drawn(caller, true) then
      select j.* into job from processing_jobs j where j.id = job.id;
      perform private.open_check(job);
    end if;
    return query select 'failed', null::timestamptz;
  end if;
end $_$;

COMMENT ON FUNCTION public.fail_job(job_id uuid, lease_token uuid, code text, message text, retry boolean, pages jsonb) IS 'Queued again after a growing, jittered wait; or failed when the failure is final or the attempts are used up. Pages read so far keep their outcomes. What is said of our house (storage, queue, control plane) costs no attempt unless the storage was lately seen sound, and has it looked at.';

CREATE FUNCTION public.fill_answer() RETURNS SETOF integer
    LANGUAGE sql IMMUTABLE
    AS $$ select generate_series(1, 1000) $$;

COMMENT ON FUNCTION public.fill_answer() IS 'As many rows as one answer must hold: what comes of them shows the max-rows of the project.';

CREATE FUNCTION public.find_api_token(token_sha256 text) RETURNS TABLE(account_id uuid, name text, role text, scopes text[])
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  update api_tokens t set used_at = now() where t.sha256 = find_api_token.token_sha256 and t.ended_at is null
    and (t.used_at is null or t.used_at < now() - interval '1 minute');
  return query select t.account_id,
      case when p.id is null then t.name || ' (token)' else p.name || ' (token: ' || t.name || ')' end,
      coalesce(p.role, 'owner'),
      case when p.id is null then t.scopes
        else array(select unnest(t.scopes) intersect select unnest(private.role_scopes(p.role))) end
    from api_tokens t left join accounts p on p.id = t.account_id
    where t.sha256 = find_api_token.token_sha256 and t.ended_at is null and p.removed_at is null;
end $$;

COMMENT ON FUNCTION public.find_api_token(token_sha256 text) IS 'Whose a token is and what it may; of a person never more than the person may now.';

CREATE FUNCTION public.find_comparable() RETURNS TABLE(documents bigint, pairs bigint, waiting bigint, judged_documents bigint, judged_usd numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  with due as materialized (
    select c.pairs as n from private.comparable_documents() c
  ), done as (
    select count(distinct c.job_id) as documents, coalesce(sum(c.cost_usd), 0) as usd from claude_calls c
      join processing_jobs j on j.id = c.job_id and j.kind = 'compare' where c.status = 'settled'
  )
  select (select count(*) from due), (select coalesce(sum(n), 0) from due), (select count(*) from processing_jobs j
    where j.kind = 'compare' and j.status in ('queued', 'processing')), done.documents, done.usd from done
$$;

COMMENT ON FUNCTION public.find_comparable() IS 'What judge_pairs would queue: documents and the pairs they proposed; and what comparing has cost so far.';

CREATE FUNCTION public.find_dismissed(proposals text[]) RETURNS TABLE(proposal text, decision_id uuid, decided_by text, decided_at timestamp with time zone, why text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select distinct on (j.name) substr(j.name, 11), j.decision_id, j.decided_by, j.decided_at, d.why
  from judgements j join decisions d on d.id = j.decision_id
  where j.name = any (array(select 'dismissed:' || p from unnest(proposals) as p)) order by j.name, j.decided_at desc
$$;

COMMENT ON FUNCTION public.find_dismissed(proposals text[]) IS 'Which of these proposals a person does not want, and the decision that undoes it.';

CREATE FUNCTION public.find_entered_objects(files jsonb) RETURNS TABLE(object_keys text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select array(
    select file ->> 'object_key' from jsonb_array_elements(files) as file where exists (select
      from private.find_entered(file)))
$$;

COMMENT ON FUNCTION public.find_entered_objects(files jsonb) IS 'Of these objects the keys of those that are in the journal, read or not: their bytes need not be fetched again. Changes nothing.';

CREATE FUNCTION public.find_invited(invitation_sha256 text) RETURNS SETOF public.accounts
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select p.* from invitations i join accounts p on p.id = i.account_id
    where i.sha256 = find_invited.invitation_sha256 and i.ended_at is null
      and i.created_at > now() - private.invitation_lasts() and p.removed_at is null
$$;

COMMENT ON FUNCTION public.find_invited(invitation_sha256 text) IS 'Whose a link is that still opens.';

CREATE FUNCTION public.find_judgeable(filter jsonb) RETURNS TABLE(documents bigint, pages bigint, waiting bigint, judged bigint, not_allowed bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
declare
  forced boolean := coalesce((filter ->> 'force')::boolean, false) and filter ->> 'document_id' is not null;
begin
  perform private.check_filter(filter);
  return query select count(*) filter (where f.kind = 'asked'), coalesce(sum(f.pages) filter (where f.kind = 'asked'),
      0), count(*) filter (where f.kind = 'waiting'), count(*) filter (where f.kind = 'judged'),
    count(*) filter (where f.kind = 'not_allowed')
  from (select d.pages, case when not d.is_allowed then 'not_allowed' when d.is_waiting then 'waiting'
      when d.is_judged and not forced then 'judged' else 'asked' end as kind
    from private.find_documents(filter) d) f;
end $$;

COMMENT ON FUNCTION public.find_judgeable(filter jsonb) IS 'What judge_again would queue for this filter: documents and their pages; and those that wait already, are judged as they would be today, or may not be shown to Claude.';

CREATE FUNCTION public.find_known_objects(files jsonb) RETURNS TABLE(object_keys text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select array(
    select file ->> 'object_key' from jsonb_array_elements(files) as file where private.is_known(file))
$$;

COMMENT ON FUNCTION public.find_known_objects(files jsonb) IS 'Of these objects {object_key, md5?, bytes?} the keys of those that a batch would not read again. Changes nothing.';

CREATE FUNCTION public.find_near_documents(document_id uuid, bands bigint[]) RETURNS TABLE(document_id uuid, text text, seq bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select n.document_id, left(r.text, private.most_case_text()), c.seq from (
    select b.document_id, count(*) as shared from unnest(bands) as wanted(band) cross join lateral (
      select b.document_id from case_bands b where b.band = wanted.band
        and b.document_id <> find_near_documents.document_id limit private.most_of_a_band()) b
    group by 1 order by 2 desc, 1 limit private.most_near_documents()) n
    join document_repository r on r.document_id = n.document_id join case_documents c on c.document_id = n.document_id
  order by n.shared desc, c.seq
$$;

COMMENT ON FUNCTION public.find_near_documents(document_id uuid, bands bigint[]) IS 'The documents that share most bands with one, to be compared word by word; those drawn already.';

CREATE FUNCTION public.find_session(session_sha256 text) RETURNS TABLE(account_id uuid, name text, role text, scopes text[])
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  update sessions s set seen_at = now() where s.sha256 = find_session.session_sha256 and s.ended_at is null
    and s.seen_at between now() - private.session_idles() and now() - interval '1 minute'
    and s.created_at > now() - private.session_lasts();
  return query select p.id, p.name, p.role, private.role_scopes(p.role) from sessions s
    join accounts p on p.id = s.account_id
    where s.sha256 = find_session.session_sha256 and s.ended_at is null and p.removed_at is null
      and s.seen_at > now() - private.session_idles() and s.created_at > now() - private.session_lasts();
end $$;

COMMENT ON FUNCTION public.find_session(session_sha256 text) IS 'Who is signed in with it, while it lives; being used keeps it from idling out.';

CREATE FUNCTION public.find_statements(question text, embedding double precision[] DEFAULT NULL::double precision[], matter_id uuid DEFAULT NULL::uuid, max_results integer DEFAULT 40) RETURNS TABLE(id bigint, document_id uuid, original_filename text, document_type text, document_date date, page integer, start integer, quote text, before text, after text, voice text, speaker text, speaker_id uuid, starts timestamp without time zone, ends timestamp without time zone, "precision" text, coverage real, fits boolean, claude_may boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'extensions', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
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

COMMENT ON FUNCTION public.find_statements(question text, embedding double precision[], matter_id uuid, max_results integer) IS 'Statements that could answer a question, the best first, each on words that stand now. coverage: the share of the question''s words that it has, rare ones counting more; fits: it has every day, amount, number and phrase asked for, and every person named; claude_may: Claude may see it.';

CREATE FUNCTION public.find_unheard_choices(objects jsonb) RETURNS TABLE(names text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select array(select o ->> 'name' from jsonb_array_elements(objects) as o where not exists (
    select from kept_choices k where k.name = o ->> 'name' and k.object_etag is not distinct from o ->> 'object_etag'))
$$;

COMMENT ON FUNCTION public.find_unheard_choices(objects jsonb) IS 'Of these objects {name, object_etag} the names of those that this database has not heard.';

CREATE FUNCTION public.find_unknown_hashes(hashes text[]) RETURNS TABLE(unknown text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select array(select h from unnest(hashes) as h where not exists (
    select from master_document_registry d where d.sha256 = h))
$$;

COMMENT ON FUNCTION public.find_unknown_hashes(hashes text[]) IS 'Those of these SHA-256 that are of no document.';

CREATE TABLE public.programs (
    name text NOT NULL,
    version text,
    beat_at timestamp with time zone DEFAULT now() NOT NULL,
    late_after_seconds integer NOT NULL,
    problem text,
    CONSTRAINT programs_late_after_seconds_check CHECK ((late_after_seconds > 0)),
    CONSTRAINT programs_name_check CHECK ((name ~ '^[a-z][a-z0-9_ -]{0,39}$'::text))
);

COMMENT ON TABLE public.programs IS 'Programs that were ever heard of, each with its newest sign of life; several of one name count as one.';

COMMENT ON COLUMN public.programs.late_after_seconds IS 'After so long a silence it is taken for dead, as the program itself says.';

COMMENT ON COLUMN public.programs.problem IS 'Why its last round did nothing: a code, never words of a document.';

CREATE FUNCTION public.forget_program(name text) RETURNS SETOF public.programs
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  delete from programs p where p.name = forget_program.name returning p.*
$$;

COMMENT ON FUNCTION public.forget_program(name text) IS 'This program is not expected any more; it is again once it is heard of.';

CREATE FUNCTION public.get_analysis() RETURNS SETOF jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select private.follow_sums();
  with sums as materialized (
    select private.sum_objects('read', 'no_key', 'spent') as told
  )
  select private.count_analyses(null, s.told) || jsonb_build_object(
    'door', (select to_jsonb(d) || to_jsonb(c) from doors d cross join claude_desk c where d.name = 'claude'),
    'no_key', '{"documents": 0, "pages": 0, "waiting": 0, "judged": 0, "not_allowed": 0}'
      || (s.told -> 'no_key'), 'spent', '{"documents": 0, "pages": 0, "usd": 0}' || (s.told -> 'spent'))
  from sums s
$$;

COMMENT ON FUNCTION public.get_analysis() IS 'How the analysis stands: the door, counts, what was sorted without a key, and what Claude''s judgements cost.';

CREATE FUNCTION public.get_analytics() RETURNS SETOF jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select private.follow_sums();
  with told as materialized (
    select private.sum_objects('shown', 'score', 'strength', 'judged', 'type', 'source', 'analyst', 'finding', 'party')
      as kinds
  ), sums as (
    select t.kinds, '{"documents": 0, "analysed": 0, "pages": 0, "dated": 0, "unproven": 0}' || (t.kinds -> 'shown')
      as shown, t.kinds -> 'score' as scores, t.kinds -> 'strength' as strengths from told t
  ), parties as materialized (
    select p.key::jsonb ->> 0 as name, p.key::jsonb ->> 1 as role, p.value::numeric as documents
    from told t cross join jsonb_each_text(t.kinds -> 'party') p
  )
  select jsonb_build_object(
    'documents', s.shown -> 'documents', 'analysed', s.shown -> 'analysed',
    'judged', '{"all": 0, "part": 0, "none": 0}' || (s.kinds -> 'judged'),
    'by_type', s.kinds -> 'type', 'by_source', s.kinds -> 'source', 'by_analyst', s.kinds -> 'analyst',
    'findings_by_kind', s.kinds -> 'finding',
    'finding_strengths', (select coalesce(jsonb_object_agg(k.kind, jsonb_build_array(
        coalesce((s.strengths -> (k.kind || ':1'))::bigint, 0), coalesce((s.strengths -> (k.kind || ':2'))::bigint, 0),
        coalesce((s.strengths -> (k.kind || ':3'))::bigint, 0))), '{}')
      from (select distinct split_part(e, ':', 1) as kind from jsonb_object_keys(s.strengths) as e) k),
    'unproven_findings', s.shown -> 'unproven', 'scores', jsonb_build_object(
      'truth_score', private.histogram(s.scores, 'truth_score', 0, 100),
      'justice_score', private.histogram(s.scores, 'justice_score', 0, 100),
      'fraud_score', private.histogram(s.scores, 'fraud_score', 0, 100),
      'perjury_score', private.histogram(s.scores, 'perjury_score', 0, 100),
      'legal_credit_score', private.histogram(s.scores, 'legal_credit_score', 300, 850),
      'relevancy_score', private.histogram(s.scores, 'relevancy_score', 0, 1000)),
    'pages', s.shown -> 'pages', 'dated', s.shown -> 'dated', 'named', (select count(*) from parties),
    'parties', coalesce((select jsonb_agg(to_jsonb(p) order by p.documents desc, p.name) from (
      select * from parties order by documents desc, name limit 100) p), '[]'))
  from sums s
$$;

COMMENT ON FUNCTION public.get_analytics() IS 'Counts and score distributions over all documents that are no duplicates, and the 100 names that stand in most of them. A score or finding whose words were not found is in no count but its own.';

CREATE TABLE public.backups (
    id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    message text,
    bytes bigint,
    sha256 text,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT backups_kind_check CHECK ((kind = ANY (ARRAY['backup'::text, 'trial'::text, 'restore'::text]))),
    CONSTRAINT backups_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'damaged'::text, 'failed'::text])))
);

COMMENT ON TABLE public.backups IS 'Each backup that was made, tried in a scratch database (trial) or brought back (restore), and what became of it.';

COMMENT ON COLUMN public.backups.name IS 'Which backup: the moment it began, 20261122T030000Z.';

COMMENT ON COLUMN public.backups.outcome IS 'damaged: it is there, but holds objects whose bytes are not those that the ledger knows.';

COMMENT ON COLUMN public.backups.bytes IS 'What this one added to the folder: the dump and the parts with new objects.';

COMMENT ON COLUMN public.backups.sha256 IS 'Of database.dump.age.';

COMMENT ON COLUMN public.backups.counts IS 'documents, rows and objects in it; new and damaged objects.';

CREATE FUNCTION public.get_backups() RETURNS SETOF public.backups
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select distinct on (b.kind, b.outcome) b.* from backups b order by b.kind, b.outcome, b.finished_at desc
$$;

COMMENT ON FUNCTION public.get_backups() IS 'The newest of each kind and outcome.';

CREATE FUNCTION public.get_batches(batch_id uuid DEFAULT NULL::uuid, max_batches integer DEFAULT 50, before bigint DEFAULT NULL::bigint) RETURNS SETOF jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  page uuid[] := private.page_of_batches(get_batches.batch_id, get_batches.max_batches, get_batches.before);
begin
  perform private.follow_sums();
  -- All of the page together, by bitmaps: of each table only what these batches have there is looked at, once.
  return query with shown as materialized (
    select b.* from batches b where b.id = any (page)
  ), counts as materialized (
    select c.*, c.status = 'cancelled' or (c.status = 'queued' and b.status = 'stopped') as dropped
    from private.counts_of(page) c join shown b on b.id = c.batch_id where c.kind in ('read', 'claude')
  ), checkpoints as materialized (
    select c.* from batch_checkpoints c where c.batch_id = any (page)
  ), sums as (
    select c.batch_id, jsonb_build_object('documents', coalesce(sum(c.jobs), 0),
      'completed', coalesce(sum(c.jobs) filter (where c.status = 'completed'), 0),
      'failed', coalesce(sum(c.jobs) filter (where c.status = 'failed'), 0),
      'cancelled', coalesce(sum(c.jobs) filter (where c.dropped), 0),
      'open', coalesce(sum(c.jobs) filter (where c.status in ('queued', 'processing') and not c.dropped), 0),
      'unread', coalesce(sum(c.jobs) filter (where c.dropped and c.is_newest), 0),
      'pages', coalesce(sum(c.pages), 0),
      'pages_done', coalesce(sum(c.pages) filter (where c.status in ('completed', 'failed')), 0),
      'recent_pages', coalesce(sum(c.pages) filter (where c.ended_at > now() - private.pace_window()), 0),
      'started_at', min(c.started_at)) as told,
      coalesce(sum(c.jobs) filter (where c.judged <> 'none'), 0) as judged,
      coalesce(sum(c.jobs) filter (where c.judged = 'none'), 0) as unjudged, sum(c.usd) as claude_usd
    from counts c group by 1
  ), held as (
    select j.batch_id, sum(j.pages_done) as pages from processing_jobs j where j.batch_id = any (page)
      and j.kind = 'read' and j.status = 'processing' group by 1
  ), failures as (
    select g.batch_id, jsonb_agg(jsonb_build_object('code', g.error_code, 'message', g.message, 'documents',
      g.documents) order by g.documents desc) as told
    from (select c.batch_id, c.error_code, min(c.message) as message, sum(c.jobs) as documents from counts c
      where c.status = 'failed' group by 1, 2 having sum(c.jobs) > 0) g group by 1
  ), worked as (
    select c.batch_id, c.machine, sum(c.pages_worked) as pages from counts c where c.machine is not null group by 1, 2
  ), machine_costs as materialized (
    select m.label, private.machine_usd(m) as usd, m.pages_worked as pages from machines m
    where m.label = any (array(select w.machine from worked w)) and m.pages_worked > 0
  ), spent as (
    select w.batch_id, round(sum(m.usd * w.pages / m.pages), 6) as machine_usd
    from worked w join machine_costs m on m.label = w.machine group by 1
  ), unjudged as (
    select f.name, f.n from private.sums_of('failed') f
  )
  select to_jsonb(b) || jsonb_build_object('checkpoint', (select to_jsonb(c) from checkpoints c
      where c.batch_id = b.id), 'jobs', s.told || jsonb_build_object('pages_done',
      (s.told ->> 'pages_done')::numeric + coalesce(h.pages, 0)),
    'failures', coalesce(f.told, '[]'), 'analysis', jsonb_build_object('judged', s.judged,
      'sorted', s.unjudged - coalesce(w.unjudged, 0), 'failed', coalesce(u.n, 0), 'waiting', coalesce(w.waiting, 0),
      'waiting_pages', coalesce(w.waiting_pages, 0), 'waiting_for', coalesce(w.waiting_for, '{}')),
    'machine_usd', coalesce(p.machine_usd, 0), 'claude_usd', s.claude_usd,
    'total_usd', coalesce(p.machine_usd, 0) + s.claude_usd)
  from unnest(page) with ordinality as o(id, place) join shown b on b.id = o.id
    left join sums n on n.batch_id = b.id
    cross join lateral (select coalesce(n.told, '{"documents": 0, "completed": 0, "failed": 0, "cancelled": 0, '
        '"open": 0, "unread": 0, "pages": 0, "pages_done": 0, "recent_pages": 0, "started_at": null}') as told,
      coalesce(n.judged, 0) as judged, coalesce(n.unjudged, 0) as unjudged,
      coalesce(n.claude_usd, 0) as claude_usd) s
    left join held h on h.batch_id = b.id left join failures f on f.batch_id = b.id
    left join spent p on p.batch_id = b.id left join unjudged u on u.name = b.id::text
    left join private.waiting_analyses(page) w on w.batch_id = b.id
  order by o.place;
end $$;

COMMENT ON FUNCTION public.get_batches(batch_id uuid, max_batches integer, before bigint) IS 'Batches, newest first, those begun before the cursor `before`, each with its checkpoint, counts of its jobs (unread: cancelled or stopped, and not read since), failures by code, and its share of what its machines cost.';

CREATE FUNCTION public.get_case_progress() RETURNS TABLE(documents bigint, drawn bigint, statements bigint, people bigint, events bigint, differing bigint, terms_to_check bigint, terms_accepted bigint, copies bigint, matters bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select (select count(*) from case_documents), (select count(*) from case_documents c where c.facts_version > 0),
    (select count(*) from case_claims), (select count(*) from people p where p.merged_into is null and p.documents > 0),
    (select count(*) from case_events e where e.documents > 0),
    (select count(*) from case_events e where e.documents > 0 and e.versions > 1),
    (select count(*) from order_terms t join case_documents d on d.document_id = t.document_id
      where t.standing and t.state = 'proposed' and d.witness_id = d.document_id),
    (select count(*) from order_terms t where t.state = 'accepted'),
    (select count(*) from duplicates d where d.state = 'joined'), (select count(*) from matters)
$$;

COMMENT ON FUNCTION public.get_case_progress() IS 'How much of the case is drawn, and what it holds.';

CREATE FUNCTION public.get_claude_statistics() RETURNS TABLE(documents bigint, pages numeric, usd numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select count(*), coalesce(sum(j.pages_total), 0), coalesce(sum(c.usd), 0)
  from (select job_id, sum(cost_usd) as usd from claude_calls where status = 'settled'
      group by job_id order by max(created_at) desc limit private.sample_size()) c
    join processing_jobs j on j.id = c.job_id and j.status = 'completed' and j.pages_total > 0
$$;

COMMENT ON FUNCTION public.get_claude_statistics() IS 'Documents, pages and dollars of the last 5,000 completed jobs that Claude was asked about.';

CREATE FUNCTION public.get_comparison(job_id uuid, lease_token uuid) RETURNS TABLE(id uuid, kind text, proposed_by text, score integer, words_md5 text, a jsonb, b jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.get_comparison(job_id uuid, lease_token uuid) IS 'The pairs that a held job to compare asks about, with the words around them.';

CREATE FUNCTION public.get_costs(days integer DEFAULT 31) RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  with today as (
    select (now() at time zone 'utc')::date as day, date_trunc('month', now() at time zone 'utc')::date as month
  ), each_day as (
    select d::date as day, private.machines_usd_on(d::date) as machine_usd,
      coalesce((select sum(c.cost_usd) from claude_calls c where c.day = d::date), 0) as claude_usd
    from today cross join lateral generate_series(least(today.day - get_costs.days + 1, today.month), today.day,
      interval '1 day') as d
  ), most as (
    select greatest(private.most_machines_usd_on(today.day)::numeric, e.machine_usd) as machine_usd,
      e.claude_usd + coalesce((select sum(c.reserved_usd) from claude_calls c
        where c.day = today.day and c.status = 'reserved'), 0) as claude_usd
    from today join each_day e on e.day = today.day
  ), done as (
    select coalesce(sum(c.jobs), 0)::bigint as documents, coalesce(sum(c.pages), 0)::bigint as pages from job_counts c
      where c.status = 'completed' and c.kind = 'read'
  ), ever as (
    select coalesce((select sum(private.machine_usd(m)) from machines m), 0)
      + coalesce((select sum(c.usd) from fleet_charges c
        where not exists (select from machines m where m.contract_id = c.contract_id)), 0)::numeric
      + coalesce((select sum(cost_usd) from claude_calls), 0) as usd
  )
  select jsonb_build_object(
    'today', (select private.spent(machine_usd, claude_usd) from each_day e where e.day = today.day),
    'today_at_most', (select private.spent(round(machine_usd, 6), claude_usd) from most),
    'month', (select private.spent(sum(machine_usd), sum(claude_usd)) from each_day e where e.day >= today.month),
    'days', (select jsonb_agg(jsonb_build_object('date', day) || private.spent(machine_usd, claude_usd) order by day)
      from each_day e where e.day > today.day - get_costs.days),
    'documents', done.documents, 'pages', done.pages,
    'usd_per_document', round(ever.usd / nullif(done.documents, 0), 6),
    'usd_per_page', round(ever.usd / nullif(done.pages, 0), 6))
  from today, done, ever
$$;

COMMENT ON FUNCTION public.get_costs(days integer) IS 'Dollars of today, this month and each of the last days (UTC), and per document and page since the beginning. today_at_most is what the day''s caps count: open contracts and calls by their worst case.';

CREATE FUNCTION public.get_database_facts() RETURNS TABLE(migration text, vector text, postgres text, told_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  newest text;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'select max(version) from supabase_migrations.schema_migrations' into newest;
  end if;
  return query select newest, (select e.extversion from pg_extension e where e.extname = 'vector'),
    current_setting('server_version'), now();
end $$;

COMMENT ON FUNCTION public.get_database_facts() IS 'The newest migration that was applied, the versions of the extension vector and of Postgres, and the time.';

CREATE FUNCTION public.get_estimates(estimate_id uuid DEFAULT NULL::uuid, most integer DEFAULT 50, before bigint DEFAULT NULL::bigint, only_open boolean DEFAULT false) RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select to_jsonb(e) || jsonb_build_object('now', now(), 'sample', private.read_sample(e.sample_batch_id),
    'sample_is_over', s.status in ('completed', 'stopped') or (c.finished_at is not null and not exists (select
      from processing_jobs j where j.batch_id = s.id and j.kind = 'read' and j.status in ('queued', 'processing'))),
    'sample_usd', private.batch_machine_usd(s.id) + private.batch_claude_usd(s.id),
    'batch_status', b.status, 'spent_usd', coalesce(e.actual_usd, case when b.id is not null
      then private.batch_machine_usd(b.id) + private.batch_claude_usd(b.id) end))
  from estimates e join batches s on s.id = e.sample_batch_id left join batch_checkpoints c on c.batch_id = s.id
    left join batches b on b.id = e.batch_id
  where (get_estimates.estimate_id is null or e.id = get_estimates.estimate_id)
    and (get_estimates.before is null or e.seq < get_estimates.before)
    and (not get_estimates.only_open or e.status = 'sampling' or (e.status = 'ready' and e.expires_at > now()))
  order by e.seq desc limit get_estimates.most
$$;

COMMENT ON FUNCTION public.get_estimates(estimate_id uuid, most integer, before bigint, only_open boolean) IS 'Estimates, newest first (only_open: those that may still be confirmed), each with what reading made of its sample, and what its batch has cost until now.';

CREATE FUNCTION public.get_estimates_held() RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select jsonb_build_object('ended', count(*), 'held', count(*) filter (where e.actual_usd
      between (e.price ->> 'low_usd')::numeric and (e.price ->> 'high_usd')::numeric),
    'above', count(*) filter (where e.actual_usd > (e.price ->> 'high_usd')::numeric),
    'squared_errors', coalesce(sum(ln(e.actual_usd / (e.price ->> 'usd')::numeric) ^ 2)
      filter (where e.actual_usd > 0 and (e.price ->> 'usd')::numeric > 0), 0))
  from estimates e where e.actual_usd is not null and (e.price ->> 'documents')::int > 0
$$;

COMMENT ON FUNCTION public.get_estimates_held() IS 'Of the estimates whose batch is over: how many intervals held, how many batches cost more, and the sum of the squared logarithms of actual by estimate.';

CREATE FUNCTION public.get_fleet() RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select jsonb_build_object(
    'now', now(),
    'hearing_since', (select l.since from leaders l where l.name = 'scaler'),
    'renting', (select to_jsonb(r) from renting r),
    'doors', coalesce((select jsonb_agg(to_jsonb(d)) from doors d
      where d.status = 'paused' and d.name in ('vast', 'storage')), '[]'),
    'usd_today', private.most_machines_usd_on((now() at time zone 'UTC')::date),
    'machines', coalesce((select jsonb_agg(to_jsonb(m) || to_jsonb(h)
        || jsonb_build_object('machine_usd', private.machine_usd(m), 'bill_read_at',
          private.bill_read_at(m, null), 'increase', to_jsonb(p)) order by m.intent_at, m.label)
      from machines m cross join lateral private.held_jobs(m.label) h
        left join price_increases p on p.contract_id = m.contract_id
      where m.status <> 'destroyed' or m.destroyed_at > now() - private.afterlife()), '[]'),
    'unproved', coalesce((select jsonb_agg(to_jsonb(u)) from private.unproved_bills() u), '[]'),
    'blocks', coalesce((select jsonb_agg(to_jsonb(b)) from hardware_blocks b
      where b.blocked_until > now()), '[]'),
    'history', coalesce((select jsonb_agg(to_jsonb(h)) from (
      select m.machine_id, m.host_id, m.gpu_name, m.image_gb, count(m.ready_at) as boots,
          count(*) filter (where m.blame = 'machine') as failures
        from machines m
        where m.machine_id is not null and m.intent_at > now() - private.fleet_memory()
        group by 1, 2, 3, 4
        order by max(m.intent_at) desc limit private.most_records()) h), '[]'),
    'boots', coalesce((select jsonb_agg(to_jsonb(b)) from (
      select m.machine_id, m.host_id, m.gpu_name, m.inet_down_mbps, m.image_gb,
          extract(epoch from m.running_at - m.intent_at) as boot_seconds,
          extract(epoch from greatest(m.ready_at - m.running_at, '0')) as start_seconds
        from machines m
        where m.running_at is not null and m.ready_at is not null and m.machine_id is not null
        and m.inet_down_mbps is not null and m.intent_at > now() - private.fleet_memory()
        order by m.intent_at desc limit private.most_boots()) b), '[]'),
    'paces', coalesce((select jsonb_agg(to_jsonb(s)) from (
      select m.machine_id, m.host_id, m.gpu_name, m.image_gb,
          percentile_cont(0.5) within group (order by (m.report ->> 'pages_per_second')::double precision)
            as pages_per_second
        from machines m
        where (m.report ->> 'pages_per_second')::double precision > 0 and m.pages_done >= private.proven_pages()
        and m.gpu_name is not null and m.machine_id is not null and m.intent_at > now() - private.speed_memory()
        group by 1, 2, 3, 4
        order by max(m.intent_at) desc, m.machine_id limit private.most_records()) s), '[]'))
$$;

COMMENT ON FUNCTION public.get_fleet() IS 'All the scaler needs to decide, of one moment: clock, since when it has been listening, renting switch, paused doors, machines with what they hold, what hosts ask and what the bill has not proved, blocks, records, boots, measured paces.';

CREATE FUNCTION public.get_metrics() RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '10s'
    SET enable_seqscan TO 'off'
    AS $$
  select jsonb_build_object(
    'queue', (select coalesce(jsonb_agg(q), '[]') from (select s.priority, sum(s.queued) as waiting,
        sum(s.processing) as processing, sum(s.pages_waiting) as pages,
        extract(epoch from now() - min(s.oldest_created_at) filter (where s.queued > 0)) as oldest_seconds
      from get_queue_stats() s group by 1) q),
    'to_judge', (select count(*) from processing_jobs where kind <> 'read' and status = 'queued' and run_after is null),
    'machines', (select coalesce(jsonb_agg(m), '[]') from (select m.status, count(*) as machines,
        coalesce(sum(m.usd_per_hour), 0) as usd_per_hour,
        coalesce(sum((m.report ->> 'pages_per_second')::real) filter (where m.last_heartbeat_at > now()
          - private.fresh_report() and jsonb_typeof(m.report -> 'pages_per_second') = 'number'), 0) as pages_per_second
      from machines m where m.status <> 'destroyed' group by 1) m),
    'machine_usd_today', private.machines_usd_on((now() at time zone 'utc')::date),
    'claude', (select coalesce(jsonb_agg(c), '[]') from (select coalesce(c.outcome, c.status) as outcome,
        count(*) as calls, sum(c.cost_usd) as usd
      from claude_calls c where c.day = (now() at time zone 'utc')::date group by 1) c),
    'consumers', (select coalesce(jsonb_agg(c), '[]') from (select
        case when c.consumer like 'webhook:%' then 'webhook' else c.consumer end as consumer,
        max(extract(epoch from now() - e.created_at)) as lag_seconds
      from event_cursors c left join lateral (select e.created_at from events e
        where (e.transaction_id, e.id) > (c.transaction_id, c.event_id)
          order by e.transaction_id, e.id limit 1) e on true
      where c.consumer not like 'webhook:%' or exists (select from webhooks w where w.ended_at is null
        and private.webhook_consumer(w.id) = c.consumer)
      group by 1) c),
    'parked_events', (select count(*) from event_deliveries where parked_at is not null),
    'programs', (select coalesce(jsonb_agg(p), '[]') from (select p.name,
        extract(epoch from now() - p.beat_at) as silent_seconds,
        p.beat_at < now() - make_interval(secs => p.late_after_seconds) as is_late from programs p) p),
    'backups', (select coalesce(jsonb_agg(b), '[]') from (select b.kind, b.outcome,
        extract(epoch from now() - b.finished_at) as seconds_ago from get_backups() b) b),
    'alarms', (select coalesce(jsonb_agg(a), '[]') from (select a.name, count(*) as open from alarms a
      where a.settled_at is null and a.cleared_at is null group by 1) a),
    'doors', (select coalesce(jsonb_agg(d), '[]') from (select d.name, d.status from doors d) d))
$$;

COMMENT ON FUNCTION public.get_metrics() IS 'The house in numbers, for GET /metrics: cheap enough for every fifteen seconds, without a word of a document.';

CREATE FUNCTION public.get_names_to_settle(max_names integer) RETURNS TABLE(id bigint, key text, words text, form text, first text, last text, suffix text, title text, person_id uuid, documents integer, settled boolean, signs text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.get_names_to_settle(max_names integer) IS 'Names of whom it is not known yet who they are, with all that could be the same person.';

CREATE FUNCTION public.get_next_exhibit(matter_id uuid DEFAULT NULL::uuid) RETURNS TABLE(letter text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select private.exhibit_letter(private.last_exhibit(coalesce(get_next_exhibit.matter_id,
    private.default_matter())) + 1)
$$;

COMMENT ON FUNCTION public.get_next_exhibit(matter_id uuid) IS 'The letter that follows the last exhibit of a matter, or of the only one.';

CREATE FUNCTION public.get_page_statistics() RETURNS TABLE(mime_type text, documents bigint, bytes numeric, pages numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select d.mime_type, count(*), sum(d.bytes), sum(j.pages_total)
  from (select * from processing_jobs where kind = 'read' and status = 'completed' and pages_total > 0 order by seq desc
    limit private.sample_size()) j
    join master_document_registry d on d.id = j.document_id where d.bytes > 0 group by d.mime_type
$$;

COMMENT ON FUNCTION public.get_page_statistics() IS 'Bytes and pages per type of the last 5,000 completed documents: what an estimate of pages goes by.';

CREATE FUNCTION public.get_pair_counts(matter_id uuid DEFAULT NULL::uuid) RETURNS TABLE(open bigint, accepted bigint, explained bigint, dismissed bigint, later bigint, conflicts bigint, conflicts_accepted bigint, to_check bigint, unjudged bigint, by_kind jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.get_pair_counts(matter_id uuid) IS 'Pairs whose quotes stand, by what a person said; conflicts: see pairs.is_counted. What corroborates is none of them.';

CREATE FUNCTION public.get_people_decisions(keys text[]) RETURNS TABLE(kind text, a_keys text[], b_keys text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select d.kind, d.a_keys, d.b_keys from people_decisions d where d.undone_at is null
    and (d.a_keys && keys or d.b_keys && keys) order by d.seq
$$;

COMMENT ON FUNCTION public.get_people_decisions(keys text[]) IS 'What people decided about the persons of these names, in their order.';

CREATE FUNCTION public.get_person(person_id uuid, matter_id uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, rank bigint, name text, sex text, roles text[], documents integer, names jsonb, decisions jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.get_person(person_id uuid, matter_id uuid) IS 'A person with all names, how many documents of the matter speak of them, and what was decided; AS002 where there is none.';

CREATE FUNCTION public.get_programs() RETURNS TABLE(name text, version text, beat_at timestamp with time zone, silent_seconds double precision, late_after_seconds integer, is_late boolean, problem text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select p.name, p.version, p.beat_at, s.seconds, p.late_after_seconds, s.seconds > p.late_after_seconds, p.problem
    from programs p cross join lateral (select extract(epoch from now() - p.beat_at)::double precision as seconds) s
    order by 1
$$;

COMMENT ON FUNCTION public.get_programs() IS 'How long each program has been silent, by the database''s clock.';

CREATE FUNCTION public.get_queue_stats() RETURNS TABLE(priority text, placement text, batch_id uuid, queued bigint, processing bigint, pages_waiting bigint, oldest_created_at timestamp with time zone, pages_measured_per_second real)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET statement_timeout TO '30s'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'off'
    AS $$
  -- By bitmaps: a thousand batches that wait have a line each in few blocks, and each block is looked at once.
  with opened as materialized (
    -- Apart, so that no order is asked of it: in order the index would be followed row by row.
    select * from job_counts c where c.kind = 'read' and c.status in ('queued', 'processing')
  ), counted as materialized (
    select c.lane_id, coalesce(sum(c.jobs) filter (where c.status = 'queued'), 0) as queued,
      coalesce(sum(c.jobs) filter (where c.status = 'processing'), 0) as processing,
      coalesce(sum(c.pages_estimate) filter (where c.status = 'queued'), 0) as pages, min(c.priority) as priority,
      min(c.placement) as placement, (array_agg(c.batch_id))[1] as batch_id, bool_and(c.is_folded) as is_folded
    from opened c group by c.lane_id having sum(c.jobs) > 0
  ), held as (
    select j.lane_id, sum(greatest(coalesce(j.pages_total, j.pages_estimate, 1) - j.pages_done, 0)) as pages,
      min(j.created_at) as oldest_at from processing_jobs j where j.kind = 'read' and j.status = 'processing' group by 1
  ), heads as (
    select h.lane_id, h.oldest_at, false as is_new from lane_heads h
    union all
    select n.lane_id, n.oldest_at, true from private.heads_of(array(select c.lane_id from counted c
      where not c.is_folded)) n
  ), lanes_open as (
    select c.*, h.pages as pages_held, least(h.oldest_at, w.oldest_at) as oldest
    from counted c left join held h on h.lane_id = c.lane_id left join (select h.lane_id,
        (array_agg(h.oldest_at order by h.is_new desc))[1] as oldest_at from heads h group by 1) w
      on w.lane_id = c.lane_id
  )
  select o.priority, o.placement, o.batch_id, sum(o.queued)::bigint, sum(o.processing)::bigint,
    sum(o.pages + coalesce(o.pages_held, 0))::bigint, min(o.oldest),
    (select avg((m.report ->> 'pages_per_second')::real)::real from machines m where m.status = 'ready'
      and m.last_heartbeat_at > now() - private.fresh_report()
      and jsonb_typeof(m.report -> 'pages_per_second') = 'number')
  from lanes_open o where o.batch_id is null or o.batch_id not in (select b.id from batches b
    where b.status in ('paused', 'stopped'))
  group by o.priority, o.placement, o.batch_id
$$;

COMMENT ON FUNCTION public.get_queue_stats() IS 'What waits and runs, per priority, placement and batch, without paused and stopped batches; pages_waiting counts the unfinished pages of running jobs too. pages_measured_per_second is one machine''s, averaged over those alive.';

CREATE FUNCTION public.get_record(at bigint DEFAULT NULL::bigint) RETURNS TABLE(seq bigint, hash text, hash_at text, signed_seq bigint, signed_at timestamp with time zone, waiting bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select coalesce(l.seq, 0), coalesce(l.hash, ''), (select r.hash from record_entries r where r.seq = get_record.at),
    h.seq, h.signed_at, (select count(*) from record_pending)
  from (select 1) one left join lateral (select * from record_entries r order by r.seq desc limit 1) l on true
    left join lateral (select * from record_heads r order by r.seq desc limit 1) h on true
$$;

COMMENT ON FUNCTION public.get_record(at bigint) IS 'The end of the log, its hash at one entry, and which head was signed last.';

CREATE FUNCTION public.get_scans() RETURNS TABLE(id uuid, source text, priority text, placement text, allow_claude boolean, limits jsonb, place text, queued bigint, again boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select b.id, b.source, b.priority, b.placement, b.allow_claude, b.limits, coalesce(c.place, ''), coalesce(c.queued,
    0), c.again_after is not null
  from batches b left join batch_checkpoints c on c.batch_id = b.id
  where b.status = 'running' and c.finished_at is null and (b.limits ?| array['prefix', 'folder_id', 'mail_folder']
    or c.again_after is not null) order by b.created_at, b.id
$$;

COMMENT ON FUNCTION public.get_scans() IS 'Running batches whose scan has not come to its end, each with the place where it goes on and what it has queued; again: it has unread documents of an earlier batch to queue first.';

CREATE FUNCTION public.get_thread(document_id uuid, most integer) RETURNS TABLE(document_id uuid, sent text, sender text, subject text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  select m.document_id, m.sent, m.sender, m.subject
  from mails own join mails m on m.thread_id in (own.thread_id, own.message_id) or m.message_id = own.thread_id
  where own.document_id = get_thread.document_id and own.thread_id <> '' and m.thread_id <> ''
  order by m.sent_at nulls last, m.document_id limit get_thread.most
$$;

COMMENT ON FUNCTION public.get_thread(document_id uuid, most integer) IS 'The e-mails of the thread that an e-mail belongs to, itself among them, by the time that each claims.';

CREATE FUNCTION public.get_times_to_settle(max_times integer) RETURNS TABLE(id bigint, document_id uuid, witness_id uuid, starts timestamp without time zone, ends timestamp without time zone, "precision" text, people uuid[], words text[], is_held boolean, near jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.get_times_to_settle(max_times integer) IS 'Times of which it is not known yet what event they are of, each with those around it that share a person or a word.';

CREATE FUNCTION public.get_totals(batch_id uuid DEFAULT NULL::uuid, anew boolean DEFAULT false) RETURNS TABLE(documents bigint, completed bigint, failed bigint, cancelled bigint, open bigint, pages bigint, pages_accounted bigint, parts bigint, parts_left_out bigint, reconciled boolean, judged bigint, sorted bigint, waiting_for_analysis bigint, waiting_for jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
declare
  totals jsonb;
  analyses jsonb;
begin
  perform private.follow_sums();
  select case when get_totals.batch_id is null and not anew then s.told -> 'total'
      else private.count_totals(get_totals.batch_id) end, private.count_analyses(get_totals.batch_id, s.told)
    into totals, analyses from (select private.sum_objects(variadic case when get_totals.batch_id is null
      then array['total', 'read'] else array['failed'] end) as told offset 0) s;
  return query select coalesce(t.documents, 0), coalesce(t.completed, 0), coalesce(t.failed, 0),
    coalesce(t.cancelled, 0), coalesce(t.open, 0), coalesce(t.pages, 0), coalesce(t.pages_accounted, 0),
    coalesce(t.parts, 0), coalesce(t.parts_left_out, 0), coalesce(t.unsettled, 0) = 0,
    (analyses ->> 'judged')::bigint, (analyses ->> 'sorted')::bigint, (analyses ->> 'waiting')::bigint,
    analyses -> 'waiting_for'
  from jsonb_to_record(totals) as t(documents bigint, completed bigint, failed bigint, cancelled bigint, open bigint,
    pages bigint, pages_accounted bigint, parts bigint, parts_left_out bigint, unsettled bigint);
end $$;

COMMENT ON FUNCTION public.get_totals(batch_id uuid, anew boolean) IS 'The account of a batch, or of everything: reconciled when every journal entry leads to a document whose newest job has ended, and each completed one has an outcome for each page and a row for each file inside: a document of its own, which is counted too, or the reason why it was not taken. A batch''s, and anew everything''s, is counted document by document and believes no sum.';

CREATE FUNCTION public.get_week(first_day date) RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  with week as (
    select get_week.first_day::timestamp at time zone 'utc' as starts,
      (get_week.first_day + 7)::timestamp at time zone 'utc' as ends
  ), came as (
    select j.* from document_journal j, week w where j.created_at >= w.starts and j.created_at < w.ends
  ), found as (
    select f.kind, f.score, f.quote, f.page, f.original_filename, f.rank from finding_list f, week w
      where f.received_at >= w.starts and f.received_at < w.ends
  )
  select jsonb_build_object(
    'came', (select count(*) from came), 'known', (select count(*) from came where duplicate),
    'read', (select count(*) from came where processing_status = 'completed' and not duplicate),
    'waiting', (select count(*) from came where processing_status in ('queued', 'processing')),
    'unread', (select coalesce(jsonb_agg(jsonb_build_object('name', u.original_filename, 'why', u.error_message)), '[]')
      from (select * from came where processing_status = 'failed' order by seq limit 200) u),
    'findings', (select count(*) from found),
    'gravest', (select coalesce(jsonb_agg(g), '[]') from (select f.kind, f.quote, f.page,
      f.original_filename from found f order by f.rank desc limit 20) g),
    'machine_usd', (select sum(private.machines_usd_on(get_week.first_day + d)) from generate_series(0, 6) d),
    'claude_usd', (select coalesce(sum(c.cost_usd), 0) from claude_calls c
      where c.day >= get_week.first_day and c.day < get_week.first_day + 7))
$$;

COMMENT ON FUNCTION public.get_week(first_day date) IS 'What came in, what could not be read, what stood out and what it cost in seven days.';

CREATE FUNCTION public.get_words_around(document_id uuid, page integer, start integer, length integer) RETURNS TABLE(before text, after text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select substr(p.text, greatest(start - private.words_around() + 1, 1), least(start, private.words_around())),
    substr(p.text, start + length + 1, private.words_around())
  from (select split_part(r.text, E'\f\n', get_words_around.page) as text from document_repository r
    where r.document_id = get_words_around.document_id and get_words_around.page > 0) p
  where start >= 0 and length >= 0
$$;

COMMENT ON FUNCTION public.get_words_around(document_id uuid, page integer, start integer, length integer) IS 'The words of the page before and after some words of it.';

CREATE FUNCTION public.give_up_leadership(name text, holder text) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  delete from leaders l
  where l.name = give_up_leadership.name and l.holder = give_up_leadership.holder
  returning l.name;
$$;

COMMENT ON FUNCTION public.give_up_leadership(name text, holder text) IS 'Ends one''s own lease, so that a successor need not wait for it.';

CREATE FUNCTION public.hear_choices(choices jsonb) RETURNS TABLE(heard bigint, tightened bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    AS $$
#variable_conflict use_column
declare
  each record;
  job processing_jobs;
  placed text;
  allowed boolean;
begin
  heard := 0;
  tightened := 0;
  for each in select c.* from jsonb_to_recordset(choices) as c(name text, prefix text, priority text, placement text,
      allow_claude boolean, said_at timestamptz, object_etag text) order by c.name loop
    insert into kept_choices as k (name, prefix, priority, placement, allow_claude, said_at, object_etag, is_found)
      values (each.name, each.prefix, each.priority, each.placement, each.allow_claude, each.said_at,
        each.object_etag, true)
      on conflict (name) do update set priority = excluded.priority, placement = excluded.placement,
        allow_claude = excluded.allow_claude, said_at = excluded.said_at, object_etag = excluded.object_etag,
        is_found = true where k.said_at < excluded.said_at;
    continue when not found;
    heard := heard + 1;
    for job in select j.* from processing_jobs j join master_document_registry d on d.id = j.document_id
        where j.kind = 'read' and j.status <> 'processing' and (d.sha256 = each.name or (each.prefix is not null
          and starts_with(d.object_key, each.prefix) and not starts_with(d.object_key, 'raw/')))
        order by j.id for no key update of j
    loop
      placed := private.stricter_placement(job.placement, each.placement);
      allowed := job.allow_claude and each.allow_claude;
      if (placed, allowed) is distinct from (job.placement, job.allow_claude) then
        tightened := tightened + 1;
        update processing_jobs j set placement = placed, allow_claude = allowed,
          lane_id = private.find_lane(job.batch_id, (select d.source from master_document_registry d
            where d.id = job.document_id), job.priority, placed) where j.id = job.id;
      end if;
    end loop;
  end loop;
  -- What we wrote ourselves, and were killed before we noted it.
  update kept_choices k set object_etag = c.object_etag
    from jsonb_to_recordset(choices) as c(name text, object_etag text, said_at timestamptz)
    where k.name = c.name and k.said_at = c.said_at;
  return next;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('Choices are malformed (%s).', sqlstate));
end $$;

COMMENT ON FUNCTION public.hear_choices(choices jsonb) IS 'What the bucket says and this database had not heard: what waits becomes as strict, and what comes in later is. What a person said here later than that stands.';

CREATE FUNCTION public.heartbeat_analyses(leases jsonb, lease_seconds integer) RETURNS TABLE(job_id uuid, held boolean, cancelled boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform private.require_array(leases, 'leases');
  perform private.require_lease(lease_seconds);
  return query
    with wanted as (
      select * from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid)
    ), mine as (
      select j.id from wanted w join processing_jobs j on j.id = w.job_id and j.lease_token = w.lease_token
      where j.status = 'processing' and j.kind <> 'read' order by j.id for no key update of j
    ), extended as (
      update processing_jobs j set lease_expires_at = now() + make_interval(secs => lease_seconds)
      from mine m where j.id = m.id returning j.id
    )
    select w.job_id, e.id is not null, coalesce(j.status = 'cancelled', false)
    from wanted w left join extended e on e.id = w.job_id left join processing_jobs j on j.id = w.job_id;
end $$;

COMMENT ON FUNCTION public.heartbeat_analyses(leases jsonb, lease_seconds integer) IS 'Extends leases on jobs to analyse; a batch of messages may take Claude a day, so no progress is asked for.';

CREATE FUNCTION public.heartbeat_jobs(leases jsonb, lease_seconds integer, report jsonb) RETURNS TABLE(job_id uuid, held boolean, cancelled boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  caller machines := private.token_machine();
begin
  perform private.require_array(leases, 'leases');
  perform private.require_lease(lease_seconds);
  return query
    with wanted as (
      select * from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid, pages_done int, pages_total int)
    ), mine as (
      select j.id, w.pages_done, w.pages_total from wanted w join processing_jobs j on j.id = w.job_id
        and j.lease_token = w.lease_token  -- only a job at work has one; said so, it is sought among all that were
      where j.id = any (array(select n.job_id from wanted n)) and j.machine = caller.label
        and (j.progress_at > now() - private.longest_standstill() or w.pages_done > j.pages_done) order by j.id
          for no key update of j
    ), extended as (
      update processing_jobs j set lease_expires_at = now() + make_interval(secs => lease_seconds),
        progress_at = case when m.pages_done > j.pages_done then now() else j.progress_at end,
        pages_done = least(greatest(coalesce(m.pages_done, j.pages_done), 0), private.most_pages()),
        pages_total = least(greatest(coalesce(m.pages_total, j.pages_total), 0), private.most_pages())
      from mine m where j.id = m.id returning j.id
    )
    select w.job_id, e.id is not null, coalesce(j.status = 'cancelled', false)
    from wanted w left join extended e on e.id = w.job_id left join processing_jobs j on j.id = w.job_id;
  -- Last, so that this row is locked for a moment only: complete_job locks in the same order.
  perform from machines where label = caller.label for no key update;
  perform private.add_work(caller.label, null, now(), private.clean_report(heartbeat_jobs.report));
end $$;

COMMENT ON FUNCTION public.heartbeat_jobs(leases jsonb, lease_seconds integer, report jsonb) IS 'Extends the leases the calling machine still holds, records their progress, and marks the machine alive; an idle machine calls it with [].';

CREATE FUNCTION public.index_texts() RETURNS TABLE(indexed integer, waiting boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION public.index_texts() IS 'To be called every few seconds, and again while more is waiting: makes texts that were published since findable, the oldest first. One caller at a time; no completion waits for it.';

CREATE FUNCTION public.invite_again(account_id uuid, role text, invitation_sha256 text) RETURNS SETOF public.accounts
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  found accounts;
begin
  update accounts p set removed_at = null, role = coalesce(invite_again.role, p.role)
    where p.id = invite_again.account_id returning * into found;
  if found.id is null then
    perform private.refuse('AS002', 'there is no such person');
  end if;
  perform private.invite(found.id, invite_again.invitation_sha256);
  return next found;
end $$;

COMMENT ON FUNCTION public.invite_again(account_id uuid, role text, invitation_sha256 text) IS 'A fresh link for a person, removed ones included: who opens it chooses password and second factor anew. AS002.';

CREATE FUNCTION public.join_own_computer(label text, deployment text) RETURNS SETOF public.machines
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  insert into machines as m (label, deployment, status, hosting, usd_per_hour, reason)
  values (join_own_computer.label, join_own_computer.deployment, 'booting', 'local', 0, 'one of our own computers')
  on conflict on constraint machines_pkey do update
    set status = case when m.status in ('destroying', 'destroyed') then 'booting' else m.status end,
      intent_at = now(), destroying_at = null, destroyed_at = null, destroy_reason = null, absences = 0,
        jobs_released = 0
    where m.hosting = 'local'
  returning m.*;
$$;

COMMENT ON FUNCTION public.join_own_computer(label text, deployment text) IS 'Lets one of our own computers work under a label, for the first time or again; no row back means the label is a rented machine''s.';

CREATE FUNCTION public.judge_again(filter jsonb, max_documents integer, priority text DEFAULT 'normal'::text) RETURNS SETOF integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
declare
  forced boolean := coalesce((filter ->> 'force')::boolean, false) and filter ->> 'document_id' is not null;
  wanted record;
  read processing_jobs;
  queued int := 0;
begin
  perform private.check_filter(filter);
  perform private.require_word(judge_again.priority, array['high', 'normal', 'low'], 'priority');
  if coalesce(max_documents, 0) not between 1 and private.most_analyses() then
    perform private.refuse('AS006', format('max_documents must be 1 to %s.', private.most_analyses()));
  end if;
  for wanted in select * from (select d.document_id, d.job_id from private.find_documents(filter) d
      where d.is_allowed and not d.is_waiting and (forced or not d.is_judged)
      order by d.relevancy desc nulls last, d.document_id limit max_documents) f order by f.document_id loop
    select * into read from processing_jobs where id = wanted.job_id;
    queued := queued + (private.open_analysis(read, judge_again.priority, 'person') is not null)::int;
  end loop;
  return next queued;
end $$;

COMMENT ON FUNCTION public.judge_again(filter jsonb, max_documents integer, priority text) IS 'Queues up to max_documents of those a filter means to be judged, the most relevant first; how many it queued. What waits already or is judged as it would be today is passed over, so asking twice pays once; "force" judges one document anew.';

CREATE FUNCTION public.judge_pairs(max_documents integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
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

COMMENT ON FUNCTION public.judge_pairs(max_documents integer) IS 'Queues up to max_documents to have the pairs that they proposed judged by Claude, the gravest first; how many.';

CREATE FUNCTION public.keep_chosen(call_id uuid, chosen integer[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update case_questions q set chosen = coalesce(keep_chosen.chosen, '{}') where q.call_id = keep_chosen.call_id
$$;

COMMENT ON FUNCTION public.keep_chosen(call_id uuid, chosen integer[]) IS 'What Claude chose: the same question on the same quotes is not paid twice.';

CREATE TABLE public.examinations (
    id bigint NOT NULL,
    examined_at timestamp with time zone DEFAULT now() NOT NULL,
    seconds real NOT NULL,
    probes jsonb NOT NULL
);

COMMENT ON TABLE public.examinations IS 'What the doctor found, the last few times; never a secret, never a word of a document.';

CREATE FUNCTION public.keep_examination(probes jsonb, seconds double precision) RETURNS SETOF public.examinations
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  delete from examinations e where e.id <= (select max(l.id) from examinations l) - private.most_examinations() + 1;
  insert into examinations as e (probes, seconds) values (keep_examination.probes, keep_examination.seconds)
    returning e.*
$$;

COMMENT ON FUNCTION public.keep_examination(probes jsonb, seconds double precision) IS 'Keeps what the doctor found.';

CREATE FUNCTION public.keep_head(head jsonb) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with kept as (
    insert into record_heads (seq, hash, statement, signature, public_key, timestamp_token)
      select (head ->> 'seq')::bigint, head ->> 'hash', head ->> 'statement', head ->> 'signature',
        head ->> 'public_key', head ->> 'timestamp_token'
    on conflict do nothing returning *
  ) select private.record_event(null, 'record_signed', jsonb_build_object('seq', k.seq, 'hash', k.hash,
      'signature', k.signature, 'public_key', k.public_key)) from kept k
$$;

COMMENT ON FUNCTION public.keep_head(head jsonb) IS 'Keeps a signed head {seq, hash, statement, signature, public_key, timestamp_token} and tells whoever keeps it outside; nothing for one that is there.';

CREATE FUNCTION public.keep_original(document_id uuid, kept jsonb) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  known master_document_registry;
begin
  select * into known from master_document_registry d where d.id = keep_original.document_id for no key update;
  update master_document_registry d set kept_key = nullif(kept ->> 'object_key', d.object_key),
    version_id = kept ->> 'version_id', object_etag = kept ->> 'object_etag', original_fault = null
    where d.id = known.id;
  if coalesce(known.kept_key, known.object_key) is distinct from kept ->> 'object_key'
      or known.original_fault is not null then
    return next private.record_event(known.id, 'original_kept', jsonb_build_object('object_key',
      kept ->> 'object_key', 'sha256', known.sha256));
  end if;
end $$;

COMMENT ON FUNCTION public.keep_original(document_id uuid, kept jsonb) IS 'Its bytes, read and found to have its hash, lie as {object_key, version_id, object_etag}.';

CREATE FUNCTION public.list_case_events(filter jsonb DEFAULT '{}'::jsonb, after_start timestamp without time zone DEFAULT NULL::timestamp without time zone, after_seq bigint DEFAULT NULL::bigint, most integer DEFAULT 50) RETURNS TABLE(id uuid, seq bigint, starts timestamp without time zone, ends timestamp without time zone, "precision" text, zone text, known text, title text, people jsonb, documents integer, versions integer, state text, decided_by text, decided_at timestamp with time zone, why text, tellers jsonb, total bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION public.list_case_events(filter jsonb, after_start timestamp without time zone, after_seq bigint, most integer) IS 'Events in their order, each with the first words of each of its papers (up to 20), from the cursor on, and how many there are.';

CREATE FUNCTION public.list_documents(search jsonb, sort text, descending boolean, after jsonb, most integer) RETURNS TABLE(document_id uuid, place jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $_$
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
end $_$;

COMMENT ON FUNCTION public.list_documents(search jsonb, sort text, descending boolean, after jsonb, most integer) IS 'The next documents that a search {q, type, person, source, folder, tag, year, status, sensitivity, important, exhibit, case_number, batch_id, matter_id, person_id, since, date_from, date_to, min_relevancy} means, each with its place: the cursor.';

CREATE FUNCTION public.list_duplicates(document_id uuid DEFAULT NULL::uuid, matter_id uuid DEFAULT NULL::uuid, before timestamp with time zone DEFAULT NULL::timestamp with time zone, most integer DEFAULT 50) RETURNS TABLE(copy_id uuid, copy_filename text, original_id uuid, original_filename text, kind text, likeness real, found_by text, state text, decided_by text, decided_at timestamp with time zone, why text, found_at timestamp with time zone, total bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.list_duplicates(document_id uuid, matter_id uuid, before timestamp with time zone, most integer) IS 'Copies with their originals, the newest first.';

CREATE FUNCTION public.list_originals(after jsonb, most integer) RETURNS TABLE(document_id uuid, object_key text, version_id text, object_etag text, sha256 text, md5 text, bytes bigint, fault text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select d.id, coalesce(d.kept_key, d.object_key), d.version_id, d.object_etag, d.sha256, d.md5, d.bytes,
    d.original_fault
  from master_document_registry d
  where (coalesce(d.kept_key, d.object_key) collate "C", d.id) > (coalesce(list_originals.after ->> 'object_key', ''),
      coalesce(list_originals.after ->> 'document_id', '00000000-0000-0000-0000-000000000000')::uuid)
    and d.sha256 is not null
  order by coalesce(d.kept_key, d.object_key) collate "C", d.id limit list_originals.most
$$;

COMMENT ON FUNCTION public.list_originals(after jsonb, most integer) IS 'What the bucket should hold, in the order in which it lists its objects, behind {object_key, document_id}.';

CREATE FUNCTION public.list_people(words text DEFAULT NULL::text, matter_id uuid DEFAULT NULL::uuid, before bigint DEFAULT NULL::bigint, most integer DEFAULT 50) RETURNS TABLE(id uuid, rank bigint, name text, sex text, roles text[], aliases integer, documents integer, total bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select p.id, p.rank, p.name, p.sex, p.roles,
    (select count(*) from case_names n where n.person_id = p.id and n.documents > 0)::int,
    case when list_people.matter_id is null then p.documents else (select count(*)::int from people_documents x
      where x.person_id = p.id and private.is_in_matter(x.document_id, list_people.matter_id)) end,
    (select count(*) from private.find_people(words, list_people.matter_id))
  from private.find_people(words, list_people.matter_id) p where before is null or p.rank < before
  order by p.rank desc limit least(most, private.most_listed())
$$;

COMMENT ON FUNCTION public.list_people(words text, matter_id uuid, before bigint, most integer) IS 'Persons, who stands in most documents first, from the cursor rank on, with how many there are.';

CREATE FUNCTION public.list_reminders(wanted text, today date, after jsonb, most integer, matter_id uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, day date, text text, document_id uuid, original_filename text, page integer, start integer, quote text, made text, done_at timestamp with time zone, decided_by text, total bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.list_reminders(wanted text, today date, after jsonb, most integer, matter_id uuid) IS 'Days that come (next), that went by (past), the nearest first, or are done with; of a matter, and those of no document.';

CREATE FUNCTION public.list_statements(person_id uuid DEFAULT NULL::uuid, document_id uuid DEFAULT NULL::uuid, event_id uuid DEFAULT NULL::uuid, matter_id uuid DEFAULT NULL::uuid, before bigint DEFAULT NULL::bigint, most integer DEFAULT 50) RETURNS TABLE(id bigint, document_id uuid, original_filename text, document_type text, document_date date, page integer, start integer, quote text, voice text, speaker_id uuid, speaker text, said_at timestamp without time zone, starts timestamp without time zone, ends timestamp without time zone, "precision" text, known text, place bigint, total bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION public.list_statements(person_id uuid, document_id uuid, event_id uuid, matter_id uuid, before bigint, most integer) IS 'What a person says, a document says, or papers say of an event (one of the three), in a matter''s documents: the newest first, copies left out.';

CREATE FUNCTION public.list_terms(state text DEFAULT NULL::text, document_id uuid DEFAULT NULL::uuid, matter_id uuid DEFAULT NULL::uuid, after bigint DEFAULT NULL::bigint, most integer DEFAULT 50) RETURNS TABLE(id uuid, seq bigint, document_id uuid, original_filename text, document_date date, page integer, start integer, quote text, bound jsonb, bound_words text[], duty text, act text, amount_usd numeric, per text, due_day integer, weekdays integer[], weeks integer[], hour_from time without time zone, hour_until time without time zone, hours_before numeric, starts date, ends date, allowed_places text[], forbidden_places text[], exceptions jsonb, state text, standing boolean, proposed_by text, decided_by text, decided_at timestamp with time zone, why text, total bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.list_terms(state text, document_id uuid, matter_id uuid, after bigint, most integer) IS 'What orders say, term by term, from the cursor seq on, and how many terms there are; none of copies.';

CREATE FUNCTION public.list_unwritten_choices(most integer) RETURNS SETOF public.kept_choices
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  select * from kept_choices k where k.object_etag is null order by k.said_at, k.name
  limit list_unwritten_choices.most
$$;

COMMENT ON FUNCTION public.list_unwritten_choices(most integer) IS 'What is to be written into the bucket, the oldest first.';

CREATE FUNCTION public.make_binders(set_id uuid, binders jsonb) RETURNS TABLE(document_id uuid, job_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  members uuid[];
  member jsonb;
begin
  perform private.require_array(make_binders.binders, 'binders');
  if jsonb_array_length(make_binders.binders) not between 1 and private.most_bound() then
    perform private.refuse('AS006', format('1 to %s binders at once.', private.most_bound()));
  end if;
  members := array(select distinct (m ->> 'document_id')::uuid from jsonb_array_elements(make_binders.binders) as b,
    jsonb_array_elements(b -> 'members') as m);
  perform private.meet_documents((select jsonb_agg(private.file_of_binder(b))
    from jsonb_array_elements(make_binders.binders) as b), members);
  for member in select m from jsonb_array_elements(make_binders.binders) as b,
      jsonb_array_elements(b -> 'members') as m loop
    perform private.bindable(member);
  end loop;
  return query select e.document_id, e.job_id from jsonb_array_elements(make_binders.binders)
    with ordinality as b(value, place)
    cross join lateral private.enter_binder(b.value, make_binders.set_id, b.place::int) as e order by b.place;
  update master_document_registry d set bound_set = make_binders.set_id where d.id = any (members)
    and private.are_all_pages_in(d.id, make_binders.set_id);
exception when check_violation or not_null_violation or unique_violation or data_exception then
  perform private.refuse('AS006', format('A binder is malformed (%s).', sqlstate));
end $$;

COMMENT ON FUNCTION public.make_binders(set_id uuid, binders jsonb) IS 'Binders {file, members: [{document_id, pages?}]} of one set, all or none; members stay as they are.';

CREATE TABLE public.matters (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    created_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT matters_name_check CHECK (((name ~ '\S'::text) AND (length(name) <= 200)))
);

COMMENT ON TABLE public.matters IS 'The cases that documents belong to. One by default, which nobody sees until there is another.';

CREATE FUNCTION public.make_matter(name text, decided_by text) RETURNS SETOF public.matters
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  made matters;
begin
  insert into matters (name, created_by) values (make_matter.name, make_matter.decided_by) returning * into made;
  perform private.keep_decision('make_matter', made.id::text, make_matter.decided_by, null,
    jsonb_build_object('name', made.name));
  return next made;
end $$;

COMMENT ON FUNCTION public.make_matter(name text, decided_by text) IS 'Another case.';

CREATE FUNCTION public.mark_destroying(label text, reason text, blame text DEFAULT NULL::text) RETURNS SETOF public.machines
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with ended as (
    update machines m
      set status = 'destroying', destroying_at = now(), destroy_reason = mark_destroying.reason,
        blame = mark_destroying.blame, absences = 0
      where m.label = mark_destroying.label and m.status in ('intent', 'booting', 'ready')
    returning m.*
  ), told as (
    insert into events (kind, machine, payload)
    select 'machine_ended', e.label, jsonb_build_object('reason', e.destroy_reason, 'pages_done', e.pages_done)
      from ended e
  )
  select * from ended;
$$;

COMMENT ON FUNCTION public.mark_destroying(label text, reason text, blame text) IS 'Decides a machine''s end, once; the first reason stands. Only two good lists without it make it destroyed.';

CREATE FUNCTION public.mark_finding(document_id uuid, finding_id bigint, is_wrong boolean, decided_by text, why text DEFAULT NULL::text) RETURNS TABLE(id uuid, changed integer, unchanged integer, kept integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.mark_finding(document_id uuid, finding_id bigint, is_wrong boolean, decided_by text, why text) IS 'A person says that a finding is wrong, or right after all; it stays so when it is found again on nearly the same words.';

CREATE FUNCTION public.merge_people(person_id uuid, other_id uuid, decided_by text, why text DEFAULT NULL::text) RETURNS TABLE(decision_id uuid, kept_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    AS $$
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

COMMENT ON FUNCTION public.merge_people(person_id uuid, other_id uuid, decided_by text, why text) IS 'Two persons are one: the second''s names are the first''s. Holds whatever is drawn later, until it is undone.';

CREATE FUNCTION public.miss_choices(written text[]) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update kept_choices k set object_etag = null where k.object_etag is not null
    and k.name <> all (miss_choices.written) returning k.name
$$;

COMMENT ON FUNCTION public.miss_choices(written text[]) IS 'The bucket has these and no others: the others are to be written again.';

CREATE FUNCTION public.note_alarm_told(alarm_id bigint) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update alarms a set told_at = now() where a.id = note_alarm_told.alarm_id returning a.id
$$;

COMMENT ON FUNCTION public.note_alarm_told(alarm_id bigint) IS 'A channel has told somebody.';

CREATE FUNCTION public.note_choices_written(name text, said_at timestamp with time zone, object_etag text) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update kept_choices k set object_etag = note_choices_written.object_etag
  where k.name = note_choices_written.name and k.said_at = note_choices_written.said_at returning k.name
$$;

COMMENT ON FUNCTION public.note_choices_written(name text, said_at timestamp with time zone, object_etag text) IS 'The bucket has it, as it was at that moment; what changed since is written again.';

CREATE TABLE public.claude_message_batches (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    vendor_id text,
    status text DEFAULT 'sending'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT claude_message_batches_check CHECK (((status <> ALL (ARRAY['sent'::text, 'ended'::text])) OR (vendor_id IS NOT NULL))),
    CONSTRAINT claude_message_batches_status_check CHECK ((status = ANY (ARRAY['sending'::text, 'sent'::text, 'ended'::text, 'lost'::text])))
);

COMMENT ON TABLE public.claude_message_batches IS 'Calls that went to Anthropic together, at half the price.';

COMMENT ON COLUMN public.claude_message_batches.vendor_id IS 'Anthropic''s name for it.';

COMMENT ON COLUMN public.claude_message_batches.status IS 'sending (its calls are reserved; whether Anthropic has it is not known) → sent → ended (every result was seen); sending → lost (Anthropic never had it: nothing was charged).';

CREATE FUNCTION public.note_message_batch(message_batch_id uuid, status text, vendor_id text DEFAULT NULL::text) RETURNS SETOF public.claude_message_batches
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform private.require_word(note_message_batch.status, array['sent', 'ended', 'lost'], 'status');
  return query update claude_message_batches b set status = note_message_batch.status,
      vendor_id = coalesce(b.vendor_id, note_message_batch.vendor_id),
      ended_at = case when note_message_batch.status = 'sent' then null else now() end
    where b.id = note_message_batch.message_batch_id and (b.status = 'sending' or (b.status = 'sent'
      and note_message_batch.status = 'ended')) returning b.*;
  if found and note_message_batch.status <> 'sent' then
    -- What has no result by now was never processed, and is not charged.
    update claude_calls c set status = 'settled', outcome = 'failed', cost_usd = 0, settled_at = now()
      where c.message_batch_id = note_message_batch.message_batch_id and c.status in ('reserved', 'expired');
  end if;
end $$;

COMMENT ON FUNCTION public.note_message_batch(message_batch_id uuid, status text, vendor_id text) IS 'Says what is known of a message batch: sent (Anthropic has it, as vendor_id), ended (every result was settled) or lost (Anthropic never had it). No row: that was known.';

CREATE FUNCTION public.note_original(document_id uuid, fault text) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform private.require_word(coalesce(note_original.fault, 'none'), array['none', 'missing', 'changed'], 'fault');
  update master_document_registry d set original_fault = note_original.fault where d.id = note_original.document_id
    and d.original_fault is distinct from note_original.fault;
  if found then
    return next private.record_event(note_original.document_id, case when note_original.fault is null
      then 'original_kept' else 'original_lost' end, jsonb_strip_nulls(jsonb_build_object('fault',
      note_original.fault)));
  end if;
end $$;

COMMENT ON FUNCTION public.note_original(document_id uuid, fault text) IS 'Its original is missing, or has other bytes; null: it is as it came. An event where that is news, and its id.';

CREATE FUNCTION public.note_program(name text, late_after_seconds integer, version text DEFAULT NULL::text, problem text DEFAULT NULL::text) RETURNS SETOF public.programs
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  insert into programs as p (name, late_after_seconds, version, problem)
    values (note_program.name, note_program.late_after_seconds, left(note_program.version, 40),
      left(note_program.problem, 60))
    on conflict on constraint programs_pkey do update set beat_at = now(), version = excluded.version,
      late_after_seconds = excluded.late_after_seconds, problem = excluded.problem
    returning p.*
$$;

COMMENT ON FUNCTION public.note_program(name text, late_after_seconds integer, version text, problem text) IS 'A program lives.';

CREATE FUNCTION public.note_right_password(guess_id bigint) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  update sign_in_guesses g set password_right = true where g.id = note_right_password.guess_id returning g.id
$$;

COMMENT ON FUNCTION public.note_right_password(guess_id bigint) IS 'The guess had the right password: from here on only codes are guessed.';

CREATE FUNCTION public.park_event(consumer text, event_id bigint, reason text, least_offers integer DEFAULT 1) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  parked events;
begin
  update event_deliveries d set parked_at = now(), reason = left(park_event.reason, private.longest_word())
    where d.consumer = park_event.consumer and d.event_id = park_event.event_id and d.parked_at is null
      and d.times_offered >= park_event.least_offers;
  if not found then
    return;
  end if;
  select * into parked from events e where e.id = park_event.event_id;
  if parked.payload ->> 'name' is distinct from 'parked_notice' then
    perform raise_alarm('parked_notice', format(
      'A notice could not be written (event %s, %s, %s). It is put aside, all others go on; look on the dashboard at '
      'what happened at %s UTC.', parked.id, parked.kind, park_event.reason,
      to_char(parked.created_at at time zone 'utc', 'YYYY-MM-DD HH24:MI')));
  end if;
  return query select park_event.event_id;
end $$;

COMMENT ON FUNCTION public.park_event(consumer text, event_id bigint, reason text, least_offers integer) IS 'Puts an event aside that this consumer cannot deal with, once it was offered least_offers times, and raises an alarm; returns its id if it was put aside now.';

CREATE FUNCTION public.pause_dear_batches(max_usd double precision) RETURNS SETOF public.batches
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $_$
#variable_conflict use_column
declare
  dear uuid;
begin
  -- All that wait together, by what is counted of them: a thousand may.
  for dear in select b.id from private.batches_machine_usd(array(select c.batch_id from job_counts c
        where c.kind = 'read' and c.status = 'queued' group by 1 having sum(c.jobs) > 0)) w
      join batches b on b.id = w.batch_id where w.usd >= max_usd and b.status in ('open', 'running') loop
    return query select * from set_batch_status(dear, 'paused');
    perform raise_alarm('batch_at_cap',
      format('Batch %s has cost its $%s of MAX_DOLLARS_PER_BATCH and is paused. '
      'Raise the cap and resume it, or stop it.', dear, max_usd), dear::text);
  end loop;
end $_$;

COMMENT ON FUNCTION public.pause_dear_batches(max_usd double precision) IS 'Parks each batch whose share of its machines has reached the cap, whoever else they worked for; its running jobs may end.';

CREATE FUNCTION public.pause_door(name text, code text, message text DEFAULT NULL::text, retry_seconds integer DEFAULT NULL::integer) RETURNS SETOF public.doors
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
#variable_conflict use_column
declare
  was doors;
  door doors;
begin
  select * into was from doors d where d.name = pause_door.name for no key update;
  if not found or coalesce(pause_door.code, '') !~ '^[a-z_]{1,60}$' then
    perform private.refuse('AS006', 'There is no such door, or the code is no short word like no_credit.');
  elsif was.status = 'no_key' or was.code = 'by_hand' then
    return;
  end if;
  update doors d set status = 'paused', code = pause_door.code,
      message = left(pause_door.message, private.longest_reason()),
      since = case when was.status = 'paused' then d.since else now() end,
      tries = case when was.status = 'paused' then d.tries + 1 else 0 end,
      next_try_at = case when pause_door.code <> 'by_hand' then now() + coalesce(
        make_interval(secs => pause_door.retry_seconds), private.door_pause(pause_door.code)) end
    where d.name = was.name returning * into door;
  if door.code <> 'by_hand' and (not private.passes_by_itself(door.code)
      or door.since < now() - private.quiet_pause()) then
    perform raise_alarm(door.name || '_paused', format('%s is paused (%s): %s', initcap(door.name),
      replace(door.code, '_', ' '), door.message));
  end if;
  if was.status = 'open' then
    insert into events (kind, payload) values ('door_paused', jsonb_build_object('door', door.name, 'code', door.code,
      'message', door.message));
    return next door;
  end if;
end $_$;

COMMENT ON FUNCTION public.pause_door(name text, code text, message text, retry_seconds integer) IS 'Nobody asks this vendor any more, for a reason that concerns everything behind the door: one event and one alarm. While it is paused: the careful call failed again. No row when it was paused already, by a person, or has no key.';

CREATE FUNCTION public.postpone_analysis(job_id uuid, lease_token uuid, reason text, seconds integer DEFAULT 60) RETURNS TABLE(status text, run_after timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $_$
#variable_conflict use_column
declare
  job processing_jobs := private.held_analysis(postpone_analysis.job_id, postpone_analysis.lease_token);
  capped text;
  cap numeric;
  later timestamptz;
begin
  perform private.require_word(postpone_analysis.reason, array['day_cap', 'batch_cap', 'document_cap', 'claude_busy',
    'claude_away', 'claude_paused'], 'reason');
  if coalesce(postpone_analysis.seconds, 0) not between 1 and private.longest_postponement() then
    perform private.refuse('AS006', format('seconds must be 1 to %s.', private.longest_postponement()));
  end if;
  capped := substring(postpone_analysis.reason from '^(day|batch|document)_cap$');
  cap := (select (d.caps ->> capped)::numeric from claude_desk d);
  if cap is not null then
    insert into claude_caps_reached as c (scope, id, cap_usd) values (capped, case capped
      when 'day' then ((now() at time zone 'utc')::date)::text when 'batch' then job.batch_id::text
      else job.document_id::text end, cap)
    on conflict on constraint claude_caps_reached_pkey do update set since = case when c.cap_usd = excluded.cap_usd
      then c.since else now() end, cap_usd = excluded.cap_usd;
  elsif postpone_analysis.reason <> 'claude_paused' then
    later := now() + make_interval(secs => postpone_analysis.seconds);
  end if;
  perform private.return_analysis(job, true, later, case when cap is null then postpone_analysis.reason end);
  return query select 'queued', later;
end $_$;

COMMENT ON FUNCTION public.postpone_analysis(job_id uuid, lease_token uuid, reason text, seconds integer) IS 'Claude is not to be had for this document now: back in the line, with its attempt. A cap is remembered, and nothing under it is given out until the day or the cap changes; busy and away come again after "seconds".';

CREATE FUNCTION public.price_estimate(estimate_id uuid, price jsonb) RETURNS SETOF public.estimates
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update estimates e set status = 'ready', price = price_estimate.price, priced_at = now(),
    expires_at = now() + private.estimate_life()
  where e.id = price_estimate.estimate_id and e.status = 'sampling' returning e.*
$$;

COMMENT ON FUNCTION public.price_estimate(estimate_id uuid, price jsonb) IS 'Writes the price of an estimate whose sample was read, once; no row when it has one already.';

CREATE FUNCTION public.propose_pairs(max_documents integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION public.propose_pairs(max_documents integer) IS 'Works off documents whose facts have changed; how many: at least one, however long it takes. Repeat until 0.';

CREATE TABLE public.contract_bills (
    contract_id bigint NOT NULL,
    label text NOT NULL,
    usd double precision NOT NULL,
    first_read_at timestamp with time zone DEFAULT now() NOT NULL,
    read_at timestamp with time zone DEFAULT now() NOT NULL,
    grew_at timestamp with time zone DEFAULT now() NOT NULL,
    grew_since timestamp with time zone,
    proved_at timestamp with time zone
);

COMMENT ON TABLE public.contract_bills IS 'What one reading of the bill after another said of a contract.';

COMMENT ON COLUMN public.contract_bills.grew_at IS 'The reading that showed the last growth; grew_since is the one before it.';

COMMENT ON COLUMN public.contract_bills.proved_at IS 'Since then the bill is known to stand still, until it grows again.';

CREATE FUNCTION public.prove_bill(contract_id bigint) RETURNS SETOF public.contract_bills
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update contract_bills b set proved_at = now() where b.contract_id = prove_bill.contract_id returning b.*;
$$;

COMMENT ON FUNCTION public.prove_bill(contract_id bigint) IS 'The contract''s bill has stopped.';

CREATE FUNCTION public.raise_alarm(name text, message text, about text DEFAULT ''::text) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  alarm alarms;
begin
  if exists (select from alarms a where a.name = raise_alarm.name and a.about = raise_alarm.about
      and a.settled_at is null and a.cleared_at is null and a.last_seen_at > now() - private.alarm_glance()) then
    return;
  end if;
  update alarms a set last_seen_at = now(), message = left(raise_alarm.message, private.longest_alarm()),
      cleared_at = null, cleared_by = null
    where a.name = raise_alarm.name and a.about = raise_alarm.about and a.settled_at is null;
  if not found then
    insert into alarms (name, about, message)
      values (raise_alarm.name, raise_alarm.about, left(raise_alarm.message, private.longest_alarm()))
      on conflict (name, about) where settled_at is null do nothing returning * into alarm;
    if found then
      return next private.tell_alarm('alarm_raised', alarm);
    end if;
  end if;
end $$;

COMMENT ON FUNCTION public.raise_alarm(name text, message text, about text) IS 'Raises an alarm, or says that its cause is still there: one alarm until it is cleared, with the newest message. What comes back before its end was told was never gone. The id of its event if it is new.';

CREATE FUNCTION public.read_again(batch_id uuid) RETURNS SETOF public.batches
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  old batches;
  started batches;
begin
  select * into old from batches b where b.id = read_again.batch_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif old.status not in ('stopped', 'completed') then
    perform private.refuse('AS003', format('The batch is %s: stop it first, or let it come to its end.', old.status));
  elsif not exists (select from private.unread_of(old.id)) then
    perform private.refuse('AS003', 'Nothing of this batch is left unread.');
  end if;
  insert into batches (name, status, source, priority, placement, allow_claude, limits, again_of)
    values (old.name, 'running', old.source, old.priority, old.placement, old.allow_claude, old.limits, old.id)
      returning * into started;
  insert into batch_checkpoints (batch_id, place, again_after, queued)
    select started.id, coalesce(c.place, ''), 0, 0 from (select 1) as one left join batch_checkpoints c
      on c.batch_id = old.id;
  insert into events (kind, batch_id, payload) values ('batch_started', started.id, jsonb_build_object('source',
    started.source, 'again_of', old.id));
  return next started;
end $$;

COMMENT ON FUNCTION public.read_again(batch_id uuid) IS 'A new batch for what an ended one has left unread; an unfinished scan goes on where it was. AS003 while the batch runs, or when nothing is left.';

CREATE FUNCTION public.record_absence(label text, known integer DEFAULT NULL::integer) RETURNS SETOF public.machines
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update machines m
    set absences = m.absences + 1,
      status = case when m.status = 'destroying' and m.absences >= 1 then 'destroyed' else m.status end,
      destroyed_at = case when m.status = 'destroying' and m.absences >= 1 then now() else m.destroyed_at end
    where m.label = record_absence.label and m.status <> 'destroyed'
      and m.absences = coalesce(record_absence.known, m.absences)
  returning m.*;
$$;

COMMENT ON FUNCTION public.record_absence(label text, known integer) IS 'One good list lacked the machine. The second in a row makes a destroying one destroyed. With `known`, the count before it, a call that is done twice counts one list once.';

CREATE FUNCTION public.record_access(person text, via text, action text, route text, document_id uuid, status integer, address text) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  insert into access_log (person, via, action, route, document_id, status, address) values (record_access.person,
    record_access.via, record_access.action, record_access.route, record_access.document_id, record_access.status,
    record_access.address) returning id
$$;

COMMENT ON FUNCTION public.record_access(person text, via text, action text, route text, document_id uuid, status integer, address text) IS 'Writes down what somebody did.';

CREATE FUNCTION public.record_bill_reading(seen bigint[], since date) RETURNS SETOF public.contract_bills
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with read as (
    select m.contract_id, m.label from machines m
    where m.contract_id is not null and m.hosting <> 'local'
      and (m.destroyed_at is null or m.destroyed_at >= record_bill_reading.since::timestamp at time zone 'utc')
      and (m.contract_id = any (record_bill_reading.seen)
        or not exists (select from fleet_charges c where c.contract_id = m.contract_id))
    union
    select c.contract_id, max(c.label) from fleet_charges c
    where c.contract_id = any (record_bill_reading.seen)
      and not exists (select from machines m where m.contract_id = c.contract_id)
    group by 1
  ), told as (
    select r.contract_id, r.label,
      coalesce((select sum(c.usd) from fleet_charges c where c.contract_id = r.contract_id), 0) as usd
    from read r
  )
  insert into contract_bills as b (contract_id, label, usd)
  select t.contract_id, coalesce(t.label, ''), t.usd from told t
  on conflict on constraint contract_bills_pkey do update
    set usd = excluded.usd, read_at = now(),
      grew_at = case when excluded.usd > b.usd + private.bill_grain() then now() else b.grew_at end,
      grew_since = case when excluded.usd > b.usd + private.bill_grain() then b.read_at else b.grew_since end,
      proved_at = case when excluded.usd > b.usd + private.bill_grain() then null else b.proved_at end
  returning b.*;
$$;

COMMENT ON FUNCTION public.record_bill_reading(seen bigint[], since date) IS 'After record_charges: the bill from a day on showed the contracts `seen`. One that it showed before and now lacks is not read: that proves nothing.';

CREATE FUNCTION public.record_boot(label text, status text, message text) RETURNS SETOF public.machines
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update machines m
    set vast_status = record_boot.status, vast_message = left(record_boot.message, private.longest_reason()),
      absences = 0, seen_at = now(),
      running_at = coalesce(m.running_at, case when record_boot.status = 'running' then now() end),
      destroyed_at = null,
      status = case when m.status = 'destroyed' then 'destroying' else m.status end
    where m.label = record_boot.label
  returning m.*;
$$;

COMMENT ON FUNCTION public.record_boot(label text, status text, message text) IS 'Writes what a good list says of a machine. A destroyed machine that is seen again goes back to destroying.';

CREATE TABLE public.fleet_charges (
    contract_id bigint NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    label text,
    usd double precision NOT NULL,
    charged_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.fleet_charges IS 'What Vast.ai charged, per contract, UTC day and kind.';

CREATE FUNCTION public.record_charges(charges jsonb) RETURNS SETOF public.fleet_charges
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  insert into fleet_charges as f (contract_id, day, kind, label, usd)
  select (c ->> 'contract_id')::bigint, (c ->> 'day')::date, c ->> 'kind', c ->> 'label',
    sum((c ->> 'usd')::double precision)
    from jsonb_array_elements(record_charges.charges) c
    group by 1, 2, 3, 4
  on conflict on constraint fleet_charges_pkey do update
    set usd = excluded.usd, label = excluded.label, charged_at = now()
  returning f.*;
$$;

COMMENT ON FUNCTION public.record_charges(charges jsonb) IS 'Writes what Vast.ai charged per contract, day and kind; asking again replaces.';

CREATE FUNCTION public.record_contract(label text, contract_id bigint) RETURNS SETOF public.machines
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update machines m
    set contract_id = record_contract.contract_id, contract_at = coalesce(m.contract_at, now()),
      status = case when m.status <> 'intent' then m.status
            when m.last_heartbeat_at is not null then 'ready' else 'booting' end
    where m.label = record_contract.label
    and (m.contract_id is null or m.contract_id = record_contract.contract_id)
  returning m.*;
$$;

COMMENT ON FUNCTION public.record_contract(label text, contract_id bigint) IS 'Writes Vast.ai''s number for the machine; no row back means the label already has another contract.';

CREATE FUNCTION public.record_destroy_call(label text) RETURNS SETOF public.machines
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update machines m set destroy_calls = m.destroy_calls + 1, destroy_called_at = now()
    where m.label = record_destroy_call.label
  returning m.*;
$$;

COMMENT ON FUNCTION public.record_destroy_call(label text) IS 'Counts one destroy call, for the pause before the next.';

CREATE FUNCTION public.record_log(label text, word text) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update machines m set log_word = record_log.word, log_read_at = now() where m.label = record_log.label
  returning m.label;
$$;

COMMENT ON FUNCTION public.record_log(label text, word text) IS 'Writes what a machine''s log ended with, a word of ours and no line of it.';

CREATE FUNCTION public.record_passwords_given(document_id uuid, job_id uuid, machine text) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  insert into events (kind, document_id, job_id, machine) values ('passwords_given', record_passwords_given.document_id,
    record_passwords_given.job_id, record_passwords_given.machine) returning id
$$;

COMMENT ON FUNCTION public.record_passwords_given(document_id uuid, job_id uuid, machine text) IS 'Writes into a document''s chain that a machine was given the passwords to try on it.';

CREATE TABLE public.price_increases (
    contract_id bigint NOT NULL,
    pending_id bigint NOT NULL,
    applies_at timestamp with time zone,
    changes jsonb NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.price_increases IS 'What hosts ask for machines we have, from the end of their contracts on. Shown, and never accepted.';

COMMENT ON COLUMN public.price_increases.changes IS 'What would change (gpu, disk, upload, download, fee) → [old, new] dollars.';

CREATE FUNCTION public.record_price_increases(increases jsonb, forget_others boolean) RETURNS SETOF public.price_increases
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  with gone as (
    delete from price_increases p where record_price_increases.forget_others
      and not exists (select from jsonb_array_elements(record_price_increases.increases) i
        where (i ->> 'contract_id')::bigint = p.contract_id)
  )
  insert into price_increases as p (contract_id, pending_id, applies_at, changes)
  select distinct on (1) (i ->> 'contract_id')::bigint, (i ->> 'pending_id')::bigint,
    to_timestamp((i ->> 'applies_at')::double precision), i -> 'changes'
    from jsonb_array_elements(record_price_increases.increases) i order by 1, 2 desc
  on conflict on constraint price_increases_pkey do update
    set pending_id = excluded.pending_id, applies_at = excluded.applies_at, changes = excluded.changes,
      seen_at = now()
  returning p.*;
$$;

COMMENT ON FUNCTION public.record_price_increases(increases jsonb, forget_others boolean) IS 'Writes what hosts ask, the latest of a contract; with forget_others these are all there are.';

CREATE FUNCTION public.record_refusal(label text, reason text) RETURNS SETOF public.machines
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update machines m
    set status = 'destroying', destroying_at = now(), destroy_reason = record_refusal.reason, refused = true,
      absences = 0
    where m.label = record_refusal.label and m.status = 'intent' and m.contract_id is null
  returning m.*;
$$;

COMMENT ON FUNCTION public.record_refusal(label text, reason text) IS 'Vast.ai refused the intent: two good lists without it end it, with no time for doubt.';

CREATE FUNCTION public.record_refused_file(file jsonb) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  insert into events (kind, payload) values ('file_refused', jsonb_build_object(
    'original_filename', left(record_refused_file.file ->> 'original_filename', private.longest_reason()),
    'source', record_refused_file.file ->> 'source', 
    'code', left(record_refused_file.file ->> 'code', private.longest_word()),
    'message', left(record_refused_file.file ->> 'message', private.longest_reason()))) returning id
$$;

COMMENT ON FUNCTION public.record_refused_file(file jsonb) IS 'Keeps that a file was not taken in, and why: {original_filename, source, code, message}. Its bytes are not kept.';

CREATE FUNCTION public.record_verdict(label text, decision text, reason text) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update machines m
    set verdict = record_verdict.decision, verdict_reason = left(record_verdict.reason, private.longest_reason()),
      verdict_at = now()
    where m.label = record_verdict.label and m.status <> 'destroyed'
  returning m.label;
$$;

COMMENT ON FUNCTION public.record_verdict(label text, decision text, reason text) IS 'Writes what becomes of a machine, and why, where that is news.';

CREATE FUNCTION public.record_webhook_delivery(webhook_id uuid, event_id bigint, status_code integer, problem text, seconds double precision) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
  insert into webhook_deliveries (webhook_id, event_id, status_code, problem, seconds)
    values (record_webhook_delivery.webhook_id, record_webhook_delivery.event_id, record_webhook_delivery.status_code,
      left(record_webhook_delivery.problem, 200), record_webhook_delivery.seconds) returning id
$$;

COMMENT ON FUNCTION public.record_webhook_delivery(webhook_id uuid, event_id bigint, status_code integer, problem text, seconds double precision) IS 'Writes down one try to send an event.';

CREATE FUNCTION public.release_analyses(leases jsonb) RETURNS TABLE(job_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  job processing_jobs;
begin
  for job in select j.* from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid)
      join processing_jobs j on j.id = l.job_id and j.lease_token = l.lease_token
      where j.status = 'processing' and j.kind <> 'read' order by j.document_id for no key update of j loop
    perform private.return_analysis(job, true, null, null);
    job_id := job.id;
    return next;
  end loop;
end $$;

COMMENT ON FUNCTION public.release_analyses(leases jsonb) IS 'Hands jobs to analyse back unharmed: the attempt is given back.';

CREATE FUNCTION public.release_expired_jobs() RETURNS TABLE(job_id uuid, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  job processing_jobs;
  ended uuid[] := array(select id from processing_jobs where status = 'processing' and lease_expires_at < now()
    limit private.sweep_size() for no key update skip locked);
  -- A worker that still reports has lost the job by itself. Machines of which nothing is heard any more, two and more
  -- at once, are one outage: ours, or the network's.
  unheard text[] := array(select m.label from machines m where m.label in (select machine from processing_jobs
    where id = any (ended)) and coalesce(m.last_heartbeat_at, '-infinity') < now() - private.longest_silence());
  held jsonb := (select jsonb_object_agg(machine, jobs) from (select j.machine, count(*) as jobs
    from processing_jobs j where j.status = 'processing' and j.machine in (select machine from processing_jobs
      where id = any (ended)) group by 1) counted);
  dropped uuid[] := array(select id from processing_jobs where id = any (array(select
    private.waiting_in_stopped_batches())) and status = 'queued' for no key update skip locked);
begin
  -- Both kinds in one go: documents are locked in one order.
  for job in select * from processing_jobs where id = any (ended || dropped) order by document_id loop
    job_id := job.id;
    if job.id = any (dropped) then
      perform private.drop_job(job);
      status := 'cancelled';
    elsif job.kind <> 'read' then
      status := private.bury_analysis(job);
    elsif cardinality(unheard) > 1 and job.machine = any (unheard) then
      -- With a code, so that no machine is stamped: a sweep over many would lock them in no order.
      perform private.return_job(job, 'job_released', true, null, 'worker_died',
        'Several machines fell silent together; the job is waiting for another one.');
      status := 'queued';
    else
      status := private.bury_job(job, (held ->> job.machine)::int > 1);
    end if;
    return next;
  end loop;
  perform private.tidy_lane(s.lane_id) from (select distinct l.lane_id from live_lanes l join batches b
    on b.id = l.batch_id where b.status = 'stopped') s;
  perform private.fold_counts();
  perform private.fold_refusals();
  perform private.fold_sums(private.most_counted_anew());
  perform private.add_noted_work(m.label) from machines m where m.label in (select w.machine from machine_work w)
    for no key update skip locked;
end $$;

COMMENT ON FUNCTION public.release_expired_jobs() IS 'To be called every few seconds: jobs whose worker fell silent are queued again or, with their attempts used up, fail as worker_died; what still waits in a stopped batch is cancelled, some hundreds a call.';

CREATE FUNCTION public.release_jobs(leases jsonb, broken boolean DEFAULT false) RETURNS TABLE(job_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  caller machines := private.token_machine(also_destroying => true);
  job processing_jobs;
  released int := 0;
begin
  for job in select j.* from jsonb_to_recordset(leases) as l(job_id uuid, lease_token uuid)
      join processing_jobs j on j.id = l.job_id and j.lease_token = l.lease_token
      where j.id = any (array(select (n ->> 'job_id')::uuid from jsonb_array_elements(leases) n))
        and j.machine = caller.label order by j.document_id for no key update of j loop
    if release_jobs.broken then
      -- The first machine that broke is no document's fault; one that breaks machine after machine comes to an end.
      perform private.bury_job(job, true);
    else
      perform private.return_job(job, 'job_released', true, null, null, null);
    end if;
    job_id := job.id;
    released := released + 1;
    return next;
  end loop;
  update machines set jobs_released = jobs_released + released where label = caller.label and released > 0;
end $$;

COMMENT ON FUNCTION public.release_jobs(leases jsonb, broken boolean) IS 'Hands jobs back unharmed: the attempt is given back. Those of a machine that broke are suspects from then on. Allowed even while the machine is being destroyed.';

CREATE FUNCTION public.remove_account(account_id uuid) RETURNS SETOF public.accounts
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  found accounts;
begin
  update accounts p set removed_at = coalesce(p.removed_at, now()), password_hash = null, totp_sealed = null,
    recovery_sha256 = '{}' where p.id = remove_account.account_id returning * into found;
  if found.id is null then
    perform private.refuse('AS002', 'there is no such person');
  end if;
  update sessions s set ended_at = now() where s.account_id = found.id and s.ended_at is null;
  update invitations i set ended_at = now() where i.account_id = found.id and i.ended_at is null;
  update api_tokens t set ended_at = now() where t.account_id = found.id and t.ended_at is null;
  return next found;
end $$;

COMMENT ON FUNCTION public.remove_account(account_id uuid) IS 'A person may do nothing more: sessions, links and tokens end. AS002.';

CREATE FUNCTION public.report_scan_problem(batch_id uuid, code text, message text) RETURNS SETOF public.batch_checkpoints
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  insert into batch_checkpoints (batch_id) values (report_scan_problem.batch_id) on conflict do nothing;
  return query update batch_checkpoints c set error_code = report_scan_problem.code,
    error_message = left(report_scan_problem.message, private.longest_reason()), updated_at = now()
    where c.batch_id = report_scan_problem.batch_id returning c.*;
end $$;

COMMENT ON FUNCTION public.report_scan_problem(batch_id uuid, code text, message text) IS 'Says why a scan does not move: the store is away, the folder is missing, the token was revoked.';

CREATE FUNCTION public.report_silent_analyst() RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  door doors;
  desk claude_desk;
  long_ago timestamptz := now() - private.longest_analyst_silence();
  waiting bigint;
begin
  select * into door from doors where name = 'claude';
  select * into desk from claude_desk;
  if desk.claimed_at > long_ago then
    perform clear_alarm('analyst_silent');
    return;
  end if;
  if door.status = 'no_key' or door.code = 'by_hand' or private.is_day_capped()
      or exists (select from leaders l where l.name = 'scaler' and l.since > long_ago)
      or exists (select from alarms a where a.name = 'analyst_silent' and a.cleared_at is null
        and a.last_seen_at > long_ago)
      or exists (select from processing_jobs j where j.kind <> 'read' and j.status = 'processing'
        and j.lease_expires_at > now()) then
    return;
  end if;
  select sum(w.documents) into waiting
    from (select j.batch_id, count(*) as documents from processing_jobs j left join claude_caps_reached c
        on c.scope = 'document' and c.id = j.document_id::text and c.cap_usd = (desk.caps ->> 'document')::numeric
      where j.kind <> 'read' and j.status = 'queued' and coalesce(j.run_after, j.created_at) < long_ago
        and c.id is null group by 1) w
    left join batches b on b.id = w.batch_id
    where b.id is null or (b.status not in ('paused', 'stopped') and not private.is_capped('batch', b.id::text));
  if waiting > 0 then
    return query select * from raise_alarm('analyst_silent', format('%s documents wait for Claude, and the '
      'analysis worker, the program that asks, %s. Nothing is lost; they are judged once it runs.', waiting,
      coalesce('was last heard of at ' || to_char(desk.claimed_at at time zone 'utc', 'YYYY-MM-DD HH24:MI')
        || ' UTC: see whether the service analyst runs, and its log', 'has never been heard of: see whether the '
        'service analyst was started, and whether its ANALYSIS_WORKER_SECRET is the control plane''s')));
  else
    perform clear_alarm('analyst_silent');
  end if;
end $$;

COMMENT ON FUNCTION public.report_silent_analyst() IS 'To be called every few seconds: one alarm per silence of the analysis worker while documents wait that it could take; none while it holds any, nor for the time in which nobody listened.';

CREATE FUNCTION public.request_launch(ask_id bigint DEFAULT NULL::bigint) RETURNS SETOF public.renting
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update renting r
    set hand_launches = r.hand_launches + case when request_launch.ask_id = any (r.hand_asks) then 0 else 1 end,
      hand_asks = case when request_launch.ask_id is null or request_launch.ask_id = any (r.hand_asks) then r.hand_asks
              else r.hand_asks || request_launch.ask_id end
    where r.status = 'on' returning r.*;
$$;

COMMENT ON FUNCTION public.request_launch(ask_id bigint) IS 'Asks the scaler for one machine more, whatever the backlog, of its choice or of this offer; no row while paused.';

CREATE FUNCTION public.requeue_machine_jobs(label text, worker_died boolean DEFAULT true) RETURNS TABLE(job_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  job processing_jobs;
  held bigint := (select h.jobs_held from private.held_jobs(requeue_machine_jobs.label) h);
begin
  for job in select * from processing_jobs where status = 'processing' and machine = requeue_machine_jobs.label
    order by document_id for no key update loop
    if worker_died then
      perform private.bury_job(job, held > 1);
    else
      perform private.return_job(job, 'job_released', true, null, null, null);
    end if;
    job_id := job.id;
    return next;
  end loop;
end $$;

COMMENT ON FUNCTION public.requeue_machine_jobs(label text, worker_died boolean) IS 'A machine known gone: its leases end now. worker_died makes suspects of its documents and may cost them an attempt, as an expired lease does; false (the machine''s own end, not its worker''s) gives the attempt back.';

CREATE FUNCTION public.reserve_claude(machine text, requests jsonb, caps jsonb, hold_seconds integer, in_batch boolean) RETURNS TABLE(call_id uuid, message_batch_id uuid, is_new boolean, is_probe boolean, code text, message text, scope text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  message_batch uuid := case when in_batch then gen_random_uuid() end;
  request jsonb;
  one record;
  answers jsonb := '[]';
begin
  if jsonb_typeof(requests) is distinct from 'array'
      or jsonb_array_length(requests) not between 1 and private.most_calls_together()
      or coalesce(hold_seconds, 0) not between 1 and private.longest_call() then
    perform private.refuse('AS006', format('requests must be an array of 1 to %s, and hold_seconds 1 to %s.',
      private.most_calls_together(), private.longest_call()));
  end if;
  -- One reservation at a time: two of them cannot both take the last cent.
  perform pg_advisory_xact_lock(hashtext('aseagi.claude'));
  perform private.expire_claude_calls();
  if in_batch then
    insert into claude_message_batches (id) values (message_batch);
  end if;
  for request in select r from jsonb_array_elements(requests) as r loop
    select * into one from private.reserve_call(reserve_claude.machine, request, caps, hold_seconds, message_batch);
    answers := answers || (to_jsonb(one) || jsonb_build_object('job_id', request -> 'job_id'));
  end loop;
  -- A document is judged from all of its parts: where one cannot be asked about, none is.
  delete from claude_calls c using jsonb_to_recordset(answers) as a(job_id uuid, code text)
    where a.code is not null and c.job_id = a.job_id and c.message_batch_id = message_batch;
  delete from claude_message_batches b where b.id = message_batch
    and not exists (select from claude_calls c where c.message_batch_id = message_batch);
  return query
    with answered as (
      select a.value ->> 'job_id' as job_id, a.value ->> 'code' as code, a.value, a.place
      from jsonb_array_elements(answers) with ordinality as a(value, place)
    ), refused as (
      select distinct on (job_id) job_id, value from answered where code is not null order by job_id, place
    )
    select case when r.job_id is null then (a.value ->> 'call_id')::uuid end,
      case when r.job_id is null then (a.value ->> 'message_batch_id')::uuid end,
      r.job_id is null and coalesce((a.value ->> 'is_new')::boolean, false), private.is_paused('claude'),
      r.value ->> 'code', r.value ->> 'message', r.value ->> 'scope'
    from answered a left join refused r on r.job_id = a.job_id order by a.place;
end $$;

COMMENT ON FUNCTION public.reserve_claude(machine text, requests jsonb, caps jsonb, hold_seconds integer, in_batch boolean) IS 'Reserves the worst cases of calls [{job_id, lease_token, kind, model, worst_usd, question_sha256}] against {day, batch, document} caps in dollars; one row each, in order: the call, or a code with a sentence (and whose cap): lease_lost, claude_off, claude_paused, claude_cap_reached, claude_busy, asked_twice. All calls of a job or none. With in_batch a question asked before gets its call back (not is_new), with the message batch that it is in. is_probe: Claude is paused, and this call finds out whether it still refuses.';

CREATE FUNCTION public.reserve_question(asked_sha256 text, asked_by text, model text, worst_usd numeric, caps jsonb, hold_seconds integer) RETURNS TABLE(call_id uuid, chosen integer[], code text, message text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.reserve_question(asked_sha256 text, asked_by text, model text, worst_usd numeric, caps jsonb, hold_seconds integer) IS 'Reserves the worst case of a question against the day''s cap, gives back what was chosen for the same one, or says why neither: claude_busy, claude_paused, claude_cap_reached.';

CREATE FUNCTION public.resume_door(name text, by_hand boolean DEFAULT false) RETURNS SETOF public.doors
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  was doors;
  door doors;
begin
  select * into was from doors d where d.name = resume_door.name for no key update;
  if was.status is distinct from 'paused' or (was.code = 'by_hand' and not resume_door.by_hand) then
    update doors d set sound_at = now(), next_try_at = null where d.name = was.name and d.status = 'open'
      and not resume_door.by_hand;
    return;
  end if;
  update doors d set status = 'open', code = null, message = null, since = now(), next_try_at = null, tries = 0,
      sound_at = case when resume_door.by_hand then d.sound_at else now() end
    where d.name = was.name returning * into door;
  perform clear_alarm(door.name || '_paused');
  insert into events (kind, payload) values ('door_resumed', jsonb_build_object('door', door.name, 'code', was.code,
    'by_hand', resume_door.by_hand));
  return next door;
end $$;

COMMENT ON FUNCTION public.resume_door(name text, by_hand boolean) IS 'The vendor may be asked again: a careful call succeeded, or a person says so (only they end a pause by hand). No row when it was not paused.';

CREATE FUNCTION public.retry_job(job_id uuid) RETURNS SETOF public.processing_jobs
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  document master_document_registry;
  job processing_jobs;
  new_id uuid;
begin
  select * into job from processing_jobs where id = retry_job.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  end if;
  -- enqueue_jobs may want to run the same failed document again: the lock decides who does.
  select * into document from master_document_registry where id = job.document_id for no key update;
  if job.status not in ('failed', 'cancelled') or document.job_id is distinct from job.id then
    perform private.refuse('AS003',
      'Only the newest job of a document can be retried, and only once it has failed or been cancelled.');
  end if;
  if exists (select from batches where id = job.batch_id and status = 'stopped') then
    -- The stopped batch keeps its account; the document is read outside of it.
    new_id := private.open_job(job.document_id, null, document.source, job.priority, job.placement, job.allow_claude,
      job.pages_estimate);
    update processing_jobs set choices_unsaid = job.choices_unsaid where id = new_id;
  else
    update processing_jobs set status = 'queued', attempt = 0, deaths = 0, run_after = null, finished_at = null,
      error_code = null, error_message = null,
      pages_done = 0, lane_id = private.find_lane(batch_id, document.source, priority, placement) where id = job.id;
    update batches set status = 'running', finished_at = null where id = job.batch_id and status = 'completed';
    insert into events (kind, document_id, job_id, batch_id, payload) values ('job_queued', job.document_id, job.id,
      job.batch_id, '{"source": "retry"}');
  end if;
  update document_journal set processing_status = 'queued', error_message = null where document_id = job.document_id;
  return query select * from processing_jobs where id = coalesce(new_id, job.id);
end $$;

COMMENT ON FUNCTION public.retry_job(job_id uuid) IS 'Queues a failed or cancelled job again, with all its attempts; that of a stopped batch as a new job outside of it. Returns the job that is queued.';

CREATE TABLE public.saved_views (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    search jsonb NOT NULL,
    sort text NOT NULL,
    sort_order text NOT NULL,
    columns text[] DEFAULT '{}'::text[] NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT saved_views_name_check CHECK (((name ~ '\S'::text) AND (length(name) <= private.longest_word()))),
    CONSTRAINT saved_views_search_check CHECK ((jsonb_typeof(search) = 'object'::text)),
    CONSTRAINT saved_views_sort_order_check CHECK ((sort_order = ANY (ARRAY['asc'::text, 'desc'::text])))
);

COMMENT ON TABLE public.saved_views IS 'Searches that people keep, with their order and columns.';

CREATE FUNCTION public.save_view(view_id uuid, view jsonb, decided_by text) RETURNS SETOF public.saved_views
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.save_view(view_id uuid, view jsonb, decided_by text) IS 'Keeps {name, search, sort, order, columns}: a new view, or in place of one.';

CREATE FUNCTION public.search_documents(query text, embedding double precision[] DEFAULT NULL::double precision[], max_results integer DEFAULT 20, filters jsonb DEFAULT '{}'::jsonb) RETURNS TABLE(document_id uuid, original_filename text, page integer, snippet text, score real, matched text, document_type text, document_date date, relevancy_score real, matches integer, capped boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'extensions', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.search_documents(query text, embedding double precision[], max_results integer, filters jsonb) IS 'The best documents for these words and, if given, this embedding of them (384 numbers), each with the page and a plain-text snippet; matches: how many documents were found in all, and capped: more were not looked at. Filters: see passes_filters.';

CREATE FUNCTION public.search_is_cut(query text, filters jsonb DEFAULT '{}'::jsonb) RETURNS TABLE(is_cut boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select exists (
    select from private.find_words(array(select q from private.read_question(left(query, 1000)) q),
      coalesce(filters, '{}'), private.few_documents(coalesce(filters, '{}')), 20) where capped)
$$;

COMMENT ON FUNCTION public.search_is_cut(query text, filters jsonb) IS 'Whether a search that found nothing looked at only some of the passages with its words: what is not found may be there all the same.';

CREATE FUNCTION public.set_batch_status(batch_id uuid, status text) RETURNS SETOF public.batches
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  changed batches;
begin
  perform private.require_word(set_batch_status.status, array['running', 'paused', 'stopped', 'completed'], 'status');
  select * into changed from batches where id = set_batch_status.batch_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such batch.');
  elsif changed.status in ('stopped', 'completed') then
    perform private.refuse('AS003', format('The batch is %s already; start a new one.', changed.status));
  end if;
  update batches set status = set_batch_status.status,
    finished_at = case when set_batch_status.status in ('stopped', 'completed') then now() end
    where id = changed.id returning * into changed;
  insert into events (kind, batch_id, payload) values ('batch_' || set_batch_status.status, changed.id, '{}');
  if changed.status <> 'paused' then
    perform clear_alarm('batch_at_cap', changed.id::text);
  end if;
  return next changed;
end $$;

COMMENT ON FUNCTION public.set_batch_status(batch_id uuid, status text) IS 'running, paused, stopped or completed. Pausing takes effect at the next claim, whatever the size; stopping also cancels what waits, some hundreds at each release_expired_jobs.';

CREATE FUNCTION public.set_job_choices(job_id uuid, placement text, allow_claude boolean, priority text DEFAULT NULL::text) RETURNS SETOF public.processing_jobs
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  job processing_jobs;
begin
  perform private.require_word(set_job_choices.placement, array['any_host', 'datacenter_only', 'local_only'],
    'placement');
  perform private.require_word(coalesce(set_job_choices.priority, 'normal'), array['high', 'normal', 'low'],
    'priority');
  if set_job_choices.allow_claude is null then
    perform private.refuse('AS006', 'allow_claude must be true or false.');
  end if;
  select * into job from processing_jobs where id = set_job_choices.job_id for no key update;
  if not found then
    perform private.refuse('AS002', 'There is no such job.');
  elsif job.status in ('processing', 'completed') then
    perform private.refuse('AS003', format('The job is %s already: where it is read cannot be changed any more.',
      job.status));
  end if;
  perform private.give_choices(job, coalesce(set_job_choices.priority, job.priority), set_job_choices.placement,
    set_job_choices.allow_claude,
    (select source from master_document_registry where id = job.document_id));
  insert into events (kind, document_id, job_id, batch_id, payload) values ('job_choices', job.document_id, job.id,
    job.batch_id,
    jsonb_build_object('placement', set_job_choices.placement, 'allow_claude', set_job_choices.allow_claude));
  return query select * from processing_jobs where id = job.id;
end $$;

COMMENT ON FUNCTION public.set_job_choices(job_id uuid, placement text, allow_claude boolean, priority text) IS 'A person says where a document that nobody holds may be read, and whether Claude may see it: the only way to a looser choice.';

CREATE FUNCTION public.set_matter_documents(matter_id uuid, belongs boolean, decided_by text, documents uuid[] DEFAULT NULL::uuid[], search jsonb DEFAULT NULL::jsonb) RETURNS TABLE(changed integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
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

COMMENT ON FUNCTION public.set_matter_documents(matter_id uuid, belongs boolean, decided_by text, documents uuid[], search jsonb) IS 'Documents, or all that a search means, belong to a matter with what lies in them, or no longer do; each stays in one at least. How many were changed.';

CREATE FUNCTION public.set_reminder(reminder_id uuid, is_done boolean, decided_by text) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.set_reminder(reminder_id uuid, is_done boolean, decided_by text) IS 'A day is done with, or not after all; it stays so when its document is judged again.';

CREATE FUNCTION public.set_renting(status text, reason text) RETURNS SETOF public.renting
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  select clear_alarm('renting_paused') where set_renting.status = 'on';
  update renting r
    set status = set_renting.status, reason = set_renting.reason,
      since = case when r.status = set_renting.status then r.since else now() end,
      hand_launches = case when set_renting.status = 'paused' then 0 else r.hand_launches end,
      hand_asks = case when set_renting.status = 'paused' then '{}' else r.hand_asks end
    where r.only_row returning r.*;
$$;

COMMENT ON FUNCTION public.set_renting(status text, reason text) IS 'Pauses or resumes renting. Paused rents nothing new; what runs finishes its work.';

CREATE TABLE public.claude_calls (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date DEFAULT ((now() AT TIME ZONE 'utc'::text))::date NOT NULL,
    job_id uuid,
    document_id uuid,
    batch_id uuid,
    machine text,
    message_batch_id uuid,
    question_sha256 text,
    kind text NOT NULL,
    model text NOT NULL,
    status text DEFAULT 'reserved'::text NOT NULL,
    outcome text,
    reserved_usd numeric(14,6) NOT NULL,
    cost_usd numeric(14,6) DEFAULT 0 NOT NULL,
    input_tokens bigint DEFAULT 0 NOT NULL,
    output_tokens bigint DEFAULT 0 NOT NULL,
    cache_write_tokens bigint DEFAULT 0 NOT NULL,
    cache_read_tokens bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    used_at timestamp with time zone,
    CONSTRAINT claude_calls_check CHECK (((message_batch_id IS NULL) = (question_sha256 IS NULL))),
    CONSTRAINT claude_calls_check1 CHECK (((job_id IS NULL) = (document_id IS NULL))),
    CONSTRAINT claude_calls_cost_usd_check CHECK ((cost_usd >= (0)::numeric)),
    CONSTRAINT claude_calls_kind_check CHECK ((kind ~ '^[a-z_]{1,30}$'::text)),
    CONSTRAINT claude_calls_outcome_check CHECK ((outcome = ANY (ARRAY['answered'::text, 'refused'::text, 'failed'::text, 'unknown'::text]))),
    CONSTRAINT claude_calls_question_sha256_check CHECK ((question_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT claude_calls_reserved_usd_check CHECK ((reserved_usd > (0)::numeric)),
    CONSTRAINT claude_calls_status_check CHECK ((status = ANY (ARRAY['reserved'::text, 'settled'::text, 'expired'::text])))
)
WITH (fillfactor='80');

COMMENT ON TABLE public.claude_calls IS 'One row per call to Claude: reserved before it, settled after it. Never what was asked or answered.';

COMMENT ON COLUMN public.claude_calls.day IS 'The UTC day whose cap the call counts against: the day it was reserved.';

COMMENT ON COLUMN public.claude_calls.job_id IS 'Null: a person asked the case a question, see case_questions.';

COMMENT ON COLUMN public.claude_calls.machine IS 'Who asked: a machine, or null for the analysis worker.';

COMMENT ON COLUMN public.claude_calls.question_sha256 IS 'In a message batch: the hash of all that was asked. The same job asking the same gets this call back.';

COMMENT ON COLUMN public.claude_calls.kind IS 'What was asked: by it the gateway chose prompt, answer''s shape and model.';

COMMENT ON COLUMN public.claude_calls.status IS 'reserved (worst case held) → settled (actual price) | expired (the gateway died during the call: the worst case counts as spent, since Anthropic may have charged it).';

COMMENT ON COLUMN public.claude_calls.outcome IS 'answered, refused (an answer too: Claude declined), failed (an error, nothing charged), unknown (no answer came: counted at the worst case).';

COMMENT ON COLUMN public.claude_calls.used_at IS 'When something was published of its answer: that is done once.';

CREATE FUNCTION public.settle_claude(calls jsonb) RETURNS SETOF public.claude_calls
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  if exists (select from jsonb_to_recordset(calls) as s(outcome text)
      where coalesce(s.outcome, '') <> all (array['answered', 'refused', 'failed', 'unknown'])) then
    perform private.refuse('AS006', 'outcome must be one of answered, refused, failed, unknown.');
  end if;
  -- An answer that comes after its reservation expired still replaces the guess by the truth.
  return query update claude_calls c set status = 'settled', outcome = s.outcome, settled_at = now(),
      cost_usd = case when s.outcome = 'unknown' then c.reserved_usd else coalesce(s.cost_usd, 0) end,
      input_tokens = coalesce((s.usage ->> 'input_tokens')::bigint, 0),
      output_tokens = coalesce((s.usage ->> 'output_tokens')::bigint, 0),
      cache_write_tokens = coalesce((s.usage ->> 'cache_creation_input_tokens')::bigint, 0),
      cache_read_tokens = coalesce((s.usage ->> 'cache_read_input_tokens')::bigint, 0)
    from jsonb_to_recordset(calls) as s(call_id uuid, outcome text, cost_usd numeric, usage jsonb)
    where c.id = s.call_id and c.status in ('reserved', 'expired') returning c.*;
end $$;

COMMENT ON FUNCTION public.settle_claude(calls jsonb) IS 'Replaces reservations by what the calls [{call_id, outcome, cost_usd, usage}] cost; unknown keeps the worst case. Only those that were not settled before are returned.';

CREATE FUNCTION public.settle_estimates() RETURNS SETOF public.estimates
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
  update estimates e set actual_usd = private.batch_machine_usd(b.id) + private.batch_claude_usd(b.id)
  from batches b where b.id = e.batch_id and e.actual_usd is null and b.status = 'completed'
    and b.finished_at < now() - private.bills_in()
    and not exists (select from processing_jobs j where j.batch_id = b.id and j.status in ('queued', 'processing'))
  returning e.*
$$;

COMMENT ON FUNCTION public.settle_estimates() IS 'Writes down what the batches of estimates cost that are over, judged, and billed.';

CREATE FUNCTION public.settle_names(groups jsonb, nobody bigint[], names bigint[]) RETURNS TABLE(documents integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    AS $$
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

COMMENT ON FUNCTION public.settle_names(groups jsonb, nobody bigint[], names bigint[]) IS 'Who is who: groups [{names, name, sex, roles}] are one person each, nobody those of whom it cannot be told. A group keeps the oldest of its persons.';

CREATE FUNCTION public.settle_times(times jsonb) RETURNS TABLE(events integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    AS $$
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

COMMENT ON FUNCTION public.settle_times(times jsonb) IS 'Which times [{id, linked: [id]}] are of one event; each of the times has one afterwards.';

CREATE FUNCTION public.split_person(person_id uuid, keys text[], decided_by text, why text DEFAULT NULL::text) RETURNS TABLE(decision_id uuid, new_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    AS $$
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

COMMENT ON FUNCTION public.split_person(person_id uuid, keys text[], decided_by text, why text) IS 'These names are another person''s: a new one has them. Holds whatever is drawn later, until it is undone.';

CREATE FUNCTION public.start_batch(batch jsonb) RETURNS SETOF public.batches
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
declare
  started batches;
begin
  insert into batches (id, name, status, source, priority, placement, allow_claude, limits) values (
    coalesce((batch ->> 'id')::uuid, gen_random_uuid()),
    left(coalesce(nullif(batch ->> 'name', ''), 'batch'), private.longest_word()),
    private.require_word(coalesce(batch ->> 'status', 'open'), array['open', 'running'], 'status'),
    private.require_word(coalesce(batch ->> 'source', 'upload'), array['upload', 'telegram', 'bucket', 'drive', 'mail'],
      'source'),
    private.require_word(coalesce(batch ->> 'priority', 'normal'), array['high', 'normal', 'low'], 'priority'),
    private.require_word(coalesce(batch ->> 'placement', 'any_host'),
      array['any_host', 'datacenter_only', 'local_only'], 'placement'),
    (batch ->> 'allow_claude')::boolean, coalesce(batch -> 'limits', '{}')) returning * into started;
  insert into events (kind, batch_id, payload)
    values ('batch_started', started.id, jsonb_build_object('source', started.source));
  return next started;
end $$;

COMMENT ON FUNCTION public.start_batch(batch jsonb) IS 'A new batch {id?, name, status? open|running, source?, priority?, placement?, allow_claude?, limits?}.';

CREATE TABLE public.sessions (
    sha256 text NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT sessions_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE public.sessions IS 'Who is signed in where; signing out ends the row, and so the cookie.';

CREATE FUNCTION public.start_session(guess_id bigint, account_id uuid, session_sha256 text, totp_step bigint, recovery_sha256 text) RETURNS SETOF public.sessions
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  update accounts p set
      totp_step = coalesce(start_session.totp_step, p.totp_step),
      recovery_sha256 = array_remove(p.recovery_sha256, start_session.recovery_sha256)
    where p.id = start_session.account_id and p.removed_at is null
      and (start_session.totp_step > p.totp_step or start_session.recovery_sha256 = any (p.recovery_sha256));
  if found then
    update sign_in_guesses g set is_right = true where g.id = start_session.guess_id;
    return query insert into sessions (sha256, account_id)
      values (start_session.session_sha256, start_session.account_id)
      returning *;
  end if;
end $$;

COMMENT ON FUNCTION public.start_session(guess_id bigint, account_id uuid, session_sha256 text, totp_step bigint, recovery_sha256 text) IS 'Signs a person in by the step of a code that was never used, or by a recovery code that is left; else no row.';

CREATE FUNCTION public.store_case_facts(document_id uuid, text_md5 text, facts_version integer, facts jsonb) RETURNS TABLE(status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.store_case_facts(document_id uuid, text_md5 text, facts_version integer, facts jsonb) IS 'Keeps what was drawn of a document, in place of what was drawn before. changed: its text is another by now, and it is given out again.';

CREATE FUNCTION public.sweep_checks(share double precision, sensitive_placement text DEFAULT 'datacenter_only'::text) RETURNS TABLE(label text, documents integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    AS $$
#variable_conflict use_column
declare
  suspect machines;
  read processing_jobs;
begin
  perform private.require_word(sweep_checks.sensitive_placement, array['any_host', 'datacenter_only', 'local_only'],
    'sensitive_placement');
  update check_policy p set share = sweep_checks.share, sensitive_placement = sweep_checks.sensitive_placement
    where (p.share, p.sensitive_placement) is distinct from (sweep_checks.share, sweep_checks.sensitive_placement);
  for suspect in select m.* from machines m where m.caught_at > now() - private.fleet_memory() loop
    label := suspect.label;
    documents := 0;
    for read in select j.* from processing_jobs j join master_document_registry d on d.job_id = j.id
        where j.machine = suspect.label and j.kind = 'read' and j.status in ('completed', 'failed')
          and j.error_code is distinct from 'worker_died' and d.dissolved_at is null
        order by j.document_id limit private.sweep_size() loop
      documents := documents + private.read_anew(read)::int;
    end loop;
    if documents > 0 then
      return next;
    end if;
  end loop;
end $$;

COMMENT ON FUNCTION public.sweep_checks(share double precision, sensitive_placement text) IS 'To be called every few seconds, with the share to be checked and the default placement of sensitive documents: queues what a caught machine read to be read anew, some hundreds a call; how many by machine.';

CREATE FUNCTION public.take_due_doors(names text[]) RETURNS SETOF public.doors
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
  update doors d set next_try_at = case when d.status = 'paused' then now() + private.door_pause(d.code) end
    where d.name = any (take_due_doors.names) and d.next_try_at <= now() returning d.*
$$;

COMMENT ON FUNCTION public.take_due_doors(names text[]) IS 'Those of these doors at which a careful call is due; whoever takes them makes it, and says pause_door or resume_door.';

CREATE FUNCTION public.take_events(consumer text, max_events integer) RETURNS TABLE(id bigint, kind text, document_id uuid, job_id uuid, batch_id uuid, machine text, payload jsonb, created_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  cursor_row event_cursors;
  taken bigint[];
begin
  if coalesce(take_events.consumer, '') = '' or max_events is null
      or max_events not between 1 and private.most_events() then
    perform private.refuse('AS006', format('consumer must be named and max_events 1 to %s.', private.most_events()));
  end if;
  insert into event_cursors (consumer) values (take_events.consumer) on conflict do nothing;
  select * into cursor_row from event_cursors where consumer = take_events.consumer for no key update;
  with again as (
    update event_deliveries set offered_until = now() + private.shortest_offer(), times_offered = times_offered + 1
    where consumer = take_events.consumer and event_id = any (array(select d.event_id from event_deliveries d
      where d.consumer = take_events.consumer and d.parked_at is null and d.offered_until < now()
      -- Those offered least first: events that fail again and again never keep others from their turn.
      order by d.times_offered, d.event_id limit max_events))
        returning event_id
  ) select coalesce(array_agg(event_id), '{}') into taken from again;
  with fresh as (
    select e.id, e.transaction_id from events e
      where (e.transaction_id, e.id) > (cursor_row.transaction_id, cursor_row.event_id)
      and e.id >= private.first_unread_id(cursor_row.event_id)
      and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by e.transaction_id, e.id
        limit max_events - cardinality(taken)
  ), offered as (
    insert into event_deliveries (consumer, event_id, offered_until) select take_events.consumer, f.id,
      now() + private.shortest_offer() from fresh f
  ), moved as (
    update event_cursors c set transaction_id = f.transaction_id, event_id = f.id
      from (select * from fresh order by transaction_id desc, id desc limit 1) as f
        where c.consumer = take_events.consumer
  ) select taken || coalesce(array_agg(f.id), '{}') into taken from fresh f;
  return query select e.id, e.kind, e.document_id, e.job_id, e.batch_id, e.machine,
    case jsonb_typeof(e.payload) when 'object' then e.payload - 'seals' else e.payload end, e.created_at
    from events e
    where e.id = any (taken) order by e.transaction_id, e.id;
end $$;

COMMENT ON FUNCTION public.take_events(consumer text, max_events integer) IS 'The next events of this consumer, in order; one that is not acknowledged within 60 seconds is offered again.';

CREATE FUNCTION public.take_leadership(name text, holder text, seconds integer) RETURNS TABLE(held boolean, leader text, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
begin
  insert into leaders as l (name, holder, expires_at)
  values (take_leadership.name, take_leadership.holder, now() + make_interval(secs => take_leadership.seconds))
  on conflict on constraint leaders_pkey do update
    set holder = excluded.holder, expires_at = excluded.expires_at,
      since = case when l.expires_at <= now() then now() else l.since end
    where l.holder = excluded.holder or l.expires_at <= now();
  return query select l.holder = take_leadership.holder, l.holder, l.expires_at
    from leaders l where l.name = take_leadership.name;
end $$;

COMMENT ON FUNCTION public.take_leadership(name text, holder text, seconds integer) IS 'Takes or renews the lease `name` for `seconds`; held is false while another holder''s lease runs.';

CREATE FUNCTION public.undo_decision(decision_id uuid, decided_by text, why text DEFAULT NULL::text) RETURNS TABLE(id uuid, changed integer, unchanged integer, kept integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '30s'
    SET enable_seqscan TO 'off'
    AS $$
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

COMMENT ON FUNCTION public.undo_decision(decision_id uuid, decided_by text, why text) IS 'Takes a decision back, for all its documents at once, as a decision of its own. What was changed again since is left as it is (kept).';

CREATE FUNCTION public.undo_people_decision(decision_id uuid, decided_by text) RETURNS TABLE(person_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    AS $$
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

COMMENT ON FUNCTION public.undo_people_decision(decision_id uuid, decided_by text) IS 'Takes back that two were one, or that one was two. AS002 where nothing is to be undone.';

CREATE FUNCTION public.verify_custody(document_id uuid) RETURNS TABLE(events bigint, intact boolean, broken_at integer, sha256 text, artifacts jsonb, faults jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  found_faults jsonb;
  handed_in events;
  document master_document_registry;
begin
  select * into document from master_document_registry d where d.id = verify_custody.document_id;
  select * into handed_in from private.every_event() e where e.document_id = verify_custody.document_id
    and e.kind in ('job_completed', 'analysis_completed') and e.payload ? 'artifacts'
    order by e.custody_seq desc limit 1;
  select coalesce(jsonb_agg(to_jsonb(f) order by f.custody_seq nulls last, f.subject), '[]') into found_faults from (
    select * from private.find_chain_faults(verify_custody.document_id)
    union all select * from private.find_seal_faults(verify_custody.document_id)
    union all select * from private.find_judgement_faults(verify_custody.document_id)
    union all select 'original', 'its registered hash is not the one that was handed in', handed_in.custody_seq
      where handed_in.id is not null and handed_in.payload ->> 'sha256' is distinct from document.sha256
    union all select 'original', 'its registered hash is not the one it arrived with', e.custody_seq
      from private.every_event() e where e.document_id = verify_custody.document_id and e.payload ? 'arrived'
        and e.payload -> 'arrived' ->> 'sha256' <> document.sha256
    union all select 'original', 'the bucket has it no more: ' || document.original_fault, null::int
      where document.original_fault is not null
    union all select 'artifacts', 'the registry names other files than were handed in', handed_in.custody_seq
      where handed_in.id is not null
        and private.artifact_keys(handed_in.payload -> 'artifacts') is distinct from document.artifacts
  ) f;
  return query select (select count(*) from private.every_event() e
      where e.document_id = verify_custody.document_id),
    found_faults = '[]' and exists (select from custody_heads h where h.document_id = verify_custody.document_id),
    (found_faults -> 0 ->> 'custody_seq')::int,
    coalesce(handed_in.payload ->> 'sha256', document.sha256), coalesce(handed_in.payload -> 'artifacts', '{}'),
    found_faults;
end $$;

COMMENT ON FUNCTION public.verify_custody(document_id uuid) IS 'Recomputes the document''s chain of events, and compares every row about it with what the newest event says of it: intact unless something was changed, removed or added afterwards. With the hash of the document, {name: {key, bytes, sha256}} of its artifacts, and faults [{subject, fault, custody_seq}].';

CREATE FUNCTION public.verify_record(after bigint DEFAULT 0, most integer DEFAULT 5000) RETURNS TABLE(checked_to bigint, faults jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'private', 'pg_temp'
    SET statement_timeout TO '60s'
    AS $$
  with part as (
    select r.*, lag(r.hash) over (order by r.seq) as hash_before, lag(r.seq) over (order by r.seq) as seq_before,
      e.id is not null as has_event, private.hash_event(e) as found
    from (select * from record_entries where seq >= verify_record.after order by seq limit most + 1) r
      left join private.every_event() e on e.id = r.event_id
  ), wrong as (
    select 'entry ' || p.seq as subject, case
      when p.seq <> coalesce(p.seq_before, case when verify_record.after <= 1 then 0 else p.seq - 1 end) + 1
        then 'entries before it are missing'
      when not p.has_event then 'its event is missing'
      when p.found <> p.event_hash then 'its event was changed'
      when p.hash <> encode(sha256(convert_to(concat(p.hash_before, '|', p.seq, '|', p.event_hash), 'UTF8')), 'hex')
        and (p.seq_before is not null or p.seq = 1) then 'it does not follow the entry before it' end as fault
    from part p
    union all
    select 'event ' || e.id, 'it is in no log' from private.every_event() e where verify_record.after = 0
      and not exists (select from record_entries r where r.event_id = e.id)
      and not exists (select from record_pending p where p.event_id = e.id)
    union all
    select 'event ' || p.event_id, 'it is missing' from record_pending p where verify_record.after = 0
      and not exists (select from events e where e.id = p.event_id)
    union all
    select f.subject, f.fault from private.find_seal_faults(null) f where verify_record.after = 0
    union all
    select f.subject, f.fault from private.find_shown_faults() f where verify_record.after = 0
    union all
    select 'head ' || h.seq, 'the log does not lead to this signed head' from record_heads h
      where verify_record.after = 0
        and h.hash is distinct from (select r.hash from record_entries r where r.seq = h.seq)
  )
  select (select max(p.seq) from part p), coalesce((select jsonb_agg(jsonb_build_object('subject', w.subject, 'fault',
    w.fault, 'custody_seq', null)) from (select * from wrong where fault is not null limit 100) w), '[]')
$$;

COMMENT ON FUNCTION public.verify_record(after bigint, most integer) IS 'Recomputes a part of the log from the entry `after` on, up to 100 faults; the first part also looks for events outside of it and for signed heads that it does not lead to.';

CREATE SEQUENCE private.event_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE SEQUENCE private.turns
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

COMMENT ON SEQUENCE private.turns IS 'Lanes of a priority take turns by this: a stamp in each lane would be a row that every claim writes.';

CREATE TABLE public.access_log (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    person text NOT NULL,
    via text NOT NULL,
    action text NOT NULL,
    route text NOT NULL,
    document_id uuid,
    status integer,
    address text,
    bundle bigint,
    CONSTRAINT access_log_action_check CHECK ((action = ANY (ARRAY['saw'::text, 'searched'::text, 'downloaded'::text, 'uploaded'::text, 'decided'::text, 'managed'::text, 'refused'::text, 'signed_in'::text, 'signed_out'::text, 'wrong_code'::text, 'joined'::text]))),
    CONSTRAINT access_log_via_check CHECK ((via = ANY (ARRAY['root'::text, 'session'::text, 'token'::text, 'none'::text])))
);

COMMENT ON TABLE public.access_log IS 'Who saw, searched, downloaded, decided. Never what was searched for, nor a word of a document.';

COMMENT ON COLUMN public.access_log.document_id IS 'As it stood in the address: of a document that may be none.';

COMMENT ON COLUMN public.access_log.status IS 'What a change was answered with; null for reading, which is written down before.';

COMMENT ON COLUMN public.access_log.bundle IS 'The last entry of those that were sealed with it; null until it is.';

ALTER TABLE public.access_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.access_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.accounts ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.alarms ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alarms_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.analysis_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    document_id uuid NOT NULL,
    job_id uuid NOT NULL,
    analyst text,
    model text,
    prompt_version text,
    inputs_sha256 text,
    outcome text NOT NULL,
    reason text,
    accepted boolean NOT NULL,
    analysis jsonb NOT NULL,
    seconds real,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT analysis_runs_outcome_check CHECK ((outcome = ANY (ARRAY['judged'::text, 'part'::text, 'sorted'::text])))
);

COMMENT ON TABLE public.analysis_runs IS 'One row per analysis that was made, never changed: a job that ends makes one. The newest accepted one of a document is shown. What it cost is in claude_calls, by its job.';

COMMENT ON COLUMN public.analysis_runs.inputs_sha256 IS 'SHA-256 over all that the analyst was given.';

COMMENT ON COLUMN public.analysis_runs.outcome IS 'judged (Claude, all of it), part (Claude, not all), sorted (plain rules).';

COMMENT ON COLUMN public.analysis_runs.reason IS 'Why Claude did not judge it, or not all of it.';

COMMENT ON COLUMN public.analysis_runs.accepted IS 'Claude''s, or plain rules'' where no accepted one by Claude was there: what rules say never hides a judgement.';

CREATE VIEW public.analysis_run_list WITH (security_invoker='true') AS
 SELECT r.id,
    r.seq,
    r.document_id,
    r.job_id,
    r.analyst,
    r.model,
    r.prompt_version,
    r.inputs_sha256,
    r.outcome,
    r.reason,
    r.accepted,
    (r.id = d.run_id) AS is_shown,
    r.seconds,
    r.created_at,
    private.job_claude_usd(r.job_id) AS claude_usd,
    ( SELECT count(*) AS count
           FROM public.claude_calls c
          WHERE (c.job_id = r.job_id)) AS calls
   FROM (public.analysis_runs r
     JOIN public.master_document_registry d ON ((d.id = r.document_id)));

COMMENT ON VIEW public.analysis_run_list IS 'Runs as GET /api/documents/{id}/runs shows them, with what their job''s calls cost.';

ALTER TABLE public.analysis_runs ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.analysis_runs_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.api_tokens ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_tokens_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.backups ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.backups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.batches ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.batches_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.binder_members (
    binder_id uuid NOT NULL,
    "position" integer NOT NULL,
    document_id uuid NOT NULL,
    pages integer[],
    CONSTRAINT binder_members_position_check CHECK (("position" > 0))
);

COMMENT ON TABLE public.binder_members IS 'What a binder is made of, in its order; members stay as they are.';

COMMENT ON COLUMN public.binder_members.pages IS 'Which of its pages, in their order; null: all of them.';

CREATE TABLE public.binders (
    document_id uuid NOT NULL,
    set_id uuid NOT NULL,
    "position" integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    dissolved_at timestamp with time zone,
    CONSTRAINT binders_position_check CHECK (("position" > 0))
);

COMMENT ON TABLE public.binders IS 'Documents that a person put together of others'' pages; the pieces of one scan are a set.';

CREATE TABLE public.case_bands (
    document_id uuid NOT NULL,
    band bigint NOT NULL
);

COMMENT ON TABLE public.case_bands IS 'Bands of a document''s MinHash, its number in each: near copies share some.';

CREATE TABLE public.case_claim_places (
    claim_id bigint NOT NULL,
    place_id bigint NOT NULL
);

COMMENT ON TABLE public.case_claim_places IS 'The places that each statement names.';

ALTER TABLE public.case_claims ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_claims_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.case_decisions (
    id bigint NOT NULL,
    verb text NOT NULL,
    about text,
    said jsonb DEFAULT '{}'::jsonb NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    why text,
    CONSTRAINT case_decisions_said_check CHECK ((jsonb_typeof(said) = 'object'::text))
);

COMMENT ON TABLE public.case_decisions IS 'What people decided of pairs, people, events, terms, copies, matters, days, fields and views: one row each time, never changed.';

COMMENT ON COLUMN public.case_decisions.about IS 'Id of the one thing it is about.';

ALTER TABLE public.case_decisions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_decisions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.case_documents (
    document_id uuid NOT NULL,
    seq bigint NOT NULL,
    facts_version integer DEFAULT 0 NOT NULL,
    text_md5 text,
    claimed_until timestamp with time zone,
    drawn_at timestamp with time zone,
    voice text,
    said_at timestamp without time zone,
    said_precision text,
    speaker_name_id bigint,
    witness_id uuid NOT NULL,
    thread_key text,
    problem text,
    CONSTRAINT case_documents_voice_check CHECK ((voice = ANY (ARRAY['sworn'::text, 'message'::text, 'order'::text, 'record'::text, 'letter'::text, 'note'::text])))
);

COMMENT ON TABLE public.case_documents IS 'What was drawn of each document that was read, and by which version of the rules.';

COMMENT ON COLUMN public.case_documents.facts_version IS '0: its text is new or was changed since.';

COMMENT ON COLUMN public.case_documents.witness_id IS 'The original of a copy; itself where it is none.';

COMMENT ON COLUMN public.case_documents.thread_key IS 'The same for all e-mails of a thread.';

ALTER TABLE public.case_documents ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_documents_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.case_events ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_events_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.case_list WITH (security_invoker='true') AS
 WITH told AS MATERIALIZED (
         SELECT d.case_number,
            count(*) FILTER (WHERE f.verified) AS standing,
            count(*) FILTER (WHERE (NOT f.verified)) AS unproven
           FROM (public.document_findings f
             CROSS JOIN LATERAL ( SELECT o.case_number,
                    ((o.duplicate_of IS NULL) AND (o.dissolved_at IS NULL) AND (NOT private.is_told_by_binder(o.*))) AS is_shown
                   FROM public.master_document_registry o
                  WHERE (o.id = f.document_id)
                 OFFSET 0) d)
          WHERE (d.is_shown AND (NOT f.is_wrong))
          GROUP BY d.case_number
        ), papers AS (
         SELECT d.case_number,
            (array_agg(d.court ORDER BY d.seq) FILTER (WHERE (d.court <> ''::text)))[1] AS court,
            count(*) AS documents,
            COALESCE(sum(j.pages_total), (0)::bigint) AS pages,
            count(*) FILTER (WHERE (d.judged = 'all'::text)) AS judged_all,
            count(*) FILTER (WHERE (d.judged = 'part'::text)) AS judged_part,
            count(*) FILTER (WHERE (d.judged = 'none'::text)) AS judged_none
           FROM (public.master_document_registry d
             LEFT JOIN public.processing_jobs j ON ((j.id = d.job_id)))
          WHERE ((d.duplicate_of IS NULL) AND (d.dissolved_at IS NULL) AND (d.case_number <> ''::text))
          GROUP BY d.case_number
        )
 SELECT p.case_number,
    p.court,
    p.documents,
    p.pages,
    COALESCE(t.standing, (0)::bigint) AS findings,
    COALESCE(t.unproven, (0)::bigint) AS unproven_findings,
    p.judged_all,
    p.judged_part,
    p.judged_none
   FROM (papers p
     LEFT JOIN told t ON ((t.case_number = p.case_number)));

COMMENT ON VIEW public.case_list IS 'Each case number with what there is of it; findings are those whose words stand.';

CREATE TABLE public.case_measures (
    id bigint NOT NULL,
    claim_id bigint NOT NULL,
    document_id uuid NOT NULL,
    page integer NOT NULL,
    start integer NOT NULL,
    quote text NOT NULL,
    kind text NOT NULL,
    value numeric NOT NULL,
    unit text,
    subject text,
    per text,
    CONSTRAINT case_measures_kind_check CHECK ((kind = ANY (ARRAY['money'::text, 'count'::text, 'clock'::text, 'duration'::text]))),
    CONSTRAINT case_measures_per_check CHECK ((per = ANY (ARRAY['day'::text, 'week'::text, 'month'::text, 'year'::text])))
);

COMMENT ON TABLE public.case_measures IS 'What a statement counts: money in its currency, things, a clock time in minutes of the day, a span in days.';

COMMENT ON COLUMN public.case_measures.subject IS 'The stem of the noun it is of, where one stands beside it.';

ALTER TABLE public.case_measures ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_measures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.case_mentions (
    claim_id bigint NOT NULL,
    name_id bigint NOT NULL,
    document_id uuid NOT NULL
);

COMMENT ON TABLE public.case_mentions IS 'The names that stand in each statement, or that its I, you, he stands for.';

CREATE TABLE public.case_name_signs (
    name_id bigint NOT NULL,
    document_id uuid NOT NULL,
    sign text NOT NULL
);

COMMENT ON TABLE public.case_name_signs IS 'What a document says of a person: male, female, father, mother, child, petitioner, respondent, sure.';

ALTER TABLE public.case_names ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_names_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.case_questions (
    asked_sha256 text NOT NULL,
    call_id uuid NOT NULL,
    chosen integer[],
    asked_by text NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT case_questions_asked_sha256_check CHECK ((asked_sha256 ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE public.case_questions IS 'Questions for which Claude chose among quotes: never their words.';

COMMENT ON COLUMN public.case_questions.asked_sha256 IS 'Of all that was asked, the quotes included.';

COMMENT ON COLUMN public.case_questions.chosen IS 'Numbers of the quotes; {}: none answers it. Null: no answer yet.';

ALTER TABLE public.case_times ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_times_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.check_policy (
    only_row boolean DEFAULT true NOT NULL,
    share double precision DEFAULT 0 NOT NULL,
    sensitive_placement text DEFAULT 'datacenter_only'::text NOT NULL,
    CONSTRAINT check_policy_only_row_check CHECK (only_row),
    CONSTRAINT check_policy_sensitive_placement_check CHECK ((sensitive_placement = ANY (ARRAY['any_host'::text, 'datacenter_only'::text, 'local_only'::text]))),
    CONSTRAINT check_policy_share_check CHECK (((share >= (0)::double precision) AND (share <= (1)::double precision)))
);

COMMENT ON TABLE public.check_policy IS 'Which share of what strangers'' machines read is read again on another, as the scaler says (FLEET_CHECK_SHARE); 0 is nothing at all.';

COMMENT ON COLUMN public.check_policy.sensitive_placement IS 'Where a document may be read whose name or type speaks of a child, of health or of money, while nobody says where (FLEET_SENSITIVE_PLACEMENT).';

CREATE VIEW public.checkpoint_list WITH (security_invoker='true') AS
 SELECT c.batch_id,
    c.place,
    c.again_after,
    c.scanned,
    c.queued,
    c.known,
    c.unsupported,
    c.empty,
    c.bytes,
    c.pages_estimate,
    c.error_code,
    c.error_message,
    c.finished_at,
    c.updated_at,
    b.seq
   FROM (public.batch_checkpoints c
     JOIN public.batches b ON ((b.id = c.batch_id)));

COMMENT ON VIEW public.checkpoint_list IS 'Checkpoints as GET /checkpoints shows them, with their batch''s seq as cursor.';

CREATE TABLE public.claim_marks (
    machine text NOT NULL,
    claims_from timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.claim_marks IS 'No job that the machine holds was claimed before its newest mark: who counts those steps over nothing that ended earlier, also while an old snapshot (a backup) keeps that in the index. Only ever added and taken away: the newest comes first, however many a snapshot keeps.';

CREATE TABLE public.claim_topics (
    document_id uuid NOT NULL,
    claim_id bigint NOT NULL,
    person_id uuid NOT NULL,
    topic text NOT NULL,
    starts timestamp without time zone,
    ends timestamp without time zone
);

COMMENT ON TABLE public.claim_topics IS 'What is said of whom, about what and when: what statements are looked up by, the nearest first and so many, at the same cost however many there are. It follows from case_claims.';

COMMENT ON COLUMN public.claim_topics.topic IS 'moment (at most a day) or span (longer), for its time; undated (a denial without any); message; a cue; sweeping and a cue (it speaks of all times). The row of a table that names nobody stands under those whom its paper names, by its cues.';

CREATE TABLE public.claim_words (
    word text NOT NULL,
    claims integer NOT NULL
);

COMMENT ON TABLE public.claim_words IS 'In how many statements each word stands: rare words bring statements together.';

CREATE TABLE public.claude_caps_reached (
    scope text NOT NULL,
    id text NOT NULL,
    cap_usd numeric NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT claude_caps_reached_scope_check CHECK ((scope = ANY (ARRAY['day'::text, 'batch'::text, 'document'::text])))
);

COMMENT ON TABLE public.claude_caps_reached IS 'Days (UTC), batches and documents for which Claude''s cap was reached. A row counts while the cap is the same.';

CREATE TABLE public.claude_desk (
    only_row boolean DEFAULT true NOT NULL,
    caps jsonb DEFAULT '{}'::jsonb NOT NULL,
    prompt_version text,
    claimed_at timestamp with time zone,
    probe_job_id uuid,
    CONSTRAINT claude_desk_only_row_check CHECK (only_row)
);

COMMENT ON TABLE public.claude_desk IS 'What the house knows of asking Claude beside its door (doors).';

COMMENT ON COLUMN public.claude_desk.caps IS 'What Claude may cost, {day, batch, document} in dollars; null is no cap.';

COMMENT ON COLUMN public.claude_desk.prompt_version IS 'Of the analysis worker that claimed last: see judge_again, older_prompt.';

COMMENT ON COLUMN public.claude_desk.claimed_at IS 'When the analysis worker last asked for work, to half a minute.';

COMMENT ON COLUMN public.claude_desk.probe_job_id IS 'The one job that may ask while paused: an answer opens the door.';

CREATE VIEW public.companions WITH (security_invoker='true') AS
 SELECT o.id AS companion_of,
    d.id AS document_id,
    d.original_filename,
    d.mime_type
   FROM (public.master_document_registry o
     JOIN public.master_document_registry d ON (((d.live_mark = o.live_mark) AND (d.id <> o.id))))
  WHERE ((o.dissolved_at IS NULL) AND (d.dissolved_at IS NULL));

COMMENT ON VIEW public.companions IS 'The picture and the clip of a live photo, which carry one mark; either may come first.';

CREATE TABLE public.custody_heads (
    document_id uuid NOT NULL,
    custody_seq integer DEFAULT 0 NOT NULL,
    hash text
)
WITH (fillfactor='50');

COMMENT ON TABLE public.custody_heads IS 'The end of each document''s chain of events. Beside the registry, whose wide row and many indexes no event then has to write anew.';

COMMENT ON COLUMN public.custody_heads.hash IS 'Hash of the document''s newest event.';

CREATE TABLE public.decision_changes (
    decision_id uuid NOT NULL,
    document_id uuid NOT NULL,
    name text NOT NULL,
    before jsonb,
    after jsonb,
    CONSTRAINT decision_changes_check CHECK ((before IS DISTINCT FROM after))
);

COMMENT ON TABLE public.decision_changes IS 'The history: what each decision found said, and what it said. Null: nothing.';

CREATE VIEW public.decision_list WITH (security_invoker='true') AS
 SELECT d.id,
    d.seq,
    d.decided_by,
    d.decided_at,
    d.why,
    d.names,
    d.documents,
    d.undoes,
    u.id AS undone_by
   FROM (public.decisions d
     LEFT JOIN public.decisions u ON ((u.undoes = d.id)));

COMMENT ON VIEW public.decision_list IS 'Decisions; seq is the cursor.';

ALTER TABLE public.decisions ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.decisions_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.document_claims (
    id bigint NOT NULL,
    document_id uuid NOT NULL,
    place integer NOT NULL,
    kind text NOT NULL,
    role text,
    value text,
    number real,
    page integer NOT NULL,
    start integer,
    box integer[] DEFAULT '{}'::integer[] NOT NULL,
    state text NOT NULL,
    accepted boolean GENERATED ALWAYS AS (private.is_accepted(kind, state)) STORED NOT NULL,
    quote text NOT NULL,
    differs text[] DEFAULT '{}'::text[] NOT NULL,
    reason text,
    readings date[] DEFAULT '{}'::date[] NOT NULL,
    is_own boolean DEFAULT false NOT NULL,
    stated_by text NOT NULL,
    CONSTRAINT document_claims_box_check CHECK (((cardinality(box) = ANY (ARRAY[0, 4])) AND (0 <= ALL (box)) AND (1000 >= ALL (box)))),
    CONSTRAINT document_claims_check CHECK (((quote ~ '\S'::text) OR (state = 'none'::text))),
    CONSTRAINT document_claims_check1 CHECK (((start IS NULL) = (state = ANY (ARRAY['picture'::text, 'none'::text])))),
    CONSTRAINT document_claims_check2 CHECK (((cardinality(box) = 4) = (state = 'picture'::text))),
    CONSTRAINT document_claims_check3 CHECK (((kind <> 'date'::text) OR (state = 'none'::text) OR (value IS NULL) OR (value ~ '^\d{4}-\d{2}-\d{2}$'::text))),
    CONSTRAINT document_claims_check4 CHECK (((kind <> 'finding'::text) OR ((role IS NOT NULL) AND (number IS NOT NULL) AND ((number >= (0)::double precision) AND (number <= (100)::double precision))))),
    CONSTRAINT document_claims_check5 CHECK (((kind <> 'score'::text) OR ((role IS NOT NULL) AND (number IS NOT NULL)))),
    CONSTRAINT document_claims_kind_check CHECK ((kind = ANY (ARRAY['party'::text, 'date'::text, 'amount'::text, 'case_number'::text, 'court'::text, 'fact'::text, 'finding'::text, 'score'::text]))),
    CONSTRAINT document_claims_page_check CHECK (((page >= 1) AND (page <= private.most_pages()))),
    CONSTRAINT document_claims_readings_check CHECK (((cardinality(readings) <= 2) AND ('infinity'::date > ALL (readings)) AND ('-infinity'::date < ALL (readings)))),
    CONSTRAINT document_claims_start_check CHECK ((start >= 0)),
    CONSTRAINT document_claims_state_check CHECK ((state = ANY (ARRAY['exact'::text, 'ocr'::text, 'picture'::text, 'elsewhere'::text, 'none'::text]))),
    CONSTRAINT document_claims_stated_by_check CHECK ((stated_by = ANY (ARRAY['rules'::text, 'claude'::text])))
);

COMMENT ON TABLE public.document_claims IS 'Everything the run that is shown states about its document, in the order it is shown.';

COMMENT ON COLUMN public.document_claims.role IS 'A party''s role, a day''s role (signed, filed, hearing, event, printed), what an amount is for, a finding''s kind, a score''s column.';

COMMENT ON COLUMN public.document_claims.value IS 'What follows from the quote: a name, an ISO day, an amount with its currency, a number, a court, the fact. A day whose day and month cannot be told apart has none, and both readings.';

COMMENT ON COLUMN public.document_claims.start IS 'Characters before the quote in the text of its page.';

COMMENT ON COLUMN public.document_claims.box IS 'Where on the picture: left, top, right, bottom in thousandths of the page.';

COMMENT ON COLUMN public.document_claims.state IS 'exact: these words stand there. ocr: but for misread letters. picture: seen in the page''s picture, not in its text. elsewhere: on another page than was said. none: nowhere, or the value does not follow from them.';

COMMENT ON COLUMN public.document_claims.differs IS 'In which words the page differs from what was quoted.';

COMMENT ON COLUMN public.document_claims.is_own IS 'The document''s own date.';

ALTER TABLE public.document_claims ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.document_claims_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.document_decision_list WITH (security_invoker='true') AS
 SELECT c.document_id,
    l.id,
    l.seq,
    l.decided_by,
    l.decided_at,
    l.why,
    l.names,
    l.documents,
    l.undoes,
    l.undone_by,
    c.changes
   FROM (( SELECT c_1.document_id,
            c_1.decision_id,
            jsonb_agg(jsonb_build_object('name', c_1.name, 'before', c_1.before, 'after', c_1.after) ORDER BY c_1.name) AS changes
           FROM public.decision_changes c_1
          GROUP BY c_1.document_id, c_1.decision_id) c
     JOIN public.decision_list l ON ((l.id = c.decision_id)));

COMMENT ON VIEW public.document_decision_list IS 'The decisions about each document, with what they changed of it.';

CREATE TABLE public.document_embeddings (
    document_id uuid NOT NULL,
    chunk integer NOT NULL,
    page integer,
    text text NOT NULL,
    embedding extensions.vector(384)
);

COMMENT ON TABLE public.document_embeddings IS 'The text in passages, each with its embedding (all-MiniLM-L6-v2, 384 dimensions), for search.';

ALTER TABLE public.document_findings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.document_findings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.document_index (
    document_id uuid NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    name text NOT NULL,
    type text,
    day date,
    case_number text,
    relevancy real,
    judged text NOT NULL,
    read_status text NOT NULL,
    status text GENERATED ALWAYS AS (
CASE read_status
    WHEN 'failed'::text THEN 'failed'::text
    WHEN 'cancelled'::text THEN 'cancelled'::text
    WHEN 'completed'::text THEN
    CASE judged
        WHEN 'none'::text THEN 'sorted'::text
        WHEN 'all'::text THEN 'judged'::text
        ELSE 'part'::text
    END
    ELSE 'waiting'::text
END) STORED NOT NULL,
    people text[] DEFAULT '{}'::text[] NOT NULL,
    sources text[] DEFAULT '{}'::text[] NOT NULL,
    names text[] DEFAULT '{}'::text[] NOT NULL,
    folders text[] DEFAULT '{}'::text[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    is_important boolean DEFAULT false NOT NULL,
    sensitivity text DEFAULT 'ordinary'::text NOT NULL,
    exhibit text,
    words tsvector GENERATED ALWAYS AS (private.name_words(((((names || folders) || tags) || people) || ARRAY[COALESCE(type, ''::text), COALESCE(case_number, ''::text), COALESCE(exhibit, ''::text)]))) STORED NOT NULL
)
WITH (toast_tuple_target='256', fillfactor='80');

COMMENT ON TABLE public.document_index IS 'Every document that lists show (no copy, no dissolved binder), by what they are filtered, sorted and counted by. Made of the registry, the journal and judgements; never the only place of anything.';

COMMENT ON COLUMN public.document_index.status IS 'waiting, failed or cancelled; sorted (by rules), part or judged (by Claude).';

COMMENT ON COLUMN public.document_index.names IS 'Every name it ever came with, and every one inside another file.';

COMMENT ON COLUMN public.document_index.folders IS 'Every folder it ever lay in, with the folders above.';

CREATE TABLE public.document_journal (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    document_id uuid NOT NULL,
    job_id uuid,
    batch_id uuid,
    source text NOT NULL,
    original_filename text NOT NULL,
    object_key text NOT NULL,
    duplicate boolean DEFAULT false NOT NULL,
    google_drive_id text,
    source_version text,
    telegram_chat_id bigint,
    telegram_message_id bigint,
    arrival jsonb DEFAULT '{}'::jsonb NOT NULL,
    processing_status text NOT NULL,
    error_message text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_journal_arrival_check CHECK ((jsonb_typeof(arrival) = 'object'::text)),
    CONSTRAINT document_journal_processing_status_check CHECK ((processing_status = ANY (ARRAY['queued'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT document_journal_source_check CHECK ((source = ANY (ARRAY['upload'::text, 'telegram'::text, 'bucket'::text, 'drive'::text, 'mail'::text])))
);

COMMENT ON TABLE public.document_journal IS 'One row per file that ever entered: two uploads of the same bytes are two entries of one document.';

COMMENT ON COLUMN public.document_journal.duplicate IS 'The bytes were here already: this entry cost nothing.';

COMMENT ON COLUMN public.document_journal.source_version IS 'What its bucket or Drive said of the object when its bytes were hashed: ETag or MD5, size, and when it was changed last. The object is unchanged only where all of it is the same; where not, it is read again.';

COMMENT ON COLUMN public.document_journal.arrival IS 'What its messenger, folder or mailbox said of it: caption, sender, path, owner, times … as {name: text}.';

COMMENT ON COLUMN public.document_journal.processing_status IS 'How the document''s newest job ended; queued until it has (a claim does not rewrite the journal).';

ALTER TABLE public.document_journal ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.document_journal_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.document_parts (
    parent_id uuid NOT NULL,
    "position" integer NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    child_id uuid,
    journal_id uuid,
    code text,
    mime_type text,
    bytes bigint,
    sha256 text,
    dated text,
    depth smallint NOT NULL,
    root_id uuid NOT NULL,
    CONSTRAINT document_parts_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT document_parts_check CHECK (((child_id IS NULL) = (code IS NOT NULL))),
    CONSTRAINT document_parts_code_check CHECK ((code ~ '^[a-z0-9_]{1,60}$'::text)),
    CONSTRAINT document_parts_position_check CHECK (("position" > 0)),
    CONSTRAINT document_parts_role_check CHECK ((role = ANY (ARRAY['body'::text, 'attachment'::text, 'inline'::text, 'message'::text, 'member'::text]))),
    CONSTRAINT document_parts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE public.document_parts IS 'The files inside each document, in their order. The same bytes may be part of several: they are one document.';

COMMENT ON COLUMN public.document_parts.name IS 'The name inside, as it was written there: for an archive with its folders.';

COMMENT ON COLUMN public.document_parts.code IS 'Why it was not taken; such a part has no child.';

COMMENT ON COLUMN public.document_parts.dated IS 'The time that the container claims for it, as it was written there.';

COMMENT ON COLUMN public.document_parts.root_id IS 'The document that came in by a door, and depth how far down this is.';

CREATE TABLE public.document_repository (
    document_id uuid NOT NULL,
    text text NOT NULL,
    words integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.document_repository IS 'The text of each completed document.';

CREATE VIEW public.document_list WITH (security_invoker='true') AS
 SELECT d.id,
    d.seq,
    d.sha256,
    d.md5,
    d.bytes,
    d.mime_type,
    d.original_filename,
    d.source,
    COALESCE(d.kept_key, d.object_key) AS object_key,
    d.version_id,
    d.duplicate_of,
    d.bound_set,
    d.dissolved_at,
    d.job_id,
    j.batch_id,
    j.status,
    j.pages_total,
    j.page_outcomes,
    j.error_code,
    j.error_message,
    d.document_type,
    d.document_date,
    d.dates,
    d.parties,
    d.case_number,
    d.court,
    d.summary,
    d.key_facts,
    d.analyst,
    d.model,
    d.fallback_reason,
    d.truth_score,
    d.justice_score,
    d.fraud_score,
    d.perjury_score,
    d.legal_credit_score,
    d.relevancy_score,
    d.artifacts,
    d.created_at,
    d.analysed_at,
    "left"(r.text, 1000) AS text_excerpt,
    r.words,
    ( SELECT count(*) AS count
           FROM public.document_findings f
          WHERE ((f.document_id = d.id) AND f.verified AND (NOT f.is_wrong))) AS findings_count,
    ( SELECT count(*) AS count
           FROM public.document_findings f
          WHERE ((f.document_id = d.id) AND (NOT f.verified) AND (NOT f.is_wrong))) AS unproven_findings,
    d.judged,
    d.unproven_scores,
    d.score_evidence,
    d.disagreements,
    d.run_id,
    (a.shown ->> 'status'::text) AS analysis_status,
    (a.shown ->> 'reason'::text) AS analysis_reason,
    private.document_machine_usd(d.id) AS machine_usd,
    private.document_claude_usd(d.id) AS claude_usd,
    (private.document_machine_usd(d.id) + private.document_claude_usd(d.id)) AS total_usd,
    private.tags_of(d.id) AS tags,
    (EXISTS ( SELECT
           FROM public.judgements g
          WHERE ((g.document_id = d.id) AND (g.name = 'important'::text)))) AS is_important,
    ( SELECT (g.value #>> '{}'::text[])
           FROM public.judgements g
          WHERE ((g.document_id = d.id) AND (g.name = 'sensitivity'::text))) AS sensitivity,
    ( SELECT (g.value #>> '{}'::text[])
           FROM public.judgements g
          WHERE ((g.document_id = d.id) AND (g.name ~~ 'exhibit:%'::text))
          ORDER BY g.name
         LIMIT 1) AS exhibit,
    d.corrected,
    d.as_read,
    ( SELECT m.original_filename
           FROM (public.document_parts p
             JOIN public.master_document_registry m ON ((m.id = p.parent_id)))
          WHERE (p.child_id = d.id)
          ORDER BY p.parent_id, p."position"
         LIMIT 1) AS lies_in
   FROM (((public.master_document_registry d
     LEFT JOIN public.processing_jobs j ON ((j.id = d.job_id)))
     LEFT JOIN public.document_repository r ON ((r.document_id = d.id)))
     CROSS JOIN LATERAL ( SELECT private.analysis_status(d.*) AS shown) a);

COMMENT ON VIEW public.document_list IS 'Documents as GET /api/documents shows them, with the status of their newest job; seq is the cursor.';

CREATE TABLE public.document_pages (
    job_id uuid NOT NULL,
    page integer NOT NULL,
    document_id uuid NOT NULL,
    outcome text NOT NULL,
    engine text,
    confidence real,
    seconds real,
    reason text,
    words integer,
    rotation smallint,
    hidden_words integer DEFAULT 0 NOT NULL,
    letters text DEFAULT ''::text NOT NULL,
    CONSTRAINT document_pages_hidden_words_check CHECK ((hidden_words >= 0)),
    CONSTRAINT document_pages_outcome_check CHECK ((outcome = ANY (ARRAY['text_layer'::text, 'ocr'::text, 'ocr_fallback'::text, 'blank'::text, 'unreadable'::text, 'skipped'::text]))),
    CONSTRAINT document_pages_page_check CHECK (((page >= 1) AND (page <= private.most_pages()))),
    CONSTRAINT document_pages_rotation_check CHECK ((rotation = ANY (ARRAY[0, 90, 180, 270])))
);

COMMENT ON TABLE public.document_pages IS 'The page ledger: every page of every job that ended has exactly one outcome.';

COMMENT ON COLUMN public.document_pages.outcome IS 'text_layer (read, not recognised), ocr, ocr_fallback (second engine), blank, unreadable (tried, reason says why), skipped (not tried, reason says why).';

COMMENT ON COLUMN public.document_pages.rotation IS 'How far clockwise, in degrees, the page must be turned to stand upright; null where nobody looked.';

COMMENT ON COLUMN public.document_pages.hidden_words IS 'Words that the file holds on the page and nobody sees: no part of its text, of no quote, and found by no search.';

COMMENT ON COLUMN public.document_pages.letters IS 'What the letters of words read that the machine took for other ones: no part of its text, but found by searches.';

CREATE TABLE public.document_passages (
    document_id uuid NOT NULL,
    passage integer NOT NULL,
    page integer,
    start integer NOT NULL,
    search tsvector NOT NULL
);

COMMENT ON TABLE public.document_passages IS 'The full-text index: one row per 1,000 characters of a page, which stay in document_repository; passage 0 is what is known about the document, those below 0 its transcriptions, those below -9999 corrected lines, and letters that were taken for others.';

COMMENT ON COLUMN public.document_passages.start IS 'Where the passage begins in the document''s text, from 1; passages overlap by 100 characters, so that no word is cut.';

COMMENT ON COLUMN public.document_passages.search IS 'English word stems (B), the words as they stand (A), and marks: see find_marks.';

ALTER TABLE public.document_passwords ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.document_passwords_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.document_shares (
    document_id uuid NOT NULL,
    shares jsonb NOT NULL
);

COMMENT ON TABLE public.document_shares IS 'What each document has added to document_sums: {name: number}.';

CREATE TABLE public.document_sums (
    name text NOT NULL COLLATE pg_catalog."C",
    n numeric NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE public.document_sums IS 'The shares of all documents, by name: "kind:what".';

CREATE TABLE public.document_transcriptions (
    id bigint NOT NULL,
    document_id uuid NOT NULL,
    run_id uuid NOT NULL,
    place integer NOT NULL,
    page integer NOT NULL,
    kind text NOT NULL,
    engine text NOT NULL,
    model text,
    outcome text DEFAULT 'transcribed'::text NOT NULL,
    text text NOT NULL,
    doubtful_lines integer[] DEFAULT '{}'::integer[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_transcriptions_engine_check CHECK ((engine = 'claude'::text)),
    CONSTRAINT document_transcriptions_kind_check CHECK ((kind = ANY (ARRAY['handwriting'::text, 'chat'::text]))),
    CONSTRAINT document_transcriptions_outcome_check CHECK ((outcome = 'transcribed'::text)),
    CONSTRAINT document_transcriptions_page_check CHECK (((page >= 1) AND (page <= private.most_pages()))),
    CONSTRAINT document_transcriptions_text_check CHECK ((text ~ '\S'::text))
);

COMMENT ON TABLE public.document_transcriptions IS 'Pages that Claude transcribed from their picture, by the run that is shown, in the order it gave them.';

COMMENT ON COLUMN public.document_transcriptions.doubtful_lines IS 'The lines, from 1, that it could not read surely.';

ALTER TABLE public.document_transcriptions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.document_transcriptions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.estimates ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.estimates_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.event_cursors (
    consumer text NOT NULL,
    transaction_id xid8 DEFAULT '0'::xid8 NOT NULL,
    event_id bigint DEFAULT 0 NOT NULL
);

COMMENT ON TABLE public.event_cursors IS 'How far each consumer has read the outbox, in order of (transaction_id, event_id).';

CREATE TABLE public.event_deliveries (
    consumer text NOT NULL,
    event_id bigint NOT NULL,
    offered_until timestamp with time zone NOT NULL,
    times_offered integer DEFAULT 1 NOT NULL,
    parked_at timestamp with time zone,
    reason text
);

COMMENT ON TABLE public.event_deliveries IS 'Events a consumer has taken and not yet acknowledged; after 60 seconds they are offered again.';

COMMENT ON COLUMN public.event_deliveries.parked_at IS 'When its consumer gave this event up; it is not offered again, and people were told.';

COMMENT ON COLUMN public.event_deliveries.reason IS 'Why it was given up: the kind of error, never words of a document.';

ALTER TABLE public.examinations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.examinations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.exhibit_list WITH (security_invoker='true') AS
 SELECT (substr(j.name, 9))::uuid AS matter_id,
    (j.value #>> '{}'::text[]) AS letter,
    length((j.value #>> '{}'::text[])) AS length,
    d.id AS document_id,
    d.original_filename,
    d.document_type,
    d.document_date,
    j.decided_by,
    j.decided_at
   FROM (public.judgements j
     JOIN public.master_document_registry d ON ((d.id = j.document_id)))
  WHERE ((j.name ~~ 'exhibit:%'::text) AND (d.dissolved_at IS NULL));

COMMENT ON VIEW public.exhibit_list IS 'The exhibits of each matter.';

CREATE TABLE public.matter_documents (
    matter_id uuid NOT NULL,
    document_id uuid NOT NULL,
    added_by text,
    added_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.matter_documents IS 'Which matters a document belongs to: one or more.';

CREATE VIEW public.finding_list WITH (security_invoker='true') AS
 SELECT f.id,
    f.document_id,
    d.original_filename,
    d.document_type,
    d.document_date,
    f.kind,
    f.page,
    f.quote,
    f.verified,
    f.state,
    f.differs,
    f.is_wrong,
    f.explanation,
    f.score,
    d.case_number,
    d.created_at AS received_at,
    ARRAY( SELECT m.matter_id
           FROM public.matter_documents m
          WHERE (m.document_id = d.id)) AS matters,
    ((((COALESCE((floor((f.score)::double precision))::integer, '-1'::integer) + 1))::bigint * '1099511627776'::bigint) + f.id) AS rank
   FROM (public.document_findings f
     JOIN public.master_document_registry d ON ((d.id = f.document_id)))
  WHERE ((d.duplicate_of IS NULL) AND (d.dissolved_at IS NULL) AND f.verified AND (NOT f.is_wrong) AND (NOT private.is_told_by_binder(d.*)));

COMMENT ON VIEW public.finding_list IS 'Findings as GET /api/findings shows them: those whose words stand, by rank, the highest first.';

CREATE VIEW public.fleet_contracts WITH (security_invoker='true') AS
 SELECT m.label,
    m.contract_id,
    m.status,
    m.gpu_name,
    m.hosting,
    m.geolocation,
    m.machine_id,
    m.host_id,
    m.is_bid,
    m.usd_per_hour,
    m.reason,
    m.destroy_reason,
    m.blame,
    m.batch_id,
    m.intent_at,
    m.contract_at,
    m.running_at,
    m.ready_at,
    m.destroying_at,
    m.destroyed_at,
    m.pages_done,
    m.jobs_done,
    c.gpu_usd,
    c.disk_usd,
    c.download_usd,
    c.upload_usd,
    c.billed_usd,
    private.reserved_usd_between(m.*, '-infinity'::timestamp with time zone, 'infinity'::timestamp with time zone) AS reserved_usd,
    private.machine_usd(m.*) AS machine_usd,
    (private.machine_usd(m.*) / (NULLIF(m.pages_done, 0))::numeric) AS usd_per_page
   FROM (public.machines m
     LEFT JOIN ( SELECT fleet_charges.contract_id,
            sum(fleet_charges.usd) AS billed_usd,
            sum(fleet_charges.usd) FILTER (WHERE (fleet_charges.kind = 'gpu'::text)) AS gpu_usd,
            sum(fleet_charges.usd) FILTER (WHERE (fleet_charges.kind = 'disk'::text)) AS disk_usd,
            sum(fleet_charges.usd) FILTER (WHERE (fleet_charges.kind = 'bwd'::text)) AS download_usd,
            sum(fleet_charges.usd) FILTER (WHERE (fleet_charges.kind = 'bwu'::text)) AS upload_usd
           FROM public.fleet_charges
          GROUP BY fleet_charges.contract_id) c ON ((c.contract_id = m.contract_id)));

COMMENT ON VIEW public.fleet_contracts IS 'Every contract with its times, charges by kind, pages done and dollars per page.';

CREATE TABLE public.invitations (
    sha256 text NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT invitations_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE public.invitations IS 'One-time links to choose a password and a second factor.';

CREATE VIEW public.job_list WITH (security_invoker='true') AS
 SELECT j.id,
    j.seq,
    j.kind,
    j.document_id,
    j.batch_id,
    j.status,
    j.priority,
    j.placement,
    j.attempt,
    j.max_attempts,
    d.original_filename,
    d.source,
    d.object_key,
    d.mime_type,
    d.bytes,
    j.pages_done,
    j.pages_total,
    j.page_outcomes,
    d.document_type,
    d.document_date,
    d.case_number,
    j.error_code,
    j.error_message,
    j.machine,
    j.created_at,
    j.started_at,
    j.finished_at,
    j.run_after,
    COALESCE(j.seconds, (EXTRACT(epoch FROM (j.finished_at - j.started_at)))::real) AS seconds,
    d.duplicate_of,
    d.analyst,
    j.allow_claude,
    j.choices_unsaid,
    private.job_machine_usd(j.*) AS machine_usd,
    private.job_claude_usd(j.id) AS claude_usd,
    (private.job_machine_usd(j.*) + private.job_claude_usd(j.id)) AS total_usd
   FROM (public.processing_jobs j
     LEFT JOIN public.master_document_registry d ON ((d.id = j.document_id)));

COMMENT ON VIEW public.job_list IS 'Jobs as GET /api/jobs shows them; newest first is order=seq.desc, and seq is the cursor.';

CREATE TABLE public.lane_heads (
    lane_id bigint NOT NULL,
    oldest_at timestamp with time zone
)
WITH (fillfactor='50');

COMMENT ON TABLE public.lane_heads IS 'When the oldest waiting job of a lane came, where job_counts has no change of the lane that is not folded.';

CREATE TABLE public.lanes (
    id bigint NOT NULL,
    name text NOT NULL,
    batch_id uuid,
    priority text NOT NULL,
    placement text NOT NULL,
    CONSTRAINT lanes_placement_check CHECK ((placement = ANY (ARRAY['any_host'::text, 'datacenter_only'::text, 'local_only'::text]))),
    CONSTRAINT lanes_priority_check CHECK ((priority = ANY (ARRAY['high'::text, 'normal'::text, 'low'::text])))
);

COMMENT ON TABLE public.lanes IS 'Waiting jobs of one batch (or, without a batch, of one source and day) with one priority and placement. Lanes of a priority take turns, so no batch starves another.';

ALTER TABLE public.lanes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lanes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.leaders (
    name text NOT NULL,
    holder text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.leaders IS 'Who may act under a name, until when: the scaler leads by such a lease.';

COMMENT ON COLUMN public.leaders.since IS 'Since when the lease has been held without a gap. Nobody judged silences before: the database, or every scaler, was away.';

CREATE VIEW public.long_scans WITH (security_invoker='true') AS
 SELECT d.seq,
    d.id AS document_id,
    d.original_filename,
    p.pages_total,
    "left"(r.text, 1000000) AS text,
    ARRAY( SELECT q.page
           FROM public.document_pages q
          WHERE ((q.job_id = d.job_id) AND (q.outcome = 'blank'::text))) AS blank_pages
   FROM ((public.master_document_registry d
     JOIN public.processing_jobs p ON ((p.id = d.job_id)))
     JOIN public.document_repository r ON ((r.document_id = d.id)))
  WHERE ((d.mime_type = 'application/pdf'::text) AND (p.status = 'completed'::text) AND ((p.pages_total >= 3) AND (p.pages_total <= 300)) AND private.is_loose(d.*) AND (EXISTS ( SELECT
           FROM public.document_pages q
          WHERE ((q.job_id = d.job_id) AND (q.outcome = ANY (ARRAY['ocr'::text, 'ocr_fallback'::text]))))));

COMMENT ON VIEW public.long_scans IS 'Scanned PDFs of 3 to 300 pages, which may hold several letters.';

CREATE VIEW public.loose_pictures WITH (security_invoker='true') AS
 SELECT j.seq,
    d.id AS document_id,
    j.original_filename,
    j.batch_id,
    j.telegram_chat_id,
    (j.arrival ->> 'album'::text) AS album,
    j.created_at
   FROM ((public.document_journal j
     JOIN public.master_document_registry d ON ((d.id = j.document_id)))
     JOIN public.processing_jobs p ON ((p.id = d.job_id)))
  WHERE ((NOT j.duplicate) AND (d.mime_type ~~ 'image/%'::text) AND (p.status = 'completed'::text) AND (p.pages_total = 1) AND private.is_loose(d.*) AND (NOT (EXISTS ( SELECT
           FROM public.document_parts x
          WHERE ((x.child_id = d.id) AND (NOT (EXISTS ( SELECT
                   FROM public.binders b
                  WHERE (b.document_id = x.parent_id)))))))));

COMMENT ON VIEW public.loose_pictures IS 'Pictures of one page that came by themselves: what albums and stacks are made of.';

ALTER TABLE public.machine_work ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.machine_work_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mails (
    document_id uuid NOT NULL,
    message_id text NOT NULL,
    thread_id text NOT NULL,
    sent text,
    sent_at timestamp with time zone,
    sender text NOT NULL,
    recipients jsonb DEFAULT '[]'::jsonb NOT NULL,
    subject text NOT NULL
);

COMMENT ON TABLE public.mails IS 'The header of each e-mail: claims of whoever wrote it.';

COMMENT ON COLUMN public.mails.thread_id IS 'The Message-ID of the thread''s first message, as this one refers to it; its own where it begins one.';

COMMENT ON COLUMN public.mails.sent IS 'As its sender''s program wrote it, in ISO 8601 with its zone.';

ALTER TABLE public.master_document_registry ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.master_document_registry_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.matters ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.matters_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.order_terms ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.order_terms_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pair_decisions (
    id bigint NOT NULL,
    pair_id uuid NOT NULL,
    state text NOT NULL,
    why text,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    a_document uuid NOT NULL,
    a_quote text NOT NULL,
    b_document uuid NOT NULL,
    b_quote text NOT NULL,
    carried_from bigint,
    CONSTRAINT pair_decisions_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'explained'::text, 'dismissed'::text, 'later'::text])))
);

COMMENT ON TABLE public.pair_decisions IS 'What persons decided on pairs, one row each time, never changed. The newest counts.';

COMMENT ON COLUMN public.pair_decisions.a_quote IS 'The words that were decided on.';

COMMENT ON COLUMN public.pair_decisions.carried_from IS 'The decision that this one repeats, because a later reading has the same statements in other letters.';

ALTER TABLE public.pair_decisions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pair_decisions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.pair_list WITH (security_invoker='true') AS
 SELECT p.id,
    p.rank,
    p.kind,
    p.proposed_by,
    p.score,
    p.verdict,
    p.verdict_by,
    p.model,
    p.judged_at,
    p.reason,
    p.explained_by,
    p.state,
    p.decided_by,
    p.decided_at,
    p.why,
    p.stands,
    p.is_counted,
    p.people,
    p.a_document,
    p.b_document,
    ARRAY( SELECT m.matter_id
           FROM public.matter_documents m
          WHERE (m.document_id = p.a_document)
        INTERSECT
         SELECT m.matter_id
           FROM public.matter_documents m
          WHERE (m.document_id = p.b_document)) AS matters,
    (p.a_side || jsonb_build_object('document_id', p.a_document, 'original_filename', a.original_filename, 'document_type', a.document_type, 'document_date', a.document_date, 'speaker', ( SELECT s.name
           FROM public.people s
          WHERE (s.id = ((p.a_side ->> 'speaker_id'::text))::uuid)))) AS a,
    (p.b_side || jsonb_build_object('document_id', p.b_document, 'original_filename', b.original_filename, 'document_type', b.document_type, 'document_date', b.document_date, 'speaker', ( SELECT s.name
           FROM public.people s
          WHERE (s.id = ((p.b_side ->> 'speaker_id'::text))::uuid)))) AS b
   FROM ((public.pairs p
     LEFT JOIN public.master_document_registry a ON ((a.id = p.a_document)))
     LEFT JOIN public.master_document_registry b ON ((b.id = p.b_document)))
  WHERE (p.stands OR (p.state <> 'open'::text));

COMMENT ON VIEW public.pair_list IS 'Pairs as GET /api/case/pairs shows them, by rank, the highest first.';

CREATE TABLE public.pair_tasks (
    document_id uuid NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.pair_tasks IS 'Documents whose facts have changed since their pairs were proposed.';

CREATE TABLE public.pair_verdicts (
    id bigint NOT NULL,
    pair_id uuid NOT NULL,
    verdict text NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    explained_by text,
    strength text NOT NULL,
    model text NOT NULL,
    job_id uuid,
    words_md5 text NOT NULL,
    judged_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pair_verdicts_kind_check CHECK ((kind = ANY (ARRAY['contradiction'::text, 'order_violation'::text, 'changed_statement'::text, 'corroboration'::text]))),
    CONSTRAINT pair_verdicts_strength_check CHECK ((strength = ANY (ARRAY['quick'::text, 'careful'::text]))),
    CONSTRAINT pair_verdicts_verdict_check CHECK ((verdict = ANY (ARRAY['conflict'::text, 'no_conflict'::text, 'cannot_tell'::text])))
);

COMMENT ON TABLE public.pair_verdicts IS 'What Claude said of pairs, never changed; the newest on the same words is shown.';

COMMENT ON COLUMN public.pair_verdicts.words_md5 IS 'Of both quotes: a verdict holds for the words that were judged.';

ALTER TABLE public.pair_verdicts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pair_verdicts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.pairs ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pairs_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.part_list WITH (security_invoker='true') AS
 SELECT p.parent_id,
    p."position",
    p.role,
    p.name,
    p.child_id AS document_id,
    p.code,
    p.bytes,
    p.dated,
    COALESCE(c.mime_type, p.mime_type) AS mime_type,
    c.document_type,
    j.status,
    j.error_message,
    j.pages_total,
    d.original_filename AS parent_filename,
    d.mime_type AS parent_mime_type
   FROM (((public.document_parts p
     JOIN public.master_document_registry d ON ((d.id = p.parent_id)))
     LEFT JOIN public.master_document_registry c ON ((c.id = p.child_id)))
     LEFT JOIN public.processing_jobs j ON ((j.id = c.job_id)))
  WHERE (d.dissolved_at IS NULL);

COMMENT ON VIEW public.part_list IS 'Parts with what became of them, and with what they lie in; position is the cursor.';

CREATE TABLE public.people_decisions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    a_keys text[] NOT NULL,
    b_keys text[] NOT NULL,
    kept_id uuid NOT NULL,
    other_id uuid NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    why text,
    undone_by text,
    undone_at timestamp with time zone,
    CONSTRAINT people_decisions_kind_check CHECK ((kind = ANY (ARRAY['same'::text, 'apart'::text])))
);

COMMENT ON TABLE public.people_decisions IS 'What a person decided about people, by the keys of their names: it holds whatever is drawn later.';

ALTER TABLE public.people_decisions ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.people_decisions_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.people_documents (
    person_id uuid NOT NULL,
    document_id uuid NOT NULL
);

COMMENT ON TABLE public.people_documents IS 'Which documents speak of whom, under whatever name.';

ALTER TABLE public.people ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.people_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.places (
    id bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    CONSTRAINT places_kind_check CHECK ((kind = ANY (ARRAY['court'::text, 'county'::text, 'city'::text, 'address'::text, 'venue'::text])))
);

COMMENT ON TABLE public.places IS 'Places and courts that statements speak of.';

ALTER TABLE public.places ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.places_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.processing_jobs ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.processing_jobs_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reading_checks (
    id bigint NOT NULL,
    job_id uuid NOT NULL,
    document_id uuid NOT NULL,
    machine text NOT NULL,
    check_job_id uuid NOT NULL,
    checker text NOT NULL,
    agrees boolean NOT NULL,
    alike real,
    text text,
    artifacts jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.reading_checks IS 'Second readings, compared with what is shown. One that differs is kept with its text and its files.';

COMMENT ON COLUMN public.reading_checks.alike IS 'Of the page that is least alike: the share of common words, 0 to 1.';

ALTER TABLE public.reading_checks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reading_checks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.record_entries (
    seq bigint NOT NULL,
    event_id bigint NOT NULL,
    event_hash text NOT NULL,
    hash text NOT NULL
);

COMMENT ON TABLE public.record_entries IS 'The log over all documents: 1, 2, 3 … without a gap, each hashed with the one before. It names every event once, so a document that was removed with all its rows leaves entries whose event is missing.';

COMMENT ON COLUMN public.record_entries.hash IS 'SHA-256 (hex) of "<hash before>|<seq>|<event_hash>"; before the first: "".';

CREATE TABLE public.record_heads (
    seq bigint NOT NULL,
    hash text NOT NULL,
    statement text NOT NULL,
    signature text NOT NULL,
    public_key text NOT NULL,
    timestamp_token text,
    signed_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.record_heads IS 'Signed heads of the log. The key is not in the database, and each was sent outside when it was signed.';

COMMENT ON COLUMN public.record_heads.timestamp_token IS 'RFC 3161 answer of the time stamp authority, base64; null without.';

CREATE TABLE public.record_pending (
    event_id bigint NOT NULL
);

COMMENT ON TABLE public.record_pending IS 'Events that are not in the log over all documents yet: see append_record. Only ever added to here, so that no writer waits for another.';

CREATE TABLE public.record_seals (
    sealed text NOT NULL,
    digests bytea NOT NULL
);

COMMENT ON TABLE public.record_seals IS 'Of what an event seals as one though it is many rows: the SHA-256 of each, 32 bytes each, in their order. The event holds the SHA-256 of digests; these say which row differs.';

CREATE TABLE public.recorded_tables (
    name text NOT NULL,
    document_column text,
    scope text[] NOT NULL,
    is_set boolean NOT NULL,
    lines text NOT NULL,
    scopes text NOT NULL
);

COMMENT ON TABLE public.recorded_tables IS 'Which tables are in the record: lines is the query for the rows of one scope ($1, its values), scopes that for the scopes that a document ($1) has rows of.';

CREATE VIEW public.refused_files WITH (security_invoker='true') AS
 SELECT id,
    (payload ->> 'original_filename'::text) AS original_filename,
    (payload ->> 'source'::text) AS source,
    (payload ->> 'code'::text) AS code,
    (payload ->> 'message'::text) AS message,
    created_at
   FROM public.events e
  WHERE ((kind = 'file_refused'::text) AND (NOT (EXISTS ( SELECT
           FROM public.document_journal j
          WHERE ((j.original_filename = (e.payload ->> 'original_filename'::text)) AND (j.created_at >= e.created_at))))) AND (NOT (EXISTS ( SELECT
           FROM public.events f
          WHERE ((f.kind = 'file_refused'::text) AND (f.id > e.id) AND ((f.payload ->> 'original_filename'::text) = (e.payload ->> 'original_filename'::text)))))));

COMMENT ON VIEW public.refused_files IS 'Files that were not taken in and of whose name none has come since.';

CREATE TABLE public.refused_names (
    name text NOT NULL
);

COMMENT ON TABLE public.refused_names IS 'Names in refused_files as the sweep saw them last.';

CREATE TABLE public.refused_news (
    name text NOT NULL,
    seen boolean DEFAULT false NOT NULL,
    folds_after xid8
);

COMMENT ON TABLE public.refused_news IS 'Names of files of which one was refused, or came in after that, since the sweep looked last.';

COMMENT ON COLUMN public.refused_news.seen IS 'By a sweep.';

COMMENT ON COLUMN public.refused_news.folds_after IS 'The sweep after that: when all transactions before it have ended, whoever takes such a file in sees the name here or in refused_names.';

CREATE TABLE public.refused_sum (
    only_row boolean DEFAULT true NOT NULL,
    names bigint NOT NULL,
    CONSTRAINT refused_sum_only_row_check CHECK (only_row)
);

COMMENT ON TABLE public.refused_sum IS 'How many rows refused_names has.';

CREATE VIEW public.term_days WITH (security_invoker='true') AS
 SELECT (md5(((o.document_id || o.key) || w.day)))::uuid AS id,
    w.day,
    w.role,
    o.document_id,
    d.original_filename,
    o.page,
    o.start,
    o.quote
   FROM ((public.order_terms o
     JOIN public.master_document_registry d ON (((d.id = o.document_id) AND (d.duplicate_of IS NULL) AND (d.dissolved_at IS NULL))))
     CROSS JOIN LATERAL ( VALUES ('until'::text,o.ends), ('from'::text,
                CASE
                    WHEN (o.starts > d.document_date) THEN o.starts
                    ELSE NULL::date
                END), ('due'::text,
                CASE
                    WHEN (o.act = 'pay'::text) THEN private.next_due_day(o.due_day, GREATEST(CURRENT_DATE, o.starts))
                    ELSE NULL::date
                END)) w(role, day))
  WHERE (o.standing AND (o.state <> 'rejected'::text) AND (w.day IS NOT NULL) AND ((o.ends IS NULL) OR (w.day <= o.ends)) AND (NOT (o.document_id IN ( SELECT c.copy_id
           FROM public.duplicates c
          WHERE (c.state = 'joined'::text)))));

COMMENT ON VIEW public.term_days IS 'The days that terms of orders name: until, from, and the next day on which something is to be paid. Proposed terms count, those of copies do not.';

CREATE VIEW public.reminder_list WITH (security_invoker='true') AS
 SELECT r.id,
    r.day,
    r.text,
    r.document_id,
    d.original_filename,
    NULL::integer AS page,
    NULL::integer AS start,
    NULL::text AS quote,
    r.made,
    r.done_at,
    r.decided_by
   FROM (public.reminders r
     LEFT JOIN public.master_document_registry d ON ((d.id = r.document_id)))
  WHERE (r.made = 'person'::text)
UNION ALL
 SELECT c.id,
    c.day,
    COALESCE(r.text, c.role) AS text,
    c.document_id,
    c.original_filename,
    c.page,
    c.start,
    c.quote,
    'order'::text AS made,
    r.done_at,
    r.decided_by
   FROM (( SELECT DISTINCT ON (d.id, c_1.value) (md5((d.id || c_1.value)))::uuid AS id,
            (c_1.value)::date AS day,
            c_1.role,
            d.id AS document_id,
            d.original_filename,
            c_1.page,
            c_1.start,
            c_1.quote
           FROM (public.document_claims c_1
             JOIN public.master_document_registry d ON ((d.id = c_1.document_id)))
          WHERE ((c_1.kind = 'date'::text) AND (c_1.role = ANY (ARRAY['hearing'::text, 'due'::text])) AND c_1.accepted AND (c_1.value IS NOT NULL) AND (d.duplicate_of IS NULL) AND (d.dissolved_at IS NULL))
          ORDER BY d.id, c_1.value, c_1.place) c
     LEFT JOIN public.reminders r ON ((r.id = c.id)))
UNION ALL
 SELECT t.id,
    t.day,
    COALESCE(r.text, t.role) AS text,
    t.document_id,
    t.original_filename,
    t.page,
    t.start,
    t.quote,
    'order'::text AS made,
    r.done_at,
    r.decided_by
   FROM (public.term_days t
     LEFT JOIN public.reminders r ON ((r.id = t.id)));

COMMENT ON VIEW public.reminder_list IS 'Days to keep in mind: hearings and due days that documents name, on their words, days that terms of orders name, and those written by hand.';

CREATE TABLE public.search_words (
    word text NOT NULL,
    keys text[] NOT NULL
);

COMMENT ON TABLE public.search_words IS 'Every word of 4 to 30 letters that stands in a document, for near spellings.';

COMMENT ON COLUMN public.search_words.keys IS 'See spelling_keys.';

CREATE TABLE public.sign_in_guesses (
    id bigint NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    password_right boolean DEFAULT false NOT NULL,
    is_right boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.sign_in_guesses IS 'Tries to sign in of the last day, each written down before it is looked at.';

ALTER TABLE public.sign_in_guesses ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sign_in_guesses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.skipped_files (
    seq bigint NOT NULL,
    batch_id uuid NOT NULL,
    source_id text NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    mime_type text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT skipped_files_code_check CHECK ((code ~ '^[a-z_]{1,60}$'::text))
);

COMMENT ON TABLE public.skipped_files IS 'Files that the scan of a batch found and did not take in: object key or Drive id, name, and why; the mime type of a kind that is known and refused.';

ALTER TABLE public.skipped_files ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.skipped_files_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sums_cursor (
    only_one boolean DEFAULT true NOT NULL,
    transaction_id xid8 DEFAULT '0'::xid8 NOT NULL,
    event_id bigint DEFAULT 0 NOT NULL,
    looked_at uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    CONSTRAINT sums_cursor_only_one_check CHECK (only_one)
)
WITH (fillfactor='50');

COMMENT ON TABLE public.sums_cursor IS 'How far the sums have followed the events, see event_cursors.';

COMMENT ON COLUMN public.sums_cursor.looked_at IS 'Each fold also counts the next few documents anew, whether an event tells of them or not: what a hand changed in a table is in the sums within the hours of one round.';

CREATE VIEW public.tag_list WITH (security_invoker='true') AS
 SELECT substr(j.name, 5) AS tag,
    count(*) AS documents
   FROM (public.judgements j
     JOIN public.master_document_registry d ON ((d.id = j.document_id)))
  WHERE ((j.name >= 'tag:'::text) AND (j.name < 'tag;'::text) AND (d.duplicate_of IS NULL) AND (d.dissolved_at IS NULL))
  GROUP BY (substr(j.name, 5));

COMMENT ON VIEW public.tag_list IS 'Every tag with its documents.';

CREATE VIEW public.timeline_list WITH (security_invoker='true') AS
 SELECT ((((document_date - '0001-01-01'::date))::bigint * '2147483648'::bigint) + seq) AS place,
    document_date AS date,
    id AS document_id,
    original_filename,
    document_type,
    "left"(summary, 1000) AS summary,
    case_number
   FROM public.master_document_registry d
  WHERE ((duplicate_of IS NULL) AND (dissolved_at IS NULL) AND ((document_date >= '0001-01-01'::date) AND (document_date <= '9999-12-31'::date)));

COMMENT ON VIEW public.timeline_list IS 'Dated documents in order of their dates; place is the cursor.';

CREATE TABLE public.unindexed_texts (
    id bigint NOT NULL,
    document_id uuid NOT NULL,
    fault text
);

COMMENT ON TABLE public.unindexed_texts IS 'Texts that are not in the full-text index yet: see index_texts. Only ever added to by who publishes a text.';

COMMENT ON COLUMN public.unindexed_texts.fault IS 'Why it could not be indexed: the kind of error. It is not tried again.';

ALTER TABLE public.unindexed_texts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.unindexed_texts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.webhook_deliveries (
    id bigint NOT NULL,
    webhook_id uuid NOT NULL,
    event_id bigint NOT NULL,
    status_code integer,
    problem text,
    seconds real NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.webhook_deliveries IS 'Every try to send an event: what was answered, or why there was no answer.';

ALTER TABLE public.webhook_deliveries ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.webhook_deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.webhooks ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.webhooks_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.access_log
    ADD CONSTRAINT access_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.alarms
    ADD CONSTRAINT alarms_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.analysis_runs
    ADD CONSTRAINT analysis_runs_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY public.analysis_runs
    ADD CONSTRAINT analysis_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.analysis_runs
    ADD CONSTRAINT analysis_runs_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_sha256_key UNIQUE (sha256);

ALTER TABLE ONLY public.backups
    ADD CONSTRAINT backups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.batch_checkpoints
    ADD CONSTRAINT batch_checkpoints_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.binder_members
    ADD CONSTRAINT binder_members_pkey PRIMARY KEY (binder_id, "position");

ALTER TABLE ONLY public.binders
    ADD CONSTRAINT binders_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.case_bands
    ADD CONSTRAINT case_bands_pkey PRIMARY KEY (band, document_id);

ALTER TABLE ONLY public.case_claim_places
    ADD CONSTRAINT case_claim_places_pkey PRIMARY KEY (claim_id, place_id);

ALTER TABLE ONLY public.case_claims
    ADD CONSTRAINT case_claims_document_id_key_key UNIQUE (document_id, key);

ALTER TABLE ONLY public.case_claims
    ADD CONSTRAINT case_claims_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.case_decisions
    ADD CONSTRAINT case_decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.case_documents
    ADD CONSTRAINT case_documents_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.case_events
    ADD CONSTRAINT case_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.case_events
    ADD CONSTRAINT case_events_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.case_measures
    ADD CONSTRAINT case_measures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.case_mentions
    ADD CONSTRAINT case_mentions_pkey PRIMARY KEY (claim_id, name_id);

ALTER TABLE ONLY public.case_name_signs
    ADD CONSTRAINT case_name_signs_pkey PRIMARY KEY (name_id, sign, document_id);

ALTER TABLE ONLY public.case_names
    ADD CONSTRAINT case_names_key_key UNIQUE (key);

ALTER TABLE ONLY public.case_names
    ADD CONSTRAINT case_names_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.case_questions
    ADD CONSTRAINT case_questions_pkey PRIMARY KEY (asked_sha256);

ALTER TABLE ONLY public.case_times
    ADD CONSTRAINT case_times_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.check_policy
    ADD CONSTRAINT check_policy_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.claim_words
    ADD CONSTRAINT claim_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY public.claude_calls
    ADD CONSTRAINT claude_calls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.claude_caps_reached
    ADD CONSTRAINT claude_caps_reached_pkey PRIMARY KEY (scope, id);

ALTER TABLE ONLY public.claude_desk
    ADD CONSTRAINT claude_desk_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.claude_message_batches
    ADD CONSTRAINT claude_message_batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.claude_message_batches
    ADD CONSTRAINT claude_message_batches_vendor_id_key UNIQUE (vendor_id);

ALTER TABLE ONLY public.contract_bills
    ADD CONSTRAINT contract_bills_pkey PRIMARY KEY (contract_id);

ALTER TABLE ONLY public.custody_heads
    ADD CONSTRAINT custody_heads_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.custom_fields
    ADD CONSTRAINT custom_fields_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.decision_changes
    ADD CONSTRAINT decision_changes_pkey PRIMARY KEY (decision_id, document_id, name);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_undoes_key UNIQUE (undoes);

ALTER TABLE ONLY public.document_claims
    ADD CONSTRAINT document_claims_document_id_place_key UNIQUE (document_id, place);

ALTER TABLE ONLY public.document_claims
    ADD CONSTRAINT document_claims_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document_embeddings
    ADD CONSTRAINT document_embeddings_pkey PRIMARY KEY (document_id, chunk);

ALTER TABLE ONLY public.document_findings
    ADD CONSTRAINT document_findings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document_index
    ADD CONSTRAINT document_index_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.document_journal
    ADD CONSTRAINT document_journal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document_journal
    ADD CONSTRAINT document_journal_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.document_pages
    ADD CONSTRAINT document_pages_pkey PRIMARY KEY (job_id, page);

ALTER TABLE ONLY public.document_parts
    ADD CONSTRAINT document_parts_pkey PRIMARY KEY (parent_id, "position");

ALTER TABLE ONLY public.document_passages
    ADD CONSTRAINT document_passages_pkey PRIMARY KEY (document_id, passage);

ALTER TABLE ONLY public.document_passwords
    ADD CONSTRAINT document_passwords_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document_passwords
    ADD CONSTRAINT document_passwords_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.document_repository
    ADD CONSTRAINT document_repository_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.document_shares
    ADD CONSTRAINT document_shares_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.document_sums
    ADD CONSTRAINT document_sums_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.document_transcriptions
    ADD CONSTRAINT document_transcriptions_document_id_place_key UNIQUE (document_id, place);

ALTER TABLE ONLY public.document_transcriptions
    ADD CONSTRAINT document_transcriptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.doors
    ADD CONSTRAINT doors_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.duplicates
    ADD CONSTRAINT duplicates_pkey PRIMARY KEY (copy_id);

ALTER TABLE ONLY public.estimates
    ADD CONSTRAINT estimates_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.estimates
    ADD CONSTRAINT estimates_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.event_cursors
    ADD CONSTRAINT event_cursors_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY public.event_deliveries
    ADD CONSTRAINT event_deliveries_pkey PRIMARY KEY (consumer, event_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.examinations
    ADD CONSTRAINT examinations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.fleet_charges
    ADD CONSTRAINT fleet_charges_pkey PRIMARY KEY (contract_id, day, kind);

ALTER TABLE ONLY public.hardware_blocks
    ADD CONSTRAINT hardware_blocks_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.judgements
    ADD CONSTRAINT judgements_pkey PRIMARY KEY (document_id, name);

ALTER TABLE ONLY public.kept_choices
    ADD CONSTRAINT kept_choices_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.lane_heads
    ADD CONSTRAINT lane_heads_pkey PRIMARY KEY (lane_id);

ALTER TABLE ONLY public.lanes
    ADD CONSTRAINT lanes_name_priority_placement_key UNIQUE (name, priority, placement);

ALTER TABLE ONLY public.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.leaders
    ADD CONSTRAINT leaders_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.machine_work
    ADD CONSTRAINT machine_work_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.machines
    ADD CONSTRAINT machines_pkey PRIMARY KEY (label);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.master_document_registry
    ADD CONSTRAINT master_document_registry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.master_document_registry
    ADD CONSTRAINT master_document_registry_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.master_document_registry
    ADD CONSTRAINT master_document_registry_sha256_key UNIQUE (sha256);

ALTER TABLE ONLY public.matter_documents
    ADD CONSTRAINT matter_documents_pkey PRIMARY KEY (matter_id, document_id);

ALTER TABLE ONLY public.matters
    ADD CONSTRAINT matters_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.matters
    ADD CONSTRAINT matters_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.order_terms
    ADD CONSTRAINT order_terms_document_id_key_key UNIQUE (document_id, key);

ALTER TABLE ONLY public.order_terms
    ADD CONSTRAINT order_terms_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.order_terms
    ADD CONSTRAINT order_terms_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.pair_decisions
    ADD CONSTRAINT pair_decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pair_tasks
    ADD CONSTRAINT pair_tasks_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.pair_verdicts
    ADD CONSTRAINT pair_verdicts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pairs
    ADD CONSTRAINT pairs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pairs
    ADD CONSTRAINT pairs_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.people_decisions
    ADD CONSTRAINT people_decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.people_decisions
    ADD CONSTRAINT people_decisions_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.people_documents
    ADD CONSTRAINT people_documents_pkey PRIMARY KEY (person_id, document_id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.places
    ADD CONSTRAINT places_kind_key_key UNIQUE (kind, key);

ALTER TABLE ONLY public.places
    ADD CONSTRAINT places_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.price_increases
    ADD CONSTRAINT price_increases_pkey PRIMARY KEY (contract_id);

ALTER TABLE ONLY public.processing_jobs
    ADD CONSTRAINT processing_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.processing_jobs
    ADD CONSTRAINT processing_jobs_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.programs
    ADD CONSTRAINT programs_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.reading_checks
    ADD CONSTRAINT reading_checks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.record_entries
    ADD CONSTRAINT record_entries_event_id_key UNIQUE (event_id);

ALTER TABLE ONLY public.record_entries
    ADD CONSTRAINT record_entries_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.record_heads
    ADD CONSTRAINT record_heads_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.record_pending
    ADD CONSTRAINT record_pending_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.record_seals
    ADD CONSTRAINT record_seals_pkey PRIMARY KEY (sealed);

ALTER TABLE ONLY public.recorded_tables
    ADD CONSTRAINT recorded_tables_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.refused_names
    ADD CONSTRAINT refused_names_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.refused_sum
    ADD CONSTRAINT refused_sum_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.reminders
    ADD CONSTRAINT reminders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.renting
    ADD CONSTRAINT renting_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.saved_views
    ADD CONSTRAINT saved_views_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT search_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.sign_in_guesses
    ADD CONSTRAINT sign_in_guesses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.skipped_files
    ADD CONSTRAINT skipped_files_pkey PRIMARY KEY (batch_id, source_id);

ALTER TABLE ONLY public.skipped_files
    ADD CONSTRAINT skipped_files_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.sums_cursor
    ADD CONSTRAINT sums_cursor_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.unindexed_texts
    ADD CONSTRAINT unindexed_texts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_seq_key UNIQUE (seq);

CREATE INDEX access_log_bundle ON public.access_log USING btree (bundle);

CREATE INDEX access_log_document ON public.access_log USING btree (document_id, id) WHERE (document_id IS NOT NULL);

CREATE INDEX access_log_person ON public.access_log USING btree (person, id);

CREATE UNIQUE INDEX accounts_name ON public.accounts USING btree (lower(name));

CREATE INDEX alarms_announced ON public.alarms USING btree (announced_at) WHERE ((settled_at IS NULL) AND (cleared_at IS NULL));

CREATE INDEX alarms_ended ON public.alarms USING btree (cleared_at) WHERE ((settled_at IS NULL) AND (cleared_at IS NOT NULL));

CREATE INDEX alarms_seen ON public.alarms USING btree (name, last_seen_at) WHERE ((settled_at IS NULL) AND (cleared_at IS NULL));

CREATE UNIQUE INDEX alarms_unsettled ON public.alarms USING btree (name, about) WHERE (settled_at IS NULL);

CREATE INDEX analysis_runs_document ON public.analysis_runs USING btree (document_id, seq DESC);

CREATE INDEX backups_newest ON public.backups USING btree (kind, outcome, finished_at DESC);

CREATE INDEX batches_held_back ON public.batches USING btree (id) WHERE (status = ANY (ARRAY['paused'::text, 'stopped'::text]));

CREATE INDEX batches_running ON public.batches USING btree (id) WHERE (status = 'running'::text);

CREATE INDEX binder_members_document ON public.binder_members USING btree (document_id);

CREATE INDEX binders_set ON public.binders USING btree (set_id);

CREATE INDEX case_bands_document ON public.case_bands USING btree (document_id);

CREATE INDEX case_claim_places_place ON public.case_claim_places USING btree (place_id);

CREATE INDEX case_claims_speaker ON public.case_claims USING btree (speaker_id, rank, document_id, id) WHERE ((speaker_id IS NOT NULL) AND standing);

CREATE INDEX case_claims_words ON public.case_claims USING gin (words) WITH (fastupdate=off);

CREATE INDEX case_decisions_about ON public.case_decisions USING btree (about, id DESC) WHERE (about IS NOT NULL);

CREATE INDEX case_documents_due ON public.case_documents USING btree (facts_version, seq);

CREATE INDEX case_documents_thread ON public.case_documents USING btree (thread_key) WHERE (thread_key IS NOT NULL);

CREATE INDEX case_documents_witness ON public.case_documents USING btree (witness_id);

CREATE INDEX case_events_order ON public.case_events USING btree (starts, seq) WHERE (documents > 0);

CREATE INDEX case_events_people ON public.case_events USING gin (people) WITH (fastupdate=off);

CREATE INDEX case_measures_claim ON public.case_measures USING btree (claim_id);

CREATE INDEX case_measures_document ON public.case_measures USING btree (document_id);

CREATE INDEX case_measures_value ON public.case_measures USING btree (kind, subject, value);

CREATE INDEX case_mentions_document ON public.case_mentions USING btree (document_id);

CREATE INDEX case_mentions_name ON public.case_mentions USING btree (name_id, document_id);

CREATE INDEX case_name_signs_document ON public.case_name_signs USING btree (document_id);

CREATE INDEX case_names_first ON public.case_names USING btree (first text_pattern_ops, id);

CREATE INDEX case_names_last ON public.case_names USING btree (last, id);

CREATE INDEX case_names_party ON public.case_names USING btree (id) WHERE is_party;

CREATE INDEX case_names_person ON public.case_names USING btree (person_id) WHERE (person_id IS NOT NULL);

CREATE INDEX case_names_unsettled ON public.case_names USING btree (id) WHERE (NOT settled);

CREATE INDEX case_questions_call ON public.case_questions USING btree (call_id);

CREATE INDEX case_times_claim ON public.case_times USING btree (claim_id);

CREATE INDEX case_times_document ON public.case_times USING btree (document_id);

CREATE INDEX case_times_event ON public.case_times USING btree (event_id) WHERE (event_id IS NOT NULL);

CREATE INDEX case_times_starts ON public.case_times USING btree (starts, id) WHERE is_event;

CREATE INDEX case_times_unsettled ON public.case_times USING btree (id) WHERE (is_event AND (NOT settled));

CREATE INDEX claim_marks_machine ON public.claim_marks USING btree (machine, claims_from);

CREATE INDEX claim_topics_document ON public.claim_topics USING btree (document_id);

CREATE INDEX claim_topics_person ON public.claim_topics USING btree (person_id, topic, starts, ends, claim_id);

CREATE INDEX claude_calls_batch ON public.claude_calls USING btree (batch_id) INCLUDE (status, cost_usd, reserved_usd) WHERE (batch_id IS NOT NULL);

CREATE INDEX claude_calls_day ON public.claude_calls USING btree (day) INCLUDE (status, cost_usd, reserved_usd);

CREATE INDEX claude_calls_document ON public.claude_calls USING btree (document_id);

CREATE INDEX claude_calls_job ON public.claude_calls USING btree (job_id) INCLUDE (cost_usd);

CREATE INDEX claude_calls_message_batch ON public.claude_calls USING btree (message_batch_id) WHERE (message_batch_id IS NOT NULL);

CREATE INDEX claude_calls_reserved ON public.claude_calls USING btree (expires_at) WHERE (status = 'reserved'::text);

CREATE INDEX claude_message_batches_open ON public.claude_message_batches USING btree (created_at) WHERE (status = ANY (ARRAY['sending'::text, 'sent'::text]));

CREATE UNIQUE INDEX custom_fields_name ON public.custom_fields USING btree (lower(name)) WHERE (ended_at IS NULL);

CREATE INDEX decision_changes_document ON public.decision_changes USING btree (document_id, decision_id);

CREATE INDEX document_claims_days ON public.document_claims USING btree (document_id) WHERE ((kind = 'date'::text) AND (role = ANY (ARRAY['hearing'::text, 'due'::text])) AND accepted);

CREATE INDEX document_embeddings_embedding ON public.document_embeddings USING hnsw (embedding extensions.vector_cosine_ops);

CREATE INDEX document_findings_document ON public.document_findings USING btree (document_id);

CREATE INDEX document_findings_kind ON public.document_findings USING btree (kind, score DESC);

CREATE INDEX document_findings_rank ON public.document_findings USING btree ((((((COALESCE((floor((score)::double precision))::integer, '-1'::integer) + 1))::bigint * '1099511627776'::bigint) + id))) WHERE verified;

CREATE INDEX document_index_case ON public.document_index USING btree (case_number, seq) WHERE (case_number IS NOT NULL);

CREATE INDEX document_index_lists ON public.document_index USING gin (words, tags, people, folders, sources) WITH (fastupdate=off);

CREATE INDEX document_index_name ON public.document_index USING btree (lower(name), seq);

CREATE INDEX document_index_newest ON public.document_index USING btree (COALESCE(day, '-infinity'::date), seq);

CREATE INDEX document_index_oldest ON public.document_index USING btree (COALESCE(day, 'infinity'::date), seq);

CREATE INDEX document_index_relevancy ON public.document_index USING btree (COALESCE(relevancy, ('-1'::integer)::real), seq);

CREATE UNIQUE INDEX document_index_seq ON public.document_index USING btree (seq);

CREATE INDEX document_index_type ON public.document_index USING btree (COALESCE(type, ''::text), seq);

CREATE INDEX document_journal_batch ON public.document_journal USING btree (batch_id) WHERE (batch_id IS NOT NULL);

CREATE INDEX document_journal_document ON public.document_journal USING btree (document_id);

CREATE INDEX document_journal_drive ON public.document_journal USING btree (google_drive_id) WHERE (google_drive_id IS NOT NULL);

CREATE INDEX document_journal_filename ON public.document_journal USING btree (original_filename, created_at);

CREATE INDEX document_journal_object_key ON public.document_journal USING btree (object_key);

CREATE INDEX document_journal_telegram ON public.document_journal USING btree (telegram_chat_id, seq DESC) WHERE (telegram_chat_id IS NOT NULL);

CREATE UNIQUE INDEX document_journal_telegram_message ON public.document_journal USING btree (telegram_chat_id, telegram_message_id) WHERE (telegram_message_id IS NOT NULL);

CREATE INDEX document_pages_document ON public.document_pages USING btree (document_id);

CREATE INDEX document_parts_child ON public.document_parts USING btree (child_id) WHERE (child_id IS NOT NULL);

CREATE INDEX document_parts_root ON public.document_parts USING btree (root_id);

CREATE INDEX document_passages_search ON public.document_passages USING gin (search);

CREATE INDEX duplicates_original ON public.duplicates USING btree (original_id);

CREATE INDEX events_custody ON ONLY public.events USING btree (document_id, custody_seq);

CREATE INDEX events_order ON ONLY public.events USING btree (transaction_id, id);

CREATE INDEX events_refused ON ONLY public.events USING btree (((payload ->> 'original_filename'::text)), id) WHERE (kind = 'file_refused'::text);

CREATE INDEX events_refused_order ON ONLY public.events USING btree (id) WHERE (kind = 'file_refused'::text);

CREATE INDEX invitations_account ON public.invitations USING btree (account_id);

CREATE INDEX job_counts_analyse ON public.job_counts USING btree (batch_id) WHERE (kind = 'analyse'::text);

CREATE INDEX job_counts_batch ON public.job_counts USING btree (batch_id) INCLUDE (kind);

CREATE UNIQUE INDEX job_counts_folded ON public.job_counts USING btree (batch_id, own_batch_id, lane_id, kind, status, error_code, machine, is_newest, judged, ended_at) NULLS NOT DISTINCT WHERE is_folded;

CREATE INDEX job_counts_new ON public.job_counts USING btree (batch_id) WHERE (NOT is_folded);

CREATE INDEX job_counts_open ON public.job_counts USING btree (lane_id) WHERE ((kind = 'read'::text) AND (status = ANY (ARRAY['queued'::text, 'processing'::text])));

CREATE UNIQUE INDEX judgements_exhibit ON public.judgements USING btree (name, value) WHERE (name ~~ 'exhibit:%'::text);

CREATE INDEX judgements_name ON public.judgements USING btree (name, document_id);

CREATE INDEX kept_choices_found ON public.kept_choices USING btree (name) WHERE is_found;

CREATE INDEX kept_choices_unwritten ON public.kept_choices USING btree (said_at) WHERE (object_etag IS NULL);

CREATE INDEX lanes_batch ON public.lanes USING btree (batch_id) WHERE (batch_id IS NOT NULL);

CREATE INDEX live_lanes_lane ON public.live_lanes USING btree (lane_id, first_seq);

CREATE INDEX machine_work_machine ON public.machine_work USING btree (machine);

CREATE INDEX machines_intent_at ON public.machines USING btree (intent_at);

CREATE UNIQUE INDEX machines_live_ask ON public.machines USING btree (ask_id) WHERE (status = ANY (ARRAY['intent'::text, 'booting'::text, 'ready'::text]));

CREATE UNIQUE INDEX machines_live_machine ON public.machines USING btree (machine_id) WHERE (status = ANY (ARRAY['intent'::text, 'booting'::text, 'ready'::text]));

CREATE INDEX mails_message ON public.mails USING btree (message_id) WHERE (message_id <> ''::text);

CREATE INDEX mails_thread ON public.mails USING btree (thread_id) WHERE (thread_id <> ''::text);

CREATE INDEX master_document_registry_case ON public.master_document_registry USING btree (case_number, seq) WHERE (case_number IS NOT NULL);

CREATE INDEX master_document_registry_date ON public.master_document_registry USING btree (document_date, seq) WHERE (document_date IS NOT NULL);

CREATE INDEX master_document_registry_md5 ON public.master_document_registry USING btree (md5, bytes) WHERE (md5 IS NOT NULL);

CREATE INDEX master_document_registry_original ON public.master_document_registry USING btree (COALESCE(kept_key, object_key) COLLATE "C", id);

CREATE INDEX master_document_registry_type ON public.master_document_registry USING btree (document_type);

CREATE INDEX matter_documents_document ON public.matter_documents USING btree (document_id);

CREATE UNIQUE INDEX matters_default ON public.matters USING btree (is_default) WHERE is_default;

CREATE INDEX order_terms_act ON public.order_terms USING btree (act) WHERE standing;

CREATE INDEX order_terms_bound ON public.order_terms USING gin (bound_ids) WITH (fastupdate=off);

CREATE INDEX order_terms_of_all ON public.order_terms USING btree (starts DESC NULLS LAST, seq) WHERE ((bound_ids = '{}'::uuid[]) AND standing);

CREATE INDEX pair_decisions_a ON public.pair_decisions USING btree (a_document);

CREATE INDEX pair_decisions_b ON public.pair_decisions USING btree (b_document);

CREATE INDEX pair_decisions_pair ON public.pair_decisions USING btree (pair_id, id DESC);

CREATE INDEX pair_verdicts_pair ON public.pair_verdicts USING btree (pair_id, id DESC);

CREATE INDEX pairs_a ON public.pairs USING btree (a_document);

CREATE INDEX pairs_b ON public.pairs USING btree (b_document);

CREATE INDEX pairs_counted ON public.pairs USING btree (state, verdict, verdict_by, kind, is_counted, a_document, b_document) WHERE stands;

CREATE INDEX pairs_kind ON public.pairs USING btree (kind, rank) WHERE (stands OR (state <> 'open'::text));

CREATE INDEX pairs_people ON public.pairs USING gin (people) WITH (fastupdate=off);

CREATE INDEX pairs_proposer ON public.pairs USING btree (proposer);

CREATE INDEX pairs_rank ON public.pairs USING btree (rank) WHERE (stands OR (state <> 'open'::text));

CREATE INDEX pairs_state ON public.pairs USING btree (state, rank) WHERE (stands OR (state <> 'open'::text));

CREATE INDEX pairs_unjudged ON public.pairs USING btree (proposer) INCLUDE (a_document, b_document, rank) WHERE (stands AND (verdict_by IS DISTINCT FROM 'claude'::text) AND (state = ANY (ARRAY['open'::text, 'later'::text])) AND (rule_verdict IS DISTINCT FROM 'no_conflict'::text) AND (kind <> 'corroboration'::text));

CREATE INDEX people_decisions_a ON public.people_decisions USING gin (a_keys) WHERE (undone_at IS NULL);

CREATE INDEX people_decisions_b ON public.people_decisions USING gin (b_keys) WHERE (undone_at IS NULL);

CREATE INDEX people_documents_document ON public.people_documents USING btree (document_id);

CREATE INDEX people_name ON public.people USING btree (lower(name), seq) WHERE (merged_into IS NULL);

CREATE INDEX people_rank ON public.people USING btree (rank) WHERE (merged_into IS NULL);

CREATE INDEX processing_jobs_batch ON public.processing_jobs USING btree (batch_id, seq) WHERE (batch_id IS NOT NULL);

CREATE INDEX processing_jobs_check ON public.processing_jobs USING btree (seq) WHERE ((kind = 'check'::text) AND (status = 'queued'::text));

CREATE INDEX processing_jobs_check_of ON public.processing_jobs USING btree (check_of) WHERE (check_of IS NOT NULL);

CREATE INDEX processing_jobs_choices_unsaid ON public.processing_jobs USING btree (seq) WHERE (choices_unsaid IS TRUE);

CREATE INDEX processing_jobs_document ON public.processing_jobs USING btree (document_id, seq DESC);

CREATE INDEX processing_jobs_ended ON public.processing_jobs USING btree (status, seq) WHERE (status = ANY (ARRAY['failed'::text, 'cancelled'::text]));

CREATE INDEX processing_jobs_failed ON public.processing_jobs USING btree (batch_id, error_code, error_message) WHERE ((status = 'failed'::text) AND (kind = 'read'::text) AND (batch_id IS NOT NULL));

CREATE INDEX processing_jobs_held ON public.processing_jobs USING btree (batch_id) WHERE ((status = 'processing'::text) AND (kind = 'read'::text));

CREATE INDEX processing_jobs_machine ON public.processing_jobs USING btree (machine, status) WHERE ((kind = 'read'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text])));

CREATE UNIQUE INDEX processing_jobs_open ON public.processing_jobs USING btree (document_id) WHERE ((status = ANY (ARRAY['queued'::text, 'processing'::text])) AND (kind <> 'check'::text));

CREATE INDEX processing_jobs_processing ON public.processing_jobs USING btree (machine, started_at) WHERE (status = 'processing'::text);

CREATE INDEX processing_jobs_ready ON public.processing_jobs USING btree (lane_id, seq) INCLUDE (pages_estimate, created_at) WHERE ready;

CREATE INDEX processing_jobs_suspect ON public.processing_jobs USING btree (lane_id, seq) WHERE ((status = 'queued'::text) AND (deaths > 0) AND (kind = 'read'::text) AND (run_after IS NULL));

CREATE INDEX processing_jobs_to_analyse ON public.processing_jobs USING btree (lane_id, precedence, seq) WHERE ((kind <> 'read'::text) AND (status = 'queued'::text) AND (run_after IS NULL));

CREATE INDEX processing_jobs_waiting ON public.processing_jobs USING btree (run_after) WHERE ((status = 'queued'::text) AND (run_after IS NOT NULL));

CREATE INDEX reading_checks_job ON public.reading_checks USING btree (job_id);

CREATE INDEX reading_checks_machine ON public.reading_checks USING btree (machine);

CREATE INDEX refused_news_name ON public.refused_news USING btree (name);

CREATE INDEX registry_live_mark ON public.master_document_registry USING btree (live_mark) WHERE (live_mark IS NOT NULL);

CREATE UNIQUE INDEX saved_views_name ON public.saved_views USING btree (lower(name)) WHERE (ended_at IS NULL);

CREATE INDEX search_words_keys ON public.search_words USING gin (keys);

CREATE INDEX sessions_account ON public.sessions USING btree (account_id);

CREATE INDEX sign_in_guesses_time ON public.sign_in_guesses USING btree (created_at);

CREATE INDEX skipped_files_order ON public.skipped_files USING btree (batch_id, seq DESC);

CREATE INDEX webhook_deliveries_webhook ON public.webhook_deliveries USING btree (webhook_id, id DESC);

CREATE TRIGGER batches_keep_choices AFTER INSERT ON public.batches FOR EACH ROW WHEN (((new.source = 'bucket'::text) AND (new.limits ? 'prefix'::text))) EXECUTE FUNCTION private.keep_batch_choices();

CREATE TRIGGER case_claims_changed AFTER UPDATE ON public.case_claims REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.note_pair_task();

CREATE TRIGGER case_claims_in AFTER INSERT ON public.case_claims REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.note_pair_task();

CREATE TRIGGER case_claims_out AFTER DELETE ON public.case_claims REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.note_pair_task();

CREATE TRIGGER case_claims_words_in AFTER INSERT ON public.case_claims REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.count_claim_words();

CREATE TRIGGER case_claims_words_out AFTER DELETE ON public.case_claims REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.count_claim_words();

CREATE TRIGGER case_documents_witness_pairs AFTER UPDATE ON public.case_documents REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_new_witness();

CREATE TRIGGER claude_calls_count_changed AFTER UPDATE OF cost_usd ON public.claude_calls FOR EACH ROW WHEN (((new.batch_id IS NOT NULL) AND (new.cost_usd <> old.cost_usd))) EXECUTE FUNCTION private.count_call();

CREATE TRIGGER claude_calls_count_new AFTER INSERT ON public.claude_calls FOR EACH ROW WHEN (((new.batch_id IS NOT NULL) AND (new.cost_usd <> (0)::numeric))) EXECUTE FUNCTION private.count_call();

CREATE TRIGGER document_findings_mark BEFORE INSERT ON public.document_findings FOR EACH ROW EXECUTE FUNCTION private.mark_finding();

CREATE TRIGGER document_journal_index AFTER INSERT ON public.document_journal FOR EACH ROW EXECUTE FUNCTION private.index_arrival();

CREATE TRIGGER document_journal_note_taken_in AFTER INSERT ON public.document_journal FOR EACH ROW EXECUTE FUNCTION private.note_taken_in();

CREATE TRIGGER document_repository_case AFTER INSERT OR UPDATE OF text ON public.document_repository FOR EACH ROW EXECUTE FUNCTION private.note_case_text();

CREATE TRIGGER document_repository_index AFTER INSERT OR UPDATE OF text ON public.document_repository FOR EACH ROW EXECUTE FUNCTION private.note_text();

CREATE TRIGGER events_link_custody BEFORE INSERT ON public.events FOR EACH ROW EXECUTE FUNCTION private.link_custody();

CREATE TRIGGER events_note_refusal AFTER INSERT ON public.events FOR EACH ROW WHEN (((new.kind = 'file_refused'::text) AND ((new.payload ->> 'original_filename'::text) IS NOT NULL))) EXECUTE FUNCTION private.note_refusal();

CREATE TRIGGER journal_lists_changed AFTER UPDATE OF document_id ON public.document_journal FOR EACH ROW WHEN ((old.document_id IS DISTINCT FROM new.document_id)) EXECUTE FUNCTION private.list_arrived();

CREATE TRIGGER journal_lists_new AFTER INSERT ON public.document_journal FOR EACH ROW EXECUTE FUNCTION private.list_arrived();

CREATE TRIGGER journal_lists_read AFTER UPDATE OF processing_status ON public.document_journal FOR EACH ROW WHEN ((old.processing_status IS DISTINCT FROM new.processing_status)) EXECUTE FUNCTION private.list_read();

CREATE TRIGGER machines_check_batch_hours BEFORE INSERT ON public.machines FOR EACH ROW WHEN ((new.batch_id IS NOT NULL)) EXECUTE FUNCTION private.check_batch_hours();

CREATE TRIGGER master_document_registry_case AFTER UPDATE ON public.master_document_registry FOR EACH ROW WHEN (((old.document_type IS DISTINCT FROM new.document_type) OR (old.document_date IS DISTINCT FROM new.document_date) OR (old.duplicate_of IS DISTINCT FROM new.duplicate_of) OR (old.dissolved_at IS DISTINCT FROM new.dissolved_at) OR (old.bound_set IS DISTINCT FROM new.bound_set))) EXECUTE FUNCTION private.note_case_document();

CREATE TRIGGER master_document_registry_count AFTER UPDATE OF job_id, analyst, fallback_reason, duplicate_of, dissolved_at ON public.master_document_registry FOR EACH ROW WHEN (((old.job_id IS DISTINCT FROM new.job_id) OR (old.judged IS DISTINCT FROM new.judged) OR ((old.duplicate_of IS NULL) <> (new.duplicate_of IS NULL)) OR ((old.dissolved_at IS NULL) <> (new.dissolved_at IS NULL)))) EXECUTE FUNCTION private.count_changed_document();

CREATE TRIGGER master_document_registry_matter AFTER INSERT ON public.master_document_registry FOR EACH ROW EXECUTE FUNCTION private.join_first_matter();

CREATE TRIGGER order_terms_changed AFTER UPDATE ON public.order_terms REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.note_pair_task();

CREATE TRIGGER order_terms_in AFTER INSERT ON public.order_terms REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.note_pair_task();

CREATE TRIGGER order_terms_out AFTER DELETE ON public.order_terms REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.note_pair_task();

CREATE TRIGGER processing_jobs_claimable_again AFTER UPDATE OF status, run_after, deaths, lane_id ON public.processing_jobs FOR EACH ROW WHEN ((new.ready AND ((NOT old.ready) OR (old.lane_id <> new.lane_id)))) EXECUTE FUNCTION private.note_claimable();

CREATE TRIGGER processing_jobs_claimable_new AFTER INSERT ON public.processing_jobs FOR EACH ROW WHEN (new.ready) EXECUTE FUNCTION private.note_claimable();

CREATE TRIGGER processing_jobs_count_changed AFTER UPDATE OF status, batch_id, lane_id, error_code, machine, pages_total, pages_estimate, page_outcomes, finished_at ON public.processing_jobs FOR EACH ROW WHEN (((new.kind = ANY (ARRAY['read'::text, 'analyse'::text])) AND ((old.status IS DISTINCT FROM new.status) OR (old.batch_id IS DISTINCT FROM new.batch_id) OR (old.lane_id IS DISTINCT FROM new.lane_id) OR (old.error_code IS DISTINCT FROM new.error_code) OR (old.pages_total IS DISTINCT FROM new.pages_total) OR (old.pages_estimate IS DISTINCT FROM new.pages_estimate) OR (old.page_outcomes IS DISTINCT FROM new.page_outcomes)))) EXECUTE FUNCTION private.count_changed_job();

CREATE TRIGGER processing_jobs_count_gone AFTER DELETE ON public.processing_jobs FOR EACH ROW WHEN ((old.kind = ANY (ARRAY['read'::text, 'analyse'::text]))) EXECUTE FUNCTION private.count_changed_job();

CREATE TRIGGER processing_jobs_count_new AFTER INSERT ON public.processing_jobs FOR EACH ROW WHEN ((new.kind = ANY (ARRAY['read'::text, 'analyse'::text]))) EXECUTE FUNCTION private.count_changed_job();

CREATE TRIGGER processing_jobs_default_placement BEFORE INSERT ON public.processing_jobs FOR EACH ROW WHEN ((new.kind = ANY (ARRAY['read'::text, 'check'::text]))) EXECUTE FUNCTION private.place_by_default();

CREATE TRIGGER processing_jobs_keep_choices AFTER UPDATE OF placement, allow_claude ON public.processing_jobs FOR EACH ROW WHEN (((new.kind = 'read'::text) AND ((old.placement IS DISTINCT FROM new.placement) OR (old.allow_claude IS DISTINCT FROM new.allow_claude)))) EXECUTE FUNCTION private.keep_changed_choices();

CREATE TRIGGER processing_jobs_keep_sensitive BEFORE INSERT OR UPDATE OF placement, allow_claude, lane_id ON public.processing_jobs FOR EACH ROW EXECUTE FUNCTION private.keep_sensitive();

CREATE CONSTRAINT TRIGGER processing_jobs_note_hand_back AFTER UPDATE OF status ON public.processing_jobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.status = 'processing'::text) AND (new.status <> 'processing'::text) AND (old.machine IS NOT NULL) AND (new.error_code IS DISTINCT FROM 'worker_died'::text))) EXECUTE FUNCTION private.note_hand_back();

CREATE TRIGGER processing_jobs_obey_found BEFORE INSERT ON public.processing_jobs FOR EACH ROW WHEN ((new.kind = ANY (ARRAY['read'::text, 'check'::text]))) EXECUTE FUNCTION private.obey_found_choices();

CREATE TRIGGER registry_corrected BEFORE UPDATE OF corrected ON public.master_document_registry FOR EACH ROW WHEN ((old.corrected IS DISTINCT FROM new.corrected)) EXECUTE FUNCTION private.put_corrections();

CREATE TRIGGER registry_keeps_case BEFORE UPDATE OF case_number ON public.master_document_registry FOR EACH ROW WHEN ((new.corrected ? 'case_number'::text)) EXECUTE FUNCTION private.keep_as_read('case_number');

CREATE TRIGGER registry_keeps_court BEFORE UPDATE OF court ON public.master_document_registry FOR EACH ROW WHEN ((new.corrected ? 'court'::text)) EXECUTE FUNCTION private.keep_as_read('court');

CREATE TRIGGER registry_keeps_date BEFORE UPDATE OF document_date ON public.master_document_registry FOR EACH ROW WHEN ((new.corrected ? 'document_date'::text)) EXECUTE FUNCTION private.keep_as_read('document_date');

CREATE TRIGGER registry_keeps_parties BEFORE UPDATE OF parties ON public.master_document_registry FOR EACH ROW WHEN ((new.corrected ? 'parties'::text)) EXECUTE FUNCTION private.keep_as_read('parties');

CREATE TRIGGER registry_keeps_type BEFORE UPDATE OF document_type ON public.master_document_registry FOR EACH ROW WHEN ((new.corrected ? 'document_type'::text)) EXECUTE FUNCTION private.keep_as_read('document_type');

CREATE TRIGGER registry_lists_changed AFTER UPDATE OF document_type, document_date, parties, case_number, relevancy_score, analyst, fallback_reason, duplicate_of, dissolved_at, original_filename, corrected, decided_at ON public.master_document_registry FOR EACH ROW WHEN (((old.document_type IS DISTINCT FROM new.document_type) OR (old.document_date IS DISTINCT FROM new.document_date) OR (old.parties IS DISTINCT FROM new.parties) OR (old.case_number IS DISTINCT FROM new.case_number) OR (old.relevancy_score IS DISTINCT FROM new.relevancy_score) OR (old.judged IS DISTINCT FROM new.judged) OR (old.duplicate_of IS DISTINCT FROM new.duplicate_of) OR (old.dissolved_at IS DISTINCT FROM new.dissolved_at) OR (old.original_filename IS DISTINCT FROM new.original_filename) OR (old.decided_at IS DISTINCT FROM new.decided_at))) EXECUTE FUNCTION private.list_registered();

CREATE TRIGGER registry_lists_new AFTER INSERT ON public.master_document_registry FOR EACH ROW EXECUTE FUNCTION private.list_registered();

ALTER TABLE ONLY public.analysis_runs
    ADD CONSTRAINT analysis_runs_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.analysis_runs
    ADD CONSTRAINT analysis_runs_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.batch_checkpoints
    ADD CONSTRAINT batch_checkpoints_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_again_of_fkey FOREIGN KEY (again_of) REFERENCES public.batches(id);

ALTER TABLE ONLY public.binder_members
    ADD CONSTRAINT binder_members_binder_id_fkey FOREIGN KEY (binder_id) REFERENCES public.binders(document_id);

ALTER TABLE ONLY public.binder_members
    ADD CONSTRAINT binder_members_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.binders
    ADD CONSTRAINT binders_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_bands
    ADD CONSTRAINT case_bands_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_claim_places
    ADD CONSTRAINT case_claim_places_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES public.case_claims(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.case_claim_places
    ADD CONSTRAINT case_claim_places_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.case_claims
    ADD CONSTRAINT case_claims_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_claims
    ADD CONSTRAINT case_claims_speaker_id_fkey FOREIGN KEY (speaker_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.case_claims
    ADD CONSTRAINT case_claims_speaker_name_id_fkey FOREIGN KEY (speaker_name_id) REFERENCES public.case_names(id);

ALTER TABLE ONLY public.case_documents
    ADD CONSTRAINT case_documents_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_documents
    ADD CONSTRAINT case_documents_speaker_name_id_fkey FOREIGN KEY (speaker_name_id) REFERENCES public.case_names(id);

ALTER TABLE ONLY public.case_documents
    ADD CONSTRAINT case_documents_witness_id_fkey FOREIGN KEY (witness_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_measures
    ADD CONSTRAINT case_measures_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES public.case_claims(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.case_measures
    ADD CONSTRAINT case_measures_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_mentions
    ADD CONSTRAINT case_mentions_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES public.case_claims(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.case_mentions
    ADD CONSTRAINT case_mentions_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_mentions
    ADD CONSTRAINT case_mentions_name_id_fkey FOREIGN KEY (name_id) REFERENCES public.case_names(id);

ALTER TABLE ONLY public.case_name_signs
    ADD CONSTRAINT case_name_signs_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_name_signs
    ADD CONSTRAINT case_name_signs_name_id_fkey FOREIGN KEY (name_id) REFERENCES public.case_names(id);

ALTER TABLE ONLY public.case_names
    ADD CONSTRAINT case_names_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.case_questions
    ADD CONSTRAINT case_questions_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.claude_calls(id);

ALTER TABLE ONLY public.case_times
    ADD CONSTRAINT case_times_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES public.case_claims(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.case_times
    ADD CONSTRAINT case_times_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.case_times
    ADD CONSTRAINT case_times_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.case_events(id);

ALTER TABLE ONLY public.claim_topics
    ADD CONSTRAINT claim_topics_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.claude_calls
    ADD CONSTRAINT claude_calls_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.claude_calls
    ADD CONSTRAINT claude_calls_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.claude_calls
    ADD CONSTRAINT claude_calls_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.claude_calls
    ADD CONSTRAINT claude_calls_machine_fkey FOREIGN KEY (machine) REFERENCES public.machines(label);

ALTER TABLE ONLY public.claude_calls
    ADD CONSTRAINT claude_calls_message_batch_id_fkey FOREIGN KEY (message_batch_id) REFERENCES public.claude_message_batches(id);

ALTER TABLE ONLY public.claude_desk
    ADD CONSTRAINT claude_desk_probe_job_id_fkey FOREIGN KEY (probe_job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.custody_heads
    ADD CONSTRAINT custody_heads_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.decision_changes
    ADD CONSTRAINT decision_changes_decision_id_fkey FOREIGN KEY (decision_id) REFERENCES public.decisions(id);

ALTER TABLE ONLY public.decision_changes
    ADD CONSTRAINT decision_changes_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_undoes_fkey FOREIGN KEY (undoes) REFERENCES public.decisions(id);

ALTER TABLE ONLY public.document_claims
    ADD CONSTRAINT document_claims_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_embeddings
    ADD CONSTRAINT document_embeddings_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_findings
    ADD CONSTRAINT document_findings_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_index
    ADD CONSTRAINT document_index_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_journal
    ADD CONSTRAINT document_journal_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.document_journal
    ADD CONSTRAINT document_journal_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_journal
    ADD CONSTRAINT document_journal_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.document_pages
    ADD CONSTRAINT document_pages_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_pages
    ADD CONSTRAINT document_pages_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.document_parts
    ADD CONSTRAINT document_parts_child_id_fkey FOREIGN KEY (child_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_parts
    ADD CONSTRAINT document_parts_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES public.document_journal(id);

ALTER TABLE ONLY public.document_parts
    ADD CONSTRAINT document_parts_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_parts
    ADD CONSTRAINT document_parts_root_id_fkey FOREIGN KEY (root_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_passages
    ADD CONSTRAINT document_passages_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_repository
    ADD CONSTRAINT document_repository_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_shares
    ADD CONSTRAINT document_shares_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_transcriptions
    ADD CONSTRAINT document_transcriptions_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.document_transcriptions
    ADD CONSTRAINT document_transcriptions_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.analysis_runs(id);

ALTER TABLE ONLY public.duplicates
    ADD CONSTRAINT duplicates_copy_id_fkey FOREIGN KEY (copy_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.duplicates
    ADD CONSTRAINT duplicates_original_id_fkey FOREIGN KEY (original_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.estimates
    ADD CONSTRAINT estimates_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.estimates
    ADD CONSTRAINT estimates_sample_batch_id_fkey FOREIGN KEY (sample_batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.event_deliveries
    ADD CONSTRAINT event_deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id);

ALTER TABLE public.events
    ADD CONSTRAINT events_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.judgements
    ADD CONSTRAINT judgements_decision_id_fkey FOREIGN KEY (decision_id) REFERENCES public.decisions(id);

ALTER TABLE ONLY public.judgements
    ADD CONSTRAINT judgements_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.lanes
    ADD CONSTRAINT lanes_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.live_lanes
    ADD CONSTRAINT live_lanes_lane_id_fkey FOREIGN KEY (lane_id) REFERENCES public.lanes(id);

ALTER TABLE ONLY public.machines
    ADD CONSTRAINT machines_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.master_document_registry
    ADD CONSTRAINT master_document_registry_duplicate_of_fkey FOREIGN KEY (duplicate_of) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.matter_documents
    ADD CONSTRAINT matter_documents_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.matter_documents
    ADD CONSTRAINT matter_documents_matter_id_fkey FOREIGN KEY (matter_id) REFERENCES public.matters(id);

ALTER TABLE ONLY public.order_terms
    ADD CONSTRAINT order_terms_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.pair_decisions
    ADD CONSTRAINT pair_decisions_a_document_fkey FOREIGN KEY (a_document) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.pair_decisions
    ADD CONSTRAINT pair_decisions_b_document_fkey FOREIGN KEY (b_document) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.pair_decisions
    ADD CONSTRAINT pair_decisions_carried_from_fkey FOREIGN KEY (carried_from) REFERENCES public.pair_decisions(id);

ALTER TABLE ONLY public.pair_tasks
    ADD CONSTRAINT pair_tasks_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.pair_verdicts
    ADD CONSTRAINT pair_verdicts_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.pairs
    ADD CONSTRAINT pairs_a_document_fkey FOREIGN KEY (a_document) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.pairs
    ADD CONSTRAINT pairs_b_document_fkey FOREIGN KEY (b_document) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.pairs
    ADD CONSTRAINT pairs_proposer_fkey FOREIGN KEY (proposer) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.people_decisions
    ADD CONSTRAINT people_decisions_kept_id_fkey FOREIGN KEY (kept_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.people_decisions
    ADD CONSTRAINT people_decisions_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.people_documents
    ADD CONSTRAINT people_documents_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.people_documents
    ADD CONSTRAINT people_documents_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES public.people(id);

ALTER TABLE ONLY public.processing_jobs
    ADD CONSTRAINT processing_jobs_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.processing_jobs
    ADD CONSTRAINT processing_jobs_check_of_fkey FOREIGN KEY (check_of) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.processing_jobs
    ADD CONSTRAINT processing_jobs_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.processing_jobs
    ADD CONSTRAINT processing_jobs_lane_id_fkey FOREIGN KEY (lane_id) REFERENCES public.lanes(id);

ALTER TABLE ONLY public.processing_jobs
    ADD CONSTRAINT processing_jobs_machine_fkey FOREIGN KEY (machine) REFERENCES public.machines(label);

ALTER TABLE ONLY public.reading_checks
    ADD CONSTRAINT reading_checks_check_job_id_fkey FOREIGN KEY (check_job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.reading_checks
    ADD CONSTRAINT reading_checks_checker_fkey FOREIGN KEY (checker) REFERENCES public.machines(label);

ALTER TABLE ONLY public.reading_checks
    ADD CONSTRAINT reading_checks_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.reading_checks
    ADD CONSTRAINT reading_checks_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.processing_jobs(id);

ALTER TABLE ONLY public.reading_checks
    ADD CONSTRAINT reading_checks_machine_fkey FOREIGN KEY (machine) REFERENCES public.machines(label);

ALTER TABLE ONLY public.reminders
    ADD CONSTRAINT reminders_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.skipped_files
    ADD CONSTRAINT skipped_files_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);

ALTER TABLE ONLY public.unindexed_texts
    ADD CONSTRAINT unindexed_texts_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.master_document_registry(id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES public.webhooks(id);

ALTER TABLE public.access_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alarms ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.analysis_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.backups ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batch_checkpoints ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batches ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.binder_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.binders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_bands ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_claim_places ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_measures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_mentions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_name_signs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_names ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_questions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.case_times ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.check_policy ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_marks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_topics ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_words ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claude_calls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claude_caps_reached ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claude_desk ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claude_message_batches ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contract_bills ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.custody_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.custom_fields ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_changes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_embeddings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_findings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_index ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_journal ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_pages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_parts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_passages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_passwords ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_repository ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_shares ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_sums ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_transcriptions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.doors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.duplicates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.estimates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_cursors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.examinations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.fleet_charges ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hardware_blocks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.invitations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job_counts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.judgements ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.kept_choices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.lane_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.lanes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.leaders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.live_lanes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.machine_work ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.machines ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mails ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.master_document_registry ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.matter_documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.matters ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.order_terms ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pair_decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pair_tasks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pair_verdicts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pairs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.places ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.price_increases ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.processing_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.programs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reading_checks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.record_entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.record_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.record_pending ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.record_seals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.recorded_tables ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.refused_names ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.refused_news ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.refused_sum ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reminders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.renting ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.saved_views ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_words ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_guesses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.skipped_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sums_cursor ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.unindexed_texts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.webhook_deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.webhooks ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO anon;
GRANT USAGE ON SCHEMA public TO authenticated;
GRANT USAGE ON SCHEMA public TO service_role;
GRANT USAGE ON SCHEMA public TO gpu_worker;
GRANT USAGE ON SCHEMA public TO analysis_worker;

REVOKE ALL ON FUNCTION private.act_cues(act text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.add_event_month(month integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.add_noted_work(label text) FROM PUBLIC;

GRANT SELECT ON TABLE public.machine_work TO service_role;

REVOKE ALL ON FUNCTION private.add_work(label text, own public.machine_work, heard_at timestamp with time zone, said jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.afterlife() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.agreeing_measure(one bigint, other bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.alarm_glance() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.alarm_repeat() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.alarm_settle() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.all_words(query tsquery) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.allowed_placements(hosting text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.unproven_scores(truth real, justice real, fraud real, perjury real, legal_credit real, relevancy real, evidence jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.master_document_registry TO service_role;

REVOKE ALL ON FUNCTION private.analysis_status(document public.master_document_registry) FROM PUBLIC;
GRANT ALL ON FUNCTION private.analysis_status(document public.master_document_registry) TO service_role;

REVOKE ALL ON FUNCTION private.archive_month(month integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.are_all_pages_in(document_id uuid, set_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_pages() FROM PUBLIC;

GRANT SELECT ON TABLE public.case_claims TO service_role;

REVOKE ALL ON FUNCTION private.are_two_witnesses(a public.case_claims, b public.case_claims) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.arrival_buckets() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.artifact_keys(files jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.asked_days(question text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.asked_names(question text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.asked_pages(parts private.question_part[], embedding extensions.vector, matter_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.asking_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.backoff(attempt integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.batch_claude_usd(batch_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.batch_machine_usd(batch_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.batches_machine_usd(batch_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.bill_grain() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.bill_memory() FROM PUBLIC;

GRANT SELECT ON TABLE public.machines TO service_role;

REVOKE ALL ON FUNCTION private.bill_read_at(machine public.machines, day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.bill_settles() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.bills_in() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.bindable(member jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.binders_tell(of_set uuid, member_analyst text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.binders_tell(of_set uuid, member_analyst text) TO service_role;

REVOKE ALL ON FUNCTION private.blames_house(code text, retry boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.burst() FROM PUBLIC;

GRANT SELECT ON TABLE public.processing_jobs TO service_role;

REVOKE ALL ON FUNCTION private.bury_analysis(job public.processing_jobs) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.bury_job(job public.processing_jobs, in_company boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.call_kinds(job_kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.carry_decisions(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.catch_machine(label text, why text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.changed_refusals(ended_only boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_batch_hours() FROM PUBLIC;

GRANT SELECT ON TABLE public.batches TO service_role;

REVOKE ALL ON FUNCTION private.check_file(file jsonb, OUT batch public.batches, OUT priority text, OUT placement text, OUT allow_claude boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_filter(filter jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_fleet_caps(caps jsonb, batch uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_parts(job public.processing_jobs, parts jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_search(search jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.checks_looked_at() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claim_note_pause() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claim_side(claim public.case_claims) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.clashing_measure(one bigint, other bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claude_admits(job_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claude_room(worst_usd numeric, cap numeric, spent numeric, held numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.clean_number(value jsonb, most numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.clean_report(report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.clock(moment timestamp without time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.close_job(job public.processing_jobs, status text, code text, message text, files jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.comparable_documents() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.compare_texts(one text, other text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.corpus_sample() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.correctable() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_analyses(batch_id uuid, sums jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_call() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_changed_document() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_changed_job() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_claim_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_names(document_id uuid, more integer) FROM PUBLIC;

GRANT SELECT ON TABLE public.job_counts TO service_role;

REVOKE ALL ON FUNCTION private.count_of(job public.processing_jobs, document private.counted_document, sign integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_pages(job_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_reading(job public.processing_jobs, document private.counted_document, sign integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_totals(batch_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_window() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.counted(document public.master_document_registry) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.counts_of(batch_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.day_order(words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.day_parts(item integer, words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.day_patterns() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.days_of(claim public.case_claims) FROM PUBLIC;

GRANT SELECT ON TABLE public.decisions TO service_role;

REVOKE ALL ON FUNCTION private.decide(wanted private.wanted_change[], decided_by text, why text, undoes uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.default_matter() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.denies_at_large(claim public.case_claims) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.document_claude_usd(document_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.document_claude_usd(document_id uuid) TO service_role;

REVOKE ALL ON FUNCTION private.document_machine_usd(document_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.document_machine_usd(document_id uuid) TO service_role;

REVOKE ALL ON FUNCTION private.documents_of_names(names bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.documents_of_search(search jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.passes_by_itself(code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.door_pause(code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.draw_again(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.drop_job(job public.processing_jobs) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.embedding_size() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_analysis(job public.processing_jobs, status text, code text, message text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_check(job public.processing_jobs, result jsonb, failed text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_check_job(job public.processing_jobs, status text, code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_empty_people(former uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_job(job public.processing_jobs, status text, code text, message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_parts(job public.processing_jobs, parts_total integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enqueue_file(file jsonb, OUT journal_id uuid, OUT document_id uuid, OUT job_id uuid, OUT duplicate boolean, OUT status text, OUT object_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enter_binder(binder jsonb, set_id uuid, place integer, OUT document_id uuid, OUT job_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enter_child(job public.processing_jobs, part jsonb, object_key text, OUT child_id uuid, OUT journal_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enter_part(job public.processing_jobs, part jsonb, depth integer, root_id uuid, room bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.estimate_life() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.next_event_id() FROM PUBLIC;

GRANT SELECT ON TABLE public.events TO service_role;

REVOKE ALL ON FUNCTION private.event_text(event public.events) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.events_kept() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.every_event() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.exact_query(words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.excerpt_length() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.excuse_span() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.exhibit_letter(number integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.expire_claude_calls() FROM PUBLIC;

GRANT SELECT ON TABLE public.batch_checkpoints TO service_role;

REVOKE ALL ON FUNCTION private.explain_nothing(point public.batch_checkpoints) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fails_too_much(caller public.machines) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.farthest_meaning() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fastest() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.few_documents(filters jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fewest_compared() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fewest_followed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.file_of_binder(binder jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_again(document_id uuid, page integer, start integer, quote text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_amounts(words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_arrival(file jsonb, OUT journal_id uuid, OUT document_id uuid, OUT job_id uuid, OUT duplicate boolean, OUT status text, OUT object_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_chain_faults(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_claim_pairs(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_claude_refusal(job_id uuid, worst_usd numeric, caps jsonb, OUT code text, OUT message text, OUT scope text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_days(words text, day_order text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_documents(filter jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_entered(file jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.case_events TO service_role;

REVOKE ALL ON FUNCTION private.find_events(filter jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_full_cap(batch_id uuid, document_id uuid, worst_usd numeric, caps jsonb, OUT code text, OUT message text, OUT scope text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_judgement_faults(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_lane(batch_id uuid, source text, priority text, placement text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_marks(words text, day_order text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_meaning(embedding extensions.vector, question private.question_part[], filters jsonb, few uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_near_claims(document_id uuid) FROM PUBLIC;

GRANT SELECT ON TABLE public.case_times TO service_role;

REVOKE ALL ON FUNCTION private.find_near_times(spoken public.case_times, people uuid[]) FROM PUBLIC;

GRANT SELECT ON TABLE public.people TO service_role;

REVOKE ALL ON FUNCTION private.find_people(words text, matter_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_seal_faults(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_shown_faults() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_term_pairs(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_wait(batch_id uuid, document_id uuid, code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.find_words(question private.question_part[], filters jsonb, few uuid[], wanted integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.finding_key(kind text, page integer, quote text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.first_event_month() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.first_readings() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.first_share() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.month_ids() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.first_unread_id(read_to bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fits_field(name text, value jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fleet_memory() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fold_counts() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fold_refusals() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fold_sums(anew integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.folders_of(about_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.follow_sums() FROM PUBLIC;

GRANT SELECT ON TABLE public.kept_choices TO service_role;

REVOKE ALL ON FUNCTION private.found_choices(document public.master_document_registry) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fresh_report() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.give_choices(job public.processing_jobs, priority text, placement text, allow_claude boolean, source text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.give_names(person_id uuid, names bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.guesses_of_address() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.guesses_of_all() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.hash_event(event public.events) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.heads_of(lanes bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.held_analysis(job_id uuid, lease_token uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.held_job(job_id uuid, lease_token uuid, label text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.held_jobs(label text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.histogram(sums jsonb, score text, low integer, high integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ids_of(keys text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.index_about(about_id uuid, day_order text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.index_arrival() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.index_document(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.index_judgement(about_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.index_lines(about_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.index_transcriptions(about_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.invitation_lasts() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.invite(account_id uuid, invitation_sha256 text) FROM PUBLIC;

GRANT SELECT ON TABLE public.order_terms TO service_role;

REVOKE ALL ON FUNCTION private.is_about(term public.order_terms, claim public.case_claims) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_accepted(kind text, state text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_agreement(quote text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_asked_for(document public.master_document_registry, read public.processing_jobs, filter jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_capped(scope text, id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_day_capped() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_drawn(caller public.machines, is_empty boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_dropped(job public.processing_jobs) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_emergency(quote text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_held_month(spoken public.case_times) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_house_code(code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_in_matter(document_id uuid, matter_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_inside(document_id uuid, sha256 text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_judgement(name text, value jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_known(file jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_loose(document public.master_document_registry) FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_loose(document public.master_document_registry) TO service_role;

REVOKE ALL ON FUNCTION private.is_paused(door text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_purchase(quote text) FROM PUBLIC;

GRANT SELECT ON TABLE public.document_findings TO service_role;

REVOKE ALL ON FUNCTION private.is_same_finding(finding public.document_findings, said jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_sealed(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_seen_sound(door text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_settled(job public.processing_jobs, parts bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_sweeping(quote text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_told_by_binder(document public.master_document_registry) FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_told_by_binder(document public.master_document_registry) TO service_role;

REVOKE ALL ON FUNCTION private.is_too_fast(caller public.machines) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.job_claude_usd(job_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.job_claude_usd(job_id uuid) TO service_role;

REVOKE ALL ON FUNCTION private.job_machine_usd(job public.processing_jobs) FROM PUBLIC;
GRANT ALL ON FUNCTION private.job_machine_usd(job public.processing_jobs) TO service_role;

REVOKE ALL ON FUNCTION private.join_copies(a uuid, b uuid, kind text, likeness real, found_by text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.join_event(time_id bigint, linked bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.join_first_matter() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.judge_amount(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.judge_check(read public.processing_jobs, job public.processing_jobs, is_alike boolean, alike real, said text, files jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.judge_claims(a public.case_claims, b public.case_claims, kind text, clash text, shared text[], OUT verdict text, OUT reason text, OUT explained text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.judge_hours(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.judge_place(term public.order_terms, claim public.case_claims, OUT verdict text, OUT reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.judge_term(term public.order_terms, claim public.case_claims, OUT proposed_by text, OUT score integer, OUT verdict text, OUT reason text, OUT explained text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_as_read() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_batch_choices() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_changed_choices() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_choices(document_id uuid, priority text, placement text, allow_claude boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_decision(verb text, about text, decided_by text, why text, said jsonb, named text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_in_record(name text, scope text[], document text, columns text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_pairs(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_sensitive() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keeps_promise(document_id uuid, question private.question_part[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keys_of(person_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.known_person(person_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.last_event_month() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.last_exhibit(matter_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.least_alike() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.least_asked_likeness() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.least_pair_score() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.least_shared_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ledger_machine(label text, also_destroying boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.letters_of(word text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.letters_read(rereadings jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.likeness(a text, b text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.link_custody() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.list_arrived() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.list_document(about_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.list_read() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.list_registered() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_alarm() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_analyst_silence() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_call() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_lease() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_note() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_postponement() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_proposing() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_question() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_quote() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_reason() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_silence() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_span() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_standstill() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_stay() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_summary() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_tag() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_transcribed_line() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_unsealed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.longest_word() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.machine_usd(machine public.machines, from_at timestamp with time zone, to_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION private.machine_usd(machine public.machines, from_at timestamp with time zone, to_at timestamp with time zone) TO service_role;

REVOKE ALL ON FUNCTION private.machines_usd_on(day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.make_lanes(files jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.make_snippet(document_id uuid, passage integer, query tsquery) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.mark_finding() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.match_documents(words text, most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.may_compare(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.md5_of_quotes(a jsonb, b jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.meet_documents(files jsonb, others uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.month_of(at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_after_a_term() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_analyses() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_analysis_deaths() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_appended() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_asked_documents() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_asked_pages() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_boots() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_bound() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_calls_named() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_calls_together() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_case_claims() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_case_documents() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_case_text() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_claimed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_claims() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_codes() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_compared() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_contradicted() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_copied_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_corroborations() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_counted_anew() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_decided() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_events() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_examinations() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_facets() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_failed_questions() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_failures() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_families() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_filtered() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_followed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_found() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_held() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_indexed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_listed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_looked_at() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_looked_through() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_machines_usd_on(day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_matches() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_names() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_near() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_near_documents() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_near_names() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_near_times() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_of_a_band() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_of_a_family() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_of_a_first() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_of_a_topic() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_open_checks() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_pages_compared() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_pairs() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_pairs_of_two() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_part_depth() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_parts_a_call() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_parts_of_one() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_passages() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_records() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_released() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_spellings() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_terms_in_force() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_transcribed_lines() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_transcriptions() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_unproved() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_usd(machine public.machines) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_usd_on(machine public.machines, day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_weighed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.most_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.move_names(keys text[], person_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.name_of(person_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.name_words(names text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.names_of(parties jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.names_of_families(lasts text[]) FROM PUBLIC;

GRANT SELECT ON TABLE public.case_names TO service_role;

REVOKE ALL ON FUNCTION private.names_of_firsts(firsts text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.names_one_of(claim public.case_claims, persons uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.near_words(word text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.next_due_day(due_day integer, today date) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_analyst() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_arrival(journal_id uuid, document_id uuid, is_new boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_backup(kind text, name text, started_at timestamp with time zone, outcome text, message text, bytes bigint, sha256 text, counts jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_case_document() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_case_text() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_claimable() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_hand_back() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_new_witness() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_pair_task() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_refusal() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_taken_in() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_text() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_topics(documents uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.obey_found_choices() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.object_file(file jsonb, batch public.batches) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ocr_shape(word text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.open_analysis(read public.processing_jobs, priority text, asked_by text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.open_analysis_after(read public.processing_jobs, analysis jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.open_check(read public.processing_jobs) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.open_job(document_id uuid, batch_id uuid, source text, priority text, placement text, allow_claude boolean, pages_estimate integer, arrived jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.live_lanes TO service_role;

REVOKE ALL ON FUNCTION private.open_lanes(placements text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.order_excuse(term public.order_terms, claim public.case_claims) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.pace_window() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.page_of_batches(batch_id uuid, max_batches integer, before bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.pages_worked(job public.processing_jobs) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.pair_id(one text, other text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_code(job public.processing_jobs, part jsonb, depth integer, room bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_copies(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_file(job public.processing_jobs, part jsonb, object_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_place(parent_id uuid, OUT depth integer, OUT root_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.passage_length() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.passage_overlap() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.passes_by(reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.passes_filters(document public.master_document_registry, filters jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.passing_alarms() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.place_by_default() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.placement_of(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.plain_words(words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.present_scopes(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.priority_rank(priority text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.promote_due_jobs() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.promotion_size() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.propose_for(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.prove_analysis(job public.processing_jobs, analysis jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.proven_pages() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.publish_analysis(document_id uuid, analysis jsonb, run_id uuid, reading jsonb, is_first boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.publish_claims(document_id uuid, analysis jsonb, run_id uuid, reading jsonb, is_first boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.publish_mail(document_id uuid, mail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.publish_text(document_id uuid, is_first boolean, words bigint, result jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.publish_transcriptions(document_id uuid, analysis jsonb, run_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.put_corrections() FROM PUBLIC;

GRANT SELECT ON TABLE public.judgements TO service_role;

REVOKE ALL ON FUNCTION private.put_mark(document_id uuid, mark public.judgements) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.put_marks(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.quiet_pause() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.rare_claims() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.rare_sample() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_anew(read public.processing_jobs) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_arrival(file jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_asked(question text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_on_here() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_question(words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_sample(batch_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_sealed(sealed text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_time(words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_claims(document_id uuid, claims jsonb, is_first boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_event(document_id uuid, kind text, details jsonb, named text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_pages(job public.processing_jobs, pages jsonb, OUT accounted integer, OUT last_page integer, OUT outcomes jsonb, OUT words bigint, OUT has_words boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_run(job public.processing_jobs, analysis jsonb, seconds real, reading jsonb, is_first boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refresh_people(documents uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse(code text, message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.register_document(file jsonb, OUT document_id uuid, OUT is_new boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_all_pages(accounted integer, last_page integer, pages_total integer, parts_total integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_array(value jsonb, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_artifacts(artifacts jsonb, prefix text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_bytes(known text, sha256 text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_lease(seconds integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_parts(parts jsonb, prefix text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_standing(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_word(value text, allowed text[], name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.reserve_call(machine text, request jsonb, caps jsonb, hold_seconds integer, message_batch uuid, OUT call_id uuid, OUT message_batch_id uuid, OUT is_new boolean, OUT code text, OUT message text, OUT scope text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.reserved_usd_between(machine public.machines, from_at timestamp with time zone, to_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION private.reserved_usd_between(machine public.machines, from_at timestamp with time zone, to_at timestamp with time zone) TO service_role;

REVOKE ALL ON FUNCTION private.return_analysis(job public.processing_jobs, give_back boolean, run_after timestamp with time zone, code text, died boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.return_job(job public.processing_jobs, kind text, give_back boolean, run_after timestamp with time zone, code text, message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.role_scopes(role text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.root_of_copies(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.same_moment() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.same_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sample_size() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.seal_access() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.seal_digests(named text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.seal_reading(job public.processing_jobs, is_first boolean, has_parts boolean, shown boolean, result jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.seal_run(job public.processing_jobs, shown boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sealed_sets() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.seals(VARIADIC named text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.search_condition(search jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.search_vector(words text, day_order text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.session_idles() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.session_lasts() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.shared_words(one text, other text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.shares_of(ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.shortest_lease() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.shortest_offer() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.show_decision(decision public.decisions) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.show_marks(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.show_pairs(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.shown_side(document_id uuid, side jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.side_stands(document_id uuid, side jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.signs_of(name_id bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sort_key(sort text, descending boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sound_for() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sound_of(word text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.spaced_code() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.speaks_of(spoken text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.speed_memory() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.spelling_keys(word text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.spent(machine_usd numeric, claude_usd numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.split_text(words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stamp_pause() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stand_pairs(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.state_names() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.store_claims(document_id uuid, given jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.store_names(document_id uuid, given jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.store_terms(document_id uuid, given jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stricter_placement(one text, other text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sum_objects(VARIADIC kinds text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sums_now(kinds text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sums_of(kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_size() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tags_of(document_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.tags_of(document_id uuid) TO service_role;

REVOKE ALL ON FUNCTION private.take_analyses(wanted integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_check(caller public.machines, placements text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_from_lanes(wanted integer, placements text[], OUT taken uuid[], OUT untidy bigint[], OUT is_tidying boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_suspect(placements text[]) FROM PUBLIC;

GRANT SELECT ON TABLE public.alarms TO service_role;

REVOKE ALL ON FUNCTION private.tell_alarm(kind text, alarm public.alarms) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell_events(ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell_witness(documents uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.term_side(term public.order_terms) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.this_event_month() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tidy_lane(lane bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tidying_interval() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.token_machine(also_destroying boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.told_arrivals() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.told_of(claim public.case_claims) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.topics(cues text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.turn_months() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.unfollowed(most integer) FROM PUBLIC;

GRANT SELECT ON TABLE public.pairs TO service_role;

REVOKE ALL ON FUNCTION private.unjudged_pairs(document_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.unproved_bills() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.unread_of(batch_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.use_calls(job public.processing_jobs, calls jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.usual_failures() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.waiting_analyses(batch_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.waiting_in_stopped_batches() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.wanted_changes(documents uuid[], changes jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.webhook_consumer(webhook_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.why_month_stays(month integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.with_members(ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.with_parts(documents uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.word_parts(item integer, word text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.words_around() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.words_of(quote text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.words_stand(document_id uuid, page integer, start integer, quote text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.write_every_event() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.write_seal_reader() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.write_shares(ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.wrong_codes_of_person() FROM PUBLIC;

GRANT SELECT ON TABLE public.accounts TO service_role;

REVOKE ALL ON FUNCTION public.accept_invitation(invitation_sha256 text, password_hash text, totp_sealed text, totp_step bigint, recovery_sha256 text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.accept_invitation(invitation_sha256 text, password_hash text, totp_sealed text, totp_step bigint, recovery_sha256 text[]) TO service_role;

REVOKE ALL ON FUNCTION public.ack_events(consumer text, event_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ack_events(consumer text, event_ids bigint[]) TO service_role;

REVOKE ALL ON FUNCTION public.add_account(name text, role text, invitation_sha256 text, invited_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_account(name text, role text, invitation_sha256 text, invited_by text) TO service_role;

GRANT SELECT ON TABLE public.api_tokens TO service_role;

REVOKE ALL ON FUNCTION public.add_api_token(name text, account_id uuid, scopes text[], token_sha256 text, made_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_api_token(name text, account_id uuid, scopes text[], token_sha256 text, made_by text) TO service_role;

GRANT SELECT ON TABLE public.custom_fields TO service_role;

REVOKE ALL ON FUNCTION public.add_field(field jsonb, decided_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_field(field jsonb, decided_by text) TO service_role;

REVOKE ALL ON FUNCTION public.add_parts(machine text, job_id uuid, lease_token uuid, parts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_parts(machine text, job_id uuid, lease_token uuid, parts jsonb) TO service_role;

GRANT SELECT ON TABLE public.document_passwords TO service_role;

REVOKE ALL ON FUNCTION public.add_password(sealed text, note text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_password(sealed text, note text) TO service_role;

GRANT SELECT ON TABLE public.reminders TO service_role;

REVOKE ALL ON FUNCTION public.add_reminder(day date, text text, document_id uuid, decided_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_reminder(day date, text text, document_id uuid, decided_by text) TO service_role;

GRANT SELECT ON TABLE public.webhooks TO service_role;

REVOKE ALL ON FUNCTION public.add_webhook(url text, secret text, kinds text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_webhook(url text, secret text, kinds text[]) TO service_role;

REVOKE ALL ON FUNCTION public.announce_alarms() FROM PUBLIC;
GRANT ALL ON FUNCTION public.announce_alarms() TO service_role;

GRANT SELECT ON TABLE public.doors TO service_role;

REVOKE ALL ON FUNCTION public.announce_claude(has_key boolean, caps jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.announce_claude(has_key boolean, caps jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.append_record() FROM PUBLIC;
GRANT ALL ON FUNCTION public.append_record() TO service_role;

REVOKE ALL ON FUNCTION public.ask_door(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ask_door(name text) TO service_role;

GRANT SELECT ON TABLE public.estimates TO service_role;

REVOKE ALL ON FUNCTION public.begin_estimate(estimate jsonb, sample jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_estimate(estimate jsonb, sample jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.begin_sign_in(name text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_sign_in(name text, address text) TO service_role;

GRANT SELECT ON TABLE public.hardware_blocks TO service_role;

REVOKE ALL ON FUNCTION public.block_hardware(kind text, id bigint, reason text, seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.block_hardware(kind text, id bigint, reason text, seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION public.cancel_analyses(filter jsonb, max_documents integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cancel_analyses(filter jsonb, max_documents integer) TO service_role;

REVOKE ALL ON FUNCTION public.cancel_job(job_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cancel_job(job_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.check_lease(machine text, job_id uuid, lease_token uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.check_lease(machine text, job_id uuid, lease_token uuid) TO service_role;

REVOKE ALL ON FUNCTION public.claim_analyses(max_jobs integer, lease_seconds integer, prompt_version text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_analyses(max_jobs integer, lease_seconds integer, prompt_version text) TO analysis_worker;

REVOKE ALL ON FUNCTION public.claim_case_documents(facts_version integer, max_documents integer, lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_case_documents(facts_version integer, max_documents integer, lease_seconds integer) TO analysis_worker;

REVOKE ALL ON FUNCTION public.claim_jobs(max_jobs integer, lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_jobs(max_jobs integer, lease_seconds integer) TO gpu_worker;

REVOKE ALL ON FUNCTION public.clear_alarm(name text, about text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clear_alarm(name text, about text) TO service_role;

REVOKE ALL ON FUNCTION public.clear_unseen_alarms(names text[], seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clear_unseen_alarms(names text[], seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION public.complete_analysis(job_id uuid, lease_token uuid, result jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_analysis(job_id uuid, lease_token uuid, result jsonb) TO analysis_worker;

REVOKE ALL ON FUNCTION public.complete_batches() FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_batches() TO service_role;

REVOKE ALL ON FUNCTION public.complete_comparison(job_id uuid, lease_token uuid, verdicts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_comparison(job_id uuid, lease_token uuid, verdicts jsonb) TO analysis_worker;

REVOKE ALL ON FUNCTION public.complete_job(machine text, job_id uuid, lease_token uuid, result jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_job(machine text, job_id uuid, lease_token uuid, result jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.confirm_estimate(estimate_id uuid, batch jsonb, confirmed_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.confirm_estimate(estimate_id uuid, batch jsonb, confirmed_by text) TO service_role;

REVOKE ALL ON FUNCTION public.count_documents(search jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.count_documents(search jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.count_facets(search jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.count_facets(search jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.count_refused_files() FROM PUBLIC;
GRANT ALL ON FUNCTION public.count_refused_files() TO service_role;

REVOKE ALL ON FUNCTION public.create_intent(holder text, intent jsonb, caps jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.create_intent(holder text, intent jsonb, caps jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.decide(documents uuid[], changes jsonb, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide(documents uuid[], changes jsonb, decided_by text, why text) TO service_role;

GRANT SELECT ON TABLE public.duplicates TO service_role;

REVOKE ALL ON FUNCTION public.decide_copy(copy_id uuid, original_id uuid, state text, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_copy(copy_id uuid, original_id uuid, state text, decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.decide_event(event_id uuid, state text, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_event(event_id uuid, state text, decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.decide_pairs(pair_ids uuid[], state text, why text, decided_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_pairs(pair_ids uuid[], state text, why text, decided_by text) TO service_role;

REVOKE ALL ON FUNCTION public.decide_search(search jsonb, changes jsonb, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_search(search jsonb, changes jsonb, decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.decide_term(term_id uuid, state text, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_term(term_id uuid, state text, decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.dissolve_binder(document_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.dissolve_binder(document_id uuid) TO service_role;

GRANT SELECT ON TABLE public.renting TO service_role;

REVOKE ALL ON FUNCTION public.drop_launch(ask_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.drop_launch(ask_id bigint) TO service_role;

REVOKE ALL ON FUNCTION public.end_alarm(alarm_id bigint, cleared_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_alarm(alarm_id bigint, cleared_by text) TO service_role;

REVOKE ALL ON FUNCTION public.end_api_token(token_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_api_token(token_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.end_field(field_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_field(field_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.end_password(password_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_password(password_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.end_session(session_sha256 text, everywhere boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_session(session_sha256 text, everywhere boolean) TO service_role;

REVOKE ALL ON FUNCTION public.end_view(view_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_view(view_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.end_webhook(webhook_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_webhook(webhook_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.enqueue_jobs(files jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.enqueue_jobs(files jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.enqueue_objects(batch_id uuid, after text, files jsonb, step jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.enqueue_unread(batch_id uuid, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.enqueue_unread(batch_id uuid, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.export_log(after bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.export_log(after bigint, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.export_sealed(document_id uuid, after text, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.export_sealed(document_id uuid, after text, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.extend_reservation(label text, seconds double precision, caps jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.extend_reservation(label text, seconds double precision, caps jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.fail_analysis(job_id uuid, lease_token uuid, code text, message text, retry boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fail_analysis(job_id uuid, lease_token uuid, code text, message text, retry boolean) TO analysis_worker;

REVOKE ALL ON FUNCTION public.fail_job(job_id uuid, lease_token uuid, code text, message text, retry boolean, pages jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fail_job(job_id uuid, lease_token uuid, code text, message text, retry boolean, pages jsonb) TO gpu_worker;

REVOKE ALL ON FUNCTION public.fill_answer() FROM PUBLIC;
GRANT ALL ON FUNCTION public.fill_answer() TO service_role;

REVOKE ALL ON FUNCTION public.find_api_token(token_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_api_token(token_sha256 text) TO service_role;

REVOKE ALL ON FUNCTION public.find_comparable() FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_comparable() TO service_role;

REVOKE ALL ON FUNCTION public.find_dismissed(proposals text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_dismissed(proposals text[]) TO service_role;

REVOKE ALL ON FUNCTION public.find_entered_objects(files jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_entered_objects(files jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.find_invited(invitation_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_invited(invitation_sha256 text) TO service_role;

REVOKE ALL ON FUNCTION public.find_judgeable(filter jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_judgeable(filter jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.find_known_objects(files jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_known_objects(files jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.find_near_documents(document_id uuid, bands bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_near_documents(document_id uuid, bands bigint[]) TO analysis_worker;

REVOKE ALL ON FUNCTION public.find_session(session_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_session(session_sha256 text) TO service_role;

REVOKE ALL ON FUNCTION public.find_statements(question text, embedding double precision[], matter_id uuid, max_results integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_statements(question text, embedding double precision[], matter_id uuid, max_results integer) TO service_role;

REVOKE ALL ON FUNCTION public.find_unheard_choices(objects jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_unheard_choices(objects jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.find_unknown_hashes(hashes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_unknown_hashes(hashes text[]) TO service_role;

GRANT SELECT ON TABLE public.programs TO service_role;

REVOKE ALL ON FUNCTION public.forget_program(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_program(name text) TO service_role;

REVOKE ALL ON FUNCTION public.get_analysis() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_analysis() TO service_role;

REVOKE ALL ON FUNCTION public.get_analytics() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_analytics() TO service_role;

GRANT SELECT ON TABLE public.backups TO service_role;

REVOKE ALL ON FUNCTION public.get_backups() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_backups() TO service_role;

REVOKE ALL ON FUNCTION public.get_batches(batch_id uuid, max_batches integer, before bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_batches(batch_id uuid, max_batches integer, before bigint) TO service_role;

REVOKE ALL ON FUNCTION public.get_case_progress() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_case_progress() TO service_role;

REVOKE ALL ON FUNCTION public.get_claude_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_claude_statistics() TO service_role;

REVOKE ALL ON FUNCTION public.get_comparison(job_id uuid, lease_token uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_comparison(job_id uuid, lease_token uuid) TO analysis_worker;

REVOKE ALL ON FUNCTION public.get_costs(days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_costs(days integer) TO service_role;

REVOKE ALL ON FUNCTION public.get_database_facts() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_database_facts() TO service_role;

REVOKE ALL ON FUNCTION public.get_estimates(estimate_id uuid, most integer, before bigint, only_open boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_estimates(estimate_id uuid, most integer, before bigint, only_open boolean) TO service_role;

REVOKE ALL ON FUNCTION public.get_estimates_held() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_estimates_held() TO service_role;

REVOKE ALL ON FUNCTION public.get_fleet() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_fleet() TO service_role;

REVOKE ALL ON FUNCTION public.get_metrics() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_metrics() TO service_role;

REVOKE ALL ON FUNCTION public.get_names_to_settle(max_names integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_names_to_settle(max_names integer) TO analysis_worker;

REVOKE ALL ON FUNCTION public.get_next_exhibit(matter_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_next_exhibit(matter_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.get_page_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_page_statistics() TO service_role;

REVOKE ALL ON FUNCTION public.get_pair_counts(matter_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_pair_counts(matter_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.get_people_decisions(keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_people_decisions(keys text[]) TO analysis_worker;

REVOKE ALL ON FUNCTION public.get_person(person_id uuid, matter_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_person(person_id uuid, matter_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.get_programs() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_programs() TO service_role;

REVOKE ALL ON FUNCTION public.get_queue_stats() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_queue_stats() TO service_role;

REVOKE ALL ON FUNCTION public.get_record(at bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_record(at bigint) TO service_role;

REVOKE ALL ON FUNCTION public.get_scans() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_scans() TO service_role;

REVOKE ALL ON FUNCTION public.get_thread(document_id uuid, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_thread(document_id uuid, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.get_times_to_settle(max_times integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_times_to_settle(max_times integer) TO analysis_worker;

REVOKE ALL ON FUNCTION public.get_totals(batch_id uuid, anew boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_totals(batch_id uuid, anew boolean) TO service_role;

REVOKE ALL ON FUNCTION public.get_week(first_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_week(first_day date) TO service_role;

REVOKE ALL ON FUNCTION public.get_words_around(document_id uuid, page integer, start integer, length integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_words_around(document_id uuid, page integer, start integer, length integer) TO service_role;

REVOKE ALL ON FUNCTION public.give_up_leadership(name text, holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.give_up_leadership(name text, holder text) TO service_role;

REVOKE ALL ON FUNCTION public.hear_choices(choices jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.hear_choices(choices jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.heartbeat_analyses(leases jsonb, lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.heartbeat_analyses(leases jsonb, lease_seconds integer) TO analysis_worker;

REVOKE ALL ON FUNCTION public.heartbeat_jobs(leases jsonb, lease_seconds integer, report jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.heartbeat_jobs(leases jsonb, lease_seconds integer, report jsonb) TO gpu_worker;

REVOKE ALL ON FUNCTION public.index_texts() FROM PUBLIC;
GRANT ALL ON FUNCTION public.index_texts() TO service_role;

REVOKE ALL ON FUNCTION public.invite_again(account_id uuid, role text, invitation_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.invite_again(account_id uuid, role text, invitation_sha256 text) TO service_role;

REVOKE ALL ON FUNCTION public.join_own_computer(label text, deployment text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.join_own_computer(label text, deployment text) TO service_role;

REVOKE ALL ON FUNCTION public.judge_again(filter jsonb, max_documents integer, priority text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.judge_again(filter jsonb, max_documents integer, priority text) TO service_role;

REVOKE ALL ON FUNCTION public.judge_pairs(max_documents integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.judge_pairs(max_documents integer) TO service_role;

REVOKE ALL ON FUNCTION public.keep_chosen(call_id uuid, chosen integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_chosen(call_id uuid, chosen integer[]) TO service_role;

GRANT SELECT ON TABLE public.examinations TO service_role;

REVOKE ALL ON FUNCTION public.keep_examination(probes jsonb, seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_examination(probes jsonb, seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION public.keep_head(head jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_head(head jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.keep_original(document_id uuid, kept jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_original(document_id uuid, kept jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.list_case_events(filter jsonb, after_start timestamp without time zone, after_seq bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_case_events(filter jsonb, after_start timestamp without time zone, after_seq bigint, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.list_documents(search jsonb, sort text, descending boolean, after jsonb, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_documents(search jsonb, sort text, descending boolean, after jsonb, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.list_duplicates(document_id uuid, matter_id uuid, before timestamp with time zone, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_duplicates(document_id uuid, matter_id uuid, before timestamp with time zone, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.list_originals(after jsonb, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_originals(after jsonb, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.list_people(words text, matter_id uuid, before bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_people(words text, matter_id uuid, before bigint, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.list_reminders(wanted text, today date, after jsonb, most integer, matter_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_reminders(wanted text, today date, after jsonb, most integer, matter_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.list_statements(person_id uuid, document_id uuid, event_id uuid, matter_id uuid, before bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_statements(person_id uuid, document_id uuid, event_id uuid, matter_id uuid, before bigint, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.list_terms(state text, document_id uuid, matter_id uuid, after bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_terms(state text, document_id uuid, matter_id uuid, after bigint, most integer) TO service_role;

REVOKE ALL ON FUNCTION public.list_unwritten_choices(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_unwritten_choices(most integer) TO service_role;

REVOKE ALL ON FUNCTION public.make_binders(set_id uuid, binders jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_binders(set_id uuid, binders jsonb) TO service_role;

GRANT SELECT ON TABLE public.matters TO service_role;

REVOKE ALL ON FUNCTION public.make_matter(name text, decided_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_matter(name text, decided_by text) TO service_role;

REVOKE ALL ON FUNCTION public.mark_destroying(label text, reason text, blame text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mark_destroying(label text, reason text, blame text) TO service_role;

REVOKE ALL ON FUNCTION public.mark_finding(document_id uuid, finding_id bigint, is_wrong boolean, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mark_finding(document_id uuid, finding_id bigint, is_wrong boolean, decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.merge_people(person_id uuid, other_id uuid, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.merge_people(person_id uuid, other_id uuid, decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.miss_choices(written text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.miss_choices(written text[]) TO service_role;

REVOKE ALL ON FUNCTION public.note_alarm_told(alarm_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_alarm_told(alarm_id bigint) TO service_role;

REVOKE ALL ON FUNCTION public.note_choices_written(name text, said_at timestamp with time zone, object_etag text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_choices_written(name text, said_at timestamp with time zone, object_etag text) TO service_role;

GRANT SELECT ON TABLE public.claude_message_batches TO service_role;

REVOKE ALL ON FUNCTION public.note_message_batch(message_batch_id uuid, status text, vendor_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_message_batch(message_batch_id uuid, status text, vendor_id text) TO service_role;

REVOKE ALL ON FUNCTION public.note_original(document_id uuid, fault text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_original(document_id uuid, fault text) TO service_role;

REVOKE ALL ON FUNCTION public.note_program(name text, late_after_seconds integer, version text, problem text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_program(name text, late_after_seconds integer, version text, problem text) TO service_role;

REVOKE ALL ON FUNCTION public.note_right_password(guess_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_right_password(guess_id bigint) TO service_role;

REVOKE ALL ON FUNCTION public.park_event(consumer text, event_id bigint, reason text, least_offers integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.park_event(consumer text, event_id bigint, reason text, least_offers integer) TO service_role;

REVOKE ALL ON FUNCTION public.pause_dear_batches(max_usd double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.pause_dear_batches(max_usd double precision) TO service_role;

REVOKE ALL ON FUNCTION public.pause_door(name text, code text, message text, retry_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.pause_door(name text, code text, message text, retry_seconds integer) TO service_role;

REVOKE ALL ON FUNCTION public.postpone_analysis(job_id uuid, lease_token uuid, reason text, seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.postpone_analysis(job_id uuid, lease_token uuid, reason text, seconds integer) TO analysis_worker;

REVOKE ALL ON FUNCTION public.price_estimate(estimate_id uuid, price jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.price_estimate(estimate_id uuid, price jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.propose_pairs(max_documents integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.propose_pairs(max_documents integer) TO analysis_worker;

GRANT SELECT ON TABLE public.contract_bills TO service_role;

REVOKE ALL ON FUNCTION public.prove_bill(contract_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.prove_bill(contract_id bigint) TO service_role;

REVOKE ALL ON FUNCTION public.raise_alarm(name text, message text, about text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.raise_alarm(name text, message text, about text) TO service_role;

REVOKE ALL ON FUNCTION public.read_again(batch_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.read_again(batch_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.record_absence(label text, known integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_absence(label text, known integer) TO service_role;

REVOKE ALL ON FUNCTION public.record_access(person text, via text, action text, route text, document_id uuid, status integer, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_access(person text, via text, action text, route text, document_id uuid, status integer, address text) TO service_role;

REVOKE ALL ON FUNCTION public.record_bill_reading(seen bigint[], since date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_bill_reading(seen bigint[], since date) TO service_role;

REVOKE ALL ON FUNCTION public.record_boot(label text, status text, message text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_boot(label text, status text, message text) TO service_role;

GRANT SELECT ON TABLE public.fleet_charges TO service_role;

REVOKE ALL ON FUNCTION public.record_charges(charges jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_charges(charges jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.record_contract(label text, contract_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_contract(label text, contract_id bigint) TO service_role;

REVOKE ALL ON FUNCTION public.record_destroy_call(label text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_destroy_call(label text) TO service_role;

REVOKE ALL ON FUNCTION public.record_log(label text, word text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_log(label text, word text) TO service_role;

REVOKE ALL ON FUNCTION public.record_passwords_given(document_id uuid, job_id uuid, machine text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_passwords_given(document_id uuid, job_id uuid, machine text) TO service_role;

GRANT SELECT ON TABLE public.price_increases TO service_role;

REVOKE ALL ON FUNCTION public.record_price_increases(increases jsonb, forget_others boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_price_increases(increases jsonb, forget_others boolean) TO service_role;

REVOKE ALL ON FUNCTION public.record_refusal(label text, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_refusal(label text, reason text) TO service_role;

REVOKE ALL ON FUNCTION public.record_refused_file(file jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_refused_file(file jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.record_verdict(label text, decision text, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_verdict(label text, decision text, reason text) TO service_role;

REVOKE ALL ON FUNCTION public.record_webhook_delivery(webhook_id uuid, event_id bigint, status_code integer, problem text, seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_webhook_delivery(webhook_id uuid, event_id bigint, status_code integer, problem text, seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION public.release_analyses(leases jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_analyses(leases jsonb) TO analysis_worker;

REVOKE ALL ON FUNCTION public.release_expired_jobs() FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_expired_jobs() TO service_role;

REVOKE ALL ON FUNCTION public.release_jobs(leases jsonb, broken boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_jobs(leases jsonb, broken boolean) TO gpu_worker;

REVOKE ALL ON FUNCTION public.remove_account(account_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.remove_account(account_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.report_scan_problem(batch_id uuid, code text, message text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.report_scan_problem(batch_id uuid, code text, message text) TO service_role;

REVOKE ALL ON FUNCTION public.report_silent_analyst() FROM PUBLIC;
GRANT ALL ON FUNCTION public.report_silent_analyst() TO service_role;

REVOKE ALL ON FUNCTION public.request_launch(ask_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.request_launch(ask_id bigint) TO service_role;

REVOKE ALL ON FUNCTION public.requeue_machine_jobs(label text, worker_died boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.requeue_machine_jobs(label text, worker_died boolean) TO service_role;

REVOKE ALL ON FUNCTION public.reserve_claude(machine text, requests jsonb, caps jsonb, hold_seconds integer, in_batch boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reserve_claude(machine text, requests jsonb, caps jsonb, hold_seconds integer, in_batch boolean) TO service_role;

REVOKE ALL ON FUNCTION public.reserve_question(asked_sha256 text, asked_by text, model text, worst_usd numeric, caps jsonb, hold_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reserve_question(asked_sha256 text, asked_by text, model text, worst_usd numeric, caps jsonb, hold_seconds integer) TO service_role;

REVOKE ALL ON FUNCTION public.resume_door(name text, by_hand boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.resume_door(name text, by_hand boolean) TO service_role;

REVOKE ALL ON FUNCTION public.retry_job(job_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.retry_job(job_id uuid) TO service_role;

GRANT SELECT ON TABLE public.saved_views TO service_role;

REVOKE ALL ON FUNCTION public.save_view(view_id uuid, view jsonb, decided_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_view(view_id uuid, view jsonb, decided_by text) TO service_role;

REVOKE ALL ON FUNCTION public.search_documents(query text, embedding double precision[], max_results integer, filters jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_documents(query text, embedding double precision[], max_results integer, filters jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.search_is_cut(query text, filters jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_is_cut(query text, filters jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.set_batch_status(batch_id uuid, status text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_batch_status(batch_id uuid, status text) TO service_role;

REVOKE ALL ON FUNCTION public.set_job_choices(job_id uuid, placement text, allow_claude boolean, priority text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_job_choices(job_id uuid, placement text, allow_claude boolean, priority text) TO service_role;

REVOKE ALL ON FUNCTION public.set_matter_documents(matter_id uuid, belongs boolean, decided_by text, documents uuid[], search jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_matter_documents(matter_id uuid, belongs boolean, decided_by text, documents uuid[], search jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.set_reminder(reminder_id uuid, is_done boolean, decided_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_reminder(reminder_id uuid, is_done boolean, decided_by text) TO service_role;

REVOKE ALL ON FUNCTION public.set_renting(status text, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_renting(status text, reason text) TO service_role;

GRANT SELECT ON TABLE public.claude_calls TO service_role;

REVOKE ALL ON FUNCTION public.settle_claude(calls jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_claude(calls jsonb) TO service_role;

REVOKE ALL ON FUNCTION public.settle_estimates() FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_estimates() TO service_role;

REVOKE ALL ON FUNCTION public.settle_names(groups jsonb, nobody bigint[], names bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_names(groups jsonb, nobody bigint[], names bigint[]) TO analysis_worker;

REVOKE ALL ON FUNCTION public.settle_times(times jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_times(times jsonb) TO analysis_worker;

REVOKE ALL ON FUNCTION public.split_person(person_id uuid, keys text[], decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.split_person(person_id uuid, keys text[], decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.start_batch(batch jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.start_batch(batch jsonb) TO service_role;

GRANT SELECT ON TABLE public.sessions TO service_role;

REVOKE ALL ON FUNCTION public.start_session(guess_id bigint, account_id uuid, session_sha256 text, totp_step bigint, recovery_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.start_session(guess_id bigint, account_id uuid, session_sha256 text, totp_step bigint, recovery_sha256 text) TO service_role;

REVOKE ALL ON FUNCTION public.store_case_facts(document_id uuid, text_md5 text, facts_version integer, facts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.store_case_facts(document_id uuid, text_md5 text, facts_version integer, facts jsonb) TO analysis_worker;

REVOKE ALL ON FUNCTION public.sweep_checks(share double precision, sensitive_placement text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sweep_checks(share double precision, sensitive_placement text) TO service_role;

REVOKE ALL ON FUNCTION public.take_due_doors(names text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_due_doors(names text[]) TO service_role;

REVOKE ALL ON FUNCTION public.take_events(consumer text, max_events integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_events(consumer text, max_events integer) TO service_role;

REVOKE ALL ON FUNCTION public.take_leadership(name text, holder text, seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_leadership(name text, holder text, seconds integer) TO service_role;

REVOKE ALL ON FUNCTION public.undo_decision(decision_id uuid, decided_by text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.undo_decision(decision_id uuid, decided_by text, why text) TO service_role;

REVOKE ALL ON FUNCTION public.undo_people_decision(decision_id uuid, decided_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.undo_people_decision(decision_id uuid, decided_by text) TO service_role;

REVOKE ALL ON FUNCTION public.verify_custody(document_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.verify_custody(document_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.verify_record(after bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.verify_record(after bigint, most integer) TO service_role;

GRANT SELECT ON TABLE public.access_log TO service_role;

GRANT SELECT ON TABLE public.analysis_runs TO service_role;

GRANT SELECT ON TABLE public.analysis_run_list TO service_role;

GRANT SELECT ON TABLE public.binder_members TO service_role;

GRANT SELECT ON TABLE public.binders TO service_role;

GRANT SELECT ON TABLE public.case_bands TO service_role;

GRANT SELECT ON TABLE public.case_claim_places TO service_role;

GRANT SELECT ON TABLE public.case_decisions TO service_role;

GRANT SELECT ON TABLE public.case_documents TO service_role;

GRANT SELECT ON TABLE public.case_list TO service_role;

GRANT SELECT ON TABLE public.case_measures TO service_role;

GRANT SELECT ON TABLE public.case_mentions TO service_role;

GRANT SELECT ON TABLE public.case_name_signs TO service_role;

GRANT SELECT ON TABLE public.case_questions TO service_role;

GRANT SELECT ON TABLE public.check_policy TO service_role;

GRANT SELECT ON TABLE public.checkpoint_list TO service_role;

GRANT SELECT ON TABLE public.claim_marks TO service_role;

GRANT SELECT ON TABLE public.claim_topics TO service_role;

GRANT SELECT ON TABLE public.claim_words TO service_role;

GRANT SELECT ON TABLE public.claude_caps_reached TO service_role;

GRANT SELECT ON TABLE public.claude_desk TO service_role;

GRANT SELECT ON TABLE public.companions TO service_role;

GRANT SELECT ON TABLE public.custody_heads TO service_role;

GRANT SELECT ON TABLE public.decision_changes TO service_role;

GRANT SELECT ON TABLE public.decision_list TO service_role;

GRANT SELECT ON TABLE public.document_claims TO service_role;

GRANT SELECT ON TABLE public.document_decision_list TO service_role;

GRANT SELECT ON TABLE public.document_embeddings TO service_role;

GRANT SELECT ON TABLE public.document_index TO service_role;

GRANT SELECT ON TABLE public.document_journal TO service_role;

GRANT SELECT ON TABLE public.document_parts TO service_role;

GRANT SELECT ON TABLE public.document_repository TO service_role;

GRANT SELECT ON TABLE public.document_list TO service_role;

GRANT SELECT ON TABLE public.document_pages TO service_role;

GRANT SELECT ON TABLE public.document_passages TO service_role;

GRANT SELECT ON TABLE public.document_shares TO service_role;

GRANT SELECT ON TABLE public.document_sums TO service_role;

GRANT SELECT ON TABLE public.document_transcriptions TO service_role;

GRANT SELECT ON TABLE public.event_cursors TO service_role;

GRANT SELECT ON TABLE public.event_deliveries TO service_role;

GRANT SELECT ON TABLE public.exhibit_list TO service_role;

GRANT SELECT ON TABLE public.matter_documents TO service_role;

GRANT SELECT ON TABLE public.finding_list TO service_role;

GRANT SELECT ON TABLE public.fleet_contracts TO service_role;

GRANT SELECT ON TABLE public.invitations TO service_role;

GRANT SELECT ON TABLE public.job_list TO service_role;

GRANT SELECT ON TABLE public.lane_heads TO service_role;

GRANT SELECT ON TABLE public.lanes TO service_role;

GRANT SELECT ON TABLE public.leaders TO service_role;

GRANT SELECT ON TABLE public.long_scans TO service_role;

GRANT SELECT ON TABLE public.loose_pictures TO service_role;

GRANT SELECT ON TABLE public.mails TO service_role;

GRANT SELECT ON TABLE public.pair_decisions TO service_role;

GRANT SELECT ON TABLE public.pair_list TO service_role;

GRANT SELECT ON TABLE public.pair_tasks TO service_role;

GRANT SELECT ON TABLE public.pair_verdicts TO service_role;

GRANT SELECT ON TABLE public.part_list TO service_role;

GRANT SELECT ON TABLE public.people_decisions TO service_role;

GRANT SELECT ON TABLE public.people_documents TO service_role;

GRANT SELECT ON TABLE public.places TO service_role;

GRANT SELECT ON TABLE public.reading_checks TO service_role;

GRANT SELECT ON TABLE public.record_entries TO service_role;

GRANT SELECT ON TABLE public.record_heads TO service_role;

GRANT SELECT ON TABLE public.record_pending TO service_role;

GRANT SELECT ON TABLE public.record_seals TO service_role;

GRANT SELECT ON TABLE public.recorded_tables TO service_role;

GRANT SELECT ON TABLE public.refused_files TO service_role;

GRANT SELECT ON TABLE public.refused_names TO service_role;

GRANT SELECT ON TABLE public.refused_news TO service_role;

GRANT SELECT ON TABLE public.refused_sum TO service_role;

GRANT SELECT ON TABLE public.term_days TO service_role;

GRANT SELECT ON TABLE public.reminder_list TO service_role;

GRANT SELECT ON TABLE public.search_words TO service_role;

GRANT SELECT ON TABLE public.sign_in_guesses TO service_role;

GRANT SELECT ON TABLE public.skipped_files TO service_role;

GRANT SELECT ON TABLE public.sums_cursor TO service_role;

GRANT SELECT ON TABLE public.tag_list TO service_role;

GRANT SELECT ON TABLE public.timeline_list TO service_role;

GRANT SELECT ON TABLE public.unindexed_texts TO service_role;

GRANT SELECT ON TABLE public.webhook_deliveries TO service_role;
