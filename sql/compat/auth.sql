-- Supabase's auth.uid(), auth.jwt() and auth.role(), on a Postgres that lacks them. What is there stays as it is.
-- The comments mark what is ours, so that taking the schema down removes nothing else.
do $$
begin
    if to_regnamespace('auth') is null then
        create schema auth;
        comment on schema auth is 'seedbed: stand-in for the one of Supabase';
        grant usage on schema auth to anon, authenticated, service_role;
    end if;

    if to_regprocedure('auth.uid()') is null then
        create function auth.uid() returns uuid
            language sql stable parallel safe set search_path = pg_catalog, pg_temp
            as $function$
                select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
            $function$;
        comment on function auth.uid() is 'seedbed: the user that request.jwt.claims names';
    end if;

    if to_regprocedure('auth.jwt()') is null then
        create function auth.jwt() returns jsonb
            language sql stable parallel safe set search_path = pg_catalog, pg_temp
            as $function$
                select nullif(current_setting('request.jwt.claims', true), '')::jsonb
            $function$;
        comment on function auth.jwt() is 'seedbed: request.jwt.claims';
    end if;

    if to_regprocedure('auth.role()') is null then
        create function auth.role() returns text
            language sql stable parallel safe set search_path = pg_catalog, pg_temp
            as $function$
                select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
            $function$;
        comment on function auth.role() is 'seedbed: the role that request.jwt.claims names';
    end if;
end
$$;
