-- The fleet's side of the ledger: what we rented, what it may cost, and who may rent.
-- Every row is written before Vast.ai is called, so a crash between any two lines can be repaired from the outside.

alter table public.instances
    add column geolocation text,
    add column is_bid boolean not null default false,
    add column batch_id uuid references public.batches (id),
    add column traffic_dollars_per_hour double precision not null default 0,
    add column pull_dollars double precision not null default 0,
    add column reserved_until timestamptz,
    add column boot_deadline_at timestamptz,
    add column vast_status text,
    add column vast_message text,
    add column contract_at timestamptz,
    add column running_at timestamptz,
    add column seen_at timestamptz,
    add column destroy_reason text,
    add column refused boolean not null default false,
    add column blame text check (blame in ('machine', 'host', 'ours')),
    add column destroy_calls integer not null default 0,
    add column destroy_called_at timestamptz,
    add column absences integer not null default 0;
comment on column public.instances.reason is 'Why it was rented; destroy_reason says why it ended.';
comment on column public.instances.reserved_until is 'Until when its worst case is reserved under the caps. It is destroyed before, or the reservation is extended.';
comment on column public.instances.traffic_dollars_per_hour is 'The most its pages can cost in traffic per hour of work.';

create unique index instances_live_ask on public.instances (ask_id) where state in ('intent', 'booting', 'ready');
create unique index instances_live_machine on public.instances (machine_id) where state in ('intent', 'booting', 'ready');
create index instances_intent_at on public.instances (intent_at);

create table public.leaders (
    name text primary key,
    holder text not null,
    expires_at timestamptz not null
);

create table public.renting (
    only_row boolean primary key default true check (only_row),
    state text not null default 'on' check (state in ('on', 'paused')),
    reason text,
    since timestamptz not null default now(),
    hand_launches integer not null default 0 check (hand_launches >= 0)
);
insert into public.renting default values;

create table public.hardware_blocks (
    kind text not null check (kind in ('machine', 'host')),
    id bigint not null,
    reason text not null,
    blocked_until timestamptz not null,
    primary key (kind, id)
);

create table public.fleet_charges (
    contract_id bigint not null,
    day date not null,
    kind text not null,
    label text,
    dollars double precision not null,
    charged_at timestamptz not null default now(),
    primary key (contract_id, day, kind)
);

comment on table public.leaders is 'Who may act under a name, until when: the scaler leads by such a lease.';
comment on table public.renting is 'The one switch for renting, and launches asked for by hand.';
comment on table public.hardware_blocks is 'Machines and hosts not to rent from until then, with the reason.';
comment on table public.fleet_charges is 'What Vast.ai charged, per contract, UTC day and kind.';

alter table public.leaders enable row level security;
alter table public.renting enable row level security;
alter table public.hardware_blocks enable row level security;
alter table public.fleet_charges enable row level security;
revoke all on public.leaders, public.renting, public.hardware_blocks, public.fleet_charges
    from public, anon, authenticated, service_role;
grant select on public.leaders, public.renting, public.hardware_blocks, public.fleet_charges
    to service_role;

create function public.take_leadership(name text, holder text, seconds integer)
returns table (held boolean, leader text, expires_at timestamptz)
language plpgsql security definer set search_path = '' as $$
begin
    insert into public.leaders as l (name, holder, expires_at)
    values (take_leadership.name, take_leadership.holder, now() + make_interval(secs => take_leadership.seconds))
    on conflict on constraint leaders_pkey do update
        set holder = excluded.holder, expires_at = excluded.expires_at
        where l.holder = excluded.holder or l.expires_at <= now();
    return query select l.holder = take_leadership.holder, l.holder, l.expires_at
        from public.leaders l where l.name = take_leadership.name;
end $$;
comment on function public.take_leadership is
    'Takes or renews the lease `name` for `seconds`; held is false while another holder''s lease runs.';

create function public.give_up_leadership(name text, holder text)
returns setof text language sql security definer set search_path = '' as $$
    delete from public.leaders l
    where l.name = give_up_leadership.name and l.holder = give_up_leadership.holder
    returning l.name;
$$;
comment on function public.give_up_leadership is 'Ends one''s own lease, so that a successor need not wait for it.';

