-- Procrastinate's functions name its tables without a schema. A search_path of their own makes them find those
-- whatever the caller's is; its queries still need `search_path=queue` on the connection.
do $$
declare
    routine regprocedure;
begin
    for routine in select oid from pg_catalog.pg_proc where pronamespace = 'queue'::regnamespace loop
        execute format('alter function %s set search_path = queue, pg_temp', routine);
        execute format('revoke all on function %s from public, anon, authenticated, service_role', routine);
    end loop;
end
$$;

revoke all on schema queue from public, anon, authenticated, service_role;
revoke all on all tables in schema queue from public, anon, authenticated, service_role;
revoke all on all sequences in schema queue from public, anon, authenticated, service_role;

-- For the views in sql/audit/.
grant usage on schema queue to service_role;
grant select on all tables in schema queue to service_role;
