-- Which months of events are in the table events: room for those to come, and the archive for those that everybody has
-- dealt with. Nothing is thrown away: see every_event.

create function private.events_kept() returns int language sql immutable return 24;
comment on function private.events_kept is 'Months whose events stay in the table events, beside the present one.';

create function private.why_month_stays(month int) returns text
language sql stable set search_path = public, private, pg_temp as $$
  with here as (
    select month * private.month_ids() as starts, (month + 1) * private.month_ids() as ends
  ), newest as (
    select max(e.transaction_id::text::numeric) as transaction_id from here, events e
    where e.id >= here.starts and e.id < here.ends
  )
  select case
    when exists (select from here, record_pending p where p.event_id >= here.starts and p.event_id < here.ends)
      then 'some are not in the log over all documents'
    when exists (select from here, record_entries r where r.event_id >= here.starts and r.event_id < here.ends
      and r.seq > coalesce((select max(h.seq) from record_heads h), 0)) then 'no signed head covers them'
    when exists (select from here, event_deliveries d where d.event_id >= here.starts and d.event_id < here.ends)
      then 'a consumer has not acknowledged some, or put them aside'
    when exists (select from newest n, (select c.transaction_id from event_cursors c
        where c.consumer not like 'webhook:%' or exists (select from webhooks w where w.ended_at is null
          and private.webhook_consumer(w.id) = c.consumer)
      union all select c.transaction_id from sums_cursor c) c where c.transaction_id::text::numeric < n.transaction_id)
      then 'a consumer has not read some' end
$$;
comment on function private.why_month_stays is 'Why a month of events may not leave for the archive; null: it may.';

create function private.archive_month(month int) returns text
language plpgsql set search_path = public, private, pg_temp set lock_timeout = '2s' as $$
declare
  why text := private.why_month_stays(archive_month.month);
  name text := format('events_%s_%s', 2000 + archive_month.month / 12, lpad((1 + archive_month.month % 12)::text, 2,
    '0'));
begin
  if archive_month.month <> private.first_event_month() or archive_month.month >= private.this_event_month() then
    return 'only the earliest month leaves, and never the present one';
  elsif why is not null then
    return why;
  end if;
  delete from webhook_deliveries d where d.event_id >= archive_month.month * private.month_ids()
    and d.event_id < (archive_month.month + 1) * private.month_ids();
  execute format('alter table events detach partition private.%I', name);
  execute format('alter table private.%I rename to %I', name, 'archived_' || name);
  execute format('create or replace function private.first_event_month() returns int language sql stable return %s',
    archive_month.month + 1);
  perform private.write_every_event();
  insert into refused_news (name) select r.name from refused_names r;  -- a refusal that left is in no list any more
  return null;
exception when lock_not_available then
  return 'somebody reads events now; again at the next call';
end $$;
comment on function private.archive_month
  is 'Moves the earliest month of events into the archive, or says why not. Every event stays, and stays verifiable: '
  'each document''s chain, the log over all documents and the exported bundle are read over both.';

create function private.turn_months() returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  this int := private.month_of(now());
begin
  if private.this_event_month() < this and private.last_event_month() > private.this_event_month() then
    execute format('create or replace function private.this_event_month() returns int language sql stable return %s',
      private.this_event_month() + 1);
  elsif private.last_event_month() < this + 2 then
    perform private.add_event_month(private.last_event_month() + 1);
  elsif private.first_event_month() < this - private.events_kept() then
    perform private.archive_month(private.first_event_month());
  end if;
end $$;
comment on function private.turn_months
  is 'Makes room for the months to come, and moves out those that are old: one step a call, by append_record, which '
  'holds no document.';
