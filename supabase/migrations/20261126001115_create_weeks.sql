-- What happened in a week (UTC, from Monday), for the report that is written when it is over.

create function get_week(first_day date) returns setof jsonb
language sql stable security definer set search_path = public, private, pg_temp set statement_timeout = '30s' as $$
  with week as (
    select get_week.first_day::timestamp at time zone 'utc' as starts,
      (get_week.first_day + 7)::timestamp at time zone 'utc' as ends
  ), came as (
    select j.* from document_journal j, week w where j.created_at >= w.starts and j.created_at < w.ends
  ), found as (
    select f.kind, f.score, f.quote, f.page, f.original_filename, f.rank from finding_list f, week w
      where f.received_at >= w.starts and f.received_at < w.ends
  )
  select jsonb_build_object(
    'came', (select count(*) from came), 'known', (select count(*) from came where duplicate),
    'read', (select count(*) from came where processing_status = 'completed' and not duplicate),
    'waiting', (select count(*) from came where processing_status in ('queued', 'processing')),
    'unread', (select coalesce(jsonb_agg(jsonb_build_object('name', u.original_filename, 'why', u.error_message)), '[]')
      from (select * from came where processing_status = 'failed' order by seq limit 200) u),
    'findings', (select count(*) from found),
    'gravest', (select coalesce(jsonb_agg(g), '[]') from (select f.kind, f.quote, f.page,
      f.original_filename from found f order by f.rank desc limit 20) g),
    'machine_usd', (select sum(private.machines_usd_on(get_week.first_day + d)) from generate_series(0, 6) d),
    'claude_usd', (select coalesce(sum(c.cost_usd), 0) from claude_calls c
      where c.day >= get_week.first_day and c.day < get_week.first_day + 7))
$$;
comment on function get_week is 'What came in, what could not be read, what stood out and what it cost in seven days.';
