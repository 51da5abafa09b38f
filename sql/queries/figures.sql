-- What Prometheus is told of the database as a whole. Each is cheap: partial indexes, or tables that stay small.

-- name: figures
select 'jobs' as figure, j.task_name as first, j.status::text as second, count(*)::float8 as value
from queue.procrastinate_jobs as j
where j.status in ('todo', 'doing')
group by 2, 3
union all
select 'job_age', '', '', coalesce(max(extract(epoch from now() - coalesce(j.scheduled_at, e.at))), 0)::float8
from queue.procrastinate_jobs as j
left join lateral (
    select min(v.at) as at from queue.procrastinate_events as v where v.job_id = j.id and v.type = 'deferred'
) as e on true
where j.status = 'todo' and coalesce(j.scheduled_at, now()) <= now()
union all
select 'exports', e.status, '', count(*)
from public.generator_exports as e
where e.status in ('queued', 'running', 'cancelling')
group by 2
union all
select 'export_age', '', '', coalesce(max(extract(epoch from now() - e.requested_at)), 0)::float8
from public.generator_exports as e
where e.status = 'queued'
union all
select 'parts', p.state, '', count(*)
from public.generator_exports as e
join public.generator_export_parts as p on p.export_id = e.id
where e.status in ('queued', 'running', 'cancelling') and p.state <> 'done'
group by 2
union all
select 'stored_files', '', '', count(*) from public.generator_exports as e where e.status = 'completed'
union all
select 'stored_bytes', '', '', coalesce(sum(e.bytes), 0)::float8
from public.generator_exports as e
where e.status = 'completed'
union all
select 'orphans', '', '', count(*) from seedbed.orphaned_objects
union all
select 'workers', '', '', count(*) from queue.procrastinate_workers as w where w.last_heartbeat > now() - interval '30 s'
union all
select 'event_days', '', '', count(*) from seedbed.event_partitions() as p where p.begins > now()
union all
select 'notify_queue', '', '', pg_catalog.pg_notification_queue_usage()
union all
-- Who may not read others' activity is shown their application name as null.
select 'connections', coalesce(a.application_name, 'unknown'), '', count(*)
from pg_catalog.pg_stat_activity as a
where a.datname = current_database() and (a.application_name is null or a.application_name like 'seedbed%%')
group by 2;
