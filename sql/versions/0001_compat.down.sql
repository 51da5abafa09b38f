-- Removes the stand-ins that are ours, known by their comments. The roles stay: other databases may use them.
do $$
declare
    ours record;
begin
    for ours in
        select format('auth.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as signature
        from pg_catalog.pg_proc as p
        where p.pronamespace = to_regnamespace('auth')
            and starts_with(coalesce(obj_description(p.oid, 'pg_proc'), ''), 'seedbed: ')
    loop
        execute 'drop function ' || ours.signature;
    end loop;
    if starts_with(coalesce(obj_description(to_regnamespace('auth'), 'pg_namespace'), ''), 'seedbed: ') then
        drop schema auth;
    end if;
end
$$;
