-- How much does each user keep in the bucket, and until when?
create or replace view seedbed.audit_stored_bytes with (security_invoker = on) as
select
    e.owner_id,
    count(*) as files,
    sum(e.bytes) as bytes,
    min(e.finished_at) as oldest_at,
    min(e.expires_at) as next_expiry_at,
    count(*) filter (where e.expires_at < now()) as overdue
from public.generator_exports as e
where e.status = 'completed'
group by 1;

comment on view seedbed.audit_stored_bytes is 'Files and bytes kept by user, and how many should be gone by now.';
revoke all on seedbed.audit_stored_bytes from public, anon, authenticated, service_role;
grant select on seedbed.audit_stored_bytes to service_role;
