-- Doors: one per vendor. What concerns a whole account, a quota or a house pauses its door: one alarm, and what waits
-- behind it waits, until a careful call succeeds. No document ever bears the blame.

create table doors (
  name text primary key check (name in ('claude', 'vast', 'storage', 'drive', 'telegram', 'mailbox')),
  status text not null default 'open' check (status in ('no_key', 'open', 'paused')),
  code text check (code ~ '^[a-z_]{1,60}$'),
  message text,
  since timestamptz not null default now(),
  next_try_at timestamptz,
  tries int not null default 0,
  sound_at timestamptz,
  check ((status = 'paused') = (code is not null))
);
comment on table doors is 'Whether each vendor may be asked, and why not.';
comment on column doors.status
  is 'no_key (Claude only: none is set, and plain rules do its work) ⇄ open ⇄ paused (the vendor refuses all of us, or '
  'a person said so: what is behind it waits).';
comment on column doors.code is 'Why it is paused: a stable word, by_hand where a person did it.';
comment on column doors.message is 'The same in words, with what a person can do.';
comment on column doors.since is 'Since when it has its status.';
comment on column doors.next_try_at
  is 'When one careful call is made: it opens the door, or keeps it paused. Set while open: somebody met a fault there '
  'and asks for it. Null while paused: a person opens it.';
comment on column doors.tries is 'Careful calls that failed since it was paused.';
comment on column doors.sound_at is 'When a careful call last succeeded.';
alter table doors enable row level security;

insert into doors (name, status) values ('claude', 'no_key'), ('vast', 'open'), ('storage', 'open'), ('drive', 'open'),
  ('telegram', 'open'), ('mailbox', 'open');

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.passes_by_itself(code text) returns boolean language sql immutable
  return code ~ '(_away|_unavailable|overloaded|_quota)$';
comment on function private.passes_by_itself
  is 'Pauses that nobody needs to mend: a vendor that is down or overloaded, a quota that is filled up again.';

create function private.door_pause(code text) returns interval language sql immutable
  return case when code ~ '_quota$' then interval '30 minutes' when private.passes_by_itself(code)
    then interval '1 minute' else interval '10 minutes' end;
comment on function private.door_pause
  is 'How long until a careful call: what passes by itself within minutes is looked at each minute; an unpaid bill '
  'or a wrong key is not mended within seconds; the quotas of vendors are filled up within a day.';

create function private.quiet_pause() returns interval language sql immutable return interval '10 minutes';
comment on function private.quiet_pause
  is 'What passes by itself is an alarm only after so long: vendors have bad minutes every day.';

create function private.sound_for() returns interval language sql immutable return interval '15 minutes';
comment on function private.sound_for
  is 'For so long after a careful call a fault at the same door is taken for the document''s own.';

-- What the house as a whole lacks: storage, queue, control plane. A machine says so of a document, and no document is
-- ever failed for it while nobody has looked whether the house is sound.
create function private.is_house_code(code text) returns boolean language sql immutable
  return coalesce(code ~ '^(storage|control_plane|queue|database)_[a-z_]+$', false);
comment on function private.is_house_code is 'Whether a worker speaks of our house, and not of a document.';

-- Reading -----------------------------------------------------------------------------------------------------

create function private.is_paused(door text) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select exists (select from doors d where d.name = is_paused.door and d.status = 'paused')
$$;
comment on function private.is_paused is 'Whether this door is paused.';

create function private.is_seen_sound(door text) returns boolean
language sql stable set search_path = public, private, pg_temp as $$
  select exists (select from doors d where d.name = is_seen_sound.door and d.status = 'open'
    and d.sound_at > now() - private.sound_for())
$$;
comment on function private.is_seen_sound is 'Whether it is open and a careful call has lately succeeded there.';

-- Verbs -------------------------------------------------------------------------------------------------------

create function pause_door(name text, code text, message text default null, retry_seconds int default null)
  returns setof doors
language plpgsql security definer set search_path = public, private, pg_temp as $$
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
end $$;
comment on function pause_door
  is 'Nobody asks this vendor any more, for a reason that concerns everything behind the door: one event and one '
  'alarm. While it is paused: the careful call failed again. No row when it was paused already, by a person, or has '
  'no key.';

create function resume_door(name text, by_hand boolean default false) returns setof doors
language plpgsql security definer set search_path = public, private, pg_temp as $$
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
comment on function resume_door
  is 'The vendor may be asked again: a careful call succeeded, or a person says so (only they end a pause by hand). No '
  'row when it was not paused.';

create function ask_door(name text) returns setof doors
language sql security definer set search_path = public, pg_temp as $$
  update doors d set next_try_at = now() where d.name = ask_door.name and d.status <> 'no_key'
    and d.code is distinct from 'by_hand' and (d.next_try_at is null or d.next_try_at > now()) returning d.*
$$;
comment on function ask_door
  is 'Somebody met a fault there, or mended one: a careful call is made as soon as may be.';

create function take_due_doors(names text[]) returns setof doors
language sql security definer set search_path = public, private, pg_temp as $$
  update doors d set next_try_at = case when d.status = 'paused' then now() + private.door_pause(d.code) end
    where d.name = any (take_due_doors.names) and d.next_try_at <= now() returning d.*
$$;
comment on function take_due_doors
  is 'Those of these doors at which a careful call is due; whoever takes them makes it, and says pause_door or '
  'resume_door.';

create function private.blames_house(code text, retry boolean) returns boolean
language plpgsql set search_path = public, private, pg_temp as $$
begin
  if not coalesce(retry, false) or not private.is_house_code(blames_house.code) then
    return false;
  end if;
  perform ask_door('storage');
  return not private.is_seen_sound('storage');
end $$;
comment on function private.blames_house
  is 'Whether a worker''s failure costs its document no attempt: it speaks of our house, which was not lately seen '
  'sound. Either way somebody looks.';
