-- The queue's schema is on nobody's search_path but, for the length of a statement, the service's.

-- name: enter_queue
select
    set_config('seedbed.search_path', current_setting('search_path'), true),
    set_config('search_path', 'queue', true);

-- name: leave_queue
select set_config('search_path', current_setting('seedbed.search_path'), true);

-- name: retry_job
-- Procrastinate's own query takes a moment of the caller's clock.
select queue.procrastinate_retry_job_v2(
    %(job_id)s, now() + make_interval(secs => %(wait_s)s), %(priority)s, %(queue)s, %(lock)s
);
