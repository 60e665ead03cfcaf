-- The fleet's side of the ledger: what we rented, what it may cost, and who may rent.
-- Every row is written before Vast.ai is called, so a crash between any two lines can be repaired from the outside.

-- Tables ------------------------------------------------------------------------------------------------------

create table leaders (
  name text primary key,
  holder text not null,
  expires_at timestamptz not null,
  since timestamptz not null default now()
);
comment on table leaders is 'Who may act under a name, until when: the scaler leads by such a lease.';
comment on column leaders.since
  is 'Since when the lease has been held without a gap. Nobody judged silences before: the database, or every '
  'scaler, was away.';
alter table leaders enable row level security;

create table renting (
  only_row boolean primary key default true check (only_row),
  status text not null default 'on' check (status in ('on', 'paused')),
  reason text,
  since timestamptz not null default now(),
  hand_launches integer not null default 0 check (hand_launches >= 0),
  hand_asks bigint[] not null default '{}'
);
comment on table renting is 'The one switch for renting, and launches asked for by hand.';
comment on column renting.hand_asks
  is 'Offers (ask ids) a person chose, to be rented next; each is one of hand_launches.';
alter table renting enable row level security;

insert into renting default values;

create table hardware_blocks (
  kind text not null check (kind in ('machine', 'host')),
  id bigint not null,
  reason text not null,
  blocked_until timestamptz not null,
  primary key (kind, id)
);
comment on table hardware_blocks is 'Machines and hosts not to rent from until then, with the reason.';
alter table hardware_blocks enable row level security;

create table fleet_charges (
  contract_id bigint not null,
  day date not null,
  kind text not null,
  label text,
  usd double precision not null,
  charged_at timestamptz not null default now(),
  primary key (contract_id, day, kind)
);
comment on table fleet_charges is 'What Vast.ai charged, per contract, UTC day and kind.';
alter table fleet_charges enable row level security;

create table contract_bills (
  contract_id bigint primary key,
  label text not null,
  usd double precision not null,
  first_read_at timestamptz not null default now(),
  read_at timestamptz not null default now(),
  grew_at timestamptz not null default now(),
  grew_since timestamptz,
  proved_at timestamptz
);
comment on table contract_bills is 'What one reading of the bill after another said of a contract.';
comment on column contract_bills.grew_at is 'The reading that showed the last growth; grew_since is the one before it.';
comment on column contract_bills.proved_at is 'Since then the bill is known to stand still, until it grows again.';
alter table contract_bills enable row level security;

create table price_increases (
  contract_id bigint primary key,
  pending_id bigint not null,
  applies_at timestamptz,
  changes jsonb not null,
  seen_at timestamptz not null default now()
);
comment on table price_increases
  is 'What hosts ask for machines we have, from the end of their contracts on. Shown, and never accepted.';
comment on column price_increases.changes
  is 'What would change (gpu, disk, upload, download, fee) → [old, new] dollars.';
alter table price_increases enable row level security;

-- Who leads ---------------------------------------------------------------------------------------------------

