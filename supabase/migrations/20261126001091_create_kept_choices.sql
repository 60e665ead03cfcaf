-- Choices that an original's own metadata does not tell: said, or made stricter, after it was stored; and those of
-- batches over objects that others stored. They are kept in the bucket as well (processed/choices/), so that a database
-- that is older than the bucket, or new, places no document looser than somebody said.

create table kept_choices (
  name text primary key check (name ~ '^([0-9a-f]{64}|batch-[0-9a-f-]{36})$'),
  prefix text check ((prefix is not null) = (name like 'batch-%')),
  priority text not null check (priority in ('high', 'normal', 'low')),
  placement text not null check (placement in ('any_host', 'datacenter_only', 'local_only')),
  allow_claude boolean not null,
  said_at timestamptz not null default now(),
  object_etag text,
  is_found boolean not null default false
);
comment on table kept_choices
  is 'How a document, or the objects of a prefix, may be read, where no metadata in the bucket says it.';
comment on column kept_choices.name is 'The SHA-256 of a document''s bytes, whatever name they have; or a batch.';
comment on column kept_choices.object_etag
  is 'What the bucket calls the object that says the same; null: it is to be written.';
comment on column kept_choices.is_found
  is 'It was read out of the bucket by a database that had not heard it: documents that come in now must obey it.';
create index kept_choices_unwritten on kept_choices (said_at) where object_etag is null;
create index kept_choices_found on kept_choices (name) where is_found;
alter table kept_choices enable row level security;

create function private.keep_choices(document_id uuid, priority text, placement text, allow_claude boolean)
  returns void
language sql security definer set search_path = public, pg_temp as $$
  insert into kept_choices as k (name, priority, placement, allow_claude)
  select d.sha256, keep_choices.priority, keep_choices.placement, keep_choices.allow_claude
  from master_document_registry d where d.id = keep_choices.document_id and d.sha256 ~ '^[0-9a-f]{64}$'
  on conflict (name) do update set priority = excluded.priority, placement = excluded.placement,
    allow_claude = excluded.allow_claude, said_at = now(), object_etag = null, is_found = false
    where (k.placement, k.allow_claude, k.priority) is distinct from (excluded.placement, excluded.allow_claude,
      excluded.priority) or k.is_found
$$;
comment on function private.keep_choices
  is 'What holds of a document from now on; the importer writes it into the bucket.';

create function private.keep_changed_choices() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  perform private.keep_choices(new.document_id, new.priority, new.placement, new.allow_claude);
  return null;
end $$;
comment on function private.keep_changed_choices is 'Choices that changed after a document was stored are kept.';
create trigger processing_jobs_keep_choices after update of placement, allow_claude on processing_jobs for each row
  when (new.kind = 'read' and (old.placement, old.allow_claude) is distinct from (new.placement, new.allow_claude))
  execute function private.keep_changed_choices();

create function private.keep_batch_choices() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  insert into kept_choices (name, prefix, priority, placement, allow_claude)
    values ('batch-' || new.id, new.limits ->> 'prefix', new.priority, new.placement,
      coalesce(new.allow_claude, new.placement <> 'local_only')) on conflict do nothing;
  return null;
end $$;
comment on function private.keep_batch_choices is 'Objects that others stored tell nothing; their batch does.';
create trigger batches_keep_choices after insert on batches for each row
  when (new.source = 'bucket' and new.limits ? 'prefix') execute function private.keep_batch_choices();

create function private.found_choices(document master_document_registry) returns setof kept_choices
language sql stable set search_path = public, pg_temp as $$
  select k.* from kept_choices k where k.is_found and k.name = document.sha256
  union all
  select k.* from kept_choices k where k.is_found and k.prefix is not null
    and starts_with(document.object_key, k.prefix)
$$;
comment on function private.found_choices is 'What the bucket told of a document, and this database had not heard.';

create function private.obey_found_choices() returns trigger
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  document master_document_registry;
  found kept_choices;
begin
  if not exists (select from kept_choices k where k.is_found) then
    return new;
  end if;
  select d.* into document from master_document_registry d where d.id = new.document_id;
  for found in select * from private.found_choices(document) loop
    new.placement := private.stricter_placement(new.placement, found.placement);
    new.allow_claude := new.allow_claude and found.allow_claude;
  end loop;
  new.lane_id := private.find_lane(new.batch_id, document.source, new.priority, new.placement);
  return new;
