-- One sensor is never believed against a better one: who fell silent because we could not hear, which deaths a document
-- may be blamed for, and how long boots really take.

alter table public.leaders add column since timestamptz not null default now();
comment on column public.leaders.since is 'Since when the lease has been held without a gap. Nobody judged silences before: the database, or every scaler, was away.';

create or replace function public.take_leadership(name text, holder text, seconds integer)
returns table (held boolean, leader text, expires_at timestamptz)
language plpgsql security definer set search_path = '' as $$
begin
    insert into public.leaders as l (name, holder, expires_at)
    values (take_leadership.name, take_leadership.holder, now() + make_interval(secs => take_leadership.seconds))
    on conflict on constraint leaders_pkey do update
        set holder = excluded.holder, expires_at = excluded.expires_at,
            since = case when l.expires_at <= now() then now() else l.since end
        where l.holder = excluded.holder or l.expires_at <= now();
    return query select l.holder = take_leadership.holder, l.holder, l.expires_at
        from public.leaders l where l.name = take_leadership.name;
end $$;

alter table public.instances add column inet_down_mbps double precision, add column image_gb double precision;
comment on column public.instances.inet_down_mbps is 'The line''s speed by its offer, and image_gb the image it pulled: what boot times are learned by.';

create or replace function public.create_intent(holder text, intent jsonb, caps jsonb)
returns setof public.instances language plpgsql security definer set search_path = '' as $$
begin
    perform pg_advisory_xact_lock(hashtext('aseagi.fleet'));
    if not exists (select 1 from public.leaders l where l.name = 'scaler' and l.holder = create_intent.holder
                   and l.expires_at > now()) then
        raise exception 'not the leader' using errcode = 'AS003';
    end if;
    if (select r.state from public.renting r) <> 'on' then
        raise exception 'renting is paused' using errcode = 'AS003';
    end if;
    if exists (select 1 from public.instances i where i.state <> 'destroyed'
               and (i.ask_id = (intent->>'ask_id')::bigint or i.machine_id = (intent->>'machine_id')::bigint)) then
        raise exception 'machine % is already rented', intent->>'machine_id' using errcode = 'AS003';
    end if;
    insert into public.instances (label, deployment, state, ask_id, machine_id, host_id, hosting, gpu_name, geolocation,
        is_bid, batch_id, reason, dph_total, traffic_dollars_per_hour, pull_dollars, inet_down_mbps, image_gb,
        reserved_until, boot_deadline_at)
    values (intent->>'label', intent->>'deployment', 'intent', (intent->>'ask_id')::bigint, (intent->>'machine_id')::bigint,
        (intent->>'host_id')::bigint, intent->>'hosting', intent->>'gpu_name', intent->>'geolocation',
        coalesce((intent->>'is_bid')::boolean, false), (intent->>'batch_id')::uuid, intent->>'reason',
        (intent->>'dollars_per_hour')::numeric, (intent->>'traffic_dollars_per_hour')::double precision,
        (intent->>'pull_dollars')::double precision, (intent->>'inet_down_mbps')::double precision,
        (intent->>'image_gb')::double precision,
        now() + make_interval(secs => (intent->>'reserve_seconds')::double precision),
        now() + make_interval(secs => (intent->>'boot_seconds')::double precision));
    perform public.check_fleet_caps(caps, (intent->>'batch_id')::uuid);
    update public.renting set hand_launches = greatest(0, hand_launches - 1),
        hand_asks = array_remove(hand_asks, (intent->>'ask_id')::bigint)
     where coalesce((intent->>'by_hand')::boolean, false);
    insert into public.events (kind, batch_id, instance, payload)
    values ('machine_rented', (intent->>'batch_id')::uuid, intent->>'label', jsonb_build_object(
        'reason', intent->>'reason', 'gpu_name', intent->>'gpu_name', 'dollars_per_hour', intent->'dollars_per_hour'));
    return query select * from public.instances i where i.label = intent->>'label';
end $$;

create or replace function public.get_fleet()
returns setof jsonb language sql stable security definer set search_path = '' as $$
    select jsonb_build_object(
        'now', now(),
        'hearing_since', (select l.since from public.leaders l where l.name = 'scaler'),
        'renting', (select to_jsonb(r) from public.renting r),
        'dollars_today', (select public.fleet_dollars_on((now() at time zone 'UTC')::date)),
        'instances', coalesce((select jsonb_agg(to_jsonb(i) || to_jsonb(h) order by i.intent_at, i.label)
            from public.instances i cross join lateral private.held_jobs(i.label) h
            where i.state <> 'destroyed' or i.destroyed_at > now() - interval '6 hours'), '[]'),
        'blocks', coalesce((select jsonb_agg(to_jsonb(b)) from public.hardware_blocks b
            where b.blocked_until > now()), '[]'),
        'history', coalesce((select jsonb_agg(to_jsonb(h)) from (
            select i.machine_id, i.host_id, count(i.first_heartbeat_at) as boots,
                   count(*) filter (where i.blame in ('machine', 'host')) as failures
              from public.instances i
             where i.machine_id is not null and i.intent_at > now() - interval '90 days'
             group by 1, 2) h), '[]'),
        -- Two hundred are plenty for medians, and what was long ago says little of today's image.
        'boots', coalesce((select jsonb_agg(to_jsonb(b)) from (
            select i.machine_id, i.host_id, i.gpu_name, i.inet_down_mbps, i.image_gb,
                   extract(epoch from i.running_at - i.intent_at) as boot_seconds,
                   extract(epoch from greatest(i.first_heartbeat_at - i.running_at, '0')) as start_seconds
              from public.instances i
             where i.running_at is not null and i.first_heartbeat_at is not null and i.machine_id is not null
               and i.inet_down_mbps is not null and i.intent_at > now() - interval '90 days'
             order by i.intent_at desc limit 200) b), '[]'),
        'speeds', coalesce((select jsonb_agg(to_jsonb(s)) from (
            select i.gpu_name, count(*) as machines,
                   percentile_cont(0.5) within group (order by (i.report->>'pages_per_second')::double precision) as pages_per_second
              from public.instances i
             where (i.report->>'pages_per_second')::double precision > 0 and i.pages_done >= 20
               and i.gpu_name is not null and i.intent_at > now() - interval '30 days'
             group by 1) s), '[]'))
