-- A launch by hand may name the offer; the caps hold as for the scaler's own choice.

alter table public.renting add column hand_asks bigint[] not null default '{}';
comment on column public.renting.hand_asks is 'Offers (ask ids) a person chose, to be rented next; each is one of hand_launches.';

drop function public.request_launch();
create function public.request_launch(ask_id bigint default null)
returns setof public.renting language sql security definer set search_path = '' as $$
    update public.renting r
       set hand_launches = r.hand_launches + case when request_launch.ask_id = any (r.hand_asks) then 0 else 1 end,
           hand_asks = case when request_launch.ask_id is null or request_launch.ask_id = any (r.hand_asks) then r.hand_asks
                            else r.hand_asks || request_launch.ask_id end
     where r.state = 'on' returning r.*;
$$;
comment on function public.request_launch is
    'Asks the scaler for one machine more, whatever the backlog, of its choice or of this offer; no row while paused.';

create function public.drop_launch(ask_id bigint)
returns setof public.renting language sql security definer set search_path = '' as $$
    update public.renting r set hand_launches = greatest(0, r.hand_launches - 1), hand_asks = array_remove(r.hand_asks, drop_launch.ask_id)
     where drop_launch.ask_id = any (r.hand_asks) returning r.*;
$$;
comment on function public.drop_launch is 'Forgets the launch of a chosen offer: it was rented, or it cannot be any more.';

do $$
declare f text;
begin
    foreach f in array array['request_launch(bigint)', 'drop_launch(bigint)'] loop
        execute format('revoke execute on function public.%s from public, anon, authenticated', f);
        execute format('grant execute on function public.%s to service_role', f);
    end loop;
end $$;

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
        is_bid, batch_id, reason, dph_total, traffic_dollars_per_hour, pull_dollars, reserved_until, boot_deadline_at)
    values (intent->>'label', intent->>'deployment', 'intent', (intent->>'ask_id')::bigint, (intent->>'machine_id')::bigint,
        (intent->>'host_id')::bigint, intent->>'hosting', intent->>'gpu_name', intent->>'geolocation',
        coalesce((intent->>'is_bid')::boolean, false), (intent->>'batch_id')::uuid, intent->>'reason',
        (intent->>'dollars_per_hour')::numeric, (intent->>'traffic_dollars_per_hour')::double precision,
        (intent->>'pull_dollars')::double precision,
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

create or replace function public.set_renting(state text, reason text)
returns setof public.renting language sql security definer set search_path = '' as $$
    update public.renting r
       set state = set_renting.state, reason = set_renting.reason,
           since = case when r.state = set_renting.state then r.since else now() end,
           hand_launches = case when set_renting.state = 'paused' then 0 else r.hand_launches end,
           hand_asks = case when set_renting.state = 'paused' then '{}' else r.hand_asks end
    returning r.*;
$$;