-- Worst case a machine costs per hour: its price and the most traffic its pages can make.
create function public.instance_dollars_between(i public.instances, from_at timestamptz, to_at timestamptz)
returns double precision language sql stable set search_path = '' as $$
    select case when i.state = 'destroyed' and i.contract_id is null then 0 else
        (coalesce(i.dph_total, 0)::double precision + i.traffic_dollars_per_hour) / 3600 * greatest(0, extract(epoch from
            least(to_at, coalesce(i.destroyed_at, greatest(now(), i.reserved_until))) - greatest(from_at, i.intent_at)))
        + case when i.intent_at >= from_at and i.intent_at < to_at then i.pull_dollars else 0 end
    end
$$;

comment on function public.instance_dollars_between is
    'Worst-case dollars of a machine between two moments: what it costs for sure, and what its reservation still allows.';

create function public.fleet_dollars_on(day date)
returns setof double precision language sql stable security definer set search_path = '' as $$
    select coalesce((
        select sum(greatest(
            public.instance_dollars_between(i, fleet_dollars_on.day::timestamp at time zone 'UTC',
                                            (fleet_dollars_on.day + 1)::timestamp at time zone 'UTC'),
            (select sum(c.dollars) from public.fleet_charges c
              where c.contract_id = i.contract_id and c.day = fleet_dollars_on.day)))
        from public.instances i
        where i.destroyed_at is null or i.destroyed_at >= fleet_dollars_on.day::timestamp at time zone 'UTC'), 0)
      + coalesce((
        select sum(c.dollars) from public.fleet_charges c
        where c.day = fleet_dollars_on.day
          and not exists (select 1 from public.instances i where i.contract_id = c.contract_id)), 0)
$$;
comment on function public.fleet_dollars_on is
    'Dollars of one UTC day: what ended machines cost or were charged, whichever is more, and what live ones still may.';

-- Raises AS005 when the ledger as it stands, with every reservation, is over a cap. Call it after the write it guards.
create function public.check_fleet_caps(caps jsonb, batch uuid)
returns void language plpgsql security definer set search_path = '' as $$
declare
    live_machines integer; hourly double precision; reserved double precision; daily double precision;
    last_reserved timestamptz;
begin
    select count(*), coalesce(sum(coalesce(i.dph_total, 0)::double precision + i.traffic_dollars_per_hour), 0), max(i.reserved_until),
           coalesce(sum((coalesce(i.dph_total, 0)::double precision + i.traffic_dollars_per_hour) / 3600
                        * greatest(0, extract(epoch from i.reserved_until - now()))
                        + case when i.running_at is null then i.pull_dollars else 0 end), 0)
      into live_machines, hourly, last_reserved, reserved
      from public.instances i where i.state <> 'destroyed';
    if live_machines > (caps->>'machines')::integer then
        raise exception 'cap reached: % machines of %', live_machines, caps->>'machines' using errcode = 'AS005';
    end if;
    if hourly > (caps->>'dollars_per_hour')::double precision + 1e-9 then
        raise exception 'cap reached: $% per hour of $%', round(hourly::numeric, 4), caps->>'dollars_per_hour'
            using errcode = 'AS005';
    end if;
    select max(d.dollars) into daily from (
        select public.fleet_dollars_on((now() at time zone 'UTC')::date) as dollars
        union all select public.fleet_dollars_on((last_reserved at time zone 'UTC')::date)) d;
    if daily > (caps->>'dollars_per_day')::double precision + 1e-9 then
        raise exception 'cap reached: $% per day of $%', round(daily::numeric, 4), caps->>'dollars_per_day'
            using errcode = 'AS005';
    end if;
    if batch is not null and caps->>'dollars_per_batch' is not null then
        select sum(public.instance_dollars_between(i, '-infinity', 'infinity')) into daily
          from public.instances i where i.batch_id = batch;
        if daily > (caps->>'dollars_per_batch')::double precision + 1e-9 then
            raise exception 'cap reached: $% for the batch of $%', round(daily::numeric, 4), caps->>'dollars_per_batch'
                using errcode = 'AS005';
        end if;
    end if;
    if caps->>'credit' is not null
       and (caps->>'credit')::double precision - reserved < (caps->>'credit_floor')::double precision then
        raise exception 'cap reached: credit $% less $% reserved is below the floor of $%',
            caps->>'credit', round(reserved::numeric, 4), caps->>'credit_floor' using errcode = 'AS005';
    end if;
