-- What every Supabase project has before its first migration, for a plain PostgreSQL with pgvector.
-- The embedded cloud runs it once, as superuser, before supabase/migrations/. Safe to repeat.

do $$
begin
  if not exists (select from pg_roles where rolname = 'anon') then
    create role anon nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role authenticator login noinherit;
  end if;
  -- The user of `supabase db push`: owns the database, makes roles, is no superuser.
  if not exists (select from pg_roles where rolname = 'postgres') then
    create role postgres login createrole createdb bypassrls replication;
  end if;
end $$;

grant anon, authenticated, service_role to postgres with admin option;
grant authenticator to postgres with admin option, inherit false;
grant pg_monitor, pg_signal_backend to postgres;
alter database postgres owner to postgres;

grant anon, authenticated, service_role to authenticator;

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
-- On Supabase `postgres` may create it; elsewhere only a superuser can, so it is there already.
create extension if not exists vector with schema extensions;

-- Supabase gives its API roles everything in public by default. The first migration takes it away for good, which only
-- shows if it is given here too, and only lasts if it is not given again.
grant usage on schema public to anon, authenticated, service_role;
do $$
begin
  if to_regnamespace('private') is null then
    alter default privileges for role postgres in schema public
      grant all on tables to anon, authenticated, service_role;
    alter default privileges for role postgres in schema public
      grant all on sequences to anon, authenticated, service_role;
    alter default privileges for role postgres in schema public
      grant all on functions to anon, authenticated, service_role;
  end if;
end $$;

-- What `supabase_admin` opens for itself: nobody else may take it back or give it again, so no dump of ours may try.
do $$
declare
  objects text;
begin
  foreach objects in array array['tables', 'sequences', 'functions'] loop
    execute format('alter default privileges for role supabase_admin in schema public grant all on %s'
      ' to postgres, anon, authenticated, service_role', objects);
  end loop;
end $$;

alter database postgres set search_path to "$user", public, extensions;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
