-- The queue's schema is on nobody's search_path but, for the length of a statement, the service's.

-- name: enter_queue
select
    set_config('seedbed.search_path', current_setting('search_path'), true),
    set_config('search_path', 'queue', true);

-- name: defer_jobs
-- Procrastinate's own function. Its client asks for the ids, which costs a round trip and nobody needs.
select queue.procrastinate_defer_jobs_v1(array(
    select row(
        %(queue)s, %(task)s, %(priority)s, null, null, job.args,
        case when %(delay_s)s > 0 then now() + make_interval(secs => %(delay_s)s) end
    )::queue.procrastinate_job_to_defer_v1
    from jsonb_array_elements(%(arguments)s) with ordinality as job (args, number)
    order by job.number
));

-- name: leave_queue
select set_config('search_path', current_setting('seedbed.search_path'), true);

-- name: retry_job
-- Procrastinate's own query takes a moment of the caller's clock.
select queue.procrastinate_retry_job_v2(
    %(job_id)s, now() + make_interval(secs => %(wait_s)s), %(priority)s, %(queue)s, %(lock)s
);