end $$;

comment on function public.check_fleet_caps is
    'AS005 when the ledger, with every reservation, is over a cap: machines, dollars per hour, day or batch, credit floor.';

create function public.create_intent(holder text, intent jsonb, caps jsonb)
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
        is_bid, batch_id, reason, dph_total, traffic_dollars_per_hour, pull_dollars, reserved_until, boot_deadline_at)
    values (intent->>'label', intent->>'deployment', 'intent', (intent->>'ask_id')::bigint, (intent->>'machine_id')::bigint,
        (intent->>'host_id')::bigint, intent->>'hosting', intent->>'gpu_name', intent->>'geolocation',
        coalesce((intent->>'is_bid')::boolean, false), (intent->>'batch_id')::uuid, intent->>'reason',
        (intent->>'dollars_per_hour')::numeric, (intent->>'traffic_dollars_per_hour')::double precision,
        (intent->>'pull_dollars')::double precision,
        now() + make_interval(secs => (intent->>'reserve_seconds')::double precision),
        now() + make_interval(secs => (intent->>'boot_seconds')::double precision));
    perform public.check_fleet_caps(caps, (intent->>'batch_id')::uuid);
    update public.renting set hand_launches = greatest(0, hand_launches - 1)
     where coalesce((intent->>'by_hand')::boolean, false);
    insert into public.events (kind, batch_id, instance, payload)
    values ('machine_rented', (intent->>'batch_id')::uuid, intent->>'label', jsonb_build_object(
        'reason', intent->>'reason', 'gpu_name', intent->>'gpu_name', 'dollars_per_hour', intent->'dollars_per_hour'));
    return query select * from public.instances i where i.label = intent->>'label';
end $$;
comment on function public.create_intent is
    'Writes the row that must exist before Vast.ai is asked. AS003 not the leader, paused, or machine taken; AS005 cap reached.';

create function public.extend_reservation(label text, seconds double precision, caps jsonb)
returns setof public.instances language plpgsql security definer set search_path = '' as $$
declare batch uuid;
begin
    perform pg_advisory_xact_lock(hashtext('aseagi.fleet'));
    update public.instances i
       set reserved_until = greatest(i.reserved_until, now() + make_interval(secs => extend_reservation.seconds))
     where i.label = extend_reservation.label and i.state in ('intent', 'booting', 'ready')
    returning i.batch_id into batch;
    if not found then
        raise exception 'no live instance %', extend_reservation.label using errcode = 'AS004';
    end if;
    perform public.check_fleet_caps(caps, batch);
    return query select * from public.instances i where i.label = extend_reservation.label;
end $$;
comment on function public.extend_reservation is
    'Reserves the worst case of the next `seconds` for a machine that is wanted longer. AS004 not live, AS005 cap reached.';

create function public.record_contract(label text, contract_id bigint)
returns setof public.instances language sql security definer set search_path = '' as $$
    update public.instances i
       set contract_id = record_contract.contract_id, contract_at = coalesce(i.contract_at, now()),
           state = case when i.state <> 'intent' then i.state
                        when i.last_heartbeat_at is not null then 'ready' else 'booting' end
     where i.label = record_contract.label
       and (i.contract_id is null or i.contract_id = record_contract.contract_id)
    returning i.*;
$$;
comment on function public.record_contract is
    'Writes Vast.ai''s number for the machine; no row back means the label already has another contract.';

create function public.record_boot(label text, status text, message text)
returns setof public.instances language sql security definer set search_path = '' as $$
    update public.instances i
       set vast_status = record_boot.status, vast_message = left(record_boot.message, 500), absences = 0, seen_at = now(),
           running_at = coalesce(i.running_at, case when record_boot.status = 'running' then now() end),
           destroyed_at = null,
           state = case when i.state = 'destroyed' then 'destroying' else i.state end
     where i.label = record_boot.label
    returning i.*;
$$;
comment on function public.record_boot is
    'Writes what a good list says of a machine. A destroyed machine that is seen again goes back to destroying.';

