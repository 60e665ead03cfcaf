-- People who sign in, what they hold (invitations, sessions, API tokens), and what they looked at. What opens a door is
-- kept as its SHA-256 (random tokens) or as an Argon2 hash (passwords); the second factor's key is sealed.

-- Numbers -----------------------------------------------------------------------------------------------------

create function private.session_lasts() returns interval
language sql immutable set search_path = pg_catalog, pg_temp as $$ select interval '12 hours' $$;
comment on function private.session_lasts is 'A working day: a stolen cookie is worth no more than that.';

create function private.session_idles() returns interval
language sql immutable set search_path = pg_catalog, pg_temp as $$ select interval '2 hours' $$;
comment on function private.session_idles
  is 'A long paper is read without asking us for anything; a left computer is not open over night.';

create function private.invitation_lasts() returns interval
language sql immutable set search_path = pg_catalog, pg_temp as $$ select interval '7 days' $$;
comment on function private.invitation_lasts is 'A link that is sent by mail is opened within days.';

create function private.guesses_of_address() returns int
language sql immutable set search_path = pg_catalog, pg_temp as $$ select 5 $$;
comment on function private.guesses_of_address
  is 'Wrong sign-ins of one address in a minute: typing errors, and no list of passwords.';

create function private.guesses_of_all() returns int
language sql immutable set search_path = pg_catalog, pg_temp as $$ select 200 $$;
comment on function private.guesses_of_all
  is 'Wrong sign-ins in a minute, by everybody: twelve random letters stand that for ever.';

create function private.wrong_codes_of_person() returns int
language sql immutable set search_path = pg_catalog, pg_temp as $$ select 10 $$;
comment on function private.wrong_codes_of_person
  is 'Right passwords with a wrong code in an hour: 240 a day times three valid codes in a million are 0.07 %. Wrong '
     'passwords do not count here, or a stranger could lock a person out.';

create function private.role_scopes(role text) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case role when 'owner' then array['read', 'upload', 'decide', 'admin']
    when 'helper' then array['read', 'upload', 'decide'] when 'lawyer' then array['read'] end
$$;
comment on function private.role_scopes is 'What a person of a role may do.';

-- Tables ------------------------------------------------------------------------------------------------------

create table accounts (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  name text not null check (name ~ '^[^()[:cntrl:]]{1,60}$' and name = btrim(name) and lower(name) <> 'owner'),
  role text not null check (role in ('owner', 'helper', 'lawyer')),
  password_hash text,
  totp_sealed text,
  totp_step bigint not null default 0,
  recovery_sha256 text[] not null default '{}',
  invited_by text not null,
  created_at timestamptz not null default now(),
  joined_at timestamptz,
  removed_at timestamptz
);
comment on table accounts is 'Who may sign in. A name is one person''s for ever: decisions are stored with it.';
comment on column accounts.password_hash is 'Argon2id; null until the invitation is accepted.';
comment on column accounts.totp_sealed is 'The key of the second factor (RFC 6238), sealed with PASSWORDS_KEY.';
comment on column accounts.totp_step is 'The step of the last code that was used: no code opens twice.';
comment on column accounts.recovery_sha256 is 'One-time codes for a lost telephone that are left.';
create unique index accounts_name on accounts (lower(name));
alter table accounts enable row level security;

