-- The outbox: events are the entries of the record, chained per document; consumers take and acknowledge them.

-- The record --------------------------------------------------------------------------------------------------

-- Every event is an entry of the record. It seals rows: its payload holds the SHA-256 of what they were when it was
-- written, so that a row that is changed, added or removed afterwards differs from what the newest event says of it.

create table record_pending (event_id bigint primary key);
comment on table record_pending
  is 'Events that are not in the log over all documents yet: see append_record. Only ever added to here, so that no '
  'writer waits for another.';
alter table record_pending enable row level security;

create table record_seals (
  sealed text primary key,
  digests bytea not null
);
comment on table record_seals
  is 'Of what an event seals as one though it is many rows: the SHA-256 of each, 32 bytes each, in their order. The '
  'event holds the SHA-256 of digests; these say which row differs.';
alter table record_seals enable row level security;

create table recorded_tables (
  name text primary key,
  document_column text,
  scope text[] not null,
  is_set boolean not null,
  lines text not null,
  scopes text not null
);
comment on table recorded_tables
  is 'Which tables are in the record: lines is the query for the rows of one scope ($1, its values), scopes that for '
  'the scopes that a document ($1) has rows of.';
alter table recorded_tables enable row level security;

create function private.keep_in_record(name text, scope text[], document text default null,
  columns text[] default null) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
  relation oid := to_regclass('public.' || quote_ident(keep_in_record.name))::oid;
  key text[];
  conditions text;
  shown text;
begin
  select array_agg(a.attname::text order by a.attnum) into strict key from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = relation and i.indisprimary;
  select string_agg(format('t.%I = ($1)[%s]::%s', s.name, s.place, format_type(a.atttypid, a.atttypmod)), ' and '
      order by s.place) into strict conditions
    from unnest(keep_in_record.scope) with ordinality as s(name, place)
    join pg_attribute a on a.attrelid = relation and a.attname = s.name;
  select string_agg(format('%L, t.%I', a.attname, a.attname), ', ' order by a.attname) into strict shown
    from pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
      and (keep_in_record.columns is null or a.attname = any (keep_in_record.columns || keep_in_record.scope));
  insert into recorded_tables (name, document_column, scope, is_set, lines, scopes) values (
    keep_in_record.name, keep_in_record.document, keep_in_record.scope,
    not (key <@ keep_in_record.scope),
    format('select jsonb_build_object(%s)::text from public.%I t where %s order by %s', shown, keep_in_record.name,
      conditions, (select string_agg(format('t.%I', k), ', ') from unnest(key) as k)),
    format('select distinct concat_ws(''/'', %1$s) from public.%2$I t where %3$s and (%1$s) is not null',
      (select string_agg(format('t.%I', s.name), ', ' order by s.place)
        from unnest(keep_in_record.scope) with ordinality as s(name, place)), keep_in_record.name,
      case when keep_in_record.document is null then '$1 is null' else format('t.%I = $1', keep_in_record.document)
        end));
  perform private.write_seal_reader();
end $$;
comment on function private.keep_in_record
  is 'Puts a table into the record. scope: the columns whose value names what one seal covers, the primary key for a '
  'table that accumulates, {document_id} for one whose rows of a document are replaced as a whole. document: the '
  'column with the document''s id. columns: only these.';

