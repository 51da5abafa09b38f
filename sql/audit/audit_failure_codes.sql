-- Why do exports fail? By day and by the code in error_details.
create or replace view seedbed.audit_failure_codes with (security_invoker = on) as
select
    (e.finished_at at time zone 'UTC')::date as day,
    coalesce(e.error_details ->> 'code', 'unknown') as code,
    count(*) as exports,
    count(distinct e.owner_id) as owners,
    max(e.finished_at) as last_failed_at
from public.generator_exports as e
where e.status = 'failed'
group by 1, 2;

comment on view seedbed.audit_failure_codes is 'Failed exports by UTC day and error code.';
revoke all on seedbed.audit_failure_codes from public, anon, authenticated, service_role;
grant select on seedbed.audit_failure_codes to service_role;
