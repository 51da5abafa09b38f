-- generator_export_shares: the owner of an export gives and takes; a person sees what was given to them, and may
-- hand it back. Editors and viewers do not see whom else it is shared with, and cannot pass it on.

alter table public.generator_export_shares enable row level security, force row level security;

revoke all on public.generator_export_shares from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_export_shares to service_role;
grant select, delete on public.generator_export_shares to authenticated;
grant insert (export_id, user_id, role) on public.generator_export_shares to authenticated;
grant update (role) on public.generator_export_shares to authenticated;

-- owns_export asks generator_exports without its policies, which ask this table: they would recurse.
drop policy if exists "people see shares they gave or were given" on public.generator_export_shares;
create policy "people see shares they gave or were given" on public.generator_export_shares
    for select to authenticated
    using (user_id = (select auth.uid()) or seedbed.owns_export(export_id));

drop policy if exists "owners share" on public.generator_export_shares;
create policy "owners share" on public.generator_export_shares
    for insert to authenticated
    with check (
        seedbed.owns_export(export_id)
        and user_id <> (select auth.uid())
        and created_by = (select auth.uid())
    );

drop policy if exists "owners change a share's role" on public.generator_export_shares;
create policy "owners change a share's role" on public.generator_export_shares
    for update to authenticated
    using (seedbed.owns_export(export_id))
    with check (seedbed.owns_export(export_id));

drop policy if exists "owners take a share back, people hand theirs back" on public.generator_export_shares;
create policy "owners take a share back, people hand theirs back" on public.generator_export_shares
    for delete to authenticated
    using (user_id = (select auth.uid()) or seedbed.owns_export(export_id));

drop policy if exists "the service does everything" on public.generator_export_shares;
create policy "the service does everything" on public.generator_export_shares
    for all to service_role using (true) with check (true);
