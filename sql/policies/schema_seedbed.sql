-- Schema seedbed: the service's own tables and functions. It is not among the schemas that Supabase's Data API or
-- GraphQL expose, and must not be added to them. `authenticated` enters it for the functions granted in
-- sql/functions/ alone; it has no right on any table here.

revoke all on schema seedbed from public, anon, authenticated, service_role;
grant usage on schema seedbed to authenticated, service_role;

revoke all on seedbed.removed_exports, seedbed.orphaned_objects, seedbed.audit_log, seedbed.upkeep_turns
    from public, anon, authenticated, service_role;
grant select on seedbed.removed_exports, seedbed.audit_log to service_role;
grant select, insert, delete on seedbed.orphaned_objects to service_role;
grant select, insert, update on seedbed.upkeep_turns to service_role;
