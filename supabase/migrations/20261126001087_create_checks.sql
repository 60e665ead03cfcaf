-- Second readings: a share of what strangers' machines read is read again on another one, and compared. Who is caught
-- is ended, and all that it read is read anew.

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.first_readings() returns int language sql immutable return 10;
comment on function private.first_readings
  is 'Documents of a new machine that are checked more often: a host who lies in all is found before he has read much.';

create function private.first_share() returns double precision language sql immutable return 0.2;
comment on function private.first_share is 'Of these, two of ten: less than a minute of another machine.';

create function private.most_open_checks() returns int language sql immutable return 100;
comment on function private.most_open_checks
  is 'Checks of one machine that wait at most: where there is no other machine to read, they must not pile up.';

create function private.checks_looked_at() returns int language sql immutable return 500;
comment on function private.checks_looked_at
  is 'Waiting checks among which a claim looks for one that it may give out.';

create function private.least_alike() returns double precision language sql immutable return 0.7;
comment on function private.least_alike
  is 'Share of the words of a page that two honest readings have in common at least. Two engines on a bad photo have '
  '0.8, one engine on two cards 0.98 and more; invented or left out text has less than 0.5.';

create function private.fewest_compared() returns int language sql immutable return 5;
comment on function private.fewest_compared is 'Words below which a page is not compared: a stamp, a page number.';

create function private.most_pages_compared() returns int language sql immutable return 100;
comment on function private.most_pages_compared
  is 'Pages of a document that are compared, drawn by chance: some 40,000 words, a tenth of a second.';

create function private.most_failures() returns int language sql immutable return 12;
comment on function private.most_failures
  is 'Documents that a stranger''s machine may fail or find blank before it is asked whether others do so too.';

create function private.most_contradicted() returns int language sql immutable return 3;
comment on function private.most_contradicted
  is 'Documents that a machine failed and another could read, up to which bad luck is believed.';

create function private.usual_failures() returns double precision language sql immutable return 0.05;
comment on function private.usual_failures is 'The least share of such documents that counts as usual.';

create function private.burst() returns int language sql immutable return 256;
comment on function private.burst is 'Documents that a stranger''s machine may end at once, before its pace counts.';

create function private.fastest() returns double precision language sql immutable return 4;
comment on function private.fastest
  is 'Documents a second that a stranger''s machine may end in the long run, by the queue''s own clock: a fast one '
  'reads two short letters a second; who sweeps the queue wants to be faster.';

-- Tables ------------------------------------------------------------------------------------------------------

create table check_policy (
  only_row boolean primary key default true check (only_row),
  share double precision not null default 0 check (share between 0 and 1),
  sensitive_placement text not null default 'datacenter_only'
    check (sensitive_placement in ('any_host', 'datacenter_only', 'local_only'))
);
comment on column check_policy.sensitive_placement
  is 'Where a document may be read whose name or type speaks of a child, of health or of money, while nobody says '
  'where (FLEET_SENSITIVE_PLACEMENT).';
comment on table check_policy
  is 'Which share of what strangers'' machines read is read again on another, as the scaler says (FLEET_CHECK_SHARE); '
  '0 is nothing at all.';
alter table check_policy enable row level security;
insert into check_policy default values;

create table reading_checks (
  id bigint generated always as identity primary key,
  job_id uuid not null references processing_jobs (id),
  document_id uuid not null references master_document_registry (id),
  machine text not null references machines (label),
  check_job_id uuid not null references processing_jobs (id),
  checker text not null references machines (label),
  agrees boolean not null,
  alike real,
  text text,
  artifacts jsonb not null default '{}',
  created_at timestamptz not null default now()
);
comment on table reading_checks
  is 'Second readings, compared with what is shown. One that differs is kept with its text and its files.';
comment on column reading_checks.alike is 'Of the page that is least alike: the share of common words, 0 to 1.';
create index reading_checks_job on reading_checks (job_id);
create index reading_checks_machine on reading_checks (machine);
alter table reading_checks enable row level security;

-- Comparing ---------------------------------------------------------------------------------------------------

create function private.compare_texts(one text, other text) returns real
language sql volatile set search_path = private, pg_catalog, pg_temp as $$
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
comment on function private.compare_texts
  is 'The share of common words, 0 to 1, on the page where two readings have least in common.';

-- Opening -----------------------------------------------------------------------------------------------------

create function private.open_check(read processing_jobs) returns void
language plpgsql set search_path = public, private, pg_temp as $$
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
comment on function private.open_check
  is 'Queues a document to be read once more, by another machine, which is not told so.';

create function private.is_drawn(caller machines, is_empty boolean) returns boolean
language sql volatile set search_path = public, private, pg_temp as $$
  select caller.hosting <> 'local' and p.share > 0 and (is_empty or random() < greatest(p.share,
    case when caller.jobs_done + caller.jobs_failed < private.first_readings() then private.first_share() else 0 end))
  from check_policy p
