-- What has stopped moving? Nothing, when all is well: rescue runs by itself within a minute.
create or replace view seedbed.audit_stuck with (security_invoker = on) as
select
    'part whose lease ran out' as what, p.export_id, p.part_no, null::bigint as job_id,
    p.lease_expires_at as since
from public.generator_export_parts as p
where p.state = 'running' and p.lease_expires_at < now() - interval '1 minute'
union all
select 'export without news', e.id, null, null, e.updated_at
from public.generator_exports as e
where e.status in ('queued', 'running', 'cancelling') and e.updated_at < now() - interval '10 minutes'
union all
select 'job of a worker that is gone', (j.args ->> 'export_id')::uuid, null, j.id, w.last_heartbeat
from queue.procrastinate_jobs as j
left join queue.procrastinate_workers as w on w.id = j.worker_id
where j.status = 'doing' and (w.id is null or w.last_heartbeat < now() - interval '1 minute')
union all
select 'job overdue', (j.args ->> 'export_id')::uuid, null, j.id, j.scheduled_at
from queue.procrastinate_jobs as j
where j.status = 'todo' and j.scheduled_at < now() - interval '10 minutes';

comment on view seedbed.audit_stuck is 'Parts, exports and jobs that have stopped moving, and since when.';
revoke all on seedbed.audit_stuck from public, anon, authenticated, service_role;
grant select on seedbed.audit_stuck to service_role;
