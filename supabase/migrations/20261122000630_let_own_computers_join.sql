-- A person's own computer as a worker: a row of hosting local, without price, contract or part in any cap.

create function public.join_own_computer(label text, deployment text)
returns setof public.instances language sql security definer set search_path = '' as $$
    insert into public.instances as i (label, deployment, state, hosting, dph_total, reason)
    values (join_own_computer.label, join_own_computer.deployment, 'booting', 'local', 0, 'one of our own computers')
    on conflict on constraint instances_pkey do update
        set state = case when i.state in ('destroying', 'destroyed') then 'booting' else i.state end,
            intent_at = now(), destroying_at = null, destroyed_at = null, destroy_reason = null, absences = 0, jobs_released = 0
        where i.hosting = 'local'
    returning i.*;
$$;
comment on function public.join_own_computer is
    'Lets one of our own computers work under a label, for the first time or again; no row back means the label is a rented machine''s.';
revoke execute on function public.join_own_computer(text, text) from public, anon, authenticated;
grant execute on function public.join_own_computer(text, text) to service_role;

create or replace function public.check_fleet_caps(caps jsonb, batch uuid)
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
      from public.instances i where i.state <> 'destroyed' and i.hosting <> 'local';
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
