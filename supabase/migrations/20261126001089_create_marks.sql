-- Words that a person marks as a statement, or as what tells of an event: a judgement (see judgements.name, mark) that
-- stands among what the rules draw, and is put there again whenever its document is drawn.

create function private.count_names(document_id uuid, more int) returns void
language sql set search_path = public, pg_temp as $$
  update case_names n set documents = greatest(n.documents + more, 0) from (select distinct m.name_id
    from case_mentions m where m.document_id = count_names.document_id) m where m.name_id = n.id
$$;
comment on function private.count_names is 'One document more or less for each name that stands in this one.';

create function private.name_of(person_id uuid) returns bigint
language sql stable set search_path = public, private, pg_temp as $$
  select n.id from case_names n where n.person_id = (select p.id from private.known_person(name_of.person_id) p)
    order by n.form = 'full' desc, n.documents desc, n.id limit 1
$$;
comment on function private.name_of is 'The name that stands for a person; AS002 where there is none.';

create function private.find_again(document_id uuid, page int, start int, quote text)
returns table (page int, start int)
language sql stable set search_path = public, pg_temp as $$
  select s.n::int, s.at - 1 from (
    select p.n, case when p.n = find_again.page and substr(p.words, find_again.start + 1, length(find_again.quote))
      = find_again.quote then find_again.start + 1 else position(find_again.quote in p.words) end as at
    from document_repository r cross join lateral string_to_table(r.text, E'\f\n') with ordinality as p(words, n)
    where r.document_id = find_again.document_id) s
  where s.at > 0 order by s.n = find_again.page desc, s.n limit 1
$$;
comment on function private.find_again
  is 'Where words stand in the text as it is now: at their place, else on their page, else on the first that has them.';

create function private.put_mark(document_id uuid, mark judgements) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  made uuid := substr(mark.name, 6)::uuid;
  said jsonb := mark.value;
  told jsonb := said -> 'event';
  speaker bigint := case when said ? 'speaker_id' then private.name_of((said ->> 'speaker_id')::uuid) end;
  now_at record;
  claim bigint;
begin
  select f.page, f.start into now_at from private.find_again(put_mark.document_id, (said ->> 'page')::int,
    (said ->> 'start')::int, said ->> 'quote') f;
  insert into case_claims as c (document_id, key, place, page, start, quote, standing, voice, speaker_name_id, said_at,
      said_precision, starts, ends, precision, known)
    select put_mark.document_id, mark.name, private.most_case_claims(), coalesce(now_at.page, (said ->> 'page')::int),
      coalesce(now_at.start, (said ->> 'start')::int), said ->> 'quote', now_at.page is not null,
      coalesce(max(d.voice), 'note'), speaker, max(d.said_at), max(d.said_precision), (told ->> 'starts')::timestamp,
      (told ->> 'ends')::timestamp, told ->> 'precision', case when told is not null then 'stated' end
    from case_documents d where d.document_id = put_mark.document_id
    on conflict on constraint case_claims_document_id_key_key do update set page = excluded.page,
      start = excluded.start, standing = excluded.standing, speaker_name_id = excluded.speaker_name_id,
      starts = excluded.starts, ends = excluded.ends, precision = excluded.precision, known = excluded.known
    returning c.id into claim;
  insert into case_mentions (claim_id, name_id, document_id)
    select distinct claim, n, put_mark.document_id from (select speaker as n union all
      select private.name_of(p::uuid) from jsonb_array_elements_text(coalesce(said -> 'people', '[]')) p) s
    where n is not null on conflict do nothing;
  if told is not null then
    insert into case_events (id, starts, ends, precision, known, title, named, state, decided_by, decided_at)
      values (made, (told ->> 'starts')::timestamp, (told ->> 'ends')::timestamp, told ->> 'precision', 'stated', '',
        told ->> 'title', 'true', mark.decided_by, mark.decided_at)
      on conflict on constraint case_events_pkey do nothing;
    insert into case_times (claim_id, document_id, page, start, quote, starts, ends, precision, known, is_event,
        event_id, settled)
      select c.id, c.document_id, c.page, c.start, c.quote, c.starts, c.ends, c.precision, c.known, true, made, true
      from case_claims c where c.id = claim;
  end if;
end $$;
comment on function private.put_mark
  is 'Puts a mark among the statements of its document, and what happened among the events, which has the mark''s id.';

create function private.put_marks(document_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
#variable_conflict use_column
declare
  told uuid[] := array(select e.id from case_events e join case_times t on t.event_id = e.id join case_claims c
    on c.id = t.claim_id where c.document_id = put_marks.document_id and c.key like 'mark:%');
begin
  delete from case_times t using case_claims c where c.id = t.claim_id and c.document_id = put_marks.document_id
    and c.key like 'mark:%';
  delete from case_mentions m using case_claims c where c.id = m.claim_id and c.document_id = put_marks.document_id
    and c.key like 'mark:%';
  delete from case_claims c where c.document_id = put_marks.document_id and c.key like 'mark:%' and not c.pinned
    and not exists (select from judgements j where j.document_id = c.document_id and j.name = c.key);
  update case_claims c set standing = false where c.document_id = put_marks.document_id and c.key like 'mark:%';
  perform private.put_mark(j.document_id, j) from judgements j where j.document_id = put_marks.document_id
    and j.name like 'mark:%';
  perform private.tell_events(told || array(select substr(j.name, 6)::uuid from judgements j
    where j.document_id = put_marks.document_id and j.name like 'mark:%' and j.value ? 'event'));
end $$;
comment on function private.put_marks
  is 'The marks of a document as people have them now, in place of those before.';

create function private.show_marks(document_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  perform private.count_names(document_id, -1);
  perform private.put_marks(document_id);
  perform private.count_names(document_id, 1);
  perform private.refresh_people(array[document_id]);
end $$;
comment on function private.show_marks is 'A person marked something in a document, or took it back.';