create function take_leadership(name text, holder text, seconds integer)
returns table (held boolean, leader text, expires_at timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
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
comment on function take_leadership
  is 'Takes or renews the lease `name` for `seconds`; held is false while another holder''s lease runs.';

create function give_up_leadership(name text, holder text)
returns setof text language sql security definer set search_path = public, private, pg_temp as $$
  delete from leaders l
  where l.name = give_up_leadership.name and l.holder = give_up_leadership.holder
  returning l.name;
$$;
comment on function give_up_leadership is 'Ends one''s own lease, so that a successor need not wait for it.';

-- What a machine costs ----------------------------------------------------------------------------------------

create function private.machine_usd(machine machines, from_at timestamptz default '-infinity',
  to_at timestamptz default 'infinity') returns numeric
language sql stable security definer set search_path = public, pg_temp as $$
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
comment on function private.machine_usd
  is 'What a machine cost between two moments, until now. Each UTC day by Vast.ai''s bill, once it was read after the '
  'machine''s part of that day; before, by price and time, its image and its pages'' traffic, or what is billed '
  'already where that is more.';

create function private.machines_usd_on(day date) returns numeric
language sql stable set search_path = public, private, pg_temp as $$
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
comment on function private.machines_usd_on
  is 'What machines cost on a UTC day until now, those included that only Vast.ai''s bill knows.';

-- Caps --------------------------------------------------------------------------------------------------------

create function private.reserved_usd_between(machine machines, from_at timestamptz, to_at timestamptz)
returns double precision language sql stable set search_path = public, private, pg_temp as $$
  -- A machine whose worker reported was there and was billed, though no list ever showed us its contract.
  select case when machine.status = 'destroyed' and machine.contract_id is null and machine.ready_at is null then 0 else
    (coalesce(machine.usd_per_hour, 0)::double precision + machine.traffic_usd_per_hour) / 3600
      * greatest(0, extract(epoch from
          least(to_at, coalesce(machine.destroyed_at, greatest(now(), machine.reserved_until)))
            - greatest(from_at, machine.intent_at)))
    + case when machine.intent_at >= from_at and machine.intent_at < to_at then machine.pull_usd else 0 end
  end
$$;
comment on function private.reserved_usd_between
  is 'Worst-case dollars of a machine between two moments: what it costs for sure, and what its reservation still '
  'allows.';

create function private.bill_read_at(machine machines, day date) returns timestamptz
language sql stable set search_path = public, pg_temp as $$
  select max(c.charged_at) from fleet_charges c
  where c.contract_id = machine.contract_id and (bill_read_at.day is null or c.day = bill_read_at.day)
$$;
comment on function private.bill_read_at
  is 'When a contract''s bill, of a day or of any, was last read; null when it never was.';

create function private.most_usd_on(machine machines, day date) returns double precision
language sql stable set search_path = public, private, pg_temp as $$
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
comment on function private.most_usd_on
  is 'The most that a machine costs on a UTC day: its bill once it is over and the bill is complete, until then its '
  'worst case or what is billed already, whichever is more.';

create function private.most_usd(machine machines) returns double precision
language sql stable set search_path = public, private, pg_temp as $$
  with bill as (
    select sum(c.usd) as usd from fleet_charges c where c.contract_id = machine.contract_id
  )
  select case when private.bill_read_at(machine, null) >= machine.destroyed_at + private.bill_settles() then bill.usd
    else greatest(private.reserved_usd_between(machine, '-infinity', 'infinity'), bill.usd) end
  from bill
$$;
comment on function private.most_usd is 'The most that a machine costs in all, by the same rule.';

create function private.most_machines_usd_on(day date)
returns double precision language sql stable set search_path = public, private, pg_temp as $$
  select coalesce((
    select sum(private.most_usd_on(m, most_machines_usd_on.day)) from machines m
    where m.destroyed_at is null or m.destroyed_at >= most_machines_usd_on.day::timestamp at time zone 'UTC'), 0)
    + coalesce((
    select sum(c.usd) from fleet_charges c
    where c.day = most_machines_usd_on.day
      and not exists (select 1 from machines m where m.contract_id = c.contract_id
        and (m.destroyed_at is null or m.destroyed_at >= most_machines_usd_on.day::timestamp at time zone 'UTC'))), 0)
$$;
comment on function private.most_machines_usd_on
  is 'Dollars of one UTC day: ended machines by their bill once it is complete, the others by their worst case.';

-- Raises AS005 when the ledger as it stands, with every reservation, is over a cap. Call it after the write it guards.
create function private.check_fleet_caps(caps jsonb, batch uuid)
returns void language plpgsql security definer set search_path = public, private, pg_temp as $$
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
end $$;
comment on function private.check_fleet_caps
  is 'AS005 when the ledger, with every reservation, is over a cap: machines, dollars per hour, day or batch, '
  'credit floor.';

-- A batch may cap what its machines cost per hour: limits.max_cost_per_hour.
create function private.check_batch_hours() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
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
end $$;
comment on function private.check_batch_hours
  is 'AS005 when a machine rented for a batch would pass the batch''s own limit. create_intent holds the fleet''s '
  'lock, so no race passes it.';

create trigger machines_check_batch_hours before insert on machines
  for each row when (new.batch_id is not null) execute function private.check_batch_hours();

-- A machine's life --------------------------------------------------------------------------------------------

create function create_intent(holder text, intent jsonb, caps jsonb)
returns setof machines language plpgsql security definer set search_path = public, private, pg_temp as $$
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
comment on function create_intent
  is 'Writes the row that must exist before Vast.ai is asked. AS003 not the leader, paused, or machine taken; '
  'AS005 cap reached.';

create function extend_reservation(label text, seconds double precision, caps jsonb)
returns setof machines language plpgsql security definer set search_path = public, private, pg_temp as $$
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
comment on function extend_reservation
  is 'Reserves the worst case of the next `seconds` for a machine that is wanted longer. AS004 not live, AS005 cap '
  'reached.';

create function record_contract(label text, contract_id bigint)
returns setof machines language sql security definer set search_path = public, private, pg_temp as $$
  update machines m
    set contract_id = record_contract.contract_id, contract_at = coalesce(m.contract_at, now()),
      status = case when m.status <> 'intent' then m.status
            when m.last_heartbeat_at is not null then 'ready' else 'booting' end
    where m.label = record_contract.label
    and (m.contract_id is null or m.contract_id = record_contract.contract_id)
  returning m.*;
$$;
comment on function record_contract
  is 'Writes Vast.ai''s number for the machine; no row back means the label already has another contract.';

create function record_boot(label text, status text, message text)
returns setof machines language sql security definer set search_path = public, private, pg_temp as $$
  update machines m
    set vast_status = record_boot.status, vast_message = left(record_boot.message, private.longest_reason()),
      absences = 0, seen_at = now(),
      running_at = coalesce(m.running_at, case when record_boot.status = 'running' then now() end),
      destroyed_at = null,
      status = case when m.status = 'destroyed' then 'destroying' else m.status end
    where m.label = record_boot.label
  returning m.*;
$$;
comment on function record_boot
  is 'Writes what a good list says of a machine. A destroyed machine that is seen again goes back to destroying.';

create function mark_destroying(label text, reason text, blame text default null)
returns setof machines language sql security definer set search_path = public, private, pg_temp as $$
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
comment on function mark_destroying
  is 'Decides a machine''s end, once; the first reason stands. Only two good lists without it make it destroyed.';

create function record_refusal(label text, reason text)
returns setof machines language sql security definer set search_path = public, private, pg_temp as $$
  update machines m
    set status = 'destroying', destroying_at = now(), destroy_reason = record_refusal.reason, refused = true,
      absences = 0
    where m.label = record_refusal.label and m.status = 'intent' and m.contract_id is null
  returning m.*;
$$;
comment on function record_refusal
  is 'Vast.ai refused the intent: two good lists without it end it, with no time for doubt.';

create function record_destroy_call(label text)
returns setof machines language sql security definer set search_path = public, private, pg_temp as $$
  update machines m set destroy_calls = m.destroy_calls + 1, destroy_called_at = now()
    where m.label = record_destroy_call.label
  returning m.*;
$$;
comment on function record_destroy_call is 'Counts one destroy call, for the pause before the next.';

create function record_verdict(label text, decision text, reason text)
returns setof text language sql security definer set search_path = public, private, pg_temp as $$
  update machines m
    set verdict = record_verdict.decision, verdict_reason = left(record_verdict.reason, private.longest_reason()),
      verdict_at = now()
    where m.label = record_verdict.label and m.status <> 'destroyed'
  returning m.label;
$$;
comment on function record_verdict is 'Writes what becomes of a machine, and why, where that is news.';

create function record_log(label text, word text)
returns setof text language sql security definer set search_path = public, private, pg_temp as $$
  update machines m set log_word = record_log.word, log_read_at = now() where m.label = record_log.label
  returning m.label;
$$;
comment on function record_log is 'Writes what a machine''s log ended with, a word of ours and no line of it.';

create function record_absence(label text, known integer default null)
returns setof machines language sql security definer set search_path = public, private, pg_temp as $$
  update machines m
    set absences = m.absences + 1,
      status = case when m.status = 'destroying' and m.absences >= 1 then 'destroyed' else m.status end,
      destroyed_at = case when m.status = 'destroying' and m.absences >= 1 then now() else m.destroyed_at end
    where m.label = record_absence.label and m.status <> 'destroyed'
      and m.absences = coalesce(record_absence.known, m.absences)
  returning m.*;
$$;
comment on function record_absence
  is 'One good list lacked the machine. The second in a row makes a destroying one destroyed. With `known`, the count '
  'before it, a call that is done twice counts one list once.';

-- A person's own computer as a worker: a row of hosting local, without price, contract or part in any cap.
create function join_own_computer(label text, deployment text)
returns setof machines language sql security definer set search_path = public, private, pg_temp as $$
  insert into machines as m (label, deployment, status, hosting, usd_per_hour, reason)
  values (join_own_computer.label, join_own_computer.deployment, 'booting', 'local', 0, 'one of our own computers')
  on conflict on constraint machines_pkey do update
    set status = case when m.status in ('destroying', 'destroyed') then 'booting' else m.status end,
      intent_at = now(), destroying_at = null, destroyed_at = null, destroy_reason = null, absences = 0,
        jobs_released = 0
    where m.hosting = 'local'
  returning m.*;
$$;
comment on function join_own_computer
  is 'Lets one of our own computers work under a label, for the first time or again; no row back means the label '
  'is a rented machine''s.';

-- Decisions ---------------------------------------------------------------------------------------------------

create function block_hardware(kind text, id bigint, reason text, seconds double precision)
returns setof hardware_blocks language sql security definer set search_path = public, private, pg_temp as $$
  insert into hardware_blocks as b (kind, id, reason, blocked_until)
  values (block_hardware.kind, block_hardware.id, block_hardware.reason,
      now() + make_interval(secs => block_hardware.seconds))
  on conflict on constraint hardware_blocks_pkey do update
    set reason = excluded.reason, blocked_until = greatest(b.blocked_until, excluded.blocked_until)
  returning b.*;
$$;
comment on function block_hardware is 'Rents no machine (or nothing of a host) until then, and says why.';

create function set_renting(status text, reason text)
returns setof renting language sql security definer set search_path = public, private, pg_temp as $$
  select clear_alarm('renting_paused') where set_renting.status = 'on';
  update renting r
    set status = set_renting.status, reason = set_renting.reason,
      since = case when r.status = set_renting.status then r.since else now() end,
      hand_launches = case when set_renting.status = 'paused' then 0 else r.hand_launches end,
      hand_asks = case when set_renting.status = 'paused' then '{}' else r.hand_asks end
    where r.only_row returning r.*;
$$;
comment on function set_renting is 'Pauses or resumes renting. Paused rents nothing new; what runs finishes its work.';

create function request_launch(ask_id bigint default null)
returns setof renting language sql security definer set search_path = public, private, pg_temp as $$
  update renting r
    set hand_launches = r.hand_launches + case when request_launch.ask_id = any (r.hand_asks) then 0 else 1 end,
      hand_asks = case when request_launch.ask_id is null or request_launch.ask_id = any (r.hand_asks) then r.hand_asks
              else r.hand_asks || request_launch.ask_id end
    where r.status = 'on' returning r.*;
$$;
comment on function request_launch
  is 'Asks the scaler for one machine more, whatever the backlog, of its choice or of this offer; no row while '
  'paused.';

create function drop_launch(ask_id bigint)
returns setof renting language sql security definer set search_path = public, private, pg_temp as $$
  update renting r set hand_launches = greatest(0, r.hand_launches - 1), hand_asks = array_remove(r.hand_asks,
    drop_launch.ask_id)
    where drop_launch.ask_id = any (r.hand_asks) returning r.*;
$$;
comment on function drop_launch is 'Forgets the launch of a chosen offer: it was rented, or it cannot be any more.';

create function record_charges(charges jsonb)
returns setof fleet_charges language sql security definer set search_path = public, private, pg_temp as $$
  insert into fleet_charges as f (contract_id, day, kind, label, usd)
  select (c ->> 'contract_id')::bigint, (c ->> 'day')::date, c ->> 'kind', c ->> 'label',
    sum((c ->> 'usd')::double precision)
    from jsonb_array_elements(record_charges.charges) c
    group by 1, 2, 3, 4
  on conflict on constraint fleet_charges_pkey do update
    set usd = excluded.usd, label = excluded.label, charged_at = now()
  returning f.*;
$$;
comment on function record_charges is 'Writes what Vast.ai charged per contract, day and kind; asking again replaces.';

create function record_bill_reading(seen bigint[], since date)
returns setof contract_bills language sql security definer set search_path = public, private, pg_temp as $$
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
comment on function record_bill_reading
  is 'After record_charges: the bill from a day on showed the contracts `seen`. One that it showed before and now '
  'lacks '
  'is not read: that proves nothing.';

create function prove_bill(contract_id bigint)
returns setof contract_bills language sql security definer set search_path = public, private, pg_temp as $$
  update contract_bills b set proved_at = now() where b.contract_id = prove_bill.contract_id returning b.*;
$$;
comment on function prove_bill is 'The contract''s bill has stopped.';

create function record_price_increases(increases jsonb, forget_others boolean)
returns setof price_increases language sql security definer set search_path = public, private, pg_temp as $$
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
comment on function record_price_increases
  is 'Writes what hosts ask, the latest of a contract; with forget_others these are all there are.';

create function private.unproved_bills() returns table (contract_id bigint, label text, ended_at timestamptz,
  has_row boolean, ran boolean, usd double precision, read_at timestamptz, grew_at timestamptz, grew_since timestamptz)
language sql stable set search_path = public, private, pg_temp as $$
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
comment on function private.unproved_bills
  is 'Contracts that are over by the lists, or that no row has, and whose bill is not proved to stand still, the '
  'oldest first.';

create function get_fleet()
returns setof jsonb language sql stable security definer set search_path = public, private, pg_temp as $$
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
comment on function get_fleet
  is 'All the scaler needs to decide, of one moment: clock, since when it has been listening, renting switch, paused '
  'doors, '
  'machines with what they hold, what hosts ask and what the bill has not proved, blocks, records, boots, measured '
  'paces.';

create view fleet_contracts with (security_invoker = true) as
  select m.label, m.contract_id, m.status, m.gpu_name, m.hosting, m.geolocation, m.machine_id, m.host_id, m.is_bid,
    m.usd_per_hour, m.reason, m.destroy_reason, m.blame, m.batch_id,
    m.intent_at, m.contract_at, m.running_at, m.ready_at, m.destroying_at, m.destroyed_at,
    m.pages_done, m.jobs_done, c.gpu_usd, c.disk_usd, c.download_usd, c.upload_usd, c.billed_usd,
    private.reserved_usd_between(m, '-infinity', 'infinity') as reserved_usd, private.machine_usd(m) as machine_usd,
    private.machine_usd(m) / nullif(m.pages_done, 0) as usd_per_page
  from machines m
    left join (select contract_id, sum(usd) as billed_usd,
      sum(usd) filter (where kind = 'gpu') as gpu_usd,
      sum(usd) filter (where kind = 'disk') as disk_usd,
      sum(usd) filter (where kind = 'bwd') as download_usd,
      sum(usd) filter (where kind = 'bwu') as upload_usd
      from fleet_charges group by 1) c on c.contract_id = m.contract_id;
comment on view fleet_contracts is 'Every contract with its times, charges by kind, pages done and dollars per page.';
