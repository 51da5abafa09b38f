-- How long do exports wait, and how long do they run? Completed ones, by the day they were asked for.
create or replace view seedbed.audit_durations_daily with (security_invoker = on) as
select
    (e.requested_at at time zone 'UTC')::date as day,
    count(*) as exports,
    percentile_cont(0.5) within group (order by extract(epoch from e.started_at - e.requested_at)) as queue_wait_p50_s,
    percentile_cont(0.95) within group (order by extract(epoch from e.started_at - e.requested_at)) as queue_wait_p95_s,
    percentile_cont(0.5) within group (order by extract(epoch from e.finished_at - e.started_at)) as duration_p50_s,
    percentile_cont(0.95) within group (order by extract(epoch from e.finished_at - e.started_at)) as duration_p95_s
from seedbed.audit_all_exports as e
where e.status in ('completed', 'expired')
group by 1;

comment on view seedbed.audit_durations_daily is 'Median and 95th percentile of queue wait and run time, in seconds, by UTC day.';
revoke all on seedbed.audit_durations_daily from public, anon, authenticated, service_role;
grant select on seedbed.audit_durations_daily to service_role;
