-- Who downloaded what, and were they its owner?
create or replace view seedbed.audit_downloads with (security_invoker = on) as
select
    d.id as download_id, d.created_at, d.user_id, d.kind, d.expires_at, d.request_id, d.export_id,
    e.owner_id, d.user_id = e.owner_id as by_owner, e.file_name, e.bytes, e.removed_at
from public.generator_downloads as d
left join seedbed.audit_all_exports as e on e.export_id = d.export_id;

comment on view seedbed.audit_downloads is 'Each URL handed out and each download, with whose file it was.';
revoke all on seedbed.audit_downloads from public, anon, authenticated, service_role;
grant select on seedbed.audit_downloads to service_role;