$$;
comment on function public.get_fleet is
    'All the scaler needs to decide, of one moment: clock, since when it has been listening, renting switch, machines with what they hold, blocks, records, boots, measured speeds.';

-- Whose death it was ----------------------------------------------------------------------------------------

drop function private.bury_job(processing_jobs);
create function private.bury_job(job public.processing_jobs, in_company boolean) returns text
language plpgsql set search_path = public, private, pg_temp as $$
declare
  -- With others in hand any of them may have done it, or none. What has seen a death before is claimed one at a time
  -- per machine, so the second death is its own.
  counts boolean := job.deaths > 0 or not in_company;
begin
  if counts and job.attempt >= job.max_attempts then
    perform private.end_job(job, 'failed', 'worker_died',
      format('The worker stopped without a word while it had this document, %s times in a row. '
      'The file may be too large or damaged. Look at it, then retry the job.', job.attempt));
    return 'failed';
  end if;
  perform private.return_job(job, 'job_requeued', not counts, null, 'worker_died',
    'The worker stopped without a word; the job is waiting for another one.');
  return 'queued';
end $$;
comment on function private.bury_job
  is 'A job whose worker died: queued again, or failed as worker_died when its attempts are used up. A first death among '
  'several jobs in hand makes it a suspect and costs no attempt.';
revoke all on function private.bury_job(public.processing_jobs, boolean) from public;

create or replace function requeue_instance_jobs(label text, worker_died boolean default true)
returns table (job_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  job processing_jobs;
  held bigint := (select h.jobs_held from private.held_jobs(requeue_instance_jobs.label) h);
begin
  for job in select * from processing_jobs where status = 'processing' and instance = requeue_instance_jobs.label
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
comment on function requeue_instance_jobs
  is 'A machine known gone: its leases end now. worker_died makes suspects of its documents and may cost them an '
  'attempt, as an expired lease does; false (the machine''s own end, not its worker''s) gives the attempt back.';

create or replace function release_expired_jobs() returns table (job_id uuid, status text)
language plpgsql security definer set search_path = public, private, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  job processing_jobs;
  ended uuid[] := array(select id from processing_jobs where status = 'processing' and lease_expires_at < now()
    limit 500 for no key update skip locked);
  -- A worker that still reports has lost the job by itself. Machines of which nothing is heard any more, two and more
  -- at once, are one outage: ours, or the network's.
  unheard text[] := array(select i.label from instances i where i.label in (select instance from processing_jobs
    where id = any (ended)) and coalesce(i.last_heartbeat_at, '-infinity') < now() - interval '1 minute');
  held jsonb := (select jsonb_object_agg(instance, jobs) from (select j.instance, count(*) as jobs
    from processing_jobs j where j.status = 'processing' and j.instance in (select instance from processing_jobs
      where id = any (ended)) group by 1) counted);
begin
  for job in select * from processing_jobs where id = any (ended) order by document_id loop
    job_id := job.id;
    if cardinality(unheard) > 1 and job.instance = any (unheard) then
      -- With a code, so that no machine is stamped: a sweep over many would lock them in no order.
      perform private.return_job(job, 'job_released', true, null, 'worker_died',
        'Several machines fell silent together; the job is waiting for another one.');
      status := 'queued';
    else
      status := private.bury_job(job, (held ->> job.instance)::int > 1);
    end if;
    return next;
  end loop;
  ended := array(select id from processing_jobs where id = any (array(select private.waiting_in_stopped_batches()))
    and status = 'queued' for no key update skip locked);
  for job in select * from processing_jobs where id = any (ended) order by document_id loop
    perform private.end_job(job, 'cancelled', 'batch_stopped', 'The batch was stopped before this document''s turn.');
    job_id := job.id;
    status := 'cancelled';
    return next;
  end loop;
end $$;

-- What `create or replace` forgets.
alter function public.requeue_instance_jobs(text, boolean) set statement_timeout = '30s';
alter function public.release_expired_jobs() set statement_timeout = '30s';
