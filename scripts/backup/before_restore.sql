-- The first half of the transaction that brings a backup back: makes what is in no dump, and room for what is.

set local statement_timeout = 0;
set local client_min_messages = warning;

-- Of a new project at Supabase they are not there yet; there `postgres` may make the extension.
create schema if not exists extensions;
create extension if not exists vector with schema extensions;

-- A dump holds no roles, nor what is set for them; these are made by the migrations, the others by Supabase.
do $$
declare
  worker text;
begin
  foreach worker in array array['gpu_worker', 'analysis_worker'] loop
    if not exists (select from pg_roles where rolname = worker) then
      execute format('create role %I nologin noinherit', worker);
    end if;
    execute format('alter role %I set statement_timeout = %L', worker, '60s');
    execute format('grant %I to authenticator', worker);
  end loop;
end $$;

-- What a new project opens by default would open every table that comes back.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

-- `public` itself stays: at Supabase it is not ours, and what `supabase_admin` gives by default there would go with it.
drop schema if exists private, supabase_migrations cascade;
do $$
declare
  ours constant text := 'not exists (select from pg_depend d where d.classid = it.tableoid and d.objid = it.oid'
    ' and d.deptype = ''e'')';
  kind text;
  each record;
  found text;
begin
  for each in values ('view', 'v'), ('materialized view', 'm'), ('table', 'rp'), ('sequence', 'S') loop
    execute format('select string_agg(it.oid::regclass::text, '', '') from pg_class it where relkind = any(%L::"char"[])'
      ' and relnamespace = ''public''::regnamespace and pg_has_role(relowner, ''member'') and ' || ours,
      string_to_array(each.column2, null)) into found;
    if found is not null then execute format('drop %s %s cascade', each.column1, found); end if;
  end loop;
  execute 'select string_agg(it.oid::regprocedure::text, '', '') from pg_proc it where pg_has_role(proowner, ''member'')'
    ' and pronamespace = ''public''::regnamespace and ' || ours into found;
  if found is not null then execute format('drop routine %s cascade', found); end if;
  execute 'select string_agg(it.oid::regtype::text, '', '') from pg_type it where typnamespace = ''public''::regnamespace'
    ' and (typtype in (''e'', ''d'', ''r'') or (typtype = ''c'' and exists (select from pg_class c'
    ' where c.oid = typrelid and c.relkind = ''c''))) and pg_has_role(typowner, ''member'') and ' || ours into found;
  if found is not null then execute format('drop type %s cascade', found); end if;
end $$;
