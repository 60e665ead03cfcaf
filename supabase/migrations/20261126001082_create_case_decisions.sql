-- What people decide beside what they say of documents: one log, and one way into it.

create table case_decisions (
  id bigint generated always as identity primary key,
  verb text not null,
  about text,
  said jsonb not null default '{}' check (jsonb_typeof(said) = 'object'),
  decided_by text not null,
  decided_at timestamptz not null default now(),
  why text
);
comment on table case_decisions
  is 'What people decided of pairs, people, events, terms, copies, matters, days, fields and views: one row each time, '
  'never changed.';
comment on column case_decisions.about is 'Id of the one thing it is about.';
create index case_decisions_about on case_decisions (about, id desc) where about is not null;
alter table case_decisions enable row level security;

create function private.keep_decision(verb text, about text, decided_by text, why text default null,
  said jsonb default '{}', named text[] default '{}') returns void
language plpgsql set search_path = public, private, pg_temp as $$
declare
  made bigint;
begin
  if coalesce(keep_decision.decided_by, '') = '' then
    perform private.refuse('AS006', 'A decision needs the name of who decides.');
  end if;
  insert into case_decisions (verb, about, said, decided_by, why)
    values (keep_decision.verb, keep_decision.about, jsonb_strip_nulls(keep_decision.said),
      left(keep_decision.decided_by, private.longest_word()), left(keep_decision.why,
      private.longest_reason())) returning id into made;
  perform private.record_event(null, 'decided', jsonb_build_object('verb', keep_decision.verb, 'by',
    keep_decision.decided_by), array['case_decisions/' || made] || keep_decision.named);
end $$;
comment on function private.keep_decision
  is 'Every verb that takes decided_by, and says nothing of a document, ends here: the decision, and the event that '
  'seals it with the `table/scope` of other rows it wrote (named).';
