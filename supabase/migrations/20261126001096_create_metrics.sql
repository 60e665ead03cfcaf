-- What a watcher asks every few seconds, in one answer that reads indexes and small tables only.

create function get_metrics() returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '10s'
  set enable_seqscan = off as $$
  select jsonb_build_object(
    'queue', (select coalesce(jsonb_agg(q), '[]') from (select s.priority, sum(s.queued) as waiting,
        sum(s.processing) as processing, sum(s.pages_waiting) as pages,
        extract(epoch from now() - min(s.oldest_created_at) filter (where s.queued > 0)) as oldest_seconds
      from get_queue_stats() s group by 1) q),
    'to_judge', (select count(*) from processing_jobs where kind <> 'read' and status = 'queued' and run_after is null),
    'machines', (select coalesce(jsonb_agg(m), '[]') from (select m.status, count(*) as machines,
        coalesce(sum(m.usd_per_hour), 0) as usd_per_hour,
        coalesce(sum((m.report ->> 'pages_per_second')::real) filter (where m.last_heartbeat_at > now()
          - private.fresh_report() and jsonb_typeof(m.report -> 'pages_per_second') = 'number'), 0) as pages_per_second
      from machines m where m.status <> 'destroyed' group by 1) m),
    'machine_usd_today', private.machines_usd_on((now() at time zone 'utc')::date),
    'claude', (select coalesce(jsonb_agg(c), '[]') from (select coalesce(c.outcome, c.status) as outcome,
        count(*) as calls, sum(c.cost_usd) as usd
      from claude_calls c where c.day = (now() at time zone 'utc')::date group by 1) c),
    'consumers', (select coalesce(jsonb_agg(c), '[]') from (select
        case when c.consumer like 'webhook:%' then 'webhook' else c.consumer end as consumer,
        max(extract(epoch from now() - e.created_at)) as lag_seconds
      from event_cursors c left join lateral (select e.created_at from events e
        where (e.transaction_id, e.id) > (c.transaction_id, c.event_id)
          order by e.transaction_id, e.id limit 1) e on true
      where c.consumer not like 'webhook:%' or exists (select from webhooks w where w.ended_at is null
        and private.webhook_consumer(w.id) = c.consumer)
      group by 1) c),
    'parked_events', (select count(*) from event_deliveries where parked_at is not null),
    'programs', (select coalesce(jsonb_agg(p), '[]') from (select p.name,
        extract(epoch from now() - p.beat_at) as silent_seconds,
        p.beat_at < now() - make_interval(secs => p.late_after_seconds) as is_late from programs p) p),
    'backups', (select coalesce(jsonb_agg(b), '[]') from (select b.kind, b.outcome,
        extract(epoch from now() - b.finished_at) as seconds_ago from get_backups() b) b),
    'alarms', (select coalesce(jsonb_agg(a), '[]') from (select a.name, count(*) as open from alarms a
      where a.settled_at is null and a.cleared_at is null group by 1) a),
    'doors', (select coalesce(jsonb_agg(d), '[]') from (select d.name, d.status from doors d) d))
$$;
comment on function get_metrics
  is 'The house in numbers, for GET /metrics: cheap enough for every fifteen seconds, without a word of a document.';
