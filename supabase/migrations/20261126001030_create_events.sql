-- The outbox: each document's events are a chain that can be verified; consumers take events and acknowledge them.

-- Custody -----------------------------------------------------------------------------------------------------

create function private.hash_event(event events) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(concat_ws('|', coalesce(event.previous_hash, ''), event.custody_seq, event.kind,
    event.document_id, coalesce(event.job_id::text, ''), coalesce(event.machine, ''),
    extract(epoch from event.created_at)::text, event.payload::text), 'UTF8')), 'hex')
$$;
comment on function private.hash_event
  is 'SHA-256 (hex) of previous_hash|custody_seq|kind|document_id|job_id|machine|created_at as epoch '
  'seconds|payload.';

create function private.link_custody() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  previous record;
begin
  if new.document_id is null then
    return new;
  end if;
  select custody_hash, custody_seq into previous from master_document_registry where id = new.document_id
    for no key update;
  new.custody_seq := previous.custody_seq + 1;
  new.previous_hash := previous.custody_hash;
  new.hash := private.hash_event(new);
  update master_document_registry set custody_seq = new.custody_seq, custody_hash = new.hash where id = new.document_id;
  return new;
end $$;
comment on function private.link_custody
  is 'Chains an event to its document''s previous one. One chain per document, so documents do not wait for each '
  'other.';

create trigger events_link_custody before insert on events for each row execute function private.link_custody();

create function private.artifact_keys(files jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(name, file ->> 'key'), '{}') from jsonb_each(files) as a(name, file)
$$;
comment on function private.artifact_keys is 'name → object key, of name → {key, bytes, sha256}.';

create function verify_custody(document_id uuid)
  returns table (events bigint, intact boolean, broken_at integer, sha256 text, artifacts jsonb)
language sql stable security definer set search_path = public, private, pg_temp as $$
  with chain as (
    select e.custody_seq, e.hash, e.hash = private.hash_event(e)
        and e.previous_hash is not distinct from lag(e.hash) over (order by e.custody_seq)
        and e.custody_seq = row_number() over (order by e.custody_seq) as good
    from events e where e.document_id = verify_custody.document_id
  ), handed_in as (
    select e.custody_seq, e.payload ->> 'sha256' as sha256, e.payload -> 'artifacts' as artifacts
    from events e where e.document_id = verify_custody.document_id and e.kind in ('job_completed',
      'analysis_completed') and e.payload ? 'artifacts'
    order by e.custody_seq desc limit 1
  ), registered as (
    select d.*, h.custody_seq as handed_in_at, h.sha256 as handed_in_sha256, h.artifacts as handed_in,
      h.custody_seq is null or (h.sha256 = d.sha256 and private.artifact_keys(h.artifacts) = d.artifacts) as agrees
    from master_document_registry d left join handed_in h on true where d.id = verify_custody.document_id
  )
  select count(c.custody_seq), coalesce(bool_and(c.good), false) and max(c.custody_seq) = r.custody_seq
      and (array_agg(c.hash order by c.custody_seq desc))[1] = r.custody_hash and r.agrees,
    coalesce(min(c.custody_seq) filter (where not c.good), case when not r.agrees then r.handed_in_at end),
    coalesce(r.handed_in_sha256, r.sha256), coalesce(r.handed_in, '{}')
  from registered r left join chain c on true
  group by r.custody_seq, r.custody_hash, r.agrees, r.handed_in_at, r.handed_in_sha256, r.sha256, r.handed_in
$$;
comment on function verify_custody
  is 'Recomputes the document''s chain of events: intact unless an event was changed, removed or added afterwards, '
  'or the registry names other files than the machine handed in. With the hash of the document and {name: {key, '
  'bytes, sha256}} of its artifacts.';

-- Consumers ---------------------------------------------------------------------------------------------------

create function take_events(consumer text, max_events int)
returns table (id bigint, kind text, document_id uuid, job_id uuid, batch_id uuid, machine text, payload jsonb,
  created_at timestamptz)
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  cursor_row event_cursors;
  taken bigint[];
