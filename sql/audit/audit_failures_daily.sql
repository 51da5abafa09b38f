-- What share of exports fails, by the day they were asked for? Cancelled ones count neither way.
create or replace view seedbed.audit_failures_daily with (security_invoker = on) as
select
    (e.requested_at at time zone 'UTC')::date as day,
    count(*) as exports,
    count(*) filter (where e.status in ('completed', 'expired')) as completed,
    count(*) filter (where e.status = 'failed') as failed,
    count(*) filter (where e.status = 'cancelled') as cancelled,
    round(
        100.0 * count(*) filter (where e.status = 'failed')
        / nullif(count(*) filter (where e.status in ('completed', 'expired', 'failed')), 0),
        2
    ) as failure_percent
from seedbed.audit_all_exports as e
group by 1;

comment on view seedbed.audit_failures_daily is 'Failure rate by UTC day of request.';
revoke all on seedbed.audit_failures_daily from public, anon, authenticated, service_role;
grant select on seedbed.audit_failures_daily to service_role;
