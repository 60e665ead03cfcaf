-- What a person must look at: one alarm from when it is raised until it is cleared, told by every channel there is.

create table alarms (
  id bigint generated always as identity primary key,
  name text not null check (name ~ '^[a-z][a-z_]*$'),
  about text not null default '',
  message text not null,
  raised_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  announced_at timestamptz not null default now(),
  told_at timestamptz,
  cleared_at timestamptz,
  cleared_by text,
  settled_at timestamptz
);
comment on table alarms is 'Alarms for people, never with a word of a document. Open are those that are not cleared.';
comment on column alarms.name is 'What it is; its section in docs/operations.md says what to do.';
comment on column alarms.about is 'The machine, batch or document it is about, where there can be several at once.';
comment on column alarms.last_seen_at is 'When its cause was last seen, to a minute.';
comment on column alarms.announced_at is 'When it was last given to the channels, as an event.';
comment on column alarms.told_at is 'When a channel last told it to somebody; null: nobody was told.';
comment on column alarms.cleared_by is 'The person who cleared it; null: its cause went away.';
comment on column alarms.settled_at is 'When its end was given to the channels; from then on it is raised anew.';
create unique index alarms_unsettled on alarms (name, about) where settled_at is null;
-- For what is asked every few seconds of the open ones: which were not seen for long, told long ago, have ended.
create index alarms_seen on alarms (name, last_seen_at) where settled_at is null and cleared_at is null;
create index alarms_announced on alarms (announced_at) where settled_at is null and cleared_at is null;
create index alarms_ended on alarms (cleared_at) where settled_at is null and cleared_at is not null;
alter table alarms enable row level security;

create function private.tell_alarm(kind text, alarm alarms) returns bigint
language sql set search_path = public, private, pg_temp as $$
  insert into events (kind, machine, payload)
    values (tell_alarm.kind, (select m.label from machines m where m.label = alarm.about),
      jsonb_build_object('alarm_id', alarm.id, 'name', alarm.name, 'about', alarm.about, 'message', alarm.message,
        'raised_at', alarm.raised_at, 'cleared_by', alarm.cleared_by))
    returning id
$$;
comment on function private.tell_alarm is 'Gives an alarm to the channels: Telegram, mail, webhooks read the events.';

create function raise_alarm(name text, message text, about text default '') returns setof bigint
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  alarm alarms;
begin
  if exists (select from alarms a where a.name = raise_alarm.name and a.about = raise_alarm.about
      and a.settled_at is null and a.cleared_at is null and a.last_seen_at > now() - private.alarm_glance()) then
    return;
  end if;
  update alarms a set last_seen_at = now(), message = left(raise_alarm.message, private.longest_alarm()),
      cleared_at = null, cleared_by = null
    where a.name = raise_alarm.name and a.about = raise_alarm.about and a.settled_at is null;
  if not found then
    insert into alarms (name, about, message)
      values (raise_alarm.name, raise_alarm.about, left(raise_alarm.message, private.longest_alarm()))
      on conflict (name, about) where settled_at is null do nothing returning * into alarm;
    if found then
      return next private.tell_alarm('alarm_raised', alarm);
    end if;
  end if;
end $$;
comment on function raise_alarm
  is 'Raises an alarm, or says that its cause is still there: one alarm until it is cleared, with the newest message. '
  'What comes back before its end was told was never gone. The id of its event if it is new.';

create function clear_alarm(name text, about text default null) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  update alarms a set cleared_at = now() where a.name = clear_alarm.name
    and (clear_alarm.about is null or a.about = clear_alarm.about) and a.settled_at is null and a.cleared_at is null
    returning a.id
$$;
comment on function clear_alarm is 'The cause of an alarm is gone (null: of all of this name); the ids that were open.';

create function clear_unseen_alarms(names text[], seconds double precision) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  update alarms a set cleared_at = now() where a.name = any (names) and a.settled_at is null and a.cleared_at is null
    and a.last_seen_at < now() - make_interval(secs => seconds) returning a.id
$$;
comment on function clear_unseen_alarms
  is 'For a program that raises again at every look what still stands: what it has not seen for so long is gone.';

create function end_alarm(alarm_id bigint, cleared_by text) returns setof alarms
language sql security definer set search_path = public, pg_temp as $$
  update alarms a set cleared_at = now(), cleared_by = end_alarm.cleared_by
    where a.id = end_alarm.alarm_id and a.settled_at is null and a.cleared_at is null returning a.*
$$;
comment on function end_alarm is 'A person has seen to it. It comes back while its cause is still there.';

create function announce_alarms() returns setof bigint
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  alarm alarms;
begin
  update alarms a set cleared_at = now() where a.name = any (private.passing_alarms()) and a.settled_at is null
    and a.cleared_at is null and a.last_seen_at < now() - private.alarm_repeat();
  for alarm in update alarms a set announced_at = now() where a.settled_at is null and a.cleared_at is null
      and a.announced_at < now() - private.alarm_repeat() returning a.* loop
    return next private.tell_alarm('alarm_stands', alarm);
  end loop;
  for alarm in update alarms a set settled_at = now() where a.settled_at is null
      and a.cleared_at < now() - private.alarm_settle() returning a.* loop
    return next private.tell_alarm('alarm_cleared', alarm);
  end loop;
end $$;
comment on function announce_alarms
  is 'To be called every few seconds: gives the channels what has stood for another day, and what has ended.';

create function note_alarm_told(alarm_id bigint) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  update alarms a set told_at = now() where a.id = note_alarm_told.alarm_id returning a.id
$$;
comment on function note_alarm_told is 'A channel has told somebody.';