create function private.write_seal_reader() returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  execute format($body$
    create or replace function private.seal_digests(named text[]) returns bytea[]
    language plpgsql stable set search_path = public, private, pg_temp set timezone = 'UTC' set extra_float_digits = 1
      set enable_seqscan = off as $reader$
    declare
      sealed text;
      words text[];
      scope text[];
      digests bytea;
      found_digests bytea[] := '{}';
    begin
      foreach sealed in array named loop
        words := string_to_array(sealed, '/');
        case words[1]
        %s
        end case;
        found_digests := found_digests || coalesce(digests, '');
      end loop;
      return found_digests;
    end $reader$ $body$, (select string_agg(format(
      'when %L then scope := words[2 : %s] || array_to_string(words[%s :], ''/''); '
      'select string_agg(sha256(convert_to(line, ''UTF8'')), '''') into digests from (%s) as lines(line);',
      t.name, cardinality(t.scope), cardinality(t.scope) + 1, replace(t.lines, '$1', 'scope')), E'\n        '
      order by t.name) from recorded_tables t));
  execute format(
    'create or replace function private.sealed_sets() returns text[] language sql immutable return %L::text[]',
    array(select t.name from recorded_tables t where t.is_set order by t.name));
end $$;
comment on function private.write_seal_reader
  is 'Writes seal_digests, with one query of its own for each table in the record, and sealed_sets anew: planned once '
  'a connection, and not at each of the ten seals of a completion.';

create function private.read_sealed(sealed text) returns setof text
language plpgsql stable set search_path = public, pg_temp set timezone = 'UTC' set extra_float_digits = 1 as $$
declare
  kept recorded_tables;
  words text[] := string_to_array(sealed, '/');
  depth int;
begin
  select * into strict kept from recorded_tables t where t.name = words[1];
  depth := cardinality(kept.scope);
  return query execute kept.lines using words[2 : depth] || array_to_string(words[depth + 1 :], '/');
end $$;
comment on function private.read_sealed
  is 'The rows that `table/scope` names as they are sealed and exported: JSON texts, in their order.';

create function private.seals(variadic named text[]) returns jsonb
language plpgsql set search_path = public, private, pg_temp as $$
declare
  each_seal text;
  digests bytea;
  all_digests bytea[] := private.seal_digests(named);
  told jsonb := '{}';
  sets text[] := '{}';
  of_sets bytea[] := '{}';
  empty text[] := '{}';
begin
  for place in 1 .. cardinality(named) loop
    each_seal := named[place];
    digests := all_digests[place];
    told := told || jsonb_build_object(each_seal, encode(sha256(digests), 'hex'));
    if split_part(each_seal, '/', 1) = any (private.sealed_sets()) then
      -- Most documents have nothing of most kinds: no row says the same as an empty one.
      if digests <> '' then
        sets := sets || each_seal;
        of_sets := of_sets || digests;
      else
        empty := empty || each_seal;
      end if;
    end if;
  end loop;
  if sets <> '{}' then
    insert into record_seals as s select * from unnest(sets, of_sets)
      on conflict (sealed) do update set digests = excluded.digests where s.digests <> excluded.digests;
  end if;
  if empty <> '{}' then
    delete from record_seals s where s.sealed = any (empty);
  end if;
  return told;
end $$;
comment on function private.seals
  is '{"table/scope": SHA-256} of rows that the caller has just written: for `seals` in the payload of its event.';

create function private.record_event(document_id uuid, kind text, details jsonb default '{}',
  named text[] default '{}') returns bigint
language plpgsql set search_path = public, private, pg_temp as $$
declare
  new_id bigint;
begin
  insert into events (kind, document_id, payload) values (record_event.kind, record_event.document_id,
    record_event.details || case when cardinality(named) > 0 then jsonb_build_object('seals',
      private.seals(variadic named)) else '{}' end) returning id into new_id;
  return new_id;
end $$;
comment on function private.record_event
  is 'An entry of the record about a document, or none: details never hold words of a document; named are the '
  '`table/scope` of the rows that the caller wrote, changed or removed.';

-- Bodies that are parsed now, with no setting of their own: they are written out where an event is hashed.
create function private.event_text(event events) returns text
language sql stable return
  jsonb_build_object('id', event.id, 'previous_hash', event.previous_hash, 'custody_seq', event.custody_seq,
    'kind', event.kind, 'document_id', event.document_id, 'job_id', event.job_id, 'batch_id', event.batch_id,
    'machine', event.machine, 'at', extract(epoch from event.created_at), 'payload', event.payload)::text;
comment on function private.event_text is 'An event as it is hashed and exported.';

create function private.hash_event(event events) returns text
language sql stable return encode(sha256(convert_to(private.event_text(event), 'UTF8')), 'hex');
comment on function private.hash_event is 'SHA-256 (hex) of event_text.';

create function private.link_custody() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  previous record;
begin
  if new.document_id is not null then
    -- The document first: see the order of locks.
    perform from master_document_registry d where d.id = new.document_id for no key update;
    select h.hash, h.custody_seq into previous from custody_heads h where h.document_id = new.document_id;
    new.custody_seq := coalesce(previous.custody_seq, 0) + 1;
    new.previous_hash := previous.hash;
  end if;
  new.hash := private.hash_event(new);
  with head as (
    insert into custody_heads select new.document_id, new.custody_seq, new.hash where new.document_id is not null
      on conflict (document_id) do update set custody_seq = excluded.custody_seq, hash = excluded.hash
  ) insert into record_pending values (new.id);
  return new;
end $$;
comment on function private.link_custody
  is 'Chains an event to its document''s previous one, and puts it in line for the log over all documents. One chain '
  'per document, so documents do not wait for each other.';

create trigger events_link_custody before insert on events for each row execute function private.link_custody();

-- Months ------------------------------------------------------------------------------------------------------

-- Events are partitioned by month. Old months leave the table events for private.archived_events_…, a table a month
-- (see create_event_months): out of the way of consumers and lists, and still read by who verifies or exports it all.

create function private.every_event() returns setof events
language sql stable return null::events;
comment on function private.every_event
  is 'All events there are, those of the archive too. Written by write_every_event.';

create function private.write_every_event() returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  -- Without settings of its own, so that it is written out in place and a document's events are found by the index.
  execute 'create or replace function private.every_event() returns setof events language sql stable as $all$ '
    'select * from public.events' || coalesce((select string_agg(format(' union all select * from private.%I',
    c.relname), '' order by c.relname) from pg_class c where c.relnamespace = 'private'::regnamespace
    and c.relkind = 'r' and c.relname like 'archived\_events\_%'), '') || ' $all$';
end $$;
comment on function private.write_every_event is 'Writes every_event anew, after a month has gone to the archive.';
select private.write_every_event();

-- Consumers ---------------------------------------------------------------------------------------------------

create function private.first_unread_id(read_to bigint) returns bigint
language sql stable return (read_to / private.month_ids() - 1) * private.month_ids();
comment on function private.first_unread_id
  is 'No event below is unread by who has read to this one: a transaction does not last a month. So old months are not '
  'looked into.';

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
      and e.id >= private.first_unread_id(cursor_row.event_id)
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
  return query select e.id, e.kind, e.document_id, e.job_id, e.batch_id, e.machine,
    case jsonb_typeof(e.payload) when 'object' then e.payload - 'seals' else e.payload end, e.created_at
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
  if parked.payload ->> 'name' is distinct from 'parked_notice' then
    perform raise_alarm('parked_notice', format(
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
