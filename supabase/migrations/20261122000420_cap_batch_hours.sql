-- A batch may cap what its machines cost per hour: limits.max_cost_per_hour.

create function private.check_batch_hours() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  cap double precision := (select (limits ->> 'max_cost_per_hour')::double precision from batches where id = new.batch_id);
  hourly double precision;
begin
  if cap is not null then
    select coalesce(sum(i.dph_total::double precision + i.traffic_dollars_per_hour), 0) into hourly
      from instances i where i.batch_id = new.batch_id and i.state <> 'destroyed';
    hourly := hourly + coalesce(new.dph_total, 0)::double precision + new.traffic_dollars_per_hour;
    if hourly > cap + 1e-9 then
      perform private.refuse('AS005', format('cap reached: $%s per hour for the batch of $%s', round(hourly::numeric, 4), cap));
    end if;
  end if;
  return new;
end $$;
comment on function private.check_batch_hours is 'AS005 when a machine rented for a batch would pass the batch''s own limit. create_intent holds the fleet''s lock, so no race passes it.';
revoke all on function private.check_batch_hours() from public;

create trigger instances_check_batch_hours before insert on instances
  for each row when (new.batch_id is not null) execute function private.check_batch_hours();
