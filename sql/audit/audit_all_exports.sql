-- Who exported what, and when? Deleted exports are among them. Other views stand on this one, so its name sorts first.
create or replace view seedbed.audit_all_exports with (security_invoker = on) as
select
    e.id as export_id, e.owner_id, e.schema_id, e.status, e.format, e.file_name, e.object_path,
    e.rows_generated, e.bytes, e.requested_at, e.started_at, e.finished_at,
    null::timestamptz as removed_at, null::uuid as removed_by
from public.generator_exports as e
union all
select
    r.id, r.owner_id, r.schema_id, r.status, r.format, r.file_name, r.object_path,
    r.rows_generated, r.bytes, r.requested_at, r.started_at, r.finished_at,
    r.removed_at, r.removed_by
from seedbed.removed_exports as r;

comment on view seedbed.audit_all_exports is 'Who exported what and when, deleted exports included.';
revoke all on seedbed.audit_all_exports from public, anon, authenticated, service_role;
grant select on seedbed.audit_all_exports to service_role;