end $$;
comment on function private.obey_found_choices
  is 'A job that comes anew is placed no looser than the bucket says of its document. A person may say otherwise of '
  'each (set_job_choices).';
create trigger processing_jobs_obey_found before insert on processing_jobs for each row
  when (new.kind in ('read', 'check')) execute function private.obey_found_choices();

-- Between database and bucket ---------------------------------------------------------------------------------

create function list_unwritten_choices(most int) returns setof kept_choices
language sql stable security definer set search_path = public, pg_temp as $$
  select * from kept_choices k where k.object_etag is null order by k.said_at, k.name
  limit list_unwritten_choices.most
$$;
comment on function list_unwritten_choices is 'What is to be written into the bucket, the oldest first.';

create function note_choices_written(name text, said_at timestamptz, object_etag text) returns setof text
language sql security definer set search_path = public, pg_temp as $$
  update kept_choices k set object_etag = note_choices_written.object_etag
  where k.name = note_choices_written.name and k.said_at = note_choices_written.said_at returning k.name
$$;
comment on function note_choices_written
  is 'The bucket has it, as it was at that moment; what changed since is written again.';

create function find_unheard_choices(objects jsonb) returns table (names text[])
language sql stable security definer set search_path = public, pg_temp as $$
  select array(select o ->> 'name' from jsonb_array_elements(objects) as o where not exists (
    select from kept_choices k where k.name = o ->> 'name' and k.object_etag is not distinct from o ->> 'object_etag'))
$$;
comment on function find_unheard_choices
  is 'Of these objects {name, object_etag} the names of those that this database has not heard.';

create function miss_choices(written text[]) returns setof text
language sql security definer set search_path = public, pg_temp as $$
  update kept_choices k set object_etag = null where k.object_etag is not null
    and k.name <> all (miss_choices.written) returning k.name
$$;
comment on function miss_choices is 'The bucket has these and no others: the others are to be written again.';

create function hear_choices(choices jsonb) returns table (heard bigint, tightened bigint)
language plpgsql security definer set search_path = public, private, pg_temp set statement_timeout = '60s' as $$
#variable_conflict use_column
declare
  each record;
  job processing_jobs;
  placed text;
  allowed boolean;
begin
  heard := 0;
  tightened := 0;
  for each in select c.* from jsonb_to_recordset(choices) as c(name text, prefix text, priority text, placement text,
      allow_claude boolean, said_at timestamptz, object_etag text) order by c.name loop
    insert into kept_choices as k (name, prefix, priority, placement, allow_claude, said_at, object_etag, is_found)
      values (each.name, each.prefix, each.priority, each.placement, each.allow_claude, each.said_at,
        each.object_etag, true)
      on conflict (name) do update set priority = excluded.priority, placement = excluded.placement,
        allow_claude = excluded.allow_claude, said_at = excluded.said_at, object_etag = excluded.object_etag,
        is_found = true where k.said_at < excluded.said_at;
    continue when not found;
    heard := heard + 1;
    for job in select j.* from processing_jobs j join master_document_registry d on d.id = j.document_id
        where j.kind = 'read' and j.status <> 'processing' and (d.sha256 = each.name or (each.prefix is not null
          and starts_with(d.object_key, each.prefix) and not starts_with(d.object_key, 'raw/')))
        order by j.id for no key update of j
    loop
      placed := private.stricter_placement(job.placement, each.placement);
      allowed := job.allow_claude and each.allow_claude;
      if (placed, allowed) is distinct from (job.placement, job.allow_claude) then
        tightened := tightened + 1;
        update processing_jobs j set placement = placed, allow_claude = allowed,
          lane_id = private.find_lane(job.batch_id, (select d.source from master_document_registry d
            where d.id = job.document_id), job.priority, placed) where j.id = job.id;
      end if;
    end loop;
  end loop;
  -- What we wrote ourselves, and were killed before we noted it.
  update kept_choices k set object_etag = c.object_etag
    from jsonb_to_recordset(choices) as c(name text, object_etag text, said_at timestamptz)
    where k.name = c.name and k.said_at = c.said_at;
  return next;
exception when check_violation or not_null_violation or data_exception then
  perform private.refuse('AS006', format('Choices are malformed (%s).', sqlstate));
end $$;
comment on function hear_choices
  is 'What the bucket says and this database had not heard: what waits becomes as strict, and what comes in later is. '
  'What a person said here later than that stands.';
