-- How much does each user make, by day?
create or replace view seedbed.audit_usage_daily with (security_invoker = on) as
select
    e.owner_id,
    (e.requested_at at time zone 'UTC')::date as day,
    count(*) as exports,
    sum(e.rows_generated) as rows,
    coalesce(sum(e.bytes), 0) as bytes
from seedbed.audit_all_exports as e
group by 1, 2;

comment on view seedbed.audit_usage_daily is 'Exports, rows and bytes by user and UTC day of request, deleted exports included.';
revoke all on seedbed.audit_usage_daily from public, anon, authenticated, service_role;
grant select on seedbed.audit_usage_daily to service_role;
