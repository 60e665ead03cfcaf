-- Supabase lets the API's statements run for 8 seconds. These may need longer on a busy database; PostgREST takes the limit from the function.

do $$
declare
  name text;
begin
  foreach name in array array['enqueue_jobs', 'enqueue_objects', 'find_known_objects', 'release_expired_jobs', 'requeue_instance_jobs',
      'complete_batches', 'get_batches', 'get_totals', 'get_queue_stats', 'get_page_statistics', 'get_analytics', 'get_costs', 'get_job_costs'] loop
    execute format('alter function public.%I set statement_timeout = ''30s''', name);
  end loop;
end $$;
