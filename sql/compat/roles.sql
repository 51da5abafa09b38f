-- The roles that a Supabase project has, on a Postgres that lacks them. Existing roles are never altered.
-- Roles belong to the server, not to the database: they stay when the schema is taken down.
do $$
declare
    wanted text;
    myself record;
    -- Before 16, membership alone was enough to `set role`; since then it is an option of its own.
    needed text := case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end;
begin
    select rolsuper, rolcreaterole, rolbypassrls into myself from pg_catalog.pg_roles where rolname = current_user;
    foreach wanted in array array['anon', 'authenticated', 'service_role'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
            if not (myself.rolsuper or myself.rolcreaterole) then
                raise insufficient_privilege using
                    message = format('role "%s" is missing and "%s" may not create roles', wanted, current_user),
                    hint = 'Create the roles anon, authenticated and service_role once, as a superuser.';
            end if;
            begin
                execute format('create role %I nologin noinherit', wanted);
            exception when duplicate_object or unique_violation then
                null;  -- made by a migration of another database of this server, at this moment
            end;
            -- As on Supabase, where we may. Where we may not, the policies for service_role do the same.
            if wanted = 'service_role' and (myself.rolsuper or (needed = 'SET' and myself.rolbypassrls)) then
                execute 'alter role service_role bypassrls';
            end if;
        end if;
        -- The API acts as these roles by `set role`. A plain owner also gets through the forced policies of its own
        -- tables by being a member of service_role.
        if not pg_has_role(current_user, wanted, needed) then
            execute format('grant %I to %I', wanted, current_user);
        end if;
    end loop;
end
$$;