create function public.mark_destroying(label text, reason text, blame text default null)
returns setof public.instances language sql security definer set search_path = '' as $$
    with ended as (
        update public.instances i
           set state = 'destroying', destroying_at = now(), destroy_reason = mark_destroying.reason,
               blame = mark_destroying.blame, absences = 0
         where i.label = mark_destroying.label and i.state in ('intent', 'booting', 'ready')
        returning i.*
    ), told as (
        insert into public.events (kind, instance, payload)
        select 'machine_ended', e.label, jsonb_build_object('reason', e.destroy_reason, 'pages_done', e.pages_done)
          from ended e
    )
    select * from ended;
$$;
comment on function public.mark_destroying is
    'Decides a machine''s end, once; the first reason stands. Only two good lists without it make it destroyed.';

create function public.record_refusal(label text, reason text)
returns setof public.instances language sql security definer set search_path = '' as $$
    update public.instances i
       set state = 'destroying', destroying_at = now(), destroy_reason = record_refusal.reason, refused = true, absences = 0
     where i.label = record_refusal.label and i.state = 'intent' and i.contract_id is null
    returning i.*;
$$;
comment on function public.record_refusal is
    'Vast.ai refused the intent: two good lists without it end it, with no time for doubt.';

create function public.record_destroy_call(label text)
returns setof public.instances language sql security definer set search_path = '' as $$
    update public.instances i set destroy_calls = i.destroy_calls + 1, destroy_called_at = now()
     where i.label = record_destroy_call.label
    returning i.*;
$$;
comment on function public.record_destroy_call is 'Counts one destroy call, for the pause before the next.';

create function public.record_absence(label text)
returns setof public.instances language sql security definer set search_path = '' as $$
    update public.instances i
       set absences = i.absences + 1,
           state = case when i.state = 'destroying' and i.absences >= 1 then 'destroyed' else i.state end,
           destroyed_at = case when i.state = 'destroying' and i.absences >= 1 then now() else i.destroyed_at end
     where i.label = record_absence.label and i.state <> 'destroyed'
    returning i.*;
$$;
comment on function public.record_absence is
    'One good list lacked the machine. The second in a row makes a destroying one destroyed.';

create function public.block_hardware(kind text, id bigint, reason text, seconds double precision)
returns setof public.hardware_blocks language sql security definer set search_path = '' as $$
    insert into public.hardware_blocks as b (kind, id, reason, blocked_until)
    values (block_hardware.kind, block_hardware.id, block_hardware.reason,
            now() + make_interval(secs => block_hardware.seconds))
    on conflict on constraint hardware_blocks_pkey do update
        set reason = excluded.reason, blocked_until = greatest(b.blocked_until, excluded.blocked_until)
    returning b.*;
$$;
comment on function public.block_hardware is 'Rents no machine (or nothing of a host) until then, and says why.';

create function public.set_renting(state text, reason text)
returns setof public.renting language sql security definer set search_path = '' as $$
    update public.renting r
       set state = set_renting.state, reason = set_renting.reason,
           since = case when r.state = set_renting.state then r.since else now() end,
           hand_launches = case when set_renting.state = 'paused' then 0 else r.hand_launches end
    returning r.*;
$$;
comment on function public.set_renting is 'Pauses or resumes renting. Paused rents nothing new; what runs finishes its work.';

create function public.request_launch()
returns setof public.renting language sql security definer set search_path = '' as $$
    update public.renting r set hand_launches = r.hand_launches + 1 where r.state = 'on' returning r.*;
$$;
comment on function public.request_launch is 'Asks the scaler for one machine more, whatever the backlog; no row while paused.';

create function public.raise_fleet_alarm(topic text, message text, label text default null)
returns setof bigint language sql security definer set search_path = '' as $$
    insert into public.events (kind, instance, payload)
    select 'fleet_alarm', raise_fleet_alarm.label,
           jsonb_build_object('topic', raise_fleet_alarm.topic, 'message', left(raise_fleet_alarm.message, 1000))
     where not exists (select 1 from public.events e
                        where e.kind = 'fleet_alarm' and e.created_at > now() - interval '1 hour'
                          and e.payload->>'topic' = raise_fleet_alarm.topic
                          and e.instance is not distinct from raise_fleet_alarm.label)
    returning id;
