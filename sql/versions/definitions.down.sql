-- Removes what sql/functions/ and sql/policies/ define. The tables stay, closed to everybody but their
-- owner: row-level security stays on.
do $$
declare
    ours record;
begin
    for ours in
        select schemaname, tablename, policyname from pg_catalog.pg_policies
        where (schemaname = 'public' and tablename like 'generator\_%')
            or (schemaname = 'storage' and tablename = 'objects' and policyname like 'generator exports: %')
    loop
        execute format('drop policy %I on %I.%I', ours.policyname, ours.schemaname, ours.tablename);
    end loop;
    for ours in
        select t.tgname, t.tgrelid::regclass as relation
        from pg_catalog.pg_trigger as t
        join pg_catalog.pg_proc as p on p.oid = t.tgfoid
        where p.pronamespace = 'seedbed'::regnamespace and not t.tgisinternal
    loop
        execute format('drop trigger %I on %s', ours.tgname, ours.relation);
    end loop;
    for ours in
        select oid::regprocedure as signature from pg_catalog.pg_proc
        where pronamespace = 'seedbed'::regnamespace
            or (pronamespace = 'public'::regnamespace and proname like 'generator\_%')
    loop
        execute format('drop function %s', ours.signature);
    end loop;
    drop table if exists seedbed.definitions;
end
$$;
