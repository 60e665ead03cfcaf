-- What everything else stands on: schemas, the worker's role, and nothing open by itself.

create schema if not exists extensions;
create extension if not exists vector with schema extensions;

create schema if not exists private;
comment on schema private is 'Helpers of the functions in public. Not exposed by PostgREST, granted to nobody.';
revoke all on schema private from public;

-- PostgreSQL lets everybody execute a new function, and Supabase gives its API roles every new table, sequence and
-- function in public. Here a later one is closed until its migration grants it to somebody.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

do $$
begin
  if not exists (select from pg_roles where rolname = 'gpu_worker') then
    create role gpu_worker nologin noinherit;
  end if;
end $$;
comment on role gpu_worker
  is 'A rented machine. Its JWT carries the claim "machine"; it may call the worker functions and read no table.';
-- A result of 2,000 pages takes longer to index than the 8 s that Supabase gives an API call.
alter role gpu_worker set statement_timeout = '60s';
grant gpu_worker to authenticator;
grant usage on schema public to gpu_worker;

do $$
begin
  if not exists (select from pg_roles where rolname = 'analysis_worker') then
    create role analysis_worker nologin noinherit;
  end if;
end $$;
comment on role analysis_worker
  is 'The analysis worker on our own machine: it may call the verbs of documents to be judged and read no table.';
alter role analysis_worker set statement_timeout = '60s';
grant analysis_worker to authenticator;
grant usage on schema public to analysis_worker;
