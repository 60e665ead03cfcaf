-- Passwords of people's PDFs and archives, sealed by the control plane: the database never holds one in clear.

create table document_passwords (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  sealed text not null,
  note text not null default '',
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
comment on table document_passwords is 'Passwords to try on files that are locked, newest first.';
comment on column document_passwords.sealed is 'The password, sealed with PASSWORDS_KEY (Fernet): AES-128 and an HMAC.';
comment on column document_passwords.note is 'What a person wrote beside it, to know it again: "the bank".';
alter table document_passwords enable row level security;

create function add_password(sealed text, note text) returns setof document_passwords
language sql security definer set search_path = public, pg_temp as $$
  insert into document_passwords (sealed, note) values (add_password.sealed, left(add_password.note, 200)) returning *
$$;
comment on function add_password is 'Keeps one more sealed password.';

create function end_password(password_id uuid) returns setof uuid
language sql security definer set search_path = public, pg_temp as $$
  update document_passwords p set ended_at = now(), sealed = '' where p.id = end_password.password_id
    and p.ended_at is null returning p.id
$$;
comment on function end_password is 'Forgets a password; its note and times stay. Its id if it had not ended before.';

create function record_passwords_given(document_id uuid, job_id uuid, machine text) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  insert into events (kind, document_id, job_id, machine) values ('passwords_given', record_passwords_given.document_id,
    record_passwords_given.job_id, record_passwords_given.machine) returning id
$$;
comment on function record_passwords_given
  is 'Writes into a document''s chain that a machine was given the passwords to try on it.';
