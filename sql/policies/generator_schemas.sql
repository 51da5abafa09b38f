-- generator_schemas: stored snapshots are their owner's alone. Sharing an export shares its plan, not the snapshot.

alter table public.generator_schemas enable row level security, force row level security;

revoke all on public.generator_schemas from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_schemas to service_role;
grant select, delete on public.generator_schemas to authenticated;
grant insert (id, owner_id, name, sha256, snapshot) on public.generator_schemas to authenticated;
grant update (name) on public.generator_schemas to authenticated;

drop policy if exists "owners see their schemas" on public.generator_schemas;
create policy "owners see their schemas" on public.generator_schemas
    for select to authenticated
    using (owner_id = (select auth.uid()));

-- Not through the Data API, which logs in as `authenticator`: there nobody has checked snapshot and digest.
drop policy if exists "owners store schemas" on public.generator_schemas;
create policy "owners store schemas" on public.generator_schemas
    for insert to authenticated
    with check (owner_id = (select auth.uid()) and session_user <> 'authenticator');

drop policy if exists "owners rename their schemas" on public.generator_schemas;
create policy "owners rename their schemas" on public.generator_schemas
    for update to authenticated
    using (owner_id = (select auth.uid()))
    -- As the API has it: lists of schemas have their names in them.
    with check (owner_id = (select auth.uid()) and coalesce(length(name), 0) <= 200);

-- A schema that an export refers to is held by the foreign key.
drop policy if exists "owners delete their schemas" on public.generator_schemas;
create policy "owners delete their schemas" on public.generator_schemas
    for delete to authenticated
    using (owner_id = (select auth.uid()));

drop policy if exists "the service does everything" on public.generator_schemas;
create policy "the service does everything" on public.generator_schemas
    for all to service_role using (true) with check (true);