$$;
comment on function public.raise_fleet_alarm is
    'Writes a fleet_alarm event for people, at most one an hour per topic and label.';
create index events_fleet_alarms on public.events (created_at) where kind = 'fleet_alarm';

create function public.record_charges(charges jsonb)
returns setof public.fleet_charges language sql security definer set search_path = '' as $$
    insert into public.fleet_charges as f (contract_id, day, kind, label, dollars)
    select (c->>'contract_id')::bigint, (c->>'day')::date, c->>'kind', c->>'label', sum((c->>'dollars')::double precision)
      from jsonb_array_elements(record_charges.charges) c
     group by 1, 2, 3, 4
    on conflict on constraint fleet_charges_pkey do update
        set dollars = excluded.dollars, label = excluded.label, charged_at = now()
    returning f.*;
$$;
comment on function public.record_charges is 'Writes what Vast.ai charged per contract, day and kind; asking again replaces.';

create function public.get_fleet()
returns setof jsonb language sql stable security definer set search_path = '' as $$
    select jsonb_build_object(
        'now', now(),
        'renting', (select to_jsonb(r) from public.renting r),
        'dollars_today', (select public.fleet_dollars_on((now() at time zone 'UTC')::date)),
        'instances', coalesce((select jsonb_agg(to_jsonb(i) order by i.intent_at, i.label) from public.instances i
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
             where (i.report->>'pages_per_second')::double precision > 0 and i.pages_done >= 20 and i.intent_at > now() - interval '30 days'
             group by 1) s), '[]'))
$$;
comment on function public.get_fleet is
    'All the scaler needs to decide, of one moment: clock, renting switch, machines, blocks, records, measured speeds.';

create view public.fleet_contracts with (security_invoker = true) as
    select i.label, i.contract_id, i.state, i.gpu_name, i.hosting, i.geolocation, i.machine_id, i.host_id, i.is_bid,
           i.dph_total, i.reason, i.destroy_reason, i.blame, i.batch_id,
           i.intent_at, i.contract_at, i.running_at, i.first_heartbeat_at, i.destroying_at, i.destroyed_at,
           i.pages_done, i.jobs_done, c.gpu_dollars, c.disk_dollars, c.download_dollars, c.upload_dollars,
           public.instance_dollars_between(i, '-infinity', 'infinity') as reserved_dollars, c.dollars as charged_dollars,
           coalesce(c.dollars, public.instance_dollars_between(i, '-infinity', 'infinity')) / nullif(i.pages_done, 0)
               as dollars_per_page
      from public.instances i
      left join (select contract_id, sum(dollars) as dollars,
                        sum(dollars) filter (where kind = 'gpu') as gpu_dollars,
                        sum(dollars) filter (where kind = 'disk') as disk_dollars,
                        sum(dollars) filter (where kind = 'bwd') as download_dollars,
                        sum(dollars) filter (where kind = 'bwu') as upload_dollars
                   from public.fleet_charges group by 1) c on c.contract_id = i.contract_id;
comment on view public.fleet_contracts is 'Every contract with its times, charges by kind, pages done and dollars per page.';
revoke all on public.fleet_contracts from public, anon, authenticated, service_role;
grant select on public.fleet_contracts to service_role;

do $$
declare f text;
begin
    foreach f in array array[
        'take_leadership(text, text, integer)', 'give_up_leadership(text, text)', 'fleet_dollars_on(date)',
        'instance_dollars_between(public.instances, timestamptz, timestamptz)',
        'check_fleet_caps(jsonb, uuid)', 'create_intent(text, jsonb, jsonb)',
        'extend_reservation(text, double precision, jsonb)', 'record_contract(text, bigint)',
        'record_boot(text, text, text)', 'mark_destroying(text, text, text)', 'record_destroy_call(text)', 'record_refusal(text, text)',
        'record_absence(text)', 'block_hardware(text, bigint, text, double precision)', 'set_renting(text, text)',
        'request_launch()', 'raise_fleet_alarm(text, text, text)', 'record_charges(jsonb)', 'get_fleet()']
    loop
        execute format('revoke execute on function public.%s from public, anon, authenticated', f);
        execute format('grant execute on function public.%s to service_role', f);
    end loop;
end $$;
