-- What is in the queue, and how long has its oldest job been due?
create or replace view seedbed.audit_queue with (security_invoker = on) as
select
    j.queue_name, j.task_name, j.status::text as status,
    count(*) as jobs,
    count(*) filter (where j.status = 'todo' and coalesce(j.scheduled_at, now()) <= now()) as due,
    max(j.attempts) as most_attempts,
    min(coalesce(j.scheduled_at, d.at)) as oldest_due_at
from queue.procrastinate_jobs as j
left join lateral (
    select min(v.at) as at from queue.procrastinate_events as v where v.job_id = j.id and v.type = 'deferred'
) as d on true
group by 1, 2, 3;

comment on view seedbed.audit_queue is 'Jobs by queue, task and status.';
revoke all on seedbed.audit_queue from public, anon, authenticated, service_role;
grant select on seedbed.audit_queue to service_role;