begin
  if coalesce(take_events.consumer, '') = '' or max_events is null
      or max_events not between 1 and private.most_events() then
    perform private.refuse('AS006', format('consumer must be named and max_events 1 to %s.', private.most_events()));
  end if;
  insert into event_cursors (consumer) values (take_events.consumer) on conflict do nothing;
  select * into cursor_row from event_cursors where consumer = take_events.consumer for no key update;
  with again as (
    update event_deliveries set offered_until = now() + private.shortest_offer(), times_offered = times_offered + 1
    where consumer = take_events.consumer and event_id = any (array(select d.event_id from event_deliveries d
      where d.consumer = take_events.consumer and d.parked_at is null and d.offered_until < now()
      -- Those offered least first: events that fail again and again never keep others from their turn.
      order by d.times_offered, d.event_id limit max_events))
        returning event_id
  ) select coalesce(array_agg(event_id), '{}') into taken from again;
  with fresh as (
    select e.id, e.transaction_id from events e
      where (e.transaction_id, e.id) > (cursor_row.transaction_id, cursor_row.event_id)
      and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by e.transaction_id, e.id
        limit max_events - cardinality(taken)
  ), offered as (
    insert into event_deliveries (consumer, event_id, offered_until) select take_events.consumer, f.id,
      now() + private.shortest_offer() from fresh f
  ), moved as (
    update event_cursors c set transaction_id = f.transaction_id, event_id = f.id
      from (select * from fresh order by transaction_id desc, id desc limit 1) as f
        where c.consumer = take_events.consumer
  ) select taken || coalesce(array_agg(f.id), '{}') into taken from fresh f;
  return query select e.id, e.kind, e.document_id, e.job_id, e.batch_id, e.machine, e.payload, e.created_at
    from events e
    where e.id = any (taken) order by e.transaction_id, e.id;
end $$;
comment on function take_events
  is 'The next events of this consumer, in order; one that is not acknowledged within 60 seconds is offered again.';

create function ack_events(consumer text, event_ids bigint[]) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  delete from event_deliveries d where d.consumer = ack_events.consumer and d.event_id = any (event_ids)
    returning d.event_id
$$;
comment on function ack_events is 'These events are dealt with; this consumer never sees them again.';

create function raise_fleet_alarm(topic text, message text, label text default null)
returns setof bigint language sql security definer set search_path = public, private, pg_temp as $$
  insert into events (kind, machine, payload)
  select 'fleet_alarm', raise_fleet_alarm.label,
      jsonb_build_object('topic', raise_fleet_alarm.topic, 'message',
        left(raise_fleet_alarm.message, private.longest_alarm()))
    where not exists (select 1 from events e
            where e.kind = 'fleet_alarm' and e.created_at > now() - private.alarm_pause()
              and e.payload ->> 'topic' = raise_fleet_alarm.topic
              and e.machine is not distinct from raise_fleet_alarm.label)
  returning id;
$$;
comment on function raise_fleet_alarm
  is 'Writes a fleet_alarm event for people, at most one an hour per topic and label.';

create function park_event(consumer text, event_id bigint, reason text, least_offers int default 1)
returns setof bigint language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  parked events;
begin
  update event_deliveries d set parked_at = now(), reason = left(park_event.reason, private.longest_word())
    where d.consumer = park_event.consumer and d.event_id = park_event.event_id and d.parked_at is null
      and d.times_offered >= park_event.least_offers;
  if not found then
    return;
  end if;
  select * into parked from events e where e.id = park_event.event_id;
  if parked.payload ->> 'topic' is distinct from 'parked_notice' then
    perform raise_fleet_alarm('parked_notice', format(
      'A notice could not be written (event %s, %s, %s). It is put aside, all others go on; look on the dashboard at '
      'what happened at %s UTC.', parked.id, parked.kind, park_event.reason,
      to_char(parked.created_at at time zone 'utc', 'YYYY-MM-DD HH24:MI')));
  end if;
  return query select park_event.event_id;
end $$;
comment on function park_event
  is 'Puts an event aside that this consumer cannot deal with, once it was offered least_offers times, and raises '
  'an alarm; returns its id if it was put aside now.';

create function record_refused_file(file jsonb) returns setof bigint
language sql security definer set search_path = public, private, pg_temp as $$
  insert into events (kind, payload) values ('file_refused', jsonb_build_object(
    'original_filename', left(record_refused_file.file ->> 'original_filename', private.longest_reason()),
    'source', record_refused_file.file ->> 'source', 
    'code', left(record_refused_file.file ->> 'code', private.longest_word()),
    'message', left(record_refused_file.file ->> 'message', private.longest_reason()))) returning id
$$;
comment on function record_refused_file
  is 'Keeps that a file was not taken in, and why: {original_filename, source, code, message}. Its bytes are not '
  'kept.';

create view refused_files with (security_invoker = true) as
  select e.id, e.payload ->> 'original_filename' as original_filename, e.payload ->> 'source' as source,
    e.payload ->> 'code' as code, e.payload ->> 'message' as message, e.created_at
  from events e where e.kind = 'file_refused' and not exists (select from document_journal j
    where j.original_filename = e.payload ->> 'original_filename' and j.created_at >= e.created_at)
    and not exists (select from events f where f.kind = 'file_refused' and f.id > e.id
      and f.payload ->> 'original_filename' = e.payload ->> 'original_filename');
comment on view refused_files is 'Files that were not taken in and of whose name none has come since.';
