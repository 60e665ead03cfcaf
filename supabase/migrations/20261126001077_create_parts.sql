-- Files inside files: each is a document of its own that knows where it was found, or is listed with the reason why it
-- was not taken.

-- Places in the tree ------------------------------------------------------------------------------------------

create function private.part_place(parent_id uuid, out depth int, out root_id uuid)
language sql stable set search_path = public, pg_temp as $$
  select coalesce(min(p.depth), 0) + 1, coalesce((array_agg(p.root_id order by p.depth, p.root_id))[1],
    part_place.parent_id)
  from document_parts p where p.child_id = part_place.parent_id
$$;
comment on function private.part_place is 'Where the parts of a document stand: one below its own shallowest place.';

create function private.is_inside(document_id uuid, sha256 text) returns boolean
language sql stable set search_path = public, pg_temp as $$
  with recursive above (id) as (
    select is_inside.document_id
    union
    select p.parent_id from document_parts p join above on p.child_id = above.id
  )
  select exists (select from above join master_document_registry d on d.id = above.id
    where d.sha256 = is_inside.sha256)
$$;
comment on function private.is_inside
  is 'Whether a document, or anything it lies in, has these bytes: an archive may be made to contain itself.';

-- Parts in ----------------------------------------------------------------------------------------------------

create function private.require_parts(parts jsonb, prefix text) returns void
language plpgsql immutable set search_path = private, pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(parts) is distinct from 'array' or jsonb_array_length(parts) > private.most_parts_a_call() then
    perform private.refuse('AS006', 'parts must be an array of at most 200 parts.');
  end if;
  -- A machine may point only at what its lease let it write: any other key would later be signed for readers.
  if exists (select from jsonb_array_elements(parts) as p where p ->> 'code' is null
      and p ->> 'key' is distinct from prefix || 'part-' || lpad(p ->> 'position', 6, '0')) then
    perform private.refuse('AS006', 'Each part must be stored as artifact_prefix followed by part- and its position.');
  end if;
  if exists (select from jsonb_array_elements(parts) as p where p ->> 'code' is null
      and coalesce(p ->> 'sha256' ~ '^[0-9a-f]{64}$' and p ->> 'bytes' ~ '^[0-9]{1,15}$', false) is false) then
    perform private.refuse('AS006', 'Each part that is taken needs its bytes and its sha256 (64 hex digits).');
  end if;
end $$;
comment on function private.require_parts
  is 'AS006 unless the parts are few, each lies where this lease may write, and has its size and hash.';

create function private.part_file(job processing_jobs, part jsonb, object_key text) returns jsonb
language sql stable set search_path = public, pg_temp as $$
  select jsonb_strip_nulls(jsonb_build_object('document_id', gen_random_uuid(), 'object_key', part_file.object_key,
    'original_filename', coalesce(nullif(regexp_replace(part ->> 'name', '^.*/', ''), ''), 'unnamed'),
    'source', d.source, 'mime_type', part ->> 'mime_type', 'bytes', (part ->> 'bytes')::bigint,
    'sha256', part ->> 'sha256', 'md5', part ->> 'md5', 'batch_id', job.batch_id, 'priority', job.priority,
    'placement', job.placement, 'allow_claude', job.allow_claude, 'choices_unsaid', nullif(job.choices_unsaid, false),
    'part_of', job.document_id))
  from master_document_registry d where d.id = job.document_id
$$;
comment on function private.part_file
  is 'A part as enqueue_file takes it: with the choices, the batch and the source of what it lies in.';

create function private.part_code(job processing_jobs, part jsonb, depth int, room bigint) returns text
language sql stable set search_path = public, private, pg_temp as $$
  select case when part ->> 'code' is not null then left(part ->> 'code', 60)
    when part_code.depth > private.most_part_depth() then 'too_deep'
    when part_code.room <= 0 then 'too_many_parts'
    when private.is_inside(job.document_id, part ->> 'sha256') then 'contains_itself' end
$$;
comment on function private.part_code is 'Why a part is not taken: what its machine says, or a limit of ours; or null.';

create function private.enter_child(job processing_jobs, part jsonb, object_key text, out child_id uuid,
  out journal_id uuid)
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  select e.document_id, e.journal_id into child_id, journal_id
    from private.enqueue_file(private.part_file(job, part, enter_child.object_key)) as e;
  update document_journal j set created_at = coalesce((select max(p.created_at) from document_journal p
    where p.document_id = job.document_id), j.created_at) where j.id = enter_child.journal_id;
  insert into events (kind, document_id, job_id, batch_id, machine, payload)
    values ('part_linked', enter_child.child_id, job.id, job.batch_id, job.machine,
      jsonb_build_object('part_of', job.document_id, 'position', (part ->> 'position')::int, 'role', part ->> 'role',
        'sha256', part ->> 'sha256', 'seals', private.seals('document_journal/' || enter_child.journal_id)));
end $$;
comment on function private.enter_child
  is 'A part as a document: a new one, or the one that has its bytes; it arrived when what it lies in did.';

