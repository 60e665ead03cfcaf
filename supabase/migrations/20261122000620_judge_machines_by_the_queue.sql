-- What a machine has proven, by the queue's own rows: what it holds and since when, when it let go of a job, when it
-- last handed back an outcome. Its heartbeats are its own word, and it may be a stranger's machine that lies.

alter table public.instances add column left_at timestamptz, add column result_at timestamptz;
comment on column public.instances.left_at is 'When it last let go of a job, however that ended. A machine without a lease is idle since then.';
comment on column public.instances.result_at is 'When it last handed back an outcome: a completed document, or one that failed for good.';

create function private.note_hand_back() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update instances set left_at = now(),
    result_at = case when new.status in ('completed', 'failed') then now() else result_at end where label = old.instance;
  return null;
end $$;
comment on function private.note_hand_back is 'Stamps the machine that let go of a job.';
revoke all on function private.note_hand_back() from public;

-- At commit, because everybody locks the machine last. Jobs whose worker died are left out: that is no machine's doing,
-- and a sweep over many machines would lock them in no order.
create constraint trigger processing_jobs_note_hand_back after update of status on public.processing_jobs
  deferrable initially deferred for each row
  when (old.status = 'processing' and new.status <> 'processing' and new.error_code is distinct from 'worker_died')
  execute function private.note_hand_back();

create function private.held_jobs(label text) returns table (jobs_held bigint, pages_held bigint, held_since timestamptz)
language sql stable set search_path = public, pg_temp set enable_seqscan = off as $$
  select count(*), coalesce(sum(greatest(j.pages_estimate, j.pages_total, 1)), 0), min(j.started_at)
  from processing_jobs j where j.instance = held_jobs.label and j.status = 'processing'
$$;
comment on function private.held_jobs is 'What a machine holds now: jobs, their pages as estimated or as its worker counted them, and the oldest claim.';
revoke all on function private.held_jobs(text) from public;

create or replace function public.get_fleet()
returns setof jsonb language sql stable security definer set search_path = '' as $$
    select jsonb_build_object(
        'now', now(),
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
        'speeds', coalesce((select jsonb_agg(to_jsonb(s)) from (
            select i.gpu_name, count(*) as machines,
                   percentile_cont(0.5) within group (order by (i.report->>'pages_per_second')::double precision) as pages_per_second
              from public.instances i
             where (i.report->>'pages_per_second')::double precision > 0 and i.pages_done >= 20
               and i.gpu_name is not null and i.intent_at > now() - interval '30 days'
             group by 1) s), '[]'))
$$;
comment on function public.get_fleet is
    'All the scaler needs to decide, of one moment: clock, renting switch, machines with what they hold, blocks, records, measured speeds.';

-- A machine whose worker reported was there and was billed, though no list ever showed us its contract.
create or replace function public.instance_dollars_between(i public.instances, from_at timestamptz, to_at timestamptz)
returns double precision language sql stable set search_path = '' as $$
    select case when i.state = 'destroyed' and i.contract_id is null and i.first_heartbeat_at is null then 0 else
        (coalesce(i.dph_total, 0)::double precision + i.traffic_dollars_per_hour) / 3600 * greatest(0, extract(epoch from
            least(to_at, coalesce(i.destroyed_at, greatest(now(), i.reserved_until))) - greatest(from_at, i.intent_at)))
        + case when i.intent_at >= from_at and i.intent_at < to_at then i.pull_dollars else 0 end
    end
$$;
