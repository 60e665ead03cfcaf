-- The originals: where each lies in the bucket, and what was found when it was looked for there.

create function list_originals(after jsonb, most int)
returns table (document_id uuid, object_key text, version_id text, object_etag text, sha256 text, md5 text,
  bytes bigint, fault text)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.id, coalesce(d.kept_key, d.object_key), d.version_id, d.object_etag, d.sha256, d.md5, d.bytes,
    d.original_fault
  from master_document_registry d
  where (coalesce(d.kept_key, d.object_key) collate "C", d.id) > (coalesce(list_originals.after ->> 'object_key', ''),
      coalesce(list_originals.after ->> 'document_id', '00000000-0000-0000-0000-000000000000')::uuid)
    and d.sha256 is not null
  order by coalesce(d.kept_key, d.object_key) collate "C", d.id limit list_originals.most
$$;
comment on function list_originals
  is 'What the bucket should hold, in the order in which it lists its objects, behind {object_key, document_id}.';

create function note_original(document_id uuid, fault text) returns setof bigint
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
begin
  perform private.require_word(coalesce(note_original.fault, 'none'), array['none', 'missing', 'changed'], 'fault');
  update master_document_registry d set original_fault = note_original.fault where d.id = note_original.document_id
    and d.original_fault is distinct from note_original.fault;
  if found then
    return next private.record_event(note_original.document_id, case when note_original.fault is null
      then 'original_kept' else 'original_lost' end, jsonb_strip_nulls(jsonb_build_object('fault',
      note_original.fault)));
  end if;
end $$;
comment on function note_original
  is 'Its original is missing, or has other bytes; null: it is as it came. An event where that is news, and its id.';

create function keep_original(document_id uuid, kept jsonb) returns setof bigint
language plpgsql security definer set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  known master_document_registry;
begin
  select * into known from master_document_registry d where d.id = keep_original.document_id for no key update;
  update master_document_registry d set kept_key = nullif(kept ->> 'object_key', d.object_key),
    version_id = kept ->> 'version_id', object_etag = kept ->> 'object_etag', original_fault = null
    where d.id = known.id;
  if coalesce(known.kept_key, known.object_key) is distinct from kept ->> 'object_key'
      or known.original_fault is not null then
    return next private.record_event(known.id, 'original_kept', jsonb_build_object('object_key',
      kept ->> 'object_key', 'sha256', known.sha256));
  end if;
end $$;
comment on function keep_original
  is 'Its bytes, read and found to have its hash, lie as {object_key, version_id, object_etag}.';

create function find_unknown_hashes(hashes text[]) returns table (unknown text[])
language sql stable security definer set search_path = public, pg_temp as $$
  select array(select h from unnest(hashes) as h where not exists (
    select from master_document_registry d where d.sha256 = h))
$$;
comment on function find_unknown_hashes is 'Those of these SHA-256 that are of no document.';
