-- Which exports needed more than one go? `attempts` counts real failures, `runs` every start of a part.
create or replace view seedbed.audit_retries with (security_invoker = on) as
select
    e.id as export_id, e.owner_id, e.status, e.requested_at, e.attempts,
    coalesce(p.parts_retried, 0) as parts_retried,
    coalesce(p.part_attempts, 0) as part_attempts,
    coalesce(p.extra_runs, 0) as extra_runs,
    coalesce(d.delivery_attempts, 0) as delivery_attempts,
    e.error_details
from public.generator_exports as e
left join lateral (
    select
        count(*) filter (where p.attempts > 0) as parts_retried,
        sum(p.attempts) as part_attempts,
        sum(greatest(p.runs - 1, 0)) as extra_runs
    from public.generator_export_parts as p
    where p.export_id = e.id
) as p on true
left join lateral (
    select sum(d.attempts) as delivery_attempts
    from public.generator_export_deliveries as d
    where d.export_id = e.id and d.attempts > 1
) as d on true
where e.attempts > 0 or p.part_attempts > 0 or p.extra_runs > 0 or d.delivery_attempts > 0;

comment on view seedbed.audit_retries is 'Exports of which something ran more than once.';
revoke all on seedbed.audit_retries from public, anon, authenticated, service_role;
grant select on seedbed.audit_retries to service_role;
