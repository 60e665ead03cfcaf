-- Programs of the house's people that want to hear what happens: each is a consumer of the outbox.

create table webhooks (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  url text not null check (url ~ '^https?://[^\s]+$' and length(url) <= 2000),
  secret text not null,
  kinds text[] not null default '{}',
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
comment on table webhooks is 'Addresses that events are sent to; one that has ended hears nothing more.';
comment on column webhooks.kinds is 'Kinds of event it wants to hear; none named: every kind.';
comment on column webhooks.secret is 'The key of its signatures; told once, when it is made.';
alter table webhooks enable row level security;

create table webhook_deliveries (
  id bigint generated always as identity primary key,
  webhook_id uuid not null references webhooks (id),
  event_id bigint not null references events (id),
  status_code integer,
  problem text,
  seconds real not null,
  created_at timestamptz not null default now()
);
comment on table webhook_deliveries is 'Every try to send an event: what was answered, or why there was no answer.';
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, id desc);
alter table webhook_deliveries enable row level security;

create function private.webhook_consumer(webhook_id uuid) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$ select 'webhook:' || webhook_id $$;
comment on function private.webhook_consumer is 'The name under which a webhook consumes the outbox.';

create function add_webhook(url text, secret text, kinds text[]) returns setof webhooks
language plpgsql security definer set search_path = public, private, pg_temp as $$
declare
  made webhooks;
begin
  insert into webhooks (url, secret, kinds) values (add_webhook.url, add_webhook.secret, add_webhook.kinds)
    returning * into made;
  -- It hears what happens from now on: the cursor stands behind every transaction that has begun.
  insert into event_cursors (consumer, transaction_id) values (private.webhook_consumer(made.id), pg_current_xact_id());
  return next made;
end $$;
comment on function add_webhook is 'Makes a webhook, which hears of what happens from now on.';

create function end_webhook(webhook_id uuid) returns setof uuid
language sql security definer set search_path = public, private, pg_temp as $$
  delete from event_deliveries d where d.consumer = private.webhook_consumer(end_webhook.webhook_id);
  update webhooks w set ended_at = now() where w.id = end_webhook.webhook_id and w.ended_at is null returning w.id
$$;
comment on function end_webhook is 'Sends nothing more there; its id if it had not ended before.';

create function record_webhook_delivery(webhook_id uuid, event_id bigint, status_code int, problem text,
  seconds double precision) returns setof bigint
language sql security definer set search_path = public, pg_temp as $$
  insert into webhook_deliveries (webhook_id, event_id, status_code, problem, seconds)
    values (record_webhook_delivery.webhook_id, record_webhook_delivery.event_id, record_webhook_delivery.status_code,
      left(record_webhook_delivery.problem, 200), record_webhook_delivery.seconds) returning id
$$;
comment on function record_webhook_delivery is 'Writes down one try to send an event.';
