-- Binders: photos of one letter read as one document, letters of one scan read each alone. Members stay as they are.

create table binders (
  document_id uuid primary key references master_document_registry (id),
  set_id uuid not null,
  position integer not null check (position > 0),
  created_at timestamptz not null default now(),
  dissolved_at timestamptz
);
comment on table binders is 'Documents that a person put together of others'' pages; the pieces of one scan are a set.';
create index binders_set on binders (set_id);
alter table binders enable row level security;

create table binder_members (
  binder_id uuid not null references binders (document_id),
  position integer not null check (position > 0),
  document_id uuid not null references master_document_registry (id),
  pages integer[],
  primary key (binder_id, position)
);
comment on table binder_members is 'What a binder is made of, in its order; members stay as they are.';
comment on column binder_members.pages is 'Which of its pages, in their order; null: all of them.';
create index binder_members_document on binder_members (document_id);
alter table binder_members enable row level security;

create function private.most_bound() returns int language sql immutable return 500;
comment on function private.most_bound is 'Members of a binder, and binders of a set: a thick folder.';

create function private.binders_tell(of_set uuid, member_analyst text) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select bool_and(j.status = 'completed' and (d.analyst = 'claude' or member_analyst is distinct from 'claude'))
    from binders b join master_document_registry d on d.id = b.document_id join processing_jobs j on j.id = d.job_id
    where b.set_id = of_set
$$;
comment on function private.binders_tell
  is 'Whether every binder of a set was read, and judged as well as a member that this analyst judged.';

-- Without settings of its own, so that the planner writes its first half in place of it: a bad guess at rows made lists
-- ask it three million times over 3,000 documents that no binder holds.
create function private.is_told_by_binder(document master_document_registry) returns boolean language sql stable
return document.bound_set is not null and private.binders_tell(document.bound_set, document.analyst);
comment on function private.is_told_by_binder
  is 'Whether lists leave out what was found in a document: its pages are all in binders that were read and judged as '
  'well as it was itself, and would be counted twice.';

create function private.bindable(member jsonb) returns master_document_registry
language plpgsql stable set search_path = public, private, pg_temp as $$
declare
  document master_document_registry;
  pages int;
begin
  select d.* into document from master_document_registry d where d.id = (member ->> 'document_id')::uuid;
  select j.pages_total into pages from processing_jobs j where j.id = document.job_id and j.status = 'completed';
  if document.id is null then
    perform private.refuse('AS002', 'There is no such document.');
  elsif document.duplicate_of is not null or exists (select from binders b where b.document_id = document.id) then
    perform private.refuse('AS003', 'A copy or a binder cannot be bound again.');
  elsif coalesce(pages, 0) = 0 then
    perform private.refuse('AS003', 'Only documents whose pages were read can be bound.');
  elsif exists (select from binder_members m join binders b on b.document_id = m.binder_id
      where m.document_id = document.id and b.dissolved_at is null) then
    perform private.refuse('AS003', 'The document is in a binder already; dissolve that first.');
  elsif jsonb_typeof(member -> 'pages') = 'array' and (jsonb_array_length(member -> 'pages') = 0 or exists (select
      from jsonb_array_elements_text(member -> 'pages') as p where p::int not between 1 and pages)) then
    perform private.refuse('AS006', format('Its pages are 1 to %s.', pages));
  end if;
  return document;
end $$;
comment on function private.bindable is 'The document of a member; AS002, AS003 or AS006 where it cannot be bound.';

create function private.file_of_binder(binder jsonb) returns jsonb
language sql stable set search_path = public, pg_temp as $$
  select (binder -> 'file') || jsonb_build_object('priority', 'normal', 'placement',
    case when bool_or(j.placement = 'local_only') then 'local_only'
      when bool_or(j.placement = 'datacenter_only') then 'datacenter_only' else 'any_host' end,
    'allow_claude', bool_and(j.allow_claude and coalesce(b.allow_claude, true)))
  from jsonb_array_elements(binder -> 'members') as m join processing_jobs j
    on j.document_id = (m ->> 'document_id')::uuid and j.kind = 'read' left join batches b on b.id = j.batch_id
$$;
comment on function private.file_of_binder
  is 'A binder as enqueue_file takes it: as private as its most private member.';

create function private.are_all_pages_in(document_id uuid, set_id uuid) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select not exists (select p.page from master_document_registry d join document_pages p on p.job_id = d.job_id
    where d.id = are_all_pages_in.document_id and p.outcome <> 'blank' and not exists (
      select from binders b join binder_members m on m.binder_id = b.document_id
      where b.set_id = are_all_pages_in.set_id and m.document_id = d.id
        and (m.pages is null or p.page = any (m.pages))))
$$;
comment on function private.are_all_pages_in
  is 'Whether a set of binders has every page of a document that is not blank.';

create function private.enter_binder(binder jsonb, set_id uuid, place int, out document_id uuid, out job_id uuid)
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  select e.document_id, e.job_id into document_id, job_id
    from private.enqueue_file(private.file_of_binder(binder)) as e;
  insert into binders (document_id, set_id, position) values (enter_binder.document_id, enter_binder.set_id, place);
  insert into binder_members (binder_id, position, document_id, pages)
    select enter_binder.document_id, m.place, (m.value ->> 'document_id')::uuid,
      (select array_agg(p::int order by o) from jsonb_array_elements_text(case jsonb_typeof(m.value -> 'pages')
        when 'array' then m.value -> 'pages' end) with ordinality as t(p, o))
    from jsonb_array_elements(binder -> 'members') with ordinality as m(value, place);
  insert into events (kind, document_id, job_id, payload)
    select 'binder_made', enter_binder.document_id, enter_binder.job_id, jsonb_build_object('set', enter_binder.set_id,
      'members', binder -> 'members', 'seals', private.seals('binders/' || enter_binder.document_id,
        'binder_members/' || enter_binder.document_id))
    union all
    select 'binder_made', (m.value ->> 'document_id')::uuid, null, jsonb_build_object('set', enter_binder.set_id,
      'binder', enter_binder.document_id, 'position', m.place, 'pages', m.value -> 'pages')
    from jsonb_array_elements(binder -> 'members') with ordinality as m(value, place);
