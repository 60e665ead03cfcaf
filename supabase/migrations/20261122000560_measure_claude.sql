-- What Claude has cost per page here: the estimate of a batch goes by it.

create function get_claude_statistics(model text) returns table (documents bigint, pages numeric, usd numeric)
language sql stable security definer set search_path = public, pg_temp set statement_timeout = '30s' as $$
  select count(*), coalesce(sum(j.pages_total), 0), coalesce(sum(c.usd), 0)
  from (select job_id, sum(cost_usd) as usd from claude_calls
      where claude_calls.model = get_claude_statistics.model and state = 'settled'
      group by job_id order by max(created_at) desc limit 5000) c
    join processing_jobs j on j.id = c.job_id and j.status = 'completed' and j.pages_total > 0
$$;
comment on function get_claude_statistics is 'Documents, pages and dollars of the last 5,000 completed jobs that this model was asked about.';
revoke all on function get_claude_statistics from public, anon, authenticated, service_role;
grant execute on function get_claude_statistics to service_role;