$$;
comment on function private.is_drawn
  is 'Whether what a machine just read is to be checked: by chance; and always where it failed or found nothing.';

create function private.take_check(caller machines, placements text[]) returns uuid[]
language sql set search_path = public, private, pg_temp as $$
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
comment on function private.take_check
  is 'At most one document to read again, of a machine of another host.';

create function private.is_too_fast(caller machines) returns boolean
language sql stable set search_path = private, pg_catalog, pg_temp as $$
  select caller.hosting <> 'local' and caller.jobs_done + caller.jobs_failed > private.burst() + private.fastest()
    * extract(epoch from now() - coalesce(caller.ready_at, caller.intent_at))
$$;
comment on function private.is_too_fast is 'Whether a machine has ended more documents than any can read in its time.';

create function private.fails_too_much(caller machines) returns boolean
language sql stable set search_path = public, private, pg_temp as $$
  select caller.hosting <> 'local' and caller.jobs_failed > private.most_failures()
    and caller.jobs_failed > private.most_failures() + 3 * (caller.jobs_done + caller.jobs_failed) * greatest(
      private.usual_failures(), coalesce((select sum(m.jobs_failed)::double precision
        / nullif(sum(m.jobs_done + m.jobs_failed), 0) from machines m
        where m.label <> caller.label and m.intent_at > now() - private.speed_memory()), 0))
$$;
comment on function private.fails_too_much
  is 'Whether a machine failed, or found blank, far more documents than others see: it gets no more. They are all read '
  'once more elsewhere, and if others can read them it is caught.';

-- Ending ------------------------------------------------------------------------------------------------------

create function private.end_check_job(job processing_jobs, status text, code text) returns void
language sql set search_path = public, pg_temp as $$
  update processing_jobs j set status = end_check_job.status, lease_token = null, lease_expires_at = null,
    run_after = null, finished_at = now(), error_code = end_check_job.code where j.id = job.id
$$;
comment on function private.end_check_job is 'Ends a check. Nothing that people see of the document changes.';

create function private.catch_machine(label text, why text) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  update machines m set caught_at = now() where m.label = catch_machine.label and m.caught_at is null
    and m.hosting <> 'local';
  if found then
    perform mark_destroying(catch_machine.label, 'caught: ' || why, 'machine');
    perform raise_alarm('machine_caught', format('Machine %s is ended and blocked: %s. All that it read is read '
      'again on others.', catch_machine.label, why), catch_machine.label);
  end if;
end $$;
comment on function private.catch_machine is 'A machine whose readings are not believed: ended, its hardware to blame.';

create function private.judge_check(read processing_jobs, job processing_jobs, is_alike boolean, alike real, said text,
  files jsonb) returns void
language plpgsql set search_path = public, private, pg_temp as $$
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
comment on function private.judge_check
  is 'What follows from a second reading: agreement, a third reading, or a machine that is caught. Our own computer is '
  'believed; of strangers two against one.';

create function private.end_check(job processing_jobs, result jsonb, failed text) returns void
language plpgsql set search_path = public, private, pg_temp as $$
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
comment on function private.end_check
  is 'A second reading has ended: it is compared with what is shown. What one machine failed and another can read is '
  'read anew.';

create function private.check_parts(job processing_jobs, parts jsonb) returns void
language sql set search_path = public, pg_temp as $$
  update processing_jobs j set progress_at = now(), error_code = case when exists (
      select from jsonb_array_elements(check_parts.parts) as p where p ->> 'code' is null and not exists (
        select from document_parts d where d.parent_id = job.document_id and d.sha256 = p ->> 'sha256'))
    then 'other_parts' else j.error_code end where j.id = job.id
$$;
comment on function private.check_parts is 'Notes whether a second reading found files inside that the first did not.';

create function private.read_anew(read processing_jobs) returns boolean
language plpgsql set search_path = public, private, pg_temp as $$
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
comment on function private.read_anew
  is 'A new reading of a document whose shown one is not believed; that stays until the new one is there. False while '
  'somebody works on it.';

create function sweep_checks(share double precision, sensitive_placement text default 'datacenter_only')
returns table (label text, documents int)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
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
comment on function sweep_checks
  is 'To be called every few seconds, with the share to be checked and the default placement of sensitive documents: '
  'queues what a caught machine read to be read anew, '
  'some hundreds a call; how many by machine.';

-- Where sensitive documents are read by default ---------------------------------------------------------------

create function private.speaks_of(spoken text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
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
$$;
comment on function private.speaks_of
  is 'child, health or money, where a name or a type says so: a guess from a few words, before anybody has read it.';

create function private.place_by_default() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
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
comment on function private.place_by_default
  is 'A new job of a document that seems sensitive waits for the machines that the policy names. A person may say '
  'otherwise of each (set_job_choices).';
create trigger processing_jobs_default_placement before insert on processing_jobs for each row
  when (new.kind in ('read', 'check')) execute function private.place_by_default();
