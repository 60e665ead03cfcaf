-- Backups and restores, as scripts/backup.sh, try_backup.sh and restore.sh note them as the database's owner: nobody
-- else has a reason to.

create table backups (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('backup', 'trial', 'restore')),
  name text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  outcome text not null check (outcome in ('done', 'damaged', 'failed')),
  message text,
  bytes bigint,
  sha256 text,
  counts jsonb not null default '{}'
);
comment on table backups
  is 'Each backup that was made, tried in a scratch database (trial) or brought back (restore), and what became of it.';
comment on column backups.name is 'Which backup: the moment it began, 20261122T030000Z.';
comment on column backups.outcome
  is 'damaged: it is there, but holds objects whose bytes are not those that the ledger knows.';
comment on column backups.bytes is 'What this one added to the folder: the dump and the parts with new objects.';
comment on column backups.sha256 is 'Of database.dump.age.';
comment on column backups.counts is 'documents, rows and objects in it; new and damaged objects.';
create index backups_newest on backups (kind, outcome, finished_at desc);
alter table backups enable row level security;

create function private.note_backup(kind text, name text, started_at timestamptz, outcome text, message text,
  bytes bigint, sha256 text, counts jsonb) returns bigint
language sql set search_path = public, pg_temp as $$
  insert into backups (kind, name, started_at, finished_at, outcome, message, bytes, sha256, counts)
  values (note_backup.kind, note_backup.name, note_backup.started_at, clock_timestamp(), note_backup.outcome,
    note_backup.message, note_backup.bytes, note_backup.sha256, coalesce(note_backup.counts, '{}'))
  returning id
$$;
comment on function private.note_backup is 'What became of a backup, a trial or a restore that ends now.';

create function get_backups() returns setof backups
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct on (b.kind, b.outcome) b.* from backups b order by b.kind, b.outcome, b.finished_at desc
$$;
comment on function get_backups is 'The newest of each kind and outcome.';