end $$;
comment on function private.enter_binder
  is 'One binder: its document and job, its members, and the events of all of them.';

create function make_binders(set_id uuid, binders jsonb) returns table (document_id uuid, job_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  members uuid[];
  member jsonb;
begin
  perform private.require_array(make_binders.binders, 'binders');
  if jsonb_array_length(make_binders.binders) not between 1 and private.most_bound() then
    perform private.refuse('AS006', format('1 to %s binders at once.', private.most_bound()));
  end if;
  members := array(select distinct (m ->> 'document_id')::uuid from jsonb_array_elements(make_binders.binders) as b,
    jsonb_array_elements(b -> 'members') as m);
  perform private.meet_documents((select jsonb_agg(private.file_of_binder(b))
    from jsonb_array_elements(make_binders.binders) as b), members);
  for member in select m from jsonb_array_elements(make_binders.binders) as b,
      jsonb_array_elements(b -> 'members') as m loop
    perform private.bindable(member);
  end loop;
  return query select e.document_id, e.job_id from jsonb_array_elements(make_binders.binders)
    with ordinality as b(value, place)
    cross join lateral private.enter_binder(b.value, make_binders.set_id, b.place::int) as e order by b.place;
  update master_document_registry d set bound_set = make_binders.set_id where d.id = any (members)
    and private.are_all_pages_in(d.id, make_binders.set_id);
exception when check_violation or not_null_violation or unique_violation or data_exception then
  perform private.refuse('AS006', format('A binder is malformed (%s).', sqlstate));
end $$;
comment on function make_binders
  is 'Binders {file, members: [{document_id, pages?}]} of one set, all or none; members stay as they are.';

create function dissolve_binder(document_id uuid) returns table (binder_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  dissolved uuid := (select b.set_id from binders b where b.document_id = dissolve_binder.document_id);
  ended uuid[];
begin
  if dissolved is null then
    perform private.refuse('AS002', 'There is no such binder.');
  end if;
  perform from master_document_registry d where d.bound_set = dissolved or d.id in (select b.document_id
    from binders b where b.set_id = dissolved) order by d.id for no key update;
  with now_ended as (
    update binders b set dissolved_at = now() where b.set_id = dissolved and b.dissolved_at is null
      returning b.document_id
  ) select array_agg(e.document_id) into ended from now_ended e;
  update master_document_registry d set dissolved_at = now() where d.id = any (ended);
  update master_document_registry d set bound_set = null where d.bound_set = dissolved;
  perform cancel_job(j.id) from processing_jobs j where j.document_id = any (ended)
    and j.status in ('queued', 'processing');
  insert into events (kind, document_id, payload)
    select 'binder_dissolved', e, jsonb_build_object('set', dissolved, 'seals', private.seals('binders/' || e,
      'master_document_registry/' || e)) from unnest(ended) as e
    union all
    select distinct 'binder_dissolved', m.document_id, jsonb_build_object('set', dissolved)
    from binder_members m where m.binder_id = any (ended);
  return query select b.document_id from binders b where b.set_id = dissolved order by b.position;
end $$;
comment on function dissolve_binder
  is 'Undoes the whole set of a binder: it and what was found in it leave every list, its members are as before. '
  'Again changes nothing.';

-- What could be bound ------------------------------------------------------------------------------------------

create function private.is_loose(document master_document_registry) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select document.duplicate_of is null and document.dissolved_at is null
    and not exists (select from binders b where b.document_id = document.id)
    and not exists (select from binder_members m join binders b on b.document_id = m.binder_id
      where m.document_id = document.id and b.dissolved_at is null)
$$;
comment on function private.is_loose is 'Whether a document is neither a copy nor a binder nor in one.';

create view loose_pictures with (security_invoker = true) as
  select j.seq, d.id as document_id, j.original_filename, j.batch_id, j.telegram_chat_id,
    j.arrival ->> 'album' as album, j.created_at
  from document_journal j join master_document_registry d on d.id = j.document_id
    join processing_jobs p on p.id = d.job_id
  where not j.duplicate and d.mime_type like 'image/%' and p.status = 'completed' and p.pages_total = 1
    and private.is_loose(d) and not exists (select from document_parts x where x.child_id = d.id
      and not exists (select from binders b where b.document_id = x.parent_id));
comment on view loose_pictures is 'Pictures of one page that came by themselves: what albums and stacks are made of.';

create view long_scans with (security_invoker = true) as
  select d.seq, d.id as document_id, d.original_filename, p.pages_total, left(r.text, 1000000) as text,
    array(select q.page from document_pages q where q.job_id = d.job_id and q.outcome = 'blank') as blank_pages
  from master_document_registry d join processing_jobs p on p.id = d.job_id
    join document_repository r on r.document_id = d.id
  where d.mime_type = 'application/pdf' and p.status = 'completed' and p.pages_total between 3 and 300
    and private.is_loose(d)
    and exists (select from document_pages q where q.job_id = d.job_id and q.outcome in ('ocr', 'ocr_fallback'));
comment on view long_scans is 'Scanned PDFs of 3 to 300 pages, which may hold several letters.';
