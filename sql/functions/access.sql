-- Who may do what with an export, in one place. Schema seedbed is not exposed to any API, so the definer functions
-- stand there; the functions in public run as their caller.

-- Every search_path here ends with pg_temp: where it is not named, names of types are looked for there first, and a
-- session's own domain `uuid` would have its checks run with the function's rights. The stand-ins of sql/compat/ were
-- made once; where they are ours they are brought up to that too.
do $$
declare
    ours regprocedure;
begin
    for ours in
        select p.oid::regprocedure from pg_catalog.pg_proc as p
        where p.oid in (to_regprocedure('auth.uid()'), to_regprocedure('auth.jwt()'), to_regprocedure('auth.role()'))
            and pg_catalog.obj_description(p.oid, 'pg_proc') like 'seedbed: %'
            and not coalesce(p.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}'
    loop
        execute format('alter function %s set search_path = pg_catalog, pg_temp', ours);
    end loop;
end
$$;

-- SECURITY DEFINER: the policies of generator_export_shares ask it about generator_exports, whose own policies ask
-- generator_export_shares; as the caller the two would recurse.
create or replace function seedbed.owns_export(export uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select exists (
            select from public.generator_exports as e where e.id = export and e.owner_id = (select auth.uid())
        )
    $$;
comment on function seedbed.owns_export(uuid) is 'Whether the caller owns the export.';

-- SECURITY DEFINER: so that the answer is the same inside and outside of policies.
create or replace function seedbed.export_role(export uuid) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select case when e.owner_id = (select auth.uid()) then 'owner' else s.role end
        from public.generator_exports as e
        left join public.generator_export_shares as s on s.export_id = e.id and s.user_id = (select auth.uid())
        where e.id = export
    $$;
comment on function seedbed.export_role(uuid) is 'The caller''s part in the export: owner, editor, viewer, or null.';

create or replace function public.generator_can_see(export uuid) returns boolean
    language sql stable security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.export_role(export) is not null $$;
comment on function public.generator_can_see(uuid) is 'Whether the caller may see the export.';

create or replace function public.generator_can_edit(export uuid) returns boolean
    language sql stable security invoker set search_path = pg_catalog, pg_temp
    as $$ select coalesce(seedbed.export_role(export) in ('owner', 'editor'), false) $$;
comment on function public.generator_can_edit(uuid) is 'Whether the caller may cancel, re-run and download the export.';

-- Refuses in the way that every function here refuses: P0002 for what the caller cannot see, 42501 for what a
-- viewer may not do. `allowed` lists the parts that may.
create or replace function seedbed.require_role(export uuid, allowed text[]) returns void
    language plpgsql stable security invoker set search_path = pg_catalog, pg_temp
    as $$
    declare
        part text := seedbed.export_role(export);
    begin
        if part is null then
            raise no_data_found using message = 'no such export';
        elsif not part = any (allowed) then
            raise insufficient_privilege using message = format('a %s may not do this', part);
        end if;
    end
    $$;
comment on function seedbed.require_role(uuid, text[]) is 'Raises P0002 or 42501 unless the caller has an allowed part.';

revoke all on function seedbed.owns_export(uuid) from public, anon, authenticated, service_role;
revoke all on function seedbed.export_role(uuid) from public, anon, authenticated, service_role;
revoke all on function seedbed.require_role(uuid, text[]) from public, anon, authenticated, service_role;
revoke all on function public.generator_can_see(uuid) from public, anon, authenticated, service_role;
revoke all on function public.generator_can_edit(uuid) from public, anon, authenticated, service_role;
grant execute on function seedbed.owns_export(uuid) to authenticated, service_role;
grant execute on function seedbed.export_role(uuid) to authenticated, service_role;
grant execute on function public.generator_can_see(uuid) to authenticated, service_role;
grant execute on function public.generator_can_edit(uuid) to authenticated, service_role;
