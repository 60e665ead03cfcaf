-- What e-mails say of themselves, as far as lists and threads need it; all of it is in the artifact mail.json.

create table mails (
  document_id uuid primary key references master_document_registry (id),
  message_id text not null,
  thread_id text not null,
  sent text,
  sent_at timestamptz,
  sender text not null,
  recipients jsonb not null default '[]',
  subject text not null
);
comment on table mails is 'The header of each e-mail: claims of whoever wrote it.';
comment on column mails.sent is 'As its sender''s program wrote it, in ISO 8601 with its zone.';
comment on column mails.thread_id
  is 'The Message-ID of the thread''s first message, as this one refers to it; its own where it begins one.';
create index mails_thread on mails (thread_id) where thread_id <> '';
create index mails_message on mails (message_id) where message_id <> '';
alter table mails enable row level security;

create function private.read_time(words text) returns timestamptz
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return words::timestamptz;
exception when data_exception then
  return null;
end $$;
comment on function private.read_time
  is 'A time that somebody else wrote; null for one that PostgreSQL has no place for.';

create function private.publish_mail(document_id uuid, mail jsonb) returns void
language sql set search_path = public, private, pg_temp as $$
  delete from mails m where m.document_id = publish_mail.document_id;
  insert into mails (document_id, message_id, thread_id, sent, sent_at, sender, recipients, subject)
    select publish_mail.document_id, left(mail ->> 'message_id', 998), left(mail ->> 'thread_id', 998),
      left(mail ->> 'sent', 40), private.read_time(mail ->> 'sent'), left(mail ->> 'sender', 500), mail -> 'recipients',
      left(mail ->> 'subject', 1000)
    where jsonb_typeof(mail) = 'object';
$$;
comment on function private.publish_mail is 'Writes the header of an e-mail over an earlier run''s; null: it is none.';

create function get_thread(document_id uuid, most int)
  returns table (document_id uuid, sent text, sender text, subject text)
language sql stable security definer set search_path = public, pg_temp set statement_timeout = '30s' as $$
  select m.document_id, m.sent, m.sender, m.subject
  from mails own join mails m on m.thread_id in (own.thread_id, own.message_id) or m.message_id = own.thread_id
  where own.document_id = get_thread.document_id and own.thread_id <> '' and m.thread_id <> ''
  order by m.sent_at nulls last, m.document_id limit get_thread.most
$$;
comment on function get_thread
  is 'The e-mails of the thread that an e-mail belongs to, itself among them, by the time that each claims.';
