-- Who lives: every long-running program notes its life. What the doctor found last. What this database is.

create table programs (
  name text primary key check (name ~ '^[a-z][a-z0-9_ -]{0,39}$'),
  version text,
  beat_at timestamptz not null default now(),
  late_after_seconds int not null check (late_after_seconds > 0),
  problem text
);
comment on table programs
  is 'Programs that were ever heard of, each with its newest sign of life; several of one name count as one.';
comment on column programs.late_after_seconds
  is 'After so long a silence it is taken for dead, as the program itself says.';
comment on column programs.problem
  is 'Why its last round did nothing: a code, never words of a document.';
alter table programs enable row level security;

create function note_program(name text, late_after_seconds int, version text default null, problem text default null)
returns setof programs language sql security definer set search_path = public, pg_temp as $$
  insert into programs as p (name, late_after_seconds, version, problem)
    values (note_program.name, note_program.late_after_seconds, left(note_program.version, 40),
      left(note_program.problem, 60))
    on conflict on constraint programs_pkey do update set beat_at = now(), version = excluded.version,
      late_after_seconds = excluded.late_after_seconds, problem = excluded.problem
    returning p.*
$$;
comment on function note_program is 'A program lives.';

create function private.note_analyst() returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  if not exists (select from programs p where p.name = 'analyse' and p.beat_at > now() - interval '15 seconds') then
    perform note_program('analyse', 600);
  end if;
end $$;
comment on function private.note_analyst
  is 'The analysis worker asked for work, which it does every few seconds: noted every quarter of a minute. A round of '
  'its may take minutes, so it is late after ten.';

create function get_programs()
returns table (name text, version text, beat_at timestamptz, silent_seconds double precision, late_after_seconds int,
  is_late boolean, problem text)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.name, p.version, p.beat_at, s.seconds, p.late_after_seconds, s.seconds > p.late_after_seconds, p.problem
    from programs p cross join lateral (select extract(epoch from now() - p.beat_at)::double precision as seconds) s
    order by 1
$$;
comment on function get_programs is 'How long each program has been silent, by the database''s clock.';

create function forget_program(name text) returns setof programs
language sql security definer set search_path = public, pg_temp as $$
  delete from programs p where p.name = forget_program.name returning p.*
$$;
comment on function forget_program is 'This program is not expected any more; it is again once it is heard of.';

create table examinations (
  id bigint generated always as identity primary key,
  examined_at timestamptz not null default now(),
  seconds real not null,
  probes jsonb not null
);
comment on table examinations
  is 'What the doctor found, the last few times; never a secret, never a word of a document.';
alter table examinations enable row level security;

create function private.most_examinations() returns int language sql immutable return 20;
comment on function private.most_examinations
  is 'Answers of the doctor that stay: the newest is shown, the others tell since when something is broken.';

create function keep_examination(probes jsonb, seconds double precision) returns setof examinations
language sql security definer set search_path = public, private, pg_temp as $$
  delete from examinations e where e.id <= (select max(l.id) from examinations l) - private.most_examinations() + 1;
  insert into examinations as e (probes, seconds) values (keep_examination.probes, keep_examination.seconds)
    returning e.*
$$;
comment on function keep_examination is 'Keeps what the doctor found.';

create function get_database_facts()
returns table (migration text, vector text, postgres text, told_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  newest text;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'select max(version) from supabase_migrations.schema_migrations' into newest;
  end if;
  return query select newest, (select e.extversion from pg_extension e where e.extname = 'vector'),
    current_setting('server_version'), now();
end $$;
comment on function get_database_facts
  is 'The newest migration that was applied, the versions of the extension vector and of Postgres, and the time.';

create function fill_answer() returns setof int language sql immutable as $$ select generate_series(1, 1000) $$;
comment on function fill_answer
  is 'As many rows as one answer must hold: what comes of them shows the max-rows of the project.';