create function private.enter_part(job processing_jobs, part jsonb, depth int, root_id uuid, room bigint)
  returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  place int := (part ->> 'position')::int;
  code text := private.part_code(job, part, enter_part.depth, enter_part.room);
  child uuid;
  journal uuid;
begin
  if exists (select from document_parts p where p.parent_id = job.document_id and p.position = place
      and p.child_id is not null and p.sha256 = part ->> 'sha256') then
    return;
  elsif code is null then
    select e.child_id, e.journal_id into child, journal from private.enter_child(job, part, part ->> 'key') as e;
  end if;
  insert into document_parts as p (parent_id, position, role, name, child_id, journal_id, code, mime_type, bytes,
      sha256, dated, depth, root_id)
    values (job.document_id, place, part ->> 'role', left(part ->> 'name', 1000), child, journal, code,
      part ->> 'mime_type', (part ->> 'bytes')::bigint, part ->> 'sha256', left(part ->> 'dated', 60),
      enter_part.depth, enter_part.root_id)
  on conflict (parent_id, position) do update set role = excluded.role, name = excluded.name,
    child_id = excluded.child_id, journal_id = excluded.journal_id, code = excluded.code,
    mime_type = excluded.mime_type, bytes = excluded.bytes, sha256 = excluded.sha256, dated = excluded.dated;
end $$;
comment on function private.enter_part
  is 'Enters one part: as a new document, linked to the one that has its bytes, or with the code why not. Telling a '
  'part again changes nothing.';

create function add_parts(machine text, job_id uuid, lease_token uuid, parts jsonb)
returns table (part_position int, child_id uuid)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
#variable_conflict use_column
declare
  caller machines := private.ledger_machine(add_parts.machine);
  job processing_jobs := private.held_job(add_parts.job_id, add_parts.lease_token, caller.label);
  place record := private.part_place(job.document_id);
  room bigint := private.most_parts_of_one() - (select count(*) from document_parts p where p.root_id = place.root_id);
  part jsonb;
begin
  perform private.require_parts(add_parts.parts, job.artifact_prefix);
  if job.kind = 'check' then
    perform private.check_parts(job, add_parts.parts);
    return;
  end if;
  perform private.meet_documents((select jsonb_agg(private.part_file(job, p, p ->> 'key'))
    from jsonb_array_elements(add_parts.parts) as p));
  for part in select value from jsonb_array_elements(add_parts.parts)
      order by value ->> 'sha256', (value ->> 'position')::int loop
    part_position := (part ->> 'position')::int;
    perform private.enter_part(job, part, place.depth, place.root_id, room);
    child_id := (select p.child_id from document_parts p where p.parent_id = job.document_id
      and p.position = part_position);
    room := room - 1;
    return next;
  end loop;
  update processing_jobs j set progress_at = now() where j.id = job.id;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('A part is malformed (%s).', sqlstate));
end $$;
comment on function add_parts
  is 'Files found inside a held job''s document {position, role, name, sha256, md5, bytes, mime_type?, code?, key?, '
  'dated?}, as the control plane read and hashed them: entered in one transaction with their jobs. Answers as which '
  'document each was entered; none where it was not taken.';

create function private.end_parts(job processing_jobs, parts_total int) returns boolean
language plpgsql set search_path = public, private, pg_temp as $$
declare
  counted record;
begin
  select count(*) filter (where p.position <= end_parts.parts_total) as n, coalesce(max(p.position), 0) as last
    into counted from document_parts p where p.parent_id = job.document_id;
  if counted.n <> end_parts.parts_total then
    perform private.refuse('AS006', format('%s of %s parts were entered with add_parts.', counted.n,
      end_parts.parts_total));
  elsif counted.last > end_parts.parts_total then
    delete from document_parts p where p.parent_id = job.document_id and p.position > end_parts.parts_total;
  end if;
  return counted.last > 0;
end $$;
comment on function private.end_parts
  is 'AS006 unless the parts 1 … parts_total were all entered; what an earlier run found beyond them goes. Answers '
  'whether there was any.';

-- Parts out ---------------------------------------------------------------------------------------------------

create view part_list with (security_invoker = true) as
  select p.parent_id, p.position, p.role, p.name, p.child_id as document_id, p.code, p.bytes, p.dated,
    coalesce(c.mime_type, p.mime_type) as mime_type, c.document_type, j.status, j.error_message, j.pages_total,
    d.original_filename as parent_filename, d.mime_type as parent_mime_type
  from document_parts p join master_document_registry d on d.id = p.parent_id
    left join master_document_registry c on c.id = p.child_id left join processing_jobs j on j.id = c.job_id
  where d.dissolved_at is null;
comment on view part_list is 'Parts with what became of them, and with what they lie in; position is the cursor.';

create index registry_live_mark on master_document_registry (live_mark) where live_mark is not null;
create view companions with (security_invoker = true) as
  select o.id as companion_of, d.id as document_id, d.original_filename, d.mime_type
  from master_document_registry o join master_document_registry d on d.live_mark = o.live_mark and d.id <> o.id
  where o.dissolved_at is null and d.dissolved_at is null;
comment on view companions is 'The picture and the clip of a live photo, which carry one mark; either may come first.';
