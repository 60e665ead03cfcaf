-- What Claude read off a picture where OCR cannot: handwriting and pictures of chats. Kept beside the text of the
-- pages, never in it: no quote is looked up here, and ocr.txt has none of it.

create function private.most_transcriptions() returns int language sql immutable return 100;
comment on function private.most_transcriptions
  is 'Transcriptions a document may have: Claude is shown 24 pictures of one at most, and a page may have both kinds.';

create function private.most_transcribed_lines() returns int language sql immutable return 200;
comment on function private.most_transcribed_lines is 'Lines of one page: a sheet written closely by hand has 60.';

create function private.longest_transcribed_line() returns int language sql immutable return 500;
comment on function private.longest_transcribed_line
  is 'Characters kept of a transcribed line: a long message of a chat.';

create table document_transcriptions (
  id bigint generated always as identity primary key,
  document_id uuid not null references master_document_registry (id),
  run_id uuid not null references analysis_runs (id),
  place int not null,
  page int not null check (page between 1 and private.most_pages()),
  kind text not null check (kind in ('handwriting', 'chat')),
  engine text not null check (engine = 'claude'),
  model text,
  outcome text not null default 'transcribed' check (outcome = 'transcribed'),
  text text not null check (text ~ '\S'),
  doubtful_lines int[] not null default '{}',
  created_at timestamptz not null default now(),
  unique (document_id, place)
);
comment on table document_transcriptions
  is 'Pages that Claude transcribed from their picture, by the run that is shown, in the order it gave them.';
comment on column document_transcriptions.doubtful_lines is 'The lines, from 1, that it could not read surely.';
alter table document_transcriptions enable row level security;

create function private.index_transcriptions(about_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
begin
  delete from document_passages p where p.document_id = about_id and p.passage between -9999 and -1;
  insert into document_passages (document_id, passage, page, start, search)
    select t.document_id, -t.place, t.page, 1, private.search_vector(t.text, private.day_order(t.text))
    from document_transcriptions t where t.document_id = about_id;
end $$;
comment on function private.index_transcriptions
  is 'Makes the transcriptions of a document findable: passage -1 is the first.';

create function private.publish_transcriptions(document_id uuid, analysis jsonb, run_id uuid) returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  given constant jsonb := coalesce(nullif(analysis -> 'transcriptions', 'null'), '[]');
  last_page int := coalesce((select max(p.page) from document_pages p where p.job_id = (select d.job_id
    from master_document_registry d where d.id = publish_transcriptions.document_id)), private.most_pages());
begin
  if jsonb_typeof(given) <> 'array' or jsonb_array_length(given) > private.most_transcriptions() then
    perform private.refuse('AS006', format('analysis.transcriptions must be a list of at most %s.',
      private.most_transcriptions()));
  end if;
  if exists (select from jsonb_array_elements(given) as t where jsonb_typeof(t -> 'lines') is distinct from 'array'
      or jsonb_array_length(t -> 'lines') > private.most_transcribed_lines() or (t ->> 'page')::int > last_page) then
    perform private.refuse('AS006', format('A transcription is of a page of the document and has at most %s lines.',
      private.most_transcribed_lines()));
  end if;
  delete from document_transcriptions t where t.document_id = publish_transcriptions.document_id;
  insert into document_transcriptions (document_id, run_id, place, page, kind, engine, model, text, doubtful_lines)
    select publish_transcriptions.document_id, publish_transcriptions.run_id, n, (t ->> 'page')::int, t ->> 'kind',
      t ->> 'engine', left(t ->> 'model', private.longest_word()), l.text, l.doubtful
    from jsonb_array_elements(given) with ordinality as each(t, n), lateral (
      select string_agg(left(regexp_replace(coalesce(line ->> 'text', ''), '[[:cntrl:]]', ' ', 'g'),
        private.longest_transcribed_line()), E'\n' order by at) as text,
        coalesce(array_agg(at::int order by at) filter (where (line ->> 'doubtful')::boolean), '{}') as doubtful
      from jsonb_array_elements(t -> 'lines') with ordinality as lines(line, at)) as l;
  perform private.index_transcriptions(document_id);
end $$;
comment on function private.publish_transcriptions
  is 'Keeps the transcriptions of the run that is shown, in place of an earlier run''s. AS006 for what is none.';