create table invitations (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  account_id uuid not null references accounts (id),
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
comment on table invitations is 'One-time links to choose a password and a second factor.';
create index invitations_account on invitations (account_id);
alter table invitations enable row level security;

create table sessions (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  account_id uuid not null references accounts (id),
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz
);
comment on table sessions is 'Who is signed in where; signing out ends the row, and so the cookie.';
create index sessions_account on sessions (account_id);
alter table sessions enable row level security;

create table sign_in_guesses (
  id bigint generated always as identity primary key,
  name text not null,
  address text not null,
  password_right boolean not null default false,
  is_right boolean not null default false,
  created_at timestamptz not null default now()
);
comment on table sign_in_guesses is 'Tries to sign in of the last day, each written down before it is looked at.';
create index sign_in_guesses_time on sign_in_guesses (created_at);
alter table sign_in_guesses enable row level security;

create table api_tokens (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  name text not null check (name ~ '^[^()[:cntrl:]]{1,60}$'),
  account_id uuid references accounts (id),
  scopes text[] not null check (scopes <@ array['read', 'upload', 'decide', 'admin'] and scopes <> '{}'),
  sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  made_by text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  ended_at timestamptz
);
comment on table api_tokens
  is 'Named tokens of programs, each for some scopes; of a person: never more than the person may.';
alter table api_tokens enable row level security;

create table access_log (
  id bigint generated always as identity primary key,
  created_at timestamptz not null default now(),
  person text not null,
  via text not null check (via in ('root', 'session', 'token', 'none')),
  action text not null check (action in ('saw', 'searched', 'downloaded', 'uploaded', 'decided', 'managed', 'refused',
    'signed_in', 'signed_out', 'wrong_code', 'joined')),
  route text not null,
  document_id uuid,
  status int,
  address text,
  bundle bigint
);
comment on table access_log
  is 'Who saw, searched, downloaded, decided. Never what was searched for, nor a word of a document.';
comment on column access_log.document_id is 'As it stood in the address: of a document that may be none.';
comment on column access_log.status
  is 'What a change was answered with; null for reading, which is written down before.';
comment on column access_log.bundle is 'The last entry of those that were sealed with it; null until it is.';
create index access_log_bundle on access_log (bundle);
create index access_log_document on access_log (document_id, id) where document_id is not null;
create index access_log_person on access_log (person, id);
alter table access_log enable row level security;

-- People ------------------------------------------------------------------------------------------------------

create function private.invite(account_id uuid, invitation_sha256 text) returns void
language sql set search_path = public, pg_temp as $$
  update invitations i set ended_at = now() where i.account_id = invite.account_id and i.ended_at is null;
  insert into invitations (sha256, account_id) values (invite.invitation_sha256, invite.account_id)
$$;
comment on function private.invite is 'A fresh link for a person; earlier ones are dead.';

create function add_account(name text, role text, invitation_sha256 text, invited_by text) returns setof accounts
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  made accounts;
begin
  insert into accounts (name, role, invited_by) values (add_account.name, add_account.role, add_account.invited_by)
    on conflict (lower(accounts.name)) do nothing returning * into made;
  if made.id is null then
    perform private.refuse('AS003', 'there is somebody of this name; invite them anew instead');
  end if;
  perform private.invite(made.id, add_account.invitation_sha256);
  return next made;
end $$;
comment on function add_account
  is 'Adds a person, who comes in by the link of the invitation. AS003 for a name that is taken.';

create function invite_again(account_id uuid, role text, invitation_sha256 text) returns setof accounts
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  found accounts;
begin
  update accounts p set removed_at = null, role = coalesce(invite_again.role, p.role)
    where p.id = invite_again.account_id returning * into found;
  if found.id is null then
    perform private.refuse('AS002', 'there is no such person');
  end if;
  perform private.invite(found.id, invite_again.invitation_sha256);
  return next found;
end $$;
comment on function invite_again
  is 'A fresh link for a person, removed ones included: who opens it chooses password and second factor anew. AS002.';

create function remove_account(account_id uuid) returns setof accounts
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  found accounts;
begin
  update accounts p set removed_at = coalesce(p.removed_at, now()), password_hash = null, totp_sealed = null,
    recovery_sha256 = '{}' where p.id = remove_account.account_id returning * into found;
  if found.id is null then
    perform private.refuse('AS002', 'there is no such person');
  end if;
  update sessions s set ended_at = now() where s.account_id = found.id and s.ended_at is null;
  update invitations i set ended_at = now() where i.account_id = found.id and i.ended_at is null;
  update api_tokens t set ended_at = now() where t.account_id = found.id and t.ended_at is null;
  return next found;
end $$;
comment on function remove_account is 'A person may do nothing more: sessions, links and tokens end. AS002.';

create function find_invited(invitation_sha256 text) returns setof accounts
language sql stable security definer set search_path = public, private, pg_temp as $$
  select p.* from invitations i join accounts p on p.id = i.account_id
    where i.sha256 = find_invited.invitation_sha256 and i.ended_at is null
      and i.created_at > now() - private.invitation_lasts() and p.removed_at is null
$$;
comment on function find_invited is 'Whose a link is that still opens.';

create function accept_invitation(invitation_sha256 text, password_hash text, totp_sealed text, totp_step bigint,
  recovery_sha256 text[]) returns setof accounts
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  invited uuid;
begin
  update invitations i set ended_at = now() where i.sha256 = accept_invitation.invitation_sha256 and i.ended_at is null
    and i.created_at > now() - private.invitation_lasts() returning i.account_id into invited;
  update sessions s set ended_at = now() where s.account_id = invited and s.ended_at is null;
  return query update accounts p set password_hash = accept_invitation.password_hash,
      totp_sealed = accept_invitation.totp_sealed, totp_step = accept_invitation.totp_step,
      recovery_sha256 = accept_invitation.recovery_sha256, joined_at = coalesce(p.joined_at, now())
    where p.id = invited and p.removed_at is null returning p.*;
end $$;
comment on function accept_invitation
  is 'Uses a link up: password and second factor are these from now on, and every session ends. No row: it was dead.';

-- Signing in --------------------------------------------------------------------------------------------------

create function begin_sign_in(name text, address text)
  returns table (guess_id bigint, wait_seconds int, account_id uuid, password_hash text, totp_sealed text,
    codes_spent boolean)
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  minute timestamptz := now() - interval '1 minute';
  known accounts;
begin
  perform pg_advisory_xact_lock(hashtextextended('sign_in', 0));
  delete from sign_in_guesses g where g.created_at < now() - interval '1 day';
  select case when count(*) filter (where g.address = begin_sign_in.address) >= private.guesses_of_address()
      or count(*) >= private.guesses_of_all() then greatest(1, 60 - extract(epoch from now() - min(g.created_at))::int)
      else 0 end
    into wait_seconds from sign_in_guesses g where g.created_at > minute and not g.is_right;
  if wait_seconds = 0 then
    insert into sign_in_guesses (name, address) values (left(lower(begin_sign_in.name), 60), begin_sign_in.address)
      returning id into guess_id;
    select * into known from accounts p where lower(p.name) = lower(begin_sign_in.name) and p.removed_at is null;
    select count(*) >= private.wrong_codes_of_person() into codes_spent from sign_in_guesses g
      where g.name = lower(begin_sign_in.name) and g.password_right and not g.is_right
        and g.created_at > now() - interval '1 hour';
    account_id := known.id;
    password_hash := known.password_hash;
    totp_sealed := known.totp_sealed;
  end if;
  return next;
end $$;
comment on function begin_sign_in
  is 'Writes a guess down before it is looked at, and gives what it is compared with; or says how long to wait.';

create function note_right_password(guess_id bigint) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  update sign_in_guesses g set password_right = true where g.id = note_right_password.guess_id returning g.id
$$;
comment on function note_right_password is 'The guess had the right password: from here on only codes are guessed.';

create function start_session(guess_id bigint, account_id uuid, session_sha256 text, totp_step bigint,
  recovery_sha256 text) returns setof sessions
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  update accounts p set
      totp_step = coalesce(start_session.totp_step, p.totp_step),
      recovery_sha256 = array_remove(p.recovery_sha256, start_session.recovery_sha256)
    where p.id = start_session.account_id and p.removed_at is null
      and (start_session.totp_step > p.totp_step or start_session.recovery_sha256 = any (p.recovery_sha256));
  if found then
    update sign_in_guesses g set is_right = true where g.id = start_session.guess_id;
    return query insert into sessions (sha256, account_id)
      values (start_session.session_sha256, start_session.account_id)
      returning *;
  end if;
end $$;
comment on function start_session
  is 'Signs a person in by the step of a code that was never used, or by a recovery code that is left; else no row.';

create function find_session(session_sha256 text) returns table (account_id uuid, name text, role text, scopes text[])
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  update sessions s set seen_at = now() where s.sha256 = find_session.session_sha256 and s.ended_at is null
    and s.seen_at between now() - private.session_idles() and now() - interval '1 minute'
    and s.created_at > now() - private.session_lasts();
  return query select p.id, p.name, p.role, private.role_scopes(p.role) from sessions s
    join accounts p on p.id = s.account_id
    where s.sha256 = find_session.session_sha256 and s.ended_at is null and p.removed_at is null
      and s.seen_at > now() - private.session_idles() and s.created_at > now() - private.session_lasts();
end $$;
comment on function find_session is 'Who is signed in with it, while it lives; being used keeps it from idling out.';

create function end_session(session_sha256 text, everywhere boolean) returns setof text
language sql security definer set search_path = public, pg_temp as $$
  update sessions s set ended_at = now() where s.ended_at is null and (s.sha256 = end_session.session_sha256
    or end_session.everywhere and s.account_id = (select o.account_id from sessions o
      where o.sha256 = end_session.session_sha256 and o.ended_at is null)) returning s.sha256
$$;
comment on function end_session is 'Signs out: this session, or all of its person. The hashes of those that ended.';

-- Tokens and the log ------------------------------------------------------------------------------------------

create function add_api_token(name text, account_id uuid, scopes text[], token_sha256 text, made_by text)
  returns setof api_tokens
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  if add_api_token.account_id is not null and not exists (
      select from accounts p where p.id = add_api_token.account_id and p.removed_at is null) then
    perform private.refuse('AS002', 'there is no such person');
  end if;
  return query insert into api_tokens (name, account_id, scopes, sha256, made_by) values (add_api_token.name,
    add_api_token.account_id, add_api_token.scopes, add_api_token.token_sha256, add_api_token.made_by) returning *;
end $$;
comment on function add_api_token is 'Makes a token for a program, or for a person''s program. AS002 for nobody.';

create function end_api_token(token_id uuid) returns setof uuid
language sql security definer set search_path = public, pg_temp as $$
  update api_tokens t set ended_at = now() where t.id = end_api_token.token_id and t.ended_at is null returning t.id
$$;
comment on function end_api_token is 'The token opens nothing more; its id if it had not ended before.';

create function find_api_token(token_sha256 text) returns table (account_id uuid, name text, role text, scopes text[])
language plpgsql security definer set search_path = public, private, pg_temp as $$
begin
  update api_tokens t set used_at = now() where t.sha256 = find_api_token.token_sha256 and t.ended_at is null
    and (t.used_at is null or t.used_at < now() - interval '1 minute');
  return query select t.account_id,
      case when p.id is null then t.name || ' (token)' else p.name || ' (token: ' || t.name || ')' end,
      coalesce(p.role, 'owner'),
      case when p.id is null then t.scopes
        else array(select unnest(t.scopes) intersect select unnest(private.role_scopes(p.role))) end
    from api_tokens t left join accounts p on p.id = t.account_id
    where t.sha256 = find_api_token.token_sha256 and t.ended_at is null and p.removed_at is null;
end $$;
comment on function find_api_token
  is 'Whose a token is and what it may; of a person never more than the person may now.';

create function record_access(person text, via text, action text, route text, document_id uuid, status int,
  address text) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  insert into access_log (person, via, action, route, document_id, status, address) values (record_access.person,
    record_access.via, record_access.action, record_access.route, record_access.document_id, record_access.status,
    record_access.address) returning id
$$;
comment on function record_access is 'Writes down what somebody did.';
