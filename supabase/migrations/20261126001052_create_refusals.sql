-- How many files were not taken in, kept as the other counts are: whoever refuses a file, or takes one in whose name
-- was refused, only adds the name; the sweep looks what became of it. So nobody waits, and no reader counts them all.

create table refused_news (
  name text not null,
  seen boolean not null default false,
  folds_after xid8
);
comment on table refused_news
  is 'Names of files of which one was refused, or came in after that, since the sweep looked last.';
comment on column refused_news.seen is 'By a sweep.';
comment on column refused_news.folds_after
  is 'The sweep after that: when all transactions before it have ended, whoever takes such a file in sees the name '
  'here or in refused_names.';
alter table refused_news enable row level security;

create table refused_names (name text primary key);
comment on table refused_names is 'Names in refused_files as the sweep saw them last.';
alter table refused_names enable row level security;

create table refused_sum (
  only_row boolean primary key default true check (only_row),
  names bigint not null
);
comment on table refused_sum is 'How many rows refused_names has.';
alter table refused_sum enable row level security;
insert into refused_sum (names) values (0);

create function private.note_refusal() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into refused_news (name) values (new.payload ->> 'original_filename');
  return null;
end $$;
comment on function private.note_refusal is 'Follows the refusals.';
create trigger events_note_refusal after insert on events for each row
  when (new.kind = 'file_refused' and new.payload ->> 'original_filename' is not null)
  execute function private.note_refusal();

create function private.note_taken_in() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_seqscan = off as $$
begin
  insert into refused_news (name) select new.original_filename
    where exists (select from refused_names r where r.name = new.original_filename)
      or exists (select from refused_news n where n.name = new.original_filename);
  return null;
end $$;
comment on function private.note_taken_in is 'Follows the files whose name was refused before.';
create index refused_news_name on refused_news (name);
create trigger document_journal_note_taken_in after insert on document_journal for each row
  execute function private.note_taken_in();

create function private.changed_refusals(ended_only boolean) returns table (name text, was int, is_now int)
language sql stable set search_path = public, pg_temp set enable_seqscan = off as $$
  select n.name, exists (select from refused_names r where r.name = n.name)::int,
    exists (select from refused_files f where f.original_filename = n.name)::int
  from (select distinct c.name from refused_news c where not ended_only
    or c.folds_after <= pg_snapshot_xmin(pg_current_snapshot())) n
$$;
comment on function private.changed_refusals
  is 'Of each name in the news whether it was refused when the sweep looked last, and is now. ended_only: those that '
  'may be folded.';

create function private.fold_refusals() returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  change bigint;
begin
  if not exists (select from refused_news) or not pg_try_advisory_xact_lock(hashtextextended('fold_refusals', 0)) then
    return;
  end if;
  update refused_news n set seen = true, folds_after = case when n.seen then pg_current_xact_id() end
    where n.folds_after is null;
  with changed as materialized (
    select * from private.changed_refusals(true)
  ), gone as (
    delete from refused_names r using changed c where c.name = r.name and c.is_now = 0
  ), come as (
    insert into refused_names select c.name from changed c where c.is_now = 1 and c.was = 0
  ), told as (
    delete from refused_news n where n.folds_after <= pg_snapshot_xmin(pg_current_snapshot())
  )
  select sum(c.is_now - c.was) into change from changed c;
  update refused_sum s set names = s.names + change where s.only_row and change <> 0;
end $$;
comment on function private.fold_refusals is 'Puts the news of refused files into their count; one caller at a time.';

create function count_refused_files() returns setof bigint
language sql stable security definer set search_path = public, private, pg_temp as $$
  select s.names + coalesce((select sum(c.is_now - c.was) from private.changed_refusals(false) c), 0)
  from refused_sum s
$$;
comment on function count_refused_files is 'How many rows refused_files has.';
