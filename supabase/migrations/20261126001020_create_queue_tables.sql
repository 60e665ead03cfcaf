-- The queue and the ledger: tables. They live in public, where Supabase's table editor looks for them;
-- service_role reads them, and only functions change them.

-- Batches and lanes -------------------------------------------------------------------------------------------

create table batches (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  name text not null,
  status text not null default 'open' check (status in ('open', 'running', 'paused', 'stopped', 'completed')),
  source text not null default 'upload' check (source in ('upload', 'telegram', 'bucket', 'drive', 'mail')),
  priority text not null default 'normal' check (priority in ('high', 'normal', 'low')),
  placement text not null default 'any_host' check (placement in ('any_host', 'datacenter_only', 'local_only')),
  allow_claude boolean,
  limits jsonb not null default '{}',
  again_of uuid references batches (id),
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
comment on table batches is 'Jobs that came in together: a folder, a bucket prefix, a Drive folder.';
create index batches_held_back on batches (id) where status in ('paused', 'stopped');
create index batches_running on batches (id) where status = 'running';
comment on column batches.seq is 'The order of their beginning: the cursor of lists.';
comment on column batches.status
  is 'open (takes files, nothing scans for it) or running (a scan adds objects) ⇄ paused (nothing is claimed) → '
  'completed (all jobs ended); any of these → stopped (waiting jobs cancelled, final).';
comment on column batches.limits
  is 'The request''s own limits, as given: max_documents, max_dollars_per_hour, mime_types …';
comment on column batches.again_of
  is 'The ended batch whose unread documents this one reads, before it goes on where that one''s scan was.';
alter table batches enable row level security;

create table lanes (
  id bigint generated always as identity primary key,
  name text not null,
  batch_id uuid references batches (id),
  priority text not null check (priority in ('high', 'normal', 'low')),
  placement text not null check (placement in ('any_host', 'datacenter_only', 'local_only')),
  unique (name, priority, placement)
);
comment on table lanes
  is 'Waiting jobs of one batch (or, without a batch, of one source and day) with one priority and placement. '
  'Lanes of a priority take turns, so no batch starves another.';
create index lanes_batch on lanes (batch_id) where batch_id is not null;
alter table lanes enable row level security;

create table live_lanes (
  lane_id bigint not null references lanes (id),
  first_seq bigint not null,
  rank smallint not null,
  placement text not null,
  batch_id uuid
);
comment on table live_lanes
  is 'Signs that a lane may have a claimable job, and none before first_seq: whoever makes a job claimable adds one '
  'where none says so yet, and a claim that finds a lane empty takes them away. Only ever added and taken away, so '
  'that nobody waits; several of one lane say the least of theirs.';
comment on column live_lanes.rank is 'The lane''s priority: 1 for high, 2 for normal, 3 for low.';
create index live_lanes_lane on live_lanes (lane_id, first_seq);
alter table live_lanes enable row level security;

create sequence private.turns;
comment on sequence private.turns
  is 'Lanes of a priority take turns by this: a stamp in each lane would be a row that every claim writes.';

-- Machines ----------------------------------------------------------------------------------------------------

create table machines (
  label text primary key check (label <> ''),
  deployment text not null default '',
  contract_id bigint,
  ask_id bigint,
  machine_id bigint,
  host_id bigint,
  gpu_name text,
  geolocation text,
  is_bid boolean not null default false,
  hosting text not null default 'community' check (hosting in ('community', 'datacenter', 'local')),
  status text not null default 'intent' check (status in ('intent', 'booting', 'ready', 'destroying', 'destroyed')),
  batch_id uuid references batches (id),
  usd_per_hour numeric,
  traffic_usd_per_hour double precision not null default 0,
  traffic_usd_per_page double precision not null default 0,
  pull_usd double precision not null default 0,
  reserved_until timestamptz,
  boot_deadline_at timestamptz,
  inet_down_mbps double precision,
  image_gb double precision,
  reason text,
  vast_status text,
  vast_message text,
  destroy_reason text,
  refused boolean not null default false,
  blame text check (blame in ('machine', 'ours')),
  destroy_calls integer not null default 0,
  absences integer not null default 0,
  intent_at timestamptz not null default now(),
  contract_at timestamptz,
  running_at timestamptz,
  seen_at timestamptz,
  ready_at timestamptz,
  last_heartbeat_at timestamptz,
  left_at timestamptz,
  result_at timestamptz,
  destroying_at timestamptz,
  destroy_called_at timestamptz,
  destroyed_at timestamptz,
  report jsonb not null default '{}',
  pages_done bigint not null default 0,
  pages_worked bigint not null default 0,
  jobs_done bigint not null default 0,
  jobs_failed bigint not null default 0,
  jobs_released bigint not null default 0,
  caught_at timestamptz,
  verdict text check (verdict in ('adopt', 'keep', 'wait', 'hedge', 'end', 'return')),
  verdict_reason text,
  verdict_at timestamptz,
  log_word text check (log_word in ('works', 'unreached', 'unfit', 'ours', 'died', 'left')),
  log_read_at timestamptz
) with (fillfactor = 70);
comment on table machines
  is 'One row per machine we rent or run; the label is its identity and is written before the machine exists.';
comment on column machines.hosting
  is 'Whose hardware: decides which placements the claim may hand out. any_host runs anywhere, datacenter_only on '
  'datacenter or local, local_only on local.';
comment on column machines.status
  is 'intent (row committed, nothing bought) → booting (contract known) → ready (first heartbeat) → destroying → '
  'destroyed (absent from two good lists). A worker token is honoured while intent, booting or ready.';
comment on column machines.traffic_usd_per_hour is 'The most its pages can cost in traffic per hour of work.';
comment on column machines.traffic_usd_per_page is 'What a page''s bytes in and out are expected to cost there.';
comment on column machines.reserved_until
  is 'Until when its worst case is reserved under the caps. It is destroyed before, or the reservation is extended.';
comment on column machines.inet_down_mbps
  is 'The line''s speed by its offer, and image_gb the image it pulled: what boot times are learned by.';
comment on column machines.reason is 'Why it was rented; destroy_reason says why it ended.';
comment on column machines.left_at
  is 'When it last let go of a job, however that ended. A machine without a lease is idle since then.';
comment on column machines.result_at
  is 'When it last handed back an outcome: a completed document, or one that failed for good.';
comment on column machines.report
  is 'The last heartbeat''s report: gpu_name, ocr_engine, pages_per_second, pages_done, idle_seconds.';
comment on column machines.pages_worked
  is 'Pages of the jobs it ended, completed or failed: by these its cost is shared out, see private.pages_worked.';
comment on column machines.pages_done is 'Pages of completed jobs, counted here and not by the worker''s word.';
comment on column machines.jobs_released
  is 'Jobs handed back, unharmed or to be tried again. Past 256 the machine gets no more: see claim_jobs.';
comment on column machines.jobs_failed
  is 'Jobs that it failed for good or found blank throughout: see private.fails_too_much.';
comment on column machines.verdict
  is 'What the scaler last decided of it, from all that is known: adopt its contract, keep it, wait, wait and rent '
  'another beside it (hedge), end it, or see its return through.';
comment on column machines.log_word
  is 'What its log ended with when it was last read: works, unreached (cannot reach us), unfit, ours (the image), '
  'died, left. A word of ours; no line is kept.';
comment on column machines.caught_at is 'When its readings were found false: all of them are made anew elsewhere.';
create unique index machines_live_ask on machines (ask_id) where status in ('intent', 'booting', 'ready');
create unique index machines_live_machine on machines (machine_id) where status in ('intent', 'booting', 'ready');
create index machines_intent_at on machines (intent_at);
alter table machines enable row level security;

create table machine_work (
  id bigint generated always as identity primary key,
  machine text not null,
  pages_done bigint not null,
  pages_worked bigint not null,
  jobs_done bigint not null,
  jobs_failed bigint not null,
  jobs_released bigint not null,
  left_at timestamptz not null,
  result_at timestamptz
);
comment on table machine_work
  is 'What machines did since their row was last written: nobody waits for that row, and it does not get a version for '
  'each document, which a backup''s snapshot would keep and everybody step over. The machine''s next heartbeat, its '
  'next hand-back after stamp_pause, or the next sweep adds it there.';
comment on column machine_work.machine is 'As processing_jobs has it, which refers to machines.';
create index machine_work_machine on machine_work (machine);
alter table machine_work enable row level security;

create table claim_marks (machine text not null, claims_from timestamptz not null);
comment on table claim_marks
  is 'No job that the machine holds was claimed before its newest mark: who counts those steps over nothing that ended '
  'earlier, also while an old snapshot (a backup) keeps that in the index. Only ever added and taken away: the newest '
  'comes first, however many a snapshot keeps.';
create index claim_marks_machine on claim_marks (machine, claims_from);
alter table claim_marks enable row level security;

-- Documents ---------------------------------------------------------------------------------------------------

create table master_document_registry (
  id uuid primary key,
  seq bigint generated always as identity unique,
  sha256 text unique check (sha256 ~ '^[0-9a-f]{64}$'),
  md5 text,
  bytes bigint check (bytes >= 0),
  mime_type text,
  object_key text not null,
  kept_key text,
  version_id text,
  object_etag text,
  original_fault text check (original_fault in ('missing', 'changed')),
  original_filename text not null,
  source text not null check (source in ('upload', 'telegram', 'bucket', 'drive', 'mail')),
  duplicate_of uuid references master_document_registry (id),
  bound_set uuid,
  dissolved_at timestamptz,
  job_id uuid,
  run_id uuid,
  document_type text,
  document_date date,
  dates jsonb not null default '[]',
  parties jsonb not null default '[]',
  case_number text,
  court text,
  summary text,
  key_facts jsonb not null default '[]',
  analyst text,
  model text,
  fallback_reason text,
  truth_score real check (truth_score between 0 and 100),
  justice_score real check (justice_score between 0 and 100),
  fraud_score real check (fraud_score between 0 and 100),
  perjury_score real check (perjury_score between 0 and 100),
  legal_credit_score real check (legal_credit_score between 300 and 850),
  relevancy_score real check (relevancy_score between 0 and 999),
  score_evidence jsonb not null default '[]',
  disagreements jsonb not null default '[]',
  unproven_scores text[] generated always as (private.unproven_scores(truth_score, justice_score, fraud_score,
    perjury_score, legal_credit_score, relevancy_score, score_evidence)) stored,
  judged text generated always as (case when analyst is distinct from 'claude' then 'none'
    when fallback_reason ~ ' on pages |only_first_pages' then 'part' else 'all' end) stored,
  artifacts jsonb not null default '{}',
  live_mark text,
  created_at timestamptz not null default now(),
  analysed_at timestamptz
) with (fillfactor = 80);
comment on table master_document_registry
  is 'One row per distinct file (by SHA-256), with what the analysis found. A score nobody judged is null.';
comment on column master_document_registry.bound_set is 'The set of binders that holds all its pages.';
comment on column master_document_registry.dissolved_at is 'A binder that was undone: it is in no list any more.';
comment on column master_document_registry.sha256
  is 'Of the bytes as we read them ourselves when they came in. No machine''s word makes it, nor two documents one.';
comment on column master_document_registry.kept_key
  is 'Our own copy of its original; where there is none, it lies under object_key, as which it came.';
comment on column master_document_registry.version_id
  is 'The version of the object where it lies, in a bucket that keeps versions: what is read of the document are these '
  'bytes, also when its name was given to others.';
comment on column master_document_registry.object_etag is 'What the store called those bytes when we hashed them.';
comment on column master_document_registry.original_fault
  is 'Since the last look at the bucket: missing (it is not there), changed (other bytes are).';
comment on column master_document_registry.job_id is 'The newest job that reads or read the document.';
comment on column master_document_registry.run_id is 'The analysis that is shown: see analysis_runs.';
comment on column master_document_registry.score_evidence
  is 'What each score rests on: [{score, page, quote, verified, reason, state, differs}].';
comment on column master_document_registry.disagreements
  is 'Where rules and model say different things, widely: [{about, rules, claude}].';
comment on column master_document_registry.unproven_scores is 'See private.unproven_scores.';
comment on column master_document_registry.judged
  is 'Whether somebody looked for contradictions and warning signs: all of it, part of it, or none (rules only '
  'sort).';
comment on column master_document_registry.live_mark
  is 'What a phone writes into the picture and the clip of one live photo.';
comment on column master_document_registry.artifacts is 'name → object key, as the completed job published them.';
create index master_document_registry_md5 on master_document_registry (md5, bytes) where md5 is not null;
-- In the order in which a bucket lists its objects.
create index master_document_registry_original on master_document_registry
  (coalesce(kept_key, object_key) collate "C", id);
create index master_document_registry_case on master_document_registry (case_number, seq) where case_number is not null;
create index master_document_registry_date on master_document_registry (document_date, seq)
  where document_date is not null;
create index master_document_registry_type on master_document_registry (document_type);
alter table master_document_registry enable row level security;

create table processing_jobs (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  kind text not null default 'read' check (kind in ('read', 'analyse', 'compare', 'check')),
  check_of uuid references processing_jobs (id),
  document_id uuid not null references master_document_registry (id),
  batch_id uuid references batches (id),
  lane_id bigint not null references lanes (id),
  status text not null default 'queued' check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  priority text not null check (priority in ('high', 'normal', 'low')),
  placement text not null check (placement in ('any_host', 'datacenter_only', 'local_only')),
  allow_claude boolean not null default true,
  choices_unsaid boolean not null default false,
  precedence smallint not null default 0,
  attempt smallint not null default 0 check (attempt >= 0),
  max_attempts smallint not null default 3 check (max_attempts > 0),
  deaths smallint not null default 0,
  run_after timestamptz,
  lease_token uuid,
  lease_expires_at timestamptz,
  progress_at timestamptz,
  machine text references machines (label),
  artifact_prefix text,
  pages_estimate integer check (pages_estimate between 0 and private.most_pages()),
  pages_done integer not null default 0 check (pages_done between 0 and private.most_pages()),
  pages_total integer check (pages_total between 0 and private.most_pages()),
  pages_accounted integer not null default 0,
  parts_total integer,
  page_outcomes jsonb not null default '{}',
  error_code text,
  error_message text,
  seconds real,
  is_empty boolean not null default false,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  ready boolean not null generated always as (status = 'queued' and run_after is null and deaths = 0
    and kind = 'read') stored,
  check ((status = 'processing') = (lease_token is not null)),
  check ((status = 'processing') = (lease_expires_at is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
comment on table processing_jobs is 'One run of one document through a worker.';
comment on column processing_jobs.kind
  is 'read (a machine with a GPU: pages, text, pictures), analyse (the analysis worker: Claude judges what was read), '
  'compare (the analysis worker: Claude judges the pairs that a document proposed) or check (another machine reads it '
  'once more, to be compared: see check_of). A document''s account, its pages and its status are those of read.';
comment on column processing_jobs.precedence is 'Of jobs to analyse: 0 for the most relevant by the rules, to 9.';
comment on column processing_jobs.status
  is 'queued → processing (claim) → completed | failed | cancelled; processing → queued (retry, release, worker '
  'died); failed | cancelled → queued (retry_job).';
comment on column processing_jobs.choices_unsaid
  is 'Nobody said where this document may be read (its choices were lost with its row): it waits at the strictest '
  'until set_job_choices.';
comment on column processing_jobs.attempt
  is 'Raised by the claim, given back by release_jobs; at max_attempts a failure or a death is final.';
comment on column processing_jobs.deaths
  is 'Workers that died holding this job. Such a suspect is claimed one at a time per machine, so that a document '
  'that kills its worker does not take the same neighbours down three times.';
comment on column processing_jobs.run_after
  is 'Null: now. Otherwise the job waits until then (backoff after a failure or a death).';
comment on column processing_jobs.lease_token
  is 'The fence: every worker function matches id and token, so a stale worker changes nothing.';
comment on column processing_jobs.progress_at
  is 'When pages_done last grew. A lease without progress for 30 minutes is not extended.';
comment on column processing_jobs.machine is 'Label of the machine that holds or last held the job.';
comment on column processing_jobs.artifact_prefix
  is 'Where this lease may write: processed/YYYY/MM/DD/<document_id>/<lease_token>/ with the final slash.';
comment on column processing_jobs.pages_accounted
  is 'Rows in document_pages for this job; equals pages_total once the job has completed.';
comment on column processing_jobs.parts_total is 'Files inside the document, each with a row in document_parts.';
comment on column processing_jobs.is_empty is 'It was read, and no page has a word.';
comment on column processing_jobs.ready is 'May be claimed by a GPU now: waits for nothing and killed nobody.';
-- One job at a time per document: two claims can then never meet in one document's rows.
create unique index processing_jobs_open on processing_jobs (document_id) where status in ('queued', 'processing')
  and kind <> 'check';
create index processing_jobs_check on processing_jobs (seq) where kind = 'check' and status = 'queued';
create index processing_jobs_check_of on processing_jobs (check_of) where check_of is not null;
create index processing_jobs_machine on processing_jobs (machine, status) where kind = 'read'
  and status in ('completed', 'failed');
create index processing_jobs_document on processing_jobs (document_id, seq desc);
create index processing_jobs_batch on processing_jobs (batch_id, seq) where batch_id is not null;
-- The claim's index. Only claimable rows are in it, and pages_estimate rides along for get_queue_stats.
create index processing_jobs_ready on processing_jobs (lane_id, seq) include (pages_estimate, created_at) where ready;
create index processing_jobs_waiting on processing_jobs (run_after) where status = 'queued' and run_after is not null;
create index processing_jobs_suspect on processing_jobs (lane_id, seq) where status = 'queued' and deaths > 0
  and kind = 'read' and run_after is null;
-- The analysis worker's claim.
create index processing_jobs_to_analyse on processing_jobs (lane_id, precedence, seq)
  where kind <> 'read' and status = 'queued' and run_after is null;
-- By machine and claim, not by expiry: a heartbeat then touches no index and stays a heap-only update.
create index processing_jobs_processing on processing_jobs (machine, started_at) where status = 'processing';
create index processing_jobs_held on processing_jobs (batch_id) where status = 'processing' and kind = 'read';
create index processing_jobs_ended on processing_jobs (status, seq) where status in ('failed', 'cancelled');
create index processing_jobs_failed on processing_jobs (batch_id, error_code, error_message)
  where status = 'failed' and kind = 'read' and batch_id is not null;
create index processing_jobs_choices_unsaid on processing_jobs (seq) where choices_unsaid is true;
alter table processing_jobs enable row level security;

create table document_journal (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  document_id uuid not null references master_document_registry (id),
  job_id uuid references processing_jobs (id),
  batch_id uuid references batches (id),
  source text not null check (source in ('upload', 'telegram', 'bucket', 'drive', 'mail')),
  original_filename text not null,
  object_key text not null,
  duplicate boolean not null default false,
  google_drive_id text,
  source_version text,
  telegram_chat_id bigint,
  telegram_message_id bigint,
  arrival jsonb not null default '{}' check (jsonb_typeof(arrival) = 'object'),
  processing_status text not null check (processing_status in ('queued', 'processing', 'completed', 'failed',
    'cancelled')),
  error_message text,
  created_at timestamptz not null default now()
);
comment on table document_journal
  is 'One row per file that ever entered: two uploads of the same bytes are two entries of one document.';
comment on column document_journal.duplicate is 'The bytes were here already: this entry cost nothing.';
comment on column document_journal.arrival
  is 'What its messenger, folder or mailbox said of it: caption, sender, path, owner, times … as {name: text}.';
comment on column document_journal.source_version
  is 'What its bucket or Drive said of the object when its bytes were hashed: ETag or MD5, size, and when it was '
  'changed last. The object is unchanged only where all of it is the same; where not, it is read again.';
comment on column document_journal.processing_status
  is 'How the document''s newest job ended; queued until it has (a claim does not rewrite the journal).';
create index document_journal_document on document_journal (document_id);
create index document_journal_batch on document_journal (batch_id) where batch_id is not null;
create index document_journal_drive on document_journal (google_drive_id) where google_drive_id is not null;
create index document_journal_telegram on document_journal (telegram_chat_id, seq desc)
  where telegram_chat_id is not null;
create unique index document_journal_telegram_message on document_journal (telegram_chat_id, telegram_message_id)
  where telegram_message_id is not null;
create index document_journal_object_key on document_journal (object_key);
create index document_journal_filename on document_journal (original_filename, created_at);
alter table document_journal enable row level security;

create table document_parts (
  parent_id uuid not null references master_document_registry (id),
  position integer not null check (position > 0),
  role text not null check (role in ('body', 'attachment', 'inline', 'message', 'member')),
  name text not null,
  child_id uuid references master_document_registry (id),
  journal_id uuid references document_journal (id),
  code text check (code ~ '^[a-z0-9_]{1,60}$'),
  mime_type text,
  bytes bigint check (bytes >= 0),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  dated text,
  depth smallint not null,
  root_id uuid not null references master_document_registry (id),
  primary key (parent_id, position),
  check ((child_id is null) = (code is not null))
);
comment on table document_parts
  is 'The files inside each document, in their order. The same bytes may be part of several: they are one document.';
comment on column document_parts.name is 'The name inside, as it was written there: for an archive with its folders.';
comment on column document_parts.code is 'Why it was not taken; such a part has no child.';
comment on column document_parts.dated is 'The time that the container claims for it, as it was written there.';
comment on column document_parts.root_id is 'The document that came in by a door, and depth how far down this is.';
create index document_parts_child on document_parts (child_id) where child_id is not null;
create index document_parts_root on document_parts (root_id);
alter table document_parts enable row level security;

create table document_pages (
  job_id uuid not null references processing_jobs (id),
  page integer not null check (page between 1 and private.most_pages()),
  document_id uuid not null references master_document_registry (id),
  outcome text not null check (outcome in ('text_layer', 'ocr', 'ocr_fallback', 'blank', 'unreadable', 'skipped')),
  engine text,
  confidence real,
  seconds real,
  reason text,
  words integer,
  rotation smallint check (rotation in (0, 90, 180, 270)),
  hidden_words integer not null default 0 check (hidden_words >= 0),
  letters text not null default '',
  primary key (job_id, page)
);
comment on table document_pages is 'The page ledger: every page of every job that ended has exactly one outcome.';
comment on column document_pages.outcome
  is 'text_layer (read, not recognised), ocr, ocr_fallback (second engine), blank, unreadable (tried, reason says '
  'why), skipped (not tried, reason says why).';
comment on column document_pages.rotation
  is 'How far clockwise, in degrees, the page must be turned to stand upright; null where nobody looked.';
comment on column document_pages.hidden_words
  is 'Words that the file holds on the page and nobody sees: no part of its text, of no quote, and found by no search.';
comment on column document_pages.letters
  is 'What the letters of words read that the machine took for other ones: no part of its text, but found by searches.';
create index document_pages_document on document_pages (document_id);
alter table document_pages enable row level security;

create table document_repository (
  document_id uuid primary key references master_document_registry (id),
  text text not null,
  words integer,
  created_at timestamptz not null default now()
);
comment on table document_repository is 'The text of each completed document.';
alter table document_repository enable row level security;

create table document_embeddings (
  document_id uuid not null references master_document_registry (id),
  chunk integer not null,
  page integer,
  text text not null,
  embedding extensions.vector(384),
  primary key (document_id, chunk)
);
comment on table document_embeddings
  is 'The text in passages, each with its embedding (all-MiniLM-L6-v2, 384 dimensions), for search.';
create index document_embeddings_embedding on document_embeddings using hnsw (embedding extensions.vector_cosine_ops);
alter table document_embeddings enable row level security;

create table document_passages (
  document_id uuid not null references master_document_registry (id),
  passage integer not null,
  page integer,
  start integer not null,
  search tsvector not null,
  primary key (document_id, passage)
);
comment on table document_passages
  is 'The full-text index: one row per 1,000 characters of a page, which stay in document_repository; passage 0 is '
  'what is known about the document, those below 0 its transcriptions, those below -9999 corrected lines, and '
  'letters that were taken for others.';
comment on column document_passages.start
  is 'Where the passage begins in the document''s text, from 1; passages overlap by 100 characters, so that no '
  'word is cut.';
comment on column document_passages.search
  is 'English word stems (B), the words as they stand (A), and marks: see find_marks.';
create index document_passages_search on document_passages using gin (search);
alter table document_passages enable row level security;

create table unindexed_texts (
  id bigint generated always as identity primary key,
  document_id uuid not null references master_document_registry (id),
  fault text
);
comment on table unindexed_texts
  is 'Texts that are not in the full-text index yet: see index_texts. Only ever added to by who publishes a text.';
comment on column unindexed_texts.fault is 'Why it could not be indexed: the kind of error. It is not tried again.';
alter table unindexed_texts enable row level security;

create table search_words (word text primary key, keys text[] not null);
comment on table search_words is 'Every word of 4 to 30 letters that stands in a document, for near spellings.';
comment on column search_words.keys is 'See spelling_keys.';
create index search_words_keys on search_words using gin (keys);
alter table search_words enable row level security;

create table document_findings (
  id bigint generated always as identity primary key,
  document_id uuid not null references master_document_registry (id),
  kind text not null check (kind in ('contradiction', 'perjury', 'order_violation', 'fraud_indicator')),
  page integer,
  quote text,
  verified boolean not null default false,
  explanation text,
  score real check (score between 0 and 100),
  state text check (state in ('exact', 'ocr', 'picture', 'elsewhere', 'none')),
  differs text[] not null default '{}'
);
comment on table document_findings is 'What the analysis points at, with page and verbatim quote.';
comment on column document_findings.verified is 'The quote was found in the recognised text.';
comment on column document_findings.state is 'How the quote stands: see document_claims.';
create index document_findings_document on document_findings (document_id);
create index document_findings_kind on document_findings (kind, score desc);
create index document_findings_rank on document_findings
  (((coalesce(floor(score)::int, -1) + 1)::bigint * 1099511627776 + id)) where verified;
alter table document_findings enable row level security;

-- Events ------------------------------------------------------------------------------------------------------

create sequence private.event_numbers;

create function private.month_of(at timestamptz) returns int language sql immutable return
  (extract(year from at at time zone 'utc')::int - 2000) * 12 + extract(month from at at time zone 'utc')::int - 1;
comment on function private.month_of is 'Months since January 2000, UTC.';

create function private.month_ids() returns bigint language sql immutable return 1000000000000;
comment on function private.month_ids
  is 'How many ids a month of events has: more than are ever written, and a year 2700''s id is still below 2^53.';

create function private.next_event_id() returns bigint
language plpgsql set search_path = private, pg_catalog, pg_temp as $$
begin
  return private.this_event_month() * private.month_ids() + nextval('private.event_numbers');
end $$;
comment on function private.next_event_id
  is 'The month first, so that a month''s events lie together and references by id alone hold.';

create table events (
  id bigint primary key default private.next_event_id(),
  kind text not null check (kind in ('job_queued', 'job_claimed', 'job_completed', 'job_failed', 'job_retried',
    'job_released', 'job_requeued', 'job_cancelled', 'job_choices', 'analysis_queued', 'analysis_completed',
    'analysis_failed', 'analysis_cancelled', 'document_duplicate', 'part_linked', 'binder_made', 'binder_dissolved',
    'decided', 'passwords_given', 'reading_disputed', 'file_refused', 'batch_started', 'batch_running',
    'batch_paused', 'batch_stopped', 'batch_completed', 'machine_rented', 'machine_ended',
    'alarm_raised', 'alarm_stands', 'alarm_cleared', 'door_paused', 'door_resumed',
    'accessed', 'record_signed', 'original_lost', 'original_kept')),
  document_id uuid references master_document_registry (id),
  job_id uuid,
  batch_id uuid,
  machine text,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  transaction_id xid8 not null default pg_current_xact_id(),
  custody_seq integer,
  previous_hash text,
  hash text
) partition by range (id);
comment on table events
  is 'The outbox: one row per change of status, written in the same transaction, never with document text. Also the '
  'custody chain of each document.';
comment on column events.kind
  is 'job_released: handed back unharmed; job_requeued: its worker died; job_choices: a person said where it may be '
  'read; part_linked: it was found inside another document; binder_made, binder_dissolved: a '
  'person put its pages together or apart; decided: a person judged it; alarm_raised, '
  'alarm_stands, alarm_cleared: for people; accessed: an entry of '
  'the access log; record_signed: the head of the record, for whoever keeps it outside; original_lost: the bucket has '
  'its bytes no more; original_kept: they were found, or moved under a name of ours.';
comment on column events.transaction_id
  is 'A consumer reads only transactions older than every open one, so a late commit with a small id is never '
  'skipped.';
comment on column events.hash
  is 'SHA-256 over this row, the previous hash of its document in it: see private.event_text.';
create index events_order on events (transaction_id, id);
create index events_custody on events (document_id, custody_seq);
create index events_refused on events ((payload ->> 'original_filename'), id) where kind = 'file_refused';
create index events_refused_order on events (id) where kind = 'file_refused';
alter table events enable row level security;

create function private.add_event_month(month int) returns void
language plpgsql set search_path = public, private, pg_temp as $$
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
comment on function private.add_event_month is 'Makes room for the events of a month, after the last one there is.';

do $$
declare
  this int := private.month_of(now());
begin
  execute format('create function private.first_event_month() returns int language sql stable return %s', this);
  execute format('create function private.this_event_month() returns int language sql stable return %s', this);
  for month in this .. this + 2 loop
    perform private.add_event_month(month);
  end loop;
end $$;
comment on function private.first_event_month is 'The earliest month whose events are in the table events.';
comment on function private.this_event_month
  is 'The month that events are written into. Only ever raised (turn_months), whatever the clock says meanwhile.';
comment on function private.last_event_month is 'The latest month for whose events there is room.';

create table custody_heads (
  document_id uuid primary key references master_document_registry (id),
  custody_seq integer not null default 0,
  hash text
) with (fillfactor = 50);
comment on table custody_heads
  is 'The end of each document''s chain of events. Beside the registry, whose wide row and many indexes no event then '
  'has to write anew.';
comment on column custody_heads.hash is 'Hash of the document''s newest event.';
alter table custody_heads enable row level security;

create table event_deliveries (
  consumer text not null,
  event_id bigint not null references events (id),
  offered_until timestamptz not null,
  times_offered integer not null default 1,
  parked_at timestamptz,
  reason text,
  primary key (consumer, event_id)
);
comment on table event_deliveries
  is 'Events a consumer has taken and not yet acknowledged; after 60 seconds they are offered again.';
comment on column event_deliveries.parked_at
  is 'When its consumer gave this event up; it is not offered again, and people were told.';
comment on column event_deliveries.reason is 'Why it was given up: the kind of error, never words of a document.';
alter table event_deliveries enable row level security;

create table event_cursors (
  consumer text primary key,
  transaction_id xid8 not null default '0',
  event_id bigint not null default 0
);
comment on table event_cursors is 'How far each consumer has read the outbox, in order of (transaction_id, event_id).';
alter table event_cursors enable row level security;
